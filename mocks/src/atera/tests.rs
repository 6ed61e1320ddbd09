//! The simulator through `handle`, as a client sees it; pages against a second reading of the whole list.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::class::Class;
use super::{Atera, AteraOptions};
use crate::world::{Change, Kind, Record, Tenant, Tool, ToolRecords};
use crate::{Reply, Simulator as _};

const TENANT: &str = r#"
seed: 7
organizations:
  lark: { name: Larkspur Dental, short_name: LARK, website: lark.example, phone: 902-555-0101 }
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
    cpu: Intel Core i5
    cpu_cores: 6
    memory_bytes: 17013362688
    disks: [{ name: "C:", size_bytes: 512000000000, free_bytes: 100000000000 }]
    last_user: 'LARK\frontdesk'
    last_seen: 2026-01-05T08:59:00.5Z
    last_reboot: 2026-01-01T00:00:00Z
    warranty: 2027-03-31
    asset_tag: A-7
    notes: Beside the door
  mac: { organization: lark, name: LARK-MAC, os: macOS 15.2, macs: ["3c:22:fb:01:02:03", "not a mac"], last_user: ana }
  dc: { organization: lark, name: LARK-DC01, class: server, os: Windows Server 2022, last_seen: 2026-01-05T07:00:00Z }
  srv: { organization: fern, name: FERN-SRV, class: server, os: Ubuntu 24.04, macs: ["00:50:56:00:00:02"] }
  esx: { organization: fern, name: FERN-ESX, class: hypervisor, model: DL380, serial: CZ1, os: VMware ESXi 8.0.2, nics: [{ mac: "00:50:56:00:00:01", ip: 10.1.0.5 }] }
  prn: { organization: fern, name: Front printer, class: printer, serial: PR1, macs: ["00:11:22:33:44:55"] }
  sw: { organization: fern, name: Core, class: network, model: C9200, active: false }
"#;

/// The customer that is everybody's.
const UNASSIGNED: u64 = 1;

fn start() -> Timestamp {
    "2026-01-05T09:00:00.25Z".parse().unwrap()
}

fn records() -> ToolRecords {
    let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
    world.project(Tool::Rmm)
}

struct Client {
    rmm: Atera,
    now: Timestamp,
    key: String,
}

impl Client {
    fn new() -> Self {
        Self::with_options(AteraOptions::default())
    }

    fn with_options(options: AteraOptions) -> Self {
        let rmm = Atera::with_options(&records(), options, start());
        let key = rmm.access().credentials["api_key"].clone();
        Self {
            rmm,
            now: start(),
            key,
        }
    }

    fn reply(&self, method: &str, path: &str, body: &Value) -> Reply {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "atera.test:8080")
            .header("x-api-key", &self.key);
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let request = request.body(body.into()).unwrap();
        let reply = self.rmm.handle(&request, self.now);
        if reply.status.is_success() {
            assert_eq!(self.rmm.operation(&request), Some(reply.operation));
        }
        reply
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let reply = self.reply(method, path, body);
        let body = serde_json::from_slice(&reply.body_bytes()).unwrap_or_default();
        (reply.status.as_u16(), body)
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A number in each row of a page.
    #[track_caller]
    fn ids(&self, path: &str, member: &str) -> Vec<u64> {
        let body = self.get(path);
        let rows = body["items"].as_array().unwrap().iter();
        rows.map(|row| row[member].as_u64().unwrap()).collect()
    }

    fn external(&self, kind: Kind, key: &str) -> String {
        let mut rows = self.rmm.truth().into_iter();
        let row = rows.rfind(|row| row.kind == kind && row.key == key);
        row.unwrap().external_id
    }

    fn customer(&self, key: &str) -> u64 {
        self.external(Kind::Organization, key).parse().unwrap()
    }

    /// A machine of the world by its own call.
    #[track_caller]
    fn machine(&self, key: &str) -> Value {
        let id = self.external(Kind::Device, key);
        match id.strip_prefix("snmp-") {
            Some(id) => self.get(&format!("/api/v3/devices/snmpdevice/{id}")),
            None => self.get(&format!("/api/v3/agents/{id}")),
        }
    }

    fn edit(&self, kind: Kind, key: &str, change: impl FnOnce(&mut Record)) {
        let records = records();
        let before: Record = match kind {
            Kind::Organization => {
                let mut all = records.organizations.into_iter();
                all.find(|it| it.key == key).unwrap().into()
            }
            _ => {
                let mut all = records.devices.into_iter();
                all.find(|it| it.key == key).unwrap().into()
            }
        };
        let mut after = before.clone();
        change(&mut after);
        let change = Change::Edit { before, after };
        self.rmm.apply(&change, self.now).unwrap();
    }

