//! Takes changes of the world: what somebody does in the vendor's own screens. The world governs
//! some fields of a record; those that only the API has written stay.

use jiff::Timestamp;
use serde_json::Value;

use super::associations;
use super::json::{Object, moment};
use super::load::{Linker, resource};
use super::render;
use super::schema::Resource;
use super::sites;
use super::stamp::{PERSON, Stamp};
use super::store::Store;
use crate::world::{
    Change, ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, Record,
};
use crate::{ChangeError, Vendor};

const COMPANY_FIELDS: &[&str] = &[
    "identifier",
    "name",
    "status",
    "phoneNumber",
    "website",
    "parentCompany",
    "deletedFlag",
    "dateDeleted",
    "deletedBy",
    "types",
];

const SITE_FIELDS: &[&str] = &[
    "name",
    "addressLine1",
    "addressLine2",
    "city",
    "stateReference",
    "zip",
    "country",
    "phoneNumber",
    "faxNumber",
    "primaryAddressFlag",
    "defaultShippingFlag",
    "defaultBillingFlag",
    "defaultMailingFlag",
    "inactiveFlag",
    "company",
];

const CONTACT_FIELDS: &[&str] = &[
    "firstName",
    "lastName",
    "company",
    "site",
    "inactiveFlag",
    "title",
    "defaultPhoneType",
    "defaultPhoneNbr",
    "defaultPhoneExtension",
    "communicationItems",
    "types",
];

const CONFIGURATION_FIELDS: &[&str] = &[
    "name",
    "type",
    "status",
    "company",
    "contact",
    "site",
    "serialNumber",
    "modelNumber",
    "tagNumber",
    "purchaseDate",
    "installationDate",
    "warrantyExpirationDate",
    "notes",
    "macAddress",
    "lastLoginName",
    "ipAddress",
    "defaultGateway",
    "osType",
    "osInfo",
    "cpuSpeed",
    "ram",
    "localHardDrives",
    "manufacturer",
    "activeFlag",
];

/// Takes one change.
pub(super) fn apply(store: &mut Store, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
    let stamp = Stamp {
        now,
        member: PERSON,
    };
    let (before, after) = match change {
        Change::Put(record) => (None, record),
        Change::Edit { before, after } => (Some(before), after),
        Change::Remove { kind, key } => return remove(store, *kind, key, stamp),
    };
    match (before, after) {
        (Some(Record::Organization(before)), Record::Organization(record)) => {
            put_company(store, Some(before), record, stamp)
        }
        (_, Record::Organization(record)) => put_company(store, None, record, stamp),
        (Some(Record::Location(before)), Record::Location(record)) => {
            put_site(store, Some(before), record, stamp)
        }
        (_, Record::Location(record)) => put_site(store, None, record, stamp),
        (Some(Record::Contact(before)), Record::Contact(record)) => {
            put_contact(store, Some(before), record, stamp)
        }
        (_, Record::Contact(record)) => put_contact(store, None, record, stamp),
        (Some(Record::Device(before)), Record::Device(record)) => {
            put_configuration(store, Some(before), record, stamp)
        }
        (_, Record::Device(record)) => put_configuration(store, None, record, stamp),
    }
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::ConnectwisePsa,
        kind,
        key: key.to_owned(),
    }
}

/// Fails when a record names another that is not here.
fn check(store: &Store, kind: Kind, key: Option<&String>) -> Result<(), ChangeError> {
    match key {
        Some(key) if store.ledger.id(kind, key).is_none() => Err(unknown(kind, key)),
        _ => Ok(()),
    }
}

/// The id that the record has, or a new one.
fn id_for(store: &mut Store, kind: Kind, key: &str) -> u64 {
    match store.ledger.id(kind, key) {
        Some(id) => id,
        None => store.new_id(resource(kind)),
    }
}

