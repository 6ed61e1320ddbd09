//! What goes wrong between a connector and its vendor.

use std::fmt;

use crate::transport::TransportError;

/// A call that failed for good, after the retries that its kind allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{vendor}, {operation}: {kind}")]
pub struct ConnectorError {
    /// The vendor's slug.
    pub vendor: &'static str,
    /// The operation (`configurations.list`).
    pub operation: &'static str,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No reply.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The vendor does not accept the credentials (401, or 404 where the vendor says so).
    #[error("the credentials were refused ({status}): {message}")]
    Unauthorized {
        /// Status code.
        status: u16,
        /// The vendor's words, shortened.
        message: String,
    },
    /// The vendor knows who asks and refuses (403).
    #[error("permission denied (403): {message}")]
    Forbidden {
        /// The vendor's words, shortened.
        message: String,
    },
    /// The record or route is not there (404).
    #[error("not found (404): {message}")]
    NotFound {
        /// The vendor's words, shortened.
        message: String,
    },
    /// Still too many requests after all retries (429).
    #[error("too many requests (429), given up after {attempts} attempts")]
    RateLimited {
        /// How often it was tried.
        attempts: u32,
    },
    /// Another status that is no success.
    #[error("answered {status} after {attempts} attempts: {message}")]
    Status {
        /// Status code.
        status: u16,
        /// How often it was tried.
        attempts: u32,
        /// The vendor's words, shortened.
        message: String,
    },
    /// A success whose body is not what the contract says.
    #[error("the reply cannot be read: {detail}")]
    Body {
        /// What is wrong: not JSON (with the media type and how it begins), empty, or the path of
        /// the field.
        detail: String,
    },
    /// A link to another host.
    #[error("the reply links to another host ({host}); it was not followed")]
    ForeignLink {
        /// The host.
        host: String,
    },
    /// Paging that does not end: a page came twice, or there are more pages than allowed.
    #[error("paging does not end: {detail}")]
    Paging {
        /// What was seen.
        detail: String,
    },
}

impl ErrorKind {
    /// Stable code for reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Transport(_) => "vendor-unreachable",
            Self::Unauthorized { .. } => "vendor-unauthorized",
            Self::Forbidden { .. } => "vendor-forbidden",
            Self::NotFound { .. } => "vendor-not-found",
            Self::RateLimited { .. } => "vendor-rate-limited",
            Self::Status { .. } => "vendor-status",
            Self::Body { .. } => "vendor-body",
            Self::ForeignLink { .. } => "vendor-foreign-link",
            Self::Paging { .. } => "vendor-paging",
        }
    }
}

/// A record that was delivered but cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The vendor's id, where it can be read.
    pub id: Option<String>,
    /// Path of the field (`type.name`).
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.as_deref().unwrap_or("without id");
        write!(
            formatter,
            "record {id}, field {}: {}",
            self.field, self.reason
        )
    }
}
