//! Accounts and contacts, and the world's records as theirs. It must not know HTTP.

use std::collections::BTreeMap;

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
    /// `AccountSummary`.
    pub(super) accounts: Collection,
    /// `ContactDetail`, with the account's number beside.
    pub(super) contacts: Collection,
    /// `AccountManagedAsset`, which nobody syncs.
    pub(super) assets: Collection,
    /// Numbers of the assets by the keys of the world's devices.
    machines: BTreeMap<String, u64>,
    pub(super) types: Vec<String>,
    pub(super) statuses: Vec<String>,
    pub(super) ledger: Ledger,
    /// The world's locations, whose addresses the others show.
    locations: BTreeMap<String, LocationRecord>,
    /// Who sits where: the world's contacts with a location.
    seats: BTreeMap<String, String>,
    /// Ids under which locations were ever read.
    served: BTreeMap<String, (String, String)>,
    items: u64,
}

/// Members of an address, which accounts and contacts have alike.
const ADDRESS: [&str; 6] = [
    "Address1",
    "Address2",
    "City",
    "State",
    "PostalCode",
    "Country",
];

impl Store {
    pub(super) fn new(records: &ToolRecords) -> Self {
        let mut store = Self {
            accounts: Collection::new(1_052_930, None, &["AccountNumber", "Account"]),
            contacts: Collection::new(2_050, Some("AccountNumber"), &["ContactNumber", "Contact"]),
            assets: Collection::new(900, Some("AccountNumber"), &["ManagedAssetNumber"]),
            machines: BTreeMap::new(),
            types: records.contents.organization_types.clone(),
            statuses: records.contents.organization_statuses.clone(),
            ledger: Ledger::new(),
            locations: BTreeMap::new(),
            seats: BTreeMap::new(),
            served: BTreeMap::new(),
            items: 5_000,
        };
        for it in &records.locations {
            store.locations.insert(it.key.clone(), it.clone());
        }
        for it in &records.organizations {
            let id = store.accounts.new_id();
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            let account = store.account(it);
            store
                .accounts
                .put(id, &numbered("AccountNumber", id, account));
        }
        for it in &records.contacts {
            store.add_contact(it);
        }
        for it in &records.devices {
            store.put_asset(it);
        }
        store.serve();
        store
    }

    /// An id for an address or a number.
    pub(super) const fn item_id(&mut self) -> u64 {
        self.items += 1;
        self.items
    }

    fn add_contact(&mut self, it: &ContactRecord) {
        let Some(account) = self.ledger.id(Kind::Organization, &it.organization) else {
            return;
        };
        let id = self.contacts.new_id();
        self.ledger.know(Kind::Contact, id, &it.key, &it.truth);
        self.seat(it);
        let contact = self.contact(it, account, id);
        self.contacts
            .put(id, &numbered("ContactNumber", id, contact));
    }

    fn seat(&mut self, it: &ContactRecord) {
        match &it.location {
            Some(location) => drop(self.seats.insert(it.key.clone(), location.clone())),
            None => drop(self.seats.remove(&it.key)),
        }
    }

    fn put_asset(&mut self, it: &DeviceRecord) {
        let Some(account) = self.ledger.id(Kind::Organization, &it.organization) else {
            return;
        };
        let known = self.machines.get(&it.key).copied();
        let id = known.unwrap_or_else(|| self.assets.new_id());
        self.machines.insert(it.key.clone(), id);
        let asset = json!({
            "AccountNumber": account,
            "Provider": "RMM",
            "AssetType": it.configuration_type,
            "ProviderAssetName": it.name,
            "IPAddress": it.nics.iter().find_map(|nic| nic.ip.as_deref()),
            "MACAddress": it.nics.iter().find_map(|nic| nic.mac.as_deref()),
            "OS": it.os,
            "SerialNumber": it.serial,
            "Description": it.notes,
            "LastLoggedInUser": it.last_user,
            "CPU": it.cpu,
        });
        self.assets
            .put(id, &numbered("ManagedAssetNumber", id, asset));
    }

    /// The main location of an organization.
    fn main_location(&self, organization: &str) -> Option<&LocationRecord> {
        let mut own = self.locations.values();
        own.find(|it| it.organization == organization && it.primary)
    }

