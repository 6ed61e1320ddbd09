//! What clients write: accounts with their locations, contacts with their addresses. It knows
//! records and rules, and nothing of requests beyond their body.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::store::{Names, Store};
use super::world::{moment, stamped, touched};
use crate::kit::{Object, at};
use crate::world::Kind;

/// What is wrong with a body.
pub(super) type Wrong = String;

/// A body that is an object, members in camel case whatever the client wrote (inferred: the vendor's
/// serializer does not mind).
pub(super) fn object(bytes: &[u8]) -> Result<Object, Wrong> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(object)) => Ok(camel(object)),
        _ => Err("The request body is not a JSON object.".to_owned()),
    }
}

fn camel(object: Object) -> Object {
    let members = object.into_iter().map(|(name, value)| {
        let mut letters = name.chars();
        let name = letters.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(letters).collect()
        });
        let value = match value {
            Value::Object(object) => Value::Object(camel(object)),
            Value::Array(rows) => rows
                .into_iter()
                .map(|row| match row {
                    Value::Object(row) => Value::Object(camel(row)),
                    other => other,
                })
                .collect(),
            other => other,
        };
        (name, value)
    });
    members.collect()
}

fn text(body: &Object, name: &str) -> Option<String> {
    body.get(name)?.as_str().map(str::to_owned)
}

