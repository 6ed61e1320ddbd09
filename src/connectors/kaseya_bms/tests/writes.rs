//! What is sent to create and change accounts and assets, and what comes back.

use std::sync::Arc;

use serde_json::{Value, json};

use super::mapping::{fabrikam, pat, server};
use super::{Bms, bms, failure, tenant};
use crate::connectors::testing::{Scripted, json as answer};
use crate::connectors::{ErrorKind, PsaConnector, PsaWriter};
use crate::model::{RecordKind, RemoteConfiguration, RemoteLocation, RemoteOrganization};

pub(super) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const ACCOUNTS: &str = "/v2/crm/accounts";
const ASSETS: &str = "/v2/servicedesk/hardwareasset";

/// A tenant with its lists and one record of each kind, and replies to writes.
pub(super) fn writable(writes: Vec<(&'static str, Value)>) -> (Bms, Arc<Scripted>) {
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
pub(super) fn sent(wire: &Scripted, route: &str) -> Value {
    let mut bodies = wire.bodies(route);
    assert_eq!(bodies.len(), 1, "{route}: {:?}", wire.routes());
    bodies.remove(0)
}

pub(super) fn replace(path: &str, value: impl Into<Value>) -> Value {
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
async fn a_create_is_not_sent_again_when_nobody_knows_whether_it_arrived() {
    let (connector, wire) = bms(1, |_| answer(503, ""));
    let error = connector.create_configuration(RemoteConfiguration::default());
    let kind = ErrorKind::Status {
        status: 503,
        attempts: 1,
        message: "no text".to_owned(),
    };
    assert_eq!(error.await.unwrap_err().kind, kind);
    assert_eq!(wire.times().len(), 2);
}
