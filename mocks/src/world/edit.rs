//! What happens in a tool after it was stood up: records are edited, removed and added. An edit
//! changes the world and says what the simulators must be told.

use std::collections::HashSet;

use super::error::{WorldError, nearest};
use super::patch::Patch;
use super::records::{Change, Kind, Record, Tool};
use super::render::Truth;
use super::shelf::{Shelf, split_key};
use super::state::World;
use super::tenant::{Contact, Device, Location, Organization};

/// What the simulators must be told, in order: the tool, and the change in it.
pub type Changes = Vec<(Tool, Change)>;

impl World {
    /// Changes a record of one tool (`key` may be a copy's) as somebody working in that tool would.
    /// A new organization moves the record there: a location, and a device's contact, stay behind
    /// unless the override names others.
    ///
    /// # Errors
    /// The tool does not hold the record, or the override refers to something that it does not hold.
    pub fn edit(&mut self, tool: Tool, key: &str, patch: &Patch) -> Result<Changes, WorldError> {
        let change = match patch {
            Patch::Organization(patch) => {
                let mut record = self.organizations.demand(tool, key)?;
                if let Some(Some(parent)) = &patch.parent {
                    self.organizations.require(tool, parent)?;
                    self.no_cycle(tool, key, parent)?;
                }
                Organization::apply(&mut record, patch, tool);
                self.organizations.replace(tool, key, record)
            }
            Patch::Location(patch) => {
                let mut record = self.locations.demand(tool, key)?;
                self.require(tool, patch.organization.as_deref(), None, None)?;
                Location::apply(&mut record, patch, tool);
                self.locations.replace(tool, key, record)
            }
            Patch::Contact(patch) => {
                let mut record = self.contacts.demand(tool, key)?;
                let location = patch.location.as_ref().and_then(Option::as_deref);
                self.require(tool, patch.organization.as_deref(), location, None)?;
                let from = truth_of(&record.organization);
                Contact::apply(&mut record, patch, tool);
                if truth_of(&record.organization) != from && patch.location.is_none() {
                    record.location = None;
                }
                self.contacts.replace(tool, key, record)
            }
            Patch::Device(patch) => {
                let mut record = self.devices.demand(tool, key)?;
                if patch.names_nics_twice() {
                    return Err(WorldError::NicsTwice {
                        key: key.to_owned(),
                    });
                }
                let location = patch.location.as_ref().and_then(Option::as_deref);
                let contact = patch.contact.as_ref().and_then(Option::as_deref);
                self.require(tool, patch.organization.as_deref(), location, contact)?;
                let from = truth_of(&record.organization);
                Device::apply(&mut record, patch, tool);
                if truth_of(&record.organization) != from {
                    record.location = record.location.filter(|_| patch.location.is_some());
                    record.contact = record.contact.filter(|_| patch.contact.is_some());
                }
                self.devices.replace(tool, key, record)
            }
        };
        Ok(vec![(tool, change)])
    }

    /// Deletes a record in one tool. With an organization go its devices, contacts and locations,
    /// before it; what refers to a deleted record from elsewhere (an organization below it, a device
    /// in a deleted location) loses the reference first. The true entity stays in the world.
    ///
    /// # Errors
    /// The tool does not hold the record.
    pub fn remove(&mut self, tool: Tool, kind: Kind, key: &str) -> Result<Changes, WorldError> {
        self.require_any(tool, kind, key)?;
        let mut devices = HashSet::new();
        let mut contacts = HashSet::new();
        let mut locations = HashSet::new();
        let mut order: Vec<(Kind, String)> = Vec::new();
        match kind {
            Kind::Organization => {
                let below = |links: super::render::Links<'_>| links.organization == Some(key);
                let parts = [
                    (Kind::Device, self.devices.linked(tool, below)),
                    (Kind::Contact, self.contacts.linked(tool, below)),
                    (Kind::Location, self.locations.linked(tool, below)),
                ];
                for (kind, keys) in parts {
                    order.extend(keys.into_iter().map(|key| (kind, key)));
                }
            }
            Kind::Location | Kind::Contact | Kind::Device => {}
        }
        order.push((kind, key.to_owned()));
        for (kind, key) in &order {
            match kind {
                Kind::Device => devices.insert(key.as_str()),
                Kind::Contact => contacts.insert(key.as_str()),
                Kind::Location => locations.insert(key.as_str()),
                Kind::Organization => false,
            };
        }
        let organization = (kind == Kind::Organization).then_some(key);
        let mut changes = self.let_go(tool, organization, &locations, &contacts, &devices);
        for (kind, key) in order {
            match kind {
                Kind::Organization => self.organizations.take(tool, &key),
                Kind::Location => self.locations.take(tool, &key),
                Kind::Contact => self.contacts.take(tool, &key),
                Kind::Device => self.devices.take(tool, &key),
            }
            changes.push((tool, Change::Remove { kind, key }));
        }
        Ok(changes)
    }

