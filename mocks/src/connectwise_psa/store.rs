//! The records of the simulated instance: a table per resource, the lists of each parent, and which
//! record of the world each one is. It must not know HTTP.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::conditions::Wanted;
use super::json::{Object, record_bytes};
use super::links::Links;
use super::refs::{self, Card};
use super::schema::Resource;
use crate::kit::{Ledger, Table};
use crate::world::Kind;

/// Where a record says when it was changed last.
pub(super) const LAST_UPDATED: [&str; 2] = ["_info", "lastUpdated"];

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    /// Seed of ids that the world does not give.
    pub seed: u64,
    /// The MSP's name.
    pub msp: String,
    tables: Vec<Records>,
    links: Links,
    /// Which record of the world each one is.
    pub ledger: Ledger,
    /// Company identifiers in lower case.
    identifiers: BTreeMap<String, u64>,
    next_item: u64,
}

/// The records of one resource.
#[derive(Debug, Default)]
struct Records {
    table: Table,
    next: u64,
    by_owner: BTreeMap<u64, Vec<u64>>,
    changed: Changed,
}

/// The records that were written since the load, by the time of their last change, so that a client that
/// asks for changes costs no look at every record.
#[derive(Debug, Default)]
struct Changed {
    /// When the others were changed last; none when there was no load.
    loaded: Option<Timestamp>,
    by_time: BTreeMap<Timestamp, BTreeSet<u64>>,
    times: BTreeMap<u64, Timestamp>,
}

impl Changed {
    fn put(&mut self, id: u64, json: &[u8]) {
        self.remove(id);
        let time = Wanted::one(json, &LAST_UPDATED);
        let time = time
            .as_ref()
            .and_then(|time| Value::as_str(time)?.parse().ok());
        if let Some(time) = time {
            self.by_time.entry(time).or_default().insert(id);
            self.times.insert(id, time);
        }
    }

    fn remove(&mut self, id: u64) {
        let Some(time) = self.times.remove(&id) else {
            return;
        };
        if let Entry::Occupied(mut ids) = self.by_time.entry(time) {
            ids.get_mut().remove(&id);
            if ids.get().is_empty() {
                ids.remove();
            }
        }
    }
}

impl Store {
    pub(super) fn new(seed: u64, msp: &str) -> Self {
        let mut tables: Vec<Records> = Resource::ALL.iter().map(|_| Records::default()).collect();
        for resource in Resource::ALL {
            tables[resource as usize].next = first_id(resource);
        }
        Self {
            seed,
            msp: msp.to_owned(),
            tables,
            links: Links::new(),
            ledger: Ledger::new(),
            identifiers: BTreeMap::new(),
            next_item: 80,
        }
    }

    /// The origin that links in records name.
    pub(super) fn origin(&self) -> &str {
        self.links.home()
    }

    /// Who sees which links.
    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    /// Rewrites all records for an origin, unless somebody else just did. No record changes by that,
    /// so what was derived from the tables stays right.
    pub(super) fn move_home(&mut self, origin: &str) {
        if !self.links.should_move(origin) {
            return;
        }
        let rewrite = self.links.move_home(origin);
        let mut kept_bytes = 0;
        for records in &mut self.tables {
            records.table.rewrite(|json, out| {
                let before = out.len();
                rewrite.record(json, out);
                kept_bytes += (out.len() - before) as u64;
            });
        }
        self.links.set_kept_bytes(kept_bytes);
    }

    pub(super) fn table(&self, resource: Resource) -> &Table {
        &self.tables[resource as usize].table
    }

    /// The ids in a parent's or company's list, ascending.
    pub(super) fn owned(&self, resource: Resource, owner: u64) -> &[u64] {
        self.tables[resource as usize]
            .by_owner
            .get(&owner)
            .map_or(&[], Vec::as_slice)
    }

    /// The records that were changed at or after a time, ascending; none when that is to be found out by
    /// looking at each.
    pub(super) fn changed_since(&self, resource: Resource, since: Timestamp) -> Option<Vec<u64>> {
        let changed = &self.tables[resource as usize].changed;
        if changed.loaded.is_some_and(|loaded| loaded >= since) {
            return None;
        }
        let ids = changed.by_time.range(since..).flat_map(|(_, ids)| ids);
        let mut ids: Vec<u64> = ids.copied().collect();
        ids.sort_unstable();
        Some(ids)
    }

