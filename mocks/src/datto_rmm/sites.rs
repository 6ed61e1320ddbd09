//! Sites: the account's clients, and the vendor's own pseudo-sites. Keeps which devices stand in
//! which site; must not know what a device is.

use std::collections::BTreeMap;

use super::ids::{Ids, guid};
use super::render::{PORTAL, Place};
use super::wire::{self, DevicesStatus, ProxySettings, write_json};
use crate::kit::Table;
use crate::world::OrganizationRecord;

/// Where devices stand whose site cannot be told; skipped by name by real syncs (seen).
pub(super) const MANAGED: u64 = 1;
/// Where deleted devices stand (seen).
pub(super) const DELETED_DEVICES: u64 = 2;
/// The third pseudo-site (seen).
const ON_DEMAND: u64 = 3;

/// The uid of Deleted Devices, which is no GUID (seen).
const DELETED_DEVICES_UID: &str = "deleted-devices";

/// A company of Autotask, as Datto RMM keeps it on the sites that are mapped to it. A copy: what
/// becomes of the company in Autotask does not show (`inferred`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutotaskCompany {
    /// Its id there.
    pub id: String,
    /// Its name there.
    pub name: String,
}

/// A site with the devices in it.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) id: u64,
    pub(super) uid: String,
    /// Key in the world and key of the true organization; none for pseudo-sites and for sites made
    /// through the API.
    pub(super) origin: Option<(String, String)>,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) on_demand: bool,
    pub(super) splashtop_auto_install: bool,
    pub(super) proxy_settings: Option<ProxySettings>,
    /// The company of Autotask that a person mapped it to.
    pub(super) autotask: Option<AutotaskCompany>,
    /// Ids of its devices, ascending.
    pub(super) devices: Vec<u64>,
    online: u64,
    removed: bool,
}

impl Site {
    fn new(id: u64, uid: String, name: &str) -> Self {
        Self {
            id,
            uid,
            origin: None,
            name: name.to_owned(),
            description: None,
            notes: None,
            on_demand: false,
            splashtop_auto_install: false,
            proxy_settings: None,
            autotask: None,
            devices: Vec::new(),
            online: 0,
            removed: false,
        }
    }

    /// Whether it is one of the vendor's own.
    pub(super) fn is_system(&self) -> bool {
        self.id <= ON_DEMAND
    }

    pub(super) fn place(&self) -> Place<'_> {
        Place {
            site_id: self.id,
            site_uid: &self.uid,
            site_name: &self.name,
        }
    }

    pub(super) fn status(&self) -> DevicesStatus {
        let all = self.devices.len() as u64;
        DevicesStatus {
            number_of_devices: all,
            number_of_online_devices: self.online,
            number_of_offline_devices: all.saturating_sub(self.online),
        }
    }

    fn write(&self, account_uid: &str, out: &mut Vec<u8>) {
        let site = wire::Site {
            id: self.id,
            uid: &self.uid,
            account_uid,
            name: &self.name,
            description: self.description.as_deref(),
            notes: self.notes.as_deref(),
            on_demand: self.on_demand,
            splashtop_auto_install: self.splashtop_auto_install,
            proxy_settings: self.proxy_settings.as_ref(),
            devices_status: self.status(),
            autotask_company_name: self.autotask.as_ref().map(|it| it.name.as_str()),
            autotask_company_id: self.autotask.as_ref().map(|it| it.id.as_str()),
            portal_url: (!self.is_system())
                .then(|| format!("{PORTAL}/search?qs=uid%3A{}", self.id)),
        };
        write_json(out, &site);
    }
}

/// The sites of an account.
#[derive(Debug)]
pub(super) struct Sites {
    ids: Ids,
    account_uid: String,
    rows: BTreeMap<u64, Site>,
    table: Table,
    by_uid: BTreeMap<String, u64>,
    by_key: BTreeMap<String, u64>,
    made: u64,
}

impl Sites {
    /// The pseudo-sites and one site for each organization. Rendered by [`Self::render_all`], once
    /// the devices stand in them.
    pub(super) fn new(
        ids: Ids,
        account_uid: &str,
        organizations: &[OrganizationRecord],
        mapped: &BTreeMap<String, AutotaskCompany>,
    ) -> Self {
        let mut sites = Self {
            ids,
            account_uid: account_uid.to_owned(),
            rows: BTreeMap::new(),
            table: Table::default(),
            by_uid: BTreeMap::new(),
            by_key: BTreeMap::new(),
            made: 0,
        };
        let system = |name: &str| guid(ids.uid("system-site", name));
        sites.insert(Site::new(MANAGED, system("managed"), "Managed"));
        let deleted = DELETED_DEVICES_UID.to_owned();
        sites.insert(Site::new(DELETED_DEVICES, deleted, "Deleted Devices"));
        sites.insert(Site::new(ON_DEMAND, system("on-demand"), "OnDemand"));
        for organization in organizations {
            let id = sites.load(organization);
            if let Some(site) = sites.rows.get_mut(&id) {
                site.autotask = mapped.get(&organization.key).cloned();
            }
        }
        sites
    }

