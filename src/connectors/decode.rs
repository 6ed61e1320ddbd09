//! Reading a list of records: all at once when every record is as it should be, one by one when one
//! is not, so that a bad record costs itself and not its page. It knows JSON and no vendor.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{Deserialize, DeserializeOwned};
use serde_json::value::RawValue;

use super::Rejected;
use super::client::shorten;

/// A body as text. What is no UTF-8 in it becomes a replacement character.
pub(crate) fn text(body: &[u8]) -> Cow<'_, str> {
    // Valid text is checked several times faster than it is looked through for what is not.
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(body),
    }
}

/// The records of one page.
#[derive(Debug)]
pub(crate) struct Decoded<W> {
    pub(crate) records: Vec<W>,
    pub(crate) rejected: Vec<Rejected>,
}

impl<W> Decoded<W> {
    /// How many records the vendor sent.
    pub(crate) fn fetched(&self) -> usize {
        self.records.len() + self.rejected.len()
    }
}

/// Reads a JSON array of records. `id_field` names the field that holds a record's id.
///
/// # Errors
/// When the text is no JSON or no array.
pub(crate) fn list<W: DeserializeOwned>(
    json: &str,
    id_field: &str,
) -> Result<Decoded<W>, serde_json::Error> {
    if let Ok(records) = serde_json::from_str(json) {
        return Ok(Decoded {
            records,
            rejected: Vec::new(),
        });
    }
    let rows: Vec<&RawValue> = serde_json::from_str(json)?;
    let mut decoded = Decoded {
        records: Vec::with_capacity(rows.len()),
        rejected: Vec::new(),
    };
    for row in rows {
        match one(row.get()) {
            Ok(record) => decoded.records.push(record),
            Err((field, reason)) => decoded.rejected.push(Rejected {
                id: id_of(row.get(), id_field),
                field,
                reason,
            }),
        }
    }
    Ok(decoded)
}

/// Reads one JSON value.
///
/// # Errors
/// The path of the field (`type.name`; `record` when it is the value itself) and what is wrong.
pub(crate) fn one<'de, W: Deserialize<'de>>(json: &'de str) -> Result<W, (String, String)> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let mut path = error.path().to_string();
        let text = error.inner().to_string();
        // The place is counted from the beginning of the record, which nobody has.
        let reason = text
            .rsplit_once(" at line ")
            .map_or(&*text, |(text, _)| text);
        if path == "." {
            path.clear();
        }
        // A missing field is reported at the object that lacks it.
        if let Some(name) = reason.strip_prefix("missing field `") {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name.trim_end_matches('`'));
        }
        if path.is_empty() {
            path.push_str("record");
        }
        (path, shorten(reason))
    })?;
    deserializer
        .end()
        .map_err(|error| ("record".to_owned(), shorten(&error.to_string())))?;
    Ok(value)
}

/// The id of a record that cannot be read as a whole, if that much can be.
fn id_of(json: &str, id_field: &str) -> Option<String> {
    let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(json).ok()?;
    let id = fields.get(id_field)?.get();
    if let Ok(text) = serde_json::from_str::<String>(id) {
        return Some(shorten(&text));
    }
    serde_json::from_str::<serde_json::Number>(id)
        .ok()
        .map(|number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Decoded, list};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        id: i64,
        name: String,
        kind: Option<Kind>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Kind {
        name: String,
    }

    fn rejected(json: &str) -> (Vec<i64>, Vec<String>) {
        let decoded: Decoded<Row> = list(json, "id").unwrap();
        assert_eq!(
            decoded.fetched(),
            decoded.records.len() + decoded.rejected.len()
        );
        (
            decoded.records.iter().map(|row| row.id).collect(),
            decoded.rejected.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn one_bad_record_costs_itself_alone() {
        let (records, rejected) = rejected(
            r#"[{"id":1,"name":"a"},{"id":2,"name":7},{"id":3},{"id":4,"name":"d","kind":{"name":null}},
                {"id":5,"name":"e","kind":{}},null,{"name":"no id"},{"id":"x","name":"f"},{"id":9,"name":"g"}]"#,
        );
        assert_eq!(records, [1, 9]);
        assert_eq!(
            rejected,
            [
                "record 2, field name: invalid type: integer `7`, expected a string",
                "record 3, field name: missing field `name`",
                "record 4, field kind.name: invalid type: null, expected a string",
                "record 5, field kind.name: missing field `name`",
                "record without id, field record: invalid type: null, expected struct Row",
                "record without id, field id: missing field `id`",
                "record x, field id: invalid type: string \"x\", expected i64",
            ]
        );
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for json in [
            "",
            "{}",
            "null",
            r#"[{"id":1,"name":"a"}"#,
            "[] x",
            "<html>",
        ] {
            assert!(list::<Row>(json, "id").is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(json in any::<String>()) {
            let _ = list::<Row>(&json, "id");
        }

        #[test]
        fn good_records_come_through_in_order(good in proptest::collection::vec(any::<bool>(), 0..40)) {
            let rows: Vec<String> = good.iter().enumerate().map(|(id, good)| {
                if *good { format!(r#"{{"id":{id},"name":"n"}}"#) } else { format!(r#"{{"id":{id}}}"#) }
            }).collect();
            let decoded: Decoded<Row> = list(&format!("[{}]", rows.join(",")), "id").unwrap();
            let expected: Vec<i64> = good.iter().enumerate()
                .filter(|(_, good)| **good).map(|(id, _)| i64::try_from(id).unwrap()).collect();
            prop_assert_eq!(decoded.records.iter().map(|row| row.id).collect::<Vec<_>>(), expected);
            prop_assert!(decoded.fetched() == good.len());
        }
    }
}
