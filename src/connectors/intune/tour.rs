//! Going from tenant to tenant, in the order of the contracts, for the devices of each, page by page. What
//! to do about a tenant that refuses is decided here; how records are read is not.

use std::collections::VecDeque;
use std::sync::Arc;

use http::Uri;

use super::wire::{Customer, Device, LISTED};
use super::{Intune, shut};
use crate::connectors::client::Client;
use crate::connectors::walk::Fetched;
use crate::connectors::{ConnectorError, ErrorKind, Rejected, Result};
use crate::model::RemoteDevice;

pub(super) const OPERATION: &str = "devices.list";

/// Pages without a row before a tenant's list is taken to be endless. Empty ones do come (`seen`).
const MOST_EMPTY: u32 = 100;

/// Pages of contracts; a list that never ends would otherwise be read for ever.
const MOST_PAGES: u32 = 10_000;

/// Where the walk over all tenants stands.
#[derive(Default)]
pub(super) struct Tour {
    /// Tenants to come; none before the contracts were read.
    tenants: Option<VecDeque<String>>,
    here: Option<Stop>,
    /// What could not be read and is not told yet.
    rejected: Vec<Rejected>,
    /// Whether a tenant let its devices be read.
    allowed: bool,
    /// The first refusal for want of a permission.
    forbidden: Option<ConnectorError>,
}

/// A tenant under way.
struct Stop {
    tenant: String,
    client: Arc<Client>,
    next: Uri,
    empty: u32,
}

/// A page of devices, by their ids.
type Devices = Fetched<RemoteDevice, Box<str>>;

impl Tour {
    /// The next page that has rows, of whichever tenant; one without any is the end.
    pub(super) async fn next(&mut self, api: &Intune) -> Result<Devices> {
        if self.tenants.is_none() {
            self.tenants = Some(self.read_contracts(api).await?);
        }
        while let Some(mut stop) = self.stop(api)? {
            let page = api
                .page::<Device>(&stop.client, OPERATION, stop.next.clone(), "id")
                .await;
            let (rows, next) = match page {
                Ok(page) => page,
                Err(error) => {
                    self.refused(&stop.tenant, error)?;
                    continue;
                }
            };
            self.allowed = true;
            let client = Arc::clone(&stop.client);
            let tenant = stop.tenant.clone();
            if let Some(next) = next {
                stop.next = next;
                stop.empty = if rows.fetched() == 0 {
                    stop.empty + 1
                } else {
                    0
                };
                if stop.empty >= MOST_EMPTY {
                    let detail = format!("{MOST_EMPTY} pages in a row held no record");
                    return Err(client.error(OPERATION, ErrorKind::Paging { detail }));
                }
                self.here = Some(stop);
            }
            if rows.fetched() == 0 {
                continue;
            }
            let mut rejected = std::mem::take(&mut self.rejected);
            rejected.extend(rows.rejected);
            let devices = api.detailed(&client, &tenant, rows.records).await?;
            return Ok(Fetched::singly(devices, rejected, false));
        }
        // Where nobody gives the permission, the application has not asked for it.
        if let (false, Some(error)) = (self.allowed, self.forbidden.take()) {
            return Err(error);
        }
        let rejected = std::mem::take(&mut self.rejected);
        Ok(Fetched::singly(Vec::new(), rejected, true))
    }

    /// The tenant under way, or the next one.
    fn stop(&mut self, api: &Intune) -> Result<Option<Stop>> {
        if let Some(stop) = self.here.take() {
            return Ok(Some(stop));
        }
        let Some(tenant) = self.tenants.as_mut().and_then(VecDeque::pop_front) else {
            return Ok(None);
        };
        let client = api.client(&tenant);
        let size = api.config.page_size;
        let path = format!("/v1.0/deviceManagement/managedDevices?$select={LISTED}&$top={size}");
        let next = client.uri(OPERATION, &path)?;
        Ok(Some(Stop {
            tenant,
            client,
            next,
            empty: 0,
        }))
    }

    /// What becomes of a tenant whose list is refused.
    fn refused(&mut self, tenant: &str, error: ConnectorError) -> Result<()> {
        // The walk over the companies tells of it.
        if shut(&error).is_some() {
            return Ok(());
        }
        match &error.kind {
            // `inferred`: what Intune says in a tenant that has no licence for it.
            ErrorKind::Status {
                status: 400,
                message,
                ..
            } if message.contains("not applicable to target tenant") => Ok(()),
            ErrorKind::Forbidden { message } => {
                self.rejected.push(Rejected {
                    id: None,
                    field: format!("tenant {tenant}"),
                    reason: message.clone(),
                });
                self.forbidden.get_or_insert(error);
                Ok(())
            }
            _ => Err(error),
        }
    }

    /// The customers' tenants, each once. One that cannot be read hides devices that nobody can count.
    async fn read_contracts(&mut self, api: &Intune) -> Result<VecDeque<String>> {
        const LISTING: &str = "sites.list";
        let mut tenants = VecDeque::new();
        let mut met = std::collections::BTreeSet::new();
        let mut next = Some(api.contracts(LISTING)?);
        for _ in 0..MOST_PAGES {
            let Some(uri) = next.take() else {
                return Ok(tenants);
            };
            let page = api.page::<Customer>(&api.partner, LISTING, uri, "customerId");
            let (rows, link) = page.await?;
            next = link;
            for row in rows.records {
                if met.insert(row.customer_id.clone()) {
                    tenants.push_back(row.customer_id);
                }
            }
            self.rejected.extend(rows.rejected);
        }
        let detail = format!("more than {MOST_PAGES} pages");
        Err(api.partner.error(LISTING, ErrorKind::Paging { detail }))
    }
}
