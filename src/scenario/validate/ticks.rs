//! Types and statuses that scripts name: they must be the PSA's, at the start or at the end.

use std::collections::BTreeSet;

use syncrig_mocks::world::{Contents, Located, Tool};

use super::references::Rehearsal;
use crate::scenario::codes;
use crate::scenario::diagnostics::Diagnostic;
use crate::scenario::model::Scenario;
use crate::scenario::nearest;
use crate::scenario::steps::{
    Connect, Disconnect, PsaRows, PsaSettings, Reconnect, Settings, Step,
};

impl Rehearsal<'_> {
    pub(super) fn ticks(&mut self, scenario: &Scenario) {
        let after = self.world.project(Tool::Psa).contents;
        for step in &scenario.steps {
            for (what, ticked, names) in ticked(&step.value) {
                let mut known = names(&self.contents).clone();
                known.extend(names(&after).iter().cloned());
                for name in ticked {
                    if !known.contains(&name.value) {
                        self.setting(what, name, &known);
                    }
                }
            }
        }
    }

    fn setting(&mut self, what: &str, name: &Located<String>, known: &[String]) {
        let names: BTreeSet<&str> = known.iter().map(String::as_str).collect();
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_SETTING,
                self.source,
                format!("the psa has no {what} `{name}`"),
            )
            .at(name.location())
            .hint(nearest::hint(name, names.iter().copied())),
        );
    }
}

type Names = fn(&Contents) -> &Vec<String>;

/// The four lists, in the order of [`lists`].
const LISTS: [(&str, Names); 4] = [
    ("organization type", |contents| &contents.organization_types),
    ("organization status", |contents| {
        &contents.organization_statuses
    }),
    ("configuration type", |contents| {
        &contents.configuration_types
    }),
    ("configuration status", |contents| {
        &contents.configuration_statuses
    }),
];

/// What a step names of each list.
fn ticked(step: &Step) -> Vec<(&'static str, Vec<&Located<String>>, Names)> {
    let lists = match step {
        Step::Connect(Connect::Psa(settings)) | Step::Settings(Settings::Psa(settings)) => {
            of_settings(settings)
        }
        Step::Disconnect(Disconnect::PsaRows(rows)) => [
            rows.organization_types.iter().collect(),
            rows.organization_statuses.iter().collect(),
            rows.configuration_types.iter().collect(),
            rows.configuration_statuses.iter().collect(),
        ],
        Step::Reconnect(Reconnect::PsaRows(rows)) => of_rows(rows),
        Step::Refused(refused) => return ticked(&refused.step.value),
        _ => return Vec::new(),
    };
    LISTS
        .into_iter()
        .zip(lists)
        .map(|((what, names), ticked)| (what, ticked, names))
        .collect()
}

fn of_settings(settings: &PsaSettings) -> [Vec<&Located<String>>; 4] {
    [
        &settings.organization_types,
        &settings.organization_statuses,
        &settings.configuration_types,
        &settings.configuration_statuses,
    ]
    .map(|list| list.iter().flatten().collect())
}

fn of_rows(rows: &PsaRows) -> [Vec<&Located<String>>; 4] {
    [
        &rows.organization_types,
        &rows.organization_statuses,
        &rows.configuration_types,
        &rows.configuration_statuses,
    ]
    .map(|list| list.iter().collect())
}
