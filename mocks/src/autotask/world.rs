//! The world's records as the vendor's: at the first load, and as people change them in the vendor's
//! screens. It must not know HTTP.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::schema::Entity;
use super::store::{DEFAULT_CATEGORY, OWN_COMPANY, RESOURCE, Store, entity, moment, whole};
use crate::kit::{Object, at as member, lay_over};
use crate::world::{
    Change, ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, Phone, Record,
    ToolRecords,
};
use crate::{ChangeError, Vendor};

/// Everything at once.
pub(super) fn load(records: &ToolRecords, now: Timestamp) -> Store {
    let mut store = Store::new();
    for name in &records.contents.organization_types {
        store.company_type(name);
    }
    for name in &records.contents.configuration_types {
        store.item_type(name);
    }
    let category = json!({
        "name": "Standard", "nickname": "Standard", "isActive": true, "isGlobalDefault": true,
        "isClientPortalDefault": true, "displayColorRGB": 0,
    });
    store.make(Entity::ConfigurationItemCategories, category);
    for name in ["United States", "Canada"] {
        store.country(name);
    }
    let own = json!({
        "companyName": records.company, "companyType": Value::Null, "isActive": true,
        "ownerResourceID": RESOURCE, "createDate": moment(now),
    });
    let mut batch = vec![(OWN_COMPANY, whole(Entity::Companies, OWN_COMPANY, own))];
    // Lists are short and looked up by name; companies, contacts and items are not.
    let mut products = BTreeMap::new();
    let reserve = |store: &mut Store, kind: Kind, key: &str, truth: &str| {
        let id = store.of_mut(entity(kind)).new_id();
        store.ledger.know(kind, id, key, truth);
        id
    };
    let mut places: Vec<(u64, Object)> = Vec::new();
    let mut at = BTreeMap::new();
    for record in &records.organizations {
        let id = reserve(&mut store, Kind::Organization, &record.key, &record.truth);
        let values = company(&mut store, record);
        at.insert(id, batch.len());
        batch.push((id, whole(Entity::Companies, id, born(values, now))));
    }
    for record in &records.locations {
        let Some(values) = location(&mut store, record) else {
            continue;
        };
        let id = reserve(&mut store, Kind::Location, &record.key, &record.truth);
        let owner = values["companyID"]
            .as_u64()
            .and_then(|owner| at.get(&owner));
        if record.primary
            && let Some((_, company)) = owner.and_then(|at| batch.get_mut(*at))
        {
            mirror(company, &values);
        }
        places.push((id, whole(Entity::CompanyLocations, id, values)));
    }
    store.of_mut(Entity::Companies).load(batch);
    store.of_mut(Entity::CompanyLocations).load(places);
    let mut batch = Vec::new();
    for record in &records.contacts {
        let Some(values) = contact(&store, record) else {
            continue;
        };
        let id = reserve(&mut store, Kind::Contact, &record.key, &record.truth);
        batch.push((id, whole(Entity::Contacts, id, born(values, now))));
    }
    store.of_mut(Entity::Contacts).load(batch);
    let mut batch = Vec::new();
    for record in &records.devices {
        let made = (record.manufacturer.clone(), record.model.clone());
        let product = *products
            .entry(made)
            .or_insert_with_key(|(maker, model)| store.product(maker.as_deref(), model.as_deref()));
        let Some(values) = item(&mut store, record, product) else {
            continue;
        };
        let id = reserve(&mut store, Kind::Device, &record.key, &record.truth);
        batch.push((id, whole(Entity::ConfigurationItems, id, born(values, now))));
    }
    store.of_mut(Entity::ConfigurationItems).load(batch);
    store
}

