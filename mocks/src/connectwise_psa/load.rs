//! From the world's records to the instance's: gives ids, finds what records refer to, renders. The
//! first load goes through here, and every later change of the world record by record.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::lists::{self, ACTIVE, DIRECT, EMAIL, INACTIVE};
use super::refs::{Card, person};
use super::render::{self, Company, CompanySite, Configuration, Contact, Item, Ready, Site};
use super::schema::Resource;
use super::stamp::{PERSON, Stamp};
use super::store::Store;
use crate::kit::TableBuilder;
use crate::world::{
    ContactRecord, DeviceRecord, Kind, LocationRecord, OrganizationRecord, ToolRecords,
};

/// Stands an instance up. Records that name an organization that is not there are left out, except
/// contacts, which the vendor keeps without a company. Devices come one by one, so that there need never
/// be all of them; those that stand among the records are not looked at.
pub(super) fn load(
    records: &ToolRecords,
    devices: impl Iterator<Item = impl Borrow<DeviceRecord>>,
    now: Timestamp,
) -> Store {
    let mut store = Store::new(records.seed, &records.company);
    let stamp = Stamp {
        now,
        member: PERSON,
    };
    lists::fill(&mut store, &records.contents, stamp);
    let mut linker = Linker::new(&mut store, stamp);
    linker.load_companies(records);
    linker.load_sites(records);
    linker.load_contacts(records);
    linker.load_configurations(devices);
    store
}

/// Finds or makes what records refer to.
#[derive(Debug)]
pub(super) struct Linker<'s> {
    pub store: &'s mut Store,
    stamp: Stamp,
    rows: BTreeMap<(Resource, String), (u64, Ready)>,
    known: BTreeMap<Kind, BTreeMap<String, (u64, Ready)>>,
    infos: BTreeMap<Resource, Ready>,
}

impl<'s> Linker<'s> {
    pub(super) fn new(store: &'s mut Store, stamp: Stamp) -> Self {
        Self {
            store,
            stamp,
            rows: BTreeMap::new(),
            known: BTreeMap::new(),
            infos: BTreeMap::new(),
        }
    }

    /// Id and reference of the row of a list.
    fn row(&mut self, resource: Resource, name: &str) -> (u64, Ready) {
        let at = (resource, name.to_lowercase());
        if let Some(found) = self.rows.get(&at) {
            return found.clone();
        }
        let id = lists::row(self.store, resource, name, self.stamp);
        let origin = self.store.origin();
        let card = self.store.card(resource, id);
        let json = card.map(|card| card.json(resource, origin));
        let found = (id, Ready::from(json.unwrap_or_default()));
        self.rows.insert(at, found.clone());
        found
    }

    fn row_if(&mut self, resource: Resource, name: Option<&String>) -> Option<Ready> {
        name.filter(|name| !name.trim().is_empty())
            .map(|name| self.row(resource, name).1)
    }

    /// Id and reference of a record of the world.
    pub(super) fn linked(&self, kind: Kind, key: &str) -> Option<(u64, Ready)> {
        if let Some(found) = self.known.get(&kind).and_then(|known| known.get(key)) {
            return Some(found.clone());
        }
        let id = self.store.ledger.id(kind, key)?;
        let resource = resource(kind);
        let card = self.store.card(resource, id)?;
        Some((id, card.json(resource, self.store.origin()).into()))
    }

    fn linked_if(&self, kind: Kind, key: Option<&String>) -> Option<Ready> {
        Some(self.linked(kind, key?)?.1)
    }

    fn know(&mut self, kind: Kind, key: &str, truth: &str, card: &Card) {
        let json: Ready = card.json(resource(kind), self.store.origin()).into();
        let known = self.known.entry(kind).or_default();
        known.insert(key.to_owned(), (card.id, json));
        self.store.ledger.know(kind, card.id, key, truth);
    }

    fn info(&mut self, resource: Resource, id: u64) -> Ready {
        let (stamp, origin) = (self.stamp, self.store.origin());
        let made = || Ready::from(stamp.info_json(resource, id, origin));
        match resource {
            // Has links with its id in them.
            Resource::Companies => made(),
            _ => Arc::clone(self.infos.entry(resource).or_insert_with(made)),
        }
    }

