//! The RMM's assets: what an agent reports of a computer, and what people wrote down of things on which no
//! agent runs. It knows the world's devices and nothing of requests.

use serde_json::{Map, Value, json};

use super::shape::{SNMP, moment};
use crate::kit::mix;
use crate::world::{DeviceClass, DeviceRecord, Nic};

/// The type of assets that have an agent.
pub(super) const AGENT: &str = "Syncro Device";
/// The types that an account has at the start; a customer may rename them, or make others (seen).
pub(super) const TYPES: [&str; 4] = [AGENT, "Server", "Switch", "Printer"];

const GIB: u64 = 1 << 30;

/// The asset of a device.
pub(super) fn asset(it: &DeviceRecord, customer: u64) -> Value {
    let (kind, properties) = match it.class {
        DeviceClass::Workstation | DeviceClass::Server => (AGENT, reported(it)),
        // There is no agent for hosts of virtual machines (inferred).
        DeviceClass::Hypervisor => ("Server", written_down(it)),
        DeviceClass::Network => ("Switch", written_down(it)),
        DeviceClass::Printer => ("Printer", written_down(it)),
    };
    json!({
        "name": it.name,
        "customer_id": customer,
        "properties": properties,
        "asset_type": kind,
        "asset_serial": it.serial,
        SNMP: matches!(it.class, DeviceClass::Network | DeviceClass::Printer),
    })
}

/// A property of the account's own (documented: properties are free).
fn warranty(it: &DeviceRecord) -> (&'static str, Value) {
    let end = it.warranty.map(|date| date.to_string());
    ("Warranty Expires", end.into())
}

/// What an agent reports (seen).
fn reported(it: &DeviceRecord) -> Value {
    let macs: Vec<String> = it
        .nics
        .iter()
        .filter_map(|nic| nic.mac.as_deref())
        .map(bare)
        .collect();
    let domain = it
        .last_user
        .as_deref()
        .and_then(|user| user.split_once('\\'));
    let domain = domain.map(|(domain, _)| domain.to_lowercase());
    let primary = it.nics.first().filter(|nic| nic.ip.is_some());
    let report = json!({
        "last_synced_at": it.last_seen.map(moment),
        "last_user": it.last_user,
        "general": {
            "name": it.name, "domain": domain, "ip": outside(it), "mac": macs,
            "manufacturer": it.manufacturer, "model": it.model,
            // As it is, placeholders and all (inferred).
            "serial_number": it.serial,
            "form_factor": form_factor(it),
        },
        "os": system(it),
        "network_adapters": adapters(it),
        "primary_adapter": {
            "ipv4": primary.and_then(|nic| nic.ip.as_ref()),
            "subnet": primary.map(|_| "255.255.255.0"),
        },
        "motherboard": { "manufacturer": it.manufacturer },
        "cpu": it.cpu.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "ram": memory(it),
        "hdd": it.disks.iter().map(|disk| {
            json!({ "name": disk.name, "size": gigabytes(disk.size_bytes) })
        }).collect::<Vec<_>>(),
        "system_partition": it.disks.first().map(|disk| json!({
            "size_gb": disk.size_bytes / GIB, "free_gb": disk.free_bytes / GIB,
            "free_percent": (disk.free_bytes * 100).checked_div(disk.size_bytes),
        })),
        "install_dates": { "os_install": null, "bios_release": null },
    });
    let mut properties = Map::new();
    for (name, value) in [
        ("device_name", it.name.clone().into()),
        ("manufacturer", it.manufacturer.clone().into()),
        ("model", it.model.clone().into()),
        ("mac", macs.into()),
        ("kabuto_live_version", "1.0.190".into()),
        ("kabuto_information", report),
        warranty(it),
    ] {
        if !value.is_null() {
            properties.insert(name.to_owned(), value);
        }
    }
    properties.into()
}

/// Free properties by the names that they usually have (seen); what nobody wrote down is not there.
fn written_down(it: &DeviceRecord) -> Value {
    let list = |value: fn(&Nic) -> &Option<String>| {
        let values: Vec<&str> = it
            .nics
            .iter()
            .filter_map(|nic| value(nic).as_deref())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let mut properties = Map::new();
    for (name, value) in [
        ("Make", it.manufacturer.clone().into()),
        ("Model", it.model.clone().into()),
        ("Service Tag", typed(it.serial.as_deref())),
        ("MAC Address", list(|nic| &nic.mac).into()),
        ("LAN IP(s)", list(|nic| &nic.ip).into()),
        ("OS", it.os.clone().into()),
        warranty(it),
    ] {
        if !value.is_null() {
            properties.insert(name.to_owned(), value);
        }
    }
    properties.into()
}

/// What looks like a number becomes one (seen: a sample has an OS that is a number).
fn typed(text: Option<&str>) -> Value {
    let number = text.and_then(|text| {
        let number: u64 = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    });
    number.map_or_else(|| text.into(), Value::from)
}

fn form_factor(it: &DeviceRecord) -> &'static str {
    let virtual_machine = it
        .model
        .as_deref()
        .is_some_and(|model| model.contains("Virtual"));
    match it.class {
        _ if virtual_machine => "Virtual Machine",
        DeviceClass::Server => "Tower",
        _ if it.laptop => "Laptop",
        _ => "Desktop",
    }
}