fn put_company(
    store: &mut Store,
    before: Option<&OrganizationRecord>,
    record: &OrganizationRecord,
    stamp: Stamp,
) -> Result<(), ChangeError> {
    check(store, Kind::Organization, record.parent.as_ref())?;
    let id = id_for(store, Kind::Organization, &record.key);
    let kept = store.value(Resource::Companies, id, &["identifier"]);
    let kept = kept.filter(|_| record.short_name.is_none());
    let mut linker = Linker::new(store, stamp);
    let identifier = match kept {
        Some(Value::String(identifier)) => identifier,
        _ => linker.identifier(record),
    };
    let mut write = |record: &OrganizationRecord, identifier: String| {
        let (company, _) = linker.company(record, id, identifier, None);
        let mut json = Vec::new();
        render::company(linker.store.seed, id, &company, &mut json);
        json
    };
    let renamed = before.is_some_and(|before| before.short_name != record.short_name);
    let old = before.map(|before| {
        let mark = if renamed { "" } else { &identifier };
        write(before, mark.to_owned())
    });
    let new = write(record, identifier);
    let resource = Resource::Companies;
    let governed = governed(COMPANY_FIELDS, old.as_deref(), &new);
    merge(store, resource, id, &new, &governed, stamp);
    sites::mirror(store, id);
    associations::follow_company(store, id, stamp);
    store
        .ledger
        .know(Kind::Organization, id, &record.key, &record.truth);
    Ok(())
}

fn put_site(
    store: &mut Store,
    before: Option<&LocationRecord>,
    record: &LocationRecord,
    stamp: Stamp,
) -> Result<(), ChangeError> {
    check(store, Kind::Organization, Some(&record.organization))?;
    let id = id_for(store, Kind::Location, &record.key);
    let mut linker = Linker::new(store, stamp);
    let Some((company, site)) = linker.site(record, id) else {
        return Err(unknown(Kind::Organization, &record.organization));
    };
    let mut json = Vec::new();
    render::site(linker.store.seed, id, &site, &mut json);
    let old = before.and_then(|before| linker.site(before, id));
    let old = old.map(|(_, site)| {
        let mut json = Vec::new();
        render::site(linker.store.seed, id, &site, &mut json);
        json
    });
    let moved_from = store.value(Resource::Sites, id, &["company", "id"]);
    let governed = governed(SITE_FIELDS, old.as_deref(), &json);
    merge(store, Resource::Sites, id, &json, &governed, stamp);
    if record.primary && before.is_none_or(|before| !before.primary) {
        sites::only_primary(store, company, id);
    }
    sites::mirror(store, company);
    let moved_from = moved_from.and_then(|id| id.as_u64());
    if let Some(moved_from) = moved_from.filter(|from| *from != company) {
        sites::mirror(store, moved_from);
    }
    store
        .ledger
        .know(Kind::Location, id, &record.key, &record.truth);
    Ok(())
}

fn put_contact(
    store: &mut Store,
    before: Option<&ContactRecord>,
    record: &ContactRecord,
    stamp: Stamp,
) -> Result<(), ChangeError> {
    check(store, Kind::Organization, Some(&record.organization))?;
    check(store, Kind::Location, record.location.as_ref())?;
    let id = id_for(store, Kind::Contact, &record.key);
    let items = store.value(Resource::Contacts, id, &["communicationItems"]);
    let items = items
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let item_ids: Vec<u64> = items.filter_map(|item| item["id"].as_u64()).collect();
    let mut linker = Linker::new(store, stamp);
    let mut write = |record: &ContactRecord| {
        let contact = linker.contact(record, id, &item_ids);
        let mut json = Vec::new();
        render::contact(linker.store.seed, id, &contact, &mut json);
        json
    };
    let new = write(record);
    let old = before.map(&mut write);
    let governed = governed(CONTACT_FIELDS, old.as_deref(), &new);
    merge(store, Resource::Contacts, id, &new, &governed, stamp);
    store
        .ledger
        .know(Kind::Contact, id, &record.key, &record.truth);
    Ok(())
}

