//! The simulator through `handle`, as a client sees it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NCentral, NCentralOptions};
use crate::sample::encode;
use crate::world::{Change, DeviceRecord, Kind, OrganizationRecord, Record, Tenant, Tool};
use crate::{Request, Simulator as _, UnderWay};

const TENANT: &str = r#"
company: Northwind IT
seed: 7
organizations:
  lark: { name: Larkspur Dental, phone: 902-555-0101 }
  fern: { name: Fern & Co }
devices:
  lt1:
    organization: lark
    name: LARK-FRONTDESK-07
    laptop: true
    serial: SN1
    manufacturer: Dell Inc.
    model: Latitude 5440
    os: Microsoft Windows 11 Pro
    os_version: 10.0.22631
    cpu: Intel Core i5
    cpu_cores: 10
    memory_bytes: 17179869184
    disks: [{ name: "C:", size_bytes: 512000000000, free_bytes: 100000000000 }]
    nics:
      - { name: Wi-Fi, mac: "00:1B:44:11:3A:B7", ip: 10.0.0.4 }
      - { name: Dock, mac: "00:E0:4C:68:00:01" }
    default_gateway: 10.0.0.1
    last_user: 'LARK\frontdesk'
    last_seen: 2026-01-05T08:59:00.5Z
    last_reboot: 2026-01-01T00:00:00Z
    warranty: 2027-03-31
    asset_tag: A-0042
    notes: Front desk
  srv: { organization: lark, name: LARK-SRV, class: server, os: Microsoft Windows Server 2022, manufacturer: HPE, serial: CZ2 }
  srv2: { organization: lark, name: LARK-SRV2, class: server, os: Microsoft Windows Server 2022 }
  lin: { organization: fern, name: FERN-LIN, class: server, os: Ubuntu 24.04 }
  esx: { organization: fern, name: FERN-ESX, class: hypervisor, serial: CZ1, os: VMware ESXi, manufacturer: Dell Inc. }
  prn: { organization: fern, name: Front printer, class: printer, serial: PR1, macs: ["00:11:22:33:44:55"], ip: 10.1.0.9, last_seen: 2026-01-05T08:00:00Z }
  sw: { organization: fern, name: Core, class: network, warranty: 2028-01-01 }
"#;

fn start() -> Timestamp {
    "2026-01-05T09:00:00.25Z".parse().unwrap()
}

/// A server, the time, and an access token.
struct Client {
    rmm: NCentral,
    now: Timestamp,
    token: String,
}

impl Client {
    fn new() -> Self {
        Self::with(NCentralOptions::default())
    }

    fn with(options: NCentralOptions) -> Self {
        let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
        let rmm = NCentral::with_options(&world.project(Tool::Rmm), options, start());
        let mut client = Self {
            rmm,
            now: start(),
            token: String::new(),
        };
        client.log_in();
        client
    }

    fn jwt(&self) -> String {
        self.rmm.access().credentials["jwt"].clone()
    }

    fn log_in(&mut self) -> Value {
        let (status, body) = self.exchange(&self.jwt(), &[]);
        assert_eq!(status, 200, "{body}");
        access(&body).clone_into(&mut self.token);
        body
    }