    fn load_companies(&mut self, records: &ToolRecords) {
        let mut sites: BTreeMap<&str, &LocationRecord> = BTreeMap::new();
        for record in &records.locations {
            let main = sites.entry(&record.organization).or_insert(record);
            if record.primary && !main.primary {
                *main = record;
            }
        }
        let mut cards = Vec::with_capacity(records.organizations.len());
        for record in &records.organizations {
            let id = self.store.new_id(Resource::Companies);
            let identifier = self.identifier(record);
            let card = Card::new(id, Some(&identifier), &record.name);
            self.store.load_identifier(&identifier, id);
            self.know(Kind::Organization, &record.key, &record.truth, &card);
            cards.push((id, identifier));
        }
        // Companies show their main site's reference, so the sites get their ids now.
        self.know_sites(records);
        let mut rows = Vec::with_capacity(cards.len());
        let mut types = Vec::new();
        for (record, (id, identifier)) in records.organizations.iter().zip(cards) {
            let site = sites.get(record.key.as_str()).copied();
            let (company, kind) = self.company(record, id, identifier, site);
            types.extend(kind.map(|kind| (id, kind)));
            rows.push((id, (id, company)));
        }
        let seed = self.store.seed;
        self.store.load(
            Resource::Companies,
            rows,
            self.stamp.now,
            |(id, company), out| {
                render::company(seed, *id, company, out);
            },
        );
        for (company, kind) in types {
            super::associations::add(self.store, company, kind, self.stamp);
        }
    }

