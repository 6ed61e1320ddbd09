//! The RMM's side: what agents report, what people wrote down, and one account that is both.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Client;
use crate::sample;
use crate::syncro::Syncro;
use crate::world::{Change, Kind, Record, Tenant, Tool, World};
use crate::{ChangeError, Simulator as _, Vendor};

const TENANT: &str = r#"
company: Northwind IT
seed: 7
organizations:
  oak: { name: Oak Dental, psa: { name: Oak Dental Ltd }, phone: 902-555-0101 }
  ash: { name: Ash Legal, active: false }
  elm: { name: Elm Books, in: [rmm] }
devices:
  lt7:
    organization: oak
    name: OAK-LT-07
    laptop: true
    serial: 7XK2P14
    nics: [{ name: Realtek USB GbE Family Controller, mac: "a4:bb:6d:10:11:12", ip: 10.40.0.57 }, { name: Intel(R) Wi-Fi 6E AX211, mac: A4BB6D101113 }]
    default_gateway: 10.40.0.1
    manufacturer: Dell Inc.
    model: Latitude 5440
    os: Microsoft Windows 11 Pro
    os_version: 10.0.22631
    cpu: Intel Core i5
    cpu_cores: 10
    memory_bytes: 17179869184
    disks: [{ name: "C:", size_bytes: 512000000000, free_bytes: 107374182400 }]
    last_user: 'OAK\mel'
    last_reboot: 2025-03-03T06:02:00Z
    last_seen: 2025-03-04T15:10:11Z
    warranty: 2027-03-01
  srv:
    organization: ash
    name: ASH-SRV
    class: server
    serial: To Be Filled By O.E.M.
    memory_bytes: 6442450944
  esx: { organization: oak, name: OAK-ESX, class: hypervisor, serial: "700115", manufacturer: Dell Inc., model: PowerEdge R650, os: VMware ESXi 8, macs: ["00:1B:44:11:3A:B7", "00:1B:44:11:3A:B8"], ip: 10.40.0.5 }
  sw: { organization: oak, name: OAK-SW, class: network, serial: "0042" }
  pr: { organization: elm, name: ELM-PR, class: printer, in: [rmm] }
"#;

fn world() -> World {
    Tenant::from_yaml(TENANT).unwrap().into_world().unwrap()
}

fn rmm() -> Client {
    Client::of(Syncro::rmm(&world().project(Tool::Rmm), sample::morning()))
}

#[track_caller]
fn asset(client: &Client, name: &str) -> Value {
    let found = client.get(&format!("customer_assets?query={name}"));
    assert_eq!(found["assets"].as_array().unwrap().len(), 1, "{name}");
    found["assets"][0].clone()
}

fn names(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("customer_assets?{query}"));
    let mut names = sample::texts(&found["assets"], "name");
    names.sort();
    names
}

