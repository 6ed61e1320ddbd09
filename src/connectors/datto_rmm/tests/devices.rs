//! Sites and devices with their audits: what becomes of each field, and what is left out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use super::{DattoRmm, after_token, config, connector, connector_over, ok, page, serve};
use crate::connectors::RmmConnector;
use crate::connectors::testing::{Scripted, all, clock, json as json_reply};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

const LAPTOP: &str = "e1b0c7d2-5a3f-4c1e-8d7b-3a9f00c4d017";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn device(uid: &str, class: &str) -> Value {
    json!({ "id": 1, "uid": uid, "siteUid": "site-1", "siteName": "Larkspur", "hostname": uid, "deviceClass": class })
}

fn laptop() -> Value {
    json!({
        "id": 900_017, "uid": LAPTOP, "siteId": 41001, "siteUid": "site-1", "siteName": "Larkspur Dental",
        "deviceType": { "category": "Laptop", "type": "Main System Chassis" }, "hostname": "LARK-LT07",
        "intIpAddress": "10.20.30.47", "operatingSystem": "Microsoft Windows 11 Pro 10.0.22631",
        "lastLoggedInUser": "LARK\\frontdesk", "extIpAddress": "203.0.113.40", "description": "Front desk",
        "a64Bit": true, "rebootRequired": null, "online": true, "suspended": true, "deleted": false,
        "lastSeen": 1_760_011_200_000_i64, "lastReboot": 1_759_920_000, "lastAuditDate": null,
        "creationDate": -62_135_596_800_000_i64, "udf": { "udf1": null }, "deviceClass": "device",
        "portalUrl": "https://merlot.example/csm/device/900017", "warrantyDate": "2027-03-31",
        "antivirus": { "antivirusStatus": "SomethingNew" }
    })
}

fn laptop_audit() -> Value {
    json!({
        "systemInfo": { "manufacturer": "Dell Inc.", "model": "Latitude 5440",
            "totalPhysicalMemory": 17_179_869_184_u64, "totalCpuCores": 10 },
        "nics": [
            { "instance": "Realtek USB GbE", "ipv4": null, "macAddress": "00:E0:4C:68:00:01", "type": "Ethernet" },
            { "instance": "Hyper-V", "ipv4": "172.16.0.1", "macAddress": "00:15:5D:00:00:01" },
            { "instance": "Intel(R) Wi-Fi 6E AX211", "ipv4": "10.20.30.47", "macAddress": "A4:C3:F0:11:22:33" },
        ],
        "bios": { "serialNumber": "7XK2LM3", "releaseDate": 1_704_067_200_000_i64 },
        "logicalDisks": [
            { "description": "Local Fixed Disk", "diskIdentifier": "C:", "freespace": 5, "size": 20 },
            { "description": "Data", "diskIdentifier": null, "freespace": null, "size": null },
        ],
        "processors": [{ "name": "13th Gen Intel(R) Core(TM) i5-1345U" }], "snmpInfo": null, "physicalMemory": []
    })
}

async fn list(server: &MockServer, devices: &[Value]) {
    serve(
        server,
        "/api/v2/account/devices",
        ok(&page("devices", devices, None)),
    )
    .await;
}

#[tokio::test]
async fn sites_without_the_vendors_own() {
    let server = MockServer::start().await;
    let sites = [
        json!({ "id": 41001, "uid": "7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c01", "name": "Larkspur Dental", "onDemand": false }),
        json!({ "id": 2, "uid": "deleted-devices", "name": "Papierkorb" }),
        json!({ "id": 3, "uid": "7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c03", "name": "Deleted Devices" }),
        json!({ "id": 4, "uid": "7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c04", "name": "Managed" }),
        json!({ "id": 5, "uid": "7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c05", "name": "OnDemand" }),
        json!({ "id": 6, "uid": "7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c06", "name": "Managed Care", "onDemand": true }),
        json!({ "id": 7, "uid": "7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c07", "name": null }),
    ];
    serve(
        &server,
        "/api/v2/account/sites",
        ok(&page("sites", &sites, None)),
    )
    .await;
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.companies()).await.unwrap();
    let company = |last: u32, name: &str| RemoteCompany {
        id: format!("7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c{last:02}"),
        name: name.to_owned(),
    };
    assert_eq!(
        records,
        [company(1, "Larkspur Dental"), company(6, "Managed Care")]
    );
    assert_eq!(rejected.len(), 1);
    assert_eq!(connector.stats().left_out["pseudo-site"], 4);
}

