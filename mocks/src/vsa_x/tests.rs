//! The simulator through `handle`, as a client sees it, and its filter against a second evaluator that
//! never reads a filter's text.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::filter::{Filter, Order};
use super::{Brand, VSA_X, VsaX};
use crate::Simulator as _;
use crate::kit::Object;
use crate::pulseway_rmm::PULSEWAY_RMM;
use crate::sample::{Got, ask, encode, later, numbers, request, texts};
use crate::world::{
    Change, DevicePatch, Kind, OrganizationPatch, Patch, Tenant, Tool, ToolRecords, World,
};

const TENANT: &str = r#"
seed: 7
organizations:
  lark: { name: Larkspur Dental, phone: 902-555-0101 }
  fern: { name: "O'Fern & Co" }
devices:
  lt1:
    organization: lark
    name: LARK-LT07
    laptop: true
    serial: SN1
    manufacturer: Dell Inc.
    model: Latitude 5440
    os: Microsoft Windows 11 Pro
    os_version: 10.0.22631
    nics:
      - { name: Wi-Fi, mac: "00:1b:44:11:3a:b7", ip: 10.0.0.4 }
      - { name: Dock, mac: "00-e0-4c-68-00-01" }
    default_gateway: 10.0.0.1
    cpu: Intel Core i5
    cpu_cores: 10
    memory_bytes: 17179869184
    disks: [{ name: "C:", size_bytes: 512000000000, free_bytes: 100000000000 }]
    last_user: 'LARK\frontdesk'
    last_seen: 2026-01-05T08:59:00.5Z
    last_reboot: 2026-01-01T00:00:00Z
    warranty: 2027-03-31
  srv: { organization: lark, name: LARK-SRV, class: server, os: Ubuntu 24.04, active: false, last_seen: 2026-01-05T08:59:59Z }
  mac: { organization: fern, name: fern-mac, os: macOS 15, macs: ["no address", "00:1B:44:11:3A", "00:1B:44:11:3A:XX", "001b.4411.3ab7"], last_seen: 2026-01-02T08:59:00Z }
  esx: { organization: fern, name: FERN-ESX, class: hypervisor, serial: CZ1, manufacturer: HPE, os: VMware ESXi }
  sw: { organization: fern, name: Core, class: network, nics: [{ name: eth0, mac: "00-50-56-00-00-01", ip: 10.1.0.5 }], default_gateway: 10.1.0.1 }
"#;

fn start() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

/// An instance, its world, and the time.
struct Client {
    world: World,
    vsa: VsaX,
    now: Timestamp,
}

impl Client {
    fn new() -> Self {
        Self::of(VSA_X)
    }

    fn of(brand: Brand) -> Self {
        let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
        Self {
            vsa: VsaX::new(&world.project(Tool::Rmm), start(), brand),
            world,
            now: start(),
        }
    }

    fn basic(&self) -> String {
        let credentials = self.vsa.access().credentials;
        let words = format!(
            "{}:{}",
            credentials["token_id"], credentials["token_secret"]
        );
        format!("Basic {}", STANDARD.encode(words))
    }

    fn raw(&self, method: &str, path: &str, body: &str) -> Got {
        let request = request(method, path, &[("authorization", &self.basic())], body);
        ask(&self.vsa, &request, self.now)
    }

    fn ask(&self, path: &str) -> Got {
        self.raw("GET", &format!("/api/v3{path}"), "")
    }

    fn get(&self, path: &str) -> Value {
        self.ask(path).good()
    }

    fn names(&self, path: &str) -> Vec<String> {
        texts(&self.get(path)["Data"], "Name")
    }

    fn filtered(&self, list: &str, filter: &str) -> Vec<String> {
        self.names(&format!("{list}?$filter={}", encode(filter)))
    }

    /// The id that the truth has for a key.
    fn id(&self, kind: Kind, key: &str) -> String {
        let rows = self.vsa.truth().into_iter();
        let mut rows = rows.filter(|row| row.kind == kind && row.key == key);
        rows.next().unwrap().external_id
    }

    fn device(&self, key: &str) -> Value {
        self.get(&format!("/devices/{}", self.id(Kind::Device, key)))["Data"].take()
    }

    fn asset(&self, key: &str) -> Value {
        self.get(&format!("/assets/{}", self.id(Kind::Device, key)))["Data"].take()
    }

    fn change(&mut self, changes: Vec<(Tool, Change)>) {
        for (tool, change) in changes {
            assert_eq!(tool, Tool::Rmm);
            self.vsa.apply(&change, self.now).unwrap();
        }
    }

