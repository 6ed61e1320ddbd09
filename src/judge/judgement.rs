//! What the judge says: counts, measures, and the single findings behind them.

use serde::{Deserialize, Serialize};

use super::linkage::Linkage;
use crate::model::{Origin, RecordKind, ReviewState};

/// One value for each kind of record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerKind<T> {
    /// For organizations.
    pub organizations: T,
    /// For locations.
    pub locations: T,
    /// For contacts.
    pub contacts: T,
    /// For configurations.
    pub configurations: T,
}

impl<T> PerKind<T> {
    /// Computes a value for each kind.
    pub fn from_fn(mut value: impl FnMut(RecordKind) -> T) -> Self {
        Self {
            organizations: value(RecordKind::Organization),
            locations: value(RecordKind::Location),
            contacts: value(RecordKind::Contact),
            configurations: value(RecordKind::Configuration),
        }
    }

    /// The value of a kind.
    pub fn get(&self, kind: RecordKind) -> &T {
        match kind {
            RecordKind::Organization => &self.organizations,
            RecordKind::Location => &self.locations,
            RecordKind::Contact => &self.contacts,
            RecordKind::Configuration => &self.configurations,
        }
    }

    /// The value of a kind, to change it.
    pub fn get_mut(&mut self, kind: RecordKind) -> &mut T {
        match kind {
            RecordKind::Organization => &mut self.organizations,
            RecordKind::Location => &mut self.locations,
            RecordKind::Contact => &mut self.contacts,
            RecordKind::Configuration => &mut self.configurations,
        }
    }

    /// The values with their kinds, in the usual order.
    pub fn iter(&self) -> impl Iterator<Item = (RecordKind, &T)> {
        RecordKind::ALL
            .into_iter()
            .map(|kind| (kind, self.get(kind)))
    }

    /// The same values, changed.
    pub fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> PerKind<U> {
        PerKind::from_fn(|kind| change(self.get(kind)))
    }
}

impl PerKind<u64> {
    /// The sum over all kinds.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, count)| *count).sum()
    }
}

/// Why a duplicate is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateCause {
    /// The source had the entity twice already.
    Inherited,
    /// A person or the sync made it: it was created by hand beside another record, it came by a
    /// sync beside one made by hand, or the same source record was brought in a second time.
    Created,
    /// Two sources hold the entity once each and were not joined.
    MissedJoin,
}

impl DuplicateCause {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inherited => "inherited",
            Self::Created => "created",
            Self::MissedJoin => "missed-join",
        }
    }
}

/// Duplicates of one kind by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateCounts {
    /// See [`DuplicateCause::Inherited`].
    pub inherited: u64,
    /// See [`DuplicateCause::Created`].
    pub created: u64,
    /// See [`DuplicateCause::MissedJoin`].
    pub missed_join: u64,
}

impl DuplicateCounts {
    /// All duplicates.
    pub const fn total(&self) -> u64 {
        self.inherited + self.created + self.missed_join
    }

    pub(crate) const fn add(&mut self, cause: DuplicateCause) {
        match cause {
            DuplicateCause::Inherited => self.inherited += 1,
            DuplicateCause::Created => self.created += 1,
            DuplicateCause::MissedJoin => self.missed_join += 1,
        }
    }
}

/// A record beyond the first that stands for an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// Kind of record.
    pub kind: RecordKind,
    /// Account id of the record.
    pub record_id: String,
    /// Its name.
    pub name: String,
    /// How it came into the account.
    pub origin: Origin,
    /// Keys of the entities that an earlier record stands for already.
    pub entities: Vec<String>,
    /// Account id of the first record of the first of those entities.
    pub first_record_id: String,
    /// Why it is there.
    pub cause: DuplicateCause,
    /// Rules of the decisions about the record and its source records, sorted.
    pub rules: Vec<String>,
}

/// A record that stands for several entities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FalseMerge {
    /// Kind of record.
    pub kind: RecordKind,
    /// Account id of the record.
    pub record_id: String,
    /// Its name.
    pub name: String,
    /// Keys of the entities, sorted.
    pub entities: Vec<String>,
    /// Rules of the decisions about the record and its source records, sorted.
    pub rules: Vec<String>,
}

/// An entity in the method's scope without a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Kind of record.
    pub kind: RecordKind,
    /// Key of the entity.
    pub entity: String,
    /// Its name.
    pub name: String,
    /// Where it stands on the matching screen, if it is there.
    pub state: Option<ReviewState>,
    /// Whether a record is suggested for it there.
    pub suggested: bool,
    /// Why no match was made there.
    pub reason: Option<String>,
    /// Rules of the decisions about its source records, sorted.
    pub rules: Vec<String>,
}

/// The findings in the order of the kinds and, within a kind, of creation (records) or of the
/// truth's list (entities).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Duplicates.
    pub duplicates: Vec<Duplicate>,
    /// False merges.
    pub false_merges: Vec<FalseMerge>,
    /// Missing entities.
    pub missing: Vec<Missing>,
}

/// Rows of one queue of the matching screen by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCounts {
    /// Matched.
    pub matched: u64,
    /// Unmatched, with or without a suggestion.
    pub unmatched: u64,
    /// Those of the unmatched that carry a suggestion.
    pub suggested: u64,
    /// Ignored.
    pub ignored: u64,
}

/// Calls made to one vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VendorCalls {
    /// The vendor's slug.
    pub vendor: String,
    /// All calls.
    pub calls: u64,
    /// Records that the vendor delivered over all syncs.
    pub records: u64,
}

impl VendorCalls {
    /// Calls for each record delivered; none when there was no record.
    pub fn per_record(&self) -> Option<f64> {
        super::linkage::ratio(self.calls, self.records)
    }
}

/// A law that the outcome breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Stable code.
    pub code: &'static str,
    /// How often it is broken.
    pub count: u64,
    /// The first cases, in words.
    pub examples: Vec<String>,
}

/// What came out, measured against the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Records in the account, archived ones left out.
    pub records: PerKind<u64>,
    /// Archived records. They count in no other number, except that their entity is not missing
    /// and that their links count in `linkage`.
    pub archived: PerKind<u64>,
    /// Records that stand for no known entity.
    pub strays: PerKind<u64>,
    /// Records beyond the first that stand for one entity. A record that is beyond the first for
    /// several entities counts once.
    pub duplicates: PerKind<DuplicateCounts>,
    /// Records that stand for several entities.
    pub false_merges: PerKind<u64>,
    /// Entities in the method's scope without a record.
    pub missing: PerKind<u64>,
    /// RMM companies on the matching screen.
    pub companies: QueueCounts,
    /// RMM devices on the matching screen.
    pub devices: QueueCounts,
    /// How well source records were put together.
    pub linkage: PerKind<Linkage>,
    /// Rows written by syncs that had nothing to do; none when the script has no such sync.
    pub second_run_writes: Option<u64>,
    /// Calls by vendor.
    pub calls: Vec<VendorCalls>,
    /// The single findings.
    pub findings: Findings,
    /// Broken laws, by code.
    pub violations: Vec<Violation>,
}
