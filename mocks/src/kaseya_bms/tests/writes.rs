//! Accounts with their locations, contacts with their addresses, assets.

use serde_json::{Value, json};

use super::{BRANDS, Client};

const ACCOUNTS: &str = "/v2/crm/accounts";
const ASSETS: &str = "/v2/servicedesk/hardwareasset";

fn account(client: &Client) -> Value {
    json!({
        "accountName": "New Co",
        "accountTypeId": client.named("AccountTypes", "Client"),
        "businessTypeId": 1,
        "accountManagerId": 17,
        "locations": [{
            "locationName": "Depot",
            "addresses": [{ "address1": "5 Dock Rd", "city": "Truro", "countryId": client.named("Countries", "Canada") }],
        }],
    })
}

#[test]
fn an_account_is_made_with_its_first_location_as_the_main_one() {
    for brand in BRANDS {
        let client = Client::of(brand);
        let made = client.done("POST", ACCOUNTS, &account(&client));
        assert_eq!(made["accountType"], "Client");
        let location = &made["locations"][0];
        assert_eq!(
            (&location["locationName"], &location["isMain"]),
            (&json!("Depot"), &json!(true))
        );
        assert_eq!(location["addresses"][0]["country"], "Canada");
        let id = &made["id"];
        assert_eq!(client.get(&format!("{ACCOUNTS}/summary/{id}")), made);
    }
}

#[test]
fn each_field_that_an_account_needs_is_asked_for() {
    let client = Client::new();
    for name in [
        "accountName",
        "accountTypeId",
        "businessTypeId",
        "accountManagerId",
        "locations",
    ] {
        let mut body = account(&client);
        body[name] = Value::Null;
        assert_eq!(
            client.refusal("POST", ACCOUNTS, &body),
            format!("The {name} field is required.")
        );
    }
    for name in ["locationName", "addresses"] {
        let mut body = account(&client);
        body["locations"][0][name] = Value::Null;
        assert_eq!(
            client.refusal("POST", ACCOUNTS, &body),
            format!("The {name} field is required.")
        );
    }
    let mut body = account(&client);
    body["locations"] = json!([]);
    client.refusal("POST", ACCOUNTS, &body);
    let mut body = account(&client);
    body["accountTypeId"] = json!(99);
    assert!(client.refusal("POST", ACCOUNTS, &body).contains("99"));
    let put = format!("{ACCOUNTS}/{}", client.dental());
    assert!(
        client
            .refusal("PUT", &put, &json!({ "accountName": "x" }))
            .contains("accountTypeId")
    );
}

#[test]
fn an_account_is_patched_by_path_and_records_that_show_its_name_follow() {
    let mut client = Client::new();
    let dental = client.dental();
    let path = format!("{ACCOUNTS}/{dental}");
    client.later(60);
    let patch = json!([
        { "op": "replace", "path": "/accountName", "value": "Fabrikam Smiles" },
        { "op": "remove", "path": "/website" },
        { "op": "test", "path": "/accountCode", "value": "FABDENT" },
    ]);
    let patched = client.done("PATCH", &path, &patch);
    assert_eq!(patched["accountName"], "Fabrikam Smiles");
    assert_eq!(
        (&patched["website"], &patched["accountCode"]),
        (&Value::Null, &json!("FABDENT"))
    );
    assert_eq!(patched["createdOn"], "2025-03-04T15:20:11");
    assert_eq!(patched["modifiedOn"], "2025-03-04T15:21:11");
    assert_eq!(client.asset("FAB-WS01")["accountName"], "Fabrikam Smiles");
    for wrong in [
        json!({}),
        json!([{ "op": "replace", "path": "/a/b", "value": 1 }]),
        json!([{ "op": "swap", "path": "/website" }]),
        json!([{ "op": "replace", "path": "/accountName", "value": " " }]),
    ] {
        client.refusal("PATCH", &path, &wrong);
    }
}

#[test]
fn a_contact_is_made_with_typed_addresses_and_answers_in_short() {
    let client = Client::new();
    let (dental, main) = (client.dental(), client.location("Main"));
    let body = json!({
        "firstName": "Ann", "lastName": "Bly", "accountId": dental, "locationId": main,
        "emails": [{ "emailAddress": "ann@x.example", "emailTypeId": client.named("EmailTypes", "Work"), "isDefault": true }],
        "phones": [{ "phoneNumber": "5550", "phoneTypeId": client.named("PhoneTypes", "Mobile"), "isDefault": true }],
    });
    let made = client.done("POST", "/v2/crm/contacts/summary", &body);
    let expected = json!({
        "id": made["id"], "firstName": "Ann", "lastName": "Bly", "accountId": dental,
        "accountName": "Fabrikam Dental", "locationId": main, "locationName": "Main",
        "phoneNumber": "5550", "emailAddress": "ann@x.example", "customFieldsData": [],
    });
    assert_eq!(made, expected);
    let whole = client.get(&format!("/v2/crm/contacts/summary/{}", made["id"]));
    assert_eq!(whole["phones"][0]["phoneType"], "Mobile");
    assert_eq!(whole["emails"][0]["emailType"], "Work");
    assert_eq!(
        (&whole["isActive"], &whole["isPoc"]),
        (&json!(true), &json!(false))
    );

    for (name, value) in [
        ("firstName", Value::Null),
        ("accountId", json!(1)),
        ("locationId", json!(1)),
        ("emails", json!([{ "emailAddress": "x@x.example" }])),
        ("phones", json!([{ "phoneNumber": "1", "phoneTypeId": 99 }])),
    ] {
        let mut wrong = body.clone();
        wrong[name] = value;
        client.refusal("POST", "/v2/crm/contacts/summary", &wrong);
    }
    let mut elsewhere = body;
    elsewhere["accountId"] = json!(client.id("/v2/crm/accounts/summary?Filter.AccountName=group"));
    assert!(
        client
            .refusal("POST", "/v2/crm/contacts/summary", &elsewhere)
            .contains("belong")
    );
}

