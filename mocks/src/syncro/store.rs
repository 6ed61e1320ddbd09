//! Customers, contacts and assets, and the world's records as theirs. It must not know HTTP.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::agent::{self, AGENT};
use super::shape::{address, blank, born, moment, named, touched};
use crate::kit::{Collection, Ledger, Object, lay_over};
use crate::world::{
    Change, ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, Record, Tool,
    ToolRecords,
};
use crate::{ChangeError, TruthRow, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) customers: Collection,
    pub(super) contacts: Collection,
    pub(super) assets: Collection,
    /// The part that the account plays.
    tool: Tool,
    /// Types of assets; none is listed by the API (by absence).
    pub(super) types: Vec<String>,
    pub(super) ledger: Ledger,
    /// The world's main locations by their organization, whose addresses customers have.
    main: BTreeMap<String, LocationRecord>,
    /// Customers under whose id a location was ever read, with its key and truth.
    served: BTreeMap<u64, (String, String)>,
}

/// The id of the first type of assets.
const FIRST_TYPE: u64 = 54_100;

impl Store {
    pub(super) fn new(records: &ToolRecords, tool: Tool, now: Timestamp) -> Self {
        // A world's two accounts share no id.
        let (first_customer, first_asset) = match tool {
            Tool::Psa => (34_288_070, 12_313_000),
            Tool::Rmm => (37_288_070, 15_313_000),
        };
        let mut store = Self {
            customers: Collection::new(
                first_customer,
                None,
                &["id", "firstname", "lastname", "fullname", "business_name"],
            ),
            contacts: Collection::new(4_500_100, Some("customer_id"), &["id", "name"]),
            assets: Collection::new(
                first_asset,
                Some("customer_id"),
                &["id", "name", "customer_id", "contact_id"],
            ),
            tool,
            types: types(tool, records),
            ledger: Ledger::new(),
            main: BTreeMap::new(),
            served: BTreeMap::new(),
        };
        for it in records.locations.iter().filter(|it| it.primary) {
            store.main.insert(it.organization.clone(), it.clone());
        }
        let all = records.organizations.iter().cloned().map(Record::from);
        let all = all.chain(records.contacts.iter().cloned().map(Record::from));
        let mut batches: BTreeMap<Kind, Vec<(u64, Object)>> = BTreeMap::new();
        for record in all.chain(records.devices.iter().cloned().map(Record::from)) {
            let Some(values) = store.values(&record) else {
                continue;
            };
            let id = store.of_mut(record.kind()).new_id();
            store
                .ledger
                .know(record.kind(), id, record.key(), truth(&record));
            batches
                .entry(record.kind())
                .or_default()
                .push((id, born(id, values, now)));
        }
        for (kind, batch) in batches {
            store.of_mut(kind).load(batch);
        }
        store.serve();
        store
    }

    /// Takes an RMM's records in beside a PSA's. Their keys are theirs with a word before them: the same
    /// key may stand for a record of either.
    pub(super) fn join(&mut self, records: &ToolRecords, now: Timestamp) {
        let rows = self.ledger.truth().into_iter();
        let mut known: BTreeMap<String, u64> = rows
            .filter(|row| row.kind == Kind::Organization)
            .filter_map(|row| Some((row.truth, row.external_id.parse().ok()?)))
            .collect();
        let mut owners: BTreeMap<&str, u64> = BTreeMap::new();
        let beside = |key: &str| format!("rmm/{key}");
        for it in &records.organizations {
            let id = match known.get(&it.truth) {
                Some(id) => *id,
                None => {
                    let id = self.customers.new_id();
                    self.customers.put(id, &born(id, self.customer(it), now));
                    self.ledger
                        .know(Kind::Organization, id, &beside(&it.key), &it.truth);
                    known.insert(it.truth.clone(), id);
                    id
                }
            };
            owners.insert(&it.key, id);
        }
        for it in &records.devices {
            let Some(customer) = owners.get(it.organization.as_str()) else {
                continue;
            };
            let id = self.assets.new_id();
            let values = filled(Kind::Device, agent::asset(it, *customer));
            self.assets.put(id, &born(id, values, now));
            self.ledger
                .know(Kind::Device, id, &beside(&it.key), &it.truth);
        }
        let more = agent::TYPES.map(str::to_owned);
        let more = more.into_iter().filter(|name| !self.types.contains(name));
        let more: Vec<String> = more.collect();
        self.types.extend(more);
    }

    /// The type of assets that has an id.
    pub(super) fn type_name(&self, id: u64) -> Option<&str> {
        let place = usize::try_from(id.checked_sub(FIRST_TYPE)?).ok()?;
        self.types.get(place).map(String::as_str)
    }

    pub(super) const fn of(&self, kind: Kind) -> &Collection {
        match kind {
            Kind::Organization | Kind::Location => &self.customers,
            Kind::Contact => &self.contacts,
            Kind::Device => &self.assets,
        }
    }

