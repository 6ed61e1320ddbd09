//! The two walks that Datto RMM gives: sites as companies, and devices with their audits, which hold
//! serial number, adapters and hardware and are read one by one, a few at a time.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};

use super::DattoRmm;
use super::adapters::Adapters;
use super::list::{ListWalk, segment};
use super::wire::{Audit, Device, Site};
use crate::connectors::client::{Call, unreadable};
use crate::connectors::decode::{self, Decoded};
use crate::connectors::{ErrorKind, Page, Pages, Rejected, Result};
use crate::model::{RemoteCompany, RemoteDevice};

/// Sites, the vendor's pseudo-sites left out.
pub(super) struct SiteWalk<'a> {
    api: &'a DattoRmm,
    sites: ListWalk<'a, Site>,
    /// Companies of Autotask that were delivered.
    met: HashSet<String>,
}

impl<'a> SiteWalk<'a> {
    pub(super) fn new(api: &'a DattoRmm) -> Self {
        let sites = ListWalk::new(api, "sites.list", "/api/v2/account/sites");
        Self {
            api,
            sites,
            met: HashSet::new(),
        }
    }

    fn companies(&mut self, sites: Vec<Site>) -> Vec<RemoteCompany> {
        if !self.api.by_autotask {
            return sites.into_iter().map(Site::into_company).collect();
        }
        let mut companies = Vec::new();
        for site in sites {
            match site.into_autotask_company().1 {
                Some(company) if self.met.insert(company.id.clone()) => companies.push(company),
                Some(_) => {}
                None => self.api.client.leave_out("site without a company"),
            }
        }
        companies
    }

    async fn next(&mut self) -> Result<Option<Page<RemoteCompany>>> {
        while let Some(mut rows) = self.sites.next_rows().await? {
            rows.records.retain(|site| {
                if site.is_pseudo() {
                    self.api.client.leave_out("pseudo-site");
                }
                !site.is_pseudo()
            });
            let page = Page {
                records: self.companies(rows.records),
                rejected: rows.rejected,
                ..Page::default()
            };
            if !page.records.is_empty() || !page.rejected.is_empty() {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }
}

impl Pages<RemoteCompany> for SiteWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteCompany>>>> {
        Box::pin(self.next())
    }
}

/// The companies of Autotask that sites are mapped to, by the site's uid.
async fn companies_of_sites(api: &DattoRmm) -> Result<HashMap<String, String>> {
    let mut sites = ListWalk::<Site>::new(api, "sites.list", "/api/v2/account/sites");
    let mut companies = HashMap::new();
    while let Some(rows) = sites.next_rows().await? {
        let mapped = rows.records.into_iter().map(Site::into_autotask_company);
        companies.extend(mapped.filter_map(|(site, company)| Some((site, company?.id))));
    }
    Ok(companies)
}

/// Devices with their details, deleted ones and those of pseudo-sites left out.
pub(super) struct DeviceWalk<'a> {
    api: &'a DattoRmm,
    devices: ListWalk<'a, Device>,
    adapters: Adapters,
    /// Companies of Autotask by site, once they were read.
    companies: Option<HashMap<String, String>>,
}

impl<'a> DeviceWalk<'a> {
    pub(super) fn new(api: &'a DattoRmm) -> Self {
        Self {
            api,
            devices: ListWalk::new(api, "devices.list", "/api/v2/account/devices"),
            adapters: Adapters::default(),
            companies: None,
        }
    }

