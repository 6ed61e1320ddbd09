//! The world's records as Automate's. Members that begin with `_` are kept with a record and never sent.
//! It must not know requests, and knows ids only as numbers that it is given.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::kit::{Object, at, mix};
use crate::world::{DeviceClass, DeviceRecord, OrganizationRecord};

/// Owners of a record: numbers of a client and a location.
pub(super) const CLIENT: &str = "_client";
pub(super) const LOCATION: &str = "_location";
/// Rows of a computer in other resources.
pub(super) const CHASSIS: &str = "_chassis";
pub(super) const DRIVES: &str = "_drives";
pub(super) const PROCESSOR: &str = "_processor";
const ACTIVE: &str = "_active";
const SEEN: &str = "_seen";

/// The member that moves with every inventory, and so with all that an agent tells.
pub(super) const INVENTORY: &str = "LastInventoryReceived";

/// How long after it was last heard of an agent still counts as online (`inferred`: within minutes).
const ONLINE_MS: i128 = 300_000;
/// Memory and drives are told in whole megabytes.
const MEGABYTE: u64 = 1 << 20;

/// How MAC addresses are written (`inferred`: both forms are reported).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MacForm {
    /// `3C:52:82:0A:0B:0C`.
    #[default]
    Colons,
    /// `3C-52-82-0A-0B-0C`.
    Dashes,
}

impl MacForm {
    /// Six pairs of digits in this form; anything else as it is.
    fn write(self, text: &str) -> String {
        let pairs: Vec<&str> = text.split([':', '-']).collect();
        let is_pair =
            |pair: &&str| pair.len() == 2 && pair.bytes().all(|it| it.is_ascii_hexdigit());
        if pairs.len() != 6 || !pairs.iter().all(is_pair) {
            return text.to_owned();
        }
        let separator = match self {
            Self::Dashes => "-",
            Self::Colons => ":",
        };
        pairs.join(separator).to_ascii_uppercase()
    }
}

/// The time of the server, which tells no offset (`inferred`: it is UTC).
pub(super) fn stamp(moment: Timestamp) -> Value {
    TimeZone::UTC.to_datetime(moment).to_string().into()
}

fn day(date: Date) -> Value {
    date.at(0, 0, 0, 0).to_string().into()
}

/// A date that nobody has set: nothing, or one of the two dates that stand for it (`inferred`).
fn unset(seed: u64) -> Value {
    match mix(seed) % 3 {
        0 => Value::Null,
        1 => "0001-01-01T00:00:00".into(),
        _ => "1970-01-01T00:00:00".into(),
    }
}

