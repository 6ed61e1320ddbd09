//! What one tool holds, in no vendor's shape: the records that a simulator renders as its own. Text
//! is kept as the tool holds it, dirt included (`"To be filled by O.E.M."`, `001b.4411.3ab7`).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The two kinds of tool that a documentation account is fed from.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Professional services automation: companies, sites, contacts, configurations.
    Psa,
    /// Remote monitoring and management: companies (or sites, groups, customers) and devices.
    Rmm,
}

impl fmt::Display for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Psa => "psa",
            Self::Rmm => "rmm",
        })
    }
}

/// The kinds of record.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A client: a PSA's company or account, an RMM's company, site, group or customer.
    Organization,
    /// An address of an organization.
    Location,
    /// A person of an organization.
    Contact,
    /// A device: a PSA's configuration or asset, an RMM's device or agent.
    Device,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Contact => "contact",
            Self::Device => "device",
        })
    }
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// First line: street and number.
    pub line_1: Option<String>,
    /// Second line.
    pub line_2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region, as an abbreviation where the country has them (`NS`).
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, by its English name.
    pub country: Option<String>,
}

/// An organization as one tool holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRecord {
    /// Key of this record in the world, unique in its tool and kind.
    pub key: String,
    /// Key of the true organization.
    pub truth: String,
    /// Name.
    pub name: String,
    /// Short name or identifier (ConnectWise: company ID).
    pub short_name: Option<String>,
    /// Type, by name (`Client`). PSA only.
    pub organization_type: Option<String>,
    /// Status, by name (`Active`). PSA only.
    pub status: Option<String>,
    /// Key of the parent organization's record in the same tool.
    pub parent: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Web site.
    pub website: Option<String>,
    /// False when the tool has it switched off (an inactive company, an on-demand site).
    pub active: bool,
}

/// A location as one tool holds it. PSA only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationRecord {
    /// Key of this record in the world, unique in its tool and kind.
    pub key: String,
    /// Key of the true location.
    pub truth: String,
    /// Key of the organization's record in the same tool.
    pub organization: String,
    /// Name (`Main`).
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Telephone.
    pub phone: Option<String>,
    /// Fax.
    pub fax: Option<String>,
    /// Whether it is the organization's main location.
    pub primary: bool,
    /// False when the tool has it switched off.
    pub active: bool,
}

/// An e-mail address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// The address.
    pub address: String,
    /// Type, by name (`Email`).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub email_type: Option<String>,
}

/// A telephone number of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// The number.
    pub number: String,
    /// Extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Type, by name (`Direct`, `Cell`).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub phone_type: Option<String>,
}

/// A contact as one tool holds it. PSA only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRecord {
    /// Key of this record in the world, unique in its tool and kind.
    pub key: String,
    /// Key of the true contact.
    pub truth: String,
    /// Key of the organization's record in the same tool.
    pub organization: String,
    /// Key of the location's record in the same tool.
    pub location: Option<String>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Job title.
    pub title: Option<String>,
    /// Type, by name (`Decision Maker`).
    pub contact_type: Option<String>,
    /// E-mail addresses; the first is the default.
    pub emails: Vec<Email>,
    /// Telephone numbers; the first is the default.
    pub phones: Vec<Phone>,
    /// False when the tool has it switched off.
    pub active: bool,
}

/// What a device is.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DeviceClass {
    /// A desktop or laptop.
    #[default]
    Workstation,
    /// A server, physical or virtual.
    Server,
    /// A hypervisor host (VMware ESXi).
    Hypervisor,
    /// A switch, firewall, access point or the like.
    Network,
    /// A printer.
    Printer,
}

/// One network adapter, as the tool reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nic {
    /// Name of the adapter (`Intel(R) Wi-Fi 6E AX211`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// MAC address, in the tool's text form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// IPv4 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

/// One disk or volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// Name (`C:`).
    pub name: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Free space in bytes.
    pub free_bytes: u64,
}

/// A device as one tool holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRecord {
    /// Key of this record in the world, unique in its tool and kind.
    pub key: String,
    /// Key of the true device.
    pub truth: String,
    /// Key of the organization's record in the same tool.
    pub organization: String,
    /// Key of the location's record in the same tool. PSA only.
    pub location: Option<String>,
    /// Key of the contact's record in the same tool. PSA only.
    pub contact: Option<String>,
    /// Name: the configuration's name in a PSA, the host name in an RMM.
    pub name: String,
    /// What it is.
    pub class: DeviceClass,
    /// Whether a workstation is portable.
    pub laptop: bool,
    /// Configuration type, by name (`Managed Workstation`). PSA only.
    pub configuration_type: Option<String>,
    /// Configuration status, by name (`Active`). PSA only.
    pub status: Option<String>,
    /// Serial number, as the tool holds it.
    pub serial: Option<String>,
    /// Network adapters, primary first. In a PSA with one MAC field, several MACs are written as
    /// one text joined by `", "`.
    pub nics: Vec<Nic>,
    /// Default gateway.
    pub default_gateway: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Operating system (`Microsoft Windows 11 Pro`).
    pub os: Option<String>,
    /// Version or build of the operating system (`10.0.22631`).
    pub os_version: Option<String>,
    /// Asset tag.
    pub asset_tag: Option<String>,
    /// Processor.
    pub cpu: Option<String>,
    /// Number of processor cores.
    pub cpu_cores: Option<u32>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Disks or volumes.
    pub disks: Vec<Disk>,
    /// Who used it last (`LARK\frontdesk`).
    pub last_user: Option<String>,
    /// When it last booted.
    pub last_reboot: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// When it was bought. PSA only.
    pub purchased: Option<Date>,
    /// When it was installed. PSA only.
    pub installed: Option<Date>,
    /// When its warranty ends.
    pub warranty: Option<Date>,
    /// Notes.
    pub notes: Option<String>,
    /// False when the tool has it switched off (an inactive configuration, a suspended device).
    pub active: bool,
}

