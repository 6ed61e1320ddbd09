//! Organizations, sites, groups, devices and assets, and the world's records as these. It must not know
//! HTTP.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::show::{asset, device};
use crate::kit::{Collection, Ledger, Object, at, lay_over, mix};
use crate::world::{
    Change, DeviceClass, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords,
};
use crate::{ChangeError, TruthRow, Vendor};

/// The first id: those of organizations, their sites and their groups are of one sequence (seen in the
/// documented samples, where a site's is the next after its organization's).
const FIRST_ID: u64 = 6_978;

/// All records. Devices have numbers inside and GUIDs outside.
#[derive(Debug)]
pub(super) struct Store {
    vendor: Vendor,
    pub(super) organizations: Collection,
    pub(super) sites: Collection,
    pub(super) groups: Collection,
    pub(super) devices: Collection,
    /// What agents report, by the device's number.
    pub(super) assets: Collection,
    pub(super) ledger: Ledger,
    next: u64,
    seed: u64,
}

/// Which of the three plays the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Company {
    Organization = 0,
    Site = 1,
    Group = 2,
}

impl Company {
    pub(super) const fn of(number: u8) -> Self {
        match number {
            1 => Self::Site,
            2 => Self::Group,
            _ => Self::Organization,
        }
    }
}

/// Where a device belongs: its organization's number, from which those of site and group follow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(u64);

impl Place {
    pub(super) const fn organization(self) -> u64 {
        self.0
    }

    pub(super) const fn site(self) -> u64 {
        self.0 + 1
    }

    pub(super) const fn group(self) -> u64 {
        self.0 + 2
    }
}