    /// A record, parsed.
    pub(super) fn record(&self, resource: Resource, id: u64) -> Option<Object> {
        let json = self.table(resource).get(id)?;
        match serde_json::from_slice(&json) {
            Ok(Value::Object(record)) => Some(record),
            _ => None,
        }
    }

    /// One value of a record.
    pub(super) fn value(
        &self,
        resource: Resource,
        id: u64,
        path: &[&'static str],
    ) -> Option<Value> {
        Wanted::one(&self.table(resource).get(id)?, path)
    }

    pub(super) fn card(&self, resource: Resource, id: u64) -> Option<Card> {
        let json = self.table(resource).get(id)?;
        Some(Card::read(resource, id, &json))
    }

    /// A reference to a record.
    pub(super) fn reference(&self, resource: Resource, id: u64) -> Option<Object> {
        Some(self.card(resource, id)?.reference(resource, self.origin()))
    }

    /// The id of the row with this name, in any case. For short lists.
    pub(super) fn named(&self, resource: Resource, name: &str) -> Option<u64> {
        let table = self.table(resource);
        let wanted = name.to_lowercase();
        table.ids().find(|id| {
            table
                .get(*id)
                .is_some_and(|json| Card::read(resource, *id, &json).name.to_lowercase() == wanted)
        })
    }

    /// The id of the company with this identifier, in any case.
    pub(super) fn company_by_identifier(&self, identifier: &str) -> Option<u64> {
        self.identifiers.get(&identifier.to_lowercase()).copied()
    }

    /// An id that was never used.
    pub(super) fn new_id(&mut self, resource: Resource) -> u64 {
        let next = &mut self.tables[resource as usize].next;
        *next += 1;
        *next - 1
    }

    /// An id for an e-mail address or telephone number.
    pub(super) fn new_item_id(&mut self) -> u64 {
        self.next_item += 1;
        self.next_item - 1
    }

    /// Adds or replaces a record. When its name changed, the references to it change too.
    pub(super) fn put(&mut self, resource: Resource, id: u64, record: &Object) {
        let old = self.table(resource).get(id);
        let json = record_bytes(resource.schema(), record);
        if let Some(old) = &old {
            self.forget(resource, id, old);
        }
        self.remember(resource, id, &json);
        if let (None, Some(kind)) = (&old, kind(resource)) {
            // Whoever puts it for the world says so next.
            self.ledger.made(kind, id);
        }
        let changed = old
            .filter(|old| Card::read(resource, id, old) != Card::read(resource, id, &json))
            .is_some();
        let records = &mut self.tables[resource as usize];
        records.changed.put(id, &json);
        records.table.put(id, json);
        if changed {
            let reference = self.reference(resource, id);
            self.update_references(resource, id, reference.as_ref());
        }
    }

    /// Takes a record out; references to it become null. The truth about it stays, but its key is
    /// free for a new record.
    pub(super) fn remove(&mut self, resource: Resource, id: u64) {
        let Some(old) = self.table(resource).get(id) else {
            return;
        };
        self.forget(resource, id, &old);
        self.update_references(resource, id, None);
        let records = &mut self.tables[resource as usize];
        records.changed.remove(id);
        records.table.remove(id);
        if let Some(kind) = kind(resource) {
            self.ledger.gone(kind, id);
        }
    }

    /// Puts rendered records in place of all of a resource. For the first load.
    pub(super) fn load<T>(
        &mut self,
        resource: Resource,
        rows: Vec<(u64, T)>,
        changed: Timestamp,
        render: impl FnMut(&T, &mut Vec<u8>),
    ) {
        self.load_table(resource, Table::build(rows, render), changed);
    }

    /// Puts a table in place of that of a resource, all of whose records were changed last at that time.
    /// For the first load.
    pub(super) fn load_table(&mut self, resource: Resource, table: Table, changed: Timestamp) {
        let records = &mut self.tables[resource as usize];
        records.table = table;
        records.changed = Changed {
            loaded: Some(changed),
            ..Changed::default()
        };
        records.next = records.next.max(records.table.last_id() + 1);
    }

    /// Notes who owns the loaded records. `owners` are pairs of record and owner, by record.
    pub(super) fn load_owners(
        &mut self,
        resource: Resource,
        owners: impl IntoIterator<Item = (u64, u64)>,
    ) {
        let by_owner = &mut self.tables[resource as usize].by_owner;
        for (id, owner) in owners {
            by_owner.entry(owner).or_default().push(id);
        }
    }

    /// Notes the identifier of a loaded company.
    pub(super) fn load_identifier(&mut self, identifier: &str, id: u64) {
        self.identifiers
            .entry(identifier.to_lowercase())
            .or_insert(id);
    }

    /// Whether something refers to a record.
    pub(super) fn in_use(&self, target: Resource, id: u64) -> bool {
        refs::dependents(target).any(|dependent| {
            let mut found = self.referring(dependent, target, id);
            found.next().is_some()
        })
    }

    fn owner_of(resource: Resource, json: &[u8]) -> Option<u64> {
        Wanted::one(json, &[resource.schema().owner?, "id"])?.as_u64()
    }

    fn remember(&mut self, resource: Resource, id: u64, json: &[u8]) {
        if let Some(owner) = Self::owner_of(resource, json) {
            let list = &mut self.tables[resource as usize].by_owner;
            let list = list.entry(owner).or_default();
            if let Err(at) = list.binary_search(&id) {
                list.insert(at, id);
            }
        }
        if resource == Resource::Companies
            && let Some(identifier) = Card::read(resource, id, json).identifier
        {
            self.load_identifier(&identifier, id);
        }
    }

    fn forget(&mut self, resource: Resource, id: u64, json: &[u8]) {
        if let Some(owner) = Self::owner_of(resource, json)
            && let Some(list) = self.tables[resource as usize].by_owner.get_mut(&owner)
            && let Ok(at) = list.binary_search(&id)
        {
            list.remove(at);
        }
        if resource == Resource::Companies
            && let Some(identifier) = Card::read(resource, id, json).identifier
            && self.company_by_identifier(&identifier) == Some(id)
        {
            self.identifiers.remove(&identifier.to_lowercase());
        }
    }

    /// The records that refer to one, by id.
    fn referring(
        &self,
        dependent: refs::Dependent,
        target: Resource,
        id: u64,
    ) -> impl Iterator<Item = u64> + '_ {
        let refs::Dependent {
            resource,
            field,
            kind,
        } = dependent;
        let table = self.table(resource);
        self.candidates(resource, field, target, id)
            .into_iter()
            .filter(move |candidate| {
                table
                    .get(*candidate)
                    .and_then(|json| Wanted::one(&json, &[field]))
                    .is_some_and(|value| refs::ids(kind, &value).contains(&id))
            })
    }