pub(super) fn number(body: &Object, name: &str) -> Option<u64> {
    match body.get(name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn required(body: &Object, names: &[&str]) -> Result<(), Wrong> {
    let missing = names.iter().find(|name| match body.get(**name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    });
    missing.map_or(Ok(()), |name| Err(format!("The {name} field is required.")))
}

/// The name of a number in a list.
pub(super) fn listed(
    store: &Store,
    list: Names,
    id: Option<u64>,
    field: &str,
) -> Result<Value, Wrong> {
    match id {
        None => Ok(Value::Null),
        Some(id) => match store.name(list, id) {
            Some(name) => Ok(name.into()),
            None => Err(format!("{field} {id} does not exist.")),
        },
    }
}

/// A record of the tenant's that a body names.
pub(super) fn known(
    store: &Store,
    kind: Kind,
    id: Option<u64>,
    field: &str,
) -> Result<Option<Object>, Wrong> {
    match id {
        None => Ok(None),
        Some(id) => match store.get(kind, id) {
            Some(record) => Ok(Some(record)),
            None => Err(format!("{field} {id} does not exist.")),
        },
    }
}

pub(super) fn shown(record: Option<&Object>, member: &str) -> Value {
    record
        .and_then(|record| record.get(member).cloned())
        .unwrap_or_default()
}

/// Makes an account with the locations that it must come with; gives its id.
pub(super) fn create_account(
    store: &mut Store,
    body: &Object,
    now: Timestamp,
) -> Result<u64, Wrong> {
    required(
        body,
        &[
            "accountName",
            "accountTypeId",
            "businessTypeId",
            "accountManagerId",
            "locations",
        ],
    )?;
    let Some(locations) = body.get("locations").and_then(Value::as_array) else {
        return Err("The locations field must be an array.".to_owned());
    };
    if locations.is_empty() {
        return Err("The locations field is required.".to_owned());
    }
    let mut places = Vec::new();
    for (at, place) in locations.iter().enumerate() {
        let Value::Object(place) = place else {
            return Err("Each location must be an object.".to_owned());
        };
        required(place, &["locationName", "addresses"])?;
        places.push((at == 0, place.clone()));
    }
    let values = account_values(store, body)?;
    let id = store.of_mut(Kind::Organization).new_id();
    let mut record = Object::from_iter([
        ("id".to_owned(), id.into()),
        ("isActive".to_owned(), true.into()),
        ("isBilling".to_owned(), false.into()),
        ("tenantName".to_owned(), store.tenant.clone().into()),
    ]);
    record.extend(values);
    let record = stamped(Kind::Organization, record, now);
    store.of_mut(Kind::Organization).put(id, &record);
    store.ledger.made(Kind::Organization, id);
    for (main, place) in places {
        let location = store.of_mut(Kind::Location).new_id();
        let addresses = place.get("addresses").and_then(Value::as_array);
        let addresses: Vec<Value> = addresses
            .into_iter()
            .flatten()
            .map(|address| {
                let mut address = address.clone();
                address["id"] = store.item_id().into();
                let country = address["countryId"].as_u64();
                let country = country.and_then(|id| store.name(Names::Countries, id));
                address["country"] = country.into();
                address
            })
            .collect();
        let record = Object::from_iter([
            ("id".to_owned(), location.into()),
            ("accountId".to_owned(), id.into()),
            (
                "locationName".to_owned(),
                place.get("locationName").cloned().unwrap_or_default(),
            ),
            ("isMain".to_owned(), main.into()),
            ("isActive".to_owned(), true.into()),
            ("addresses".to_owned(), addresses.into()),
        ]);
        let record = stamped(Kind::Location, record, now);
        store.of_mut(Kind::Location).put(location, &record);
        store.ledger.made(Kind::Location, location);
    }
    Ok(id)
}

fn account_values(store: &Store, body: &Object) -> Result<Object, Wrong> {
    const PLAIN: [&str; 8] = [
        "accountName",
        "accountCode",
        "description",
        "website",
        "isActive",
        "acquiredDate",
        "creditLimit",
        "netDays",
    ];
    let mut values = Object::new();
    for name in PLAIN {
        if let Some(value) = body.get(name) {
            values.insert(name.to_owned(), value.clone());
        }
    }
    if body
        .get("isActive")
        .is_some_and(|active| !active.is_boolean())
    {
        return Err("The isActive field must be true or false.".to_owned());
    }
    if body.contains_key("parentId") {
        let parent = number(body, "parentId");
        known(store, Kind::Organization, parent, "Account")?;
        values.insert("parentId".to_owned(), parent.into());
    }
    for (id, name, list) in [
        ("accountTypeId", "accountType", Names::AccountTypes),
        ("businessTypeId", "businessType", Names::BusinessTypes),
    ] {
        if body.contains_key(id) {
            let number = number(body, id);
            values.insert(name.to_owned(), listed(store, list, number, id)?);
            values.insert(id.to_owned(), number.into());
        }
    }
    if let Some(manager) = number(body, "accountManagerId") {
        values.insert("accountManagerId".to_owned(), manager.into());
    }
    Ok(values)
}

/// Changes an account. PUT has to bring what is required; what else it leaves out stays (inferred).
pub(super) fn update_account(
    store: &mut Store,
    id: u64,
    body: &Object,
    whole: bool,
    now: Timestamp,
) -> Result<Option<u64>, Wrong> {
    if whole {
        required(
            body,
            &[
                "accountName",
                "accountTypeId",
                "businessTypeId",
                "accountManagerId",
            ],
        )?;
    }
    let Some(mut record) = store.get(Kind::Organization, id) else {
        return Ok(None);
    };
    if body.contains_key("accountName") {
        required(body, &["accountName"])?;
    }
    record.extend(account_values(store, body)?);
    let record = touched(Kind::Organization, record, now);
    store.of_mut(Kind::Organization).put(id, &record);
    if let Some(name) = text(&record, "accountName") {
        store.rename(Kind::Organization, id, &name);
    }
    Ok(Some(id))
}

/// The object that a JSON Patch makes: members by their path (documented grammar; replace, add and
/// remove at the first level).
pub(super) fn patched(bytes: &[u8]) -> Result<Object, Wrong> {
    let operations: Vec<Value> = serde_json::from_slice(bytes)
        .map_err(|_| "The request body is not a JSON patch.".to_owned())?;
    let mut body = Object::new();
    for operation in operations {
        let op = operation["op"].as_str().unwrap_or_default().to_lowercase();
        let path = operation["path"].as_str().unwrap_or_default();
        let name = path.trim_start_matches('/');
        if name.is_empty() || name.contains('/') {
            return Err(format!(
                "The target location specified by path '{path}' was not found."
            ));
        }
        let value = match op.as_str() {
            "add" | "replace" => operation["value"].clone(),
            "remove" => Value::Null,
            "test" => continue,
            _ => return Err(format!("The operation '{op}' is not supported.")),
        };
        body.insert(name.to_owned(), value);
    }
    Ok(camel(body))
}

/// Makes a contact; gives its id.
pub(super) fn create_contact(
    store: &mut Store,
    body: &Object,
    now: Timestamp,
) -> Result<u64, Wrong> {
    required(body, &["firstName", "accountId", "locationId"])?;
    let account = known(
        store,
        Kind::Organization,
        number(body, "accountId"),
        "Account",
    )?;
    let location = known(
        store,
        Kind::Location,
        number(body, "locationId"),
        "Location",
    )?;
    if shown(location.as_ref(), "accountId").as_u64() != number(body, "accountId") {
        return Err("The location does not belong to the account.".to_owned());
    }
    let rows = |name: &str| -> Result<Vec<Object>, Wrong> {
        match body.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(rows)) => rows
                .iter()
                .map(|row| {
                    row.as_object()
                        .cloned()
                        .ok_or_else(|| format!("The {name} field is not valid."))
                })
                .collect(),
            Some(_) => Err(format!("The {name} field is not valid.")),
        }
    };
    let mut emails = Vec::new();
    for row in rows("emails")? {
        required(&row, &["emailAddress", "emailTypeId"])?;
        let kind = listed(
            store,
            Names::EmailTypes,
            number(&row, "emailTypeId"),
            "emailTypeId",
        )?;
        emails.push(json!({
            "id": store.item_id(), "emailAddress": at(&row, "emailAddress"), "emailTypeId": at(&row, "emailTypeId"),
            "emailType": kind, "isDefault": row.get("isDefault") == Some(&Value::Bool(true)),
        }));
    }
    let mut phones = Vec::new();
    for row in rows("phones")? {
        required(&row, &["phoneNumber", "phoneTypeId"])?;
        let kind = listed(
            store,
            Names::PhoneTypes,
            number(&row, "phoneTypeId"),
            "phoneTypeId",
        )?;
        phones.push(json!({
            "id": store.item_id(), "phone": at(&row, "phoneNumber"), "phoneTypeId": at(&row, "phoneTypeId"),
            "phoneType": kind, "isDefault": row.get("isDefault") == Some(&Value::Bool(true)),
        }));
    }
    let id = store.of_mut(Kind::Contact).new_id();
    let record = json!({
        "id": id,
        "accountId": number(body, "accountId"),
        "accountName": shown(account.as_ref(), "accountName"),
        "locationId": number(body, "locationId"),
        "locationName": shown(location.as_ref(), "locationName"),
        "firstName": body.get("firstName"),
        "lastName": body.get("lastName"),
        "jobTitle": body.get("jobTitle"),
        "isPoc": false,
        "isActive": true,
        "effectiveDate": null,
        "isBillable": false,
        "emails": emails,
        "phones": phones,
        "canRecieveInvoices": false,
    });
    if let Value::Object(record) = record {
        let record = stamped(Kind::Contact, record, now);
        store.of_mut(Kind::Contact).put(id, &record);
        store.ledger.made(Kind::Contact, id);
    }
    Ok(id)
}

