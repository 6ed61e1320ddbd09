//! Organizations with their machine groups, machines with agents and their audits, and assets; the
//! world's records as these. It must not know HTTP.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::kit::{Collection, Ledger, Object, at};
use crate::world::{
    Change, DeviceClass, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords,
};
use crate::{ChangeError, TruthRow, Vendor};

/// What stands before the last digits of the ids of organizations and groups (seen: 26 digits in all).
const LONG: &str = "2017111111";
const LONG_DIGITS: usize = 16;
/// Machines and assets have shorter ids (seen).
const FIRST_ID: u64 = 104_205_178_812_000;
const MB: u64 = 1 << 20;
/// Since when an agent that says nothing is offline, in seconds (inferred).
const ONLINE_S: i64 = 300;

/// Members that are kept with a machine and that no reply shows.
pub(super) const VOLUMES: &str = "_volumes";
const SEEN: &str = "_seen";
const ACTIVE: &str = "_active";

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) organizations: Collection,
    pub(super) groups: Collection,
    pub(super) agents: Collection,
    pub(super) audits: Collection,
    pub(super) assets: Collection,
    ledger: Ledger,
    next: u64,
}

/// An id of an organization or a group as it is sent.
pub(super) fn long(id: u64) -> String {
    format!("{LONG}{id:0LONG_DIGITS$}")
}

