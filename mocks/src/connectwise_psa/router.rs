//! From a path to what it names. Paths match in any case and with or without a slash at their end.
//! It must not know the records.

use http::Method;

use super::auth::CODEBASE;
use super::fault::Fault;
use super::schema::Resource;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// `/login/companyinfo/{company}`; the company as it stands in the path.
    CompanyInfo(String),
    /// `/system/info`.
    SystemInfo,
    /// A list.
    List(Place),
    /// `…/count`.
    Count(Place),
    /// `…/search`.
    Search(Place),
    /// One record.
    One(Place, u64),
    /// `/company/configurations/bulk`.
    Bulk,
    /// `/company/configurations/{id}/changeType`.
    ChangeType(u64),
}

/// A list of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The resource.
    pub resource: Resource,
    /// Ids of the parents that the path names, outermost first.
    pub parents: Vec<u64>,
}

/// Reads a path.
pub(super) fn route(path: &str) -> Result<Route, Fault> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is = |segment: &str, word: &str| segment.eq_ignore_ascii_case(word);
    match segments.as_slice() {
        [login, info, company] if is(login, "login") && is(info, "companyinfo") => {
            Ok(Route::CompanyInfo((*company).to_owned()))
        }
        [codebase, apis, version, rest @ ..] if is(apis, "apis") && *version == "3.0" => {
            if is(codebase, "v4_6_release") || is(codebase, CODEBASE) {
                resource_route(rest).ok_or(Fault::NoResource)
            } else {
                Err(Fault::Route)
            }
        }
        _ => Err(Fault::Route),
    }
}

fn resource_route(segments: &[&str]) -> Option<Route> {
    let is = |segment: &str, word: &str| segment.eq_ignore_ascii_case(word);
    match segments {
        [system, info] if is(system, "system") && is(info, "info") => {
            return Some(Route::SystemInfo);
        }
        [company, all, bulk]
            if is(company, "company") && is(all, "configurations") && is(bulk, "bulk") =>
        {
            return Some(Route::Bulk);
        }
        [company, all, id, change]
            if is(company, "company") && is(all, "configurations") && is(change, "changeType") =>
        {
            return id_of(id).map(Route::ChangeType);
        }
        _ => {}
    }
    Resource::ALL
        .into_iter()
        .find_map(|resource| under(resource, segments))
}

/// The route below a resource's own path.
fn under(resource: Resource, segments: &[&str]) -> Option<Route> {
    let mut rest = segments.iter();
    let mut parents = Vec::new();
    for step in resource.schema().path.split('/').skip(1) {
        let segment = rest.next()?;
        if step == "{}" {
            parents.push(id_of(segment)?);
        } else if !segment.eq_ignore_ascii_case(step) {
            return None;
        }
    }
    let place = Place { resource, parents };
    match rest.as_slice() {
        [] => Some(Route::List(place)),
        [word] if word.eq_ignore_ascii_case("count") => Some(Route::Count(place)),
        [word] if word.eq_ignore_ascii_case("search") && searchable(resource) => {
            Some(Route::Search(place))
        }
        [id] => Some(Route::One(place, id_of(id)?)),
        _ => None,
    }
}

/// Where long conditions may be posted (inferred: the guide says "some resources").
const fn searchable(resource: Resource) -> bool {
    matches!(
        resource,
        Resource::Companies | Resource::Contacts | Resource::Configurations
    )
}

/// Ids are positive 32-bit numbers; anything else names no route, as with .NET's constraints
/// (inferred).
fn id_of(segment: &str) -> Option<u64> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let id = segment.parse().ok().filter(|id| i32::try_from(*id).is_ok());
    id.filter(|_| digits)
}

