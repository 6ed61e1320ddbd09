//! What becomes of each field.

use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use super::{connector, ok, serve};
use crate::connectors::PsaConnector;
use crate::connectors::testing::{all, all_pages};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn fabrikam() -> Value {
    json!({
        "id": 412, "identifier": "FabrikamDental", "name": "Fabrikam Dental",
        "status": { "id": 1, "name": "Active", "_info": { "status_href": "https://h/1" } },
        "addressLine1": "12 Harbour St", "country": { "id": 2, "identifier": "CA", "name": "Canada" },
        "faxNumber": "", "parentCompany": { "id": 7, "identifier": "FabrikamGrp", "name": "Fabrikam Group" },
        "site": { "id": 733, "name": "Main" },
        "types": [{ "id": 1, "name": "Client" }, { "id": 4, "name": "Vendor" }],
        "deletedFlag": false, "customFields": [{ "id": 3, "value": { "deep": [1] } }],
        "_info": { "lastUpdated": "2025-03-04T15:20:11Z" }
    })
}

#[tokio::test]
async fn companies() {
    let server = MockServer::start().await;
    let list = json!([
        fabrikam(),
        { "id": 413, "name": "Old", "identifier": "", "type": { "id": 9, "name": "Prospect" }, "deletedFlag": true,
          "types": null, "status": null, "parentCompany": null, "site": null },
        { "id": 414, "name": 5 },
        { "id": 415, "name": "Späti GmbH ☕" },
    ]);
    serve(&server, "/company/companies", ok(&list)).await;
    let connector = connector(&server, 100).await;
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    let expected = RemoteOrganization {
        id: "412".to_owned(),
        name: "Fabrikam Dental".to_owned(),
        short_name: some("FabrikamDental"),
        types: vec!["Client".to_owned(), "Vendor".to_owned()],
        status: some("Active"),
        parent_id: some("7"),
        primary_location_id: some("733"),
        deleted: false,
    };
    assert_eq!(records[0], expected);
    let old = RemoteOrganization {
        id: "413".to_owned(),
        name: "Old".to_owned(),
        types: vec!["Prospect".to_owned()],
        deleted: true,
        ..RemoteOrganization::default()
    };
    assert_eq!(records[1], old);
    assert_eq!(records[2].name, "Späti GmbH ☕");
    assert_eq!(
        rejected,
        ["record 414, field name: invalid type: integer `5`, expected a string"]
    );
}

#[tokio::test]
async fn sites_come_in_the_order_of_their_companies() {
    let server = MockServer::start().await;
    let main = json!({
        "id": 733, "name": "Main", "addressLine1": "12 Harbour St", "addressLine2": null, "city": "Halifax",
        "stateReference": { "id": 58, "identifier": "NS", "name": "Nova Scotia" }, "zip": "B3H 1A1",
        "country": { "id": 2, "identifier": "CA", "name": "Canada" }, "phoneNumber": "9025550101",
        "faxNumber": "", "primaryAddressFlag": true, "inactiveFlag": false,
        "company": { "id": 412, "identifier": "FabrikamDental", "name": "Fabrikam Dental" }
    });
    // The first company answers last.
    let slow = ok(&json!([main, { "id": 734, "name": "Depot", "inactiveFlag": true }]))
        .set_delay(std::time::Duration::from_millis(120));
    serve(&server, "/company/companies/412/sites", slow).await;
    serve(
        &server,
        "/company/companies/7/sites",
        ok(&json!([{ "id": 9, "name": "HQ" }, { "id": 10 }])),
    )
    .await;
    serve(&server, "/company/companies/8/sites", ok(&json!([]))).await;
    serve(
        &server,
        "/company/companies/9/sites",
        ResponseTemplate::new(404),
    )
    .await;

    let connector = connector(&server, 100).await;
    let ids = ["412", "8", "9", "7"].map(str::to_owned).to_vec();
    let pages = all_pages(connector.locations(ids)).await.unwrap();
    assert_eq!(pages.len(), 1, "companies share a page");
    let records = &pages[0].records;
    let placed: Vec<(&str, &str)> = records
        .iter()
        .map(|site| (site.organization_id.as_str(), site.id.as_str()))
        .collect();
    assert_eq!(placed, [("412", "733"), ("412", "734"), ("7", "9")]);
    let expected = RemoteLocation {
        id: "733".to_owned(),
        organization_id: "412".to_owned(),
        name: "Main".to_owned(),
        address_1: some("12 Harbour St"),
        address_2: None,
        city: some("Halifax"),
        region: some("Nova Scotia"),
        postal_code: some("B3H 1A1"),
        country: some("Canada"),
        phone: some("9025550101"),
        fax: None,
        primary: true,
        inactive: false,
    };
    assert_eq!(records[0], expected);
    assert!(records[1].inactive && !records[1].primary);
    assert_eq!(
        pages[0].rejected[0].to_string(),
        "record 10, field name: missing field `name`"
    );
    assert_eq!(connector.stats().operations["sites.list"].requests, 4);
}

