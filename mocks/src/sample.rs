//! A small tenant, and how a test asks a simulator that holds it. For the simulators' own tests.

use http::Request as HttpRequest;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::world::{Tenant, Tool, ToolRecords, World};
use crate::{Reply, Request, Simulator};

/// Three organizations, one another's parent; three sites, three people, four machines.
const TENANT: &str = r#"
company: Northwind IT
seed: 7
contents:
  organization_types: [Client, Former Client]
  configuration_types: [Managed Workstation, Managed Server]
organizations:
  group: { name: Fabrikam Group, type: Client }
  dental:
    name: Fabrikam Dental
    short_name: FABDENT
    type: Client
    parent: group
    phone: 902-555-0101
    website: fabrikamdental.example
  forge: { name: "Olde Forge & Sons", type: Former Client, active: false }
locations:
  office: { organization: group, name: Office, address_1: 1 Tower Rd, city: Toronto, region: "ON", country: Canada }
  main:
    organization: dental
    name: Main
    address_1: 12 Harbour St
    city: Halifax
    region: NS
    postal_code: B3H 1A1
    country: Canada
    phone: 902-555-0101
  annex: { organization: dental, name: Annex, address_1: 9 Mill Lane, city: Dartmouth, region: NS, country: Canada }
contacts:
  pat:
    organization: dental
    location: main
    first_name: Pat
    last_name: Rowe
    title: Office manager
    type: Owner
    emails: [{ address: pat@fabrikamdental.example }, { address: p.rowe@home.example }]
    phones: [{ number: 902-555-0102, extension: "12" }, { number: 902-555-0150, type: Mobile }, { number: 902-555-0199, type: Fax }]
  lee: { organization: group, location: office, first_name: Lee, last_name: Ota, emails: [{ address: lee@fabrikam.example }] }
  sam: { organization: dental, location: annex, first_name: Sam, last_name: Quinn, active: false }
devices:
  front:
    organization: dental
    location: main
    contact: pat
    name: FAB-WS01
    type: Managed Workstation
    serial: SN-front
    macs: ["00:1A:2B:3C:4D:5E"]
    ip: 10.20.0.7
    manufacturer: Dell
    model: OptiPlex 7010
    os: Microsoft Windows 11 Pro
    asset_tag: A-0042
    installed: 2023-06-01
    warranty: 2026-06-01
    notes: Front desk
  server:
    organization: dental
    location: main
    name: FAB-SRV01
    class: server
    type: Managed Server
    serial: MX240917K2
    manufacturer: Dell
    model: PowerEdge T350
    installed: 2022-01-15
  retired: { organization: dental, location: annex, name: FAB-OLD, type: Managed Workstation, active: false }
  desk: { organization: group, location: office, name: GRP-WS01, type: Managed Workstation, serial: sn-DESK }
"#;

/// What a tool holds of the tenant.
pub(crate) fn records(tool: Tool) -> ToolRecords {
    let tenant = Tenant::from_yaml(TENANT).unwrap();
    let world: World = tenant.into_world().unwrap();
    world.project(tool)
}

/// When the tests begin.
pub(crate) fn morning() -> Timestamp {
    "2025-03-04T15:20:11Z".parse().unwrap()
}

pub(crate) fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now + SignedDuration::from_secs(seconds)
}

/// A reply, read.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) reply: Reply,
    /// Null when the body is no JSON.
    pub(crate) json: Value,
}

pub(crate) fn ask(simulator: &dyn Simulator, request: &Request, now: Timestamp) -> Got {
    let reply = simulator.handle(request, now);
    Got {
        status: reply.status.as_u16(),
        json: serde_json::from_slice(&reply.body_bytes()).unwrap_or(Value::Null),
        reply,
    }
}

/// A request with these headers.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let start = HttpRequest::builder()
        .method(method)
        .uri(path)
        .header("host", "vendor.test:8080");
    let request = headers.iter().fold(start, |request, (name, value)| {
        request.header(*name, *value)
    });
    request.body(body.to_owned().into()).unwrap()
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        Some(self.reply.headers.get(name)?.to_str().unwrap())
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.json);
        self.json
    }
}

/// A number in each row of a list.
#[track_caller]
pub(crate) fn numbers(rows: &Value, member: &str) -> Vec<u64> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[member].as_u64().unwrap()).collect()
}

/// A text in each row of a list.
#[track_caller]
pub(crate) fn texts(rows: &Value, member: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[member].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
