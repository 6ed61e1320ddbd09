//! Every scenario with its own vendors, with every other PSA, and with other RMMs in turn, each a test
//! of its own name (`b/create-configuration [connectwise-psa + datto-rmm]`): its expectations hold, its
//! outcome is the one beside the script, and a scenario of faults ends where it would have ended without
//! them.
//!
//! `INSTA_UPDATE=always cargo test --test scenarios` writes outcomes anew, and so does
//! `syncrig run --bless`. It knows nothing of the engine but that it can be played.

#![expect(
    clippy::unwrap_used,
    reason = "without the built-in harness the lint cannot see that this is a test"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use syncrig::connectors::ConnectorOptions;
use syncrig::engine::{Event, RULES, plan};
use syncrig::judge::{ShownFields, SnapshotOptions, full_snapshot};
use syncrig::model::{DecisionOutcome, Method, Profile};
use syncrig::report::{CaseReport, CaseVerdict, HumanOptions, RunReport, write_human};
use syncrig::rig::{
    AccountPlace, BuiltIn, CaseOutcome, PlayOptions, RigEvent, RigListener, SubjectError, play,
    run_cases,
};
use syncrig::rules::{Coverage, catalogue};
use syncrig::scenario::{Case, Scenario, Selection, Step, Style, load};
use syncrig::transport::{HttpOptions, HttpTransport, Transport};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

/// Scenarios with this label lay faults, and are played a second time without them.
const FAULT: &str = "fault";
/// Scenarios with this label show what the hardened profile puts right.
const CURES: &str = "cures";

