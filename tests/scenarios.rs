//! Every scenario with every pair of vendors that can play it, each a test of its own name
//! (`b/create-configuration [connectwise-psa + datto-rmm]`): its expectations hold, its outcome is
//! the one beside the script, and a scenario of faults ends where it would have ended without them.
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
use syncrig::model::{DecisionOutcome, Method};
use syncrig::rig::{
    AccountPlace, BuiltIn, CaseOutcome, PlayOptions, RigEvent, RigListener, SubjectError, play,
};
use syncrig::scenario::{Case, Scenario, Selection, Step, Style, load};
use syncrig::transport::{HttpOptions, HttpTransport, Transport};

/// Scenarios with this label lay faults, and are played a second time without them.
const FAULT: &str = "fault";

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
    for script in &scripts {
        match load(script) {
            Ok(scenario) => {
                let scenario = Arc::new(scenario);
                for case in scenario.cases(&Selection::default()) {
                    trials.push(of_case(&table, case, script));
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

/// What all cases share.
struct Table {
    runtime: tokio::runtime::Handle,
    transport: Arc<dyn Transport>,
}

impl Table {
    fn play(&self, case: &Case, listener: &Arc<dyn RigListener>) -> Result<CaseOutcome, Failed> {
        let transport = Arc::clone(&self.transport);
        let played = play(case, PlayOptions::default(), listener, |stage| {
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
        Trial::test("every rule that a scenario verifies exists", {
            let scenarios = Arc::clone(&scenarios);
            move || none_of(&unknown_rules(&scenarios), "ids that no rule has")
        }),
        Trial::test("every rule is verified by a scenario", move || {
            none_of(&unverified_rules(&scenarios), "rules without a scenario")
        }),
        Trial::test(
            "the same case twice gives the same outcome and events",
            move || {
                let case = generated.ok_or("there is no `b/generated`")?;
                same_twice(&table, &case)
            },
        ),
    ]
}

/// Ids of the rules and of the plans' warnings.
fn known_rules() -> BTreeSet<&'static str> {
    let warnings = Method::ALL
        .into_iter()
        .flat_map(|method| plan(method).warnings);
    let rules = RULES.iter().map(|rule| rule.id);
    rules.chain(warnings.map(|warning| warning.id)).collect()
}

fn unknown_rules(scenarios: &[Arc<Scenario>]) -> Vec<String> {
    let known = known_rules();
    let mut unknown = Vec::new();
    for scenario in scenarios {
        for id in &scenario.verifies {
            if !known.contains(id.value.as_str()) {
                unknown.push(format!("{}: {}", scenario.name, id.value));
            }
        }
    }
    unknown
}

fn unverified_rules(scenarios: &[Arc<Scenario>]) -> Vec<String> {
    let mut rules = known_rules();
    // A PSA that is connected anew is another integration, so no script reaches this rule.
    rules.remove("psa-disconnected");
    let verified = scenarios.iter().flat_map(|scenario| &scenario.verifies);
    for id in verified {
        rules.remove(id.value.as_str());
    }
    rules.into_iter().map(str::to_owned).collect()
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
    /// A scenario that says it verifies a rule must make it work.
    fn cover(&self, scenario: &Scenario) -> Result<(), Failed> {
        let seen = self.0.lock().map_err(|error| error.to_string())?;
        let idle: Vec<String> = scenario
            .verifies
            .iter()
            .filter(|id| !seen.contains(&id.value))
            .map(|id| id.value.clone())
            .collect();
        none_of(&idle, "rules that it verifies and that never worked")
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
