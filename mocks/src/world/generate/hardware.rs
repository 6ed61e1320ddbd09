//! The machines: makes, models, serial number formats, MAC prefixes, operating systems. Formats are
//! those that the makers print (`seen`); numbers are invented.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::draw::Draw;
use crate::world::records::DeviceClass;

/// A model that can be drawn.
pub(super) struct Model {
    pub(super) maker: &'static str,
    pub(super) name: &'static str,
    pub(super) laptop: bool,
    pub(super) serial: SerialForm,
    /// First three bytes of its MAC addresses, as assigned to the maker of machine or adapter.
    oui: u32,
    pub(super) cpu: Option<(&'static str, u32)>,
    pub(super) os: &'static [(&'static str, &'static str)],
    /// Names of the adapters; as many as it has.
    pub(super) adapters: &'static [&'static str],
}

/// How a maker writes serial numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SerialForm {
    /// Seven letters and digits without vowels.
    Dell,
    /// Plant, year and week, sequence: ten characters.
    Hp,
    /// `PF` and six.
    Lenovo,
    /// Ten, no vowels, no zero.
    Apple,
    /// `VMware-56 4d …`, sixteen bytes.
    Vmware,
    /// Digits in groups of four.
    HyperV,
    /// A model prefix and digits.
    Prefixed(&'static str, usize),
}

const WINDOWS: &[(&str, &str)] = &[
    ("Microsoft Windows 11 Pro", "10.0.26100"),
    ("Microsoft Windows 11 Pro", "10.0.22631"),
    ("Microsoft Windows 10 Pro", "10.0.19045"),
];
const MACOS: &[(&str, &str)] = &[("macOS Sequoia", "15.6"), ("macOS Sonoma", "14.7")];
const SERVER: &[(&str, &str)] = &[
    ("Microsoft Windows Server 2022 Standard", "10.0.20348"),
    ("Microsoft Windows Server 2019 Standard", "10.0.17763"),
    ("Microsoft Windows Server 2016 Standard", "10.0.14393"),
];
const GUEST: &[(&str, &str)] = &[
    ("Microsoft Windows Server 2022 Standard", "10.0.20348"),
    ("Microsoft Windows Server 2019 Standard", "10.0.17763"),
    ("Ubuntu 22.04.5 LTS", "5.15.0-130-generic"),
    ("Ubuntu 24.04.1 LTS", "6.8.0-51-generic"),
];
const ESXI: &[(&str, &str)] = &[
    ("VMware ESXi 8.0.3", "8.0.3 build-24280767"),
    ("VMware ESXi 7.0.3", "7.0.3 build-23794027"),
];
const FORTIOS: &[(&str, &str)] = &[("FortiOS", "7.4.7"), ("FortiOS", "7.2.11")];
const UNIFI: &[(&str, &str)] = &[("UniFi", "7.1.26"), ("UniFi", "6.6.77")];
const NO_OS: &[(&str, &str)] = &[];

const LAN: &[&str] = &["Intel(R) Ethernet Connection I219-LM"];
const LAN_WIFI: &[&str] = &[
    "Intel(R) Ethernet Connection I219-LM",
    "Intel(R) Wi-Fi 6E AX211 160MHz",
];
const APPLE_WIFI: &[&str] = &["Wi-Fi"];
const TWO_PORTS: &[&str] = &[
    "Broadcom NetXtreme Gigabit Ethernet",
    "Broadcom NetXtreme Gigabit Ethernet #2",
];
const UPLINKS: &[&str] = &["vmnic0", "vmnic1"];
const VMXNET: &[&str] = &["vmxnet3 Ethernet Adapter"];
const NETVSC: &[&str] = &["Microsoft Hyper-V Network Adapter"];
const PORT: &[&str] = &["eth0"];

const fn model(
    maker: &'static str,
    name: &'static str,
    serial: SerialForm,
    oui: u32,
    adapters: &'static [&'static str],
    os: &'static [(&'static str, &'static str)],
) -> Model {
    Model {
        maker,
        name,
        laptop: false,
        serial,
        oui,
        cpu: None,
        os,
        adapters,
    }
}

impl Model {
    const fn laptop(self) -> Self {
        Self {
            laptop: true,
            ..self
        }
    }

    const fn cpu(self, name: &'static str, cores: u32) -> Self {
        Self {
            cpu: Some((name, cores)),
            ..self
        }
    }

    pub(super) fn is_virtual(&self) -> bool {
        matches!(self.serial, SerialForm::Vmware | SerialForm::HyperV)
    }
}

const I5: &str = "13th Gen Intel(R) Core(TM) i5-13500";
const I5U: &str = "13th Gen Intel(R) Core(TM) i5-1345U";
const I7U: &str = "Intel(R) Core(TM) Ultra 7 165U";
const XEON: &str = "Intel(R) Xeon(R) Silver 4410Y";