#[tokio::test]
async fn a_laptop_with_its_audit() {
    let server = MockServer::start().await;
    list(&server, &[laptop()]).await;
    serve(
        &server,
        &format!("/api/v2/audit/device/{LAPTOP}"),
        ok(&laptop_audit()),
    )
    .await;
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.devices()).await.unwrap();
    let nic = |name: &str, mac: &str, ip: Option<&str>| RemoteInterface {
        name: some(name),
        mac: some(mac),
        ip: ip.map(str::to_owned),
    };
    let disk = |name: &str, size_bytes, free_bytes| RemoteDisk {
        name: name.to_owned(),
        size_bytes,
        free_bytes,
    };
    let expected = RemoteDevice {
        id: LAPTOP.to_owned(),
        company_id: "site-1".to_owned(),
        name: "LARK-LT07".to_owned(),
        hostname: some("LARK-LT07"),
        device_type: some("Laptop"),
        location: None,
        serial: some("7XK2LM3"),
        interfaces: vec![
            nic(
                "Intel(R) Wi-Fi 6E AX211",
                "A4:C3:F0:11:22:33",
                Some("10.20.30.47"),
            ),
            nic("Realtek USB GbE", "00:E0:4C:68:00:01", None),
            nic("Hyper-V", "00:15:5D:00:00:01", Some("172.16.0.1")),
        ],
        ip: some("10.20.30.47"),
        default_gateway: None,
        manufacturer: some("Dell Inc."),
        model: some("Latitude 5440"),
        operating_system: some("Microsoft Windows 11 Pro 10.0.22631"),
        cpu: some("13th Gen Intel(R) Core(TM) i5-1345U"),
        cpu_cores: Some(10),
        memory_bytes: Some(17_179_869_184),
        disks: vec![disk("C:", Some(20), Some(5)), disk("Data", None, None)],
        last_user: some("LARK\\frontdesk"),
        last_reboot: Some("2025-10-08T10:40:00Z".parse().unwrap()),
        last_seen: Some("2025-10-09T12:00:00Z".parse().unwrap()),
        warranty_expires_on: Some("2027-03-31".parse().unwrap()),
        external_url: some("https://merlot.example/csm/device/900017"),
    };
    assert_eq!(records, [expected]);
    assert!(rejected.is_empty());
}

#[tokio::test]
async fn every_class_is_audited_on_its_own_path() {
    let server = MockServer::start().await;
    let classes = [
        "device",
        "printer",
        "esxihost",
        "rmmnetworkdevice",
        "toaster",
    ];
    let mut devices: Vec<Value> = classes.iter().map(|class| device(class, class)).collect();
    devices.push(json!({ "uid": "bare", "siteUid": "site-1" }));
    list(&server, &devices).await;
    let nics = json!([{ "name": "vmnic0", "ipv4": "10.0.0.9", "macAddress": "AA:BB:CC:00:00:01" }]);
    for (path, audit) in [
        (
            "printer/printer",
            json!({ "snmpInfo": { "snmpSerial": "PRN-1" }, "systemInfo": { "manufacturer": "HP" } }),
        ),
        (
            "esxihost/esxihost",
            json!({
                "systemInfo": { "serviceTag": "ST-1", "model": "R650" },
                "nics": nics,
                "processors": [{ "frequency": 2.4, "name": "Xeon Silver", "numberOfCores": 16 }],
                "physicalMemory": [{ "size": 17_179_869_184_u64 }, { "size": null }, { "size": 17_179_869_184_u64 }],
            }),
        ),
        (
            "device/device",
            json!({ "bios": { "serialNumber": "" }, "systemInfo": { "serviceTag": null } }),
        ),
    ] {
        serve(&server, &format!("/api/v2/audit/{path}"), ok(&audit)).await;
    }
    // The class mismatch that a guess meets.
    serve(
        &server,
        "/api/v2/audit/device/bare",
        ResponseTemplate::new(400),
    )
    .await;
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.devices()).await.unwrap();
    assert!(rejected.is_empty(), "{rejected:?}");
    let serials: Vec<Option<&str>> = records
        .iter()
        .map(|device| device.serial.as_deref())
        .collect();
    assert_eq!(
        serials,
        [None, Some("PRN-1"), Some("ST-1"), None, None, None]
    );
    assert_eq!(records[2].interfaces[0].name.as_deref(), Some("vmnic0"));
    assert_eq!(records[2].device_type.as_deref(), Some("esxihost"));
    assert_eq!(
        (records[2].memory_bytes, records[2].cpu_cores),
        (Some(34_359_738_368), Some(16))
    );
    assert_eq!(records[1].memory_bytes, None);
    assert_eq!(
        (records[5].name.as_str(), &records[5].hostname),
        ("bare", &None)
    );
    let operations = connector.stats().operations;
    assert_eq!(operations["audit.device"].requests, 2);
    assert_eq!(operations["audit.printer"].requests, 1);
    assert_eq!(operations["audit.esxihost"].requests, 1);
    // Both classes without an audit, of one site.
    assert_eq!(operations["devices.network-interface"].requests, 1);
}

