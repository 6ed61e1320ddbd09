//! What becomes of each field.

use serde_json::{Value, json};

use super::listing;
use crate::connectors::PsaConnector;
use crate::connectors::testing::all;
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn fabrikam() -> Value {
    json!({
        "id": 34_288_070, "firstname": "Pat", "lastname": "Rowe", "fullname": "Pat Rowe",
        "business_name": "Fabrikam Dental", "email": "office@fabrikam.example",
        "phone": "9025550101", "mobile": null, "created_at": "2021-01-05T13:00:00.000Z",
        "updated_at": "2025-04-30T16:01:22.310-05:00", "address": "12 Harbour St",
        "address_2": "Floor 2", "city": "Halifax", "state": "NS", "zip": "B3H 1A1", "notes": null,
        "disabled": false, "location_name": "Our shop", "location_id": 5, "properties": {},
        "business_and_full_name": "Fabrikam Dental - Pat Rowe",
        "business_then_name": "Fabrikam Dental", "contacts": [],
    })
}

fn customers() -> Vec<Value> {
    vec![
        fabrikam(),
        json!({ "id": 2, "business_name": "", "business_then_name": "Sam Lee", "fullname": "S. Lee",
                "disabled": true, "address": "", "city": "Halifax" }),
        json!({ "id": 3, "business_name": null, "fullname": "Kim Roy", "disabled": null,
                "address": "1 Pier Rd", "address_2": "", "city": null }),
        json!({ "id": 4 }),
        json!({ "id": 5, "business_name": 7 }),
    ]
}

const UNREADABLE: &str =
    "record 5, field business_name: invalid type: integer `7`, expected a string";

#[tokio::test]
async fn customers_are_organizations_of_one_type() {
    let (connector, _) = listing("customers", customers(), 100);
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    let customer = |id: &str, name: &str, status: &str, place: Option<&str>| RemoteOrganization {
        id: id.to_owned(),
        name: name.to_owned(),
        short_name: None,
        types: vec!["Customer".to_owned()],
        status: some(status),
        parent_id: None,
        primary_location_id: place.map(str::to_owned),
        deleted: false,
    };
    assert_eq!(
        records,
        [
            customer("34288070", "Fabrikam Dental", "Active", Some("34288070")),
            customer("2", "Sam Lee", "Inactive", None),
            customer("3", "Kim Roy", "Active", Some("3")),
            customer("4", "", "Active", None),
        ]
    );
    assert_eq!(rejected, [UNREADABLE]);
}

#[tokio::test]
async fn the_address_of_a_customer_is_its_location() {
    let (connector, _) = listing("customers", customers(), 100);
    let wanted = ["34288070", "2", "3", "5"].map(str::to_owned).to_vec();
    let (records, rejected) = all(connector.locations(wanted)).await.unwrap();
    let main = RemoteLocation {
        id: "34288070".to_owned(),
        organization_id: "34288070".to_owned(),
        name: "Main".to_owned(),
        address_1: some("12 Harbour St"),
        address_2: some("Floor 2"),
        city: some("Halifax"),
        region: some("NS"),
        postal_code: some("B3H 1A1"),
        country: None,
        // A number of the customer's is none of its address.
        phone: None,
        fax: None,
        primary: true,
        inactive: false,
    };
    let bare = RemoteLocation {
        id: "3".to_owned(),
        organization_id: "3".to_owned(),
        name: "Main".to_owned(),
        address_1: some("1 Pier Rd"),
        primary: true,
        ..RemoteLocation::default()
    };
    assert_eq!(records, [main, bare]);
    // What cannot be read is told of where customers are read.
    assert!(rejected.is_empty(), "{rejected:?}");
}

#[tokio::test]
async fn contacts_have_one_name() {
    let rows = vec![
        json!({
            "id": 91, "name": "Pat van der Rowe", "address1": "12 Harbour St", "city": "Halifax",
            "email": "pat@fabrikam.example", "phone": "9025550102", "extension": "12",
            "mobile": "9025550103", "customer_id": 34_288_070, "account_id": 1, "notes": "x",
            "vendor_id": null, "properties": { "title": "Office manager", "notification_billing": "1" },
            "opt_out": false,
        }),
        json!({ "id": 92, "name": "Pat", "email": "", "phone": "", "extension": "9",
                "mobile": "9025550103", "customer_id": null, "properties": { "title": "" } }),
        json!({ "id": 93, "name": null, "properties": null, "phone": null, "mobile": null }),
        json!({ "id": 94, "customer_id": "x" }),
    ];
    let (connector, _) = listing("contacts", rows, 50);
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    let phone = |number: &str, extension: Option<&str>, label: &str, primary| RemotePhone {
        number: number.to_owned(),
        extension: extension.map(str::to_owned),
        label: some(label),
        primary,
    };
    let pat = RemoteContact {
        id: "91".to_owned(),
        organization_id: some("34288070"),
        location_id: None,
        first_name: "Pat".to_owned(),
        last_name: some("van der Rowe"),
        title: some("Office manager"),
        contact_type: None,
        emails: vec![RemoteEmail {
            address: "pat@fabrikam.example".to_owned(),
            label: None,
            primary: true,
        }],
        phones: vec![
            phone("9025550102", Some("12"), "Phone", true),
            phone("9025550103", None, "Mobile", false),
        ],
        inactive: false,
    };
    // An extension belongs to a number that is not there.
    let short = RemoteContact {
        id: "92".to_owned(),
        first_name: "Pat".to_owned(),
        phones: vec![phone("9025550103", None, "Mobile", true)],
        ..RemoteContact::default()
    };
    let bare = RemoteContact {
        id: "93".to_owned(),
        ..RemoteContact::default()
    };
    assert_eq!(records, [pat, short, bare]);
    assert_eq!(
        rejected,
        ["record 94, field customer_id: invalid type: string \"x\", expected i64"]
    );
}

