//! Everything the account holds: sites, devices with audits and interfaces, and the ways to find
//! them. Changes go through here, so that every rendered form agrees. Must not know requests.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use jiff::Timestamp;
use serde::Deserialize;

use super::filters::Filters;
use super::ids::{Ids, guid, parse_mac};
use super::render::{self, Identity};
use super::simulator::DattoOptions;
use super::sites::{DELETED_DEVICES, MANAGED, Sites};
use super::wire::{Device, Interfaces, Text, to_json, write_json};
use crate::kit::Table;
use crate::world::{DeviceClass, DeviceRecord, OrganizationRecord, ToolRecords};

/// The MSP's account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: u64,
    pub(super) uid: String,
    pub(super) name: String,
}

/// What is known of a device beside its rendered forms.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) uid: u128,
    pub(super) key: Box<str>,
    pub(super) truth: Box<str>,
    pub(super) site: u64,
    pub(super) class: DeviceClass,
    online: bool,
}

/// The state behind the simulator's lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) account: Account,
    pub(super) sites: Sites,
    pub(super) filters: Filters,
    ids: Ids,
    devices: Table,
    /// The v3 forms, made when they are first asked for.
    devices_v3: OnceLock<Table>,
    audits: Table,
    interfaces: Table,
    entries: BTreeMap<u64, Entry>,
    by_uid: HashMap<u128, u64>,
    by_key: HashMap<Box<str>, u64>,
    /// MAC address and device.
    macs: BTreeSet<(u64, u64)>,
}

/// A change names a record that is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing;

impl State {
    pub(super) fn new(
        ids: Ids,
        records: &ToolRecords,
        options: &DattoOptions,
        now: Timestamp,
    ) -> Self {
        let account = Account {
            id: ids.next("account", None),
            uid: guid(ids.uid("account", "")),
            name: match records.company.as_str() {
                "" => "Managed Services".to_owned(),
                company => company.to_owned(),
            },
        };
        let organizations = &records.organizations;
        let sites = Sites::new(
            ids,
            &account.uid,
            organizations,
            &options.autotask_companies,
        );
        let mut state = Self {
            account,
            sites,
            filters: Filters::new(&options.custom_filters, now),
            ids,
            devices: Table::default(),
            devices_v3: OnceLock::new(),
            audits: Table::default(),
            interfaces: Table::default(),
            entries: BTreeMap::new(),
            by_uid: HashMap::with_capacity(records.devices.len()),
            by_key: HashMap::with_capacity(records.devices.len()),
            macs: BTreeSet::new(),
        };
        state.load(&records.devices, now);
        state
    }

    /// Renders all devices at once. A device whose organization is not there stands in Managed.
    fn load(&mut self, records: &[DeviceRecord], now: Timestamp) {
        let mut placed: Vec<(u64, (&DeviceRecord, Identity, u64))> =
            Vec::with_capacity(records.len());
        let mut macs = Vec::with_capacity(records.len());
        for record in records {
            if self.by_key.contains_key(record.key.as_str()) {
                continue;
            }
            let site = self
                .sites
                .by_key(&record.organization)
                .map_or(MANAGED, |site| site.id);
            let id = self.next_id();
            let identity = Identity::new(self.ids, id, record, now);
            self.enroll(record, &identity, site, now);
            macs.extend(macs_of(record).map(|mac| (mac, id)));
            placed.push((id, (record, identity, site)));
        }
        self.macs = macs.into_iter().collect();
        let entries = self.entries.iter();
        self.sites
            .fill(entries.map(|(id, entry)| (entry.site, *id, entry.online)));
        self.sites.render_all();
        let sites = &self.sites;
        let rows = || placed.iter().map(|(id, row)| (*id, row));
        self.devices = Table::build(rows(), |(record, identity, site), out| {
            if let Some(site) = sites.get(*site) {
                let device = render::device(record, site.place(), identity.clone(), now);
                write_json(out, &device);
            }
        });
        self.interfaces = Table::build(rows(), |(record, identity, site), out| {
            if let Some(site) = sites.get(*site) {
                write_json(out, &render::interfaces(record, site.place(), identity));
            }
        });
        let audited = rows().filter(|(_, (record, ..))| record.class != DeviceClass::Network);
        self.audits = Table::build(audited, |(record, identity, _), out| {
            if let Some(audit) = render::audit(record, identity.id) {
                out.extend_from_slice(&audit);
            }
        });
    }