#[tokio::test]
async fn audits_at_the_same_time_keep_the_order_of_the_list() {
    let server = MockServer::start().await;
    let devices: Vec<Value> = (0..9)
        .map(|uid| device(&format!("d{uid}"), "device"))
        .collect();
    list(&server, &devices).await;
    for uid in 0..9_u64 {
        let audit = json!({ "bios": { "serialNumber": format!("S{uid}") } });
        let reply = ok(&audit).set_delay(Duration::from_millis((9 - uid) * 10));
        serve(&server, &format!("/api/v2/audit/device/d{uid}"), reply).await;
    }
    let connector = connector(&server, 250).await;
    let (records, _) = all(connector.devices()).await.unwrap();
    let serials: Vec<String> = records
        .into_iter()
        .filter_map(|device| device.serial)
        .collect();
    assert_eq!(
        serials,
        (0..9).map(|uid| format!("S{uid}")).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn deleted_devices_are_left_out_and_counted() {
    let server = MockServer::start().await;
    let with = |uid: &str, field: &str, value: Value| {
        let mut device = device(uid, "device");
        device[field] = value;
        device
    };
    list(
        &server,
        &[
            with("a", "deleted", json!(true)),
            with("b", "siteUid", json!("deleted-devices")),
            with("c", "siteName", json!("Deleted Devices")),
            with("d", "siteName", json!("OnDemand")),
            with("e", "suspended", json!(true)),
        ],
    )
    .await;
    serve(
        &server,
        "/api/v2/audit/device/e",
        ResponseTemplate::new(404),
    )
    .await;
    let connector = connector(&server, 250).await;
    let (records, _) = all(connector.devices()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].id.as_str(), &records[0].serial), ("e", &None));
    let stats = connector.stats();
    assert_eq!(stats.left_out["deleted device"], 3);
    assert_eq!(stats.left_out["device of a pseudo-site"], 1);
    assert_eq!(stats.operations["audit.device"].requests, 1);
}

#[tokio::test]
async fn a_bad_field_costs_the_record_in_the_list_as_in_the_audit() {
    let server = MockServer::start().await;
    let mut wrong = device("a", "device");
    wrong["lastSeen"] = json!("yesterday");
    let mut homeless = device("b", "device");
    homeless["siteUid"] = Value::Null;
    list(
        &server,
        &[
            wrong,
            homeless,
            device("c", "device"),
            device("d", "rmmnetworkdevice"),
        ],
    )
    .await;
    let audit = json!({ "systemInfo": { "totalPhysicalMemory": "16 GB" } });
    serve(&server, "/api/v2/audit/device/c", ok(&audit)).await;
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.devices()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(
        rejected,
        [
            "record a, field lastSeen: `yesterday` is no time",
            "record b, field siteUid: invalid type: null, expected a string",
            "record c, field audit.systemInfo.totalPhysicalMemory: invalid type: string \"16 GB\", expected u64",
        ]
    );
}

