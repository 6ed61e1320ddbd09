//! What is sent to create and change records, and what comes back.

use std::sync::Arc;

use serde_json::{Value, json};

use super::mapping::{fabrikam, pat, server};
use super::{Bms, bms, failure, tenant};
use crate::connectors::testing::{Scripted, json as answer};
use crate::connectors::{ErrorKind, PsaConnector, PsaWriter};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation,
    RemoteOrganization, RemotePhone,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const ACCOUNTS: &str = "/v2/crm/accounts";
const CONTACTS: &str = "/v2/crm/contacts";
const ASSETS: &str = "/v2/servicedesk/hardwareasset";

/// A tenant with its lists and one record of each kind, and replies to writes.
fn writable(writes: Vec<(&'static str, Value)>) -> (Bms, Arc<Scripted>) {
    let names = |names: &[(i64, &str)]| -> Value {
        let rows = names.iter();
        rows.map(|(id, name)| json!({ "id": id, "name": name, "isActive": true }))
            .collect()
    };
    let list = |name: &str| match name {
        "types" => names(&[(3, "Customer"), (5, "Vendor")]),
        "business" => names(&[(2, "Healthcare"), (6, "Retail")]),
        "categories" => names(&[(4, "Server")]),
        "states" => names(&[(1, "In use"), (8, "Retired")]),
        "makers" => names(&[(9, "Dell")]),
        _ => names(&[(1, "Work"), (7, "Home")]),
    };
    let mut replies = vec![
        ("GET /v2/system/accounttypes/lookup", list("types")),
        (
            "GET /v2/system/tenantlookup/BusinessTypes",
            list("business"),
        ),
        (
            "GET /v2/system/tenantlookup/AssetCategories",
            list("categories"),
        ),
        ("GET /v2/system/tenantlookup/AssetStates", list("states")),
        ("GET /v2/system/tenantlookup/Manufacturers", list("makers")),
        ("GET /v2/system/tenantlookup/EmailTypes", list("emails")),
        ("GET /v2/system/tenantlookup/PhoneTypes", list("phones")),
        (
            "POST /v2/system/tenantlookup/Manufacturers",
            json!([{ "id": 9, "name": "Hewlett" }, { "id": 10, "name": "HP" }]),
        ),
        (
            "GET /v2/security/userinfo",
            json!({ "userId": 17, "tenantId": 1 }),
        ),
        ("GET /v2/crm/accounts/summary/20551", fabrikam()),
        ("GET /v2/crm/contacts/summary/88120", pat()),
        ("GET /v2/servicedesk/hardwareasset/77001", server()),
    ];
    replies.extend(writes);
    tenant(100, replies)
}

/// The one body that was sent to a route.
fn sent(wire: &Scripted, route: &str) -> Value {
    let mut bodies = wire.bodies(route);
    assert_eq!(bodies.len(), 1, "{route}: {:?}", wire.routes());
    bodies.remove(0)
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!({ "op": "replace", "path": path, "value": value.into() })
}

fn account() -> RemoteOrganization {
    RemoteOrganization {
        name: "Fabrikam Dental".to_owned(),
        short_name: some("FABDENT"),
        types: vec!["customer".to_owned(), "Vendor".to_owned()],
        status: some("Inactive"),
        parent_id: some("7"),
        ..RemoteOrganization::default()
    }
}

#[tokio::test]
async fn an_account_is_made_with_a_location_a_manager_and_a_business() {
    let (connector, wire) = writable(vec![("POST /v2/crm/accounts", fabrikam())]);
    let kept = connector
        .writer()
        .unwrap()
        .create_organization(account())
        .await
        .unwrap();
    assert_eq!(
        sent(&wire, &format!("POST {ACCOUNTS}")),
        json!({
            "accountName": "Fabrikam Dental", "accountCode": "FABDENT", "accountTypeId": 3,
            "isActive": false, "parentId": 7, "accountManagerId": 17, "businessTypeId": 2,
            "locations": [{ "locationName": "Main", "addresses": [] }],
        })
    );
    assert_eq!(
        (&*kept.id, kept.primary_location_id, kept.status),
        ("20551", some("31001"), some("Active"))
    );
}

#[tokio::test]
async fn an_account_is_changed_by_a_patch() {
    let (connector, wire) = writable(vec![("PATCH /v2/crm/accounts/20551", fabrikam())]);
    let draft = RemoteOrganization {
        id: "20551".to_owned(),
        short_name: None,
        ..account()
    };
    let changed = vec!["name", "short_name", "types", "primary_location_id"];
    let kept = connector.update_organization(draft, changed).await.unwrap();
    let mut rows = sent(&wire, &format!("PATCH {ACCOUNTS}/20551"));
    let rows = rows.as_array_mut().unwrap();
    rows.sort_by_key(|row| row["path"].to_string());
    assert_eq!(
        *rows,
        [
            replace("/accountCode", Value::Null),
            replace("/accountName", "Fabrikam Dental"),
            replace("/accountTypeId", 3),
        ]
    );
    assert_eq!(kept.id, "20551");
}

#[tokio::test]
async fn an_update_without_a_field_of_the_vendors_writes_nothing() {
    let (connector, wire) = writable(Vec::new());
    let draft = RemoteOrganization {
        id: "20551".to_owned(),
        ..account()
    };
    let changed = vec!["primary_location_id"];
    let kept = connector.update_organization(draft, changed).await.unwrap();
    assert_eq!(kept.name, "Fabrikam Dental");
    assert_eq!(wire.routes()[1..], ["GET /v2/crm/accounts/summary/20551"]);
}

#[tokio::test]
async fn a_record_without_an_envelope_is_read_as_well() {
    let (connector, _) = bms(1, |sent| match &*sent.target {
        "/v2/crm/accounts/summary/20551" => answer(200, fabrikam().to_string()),
        other => panic!("{other}"),
    });
    let draft = RemoteOrganization {
        id: "20551".to_owned(),
        ..account()
    };
    let kept = connector.update_organization(draft, Vec::new()).await;
    assert_eq!(kept.unwrap().name, "Fabrikam Dental");
}

#[tokio::test]
async fn an_id_stays_in_its_place_in_the_path() {
    let (connector, wire) = writable(Vec::new());
    let draft = RemoteOrganization {
        id: "../7?x".to_owned(),
        ..account()
    };
    let error = connector.update_organization(draft, vec!["name"]).await;
    assert_eq!(error.unwrap_err().kind.code(), "vendor-not-found");
    assert_eq!(wire.targets()[1], "/v2/crm/accounts/%2E%2E%2F7%3Fx");
}

#[tokio::test]
async fn a_name_that_the_vendor_does_not_have_is_told_and_nothing_is_written() {
    let (connector, wire) = writable(Vec::new());
    let unknown = RemoteOrganization {
        types: vec!["Client".to_owned()],
        ..account()
    };
    let error = connector.create_organization(unknown).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "kaseya-bms, companies.create: not found (404): there is no `Client` among the account types; make it in the product first"
    );
    let asset = RemoteConfiguration {
        configuration_type: some("Toaster"),
        ..RemoteConfiguration::default()
    };
    let error = connector.create_configuration(asset).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no `Toaster` among the AssetCategories"),
        "{error}"
    );
    let gets = |route: &String| route.starts_with("GET ") || route.ends_with("authenticate");
    assert!(wire.routes().iter().all(gets));
}

