//! What the records say, and what becomes of them.

use serde_json::{Value, json};

use super::{Client, MacForm, records, start};
use crate::connectwise_automate::ConnectwiseAutomate;
use crate::world::{Change, DeviceClass, Kind, Record};
use crate::{ChangeError, Simulator as _};

/// Some members of a record.
fn some(record: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| record[*name].clone()).collect()
}

#[test]
fn clients_have_a_location_of_their_name_and_the_server_has_entries_of_its_own() {
    let client = Client::new();
    assert_eq!(client.ids("/clients"), [1, 2, 3]);
    let lark = client.get("/clients/2");
    assert_eq!(
        some(&lark, &["Id", "Name", "ExternalId"]),
        json!(["2", "Larkspur Dental", "LARK"])
    );
    assert_eq!(
        lark["Locations"],
        json!([{ "Id": 2, "Name": "Larkspur Dental" }])
    );
    let place = client.get("/locations/2");
    assert_eq!(some(&place, &["Id", "Name"]), json!([2, "Larkspur Dental"]));
    assert_eq!(
        place["Client"],
        json!({ "Id": "2", "Name": "Larkspur Dental" })
    );
    let own = client.get("/clients/1");
    assert_eq!(own["Name"], "New Computers");
    assert_eq!(
        client.get("/locations/1")["Client"]["Name"],
        "New Computers"
    );
}

#[test]
fn a_computer_has_what_its_agent_tells() {
    let client = Client::new();
    let it = client.device("lt1");
    for (name, expected) in [
        ("Id", json!("1")),
        ("Client", json!({ "Id": "2", "Name": "Larkspur Dental" })),
        ("Location", json!({ "Id": 2, "Name": "Larkspur Dental" })),
        ("ComputerName", json!("LARK-FRONTDESK-07")),
        ("FriendlyName", Value::Null),
        ("OperatingSystemName", json!("Microsoft Windows 11 Pro x64")),
        ("OperatingSystemVersion", json!("10.0.22631")),
        ("DomainName", json!("LARK")),
        ("Type", json!("Laptop")),
        ("Status", json!("Online")),
        ("RemoteAgentLastContact", json!("2026-01-05T08:59:00.5")),
        ("LastInventoryReceived", json!("2026-01-05T09:00:00")),
        ("DateAdded", json!("2026-01-05T09:00:00")),
        ("LastStartup", json!("2026-01-05T07:00:00")),
        ("SystemUptime", json!(120)),
        ("TotalMemory", json!(16_384)),
        ("LocalIPAddress", json!("10.0.0.4")),
        ("MACAddress", json!("00:1B:44:11:3A:B7")),
        (
            "LoggedInUsers",
            json!([{ "LoggedInUserName": "LARK\\frontdesk", "ConsoleId": 1 }]),
        ),
        ("LastUserName", json!("LARK\\frontdesk")),
        ("AssetTag", json!("A-7")),
        ("WarrantyEndDate", json!("2027-03-31T00:00:00")),
        ("SerialNumber", json!("SN1")),
        ("BiosManufacturer", json!("Dell Inc.")),
        ("IsVirtualMachine", json!(false)),
        ("IsVirtualHost", json!(false)),
        ("Comment", json!("Front desk")),
        ("Groups", json!([])),
    ] {
        assert_eq!(it[name], expected, "{name}");
    }
    // The gateway is the way in from outside, and no default gateway.
    assert_ne!(it["GatewayIPAddress"], json!("10.0.0.1"));
    assert!(
        it.as_object()
            .unwrap()
            .keys()
            .all(|name| !name.starts_with('_'))
    );
}

#[test]
fn types_follow_what_a_machine_is() {
    let client = Client::new();
    let told = |key: &str| {
        some(
            &client.device(key),
            &["Type", "IsVirtualHost", "IsVirtualMachine", "Status"],
        )
    };
    assert_eq!(told("srv"), json!(["Server", false, false, "Offline"]));
    assert_eq!(told("esx"), json!(["Server", true, false, "Online"]));
    assert_eq!(told("vm"), json!(["Workstation", false, true, "Offline"]));
    assert_eq!(client.device("esx")["OperatingSystemName"], "VMware ESXi");
}