/// One record of one tool.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An organization.
    Organization(OrganizationRecord),
    /// A location.
    Location(LocationRecord),
    /// A contact.
    Contact(ContactRecord),
    /// A device.
    Device(Box<DeviceRecord>),
}

impl Record {
    /// Kind of the record.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Organization(_) => Kind::Organization,
            Self::Location(_) => Kind::Location,
            Self::Contact(_) => Kind::Contact,
            Self::Device(_) => Kind::Device,
        }
    }

    /// The organization, if it is one.
    pub const fn as_organization(&self) -> Option<&OrganizationRecord> {
        match self {
            Self::Organization(record) => Some(record),
            _ => None,
        }
    }

    /// The location, if it is one.
    pub const fn as_location(&self) -> Option<&LocationRecord> {
        match self {
            Self::Location(record) => Some(record),
            _ => None,
        }
    }

    /// The contact, if it is one.
    pub const fn as_contact(&self) -> Option<&ContactRecord> {
        match self {
            Self::Contact(record) => Some(record),
            _ => None,
        }
    }

    /// The device, if it is one.
    pub fn as_device(&self) -> Option<&DeviceRecord> {
        match self {
            Self::Device(record) => Some(record),
            _ => None,
        }
    }

    /// Key of the record in the world.
    pub fn key(&self) -> &str {
        match self {
            Self::Organization(record) => &record.key,
            Self::Location(record) => &record.key,
            Self::Contact(record) => &record.key,
            Self::Device(record) => &record.key,
        }
    }
}

/// Lists that a tool offers whether or not a record uses them (types and statuses), so that a
/// person can tick one before its first record arrives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contents {
    /// Organization types, by name, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organization_types: Vec<String>,
    /// Organization statuses, by name, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organization_statuses: Vec<String>,
    /// Configuration types, by name, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configuration_types: Vec<String>,
    /// Configuration statuses, by name, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configuration_statuses: Vec<String>,
    /// Contact types, by name, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contact_types: Vec<String>,
}

/// Everything that one tool holds, parents before children, in the order in which the tool got it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolRecords {
    /// Seed from which a simulator derives what the world does not say (ids, GUIDs, agent versions).
    pub seed: u64,
    /// Name of the MSP whose account this is.
    pub company: String,
    /// Types and statuses.
    pub contents: Contents,
    /// Organizations; a parent stands before its children.
    pub organizations: Vec<OrganizationRecord>,
    /// Locations.
    pub locations: Vec<LocationRecord>,
    /// Contacts.
    pub contacts: Vec<ContactRecord>,
    /// Devices.
    pub devices: Vec<DeviceRecord>,
}

/// Something that happened in one tool after it was stood up.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "changes come by the handful and are handed over by reference"
)]
pub enum Change {
    /// A record is new, or has these values now whatever it had; the key tells which.
    Put(Record),
    /// Somebody changed a record: what differs between the two is what they did. A simulator leaves
    /// the rest as it stands there, since clients may have written to it.
    Edit {
        /// The record as the world had it.
        before: Record,
        /// The record as the world has it now.
        after: Record,
    },
    /// A record was deleted in the tool, the way people delete there.
    Remove {
        /// Kind of record.
        kind: Kind,
        /// Its key.
        key: String,
    },
}

impl Change {
    /// The record as it is now; none when it was deleted.
    pub const fn record(&self) -> Option<&Record> {
        match self {
            Self::Put(record) | Self::Edit { after: record, .. } => Some(record),
            Self::Remove { .. } => None,
        }
    }
}

impl From<OrganizationRecord> for Record {
    fn from(record: OrganizationRecord) -> Self {
        Self::Organization(record)
    }
}

impl From<LocationRecord> for Record {
    fn from(record: LocationRecord) -> Self {
        Self::Location(record)
    }
}

impl From<ContactRecord> for Record {
    fn from(record: ContactRecord) -> Self {
        Self::Contact(record)
    }
}

impl From<DeviceRecord> for Record {
    fn from(record: DeviceRecord) -> Self {
        Self::Device(Box::new(record))
    }
}