#[test]
fn an_agent_reports_the_whole_machine() {
    let client = rmm();
    let asset = asset(&client, "OAK-LT-07");
    assert_eq!(asset["asset_type"], "Syncro Device");
    assert_eq!(asset["asset_serial"], "7XK2P14");
    assert_eq!(asset["customer"]["business_name"], "Oak Dental");
    assert_eq!(asset["contact_id"], Value::Null);
    let properties = &asset["properties"];
    assert_eq!(properties["Warranty Expires"], "2027-03-01");
    assert_eq!(properties["mac"], json!(["A4BB6D101112", "A4BB6D101113"]));
    let report = &properties["kabuto_information"];
    assert_eq!(report["last_synced_at"], "2025-03-04T15:10:11.000Z");
    assert_eq!(report["last_user"], "OAK\\mel");
    for (name, value) in [
        ("name", "OAK-LT-07"),
        ("domain", "oak"),
        ("manufacturer", "Dell Inc."),
        ("model", "Latitude 5440"),
        ("serial_number", "7XK2P14"),
        ("form_factor", "Laptop"),
    ] {
        assert_eq!(report["general"][name], value, "{name}");
    }
    for (name, value) in [
        ("name", "Microsoft Windows 11 Pro"),
        ("build", "22631"),
        ("windows_release_version", "23H2"),
        // In the machine's own time.
        ("last_boot_time", "2025-03-03T02:02:00-04:00"),
    ] {
        assert_eq!(report["os"][name], value, "{name}");
    }
    let adapters = report["network_adapters"].as_array().unwrap();
    let own = |mac: &str| {
        let found = adapters.iter().find(|it| it["physical_address"] == mac);
        found.unwrap_or_else(|| panic!("no {mac}: {adapters:?}"))
    };
    let first = own("A4-BB-6D-10-11-12");
    assert_eq!(
        (&first["ipv4"], &first["gateway"], &first["type"]),
        (
            &json!("10.40.0.57"),
            &json!("10.40.0.1"),
            &json!("ethernet")
        )
    );
    assert_eq!(first["description"], "Realtek USB GbE Family Controller");
    assert_eq!(own("A4-BB-6D-10-11-13")["type"], "wifi");
    assert_eq!(report["primary_adapter"]["ipv4"], "10.40.0.57");
    assert_eq!(report["cpu"], json!([{ "name": "Intel Core i5" }]));
    assert_eq!(
        report["ram"],
        json!([{ "size": "8 GB" }, { "size": "8 GB" }])
    );
    assert_eq!(
        report["hdd"],
        json!([{ "name": "C:", "size": "476.84 GB" }])
    );
    assert_eq!(report["system_partition"]["free_gb"], 100);
}

#[test]
fn the_report_stands_in_the_store_as_a_text_too() {
    let client = rmm();
    let agent = asset(&client, "OAK-LT-07");
    let text = agent["rmm_store"]["general"]["info"].as_str().unwrap();
    let report: Value = serde_json::from_str(text).unwrap();
    assert_eq!(report, agent["properties"]["kabuto_information"]);
    assert_eq!(asset(&client, "OAK-SW")["rmm_store"]["general"], json!({}));
}

#[test]
fn what_has_no_agent_has_what_people_wrote_down() {
    let client = rmm();
    let host = asset(&client, "OAK-ESX");
    assert_eq!(host["asset_type"], "Server");
    // What looks like a number is one; the serial number of the asset itself never is.
    assert_eq!(
        host["properties"],
        json!({
            "Make": "Dell Inc.", "Model": "PowerEdge R650", "Service Tag": 700_115,
            "MAC Address": "00:1B:44:11:3A:B7, 00:1B:44:11:3A:B8", "LAN IP(s)": "10.40.0.5",
            "OS": "VMware ESXi 8",
        })
    );
    assert_eq!(host["asset_serial"], "700115");
    let switch = asset(&client, "OAK-SW");
    assert_eq!(switch["properties"], json!({ "Service Tag": "0042" }));
    assert_eq!(asset(&client, "ELM-PR")["properties"], json!({}));
}

#[test]
fn placeholders_and_odd_memory_are_told_as_they_are() {
    let client = rmm();
    let server = asset(&client, "ASH-SRV");
    assert_eq!(server["asset_serial"], "To Be Filled By O.E.M.");
    let report = &server["properties"]["kabuto_information"];
    assert_eq!(report["general"]["serial_number"], "To Be Filled By O.E.M.");
    assert_eq!(report["ram"], json!([{ "size": "6 GB" }]));
    assert_eq!(report["network_adapters"], json!([]));
}

#[test]
fn assets_of_a_disabled_customer_are_listed_and_the_customer_is_not() {
    let client = rmm();
    let shown = client.customers("");
    assert_eq!(shown, ["Oak Dental", "Elm Books"]);
    assert_eq!(client.customers("include_disabled=true").len(), 3);
    let server = asset(&client, "ASH-SRV");
    assert_eq!(server["customer"]["disabled"], true);
}