#[tokio::test]
async fn locations_cannot_be_written_and_nothing_is_sent() {
    let (connector, wire) = writable(Vec::new());
    assert!(
        connector
            .capabilities()
            .unwritable
            .contains(&RecordKind::Location)
    );
    let created = connector.create_location(RemoteLocation::default()).await;
    let updated = connector
        .update_location(RemoteLocation::default(), vec!["city"])
        .await;
    for done in [created, updated] {
        let error = done.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-not-found");
        assert!(error.to_string().contains("no call that writes a location"));
    }
    assert!(wire.times().is_empty());
}

fn email(address: &str, label: Option<&str>, primary: bool) -> RemoteEmail {
    RemoteEmail {
        address: address.to_owned(),
        label: label.map(str::to_owned),
        primary,
    }
}

fn phone(number: &str, label: Option<&str>, primary: bool) -> RemotePhone {
    RemotePhone {
        number: number.to_owned(),
        extension: some("12"),
        label: label.map(str::to_owned),
        primary,
    }
}

fn person() -> RemoteContact {
    RemoteContact {
        id: "88120".to_owned(),
        organization_id: some("20551"),
        location_id: some("31001"),
        first_name: "Pat".to_owned(),
        last_name: some("Rowe"),
        emails: vec![
            email("pat@x.example", Some("work"), true),
            email("pat@y.example", None, false),
        ],
        phones: vec![phone("902", Some("Home"), true)],
        ..RemoteContact::default()
    }
}

