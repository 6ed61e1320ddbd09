//! What a person ticks when a PSA is connected.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::store::RowId;

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
    /// Whether what is written in the account is pushed to the PSA.
    #[serde(default)]
    pub two_way: bool,
    /// Type that e-mail addresses of pushed contacts get when they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_email_type: Option<String>,
    /// Type that telephone numbers of pushed contacts get when they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_phone_type: Option<String>,
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
            two_way: false,
            contact_email_type: None,
            contact_phone_type: None,
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

/// Rows of the PSA's types and statuses, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PsaRows {
    /// Organization types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organization_types: Vec<String>,
    /// Organization statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organization_statuses: Vec<String>,
    /// Configuration types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration_types: Vec<String>,
    /// Configuration statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration_statuses: Vec<String>,
}

impl PsaRows {
    /// Whether an organization stands in one of the rows.
    pub(super) fn organization(&self, types: &[String], status: Option<&str>) -> bool {
        let has = |rows: &[String], name: &str| rows.iter().any(|row| row == name);
        types.iter().any(|name| has(&self.organization_types, name))
            || status.is_some_and(|name| has(&self.organization_statuses, name))
    }

    /// Whether a configuration stands in one of the rows.
    pub(super) fn configuration(&self, of_type: Option<&str>, status: Option<&str>) -> bool {
        let has = |rows: &[String], name: Option<&str>| {
            name.is_some_and(|name| rows.iter().any(|row| row == name))
        };
        has(&self.configuration_types, of_type) || has(&self.configuration_statuses, status)
    }

    /// Adds rows.
    pub fn add(&mut self, other: &Self) {
        self.each(other, |rows, others| {
            let new = others.iter().filter(|name| !rows.contains(name)).cloned();
            let new: Vec<String> = new.collect();
            rows.extend(new);
        });
    }

    /// Takes rows out.
    pub fn take_out(&mut self, other: &Self) {
        self.each(other, |rows, others| {
            rows.retain(|row| !others.contains(row));
        });
    }

    fn each(&mut self, other: &Self, change: impl Fn(&mut Vec<String>, &[String])) {
        change(&mut self.organization_types, &other.organization_types);
        change(
            &mut self.organization_statuses,
            &other.organization_statuses,
        );
        change(&mut self.configuration_types, &other.configuration_types);
        change(
            &mut self.configuration_statuses,
            &other.configuration_statuses,
        );
    }
}

/// Rows that are cut off from the sync.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CutRows {
    /// For the time being: data and links stay.
    pub(super) paused: PsaRows,
    /// For good, until they are reconnected.
    pub(super) disconnected: PsaRows,
    /// Links of records that were reconnected by themselves.
    pub(super) reconnected: BTreeSet<RowId>,
}

impl CutRows {
    /// Whether a row is paused.
    pub(super) fn pauses(&self) -> bool {
        self.paused != PsaRows::default()
    }
}

/// Whether a name is ticked. A record without a type or status has none that could be.
pub(super) fn ticked(list: Option<&[String]>, name: Option<&str>) -> bool {
    list.is_none_or(|list| name.is_some_and(|name| list.iter().any(|ticked| ticked == name)))
}
