//! Org units and devices, and the world's records as theirs. It must not know HTTP.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::inventory::{self, Above};
use super::units::{self, FIRST_UNIT, Level, NAME, PARENT, SERVICE_ORG};
use crate::kit::{Collection, Ledger, Object, at, lay_over, mix};
use crate::world::{Change, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords};
use crate::{ChangeError, TruthRow, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    service_org: Object,
    pub(super) customers: Collection,
    pub(super) sites: Collection,
    pub(super) devices: Collection,
    /// Inventories of devices that were deleted, which can still be asked for (seen).
    deleted: BTreeMap<u64, Value>,
    /// Customers with a probe.
    probed: BTreeSet<u64>,
    next_unit: u64,
    pub(super) ledger: Ledger,
    /// The same organizations as sites. Their keys are no keys of the world, since one of the two rows
    /// alone is the company that a client reads.
    pub(super) places: Ledger,
}

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut store = Self {
            service_org: units::service_org(&records.company),
            customers: Collection::new(FIRST_UNIT, None, &[NAME]),
            sites: Collection::new(FIRST_UNIT, Some(PARENT), &[NAME]),
            devices: Collection::new(
                1_000_000_000 + mix(records.seed) % 500_000_000,
                Some("customerId"),
                &["deviceId"],
            ),
            deleted: BTreeMap::new(),
            probed: BTreeSet::new(),
            next_unit: FIRST_UNIT,
            ledger: Ledger::new(),
            places: Ledger::new(),
        };
        let (mut customers, mut sites) = (Vec::new(), Vec::new());
        for it in &records.organizations {
            let (customer, site) = (store.new_unit(), store.new_unit());
            customers.push((customer, below(units::unit(it), SERVICE_ORG)));
            sites.push((site, below(units::unit(it), customer)));
            store.know(it, customer, site);
        }
        store.customers.load(customers);
        store.sites.load(sites);
        let mut devices = Vec::new();
        for it in &records.devices {
            let Some(mut device) = store.device(it) else {
                continue;
            };
            let id = store.devices.new_id();
            store.bear(&mut device, id, now);
            store.ledger.know(Kind::Device, id, &it.key, &it.truth);
            devices.push((id, device));
        }
        store.devices.load(devices);
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
                let old = before.and_then(Record::as_organization).map(units::unit);
                match self.ledger.id(Kind::Organization, &it.key) {
                    Some(customer) => self.edit_organization(it, customer, old.as_ref()),
                    None => {
                        let customer = self.new_unit();
                        let unit = below(units::unit(it), SERVICE_ORG);
                        self.customers.put(customer, &unit);
                        let site = self.new_unit();
                        self.sites.put(site, &below(units::unit(it), customer));
                        self.know(it, customer, site);
                    }
                }
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
                    Some(mut record) => {
                        lay_over(&mut record, old.as_ref(), new);
                        record
                    }
                    None => {
                        let mut record = new;
                        self.bear(&mut record, id, now);
                        record
                    }
                };
                self.devices.put(id, &record);
                self.ledger.know(Kind::Device, id, &it.key, &it.truth);
            }
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: Vendor::NCentral,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    /// Who changes a customer changes its site as well (inferred: they have one name).
    fn edit_organization(&mut self, it: &OrganizationRecord, customer: u64, old: Option<&Object>) {
        let sites = self.sites.owned(customer).first().copied();
        for (collection, id) in [
            (&mut self.customers, Some(customer)),
            (&mut self.sites, sites),
        ] {
            if let Some(id) = id
                && let Some(mut record) = collection.get(id)
            {
                lay_over(&mut record, old, units::unit(it));
                collection.put(id, &record);
            }
        }
        self.ledger
            .know(Kind::Organization, customer, &it.key, &it.truth);
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        let id = self
            .ledger
            .id(kind, key)
            .ok_or_else(|| unknown(kind, key))?;
        if kind != Kind::Organization {
            self.delete_device(id);
            return Ok(());
        }
        for device in self.devices.owned(id).to_vec() {
            self.delete_device(device);
        }
        for site in self.sites.owned(id).to_vec() {
            self.sites.remove(site);
            self.places.gone(Kind::Organization, site);
        }
        self.customers.remove(id);
        self.ledger.gone(Kind::Organization, id);
        Ok(())
    }

    /// Takes a device out of every list; what its inventory said is kept.
    pub(super) fn delete_device(&mut self, id: u64) -> bool {
        let Some(device) = self.devices.remove(id) else {
            return false;
        };
        let assets = inventory::assets(&device, &self.above(&device), true);
        self.deleted.insert(id, assets);
        self.ledger.gone(Kind::Device, id);
        true
    }

    /// A unit's id, which no other has.
    pub(super) const fn new_unit(&mut self) -> u64 {
        self.next_unit += 1;
        self.next_unit - 1
    }

    fn know(&mut self, it: &OrganizationRecord, customer: u64, site: u64) {
        self.ledger
            .know(Kind::Organization, customer, &it.key, &it.truth);
        let key = site_key(&it.key);
        self.places.know(Kind::Organization, site, &key, &it.truth);
    }

    /// The devices, and the customers; or the sites in their stead.
    pub(super) fn truth(&self, by_sites: bool) -> Vec<TruthRow> {
        let mut rows = self.ledger.truth();
        if by_sites {
            rows.retain(|row| row.kind != Kind::Organization);
            rows.extend(self.places.truth().into_iter().map(|mut row| {
                row.key.truncate(row.key.len() - site_key("").len());
                row
            }));
        }
        rows.sort_by_key(|row| (row.kind, row.external_id.parse().unwrap_or(u64::MAX)));
        rows
    }

    /// Says what a record that a client made is.
    pub(super) fn claim(&mut self, kind: Kind, id: u64, key: &str, truth: &str) {
        if kind == Kind::Organization && self.sites.get(id).is_some() {
            self.places.know(kind, id, &site_key(key), truth);
        } else {
            self.ledger.know(kind, id, key, truth);
        }
    }

    fn device(&self, it: &DeviceRecord) -> Option<Object> {
        let customer = self.ledger.id(Kind::Organization, &it.organization)?;
        let site = self.sites.owned(customer).first().copied();
        Some(inventory::device(it, customer, site.unwrap_or(customer)))
    }

    /// The first server of a customer carries its probe (inferred).
    fn bear(&mut self, device: &mut Object, id: u64, now: Timestamp) {
        let customer = at(device, "customerId").as_u64().unwrap_or_default();
        let probe = inventory::may_probe(device) && self.probed.insert(customer);
        inventory::born(device, id, probe, now);
    }

    /// A unit of any level.
    pub(super) fn unit(&self, id: u64) -> Option<(Level, Object)> {
        if id == SERVICE_ORG {
            return Some((Level::ServiceOrg, self.service_org.clone()));
        }
        let customer = self.customers.get(id).map(|unit| (Level::Customer, unit));
        customer.or_else(|| Some((Level::Site, self.sites.get(id)?)))
    }

    /// The ids of all units, ascending.
    pub(super) fn units(&self) -> Vec<u64> {
        let below = self.customers.table().ids().chain(self.sites.table().ids());
        let mut ids: Vec<u64> = std::iter::once(SERVICE_ORG).chain(below).collect();
        ids.sort_unstable();
        ids
    }

    /// The ids of the units right below one.
    pub(super) fn children(&self, id: u64, level: Level) -> Vec<u64> {
        match level {
            Level::ServiceOrg => self.customers.table().ids().collect(),
            Level::Customer => self.sites.owned(id).to_vec(),
            Level::Site => Vec::new(),
        }
    }

    /// The ids of the devices of a unit and of those below it.
    pub(super) fn devices_of(&self, id: u64, level: Level, unit: &Object) -> Vec<u64> {
        match level {
            Level::ServiceOrg => self.devices.table().ids().collect(),
            Level::Customer => self.devices.owned(id).to_vec(),
            Level::Site => {
                let customer = at(unit, PARENT).as_u64().unwrap_or_default();
                let devices = self.devices.owned(customer).iter().copied();
                let here = devices.filter(|device| {
                    let device = self.devices.get(*device);
                    device.is_some_and(|device| at(&device, "siteId") == id)
                });
                here.collect()
            }
        }
    }

    /// A device as a list shows it: with the names above it, and without what is kept beside it.
    pub(super) fn shown(&self, id: u64, base: &str) -> Option<Object> {
        let mut device = self.devices.get(id)?;
        let above = self.above(&device);
        let site = at(&device, "siteId").as_u64();
        let site = site.and_then(|id| self.sites.get(id));
        let site_name = site.map(|site| at(&site, NAME).clone());
        if site_name.is_none() {
            device.insert("siteId".to_owned(), Value::Null);
        }
        device.insert("siteName".to_owned(), site_name.unwrap_or_default());
        let (so, so_name) = above.service_org;
        device.insert("soId".to_owned(), so.into());
        device.insert("soName".to_owned(), so_name);
        let (customer, name) = above.customer;
        // The form of the console's address is seen.
        let uri = format!(
            "{base}/deepLinkAction.do?method=deviceDetails&customerID={customer}&deviceID={id}&language=en"
        );
        device.insert("uri".to_owned(), uri.into());
        device.insert("customerName".to_owned(), name);
        device.retain(|name, _| !name.starts_with('_'));
        Some(device)
    }

    /// A device's inventory, also of one that was deleted.
    pub(super) fn assets(&self, id: u64) -> Option<Value> {
        match self.devices.get(id) {
            Some(device) => Some(inventory::assets(&device, &self.above(&device), false)),
            None => self.deleted.get(&id).cloned(),
        }
    }

    fn above(&self, device: &Object) -> Above {
        let customer = at(device, "customerId").clone();
        let unit = customer.as_u64().and_then(|id| self.customers.get(id));
        let name = unit.map(|unit| at(&unit, NAME).clone());
        Above {
            service_org: (SERVICE_ORG, at(&self.service_org, NAME).clone()),
            customer: (customer, name.unwrap_or_default()),
        }
    }
}

/// A unit with its parent.
pub(super) fn below(mut unit: Object, parent: u64) -> Object {
    unit.insert(PARENT.to_owned(), parent.into());
    unit
}

fn site_key(key: &str) -> String {
    format!("{key}:site")
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::NCentral,
        kind,
        key: key.to_owned(),
    }
}
