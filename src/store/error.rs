//! What goes wrong with the account.

use std::path::PathBuf;

/// The account cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("cannot open the account {path}: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: rusqlite::Error,
    },
    /// The file is not an account of this version.
    #[error("{path} is not an account of this version (it says {found}, expected {expected})")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The version of this program.
        expected: i64,
    },
    /// A statement failed.
    #[error("the account cannot be read or written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored value is not what this program writes.
    #[error("the account holds a value that cannot be read: {0}")]
    Value(#[from] serde_json::Error),
    /// A stored word is not one that this program writes.
    #[error("the account holds the word `{found}`, which this program does not know")]
    Word {
        /// The word.
        found: String,
    },
}

impl StoreError {
    /// Stable code for reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "account-open",
            Self::Version { .. } => "account-version",
            Self::Sqlite(_) => "account-write",
            Self::Value(_) | Self::Word { .. } => "account-value",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Open { .. } => "check that the directory exists and can be written to",
            Self::Version { .. } => "keep the old file and give a new directory",
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DiskFull) => {
                    "free some disk space and run again: what \
                     was written is valid and the next sync completes it"
                }
                Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => {
                    "check that the directory can be written to"
                }
                Some(rusqlite::ErrorCode::DatabaseBusy) => "another program has the account open",
                _ => "run again: what was written is valid and the next sync completes it",
            },
            Self::Value(_) | Self::Word { .. } => {
                "the file was changed by another program; start from a new one"
            }
        }
    }
}
