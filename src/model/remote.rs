//! Records as a connector delivers them: one shape for every vendor, values as the vendor gave them.
//! A connector maps names and units; it never repairs, compares or drops a value.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A row of a PSA's list of types or statuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteType {
    /// The vendor's id.
    pub id: String,
    /// Name, as records refer to it.
    pub name: String,
    /// Whether the vendor has it switched off.
    pub inactive: bool,
}

/// A PSA company or account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteOrganization {
    /// The vendor's id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Short name.
    pub short_name: Option<String>,
    /// Types by name; several are possible.
    pub types: Vec<String>,
    /// Status by name.
    pub status: Option<String>,
    /// The parent's id.
    pub parent_id: Option<String>,
    /// Id of the location that the PSA calls its main one.
    pub primary_location_id: Option<String>,
    /// True when the vendor keeps it only as deleted.
    pub deleted: bool,
}

/// A PSA site or address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteLocation {
    /// The vendor's id.
    pub id: String,
    /// The organization's id.
    pub organization_id: String,
    /// Name.
    pub name: String,
    /// Street and number.
    pub address_1: Option<String>,
    /// Second line.
    pub address_2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Fax.
    pub fax: Option<String>,
    /// Whether it is the organization's main location.
    pub primary: bool,
    /// Whether the vendor has it switched off.
    pub inactive: bool,
}

/// An e-mail address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteEmail {
    /// The address.
    pub address: String,
    /// Type by name.
    pub label: Option<String>,
    /// Whether it is the default.
    pub primary: bool,
}

/// A telephone number of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemotePhone {
    /// The number.
    pub number: String,
    /// Extension.
    pub extension: Option<String>,
    /// Type by name.
    pub label: Option<String>,
    /// Whether it is the default.
    pub primary: bool,
}

/// A PSA contact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteContact {
    /// The vendor's id.
    pub id: String,
    /// The organization's id; a contact without one cannot be synced.
    pub organization_id: Option<String>,
    /// The location's id.
    pub location_id: Option<String>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Type by name.
    pub contact_type: Option<String>,
    /// E-mail addresses, in the vendor's order.
    pub emails: Vec<RemoteEmail>,
    /// Telephone numbers, in the vendor's order.
    pub phones: Vec<RemotePhone>,
    /// Whether the vendor has it switched off.
    pub inactive: bool,
}

/// A PSA configuration, asset or configuration item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteConfiguration {
    /// The vendor's id.
    pub id: String,
    /// The organization's id.
    pub organization_id: String,
    /// Name.
    pub name: String,
    /// Type by name.
    pub configuration_type: Option<String>,
    /// Status by name.
    pub status: Option<String>,
    /// The location's id.
    pub location_id: Option<String>,
    /// The contact's id.
    pub contact_id: Option<String>,
    /// Asset tag.
    pub asset_tag: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// The PSA's MAC field, whole: ConnectWise may hold several in it.
    pub mac: Option<String>,
    /// Manufacturer by name.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Operating system.
    pub operating_system: Option<String>,
    /// Primary IP address.
    pub ip: Option<String>,
    /// Default gateway.
    pub default_gateway: Option<String>,
    /// Purchase date.
    pub purchased_on: Option<Date>,
    /// Installation date.
    pub installed_on: Option<Date>,
    /// Who installed it.
    pub installed_by: Option<String>,
    /// Warranty expiry.
    pub warranty_expires_on: Option<Date>,
    /// Notes.
    pub notes: Option<String>,
    /// Whether the vendor has it switched off.
    pub inactive: bool,
}

/// What an RMM calls company, site, group or customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteCompany {
    /// The vendor's id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// One network adapter of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteInterface {
    /// Adapter name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// MAC address, as the vendor wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

/// One disk or volume of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteDisk {
    /// Name (`C:`).
    pub name: String,
    /// Size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Free space in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
}

/// An RMM device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteDevice {
    /// The vendor's id.
    pub id: String,
    /// The company's id.
    pub company_id: String,
    /// Name, as the RMM shows it.
    pub name: String,
    /// Host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Device type in the vendor's words (`Laptop`, `Server`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_type: Option<String>,
    /// Site or location within the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Serial number, as the vendor wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Adapters in the vendor's order; the one that carries the primary IP comes first where the
    /// vendor tells, and is the primary one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<RemoteInterface>,
    /// Primary IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Default gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_gateway: Option<String>,
    /// Manufacturer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Operating system with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<String>,
    /// Processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Number of processor cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<u32>,
    /// Memory in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Disks or volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<RemoteDisk>,
    /// Who used it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_user: Option<String>,
    /// When it last booted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_reboot: Option<Timestamp>,
    /// When it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Warranty expiry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_expires_on: Option<Date>,
    /// Link to the device in the vendor's console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
}

impl RemoteDevice {
    /// The primary MAC address: the first adapter's that has one.
    pub fn primary_mac(&self) -> Option<&str> {
        self.interfaces
            .iter()
            .find_map(|interface| interface.mac.as_deref())
    }
}