const WORKSTATIONS: &[Model] = &[
    model(
        "Dell Inc.",
        "Latitude 5440",
        SerialForm::Dell,
        0x8C_EC4B,
        LAN_WIFI,
        WINDOWS,
    )
    .laptop()
    .cpu(I5U, 10),
    model(
        "Dell Inc.",
        "Latitude 7450",
        SerialForm::Dell,
        0xA4_BB6D,
        LAN_WIFI,
        WINDOWS,
    )
    .laptop()
    .cpu(I7U, 12),
    model(
        "HP",
        "HP EliteBook 840 14 inch G10 Notebook PC",
        SerialForm::Hp,
        0x3C_5282,
        LAN_WIFI,
        WINDOWS,
    )
    .laptop()
    .cpu(I5U, 10),
    model(
        "LENOVO",
        "21H1CTO1WW",
        SerialForm::Lenovo,
        0x54_E1AD,
        LAN_WIFI,
        WINDOWS,
    )
    .laptop()
    .cpu(I5U, 10),
    model(
        "Apple Inc.",
        "MacBookPro18,3",
        SerialForm::Apple,
        0xF0_1898,
        APPLE_WIFI,
        MACOS,
    )
    .laptop()
    .cpu("Apple M1 Pro", 10),
    model(
        "Dell Inc.",
        "OptiPlex 7010",
        SerialForm::Dell,
        0xD8_9EF3,
        LAN,
        WINDOWS,
    )
    .cpu(I5, 14),
    model(
        "HP",
        "HP ProDesk 600 G6 Desktop Mini PC",
        SerialForm::Hp,
        0x48_0FCF,
        LAN,
        WINDOWS,
    )
    .cpu(I5, 14),
    model(
        "LENOVO",
        "11T3S0AB00",
        SerialForm::Lenovo,
        0x88_A4C2,
        LAN,
        WINDOWS,
    )
    .cpu(I5, 14),
];
const SERVERS: &[Model] = &[
    model(
        "VMware, Inc.",
        "VMware20,1",
        SerialForm::Vmware,
        0x00_5056,
        VMXNET,
        GUEST,
    )
    .cpu(XEON, 4),
    model(
        "VMware, Inc.",
        "VMware7,1",
        SerialForm::Vmware,
        0x00_0C29,
        VMXNET,
        GUEST,
    )
    .cpu(XEON, 4),
    model(
        "Microsoft Corporation",
        "Virtual Machine",
        SerialForm::HyperV,
        0x00_155D,
        NETVSC,
        GUEST,
    )
    .cpu(XEON, 4),
    model(
        "Dell Inc.",
        "PowerEdge T350",
        SerialForm::Dell,
        0xF4_02B2,
        TWO_PORTS,
        SERVER,
    )
    .cpu("Intel(R) Xeon(R) E-2336", 6),
    model(
        "HPE",
        "ProLiant ML350 Gen10",
        SerialForm::Hp,
        0x94_40C9,
        TWO_PORTS,
        SERVER,
    )
    .cpu(XEON, 12),
];
const HYPERVISORS: &[Model] = &[
    model(
        "Dell Inc.",
        "PowerEdge R650",
        SerialForm::Dell,
        0x2C_EA7F,
        UPLINKS,
        ESXI,
    )
    .cpu(XEON, 24),
    model(
        "HPE",
        "ProLiant DL380 Gen10",
        SerialForm::Hp,
        0x5C_BA2C,
        UPLINKS,
        ESXI,
    )
    .cpu(XEON, 24),
];
const NETWORK: &[Model] = &[
    model(
        "Fortinet",
        "FortiGate 60F",
        SerialForm::Prefixed("FGT60FTK", 8),
        0x70_4CA5,
        PORT,
        FORTIOS,
    ),
    model(
        "Ubiquiti",
        "USW-Pro-48-PoE",
        SerialForm::Prefixed("UBNT", 8),
        0x74_ACB9,
        PORT,
        UNIFI,
    ),
    model(
        "Ubiquiti",
        "U6-Pro",
        SerialForm::Prefixed("UBNT", 8),
        0x78_8A20,
        PORT,
        UNIFI,
    ),
    model(
        "Cisco",
        "C9200L-24P-4G",
        SerialForm::Prefixed("FCW", 8),
        0x00_2A10,
        PORT,
        NO_OS,
    ),
];
const PRINTERS: &[Model] = &[
    model(
        "HP",
        "LaserJet Pro M404dn",
        SerialForm::Prefixed("PHB", 7),
        0x80_E82C,
        PORT,
        NO_OS,
    ),
    model(
        "Brother",
        "MFC-L8900CDW",
        SerialForm::Prefixed("U649", 11),
        0x30_055C,
        PORT,
        NO_OS,
    ),
    model(
        "Canon",
        "imageRUNNER ADVANCE DX C3826i",
        SerialForm::Prefixed("XW", 7),
        0x84_BA3B,
        PORT,
        NO_OS,
    ),
];