#[test]
fn an_offline_computer_does_not_run() {
    let mut client = Client::new();
    client.later(241);
    let it = client.device("lt1");
    assert_eq!(
        some(&it, &["Status", "SystemUptime"]),
        json!(["Offline", null])
    );
}

#[test]
fn dates_that_nobody_set_are_null_or_stand_for_it() {
    let client = Client::new();
    let mut seen = std::collections::BTreeSet::new();
    for row in client.get("/computers").as_array().unwrap() {
        for name in [
            "WarrantyEndDate",
            "AssetDate",
            "WindowsUpdateDate",
            "LastStartup",
        ] {
            let date = &row[name];
            let year = date.as_str().map(|text| text[..4].to_owned());
            if year.as_deref().is_none_or(|year| year < "2000") {
                seen.insert(date.to_string());
            }
        }
    }
    let expected = ["\"0001-01-01T00:00:00\"", "\"1970-01-01T00:00:00\"", "null"];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn mac_addresses_have_the_form_of_the_server_unless_they_are_none() {
    let colons = Client::new();
    assert_eq!(colons.device("prn")["MACAddress"], "00:11:22:33:44:55");
    let dashes = ConnectwiseAutomate::with_macs(&records(), start(), MacForm::Dashes);
    let dashes = Client::of(dashes);
    assert_eq!(dashes.device("lt1")["MACAddress"], "00-1B-44-11-3A-B7");
    assert_eq!(dashes.device("prn")["MACAddress"], "00-11-22-33-44-55");
    assert_eq!(dashes.device("vm")["MACAddress"], "001b.4411.3ab7");
    assert_eq!(dashes.device("srv")["MACAddress"], Value::Null);
}

#[test]
fn network_devices_have_hardly_anything() {
    let client = Client::new();
    let it = client.device("prn");
    let names = [
        "Id",
        "Name",
        "DeviceType",
        "LocalIPAddress",
        "ManufacturerName",
        "ModelName",
        "Status",
    ];
    let expected = json!(["1", "Front printer", { "Id": 2, "Name": "Printer" }, "10.1.0.9", "HP", "M404", "Offline"]);
    assert_eq!(some(&it, &names), expected);
    assert!(it.get("SerialNumber").is_none());
    let it = client.device("sw");
    // It is switched off, though somebody has just seen it.
    assert_eq!(
        some(&it, &["Status", "LastContact"]),
        json!(["Offline", "2026-01-05T08:59:00"])
    );
    assert_eq!(it["DeviceType"]["Name"], "Switch");
}

#[test]
fn chassis_and_drives_are_told_of_all_computers_at_once() {
    let client = Client::new();
    let chassis = client.get("/computers/chassis");
    let rows: Vec<Value> = chassis
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            some(
                row,
                &[
                    "ComputerId",
                    "Manufacturer",
                    "ProductName",
                    "SerialNumber",
                    "ChassisType",
                ],
            )
        })
        .collect();
    assert_eq!(
        json!(rows),
        json!([
            [1, "Dell Inc.", "Latitude 5440", "SN1", "Notebook"],
            [3, "HPE", "DL380", "CZ1", "Rack Mount Chassis"],
            [4, "VMware", "VMware Virtual Platform", null, "Desktop"],
        ])
    );
    assert_ne!(chassis[0]["UUID"], chassis[1]["UUID"]);
    assert_eq!(
        client.get("/computers/chassis?condition=ComputerId%20%3E%203")[0]["ComputerId"],
        4
    );
    let drives = client.get("/computers/drives");
    let rows: Vec<Value> = drives
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            some(
                row,
                &["DriveId", "ComputerId", "Letter", "Size", "FreeSpace"],
            )
        })
        .collect();
    assert_eq!(
        json!(rows),
        json!([[16, 1, "C", 488_281, 1], [17, 1, "/data", 1, 0]])
    );
    assert_eq!(
        client.get("/computers/drives?page=2&pageSize=1")[0]["DriveId"],
        17
    );
    assert_eq!(client.get("/computers/1/drives"), drives);
    assert_eq!(client.get("/computers/2/drives"), json!([]));
}

