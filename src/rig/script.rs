//! The steps of a script, one by one.

use std::sync::Arc;

use syncrig_mocks::world::{Changes, Kind, Tool as WorldTool};

use super::by_hand::{rename, typed_off};
use super::check::Findings;
use super::event::{RigEvent, RigListener};
use super::play::{Moment, PlayError, TOOLS};
use super::stage::Stage;
use super::subject::{
    Action, Connection, Disconnect, NewRecord, Rows, Screen, Subject, SubjectError, Verb,
};
use super::truth::{record_kind, tool_of, truth};
use crate::engine::PsaSettings;
use crate::judge::{HandMade, Scope, judge};
use crate::model::Tool;
use crate::report::Failure;
use crate::scenario::{
    self, Account, AccountCreate, Case, Connect, EntityRef, MatchTo, Review, Settings, Step, Sync,
    Target,
};

/// A case under way.
pub(super) struct Player<'a, S> {
    case: &'a Case,
    pub(super) stage: Stage,
    subject: S,
    listener: Arc<dyn RigListener>,
    pub(super) failures: Vec<Failure>,
    /// Records that people made, by hand or on the matching screen: once a match is taken back or the
    /// RMM is gone, no link tells what they stand for.
    hand_made: Vec<HandMade>,
    psa: Option<PsaSettings>,
    rmm: bool,
    /// Whether anything happened since the last complete sync of each tool, PSA first.
    stale: [bool; 2],
    repeats: Vec<usize>,
    syncs: usize,
    step: usize,
    name: &'static str,
}

impl<'a, S: Subject> Player<'a, S> {
    pub(super) fn new(
        case: &'a Case,
        stage: Stage,
        subject: S,
        listener: Arc<dyn RigListener>,
    ) -> Self {
        Self {
            case,
            stage,
            subject,
            listener,
            failures: Vec::new(),
            hand_made: Vec::new(),
            psa: None,
            rmm: false,
            stale: [true; 2],
            repeats: Vec::new(),
            syncs: 0,
            step: 0,
            name: "",
        }
    }

    pub(super) async fn run(&mut self) -> Result<(), PlayError> {
        for (at, step) in self.case.scenario.steps.iter().enumerate() {
            self.step = at + 1;
            self.name = step.value.name();
            self.subject.at_step(self.step);
            let started = RigEvent::StepStarted {
                step: self.step,
                name: self.name,
            };
            self.listener.hear(&self.case.name, &started);
            self.act(&step.value).await?;
        }
        Ok(())
    }

    /// The end of the script: its expectation is checked, and the last moment given back.
    pub(super) async fn ending(&mut self) -> Result<Moment, PlayError> {
        self.step += 1;
        self.name = "expect";
        let expect = &self.case.scenario.expect;
        let moment = self.moment().await?;
        self.check(expect, &moment);
        Ok(moment)
    }

    async fn act(&mut self, step: &Step) -> Result<(), PlayError> {
        match step {
            Step::Connect(connect) => self.connect(connect).await,
            Step::Settings(Settings::Psa(settings)) => {
                let settings = psa_settings(settings);
                self.psa = Some(settings.clone());
                self.stale = [true; 2];
                let done = self.subject.settings(settings).await;
                self.answered(done).map(drop)
            }
            Step::Sync(sync) => self.sync(sync).await,
            Step::Review(review) => self.review(review).await,
            Step::Account(Account::Create(create)) => self.create(create).await,
            Step::Disconnect(how) => self.disconnect(*how).await,
            Step::Resume(tool) => {
                self.stale = [true; 2];
                let done = self.subject.resume(tool_of(*tool)).await;
                self.answered(done).map(drop)
            }
            Step::Expect(expect) => {
                let moment = self.moment().await?;
                self.check(expect, &moment);
                Ok(())
            }
            upstream => self.upstream(upstream),
        }
    }