    fn remove(&self, kind: Kind, key: &str) {
        let key = key.to_owned();
        let change = Change::Remove { kind, key };
        self.rmm.apply(&change, self.now).unwrap();
    }

    fn later(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}

#[test]
fn without_the_key_there_is_401_and_not_a_word() {
    let mut client = Client::new();
    let right = client.key.clone();
    for key in ["", "wrong", &right.to_uppercase()] {
        client.key = key.to_owned();
        for path in [
            "/api/v3/customers",
            "/api/v3/agents/21",
            "/nothing",
            "/api/v3/customers?page=x",
        ] {
            let reply = client.reply("GET", path, &Value::Null);
            assert_eq!(reply.status, 401, "{path}");
            assert!(reply.body_bytes().is_empty() && reply.headers.is_empty());
        }
    }
    let bearer = http::Request::get("/api/v3/customers")
        .header("authorization", format!("Bearer {right}"))
        .body(bytes::Bytes::new());
    assert_eq!(client.rmm.handle(&bearer.unwrap(), client.now).status, 401);
    client.key = right;
    client.get("/api/v3/customers");
}

#[test]
fn the_envelope_is_in_camel_case_and_its_rows_are_not() {
    let client = Client::new();
    let body = client.get("/api/v3/agents");
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    let expected: BTreeSet<&str> = BTreeSet::from([
        "items",
        "itemsInPage",
        "nextLink",
        "page",
        "prevLink",
        "totalItemCount",
        "totalPages",
    ]);
    assert_eq!(
        names
            .iter()
            .map(|name| name.as_str())
            .collect::<BTreeSet<_>>(),
        expected
    );
    assert_eq!(
        json!([
            body["page"],
            body["itemsInPage"],
            body["totalItemCount"],
            body["totalPages"]
        ]),
        json!([1, 20, 4, 1])
    );
    assert_eq!(json!([body["prevLink"], body["nextLink"]]), json!(["", ""]));
    assert_eq!(body["items"][0]["MachineName"], "LARK-FRONTDESK-07");
}

#[test]
fn links_lead_through_a_list_and_keep_what_was_asked() {
    let client = Client::new();
    let fern = client.customer("fern");
    let path = format!("/api/v3/devices/snmpdevices?customerId={fern}&itemsInPage=2&");
    let first = client.get(&path);
    assert_eq!(
        first["nextLink"],
        format!(
            "http://atera.test:8080/api/v3/devices/snmpdevices?page=2&itemsInPage=2&customerId={fern}"
        )
    );
    assert_eq!(first["prevLink"], "");
    let next = first["nextLink"].as_str().unwrap();
    let second = client.get(next.strip_prefix("http://atera.test:8080").unwrap());
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["nextLink"], "");
    let previous = second["prevLink"].as_str().unwrap();
    let again = client.get(previous.strip_prefix("http://atera.test:8080").unwrap());
    assert_eq!(again["items"], first["items"]);
    // Behind the end there is an empty page.
    let behind = client.get(&format!("{path}page=9"));
    assert_eq!(
        json!([
            behind["items"],
            behind["nextLink"],
            behind["totalItemCount"]
        ]),
        json!([[], "", 3])
    );
}

#[test]
fn pages_are_of_fifty_at_most_and_of_twenty_if_nothing_is_said() {
    let mut records = records();
    let one = records.devices[0].clone();
    for n in 0..118 {
        let mut more = one.clone();
        more.key = format!("more{n}");
        records.devices.push(more);
    }
    let rmm = Atera::new(&records, start());
    let key = rmm.access().credentials["api_key"].clone();
    let client = Client {
        rmm,
        now: start(),
        key,
    };
    for (query, length, pages) in [
        ("", 20, 7),
        ("?itemsInPage=50", 50, 3),
        ("?itemsInPage=500", 50, 3),
        ("?ITEMSINPAGE=7", 7, 18),
    ] {
        let body = client.get(&format!("/api/v3/agents{query}"));
        assert_eq!(body["items"].as_array().unwrap().len(), length, "{query}");
        assert_eq!(
            json!([
                body["itemsInPage"],
                body["totalPages"],
                body["totalItemCount"]
            ]),
            json!([length, pages, 122]),
            "{query}"
        );
    }
}

