//! Devices: computers with what is told of them elsewhere, then network devices. It knows Automate's lists
//! and nothing of how a page is asked for.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use serde::de::IgnoredAny;

use super::ConnectwiseAutomate;
use super::wire::{Chassis, Computer, Drive, Hardware, NetworkDevice, Placed, Processor, nowhere};
use crate::connectors::client::{Call, unreadable};
use crate::connectors::walk::Walk;
use crate::connectors::{ErrorKind, Page, Pages, Rejected, Result, decode};
use crate::model::{RemoteDevice, RemoteDisk};

/// What tells ids of network devices, and of locations that play the company, from those of computers and
/// clients: each resource counts from one.
const NETWORK: &str = "network-";
pub(super) const LOCATION: &str = "location-";

/// A walk over all devices.
pub(super) struct DeviceWalk<'a> {
    api: &'a ConnectwiseAutomate,
    stage: Stage,
    computers: Walk<'a, Computer>,
    networks: Walk<'a, NetworkDevice>,
    elsewhere: Elsewhere,
}

#[derive(Clone, Copy)]
enum Stage {
    Start,
    Computers,
    Networks,
    Done,
}

/// Rows of other lists by the computer that they are of. Those lists are read whole before the first
/// computer: they are short rows, and their pages do not end where those of computers do.
#[derive(Default)]
struct Elsewhere {
    chassis: BTreeMap<i64, Result<Chassis, Rejected>>,
    disks: BTreeMap<i64, Vec<RemoteDisk>>,
    /// Rows that could not be read and belong to nobody who is known.
    rejected: Vec<Rejected>,
}

impl<'a> DeviceWalk<'a> {
    pub(super) fn new(api: &'a ConnectwiseAutomate) -> Self {
        Self {
            api,
            stage: Stage::Start,
            computers: api.walk("devices.list", "/computers?orderBy=Id%20asc", Placed::id),
            networks: api.walk(
                "network.list",
                "/networkdevices?orderBy=Id%20asc",
                Placed::id,
            ),
            elsewhere: Elsewhere::default(),
        }
    }

    async fn next(&mut self) -> Result<Option<Page<RemoteDevice>>> {
        loop {
            // Whatever fails below leaves the walk at its end.
            let stage = std::mem::replace(&mut self.stage, Stage::Done);
            let (page, then) = match stage {
                Stage::Done => return Ok(None),
                Stage::Start => {
                    let mut elsewhere = elsewhere(self.api).await?;
                    let page = Page {
                        records: Vec::new(),
                        rejected: std::mem::take(&mut elsewhere.rejected),
                        ..Page::default()
                    };
                    self.elsewhere = elsewhere;
                    (page, Stage::Computers)
                }
                Stage::Computers => match self.computers.next_page().await? {
                    Some(rows) => (self.with_hardware(rows).await?, Stage::Computers),
                    None => {
                        self.elsewhere = Elsewhere::default();
                        self.stage = Stage::Networks;
                        continue;
                    }
                },
                Stage::Networks => match self.networks.next_page().await? {
                    Some(rows) => (self.networks_of(rows), Stage::Networks),
                    None => return Ok(None),
                },
            };
            self.stage = then;
            // A walk delivers no empty pages.
            if !page.records.is_empty() || !page.rejected.is_empty() {
                return Ok(Some(page));
            }
        }
    }

    async fn with_hardware(&mut self, rows: Page<Computer>) -> Result<Page<RemoteDevice>> {
        let api = self.api;
        let elsewhere = &mut self.elsewhere;
        let mut page = Page {
            records: Vec::with_capacity(rows.records.len()),
            rejected: rows.rejected,
            ..Page::default()
        };
        let wanted = rows.records.into_iter().filter_map(|row| {
            let id = row.id();
            let chassis = elsewhere.chassis.remove(&id).transpose();
            let disks = elsewhere.disks.remove(&id).unwrap_or_default();
            let company = api.company_of(&row, &id.to_string())?;
            let told = company.and_then(|company| Ok((company, chassis?)));
            Some((row, told, disks))
        });
        let wanted: Vec<_> = wanted.collect();
        let mut read = stream::iter(wanted)
            .map(|(row, told, disks)| async move {
                let (company, chassis) = match told {
                    Ok(told) => told,
                    Err(rejected) => return Ok(Err(rejected)),
                };
                let processors = detail(api, &row).await?;
                Ok(processors.map(|processors| {
                    let hardware = Hardware {
                        chassis,
                        disks,
                        processors,
                    };
                    row.into_device(company, hardware)
                }))
            })
            .buffered(api.detail_concurrency);
        while let Some(device) = read.next().await {
            match device? {
                Ok(device) => page.records.push(device),
                Err(rejected) => page.rejected.push(rejected),
            }
        }
        Ok(page)
    }