    fn exchange(&self, jwt: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = http::Request::post("/api/auth/authenticate")
            .header("authorization", format!("Bearer {jwt}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(&request.body("".into()).unwrap())
    }

    fn renew(&self, kind: &str, body: &str) -> (u16, Value) {
        let request = http::Request::post("/api/auth/refresh").header("content-type", kind);
        self.send(&request.body(body.to_owned().into()).unwrap())
    }

    fn send(&self, request: &Request) -> (u16, Value) {
        let reply = self.rmm.handle(request, self.now);
        let body = serde_json::from_slice(&reply.body_bytes()).unwrap_or_default();
        (reply.status.as_u16(), body)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Request {
        http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "central.test")
            .header("authorization", format!("Bearer {}", self.token))
            .body(body.to_string().into())
            .unwrap()
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.send(&self.request(method, path, body))
    }

    fn status(&self, path: &str) -> u16 {
        self.call("GET", path, &Value::Null).0
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn column(&self, path: &str, member: &str) -> Vec<Value> {
        let body = self.get(path);
        let rows = body["data"].as_array().unwrap().iter();
        rows.map(|row| row[member].clone()).collect()
    }

    fn names(&self, path: &str) -> Vec<String> {
        let names = self.column(path, "longName").into_iter();
        names.map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    /// The id of a record; `acme:site` is the site of `acme`.
    fn id(&self, kind: Kind, key: &str) -> String {
        let (key, choice) = match key.strip_suffix(":site") {
            Some(key) => (key, "sites"),
            None => (key, "customers"),
        };
        self.rmm.set_company(choice);
        let mut rows = self.rmm.truth().into_iter();
        let row = rows.find(|row| row.kind == kind && row.key == key);
        row.unwrap().external_id
    }

    fn device(&self, key: &str) -> Value {
        let id = self.id(Kind::Device, key);
        self.get(&format!("/api/devices/{id}"))["data"].clone()
    }

    fn assets(&self, key: &str) -> Value {
        let id = self.id(Kind::Device, key);
        self.get(&format!("/api/devices/{id}/assets"))["data"].clone()
    }

    fn lifecycle(&self, key: &str) -> String {
        let id = self.id(Kind::Device, key);
        format!("/api/devices/{id}/assets/lifecycle-info")
    }
}

fn access(body: &Value) -> &str {
    body["tokens"]["access"]["token"].as_str().unwrap()
}

fn refresh(body: &Value) -> &str {
    body["tokens"]["refresh"]["token"].as_str().unwrap()
}

fn organization(key: &str) -> OrganizationRecord {
    let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
    let mut all = world.project(Tool::Rmm).organizations.into_iter();
    all.find(|it| it.key == key).unwrap()
}

fn record(key: &str) -> DeviceRecord {
    let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
    let mut all = world.project(Tool::Rmm).devices.into_iter();
    all.find(|it| it.key == key).unwrap()
}

#[test]
fn the_permanent_token_is_exchanged_and_opens_nothing_itself() {
    let mut client = Client::new();
    let body = client.log_in();
    assert_eq!(
        json!([
            body["tokens"]["access"]["type"],
            body["tokens"]["access"]["expirySeconds"],
            body["tokens"]["refresh"]["type"],
            body["tokens"]["refresh"]["expirySeconds"],
            body["refresh"],
            body["validate"],
        ]),
        json!([
            "Bearer",
            3600,
            "Body",
            90_000,
            "/api/auth/refresh",
            "/api/auth/validate"
        ])
    );
    let valid = client.get("/api/auth/validate");
    assert_eq!(valid, json!({ "message": "The token is valid." }));
    let refused = json!({ "status": 401, "message": "Authentication Failure." });
    assert_eq!(client.exchange("x", &[]), (401, refused.clone()));
    assert_eq!(client.exchange(&client.token, &[]), (401, refused.clone()));
    for wrong in [client.jwt(), refresh(&body).to_owned(), String::new()] {
        client.token = wrong;
        let got = client.call("GET", "/api/devices", &Value::Null);
        assert_eq!(got, (401, refused.clone()));
    }
}

#[test]
fn an_access_token_lives_an_hour_and_headers_shorten_it() {
    let mut client = Client::new();
    let life = |text| client.exchange(&client.jwt(), &[("x-access-expiry-override", text)]);
    for (text, seconds) in [("120s", 120), ("30m", 1_800), ("1h", 3_600), ("9h", 3_600)] {
        let (_, body) = life(text);
        assert_eq!(body["tokens"]["access"]["expirySeconds"], seconds, "{text}");
    }
    for wrong in ["", "s", "0s", "-5m", "5", "5d", "5 m", "é"] {
        assert_eq!(life(wrong).0, 400, "{wrong}");
    }
    let short = access(&life("120s").1).to_owned();
    let usual = client.token.clone();
    for (seconds, token, status) in [
        (119, &short, 200),
        (120, &short, 401),
        (3_599, &usual, 200),
        (3_600, &usual, 401),
    ] {
        token.clone_into(&mut client.token);
        client.now = start() + SignedDuration::from_secs(seconds);
        assert_eq!(client.status("/api/customers"), status, "{seconds} s");
    }
}

#[test]
fn a_refresh_token_is_the_plain_body_and_no_other_form_is_taken() {
    let mut client = Client::new();
    let first = client.log_in();
    let json = json!({ "refresh_token": refresh(&first) }).to_string();
    assert_eq!(client.renew("application/json", &json).0, 415);
    assert_eq!(client.renew("text/plain", &json).0, 401);
    assert_eq!(client.renew("text/plain", access(&first)).0, 401);
    client.now += SignedDuration::from_secs(89_999);
    let (status, again) = client.renew("text/plain; charset=utf-8", refresh(&first));
    assert_eq!(status, 200);
    access(&again).clone_into(&mut client.token);
    assert_eq!(client.status("/api/devices"), 200);
    client.now += SignedDuration::from_secs(1);
    assert_eq!(client.renew("text/plain", refresh(&first)).0, 401);
    assert_eq!(client.renew("text/plain", refresh(&again)).0, 200);
}

#[test]
fn a_restart_forgets_tokens_and_a_logout_forgets_one() {
    let mut client = Client::new();
    let first = client.token.clone();
    client.log_in();
    assert_eq!(client.call("POST", "/api/auth/logout", &Value::Null).0, 204);
    assert_eq!(client.status("/api/devices"), 401);
    client.token = first;
    assert_eq!(client.status("/api/devices"), 200);
    let body = client.log_in();
    client.rmm.restart();
    assert_eq!(client.status("/api/devices"), 401);
    assert_eq!(client.renew("text/plain", refresh(&body)).0, 401);
    client.log_in();
    assert_eq!(client.status("/api/devices"), 200);
}

#[test]
fn what_needs_no_token_is_little() {
    let mut client = Client::new();
    client.token = String::new();
    assert_eq!(
        client.get("/api/health"),
        json!({ "currentTime": "2026-01-05T09:00:00.250Z" })
    );
    assert_eq!(client.get("/api")["_links"]["devices"], "/api/devices");
    for path in ["/api/server-info", "/api/device-filters", "/api/nothing"] {
        assert_eq!(client.status(path), 401, "{path}");
    }
    client.log_in();
    assert_eq!(client.get("/api/server-info")["ncentral"], "2025.4.0.15");
}

#[test]
fn the_tree_of_units_has_ids_that_no_two_share() {
    let client = Client::new();
    let [lark, fern] = ["lark", "fern"].map(|key| client.id(Kind::Organization, key));
    let site = client.id(Kind::Organization, "lark:site");
    assert_eq!(client.column("/api/service-orgs", "soId"), ["50"]);
    assert_eq!(
        client.column("/api/service-orgs", "soName"),
        ["Northwind IT"]
    );
    assert_eq!(
        client.column("/api/customers", "customerId"),
        [&*lark, &*fern]
    );
    assert_eq!(
        client.column("/api/service-orgs/50/customers", "parentId"),
        ["50", "50"]
    );
    let ids = client.column("/api/org-units", "orgUnitId");
    let distinct: BTreeSet<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!((ids.len(), distinct.len()), (5, 5));
    assert_eq!(
        client.column("/api/org-units", "orgUnitType"),
        ["SO", "CUSTOMER", "SITE", "CUSTOMER", "SITE"]
    );
    assert_eq!(
        client.column("/api/org-units/50/children", "orgUnitId"),
        [&*lark, &*fern]
    );
    let children = format!("/api/org-units/{lark}/children");
    assert_eq!(client.column(&children, "orgUnitId"), [&*site]);
    assert!(
        client
            .column(&format!("/api/org-units/{site}/children"), "orgUnitId")
            .is_empty()
    );
    assert_eq!(
        client.column(&format!("/api/customers/{lark}/sites"), "siteId"),
        [&*site]
    );
    assert_eq!(
        client.column("/api/sites", "siteName"),
        ["Larkspur Dental", "Fern & Co"]
    );

    let customer = client.get(&format!("/api/customers/{lark}"));
    assert_eq!(customer, client.get("/api/customers")["data"][0]);
    assert_eq!(
        json!([
            customer["phone"],
            customer["city"],
            customer["country"],
            customer["isServiceOrg"]
        ]),
        json!(["902-555-0101", "", null, false])
    );
    let own = client.get(&format!("/api/sites/{site}"));
    assert_eq!(
        (&own["parentId"], own.get("customerId")),
        (&json!(lark), None)
    );
    let unit = client.get(&format!("/api/org-units/{site}"));
    assert_eq!(unit["data"]["orgUnitName"], "Larkspur Dental");
    assert_eq!(
        client.get("/api/service-orgs/50")["data"]["isServiceOrg"],
        true
    );

    // A unit of another level is none of this one.
    for path in [
        format!("/api/customers/{site}"),
        format!("/api/sites/{lark}"),
        "/api/customers/50".to_owned(),
        format!("/api/customers/{site}/sites"),
        "/api/service-orgs/51/customers".to_owned(),
        "/api/org-units/9999/devices".to_owned(),
        "/api/customers/x".to_owned(),
    ] {
        let (status, body) = client.call("GET", &path, &Value::Null);
        assert_eq!((status, &body["status"]), (404, &json!(404)), "{path}");
    }
}

#[test]
fn devices_come_in_pages_that_lead_to_each_other() {
    let client = Client::new();
    let page = client.get("/api/devices?pageSize=3&filterId=1");
    assert_eq!(
        json!([
            page["pageNumber"],
            page["pageSize"],
            page["itemCount"],
            page["totalItems"],
            page["totalPages"]
        ]),
        json!([1, 3, 3, 7, 3])
    );
    let link = |number: u32| format!("/api/devices?pageNumber={number}&pageSize=3&filterId=1");
    assert_eq!(
        page["_links"],
        json!({ "firstPage": link(1), "previousPage": null, "nextPage": link(2), "lastPage": link(3) })
    );
    let mut names = client.names("/api/devices?pageSize=3&filterId=1");
    let mut next = page["_links"]["nextPage"].clone();
    while let Some(path) = next.as_str() {
        names.extend(client.names(path));
        next = client.get(path)["_links"]["nextPage"].clone();
    }
    assert_eq!(names, client.names("/api/devices"));
    assert_eq!(names.len(), 7);
    let behind = client.get("/api/devices?pageSize=3&pageNumber=4");
    assert_eq!(
        json!([
            behind["data"],
            behind["totalItems"],
            behind["_links"]["nextPage"]
        ]),
        json!([[], 7, null])
    );
    assert!(page["_warning"].is_string());
    let customers = client.get("/api/customers?pageSize=1&pageNumber=2");
    assert_eq!(customers["data"][0]["customerName"], "Fern & Co");
    assert_eq!(customers["totalItems"], 2);
    assert_eq!(customers.as_object().unwrap().len(), 2, "{customers}");
}

#[test]
fn a_page_is_fifty_when_nothing_is_said_and_a_thousand_at_most() {
    let client = Client::new();
    let size = |query: &str| client.get(&format!("/api/devices{query}"))["pageSize"].clone();
    assert_eq!(size(""), 50);
    assert_eq!(size("?pageSize=1000"), 1_000);
    assert_eq!(size("?pageSize=5000"), 1_000);
}

#[test]
fn parameters_that_are_badly_put_are_named() {
    let client = Client::new();
    for (query, field) in [
        ("pageSize=0", "pageSize"),
        ("pageSize=x", "pageSize"),
        ("pageNumber=0", "pageNumber"),
        ("pageNumber=-1", "pageNumber"),
        ("sortBy=shoe", "sortBy"),
        ("sortOrder=up", "sortOrder"),
        ("filterId=77", "filterId"),
        ("filterId=x", "filterId"),
    ] {
        let (status, body) = client.call("GET", &format!("/api/devices?{query}"), &Value::Null);
        assert_eq!(
            (status, &body["errors"][0]["field"]),
            (400, &json!(field)),
            "{query}"
        );
        let message = body["message"].as_str().unwrap();
        assert!(
            message.starts_with("[ID=") && message.contains("] BAD REQUEST: "),
            "{message}"
        );
    }
}

#[test]
fn a_list_is_sorted_and_cut_down_as_it_is_asked_for() {
    let client = Client::new();
    let sorted = |query: &str| client.names(&format!("/api/devices?pageSize=3&{query}"));
    assert_eq!(sorted("sortBy=longName"), ["Core", "FERN-ESX", "FERN-LIN"]);
    assert_eq!(
        sorted("sortBy=longName&sortOrder=desc"),
        ["LARK-SRV2", "LARK-SRV", "LARK-FRONTDESK-07"]
    );
    assert_eq!(
        sorted("sortBy=deviceId&sortOrder=reverse"),
        ["Core", "Front printer", "FERN-ESX"]
    );
    assert_eq!(sorted("sortBy=deviceId&sortOrder=asc"), sorted(""));
    // Who has not checked in comes first.
    let seen = client.column(
        "/api/devices?sortBy=lastApplianceCheckinTime",
        "lastApplianceCheckinTime",
    );
    assert_eq!(seen.iter().filter(|it| it.is_null()).count(), 6);
    assert_eq!(seen[6], "2026-01-05T08:59:00.500Z");
    let row = client.get("/api/devices?select=deviceId,%20longName,shoe")["data"][0].clone();
    assert_eq!(row.as_object().unwrap().len(), 2, "{row}");
}

#[test]
fn saved_filters_are_the_one_way_to_narrow_a_list() {
    let client = Client::new();
    let filters = client.get("/api/device-filters?viewScope=ALL");
    let id = |name: &str| {
        let rows = filters["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["filterName"] == name).unwrap();
        row["filterId"].as_str().unwrap().to_owned()
    };
    let found = |name: &str| client.names(&format!("/api/devices?filterId={}", id(name)));
    assert_eq!(found("All Devices").len(), 7);
    assert_eq!(
        found("All Servers"),
        ["LARK-SRV", "LARK-SRV2", "FERN-LIN", "FERN-ESX"]
    );
    assert_eq!(found("All Laptops"), ["LARK-FRONTDESK-07"]);
    assert_eq!(found("All Network Devices"), ["Front printer", "Core"]);
    let search = format!("/api/devices?search={}", encode("LARK"));
    assert_eq!(client.names(&search).len(), 7, "nothing else narrows");
}

#[test]
fn devices_of_a_unit_are_those_below_it() {
    let client = Client::new();
    let of = |key: &str| {
        let id = client.id(Kind::Organization, key);
        client.names(&format!("/api/org-units/{id}/devices"))
    };
    assert_eq!(of("lark"), ["LARK-FRONTDESK-07", "LARK-SRV", "LARK-SRV2"]);
    assert_eq!(of("lark:site"), of("lark"));
    assert_eq!(
        client.names("/api/org-units/50/devices"),
        client.names("/api/devices")
    );
}

#[test]
fn a_row_says_what_a_device_is_and_where_it_stands() {
    let client = Client::new();
    let device = client.device("lt1");
    let lark: u64 = client.id(Kind::Organization, "lark").parse().unwrap();
    let site: u64 = client.id(Kind::Organization, "lark:site").parse().unwrap();
    let id: u64 = client.id(Kind::Device, "lt1").parse().unwrap();
    let expected = json!({
        "deviceId": id, "longName": "LARK-FRONTDESK-07", "deviceClass": "Laptop - Windows",
        "deviceClassLabel": "Laptop - Windows", "description": "Front desk", "isProbe": false,
        "osId": "winnt", "supportedOs": "Microsoft Windows 11 Pro", "supportedOsLabel": "Windows 11 Pro",
        "discoveredName": "LARK-FRONTDESK-07", "lastLoggedInUser": "LARK\\frontdesk",
        "stillLoggedIn": "false", "licenseMode": "Professional", "orgUnitId": site, "soId": 50,
        "soName": "Northwind IT", "customerId": lark, "customerName": "Larkspur Dental",
        "siteId": site, "siteName": "Larkspur Dental", "applianceId": device["applianceId"],
        "lastApplianceCheckinTime": "2026-01-05T08:59:00.500Z", "sourceUri": "10.0.0.4",
        "remoteControlUri": "", "uri": format!(
            "http://central.test/deepLinkAction.do?method=deviceDetails&customerID={lark}&deviceID={id}&language=en"
        ),
    });
    assert_eq!(device, expected);
    assert!(device["applianceId"].is_u64());
    let list = client.get("/api/devices");
    assert_eq!(list["data"][0], device);
    let text = list.to_string();
    for hidden in ["SN1", "00:1B:44", "\"_life", "_inventory", "warranty"] {
        assert!(!text.contains(hidden), "{hidden} stands in the list");
    }
    let printer = client.device("prn");
    assert_eq!(
        json!([
            printer["deviceClass"],
            printer["supportedOs"],
            printer["applianceId"],
            printer["lastApplianceCheckinTime"],
            printer["sourceUri"]
        ]),
        json!(["Printer", "Other", null, null, "10.1.0.9"])
    );
    assert_eq!(
        client.device("sw")["sourceUri"],
        "Core",
        "a name where there is no address"
    );
    let probes = client.get("/api/devices")["data"].clone();
    let probes = probes
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["isProbe"] == true);
    let probes: Vec<&str> = probes.map(|it| it["longName"].as_str().unwrap()).collect();
    assert_eq!(probes, ["LARK-SRV"], "one a customer, on Windows");
}

#[test]
fn an_inventory_is_text_throughout() {
    fn leaves(value: &Value, path: &str) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    leaves(value, &format!("{path}.{name}"));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| leaves(item, path)),
            Value::String(_) | Value::Null => {}
            other => assert!(path.ends_with("._index"), "{path}: {other}"),
        }
    }
    let client = Client::new();
    for key in ["lt1", "srv", "esx", "prn", "sw"] {
        leaves(&client.assets(key), key);
    }
    let assets = client.assets("lt1");
    assert_eq!(
        assets["computersystem"],
        json!({
            "serialnumber": "SN1", "netbiosname": "LARK-FRONTDESK-", "model": "Latitude 5440",
            "manufacturer": "Dell Inc.", "totalphysicalmemory": "17179869184",
        })
    );
    assert_eq!(
        assets["os"],
        json!({ "reportedos": "Microsoft Windows 11 Pro", "osarchitecture": "64-bit", "version": "10.0.22631" })
    );
    assert_eq!(
        assets["processor"],
        json!({ "name": "Intel Core i5", "numberofcores": "10", "numberofcpus": "1" })
    );
    let adapters = assets["networkadapter"]["list"].as_array().unwrap();
    let shown = adapters.iter().map(|it| {
        json!([
            it["_index"],
            it["description"],
            it["macaddress"],
            it["gateway"]
        ])
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            json!([0, "Wi-Fi", "00:1B:44:11:3A:B7", "10.0.0.1"]),
            json!([1, "Dock", "00:E0:4C:68:00:01", null])
        ]
    );
    let addresses = adapters[0]["ipaddress"].as_str().unwrap();
    assert!(addresses.starts_with("10.0.0.4, fe80::"), "{addresses}");
    assert_eq!(
        json!([
            assets["device"]["deleted"],
            assets["device"]["lastlogin"],
            assets["device"]["uri"]
        ]),
        json!(["false", "2026-01-05 08:59:00.500 +0000", "10.0.0.4"])
    );
    let extra = &assets["_extra"];
    assert_eq!(extra["os"]["lastbootuptime"], "2026-01-01 00:00:00.000");
    assert_eq!(
        extra["logicaldevice"]["list"],
        json!([{ "_index": 0, "maxcapacity": "512000000000", "volumename": "C:" }])
    );
    assert_eq!(
        json!([
            extra["device"]["warrantyexpirydate"],
            extra["device"]["ncentralassettag"],
            extra["device"]["createdon"],
            extra["customer"]["customername"]
        ]),
        json!([
            "2027-03-31",
            "A-0042",
            "2026-01-05 09:00:00.250 +0000",
            "Larkspur Dental"
        ])
    );
}

#[test]
fn a_board_has_a_serial_number_of_its_own_and_dell_puts_the_tag_in_dots_before_it() {
    let client = Client::new();
    let board = |key: &str| {
        let serial = &client.assets(key)["_extra"]["motherboard"]["serialnumber"];
        serial.as_str().unwrap().to_owned()
    };
    assert!(board("lt1").starts_with(".SN1.CNFCW") && board("lt1").ends_with('.'));
    assert!(board("esx").starts_with(".CZ1."));
    assert!(!board("srv").contains("CZ2"));
}

#[test]
fn what_is_watched_from_afar_tells_its_adapters_and_its_lifecycle() {
    let client = Client::new();
    for key in ["prn", "sw"] {
        let assets = client.assets(key);
        let names: Vec<&String> = assets.as_object().unwrap().keys().collect();
        assert_eq!(names, ["device", "networkadapter"], "{key}");
    }
    let adapters = client.assets("prn")["networkadapter"]["list"].clone();
    assert_eq!(adapters[0]["macaddress"], "00:11:22:33:44:55");
    assert_eq!(adapters[0]["ipaddress"], "10.1.0.9");
    assert_eq!(
        client.get(&client.lifecycle("sw"))["warrantyExpiryDate"],
        "2028-01-01"
    );
    let serials = client.get("/api/devices").to_string();
    assert!(!serials.contains("PR1"));
}

#[test]
fn a_lifecycle_is_noted_in_whole_or_in_part() {
    let client = Client::new();
    let path = client.lifecycle("lt1");
    let first = json!({
        "warrantyExpiryDate": "2027-03-31", "leaseExpiryDate": null, "expectedReplacementDate": null,
        "purchaseDate": null, "cost": null, "location": "", "assetTag": "A-0042", "description": "",
        "updateWarrantyError": null,
    });
    assert_eq!(client.get(&path), first);
    let part = json!({ "warrantyExpiryDate": "2029-01-01", "cost": 12.5, "shoe": 1 });
    let (status, after) = client.call("PATCH", &path, &part);
    let mut expected = first;
    expected["warrantyExpiryDate"] = "2029-01-01".into();
    expected["cost"] = 12.5.into();
    assert_eq!((status, &after), (200, &expected));
    assert_eq!(client.get(&path), expected);
    // The inventory says the same.
    assert_eq!(
        client.assets("lt1")["_extra"]["device"]["warrantyexpirydate"],
        "2029-01-01"
    );
    for wrong in [
        json!({ "location": "HQ", "warrantyExpiryDate": "01/02/2029" }),
        json!({ "location": "HQ", "purchaseDate": "2029-02-30" }),
        json!({ "location": "HQ", "leaseExpiryDate": 5 }),
        json!({ "location": 5 }),
        json!({ "cost": "5" }),
        json!([]),
    ] {
        assert_eq!(client.call("PATCH", &path, &wrong).0, 400, "{wrong}");
    }
    assert_eq!(client.get(&path), expected, "nothing was noted in part");
    let (_, whole) = client.call("PUT", &path, &json!({ "location": "HQ" }));
    assert_eq!(
        json!([
            whole["location"],
            whole["warrantyExpiryDate"],
            whole["assetTag"]
        ]),
        json!(["HQ", null, null])
    );
    let nobody = "/api/devices/1/assets/lifecycle-info";
    assert_eq!(client.call("PATCH", nobody, &json!({})).0, 404);
    assert_eq!(client.status(nobody), 404);
}

#[test]
fn a_person_s_edit_leaves_what_clients_noted() {
    let client = Client::new();
    let path = client.lifecycle("lt1");
    client.call(
        "PATCH",
        &path,
        &json!({ "location": "HQ", "assetTag": "B-1" }),
    );
    let before = record("lt1");
    let mut after = before.clone();
    after.warranty = Some("2030-01-01".parse().unwrap());
    after.serial = Some("SN2".to_owned());
    let change = Change::Edit {
        before: before.into(),
        after: after.into(),
    };
    let row = client.device("lt1");
    client.rmm.apply(&change, client.now).unwrap();
    let life = client.get(&path);
    assert_eq!(
        json!([
            life["location"],
            life["assetTag"],
            life["warrantyExpiryDate"]
        ]),
        json!(["HQ", "B-1", "2030-01-01"])
    );
    assert_eq!(
        client.assets("lt1")["computersystem"]["serialnumber"],
        "SN2"
    );
    // No member of the row tells of it.
    assert_eq!(client.device("lt1"), row);
}

#[test]
fn a_customer_and_its_site_are_renamed_together_and_devices_move_between_them() {
    let client = Client::new();
    let before = organization("lark");
    let mut after = before.clone();
    after.name = "Larkspur Dental Group".to_owned();
    let change = Change::Edit {
        before: before.into(),
        after: after.into(),
    };
    client.rmm.apply(&change, client.now).unwrap();
    let device = client.device("lt1");
    assert_eq!(
        (&device["customerName"], &device["siteName"]),
        (
            &json!("Larkspur Dental Group"),
            &json!("Larkspur Dental Group")
        )
    );
    let before = record("lt1");
    let mut after = before.clone();
    after.organization = "fern".to_owned();
    let change = Change::Edit {
        before: before.into(),
        after: after.into(),
    };
    client.rmm.apply(&change, client.now).unwrap();
    let moved = client.device("lt1");
    assert_eq!(
        (&moved["siteName"], &moved["deviceId"]),
        (&json!("Fern & Co"), &device["deviceId"])
    );
    let fern = client.id(Kind::Organization, "fern:site");
    assert_eq!(moved["orgUnitId"].to_string(), fern);
    assert_eq!(
        client
            .names(&format!("/api/org-units/{fern}/devices"))
            .len(),
        5
    );
}

#[test]
fn a_deleted_device_stands_in_no_list_and_its_inventory_says_so() {
    let client = Client::new();
    let [lt1, sw] = ["lt1", "sw"].map(|key| client.id(Kind::Device, key));
    let path = format!("/api/devices/{lt1}");
    let mut assets = client.assets("lt1");
    assert_eq!(client.call("DELETE", &path, &Value::Null).0, 204);
    assert_eq!(client.status(&path), 404);
    assert_eq!(client.call("DELETE", &path, &Value::Null).0, 404);
    assert_eq!(client.names("/api/devices").len(), 6);
    assets["device"]["deleted"] = "true".into();
    assert_eq!(client.get(&format!("{path}/assets"))["data"], assets);
    let change = Change::Remove {
        kind: Kind::Organization,
        key: "fern".to_owned(),
    };
    client.rmm.apply(&change, client.now).unwrap();
    assert_eq!(client.column("/api/sites", "siteName"), ["Larkspur Dental"]);
    assert_eq!(client.names("/api/devices").len(), 2);
    let gone = client.get(&format!("/api/devices/{sw}/assets"));
    assert_eq!(gone["data"]["device"]["deleted"], "true");
    // What was true stays so.
    assert_eq!(client.id(Kind::Device, "sw"), sw);
    assert_eq!(client.rmm.truth().len(), 2 + 7);
}

#[test]
fn the_truth_is_told_of_what_plays_the_company() {
    let client = Client::new();
    let companies = || -> Vec<(u64, String)> {
        (client.rmm.truth().into_iter())
            .filter(|row| row.kind == Kind::Organization)
            .inspect(|row| assert_eq!(row.key, row.truth))
            .map(|row| (row.external_id.parse().unwrap(), row.key))
            .collect()
    };
    let told = |rows: [(u64, &str); 2]| rows.map(|(id, key)| (id, key.to_owned())).to_vec();
    assert_eq!(companies(), told([(101, "lark"), (103, "fern")]));
    client.rmm.set_company("sites");
    assert_eq!(companies(), told([(102, "lark"), (104, "fern")]));
    client.rmm.set_company("customers");
    let new = OrganizationRecord {
        key: "oak".to_owned(),
        truth: "oak".to_owned(),
        ..organization("lark")
    };
    client
        .rmm
        .apply(&Change::Put(Record::from(new)), client.now)
        .unwrap();
    assert_eq!(client.id(Kind::Organization, "oak"), "105");
    assert_eq!(client.id(Kind::Organization, "oak:site"), "106");
}

#[test]
fn what_a_client_makes_waits_to_be_claimed() {
    let client = Client::new();
    let sent = json!({ "customerName": " Oak ", "city": "Halifax", "isSystem": true });
    let (status, made) = client.call("POST", "/api/service-orgs/50/customers", &sent);
    assert_eq!(status, 200, "{made}");
    let id = made["data"]["customerId"].to_string();
    let customer = client.get(&format!("/api/customers/{id}"));
    assert_eq!(
        json!([
            customer["customerName"],
            customer["city"],
            customer["parentId"],
            customer["isSystem"]
        ]),
        json!(["Oak", "Halifax", "50", false])
    );
    let sites = format!("/api/customers/{id}/sites");
    assert_eq!(client.get(&sites)["totalItems"], 0);
    let (_, made) = client.call("POST", &sites, &json!({ "siteName": "Oak Main" }));
    let site = made["data"]["siteId"].to_string();
    assert_eq!(client.column(&sites, "siteName"), ["Oak Main"]);
    let kind = Kind::Organization;
    assert_eq!(
        client.rmm.unclaimed(),
        [(kind, id.clone()), (kind, site.clone())]
    );
    client.rmm.claim(kind, &id, "oak", "oak");
    client.rmm.claim(kind, &site, "oak", "oak");
    assert!(client.rmm.unclaimed().is_empty());
    assert_eq!(
        (client.id(kind, "oak"), client.id(kind, "oak:site")),
        (id, site)
    );
    for (path, body) in [
        ("/api/service-orgs/50/customers", json!({})),
        (
            "/api/service-orgs/50/customers",
            json!({ "customerName": "  " }),
        ),
        (&*sites, json!({ "siteName": 5 })),
        (&*sites, json!(null)),
    ] {
        assert_eq!(client.call("POST", path, &body).0, 400, "{path} {body}");
    }
    let named = json!({ "customerName": "x", "siteName": "x" });
    for path in ["/api/service-orgs/51/customers", "/api/customers/102/sites"] {
        assert_eq!(client.call("POST", path, &named).0, 404, "{path}");
    }
}

#[test]
fn a_device_of_a_customer_without_a_site_stands_right_below_it() {
    let client = Client::new();
    let sent = json!({ "customerName": "Oak" });
    let (_, made) = client.call("POST", "/api/service-orgs/50/customers", &sent);
    let id = made["data"]["customerId"].to_string();
    client.rmm.claim(Kind::Organization, &id, "oak", "oak");
    let mut device = record("lt1");
    device.organization = "oak".to_owned();
    device.key = "lt9".to_owned();
    let change = Change::Put(Record::from(device));
    client.rmm.apply(&change, client.now).unwrap();
    let device = client.device("lt9");
    assert_eq!(
        json!([
            device["customerId"].to_string(),
            device["orgUnitId"].to_string(),
            device["customerName"],
            device["siteId"],
            device["siteName"]
        ]),
        json!([id, id, "Oak", null, null])
    );
    assert_eq!(
        client.names(&format!("/api/org-units/{id}/devices")).len(),
        1
    );
}

#[test]
fn calls_at_once_are_limited_for_each_endpoint() {
    let client = Client::new();
    let ask = |path: &str, others: &[&str]| {
        let mut request = client.request("GET", path, &Value::Null);
        let others = others.iter().map(|path| (*path).to_owned());
        request.extensions_mut().insert(UnderWay(others.collect()));
        client.send(&request)
    };
    let id = client.id(Kind::Device, "lt1");
    let path = format!("/api/devices/{id}/assets");
    let three = [
        "/api/devices/1/assets",
        "/api/devices/2/assets/",
        "/api/devices/3/assets",
    ];
    assert_eq!(ask(&path, &three).0, 200, "no limit holds yet");
    client.rmm.set_limits(true);
    let (status, body) = ask(&path, &three);
    assert_eq!((status, &body["status"]), (429, &json!(429)));
    assert_eq!(ask(&path, &three[1..]).0, 200);
    let lifecycle = format!("{path}/lifecycle-info");
    assert_eq!(ask(&lifecycle, &three).0, 200, "another endpoint");
    assert_eq!(ask(&format!("/api/devices/{id}"), &three).0, 200);
    let lists = ["/api/devices"; 5];
    assert_eq!(ask("/api/devices?pageSize=5", &lists).0, 429);
    assert_eq!(ask("/api/devices?pageSize=5", &lists[1..]).0, 200);
    assert_eq!(ask("/api/customers", &["/api/customers"; 49]).0, 200);
    assert_eq!(ask("/api/customers", &["/api/customers"; 50]).0, 429);
    client.rmm.set_limits(false);
    assert_eq!(ask(&path, &three).0, 200);
}

#[test]
fn the_core_engine_s_errors_can_look_like_successes() {
    let client = Client::with(NCentralOptions {
        errors_as_success: true,
        ..NCentralOptions::default()
    });
    let (status, body) = client.call("GET", "/api/devices/1/assets", &Value::Null);
    assert_eq!(
        (status, body),
        (200, json!({ "error message": "Device not found." }))
    );
    assert_eq!(client.call("DELETE", "/api/devices", &Value::Null).0, 405);
    let mut stranger = client;
    stranger.token = "x".to_owned();
    assert_eq!(stranger.status("/api/devices"), 401);
}

#[test]
fn a_user_who_may_not_is_let_in_and_finds_every_door_broken() {
    let client = Client::with(NCentralOptions {
        unfit_user: true,
        ..NCentralOptions::default()
    });
    assert_eq!(client.status("/api/auth/validate"), 200);
    for path in ["/api/devices", "/api/customers", "/api/devices/1/assets"] {
        let (status, body) = client.call("GET", path, &Value::Null);
        assert_eq!((status, &body["status"]), (500, &json!(500)), "{path}");
    }
}

#[test]
fn a_path_that_is_known_takes_its_methods_alone() {
    let client = Client::new();
    for (method, path, status) in [
        ("POST", "/api/devices", 405),
        ("PUT", "/api/customers", 405),
        ("GET", "/api/auth/refresh", 405),
        ("OPTIONS", "/api/sites", 405),
        ("GET", "/devices", 404),
        ("GET", "/api/api/devices", 404),
        ("PATCH", "/api/nothing", 404),
    ] {
        let (got, body) = client.call(method, path, &Value::Null);
        assert_eq!(
            (got, &body["status"]),
            (status, &json!(status)),
            "{method} {path}"
        );
    }
    assert_eq!(
        client.status("/api/devices/"),
        200,
        "a slash at the end is no part of it"
    );
}

proptest! {
    /// Pages, however they are cut and sorted, hold each device once, in the order of the whole list.
    #[test]
    fn pages_put_together_are_the_whole(
        size in 1..9_usize,
        sort in prop::sample::select(vec!["deviceId", "longName", "deviceClass", "siteName", "licenseMode"]),
        order in prop::sample::select(vec!["asc", "desc", "natural", "reverse"]),
    ) {
        let client = Client::new();
        let list = |rest: &str| client.names(&format!("/api/devices?sortBy={sort}&sortOrder={order}{rest}"));
        let whole = list("");
        let mut pieces = Vec::new();
        for page in 1..=7_usize.div_ceil(size) {
            let piece = list(&format!("&pageSize={size}&pageNumber={page}"));
            prop_assert!(piece.len() <= size);
            pieces.extend(piece);
        }
        prop_assert_eq!(&pieces, &whole);
        // Sorted anew by what the rows say.
        let column = client.column(&format!("/api/devices?sortBy={sort}&sortOrder={order}"), sort);
        let mut again: Vec<String> = column.iter().map(|it| it.to_string().to_lowercase()).collect();
        let found = again.clone();
        again.sort();
        if matches!(order, "desc" | "reverse") {
            again.reverse();
        }
        prop_assert_eq!(found, again);
    }
}