impl Store {
    pub(super) fn new(records: &ToolRecords, vendor: Vendor, now: Timestamp) -> Self {
        let place = &["Id", "Name"];
        let mut store = Self {
            vendor,
            organizations: Collection::new(FIRST_ID, None, place),
            sites: Collection::new(FIRST_ID, None, place),
            groups: Collection::new(FIRST_ID, None, place),
            devices: Collection::new(1, Some("OrganizationId"), &["Identifier", "Name"]),
            assets: Collection::new(1, None, &["Identifier", "Name"]),
            ledger: Ledger::new(),
            next: FIRST_ID,
            seed: records.seed,
        };
        let (mut organizations, mut sites, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for it in &records.organizations {
            let place = store.new_place();
            let id = place.organization();
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            organizations.push((id, organization(it, place)));
            sites.push((place.site(), site(it, place)));
            groups.push((place.group(), group(it, place)));
        }
        store.organizations.load(organizations);
        store.sites.load(sites);
        store.groups.load(groups);
        let (mut devices, mut assets) = (Vec::new(), Vec::new());
        for it in &records.devices {
            let Some(place) = store.place(&it.organization) else {
                continue;
            };
            let id = store.devices.new_id();
            let guid = store.guid(id);
            store.ledger.know(Kind::Device, id, &it.key, &it.truth);
            if has_agent(it) {
                assets.push((id, asset(it, &guid, place, now)));
            }
            devices.push((id, device(it, &guid, place)));
        }
        store.devices.load(devices);
        store.assets.load(assets);
        store
    }

    const fn new_place(&mut self) -> Place {
        self.next += 3;
        Place(self.next - 3)
    }

    fn place(&self, key: &str) -> Option<Place> {
        self.ledger.id(Kind::Organization, key).map(Place)
    }

    /// Where a device of this group belongs.
    pub(super) fn place_of_group(&self, id: u64) -> Option<Place> {
        let group = self.groups.get(id)?;
        at(&group, "ParentOrganizationId").as_u64().map(Place)
    }

    /// The GUID of a device's number.
    pub(super) fn guid(&self, id: u64) -> String {
        let (high, low) = (mix(self.seed ^ mix(id)), mix(self.seed ^ !id));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low & 0x3fff),
            id ^ self.mask()
        )
    }

    /// What the number in a GUID is hidden by.
    const fn mask(&self) -> u64 {
        mix(self.seed) & 0xffff_ffff_ffff
    }

    /// The number of a device's GUID, in whatever case it is written.
    pub(super) fn number(&self, guid: &str) -> Option<u64> {
        let last = guid.rsplit('-').next()?;
        let id = u64::from_str_radix(last, 16).ok()? ^ self.mask();
        self.guid(id).eq_ignore_ascii_case(guid).then_some(id)
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        match after {
            Record::Organization(it) => {
                let known = self.place(&it.key);
                let place = known.unwrap_or_else(|| self.new_place());
                let id = place.organization();
                self.organizations.put(id, &organization(it, place));
                self.sites.put(place.site(), &site(it, place));
                self.groups.put(place.group(), &group(it, place));
                self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
            }
            Record::Device(it) => {
                let old = before.and_then(Record::as_device);
                self.put_device(it, old, now)?;
            }
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: self.vendor,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    fn put_device(
        &mut self,
        it: &DeviceRecord,
        old: Option<&DeviceRecord>,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        let place = self.place(&it.organization);
        let place = place.ok_or_else(|| self.unknown(Kind::Device, &it.key))?;
        let known = self.ledger.id(Kind::Device, &it.key);
        let id = known.unwrap_or_else(|| self.devices.new_id());
        let guid = self.guid(id);
        let old = old.and_then(|old| Some((old, self.place(&old.organization)?)));
        let row = device(it, &guid, place);
        let before = old.map(|(old, place)| device(old, &guid, place));
        let row = laid(self.devices.get(id), before.as_ref(), row);
        self.devices.put(id, &row);
        if has_agent(it) {
            self.assets.put(id, &asset(it, &guid, place, now));
        } else {
            self.assets.remove(id);
        }
        self.ledger.know(Kind::Device, id, &it.key, &it.truth);
        Ok(())
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        let id = self.ledger.id(kind, key);
        let id = id.ok_or_else(|| self.unknown(kind, key))?;
        if kind == Kind::Organization {
            for device in self.devices.owned(id).to_vec() {
                self.drop_device(device);
            }
            let place = Place(id);
            self.groups.remove(place.group());
            self.sites.remove(place.site());
            self.organizations.remove(id);
        } else {
            self.drop_device(id);
        }
        self.ledger.gone(kind, id);
        Ok(())
    }

    fn drop_device(&mut self, id: u64) {
        self.devices.remove(id);
        self.assets.remove(id);
        self.ledger.gone(Kind::Device, id);
    }

    fn unknown(&self, kind: Kind, key: &str) -> ChangeError {
        ChangeError::Unknown {
            vendor: self.vendor,
            kind,
            key: key.to_owned(),
        }
    }

    /// An id as it is sent; that of a company is the one's that plays it.
    fn sent(&self, kind: Kind, id: u64, company: Company) -> String {
        match kind {
            Kind::Device => self.guid(id),
            _ => (id + company as u64).to_string(),
        }
    }

    /// Which records stand for what, by the ids that are sent.
    pub(super) fn truth(&self, company: Company) -> Vec<TruthRow> {
        let mut rows = self.ledger.truth();
        for row in &mut rows {
            let id = row.external_id.parse().unwrap_or_default();
            row.external_id = self.sent(row.kind, id, company);
        }
        rows
    }

    pub(super) fn unclaimed(&self) -> Vec<(Kind, String)> {
        let rows = self.ledger.unclaimed().into_iter();
        rows.map(|(kind, id)| {
            let id = id.parse().unwrap_or_default();
            (kind, self.sent(kind, id, Company::Organization))
        })
        .collect()
    }
}

/// A record as it stands with an edit laid over it.
fn laid(record: Option<Object>, before: Option<&Object>, after: Object) -> Object {
    match record {
        Some(mut record) => {
            lay_over(&mut record, before, after);
            record
        }
        None => after,
    }
}

pub(super) const fn has_agent(it: &DeviceRecord) -> bool {
    matches!(it.class, DeviceClass::Workstation | DeviceClass::Server)
}

pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

fn organization(it: &OrganizationRecord, place: Place) -> Object {
    object(json!({
        "Id": place.organization(), "Name": it.name, "HasCustomFields": false,
        "PsaMappingId": null, "PsaMappingType": null,
    }))
}

fn site(it: &OrganizationRecord, place: Place) -> Object {
    let mut site = object(json!({
        "Id": place.site(), "Name": it.name, "ParentId": place.organization(),
        "ParentName": it.name, "HasCustomFields": false, "PsaMappingId": null,
        "PsaIntegrationType": null,
    }));
    // A site that nobody can be reached at has no such member (seen in the documented samples).
    if let Some(phone) = &it.phone {
        let contact = json!({
            "Phone": phone, "Fax": null, "Email": null, "ContactName": null, "CountryCode": null,
            "City": null, "Address1": null, "Address2": null, "Zip": null,
        });
        site.insert("ContactInformation".to_owned(), contact);
    }
    site
}

fn group(it: &OrganizationRecord, place: Place) -> Object {
    object(json!({
        "Id": place.group(), "Name": it.name, "ParentSiteId": place.site(),
        "ParentSiteName": it.name, "ParentOrganizationId": place.organization(),
        "ParentOrganizationName": it.name, "Notes": null, "HasCustomFields": false,
        "PsaMappingId": null, "PsaMappingType": null,
    }))
}

/// The name of the organization that a device belongs to, and of its site and group with it.
pub(super) fn place_name(store: &Store, row: &Object) -> Value {
    let id = at(row, "OrganizationId").as_u64();
    let owner = id.and_then(|id| store.organizations.get(id));
    owner
        .map(|owner| at(&owner, "Name").clone())
        .unwrap_or_default()
}