    /// Steps that the subject does not see: people at work in the tools, faults, time.
    fn upstream(&mut self, step: &Step) -> Result<(), PlayError> {
        let world = &mut self.stage.world;
        let changes: Result<Changes, _> = match step {
            Step::Push(push) => {
                let keys = push.devices.as_ref();
                let keys: Option<Vec<&str>> =
                    keys.map(|keys| keys.iter().map(|key| key.value.as_str()).collect());
                world.push_devices(push.from.value, push.to.value, keys.as_deref())
            }
            Step::Edit(edit) => world.edit(edit.tool, &edit.record.key.value, &edit.set),
            Step::Remove(it) => world.remove(it.tool, it.record.kind, &it.record.key.value),
            Step::Add(it) => world.add(it.tool, it.record.kind, &it.record.key.value),
            Step::Reimage(it) => world.reimage(WorldTool::Rmm, &it.device.value),
            Step::Fault(fault) => {
                if let Some(actor) = self.stage.actor(fault.tool) {
                    actor.faults.add(fault.rule());
                }
                Ok(Changes::new())
            }
            Step::ClearFaults(tool) => {
                if let Some(actor) = self.stage.actor(*tool) {
                    actor.faults.clear();
                }
                Ok(Changes::new())
            }
            Step::Advance(by) => {
                self.stage.clock.advance_ms(by.as_millis());
                return Ok(());
            }
            _ => return Ok(()),
        };
        let changes = changes.map_err(|error| PlayError::world(self.step, self.name, &error))?;
        self.stale = [true; 2];
        let step = self.step;
        self.stage
            .tell(&changes)
            .map_err(|reason| PlayError::Simulator { step, reason })
    }

    async fn connect(&mut self, connect: &Connect) -> Result<(), PlayError> {
        let tool = connect.tool();
        let Some(actor) = self.stage.actor(tool) else {
            return Ok(());
        };
        let settings = match connect {
            Connect::Psa(settings) => psa_settings(settings),
            Connect::Rmm(_) => PsaSettings::default(),
        };
        let connection = Connection {
            tool: tool_of(tool),
            vendor: actor.vendor.slug().to_owned(),
            base_url: actor.base_url(),
            credentials: actor.simulator.access().credentials,
            settings: settings.clone(),
        };
        match tool {
            WorldTool::Psa => self.psa = Some(settings),
            WorldTool::Rmm => self.rmm = true,
        }
        self.stale = [true; 2];
        let done = self.subject.connect(connection).await;
        self.answered(done).map(drop)
    }

    async fn sync(&mut self, sync: &Sync) -> Result<(), PlayError> {
        let tool = tool_of(sync.tool);
        let at = usize::from(tool == Tool::Rmm);
        let result = self.subject.sync(tool).await;
        let expected = sync.fails.as_ref().map(|code| code.value.as_str());
        let (error, ran) = match result {
            Ok(result) => {
                if !self.stale[at] && result.error.is_none() {
                    self.repeats.push(self.syncs);
                }
                self.stale[at] = result.error.is_some();
                // The RMM never writes what the PSA reads; the PSA writes what devices match.
                if tool == Tool::Psa && result.writes > 0 {
                    self.stale[1] = true;
                }
                (result.error.map(|error| (error.code, error.message)), true)
            }
            Err(error) if error.internal => return Err(self.broke(error)),
            Err(error) => (Some((error.code, error.message)), false),
        };
        self.syncs += usize::from(ran);
        let what = format!("step {}: sync {tool}", self.step);
        match (expected, error) {
            (None, None) => {}
            (Some(code), Some((found, _))) if code == found => {}
            (Some(code), None) => {
                self.fail(
                    what,
                    format!("fails with {code}"),
                    "it completed".to_owned(),
                );
            }
            (expected, Some((code, message))) => {
                let expected = expected.map_or_else(
                    || "completes".to_owned(),
                    |code| format!("fails with {code}"),
                );
                self.fail(what, expected, format!("{code}: {message}"));
            }
        }
        Ok(())
    }

    async fn review(&mut self, review: &Review) -> Result<(), PlayError> {
        let (target, verb) = match review {
            Review::Accept(target) => (target.clone(), Verb::Accept),
            Review::Create(target) => (target.clone(), Verb::Create),
            Review::Ignore(target) => (target.clone(), Verb::Ignore),
            Review::Revert(target) => (target.clone(), Verb::Revert),
            Review::Match(to) => (row_of(to), Verb::Match(self.record_of(to).await?)),
            Review::Change(to) => (row_of(to), Verb::Change(self.record_of(to).await?)),
        };
        let kind = target.kind();
        let rows = match &target {
            Target::Organization(key) | Target::Device(key) => {
                Rows::Ids(vec![self.external_id(kind, &key.value)?])
            }
            Target::Organizations(rows) | Target::Devices(rows) => match rows {
                scenario::Rows::All => Rows::All,
                scenario::Rows::Suggested => Rows::Suggested,
                scenario::Rows::Keys(keys) => {
                    let ids = keys.iter().map(|key| self.external_id(kind, &key.value));
                    Rows::Ids(ids.collect::<Result<_, _>>()?)
                }
            },
        };
        let screen = match kind {
            Kind::Organization => Screen::Companies,
            _ => Screen::Devices,
        };
        self.stale = [true; 2];
        let done = self.subject.review(Action { screen, rows, verb }).await;
        for made in self.answered(done)?.unwrap_or_default() {
            let rows = self
                .stage
                .actor(WorldTool::Rmm)
                .map(|actor| actor.simulator.truth());
            let mut rows = rows.into_iter().flatten();
            let row = rows.find(|row| row.kind == kind && row.external_id == made.external_id);
            self.hand_made.extend(row.map(|row| HandMade {
                kind: record_kind(kind),
                record_id: made.record_id,
                truth: row.truth,
            }));
        }
        Ok(())
    }

