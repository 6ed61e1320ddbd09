//! The simulator through `handle`, as a client sees it, and its filter against a second evaluator that
//! never reads a filter's text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::NinjaOne;
use super::devices::{ACTIVE, Facts};
use super::filter::Filter;
use crate::kit::{Object, at};
use crate::world::{Kind, Tenant, Tool};
use crate::{Request, Simulator as _};

const TENANT: &str = r#"
seed: 7
organizations:
  lark: { name: Larkspur Dental }
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
    nics:
      - { name: Wi-Fi, mac: "00:1B:44:11:3A:B7", ip: 10.0.0.4 }
      - { name: Dock, mac: "00:E0:4C:68:00:01" }
    default_gateway: 10.0.0.1
    last_user: 'LARK\frontdesk'
    last_seen: 2026-01-05T08:59:00.5Z
    last_reboot: 2026-01-01T00:00:00Z
    warranty: 2027-03-31
  srv: { organization: lark, name: LARK-SRV, class: server, os: Ubuntu 24.04, last_seen: 2026-01-05T07:00:00Z }
  esx:
    organization: fern
    name: FERN-ESX
    class: hypervisor
    manufacturer: HPE
    model: DL380
    serial: CZ1
    os: VMware ESXi
    os_version: 8.0.2
    nics: [{ name: vmnic0, mac: "00:50:56:00:00:01", ip: 10.1.0.5 }]
  prn: { organization: fern, name: Front printer, class: printer, serial: PR1, macs: ["00:11:22:33:44:55"] }
  sw: { organization: fern, name: Core, class: network, active: false }
"#;

fn start() -> Timestamp {
    "2026-01-05T09:00:00.25Z".parse().unwrap()
}

/// An instance, the time, and a token.
struct Client {
    rmm: NinjaOne,
    now: Timestamp,
    token: String,
}

impl Client {
    fn new() -> Self {
        let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
        let mut client = Self {
            rmm: NinjaOne::new(&world.project(Tool::Rmm), start()),
            now: start(),
            token: String::new(),
        };
        let (status, body) = client.log_in("/ws/oauth/token", &[]);
        assert_eq!(status, 200, "{body}");
        client.token = body["access_token"].as_str().unwrap().to_owned();
        client
    }

    /// Asks for a token; some members of the form are other than they should be.
    fn log_in(&self, path: &str, other: &[(&str, &str)]) -> (u16, Value) {
        let credentials = self.rmm.access().credentials;
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("grant_type", "client_credentials"),
            ("client_id", credentials["client_id"].as_str()),
            ("client_secret", credentials["client_secret"].as_str()),
            ("scope", "monitoring management"),
        ] {
            let own = other.iter().find(|(own, _)| *own == name);
            form.append_pair(name, own.map_or(value, |(_, value)| value));
        }
        let request = http::Request::post(path).body(form.finish().into());
        self.send(&request.unwrap())
    }

    fn send(&self, request: &Request) -> (u16, Value) {
        let reply = self.rmm.handle(request, self.now);
        let body = serde_json::from_slice(&reply.body_bytes()).unwrap_or_default();
        (reply.status.as_u16(), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token));
        self.send(&request.body(body.to_string().into()).unwrap())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn ids(&self, path: &str) -> Vec<u64> {
        let body = self.get(path);
        let rows = body.as_array().unwrap().iter();
        rows.map(|row| row["id"].as_u64().unwrap()).collect()
    }

    /// Devices that a filter finds.
    fn found(&self, filter: &str) -> Vec<u64> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("df", filter)
            .finish();
        self.ids(&format!("/v2/devices?{query}"))
    }

    fn id(&self, kind: Kind, key: &str) -> u64 {
        let mut rows = self.rmm.truth().into_iter();
        let row = rows.find(|row| row.kind == kind && row.key == key);
        row.unwrap().external_id.parse().unwrap()
    }

    fn devices<const N: usize>(&self, keys: [&str; N]) -> [u64; N] {
        keys.map(|key| self.id(Kind::Device, key))
    }

    /// A device in the detailed list.
    fn detailed(&self, key: &str) -> Value {
        let id = self.id(Kind::Device, key);
        self.get(&format!("/v2/devices-detailed?df=id%20eq%20{id}"))[0].clone()
    }
}