#[tokio::test]
async fn an_audit_that_is_a_web_page_fails_the_walk() {
    let server = MockServer::start().await;
    let devices = [device("a", "device"), device("b", "device")];
    let more = page("devices", &devices, Some("?page=1"));
    serve(&server, "/api/v2/account/devices", ok(&more)).await;
    let html = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    serve(&server, "/api/v2/audit/device/a", html).await;
    serve(&server, "/api/v2/audit/device/b", ok(&json!({}))).await;
    let connector = connector(&server, 250).await;
    let mut walk = connector.devices();
    let error = walk.next_page().await.unwrap_err();
    assert_eq!(
        (error.operation, error.kind.code()),
        ("audit.device", "vendor-body")
    );
    assert_eq!(walk.next_page().await, Ok(None));
}

#[tokio::test]
async fn a_device_is_audited_again_when_its_audit_is_a_new_one() {
    let clock = clock();
    // The second walk finds a new audit of `b`; `c` has no date and is asked for each time.
    let transport = Scripted::new(
        &clock,
        after_token(|number, sent| {
            if sent.target.contains("/audit/") {
                let memory = 1_000 + number;
                let audit = json!({ "systemInfo": { "totalPhysicalMemory": memory } });
                return json_reply(200, audit.to_string());
            }
            let dated = |uid: &str, at: Option<usize>| {
                let mut device = device(uid, "device");
                device["lastAuditDate"] = json!(at);
                device
            };
            let rows = [
                dated("a", Some(1_760_000_000_000)),
                dated("b", Some(1_760_000_000_000 + number)),
                dated("c", None),
            ];
            json_reply(200, page("devices", &rows, None).to_string())
        }),
    );
    let connector = connector_over(Arc::clone(&transport) as _, &clock, 250);
    let mut memory = Vec::new();
    for _ in 0..2 {
        let (devices, rejected) = all(connector.devices()).await.unwrap();
        assert_eq!(rejected, [""; 0]);
        memory.push(devices.iter().map(|it| it.memory_bytes).collect::<Vec<_>>());
    }
    // Requests by number: 0 the list, 1 to 3 audits, 4 the list, 5 and 6 audits.
    let bytes = |numbers: [u64; 3]| numbers.map(|it| Some(1_000 + it)).to_vec();
    assert_eq!(memory, [bytes([1, 2, 3]), bytes([1, 5, 6])]);
    let mut stats = connector.stats();
    let audits = stats.operation("audit.device");
    assert_eq!((audits.requests, audits.remembered), (5, 1));
}

#[tokio::test]
async fn autotasks_companies_stand_for_their_sites() {
    let clock = clock();
    let site = |uid: &str, company: Option<(&str, Option<&str>)>| {
        json!({ "id": 1, "uid": uid, "name": uid, "autotaskCompanyId": company.map(|it| it.0),
            "autotaskCompanyName": company.and_then(|it| it.1) })
    };
    let sites = [
        site("one", Some(("29", Some("Lark Legal")))),
        site("two", Some(("29", Some("Lark Legal")))),
        site("three", Some(("31", None))),
        site("alone", None),
    ];
    let in_site = |uid: &str, site: &str| {
        let mut device = device(uid, "rmmnetworkdevice");
        device["siteUid"] = json!(site);
        device
    };
    let devices = [
        in_site("a", "one"),
        in_site("b", "two"),
        in_site("c", "alone"),
        in_site("d", "three"),
    ];
    let transport = Scripted::new(
        &clock,
        after_token(move |_, sent| {
            let body = match sent.route().as_str() {
                "GET /api/v2/account/sites" => page("sites", &sites, None),
                "GET /api/v2/account/devices" => page("devices", &devices, None),
                _ => page("devices", &[], None),
            };
            json_reply(200, body.to_string())
        }),
    );
    let mut config = config("http://rmm.example", 250);
    config.company = some("autotask_companies");
    let connector = DattoRmm::new(config, transport, Arc::clone(&clock) as _, 1).unwrap();
    let (companies, _) = all(connector.companies()).await.unwrap();
    let companies: Vec<_> = (companies.iter())
        .map(|it| (it.id.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(companies, [("29", "Lark Legal"), ("31", "31")]);
    let (devices, _) = all(connector.devices()).await.unwrap();
    let devices: Vec<_> = (devices.iter())
        .map(|it| (it.id.as_str(), it.company_id.as_str()))
        .collect();
    assert_eq!(devices, [("a", "29"), ("b", "29"), ("d", "31")]);
    let left_out = connector.stats().left_out;
    assert_eq!(left_out["site without a company"], 1);
    assert_eq!(left_out["device without a company"], 1);
}
