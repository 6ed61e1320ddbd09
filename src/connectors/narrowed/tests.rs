//! What a table's gaps take from a device.

use super::rmm::device_of;
use crate::connectors::RmmCapabilities;
use crate::model::{RemoteDevice, RemoteInterface};

fn device(kind: &str) -> RemoteDevice {
    let adapter = |mac: Option<&str>| RemoteInterface {
        name: Some("eth".to_owned()),
        mac: mac.map(str::to_owned),
        ip: None,
    };
    RemoteDevice {
        device_type: Some(kind.to_owned()),
        serial: Some("SN".to_owned()),
        model: Some("C9200L".to_owned()),
        last_user: Some("pat".to_owned()),
        interfaces: vec![adapter(None), adapter(Some("a")), adapter(Some("b"))],
        ..RemoteDevice::default()
    }
}

fn narrowed(kind: &str, table: &RmmCapabilities) -> RemoteDevice {
    let mut device = device(kind);
    device_of(table, &mut device);
    device
}

const WHOLE: RmmCapabilities = RmmCapabilities {
    without: &[],
    own_form: &[],
    without_agent: &[],
    agent_on_hosts: true,
    without_kinds: &[],
};

#[test]
fn a_table_without_gaps_takes_nothing() {
    assert_eq!(narrowed("Switch", &WHOLE), device("Switch"));
}

#[test]
fn without_other_interfaces_the_primary_one_stays() {
    let table = RmmCapabilities {
        without: &["other_interfaces"],
        ..WHOLE
    };
    let device = narrowed("Server", &table);
    assert_eq!(device.interfaces.len(), 1);
    assert_eq!(device.primary_mac(), Some("a"));
}

#[test]
fn hardware_of_network_devices_is_none_of_printers_and_computers() {
    let table = RmmCapabilities {
        without_agent: &["network_hardware"],
        ..WHOLE
    };
    for kind in ["Switch", "Network Device", "NMS_SWITCH"] {
        let device = narrowed(kind, &table);
        assert_eq!((device.serial, device.model), (None, None), "{kind}");
        assert_eq!(device.last_user.as_deref(), Some("pat"));
    }
    for kind in ["Printer", "NMS_PRINTER", "Server"] {
        assert_eq!(narrowed(kind, &table), device(kind), "{kind}");
    }
}

#[test]
fn what_no_agent_tells_of_is_kept_where_one_runs() {
    let table = RmmCapabilities {
        without_agent: &["serial"],
        ..WHOLE
    };
    assert_eq!(narrowed("Printer", &table).serial, None);
    assert_eq!(narrowed("Server", &table), device("Server"));
}

/// What a vendor lacks by kind of device, and adapters in no order.
mod kinds {
    use super::super::rmm::{device_of, kind};
    use crate::connectors::{DeviceKind, Intune};
    use crate::model::{RemoteDevice, RemoteInterface};

    fn device(word: &str) -> RemoteDevice {
        RemoteDevice {
            device_type: Some(word.to_owned()),
            ..RemoteDevice::default()
        }
    }

    #[test]
    fn kinds_are_told_by_the_words_of_vendors() {
        for (word, expected) in [
            ("Laptop", DeviceKind::Workstation),
            ("WINDOWS_WORKSTATION", DeviceKind::Workstation),
            ("MAC", DeviceKind::Workstation),
            ("Server", DeviceKind::Server),
            ("LINUX_SERVER", DeviceKind::Server),
            ("ESXi Host", DeviceKind::Hypervisor),
            ("VMWARE_VM_HOST", DeviceKind::Hypervisor),
            ("Network Device", DeviceKind::Network),
            ("NMS_SWITCH", DeviceKind::Network),
            ("Printer", DeviceKind::Printer),
            ("NMS_PRINTER", DeviceKind::Printer),
        ] {
            assert_eq!(kind(&device(word)), expected, "{word}");
        }
        assert_eq!(kind(&RemoteDevice::default()), DeviceKind::Workstation);
    }

    #[test]
    fn without_an_order_two_adapters_are_left_and_the_wireless_one_leads() {
        let adapter = |name: &str, mac: Option<&str>| RemoteInterface {
            name: Some(name.to_owned()),
            mac: mac.map(str::to_owned),
            ip: None,
        };
        let mut laptop = device("Laptop");
        laptop.serial = Some("To be filled".to_owned());
        laptop.interfaces = vec![
            adapter("Bluetooth", None),
            adapter("Ethernet", Some("00:1b:44:11:3a:b7")),
            adapter("Ethernet 2", Some("b")),
            adapter("Intel(R) Wi-Fi 6", Some("c")),
            adapter("WLAN", Some("d")),
        ];
        device_of(&Intune::CAPABILITIES, &mut laptop);
        let macs: Vec<&str> = laptop
            .interfaces
            .iter()
            .filter_map(|it| it.mac.as_deref())
            .collect();
        assert_eq!(macs, ["c", "001B44113AB7"]);
        assert_eq!(laptop.serial.as_deref(), Some("Tobefilled"));
    }
}