/// What a create of a contact answers: one address and one number.
fn short_contact() -> Value {
    json!({
        "id": 88_120, "firstName": "Pat", "lastName": "Rowe", "accountId": 20_551,
        "accountName": "Fabrikam Dental", "locationId": 31_001, "locationName": "Main",
        "phoneNumber": "902", "emailAddress": "pat@x.example", "customFieldsData": [],
    })
}

#[tokio::test]
async fn a_contact_is_made_and_read_again() {
    let (connector, wire) = writable(vec![("POST /v2/crm/contacts/summary", short_contact())]);
    let kept = connector.create_contact(person()).await.unwrap();
    assert_eq!(
        sent(&wire, &format!("POST {CONTACTS}/summary")),
        json!({
            "firstName": "Pat", "lastName": "Rowe", "accountId": 20_551, "locationId": 31_001,
            "emails": [
                { "emailAddress": "pat@x.example", "emailTypeId": 1, "isDefault": true },
                { "emailAddress": "pat@y.example", "emailTypeId": null, "isDefault": false },
            ],
            "phones": [{ "phoneNumber": "902", "phoneTypeId": 7, "isDefault": true }],
            "customFieldsData": [],
        })
    );
    // The reply to the create has no lists.
    assert_eq!((kept.emails.len(), kept.phones.len()), (2, 2));
    assert!(wire.bodies(&format!("PATCH {CONTACTS}/88120")).is_empty());
}

#[tokio::test]
async fn a_title_is_written_after_the_contact_is_made() {
    let (connector, wire) = writable(vec![
        ("POST /v2/crm/contacts/summary", short_contact()),
        ("PATCH /v2/crm/contacts/88120", json!({ "poc": true })),
    ]);
    let draft = RemoteContact {
        title: some("Office manager"),
        ..person()
    };
    let kept = connector.create_contact(draft).await.unwrap();
    assert_eq!(
        sent(&wire, &format!("PATCH {CONTACTS}/88120")),
        json!([replace("/jobTitle", "Office manager")])
    );
    assert_eq!(kept.title, some("Office manager"));
}

