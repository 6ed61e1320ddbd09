//! What is sent to create and change contacts, whose addresses and numbers are written apart.

use serde_json::{Value, json};

use super::mapping::pat;
use super::writes::{replace, sent, some, writable};
use super::{bms, result};
use crate::connectors::testing::json as answer;
use crate::connectors::{ErrorKind, PsaWriter};
use crate::model::{RemoteContact, RemoteEmail, RemotePhone};

const CONTACTS: &str = "/v2/crm/contacts";

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

#[tokio::test]
async fn addresses_that_are_added_are_not_sent_again_when_nobody_knows_whether_they_arrived() {
    let kind = |attempts| ErrorKind::Status {
        status: 503,
        attempts,
        message: "no text".to_owned(),
    };
    for (emails, attempts) in [
        (vec![email("new@x.example", None, true)], 1),
        (Vec::new(), 5),
    ] {
        let (connector, _) = bms(1, |sent| match &*sent.route() {
            "GET /v2/crm/contacts/summary/88120" => result(&pat()),
            _ => answer(503, ""),
        });
        let draft = RemoteContact { emails, ..person() };
        let error = connector.update_contact(draft, vec!["emails"]).await;
        assert_eq!(error.unwrap_err().kind, kind(attempts));
    }
}