/// The models of a class.
pub(super) const fn models(class: DeviceClass) -> &'static [Model] {
    match class {
        DeviceClass::Workstation => WORKSTATIONS,
        DeviceClass::Server => SERVERS,
        DeviceClass::Hypervisor => HYPERVISORS,
        DeviceClass::Network => NETWORK,
        DeviceClass::Printer => PRINTERS,
    }
}

/// First bytes of docking stations' adapters.
pub(super) const DOCK_OUI: u32 = 0x00_E04C;

/// Serial numbers and MAC addresses that were given: the true ones are unique.
#[derive(Default)]
pub(super) struct Register {
    serials: HashSet<Serial, FixedState>,
    macs: HashSet<u64, FixedState>,
}

/// A serial number. Those that are short, which nearly all are, need no room of their own.
#[derive(PartialEq, Eq, Hash)]
enum Serial {
    Short([u8; 15]),
    Long(Box<str>),
}

impl Serial {
    fn new(text: &str) -> Self {
        let mut short = [0; 15];
        match short.get_mut(..text.len()) {
            // No text has a zero in it, so that zeros at the end tell its length.
            Some(start) => {
                start.copy_from_slice(text.as_bytes());
                Self::Short(short)
            }
            None => Self::Long(text.into()),
        }
    }
}

impl Register {
    pub(super) fn serial(&mut self, draw: &mut Draw, form: SerialForm) -> String {
        loop {
            let serial = draw_serial(draw, form);
            if self.serials.insert(Serial::new(&serial)) {
                return serial;
            }
        }
    }

    pub(super) fn mac(&mut self, draw: &mut Draw, model: &Model) -> u64 {
        self.mac_of(draw, model.oui)
    }

    /// All 16 million addresses of a prefix would have to be given for this not to end; the limit of
    /// 10 million devices in a tenant keeps away from that.
    pub(super) fn mac_of(&mut self, draw: &mut Draw, oui: u32) -> u64 {
        loop {
            let mac = u64::from(oui) << 24 | u64::from(draw.range(0, 0xFF_FFFF));
            if self.macs.insert(mac) {
                return mac;
            }
        }
    }
}

/// How a MAC address is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MacForm {
    /// `00:1B:44:11:3A:B7`
    Colons,
    /// `00-1b-44-11-3a-b7`
    Dashes,
    /// `001b.4411.3ab7`
    Dots,
    /// `001B44113AB7`
    Bare,
}

pub(super) fn write_mac(mac: u64, form: MacForm) -> String {
    const UPPER: &[u8; 16] = b"0123456789ABCDEF";
    const LOWER: &[u8; 16] = b"0123456789abcdef";
    let (group, separator, digits) = match form {
        MacForm::Colons => (1, ":", UPPER),
        MacForm::Dashes => (1, "-", LOWER),
        MacForm::Dots => (2, ".", LOWER),
        MacForm::Bare => (6, "", UPPER),
    };
    let mut text = String::with_capacity(17);
    for (at, byte) in mac.to_be_bytes()[2..].iter().enumerate() {
        if at > 0 && at % group == 0 {
            text.push_str(separator);
        }
        text.push(char::from(digits[usize::from(byte >> 4)]));
        text.push(char::from(digits[usize::from(byte & 0xf)]));
    }
    text
}

fn draw_serial(draw: &mut Draw, form: SerialForm) -> String {
    const CONSONANTS: &str = "0123456789BCDFGHJKLMNPQRSTVWXYZ";
    const DIGITS: &str = "0123456789";
    match form {
        SerialForm::Dell => {
            // A tag of digits alone would read as a number.
            let first = draw.text("BCDFGHJKLMNPQRSTVWXYZ", 1);
            first + &draw.text(CONSONANTS, 6)
        }
        SerialForm::Hp => {
            let plant = *draw.pick(&["5CG", "MXL", "8CC", "CZC"]);
            let (year, week) = (draw.range(0, 5), draw.range(1, 52));
            format!("{plant}{year}{week:02}{}", draw.text(CONSONANTS, 4))
        }
        SerialForm::Lenovo => format!("PF{}", draw.text(CONSONANTS, 6)),
        SerialForm::Apple => draw.text("C", 1) + &draw.text("123456789CDFGHJKLMNPQRTVWXY", 9),
        SerialForm::Vmware => {
            let mut bytes = vec!["56".to_owned(), "4d".to_owned()];
            bytes.extend((2..16).map(|_| draw.text("0123456789abcdef", 2)));
            format!("VMware-{}-{}", bytes[..8].join(" "), bytes[8..].join(" "))
        }
        SerialForm::HyperV => {
            let groups: Vec<String> = (0..6).map(|_| draw.text(DIGITS, 4)).collect();
            format!("{}-{}", groups.join("-"), draw.text(DIGITS, 2))
        }
        SerialForm::Prefixed(prefix, digits) => format!("{prefix}{}", draw.text(DIGITS, digits)),
    }
}
