//! Puts dirt on clean devices and organizations. Each kind draws its own number whether or not it
//! strikes, so that another rate of one kind leaves the others where they are.

use jiff::ToSpan;

use super::draw::{Draw, Purpose};
use super::hardware::{DOCK_OUI, MacForm, Register, write_mac};
use super::machine::{Machine, epoch};
use super::words::PLACEHOLDER_SERIALS;
use crate::world::dirt::{Dirt, DirtSpec};
use crate::world::patch::{DevicePatch, OrganizationPatch};
use crate::world::records::{DeviceClass, Nic, Tool};
use crate::world::tenant::{Device, Organization};

/// What an organization's dirt means for its devices.
#[derive(Debug, Clone, Copy)]
pub(super) struct OrganizationDirt {
    near_miss: bool,
    /// The RMM holds the organization but none of its devices.
    pub(super) empty_site: bool,
}

impl OrganizationDirt {
    pub(super) fn draw(seed: u64, index: u32, spec: &DirtSpec) -> Self {
        let mut draw = Draw::new(seed, index, Purpose::OrganizationDirt, 0);
        Self {
            near_miss: draw.chance(spec.rate(Dirt::NearMissOrganization)),
            empty_site: draw.chance(spec.rate(Dirt::EmptySite)),
        }
    }

    pub(super) fn apply(self, seed: u64, index: u32, organization: &mut Organization) {
        if self.near_miss {
            let mut draw = Draw::new(seed, index, Purpose::OrganizationDirt, 1);
            organization.rmm = Some(Box::new(OrganizationPatch {
                name: Some(near_miss(&mut draw, &organization.name)),
                ..OrganizationPatch::default()
            }));
            organization.dirt.push(Dirt::NearMissOrganization);
        }
        if self.empty_site {
            organization.dirt.push(Dirt::EmptySite);
        }
    }
}

/// A name that a person takes for the same and a computer does not.
fn near_miss(draw: &mut Draw, name: &str) -> String {
    let other = match draw.range(0, 6) {
        0 => format!("{name} Inc."),
        1 => format!("{name}, LLC"),
        2 => format!("{name} Ltd"),
        3 => name.to_uppercase(),
        4 => name.replacen(' ', "  ", 1),
        5 => name.replace('&', "and"),
        _ => format!("The {name}"),
    };
    if other == name {
        format!("{name} ")
    } else {
        other
    }
}

/// The devices of one organization, before and after.
pub(super) struct Soil<'a> {
    pub(super) seed: u64,
    pub(super) index: u32,
    pub(super) spec: &'a DirtSpec,
    pub(super) empty_site: bool,
    /// Key of the organization where a device stands by mistake.
    pub(super) neighbour: Option<String>,
}

/// What strikes one device.
struct Strike {
    kinds: Vec<Dirt>,
    draw: Draw,
}

impl Strike {
    fn has(&self, dirt: Dirt) -> bool {
        self.kinds.contains(&dirt)
    }
}

