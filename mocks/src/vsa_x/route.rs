//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use super::list::List;
use crate::Request;

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Environment,
    List(List),
    /// A record of a list by its id, which is a number or a GUID.
    One(List, String),
    Notifications(String),
    CustomFields(String),
    Publish,
    Method,
    Nowhere,
}

impl Route {
    /// Reads a request below one of these paths.
    pub(super) fn of(request: &Request, bases: &[&str]) -> Self {
        // Resources are written in any case (documented: `/Devices` beside `/devices`), with and without
        // a slash at the end (documented: `/environment/`).
        let path = request.uri().path().to_ascii_lowercase();
        let rest = (bases.iter()).find_map(|base| path.strip_prefix(base)?.strip_prefix('/'));
        let Some(rest) = rest else {
            return Self::Nowhere;
        };
        let parts: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
        let route = match parts.as_slice() {
            ["environment"] => Self::Environment,
            ["devices"] if request.method() == Method::POST => return Self::Publish,
            ["devices", id, "notifications"] => Self::Notifications((*id).to_owned()),
            ["devices", id, "customfields"] => Self::CustomFields((*id).to_owned()),
            [list] => List::named(list).map_or(Self::Nowhere, Self::List),
            [list, id] => {
                List::named(list).map_or(Self::Nowhere, |list| Self::One(list, (*id).to_owned()))
            }
            _ => Self::Nowhere,
        };
        if route != Self::Nowhere && request.method() != Method::GET {
            return Self::Method;
        }
        route
    }

    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Environment => "environment.read",
            Self::List(List::Organizations) => "sites.list",
            Self::One(List::Organizations, _) => "sites.get",
            Self::List(List::Sites) => "locations.list",
            Self::One(List::Sites, _) => "locations.get",
            Self::List(List::Groups) => "groups.list",
            Self::One(List::Groups, _) => "groups.get",
            Self::List(List::Devices) => "devices.list",
            Self::One(List::Devices, _) => "devices.get",
            Self::List(List::Assets) => "assets.list",
            Self::One(List::Assets, _) => "assets.get",
            Self::Notifications(_) => "devices.notifications",
            Self::CustomFields(_) => "devices.custom-fields",
            Self::Publish => "devices.publish",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