#[test]
fn both_prefixes_lead_to_the_same_and_no_third_does() {
    let client = Client::new();
    let list = client.get("/v2/organizations");
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(client.get("/api/v2/organizations"), list);
    for path in ["/ws/oauth/token", "/oauth/token"] {
        assert_eq!(client.log_in(path, &[]).0, 200);
    }
    for path in [
        "/v3/organizations",
        "/organizations",
        "/api/api/v2/organizations",
    ] {
        let (status, body) = client.call("GET", path, &Value::Null);
        assert_eq!((status, &body["resultCode"]), (404, &json!("FAILURE")));
    }
}

#[test]
fn a_token_is_refused_in_the_words_of_oauth() {
    let client = Client::new();
    let error = |other: &[(&str, &str)]| {
        let (status, body) = client.log_in("/ws/oauth/token", other);
        assert!(body["error_description"].is_string());
        (status, body["error"].as_str().unwrap().to_owned())
    };
    let wrong = (401, "invalid_client".to_owned());
    assert_eq!(error(&[("client_secret", "x")]), wrong);
    assert_eq!(error(&[("client_id", "x")]), wrong);
    let (status, text) = error(&[("grant_type", "implicit")]);
    assert_eq!((status, text.as_str()), (400, "unsupported_grant_type"));
    let (status, text) = error(&[("scope", "monitoring everything")]);
    assert_eq!((status, text.as_str()), (400, "invalid_scope"));

    let (_, body) = client.log_in("/ws/oauth/token", &[]);
    assert_eq!(
        json!([body["token_type"], body["expires_in"], body["scope"]]),
        json!(["Bearer", 3600, "monitoring management"])
    );
    let mut client = client;
    client.now += SignedDuration::from_secs(3_601);
    let (status, body) = client.call("GET", "/v2/devices", &Value::Null);
    assert_eq!((status, &body["error"]), (401, &json!("invalid_token")));
}

#[test]
fn a_client_may_name_itself_in_the_header_of_the_login() {
    let client = Client::new();
    let credentials = client.rmm.access().credentials;
    let status = |secret: &str| {
        let user = format!("{}:{secret}", credentials["client_id"]);
        let request = http::Request::post("/ws/oauth/token")
            .header("authorization", format!("Basic {}", STANDARD.encode(user)))
            .body("grant_type=client_credentials".into());
        client.send(&request.unwrap()).0
    };
    assert_eq!(status(&credentials["client_secret"]), 200);
    assert_eq!(status("x"), 401);
}

#[test]
fn a_list_is_a_bare_array_that_goes_on_after_the_last_id() {
    let client = Client::new();
    let all = client.devices(["lt1", "srv", "esx", "prn", "sw"]);
    assert_eq!(client.ids("/v2/devices"), all);
    let page = |after: u64| {
        client.ids(&format!(
            "/api/v2/devices-detailed?pageSize=2&after={after}"
        ))
    };
    assert_eq!(page(0), all[..2]);
    assert_eq!(page(all[1]), all[2..4]);
    assert_eq!(page(all[3]), all[4..]);
    assert!(page(all[4]).is_empty());
    // An id that no device has is as good a place to go on from.
    assert_eq!(page(all[0] - 1), all[..2]);
    let fern = client.id(Kind::Organization, "fern");
    let own = client.ids(&format!(
        "/v2/organization/{fern}/devices?pageSize=1&after={}",
        all[2]
    ));
    assert_eq!(own, [all[3]]);
    assert_eq!(client.ids("/v2/organizations?pageSize=1&after=3"), [4]);
}