/// Changes a contact.
pub(super) fn update_contact(
    store: &mut Store,
    id: u64,
    body: &Object,
    now: Timestamp,
) -> Result<Option<u64>, Wrong> {
    let Some(mut record) = store.get(Kind::Contact, id) else {
        return Ok(None);
    };
    for (name, own) in [
        ("firstName", "firstName"),
        ("lastName", "lastName"),
        ("jobTitle", "jobTitle"),
        ("poc", "isPoc"),
        ("isPoc", "isPoc"),
        ("isActive", "isActive"),
        ("effectiveDate", "effectiveDate"),
        ("receiveInvoices", "canRecieveInvoices"),
        ("billByContact", "isBillable"),
    ] {
        if let Some(value) = body.get(name) {
            record.insert(own.to_owned(), value.clone());
        }
    }
    if let Some(name) = body.get("firstName").or_else(|| body.get("lastName"))
        && name.as_str().is_none_or(|name| name.trim().is_empty())
    {
        return Err("The name fields are required.".to_owned());
    }
    for (id, name, kind, member) in [
        (
            "accountId",
            "accountName",
            Kind::Organization,
            "accountName",
        ),
        ("locationId", "locationName", Kind::Location, "locationName"),
    ] {
        if body.contains_key(id) {
            let number = number(body, id);
            let referred = known(store, kind, number, id)?;
            record.insert(name.to_owned(), shown(referred.as_ref(), member));
            record.insert(id.to_owned(), number.into());
        }
    }
    let record = touched(Kind::Contact, record, now);
    store.of_mut(Kind::Contact).put(id, &record);
    store.rename_contact(id, &record);
    Ok(Some(id))
}

