//! Against replies of the vendor's shape, written by hand.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Atera, AteraConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ConnectorSetupError, ErrorKind, RmmConnector};
use crate::transport::{RetryPolicy, Secret};

const KEY: &str = "0c1f7e9ab2d84c55";

fn config(page_size: u32) -> AteraConfig {
    AteraConfig {
        base_url: "http://atera.example".to_owned(),
        api_key: Secret::new(KEY),
        page_size,
        retry: RetryPolicy::never(),
        limit: None,
    }
}

fn atera(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (Atera, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| script(sent));
    let atera = Atera::new(config(page_size), Arc::clone(&wire) as _, clock, 1).unwrap();
    (atera, wire)
}

fn number(sent: &Sent, name: &str) -> usize {
    let (_, rest) = sent.target.split_once(&format!("{name}=")).unwrap();
    rest.split('&').next().unwrap().parse().unwrap()
}

/// The page of a list that a request names.
fn page(sent: &Sent, rows: &[Value]) -> Answer {
    let (number, size) = (number(sent, "page"), number(sent, "itemsInPage"));
    let pages = rows.len().div_ceil(size);
    let link = if number < pages {
        // The public host, whichever was asked.
        format!(
            "https://app.atera.com/api/v3/x?page={}&itemsInPage={size}",
            number + 1
        )
    } else {
        String::new()
    };
    let items: Vec<&Value> = rows.iter().skip((number - 1) * size).take(size).collect();
    let body = json!({
        "items": items, "page": number, "itemsInPage": size, "totalItemCount": rows.len(),
        "totalPages": pages, "prevLink": "", "nextLink": link,
    });
    answer(200, body.to_string())
}

/// Lists by the last part of their path; those that are not named are empty.
fn lists(
    lists: &'static [(&str, fn() -> Vec<Value>)],
) -> impl Fn(&Sent) -> Answer + Send + Sync + 'static {
    move |sent| {
        let route = sent.route();
        let own = lists
            .iter()
            .find(|(name, _)| route.ends_with(&format!("/{name}")));
        page(sent, &own.map(|(_, rows)| rows()).unwrap_or_default())
    }
}

#[tokio::test]
async fn the_key_goes_along_and_stays_secret() {
    let (good, wire) = atera(50, |sent| page(sent, &[]));
    good.check().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].target, "/api/v3/customers?page=1&itemsInPage=1");
    assert_eq!(sent[0].headers["x-api-key"], KEY);
    assert!(sent[0].headers["x-api-key"].is_sensitive());
    drop(sent);
    // Refusals have no body; one that repeats the key must not be repeated.
    for body in ["", KEY] {
        let (refused, _) = atera(50, move |_| reply(401, &[], body));
        let error = refused.check().await.unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error.kind, ErrorKind::Unauthorized { .. }),
            "{text}"
        );
        assert!(!text.contains(KEY), "{text}");
    }
    assert!(!format!("{:?}", config(1)).contains(KEY));
    assert!(!format!("{good:?}").contains(KEY));
}

#[tokio::test]
async fn a_page_that_is_none_is_no_proof_and_no_list() {
    for body in [
        "<html>Sign in</html>",
        "[]",
        "{}",
        r#"{"items":{}}"#,
        r#"{"items":null}"#,
    ] {
        let (atera, _) = atera(50, move |_| answer(200, body));
        let error = all(atera.companies()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Body { .. }), "{body}");
    }
    let (atera, _) = atera(50, |_| answer(200, "<html>Sign in</html>"));
    assert!(matches!(
        atera.check().await.unwrap_err().kind,
        ErrorKind::Body { .. }
    ));
}

#[test]
fn a_page_has_one_to_fifty_records_and_a_key_can_be_sent() {
    let made = |config: AteraConfig| {
        let clock = clock();
        let wire = Scripted::new(&clock, |_, _| answer(200, ""));
        Atera::new(config, wire, clock, 1)
    };
    for (size, good) in [(0, false), (1, true), (50, true), (51, false)] {
        assert_eq!(made(config(size)).is_ok(), good, "{size}");
    }
    let mut odd = config(50);
    odd.api_key = Secret::new("a\nb");
    assert!(matches!(
        made(odd).unwrap_err(),
        ConnectorSetupError::Unsendable {
            name: "api_key",
            ..
        }
    ));
    let mut odd = config(50);
    odd.base_url = "atera".to_owned();
    assert_eq!(made(odd).unwrap_err().code(), "base-url");
}

fn customers() -> Vec<Value> {
    let names = ["Unassigned", "Client 1", "Client 2", "Client 3", "Client 4"];
    let ids = 1..;
    ids.zip(names)
        .map(|(id, name)| json!({ "CustomerID": id, "CustomerName": name, "Domain": null }))
        .collect()
}

