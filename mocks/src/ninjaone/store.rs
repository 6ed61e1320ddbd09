//! Organizations, their locations and devices, and the world's records as theirs. It must not know HTTP.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::kit::{Collection, Ledger, Object, at, lay_over, mix};
use crate::world::{
    Change, DeviceClass, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords,
};
use crate::{ChangeError, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) organizations: Collection,
    pub(super) locations: Collection,
    pub(super) devices: Collection,
    pub(super) ledger: Ledger,
}

/// How long after it was last seen an agent still counts as online (inferred).
const ONLINE_S: f64 = 300.0;

/// Members that are kept with a device and stand in no list of devices.
pub(super) const ADAPTERS: &str = "_adapters";
pub(super) const DISKS: &str = "_disks";
pub(super) const WARRANTY: &str = "_warranty";
const ACTIVE: &str = "_active";
const SEEN: &str = "_seen";

/// The roles that every instance has: id, name, class, chassis.
pub(super) const ROLES: [(u64, &str, &str, &str); 9] = [
    (11, "Windows Server", "WINDOWS_SERVER", "UNKNOWN"),
    (12, "Windows Desktop", "WINDOWS_WORKSTATION", "DESKTOP"),
    (13, "Windows Laptop", "WINDOWS_WORKSTATION", "LAPTOP"),
    (14, "Mac", "MAC", "UNKNOWN"),
    (15, "Linux Workstation", "LINUX_WORKSTATION", "UNKNOWN"),
    (16, "Linux Server", "LINUX_SERVER", "UNKNOWN"),
    (17, "VMware Host", "VMWARE_VM_HOST", "UNKNOWN"),
    (18, "Switch", "NMS_SWITCH", "UNKNOWN"),
    (19, "Printer", "NMS_PRINTER", "UNKNOWN"),
];

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut store = Self {
            organizations: Collection::new(3, None, &["id", "name"]),
            locations: Collection::new(3, Some("organizationId"), &["id", "name"]),
            devices: Collection::new(21, Some("organizationId"), &["id", "uid"]),
            ledger: Ledger::new(),
        };
        let mut organizations = Vec::new();
        let mut locations = Vec::new();
        for it in &records.organizations {
            let id = store.organizations.new_id();
            let place = store.locations.new_id();
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            organizations.push((id, numbered(id, organization(it))));
            locations.push((place, numbered(place, location(id))));
        }
        store.organizations.load(organizations);
        store.locations.load(locations);
        let mut devices = Vec::new();
        for it in &records.devices {
            let Some(values) = store.device(it) else {
                continue;
            };
            let id = store.devices.new_id();
            store.ledger.know(Kind::Device, id, &it.key, &it.truth);
            devices.push((id, born(id, values, seed(&it.key), now)));
        }
        store.devices.load(devices);
        store
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        match after {
            Record::Organization(it) => {
                let old = before.and_then(Record::as_organization).map(organization);
                let known = self.ledger.id(Kind::Organization, &it.key);
                let id = known.unwrap_or_else(|| self.found(now));
                let record = self.organizations.get(id);
                let record = laid(record, old.as_ref(), organization(it), id);
                self.organizations.put(id, &record);
                self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
            }
            Record::Device(it) => {
                let new = self
                    .device(it)
                    .ok_or_else(|| unknown(Kind::Device, &it.key))?;
                let old = before
                    .and_then(Record::as_device)
                    .and_then(|old| self.device(old));
                let known = self.ledger.id(Kind::Device, &it.key);
                let id = known.unwrap_or_else(|| self.devices.new_id());
                let record = match self.devices.get(id) {
                    Some(record) => {
                        let mut record = laid(Some(record), old.as_ref(), new, id);
                        record.insert("lastUpdate".to_owned(), seconds(now));
                        record
                    }
                    None => born(id, new, seed(&it.key), now),
                };
                self.devices.put(id, &record);
                self.ledger.know(Kind::Device, id, &it.key, &it.truth);
            }
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: Vendor::NinjaOne,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    /// A new organization's id; it comes with a location.
    pub(super) fn found(&mut self, _now: Timestamp) -> u64 {
        let id = self.organizations.new_id();
        let place = self.locations.new_id();
        self.locations.put(place, &numbered(place, location(id)));
        id
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        let id = self
            .ledger
            .id(kind, key)
            .ok_or_else(|| unknown(kind, key))?;
        if kind == Kind::Organization {
            for device in self.devices.owned(id).to_vec() {
                self.devices.remove(device);
                self.ledger.gone(Kind::Device, device);
            }
            for place in self.locations.owned(id).to_vec() {
                self.locations.remove(place);
            }
            self.organizations.remove(id);
        } else {
            self.devices.remove(id);
        }
        self.ledger.gone(kind, id);
        Ok(())
    }

    fn device(&self, it: &DeviceRecord) -> Option<Object> {
        let owner = self.ledger.id(Kind::Organization, &it.organization)?;
        let place = self.locations.owned(owner).first().copied();
        Some(device(it, owner, place))
    }
}