    fn edit(&mut self, key: &str, patch: impl Into<Patch>) {
        let changes = self.world.edit(Tool::Rmm, key, &patch.into()).unwrap();
        self.change(changes);
    }
}

/// A category of an asset.
fn category<'a>(asset: &'a Value, name: &str) -> &'a Value {
    let mut rows = asset["AssetInfo"].as_array().unwrap().iter();
    &rows.find(|row| row["CategoryName"] == name).unwrap()["CategoryData"]
}

#[test]
fn the_token_lets_in_and_nothing_else_does() {
    let client = Client::new();
    let good = client.basic();
    let wrong = [
        String::new(),
        good.replace("Basic", "Bearer"),
        format!("Basic {}", STANDARD.encode("me:you")),
        format!("{good}AA"),
        "Basic %".to_owned(),
    ];
    for header in &wrong {
        let request = request("GET", "/api/v3/devices", &[("authorization", header)], "");
        let got = ask(&client.vsa, &request, client.now);
        assert_eq!(got.status, 401, "{header}");
        assert_eq!(got.header("www-authenticate"), Some("Basic"));
        assert_eq!(got.json["Data"], Value::Null);
        assert_eq!(got.json["Meta"]["ResponseCode"], 401);
        assert!(got.json["Meta"]["ErrorMessage"].is_string());
    }
    // It does not end.
    let request = request("GET", "/api/v3/devices", &[("authorization", &good)], "");
    let years = later(client.now, 10 * 366 * 86_400);
    assert_eq!(ask(&client.vsa, &request, years).status, 200);
}

#[test]
fn each_member_of_the_family_stands_below_its_own_paths() {
    for (brand, paths) in [
        (VSA_X, [("/api/v3", 200), ("/v3", 404), ("/api/v1.0", 404)]),
        (
            PULSEWAY_RMM,
            [("/api/v3", 200), ("/v3", 200), ("/api/v2", 404)],
        ),
    ] {
        let client = Client::of(brand);
        for (base, status) in paths {
            let got = client.raw("GET", &format!("{base}/organizations"), "");
            assert_eq!(got.status, status, "{} {base}", brand.product_name);
        }
        assert_eq!(client.vsa.access().base_path, brand.bases[0]);
        assert_eq!(client.vsa.vendor(), brand.vendor);
        let environment = client.raw("GET", &format!("{}/environment/", brand.bases[0]), "");
        assert_eq!(
            environment.good()["Data"]["CustomerName"],
            brand.product_name
        );
    }
}

#[test]
fn organizations_sites_and_groups_have_ids_of_one_sequence() {
    let client = Client::new();
    let organizations = client.get("/organizations");
    assert_eq!(
        organizations,
        json!({
            "Data": [
                { "Id": 6978, "Name": "Larkspur Dental", "HasCustomFields": false, "PsaMappingId": null, "PsaMappingType": null },
                { "Id": 6981, "Name": "O'Fern & Co", "HasCustomFields": false, "PsaMappingId": null, "PsaMappingType": null },
            ],
            "Meta": { "ResponseCode": 200, "TotalCount": 2 },
        })
    );
    let sites = client.get("/sites")["Data"].take();
    assert_eq!(numbers(&sites, "Id"), [6979, 6982]);
    assert_eq!(numbers(&sites, "ParentId"), [6978, 6981]);
    assert_eq!(sites[0]["ContactInformation"]["Phone"], "902-555-0101");
    assert!(sites[1].get("ContactInformation").is_none());
    let groups = client.get("/groups")["Data"].take();
    assert_eq!(numbers(&groups, "Id"), [6980, 6983]);
    assert_eq!(numbers(&groups, "ParentSiteId"), [6979, 6982]);
    assert_eq!(numbers(&groups, "ParentOrganizationId"), [6978, 6981]);
    assert_eq!(
        texts(&groups, "ParentOrganizationName"),
        client.names("/organizations")
    );
    let one = client.get("/groups/6983");
    assert_eq!(one["Data"], groups[1]);
    assert_eq!(one["Meta"], json!({ "ResponseCode": 200 }));
}

#[test]
fn what_plays_the_company_is_what_the_truth_lists() {
    let client = Client::new();
    let companies = || {
        let rows = client.vsa.truth().into_iter();
        let rows = rows.filter(|row| row.kind == Kind::Organization);
        rows.map(|row| row.external_id).collect::<Vec<_>>()
    };
    for (choice, list) in [
        ("sites", "/sites"),
        ("groups", "/groups"),
        ("organizations", "/organizations"),
    ] {
        client.vsa.set_company(choice);
        let listed = numbers(&client.get(list)["Data"], "Id");
        let listed: Vec<String> = listed.iter().map(u64::to_string).collect();
        assert_eq!(companies(), listed, "{choice}");
    }
}

