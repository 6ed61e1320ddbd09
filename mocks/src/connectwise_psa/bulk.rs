//! Many configurations in one request. Each element stands or falls alone; the answer is 207 with a
//! result for each.

use serde_json::{Value, value::RawValue};

use super::fault::{Fault, FieldError};
use super::json::Writer;
use super::schema::Resource;
use super::stamp::Stamp;
use super::store::Store;
use super::write;

const HERE: Resource = Resource::Configurations;

/// What to do with the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Post,
    Put,
    Delete,
}

/// Works through the elements; returns the body. The vendor's file types the answer to a deletion
/// as this envelope; that the others answer the same is inferred.
pub(super) fn run(
    store: &mut Store,
    verb: Verb,
    body: &Value,
    stamp: Stamp,
) -> Result<Vec<u8>, Fault> {
    let Some(elements) = body.as_array() else {
        let error = FieldError::invalid("body", "an array of configurations");
        return Err(Fault::one(HERE.schema(), error));
    };
    let mut out = b"{\"payload\":[".to_vec();
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let done = one(store, verb, element, stamp);
        result(at, verb, done, &mut out);
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

fn one(store: &mut Store, verb: Verb, element: &Value, stamp: Stamp) -> Result<u64, Fault> {
    if verb == Verb::Post {
        return write::create(store, HERE, &[], element, stamp);
    }
    // A deletion names records by id, bare or in an object (inferred).
    let id = element.as_u64().or_else(|| element["id"].as_u64());
    let missing = || Fault::one(HERE.schema(), FieldError::required("id"));
    let id = id.ok_or_else(missing)?;
    match verb {
        Verb::Put => write::replace(store, HERE, &[], id, element, stamp)?,
        Verb::Delete | Verb::Post => write::delete(store, HERE, id, stamp)?,
    }
    Ok(id)
}

fn result(at: usize, verb: Verb, done: Result<u64, Fault>, out: &mut Vec<u8>) {
    let mut writer = Writer::new(out);
    writer.flag("success", done.is_ok());
    writer.raw("originalIndex", &at.to_string());
    let status = match (&done, verb) {
        (Ok(_), Verb::Post) => 201,
        (Ok(_), Verb::Put) => 200,
        (Ok(_), Verb::Delete) => 204,
        (Err(fault), _) => fault.status().as_u16(),
    };
    writer.number("statusCode", status.into());
    match done {
        Ok(id) => {
            writer.raw("data", &format!("{{\"id\":{id}}}"));
            writer.raw("error", "null");
        }
        Err(fault) => {
            let body = String::from_utf8(fault.body()).unwrap_or_default();
            let body = RawValue::from_string(body);
            writer.raw("data", "null");
            writer.raw("error", body.as_ref().map_or("null", |body| body.get()));
        }
    }
    writer.finish();
}
