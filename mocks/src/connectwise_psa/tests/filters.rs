//! Conditions against records, as a client writes them.

use serde_json::{Value, json};

use super::{Client, encode};

const CONFIGURATIONS: &str = "/company/configurations";
const CONTACTS: &str = "/company/contacts";

#[test]
fn conditions_find_records() {
    let client = Client::with_tenant();
    for (text, expected) in [
        ("id = 301", vec![301]),
        ("ID=301 or id=302", vec![301, 302]),
        ("id in (303, 301, 301)", vec![301, 303]),
        ("id not in (301,302,303)", vec![300]),
        ("company/id = 20", vec![303]),
        ("company/ID=21 and activeFlag=True", vec![300, 301]),
        (
            "company/identifier = 'fabrikamdental' and id > 301",
            vec![302],
        ),
        ("status/name = \"inactive\"", vec![302]),
        ("name like \"fab-*\"", vec![300, 301, 302]),
        ("name like '%ws01'", vec![300, 303]),
        ("name not like '*ws01'", vec![301, 302]),
        ("name contains \"srv\"", vec![301]),
        ("name not contains \"srv\"", vec![300, 302, 303]),
        ("serialNumber = null", vec![302]),
        ("serialNumber != null", vec![300, 301, 303]),
        // Null is neither equal nor unequal to anything.
        ("serialNumber != \"SN-front\"", vec![301, 303]),
        ("serialNumber not like \"SN*\"", vec![]),
        ("contact = null", vec![301, 302, 303]),
        ("contact/id != null", vec![300]),
        ("activeFlag = false", vec![302]),
        ("activeFlag != True", vec![302]),
        ("purchaseDate >= [2023-05-20]", vec![300, 301, 302, 303]),
        ("purchaseDate > [2023-05-20T00:00:00Z]", vec![]),
        (
            "lastUpdated > [2025-03-04T15:20:10Z]",
            vec![300, 301, 302, 303],
        ),
        ("_info/lastUpdated > \"2025-03-04T15:20:11Z\"", vec![]),
        (
            r#"lastLoginName = "LARK\frontdesk" and id < 301"#,
            vec![300],
        ),
        ("id = 300 or id = 301 and name = \"FAB-WS01\"", vec![300]),
        ("(id = 300 or id = 301) and name = \"FAB-WS01\"", vec![300]),
        ("(id = 300 or id = 301) and name = \"FAB-SRV01\"", vec![301]),
        ("id = \"303\"", vec![303]),
        ("id = 300.5", vec![]),
        ("id = -1", vec![]),
    ] {
        assert_eq!(
            client.find(CONFIGURATIONS, "conditions", text),
            expected,
            "{text}"
        );
    }
}

#[test]
fn child_conditions_look_at_one_element_at_a_time() {
    let client = Client::with_tenant();
    for (text, expected) in [
        ("communicationItems/value like \"p*\"", vec![150]),
        (
            "communicationItems/value like \"%.example\" AND communicationItems/communicationType=\"Email\"",
            vec![150, 151, 152],
        ),
        // Pat has a fax, and a default item, but no default item that is a telephone with .example.
        (
            "communicationItems/value like \"%.example\" AND communicationItems/communicationType=\"Phone\"",
            vec![],
        ),
        ("communicationItems/type/name = \"fax\"", vec![150]),
        (
            "types/id = 2 and communicationItems/value = \"lee@lark.example\"",
            vec![151],
        ),
        ("types/name = \"Approver\"", vec![]),
    ] {
        assert_eq!(
            client.find(CONTACTS, "childConditions", text),
            expected,
            "{text}"
        );
    }
    let (status, ..) = client.refusal(
        "GET",
        &format!("{CONTACTS}?childconditions={}", encode("types/id in (1)")),
        &Value::Null,
    );
    assert_eq!(status, 400);
}