#[test]
fn a_filter_narrows_devices_by_what_they_are_and_where() {
    let client = Client::new();
    let [lt1, srv, esx, prn, sw] = client.devices(["lt1", "srv", "esx", "prn", "sw"]);
    let [lark, fern] = ["lark", "fern"].map(|key| client.id(Kind::Organization, key));
    assert_eq!(client.found(&format!("org = {lark}")), [lt1, srv]);
    assert_eq!(client.found(&format!("org neq {lark}")), [esx, prn, sw]);
    assert_eq!(
        client.found(&format!(
            "org in ({lark}, {fern}) AND id notin ({srv},{sw})"
        )),
        [lt1, esx, prn]
    );
    assert_eq!(
        client.found("class in (WINDOWS_WORKSTATION,LINUX_SERVER)"),
        [lt1, srv]
    );
    assert_eq!(client.found("class eq NMS_PRINTER"), [prn]);
    // The server was last seen two hours ago, the switch is switched off.
    assert_eq!(client.found("offline"), [srv, sw]);
    assert_eq!(
        client.found(&format!("online AND org eq {fern}")),
        [esx, prn]
    );
    assert!(client.found("status eq PENDING").is_empty());
    assert_eq!(client.found("created eq 2026-01-05").len(), 5);
    assert!(client.found("created before 2026-01-05").is_empty());
    assert!(client.found("group 12").is_empty());
    let systems = client.get(&format!("/v2/queries/computer-systems?df=id%20eq%20{srv}"));
    assert_eq!(systems["results"][0]["deviceId"], srv);
    assert_eq!(systems["cursor"]["count"], 1);
}

#[test]
fn a_filter_that_is_badly_put_is_refused() {
    for text in [
        "AND",
        "online AND",
        "AND online",
        "online online",
        "org",
        "org eq",
        "org eq x",
        "org eq (1,2)",
        "org in 1",
        "org in ()",
        "org in (1,,2)",
        "org in (1",
        "shoe eq 1",
        "org like 1",
        "created before soon",
        "created since 2026-01-01",
        "org eq 1 OR org eq 2",
        "(online)",
        "group x",
    ] {
        assert!(Filter::parse(text).is_none(), "{text}");
    }
    assert!(Filter::parse("  ").is_some_and(|it| it.is_empty()));
    let client = Client::new();
    for path in ["/v2/devices?df=org", "/v2/queries/disks?df=org"] {
        assert_eq!(client.call("GET", path, &Value::Null).0, 400);
    }
}

#[test]
fn a_report_has_a_row_for_each_adapter_and_goes_on_by_its_cursor() {
    let client = Client::new();
    let [lt1, esx, prn] = client.devices(["lt1", "esx", "prn"]);
    let read = |rest: &str| client.get(&format!("/v2/queries/network-interfaces?pageSize=2{rest}"));
    let rows = |page: &Value| -> Vec<Value> {
        let rows = page["results"].as_array().unwrap().iter();
        rows.map(|row| json!([row["deviceId"], row["macAddress"], row["ipAddress"]]))
            .collect()
    };
    let first = read("");
    assert_eq!(
        rows(&first),
        [
            json!([lt1, ["00:1B:44:11:3A:B7"], ["10.0.0.4"]]),
            json!([lt1, ["00:E0:4C:68:00:01"], []]),
        ]
    );
    assert_eq!(first["results"][0]["defaultGateway"], "10.0.0.1");
    assert!(first["results"][1].get("defaultGateway").is_none());
    assert!(first["results"][0].get("id").is_none());
    assert_eq!(first["cursor"]["count"], 2);
    let name = first["cursor"]["name"].as_str().unwrap();
    let next = format!("&cursor={name}");
    let second = read(&next);
    assert_eq!(
        rows(&second),
        [
            json!([esx, ["00:50:56:00:00:01"], ["10.1.0.5"]]),
            json!([prn, ["00:11:22:33:44:55"], []]),
        ]
    );
    // Behind the last row there is a page without any.
    let last = read(&next);
    assert_eq!(
        (&last["results"], &last["cursor"]["count"]),
        (&json!([]), &json!(0))
    );
    // Without a cursor a report begins anew, under a name of its own.
    let again = read("");
    assert_eq!(rows(&again), rows(&first));
    assert_ne!(again["cursor"]["name"], first["cursor"]["name"]);
}

