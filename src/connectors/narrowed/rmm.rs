//! An RMM that gives no more than a table has: fields, adapters and kinds of devices are taken away from
//! what its connector delivers. It knows the words of the vendors that stand in for others.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::connectors::capabilities::{DeviceKind, RmmCapabilities};
use crate::connectors::{Page, PageStream, Pages, Result, RmmChanges, RmmConnector};
use crate::model::{RemoteCompany, RemoteDevice, RemoteInterface};
use crate::transport::CallStats;

/// The RMM as it would look if it could give only what the table has.
pub fn narrowed_rmm(rmm: Box<dyn RmmConnector>, table: RmmCapabilities) -> Box<dyn RmmConnector> {
    Box::new(NarrowedRmm { rmm, table })
}

pub(super) struct NarrowedRmm {
    pub(super) rmm: Box<dyn RmmConnector>,
    pub(super) table: RmmCapabilities,
}

impl RmmConnector for NarrowedRmm {
    fn vendor(&self) -> &'static str {
        self.rmm.vendor()
    }

    fn stats(&self) -> CallStats {
        self.rmm.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        self.rmm.check()
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        self.rmm.companies()
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        Box::new(Devices {
            pages: self.rmm.devices(),
            table: &self.table,
        })
    }

    fn changes(&self) -> Option<&dyn RmmChanges> {
        self.rmm.changes().map(|_| self as _)
    }
}

pub(super) struct Devices<'a> {
    pub(super) pages: PageStream<'a, RemoteDevice>,
    pub(super) table: &'a RmmCapabilities,
}

impl Pages<RemoteDevice> for Devices<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteDevice>>>> {
        async move {
            while let Some(mut page) = self.pages.next_page().await? {
                page.records
                    .retain(|device| self.table.has_kind(kind(device)));
                for device in &mut page.records {
                    device_of(self.table, device);
                }
                if !page.records.is_empty() || !page.rejected.is_empty() {
                    return Ok(Some(page));
                }
            }
            Ok(None)
        }
        .boxed()
    }
}

/// Whether an agent runs on a device, by the words of the vendors that stand in for others.
fn has_agent(device: &RemoteDevice) -> bool {
    !matches!(
        device.device_type.as_deref(),
        Some(
            "Printer"
                | "Network Device"
                | "NMS_SWITCH"
                | "NMS_PRINTER"
                | "Switch/Router"
                | "Switch"
                | "VMware"
                | "SNMP Device"
                | "TCP Device"
                | "HTTP Device"
                | "Generic Device"
                | "snmp"
                | "custom"
        )
    )
}

/// Whether a device is a host of virtual machines, by the same words.
fn is_host(device: &RemoteDevice) -> bool {
    matches!(
        device.device_type.as_deref(),
        Some("ESXi Host" | "VMWARE_VM_HOST" | "vmware")
    )
}

/// What an inventory tells.
const HARDWARE: [&str; 6] = [
    "serial",
    "manufacturer",
    "model",
    "cpu",
    "memory_bytes",
    "disks",
];

/// What a device is, by the same words.
pub(super) fn kind(device: &RemoteDevice) -> DeviceKind {
    let word = device.device_type.as_deref().unwrap_or_default();
    if is_host(device) {
        DeviceKind::Hypervisor
    } else if word.to_ascii_lowercase().contains("server") {
        DeviceKind::Server
    } else if has_agent(device) {
        DeviceKind::Workstation
    } else if word.to_ascii_lowercase().contains("printer") {
        DeviceKind::Printer
    } else {
        DeviceKind::Network
    }
}

/// At most one wireless adapter and one wired, in this order.
fn in_no_order(interfaces: Vec<RemoteInterface>) -> Vec<RemoteInterface> {
    let with_mac = interfaces.into_iter().filter(|it| it.mac.is_some());
    let (wireless, wired): (Vec<_>, Vec<_>) = with_mac.partition(|it| {
        let name = it.name.as_deref().unwrap_or_default().to_lowercase();
        let words = ["wi-fi", "wifi", "wireless", "wlan", "802.11"];
        words.iter().any(|word| name.contains(word))
    });
    let wireless = wireless.into_iter().take(1);
    wireless.chain(wired.into_iter().take(1)).collect()
}

/// A MAC address as twelve digits; what is none stays.
fn without_separators(mac: &mut String) {
    let mut digits = mac.to_ascii_uppercase();
    digits.retain(|letter| !matches!(letter, ':' | '-' | '.' | ' '));
    if digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        *mac = digits;
    }
}

pub(super) fn device_of(table: &RmmCapabilities, device: &mut RemoteDevice) {
    let agent = has_agent(device) && (table.agent_on_hosts || !is_host(device));
    let lacks = |field: &str| table.without_agent.contains(&field);
    let bare = !has_agent(device)
        && lacks("network_hardware")
        && !matches!(
            device.device_type.as_deref(),
            Some("Printer" | "NMS_PRINTER")
        );
    let has = |field: &str| {
        table.has(field) && (agent || !lacks(field)) && !(bare && HARDWARE.contains(&field))
    };
    macro_rules! blank {
        ($($field:literal => $member:ident),+ $(,)?) => {
            $(if !has($field) {
                device.$member = Default::default();
            })+
        };
    }
    blank!(
        "hostname" => hostname,
        "configuration_type" => device_type,
        "rmm_location" => location,
        "serial" => serial,
        "interfaces" => interfaces,
        "primary_ip" => ip,
        "default_gateway" => default_gateway,
        "manufacturer" => manufacturer,
        "model" => model,
        "operating_system" => operating_system,
        "cpu" => cpu,
        "memory_bytes" => memory_bytes,
        "disks" => disks,
        "last_user" => last_user,
        "last_reboot" => last_reboot,
        "last_seen" => last_seen,
        "warranty_expires_on" => warranty_expires_on,
    );
    if !has("other_interfaces") {
        device.interfaces.retain(|adapter| adapter.mac.is_some());
        device.interfaces.truncate(1);
    }
    if !has("interface_order") {
        device.interfaces = in_no_order(std::mem::take(&mut device.interfaces));
    }
    if !has("mac_separators") {
        let macs = device.interfaces.iter_mut();
        macs.filter_map(|it| it.mac.as_mut())
            .for_each(without_separators);
    }
    if let (false, Some(serial)) = (has("serial_blanks"), &mut device.serial) {
        serial.retain(|letter| !letter.is_whitespace());
    }
}
