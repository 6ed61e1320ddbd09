//! The simulator through `handle`, as a client sees it.

mod filters;
mod logins;
mod pages;
mod records;
mod writes;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{ConnectwiseAutomate, MacForm};
use crate::world::{Kind, Tenant, Tool, ToolRecords};
use crate::{Request, Simulator as _};

const TENANT: &str = r#"
seed: 7
organizations:
  lark: { name: Larkspur Dental, short_name: LARK }
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
      - { name: Wi-Fi, mac: "00:1b:44:11:3a:b7", ip: 10.0.0.4 }
      - { name: Dock, mac: "00:E0:4C:68:00:01" }
    default_gateway: 10.0.0.1
    asset_tag: A-7
    cpu: Intel Core i5
    cpu_cores: 10
    memory_bytes: 17179869184
    disks:
      - { name: "C:", size_bytes: 512000000000, free_bytes: 1048577 }
      - { name: "/data", size_bytes: 1048576, free_bytes: 0 }
    last_user: 'LARK\frontdesk'
    last_seen: 2026-01-05T08:59:00.5Z
    last_reboot: 2026-01-05T07:00:00Z
    warranty: 2027-03-31
    notes: Front desk
  srv: { organization: lark, name: LARK-SRV, class: server, os: Ubuntu 24.04, last_seen: 2026-01-05T07:00:00Z }
  esx:
    organization: fern
    name: FERN-ESX
    class: hypervisor
    manufacturer: HPE
    model: DL380
    serial: CZ1
    os: VMware ESXi
    last_seen: 2026-01-05T08:59:59Z
  vm: { organization: fern, name: FERN-VM, manufacturer: VMware, model: VMware Virtual Platform, macs: ["001b.4411.3ab7"] }
  prn: { organization: fern, name: Front printer, class: printer, serial: PR1, macs: ["00:11:22:33:44:55"], ip: 10.1.0.9, manufacturer: HP, model: M404 }
  sw: { organization: fern, name: Core, class: network, last_seen: 2026-01-05T08:59:00Z, active: false }
"#;

fn start() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

fn records() -> ToolRecords {
    let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
    world.project(Tool::Rmm)
}

/// A server, the time, and a token.
struct Client {
    rmm: ConnectwiseAutomate,
    now: Timestamp,
    token: String,
}

impl Client {
    fn new() -> Self {
        Self::of(ConnectwiseAutomate::new(&records(), start()))
    }

    fn of(rmm: ConnectwiseAutomate) -> Self {
        let mut client = Self {
            rmm,
            now: start(),
            token: String::new(),
        };
        let (status, body) = client.log_in(&json!({}));
        assert_eq!(status, 200, "{body}");
        client.token = body["AccessToken"].as_str().unwrap().to_owned();
        client
    }

    fn credential(&self, name: &str) -> String {
        self.rmm.access().credentials[name].clone()
    }

    /// Asks for a token; some members of the body are other than they should be.
    fn log_in(&self, other: &Value) -> (u16, Value) {
        let mut body = json!({
            "UserName": self.credential("user_name"), "Password": self.credential("password"),
        });
        for (name, value) in other.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post(
            "/apitoken",
            &body,
            &[("clientId", self.credential("client_id"))],
        )
    }

    fn send(&self, request: &Request) -> (u16, Value) {
        let reply = self.rmm.handle(request, self.now);
        let body = serde_json::from_slice(&reply.body_bytes()).unwrap_or_default();
        (reply.status.as_u16(), body)
    }

    fn post(&self, path: &str, body: &Value, headers: &[(&str, String)]) -> (u16, Value) {
        let mut request = http::Request::post(format!("/cwa/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.send(&request.body(body.to_string().into()).unwrap())
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("/cwa/api/v1{path}"))
            .header("ClientID", self.credential("client_id"))
            .header("authorization", format!("Bearer {}", self.token));
        self.send(&request.body(body.to_string().into()).unwrap())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The status and the message of a refusal, whose form is checked.
    fn refused(&self, path: &str) -> (u16, String) {
        let (status, body) = self.call("GET", path, &Value::Null);
        let message = body["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{path}: {body}"));
        assert!(body["code"].is_string(), "{body}");
        assert_eq!(body["errors"][0]["message"], body["message"]);
        (status, message.to_owned())
    }

    fn ids(&self, path: &str) -> Vec<u64> {
        let body = self.get(path);
        let rows = body.as_array().unwrap().iter();
        rows.map(|row| match &row["Id"] {
            Value::String(text) => text.parse().unwrap(),
            other => other.as_u64().unwrap(),
        })
        .collect()
    }

    /// Names of the computers that a query finds.
    fn computers(&self, pairs: &[(&str, &str)]) -> Vec<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        let body = self.get(&format!("/computers?{}", query.finish()));
        let rows = body.as_array().unwrap().iter();
        rows.map(|row| row["ComputerName"].as_str().unwrap().to_owned())
            .collect()
    }

    fn external(&self, kind: Kind, key: &str) -> String {
        let mut rows = self.rmm.truth().into_iter();
        let row = rows.find(|row| row.kind == kind && row.key == key);
        row.unwrap().external_id
    }

    /// A device by its key.
    fn device(&self, key: &str) -> Value {
        let id = self.external(Kind::Device, key);
        match id.strip_prefix("network-") {
            Some(id) => self.get(&format!("/networkdevices/{id}")),
            None => self.get(&format!("/computers/{id}")),
        }
    }

    fn later(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}
