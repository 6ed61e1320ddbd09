//! The steps of a script, one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncrig_mocks::world::{Changes, Kind, Tool as WorldTool};

use super::check::Findings;
use super::event::{RigEvent, RigListener};
use super::neighbour::Written;
use super::play::{Moment, PlayError};
use super::settings::{kept, psa_rows, psa_settings};
use super::stage::Stage;
use super::subject::{Action, Connection, Disconnect, Rows, Screen, Subject, SubjectError, Verb};
use super::truth::{STRAY, record_kind, tool_of, truth};
use crate::connectors::PsaCapabilities;
use crate::engine::{PsaRows, PsaSettings};
use crate::judge::{HandMade, Scope, judge};
use crate::model::{Outcome, RecordKind, Tool};
use crate::report::Failure;
use crate::scenario::{
    self, Account, Case, Connect, EntityRef, MatchTo, Review, Settings, Step, Sync, Target,
};

/// A case under way.
pub(super) struct Player<'a, S> {
    pub(super) case: &'a Case,
    pub(super) stage: Stage,
    pub(super) subject: S,
    listener: Arc<dyn RigListener>,
    pub(super) failures: Vec<Failure>,
    /// Records that people made, by hand or on the matching screen: once a match is taken back or the
    /// RMM is gone, no link tells what they stand for.
    pub(super) hand_made: Vec<HandMade>,
    /// What the PSA's own integration has written, by the PSA's keys.
    pub(super) written: Written,
    /// Rows of the PSA that are paused or disconnected.
    cut: PsaRows,
    psa: Option<PsaSettings>,
    rmm: bool,
    /// Whether anything happened since the last complete sync of each tool, PSA first.
    pub(super) stale: [bool; 2],
    repeats: Vec<usize>,
    syncs: usize,
    pub(super) step: usize,
    name: &'static str,
    /// The code with which the step under way must be refused.
    pub(super) refusal: Option<&'a str>,
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
            written: Written::default(),
            cut: PsaRows::default(),
            psa: None,
            rmm: false,
            stale: [true; 2],
            repeats: Vec::new(),
            syncs: 0,
            step: 0,
            name: "",
            refusal: None,
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

    /// Records of the PSA that the account does not know.
    fn unclaimed(&self) -> Vec<RecordKind> {
        let actor = self.stage.actor(WorldTool::Psa);
        let unclaimed = actor.map(|actor| actor.simulator.unclaimed());
        let unclaimed = unclaimed.into_iter().flatten();
        let kinds = unclaimed.map(|(kind, _)| record_kind(kind));
        // What waits to be claimed when it is counted was made by the vendor, beside a new record.
        let none_made = |table: PsaCapabilities| !table.makes_first_location;
        let hidden = self.stage.narrow.is_some_and(none_made);
        kinds
            .filter(|kind| !hidden || *kind != RecordKind::Location)
            .collect()
    }

    /// The end of the script: its expectation is checked, and the last moment given back.
    pub(super) async fn ending(&mut self) -> Result<Moment, PlayError> {
        self.step += 1;
        self.name = "expect";
        let expect = &self.case.scenario.expect;
        let moment = self.moment().await?;
        self.check(expect, &moment);
        self.check_visible(expect).await?;
        Ok(moment)
    }

    async fn act(&mut self, step: &'a Step) -> Result<(), PlayError> {
        match step {
            Step::Connect(connect) => self.connect(connect).await,
            Step::Settings(Settings::Psa(settings)) => {
                let settings = psa_settings(settings);
                self.stale = [true; 2];
                let done = self.subject.settings(settings.clone()).await;
                if self.answered(done)?.is_some() {
                    self.psa = Some(settings);
                }
                Ok(())
            }
            Step::Sync(sync) => self.sync(sync).await,
            Step::Review(review) => self.review(review).await,
            Step::Account(Account::Create(create)) => self.create(create).await,
            Step::Account(account) => self.account(account).await,
            Step::Person(person) => self.person(person).await,
            Step::Import(import) => self.import(import).await,
            Step::Disconnect(scenario::Disconnect::PsaRows(rows)) => {
                self.stale = [true; 2];
                let how = kept(rows.how);
                let rows = psa_rows(&rows.rows());
                let done = self.subject.disconnect_rows(rows.clone(), how).await;
                if self.answered(done)?.is_some() {
                    self.cut.add(&rows);
                }
                Ok(())
            }
            Step::Disconnect(how) => self.disconnect(how).await,
            Step::Reconnect(scenario::Reconnect::PsaRows(rows)) => {
                self.stale = [true; 2];
                let rows = psa_rows(rows);
                let done = self.subject.reconnect_rows(rows.clone()).await;
                if self.answered(done)?.is_some() {
                    self.cut.take_out(&rows);
                }
                Ok(())
            }
            Step::Push(push) if push.is_into_account() => self.neighbour().await,
            Step::Refused(refused) => {
                self.refusal = Some(&refused.with.value);
                let done = Box::pin(self.act(&refused.step.value)).await;
                self.refusal = None;
                done
            }
            Step::Resume(tool) => {
                self.stale = [true; 2];
                let done = self.subject.resume(tool_of(*tool)).await;
                self.answered(done).map(drop)
            }
            Step::Expect(expect) => {
                let moment = self.moment().await?;
                self.check(expect, &moment);
                self.check_visible(expect).await
            }
            upstream => self.upstream(upstream),
        }
    }

    /// Steps that the subject does not see: people at work in the tools, faults, time.
    fn upstream(&mut self, step: &Step) -> Result<(), PlayError> {
        let pushed = match step {
            Step::Push(push) => {
                let keys = push.devices.as_ref().map(|keys| keys.iter());
                let keys = keys.map(|keys| keys.map(|key| key.value.clone()).collect());
                self.stage.rmm_devices(keys)
            }
            _ => None,
        };
        let world = &mut self.stage.world;
        let changes: Result<Changes, _> = match step {
            Step::Push(push) => {
                let keys: Option<Vec<&str>> =
                    (pushed.as_ref()).map(|keys| keys.iter().map(String::as_str).collect());
                let (from, to) = (WorldTool::Rmm, WorldTool::Psa);
                world.push_devices(from, to, keys.as_deref(), push.rules())
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
        let (settings, company) = match connect {
            Connect::Psa(settings) => (psa_settings(settings), None),
            Connect::Rmm(settings) => (PsaSettings::default(), settings.company.as_ref()),
        };
        let connection = Connection {
            tool: tool_of(tool),
            vendor: actor.vendor.slug().to_owned(),
            base_url: actor.base_url(),
            credentials: actor.simulator.access().credentials,
            settings: settings.clone(),
            company: company.map(|company| company.value.clone()),
        };
        if tool == WorldTool::Rmm {
            let usual = actor.vendor.companies().first().copied();
            let chosen = company.map(|company| company.as_str()).or(usual);
            actor.simulator.set_company(chosen.unwrap_or_default());
        }
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
                .map(|actor| self.stage.truth(actor));
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

    async fn disconnect(&mut self, how: &scenario::Disconnect) -> Result<(), PlayError> {
        let (tool, how) = match how {
            scenario::Disconnect::Psa(how) => (Tool::Psa, kept(*how)),
            scenario::Disconnect::PsaRows(_) => return Ok(()),
            scenario::Disconnect::Rmm(scenario::RmmDisconnect::Pause) => {
                (Tool::Rmm, Disconnect::Pause)
            }
            scenario::Disconnect::Rmm(scenario::RmmDisconnect::Permanent) => {
                (Tool::Rmm, Disconnect::Keep)
            }
        };
        if how != Disconnect::Pause && self.refusal.is_none() {
            match tool {
                Tool::Psa => {
                    self.psa = None;
                    self.cut = PsaRows::default();
                }
                Tool::Rmm => self.rmm = false,
            }
        }
        self.stale = [true; 2];
        let done = self.subject.disconnect(tool, how).await;
        self.answered(done).map(drop)
    }

    /// Outcome, truth and scope now.
    pub(super) async fn moment(&mut self) -> Result<Moment, PlayError> {
        let outcome = self
            .subject
            .outcome()
            .await
            .map_err(|error| self.broke(error))?;
        self.claim(&outcome);
        let psa = self.psa.as_ref().map(|settings| (settings, &self.cut));
        let truth = truth(&self.stage, psa, self.rmm, &self.hand_made);
        let mut scope = Scope::new(self.case.method);
        scope.repeats.clone_from(&self.repeats);
        scope.calls = self.stage.calls();
        Ok((outcome, truth, scope))
    }

    /// What a push made in the PSA is a further record of the entity that its record in the account
    /// stands for. What nobody in the account explains waits until a sync has brought it here.
    fn claim(&mut self, outcome: &Outcome) {
        let Some(actor) = self.stage.actor(WorldTool::Psa) else {
            return;
        };
        let simulator = Arc::clone(&actor.simulator);
        let unclaimed = simulator.unclaimed();
        if unclaimed.is_empty() {
            return;
        }
        let rows = self.stage.actors().flat_map(|actor| {
            let tool = tool_of(actor.vendor.tool());
            let rows = self.stage.truth(actor).into_iter();
            rows.map(move |row| ((tool, record_kind(row.kind), row.external_id), row.truth))
        });
        let rows: BTreeMap<(Tool, RecordKind, String), String> = rows.collect();
        for (kind, external_id) in unclaimed {
            let record = outcome.records(record_kind(kind)).iter().find(|record| {
                let mut links = record.links.iter();
                links.any(|link| link.tool == Tool::Psa && link.external_id == external_id)
            });
            let Some(record) = record else { continue };
            let by_hand = self.hand_made.iter();
            let mut by_hand =
                by_hand.filter(|made| made.kind == record.kind && made.record_id == record.id);
            let mut links = record.links.iter();
            let linked = links.find_map(|link| {
                rows.get(&(link.tool, record.kind, link.external_id.clone()))
                    .cloned()
            });
            let truth = by_hand.next().map(|made| made.truth.clone()).or(linked);
            let learnt = truth.and_then(|truth| {
                let key = self.stage.world.learn(WorldTool::Psa, kind, &truth).ok()?;
                Some((key, truth))
            });
            // A record that nobody meant: the site that the vendor makes with a company.
            let (key, truth) = learnt.unwrap_or_else(|| {
                // Numbered here, since the vendor's own ids would tell vendors apart.
                let known = simulator.truth().into_iter();
                let known = known.filter(|row| row.key.starts_with(STRAY)).count();
                let stray = format!("{STRAY}{kind}-{}", known + 1);
                (stray.clone(), stray)
            });
            simulator.claim(kind, &external_id, &key, &truth);
        }
    }

    fn check(&mut self, expect: &scenario::Expect, moment: &Moment) {
        let (outcome, truth, scope) = moment;
        let judgement = judge(outcome, truth, scope);
        let findings = Findings {
            outcome,
            truth,
            judgement: &judgement,
            unclaimed: self.unclaimed(),
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
            self.failed(failure);
        }
    }

    /// Takes note of a failure at the step under way.
    pub(super) fn failed(&mut self, failure: Failure) {
        let what = format!("{}: {}", self.place(), failure.what);
        let told = RigEvent::Failed {
            step: self.step,
            what: what.clone(),
        };
        self.listener.hear(&self.case.name, &told);
        self.failures.push(Failure { what, ..failure });
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
    pub(super) fn answered<T>(
        &mut self,
        result: Result<T, SubjectError>,
    ) -> Result<Option<T>, PlayError> {
        match (result, self.refusal) {
            (Err(error), _) if error.internal => Err(self.broke(error)),
            (Err(error), Some(code)) if error.code == code => Ok(None),
            (result, Some(code)) => {
                let found = match result {
                    Ok(_) => "it was done".to_owned(),
                    Err(error) => format!("{}: {error}", error.code),
                };
                let what = format!("step {}: {}", self.step, self.name);
                self.fail(what, format!("it is refused with {code}"), found);
                Ok(None)
            }
            (Ok(value), None) => Ok(Some(value)),
            (Err(error), None) => {
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

    pub(super) fn fail(&mut self, what: String, expected: String, actual: String) {
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

    pub(super) fn script(&self, reason: String, hint: &str) -> PlayError {
        PlayError::Script {
            step: self.step,
            name: self.name,
            reason,
            hint: Some(hint.to_owned()),
            before: None,
        }
    }

    /// The RMM's id of a record by its key.
    fn external_id(&self, kind: Kind, key: &str) -> Result<String, PlayError> {
        let rows = self
            .stage
            .actor(WorldTool::Rmm)
            .map(|actor| self.stage.truth(actor));
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
}

fn row_of(to: &MatchTo) -> Target {
    match to.row.kind {
        Kind::Organization => Target::Organization(to.row.key.clone()),
        _ => Target::Device(to.row.key.clone()),
    }
}
