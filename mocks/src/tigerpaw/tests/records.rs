//! Accounts, contacts and what is read of locations in their addresses; writes.

use serde_json::{Value, json};

use super::Client;
use crate::Simulator as _;
use crate::sample;
use crate::world::{Change, Kind, Record, Tool};

/// Ids under which locations are read, with their keys.
fn locations(client: &Client) -> Vec<(String, String)> {
    let rows = client.tigerpaw.truth().into_iter();
    let rows = rows.filter(|row| row.kind == Kind::Location);
    rows.map(|row| (row.key, row.external_id)).collect()
}

#[test]
fn an_account_shows_its_main_location_as_its_own_address() {
    let client = Client::new();
    let dental = client.account("Fabrikam Dental");
    let group = client.account("Fabrikam Group");
    let account = client.get(&format!("/api/accounts/{dental}"));
    for (name, value) in [
        ("Name", "Fabrikam Dental"),
        ("AccountId", "FABDENT"),
        ("Address1", "12 Harbour St"),
        ("City", "Halifax"),
        ("State", "NS"),
        ("PostalCode", "B3H 1A1"),
        ("Country", "Canada"),
        ("AccountType", "Client"),
        ("Status", "Active"),
        ("URL1", "fabrikamdental.example"),
    ] {
        assert_eq!(account["Account"][name], value, "{name}");
    }
    assert_eq!(account["PhoneNumber"], "902-555-0101");
    assert_eq!(
        (
            &account["ParentAccountNumber"],
            &account["NumberOfContacts"]
        ),
        (&json!(group), &json!(2))
    );
    let whole = client.get(&format!("/api/accounts/{dental}/details"));
    assert_eq!(whole["PhoneNumbers"].as_array().unwrap().len(), 1);
    assert_eq!(whole["PhoneNumbers"][0]["Number"], "902-555-0101");
    for list in ["ShipTos", "BillTos", "CustomFields"] {
        assert_eq!(whole[list], json!([]), "{list}");
    }
    let forge = client.account("Olde Forge & Sons");
    let silent = client.get(&format!("/api/accounts/{forge}/details"));
    assert_eq!(silent["PhoneNumbers"], json!([]));
}

#[test]
fn contacts_of_an_account_are_all_or_the_active_ones() {
    let client = Client::new();
    let dental = client.account("Fabrikam Dental");
    let first = |path: String| -> Vec<String> {
        let found = client.get(&path);
        let rows = found["Contacts"].as_array().unwrap().iter();
        rows.map(|row| row["Contact"]["FirstName"].as_str().unwrap().to_owned())
            .collect()
    };
    let path = format!("/api/contacts/account/{dental}");
    assert_eq!(first(path.clone()), ["Pat", "Sam"]);
    assert_eq!(first(format!("{path}/false")), ["Pat", "Sam"]);
    assert_eq!(first(format!("{path}/true")), ["Pat"]);
    let pat = client.contact("Pat");
    let summary = client.get(&format!("/api/contacts/{pat}"));
    assert_eq!(summary["PhoneNumber"], "902-555-0102");
    assert_eq!(summary["EmailAddress"], "pat@fabrikamdental.example");
    assert_eq!(summary["AccountName"], "Fabrikam Dental");
    assert!(summary.get("EmailAddresses").is_none());
    let whole = client.get(&format!("/api/contacts/{pat}/details"));
    assert_eq!(whole["EmailAddresses"].as_array().unwrap().len(), 2);
    assert_eq!(whole["PhoneNumbers"][1]["Location"], "Mobile");
    assert_eq!(whole["Account"]["Name"], "Fabrikam Dental");
    assert_eq!(whole["Contact"]["Address1"], "12 Harbour St");
}

#[test]
fn the_primary_contact_of_an_account_is_marked_on_both_sides() {
    let client = Client::new();
    let (dental, pat) = (client.account("Fabrikam Dental"), client.contact("Pat"));
    let read = || client.get(&format!("/api/contacts/{pat}"))["IsPrimaryContact"].clone();
    assert_eq!(read(), false);
    let body = json!({ "Account": { "PrimaryContactNumber": pat } });
    let put = client
        .call("PUT", &format!("/api/accounts/{dental}"), &body)
        .good();
    assert_eq!(put["AccountSummary"]["PrimaryContactName"], "Pat Rowe");
    assert_eq!(
        put["AccountSummary"]["PrimaryContactEmailAddress"],
        "pat@fabrikamdental.example"
    );
    assert_eq!(read(), true);
    let sam = client.contact("Sam");
    assert_eq!(
        client.get(&format!("/api/contacts/{sam}"))["IsPrimaryContact"],
        false
    );
}

#[test]
fn a_location_is_read_at_its_account_or_at_the_first_active_contact_who_sits_there() {
    let client = Client::new();
    let (dental, group) = (
        client.account("Fabrikam Dental"),
        client.account("Fabrikam Group"),
    );
    let sam = client.contact("Sam");
    let mut expected = vec![
        ("main".to_owned(), format!("account-{dental}")),
        ("office".to_owned(), format!("account-{group}")),
    ];
    let sorted = |mut rows: Vec<(String, String)>| {
        rows.sort();
        rows
    };
    assert_eq!(sorted(locations(&client)), expected);
    // Sam alone sits in the annex, and is not active until now.
    let body = json!({ "Contact": { "Inactive": false } });
    client
        .call("PUT", &format!("/api/contacts/{sam}"), &body)
        .good();
    expected.insert(0, ("annex".to_owned(), format!("contact-{sam}")));
    assert_eq!(sorted(locations(&client)), expected);
}

