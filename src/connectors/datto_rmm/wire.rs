//! Datto RMM's records as JSON, and what becomes of each field. Shapes: `documented` (vendor's
//! OpenAPI, build 235); that every member may be null or absent and that times are epoch
//! milliseconds: `seen`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::connectors::values::{date, moment, text};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

/// A row of a list.
pub(super) trait Row: DeserializeOwned + Send {
    fn uid(&self) -> &str;
}

/// Sites that Datto keeps for itself, by name (`seen`: real syncs skip them).
const PSEUDO_SITES: [&str; 3] = [DELETED_DEVICES, "Managed", "OnDemand"];

/// Where devices go when they are deleted.
const DELETED_DEVICES: &str = "Deleted Devices";

/// Its uid, which is no GUID (`seen`).
const DELETED_DEVICES_UID: &str = "deleted-devices";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a site")]
pub(super) struct Site {
    uid: String,
    name: String,
    #[serde(default, deserialize_with = "text")]
    autotask_company_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    autotask_company_name: Option<String>,
}

impl Row for Site {
    fn uid(&self) -> &str {
        &self.uid
    }
}

impl Site {
    pub(super) fn is_pseudo(&self) -> bool {
        self.uid == DELETED_DEVICES_UID || PSEUDO_SITES.contains(&self.name.as_str())
    }

    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.uid,
            name: self.name,
        }
    }

    /// Its uid and the company of Autotask that it is mapped to, which goes by its id where it has no
    /// name.
    pub(super) fn into_autotask_company(self) -> (String, Option<RemoteCompany>) {
        let name = self.autotask_company_name;
        let company = self.autotask_company_id.map(|id| RemoteCompany {
            name: name.unwrap_or_else(|| id.clone()),
            id,
        });
        (self.uid, company)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a device")]
pub(super) struct Device {
    pub(super) uid: String,
    pub(super) site_uid: String,
    /// What plays its company in place of the site.
    #[serde(skip)]
    pub(super) company: Option<String>,
    site_name: Option<String>,
    device_type: Option<DeviceType>,
    #[serde(default, deserialize_with = "text")]
    hostname: Option<String>,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    int_ip_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    operating_system: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_logged_in_user: Option<String>,
    deleted: Option<bool>,
    #[serde(default, deserialize_with = "moment")]
    last_seen: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    last_reboot: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    last_audit_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "text")]
    device_class: Option<String>,
    #[serde(default, deserialize_with = "text")]
    portal_url: Option<String>,
    #[serde(default, deserialize_with = "date")]
    warranty_date: Option<Date>,
}

#[derive(Deserialize)]
#[serde(expecting = "a device type")]
struct DeviceType {
    #[serde(default, deserialize_with = "text")]
    category: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: Option<String>,
}

impl Row for Device {
    fn uid(&self) -> &str {
        &self.uid
    }
}

impl Device {
    /// What moves when the device is audited again.
    pub(super) fn stamp(&self) -> Option<String> {
        self.last_audit_date.map(|stamp| stamp.to_string())
    }

    /// Why the device belongs to no client, if it does not.
    pub(super) fn left_out(&self) -> Option<&'static str> {
        let site = self.site_name.as_deref().unwrap_or_default();
        if self.deleted == Some(true)
            || self.site_uid == DELETED_DEVICES_UID
            || site == DELETED_DEVICES
        {
            Some("deleted device")
        } else if PSEUDO_SITES.contains(&site) {
            Some("device of a pseudo-site")
        } else {
            None
        }
    }

    /// The kind of audit that there is for the device: none for network devices, which have no
    /// endpoint (`inferred`), and for classes not known yet; their adapters are in their site's list
    /// of network interfaces. Without a class it is taken for a computer; a wrong guess is answered
    /// 400 and costs nothing.
    pub(super) fn audit(&self) -> Option<&'static str> {
        match self.device_class.as_deref() {
            None | Some("device") => Some("device"),
            Some("printer") => Some("printer"),
            Some("esxihost") => Some("esxihost"),
            Some(_) => None,
        }
    }

    /// The device with what its audit says. Datto gives no default gateway, and its site is the
    /// company, so there is no location within it.
    pub(super) fn into_device(self, audit: Audit) -> RemoteDevice {
        let kind = self
            .device_type
            .and_then(|kind| kind.category.or(kind.kind));
        let name = self.hostname.clone().or(self.description);
        let system = audit.system_info.unwrap_or_default();
        let serial = audit.bios.and_then(|bios| bios.serial_number);
        // A host's memory is the sum of its modules.
        let modules = audit.physical_memory.unwrap_or_default();
        let modules: Vec<u64> = modules.into_iter().filter_map(|it| it.size).collect();
        let memory = modules.iter().copied().reduce(u64::saturating_add);
        let processors = audit.processors.unwrap_or_default();
        let cores = processors.iter().find_map(|it| it.number_of_cores);
        let serial = serial
            .or(system.service_tag)
            .or_else(|| audit.snmp_info.and_then(|snmp| snmp.snmp_serial));
        RemoteDevice {
            name: name.unwrap_or_else(|| self.uid.clone()),
            id: self.uid,
            company_id: self.company.unwrap_or(self.site_uid),
            hostname: self.hostname,
            device_type: kind.or(self.device_class),
            location: None,
            serial,
            interfaces: interfaces(audit.nics, self.int_ip_address.as_deref()),
            ip: self.int_ip_address,
            default_gateway: None,
            manufacturer: system.manufacturer,
            model: system.model,
            operating_system: self.operating_system,
            cpu: processors.into_iter().find_map(|processor| processor.name),
            cpu_cores: system.total_cpu_cores.or(cores),
            memory_bytes: system.total_physical_memory.or(memory),
            disks: disks(audit.logical_disks),
            last_user: self.last_logged_in_user,
            last_reboot: self.last_reboot,
            last_seen: self.last_seen,
            warranty_expires_on: self.warranty_date,
            external_url: self.portal_url,
        }
    }
}

