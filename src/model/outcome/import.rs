//! What imports did, in the outcome.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::record::RecordKind;
use super::sync::{Ledger, SyncError, SyncStatus};

/// One import of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOutcome {
    /// Kind of the records.
    pub kind: RecordKind,
    /// Whether the file was taken, or refused as a whole.
    pub status: SyncStatus,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<SyncError>,
    /// What became of the rows. Of a file that was refused every row read is rejected.
    pub ledger: Ledger,
    /// How often each rule decided.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, u64>,
    /// What is wrong with bad rows; at most as many as the subject cares to keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ImportProblem>,
    /// Rows written to the account.
    #[serde(default)]
    pub writes: u64,
}

/// One fault in a row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    /// Stable code.
    pub code: String,
    /// Line, from 1: that on which the cell begins.
    pub line: u64,
    /// Number of the column, from 1. None when it concerns the row as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Header of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Field of the account that the column is mapped to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong: a fragment in lower case.
    pub reason: String,
    /// How to mend it.
    pub hint: String,
}

impl fmt::Display for ImportProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(formatter, ", column {column}")?;
        }
        if let Some(header) = &self.header {
            write!(formatter, " ({header})")?;
        }
        write!(formatter, ": {}", self.reason)
    }
}
