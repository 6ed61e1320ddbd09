//! The world's records as customers, agents and SNMP devices. It knows what each member says and nothing
//! of requests.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::class::Class;
use super::custom::{ASSET_TAG, WARRANTY, kept};
use super::service::AteraOptions;
use crate::kit::{Object, mix};
use crate::world::{DeviceClass, DeviceRecord, Nic, OrganizationRecord};

/// What is kept with a machine and stands in no row.
pub(super) const ACTIVE: &str = "_active";

const MB: u64 = 1 << 20;

/// A moment as all of them are written.
pub(super) fn moment(moment: Timestamp) -> Value {
    moment.to_string().into()
}

pub(super) fn customer(it: &OrganizationRecord) -> Object {
    object(json!({
        "CustomerName": it.name, "BusinessNumber": it.short_name, "Domain": it.website, "Phone": it.phone,
    }))
}

/// A machine of the world, without what the platform gives it.
pub(super) fn machine(it: &DeviceRecord, owner: u64, options: AteraOptions) -> (Class, Object) {
    let class = Class::of(it);
    let mut row = match class {
        Class::Agent => agent(it, owner, options),
        _ => snmp(it),
    };
    row.insert("CustomerID".to_owned(), owner.into());
    row.insert("Monitored".to_owned(), it.active.into());
    row.insert(ACTIVE.to_owned(), it.active.into());
    if class == Class::Agent {
        let warranty = it.warranty.map(|date| date.to_string());
        for (name, value) in [(WARRANTY, warranty), (ASSET_TAG, it.asset_tag.clone())] {
            if let Some(value) = value {
                row.insert(kept(name), value.into());
            }
        }
    }
    (class, row)
}

/// What runs on a computer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum System {
    Windows,
    Mac,
    Linux,
}

fn system(it: &DeviceRecord) -> System {
    let os = it.os.as_deref().unwrap_or_default();
    if os.contains("mac") || os.contains("OS X") {
        System::Mac
    } else if os.is_empty() || os.contains("Windows") {
        System::Windows
    } else {
        System::Linux
    }
}

fn agent(it: &DeviceRecord, owner: u64, options: AteraOptions) -> Object {
    let system = system(it);
    let windows = system == System::Windows;
    let bare = options.bare_macs && !windows;
    let seed = seed(&it.key);
    let user = it.last_user.as_deref();
    let (domain, login) = match user.and_then(|user| user.split_once('\\')) {
        Some((domain, login)) => (Some(domain), Some(login)),
        None => (None, user),
    };
    let build = it.os_version.as_deref();
    let build = build.map(|version| version.rsplit('.').next().unwrap_or(version));
    let disks: Vec<Value> = it
        .disks
        .iter()
        .map(|disk| {
            // Whole megabytes, written as fractions (`seen`).
            let (total, free) = (disk.size_bytes / MB, disk.free_bytes / MB);
            let used = total.saturating_sub(free);
            json!({ "Drive": disk.name, "Free": free as f64, "Used": used as f64, "Total": total as f64 })
        })
        .collect();
    let mut row = object(json!({
        "AgentName": it.name, "SystemName": it.name, "MachineName": it.name,
        "DomainName": windows.then(|| domain.unwrap_or("WORKGROUP")),
        "CurrentLoggedUsers": user, "ComputerDescription": it.notes.as_deref().unwrap_or_default(),
        "AgentVersion": "1.8.7.2", "Favorite": false,
        "LastSeen": it.last_seen.map(moment),
        "ReportedFromIP": format!("203.0.113.{}", owner % 254 + 1),
        "Processor": it.cpu, "ProcessorCoresCount": it.cpu_cores,
        // Whole megabytes (`seen`).
        "Memory": it.memory_bytes.map(|bytes| bytes / MB),
        "SystemDrive": windows.then_some("C:"),
        "Vendor": it.manufacturer, "VendorSerialNumber": it.serial,
        "VendorBrandModel": it.model, "ProductName": it.model,
        "BiosManufacturer": windows.then(|| it.manufacturer.clone()).flatten(),
        "MacAddresses": it.nics.iter().filter_map(|nic| mac(nic, bare)).collect::<Vec<_>>(),
        "IpAddresses": it.nics.iter().filter_map(|nic| nic.ip.clone()).collect::<Vec<_>>(),
        "HardwareDisks": disks,
        "OS": it.os, "OSType": os_type(it), "OSVersion": it.os_version, "OSBuild": build,
        "OSNum": windows.then_some(10.0),
        "WindowsSerialNumber": windows.then(|| format!("00330-{:05}-{:05}-AAOEM", seed % 100_000, (seed >> 32) % 100_000)),
        "LastRebootTime": it.last_reboot.map(moment),
        "LastLoginUser": login, "DeviceType": device_type(it, system),
    }));
    if it.laptop {
        let battery = json!({
            "Id": 1, "Name": "Primary", "BatteryHealth": 92.0, "DesignedCapacity": 50_000,
            "FullChargeCapacity": 46_000, "CycleCount": 140,
        });
        row.insert("BatteryInfo".to_owned(), battery);
    }
    row
}

/// A MAC, without separators where that is wanted. What is no MAC stays what it is.
fn mac(nic: &Nic, without: bool) -> Option<String> {
    let text = nic.mac.clone()?;
    let bare: String = text
        .chars()
        .filter(|letter| letter.is_ascii_hexdigit())
        .collect();
    let is_mac = bare.len() == 12
        && text
            .chars()
            .all(|letter| letter.is_ascii_hexdigit() || ":-.".contains(letter));
    Some(if without && is_mac {
        bare.to_uppercase()
    } else {
        text
    })
}

/// `Domain Controller` is `seen`, the others `inferred`.
fn os_type(it: &DeviceRecord) -> &'static str {
    let controller = |part: &str| {
        let tail = part.to_uppercase();
        let tail = tail.strip_prefix("DC").map(str::to_owned);
        tail.is_some_and(|tail| tail.chars().all(|letter| letter.is_ascii_digit()))
    };
    match it.class {
        DeviceClass::Server if it.name.split('-').any(controller) => "Domain Controller",
        DeviceClass::Server => "Server",
        _ => "Work Station",
    }
}

const fn device_type(it: &DeviceRecord, system: System) -> &'static str {
    match (it.class, system) {
        (DeviceClass::Server, _) => "Server",
        (_, System::Mac) => "Mac",
        (_, System::Linux) => "Linux",
        (_, System::Windows) => "PC",
    }
}

/// What SNMP tells: neither serial number nor MAC (`documented`, by absence). The words for types, that
/// what has no address is reached by none, and that switches tell no model are `inferred`.
fn snmp(it: &DeviceRecord) -> Object {
    let address = it.nics.iter().find_map(|nic| nic.ip.clone());
    let model = it.model.as_ref();
    let model = model.filter(|_| it.class != DeviceClass::Network);
    let kind = match it.class {
        DeviceClass::Printer => "Printer",
        DeviceClass::Hypervisor => "VMware",
        _ => "Switch",
    };
    object(json!({
        "Name": it.name, "Hostname": address, "Online": it.active,
        "Port": "161", "Community": "public", "Type": kind, "Version": "V2", "SecurityLevel": "Undefined",
        "Model": model,
    }))
}

/// A GUID of a record's own.
pub(super) fn guid(seed: u64) -> String {
    let (high, low) = (mix(seed), mix(seed ^ 0x4154_4552_4121));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// A number of a record's own.
pub(super) fn seed(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
