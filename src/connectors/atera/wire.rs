//! Atera's records as JSON, and what becomes of each field: names `documented` (the vendor's OpenAPI
//! file), that a row may have null anywhere too.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::Deserialize;

use crate::connectors::values::{moment, text};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

/// A kind of device that no agent runs on.
#[derive(Debug)]
pub(super) struct Kind {
    /// What stands before its ids, which may be those of another kind.
    prefix: &'static str,
    /// Where its list is.
    pub(super) path: &'static str,
    /// What it is called where it has no type.
    word: &'static str,
}

impl Kind {
    pub(super) const ALL: &[Self] = &[
        Self {
            prefix: "snmp",
            path: "devices/snmpdevices",
            word: "SNMP Device",
        },
        Self {
            prefix: "tcp",
            path: "devices/tcpdevices",
            word: "TCP Device",
        },
        Self {
            prefix: "http",
            path: "devices/httpdevices",
            word: "HTTP Device",
        },
        Self {
            prefix: "generic",
            path: "devices/genericdevices",
            word: "Generic Device",
        },
    ];

    /// An id that no other kind has.
    pub(super) fn id(&self, id: &str) -> String {
        format!("{}-{id}", self.prefix)
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a customer")]
pub(super) struct Customer {
    #[serde(rename = "CustomerID")]
    pub(super) customer_id: i64,
    #[serde(rename = "CustomerName")]
    pub(super) customer_name: String,
}

impl Customer {
    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.customer_id.to_string(),
            name: self.customer_name,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an agent")]
pub(super) struct Agent {
    #[serde(rename = "AgentID")]
    pub(super) agent_id: i64,
    #[serde(rename = "CustomerID")]
    customer_id: i64,
    #[serde(default, deserialize_with = "text")]
    pub(super) customer_name: Option<String>,
    #[serde(rename = "FolderID")]
    folder_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    folder_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    agent_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    machine_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    current_logged_users: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_login_user: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_seen: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    last_reboot_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "text")]
    app_view_url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    processor: Option<String>,
    processor_cores_count: Option<i64>,
    memory: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    vendor: Option<String>,
    #[serde(default, deserialize_with = "text")]
    vendor_serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    vendor_brand_model: Option<String>,
    #[serde(default, deserialize_with = "text")]
    product_name: Option<String>,
    mac_addresses: Option<Vec<String>>,
    ip_addresses: Option<Vec<String>>,
    hardware_disks: Option<Vec<Disk>>,
    #[serde(rename = "OS", default, deserialize_with = "text")]
    os: Option<String>,
    #[serde(rename = "OSType", default, deserialize_with = "text")]
    os_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a disk")]
struct Disk {
    #[serde(default, deserialize_with = "text")]
    drive: Option<String>,
    free: Option<f64>,
    total: Option<f64>,
}

/// Memory and disks are counted in these.
const MB: u64 = 1 << 20;

/// Megabytes in bytes; none where the number cannot be a size.
fn bytes(megabytes: f64) -> Option<u64> {
    let fits = megabytes.is_finite() && (0.0..1e12).contains(&megabytes);
    fits.then(|| (megabytes * MB as f64).round() as u64)
}

impl Agent {
    /// Its folder by id, for devices whose rows have the id alone.
    pub(super) fn folder(&self) -> Option<(i64, String)> {
        Some((self.folder_id?, self.folder_name.clone()?))
    }

    /// The device. Its MACs have neither names nor addresses of their own: the first one is taken for
    /// that with the primary address (`inferred`).
    pub(super) fn into_device(self) -> RemoteDevice {
        let addresses = self.ip_addresses.unwrap_or_default();
        let ip = primary(&addresses);
        let macs = self.mac_addresses.into_iter().flatten();
        let macs = macs.filter(|mac| !mac.is_empty());
        let interfaces = macs.enumerate().map(|(at, mac)| RemoteInterface {
            name: None,
            mac: Some(mac),
            ip: if at == 0 { ip.clone() } else { None },
        });
        let disks = self.hardware_disks.into_iter().flatten();
        let disks = disks.filter_map(|disk| {
            Some(RemoteDisk {
                name: disk.drive?,
                size_bytes: disk.total.and_then(bytes),
                free_bytes: disk.free.and_then(bytes),
            })
        });
        // The last user comes without a domain; who is logged in comes with one.
        let user = match (self.last_login_user, self.current_logged_users) {
            (Some(last), Some(now)) if now.strip_suffix(&*last).is_some_and(is_domain) => Some(now),
            (Some(last), _) => Some(last),
            (None, now) => now,
        };
        let name = self.agent_name.or_else(|| self.machine_name.clone());
        let memory = self.memory.and_then(|memory| u64::try_from(memory).ok());
        let cores = self.processor_cores_count;
        RemoteDevice {
            name: name.unwrap_or_else(|| self.agent_id.to_string()),
            id: self.agent_id.to_string(),
            company_id: self.customer_id.to_string(),
            hostname: self.machine_name,
            device_type: self.os_type,
            location: self.folder_name,
            serial: self.vendor_serial_number,
            interfaces: interfaces.collect(),
            ip,
            default_gateway: None,
            manufacturer: self.vendor,
            model: self.vendor_brand_model.or(self.product_name),
            operating_system: self.os,
            cpu: self.processor,
            cpu_cores: cores.and_then(|cores| u32::try_from(cores).ok()),
            memory_bytes: memory.map(|memory| memory.saturating_mul(MB)),
            disks: disks.collect(),
            last_user: user,
            last_reboot: self.last_reboot_time,
            last_seen: self.last_seen,
            warranty_expires_on: None,
            external_url: self.app_view_url,
        }
    }
}

/// Whether this, standing before a user's name, is the domain.
fn is_domain(text: &str) -> bool {
    let name = text.strip_suffix('\\').unwrap_or_default();
    !name.is_empty() && !name.contains(['\\', ',', ';'])
}

/// The first address of a private network; where there is none the first at all.
fn primary(addresses: &[String]) -> Option<String> {
    let parsed = || {
        let pairs = addresses
            .iter()
            .map(|text| (text, text.parse::<Ipv4Addr>()));
        pairs.filter_map(|(text, address)| Some((text, address.ok()?)))
    };
    let private = parsed().find(|(_, address)| address.is_private());
    private
        .or_else(|| parsed().next())
        .map(|(text, _)| text.clone())
}

/// A device of any kind: what one kind lacks its rows leave out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a device")]
pub(super) struct Watched {
    #[serde(rename = "DeviceID")]
    pub(super) device_id: i64,
    #[serde(rename = "CustomerID")]
    customer_id: i64,
    #[serde(default, deserialize_with = "text")]
    pub(super) customer_name: Option<String>,
    #[serde(rename = "FolderID")]
    folder_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    hostname: Option<String>,
    #[serde(rename = "Type", default, deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
}

impl Watched {
    /// The device. What it is reached by is an address or a name.
    pub(super) fn into_device(self, kind: &Kind, folders: &BTreeMap<i64, String>) -> RemoteDevice {
        let id = kind.id(&self.device_id.to_string());
        let reached = self.hostname;
        let is_address = reached
            .as_deref()
            .is_some_and(|text| text.parse::<Ipv4Addr>().is_ok());
        let (ip, hostname) = if is_address {
            (reached, None)
        } else {
            (None, reached)
        };
        let folder = self.folder_id.and_then(|id| folders.get(&id));
        RemoteDevice {
            name: self
                .name
                .or_else(|| hostname.clone())
                .unwrap_or_else(|| id.clone()),
            id,
            company_id: self.customer_id.to_string(),
            hostname,
            device_type: Some(self.kind.unwrap_or_else(|| kind.word.to_owned())),
            location: folder.cloned(),
            ip,
            model: self.model,
            ..RemoteDevice::default()
        }
    }
}
