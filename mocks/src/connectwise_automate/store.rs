//! Clients, locations, computers, network devices and what was retired; the world's records as theirs. It
//! must not know HTTP.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::render::{self, CLIENT, INVENTORY, LOCATION, MacForm, age, stamp};
use crate::kit::condition::moment;
use crate::kit::{Collection, Ledger, Object, at, lay_over};
use crate::world::{
    Change, DeviceClass, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords,
};
use crate::{ChangeError, TruthRow, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) clients: Collection,
    pub(super) locations: Collection,
    pub(super) computers: Collection,
    pub(super) networks: Collection,
    pub(super) retired: Collection,
    /// Clients and computers.
    pub(super) ledger: Ledger,
    /// Locations, which stand for organizations as clients do, and network devices. Their ids overlap with
    /// those of the first.
    pub(super) beside: Ledger,
    macs: MacForm,
}

/// The client and the location that every server has, for computers that nobody has sorted yet
/// (`inferred`).
pub(super) const SYSTEM_ENTRY: &str = "New Computers";

/// What tells the ids of the second ledger from those of the first, in what leaves the simulator beside
/// HTTP.
const PREFIXES: [(Kind, &str); 2] = [
    (Kind::Organization, "location-"),
    (Kind::Device, "network-"),
];

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp, macs: MacForm) -> Self {
        let mut store = Self {
            clients: Collection::new(1, None, &[]),
            locations: Collection::new(1, Some(CLIENT), &[]),
            computers: Collection::new(1, Some(CLIENT), &[]),
            networks: Collection::new(1, Some(CLIENT), &[]),
            retired: Collection::new(1, None, &[]),
            ledger: Ledger::new(),
            beside: Ledger::new(),
            macs,
        };
        let own = |members: Value| members.as_object().cloned().unwrap_or_default();
        let id = store.clients.new_id();
        let mut clients = vec![(id, own(json!({ "Name": SYSTEM_ENTRY })))];
        let place = store.locations.new_id();
        let system = json!({ "Name": SYSTEM_ENTRY, CLIENT: id });
        let mut locations = vec![(place, own(system))];
        for it in &records.organizations {
            let id = store.clients.new_id();
            let place = store.locations.new_id();
            store.know_organization(it, id, place);
            clients.push((id, render::client(it)));
            locations.push((place, render::location(id, it)));
        }
        store.clients.load(clients);
        store.locations.load(locations);
        let (mut computers, mut networks) = (Vec::new(), Vec::new());
        for it in &records.devices {
            let Some(values) = store.device(it) else {
                continue;
            };
            let (rows, id) = if is_network(it) {
                (&mut networks, store.networks.new_id())
            } else {
                (&mut computers, store.computers.new_id())
            };
            rows.push((id, born(values, now)));
            store
                .ledger_of(it)
                .know(Kind::Device, id, &it.key, &it.truth);
        }
        store.computers.load(computers);
        store.networks.load(networks);
        store
    }

    fn know_organization(&mut self, it: &OrganizationRecord, client: u64, location: u64) {
        let kind = Kind::Organization;
        self.ledger.know(kind, client, &it.key, &it.truth);
        self.beside.know(kind, location, &it.key, &it.truth);
    }

    fn ledger_of(&mut self, it: &DeviceRecord) -> &mut Ledger {
        if is_network(it) {
            &mut self.beside
        } else {
            &mut self.ledger
        }
    }

    fn device(&self, it: &DeviceRecord) -> Option<Object> {
        let client = self.ledger.id(Kind::Organization, &it.organization)?;
        // A client that came through the API may have none.
        let location = self.beside.id(Kind::Organization, &it.organization);
        let location = location.or_else(|| self.locations.owned(client).first().copied());
        Some(if is_network(it) {
            render::network(it, client, location, self.macs)
        } else {
            render::computer(it, client, location, self.macs)
        })
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key, now),
        };
        match after {
            Record::Organization(it) => {
                self.put_organization(before.and_then(Record::as_organization), it);
                Ok(())
            }
            Record::Device(it) => self.put_device(before.and_then(Record::as_device), it, now),
            Record::Location(_) | Record::Contact(_) => Err(ChangeError::Unsupported {
                vendor: Vendor::ConnectwiseAutomate,
                kind: after.kind(),
            }),
        }
    }

    fn put_organization(&mut self, before: Option<&OrganizationRecord>, it: &OrganizationRecord) {
        let kind = Kind::Organization;
        let client = self.ledger.id(kind, &it.key);
        let client = client.unwrap_or_else(|| self.clients.new_id());
        let record = self.clients.get(client);
        let old = before.map(render::client);
        let record = laid(record, old.as_ref(), render::client(it));
        self.clients.put(client, &record);
        let location = self.beside.id(kind, &it.key);
        let location = location.unwrap_or_else(|| self.locations.new_id());
        let record = self.locations.get(location);
        let old = before.map(|old| render::location(client, old));
        let record = laid(record, old.as_ref(), render::location(client, it));
        self.locations.put(location, &record);
        self.know_organization(it, client, location);
    }

    fn put_device(
        &mut self,
        before: Option<&DeviceRecord>,
        it: &DeviceRecord,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        let new = self.device(it);
        let new = new.ok_or_else(|| unknown(Kind::Device, &it.key))?;
        // One that turns out to be of the other sort is found anew, as that.
        let old = before.filter(|old| is_network(old) == is_network(it));
        let old = old.and_then(|old| self.device(old));
        self.forget_other(it);
        let known = self.ledger_of(it).id(Kind::Device, &it.key);
        let network = is_network(it);
        let collection = if network {
            &mut self.networks
        } else {
            &mut self.computers
        };
        let id = known.unwrap_or_else(|| collection.new_id());
        let record = match collection.get(id) {
            Some(record) => {
                let moved = if network { "LastUpdated" } else { INVENTORY };
                let last = at(&record, moved).as_str().and_then(moment);
                // Two inventories are never of one moment, and who remembers what they told goes by that.
                let later =
                    last.and_then(|last| last.checked_add(SignedDuration::from_millis(1)).ok());
                let mut record = laid(Some(record), old.as_ref(), new);
                let told = later.map_or(now, |later| later.max(now));
                record.insert(moved.to_owned(), stamp(told));
                record
            }
            None => born(new, now),
        };
        collection.put(id, &record);
        self.ledger_of(it)
            .know(Kind::Device, id, &it.key, &it.truth);
        Ok(())
    }

    fn forget_other(&mut self, it: &DeviceRecord) {
        let kind = Kind::Device;
        if is_network(it) {
            if let Some(id) = self.ledger.id(kind, &it.key) {
                self.computers.remove(id);
                self.ledger.gone(kind, id);
            }
        } else if let Some(id) = self.beside.id(kind, &it.key) {
            self.networks.remove(id);
            self.beside.gone(kind, id);
        }
    }

    fn remove(&mut self, kind: Kind, key: &str, now: Timestamp) -> Result<(), ChangeError> {
        let (own, other) = (self.ledger.id(kind, key), self.beside.id(kind, key));
        match (kind, own, other) {
            (Kind::Organization, Some(client), _) => self.remove_client(client, now),
            (Kind::Device, Some(id), _) => self.retire(id, now),
            (Kind::Device, None, Some(id)) => self.remove_network(id),
            _ => return Err(unknown(kind, key)),
        }
        Ok(())
    }

    fn remove_client(&mut self, client: u64, now: Timestamp) {
        for id in self.computers.owned(client).to_vec() {
            self.retire(id, now);
        }
        for id in self.networks.owned(client).to_vec() {
            self.remove_network(id);
        }
        for id in self.locations.owned(client).to_vec() {
            self.locations.remove(id);
            self.beside.gone(Kind::Organization, id);
        }
        self.clients.remove(client);
        self.ledger.gone(Kind::Organization, client);
    }

    fn remove_network(&mut self, id: u64) {
        self.networks.remove(id);
        self.beside.gone(Kind::Device, id);
    }

    /// A computer that is deleted goes to the retired assets, with the names that its client and location
    /// have then.
    fn retire(&mut self, id: u64, now: Timestamp) {
        let Some(computer) = self.computers.get(id) else {
            return;
        };
        let mut row = self.shown(&computer, now);
        row.retain(|name, _| super::fields::RETIRED.iter().any(|(own, _)| own == name));
        row.insert("ComputerId".to_owned(), id.to_string().into());
        row.insert("RetiredDate".to_owned(), stamp(now));
        row.insert("RetireComment".to_owned(), "Retired by a technician".into());
        let place = self.retired.new_id();
        self.retired.put(place, &row);
        self.computers.remove(id);
        self.ledger.gone(Kind::Device, id);
    }

    /// A device as it is shown now, with its client and location by their names of today.
    pub(super) fn shown(&self, device: &Object, now: Timestamp) -> Object {
        let mut device = self.placed(device);
        age(&mut device, now);
        device
    }

    /// A record with its client and location.
    pub(super) fn placed(&self, record: &Object) -> Object {
        let mut record = record.clone();
        if let Some(id) = at(&record, CLIENT).as_u64() {
            let name = self.clients.get(id);
            let name = name.map(|it| at(&it, "Name").clone());
            let client = json!({ "Id": id.to_string(), "Name": name });
            record.insert("Client".to_owned(), client);
        }
        if let Some(id) = at(&record, LOCATION).as_u64() {
            let name = self.locations.get(id);
            let name = name.map(|it| at(&it, "Name").clone());
            record.insert("Location".to_owned(), json!({ "Id": id, "Name": name }));
        }
        record
    }

    /// A client with its locations.
    pub(super) fn settled(&self, id: u64, mut client: Object) -> Object {
        let places = self.locations.owned(id).iter();
        let places = places.filter_map(|place| {
            let it = self.locations.get(*place)?;
            Some(json!({ "Id": place, "Name": at(&it, "Name") }))
        });
        client.insert("Locations".to_owned(), places.collect());
        client
    }

    /// The truth about clients, or about locations, and about devices of both sorts.
    pub(super) fn truth(&self, by_location: bool) -> Vec<TruthRow> {
        let beside = self.beside.truth().into_iter().map(|mut row| {
            row.external_id = prefixed(row.kind, &row.external_id);
            row
        });
        let mut rows = self.ledger.truth();
        rows.retain(|row| row.kind != Kind::Organization || !by_location);
        rows.extend(beside.filter(|row| row.kind != Kind::Organization || by_location));
        // Computers stay before network devices.
        rows.sort_by_key(|row| row.kind);
        rows
    }

    pub(super) fn unclaimed(&self) -> Vec<(Kind, String)> {
        let mut rows = self.ledger.unclaimed();
        let beside = self.beside.unclaimed().into_iter();
        rows.extend(beside.map(|(kind, id)| (kind, prefixed(kind, &id))));
        rows
    }

    pub(super) fn claim(&mut self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        let prefix = PREFIXES.iter().find(|(of, _)| *of == kind);
        let number = prefix.and_then(|(_, prefix)| external_id.strip_prefix(prefix));
        let ledger = match number {
            Some(_) => &mut self.beside,
            None => &mut self.ledger,
        };
        if let Ok(id) = number.unwrap_or(external_id).parse() {
            ledger.know(kind, id, key, truth);
        }
    }
}

fn prefixed(kind: Kind, id: &str) -> String {
    let prefix = PREFIXES.iter().find(|(of, _)| *of == kind);
    format!("{}{id}", prefix.map_or("", |(_, prefix)| prefix))
}

/// Whether something is found by a probe, and has no agent.
const fn is_network(it: &DeviceRecord) -> bool {
    matches!(it.class, DeviceClass::Network | DeviceClass::Printer)
}

/// A device that is new.
fn born(mut record: Object, now: Timestamp) -> Object {
    let moved = if record.contains_key("ComputerName") {
        INVENTORY
    } else {
        "LastUpdated"
    };
    record.insert(moved.to_owned(), stamp(now));
    record.insert("DateAdded".to_owned(), stamp(now));
    record
}

fn laid(record: Option<Object>, old: Option<&Object>, new: Object) -> Object {
    match record {
        Some(mut record) => {
            lay_over(&mut record, old, new);
            record
        }
        None => new,
    }
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::ConnectwiseAutomate,
        kind,
        key: key.to_owned(),
    }
}
