//! From the truth to one tool's record: what a PSA and an RMM know of an entity, and how an override
//! changes a record. It must not know which other records there are.

use std::fmt;

use super::located::Located;
use super::patch::{ContactPatch, DevicePatch, LocationPatch, OrganizationPatch};
use super::records::{
    Address, ContactRecord, DeviceClass, DeviceRecord, Kind, LocationRecord, Nic,
    OrganizationRecord, Record, Tool,
};
use super::tenant::{Contact, Copies, Device, Location, Organization};

/// An organization's type when none is given.
pub(crate) const ORGANIZATION_TYPE: &str = "Client";

/// What the kinds of entity have in common.
pub(crate) trait Truth: fmt::Debug + Clone + PartialEq {
    /// Overrides of a record.
    type Patch: fmt::Debug + Clone + PartialEq;
    /// A tool's record.
    type Record: fmt::Debug + Clone + PartialEq + Into<Record>;
    /// The kind.
    const KIND: Kind;
    /// Tools that hold it when the file does not say.
    const TOOLS: &'static [Tool];

    fn listed_tools(&self) -> Option<&[Located<Tool>]>;
    fn copies(&self) -> &Copies<Self::Patch>;
    fn own_patch(&self, tool: Tool) -> Option<&Self::Patch>;
    /// Moves the overrides out: the primary record's and those of the copies.
    fn take_patches(&mut self, tool: Tool) -> (Option<Box<Self::Patch>>, Vec<Self::Patch>);
    fn is_active(&self, patch: Option<&Self::Patch>) -> bool;

    /// The tool's record with the true values; `truth` is the entity's key.
    fn render(&self, key: String, truth: &str, tool: Tool) -> Self::Record;
    /// Changes a record of that tool.
    fn apply(record: &mut Self::Record, patch: &Self::Patch, tool: Tool);
    fn record_is_active(record: &Self::Record) -> bool;

    /// What a record of that tool refers to, without rendering it.
    fn links<'a>(&'a self, patch: Option<&'a Self::Patch>, tool: Tool) -> Links<'a>;
    fn record_links(record: &Self::Record) -> Links<'_>;
}

/// Keys of the records that a record refers to, in the same tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Links<'a> {
    /// Of the organization; of an organization's parent.
    pub(crate) organization: Option<&'a str>,
    pub(crate) location: Option<&'a str>,
    pub(crate) contact: Option<&'a str>,
}

macro_rules! common {
    ($patch:ty, $record:ty, $kind:expr, $tools:expr) => {
        type Patch = $patch;
        type Record = $record;
        const KIND: Kind = $kind;
        const TOOLS: &'static [Tool] = $tools;

        fn listed_tools(&self) -> Option<&[Located<Tool>]> {
            self.tools.as_deref()
        }

        fn copies(&self) -> &Copies<Self::Patch> {
            &self.copies
        }

        fn own_patch(&self, tool: Tool) -> Option<&Self::Patch> {
            match tool {
                Tool::Psa => self.psa.as_deref(),
                Tool::Rmm => self.rmm.as_deref(),
            }
        }

        fn take_patches(&mut self, tool: Tool) -> (Option<Box<Self::Patch>>, Vec<Self::Patch>) {
            match tool {
                Tool::Psa => (self.psa.take(), std::mem::take(&mut self.copies.psa)),
                Tool::Rmm => (self.rmm.take(), std::mem::take(&mut self.copies.rmm)),
            }
        }

        fn is_active(&self, patch: Option<&Self::Patch>) -> bool {
            patch
                .and_then(|patch| patch.active)
                .or(self.active)
                .unwrap_or(true)
        }

        fn record_is_active(record: &Self::Record) -> bool {
            record.active
        }
    };
}

impl Truth for Organization {
    common!(
        OrganizationPatch,
        OrganizationRecord,
        Kind::Organization,
        &[Tool::Psa, Tool::Rmm]
    );

    fn links<'a>(&'a self, patch: Option<&'a OrganizationPatch>, _tool: Tool) -> Links<'a> {
        let patched = patch.and_then(|patch| patch.parent.as_ref());
        Links {
            organization: chosen(self.parent.as_ref(), patched),
            ..Links::default()
        }
    }