    fn account(&mut self, it: &OrganizationRecord) -> Value {
        for (list, name) in [
            (&mut self.types, &it.organization_type),
            (&mut self.statuses, &it.status),
        ] {
            if let Some(name) = name
                && !list.contains(name)
            {
                list.push(name.clone());
            }
        }
        let parent = it.parent.as_ref();
        let parent = parent.and_then(|key| self.ledger.id(Kind::Organization, key));
        let main = self.main_location(&it.key);
        let mut account = json!({
            "Name": it.name,
            "AccountId": it.short_name,
            "AccountType": it.organization_type,
            "Status": it.status,
            "URL1": it.website,
            "RepNumber": 12,
            "IsVendor": false,
            "DoNotEmail": false,
        });
        address(&mut account, main);
        json!({
            "Account": account,
            "PhoneNumber": main.and_then(|main| main.phone.clone()).or_else(|| it.phone.clone()),
            "FaxNumber": main.and_then(|main| main.fax.clone()),
            "ParentAccountNumber": parent,
        })
    }

    fn contact(&self, it: &ContactRecord, account: u64, id: u64) -> Value {
        let location = it.location.as_ref().and_then(|key| self.locations.get(key));
        let mut contact = json!({
            "AccountNumber": account,
            "FirstName": it.first_name,
            "LastName": it.last_name,
            "Name": format!("{} {}", it.first_name, it.last_name).trim(),
            "Title": it.title,
            "Inactive": !it.active,
            "PersonalNotes": null,
        });
        address(&mut contact, location);
        let phones = it.phones.iter().enumerate().map(|(at, phone)| {
            json!({
                "PhoneNumberId": id * 100 + at as u64, "Number": phone.number,
                "Location": phone.phone_type.as_deref().unwrap_or("Work"), "IsPrimary": at == 0,
            })
        });
        let emails = it.emails.iter().enumerate().map(|(at, email)| {
            json!({
                "EmailAddressId": id * 100 + at as u64, "Email": email.address,
                "Description": email.email_type, "DoNotEmail": false, "IsPrimary": at == 0,
            })
        });
        json!({
            "AccountNumber": account,
            "Contact": contact,
            "PhoneNumbers": phones.collect::<Vec<_>>(),
            "EmailAddresses": emails.collect::<Vec<_>>(),
        })
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        let owner = match after {
            Record::Organization(it) => it.parent.as_ref(),
            Record::Location(it) => Some(&it.organization),
            Record::Contact(it) => Some(&it.organization),
            Record::Device(it) => Some(&it.organization),
        };
        if let Some(key) = owner
            && self.ledger.id(Kind::Organization, key).is_none()
        {
            return Err(unknown(Kind::Organization, key));
        }
        match after {
            Record::Organization(it) => {
                let old = before
                    .and_then(Record::as_organization)
                    .map(|old| self.account(old));
                let new = self.account(it);
                let id = self.id(Kind::Organization, &it.key);
                self.lay(Kind::Organization, id, old, new);
                self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
            }
            Record::Contact(it) => {
                let account = self.ledger.id(Kind::Organization, &it.organization);
                let account = account.unwrap_or_default();
                let id = self.id(Kind::Contact, &it.key);
                let old = before.and_then(Record::as_contact);
                let old = old.map(|old| self.contact(old, account, id));
                self.seat(it);
                let new = self.contact(it, account, id);
                self.lay(Kind::Contact, id, old, new);
                self.ledger.know(Kind::Contact, id, &it.key, &it.truth);
            }
            Record::Location(it) => {
                self.locations.insert(it.key.clone(), it.clone());
                if it.primary {
                    let others = self.locations.values_mut();
                    let others = others.filter(|other| other.organization == it.organization);
                    for other in others.filter(|other| other.key != it.key) {
                        other.primary = false;
                    }
                }
                self.show_location(it);
            }
            // They exist here, but nobody syncs them.
            Record::Device(it) => self.put_asset(it),
        }
        self.serve();
        Ok(())
    }

    fn id(&mut self, kind: Kind, key: &str) -> u64 {
        match self.ledger.id(kind, key) {
            Some(id) => id,
            None if kind == Kind::Contact => self.contacts.new_id(),
            None => self.accounts.new_id(),
        }
    }

    /// Lays an edit over a record, and over the inner object that holds most of it.
    fn lay(&mut self, kind: Kind, id: u64, old: Option<Value>, new: Value) {
        let (collection, inner, number) = match kind {
            Kind::Contact => (&mut self.contacts, "Contact", "ContactNumber"),
            _ => (&mut self.accounts, "Account", "AccountNumber"),
        };
        let Some(mut record) = collection.get(id) else {
            collection.put(id, &numbered(number, id, new));
            return;
        };
        let split = |value: Value| -> (Object, Object) {
            let Value::Object(mut outer) = value else {
                return Default::default();
            };
            match outer.remove(inner) {
                Some(Value::Object(inner)) => (outer, inner),
                _ => (outer, Object::new()),
            }
        };
        let (new, new_inner) = split(new);
        let (old, old_inner) = old
            .map(split)
            .map_or((None, None), |(old, inner)| (Some(old), Some(inner)));
        if let Some(Value::Object(object)) = record.get_mut(inner) {
            lay_over(object, old_inner.as_ref(), new_inner);
        }
        lay_over(&mut record, old.as_ref(), new);
        collection.put(id, &record);
    }