    pub(super) const fn of_mut(&mut self, kind: Kind) -> &mut Collection {
        match kind {
            Kind::Organization | Kind::Location => &mut self.customers,
            Kind::Contact => &mut self.contacts,
            Kind::Device => &mut self.assets,
        }
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        if self.tool == Tool::Rmm && matches!(after.kind(), Kind::Location | Kind::Contact) {
            return Err(ChangeError::Unsupported {
                vendor: vendor(self.tool),
                kind: after.kind(),
            });
        }
        if let Record::Location(it) = after {
            return self.place(it, now);
        }
        let kind = after.kind();
        let Some(new) = self.values(after) else {
            return Err(unknown(self.tool, Kind::Organization, after.key()));
        };
        let old = before.and_then(|before| self.values(before));
        let known = self.ledger.id(kind, after.key());
        let id = known.unwrap_or_else(|| self.of_mut(kind).new_id());
        let record = match self.of(kind).get(id) {
            Some(mut record) => {
                lay_over(&mut record, old.as_ref(), new);
                touched(record, now)
            }
            None => born(id, new, now),
        };
        self.of_mut(kind).put(id, &record);
        self.ledger.know(kind, id, after.key(), truth(after));
        self.serve();
        Ok(())
    }

    /// A main location is its customer's address; others have no place here.
    fn place(&mut self, it: &LocationRecord, now: Timestamp) -> Result<(), ChangeError> {
        let customer = self.ledger.id(Kind::Organization, &it.organization);
        let customer =
            customer.ok_or_else(|| unknown(self.tool, Kind::Organization, &it.organization))?;
        if it.primary {
            self.main.insert(it.organization.clone(), it.clone());
        } else if self
            .main
            .get(&it.organization)
            .is_some_and(|own| own.key == it.key)
        {
            self.main.remove(&it.organization);
        } else {
            return Ok(());
        }
        if let Some(mut record) = self.customers.get(customer) {
            record.extend(address(self.main.get(&it.organization)));
            self.customers.put(customer, &touched(record, now));
        }
        self.serve();
        Ok(())
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        if kind == Kind::Location {
            let own = self.main.iter().find(|(_, it)| it.key == key);
            let organization = own.map(|(organization, _)| organization.clone());
            if let Some(organization) = organization {
                self.main.remove(&organization);
                if let Some(id) = self.ledger.id(Kind::Organization, &organization)
                    && let Some(mut record) = self.customers.get(id)
                {
                    record.extend(address(None));
                    self.customers.put(id, &record);
                }
            }
            return Ok(());
        }
        let id = self
            .ledger
            .id(kind, key)
            .ok_or_else(|| unknown(self.tool, kind, key))?;
        if kind == Kind::Organization {
            self.delete_customer(id);
        } else {
            self.of_mut(kind).remove(id);
            self.ledger.gone(kind, id);
        }
        Ok(())
    }

    /// A customer goes with its contacts and assets.
    pub(super) fn delete_customer(&mut self, id: u64) -> bool {
        for below in [Kind::Device, Kind::Contact] {
            for owned in self.of(below).owned(id).to_vec() {
                self.of_mut(below).remove(owned);
                self.ledger.gone(below, owned);
            }
        }
        let removed = self.customers.remove(id).is_some();
        self.ledger.gone(Kind::Organization, id);
        removed
    }

    /// Notes which locations are read now.
    fn serve(&mut self) {
        for (organization, it) in &self.main {
            if let Some(id) = self.ledger.id(Kind::Organization, organization)
                && it.address.line_1.is_some()
            {
                self.served.insert(id, (it.key.clone(), it.truth.clone()));
            }
        }
    }

    pub(super) fn truth(&self) -> Vec<TruthRow> {
        let mut rows = self.ledger.truth();
        rows.extend(self.served.iter().map(|(id, (key, truth))| TruthRow {
            kind: Kind::Location,
            external_id: id.to_string(),
            key: key.clone(),
            truth: truth.clone(),
        }));
        rows.sort();
        rows
    }

    fn values(&mut self, record: &Record) -> Option<Object> {
        let values = match record {
            Record::Organization(it) => return Some(self.customer(it)),
            Record::Contact(it) => self.contact(it)?,
            Record::Device(it) if self.tool == Tool::Rmm => {
                let customer = self.ledger.id(Kind::Organization, &it.organization)?;
                agent::asset(it, customer)
            }
            Record::Device(it) => self.asset(it)?,
            Record::Location(_) => return None,
        };
        Some(filled(record.kind(), values))
    }

