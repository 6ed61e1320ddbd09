//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use crate::Request;
use crate::world::Kind;

/// What a path and method ask for.
#[derive(Debug, Clone)]
pub(super) enum Route {
    Me,
    List(Kind),
    One(Kind, u64),
    Create(Kind),
    Update(Kind, u64),
    Delete(Kind, u64),
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

    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Me => "user.read",
            Self::List(Kind::Organization | Kind::Location) => "companies.list",
            Self::List(Kind::Contact) => "contacts.list",
            Self::List(Kind::Device) => "configurations.list",
            Self::One(_, _) => "records.get",
            Self::Create(_) => "records.create",
            Self::Update(_, _) => "records.update",
            Self::Delete(_, _) => "records.delete",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