    fn record_links(record: &OrganizationRecord) -> Links<'_> {
        Links {
            organization: record.parent.as_deref(),
            ..Links::default()
        }
    }

    fn render(&self, key: String, truth: &str, tool: Tool) -> OrganizationRecord {
        let psa = tool == Tool::Psa;
        let active = self.is_active(None);
        OrganizationRecord {
            key,
            truth: truth.to_owned(),
            name: self.name.clone(),
            short_name: self.short_name.clone(),
            organization_type: psa.then(|| or(&self.organization_type, ORGANIZATION_TYPE)),
            status: psa.then(|| or(&self.status, status_of(active))),
            parent: text(self.parent.as_ref()),
            phone: self.phone.clone(),
            website: self.website.clone(),
            active,
        }
    }

    fn apply(record: &mut OrganizationRecord, patch: &OrganizationPatch, _tool: Tool) {
        set(&mut record.name, &patch.name);
        set(&mut record.short_name, &patch.short_name);
        set(&mut record.organization_type, &patch.organization_type);
        activate(&mut record.active, &mut record.status, patch.active);
        set(&mut record.status, &patch.status);
        point(&mut record.parent, &patch.parent);
        set(&mut record.phone, &patch.phone);
        set(&mut record.website, &patch.website);
    }
}

impl Truth for Location {
    common!(LocationPatch, LocationRecord, Kind::Location, &[Tool::Psa]);

    fn links<'a>(&'a self, patch: Option<&'a LocationPatch>, _tool: Tool) -> Links<'a> {
        let patched = patch.and_then(|patch| patch.organization.as_ref());
        Links {
            organization: Some(patched.unwrap_or(&self.organization)),
            ..Links::default()
        }
    }

    fn record_links(record: &LocationRecord) -> Links<'_> {
        Links {
            organization: Some(&record.organization),
            ..Links::default()
        }
    }

    fn render(&self, key: String, truth: &str, _tool: Tool) -> LocationRecord {
        LocationRecord {
            key,
            truth: truth.to_owned(),
            organization: self.organization.value.clone(),
            name: self.name.clone(),
            address: Address {
                line_1: self.address_1.clone(),
                line_2: self.address_2.clone(),
                city: self.city.clone(),
                region: self.region.clone(),
                postal_code: self.postal_code.clone(),
                country: self.country.clone(),
            },
            phone: self.phone.clone(),
            fax: self.fax.clone(),
            primary: self.primary.unwrap_or(false),
            active: self.is_active(None),
        }
    }

    fn apply(record: &mut LocationRecord, patch: &LocationPatch, _tool: Tool) {
        belong(&mut record.organization, patch.organization.as_ref());
        set(&mut record.name, &patch.name);
        set(&mut record.address.line_1, &patch.address_1);
        set(&mut record.address.line_2, &patch.address_2);
        set(&mut record.address.city, &patch.city);
        set(&mut record.address.region, &patch.region);
        set(&mut record.address.postal_code, &patch.postal_code);
        set(&mut record.address.country, &patch.country);
        set(&mut record.phone, &patch.phone);
        set(&mut record.fax, &patch.fax);
        set(&mut record.primary, &patch.primary);
        set(&mut record.active, &patch.active);
    }
}

impl Truth for Contact {
    common!(ContactPatch, ContactRecord, Kind::Contact, &[Tool::Psa]);

    fn links<'a>(&'a self, patch: Option<&'a ContactPatch>, tool: Tool) -> Links<'a> {
        let patched = patch.and_then(|patch| patch.organization.as_ref());
        let location = self.location.as_ref().filter(|_| tool == Tool::Psa);
        Links {
            organization: Some(patched.unwrap_or(&self.organization)),
            location: chosen(location, patch.and_then(|patch| patch.location.as_ref())),
            contact: None,
        }
    }

    fn record_links(record: &ContactRecord) -> Links<'_> {
        Links {
            organization: Some(&record.organization),
            location: record.location.as_deref(),
            contact: None,
        }
    }

    fn render(&self, key: String, truth: &str, tool: Tool) -> ContactRecord {
        ContactRecord {
            key,
            truth: truth.to_owned(),
            organization: self.organization.value.clone(),
            location: text(self.location.as_ref().filter(|_| tool == Tool::Psa)),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            title: self.title.clone(),
            contact_type: self.contact_type.clone(),
            emails: self.emails.clone(),
            phones: self.phones.clone(),
            active: self.is_active(None),
        }
    }

    fn apply(record: &mut ContactRecord, patch: &ContactPatch, _tool: Tool) {
        belong(&mut record.organization, patch.organization.as_ref());
        point(&mut record.location, &patch.location);
        set(&mut record.first_name, &patch.first_name);
        if let Some(last_name) = &patch.last_name {
            record.last_name = last_name.clone().unwrap_or_default();
        }
        set(&mut record.title, &patch.title);
        set(&mut record.contact_type, &patch.contact_type);
        set(&mut record.emails, &patch.emails);
        set(&mut record.phones, &patch.phones);
        set(&mut record.active, &patch.active);
    }
}

