//! Devices as they truly are.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::client::{Client, slug};
use super::draw::{Draw, Purpose};
use super::hardware::{MacForm, Model, Register, models, write_mac};
use super::spec::ClassWeights;
use crate::world::records::{DeviceClass, Disk, Nic};
use crate::world::tenant::{Contact, Device};

/// The moment that every generated date is counted back from; there is no wall clock.
const EPOCH: &str = "2026-01-05T09:00:00Z";

const GIB: u64 = 1 << 30;

/// What a device is made from, beside its own stream.
pub(super) struct Shop<'a> {
    pub(super) seed: u64,
    /// Place of the organization in the tenant.
    pub(super) index: u32,
    pub(super) client: &'a Client,
    pub(super) locations: u32,
    /// The organization's contacts with their keys.
    pub(super) contacts: &'a [(String, Contact)],
    pub(super) classes: ClassWeights,
    pub(super) epoch: Timestamp,
}

/// A device with what dirt needs to know of it.
pub(super) struct Machine {
    pub(super) key: String,
    pub(super) device: Device,
    pub(super) model: &'static Model,
    pub(super) macs: Vec<u64>,
}

/// The moment that dates are counted back from.
pub(super) fn epoch() -> Timestamp {
    EPOCH.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Shop<'_> {
    /// The n-th device of the organization.
    pub(super) fn make(&self, nth: u32, register: &mut Register) -> Machine {
        let mut draw = Draw::new(self.seed, self.index, Purpose::Device, nth);
        let class = draw_class(&mut draw, self.classes);
        let model = draw.pick(models(class));
        let mut serials = Draw::new(self.seed, self.index, Purpose::Serial, nth);
        let mut addresses = Draw::new(self.seed, self.index, Purpose::Mac, nth);
        let serial = register.serial(&mut serials, model.serial);
        let macs: Vec<u64> = (model.adapters.iter())
            .map(|_| register.mac(&mut addresses, model))
            .collect();
        let mut device = Device {
            organization: self.client.key.clone().into(),
            location: self.client.some_location(&mut draw, self.locations),
            name: format!(
                "{}-{}{:03}",
                self.client.short_name,
                prefix(class, model),
                nth + 1
            ),
            class,
            laptop: model.laptop,
            serial: Some(serial),
            nics: self.nics(nth, model, &macs),
            default_gateway: Some(self.address(1)),
            manufacturer: Some(model.maker.to_owned()),
            model: Some(model.name.to_owned()),
            asset_tag: draw
                .chance(0.5)
                .then(|| format!("{:05}", draw.range(1, 99_999))),
            ..Device::default()
        };
        self.software(&mut draw, model, &mut device);
        self.life(&mut draw, &mut device);
        if class == DeviceClass::Workstation {
            self.user(&mut draw, &mut device);
        }
        Machine {
            key: format!("{}-d{}", self.client.key, nth + 1),
            device,
            model,
            macs,
        }
    }

    /// Each organization has a network of its own; a very large one grows into its neighbour's
    /// numbers, which nobody minds behind two firewalls.
    fn address(&self, host: u32) -> String {
        let number = (u64::from(self.index) * 1024 + u64::from(host)) & 0xFF_FFFF;
        let [.., a, b, c] = number.to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }

    fn nics(&self, nth: u32, model: &Model, macs: &[u64]) -> Vec<Nic> {
        let adapters = model.adapters.iter().zip(macs).enumerate();
        adapters
            .map(|(place, (name, mac))| Nic {
                name: Some((*name).to_owned()),
                mac: Some(write_mac(*mac, MacForm::Colons)),
                ip: (place == 0).then(|| self.address(nth.saturating_add(10))),
            })
            .collect()
    }

    fn software(&self, draw: &mut Draw, model: &Model, device: &mut Device) {
        if let Some((os, version)) = (!model.os.is_empty()).then(|| draw.pick(model.os)) {
            device.os = Some((*os).to_owned());
            device.os_version = Some((*version).to_owned());
        }
        let Some((cpu, cores)) = model.cpu else {
            return;
        };
        device.cpu = Some(cpu.to_owned());
        device.cpu_cores = Some(cores);
        let (memories, disks, name): (&[u64], &[u64], &str) = match device.class {
            DeviceClass::Workstation if model.maker == "Apple Inc." => {
                (&[16, 32], &[512, 1024], "/")
            }
            DeviceClass::Workstation => (&[8, 16, 16, 32], &[256, 512, 512, 1024], "C:"),
            DeviceClass::Hypervisor => (&[256, 384, 512], &[4096, 8192], "datastore1"),
            _ if device
                .os
                .as_deref()
                .is_some_and(|os| os.starts_with("Ubuntu")) =>
            {
                (&[4, 8, 16], &[64, 128], "/")
            }
            _ => (&[16, 32, 64], &[128, 256, 512], "C:"),
        };
        device.memory_bytes = Some(*draw.pick(memories) * GIB);
        let size_bytes = *draw.pick(disks) * GIB;
        device.disks = vec![Disk {
            name: name.to_owned(),
            size_bytes,
            free_bytes: size_bytes / 100 * u64::from(draw.range(4, 85)),
        }];
    }

    /// Dates: bought up to six years ago, with three years of warranty, seen today or so.
    fn life(&self, draw: &mut Draw, device: &mut Device) {
        let (silent, awake) = (draw.range(0, 240), draw.range(1, 40 * 24));
        let (age, setup) = (draw.range(30, 6 * 365), draw.range(1, 30));
        let ago = |minutes: u32| self.epoch.checked_sub(i64::from(minutes).minutes()).ok();
        device.last_seen = ago(silent);
        if device.cpu.is_some() {
            device.last_reboot = ago(silent + awake * 60);
        }
        if !device.manufacturer.as_deref().is_some_and(is_software) {
            let today = self.epoch.to_zoned(TimeZone::UTC).date();
            let bought: Option<Date> = today.checked_sub(i64::from(age).days()).ok();
            device.purchased = bought;
            device.installed = bought.and_then(|day| day.checked_add(i64::from(setup).days()).ok());
            device.warranty = bought.and_then(|day| day.checked_add(3.years()).ok());
        }
    }

    fn user(&self, draw: &mut Draw, device: &mut Device) {
        let assigned = draw.chance(0.75);
        let nth = draw.range(
            0,
            u32::try_from(self.contacts.len()).unwrap_or(0).max(1) - 1,
        );
        let Some((key, contact)) = self.contacts.get(nth as usize).filter(|_| assigned) else {
            return;
        };
        device.contact = Some(key.clone().into());
        let domain = &self.client.short_name;
        let (first, last) = (slug(&contact.first_name), slug(&contact.last_name));
        device.last_user = Some(format!("{domain}\\{first}.{last}"));
    }
}

fn is_software(maker: &str) -> bool {
    matches!(maker, "VMware, Inc." | "Microsoft Corporation")
}

fn draw_class(draw: &mut Draw, classes: ClassWeights) -> DeviceClass {
    let table = classes.table();
    let total: f64 = table.iter().map(|(_, weight)| weight).sum();
    let mut left = draw.unit() * total;
    for (class, weight) in table {
        if left < weight {
            return class;
        }
        left -= weight;
    }
    // Rounding can leave a crumb; the last class with a weight takes it.
    let mut weighted = table.into_iter().filter(|(_, weight)| *weight > 0.0);
    weighted
        .next_back()
        .map_or(DeviceClass::Workstation, |(class, _)| class)
}

const fn prefix(class: DeviceClass, model: &Model) -> &'static str {
    match class {
        DeviceClass::Workstation if model.laptop => "LT",
        DeviceClass::Workstation => "WS",
        DeviceClass::Server => "SRV",
        DeviceClass::Hypervisor => "ESX",
        DeviceClass::Network => "NET",
        DeviceClass::Printer => "PRN",
    }
}
