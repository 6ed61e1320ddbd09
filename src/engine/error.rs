//! What goes wrong with a step of the engine.

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

impl EngineError {
    /// Stable code for reports and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Vendor(error) => error.kind.code(),
            Self::Account(error) => error.code(),
            Self::Data(_) => "account-value",
            Self::NotConnected { .. } => "integration-missing",
            Self::Paused { .. } => "integration-paused",
            Self::UnknownRow { .. } => "review-unknown-row",
            Self::UnknownRecord { .. } => "account-unknown-record",
            Self::WrongState { .. } => "review-wrong-state",
        }
    }
}
