//! What goes wrong with a step of the engine.

use super::import::ImportError;
use crate::connectors::ConnectorError;
use crate::model::Tool;
use crate::store::StoreError;

/// A step that could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The vendor's API failed.
    #[error(transparent)]
    Vendor(#[from] ConnectorError),
    /// The account failed.
    #[error(transparent)]
    Account(#[from] StoreError),
    /// A device cannot be kept as JSON.
    #[error("a device cannot be kept: {0}")]
    Data(#[from] serde_json::Error),
    /// A file was refused.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// No integration of this tool is connected.
    #[error("no {tool} is connected")]
    NotConnected {
        /// The tool.
        tool: Tool,
    },
    /// The integration is paused.
    #[error("the {tool} integration is paused")]
    Paused {
        /// The tool.
        tool: Tool,
    },
    /// The matching screen has no such row.
    #[error("the matching screen has no {what} `{id}`")]
    UnknownRow {
        /// `company` or `device`.
        what: &'static str,
        /// The RMM's id.
        id: String,
    },
    /// The account has no such record.
    #[error("the account has no {what} {id}")]
    UnknownRecord {
        /// Kind of the record.
        what: &'static str,
        /// Its id.
        id: i64,
    },
    /// A PSA syncs what was to be changed.
    #[error("{what} {id} is synced by {vendor}: {reason}")]
    Locked {
        /// Kind of the record.
        what: &'static str,
        /// Its id.
        id: i64,
        /// The PSA.
        vendor: &'static str,
        /// What is locked, and what to do instead.
        reason: String,
    },
    /// A record has no such field, or the field does not take this value.
    #[error("{what} {id} takes no such value in the field `{field}`")]
    Field {
        /// Kind of the record.
        what: &'static str,
        /// Its id.
        id: i64,
        /// The field.
        field: String,
    },
    /// The record's link does not allow the action.
    #[error("{what} {id} {state}: {reason}")]
    LinkState {
        /// Kind of the record.
        what: &'static str,
        /// Its id.
        id: i64,
        /// Where its link stands, in words.
        state: &'static str,
        /// What the action needs.
        reason: &'static str,
    },
    /// Two organizations cannot be merged.
    #[error("organization {source_id} cannot be merged into {target_id}: {}", .reason.text())]
    Merge {
        /// The one that would go.
        source_id: i64,
        /// The one that would stay.
        target_id: i64,
        /// Why.
        reason: MergeRefusal,
    },
    /// The PSA takes no records.
    #[error("{vendor} takes no records: two-way sync is not possible with it")]
    OneWay {
        /// The PSA.
        vendor: &'static str,
    },
    /// Types of configurations were ticked for a PSA that has no configurations.
    #[error("{vendor} syncs no configurations, so that none of their types can be ticked")]
    NoConfigurations {
        /// The PSA.
        vendor: &'static str,
    },
    /// The action does not fit the state of the row.
    #[error("{what} `{name}` is {state}: {reason}")]
    WrongState {
        /// `company` or `device`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Its state.
        state: &'static str,
        /// Why the action does not fit, and which does.
        reason: &'static str,
    },
}

/// Why two organizations cannot be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeRefusal {
    /// Both sync.
    BothSync,
    /// The source is the MSP's own.
    Primary,
    /// They are the same.
    Itself,
}

impl MergeRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BothSync => "merge-both-sync",
            Self::Primary => "merge-primary",
            Self::Itself => "merge-itself",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::BothSync => "both sync; disconnect the source first",
            Self::Primary => "it is the MSP's own, which can only be the target",
            Self::Itself => "they are one and the same",
        }
    }
}

impl EngineError {
    /// Stable code for reports and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Vendor(error) => error.kind.code(),
            Self::Account(error) => error.code(),
            Self::Data(_) => "account-value",
            Self::Import(error) => error.code(),
            Self::NotConnected { .. } => "integration-missing",
            Self::Paused { .. } => "integration-paused",
            Self::UnknownRow { .. } => "review-unknown-row",
            Self::UnknownRecord { .. } => "account-unknown-record",
            Self::Locked { .. } => "account-locked",
            Self::Field { .. } => "account-field",
            Self::LinkState { .. } => "account-state",
            Self::Merge { reason, .. } => reason.code(),
            Self::OneWay { .. } => "two-way-unsupported",
            Self::NoConfigurations { .. } => "configurations-unsupported",
            Self::WrongState { .. } => "review-wrong-state",
        }
    }
}
