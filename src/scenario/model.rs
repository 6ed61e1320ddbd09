//! A scenario as it is written: head, tenant, steps, expectation. It knows nothing of how a script
//! is played.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::{Located, Tenant, Tool};

use super::diagnostics::Diagnostic;
use super::expect::Expect;
use super::steps::{Step, is_false};
use crate::model::{KnobChanges, Knobs, Method, Profile};

/// A scripted story of a tenant, and what must come of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name: the path of the file without its ending, from the folder of the scenarios
    /// (`b/create-configuration`). Not written in the file.
    #[serde(skip)]
    pub name: String,
    /// What is odd about the file but does not keep it from running.
    #[serde(skip)]
    pub warnings: Vec<Diagnostic>,
    /// What happens, in one sentence.
    pub title: String,
    /// Why it matters, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The sync method whose plan the steps follow.
    pub method: Located<Method>,
    /// Ids of the rules that it verifies (`M5`, `B-warning-create-configuration`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifies: Vec<Located<String>>,
    /// Words to select scenarios by (`slow`, `duplicates`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The vendors that it runs on, each PSA with each RMM. Left out: every vendor that can.
    #[serde(default, skip_serializing_if = "Vendors::is_empty")]
    pub vendors: Vendors,
    /// Seed of everything that is drawn or derived. Left out: the tenant's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How the engine's knobs are set: `documented` (the default) or `hardened`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Located<String>>,
    /// Single knobs, set over the profile.
    #[serde(default, skip_serializing_if = "KnobChanges::is_empty")]
    pub knobs: KnobChanges,
    /// The tenant: written out here, generated, or in a file of its own.
    pub tenant: TenantSource,
    /// Whether the vendors' documented request limits hold.
    #[serde(default, skip_serializing_if = "is_false")]
    pub limits: bool,
    /// What happens, in order.
    pub steps: Vec<Located<Step>>,
    /// What must have come of it. Left out: only the snapshot is compared.
    #[serde(default, skip_serializing_if = "Expect::is_empty")]
    pub expect: Expect,
}

impl Scenario {
    /// Whether a step connects the tool, so that a vendor has to play it.
    pub fn connects(&self, tool: Tool) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(&step.value, Step::Connect(connect) if connect.tool() == tool))
    }

    /// Whether a vendor has to play the tool: a step connects it, or its own integration writes into
    /// the account.
    pub fn needs(&self, tool: Tool) -> bool {
        let pushes = |step: &Located<Step>| matches!(&step.value, Step::Push(push) if push.is_into_account() && *push.from == tool);
        self.connects(tool) || self.steps.iter().any(pushes)
    }

    /// The knobs as the script sets them. A profile that does not exist, of which the validation has
    /// complained, counts as the default.
    pub fn knobs(&self) -> Knobs {
        let profile = self.profile.as_ref();
        let profile = profile.and_then(|name| name.parse::<Profile>().ok());
        profile.unwrap_or_default().knobs().with(&self.knobs)
    }

    /// The tenant as written, with the scenario's seed. A tenant to be generated is not made yet:
    /// resolving it does that.
    pub fn tenant(&self) -> Tenant {
        let mut tenant = self.tenant.written().clone();
        if let Some(seed) = self.seed {
            tenant.seed = seed.into();
            if let Some(spec) = &mut tenant.generate {
                spec.value.seed = seed;
            }
        }
        tenant
    }
}

/// The vendors that a scenario runs on. A list that is left out stands for every vendor: the first of
/// the table plays, and any other that a run asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vendors {
    /// PSAs, by name (`connectwise-psa`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psa: Option<Vec<Located<String>>>,
    /// RMMs, by name (`datto-rmm`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rmm: Option<Vec<Located<String>>>,
}

impl Vendors {
    /// Whether nothing is said, so that every vendor plays.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The names written for one tool.
    pub fn written(&self, tool: Tool) -> Option<&[Located<String>]> {
        match tool {
            Tool::Psa => self.psa.as_deref(),
            Tool::Rmm => self.rmm.as_deref(),
        }
    }

    /// The vendor that an outcome is kept with: the first of those that can play.
    pub fn reference(&self, tool: Tool) -> Option<Vendor> {
        self.of(tool).into_iter().next()
    }

    /// The vendors that can play one tool, each once, in the order in which they are written. Names
    /// that are no vendor's are left out; the validation has complained of them.
    pub fn of(&self, tool: Tool) -> Vec<Vendor> {
        let Some(names) = self.written(tool) else {
            return Vendor::of(tool).collect();
        };
        let mut vendors = Vec::with_capacity(names.len());
        for vendor in names
            .iter()
            .filter_map(|name| Vendor::named(name, tool).ok())
        {
            if !vendors.contains(&vendor) {
                vendors.push(vendor);
            }
        }
        vendors
    }
}

/// Where the tenant comes from: a tenant written out (which may say `generate:`), or
/// `file: PATH`, relative to the script.
#[derive(Debug, Clone, PartialEq)]
pub enum TenantSource {
    /// Written in the script.
    Here(Box<Tenant>),
    /// In a file of its own.
    File {
        /// The path, as the script gives it.
        path: Located<String>,
        /// What the file holds; empty until the script's loader has read it.
        tenant: Arc<Tenant>,
    },
}

impl TenantSource {
    /// The tenant as it is written.
    pub fn written(&self) -> &Tenant {
        match self {
            Self::Here(tenant) => tenant,
            Self::File { tenant, .. } => tenant,
        }
    }
}
