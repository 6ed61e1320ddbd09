//! What becomes of each field.

use serde_json::{Value, json};

use super::{tenant, tigerpaw};
use crate::connectors::PsaConnector;
use crate::connectors::testing::{all, json as answer};
use crate::model::{
    RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization, RemotePhone, RemoteType,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn fabrikam() -> Value {
    json!({
        "AccountNumber": 1_052_932,
        "Account": {
            "Name": "Fabrikam Dental", "AccountId": "FABDENT", "Address1": "12 Harbour St",
            "Address2": null, "City": "Halifax", "State": "NS", "PostalCode": "B3H 1A1",
            "Country": "Canada", "AccountType": "Customer", "Status": "Active",
            "URL1": "fabrikam.example", "RepNumber": 12, "PrimaryContactNumber": 2051,
            "IsVendor": false, "DoNotEmail": false,
        },
        "PhoneNumber": "902-555-0101", "FaxNumber": "", "PrimaryContactName": "Pat Rowe",
        "ParentAccountNumber": 7, "NumberOfContacts": 3,
    })
}

fn contact(number: i64, account: i64, address: Option<&str>) -> Value {
    json!({
        "ContactNumber": number,
        "Contact": {
            "AccountNumber": account, "FirstName": "Pat", "LastName": "Rowe", "Name": "Pat Rowe",
            "Title": "Office manager", "Inactive": false, "PersonalNotes": null,
            "Address1": address, "City": "Halifax", "State": "NS", "PostalCode": "B3H 1A1",
            "Country": "Canada",
        },
        "PhoneNumber": "902-555-0102", "EmailAddress": "pat@fabrikam.example",
        "AccountName": "Fabrikam Dental", "IsPrimaryContact": true,
    })
}

fn with(mut record: Value, path: &str, value: impl Into<Value>) -> Value {
    *record.pointer_mut(path).unwrap() = value.into();
    record
}

#[tokio::test]
async fn accounts() {
    let bare = json!({ "AccountNumber": 2, "Account": {
        "Name": "Bare", "AccountId": "", "AccountType": null, "Status": "", "Address1": "  ",
    } });
    let unreadable = [
        json!({ "AccountNumber": 3, "Account": null }),
        json!({ "AccountNumber": "4", "Account": { "Name": "A" } }),
        json!({ "Account": { "Name": "No number" } }),
    ];
    let rows = [vec![fabrikam(), bare], unreadable.to_vec()].concat();
    let (connector, wire) = tenant(50, rows, Vec::new(), Vec::new());
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    let expected = RemoteOrganization {
        id: "1052932".to_owned(),
        name: "Fabrikam Dental".to_owned(),
        short_name: some("FABDENT"),
        types: vec!["Customer".to_owned()],
        status: some("Active"),
        // It is not mapped (documented).
        parent_id: None,
        primary_location_id: some("account-1052932"),
        deleted: false,
    };
    assert_eq!(records[0], expected);
    let bare = RemoteOrganization {
        id: "2".to_owned(),
        name: "Bare".to_owned(),
        ..RemoteOrganization::default()
    };
    assert_eq!(records[1..], [bare]);
    assert_eq!(
        rejected,
        [
            "record 3, field Account: invalid type: null, expected an account",
            "record 4, field AccountNumber: invalid type: string \"4\", expected i64",
            "record without id, field AccountNumber: missing field `AccountNumber`",
        ]
    );
    assert_eq!(
        wire.bodies(super::ACCOUNTS),
        [json!({
            "Criteria": [
                { "SearchType": "AccountNumber", "MatchType": "GreaterThan", "Criteria": "0" },
            ],
            "PageSize": 50, "StartRow": 1,
        })]
    );
}

#[tokio::test]
async fn locations_are_the_addresses_of_accounts_and_of_their_active_contacts() {
    let accounts = vec![
        fabrikam(),
        json!({ "AccountNumber": 2, "Account": { "Name": "Nowhere", "Address1": "" } }),
        json!({ "AccountNumber": 3, "Account": null }),
    ];
    let account = 1_052_932;
    let contacts = vec![
        // The account's own address is no further location.
        contact(10, account, Some("12 Harbour St")),
        contact(11, account, Some("1 Pier Rd")),
        contact(12, account, Some("1 Pier Rd")),
        with(
            contact(13, account, Some("2 Pier Rd")),
            "/Contact/Inactive",
            true,
        ),
        contact(14, account, Some(" ")),
        contact(15, account, None),
        with(
            contact(16, account, Some("3 Pier Rd")),
            "/Contact/AccountNumber",
            Value::Null,
        ),
        contact(17, 2, Some("1 Pier Rd")),
        // One letter of difference is another address.
        with(
            contact(18, account, Some("1 Pier Rd")),
            "/Contact/City",
            "Dartmouth",
        ),
        contact(19, 99, Some("Not asked for")),
        json!({ "ContactNumber": 20 }),
    ];
    let (connector, _) = tenant(50, accounts, contacts, Vec::new());
    let wanted = vec![account.to_string(), "2".to_owned(), "3".to_owned()];
    let (records, rejected) = all(connector.locations(wanted)).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| &*it.id).collect();
    assert_eq!(
        ids,
        ["account-1052932", "contact-11", "contact-17", "contact-18"]
    );
    let main = RemoteLocation {
        id: "account-1052932".to_owned(),
        organization_id: "1052932".to_owned(),
        name: "12 Harbour St".to_owned(),
        address_1: some("12 Harbour St"),
        address_2: None,
        city: some("Halifax"),
        region: some("NS"),
        postal_code: some("B3H 1A1"),
        country: some("Canada"),
        phone: some("902-555-0101"),
        fax: None,
        primary: true,
        inactive: false,
    };
    assert_eq!(records[0], main);
    let further = RemoteLocation {
        id: "contact-11".to_owned(),
        name: "1 Pier Rd".to_owned(),
        address_1: some("1 Pier Rd"),
        phone: None,
        primary: false,
        ..main
    };
    assert_eq!(records[1], further);
    assert_eq!(records[2].organization_id, "2");
    // What cannot be read is told of where accounts and contacts are read.
    assert!(rejected.is_empty(), "{rejected:?}");
}