#[test]
fn the_rest_is_told_computer_by_computer() {
    let client = Client::new();
    let it = client.get("/computers/1/processors");
    let names = [
        "ComputerId",
        "ProcessorName",
        "Manufacturer",
        "Cores",
        "Threads",
        "UpdateDate",
    ];
    assert_eq!(
        some(&it[0], &names),
        json!([1, "Intel Core i5", "Intel", 10, 10, "2026-01-05T09:00:00"])
    );
    assert_eq!(it.as_array().unwrap().len(), 1);
    assert_eq!(client.get("/computers/2/processors"), json!([]));
    assert_eq!(
        some(&client.get("/computers/1/bios"), &["Vendor", "IsPortable"]),
        json!(["Dell Inc.", true])
    );
    let system = client.get("/computers/2/operatingsystem");
    assert_eq!(
        some(&system, &["Name", "IsServer"]),
        json!(["Ubuntu 24.04", true])
    );
    let slots = client.get("/computers/memoryslots");
    assert_eq!(slots.as_array().unwrap().len(), 1);
    assert_eq!(some(&slots[0], &["ComputerId", "Size"]), json!([1, 16_384]));
}

#[test]
fn the_truth_tells_of_what_plays_the_company() {
    let client = Client::new();
    let told = || -> Vec<(String, String)> {
        let rows = client.rmm.truth().into_iter();
        rows.map(|row| (row.external_id, row.key)).collect()
    };
    let own = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        let rows = rows.iter();
        rows.map(|(id, key)| ((*id).to_owned(), (*key).to_owned()))
            .collect()
    };
    let devices = own(&[
        ("1", "lt1"),
        ("2", "srv"),
        ("3", "esx"),
        ("4", "vm"),
        ("network-1", "prn"),
        ("network-2", "sw"),
    ]);
    let clients = own(&[("2", "lark"), ("3", "fern")]);
    let places = own(&[("location-2", "lark"), ("location-3", "fern")]);
    assert_eq!(told(), [clients.clone(), devices.clone()].concat());
    client.rmm.set_company("locations");
    assert_eq!(told(), [places, devices.clone()].concat());
    client.rmm.set_company("clients");
    assert_eq!(told(), [clients, devices].concat());
    assert_eq!(client.rmm.counts()["clients"], 3);
    assert_eq!(client.rmm.counts()["networkdevices"], 2);
}

/// The record of a device as the world has it.
fn device(key: &str) -> crate::world::DeviceRecord {
    records()
        .devices
        .into_iter()
        .find(|it| it.key == key)
        .unwrap()
}

fn edit(before: impl Into<Record>, after: impl Into<Record>) -> Change {
    Change::Edit {
        before: before.into(),
        after: after.into(),
    }
}

#[test]
fn an_edit_moves_the_stamp_of_the_inventory_and_nothing_else() {
    let mut client = Client::new();
    let before = client.device("lt1");
    client.later(60);
    let old = device("lt1");
    let mut new = old.clone();
    new.cpu = Some("AMD Ryzen 5".to_owned());
    client.rmm.apply(&edit(old, new), client.now).unwrap();
    let after = client.device("lt1");
    let changed: Vec<&String> = after
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, value)| before[name.as_str()] != **value)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, ["LastInventoryReceived", "SystemUptime"]);
    assert_eq!(after["LastInventoryReceived"], "2026-01-05T09:01:00");
    let processor = &client.get("/computers/1/processors")[0];
    assert_eq!(
        some(processor, &["ProcessorName", "Manufacturer"]),
        json!(["AMD Ryzen 5", "AMD"])
    );
    assert_eq!(processor["UpdateDate"], "2026-01-05T09:01:00");
    // Two inventories are never of one moment.
    client
        .rmm
        .apply(&Change::Put(device("lt1").into()), client.now)
        .unwrap();
    let again = client.device("lt1");
    assert_eq!(again["LastInventoryReceived"], "2026-01-05T09:01:00.001");
}