/// A device as a list shows it now, without what is kept beside it.
pub(super) fn shown(mut device: Object, now: Timestamp) -> Object {
    let seen = at(&device, SEEN).as_f64();
    let active = at(&device, ACTIVE) != &Value::Bool(false);
    let late = seen.is_some_and(|seen| now.as_millisecond() as f64 / 1e3 - seen > ONLINE_S);
    device.insert("offline".to_owned(), (late || !active).into());
    device.retain(|name, _| !name.starts_with('_'));
    device
}

fn laid(record: Option<Object>, old: Option<&Object>, new: Object, id: u64) -> Object {
    match record {
        Some(mut record) => {
            lay_over(&mut record, old, new);
            record
        }
        None => numbered(id, new),
    }
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::NinjaOne,
        kind,
        key: key.to_owned(),
    }
}

pub(super) fn numbered(id: u64, mut record: Object) -> Object {
    record.insert("id".to_owned(), id.into());
    record
}

/// A device that is new: what the platform gives it, and no client and no edit changes.
fn born(id: u64, record: Object, seed: u64, now: Timestamp) -> Object {
    let mut record = numbered(id, record);
    let (high, low) = (mix(seed), mix(seed ^ id));
    let uid = format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    );
    record.insert("uid".to_owned(), uid.into());
    record.insert("created".to_owned(), seconds(now));
    record.insert("lastUpdate".to_owned(), seconds(now));
    record
}

/// Epoch seconds with a fraction, as all times are (documented).
pub(super) fn seconds(moment: Timestamp) -> Value {
    (moment.as_millisecond() as f64 / 1e3).into()
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn organization(it: &OrganizationRecord) -> Object {
    object(json!({ "name": it.name, "nodeApprovalMode": "AUTOMATIC" }))
}

/// The location that comes with an organization.
fn location(organization: u64) -> Object {
    object(json!({ "name": "Main Office", "organizationId": organization }))
}

/// Members without a value are left out (inferred: samples have no nulls).
fn device(it: &DeviceRecord, organization: u64, place: Option<u64>) -> Object {
    let (role, class) = class(it);
    let agent = matches!(it.class, DeviceClass::Workstation | DeviceClass::Server);
    let mut device = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            device.insert(name.to_owned(), value);
        }
    };
    put("organizationId", organization.into());
    put("locationId", place.into());
    put("nodeClass", class.into());
    put("nodeRoleId", role.into());
    put("rolePolicyId", (role + 20).into());
    put("approvalStatus", "APPROVED".into());
    put("systemName", it.name.clone().into());
    if agent {
        put("dnsName", it.name.clone().into());
        let netbios: String = it.name.chars().take(15).collect();
        put("netbiosName", netbios.to_uppercase().into());
    } else {
        // What is no computer has the name that people gave it.
        put("displayName", it.name.clone().into());
    }
    put("lastContact", it.last_seen.map(seconds).unwrap_or_default());
    put(SEEN, it.last_seen.map(seconds).unwrap_or_default());
    put(ACTIVE, it.active.into());
    let values = |value: fn(&crate::world::Nic) -> &Option<String>| -> Value {
        it.nics
            .iter()
            .filter_map(|nic| value(nic).clone())
            .collect::<Vec<_>>()
            .into()
    };
    put("ipAddresses", values(|nic| &nic.ip));
    put("macAddresses", values(|nic| &nic.mac));
    let notes: Vec<Value> = it
        .notes
        .iter()
        .map(|text| json!({ "text": text }))
        .collect();
    put("notes", notes.into());
    put(WARRANTY, warranty(it));
    put(ADAPTERS, adapters(it));
    put(DISKS, disks(it));
    if agent {
        put("deviceType", "AgentDevice".into());
        put("os", system(os(it)));
        put("system", system(hardware(it)));
        put(
            "memory",
            it.memory_bytes
                .map(|bytes| json!({ "capacity": bytes }))
                .unwrap_or_default(),
        );
        let processor = it.cpu.as_ref().map(|name| {
            let cores = it.cpu_cores;
            system(vec![
                ("architecture", "x64".into()),
                ("name", name.clone().into()),
                ("numCores", cores.into()),
                ("numLogicalCores", cores.into()),
            ])
        });
        put(
            "processors",
            processor.into_iter().collect::<Vec<_>>().into(),
        );
        let volumes: Vec<Value> = it
            .disks
            .iter()
            .map(|disk| {
                json!({
                    "name": disk.name, "deviceType": "Local Disk", "capacity": disk.size_bytes,
                    "freeSpace": disk.free_bytes,
                })
            })
            .collect();
        put("volumes", volumes.into());
        put("lastLoggedInUser", it.last_user.clone().into());
    } else if it.class == DeviceClass::Hypervisor {
        put("deviceType", "VMHost".into());
        put("name", it.name.clone().into());
        put("cpuModel", it.cpu.clone().into());
        put("cpuCores", it.cpu_cores.into());
        put("memorySize", it.memory_bytes.into());
        put(
            "lastBootTime",
            it.last_reboot.map(seconds).unwrap_or_default(),
        );
        put("vendor", it.manufacturer.clone().into());
        put("model", it.model.clone().into());
        put("serviceTag", it.serial.clone().into());
        put("releaseName", it.os.clone().into());
        put("version", it.os_version.clone().into());
    } else {
        put("deviceType", "NMSTarget".into());
    }
    device
}