fn device() -> Value {
    json!({
        "id": 12_313_068, "name": "FAB-SRV01", "customer_id": 34_288_070, "contact_id": 91,
        "created_at": "2023-06-02T09:00:00.000Z", "updated_at": "2025-05-12T08:01:44.120Z",
        "properties": {
            "device_name": "FAB-SRV01", "manufacturer": "Dell", "model": "T350",
            "mac": ["001A2B3C4D5E"], "kabuto_live_version": "1.0.190",
            "kabuto_information": {
                "last_synced_at": "2025-05-12T08:00:00.000Z", "last_user": "FABRIKAM\\admin",
                "general": {
                    "name": "FAB-SRV01", "manufacturer": "Dell Inc.", "model": "PowerEdge T350",
                    "serial_number": "OTHER", "form_factor": "Tower", "ip": "203.0.113.9",
                },
                "os": { "name": "Windows Server 2022 Standard", "build": "20348" },
                "motherboard": { "manufacturer": "Dell Inc." }, "cpu": [{ "name": "Xeon" }],
                "network_adapters": [
                    { "name": "Loopback", "ipv4": "", "gateway": "", "physical_address": "" },
                    { "name": "Wi-Fi", "ipv4": "169.254.7.7", "gateway": null,
                      "physical_address": "00-1A-2B-3C-4D-5F" },
                    { "name": "Ethernet", "type": "ethernet", "ipv4": "10.20.0.5", "ipv6": "",
                      "gateway": "10.20.0.1", "physical_address": "00-1A-2B-3C-4D-5E",
                      "dhcp_enabled": false },
                ],
            },
        },
        "asset_type": "Syncro Device", "asset_serial": "MX240917K2", "external_rmm_link": null,
        "customer": { "id": 34_288_070, "business_name": "Fabrikam Dental" }, "rmm_links": [],
        "rmm_store": { "id": 4, "general": {} }, "address": null,
    })
}

#[tokio::test]
async fn assets() {
    let bare_agent = json!({ "id": 2, "name": "B", "customer_id": 7, "asset_serial": "", "asset_type": null,
        "properties": { "manufacturer": "HP", "model": "", "kabuto_information": {
            "general": { "serial_number": "S2", "manufacturer": "", "model": null },
            "os": null, "network_adapters": null,
        } } });
    let rows = vec![
        device(),
        bare_agent,
        json!({ "id": 3, "name": "By hand", "customer_id": 7, "contact_id": null, "properties": {
            "Warranty": "2026-06-01", "model": "LaserJet" } }),
        json!({ "id": 4, "name": "Bare", "customer_id": null, "properties": null }),
        json!({ "id": 5, "name": null }),
    ];
    let (connector, _) = listing("assets", rows, 50);
    let (records, rejected) = all(connector.configurations()).await.unwrap();
    let server = RemoteConfiguration {
        id: "12313068".to_owned(),
        organization_id: "34288070".to_owned(),
        name: "FAB-SRV01".to_owned(),
        configuration_type: some("Syncro Device"),
        status: some("Active"),
        contact_id: some("91"),
        serial: some("MX240917K2"),
        mac: some("00-1A-2B-3C-4D-5F, 00-1A-2B-3C-4D-5E"),
        manufacturer: some("Dell Inc."),
        model: some("PowerEdge T350"),
        operating_system: some("Windows Server 2022 Standard"),
        // The address that a host gave itself is passed over.
        ip: some("10.20.0.5"),
        default_gateway: some("10.20.0.1"),
        ..RemoteConfiguration::default()
    };
    let agent = RemoteConfiguration {
        id: "2".to_owned(),
        organization_id: "7".to_owned(),
        name: "B".to_owned(),
        status: some("Active"),
        serial: some("S2"),
        manufacturer: some("HP"),
        ..RemoteConfiguration::default()
    };
    let by_hand = RemoteConfiguration {
        id: "3".to_owned(),
        organization_id: "7".to_owned(),
        name: "By hand".to_owned(),
        status: some("Active"),
        model: some("LaserJet"),
        ..RemoteConfiguration::default()
    };
    let bare = RemoteConfiguration {
        id: "4".to_owned(),
        name: "Bare".to_owned(),
        status: some("Active"),
        ..RemoteConfiguration::default()
    };
    assert_eq!(records, [server, agent, by_hand, bare]);
    assert_eq!(
        rejected,
        ["record 5, field name: invalid type: null, expected a string"]
    );
}

#[tokio::test]
async fn types_of_configurations_are_what_assets_have() {
    let asset = |id: i64, kind: Value| json!({ "id": id, "name": "A", "asset_type": kind });
    let rows = vec![
        asset(1, "Server".into()),
        asset(2, "Printer".into()),
        asset(3, "Server".into()),
        asset(4, "".into()),
        asset(5, Value::Null),
    ];
    let (connector, wire) = listing("assets", rows, 2);
    let row = |name: &str| RemoteType {
        id: name.to_owned(),
        name: name.to_owned(),
        inactive: false,
    };
    assert_eq!(
        connector.configuration_types().await.unwrap(),
        [row("Printer"), row("Server")]
    );
    assert_eq!(wire.times().len(), 3);
    assert_eq!(
        connector.configuration_statuses().await.unwrap(),
        [row("Active")]
    );
    assert_eq!(
        connector.organization_types().await.unwrap(),
        [row("Customer")]
    );
    assert_eq!(
        connector.organization_statuses().await.unwrap(),
        [row("Active"), row("Inactive")]
    );
    assert_eq!(wire.times().len(), 3, "the rest costs nothing");
}