    /// Gives a true entity a record in a tool that has none of it, with the true values and the
    /// overrides that the tenant has for that tool. A location or contact that the tool does not
    /// hold is left out. After a removal the new record gets a new key (`ws1#2`).
    ///
    /// # Errors
    /// There is no such entity, the tool holds it already, or it does not hold the organization.
    pub fn add(&mut self, tool: Tool, kind: Kind, key: &str) -> Result<Changes, WorldError> {
        let change = match kind {
            Kind::Organization => {
                let mut record = self.organizations.fresh(tool, key)?;
                if let Some(parent) = &record.parent {
                    record.parent = Some(self.home(tool, kind, key, parent)?);
                }
                self.put(tool, key, record)
            }
            Kind::Location => {
                let mut record = self.locations.fresh(tool, key)?;
                record.organization = self.home(tool, kind, key, &record.organization)?;
                self.put(tool, key, record)
            }
            Kind::Contact => {
                let mut record = self.contacts.fresh(tool, key)?;
                record.organization = self.home(tool, kind, key, &record.organization)?;
                record.location = self.locations.held(tool, record.location.as_deref());
                self.put(tool, key, record)
            }
            Kind::Device => {
                let mut record = self.devices.fresh(tool, key)?;
                record.organization = self.home(tool, kind, key, &record.organization)?;
                record.location = self.locations.held(tool, record.location.as_deref());
                record.contact = self.contacts.held(tool, record.contact.as_deref());
                self.put(tool, key, record)
            }
        };
        Ok(vec![(tool, change)])
    }

    /// The record that a tool would get of an entity that it does not hold, by [`World::add`].
    ///
    /// # Errors
    /// There is no such entity, or the tool holds it already.
    pub fn fresh(&self, tool: Tool, kind: Kind, key: &str) -> Result<Record, WorldError> {
        Ok(match kind {
            Kind::Organization => self.organizations.fresh(tool, key)?.into(),
            Kind::Location => self.locations.fresh(tool, key)?.into(),
            Kind::Contact => self.contacts.fresh(tool, key)?.into(),
            Kind::Device => self.devices.fresh(tool, key)?.into(),
        })
    }

    /// Takes note that a tool holds a record of an entity which a client made there through the API;
    /// nobody needs to be told. The record gets the true values: what the client really wrote is the
    /// simulator's, and later edits are told to it as differences. Gives the key of the record.
    ///
    /// # Errors
    /// There is no such entity, or the tool does not hold its organization.
    pub fn learn(&mut self, tool: Tool, kind: Kind, truth: &str) -> Result<String, WorldError> {
        let home = |world: &Self, organization: &str| world.home(tool, kind, truth, organization);
        macro_rules! another {
            ($shelf:ident) => {
                match self.$shelf.fresh(tool, truth) {
                    Err(WorldError::AlreadyInTool { key, .. }) => {
                        let mut record = self.$shelf.demand(tool, &key)?;
                        record.key = self.$shelf.next_key(tool, truth).unwrap_or(key);
                        record
                    }
                    fresh => fresh?,
                }
            };
        }
        let change = match kind {
            Kind::Organization => {
                let mut record = another!(organizations);
                record.parent = record.parent.and_then(|parent| home(self, &parent).ok());
                self.put(tool, truth, record)
            }
            Kind::Location => {
                let mut record = another!(locations);
                record.organization = home(self, &record.organization)?;
                self.put(tool, truth, record)
            }
            Kind::Contact => {
                let mut record = another!(contacts);
                record.organization = home(self, &record.organization)?;
                record.location = self.locations.held(tool, record.location.as_deref());
                self.put(tool, truth, record)
            }
            Kind::Device => {
                let mut record = another!(devices);
                record.organization = home(self, &record.organization)?;
                record.location = self.locations.held(tool, record.location.as_deref());
                record.contact = self.contacts.held(tool, record.contact.as_deref());
                self.put(tool, truth, record)
            }
        };
        let key = change.record().map(|record| record.key().to_owned());
        Ok(key.unwrap_or_default())
    }

