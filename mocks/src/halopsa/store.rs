//! Clients, sites, users and assets, and the world's records as theirs. It must not know HTTP.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kit::{Collection, Ledger, Object, at, lay_over};
use crate::world::{
    Change, ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, Record,
    ToolRecords,
};
use crate::{ChangeError, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    collections: [Collection; 4],
    /// Names of lists; the id of each is its place, from 1.
    pub(super) top_levels: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) statuses: Vec<String>,
    pub(super) ledger: Ledger,
}

/// Unset, as the product writes it (seen).
const NEVER: &str = "1900-01-01T00:00:00";

/// Names of the fields of an asset's type; they are the customer's own.
const FIELDS: [&str; 7] = [
    "Serial Number",
    "Manufacturer",
    "Model",
    "MAC Address",
    "Operating System",
    "IP Address",
    "Default Gateway",
];

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let client = Some("client_id");
        let mut store = Self {
            collections: [
                Collection::new(12, None, &["id", "name", "toplevel_id", "toplevel_name"]),
                Collection::new(18, client, &["id", "name", "client_id", "client_name"]),
                Collection::new(30, client, &["id", "name", "firstname", "surname"]),
                Collection::new(9_001, client, &["id", "inventory_number", "key_field"]),
            ],
            top_levels: records.contents.organization_types.clone(),
            types: records.contents.configuration_types.clone(),
            statuses: records.contents.configuration_statuses.clone(),
            ledger: Ledger::new(),
        };
        let organizations = records.organizations.iter().cloned().map(Record::from);
        store.batch(Kind::Organization, organizations, now);
        store.batch(
            Kind::Location,
            records.locations.iter().cloned().map(Record::from),
            now,
        );
        for it in records.locations.iter().filter(|it| it.primary) {
            store.main_site(it, now);
        }
        store.batch(
            Kind::Contact,
            records.contacts.iter().cloned().map(Record::from),
            now,
        );
        store.batch(
            Kind::Device,
            records.devices.iter().cloned().map(Record::from),
            now,
        );
        store
    }

    fn batch(&mut self, kind: Kind, records: impl Iterator<Item = Record>, now: Timestamp) {
        let mut rows = Vec::new();
        for record in records {
            let Some(values) = self.values(&record) else {
                continue;
            };
            let id = self.of_mut(kind).new_id();
            self.ledger.know(kind, id, record.key(), truth(&record));
            rows.push((id, touched(kind, numbered(id, values), now)));
        }
        self.of_mut(kind).load(rows);
    }

    /// The client of a main site shows it.
    fn main_site(&mut self, it: &LocationRecord, now: Timestamp) {
        let client = self.ledger.id(Kind::Organization, &it.organization);
        let site = self.ledger.id(Kind::Location, &it.key);
        if let (Some(client), Some(site)) = (client, site)
            && let Some(mut record) = self.of(Kind::Organization).get(client)
            && (at(&record, "main_site_id") != site
                || at(&record, "main_site_name") != it.name.as_str())
        {
            record.insert("main_site_id".to_owned(), site.into());
            record.insert("main_site_name".to_owned(), it.name.clone().into());
            let record = touched(Kind::Organization, record, now);
            self.of_mut(Kind::Organization).put(client, &record);
        }
    }

    pub(super) const fn of(&self, kind: Kind) -> &Collection {
        &self.collections[kind as usize]
    }

    pub(super) const fn of_mut(&mut self, kind: Kind) -> &mut Collection {
        &mut self.collections[kind as usize]
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key, now),
        };
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
                record
            }
            None => numbered(id, new),
        };
        let record = touched(kind, record, now);
        self.of_mut(kind).put(id, &record);
        self.follow(kind, id);
        self.ledger.know(kind, id, after.key(), truth(after));
        if let Record::Location(it) = after {
            if it.primary {
                self.main_site(it, now);
            } else if let Some(Record::Location(old)) = before
                && old.primary
            {
                self.no_main_site(id, now);
            }
        }
        Ok(())
    }

    /// The names of a record's client and site, as they are now.
    pub(super) fn name_owners(&self, kind: Kind, record: &mut Object) {
        if kind == Kind::Organization {
            return;
        }
        let id = |record: &Object, member: &str| at(record, member).as_u64();
        let client = id(record, "client_id");
        let client = client.map(|id| self.name(Kind::Organization, id, "name"));
        let client = client.unwrap_or_default();
        if kind == Kind::Location {
            let own = at(record, "name").as_str().unwrap_or_default();
            let both = format!("{}/{own}", client.as_str().unwrap_or_default());
            record.insert("clientsite_name".to_owned(), both.into());
        } else {
            let site = id(record, "site_id").filter(|site| *site > 0);
            let site = site.map(|id| self.name(Kind::Location, id, "name"));
            record.insert("site_name".to_owned(), site.unwrap_or_default());
        }
        record.insert("client_name".to_owned(), client);
    }

    /// Records that show a name show the one it has now; that is no change of theirs.
    pub(super) fn follow(&mut self, kind: Kind, id: u64) {
        let client = match kind {
            Kind::Organization => Some(id),
            Kind::Location => self
                .of(kind)
                .get(id)
                .and_then(|site| at(&site, "client_id").as_u64()),
            Kind::Contact | Kind::Device => None,
        };
        let Some(client) = client else { return };
        for below in [Kind::Location, Kind::Contact, Kind::Device] {
            for owned in self.of(below).owned(client).to_vec() {
                let Some(before) = self.of(below).get(owned) else {
                    continue;
                };
                let mut record = before.clone();
                self.name_owners(below, &mut record);
                if record != before {
                    self.of_mut(below).put(owned, &record);
                }
            }
        }
    }

    fn no_main_site(&mut self, site: u64, now: Timestamp) {
        let client = self.of(Kind::Location).get(site);
        let client = client.and_then(|site| at(&site, "client_id").as_u64());
        if let Some(client) = client
            && let Some(mut record) = self.of(Kind::Organization).get(client)
            && at(&record, "main_site_id") == site
        {
            record.insert("main_site_id".to_owned(), 0.into());
            record.insert("main_site_name".to_owned(), "".into());
            let record = touched(Kind::Organization, record, now);
            self.of_mut(Kind::Organization).put(client, &record);
        }
    }

    fn remove(&mut self, kind: Kind, key: &str, now: Timestamp) -> Result<(), ChangeError> {
        let id = self
            .ledger
            .id(kind, key)
            .ok_or_else(|| unknown(kind, key))?;
        self.delete(kind, id, now);
        Ok(())
    }

    /// What is deleted is gone, a client with all that belongs to it.
    pub(super) fn delete(&mut self, kind: Kind, id: u64, now: Timestamp) -> bool {
        if kind == Kind::Organization {
            for below in [Kind::Device, Kind::Contact, Kind::Location] {
                for owned in self.of(below).owned(id).to_vec() {
                    self.of_mut(below).remove(owned);
                    self.ledger.gone(below, owned);
                }
            }
        }
        if kind == Kind::Location {
            self.no_main_site(id, now);
        }
        let removed = self.of_mut(kind).remove(id).is_some();
        self.ledger.gone(kind, id);
        removed
    }

    fn values(&mut self, record: &Record) -> Option<Object> {
        let values = match record {
            Record::Organization(it) => self.client(it),
            Record::Location(it) => self.site(it)?,
            Record::Contact(it) => self.user(it)?,
            Record::Device(it) => self.asset(it)?,
        };
        match values {
            Value::Object(values) => Some(values),
            _ => None,
        }
    }

    fn client(&mut self, it: &OrganizationRecord) -> Value {
        let level = it.organization_type.as_deref().unwrap_or("Customers");
        let inactive = it
            .status
            .as_deref()
            .is_some_and(|it| it.eq_ignore_ascii_case("inactive"));
        json!({
            "name": it.name,
            "toplevel_id": place(&mut self.top_levels, level),
            "toplevel_name": level,
            "inactive": !it.active || inactive,
            "colour": "#2196f3",
            "website": it.website.as_deref().unwrap_or(""),
            "notes": "",
            "main_site_id": 0,
            "main_site_name": "",
            "datecreated": NEVER,
            "customfields": [],
        })
    }

    fn name(&self, kind: Kind, id: u64, member: &str) -> Value {
        self.of(kind)
            .get(id)
            .map(|record| at(&record, member).clone())
            .unwrap_or_default()
    }

    fn site(&self, it: &LocationRecord) -> Option<Value> {
        let client = self.ledger.id(Kind::Organization, &it.organization)?;
        let name = self.name(Kind::Organization, client, "name");
        let address = &it.address;
        let line = |line: &Option<String>| line.clone().unwrap_or_default();
        Some(json!({
            "name": it.name,
            "client_id": client,
            "client_name": name,
            "clientsite_name": format!("{}/{}", name.as_str().unwrap_or_default(), it.name),
            "inactive": !it.active,
            "phonenumber": line(&it.phone),
            "notes": "",
            "delivery_address": {
                "line1": line(&address.line_1),
                "line2": line(&address.line_2),
                "line3": line(&address.city),
                "line4": line(&address.region),
                "postcode": line(&address.postal_code),
            },
            "country_code_name": line(&address.country),
            "datecreated": NEVER,
            "customfields": [],
        }))
    }

    fn user(&self, it: &ContactRecord) -> Option<Value> {
        let client = self.ledger.id(Kind::Organization, &it.organization)?;
        let site = it
            .location
            .as_ref()
            .and_then(|key| self.ledger.id(Kind::Location, key));
        let email = |at: usize| it.emails.get(at).map_or("", |email| email.address.as_str());
        let number = |word: &str| {
            let mut phones = it.phones.iter();
            let phone = phones.find(|phone| {
                let kind = phone.phone_type.as_deref().unwrap_or("work").to_lowercase();
                match word {
                    "mobile" => kind.contains("mobile") || kind.contains("cell"),
                    "home" | "fax" => kind.contains(word),
                    _ => !["mobile", "cell", "home", "fax"]
                        .into_iter()
                        .any(|it| kind.contains(it)),
                }
            });
            phone.map_or("", |phone| phone.number.as_str())
        };
        Some(json!({
            "name": format!("{} {}", it.first_name, it.last_name).trim(),
            "firstname": it.first_name,
            "surname": it.last_name,
            "title": it.title.as_deref().unwrap_or(""),
            "site_id": site.unwrap_or(0),
            "site_name": site.map(|id| self.name(Kind::Location, id, "name")),
            "client_id": client,
            "client_name": self.name(Kind::Organization, client, "name"),
            "emailaddress": email(0),
            "email2": email(1),
            "email3": email(2),
            "phonenumber": number("work"),
            "mobilenumber": number("mobile"),
            "homenumber": number("home"),
            "fax": number("fax"),
            "inactive": !it.active,
            "isimportantcontact": false,
            "notes": "",
            "isserviceaccount": false,
            "datecreated": NEVER,
            "customfields": [],
        }))
    }

    fn asset(&mut self, it: &DeviceRecord) -> Option<Value> {
        let client = self.ledger.id(Kind::Organization, &it.organization)?;
        let site = it
            .location
            .as_ref()
            .and_then(|key| self.ledger.id(Kind::Location, key));
        let user = it
            .contact
            .as_ref()
            .and_then(|key| self.ledger.id(Kind::Contact, key));
        let kind = it.configuration_type.as_deref().unwrap_or("Other");
        let status = it.status.as_deref().unwrap_or("Active");
        let macs: Vec<&str> = it
            .nics
            .iter()
            .filter_map(|nic| nic.mac.as_deref())
            .collect();
        let ip = it.nics.iter().find_map(|nic| nic.ip.clone());
        let values = [
            it.serial.clone(),
            it.manufacturer.clone(),
            it.model.clone(),
            (!macs.is_empty()).then(|| macs.join(", ")),
            it.os.clone(),
            ip,
            it.default_gateway.clone(),
        ];
        let fields = (5_u64..)
            .zip(FIELDS.into_iter().zip(values))
            .map(|(id, (name, value))| {
                let value = value.unwrap_or_default();
                json!({ "id": id, "name": name, "value": value, "display": value })
            });
        let day = |date: Option<jiff::civil::Date>| {
            date.map_or_else(|| NEVER.to_owned(), |date| format!("{date}T00:00:00"))
        };
        Some(json!({
            "inventory_number": it.asset_tag.as_deref().unwrap_or(""),
            "key_field": it.name,
            "key_field2": it.serial.as_deref().unwrap_or(""),
            "key_field3": "",
            "client_id": client,
            "client_name": self.name(Kind::Organization, client, "name"),
            "site_id": site.unwrap_or(0),
            "site_name": site.map(|id| self.name(Kind::Location, id, "name")),
            "users": user.map(|id| json!({ "id": id, "name": self.name(Kind::Contact, id, "name") }))
                .into_iter().collect::<Vec<_>>(),
            "assettype_id": place(&mut self.types, kind),
            "assettype_name": kind,
            "inactive": !it.active,
            "status_id": place(&mut self.statuses, status),
            "status_name": status,
            "supplier_name": null,
            "warranty_end": day(it.warranty),
            "supplier_purchasedate": day(it.purchased),
            "notes": it.notes.as_deref().unwrap_or(""),
            "fields": fields.collect::<Vec<_>>(),
            "customfields": [],
        }))
    }
}

/// The id of a name in a list, made where there is none.
pub(super) fn place(list: &mut Vec<String>, name: &str) -> u64 {
    let known = list.iter().position(|own| own == name);
    let known = known.unwrap_or_else(|| {
        list.push(name.to_owned());
        list.len() - 1
    });
    known as u64 + 1
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
        vendor: Vendor::HaloPsa,
        kind,
        key: key.to_owned(),
    }
}

pub(super) fn numbered(id: u64, mut record: Object) -> Object {
    record.insert("id".to_owned(), id.into());
    record
}

/// A record with the stamp of its last change.
pub(super) fn touched(kind: Kind, mut record: Object, now: Timestamp) -> Object {
    let stamp = match kind {
        Kind::Organization => "alastupdate",
        Kind::Location => "slastupdate",
        Kind::Contact => "ulastupdate",
        Kind::Device => "dlastupdate",
    };
    let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
    let text = zoned.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string();
    record.insert(stamp.to_owned(), text.into());
    record
}
