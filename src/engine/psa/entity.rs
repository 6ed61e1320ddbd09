//! What the walk must know of a kind of record: its gate, its fields, its first-contact key.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use crate::connectors::{Places, PsaCapabilities};
use crate::engine::error::EngineError;
use crate::engine::pass::compared;
use crate::engine::rules;
use crate::model::{Compared, RecordKind};
use crate::store::{Contact, Reader, RowId, Stored, Writer};

/// A kind of PSA record.
pub(in crate::engine) trait Entity {
    /// The record as the connector delivers it.
    type Remote: Send;
    /// The record as the account keeps it.
    type Stored: Stored;
    /// Rule of the first-contact key.
    const KEY_RULE: &'static str;

    /// What the PSA can give.
    fn psa(&self) -> &PsaCapabilities;

    /// The PSA's id.
    fn id(remote: &Self::Remote) -> &str;

    /// Judges a record by the gates and brings it into the account's form.
    fn read(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        remote: Self::Remote,
    ) -> Result<Read<Self::Stored>, EngineError>;

    /// The parts of the first-contact key. All must be equal; a part that is empty on both sides
    /// counts as equal (inferred).
    fn key(stored: &Self::Stored) -> Vec<Part<'_>>;

    /// The owner that must be equal too.
    fn owner(stored: &Self::Stored) -> Option<RowId>;

    /// Whether the record of a link was reconnected by itself although its row is disconnected.
    fn reconnected(&self, _link_id: RowId) -> bool {
        false
    }

    /// Keeps what no PSA has a field for.
    fn keep_unmapped(existing: Self::Stored, incoming: &mut Self::Stored);
}

/// A part of a first-contact key.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Part<'a> {
    /// Name of the field in the account.
    pub(super) field: &'static str,
    /// What it says.
    pub(super) value: Option<&'a str>,
    /// What the knobs may say of it.
    pub(super) form: PartForm,
}

/// What kind of value a part of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum PartForm {
    /// One of a list of the PSA: equal as it is written.
    Exact,
    /// What people write: a name, a street.
    Text,
    /// A serial number.
    Serial,
    /// A MAC address.
    Mac,
}

impl<'a> Part<'a> {
    pub(super) const fn text(field: &'static str, value: Option<&'a str>) -> Self {
        let form = PartForm::Text;
        Self { field, value, form }
    }
}

/// Whether a field is part of a PSA's key. Where locations are addresses their name is one of the
/// address's lines and not a value of its own (documented for Tigerpaw).
pub(super) fn counts(psa: &PsaCapabilities, kind: RecordKind, field: &str) -> bool {
    let named_after_address =
        kind == RecordKind::Location && psa.locations == Places::Addresses && field == "name";
    psa.has(kind, field) && !named_after_address
}

/// A record after its gates.
pub(in crate::engine) enum Read<T> {
    /// It syncs.
    Keep {
        /// Its values.
        value: T,
        /// What was left out of it, and by which rule.
        note: Option<(&'static str, Vec<Compared>)>,
        /// Whether its row is disconnected, so that it syncs only when it was reconnected by itself.
        cut: bool,
    },
    /// It does for the time being not, and its link stays as it is.
    Hold {
        /// By which rule.
        rule: &'static str,
    },
    /// It does not.
    Skip {
        /// By which rule.
        rule: &'static str,
        /// The values that decided.
        compared: Vec<Compared>,
    },
}

impl<T> Read<T> {
    pub(super) const fn keep(value: T) -> Self {
        Self::Keep {
            value,
            note: None,
            cut: false,
        }
    }
}

/// Finds the record that owns another.
pub(in crate::engine) struct Owners {
    /// Organizations that sync, by the PSA's id.
    pub(super) organizations: HashMap<String, RowId, FixedState>,
    /// Those whose row is paused.
    pub(in crate::engine) held: BTreeSet<String>,
    /// The PSA's ids of organizations that sync or are paused, in order of their links.
    pub(super) in_order: Vec<String>,
    /// Locations that were asked for, by the PSA's id.
    locations: Lately<Option<RowId>>,
    /// Contacts that were asked for, with their organizations.
    contacts: Lately<Option<(RowId, RowId)>>,
}

/// What was found lately, a bounded number of it: records of one client come together.
struct Lately<T>(HashMap<String, T, FixedState>);

impl<T: Copy> Lately<T> {
    const MOST: usize = 16_384;

    fn get(
        &mut self,
        id: &str,
        find: impl FnOnce() -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        if let Some(found) = self.0.get(id) {
            return Ok(*found);
        }
        let found = find()?;
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(id.to_owned(), found);
        Ok(found)
    }
}

impl Owners {
    /// There are few enough to keep at hand.
    pub(in crate::engine) fn load(
        reader: &Reader<'_>,
        integration_id: i64,
        held: BTreeSet<String>,
    ) -> Result<Self, EngineError> {
        let mut organizations = HashMap::default();
        let mut in_order = Vec::new();
        for link in reader.links(integration_id, RecordKind::Organization)? {
            if link.state.syncs() {
                in_order.push(link.remote_id.clone());
                organizations.insert(link.remote_id, link.record_id);
            }
        }
        Ok(Self {
            organizations,
            held,
            in_order,
            locations: Lately(HashMap::default()),
            contacts: Lately(HashMap::default()),
        })
    }

    /// The location that a remote id stands for, whatever the state of its link. Locations must have been
    /// walked before, and so must contacts.
    pub(super) fn location(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        remote_id: Option<&str>,
    ) -> Result<Option<RowId>, EngineError> {
        let Some(id) = remote_id else { return Ok(None) };
        self.locations.get(id, || {
            let link = writer.link(integration_id, RecordKind::Location, id)?;
            Ok(link.map(|link| link.record_id))
        })
    }

    /// The same of a contact, with the organization that it belongs to.
    pub(super) fn contact(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        remote_id: Option<&str>,
    ) -> Result<Option<(RowId, RowId)>, EngineError> {
        let Some(id) = remote_id else { return Ok(None) };
        self.contacts.get(id, || {
            let Some(link) = writer.link(integration_id, RecordKind::Contact, id)? else {
                return Ok(None);
            };
            let contact = writer.get::<Contact>(link.record_id)?;
            Ok(contact.map(|contact| (contact.id, contact.value.organization_id)))
        })
    }

    /// Whether the same organizations sync.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.organizations == other.organizations && self.held == other.held
    }

    pub(super) fn organization(&self, remote_id: &str) -> Option<RowId> {
        self.organizations.get(remote_id).copied()
    }

    /// The owner of a record, or why the record does not sync.
    pub(super) fn owner<T>(&self, remote_id: &str) -> Result<RowId, Read<T>> {
        if self.held.contains(remote_id) {
            return Err(Read::Hold {
                rule: rules::PSA_ROW_PAUSED,
            });
        }
        self.organization(remote_id).ok_or_else(|| Read::Skip {
            rule: rules::PSA_PARENT,
            compared: vec![compared("organization", Some(remote_id), None)],
        })
    }
}
