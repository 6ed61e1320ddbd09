//! The RMM's own integration with the PSA: what it writes there for each of its devices, and how it
//! finds what it wrote before or what stands there already. Which product does it how is in
//! [`Cascade`]; any RMM can play any of them. It knows no vendor's API.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edit::{Changes, truth_of};
use super::error::WorldError;
use super::records::{DeviceClass, DeviceRecord, Kind, OrganizationRecord, Tool};
use super::render::{ORGANIZATION_TYPE, configuration_type, psa_nics, status_of};
use super::state::World;

/// By which product's rules the RMM finds a device's record in the PSA.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cascade {
    /// No product's: a device that the PSA holds in truth is left alone, any other gets a record. What
    /// an integration would do that makes no mistake.
    #[default]
    Plain,
    /// Datto RMM into Autotask (`documented`): the item that it wrote before, which is switched on
    /// again; host name and serial number in the device's organization; the serial number in any other;
    /// a new item. Of several active ones the oldest. Type, maker and model are set on a new item only.
    DattoRmm,
    /// N-sight into ConnectWise (`documented`): clients come as companies, are renamed with them, and
    /// are set inactive when they are deleted; the configuration of a deleted device is removed; a
    /// device that moves to another client stays where it is.
    NSight,
    /// Auvik into ConnectWise or Autotask (`documented`): by the identifier alone, so that a device
    /// whose identifier changes gets a second record; one without is left out.
    Auvik,
}

/// What Auvik tells devices by; which of the two is a setting there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushIdentifier {
    /// The serial number, whatever the case of its letters.
    #[default]
    Serial,
    /// The host name.
    Name,
}

/// How a push works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushRules {
    /// By whose rules.
    pub cascade: Cascade,
    /// What Auvik tells devices by.
    pub identifier: PushIdentifier,
    /// Whether Auvik looks at active records alone.
    pub only_active: bool,
}

/// What the integration remembers: the tables that such products keep on their own side.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pushed {
    /// The PSA's record by the RMM's, for devices. It stands for the mark that Datto RMM leaves on the
    /// item as well: no step of a script loses one and keeps the other.
    devices: BTreeMap<String, String>,
    /// The PSA's company by the RMM's client, with what was written last.
    clients: BTreeMap<String, (String, Client)>,
}

/// What is written of a client.
#[derive(Debug, Clone, PartialEq)]
struct Client {
    name: String,
    phone: Option<String>,
    website: Option<String>,
}

impl Client {
    fn of(record: &OrganizationRecord) -> Self {
        Self {
            name: record.name.clone(),
            phone: record.phone.clone(),
            website: record.website.clone(),
        }
    }
}

/// The PSA's devices, by what cascades look them up with. Entries are checked when they are found, so
/// that those of values since overwritten do no harm.
#[derive(Default)]
struct Index {
    order: HashMap<String, usize>,
    by_name: HashMap<String, Vec<String>>,
    by_serial: HashMap<String, Vec<String>>,
}

impl Index {
    fn of(records: &[DeviceRecord]) -> Self {
        let mut index = Self::default();
        for record in records {
            index.add(record);
        }
        index
    }

    fn add(&mut self, record: &DeviceRecord) {
        let place = self.order.len();
        self.order.entry(record.key.clone()).or_insert(place);
        let name = self.by_name.entry(record.name.clone()).or_default();
        name.push(record.key.clone());
        if let Some(serial) = &record.serial {
            let serial = self.by_serial.entry(serial.to_uppercase()).or_default();
            serial.push(record.key.clone());
        }
    }

    /// Keys of the PSA's records that may fit, oldest first.
    fn candidates(&self, identifier: PushIdentifier, device: &DeviceRecord) -> Vec<String> {
        let keys = match identifier {
            PushIdentifier::Name => self.by_name.get(&device.name),
            PushIdentifier::Serial => {
                let serial = device.serial.as_ref().map(|serial| serial.to_uppercase());
                serial.and_then(|serial| self.by_serial.get(&serial))
            }
        };
        let mut keys: Vec<String> = keys.into_iter().flatten().cloned().collect();
        keys.sort_by_key(|key| self.order.get(key));
        keys.dedup();
        keys
    }
}

