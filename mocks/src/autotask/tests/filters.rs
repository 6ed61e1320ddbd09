//! The query grammar.

use serde_json::{Value, json};

use super::{Client, search};
use crate::sample::texts;

fn is(op: &str, field: &str, value: impl Into<Value>) -> Value {
    json!({ "op": op, "field": field, "value": value.into() })
}

#[test]
fn every_operator_finds_its_records() {
    let client = Client::new();
    let (front, server, old, desk) = ("FAB-WS01", "FAB-SRV01", "FAB-OLD", "GRP-WS01");
    let install = "2023-06-01T00:00:00.000";
    for (condition, expected) in [
        (is("eq", "referenceTitle", front), vec![front]),
        (
            is("noteq", "referenceTitle", front),
            vec![server, old, desk],
        ),
        (is("gt", "installDate", install), vec![]),
        (is("gte", "installDate", install), vec![front]),
        (is("lt", "installDate", install), vec![server]),
        (is("lte", "installDate", install), vec![front, server]),
        (
            is("beginsWith", "referenceTitle", "FAB-"),
            vec![front, server, old],
        ),
        (is("endsWith", "referenceTitle", "ws01"), vec![front, desk]),
        (is("contains", "referenceTitle", "-SRV"), vec![server]),
        (
            is("in", "referenceTitle", vec![front, old, "?"]),
            vec![front, old],
        ),
        (
            is("notIn", "referenceTitle", vec![front, old, "?"]),
            vec![server, desk],
        ),
        (
            json!({ "op": "exist", "field": "serialNumber" }),
            vec![front, server, desk],
        ),
        (
            json!({ "op": "notExist", "field": "serialNumber" }),
            vec![old],
        ),
        (is("eq", "isActive", false), vec![old]),
        (is("eq", "isActive", "true"), vec![front, server, desk]),
    ] {
        assert_eq!(
            client.items(&condition),
            sorted(&client, &expected),
            "{condition}"
        );
    }
}

/// Titles in the order of ids, in which records come.
fn sorted(client: &Client, titles: &[&str]) -> Vec<String> {
    let mut all = client.items(&json!({ "op": "exist", "field": "id" }));
    assert_eq!(all.len(), 4);
    all.retain(|title| titles.contains(&title.as_str()));
    assert_eq!(all.len(), titles.len());
    all
}

#[test]
fn what_is_empty_fits_only_notexist() {
    let client = Client::new();
    for condition in [
        is("noteq", "serialNumber", "SN-front"),
        is("notIn", "serialNumber", vec!["SN-front"]),
        is("lt", "serialNumber", "zzz"),
    ] {
        let found = client.items(&condition);
        assert!(
            !found.contains(&"FAB-OLD".to_owned()),
            "{condition}: {found:?}"
        );
    }
}

#[test]
fn text_is_compared_without_case_and_so_are_names_of_fields_and_operators() {
    let client = Client::new();
    for condition in [
        is("eq", "serialNumber", "SN-DESK"),
        is("eq", "serialNumber", "sn-desk"),
        is("EQ", "SERIALNUMBER", "Sn-Desk"),
        is("BeginsWith", "serialnumber", "SN-D"),
        json!({ "Op": "eq", "Field": "serialNumber", "Value": "sn-desk" }),
    ] {
        assert_eq!(client.items(&condition), ["GRP-WS01"], "{condition}");
    }
}

#[test]
fn a_moment_is_read_with_a_zone_or_as_utc() {
    let client = Client::new();
    for value in [
        "2023-06-01T00:00:00.000",
        "2023-06-01T00:00:00Z",
        "2023-06-01T00:00:00",
        "2023-06-01",
        "2023-05-31T20:00:00-04:00",
    ] {
        assert_eq!(
            client.items(&is("eq", "installDate", value)),
            ["FAB-WS01"],
            "{value}"
        );
    }
    let modified = is("gt", "lastModifiedTime", "2025-03-04T15:20:10.999");
    assert_eq!(client.items(&modified).len(), 4);
    let modified = is("gt", "lastModifiedTime", "2025-03-04T15:20:11.000");
    assert!(client.items(&modified).is_empty());
}

#[test]
fn the_list_is_and_and_groups_nest() {
    let client = Client::new();
    let both = json!({ "filter": [
        is("beginsWith", "referenceTitle", "FAB"), is("eq", "isActive", true),
    ] });
    let page = client.query("ConfigurationItems", &both);
    assert_eq!(texts(&page["items"], "referenceTitle").len(), 2);
    for (condition, expected) in [
        (
            json!({ "op": "or", "items": [
                is("eq", "referenceTitle", "FAB-OLD"), is("eq", "serialNumber", "sn-desk"),
            ] }),
            vec!["FAB-OLD", "GRP-WS01"],
        ),
        (
            json!({ "op": "and", "items": [
                is("eq", "isActive", true),
                { "op": "or", "items": [
                    is("eq", "referenceTitle", "FAB-OLD"), is("eq", "referenceTitle", "FAB-WS01"),
                ] },
            ] }),
            vec!["FAB-WS01"],
        ),
        (
            json!({ "op": "or", "items": [
                { "op": "and", "items": [
                    is("eq", "isActive", true), is("contains", "referenceTitle", "SRV"),
                ] },
                { "op": "notExist", "field": "serialNumber" },
            ] }),
            vec!["FAB-SRV01", "FAB-OLD"],
        ),
    ] {
        assert_eq!(
            client.items(&condition),
            sorted(&client, &expected),
            "{condition}"
        );
    }
}

