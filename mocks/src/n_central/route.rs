//! Which call a request is, and which endpoint it counts for. It knows paths and methods, and no records.

use http::Method;

use crate::Request;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Links,
    Health,
    ServerInfo,
    Authenticate,
    Refresh,
    Validate,
    Logout,
    ServiceOrgs,
    ServiceOrg(u64),
    ServiceOrgCustomers(u64),
    Customers,
    Customer(u64),
    CustomerSites(u64),
    Sites,
    Site(u64),
    Units,
    Unit(u64),
    UnitChildren(u64),
    UnitDevices(u64),
    Devices,
    Device(u64),
    Assets(u64),
    Lifecycle(u64),
    Filters,
    CreateCustomer(u64),
    CreateSite(u64),
    DeleteDevice(u64),
    PutLifecycle(u64),
    PatchLifecycle(u64),
    Method,
    Nowhere,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.uri().path().trim_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        let ["api", parts @ ..] = parts.as_slice() else {
            return Self::Nowhere;
        };
        match *request.method() {
            Method::GET => Self::read(parts),
            Method::POST => match parts {
                ["auth", "authenticate"] => Self::Authenticate,
                ["auth", "refresh"] => Self::Refresh,
                ["auth", "logout"] => Self::Logout,
                ["service-orgs", it, "customers"] => number(it, Self::CreateCustomer),
                ["customers", it, "sites"] => number(it, Self::CreateSite),
                _ => Self::unfit(parts),
            },
            Method::DELETE => match parts {
                ["devices", it] => number(it, Self::DeleteDevice),
                _ => Self::unfit(parts),
            },
            Method::PUT | Method::PATCH => match parts {
                ["devices", it, "assets", "lifecycle-info"] if request.method() == Method::PUT => {
                    number(it, Self::PutLifecycle)
                }
                ["devices", it, "assets", "lifecycle-info"] => number(it, Self::PatchLifecycle),
                _ => Self::unfit(parts),
            },
            _ => Self::unfit(parts),
        }
    }

    fn read(parts: &[&str]) -> Self {
        match parts {
            [] => Self::Links,
            ["health"] => Self::Health,
            ["server-info"] => Self::ServerInfo,
            ["auth", "validate"] => Self::Validate,
            ["auth", "authenticate" | "refresh" | "logout"] => Self::Method,
            ["service-orgs"] => Self::ServiceOrgs,
            ["service-orgs", it] => number(it, Self::ServiceOrg),
            ["service-orgs", it, "customers"] => number(it, Self::ServiceOrgCustomers),
            ["customers"] => Self::Customers,
            ["customers", it] => number(it, Self::Customer),
            ["customers", it, "sites"] => number(it, Self::CustomerSites),
            ["sites"] => Self::Sites,
            ["sites", it] => number(it, Self::Site),
            ["org-units"] => Self::Units,
            ["org-units", it] => number(it, Self::Unit),
            ["org-units", it, "children"] => number(it, Self::UnitChildren),
            ["org-units", it, "devices"] => number(it, Self::UnitDevices),
            ["devices"] => Self::Devices,
            ["devices", it] => number(it, Self::Device),
            ["devices", it, "assets"] => number(it, Self::Assets),
            ["devices", it, "assets", "lifecycle-info"] => number(it, Self::Lifecycle),
            ["device-filters"] => Self::Filters,
            _ => Self::Nowhere,
        }
    }

    /// A method that the path does not know, if there is such a path.
    fn unfit(parts: &[&str]) -> Self {
        match (parts, Self::read(parts)) {
            (["auth", "validate"], _) => Self::Method,
            (_, Self::Nowhere) => Self::Nowhere,
            _ => Self::Method,
        }
    }

    pub(super) const fn operation(self) -> &'static str {
        match self {
            Self::Links => "links.read",
            Self::Health => "health.read",
            Self::ServerInfo => "version.read",
            Self::Authenticate => "auth.token",
            Self::Refresh => "auth.refresh",
            Self::Validate => "auth.validate",
            Self::Logout => "auth.logout",
            Self::ServiceOrgs => "service_orgs.list",
            Self::ServiceOrg(_) => "service_orgs.get",
            // Both play company, as the integration is told.
            Self::Customers
            | Self::ServiceOrgCustomers(_)
            | Self::Sites
            | Self::CustomerSites(_) => "sites.list",
            Self::Customer(_) | Self::Site(_) => "sites.get",
            Self::Units | Self::UnitChildren(_) => "org_units.list",
            Self::Unit(_) => "org_units.get",
            Self::Devices | Self::UnitDevices(_) => "devices.list",
            Self::Device(_) => "devices.get",
            Self::Assets(_) => "assets.get",
            Self::Lifecycle(_) => "lifecycle.get",
            Self::Filters => "filters.list",
            Self::CreateCustomer(_) | Self::CreateSite(_) => "sites.create",
            Self::DeleteDevice(_) => "devices.delete",
            Self::PutLifecycle(_) | Self::PatchLifecycle(_) => "lifecycle.update",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}

fn number(text: &str, route: fn(u64) -> Route) -> Route {
    text.parse().map_or(Route::Nowhere, route)
}

/// A path as the endpoint that it belongs to: numbers stand for any.
pub(super) fn endpoint(path: &str) -> String {
    let parts = path.trim_matches('/').split('/').map(|part| {
        let number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if number { "*" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// How many calls of an endpoint run at once. That each has a limit between 3 and 50 is documented;
/// which has which is inferred: what costs the server most has the least.
pub(super) fn most_at_once(endpoint: &str) -> usize {
    match endpoint {
        "api/devices/*/assets" | "api/devices/*/assets/lifecycle-info" => 3,
        "api/devices" | "api/org-units/*/devices" => 5,
        _ => 50,
    }
}
