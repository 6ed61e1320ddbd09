//! A small tenant written by hand.

use crate::world::{
    Address, ContactRecord, Contents, DeviceClass, DeviceRecord, Disk, Email, LocationRecord, Nic,
    OrganizationRecord, Phone, ToolRecords,
};

pub(super) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) fn organization(key: &str, name: &str) -> OrganizationRecord {
    OrganizationRecord {
        key: key.to_owned(),
        truth: key.to_owned(),
        name: name.to_owned(),
        short_name: None,
        organization_type: text("Client"),
        status: None,
        parent: None,
        phone: None,
        website: None,
        active: true,
    }
}

pub(super) fn location(key: &str, organization: &str, name: &str) -> LocationRecord {
    LocationRecord {
        key: key.to_owned(),
        truth: key.to_owned(),
        organization: organization.to_owned(),
        name: name.to_owned(),
        address: Address {
            line_1: text("12 Harbour St"),
            line_2: None,
            city: text("Halifax"),
            region: text("NS"),
            postal_code: text("B3H 1A1"),
            country: text("Canada"),
        },
        phone: text("9025550101"),
        fax: None,
        primary: true,
        active: true,
    }
}

pub(super) fn contact(key: &str, organization: &str, first: &str, last: &str) -> ContactRecord {
    ContactRecord {
        key: key.to_owned(),
        truth: key.to_owned(),
        organization: organization.to_owned(),
        location: None,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        title: text("Office manager"),
        contact_type: text("Decision Maker"),
        emails: vec![Email {
            address: format!("{}@lark.example", first.to_lowercase()),
            email_type: None,
        }],
        phones: vec![Phone {
            number: "9025550102".to_owned(),
            extension: text("12"),
            phone_type: None,
        }],
        active: true,
    }
}

pub(super) fn device(key: &str, organization: &str, name: &str) -> DeviceRecord {
    DeviceRecord {
        key: key.to_owned(),
        truth: key.split('#').next().unwrap_or(key).to_owned(),
        organization: organization.to_owned(),
        location: None,
        contact: None,
        name: name.to_owned(),
        class: DeviceClass::Workstation,
        laptop: false,
        configuration_type: None,
        status: None,
        serial: Some(format!("SN-{key}")),
        nics: vec![Nic {
            name: None,
            mac: text("00:1A:2B:3C:4D:5E"),
            ip: text("10.20.0.5"),
        }],
        default_gateway: text("10.20.0.1"),
        manufacturer: text("Dell"),
        model: text("OptiPlex 7010"),
        os: text("Microsoft Windows 11 Pro"),
        os_version: text("10.0.22631"),
        asset_tag: text("A-0042"),
        cpu: text("Intel Core i5-13500"),
        cpu_cores: Some(14),
        memory_bytes: Some(16 << 30),
        disks: vec![Disk {
            name: "C:".to_owned(),
            size_bytes: 512 << 30,
            free_bytes: 100 << 30,
        }],
        last_user: text(r"LARK\frontdesk"),
        last_reboot: None,
        last_seen: None,
        purchased: Some(jiff::civil::date(2023, 5, 20)),
        installed: Some(jiff::civil::date(2023, 6, 1)),
        warranty: Some(jiff::civil::date(2026, 6, 1)),
        notes: text("Front desk.\nHas a \"quirk\"."),
        active: true,
    }
}

/// Two organizations, one the other's parent; three sites, three contacts, four devices.
pub(super) fn records() -> ToolRecords {
    let mut dental = organization("dental", "Fabrikam Dental");
    dental.parent = text("group");
    dental.short_name = text("FabrikamDental");
    dental.website = text("fabrikamdental.example");
    let mut annex = location("annex", "dental", "Annex");
    annex.primary = false;
    annex.active = false;
    annex.address.city = text("Dartmouth");
    let mut pat = contact("pat", "dental", "Pat", "Rowe");
    pat.location = text("main");
    pat.emails.push(Email {
        address: "p.rowe@home.example".to_owned(),
        email_type: text("Private email"),
    });
    pat.phones.push(Phone {
        number: "9025550199".to_owned(),
        extension: None,
        phone_type: text("Fax"),
    });
    let mut gone = contact("gone", "dental", "Sam", "");
    gone.active = false;
    let mut front = device("front", "dental", "FAB-WS01");
    front.location = text("main");
    front.contact = text("pat");
    let mut server = device("server", "dental", "FAB-SRV01");
    server.class = DeviceClass::Server;
    server.configuration_type = text("Managed Server");
    server.nics.push(Nic {
        name: None,
        mac: text("00:1A:2B:3C:4D:5F"),
        ip: None,
    });
    let mut retired = device("retired", "dental", "FAB-OLD");
    retired.active = false;
    retired.serial = None;
    ToolRecords {
        seed: 7,
        company: "Northwind IT".to_owned(),
        contents: Contents {
            organization_types: vec!["Client".to_owned(), "Former Client".to_owned()],
            configuration_types: vec!["Managed Workstation".to_owned()],
            ..Contents::default()
        },
        organizations: vec![organization("group", "Fabrikam Group"), dental],
        locations: vec![
            location("office", "group", "Office"),
            location("main", "dental", "Main"),
            annex,
        ],
        contacts: vec![pat, contact("lee", "group", "Lee", "Ota"), gone],
        devices: vec![
            front,
            server,
            retired,
            device("group-ws", "group", "GRP-WS01"),
        ],
    }
}

/// One organization with so many devices.
pub(super) fn with_devices(count: usize) -> ToolRecords {
    let devices = (0..count).map(|at| {
        let mut device = device(&format!("d{at}"), "acme", &format!("WS-{:04}", count - at));
        device.serial = (at % 3 != 0).then(|| format!("S{at}"));
        device.active = at % 2 == 0;
        device
    });
    ToolRecords {
        seed: 3,
        organizations: vec![organization("acme", "Acme")],
        devices: devices.collect(),
        ..ToolRecords::default()
    }
}
