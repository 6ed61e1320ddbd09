//! The two walks that Datto RMM gives: sites as companies, and devices with their audits, which hold
//! serial number, adapters and hardware and are read one by one, a few at a time.

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
}

impl<'a> SiteWalk<'a> {
    pub(super) fn new(api: &'a DattoRmm) -> Self {
        let sites = ListWalk::new(api, "sites.list", "/api/v2/account/sites");
        Self { api, sites }
    }

    async fn next(&mut self) -> Result<Option<Page<RemoteCompany>>> {
        while let Some(mut rows) = self.sites.next_rows().await? {
            rows.records.retain(|site| {
                if site.is_pseudo() {
                    self.api.client.leave_out("pseudo-site");
                }
                !site.is_pseudo()
            });
            if rows.fetched() > 0 {
                let records = rows.records.into_iter().map(Site::into_company);
                return Ok(Some(Page {
                    records: records.collect(),
                    rejected: rows.rejected,
                }));
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

/// Devices with their details, deleted ones and those of pseudo-sites left out.
pub(super) struct DeviceWalk<'a> {
    api: &'a DattoRmm,
    devices: ListWalk<'a, Device>,
    adapters: Adapters,
}

impl<'a> DeviceWalk<'a> {
    pub(super) fn new(api: &'a DattoRmm) -> Self {
        Self {
            api,
            devices: ListWalk::new(api, "devices.list", "/api/v2/account/devices"),
            adapters: Adapters::default(),
        }
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
