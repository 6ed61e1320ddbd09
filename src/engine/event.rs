//! What the engine tells while it works: one ordered stream, without times, so that two runs of the
//! same script can be compared byte for byte.

use serde::Serialize;

use crate::model::{
    Action, Decision, ImportOutcome, Ledger, RecordKind, SyncStatus, Tool, Warning,
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// An integration was connected.
    Connected {
        /// The tool.
        tool: Tool,
        /// The vendor.
        vendor: String,
    },
    /// A sync began.
    SyncStarted {
        /// The tool.
        tool: Tool,
        /// The vendor.
        vendor: String,
    },
    /// A page was kept.
    PageWritten {
        /// Kind of its records.
        kind: RecordKind,
        /// Records delivered so far in this walk.
        fetched: u64,
    },
    /// A rule decided something that it had not decided before.
    Decided(Decision),
    /// A file was imported, or refused.
    Imported(ImportOutcome),
    /// A person's or program's work in the account was done, or refused.
    Acted(Action),
    /// The script left the method's plan.
    Warned(Warning),
    /// A sync ended.
    SyncEnded {
        /// The tool.
        tool: Tool,
        /// The vendor.
        vendor: String,
        /// How.
        status: SyncStatus,
        /// What became of the records.
        ledgers: Vec<Ledger>,
        /// Rows written.
        writes: u64,
    },
}

/// Hears every event, in order.
pub trait Listener: Send {
    /// One event.
    fn hear(&mut self, event: &Event);

    /// Whether nobody listens, so that no decision need be put into words.
    fn deaf(&self) -> bool {
        false
    }
}

/// Hears and forgets.
impl Listener for () {
    fn hear(&mut self, _event: &Event) {}

    fn deaf(&self) -> bool {
        true
    }
}
