//! Which call a request is. It knows paths and methods, and no records.

use http::Method;

use crate::Request;

/// What a request is for. Ids stay text: they have more digits than a number holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Auth,
    Environment,
    Organizations,
    Organization(String),
    OrganizationGroups(String),
    Groups,
    Agents,
    Agent(String),
    Assets,
    Asset(String),
    AssetTypes,
    Audits,
    Audit(String),
    Warranty(String),
    Volumes(String),
    Method,
    Nowhere,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        // Both spellings of a path's end are in use, and so is any case (seen).
        let path = request.uri().path().trim_matches('/').to_ascii_lowercase();
        let parts: Vec<&str> = path.split('/').collect();
        let Some(parts) = parts.strip_prefix(&["api", "v1.0"]) else {
            return Self::Nowhere;
        };
        let route = match parts {
            ["auth"] => Self::Auth,
            ["environment" | "echo"] => Self::Environment,
            ["system", "orgs"] => Self::Organizations,
            ["system", "orgs", id] => Self::Organization((*id).to_owned()),
            ["system", "orgs", id, "machinegroups"] => Self::OrganizationGroups((*id).to_owned()),
            ["system", "machinegroups"] => Self::Groups,
            ["assetmgmt", "agents"] => Self::Agents,
            ["assetmgmt", "agents", id] => Self::Agent((*id).to_owned()),
            ["assetmgmt", "assets"] => Self::Assets,
            ["assetmgmt", "assets", id] => Self::Asset((*id).to_owned()),
            ["assetmgmt", "assettypes"] => Self::AssetTypes,
            ["assetmgmt", "audit"] => Self::Audits,
            ["assetmgmt", "audit", id, "summary"] => Self::Audit((*id).to_owned()),
            [
                "assetmgmt",
                "audit",
                id,
                "hardware",
                "purchaseandwarrantyexpire",
            ] => Self::Warranty((*id).to_owned()),
            ["assetmgmt", "audit", id, "hardware", "diskvolumes"] => {
                Self::Volumes((*id).to_owned())
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
            Self::Auth => "auth.token",
            Self::Environment => "environment.read",
            Self::Organizations => "sites.list",
            Self::Organization(_) => "sites.get",
            Self::OrganizationGroups(_) | Self::Groups => "groups.list",
            Self::Agents => "devices.list",
            Self::Agent(_) => "devices.get",
            Self::Assets => "assets.list",
            Self::Asset(_) => "assets.get",
            Self::AssetTypes => "asset-types.list",
            Self::Audits => "audit.list",
            Self::Audit(_) | Self::Warranty(_) | Self::Volumes(_) => "audit.device",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}
