//! Creates, PATCH, PUT, deletes.

use serde_json::{Value, json};

use super::Client;
use crate::Simulator as _;
use crate::world::Kind;

fn item(client: &Client) -> Value {
    json!({
        "companyID": client.dental(),
        "productID": client.one("ConfigurationItems", "referenceTitle", "FAB-WS01")["productID"],
        "isActive": true,
        "referenceTitle": "MADE-01",
        "serialNumber": "M1",
    })
}

#[test]
fn a_create_answers_200_with_the_id_and_is_there() {
    let client = Client::new();
    let body = json!({ "id": 0, "companyName": "New Co", "companyType": 1, "phone": "1" });
    let got = client.call("POST", "Companies", &body);
    assert_eq!(got.status, 200);
    let id = got.json["itemId"].as_u64().unwrap();
    assert_eq!(got.json, json!({ "itemId": id }));
    let made = client.get(&format!("Companies/{id}"))["item"].clone();
    assert_eq!(
        (&made["companyName"], &made["isActive"]),
        (&json!("New Co"), &json!(true))
    );
    assert_eq!(made["createDate"], "2025-03-04T15:20:11.000");
    assert_eq!(
        client.autotask.unclaimed(),
        [(Kind::Organization, id.to_string())]
    );
    let texts = client.refusal(
        "POST",
        "Companies",
        &json!({ "id": 7, "companyName": "x", "companyType": 1 }),
    );
    assert!(texts[0].contains("id"), "{texts:?}");
}

#[test]
fn each_missing_field_is_named() {
    let client = Client::new();
    let dental = client.dental();
    for (path, body, missing) in [
        (
            "Companies".to_owned(),
            json!({ "companyName": " " }),
            vec!["companyName", "companyType"],
        ),
        (
            format!("Companies/{dental}/Locations"),
            json!({}),
            vec!["name"],
        ),
        (
            format!("Companies/{dental}/Contacts"),
            json!({ "firstName": "x" }),
            vec!["isActive", "lastName"],
        ),
        (
            "ConfigurationItems".to_owned(),
            json!({ "referenceTitle": "x" }),
            vec!["companyID", "isActive", "productID"],
        ),
    ] {
        let mut texts = client.refusal("POST", &path, &body);
        texts.sort();
        assert_eq!(texts.len(), missing.len(), "{texts:?}");
        for (text, name) in texts.iter().zip(missing) {
            assert!(text.contains(name), "{text}");
        }
    }
}

#[test]
fn values_that_no_list_and_no_record_has_are_refused() {
    let client = Client::new();
    let wrong = json!({ "companyName": "x", "companyType": 99 });
    let texts = client.refusal("POST", "Companies", &wrong);
    assert_eq!(
        texts,
        ["Picklist value [99] does not exist for companyType."]
    );
    for (name, value) in [
        ("companyID", json!(5)),
        ("productID", json!(5)),
        ("contactID", json!(5)),
        ("configurationItemType", json!(77)),
        ("isActive", json!("perhaps")),
        ("installDate", json!("perhaps")),
        ("serialNumber", json!(5)),
    ] {
        let mut body = item(&client);
        body[name] = value;
        let texts = client.refusal("POST", "ConfigurationItems", &body);
        assert!(texts[0].contains(name), "{texts:?}");
    }
    assert_eq!(client.refusal("POST", "Companies", &json!([])).len(), 1);
}