#[test]
fn a_cursor_is_of_one_report_and_runs_out() {
    let mut client = Client::new();
    let cursor = client.get("/v2/queries/computer-systems?pageSize=1")["cursor"].clone();
    let expires = cursor["expires"].as_f64().unwrap();
    let start = start().as_millisecond() as f64 / 1e3;
    assert!((expires - start - 3_600.0).abs() < 1e-3, "{expires}");
    let name = cursor["name"].as_str().unwrap();
    let status = |client: &Client, report: &str, name: &str| {
        let path = format!("/v2/queries/{report}?pageSize=1&cursor={name}");
        client.call("GET", &path, &Value::Null).0
    };
    assert_eq!(status(&client, "computer-systems", "nobody"), 400);
    assert_eq!(status(&client, "operating-systems", name), 400);
    assert_eq!(status(&client, "computer-systems", name), 200);
    client.now += SignedDuration::from_secs(3_600);
    // The token ends as early; a new one does not bring the cursor back.
    client.token = client.log_in("/oauth/token", &[]).1["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(status(&client, "computer-systems", name), 400);
}

#[test]
fn a_brief_device_has_no_hardware_and_a_detailed_one_has() {
    let client = Client::new();
    let lt1 = client.id(Kind::Device, "lt1");
    let brief = client.get("/v2/devices")[0].clone();
    let whole = client.detailed("lt1");
    let own = |name: &str| brief.get(name).is_some();
    for name in [
        "system",
        "os",
        "macAddresses",
        "ipAddresses",
        "deviceType",
        "notes",
    ] {
        assert!(!own(name) && whole.get(name).is_some(), "{name}");
    }
    for (name, value) in brief.as_object().unwrap() {
        assert_eq!(whole[name], *value, "{name}");
    }
    assert_eq!(
        json!([
            brief["systemName"],
            brief["netbiosName"],
            brief["nodeClass"],
            brief["offline"],
            brief["approvalStatus"]
        ]),
        json!([
            "LARK-FRONTDESK-07",
            "LARK-FRONTDESK-",
            "WINDOWS_WORKSTATION",
            false,
            "APPROVED"
        ])
    );
    let system = &whole["system"];
    assert_eq!(
        json!([
            system["serialNumber"],
            system["biosSerialNumber"],
            system["manufacturer"],
            system["chassisType"]
        ]),
        json!(["SN1", "SN1", "Dell Inc.", "LAPTOP"])
    );
    assert_eq!(
        json!([
            whole["macAddresses"],
            whole["ipAddresses"],
            whole["os"]["buildNumber"],
            whole["lastLoggedInUser"]
        ]),
        json!([
            ["00:1B:44:11:3A:B7", "00:E0:4C:68:00:01"],
            ["10.0.0.4"],
            "22631",
            "LARK\\frontdesk"
        ])
    );
    assert_eq!(client.get(&format!("/v2/device/{lt1}")), whole);
    let text = client.get("/v2/devices-detailed").to_string();
    assert!(!text.contains(":null") && !text.contains("\"_"), "{text}");
}

#[test]
fn times_are_seconds_with_a_fraction() {
    let client = Client::new();
    let device = client.detailed("lt1");
    for (name, moment) in [
        ("created", "2026-01-05T09:00:00.25Z"),
        ("lastContact", "2026-01-05T08:59:00.5Z"),
    ] {
        let moment: Timestamp = moment.parse().unwrap();
        assert!(device[name].is_f64(), "{name}");
        assert_eq!(
            device[name],
            json!(moment.as_millisecond() as f64 / 1e3),
            "{name}"
        );
    }
    // A whole second has its fraction, too.
    assert_eq!(device["os"]["lastBootTime"].to_string(), "1767225600.0");
}

#[test]
fn references_are_what_was_asked_to_be_expanded() {
    let client = Client::new();
    assert!(client.detailed("lt1").get("references").is_none());
    let list = client.get("/v2/devices?expand=organization,%20location,role,warranty,backupUsage");
    let references = &list[0]["references"];
    assert_eq!(
        json!([
            references["organization"]["name"],
            references["location"]["name"],
            references["role"]["name"],
            references["warranty"]["endDate"]
        ]),
        json!([
            "Larkspur Dental",
            "Main Office",
            "Windows Laptop",
            1_806_451_200.0
        ])
    );
    assert!(references.get("backupUsage").is_none());
    assert!(list[1]["references"].get("warranty").is_none());
    let prn = client.id(Kind::Device, "prn");
    let one = client.get(&format!("/v2/device/{prn}?expand=role"));
    assert_eq!(one["references"]["role"]["nodeClass"], "NMS_PRINTER");
}

#[test]
fn every_device_has_a_role_that_is_listed() {
    let client = Client::new();
    let roles = client.ids("/v2/roles");
    for device in client.get("/v2/devices").as_array().unwrap() {
        assert!(
            roles.contains(&device["nodeRoleId"].as_u64().unwrap()),
            "{device}"
        );
    }
}

#[test]
fn a_host_of_machines_and_what_is_watched_from_afar_have_shapes_of_their_own() {
    let client = Client::new();
    let host = client.detailed("esx");
    assert_eq!(
        json!([
            host["deviceType"],
            host["nodeClass"],
            host["vendor"],
            host["model"],
            host["serviceTag"],
            host["releaseName"],
            host["version"]
        ]),
        json!([
            "VMHost",
            "VMWARE_VM_HOST",
            "HPE",
            "DL380",
            "CZ1",
            "VMware ESXi",
            "8.0.2"
        ])
    );
    let printer = client.detailed("prn");
    assert_eq!(
        json!([
            printer["deviceType"],
            printer["displayName"],
            printer["macAddresses"]
        ]),
        json!(["NMSTarget", "Front printer", ["00:11:22:33:44:55"]])
    );
    for device in [host, printer] {
        for name in ["system", "os", "dnsName", "lastLoggedInUser"] {
            assert!(device.get(name).is_none(), "{name}");
        }
    }
    // The report of systems has rows of agents alone.
    let systems = client.get("/v2/queries/computer-systems");
    assert_eq!(systems["results"].as_array().unwrap().len(), 2);
}

#[test]
fn an_organization_comes_with_a_location_and_its_name_is_taken() {
    let client = Client::new();
    let (status, made) = client.call("POST", "/v2/organizations", &json!({ "name": "New Ltd" }));
    assert_eq!(status, 200);
    let id = &made["id"];
    assert_eq!(made["locations"][0]["name"], "Main Office");
    let detailed = client.get("/v2/organizations-detailed");
    assert_eq!(detailed[2]["locations"], made["locations"]);
    let places = client.get("/v2/locations");
    assert_eq!(&places[2]["organizationId"], id);
    for name in ["New Ltd", " Larkspur Dental "] {
        let (status, body) = client.call("POST", "/v2/organizations", &json!({ "name": name }));
        assert_eq!((status, &body["resultCode"]), (409, &json!("FAILURE")));
    }
    assert_eq!(client.ids("/v2/organizations").len(), 3);
    assert_eq!(client.ids("/v2/locations").len(), 3);
}

#[test]
fn a_patch_changes_what_was_sent_and_answers_nothing() {
    let mut client = Client::new();
    let lt1 = client.id(Kind::Device, "lt1");
    let path = format!("/v2/device/{lt1}");
    let before = client.get(&path);
    client.now += SignedDuration::from_secs(60);
    let sent = json!({ "displayName": "Front desk", "systemName": "HACKED" });
    let request = http::Request::patch(&path)
        .header("authorization", format!("Bearer {}", client.token))
        .body(sent.to_string().into());
    let reply = client.rmm.handle(&request.unwrap(), client.now);
    assert_eq!((reply.status.as_u16(), reply.body_bytes().len()), (204, 0));
    let after = client.get(&path);
    let mut expected = before;
    expected["displayName"] = "Front desk".into();
    expected["lastUpdate"] = json!(client.now.as_millisecond() as f64 / 1e3);
    assert_eq!(after, expected);

    let lark = client.id(Kind::Organization, "lark");
    let path = format!("/v2/organization/{lark}");
    assert_eq!(
        client
            .call("PATCH", &path, &json!({ "description": "x" }))
            .0,
        204
    );
    let after = client.get(&path);
    assert_eq!(
        json!([after["name"], after["description"]]),
        json!(["Larkspur Dental", "x"])
    );
    assert_eq!(client.call("PATCH", "/v2/device/9999", &json!({})).0, 404);
}

/// A term of a filter, and what it means.
#[derive(Debug, Clone)]
enum Term {
    Number(usize, usize, Vec<u64>),
    Word(usize, usize, Vec<usize>),
    Offline(bool),
    Created(usize, u32),
}

/// Names in filters, and in devices.
const NUMBERS: [(&str, &str); 4] = [
    ("org", "organizationId"),
    ("loc", "locationId"),
    ("role", "nodeRoleId"),
    ("id", "id"),
];
const WORDS: [(&str, &str); 2] = [("class", "nodeClass"), ("status", "approvalStatus")];
const CLASSES: [&str; 4] = ["MAC", "WINDOWS_SERVER", "APPROVED", "PENDING"];
/// Signs; whether each takes a list, and whether it wants a member of it.
const SIGNS: [(&str, bool, bool); 6] = [
    ("eq", false, true),
    ("=", false, true),
    ("neq", false, false),
    ("!=", false, false),
    ("in", true, true),
    ("notin", true, false),
];
const WHEN: [&str; 4] = ["before", "after", "eq", "="];
/// An id that no filter names.
const NOBODY: u64 = 99;
/// The first second of 2026.
const YEAR: f64 = 1_767_225_600.0;

impl Term {
    fn text(&self) -> String {
        let value = |sign: usize, values: Vec<String>| {
            let (word, list, _) = SIGNS[sign];
            if list {
                format!("{word} ({})", values.join(", "))
            } else {
                format!("{word} {}", values[0])
            }
        };
        match self {
            Self::Number(name, sign, values) => {
                let values = values.iter().map(u64::to_string).collect();
                format!("{} {}", NUMBERS[*name].0, value(*sign, values))
            }
            Self::Word(name, sign, values) => {
                let values = values.iter().map(|it| CLASSES[*it].to_owned()).collect();
                format!("{} {}", WORDS[*name].0, value(*sign, values))
            }
            Self::Offline(true) => "offline".to_owned(),
            Self::Offline(false) => "online".to_owned(),
            Self::Created(when, day) => format!("created {} 2026-01-{:02}", WHEN[*when], day + 1),
        }
    }

    fn holds(&self, device: &Object, day: u32) -> bool {
        let chosen = |sign: usize, hits: Vec<bool>| {
            let (_, list, wanted) = SIGNS[sign];
            let hits = if list { &hits[..] } else { &hits[..1] };
            hits.contains(&true) == wanted
        };
        match self {
            Self::Number(name, sign, values) => {
                let own = at(device, NUMBERS[*name].1);
                chosen(*sign, values.iter().map(|it| own == *it).collect())
            }
            Self::Word(name, sign, values) => {
                let own = at(device, WORDS[*name].1);
                chosen(*sign, values.iter().map(|it| own == CLASSES[*it]).collect())
            }
            Self::Offline(wanted) => at(device, "offline") == *wanted,
            Self::Created(0, limit) => day < *limit,
            Self::Created(1, limit) => day > *limit,
            Self::Created(_, limit) => day == *limit,
        }
    }
}

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        (
            0..4_usize,
            0..6_usize,
            prop::collection::vec(1..4_u64, 1..3)
        )
            .prop_map(|(name, sign, values)| Term::Number(name, sign, values)),
        (
            0..2_usize,
            0..6_usize,
            prop::collection::vec(0..4_usize, 1..3)
        )
            .prop_map(|(name, sign, values)| Term::Word(name, sign, values)),
        any::<bool>().prop_map(Term::Offline),
        (0..4_usize, 0..3_u32).prop_map(|(when, day)| Term::Created(when, day)),
    ]
}