#[test]
fn a_list_of_devices_is_brief_and_one_device_is_not() {
    let client = Client::new();
    let list = client.get("/Devices");
    assert_eq!(list["Meta"]["TotalCount"], 5);
    let id = client.id(Kind::Device, "lt1");
    assert_eq!(
        list["Data"][0],
        json!({
            "Identifier": id, "Name": "LARK-LT07", "GroupId": 6980, "GroupName": "Larkspur Dental",
            "IsAgentInstalled": true, "IsMdmEnrolled": false, "SiteId": 6979, "SiteName": "Larkspur Dental",
            "OrganizationId": 6978, "OrganizationName": "Larkspur Dental", "HasCustomFields": false,
        })
    );
    let whole = client.device("lt1");
    for (name, value) in list["Data"][0].as_object().unwrap() {
        assert_eq!(&whole[name], value, "{name}");
    }
    assert_eq!(whole["Description"], "Microsoft Windows 11 Pro");
    assert_eq!(whole["ComputerType"], "windows");
    assert_eq!(
        (&whole["IsOnline"], &whole["Uptime"]),
        (&json!(true), &json!("Online"))
    );
    assert_eq!(whole["InMaintenance"], false);
    assert_eq!(
        whole["LocalIpAddresses"][0],
        json!({
            "Name": "Wi-Fi", "PhysicalAddress": "001B44113AB7", "DhcpEnabled": true, "Gateways": ["10.0.0.1"],
            "DnsServers": [], "SubnetMask": null, "IpV4": "10.0.0.4", "IpV6": null,
        })
    );
    assert!(!whole.to_string().contains("\"_"), "{whole}");
    // Switched off, and silent for days.
    let srv = client.device("srv");
    assert_eq!(
        (&srv["IsOnline"], &srv["InMaintenance"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(client.device("mac")["Uptime"], "Offline since 3 days ago");
    let types = ["srv", "mac", "esx", "sw"].map(|key| client.device(key)["ComputerType"].take());
    assert_eq!(types, ["linux", "mac", "vmware", "snmp"]);
}

#[test]
fn guids_are_found_in_any_case_and_no_other_text_is_one() {
    let client = Client::new();
    let id = client.id(Kind::Device, "lt1");
    assert_eq!(
        client.get(&format!("/devices/{}", id.to_uppercase()))["Data"]["Identifier"],
        id
    );
    let mut near = id.clone();
    near.replace_range(0..1, if id.starts_with('0') { "1" } else { "0" });
    for wrong in [
        &*near,
        "x",
        "1",
        "00000000-0000-4000-8000-000000000000",
        &id[1..],
    ] {
        let got = client.ask(&format!("/devices/{wrong}"));
        assert_eq!(got.status, 404, "{wrong}");
        assert_eq!(
            got.json,
            json!({ "Data": null, "Meta": { "ResponseCode": 404, "ErrorMessage": "Entity is not found." } })
        );
    }
}

#[test]
fn an_asset_has_what_its_agent_reports() {
    let client = Client::new();
    let asset = client.asset("lt1");
    let id = client.id(Kind::Device, "lt1");
    assert_eq!(asset["Identifier"], id);
    assert_eq!(
        asset["ExternalUrl"],
        format!("http://vendor.test:8080/app/main/systems/{id}/details")
    );
    assert_eq!(
        (&asset["Type"], &asset["SiteId"]),
        (&json!("windows"), &json!(6979))
    );
    assert_eq!(asset["MemoryTotal"], 17_179_869_184_u64);
    assert_eq!(asset["LastSeenOnline"], "2026-01-05T08:59:00Z");
    assert_eq!(asset["LastReboot"], "2026-01-01T00:00:00Z");
    assert_eq!(
        asset["IpAddresses"],
        json!([
            { "Name": "Wi-Fi", "MAC": "001B44113AB7", "IPs": [{ "IP": "10.0.0.4", "V6": false, "Download": 0, "Upload": 0 }] },
            { "Name": "Dock", "MAC": "00E04C680001", "IPs": [] },
        ])
    );
    assert_eq!(
        asset["Disks"],
        json!([{ "Name": "C:", "System": true, "FreePercentage": 19, "TotalValue": 500_000_000 }])
    );
    let system = category(&asset, "System");
    assert_eq!(system["Manufacturer"], "Dell Inc.");
    assert_eq!(system["Model"], "Latitude 5440");
    assert_eq!(system["CPU"], "Intel Core i5");
    assert_eq!(system["Number of Logical Processors"], "10");
    assert_eq!(system["Domain"], "LARK");
    assert_eq!(category(&asset, "BIOS")["Serial Number"], "SN1");
    let os = category(&asset, "Operating System");
    assert_eq!(
        (&os["Name"], &os["Version"]),
        (&json!("Microsoft Windows 11 Pro"), &json!("10.0.22631"))
    );
    assert_ne!(os["Serial Number"], "SN1");
    assert_eq!(os["Last Logged On User"], "LARK\\frontdesk");
    assert_eq!(
        os["Last Boot Up Time"],
        "Thursday, January 1, 2026 12:00 AM"
    );
    // What nobody knows is not named, and a time that nobody knows is empty.
    let other = client.asset("mac");
    assert!(category(&other, "BIOS").get("Serial Number").is_none());
    assert_eq!(other["LastReboot"], "");
    // What is not six pairs is left as it is.
    assert_eq!(
        texts(&other["IpAddresses"], "MAC"),
        [
            "no address",
            "00:1B:44:11:3A",
            "00:1B:44:11:3A:XX",
            "001b.4411.3ab7"
        ]
    );
}

#[test]
fn what_has_no_agent_is_no_asset() {
    let client = Client::new();
    assert_eq!(
        client.names("/assets"),
        ["LARK-LT07", "LARK-SRV", "fern-mac"]
    );
    for key in ["esx", "sw"] {
        let id = client.id(Kind::Device, key);
        assert_eq!(client.ask(&format!("/assets/{id}")).status, 404);
        let device = client.device(key);
        assert_eq!(device["IsAgentInstalled"], false);
        let text = device.to_string();
        assert!(!text.contains("CZ1") && !text.contains("HPE"), "{text}");
    }
    let local = &client.device("sw")["LocalIpAddresses"][0];
    assert_eq!(local["PhysicalAddress"], "005056000001");
    assert_eq!(local["Gateways"], json!(["10.1.0.1"]));
}

#[test]
fn pages_have_a_hundred_records_at_most() {
    let organizations: String = (0..230)
        .map(|n| format!("  o{n}: {{ name: Client {n} }}\n"))
        .collect();
    let world = Tenant::from_yaml(&format!("organizations:\n{organizations}"));
    let world = world.unwrap().resolve().unwrap();
    let mut client = Client::new();
    client.vsa = VsaX::new(&world.project(Tool::Rmm), start(), VSA_X);
    let page = |query: &str| {
        let body = client.get(&format!("/organizations{query}"));
        assert_eq!(
            body["Meta"],
            json!({ "ResponseCode": 200, "TotalCount": 230 }),
            "{query}"
        );
        texts(&body["Data"], "Name")
    };
    let names = |places: std::ops::Range<usize>| -> Vec<String> {
        places.map(|n| format!("Client {n}")).collect()
    };
    assert_eq!(page(""), names(0..100));
    assert_eq!(page("?$top=1000&$skip=100"), names(100..200));
    assert_eq!(page("?$top=7&$skip=226&$count=true"), names(226..230));
    assert_eq!(page("?$skip=230"), names(0..0));
    assert_eq!(page("?$top=0"), names(0..0));
    // Without the sign it is no parameter.
    assert_eq!(page("?top=5&skip=5"), names(0..100));
    assert_eq!(
        page("?%24top=2&%24orderby=Id%20desc"),
        ["Client 229", "Client 228"]
    );
}

#[test]
fn a_long_list_names_the_next_page() {
    let world = Tenant::from_yaml("organizations:\n  o: { name: One }\n")
        .unwrap()
        .resolve()
        .unwrap();
    let records = world.project(Tool::Rmm);
    let of = |count: usize| {
        let organizations = (0..count).map(|n| {
            let mut one = records.organizations[0].clone();
            one.key = format!("o{n}");
            one
        });
        let records = ToolRecords {
            organizations: organizations.collect(),
            ..records.clone()
        };
        let mut client = Client::new();
        client.vsa = VsaX::new(&records, start(), VSA_X);
        client
    };
    let short = of(5_000);
    assert!(
        short.get("/organizations")["Meta"]
            .get("NextQueryLink")
            .is_none()
    );
    let long = of(5_001);
    let link = |path: &str| {
        let body = long.get(path);
        body["Meta"]["NextQueryLink"].as_str().map(|link| {
            link.strip_prefix("http://vendor.test:8080/api/v3")
                .unwrap()
                .to_owned()
        })
    };
    assert_eq!(link("/organizations?$skip=5000"), None);
    let mut path = Some("/organizations?$orderby=Id&$top=90".to_owned());
    let mut ids = Vec::new();
    while let Some(here) = path {
        ids.extend(numbers(&long.get(&here)["Data"], "Id"));
        path = link(&here);
    }
    assert_eq!(ids.len(), 5_001);
    assert!(ids.is_sorted());
}

#[test]
fn filters_find_what_they_say() {
    let client = Client::new();
    for (list, filter, found) in [
        ("/devices", "SiteId eq 6979", vec!["LARK-LT07", "LARK-SRV"]),
        ("/assets", "SiteId eq 6979", vec!["LARK-LT07", "LARK-SRV"]),
        (
            "/devices",
            "contains(tolower(GroupName), 'fern')",
            vec!["fern-mac", "FERN-ESX", "Core"],
        ),
        (
            "/devices",
            "IsAgentInstalled",
            vec!["LARK-LT07", "LARK-SRV", "fern-mac"],
        ),
        ("/devices", "not IsAgentInstalled", vec!["FERN-ESX", "Core"]),
        (
            "/devices",
            "IsAgentInstalled eq false",
            vec!["FERN-ESX", "Core"],
        ),
        (
            "/devices",
            "OrganizationName eq 'O''Fern & Co' and IsAgentInstalled",
            vec!["fern-mac"],
        ),
        ("/devices", "name eq 'x' or true", vec![]),
        (
            "/devices",
            "startswith(Name,'LARK') and not endswith(Name,'SRV')",
            vec!["LARK-LT07"],
        ),
        ("/devices", "startswith(Name,'lark')", vec![]),
        (
            "/devices",
            "Name in ('Core', 'LARK-SRV')",
            vec!["LARK-SRV", "Core"],
        ),
        ("/devices", "length(trim(Name)) lt 5", vec!["Core"]),
        ("/devices", "toupper(Name) eq 'CORE'", vec!["Core"]),
        ("/devices", "contains(Name,'-') eq false", vec!["Core"]),
        (
            "/devices",
            "Name eq 'Core' or Name eq 'fern-mac' and IsMdmEnrolled",
            vec!["Core"],
        ),
        (
            "/devices",
            "(Name eq 'Core' or Name eq 'fern-mac') and IsAgentInstalled",
            vec!["fern-mac"],
        ),
        (
            "/assets",
            "LastSeenOnline ge 2026-01-05T00:00:00Z",
            vec!["LARK-LT07", "LARK-SRV"],
        ),
        (
            "/assets",
            "2026-01-05T08:59:30Z gt LastSeenOnline",
            vec!["LARK-LT07", "fern-mac"],
        ),
        ("/assets", "MemoryTotal ge 17179869184", vec!["LARK-LT07"]),
        (
            "/assets",
            "MemoryTotal eq null",
            vec!["LARK-SRV", "fern-mac"],
        ),
        ("/sites", "ParentId eq 6981", vec!["O'Fern & Co"]),
        (
            "/organizations",
            "PsaMappingType eq null and contains(Name, 'Lark')",
            vec!["Larkspur Dental"],
        ),
    ] {
        if filter.starts_with("name") {
            let got = client.ask(&format!("{list}?$filter={}", encode(filter)));
            assert_eq!(got.status, 400, "names have their case");
            continue;
        }
        assert_eq!(client.filtered(list, filter), found, "{filter}");
    }
    let body = client.get(&format!(
        "/devices?$top=1&$filter={}",
        encode("IsAgentInstalled")
    ));
    assert_eq!(body["Meta"]["TotalCount"], 3);
    assert_eq!(client.names("/devices?$orderby=Name")[0], "Core");
    assert_eq!(
        client.names("/devices?$orderby=OrganizationId%20desc,Name%20asc"),
        ["Core", "FERN-ESX", "fern-mac", "LARK-LT07", "LARK-SRV"]
    );
    // What has no value comes first.
    assert_eq!(
        client.names("/assets?$orderby=MemoryTotal%20desc")[0],
        "LARK-LT07"
    );
    assert_eq!(client.names("/assets?$orderby=MemoryTotal")[2], "LARK-LT07");
}

#[test]
fn what_is_badly_put_is_refused() {
    let client = Client::new();
    let deep = format!("{}IsAgentInstalled{}", "(".repeat(100), ")".repeat(100));
    let nots = format!("{}IsAgentInstalled", "not ".repeat(100));
    let lowers = format!("{}Name{} eq ''", "tolower(".repeat(100), ")".repeat(100));
    for filter in [
        "Name",
        "Name eq",
        "eq 'x'",
        "Name eq 'x",
        "Name is 'x'",
        "(Name eq 'x'",
        "Name eq 'x')",
        "Nothing eq 'x'",
        "HasCustomFields eq true",
        "contains(Name)",
        "contains(Name,'x') eq 'y'",
        "lower(Name) eq 'x'",
        "Name in 'x'",
        "Name in ()",
        "Name in ('x'",
        "Id eq 12x",
        "Name eq -inf",
        "Tags/any(t: t eq 'x')",
        "Name eq 'x' and",
        ", ",
        &deep,
        &nots,
        &lowers,
    ] {
        let got = client.ask(&format!("/devices?$filter={}", encode(filter)));
        let fails = if filter == "Name" { 200 } else { 400 };
        assert_eq!(got.status, fails, "{filter}");
        if fails == 200 {
            // A text alone is true of nothing.
            assert_eq!(got.json["Meta"]["TotalCount"], 0);
            continue;
        }
        assert_eq!(got.json["Meta"]["ResponseCode"], 400);
        assert_eq!(got.json["Data"], Value::Null);
    }
    for query in [
        "$top=x",
        "$top=-1",
        "$skip=1.5",
        "$skip=99999999999999999999",
        "$orderby=Nothing",
        "$orderby=Name%20up",
        "$orderby=Name,",
        "$orderby=Name%20asc%20desc",
    ] {
        assert_eq!(
            client.ask(&format!("/devices?{query}")).status,
            400,
            "{query}"
        );
    }
    // A very long one is answered all the same.
    let long = vec!["IsAgentInstalled"; 2_500].join(" and ");
    assert_eq!(client.filtered("/devices", &long).len(), 3);
    for (method, path, status) in [
        ("GET", "/api/v3/nothing", 404),
        ("GET", "/api/v3", 404),
        ("GET", "/api/v3devices", 404),
        ("GET", "/api/v3/devices/x/y/z", 404),
        ("DELETE", "/api/v3/devices", 405),
        ("POST", "/api/v3/organizations", 405),
        ("GET", "/api/v3/organizations/x", 404),
        ("GET", "/api/v3/organizations/6979", 404),
    ] {
        assert_eq!(
            client.raw(method, path, "").status,
            status,
            "{method} {path}"
        );
    }
}

#[test]
fn a_published_device_is_made_once_and_changed_after() {
    let mut client = Client::new();
    let publish =
        |client: &Client, row: &Value| client.raw("POST", "/api/v3/Devices", &row.to_string());
    let made = publish(
        &client,
        &json!({ "InstanceId": "web1", "Name": "Web site", "GroupId": 6983 }),
    );
    let id = made.good()["Data"]["Identifier"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/devices/{id}");
    let row = client.get(&path)["Data"].take();
    assert_eq!(
        (&row["Name"], &row["OrganizationId"]),
        (&json!("Web site"), &json!(6981))
    );
    assert_eq!(
        (&row["IsAgentInstalled"], &row["ComputerType"]),
        (&json!(false), &json!("custom"))
    );
    assert!(!row.to_string().contains("\"_"), "{row}");
    assert_eq!(client.vsa.unclaimed(), [(Kind::Device, id.clone())]);
    // A second time it is the same one; the name stays, the group moves.
    let again = publish(
        &client,
        &json!({ "InstanceId": "web1", "GroupId": 6980, "Description": "Up" }),
    );
    assert_eq!(again.good()["Data"]["Identifier"], id);
    let row = client.get(&path)["Data"].take();
    assert_eq!(
        (&row["Name"], &row["Description"]),
        (&json!("Web site"), &json!("Up"))
    );
    assert_eq!(client.get("/devices")["Meta"]["TotalCount"], 6);
    client.vsa.claim(Kind::Device, &id, "web", "web");
    assert_eq!(client.id(Kind::Device, "web"), id);
    assert_eq!(client.vsa.unclaimed(), []);
    // It goes with its organization.
    let changes = client.world.remove(Tool::Rmm, Kind::Organization, "lark");
    client.change(changes.unwrap());
    assert_eq!(client.ask(&path).status, 404);
    for row in [
        json!([]),
        json!({}),
        json!({ "Name": "x", "GroupId": 6983 }),
        json!({ "InstanceId": "", "GroupId": 6983 }),
        json!({ "InstanceId": "x" }),
        json!({ "InstanceId": "x", "GroupId": 6981 }),
        json!({ "InstanceId": 5, "GroupId": 6983 }),
        json!({ "InstanceId": "x".repeat(101), "GroupId": 6983 }),
        json!({ "InstanceId": "x", "GroupId": 6983, "Name": "x".repeat(101) }),
        json!({ "InstanceId": "x", "GroupId": 6983, "Description": "x".repeat(256) }),
    ] {
        assert_eq!(publish(&client, &row).status, 400, "{row}");
    }
    let whole = json!({ "InstanceId": "x".repeat(100), "GroupId": 6983 });
    assert_eq!(publish(&client, &whole).status, 200);
}

#[test]
fn the_world_s_changes_show() {
    let mut client = Client::new();
    let stamp = client.asset("lt1")["LastUpdated"].take();
    client.now = later(client.now, 60);
    client.edit(
        "lt1",
        DevicePatch {
            serial: Some(Some("SN2".to_owned())),
            ..DevicePatch::default()
        },
    );
    let asset = client.asset("lt1");
    assert_eq!(category(&asset, "BIOS")["Serial Number"], "SN2");
    assert_ne!(asset["LastUpdated"], stamp);
    client.edit(
        "fern",
        OrganizationPatch {
            name: Some("Fern".to_owned()),
            ..OrganizationPatch::default()
        },
    );
    assert_eq!(client.names("/organizations")[1], "Fern");
    assert_eq!(client.names("/sites")[1], "Fern");
    let group = client.get("/groups/6983")["Data"].take();
    assert_eq!(
        (&group["Name"], &group["ParentOrganizationName"]),
        (&json!("Fern"), &json!("Fern"))
    );
    assert_eq!(client.asset("mac")["GroupName"], "Fern");
    assert_eq!(client.device("sw")["SiteName"], "Fern");
    // Ids are not used twice.
    let id = client.id(Kind::Device, "lt1");
    let device = client.world.project(Tool::Rmm).devices.remove(0);
    let gone = client.world.remove(Tool::Rmm, Kind::Device, "lt1").unwrap();
    client.change(gone);
    assert_eq!(client.ask(&format!("/assets/{id}")).status, 404);
    assert_eq!(client.ask(&format!("/devices/{id}")).status, 404);
    client
        .vsa
        .apply(&Change::Put(device.into()), client.now)
        .unwrap();
    let rows = client.vsa.truth().into_iter();
    let rows: Vec<_> = rows.filter(|row| row.key == "lt1").collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let status = client.ask(&format!("/assets/{}", row.external_id)).status;
        assert_eq!(status, if row.external_id == id { 404 } else { 200 });
    }
}

#[test]
fn each_endpoint_has_its_own_limit() {
    let client = Client::new();
    client.vsa.set_limits(true);
    for _ in 0..3_600 {
        assert_eq!(client.ask("/sites?$top=1").status, 200);
    }
    let got = client.ask("/sites");
    assert_eq!((got.status, got.header("retry-after")), (429, Some("3600")));
    assert_eq!(got.json["Meta"]["ResponseCode"], 429);
    assert_eq!(client.ask("/groups").status, 200);
    let request = request(
        "GET",
        "/api/v3/sites",
        &[("authorization", &client.basic())],
        "",
    );
    assert_eq!(
        ask(&client.vsa, &request, later(client.now, 3_601)).status,
        200
    );
    client.vsa.set_limits(false);
    assert_eq!(client.ask("/sites").status, 200);
}

/// A term of a filter, and what it means.
#[derive(Debug, Clone)]
enum Said {
    Number(usize, u32),
    Text(usize, bool, usize),
    Contains(usize),
    Flag(bool),
    Among(Vec<usize>),
    Not(Box<Said>),
    Both(Box<Said>, Box<Said>),
    Either(Box<Said>, Box<Said>),
}

/// A comparison: its word, and which orders it holds for.
type Sign = (&'static str, fn(Ordering) -> bool);

const SIGNS: [Sign; 6] = [
    ("eq", Ordering::is_eq),
    ("ne", Ordering::is_ne),
    ("gt", Ordering::is_gt),
    ("ge", Ordering::is_ge),
    ("lt", Ordering::is_lt),
    ("le", Ordering::is_le),
];
const WORDS: [&str; 5] = ["Lark", "lark", "O'Fern", "", "ark"];

impl Said {
    fn text(&self) -> String {
        let quoted = |word: usize| format!("'{}'", WORDS[word].replace('\'', "''"));
        match self {
            Self::Number(sign, number) => format!("SiteId {} {number}", SIGNS[*sign].0),
            Self::Text(sign, lower, word) => {
                let name = if *lower { "tolower(Name)" } else { "Name" };
                format!("{name} {} {}", SIGNS[*sign].0, quoted(*word))
            }
            Self::Contains(word) => format!("contains(Name,{})", quoted(*word)),
            Self::Flag(plain) => (if *plain {
                "IsAgentInstalled"
            } else {
                "IsAgentInstalled eq false"
            })
            .to_owned(),
            Self::Among(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(*word)).collect();
                format!("Name in ({})", words.join(", "))
            }
            Self::Not(one) => format!("not ({})", one.text()),
            Self::Both(one, other) => format!("({}) and ({})", one.text(), other.text()),
            Self::Either(one, other) => format!("({}) or ({})", one.text(), other.text()),
        }
    }

    fn holds(&self, name: &str, site: u32, agent: bool) -> bool {
        match self {
            Self::Number(sign, number) => SIGNS[*sign].1(site.cmp(number)),
            Self::Text(sign, lower, word) => {
                let own = if *lower {
                    name.to_lowercase()
                } else {
                    name.to_owned()
                };
                SIGNS[*sign].1(own.as_str().cmp(WORDS[*word]))
            }
            Self::Contains(word) => name.contains(WORDS[*word]),
            Self::Flag(plain) => agent == *plain,
            Self::Among(words) => words.iter().any(|word| WORDS[*word] == name),
            Self::Not(one) => !one.holds(name, site, agent),
            Self::Both(one, other) => {
                one.holds(name, site, agent) && other.holds(name, site, agent)
            }
            Self::Either(one, other) => {
                one.holds(name, site, agent) || other.holds(name, site, agent)
            }
        }
    }
}

fn said() -> impl Strategy<Value = Said> {
    let leaf = prop_oneof![
        (0..6_usize, 0..4_u32).prop_map(|(sign, number)| Said::Number(sign, number)),
        (0..6_usize, any::<bool>(), 0..5_usize)
            .prop_map(|(sign, lower, word)| Said::Text(sign, lower, word)),
        (0..5_usize).prop_map(Said::Contains),
        any::<bool>().prop_map(Said::Flag),
        prop::collection::vec(0..5_usize, 1..4).prop_map(Said::Among),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Said::Not(Box::new(one))),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| Said::Both(Box::new(one), Box::new(other))),
            (inner.clone(), inner)
                .prop_map(|(one, other)| Said::Either(Box::new(one), Box::new(other))),
        ]
    })
}

