//! Customers, contacts and assets, and the world's records as theirs. It must not know HTTP.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kit::{Collection, Ledger, Object, at, lay_over};
use crate::world::{
    Change, ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, Record,
    ToolRecords,
};
use crate::{ChangeError, TruthRow, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) customers: Collection,
    pub(super) contacts: Collection,
    pub(super) assets: Collection,
    /// Types of assets; none is listed by the API (by absence).
    pub(super) types: Vec<String>,
    pub(super) ledger: Ledger,
    /// The world's main locations by their organization, whose addresses customers have.
    main: BTreeMap<String, LocationRecord>,
    /// Customers under whose id a location was ever read, with its key and truth.
    served: BTreeMap<u64, (String, String)>,
}

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut store = Self {
            customers: Collection::new(
                34_288_070,
                None,
                &["id", "firstname", "lastname", "fullname", "business_name"],
            ),
            contacts: Collection::new(4_500_100, Some("customer_id"), &["id", "name"]),
            assets: Collection::new(
                12_313_000,
                Some("customer_id"),
                &["id", "name", "customer_id", "contact_id"],
            ),
            types: records.contents.configuration_types.clone(),
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
        if let Record::Location(it) = after {
            return self.place(it, now);
        }
        let kind = after.kind();
        let Some(new) = self.values(after) else {
            return Err(unknown(Kind::Organization, after.key()));
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
        let customer = customer.ok_or_else(|| unknown(Kind::Organization, &it.organization))?;
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
            .ok_or_else(|| unknown(kind, key))?;
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
            Record::Device(it) => self.asset(it)?,
            Record::Location(_) => return None,
        };
        let mut all = blank(record.kind());
        match values {
            Value::Object(values) => all.extend(values),
            _ => return None,
        }
        Some(all)
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
            .unwrap_or_else(|| "Syncro Device".to_owned());
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

fn truth(record: &Record) -> &str {
    match record {
        Record::Organization(it) => &it.truth,
        Record::Location(it) => &it.truth,
        Record::Contact(it) => &it.truth,
        Record::Device(it) => &it.truth,
    }
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::Syncro,
        kind,
        key: key.to_owned(),
    }
}

fn address(main: Option<&LocationRecord>) -> Object {
    let of = main.map(|main| &main.address);
    let line =
        |pick: fn(&crate::world::Address) -> &Option<String>| of.and_then(|it| pick(it).clone());
    [
        ("address", line(|it| &it.line_1)),
        ("address_2", line(|it| &it.line_2)),
        ("city", line(|it| &it.city)),
        ("state", line(|it| &it.region)),
        ("zip", line(|it| &it.postal_code)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect()
}

/// ISO 8601 with milliseconds (documented).
pub(super) fn moment(now: Timestamp) -> String {
    let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// All members of a record without values (documented: recorded replies show them all).
pub(super) fn blank(kind: Kind) -> Object {
    let value = match kind {
        Kind::Organization | Kind::Location => json!({
            "firstname": null, "lastname": null, "fullname": "", "business_name": null,
            "email": null, "phone": null, "mobile": null, "pdf_url": null, "address": null,
            "address_2": null, "city": null, "state": null, "zip": null, "latitude": null,
            "longitude": null, "notes": null, "get_sms": false, "opt_out": false,
            "disabled": false, "no_email": false, "location_name": null, "location_id": null,
            "properties": {}, "online_profile_url": null, "tax_rate_id": null,
            "notification_email": null, "invoice_cc_emails": null, "invoice_term_id": null,
            "referred_by": null, "ref_customer_id": null, "contacts": [],
        }),
        Kind::Contact => json!({
            "name": null, "address1": null, "address2": null, "city": null, "state": null,
            "zip": null, "email": null, "phone": null, "mobile": null, "latitude": null,
            "longitude": null, "customer_id": null, "account_id": 1, "notes": null,
            "vendor_id": null, "properties": {}, "opt_out": false, "extension": null,
        }),
        Kind::Device => json!({
            "name": null, "customer_id": null, "contact_id": null, "properties": {},
            "asset_type": null, "asset_serial": null, "external_rmm_link": null,
            "rmm_links": [], "address": null,
        }),
    };
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// A customer with the names that follow from its own (documented).
pub(super) fn named(mut customer: Object) -> Object {
    let text = |name: &str| at(&customer, name).as_str().unwrap_or_default().trim();
    let join = |parts: [&str; 2], by: &str| {
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(by)
    };
    let full = join([text("firstname"), text("lastname")], " ");
    let business = text("business_name");
    let both = join([business, &full], " - ");
    let first = if business.is_empty() { &full } else { business }.to_owned();
    for (name, value) in [
        ("fullname", full),
        ("business_and_full_name", both),
        ("business_then_name", first),
    ] {
        customer.insert(name.to_owned(), value.into());
    }
    customer
}

pub(super) fn born(id: u64, mut record: Object, now: Timestamp) -> Object {
    record.insert("id".to_owned(), id.into());
    record.insert("created_at".to_owned(), moment(now).into());
    touched(record, now)
}

pub(super) fn touched(mut record: Object, now: Timestamp) -> Object {
    record.insert("updated_at".to_owned(), moment(now).into());
    record
}

/// An asset as it is shown, with its customer and what the agent keeps inside.
pub(super) fn shown_asset(store: &Store, mut asset: Object) -> Object {
    let customer = at(&asset, "customer_id").as_u64();
    let customer = customer
        .and_then(|id| store.customers.get(id))
        .map(|mut customer| {
            // These two it does not show here (documented).
            customer.remove("contacts");
            customer.remove("location_name");
            Value::Object(customer)
        });
    asset.insert("customer".to_owned(), customer.unwrap_or_default());
    // Members documented; its id is the asset's (inferred).
    let kept = json!({
        "id": at(&asset, "id"), "asset_id": at(&asset, "id"), "account_id": 1,
        "triggers": {
            "bsod_triggered": "false", "time_triggered": "false", "no_av_triggered": "false",
            "defrag_triggered": "false", "firewall_triggered": "false",
            "app_crash_triggered": "false", "low_hd_space_triggered": "false",
            "smart_failure_triggered": "false", "device_manager_triggered": "false",
            "agent_offline_triggered": "false",
        },
        "windows_updates": {}, "emsisoft": {}, "general": {},
        "created_at": at(&asset, "created_at"), "updated_at": at(&asset, "created_at"),
        "override_alert_agent_offline_mins": null, "override_alert_agent_rearm_after_mins": null,
        "override_low_hd_threshold": null, "override_autoresolve_offline_alert": null,
    });
    asset.insert("rmm_store".to_owned(), kept);
    asset
}
