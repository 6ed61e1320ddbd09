//! A contact's e-mail addresses and telephone numbers. They live in the contact; the list below it
//! is a view of them.

use serde_json::Value;

use super::accept::Acceptor;
use super::fault::Fault;
use super::json::{Object, record_bytes};
use super::patch;
use super::schema::Resource;
use super::stamp::Stamp;
use super::store::Store;
use super::write::{self, not_found, object, required};
use crate::kit::Table;

const HERE: Resource = Resource::Communications;

/// Makes a contact's items consistent: each has an id of its own, each kind one default, and the
/// default telephone number shows in the contact's own fields.
pub(super) fn settle(store: &mut Store, record: &mut Object, old: Option<&Object>) {
    let items = |record: &Object| match record.get("communicationItems") {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    let mut known: Vec<u64> = old
        .map(items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item["id"].as_u64())
        .collect();
    let mut current = items(record);
    for item in &mut current {
        let kept = item["id"].as_u64();
        let at = known.iter().position(|id| Some(*id) == kept);
        let id = match at {
            Some(at) => known.swap_remove(at),
            None => store.new_item_id(),
        };
        item["id"] = id.into();
    }
    for kind in ["Email", "Phone", "Fax"] {
        one_default(&mut current, kind);
    }
    let phone = current.iter().find(|item| {
        item["communicationType"] == "Phone" && item["defaultFlag"] == Value::Bool(true)
    });
    let shown = [
        ("defaultPhoneType", phone.map(|item| &item["type"]["name"])),
        ("defaultPhoneNbr", phone.map(|item| &item["value"])),
        (
            "defaultPhoneExtension",
            phone.map(|item| &item["extension"]),
        ),
    ];
    for (name, value) in shown {
        let value = value.cloned().unwrap_or_default();
        record.insert(name.to_owned(), value);
    }
    record.insert("communicationItems".to_owned(), current.into());
}

/// The first that is marked stays so; with none marked, the first of the kind is.
fn one_default(items: &mut [Value], kind: &str) {
    let of_kind = |item: &&Value| item["communicationType"] == kind;
    let marked = |item: &&Value| item["defaultFlag"] == Value::Bool(true);
    let of = items.iter().filter(of_kind);
    let chosen = of.clone().find(marked).or_else(|| of.clone().next());
    let chosen = chosen.and_then(|item| item["id"].as_u64());
    for item in items
        .iter_mut()
        .filter(|item| item["communicationType"] == kind)
    {
        item["defaultFlag"] = (item["id"].as_u64() == chosen).into();
    }
}

/// The list below a contact.
pub(super) fn table(store: &Store, contact: u64) -> Table {
    let rows = rows(store, contact);
    Table::build(rows, |row, out| {
        out.extend_from_slice(&record_bytes(HERE.schema(), row));
    })
}

fn rows(store: &Store, contact: u64) -> Vec<(u64, Object)> {
    let Some(record) = store.record(Resource::Contacts, contact) else {
        return Vec::new();
    };
    let info = record.get("_info").cloned().unwrap_or_default();
    items(&record)
        .iter()
        .filter_map(|item| {
            let mut row = item.as_object()?.clone();
            row.insert("contactId".to_owned(), contact.into());
            row.insert("_info".to_owned(), info.clone());
            Some((item["id"].as_u64()?, row))
        })
        .collect()
}

fn items(contact: &Object) -> &[Value] {
    match contact.get("communicationItems") {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

/// `POST`.
pub(super) fn create(
    store: &mut Store,
    contact: u64,
    body: &Value,
    stamp: Stamp,
) -> Result<u64, Fault> {
    let mut item = Object::new();
    fill(store, body, &mut item)?;
    save(store, contact, stamp, |items| {
        items.push(Value::Object(item));
    });
    let last = rows(store, contact).pop();
    last.map(|(id, _)| id)
        .ok_or(not_found(Resource::Contacts, contact))
}

/// `PUT`.
pub(super) fn replace(
    store: &mut Store,
    contact: u64,
    id: u64,
    body: &Value,
    stamp: Stamp,
) -> Result<(), Fault> {
    find(store, contact, id)?;
    let mut item = Object::new();
    fill(store, body, &mut item)?;
    item.insert("id".to_owned(), id.into());
    put(store, contact, id, item, stamp);
    Ok(())
}

/// `PATCH`.
pub(super) fn update(
    store: &mut Store,
    contact: u64,
    id: u64,
    body: &Value,
    stamp: Stamp,
) -> Result<(), Fault> {
    let mut item = find(store, contact, id)?;
    patch::apply(store, HERE.schema(), body, &mut item)?;
    complete(store, &mut item)?;
    put(store, contact, id, item, stamp);
    Ok(())
}

/// `DELETE`.
pub(super) fn delete(store: &mut Store, contact: u64, id: u64, stamp: Stamp) -> Result<(), Fault> {
    find(store, contact, id)?;
    save(store, contact, stamp, |items| {
        items.retain(|item| item["id"].as_u64() != Some(id));
    });
    Ok(())
}

fn find(store: &Store, contact: u64, id: u64) -> Result<Object, Fault> {
    let mut rows = rows(store, contact).into_iter();
    let found = rows.find(|(row, _)| *row == id);
    found.map(|(_, row)| row).ok_or(not_found(HERE, id))
}

fn fill(store: &Store, body: &Value, item: &mut Object) -> Result<(), Fault> {
    let schema = HERE.schema();
    let body = object(schema, body)?;
    let company = None;
    let errors = Acceptor { store, company }.body(schema, body, item);
    if !errors.is_empty() {
        let noun = schema.noun;
        return Err(Fault::Invalid { noun, errors });
    }
    complete(store, item)
}

fn complete(store: &Store, item: &mut Object) -> Result<(), Fault> {
    let schema = HERE.schema();
    let errors = required(schema, item);
    if !errors.is_empty() {
        let noun = schema.noun;
        return Err(Fault::Invalid { noun, errors });
    }
    let company = None;
    Acceptor { store, company }.complete_item(item);
    Ok(())
}

/// Puts an item in its place. One that is marked as the default takes the mark from the others.
fn put(store: &mut Store, contact: u64, id: u64, item: Object, stamp: Stamp) {
    let kind = item.get("communicationType").cloned();
    let marked = item.get("defaultFlag") == Some(&Value::Bool(true));
    save(store, contact, stamp, |items| {
        for other in items.iter_mut() {
            if other["id"].as_u64() == Some(id) {
                *other = Value::Object(item.clone());
            } else if marked && kind.as_ref() == Some(&other["communicationType"]) {
                other["defaultFlag"] = false.into();
            }
        }
    });
}

fn save(store: &mut Store, contact: u64, stamp: Stamp, change: impl FnOnce(&mut Vec<Value>)) {
    let Some(old) = store.record(Resource::Contacts, contact) else {
        return;
    };
    let mut record = old.clone();
    let mut changed = items(&old).to_vec();
    change(&mut changed);
    record.insert("communicationItems".to_owned(), changed.into());
    write::finish(
        store,
        Resource::Contacts,
        contact,
        record,
        Some(&old),
        stamp,
    );
}