#[test]
fn assets_are_filtered_by_snmp_and_by_type() {
    let client = rmm();
    assert_eq!(names(&client, "snmp_enabled=true"), ["ELM-PR", "OAK-SW"]);
    assert_eq!(
        names(&client, "snmp_enabled=false"),
        ["ASH-SRV", "OAK-ESX", "OAK-LT-07"]
    );
    assert_eq!(
        names(&client, "asset_type_id=54100"),
        ["ASH-SRV", "OAK-LT-07"]
    );
    assert_eq!(names(&client, "asset_type_id=54103"), ["ELM-PR"]);
    assert!(names(&client, "asset_type_id=1").is_empty());
    // How it is watched is no member.
    assert!(asset(&client, "OAK-SW").get("_snmp").is_none());
    client.refusal("GET", "customer_assets?asset_type_id=x", &Value::Null);
}

#[test]
fn an_agent_that_is_silent_is_offline_in_words() {
    let mut client = rmm();
    let offline = |client: &Client, name: &str| {
        asset(client, name)["rmm_store"]["triggers"]["agent_offline_triggered"].clone()
    };
    assert_eq!(offline(&client, "OAK-LT-07"), "false");
    client.later(5 * 60);
    assert_eq!(offline(&client, "OAK-LT-07"), "false");
    client.later(1);
    assert_eq!(offline(&client, "OAK-LT-07"), "true");
    assert_eq!(offline(&client, "OAK-SW"), "false");
}

#[test]
fn tunnels_stand_among_the_adapters_of_some_machines() {
    let records = world().project(Tool::Rmm);
    let template = records.devices.iter().find(|it| it.key == "lt7").unwrap();
    let (mut first, mut last, mut without) = (0, 0, 0);
    for number in 0..60 {
        let mut device = template.clone();
        device.key = format!("k{number}");
        let asset = super::super::agent::asset(&device, 1);
        let report = &asset["properties"]["kabuto_information"];
        let rows = report["network_adapters"].as_array().unwrap();
        let tunnel = |row: &Value| {
            let is = row["description"] == "TAP-Windows Adapter V9";
            if is {
                assert!(row["ipv4"].as_str().unwrap().starts_with("169.254."));
                assert!(
                    row["physical_address"]
                        .as_str()
                        .unwrap()
                        .starts_with("00-FF-")
                );
                assert_eq!(row["physical_address"].as_str().unwrap().len(), 17);
            }
            is
        };
        match rows.iter().position(tunnel) {
            None => without += 1,
            Some(0) => first += 1,
            Some(_) => last += 1,
        }
        assert_eq!(report["primary_adapter"]["ipv4"], "10.40.0.57");
    }
    assert!(
        first > 3 && last > 3 && without > 20,
        "{first} {last} {without}"
    );
}

#[test]
fn an_asset_may_be_nobodys() {
    let client = rmm();
    let body = json!({ "name": "SPARE", "asset_type_name": "Switch" });
    let made = client.call("POST", "customer_assets", &body).good()["asset"].clone();
    assert_eq!(
        (&made["customer_id"], &made["customer"]),
        (&Value::Null, &Value::Null)
    );
    let path = format!("customer_assets/{}", made["id"]);
    let wrong = json!({ "customer_id": 1 });
    assert_eq!(client.refusal("PUT", &path, &wrong), "Customer must exist");
    let oak = client.id("customers?query=oak", "customers");
    let put = client
        .call("PUT", &path, &json!({ "customer_id": oak }))
        .good();
    assert_eq!(put["asset"]["customer"]["business_name"], "Oak Dental");
}

#[test]
fn a_property_that_is_written_leaves_the_report() {
    let client = rmm();
    let path = format!("customer_assets/{}", asset(&client, "OAK-LT-07")["id"]);
    let body = json!({ "properties": { "Room": "5" } });
    let put = client.call("PUT", &path, &body).good()["asset"].clone();
    assert_eq!(put["properties"]["Room"], "5");
    assert!(put["properties"]["kabuto_information"].is_object());
}