#[test]
fn what_is_no_number_and_no_date_is_a_problem() {
    let client = Client::new();
    for query in [
        "agents?page=x",
        "agents?page=0",
        "agents?itemsInPage=-5",
        "agents?page=99999999999",
        "customers?FromLastModifiedDate=yesterday",
        "customers?FromLastModifiedDate=2026-01-05T09:00:00Z",
        "customers?FromLastModifiedDate=2026-01-05T09:00:00%2B01:00",
        "customers?FromLastModifiedDate=2026-01-05%2009:00:00",
        "customers?SortBy=Name",
        "devices/snmpdevices?customerId=x",
        "devices/tcpdevices?monitoringAgentId=1.5",
        "agents/abc",
        "customers/abc",
        "customvalues/agentfields/abc",
        "customvalues/agentfield/21/Nothing",
        "customvalues/agentfields/999",
        "customvalues/none",
    ] {
        let reply = client.reply("GET", &format!("/api/v3/{query}"), &Value::Null);
        let body: Value = serde_json::from_slice(&reply.body_bytes()).unwrap();
        assert_eq!(
            json!([reply.status.as_u16(), body["status"], body["title"]]),
            json!([400, 400, "Bad Request"]),
            "{query}"
        );
        assert!(
            reply.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("application/problem+json")
        );
    }
}

#[test]
fn what_nobody_has_is_missing_each_in_its_way() {
    let client = Client::new();
    for path in [
        "customers/999",
        "agents/999",
        "agents/-1",
        "nothing",
        "devices/cameras",
        "devices/snmpdevice",
        "customvalues/ticketfield/1/x",
    ] {
        let reply = client.reply("GET", &format!("/api/v3/{path}"), &Value::Null);
        assert_eq!(
            (reply.status.as_u16(), reply.body_bytes().len()),
            (404, 0),
            "{path}"
        );
    }
    for path in [
        "snmpdevice/999",
        "tcpdevice/21",
        "httpdevice/21",
        "genericdevice/21",
        "snmpdevice/guid/00000000-0000-4000-8000-000000000000",
    ] {
        let (status, body) = client.call("GET", &format!("/api/v3/devices/{path}"), &Value::Null);
        assert_eq!(
            json!([status, body["status"], body["title"]]),
            json!([404, 404, "Not Found"]),
            "{path}"
        );
    }
    for (method, path) in [
        ("PUT", "agents"),
        ("PATCH", "customers/2"),
        ("POST", "devices/snmpdevices"),
        ("PUT", "customvalues/customfields"),
    ] {
        let reply = client.reply(method, &format!("/api/v3/{path}"), &json!({}));
        assert_eq!(
            (reply.status.as_u16(), reply.body_bytes().len()),
            (405, 0),
            "{method} {path}"
        );
    }
}

#[test]
fn paths_are_read_whatever_their_case() {
    let client = Client::new();
    let agents = client.get("/api/v3/agents")["items"].clone();
    assert_eq!(client.get("/API/v3/Agents/")["items"], agents);
    let found = client.get("/api/v3/Agents/Machine/lark-FRONTDESK-07");
    assert_eq!(found["items"][0], agents[0]);
    assert_eq!(found["totalItemCount"], 1);
    assert_eq!(
        client.get("/api/v3/agents/machine/nobody")["items"],
        json!([])
    );
}

#[test]
fn a_customer_shows_what_the_world_says_of_it() {
    let client = Client::new();
    let lark = client.customer("lark");
    let row = client.get(&format!("/api/v3/customers/{lark}"));
    assert_eq!(
        row,
        json!({
            "CustomerID": lark, "CustomerName": "Larkspur Dental", "CreatedOn": "2026-01-05T09:00:00.25Z",
            "LastModified": "2026-01-05T09:00:00.25Z", "BusinessNumber": "LARK", "Domain": "lark.example",
            "Address": null, "City": null, "State": null, "Country": null, "Phone": "902-555-0101", "Fax": null,
            "Notes": null, "Logo": null, "Links": null, "Longitude": null, "Latitude": null, "ZipCodeStr": null,
        })
    );
    let all = client.get("/api/v3/customers");
    let names: Vec<&Value> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["CustomerName"])
        .collect();
    assert_eq!(names, ["Unassigned", "Larkspur Dental", "Fern & Co"]);
    assert_eq!(
        client.ids("/api/v3/customers", "CustomerID"),
        [UNASSIGNED, lark, client.customer("fern")]
    );
}

