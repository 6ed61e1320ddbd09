//! Assets as an RMM's devices: what an agent reports (`seen`), and what people wrote down where there is
//! none, by the names that such properties usually have; a customer may change them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::Value;

use crate::connectors::values::{moment, text};
use crate::model::{RemoteDevice, RemoteDisk, RemoteInterface};

/// The type of assets with an agent. It says nothing of what they are.
const AGENT: &str = "Syncro Device";
/// Adapters that are no machine's own, by a word of their description (`inferred`: samples have them).
const TUNNELS: [&str; 6] = [
    "tap-",
    "vpn",
    "wi-fi direct",
    "loopback",
    "wan miniport",
    "bluetooth",
];

#[derive(Deserialize)]
#[serde(expecting = "an asset")]
pub(super) struct Device {
    pub(super) id: i64,
    name: String,
    customer_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    asset_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    asset_serial: Option<String>,
    properties: Option<Properties>,
    rmm_store: Option<RmmStore>,
}

#[derive(Default, Deserialize)]
struct Properties {
    kabuto_information: Option<Report>,
    #[serde(default, deserialize_with = "loose")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    model: Option<String>,
    #[serde(default, deserialize_with = "several")]
    mac: Vec<String>,
    #[serde(default, rename = "Make", deserialize_with = "loose")]
    make_by_hand: Option<String>,
    #[serde(default, rename = "Model", deserialize_with = "loose")]
    model_by_hand: Option<String>,
    #[serde(default, rename = "Service Tag", deserialize_with = "loose")]
    service_tag: Option<String>,
    #[serde(default, rename = "MAC Address", deserialize_with = "several")]
    macs_by_hand: Vec<String>,
    #[serde(default, rename = "LAN IP(s)", deserialize_with = "several")]
    ips_by_hand: Vec<String>,
    #[serde(default, rename = "OS", deserialize_with = "loose")]
    os_by_hand: Option<String>,
    #[serde(default, rename = "Warranty Expires", deserialize_with = "loose")]
    warranty: Option<String>,
}

#[derive(Deserialize)]
struct RmmStore {
    general: Option<Kept>,
}

#[derive(Deserialize)]
struct Kept {
    /// The report once more, as a text.
    #[serde(default, deserialize_with = "loose")]
    info: Option<String>,
}

#[derive(Default, Deserialize)]
struct Report {
    #[serde(default, deserialize_with = "moment")]
    last_synced_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "loose")]
    last_user: Option<String>,
    general: Option<General>,
    os: Option<Os>,
    network_adapters: Option<Vec<Adapter>>,
    primary_adapter: Option<Primary>,
    cpu: Option<Vec<Part>>,
    ram: Option<Vec<Part>>,
    hdd: Option<Vec<Part>>,
    system_partition: Option<Partition>,
}

#[derive(Default, Deserialize)]
struct General {
    #[serde(default, deserialize_with = "loose")]
    name: Option<String>,
    #[serde(default, deserialize_with = "several")]
    mac: Vec<String>,
    #[serde(default, deserialize_with = "loose")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    model: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    form_factor: Option<String>,
}

#[derive(Default, Deserialize)]
struct Os {
    #[serde(default, deserialize_with = "loose")]
    name: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    build: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    windows_release_version: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_boot_time: Option<Timestamp>,
}

impl Os {
    fn with_version(&self) -> Option<String> {
        let version = self
            .windows_release_version
            .as_ref()
            .or(self.build.as_ref());
        match (&self.name, version) {
            (Some(name), Some(version)) => Some(format!("{name} {version}")),
            (name, version) => name.as_ref().or(version).cloned(),
        }
    }
}

#[derive(Deserialize)]
struct Adapter {
    #[serde(default, deserialize_with = "loose")]
    description: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    ipv4: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    gateway: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    physical_address: Option<String>,
}

