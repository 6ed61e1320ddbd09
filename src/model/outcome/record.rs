//! A record of the account with its links.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Fields by name. Names are the account's own (`serial_number`, `primary_mac`); a field without a
/// value is left out. Sorted by name, so that equal records are equal text.
pub type Fields = BTreeMap<String, Value>;

/// The two kinds of tool that an account is fed from.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Professional services automation.
    Psa,
    /// Remote monitoring and management.
    Rmm,
}

impl fmt::Display for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Psa => "psa",
            Self::Rmm => "rmm",
        })
    }
}

/// The kinds of record an account holds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// A client; in an RMM its company, site, group or customer.
    Organization,
    /// An address of an organization.
    Location,
    /// A person of an organization.
    Contact,
    /// A configuration; in an RMM a device.
    Configuration,
}

impl RecordKind {
    /// All kinds, in the order in which everything lists them.
    pub const ALL: [Self; 4] = [
        Self::Organization,
        Self::Location,
        Self::Contact,
        Self::Configuration,
    ];

    /// The plural, as reports head their columns.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Organization => "organizations",
            Self::Location => "locations",
            Self::Contact => "contacts",
            Self::Configuration => "configurations",
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Contact => "contact",
            Self::Configuration => "configuration",
        })
    }
}

/// How a record came into the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A PSA sync wrote it.
    Psa,
    /// A person created it on the matching screen.
    Review,
    /// A person typed it in.
    Manual,
    /// A person imported it from a file.
    Import,
    /// A program wrote it through the account's API.
    Api,
}

/// State of a link. The first four are what the account's API shows of a PSA link (rule book 4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// PSA: updated by each sync.
    Enabled,
    /// PSA: a person switched the sync of this record off.
    Disabled,
    /// PSA: gone upstream or no longer let through; kept, not updated.
    Orphaned,
    /// PSA: the last write failed.
    Error,
    /// A former link of either tool, ended by a disconnect. Kept in the outcome so that the record
    /// can still be recognised.
    Disconnected,
    /// RMM: matched on the matching screen.
    Matched,
}

impl LinkState {
    /// Whether each sync of the PSA updates the record. A failed push does not end that.
    pub const fn syncs(self) -> bool {
        matches!(self, Self::Enabled | Self::Error)
    }
}

/// What a record still owes a two-way PSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushState {
    /// It is not in the PSA and goes there once somebody edits and saves it.
    Pending,
    /// The last push failed.
    Failed,
}

/// That a record stands for a record of a tool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// Kind of tool.
    pub tool: Tool,
    /// The vendor's slug.
    pub vendor: String,
    /// The id that the vendor's API gives the record.
    pub external_id: String,
    /// State of the link.
    pub state: LinkState,
}

/// A record of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordOutcome {
    /// The account's id, unique among the records of its kind.
    pub id: String,
    /// Kind of record.
    pub kind: RecordKind,
    /// Account id of the organization it belongs to; none for an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// Name as stored: of a contact, first and last name.
    pub name: String,
    /// Stored fields. References to other records are account ids in fields that end in `_id`
    /// (`location_id`). A subject that was asked for identities only leaves fields out.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    /// What the combined view shows where the overlay differs from the stored field or has no
    /// stored field beside it; nothing else.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub shown: Fields,
    /// How it came into the account.
    pub origin: Origin,
    /// Links of both tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Whether a person archived it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// What it owes a two-way PSA; none when nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushState>,
    /// Place in the order in which the account's records were created; unique in the account.
    pub created_seq: u64,
}