/// Takes one change.
pub(super) fn apply(store: &mut Store, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
    let (before, after) = match change {
        Change::Put(record) => (None, record),
        Change::Edit { before, after } => (Some(before), after),
        Change::Remove { kind, key } => return remove(store, *kind, key),
    };
    let kind = after.kind();
    let new = values(store, after)?;
    let old = before.and_then(|before| values(store, before).ok());
    let known = store.ledger.id(kind, after.key());
    let id = known.unwrap_or_else(|| store.of_mut(entity(kind)).new_id());
    let (Value::Object(new), old) = (new, old.and_then(object)) else {
        return Ok(());
    };
    let record = match store.get(entity(kind), id) {
        Some(mut record) => {
            lay_over(&mut record, old.as_ref(), new);
            record
        }
        None => whole(entity(kind), id, born(Value::Object(new), now)),
    };
    let owner = record.get("companyID").and_then(Value::as_u64);
    let is_primary = record.get("isPrimary") == Some(&Value::Bool(true));
    store.put(entity(kind), id, record, now);
    store.ledger.know(kind, id, after.key(), truth(after));
    if let (Kind::Location, true, Some(owner)) = (kind, is_primary, owner) {
        only_primary(store, owner, id, now);
    }
    Ok(())
}

fn object(value: Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
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

/// What the world says of a record, in the vendor's fields.
fn values(store: &mut Store, record: &Record) -> Result<Value, ChangeError> {
    let organization = match record {
        Record::Organization(it) => it.parent.as_ref(),
        Record::Location(it) => Some(&it.organization),
        Record::Contact(it) => Some(&it.organization),
        Record::Device(it) => Some(&it.organization),
    };
    if let Some(key) = organization
        && store.ledger.id(Kind::Organization, key).is_none()
    {
        return Err(unknown(Kind::Organization, key));
    }
    let values = match record {
        Record::Organization(it) => Some(company(store, it)),
        Record::Location(it) => location(store, it),
        Record::Contact(it) => contact(store, it),
        Record::Device(it) => {
            let product = store.product(it.manufacturer.as_deref(), it.model.as_deref());
            item(store, it, product)
        }
    };
    values.ok_or_else(|| unknown(record.kind(), record.key()))
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::Autotask,
        kind,
        key: key.to_owned(),
    }
}

/// What is deleted in the screens is gone, with everything that belongs to it.
fn remove(store: &mut Store, kind: Kind, key: &str) -> Result<(), ChangeError> {
    let Some(id) = store.ledger.id(kind, key) else {
        return Err(unknown(kind, key));
    };
    if kind == Kind::Organization {
        for below in [Kind::Device, Kind::Contact, Kind::Location] {
            for owned in store.of(entity(below)).owned(id).to_vec() {
                store.of_mut(entity(below)).remove(owned);
                store.ledger.gone(below, owned);
            }
        }
    }
    store.of_mut(entity(kind)).remove(id);
    store.ledger.gone(kind, id);
    Ok(())
}

/// A company has one primary location; its own address is that of it (inferred).
pub(super) fn only_primary(store: &mut Store, company: u64, location: u64, now: Timestamp) {
    for other in store.of(Entity::CompanyLocations).owned(company).to_vec() {
        if let Some(mut record) = store.get(Entity::CompanyLocations, other)
            && other != location
            && member(&record, "isPrimary") == true
        {
            record.insert("isPrimary".to_owned(), false.into());
            store.put(Entity::CompanyLocations, other, record, now);
        }
    }
    let primary = store.get(Entity::CompanyLocations, location);
    if let (Some(primary), Some(mut record)) = (primary, store.get(Entity::Companies, company)) {
        mirror(&mut record, &Value::Object(primary));
        store.of_mut(Entity::Companies).put(company, &record);
    }
}

fn mirror(company: &mut Object, location: &Value) {
    for field in [
        "address1",
        "address2",
        "city",
        "state",
        "postalCode",
        "countryID",
    ] {
        company.insert(field.to_owned(), location[field].clone());
    }
}

fn born(mut values: Value, now: Timestamp) -> Value {
    values["createDate"] = moment(now).into();
    let stamp = if values.get("companyName").is_some() {
        "lastTrackedModifiedDateTime"
    } else if values.get("lastName").is_some() {
        "lastModifiedDate"
    } else {
        "lastModifiedTime"
    };
    values[stamp] = moment(now).into();
    values
}

fn company(store: &mut Store, record: &OrganizationRecord) -> Value {
    let kind = record.organization_type.as_deref();
    let kind = kind.map(|name| store.company_type(name));
    let parent = record.parent.as_ref();
    let parent = parent.and_then(|key| store.ledger.id(Kind::Organization, key));
    json!({
        "companyName": record.name,
        "companyNumber": record.short_name,
        "companyType": kind,
        "isActive": active(record.active, record.status.as_deref()),
        "parentCompanyID": parent,
        "phone": record.phone,
        "webAddress": record.website,
        "ownerResourceID": RESOURCE,
        "isTaxExempt": false,
        "isClientPortalActive": false,
        "isTaskFireActive": false,
    })
}

