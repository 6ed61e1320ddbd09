//! What becomes of each field.

use serde_json::{Value, json};

use super::{bms, failure, result, tenant};
use crate::connectors::PsaConnector;
use crate::connectors::testing::all;
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) fn fabrikam() -> Value {
    json!({
        "id": 20_551, "createdOn": "2023-01-04T09:12:00", "modifiedOn": "2025-04-30T16:01:22",
        "parentId": 7, "accountCode": "FABDENT", "accountTypeId": 3, "accountType": "Customer",
        "accountName": "Fabrikam Dental", "businessTypeId": 2, "businessType": "Healthcare",
        "accountManagerId": 17, "website": "fabrikam.example", "isActive": true, "isBilling": false,
        "locations": [
            { "id": 31_002, "locationName": "", "isMain": false, "isActive": false, "addresses": [] },
            { "id": 31_001, "locationName": "Main", "isMain": true, "isActive": true, "addresses": [
                { "id": 41_002, "address1": "PO Box 5", "isMain": false },
                { "id": 41_001, "address1": "12 Harbour St", "address2": null, "city": "Halifax",
                  "state": "NS", "zipCode": "B3H 1A1", "countryId": 38, "country": "Canada",
                  "phone": "9025550101", "fax": "", "isMain": true, "addressType": "Main" },
            ] },
            { "id": 31_003, "locationName": "Depot", "isMain": null, "isActive": null, "addresses": [
                { "id": 41_003, "address1": "1 Pier Rd", "isMain": false },
                { "id": 41_004, "address1": "2 Pier Rd", "isMain": null },
            ] },
            { "id": 31_004, "locationName": null, "addresses": null },
        ],
    })
}

pub(super) fn pat() -> Value {
    json!({
        "id": 88_120, "modifiedOn": "2025-03-02T08:00:00", "accountId": 20_551,
        "accountName": "Fabrikam Dental", "locationId": 31_001, "locationName": "Main",
        "firstName": "Pat", "lastName": "Rowe", "jobTitle": "Office manager", "isPoc": true,
        "isActive": true, "isBillable": false,
        "emails": [
            { "id": 1, "emailAddress": "pat@fabrikam.example", "emailTypeId": 1, "emailType": "Work", "isDefault": true },
            { "id": 2, "emailAddress": "", "emailTypeId": 1, "emailType": "Work", "isDefault": false },
            { "id": 3, "emailAddress": "pat@home.example", "emailTypeId": 2, "emailType": "", "isDefault": null },
        ],
        "phones": [
            { "id": 2, "phone": "9025550102", "phoneTypeId": 1, "phoneType": "Work", "isDefault": true },
            { "id": 4, "phone": null, "phoneTypeId": 1, "phoneType": "Work", "isDefault": false },
            { "id": 5, "phone": "9025550103", "phoneTypeId": 3, "phoneType": "Mobile", "isDefault": false },
        ],
        "canRecieveInvoices": false,
    })
}

pub(super) fn server() -> Value {
    json!({
        "id": 77_001, "name": "FAB-SRV01", "accountId": 20_551, "accountName": "Fabrikam Dental",
        "accountLocationId": 31_001, "accountLocation": "Main", "contactId": 88_120,
        "categoryId": 4, "category": "Server", "brandId": null, "serialNumber": " MX240917K2",
        "stateId": 1, "state": "In use", "locationInfo": "Rack 2", "description": "By the door",
        "assetTag": "A-0042", "isActive": true, "modelNumber": "PowerEdge T350",
        "ipAddress": "10.20.0.5", "defaultGateway": "10.20.0.1", "dhcpEnabled": false,
        "osType": "Windows Server 2022", "osInfo": "Standard 10.0.20348",
        "macAddress": "00:1A:2B:3C:4D:5E", "manufacturerId": 9, "manufacturer": "Dell",
        "warrantyExpirationDate": "2026-06-01T00:00:00", "acquisitionDate": "2023-06-01T00:00:00",
        "modifiedOn": "2025-05-12T08:01:44", "diskVolumes": [], "statuses": [],
    })
}

