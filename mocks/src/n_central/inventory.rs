//! A device of the world as the server keeps it: the members of its row, its inventory, and what people
//! noted of its lifecycle. Pure functions; they know nothing of requests.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::kit::{Object, at, mix};
use crate::world::{DeviceClass, DeviceRecord};

/// Members that are kept with a device and stand in no row: what its inventory says, and when it came.
pub(super) const INVENTORY: &str = "_inventory";
pub(super) const CREATED: &str = "_created";
/// How the members of its lifecycle begin.
const LIFE: &str = "_life.";

/// The members of a lifecycle, and whether each is a date.
pub(super) const LIFECYCLE: [(&str, bool); 8] = [
    ("warrantyExpiryDate", true),
    ("leaseExpiryDate", true),
    ("expectedReplacementDate", true),
    ("purchaseDate", true),
    ("cost", false),
    ("location", false),
    ("assetTag", false),
    ("description", false),
];

/// Lists of an inventory that the world says nothing of.
const EMPTY_LISTS: [&str; 10] = [
    "application",
    "folderforshare",
    "mediaaccessdevice",
    "osfeatures",
    "patch",
    "port",
    "printer",
    "service",
    "usbdevice",
    "videocontroller",
];

/// A device, without what it gets when it is new.
pub(super) fn device(it: &DeviceRecord, customer: u64, site: u64) -> Object {
    let class = class(it);
    let os = it.os.as_deref().filter(|_| has_inventory(it));
    let label = os.map(|os| os.strip_prefix("Microsoft ").unwrap_or(os));
    // The check-in is the agent's; what has none has none (inferred; documented: it is not always there).
    let seen = it.last_seen.filter(|_| has_inventory(it));
    let seen = seen.map(|seen| seen.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    let primary = it.nics.first().and_then(|nic| nic.ip.as_ref());
    let Value::Object(mut device) = json!({
        "remoteControlUri": "",
        "sourceUri": primary.unwrap_or(&it.name),
        "longName": it.name,
        "deviceClass": class,
        "description": it.notes.as_deref().unwrap_or_default(),
        "osId": os_id(class),
        "supportedOs": os.unwrap_or("Other"),
        "discoveredName": it.name,
        "deviceClassLabel": class,
        "supportedOsLabel": label.unwrap_or("Other"),
        "lastLoggedInUser": it.last_user.as_deref().filter(|_| has_inventory(it)).unwrap_or_default(),
        // Text where a truth value would do (seen).
        "stillLoggedIn": "false",
        "licenseMode": "Professional",
        "orgUnitId": site,
        "customerId": customer,
        "siteId": site,
        "lastApplianceCheckinTime": seen,
        INVENTORY: inventory(it),
    }) else {
        return Map::new();
    };
    let own = |name: &str| match name {
        "warrantyExpiryDate" => it.warranty.map(|date| date.to_string()).into(),
        "assetTag" => it.asset_tag.as_deref().unwrap_or_default().into(),
        "location" | "description" => "".into(),
        _ => Value::Null,
    };
    for (name, _) in LIFECYCLE {
        device.insert(format!("{LIFE}{name}"), own(name));
    }
    device
}

/// What a device gets when it is new, and no edit changes.
pub(super) fn born(device: &mut Object, id: u64, probe: bool, now: Timestamp) {
    device.insert("deviceId".to_owned(), id.into());
    let appliance = has_appliance(device).then(|| 100_000_000 + mix(id) % 900_000_000);
    device.insert("applianceId".to_owned(), appliance.into());
    device.insert("isProbe".to_owned(), probe.into());
    device.insert(CREATED.to_owned(), moment(now).into());
}

/// Whether a device could carry the customer's probe: that is software for Windows servers (inferred).
pub(super) fn may_probe(device: &Object) -> bool {
    at(device, "deviceClass") == "Servers - Windows"
}

fn has_appliance(device: &Object) -> bool {
    let class = at(device, "deviceClass").as_str();
    class.is_some_and(|class| {
        ["Servers", "Workstations", "Laptop"]
            .iter()
            .any(|it| class.starts_with(it))
    })
}

/// The lifecycle, in the documented order.
pub(super) fn lifecycle(device: &Object) -> Value {
    let members = LIFECYCLE.iter();
    let mut lifecycle: Object = members
        .map(|(name, _)| {
            (
                (*name).to_owned(),
                at(device, &format!("{LIFE}{name}")).clone(),
            )
        })
        .collect();
    lifecycle.insert("updateWarrantyError".to_owned(), Value::Null);
    lifecycle.into()
}

/// Notes a member of the lifecycle.
pub(super) fn note(device: &mut Object, name: &str, value: Value) {
    device.insert(format!("{LIFE}{name}"), value);
}

/// The names that stand above a device.
#[derive(Debug)]
pub(super) struct Above {
    pub(super) service_org: (u64, Value),
    pub(super) customer: (Value, Value),
}

/// What the call for the inventory answers. What is watched from afar has no part of its own there
/// (inferred: few fields, serial numbers may be missing).
pub(super) fn assets(device: &Object, above: &Above, deleted: bool) -> Value {
    let id = at(device, "deviceId").to_string();
    let mut data = at(device, INVENTORY)
        .as_object()
        .cloned()
        .unwrap_or_default();
    let seen = at(device, "lastApplianceCheckinTime").as_str();
    let seen = seen.and_then(|seen| seen.parse().ok()).map(moment);
    let seen = seen.map_or_else(|| at(device, CREATED).clone(), Value::from);
    let customer = above.customer.0.to_string();
    let basic = json!({
        "longname": at(device, "longName"),
        "deleted": deleted.to_string(),
        "lastlogin": seen,
        "deviceclass": at(device, "deviceClass"),
        "deviceid": id,
        "uri": at(device, "sourceUri"),
    });
    data.insert("device".to_owned(), basic);
    if let Some(Value::Object(extra)) = data.get_mut("_extra") {
        let user = at(device, "lastLoggedInUser")
            .as_str()
            .filter(|user| !user.is_empty());
        let detailed = json!({
            "warrantyexpirydate": at(device, &format!("{LIFE}warrantyExpiryDate")),
            "createdon": at(device, CREATED),
            "ncentralassettag": at(device, &format!("{LIFE}assetTag")),
            "lastloggedinuser": user,
            "customerid": customer,
            "takecontroluuid": null,
        });
        extra.insert("device".to_owned(), detailed);
        extra.insert(
            "customer".to_owned(),
            json!({ "customerid": customer, "customername": above.customer.1 }),
        );
        let (id, name) = &above.service_org;
        extra.insert(
            "socustomer".to_owned(),
            json!({ "customerid": id.to_string(), "customername": name }),
        );
    }
    json!({ "data": data, "_links": { "device": format!("/api/devices/{id}") } })
}

/// Whether there is an agent, or a host that tells as much as one.
const fn has_inventory(it: &DeviceRecord) -> bool {
    !matches!(it.class, DeviceClass::Network | DeviceClass::Printer)
}

/// The vendor's name of a class. Those of Windows, of switches and printers are seen, the others
/// inferred.
fn class(it: &DeviceRecord) -> &'static str {
    let os = it.os.as_deref().unwrap_or_default();
    let linux = os.contains("Linux") || os.contains("Ubuntu");
    match it.class {
        DeviceClass::Hypervisor => "Servers - VMware ESXi",
        DeviceClass::Network => "Switch/Router",
        DeviceClass::Printer => "Printer",
        DeviceClass::Server if linux => "Servers - Linux",
        DeviceClass::Server => "Servers - Windows",
        DeviceClass::Workstation if os.contains("mac") && it.laptop => "Laptop - Mac",
        DeviceClass::Workstation if os.contains("mac") => "Workstations - Mac",
        DeviceClass::Workstation if linux && it.laptop => "Laptop - Linux",
        DeviceClass::Workstation if linux => "Workstations - Linux",
        DeviceClass::Workstation if it.laptop => "Laptop - Windows",
        DeviceClass::Workstation => "Workstations - Windows",
    }
}

