//! VSA X's records as JSON, and what becomes of each field: names `documented` (the reference of the API),
//! that what is unknown may be null, empty or absent `inferred`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::connectors::values::{moment, text};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

/// Sizes of disks are in kilobytes (`inferred` from the documented sample).
const KB: u64 = 1 << 10;

/// What is around every reply.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an envelope")]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) data: Option<Box<RawValue>>,
    pub(super) meta: Option<Meta>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Meta {
    pub(super) total_count: Option<u64>,
}

/// An organization, a site or a group.
#[derive(Deserialize)]
#[serde(
    rename_all = "PascalCase",
    expecting = "an organization, site or group"
)]
pub(super) struct Company {
    pub(super) id: i64,
    name: String,
}

impl Company {
    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id.to_string(),
            name: self.name,
        }
    }
}

/// Where a device belongs.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) organization_id: i64,
    pub(super) site_id: i64,
    pub(super) group_id: i64,
    pub(super) site_name: Option<String>,
    pub(super) group_name: Option<String>,
}

/// What of it the account is told.
pub(super) struct Owner {
    pub(super) company_id: String,
    pub(super) location: Option<String>,
}

/// A device as lists have it.
#[derive(Deserialize)]
#[serde(from = "DeviceRow", expecting = "a device")]
pub(super) struct Device {
    pub(super) identifier: String,
    name: Option<String>,
    pub(super) place: Place,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a device")]
struct DeviceRow {
    identifier: String,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    group_id: i64,
    #[serde(default, deserialize_with = "text")]
    group_name: Option<String>,
    site_id: i64,
    #[serde(default, deserialize_with = "text")]
    site_name: Option<String>,
    organization_id: i64,
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        Self {
            identifier: row.identifier,
            name: row.name,
            place: Place {
                organization_id: row.organization_id,
                site_id: row.site_id,
                group_id: row.group_id,
                site_name: row.site_name,
                group_name: row.group_name,
            },
        }
    }
}