#[tokio::test]
async fn a_contact_is_changed_by_a_patch_and_its_addresses_apart() {
    let (connector, wire) = writable(vec![
        ("PATCH /v2/crm/contacts/88120", json!({ "poc": true })),
        ("PATCH /v2/crm/contacts/88120/emails", json!({ "added": 1 })),
        ("PATCH /v2/crm/contacts/88120/phones", json!({ "added": 1 })),
    ]);
    let draft = RemoteContact {
        last_name: None,
        location_id: None,
        emails: vec![
            // It stays, is changed, is added; the other number is removed.
            email("pat@fabrikam.example", Some("Work"), true),
            email("pat@home.example", Some("home"), false),
            email("new@x.example", None, false),
        ],
        phones: vec![phone("9025550103", Some("Home"), true)],
        ..person()
    };
    let changed = vec![
        "last_name",
        "location_id",
        "emails",
        "phones",
        "contact_type",
    ];
    let kept = connector.update_contact(draft, changed).await.unwrap();
    let mut rows = sent(&wire, &format!("PATCH {CONTACTS}/88120"));
    let rows = rows.as_array_mut().unwrap();
    rows.sort_by_key(|row| row["path"].to_string());
    assert_eq!(
        *rows,
        [
            replace("/lastName", Value::Null),
            replace("/locationId", Value::Null)
        ]
    );
    assert_eq!(
        sent(&wire, &format!("PATCH {CONTACTS}/88120/emails")),
        json!([
            { "operation": 1, "emailAddress": "pat@home.example", "isDefault": false, "typeId": 7 },
            { "operation": 0, "emailAddress": "new@x.example", "isDefault": false, "typeId": 1 },
        ])
    );
    assert_eq!(
        sent(&wire, &format!("PATCH {CONTACTS}/88120/phones")),
        json!([
            { "operation": 2, "phoneNumber": "9025550102" },
            { "operation": 1, "phoneNumber": "9025550103", "isDefault": true, "typeId": 7 },
        ])
    );
    assert_eq!(kept.id, "88120");
}

#[tokio::test]
async fn addresses_that_are_as_they_should_be_are_not_written() {
    let (connector, wire) = writable(Vec::new());
    let draft = RemoteContact {
        emails: vec![
            email("pat@fabrikam.example", Some("Work"), true),
            email("pat@home.example", None, false),
        ],
        ..person()
    };
    connector
        .update_contact(draft, vec!["emails"])
        .await
        .unwrap();
    assert!(
        wire.routes()
            .iter()
            .all(|route| !route.starts_with("PATCH"))
    );
}

fn machine() -> RemoteConfiguration {
    RemoteConfiguration {
        id: "77001".to_owned(),
        organization_id: "20551".to_owned(),
        name: "FAB-SRV01".to_owned(),
        configuration_type: some("server"),
        status: some("In use"),
        location_id: some("31001"),
        contact_id: some("88120"),
        asset_tag: some("A-0042"),
        serial: some("MX240917K2"),
        mac: some("00:1A:2B:3C:4D:5E"),
        manufacturer: some("DELL"),
        model: some("PowerEdge T350"),
        operating_system: some("Standard"),
        ip: some("10.20.0.5"),
        default_gateway: some("10.20.0.1"),
        purchased_on: Some("2023-06-01".parse().unwrap()),
        installed_on: Some("2023-06-02".parse().unwrap()),
        installed_by: some("jdoe"),
        warranty_expires_on: Some("2026-06-01".parse().unwrap()),
        notes: some("By the door"),
        inactive: false,
    }
}

#[tokio::test]
async fn an_asset_is_made() {
    let (connector, wire) = writable(vec![("POST /v2/servicedesk/hardwareasset", server())]);
    let kept = connector.create_configuration(machine()).await.unwrap();
    assert_eq!(
        sent(&wire, &format!("POST {ASSETS}")),
        json!({
            "accountId": 20_551, "name": "FAB-SRV01", "categoryId": 4, "stateId": 1,
            "accountLocationId": 31_001, "contactId": 88_120, "assetTag": "A-0042",
            "serialNumber": "MX240917K2", "macAddress": "00:1A:2B:3C:4D:5E", "manufacturerId": 9,
            "modelNumber": "PowerEdge T350", "osInfo": "Standard", "ipAddress": "10.20.0.5",
            "defaultGateway": "10.20.0.1", "acquisitionDate": "2023-06-01T00:00:00",
            "warrantyExpirationDate": "2026-06-01T00:00:00", "description": "By the door",
            "isActive": true,
        })
    );
    assert_eq!((&*kept.id, kept.serial), ("77001", some(" MX240917K2")));
    assert!(
        !wire
            .routes()
            .contains(&"POST /v2/system/tenantlookup/Manufacturers".to_owned())
    );
}