fn os_id(class: &str) -> &'static str {
    match class.rsplit(" - ").next() {
        Some("Windows") => "winnt",
        Some("Linux") => "linux",
        Some("Mac") => "macos",
        Some("VMware ESXi") => "vmware",
        _ => "other",
    }
}

/// All values are text (documented).
fn inventory(it: &DeviceRecord) -> Value {
    let mut data = Map::new();
    data.insert("networkadapter".to_owned(), adapters(it));
    if !has_inventory(it) {
        return data.into();
    }
    let netbios: String = it.name.chars().take(15).collect();
    let cores = it.cpu_cores.map(|cores| cores.to_string());
    let whole = json!({
        "os": { "reportedos": it.os, "osarchitecture": "64-bit", "version": it.os_version },
        "computersystem": {
            "serialnumber": it.serial,
            "netbiosname": netbios.to_uppercase(),
            "model": it.model,
            "manufacturer": it.manufacturer,
            "totalphysicalmemory": it.memory_bytes.map(|bytes| bytes.to_string()),
        },
        "processor": {
            "name": it.cpu,
            "numberofcores": cores,
            "numberofcpus": cores.as_ref().map(|_| "1"),
        },
        "application": { "list": [] },
        "_extra": extra(it),
    });
    data.extend(whole.as_object().cloned().unwrap_or_default());
    data.into()
}