impl Soil<'_> {
    pub(super) fn apply(&self, machines: &mut [Machine], register: &mut Register) {
        let docks = self.docks(machines, register);
        let clones = self.clones(machines);
        for (nth, machine) in (0..).zip(machines.iter_mut()) {
            let place = nth as usize;
            let mut strike = self.strike(nth, machine);
            if let Some(serial) = &clones[place] {
                strike.kinds.retain(|dirt| *dirt != Dirt::MissingSerial);
                both(&mut machine.device, |patch| {
                    patch.serial = Some(Some(serial.clone()));
                });
                strike.kinds.push(Dirt::ClonedVm);
            }
            if let Some(mac) = docks[place] {
                // The dock settles the addresses, and only the RMM can see it.
                let settled = |dirt: &Dirt| {
                    matches!(dirt, Dirt::MacFormat | Dirt::MultiMacPsa | Dirt::PsaOnly)
                };
                strike.kinds.retain(|dirt| !settled(dirt));
                let primary = strike.draw.chance(0.5);
                plug_in(machine, mac, primary);
                strike.kinds.push(Dirt::SharedDockMac);
            }
            self.identity(machine, &mut strike);
            self.place(machine, &mut strike);
            strike.kinds.sort_unstable();
            machine.device.dirt = strike.kinds;
        }
    }

    /// Draws what strikes a device and leaves out what it cannot have.
    fn strike(&self, nth: u32, machine: &Machine) -> Strike {
        let mut draw = Draw::new(self.seed, self.index, Purpose::DeviceDirt, nth);
        let mut struck: Vec<Dirt> = (Dirt::ALL.iter().copied())
            .filter(|dirt| draw.chance(self.spec.rate(*dirt)))
            .filter(|dirt| self.can_have(machine, *dirt))
            .collect();
        // Which tool holds the device decides what else can be wrong with it.
        struck.sort_by_key(|dirt| !matches!(dirt, Dirt::RmmOnly | Dirt::PsaOnly));
        let mut kinds: Vec<Dirt> = Vec::new();
        for dirt in struck {
            if !kinds.iter().any(|earlier| excludes(*earlier, dirt)) {
                kinds.push(dirt);
            }
        }
        Strike { kinds, draw }
    }

    fn can_have(&self, machine: &Machine, dirt: Dirt) -> bool {
        let computer = matches!(
            machine.device.class,
            DeviceClass::Workstation | DeviceClass::Server
        );
        match dirt {
            // Drawn by group or by organization, not here.
            Dirt::SharedDockMac | Dirt::ClonedVm | Dirt::NearMissOrganization | Dirt::EmptySite => {
                false
            }
            Dirt::RmmOnly | Dirt::PsaOnly | Dirt::MissingSerial => !self.empty_site,
            Dirt::MacFormat | Dirt::Renamed | Dirt::Inactive => !self.empty_site,
            Dirt::PlaceholderSerial => !self.empty_site && computer && !machine.model.is_virtual(),
            Dirt::Reimaged => !self.empty_site && computer,
            Dirt::MovedClient => !self.empty_site && self.neighbour.is_some(),
            Dirt::MultiMacPsa => machine.macs.len() > 1,
            Dirt::SourceDuplicate => true,
        }
    }

    /// Serial number, MAC address, name.
    fn identity(&self, machine: &mut Machine, strike: &mut Strike) {
        let device = &mut machine.device;
        if strike.has(Dirt::MissingSerial) {
            over(device, Tool::Rmm).serial = Some(None);
        }
        if strike.has(Dirt::PlaceholderSerial) {
            let placeholder = *strike.draw.pick(PLACEHOLDER_SERIALS);
            both(device, |patch| {
                patch.serial = Some(Some(placeholder.to_owned()));
            });
        }
        let several = strike.has(Dirt::MultiMacPsa);
        if several || strike.has(Dirt::MacFormat) {
            let form = if strike.has(Dirt::MacFormat) {
                *strike
                    .draw
                    .pick(&[MacForm::Dashes, MacForm::Dots, MacForm::Bare])
            } else {
                MacForm::Colons
            };
            let count = if several { machine.macs.len() } else { 1 };
            let macs = machine
                .macs
                .iter()
                .take(count)
                .map(|mac| write_mac(*mac, form));
            over(device, Tool::Psa).macs = Some(macs.collect());
        }
        if strike.has(Dirt::Renamed) {
            let old = match device.class {
                DeviceClass::Workstation => {
                    let tail = strike.draw.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 7);
                    format!("DESKTOP-{tail}")
                }
                _ => format!("{}-OLD", device.name),
            };
            over(device, Tool::Psa).name = Some(old);
        }
    }

    /// Which tool holds the device, where, and how often.
    fn place(&self, machine: &mut Machine, strike: &mut Strike) {
        let device = &mut machine.device;
        if self.empty_site || strike.has(Dirt::PsaOnly) {
            device.tools = Some(vec![Tool::Psa.into()]);
            device.rmm = None;
        } else if strike.has(Dirt::RmmOnly) {
            device.tools = Some(vec![Tool::Rmm.into()]);
            device.psa = None;
        }
        if strike.has(Dirt::Inactive) {
            over(device, Tool::Psa).active = Some(false);
        }
        if let Some(neighbour) = self
            .neighbour
            .as_ref()
            .filter(|_| strike.has(Dirt::MovedClient))
        {
            over(device, Tool::Rmm).organization = Some(neighbour.clone().into());
        }
        if strike.has(Dirt::Reimaged) {
            // The old agent fell silent when the new one came: the copy is the machine as it is.
            let days = strike.draw.range(10, 200);
            let silent = epoch().checked_sub((i64::from(days) * 24).hours()).ok();
            let mut copy = device.rmm.as_deref().cloned().unwrap_or_default();
            copy.name = None;
            over(device, Tool::Rmm).last_seen = Some(silent);
            device.copies.rmm.push(copy);
        }
        if strike.has(Dirt::SourceDuplicate) {
            let mut copy = device.psa.as_deref().cloned().unwrap_or_default();
            if strike.draw.chance(0.5) {
                copy.serial = Some(None);
                copy.asset_tag = Some(None);
            }
            device.copies.psa.push(copy);
        }
    }

    /// Docking stations that laptops share, by the place of the laptop. With chance `p` a laptop
    /// shares with the next one, so that the share of laptops that share is 1 - (1 - p)².
    fn docks(&self, machines: &[Machine], register: &mut Register) -> Vec<Option<u64>> {
        let laptops: Vec<usize> = (machines.iter().enumerate())
            .filter(|(_, machine)| machine.device.laptop && !self.empty_site)
            .map(|(place, _)| place)
            .collect();
        let mut docks = vec![None; machines.len()];
        self.pair_up(
            &laptops,
            Dirt::SharedDockMac,
            Purpose::SharedDock,
            |first, second| {
                let dock = docks[first].or(docks[second]).unwrap_or_else(|| {
                    let nth = u32::try_from(first).unwrap_or(u32::MAX);
                    let mut draw = Draw::new(self.seed, self.index, Purpose::DockMac, nth);
                    register.mac_of(&mut draw, DOCK_OUI)
                });
                docks[first] = Some(dock);
                docks[second] = Some(dock);
            },
        );
        docks
    }

    /// Serial numbers that virtual servers share, by the place of the server.
    fn clones(&self, machines: &[Machine]) -> Vec<Option<String>> {
        let servers: Vec<usize> = (machines.iter().enumerate())
            .filter(|(_, machine)| machine.model.is_virtual())
            .map(|(place, _)| place)
            .collect();
        let mut serials: Vec<Option<String>> = vec![None; machines.len()];
        self.pair_up(
            &servers,
            Dirt::ClonedVm,
            Purpose::ClonedVm,
            |first, second| {
                let known = serials[first].take().or_else(|| serials[second].take());
                let serial = known.or_else(|| machines[first].device.serial.clone());
                serials[first].clone_from(&serial);
                serials[second] = serial;
            },
        );
        serials
    }

    fn pair_up(
        &self,
        places: &[usize],
        dirt: Dirt,
        purpose: Purpose,
        mut join: impl FnMut(usize, usize),
    ) {
        let chance = 1.0 - (1.0 - self.spec.rate(dirt)).sqrt();
        for (at, place) in places.iter().enumerate() {
            let nth = u32::try_from(*place).unwrap_or(u32::MAX);
            let shares = Draw::new(self.seed, self.index, purpose, nth).chance(chance);
            let partner = places
                .get(at + 1)
                .or_else(|| places.get(at.checked_sub(1)?));
            if let Some(partner) = partner.filter(|_| shares) {
                join(*place, *partner);
            }
        }
    }
}

