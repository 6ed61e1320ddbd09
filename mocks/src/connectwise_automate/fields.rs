//! The fields of each resource, in the order in which they are sent, and what can be asked of them
//! (`documented`: names and types are the vendor's). It knows no records.

/// A field.
pub(super) type Field = (&'static str, Kind);

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, which some resources write as text.
    Id,
    Text,
    Number,
    Flag,
    Moment,
    /// An array of texts or numbers.
    List,
    /// An object with these fields.
    Object(&'static [Field]),
    /// An array of objects with these fields.
    Objects(&'static [Field]),
    /// Something that nobody compares.
    Opaque,
}

use Kind::{Flag, Id, List, Moment, Number, Object, Objects, Opaque, Text};

/// A field by its name, in any case (`seen`: clients write `MacAddress`, `BIOSManufacturer`).
pub(super) fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
}

const NAMED: &[Field] = &[("Id", Id), ("Name", Text)];

pub(super) const CLIENT: &[Field] = &[
    ("Id", Id),
    ("Name", Text),
    ("Company", Text),
    ("FirstName", Text),
    ("LastName", Text),
    ("Address1", Text),
    ("Address2", Text),
    ("City", Text),
    ("State", Text),
    ("ZipCode", Text),
    ("PhoneNumber", Text),
    ("FaxNumber", Text),
    ("Comment", Text),
    ("Country", Text),
    ("ExternalId", Text),
    ("UsesInHouseSupportStaff", Flag),
    ("NewTicketNotificationEmail", Text),
    ("IsHiddenFromAllInclusiveGroup", Flag),
    ("Locations", Objects(NAMED)),
];

pub(super) const LOCATION: &[Field] = &[
    ("Id", Id),
    ("Client", Object(NAMED)),
    ("Name", Text),
    ("Address1", Text),
    ("Address2", Text),
    ("City", Text),
    ("State", Text),
    ("ZipCode", Text),
    ("Country", Text),
    ("PhoneNumber", Text),
    ("FaxNumber", Text),
    ("Contact", Opaque),
    ("Comments", Text),
    ("RouterPort", Number),
    ("ScriptDrive", Text),
    ("ScriptUsername", Text),
    ("ScriptRouterAddress", Text),
    ("ScriptExtra1", Text),
    ("ScriptExtra2", Text),
    ("ProbeId", Number),
    ("ExternalId", Number),
    ("Router", Opaque),
    ("DeploymentTemplate", Opaque),
    ("MaintenanceWindow", Opaque),
    ("DefaultDeploymentGroup", Opaque),
    ("DefaultDeploymentLogin", Opaque),
];

const USER: &[Field] = &[("LoggedInUserName", Text), ("ConsoleId", Number)];

pub(super) const COMPUTER: &[Field] = &[
    ("Id", Id),
    ("Location", Object(NAMED)),
    ("Client", Object(NAMED)),
    ("Contact", Opaque),
    ("IsFasTalk", Flag),
    ("IsMaster", Flag),
    ("IsNetworkProbe", Flag),
    ("IsHeartbeatEnabled", Flag),
    ("IsMaintenanceModeEnabled", Flag),
    ("IsTunnelSupported", Flag),
    ("IsVirtualMachine", Flag),
    ("ComputerName", Text),
    ("OperatingSystemName", Text),
    ("OperatingSystemVersion", Text),
    ("DomainName", Text),
    ("RemoteAgentLastInventory", Moment),
    ("UTCOffset", Number),
    ("OpenPortsTCP", List),
    ("OpenPortsUDP", List),
    ("Comment", Text),
    ("RemoteAgentVersion", Text),
    ("RemoteAgentLastContact", Moment),
    ("DomainNameServers", List),
    ("LastInventoryReceived", Moment),
    ("WindowsUpdateDate", Moment),
    ("AntivirusDefinitionDate", Moment),
    ("LastHeartbeat", Moment),
    ("TotalMemory", Number),
    ("FreeMemory", Number),
    ("CpuUsage", Number),
    ("LocalIPAddress", Text),
    ("GatewayIPAddress", Text),
    ("SystemUptime", Number),
    ("LastStartup", Moment),
    ("MACAddress", Text),
    ("DateAdded", Moment),
    ("UserIdleTime", Number),
    ("LoggedInUsers", Objects(USER)),
    ("LastUserName", Text),
    ("Tickets", Opaque),
    ("Groups", Objects(NAMED)),
    ("Bandwidth", Number),
    ("BandwidthDisplay", Text),
    ("AssetDate", Moment),
    ("AssetTag", Text),
    ("WarrantyEndDate", Moment),
    ("Type", Text),
    ("Status", Text),
    ("MasterMode", Text),
    ("VirusScanner", Object(NAMED)),
    ("FriendlyName", Text),
    ("IsLockedDown", Flag),
    ("IsSystemAccount", Flag),
    ("IsRebootNeeded", Flag),
    ("IsVirtualHost", Flag),
    ("IsHeartbeatRunning", Flag),
    ("HasIntelVPRO", Flag),
    ("HasIntelAMT", Flag),
    ("HasHPiLO", Flag),
    ("TempFiles", Text),
    ("SerialNumber", Text),
    ("CpuScore", Number),
    ("D3DScore", Number),
    ("DiskScore", Number),
    ("GraphicsScore", Number),
    ("MemoryScore", Number),
    ("PowerProfiles", List),
    ("CurrentPowerProfile", Text),
    ("BiosManufacturer", Text),
    ("BiosFlash", Text),
    ("PrimaryContactName", Text),
    ("CommentPriority", Opaque),
    ("HardwarePorts", List),
    ("UserAccounts", List),
];

pub(super) const NETWORK: &[Field] = &[
    ("Id", Id),
    ("Location", Object(NAMED)),
    ("LocalIPAddress", Text),
    ("Name", Text),
    ("FriendlyName", Text),
    ("OpenPortsTCP", List),
    ("DeviceType", Object(NAMED)),
    ("DetectionTemplateName", Text),
    ("LastUpdated", Moment),
    ("MACAddress", Text),
    ("Status", Text),
    ("Contact", Opaque),
    ("AlertMessage", Text),
    ("AlertWhenOffline", Flag),
    ("DateAdded", Moment),
    ("IsSNMPv1Supported", Flag),
    ("IsSNMPv2cSupported", Flag),
    ("IsSNMPv3Supported", Flag),
    ("IsLowOnToner", Flag),
    ("IsLowOnPaper", Flag),
    ("ManufacturerName", Text),
    ("ModelName", Text),
    ("Description", Text),
    ("Uptime", Number),
    ("AssetDate", Moment),
    ("LastContact", Moment),
    ("Groups", Objects(NAMED)),
    ("Client", Object(NAMED)),
    ("IsSyncedToManage", Flag),
    ("InterfaceCount", Number),
    ("ProbeId", Number),
    ("ProbeName", Text),
];

pub(super) const RETIRED: &[Field] = &[
    ("Id", Id),
    ("Client", Object(NAMED)),
    ("Location", Object(NAMED)),
    ("ComputerName", Text),
    ("OperatingSystemName", Text),
    ("OperatingSystemVersion", Text),
    ("Comment", Text),
    ("LocalIPAddress", Text),
    ("GatewayIPAddress", Text),
    ("AssetTag", Text),
    ("AssetDate", Moment),
    ("RetiredDate", Moment),
    ("RetireComment", Text),
    ("ComputerId", Id),
];

pub(super) const CHASSIS: &[Field] = &[
    ("ComputerId", Id),
    ("Manufacturer", Text),
    ("ProductName", Text),
    ("Version", Text),
    ("SerialNumber", Text),
    ("UUID", Text),
    ("SkuNumber", Text),
    ("Family", Text),
    ("ChassisType", Text),
    ("ChassisLock", Flag),
    ("AssetTag", Text),
    ("HeightUnits", Number),
    ("MainBoardProduct", Text),
    ("MainBoardSerialNumber", Text),
    ("MainBoardVersion", Text),
    ("MainBoardManufacturer", Text),
    ("LastUpdate", Moment),
];

pub(super) const DRIVE: &[Field] = &[
    ("DriveId", Id),
    ("ComputerId", Id),
    ("Letter", Text),
    ("Size", Number),
    ("FreeSpace", Number),
    ("FileSystem", Text),
    ("Model", Text),
    ("SmartStatus", Text),
    ("IsMissing", Flag),
    ("DateLastInventoried", Moment),
    ("VolumeName", Text),
    ("BackupFlag", Number),
    ("IsSolidState", Flag),
    ("IsInternal", Flag),
    ("MaximumHistoryDaysAvailable", Number),
];

pub(super) const SLOT: &[Field] = &[
    ("SlotHandle", Id),
    ("ComputerId", Id),
    ("SlotName", Text),
    ("Bank", Text),
    ("Size", Number),
    ("Speed", Number),
    ("Manufacturer", Text),
    ("SerialNumber", Text),
    ("PartNumber", Text),
    ("AssetTag", Text),
    ("UpdateDate", Moment),
];

pub(super) const PROCESSOR: &[Field] = &[
    ("ComputerId", Id),
    ("ProcessorHandle", Id),
    ("IsEnabled", Flag),
    ("Manufacturer", Text),
    ("Speed", Number),
    ("Cores", Number),
    ("Threads", Number),
    ("Is64Bit", Flag),
    ("ProcessorName", Text),
    ("UpdateDate", Moment),
];

pub(super) const BIOS: &[Field] = &[
    ("ComputerId", Id),
    ("Vendor", Text),
    ("Version", Text),
    ("Date", Moment),
    ("IsVirtualMachine", Flag),
    ("IsPortable", Flag),
    ("VmHost", Text),
    ("VmType", Text),
    ("VmName", Text),
    ("DateUpdated", Moment),
];

pub(super) const SYSTEM: &[Field] = &[
    ("ComputerId", Id),
    ("Name", Text),
    ("Version", Text),
    ("ServicePack", Text),
    ("ProductType", Number),
    ("IsLicensed", Flag),
    ("SystemDrive", Text),
    ("Is64Bit", Flag),
    ("Domain", Text),
    ("IsServer", Flag),
    ("InstallDate", Moment),
    ("DateUpdated", Moment),
];

/// Lists that are served and have nothing in them.
pub(super) const EMPTY: &[Field] = NAMED;
