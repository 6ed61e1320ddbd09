//! The simulator through `handle`, as a client sees it.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Intune;
use crate::Simulator as _;
use crate::sample::{Got, ask, encode, later, request, texts};
use crate::world::{
    Change, DeviceClass, DevicePatch, Kind, OrganizationPatch, Patch, Tenant, Tool, World,
};

const TENANT: &str = r#"
seed: 7
organizations:
  lark: { name: Larkspur Dental }
  fern: { name: "Fern & Co" }
  void: { name: Nobody Inc }
devices:
  lt1:
    organization: lark
    name: LARK-LT07
    laptop: true
    serial: PF4 EXMPL
    manufacturer: LENOVO
    model: ThinkPad T14
    os: Microsoft Windows 11 Pro
    os_version: 10.0.22631.4317
    nics:
      - { name: Intel(R) Wi-Fi 6E AX211, mac: "d4:6e:0e:0a:0b:0c", ip: 10.0.0.4 }
      - { name: Dock, mac: "00-E0-4C-68-00-01" }
      - { name: Dock 2, mac: "00-E0-4C-68-00-02" }
    memory_bytes: 17179869184
    disks: [{ name: "C:", size_bytes: 500, free_bytes: 100 }, { name: "D:", size_bytes: 50, free_bytes: 7 }]
    last_user: 'LARK\FrontDesk'
    last_seen: 2026-01-05T08:59:00.5Z
    notes: At the door
  mac: { organization: lark, name: LARK-MAC, os: macOS 15, macs: ["00:1B:44:11:3A:B7"], last_seen: 2026-01-04T08:00:00Z }
  srv: { organization: lark, name: LARK-SRV, class: server, serial: SRV1 }
  ws1: { organization: fern, name: FERN-WS1, os: Ubuntu 24.04, active: false, last_seen: 2026-01-01T00:00:00Z }
  ws2: { organization: fern, name: FERN-WS2, nics: [{ mac: none at all }] }
  esx: { organization: fern, name: FERN-ESX, class: hypervisor }
  prn: { organization: fern, name: Printer, class: printer }
  sw: { organization: fern, name: Core, class: network }
"#;

fn start() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

/// The platform, its world, the time.
struct Client {
    world: World,
    intune: Intune,
    now: Timestamp,
}

impl Client {
    fn new() -> Self {
        let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
        Self {
            intune: Intune::new(&world.project(Tool::Rmm), start()),
            world,
            now: start(),
        }
    }

    fn credential(&self, name: &str) -> String {
        self.intune.access().credentials[name].clone()
    }

    /// Asks for a token; some members of the form are other than they should be, or not there.
    fn log_in(&self, tenant: &str, other: &[(&str, Option<&str>)]) -> Got {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.credential("client_id")),
            ("client_secret", self.credential("client_secret")),
            ("scope", "https://graph.microsoft.com/.default".to_owned()),
        ] {
            match other.iter().find(|(own, _)| *own == name) {
                Some((_, None)) => {}
                Some((_, Some(value))) => {
                    form.append_pair(name, value);
                }
                None => {
                    form.append_pair(name, &value);
                }
            }
        }
        let path = format!("/{tenant}/oauth2/v2.0/token");
        ask(
            &self.intune,
            &request("POST", &path, &[], &form.finish()),
            self.now,
        )
    }

    fn token(&self, tenant: &str) -> String {
        let body = self.log_in(tenant, &[]).good();
        format!("Bearer {}", body["access_token"].as_str().unwrap())
    }

    fn send(&self, token: &str, method: &str, path: &str, body: &Value) -> Got {
        let headers = [("authorization", token)];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        ask(
            &self.intune,
            &request(method, path, &headers, &body),
            self.now,
        )
    }

    fn get(&self, token: &str, path: &str) -> Got {
        self.send(token, "GET", path, &Value::Null)
    }

    fn id(&self, kind: Kind, key: &str) -> String {
        let mut rows = self.intune.truth().into_iter();
        let row = rows.find(|row| row.kind == kind && row.key == key);
        row.unwrap().external_id
    }

    /// A token of an organization's tenant.
    fn inside(&self, key: &str) -> String {
        self.token(&self.id(Kind::Organization, key))
    }

    /// A device as the list shows it.
    fn listed(&self, token: &str, key: &str) -> Value {
        let id = self.id(Kind::Device, key);
        let rows = self.get(token, DEVICES).good()["value"].clone();
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["id"] == id.as_str()).unwrap().clone()
    }

    fn names(&self, token: &str, query: &str) -> Vec<String> {
        let body = self.get(token, &format!("{DEVICES}?{query}")).good();
        texts(&body["value"], "deviceName")
    }

    fn change(&mut self, changes: Vec<(Tool, Change)>) {
        for (tool, change) in changes {
            assert_eq!(tool, Tool::Rmm);
            self.intune.apply(&change, self.now).unwrap();
        }
    }

    fn edit(&mut self, key: &str, patch: impl Into<Patch>) {
        let changes = self.world.edit(Tool::Rmm, key, &patch.into()).unwrap();
        self.change(changes);
    }
}

