//! What clients write: creates, changes of single fields, replacements, deletions. It knows records
//! and rules, and nothing of requests beyond their body.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::filter::moment;
use super::metadata::choices;
use super::schema::{Entity, Field, Type};
use super::store::{DEFAULT_CATEGORY, RESOURCE, Store, fits, kind, moment as shown, whole};
use super::world::only_primary;
use crate::kit::{Object, at};

/// Why a write is refused: the texts of the error body. All are answered alike.
pub(super) type Refusals = Vec<String>;

/// How much of a record a change takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// PATCH: what is sent.
    Sent,
    /// PUT: what is not sent becomes null (seen).
    Whole,
}

/// The body of a write.
pub(super) fn body(bytes: &[u8]) -> Result<Object, Refusals> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(vec!["The request body is not a JSON object.".to_owned()]),
    }
}

/// Makes a record; gives its id.
pub(super) fn create(
    store: &mut Store,
    entity: Entity,
    parent: Option<u64>,
    body: &Object,
    now: Timestamp,
) -> Result<u64, Refusals> {
    if body
        .get("id")
        .and_then(Value::as_u64)
        .is_some_and(|id| id != 0)
    {
        return Err(vec![
            "The id must be 0 or left out when a record is created.".to_owned(),
        ]);
    }
    let mut values = accepted(store, entity, body, parent)?;
    let missing: Refusals = entity
        .fields()
        .iter()
        .filter(|field| field.required)
        .filter(|field| match values.get(field.name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        })
        .map(|field| format!("Missing Required Field: {}.", field.name))
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let defaults = match entity {
        Entity::Companies => json!({ "isActive": true, "ownerResourceID": RESOURCE }),
        Entity::CompanyLocations => json!({ "isActive": true, "isPrimary": false }),
        Entity::ConfigurationItems => json!({ "configurationItemCategoryID": DEFAULT_CATEGORY }),
        Entity::Contacts => json!({ "primaryContact": false }),
        _ => json!({}),
    };
    if let Value::Object(defaults) = defaults {
        for (name, value) in defaults {
            if values.get(&name).is_none_or(Value::is_null) {
                values.insert(name, value);
            }
        }
    }
    let created = entity.fields().iter();
    let mut created = created.filter(|field| matches!(field.name, "createDate" | "createdTime"));
    if let Some(field) = created.next() {
        values.insert(field.name.to_owned(), shown(now).into());
    }
    let id = store.of_mut(entity).new_id();
    let record = whole(entity, id, Value::Object(values));
    keep(store, entity, id, record, now);
    if let Some(kind) = kind(entity) {
        store.ledger.made(kind, id);
    }
    Ok(id)
}

/// Changes a record; gives its id, or nothing when there is no such record.
pub(super) fn update(
    store: &mut Store,
    entity: Entity,
    parent: Option<u64>,
    body: &Object,
    extent: Extent,
    now: Timestamp,
) -> Result<Option<u64>, Refusals> {
    let Some(id) = body.get("id").and_then(Value::as_u64) else {
        return Err(vec!["The id of the record is missing.".to_owned()]);
    };
    let Some(mut record) = store
        .get(entity, id)
        .filter(|record| belongs(record, parent))
    else {
        return Ok(None);
    };
    // A value that is sent for the owner of a configuration item is ignored, whatever it is
    // (documented); so it is for those that hang below a company.
    let mut body = body.clone();
    body.retain(|name, _| {
        !entity
            .owner()
            .is_some_and(|owner| owner.eq_ignore_ascii_case(name))
    });
    let mut values = accepted(store, entity, &body, None)?;
    if extent == Extent::Whole {
        for field in entity.fields() {
            let stays = field.read_only || field.name == "id" || entity.owner() == Some(field.name);
            if !stays && !values.contains_key(field.name) {
                record.insert(field.name.to_owned(), Value::Null);
            }
        }
    }
    let emptied: Refusals = entity
        .fields()
        .iter()
        .filter(|field| field.required && Some(field.name) != entity.owner())
        .filter(|field| match values.get(field.name) {
            Some(value) => value.is_null(),
            None => extent == Extent::Whole,
        })
        .map(|field| format!("Missing Required Field: {}.", field.name))
        .collect();
    if !emptied.is_empty() {
        return Err(emptied);
    }
    let own = values.remove("userDefinedFields");
    record.extend(values);
    if let Some(Value::Array(sent)) = own {
        merge_own(&mut record, sent);
    }
    keep(store, entity, id, record, now);
    Ok(Some(id))
}

