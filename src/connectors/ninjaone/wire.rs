//! NinjaOne's records as JSON, and what becomes of each field: names `documented` (the vendor's OpenAPI
//! file), that members without a value are left out `inferred`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::connectors::values::{date, moment, text};
use crate::model::{RemoteCompany, RemoteDevice, RemoteInterface};

#[derive(Deserialize)]
#[serde(expecting = "an organization")]
pub(super) struct Organization {
    pub(super) id: i64,
    name: String,
}

impl Organization {
    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id.to_string(),
            name: self.name,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a device")]
pub(super) struct Device {
    pub(super) id: i64,
    organization_id: i64,
    #[serde(default, deserialize_with = "text")]
    node_class: Option<String>,
    #[serde(default, deserialize_with = "text")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    system_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    dns_name: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_contact: Option<Timestamp>,
    ip_addresses: Option<Vec<String>>,
    mac_addresses: Option<Vec<String>>,
    os: Option<Os>,
    system: Option<System>,
    memory: Option<Memory>,
    processors: Option<Vec<Processor>>,
    #[serde(default, deserialize_with = "text")]
    last_logged_in_user: Option<String>,
    references: Option<References>,
    // Hosts of virtual machines.
    #[serde(default, deserialize_with = "text")]
    vendor: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
    #[serde(default, deserialize_with = "text")]
    service_tag: Option<String>,
    #[serde(default, deserialize_with = "text")]
    release_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    cpu_model: Option<String>,
    cpu_cores: Option<u32>,
    memory_size: Option<u64>,
    #[serde(default, deserialize_with = "moment")]
    last_boot_time: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an operating system")]
struct Os {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_boot_time: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a system")]
struct System {
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
    #[serde(default, deserialize_with = "text")]
    bios_serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    total_physical_memory: Option<u64>,
}

#[derive(Deserialize)]
#[serde(expecting = "a memory")]
struct Memory {
    capacity: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a processor")]
struct Processor {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    num_cores: Option<u32>,
}

#[derive(Deserialize)]
struct References {
    location: Option<Place>,
    warranty: Option<Warranty>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Warranty {
    #[serde(default, deserialize_with = "date")]
    end_date: Option<Date>,
}

impl Device {
    /// The device. Its adapters have no names in the list of devices, and no addresses of their own:
    /// the first one is taken for the one with the first IPv4 address (`inferred`: samples have both in
    /// the same order). Disks are not taken over (`documented`).
    pub(super) fn into_device(self) -> RemoteDevice {
        let system = self.system.unwrap_or_default();
        let os = self.os.unwrap_or_default();
        let ip = self
            .ip_addresses
            .into_iter()
            .flatten()
            .find(|address| address.parse::<std::net::Ipv4Addr>().is_ok());
        let macs = self.mac_addresses.into_iter().flatten();
        let macs = macs.filter(|mac| !mac.is_empty());
        let interfaces = macs.enumerate().map(|(at, mac)| RemoteInterface {
            name: None,
            mac: Some(mac),
            ip: if at == 0 { ip.clone() } else { None },
        });
        let interfaces = interfaces.collect();
        let hostname = self.system_name.or(self.dns_name);
        let name = self.display_name.or_else(|| hostname.clone());
        let processor = self.processors.into_iter().flatten().next();
        let (cpu, cpu_cores) = processor.map_or((self.cpu_model, self.cpu_cores), |it| {
            (it.name, it.num_cores)
        });
        let references = self.references;
        let (place, warranty) = references.map_or((None, None), |references| {
            (references.location, references.warranty)
        });
        RemoteDevice {
            name: name.unwrap_or_else(|| self.id.to_string()),
            id: self.id.to_string(),
            company_id: self.organization_id.to_string(),
            hostname,
            device_type: self.node_class,
            location: place.and_then(|place| place.name),
            serial: system
                .serial_number
                .or(system.bios_serial_number)
                .or(self.service_tag),
            interfaces,
            ip,
            default_gateway: None,
            manufacturer: system.manufacturer.or(self.vendor),
            model: system.model.or(self.model),
            operating_system: os.name.or(self.release_name),
            cpu,
            cpu_cores,
            memory_bytes: system
                .total_physical_memory
                .or_else(|| self.memory.and_then(|memory| memory.capacity))
                .or(self.memory_size),
            disks: Vec::new(),
            last_user: self.last_logged_in_user,
            last_reboot: os.last_boot_time.or(self.last_boot_time),
            last_seen: self.last_contact,
            warranty_expires_on: warranty.and_then(|warranty| warranty.end_date),
            external_url: None,
        }
    }
}