#[test]
fn an_agent_s_row_is_its_whole_record() {
    let client = Client::new();
    let row = client.machine("lt1");
    let lark = client.customer("lark");
    for (member, expected) in [
        ("AgentID", json!(21)),
        ("FolderName", json!("Main Office")),
        ("CustomerID", json!(lark)),
        ("CustomerName", json!("Larkspur Dental")),
        ("AgentName", json!("LARK-FRONTDESK-07")),
        ("SystemName", json!("LARK-FRONTDESK-07")),
        ("MachineName", json!("LARK-FRONTDESK-07")),
        ("DomainName", json!("LARK")),
        ("CurrentLoggedUsers", json!("LARK\\frontdesk")),
        ("LastLoginUser", json!("frontdesk")),
        ("ComputerDescription", json!("Beside the door")),
        ("Monitored", json!(true)),
        ("Online", json!(true)),
        ("LastSeen", json!("2026-01-05T08:59:00.5Z")),
        ("LastRebootTime", json!("2026-01-01T00:00:00Z")),
        ("Processor", json!("Intel Core i5")),
        ("ProcessorCoresCount", json!(6)),
        ("Memory", json!(16_225)),
        ("Vendor", json!("Dell Inc.")),
        ("VendorSerialNumber", json!("SN1")),
        ("VendorBrandModel", json!("Latitude 5440")),
        ("ProductName", json!("Latitude 5440")),
        (
            "MacAddresses",
            json!(["00:1B:44:11:3A:B7", "00:E0:4C:68:00:01"]),
        ),
        ("IpAddresses", json!(["10.0.0.4"])),
        (
            "HardwareDisks",
            json!([{ "Drive": "C:", "Free": 95_367.0, "Used": 392_914.0, "Total": 488_281.0 }]),
        ),
        ("OS", json!("Microsoft Windows 11 Pro")),
        ("OSType", json!("Work Station")),
        ("OSVersion", json!("10.0.22631")),
        ("OSBuild", json!("22631")),
        ("DeviceType", json!("PC")),
        ("Office", Value::Null),
    ] {
        assert_eq!(row[member], expected, "{member}");
    }
    assert!(row["BatteryInfo"]["DesignedCapacity"].is_u64());
    assert_eq!(row["MachineID"], row["DeviceGuid"]);
    let guid = row["DeviceGuid"].as_str().unwrap();
    assert_eq!(
        row["AppViewUrl"],
        format!("https://app.atera.com/new/rmm/device/{guid}/agent")
    );
    // The list has the same.
    assert_eq!(client.get("/api/v3/agents")["items"][0], row);
    assert_eq!(
        client.get(&format!("/api/v3/agents/customer/{lark}"))["items"][0],
        row
    );
    assert!(
        row.as_object()
            .unwrap()
            .keys()
            .all(|name| !name.starts_with('_'))
    );
}

#[test]
fn what_is_no_windows_lacks_the_members_of_windows() {
    let client = Client::new();
    let mac = client.machine("mac");
    for member in [
        "DomainName",
        "WindowsSerialNumber",
        "OSNum",
        "SystemDrive",
        "Office",
    ] {
        assert_eq!(mac[member], Value::Null, "{member}");
    }
    assert!(mac.get("BatteryInfo").is_none());
    assert_eq!(
        json!([mac["LastLoginUser"], mac["DeviceType"], mac["OSType"]]),
        json!(["ana", "Mac", "Work Station"])
    );
    let srv = client.machine("srv");
    assert_eq!(
        json!([srv["OSType"], srv["DeviceType"]]),
        json!(["Server", "Server"])
    );
    assert_eq!(client.machine("dc")["OSType"], "Domain Controller");
}

#[test]
fn macs_come_as_they_are_or_bare_where_no_windows_runs() {
    for (bare_macs, mac, srv) in [
        (false, "3c:22:fb:01:02:03", "00:50:56:00:00:02"),
        (true, "3C22FB010203", "005056000002"),
    ] {
        let client = Client::with_options(AteraOptions { bare_macs });
        let macs = |key: &str| client.machine(key)["MacAddresses"].clone();
        assert_eq!(macs("mac"), json!([mac, "not a mac"]));
        assert_eq!(macs("srv"), json!([srv]));
        assert_eq!(macs("lt1")[0], "00:1B:44:11:3A:B7");
    }
}

#[test]
fn an_agent_is_online_for_five_minutes_after_it_was_seen() {
    let mut client = Client::new();
    assert_eq!(client.machine("lt1")["Online"], true);
    // Seen two hours ago.
    assert_eq!(client.machine("dc")["Online"], false);
    client.later(239);
    assert_eq!(client.machine("lt1")["Online"], true);
    client.later(2);
    assert_eq!(client.machine("lt1")["Online"], false);
    client.edit(Kind::Device, "mac", |record| {
        if let Record::Device(it) = record {
            it.active = false;
        }
    });
    let mac = client.machine("mac");
    assert_eq!(
        json!([mac["Online"], mac["Monitored"]]),
        json!([false, false])
    );
}

