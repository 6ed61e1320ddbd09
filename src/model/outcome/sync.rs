//! What each sync did, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{RecordKind, Tool};

/// Something the subject told its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable id (`B-warning-create-configuration`).
    pub id: String,
    /// Step of the script during which it came, from 0.
    pub step: usize,
    /// What it says.
    pub message: String,
}

/// What the subject made of something that a person or program did in the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Step of the script during which it came, from 1.
    pub step: usize,
    /// Id of the rule that decided (`account-locked`).
    pub rule: String,
    /// How well the rule is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Kind of the record concerned.
    pub kind: RecordKind,
    /// Account id of the record; it may be gone since.
    pub record_id: String,
    /// What is to be said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncStatus {
    /// It came to its end; single records may have been rejected.
    Completed,
    /// It broke off.
    Failed,
}

/// Why a sync broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncError {
    /// Stable code (`vendor-unauthorized`).
    pub code: String,
    /// What happened, for people.
    pub message: String,
}

/// A record that was delivered but could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Kind of record.
    pub kind: RecordKind,
    /// The vendor's id, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Path of the field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What became of the records of one kind in one sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Kind of record.
    pub kind: RecordKind,
    /// Records the vendor delivered, rejected ones included.
    pub fetched: u64,
    /// New: a record of the account (PSA), a row of the matching screen (RMM).
    #[serde(default)]
    pub created: u64,
    /// Known, with something to write: a link, a value, a state, an overlay.
    #[serde(default)]
    pub updated: u64,
    /// Known, with nothing to write.
    #[serde(default)]
    pub unchanged: u64,
    /// Left out, by the rule that says so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped: BTreeMap<String, u64>,
    /// Could not be read.
    #[serde(default)]
    pub rejected: u64,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(kind: RecordKind) -> Self {
        Self {
            kind,
            fetched: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            skipped: BTreeMap::new(),
            rejected: 0,
        }
    }

    /// How many records were left out, whatever the rule. Saturates, since the numbers may come
    /// from somebody else's file.
    pub fn skipped_total(&self) -> u64 {
        self.skipped
            .values()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many records are accounted for.
    pub fn accounted(&self) -> u64 {
        self.created
            .saturating_add(self.updated)
            .saturating_add(self.unchanged)
            .saturating_add(self.skipped_total())
            .saturating_add(self.rejected)
    }

    /// The law of conservation: whatever was fetched is accounted for, once.
    pub fn adds_up(&self) -> bool {
        self.fetched == self.accounted()
    }
}

/// One sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncOutcome {
    /// Kind of tool.
    pub tool: Tool,
    /// The vendor's slug.
    pub vendor: String,
    /// How it ended.
    pub status: SyncStatus,
    /// Why it broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<SyncError>,
    /// One ledger a kind of record that the sync touched.
    #[serde(default)]
    pub ledgers: Vec<Ledger>,
    /// Records that could not be read; at most as many as the subject cares to keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejections: Vec<Rejection>,
    /// Rows written to the account, of whatever kind: records, links, overlays, review rows.
    /// A sync that follows another without change in between writes none.
    #[serde(default)]
    pub writes: u64,
}

/// How well a rule is known (rule book, evidence tags).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Vendor documentation says so.
    Documented,
    /// Only an older copy of vendor documentation says so.
    DocumentedOld,
    /// Client code or field notes show it.
    Seen,
    /// Inferred; a design choice.
    Inferred,
    /// Public material is silent or contradicts itself.
    Open,
}

impl Evidence {
    /// All of them, the best known first.
    pub const ALL: [Self; 5] = [
        Self::Documented,
        Self::DocumentedOld,
        Self::Seen,
        Self::Inferred,
        Self::Open,
    ];

    /// The word in the JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::DocumentedOld => "documented-old",
            Self::Seen => "seen",
            Self::Inferred => "inferred",
            Self::Open => "open",
        }
    }

    /// Whether public material leaves the question to us.
    pub const fn is_unsettled(self) -> bool {
        matches!(self, Self::Inferred | Self::Open)
    }
}

/// What was decided about a record of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DecisionOutcome {
    /// Linked to a record that was there.
    Matched,
    /// No record fits.
    Unmatched,
    /// A record was proposed to a person.
    Suggested,
    /// A record was created for it.
    Created,
    /// Left out by a rule.
    Skipped,
    /// Several records satisfy the rule; none was taken.
    Ambiguous,
    /// Rules point to different records; the rule that won is named.
    Conflict,
    /// A person set it aside.
    Ignored,
    /// A person undid a match.
    Reverted,
    /// Its link became an orphan.
    Orphaned,
    /// Its link ended with a disconnect.
    Disconnected,
}

impl DecisionOutcome {
    /// The word in the JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Unmatched => "unmatched",
            Self::Suggested => "suggested",
            Self::Created => "created",
            Self::Skipped => "skipped",
            Self::Ambiguous => "ambiguous",
            Self::Conflict => "conflict",
            Self::Ignored => "ignored",
            Self::Reverted => "reverted",
            Self::Orphaned => "orphaned",
            Self::Disconnected => "disconnected",
        }
    }
}

/// Two values that a rule compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The field (`serial_number`).
    pub field: String,
    /// The tool's value; none when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// The account's value; none when it is missing or nothing was found to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
}

/// A decision about one record of a tool, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which sync took it: an index into [`Outcome::syncs`](super::Outcome::syncs). None when a
    /// person took it between syncs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<usize>,
    /// Kind of record.
    pub kind: RecordKind,
    /// Kind of tool.
    pub tool: Tool,
    /// The vendor's slug.
    pub vendor: String,
    /// The vendor's id of the record.
    pub external_id: String,
    /// Id of the rule (`M2`).
    pub rule: String,
    /// What was decided.
    pub outcome: DecisionOutcome,
    /// Account id of the record concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// How well the rule is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The values compared, in the rule's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<Compared>,
}
