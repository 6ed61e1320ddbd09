//! Criteria and pages.

use serde_json::{Value, json};

use super::Client;

fn names(found: &Value) -> Vec<String> {
    let rows = found["Accounts"].as_array().unwrap().iter();
    let mut names: Vec<String> = rows
        .map(|row| row["Account"]["Name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn is(kind: &str, how: &str, text: &str) -> Value {
    json!({ "SearchType": kind, "MatchType": how, "Criteria": text })
}

fn find(client: &Client, criteria: &Value) -> Value {
    client
        .call(
            "POST",
            "/api/accounts/search",
            &json!({ "Criteria": criteria }),
        )
        .good()
}

const GROUP: &str = "Fabrikam Group";
const DENTAL: &str = "Fabrikam Dental";
const FORGE: &str = "Olde Forge & Sons";

#[test]
fn each_way_to_match_finds_its_accounts() {
    let client = Client::new();
    let dental = client.account(DENTAL).to_string();
    for (kind, how, text, expected) in [
        ("AccountName", "StartsWith", "fabrikam", vec![DENTAL, GROUP]),
        ("AccountName", "EndsWith", "SONS", vec![FORGE]),
        ("AccountName", "Contains", "ri", vec![DENTAL, GROUP]),
        ("AccountName", "Equal", "fabrikam dental", vec![DENTAL]),
        ("AccountName", "Equal", "fabrikam", vec![]),
        (
            "AccountName",
            "GreaterThan",
            "Fabrikam Dental",
            vec![GROUP, FORGE],
        ),
        (
            "AccountName",
            "GreaterThanEqual",
            "Fabrikam Dental",
            vec![DENTAL, GROUP, FORGE],
        ),
        ("AccountName", "LessThan", "Fabrikam Group", vec![DENTAL]),
        (
            "AccountName",
            "LessThanEqual",
            "Fabrikam Group",
            vec![DENTAL, GROUP],
        ),
        // Numbers are compared as numbers: 9 is less.
        (
            "AccountNumber",
            "GreaterThan",
            "9",
            vec![DENTAL, GROUP, FORGE],
        ),
        ("AccountNumber", "Equal", &dental, vec![DENTAL]),
        ("AccountId", "StartsWith", "fab", vec![DENTAL]),
        ("Address", "StartsWith", "12 harbour", vec![DENTAL]),
        ("PostalCode", "Equal", "b3h 1a1", vec![DENTAL]),
        ("PhoneNumber", "Contains", "0101", vec![DENTAL]),
        ("Email", "EndsWith", "@fabrikam.example", vec![GROUP]),
        ("ContactName", "Equal", "pat rowe", vec![DENTAL]),
        ("AccountType", "Equal", "Former Client", vec![FORGE]),
        ("AccountStatus", "Equal", "Inactive", vec![FORGE]),
        ("ExternalId", "StartsWith", "x", vec![]),
        ("Agreement", "StartsWith", "x", vec![]),
    ] {
        let found = client.search("accounts", kind, how, text);
        assert_eq!(names(&found), expected, "{kind} {how} {text}");
        assert_eq!(found["TotalCount"], expected.len());
        assert_eq!(
            (&found["Success"], &found["Message"]),
            (&json!(true), &Value::Null)
        );
    }
}

#[test]
fn a_criterion_starts_with_when_nothing_is_said() {
    let client = Client::new();
    let plain = json!([{ "SearchType": "accountname", "Criteria": "Fabrikam D" }]);
    assert_eq!(names(&find(&client, &plain)), [DENTAL]);
    let inside = json!([{ "SearchType": "AccountName", "Criteria": "Dental" }]);
    assert!(names(&find(&client, &inside)).is_empty());
}

#[test]
fn criteria_of_one_type_are_alternatives_and_of_two_types_both_must_hold() {
    let client = Client::new();
    let either = json!([
        is("AccountName", "Contains", "dental"),
        is("AccountName", "Contains", "forge")
    ]);
    assert_eq!(names(&find(&client, &either)), [DENTAL, FORGE]);
    let both = json!([
        is("AccountName", "Contains", "dental"),
        is("AccountStatus", "Equal", "Inactive"),
        is("AccountName", "Contains", "forge"),
    ]);
    assert_eq!(names(&find(&client, &both)), [FORGE]);
    let neither = json!([
        is("AccountName", "Contains", "dental"),
        is("AccountStatus", "Equal", "Inactive")
    ]);
    assert!(names(&find(&client, &neither)).is_empty());
}

#[test]
fn rows_count_from_1_and_the_next_row_is_0_at_the_end() {
    let client = Client::new();
    let page = |size: u64, start: u64| {
        let criteria = [is("AccountNumber", "GreaterThan", "0")];
        let body = json!({ "Criteria": criteria, "PageSize": size, "StartRow": start });
        client.call("POST", "/api/accounts/search", &body).good()
    };
    let all = names(&page(50, 1));
    let first = page(2, 1);
    assert_eq!(
        (&first["PageSize"], &first["NextRow"], &first["TotalCount"]),
        (&json!(2), &json!(3), &json!(3))
    );
    let second = page(2, 3);
    assert_eq!(
        (&second["NextRow"], &second["TotalCount"]),
        (&json!(0), &json!(3))
    );
    let mut walked = [names(&first), names(&second)].concat();
    walked.sort();
    assert_eq!(walked, all);
    assert_eq!(names(&page(2, 0)), names(&first));
    let past = page(2, 9);
    assert_eq!(
        (&past["Accounts"], &past["NextRow"]),
        (&json!([]), &json!(0))
    );
    assert_eq!(page(3, 1)["NextRow"], 0);
    assert_eq!(page(5_000, 1)["PageSize"], 100);
    let unsized_page = client.search("accounts", "AccountNumber", "GreaterThan", "0");
    assert_eq!(unsized_page["PageSize"], 25);
}

#[test]
fn single_searches_take_a_string_and_both_spellings_of_the_page() {
    let client = Client::new();
    for (path, text, expected) in [
        ("name", "fabrikam", vec![DENTAL, GROUP]),
        ("accountid", "FABD", vec![DENTAL]),
        ("accountstatus", "Inactive", vec![FORGE]),
        ("accounttype", "Former", vec![FORGE]),
        ("address", "1 Tower", vec![GROUP]),
        ("postalcode", "B3H", vec![DENTAL]),
        ("email", "pat@", vec![DENTAL]),
        ("phone", "902-555-0101", vec![DENTAL]),
        ("contact/name", "Lee", vec![GROUP]),
        ("externalid", "x", vec![]),
    ] {
        let found = client
            .call(
                "POST",
                &format!("/api/accounts/search/{path}"),
                &json!(text),
            )
            .good();
        assert_eq!(names(&found), expected, "{path}");
    }
    for query in [
        "pageRequest.pageSize=1&pageRequest.startRow=2",
        "pageSize=1&startRow=2",
    ] {
        let path = format!("/api/accounts/search/name?{query}");
        let found = client.call("POST", &path, &json!("Fabrikam")).good();
        assert_eq!(
            (&found["PageSize"], &found["NextRow"], &found["TotalCount"]),
            (&json!(1), &json!(0), &json!(2))
        );
    }
    let found = client
        .call("POST", "/api/contacts/search/lastname", &json!("ro"))
        .good();
    assert_eq!(found["Contacts"][0]["Contact"]["Name"], "Pat Rowe");
    assert_eq!(
        client
            .call("POST", "/api/accounts/search/name", &json!({}))
            .status,
        400
    );
}

#[test]
fn what_is_no_search_is_400() {
    let client = Client::new();
    for body in [
        json!([]),
        json!({}),
        json!({ "Criteria": [] }),
        json!({ "Criteria": [is("ShoeSize", "Equal", "1")] }),
        json!({ "Criteria": [is("AccountName", "Like", "1")] }),
        json!({ "Criteria": [{ "SearchType": "AccountName" }] }),
        json!({ "Criteria": [is("AccountName", "Equal", "1")], "PageSize": "x" }),
    ] {
        let got = client.call("POST", "/api/accounts/search", &body);
        assert_eq!(got.status, 400, "{body}");
        assert!(got.json["Message"].is_string());
    }
}