impl World {
    /// The RMM's own PSA integration runs: its devices get their records in the PSA with the RMM's
    /// values, and so do their organizations. `which` limits it to some devices, by the key of the
    /// device or of its record.
    ///
    /// # Errors
    /// The direction is not from RMM to PSA, or the RMM does not hold a device that `which` names.
    pub fn push_devices(
        &mut self,
        from: Tool,
        to: Tool,
        which: Option<&[&str]>,
        rules: PushRules,
    ) -> Result<Changes, WorldError> {
        if (from, to) != (Tool::Rmm, Tool::Psa) {
            return Err(WorldError::NoSuchPush { from, to });
        }
        for key in which.unwrap_or_default() {
            self.devices.require(from, key)?;
        }
        let mut changes = Changes::new();
        if rules.cascade == Cascade::NSight && which.is_none() {
            self.push_clients(&mut changes)?;
        }
        let mut index = match rules.cascade {
            Cascade::DattoRmm | Cascade::Auvik => Index::of(&self.devices.records(to)),
            Cascade::Plain | Cascade::NSight => Index::default(),
        };
        for device in self.chosen(which, rules.cascade) {
            let organization = self.push_organization(&device.organization, &mut changes);
            let device = match rules.cascade {
                Cascade::DattoRmm => as_datto_writes(device),
                Cascade::Plain | Cascade::NSight | Cascade::Auvik => device,
            };
            if rules.cascade == Cascade::Auvik && lacks(rules.identifier, &device) {
                continue;
            }
            let found = self.found(&device, &organization, &index, rules);
            let key = match found {
                Some(existing) => {
                    let key = existing.key.clone();
                    let revive = rules.cascade == Cascade::DattoRmm;
                    let record = written_over(existing.clone(), &device, revive);
                    if record != existing {
                        index.add(&record);
                        changes.push((to, self.devices.replace(to, &key, record)));
                    }
                    key
                }
                None => {
                    let truth = device.truth.clone();
                    let key = self.devices.next_key(to, &truth);
                    let key = key.unwrap_or_else(|| truth.clone());
                    let record = as_pushed(device.clone(), key.clone(), organization);
                    index.add(&record);
                    changes.push((to, self.put(to, &truth, record)));
                    key
                }
            };
            self.pushed.devices.insert(device.key, key);
        }
        Ok(changes)
    }

    /// The devices that a push is for.
    fn chosen(&self, which: Option<&[&str]>, cascade: Cascade) -> Vec<DeviceRecord> {
        let chosen: Option<HashSet<&str>> = which.map(|keys| keys.iter().copied().collect());
        let mut done = HashSet::new();
        let mut devices = Vec::new();
        for (truth, entry, slot) in self.devices.slots(Tool::Rmm) {
            let named = (chosen.as_ref())
                .is_none_or(|keys| keys.contains(truth) || keys.contains(&*slot.key(truth)));
            // Who makes no mistakes writes one record an entity, and none where there is one.
            let mut wanted = || {
                cascade != Cascade::Plain
                    || (entry.slots(Tool::Psa).next().is_none() && done.insert(truth))
            };
            if named && wanted() {
                devices.push(slot.record(truth, entry));
            }
        }
        devices
    }

    /// The PSA's record that a cascade takes for the device's.
    fn found(
        &self,
        device: &DeviceRecord,
        organization: &str,
        index: &Index,
        rules: PushRules,
    ) -> Option<DeviceRecord> {
        let read = |key: &str| self.devices.record(Tool::Psa, key);
        let before = || read(self.pushed.devices.get(&device.key)?);
        match rules.cascade {
            Cascade::Plain => None,
            Cascade::NSight => before().or_else(|| {
                let standing = self.devices.standing_for(Tool::Psa, &device.truth)?;
                read(&standing)
            }),
            Cascade::DattoRmm => before().or_else(|| {
                let serial = device.serial.as_ref().filter(|serial| !is_blank(serial))?;
                let same: Vec<DeviceRecord> = (index.candidates(PushIdentifier::Serial, device))
                    .iter()
                    .filter_map(|key| read(key))
                    .filter(|record| record.active && record.serial.as_ref() == Some(serial))
                    .collect();
                let here = |record: &&DeviceRecord| record.organization == organization;
                let named = (same.iter()).find(|it| here(it) && it.name == device.name);
                let elsewhere = || same.iter().find(|it| !here(it));
                named.or_else(elsewhere).cloned()
            }),
            Cascade::Auvik => (index.candidates(rules.identifier, device).iter())
                .filter_map(|key| read(key))
                .find(|record| {
                    record.organization == organization
                        && (record.active || !rules.only_active)
                        && same_identifier(rules.identifier, record, device)
                }),
        }
    }