#[test]
fn a_user_defined_field_is_found_by_its_name_and_one_at_a_time() {
    let client = Client::new();
    let dental = client.dental();
    let fields = json!([{ "name": "CustomerRef", "value": "A-12" }, { "name": "Region", "value": "Atlantic" }]);
    let body = json!({ "id": dental, "userDefinedFields": fields });
    client.call("PATCH", "Companies", &body).good();
    let own = |op: &str, field: &str, value: &str| json!({ "op": op, "field": field, "value": value, "udf": true });
    let found = |condition: &Value| client.found("Companies", "companyName", condition);
    assert_eq!(
        found(&own("eq", "customerref", "a-12")),
        ["Fabrikam Dental"]
    );
    assert!(found(&own("eq", "CustomerRef", "A-13")).is_empty());
    assert_eq!(
        found(&own("beginsWith", "Region", "atl")),
        ["Fabrikam Dental"]
    );
    let without = json!({ "op": "notExist", "field": "Region", "udf": true });
    assert!(!found(&without).contains(&"Fabrikam Dental".to_owned()));
    let two =
        json!({ "filter": [own("eq", "CustomerRef", "A-12"), own("eq", "Region", "Atlantic")] });
    assert!(client.refusal("POST", "Companies/query", &two)[0].contains("user-defined"));
    // Without the mark it is a field of the entity, which it is not.
    let plain = json!({ "filter": [is("eq", "CustomerRef", "A-12")] });
    client.refusal("POST", "Companies/query", &plain);
}

#[test]
fn get_and_post_give_the_same_and_quotes_may_be_single() {
    let client = Client::new();
    let query = json!({
        "filter": [is("contains", "companyName", "Fabrikam")], "includeFields": ["id", "companyName"],
    });
    let posted = client.query("Companies", &query);
    let double = client.get(&format!("Companies/{}", search(&query.to_string())));
    assert_eq!(posted, double);
    assert_eq!(posted["pageDetails"]["count"], 2);
    let single = "{'Filter':[{'op':'contains','field':'companyName','value':'Fabrikam'}],'IncludeFields':['id','companyName']}";
    assert_eq!(client.get(&format!("Companies/{}", search(single))), posted);
    let quoted = r#"{'filter':[{'op':'contains','field':'companyName','value':'"e\'F'}]}"#;
    let none = client.get(&format!("Companies/{}", search(quoted)));
    assert_eq!(none["items"], json!([]));
    let got =
        client.send(&client.request("POST", &format!("{}/Companies/query", super::API), single));
    assert_eq!(got.good(), posted);
}

#[test]
fn a_count_takes_the_same_search_by_both_verbs() {
    let client = Client::new();
    let query = json!({ "filter": [is("eq", "isActive", true)], "maxRecords": 1 });
    let posted = client
        .call("POST", "ConfigurationItems/query/count", &query)
        .good();
    assert_eq!(posted, json!({ "queryCount": 3 }));
    let text = search(&query.to_string()).replace("query?", "query/count?");
    assert_eq!(client.get(&format!("ConfigurationItems/{text}")), posted);
}

#[test]
fn named_fields_come_alone_and_in_their_own_spelling() {
    let client = Client::new();
    let query = json!({
        "filter": [is("eq", "referenceTitle", "FAB-OLD")],
        "includeFields": ["SERIALNUMBER", "id"],
    });
    let page = client.query("ConfigurationItems", &query);
    let row = page["items"][0].as_object().unwrap();
    assert_eq!(row.keys().collect::<Vec<_>>(), ["id", "serialNumber"]);
    assert_eq!(row["serialNumber"], Value::Null);
    // Without them every field is there, null when empty.
    let whole = client.one("ConfigurationItems", "referenceTitle", "FAB-OLD");
    assert_eq!(whole["userDefinedFields"], json!([]));
    for empty in ["serialNumber", "rmmDeviceAuditMacAddress", "contractID"] {
        assert_eq!(whole.get(empty), Some(&Value::Null), "{empty}");
    }
    let unknown = json!({ "filter": [is("gt", "id", 0)], "includeFields": ["shoeSize"] });
    assert!(client.refusal("POST", "Companies/query", &unknown)[0].contains("shoeSize"));
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_reason() {
    let client = Client::new();
    let many: Vec<Value> = (0..501).map(|id| is("eq", "id", id)).collect();
    for (query, word) in [
        (json!({}), "filter"),
        (json!({ "filter": [] }), "filter"),
        (
            json!({ "filter": [is("gt", "id", 0)], "maxRecords": 501 }),
            "500",
        ),
        (
            json!({ "filter": [is("gt", "id", 0)], "maxRecords": 0 }),
            "500",
        ),
        (json!({ "filter": [is("is", "id", 0)] }), "is"),
        (json!({ "filter": [is("eq", "hostname", "x")] }), "hostname"),
        (
            json!({ "filter": [is("eq", "isActive", Value::Null)] }),
            "isActive",
        ),
        (json!({ "filter": [is("eq", "id", "x")] }), "id"),
        (
            json!({ "filter": [is("gt", "installDate", "yesterday")] }),
            "installDate",
        ),
        (json!({ "filter": [is("in", "id", 7)] }), "array"),
        (json!({ "filter": [{ "op": "or" }] }), "items"),
        (json!({ "filter": [{ "op": "or", "items": many }] }), "500"),
    ] {
        let texts = client.refusal("POST", "ConfigurationItems/query", &query);
        assert!(texts[0].contains(word), "{texts:?} for {word}");
    }
}
