//! What is sent to create and change records, and what comes back.

use std::sync::Arc;

use serde_json::{Value, json};

use super::mapping::{countries, fabrikam, harbour, item_types, pat, products, server};
use super::{Autotask, ROOT, errors, tenant, zoned};
use crate::connectors::testing::{Scripted, json as answer};
use crate::connectors::{ErrorKind, PsaConnector, PsaWriter};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A tenant with one record of each kind, and replies to writes.
fn writable(writes: Vec<(&'static str, Value)>) -> (Autotask, Arc<Scripted>) {
    let mut replies = vec![
        ("GET /Companies/29683510", json!({ "item": fabrikam() })),
        ("GET /CompanyLocations/55", json!({ "item": harbour() })),
        ("GET /Contacts/30683589", json!({ "item": pat() })),
        ("GET /ConfigurationItems/48111", json!({ "item": server() })),
        ("POST /Products/query", products()),
        ("POST /Countries/query", countries()),
        ("POST /ConfigurationItemTypes/query", item_types()),
    ];
    replies.extend(writes);
    tenant(500, replies)
}

fn made(id: i64) -> Value {
    json!({ "itemId": id })
}

/// The one body that was sent to a route.
fn sent(wire: &Scripted, route: &str) -> Value {
    let (method, path) = route.split_once(' ').unwrap();
    let mut bodies = wire.bodies(&format!("{method} {ROOT}{path}"));
    assert_eq!(bodies.len(), 1, "{:?}", wire.routes());
    bodies.remove(0)
}

fn last_route(wire: &Scripted) -> String {
    wire.routes().pop().unwrap().replace(ROOT, "")
}

fn company() -> RemoteOrganization {
    RemoteOrganization {
        id: String::new(),
        name: "Fabrikam Dental".to_owned(),
        short_name: some("FABDENT"),
        types: vec!["customer".to_owned(), "Vendor".to_owned()],
        status: some("inactive"),
        parent_id: some("7"),
        primary_location_id: None,
        deleted: false,
    }
}

#[tokio::test]
async fn a_company_is_made_and_read_again() {
    let (connector, wire) = writable(vec![("POST /Companies", made(29_683_510))]);
    let writer = connector.writer().unwrap();
    let kept = writer.create_organization(company()).await.unwrap();
    assert_eq!(
        sent(&wire, "POST /Companies"),
        json!({
            "companyName": "Fabrikam Dental", "companyNumber": "FABDENT", "companyType": 1,
            "isActive": false, "parentCompanyID": 7,
        })
    );
    // What the vendor keeps counts, not what was sent.
    assert_eq!((&*kept.id, &kept.status), ("29683510", &some("Active")));
    assert_eq!(last_route(&wire), "GET /Companies/29683510");
}

#[tokio::test]
async fn a_create_leaves_out_what_is_empty() {
    let (connector, wire) = writable(vec![("POST /Companies", made(29_683_510))]);
    let bare = RemoteOrganization {
        name: "Bare".to_owned(),
        parent_id: some(""),
        ..RemoteOrganization::default()
    };
    connector.create_organization(bare).await.unwrap();
    assert_eq!(
        sent(&wire, "POST /Companies"),
        json!({ "companyName": "Bare", "isActive": true })
    );
}

#[tokio::test]
async fn an_update_sends_the_changed_fields_and_empties_by_null() {
    let (connector, wire) = writable(vec![("PATCH /Companies", made(29_683_510))]);
    let draft = RemoteOrganization {
        id: "29683510".to_owned(),
        short_name: None,
        parent_id: None,
        ..company()
    };
    let changed = vec!["short_name", "parent_id", "primary_location_id"];
    let kept = connector.update_organization(draft, changed).await.unwrap();
    assert_eq!(
        sent(&wire, "PATCH /Companies"),
        json!({ "id": 29_683_510, "companyNumber": null, "parentCompanyID": null })
    );
    assert_eq!(kept.short_name, some("FABDENT"));
}

#[tokio::test]
async fn an_update_without_a_field_of_the_vendors_writes_nothing() {
    let (connector, wire) = writable(Vec::new());
    let draft = RemoteOrganization {
        id: "29683510".to_owned(),
        ..company()
    };
    let changed = vec!["primary_location_id"];
    let kept = connector.update_organization(draft, changed).await.unwrap();
    assert_eq!(kept.name, "Fabrikam Dental");
    assert!(
        wire.routes()
            .iter()
            .all(|route| !route.starts_with("PATCH"))
    );
}

#[tokio::test]
async fn a_name_that_the_vendor_does_not_have_is_told_and_nothing_is_written() {
    let (connector, wire) = writable(Vec::new());
    let unknown = RemoteOrganization {
        types: vec!["Client".to_owned()],
        ..company()
    };
    let error = connector.create_organization(unknown).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "autotask, companies.create: not found (404): there is no type of companies `Client`; make it in Autotask first"
    );
    let place = RemoteLocation {
        organization_id: "29683510".to_owned(),
        country: some("Atlantis"),
        ..RemoteLocation::default()
    };
    let error = connector.create_location(place).await.unwrap_err();
    assert!(
        error.to_string().contains("no country `Atlantis`"),
        "{error}"
    );
    let item = RemoteConfiguration {
        configuration_type: some("Toaster"),
        ..RemoteConfiguration::default()
    };
    let error = connector.create_configuration(item).await.unwrap_err();
    assert!(error.to_string().contains("`Toaster`"), "{error}");
    assert!(!wire.routes().contains(&format!("POST {ROOT}/Companies")));
}