#[test]
fn children_are_made_under_their_company_which_wins_over_the_body() {
    let client = Client::new();
    let dental = client.dental();
    let body = json!({ "firstName": "Ann", "lastName": "Bly", "isActive": 1, "companyID": 0 });
    let id = client.made(&format!("Companies/{dental}/Contacts"), &body);
    let ann = client.get(&format!("Companies/{dental}/Contacts/{id}"))["item"].clone();
    assert_eq!(
        (&ann["companyID"], &ann["isActive"]),
        (&json!(dental), &json!(1))
    );
    assert_eq!(
        client
            .call("POST", "Companies/424242/Contacts", &body)
            .status,
        404
    );
    assert_eq!(client.call("POST", "Contacts", &body).status, 405);
    let place = client.made(
        &format!("Companies/{dental}/Locations"),
        &json!({ "name": "Depot" }),
    );
    let place = client.get(&format!("CompanyLocations/{place}"))["item"].clone();
    assert_eq!(place["companyID"], dental);
    assert_eq!(
        (&place["isActive"], &place["isPrimary"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn patch_changes_what_is_sent_and_put_empties_the_rest() {
    let mut client = Client::new();
    let id = client.made("ConfigurationItems", &item(&client));
    client.later(60);
    let got = client.call(
        "PATCH",
        "ConfigurationItems",
        &json!({ "id": id, "NOTES": "n" }),
    );
    assert_eq!(got.good(), json!({ "itemId": id }));
    let read = |client: &Client| client.get(&format!("ConfigurationItems/{id}"))["item"].clone();
    let patched = read(&client);
    assert_eq!(
        (&patched["notes"], &patched["serialNumber"]),
        (&json!("n"), &json!("M1"))
    );
    assert_eq!(patched["createDate"], "2025-03-04T15:20:11.000");
    assert_eq!(patched["lastModifiedTime"], "2025-03-04T15:21:11.000");

    let put = json!({
        "id": id, "productID": patched["productID"], "isActive": false, "referenceTitle": "MADE-02",
    });
    client.call("PUT", "ConfigurationItems", &put).good();
    let replaced = read(&client);
    assert_eq!(replaced["referenceTitle"], "MADE-02");
    assert_eq!(replaced["isActive"], false);
    for empty in ["notes", "serialNumber", "configurationItemCategoryID"] {
        assert_eq!(replaced[empty], Value::Null, "{empty}");
    }
    for kept in ["companyID", "createDate", "id"] {
        assert_eq!(replaced[kept], patched[kept], "{kept}");
    }
    let texts = client.refusal("PUT", "ConfigurationItems", &json!({ "id": id }));
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(
        client.refusal("PATCH", "ConfigurationItems", &json!({ "notes": "n" }))[0].contains("id")
    );
}

#[test]
fn the_company_of_an_item_stays_whatever_is_sent() {
    let client = Client::new();
    let id = client.made("ConfigurationItems", &item(&client));
    let group = client.id("Companies", "companyName", "Fabrikam Group");
    for company in [json!(group), json!(424_242), json!("x"), Value::Null] {
        for name in ["companyID", "CompanyId"] {
            let body = json!({ "id": id, name: company, "notes": "moved" });
            client.call("PATCH", "ConfigurationItems", &body).good();
            let item = client.get(&format!("ConfigurationItems/{id}"))["item"].clone();
            assert_eq!(item["companyID"], client.dental(), "{body}");
        }
    }
}

#[test]
fn read_only_fields_are_passed_over() {
    let client = Client::new();
    let mut body = item(&client);
    body["rmmDeviceAuditMacAddress"] = json!("00:00:00:00:00:01");
    body["createDate"] = json!("2001-01-01T00:00:00.000");
    body["shoeSize"] = json!(44);
    let id = client.made("ConfigurationItems", &body);
    let made = client.get(&format!("ConfigurationItems/{id}"))["item"].clone();
    assert_eq!(made["rmmDeviceAuditMacAddress"], Value::Null);
    assert_eq!(made["createDate"], "2025-03-04T15:20:11.000");
    assert!(made.get("shoeSize").is_none());
    // The default category is set when none is sent.
    assert_eq!(made["configurationItemCategoryID"], 1);
}

#[test]
fn user_defined_fields_change_pair_by_pair_and_hold_text() {
    let client = Client::new();
    let id = client.dental();
    let set = |fields: Value| {
        let body = json!({ "id": id, "userDefinedFields": fields });
        client.call("PATCH", "Companies", &body).good();
        client.get(&format!("Companies/{id}"))["item"]["userDefinedFields"].clone()
    };
    let one = set(json!([{ "name": "Ref", "value": 12 }]));
    assert_eq!(one, json!([{ "name": "Ref", "value": "12" }]));
    let two = set(json!([{ "name": "Region", "value": "East" }]));
    assert_eq!(two[0], one[0]);
    let emptied = set(json!([{ "name": "Ref", "value": null }]));
    assert_eq!(
        emptied,
        json!([{ "name": "Ref", "value": null }, { "name": "Region", "value": "East" }])
    );
    let wrong = json!({ "id": id, "userDefinedFields": [{ "value": "x" }] });
    assert_eq!(client.refusal("PATCH", "Companies", &wrong).len(), 1);
}

#[test]
fn a_company_has_one_primary_location_and_its_address() {
    let client = Client::new();
    let dental = client.dental();
    let annex = client.id("CompanyLocations", "name", "Annex");
    let path = format!("Companies/{dental}/Locations");
    client
        .call("PATCH", &path, &json!({ "id": annex, "isPrimary": true }))
        .good();
    assert_eq!(
        client.one("CompanyLocations", "name", "Main")["isPrimary"],
        false
    );
    assert_eq!(
        client.one("CompanyLocations", "name", "Annex")["isPrimary"],
        true
    );
    assert_eq!(
        client.get(&format!("Companies/{dental}"))["item"]["city"],
        "Dartmouth"
    );
}

#[test]
fn contacts_and_locations_are_deleted_under_their_own_company() {
    let client = Client::new();
    let dental = client.dental();
    let lee = client.id("Contacts", "firstName", "Lee");
    let sam = client.id("Contacts", "firstName", "Sam");
    let annex = client.id("CompanyLocations", "name", "Annex");
    let delete = |path: String| client.call("DELETE", &path, &Value::Null);
    assert_eq!(
        delete(format!("Companies/{dental}/Contacts/{lee}")).status,
        404
    );
    assert_eq!(
        delete(format!("Companies/{dental}/Contacts/{sam}")).good(),
        json!({ "itemId": sam })
    );
    assert_eq!(
        client.get(&format!("Contacts/{sam}")),
        json!({ "item": null })
    );
    assert_eq!(
        delete(format!("Companies/{dental}/Contacts/{sam}")).status,
        404
    );
    delete(format!("Companies/{dental}/Locations/{annex}")).good();
    let path = format!("Companies/{dental}/Contacts");
    assert_eq!(
        client
            .call("PATCH", &path, &json!({ "id": lee, "title": "x" }))
            .status,
        404
    );
}
