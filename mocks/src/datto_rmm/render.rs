//! A device of the world as Datto shows it: list entry, network interfaces, audit by class. Pure
//! functions; must not know tables or requests.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids::{Ids, guid};
use super::wire::{
    Antivirus, BaseBoard, Bios, ComputerAudit, Device, DeviceType, Interfaces, LogicalDisk, Nic,
    PatchManagement, Processor, SystemInfo, Udf, to_json,
};
use crate::world::{self, DeviceClass, DeviceRecord};

/// The agent's version; the same everywhere, as in an account that updates itself.
const AGENT_VERSION: &str = "4.4.2234.2234";
const AGENT_DISPLAY_VERSION: &str = "2234";

/// How long after it was last seen a device still counts as online (inferred).
const ONLINE_MS: i64 = 30 * 60 * 1_000;

/// Where the web portal would be (the form is seen in replies).
pub(super) const PORTAL: &str = "https://merlot.centrastage.net/csm";

/// The vendor's name of a class (documented).
pub(super) const fn class_name(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::Workstation | DeviceClass::Server => "device",
        DeviceClass::Hypervisor => "esxihost",
        DeviceClass::Network => "rmmnetworkdevice",
        DeviceClass::Printer => "printer",
    }
}

/// Where a device stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) site_id: u64,
    pub(super) site_uid: &'a str,
    pub(super) site_name: &'a str,
}

/// What a device has that the world does not say.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) id: u64,
    pub(super) uid: u128,
    pub(super) external_ip: String,
    pub(super) created_ms: i64,
    pub(super) udf: Udf,
}

impl Identity {
    pub(super) fn new(ids: Ids, id: u64, record: &DeviceRecord, now: Timestamp) -> Self {
        // One public address for each site's router, out of a range kept for documentation.
        let router = ids.pick("router", &record.organization, 254) + 1;
        Self {
            id,
            uid: ids.uid("device", &record.key),
            external_ip: format!("203.0.113.{router}"),
            created_ms: now.as_millisecond(),
            udf: Udf::default(),
        }
    }
}

/// Whether the agent would be talking to the platform.
pub(super) fn online(record: &DeviceRecord, now: Timestamp) -> bool {
    record.active
        && record.last_seen.is_none_or(|seen| {
            now.as_millisecond().saturating_sub(seen.as_millisecond()) <= ONLINE_MS
        })
}

/// The entry in device lists.
pub(super) fn device<'a>(
    record: &'a DeviceRecord,
    place: Place<'a>,
    identity: Identity,
    now: Timestamp,
) -> Device<'a> {
    let id = identity.id;
    let agent = matches!(record.class, DeviceClass::Workstation | DeviceClass::Server);
    let windows = agent
        && record
            .os
            .as_deref()
            .is_some_and(|os| os.contains("Windows"));
    let domain = record
        .last_user
        .as_deref()
        .and_then(|user| user.split_once('\\'))
        .map(|(domain, _)| Cow::Borrowed(domain));
    Device {
        id,
        uid: guid(identity.uid).into(),
        site_id: place.site_id,
        site_uid: place.site_uid.into(),
        site_name: place.site_name.into(),
        device_type: device_type(record),
        hostname: record.name.as_str().into(),
        int_ip_address: primary_ip(record),
        operating_system: operating_system(record),
        last_logged_in_user: text(&record.last_user),
        domain,
        cag_version: AGENT_VERSION.into(),
        display_version: AGENT_DISPLAY_VERSION.into(),
        ext_ip_address: Some(identity.external_ip.into()),
        description: record.notes.as_deref().unwrap_or(&record.name).into(),
        a_64_bit: agent,
        reboot_required: agent.then_some(false),
        online: online(record, now),
        suspended: !record.active,
        deleted: false,
        last_seen: record.last_seen.map(Timestamp::as_millisecond),
        last_reboot: record.last_reboot.map(Timestamp::as_millisecond),
        // Agents audit when something changed; a network device has no audit at all.
        last_audit_date: (record.class != DeviceClass::Network).then(|| now.as_millisecond()),
        creation_date: Some(identity.created_ms),
        snmp_enabled: !agent,
        device_class: class_name(record.class).into(),
        portal_url: format!("{PORTAL}/device/{id}").into(),
        warranty_date: record.warranty.map(|date| date.to_string().into()),
        antivirus: windows.then(|| Antivirus {
            antivirus_product: "Windows Defender Antivirus".into(),
            antivirus_status: "RunningAndUpToDate".into(),
        }),
        patch_management: windows.then(|| PatchManagement {
            patch_status: "FullyPatched".into(),
            patches_approved_pending: 0,
            patches_not_approved: 0,
            patches_installed: 148,
        }),
        software_status: None,
        web_remote_url: format!("{PORTAL}/remote/{id}").into(),
        network_probe: false,
        onboarded_via_network_monitor: record.class == DeviceClass::Network,
        udf: Some(identity.udf),
    }
}

/// The entry in the list of network interfaces.
pub(super) fn interfaces<'a>(
    record: &'a DeviceRecord,
    place: Place<'a>,
    identity: &'a Identity,
) -> Interfaces<'a> {
    Interfaces {
        id: identity.id,
        uid: guid(identity.uid).into(),
        site_id: place.site_id,
        site_uid: place.site_uid.into(),
        site_name: place.site_name.into(),
        device_type: device_type(record),
        hostname: record.name.as_str().into(),
        int_ip_address: primary_ip(record),
        ext_ip_address: Some(identity.external_ip.as_str().into()),
        nics: nics(record),
    }
}