    /// Renders every site.
    pub(super) fn render_all(&mut self) {
        let live = self.rows.values().filter(|site| !site.removed);
        self.table = Table::build(live.map(|site| (site.id, site)), |site, out| {
            site.write(&self.account_uid, out);
        });
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// The site with this uid, unless it was deleted.
    pub(super) fn by_uid(&self, uid: &str) -> Option<&Site> {
        let id = self.by_uid.get(&uid.to_ascii_lowercase())?;
        self.get(*id)
    }

    /// The site of an organization, unless it was deleted.
    pub(super) fn by_key(&self, key: &str) -> Option<&Site> {
        self.get(*self.by_key.get(key)?)
    }

    pub(super) fn get(&self, id: u64) -> Option<&Site> {
        self.rows.get(&id).filter(|site| !site.removed)
    }

    /// All sites that were not deleted, by id.
    pub(super) fn live(&self) -> impl Iterator<Item = &Site> {
        self.rows.values().filter(|site| !site.removed)
    }

    /// All sites that ever were, by id.
    pub(super) fn all(&self) -> impl Iterator<Item = &Site> {
        self.rows.values()
    }

    /// Adds the site of an organization or gives it the organization's values, and renders it; of an
    /// edit only what it changed. Returns its id.
    pub(super) fn put(
        &mut self,
        before: Option<&OrganizationRecord>,
        organization: &OrganizationRecord,
    ) -> u64 {
        let known = self.by_key(&organization.key);
        let kept = before
            .zip(known)
            .map(|(before, site)| (before.clone(), site.name.clone(), site.on_demand));
        let id = self.load(organization);
        if let (Some((before, name, on_demand)), Some(site)) = (kept, self.rows.get_mut(&id)) {
            if before.name == organization.name {
                site.name = name;
            }
            if before.active == organization.active {
                site.on_demand = on_demand;
            }
        }
        self.refresh(id);
        id
    }

    /// The uids of sites that clients made and that stand for nothing yet, in order of creation.
    pub(super) fn unclaimed(&self) -> impl Iterator<Item = &str> {
        let theirs = self
            .live()
            .filter(|site| site.origin.is_none() && !site.is_system());
        theirs.map(|site| site.uid.as_str())
    }

    /// Says which organization a site is that a client made.
    pub(super) fn claim(&mut self, uid: &str, key: &str, truth: &str) {
        let id = self.by_uid.get(uid).copied();
        if let Some(site) = id.and_then(|id| self.rows.get_mut(&id)) {
            site.origin = Some((key.to_owned(), truth.to_owned()));
            self.by_key.insert(key.to_owned(), site.id);
        }
    }

    /// Adds a site as the API does. Returns its id.
    pub(super) fn create(&mut self, name: &str) -> u64 {
        self.made += 1;
        let key = self.made.to_string();
        let id = self.next_id();
        let uid = guid(self.ids.uid("api-site", &key));
        self.insert(Site::new(id, uid, name));
        id
    }

    /// Edits a site and renders it again.
    pub(super) fn edit(&mut self, id: u64, edit: impl FnOnce(&mut Site)) {
        if let Some(site) = self.rows.get_mut(&id) {
            edit(site);
        }
        self.refresh(id);
    }

    /// Takes a site out of the lists. Its devices must have left it.
    pub(super) fn remove(&mut self, id: u64) {
        if let Some(site) = self.rows.get_mut(&id) {
            site.removed = true;
        }
        self.table.remove(id);
    }

    /// Puts devices into their sites at the start, without rendering.
    pub(super) fn fill(&mut self, devices: impl Iterator<Item = (u64, u64, bool)>) {
        for (site, device, online) in devices {
            if let Some(site) = self.rows.get_mut(&site) {
                site.devices.push(device);
                site.online += u64::from(online);
            }
        }
        for site in self.rows.values_mut() {
            site.devices.sort_unstable();
        }
    }

    /// Puts a device into a site and renders that again.
    pub(super) fn enter(&mut self, site: u64, device: u64, online: bool) {
        self.edit(site, |site| {
            if let Err(at) = site.devices.binary_search(&device) {
                site.devices.insert(at, device);
                site.online += u64::from(online);
            }
        });
    }

    /// Takes a device out of a site and renders that again.
    pub(super) fn leave(&mut self, site: u64, device: u64, online: bool) {
        self.edit(site, |site| {
            if let Ok(at) = site.devices.binary_search(&device) {
                site.devices.remove(at);
                site.online = site.online.saturating_sub(u64::from(online));
            }
        });
    }

    fn load(&mut self, organization: &OrganizationRecord) -> u64 {
        let id = match self.by_key.get(&organization.key) {
            Some(id) => *id,
            None => {
                let id = self.next_id();
                let uid = guid(self.ids.uid("site", &organization.key));
                self.insert(Site::new(id, uid, &organization.name));
                self.by_key.insert(organization.key.clone(), id);
                id
            }
        };
        if let Some(site) = self.rows.get_mut(&id) {
            site.origin = Some((organization.key.clone(), organization.truth.clone()));
            organization.name.clone_into(&mut site.name);
            site.on_demand = !organization.active;
            site.removed = false;
        }
        id
    }

    fn insert(&mut self, site: Site) {
        self.by_uid.insert(site.uid.clone(), site.id);
        self.rows.insert(site.id, site);
    }

    fn next_id(&self) -> u64 {
        let last = self.rows.last_key_value().map(|(id, _)| *id);
        self.ids.next("site", last)
    }

    fn refresh(&mut self, id: u64) {
        let Some(site) = self.rows.get(&id).filter(|site| !site.removed) else {
            return;
        };
        let mut json = Vec::new();
        site.write(&self.account_uid, &mut json);
        self.table.put(id, json);
    }
}
