//! The two walks that Datto RMM gives: sites as companies, and devices with their audits, which hold
//! serial number, adapters and hardware and are read one by one, a few at a time.

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::DattoRmm;
use super::list::ListWalk;
use super::wire::{Audit, Device, Site};
use crate::connectors::client::{Call, unreadable};
use crate::connectors::{ErrorKind, Page, Pages, Rejected, Result, decode};
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

/// Devices with their audits, deleted ones and those of pseudo-sites left out.
pub(super) struct DeviceWalk<'a> {
    api: &'a DattoRmm,
    devices: ListWalk<'a, Device>,
}

impl<'a> DeviceWalk<'a> {
    pub(super) fn new(api: &'a DattoRmm) -> Self {
        let devices = ListWalk::new(api, "devices.list", "/api/v2/account/devices");
        Self { api, devices }
    }

    async fn next(&mut self) -> Result<Option<Page<RemoteDevice>>> {
        while let Some(mut rows) = self.devices.next_rows().await? {
            rows.records.retain(|device| {
                let reason = device.left_out();
                if let Some(reason) = reason {
                    self.api.client.leave_out(reason);
                }
                reason.is_none()
            });
            if rows.fetched() == 0 {
                continue;
            }
            let mut page = Page {
                records: Vec::with_capacity(rows.records.len()),
                rejected: rows.rejected,
            };
            let api = self.api;
            let mut audited = stream::iter(rows.records)
                .map(|device| with_audit(api, device))
                .buffered(api.audit_concurrency);
            let mut failed = None;
            while let Some(device) = audited.next().await {
                match device {
                    Ok(Ok(device)) => page.records.push(device),
                    Ok(Err(rejected)) => page.rejected.push(rejected),
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            drop(audited);
            if let Some(error) = failed {
                self.devices.end();
                return Err(error);
            }
            return Ok(Some(page));
        }
        Ok(None)
    }
}

impl Pages<RemoteDevice> for DeviceWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteDevice>>>> {
        Box::pin(self.next())
    }
}

/// One device with its audit. A device that has none (404: not audited yet, or gone meanwhile; 400:
/// of another class than the list says) is delivered without those details.
async fn with_audit(
    api: &DattoRmm,
    device: Device,
) -> Result<std::result::Result<RemoteDevice, Rejected>> {
    let Some(class) = device.audit() else {
        return Ok(Ok(device.into_device(Audit::default())));
    };
    let operation = match class {
        "printer" => "audit.printer",
        "esxihost" => "audit.esxihost",
        _ => "audit.device",
    };
    let uri = audit_uri(api, operation, class, &device.uid)?;
    let reply = match api.client.send(&Call::get(operation, uri)).await {
        Ok(reply) => reply,
        Err(error) => {
            return match error.kind {
                ErrorKind::NotFound { .. } | ErrorKind::Status { status: 400, .. } => {
                    Ok(Ok(device.into_device(Audit::default())))
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
        return Ok(Ok(device.into_device(audit)));
    }
    // Not JSON at all is the vendor's failure, a field of the wrong kind is this record's.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(json) {
        return Err(body_error(&error));
    }
    let (field, reason) = match decode::one::<Audit>(json) {
        Ok(audit) => return Ok(Ok(device.into_device(audit))),
        Err(wrong) => wrong,
    };
    Ok(Err(Rejected {
        id: Some(device.uid),
        field: format!("audit.{field}"),
        reason,
    }))
}

fn audit_uri(api: &DattoRmm, operation: &'static str, class: &str, uid: &str) -> Result<Uri> {
    let segment = utf8_percent_encode(uid, UID);
    let path = format!("/api/v2/audit/{class}/{segment}");
    api.client.uri(operation, &path)
}

/// GUIDs go into a path as they are.
const UID: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-');