fn main() {
    let arguments = Arguments::from_args();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let table = Arc::new(Table {
        runtime: runtime.handle().clone(),
        transport: Arc::new(HttpTransport::new(HttpOptions::default()).unwrap()),
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scripts = files(&folder, "yaml");
    let mut trials = Vec::new();
    let mut scenarios = Vec::new();
    for (place, script) in scripts.iter().enumerate() {
        match load(script) {
            Ok(scenario) => {
                let scenario = Arc::new(scenario);
                let cases = scenario.cases(&Selection::default()).into_iter();
                for case in cases.filter(Case::is_own) {
                    trials.push(of_case(&table, case, script));
                }
                for others in others() {
                    let cases = scenario.cases(&others).into_iter();
                    let cases = cases.filter(|case| !case.is_own());
                    for case in cases.filter(|case| in_turn(place, case)) {
                        trials.push(of_stranger(&table, case, script));
                    }
                }
                scenarios.push(scenario);
            }
            Err(diagnostics) => {
                let told = diagnostics.render(Style::Plain);
                let name = script.display().to_string();
                trials.push(Trial::test(name, move || Err(told.into())));
            }
        }
    }
    trials.extend(of_folder(&table, &folder, scripts, scenarios));
    libtest_mimic::run(&arguments, trials).exit();
}

/// Scenarios that another RMM plays here: one in so many, each RMM others than its neighbour, so that
/// every scenario is played by several. All of them are `syncrig run --rmm all`: two cores would take
/// ten minutes more for it, unoptimised.
const RMM_TURN: usize = 3;

/// Whether it is this RMM's turn. PSAs always play: they write far more of an account.
fn in_turn(place: usize, case: &Case) -> bool {
    let Some(rmm) = case.rmm else { return true };
    if case.scenario.vendors.reference(Tool::Rmm) == Some(rmm) {
        return true;
    }
    let nth = Vendor::of(Tool::Rmm).position(|vendor| vendor == rmm);
    (place + nth.unwrap_or(0)).is_multiple_of(RMM_TURN)
}

/// Every PSA beside the usual RMM, and every RMM beside the usual PSA. Pairs of two others come out of
/// `--psa all --rmm all`.
fn others() -> [Selection; 2] {
    let all = |tool| Vendor::of(tool).collect();
    [
        Selection {
            psa: all(Tool::Psa),
            ..Selection::default()
        },
        Selection {
            rmm: all(Tool::Rmm),
            ..Selection::default()
        },
    ]
}

/// What all cases share.
struct Table {
    runtime: tokio::runtime::Handle,
    transport: Arc<dyn Transport>,
}

impl Table {
    fn play(&self, case: &Case, listener: &Arc<dyn RigListener>) -> Result<CaseOutcome, Failed> {
        self.play_with(case, PlayOptions::default(), listener)
    }

    /// Plays a case under a profile in place of its own knobs.
    fn play_under(&self, case: &Case, profile: Profile) -> Result<CaseOutcome, Failed> {
        let deaf: Arc<dyn RigListener> = Arc::new(());
        let options = PlayOptions {
            profile: Some(profile),
            ..PlayOptions::default()
        };
        self.play_with(case, options, &deaf)
    }

    fn play_with(
        &self,
        case: &Case,
        options: PlayOptions,
        listener: &Arc<dyn RigListener>,
    ) -> Result<CaseOutcome, Failed> {
        let transport = Arc::clone(&self.transport);
        let played = play(case, options, listener, |stage| {
            let mut options =
                ConnectorOptions::new(transport, stage.clock.shared(), stage.world.seed());
            options.respect_limits = case.scenario.limits;
            let relay = Arc::clone(listener);
            BuiltIn::new(
                &AccountPlace::Memory,
                case.method,
                options,
                &case.name,
                relay,
            )
            .map_err(|error| SubjectError {
                code: error.code().to_owned(),
                message: error.to_string(),
                internal: true,
            })
        });
        self.runtime.block_on(played).map_err(|error| {
            let hint = error.hint().unwrap_or_default();
            format!("it broke off: {error}\n{hint}").into()
        })
    }

    /// Plays a case whose expectations must hold.
    fn play_well(
        &self,
        case: &Case,
        listener: &Arc<dyn RigListener>,
    ) -> Result<CaseOutcome, Failed> {
        let outcome = self.play(case, listener)?;
        if outcome.failures.is_empty() {
            return Ok(outcome);
        }
        let mut told = format!("{}\n", case.scenario.title);
        for failure in &outcome.failures {
            let _ = writeln!(
                told,
                "  {}\n    expected {}\n    found    {}",
                failure.what, failure.expected, failure.actual
            );
        }
        Err(told.into())
    }
}

fn of_case(table: &Arc<Table>, case: Case, script: &Path) -> Trial {
    let table = Arc::clone(table);
    let script = script.to_owned();
    Trial::test(case.name.clone(), move || {
        let rules = Arc::new(Rules::default());
        let listener: Arc<dyn RigListener> = rules.clone();
        let outcome = table.play_well(&case, &listener)?;
        rules.cover(&case.scenario)?;
        compare(&case, &script, &outcome.snapshot)?;
        if case.scenario.labels.iter().any(|label| label == FAULT) {
            converges(&table, &case, &outcome)?;
        }
        Ok(())
    })
}

/// A case of another PSA than the script's own comes to the same, or to what the capability table
/// makes of it.
fn of_stranger(table: &Arc<Table>, case: Case, script: &Path) -> Trial {
    let table = Arc::clone(table);
    let kept = std::fs::read_to_string(script.with_extension("snap")).ok();
    // Behind the head that insta writes.
    let kept = kept.and_then(|text| Some(text.splitn(3, "---\n").nth(2)?.to_owned()));
    Trial::test(case.name.clone(), move || {
        let deaf: Arc<dyn RigListener> = Arc::new(());
        let mut silent = |_: &CaseReport| {};
        let played = run_cases(
            vec![case],
            PlayOptions::default(),
            |_| AccountPlace::Memory,
            move |_| kept.clone(),
            deaf,
            &mut silent,
        );
        let played = table.runtime.block_on(played)?;
        let report = RunReport::new(played.into_iter().map(|one| one.report).collect());
        if report.worst() < Some(CaseVerdict::Fail) {
            return Ok(());
        }
        let mut told = Vec::new();
        write_human(&report, HumanOptions::default(), &mut told)?;
        Err(String::from_utf8_lossy(&told).into_owned().into())
    })
}

/// Compares with the snapshot beside the script, which all pairs of vendors share.
fn compare(case: &Case, script: &Path, outcome: &str) -> Result<(), Failed> {
    let (Some(folder), Some(stem)) = (script.parent(), script.file_stem()) else {
        return Err("the script has no name".into());
    };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    let Scenario { method, title, .. } = &*case.scenario;
    settings.set_description(format!("Method {}: {title}", method.value));
    let stem = stem.to_string_lossy().into_owned();
    settings.bind(|| insta::assert_snapshot!(stem, outcome));
    Ok(())
}

/// Whatever faults happened: once they have stopped, the next sync reaches the state of a run
/// without them.
fn converges(table: &Table, case: &Case, outcome: &CaseOutcome) -> Result<(), Failed> {
    let mut scenario = (*case.scenario).clone();
    scenario.steps.retain(|step| {
        !matches!(
            step.value,
            Step::Fault(_) | Step::ClearFaults(_) | Step::Expect(_)
        )
    });
    for step in &mut scenario.steps {
        if let Step::Sync(sync) = &mut step.value {
            sync.fails = None;
        }
    }
    // What the last sync had to do is another matter where the syncs before it did not fail.
    scenario.expect = syncrig::scenario::Expect::default();
    let scenario = Arc::new(scenario);
    let case = Case {
        scenario,
        ..case.clone()
    };
    let deaf: Arc<dyn RigListener> = Arc::new(());
    let calm = table.play_well(&case, &deaf)?;
    let (stormy, calm) = (state(outcome), state(&calm));
    if stormy == calm {
        return Ok(());
    }
    let difference = stormy
        .lines()
        .zip(calm.lines())
        .find(|(stormy, calm)| stormy != calm);
    let (stormy, calm) = difference.unwrap_or(("(one ends before the other)", ""));
    Err(format!(
        "after the faults the account is not what it is without them; the first difference:\n  \
         with faults    {stormy}\n  without faults {calm}"
    )
    .into())
}

/// Records, links and matching screen at the end, without the history that led there.
fn state(played: &CaseOutcome) -> String {
    let options = SnapshotOptions {
        fields: ShownFields::All,
        decisions: false,
    };
    let mut judgement = played.judgement.clone();
    judgement.second_run_writes = None;
    let text = full_snapshot(&played.outcome, &played.truth, &judgement, &options);
    match text.split_once("\nsyncs:\n") {
        Some((state, _)) => state.to_owned(),
        None => text,
    }
}

/// Tests of the folder as a whole.
fn of_folder(
    table: &Arc<Table>,
    folder: &Path,
    scripts: Vec<PathBuf>,
    scenarios: Vec<Arc<Scenario>>,
) -> Vec<Trial> {
    let snapshots = files(folder, "snap");
    let empty = scripts.is_empty();
    let generated = scenarios
        .iter()
        .find(|scenario| scenario.name == "b/generated")
        .and_then(|scenario| scenario.cases(&Selection::default()).into_iter().next());
    let table = Arc::clone(table);
    let scenarios = Arc::new(scenarios);
    vec![
        Trial::test("there are scenarios", move || {
            if empty {
                return Err("the folder `scenarios` holds no script".into());
            }
            Ok(())
        }),
        Trial::test("every snapshot has its script", move || {
            let scripts: BTreeSet<&PathBuf> = scripts.iter().collect();
            let orphans: Vec<String> = snapshots
                .iter()
                .filter(|snapshot| !scripts.contains(&snapshot.with_extension("yaml")))
                .map(|snapshot| snapshot.display().to_string())
                .collect();
            none_of(&orphans, "snapshots without a script")
        }),
        Trial::test("a knob that is shown makes a difference", {
            let (table, scenarios) = (Arc::clone(&table), Arc::clone(&scenarios));
            move || knobs_that_change_nothing(&table, &scenarios)
        }),
        Trial::test("the laws hold under the hardened profile", {
            let (table, scenarios) = (Arc::clone(&table), Arc::clone(&scenarios));
            move || lawless_when_hardened(&table, &scenarios)
        }),
        Trial::test(
            "the book of rules and the scenarios know each other",
            move || {
                none_of(
                    &problems_of_the_book(&scenarios),
                    "what `syncrig rules --check` says",
                )
            },
        ),
        Trial::test(
            "the same case twice gives the same outcome and events",
            move || {
                let case = generated.ok_or("there is no `b/generated`")?;
                same_twice(&table, &case)
            },
        ),
    ]
}

/// What a knob or a cure by hardening is shown by must come out otherwise where nothing is set.
fn knobs_that_change_nothing(
    table: &Arc<Table>,
    scenarios: &[Arc<Scenario>],
) -> Result<(), Failed> {
    let mut idle = Vec::new();
    let mut shown = 0;
    for scenario in scenarios {
        let cures = scenario.labels.iter().any(|label| label == CURES);
        if !cures && !scenario.name.starts_with("knobs/") {
            continue;
        }
        for case in scenario.cases(&Selection::default()) {
            shown += 1;
            let deaf: Arc<dyn RigListener> = Arc::new(());
            let own = table.play(&case, &deaf)?;
            let documented = table.play_under(&case, Profile::Documented)?;
            if own.snapshot == documented.snapshot {
                idle.push(case.name.clone());
            }
        }
    }
    if shown == 0 {
        return Err("no scenario shows a knob".into());
    }
    none_of(&idle, "scenarios of knobs that change nothing")
}

/// Whatever the outcome: it is consistent, and a sync with nothing to do writes nothing. Faults and
/// large tenants are left out; they say nothing more about the knobs.
fn lawless_when_hardened(table: &Arc<Table>, scenarios: &[Arc<Scenario>]) -> Result<(), Failed> {
    let mut lawless = Vec::new();
    for scenario in scenarios {
        let small = |label: &String| label != FAULT && label != "generated";
        if !scenario.labels.iter().all(small) {
            continue;
        }
        for case in scenario.cases(&Selection::default()) {
            let played = table.play_under(&case, Profile::Hardened)?;
            let judgement = &played.judgement;
            if judgement.second_run_writes.is_some_and(|writes| writes > 0) {
                lawless.push(format!("{}: a sync with nothing to do writes", case.name));
            }
            let violations = judgement.violations.iter();
            let told = violations.map(|it| format!("{}: {}", case.name, it.code));
            lawless.extend(told);
        }
    }
    none_of(&lawless, "laws that do not hold")
}

/// Ids of the rules that decide something, so that they can be seen at work, and of the plans'
/// warnings.
fn deciding_rules() -> BTreeSet<&'static str> {
    let warnings = Method::ALL
        .into_iter()
        .flat_map(|method| plan(method).warnings);
    let rules = RULES.iter().map(|rule| rule.id);
    rules.chain(warnings.map(|warning| warning.id)).collect()
}

/// What is wrong between the book of rules and the scenarios: what `syncrig rules --check` says.
fn problems_of_the_book(scenarios: &[Arc<Scenario>]) -> Vec<String> {
    match catalogue() {
        Ok(book) => {
            let coverage = Coverage::new(book, scenarios, |_| true);
            let problems = coverage.problems.into_iter();
            problems.map(|problem| problem.message).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

/// Plays a case twice and compares outcome, snapshot and stream of events byte by byte.
fn same_twice(table: &Table, case: &Case) -> Result<(), Failed> {
    let once = || -> Result<(String, String, String), Failed> {
        let log = Arc::new(Log::default());
        let listener: Arc<dyn RigListener> = log.clone();
        let played = table.play(case, &listener)?;
        let outcome = serde_json::to_string(&played.outcome).map_err(|error| error.to_string())?;
        let events = log.0.lock().map_err(|error| error.to_string())?.clone();
        Ok((outcome, played.snapshot, events))
    };
    let (first, second) = (once()?, once()?);
    if first.2.is_empty() {
        return Err("no event was heard".into());
    }
    let differ = [
        ("outcome", first.0 != second.0),
        ("snapshot", first.1 != second.1),
        ("stream of events", first.2 != second.2),
    ];
    let differ: Vec<String> = differ
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(what, _)| what.to_owned())
        .collect();
    none_of(&differ, "what differs between two runs")
}

/// Ids of the rules that were seen at work.
#[derive(Default)]
struct Rules(Mutex<BTreeSet<String>>);

impl RigListener for Rules {
    fn hear(&self, _case: &str, event: &RigEvent) {
        let mut seen = self.0.lock().unwrap();
        match event {
            RigEvent::Subject(Event::Decided(decision)) => {
                if decision.outcome == DecisionOutcome::Conflict {
                    seen.insert("M-conflict".to_owned());
                }
                seen.insert(decision.rule.clone());
            }
            RigEvent::Subject(Event::SyncEnded { ledgers, .. }) => {
                let skipped = ledgers.iter().flat_map(|ledger| ledger.skipped.keys());
                seen.extend(skipped.cloned());
            }
            RigEvent::Subject(Event::Imported(import)) => {
                seen.extend(import.rules.keys().cloned());
            }
            RigEvent::Subject(Event::Acted(action)) => {
                seen.insert(action.rule.clone());
            }
            RigEvent::Subject(Event::Warned(warning)) => {
                seen.insert(warning.id.clone());
            }
            _ => {}
        }
    }
}

impl Rules {
    /// A scenario that says it verifies a rule must make it work, if the rule is one that decides.
    fn cover(&self, scenario: &Scenario) -> Result<(), Failed> {
        let seen = self.0.lock().map_err(|error| error.to_string())?;
        let deciding = deciding_rules();
        let (deciding, stating): (Vec<&str>, Vec<&str>) = scenario
            .verifies
            .iter()
            .map(|id| id.value.as_str())
            .partition(|id| deciding.contains(id));
        let idle = deciding.into_iter().filter(|id| !seen.contains(*id));
        let idle: Vec<String> = idle.map(str::to_owned).collect();
        none_of(&idle, "rules that it verifies and that never worked")?;
        // Other rules decide nothing: what they state must at least be asked for.
        let asks = |step: &Step| {
            matches!(step, Step::Expect(_) | Step::Refused(_))
                || matches!(step, Step::Import(import) if import.fails.is_some())
        };
        let asked = scenario.steps.iter().any(|step| asks(&step.value));
        if !stating.is_empty() && !asked && scenario.expect.is_empty() {
            return Err(format!("it verifies {} and expects nothing", stating.join(", ")).into());
        }
        Ok(())
    }
}

/// Every event as a line of JSON.
#[derive(Default)]
struct Log(Mutex<String>);

impl RigListener for Log {
    fn hear(&self, _case: &str, event: &RigEvent) {
        let line = serde_json::to_string(event).unwrap();
        let mut text = self.0.lock().unwrap();
        text.push_str(&line);
        text.push('\n');
    }
}

fn none_of(found: &[String], what: &str) -> Result<(), Failed> {
    if found.is_empty() {
        return Ok(());
    }
    Err(format!("{what}:\n  {}", found.join("\n  ")).into())
}

/// Files of one ending in a folder and the folders in it, sorted. `tenants` holds no scripts.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tenants") {
                found.extend(files(&path, ending));
            }
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
    found.sort_unstable();
    found
}
