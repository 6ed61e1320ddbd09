//! Why a whole file is refused. Nothing of it was written then.

use crate::model::ImportProblem;

/// A file that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The person who acts may not import (documented roles).
    #[error("only an administrator, or a manager with access to all organizations, may import")]
    Role,
    /// What the wizard was told cannot be done.
    #[error("{reason}")]
    Settings {
        /// What.
        reason: String,
        /// How to mend it.
        hint: String,
    },
    /// The header row is missing or cannot be understood.
    #[error("line {line}{}: {reason}", at_column(*column))]
    Header {
        /// Line of the header row.
        line: u64,
        /// The column, from 1.
        column: Option<u64>,
        /// What is wrong with it.
        reason: String,
        /// How to mend it.
        hint: String,
    },
    /// No column holds a field that must be there.
    #[error("line {line}: no column holds `{field}`")]
    RequiredColumn {
        /// Line of the header row.
        line: u64,
        /// The field.
        field: String,
    },
    /// The file is no UTF-8 text.
    #[error("line {line}{}: {reason}", at_column(*column))]
    Encoding {
        /// The line.
        line: u64,
        /// The column, from 1.
        column: Option<u64>,
        /// What was found.
        reason: String,
    },
    /// The file is larger than a file may be.
    #[error("the file has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The file could not be read to its end.
    #[error("the file cannot be read beyond line {line}: {reason}")]
    Read {
        /// The line.
        line: u64,
        /// What the reader said.
        reason: String,
    },
    /// Rows are bad, and partial imports are off.
    #[error("{rejected} of {rows} rows are bad, and partial imports are off; the first: {first}")]
    Rows {
        /// Rows of data in the file.
        rows: u64,
        /// Bad ones among them.
        rejected: u64,
        /// Code of the first fault.
        code: &'static str,
        /// The first fault.
        first: Box<ImportProblem>,
        /// The faults, as many as are kept.
        problems: Vec<ImportProblem>,
    },
}

impl ImportError {
    /// Every code, in the order of the manual.
    pub const CODES: &[&str] = &[
        "import-role",
        "import-settings",
        "import-header",
        "import-required-column",
        "import-encoding",
        "import-too-large",
        "import-read",
        "import-row",
        "account-locked",
    ];

    /// Stable code for reports and scripts. Bad rows have that of the first fault.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role => "import-role",
            Self::Settings { .. } => "import-settings",
            Self::Header { .. } => "import-header",
            Self::RequiredColumn { .. } => "import-required-column",
            Self::Encoding { .. } => "import-encoding",
            Self::TooLarge { .. } => "import-too-large",
            Self::Read { .. } => "import-read",
            Self::Rows { code, .. } => code,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Settings { hint, .. } | Self::Header { hint, .. } => hint,
            Self::Role => "ask an administrator",
            Self::RequiredColumn { .. } => {
                "add the column, map another header to the field, or do not require it"
            }
            Self::Encoding { .. } => SAVE_AS_UTF_8,
            Self::TooLarge { .. } => "split the file",
            Self::Read { .. } => "import it again: nothing of it was kept",
            Self::Rows { first, .. } => &first.hint,
        }
    }

    /// There is not even a header row.
    pub(super) fn empty() -> Self {
        Self::Header {
            line: 1,
            column: None,
            reason: "the file is empty".to_owned(),
            hint: "the first row holds the headers".to_owned(),
        }
    }

    /// The file is refused for bad rows.
    pub(super) fn rows(rows: u64, rejected: u64, problems: Vec<ImportProblem>) -> Self {
        let Some(first) = problems.first().cloned() else {
            return Self::empty();
        };
        let code = match first.code.as_str() {
            "import-encoding" => "import-encoding",
            "account-locked" => "account-locked",
            _ => "import-row",
        };
        Self::Rows {
            rows,
            rejected,
            code,
            first: Box::new(first),
            problems,
        }
    }

    /// UTF-16, told by its mark or by the zero bytes between its letters.
    pub(super) fn utf_16(marked: bool) -> Self {
        Self::Encoding {
            line: 1,
            column: Some(1),
            reason: if marked {
                "the file begins with the mark of UTF-16".to_owned()
            } else {
                "the file has zero bytes where letters belong, as UTF-16 without a mark has"
                    .to_owned()
            },
        }
    }
}

/// What to do about a wrong encoding.
pub(super) const SAVE_AS_UTF_8: &str =
    "save the file as UTF-8 (in Excel: \"CSV UTF-8 (comma delimited)\")";

fn at_column(column: Option<u64>) -> String {
    column
        .map(|column| format!(", column {column}"))
        .unwrap_or_default()
}
