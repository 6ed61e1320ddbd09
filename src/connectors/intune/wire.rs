//! Graph's records as JSON, and what becomes of each field: names `documented` (the metadata of v1.0), that
//! texts without a value are as often empty as they are null `seen`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::connectors::values::{moment, text};
use crate::model::{RemoteDevice, RemoteInterface};

/// A page of a list.
#[derive(Deserialize)]
#[serde(expecting = "a page of records")]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) value: &'a RawValue,
    /// Not there on the last page.
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

/// What a partner has with a customer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a contract")]
pub(super) struct Contract {
    /// The customer's tenant.
    pub(super) customer_id: String,
    /// The customer's name when the contract began; it does not follow (`documented`).
    pub(super) display_name: String,
}

/// The part of a contract without which nobody knows whose devices to read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a contract")]
pub(super) struct Customer {
    pub(super) customer_id: String,
}

/// A tenant as it calls itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an organization")]
pub(super) struct Organization {
    #[serde(default, deserialize_with = "text")]
    pub(super) display_name: Option<String>,
}

/// Members of a device that a list tells.
pub(super) const LISTED: &str = "id,deviceName,operatingSystem,osVersion,manufacturer,model,\
    serialNumber,wiFiMacAddress,lastSyncDateTime";

/// A row of the list of devices.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a managed device")]
pub(super) struct Device {
    pub(super) id: String,
    #[serde(default, deserialize_with = "text")]
    device_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    operating_system: Option<String>,
    #[serde(default, deserialize_with = "text")]
    os_version: Option<String>,
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    wi_fi_mac_address: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_sync_date_time: Option<Timestamp>,
}

/// Members that only a reply about one device tells, and only to who names them (`documented`).
pub(super) const APART: &str = "id,ethernetMacAddress,physicalMemoryInBytes";

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a managed device")]
pub(super) struct Detail {
    #[serde(default, deserialize_with = "text")]
    ethernet_mac_address: Option<String>,
    physical_memory_in_bytes: Option<u64>,
}

impl Device {
    /// What says that the details are still those that were read: a device tells what it has when it checks
    /// in, and not otherwise. One that never did has none.
    pub(super) fn stamp(&self) -> Option<String> {
        self.last_sync_date_time.map(|time| time.to_string())
    }

    /// The device. The wireless adapter comes first: it is the machine's own, where the wired one may be of
    /// a dock; which one is in use nobody tells. Without memory the vendor says 0 (`documented`).
    pub(super) fn into_device(self, company_id: &str, detail: Detail) -> RemoteDevice {
        let adapter = |name: &str, mac: Option<String>| {
            mac.map(|mac| RemoteInterface {
                name: Some(name.to_owned()),
                mac: Some(mac),
                ip: None,
            })
        };
        let wireless = adapter("Wi-Fi", self.wi_fi_mac_address);
        let wired = adapter("Ethernet", detail.ethernet_mac_address);
        let system = self.operating_system;
        let version = self.os_version;
        RemoteDevice {
            name: self.device_name.clone().unwrap_or_else(|| self.id.clone()),
            id: self.id,
            company_id: company_id.to_owned(),
            hostname: self.device_name,
            device_type: system.clone(),
            serial: self.serial_number,
            interfaces: wireless.into_iter().chain(wired).collect(),
            manufacturer: self.manufacturer,
            model: self.model,
            operating_system: system.map(|system| match version {
                Some(version) => format!("{system} {version}"),
                None => system,
            }),
            memory_bytes: detail.physical_memory_in_bytes.filter(|bytes| *bytes > 0),
            last_seen: self.last_sync_date_time,
            ..RemoteDevice::default()
        }
    }
}