#[tokio::test]
async fn a_location_is_made_under_its_company() {
    let route = "/Companies/29683510/Locations";
    let (connector, wire) = writable(vec![("POST /Companies/29683510/Locations", made(55))]);
    let draft = RemoteLocation {
        id: String::new(),
        organization_id: "29683510".to_owned(),
        name: "Harbour".to_owned(),
        address_1: some("12 Harbour St"),
        address_2: some("Floor 2"),
        city: some("Halifax"),
        region: some("NS"),
        postal_code: some("B3H 1A1"),
        country: some("CANADA"),
        phone: some("902-555-0101"),
        fax: some("902-555-0199"),
        primary: true,
        inactive: false,
    };
    let kept = connector.create_location(draft).await.unwrap();
    assert_eq!(
        sent(&wire, &format!("POST {route}")),
        json!({
            "name": "Harbour", "address1": "12 Harbour St", "address2": "Floor 2", "city": "Halifax",
            "state": "NS", "postalCode": "B3H 1A1", "countryID": 39, "phone": "902-555-0101",
            "fax": "902-555-0199", "isPrimary": true,
        })
    );
    assert_eq!((&*kept.id, kept.country), ("55", some("Canada")));
}

#[tokio::test]
async fn a_location_is_changed_under_its_company() {
    let (connector, wire) = writable(vec![("PATCH /Companies/29683510/Locations", made(55))]);
    let draft = RemoteLocation {
        id: "55".to_owned(),
        organization_id: "29683510".to_owned(),
        city: some("Dartmouth"),
        ..RemoteLocation::default()
    };
    let changed = vec!["city", "country", "fax"];
    connector.update_location(draft, changed).await.unwrap();
    assert_eq!(
        sent(&wire, "PATCH /Companies/29683510/Locations"),
        json!({ "id": 55, "city": "Dartmouth", "countryID": null, "fax": null })
    );
    assert_eq!(last_route(&wire), "GET /CompanyLocations/55");
}

fn phone(number: &str, extension: Option<&str>, label: Option<&str>) -> RemotePhone {
    RemotePhone {
        number: number.to_owned(),
        extension: extension.map(str::to_owned),
        label: label.map(str::to_owned),
        primary: false,
    }
}

fn email(address: &str, primary: bool) -> RemoteEmail {
    RemoteEmail {
        address: address.to_owned(),
        label: None,
        primary,
    }
}

fn person() -> RemoteContact {
    RemoteContact {
        organization_id: some("29683510"),
        location_id: some("55"),
        first_name: "Pat".to_owned(),
        last_name: some("Rowe"),
        title: some("Office manager"),
        emails: vec![email("old@x.example", false), email("pat@x.example", true)],
        phones: vec![
            phone("1", Some("12"), Some("Work")),
            phone("2", None, Some("Mobile")),
            phone("3", None, Some("Alternate")),
            phone("4", None, Some("Fax")),
        ],
        ..RemoteContact::default()
    }
}