fn put_configuration(
    store: &mut Store,
    before: Option<&DeviceRecord>,
    record: &DeviceRecord,
    stamp: Stamp,
) -> Result<(), ChangeError> {
    check(store, Kind::Organization, Some(&record.organization))?;
    check(store, Kind::Location, record.location.as_ref())?;
    check(store, Kind::Contact, record.contact.as_ref())?;
    let id = id_for(store, Kind::Device, &record.key);
    let mut linker = Linker::new(store, stamp);
    let Some((_, configuration)) = linker.configuration(record, id) else {
        return Err(unknown(Kind::Organization, &record.organization));
    };
    let mut json = Vec::new();
    render::configuration(linker.store.seed, id, &configuration, &mut json);
    let old = before.and_then(|before| linker.configuration(before, id));
    let old = old.map(|(_, configuration)| {
        let mut json = Vec::new();
        render::configuration(linker.store.seed, id, &configuration, &mut json);
        json
    });
    let governed = governed(CONFIGURATION_FIELDS, old.as_deref(), &json);
    merge(store, Resource::Configurations, id, &json, &governed, stamp);
    store
        .ledger
        .know(Kind::Device, id, &record.key, &record.truth);
    Ok(())
}

/// The fields of a change: of an edit those that it changed, since clients may have written to the
/// others.
fn governed(fields: &[&'static str], old: Option<&[u8]>, new: &[u8]) -> Vec<&'static str> {
    let read = |json: &[u8]| serde_json::from_slice::<Object>(json).ok();
    let (Some(old), Some(new)) = (old.and_then(read), read(new)) else {
        return fields.to_vec();
    };
    let changed = fields.iter().copied();
    changed
        .filter(|field| old.get(*field) != new.get(*field))
        .collect()
}

/// Lays the fields that the world governs over the record that is there.
fn merge(
    store: &mut Store,
    resource: Resource,
    id: u64,
    json: &[u8],
    governed: &[&str],
    stamp: Stamp,
) {
    let Ok(Value::Object(new)) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    let record = match store.record(resource, id) {
        None => new,
        Some(mut record) => {
            record.retain(|name, _| !governed.contains(&name.as_str()));
            for (name, value) in new {
                if governed.contains(&name.as_str()) {
                    record.insert(name, value);
                }
            }
            touch(store, resource, id, &mut record, stamp);
            record
        }
    };
    store.put(resource, id, &record);
}

/// Signs a record.
pub(super) fn touch(store: &Store, resource: Resource, id: u64, record: &mut Object, stamp: Stamp) {
    let info = stamp.info(resource, id, record.get("_info"), store.origin());
    record.insert("_info".to_owned(), Value::Object(info));
}

fn remove(store: &mut Store, kind: Kind, key: &str, stamp: Stamp) -> Result<(), ChangeError> {
    let Some(id) = store.ledger.id(kind, key) else {
        return Err(unknown(kind, key));
    };
    if kind == Kind::Organization {
        flag_deleted(store, id, stamp);
        return Ok(());
    }
    let company = store.value(resource(kind), id, &["company", "id"]);
    store.remove(resource(kind), id);
    if let (Kind::Location, Some(company)) = (kind, company.and_then(|id| id.as_u64())) {
        sites::mirror(store, company);
    }
    Ok(())
}

/// A company is deleted by a flag and goes on being listed (inferred: common client practice is to
/// filter on `deletedFlag`).
pub(super) fn flag_deleted(store: &mut Store, id: u64, stamp: Stamp) {
    if let Some(mut record) = store.record(Resource::Companies, id) {
        record.insert("deletedFlag".to_owned(), true.into());
        record.insert("dateDeleted".to_owned(), moment(stamp.now).into());
        record.insert("deletedBy".to_owned(), stamp.member.into());
        touch(store, Resource::Companies, id, &mut record, stamp);
        store.put(Resource::Companies, id, &record);
    }
}
