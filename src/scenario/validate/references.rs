//! Keys and names that must be the tenant's. The steps that change the tools are tried on a copy of
//! the world in their order, so that a key counts from the step on that brings it about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use syncrig_mocks::world::{
    Change, Contents, Kind, Located, Patch, Tool, ToolRecords, World, WorldError,
};

use crate::scenario::codes;
use crate::scenario::diagnostics::{Diagnostic, Source};
use crate::scenario::expect::Expect;
use crate::scenario::model::Scenario;
use crate::scenario::nearest;
use crate::scenario::person::{Access, Person};
use crate::scenario::review::{MatchTo, Review, Rows, Target};
use crate::scenario::steps::{Connect, PsaSettings, Push, Settings, Step};

pub(super) fn check(
    scenario: &Scenario,
    source: &Arc<Source>,
    tenant_source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) {
    // A generated tenant is right by itself; it is made only when the script names something in it.
    if scenario.tenant.written().generate.is_some() && !names_something(scenario) {
        return;
    }
    let world = match scenario.tenant().resolve() {
        Ok(world) => world,
        Err(errors) => {
            found.extend(errors.into_iter().map(|error| {
                Diagnostic::error(codes::TENANT, tenant_source, error.message)
                    .at(error.location)
                    .label(error.label)
                    .hint(error.hint)
            }));
            return;
        }
    };
    let mut rehearsal = Rehearsal::new(world, source, found);
    for step in &scenario.steps {
        rehearsal.step(step);
    }
    rehearsal.expect(&scenario.expect);
    rehearsal.ticks(scenario);
}

/// Whether a key or a type of the tenant is named.
fn names_something(scenario: &Scenario) -> bool {
    fn named(step: &Located<Step>) -> bool {
        match &step.value {
            Step::Connect(Connect::Psa(settings)) | Step::Settings(Settings::Psa(settings)) => {
                *settings != PsaSettings::default()
            }
            Step::Push(push) => push.devices.is_some(),
            Step::Review(
                Review::Accept(target)
                | Review::Create(target)
                | Review::Ignore(target)
                | Review::Revert(target),
            ) => !matches!(
                target,
                Target::Organizations(Rows::All | Rows::Suggested)
                    | Target::Devices(Rows::All | Rows::Suggested)
            ),
            Step::Expect(expect) => !expect.records.is_empty(),
            Step::Review(_)
            | Step::Edit(_)
            | Step::Remove(_)
            | Step::Add(_)
            | Step::Reimage(_)
            | Step::Account(_) => true,
            Step::Person(person) => matches!(person, Person::Manager(Access::Keys(_))),
            Step::Import(import) => import.under.is_some() || import.stands_for.is_some(),
            Step::Disconnect(how) => !how.is_whole(),
            Step::Reconnect(_) => true,
            Step::Refused(refused) => named(&refused.step),
            Step::Connect(Connect::Rmm(_))
            | Step::Sync(_)
            | Step::Resume(_)
            | Step::Fault(_)
            | Step::ClearFaults(_)
            | Step::Advance(_) => false,
        }
    }
    !scenario.expect.records.is_empty() || scenario.steps.iter().any(named)
}

/// Keys of all records that a tool had so far.
#[derive(Default)]
struct Keys(BTreeMap<Kind, BTreeSet<String>>);

impl Keys {
    fn of(records: &ToolRecords) -> Self {
        let mut keys = Self::default();
        let mut all = |kind, names: Vec<&String>| {
            keys.0
                .insert(kind, names.into_iter().cloned().collect::<BTreeSet<_>>());
        };
        all(
            Kind::Organization,
            records.organizations.iter().map(|it| &it.key).collect(),
        );
        all(
            Kind::Location,
            records.locations.iter().map(|it| &it.key).collect(),
        );
        all(
            Kind::Contact,
            records.contacts.iter().map(|it| &it.key).collect(),
        );
        all(
            Kind::Device,
            records.devices.iter().map(|it| &it.key).collect(),
        );
        keys
    }

    fn add(&mut self, kind: Kind, key: &str) {
        self.0.entry(kind).or_default().insert(key.to_owned());
    }

    fn has(&self, kind: Kind, key: &str) -> bool {
        self.0.get(&kind).is_some_and(|keys| keys.contains(key))
    }