/// The number behind an id of either form.
pub(super) fn number(text: &str) -> Option<u64> {
    text.strip_prefix(LONG)
        .filter(|rest| rest.len() == LONG_DIGITS)
        .unwrap_or(text)
        .parse()
        .ok()
}

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut store = Self {
            organizations: Collection::new(1, None, &["OrgId", "OrgName", "OrgRef"]),
            groups: Collection::new(1, None, &["MachineGroupId", "MachineGroupName"]),
            agents: Collection::new(1, None, &["AgentId", "AgentName", "Online"]),
            audits: Collection::new(1, None, &["AgentGuid", "DisplayName", "ComputerName"]),
            assets: Collection::new(1, None, &["AssetId", "AssetName", "AssetTypeId"]),
            ledger: Ledger::new(),
            next: FIRST_ID,
        };
        let (mut organizations, mut groups) = (Vec::new(), Vec::new());
        let mut taken = HashSet::new();
        for it in &records.organizations {
            let (id, group) = (store.new_id(), store.new_id());
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            let reference = free_reference(it, &mut taken);
            groups.push((group, machine_group(group, id, &reference)));
            organizations.push((id, organization(it, id, group, &reference)));
        }
        store.organizations.load(organizations);
        store.groups.load(groups);
        let (mut agents, mut audits, mut assets) = (Vec::new(), Vec::new(), Vec::new());
        for it in &records.devices {
            let Some(place) = store.place(&it.organization) else {
                continue;
            };
            let (asset, agent) = (store.new_id(), has_agent(it).then(|| store.new_id()));
            let id = agent.unwrap_or(asset);
            store.ledger.know(Kind::Device, id, &it.key, &it.truth);
            if let Some(agent) = agent {
                agents.push((agent, machine(it, agent, &place, now)));
                audits.push((agent, audit(it, agent, &place)));
            }
            assets.push((asset, found(it, asset, agent, &place)));
        }
        store.agents.load(agents);
        store.audits.load(audits);
        store.assets.load(assets);
        store
    }

    const fn new_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The organization and its machine group.
    fn place(&self, key: &str) -> Option<Place> {
        let organization = self.ledger.id(Kind::Organization, key)?;
        self.place_of(organization)
    }

    fn place_of(&self, organization: u64) -> Option<Place> {
        let row = self.organizations.get(organization)?;
        let group = at(&row, GROUP).as_u64()?;
        let name = at(&self.groups.get(group)?, "MachineGroupName")
            .as_str()?
            .to_owned();
        Some(Place {
            organization,
            group,
            name,
        })
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let after = match change {
            Change::Put(record) | Change::Edit { after: record, .. } => record,
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        match after {
            Record::Organization(it) => {
                let known = self.ledger.id(Kind::Organization, &it.key);
                let (id, group, reference) = match known.and_then(|id| {
                    let row = self.organizations.get(id)?;
                    let reference = at(&row, "OrgRef").as_str()?.to_owned();
                    Some((id, at(&row, GROUP).as_u64()?, reference))
                }) {
                    // Machine names end in the reference, which stays.
                    Some(known) => known,
                    None => {
                        let rows = self.organizations.iter();
                        let taken = rows
                            .filter_map(|(_, row)| at(&row, "OrgRef").as_str().map(str::to_owned));
                        let mut taken = taken.collect();
                        let reference = free_reference(it, &mut taken);
                        (self.new_id(), self.new_id(), reference)
                    }
                };
                let row = organization(it, id, group, &reference);
                self.organizations.put(id, &row);
                self.groups
                    .put(group, &machine_group(group, id, &reference));
                self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
            }
            Record::Device(it) => {
                let place = self
                    .place(&it.organization)
                    .ok_or_else(|| unknown(Kind::Device, &it.key))?;
                let known = self.ledger.id(Kind::Device, &it.key);
                let asset = known.and_then(|id| self.asset_of(id));
                let asset = asset.unwrap_or_else(|| self.new_id());
                let known = known.filter(|id| (*id != asset) == has_agent(it));
                let id = match known {
                    Some(id) => id,
                    None if has_agent(it) => self.new_id(),
                    None => asset,
                };
                if has_agent(it) {
                    let born = self.agents.get(id).and_then(|row| {
                        let first = at(&row, "FirstCheckIn").as_str()?;
                        format!("{first}Z").parse().ok()
                    });
                    let row = machine(it, id, &place, born.unwrap_or(now));
                    self.agents.put(id, &row);
                    self.audits.put(id, &audit(it, id, &place));
                }
                let agent = has_agent(it).then_some(id);
                self.assets.put(asset, &found(it, asset, agent, &place));
                self.ledger.know(Kind::Device, id, &it.key, &it.truth);
            }
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: Vendor::KaseyaVsa9,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    /// The asset of a machine, by the id of its agent or its own.
    fn asset_of(&self, id: u64) -> Option<u64> {
        if self.assets.get(id).is_some() {
            return Some(id);
        }
        // An asset's number is drawn right before its agent's.
        let text = id.to_string();
        let own = |asset: &u64| {
            let row = self.assets.get(*asset);
            row.is_some_and(|row| at(&row, "AgentId") == text.as_str())
        };
        id.checked_sub(1).filter(own).or_else(|| {
            let mut assets = self.assets.table().ids();
            assets.find(own)
        })
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        let id = (self.ledger.id(kind, key)).ok_or_else(|| unknown(kind, key))?;
        if kind == Kind::Organization {
            let text = long(id);
            let assets = self
                .assets
                .iter()
                .filter(|(_, row)| at(row, "OrgId") == text.as_str());
            let gone: Vec<(u64, Option<u64>)> = assets
                .map(|(asset, row)| (asset, at(&row, "AgentId").as_str().and_then(number)))
                .collect();
            for (asset, agent) in gone {
                self.drop_device(asset, agent);
                self.ledger.gone(Kind::Device, agent.unwrap_or(asset));
            }
            if let Some(place) = self.place_of(id) {
                self.groups.remove(place.group);
            }
            self.organizations.remove(id);
        } else if let Some(asset) = self.asset_of(id) {
            self.drop_device(asset, (asset != id).then_some(id));
        }
        self.ledger.gone(kind, id);
        Ok(())
    }

    fn drop_device(&mut self, asset: u64, agent: Option<u64>) {
        self.assets.remove(asset);
        if let Some(agent) = agent {
            self.agents.remove(agent);
            self.audits.remove(agent);
        }
    }

    /// Which records stand for what, by the ids that are sent. Machine groups stand for the
    /// organizations where they play the company.
    pub(super) fn truth(&self, by_groups: bool) -> Vec<TruthRow> {
        let mut rows = self.ledger.truth();
        for row in rows.iter_mut().filter(|row| row.kind == Kind::Organization) {
            let id = row.external_id.parse().unwrap_or_default();
            // A group's number is drawn right after its organization's.
            row.external_id = long(if by_groups { id + 1 } else { id });
        }
        rows
    }
}

/// Where a machine belongs.
struct Place {
    organization: u64,
    group: u64,
    name: String,
}

/// The number of an organization's machine group.
const GROUP: &str = "_group";

/// A machine as it shows now.
pub(super) fn shown(mut row: Object, now: Timestamp) -> Object {
    if row.contains_key("Online") {
        let seen = at(&row, SEEN).as_i64();
        let active = at(&row, ACTIVE) != &Value::Bool(false);
        let late = seen.is_none_or(|seen| now.as_second() - seen > ONLINE_S);
        // 0 is offline, 1 online, 198 suspended; the other numbers are not told of (inferred).
        let online = match (active, late) {
            (false, _) => 198,
            (true, true) => 0,
            (true, false) => 1,
        };
        row.insert("Online".to_owned(), online.into());
    }
    row.retain(|name, _| !name.starts_with('_'));
    row
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::KaseyaVsa9,
        kind,
        key: key.to_owned(),
    }
}

fn has_agent(it: &DeviceRecord) -> bool {
    matches!(it.class, DeviceClass::Workstation | DeviceClass::Server)
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// What machine names end in: letters and digits of the short name, or of the name.
fn reference(it: &OrganizationRecord) -> String {
    let source = it.short_name.as_deref().unwrap_or(&it.name);
    let letters = source.chars().filter(|letter| letter.is_alphanumeric());
    let reference: String = letters.flat_map(char::to_lowercase).take(32).collect();
    if reference.is_empty() {
        "org".to_owned()
    } else {
        reference
    }
}

/// A reference that no other organization has, since machine names must not be the same (inferred).
fn free_reference(it: &OrganizationRecord, taken: &mut HashSet<String>) -> String {
    let own = reference(it);
    let mut free = own.clone();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{own}{number}");
        number += 1;
    }
    free
}

fn organization(it: &OrganizationRecord, id: u64, group: u64, reference: &str) -> Object {
    object(json!({
        "OrgId": long(id), "OrgName": it.name, "OrgRef": reference, "OrgType": null,
        "ParentOrgId": null, "DefaultDepartmentName": "root", "DefaultMachineGroupName": "root",
        "Website": it.website, "NoOfEmployees": 0, "AnnualRevenue": 0.0,
        "ContactInfo": {
            "PreferredContactMethod": null, "PrimaryPhone": it.phone, "PrimaryFax": null,
            "PrimaryEmail": null, "Country": null, "Street": null, "City": null, "State": null,
            "ZipCode": null, "PrimaryTextMessagePhone": null,
        },
        "CustomFields": [], "Attributes": null, GROUP: group,
    }))
}

fn machine_group(id: u64, organization: u64, reference: &str) -> Object {
    object(json!({
        "MachineGroupId": long(id), "MachineGroupName": format!("root.{reference}"),
        "ParentMachineGroupId": null, "OrgId": long(organization), "Attributes": null,
    }))
}

/// A date and time without a zone, which is UTC (inferred).
fn moment(moment: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(moment);
    civil.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn moment_or_null(time: Option<Timestamp>) -> Value {
    time.map(moment).into()
}

fn midnight(date: Option<Date>) -> Value {
    date.map(|date| format!("{date}T00:00:00")).into()
}

/// The address of the first adapter; others are not told of (inferred). Dashes and colons are both seen,
/// so that it is written as the world has it.
fn mac(it: &DeviceRecord) -> Value {
    let mac = it.nics.first().and_then(|nic| nic.mac.clone());
    mac.into()
}

fn ip(it: &DeviceRecord) -> Value {
    let ip = it.nics.first().and_then(|nic| nic.ip.clone());
    ip.into()
}

fn display_name(it: &DeviceRecord, place: &Place) -> String {
    format!("{}.{}", it.name.to_lowercase(), place.name)
}

/// The number of a system and what is said of its edition (seen: `11`, `Professional x64 Edition
/// Build 22631`).
fn os(it: &DeviceRecord) -> (Value, Value) {
    let name = it.os.as_deref();
    let kind = name.map(|name| name.trim_start_matches("Microsoft Windows ").trim());
    let kind = kind.and_then(|name| name.split_whitespace().next());
    let build = it.os_version.as_deref().map(|version| {
        let build = version.rsplit('.').next().unwrap_or(version);
        format!("{} Build {build}", name.unwrap_or_default())
    });
    let info = build.or_else(|| it.os.clone());
    (kind.into(), info.into())
}

fn machine(it: &DeviceRecord, id: u64, place: &Place, born: Timestamp) -> Object {
    let (kind, info) = os(it);
    let mut row = object(json!({
    "AgentId": id.to_string(), "AgentName": display_name(it, place), "Online": 0,
    "OSType": kind, "OSInfo": info, "OrgId": long(place.organization),
    "MachineGroupId": long(place.group), "MachineGroup": place.name,
    "ComputerName": it.name, "IPAddress": ip(it), "IPv6Address": null,
    "OperatingSystem": it.os, "OSVersion": it.os_version, "LastLoggedInUser": it.last_user,
    "LastRebootTime": moment_or_null(it.last_reboot),
    "LastCheckInTime": moment_or_null(it.last_seen), "FirstCheckIn": moment(born),
    "CreationDate": moment(born), "Country": null, "CurrentUser": null, "Contact": null,
    }));
    row.extend(object(json!({
        "TimeZone": 0, "RamMBytes": it.memory_bytes.map(|bytes| bytes / MB),
        "CpuCount": it.cpu.as_ref().map(|_| 1), "CpuSpeed": null, "CpuType": it.cpu,
        "DomainWorkgroup": domain(it), "AgentFlags": 0, "AgentVersion": "9050021",
        "ToolTipNotes": it.notes, "ShowToolTip": 0, "DefaultGateway": it.default_gateway,
        "DNSServer1": null, "DNSServer2": null, "DHCPServer": null, "PrimaryWINS": null,
        "SecondaryWINS": null, "ConnectionGatewayIP": "203.0.113.9", "PrimaryKServer": null,
        "SecondaryKServer": null, "OneClickAccess": true, "Attributes": null,
        SEEN: it.last_seen.map(Timestamp::as_second), ACTIVE: it.active,
    })));
    row
}

fn domain(it: &DeviceRecord) -> Value {
    let user = it.last_user.as_deref();
    user.and_then(|user| user.split_once('\\'))
        .map(|(domain, _)| domain)
        .into()
}

fn audit(it: &DeviceRecord, id: u64, place: &Place) -> Object {
    let (kind, info) = os(it);
    let chassis = match it.class {
        DeviceClass::Server => "Main System Chassis",
        _ if it.laptop => "Notebook",
        _ => "Desktop",
    };
    let size: u64 = it.disks.iter().map(|disk| disk.size_bytes / MB).sum();
    let free: u64 = it.disks.iter().map(|disk| disk.free_bytes / MB).sum();
    let volumes: Vec<Value> = (it.disks.iter())
        .map(|disk| {
            json!({
                "Drive": disk.name, "Type": "Fixed", "Format": "NTFS", "Label": "",
                "FreeMBytes": disk.free_bytes / MB, "UsedMBytes": (disk.size_bytes - disk.free_bytes.min(disk.size_bytes)) / MB,
                "TotalMBytes": disk.size_bytes / MB,
            })
        })
        .collect();
    let mut row = object(json!({
    "AgentGuid": id.to_string(), "DisplayName": display_name(it, place),
    "ComputerName": it.name, "DnsComputerName": it.name, "GroupName": place.name,
    "OsType": kind, "OsInfo": info, "IpAddress": ip(it), "Ipv6Address": "",
    "SubnetMask": null, "DefaultGateway": it.default_gateway,
    "ConnectionGatewayIp": "203.0.113.9", "GatewayCountry": null, "MacAddress": mac(it),
    "DnsServer1": null, "DnsServer2": null, "DhcpEnabled": 1, "DhcpServer": null,
    "CpuType": it.cpu, "CpuSpeed": null, "CpuCount": it.cpu.as_ref().map(|_| 1),
    "RamMBytes": it.memory_bytes.map(|bytes| bytes / MB), "AgentVersion": "9050021",
    "LastLoginName": it.last_user, "LoginName": null, "CurrentLogin": null,
    }));
    row.extend(object(json!({
        "RebootTime": moment_or_null(it.last_reboot),
        "LastCheckinTime": moment_or_null(it.last_seen), "FirstCheckinTime": null,
        "TimeZone": null, "TimezoneOffset": 0, "AgentType": "Windows",
        "WorkgroupDomainType": "Domain", "WorkgroupDomainName": domain(it),
        "ContactName": null, "ContactEmail": null, "ContactPhone": null, "ContactNotes": it.notes,
        "Manufacturer": it.manufacturer, "ProductName": it.model, "SystemVersion": null,
        "SystemSerialNumber": it.serial, "ChassisSerialNumber": it.serial,
        "ChassisAssetTag": it.asset_tag, "ChassisManufacturer": it.manufacturer,
        "ChassisType": chassis, "ChassisVersion": null, "MotherboardManufacturer": it.manufacturer,
        "MotherboardProduct": null, "MotherboardVersion": null,
        // A board's own number, which is another one than the machine's.
        "MotherboardSerialNumber": it.serial.as_ref().map(|serial| format!("/{serial}/BOARD/")),
        "ProcessorFamily": null, "ProcessorManufacturer": null, "ProcessorVersion": it.cpu,
        "MaxMemorySize": null, "MemorySlots": null,
        "FreeSpace": free, "UsedSpace": size.saturating_sub(free), "TotalSize": size,
        "NumberOfDrives": it.disks.len(), "SysPurchaseDate": null,
        "SysWarrantyExpireDate": midnight(it.warranty), VOLUMES: volumes,
    })));
    row
}

/// Kinds of assets: number and name (inferred).
pub(super) const ASSET_TYPES: [(&str, &str); 4] = [
    ("1", "Computer"),
    ("2", "Network Device"),
    ("3", "Printer"),
    ("4", "Virtual Host"),
];

fn found(it: &DeviceRecord, id: u64, agent: Option<u64>, place: &Place) -> Object {
    let (kind, family) = match it.class {
        DeviceClass::Workstation | DeviceClass::Server => ("1", "Windows"),
        DeviceClass::Network => ("2", "Network"),
        DeviceClass::Printer => ("3", "Printer"),
        DeviceClass::Hypervisor => ("4", "VMware"),
    };
    let network: Vec<Value> = (it.nics.iter())
        .map(|nic| {
            json!({
                "Name": nic.name, "MACAddress": nic.mac,
                "IPAddresses": nic.ip.iter().collect::<Vec<_>>(),
                "Gateway": it.default_gateway,
            })
        })
        .collect();
    object(json!({
        "AssetId": id.to_string(), "AssetName": it.name, "AssetTypeId": kind, "ProbeId": null,
        "MachineGroupId": long(place.group), "MachineGroup": place.name,
        "OrgId": long(place.organization), "IsComputerAgent": agent.is_some(),
        "IsMobileAgent": false, "IsMonitoringActive": false,
        "AgentId": agent.map(|id| id.to_string()), "DisplayName": it.name,
        "LastSeenDate": moment_or_null(it.last_seen), "HostName": it.name, "OSName": it.os,
        "OSType": it.os, "OSFamily": family, "DeviceManufacturer": it.manufacturer,
        "NetworkInfo": network, "Attributes": null,
    }))
}
