//! The RMM's side: customers as companies, assets as devices.

use proptest::prelude::{any, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{listing, number, syncro};
use crate::connectors::RmmConnector;
use crate::connectors::syncro::device::Device;
use crate::connectors::testing::{all, json as answer};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn adapter(description: &str, mac: &str, ip: &str, gateway: &str) -> Value {
    json!({
        "name": "Ethernet 5", "description": description, "type": "ethernet", "ipv4": ip,
        "ipv6": "fe80::1%12", "subnet": "255.255.255.0", "gateway": gateway,
        "physical_address": mac, "dhcp_enabled": true,
    })
}

fn laptop() -> Value {
    json!({
        "id": 701_155, "name": "OAK-LT-07", "customer_id": 31_002, "contact_id": null,
        "created_at": "2024-03-05T14:01:09.117Z", "updated_at": "2025-10-09T11:57:02.190Z",
        "properties": {
            "Warranty Expires": "2027-03-01", "manufacturer": "Other", "kabuto_information": {
                "last_synced_at": "2025-10-09T11:56:40.000Z", "last_user": "OAK\\mel",
                "general": {
                    "name": "OAK-LT-07-H", "ip": "198.51.100.20", "mac": ["A4BB6D101112"],
                    "manufacturer": "Dell Inc.", "model": "Latitude 5440",
                    "serial_number": "7XK2P14", "form_factor": "Laptop",
                },
                "os": {
                    "name": "Microsoft Windows 11 Pro", "build": "22631",
                    "windows_release_version": "23H2",
                    "last_boot_time": "2025-10-08T02:02:00-04:00", "pending_reboot": false,
                },
                "network_adapters": [
                    adapter("Fortinet SSL VPN Virtual Ethernet Adapter", "00-09-0F-AA-00-01", "169.254.1.9", "10.9.9.9"),
                    adapter("TAP-Windows Adapter V9", "00-FF-1A-2B-3C-4D", "10.8.0.2", ""),
                    adapter("Intel(R) I219-V", "F8-75-A4-19-C6-22", "169.254.153.223", ""),
                    adapter("Realtek USB GbE Family Controller", "A4-BB-6D-10-11-12", "10.40.0.57", "10.40.0.1"),
                    adapter("Microsoft Wi-Fi Direct Virtual Adapter #3", "4C-1D-96-46-59-DE", "169.254.7.7", ""),
                ],
                "primary_adapter": { "ipv4": "10.40.0.57", "subnet": "255.255.255.0" },
                "cpu": [{ "name": "Intel Core i5" }], "ram": [{ "size": "8 GB" }, { "size": 8 }],
                "hdd": [{ "name": "C:", "size": "476.84 GB" }, { "size": "1 TB" }, { "name": "D:", "size": "?" }],
                "system_partition": { "size_gb": 476, "free_gb": 100, "free_percent": 21 },
            },
        },
        "asset_type": "Syncro Device", "asset_serial": "EDITED", "external_rmm_link": null,
        "customer": { "id": 31_002 }, "rmm_links": [], "rmm_store": { "general": {} },
        "address": null,
    })
}

async fn devices(rows: Vec<Value>) -> (Vec<RemoteDevice>, Vec<String>) {
    let (connector, _) = listing("assets", rows, 25);
    all(connector.devices()).await.unwrap()
}

async fn device(row: Value) -> RemoteDevice {
    let (mut devices, rejected) = devices(vec![row]).await;
    assert!(rejected.is_empty(), "{rejected:?}");
    assert_eq!(devices.len(), 1);
    devices.remove(0)
}

#[tokio::test]
async fn what_an_agent_reports() {
    let adapter = |name: &str, mac: &str, ip: Option<&str>| RemoteInterface {
        name: some(name),
        mac: some(mac),
        ip: ip.map(str::to_owned),
    };
    let disk = |name: &str, size: Option<u64>| RemoteDisk {
        name: name.to_owned(),
        size_bytes: size,
        free_bytes: None,
    };
    let expected = RemoteDevice {
        id: "701155".to_owned(),
        company_id: "31002".to_owned(),
        name: "OAK-LT-07".to_owned(),
        hostname: some("OAK-LT-07-H"),
        device_type: some("Laptop"),
        location: None,
        // What the agent read goes before what somebody typed.
        serial: some("7XK2P14"),
        // The one with the primary address first; tunnels are no adapters of the machine.
        interfaces: vec![
            adapter(
                "Realtek USB GbE Family Controller",
                "A4-BB-6D-10-11-12",
                Some("10.40.0.57"),
            ),
            adapter("Intel(R) I219-V", "F8-75-A4-19-C6-22", None),
        ],
        // Not the address that the account's server sees.
        ip: some("10.40.0.57"),
        default_gateway: some("10.40.0.1"),
        manufacturer: some("Dell Inc."),
        model: some("Latitude 5440"),
        operating_system: some("Microsoft Windows 11 Pro 23H2"),
        cpu: some("Intel Core i5"),
        cpu_cores: None,
        memory_bytes: Some(16 << 30),
        disks: vec![
            disk("C:", Some(512_003_051_356)),
            disk("", Some(1 << 40)),
            disk("D:", None),
        ],
        last_user: some("OAK\\mel"),
        last_reboot: Some("2025-10-08T06:02:00Z".parse().unwrap()),
        last_seen: Some("2025-10-09T11:56:40Z".parse().unwrap()),
        warranty_expires_on: Some("2027-03-01".parse().unwrap()),
        external_url: None,
    };
    assert_eq!(device(laptop()).await, expected);
}

#[tokio::test]
async fn a_report_that_stands_in_the_store_alone_is_read_there() {
    let expected = device(laptop()).await;
    let mut row = laptop();
    let report = row["properties"]["kabuto_information"].take();
    row["rmm_store"] = json!({ "general": { "info": report.to_string() } });
    assert_eq!(device(row.clone()).await, expected);
    // A text that is no report costs what it would have said.
    for broken in [json!("{"), json!("[]"), json!(7), Value::Null, json!({})] {
        row["rmm_store"]["general"]["info"] = broken;
        let bare = device(row.clone()).await;
        assert_eq!(
            (bare.serial, bare.manufacturer),
            (some("EDITED"), some("Other"))
        );
        assert_eq!(
            (bare.device_type, bare.last_seen),
            (some("Syncro Device"), None)
        );
    }
}

#[tokio::test]
async fn what_people_wrote_down() {
    let row = json!({
        "id": 5, "name": "OAK-ESX", "customer_id": 2, "asset_type": "Server", "asset_serial": "",
        "updated_at": "2025-10-09T11:57:02.190Z",
        "properties": {
            "Make": "Dell Inc.", "Model": 650, "Service Tag": 700_115, "OS": 8, "Rack": [1],
            "MAC Address": "00:1B:44:11:3A:B7, 001b.4411.3ab8", "LAN IP(s)": "10.40.0.5",
            "Warranty Expires": "next year",
        },
        "rmm_store": null,
    });
    let interface = |mac: &str, ip: Option<&str>| RemoteInterface {
        name: None,
        mac: some(mac),
        ip: ip.map(str::to_owned),
    };
    let expected = RemoteDevice {
        id: "5".to_owned(),
        company_id: "2".to_owned(),
        name: "OAK-ESX".to_owned(),
        hostname: some("OAK-ESX"),
        device_type: some("Server"),
        serial: some("700115"),
        interfaces: vec![
            interface("00:1B:44:11:3A:B7", Some("10.40.0.5")),
            interface("001b.4411.3ab8", None),
        ],
        ip: some("10.40.0.5"),
        manufacturer: some("Dell Inc."),
        model: some("650"),
        operating_system: some("8"),
        ..RemoteDevice::default()
    };
    assert_eq!(device(row).await, expected);
}

#[tokio::test]
async fn types_come_from_the_system_the_form_or_the_asset() {
    for (os, form, kind, expected) in [
        (
            json!("Windows Server 2022 Standard"),
            json!("Tower"),
            json!("Syncro Device"),
            some("Server"),
        ),
        (
            json!("Windows 11"),
            json!("Desktop"),
            json!("Syncro Device"),
            some("Desktop"),
        ),
        (
            json!("macOS"),
            Value::Null,
            json!("Syncro Device"),
            some("Syncro Device"),
        ),
        // A type that the account made says more.
        (
            json!("Windows 11"),
            json!("Desktop"),
            json!("Kiosk"),
            some("Kiosk"),
        ),
        (Value::Null, Value::Null, Value::Null, None),
    ] {
        let row = json!({
            "id": 1, "name": "A", "customer_id": 2, "asset_type": kind,
            "properties": { "kabuto_information": { "os": { "name": os }, "general": { "form_factor": form } } },
        });
        assert_eq!(device(row).await.device_type, expected);
    }
}

#[tokio::test]
async fn the_build_stands_in_for_a_release_and_the_partition_for_disks() {
    let row = json!({
        "id": 1, "name": "A", "customer_id": 2, "properties": { "mac": ["A4BB6D101112"], "kabuto_information": {
            "os": { "name": "Windows 10", "build": "19045", "windows_release_version": "" },
            "general": { "mac": [] }, "network_adapters": [adapter("Realtek", "", "10.1.0.9", "")],
            "primary_adapter": null, "hdd": [], "system_partition": { "size_gb": 2, "free_gb": "1" },
        } },
    });
    let found = device(row).await;
    assert_eq!(found.operating_system, some("Windows 10 19045"));
    let disk = RemoteDisk {
        name: "System".to_owned(),
        size_bytes: Some(2 << 30),
        free_bytes: Some(1 << 30),
    };
    assert_eq!((found.disks, found.memory_bytes), (vec![disk], None));
    // An adapter without a MAC gets the one that stands elsewhere.
    assert_eq!(found.interfaces[0].mac, some("A4BB6D101112"));
    assert_eq!((found.interfaces.len(), found.ip), (1, some("10.1.0.9")));
}

#[tokio::test]
async fn an_asset_without_a_customer_is_left_out_and_counted() {
    let rows = vec![
        json!({ "id": 1, "name": "A", "customer_id": null, "properties": null }),
        json!({ "id": 2, "name": "B", "customer_id": 9 }),
        json!({ "id": 3, "name": "C" }),
        json!({ "id": 4, "name": null, "customer_id": 9 }),
    ];
    let (connector, _) = listing("assets", rows, 2);
    let (records, rejected) = all(connector.devices()).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["2"]);
    assert_eq!(
        rejected,
        ["record 4, field name: invalid type: null, expected a string"]
    );
    let left_out = RmmConnector::stats(&connector).left_out;
    assert_eq!(left_out["asset without a customer"], 2);
}