/// There is a flag in place of a status.
fn active(active: bool, status: Option<&str>) -> bool {
    active && !status.is_some_and(|status| status.eq_ignore_ascii_case("inactive"))
}

fn location(store: &mut Store, record: &LocationRecord) -> Option<Value> {
    let company = store.ledger.id(Kind::Organization, &record.organization)?;
    let address = &record.address;
    let country = address.country.as_deref().map(|name| store.country(name));
    Some(json!({
        "companyID": company,
        "name": record.name,
        "address1": address.line_1,
        "address2": address.line_2,
        "city": address.city,
        "state": address.region,
        "postalCode": address.postal_code,
        "countryID": country,
        "phone": record.phone,
        "fax": record.fax,
        "isPrimary": record.primary,
        "isActive": record.active,
        "isTaxExempt": false,
        "overrideCompanyTaxSettings": false,
    }))
}

fn contact(store: &Store, record: &ContactRecord) -> Option<Value> {
    let company = store.ledger.id(Kind::Organization, &record.organization)?;
    let location = record.location.as_ref();
    let location = location.and_then(|key| store.ledger.id(Kind::Location, key));
    let email = |at: usize| record.emails.get(at).map(|email| &email.address);
    let phones = phones(&record.phones);
    let number = |place: &str| phones.get(place).map(|phone| &phone.number);
    Some(json!({
        "companyID": company,
        "companyLocationID": location,
        "firstName": record.first_name,
        "lastName": record.last_name,
        "title": record.title,
        "emailAddress": email(0),
        "emailAddress2": email(1),
        "emailAddress3": email(2),
        "phone": number("phone"),
        "extension": phones.get("phone").and_then(|phone| phone.extension.as_ref()),
        "mobilePhone": number("mobilePhone"),
        "alternatePhone": number("alternatePhone"),
        "faxNumber": number("faxNumber"),
        "isActive": u8::from(record.active),
        "primaryContact": false,
        "isOptedOutFromBulkEmail": false,
        "receivesEmailNotifications": true,
    }))
}

/// Each number in the field that its type names; the first of no such type is the one at work, the
/// next the other. What is left over has no field.
fn phones(phones: &[Phone]) -> BTreeMap<&'static str, &Phone> {
    let mut placed = BTreeMap::new();
    for phone in phones {
        let kind = phone
            .phone_type
            .as_deref()
            .unwrap_or_default()
            .to_lowercase();
        let wanted: &[&str] = if kind.contains("fax") {
            &["faxNumber"]
        } else if kind.contains("mobile") || kind.contains("cell") {
            &["mobilePhone", "alternatePhone"]
        } else {
            &["phone", "alternatePhone", "mobilePhone"]
        };
        if let Some(place) = wanted
            .iter()
            .copied()
            .find(|place| !placed.contains_key(place))
        {
            placed.insert(place, phone);
        }
    }
    placed
}

fn item(store: &mut Store, record: &DeviceRecord, product: u64) -> Option<Value> {
    let company = store.ledger.id(Kind::Organization, &record.organization)?;
    let id =
        |store: &Store, kind, key: Option<&String>| key.and_then(|key| store.ledger.id(kind, key));
    let location = id(store, Kind::Location, record.location.as_ref());
    let contact = id(store, Kind::Contact, record.contact.as_ref());
    let kind = record.configuration_type.as_deref();
    let kind = kind.map(|name| store.item_type(name));
    let day = |date: Option<Date>| date.map(|date| format!("{date}T00:00:00.000"));
    Some(json!({
        "companyID": company,
        "companyLocationID": location,
        "contactID": contact,
        "configurationItemType": kind,
        "configurationItemCategoryID": DEFAULT_CATEGORY,
        "productID": product,
        "referenceTitle": record.name,
        "referenceNumber": record.asset_tag,
        "serialNumber": record.serial,
        "installDate": day(record.installed),
        "warrantyExpirationDate": day(record.warranty),
        "notes": record.notes,
        "isActive": active(record.active, record.status.as_deref()),
    }))
}
