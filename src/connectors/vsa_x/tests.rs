//! Against replies of the vendor's shape, written by hand.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{VsaX, VsaXConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ConnectorSetupError, ErrorKind, RmmConnector};
use crate::model::{RemoteDevice, RemoteDisk, RemoteInterface};
use crate::transport::{RetryPolicy, Secret};

const SECRET: &str = "s3cret&=";

fn config(page_size: u32, company: Option<&str>) -> VsaXConfig {
    VsaXConfig {
        vendor: VsaX::VSA_X,
        base_url: "http://vsa.example/api/v3/".to_owned(),
        token_id: "tok".to_owned(),
        token_secret: Secret::new(SECRET),
        company: company.map(str::to_owned),
        page_size,
        device_concurrency: 2,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

fn vsa(
    config: VsaXConfig,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (VsaX, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| script(sent));
    let vsa = VsaX::new(config, Arc::clone(&wire) as _, clock, 1);
    (vsa.unwrap(), wire)
}

fn one(data: &Value) -> Answer {
    let body = json!({ "Data": data, "Meta": { "ResponseCode": 200 } });
    answer(200, body.to_string())
}

fn missing() -> Answer {
    let meta = json!({ "ResponseCode": 404, "ErrorMessage": "Entity is not found." });
    answer(404, json!({ "Data": null, "Meta": meta }).to_string())
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
    let meta = json!({ "ResponseCode": 200, "TotalCount": rows.len() });
    answer(200, json!({ "Data": page, "Meta": meta }).to_string())
}

fn row(id: &str, agent: bool) -> Value {
    json!({
        "Identifier": id, "Name": format!("{id}-PC"), "GroupId": 12, "GroupName": "Servers",
        "IsAgentInstalled": agent, "SiteId": 11, "SiteName": "HQ", "OrganizationId": 10,
        "OrganizationName": "Finch Print",
    })
}

/// An instance with these devices, details of some and assets of some.
fn stocked(
    rows: Vec<Value>,
    details: Vec<Value>,
    assets: Vec<Value>,
) -> impl Fn(&Sent) -> Answer + Send + Sync {
    move |sent| match sent.route().as_str() {
        "GET /api/v3/devices" => {
            let agent = sent
                .target
                .contains("$filter=IsAgentInstalled%20eq%20true&");
            assert!(
                agent
                    || sent
                        .target
                        .contains("$filter=IsAgentInstalled%20eq%20false&")
            );
            let rows = rows.iter().filter(|row| row["IsAgentInstalled"] == agent);
            cut(sent, &rows.cloned().collect::<Vec<_>>())
        }
        "GET /api/v3/assets" => cut(sent, &assets),
        route => {
            let id = route.strip_prefix("GET /api/v3/devices/").unwrap();
            let mut details = details.iter();
            let detail = details.find(|detail| detail["Identifier"] == id);
            detail.map_or_else(missing, one)
        }
    }
}

fn ids(devices: &[RemoteDevice]) -> Vec<&str> {
    devices.iter().map(|it| it.id.as_str()).collect()
}

#[tokio::test]
async fn each_request_carries_the_token() {
    let (vsa, wire) = vsa(config(100, None), |_| one(&json!([])));
    assert_eq!(vsa.vendor(), "vsa-x");
    vsa.check().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].target, "/api/v3/organizations?$top=1");
    assert_eq!(sent[0].headers["authorization"], "Basic dG9rOnMzY3JldCY9");
}

#[tokio::test]
async fn a_refusal_is_told_without_the_secret() {
    let (vsa, _) = vsa(config(100, None), |_| {
        let words = format!("{SECRET} (dG9rOnMzY3JldCY9) opens nothing");
        let meta = json!({ "ResponseCode": 401, "ErrorMessage": words });
        answer(401, json!({ "Data": null, "Meta": meta }).to_string())
    });
    let error = vsa.check().await.unwrap_err();
    assert!(
        matches!(error.kind, ErrorKind::Unauthorized { .. }),
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains("opens nothing"), "{text}");
    assert!(!text.contains(SECRET) && !text.contains("dG9r"), "{text}");
    assert!(!format!("{:?}", config(1, None)).contains(SECRET));
}

