//! The YAML form of a world: who the clients are, what they have, and which tool holds it with which
//! differences. Written by hand in a scenario or a file, or made by the generator.

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dirt::Dirt;
use super::generate::GenerateSpec;
use super::located::Located;
use super::patch::{ContactPatch, DevicePatch, LocationPatch, OrganizationPatch, in_one_line};
use super::records::{Contents, DeviceClass, Disk, Email, Nic, Phone, Tool};

/// Entities by their short names, in the order of the file. The names are free text without `#`.
pub type Entries<T> = IndexMap<Located<String>, T>;

/// A tenant: an MSP's clients and what they have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tenant {
    /// Makes the tenant from a seed. Only `company` and `contents` may stand beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<Box<Located<GenerateSpec>>>,
    /// Name of the MSP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Seed for what the tenant does not say: the ids and GUIDs that simulators give.
    #[serde(skip_serializing_if = "is_default")]
    pub seed: Located<u64>,
    /// Types and statuses of the PSA beside the usual ones and those that are used.
    #[serde(skip_serializing_if = "is_default")]
    pub contents: Contents,
    /// The clients. In both tools unless `in` says otherwise.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub organizations: Entries<Organization>,
    /// Their locations. In the PSA unless `in` says otherwise.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub locations: Entries<Location>,
    /// Their people. In the PSA unless `in` says otherwise.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub contacts: Entries<Contact>,
    /// Their devices. In both tools unless `in` says otherwise.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub devices: Entries<Device>,
}

/// Further records of the same entity in the same tool: `acme#2`, `acme#3` … in order. Each takes
/// the true values with its own overrides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Copies<P> {
    /// In the PSA.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub psa: Vec<P>,
    /// In the RMM.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rmm: Vec<P>,
}

impl<P> Copies<P> {
    /// Those of one tool.
    pub fn of(&self, tool: Tool) -> &[P] {
        match tool {
            Tool::Psa => &self.psa,
            Tool::Rmm => &self.rmm,
        }
    }
}

// Not derived: that would ask for `P: Default`.
impl<P> Default for Copies<P> {
    fn default() -> Self {
        Self {
            psa: Vec::new(),
            rmm: Vec::new(),
        }
    }
}

/// A client of the MSP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Name.
    pub name: String,
    /// Short name or identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// Type, by name; `Client` when left out.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub organization_type: Option<String>,
    /// Status, by name; `Active` or `Inactive`, after `active`, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Key of the parent organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Located<String>>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Web site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// False when it is switched off; true when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which tools hold it.
    #[serde(
        rename = "in",
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Option::is_none"
    )]
    pub tools: Option<Vec<Located<Tool>>>,
    /// What the PSA's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psa: Option<Box<OrganizationPatch>>,
    /// What the RMM's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmm: Option<Box<OrganizationPatch>>,
    /// Further records of it in the same tool.
    #[serde(default, skip_serializing_if = "is_default")]
    pub copies: Copies<OrganizationPatch>,
    /// What is wrong with it on purpose; the generator writes it down here.
    #[serde(
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub dirt: Vec<Dirt>,
}

/// A place of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Key of the organization.
    pub organization: Located<String>,
    /// Name (`Main`).
    pub name: String,
    /// First line of the address: street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_1: Option<String>,
    /// Second line of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, province or region (`NS`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, by its English name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Fax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fax: Option<String>,
    /// Whether it is the organization's main location; the first one is when none says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// False when it is switched off; true when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which tools hold it.
    #[serde(
        rename = "in",
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Option::is_none"
    )]
    pub tools: Option<Vec<Located<Tool>>>,
    /// What the PSA's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psa: Option<Box<LocationPatch>>,
    /// What the RMM's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmm: Option<Box<LocationPatch>>,
    /// Further records of it in the same tool.
    #[serde(default, skip_serializing_if = "is_default")]
    pub copies: Copies<LocationPatch>,
    /// What is wrong with it on purpose; the generator writes it down here.
    #[serde(
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub dirt: Vec<Dirt>,
}

/// A person of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Key of the organization.
    pub organization: Located<String>,
    /// Key of the location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Located<String>>,
    /// First name.
    pub first_name: String,
    /// Last name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_name: String,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Type, by name (`Decision Maker`).
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub contact_type: Option<String>,
    /// E-mail addresses; the first is the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Telephone numbers; the first is the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// False when it is switched off; true when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which tools hold it.
    #[serde(
        rename = "in",
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Option::is_none"
    )]
    pub tools: Option<Vec<Located<Tool>>>,
    /// What the PSA's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psa: Option<Box<ContactPatch>>,
    /// What the RMM's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmm: Option<Box<ContactPatch>>,
    /// Further records of it in the same tool.
    #[serde(default, skip_serializing_if = "is_default")]
    pub copies: Copies<ContactPatch>,
    /// What is wrong with it on purpose; the generator writes it down here.
    #[serde(
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub dirt: Vec<Dirt>,
}

/// A device of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Key of the organization.
    pub organization: Located<String>,
    /// Key of the location. The PSA alone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Located<String>>,
    /// Key of the contact. The PSA alone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Located<String>>,
    /// Name.
    pub name: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub class: DeviceClass,
    /// Whether a workstation is portable.
    #[serde(default, skip_serializing_if = "is_default")]
    pub laptop: bool,
    /// Configuration type, by name; after `class` when left out (`Managed Workstation`).
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub configuration_type: Option<String>,
    /// Configuration status, by name; `Active` or `Inactive`, after `active`, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// MAC addresses, primary first: the short form of `nics`.
    #[serde(
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub macs: Vec<String>,
    /// Network adapters, primary first. Not beside `macs` or `ip`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nics: Vec<Nic>,
    /// Address of the primary adapter. Not beside `nics`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Default gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_gateway: Option<String>,
    /// Manufacturer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Operating system (`Microsoft Windows 11 Pro`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// Version or build of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// Asset tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_tag: Option<String>,
    /// Processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Number of processor cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<u32>,
    /// Memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Disks or volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<Disk>,
    /// Who used it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_user: Option<String>,
    /// When it last booted. The RMM alone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_reboot: Option<Timestamp>,
    /// When it was last seen. The RMM alone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_seen: Option<Timestamp>,
    /// When it was bought. The PSA alone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub purchased: Option<Date>,
    /// When it was installed. The PSA alone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub installed: Option<Date>,
    /// When its warranty ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub warranty: Option<Date>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// False when it is switched off; true when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which tools hold it.
    #[serde(
        rename = "in",
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Option::is_none"
    )]
    pub tools: Option<Vec<Located<Tool>>>,
    /// What the PSA's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psa: Option<Box<DevicePatch>>,
    /// What the RMM's record says differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmm: Option<Box<DevicePatch>>,
    /// Further records of it in the same tool.
    #[serde(default, skip_serializing_if = "is_default")]
    pub copies: Copies<DevicePatch>,
    /// What is wrong with it on purpose; the generator writes it down here.
    #[serde(
        default,
        serialize_with = "in_one_line",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub dirt: Vec<Dirt>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
