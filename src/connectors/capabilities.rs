//! What each vendor can give and take, as data: the reason for every difference between two vendors
//! that play the same scenario. It knows names of fields and nothing of how they are read.

use serde::Serialize;

use crate::model::RecordKind;

/// What the records of one list (types, statuses) can be called at a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// Whatever the tenant calls them.
    Free,
    /// Only these names; `Active` and `Inactive` where the vendor has a flag and no list.
    Fixed(&'static [&'static str]),
}

impl Vocabulary {
    /// A flag in place of a list of statuses.
    pub const FLAG: Self = Self::Fixed(&["Active", "Inactive"]);

    /// Whether the vendor can have a record of this name.
    pub fn has(self, name: &str) -> bool {
        match self {
            Self::Free => true,
            Self::Fixed(names) => names.contains(&name),
        }
    }
}

/// Where a vendor's locations come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// Records of their own.
    Records,
    /// The address of an organization, and those of its contacts; a location has no name of its own.
    Addresses,
    /// The address of an organization, and no other; it is called `Main`.
    Main,
}

/// What a PSA's API can give, and take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PsaCapabilities {
    /// Whether it has configurations.
    pub configurations: bool,
    /// Whether records are written back in a two-way sync.
    pub two_way: bool,
    /// Names that types of organizations can have.
    pub organization_types: Vocabulary,
    /// Names that statuses of organizations can have.
    pub organization_statuses: Vocabulary,
    /// Names that types of configurations can have.
    pub configuration_types: Vocabulary,
    /// Names that statuses of configurations can have.
    pub configuration_statuses: Vocabulary,
    /// Where locations come from.
    pub locations: Places,
    /// Whether organizations that were deleted go on being listed, as deleted.
    pub lists_deleted: bool,
    /// Whether contacts that are switched off are left out.
    pub active_contacts_only: bool,
    /// Whether an organization that is made through the API comes with a first location of the
    /// vendor's own.
    pub makes_first_location: bool,
    /// Fields of the account that the vendor has no field for, by kind of record and the account's
    /// names. A sync leaves them as they are, and they are no part of a key.
    pub without: &'static [(RecordKind, &'static [&'static str])],
    /// Fields that the vendor has in a form of its own (labels of telephone numbers, a short name made
    /// up where the tenant gives none), by kind of record and the account's names. They sync as usual;
    /// between vendors their values differ.
    pub own_form: &'static [(RecordKind, &'static [&'static str])],
    /// Kinds of record that a two-way sync cannot write, since the API has no call for it.
    pub unwritable: &'static [RecordKind],
    /// Fields without which a two-way sync pushes no record, by kind of record and the model's names.
    pub required: &'static [(RecordKind, &'static [&'static str])],
}

impl PsaCapabilities {
    /// Everything that the account has a field for.
    pub const WHOLE: Self = Self {
        configurations: true,
        two_way: true,
        organization_types: Vocabulary::Free,
        organization_statuses: Vocabulary::Free,
        configuration_types: Vocabulary::Free,
        configuration_statuses: Vocabulary::Free,
        locations: Places::Records,
        lists_deleted: false,
        active_contacts_only: false,
        makes_first_location: false,
        without: &[],
        own_form: &[],
        unwritable: &[],
        required: &[],
    };

    /// The account's fields of a kind of record that the vendor has no field for.
    pub fn without(&self, kind: RecordKind) -> &'static [&'static str] {
        names(self.without, kind)
    }

    /// Fields without which no record of a kind is pushed, by the model's names.
    pub fn required(&self, kind: RecordKind) -> &'static [&'static str] {
        names(self.required, kind)
    }

    /// Whether the vendor has a field for this one of the account.
    pub fn has(&self, kind: RecordKind, field: &str) -> bool {
        !self.without(kind).contains(&field)
    }

    /// Whether every vendor of which this is true shows the same value for the same tenant.
    pub fn shows_alike(&self, kind: RecordKind, field: &str) -> bool {
        self.has(kind, field) && !names(self.own_form, kind).contains(&field)
    }
}

/// What an RMM's API can give of a device, by the account's names of fields. Five names are none of the
/// account's: `other_interfaces` are the adapters beside the one with the primary MAC address,
/// `interface_order` says which one is the primary one (without it there are at most two, the wireless one
/// first), `serial_blanks` are the blanks in serial numbers, `mac_separators` what stands between the digits
/// of a MAC address, and `network_hardware` is what an inventory would tell of network devices, printers
/// left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RmmCapabilities {
    /// Fields that it gives no value for.
    pub without: &'static [&'static str],
    /// Fields that it has in a form of its own: its words for types, versions beside names.
    pub own_form: &'static [&'static str],
    /// Fields that it gives no value for where no agent runs: network devices, printers.
    pub without_agent: &'static [&'static str],
    /// Whether hosts of virtual machines are read like computers, and not like what has no agent.
    pub agent_on_hosts: bool,
    /// Kinds of devices that it has not at all.
    pub without_kinds: &'static [DeviceKind],
}

/// What a device is, where vendors differ in whether they have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// A desktop or laptop.
    Workstation,
    /// A server.
    Server,
    /// A host of virtual machines.
    Hypervisor,
    /// A switch, firewall, access point or the like.
    Network,
    /// A printer.
    Printer,
}

impl DeviceKind {
    /// What the devices of a kind are called.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Workstation => "workstations",
            Self::Server => "servers",
            Self::Hypervisor => "hosts of virtual machines",
            Self::Network => "network devices",
            Self::Printer => "printers",
        }
    }
}

impl RmmCapabilities {
    /// Whether the vendor can have a device of this kind.
    pub fn has_kind(&self, kind: DeviceKind) -> bool {
        !self.without_kinds.contains(&kind)
    }

    /// Whether the vendor gives this field of some devices at least.
    pub fn has(&self, field: &str) -> bool {
        !self.without.contains(&field)
    }

    /// Whether every vendor of which this is true shows the same value for the same device.
    pub fn shows_alike(&self, field: &str) -> bool {
        self.has(field) && !self.own_form.contains(&field)
    }
}

fn names(
    list: &'static [(RecordKind, &'static [&'static str])],
    kind: RecordKind,
) -> &'static [&'static str] {
    list.iter()
        .find(|(of, _)| *of == kind)
        .map_or(&[], |(_, fields)| fields)
}