/// Members that have a value.
fn object(members: Vec<(&str, Value)>) -> Object {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

pub(super) fn client(it: &OrganizationRecord) -> Object {
    object(vec![
        ("Name", it.name.clone().into()),
        ("Company", it.name.clone().into()),
        ("PhoneNumber", it.phone.clone().into()),
        ("ExternalId", it.short_name.clone().into()),
        ("UsesInHouseSupportStaff", false.into()),
        ("IsHiddenFromAllInclusiveGroup", (!it.active).into()),
    ])
}

/// The location that comes with a client.
pub(super) fn location(client: u64, it: &OrganizationRecord) -> Object {
    object(vec![
        (CLIENT, client.into()),
        ("Name", it.name.clone().into()),
        ("PhoneNumber", it.phone.clone().into()),
    ])
}

/// A computer's number of its own.
fn seed(key: &str) -> u64 {
    key.bytes()
        .fold(7, |hash, byte| mix(hash ^ u64::from(byte)))
}

/// The last time somebody heard of a device.
fn contact(it: &DeviceRecord) -> Value {
    it.last_seen.map(stamp).unwrap_or_default()
}

pub(super) fn computer(
    it: &DeviceRecord,
    client: u64,
    location: Option<u64>,
    macs: MacForm,
) -> Object {
    let seed = seed(&it.key);
    let nic = it.nics.first();
    let mac = it.nics.iter().find_map(|nic| nic.mac.as_deref());
    let virtual_machine = it.model.as_deref().is_some_and(|it| it.contains("Virtual"));
    let domain = it
        .last_user
        .as_deref()
        .and_then(|user| user.split_once('\\'));
    let users = it.last_user.iter();
    let users = users.map(|user| json!({ "LoggedInUserName": user, "ConsoleId": 1 }));
    let kind = match it.class {
        DeviceClass::Server | DeviceClass::Hypervisor => "Server",
        _ if it.laptop => "Laptop",
        _ => "Workstation",
    };
    // The architecture stands behind the name (`seen`).
    let os = it.os.as_deref().map(|os| match os.contains("Windows") {
        true => format!("{os} x64"),
        false => os.to_owned(),
    });
    let memory = it.memory_bytes.map(|bytes| bytes / MEGABYTE);
    let mut computer = object(vec![
        (CLIENT, client.into()),
        (LOCATION, location.into()),
        (ACTIVE, it.active.into()),
        (SEEN, it.last_seen.map(|seen| seen.to_string()).into()),
        ("ComputerName", it.name.clone().into()),
        ("OperatingSystemName", os.into()),
        ("OperatingSystemVersion", it.os_version.clone().into()),
        ("DomainName", domain.map(|(domain, _)| domain).into()),
        ("Type", kind.into()),
        ("RemoteAgentVersion", "250.123".into()),
        ("RemoteAgentLastContact", contact(it)),
        ("LastHeartbeat", contact(it)),
        (
            "LastStartup",
            it.last_reboot.map_or_else(|| unset(seed), stamp),
        ),
        ("WindowsUpdateDate", unset(seed ^ 1)),
        ("AssetDate", unset(seed ^ 2)),
        (
            "WarrantyEndDate",
            it.warranty.map_or_else(|| unset(seed ^ 3), day),
        ),
        ("TotalMemory", memory.into()),
        ("LocalIPAddress", nic.and_then(|nic| nic.ip.clone()).into()),
        // Where its client is reached from outside (`seen`), which no tenant tells.
        ("GatewayIPAddress", "198.51.100.77".into()),
        ("MACAddress", mac.map(|mac| macs.write(mac)).into()),
        ("LoggedInUsers", users.collect::<Vec<_>>().into()),
        ("LastUserName", it.last_user.clone().into()),
        ("AssetTag", it.asset_tag.clone().unwrap_or_default().into()),
        ("SerialNumber", it.serial.clone().into()),
        ("BiosManufacturer", it.manufacturer.clone().into()),
        ("Comment", it.notes.clone().into()),
        ("IsVirtualMachine", virtual_machine.into()),
        (
            "IsVirtualHost",
            (it.class == DeviceClass::Hypervisor).into(),
        ),
        ("IsMaster", false.into()),
        ("IsNetworkProbe", false.into()),
        ("IsMaintenanceModeEnabled", false.into()),
        ("IsHeartbeatEnabled", true.into()),
        ("IsRebootNeeded", false.into()),
        ("UTCOffset", 0.into()),
        ("OpenPortsTCP", ports(it).into()),
        ("OpenPortsUDP", json!([])),
        ("UserAccounts", json!(["Administrator", "Guest"])),
        (CHASSIS, chassis(it)),
        (DRIVES, drives(it)),
        (PROCESSOR, processor(it)),
    ]);
    // A date that is not set may be null, and is then as much of the record as the other two.
    for name in ["LastStartup", "WarrantyEndDate"] {
        computer.entry(name.to_owned()).or_insert(Value::Null);
    }
    computer
}

/// Servers can be reached from afar.
fn ports(it: &DeviceRecord) -> Vec<u16> {
    match it.class {
        DeviceClass::Server => vec![135, 445, 3389],
        _ => vec![135, 445],
    }
}

/// What the inventory tells of the case; a computer of which it tells nothing has no row (`inferred`).
fn chassis(it: &DeviceRecord) -> Value {
    if it.manufacturer.is_none() && it.model.is_none() && it.serial.is_none() {
        return Value::Null;
    }
    let kind = match it.class {
        DeviceClass::Server | DeviceClass::Hypervisor => "Rack Mount Chassis",
        _ if it.laptop => "Notebook",
        _ => "Desktop",
    };
    json!({
        "Manufacturer": it.manufacturer, "ProductName": it.model, "SerialNumber": it.serial,
        "ChassisType": kind, "AssetTag": it.asset_tag, "MainBoardManufacturer": it.manufacturer,
    })
}

fn drives(it: &DeviceRecord) -> Value {
    let drives = it.disks.iter().map(|disk| {
        json!({
            "Letter": disk.name.strip_suffix(':').unwrap_or(&disk.name),
            "Size": disk.size_bytes / MEGABYTE, "FreeSpace": disk.free_bytes / MEGABYTE,
            "FileSystem": "NTFS", "SmartStatus": "OK", "IsMissing": false, "IsSolidState": true,
            "IsInternal": true,
        })
    });
    drives.collect()
}

fn processor(it: &DeviceRecord) -> Value {
    let Some(name) = &it.cpu else {
        return Value::Null;
    };
    let maker = ["Intel", "AMD", "Apple"].into_iter();
    let maker = maker.into_iter().find(|maker| name.contains(maker));
    json!({
        "ProcessorName": name, "Manufacturer": maker, "Cores": it.cpu_cores, "Threads": it.cpu_cores,
        "Is64Bit": true, "IsEnabled": true,
    })
}

pub(super) fn network(
    it: &DeviceRecord,
    client: u64,
    location: Option<u64>,
    macs: MacForm,
) -> Object {
    let nic = it.nics.first();
    let mac = it.nics.iter().find_map(|nic| nic.mac.as_deref());
    let (id, kind) = match it.class {
        DeviceClass::Printer => (2, "Printer"),
        _ => (3, "Switch"),
    };
    object(vec![
        (CLIENT, client.into()),
        (LOCATION, location.into()),
        (ACTIVE, it.active.into()),
        (SEEN, it.last_seen.map(|seen| seen.to_string()).into()),
        ("Name", it.name.clone().into()),
        ("DeviceType", json!({ "Id": id, "Name": kind })),
        ("LocalIPAddress", nic.and_then(|nic| nic.ip.clone()).into()),
        ("MACAddress", mac.map(|mac| macs.write(mac)).into()),
        ("ManufacturerName", it.manufacturer.clone().into()),
        ("ModelName", it.model.clone().into()),
        ("Description", it.notes.clone().into()),
        ("LastContact", contact(it)),
        ("IsSyncedToManage", false.into()),
        ("InterfaceCount", it.nics.len().into()),
        ("OpenPortsTCP", json!([])),
    ])
}

/// Whether somebody has heard of a device within minutes.
fn is_online(record: &Object, now: Timestamp) -> bool {
    let seen: Option<Timestamp> = at(record, SEEN).as_str().and_then(|it| it.parse().ok());
    let active = at(record, ACTIVE) != &Value::Bool(false);
    active && seen.is_some_and(|seen| now.duration_since(seen).as_millis() <= ONLINE_MS)
}

/// Sets what depends on the time: the status, and how long a computer has been running.
pub(super) fn age(record: &mut Object, now: Timestamp) {
    let online = is_online(record, now);
    let status = if online { "Online" } else { "Offline" };
    record.insert("Status".to_owned(), status.into());
    if record.contains_key("ComputerName") {
        record.insert("IsHeartbeatRunning".to_owned(), online.into());
        let startup = at(record, "LastStartup").as_str();
        let startup = startup.and_then(crate::kit::condition::moment);
        let minutes = startup
            .filter(|it| online && it.as_second() > 0)
            .map(|it| now.duration_since(it).as_mins().max(0));
        record.insert("SystemUptime".to_owned(), minutes.into());
    }
}