/// Whether what is wrong already leaves no room for another kind.
fn excludes(earlier: Dirt, later: Dirt) -> bool {
    let in_the_rmm = matches!(later, Dirt::MissingSerial | Dirt::Reimaged);
    let in_the_psa = matches!(later, Dirt::SourceDuplicate | Dirt::MultiMacPsa);
    let in_both = matches!(
        later,
        Dirt::MacFormat | Dirt::Renamed | Dirt::MovedClient | Dirt::Inactive
    );
    match earlier {
        Dirt::RmmOnly => in_the_psa || in_both || later == Dirt::PsaOnly,
        Dirt::PsaOnly => in_the_rmm || in_both,
        Dirt::MissingSerial => later == Dirt::PlaceholderSerial,
        _ => false,
    }
}

fn plug_in(machine: &mut Machine, dock: u64, primary: bool) {
    let dock = write_mac(dock, MacForm::Colons);
    let device = &mut machine.device;
    let adapter = Nic {
        name: Some("Realtek USB GbE Family Controller".to_owned()),
        mac: Some(dock.clone()),
        ip: None,
    };
    let mut nics = device.nics.clone();
    if primary {
        let ip = nics.first_mut().and_then(|first| first.ip.take());
        nics.insert(0, Nic { ip, ..adapter });
        // What the RMM takes for the primary address is what it pushed into the PSA.
        over(device, Tool::Psa).macs = Some(vec![dock]);
    } else {
        nics.push(adapter);
    }
    over(device, Tool::Rmm).nics = Some(nics);
}

fn over(device: &mut Device, tool: Tool) -> &mut DevicePatch {
    match tool {
        Tool::Psa => device.psa.get_or_insert_default(),
        Tool::Rmm => device.rmm.get_or_insert_default(),
    }
}

fn both(device: &mut Device, mut change: impl FnMut(&mut DevicePatch)) {
    change(over(device, Tool::Psa));
    change(over(device, Tool::Rmm));
}