fn extra(it: &DeviceRecord) -> Value {
    let number = seed(&it.key);
    let reboot = it.last_reboot;
    let reboot = reboot.map(|moment| moment.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string());
    let dell = it
        .manufacturer
        .as_deref()
        .is_some_and(|maker| maker.contains("Dell"));
    // The tag stands in dots before the board's own number (seen).
    let board = match (&it.serial, dell) {
        (Some(serial), true) => Some(format!(".{serial}.CNFCW{:09}.", number % 1_000_000_000)),
        (None, true) => None,
        _ => Some(format!("MB{:010}", number % 10_000_000_000)),
    };
    let (high, low) = (mix(number), mix(number ^ 1));
    let uuid = format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    );
    let drives = it.disks.iter().enumerate().map(|(at, disk)| {
        json!({ "_index": at, "serialnumber": null, "modelnumber": null, "capacity": disk.size_bytes.to_string() })
    });
    // How much is used is not said (documented).
    let volumes = it.disks.iter().enumerate().map(|(at, disk)| {
        json!({ "_index": at, "maxcapacity": disk.size_bytes.to_string(), "volumename": disk.name })
    });
    let memory = it.memory_bytes.iter().map(|bytes| {
        json!({ "_index": 0, "serialnumber": null, "location": "DIMM A", "capacity": bytes.to_string() })
    });
    let mut extra = json!({
        "os": {
            "licensetype": null, "installdate": null, "serialnumber": null, "publisher": null,
            "csdversion": null, "lastbootuptime": reboot, "supportedos": it.os, "licensekey": null,
        },
        "motherboard": {
            "product": null, "serialnumber": board, "biosversion": null, "version": null,
            "manufacturer": it.manufacturer,
        },
        "computersystem": {
            "populatedmemory_slots": "1", "totalmemory_slots": "2", "systemtype": "x64-based PC",
            "uuid": uuid,
        },
        "processor": { "maxclockspeed": null, "cpuid": null, "vendor": null, "description": it.cpu, "architecture": "x64" },
        "physicaldrive": { "list": drives.collect::<Vec<_>>() },
        "logicaldevice": { "list": volumes.collect::<Vec<_>>() },
        "memory": { "list": memory.collect::<Vec<_>>() },
    });
    if let Value::Object(extra) = &mut extra {
        for name in EMPTY_LISTS {
            extra.insert(name.to_owned(), json!({ "list": [] }));
        }
    }
    extra
}

/// A computer's first adapter tells its link-local address beside the other (inferred: several may
/// stand in one text).
fn adapters(it: &DeviceRecord) -> Value {
    let list = it.nics.iter().enumerate().map(|(at, nic)| {
        let first = at == 0;
        let address = nic.ip.as_ref().map(|ip| {
            if first && has_inventory(it) {
                format!("{ip}, fe80::{:x}", seed(&it.key) & 0xffff)
            } else {
                ip.clone()
            }
        });
        let gateway = it
            .default_gateway
            .as_ref()
            .filter(|_| first && has_inventory(it));
        json!({
            "_index": at, "ipaddress": address, "dnsserver": null, "description": nic.name,
            "dhcpserver": null, "macaddress": nic.mac, "gateway": gateway,
        })
    });
    json!({ "list": list.collect::<Vec<_>>() })
}

/// A moment as an inventory writes it.
fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S%.3f +0000").to_string()
}

/// A number of a record's own.
fn seed(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        mix(hash ^ u64::from(byte))
    })
}