/// The audit of a class that has one. Network devices have none (inferred: no path serves them).
pub(super) fn audit(record: &DeviceRecord, id: u64) -> Option<Vec<u8>> {
    match record.class {
        DeviceClass::Workstation | DeviceClass::Server => Some(to_json(&computer(record, id))),
        DeviceClass::Hypervisor => Some(to_json(&hypervisor(record, id))),
        DeviceClass::Printer => Some(to_json(&printer(record, id))),
        DeviceClass::Network => None,
    }
}

fn computer(record: &DeviceRecord, id: u64) -> ComputerAudit<'_> {
    ComputerAudit {
        portal_url: format!("{PORTAL}/device/{id}"),
        web_remote_url: format!("{PORTAL}/remote/{id}"),
        system_info: SystemInfo {
            manufacturer: text(&record.manufacturer),
            model: text(&record.model),
            total_physical_memory: record.memory_bytes,
            username: text(&record.last_user),
            dot_net_version: (),
            total_cpu_cores: record.cpu_cores,
        },
        nics: nics(record),
        bios: Bios {
            instance: (),
            release_date: (),
            serial_number: text(&record.serial),
            sm_bios_version: (),
        },
        base_board: BaseBoard {
            manufacturer: text(&record.manufacturer),
            product: (),
        },
        displays: [],
        logical_disks: record.disks.iter().map(logical_disk).collect(),
        mobile_info: [],
        processors: record
            .cpu
            .iter()
            .map(|cpu| Processor { name: cpu })
            .collect(),
        video_boards: [],
        attached_devices: [],
        snmp_info: (),
        physical_memory: [],
    }
}

fn logical_disk(disk: &world::Disk) -> LogicalDisk<'_> {
    LogicalDisk {
        description: "Local Fixed Disk",
        disk_identifier: &disk.name,
        freespace: disk.free_bytes,
        size: disk.size_bytes,
    }
}

fn hypervisor(record: &DeviceRecord, id: u64) -> Value {
    let nics: Vec<Value> = record
        .nics
        .iter()
        .map(|nic| {
            json!({
                "name": nic.name,
                "ipv4": nic.ip,
                "ipv6": null,
                "macAddress": nic.mac,
                "speed": null,
                "type": null,
            })
        })
        .collect();
    let datastores: Vec<Value> = record
        .disks
        .iter()
        .map(|disk| {
            json!({
                "datastoreName": disk.name,
                "subscriptionPercent": null,
                "freeSpace": disk.free_bytes,
                "size": disk.size_bytes,
                "fileSystem": "VMFS-6",
                "status": "normal",
                "dataExtents": [],
            })
        })
        .collect();
    let processors: Vec<Value> = record
        .cpu
        .iter()
        .map(|cpu| json!({ "frequency": null, "name": cpu, "numberOfCores": record.cpu_cores }))
        .collect();
    let memory: Vec<Value> = record
        .memory_bytes
        .iter()
        .map(|size| {
            json!({
                "module": null, "size": size, "type": null, "speed": null,
                "serialNumber": null, "partNumber": null, "bank": null,
            })
        })
        .collect();
    json!({
        "portalUrl": format!("{PORTAL}/device/{id}"),
        "systemInfo": {
            "manufacturer": record.manufacturer,
            "model": record.model,
            "name": record.name,
            "numberOfSnapshots": 0,
            "serviceTag": record.serial,
        },
        "guests": [],
        "processors": processors,
        "nics": nics,
        "physicalMemory": memory,
        "datastores": datastores,
    })
}

fn printer(record: &DeviceRecord, id: u64) -> Value {
    json!({
        "portalUrl": format!("{PORTAL}/device/{id}"),
        "snmpInfo": {
            "snmpName": record.name,
            "snmpContact": null,
            "snmpDescription": record.os,
            "snmpLocation": null,
            "snmpUptime": null,
            "nicManufacturer": null,
            "objectId": null,
            "snmpSerial": record.serial,
        },
        "printerMarkerSupplies": [],
        "printer": { "printedPageCount": null },
        "systemInfo": { "manufacturer": record.manufacturer, "model": record.model },
        "nics": nics(record),
    })
}

fn nics(record: &DeviceRecord) -> Vec<Nic<'_>> {
    record.nics.iter().map(nic).collect()
}

fn nic(nic: &world::Nic) -> Nic<'_> {
    Nic {
        instance: text(&nic.name),
        ipv4: text(&nic.ip),
        ipv6: None,
        mac_address: text(&nic.mac),
        nic_type: None,
    }
}

fn primary_ip(record: &DeviceRecord) -> Option<Cow<'_, str>> {
    record.nics.first().and_then(|nic| text(&nic.ip))
}

/// Product and build in one text (`Microsoft Windows 11 Pro 10.0.22631`; seen).
fn operating_system(record: &DeviceRecord) -> Option<Cow<'_, str>> {
    match (&record.os, &record.os_version) {
        (Some(os), Some(version)) => Some(format!("{os} {version}").into()),
        (os, version) => text(os).or_else(|| text(version)),
    }
}

/// `Laptop`, `Desktop` and `Server` are seen; the others are free text (inferred).
fn device_type(record: &DeviceRecord) -> DeviceType<'static> {
    let name = match record.class {
        DeviceClass::Workstation if record.laptop => "Laptop",
        DeviceClass::Workstation => "Desktop",
        DeviceClass::Server => "Server",
        DeviceClass::Hypervisor => "ESXi Host",
        DeviceClass::Network => "Network Device",
        DeviceClass::Printer => "Printer",
    };
    DeviceType {
        category: name.into(),
        name: name.into(),
    }
}

fn text(value: &Option<String>) -> Option<Cow<'_, str>> {
    value.as_deref().map(Cow::Borrowed)
}
