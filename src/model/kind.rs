//! The kinds of record of a documentation account.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A client.
    Organization,
    /// An address of a client.
    Location,
    /// A person of a client.
    Contact,
    /// A device, as documentation.
    Configuration,
}

impl Kind {
    /// Every kind, parents before children.
    pub const ALL: [Self; 4] = [
        Self::Organization,
        Self::Location,
        Self::Contact,
        Self::Configuration,
    ];

    /// The name used in reports, singular.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Contact => "contact",
            Self::Configuration => "configuration",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
