//! The world's records as the vendor's: at the first load, and as people change them in the vendor's
//! screens. It must not know HTTP.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::store::{EMPLOYEE, EMPLOYEE_NAME, Names, Store};
use crate::kit::{Object, at, lay_over};
use crate::world::{
    Change, ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, Record,
    ToolRecords,
};
use crate::{ChangeError, Vendor};

/// Everything at once.
pub(super) fn load(records: &ToolRecords, now: Timestamp) -> Store {
    let mut store = Store::new(&records.company);
    for (list, names) in [
        (Names::AccountTypes, &records.contents.organization_types),
        (
            Names::AssetCategories,
            &records.contents.configuration_types,
        ),
        (Names::AssetStates, &records.contents.configuration_statuses),
    ] {
        for name in names {
            store.named(list, name);
        }
    }
    for (list, names) in [
        (Names::BusinessTypes, &["Other"][..]),
        (Names::EmailTypes, &["Work", "Personal"]),
        (Names::PhoneTypes, &["Work", "Mobile", "Home", "Fax"]),
        (Names::Countries, &["United States", "Canada"]),
    ] {
        for name in names {
            store.named(list, name);
        }
    }
    let batch = |store: &mut Store, kind, records: Vec<Record>| {
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let id = store.of_mut(kind).new_id();
            if let Some(values) = values(store, &record, id) {
                store.ledger.know(kind, id, record.key(), truth(&record));
                rows.push((id, stamped(kind, values, now)));
            }
        }
        store.of_mut(kind).load(rows);
    };
    let wrapped =
        |records: &[OrganizationRecord]| records.iter().cloned().map(Record::from).collect();
    batch(
        &mut store,
        Kind::Organization,
        wrapped(&records.organizations),
    );
    batch(
        &mut store,
        Kind::Location,
        records
            .locations
            .iter()
            .cloned()
            .map(Record::from)
            .collect(),
    );
    batch(
        &mut store,
        Kind::Contact,
        records.contacts.iter().cloned().map(Record::from).collect(),
    );
    batch(
        &mut store,
        Kind::Device,
        records.devices.iter().cloned().map(Record::from).collect(),
    );
    store
}

/// Takes one change.
pub(super) fn apply(
    store: &mut Store,
    vendor: Vendor,
    change: &Change,
    now: Timestamp,
) -> Result<(), ChangeError> {
    let (before, after) = match change {
        Change::Put(record) => (None, record),
        Change::Edit { before, after } => (Some(before), after),
        Change::Remove { kind, key } => return remove(store, vendor, *kind, key),
    };
    let kind = after.kind();
    if let Some(key) = owner(after)
        && store.ledger.id(Kind::Organization, key).is_none()
    {
        return Err(unknown(vendor, Kind::Organization, key));
    }
    let known = store.ledger.id(kind, after.key());
    let id = known.unwrap_or_else(|| store.of_mut(kind).new_id());
    let Some(new) = values(store, after, id) else {
        return Err(unknown(vendor, kind, after.key()));
    };
    let old = before.and_then(|before| values(store, before, id));
    let record = match store.get(kind, id) {
        Some(mut record) => {
            lay_over(&mut record, old.as_ref(), new);
            touched(kind, record, now)
        }
        None => stamped(kind, new, now),
    };
    store.of_mut(kind).put(id, &record);
    store.ledger.know(kind, id, after.key(), truth(after));
    if let Some(name) = at(&record, "accountName")
        .as_str()
        .filter(|_| kind == Kind::Organization)
    {
        store.rename(kind, id, name);
    }
    if kind == Kind::Contact {
        store.rename_contact(id, &record);
    }
    if kind == Kind::Location {
        if let Some(name) = at(&record, "locationName").as_str() {
            store.rename(kind, id, name);
        }
        if at(&record, "isMain") == true
            && let Some(account) = at(&record, "accountId").as_u64()
        {
            only_main(store, account, id);
        }
    }
    Ok(())
}

/// An account has one main location.
fn only_main(store: &mut Store, account: u64, main: u64) {
    for other in store.of(Kind::Location).owned(account).to_vec() {
        if let Some(mut record) = store.get(Kind::Location, other)
            && other != main
            && at(&record, "isMain") == true
        {
            record.insert("isMain".to_owned(), false.into());
            store.of_mut(Kind::Location).put(other, &record);
        }
    }
}

fn unknown(vendor: Vendor, kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor,
        kind,
        key: key.to_owned(),
    }
}