const DEVICES: &str = "/v1.0/deviceManagement/managedDevices";

#[test]
fn a_token_is_of_one_tenant_and_refused_in_the_words_of_the_platform() {
    let client = Client::new();
    let lark = client.id(Kind::Organization, "lark");
    let body = client.log_in(&lark, &[]).good();
    assert_eq!(
        json!([
            body["token_type"],
            body["expires_in"],
            body["ext_expires_in"]
        ]),
        json!(["Bearer", 3599, 3599])
    );
    let refused = |tenant: &str, other: &[(&str, Option<&str>)]| {
        let got = client.log_in(tenant, other);
        let number = got.json["error_codes"][0].as_u64().unwrap();
        let text = got.json["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
        assert!(text.ends_with("Timestamp: 2026-01-05 09:00:00Z"), "{text}");
        assert!(!text.contains(&client.credential("client_secret")));
        assert_eq!(got.json["timestamp"], "2026-01-05 09:00:00Z");
        (
            got.status,
            got.json["error"].as_str().unwrap().to_owned(),
            number,
        )
    };
    let nobody = "11111111-2222-4333-8444-555555555555";
    for (tenant, other, expected) in [
        (
            &*lark,
            ("client_secret", Some("x")),
            (401, "invalid_client", 7_000_215),
        ),
        (
            &lark,
            ("client_secret", None),
            (401, "invalid_client", 7_000_216),
        ),
        (
            &lark,
            ("client_id", Some(nobody)),
            (400, "unauthorized_client", 700_016),
        ),
        (
            &lark,
            ("client_id", None),
            (400, "invalid_request", 900_144),
        ),
        (
            &lark,
            ("grant_type", None),
            (400, "invalid_request", 900_144),
        ),
        (
            &lark,
            ("grant_type", Some("password")),
            (400, "unsupported_grant_type", 70_003),
        ),
        (
            &lark,
            ("scope", Some("User.Read")),
            (400, "invalid_scope", 1_002_012),
        ),
        (nobody, ("x", None), (400, "invalid_request", 90_002)),
        (
            "nobody.example",
            ("x", None),
            (400, "invalid_request", 90_002),
        ),
    ] {
        let (status, error, number) = expected;
        assert_eq!(
            refused(tenant, &[other]),
            (status, error.to_owned(), number)
        );
    }
    // A domain names a tenant as well.
    assert_eq!(
        client.log_in("larkspurdental.onmicrosoft.com", &[]).status,
        200
    );
}

#[test]
fn a_token_runs_out_and_a_forged_one_opens_nothing() {
    let mut client = Client::new();
    let token = client.inside("lark");
    client.now = later(start(), 3_598);
    assert_eq!(client.get(&token, DEVICES).status, 200);
    client.now = later(start(), 3_599);
    let got = client.get(&token, DEVICES);
    assert_eq!(
        (got.status, got.header("www-authenticate")),
        (401, Some("Bearer"))
    );
    assert_eq!(got.json["error"]["code"], "InvalidAuthenticationToken");

    // The name of one tenant before the signature of another.
    let (lark, fern) = (client.inside("lark"), client.inside("fern"));
    let (claims, _) = lark.rsplit_once('.').unwrap();
    let (_, signature) = fern.rsplit_once('.').unwrap();
    for forged in [
        &*format!("{claims}.{signature}"),
        "Bearer a.b.c",
        "Bearer x",
        "Bearer ",
        "Basic x",
    ] {
        assert_eq!(client.get(forged, DEVICES).status, 401, "{forged}");
    }
    assert_eq!(client.get(&lark, DEVICES).status, 200);
}

#[test]
fn a_tenant_without_consent_lets_nobody_in_until_it_consents() {
    let client = Client::new();
    let lark = client.id(Kind::Organization, "lark");
    client.intune.set_consent(&lark, false);
    let got = client.log_in(&lark, &[]);
    assert_eq!(
        (got.status, &got.json["error_codes"]),
        (400, &json!([700_016]))
    );
    // The others, and the list of contracts, are as they were.
    assert_eq!(
        client
            .log_in(&client.id(Kind::Organization, "fern"), &[])
            .status,
        200
    );
    let partner = client.token(&client.credential("tenant_id"));
    let rows = client.get(&partner, "/v1.0/contracts").good()["value"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    client.intune.set_consent(&lark, true);
    assert_eq!(client.log_in(&lark, &[]).status, 200);
}

#[test]
fn contracts_stand_in_the_partner_s_tenant_and_keep_the_name_they_began_with() {
    let mut client = Client::new();
    let lark = client.id(Kind::Organization, "lark");
    client.edit(
        "lark",
        OrganizationPatch {
            name: Some("Larkspur Orthodontics".to_owned()),
            ..OrganizationPatch::default()
        },
    );
    let partner = client.token(&client.credential("tenant_id"));
    let body = client.get(&partner, "/v1.0/contracts").good();
    assert_eq!(
        body["@odata.context"],
        "http://vendor.test:8080/v1.0/$metadata#contracts"
    );
    let contract = &body["value"][0];
    assert_eq!(
        json!([
            contract["customerId"],
            contract["displayName"],
            contract["contractType"],
            contract["defaultDomainName"]
        ]),
        json!([
            lark,
            "Larkspur Dental",
            "ResellerPartner",
            "larkspurdental.onmicrosoft.com"
        ])
    );
    let id = contract["id"].as_str().unwrap();
    assert_ne!(id, lark);
    let one = client
        .get(&partner, &format!("/v1.0/contracts/{id}"))
        .good();
    assert_eq!(one["customerId"], lark.as_str());
    assert_eq!(
        client
            .get(&partner, &format!("/v1.0/contracts/{lark}"))
            .status,
        404
    );

    let own = client.token(&lark);
    let tenant = &client.get(&own, "/v1.0/organization").good()["value"];
    assert_eq!(tenant.as_array().unwrap().len(), 1);
    assert_eq!(
        json!([
            tenant[0]["id"],
            tenant[0]["displayName"],
            tenant[0]["verifiedDomains"][0]["name"]
        ]),
        json!([
            lark,
            "Larkspur Orthodontics",
            "larkspurdental.onmicrosoft.com"
        ])
    );
    assert!(!tenant.to_string().contains("\"_"), "{tenant}");
    assert_eq!(
        client
            .get(&own, &format!("/v1.0/organization/{lark}"))
            .good()["id"],
        lark.as_str()
    );
    assert_eq!(
        client
            .get(&partner, &format!("/v1.0/organization/{lark}"))
            .status,
        404
    );
    assert_eq!(
        client.get(&own, "/v1.0/contracts").good()["value"],
        json!([])
    );
    assert_eq!(client.get(&partner, DEVICES).good()["value"], json!([]));
}

#[test]
fn workstations_alone_are_enrolled_each_in_its_own_tenant() {
    let client = Client::new();
    assert_eq!(
        client.names(&client.inside("lark"), ""),
        ["LARK-LT07", "LARK-MAC"]
    );
    assert_eq!(
        client.names(&client.inside("fern"), ""),
        ["FERN-WS1", "FERN-WS2"]
    );
    assert_eq!(client.names(&client.inside("void"), ""), [""; 0]);
    assert_eq!(client.intune.counts()["devices"], 4);
    assert_eq!(client.intune.counts()["contracts"], 3);
    let keys: Vec<String> = client
        .intune
        .truth()
        .into_iter()
        .map(|row| row.key)
        .collect();
    assert_eq!(keys, ["lark", "fern", "void", "lt1", "mac", "ws1", "ws2"]);
    // Another tenant's device is not there.
    let id = client.id(Kind::Device, "lt1");
    let path = format!("{DEVICES}/{id}");
    assert_eq!(client.get(&client.inside("lark"), &path).status, 200);
    let got = client.get(&client.inside("fern"), &path);
    assert_eq!(
        (got.status, &got.json["error"]["code"]),
        (404, &json!("ResourceNotFound"))
    );
    let words: Value =
        serde_json::from_str(got.json["error"]["message"].as_str().unwrap()).unwrap();
    assert!(words["Message"].as_str().unwrap().contains(&id));
}

#[test]
fn a_list_lacks_what_one_device_tells_when_asked_for_it() {
    let client = Client::new();
    let token = client.inside("lark");
    let apart = |row: &Value| {
        json!([
            row["ethernetMacAddress"],
            row["physicalMemoryInBytes"],
            row["notes"]
        ])
    };
    assert_eq!(apart(&client.listed(&token, "lt1")), json!([null, 0, null]));
    let asked = "$select=id,ethernetMacAddress,physicalMemoryInBytes,notes";
    let rows = client.get(&token, &format!("{DEVICES}?{asked}")).good();
    assert_eq!(apart(&rows["value"][0]), json!([null, 0, null]));
    let id = client.id(Kind::Device, "lt1");
    let whole = client.get(&token, &format!("{DEVICES}/{id}")).good();
    assert_eq!(apart(&whole), json!(["00E04C680001", 0, null]));
    let one = client
        .get(&token, &format!("{DEVICES}/{id}?{asked}"))
        .good();
    assert_eq!(
        apart(&one),
        json!(["00E04C680001", 17_179_869_184_u64, "At the door"])
    );
    assert_eq!(one.as_object().unwrap().len(), 5, "{one}");
    assert_eq!(
        one["@odata.context"],
        "http://vendor.test:8080/v1.0/$metadata#deviceManagement/managedDevices(id,ethernetMacAddress,physicalMemoryInBytes,notes)/$entity"
    );
    // A key in brackets is one too.
    assert_eq!(
        client.get(&token, &format!("{DEVICES}('{id}')")).good()["id"],
        id.as_str()
    );
}

#[test]
fn a_device_is_told_in_the_vendor_s_forms() {
    let client = Client::new();
    let (lark, fern) = (client.inside("lark"), client.inside("fern"));
    let row = client.listed(&lark, "lt1");
    for (member, expected) in [
        ("deviceName", json!("LARK-LT07")),
        ("operatingSystem", json!("Windows")),
        ("osVersion", json!("10.0.22631.4317")),
        ("manufacturer", json!("LENOVO")),
        ("model", json!("ThinkPad T14")),
        ("serialNumber", json!("PF4EXMPL")),
        ("wiFiMacAddress", json!("D46E0E0A0B0C")),
        ("totalStorageSpaceInBytes", json!(550)),
        ("freeStorageSpaceInBytes", json!(107)),
        ("lastSyncDateTime", json!("2026-01-05T08:59:00.5Z")),
        ("managementState", json!("managed")),
        (
            "userPrincipalName",
            json!("frontdesk@larkspurdental.onmicrosoft.com"),
        ),
        ("azureADRegistered", json!(true)),
    ] {
        assert_eq!(row[member], expected, "{member}");
    }
    assert!(row["enrolledDateTime"].as_str().unwrap() < "2026-01-05");
    assert!(!row.to_string().contains("10.0.0.4"), "no address");
    assert_eq!(client.listed(&lark, "mac")["operatingSystem"], "macOS");
    assert!(matches!(
        client.listed(&lark, "mac")["wiFiMacAddress"].as_str(),
        None | Some("")
    ));
    let linux = client.listed(&fern, "ws1");
    assert_eq!(
        (&linux["operatingSystem"], &linux["managementState"]),
        (&json!("Linux"), &json!("retirePending"))
    );
    let bare = client.listed(&fern, "ws2");
    assert_eq!(bare["lastSyncDateTime"], "0001-01-01T00:00:00Z");
    assert_eq!(
        (&bare["operatingSystem"], &bare["osVersion"]),
        (&json!(""), &json!(""))
    );
    // What is no MAC address stays as the tool had it.
    let id = client.id(Kind::Device, "ws2");
    let one = client.get(&fern, &format!("{DEVICES}/{id}")).good();
    assert_eq!(one["ethernetMacAddress"], "none at all");
    // What is unknown is empty or null, as it comes.
    let unknown: Vec<Value> = [&linux, &bare]
        .iter()
        .flat_map(|row| {
            [
                "model",
                "manufacturer",
                "serialNumber",
                "imei",
                "phoneNumber",
            ]
            .map(|name| row[name].clone())
        })
        .collect();
    assert!(
        unknown.contains(&json!(null)) && unknown.contains(&json!("")),
        "{unknown:?}"
    );
    assert!(
        unknown.iter().all(|value| value.is_null() || value == ""),
        "{unknown:?}"
    );
}

#[test]
fn filters_orders_and_selections_are_odata_s() {
    let client = Client::new();
    let token = client.inside("lark");
    let found = |filter: &str| client.names(&token, &format!("$filter={}", encode(filter)));
    assert_eq!(found("operatingSystem eq 'Windows'"), ["LARK-LT07"]);
    assert_eq!(
        found("operatingSystem ne 'windows'"),
        ["LARK-MAC"],
        "whatever the case"
    );
    assert_eq!(
        found("lastSyncDateTime ge 2026-01-05T08:59:00Z"),
        ["LARK-LT07"]
    );
    assert_eq!(
        found("lastSyncDateTime lt 2026-01-05T08:59:01Z"),
        ["LARK-LT07", "LARK-MAC"]
    );
    assert_eq!(
        found("contains(deviceName,'lt') and serialNumber eq 'PF4EXMPL'"),
        ["LARK-LT07"]
    );
    assert_eq!(
        found("startswith(deviceName,'LARK') or model eq 'x'"),
        ["LARK-LT07", "LARK-MAC"]
    );
    assert_eq!(found("isSupervised eq true"), [""; 0]);
    assert_eq!(
        client.names(&token, "$orderby=deviceName%20desc"),
        ["LARK-MAC", "LARK-LT07"]
    );
    let rows = client
        .get(
            &token,
            &format!("{DEVICES}?$select=deviceName,serialNumber"),
        )
        .good();
    assert_eq!(
        rows["value"][0],
        json!({ "deviceName": "LARK-LT07", "serialNumber": "PF4EXMPL" })
    );
    assert_eq!(rows["@odata.count"], 2);
    for wrong in [
        "$filter=deviceName",
        "$filter=nothing%20eq%20'x'",
        "$filter=substringof('x',deviceName)",
        "$filter=_tenant%20eq%201",
        "$select=_tenant",
        "$select=",
        "$orderby=deviceName%20up",
        "$orderby=nothing",
        "$top=0",
        "$top=-1",
        "$top=x",
        "$skip=2",
        "$skiptoken=x",
    ] {
        let got = client.get(&token, &format!("{DEVICES}?{wrong}"));
        assert_eq!(got.status, 400, "{wrong}: {}", got.json);
        assert_eq!(got.json["error"]["code"], "BadRequest", "{wrong}");
        assert!(got.json["error"]["innerError"]["request-id"].is_string());
    }
}

#[test]
fn a_next_page_is_a_link_on_the_host_that_was_asked_and_good_for_its_query_alone() {
    let client = Client::new();
    let token = client.inside("lark");
    let body = client
        .get(&token, &format!("{DEVICES}?$top=1&$select=deviceName"))
        .good();
    assert_eq!(
        (&body["@odata.count"], texts(&body["value"], "deviceName")),
        (&json!(1), vec!["LARK-LT07".to_owned()])
    );
    let next = body["@odata.nextLink"].as_str().unwrap();
    let start = format!("http://vendor.test:8080{DEVICES}?$top=1&$select=deviceName&$skiptoken=");
    assert!(next.starts_with(&start), "{next}");
    let path = next.strip_prefix("http://vendor.test:8080").unwrap();
    let last = client.get(&token, path).good();
    assert_eq!(texts(&last["value"], "deviceName"), ["LARK-MAC"]);
    assert_eq!(last["@odata.nextLink"], Value::Null);
    for other in [
        "&$filter=operatingSystem%20eq%20'Windows'",
        "&$orderby=deviceName",
    ] {
        let got = client.get(&token, &format!("{path}{other}"));
        assert_eq!(got.status, 400, "{other}");
    }
    // Pages of an order go on as well.
    let ordered = client
        .get(
            &token,
            &format!("{DEVICES}?$top=1&$orderby=deviceName%20desc"),
        )
        .good();
    let next = ordered["@odata.nextLink"].as_str().unwrap();
    let path = next.strip_prefix("http://vendor.test:8080").unwrap();
    assert_eq!(
        texts(&client.get(&token, path).good()["value"], "deviceName"),
        ["LARK-LT07"]
    );
}

#[test]
fn errors_are_graph_s_and_ids_of_clients_come_back() {
    let client = Client::new();
    let token = client.inside("lark");
    let mut asked = request(
        "GET",
        &format!("{DEVICES}/no-guid"),
        &[("authorization", &token)],
        "",
    );
    let id = http::HeaderValue::from_static("my-id");
    asked.headers_mut().insert("client-request-id", id);
    let got = ask(&client.intune, &asked, client.now);
    assert_eq!(got.status, 400);
    let inner = &got.json["error"]["innerError"];
    assert_eq!(
        (&inner["client-request-id"], &inner["date"]),
        (&json!("my-id"), &json!("2026-01-05T09:00:00"))
    );
    assert_eq!(got.header("client-request-id"), Some("my-id"));
    assert_eq!(got.header("request-id"), inner["request-id"].as_str());
    for (method, path, status, code) in [
        ("GET", "/v1.0/deviceManagement/nothing", 400, "BadRequest"),
        (
            "GET",
            "/beta/deviceManagement/managedDevices",
            400,
            "BadRequest",
        ),
        ("GET", "/v1.0", 400, "BadRequest"),
        ("DELETE", DEVICES, 405, "Request_BadRequest"),
        ("GET", "/v1.0/$batch", 405, "Request_BadRequest"),
        (
            "GET",
            "/v1.0/organization/x",
            404,
            "Request_ResourceNotFound",
        ),
    ] {
        let got = client.send(&token, method, path, &Value::Null);
        assert_eq!(
            (got.status, &got.json["error"]["code"]),
            (status, &json!(code)),
            "{method} {path}"
        );
    }
}

#[test]
fn a_batch_answers_each_request_as_if_it_came_alone() {
    let client = Client::new();
    let token = client.inside("lark");
    let (known, other) = (
        client.id(Kind::Device, "lt1"),
        client.id(Kind::Device, "ws1"),
    );
    let step = |id: &str, url: &str| json!({ "id": id, "method": "GET", "url": url });
    let device =
        |id: &str| format!("/deviceManagement/managedDevices/{id}?$select=id,ethernetMacAddress");
    let mut after = step("3", &device(&known));
    after["dependsOn"] = json!(["2"]);
    let requests = json!({ "requests": [step("1", &device(&known)), step("2", &device(&other)), after, step("4", "organization"), step("5", "/$batch")] });
    let body = client
        .send(&token, "POST", "/v1.0/$batch", &requests)
        .good();
    let rows = body["responses"].as_array().unwrap();
    let told: Vec<Value> = rows
        .iter()
        .map(|row| json!([row["id"], row["status"]]))
        .collect();
    assert_eq!(
        Value::from(told),
        json!([["1", 200], ["2", 404], ["3", 424], ["4", 200], ["5", 405]])
    );
    assert_eq!(rows[0]["body"]["ethernetMacAddress"], "00E04C680001");
    assert!(
        rows[0]["headers"]["Content-Type"]
            .as_str()
            .unwrap()
            .starts_with("application/json")
    );
    assert_eq!(rows[1]["body"]["error"]["code"], "ResourceNotFound");

    let many = |count: usize| -> Value {
        let steps: Vec<Value> = (0..count)
            .map(|id| step(&id.to_string(), "organization"))
            .collect();
        json!({ "requests": steps })
    };
    assert_eq!(
        client
            .send(&token, "POST", "/v1.0/$batch", &many(20))
            .status,
        200
    );
    let nested =
        json!({ "id": "1", "method": "POST", "url": "/$batch", "body": { "requests": [] } });
    let inner = client
        .send(
            &token,
            "POST",
            "/v1.0/$batch",
            &json!({ "requests": [nested] }),
        )
        .good();
    assert_eq!(inner["responses"][0]["status"], 400);
    let mut early = step("1", "organization");
    early["dependsOn"] = json!(["2"]);
    for wrong in [
        many(21),
        many(0),
        json!([]),
        Value::Null,
        json!({ "requests": [step("1", "organization"), step("1", "organization")] }),
        json!({ "requests": [{ "id": "1", "url": "organization" }] }),
        json!({ "requests": [{ "method": "GET", "url": "organization" }] }),
        json!({ "requests": [{ "id": "1", "method": "GET" }] }),
        json!({ "requests": [early, step("2", "organization")] }),
    ] {
        assert_eq!(
            client.send(&token, "POST", "/v1.0/$batch", &wrong).status,
            400,
            "{wrong}"
        );
    }
    assert_eq!(
        client.send("", "POST", "/v1.0/$batch", &many(1)).status,
        401
    );
}

#[test]
fn the_limit_is_each_tenant_s_and_counts_what_is_in_batches() {
    let mut client = Client::new();
    client.intune.set_limits(true);
    let (lark, fern) = (client.inside("lark"), client.inside("fern"));
    let path = format!("{DEVICES}?$top=1&$select=id");
    for _ in 0..1_999 {
        assert_eq!(client.get(&lark, &path).status, 200);
    }
    let steps: Vec<Value> = (0..2)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/deviceManagement/managedDevices?$top=1" }))
        .collect();
    let body = client
        .send(&lark, "POST", "/v1.0/$batch", &json!({ "requests": steps }))
        .good();
    let rows = body["responses"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["status"], &rows[1]["status"]),
        (&json!(200), &json!(429))
    );
    assert_eq!(rows[1]["headers"]["Retry-After"], "20");
    let got = client.get(&lark, &path);
    assert_eq!(
        (got.status, &got.json["error"]["code"]),
        (429, &json!("TooManyRequests"))
    );
    assert_eq!(got.header("retry-after"), Some("20"));
    // Neither another tenant nor the directory is concerned.
    assert_eq!(client.get(&fern, &path).status, 200);
    assert_eq!(client.get(&lark, "/v1.0/organization").status, 200);
    client.now = later(start(), 20);
    assert_eq!(client.get(&lark, &path).status, 200);
}

#[test]
fn what_a_device_has_becomes_known_when_it_checks_in() {
    let mut client = Client::new();
    let token = client.inside("lark");
    client.now = later(start(), 60);
    client.edit(
        "lt1",
        DevicePatch {
            name: Some("NEW".to_owned()),
            ..DevicePatch::default()
        },
    );
    let row = client.listed(&token, "lt1");
    assert_eq!(
        (&row["deviceName"], &row["lastSyncDateTime"]),
        (&json!("NEW"), &json!("2026-01-05T08:59:00.5Z"))
    );
    client.edit(
        "mac",
        DevicePatch {
            macs: Some(vec!["00:1B:44:11:3A:B8".to_owned()]),
            ..DevicePatch::default()
        },
    );
    assert_eq!(
        client.listed(&token, "mac")["lastSyncDateTime"],
        "2026-01-05T09:01:00Z"
    );
}

#[test]
fn what_intune_has_not_changes_without_it_and_comes_and_goes_by_its_class() {
    let mut client = Client::new();
    let token = client.inside("lark");
    client.edit(
        "srv",
        DevicePatch {
            name: Some("LARK-SRV2".to_owned()),
            ..DevicePatch::default()
        },
    );
    assert_eq!(client.names(&token, ""), ["LARK-LT07", "LARK-MAC"]);
    let class = |class| DevicePatch {
        class: Some(class),
        ..DevicePatch::default()
    };
    client.edit("srv", class(DeviceClass::Workstation));
    assert_eq!(
        client.names(&token, ""),
        ["LARK-LT07", "LARK-MAC", "LARK-SRV2"]
    );
    let id = client.id(Kind::Device, "srv");
    client.edit("srv", class(DeviceClass::Server));
    assert_eq!(client.names(&token, ""), ["LARK-LT07", "LARK-MAC"]);
    assert_eq!(client.get(&token, &format!("{DEVICES}/{id}")).status, 404);
    assert_eq!(client.id(Kind::Device, "srv"), id, "it is told of still");
    // Once more, as another device.
    client.edit("srv", class(DeviceClass::Workstation));
    let rows: Vec<String> = (client.intune.truth().into_iter())
        .filter(|row| row.key == "srv")
        .map(|row| row.external_id)
        .collect();
    assert_eq!(rows.len(), 2);
    assert_ne!(rows[0], rows[1]);
    let changes = client.world.remove(Tool::Rmm, Kind::Device, "sw").unwrap();
    client.change(changes);
    let gone = Change::Remove {
        kind: Kind::Device,
        key: "sw".to_owned(),
    };
    assert!(
        client.intune.apply(&gone, client.now).is_err(),
        "it was removed already"
    );
}

#[test]
fn devices_move_are_enrolled_anew_and_go_with_their_tenant() {
    let mut client = Client::new();
    let id = client.id(Kind::Device, "lt1");
    client.edit(
        "lt1",
        DevicePatch {
            organization: Some("fern".to_owned().into()),
            ..DevicePatch::default()
        },
    );
    assert_eq!(client.id(Kind::Device, "lt1"), id);
    let fern = client.inside("fern");
    assert_eq!(
        client.names(&fern, ""),
        ["LARK-LT07", "FERN-WS1", "FERN-WS2"]
    );
    let changes = client.world.reimage(Tool::Rmm, "lt1").unwrap();
    client.change(changes);
    let rows = client
        .get(
            &fern,
            &format!("{DEVICES}?$filter={}", encode("serialNumber eq 'PF4EXMPL'")),
        )
        .good();
    let [old, new] = rows["value"].as_array().unwrap().as_slice() else {
        panic!("{rows}")
    };
    assert_ne!(old["id"], new["id"]);
    assert_ne!(old["azureADDeviceId"], new["azureADDeviceId"]);
    let changes = client
        .world
        .remove(Tool::Rmm, Kind::Organization, "fern")
        .unwrap();
    client.change(changes);
    assert_eq!(client.intune.counts()["devices"], 1);
    assert_eq!(
        client.get(&fern, DEVICES).status,
        401,
        "its tokens are nobody's"
    );
    let got = client.log_in(&client.id(Kind::Organization, "fern"), &[]);
    assert_eq!(got.json["error_codes"], json!([90_002]));
}

proptest! {
    /// Pages of any size, by any order, hold each device that fits once, as one large page does.
    #[test]
    fn pages_of_any_size_are_one_list(size in 1_usize..6, ordered in any::<bool>(), filtered in any::<bool>()) {
        let client = Client::new();
        let token = client.inside("fern");
        let mut query = format!("$top={size}");
        if ordered {
            query.push_str("&$orderby=deviceName%20desc");
        }
        if filtered {
            query.push_str("&$filter=operatingSystem%20eq%20'Linux'");
        }
        let mut expected: Vec<&str> = if filtered { vec!["FERN-WS1"] } else { vec!["FERN-WS1", "FERN-WS2"] };
        if ordered {
            expected.reverse();
        }
        let mut path = Some(format!("{DEVICES}?{query}"));
        let mut found = Vec::new();
        while let Some(here) = path {
            let body = client.get(&token, &here).good();
            found.extend(texts(&body["value"], "deviceName"));
            let next = body["@odata.nextLink"].as_str();
            path = next.map(|next| next.strip_prefix("http://vendor.test:8080").unwrap().to_owned());
        }
        prop_assert_eq!(found, expected);
    }

    /// No token that a client makes up is taken for one.
    #[test]
    fn no_made_up_token_opens_anything(text in "[ -~]{0,60}") {
        let client = Client::new();
        let got = client.get(&format!("Bearer {text}"), DEVICES);
        prop_assert_eq!(got.status, 401);
    }
}
