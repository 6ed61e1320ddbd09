//! What a scenario expects of the account. Everything is optional; what is not written is not
//! checked. The judge does the checking.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use syncrig_mocks::world::{Kind, Located};

use super::located::{EntityRef, Slots, exactly_one};

/// Expectations, at the end of the script or in the middle of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Organizations in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations: Option<u64>,
    /// Locations in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<u64>,
    /// Contacts in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<u64>,
    /// Configurations in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configurations: Option<u64>,
    /// Records beyond the first that stand for one true entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Duplicates>,
    /// Records that hold two or more true entities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_merges: Option<u64>,
    /// True entities in the method's scope without a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<u64>,
    /// Devices left unmatched on the matching screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmatched: Option<u64>,
    /// Organizations left unmatched on the matching screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmatched_organizations: Option<u64>,
    /// Unmatched devices with a suggestion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<u64>,
    /// Devices that are ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored: Option<u64>,
    /// Devices that are matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
    /// Ids of the warnings so far: exactly these, in any order. An empty list: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<Located<String>>>,
    /// Records written by the last sync.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writes: Option<u64>,
    /// What the last sync made of the records that it fetched, all kinds together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
    /// Records that the PSA itself holds now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psa: Option<PsaRecords>,
    /// Checks of single records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Located<RecordCheck>>,
}

impl Expect {
    /// Whether nothing at all is checked.
    pub fn is_empty(&self) -> bool {
        let mut checks = self.clone();
        checks.duplicates = checks.duplicates.filter(|counts| !counts.is_empty());
        checks.ledger = checks.ledger.filter(|counts| !counts.is_empty());
        checks.psa = checks.psa.filter(|counts| *counts != PsaRecords::default());
        checks == Self::default()
    }
}

/// Duplicates by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Duplicates {
    /// Of organizations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations: Option<u64>,
    /// Of locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<u64>,
    /// Of contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<u64>,
    /// Of configurations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configurations: Option<u64>,
}

impl Duplicates {
    /// Whether no count is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Outcomes of the records that the last sync fetched; fetched is the sum of all five.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// Written as new records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    /// Written over existing records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<u64>,
    /// Found as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<u64>,
    /// Left out by a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
    /// Unreadable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
}

impl Ledger {
    /// Whether no count is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Records in the PSA by kind, those that were pushed included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PsaRecords {
    /// Companies or accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations: Option<u64>,
    /// Sites or addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<u64>,
    /// Contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<u64>,
    /// Configurations or assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configurations: Option<u64>,
}

/// A check of the records of the account that stand for one true entity. When there are several,
/// each check other than `count` must hold for at least one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RecordCheckText", into = "RecordCheckText")]
pub struct RecordCheck {
    /// The true entity, or one record of it (`ws1#2`).
    pub entity: EntityRef,
    /// What must hold.
    pub checks: RecordChecks,
}

/// What must hold for the records of one entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordChecks {
    /// How many records stand for it.
    pub count: Option<u64>,
    /// Name, as shown.
    pub name: Option<String>,
    /// Fields as the account shows them, overlay included; null: the field is empty.
    pub shown: IndexMap<Located<String>, Option<String>>,
    /// Fields as they are stored, without the overlay; null: the field is empty.
    pub stored: IndexMap<Located<String>, Option<String>>,
    /// State of the entity's row on the matching screen.
    pub row: Option<RowState>,
    /// The rule that matched the row.
    pub rule: Option<Located<String>>,
    /// State of the record's link to the PSA.
    pub state: Option<LinkState>,
    /// Whether the record waits for its push to the PSA, or failed it.
    pub push: Option<PushState>,
    /// Whether the record is in the archive.
    pub archived: Option<bool>,
}

/// Where a record stands that a two-way PSA does not have as it is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PushState {
    /// Nothing is owed to the PSA.
    None,
    /// Not yet pushed: somebody has to edit and save it.
    Pending,
    /// The last push failed.
    Failed,
}

/// State of a row of the matching screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RowState {
    /// Nobody decided yet.
    Unmatched,
    /// Linked to a record.
    Matched,
    /// A person wants it left out.
    Ignored,
}

/// State of a record's link to the PSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// Updated by every sync.
    Enabled,
    /// A person switched the sync of this record off.
    Disabled,
    /// The PSA no longer delivers it; it is kept as it was.
    Orphaned,
    /// The last sync of this record failed.
    Error,
    /// The link was taken away by a disconnect.
    Disconnected,
    /// It never had one.
    Unlinked,
}

/// Name one entity, and what must hold for its records in the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "RecordCheck")]
pub(super) struct RecordCheckText {
    /// The organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Located<String>>,
    /// The location.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Located<String>>,
    /// The contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Located<String>>,
    /// The device, whose records are configurations.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Located<String>>,
    /// How many records stand for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Name, as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Fields as the account shows them, overlay included.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    shown: IndexMap<Located<String>, Option<String>>,
    /// Fields as they are stored, without the overlay.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    stored: IndexMap<Located<String>, Option<String>>,
    /// State of the entity's row on the matching screen.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    row: Option<RowState>,
    /// The rule that matched the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Located<String>>,
    /// State of the record's link to the PSA.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<LinkState>,
    /// Whether the record waits for its push to the PSA, or failed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    push: Option<PushState>,
    /// Whether the record is in the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<bool>,
}

impl TryFrom<RecordCheckText> for RecordCheck {
    type Error = String;

    fn try_from(text: RecordCheckText) -> Result<Self, String> {
        let entity = exactly_one(
            [
                (Kind::Organization, text.organization),
                (Kind::Location, text.location),
                (Kind::Contact, text.contact),
                (Kind::Device, text.device),
            ],
            "`organization`, `location`, `contact` and `device`",
        )?;
        Ok(Self {
            entity,
            checks: RecordChecks {
                count: text.count,
                name: text.name,
                shown: text.shown,
                stored: text.stored,
                row: text.row,
                rule: text.rule,
                state: text.state,
                push: text.push,
                archived: text.archived,
            },
        })
    }
}

impl From<RecordCheck> for RecordCheckText {
    fn from(check: RecordCheck) -> Self {
        let RecordCheck { entity, checks } = check;
        let slots = Slots::from(entity);
        Self {
            organization: slots.organization,
            location: slots.location,
            contact: slots.contact,
            device: slots.device,
            count: checks.count,
            name: checks.name,
            shown: checks.shown,
            stored: checks.stored,
            row: checks.row,
            rule: checks.rule,
            state: checks.state,
            push: checks.push,
            archived: checks.archived,
        }
    }
}
