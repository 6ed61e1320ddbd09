//! The lists: their names, what of each can be filtered and ordered by, and what a request asks of one. It
//! knows names of members and no records.

use super::filter::{Filter, Order};
use crate::Request;
use crate::kit::query_pairs;

/// Records in a page where none is asked for, and the most that there are (documented); more is answered
/// with as many (inferred from `limited to`).
pub(super) const PAGE: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Organizations,
    Sites,
    Groups,
    Devices,
    Assets,
}

impl List {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "organizations" => Self::Organizations,
            "sites" => Self::Sites,
            "groups" => Self::Groups,
            "devices" => Self::Devices,
            "assets" => Self::Assets,
            _ => return None,
        })
    }

    /// What can be filtered and ordered by: documented, of assets with an ellipsis that simple members
    /// fill (inferred; `SiteId` is seen).
    pub(super) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Organizations => &["Id", "Name", "PsaMappingId", "PsaMappingType"],
            Self::Sites => &[
                "Id",
                "Name",
                "ParentId",
                "ParentName",
                "PsaMappingId",
                "PsaIntegrationType",
            ],
            Self::Groups => &[
                "Id",
                "Name",
                "ParentSiteId",
                "ParentSiteName",
                "ParentOrganizationId",
                "ParentOrganizationName",
                "Notes",
                "PsaMappingId",
                "PsaMappingType",
            ],
            Self::Devices => &[
                "Identifier",
                "Name",
                "GroupId",
                "GroupName",
                "IsAgentInstalled",
                "IsMdmEnrolled",
                "SiteId",
                "SiteName",
                "OrganizationId",
                "OrganizationName",
            ],
            Self::Assets => &[
                "Identifier",
                "Name",
                "GroupName",
                "SiteId",
                "SiteName",
                "OrganizationName",
                "Description",
                "Type",
                "ClientVersion",
                "LastUpdated",
                "LastSeenOnline",
                "LastReboot",
                "MemoryTotal",
                "FirewallEnabled",
                "AntivirusEnabled",
                "AntivirusUpToDate",
                "UacEnabled",
                "PublicIpAddress",
            ],
        }
    }
}

/// What a request asks of a list. Parameters without the dollar sign are none (`top`, which a client
/// sends, does nothing; inferred), and neither is `$count`, since the number always comes.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) top: usize,
    pub(super) skip: usize,
    pub(super) filter: Option<Filter>,
    pub(super) order: Option<Order>,
}

impl Asked {
    /// Reads the query; what is wrong with it otherwise.
    pub(super) fn of(request: &Request, list: List) -> Result<Self, String> {
        let pairs = query_pairs(request);
        let text = |name: &str| {
            let pair = pairs.iter().find(|(own, _)| own == name);
            pair.map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let number = |name: &str, usual: usize| -> Result<usize, String> {
            let wrong = |_| format!("The value of '{name}' is no non-negative integer");
            text(name).map_or(Ok(usual), |text| text.parse().map_err(wrong))
        };
        let members = list.members();
        Ok(Self {
            top: number("$top", PAGE)?.min(PAGE),
            skip: number("$skip", 0)?,
            filter: text("$filter")
                .map(|text| Filter::parse(text, members))
                .transpose()?,
            order: text("$orderby")
                .map(|text| Order::parse(text, members))
                .transpose()?,
        })
    }
}