    /// A device is set up anew and its tool takes it for another one: a second record with the same
    /// hardware appears under a new key, the old record stays.
    ///
    /// # Errors
    /// The tool does not hold the record.
    pub fn reimage(&mut self, tool: Tool, key: &str) -> Result<Changes, WorldError> {
        let mut record = self.devices.demand(tool, key)?;
        let truth = truth_of(key);
        if let Some(key) = self.devices.next_key(tool, &truth) {
            record.key = key;
        }
        Ok(vec![(tool, self.put(tool, &truth, record))])
    }

    /// Takes the references to what is about to go out of the records that stay.
    fn let_go(
        &mut self,
        tool: Tool,
        organization: Option<&str>,
        locations: &HashSet<&str>,
        contacts: &HashSet<&str>,
        devices: &HashSet<&str>,
    ) -> Changes {
        let mut changes = Vec::new();
        if organization.is_some() {
            let below = self
                .organizations
                .linked(tool, |links| links.organization == organization);
            for key in below {
                if let Some(mut record) = self.organizations.record(tool, &key) {
                    record.parent = None;
                    changes.push((tool, self.organizations.replace(tool, &key, record)));
                }
            }
        }
        let lost = |set: &HashSet<&str>, key: Option<&str>| key.is_some_and(|it| set.contains(it));
        if !locations.is_empty() {
            let there = self
                .contacts
                .linked(tool, |links| lost(locations, links.location));
            for key in there.iter().filter(|key| !contacts.contains(key.as_str())) {
                if let Some(mut record) = self.contacts.record(tool, key) {
                    record.location = None;
                    changes.push((tool, self.contacts.replace(tool, key, record)));
                }
            }
        }
        if !locations.is_empty() || !contacts.is_empty() {
            let there = self.devices.linked(tool, |links| {
                lost(locations, links.location) || lost(contacts, links.contact)
            });
            for key in there.iter().filter(|key| !devices.contains(key.as_str())) {
                if let Some(mut record) = self.devices.record(tool, key) {
                    record.location = (record.location).filter(|key| !locations.contains(&**key));
                    record.contact = (record.contact).filter(|key| !contacts.contains(&**key));
                    changes.push((tool, self.devices.replace(tool, key, record)));
                }
            }
        }
        changes
    }

    fn no_cycle(&self, tool: Tool, key: &str, parent: &str) -> Result<(), WorldError> {
        let mut at = Some(parent.to_owned());
        while let Some(ancestor) = at {
            if ancestor == key {
                return Err(WorldError::ParentCycle {
                    key: key.to_owned(),
                    parent: parent.to_owned(),
                });
            }
            let slot = self.organizations.slot(tool, &ancestor);
            at = slot.and_then(|(entry, slot)| slot.links(entry).organization.map(str::to_owned));
        }
        Ok(())
    }

    fn require(
        &self,
        tool: Tool,
        organization: Option<&String>,
        location: Option<&String>,
        contact: Option<&String>,
    ) -> Result<(), WorldError> {
        if let Some(key) = organization {
            self.organizations.require(tool, key)?;
        }
        if let Some(key) = location {
            self.locations.require(tool, key)?;
        }
        if let Some(key) = contact {
            self.contacts.require(tool, key)?;
        }
        Ok(())
    }