#[tokio::test]
async fn contacts_come_with_their_details_and_their_location() {
    let account = 1_052_932;
    let contacts = vec![
        contact(10, account, Some("12 Harbour St")),
        contact(11, account, Some("1 Pier Rd")),
        json!({ "ContactNumber": 12, "Contact": {
            "AccountNumber": null, "FirstName": null, "LastName": "", "Title": "", "Inactive": null,
        } }),
        with(contact(13, account, None), "/Contact/Inactive", true),
        contact(14, account, None),
        contact(15, account, None),
        json!({ "ContactNumber": 16 }),
    ];
    let detail = json!({
        "PhoneNumbers": [
            { "PhoneNumberId": 1, "Number": "902-555-0102", "Location": "Work", "IsPrimary": true },
            { "PhoneNumberId": 2, "Number": "902-555-0103", "Location": "", "IsPrimary": null },
        ],
        "EmailAddresses": [
            { "EmailAddressId": 1, "Email": "pat@fabrikam.example", "Description": "Work", "DoNotEmail": false, "IsPrimary": true },
            { "EmailAddressId": 2, "Email": "pat@home.example", "Description": null, "IsPrimary": false },
        ],
        "Groups": [], "Profiles": [], "CustomFields": [],
    });
    let (connector, wire) = tenant(
        50,
        vec![fabrikam()],
        contacts,
        vec![
            ("10", detail),
            ("12", json!({ "PhoneNumbers": null, "EmailAddresses": [] })),
            // Deleted since the list was read.
            ("14", Value::Null),
            ("15", json!({ "PhoneNumbers": [{ "Number": null }] })),
        ],
    );
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    let email = |address: &str, label: Option<&str>, primary| RemoteEmail {
        address: address.to_owned(),
        label: label.map(str::to_owned),
        primary,
    };
    let phone = |number: &str, label: Option<&str>, primary| RemotePhone {
        number: number.to_owned(),
        extension: None,
        label: label.map(str::to_owned),
        primary,
    };
    let pat = RemoteContact {
        id: "10".to_owned(),
        organization_id: some("1052932"),
        location_id: some("account-1052932"),
        first_name: "Pat".to_owned(),
        last_name: some("Rowe"),
        title: some("Office manager"),
        contact_type: None,
        emails: vec![
            email("pat@fabrikam.example", Some("Work"), true),
            email("pat@home.example", None, false),
        ],
        phones: vec![
            phone("902-555-0102", Some("Work"), true),
            phone("902-555-0103", None, false),
        ],
        inactive: false,
    };
    assert_eq!(records[0], pat);
    assert_eq!(records[1].location_id, some("contact-11"));
    let bare = RemoteContact {
        id: "12".to_owned(),
        ..RemoteContact::default()
    };
    assert_eq!(records[2..], [bare]);
    assert_eq!(
        rejected,
        [
            "record 16, field Contact: missing field `Contact`",
            "record 15, field PhoneNumbers[0].Number: invalid type: null, expected a string",
        ]
    );
    // Of one that is inactive nothing more is asked.
    let details: Vec<String> = wire
        .targets()
        .into_iter()
        .filter(|target| target.ends_with("/details"))
        .collect();
    assert_eq!(
        details,
        [10, 11, 12, 14, 15].map(|number| format!("/api/contacts/{number}/details"))
    );
}

#[tokio::test]
async fn lists_of_types_and_statuses() {
    let (connector, wire) = tigerpaw(50, |_, sent| {
        let entry = |id: i64, value: &str| json!({ "Id": id, "Value": value, "IsSystemEntry": true, "IsSystemDefault": false });
        let entries = match sent.target.rsplit('/').next().unwrap() {
            "types" => vec![entry(1, "Customer"), entry(2, "Prospect")],
            _ => vec![entry(5, "Active")],
        };
        let list = json!({ "Entries": entries, "Success": true, "Message": null });
        answer(200, list.to_string())
    });
    let row = |id: &str, name: &str| RemoteType {
        id: id.to_owned(),
        name: name.to_owned(),
        inactive: false,
    };
    assert_eq!(
        connector.organization_types().await.unwrap(),
        [row("1", "Customer"), row("2", "Prospect")]
    );
    assert_eq!(
        connector.organization_statuses().await.unwrap(),
        [row("5", "Active")]
    );
    assert_eq!(
        wire.routes(),
        [
            "GET /api/mastertables/accounts/types",
            "GET /api/mastertables/accounts/statuses"
        ]
    );
    // Configurations are not synced, and nothing is asked about them.
    assert_eq!(connector.configuration_types().await, Ok(Vec::new()));
    assert_eq!(connector.configuration_statuses().await, Ok(Vec::new()));
    assert_eq!(all(connector.configurations()).await.unwrap().0, []);
    assert!(!connector.capabilities().configurations);
    assert_eq!(wire.times().len(), 2);
}

#[tokio::test]
async fn a_list_of_types_without_its_entries_is_an_error() {
    for body in ["{}", r#"{"Entries":null}"#, r#"{"Entries":[{"Id":1}]}"#] {
        let (connector, _) = tigerpaw(50, move |_, _| answer(200, body));
        let error = connector.organization_types().await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-body", "{body}");
    }
}