#[test]
fn snmp_tells_an_address_and_neither_serial_number_nor_mac() {
    let client = Client::new();
    let esx = client.machine("esx");
    let fern = client.customer("fern");
    let srv: u64 = client.external(Kind::Device, "srv").parse().unwrap();
    assert_eq!(
        esx,
        json!({
            "Name": "FERN-ESX", "DeviceID": 21, "DeviceGuid": esx["DeviceGuid"], "CustomerID": fern,
            "CustomerName": "Fern & Co", "FolderID": esx["FolderID"], "Hostname": "10.1.0.5", "Online": true,
            "Port": "161", "Community": "public", "Type": "VMware", "Version": "V2",
            "SecurityLevel": "Undefined", "Authentication": null, "Privacy": null, "Monitored": true,
            "MonitoringAgentID": srv, "Model": "DL380",
        })
    );
    assert_eq!(client.machine("prn")["Hostname"], Value::Null);
    assert_eq!(
        json!(["Online", "Type", "Model"].map(|member| client.machine("sw")[member].clone())),
        json!([false, "Switch", null])
    );
    let guid = esx["DeviceGuid"].as_str().unwrap();
    assert_eq!(
        client.get(&format!("/api/v3/devices/snmpdevice/guid/{guid}")),
        esx
    );
    for (query, ids) in [
        (String::new(), vec![21, 22, 23]),
        (format!("?customerId={fern}"), vec![21, 22, 23]),
        ("?customerId=999".to_owned(), vec![]),
        (format!("?monitoringAgentId={srv}"), vec![21, 22, 23]),
        ("?monitoringAgentId=21".to_owned(), vec![]),
    ] {
        let found = client.ids(&format!("/api/v3/devices/snmpdevices{query}"), "DeviceID");
        assert_eq!(found, ids, "{query}");
    }
    for kind in ["tcp", "http", "generic"] {
        let body = client.get(&format!("/api/v3/devices/{kind}devices"));
        assert_eq!(
            json!([body["items"], body["totalPages"]]),
            json!([[], 0]),
            "{kind}"
        );
    }
}

#[test]
fn ids_of_kinds_overlap_and_the_truth_tells_them_apart() {
    let client = Client::new();
    let ids = |keys: &[&str]| -> Vec<String> {
        keys.iter()
            .map(|key| client.external(Kind::Device, key))
            .collect()
    };
    assert_eq!(ids(&["lt1", "mac", "dc", "srv"]), ["21", "22", "23", "24"]);
    assert_eq!(
        ids(&["esx", "prn", "sw"]),
        ["snmp-21", "snmp-22", "snmp-23"]
    );
    let counts = client.rmm.counts();
    assert_eq!(
        ["customers", "agents", "snmpdevices", "machines"].map(|name| counts[name]),
        [3, 4, 3, 7]
    );
}

#[test]
fn customers_are_found_by_when_they_were_changed() {
    let mut client = Client::new();
    client.later(3_600);
    client.edit(Kind::Organization, "lark", |record| {
        if let Record::Organization(it) = record {
            it.name = "Larkspur".to_owned();
        }
    });
    let [lark, fern] = ["lark", "fern"].map(|key| client.customer(key));
    for (query, ids) in [
        ("FromLastModifiedDate=2026-01-05", vec![1, lark, fern]),
        (
            "FromLastModifiedDate=2026-01-05T09:00:00",
            vec![1, lark, fern],
        ),
        ("fromlastmodifieddate=2026-01-05T09:30:00", vec![lark]),
        ("FromLastModifiedDate=2026-01-06", vec![]),
        ("SortBy=LastModified", vec![1, fern, lark]),
        ("SortBy=Creation", vec![1, lark, fern]),
    ] {
        assert_eq!(
            client.ids(&format!("/api/v3/customers?{query}"), "CustomerID"),
            ids,
            "{query}"
        );
    }
    // The rows of machines name it as it is called now.
    assert_eq!(client.machine("lt1")["CustomerName"], "Larkspur");
}

#[test]
fn a_change_moves_the_stamp_of_the_agent_alone_and_spares_what_it_is_not_about() {
    let mut client = Client::new();
    let before = client.machine("lt1");
    let other = client.machine("mac");
    client.later(60);
    client.edit(Kind::Device, "lt1", |record| {
        if let Record::Device(it) = record {
            it.serial = Some("SN9".to_owned());
            it.warranty = None;
        }
    });
    let mut expected = before;
    expected["VendorSerialNumber"] = "SN9".into();
    expected["Modified"] = "2026-01-05T09:01:00.25Z".into();
    assert_eq!(client.machine("lt1"), expected);
    assert_eq!(client.machine("mac"), other);
    assert_eq!(
        client.get("/api/v3/customvalues/agentfields/21")[0]["FieldName"],
        "Asset Tag"
    );
}

#[test]
fn a_machine_that_moves_stands_in_a_folder_of_its_new_customer() {
    let client = Client::new();
    let folder = |key: &str| client.machine(key)["FolderID"].clone();
    assert_ne!(folder("lt1"), folder("srv"));
    client.edit(Kind::Device, "lt1", |record| {
        if let Record::Device(it) = record {
            it.organization = "fern".to_owned();
        }
    });
    assert_eq!(folder("lt1"), folder("srv"));
    let fern = client.customer("fern");
    assert_eq!(
        client.ids(&format!("/api/v3/agents/customer/{fern}"), "AgentID"),
        [21, 24]
    );
}

