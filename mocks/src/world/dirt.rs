//! Dirt: what is wrong in a tenant on purpose, the way it is wrong at real clients. Each kind has a
//! rate in the generator's settings and a mark on the entities that have it.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tenant::Tenant;

/// A kind of dirt.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Dirt {
    /// The RMM reports no serial number.
    MissingSerial,
    /// Both tools hold a placeholder instead of the serial number (`To be filled by O.E.M.`).
    PlaceholderSerial,
    /// PSA and RMM write the same MAC address with other separators or case.
    MacFormat,
    /// A laptop that reports the MAC address of a docking station it shares with others.
    SharedDockMac,
    /// A virtual machine that was cloned with its serial number.
    ClonedVm,
    /// The name in the PSA is an old one.
    Renamed,
    /// Two records in the RMM: the agent was installed anew.
    Reimaged,
    /// It stands under another organization in the RMM than in the PSA.
    MovedClient,
    /// Switched off in the PSA, still there in the RMM.
    Inactive,
    /// Two records in the PSA.
    SourceDuplicate,
    /// The PSA does not hold it.
    RmmOnly,
    /// The RMM does not hold it.
    PsaOnly,
    /// The PSA holds several MAC addresses in its one field.
    MultiMacPsa,
    /// The RMM's name differs by a suffix, case, punctuation or spacing.
    NearMissOrganization,
    /// The RMM holds the organization without any device.
    EmptySite,
}

impl Dirt {
    /// Every kind, in the order in which reports list them.
    pub const ALL: &[Self] = &[
        Self::MissingSerial,
        Self::PlaceholderSerial,
        Self::MacFormat,
        Self::SharedDockMac,
        Self::ClonedVm,
        Self::Renamed,
        Self::Reimaged,
        Self::MovedClient,
        Self::Inactive,
        Self::SourceDuplicate,
        Self::RmmOnly,
        Self::PsaOnly,
        Self::MultiMacPsa,
        Self::NearMissOrganization,
        Self::EmptySite,
    ];

    /// The name used in YAML and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingSerial => "missing_serial",
            Self::PlaceholderSerial => "placeholder_serial",
            Self::MacFormat => "mac_format",
            Self::SharedDockMac => "shared_dock_mac",
            Self::ClonedVm => "cloned_vm",
            Self::Renamed => "renamed",
            Self::Reimaged => "reimaged",
            Self::MovedClient => "moved_client",
            Self::Inactive => "inactive",
            Self::SourceDuplicate => "source_duplicate",
            Self::RmmOnly => "rmm_only",
            Self::PsaOnly => "psa_only",
            Self::MultiMacPsa => "multi_mac_psa",
            Self::NearMissOrganization => "near_miss_organization",
            Self::EmptySite => "empty_site",
        }
    }
}

impl fmt::Display for Dirt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A share between 0 and 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(f64);

impl Rate {
    /// The share as a number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Rate {
    type Error = RateError;

    fn try_from(share: f64) -> Result<Self, RateError> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err(RateError { share })
        }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A share between 0 and 1.",
            "type": "number",
            "minimum": 0,
            "maximum": 1
        })
    }
}

/// A number that is no share.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a rate lies between 0 and 1, not {share}")]
pub struct RateError {
    share: f64,
}

/// How dirty a tenant is where no rate is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DirtPreset {
    /// Not at all.
    #[default]
    None,
    /// Like a client list that somebody looks after.
    Typical,
    /// Like one that nobody looks after.
    Filthy,
}

/// How dirty a tenant is: a preset, and rates that replace the preset's. A rate is a share of what can
/// have this kind of dirt: of the organizations for `near_miss_organization` and `empty_site`, of the
/// laptops for `shared_dock_mac`, of the virtual servers for `cloned_vm`, of the devices in both
/// tools for what differs between them, of the physical computers for `placeholder_serial`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirtSpec {
    /// Rates of the kinds that are not named.
    #[serde(default, skip_serializing_if = "is_none")]
    pub preset: DirtPreset,
    /// The RMM reports no serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_serial: Option<Rate>,
    /// Both tools hold a placeholder instead of the serial number (`To be filled by O.E.M.`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder_serial: Option<Rate>,
    /// PSA and RMM write the same MAC address with other separators or case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_format: Option<Rate>,
    /// A laptop that reports the MAC address of a docking station it shares with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_dock_mac: Option<Rate>,
    /// A virtual machine that was cloned with its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloned_vm: Option<Rate>,
    /// The name in the PSA is an old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed: Option<Rate>,
    /// Two records in the RMM: the agent was installed anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reimaged: Option<Rate>,
    /// It stands under another organization in the RMM than in the PSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_client: Option<Rate>,
    /// Switched off in the PSA, still there in the RMM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive: Option<Rate>,
    /// Two records in the PSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_duplicate: Option<Rate>,
    /// The PSA does not hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmm_only: Option<Rate>,
    /// The RMM does not hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psa_only: Option<Rate>,
    /// The PSA holds several MAC addresses in its one field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_mac_psa: Option<Rate>,
    /// The RMM's name differs by a suffix, case, punctuation or spacing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_miss_organization: Option<Rate>,
    /// The RMM holds the organization without any device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_site: Option<Rate>,
}