#[tokio::test]
async fn a_failing_company_ends_the_walk_after_what_was_read() {
    let server = MockServer::start().await;
    serve(
        &server,
        "/company/companies/1/sites",
        ok(&json!([{ "id": 9, "name": "HQ" }])),
    )
    .await;
    serve(
        &server,
        "/company/companies/2/sites",
        ResponseTemplate::new(403),
    )
    .await;
    serve(
        &server,
        "/company/companies/3/sites",
        ok(&json!([{ "id": 11, "name": "X" }])),
    )
    .await;
    let connector = connector(&server, 100).await;
    let mut walk = connector.locations(["1", "2", "3"].map(str::to_owned).to_vec());
    let page = walk.next_page().await.unwrap().unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(
        walk.next_page().await.unwrap_err().kind.code(),
        "vendor-forbidden"
    );
    assert_eq!(walk.next_page().await, Ok(None));
}

#[tokio::test]
async fn an_id_that_is_no_number_stays_in_its_place_in_the_path() {
    let server = MockServer::start().await;
    let connector = connector(&server, 100).await;
    let (records, _) = all(connector.locations(vec!["../../x?y=1".to_owned()]))
        .await
        .unwrap();
    assert!(records.is_empty());
    let requests = server.received_requests().await.unwrap();
    let last = requests.last().unwrap().url.path().to_owned();
    assert_eq!(
        last,
        "/v2025_1/apis/3.0/company/companies/%2E%2E%2F%2E%2E%2Fx%3Fy%3D1/sites"
    );
}

#[tokio::test]
async fn contacts() {
    let server = MockServer::start().await;
    let list = json!([
        {
            "id": 2051, "firstName": "Pat", "lastName": "Rowe", "company": { "id": 412, "name": "Fabrikam" },
            "site": { "id": 733, "name": "Main" }, "inactiveFlag": false, "title": "Office manager",
            "defaultPhoneNbr": "9025550102", "communicationItems": [
                { "id": 91, "type": { "id": 1, "name": "Email" }, "value": "pat@fabrikamdental.example",
                  "extension": null, "defaultFlag": true, "communicationType": "Email" },
                { "id": 92, "type": { "id": 2, "name": "Direct" }, "value": "9025550102", "extension": "12",
                  "defaultFlag": true, "communicationType": "Phone" },
                { "id": 93, "type": { "id": 5, "name": "Fax" }, "value": "9025550103", "communicationType": "Fax" },
                { "id": 94, "type": null, "value": "pat.rowe", "communicationType": "Carrier Pigeon" },
                { "id": 95, "type": { "id": 1, "name": "Email" }, "value": null, "communicationType": "Email" },
            ],
            "types": [{ "id": 4, "name": "Decision maker" }, { "id": 5, "name": "VIP" }],
        },
        { "id": 2052, "firstName": null, "inactiveFlag": true },
    ]);
    serve(&server, "/company/contacts", ok(&list)).await;
    let connector = connector(&server, 100).await;
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    let phone = |number: &str, extension, label: &str, primary| RemotePhone {
        number: number.to_owned(),
        extension,
        label: some(label),
        primary,
    };
    let pat = RemoteContact {
        id: "2051".to_owned(),
        organization_id: some("412"),
        location_id: some("733"),
        first_name: "Pat".to_owned(),
        last_name: some("Rowe"),
        title: some("Office manager"),
        contact_type: some("Decision maker"),
        emails: vec![RemoteEmail {
            address: "pat@fabrikamdental.example".to_owned(),
            label: some("Email"),
            primary: true,
        }],
        phones: vec![
            phone("9025550102", some("12"), "Direct", true),
            phone("9025550103", None, "Fax", false),
            phone("pat.rowe", None, "Carrier Pigeon", false),
        ],
        inactive: false,
    };
    assert_eq!(records[0], pat);
    let nobody = RemoteContact {
        id: "2052".to_owned(),
        inactive: true,
        ..RemoteContact::default()
    };
    assert_eq!(records[1], nobody);
    assert!(rejected.is_empty());
}

