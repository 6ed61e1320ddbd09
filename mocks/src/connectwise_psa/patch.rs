//! The vendor's patches: an array of operations that looks like JSON Patch and is not. A path is the
//! bare name of a field, in its exact case; a reference is replaced whole (documented).

use serde_json::Value;

use super::accept::Acceptor;
use super::fault::{Fault, FieldError};
use super::json::Object;
use super::schema::Schema;
use super::store::Store;

/// Applies a patch to a record; nothing is stored.
pub(super) fn apply(
    store: &Store,
    schema: &Schema,
    body: &Value,
    record: &mut Object,
) -> Result<(), Fault> {
    let Some(operations) = body.as_array() else {
        let error = FieldError::invalid("body", "an array of operations");
        return Err(Fault::one(schema, error));
    };
    let mut errors = Vec::new();
    for operation in operations {
        if let Err(error) = one(store, schema, operation, record) {
            errors.push(error);
        }
    }
    let noun = schema.noun;
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Fault::Invalid { noun, errors })
    }
}

fn one(
    store: &Store,
    schema: &Schema,
    operation: &Value,
    record: &mut Object,
) -> Result<(), FieldError> {
    let Some(path) = operation["path"].as_str() else {
        return Err(FieldError::required("path"));
    };
    // Many clients send `/summary`; the server takes it (inferred).
    let path = path.strip_prefix('/').unwrap_or(path);
    let (name, inner) = match path.split_once('/') {
        Some((name, inner)) => (name, Some(inner)),
        None => (path, None),
    };
    let Some(field) = schema.field(name) else {
        let message = format!("The path {path} names no field.");
        return Err(FieldError::new("InvalidParameter", "path", message));
    };
    if inner.is_some() {
        if field.kind.has_members() {
            // `company/identifier` answers 200 and changes nothing (documented).
            return Ok(());
        }
        let message = format!("The path {path} cannot be changed; send the whole field.");
        return Err(FieldError::new("InvalidParameter", "path", message));
    }
    let value = match operation["op"].as_str() {
        Some("add" | "replace") => &operation["value"],
        Some("remove") => &Value::Null,
        _ => return Err(FieldError::invalid("op", "add, replace or remove")),
    };
    let company = record
        .get("company")
        .and_then(|company| company["id"].as_u64());
    let value = Acceptor { store, company }.field(field, value)?;
    record.insert(field.name.to_owned(), value);
    Ok(())
}