#[test]
fn a_machine_that_is_watched_another_way_is_another_record() {
    let client = Client::new();
    client.edit(Kind::Device, "srv", |record| {
        if let Record::Device(it) = record {
            it.class = crate::world::DeviceClass::Hypervisor;
        }
    });
    assert_eq!(client.external(Kind::Device, "srv"), "snmp-24");
    assert_eq!(client.call("GET", "/api/v3/agents/24", &Value::Null).0, 404);
    assert_eq!(client.machine("srv")["Name"], "FERN-SRV");
}

#[test]
fn agents_of_a_customer_that_goes_stand_below_nobody() {
    let mut client = Client::new();
    client.later(60);
    let fern = client.customer("fern");
    client.remove(Kind::Organization, "fern");
    assert_eq!(
        client
            .call("GET", &format!("/api/v3/customers/{fern}"), &Value::Null)
            .0,
        404
    );
    let srv = client.machine("srv");
    assert_eq!(
        json!([
            srv["CustomerID"],
            srv["CustomerName"],
            srv["FolderID"],
            srv["FolderName"],
            srv["Modified"]
        ]),
        json!([1, "Unassigned", null, null, "2026-01-05T09:01:00.25Z"])
    );
    assert_eq!(
        client.get("/api/v3/devices/snmpdevices")["totalItemCount"],
        0
    );
    // They can still be removed, and the truth about them stays.
    client.remove(Kind::Device, "srv");
    assert_eq!(client.external(Kind::Device, "srv"), "24");
    assert_eq!(client.call("GET", "/api/v3/agents/24", &Value::Null).0, 404);
}

#[test]
fn a_customer_that_a_client_makes_is_written_and_read() {
    let mut client = Client::new();
    for body in [
        json!({}),
        json!({ "CustomerName": " " }),
        json!({ "CustomerName": 7 }),
        json!({ "CustomerName": "x", "Longitude": "east" }),
        json!([]),
    ] {
        assert_eq!(
            client.call("POST", "/api/v3/customers", &body).0,
            400,
            "{body}"
        );
    }
    let body = json!({ "CustomerName": "Made", "City": "Oslo", "Latitude": 59.9, "Logo": "no" });
    let (status, made) = client.call("POST", "/api/v3/customers", &body);
    assert_eq!(status, 201);
    let id = made["ActionID"].as_str().unwrap().to_owned();
    assert_eq!(client.rmm.unclaimed(), [(Kind::Organization, id.clone())]);
    let path = format!("/api/v3/customers/{id}");
    client.later(5);
    for (method, body) in [
        ("PUT", json!({ "Notes": "By a client", "City": null })),
        ("POST", json!({ "Phone": "1" })),
    ] {
        assert_eq!(client.call(method, &path, &body).0, 200);
    }
    let row = client.get(&path);
    assert_eq!(
        json!([
            row["CustomerName"],
            row["City"],
            row["Latitude"],
            row["Notes"],
            row["Phone"],
            row["Logo"]
        ]),
        json!(["Made", "Oslo", 59.9, "By a client", "1", null])
    );
    assert_eq!(
        json!([row["CreatedOn"], row["LastModified"]]),
        json!(["2026-01-05T09:00:00.25Z", "2026-01-05T09:00:05.25Z"])
    );
    assert_eq!(
        client.call("PUT", "/api/v3/customers/999", &json!({})).0,
        404
    );
    client.rmm.claim(Kind::Organization, &id, "new", "new");
    assert!(client.rmm.unclaimed().is_empty());
    let gone = client.reply("DELETE", &path, &Value::Null);
    assert_eq!((gone.status.as_u16(), gone.body_bytes().len()), (204, 0));
    assert_eq!(client.call("DELETE", &path, &Value::Null).0, 404);
    assert_eq!(
        client.call("DELETE", "/api/v3/customers/1", &Value::Null).0,
        400
    );
}

