//! What clients write: accounts and contacts, whole objects in and summaries out. It knows records and
//! nothing of requests beyond their body.

use serde_json::{Value, json};

use super::store::Store;
use crate::kit::{Object, at};
use crate::world::Kind;

/// What is wrong with a body.
pub(super) type Wrong = String;

fn inner(bytes: &[u8], member: &str) -> Result<(Value, Object), Wrong> {
    let body: Value = serde_json::from_slice(bytes)
        .map_err(|_| "The request body is not valid JSON.".to_owned())?;
    match &body[member] {
        Value::Object(object) => {
            let object = object.clone();
            Ok((body, object))
        }
        _ => Err(format!("The {member} is required.")),
    }
}

fn required(object: &Object, names: &[&str]) -> Result<(), Wrong> {
    let empty = |name: &&&str| {
        at(object, name)
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
    };
    match names.iter().find(empty) {
        Some(name) => Err(format!("The {name} field is required.")),
        None => Ok(()),
    }
}

fn listed(list: &[String], name: &Value, field: &str) -> Result<(), Wrong> {
    let known = name
        .as_str()
        .is_some_and(|name| list.iter().any(|own| own == name));
    if known {
        Ok(())
    } else {
        Err(format!("{field} {name} does not exist."))
    }
}

/// Makes an account, or lays an object over one; gives its number.
pub(super) fn put_account(
    store: &mut Store,
    id: Option<u64>,
    bytes: &[u8],
) -> Result<Option<u64>, Wrong> {
    let (body, sent) = inner(bytes, "Account")?;
    let before = match id {
        Some(id) => match store.accounts.get(id) {
            Some(before) => Some(before),
            None => return Ok(None),
        },
        None => None,
    };
    let mut account = before
        .as_ref()
        .and_then(|before| at(before, "Account").as_object().cloned())
        .unwrap_or_default();
    account.extend(sent);
    required(&account, &["Name", "AccountType", "Status"])?;
    listed(&store.types, at(&account, "AccountType"), "AccountType")?;
    listed(&store.statuses, at(&account, "Status"), "Status")?;
    let new = before.is_none();
    let id = id.unwrap_or_else(|| store.accounts.new_id());
    let mut record = before.unwrap_or_default();
    record.insert("AccountNumber".to_owned(), id.into());
    record.insert("Account".to_owned(), account.into());
    if let Some(phone) = body["PrimaryPhoneNumber"]["Number"].as_str() {
        record.insert("PhoneNumber".to_owned(), phone.into());
    }
    store.accounts.put(id, &record);
    if new {
        store.ledger.made(Kind::Organization, id);
    }
    Ok(Some(id))
}

/// Makes a contact, or lays an object over one; gives its number.
pub(super) fn put_contact(
    store: &mut Store,
    id: Option<u64>,
    bytes: &[u8],
) -> Result<Option<u64>, Wrong> {
    let (body, sent) = inner(bytes, "Contact")?;
    let before = match id {
        Some(id) => match store.contacts.get(id) {
            Some(before) => Some(before),
            None => return Ok(None),
        },
        None => None,
    };
    let mut contact = before
        .as_ref()
        .and_then(|before| at(before, "Contact").as_object().cloned())
        .unwrap_or_default();
    contact.extend(sent);
    required(&contact, &["FirstName", "LastName"])?;
    let account = at(&contact, "AccountNumber").as_u64();
    let known = account.filter(|account| store.accounts.get(*account).is_some());
    let Some(account) = known else {
        return Err("The AccountNumber does not exist.".to_owned());
    };
    let name = format!(
        "{} {}",
        text(&contact, "FirstName"),
        text(&contact, "LastName")
    );
    contact.insert("Name".to_owned(), name.into());
    if !at(&contact, "Inactive").is_boolean() {
        contact.insert("Inactive".to_owned(), false.into());
    }
    let new = before.is_none();
    let id = id.unwrap_or_else(|| store.contacts.new_id());
    let mut record = before.unwrap_or_default();
    record.insert("ContactNumber".to_owned(), id.into());
    record.insert("AccountNumber".to_owned(), account.into());
    record.insert("Contact".to_owned(), contact.into());
    for (list, sent, member, number) in [
        (
            "PhoneNumbers",
            "PrimaryPhoneNumber",
            "Number",
            "PhoneNumberId",
        ),
        (
            "EmailAddresses",
            "PrimaryEmailAddress",
            "Email",
            "EmailAddressId",
        ),
    ] {
        let mut rows = at(&record, list).as_array().cloned().unwrap_or_default();
        if let Some(value) = body[sent][member].as_str() {
            rows.retain(|row| row["IsPrimary"] != true);
            let mut row = json!({ "IsPrimary": true });
            row[member] = value.into();
            row[number] = store.item_id().into();
            rows.insert(0, row);
        }
        record.insert(list.to_owned(), rows.into());
    }
    store.contacts.put(id, &record);
    if new {
        store.ledger.made(Kind::Contact, id);
    }
    Ok(Some(id))
}

fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    at(object, name).as_str().unwrap_or_default()
}