const MEMBERS: &[&str] = &["Name", "SiteId", "IsAgentInstalled"];

fn row(name: &str, site: u32, agent: bool) -> Object {
    let row = json!({ "Name": name, "SiteId": site, "IsAgentInstalled": agent });
    row.as_object().unwrap().clone()
}

proptest! {
    #[test]
    fn the_filter_agrees_with_a_second_evaluator(
        said in said(),
        word in 0..5_usize,
        site in 0..4_u32,
        agent in any::<bool>(),
    ) {
        let text = said.text();
        let filter = Filter::parse(&text, MEMBERS).unwrap();
        let fits = filter.fits(&row(WORDS[word], site, agent));
        prop_assert_eq!(fits, said.holds(WORDS[word], site, agent), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ '(),a-zA-Z0-9-]{0,60}", words in prop::collection::vec(
        prop::sample::select(vec!["not", "(", ")", "Name", "eq", "'x'", "in", ",", "and", "or", "contains", "tolower", "5"]),
        0..20,
    )) {
        for text in [text, words.join(" ")] {
            if let Ok(filter) = Filter::parse(&text, MEMBERS) {
                filter.fits(&row("x", 1, true));
            }
            let _ = Order::parse(&text, MEMBERS);
        }
    }

    #[test]
    fn rows_are_ordered_by_one_member_and_then_by_the_other(
        rows in prop::collection::vec((0..5_usize, 0..4_u32), 0..12),
        falls in prop::array::uniform2(any::<bool>()),
    ) {
        let way = |falls: bool| if falls { "desc" } else { "asc" };
        let text = format!("SiteId {}, Name {}", way(falls[0]), way(falls[1]));
        let mut sorted: Vec<Object> = rows.iter().map(|(word, site)| row(WORDS[*word], *site, true)).collect();
        Order::parse(&text, MEMBERS).unwrap().sort(&mut sorted);
        let mut expected = rows;
        expected.sort_by(|one, other| {
            let turn = |order: Ordering, falls: bool| if falls { order.reverse() } else { order };
            let sites = turn(one.1.cmp(&other.1), falls[0]);
            sites.then(turn(WORDS[one.0].cmp(WORDS[other.0]), falls[1]))
        });
        let expected: Vec<Object> = expected.iter().map(|(word, site)| row(WORDS[*word], *site, true)).collect();
        prop_assert_eq!(sorted, expected);
    }
}
