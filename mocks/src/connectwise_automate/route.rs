//! Which call a request is. Paths match in any case (`seen`: clients write `/Computers/Drives`). It knows
//! paths and methods, and no records.

use http::Method;

use super::parts::Part;
use crate::Request;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Token,
    Refresh,
    List(Resource),
    One(Resource, u64),
    /// Rows of all computers.
    Parts(Part),
    /// Rows of one.
    PartsOf(u64, Part),
    Create(Resource),
    PatchInformation,
    DatabaseTime,
    /// A list that has nothing in it.
    Empty,
    Method,
    Nowhere,
}

/// The resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Clients,
    Locations,
    Computers,
    Networks,
    Retired,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path().to_ascii_lowercase();
        let Some(path) = path.strip_prefix("/cwa/api/v1/") else {
            return Self::Nowhere;
        };
        let steps: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let method = request.method();
        let route = Self::at(&steps);
        match route {
            Self::Token | Self::Refresh if method == Method::POST => route,
            Self::Token | Self::Refresh => Self::Method,
            Self::List(it @ (Resource::Clients | Resource::Locations))
                if method == Method::POST =>
            {
                Self::Create(it)
            }
            Self::Nowhere => route,
            _ if method == Method::GET => route,
            _ => Self::Method,
        }
    }

    fn at(steps: &[&str]) -> Self {
        let id =
            |text: &str, route: &dyn Fn(u64) -> Self| text.parse().map_or(Self::Nowhere, route);
        match steps {
            ["apitoken"] => Self::Token,
            ["apitoken", "refresh"] => Self::Refresh,
            ["computers", "chassis"] => Self::Parts(Part::Chassis),
            ["computers", "drives"] => Self::Parts(Part::Drives),
            ["computers", "memoryslots"] => Self::Parts(Part::MemorySlots),
            ["computers", "software"] => Self::Parts(Part::Software),
            ["computers", it, part] => {
                let part = match *part {
                    "bios" => Part::Bios,
                    "operatingsystem" => Part::System,
                    "drives" => Part::Drives,
                    "processors" => Part::Processors,
                    "software" => Part::Software,
                    _ => return Self::Nowhere,
                };
                id(it, &|id| Self::PartsOf(id, part))
            }
            ["patchinformation"] => Self::PatchInformation,
            ["databaseservertime"] => Self::DatabaseTime,
            ["groups" | "searches" | "contacts" | "featureflags"] => Self::Empty,
            [name] => Self::resource(name).map_or(Self::Nowhere, Self::List),
            [name, it] => match Self::resource(name) {
                None | Some(Resource::Retired) => Self::Nowhere,
                Some(resource) => id(it, &|id| Self::One(resource, id)),
            },
            _ => Self::Nowhere,
        }
    }

    fn resource(name: &str) -> Option<Resource> {
        Some(match name {
            "clients" => Resource::Clients,
            "locations" => Resource::Locations,
            "computers" => Resource::Computers,
            "networkdevices" => Resource::Networks,
            "retiredassets" => Resource::Retired,
            _ => return None,
        })
    }

    pub(super) const fn operation(self) -> &'static str {
        match self {
            Self::Token => "auth.token",
            Self::Refresh => "auth.refresh",
            Self::List(Resource::Clients) => "sites.list",
            Self::One(Resource::Clients, _) => "sites.get",
            Self::Create(Resource::Clients) => "sites.create",
            Self::List(Resource::Locations) => "locations.list",
            Self::One(Resource::Locations, _) => "locations.get",
            Self::Create(_) => "locations.create",
            Self::List(Resource::Computers) => "devices.list",
            Self::One(Resource::Computers, _) => "devices.get",
            Self::List(Resource::Networks) => "network.list",
            Self::One(Resource::Networks, _) => "network.get",
            Self::List(Resource::Retired) | Self::One(Resource::Retired, _) => "retired.list",
            Self::Parts(Part::Chassis) => "chassis.list",
            Self::Parts(Part::Drives) => "drives.list",
            Self::Parts(_) => "inventory.list",
            Self::PartsOf(..) => "audit.device",
            Self::PatchInformation => "patchinformation.read",
            Self::DatabaseTime => "servertime.read",
            Self::Empty => "other.list",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
