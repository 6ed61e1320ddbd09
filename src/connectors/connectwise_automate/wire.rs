//! Automate's records as JSON, and what becomes of each field: names and types `documented` (models that
//! clients generate from the vendor's own description), units and dates that stand for none `inferred`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::connectors::values::{date, moment, text};
use crate::connectors::{Rejected, values};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

/// The client and the location that every server has, for computers that nobody has sorted yet: the first
/// of each, as long as it is called so. One that was given another name is a customer's.
const SYSTEM_ENTRY: (i64, &str) = (1, "New Computers");

/// Memory and drives are told in megabytes.
const MEGABYTE: u64 = 1 << 20;

/// A client or a location, as other records name it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a client or location")]
pub(super) struct Place {
    #[serde(deserialize_with = "id")]
    pub(super) id: i64,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

impl Place {
    pub(super) fn is_system(&self) -> bool {
        is_system(self.id, self.name.as_deref())
    }
}

fn is_system(id: i64, name: Option<&str>) -> bool {
    (id, name) == (SYSTEM_ENTRY.0, Some(SYSTEM_ENTRY.1))
}

/// A client or a location as a record of its own.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a client or location")]
pub(super) struct Company {
    #[serde(deserialize_with = "id")]
    pub(super) id: i64,
    name: String,
}

impl Company {
    pub(super) fn is_system(&self) -> bool {
        is_system(self.id, Some(&self.name))
    }

