//! Against replies of the vendor's shape, written by hand.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{KaseyaVsa9, Vsa9Config};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, RmmConnector};
use crate::model::RemoteDevice;
use crate::transport::{RetryPolicy, Secret, SimulatedClock};

const PASSWORD: &str = "s3cret&=";
const ORG: &str = "20171111110104205178812001";
const GROUP: &str = "20171111110104205178812002";

fn config(page_size: u32, company: Option<&str>) -> Vsa9Config {
    Vsa9Config {
        base_url: "http://vsa.example".to_owned(),
        user_name: "apiuser".to_owned(),
        password: Secret::new(PASSWORD),
        company: company.map(str::to_owned),
        page_size,
        retry: RetryPolicy::default(),
    }
}

fn success(result: &Value, total: usize) -> Answer {
    let body = json!({
        "TotalRecords": total, "Result": result, "ResponseCode": 0, "Status": "OK", "Error": "None",
    });
    answer(200, body.to_string())
}

/// A connector that is handed a session, and whose other requests a function answers.
fn vsa(
    config: Vsa9Config,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (KaseyaVsa9, Arc<Scripted>) {
    vsa_at(&clock(), config, script)
}

fn vsa_at(
    clock: &Arc<SimulatedClock>,
    config: Vsa9Config,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (KaseyaVsa9, Arc<Scripted>) {
    let wire = Scripted::new(clock, move |_, sent| match sent.target.as_str() {
        "/api/v1.0/auth" => success(
            &json!({ "Token": "30129373", "ApiToken": "9b2a", "SessionExpiration": "2025-06-01T00:20:00" }),
            1,
        ),
        _ => script(sent),
    });
    let vsa = KaseyaVsa9::new(config, Arc::clone(&wire) as _, Arc::clone(clock) as _, 1);
    (vsa.unwrap(), wire)
}

/// The page of a list that a request asks for.
fn cut(sent: &Sent, rows: &[Value]) -> Answer {
    let number = |name: &str| -> usize {
        let (_, rest) = sent.target.split_once(name).unwrap();
        rest.split('&').next().unwrap().parse().unwrap()
    };
    let page: Vec<Value> = (rows.iter())
        .skip(number("$skip="))
        .take(number("$top="))
        .cloned()
        .collect();
    success(&page.into(), rows.len())
}

fn groups() -> Vec<Value> {
    vec![json!({ "MachineGroupId": GROUP, "MachineGroupName": "root.lark", "OrgId": ORG })]
}

fn audit(id: &str) -> Value {
    json!({ "AgentGuid": id, "ComputerName": id, "GroupName": "root.lark" })
}

/// A server with these audits and assets.
fn stocked(audits: Vec<Value>, assets: Vec<Value>) -> impl Fn(&Sent) -> Answer {
    move |sent| match sent.route().as_str() {
        "GET /api/v1.0/system/machinegroups" => cut(sent, &groups()),
        "GET /api/v1.0/assetmgmt/audit" => cut(sent, &audits),
        "GET /api/v1.0/assetmgmt/assets" => {
            assert!(
                sent.target
                    .contains("$filter=IsComputerAgent%20eq%20false&")
            );
            cut(sent, &assets)
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_session_is_opened_by_name_and_password_and_renewed_when_it_ends() {
    let clock = clock();
    let (vsa, wire) = vsa_at(&clock, config(100, None), |_| success(&json!([]), 0));
    vsa.check().await.unwrap();
    {
        let sent = wire.sent.lock().unwrap();
        assert_eq!(
            sent[0].headers["authorization"],
            "Basic YXBpdXNlcjpzM2NyZXQmPQ=="
        );
        assert_eq!(sent[1].headers["authorization"], "Bearer 30129373");
        assert_eq!(sent[1].target, "/api/v1.0/system/orgs?$top=1");
    }
    // The clock stands at midnight; the reply says that the session ends twenty minutes later.
    clock.advance(15 * 60_000);
    vsa.check().await.unwrap();
    assert_eq!(wire.routes().len(), 3);
    clock.advance(5 * 60_000);
    vsa.check().await.unwrap();
    assert_eq!(wire.routes()[3], "GET /api/v1.0/auth");
}

#[tokio::test]
async fn wrong_credentials_are_told_without_the_password() {
    let refusals = [
        (401, "Unauthorized"),
        // Some servers say it in a success.
        (200, "Unauthorized"),
    ];
    for (status, words) in refusals {
        let clock = clock();
        let wire = Scripted::new(&clock, move |_, _| {
            let error = format!("no user has {PASSWORD}");
            let body =
                json!({ "Result": null, "ResponseCode": 4001, "Status": words, "Error": error });
            answer(status, body.to_string())
        });
        let vsa = KaseyaVsa9::new(config(100, None), wire as _, clock, 1).unwrap();
        let error = vsa.check().await.unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Unauthorized { .. }),
            "{error}"
        );
        let text = error.to_string();
        assert!(text.contains("check user_name and password"), "{text}");
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[tokio::test]
async fn organizations_are_read_page_by_page() {
    let rows: Vec<Value> = (0..5)
        .map(|at| json!({ "OrgId": format!("2017111111010420517881200{at}"), "OrgName": format!("Org {at}") }))
        .collect();
    let (vsa, wire) = vsa(config(2, None), move |sent| cut(sent, &rows));
    let (companies, rejected) = all(vsa.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let names: Vec<&str> = companies.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Org 0", "Org 1", "Org 2", "Org 3", "Org 4"]);
    assert_eq!(companies[3].id, "20171111110104205178812003");
    assert_eq!(
        wire.targets()[1..],
        [0, 2, 4].map(|skip| format!("/api/v1.0/system/orgs?$top=2&$skip={skip}"))
    );
}

#[tokio::test]
async fn groups_play_the_company_where_that_is_chosen() {
    let asset = json!({ "AssetId": "9", "OrgId": ORG, "MachineGroupId": GROUP });
    let script = stocked(vec![audit("7")], vec![asset]);
    let (vsa, _) = vsa(config(100, Some("machine_groups")), script);
    let (companies, _) = all(vsa.companies()).await.unwrap();
    assert_eq!(
        (companies[0].id.as_str(), companies[0].name.as_str()),
        (GROUP, "root.lark")
    );
    let (devices, _) = all(vsa.devices()).await.unwrap();
    let companies: Vec<&str> = devices.iter().map(|it| it.company_id.as_str()).collect();
    assert_eq!(companies, [GROUP, GROUP]);
}

#[tokio::test]
async fn every_field_of_a_machine() {
    let full = json!({
        "AgentGuid": "104205178812345", "DisplayName": "wren-pc3.root.lark", "ComputerName": "WREN-PC3",
        "GroupName": "root.lark", "OsType": "11", "OsInfo": "Professional x64 Edition  Build 22631",
        "IpAddress": "192.168.77.13", "Ipv6Address": "", "DefaultGateway": "192.168.77.1",
        "ConnectionGatewayIp": "203.0.113.9", "MacAddress": "54-BF-64-01-02-03", "RamMBytes": 16384,
        "CpuType": "Intel Core i5", "CpuCount": 1, "LastCheckinTime": "2025-10-09T11:42:10",
        "RebootTime": "0001-01-01T00:00:00", "LastLoginName": "wren", "Manufacturer": "LENOVO",
        "ProductName": "20U9CTO1WW", "SystemVersion": "ThinkPad X1 Carbon Gen 8",
        "SystemSerialNumber": "PF2ABCDE", "MotherboardSerialNumber": "L1HF0123",
        "ChassisType": "Notebook", "SysWarrantyExpireDate": "2026-02-01T00:00:00",
    });
    let bare = json!({ "AgentGuid": "8", "GroupName": "root.lark", "SystemSerialNumber": "", "OsType": "2022" });
    let (vsa, wire) = vsa(config(100, None), stocked(vec![full, bare], vec![]));
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let some = |text: &str| Some(text.to_owned());
    let wanted = RemoteDevice {
        id: "104205178812345".to_owned(),
        company_id: ORG.to_owned(),
        name: "WREN-PC3".to_owned(),
        hostname: some("WREN-PC3"),
        device_type: some("Notebook"),
        location: some("root.lark"),
        serial: some("PF2ABCDE"),
        interfaces: vec![crate::model::RemoteInterface {
            name: None,
            mac: some("54-BF-64-01-02-03"),
            ip: some("192.168.77.13"),
        }],
        ip: some("192.168.77.13"),
        default_gateway: some("192.168.77.1"),
        manufacturer: some("LENOVO"),
        model: some("20U9CTO1WW"),
        operating_system: some("Professional x64 Edition  Build 22631"),
        cpu: some("Intel Core i5"),
        cpu_cores: None,
        memory_bytes: Some(17_179_869_184),
        disks: vec![],
        last_user: some("wren"),
        last_reboot: None,
        last_seen: Some("2025-10-09T11:42:10Z".parse().unwrap()),
        warranty_expires_on: Some("2026-02-01".parse().unwrap()),
        external_url: None,
    };
    assert_eq!(devices[0], wanted);
    assert_eq!(devices[1].name, "8");
    assert_eq!(devices[1].serial, None);
    assert_eq!(devices[1].operating_system, some("2022"));
    // The groups are read once, whatever the number of pages.
    let routes = wire.routes();
    let groups = routes
        .iter()
        .filter(|route| route.ends_with("machinegroups"));
    assert_eq!(groups.count(), 1);
}

#[tokio::test]
async fn what_was_found_on_the_network_has_its_adapters_and_little_else() {
    let asset = json!({
        "AssetId": "104205178812399", "AssetName": "CORE", "DisplayName": "Core switch", "HostName": "core",
        "OrgId": ORG, "MachineGroupId": GROUP, "MachineGroup": "root.lark", "OSName": null,
        "OSFamily": "Network", "DeviceManufacturer": "Cisco Systems", "LastSeenDate": "2025-10-09T11:00:00",
        "NetworkInfo": [
            { "Name": null, "MACAddress": "00:50:56:00:00:01", "IPAddresses": ["10.1.0.5"], "Gateway": "10.1.0.1" },
            { "MACAddress": "00:50:56:00:00:02", "IPAddresses": null },
        ],
    });
    let (vsa, _) = vsa(config(100, None), stocked(vec![], vec![asset]));
    let (devices, _) = all(vsa.devices()).await.unwrap();
    let device = &devices[0];
    assert_eq!(
        (device.id.as_str(), device.name.as_str()),
        ("104205178812399", "Core switch")
    );
    assert_eq!(
        (device.company_id.as_str(), device.device_type.as_deref()),
        (ORG, Some("Network"))
    );
    let macs: Vec<_> = device
        .interfaces
        .iter()
        .filter_map(|it| it.mac.as_deref())
        .collect();
    assert_eq!(macs, ["00:50:56:00:00:01", "00:50:56:00:00:02"]);
    assert_eq!(device.ip.as_deref(), Some("10.1.0.5"));
    assert_eq!(device.default_gateway.as_deref(), Some("10.1.0.1"));
    assert_eq!(
        (device.manufacturer.as_deref(), device.serial.as_deref()),
        (None, None)
    );
    assert_eq!(
        device.last_seen.unwrap().to_string(),
        "2025-10-09T11:00:00Z"
    );
}

#[tokio::test]
async fn a_machine_of_a_group_that_nobody_knows_is_rejected_and_the_rest_is_kept() {
    let mut lost = audit("3");
    lost["GroupName"] = json!("gone.lark");
    let wrong = json!({ "AgentGuid": "4", "GroupName": "root.lark", "RamMBytes": "many" });
    let audits = vec![audit("1"), lost, wrong, audit("2")];
    let (vsa, _) = vsa(config(100, None), stocked(audits, vec![]));
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    let ids: Vec<&str> = devices.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert!(
        rejected.iter().any(|it| it.contains("GroupName")),
        "{rejected:?}"
    );
    assert!(
        rejected.iter().any(|it| it.contains("RamMBytes")),
        "{rejected:?}"
    );
}

#[tokio::test]
async fn a_success_that_is_none_and_a_reply_that_is_none_are_errors() {
    let replies = [
        answer(
            200,
            r#"{"Result":null,"ResponseCode":5000,"Status":"Error","Error":"Database is busy"}"#,
        ),
        answer(200, r#"{"ResponseCode":0,"Status":"OK","Error":"None"}"#),
        answer(
            200,
            r#"{"Result":{"OrgId":"1"},"ResponseCode":0,"Status":"OK","Error":"None"}"#,
        ),
        reply(200, &[("content-type", "text/html")], "<html>"),
    ];
    let words = ["Database is busy", "there is no `Result`", "", "text/html"];
    for (given, words) in replies.into_iter().zip(words) {
        let given = given.unwrap();
        let (vsa, _) = vsa(config(100, None), move |_| Ok(given.clone()));
        let error = all(vsa.companies()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Body { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}