#[test]
fn an_account_is_made_and_changed_as_a_whole_object_laid_over() {
    let client = Client::new();
    let body = json!({
        "Account": { "Name": "New Co", "AccountType": "Client", "Status": "Active", "City": "Truro" },
        "PrimaryPhoneNumber": { "Number": "5550" }, "AccountSource": "x",
    });
    let made = client.call("POST", "/api/accounts", &body);
    assert_eq!(made.status, 200);
    let summary = &made.json["AccountSummary"];
    assert_eq!(
        (&summary["PhoneNumber"], &made.json["Success"]),
        (&json!("5550"), &json!(true))
    );
    let id = summary["AccountNumber"].as_u64().unwrap();
    let put = json!({ "Account": { "URL1": "new.example" } });
    client
        .call("PUT", &format!("/api/accounts/{id}"), &put)
        .good();
    let read = client.get(&format!("/api/accounts/{id}"));
    assert_eq!(
        (&read["Account"]["URL1"], &read["Account"]["City"]),
        (&json!("new.example"), &json!("Truro"))
    );
    assert_eq!(client.call("PUT", "/api/accounts/1", &put).status, 404);
    for (name, value) in [
        ("Name", json!(" ")),
        ("AccountType", Value::Null),
        ("Status", json!("Odd")),
        ("AccountType", json!("Odd")),
    ] {
        let mut wrong = body.clone();
        wrong["Account"][name] = value;
        assert_eq!(
            client.call("POST", "/api/accounts", &wrong).status,
            400,
            "{wrong}"
        );
    }
    assert_eq!(
        client
            .call("POST", "/api/accounts", &json!({ "Name": "x" }))
            .status,
        400
    );
}

#[test]
fn a_contact_belongs_to_an_account_and_its_primary_number_is_replaced() {
    let client = Client::new();
    let dental = client.account("Fabrikam Dental");
    let body = json!({
        "Contact": { "FirstName": "Ann", "LastName": "Bly", "AccountNumber": dental },
        "PrimaryPhoneNumber": { "Number": "1" }, "PrimaryEmailAddress": { "Email": "ann@x.example" },
    });
    let made = client.call("POST", "/api/contacts", &body).good()["ContactSummary"].clone();
    assert_eq!(
        (&made["PhoneNumber"], &made["EmailAddress"]),
        (&json!("1"), &json!("ann@x.example"))
    );
    assert_eq!(
        (&made["Contact"]["Name"], &made["Contact"]["Inactive"]),
        (&json!("Ann Bly"), &json!(false))
    );
    let id = &made["ContactNumber"];
    let put = json!({ "Contact": { "LastName": "Cole" }, "PrimaryPhoneNumber": { "Number": "2" } });
    let put = client
        .call("PUT", &format!("/api/contacts/{id}"), &put)
        .good()["ContactSummary"]
        .clone();
    assert_eq!(
        (&put["Contact"]["Name"], &put["PhoneNumber"]),
        (&json!("Ann Cole"), &json!("2"))
    );
    let whole = client.get(&format!("/api/contacts/{id}/details"));
    assert_eq!(whole["PhoneNumbers"].as_array().unwrap().len(), 1);
    for (name, value) in [
        ("FirstName", json!("")),
        ("LastName", Value::Null),
        ("AccountNumber", json!(1)),
    ] {
        let mut wrong = body.clone();
        wrong["Contact"][name] = value;
        assert_eq!(
            client.call("POST", "/api/contacts", &wrong).status,
            400,
            "{wrong}"
        );
    }
}

#[test]
fn lists_of_types_and_statuses_are_entries() {
    let client = Client::new();
    for (list, name) in [
        ("types", "Former Client"),
        ("statuses", "Inactive"),
        ("types/true", "Client"),
    ] {
        let found = client.get(&format!("/api/mastertables/accounts/{list}"));
        assert_eq!(found["Success"], true);
        let mut entries = found["Entries"].as_array().unwrap().iter();
        let entry = entries.find(|entry| entry["Value"] == name).unwrap();
        assert!(entry["Id"].is_u64() && entry["IsSystemEntry"].is_boolean());
    }
}

#[test]
fn a_machine_that_changes_is_one_managed_asset_still_and_goes_when_it_goes() {
    let client = Client::new();
    let dental = client.account("Fabrikam Dental");
    let assets = || client.get(&format!("/api/accounts/{dental}/assets/managed"));
    assert_eq!(assets()["TotalCount"], 3);
    let mut records = sample::records(Tool::Psa).devices.into_iter();
    let before = records.find(|device| device.name == "FAB-WS01").unwrap();
    let mut after = before.clone();
    after.serial = Some("SN-new".to_owned());
    let key = after.key.clone();
    let change = Change::Edit {
        before: Record::from(before),
        after: Record::from(after),
    };
    client.tigerpaw.apply(&change, client.now).unwrap();
    assert_eq!(assets()["TotalCount"], 3);
    let found = assets();
    let mut rows = found["AccountManagedAssets"].as_array().unwrap().iter();
    let front = rows
        .find(|row| row["ProviderAssetName"] == "FAB-WS01")
        .unwrap();
    assert_eq!(front["SerialNumber"], "SN-new");
    let removed = Change::Remove {
        kind: Kind::Device,
        key,
    };
    client.tigerpaw.apply(&removed, client.now).unwrap();
    assert_eq!(assets()["TotalCount"], 2);
}
