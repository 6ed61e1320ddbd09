//! Against replies of the vendor's shape, written by hand.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{NinjaConfig, NinjaOne};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, RmmConnector};
use crate::transport::{RetryPolicy, Secret};

const SECRET: &str = "s3cret&=";

fn config(page_size: u32) -> NinjaConfig {
    NinjaConfig {
        base_url: "http://ninja.example".to_owned(),
        client_id: "2f5e".to_owned(),
        client_secret: Secret::new(SECRET),
        page_size,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

/// A connector that is handed a token, and whose other requests a function answers.
fn ninja(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (NinjaOne, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| match sent.target.as_str() {
        "/ws/oauth/token" => answer(
            200,
            r#"{"access_token":"tok","expires_in":3600,"scope":"monitoring","token_type":"Bearer"}"#,
        ),
        _ => script(sent),
    });
    let ninja = NinjaOne::new(config(page_size), Arc::clone(&wire) as _, clock, 1).unwrap();
    (ninja, wire)
}

fn list(rows: &[Value]) -> Answer {
    answer(200, Value::from(rows.to_vec()).to_string())
}

/// Rows behind the id that a request names, so many at once.
fn behind(rows: Vec<Value>) -> impl Fn(&Sent) -> Answer {
    move |sent| {
        let number = |name: &str| -> usize {
            let (_, rest) = sent.target.split_once(name).unwrap();
            rest.split('&').next().unwrap().parse().unwrap()
        };
        let last = number("after=") as u64;
        let size = number("pageSize=");
        let behind = rows.iter().filter(|row| row["id"].as_u64().unwrap() > last);
        list(&behind.take(size).cloned().collect::<Vec<_>>())
    }
}

#[tokio::test]
async fn it_asks_to_read_and_no_more() {
    let (ninja, wire) = ninja(1_000, |_| list(&[]));
    ninja.check().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(
        std::str::from_utf8(&sent[0].body).unwrap(),
        "grant_type=client_credentials&client_id=2f5e&client_secret=s3cret%26%3D&scope=monitoring"
    );
    assert_eq!(sent[1].target, "/v2/organizations?pageSize=1");
    assert_eq!(sent[1].headers["authorization"], "Bearer tok");
}

#[tokio::test]
async fn wrong_credentials_are_told_without_the_secret() {
    let clock = clock();
    let wire = Scripted::new(&clock, |_, _| {
        let words = format!("no client has the secret {SECRET}");
        let body = json!({ "error": "invalid_client", "error_description": words });
        answer(401, body.to_string())
    });
    let ninja = NinjaOne::new(config(1), wire, clock, 1).unwrap();
    let error = ninja.check().await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error.kind, ErrorKind::Unauthorized { .. }),
        "{text}"
    );
    assert!(text.contains("check client_id and client_secret"), "{text}");
    assert!(!text.contains(SECRET) && !format!("{:?}", config(1)).contains(SECRET));
}