proptest! {
    #[test]
    fn the_filter_agrees_with_a_second_evaluator(
        terms in prop::collection::vec(term(), 1..4),
        numbers in prop::array::uniform4(prop::option::of(1..4_u64)),
        words in prop::array::uniform2(0..4_usize),
        offline in any::<bool>(),
        day in 0..3_u32,
        second in 0..86_400_u32,
    ) {
        let mut device = Object::new();
        for ((_, name), value) in NUMBERS.into_iter().zip(numbers) {
            if let Some(value) = value {
                device.insert(name.to_owned(), value.into());
            }
        }
        for ((_, name), word) in WORDS.into_iter().zip(words) {
            device.insert(name.to_owned(), CLASSES[word].into());
        }
        device.insert("offline".to_owned(), offline.into());
        let created = YEAR + f64::from(day * 86_400 + second) + 0.75;
        device.insert("created".to_owned(), created.into());

        let text: Vec<String> = terms.iter().map(Term::text).collect();
        let text = text.join(" AND ");
        let filter = Filter::parse(&text);
        prop_assert!(filter.is_some(), "{}", text);
        let expected = terms.iter().all(|term| term.holds(&device, day));
        let id = at(&device, "id").as_u64();
        device.insert(ACTIVE.to_owned(), (!offline).into());
        let facts = Facts::of(&device);
        let fits = filter.unwrap().fits(id.unwrap_or(NOBODY), &facts, start());
        prop_assert_eq!(fits, expected, "{}", text);
    }
}