#[tokio::test]
async fn accounts() {
    let list = json!([
        fabrikam(),
        { "id": 20_552, "accountName": "Gone", "accountCode": "", "accountType": null, "parentId": 0,
          "isActive": false, "locations": null },
        { "id": 20_553, "accountName": null },
        { "id": 20_554, "accountName": "Späti GmbH ☕", "locations": [] },
        { "id": 20_555, "accountName": "A", "locations": [{ "locationName": "no id" }] },
    ]);
    let (connector, wire) = tenant(100, vec![("GET /v2/crm/accounts/summary", list)]);
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    let expected = RemoteOrganization {
        id: "20551".to_owned(),
        name: "Fabrikam Dental".to_owned(),
        short_name: some("FABDENT"),
        types: vec!["Customer".to_owned()],
        status: some("Active"),
        parent_id: some("7"),
        primary_location_id: some("31001"),
        deleted: false,
    };
    assert_eq!(records[0], expected);
    let gone = RemoteOrganization {
        id: "20552".to_owned(),
        name: "Gone".to_owned(),
        status: some("Inactive"),
        ..RemoteOrganization::default()
    };
    assert_eq!(records[1], gone);
    assert_eq!(records[2].name, "Späti GmbH ☕");
    assert_eq!(records[2].status, some("Active"));
    assert_eq!(
        rejected,
        [
            "record 20553, field accountName: invalid type: null, expected a string",
            "record 20555, field locations[0].id: missing field `id`",
        ]
    );
    assert_eq!(
        wire.targets()[1],
        "/v2/crm/accounts/summary?PageSize=100&PageNumber=1"
    );
}

#[tokio::test]
async fn locations_stand_in_their_accounts_with_their_main_address() {
    let list = json!([
        { "id": 1, "accountName": "Not asked for", "locations": [{ "id": 9 }] },
        fabrikam(),
        { "id": 20_553, "accountName": null },
    ]);
    let (connector, _) = tenant(100, vec![("GET /v2/crm/accounts/summary", list)]);
    let ids = vec!["20551".to_owned(), "20553".to_owned(), "none".to_owned()];
    let (records, rejected) = all(connector.locations(ids)).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["31002", "31001", "31003", "31004"]);
    let main = RemoteLocation {
        id: "31001".to_owned(),
        organization_id: "20551".to_owned(),
        name: "Main".to_owned(),
        address_1: some("12 Harbour St"),
        address_2: None,
        city: some("Halifax"),
        region: some("NS"),
        postal_code: some("B3H 1A1"),
        country: some("Canada"),
        phone: some("9025550101"),
        fax: None,
        primary: true,
        inactive: false,
    };
    assert_eq!(records[1], main);
    let bare = RemoteLocation {
        id: "31002".to_owned(),
        organization_id: "20551".to_owned(),
        inactive: true,
        ..RemoteLocation::default()
    };
    assert_eq!(records[0], bare);
    // Where no address is the main one it is the first.
    assert_eq!(records[2].address_1, some("1 Pier Rd"));
    assert!(!records[2].primary && !records[2].inactive);
    // The account that cannot be read is told of where accounts are read.
    assert!(rejected.is_empty(), "{rejected:?}");
}

#[tokio::test]
async fn contacts() {
    let list = json!([
        pat(),
        { "id": 88_121, "accountId": 0, "locationId": null, "firstName": null, "lastName": "",
          "jobTitle": null, "isActive": false, "emails": null, "phones": [] },
        { "id": 88_122, "accountId": "x" },
    ]);
    let (connector, wire) = tenant(100, vec![("GET /v2/crm/contacts/summary", list)]);
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    let email = |address: &str, label: Option<&str>, primary| RemoteEmail {
        address: address.to_owned(),
        label: label.map(str::to_owned),
        primary,
    };
    let phone = |number: &str, label: &str, primary| RemotePhone {
        number: number.to_owned(),
        extension: None,
        label: some(label),
        primary,
    };
    let expected = RemoteContact {
        id: "88120".to_owned(),
        organization_id: some("20551"),
        location_id: some("31001"),
        first_name: "Pat".to_owned(),
        last_name: some("Rowe"),
        title: some("Office manager"),
        contact_type: None,
        emails: vec![
            email("pat@fabrikam.example", Some("Work"), true),
            email("pat@home.example", None, false),
        ],
        phones: vec![
            phone("9025550102", "Work", true),
            phone("9025550103", "Mobile", false),
        ],
        inactive: false,
    };
    assert_eq!(records[0], expected);
    let bare = RemoteContact {
        id: "88121".to_owned(),
        inactive: true,
        ..RemoteContact::default()
    };
    assert_eq!(records[1], bare);
    assert_eq!(
        rejected,
        ["record 88122, field accountId: invalid type: string \"x\", expected i64"]
    );
    assert_eq!(
        wire.targets()[1],
        "/v2/crm/contacts/summary?PageSize=100&PageNumber=1"
    );
}

