//! Lists, filters, pages and the shapes of records.

use serde_json::{Value, json};

use super::Client;
use crate::sample::{numbers, texts};

const ACCOUNTS: &str = "/v2/crm/accounts/summary";
const CONTACTS: &str = "/v2/crm/contacts/summary";
const ASSETS: &str = "/v2/servicedesk/hardwareasset/searchselect";

#[test]
fn accounts_are_filtered_by_dotted_names_in_any_case() {
    let mut client = Client::new();
    let former = client.named("AccountTypes", "Former Client");
    let all = vec!["Fabrikam Group", "Fabrikam Dental", "Olde Forge & Sons"];
    client.later(60);
    let dental = client.dental();
    let touch = json!([{ "op": "replace", "path": "/website", "value": "x.example" }]);
    client.done("PATCH", &format!("/v2/crm/accounts/{dental}"), &touch);
    for (query, expected) in [
        ("", all.clone()),
        (
            "Filter.AccountName=fabrikam",
            vec!["Fabrikam Group", "Fabrikam Dental"],
        ),
        ("filter.accountname=FORGE", vec!["Olde Forge & Sons"]),
        ("Filter.AccountCode=fabdent", vec!["Fabrikam Dental"]),
        ("Filter.IsActive=false", vec!["Olde Forge & Sons"]),
        (
            &format!("Filter.AccountTypeId={former}"),
            vec!["Olde Forge & Sons"],
        ),
        ("Filter.AccountTypeName=Former", vec!["Olde Forge & Sons"]),
        (
            "Filter.ModifiedOnFrom=2025-03-04T15:21:11",
            vec!["Fabrikam Dental"],
        ),
        (
            "Filter.ModifiedOnTo=2025-03-04T15:21:10Z",
            vec!["Fabrikam Group", "Olde Forge & Sons"],
        ),
        ("Filter.CreatedOnFrom=2025-03-05", vec![]),
        ("Filter.CreatedOnFrom=2025-03-04", all),
        ("Filter.AccountName=fabrikam&Filter.IsActive=false", vec![]),
        (
            "Filter.AccountName=forge&Filter.AccountName=group",
            vec!["Fabrikam Group", "Olde Forge & Sons"],
        ),
    ] {
        let mut found = texts(&client.get(&format!("{ACCOUNTS}?{query}")), "accountName");
        let mut expected = expected;
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn contacts_and_assets_are_filtered_by_their_own_names() {
    let client = Client::new();
    let dental = client.dental();
    let main = client.location("Main");
    let pat = client.id(&format!("{CONTACTS}?Filter.FirstName=pat"));
    for (query, expected) in [
        (format!("Filter.AccountId={dental}"), vec!["Pat", "Sam"]),
        ("Filter.Email=P.ROWE".to_owned(), vec!["Pat"]),
        ("Filter.Phone=0150".to_owned(), vec!["Pat"]),
        ("Filter.IsActive=true".to_owned(), vec!["Lee", "Pat"]),
        ("Filter.AccountName=group".to_owned(), vec!["Lee"]),
    ] {
        let mut found = texts(&client.get(&format!("{CONTACTS}?{query}")), "firstName");
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
    for (query, expected) in [
        (
            format!("Filter.AccountId={dental}"),
            vec!["FAB-OLD", "FAB-SRV01", "FAB-WS01"],
        ),
        (
            "Filter.SerialNumber=sn-".to_owned(),
            vec!["FAB-WS01", "GRP-WS01"],
        ),
        ("Filter.IsActive=false".to_owned(), vec!["FAB-OLD"]),
        (
            "Filter.LocationName=main".to_owned(),
            vec!["FAB-SRV01", "FAB-WS01"],
        ),
        ("Filter.IPAddress=10.20".to_owned(), vec!["FAB-WS01"]),
        ("Filter.Description=desk".to_owned(), vec!["FAB-WS01"]),
        (format!("Filter.ContactId={pat}"), vec!["FAB-WS01"]),
        ("Filter.ContactName=pat+ro".to_owned(), vec!["FAB-WS01"]),
    ] {
        let mut found = texts(&client.get(&format!("{ASSETS}?{query}")), "assetName");
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
    let categories = [client.named("AssetCategories", "Managed Server"), 99];
    let query = format!(
        "{ASSETS}?Filter.CategoryIds={},{}",
        categories[0], categories[1]
    );
    assert_eq!(texts(&client.get(&query), "assetName"), ["FAB-SRV01"]);
    let front = client.asset("FAB-WS01")["id"].clone();
    let others = client.get(&format!(
        "{ASSETS}?Filter.AccountId={dental}&Filter.ExcludedId={front}"
    ));
    assert_eq!(others.as_array().unwrap().len(), 2);
    let found = client.get(&format!("/v2/crm/contacts/search?Filter.LocationId={main}"));
    assert_eq!(found[0]["emailAddress"], "pat@fabrikamdental.example");
    assert_eq!(found[0]["hasClientPortalAccess"], false);
    assert!(found[0].get("emails").is_none());
}

#[test]
fn pages_count_from_1_and_0_is_the_first_too() {
    let client = Client::new();
    let page = |size: u32, number: u32| {
        client
            .call(
                "GET",
                &format!("{ACCOUNTS}?pagesize={size}&PAGENUMBER={number}"),
                &Value::Null,
            )
            .good()
    };
    let all = numbers(&page(100, 1)["result"], "id");
    assert_eq!(all.len(), 3);
    assert_eq!(numbers(&page(2, 1)["result"], "id"), all[..2]);
    assert_eq!(numbers(&page(2, 0)["result"], "id"), all[..2]);
    assert_eq!(numbers(&page(2, 2)["result"], "id"), all[2..]);
    let past = page(2, 3);
    assert_eq!(
        (&past["result"], &past["totalRecords"]),
        (&json!([]), &json!(3))
    );
    let sorted = client.get(&format!("{ACCOUNTS}?Sort=AccountName+desc"));
    assert_eq!(texts(&sorted, "accountName")[0], "Olde Forge & Sons");
}

#[test]
fn only_lists_that_are_paged_tell_their_total() {
    let client = Client::new();
    for (path, total) in [
        (ACCOUNTS, json!(3)),
        (CONTACTS, json!(3)),
        (ASSETS, Value::Null),
    ] {
        let page = client
            .call("GET", &format!("{path}?PageSize=1"), &Value::Null)
            .good();
        assert_eq!(page["totalRecords"], total, "{path}");
        assert_eq!(page["result"].as_array().unwrap().len(), 1);
        assert_eq!(page.get("totalRecords").is_none(), path == ASSETS);
    }
    let filtered = client.call(
        "GET",
        &format!("{CONTACTS}?PageSize=1&Filter.IsActive=true"),
        &Value::Null,
    );
    assert_eq!(filtered.good()["totalRecords"], 2);
}

#[test]
fn the_short_list_of_assets_knows_less_than_the_asset() {
    let client = Client::new();
    let short = client.get(&format!("{ASSETS}?Filter.AssetName=FAB-WS01"))[0].clone();
    let mut names: Vec<&String> = short.as_object().unwrap().keys().collect();
    names.sort();
    let expected = [
        "accountId",
        "accountName",
        "assetName",
        "categoryId",
        "categoryName",
        "contactId",
        "contactName",
        "id",
        "ipAddress",
        "isActive",
        "locationName",
        "machineGroupId",
        "serialNumber",
    ];
    assert_eq!(names, expected);
    assert_eq!(short["contactName"], "Pat Rowe");
    assert_eq!(short["categoryName"], "Managed Workstation");
    let whole = client.asset("FAB-WS01");
    for (name, value) in [
        ("name", json!("FAB-WS01")),
        ("accountName", json!("Fabrikam Dental")),
        ("accountLocation", json!("Main")),
        ("contactFirstName", json!("Pat")),
        ("contactLastName", json!("Rowe")),
        ("category", json!("Managed Workstation")),
        ("serialNumber", json!("SN-front")),
        ("macAddress", json!("00:1A:2B:3C:4D:5E")),
        ("modelNumber", json!("OptiPlex 7010")),
        ("manufacturer", json!("Dell")),
        ("osInfo", json!("Microsoft Windows 11 Pro")),
        ("assetTag", json!("A-0042")),
        ("warrantyExpirationDate", json!("2026-06-01T00:00:00")),
        ("modifiedOn", json!("2025-03-04T15:20:11")),
        ("dhcpEnabled", json!(false)),
        ("diskVolumes", json!([])),
    ] {
        assert_eq!(whole[name], value, "{name}");
    }
}

#[test]
fn an_account_comes_with_its_locations_and_their_addresses() {
    let client = Client::new();
    let dental = client.dental();
    let account = client.get(&format!("{ACCOUNTS}/{dental}"));
    let group = client.id(&format!("{ACCOUNTS}?Filter.AccountName=group"));
    assert_eq!(
        (&account["accountCode"], &account["parentId"]),
        (&json!("FABDENT"), &json!(group))
    );
    let locations = account["locations"].as_array().unwrap();
    assert_eq!(locations.len(), 2);
    let main = locations
        .iter()
        .find(|location| location["isMain"] == true)
        .unwrap();
    assert_eq!(main["locationName"], "Main");
    let address = &main["addresses"][0];
    for (name, value) in [
        ("address1", "12 Harbour St"),
        ("city", "Halifax"),
        ("state", "NS"),
        ("zipCode", "B3H 1A1"),
        ("country", "Canada"),
        ("phone", "902-555-0101"),
    ] {
        assert_eq!(address[name], value, "{name}");
    }
    assert_eq!(address["countryId"], client.named("Countries", "Canada"));
    let alone = client.get(&format!(
        "/v2/crm/accounts/{dental}/locations/{}",
        main["id"]
    ));
    assert_eq!(alone, *main);
    let short = client.get(&format!("/v2/crm/accounts/{dental}/locations/lookup"));
    let row = short
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == main["id"])
        .unwrap();
    assert_eq!(
        *row,
        json!({ "id": main["id"], "name": "Main", "accountId": dental, "isMain": true })
    );
}

#[test]
fn lists_of_types_and_states_have_ids_and_names() {
    let client = Client::new();
    let types = client.get("/v2/system/accounttypes/lookup");
    for row in types.as_array().unwrap() {
        assert!(row["id"].is_u64() && row["name"].is_string());
        assert!(row["isClient"].is_boolean() && row["isVendor"].is_boolean());
    }
    // Under its other name it says which is the default, and not for whom a type is (documented).
    let again = client.get("/v2/system/lookup/accounttypes");
    let names = |rows: &Value| -> Vec<(Value, Value)> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| (row["id"].clone(), row["name"].clone()))
            .collect()
    };
    assert_eq!(names(&again), names(&types));
    assert!(again[0]["isDefault"].is_boolean() && again[0]["isClient"].is_null());
    for table in [
        "AssetCategories",
        "AssetStates",
        "BusinessTypes",
        "EmailTypes",
        "PhoneTypes",
    ] {
        let rows = client.get(&format!("/v2/system/tenantlookup/{table}"));
        assert_eq!(rows[0]["isDefault"], true, "{table}");
        assert_eq!(rows[0]["isActive"], true, "{table}");
    }
    let added = client.done(
        "POST",
        "/v2/system/tenantlookup/AssetCategories",
        &json!({ "name": "Kiosk" }),
    );
    assert_eq!(added[0]["id"], client.named("AssetCategories", "Kiosk"));
    assert_eq!(
        client
            .call(
                "POST",
                "/v2/system/lookup/AssetCategories",
                &json!({ "name": "x" })
            )
            .status,
        405
    );
}
