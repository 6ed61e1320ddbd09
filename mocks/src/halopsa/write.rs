//! What clients write: records to make or to change, one at a time. It knows records and rules, and
//! nothing of requests.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::service::{Refused, error, missing};
use super::store::{Store, numbered, place, touched};
use crate::kit::{Object, at};
use crate::world::Kind;

/// Makes a record, or lays what is sent over one.
pub(super) fn post(
    store: &mut Store,
    kind: Kind,
    mut row: Object,
    now: Timestamp,
) -> Result<Object, Refused> {
    let wrong = |text: &str| (StatusCode::BAD_REQUEST, error(text));
    let id = match at(&row, "id") {
        Value::Null => None,
        value => Some(
            value
                .as_u64()
                .filter(|id| *id > 0)
                .ok_or_else(|| wrong("The id is not valid."))?,
        ),
    };
    let before = match id {
        Some(id) => Some(store.of(kind).get(id).ok_or_else(missing)?),
        None => None,
    };
    let text = |row: &Object, name: &str| {
        at(row, name)
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    if kind == Kind::Contact && at(&row, "name").is_null() {
        let names = [text(&row, "firstname"), text(&row, "surname")];
        let name: Vec<String> = names.into_iter().flatten().collect();
        if !name.is_empty() && before.is_none() {
            row.insert("name".to_owned(), name.join(" ").into());
        }
    }
    let named = if kind == Kind::Device {
        "key_field"
    } else {
        "name"
    };
    if before.is_none() && text(&row, named).is_none() {
        return Err(wrong("A name is required."));
    }
    if kind != Kind::Organization {
        let client = at(&row, "client_id").as_f64();
        // A site knows its client (inferred).
        let site = at(&row, "site_id")
            .as_u64()
            .and_then(|id| store.of(Kind::Location).get(id));
        let client = client.or_else(|| at(&site?, "client_id").as_f64());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "ids may come as whole doubles (documented)"
        )]
        let client = client.map(|id| id as u64);
        match client.filter(|id| store.of(Kind::Organization).get(*id).is_some()) {
            Some(client) => drop(row.insert("client_id".to_owned(), client.into())),
            None if before.is_none() => return Err(wrong("A client is required.")),
            None => drop(row.remove("client_id")),
        }
    }
    if kind == Kind::Device
        && let Some(id) = row.get("assettype_id").and_then(Value::as_u64)
    {
        let names = usize::try_from(id)
            .ok()
            .and_then(|id| store.types.get(id.checked_sub(1)?));
        let name = names
            .ok_or_else(|| wrong("The asset type does not exist."))?
            .clone();
        row.insert("assettype_name".to_owned(), name.into());
    } else if kind == Kind::Device && before.is_none() {
        return Err(wrong("An asset type is required."));
    }
    if kind == Kind::Organization && before.is_none() && text(&row, "toplevel_name").is_none() {
        let level = at(&row, "toplevel_id")
            .as_u64()
            .and_then(|id| usize::try_from(id).ok());
        let level = level.and_then(|id| store.top_levels.get(id.checked_sub(1)?).cloned());
        let level = level.unwrap_or_else(|| "Customers".to_owned());
        let id = place(&mut store.top_levels, &level);
        row.insert("toplevel_id".to_owned(), id.into());
        row.insert("toplevel_name".to_owned(), level.into());
    }
    let new = before.is_none();
    let id = id.unwrap_or_else(|| store.of_mut(kind).new_id());
    let mut record = before.unwrap_or_default();
    if new {
        record.insert("inactive".to_owned(), false.into());
    }
    record.extend(row);
    store.name_owners(kind, &mut record);
    let record = touched(kind, numbered(id, record), now);
    store.of_mut(kind).put(id, &record);
    store.follow(kind, id);
    if new {
        store.ledger.made(kind, id);
    }
    Ok(record)
}