impl Route {
    /// Name of the operation, for counting calls.
    pub(super) fn operation(&self, method: &Method) -> &'static str {
        match self {
            Self::CompanyInfo(_) => "companyinfo.get",
            Self::SystemInfo => "system.info",
            Self::List(place) if *method == Method::POST => place.operations().create,
            Self::List(place) => place.operations().list,
            Self::Count(place) => place.operations().count,
            Self::Search(place) => place.operations().search,
            Self::One(place, _) => match *method {
                Method::PUT => place.operations().replace,
                Method::PATCH => place.operations().update,
                Method::DELETE => place.operations().delete,
                _ => place.operations().get,
            },
            Self::Bulk => match *method {
                Method::PUT => "configurations.bulk-replace",
                Method::DELETE => "configurations.bulk-delete",
                _ => "configurations.bulk-create",
            },
            Self::ChangeType(_) => "configurations.change-type",
        }
    }

    /// Whether replies show records, and the links in them.
    pub(super) const fn shows_records(&self) -> bool {
        match self {
            Self::List(_) | Self::Search(_) | Self::One(..) | Self::ChangeType(_) => true,
            Self::CompanyInfo(_) | Self::SystemInfo | Self::Count(_) | Self::Bulk => false,
        }
    }

    /// Refuses a verb that the route does not take.
    pub(super) fn check(&self, method: &Method) -> Result<(), Fault> {
        let (allow, verbs): (_, &[Method]) = match self {
            Self::CompanyInfo(_) | Self::SystemInfo | Self::Count(_) => ("GET", &[Method::GET]),
            Self::List(_) => ("GET, POST", &[Method::GET, Method::POST]),
            Self::Search(_) => ("POST", &[Method::POST]),
            Self::One(..) => (
                "GET, PUT, PATCH, DELETE",
                &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE],
            ),
            Self::Bulk => (
                "POST, PUT, DELETE",
                &[Method::POST, Method::PUT, Method::DELETE],
            ),
            Self::ChangeType(_) => ("PATCH", &[Method::PATCH]),
        };
        if verbs.contains(method) {
            Ok(())
        } else {
            Err(Fault::Method(allow))
        }
    }
}

impl Place {
    fn operations(&self) -> &'static super::schema::Operations {
        &self.resource.schema().operations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "/v4_6_release/apis/3.0";

    fn at(path: &str) -> Result<Route, Fault> {
        route(&format!("{ROOT}{path}"))
    }

    fn place(resource: Resource, parents: &[u64]) -> Place {
        Place {
            resource,
            parents: parents.to_vec(),
        }
    }

    #[test]
    fn every_resource_has_a_list_a_count_and_records() {
        for resource in Resource::ALL {
            let parents = [7, 8];
            let path = resource.schema().path_under(&parents);
            let blanks = resource.schema().path.matches("{}").count();
            let place = place(resource, &parents[..blanks]);
            assert_eq!(at(&path), Ok(Route::List(place.clone())), "{path}");
            assert_eq!(
                at(&format!("{path}/count")),
                Ok(Route::Count(place.clone()))
            );
            assert_eq!(at(&format!("{path}/5/")), Ok(Route::One(place, 5)));
        }
    }

    #[test]
    fn case_and_a_last_slash_do_not_matter() {
        let expected = Ok(Route::List(place(Resource::CompanyStatuses, &[])));
        assert_eq!(at("/COMPANY/Companies/STATUSES/"), expected);
        assert_eq!(
            route("/V2025_1/APIS/3.0/company/companies/statuses"),
            expected
        );
    }

    #[test]
    fn a_wrong_codebase_is_another_error_than_a_wrong_resource() {
        let wrong = [
            "/v2019_4/apis/3.0/company/companies",
            "/",
            "",
            "/company/companies",
        ];
        for path in wrong {
            assert_eq!(route(path), Err(Fault::Route), "{path}");
        }
        let none = [
            "/company/companies/abc",
            "/company/companies/-1",
            "/company/companies/99999999999",
            "/company/companies/1/2",
            "/service/tickets",
            "",
        ];
        for path in none {
            assert_eq!(at(path), Err(Fault::NoResource), "{path}");
        }
    }

    #[test]
    fn named_operations_stand_beside_ids() {
        assert_eq!(at("/company/configurations/bulk"), Ok(Route::Bulk));
        let change = at("/company/configurations/9/changeType");
        assert_eq!(change, Ok(Route::ChangeType(9)));
        let search = Route::Search(place(Resource::Configurations, &[]));
        assert_eq!(at("/company/configurations/search"), Ok(search));
        assert_eq!(at("/system/info"), Ok(Route::SystemInfo));
    }
}