    /// Puts the company of Autotask in the place of the site. What belongs to none is left out.
    async fn by_autotask(&mut self, rows: &mut Decoded<Device>) -> Result<()> {
        if !self.api.by_autotask {
            return Ok(());
        }
        let companies = match self.companies.take() {
            Some(companies) => companies,
            None => companies_of_sites(self.api).await?,
        };
        rows.records.retain_mut(|device| {
            let company = companies.get(&device.site_uid);
            match company {
                Some(company) => device.company = Some(company.clone()),
                None => {
                    self.api.client.leave_out("device without a company");
                    self.adapters.discard(&device.uid);
                }
            }
            company.is_some()
        });
        self.companies = Some(companies);
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Page<RemoteDevice>>> {
        while let Some(mut rows) = self.devices.next_rows().await? {
            rows.records.retain(|device| {
                let reason = device.left_out();
                if let Some(reason) = reason {
                    self.api.client.leave_out(reason);
                    self.adapters.discard(&device.uid);
                }
                reason.is_none()
            });
            if let Err(error) = self.by_autotask(&mut rows).await {
                self.devices.end();
                return Err(error);
            }
            if rows.fetched() == 0 {
                continue;
            }
            let page = self.with_details(rows).await;
            if page.is_err() {
                self.devices.end();
            }
            return page.map(Some);
        }
        Ok(None)
    }

    async fn with_details(&mut self, rows: Decoded<Device>) -> Result<Page<RemoteDevice>> {
        let api = self.api;
        let adapters = &mut self.adapters;
        for uid in rows.rejected.iter().filter_map(|row| row.id.as_deref()) {
            adapters.discard(uid);
        }
        let passed = |uid: &str| self.devices.has_read(uid);
        adapters.ask(api, &rows.records, passed).await?;
        let mut page = Page {
            records: Vec::with_capacity(rows.records.len()),
            rejected: rows.rejected,
            ..Page::default()
        };
        let mut detailed = stream::iter(rows.records)
            .map(|device| {
                let class = device.audit();
                let listed = match class {
                    Some(_) => {
                        adapters.discard(&device.uid);
                        Ok(Audit::default())
                    }
                    None => adapters.take(&device),
                };
                async move {
                    let details = match class {
                        Some(class) => audit(api, class, &device).await?,
                        None => listed,
                    };
                    Ok(details.map(|details| device.into_device(details)))
                }
            })
            .buffered(api.audit_concurrency);
        while let Some(device) = detailed.next().await {
            match device? {
                Ok(device) => page.records.push(device),
                Err(rejected) => page.rejected.push(rejected),
            }
        }
        Ok(page)
    }
}

impl Pages<RemoteDevice> for DeviceWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteDevice>>>> {
        Box::pin(self.next())
    }
}

/// The audit of one device, or why the device cannot be read. One that has none (404: not audited
/// yet, or gone meanwhile; 400: of another class than the list says) is empty.
async fn audit(
    api: &DattoRmm,
    class: &str,
    device: &Device,
) -> Result<std::result::Result<Audit, Rejected>> {
    let operation = match class {
        "printer" => "audit.printer",
        "esxihost" => "audit.esxihost",
        _ => "audit.device",
    };
    let (uid, stamp) = (device.uid.as_str(), device.stamp());
    if let Some(json) = api.audits.recall(uid, stamp.as_deref())
        && let Ok(audit) = serde_json::from_str(&json)
    {
        api.client.remembered(operation);
        return Ok(Ok(audit));
    }
    let path = format!("/api/v2/audit/{class}/{}", segment(uid));
    let uri = api.client.uri(operation, &path)?;
    let reply = match api.client.send(&Call::get(operation, uri)).await {
        Ok(reply) => reply,
        Err(error) => {
            return match error.kind {
                ErrorKind::NotFound { .. } | ErrorKind::Status { status: 400, .. } => {
                    Ok(Ok(Audit::default()))
                }
                _ => Err(error),
            };
        }
    };
    let body_error = |error: &dyn std::fmt::Display| {
        let detail = api.client.redact(&unreadable(&reply, error));
        api.client.error(operation, ErrorKind::Body { detail })
    };
    let json = std::str::from_utf8(reply.body()).map_err(|error| body_error(&error))?;
    if let Ok(audit) = serde_json::from_str(json) {
        api.audits.keep(uid, stamp.as_deref(), json);
        return Ok(Ok(audit));
    }
    // Not JSON at all is the vendor's failure, a field of the wrong kind is this record's.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(json) {
        return Err(body_error(&error));
    }
    Ok(decode::one(json).map_err(|(field, reason)| Rejected {
        id: Some(uid.to_owned()),
        field: format!("audit.{field}"),
        reason,
    }))
}