    async fn create(&mut self, create: &AccountCreate) -> Result<(), PlayError> {
        let EntityRef { kind, key } = &create.entity;
        let mut record = self.template(*kind, &key.value);
        let values = &create.values;
        if let Some(name) = &values.name {
            rename(&mut record, name);
        }
        let replace = |slot: &mut Option<String>, value: &Option<Option<String>>| {
            if let Some(value) = value {
                slot.clone_from(value);
            }
        };
        replace(&mut record.record_type, &values.record_type);
        replace(&mut record.status, &values.status);
        replace(&mut record.serial, &values.serial);
        replace(&mut record.mac, &values.mac);
        if *kind != Kind::Organization {
            let owner = match &create.organization {
                Some(owner) => owner.value.clone(),
                None => self.owner(*kind, &key.value),
            };
            let owner = EntityRef::new(Kind::Organization, owner);
            record.organization_id = Some(self.record_standing_for(&owner).await?);
        }
        let kind = record.kind;
        self.stale = [true; 2];
        let done = self.subject.create(record).await;
        if let Some(record_id) = self.answered(done)? {
            self.hand_made.push(HandMade {
                kind,
                record_id,
                truth: key.value.clone(),
            });
        }
        Ok(())
    }

    async fn disconnect(&mut self, how: scenario::Disconnect) -> Result<(), PlayError> {
        let (tool, how) = match how {
            scenario::Disconnect::Psa(scenario::PsaDisconnect::Pause) => {
                (Tool::Psa, Disconnect::Pause)
            }
            scenario::Disconnect::Psa(scenario::PsaDisconnect::Keep) => {
                (Tool::Psa, Disconnect::Keep)
            }
            scenario::Disconnect::Psa(scenario::PsaDisconnect::Delete) => {
                (Tool::Psa, Disconnect::Delete)
            }
            scenario::Disconnect::Rmm(scenario::RmmDisconnect::Pause) => {
                (Tool::Rmm, Disconnect::Pause)
            }
            scenario::Disconnect::Rmm(scenario::RmmDisconnect::Permanent) => {
                (Tool::Rmm, Disconnect::Keep)
            }
        };
        if how != Disconnect::Pause {
            match tool {
                Tool::Psa => self.psa = None,
                Tool::Rmm => self.rmm = false,
            }
        }
        self.stale = [true; 2];
        let done = self.subject.disconnect(tool, how).await;
        self.answered(done).map(drop)
    }

    /// Outcome, truth and scope now.
    async fn moment(&mut self) -> Result<Moment, PlayError> {
        let outcome = self
            .subject
            .outcome()
            .await
            .map_err(|error| self.broke(error))?;
        let truth = truth(&self.stage, self.psa.as_ref(), self.rmm, &self.hand_made);
        let mut scope = Scope::new(self.case.method);
        scope.repeats.clone_from(&self.repeats);
        scope.calls = self.stage.calls();
        Ok((outcome, truth, scope))
    }

    fn check(&mut self, expect: &scenario::Expect, moment: &Moment) {
        let (outcome, truth, scope) = moment;
        let judgement = judge(outcome, truth, scope);
        let findings = Findings {
            outcome,
            truth,
            judgement: &judgement,
        };
        let mut failures = findings.check(expect);
        // What no script needs to ask for: the laws hold after every step that looks.
        if let Some(writes) = judgement.second_run_writes.filter(|writes| *writes > 0) {
            failures.push(Failure {
                what: "idempotence".to_owned(),
                expected: "a sync with nothing to do writes nothing".to_owned(),
                actual: format!("{writes} rows written"),
                hint: None,
            });
        }
        for violation in &judgement.violations {
            failures.push(Failure {
                what: violation.code.to_owned(),
                expected: "the outcome is consistent".to_owned(),
                actual: format!(
                    "{} times: {}",
                    violation.count,
                    violation.examples.join("; ")
                ),
                hint: None,
            });
        }
        for failure in failures {
            let what = format!("{}: {}", self.place(), failure.what);
            let told = RigEvent::Failed {
                step: self.step,
                what: what.clone(),
            };
            self.listener.hear(&self.case.name, &told);
            self.failures.push(Failure { what, ..failure });
        }
    }