    fn customer(&self, it: &OrganizationRecord) -> Object {
        let main = self.main.get(&it.key);
        let inactive = it
            .status
            .as_deref()
            .is_some_and(|it| it.eq_ignore_ascii_case("inactive"));
        let phone = main.and_then(|main| main.phone.clone());
        let phone = phone.or_else(|| it.phone.clone());
        let mut customer = blank(Kind::Organization);
        for (name, value) in [
            ("business_name", it.name.clone().into()),
            ("phone", phone.into()),
            ("disabled", (!it.active || inactive).into()),
        ] {
            customer.insert(name.to_owned(), value);
        }
        customer.extend(address(main));
        named(customer)
    }

    fn contact(&self, it: &ContactRecord) -> Option<Value> {
        let customer = self.ledger.id(Kind::Organization, &it.organization)?;
        let mobile = |kind: Option<&str>| {
            kind.is_some_and(|kind| {
                let kind = kind.to_lowercase();
                kind.contains("mobile") || kind.contains("cell")
            })
        };
        let number = |wanted: bool| {
            let mut phones = it.phones.iter();
            phones.find(|phone| mobile(phone.phone_type.as_deref()) == wanted)
        };
        let phone = number(false);
        Some(json!({
            "name": format!("{} {}", it.first_name, it.last_name).trim(),
            "email": it.emails.first().map(|email| &email.address),
            "phone": phone.map(|phone| &phone.number),
            "extension": phone.and_then(|phone| phone.extension.as_ref()),
            "mobile": number(true).map(|phone| &phone.number),
            "customer_id": customer,
            "properties": { "title": it.title },
        }))
    }

    fn asset(&mut self, it: &DeviceRecord) -> Option<Value> {
        let customer = self.ledger.id(Kind::Organization, &it.organization)?;
        let contact = it
            .contact
            .as_ref()
            .and_then(|key| self.ledger.id(Kind::Contact, key));
        let kind = it
            .configuration_type
            .clone()
            .unwrap_or_else(|| AGENT.to_owned());
        if !self.types.contains(&kind) {
            self.types.push(kind.clone());
        }
        let adapters = it.nics.iter().enumerate().map(|(at, nic)| {
            json!({
                "name": nic.name.as_deref().unwrap_or("Ethernet"), "type": "ethernet",
                "ipv4": nic.ip, "ipv6": "", "subnet": "255.255.255.0",
                "gateway": (at == 0).then_some(it.default_gateway.as_deref()).flatten(),
                "physical_address": nic.mac,
            })
        });
        let mut adapters: Vec<Value> = adapters.collect();
        if adapters.is_empty() && it.default_gateway.is_some() {
            adapters.push(json!({ "name": "Ethernet", "gateway": it.default_gateway, "physical_address": null }));
        }
        // Bare digits here, as it was read below (seen).
        let macs = it.nics.iter().filter_map(|nic| nic.mac.as_deref());
        let macs = macs.map(|mac| -> String {
            let digits = mac.chars().filter(char::is_ascii_hexdigit);
            digits.map(|digit| digit.to_ascii_uppercase()).collect()
        });
        let macs: Vec<String> = macs.collect();
        Some(json!({
            "name": it.name,
            "customer_id": customer,
            "contact_id": contact,
            "properties": {
                "device_name": it.name,
                "manufacturer": it.manufacturer,
                "model": it.model,
                "mac": macs,
                "kabuto_information": {
                    "last_synced_at": it.last_seen.map(moment),
                    "last_user": it.last_user,
                    "general": {
                        "name": it.name, "manufacturer": it.manufacturer, "model": it.model,
                        "serial_number": it.serial,
                        "form_factor": if it.laptop { "Laptop" } else { "Desktop" },
                    },
                    "os": { "name": it.os, "build": it.os_version },
                    "cpu": it.cpu.iter().map(|cpu| json!({ "name": cpu })).collect::<Vec<_>>(),
                    "network_adapters": adapters,
                },
            },
            "asset_type": kind,
            "asset_serial": it.serial,
        }))
    }
}

/// A record with the members that it lacks.
fn filled(kind: Kind, values: Value) -> Object {
    let mut all = blank(kind);
    if let Value::Object(values) = values {
        all.extend(values);
    }
    all
}

fn truth(record: &Record) -> &str {
    match record {
        Record::Organization(it) => &it.truth,
        Record::Location(it) => &it.truth,
        Record::Contact(it) => &it.truth,
        Record::Device(it) => &it.truth,
    }
}

/// Types of assets that there are before the first asset of one.
fn types(tool: Tool, records: &ToolRecords) -> Vec<String> {
    match tool {
        Tool::Psa => records.contents.configuration_types.clone(),
        Tool::Rmm => agent::TYPES.map(str::to_owned).to_vec(),
    }
}

const fn vendor(tool: Tool) -> Vendor {
    match tool {
        Tool::Psa => Vendor::Syncro,
        Tool::Rmm => Vendor::SyncroRmm,
    }
}

fn unknown(tool: Tool, kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: vendor(tool),
        kind,
        key: key.to_owned(),
    }
}