/// What is deleted in the screens is gone, an account with all that belongs to it.
fn remove(store: &mut Store, vendor: Vendor, kind: Kind, key: &str) -> Result<(), ChangeError> {
    let Some(id) = store.ledger.id(kind, key) else {
        return Err(unknown(vendor, kind, key));
    };
    if kind == Kind::Organization {
        for below in [Kind::Device, Kind::Contact, Kind::Location] {
            for owned in store.of(below).owned(id).to_vec() {
                store.of_mut(below).remove(owned);
                store.ledger.gone(below, owned);
            }
        }
    }
    store.of_mut(kind).remove(id);
    store.ledger.gone(kind, id);
    Ok(())
}

fn truth(record: &Record) -> &str {
    match record {
        Record::Organization(it) => &it.truth,
        Record::Location(it) => &it.truth,
        Record::Contact(it) => &it.truth,
        Record::Device(it) => &it.truth,
    }
}

fn owner(record: &Record) -> Option<&str> {
    match record {
        Record::Organization(it) => it.parent.as_deref(),
        Record::Location(it) => Some(&it.organization),
        Record::Contact(it) => Some(&it.organization),
        Record::Device(it) => Some(&it.organization),
    }
}

/// A moment as the vendor shows it: UTC without a zone (inferred).
pub(super) fn moment(now: Timestamp) -> String {
    let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

pub(super) fn stamped(kind: Kind, mut record: Object, now: Timestamp) -> Object {
    record.insert("createdOn".to_owned(), moment(now).into());
    by(kind, &mut record, "createdBy");
    touched(kind, record, now)
}

pub(super) fn touched(kind: Kind, mut record: Object, now: Timestamp) -> Object {
    record.insert("modifiedOn".to_owned(), moment(now).into());
    by(kind, &mut record, "modifiedBy");
    record
}

/// Who it was: an asset names the employee beside the number, the others have the number alone
/// (documented).
fn by(kind: Kind, record: &mut Object, member: &str) {
    if kind == Kind::Device {
        record.insert(format!("{member}Id"), EMPLOYEE.into());
        record.insert(member.to_owned(), EMPLOYEE_NAME.into());
    } else {
        record.insert(member.to_owned(), EMPLOYEE.into());
    }
}

/// What the world says of a record, in the vendor's fields; nothing when its account is not here.
fn values(store: &mut Store, record: &Record, id: u64) -> Option<Object> {
    let values = match record {
        Record::Organization(it) => account(store, it),
        Record::Location(it) => location(store, it, id)?,
        Record::Contact(it) => contact(store, it, id)?,
        Record::Device(it) => asset(store, it)?,
    };
    match values {
        Value::Object(mut values) => {
            values.insert("id".to_owned(), id.into());
            Some(values)
        }
        _ => None,
    }
}

fn active(active: bool, status: Option<&str>) -> bool {
    active && !status.is_some_and(|status| status.eq_ignore_ascii_case("inactive"))
}

fn account(store: &mut Store, record: &OrganizationRecord) -> Value {
    let kind = record.organization_type.as_deref();
    let parent = record.parent.as_ref();
    json!({
        "parentId": parent.and_then(|key| store.ledger.id(Kind::Organization, key)),
        "accountCode": record.short_name,
        "accountTypeId": kind.map(|name| store.named(Names::AccountTypes, name)),
        "accountType": kind,
        "accountName": record.name,
        "businessTypeId": 1,
        "businessType": "Other",
        "serviceTypeId": null,
        "serviceType": null,
        "accountManagerId": EMPLOYEE,
        "accountManagerUserName": EMPLOYEE_NAME,
        "currencyId": null,
        "currencyName": null,
        "creditLimit": null,
        "netDays": null,
        "salesTaxItemId": null,
        "salesTaxItemName": null,
        "website": record.website,
        "description": null,
        "classId": null,
        "className": null,
        "isActive": active(record.active, record.status.as_deref()),
        "isBilling": false,
        "acquiredDate": null,
        "tenantName": store.tenant,
    })
}

fn location(store: &mut Store, record: &LocationRecord, id: u64) -> Option<Value> {
    let account = store.ledger.id(Kind::Organization, &record.organization)?;
    let address = &record.address;
    let country = address.country.as_deref();
    Some(json!({
        "accountId": account,
        "locationName": record.name,
        "isMain": record.primary,
        "isActive": record.active,
        "timeZoneId": null,
        "dateFormatId": null,
        "timeFormatId": null,
        "addresses": [{
            "id": id + 10_000,
            "address1": address.line_1,
            "address2": address.line_2,
            "city": address.city,
            "state": address.region,
            "zipCode": address.postal_code,
            "countryId": country.map(|name| store.named(Names::Countries, name)),
            "country": country,
            "phone": record.phone,
            "fax": record.fax,
            "latitude": null,
            "longitude": null,
            "emailAddress": null,
            "isMain": true,
            "isBilling": record.primary,
            "addressTypeId": 1,
            "addressType": "Main",
        }],
    }))
}

fn contact(store: &mut Store, record: &ContactRecord, id: u64) -> Option<Value> {
    let account = store.ledger.id(Kind::Organization, &record.organization)?;
    let location = record.location.as_ref();
    let location = location.and_then(|key| store.ledger.id(Kind::Location, key));
    let name_of = |store: &Store, kind, id: Option<u64>, member: &str| {
        let record = store.get(kind, id?)?;
        record.get(member).cloned()
    };
    let mut items = id * 100;
    let mut item = || {
        items += 1;
        items
    };
    let emails: Vec<Value> = record
        .emails
        .iter()
        .enumerate()
        .map(|(at, email)| {
            let kind = email.email_type.as_deref().unwrap_or("Work");
            json!({
                "id": item(), "emailAddress": email.address, "isDefault": at == 0,
                "emailTypeId": store.named(Names::EmailTypes, kind), "emailType": kind,
            })
        })
        .collect();
    let phones: Vec<Value> = record
        .phones
        .iter()
        .enumerate()
        .map(|(at, phone)| {
            let kind = phone.phone_type.as_deref().unwrap_or("Work");
            json!({
                "id": item(), "phone": phone.number, "isDefault": at == 0,
                "phoneTypeId": store.named(Names::PhoneTypes, kind), "phoneType": kind,
            })
        })
        .collect();
    Some(json!({
        "accountId": account,
        "accountName": name_of(store, Kind::Organization, Some(account), "accountName"),
        "locationId": location,
        "locationName": name_of(store, Kind::Location, location, "locationName"),
        "firstName": record.first_name,
        "lastName": record.last_name,
        "jobTitle": record.title,
        "isPoc": false,
        "isActive": record.active,
        "effectiveDate": null,
        "isBillable": false,
        "emails": emails,
        "phones": phones,
        "canRecieveInvoices": false,
    }))
}

fn asset(store: &mut Store, record: &DeviceRecord) -> Option<Value> {
    let account = store.ledger.id(Kind::Organization, &record.organization)?;
    let id =
        |store: &Store, kind, key: Option<&String>| key.and_then(|key| store.ledger.id(kind, key));
    let location = id(store, Kind::Location, record.location.as_ref());
    let contact = id(store, Kind::Contact, record.contact.as_ref());
    let place = location.and_then(|id| store.get(Kind::Location, id));
    let person = contact.and_then(|id| store.get(Kind::Contact, id));
    let owner = store.get(Kind::Organization, account);
    let macs: Vec<&str> = record
        .nics
        .iter()
        .filter_map(|nic| nic.mac.as_deref())
        .collect();
    let day = |date: Option<Date>| date.map(|date| format!("{date}T00:00:00"));
    let (kind, status) = (
        record.configuration_type.as_deref(),
        record.status.as_deref(),
    );
    let maker = record.manufacturer.as_deref();
    let of = |object: &Option<Object>, member: &str| {
        object
            .as_ref()
            .and_then(|object| object.get(member).cloned())
    };
    Some(json!({
        "name": record.name,
        "accountId": account,
        "accountName": of(&owner, "accountName"),
        "accountLocationId": location,
        "accountLocation": of(&place, "locationName"),
        "contactId": contact,
        "contactFirstName": of(&person, "firstName"),
        "contactLastName": of(&person, "lastName"),
        "categoryId": kind.map(|name| store.named(Names::AssetCategories, name)),
        "category": kind,
        "brandId": null,
        "brand": null,
        "serialNumber": record.serial,
        "stateId": status.map(|name| store.named(Names::AssetStates, name)),
        "state": status,
        "locationInfo": null,
        "description": record.notes,
        "barCode": null,
        "assetTag": record.asset_tag,
        "isActive": record.active,
        "modelNumber": record.model,
        "ipAddress": record.nics.iter().find_map(|nic| nic.ip.as_deref()),
        "subnetMask": null,
        "defaultGateway": record.default_gateway,
        "dhcpEnabled": false,
        "winsEnabled": false,
        "osType": record.os.as_deref().map(platform),
        "osInfo": record.os,
        "macAddress": (!macs.is_empty()).then(|| macs.join(", ")),
        "currentUser": record.last_user,
        "productName": record.model,
        "manufacturerId": maker.map(|name| store.named(Names::Manufacturers, name)),
        "manufacturer": maker,
        "warrantyExpirationDate": day(record.warranty),
        "expirationDate": null,
        "acquisitionDate": day(record.purchased),
        "lastCheckIn": record.last_seen.map(moment),
        "lastReboot": record.last_reboot.map(moment),
        "diskVolumes": [],
        "statuses": [],
    }))
}

/// The kind of operating system (inferred: the vendor's values are not published).
fn platform(os: &str) -> &'static str {
    let os = os.to_lowercase();
    if os.contains("windows") {
        "Windows"
    } else if os.contains("mac") {
        "macOS"
    } else {
        "Linux"
    }
}
