//! A world: the truth about a tenant and what each tool holds of it. It must not know any vendor's
//! API; simulators take a tool's view of it at the start, and changes afterwards.

use std::collections::{HashMap, HashSet};

use super::dirt::Dirt;
use super::located::Located;
use super::push::Pushed;
use super::records::{Contents, Kind, OrganizationRecord, Tool, ToolRecords};
use super::render::Truth;
use super::shelf::{Entry, Shelf, split_key};
use super::tenant::{Contact, Device, Location, Organization};

/// Name of the MSP when the tenant gives none.
const COMPANY: &str = "Northwind IT";

/// A tenant with its references checked, and what each tool holds of it now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    pub(crate) company: Option<String>,
    pub(crate) seed: u64,
    pub(crate) contents: Contents,
    pub(crate) organizations: Shelf<Organization>,
    pub(crate) locations: Shelf<Location>,
    pub(crate) contacts: Shelf<Contact>,
    pub(crate) devices: Shelf<Device>,
    /// Counts the records that were added after the start.
    pub(crate) additions: u32,
    /// What the RMM's own integration with the PSA remembers.
    pub(crate) pushed: Pushed,
}

/// A set of tools.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ToolSet {
    /// Whether the PSA is in it.
    pub psa: bool,
    /// Whether the RMM is in it.
    pub rmm: bool,
}

impl ToolSet {
    /// Whether a tool is in it.
    pub const fn contains(self, tool: Tool) -> bool {
        match tool {
            Tool::Psa => self.psa,
            Tool::Rmm => self.rmm,
        }
    }

    /// Whether no tool is in it.
    pub const fn is_empty(self) -> bool {
        !self.psa && !self.rmm
    }
}

/// One true entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity<'a> {
    /// Kind.
    pub kind: Kind,
    /// Key, without the number of a copy.
    pub key: &'a str,
    /// Its true name; a contact's first and last name.
    pub name: String,
    /// Key of the organization that it truly belongs to; an organization's parent.
    pub organization: Option<&'a str>,
    /// Tools that hold a record of it now.
    pub tools: ToolSet,
    /// Tools that hold a record of it now that is switched on.
    pub active: ToolSet,
    /// What is wrong with it on purpose.
    pub dirt: &'a [Dirt],
}

impl World {
    /// Seed from which simulators derive what the world does not say.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// One tool's view: a parent stands before its children, apart from that the order is that of
    /// the file, and records that were added later stand last.
    pub fn project(&self, tool: Tool) -> ToolRecords {
        let mut records = ToolRecords {
            locations: self.locations.records(tool),
            contacts: self.contacts.records(tool),
            devices: self.devices.records(tool),
            ..self.project_organizations(tool)
        };
        if tool == Tool::Psa {
            records.contents = self.psa_contents(&records);
        }
        records
    }

    /// Key of the record that stands for a true organization in a tool: the one under its own key, or
    /// the first that is left.
    pub fn standing_for(&self, tool: Tool, organization: &str) -> Option<String> {
        self.organizations.standing_for(tool, organization)
    }

    /// One tool's organizations and nothing below them: for who needs to know what they are called
    /// there, and not to render a whole tenant for it.
    pub fn project_organizations(&self, tool: Tool) -> ToolRecords {
        let mut records = ToolRecords {
            seed: self.seed,
            company: self.company.clone().unwrap_or_else(|| COMPANY.to_owned()),
            contents: Contents::default(),
            organizations: parents_first(self.organizations.records(tool)),
            locations: Vec::new(),
            contacts: Vec::new(),
            devices: Vec::new(),
        };
        if tool == Tool::Psa {
            records.contents = self.psa_contents(&records);
        }
        records
    }

    /// Every true entity: organizations, locations, contacts, devices, each in the file's order,
    /// whether or not a tool still holds it.
    pub fn entities(&self) -> impl Iterator<Item = Entity<'_>> {
        let organizations =
            (self.organizations.iter()).map(|(key, entry)| organization(key, entry));
        let locations = (self.locations.iter()).map(|(key, entry)| location(key, entry));
        let contacts = (self.contacts.iter()).map(|(key, entry)| contact(key, entry));
        let devices = (self.devices.iter()).map(|(key, entry)| device(key, entry));
        organizations
            .chain(locations)
            .chain(contacts)
            .chain(devices)
    }

    /// One true entity by its key; the key of a copy finds the entity that it is a copy of.
    pub fn entity(&self, kind: Kind, key: &str) -> Option<Entity<'_>> {
        let (truth, _) = split_key(key);
        match kind {
            Kind::Organization => {
                (self.organizations.find(truth)).map(|(key, entry)| organization(key, entry))
            }
            Kind::Location => (self.locations.find(truth)).map(|(key, entry)| location(key, entry)),
            Kind::Contact => (self.contacts.find(truth)).map(|(key, entry)| contact(key, entry)),
            Kind::Device => (self.devices.find(truth)).map(|(key, entry)| device(key, entry)),
        }
    }

    /// The usual types and statuses, those that the tenant adds, and those that records use.
    fn psa_contents(&self, records: &ToolRecords) -> Contents {
        let organizations = &records.organizations;
        let devices = &records.devices;
        Contents {
            organization_types: names(
                ORGANIZATION_TYPES,
                &self.contents.organization_types,
                organizations.iter().map(|it| &it.organization_type),
            ),
            organization_statuses: names(
                STATUSES,
                &self.contents.organization_statuses,
                organizations.iter().map(|it| &it.status),
            ),
            configuration_types: names(
                CONFIGURATION_TYPES,
                &self.contents.configuration_types,
                devices.iter().map(|it| &it.configuration_type),
            ),
            configuration_statuses: names(
                STATUSES,
                &self.contents.configuration_statuses,
                devices.iter().map(|it| &it.status),
            ),
            contact_types: names(
                CONTACT_TYPES,
                &self.contents.contact_types,
                records.contacts.iter().map(|it| &it.contact_type),
            ),
        }
    }
}