#[test]
fn devices_of_each_kind_are_made_watched_by_an_agent_and_deleted() {
    let client = Client::new();
    let lark = client.customer("lark");
    let base = json!({ "Name": "Watched", "CustomerID": lark, "MonitoringAgentID": 22, "Monitored": true });
    let with = |more: Value| {
        let mut row = base.clone();
        row.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        row
    };
    for (class, path, body, shown) in [
        (
            Class::Tcp,
            "tcpdevice",
            with(
                json!({ "Hostname": "10.0.0.9", "Ports": [{ "PortNum": 22, "Monitored": true }] }),
            ),
            json!({ "Hostname": "10.0.0.9", "Ports": [{ "PortNumber": 22, "Monitored": true, "Available": null }] }),
        ),
        (
            Class::Http,
            "httpdevice",
            with(json!({ "URL": "https://lark.example", "Pattern": "Lark" })),
            json!({ "URL": "https://lark.example", "Pattern": "Lark", "URLUp": true, "ContainsPattern": true }),
        ),
        (
            Class::Generic,
            "genericdevice",
            with(json!({ "Hostname": "10.0.0.8" })),
            json!({}),
        ),
        (
            Class::Snmp,
            "snmpdevice/v1v2",
            with(
                json!({ "Hostname": "10.0.0.7", "Port": 1161, "Community": "c", "SNMPType": "UPS", "SNMPVersion": "V1" }),
            ),
            json!({ "Hostname": "10.0.0.7", "Port": "1161", "Community": "c", "Type": "UPS", "Version": "V1", "SecurityLevel": "Undefined" }),
        ),
        (
            Class::Snmp,
            "snmpdevice/v3",
            with(
                json!({ "Hostname": "nas", "_SecurityLevel": "Authentication", "AuthenticationAlg": "SHA1", "PrivacyAlg": "AES" }),
            ),
            json!({ "Hostname": "nas", "Port": "161", "Version": "V3", "SecurityLevel": "Authentication", "Authentication": "SHA1", "Privacy": "AES" }),
        ),
    ] {
        let (status, made) = client.call("POST", &format!("/api/v3/devices/{path}"), &body);
        assert_eq!(status, 201, "{path}: {made}");
        let id = made["DeviceId"].as_u64().unwrap();
        let place = format!("/api/v3/devices/{}device/{id}", class.word());
        let row = client.get(&place);
        assert_eq!(
            json!([
                row["Name"],
                row["CustomerName"],
                row["MonitoringAgentID"],
                row["Monitored"]
            ]),
            json!(["Watched", "Larkspur Dental", 22, true])
        );
        assert_eq!(row["DeviceGuid"], made["DeviceGuid"]);
        for (member, value) in shown.as_object().unwrap() {
            assert_eq!(&row[member], value, "{path}: {member}");
        }
        let list = client.ids(
            &format!(
                "/api/v3/devices/{}devices?monitoringAgentId=22",
                class.word()
            ),
            "DeviceID",
        );
        assert_eq!(list, [id]);
        let external = format!("{}-{id}", class.word());
        assert_eq!(client.rmm.unclaimed(), [(Kind::Device, external.clone())]);
        client.rmm.claim(Kind::Device, &external, path, "thing");
        assert_eq!(client.external(Kind::Device, path), external);
        assert_eq!(client.call("DELETE", &place, &Value::Null).0, 204);
        assert_eq!(client.call("DELETE", &place, &Value::Null).0, 400);
    }
    for wrong in [
        json!({ "Name": "" }),
        json!({ "CustomerID": 999 }),
        json!({ "MonitoringAgentID": 999 }),
        json!({ "MonitoringAgentID": null }),
        json!({ "FolderID": 999 }),
    ] {
        let (status, _) = client.call("POST", "/api/v3/devices/tcpdevice", &with(wrong.clone()));
        assert_eq!(status, 400, "{wrong}");
    }
    assert_eq!(
        client.call("DELETE", "/api/v3/agents/22", &Value::Null).0,
        204
    );
    assert_eq!(
        client.call("DELETE", "/api/v3/agents/22", &Value::Null).0,
        400
    );
}

#[test]
fn a_folder_is_made_and_a_device_is_put_into_it() {
    let client = Client::new();
    let lark = client.customer("lark");
    let body = json!({ "Name": "Upstairs", "CustomerId": lark });
    let (status, made) = client.call("POST", "/api/v3/customers/folders", &body);
    assert_eq!(status, 201);
    let folder: u64 = made["ActionID"].as_str().unwrap().parse().unwrap();
    let device =
        json!({ "Name": "NAS", "CustomerID": lark, "MonitoringAgentID": 21, "FolderID": folder });
    let (_, made) = client.call("POST", "/api/v3/devices/genericdevice", &device);
    let id = made["DeviceId"].as_u64().unwrap();
    let row = client.get(&format!("/api/v3/devices/genericdevice/{id}"));
    assert_eq!(row["FolderID"], folder);
    for wrong in [
        json!({ "CustomerId": lark }),
        json!({ "Name": "x", "CustomerId": 999 }),
    ] {
        assert_eq!(
            client.call("POST", "/api/v3/customers/folders", &wrong).0,
            400
        );
    }
}

