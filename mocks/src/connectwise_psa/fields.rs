//! `fields`: the parts of a record that a client wants. A part keeps its place (`company/id` comes
//! as an object in `company`); `_info` comes only by its name (seen).

use serde_json::Value;

use super::fault::Fault;
use super::json::{Object, record_bytes};
use super::schema::Schema;

/// The deepest part of a record, and more.
const STEPS_MAX: usize = 6;

/// The parts that are wanted.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Names, each with the parts of it that are wanted; none means all of it.
    parts: Vec<(String, Self)>,
    whole: bool,
}

impl Fields {
    /// Reads the list; `None` when it is blank. Names that no record of the resource has are refused
    /// (inferred: live notes tell of a field that failed).
    pub(super) fn read(schema: &Schema, text: &str) -> Result<Option<Self>, Fault> {
        let mut fields = Self::default();
        for path in text
            .split(',')
            .map(str::trim)
            .filter(|path| !path.is_empty())
        {
            let refuse = || Fault::Parameter(format!("fields is not valid: `{path}`"));
            let mut steps = path.split('/').map(str::trim);
            let first = steps.next().and_then(|name| schema.field_any_case(name));
            let first = first.ok_or_else(refuse)?;
            if path.matches('/').count() >= STEPS_MAX {
                return Err(refuse());
            }
            let mut at = fields.part(first.name);
            for step in steps {
                at = at.part(step);
            }
            at.whole = true;
        }
        Ok((!fields.parts.is_empty()).then_some(fields))
    }

    fn part(&mut self, name: &str) -> &mut Self {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        let at = match self.parts.iter().position(|(known, _)| same(known)) {
            Some(at) => at,
            None => {
                self.parts.push((name.to_owned(), Self::default()));
                self.parts.len() - 1
            }
        };
        &mut self.parts[at].1
    }

    /// Whether the id alone is wanted, as clients do to find out what is gone.
    pub(super) fn is_id(&self) -> bool {
        matches!(self.parts.as_slice(), [(name, inner)] if name == "id" && inner.whole)
    }

    /// A record with the wanted parts only.
    pub(super) fn project(&self, schema: &Schema, json: &[u8]) -> Vec<u8> {
        let record = serde_json::from_slice(json).unwrap_or_default();
        match self.pick(&record) {
            Some(Value::Object(record)) => record_bytes(schema, &record),
            _ => b"{}".to_vec(),
        }
    }

    fn pick(&self, value: &Value) -> Option<Value> {
        if self.whole {
            return Some(value.clone());
        }
        match value {
            Value::Object(object) => {
                let parts = self.parts.iter().filter_map(|(wanted, inner)| {
                    let mut members = object.iter();
                    let (name, value) =
                        members.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
                    Some((name.clone(), inner.pick(value)?))
                });
                Some(Value::Object(parts.collect::<Object>()))
            }
            Value::Array(values) => values.iter().map(|value| self.pick(value)).collect(),
            _ => None,
        }
    }
}
