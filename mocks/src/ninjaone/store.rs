//! Organizations, their locations and devices, and the world's records as theirs. It must not know HTTP.

use std::borrow::Borrow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::devices::{ACTIVE, Devices, Loaded};
use super::render::{self, Born};
use crate::kit::{Collection, Ledger, Object, lay_over};
use crate::world::{Change, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords};
use crate::{ChangeError, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) organizations: Collection,
    pub(super) locations: Collection,
    pub(super) devices: Devices,
    pub(super) ledger: Ledger,
}

/// The roles that every instance has: id, name, class, chassis.
pub(super) const ROLES: [(u64, &str, &str, &str); 9] = [
    (11, "Windows Server", "WINDOWS_SERVER", "UNKNOWN"),
    (12, "Windows Desktop", "WINDOWS_WORKSTATION", "DESKTOP"),
    (13, "Windows Laptop", "WINDOWS_WORKSTATION", "LAPTOP"),
    (14, "Mac", "MAC", "UNKNOWN"),
    (15, "Linux Workstation", "LINUX_WORKSTATION", "UNKNOWN"),
    (16, "Linux Server", "LINUX_SERVER", "UNKNOWN"),
    (17, "VMware Host", "VMWARE_VM_HOST", "UNKNOWN"),
    (18, "Switch", "NMS_SWITCH", "UNKNOWN"),
    (19, "Printer", "NMS_PRINTER", "UNKNOWN"),
];

impl Store {
    /// Stands them up. Devices come one by one, so that there need never be all of them; those that
    /// stand among the records are not looked at.
    pub(super) fn new(
        records: &ToolRecords,
        devices: impl Iterator<Item = impl Borrow<DeviceRecord>>,
        now: Timestamp,
    ) -> Self {
        let mut store = Self {
            organizations: Collection::new(3, None, &["id", "name"]),
            locations: Collection::new(3, Some("organizationId"), &["id", "name"]),
            devices: Devices::new(21),
            ledger: Ledger::new(),
        };
        let mut organizations = Vec::new();
        let mut locations = Vec::new();
        for it in &records.organizations {
            let id = store.organizations.new_id();
            let place = store.locations.new_id();
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            organizations.push((id, numbered(id, organization(it))));
            locations.push((place, numbered(place, location(id))));
        }
        store.organizations.load(organizations);
        store.locations.load(locations);
        let mut loaded = Loaded::default();
        for it in devices {
            let it = it.borrow();
            let Some((owner, place)) = store.home(it) else {
                continue;
            };
            let id = store.devices.new_id();
            store.ledger.know(Kind::Device, id, &it.key, &it.truth);
            let born = Born::new(id, &it.key, now);
            loaded.put(id, |out| render::device(it, owner, place, Some(&born), out));
        }
        store.devices.load(loaded);
        store
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        match after {
            Record::Organization(it) => {
                let old = before.and_then(Record::as_organization).map(organization);
                let known = self.ledger.id(Kind::Organization, &it.key);
                let id = known.unwrap_or_else(|| self.found(now));
                let record = self.organizations.get(id);
                let record = laid(record, old.as_ref(), organization(it), id);
                self.organizations.put(id, &record);
                self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
            }
            Record::Device(it) => {
                let new = self
                    .device(it)
                    .ok_or_else(|| unknown(Kind::Device, &it.key))?;
                let old = before
                    .and_then(Record::as_device)
                    .and_then(|old| self.device(old));
                let known = self.ledger.id(Kind::Device, &it.key);
                let id = known.unwrap_or_else(|| self.devices.new_id());
                let record = match self.devices.get(id) {
                    Some(record) => {
                        let mut record = laid(Some(record), old.as_ref(), new, id);
                        record.insert("lastUpdate".to_owned(), seconds(now));
                        record
                    }
                    None => self.born(it, id, now),
                };
                self.devices.put(id, &record);
                self.ledger.know(Kind::Device, id, &it.key, &it.truth);
            }
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: Vendor::NinjaOne,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    /// A new organization's id; it comes with a location.
    pub(super) fn found(&mut self, _now: Timestamp) -> u64 {
        let id = self.organizations.new_id();
        let place = self.locations.new_id();
        self.locations.put(place, &numbered(place, location(id)));
        id
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        let id = self
            .ledger
            .id(kind, key)
            .ok_or_else(|| unknown(kind, key))?;
        if kind == Kind::Organization {
            for device in self.devices.owned(id).to_vec() {
                self.devices.remove(device);
                self.ledger.gone(Kind::Device, device);
            }
            for place in self.locations.owned(id).to_vec() {
                self.locations.remove(place);
            }
            self.organizations.remove(id);
        } else {
            self.devices.remove(id);
        }
        self.ledger.gone(kind, id);
        Ok(())
    }

    /// A device as it is anew, without what the platform gives it.
    fn device(&self, it: &DeviceRecord) -> Option<Object> {
        let (owner, place) = self.home(it)?;
        Some(device(it, owner, place, None))
    }

    fn born(&self, it: &DeviceRecord, id: u64, now: Timestamp) -> Object {
        let (owner, place) = self.home(it).unwrap_or_default();
        device(it, owner, place, Some(&Born::new(id, &it.key, now)))
    }

    /// The ids of a device's organization and location.
    fn home(&self, it: &DeviceRecord) -> Option<(u64, Option<u64>)> {
        let owner = self.ledger.id(Kind::Organization, &it.organization)?;
        Some((owner, self.locations.owned(owner).first().copied()))
    }
}

fn device(it: &DeviceRecord, owner: u64, place: Option<u64>, born: Option<&Born>) -> Object {
    let mut json = Vec::new();
    render::device(it, owner, place, born, &mut json);
    let mut device: Object = serde_json::from_slice(&json).unwrap_or_default();
    device.insert(ACTIVE.to_owned(), it.active.into());
    device
}

fn laid(record: Option<Object>, old: Option<&Object>, new: Object, id: u64) -> Object {
    match record {
        Some(mut record) => {
            lay_over(&mut record, old, new);
            record
        }
        None => numbered(id, new),
    }
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::NinjaOne,
        kind,
        key: key.to_owned(),
    }
}

pub(super) fn numbered(id: u64, mut record: Object) -> Object {
    record.insert("id".to_owned(), id.into());
    record
}

/// Epoch seconds with a fraction, as all times are (documented).
pub(super) fn seconds(moment: Timestamp) -> Value {
    render::second(moment).into()
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn organization(it: &OrganizationRecord) -> Object {
    object(json!({ "name": it.name, "nodeApprovalMode": "AUTOMATIC" }))
}

/// The location that comes with an organization.
fn location(organization: u64) -> Object {
    object(json!({ "name": "Main Office", "organizationId": organization }))
}
