//! The account as the rule book has it, in plain lists: records, links, the matching screen. Nothing
//! is indexed and nothing is fast; it is meant to be read. Numbers in brackets are sections of the
//! rule book, ids are those of its rules.

use std::collections::BTreeMap;

use syncrig::model::{LinkState, Origin, RecordKind, ReviewState};
use syncrig::scenario::PsaSettings;

/// A record's place in [`Account::records`]. Records are never taken out, so a place is a name, and
/// the order of places is the order of creation.
pub(super) type Id = usize;

/// Stored fields that have a value; it may be blank.
pub(super) type Fields = BTreeMap<&'static str, String>;

/// A record's link to the PSA [1]: by the key that the PSA's record has in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) key: String,
    pub(super) state: LinkState,
}

/// An organization, location, contact or configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) kind: RecordKind,
    /// The organization it belongs to.
    pub(super) owner: Option<Id>,
    pub(super) origin: Origin,
    pub(super) fields: Fields,
    /// At most one that is not `disconnected`.
    pub(super) links: Vec<Link>,
    /// The entities for which a person made it, by hand or from a row of the matching screen; several
    /// after a merge.
    pub(super) stands_for: Vec<String>,
    pub(super) archived: bool,
    pub(super) deleted: bool,
}

impl Record {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Whether each sync of the PSA updates it.
    pub(super) fn syncs(&self) -> bool {
        self.live_link()
            .is_some_and(|link| link.state == LinkState::Enabled)
    }

    /// The link that a connected PSA has to it.
    pub(super) fn live_link(&self) -> Option<&Link> {
        self.links
            .iter()
            .find(|link| link.state != LinkState::Disconnected)
    }
}

/// Where a row of the matching screen stands [3.7].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) state: ReviewState,
    /// What it is matched to.
    pub(super) record: Option<Id>,
    /// The rule that brought it here.
    pub(super) rule: Option<&'static str>,
    pub(super) suggestion: Option<Id>,
    /// What is odd about it.
    pub(super) reason: Option<&'static str>,
}

impl Place {
    pub(super) const fn unmatched(rule: Option<&'static str>) -> Self {
        Self {
            state: ReviewState::Unmatched,
            record: None,
            rule,
            suggestion: None,
            reason: None,
        }
    }

    pub(super) const fn matched(to: Id, rule: &'static str) -> Self {
        Self {
            state: ReviewState::Matched,
            record: Some(to),
            ..Self::unmatched(Some(rule))
        }
    }

    pub(super) const fn ignored(rule: &'static str) -> Self {
        Self {
            state: ReviewState::Ignored,
            ..Self::unmatched(Some(rule))
        }
    }

    pub(super) const fn suggested(record: Id, rule: &'static str) -> Self {
        Self {
            suggestion: Some(record),
            ..Self::unmatched(Some(rule))
        }
    }
}

/// An RMM company on the matching screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompanyRow {
    pub(super) key: String,
    pub(super) truth: String,
    pub(super) name: String,
    pub(super) place: Place,
}

/// What the last sync of the RMM saw of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) serial: Option<String>,
    pub(super) mac: Option<String>,
    pub(super) model: Option<String>,
    pub(super) manufacturer: Option<String>,
    pub(super) cpu: Option<String>,
    pub(super) last_seen: Option<jiff::Timestamp>,
}

/// An RMM device on the matching screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeviceRow {
    pub(super) key: String,
    pub(super) truth: String,
    /// Key of the RMM company.
    pub(super) company: String,
    pub(super) seen: Seen,
    pub(super) place: Place,
}

/// How a tool stands to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    Never,
    Connected,
    Paused,
    Gone,
}

impl Connection {
    /// A paused tool is still connected.
    pub(super) const fn is_there(self) -> bool {
        matches!(self, Self::Connected | Self::Paused)
    }
}