    pub(super) fn devices(&self) -> &Table {
        &self.devices
    }

    pub(super) fn devices_v3(&self) -> &Table {
        self.devices_v3.get_or_init(|| {
            let rows = self.devices.ids().map(|id| (id, id));
            Table::build(rows, |id, out| {
                if let Some(device) = self.device(*id) {
                    out.extend_from_slice(&device.to_v3());
                }
            })
        })
    }

    pub(super) fn audits(&self) -> &Table {
        &self.audits
    }

    pub(super) fn interfaces(&self) -> &Table {
        &self.interfaces
    }

    pub(super) fn entry(&self, id: u64) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// All devices that ever were, by id.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(super) fn device_by_uid(&self, uid: u128) -> Option<u64> {
        self.by_uid.get(&uid).copied()
    }

    pub(super) fn devices_by_mac(&self, mac: u64) -> Vec<u64> {
        self.macs
            .range((mac, 0)..=(mac, u64::MAX))
            .map(|(_, id)| *id)
            .collect()
    }

    /// Adds the site of an organization or gives it new values.
    pub(super) fn put_site(
        &mut self,
        before: Option<&OrganizationRecord>,
        record: &OrganizationRecord,
    ) {
        let known = self.sites.by_key(&record.key).map(|site| site.name.clone());
        let id = self.sites.put(before, record);
        let now = self.sites.get(id).map(|site| site.name.clone());
        if known.is_some() && known != now {
            self.rename_site(id);
        }
    }

    /// Writes a site's name into its devices.
    pub(super) fn rename_site(&mut self, id: u64) {
        let devices = self.sites.get(id).map(|site| site.devices.clone());
        for device in devices.unwrap_or_default() {
            self.show_place(device, id);
        }
    }

    /// Deletes a site; its devices go to Deleted Devices.
    pub(super) fn remove_site(&mut self, key: &str) -> Result<(), Missing> {
        let site = self.sites.by_key(key).ok_or(Missing)?;
        let (id, devices) = (site.id, site.devices.clone());
        for device in devices {
            self.delete_device(device);
        }
        self.sites.remove(id);
        Ok(())
    }

    /// Adds a device or gives it new values; user-defined fields stay. An edit leaves what it did not
    /// change and clients can write: the site and the end of the warranty.
    pub(super) fn put_device(
        &mut self,
        before: Option<&DeviceRecord>,
        record: &DeviceRecord,
        now: Timestamp,
    ) -> Result<(), Missing> {
        let mut site = self.sites.by_key(&record.organization).ok_or(Missing)?.id;
        let known = self.by_key.get(record.key.as_str()).copied();
        let id = known.unwrap_or_else(|| self.next_id());
        let stays = before.is_some_and(|before| before.organization == record.organization);
        if let Some(entry) = self.entries.get(&id).filter(|_| stays) {
            site = entry.site;
        }
        let kept = before.is_some_and(|before| before.warranty == record.warranty);
        let warranty = kept.then(|| self.device(id)).flatten();
        let warranty = warranty.map(|device| device.warranty_date);
        let mut identity = Identity::new(self.ids, id, record, now);
        let last_audit = self.device(id).and_then(|before| before.last_audit_date);
        if let Some(before) = self.device(id) {
            identity.udf = before.udf.unwrap_or_default();
            identity.created_ms = before.creation_date.unwrap_or(identity.created_ms);
        }
        if known.is_some() {
            self.leave_site(id);
            self.forget_macs(id);
        }
        self.enroll(record, &identity, site, now);
        self.macs.extend(macs_of(record).map(|mac| (mac, id)));
        self.sites.enter(site, id, render::online(record, now));
        let Some(place) = self.sites.get(site).map(super::sites::Site::place) else {
            return Err(Missing);
        };
        let interfaces = to_json(&render::interfaces(record, place, &identity));
        let mut device = render::device(record, place, identity, now);
        if let Some(warranty) = warranty {
            device.warranty_date = warranty;
        }
        // Two audits are never made at one moment, and who caches them goes by their dates.
        let later = last_audit.map_or(i64::MIN, |before| before + 1);
        device.last_audit_date = device.last_audit_date.map(|now| now.max(later));
        let v3 = device.to_v3();
        self.devices.put(id, to_json(&device));
        self.interfaces.put(id, interfaces);
        if let Some(table) = self.devices_v3.get_mut() {
            table.put(id, v3);
        }
        match render::audit(record, id) {
            Some(audit) => self.audits.put(id, audit),
            None => drop(self.audits.remove(id)),
        }
        Ok(())
    }

    /// Deletes a device, the way people do there.
    pub(super) fn remove_device(&mut self, key: &str) -> Result<(), Missing> {
        let id = *self.by_key.get(key).ok_or(Missing)?;
        if self.entries.get(&id).ok_or(Missing)?.site == DELETED_DEVICES {
            return Err(Missing);
        }
        self.delete_device(id);
        Ok(())
    }

    /// Moves a device to another site.
    pub(super) fn move_device(&mut self, id: u64, site: u64) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        let online = entry.online;
        self.leave_site(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.site = site;
        }
        self.sites.enter(site, id, online);
        self.show_place(id, site);
    }

    /// Edits a device's entry in the lists, in each form.
    pub(super) fn edit_device(&mut self, id: u64, edit: impl FnOnce(&mut Device<'_>)) {
        let Some(mut device) = self.device(id) else {
            return;
        };
        edit(&mut device);
        if let Some(table) = self.devices_v3.get_mut() {
            table.put(id, device.to_v3());
        }
        self.devices.put(id, to_json(&device));
    }

    fn delete_device(&mut self, id: u64) {
        self.leave_site(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.site = DELETED_DEVICES;
            entry.online = false;
        }
        self.sites.enter(DELETED_DEVICES, id, false);
        self.edit_device(id, |device| {
            device.deleted = true;
            device.online = false;
        });
        self.show_place(id, DELETED_DEVICES);
    }

    /// Notes who a device is.
    fn enroll(&mut self, record: &DeviceRecord, identity: &Identity, site: u64, now: Timestamp) {
        self.by_uid.insert(identity.uid, identity.id);
        self.by_key.insert(record.key.as_str().into(), identity.id);
        let entry = Entry {
            uid: identity.uid,
            key: record.key.as_str().into(),
            truth: record.truth.as_str().into(),
            site,
            class: record.class,
            online: render::online(record, now),
        };
        self.entries.insert(identity.id, entry);
    }

    fn leave_site(&mut self, id: u64) {
        if let Some(entry) = self.entries.get(&id) {
            self.sites.leave(entry.site, id, entry.online);
        }
    }

    /// Writes where a device stands into its forms.
    fn show_place(&mut self, id: u64, site: u64) {
        let Some(site) = self.sites.get(site) else {
            return;
        };
        let (site_id, uid, name) = (site.id, site.uid.clone(), site.name.clone());
        if let Some(mut shown) = self.parse::<Interfaces<'static>>(&self.interfaces, id) {
            shown.site_id = site_id;
            shown.site_uid = uid.clone().into();
            shown.site_name = name.clone().into();
            self.interfaces.put(id, to_json(&shown));
        }
        self.edit_device(id, |device| {
            device.site_id = site_id;
            device.site_uid = uid.into();
            device.site_name = name.into();
        });
    }

    fn forget_macs(&mut self, id: u64) {
        if let Some(shown) = self.parse::<Interfaces<'static>>(&self.interfaces, id) {
            for nic in &shown.nics {
                if let Some(mac) = nic.mac_address.as_deref().and_then(parse_mac) {
                    self.macs.remove(&(mac, id));
                }
            }
        }
    }

    fn device(&self, id: u64) -> Option<Device<'static>> {
        self.parse(&self.devices, id)
    }

    /// Reads a record back that was rendered here.
    fn parse<T: for<'de> Deserialize<'de>>(&self, table: &Table, id: u64) -> Option<T> {
        serde_json::from_slice(&table.get(id)?).ok()
    }

    fn next_id(&self) -> u64 {
        let last = self.entries.last_key_value().map(|(id, _)| *id);
        self.ids.next("device", last)
    }
}

fn macs_of(record: &DeviceRecord) -> impl Iterator<Item = u64> + '_ {
    record
        .nics
        .iter()
        .filter_map(|nic| parse_mac(nic.mac.as_deref()?))
}

/// What filters look at, read from a rendered device.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Columns<'a> {
    #[serde(borrow)]
    pub(super) hostname: Text<'a>,
    #[serde(borrow)]
    pub(super) site_name: Text<'a>,
    pub(super) operating_system: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) device_type: super::wire::DeviceType<'a>,
    #[serde(borrow)]
    pub(super) device_class: Text<'a>,
    pub(super) online: bool,
    pub(super) deleted: bool,
}