impl DirtSpec {
    /// A preset as it is.
    pub fn preset(preset: DirtPreset) -> Self {
        Self {
            preset,
            ..Self::default()
        }
    }

    /// The rate of one kind, 0 to 1.
    pub fn rate(&self, dirt: Dirt) -> f64 {
        let given = match dirt {
            Dirt::MissingSerial => self.missing_serial,
            Dirt::PlaceholderSerial => self.placeholder_serial,
            Dirt::MacFormat => self.mac_format,
            Dirt::SharedDockMac => self.shared_dock_mac,
            Dirt::ClonedVm => self.cloned_vm,
            Dirt::Renamed => self.renamed,
            Dirt::Reimaged => self.reimaged,
            Dirt::MovedClient => self.moved_client,
            Dirt::Inactive => self.inactive,
            Dirt::SourceDuplicate => self.source_duplicate,
            Dirt::RmmOnly => self.rmm_only,
            Dirt::PsaOnly => self.psa_only,
            Dirt::MultiMacPsa => self.multi_mac_psa,
            Dirt::NearMissOrganization => self.near_miss_organization,
            Dirt::EmptySite => self.empty_site,
        };
        given.map_or_else(|| self.preset.rate(dirt), Rate::get)
    }
}

impl DirtPreset {
    /// Rates by judgement, not by measurement; `inferred`.
    const fn rate(self, dirt: Dirt) -> f64 {
        let (typical, filthy) = match dirt {
            Dirt::MissingSerial => (0.02, 0.1),
            Dirt::PlaceholderSerial => (0.02, 0.12),
            Dirt::MacFormat => (0.1, 0.5),
            Dirt::SharedDockMac => (0.03, 0.15),
            Dirt::ClonedVm => (0.02, 0.15),
            Dirt::Renamed => (0.03, 0.15),
            Dirt::Reimaged => (0.02, 0.1),
            Dirt::MovedClient => (0.005, 0.04),
            Dirt::Inactive => (0.03, 0.1),
            Dirt::SourceDuplicate => (0.01, 0.08),
            Dirt::RmmOnly => (0.03, 0.15),
            Dirt::PsaOnly => (0.05, 0.2),
            Dirt::MultiMacPsa => (0.01, 0.08),
            Dirt::NearMissOrganization => (0.08, 0.35),
            Dirt::EmptySite => (0.02, 0.08),
        };
        match self {
            Self::None => 0.0,
            Self::Typical => typical,
            Self::Filthy => filthy,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_none(preset: &DirtPreset) -> bool {
    *preset == DirtPreset::None
}

/// How often each kind of dirt is in a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DirtReport {
    /// Number of organizations.
    pub organizations: usize,
    /// Number of devices.
    pub devices: usize,
    /// Marks by kind, every kind in the order of [`Dirt::ALL`].
    pub marks: IndexMap<Dirt, usize>,
}

impl DirtReport {
    /// Counts the marks that the tenant's entities carry.
    pub fn of(tenant: &Tenant) -> Self {
        let mut marks: IndexMap<Dirt, usize> = Dirt::ALL.iter().map(|dirt| (*dirt, 0)).collect();
        let marked = (tenant.organizations.values().map(|entry| &entry.dirt))
            .chain(tenant.locations.values().map(|entry| &entry.dirt))
            .chain(tenant.contacts.values().map(|entry| &entry.dirt))
            .chain(tenant.devices.values().map(|entry| &entry.dirt));
        for dirt in marked.flatten() {
            *marks.entry(*dirt).or_default() += 1;
        }
        Self {
            organizations: tenant.organizations.len(),
            devices: tenant.devices.len(),
            marks,
        }
    }
}

impl fmt::Display for DirtReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} organizations, {} devices",
            self.organizations, self.devices
        )?;
        for (dirt, count) in &self.marks {
            writeln!(formatter, "{dirt:<24}{count:>8}")?;
        }
        Ok(())
    }
}