#[tokio::test]
async fn customers_are_the_companies_disabled_ones_too() {
    let rows = vec![
        json!({ "id": 31_002, "business_name": "Oak Dental", "disabled": false }),
        json!({ "id": 2, "business_name": "", "business_then_name": "Sam Lee", "disabled": true }),
        json!({ "id": 3, "fullname": "Kim Roy" }),
    ];
    let (connector, wire) = listing("customers", rows, 100);
    let (records, _) = all(connector.companies()).await.unwrap();
    let company = |id: &str, name: &str| RemoteCompany {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    assert_eq!(
        records,
        [
            company("31002", "Oak Dental"),
            company("2", "Sam Lee"),
            company("3", "Kim Roy")
        ]
    );
    assert_eq!(
        wire.targets(),
        ["/api/v1/customers?include_disabled=true&page=1"]
    );
}

#[tokio::test]
async fn pages_of_devices_are_read_to_the_last_and_each_device_once() {
    // An asset was made in front of the second page.
    let (connector, wire) = syncro(|_, sent| {
        let rows = [[1, 2], [2, 3], [3, 4]][number(sent) - 1];
        let rows = rows.map(|id| json!({ "id": id, "name": "A", "customer_id": 1 }));
        answer(
            200,
            json!({ "assets": rows, "meta": { "total_pages": 3 } }).to_string(),
        )
    });
    let (records, _) = all(connector.devices()).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    let targets = [1, 2, 3].map(|page| format!("/api/v1/customer_assets?page={page}"));
    assert_eq!(wire.targets(), targets);
}

#[tokio::test]
async fn a_check_asks_who_it_is() {
    let (connector, wire) = syncro(|_, _| answer(200, "{}"));
    RmmConnector::check(&connector).await.unwrap();
    assert_eq!(wire.targets(), ["/api/v1/me"]);
    assert_eq!(RmmConnector::vendor(&connector), "syncro");
}

proptest! {
    /// Whatever people typed: the asset is read, and what is no value is none.
    #[test]
    fn odd_properties_never_cost_an_asset(text in any::<String>(), number in any::<f64>(), flag in any::<bool>()) {
        for value in [json!(text), json!(number), json!(flag), json!([text]), json!({ "a": text }), Value::Null] {
            let row = json!({
                "id": 1, "name": "A", "customer_id": 2, "properties": {
                    "Make": value, "Model": value, "Service Tag": value, "MAC Address": value,
                    "LAN IP(s)": value, "OS": value, "Warranty Expires": value, "mac": value,
                    "kabuto_information": {
                        "ram": [{ "size": value }], "hdd": [{ "name": value, "size": value }],
                        "general": { "mac": value, "serial_number": value }, "os": { "build": value },
                    },
                },
            });
            let device: Device = serde_json::from_value(row).unwrap();
            let device = device.into_device().unwrap();
            let expected = match &value {
                Value::String(text) if text.is_empty() => None,
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(flag) => Some(flag.to_string()),
                _ => None,
            };
            prop_assert_eq!(device.serial, expected);
        }
    }
}