/// Deletes a record; gives its id, or nothing when there is no such record.
pub(super) fn delete(
    store: &mut Store,
    entity: Entity,
    parent: Option<u64>,
    id: u64,
) -> Option<u64> {
    store
        .get(entity, id)
        .filter(|record| belongs(record, parent))?;
    store.of_mut(entity).remove(id);
    if let Some(kind) = kind(entity) {
        store.ledger.gone(kind, id);
    }
    Some(id)
}

pub(super) fn belongs(record: &Object, parent: Option<u64>) -> bool {
    parent.is_none_or(|parent| record.get("companyID").and_then(Value::as_u64) == Some(parent))
}

fn keep(store: &mut Store, entity: Entity, id: u64, record: Object, now: Timestamp) {
    let primary = entity == Entity::CompanyLocations && at(&record, "isPrimary") == true;
    let company = record.get("companyID").and_then(Value::as_u64);
    store.put(entity, id, record, now);
    if let (true, Some(company)) = (primary, company) {
        only_primary(store, company, id, now);
    }
}

/// Only the pairs that are sent change (inferred).
fn merge_own(record: &mut Object, sent: Vec<Value>) {
    let fields = record
        .entry("userDefinedFields")
        .or_insert_with(|| json!([]));
    let Value::Array(fields) = fields else { return };
    for new in sent {
        let known = fields.iter_mut().find(|field| field["name"] == new["name"]);
        match known {
            Some(field) => field["value"] = new["value"].clone(),
            None => fields.push(new),
        }
    }
}

/// The fields of a body that are the entity's own and may be written. Others are passed over, as a
/// serializer of the vendor's kind does (inferred).
fn accepted(
    store: &Store,
    entity: Entity,
    body: &Object,
    parent: Option<u64>,
) -> Result<Object, Refusals> {
    let mut values = Object::new();
    let mut refusals = Refusals::new();
    for (name, value) in body {
        if name.eq_ignore_ascii_case("userDefinedFields") && entity.has_own_fields() {
            match own_fields(value) {
                Some(fields) => drop(values.insert("userDefinedFields".to_owned(), fields)),
                None => refusals.push("The user-defined fields are not valid.".to_owned()),
            }
            continue;
        }
        let Some(field) = entity.field(name).filter(|field| !field.read_only) else {
            continue;
        };
        match value_for(store, entity, field, value) {
            Ok(value) => drop(values.insert(field.name.to_owned(), value)),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if let Some(parent) = parent {
        values.insert("companyID".to_owned(), parent.into());
    }
    if refusals.is_empty() {
        Ok(values)
    } else {
        Err(refusals)
    }
}

fn own_fields(value: &Value) -> Option<Value> {
    let fields = value.as_array()?.iter().map(|field| {
        let name = field["name"].as_str()?;
        let value = match &field["value"] {
            Value::Null => Value::Null,
            Value::String(text) => text.as_str().into(),
            other => other.to_string().into(),
        };
        Some(json!({ "name": name, "value": value }))
    });
    fields.collect::<Option<Vec<Value>>>().map(Value::Array)
}

fn value_for(store: &Store, entity: Entity, field: &Field, value: &Value) -> Result<Value, String> {
    // Numbers and truths as text are taken, as the vendor's serializer does (inferred).
    let value = match (field.kind, value) {
        (Type::Integer | Type::Long, Value::String(text)) => text
            .trim()
            .parse::<i64>()
            .map_or_else(|_| value.clone(), Value::from),
        (Type::Integer, Value::Bool(truth)) if field.name == "isActive" => u8::from(*truth).into(),
        (Type::Boolean, Value::Number(number)) => number
            .as_i64()
            .map_or_else(|| value.clone(), |number| (number != 0).into()),
        (Type::Boolean, Value::String(text)) => text
            .to_lowercase()
            .parse::<bool>()
            .map_or_else(|_| value.clone(), Value::from),
        _ => value.clone(),
    };
    if !fits(field.kind, &value) {
        return Err(format!("The value for {} is not valid.", field.name));
    }
    if value.is_null() {
        return Ok(value);
    }
    if field.kind == Type::Date {
        let text = value.as_str().unwrap_or_default();
        let read = moment(text).or_else(|| moment(&format!("{text}T00:00:00")));
        let read = read.ok_or_else(|| format!("The value for {} is not a date.", field.name))?;
        return Ok(shown(read).into());
    }
    let number = value.as_u64();
    if field.picklist {
        let known = choices(store, entity)
            .iter()
            .any(|(own, _, _)| Some(*own) == number);
        if !known {
            return Err(format!(
                "Picklist value [{value}] does not exist for {}.",
                field.name
            ));
        }
    }
    if let Some(of) = field.reference {
        let known = number.is_some_and(|id| store.of(of).table().get(id).is_some());
        if !known {
            return Err(format!(
                "The value [{value}] of {} does not exist or is not available.",
                field.name
            ));
        }
    }
    Ok(value)
}