#[test]
fn a_changed_contact_answers_under_the_names_of_writes_and_its_assets_follow() {
    let client = Client::new();
    let pat = client.id("/v2/crm/contacts/summary?Filter.FirstName=Pat");
    let path = format!("/v2/crm/contacts/{pat}");
    let body = json!({ "firstName": "Patricia", "poc": true, "receiveInvoices": true, "billByContact": true });
    let changed = client.done("PUT", &path, &body);
    for (name, value) in [
        ("firstName", json!("Patricia")),
        ("lastName", json!("Rowe")),
        ("poc", json!(true)),
        ("recieveInvoices", json!(true)),
        ("billByContact", json!(true)),
        ("modifiedByName", json!("sync.api")),
    ] {
        assert_eq!(changed[name], value, "{name}");
    }
    assert!(changed.get("isPoc").is_none());
    let read = client.get(&format!("/v2/crm/contacts/summary/{pat}"));
    assert_eq!(
        (
            &read["isPoc"],
            &read["canRecieveInvoices"],
            &read["isBillable"]
        ),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(client.asset("FAB-WS01")["contactFirstName"], "Patricia");
    let patch = json!([{ "op": "replace", "path": "/jobTitle", "value": "Owner" }]);
    assert_eq!(client.done("PATCH", &path, &patch)["jobTitle"], "Owner");
    assert_eq!(client.done("DELETE", &path, &Value::Null), true);
    assert_eq!(client.call("DELETE", &path, &Value::Null).status, 404);
}

#[test]
fn addresses_are_added_changed_and_removed_by_numbered_operations() {
    let client = Client::new();
    let pat = client.id("/v2/crm/contacts/summary?Filter.FirstName=Pat");
    let path = format!("/v2/crm/contacts/{pat}/emails");
    let done = client.done("PATCH", &path, &json!([
        { "operation": 0, "emailAddress": "new@x.example", "typeId": client.named("EmailTypes", "Personal") },
        { "operation": 1, "emailAddress": "pat@fabrikamdental.example", "newEmailAddress": "pr@x.example" },
        { "operation": 2, "emailAddress": "p.rowe@home.example" },
    ]));
    assert_eq!(
        (&done["added"], &done["updated"], &done["deleted"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let read = client.get(&format!("/v2/crm/contacts/summary/{pat}"));
    assert_eq!(read["emails"], done["emails"]);
    assert_eq!(
        crate::sample::texts(&read["emails"], "emailAddress"),
        ["pr@x.example", "new@x.example"]
    );
    for wrong in [
        json!([{ "operation": 0, "emailAddress": "pr@x.example" }]),
        json!([{ "operation": 2, "emailAddress": "nobody@x.example" }]),
        json!([{ "operation": 3, "emailAddress": "pr@x.example" }]),
        json!([{ "operation": 0 }]),
    ] {
        client.refusal("PATCH", &path, &wrong);
    }
    let path = format!("/v2/crm/contacts/{pat}/phones");
    let add = json!([{ "operation": 0, "phoneNumber": "5551", "typeId": client.named("PhoneTypes", "Home") }]);
    assert_eq!(
        client.done("PATCH", &path, &add)["phones"][3]["phoneType"],
        "Home"
    );
}

#[test]
fn an_asset_needs_four_fields_and_put_replaces_it() {
    let client = Client::new();
    let body = json!({
        "name": "MADE-01", "accountId": client.dental(), "accountLocationId": client.location("Main"),
        "categoryId": client.named("AssetCategories", "Managed Server"), "serialNumber": "M1",
        "description": "n",
    });
    for name in ["name", "accountId", "accountLocationId", "categoryId"] {
        let mut without = body.clone();
        without[name] = Value::Null;
        assert_eq!(
            client.refusal("POST", ASSETS, &without),
            format!("The {name} field is required.")
        );
        if name != "name" {
            let mut wrong = body.clone();
            wrong[name] = json!(99);
            assert!(client.refusal("POST", ASSETS, &wrong).contains("99"));
        }
    }
    let made = client.done("POST", ASSETS, &body);
    assert_eq!(
        (&made["category"], &made["accountLocation"]),
        (&json!("Managed Server"), &json!("Main"))
    );
    assert_eq!(made["isActive"], true);
    let path = format!("{ASSETS}/{}", made["id"]);
    let mut replacement = body;
    replacement["name"] = json!("MADE-02");
    replacement["serialNumber"] = Value::Null;
    replacement.as_object_mut().unwrap().remove("description");
    let replaced = client.done("PUT", &path, &replacement);
    assert_eq!(replaced["name"], "MADE-02");
    assert_eq!(
        (&replaced["serialNumber"], &replaced["description"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(client.done("DELETE", &path, &Value::Null), true);
    assert_eq!(client.call("GET", &path, &Value::Null).status, 404);
}