#[tokio::test]
async fn companies_are_what_was_chosen() {
    for (choice, path) in [
        (None, "organizations"),
        (Some("organizations"), "organizations"),
        (Some("groups"), "groups"),
        (Some("sites"), "sites"),
    ] {
        let rows: Vec<Value> = (0..5)
            .map(|at| json!({ "Id": 6978 + at, "Name": format!("Client {at}") }))
            .collect();
        let (vsa, wire) = vsa(config(2, choice), move |sent| cut(sent, &rows));
        let (companies, rejected) = all(vsa.companies()).await.unwrap();
        assert_eq!(rejected, [""; 0]);
        let names: Vec<&str> = companies.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(
            names,
            ["Client 0", "Client 1", "Client 2", "Client 3", "Client 4"]
        );
        assert_eq!(companies[4].id, "6982");
        let pages = [0, 2, 4].map(|skip| format!("/api/v3/{path}?$top=2&$skip={skip}"));
        assert_eq!(wire.targets(), pages);
    }
    let wire = Scripted::new(&clock(), |_, _| missing());
    let error = VsaX::new(config(1, Some("rooms")), wire, clock(), 1).err();
    assert!(
        matches!(error, Some(ConnectorSetupError::Company { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_device_belongs_to_what_plays_the_company() {
    for (choice, company, location) in [
        ("organizations", "10", "HQ"),
        ("groups", "12", "HQ"),
        ("sites", "11", "Servers"),
    ] {
        let script = stocked(
            vec![row("a", true), row("b", false)],
            vec![row("b", false)],
            vec![json!({ "Identifier": "a" })],
        );
        let (vsa, _) = vsa(config(100, Some(choice)), script);
        let (devices, _) = all(vsa.devices()).await.unwrap();
        assert_eq!(ids(&devices), ["a", "b"]);
        for device in devices {
            assert_eq!(device.company_id, company, "{choice}");
            assert_eq!(device.location.as_deref(), Some(location), "{choice}");
        }
    }
}

#[tokio::test]
async fn every_field_of_an_asset() {
    let asset = json!({
        "Identifier": "a", "Name": "FINCH-SRV1", "GroupName": "Servers", "Description": "Windows Server 2022 Standard",
        "Type": "windows", "LastUpdated": "", "LastSeenOnline": "2025-10-09T12:00:05Z",
        "LastReboot": "2025-10-01T03:00:00Z", "ExternalUrl": "https://finch.vsax.net/app/main/systems/a/details",
        "MemoryTotal": 8_589_398_016_u64, "PublicIpAddress": "198.51.100.90",
        "AssetInfo": [
            { "CategoryName": "System", "CategoryData": {
                "Name": "FINCH-SRV1", "Manufacturer": "VMware, Inc.", "Model": "VMware7,1", "CPU": "Intel Xeon  ",
                "Number of Processors": "1", "Number of Logical Processors": "8",
            } },
            { "CategoryName": "BIOS", "CategoryData": { "Serial Number": "VMware-56 4d", "Manufacturer": "Phoenix" } },
            { "CategoryName": "Operating System", "CategoryData": {
                "Name": "Microsoft Windows Server 2022 Standard", "Version": "10.0.20348",
                "Serial Number": "00454-40000", "Last Logged On User": "FINCH\\admin",
            } },
        ],
        "IpAddresses": [
            { "Name": "Tunnel", "MAC": "", "IPs": [{ "IP": "169.254.3.4", "V6": false }] },
            { "Name": "Ethernet0", "MAC": "001122334455", "IPs": [{ "IP": "fe80::20c", "V6": true }, { "IP": "10.1.1.5", "V6": false }] },
        ],
        "Disks": [
            { "Name": "C:", "System": true, "FreePercentage": 73, "TotalValue": 277_358_588 },
            { "Name": "D:", "FreePercentage": null, "TotalValue": null },
        ],
        "LocalIpAddresses": [{ "Name": "Ethernet0", "PhysicalAddress": "001122334455", "Gateways": ["10.1.1.1"], "IpV4": "10.1.1.5" }],
    });
    let (vsa, _) = vsa(
        config(100, None),
        stocked(vec![row("a", true)], vec![], vec![asset]),
    );
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let some = |text: &str| Some(text.to_owned());
    let wanted = RemoteDevice {
        id: "a".to_owned(),
        company_id: "10".to_owned(),
        name: "FINCH-SRV1".to_owned(),
        hostname: some("FINCH-SRV1"),
        device_type: some("windows"),
        location: some("HQ"),
        serial: some("VMware-56 4d"),
        interfaces: vec![
            RemoteInterface {
                name: some("Tunnel"),
                mac: None,
                ip: some("169.254.3.4"),
            },
            RemoteInterface {
                name: some("Ethernet0"),
                mac: some("00:11:22:33:44:55"),
                ip: some("10.1.1.5"),
            },
        ],
        ip: some("10.1.1.5"),
        default_gateway: some("10.1.1.1"),
        manufacturer: some("VMware, Inc."),
        model: some("VMware7,1"),
        operating_system: some("Microsoft Windows Server 2022 Standard"),
        cpu: some("Intel Xeon"),
        cpu_cores: None,
        memory_bytes: Some(8_589_398_016),
        disks: vec![
            RemoteDisk {
                name: "C:".to_owned(),
                size_bytes: Some(284_015_194_112),
                free_bytes: Some(207_331_091_701),
            },
            RemoteDisk {
                name: "D:".to_owned(),
                size_bytes: None,
                free_bytes: None,
            },
        ],
        last_user: some("FINCH\\admin"),
        last_reboot: Some("2025-10-01T03:00:00Z".parse().unwrap()),
        last_seen: Some("2025-10-09T12:00:05Z".parse().unwrap()),
        warranty_expires_on: None,
        external_url: some("https://finch.vsax.net/app/main/systems/a/details"),
    };
    assert_eq!(devices, [wanted]);
}

#[tokio::test]
async fn what_an_asset_leaves_open_stays_open_or_is_found_elsewhere() {
    let assets = vec![
        json!({
            "Identifier": "a", "Description": "macOS 15", "LastSeenOnline": "", "LastReboot": "",
            "AssetInfo": [
                { "CategoryName": "bios", "CategoryData": { "Serial Number": "  " } },
                { "CategoryName": "SYSTEM", "CategoryData": { "serial number": "C02X", "Model": 5, "CPU": null } },
                { "CategoryName": "Other", "CategoryData": null },
            ],
            "IpAddresses": [],
            "LocalIpAddresses": [
                { "Name": null, "PhysicalAddress": null, "Gateways": [""], "IpV4": null },
                { "Name": "en0", "PhysicalAddress": "0A0027000010", "Gateways": null, "IpV4": "10.0.0.9" },
            ],
        }),
        json!({ "Identifier": "b", "AssetInfo": null, "IpAddresses": null, "Disks": null }),
    ];
    let rows = vec![row("a", true), row("b", true)];
    let (vsa, _) = vsa(config(100, None), stocked(rows, vec![], assets));
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let mac = &devices[0];
    assert_eq!(mac.serial.as_deref(), Some("C02X"));
    assert_eq!((mac.model.as_deref(), mac.cpu.as_deref()), (None, None));
    assert_eq!(mac.operating_system.as_deref(), Some("macOS 15"));
    assert_eq!((mac.last_seen, mac.last_reboot), (None, None));
    assert_eq!(mac.interfaces.len(), 1);
    assert_eq!(mac.primary_mac(), Some("0A:00:27:00:00:10"));
    assert_eq!(
        (mac.ip.as_deref(), mac.default_gateway.as_deref()),
        (Some("10.0.0.9"), None)
    );
    // Neither name nor anything else: the identifier at least.
    assert_eq!(
        (devices[1].name.as_str(), devices[1].hostname.as_deref()),
        ("b", None)
    );
}

#[tokio::test]
async fn macs_of_twelve_digits_are_written_in_pairs_and_no_others() {
    let given = [
        "001B44113AB7",
        "001b.4411.3ab7",
        "00-1B-44-11-3A-B7",
        "ZZ1B44113AB7",
        "001B44113AB",
        "é1B44113AB",
    ];
    let adapters = given.map(|mac| json!({ "MAC": mac, "IPs": null }));
    let asset = json!({ "Identifier": "a", "IpAddresses": adapters });
    let (vsa, _) = vsa(
        config(100, None),
        stocked(vec![row("a", true)], vec![], vec![asset]),
    );
    let (devices, _) = all(vsa.devices()).await.unwrap();
    let macs = devices[0].interfaces.iter();
    let macs: Vec<&str> = macs.filter_map(|it| it.mac.as_deref()).collect();
    assert_eq!(macs[0], "00:1B:44:11:3A:B7");
    assert_eq!(macs[1..], given[1..]);
}

#[tokio::test]
async fn a_device_without_an_agent_is_read_by_itself() {
    let mut switch = row("s", false);
    switch["ComputerType"] = json!("snmp");
    switch["Description"] = json!("Cisco IOS");
    switch["LocalIpAddresses"] = json!([
        { "Name": "eth0", "PhysicalAddress": "005056000001", "Gateways": ["10.1.0.1"], "IpV4": "10.1.0.5", "IpV6": null },
    ]);
    let rows = vec![row("s", false), row("gone", false)];
    let (vsa, wire) = vsa(config(100, None), stocked(rows, vec![switch], vec![]));
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert_eq!(ids(&devices), ["s", "gone"]);
    let some = |text: &str| Some(text.to_owned());
    let wanted = RemoteDevice {
        id: "s".to_owned(),
        company_id: "10".to_owned(),
        name: "s-PC".to_owned(),
        hostname: some("s-PC"),
        device_type: some("snmp"),
        location: some("HQ"),
        interfaces: vec![RemoteInterface {
            name: some("eth0"),
            mac: some("00:50:56:00:00:01"),
            ip: some("10.1.0.5"),
        }],
        ip: some("10.1.0.5"),
        default_gateway: some("10.1.0.1"),
        operating_system: some("Cisco IOS"),
        ..RemoteDevice::default()
    };
    assert_eq!(devices[0], wanted);
    // One that is gone since is what the list says.
    assert_eq!(
        (devices[1].name.as_str(), &devices[1].device_type),
        ("gone-PC", &None)
    );
    let singly = wire
        .routes()
        .into_iter()
        .filter(|route| route.contains("/devices/"));
    assert_eq!(singly.count(), 2);
}

#[tokio::test]
async fn devices_with_an_agent_cost_no_call_each() {
    let names: Vec<String> = (0..7).map(|n| format!("d{n}")).collect();
    let rows = names.iter().map(|id| row(id, true)).collect();
    let assets = names.iter().map(|id| json!({ "Identifier": id })).collect();
    let (vsa, wire) = vsa(config(3, None), stocked(rows, vec![], assets));
    let (devices, _) = all(vsa.devices()).await.unwrap();
    assert_eq!(ids(&devices), names);
    let page = |path: &str, skip: u32| format!("/api/v3/{path}$top=3&$skip={skip}");
    let with = "devices?$filter=IsAgentInstalled%20eq%20true&";
    let without = "devices?$filter=IsAgentInstalled%20eq%20false&";
    assert_eq!(
        wire.targets(),
        [
            page(with, 0),
            page(with, 3),
            page(with, 6),
            page("assets?", 0),
            page("assets?", 3),
            page("assets?", 6),
            page(without, 0),
        ]
    );
}

#[tokio::test]
async fn an_agent_that_reported_nothing_and_one_that_came_meanwhile_are_asked_for() {
    // `silent` has no asset yet and `gone` none any more; `new` is not in the list yet.
    let rows = vec![row("silent", true), row("a", true), row("gone", true)];
    let details = vec![row("silent", true), row("new", true)];
    let assets = ["a", "new", "ghost"]
        .map(|id| json!({ "Identifier": id, "Name": id }))
        .to_vec();
    let (vsa, _) = vsa(config(100, None), stocked(rows, details, assets));
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert_eq!(ids(&devices), ["a", "new", "silent"]);
    assert!(devices.iter().all(|it| it.company_id == "10"));
    assert_eq!(devices[2].name, "silent-PC");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_costs_itself_alone() {
    let rows = vec![
        json!({ "Identifier": "lost", "IsAgentInstalled": true, "GroupId": 1 }),
        row("odd", true),
        row("a", true),
        row("s", false),
        json!({ "Identifier": "t", "IsAgentInstalled": false }),
    ];
    let mut switch = row("s", false);
    switch["LocalIpAddresses"] = json!("many");
    let details = vec![switch, json!({ "Identifier": "lost", "GroupId": 1 })];
    let assets = vec![
        json!({ "Identifier": "odd", "MemoryTotal": "much" }),
        json!({ "Identifier": "lost" }),
        json!({ "Identifier": "a" }),
    ];
    let (vsa, _) = vsa(config(100, None), stocked(rows, details, assets));
    let (devices, rejected) = all(vsa.devices()).await.unwrap();
    assert_eq!(ids(&devices), ["a"]);
    assert_eq!(rejected.len(), 4, "{rejected:?}");
    for words in ["MemoryTotal", "SiteId", "LocalIpAddresses", "GroupId"] {
        assert!(
            rejected.iter().any(|it| it.contains(words)),
            "{words}: {rejected:?}"
        );
    }
}

#[tokio::test]
async fn a_list_without_its_number_ends_with_a_short_page() {
    let script = |sent: &Sent| {
        let full = sent.target.ends_with("$skip=0");
        let rows = [
            json!({ "Id": 1, "Name": "One" }),
            json!({ "Id": 2, "Name": "Two" }),
        ];
        let page = if full { &rows[..] } else { &[] };
        answer(200, json!({ "Data": page, "Meta": null }).to_string())
    };
    let (vsa, wire) = vsa(config(2, None), script);
    let (companies, _) = all(vsa.companies()).await.unwrap();
    assert_eq!((companies.len(), wire.targets().len()), (2, 2));
}

#[tokio::test]
async fn replies_that_are_none_are_errors() {
    let replies = [
        (
            answer(200, r#"{"Meta":{"ResponseCode":200}}"#),
            "there is no `Data`",
        ),
        (answer(200, r#"{"Data":{"Id":1},"Meta":{}}"#), ""),
        (answer(200, "[]"), ""),
        (
            reply(200, &[("content-type", "text/html")], "<html>"),
            "text/html",
        ),
    ];
    for (given, words) in replies {
        let given = given.unwrap();
        let (vsa, _) = vsa(config(100, None), move |_| Ok(given.clone()));
        let error = all(vsa.companies()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Body { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let rows = vec![json!({ "Id": 1, "Name": "One" })];
    let (endless, _) = vsa(config(1, None), move |_| {
        let meta = json!({ "TotalCount": 1_000_000 });
        answer(200, json!({ "Data": rows, "Meta": meta }).to_string())
    });
    let error = all(endless.companies()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    // A failure in the middle is the end of the walk, not of a part of it.
    let (broken, _) = vsa(config(100, None), |sent| match sent.route().as_str() {
        "GET /api/v3/assets" => answer(403, r#"{"Data":null,"Meta":{"ResponseCode":403}}"#),
        _ => cut(sent, &[row("a", true)]),
    });
    let error = all(broken.devices()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Forbidden { .. }), "{error}");
}
