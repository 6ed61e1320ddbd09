//! What becomes of each field.

use serde_json::{Value, json};

use super::{TYPES, company_types, tenant};
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
        "id": 29_683_510, "companyName": "Fabrikam Dental", "companyNumber": "FABDENT",
        "companyType": 1, "isActive": true, "address1": "12 Harbour St", "address2": null,
        "city": "Halifax", "state": "NS", "countryID": 39, "phone": "902-555-0101", "fax": null,
        "parentCompanyID": 7, "ownerResourceID": 29_682_885,
        "lastTrackedModifiedDateTime": "2025-04-30T16:01:22.307",
        "userDefinedFields": [{ "name": "Region", "value": "Atlantic" }],
    })
}

pub(super) fn harbour() -> Value {
    json!({
        "id": 55, "companyID": 29_683_510, "name": "Harbour", "address1": "12 Harbour St",
        "address2": "Floor 2", "city": "Halifax", "state": "NS", "postalCode": "B3H 1A1",
        "countryID": 39, "phone": "902-555-0101", "fax": "902-555-0199", "isPrimary": true,
        "isActive": true, "roundtripDistance": 12.5, "soapParentPropertyId": null,
    })
}

pub(super) fn pat() -> Value {
    json!({
        "id": 30_683_589, "companyID": 29_683_510, "companyLocationID": 55, "firstName": "Pat",
        "lastName": "Rowe", "title": "Office manager", "emailAddress": "pat@fabrikam.example",
        "emailAddress2": "second@fabrikam.example", "phone": "902-555-0102", "extension": "12",
        "mobilePhone": "902-555-0103", "alternatePhone": "902-555-0104", "faxNumber": "902-555-0105",
        "isActive": 1, "primaryContact": true, "userDefinedFields": [],
    })
}

pub(super) fn server() -> Value {
    json!({
        "id": 48_111, "companyID": 29_683_510, "companyLocationID": 55, "configurationItemType": 3,
        "contactID": 30_683_589, "productID": 29_699_001, "referenceTitle": "FAB-SRV01",
        "referenceNumber": "A-0042", "serialNumber": " MX240917K2", "isActive": true,
        "installDate": "2023-06-01T00:00:00.000", "warrantyExpirationDate": "2026-06-01T00:00:00Z",
        "location": null, "notes": "Rack 2", "rmmDeviceAuditMacAddress": "00:1A:2B:3C:4D:5E",
        "rmmDeviceAuditIPAddress": "10.20.0.5", "rmmDeviceAuditOperatingSystem": "Windows Server",
        "userDefinedFields": [],
    })
}

pub(super) fn products() -> Value {
    json!([
        { "id": 29_699_001, "name": "Dell PowerEdge T350", "manufacturerName": "Dell",
          "manufacturerProductName": "PowerEdge T350", "isActive": true },
        { "id": 29_699_002, "name": "General", "manufacturerName": "", "manufacturerProductName": null },
    ])
}

pub(super) fn countries() -> Value {
    json!([
        { "id": 39, "countryCode": "CA", "displayName": "Canada", "name": "CANADA", "isActive": true },
        { "id": 40, "countryCode": "XX", "displayName": null, "name": "Xland", "isActive": false },
    ])
}

pub(super) fn item_types() -> Value {
    json!([
        { "id": 3, "isActive": true, "name": "Server" },
        { "id": 9, "isActive": false, "name": "Fax machine" },
    ])
}

#[tokio::test]
async fn companies() {
    let list = json!([
        fabrikam(),
        { "id": 29_683_511, "companyName": "Gone", "companyNumber": "", "companyType": 99,
          "isActive": false, "parentCompanyID": null },
        { "id": 29_683_512, "companyName": null, "isActive": true },
        { "id": 29_683_513, "companyName": "Späti GmbH ☕" },
    ]);
    let primary = json!([harbour()]);
    let (connector, wire) = tenant(
        500,
        vec![
            ("POST /Companies/query", list),
            ("POST /CompanyLocations/query", primary),
        ],
    );
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    let expected = RemoteOrganization {
        id: "29683510".to_owned(),
        name: "Fabrikam Dental".to_owned(),
        short_name: some("FABDENT"),
        types: vec!["Customer".to_owned()],
        status: some("Active"),
        parent_id: some("7"),
        primary_location_id: some("55"),
        deleted: false,
    };
    assert_eq!(records[0], expected);
    let gone = RemoteOrganization {
        id: "29683511".to_owned(),
        name: "Gone".to_owned(),
        status: some("Inactive"),
        ..RemoteOrganization::default()
    };
    assert_eq!(records[1], gone);
    assert_eq!(records[2].name, "Späti GmbH ☕");
    assert_eq!(records[2].status, some("Active"));
    assert_eq!(
        rejected,
        ["record 29683512, field companyName: invalid type: null, expected a string"]
    );
    let asked = wire.bodies(&format!("POST {}/CompanyLocations/query", super::ROOT));
    let primary = json!({ "op": "eq", "field": "isPrimary", "value": true });
    assert_eq!(asked[0]["filter"][1], primary);
}

