//! Shapes and values of what GET answers.

use serde_json::json as j;

use super::*;
use crate::datto_rmm::CustomFilter;

#[test]
fn a_device_has_the_documented_fields() {
    let rig = Rig::new(&records());
    let device = rig.device("lt07");
    let site = rig.site("lark");
    assert_eq!(device["siteId"], site["id"]);
    assert_eq!(device["siteUid"], rig.uid("lark"));
    assert_eq!(device["siteName"], "Larkspur Dental");
    for (field, value) in [
        ("hostname", j!("LT07")),
        ("description", j!("LT07")),
        ("deviceType", j!({"category": "Laptop", "type": "Laptop"})),
        ("deviceClass", j!("device")),
        ("intIpAddress", j!("10.20.30.47")),
        ("operatingSystem", j!("Microsoft Windows 11 Pro 10.0.22631")),
        ("lastLoggedInUser", j!("LARK\\frontdesk")),
        ("domain", j!("LARK")),
        ("a64Bit", j!(true)),
        ("online", j!(true)),
        ("suspended", j!(false)),
        ("deleted", j!(false)),
        ("lastSeen", j!(1_767_603_600_000_i64)),
        ("lastReboot", j!(1_767_603_600_000_i64)),
        ("warrantyDate", j!("2027-03-31")),
        ("softwareStatus", j!(null)),
        ("networkProbe", j!(false)),
    ] {
        assert_eq!(device[field], value, "{field}");
    }
    assert!(device["antivirus"]["antivirusStatus"].is_string());
    assert_eq!(device["udf"].as_object().unwrap().len(), 30);
    for absent in [
        "serialNumber",
        "macAddress",
        "manufacturer",
        "model",
        "udfs",
    ] {
        assert!(device.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn every_field_of_the_contract_is_there() {
    let rig = Rig::new(&records());
    let fields = "id uid siteId siteUid siteName deviceType hostname intIpAddress operatingSystem \
        lastLoggedInUser domain cagVersion displayVersion extIpAddress description a64Bit \
        rebootRequired online suspended deleted lastSeen lastReboot lastAuditDate creationDate udf \
        snmpEnabled deviceClass portalUrl warrantyDate antivirus patchManagement softwareStatus \
        webRemoteUrl networkProbe onboardedViaNetworkMonitor";
    let mut expected: Vec<&str> = fields.split_whitespace().collect();
    expected.sort_unstable();
    for key in ["lt07", "sw1", "prn1", "esx1"] {
        let device = rig.device(key);
        let found: Vec<&str> = device
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(found, expected, "{key}");
    }
    let fields = "id uid accountUid name description notes onDemand splashtopAutoInstall \
        proxySettings devicesStatus autotaskCompanyName autotaskCompanyId portalUrl";
    let mut expected: Vec<&str> = fields.split_whitespace().collect();
    expected.sort_unstable();
    let site = rig.site("lark");
    let found: Vec<&str> = site
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn sites_begin_with_the_pseudo_sites() {
    let rig = Rig::new(&records());
    let sites = rig.get("/api/v2/account/sites");
    let names: Vec<&str> = sites["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|site| site["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[..3], ["Managed", "Deleted Devices", "OnDemand"]);
    assert_eq!(names.len(), 5);
    let deleted = rig.get("/api/v2/site/deleted-devices");
    assert_eq!(deleted["uid"], "deleted-devices");
    assert_eq!(rig.datto.counts()["sites"], 5);
    assert_eq!(rig.site("lark")["onDemand"], false);
    assert_eq!(rig.site("fern")["onDemand"], true);
    assert_eq!(
        rig.site("lark")["devicesStatus"],
        j!({"numberOfDevices": 3, "numberOfOnlineDevices": 3, "numberOfOfflineDevices": 0})
    );
    let named = rig.get("/api/v2/account/sites?siteName=LARK");
    assert_eq!(named["sites"][0]["name"], "Larkspur Dental");
    assert_eq!(named["pageDetails"]["totalCount"], 1);
}

#[test]
fn audits_are_by_class() {
    let rig = Rig::new(&records());
    let audit = |path: &str, key: &str| format!("/api/v2/audit/{path}/{}", rig.uid(key));
    let computer = rig.get(&audit("device", "lt07"));
    assert_eq!(computer["bios"]["serialNumber"], "SN-lt07");
    assert_eq!(computer["systemInfo"]["manufacturer"], "Dell Inc.");
    assert_eq!(
        computer["systemInfo"]["totalPhysicalMemory"],
        17_179_869_184_u64
    );
    assert_eq!(computer["systemInfo"]["totalCpuCores"], 10);
    assert_eq!(
        computer["logicalDisks"][0],
        j!({"description": "Local Fixed Disk", "diskIdentifier": "C:",
            "freespace": 100_000_000_000_u64, "size": 512_000_000_000_u64})
    );
    assert_eq!(computer["snmpInfo"], j!(null));
    // MAC text as the world has it, adapters in the world's order.
    assert_eq!(computer["nics"][0]["macAddress"], "001b.4411.3ab7");
    assert_eq!(computer["nics"][1]["macAddress"], "00:E0:4C:68:00:01");
    assert_eq!(computer["nics"][1]["ipv4"], j!(null));

    let host = rig.get(&audit("esxihost", "esx1"));
    assert_eq!(host["systemInfo"]["serviceTag"], "SN-esx1");
    assert_eq!(host["nics"][0]["name"], "vmnic0");
    let printer = rig.get(&audit("printer", "prn1"));
    assert_eq!(printer["snmpInfo"]["snmpSerial"], "SN-prn1");

    for (path, key, status) in [
        ("device", "esx1", 400),
        ("device", "prn1", 400),
        ("device", "sw1", 400),
        ("printer", "lt07", 400),
        ("esxihost", "srv1", 400),
        ("printer", "sw1", 400),
    ] {
        assert_eq!(rig.status(&audit(path, key)), status, "{path} {key}");
    }
    assert_eq!(rig.status("/api/v2/audit/device/nobody"), 404);
    let software = rig.get(&format!("{}/software", audit("device", "srv1")));
    assert_eq!(software["software"], j!([]));
    assert_eq!(
        rig.status(&format!("{}/software", audit("device", "prn1"))),
        400
    );
}

#[test]
fn lookups_by_id_and_by_mac() {
    let rig = Rig::new(&records());
    let laptop = rig.device("lt07");
    assert_eq!(
        rig.get(&format!("/api/v2/device/id/{}", laptop["id"])),
        laptop
    );
    assert_eq!(rig.status("/api/v2/device/id/1"), 404);
    assert_eq!(rig.status("/api/v2/device/id/x"), 400);
    assert_eq!(
        rig.get("/api/v2/device/macAddress/001B44113AB7"),
        j!([laptop])
    );
    assert_eq!(
        rig.get("/api/v2/device/macAddress/00e04c680001"),
        j!([laptop])
    );
    assert_eq!(
        rig.status("/api/v2/device/macAddress/00:1B:44:11:3A:B7"),
        404
    );
    assert_eq!(rig.status("/api/v2/device/macAddress/000000000000"), 404);
    let audits = rig.get("/api/v2/audit/device/macAddress/001B44113AB7");
    assert_eq!(audits[0]["bios"]["serialNumber"], "SN-lt07");
    assert_eq!(
        rig.status("/api/v2/audit/device/macAddress/001122334455"),
        400
    );
    assert_eq!(
        rig.status("/api/v2/audit/device/macAddress/000000000000"),
        404
    );
}

#[test]
fn a_dock_shared_by_two_laptops_finds_both() {
    let mut records = records();
    let mut second = laptop();
    second.key = "lt08".to_owned();
    second.nics.truncate(2);
    second.nics.remove(0);
    records.devices.push(second);
    let rig = Rig::new(&records);
    let found = rig.get("/api/v2/device/macAddress/00E04C680001");
    assert_eq!(found.as_array().unwrap().len(), 2);
}

#[test]
fn network_interfaces_come_in_bulk() {
    let rig = Rig::new(&records());
    let path = format!("/api/v2/site/{}/devices/network-interface", rig.uid("lark"));
    let page = rig.get(&path);
    assert_eq!(hostnames(&page), ["ESX1", "LT07", "SRV1"]);
    let laptop = page["devices"]
        .as_array()
        .unwrap()
        .iter()
        .find(|device| device["hostname"] == "LT07")
        .unwrap();
    assert_eq!(laptop.as_object().unwrap().len(), 10);
    assert_eq!(laptop["nics"].as_array().unwrap().len(), 2);
    assert_eq!(laptop["nics"][0]["instance"], "Intel(R) Wi-Fi 6E AX211");
}

#[test]
fn network_devices_are_in_the_bulk_with_their_adapters() {
    let mut records = records();
    let switch = (records.devices.iter_mut())
        .find(|device| device.class == DeviceClass::Network)
        .unwrap();
    for (name, mac) in [("lan", "001b.4411.3AB7"), ("wan", "00-1b-44-11-3a-b8")] {
        switch.nics.push(Nic {
            name: Some(name.to_owned()),
            mac: Some(mac.to_owned()),
            ip: None,
        });
    }
    let rig = Rig::new(&records);
    let path = format!("/api/v2/site/{}/devices/network-interface", rig.uid("fern"));
    let page = rig.get(&path);
    assert_eq!(hostnames(&page), ["PRN1", "SW1"]);
    let adapter = |name: &str, mac: &str| j!({ "instance": name, "ipv4": null, "ipv6": null, "macAddress": mac, "type": null });
    assert_eq!(
        page["devices"][1]["nics"],
        j!([
            adapter("lan", "001b.4411.3AB7"),
            adapter("wan", "00-1b-44-11-3a-b8")
        ])
    );
}

#[test]
fn v3_differs_by_udfs_only() {
    let rig = Rig::new(&records());
    let uid = rig.uid("lt07");
    let path = format!("/api/v2/device/{uid}/udf");
    rig.write(Method::POST, &path, r#"{"udf2": "rack", "udf77": "x"}"#);
    let mut two = rig.get(&format!("/api/v2/device/{uid}"));
    let mut three = rig.get(&format!("/api/v3/device/{uid}"));
    let udfs = three.as_object_mut().unwrap().remove("udfs").unwrap();
    two.as_object_mut().unwrap().remove("udf");
    assert_eq!(two, three);
    assert_eq!(udfs[0]["ordinal"], 2);
    assert_eq!(udfs[0]["valueString"], "rack");
    assert_eq!(udfs[1]["ordinal"], 77);
    let list = rig.get("/api/v3/account/devices");
    assert_eq!(list["pageDetails"]["totalCount"], 5);
    assert!(list["devices"][0].get("udfs").is_some());
    let site = rig.get(&format!("/v3/site/{}/devices", rig.uid("fern")));
    assert_eq!(hostnames(&site), ["PRN1", "SW1"]);
}

#[test]
fn like_filters_are_partial_and_add_up() {
    let rig = Rig::new(&records());
    let names = |query: &str| hostnames(&rig.get(&format!("/api/v2/account/devices?{query}")));
    assert_eq!(names("hostname=lt"), ["LT07"]);
    assert_eq!(names("siteName=fern"), ["PRN1", "SW1"]);
    assert_eq!(names("siteName=fern&deviceType=print"), ["PRN1"]);
    assert_eq!(names("operatingSystem=windows%2011"), ["LT07"]);
    assert_eq!(names("hostname=nobody"), Vec::<String>::new());
    assert_eq!(names("hostname=").len(), 5);
    // A change is seen.
    let mut renamed = laptop();
    renamed.name = "FRONT".to_owned();
    let change = crate::world::Change::Put(crate::world::Record::Device(Box::new(renamed)));
    rig.datto.apply(&change, start()).unwrap();
    assert_eq!(names("hostname=lt"), Vec::<String>::new());
    assert_eq!(names("hostname=front"), ["FRONT"]);
}

#[test]
fn a_filter_id_alone_decides() {
    let options = DattoOptions {
        custom_filters: vec![CustomFilter {
            name: "Dental servers".to_owned(),
            hostname: Some("srv".to_owned()),
            site_name: Some("dental".to_owned()),
            ..CustomFilter::default()
        }],
        ..DattoOptions::default()
    };
    let rig = Rig::with_options(&records(), &options);
    let filters = rig.get("/api/v2/filter/default-filters");
    let servers = filters["filters"]
        .as_array()
        .unwrap()
        .iter()
        .find(|filter| filter["name"] == "All Servers")
        .unwrap();
    assert_eq!(servers["type"], "rmm_default");
    let path = format!(
        "/api/v2/account/devices?hostname=lt&filterId={}",
        servers["id"]
    );
    assert_eq!(hostnames(&rig.get(&path)), ["SRV1"]);
    let custom = &rig.get("/api/v2/filter/custom-filters")["filters"][0];
    assert_eq!(
        (&custom["name"], &custom["type"]),
        (&j!("Dental servers"), &j!("custom"))
    );
    let path = format!("/api/v2/account/devices?filterId={}", custom["id"]);
    assert_eq!(hostnames(&rig.get(&path)), ["SRV1"]);
    for unknown in ["4711", "50002", "-1", "x"] {
        assert_eq!(
            rig.status(&format!("/api/v2/account/devices?filterId={unknown}")),
            404
        );
    }
    let fern = rig.uid("fern");
    assert_eq!(
        hostnames(&rig.get(&format!("/api/v2/site/{fern}/devices?filterId=6"))),
        ["PRN1"]
    );
    assert_eq!(
        rig.status(&format!("/api/v2/site/{fern}/devices?filterId=4711")),
        404
    );
}

#[test]
fn the_account_adds_its_sites_up() {
    let rig = Rig::new(&records());
    let account = rig.get("/api/v2/account");
    assert_eq!(account["name"], "Northwind IT");
    assert_eq!(account["uid"], rig.site("lark")["accountUid"]);
    assert!(account["descriptor"].get("bilingEmail").is_some());
    assert_eq!(account["devicesStatus"]["numberOfDevices"], 5);
    assert_eq!(account["devicesStatus"]["numberOfManagedDevices"], 3);
    assert_eq!(account["devicesStatus"]["numberOfOnDemandDevices"], 2);
    assert_eq!(rig.get("/api/v2/system/pagination"), j!({"max": 250}));
    let settings = rig.get(&format!("/api/v2/site/{}/settings", rig.uid("lark")));
    assert_eq!(settings["generalSettings"]["name"], "Larkspur Dental");
    for (path, items) in [
        ("account/users", "users"),
        ("account/variables", "variables"),
        ("account/dnet-site-mappings", "dnetSiteMappings"),
        ("site/deleted-devices/variables", "variables"),
    ] {
        assert_eq!(rig.get(&format!("/api/v2/{path}"))[items], j!([]), "{path}");
    }
}

#[test]
fn an_agent_not_heard_of_is_offline_and_one_switched_off_suspended() {
    let mut records = records();
    records.devices[0].last_seen = Some(after(-30 * 60 * 1_000 - 1));
    records.devices[1].active = false;
    let rig = Rig::new(&records);
    assert_eq!(rig.device("lt07")["online"], false);
    assert_eq!(rig.device("srv1")["suspended"], true);
    assert_eq!(rig.device("srv1")["online"], false);
    let status = &rig.site("lark")["devicesStatus"];
    assert_eq!(status["numberOfOfflineDevices"], 2);
}
