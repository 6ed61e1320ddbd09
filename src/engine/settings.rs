//! What a person ticks when a PSA is connected.

use serde::{Deserialize, Serialize};

/// Sync settings of a PSA. A list that is `None` means that everything is ticked, what the PSA adds
/// later included; an empty list means that nothing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PsaSettings {
    /// Ticked organization types, by name.
    pub organization_types: Option<Vec<String>>,
    /// Ticked organization statuses, by name.
    pub organization_statuses: Option<Vec<String>>,
    /// Ticked configuration types, by name. Empty: no configurations (method C).
    pub configuration_types: Option<Vec<String>>,
    /// Ticked configuration statuses, by name.
    pub configuration_statuses: Option<Vec<String>>,
    /// Whether locations are synced.
    pub locations: bool,
    /// Whether contacts are synced.
    pub contacts: bool,
}

impl Default for PsaSettings {
    fn default() -> Self {
        Self {
            organization_types: None,
            organization_statuses: None,
            configuration_types: None,
            configuration_statuses: None,
            locations: true,
            contacts: true,
        }
    }
}

impl PsaSettings {
    /// Whether any configuration can be synced.
    pub fn syncs_configurations(&self) -> bool {
        self.configuration_types
            .as_ref()
            .is_none_or(|ticked| !ticked.is_empty())
    }
}

/// Whether a name is ticked. A record without a type or status has none that could be.
pub(super) fn ticked(list: Option<&[String]>, name: Option<&str>) -> bool {
    list.is_none_or(|list| name.is_some_and(|name| list.iter().any(|ticked| ticked == name)))
}
