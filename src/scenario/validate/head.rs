//! Checks that need neither the order of the steps nor the tenant: vendors, rule ids, the profile,
//! the method, steps that do nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use syncrig_mocks::Vendor;
use syncrig_mocks::world::{
    ContactPatch, DevicePatch, Located, LocationPatch, OrganizationPatch, Patch, Tool,
};

use crate::model::{Method, Profile};
use crate::scenario::codes;
use crate::scenario::diagnostics::{Diagnostic, Severity, Source};
use crate::scenario::model::Scenario;
use crate::scenario::nearest;
use crate::scenario::review::{Review, Rows, Target};
use crate::scenario::steps::{Disconnect, PsaRows, Reconnect, Step};

/// Codes with which a sync may end.
const SYNC_ERRORS: &[&str] = &[
    "vendor-unreachable",
    "vendor-unauthorized",
    "vendor-forbidden",
    "vendor-not-found",
    "vendor-rate-limited",
    "vendor-status",
    "vendor-body",
    "vendor-foreign-link",
    "vendor-paging",
];

/// Codes with which the account refuses a step.
const REFUSALS: &[&str] = &[
    "account-field",
    "account-locked",
    "account-state",
    "account-unknown-record",
    "configurations-unsupported",
    "integration-missing",
    "integration-paused",
    "merge-both-sync",
    "merge-itself",
    "merge-primary",
    "review-unknown-row",
    "review-wrong-state",
    "two-way-unsupported",
];

const RULE_ID_HINT: &str =
    "a rule id is a letter, then letters, digits and hyphens: `M5`, `psa-create`";

pub(super) fn check(scenario: &Scenario, source: &Arc<Source>, found: &mut Vec<Diagnostic>) {
    let mut head = Head { source, found };
    head.profile(scenario);
    head.vendors(scenario);
    head.rule_ids(&scenario.verifies);
    head.method(scenario);
    head.expectation(&scenario.expect);
    for step in &scenario.steps {
        head.step(step);
    }
}

pub(super) struct Head<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) found: &'a mut Vec<Diagnostic>,
}