#[test]
fn a_warranty_stands_in_a_custom_field() {
    let mut client = Client::new();
    let path = "/api/v3/customvalues/agentfield/21/Warranty%20Expiration";
    let value = client.get(path);
    assert_eq!(
        value,
        json!([{
            "ItemId": 21, "Id": value[0]["Id"], "FieldName": "Warranty Expiration", "ValueAsString": "2027-03-31",
            "ValueAsDecimal": 0.0, "ValueAsDateTime": "2027-03-31T00:00:00Z", "ValueAsBool": false, "OptionId": null,
        }])
    );
    let id = value[0]["Id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/api/v3/customvalues/{id}")), value);
    let all = client.get("/api/v3/customvalues/agentfields/21");
    assert_eq!(
        json!([all[0]["ValueAsString"], all[1]["ValueAsString"]]),
        json!(["2027-03-31", "A-7"])
    );
    // An agent without one has an empty list.
    assert_eq!(
        client.get("/api/v3/customvalues/agentfield/22/warranty%20expiration"),
        json!([])
    );
    client.later(9);
    for (value, status) in [
        (json!("2028-01-01"), 200),
        (json!("soon"), 400),
        (json!(7), 400),
    ] {
        let (got, _) = client.call("PUT", path, &json!({ "Value": value }));
        assert_eq!(got, status, "{value}");
    }
    assert_eq!(client.get(path)[0]["ValueAsString"], "2028-01-01");
    assert_eq!(client.machine("lt1")["Modified"], "2026-01-05T09:00:09.25Z");
    assert_eq!(client.call("POST", path, &json!({ "Value": null })).0, 200);
    assert_eq!(client.get(path), json!([]));
}

#[test]
fn fields_have_kinds_of_values() {
    let client = Client::new();
    let fields = client.get("/api/v3/customvalues/customfields");
    let warranty = fields
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["Name"] == "Warranty Expiration")
        .unwrap();
    assert_eq!(
        json!([warranty["DataType"], warranty["Target"]]),
        json!(["Date", "Agent"])
    );
    let lark = client.customer("lark");
    let path = format!("/api/v3/customvalues/customerfield/{lark}/Seats");
    assert_eq!(client.call("PUT", &path, &json!({ "Value": "x" })).0, 400);
    assert_eq!(client.call("PUT", &path, &json!({ "Value": "12" })).0, 200);
    assert_eq!(client.get(&path)[0]["ValueAsDecimal"], 12.0);
    assert_eq!(
        client
            .call(
                "PUT",
                "/api/v3/customvalues/snmpfield/21/Serial%20Number",
                &json!({ "Value": "CZ1" })
            )
            .0,
        200
    );
    assert_eq!(
        client.get("/api/v3/customvalues/snmpfields/21")[0]["ValueAsString"],
        "CZ1"
    );
    assert_eq!(client.get("/api/v3/customvalues/agentfields/24"), json!([]));
}

#[test]
fn too_many_requests_are_refused_without_a_word_until_the_minute_is_over() {
    let mut client = Client::new();
    client.rmm.set_limits(true);
    for _ in 0..700 {
        client.get("/api/v3/agents/21");
    }
    let refused = client.reply("GET", "/api/v3/agents/21", &Value::Null);
    assert_eq!(refused.status, 429);
    assert!(refused.body_bytes().is_empty() && refused.headers.is_empty());
    client.later(61);
    client.get("/api/v3/agents/21");
}

proptest! {
    #[test]
    fn pages_of_any_size_make_up_the_list(total in 0_usize..60, size in 1_usize..70) {
        let mut records = records();
        let one = records.devices[0].clone();
        records.devices = (0..total)
            .map(|n| {
                let mut more = one.clone();
                more.key = format!("d{n}");
                more.name = format!("D{n}");
                more
            })
            .collect();
        let rmm = Atera::new(&records, start());
        let key = rmm.access().credentials["api_key"].clone();
        let client = Client { rmm, now: start(), key };
        let mut names = Vec::new();
        let mut path = format!("/api/v3/agents?itemsInPage={size}");
        let mut pages = 0;
        loop {
            let body = client.get(&path);
            let rows = body["items"].as_array().unwrap();
            prop_assert!(rows.len() <= size.min(50));
            names.extend(rows.iter().map(|row| row["AgentName"].as_str().unwrap().to_owned()));
            pages += 1;
            let next = body["nextLink"].as_str().unwrap().to_owned();
            if next.is_empty() {
                prop_assert_eq!(body["totalPages"].as_u64().unwrap().max(1), pages);
                break;
            }
            path = next.strip_prefix("http://atera.test:8080").unwrap().to_owned();
        }
        let expected: Vec<String> = (0..total).map(|n| format!("D{n}")).collect();
        prop_assert_eq!(names, expected);
    }

    #[test]
    fn a_joint_id_is_read_as_it_is_shown(class in 0_usize..5, id in 1_u64..1 << 40) {
        let class = Class::ALL[class];
        let joint = class.joint(id);
        prop_assert_eq!(Class::split(joint), (class, id));
        prop_assert_eq!(Class::read(&Class::shown(joint)), Some(joint));
    }
}
