//! A device of the world as the vendor's JSON. It must not look anything up.

use jiff::Timestamp;

use super::devices::{ADAPTERS, DISKS, Facts, day};
use super::sheet::Sheet;
use super::store::ROLES;
use crate::kit::mix;
use crate::world::{DeviceClass, DeviceRecord, Nic};

/// What the platform gives a device that is new, and no client and no edit changes.
#[derive(Debug)]
pub(super) struct Born {
    id: u64,
    seed: u64,
    now: f64,
}

impl Born {
    pub(super) fn new(id: u64, key: &str, now: Timestamp) -> Self {
        Self {
            id,
            seed: seed(key),
            now: second(now),
        }
    }

    fn uid(&self) -> String {
        let (high, low) = (mix(self.seed), mix(self.seed ^ self.id));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

/// Epoch seconds with a fraction, as all times are (documented).
pub(super) fn second(moment: Timestamp) -> f64 {
    moment.as_millisecond() as f64 / 1e3
}

/// Writes a device. Members without a value are left out (inferred: samples have no nulls).
pub(super) fn device(
    it: &DeviceRecord,
    organization: u64,
    place: Option<u64>,
    born: Option<&Born>,
    out: &mut Vec<u8>,
) -> Facts {
    let (role, class) = class(it);
    let agent = matches!(it.class, DeviceClass::Workstation | DeviceClass::Server);
    let short = |id: u64| u32::try_from(id).ok();
    let mut facts = Facts {
        organization: short(organization),
        location: place.and_then(short),
        role: Some(role),
        created: born.and_then(|born| day(born.now)),
        last_contact: it.last_seen.map(second),
        inactive: !it.active,
        ..Facts::default()
    };
    facts.set_class(class);
    facts.set_status("APPROVED");
    let mut sheet = Sheet::new(out);
    if let Some(born) = born {
        sheet.member("id", &born.id);
        sheet.member("uid", &born.uid());
    }
    sheet.member("organizationId", &organization);
    sheet.member_if("locationId", place);
    sheet.member("nodeClass", class);
    sheet.member("nodeRoleId", &role);
    sheet.member("rolePolicyId", &(role + 20));
    sheet.member("approvalStatus", "APPROVED");
    sheet.member("systemName", &it.name);
    if agent {
        sheet.member("dnsName", &it.name);
        let netbios: String = it.name.chars().take(15).collect();
        sheet.member("netbiosName", &netbios.to_uppercase());
    } else {
        // What is no computer has the name that people gave it.
        sheet.member("displayName", &it.name);
    }
    if let Some(born) = born {
        sheet.member("created", &born.now);
        sheet.member("lastUpdate", &born.now);
    }
    sheet.member_if("lastContact", facts.last_contact);
    facts.end_brief(&sheet);
    let values = |value: fn(&Nic) -> &Option<String>| -> Vec<&String> {
        it.nics
            .iter()
            .filter_map(|nic| value(nic).as_ref())
            .collect()
    };
    sheet.member("ipAddresses", &values(|nic| &nic.ip));
    sheet.member("macAddresses", &values(|nic| &nic.mac));
    sheet.list("notes", &it.notes, |text, note| note.member("text", text));
    if agent {
        computer(it, &mut sheet);
    } else if it.class == DeviceClass::Hypervisor {
        host(it, &mut sheet);
    } else {
        sheet.member("deviceType", "NMSTarget");
    }
    facts.end_shown(&mut sheet, warranty(it));
    sheet.member(ADAPTERS, &adapters(it));
    let disks = it.disks.iter().map(|disk| (&disk.name, disk.size_bytes));
    sheet.member(DISKS, &disks.collect::<Vec<_>>());
    sheet.finish();
    facts
}

fn computer(it: &DeviceRecord, sheet: &mut Sheet<'_>) {
    sheet.member("deviceType", "AgentDevice");
    sheet.within("os", |os| {
        let maker = it.os.as_deref().map(|os| {
            if os.contains("Windows") {
                "Microsoft Corporation"
            } else if os.contains("mac") {
                "Apple Inc."
            } else {
                "Linux"
            }
        });
        let build = it.os_version.as_deref();
        let build = build.map(|version| version.rsplit('.').next().unwrap_or(version));
        os.member_if("manufacturer", maker);
        os.member_if("name", it.os.as_ref());
        os.member("architecture", "64-bit");
        os.member_if("lastBootTime", it.last_reboot.map(second));
        os.member_if("buildNumber", build);
        os.member("locale", "en-US");
        os.member("needsReboot", &false);
    });
    sheet.within("system", |system| hardware(it, system));
    if let Some(bytes) = it.memory_bytes {
        sheet.within("memory", |memory| memory.member("capacity", &bytes));
    }
    sheet.list("processors", &it.cpu, |name, processor| {
        processor.member("architecture", "x64");
        processor.member("name", name);
        processor.member_if("numCores", it.cpu_cores);
        processor.member_if("numLogicalCores", it.cpu_cores);
    });
    sheet.list("volumes", &it.disks, |disk, volume| {
        volume.member("name", &disk.name);
        volume.member("deviceType", "Local Disk");
        volume.member("capacity", &disk.size_bytes);
        volume.member("freeSpace", &disk.free_bytes);
    });
    sheet.member_if("lastLoggedInUser", it.last_user.as_ref());
}

fn host(it: &DeviceRecord, sheet: &mut Sheet<'_>) {
    sheet.member("deviceType", "VMHost");
    sheet.member("name", &it.name);
    sheet.member_if("cpuModel", it.cpu.as_ref());
    sheet.member_if("cpuCores", it.cpu_cores);
    sheet.member_if("memorySize", it.memory_bytes);
    sheet.member_if("lastBootTime", it.last_reboot.map(second));
    sheet.member_if("vendor", it.manufacturer.as_ref());
    sheet.member_if("model", it.model.as_ref());
    sheet.member_if("serviceTag", it.serial.as_ref());
    sheet.member_if("releaseName", it.os.as_ref());
    sheet.member_if("version", it.os_version.as_ref());
}

fn hardware(it: &DeviceRecord, system: &mut Sheet<'_>) {
    let chassis = match it.class {
        DeviceClass::Workstation if it.laptop => "LAPTOP",
        DeviceClass::Workstation => "DESKTOP",
        _ => "UNKNOWN",
    };
    let model = it.model.as_deref();
    let virtual_machine = model.is_some_and(|model| model.contains("Virtual"));
    let user = it.last_user.as_deref();
    let domain = user.and_then(|user| user.split_once('\\'));
    system.member("name", &it.name);
    system.member_if("manufacturer", it.manufacturer.as_ref());
    system.member_if("model", model);
    system.member_if("biosSerialNumber", it.serial.as_ref());
    system.member_if("serialNumber", it.serial.as_ref());
    system.member_if("domain", domain.map(|(domain, _)| domain));
    system.member_if("numberOfProcessors", it.cpu.as_ref().map(|_| 1));
    system.member_if("totalPhysicalMemory", it.memory_bytes);
    system.member("virtualMachine", &virtual_machine);
    system.member("chassisType", chassis);
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

fn warranty(it: &DeviceRecord) -> Option<f64> {
    let moment = it.warranty?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(second(moment.timestamp()))
}

/// Name, IP address, MAC address and gateway of each adapter; what is missing at the end is left out.
fn adapters(it: &DeviceRecord) -> Vec<Vec<Option<&str>>> {
    let adapters = it.nics.iter().enumerate().map(|(at, nic)| {
        let gateway = it.default_gateway.as_deref().filter(|_| at == 0);
        let (name, ip, mac) = (nic.name.as_deref(), nic.ip.as_deref(), nic.mac.as_deref());
        let mut row = vec![name, ip, mac, gateway];
        while row.pop_if(|last| last.is_none()).is_some() {}
        row
    });
    adapters.collect()
}

/// A number of a record's own.
fn seed(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