/// What the three kinds of audit say, as far as it is needed. An empty one is a device without.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an audit")]
pub(super) struct Audit {
    system_info: Option<SystemInfo>,
    nics: Option<Vec<Nic>>,
    bios: Option<Bios>,
    logical_disks: Option<Vec<LogicalDisk>>,
    processors: Option<Vec<Processor>>,
    snmp_info: Option<SnmpInfo>,
    /// ESXi hosts.
    physical_memory: Option<Vec<MemoryModule>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "system information")]
struct SystemInfo {
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
    total_physical_memory: Option<u64>,
    total_cpu_cores: Option<u32>,
    /// ESXi hosts.
    #[serde(default, deserialize_with = "text")]
    service_tag: Option<String>,
}

impl Audit {
    /// What is known of a device without an audit whose adapters its site lists.
    pub(super) fn of_adapters(nics: Box<[Nic]>) -> Self {
        Self {
            nics: Some(nics.into_vec()),
            ..Self::default()
        }
    }
}

/// A row of a site's list of network interfaces. The other nine fields say what the list of devices
/// says as well.
#[derive(Deserialize)]
#[serde(expecting = "a device with its adapters")]
pub(super) struct DeviceAdapters {
    pub(super) uid: String,
    /// Boxed, because rows may wait for their device and a list that is read leaves room to spare.
    pub(super) nics: Option<Box<[Nic]>>,
}

impl Row for DeviceAdapters {
    fn uid(&self) -> &str {
        &self.uid
    }
}

/// `instance` in the audit of a computer or printer and in the list of network interfaces, `name`
/// in an ESXi host's audit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an adapter")]
pub(super) struct Nic {
    #[serde(default, deserialize_with = "text")]
    instance: Option<String>,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    ipv4: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mac_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a BIOS")]
struct Bios {
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "SNMP information")]
struct SnmpInfo {
    #[serde(default, deserialize_with = "text")]
    snmp_serial: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a processor")]
struct Processor {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    /// ESXi hosts.
    number_of_cores: Option<u32>,
}

#[derive(Deserialize)]
#[serde(expecting = "a memory module")]
struct MemoryModule {
    size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a disk")]
struct LogicalDisk {
    #[serde(default, deserialize_with = "text")]
    disk_identifier: Option<String>,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    size: Option<u64>,
    freespace: Option<u64>,
}

/// The adapter with the device's address first, the others as they stand.
fn interfaces(nics: Option<Vec<Nic>>, ip: Option<&str>) -> Vec<RemoteInterface> {
    let mut interfaces: Vec<RemoteInterface> = nics
        .unwrap_or_default()
        .into_iter()
        .map(|nic| RemoteInterface {
            name: nic.instance.or(nic.name),
            mac: nic.mac_address,
            ip: nic.ipv4,
        })
        .collect();
    let primary = interfaces
        .iter()
        .position(|nic| ip.is_some() && nic.ip.as_deref() == ip);
    if let Some(primary) = primary {
        interfaces[..=primary].rotate_right(1);
    }
    interfaces
}

fn disks(disks: Option<Vec<LogicalDisk>>) -> Vec<RemoteDisk> {
    disks
        .unwrap_or_default()
        .into_iter()
        .map(|disk| RemoteDisk {
            name: disk
                .disk_identifier
                .or(disk.description)
                .unwrap_or_default(),
            size_bytes: disk.size,
            free_bytes: disk.freespace,
        })
        .collect()
}
