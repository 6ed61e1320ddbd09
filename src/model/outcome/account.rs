//! The document as a whole.

use serde::{Deserialize, Serialize};

use super::record::{RecordKind, RecordOutcome};
use super::review::RmmOutcome;
use super::sync::{Action, Decision, SyncOutcome, Warning};

/// Everything a subject reports after a script. Readers ignore fields they do not know, so that a
/// later writer can be read; lists may be left out when they are empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Version of the format: [`Outcome::VERSION`].
    pub version: u32,
    /// Organizations of the account.
    #[serde(default)]
    pub organizations: Vec<RecordOutcome>,
    /// Locations of the account.
    #[serde(default)]
    pub locations: Vec<RecordOutcome>,
    /// Contacts of the account.
    #[serde(default)]
    pub contacts: Vec<RecordOutcome>,
    /// Configurations of the account.
    #[serde(default)]
    pub configurations: Vec<RecordOutcome>,
    /// The matching screen.
    #[serde(default)]
    pub rmm: RmmOutcome,
    /// Warnings given during the script, in order.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// What became of people's work in the account, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The syncs that ran, in order. [`Decision::sync`] counts them from 0.
    #[serde(default)]
    pub syncs: Vec<SyncOutcome>,
    /// Decisions in the order in which they were taken.
    #[serde(default)]
    pub decisions: Vec<Decision>,
}

impl Outcome {
    /// The version that this build writes, and the only one it reads.
    pub const VERSION: u32 = 1;

    /// The account's records of one kind.
    pub fn records(&self, kind: RecordKind) -> &[RecordOutcome] {
        match kind {
            RecordKind::Organization => &self.organizations,
            RecordKind::Location => &self.locations,
            RecordKind::Contact => &self.contacts,
            RecordKind::Configuration => &self.configurations,
        }
    }

    /// The list that holds records of one kind.
    pub fn records_mut(&mut self, kind: RecordKind) -> &mut Vec<RecordOutcome> {
        match kind {
            RecordKind::Organization => &mut self.organizations,
            RecordKind::Location => &mut self.locations,
            RecordKind::Contact => &mut self.contacts,
            RecordKind::Configuration => &mut self.configurations,
        }
    }

    /// All records, by kind and then in the order in which the subject lists them.
    pub fn all_records(&self) -> impl Iterator<Item = &RecordOutcome> {
        RecordKind::ALL
            .into_iter()
            .flat_map(|kind| self.records(kind))
    }
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            organizations: Vec::new(),
            locations: Vec::new(),
            contacts: Vec::new(),
            configurations: Vec::new(),
            rmm: RmmOutcome::default(),
            warnings: Vec::new(),
            actions: Vec::new(),
            syncs: Vec::new(),
            decisions: Vec::new(),
        }
    }
}
