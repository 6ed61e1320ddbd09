//! The matching screen: every RMM company and device the account knows, and where it stands.

use serde::{Deserialize, Serialize};

/// The queues of the matching screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmmOutcome {
    /// Companies (sites, groups, customers).
    #[serde(default)]
    pub companies: Vec<RmmCompanyOutcome>,
    /// Devices.
    #[serde(default)]
    pub devices: Vec<RmmDeviceOutcome>,
}

/// Where a row of the matching screen stands (rule book 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewState {
    /// Waits for a person; may carry a suggestion.
    Unmatched,
    /// Linked to a record.
    Matched,
    /// Set aside by a person.
    Ignored,
}

/// An RMM company on the matching screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmmCompanyOutcome {
    /// The vendor's slug.
    pub vendor: String,
    /// The vendor's id.
    pub external_id: String,
    /// Name in the RMM.
    pub name: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Account id of the organization it is matched to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Rule that brought it here (`O1`), or that of the person's action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Account id of the suggested organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Why an automatic match was refused (`ambiguous`, `conflict`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many of its devices are matched.
    pub devices_matched: u64,
    /// How many devices it has.
    pub devices_total: u64,
}

/// An RMM device on the matching screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmmDeviceOutcome {
    /// The vendor's slug.
    pub vendor: String,
    /// The vendor's id.
    pub external_id: String,
    /// The vendor's id of the company it belongs to.
    pub company_external_id: String,
    /// Name in the RMM.
    pub name: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Account id of the configuration it is matched to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Rule that brought it here (`M1`), or that of the person's action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Account id of the suggested configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Why an automatic match was refused (`ambiguous`, `conflict`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