    /// The company as it is rendered, and the id of its type.
    pub(super) fn company<'a>(
        &mut self,
        record: &'a OrganizationRecord,
        id: u64,
        identifier: String,
        site: Option<&'a LocationRecord>,
    ) -> (Company<'a>, Option<u64>) {
        let status = match &record.status {
            Some(status) => status,
            None if record.active => ACTIVE,
            None => INACTIVE,
        };
        let kind = record
            .organization_type
            .as_deref()
            .map(|name| self.row(Resource::CompanyTypes, name));
        let site = site.and_then(|site| {
            Some(CompanySite {
                record: site,
                reference: self.linked(Kind::Location, &site.key)?.1,
                country: self.row_if(Resource::Countries, site.address.country.as_ref()),
            })
        });
        let company = Company {
            record,
            identifier,
            status: self.row(Resource::CompanyStatuses, status).1,
            kind: kind.as_ref().map(|(_, json)| Arc::clone(json)),
            parent: self.linked_if(Kind::Organization, record.parent.as_ref()),
            site,
            info: self.info(Resource::Companies, id),
        };
        (company, kind.map(|(id, _)| id))
    }

    /// The company's identifier: the world's short name, or one made of its name, as the product
    /// suggests one (inferred: letters and digits, no two alike).
    pub(super) fn identifier(&self, record: &OrganizationRecord) -> String {
        if let Some(short_name) = &record.short_name {
            return short_name.clone();
        }
        let letters = record
            .name
            .chars()
            .filter(|letter| letter.is_alphanumeric());
        let plain: String = letters.take(25).collect();
        let taken = |text: &String| self.store.company_by_identifier(text).is_some();
        let mut identifier = plain.clone();
        let mut number = 2_u32;
        while identifier.is_empty() || taken(&identifier) {
            identifier = format!("{plain}{number}");
            number += 1;
        }
        identifier
    }

    fn know_sites(&mut self, records: &ToolRecords) {
        for record in &records.locations {
            if let Some((company, _)) = self.linked(Kind::Organization, &record.organization) {
                let id = self.store.new_id(Resource::Sites);
                let card = Card::new(id, None, &record.name).under(company);
                self.know(Kind::Location, &record.key, &record.truth, &card);
            }
        }
    }

    fn load_sites(&mut self, records: &ToolRecords) {
        let mut rows = Vec::with_capacity(records.locations.len());
        let mut owners = Vec::with_capacity(records.locations.len());
        for record in &records.locations {
            let Some((id, _)) = self.linked(Kind::Location, &record.key) else {
                continue;
            };
            if let Some((owner, site)) = self.site(record, id) {
                rows.push((id, (id, site)));
                owners.push((id, owner));
            }
        }
        let seed = self.store.seed;
        self.store
            .load(Resource::Sites, rows, self.stamp.now, |(id, site), out| {
                render::site(seed, *id, site, out);
            });
        self.store.load_owners(Resource::Sites, owners);
    }

    /// The site as it is rendered, and its company's id.
    pub(super) fn site<'a>(
        &mut self,
        record: &'a LocationRecord,
        id: u64,
    ) -> Option<(u64, Site<'a>)> {
        let (owner, company) = self.linked(Kind::Organization, &record.organization)?;
        let site = Site {
            record,
            state: self.row_if(Resource::States, record.address.region.as_ref()),
            country: self.row_if(Resource::Countries, record.address.country.as_ref()),
            company,
            info: self.info(Resource::Sites, id),
        };
        Some((owner, site))
    }

    fn load_contacts(&mut self, records: &ToolRecords) {
        let mut rows = Vec::with_capacity(records.contacts.len());
        let mut owners = Vec::with_capacity(records.contacts.len());
        for record in &records.contacts {
            let id = self.store.new_id(Resource::Contacts);
            let name = person(&record.first_name, &record.last_name);
            let card = Card::new(id, None, &name);
            self.know(Kind::Contact, &record.key, &record.truth, &card);
            let owner = self.linked(Kind::Organization, &record.organization);
            owners.extend(owner.map(|(owner, _)| (id, owner)));
            rows.push((id, (id, self.contact(record, id, &[]))));
        }
        let seed = self.store.seed;
        self.store.load(
            Resource::Contacts,
            rows,
            self.stamp.now,
            |(id, contact), out| {
                render::contact(seed, *id, contact, out);
            },
        );
        self.store.load_owners(Resource::Contacts, owners);
    }

    /// The contact as it is rendered. `item_ids` are those that its items have had so far.
    pub(super) fn contact<'a>(
        &mut self,
        record: &'a ContactRecord,
        id: u64,
        item_ids: &[u64],
    ) -> Contact<'a> {
        let emails = record.emails.iter().map(|email| {
            let label = email.email_type.as_deref().unwrap_or(EMAIL);
            (label, email.address.as_str(), None)
        });
        let phones = record.phones.iter().map(|phone| {
            let label = phone.phone_type.as_deref().unwrap_or(DIRECT);
            (label, phone.number.as_str(), phone.extension.as_deref())
        });
        let emails_len = record.emails.len();
        let mut items: Vec<Item<'a>> = Vec::new();
        for (at, (label, value, extension)) in emails.chain(phones).enumerate() {
            let communication = match label {
                _ if at < emails_len => "Email",
                label if label.to_lowercase().contains("fax") => "Fax",
                _ => "Phone",
            };
            items.push(Item {
                id: item_ids
                    .get(at)
                    .copied()
                    .unwrap_or_else(|| self.store.new_item_id()),
                kind: self.row(Resource::CommunicationTypes, label).1,
                label,
                value,
                extension,
                default: items.iter().all(|item| item.communication != communication),
                communication,
            });
        }
        Contact {
            record,
            company: self
                .linked(Kind::Organization, &record.organization)
                .map(|(_, json)| json),
            site: self.linked_if(Kind::Location, record.location.as_ref()),
            kind: self.row_if(Resource::ContactTypes, record.contact_type.as_ref()),
            items,
            info: self.info(Resource::Contacts, id),
        }
    }

    fn load_configurations(&mut self, devices: impl Iterator<Item = impl Borrow<DeviceRecord>>) {
        let seed = self.store.seed;
        let mut table = TableBuilder::default();
        let mut owners = Vec::new();
        for record in devices {
            let record = record.borrow();
            if self
                .linked(Kind::Organization, &record.organization)
                .is_none()
            {
                continue;
            }
            let id = self.store.new_id(Resource::Configurations);
            if let Some((owner, configuration)) = self.configuration(record, id) {
                table.put(id, |out| {
                    render::configuration(seed, id, &configuration, out);
                });
                self.store
                    .ledger
                    .know(Kind::Device, id, &record.key, &record.truth);
                owners.push((id, owner));
            }
        }
        self.store
            .load_table(Resource::Configurations, table.finish(), self.stamp.now);
        self.store.load_owners(Resource::Configurations, owners);
    }

    /// The configuration as it is rendered, and its company's id.
    pub(super) fn configuration<'a>(
        &mut self,
        record: &'a DeviceRecord,
        id: u64,
    ) -> Option<(u64, Configuration<'a>)> {
        let (owner, company) = self.linked(Kind::Organization, &record.organization)?;
        let status = match &record.status {
            Some(status) => status,
            None if record.active => ACTIVE,
            None => INACTIVE,
        };
        let kind = match &record.configuration_type {
            Some(name) => name,
            None => lists::configuration_type(record.class),
        };
        let configuration = Configuration {
            record,
            kind: self.row(Resource::ConfigurationTypes, kind).1,
            status: self.row(Resource::ConfigurationStatuses, status).1,
            company,
            contact: self.linked_if(Kind::Contact, record.contact.as_ref()),
            site: self.linked_if(Kind::Location, record.location.as_ref()),
            manufacturer: self.row_if(Resource::Manufacturers, record.manufacturer.as_ref()),
            info: self.info(Resource::Configurations, id),
        };
        Some((owner, configuration))
    }
}

/// The resource that holds a kind of record.
pub(super) const fn resource(kind: Kind) -> Resource {
    match kind {
        Kind::Organization => Resource::Companies,
        Kind::Location => Resource::Sites,
        Kind::Contact => Resource::Contacts,
        Kind::Device => Resource::Configurations,
    }
}