    fn require_any(&self, tool: Tool, kind: Kind, key: &str) -> Result<(), WorldError> {
        match kind {
            Kind::Organization => self.organizations.require(tool, key),
            Kind::Location => self.locations.require(tool, key),
            Kind::Contact => self.contacts.require(tool, key),
            Kind::Device => self.devices.require(tool, key),
        }
    }

    /// The record of the organization that something new belongs to.
    fn home(
        &self,
        tool: Tool,
        kind: Kind,
        key: &str,
        organization: &str,
    ) -> Result<String, WorldError> {
        if self.organizations.holds(tool, organization) {
            return Ok(organization.to_owned());
        }
        let standing = (self.organizations).standing_for(tool, &truth_of(organization));
        standing.ok_or_else(|| WorldError::NoParent {
            tool,
            kind,
            key: key.to_owned(),
            organization: organization.to_owned(),
        })
    }

    pub(super) fn put<R>(&mut self, tool: Tool, truth: &str, record: R) -> Change
    where
        R: Clone + Into<Record>,
        Self: Holds<R>,
    {
        self.additions += 1;
        let since = self.additions;
        let change = Change::Put(record.clone().into());
        self.shelve(tool, truth, since, record);
        change
    }
}

/// Chooses the shelf by the type of the record.
pub(super) trait Holds<R> {
    fn shelve(&mut self, tool: Tool, truth: &str, since: u32, record: R);
}

macro_rules! holds {
    ($($truth:ty => $shelf:ident),*) => {$(
        impl Holds<<$truth as Truth>::Record> for World {
            fn shelve(
                &mut self,
                tool: Tool,
                truth: &str,
                since: u32,
                record: <$truth as Truth>::Record,
            ) {
                self.$shelf.put_new(tool, truth, since, record);
            }
        }
    )*};
}

holds!(Organization => organizations, Location => locations, Contact => contacts, Device => devices);

impl<T: Truth> Shelf<T> {
    pub(super) fn require(&self, tool: Tool, key: &str) -> Result<(), WorldError> {
        if self.holds(tool, key) {
            return Ok(());
        }
        let (truth, _) = split_key(key);
        Err(match self.find(truth) {
            Some((truth, entry)) => WorldError::NotInTool {
                tool,
                kind: T::KIND,
                key: key.to_owned(),
                holds: entry.slots(tool).map(|slot| slot.key(truth)).collect(),
            },
            None => self.unknown(key),
        })
    }

    fn unknown(&self, key: &str) -> WorldError {
        WorldError::Unknown {
            kind: T::KIND,
            key: key.to_owned(),
            nearest: nearest(key, self.keys()),
        }
    }

    fn demand(&self, tool: Tool, key: &str) -> Result<T::Record, WorldError> {
        self.require(tool, key)?;
        self.record(tool, key).ok_or_else(|| self.unknown(key))
    }

    /// The record that an entity gets in a tool that has none of it.
    fn fresh(&self, tool: Tool, truth: &str) -> Result<T::Record, WorldError> {
        let (_, entry) = self.find(truth).ok_or_else(|| self.unknown(truth))?;
        match entry.slots(tool).next() {
            None => Ok(entry.next_record(truth, tool)),
            Some(slot) => Err(WorldError::AlreadyInTool {
                tool,
                kind: T::KIND,
                truth: truth.to_owned(),
                key: slot.key(truth),
            }),
        }
    }

    fn held(&self, tool: Tool, key: Option<&str>) -> Option<String> {
        let key = key.filter(|key| self.holds(tool, key))?;
        Some(key.to_owned())
    }

    pub(super) fn replace(&mut self, tool: Tool, key: &str, record: T::Record) -> Change {
        let before = self.demand(tool, key).ok();
        self.hold(tool, key, record.clone());
        match before {
            Some(before) => Change::Edit {
                before: before.into(),
                after: record.into(),
            },
            None => Change::Put(record.into()),
        }
    }
}

/// Key of the true entity that a record's key stands for.
pub(super) fn truth_of(key: &str) -> String {
    split_key(key).0.to_owned()
}