    /// Writes a location's address where it is shown.
    fn show_location(&mut self, it: &LocationRecord) {
        if let Some(account) = self.ledger.id(Kind::Organization, &it.organization)
            && let Some(mut record) = self.accounts.get(account)
            && it.primary
        {
            if let Some(account) = record.get_mut("Account") {
                address(account, Some(it));
            }
            record.insert("PhoneNumber".to_owned(), it.phone.clone().into());
            record.insert("FaxNumber".to_owned(), it.fax.clone().into());
            self.accounts.put(account, &record);
        }
        let seated: Vec<u64> = self
            .seats
            .iter()
            .filter(|(_, location)| **location == it.key)
            .filter_map(|(contact, _)| self.ledger.id(Kind::Contact, contact))
            .collect();
        for id in seated {
            if let Some(mut record) = self.contacts.get(id) {
                if let Some(contact) = record.get_mut("Contact") {
                    address(contact, Some(it));
                }
                self.contacts.put(id, &record);
            }
        }
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        match kind {
            Kind::Location => {
                let removed = self.locations.remove(key);
                let removed = removed.ok_or_else(|| unknown(kind, key))?;
                let gone = LocationRecord {
                    address: crate::world::Address::default(),
                    phone: None,
                    fax: None,
                    ..removed
                };
                self.show_location(&gone);
                self.seats.retain(|_, location| location != key);
            }
            Kind::Device => {
                let id = self.machines.remove(key);
                self.assets.remove(id.ok_or_else(|| unknown(kind, key))?);
            }
            Kind::Contact => {
                let id = self
                    .ledger
                    .id(kind, key)
                    .ok_or_else(|| unknown(kind, key))?;
                self.contacts.remove(id);
                self.seats.remove(key);
                self.ledger.gone(kind, id);
            }
            Kind::Organization => {
                let id = self
                    .ledger
                    .id(kind, key)
                    .ok_or_else(|| unknown(kind, key))?;
                for contact in self.contacts.owned(id).to_vec() {
                    self.contacts.remove(contact);
                    self.ledger.gone(Kind::Contact, contact);
                }
                for asset in self.assets.owned(id).to_vec() {
                    self.assets.remove(asset);
                    self.machines.retain(|_, id| *id != asset);
                }
                self.accounts.remove(id);
                self.locations
                    .retain(|_, location| location.organization != key);
                self.ledger.gone(kind, id);
            }
        }
        self.serve();
        Ok(())
    }

    /// Notes under which ids the locations are read now.
    pub(super) fn serve(&mut self) {
        for it in self.locations.values() {
            let Some(account) = self.ledger.id(Kind::Organization, &it.organization) else {
                continue;
            };
            if it.address.line_1.is_none() {
                continue;
            }
            let id = if it.primary {
                Some(format!("account-{account}"))
            } else {
                let seated = self
                    .seats
                    .iter()
                    .filter(|(_, location)| **location == it.key);
                let numbers = seated.filter_map(|(contact, _)| {
                    let id = self.ledger.id(Kind::Contact, contact)?;
                    let contact = self.contacts.get(id)?;
                    (at(&contact, "Contact")["Inactive"] != true).then_some(id)
                });
                numbers.min().map(|number| format!("contact-{number}"))
            };
            if let Some(id) = id {
                self.served.insert(id, (it.key.clone(), it.truth.clone()));
            }
        }
    }

    pub(super) fn truth(&self) -> Vec<TruthRow> {
        let mut rows = self.ledger.truth();
        rows.extend(self.served.iter().map(|(id, (key, truth))| TruthRow {
            kind: Kind::Location,
            external_id: id.clone(),
            key: key.clone(),
            truth: truth.clone(),
        }));
        rows.sort();
        rows
    }
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::Tigerpaw,
        kind,
        key: key.to_owned(),
    }
}

fn numbered(member: &str, id: u64, value: Value) -> Object {
    let mut object = match value {
        Value::Object(object) => object,
        _ => Object::new(),
    };
    object.insert(member.to_owned(), id.into());
    object
}

fn address(of: &mut Value, location: Option<&LocationRecord>) {
    let address = location.map(|location| &location.address);
    let lines = address.map_or([&None; 6], |it| {
        [
            &it.line_1,
            &it.line_2,
            &it.city,
            &it.region,
            &it.postal_code,
            &it.country,
        ]
    });
    for (member, line) in ADDRESS.into_iter().zip(lines) {
        of[member] = line.clone().into();
    }
}