#[test]
fn a_client_that_is_renamed_is_renamed_everywhere() {
    let client = Client::new();
    let old = records().organizations[0].clone();
    let mut new = old.clone();
    new.name = "Larkspur Group".to_owned();
    client.rmm.apply(&edit(old, new), client.now).unwrap();
    assert_eq!(client.get("/clients/2")["Name"], "Larkspur Group");
    assert_eq!(client.get("/locations/2")["Name"], "Larkspur Group");
    let it = client.device("lt1");
    assert_eq!(some(&it["Client"], &["Name"]), json!(["Larkspur Group"]));
    assert_eq!(some(&it["Location"], &["Name"]), json!(["Larkspur Group"]));
    assert_eq!(client.get("/clients/2")["ExternalId"], "LARK");
}

#[test]
fn a_computer_that_is_deleted_is_retired() {
    let mut client = Client::new();
    client.later(60);
    let remove = |key: &str| Change::Remove {
        kind: Kind::Device,
        key: key.to_owned(),
    };
    client.rmm.apply(&remove("lt1"), client.now).unwrap();
    assert_eq!(client.refused("/computers/1").0, 404);
    assert_eq!(client.ids("/computers"), [2, 3, 4]);
    let rows = client.get("/retiredassets");
    let names = [
        "Id",
        "ComputerId",
        "ComputerName",
        "RetiredDate",
        "LocalIPAddress",
        "AssetTag",
    ];
    let expected = json!([
        "1",
        "1",
        "LARK-FRONTDESK-07",
        "2026-01-05T09:01:00",
        "10.0.0.4",
        "A-7"
    ]);
    assert_eq!(some(&rows[0], &names), expected);
    assert_eq!(rows[0]["Client"]["Name"], "Larkspur Dental");
    assert!(rows[0].get("SerialNumber").is_none());
    assert_eq!(
        client.get("/computers/chassis").as_array().unwrap().len(),
        2
    );
    // The same machine with a new agent is another computer.
    client
        .rmm
        .apply(&Change::Put(device("lt1").into()), client.now)
        .unwrap();
    assert_eq!(client.ids("/computers"), [2, 3, 4, 5]);
    client.rmm.apply(&remove("prn"), client.now).unwrap();
    assert_eq!(client.ids("/networkdevices"), [2]);
    assert_eq!(client.get("/retiredassets").as_array().unwrap().len(), 1);
    let again = client.rmm.apply(&remove("prn"), client.now);
    assert!(
        matches!(again, Err(ChangeError::Unknown { .. })),
        "{again:?}"
    );
}

#[test]
fn a_client_that_is_deleted_takes_all_that_it_has() {
    let client = Client::new();
    let change = Change::Remove {
        kind: Kind::Organization,
        key: "fern".to_owned(),
    };
    client.rmm.apply(&change, client.now).unwrap();
    assert_eq!(client.ids("/clients"), [1, 2]);
    assert_eq!(client.ids("/locations"), [1, 2]);
    assert_eq!(client.ids("/computers"), [1, 2]);
    assert_eq!(client.ids("/networkdevices"), [0; 0]);
    assert_eq!(
        client.get("/retiredassets")[0]["Client"]["Name"],
        "Fern & Co"
    );
    // The truth about what was served stays.
    assert_eq!(client.rmm.truth().len(), 8);
    let nobody = client
        .rmm
        .apply(&Change::Put(device("esx").into()), client.now);
    assert!(matches!(nobody, Err(ChangeError::Unknown { .. })));
}

#[test]
fn what_turns_out_to_be_a_network_device_is_found_as_one() {
    let client = Client::new();
    let old = device("vm");
    let mut new = old.clone();
    new.class = DeviceClass::Network;
    client.rmm.apply(&edit(old, new), client.now).unwrap();
    assert_eq!(client.ids("/computers"), [1, 2, 3]);
    assert_eq!(client.ids("/networkdevices"), [1, 2, 3]);
    assert_eq!(client.get("/networkdevices/3")["Name"], "FERN-VM");
    let old = device("sw");
    let mut new = old.clone();
    new.class = DeviceClass::Server;
    client.rmm.apply(&edit(old, new), client.now).unwrap();
    assert_eq!(client.ids("/networkdevices"), [1, 3]);
    assert_eq!(client.get("/computers/5")["Type"], "Server");
}