    /// The check at the end is no step that a reader could count to.
    fn place(&self) -> String {
        if self.step > self.case.scenario.steps.len() {
            "at the end".to_owned()
        } else {
            format!("step {}", self.step)
        }
    }

    /// A step that the subject refuses is a failure, unless the machine under it broke.
    fn answered<T>(&mut self, result: Result<T, SubjectError>) -> Result<Option<T>, PlayError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.internal => Err(self.broke(error)),
            Err(error) => {
                let what = format!("step {}: {}", self.step, self.name);
                self.fail(
                    what,
                    "it is done".to_owned(),
                    format!("{}: {error}", error.code),
                );
                Ok(None)
            }
        }
    }

    fn fail(&mut self, what: String, expected: String, actual: String) {
        let told = RigEvent::Failed {
            step: self.step,
            what: what.clone(),
        };
        self.listener.hear(&self.case.name, &told);
        self.failures.push(Failure {
            what,
            expected,
            actual,
            hint: None,
        });
    }

    fn broke(&self, reason: SubjectError) -> PlayError {
        PlayError::Subject {
            step: self.step,
            reason,
        }
    }

    fn script(&self, reason: String, hint: &str) -> PlayError {
        PlayError::Script {
            step: self.step,
            name: self.name,
            reason,
            hint: Some(hint.to_owned()),
        }
    }

    /// The RMM's id of a record by its key.
    fn external_id(&self, kind: Kind, key: &str) -> Result<String, PlayError> {
        let rows = self
            .stage
            .actor(WorldTool::Rmm)
            .map(|actor| actor.simulator.truth());
        let row = rows
            .into_iter()
            .flatten()
            .find(|row| row.kind == kind && row.key == key);
        row.map(|row| row.external_id).ok_or_else(|| {
            let reason = format!("the RMM has no {kind} `{key}`");
            self.script(
                reason,
                "only what the RMM holds stands on the matching screen",
            )
        })
    }

    async fn record_of(&mut self, to: &MatchTo) -> Result<String, PlayError> {
        let wanted = EntityRef::new(to.row.kind, to.to.value.clone());
        self.record_standing_for(&wanted).await
    }

    /// The subject's id of the first record that stands for an entity.
    async fn record_standing_for(&mut self, entity: &EntityRef) -> Result<String, PlayError> {
        let (outcome, truth, scope) = self.moment().await?;
        let judgement = judge(&outcome, &truth, &scope);
        let findings = Findings {
            outcome: &outcome,
            truth: &truth,
            judgement: &judgement,
        };
        let id = findings
            .standing_for(entity)
            .first()
            .map(|record| record.id.clone());
        id.ok_or_else(|| {
            let EntityRef { kind, key } = entity;
            let reason = format!(
                "no record of the account stands for the {kind} `{}`",
                key.value
            );
            self.script(reason, "sync or create it in an earlier step")
        })
    }

    /// The key of the organization that an entity truly belongs to.
    fn owner(&self, kind: Kind, key: &str) -> String {
        let entity = self.stage.world.entity(kind, key);
        entity
            .and_then(|entity| entity.organization.map(str::to_owned))
            .unwrap_or_default()
    }

    /// An entity's values as a person would type them off: the PSA's record, else the RMM's.
    fn template(&self, kind: Kind, key: &str) -> NewRecord {
        let mut record = None;
        for tool in TOOLS {
            record = record.or_else(|| typed_off(&self.stage.world.project(tool), kind, key));
        }
        record.unwrap_or_else(|| {
            let name = self.stage.world.entity(kind, key).map(|entity| entity.name);
            NewRecord::named(record_kind(kind), name.unwrap_or_default())
        })
    }
}

fn row_of(to: &MatchTo) -> Target {
    match to.row.kind {
        Kind::Organization => Target::Organization(to.row.key.clone()),
        _ => Target::Device(to.row.key.clone()),
    }
}

fn psa_settings(settings: &scenario::PsaSettings) -> PsaSettings {
    let names = |list: &Option<Vec<syncrig_mocks::world::Located<String>>>| {
        list.as_ref()
            .map(|list| list.iter().map(|name| name.value.clone()).collect())
    };
    PsaSettings {
        organization_types: names(&settings.organization_types),
        organization_statuses: names(&settings.organization_statuses),
        configuration_types: names(&settings.configuration_types),
        configuration_statuses: names(&settings.configuration_statuses),
        locations: settings.locations,
        contacts: settings.contacts,
    }
}