#[test]
fn lists_that_nobody_pages() {
    let client = rmm();
    let found = client.get("customers/autocomplete?query=OAK");
    assert_eq!(
        sample::texts(&found["customers"], "business_name"),
        ["Oak Dental"]
    );
    assert!(found.get("meta").is_none());
    // Disabled ones are not offered.
    assert_eq!(
        client.get("customers/autocomplete?query=ash")["customers"],
        json!([])
    );
    assert_eq!(
        client.get("customers/latest")["customer"]["business_name"],
        "Elm Books"
    );
    let path = format!(
        "customer_assets/{}/patches",
        asset(&client, "OAK-LT-07")["id"]
    );
    assert_eq!(client.get(&path)["installed_patches"], json!([]));
    let none = client.call("GET", "customer_assets/1/patches", &Value::Null);
    assert_eq!(
        (none.status, none.json),
        (404, json!({ "error": "Asset not found" }))
    );
    assert_eq!(
        client.get("rmm_alerts")["meta"],
        json!({ "total_pages": 1, "page": 1 })
    );
}

#[test]
fn what_changes_there_moves_the_stamp_and_no_contact_can_come() {
    let mut client = rmm();
    let before = asset(&client, "OAK-LT-07");
    client.later(60);
    let mut device = world().project(Tool::Rmm).devices[0].clone();
    assert_eq!(device.key, "lt7");
    let old = Record::from(device.clone());
    device.memory_bytes = Some(34_359_738_368);
    let change = Change::Edit {
        before: old,
        after: Record::from(device),
    };
    client.syncro.apply(&change, client.now).unwrap();
    let after = asset(&client, "OAK-LT-07");
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["updated_at"], "2025-03-04T15:21:11.000Z");
    let ram = &after["properties"]["kabuto_information"]["ram"];
    assert_eq!(*ram, json!([{ "size": "16 GB" }, { "size": "16 GB" }]));

    let contact = sample::records(Tool::Psa).contacts[0].clone();
    let refused = client
        .syncro
        .apply(&Change::Put(contact.into()), client.now);
    assert_eq!(
        refused,
        Err(ChangeError::Unsupported {
            vendor: Vendor::SyncroRmm,
            kind: Kind::Contact
        })
    );
}

#[test]
fn two_accounts_of_one_world_share_no_id() {
    let now: Timestamp = sample::morning();
    let psa = Syncro::new(&world().project(Tool::Psa), now);
    let rmm = Syncro::rmm(&world().project(Tool::Rmm), now);
    let theirs = rmm.truth();
    assert!(!theirs.is_empty());
    for row in psa.truth() {
        let same = |it: &&crate::TruthRow| it.kind == row.kind && it.external_id == row.external_id;
        assert_eq!(theirs.iter().find(same), None);
    }
    assert_eq!(
        (psa.vendor(), rmm.vendor()),
        (Vendor::Syncro, Vendor::SyncroRmm)
    );
}

#[test]
fn one_account_is_both() {
    let client = Client::of(Syncro::whole(&world(), sample::morning()));
    let counts = client.syncro.counts();
    // Oak and Ash are the PSA's and the RMM's; Elm is the RMM's alone, and so is its printer.
    assert_eq!((counts["customers"], counts["assets"]), (3, 4 + 5));
    assert_eq!(client.customers(""), ["Oak Dental Ltd", "Elm Books"]);
    let oak = client.id("customers?query=oak", "customers");
    let found = client.get(&format!(
        "customer_assets?customer_id={oak}&query=OAK-LT-07"
    ));
    let mut types = sample::texts(&found["assets"], "asset_type");
    types.sort();
    assert_eq!(types, ["Managed Workstation", "Syncro Device"]);
    let keys: Vec<String> = client
        .syncro
        .truth()
        .into_iter()
        .map(|row| row.key)
        .collect();
    assert!(keys.contains(&"lt7".to_owned()) && keys.contains(&"rmm/lt7".to_owned()));
}
