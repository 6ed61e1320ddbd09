//! Filters against a second evaluation, written from the grammar alone: every record is read and
//! judged, without the shortcuts by id and by owner that the simulator takes.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::Client;
use crate::sample::numbers;

/// Read only, so that all cases share it.
static CLIENT: LazyLock<Client> = LazyLock::new(Client::new);

/// What is compared, by the name of the field.
const FIELDS: [(&str, &[&str]); 6] = [
    ("id", &["48099", "48100", "48101", "48103", "48104", "-1"]),
    ("companyID", &["0", "29683510", "29683511", "29683512"]),
    ("isActive", &["true", "false"]),
    (
        "installDate",
        &[
            "2022-01-15T00:00:00.000",
            "2023-06-01T00:00:00.000",
            "2023-06-02T00:00:00.000",
        ],
    ),
    (
        "serialNumber",
        &["SN-front", "sn-desk", "SN-", "mx24", "K2", ""],
    ),
    ("referenceTitle", &["FAB-", "ws01", "FAB-OLD", "-", "zz"]),
];

const COMPARISONS: [&str; 9] = [
    "eq",
    "noteq",
    "gt",
    "gte",
    "lt",
    "lte",
    "beginsWith",
    "endsWith",
    "contains",
];

fn value(field: &str, text: &str) -> Value {
    match field {
        "id" | "companyID" => json!(text.parse::<i64>().unwrap()),
        "isActive" => json!(text == "true"),
        _ => json!(text),
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    // Ids and owners most of all: with them go the shortcuts.
    let field = prop_oneof![select(&FIELDS[..2]), select(&FIELDS[..])];
    field.prop_flat_map(|(field, texts)| {
        let text = matches!(field, "serialNumber" | "referenceTitle");
        let comparisons = if text {
            &COMPARISONS[..]
        } else {
            &COMPARISONS[..6]
        };
        let one = (select(comparisons), select(texts)).prop_map(
            move |(op, text)| json!({ "op": op, "field": field, "value": value(field, text) }),
        );
        let many = (
            select(vec!["in", "notIn"]),
            prop::collection::vec(select(texts), 0..4),
        )
            .prop_map(move |(op, texts)| {
                let values: Vec<Value> = texts.iter().map(|text| value(field, text)).collect();
                json!({ "op": op, "field": field, "value": values })
            });
        let there = select(vec!["exist", "notExist"])
            .prop_map(move |op| json!({ "op": op, "field": field }));
        prop_oneof![6 => one, 2 => many, 1 => there]
    })
}

fn condition() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 16, 4, |inner| {
        (
            select(vec!["and", "or"]),
            prop::collection::vec(inner, 1..4),
        )
            .prop_map(|(op, items)| json!({ "op": op, "items": items }))
    })
}

fn fits(record: &Value, condition: &Value) -> bool {
    let op = condition["op"].as_str().unwrap();
    if let Some(items) = condition["items"].as_array() {
        return match op {
            "and" => items.iter().all(|item| fits(record, item)),
            _ => items.iter().any(|item| fits(record, item)),
        };
    }
    let own = &record[condition["field"].as_str().unwrap()];
    let wanted = &condition["value"];
    match op {
        "exist" => !own.is_null(),
        "notExist" => own.is_null(),
        _ if own.is_null() => false,
        "in" => wanted
            .as_array()
            .unwrap()
            .iter()
            .any(|wanted| key(own) == key(wanted)),
        "notIn" => wanted
            .as_array()
            .unwrap()
            .iter()
            .all(|wanted| key(own) != key(wanted)),
        "eq" => key(own) == key(wanted),
        "noteq" => key(own) != key(wanted),
        "gt" => key(own) > key(wanted),
        "gte" => key(own) >= key(wanted),
        "lt" => key(own) < key(wanted),
        "lte" => key(own) <= key(wanted),
        "beginsWith" => key(own).1.starts_with(&key(wanted).1),
        "endsWith" => key(own).1.ends_with(&key(wanted).1),
        "contains" => key(own).1.contains(&key(wanted).1),
        _ => panic!("{op}"),
    }
}

/// Values of one field in their order. Dates are texts of one form.
fn key(value: &Value) -> (i64, String) {
    match value {
        Value::Number(number) => (number.as_i64().unwrap(), String::new()),
        Value::Bool(truth) => (i64::from(*truth), String::new()),
        Value::String(text) => (0, text.to_ascii_lowercase()),
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_024) })]

    #[test]
    fn filters_find_what_a_naive_reading_finds(
        conditions in prop::collection::vec(condition(), 1..4),
        size in 1_usize..6,
    ) {
        let client = &*CLIENT;
        let all = json!({ "filter": [{ "op": "exist", "field": "id" }] });
        let all = client.query("ConfigurationItems", &all)["items"].clone();
        let expected: Vec<u64> = all.as_array().unwrap().iter()
            .filter(|record| conditions.iter().all(|condition| fits(record, condition)))
            .map(|record| record["id"].as_u64().unwrap())
            .collect();
        let query = json!({ "filter": conditions, "maxRecords": size });
        let count = client.call("POST", "ConfigurationItems/query/count", &query).good();
        prop_assert_eq!(&count["queryCount"], &json!(expected.len()));
        let mut page = client.query("ConfigurationItems", &query);
        let mut found = numbers(&page["items"], "id");
        while let Some(next) = page["pageDetails"]["nextPageUrl"].as_str() {
            let next = next.strip_prefix("http://vendor.test:8080").unwrap();
            page = client.send(&client.request("POST", next, &query.to_string())).good();
            found.extend(numbers(&page["items"], "id"));
        }
        prop_assert_eq!(found, expected);
    }
}