impl Adapter {
    fn is_tunnel(&self) -> bool {
        let words = self
            .description
            .as_deref()
            .unwrap_or_default()
            .to_lowercase();
        TUNNELS.iter().any(|word| words.contains(word))
    }

    /// The adapter by its description: its name is that of the connection (`Ethernet 2`). An address
    /// that a host gave itself for want of any is none.
    fn into_interface(self) -> RemoteInterface {
        RemoteInterface {
            name: self.description,
            mac: self.physical_address,
            ip: self.ipv4.filter(|ip| !ip.starts_with("169.254.")),
        }
    }
}

#[derive(Deserialize)]
struct Primary {
    #[serde(default, deserialize_with = "loose")]
    ipv4: Option<String>,
}

/// A processor, a module of memory, a disk.
#[derive(Deserialize)]
struct Part {
    #[serde(default, deserialize_with = "loose")]
    name: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    size: Option<String>,
}

#[derive(Deserialize)]
struct Partition {
    #[serde(default, deserialize_with = "loose")]
    size_gb: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    free_gb: Option<String>,
}

impl Device {
    /// The device; none when the asset is nobody's.
    pub(super) fn into_device(self) -> Option<RemoteDevice> {
        let company_id = self.customer_id?.to_string();
        let properties = self.properties.unwrap_or_default();
        let kept = self.rmm_store.and_then(|store| store.general?.info);
        // A text that is no report is no reason to lose the asset.
        let kept = || kept.and_then(|info| serde_json::from_str(&info).ok());
        let report: Option<Report> = properties.kabuto_information.or_else(kept);
        let has_agent = report.is_some();
        let report = report.unwrap_or_default();
        let general = report.general.unwrap_or_default();
        let os = report.os.unwrap_or_default();
        let primary = report.primary_adapter.and_then(|it| it.ipv4);
        let adapters = report.network_adapters.unwrap_or_default();
        let default_gateway = gateway(&adapters, primary.as_deref());
        let mut interfaces = interfaces(adapters, primary.as_deref());
        if interfaces.iter().all(|it| it.mac.is_none()) {
            let lists = [general.mac, properties.mac, properties.macs_by_hand];
            let macs = lists.into_iter().find(|macs| !macs.is_empty());
            fill(
                &mut interfaces,
                macs.unwrap_or_default(),
                properties.ips_by_hand,
            );
        }
        let ip = primary.or_else(|| interfaces.iter().find_map(|it| it.ip.clone()));
        let operating_system = os.with_version().or(properties.os_by_hand);
        let device_type = match self.asset_type {
            Some(kind) if has_agent && kind == AGENT => Some(class(&os, general.form_factor, kind)),
            kind => kind,
        };
        let (cpu, ram) = (
            report.cpu.unwrap_or_default(),
            report.ram.unwrap_or_default(),
        );
        let ram: Vec<u64> = ram
            .iter()
            .filter_map(|it| bytes(it.size.as_deref()?))
            .collect();
        Some(RemoteDevice {
            id: self.id.to_string(),
            company_id,
            hostname: general.name.or_else(|| Some(self.name.clone())),
            name: self.name,
            device_type,
            location: None,
            serial: general
                .serial_number
                .or(self.asset_serial)
                .or(properties.service_tag),
            interfaces,
            ip,
            default_gateway,
            manufacturer: general
                .manufacturer
                .or(properties.manufacturer)
                .or(properties.make_by_hand),
            model: general
                .model
                .or(properties.model)
                .or(properties.model_by_hand),
            operating_system,
            cpu: cpu.into_iter().find_map(|it| it.name),
            cpu_cores: None,
            memory_bytes: (!ram.is_empty()).then(|| {
                ram.iter()
                    .fold(0_u64, |sum, size| sum.saturating_add(*size))
            }),
            disks: disks(report.hdd.unwrap_or_default(), report.system_partition),
            last_user: report.last_user,
            last_reboot: os.last_boot_time,
            // An asset without an agent is never seen; that somebody edited it says nothing.
            last_seen: report.last_synced_at,
            warranty_expires_on: properties.warranty.and_then(|text| day(&text)),
            external_url: None,
        })
    }
}