#[tokio::test]
async fn a_contact_is_made_under_its_company() {
    let (connector, wire) = writable(vec![(
        "POST /Companies/29683510/Contacts",
        made(30_683_589),
    )]);
    let kept = connector.create_contact(person()).await.unwrap();
    assert_eq!(
        sent(&wire, "POST /Companies/29683510/Contacts"),
        json!({
            "companyLocationID": 55, "firstName": "Pat", "lastName": "Rowe",
            "title": "Office manager", "emailAddress": "pat@x.example", "phone": "1",
            "extension": "12", "mobilePhone": "2", "alternatePhone": "3", "faxNumber": "4",
            "isActive": 1,
        })
    );
    assert_eq!(kept.id, "30683589");
    assert_eq!(last_route(&wire), "GET /Contacts/30683589");
}

#[tokio::test]
async fn numbers_without_a_field_of_their_own_take_those_that_are_free() {
    let (connector, wire) = writable(vec![(
        "PATCH /Companies/29683510/Contacts",
        made(30_683_589),
    )]);
    let draft = RemoteContact {
        id: "30683589".to_owned(),
        emails: Vec::new(),
        phones: vec![
            phone("1", None, Some("Mobile")),
            phone("2", Some("7"), None),
            phone("3", None, Some("Mobile")),
            phone("4", None, Some("Boat")),
        ],
        ..person()
    };
    let changed = vec!["phones", "emails", "contact_type"];
    connector.update_contact(draft, changed).await.unwrap();
    assert_eq!(
        sent(&wire, "PATCH /Companies/29683510/Contacts"),
        json!({
            "id": 30_683_589, "emailAddress": null, "phone": "2", "extension": "7",
            "mobilePhone": "1", "alternatePhone": "3", "faxNumber": null,
        })
    );
}

fn machine() -> RemoteConfiguration {
    RemoteConfiguration {
        organization_id: "29683510".to_owned(),
        name: "FAB-SRV01".to_owned(),
        configuration_type: some("server"),
        status: some("Active"),
        location_id: some("55"),
        contact_id: some("30683589"),
        asset_tag: some("A-0042"),
        serial: some("MX240917K2"),
        manufacturer: some("Dell"),
        model: some("PowerEdge T350"),
        mac: some("00:1A:2B:3C:4D:5E"),
        installed_on: Some("2023-06-01".parse().unwrap()),
        warranty_expires_on: Some("2026-06-01".parse().unwrap()),
        notes: some("Rack 2"),
        ..RemoteConfiguration::default()
    }
}

#[tokio::test]
async fn a_configuration_item_is_made_of_the_product_that_there_is() {
    let (connector, wire) = writable(vec![("POST /ConfigurationItems", made(48_111))]);
    let kept = connector.create_configuration(machine()).await.unwrap();
    assert_eq!(
        sent(&wire, "POST /ConfigurationItems"),
        json!({
            "companyID": 29_683_510, "referenceTitle": "FAB-SRV01", "configurationItemType": 3,
            "isActive": true, "companyLocationID": 55, "contactID": 30_683_589,
            "referenceNumber": "A-0042", "serialNumber": "MX240917K2", "productID": 29_699_001,
            "installDate": "2023-06-01T00:00:00.000",
            "warrantyExpirationDate": "2026-06-01T00:00:00.000", "notes": "Rack 2",
        })
    );
    assert_eq!((&*kept.id, kept.model), ("48111", some("PowerEdge T350")));
    let asked = wire.bodies(&format!("POST {ROOT}/Products/query"));
    let wanted = [
        json!({ "op": "eq", "field": "manufacturerName", "value": "Dell" }),
        json!({ "op": "eq", "field": "manufacturerProductName", "value": "PowerEdge T350" }),
    ];
    assert!(
        asked
            .iter()
            .any(|query| query["filter"].as_array().unwrap()[1..] == wanted)
    );
}

