//! Writes records as JSON in the vendor's order of members: a record by its schema, what is nested
//! in it by a fixed ranking. Leaves null members out, as current versions of the server do.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::schema::Schema;

/// A record or a reference.
pub(super) type Object = Map<String, Value>;

/// A record with the members that its schema knows.
pub(super) fn write_record(schema: &Schema, record: &Object, out: &mut Vec<u8>) {
    let mut writer = Writer::new(out);
    for field in schema.fields {
        match record.get(field.name) {
            None | Some(Value::Null) => {}
            Some(value) => writer.value(field.name, value),
        }
    }
    writer.finish();
}

/// [`write_record`] into a buffer of its own.
pub(super) fn record_bytes(schema: &Schema, record: &Object) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write_record(schema, record, &mut out);
    out
}

/// A value that is not a record.
pub(super) fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            members.sort_by_key(|(name, _)| (rank(name), *name));
            let mut writer = Writer::new(out);
            for (name, value) in members {
                writer.value(name, value);
            }
            writer.finish();
        }
        Value::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_value(value, out);
            }
            out.push(b']');
        }
        Value::String(text) => write_text(text, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
    }
}

/// A string with its quotes.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    out.push(b'"');
}

/// A moment as the vendor writes one: whole seconds, UTC.
pub(super) fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A day as the vendor writes one: its midnight.
pub(super) fn midnight(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// Writes one object, member by member.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        write_text(value, self.out);
    }

    pub(super) fn text_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn number(&mut self, name: &str, value: u64) {
        self.raw(name, &value.to_string());
    }

    pub(super) fn flag(&mut self, name: &str, value: bool) {
        self.raw(name, if value { "true" } else { "false" });
    }

    /// JSON that is ready.
    pub(super) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    pub(super) fn raw_if(&mut self, name: &str, json: Option<&str>) {
        if let Some(json) = json {
            self.raw(name, json);
        }
    }

    pub(super) fn value(&mut self, name: &str, value: &Value) {
        self.name(name);
        write_value(value, self.out);
    }

    pub(super) fn finish(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        write_text(name, self.out);
        self.out.push(b':');
    }
}

/// The order of nested members; those not named stand before `_info`, by name.
fn rank(name: &str) -> usize {
    const ORDER: &[&str] = &[
        "id",
        "contactId",
        "answerId",
        "questionId",
        "question",
        "answer",
        "caption",
        "type",
        "identifier",
        "name",
        "entryMethod",
        "numberOfDecimals",
        "value",
        "extension",
        "defaultFlag",
        "domain",
        "communicationType",
        "lastUpdated",
        "updatedBy",
        "dateEntered",
        "enteredBy",
    ];
    match ORDER.iter().position(|known| *known == name) {
        Some(at) => at,
        None if name == "_info" => ORDER.len() + 1,
        None => ORDER.len(),
    }
}
