//! Adapters of devices that have no audit, out of their sites' lists of network interfaces. A list
//! names every device of its site and not what class it is of, so rows wait here until the list of
//! devices has come to theirs and says whether it is needed. It knows nothing of audits.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use futures_util::stream::{self, StreamExt};

use super::DattoRmm;
use super::list::{ListWalk, segment};
use super::wire::{Audit, Device, DeviceAdapters, Nic};
use crate::connectors::{ErrorKind, Rejected, Result};

const OPERATION: &str = "devices.network-interface";

/// What sites have said, for one walk over the devices. It holds the rows of sites that were asked
/// whose devices the walk has not come to, and no others: where a site's devices stand together in
/// the list, never more than those of the few sites in one page.
#[derive(Default)]
pub(super) struct Adapters {
    /// Sites that were asked, and what is wrong with a row of theirs that names no device.
    asked: HashMap<String, Option<String>, FixedState>,
    waiting: HashMap<String, Listed, FixedState>,
}

/// The adapters of one device, or the field that cannot be read and why.
type Listed = std::result::Result<Box<[Nic]>, (String, String)>;

impl Adapters {
    /// Asks the sites of those devices that have no audit, each site once, several at the same time.
    /// `passed` tells whether the walk has come to a device, these ones included.
    pub(super) async fn ask(
        &mut self,
        api: &DattoRmm,
        devices: &[Device],
        passed: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let mut sites = Vec::new();
        let mut needed: HashSet<&str, FixedState> = HashSet::default();
        for device in devices.iter().filter(|device| device.audit().is_none()) {
            needed.insert(&device.uid);
            if !self.asked.contains_key(&device.site_uid) {
                self.asked.insert(device.site_uid.clone(), None);
                sites.push(device.site_uid.clone());
            }
        }
        let keep = |uid: &str| needed.contains(uid) || !passed(uid);
        let mut lists = stream::iter(sites)
            .map(|site| read(api, site, &keep))
            .buffered(api.audit_concurrency);
        while let Some(list) = lists.next().await {
            let list = list?;
            self.waiting.extend(list.rows);
            self.asked.insert(list.site_uid, list.nameless);
        }
        Ok(())
    }

    /// What the site of a device without an audit says of it: nothing where it does not list it. A
    /// row that names no device may be this one's, so it costs those that are not listed.
    pub(super) fn take(&mut self, device: &Device) -> std::result::Result<Audit, Rejected> {
        let (field, reason) = match self.waiting.remove(&device.uid) {
            Some(Ok(nics)) => return Ok(Audit::of_adapters(nics)),
            Some(Err(wrong)) => wrong,
            None => match self.asked.get(&device.site_uid) {
                Some(Some(reason)) => ("uid".to_owned(), reason.clone()),
                _ => return Ok(Audit::default()),
            },
        };
        Err(Rejected {
            id: Some(device.uid.clone()),
            field: format!("network-interface.{field}"),
            reason,
        })
    }

    /// How many rows wait.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets a device that needs nothing from here.
    pub(super) fn discard(&mut self, uid: &str) {
        self.waiting.remove(uid);
    }
}

/// What one site has said.
struct SiteList {
    site_uid: String,
    rows: Vec<(String, Listed)>,
    nameless: Option<String>,
}

/// Reads a site's list. A site that is gone (404) or closed to this key (403) says nothing, as a
/// device without an audit says nothing.
async fn read(api: &DattoRmm, site_uid: String, keep: &impl Fn(&str) -> bool) -> Result<SiteList> {
    let path = format!(
        "/api/v2/site/{}/devices/network-interface",
        segment(&site_uid)
    );
    let mut walk = ListWalk::<DeviceAdapters>::new(api, OPERATION, path);
    let mut list = SiteList {
        site_uid,
        rows: Vec::new(),
        nameless: None,
    };
    loop {
        let page = match walk.next_rows().await {
            Ok(Some(page)) => page,
            Ok(None) => return Ok(list),
            Err(error) => match error.kind {
                ErrorKind::NotFound { .. } | ErrorKind::Forbidden { .. } => return Ok(list),
                _ => return Err(error),
            },
        };
        let good = page.records.into_iter();
        let good = good.map(|row| (row.uid, Ok(row.nics.unwrap_or_default())));
        list.rows.extend(good.filter(|(uid, _)| keep(uid)));
        for Rejected { id, field, reason } in page.rejected {
            match id.filter(|_| field != "uid") {
                Some(uid) if keep(&uid) => list.rows.push((uid, Err((field, reason)))),
                Some(_) => {}
                None => {
                    list.nameless.get_or_insert_with(|| {
                        format!("a row of the site's list cannot be told ({field}: {reason})")
                    });
                }
            }
        }
    }
}