#[tokio::test]
async fn a_product_that_is_not_there_is_made() {
    for (maker, model, name) in [
        (some("Dell"), some("R750"), "Dell R750"),
        (None, some("R750"), "R750"),
        (None, None, "General"),
    ] {
        let (connector, wire) = tenant(
            500,
            vec![
                ("POST /Products", made(31)),
                ("PATCH /ConfigurationItems", made(48_111)),
                ("GET /ConfigurationItems/48111", json!({ "item": server() })),
            ],
        );
        let draft = RemoteConfiguration {
            id: "48111".to_owned(),
            manufacturer: maker.clone(),
            model: model.clone(),
            ..machine()
        };
        connector
            .update_configuration(draft, vec!["model"])
            .await
            .unwrap();
        let mut product = json!({ "name": name, "isActive": true });
        for (field, value) in [
            ("manufacturerName", maker),
            ("manufacturerProductName", model),
        ] {
            if let Some(value) = value {
                product[field] = value.into();
            }
        }
        assert_eq!(sent(&wire, "POST /Products"), product);
        assert_eq!(
            sent(&wire, "PATCH /ConfigurationItems"),
            json!({ "id": 48_111, "productID": 31 })
        );
    }
}

#[tokio::test]
async fn a_configuration_item_is_changed() {
    let (connector, wire) = writable(vec![("PATCH /ConfigurationItems", made(48_111))]);
    let draft = RemoteConfiguration {
        id: "48111".to_owned(),
        status: some("Inactive"),
        installed_on: None,
        ..machine()
    };
    let changed = vec!["status", "installed_on", "serial", "mac", "ip"];
    let kept = connector
        .update_configuration(draft, changed)
        .await
        .unwrap();
    assert_eq!(
        sent(&wire, "PATCH /ConfigurationItems"),
        json!({ "id": 48_111, "isActive": false, "installDate": null, "serialNumber": "MX240917K2" })
    );
    assert_eq!(kept.id, "48111");
}

#[tokio::test]
async fn a_refused_write_is_sent_once_and_told_in_the_vendors_words() {
    for status in [400, 500] {
        let (connector, wire) = zoned(500, move |_, sent| match sent.route().as_str() {
            route if route.ends_with("/Contacts") => errors(status, "A last name is required."),
            route => panic!("{route}"),
        });
        let error = connector.create_contact(person()).await.unwrap_err();
        let kind = ErrorKind::Status {
            status,
            attempts: 1,
            message: "A last name is required.".to_owned(),
        };
        assert_eq!(error.kind, kind);
        let draft = RemoteContact {
            id: "30683589".to_owned(),
            ..person()
        };
        let error = connector.update_contact(draft, vec!["title"]).await;
        assert_eq!(error.unwrap_err().kind, kind);
        assert_eq!(wire.times().len(), 1 + 2);
    }
}

#[tokio::test]
async fn only_a_change_is_repeated_when_nobody_knows_whether_it_arrived() {
    for (create, attempts) in [(true, 1), (false, 5)] {
        let (connector, wire) = zoned(500, |_, _| answer(503, ""));
        let draft = RemoteContact {
            id: "30683589".to_owned(),
            ..person()
        };
        let done = if create {
            connector.create_contact(draft).await
        } else {
            connector.update_contact(draft, vec!["title"]).await
        };
        assert_eq!(done.unwrap_err().kind.code(), "vendor-status");
        assert_eq!(wire.times().len(), 1 + attempts);
    }
}

#[tokio::test]
async fn a_reply_without_an_id_is_an_error() {
    let (connector, _) = writable(vec![("POST /Companies", json!({ "itemId": null }))]);
    let error = connector.create_organization(company()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "autotask, companies.create: the reply cannot be read: there is no itemId in it"
    );
}

#[tokio::test]
async fn a_record_that_is_gone_when_it_is_read_again_is_told_in_both_ways() {
    for (status, body) in [
        (200, r#"{"item":null}"#),
        (404, r#"{"errors":["No matching records found."]}"#),
    ] {
        let (connector, _) = zoned(500, move |number, _| match number {
            0 => answer(200, made(9).to_string()),
            _ => answer(status, body),
        });
        let error = connector.create_contact(person()).await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-not-found", "{error}");
        assert_eq!(error.operation, "contacts.get");
    }
}