#[tokio::test]
async fn configurations() {
    let server = MockServer::start().await;
    let list = json!([
        {
            "id": 9001, "name": "FAB-SRV01", "type": { "id": 17, "name": "Managed Server" },
            "status": { "id": 1, "name": "Active" }, "company": { "id": 412, "identifier": "F", "name": "Fabrikam" },
            "contact": { "id": 2051, "name": "Pat Rowe" }, "site": { "id": 733, "name": "Main" },
            "serialNumber": " MX240917K2", "modelNumber": "PowerEdge T350", "tagNumber": "A-0042",
            "purchaseDate": null, "installationDate": "2023-06-01T00:00:00Z",
            "installedBy": { "id": 5, "identifier": "jdoe" },
            "warrantyExpirationDate": "2026-06-01T00:00:00Z",
            "macAddress": "00:1A:2B:3C:4D:5E, 00:1A:2B:3C:4D:5F", "ipAddress": "10.20.0.5",
            "defaultGateway": "10.20.0.1", "osType": "Windows Server 2022 Standard", "osInfo": "10.0.20348",
            "manufacturer": { "id": 5, "name": "Dell" }, "notes": "", "activeFlag": true, "questions": []
        },
        { "id": 9002, "name": "B", "company": { "id": 412 }, "activeFlag": false },
        { "id": 9003, "name": "C", "company": null },
        { "id": 9004, "name": "D", "company": { "id": 412 }, "installationDate": "June" },
    ]);
    serve(&server, "/company/configurations", ok(&list)).await;
    let connector = connector(&server, 100).await;
    let (records, rejected) = all(connector.configurations()).await.unwrap();
    let expected = RemoteConfiguration {
        id: "9001".to_owned(),
        organization_id: "412".to_owned(),
        name: "FAB-SRV01".to_owned(),
        configuration_type: some("Managed Server"),
        status: some("Active"),
        location_id: some("733"),
        contact_id: some("2051"),
        asset_tag: some("A-0042"),
        serial: some(" MX240917K2"),
        mac: some("00:1A:2B:3C:4D:5E, 00:1A:2B:3C:4D:5F"),
        manufacturer: some("Dell"),
        model: some("PowerEdge T350"),
        operating_system: some("Windows Server 2022 Standard"),
        ip: some("10.20.0.5"),
        default_gateway: some("10.20.0.1"),
        purchased_on: None,
        installed_on: Some("2023-06-01".parse().unwrap()),
        installed_by: some("jdoe"),
        warranty_expires_on: Some("2026-06-01".parse().unwrap()),
        notes: None,
        inactive: false,
    };
    assert_eq!(records[0], expected);
    assert!(records[1].inactive);
    assert_eq!(records.len(), 2);
    assert_eq!(
        rejected,
        [
            "record 9003, field company: invalid type: null, expected a reference to a company",
            "record 9004, field installationDate: `June` is no date",
        ]
    );
}

#[tokio::test]
async fn lists_of_types_and_statuses() {
    let server = MockServer::start().await;
    let row = |id: &str, name: &str, inactive| RemoteType {
        id: id.to_owned(),
        name: name.to_owned(),
        inactive,
    };
    let types =
        json!([{ "id": 1, "name": "Client" }, { "id": 2, "name": "Old", "inactiveFlag": true }]);
    serve(&server, "/company/companies/types", ok(&types)).await;
    serve(
        &server,
        "/company/companies/statuses",
        ok(&json!([{ "id": 1, "name": "Active", "defaultFlag": true }])),
    )
    .await;
    serve(
        &server,
        "/company/configurations/types",
        ok(&json!([{ "id": 17, "name": "Managed Server" }])),
    )
    .await;
    let statuses = json!([{ "id": 1, "description": "Active" }, { "id": 2, "description": "Retired", "closedFlag": true }]);
    serve(&server, "/company/configurations/statuses", ok(&statuses)).await;
    let connector = connector(&server, 100).await;
    assert_eq!(
        connector.organization_types().await.unwrap(),
        [row("1", "Client", false), row("2", "Old", true)]
    );
    assert_eq!(
        connector.organization_statuses().await.unwrap(),
        [row("1", "Active", false)]
    );
    assert_eq!(
        connector.configuration_types().await.unwrap(),
        [row("17", "Managed Server", false)]
    );
    assert_eq!(
        connector.configuration_statuses().await.unwrap(),
        [row("1", "Active", false), row("2", "Retired", false)]
    );
}

#[tokio::test]
async fn a_type_that_cannot_be_read_fails_the_list() {
    let server = MockServer::start().await;
    serve(
        &server,
        "/company/configurations/types",
        ok(&json!([{ "id": 17, "name": "A" }, { "id": 18 }])),
    )
    .await;
    let connector = connector(&server, 100).await;
    let error = connector.configuration_types().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "connectwise-psa, configuration_types.list: the reply cannot be read: record 18, field name: missing field `name`"
    );
}
