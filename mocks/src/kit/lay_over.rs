//! What somebody's edit in a vendor's own screens does to a record that clients may have written to
//! meanwhile. It knows JSON objects and nothing of what their members mean.

use serde_json::{Map, Value};

/// Lays an edit over a record as it stands: the members that `before` and `after` say differently
/// take the value of `after`, those that `after` lacks go. Without a `before` every member of `after`
/// is laid over. Members that neither names stay.
pub fn lay_over(
    record: &mut Map<String, Value>,
    before: Option<&Map<String, Value>>,
    after: Map<String, Value>,
) {
    if let Some(before) = before {
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            record.remove(name);
        }
    }
    for (name, value) in after {
        if before.is_none_or(|before| before.get(&name) != Some(&value)) {
            record.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn only_what_the_edit_changed_is_laid_over() {
        let mut record =
            object(json!({"id": 7, "name": "by a client", "city": "Oslo", "fax": "1"}));
        let before = object(json!({"name": "Acme", "city": "Oslo", "fax": "1"}));
        let after = object(json!({"name": "Acme", "city": "Bergen"}));
        lay_over(&mut record, Some(&before), after);
        let expected = json!({"id": 7, "name": "by a client", "city": "Bergen"});
        assert_eq!(Value::Object(record), expected);
    }

    #[test]
    fn without_a_before_everything_is() {
        let mut record = object(json!({"id": 7, "name": "by a client"}));
        lay_over(
            &mut record,
            None,
            object(json!({"name": "Acme", "fax": null})),
        );
        let expected = json!({"id": 7, "name": "Acme", "fax": null});
        assert_eq!(Value::Object(record), expected);
    }
}