    fn networks_of(&self, rows: Page<NetworkDevice>) -> Page<RemoteDevice> {
        let mut page = Page {
            records: Vec::with_capacity(rows.records.len()),
            rejected: rows.rejected,
            ..Page::default()
        };
        for rejected in &mut page.rejected {
            rejected.id = rejected.id.take().map(|id| format!("{NETWORK}{id}"));
        }
        for row in rows.records {
            let id = format!("{NETWORK}{}", row.id());
            match self.api.company_of(&row, &id) {
                None => {}
                Some(Ok(company)) => page.records.push(row.into_device(company, NETWORK)),
                Some(Err(rejected)) => page.rejected.push(rejected),
            }
        }
        page
    }
}

impl Pages<RemoteDevice> for DeviceWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteDevice>>>> {
        Box::pin(self.next())
    }
}

impl ConnectwiseAutomate {
    /// The id of a device's company; none when the device belongs to no client, which is counted.
    fn company_of(&self, row: &impl Placed, id: &str) -> Option<Result<String, Rejected>> {
        let (place, prefix) = if self.by_location {
            (row.location(), LOCATION)
        } else {
            (Some(row.client()), "")
        };
        let Some(place) = place else {
            return Some(Err(nowhere(id.to_owned())));
        };
        if place.is_system() {
            self.client.leave_out("device of no client");
            return None;
        }
        Some(Ok(format!("{prefix}{}", place.id)))
    }
}

async fn elsewhere(api: &ConnectwiseAutomate) -> Result<Elsewhere> {
    let mut all = Elsewhere::default();
    let path = "/computers/chassis?orderBy=ComputerId%20asc";
    let mut walk = api.keyed_walk("chassis.list", path, "ComputerId", |row: &Chassis| {
        row.computer_id
    });
    while let Some(page) = walk.next_page().await? {
        for row in page.records {
            all.chassis.insert(row.computer_id, Ok(row));
        }
        for mut rejected in page.rejected {
            rejected.field.insert_str(0, "chassis.");
            match rejected.id.as_deref().and_then(|id| id.parse().ok()) {
                // The computer's own row is rejected in its place.
                Some(id) => {
                    all.chassis.insert(id, Err(rejected));
                }
                None => all.rejected.push(rejected),
            }
        }
    }
    let path = "/computers/drives?orderBy=DriveId%20asc";
    let mut walk = api.keyed_walk("drives.list", path, "DriveId", |row: &Drive| row.drive_id);
    while let Some(page) = walk.next_page().await? {
        for row in page.records {
            let computer = row.computer_id;
            if let Some(disk) = row.into_disk() {
                all.disks.entry(computer).or_default().push(disk);
            }
        }
        // Whose it is cannot be told: a computer's disk is missing, and no computer.
        for mut rejected in page.rejected {
            rejected.field.insert_str(0, "drive.");
            rejected.id = rejected.id.map(|id| format!("drive-{id}"));
            all.rejected.push(rejected);
        }
    }
    Ok(all)
}

/// The processors of a computer, or why it cannot be read: the one thing that no list tells. A computer
/// that is gone meanwhile (404) has none. They change with the inventory alone, so that those of a
/// computer whose `LastInventoryReceived` has not moved are not asked for again.
async fn detail(
    api: &ConnectwiseAutomate,
    row: &Computer,
) -> Result<std::result::Result<Vec<Processor>, Rejected>> {
    const OPERATION: &str = "audit.device";
    let (id, stamp) = (row.id().to_string(), row.stamp());
    if let Some(json) = api.details.recall(&id, stamp)
        && let Ok(processors) = serde_json::from_str(&json)
    {
        api.client.remembered(OPERATION);
        return Ok(Ok(processors));
    }
    let path = format!("/computers/{id}/processors");
    let uri = api.client.uri(OPERATION, &path)?;
    let reply = match api.client.send(&Call::get(OPERATION, uri)).await {
        Ok(reply) => reply,
        Err(error) => {
            return match error.kind {
                ErrorKind::NotFound { .. } => Ok(Ok(Vec::new())),
                _ => Err(error),
            };
        }
    };
    let body_error = |error: &dyn std::fmt::Display| {
        let detail = api.client.redact(&unreadable(&reply, error));
        api.client.error(OPERATION, ErrorKind::Body { detail })
    };
    let json = std::str::from_utf8(reply.body()).map_err(|error| body_error(&error))?;
    if let Ok(processors) = serde_json::from_str(json) {
        api.details.keep(&id, stamp, json);
        return Ok(Ok(processors));
    }
    // Not JSON at all is the vendor's failure, a field of the wrong kind is this record's.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        return Err(body_error(&error));
    }
    Ok(decode::one(json).map_err(|(field, reason)| Rejected {
        id: Some(id),
        field: format!("processors.{field}"),
        reason,
    }))
}
