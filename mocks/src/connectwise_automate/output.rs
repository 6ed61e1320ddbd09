//! Writing records: every field of the resource in its order, null where there is no value, and only the
//! fields that were asked for. It must not know what a field means.

use serde_json::{Map, Value};

use super::fields::{Field, Kind, find};
use crate::kit::Object;

/// Which fields are sent.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Fields, and parts of them (`Client.Name`); none is all. Names that no record has are passed over
    /// (`inferred`).
    include: Option<Vec<(&'static str, Option<String>)>>,
    exclude: Vec<&'static str>,
}

impl Shape {
    /// Reads `includeFields` and `excludeFields`; the second counts only without the first (`seen`: clients
    /// send one of them).
    pub(super) fn read(include: &str, exclude: &str, fields: &'static [Field]) -> Self {
        let names = |text: &str| -> Vec<(&'static str, Option<String>)> {
            let parts = text.split(',').map(str::trim);
            let parts = parts.filter_map(|part| {
                let (name, inner) = match part.split_once('.') {
                    Some((name, inner)) => (name, Some(inner.to_owned())),
                    None => (part, None),
                };
                let (name, _) = find(fields, name)?;
                Some((*name, inner))
            });
            parts.collect()
        };
        if include.trim().is_empty() {
            let exclude = names(exclude).into_iter().map(|(name, _)| name);
            return Self {
                include: None,
                exclude: exclude.collect(),
            };
        }
        Self {
            include: Some(names(include)),
            exclude: Vec::new(),
        }
    }

    fn takes(&self, name: &str) -> bool {
        match &self.include {
            Some(include) => include.iter().any(|(known, _)| *known == name),
            None => !self.exclude.contains(&name),
        }
    }

    /// A field's value, or the parts of it that are wanted.
    fn cut(&self, name: &str, value: &Value) -> Value {
        let wanted = self.include.iter().flatten();
        let parts: Option<Vec<&str>> = wanted
            .filter(|(known, _)| *known == name)
            .map(|(_, part)| part.as_deref())
            .collect();
        match (parts, value) {
            (Some(parts), Value::Object(object)) if !parts.is_empty() => {
                let members = object.iter().filter(|(own, _)| {
                    let mut parts = parts.iter();
                    parts.any(|part| part.eq_ignore_ascii_case(own))
                });
                let members = members.map(|(own, value)| (own.clone(), value.clone()));
                Value::Object(members.collect::<Map<_, _>>())
            }
            _ => value.clone(),
        }
    }
}

/// Writes a record.
pub(super) fn write(fields: &[Field], shape: &Shape, record: &Object, out: &mut Vec<u8>) {
    let mut first = true;
    out.push(b'{');
    for (name, kind) in fields.iter().filter(|(name, _)| shape.takes(name)) {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        let value = match record.get(*name) {
            Some(value) => shape.cut(name, value),
            None if matches!(kind, Kind::List | Kind::Objects(_)) => Value::Array(Vec::new()),
            None => Value::Null,
        };
        // Text and values that are JSON already always are again.
        let _ = serde_json::to_writer(&mut *out, name);
        out.push(b':');
        let _ = serde_json::to_writer(&mut *out, &value);
    }
    out.push(b'}');
}

/// Writes a list: a bare array, without a total (`documented`).
pub(super) fn list(fields: &[Field], shape: &Shape, records: &[Object]) -> Vec<u8> {
    let mut out = vec![b'['];
    for (place, record) in records.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(fields, shape, record, &mut out);
    }
    out.push(b']');
    out
}