#[test]
fn custom_fields_are_found_by_caption_and_value() {
    let client = Client::with_tenant();
    let path = format!("{CONFIGURATIONS}/303");
    let fields = json!([{"op": "replace", "path": "customFields", "value": [
        {"id": 3, "caption": "Asset class", "value": "Server"},
        {"id": 4, "caption": "Racks", "value": 2},
    ]}]);
    assert_eq!(client.call("PATCH", &path, &fields).status, 200);
    for (text, expected) in [
        ("caption=\"asset class\" AND value=\"server\"", vec![303]),
        ("caption=\"Asset class\" AND value=2", vec![]),
        ("caption=\"Racks\" AND value > 1", vec![303]),
    ] {
        let found = client.find(CONFIGURATIONS, "customFieldConditions", text);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn bad_conditions_are_400_and_say_where() {
    let client = Client::with_tenant();
    for text in [
        "name",
        "name =",
        "= 3",
        "name = \"open",
        "name like 3",
        "nonsense = 3",
        "company/nonsense = 3",
        "company = 3",
        "types/id = 3",
        "id = \"x\"",
        "id = True",
        "activeFlag = [2024-01-01]",
        "purchaseDate = 3",
        "id > null",
        "id in ()",
        "id in (null)",
        "(id = 3",
        "id = 3)",
        "id = 3 and",
        "lastUpdated > [yesterday]",
        "id = 1e5",
    ] {
        let path = format!("{CONFIGURATIONS}?conditions={}", encode(text));
        let got = client.call("GET", &path, &Value::Null);
        assert_eq!(got.status, 400, "{text}");
        assert_eq!(got.json["code"], "InvalidParameter");
        let message = got.json["message"].as_str().unwrap();
        assert!(
            message.starts_with("conditions is not valid: "),
            "{message}"
        );
        let count = format!("{CONFIGURATIONS}/count?conditions={}", encode(text));
        assert_eq!(client.refusal("GET", &count, &Value::Null).0, 400);
    }
}

#[test]
fn order_is_by_value_then_id_and_null_comes_first() {
    let client = Client::with_tenant();
    for (order, expected) in [
        ("name", vec![302, 301, 300, 303]),
        ("name desc", vec![303, 300, 301, 302]),
        ("id DESC", vec![303, 302, 301, 300]),
        ("company/name asc, id desc", vec![302, 301, 300, 303]),
        ("serialNumber", vec![302, 300, 303, 301]),
        ("serialNumber desc", vec![301, 303, 300, 302]),
        ("activeFlag", vec![302, 300, 301, 303]),
        ("_info/lastUpdated desc", vec![300, 301, 302, 303]),
    ] {
        let found = client.find(CONFIGURATIONS, "orderBy", order);
        assert_eq!(found, expected, "{order}");
    }
    for bad in ["nonsense", "name up", "types", "company"] {
        let path = format!("{CONFIGURATIONS}?orderBy={}", encode(bad));
        assert_eq!(client.refusal("GET", &path, &Value::Null).0, 400, "{bad}");
    }
}

#[test]
fn counts_take_the_same_conditions() {
    let client = Client::with_tenant();
    let path = format!(
        "{CONFIGURATIONS}/count?conditions={}",
        encode("company/id=21")
    );
    assert_eq!(client.get(&path), json!({"count": 3}));
    let path = "/company/companies/21/sites?conditions=inactiveFlag=false";
    assert_eq!(client.ids(path), [41]);
    let path = "/company/companies/21/sites?conditions=id%20in%20(40,42)";
    assert_eq!(client.ids(path), [42]);
    let path = "/company/contacts/150/communications?conditions=defaultFlag=true&orderBy=value";
    assert_eq!(client.ids(path).len(), 3);
}

#[test]
fn a_search_takes_long_conditions_in_its_body() {
    let client = Client::with_tenant();
    let many: Vec<String> = (0..4_000).map(|id| id.to_string()).collect();
    let body = json!({
        "conditions": format!("id in ({})", many.join(",")),
        "orderBy": "id desc",
    });
    let got = client.call(
        "POST",
        &format!("{CONFIGURATIONS}/search?pageSize=2"),
        &body,
    );
    assert_eq!(got.status, 200);
    assert_eq!(got.json[0]["id"], 303);
    assert_eq!(got.json.as_array().unwrap().len(), 2);
    let wrong = json!({"conditions": 3});
    let path = format!("{CONFIGURATIONS}/search");
    assert_eq!(client.refusal("POST", &path, &wrong).0, 400);
}

#[test]
fn what_changed_since_is_what_a_look_at_each_record_finds() {
    let mut client = Client::with_tenant();
    let mut times = vec![client.now];
    let rename = |client: &Client, id: u64, name: &str| {
        let patch = json!([{"op": "replace", "path": "name", "value": name}]);
        let got = client.call("PATCH", &format!("{CONFIGURATIONS}/{id}"), &patch);
        assert_eq!(got.status, 200);
    };
    for step in 0..6_u64 {
        client.later(90);
        times.push(client.now);
        // The same one again and again, another one once.
        rename(&client, 300, &format!("again-{step}"));
        rename(&client, 301 + step % 3, &format!("other-{step}"));
        if step == 4 {
            let gone = client.call("DELETE", &format!("{CONFIGURATIONS}/302"), &Value::Null);
            assert_eq!(gone.status, 204);
        }
    }
    let all = client.get(&format!("{CONFIGURATIONS}?pageSize=1000"));
    let all = all.as_array().unwrap();
    let time = |text: &Value| -> jiff::Timestamp { text.as_str().unwrap().parse().unwrap() };
    for since in times {
        for operator in [">", ">=", "=", "<", "!="] {
            let wanted = all.iter().filter(|row| {
                let at = time(&row["_info"]["lastUpdated"]);
                match operator {
                    ">" => at > since,
                    ">=" => at >= since,
                    "=" => at == since,
                    "<" => at < since,
                    _ => at != since,
                }
            });
            let wanted: Vec<u64> = wanted.map(|row| row["id"].as_u64().unwrap()).collect();
            let condition = format!("lastUpdated {operator} [{since}]");
            assert_eq!(
                client.find(CONFIGURATIONS, "conditions", &condition),
                wanted,
                "{condition}"
            );
            let narrowed = format!("{condition} and company/id=21");
            let of_company = all.iter().filter(|row| row["company"]["id"] == 21);
            let of_company = of_company.map(|row| row["id"].as_u64().unwrap());
            let wanted: Vec<u64> = of_company.filter(|id| wanted.contains(id)).collect();
            assert_eq!(
                client.find(CONFIGURATIONS, "conditions", &narrowed),
                wanted,
                "{narrowed}"
            );
            let either = format!("id=303 or {condition}");
            assert!(
                client
                    .find(CONFIGURATIONS, "conditions", &either)
                    .contains(&303),
                "{either}"
            );
        }
    }
}