#[tokio::test]
async fn customers_are_read_page_by_page_on_the_host_that_was_given() {
    let (atera, wire) = atera(2, lists(&[("customers", customers)]));
    let (companies, rejected) = all(atera.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let read: Vec<(&str, &str)> = companies
        .iter()
        .map(|it| (it.id.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("2", "Client 1"),
            ("3", "Client 2"),
            ("4", "Client 3"),
            ("5", "Client 4")
        ]
    );
    assert_eq!(
        wire.targets(),
        [1, 2, 3].map(|page| format!("/api/v3/customers?page={page}&itemsInPage=2"))
    );
    assert_eq!(atera.stats().left_out["pseudo-customer"], 1);
}

#[tokio::test]
async fn the_end_is_where_count_and_link_say_so() {
    let row = |id: usize| json!({ "CustomerID": id, "CustomerName": format!("C{id}") });
    // What the envelope says beside its rows, on the pages 1 to 3, and how many pages are asked for.
    for (tails, asked) in [
        // A link that got lost does not cut a list short.
        (
            [
                json!({"totalPages": 3, "nextLink": ""}),
                json!({"totalPages": 3}),
                json!({"totalPages": 3, "nextLink": ""}),
            ],
            3,
        ),
        // Neither does a count that is behind.
        (
            [
                json!({"totalPages": 1, "nextLink": "x"}),
                json!({"totalPages": 2, "nextLink": "x"}),
                json!({"totalPages": 3, "nextLink": null}),
            ],
            3,
        ),
        // Without a count the link decides.
        (
            [
                json!({"nextLink": "x"}),
                json!({"nextLink": "x"}),
                json!({"nextLink": ""}),
            ],
            3,
        ),
        // Without either an empty page does.
        ([json!({}), json!({}), json!({})], 4),
    ] {
        let (atera, wire) = atera(1, move |sent| {
            let number = number(sent, "page");
            let mut body = tails.get(number - 1).cloned().unwrap_or(json!({}));
            body["items"] = match number {
                1..=3 => json!([row(number)]),
                _ => json!([]),
            };
            answer(200, body.to_string())
        });
        let (companies, _) = all(atera.companies()).await.unwrap();
        assert_eq!(companies.len(), 3);
        assert_eq!(wire.targets().len(), asked);
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_an_error() {
    let (atera, _) = atera(1, |_| {
        let rows = json!([{ "CustomerID": 7, "CustomerName": "Seven" }]);
        let body = json!({ "items": rows, "totalPages": 99, "nextLink": "x" });
        answer(200, body.to_string())
    });
    let error = all(atera.companies()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
}

fn whole_agent() -> Vec<Value> {
    vec![json!({
        "MachineID": "a7e4c1e5", "AgentID": 41, "DeviceGuid": "a7e4c1e5-0d8c-4a1b-9a41-000000000041",
        "FolderID": 3, "FolderName": "Reception", "CustomerID": 9, "CustomerName": "Maple Vet Clinic",
        "AgentName": "Front desk", "SystemName": "MAPLE-PC1", "MachineName": "MAPLE-PC1", "DomainName": "MAPLE",
        "CurrentLoggedUsers": "MAPLE\\desk", "Monitored": true, "Created": "2024-01-10T09:00:00Z",
        "Modified": "2025-10-09T11:50:00Z", "Online": true, "LastSeen": "2025-10-09T11:57:02Z",
        "AppViewUrl": "https://app.atera.com/new/rmm/device/a7/agent", "Memory": 16_202,
        "Processor": "Intel(R) Core(TM) i5-10500", "ProcessorCoresCount": 6, "Vendor": "Dell Inc.",
        "VendorSerialNumber": "9ABCD23", "VendorBrandModel": "OptiPlex 5080", "ProductName": "OptiPlex",
        "MacAddresses": ["B07B25010203", "", "B0:7B:25:01:02:04"],
        "IpAddresses": ["fe80::1", "203.0.113.9", "192.168.1.31"],
        "HardwareDisks": [
            { "Drive": "C:", "Free": 120_000.0, "Used": 350_000.0, "Total": 470_000.0 },
            { "Drive": null, "Free": 1.0, "Used": 1.0, "Total": 2.0 },
            { "Drive": "D:", "Free": -1.0, "Used": 1.0, "Total": null },
        ],
        "BatteryInfo": null, "OS": "Microsoft Windows 11 Pro", "OSType": "Work Station", "OSVersion": "23H2",
        "LastRebootTime": "2025-10-07T06:00:00", "LastLoginUser": "desk", "DeviceType": "PC",
    })]
}

#[tokio::test]
async fn an_agent_s_device_has_all_that_its_row_says() {
    let (atera, wire) = atera(50, lists(&[("agents", whole_agent)]));
    let (devices, rejected) = all(atera.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert_eq!(
        wire.routes(),
        [
            "GET /api/v3/agents",
            "GET /api/v3/devices/snmpdevices",
            "GET /api/v3/devices/tcpdevices",
            "GET /api/v3/devices/httpdevices",
            "GET /api/v3/devices/genericdevices",
        ]
    );
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.id, &*device.company_id), ("41", "9"));
    assert_eq!(
        (&*device.name, device.hostname.as_deref()),
        ("Front desk", Some("MAPLE-PC1"))
    );
    assert_eq!(device.device_type.as_deref(), Some("Work Station"));
    assert_eq!(device.location.as_deref(), Some("Reception"));
    assert_eq!(device.serial.as_deref(), Some("9ABCD23"));
    // The first private one.
    assert_eq!(device.ip.as_deref(), Some("192.168.1.31"));
    // As they are written.
    let adapters: Vec<(Option<&str>, Option<&str>)> = device
        .interfaces
        .iter()
        .map(|it| (it.mac.as_deref(), it.ip.as_deref()))
        .collect();
    assert_eq!(
        adapters,
        [
            (Some("B07B25010203"), Some("192.168.1.31")),
            (Some("B0:7B:25:01:02:04"), None)
        ]
    );
    assert_eq!(device.manufacturer.as_deref(), Some("Dell Inc."));
    assert_eq!(device.model.as_deref(), Some("OptiPlex 5080"));
    assert_eq!(
        device.operating_system.as_deref(),
        Some("Microsoft Windows 11 Pro")
    );
    assert_eq!(
        (device.cpu.as_deref(), device.cpu_cores),
        (Some("Intel(R) Core(TM) i5-10500"), Some(6))
    );
    assert_eq!(device.memory_bytes, Some(16_202 * 1_048_576));
    let disks: Vec<(&str, Option<u64>, Option<u64>)> = device
        .disks
        .iter()
        .map(|it| (it.name.as_str(), it.size_bytes, it.free_bytes))
        .collect();
    assert_eq!(
        disks,
        [
            ("C:", Some(470_000 * 1_048_576), Some(120_000 * 1_048_576)),
            ("D:", None, None)
        ]
    );
    assert_eq!(device.last_user.as_deref(), Some("MAPLE\\desk"));
    assert_eq!(
        device.last_seen.unwrap().to_string(),
        "2025-10-09T11:57:02Z"
    );
    assert_eq!(
        device.last_reboot.unwrap().to_string(),
        "2025-10-07T06:00:00Z"
    );
    assert_eq!(device.warranty_expires_on, None);
    assert_eq!(
        device.external_url.as_deref(),
        Some("https://app.atera.com/new/rmm/device/a7/agent")
    );
}

fn bare_agents() -> Vec<Value> {
    let row = |id: usize, more: Value| {
        let mut row = json!({ "AgentID": id, "CustomerID": 9, "Monitored": true });
        row.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        row
    };
    let user = |id, last: Value, now: Value| {
        row(
            id,
            json!({ "LastLoginUser": last, "CurrentLoggedUsers": now }),
        )
    };
    vec![
        row(
            1,
            json!({ "MachineName": "PC1", "ProductName": "Box", "IpAddresses": ["203.0.113.9"] }),
        ),
        row(
            2,
            json!({ "AgentName": "", "MacAddresses": null, "Memory": -1, "ProcessorCoresCount": -1 }),
        ),
        user(3, json!("desk"), json!("MAPLE\\frontdesk")),
        user(4, json!("desk"), json!("MAPLE\\ana, MAPLE\\desk")),
        user(5, Value::Null, json!("MAPLE\\desk")),
        user(6, json!("desk"), Value::Null),
    ]
}

#[tokio::test]
async fn what_a_row_leaves_out_its_device_has_not() {
    let (atera, _) = atera(50, lists(&[("agents", bare_agents)]));
    let (devices, rejected) = all(atera.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert_eq!(
        (&*devices[0].name, devices[0].model.as_deref()),
        ("PC1", Some("Box"))
    );
    assert_eq!(devices[0].ip.as_deref(), Some("203.0.113.9"));
    let none = &devices[1];
    assert_eq!((&*none.name, none.hostname.as_deref()), ("2", None));
    assert_eq!((none.memory_bytes, none.cpu_cores), (None, None));
    assert!(none.interfaces.is_empty() && none.disks.is_empty());
    // Who is logged in lends the domain where it is the same user, and nobody else.
    let users: Vec<Option<&str>> = devices[2..]
        .iter()
        .map(|it| it.last_user.as_deref())
        .collect();
    assert_eq!(
        users,
        [
            Some("desk"),
            Some("desk"),
            Some("MAPLE\\desk"),
            Some("desk")
        ]
    );
}

fn agent_in_folder() -> Vec<Value> {
    vec![
        json!({ "AgentID": 21, "CustomerID": 9, "AgentName": "PC", "FolderID": 3, "FolderName": "Reception" }),
    ]
}

fn device(more: &Value) -> Value {
    let mut row = json!({ "DeviceID": 21, "CustomerID": 9, "CustomerName": "Maple", "FolderID": 3, "Name": "Thing" });
    row.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    row
}

fn snmp() -> Vec<Value> {
    vec![
        device(
            &json!({ "Hostname": "10.0.0.9", "Type": "Printer", "Model": "M404", "Online": true }),
        ),
        device(
            &json!({ "DeviceID": 22, "Hostname": "nas.maple.example", "Name": null, "FolderID": 4 }),
        ),
    ]
}

fn tcp() -> Vec<Value> {
    vec![device(&json!({ "Hostname": "10.0.0.10", "Ports": [] }))]
}

fn http() -> Vec<Value> {
    vec![device(
        &json!({ "URL": "https://maple.example", "Name": null }),
    )]
}

fn generic() -> Vec<Value> {
    vec![
        device(&json!({})),
        device(&json!({ "DeviceID": 22, "CustomerID": "nine" })),
    ]
}

#[tokio::test]
async fn kinds_of_devices_have_ids_of_their_own() {
    let (atera, _) = atera(
        50,
        lists(&[
            ("agents", agent_in_folder),
            ("snmpdevices", snmp),
            ("tcpdevices", tcp),
            ("httpdevices", http),
            ("genericdevices", generic),
        ]),
    );
    let (devices, rejected) = all(atera.devices()).await.unwrap();
    let told: Vec<(&str, &str, &str)> = devices
        .iter()
        .map(|it| {
            let kind = it.device_type.as_deref().unwrap_or_default();
            (it.id.as_str(), it.name.as_str(), kind)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("21", "PC", ""),
            ("snmp-21", "Thing", "Printer"),
            ("snmp-22", "nas.maple.example", "SNMP Device"),
            ("tcp-21", "Thing", "TCP Device"),
            ("http-21", "http-21", "HTTP Device"),
            ("generic-21", "Thing", "Generic Device"),
        ]
    );
    assert_eq!(rejected.len(), 1);
    assert!(
        rejected[0].starts_with("record generic-22, field CustomerID"),
        "{rejected:?}"
    );
    let [_, printer, nas, ..] = &devices[..] else {
        panic!("too few")
    };
    assert_eq!(
        (printer.ip.as_deref(), printer.hostname.as_deref()),
        (Some("10.0.0.9"), None)
    );
    assert_eq!(printer.model.as_deref(), Some("M404"));
    assert_eq!(
        (nas.ip.as_deref(), nas.hostname.as_deref()),
        (None, Some("nas.maple.example"))
    );
    // The folder has its name from an agent in it; nobody names the other one.
    assert_eq!(
        (printer.location.as_deref(), nas.location.as_deref()),
        (Some("Reception"), None)
    );
}

fn orphans() -> Vec<Value> {
    vec![
        json!({ "AgentID": 1, "CustomerID": 1, "CustomerName": "Unassigned", "AgentName": "A" }),
        json!({ "AgentID": 2, "CustomerID": 9, "CustomerName": "Maple", "AgentName": "B" }),
    ]
}

#[tokio::test]
async fn machines_that_belong_to_nobody_are_left_out_and_counted() {
    let (atera, _) = atera(1, lists(&[("agents", orphans)]));
    let (devices, _) = all(atera.devices()).await.unwrap();
    let names: Vec<&str> = devices.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["B"]);
    assert_eq!(atera.stats().left_out["device of a pseudo-customer"], 1);
}

#[tokio::test]
async fn a_list_that_fails_ends_the_walk() {
    let (atera, wire) = atera(50, |sent| match sent.route().as_str() {
        "GET /api/v3/agents" => page(sent, &agent_in_folder()),
        _ => reply(500, &[], ""),
    });
    let mut walk = atera.devices();
    assert_eq!(walk.next_page().await.unwrap().unwrap().records.len(), 1);
    let error = walk.next_page().await.unwrap_err();
    assert!(
        matches!(error.kind, ErrorKind::Status { status: 500, .. }),
        "{error}"
    );
    assert!(walk.next_page().await.unwrap().is_none());
    assert_eq!(wire.targets().len(), 2);
}