/// Changes the addresses or the numbers of a contact: an array of operations, 0 adds, 1 changes, 2
/// removes (inferred: the numbers are not published). Gives what was done.
pub(super) fn change_items(
    store: &mut Store,
    id: u64,
    bytes: &[u8],
    emails: bool,
    now: Timestamp,
) -> Result<Option<Value>, Wrong> {
    let (list, member, new, names, type_id, type_name) = if emails {
        (
            "emails",
            "emailAddress",
            "newEmailAddress",
            Names::EmailTypes,
            "emailTypeId",
            "emailType",
        )
    } else {
        (
            "phones",
            "phone",
            "newPhoneNumber",
            Names::PhoneTypes,
            "phoneTypeId",
            "phoneType",
        )
    };
    let sent = if emails {
        "emailAddress"
    } else {
        "phoneNumber"
    };
    let operations: Vec<Value> = serde_json::from_slice(bytes)
        .map_err(|_| "The request body is not an array of operations.".to_owned())?;
    let Some(mut record) = store.get(Kind::Contact, id) else {
        return Ok(None);
    };
    let mut rows = record
        .get(list)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let (mut added, mut updated, mut deleted) = (0, 0, 0);
    for operation in operations {
        let Value::Object(operation) = operation else {
            return Err("Each operation must be an object.".to_owned());
        };
        let operation = camel(operation);
        let value =
            text(&operation, sent).ok_or_else(|| format!("The {sent} field is required."))?;
        let kind = number(&operation, "typeId");
        let place = rows.iter().position(|row| row[member] == value.as_str());
        let default = operation.get("isDefault").cloned();
        match (number(&operation, "operation"), place) {
            (Some(0), None) => {
                let name = listed(store, names, kind, "typeId")?;
                let first = rows.is_empty();
                let mut row =
                    json!({ "id": store.item_id(), "isDefault": default.unwrap_or(first.into()) });
                row[member] = value.into();
                row[type_id] = kind.into();
                row[type_name] = name;
                rows.push(row);
                added += 1;
            }
            (Some(0), Some(_)) => return Err(format!("{value} exists already.")),
            (Some(1), Some(at)) => {
                if let Some(new) = text(&operation, new) {
                    rows[at][member] = new.into();
                }
                if kind.is_some() {
                    rows[at][type_name] = listed(store, names, kind, "typeId")?;
                    rows[at][type_id] = kind.into();
                }
                if let Some(default) = default {
                    rows[at]["isDefault"] = default;
                }
                updated += 1;
            }
            (Some(2), Some(at)) => {
                rows.remove(at);
                deleted += 1;
            }
            (Some(1 | 2), None) => return Err(format!("{value} does not exist.")),
            _ => return Err("The operation field must be 0, 1 or 2.".to_owned()),
        }
    }
    record.insert(list.to_owned(), rows.clone().into());
    let record = touched(Kind::Contact, record, now);
    store.of_mut(Kind::Contact).put(id, &record);
    let mut done = json!({ "added": added, "updated": updated, "deleted": deleted });
    done[list] = rows.into();
    Ok(Some(done))
}

/// Adds a name to a list of the tenant's; gives the row, in an array (documented).
pub(super) fn add_name(store: &mut Store, list: Names, body: &Object) -> Result<Value, Wrong> {
    required(body, &["name"])?;
    let name = text(body, "name").unwrap_or_default();
    let id = store.named(list, &name);
    Ok(json!([{ "id": id, "name": name, "isDefault": false, "isActive": true }]))
}

/// Deletes a record; whether there was one.
pub(super) fn delete(store: &mut Store, kind: Kind, id: u64) -> bool {
    let removed = store.of_mut(kind).remove(id).is_some();
    if removed {
        store.ledger.gone(kind, id);
    }
    removed
}

/// When a token ends, as the login says it.
pub(super) fn expiry(now: Timestamp, seconds: i64) -> String {
    let end = now.checked_add(jiff::SignedDuration::from_secs(seconds));
    format!("{}Z", moment(end.unwrap_or(Timestamp::MAX)))
}