    fn all(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.0.get(&kind).into_iter().flatten().map(String::as_str)
    }
}

pub(super) struct Rehearsal<'a> {
    pub(super) world: World,
    psa: Keys,
    rmm: Keys,
    /// Types and statuses of the PSA at the start.
    pub(super) contents: Contents,
    pub(super) source: &'a Arc<Source>,
    pub(super) found: &'a mut Vec<Diagnostic>,
}

impl<'a> Rehearsal<'a> {
    fn new(world: World, source: &'a Arc<Source>, found: &'a mut Vec<Diagnostic>) -> Self {
        let psa = world.project(Tool::Psa);
        Self {
            psa: Keys::of(&psa),
            rmm: Keys::of(&world.project(Tool::Rmm)),
            contents: psa.contents,
            world,
            source,
            found,
        }
    }

    fn step(&mut self, step: &Located<Step>) {
        match &step.value {
            Step::Edit(edit) => {
                let result = self.world.edit(edit.tool, &edit.record.key, &edit.set);
                self.outcome(result, &edit.record.key, &references(&edit.set));
            }
            Step::Remove(step) => {
                let result = self
                    .world
                    .remove(step.tool, step.record.kind, &step.record.key);
                self.outcome(result, &step.record.key, &[]);
            }
            Step::Add(step) => {
                let result = self
                    .world
                    .add(step.tool, step.record.kind, &step.record.key);
                self.outcome(result, &step.record.key, &[]);
            }
            Step::Reimage(step) => {
                let result = self.world.reimage(Tool::Rmm, &step.device);
                self.outcome(result, &step.device, &[]);
            }
            Step::Push(push) if push.is_into_account() => {}
            Step::Push(push) => self.push(push, step),
            Step::Review(review) => self.review(review),
            Step::Account(account) => self.account(account),
            Step::Person(Person::Manager(Access::Keys(keys))) => {
                for key in keys {
                    self.known(Kind::Organization, key);
                }
            }
            Step::Import(import) => self.import(import),
            Step::Refused(refused) => self.step(&refused.step),
            Step::Expect(expect) => self.expect(expect),
            Step::Person(_)
            | Step::Connect(_)
            | Step::Settings(_)
            | Step::Sync(_)
            | Step::Disconnect(_)
            | Step::Reconnect(_)
            | Step::Resume(_)
            | Step::Fault(_)
            | Step::ClearFaults(_)
            | Step::Advance(_) => {}
        }
    }

    /// Takes note of new records, or complains at the key (or at the reference inside the patch
    /// that the world names).
    fn outcome(
        &mut self,
        result: Result<Vec<(Tool, Change)>, WorldError>,
        key: &Located<String>,
        references: &[&Located<String>],
    ) {
        match result {
            Ok(changes) => self.note(&changes),
            Err(error) => {
                let wrong = match &error {
                    WorldError::Unknown { key, .. } | WorldError::NotInTool { key, .. } => {
                        Some(key.as_str())
                    }
                    _ => None,
                };
                let place = references
                    .iter()
                    .copied()
                    .find(|reference| {
                        wrong == Some(reference.as_str()) && wrong != Some(key.as_str())
                    })
                    .unwrap_or(key)
                    .location();
                self.found.push(
                    Diagnostic::error(code_of(&error), self.source, error.to_string())
                        .at(place)
                        .hint(error.hint()),
                );
            }
        }
    }

    fn note(&mut self, changes: &[(Tool, Change)]) {
        for (tool, change) in changes {
            if let Change::Put(record) = change {
                self.keys_mut(*tool).add(record.kind(), record.key());
            }
        }
    }

    fn push(&mut self, push: &Push, step: &Located<Step>) {
        let (devices, rules) = (push.devices.as_deref(), push.rules());
        let (from, to) = (Tool::Rmm, Tool::Psa);
        let keys: Option<Vec<&str>> =
            devices.map(|list| list.iter().map(|key| key.as_str()).collect());
        // One at a time, so that the complaint stands at the key that is wrong.
        match (devices, keys) {
            (Some(devices), Some(keys)) => {
                for (device, key) in devices.iter().zip(keys) {
                    let result = self.world.push_devices(from, to, Some(&[key]), rules);
                    self.outcome(result, device, &[]);
                }
            }
            _ => {
                let result = self.world.push_devices(from, to, None, rules);
                match result {
                    Ok(changes) => self.note(&changes),
                    Err(error) => self.found.push(
                        Diagnostic::error(code_of(&error), self.source, error.to_string())
                            .at(step.location())
                            .hint(error.hint()),
                    ),
                }
            }
        }
    }