/// Members that have a value.
fn system(members: Vec<(&str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Value::Object(members.collect())
}

fn os(it: &DeviceRecord) -> Vec<(&'static str, Value)> {
    let build = it.os_version.as_deref();
    let build = build.map(|version| version.rsplit('.').next().unwrap_or(version));
    let maker = it.os.as_deref().map(|os| {
        if os.contains("Windows") {
            "Microsoft Corporation"
        } else if os.contains("mac") {
            "Apple Inc."
        } else {
            "Linux"
        }
    });
    vec![
        ("manufacturer", maker.into()),
        ("name", it.os.clone().into()),
        ("architecture", "64-bit".into()),
        (
            "lastBootTime",
            it.last_reboot.map(seconds).unwrap_or_default(),
        ),
        ("buildNumber", build.into()),
        ("locale", "en-US".into()),
        ("needsReboot", false.into()),
    ]
}

fn hardware(it: &DeviceRecord) -> Vec<(&'static str, Value)> {
    let chassis = match it.class {
        DeviceClass::Workstation if it.laptop => "LAPTOP",
        DeviceClass::Workstation => "DESKTOP",
        _ => "UNKNOWN",
    };
    let virtual_machine = it
        .model
        .as_deref()
        .is_some_and(|model| model.contains("Virtual"));
    let domain = it
        .last_user
        .as_deref()
        .and_then(|user| user.split_once('\\'));
    vec![
        ("name", it.name.clone().into()),
        ("manufacturer", it.manufacturer.clone().into()),
        ("model", it.model.clone().into()),
        ("biosSerialNumber", it.serial.clone().into()),
        ("serialNumber", it.serial.clone().into()),
        ("domain", domain.map(|(domain, _)| domain).into()),
        ("numberOfProcessors", it.cpu.as_ref().map(|_| 1).into()),
        ("totalPhysicalMemory", it.memory_bytes.into()),
        ("virtualMachine", virtual_machine.into()),
        ("chassisType", chassis.into()),
    ]
}

/// Role and class of a device.
fn class(it: &DeviceRecord) -> (u64, &'static str) {
    let os = it.os.as_deref().unwrap_or_default();
    let class = match it.class {
        DeviceClass::Hypervisor => "VMWARE_VM_HOST",
        DeviceClass::Network => "NMS_SWITCH",
        DeviceClass::Printer => "NMS_PRINTER",
        DeviceClass::Server if os.contains("Linux") || os.contains("Ubuntu") => "LINUX_SERVER",
        DeviceClass::Server => "WINDOWS_SERVER",
        DeviceClass::Workstation if os.contains("mac") => "MAC",
        DeviceClass::Workstation if os.contains("Linux") || os.contains("Ubuntu") => {
            "LINUX_WORKSTATION"
        }
        DeviceClass::Workstation => "WINDOWS_WORKSTATION",
    };
    let chassis = if it.laptop { "LAPTOP" } else { "DESKTOP" };
    let role = ROLES
        .into_iter()
        .find(|(_, _, own, form)| *own == class && (*form == "UNKNOWN" || *form == chassis));
    (role.map_or(0, |(id, ..)| id), class)
}

fn warranty(it: &DeviceRecord) -> Value {
    let end = it.warranty.and_then(|date| {
        let moment = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(seconds(moment.timestamp()))
    });
    end.map(|end| json!({ "endDate": end })).unwrap_or_default()
}

fn adapters(it: &DeviceRecord) -> Value {
    let adapters = it.nics.iter().enumerate().map(|(at, nic)| {
        let list = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        let gateway = (at == 0).then(|| it.default_gateway.clone()).flatten();
        system(vec![
            ("adapterName", nic.name.clone().into()),
            ("interfaceName", nic.name.clone().into()),
            ("interfaceType", "Ethernet".into()),
            ("interfaceIndex", at.to_string().into()),
            ("ipAddress", list(&nic.ip).into()),
            ("macAddress", list(&nic.mac).into()),
            ("defaultGateway", gateway.into()),
            ("status", "Up".into()),
        ])
    });
    adapters.collect::<Vec<_>>().into()
}

fn disks(it: &DeviceRecord) -> Value {
    let disks = it.disks.iter().map(|disk| {
        json!({ "name": disk.name, "size": disk.size_bytes, "mediaType": "SSD", "status": "OK" })
    });
    disks.collect::<Vec<_>>().into()
}

/// A number of a record's own.
fn seed(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
