//! Contacts and how to reach them.

use serde_json::{Value, json};

use super::Client;

const PAT: &str = "/company/contacts/150";

#[test]
fn each_kind_of_item_has_one_default() {
    let client = Client::with_tenant();
    let pat = client.get(PAT);
    let items = pat["communicationItems"].as_array().unwrap();
    let of = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let default = item["defaultFlag"].as_bool().unwrap();
        (text("communicationType"), text("value"), default)
    };
    let expected = [
        ("Email", "pat@lark.example", true),
        ("Email", "p.rowe@home.example", false),
        ("Phone", "9025550102", true),
        ("Fax", "9025550199", true),
    ];
    let expected =
        expected.map(|(kind, value, default)| (kind.to_owned(), value.to_owned(), default));
    assert_eq!(items.iter().map(of).collect::<Vec<_>>(), expected);
    assert_eq!(items[0]["domain"], "@lark.example");
    assert_eq!(items[2]["type"]["name"], "Direct");
    assert_eq!(items[2]["extension"], "12");
    assert_eq!(pat["defaultPhoneNbr"], "9025550102");
    assert_eq!(pat["defaultPhoneType"], "Direct");
    assert_eq!(pat["types"][0]["name"], "Decision Maker");
}

#[test]
fn the_list_below_a_contact_is_a_view_of_its_items() {
    let client = Client::with_tenant();
    let list = format!("{PAT}/communications");
    assert_eq!(client.get(&format!("{list}/count")), json!({"count": 4}));
    let made = client.call(
        "POST",
        &list,
        &json!({"type": {"name": "Cell"}, "value": "9025550777", "defaultFlag": true}),
    );
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(made.json["communicationType"], "Phone");
    assert_eq!(made.json["contactId"], 150);
    // The number that was the default first stays so until another is made the default.
    assert_eq!(made.json["defaultFlag"], false);
    let id = made.json["id"].as_u64().unwrap();
    let one = format!("{list}/{id}");
    let mark = json!([{"op": "replace", "path": "defaultFlag", "value": true}]);
    assert_eq!(client.call("PATCH", &one, &mark).json["defaultFlag"], true);
    assert_eq!(client.get(PAT)["defaultPhoneNbr"], "9025550777");
    let body = json!({"type": {"id": 2}, "value": "9025550778"});
    let replaced = client.call("PUT", &one, &body);
    assert_eq!(replaced.json["type"]["name"], "Direct");
    assert_eq!(replaced.json["id"], id);
    assert_eq!(client.call("DELETE", &one, &Value::Null).status, 204);
    assert_eq!(client.call("GET", &one, &Value::Null).status, 404);
    assert_eq!(client.get(PAT)["defaultPhoneNbr"], "9025550102");
    let (_, _, fields) = client.refusal("POST", &list, &json!({"value": "x"}));
    assert_eq!(fields, ["type:MissingRequiredField"]);
    assert_eq!(
        client
            .refusal("GET", "/company/contacts/9/communications", &Value::Null)
            .0,
        404
    );
}

#[test]
fn items_can_be_written_with_the_contact() {
    let client = Client::with_tenant();
    let body = json!({
        "firstName": "Kim",
        "lastName": "Sol",
        "company": {"id": 21},
        "site": {"name": "MAIN"},
        "typeIds": [1, 2],
        "communicationItems": [
            {"type": {"id": 1}, "value": "kim@lark.example", "communicationType": "Phone"},
            {"type": {"name": "cell"}, "value": "1", "defaultFlag": true},
        ],
    });
    let made = client.call("POST", "/company/contacts", &body);
    assert_eq!(made.status, 201, "{}", made.json);
    let items = &made.json["communicationItems"];
    // The kind of an item follows from its type, whatever the client says.
    assert_eq!(items[0]["communicationType"], "Email");
    assert_eq!(items[0]["defaultFlag"], true);
    assert_ne!(items[0]["id"], items[1]["id"]);
    assert_eq!(made.json["defaultPhoneType"], "Cell");
    assert_eq!(made.json["types"].as_array().unwrap().len(), 2);
    assert_eq!(made.json["site"]["id"], 41);
    assert_eq!(made.json.get("typeIds"), None);
    let mut items = items.clone();
    items[0]["value"] = json!("kim.sol@lark.example");
    let patch = json!([{"op": "replace", "path": "communicationItems", "value": items}]);
    let path = format!("/company/contacts/{}", made.json["id"]);
    let patched = client.call("PATCH", &path, &patch);
    assert_eq!(patched.json["communicationItems"], {
        items[0]["domain"] = json!("@lark.example");
        items
    });
    let (_, _, fields) = client.refusal("POST", "/company/contacts", &json!({"lastName": "x"}));
    assert_eq!(fields, ["firstName:MissingRequiredField"]);
    let body = json!({"firstName": "x", "company": {"id": 20}, "site": {"id": 41}});
    let (_, _, fields) = client.refusal("POST", "/company/contacts", &body);
    assert_eq!(fields, ["site:InvalidReference"]);
}