impl Head<'_> {
    fn step(&mut self, step: &Located<Step>) {
        match &step.value {
            Step::Expect(expect) => self.expectation(expect),
            Step::Sync(sync) => {
                if let Some(code) = &sync.fails {
                    self.sync_error(code);
                }
            }
            Step::Refused(refused) => {
                self.refusal(&refused.with);
                self.step(&refused.step);
            }
            Step::Import(import) => self.import(import, step.location()),
            _ => {}
        }
        if let Some((what, hint)) = without_effect(&step.value) {
            self.found.push(
                Diagnostic::error(codes::NO_EFFECT, self.source, what)
                    .at(step.location())
                    .hint(hint.to_owned()),
            );
        }
    }

    fn profile(&mut self, scenario: &Scenario) {
        let Some(profile) = &scenario.profile else {
            return;
        };
        let Err(unknown) = profile.parse::<Profile>() else {
            return;
        };
        let names = Profile::ALL.map(Profile::name);
        self.found.push(
            Diagnostic::error(codes::PROFILE, self.source, unknown.to_string())
                .at(profile.location())
                .hint(nearest::hint(profile, names)),
        );
    }

    fn vendors(&mut self, scenario: &Scenario) {
        for tool in [Tool::Psa, Tool::Rmm] {
            let Some(names) = scenario.vendors.written(tool) else {
                continue;
            };
            let mut seen = BTreeSet::new();
            for name in names {
                self.vendor(tool, name);
                if !seen.insert(name.as_str()) {
                    let mut twice = Diagnostic::error(
                        codes::UNKNOWN_VENDOR,
                        self.source,
                        format!("`{name}` is listed twice"),
                    )
                    .at(name.location());
                    twice.severity = Severity::Warning;
                    self.found.push(twice);
                }
            }
            if names.is_empty() && scenario.needs(tool) {
                self.found.push(
                    Diagnostic::error(
                        codes::UNKNOWN_VENDOR,
                        self.source,
                        format!("a step needs the {tool}, and no vendor may play it"),
                    )
                    .at(connection(scenario, tool))
                    .hint(format!(
                        "take `{tool}: []` out of `vendors` to run on every vendor"
                    )),
                );
            }
        }
    }

    fn vendor(&mut self, tool: Tool, name: &Located<String>) {
        let slugs: Vec<&str> = Vendor::of(tool).map(Vendor::slug).collect();
        if Vendor::named(name, tool).is_ok() {
            return;
        }
        let problem = match Vendor::all_named(name).next() {
            Some(vendor) => Diagnostic::error(
                codes::UNKNOWN_VENDOR,
                self.source,
                format!("`{vendor}` does not play the {tool}"),
            )
            .label(format!("it plays the {}", vendor.tool()))
            .hint(format!("list it under `{}`", vendor.tool())),
            None => Diagnostic::error(
                codes::UNKNOWN_VENDOR,
                self.source,
                format!("there is no simulator of `{name}`"),
            )
            .hint(nearest::hint(name, slugs)),
        };
        self.found.push(problem.at(name.location()));
    }

    pub(super) fn rule_ids(&mut self, ids: &[Located<String>]) {
        for id in ids {
            if !is_rule_id(id) {
                self.found.push(
                    Diagnostic::error(
                        codes::RULE_ID,
                        self.source,
                        format!("`{id}` cannot be the id of a rule"),
                    )
                    .at(id.location())
                    .hint(RULE_ID_HINT.to_owned()),
                );
            }
        }
    }

    fn method(&mut self, scenario: &Scenario) {
        let method = scenario.method.value;
        if scenario.steps.is_empty() {
            self.found.push(
                Diagnostic::error(codes::NO_EFFECT, self.source, "the scenario has no steps")
                    .hint("begin with `- connect: { psa: {} }`".to_owned()),
            );
            return;
        }
        let needed = match method {
            Method::A | Method::B | Method::C => Tool::Psa,
            Method::D => Tool::Rmm,
        };
        if !scenario.connects(needed) {
            let other = match method {
                Method::D => "a method with a PSA: A, B or C",
                _ => "`method: D`",
            };
            self.found.push(
                Diagnostic::error(
                    codes::METHOD,
                    self.source,
                    format!("method {method} reads the {needed}, and no step connects it"),
                )
                .at(scenario.method.location())
                .hint(format!(
                    "add `- connect: {{ {needed}: {{}} }}`, or choose {other}"
                )),
            );
        }
    }

    fn refusal(&mut self, code: &Located<String>) {
        if REFUSALS.contains(&code.as_str()) {
            return;
        }
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_ERROR,
                self.source,
                format!("no step is refused with the code `{code}`"),
            )
            .at(code.location())
            .hint(nearest::hint(code, REFUSALS.iter().copied())),
        );
    }

    fn sync_error(&mut self, code: &Located<String>) {
        if SYNC_ERRORS.contains(&code.as_str()) {
            return;
        }
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_ERROR,
                self.source,
                format!("no sync ends with the error `{code}`"),
            )
            .at(code.location())
            .hint(nearest::hint(code, SYNC_ERRORS.iter().copied())),
        );
    }
}

/// Steps that can be written and do nothing: what is wrong, and how to mend it.
fn without_effect(step: &Step) -> Option<(&'static str, &'static str)> {
    match step {
        Step::Expect(expect) if expect.is_empty() => Some((
            "this checks nothing",
            "write what is expected, or take the step out",
        )),
        Step::Edit(edit) if is_empty(&edit.set) => Some((
            "this changes nothing",
            "write the new values in `set`, or take the step out",
        )),
        Step::Push(push) if push.devices.as_ref().is_some_and(Vec::is_empty) => Some((
            "this pushes no device",
            "list devices, or take `devices` out to push all",
        )),
        Step::Review(
            Review::Accept(target)
            | Review::Create(target)
            | Review::Ignore(target)
            | Review::Revert(target),
        ) if matches!(
            target,
            Target::Organizations(Rows::Keys(keys)) | Target::Devices(Rows::Keys(keys))
                if keys.is_empty()
        ) =>
        {
            Some(("this is for no row", "list keys, or write `all`"))
        }
        Step::Review(Review::Revert(
            Target::Organizations(Rows::All | Rows::Suggested)
            | Target::Devices(Rows::All | Rows::Suggested),
        )) => Some((
            "`all` and `suggested` are unmatched rows, with no match to take back",
            "list the keys of matched rows",
        )),
        Step::Disconnect(Disconnect::PsaRows(rows)) if rows.rows() == PsaRows::default() => Some((
            "this disconnects no row",
            "list types or statuses, or write `disconnect: { psa: … }` for all",
        )),
        Step::Reconnect(Reconnect::PsaRows(rows)) if *rows == PsaRows::default() => {
            Some(("this reconnects no row", "list types or statuses"))
        }
        Step::Fault(fault) if fault.times == Some(0) => Some((
            "this fault never happens",
            "leave `times` out for every request, or write 1 or more",
        )),
        _ => None,
    }
}