impl Truth for Device {
    common!(
        DevicePatch,
        DeviceRecord,
        Kind::Device,
        &[Tool::Psa, Tool::Rmm]
    );

    fn links<'a>(&'a self, patch: Option<&'a DevicePatch>, tool: Tool) -> Links<'a> {
        let psa = tool == Tool::Psa;
        let patched = patch.and_then(|patch| patch.organization.as_ref());
        let location = self.location.as_ref().filter(|_| psa);
        let contact = self.contact.as_ref().filter(|_| psa);
        Links {
            organization: Some(patched.unwrap_or(&self.organization)),
            location: chosen(location, patch.and_then(|patch| patch.location.as_ref())),
            contact: chosen(contact, patch.and_then(|patch| patch.contact.as_ref())),
        }
    }

    fn record_links(record: &DeviceRecord) -> Links<'_> {
        Links {
            organization: Some(&record.organization),
            location: record.location.as_deref(),
            contact: record.contact.as_deref(),
        }
    }

    fn render(&self, key: String, truth: &str, tool: Tool) -> DeviceRecord {
        let psa = tool == Tool::Psa;
        let active = self.is_active(None);
        DeviceRecord {
            key,
            truth: truth.to_owned(),
            organization: self.organization.value.clone(),
            location: text(self.location.as_ref().filter(|_| psa)),
            contact: text(self.contact.as_ref().filter(|_| psa)),
            name: self.name.clone(),
            class: self.class,
            laptop: self.laptop,
            configuration_type: psa
                .then(|| or(&self.configuration_type, configuration_type(self.class))),
            status: psa.then(|| or(&self.status, status_of(active))),
            serial: self.serial.clone(),
            nics: if psa {
                psa_nics(self.all_nics())
            } else {
                self.all_nics()
            },
            default_gateway: self.default_gateway.clone(),
            manufacturer: self.manufacturer.clone(),
            model: self.model.clone(),
            os: self.os.clone(),
            os_version: self.os_version.clone(),
            asset_tag: self.asset_tag.clone(),
            cpu: self.cpu.clone(),
            cpu_cores: self.cpu_cores,
            memory_bytes: self.memory_bytes,
            disks: self.disks.clone(),
            last_user: self.last_user.clone(),
            last_reboot: self.last_reboot.filter(|_| !psa),
            last_seen: self.last_seen.filter(|_| !psa),
            purchased: self.purchased.filter(|_| psa),
            installed: self.installed.filter(|_| psa),
            warranty: self.warranty,
            notes: self.notes.clone(),
            active,
        }
    }

    fn apply(record: &mut DeviceRecord, patch: &DevicePatch, tool: Tool) {
        belong(&mut record.organization, patch.organization.as_ref());
        point(&mut record.location, &patch.location);
        point(&mut record.contact, &patch.contact);
        set(&mut record.name, &patch.name);
        reclass(record, patch.class);
        set(&mut record.laptop, &patch.laptop);
        set(&mut record.configuration_type, &patch.configuration_type);
        activate(&mut record.active, &mut record.status, patch.active);
        set(&mut record.status, &patch.status);
        set(&mut record.serial, &patch.serial);
        apply_nics(&mut record.nics, patch, tool);
        set(&mut record.default_gateway, &patch.default_gateway);
        set(&mut record.manufacturer, &patch.manufacturer);
        set(&mut record.model, &patch.model);
        set(&mut record.os, &patch.os);
        set(&mut record.os_version, &patch.os_version);
        set(&mut record.asset_tag, &patch.asset_tag);
        set(&mut record.cpu, &patch.cpu);
        set(&mut record.cpu_cores, &patch.cpu_cores);
        set(&mut record.memory_bytes, &patch.memory_bytes);
        set(&mut record.disks, &patch.disks);
        set(&mut record.last_user, &patch.last_user);
        set(&mut record.last_reboot, &patch.last_reboot);
        set(&mut record.last_seen, &patch.last_seen);
        set(&mut record.purchased, &patch.purchased);
        set(&mut record.installed, &patch.installed);
        set(&mut record.warranty, &patch.warranty);
        set(&mut record.notes, &patch.notes);
    }
}