#[tokio::test]
async fn lists_go_on_behind_the_last_id_until_a_page_is_short() {
    let rows = (1..=5)
        .map(|id| json!({ "id": id * 3, "name": format!("Client {id}") }))
        .collect();
    let (ninja, wire) = ninja(2, behind(rows));
    let (companies, rejected) = all(ninja.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let names: Vec<&str> = companies.iter().map(|it| &*it.name).collect();
    assert_eq!(
        names,
        ["Client 1", "Client 2", "Client 3", "Client 4", "Client 5"]
    );
    assert_eq!(
        wire.targets()[1..],
        [
            "/v2/organizations?pageSize=2&after=0",
            "/v2/organizations?pageSize=2&after=6",
            "/v2/organizations?pageSize=2&after=12",
        ]
    );
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_told_and_passed() {
    let rows = vec![
        json!({ "id": 1, "name": 7 }),
        json!({ "id": 2, "name": null }),
        json!({ "id": 3, "name": "Whole" }),
    ];
    let (ninja, _) = ninja(1, behind(rows));
    let (companies, rejected) = all(ninja.companies()).await.unwrap();
    assert_eq!(companies.len(), 1);
    assert_eq!(rejected.len(), 2, "{rejected:?}");
}

#[tokio::test]
async fn an_agent_s_device_has_all_that_the_detailed_list_says() {
    let (ninja, wire) = ninja(1_000, |_| {
        list(&[json!({
            "id": 318, "uid": "1c8a3f54", "organizationId": 7, "locationId": 11,
            "nodeClass": "WINDOWS_WORKSTATION", "approvalStatus": "APPROVED", "offline": false,
            "displayName": "Front Desk 2", "systemName": "BIRCH-PC02", "dnsName": "BIRCH-PC02.birch.example",
            "created": 1_695_040_000.117, "lastContact": 1_760_011_000.482,
            "references": {
                "location": { "id": 11, "name": "Main Office" },
                "warranty": { "startDate": 1_672_531_200.0, "endDate": 1_798_675_200.0 },
            },
            "ipAddresses": ["fe80::8d1:22ff", "192.168.40.22"],
            "macAddresses": ["9C:7B:EF:01:02:03", "", "9C:7B:EF:01:02:04"],
            "os": { "name": "Windows 11 Professional Edition", "buildNumber": "22631", "lastBootTime": 1_759_900_000.5 },
            "system": {
                "name": "BIRCH-PC02", "manufacturer": "HP", "model": "ProDesk 600", "biosSerialNumber": "BIOS-1",
                "serialNumber": "MXL1234ABC", "totalPhysicalMemory": 17_013_362_688_u64,
            },
            "memory": { "capacity": 17_179_869_184_u64 },
            "processors": [{ "name": "Intel Core i5", "numCores": 6, "numLogicalCores": 12 }],
            "volumes": [{ "name": "C:", "capacity": 1 }],
            "lastLoggedInUser": "BIRCH\\reception",
        })])
    });
    let (devices, rejected) = all(ninja.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert_eq!(
        wire.targets()[1],
        "/v2/devices-detailed?df=status%20eq%20APPROVED&expand=location,warranty&pageSize=1000&after=0"
    );
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.id, &*device.company_id), ("318", "7"));
    assert_eq!(
        (&*device.name, device.hostname.as_deref()),
        ("Front Desk 2", Some("BIRCH-PC02"))
    );
    assert_eq!(device.device_type.as_deref(), Some("WINDOWS_WORKSTATION"));
    assert_eq!(device.location.as_deref(), Some("Main Office"));
    assert_eq!(device.serial.as_deref(), Some("MXL1234ABC"));
    assert_eq!(device.ip.as_deref(), Some("192.168.40.22"));
    let macs: Vec<&str> = device
        .interfaces
        .iter()
        .filter_map(|it| it.mac.as_deref())
        .collect();
    assert_eq!(macs, ["9C:7B:EF:01:02:03", "9C:7B:EF:01:02:04"]);
    assert_eq!(device.primary_mac(), Some("9C:7B:EF:01:02:03"));
    assert_eq!(device.interfaces[0].ip.as_deref(), Some("192.168.40.22"));
    assert_eq!(device.manufacturer.as_deref(), Some("HP"));
    assert_eq!(device.model.as_deref(), Some("ProDesk 600"));
    assert_eq!(
        device.operating_system.as_deref(),
        Some("Windows 11 Professional Edition")
    );
    assert_eq!(
        (device.cpu.as_deref(), device.cpu_cores),
        (Some("Intel Core i5"), Some(6))
    );
    assert_eq!(device.memory_bytes, Some(17_013_362_688));
    assert!(device.disks.is_empty(), "they are not taken over");
    assert_eq!(device.last_user.as_deref(), Some("BIRCH\\reception"));
    assert_eq!(
        device.last_seen.unwrap().as_millisecond(),
        1_760_011_000_482
    );
    assert_eq!(
        device.last_reboot.unwrap().as_millisecond(),
        1_759_900_000_500
    );
    assert_eq!(
        device.warranty_expires_on.unwrap().to_string(),
        "2026-12-31"
    );
}

#[tokio::test]
async fn hosts_have_their_own_members_and_what_is_watched_has_hardly_any() {
    let (ninja, _) = ninja(1_000, |_| {
        let host = json!({
            "id": 1, "organizationId": 7, "nodeClass": "VMWARE_VM_HOST", "deviceType": "VMHost",
            "displayName": "esx01", "vendor": "Dell", "model": "PowerEdge R650", "serviceTag": "7X1QZ63",
            "releaseName": "VMware ESXi 8.0", "cpuModel": "Xeon Silver", "cpuCores": 16,
            "memorySize": 274_877_906_944_u64, "lastBootTime": 1_700_000_000.0,
        });
        let switch = json!({ "id": 2, "organizationId": 7, "nodeClass": "NMS_SWITCH", "systemName": "sw1", "macAddresses": ["9C:7B:EF:01:02:09"] });
        let bios = json!({ "id": 3, "organizationId": 7, "system": { "serialNumber": "", "biosSerialNumber": "B-3" }, "memory": { "capacity": 8 } });
        list(&[host, switch, bios])
    });
    let (devices, _) = all(ninja.devices()).await.unwrap();
    let [host, switch, bios] = devices.try_into().unwrap();
    assert_eq!(host.serial.as_deref(), Some("7X1QZ63"));
    assert_eq!(host.manufacturer.as_deref(), Some("Dell"));
    assert_eq!(host.operating_system.as_deref(), Some("VMware ESXi 8.0"));
    assert_eq!(
        (host.cpu.as_deref(), host.cpu_cores),
        (Some("Xeon Silver"), Some(16))
    );
    assert_eq!(host.memory_bytes, Some(274_877_906_944));
    assert!(host.last_reboot.is_some());
    assert_eq!((&*switch.name, switch.serial), ("sw1", None));
    assert_eq!(switch.interfaces.len(), 1);
    // Neither name nor host name: the id at least.
    assert_eq!((&*bios.name, bios.serial.as_deref()), ("3", Some("B-3")));
    assert_eq!(bios.memory_bytes, Some(8));
}

#[tokio::test]
async fn a_list_that_never_ends_and_a_page_that_is_none_are_errors() {
    let (endless, _) = ninja(1, |_| list(&[json!({ "id": 1, "name": "One" })]));
    let error = all(endless.companies()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    let (page, _) = ninja(1, |_| {
        reply(
            200,
            &[("content-type", "text/html")],
            "<html>Sign in</html>",
        )
    });
    let error = all(page.companies()).await.unwrap_err();
    assert!(error.to_string().contains("text/html"), "{error}");
}
