//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use crate::Request;
use crate::world::{Kind, Tool};

/// What a path and method ask for.
#[derive(Debug, Clone)]
pub(super) enum Route {
    Me,
    List(Kind),
    One(Kind, u64),
    Create(Kind),
    Update(Kind, u64),
    Delete(Kind, u64),
    /// Customers by the beginning of a name.
    Autocomplete,
    /// The customer that was made last.
    Latest,
    /// The patches of an asset.
    Patches(u64),
    Alerts,
    Method,
    Nowhere,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let rest = match segments.as_slice() {
            ["api", "v1", rest @ ..] => rest,
            _ => return Self::Nowhere,
        };
        let kind = |name: &str| match name {
            "customers" => Some(Kind::Organization),
            "contacts" => Some(Kind::Contact),
            "customer_assets" => Some(Kind::Device),
            _ => None,
        };
        let method = request.method();
        match rest {
            ["me"] if method == Method::GET => Self::Me,
            ["rmm_alerts"] if method == Method::GET => Self::Alerts,
            ["customers", "autocomplete"] if method == Method::GET => Self::Autocomplete,
            ["customers", "latest"] if method == Method::GET => Self::Latest,
            ["customer_assets", id, "patches"] if method == Method::GET => {
                id.parse().map_or(Self::Nowhere, Self::Patches)
            }
            [name] => match (kind(name), method) {
                (None, _) => Self::Nowhere,
                (Some(kind), &Method::GET) => Self::List(kind),
                (Some(kind), &Method::POST) => Self::Create(kind),
                _ => Self::Method,
            },
            [name, id] => match (kind(name), id.parse(), method) {
                (Some(kind), Ok(id), &Method::GET) => Self::One(kind, id),
                (Some(kind), Ok(id), &Method::PUT) => Self::Update(kind, id),
                // Assets cannot be deleted (documented, by absence).
                (Some(kind @ (Kind::Organization | Kind::Contact)), Ok(id), &Method::DELETE) => {
                    Self::Delete(kind, id)
                }
                (Some(_), Ok(_), _) => Self::Method,
                _ => Self::Nowhere,
            },
            _ => Self::Nowhere,
        }
    }

    /// Its name; what an RMM is asked is called otherwise than what a PSA is.
    pub(super) const fn operation(&self, tool: Tool) -> &'static str {
        let rmm = matches!(tool, Tool::Rmm);
        match self {
            Self::Me => "user.read",
            Self::List(Kind::Organization | Kind::Location) if rmm => "sites.list",
            Self::List(Kind::Organization | Kind::Location) | Self::Autocomplete => {
                "companies.list"
            }
            Self::List(Kind::Contact) => "contacts.list",
            Self::List(Kind::Device) if rmm => "devices.list",
            Self::List(Kind::Device) => "configurations.list",
            Self::One(Kind::Organization, _) if rmm => "sites.get",
            Self::One(Kind::Device, _) if rmm => "devices.get",
            Self::One(_, _) | Self::Latest => "records.get",
            Self::Patches(_) => "patches.get",
            Self::Alerts => "alerts.list",
            Self::Create(_) => "records.create",
            Self::Update(_, _) => "records.update",
            Self::Delete(_, _) => "records.delete",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
