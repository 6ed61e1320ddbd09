//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use crate::Request;
use crate::kit::parse_guid;

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// A tenant as the path names it: by id or domain.
    Token(String),
    Batch,
    Organizations,
    Organization(String),
    Contracts,
    Contract(String),
    Devices,
    Device(String),
    Method,
    /// A path that no resource has: its last segment.
    Nowhere(String),
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path().trim_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        let method = request.method();
        let read = method == Method::GET;
        match parts.as_slice() {
            [tenant, "oauth2", "v2.0", "token"] if method == Method::POST => {
                Self::Token((*tenant).to_owned())
            }
            ["v1.0", rest @ ..] => match rest {
                ["$batch" | "%24batch"] if method == Method::POST => Self::Batch,
                ["organization"] if read => Self::Organizations,
                ["organization", id] if read => Self::Organization((*id).to_owned()),
                ["contracts"] if read => Self::Contracts,
                ["contracts", id] if read => Self::Contract((*id).to_owned()),
                ["deviceManagement", devices] if read && *devices == DEVICES => Self::Devices,
                ["deviceManagement", devices, id] if read && *devices == DEVICES => {
                    Self::Device((*id).to_owned())
                }
                // A key may stand in brackets, as OData has it.
                ["deviceManagement", last] if read => match keyed(last) {
                    Some(id) => Self::Device(id.to_owned()),
                    None => Self::Nowhere((*last).to_owned()),
                },
                ["$batch" | "organization" | "contracts"]
                | ["organization" | "contracts", _]
                | ["deviceManagement", "managedDevices"]
                | ["deviceManagement", "managedDevices", _] => Self::Method,
                _ => Self::Nowhere((*rest.last().unwrap_or(&"")).to_owned()),
            },
            _ => Self::Nowhere((*parts.last().unwrap_or(&"")).to_owned()),
        }
    }

    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Token(_) => "auth.token",
            Self::Batch => "batch",
            Self::Organizations | Self::Organization(_) => "sites.get",
            Self::Contracts => "sites.list",
            Self::Contract(_) => "contracts.get",
            Self::Devices => "devices.list",
            Self::Device(_) => "devices.get",
            Self::Method | Self::Nowhere(_) => "unknown",
        }
    }

    /// Whether Intune answers it, and not the directory.
    pub(super) const fn is_intune(&self) -> bool {
        matches!(self, Self::Devices | Self::Device(_))
    }
}

const DEVICES: &str = "managedDevices";

/// The id in `managedDevices('7d0f…')` or `managedDevices(7d0f…)`.
fn keyed(segment: &str) -> Option<&str> {
    let id = segment.strip_prefix(DEVICES)?;
    let id = id.strip_prefix('(')?.strip_suffix(')')?;
    let id = id.trim_matches('\'');
    parse_guid(id).map(|_| id)
}
