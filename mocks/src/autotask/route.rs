//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use super::schema::Entity;
use super::service::parameter;
use super::write::Extent;
use crate::Request;

/// What a path and method ask for.
#[derive(Debug, Clone)]
pub(super) enum Route {
    Versions,
    Zone,
    Version,
    Threshold,
    Entity(Entity),
    Fields(Entity),
    OwnFields,
    Query(Entity),
    Next(Entity),
    Count(Entity),
    One(Entity, Option<u64>, u64),
    Children(Entity, u64),
    Create(Entity, Option<u64>),
    Update(Entity, Option<u64>, Extent),
    Delete(Entity, Option<u64>, u64),
    /// Another method would do.
    Wrong,
    Nowhere,
}

impl Route {
    /// Segments in any case, and a slash at the end does no harm (seen).
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path().to_ascii_lowercase();
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let Some(("atservicesrest", rest)) =
            segments.split_first().map(|(first, rest)| (*first, rest))
        else {
            return Self::Nowhere;
        };
        let get = request.method() == Method::GET;
        let only_get = |route| if get { route } else { Self::Wrong };
        match rest {
            ["versioninformation"] => only_get(Self::Versions),
            ["1.0" | "v1.0", rest @ ..] => match rest {
                ["zoneinformation"] => only_get(Self::Zone),
                ["version"] => only_get(Self::Version),
                ["thresholdinformation"] => only_get(Self::Threshold),
                [
                    "companies",
                    parent,
                    child @ ("contacts" | "locations"),
                    rest @ ..,
                ] => {
                    let entity = match *child {
                        "contacts" => Entity::Contacts,
                        _ => Entity::CompanyLocations,
                    };
                    match parent.parse() {
                        Ok(parent) => Self::below(entity, Some(parent), rest, request),
                        Err(_) => Self::Nowhere,
                    }
                }
                [entity, rest @ ..] => Entity::named(entity).map_or(Self::Nowhere, |entity| {
                    Self::below(entity, None, rest, request)
                }),
                [] => Self::Nowhere,
            },
            _ => Self::Nowhere,
        }
    }

    fn below(entity: Entity, parent: Option<u64>, rest: &[&str], request: &Request) -> Self {
        let method = request.method();
        let searched = parameter(request, "search").is_some();
        let writes = parent.is_some() || entity.is_written_here();
        let read_or = |read: Self, post: Option<Self>| match (method, post) {
            (&Method::GET, _) => read,
            (&Method::POST, Some(post)) => post,
            _ => Self::Wrong,
        };
        match rest {
            [] => match (method, parent) {
                (&Method::GET, Some(parent)) => Self::Children(entity, parent),
                (&Method::POST, _) if writes => Self::Create(entity, parent),
                (&Method::PATCH, _) if writes => Self::Update(entity, parent, Extent::Sent),
                (&Method::PUT, _) if writes => Self::Update(entity, parent, Extent::Whole),
                _ => Self::Wrong,
            },
            ["query"] if parent.is_none() => {
                read_or(Self::Query(entity), Some(Self::Query(entity)))
            }
            ["query", "count"] if parent.is_none() => {
                read_or(Self::Count(entity), Some(Self::Count(entity)))
            }
            // The link after a POST has no search, and GET is no method for it (seen).
            ["query", "next"] if parent.is_none() => match (method, searched) {
                (&Method::GET, false) => Self::Wrong,
                _ => read_or(Self::Next(entity), Some(Self::Next(entity))),
            },
            ["entityinformation"] => read_or(Self::Entity(entity), None),
            ["entityinformation", "fields"] => read_or(Self::Fields(entity), None),
            ["entityinformation", "userdefinedfields"] => read_or(Self::OwnFields, None),
            [id] => match (id.parse(), method) {
                (Ok(id), &Method::GET) => Self::One(entity, parent, id),
                (Ok(id), &Method::DELETE) if entity.can_be_deleted() && writes => {
                    Self::Delete(entity, parent, id)
                }
                (Ok(_), _) => Self::Wrong,
                (Err(_), _) => Self::Nowhere,
            },
            _ => Self::Nowhere,
        }
    }

    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Versions | Self::Version => "version.read",
            Self::Zone => "zone.read",
            Self::Threshold => "threshold.read",
            Self::Entity(_) | Self::Fields(_) | Self::OwnFields => "metadata.read",
            Self::Query(entity) | Self::Next(entity) | Self::Children(entity, _) => match entity {
                Entity::Companies => "companies.list",
                Entity::CompanyLocations => "locations.list",
                Entity::Contacts => "contacts.list",
                Entity::ConfigurationItems => "configurations.list",
                Entity::Products => "products.list",
                _ => "lists.list",
            },
            Self::Count(_) => "records.count",
            Self::One(_, _, _) => "records.get",
            Self::Create(entity, _) => match entity {
                Entity::Companies => "companies.create",
                Entity::CompanyLocations => "locations.create",
                Entity::Contacts => "contacts.create",
                Entity::ConfigurationItems => "configurations.create",
                _ => "lists.create",
            },
            Self::Update(entity, _, _) => match entity {
                Entity::Companies => "companies.update",
                Entity::CompanyLocations => "locations.update",
                Entity::Contacts => "contacts.update",
                Entity::ConfigurationItems => "configurations.update",
                _ => "lists.update",
            },
            Self::Delete(_, _, _) => "records.delete",
            Self::Wrong | Self::Nowhere => "unknown",
        }
    }
}