    /// The company that it plays; `prefix` sets its ids apart.
    pub(super) fn into_company(self, prefix: &str) -> RemoteCompany {
        RemoteCompany {
            id: format!("{prefix}{}", self.id),
            name: self.name,
        }
    }
}

/// An id, which is a text in some resources and a number in others.
fn id<'de, D: Deserializer<'de>>(source: D) -> Result<i64, D::Error> {
    let wrong = |value: &Value| D::Error::custom(format!("`{value}` is no id"));
    let value = Value::deserialize(source)?;
    match &value {
        Value::String(text) => text.parse().map_err(|_| wrong(&value)),
        other => other.as_i64().ok_or_else(|| wrong(&value)),
    }
}

/// A moment; those before 1971 stand for "never".
fn known_moment<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Timestamp>, D::Error> {
    let moment = moment(source)?;
    Ok(moment.filter(|moment| TimeZone::UTC.to_datetime(*moment).year() > 1970))
}

/// A date; those before 1971 stand for "none".
fn known_date<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Date>, D::Error> {
    let date = date(source)?;
    Ok(date.filter(|date| date.year() > 1970))
}

/// What plays the company of a device, beside the device's own fields.
pub(super) trait Placed {
    fn client(&self) -> &Place;
    fn location(&self) -> Option<&Place>;
    fn id(&self) -> i64;
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a computer")]
pub(super) struct Computer {
    #[serde(deserialize_with = "id")]
    id: i64,
    client: Place,
    location: Option<Place>,
    #[serde(default, deserialize_with = "text")]
    computer_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    friendly_name: Option<String>,
    #[serde(rename = "Type", default, deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    operating_system_name: Option<String>,
    #[serde(default, deserialize_with = "known_moment")]
    remote_agent_last_contact: Option<Timestamp>,
    #[serde(default, deserialize_with = "known_moment")]
    last_startup: Option<Timestamp>,
    /// As it is written: what an agent tells is as of then, and a stamp.
    #[serde(default, deserialize_with = "text")]
    last_inventory_received: Option<String>,
    total_memory: Option<i64>,
    #[serde(rename = "LocalIPAddress", default, deserialize_with = "text")]
    ip: Option<String>,
    #[serde(rename = "MACAddress", default, deserialize_with = "text")]
    mac: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_user_name: Option<String>,
    #[serde(default, deserialize_with = "known_date")]
    warranty_end_date: Option<Date>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    bios_manufacturer: Option<String>,
}

/// The case of a computer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a chassis")]
pub(super) struct Chassis {
    #[serde(deserialize_with = "id")]
    pub(super) computer_id: i64,
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    product_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a drive")]
pub(super) struct Drive {
    #[serde(deserialize_with = "id")]
    pub(super) drive_id: i64,
    #[serde(deserialize_with = "id")]
    pub(super) computer_id: i64,
    #[serde(default, deserialize_with = "text")]
    letter: Option<String>,
    size: Option<u64>,
    free_space: Option<u64>,
    is_missing: Option<bool>,
}

impl Drive {
    /// The disk; none for one that was taken out since.
    pub(super) fn into_disk(self) -> Option<RemoteDisk> {
        if self.is_missing == Some(true) {
            return None;
        }
        let letter = self.letter?;
        let bytes = |megabytes: Option<u64>| megabytes.map(|it| it.saturating_mul(MEGABYTE));
        let is_letter = letter.len() == 1 && letter.bytes().all(|it| it.is_ascii_alphabetic());
        Some(RemoteDisk {
            name: if is_letter { letter + ":" } else { letter },
            size_bytes: bytes(self.size),
            free_bytes: bytes(self.free_space),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a processor")]
pub(super) struct Processor {
    #[serde(default, deserialize_with = "text")]
    processor_name: Option<String>,
    cores: Option<u32>,
}

/// What is told of a computer elsewhere.
#[derive(Debug, Default)]
pub(super) struct Hardware {
    pub(super) chassis: Option<Chassis>,
    pub(super) disks: Vec<RemoteDisk>,
    /// One for each socket.
    pub(super) processors: Vec<Processor>,
}

impl Placed for Computer {
    fn client(&self) -> &Place {
        &self.client
    }

    fn location(&self) -> Option<&Place> {
        self.location.as_ref()
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl Computer {
    /// When the agent last sent its inventory. Whatever is read of a computer alone moves with it.
    pub(super) fn stamp(&self) -> Option<&str> {
        self.last_inventory_received.as_deref()
    }

    pub(super) fn into_device(self, company_id: String, hardware: Hardware) -> RemoteDevice {
        let chassis = hardware.chassis.unwrap_or_default();
        let cores = hardware.processors.iter().filter_map(|it| it.cores);
        let cpu_cores = cores.reduce(u32::saturating_add);
        let mut names = hardware.processors.into_iter();
        let name = self.friendly_name.or_else(|| self.computer_name.clone());
        let memory = self.total_memory.and_then(|it| u64::try_from(it).ok());
        RemoteDevice {
            id: self.id.to_string(),
            company_id,
            name: name.unwrap_or_else(|| self.id.to_string()),
            hostname: self.computer_name,
            device_type: self.kind,
            location: self.location.and_then(|place| place.name),
            serial: self.serial_number.or(chassis.serial_number),
            interfaces: interface(self.mac, self.ip.clone()),
            ip: self.ip,
            // What is called the gateway is the address that a client is seen with from outside.
            default_gateway: None,
            manufacturer: chassis.manufacturer.or(self.bios_manufacturer),
            model: chassis.product_name,
            operating_system: self.operating_system_name,
            cpu: names.find_map(|it| it.processor_name),
            cpu_cores,
            memory_bytes: memory.map(|it| it.saturating_mul(MEGABYTE)),
            disks: hardware.disks,
            last_user: self.last_user_name,
            last_reboot: self.last_startup,
            last_seen: self.remote_agent_last_contact,
            warranty_expires_on: self.warranty_end_date,
            external_url: None,
        }
    }
}

/// The one adapter of which there is an address.
fn interface(mac: Option<String>, ip: Option<String>) -> Vec<RemoteInterface> {
    let mac = mac.into_iter();
    mac.map(|mac| RemoteInterface {
        name: None,
        mac: Some(mac),
        ip: ip.clone(),
    })
    .collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a network device")]
pub(super) struct NetworkDevice {
    #[serde(deserialize_with = "id")]
    id: i64,
    client: Place,
    location: Option<Place>,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    friendly_name: Option<String>,
    device_type: Option<DeviceType>,
    #[serde(rename = "LocalIPAddress", default, deserialize_with = "text")]
    ip: Option<String>,
    #[serde(rename = "MACAddress", default, deserialize_with = "text")]
    mac: Option<String>,
    #[serde(default, deserialize_with = "text")]
    manufacturer_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model_name: Option<String>,
    #[serde(default, deserialize_with = "known_moment")]
    last_contact: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a type of device")]
struct DeviceType {
    #[serde(default, deserialize_with = "values::text")]
    name: Option<String>,
}

impl Placed for NetworkDevice {
    fn client(&self) -> &Place {
        &self.client
    }

    fn location(&self) -> Option<&Place> {
        self.location.as_ref()
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl NetworkDevice {
    pub(super) fn into_device(self, company_id: String, prefix: &str) -> RemoteDevice {
        let name = self.friendly_name.or_else(|| self.name.clone());
        RemoteDevice {
            id: format!("{prefix}{}", self.id),
            company_id,
            name: name.unwrap_or_else(|| self.id.to_string()),
            hostname: self.name,
            device_type: self.device_type.and_then(|kind| kind.name),
            location: self.location.and_then(|place| place.name),
            interfaces: interface(self.mac, self.ip.clone()),
            ip: self.ip,
            manufacturer: self.manufacturer_name,
            model: self.model_name,
            last_seen: self.last_contact,
            ..RemoteDevice::default()
        }
    }
}

/// A device that has no location, where locations play the company.
pub(super) fn nowhere(id: String) -> Rejected {
    Rejected {
        id: Some(id),
        field: "Location".to_owned(),
        reason: "it is missing, and plays the company".to_owned(),
    }
}
