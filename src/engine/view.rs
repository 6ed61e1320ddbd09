//! The two layers of a configuration: what a matched device shows over the stored values, and what
//! is written when a device is made into a configuration. Marks of the fields are the vendor's
//! documented table of RMM field mappings.

use serde_json::Value;

use crate::model::{Fields, RemoteDevice};
use crate::store::{Configuration, List, RowId};

/// What a matched device shows where it differs from the stored layer. Name, host name, device type,
/// manufacturer, organization and gateway are not overlaid: their stored values stay visible.
/// Operating system and serial number are overlaid after the general rule, since the table's own
/// marks for them are lost (open).
pub(super) fn overlay(device: &RemoteDevice, stored: &Configuration) -> Fields {
    let mut shown = Fields::new();
    let mut over = |field: &str, theirs: Option<&str>, ours: Option<&str>| {
        if let Some(theirs) = theirs.filter(|text| !text.is_empty())
            && ours != Some(theirs)
        {
            shown.insert(field.to_owned(), Value::from(theirs));
        }
    };
    over(
        "primary_mac",
        device.primary_mac(),
        stored.primary_mac.as_deref(),
    );
    over(
        "primary_ip",
        device.ip.as_deref(),
        stored.primary_ip.as_deref(),
    );
    over("model", device.model.as_deref(), stored.model.as_deref());
    over(
        "rmm_location",
        device.location.as_deref(),
        stored.rmm_location.as_deref(),
    );
    let os = device.operating_system.as_deref();
    over("operating_system", os, stored.operating_system.as_deref());
    over("serial", device.serial.as_deref(), stored.serial.as_deref());
    over("cpu", device.cpu.as_deref(), None);
    over("last_user", device.last_user.as_deref(), None);
    let reboot = device.last_reboot.map(|time| time.to_string());
    over("last_reboot", reboot.as_deref(), None);
    let seen = device.last_seen.map(|time| time.to_string());
    over("last_seen", seen.as_deref(), None);
    let memory = device.memory_bytes.map(|bytes| bytes.to_string());
    over("memory_bytes", memory.as_deref(), None);
    let disks: Vec<String> = device
        .disks
        .iter()
        .map(|disk| match disk.size_bytes {
            Some(size) => format!("{} {size}", disk.name),
            None => disk.name.clone(),
        })
        .collect();
    over("disks", Some(&disks.join(", ")), None);
    shown
}

/// The configuration that the matching screen makes of a device. Later loads refresh the overlay
/// only and never these values.
pub(super) fn written_once(device: &RemoteDevice, organization_id: RowId) -> Configuration {
    Configuration {
        organization_id,
        name: device.name.clone(),
        hostname: device.hostname.clone(),
        configuration_type: device.device_type.clone(),
        serial: device.serial.clone(),
        primary_mac: device.primary_mac().map(str::to_owned),
        primary_ip: device.ip.clone(),
        default_gateway: device.default_gateway.clone(),
        manufacturer: device.manufacturer.clone(),
        model: device.model.clone(),
        operating_system: device.operating_system.clone(),
        rmm_location: device.location.clone(),
        interfaces: (!device.interfaces.is_empty()).then(|| List(device.interfaces.clone())),
        ..Configuration::default()
    }
}