fn is_empty(patch: &Patch) -> bool {
    match patch {
        Patch::Organization(patch) => *patch == OrganizationPatch::default(),
        Patch::Location(patch) => *patch == LocationPatch::default(),
        Patch::Contact(patch) => *patch == ContactPatch::default(),
        Patch::Device(patch) => **patch == DevicePatch::default(),
    }
}

/// Where a tool is connected first.
fn connection(scenario: &Scenario, tool: Tool) -> Option<serde_saphyr::Location> {
    scenario
        .steps
        .iter()
        .find(|step| matches!(&step.value, Step::Connect(connect) if connect.tool() == tool))
        .and_then(Located::location)
}

/// A letter, then letters, digits, dots and hyphens, none of the latter two at the end or next to
/// another.
pub(crate) fn is_rule_id(text: &str) -> bool {
    text.len() <= 100
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.split(['-', '.']).all(|part| {
            !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::ErrorKind;
    use crate::engine::{EngineError, MergeRefusal};
    use crate::model::Tool;
    use crate::transport::TransportError;

    #[test]
    fn rule_ids_have_a_shape() {
        for good in [
            "M5",
            "psa-create",
            "B-warning-create-configuration",
            "R3.6",
            "A",
        ] {
            assert!(is_rule_id(good), "{good}");
        }
        for bad in ["", "M 5", "M-", "M--5", "5M", "M5!", "-M", "m_5"] {
            assert!(!is_rule_id(bad), "{bad}");
        }
    }

    #[test]
    fn every_error_of_a_connector_can_be_expected() {
        let text = String::new;
        let kinds = [
            ErrorKind::Transport(TransportError::Connect {
                host: text(),
                reason: text(),
            }),
            ErrorKind::Unauthorized {
                status: 401,
                message: text(),
            },
            ErrorKind::Forbidden { message: text() },
            ErrorKind::NotFound { message: text() },
            ErrorKind::RateLimited { attempts: 1 },
            ErrorKind::Status {
                status: 500,
                attempts: 1,
                message: text(),
            },
            ErrorKind::Body { detail: text() },
            ErrorKind::ForeignLink { host: text() },
            ErrorKind::Paging { detail: text() },
        ];
        let codes: Vec<&str> = kinds.iter().map(ErrorKind::code).collect();
        assert_eq!(codes, SYNC_ERRORS);
    }

    #[test]
    fn every_refusal_of_the_engine_can_be_expected() {
        let (what, id) = ("configurations", 1);
        let merge = |reason| EngineError::Merge {
            source_id: 1,
            target_id: 2,
            reason,
        };
        let refusals = [
            EngineError::Field {
                what,
                id,
                field: String::new(),
            },
            EngineError::Locked {
                what,
                id,
                vendor: "connectwise-psa",
                reason: String::new(),
            },
            EngineError::LinkState {
                what,
                id,
                state: "syncs",
                reason: "",
            },
            EngineError::UnknownRecord { what, id },
            EngineError::NoConfigurations {
                vendor: "connectwise-psa",
            },
            EngineError::NotConnected { tool: Tool::Psa },
            EngineError::Paused { tool: Tool::Psa },
            merge(MergeRefusal::BothSync),
            merge(MergeRefusal::Itself),
            merge(MergeRefusal::Primary),
            EngineError::UnknownRow {
                what,
                id: String::new(),
            },
            EngineError::WrongState {
                what,
                name: String::new(),
                state: "matched",
                reason: "",
            },
            EngineError::OneWay {
                vendor: "connectwise-psa",
            },
        ];
        let codes: Vec<&str> = refusals.iter().map(EngineError::code).collect();
        assert_eq!(codes, REFUSALS);
    }
}