    fn review(&mut self, review: &Review) {
        match review {
            Review::Accept(target)
            | Review::Create(target)
            | Review::Ignore(target)
            | Review::Revert(target) => match target {
                Target::Organization(key) | Target::Device(key) => self.row(target.kind(), key),
                Target::Organizations(Rows::Keys(keys)) | Target::Devices(Rows::Keys(keys)) => {
                    for key in keys {
                        self.row(target.kind(), key);
                    }
                }
                Target::Organizations(_) | Target::Devices(_) => {}
            },
            Review::Match(MatchTo { row, to }) | Review::Change(MatchTo { row, to }) => {
                self.row(row.kind, &row.key);
                self.known(row.kind, to);
            }
        }
    }

    /// A row of the matching screen: a record of the RMM.
    fn row(&mut self, kind: Kind, key: &Located<String>) {
        if self.rmm.has(kind, key) {
            return;
        }
        if self.world.entity(kind, key).is_some() {
            self.found.push(
                Diagnostic::error(
                    codes::UNKNOWN_REFERENCE,
                    self.source,
                    format!("the rmm has no {kind} `{key}` at this step"),
                )
                .at(key.location())
                .label("no row of the matching screen")
                .hint(if key.contains('#') {
                    "a second record comes from `copies` in the tenant, or from `reimage`".to_owned()
                } else {
                    format!(
                        "list `rmm` in its `in`, or bring it in with `add: {{ in: rmm, {kind}: {key} }}`"
                    )
                }),
            );
        } else {
            self.known(kind, key);
        }
    }

    /// A true entity, or a record that some tool had by now.
    pub(super) fn known(&mut self, kind: Kind, key: &Located<String>) {
        let true_key = !key.contains('#') && self.world.entity(kind, key).is_some();
        if true_key || self.psa.has(kind, key) || self.rmm.has(kind, key) {
            return;
        }
        let entities: Vec<&str> = self
            .world
            .entities()
            .filter(|entity| entity.kind == kind)
            .map(|entity| entity.key)
            .collect();
        let keys: BTreeSet<&str> = entities
            .into_iter()
            .chain(self.psa.all(kind))
            .chain(self.rmm.all(kind))
            .collect();
        let hint = if keys.is_empty() {
            Some(format!("the tenant has no {kind}s"))
        } else {
            nearest::hint(key, keys.iter().copied())
        };
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_REFERENCE,
                self.source,
                format!("the tenant has no {kind} `{key}`"),
            )
            .at(key.location())
            .label("no such key")
            .hint(hint),
        );
    }

    fn expect(&mut self, expect: &Expect) {
        for record in &expect.records {
            self.known(record.entity.kind, &record.entity.key);
        }
    }

    const fn keys_mut(&mut self, tool: Tool) -> &mut Keys {
        match tool {
            Tool::Psa => &mut self.psa,
            Tool::Rmm => &mut self.rmm,
        }
    }
}

const fn code_of(error: &WorldError) -> &'static str {
    match error {
        WorldError::Unknown { .. } | WorldError::NotInTool { .. } => codes::UNKNOWN_REFERENCE,
        WorldError::AlreadyInTool { .. } | WorldError::NoParent { .. } => codes::STEP_ORDER,
        _ => codes::INVALID_VALUE,
    }
}

/// The references in a patch.
fn references(patch: &Patch) -> Vec<&Located<String>> {
    fn inner(key: &Option<Option<Located<String>>>) -> Option<&Located<String>> {
        key.as_ref().and_then(Option::as_ref)
    }
    let keys = match patch {
        Patch::Organization(patch) => [inner(&patch.parent), None, None],
        Patch::Location(patch) => [patch.organization.as_ref(), None, None],
        Patch::Contact(patch) => [patch.organization.as_ref(), inner(&patch.location), None],
        Patch::Device(patch) => [
            patch.organization.as_ref(),
            inner(&patch.location),
            inner(&patch.contact),
        ],
    };
    keys.into_iter().flatten().collect()
}