/// Everything that is remembered.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) records: Vec<Record>,
    pub(super) companies: Vec<CompanyRow>,
    pub(super) devices: Vec<DeviceRow>,
    pub(super) psa: Connection,
    pub(super) settings: PsaSettings,
    /// Whether a sync of the PSA came to its end since it was connected.
    pub(super) psa_synced: bool,
    pub(super) rmm: Connection,
    /// Whether a sync of the RMM filled the matching screen.
    pub(super) rmm_synced: bool,
    pub(super) warnings: Vec<&'static str>,
}

impl Account {
    pub(super) fn empty() -> Self {
        Self {
            records: Vec::new(),
            companies: Vec::new(),
            devices: Vec::new(),
            psa: Connection::Never,
            settings: PsaSettings::default(),
            psa_synced: false,
            rmm: Connection::Never,
            rmm_synced: false,
            warnings: Vec::new(),
        }
    }

    /// The records of a kind that are there, in the order of creation.
    pub(super) fn living(&self, kind: RecordKind) -> Vec<Id> {
        (0..self.records.len())
            .filter(|id| self.records[*id].kind == kind && !self.records[*id].deleted)
            .collect()
    }

    /// The record that the connected PSA's record is linked to, orphans included.
    pub(super) fn linked(&self, kind: RecordKind, key: &str) -> Option<Id> {
        let linked = |id: &Id| {
            self.records[*id]
                .live_link()
                .is_some_and(|it| it.key == key)
        };
        self.living(kind).into_iter().find(linked)
    }

    /// Records of people: a new one has no link.
    pub(super) fn create(
        &mut self,
        kind: RecordKind,
        owner: Option<Id>,
        origin: Origin,
        fields: Fields,
    ) -> Id {
        self.records.push(Record {
            kind,
            owner,
            origin,
            fields,
            links: Vec::new(),
            stands_for: Vec::new(),
            archived: false,
            deleted: false,
        });
        self.records.len() - 1
    }

    pub(super) fn set_link(&mut self, id: Id, to: LinkState) {
        for link in &mut self.records[id].links {
            if link.state != LinkState::Disconnected {
                link.state = to;
            }
        }
    }

    /// Devices that a configuration stands for now.
    pub(super) fn matched_devices(&self, configuration: Id) -> Vec<&DeviceRow> {
        self.devices
            .iter()
            .filter(|row| row.place.record == Some(configuration))
            .collect()
    }

    /// The organization that a device's company is matched to.
    pub(super) fn organization_of(&self, device: &DeviceRow) -> Option<Id> {
        let company = self.companies.iter().find(|it| it.key == device.company)?;
        company.place.record
    }

    /// The records that stand for an entity, or for one tool's record of it, in order of creation:
    /// by a link of either tool, or because a person entered them for it.
    pub(super) fn standing_for(&self, kind: RecordKind, wanted: &str) -> Vec<Id> {
        let means = |key: &str| key == wanted || truth_of(key) == wanted;
        let matched = |id: Id| match kind {
            RecordKind::Organization => {
                (self.companies.iter()).any(|row| row.place.record == Some(id) && means(&row.key))
            }
            _ => (self.devices.iter()).any(|row| row.place.record == Some(id) && means(&row.key)),
        };
        let stands = |id: &Id| {
            let record = &self.records[*id];
            record.links.iter().any(|link| means(&link.key))
                || (matches!(kind, RecordKind::Organization | RecordKind::Configuration)
                    && matched(*id))
                || record.stands_for.iter().any(|it| it == wanted)
        };
        self.living(kind).into_iter().filter(stands).collect()
    }
}

/// `ws1#2` is a record of `ws1`.
pub(super) fn truth_of(key: &str) -> &str {
    key.split('#').next().unwrap_or(key)
}

/// A value that says something.
pub(super) fn given(value: Option<&String>) -> Option<String> {
    value.filter(|text| !text.trim().is_empty()).cloned()
}