#[tokio::test]
async fn locations() {
    let list = json!([
        harbour(),
        { "id": 56, "companyID": 29_683_510, "name": "", "address1": "", "countryID": 40,
          "isPrimary": false, "isActive": false },
        { "id": 57, "companyID": 29_683_510, "name": "Nowhere", "countryID": 999, "isPrimary": null,
          "isActive": null, "phone": null },
        { "id": 58, "companyID": 29_683_510, "name": null },
        { "id": 59, "companyID": null, "name": "Lost" },
    ]);
    let (connector, wire) = tenant(
        500,
        vec![
            ("POST /CompanyLocations/query", list),
            ("POST /Countries/query", countries()),
        ],
    );
    let ids = vec!["29683510".to_owned(), "no number".to_owned()];
    let (records, rejected) = all(connector.locations(ids)).await.unwrap();
    let expected = RemoteLocation {
        id: "55".to_owned(),
        organization_id: "29683510".to_owned(),
        name: "Harbour".to_owned(),
        address_1: some("12 Harbour St"),
        address_2: some("Floor 2"),
        city: some("Halifax"),
        region: some("NS"),
        postal_code: some("B3H 1A1"),
        country: some("Canada"),
        phone: some("902-555-0101"),
        fax: some("902-555-0199"),
        primary: true,
        inactive: false,
    };
    assert_eq!(records[0], expected);
    let switched_off = RemoteLocation {
        id: "56".to_owned(),
        organization_id: "29683510".to_owned(),
        country: some("Xland"),
        inactive: true,
        ..RemoteLocation::default()
    };
    assert_eq!(records[1], switched_off);
    assert_eq!(records[2].country, None);
    assert!(!records[2].primary && !records[2].inactive);
    assert_eq!(
        rejected,
        [
            "record 58, field name: invalid type: null, expected a string",
            "record 59, field companyID: invalid type: null, expected i64",
        ]
    );
    let asked = wire.bodies(&format!("POST {}/CompanyLocations/query", super::ROOT));
    let these = json!({ "op": "in", "field": "companyID", "value": [29_683_510] });
    assert_eq!(asked[0]["filter"][1], these);
}

#[tokio::test]
async fn contacts() {
    let list = json!([
        pat(),
        { "id": 30_683_590, "companyID": null, "companyLocationID": null, "firstName": null,
          "lastName": "", "title": "", "emailAddress": "", "phone": null, "extension": "9",
          "mobilePhone": "902-555-0103", "isActive": 0 },
        { "id": 30_683_591, "firstName": "Sam", "isActive": true },
        { "id": 30_683_592, "firstName": "Kim", "isActive": null },
    ]);
    let (connector, _) = tenant(500, vec![("POST /Contacts/query", list)]);
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    let phone = |number: &str, extension: Option<&str>, label: &str, primary| RemotePhone {
        number: number.to_owned(),
        extension: extension.map(str::to_owned),
        label: some(label),
        primary,
    };
    let expected = RemoteContact {
        id: "30683589".to_owned(),
        organization_id: some("29683510"),
        location_id: some("55"),
        first_name: "Pat".to_owned(),
        last_name: some("Rowe"),
        title: some("Office manager"),
        contact_type: None,
        emails: vec![RemoteEmail {
            address: "pat@fabrikam.example".to_owned(),
            label: some("Work"),
            primary: true,
        }],
        phones: vec![
            phone("902-555-0102", Some("12"), "Work", true),
            phone("902-555-0103", None, "Mobile", false),
            phone("902-555-0104", None, "Alternate", false),
            phone("902-555-0105", None, "Fax", false),
        ],
        inactive: false,
    };
    assert_eq!(records[0], expected);
    // An extension belongs to a number that is not there.
    let bare = RemoteContact {
        id: "30683590".to_owned(),
        phones: vec![phone("902-555-0103", None, "Mobile", true)],
        inactive: true,
        ..RemoteContact::default()
    };
    assert_eq!(records[1], bare);
    assert!(!records[2].inactive);
    assert_eq!(records.len(), 3);
    assert_eq!(
        rejected,
        ["record 30683591, field isActive: invalid type: boolean `true`, expected i64"]
    );
}

