//! The kinds of machine that the API tells apart, what each is called in paths and rows, and how ids of
//! five separate spaces stand in one. It knows words and numbers, and no records.

use crate::world::{DeviceClass, DeviceRecord};

/// A kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Agent,
    Snmp,
    Tcp,
    Http,
    Generic,
}

/// Where the kind begins in an id that is unique among all machines.
const KIND_BITS: u32 = 48;

impl Class {
    pub(super) const ALL: [Self; 5] = [
        Self::Agent,
        Self::Snmp,
        Self::Tcp,
        Self::Http,
        Self::Generic,
    ];

    /// How a machine of the world is watched. ESXi takes no agent.
    pub(super) const fn of(it: &DeviceRecord) -> Self {
        match it.class {
            DeviceClass::Workstation | DeviceClass::Server => Self::Agent,
            DeviceClass::Hypervisor | DeviceClass::Network | DeviceClass::Printer => Self::Snmp,
        }
    }

    /// The word for it in paths: `snmpdevices`, `snmpfield`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Snmp => "snmp",
            Self::Tcp => "tcp",
            Self::Http => "http",
            Self::Generic => "generic",
        }
    }

    /// The word for it among the targets of custom fields.
    pub(super) const fn target(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Snmp => "SNMPDevice",
            Self::Tcp => "TCPDevice",
            Self::Http => "HTTPDevice",
            Self::Generic => "GenericDevice",
        }
    }

    /// The member that holds the id.
    pub(super) const fn id_member(self) -> &'static str {
        match self {
            Self::Agent => "AgentID",
            _ => "DeviceID",
        }
    }

    /// Members of a row, in their order (`documented`).
    pub(super) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Agent => AGENT,
            Self::Snmp => SNMP,
            Self::Tcp => TCP,
            Self::Http => HTTP,
            Self::Generic => GENERIC,
        }
    }

    /// An id among all machines.
    pub(super) const fn joint(self, id: u64) -> u64 {
        (self as u64) << KIND_BITS | id
    }

    /// The kind and its own id.
    pub(super) fn split(joint: u64) -> (Self, u64) {
        let kind = usize::try_from(joint >> KIND_BITS).unwrap_or(0);
        let class = Self::ALL.get(kind).copied().unwrap_or(Self::Agent);
        (class, joint & ((1 << KIND_BITS) - 1))
    }

    /// How a machine is named outside: an agent by its id, others by kind and id.
    pub(super) fn shown(joint: u64) -> String {
        match Self::split(joint) {
            (Self::Agent, id) => id.to_string(),
            (class, id) => format!("{}-{id}", class.word()),
        }
    }

    /// The other way round.
    pub(super) fn read(text: &str) -> Option<u64> {
        let (class, id) = match text.split_once('-') {
            None => (Self::Agent, text),
            Some((word, id)) => {
                let mut others = Self::ALL.into_iter().skip(1);
                (others.find(|class| class.word() == word)?, id)
            }
        };
        let id: u64 = id.parse().ok()?;
        (id >> KIND_BITS == 0).then(|| class.joint(id))
    }
}

/// Members of a customer.
pub(super) const CUSTOMER: &[&str] = &[
    "CustomerID",
    "CustomerName",
    "CreatedOn",
    "LastModified",
    "BusinessNumber",
    "Domain",
    "Address",
    "City",
    "State",
    "Country",
    "Phone",
    "Fax",
    "Notes",
    "Logo",
    "Links",
    "Longitude",
    "Latitude",
    "ZipCodeStr",
];

const AGENT: &[&str] = &[
    "MachineID",
    "AgentID",
    "DeviceGuid",
    "FolderID",
    "FolderName",
    "CustomerID",
    "CustomerName",
    "AgentName",
    "SystemName",
    "MachineName",
    "DomainName",
    "CurrentLoggedUsers",
    "ComputerDescription",
    "Monitored",
    "AgentVersion",
    "Favorite",
    "ThresholdID",
    "MonitoredAgentID",
    "Created",
    "Modified",
    "Online",
    "LastSeen",
    "ReportedFromIP",
    "AppViewUrl",
    "Motherboard",
    "Processor",
    "Memory",
    "Display",
    "Sound",
    "ProcessorCoresCount",
    "SystemDrive",
    "ProcessorClock",
    "Vendor",
    "VendorSerialNumber",
    "VendorBrandModel",
    "ProductName",
    "BiosManufacturer",
    "BiosVersion",
    "BiosReleaseDate",
    "MacAddresses",
    "IpAddresses",
    "HardwareDisks",
    BATTERY,
    "OS",
    "OSType",
    "WindowsSerialNumber",
    "Office",
    "OfficeSP",
    "OfficeOEM",
    "OfficeSerialNumber",
    "OSNum",
    "LastRebootTime",
    "OSVersion",
    "OSBuild",
    "OfficeFullVersion",
    "LastLoginUser",
    "DeviceType",
];

/// The one member that cannot be null: it is left out where there is none.
pub(super) const BATTERY: &str = "BatteryInfo";

const SNMP: &[&str] = &[
    "Name",
    "DeviceID",
    "DeviceGuid",
    "CustomerID",
    "CustomerName",
    "FolderID",
    "Hostname",
    "Online",
    "Port",
    "Community",
    "Type",
    "Version",
    "SecurityLevel",
    "Authentication",
    "Privacy",
    "Monitored",
    "MonitoringAgentID",
    "Model",
];

const TCP: &[&str] = &[
    "Name",
    "DeviceID",
    "DeviceGuid",
    "Hostname",
    "CustomerID",
    "CustomerName",
    "FolderID",
    "MonitoringAgentID",
    "Monitored",
    "Ports",
];

const HTTP: &[&str] = &[
    "Name",
    "DeviceID",
    "DeviceGuid",
    "CustomerID",
    "CustomerName",
    "FolderID",
    "MonitoringAgentID",
    "URL",
    "Pattern",
    "URLUp",
    "ContainsPattern",
    "Monitored",
];

const GENERIC: &[&str] = &[
    "Name",
    "DeviceID",
    "DeviceGuid",
    "FolderID",
    "CustomerID",
    "CustomerName",
    "Monitored",
    "MonitoringAgentID",
];