    /// Clients become companies, and what became of clients is done to their companies; then the
    /// configurations of deleted devices go.
    fn push_clients(&mut self, changes: &mut Changes) -> Result<(), WorldError> {
        for client in self.organizations.records(Tool::Rmm) {
            let now = Client::of(&client);
            let before = self.pushed.clients.get(&client.key);
            let standing = before.filter(|(key, _)| self.organizations.holds(Tool::Psa, key));
            if let Some((key, last)) = standing.cloned() {
                if last != now
                    && let Some(mut company) = self.organizations.record(Tool::Psa, &key)
                {
                    company.name = now.name.clone();
                    company.phone = now.phone.clone().or(company.phone);
                    company.website = now.website.clone().or(company.website);
                    let change = self.organizations.replace(Tool::Psa, &key, company);
                    changes.push((Tool::Psa, change));
                }
                self.pushed.clients.insert(client.key, (key, now));
            } else {
                let key = self.push_organization(&client.key, changes);
                self.pushed.clients.insert(client.key, (key, now));
            }
        }
        let clients = std::mem::take(&mut self.pushed.clients);
        for (client, (company, last)) in clients {
            if self.organizations.holds(Tool::Rmm, &client) {
                self.pushed.clients.insert(client, (company, last));
            } else if let Some(mut record) = self.organizations.record(Tool::Psa, &company) {
                record.active = false;
                record.status = Some(status_of(false).to_owned());
                let change = self.organizations.replace(Tool::Psa, &company, record);
                changes.push((Tool::Psa, change));
            }
        }
        let devices = std::mem::take(&mut self.pushed.devices);
        for (device, configuration) in devices {
            if self.devices.holds(Tool::Rmm, &device) {
                self.pushed.devices.insert(device, configuration);
            } else if self.devices.holds(Tool::Psa, &configuration) {
                changes.extend(self.remove(Tool::Psa, Kind::Device, &configuration)?);
            }
        }
        Ok(())
    }

    /// The organization's record in the PSA; made there when it is missing.
    fn push_organization(&mut self, key: &str, changes: &mut Changes) -> String {
        let truth = truth_of(key);
        if let Some(standing) = self.organizations.standing_for(Tool::Psa, &truth) {
            return standing;
        }
        let Some(source) = self.organizations.record(Tool::Rmm, key) else {
            return truth;
        };
        let key = self.organizations.next_key(Tool::Psa, &truth);
        let record = OrganizationRecord {
            key: key.unwrap_or_else(|| truth.clone()),
            truth: truth.clone(),
            organization_type: Some(ORGANIZATION_TYPE.to_owned()),
            status: Some(status_of(true).to_owned()),
            parent: None,
            active: true,
            ..source
        };
        let key = record.key.clone();
        changes.push((Tool::Psa, self.put(Tool::Psa, &truth, record)));
        key
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn lacks(identifier: PushIdentifier, device: &DeviceRecord) -> bool {
    match identifier {
        PushIdentifier::Name => is_blank(&device.name),
        PushIdentifier::Serial => device.serial.as_deref().is_none_or(is_blank),
    }
}

fn same_identifier(
    identifier: PushIdentifier,
    record: &DeviceRecord,
    device: &DeviceRecord,
) -> bool {
    let upper = |serial: &Option<String>| serial.as_ref().map(|it| it.to_uppercase());
    match identifier {
        PushIdentifier::Name => record.name == device.name,
        PushIdentifier::Serial => upper(&record.serial) == upper(&device.serial),
    }
}

/// Datto's own network devices carry their MAC as serial number (`documented`).
fn as_datto_writes(device: DeviceRecord) -> DeviceRecord {
    let maker = device.manufacturer.as_deref().unwrap_or_default();
    if device.class != DeviceClass::Network || !maker.to_lowercase().starts_with("datto") {
        return device;
    }
    let mac = device.nics.first().and_then(|nic| nic.mac.clone());
    DeviceRecord {
        serial: mac.or(device.serial),
        ..device
    }
}

/// What a PSA gets from an RMM's device: identity and hardware. The type comes from the class, the
/// site and the contact are left for a person; `inferred` from what the push integrations document
/// to write.
fn as_pushed(device: DeviceRecord, key: String, organization: String) -> DeviceRecord {
    DeviceRecord {
        key,
        organization,
        location: None,
        contact: None,
        configuration_type: Some(configuration_type(device.class).to_owned()),
        status: Some(status_of(device.active).to_owned()),
        nics: psa_nics(device.nics),
        last_reboot: None,
        last_seen: None,
        purchased: None,
        installed: None,
        notes: None,
        ..device
    }
}

/// A record of the PSA after the device was written over it: identity and what is measured. What it
/// is, where it is and what people wrote there stays.
fn written_over(existing: DeviceRecord, device: &DeviceRecord, revive: bool) -> DeviceRecord {
    let revived = revive && !existing.active;
    DeviceRecord {
        name: device.name.clone(),
        serial: device.serial.clone(),
        nics: psa_nics(device.nics.clone()),
        default_gateway: device.default_gateway.clone(),
        os: device.os.clone(),
        os_version: device.os_version.clone(),
        cpu: device.cpu.clone(),
        cpu_cores: device.cpu_cores,
        memory_bytes: device.memory_bytes,
        disks: device.disks.clone(),
        last_user: device.last_user.clone(),
        active: existing.active || revived,
        status: if revived {
            Some(status_of(true).to_owned())
        } else {
            existing.status
        },
        ..existing
    }
}