#[tokio::test]
async fn configuration_items() {
    let list = json!([
        server(),
        { "id": 48_112, "companyID": 29_683_510, "referenceTitle": "", "productID": 29_699_001,
          "configurationItemType": 77, "isActive": false, "serialNumber": "", "installDate": "",
          "warrantyExpirationDate": "0001-01-01T00:00:00", "notes": null },
        { "id": 48_113, "companyID": 29_683_510, "referenceTitle": null, "productID": 1 },
        { "id": 48_114, "companyID": 29_683_510, "productID": 29_699_002, "installDate": "June" },
        { "id": 48_115, "companyID": null },
    ]);
    let (connector, _) = tenant(
        500,
        vec![
            ("POST /ConfigurationItems/query", list),
            ("POST /ConfigurationItemTypes/query", item_types()),
            ("POST /Products/query", products()),
        ],
    );
    let (records, rejected) = all(connector.configurations()).await.unwrap();
    let expected = RemoteConfiguration {
        id: "48111".to_owned(),
        organization_id: "29683510".to_owned(),
        name: "FAB-SRV01".to_owned(),
        configuration_type: some("Server"),
        status: some("Active"),
        location_id: some("55"),
        contact_id: some("30683589"),
        asset_tag: some("A-0042"),
        serial: some(" MX240917K2"),
        manufacturer: some("Dell"),
        model: some("PowerEdge T350"),
        installed_on: Some("2023-06-01".parse().unwrap()),
        warranty_expires_on: Some("2026-06-01".parse().unwrap()),
        notes: some("Rack 2"),
        // What an RMM reported into it is not mapped.
        ..RemoteConfiguration::default()
    };
    assert_eq!(records[0], expected);
    // Without a reference name it is called as its product.
    let unnamed = RemoteConfiguration {
        id: "48112".to_owned(),
        organization_id: "29683510".to_owned(),
        name: "Dell PowerEdge T350".to_owned(),
        status: some("Inactive"),
        manufacturer: some("Dell"),
        model: some("PowerEdge T350"),
        inactive: true,
        ..RemoteConfiguration::default()
    };
    assert_eq!(records[1], unnamed);
    assert_eq!((&*records[2].name, &records[2].model), ("", &None));
    assert_eq!(
        rejected,
        [
            "record 48114, field installDate: `June` is no date",
            "record 48115, field companyID: invalid type: null, expected i64",
        ]
    );
}

#[tokio::test]
async fn lists_of_types_and_statuses() {
    let (connector, _) = tenant(
        500,
        vec![("POST /ConfigurationItemTypes/query", item_types())],
    );
    let row = |id: &str, name: &str, inactive| RemoteType {
        id: id.to_owned(),
        name: name.to_owned(),
        inactive,
    };
    assert_eq!(
        connector.organization_types().await.unwrap(),
        [
            row("1", "Customer", false),
            row("4", "Dead", true),
            row("7", "Vendor", false)
        ]
    );
    assert_eq!(
        connector.configuration_types().await.unwrap(),
        [row("3", "Server", false), row("9", "Fax machine", true)]
    );
    let flags = [
        row("Active", "Active", false),
        row("Inactive", "Inactive", false),
    ];
    assert_eq!(connector.organization_statuses().await.unwrap(), flags);
    assert_eq!(connector.configuration_statuses().await.unwrap(), flags);
}

#[tokio::test]
async fn fields_that_do_not_tell_the_types_fail_the_list() {
    for reply in [json!({}), json!({ "fields": [{ "name": "companyName" }] })] {
        let (connector, _) = tenant(500, vec![(TYPES, reply.clone())]);
        let error = connector.organization_types().await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-body", "{reply}");
        // Companies without their types would look like companies that changed.
        let mut walk = connector.organizations();
        assert_eq!(walk.next_page().await.unwrap_err(), error);
    }
    let (connector, _) = tenant(500, vec![(TYPES, company_types())]);
    assert_eq!(connector.organization_types().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_product_that_cannot_be_read_fails_the_items_that_need_it() {
    let list = json!([{ "id": 1, "name": "A" }, { "id": 2, "name": null }]);
    let (connector, _) = tenant(500, vec![("POST /Products/query", list)]);
    let error = connector.configurations().next_page().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "autotask, products.list: the reply cannot be read: record 2, field name: invalid type: null, expected a string"
    );
}