    /// The records that may refer to one. Those of a company refer only to its own sites and
    /// contacts, which keeps a new name in a large instance from reading every record.
    fn candidates(
        &self,
        resource: Resource,
        field: &'static str,
        target: Resource,
        id: u64,
    ) -> Vec<u64> {
        if resource.schema().owner == Some(field) {
            return self.owned(resource, id).to_vec();
        }
        let within_company = matches!(target, Resource::Sites | Resource::Contacts);
        let company = within_company
            .then(|| self.value(target, id, &["company", "id"])?.as_u64())
            .flatten();
        match company {
            Some(company) if resource == Resource::Companies => vec![company],
            Some(company) => self.owned(resource, company).to_vec(),
            None => self.table(resource).ids().collect(),
        }
    }

    fn update_references(&mut self, target: Resource, id: u64, with: Option<&Object>) {
        for dependent in refs::dependents(target) {
            let referring: Vec<u64> = self.referring(dependent, target, id).collect();
            for referrer in referring {
                let Some(mut record) = self.record(dependent.resource, referrer) else {
                    continue;
                };
                if let Some(value) = record.get_mut(dependent.field) {
                    refs::replace(dependent.kind, value, id, with);
                }
                let json = record_bytes(dependent.resource.schema(), &record);
                let table = &mut self.tables[dependent.resource as usize].table;
                table.put(referrer, json);
            }
        }
    }
}

/// Where a resource's ids begin: rows of lists at 1, records where a real instance has come to by
/// the time that the first client is entered (inferred).
const fn first_id(resource: Resource) -> u64 {
    match resource {
        Resource::Companies => 20,
        Resource::Sites => 40,
        Resource::Contacts => 150,
        Resource::Configurations => 300,
        _ => 1,
    }
}

/// What the world calls the records of a resource.
const fn kind(resource: Resource) -> Option<Kind> {
    Some(match resource {
        Resource::Companies => Kind::Organization,
        Resource::Sites => Kind::Location,
        Resource::Contacts => Kind::Contact,
        Resource::Configurations => Kind::Device,
        _ => return None,
    })
}
