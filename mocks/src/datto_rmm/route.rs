//! Paths and verbs: which resource a path names, and which operation a verb on it is. Must not know
//! what the operations do.

use http::Method;

/// The operation of a request that no route takes.
pub(super) const UNKNOWN: &str = "unknown";

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'a> {
    Token,
    Status,
    RequestRate,
    Pagination,
    Account,
    Sites,
    AccountDevices,
    /// A list of the account that is always empty here, and the name of its items.
    EmptyList(&'static str, &'static str),
    DefaultFilters,
    CustomFilters,
    NewSite,
    Site(&'a str),
    SiteSettings(&'a str),
    SiteDevices(&'a str),
    SiteInterfaces(&'a str),
    /// A list of a site that is always empty here, and the name of its items.
    SiteEmptyList(&'a str, &'static str, &'static str),
    Device(&'a str),
    DeviceById(&'a str),
    DeviceByMac(&'a str),
    MoveDevice(&'a str, &'a str),
    DeviceUdf(&'a str),
    DeviceWarranty(&'a str),
    Audit(&'a str),
    AuditByMac(&'a str),
    PrinterAudit(&'a str),
    EsxiAudit(&'a str),
    Software(&'a str),
}

/// A path that is served, with the version it was asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route<'a> {
    pub(super) target: Target<'a>,
    /// The v3 twin: `udfs[]` in place of `udf{}`.
    pub(super) v3: bool,
}

impl<'a> Route<'a> {
    /// Which resource a path names, if any. One client leaves the `/api` prefix out (seen), so both
    /// forms are served.
    pub(super) fn of(path: &'a str) -> Option<Self> {
        if path == "/auth/oauth/token" {
            return Some(Self {
                target: Target::Token,
                v3: false,
            });
        }
        let path = path.strip_prefix("/api").unwrap_or(path);
        let (rest, v3) = match path.strip_prefix("/v2/") {
            Some(rest) => (rest, false),
            None => (path.strip_prefix("/v3/")?, true),
        };
        let mut segments = [""; 5];
        let mut count = 0;
        for segment in rest.split('/') {
            *segments.get_mut(count)? = segment;
            count += 1;
        }
        let target = target(segments.get(..count)?)?;
        (!v3 || target.has_v3()).then_some(Self { target, v3 })
    }

    /// The operation that a verb is here; `None` when the resource does not take it.
    pub(super) fn operation(&self, method: &Method) -> Option<&'static str> {
        let (verb, operation) = self.target.verb();
        if method == verb {
            return Some(operation);
        }
        match self.target {
            Target::Site(_) if method == Method::POST => Some("site.update"),
            _ => None,
        }
    }
}

impl Target<'_> {
    /// These have a twin under `/v3` (documented).
    fn has_v3(&self) -> bool {
        matches!(
            self,
            Self::AccountDevices
                | Self::SiteDevices(_)
                | Self::Device(_)
                | Self::DeviceById(_)
                | Self::DeviceByMac(_)
                | Self::DeviceUdf(_)
        )
    }

    /// The verb that every resource has, with the operation it is.
    fn verb(&self) -> (Method, &'static str) {
        let read = match self {
            Self::Token => return (Method::POST, "auth.token"),
            Self::NewSite => return (Method::PUT, "site.create"),
            Self::MoveDevice(..) => return (Method::PUT, "device.move"),
            Self::DeviceUdf(_) => return (Method::POST, "device.udf"),
            Self::DeviceWarranty(_) => return (Method::POST, "device.warranty"),
            Self::Status => "system.status",
            Self::RequestRate => "system.request_rate",
            Self::Pagination => "system.pagination",
            Self::Account => "account.get",
            Self::Sites => "sites.list",
            Self::AccountDevices => "devices.list",
            Self::EmptyList(operation, _) | Self::SiteEmptyList(_, operation, _) => operation,
            Self::DefaultFilters => "filters.default",
            Self::CustomFilters => "filters.custom",
            Self::Site(_) => "site.get",
            Self::SiteSettings(_) => "site.settings",
            Self::SiteDevices(_) => "site.devices",
            Self::SiteInterfaces(_) => "site.network_interfaces",
            Self::Device(_) => "device.get",
            Self::DeviceById(_) => "device.get_by_id",
            Self::DeviceByMac(_) => "device.get_by_mac",
            Self::Audit(_) => "audit.device",
            Self::AuditByMac(_) => "audit.device_by_mac",
            Self::PrinterAudit(_) => "audit.printer",
            Self::EsxiAudit(_) => "audit.esxihost",
            Self::Software(_) => "audit.software",
        };
        (Method::GET, read)
    }
}

fn target<'a>(segments: &[&'a str]) -> Option<Target<'a>> {
    Some(match *segments {
        ["system", "status"] => Target::Status,
        ["system", "request_rate"] => Target::RequestRate,
        ["system", "pagination"] => Target::Pagination,
        ["account"] => Target::Account,
        ["account", "sites"] => Target::Sites,
        ["account", "devices"] => Target::AccountDevices,
        ["account", "users"] => Target::EmptyList("users.list", "users"),
        ["account", "variables"] => Target::EmptyList("variables.list", "variables"),
        ["account", "components"] => Target::EmptyList("components.list", "components"),
        ["account", "dnet-site-mappings"] => {
            Target::EmptyList("dnet_site_mappings.list", "dnetSiteMappings")
        }
        ["account", "alerts", "open" | "resolved"] => Target::EmptyList("alerts.list", "alerts"),
        ["filter", "default-filters"] => Target::DefaultFilters,
        ["filter", "custom-filters"] => Target::CustomFilters,
        ["site"] => Target::NewSite,
        ["site", site] => Target::Site(site),
        ["site", site, "settings"] => Target::SiteSettings(site),
        ["site", site, "devices"] => Target::SiteDevices(site),
        ["site", site, "devices", "network-interface"] => Target::SiteInterfaces(site),
        ["site", site, "variables"] => Target::SiteEmptyList(site, "site.variables", "variables"),
        ["site", site, "filters"] => Target::SiteEmptyList(site, "site.filters", "filters"),
        ["site", site, "alerts", "open" | "resolved"] => {
            Target::SiteEmptyList(site, "site.alerts", "alerts")
        }
        ["device", "id", id] => Target::DeviceById(id),
        ["device", "macAddress", mac] => Target::DeviceByMac(mac),
        ["device", device] => Target::Device(device),
        ["device", device, "site", site] => Target::MoveDevice(device, site),
        ["device", device, "udf"] => Target::DeviceUdf(device),
        ["device", device, "warranty"] => Target::DeviceWarranty(device),
        ["audit", "device", "macAddress", mac] => Target::AuditByMac(mac),
        ["audit", "device", device] => Target::Audit(device),
        ["audit", "device", device, "software"] => Target::Software(device),
        ["audit", "printer", device] => Target::PrinterAudit(device),
        ["audit", "esxihost", device] => Target::EsxiAudit(device),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(method: &Method, path: &str) -> Option<&'static str> {
        Route::of(path)?.operation(method)
    }

    #[test]
    fn paths_are_served_with_and_without_the_prefix() {
        for path in [
            "/api/v2/account/devices",
            "/v2/account/devices",
            "/v3/account/devices",
        ] {
            assert_eq!(operation(&Method::GET, path), Some("devices.list"));
        }
        assert_eq!(
            Route::of("/auth/oauth/token").unwrap().target,
            Target::Token
        );
        assert_eq!(Route::of("/api/auth/oauth/token"), None);
    }

    #[test]
    fn only_the_documented_twins_are_under_v3() {
        assert!(Route::of("/api/v3/device/x").unwrap().v3);
        assert!(Route::of("/api/v3/site/x/devices").is_some());
        for path in [
            "/api/v3/account/sites",
            "/api/v3/site/x/devices/network-interface",
        ] {
            assert_eq!(Route::of(path), None);
        }
    }

    #[test]
    fn verbs_choose_the_operation() {
        assert_eq!(operation(&Method::GET, "/v2/site/x"), Some("site.get"));
        assert_eq!(operation(&Method::POST, "/v2/site/x"), Some("site.update"));
        assert_eq!(operation(&Method::PUT, "/v2/site"), Some("site.create"));
        assert_eq!(operation(&Method::GET, "/v2/site"), None);
        assert_eq!(operation(&Method::DELETE, "/v2/device/x"), None);
    }

    #[test]
    fn other_paths_name_nothing() {
        for path in [
            "",
            "/",
            "/api",
            "/api/v2",
            "/api/v2/",
            "/api/v1/account",
            "/api/v2/a/b/c/d/e/f",
        ] {
            assert_eq!(Route::of(path), None, "{path}");
        }
        assert_eq!(Route::of("/api/v2/account/sites/"), None);
    }
}
