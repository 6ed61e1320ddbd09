//! VSA 9's records as JSON, and what becomes of each field: names `documented` (property tables), that ids
//! are texts `inferred`, since they have more digits than a number holds.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::connectors::values::{date, moment, text};
use crate::model::{RemoteCompany, RemoteDevice, RemoteInterface};

const MB: u64 = 1 << 20;

/// What is around every reply.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an envelope")]
pub(super) struct Envelope {
    pub(super) total_records: Option<u64>,
    #[serde(default)]
    pub(super) result: Option<Box<RawValue>>,
    response_code: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    error: Option<String>,
}

impl Envelope {
    /// The code is 0 or that of an HTTP success, or the status says OK (`seen`).
    pub(super) fn is_success(&self) -> bool {
        let code = self.response_code.unwrap_or_default();
        code == 0 || (200..300).contains(&code) || self.status.as_deref() == Some("OK")
    }

    pub(super) fn words(&self) -> String {
        let code = self.response_code.unwrap_or_default();
        let words = self.error.as_deref().or(self.status.as_deref());
        format!("{code} {}", words.unwrap_or("without a reason"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Login {
    pub(super) token: String,
    #[serde(default, deserialize_with = "moment")]
    pub(super) session_expiration: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(expecting = "an organization")]
pub(super) struct Organization {
    #[serde(rename = "OrgId")]
    pub(super) id: String,
    #[serde(rename = "OrgName")]
    name: String,
}

impl Organization {
    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id,
            name: self.name,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a machine group")]
pub(super) struct Group {
    #[serde(rename = "MachineGroupId")]
    pub(super) id: String,
    #[serde(rename = "MachineGroupName")]
    pub(super) name: String,
    #[serde(rename = "OrgId")]
    pub(super) organization: String,
}

impl Group {
    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id,
            name: self.name,
        }
    }
}

/// The summary of a machine's last audit.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an audit")]
pub(super) struct Audit {
    #[serde(rename = "AgentGuid")]
    pub(super) id: String,
    #[serde(default, rename = "GroupName", deserialize_with = "text")]
    pub(super) group: Option<String>,
    #[serde(default, deserialize_with = "text")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    computer_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    os_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    os_info: Option<String>,
    #[serde(default, deserialize_with = "text")]
    ip_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    default_gateway: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mac_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    cpu_type: Option<String>,
    ram_m_bytes: Option<u64>,
    #[serde(default, deserialize_with = "text")]
    last_login_name: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    reboot_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    last_checkin_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    product_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    system_serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    chassis_type: Option<String>,
    #[serde(default, deserialize_with = "date")]
    sys_warranty_expire_date: Option<Date>,
}

impl Audit {
    /// The machine, in the company with this id. The number of the board is another one than the
    /// machine's, and is left alone. Of the processor only the name is taken: `CpuCount` counts
    /// processors and not cores.
    pub(super) fn into_device(self, company_id: String) -> RemoteDevice {
        let interface = self.mac_address.map(|mac| RemoteInterface {
            name: None,
            mac: Some(mac),
            ip: self.ip_address.clone(),
        });
        let name = self.computer_name.clone().or(self.display_name);
        RemoteDevice {
            name: name.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            company_id,
            hostname: self.computer_name,
            device_type: self.chassis_type,
            location: self.group,
            serial: self.system_serial_number,
            interfaces: interface.into_iter().collect(),
            ip: self.ip_address,
            default_gateway: self.default_gateway,
            manufacturer: self.manufacturer,
            model: self.product_name,
            operating_system: self.os_info.or(self.os_type),
            cpu: self.cpu_type,
            cpu_cores: None,
            memory_bytes: self.ram_m_bytes.map(|size| size.saturating_mul(MB)),
            disks: Vec::new(),
            last_user: self.last_login_name,
            last_reboot: self.reboot_time,
            last_seen: self.last_checkin_time,
            warranty_expires_on: self.sys_warranty_expire_date,
            external_url: None,
        }
    }
}

/// Something that was found on the network.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an asset")]
pub(super) struct Asset {
    #[serde(rename = "AssetId")]
    pub(super) id: String,
    #[serde(default, deserialize_with = "text")]
    asset_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    host_name: Option<String>,
    org_id: String,
    machine_group_id: String,
    #[serde(default, deserialize_with = "text")]
    machine_group: Option<String>,
    #[serde(default, rename = "OSName", deserialize_with = "text")]
    os_name: Option<String>,
    #[serde(default, rename = "OSFamily", deserialize_with = "text")]
    os_family: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_seen_date: Option<Timestamp>,
    network_info: Option<Vec<Adapter>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a network adapter")]
struct Adapter {
    #[serde(default, rename = "Name", deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, rename = "MACAddress", deserialize_with = "text")]
    mac: Option<String>,
    #[serde(rename = "IPAddresses")]
    addresses: Option<Vec<String>>,
    #[serde(default, rename = "Gateway", deserialize_with = "text")]
    gateway: Option<String>,
}

impl Asset {
    /// The device, in the company that its organization or its machine group is. `DeviceManufacturer` is
    /// left alone: it is the maker of the network card, by its address (`inferred`).
    pub(super) fn into_device(self, by_groups: bool) -> RemoteDevice {
        let adapters = self.network_info.unwrap_or_default();
        let default_gateway = adapters.iter().find_map(|it| it.gateway.clone());
        let interfaces: Vec<RemoteInterface> = adapters
            .into_iter()
            .map(|it| RemoteInterface {
                name: it.name,
                mac: it.mac,
                ip: it.addresses.into_iter().flatten().next(),
            })
            .collect();
        let name = self.display_name.or(self.asset_name);
        let name = name.or_else(|| self.host_name.clone());
        RemoteDevice {
            name: name.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            company_id: if by_groups {
                self.machine_group_id
            } else {
                self.org_id
            },
            hostname: self.host_name,
            device_type: self.os_family,
            location: self.machine_group,
            serial: None,
            ip: interfaces.iter().find_map(|it| it.ip.clone()),
            interfaces,
            default_gateway,
            manufacturer: None,
            model: None,
            operating_system: self.os_name,
            cpu: None,
            cpu_cores: None,
            memory_bytes: None,
            disks: Vec::new(),
            last_user: None,
            last_reboot: None,
            last_seen: self.last_seen_date,
            warranty_expires_on: None,
            external_url: None,
        }
    }
}