/// What a PSA offers before anybody adds to it; `inferred`: every installation has its own lists,
/// these are the names that the sync article and the tenants here use.
const ORGANIZATION_TYPES: &[&str] = &["Client", "Prospect", "Vendor", "Partner"];
const STATUSES: &[&str] = &["Active", "Inactive"];
const CONFIGURATION_TYPES: &[&str] = &[
    "Managed Workstation",
    "Managed Server",
    "Managed Network Device",
    "Managed Printer",
];
const CONTACT_TYPES: &[&str] = &["Decision Maker", "Approver", "End User"];

fn names<'a>(
    usual: &[&str],
    added: &'a [String],
    used: impl Iterator<Item = &'a Option<String>>,
) -> Vec<String> {
    let mut seen: HashSet<&str> = usual.iter().copied().collect();
    let mut names: Vec<String> = usual.iter().map(|&name| name.to_owned()).collect();
    let more = added.iter().chain(used.filter_map(Option::as_ref));
    for name in more.map(String::as_str) {
        if seen.insert(name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn organization<'a>(key: &'a str, entry: &'a Entry<Organization>) -> Entity<'a> {
    let truth = &entry.truth;
    entity(
        key,
        entry,
        truth.name.clone(),
        truth.parent.as_ref(),
        &truth.dirt,
    )
}

fn location<'a>(key: &'a str, entry: &'a Entry<Location>) -> Entity<'a> {
    let truth = &entry.truth;
    entity(
        key,
        entry,
        truth.name.clone(),
        Some(&truth.organization),
        &truth.dirt,
    )
}

fn contact<'a>(key: &'a str, entry: &'a Entry<Contact>) -> Entity<'a> {
    let truth = &entry.truth;
    let name = format!("{} {}", truth.first_name, truth.last_name);
    entity(
        key,
        entry,
        name.trim().to_owned(),
        Some(&truth.organization),
        &truth.dirt,
    )
}

fn device<'a>(key: &'a str, entry: &'a Entry<Device>) -> Entity<'a> {
    let truth = &entry.truth;
    entity(
        key,
        entry,
        truth.name.clone(),
        Some(&truth.organization),
        &truth.dirt,
    )
}

fn entity<'a, T: Truth>(
    key: &'a str,
    entry: &'a Entry<T>,
    name: String,
    organization: Option<&'a Located<String>>,
    dirt: &'a [Dirt],
) -> Entity<'a> {
    let active = |tool| entry.slots(tool).any(|slot| slot.is_active(entry));
    Entity {
        kind: T::KIND,
        key,
        name,
        organization: organization.map(|key| split_key(key).0),
        tools: ToolSet {
            psa: entry.slots(Tool::Psa).next().is_some(),
            rmm: entry.slots(Tool::Rmm).next().is_some(),
        },
        active: ToolSet {
            psa: active(Tool::Psa),
            rmm: active(Tool::Rmm),
        },
        dirt,
    }
}

/// Brings parents before their children and changes the order no further than that.
fn parents_first(records: Vec<OrganizationRecord>) -> Vec<OrganizationRecord> {
    if records.iter().all(|record| record.parent.is_none()) {
        return records;
    }
    let places: HashMap<&str, usize> = (records.iter().enumerate())
        .map(|(place, record)| (record.key.as_str(), place))
        .collect();
    let parent = |place: usize| {
        let parent = records[place].parent.as_deref()?;
        places.get(parent).copied()
    };
    let mut order = Vec::with_capacity(records.len());
    let mut placed = vec![false; records.len()];
    for place in 0..records.len() {
        // Up to the first ancestor that is placed; a cycle ends there too, though none is let in.
        let mut line = Vec::new();
        let mut next = Some(place);
        while let Some(ancestor) = next.filter(|&ancestor| !placed[ancestor]) {
            placed[ancestor] = true;
            line.push(ancestor);
            next = parent(ancestor);
        }
        order.extend(line.into_iter().rev());
    }
    let mut records: Vec<Option<OrganizationRecord>> = records.into_iter().map(Some).collect();
    (order.into_iter())
        .filter_map(|place| records[place].take())
        .collect()
}
