//! From scenarios to cases: one case for each pair of vendors that a scenario runs on.

use std::fmt;
use std::sync::Arc;

use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::model::Scenario;
use crate::model::Method;

/// Which cases are wanted. Empty lists and no filter: all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these methods.
    pub methods: Vec<Method>,
    /// Cases in which one of these plays the PSA; cases without a PSA fall away. Without any, the PSA
    /// is one that the scenario names, or the first of all.
    pub psa: Vec<Vendor>,
    /// The same of the RMM.
    pub rmm: Vec<Vendor>,
    /// Only cases whose name contains this text, or whose scenario has a label that does.
    pub filter: Option<String>,
}

/// A scenario with the vendors that play it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its method.
    pub method: Method,
    /// Who plays the PSA; none when no step connects one.
    pub psa: Option<Vendor>,
    /// Who plays the RMM; none when no step connects one.
    pub rmm: Option<Vendor>,
    /// `b/create-configuration [connectwise-psa + datto-rmm]`.
    pub name: String,
}

impl Case {
    /// Whether the vendors are those that the scenario's outcome is kept with, or there are none.
    pub fn is_own(&self) -> bool {
        let vendors = &self.scenario.vendors;
        let own =
            |vendor: Option<Vendor>, tool| vendor.is_none() || vendor == vendors.reference(tool);
        own(self.psa, Tool::Psa) && own(self.rmm, Tool::Rmm)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.name)
    }
}

impl Scenario {
    /// The cases that are wanted of this scenario, PSAs outside, RMMs inside, in the order in which
    /// the scenario lists them.
    pub fn cases(self: &Arc<Self>, selection: &Selection) -> Vec<Case> {
        let method = self.method.value;
        if !selection.methods.is_empty() && !selection.methods.contains(&method) {
            return Vec::new();
        }
        let psas = self.players(Tool::Psa, &selection.psa);
        let rmms = self.players(Tool::Rmm, &selection.rmm);
        let mut cases = Vec::with_capacity(psas.len() * rmms.len());
        for &psa in &psas {
            for &rmm in &rmms {
                let case = Case {
                    scenario: Arc::clone(self),
                    method,
                    psa,
                    rmm,
                    name: case_name(&self.name, psa, rmm),
                };
                if selection.wants(&case) {
                    cases.push(case);
                }
            }
        }
        cases
    }

    /// Who can play one tool: nobody (`[None]`) when no step needs it.
    fn players(&self, tool: Tool, wanted: &[Vendor]) -> Vec<Option<Vendor>> {
        let all: Vec<Option<Vendor>> = if self.needs(tool) {
            self.vendors.of(tool).into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        if wanted.is_empty() {
            let some = if self.vendors.written(tool).is_some() {
                all.len()
            } else {
                1
            };
            return all.into_iter().take(some).collect();
        }
        all.into_iter()
            .filter(|player| player.is_some_and(|vendor| wanted.contains(&vendor)))
            .collect()
    }
}

impl Selection {
    fn wants(&self, case: &Case) -> bool {
        self.filter.as_deref().is_none_or(|text| {
            case.name.contains(text)
                || case
                    .scenario
                    .labels
                    .iter()
                    .any(|label| label.contains(text))
        })
    }
}

fn case_name(name: &str, psa: Option<Vendor>, rmm: Option<Vendor>) -> String {
    match (psa, rmm) {
        (Some(psa), Some(rmm)) => format!("{name} [{psa} + {rmm}]"),
        (Some(vendor), None) | (None, Some(vendor)) => format!("{name} [{vendor}]"),
        (None, None) => name.to_owned(),
    }
}
