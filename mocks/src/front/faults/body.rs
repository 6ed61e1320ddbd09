//! Wrong bodies: JSON with a field gone or of the wrong type, HTML, halves. Works on bytes; must
//! not know why a body is to be wrong.

use bytes::Bytes;
use serde_json::Value;

/// What happens to a field.
pub(super) enum Edit<'a> {
    Drop,
    Retype(Option<&'a Value>),
}

/// The body with one field of one record edited, or `None` when the record or the field is not
/// there or the body is not JSON.
pub(super) fn edit_field(body: &[u8], record: u32, field: &str, edit: &Edit<'_>) -> Option<Bytes> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    let record = record_at(&mut document, usize::try_from(record).ok()?)?;
    let (parent, name) = match field.rsplit_once('.') {
        Some((path, name)) => (descend(record, path)?, name),
        None => (record, field),
    };
    match edit {
        Edit::Drop => remove(parent, name)?,
        Edit::Retype(value) => {
            let place = child(parent, name)?;
            *place = match value {
                Some(value) => (*value).clone(),
                None => wrong_for(place),
            };
        }
    }
    serde_json::to_vec(&document).ok().map(Bytes::from)
}

/// An error page of a proxy.
pub(super) fn html(code: u16, reason: &str) -> Bytes {
    Bytes::from(format!(
        "<!DOCTYPE html>\n<html><head><title>{code} {reason}</title></head>\n\
         <body><center><h1>{code} {reason}</h1></center><hr></body></html>\n"
    ))
}

/// The record of a list body: of a bare array, or of an object that has one array and no `id` of
/// its own (an envelope). Any other body is record 0 itself.
fn record_at(document: &mut Value, index: usize) -> Option<&mut Value> {
    let list = match document {
        Value::Array(_) => None,
        Value::Object(fields) if !fields.contains_key("id") => {
            let mut arrays = fields.iter().filter(|(_, value)| value.is_array());
            match (arrays.next(), arrays.next()) {
                (Some((name, _)), None) => Some(name.clone()),
                _ => return (index == 0).then_some(document),
            }
        }
        _ => return (index == 0).then_some(document),
    };
    match list {
        Some(name) => document.get_mut(name)?.get_mut(index),
        None => document.get_mut(index),
    }
}

fn descend<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(value, child)
}

fn child<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(fields) => fields.get_mut(name),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn remove(parent: &mut Value, name: &str) -> Option<()> {
    match parent {
        Value::Object(fields) => fields.remove(name).map(drop),
        Value::Array(items) => {
            let at: usize = name.parse().ok()?;
            (at < items.len()).then(|| drop(items.remove(at)))
        }
        _ => None,
    }
}

fn wrong_for(value: &Value) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) => Value::String("unexpected".to_owned()),
        _ => serde_json::json!({ "unexpected": true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_field(body: &str, record: u32, field: &str) -> Option<String> {
        edit_field(body.as_bytes(), record, field, &Edit::Drop)
            .map(|body| String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn finds_the_record_in_a_bare_list() {
        let body = r#"[{"a":1,"b":2},{"a":3,"b":4}]"#;
        assert_eq!(
            drop_field(body, 1, "a").as_deref(),
            Some(r#"[{"a":1,"b":2},{"b":4}]"#)
        );
    }

    #[test]
    fn finds_the_record_in_an_envelope() {
        let body = r#"{"devices":[{"a":1}],"pageDetails":{"count":1}}"#;
        assert_eq!(
            drop_field(body, 0, "a").as_deref(),
            Some(r#"{"devices":[{}],"pageDetails":{"count":1}}"#)
        );
    }

    #[test]
    fn a_record_with_an_array_is_no_envelope() {
        let body = r#"{"id":7,"types":[{"id":1}]}"#;
        assert_eq!(
            drop_field(body, 0, "types.0.id").as_deref(),
            Some(r#"{"id":7,"types":[{}]}"#)
        );
        let audit = r#"{"disks":[],"nics":[{"mac":"x"}],"bios":{"serial":"S"}}"#;
        assert_eq!(
            drop_field(audit, 0, "bios.serial").as_deref(),
            Some(r#"{"bios":{},"disks":[],"nics":[{"mac":"x"}]}"#)
        );
    }

    #[test]
    fn what_is_not_there_is_left_alone() {
        assert_eq!(drop_field("[{\"a\":1}]", 1, "a"), None);
        assert_eq!(drop_field("[{\"a\":1}]", 0, "b"), None);
        assert_eq!(drop_field("[{\"a\":1}]", 0, "a.b"), None);
        assert_eq!(drop_field("<html>", 0, "a"), None);
        assert_eq!(drop_field("[[1]]", 0, "7"), None);
    }

    #[test]
    fn the_wrong_type_is_never_the_right_one() {
        for (was, becomes) in [
            ("1", r#"{"unexpected":true}"#),
            ("\"x\"", r#"{"unexpected":true}"#),
            ("null", r#"{"unexpected":true}"#),
            ("{}", "\"unexpected\""),
            ("[]", "\"unexpected\""),
        ] {
            let body = format!(r#"[{{"a":{was}}}]"#);
            let edited = edit_field(body.as_bytes(), 0, "a", &Edit::Retype(None)).unwrap();
            assert_eq!(edited, format!(r#"[{{"a":{becomes}}}]"#));
        }
    }

    #[test]
    fn a_given_value_may_be_null() {
        let edited = edit_field(b"[{\"a\":1}]", 0, "a", &Edit::Retype(Some(&Value::Null)));
        assert_eq!(edited.unwrap(), "[{\"a\":null}]");
    }
}