/// What a machine with an agent is.
fn class(os: &Os, form_factor: Option<String>, kind: String) -> String {
    if os
        .name
        .as_deref()
        .is_some_and(|name| name.contains("Server"))
    {
        return "Server".to_owned();
    }
    form_factor.unwrap_or(kind)
}

/// The gateway of the adapter with the primary address, else the first that there is.
fn gateway(adapters: &[Adapter], primary: Option<&str>) -> Option<String> {
    let own = adapters.iter().filter(|it| !it.is_tunnel());
    let is_primary = |it: &&Adapter| primary.is_some() && it.ipv4.as_deref() == primary;
    let first = own
        .clone()
        .find(is_primary)
        .and_then(|it| it.gateway.clone());
    first.or_else(|| own.into_iter().find_map(|it| it.gateway.clone()))
}

/// The machine's own adapters, the one with the primary address first.
fn interfaces(adapters: Vec<Adapter>, primary: Option<&str>) -> Vec<RemoteInterface> {
    let own = adapters.into_iter().filter(|it| !it.is_tunnel());
    let own = own.map(Adapter::into_interface);
    let mut interfaces: Vec<RemoteInterface> = own
        .filter(|it| it.mac.is_some() || it.ip.is_some())
        .collect();
    let place = interfaces
        .iter()
        .position(|it| primary.is_some() && it.ip.as_deref() == primary);
    if let Some(place) = place {
        interfaces[..=place].rotate_right(1);
    }
    interfaces
}

/// Adapters of which nothing is known but their addresses.
fn fill(interfaces: &mut Vec<RemoteInterface>, macs: Vec<String>, ips: Vec<String>) {
    let rows = macs.len().max(ips.len()).max(interfaces.len());
    interfaces.resize_with(rows, RemoteInterface::default);
    for (row, mac) in interfaces.iter_mut().zip(macs) {
        row.mac = Some(mac);
    }
    for (row, ip) in interfaces.iter_mut().zip(ips) {
        row.ip.get_or_insert(ip);
    }
}

/// The disks; without any the partition that the system is on.
fn disks(hdd: Vec<Part>, system: Option<Partition>) -> Vec<RemoteDisk> {
    let mut disks: Vec<RemoteDisk> = (hdd.into_iter())
        .map(|it| RemoteDisk {
            name: it.name.unwrap_or_default(),
            size_bytes: it.size.as_deref().and_then(bytes),
            free_bytes: None,
        })
        .collect();
    if let (true, Some(system)) = (disks.is_empty(), system) {
        disks.push(RemoteDisk {
            name: "System".to_owned(),
            size_bytes: system.size_gb.as_deref().and_then(bytes),
            free_bytes: system.free_gb.as_deref().and_then(bytes),
        });
    }
    disks
}

/// A size with its unit; a number alone counts GB (`inferred`).
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|it: char| !it.is_ascii_digit() && it != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let shift = match unit.trim().to_ascii_uppercase().as_str() {
        "KB" => 10,
        "MB" => 20,
        "" | "GB" => 30,
        "TB" => 40,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * (1_u64 << shift) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of what is too large gives the largest"
    )]
    let bytes = bytes.round() as u64;
    Some(bytes)
}

/// A free text that begins with a date.
fn day(text: &str) -> Option<Date> {
    text.trim().get(..10)?.parse().ok()
}

/// A text that may be a number or a flag: properties are typed as it happens (`seen`). Whatever else stands
/// there is no value.
fn loose<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    Ok(word(Value::deserialize(source)?))
}

fn word(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A list, or a text with several values in it.
fn several<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let values = match Value::deserialize(source)? {
        Value::Array(values) => values,
        value => vec![value],
    };
    let words = values.into_iter().filter_map(word);
    Ok(words
        .flat_map(|text| {
            let parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect())
}