fn system(it: &DeviceRecord) -> Value {
    let build = it.os_version.as_deref();
    let build = build.map(|version| version.rsplit('.').next().unwrap_or(version));
    let release = build.and_then(|build| match build {
        "19045" => Some("22H2"),
        "22621" => Some("22H2"),
        "22631" => Some("23H2"),
        "26100" => Some("24H2"),
        "20348" => Some("21H2"),
        _ => None,
    });
    // In the machine's own time (seen).
    let boot = it.last_reboot.map(|boot| {
        let there = boot.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-4)));
        there.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    });
    json!({
        "name": it.os, "build": build, "windows_release_version": release,
        "os_architecture": "64-bit", "last_boot_time": boot, "pending_reboot": false,
    })
}

/// The adapters. Tunnels and the like stand among them, on some machines before the others, with an
/// address that the machine gave itself (seen).
fn adapters(it: &DeviceRecord) -> Vec<Value> {
    let mut adapters: Vec<Value> = it
        .nics
        .iter()
        .enumerate()
        .map(|(place, nic)| {
            let wifi = nic
                .name
                .as_deref()
                .is_some_and(|name| name.contains("Wi-Fi"));
            let (kind, name) = if wifi {
                ("wifi", "Wi-Fi")
            } else {
                ("ethernet", "Ethernet")
            };
            let name = match place {
                0 => name.to_owned(),
                more => format!("{name} {}", more + 1),
            };
            let gateway = it.default_gateway.as_deref().filter(|_| place == 0);
            adapter(
                &name,
                nic.name.as_deref(),
                kind,
                nic.ip.as_deref(),
                gateway,
                nic.mac.as_deref(),
            )
        })
        .collect();
    let draw = seed(&it.key);
    let has_tunnel = it.class == DeviceClass::Workstation && draw.is_multiple_of(3);
    if has_tunnel && !adapters.is_empty() {
        let digits = draw >> 40;
        let mac = format!("00FF{:08X}", digits & 0xffff_ffff);
        let ip = format!("169.254.{}.{}", digits & 0xff, (digits >> 8) & 0xff);
        let tunnel = adapter(
            "VPN",
            Some("TAP-Windows Adapter V9"),
            "ethernet",
            Some(&ip),
            None,
            Some(&mac),
        );
        let place = if draw.is_multiple_of(2) {
            0
        } else {
            adapters.len()
        };
        adapters.insert(place, tunnel);
    }
    if adapters.is_empty() && it.default_gateway.is_some() {
        let gateway = it.default_gateway.as_deref();
        adapters.push(adapter("Ethernet", None, "ethernet", None, gateway, None));
    }
    adapters
}

fn adapter(
    name: &str,
    description: Option<&str>,
    kind: &str,
    ip: Option<&str>,
    gateway: Option<&str>,
    mac: Option<&str>,
) -> Value {
    json!({
        "name": name, "description": description, "type": kind,
        "ipv4": ip.unwrap_or_default(), "ipv6": "", "subnet": "255.255.255.0",
        "gateway": gateway.unwrap_or_default(), "dns1": "", "dns2": "", "dhcp_server": "",
        "physical_address": mac.map(dashed).unwrap_or_default(),
        "lease_obtained": "", "lease_expires": "", "dhcp_enabled": true,
        "autoconfiguration_enabled": true,
    })
}

/// Twelve digits as `001A2B3C4D5E`; anything else as it is.
fn bare(mac: &str) -> String {
    let digits: String = mac.chars().filter(char::is_ascii_hexdigit).collect();
    if digits.len() == 12 {
        digits.to_uppercase()
    } else {
        mac.to_owned()
    }
}

/// The same as `00-1A-2B-3C-4D-5E`.
fn dashed(mac: &str) -> String {
    let digits = bare(mac);
    if digits.len() != 12 || !digits.is_ascii() {
        return digits;
    }
    let pairs = digits.as_bytes().chunks(2);
    let pairs: Vec<&str> = pairs.filter_map(|pair| str::from_utf8(pair).ok()).collect();
    pairs.join("-")
}

/// One module, or two of the same size where that comes out even.
fn memory(it: &DeviceRecord) -> Vec<Value> {
    let Some(bytes) = it.memory_bytes else {
        return Vec::new();
    };
    let modules = if bytes.is_multiple_of(2 * GIB) && bytes >= 8 * GIB {
        2
    } else {
        1
    };
    vec![json!({ "size": gigabytes(bytes / modules) }); usize::try_from(modules).unwrap_or(1)]
}

/// Sizes are told in GB with no more than two places (seen).
fn gigabytes(bytes: u64) -> String {
    if bytes.is_multiple_of(GIB) {
        return format!("{} GB", bytes / GIB);
    }
    format!("{:.2} GB", bytes as f64 / GIB as f64)
}

/// The address that the account's server sees (made up, out of a range for samples).
fn outside(it: &DeviceRecord) -> String {
    format!("203.0.113.{}", seed(&it.organization) % 254 + 1)
}

fn seed(key: &str) -> u64 {
    mix(key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}