#[tokio::test]
async fn an_asset_is_replaced_by_itself_with_what_changed() {
    let (connector, wire) = writable(vec![("PUT /v2/servicedesk/hardwareasset/77001", server())]);
    let draft = RemoteConfiguration {
        status: some("Retired"),
        manufacturer: some("HP"),
        serial: None,
        purchased_on: None,
        ..machine()
    };
    let changed = vec![
        "status",
        "manufacturer",
        "serial",
        "purchased_on",
        "installed_by",
    ];
    connector
        .update_configuration(draft, changed)
        .await
        .unwrap();
    // A manufacturer that is not there is made.
    assert_eq!(
        sent(&wire, "POST /v2/system/tenantlookup/Manufacturers"),
        json!({ "name": "HP", "isActive": true })
    );
    let mut expected = server();
    expected["stateId"] = 8.into();
    expected["manufacturerId"] = 10.into();
    expected["serialNumber"] = Value::Null;
    expected["acquisitionDate"] = Value::Null;
    assert_eq!(sent(&wire, &format!("PUT {ASSETS}/77001")), expected);
}

#[tokio::test]
async fn a_manufacturer_that_was_not_made_fails_the_asset() {
    let (connector, wire) = tenant(
        100,
        vec![
            ("GET /v2/servicedesk/hardwareasset/77001", server()),
            ("GET /v2/system/tenantlookup/Manufacturers", json!([])),
            ("POST /v2/system/tenantlookup/Manufacturers", json!([])),
        ],
    );
    let error = connector
        .update_configuration(machine(), vec!["manufacturer"])
        .await
        .unwrap_err();
    assert_eq!(
        (error.operation, error.kind.code()),
        ("lists.create", "vendor-body")
    );
    assert!(wire.bodies(&format!("PUT {ASSETS}/77001")).is_empty());
}

#[tokio::test]
async fn an_asset_that_cannot_be_read_is_not_replaced() {
    for reply in [json!(null), json!([])] {
        let (connector, wire) = tenant(
            100,
            vec![
                ("GET /v2/servicedesk/hardwareasset/77001", reply),
                ("PUT /v2/servicedesk/hardwareasset/77001", server()),
            ],
        );
        let error = connector
            .update_configuration(machine(), vec!["serial"])
            .await
            .unwrap_err();
        assert_eq!(error.kind.code(), "vendor-body");
        assert!(wire.bodies(&format!("PUT {ASSETS}/77001")).is_empty());
    }
}

#[tokio::test]
async fn a_refused_write_is_sent_once_and_told_in_the_vendors_words() {
    for (status, code) in [(400, "vendor-status"), (200, "vendor-body")] {
        let (connector, wire) = bms(1, move |_| failure(status, "The name is required."));
        let bare = RemoteConfiguration::default();
        let error = connector.create_configuration(bare).await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        assert!(
            error.to_string().ends_with(": The name is required."),
            "{error}"
        );
        assert_eq!(wire.times().len(), 2);
    }
}

#[tokio::test]
async fn what_adds_is_not_sent_again_when_nobody_knows_whether_it_arrived() {
    let (connector, wire) = bms(1, |_| answer(503, ""));
    let error = connector.create_configuration(RemoteConfiguration::default());
    let kind = |attempts| ErrorKind::Status {
        status: 503,
        attempts,
        message: "no text".to_owned(),
    };
    assert_eq!(error.await.unwrap_err().kind, kind(1));
    assert_eq!(wire.times().len(), 2);

    for (emails, attempts) in [
        (vec![email("new@x.example", None, true)], 1),
        (Vec::new(), 5),
    ] {
        let (connector, _) = bms(1, |sent| match &*sent.route() {
            "GET /v2/crm/contacts/summary/88120" => super::result(&pat()),
            _ => answer(503, ""),
        });
        let draft = RemoteContact { emails, ..person() };
        let error = connector.update_contact(draft, vec!["emails"]).await;
        assert_eq!(error.unwrap_err().kind, kind(attempts));
    }
}
