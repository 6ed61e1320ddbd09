//! The generator's settings. A setting that is left out has the default given here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::world::dirt::DirtSpec;
use crate::world::records::DeviceClass;

/// Most organizations in one tenant.
const ORGANIZATIONS_MAX: u32 = 200_000;
/// Most devices, locations or contacts in one organization.
const PER_ORGANIZATION_MAX: u32 = 1_000_000;
/// Most devices, locations or contacts in one tenant, were every organization as large as allowed.
const PER_TENANT_MAX: u64 = 10_000_000;

/// What to generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GenerateSpec {
    /// Same seed, same tenant.
    pub seed: u64,
    /// Number of organizations.
    pub organizations: u32,
    /// Devices of each organization.
    pub devices_per_organization: Count,
    /// Locations of each organization; at least one.
    pub locations_per_organization: Count,
    /// Contacts of each organization.
    pub contacts_per_organization: Count,
    /// What the devices are.
    pub classes: ClassWeights,
    /// What is wrong with the data.
    pub dirt: DirtSpec,
}

impl Default for GenerateSpec {
    fn default() -> Self {
        Self {
            seed: 1,
            organizations: 40,
            devices_per_organization: Count::Skewed {
                median: 18,
                max: 250,
            },
            locations_per_organization: Count::Skewed { median: 1, max: 8 },
            contacts_per_organization: Count::Skewed {
                median: 10,
                max: 120,
            },
            classes: ClassWeights::default(),
            dirt: DirtSpec::default(),
        }
    }
}

/// How many, by organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Count {
    /// The same everywhere.
    Fixed(u32),
    /// Each number from `min` to `max` as likely as the others.
    Uniform {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// Many small ones and a few large ones: half are at most `median`, none is above `max`.
    Skewed {
        /// Half are at most this.
        median: u32,
        /// The most.
        max: u32,
    },
}

impl Count {
    /// The most that can come out.
    pub const fn most(self) -> u32 {
        match self {
            Self::Fixed(count) => count,
            Self::Uniform { max, .. } | Self::Skewed { max, .. } => max,
        }
    }
}

/// Shares of the kinds of device, as weights: they need not add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClassWeights {
    /// Desktops and laptops.
    pub workstation: f64,
    /// Servers, physical and virtual.
    pub server: f64,
    /// Hypervisor hosts.
    pub hypervisor: f64,
    /// Switches, firewalls, access points.
    pub network: f64,
    /// Printers.
    pub printer: f64,
}

impl Default for ClassWeights {
    fn default() -> Self {
        Self {
            workstation: 0.70,
            server: 0.10,
            hypervisor: 0.02,
            network: 0.10,
            printer: 0.08,
        }
    }
}

impl ClassWeights {
    /// The weights by class.
    pub const fn table(self) -> [(DeviceClass, f64); 5] {
        [
            (DeviceClass::Workstation, self.workstation),
            (DeviceClass::Server, self.server),
            (DeviceClass::Hypervisor, self.hypervisor),
            (DeviceClass::Network, self.network),
            (DeviceClass::Printer, self.printer),
        ]
    }
}

/// Settings that no tenant can be made of.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// More than this version makes.
    #[error("`{setting}` is {given}, more than {most}")]
    TooMany {
        /// Which setting.
        setting: &'static str,
        /// What it says.
        given: u64,
        /// The most.
        most: u64,
    },
    /// A range that is none.
    #[error("`{setting}` goes from {least} to {most}")]
    Backwards {
        /// Which setting.
        setting: &'static str,
        /// The lower end.
        least: u32,
        /// The upper end.
        most: u32,
    },
    /// Weights that cannot be drawn from.
    #[error("the weights in `classes` must be numbers from 0 to 1e9, and one of them above 0")]
    Weights,
}

impl SpecError {
    /// How to fix it.
    pub fn hint(&self) -> String {
        match self {
            Self::TooMany { setting, most, .. } => format!("make `{setting}` {most} or less"),
            Self::Backwards { setting, .. } => format!("exchange the two numbers of `{setting}`"),
            Self::Weights => "leave `classes` out to get the usual mix".to_owned(),
        }
    }
}

impl GenerateSpec {
    /// Checks that a tenant can be made of it.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self) -> Result<(), SpecError> {
        at_most(
            "organizations",
            self.organizations.into(),
            ORGANIZATIONS_MAX.into(),
        )?;
        for (setting, count) in [
            ("devices_per_organization", self.devices_per_organization),
            (
                "locations_per_organization",
                self.locations_per_organization,
            ),
            ("contacts_per_organization", self.contacts_per_organization),
        ] {
            if let Count::Uniform { min, max } | Count::Skewed { median: min, max } = count
                && min > max
            {
                return Err(SpecError::Backwards {
                    setting,
                    least: min,
                    most: max,
                });
            }
            at_most(setting, count.most().into(), PER_ORGANIZATION_MAX.into())?;
            if let Some(share) = PER_TENANT_MAX.checked_div(self.organizations.into()) {
                at_most(setting, count.most().into(), share)?;
            }
        }
        let weights = self.classes.table();
        let sound = weights
            .iter()
            .all(|(_, weight)| (0.0..=1e9).contains(weight));
        if sound && weights.iter().any(|(_, weight)| *weight > 0.0) {
            Ok(())
        } else {
            Err(SpecError::Weights)
        }
    }
}

const fn at_most(setting: &'static str, given: u64, most: u64) -> Result<(), SpecError> {
    if given > most {
        return Err(SpecError::TooMany {
            setting,
            given,
            most,
        });
    }
    Ok(())
}