#[tokio::test]
async fn assets_are_read_one_by_one() {
    let list = json!([
        { "id": 77_001, "assetName": "FAB-SRV01", "serialNumber": null, "isActive": true },
        { "id": 77_002 }, { "id": 77_003 }, { "id": 77_004 }, { "id": 77_005 }, { "assetName": "no id" },
    ]);
    let (connector, wire) = tenant(
        100,
        vec![
            ("GET /v2/servicedesk/hardwareasset/searchselect", list),
            ("GET /v2/servicedesk/hardwareasset/77001", server()),
            (
                "GET /v2/servicedesk/hardwareasset/77002",
                json!({
                    "id": 77_002, "name": "Old", "accountId": 20_551, "contactId": 0, "state": "",
                    "isActive": false, "acquisitionDate": "0001-01-01T00:00:00",
                    "warrantyExpirationDate": "2026-06-01T23:30:00-10:00", "macAddress": null,
                }),
            ),
            (
                "GET /v2/servicedesk/hardwareasset/77004",
                json!({ "id": 77_004, "name": "A", "accountId": null }),
            ),
            (
                "GET /v2/servicedesk/hardwareasset/77005",
                json!({ "id": 77_005, "name": "A", "accountId": 1, "acquisitionDate": "June" }),
            ),
        ],
    );
    let (records, rejected) = all(connector.configurations()).await.unwrap();
    let expected = RemoteConfiguration {
        id: "77001".to_owned(),
        organization_id: "20551".to_owned(),
        name: "FAB-SRV01".to_owned(),
        configuration_type: some("Server"),
        status: some("In use"),
        location_id: some("31001"),
        contact_id: some("88120"),
        asset_tag: some("A-0042"),
        serial: some(" MX240917K2"),
        mac: some("00:1A:2B:3C:4D:5E"),
        manufacturer: some("Dell"),
        model: some("PowerEdge T350"),
        operating_system: some("Standard 10.0.20348"),
        ip: some("10.20.0.5"),
        default_gateway: some("10.20.0.1"),
        purchased_on: Some("2023-06-01".parse().unwrap()),
        installed_on: None,
        installed_by: None,
        warranty_expires_on: Some("2026-06-01".parse().unwrap()),
        notes: some("By the door"),
        inactive: false,
    };
    assert_eq!(records[0], expected);
    let old = RemoteConfiguration {
        id: "77002".to_owned(),
        organization_id: "20551".to_owned(),
        name: "Old".to_owned(),
        warranty_expires_on: Some("2026-06-01".parse().unwrap()),
        inactive: true,
        ..RemoteConfiguration::default()
    };
    // 77003 was deleted since the list was read.
    assert_eq!(records[1..], [old]);
    assert_eq!(
        rejected,
        [
            "record without id, field id: missing field `id`",
            "record 77004, field accountId: invalid type: null, expected i64",
            "record 77005, field acquisitionDate: `June` is no date",
        ]
    );
    assert_eq!(
        wire.targets()[1],
        "/v2/servicedesk/hardwareasset/searchselect?PageSize=100&PageNumber=1"
    );
}

#[tokio::test]
async fn an_asset_that_may_not_be_read_ends_the_walk() {
    let (connector, _) = bms(100, |sent| match sent.target.rsplit('/').next() {
        Some(list) if list.starts_with("searchselect") => {
            result(&json!([{ "id": 1 }, { "id": 2 }]))
        }
        Some("1") => result(&server()),
        _ => failure(403, "No right."),
    });
    let mut walk = connector.configurations();
    let error = walk.next_page().await.unwrap_err();
    assert_eq!(
        (error.operation, error.kind.code()),
        ("configurations.get", "vendor-forbidden")
    );
    assert_eq!(walk.next_page().await, Ok(None));
}

#[tokio::test]
async fn lists_of_types_and_statuses() {
    let (connector, _) = tenant(
        100,
        vec![
            (
                "GET /v2/system/accounttypes/lookup",
                json!([
                    { "id": 3, "name": "Customer", "isActive": true, "isClient": true },
                    { "id": 4, "name": "Old", "isActive": false },
                ]),
            ),
            (
                "GET /v2/system/tenantlookup/AssetCategories",
                json!([{ "id": 4, "name": "Server", "isDefault": true }]),
            ),
            (
                "GET /v2/system/tenantlookup/AssetStates",
                json!([{ "id": 1, "name": "In use", "isActive": null }]),
            ),
        ],
    );
    let row = |id: &str, name: &str, inactive| RemoteType {
        id: id.to_owned(),
        name: name.to_owned(),
        inactive,
    };
    assert_eq!(
        connector.organization_types().await.unwrap(),
        [row("3", "Customer", false), row("4", "Old", true)]
    );
    assert_eq!(
        connector.organization_statuses().await.unwrap(),
        [
            row("Active", "Active", false),
            row("Inactive", "Inactive", false)
        ]
    );
    assert_eq!(
        connector.configuration_types().await.unwrap(),
        [row("4", "Server", false)]
    );
    assert_eq!(
        connector.configuration_statuses().await.unwrap(),
        [row("1", "In use", false)]
    );
}

#[tokio::test]
async fn a_type_that_cannot_be_read_fails_the_list() {
    let list = json!([{ "id": 3, "name": "Customer" }, { "id": 4, "name": null }]);
    let (connector, _) = tenant(100, vec![("GET /v2/system/accounttypes/lookup", list)]);
    let error = connector.organization_types().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "kaseya-bms, company_types.list: the reply cannot be read: record 4, field name: invalid type: null, expected a string"
    );
}