impl Device {
    /// The adapters, from either form.
    pub(crate) fn all_nics(&self) -> Vec<Nic> {
        if !self.nics.is_empty() {
            return self.nics.clone();
        }
        let mut nics: Vec<Nic> = self.macs.iter().map(|mac| nic(Some(mac.clone()))).collect();
        set_ip(&mut nics, self.ip.clone());
        nics
    }
}

/// The configuration type that a PSA gives a class when nobody says otherwise.
pub(crate) const fn configuration_type(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::Workstation => "Managed Workstation",
        DeviceClass::Server | DeviceClass::Hypervisor => "Managed Server",
        DeviceClass::Network => "Managed Network Device",
        DeviceClass::Printer => "Managed Printer",
    }
}

/// The status that goes with `active` when nobody says otherwise.
pub(crate) const fn status_of(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

/// What a PSA knows of the adapters: one MAC address, one IP address, no adapter names.
pub(crate) fn psa_nics(nics: Vec<Nic>) -> Vec<Nic> {
    let primary = nics.iter().position(|nic| nic.mac.is_some()).unwrap_or(0);
    nics.into_iter()
        .nth(primary)
        .map(|nic| Nic { name: None, ..nic })
        .into_iter()
        .collect()
}

fn apply_nics(nics: &mut Vec<Nic>, patch: &DevicePatch, tool: Tool) {
    set(nics, &patch.nics);
    if let Some(macs) = &patch.macs {
        let old = std::mem::take(nics);
        // An adapter without a MAC address is worth keeping for its IP address alone.
        let kept = old
            .iter()
            .take(1)
            .filter(|nic| macs.is_empty() && nic.ip.is_some());
        nics.extend(kept.cloned().map(|nic| Nic { mac: None, ..nic }));
        for (position, mac) in macs.iter().enumerate() {
            let mut nic = old.get(position).cloned().unwrap_or_else(|| nic(None));
            nic.mac = Some(mac.clone());
            if tool == Tool::Psa {
                nic.name = None;
            }
            nics.push(nic);
        }
    }
    if let Some(ip) = &patch.ip {
        set_ip(nics, ip.clone());
    }
}

fn set_ip(nics: &mut Vec<Nic>, ip: Option<String>) {
    match nics.first_mut() {
        Some(first) => {
            first.ip = ip;
            if *first == nic(None) {
                nics.remove(0);
            }
        }
        None if ip.is_some() => nics.push(Nic { ip, ..nic(None) }),
        None => {}
    }
}

const fn nic(mac: Option<String>) -> Nic {
    Nic {
        name: None,
        mac,
        ip: None,
    }
}

/// A type that was not chosen follows the class.
fn reclass(record: &mut DeviceRecord, class: Option<DeviceClass>) {
    let Some(class) = class else { return };
    if record.configuration_type.as_deref() == Some(configuration_type(record.class)) {
        record.configuration_type = Some(configuration_type(class).to_owned());
    }
    record.class = class;
}

/// A status that was not chosen follows the switch.
fn activate(active: &mut bool, status: &mut Option<String>, now: Option<bool>) {
    let Some(now) = now else { return };
    if status.as_deref() == Some(status_of(*active)) {
        *status = Some(status_of(now).to_owned());
    }
    *active = now;
}

fn set<T: Clone>(value: &mut T, new: &Option<T>) {
    if let Some(new) = new {
        value.clone_from(new);
    }
}

fn point(reference: &mut Option<String>, new: &Option<Option<Located<String>>>) {
    if let Some(new) = new {
        *reference = text(new.as_ref());
    }
}

fn belong(organization: &mut String, new: Option<&Located<String>>) {
    if let Some(new) = new {
        organization.clone_from(&new.value);
    }
}

fn chosen<'a>(
    base: Option<&'a Located<String>>,
    patched: Option<&'a Option<Located<String>>>,
) -> Option<&'a str> {
    let chosen = patched.map_or(base, Option::as_ref);
    chosen.map(Located::as_str)
}

fn text(reference: Option<&Located<String>>) -> Option<String> {
    reference.map(|reference| reference.value.clone())
}

fn or(value: &Option<String>, default: &str) -> String {
    value.clone().unwrap_or_else(|| default.to_owned())
}
