//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use super::part::Part;
use crate::Request;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Token,
    Version,
    Organizations { detailed: bool },
    Organization(u64),
    OrganizationLocations(u64),
    OrganizationDevices(u64),
    Locations,
    Devices { detailed: bool },
    Search,
    Device(u64),
    Part(u64, Part),
    Report(Part),
    Roles,
    Policies,
    Groups,
    CreateOrganization,
    UpdateOrganization(u64),
    UpdateDevice(u64),
    Method,
    Nowhere,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path().trim_matches('/');
        // Both prefixes are in use (seen).
        let path = path.strip_prefix("api/").unwrap_or(path);
        let parts: Vec<&str> = path.split('/').collect();
        let id = |text: &str, route: fn(u64) -> Self| text.parse().map_or(Self::Nowhere, route);
        let method = request.method();
        let read = method == Method::GET;
        match parts.as_slice() {
            ["ws", "oauth", "token"] | ["oauth", "token"] if method == Method::POST => Self::Token,
            ["app-version.txt"] => Self::Version,
            ["v2", "organizations"] if method == Method::POST => Self::CreateOrganization,
            ["v2", "organization", it] if method == Method::PATCH => {
                id(it, Self::UpdateOrganization)
            }
            ["v2", "device", it] if method == Method::PATCH => id(it, Self::UpdateDevice),
            ["v2", "organizations"] if read => Self::Organizations { detailed: false },
            ["v2", "organizations-detailed"] if read => Self::Organizations { detailed: true },
            ["v2", "organization", it] if read => id(it, Self::Organization),
            ["v2", "organization", it, "locations"] if read => id(it, Self::OrganizationLocations),
            ["v2", "organization", it, "devices"] if read => id(it, Self::OrganizationDevices),
            ["v2", "locations"] if read => Self::Locations,
            ["v2", "devices"] if read => Self::Devices { detailed: false },
            ["v2", "devices-detailed"] if read => Self::Devices { detailed: true },
            ["v2", "devices", "search"] if read => Self::Search,
            ["v2", "device", it] if read => id(it, Self::Device),
            ["v2", "device", it, part] if read => match (it.parse(), Self::part(part)) {
                (Ok(id), Some(part)) => Self::Part(id, part),
                _ => Self::Nowhere,
            },
            ["v2", "queries", report] if read => match *report {
                "network-interfaces" => Self::Report(Part::Adapters),
                "disks" => Self::Report(Part::Disks),
                "volumes" => Self::Report(Part::Volumes),
                "processors" => Self::Report(Part::Processors),
                "computer-systems" => Self::Report(Part::System),
                "operating-systems" => Self::Report(Part::Os),
                "logged-on-users" => Self::Report(Part::User),
                "device-health" => Self::Report(Part::Health),
                _ => Self::Nowhere,
            },
            ["v2", "roles"] if read => Self::Roles,
            ["v2", "policies"] if read => Self::Policies,
            ["v2", "groups"] if read => Self::Groups,
            [
                "v2",
                "organizations"
                | "organizations-detailed"
                | "locations"
                | "devices"
                | "devices-detailed"
                | "roles"
                | "policies"
                | "groups",
            ]
            | ["v2", "organization" | "device", _] => Self::Method,
            _ => Self::Nowhere,
        }
    }

    fn part(name: &str) -> Option<Part> {
        Some(match name {
            "network-interfaces" => Part::Adapters,
            "disks" => Part::Disks,
            "volumes" => Part::Volumes,
            "processors" => Part::Processors,
            "last-logged-on-user" => Part::User,
            _ => return None,
        })
    }

    pub(super) const fn operation(self) -> &'static str {
        match self {
            Self::Token => "auth.token",
            Self::Version => "version.read",
            Self::Organizations { .. } => "sites.list",
            Self::Organization(_) => "sites.get",
            Self::OrganizationLocations(_) | Self::Locations => "locations.list",
            Self::OrganizationDevices(_) | Self::Devices { .. } => "devices.list",
            Self::Search => "devices.search",
            Self::Device(_) | Self::Part(..) => "devices.get",
            Self::Report(_) => "reports.list",
            Self::Roles => "roles.list",
            Self::Policies => "policies.list",
            Self::Groups => "groups.list",
            Self::CreateOrganization => "sites.create",
            Self::UpdateOrganization(_) => "sites.update",
            Self::UpdateDevice(_) => "devices.update",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