/// A device as its own call has it.
#[derive(Deserialize)]
#[serde(from = "DetailRow", expecting = "a device")]
pub(super) struct Detail {
    pub(super) device: Device,
    description: Option<String>,
    computer_type: Option<String>,
    adapters: Vec<LocalAdapter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a device")]
struct DetailRow {
    identifier: String,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    group_id: i64,
    #[serde(default, deserialize_with = "text")]
    group_name: Option<String>,
    site_id: i64,
    #[serde(default, deserialize_with = "text")]
    site_name: Option<String>,
    organization_id: i64,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    computer_type: Option<String>,
    local_ip_addresses: Option<Vec<LocalAdapter>>,
}

impl From<DetailRow> for Detail {
    fn from(row: DetailRow) -> Self {
        Self {
            device: DeviceRow {
                identifier: row.identifier,
                name: row.name,
                group_id: row.group_id,
                group_name: row.group_name,
                site_id: row.site_id,
                site_name: row.site_name,
                organization_id: row.organization_id,
            }
            .into(),
            description: row.description,
            computer_type: row.computer_type,
            adapters: row.local_ip_addresses.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a network adapter")]
struct LocalAdapter {
    #[serde(default, rename = "Name", deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, rename = "PhysicalAddress", deserialize_with = "text")]
    mac: Option<String>,
    #[serde(rename = "Gateways")]
    gateways: Option<Vec<String>>,
    #[serde(default, rename = "IpV4", deserialize_with = "text")]
    ip: Option<String>,
}

impl Detail {
    /// A device of which the list is all that is known.
    pub(super) const fn of(device: Device) -> Self {
        Self {
            device,
            description: None,
            computer_type: None,
            adapters: Vec::new(),
        }
    }

    /// The device, without what only an agent could tell. Its description says what runs on it (`seen`).
    pub(super) fn into_device(self, owner: Owner) -> RemoteDevice {
        let default_gateway = gateway(&self.adapters);
        let interfaces = interfaces(self.adapters);
        let device = self.device;
        RemoteDevice {
            name: device
                .name
                .clone()
                .unwrap_or_else(|| device.identifier.clone()),
            id: device.identifier,
            company_id: owner.company_id,
            hostname: device.name,
            device_type: self.computer_type,
            location: owner.location,
            serial: None,
            ip: address(&interfaces),
            interfaces,
            default_gateway,
            manufacturer: None,
            model: None,
            operating_system: self.description,
            cpu: None,
            cpu_cores: None,
            memory_bytes: None,
            disks: Vec::new(),
            last_user: None,
            last_reboot: None,
            last_seen: None,
            warranty_expires_on: None,
            external_url: None,
        }
    }
}

fn gateway(adapters: &[LocalAdapter]) -> Option<String> {
    let gateways = adapters.iter().flat_map(|it| it.gateways.iter().flatten());
    gateways.into_iter().find(|text| !text.is_empty()).cloned()
}

/// An address in the account's form. The API writes twelve digits (`documented` sample), and the account's
/// article says that devices are matched by their address, which it would never be as it stands.
fn paired(mac: &str) -> String {
    if mac.len() != 12 || !mac.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return mac.to_owned();
    }
    let mut text = String::with_capacity(17);
    for (place, digit) in mac.chars().enumerate() {
        if place > 0 && place % 2 == 0 {
            text.push(':');
        }
        text.push(digit);
    }
    text
}

/// Adapters; an entry with neither address is none.
fn interfaces(adapters: Vec<LocalAdapter>) -> Vec<RemoteInterface> {
    let adapters = adapters.into_iter();
    let adapters = adapters.filter(|it| it.mac.is_some() || it.ip.is_some());
    adapters
        .map(|it| RemoteInterface {
            name: it.name,
            mac: it.mac.as_deref().map(paired),
            ip: it.ip,
        })
        .collect()
}

/// The first address that is not one that a machine gave itself.
fn address(interfaces: &[RemoteInterface]) -> Option<String> {
    let addresses = interfaces.iter().filter_map(|it| it.ip.as_deref());
    let mut own = addresses.filter(|ip| !ip.starts_with("169.254."));
    own.next().map(str::to_owned)
}

/// What the agent of a device reports.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an asset")]
pub(super) struct Asset {
    pub(super) identifier: String,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    #[serde(default, rename = "Type", deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_seen_online: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    last_reboot: Option<Timestamp>,
    #[serde(default, deserialize_with = "text")]
    external_url: Option<String>,
    memory_total: Option<u64>,
    asset_info: Option<Vec<Category>>,
    ip_addresses: Option<Vec<Adapter>>,
    local_ip_addresses: Option<Vec<LocalAdapter>>,
    disks: Option<Vec<Disk>>,
}

/// Names and values that vary with the system and the agent's version; most are texts.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a category")]
struct Category {
    category_name: String,
    category_data: Option<serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a network adapter")]
struct Adapter {
    #[serde(default, rename = "Name", deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, rename = "MAC", deserialize_with = "text")]
    mac: Option<String>,
    #[serde(rename = "IPs")]
    addresses: Option<Vec<Address>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an address")]
struct Address {
    #[serde(default, rename = "IP", deserialize_with = "text")]
    ip: Option<String>,
    #[serde(default, rename = "V6")]
    v6: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a disk")]
struct Disk {
    name: String,
    free_percentage: Option<u64>,
    total_value: Option<u64>,
}

impl Asset {
    /// A text by category and name, in any case; other values than texts are none.
    fn said(&self, category: &str, name: &str) -> Option<String> {
        let categories = self.asset_info.iter().flatten();
        let mut data = categories
            .filter(|it| it.category_name.eq_ignore_ascii_case(category))
            .flat_map(|it| it.category_data.iter().flatten());
        let (_, value) = data.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        let text = value.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The device. The number of the operating system's licence is another one than the machine's, and
    /// logical processors are no cores: both are left alone.
    pub(super) fn into_device(mut self, owner: Owner) -> RemoteDevice {
        let serial = self.said("BIOS", "Serial Number");
        let serial = serial.or_else(|| self.said("System", "Serial Number"));
        let manufacturer = self.said("System", "Manufacturer");
        let model = self.said("System", "Model");
        let cpu = self.said("System", "CPU");
        let operating_system = self.said("Operating System", "Name");
        let last_user = self.said("Operating System", "Last Logged On User");
        let local = self.local_ip_addresses.take().unwrap_or_default();
        let default_gateway = gateway(&local);
        let adapters = self.ip_addresses.take().unwrap_or_default();
        let interfaces = if adapters.is_empty() {
            interfaces(local)
        } else {
            adapters.into_iter().map(Adapter::into_interface).collect()
        };
        let disks = self.disks.into_iter().flatten().map(Disk::into_disk);
        RemoteDevice {
            name: self.name.clone().unwrap_or_else(|| self.identifier.clone()),
            id: self.identifier,
            company_id: owner.company_id,
            hostname: self.name,
            device_type: self.kind,
            location: owner.location,
            serial,
            ip: address(&interfaces),
            interfaces,
            default_gateway,
            manufacturer,
            model,
            operating_system: operating_system.or(self.description),
            cpu,
            cpu_cores: None,
            memory_bytes: self.memory_total,
            disks: disks.collect(),
            last_user,
            last_reboot: self.last_reboot,
            last_seen: self.last_seen_online,
            warranty_expires_on: None,
            external_url: self.external_url,
        }
    }
}

impl Adapter {
    fn into_interface(self) -> RemoteInterface {
        let addresses = self.addresses.into_iter().flatten();
        let mut addresses = addresses.filter(|it| it.v6 != Some(true));
        RemoteInterface {
            name: self.name,
            mac: self.mac.as_deref().map(paired),
            ip: addresses.find_map(|it| it.ip),
        }
    }
}

impl Disk {
    fn into_disk(self) -> RemoteDisk {
        let size = self.total_value.map(|size| size.saturating_mul(KB));
        let free = size.zip(self.free_percentage);
        let free = free.map(|(size, free)| u128::from(size) * u128::from(free.min(100)) / 100);
        RemoteDisk {
            name: self.name,
            size_bytes: size,
            free_bytes: free.and_then(|free| u64::try_from(free).ok()),
        }
    }
}
