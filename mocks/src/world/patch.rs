//! Overrides: the values that one tool holds differently from the truth, or that an edit changes.
//! A value that is left out stays; an explicit `null` clears it.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::FlowSeq;

use super::located::Located;
use super::records::{DeviceClass, Disk, Email, Kind, Nic, Phone};

/// What an organization's record says differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OrganizationPatch {
    /// Name.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// Short name or identifier.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub short_name: Option<Option<String>>,
    /// Type, by name.
    #[serde(
        rename = "type",
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    pub organization_type: Option<Option<String>>,
    /// Status, by name. Left out, it follows `active`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub status: Option<Option<String>>,
    /// Key of the parent organization.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub parent: Option<Option<Located<String>>>,
    /// Telephone.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Option<String>>,
    /// Web site.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub website: Option<Option<String>>,
    /// Whether the tool has it switched on.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub active: Option<bool>,
}

/// What a location's record says differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LocationPatch {
    /// Key of the organization; an edit moves the location there.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Located<String>")]
    pub organization: Option<Located<String>>,
    /// Name.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// First line of the address.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub address_1: Option<Option<String>>,
    /// Second line of the address.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub address_2: Option<Option<String>>,
    /// City.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub city: Option<Option<String>>,
    /// State, province or region.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub region: Option<Option<String>>,
    /// Postal code.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Option<String>>,
    /// Country, by its English name.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub country: Option<Option<String>>,
    /// Telephone.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Option<String>>,
    /// Fax.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub fax: Option<Option<String>>,
    /// Whether it is the organization's main location.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub primary: Option<bool>,
    /// Whether the tool has it switched on.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub active: Option<bool>,
}

/// What a contact's record says differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContactPatch {
    /// Key of the organization; an edit moves the contact there.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Located<String>")]
    pub organization: Option<Located<String>>,
    /// Key of the location.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub location: Option<Option<Located<String>>>,
    /// First name.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub first_name: Option<String>,
    /// Last name; `null` is written as empty text.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Option<String>>,
    /// Job title.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub title: Option<Option<String>>,
    /// Type, by name.
    #[serde(
        rename = "type",
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    pub contact_type: Option<Option<String>>,
    /// E-mail addresses, all of them.
    #[serde(deserialize_with = "list", skip_serializing_if = "Option::is_none")]
    pub emails: Option<Vec<Email>>,
    /// Telephone numbers, all of them.
    #[serde(deserialize_with = "list", skip_serializing_if = "Option::is_none")]
    pub phones: Option<Vec<Phone>>,
    /// Whether the tool has it switched on.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub active: Option<bool>,
}

/// What a device's record says differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DevicePatch {
    /// Key of the organization, or of its second record in this tool (`acme#2`); an edit moves the
    /// device there.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Located<String>")]
    pub organization: Option<Located<String>>,
    /// Key of the location.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub location: Option<Option<Located<String>>>,
    /// Key of the contact.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub contact: Option<Option<Located<String>>>,
    /// Name.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// What the tool takes it for.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "DeviceClass")]
    pub class: Option<DeviceClass>,
    /// Whether it is portable.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub laptop: Option<bool>,
    /// Configuration type, by name. Left out, it follows `class`.
    #[serde(
        rename = "type",
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    pub configuration_type: Option<Option<String>>,
    /// Configuration status, by name. Left out, it follows `active`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub status: Option<Option<String>>,
    /// Serial number.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub serial: Option<Option<String>>,
    /// MAC addresses, primary first: the adapters keep their names and addresses by position. Not
    /// beside `nics`.
    #[serde(
        deserialize_with = "list",
        serialize_with = "in_one_line",
        skip_serializing_if = "Option::is_none"
    )]
    pub macs: Option<Vec<String>>,
    /// Network adapters, primary first, all of them. Not beside `macs` or `ip`.
    #[serde(deserialize_with = "list", skip_serializing_if = "Option::is_none")]
    pub nics: Option<Vec<Nic>>,
    /// Address of the primary adapter. Not beside `nics`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub ip: Option<Option<String>>,
    /// Default gateway.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub default_gateway: Option<Option<String>>,
    /// Manufacturer.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Option<String>>,
    /// Model.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub model: Option<Option<String>>,
    /// Operating system.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub os: Option<Option<String>>,
    /// Version of the operating system.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<Option<String>>,
    /// Asset tag.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub asset_tag: Option<Option<String>>,
    /// Processor.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Option<String>>,
    /// Number of processor cores.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<Option<u32>>,
    /// Memory in bytes.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<Option<u64>>,
    /// Disks or volumes, all of them.
    #[serde(deserialize_with = "list", skip_serializing_if = "Option::is_none")]
    pub disks: Option<Vec<Disk>>,
    /// Who used it last.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub last_user: Option<Option<String>>,
    /// When it last booted.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_reboot: Option<Option<Timestamp>>,
    /// When it was last seen.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_seen: Option<Option<Timestamp>>,
    /// When it was bought.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub purchased: Option<Option<Date>>,
    /// When it was installed.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub installed: Option<Option<Date>>,
    /// When its warranty ends.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub warranty: Option<Option<Date>>,
    /// Notes.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub notes: Option<Option<String>>,
    /// Whether the tool has it switched on.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub active: Option<bool>,
}

/// An override of one record, of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patch {
    /// Of an organization.
    Organization(OrganizationPatch),
    /// Of a location.
    Location(LocationPatch),
    /// Of a contact.
    Contact(ContactPatch),
    /// Of a device.
    Device(Box<DevicePatch>),
}

impl Patch {
    /// Kind of record that it is for.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Organization(_) => Kind::Organization,
            Self::Location(_) => Kind::Location,
            Self::Contact(_) => Kind::Contact,
            Self::Device(_) => Kind::Device,
        }
    }
}

impl From<OrganizationPatch> for Patch {
    fn from(patch: OrganizationPatch) -> Self {
        Self::Organization(patch)
    }
}

impl From<LocationPatch> for Patch {
    fn from(patch: LocationPatch) -> Self {
        Self::Location(patch)
    }
}

impl From<ContactPatch> for Patch {
    fn from(patch: ContactPatch) -> Self {
        Self::Contact(patch)
    }
}

impl From<DevicePatch> for Patch {
    fn from(patch: DevicePatch) -> Self {
        Self::Device(Box::new(patch))
    }
}

/// A value that may be cleared: left out is not the same as `null`.
fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// A value that every record has: `null` is an error instead of "left out".
fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A list: `null` empties it.
fn list<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<Vec<T>>::deserialize(deserializer).map(|list| Some(list.unwrap_or_default()))
}

/// Writes a short list as `[a, b]`.
pub(crate) fn in_one_line<T, S>(list: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    for<'a> FlowSeq<&'a T>: Serialize,
    S: Serializer,
{
    FlowSeq(list).serialize(serializer)
}
