//! Random stories: the oracle is the reference machine, the engine behind real simulators is the
//! system under test.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::{BoxedStrategy, Just, Strategy, prop_oneof};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use syncrig::model::Method;
use syncrig::scenario::Step;

use super::compare::{Keys, difference, of_oracle, of_outcome};
use super::play::{Played, played};
use super::smaller::smallest;
use super::story::Story;
use super::{next, tenants};
use crate::support::bin::repository;
use crate::support::rig::block_on;

/// Told in the gate, the same ones every time.
const STORIES: u32 = 100;

/// How many steps a story has.
const LENGTH: Range<usize> = 5..24;

/// The account by the rule book.
struct Oracle;

impl ReferenceStateMachine for Oracle {
    type State = Story;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Story> {
        let method = prop_oneof![
            1 => Just(Method::A),
            4 => Just(Method::B),
            3 => Just(Method::C),
            3 => Just(Method::D),
        ];
        (method, tenants::tenants())
            .prop_map(|(method, tenant)| Story::begin(method, tenant))
            .boxed()
    }

    fn transitions(story: &Story) -> BoxedStrategy<Step> {
        next::next(story)
    }

    fn preconditions(story: &Story, step: &Step) -> bool {
        story.allows(step)
    }

    fn apply(mut story: Story, step: &Step) -> Story {
        story.take(step);
        story
    }
}

/// Whether engine and oracle agree on every moment of a story, and on what not.
pub(super) fn verdict(story: &Story) -> Result<(), String> {
    let played = block_on(played(story))?;
    match first_difference(story, &played) {
        None => Ok(()),
        Some(difference) => Err(difference),
    }
}

fn first_difference(story: &Story, played: &Played) -> Option<String> {
    let keys = Keys::of(&played.sources);
    let mut again = Story::begin(story.method, (*story.tenant).clone());
    let mut moments = played.moments.iter().peekable();
    for (at, step) in story.steps.iter().enumerate() {
        again.take(step);
        while let Some((_, outcome)) = moments.next_if(|(moment, _)| *moment == at + 1) {
            let told = difference(&of_oracle(&again.account), &of_outcome(outcome, &keys));
            if !told.is_empty() {
                return Some(format!(
                    "after step {}, {}:\n{told}",
                    at + 1,
                    step.summary()
                ));
            }
        }
    }
    (!played.failures.is_empty()).then(|| played.failures.join("\n"))
}

/// Keeps a story as a scenario, and says where.
pub(super) fn kept(story: &Story, difference: &str) -> String {
    let folder = match std::env::var_os("SYNCRIG_STORY_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => repository("target/stories"),
    };
    let yaml = story.scenario("Engine and oracle differ");
    let yaml = yaml.to_yaml().expect("a story has a YAML form");
    let path = folder.join(format!("{}.yaml", name(&yaml)));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &yaml));
    let whereabouts = match written {
        Ok(()) => format!("kept; `syncrig run {}` plays it", path.display()),
        Err(error) => format!("not kept: {error}"),
    };
    format!("engine (+) and oracle (-) differ {difference}\n{yaml}\n{whereabouts}")
}

/// A short name that a story always has.
fn name(yaml: &str) -> String {
    let hash = yaml.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("story-{hash:016x}")
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn engine_and_oracle_agree_on_random_stories() {
    let many = number("SYNCRIG_STORIES").and_then(|many| u32::try_from(many).ok());
    let seed = number("SYNCRIG_STORY_SEED").unwrap_or(0);
    let told = AtomicUsize::new(0);
    // Two threads, each with its own stories; one that fails does not stop the other.
    let findings: Vec<String> = std::thread::scope(|scope| {
        let threads = [0, 1].map(|thread| {
            let (told, stories) = (&told, many.unwrap_or(STORIES) / 2);
            scope.spawn(move || tell(stories, seed * 2 + thread, many.is_some(), told))
        });
        let findings = threads
            .into_iter()
            .map(|thread| thread.join().expect("it ends"));
        findings.flatten().collect()
    });
    assert!(findings.is_empty(), "{}", findings.join("\n\n"));
}

/// Tells stories until one shows a difference, and makes that one small.
fn tell(stories: u32, seed: u64, aloud: bool, told: &AtomicUsize) -> Option<String> {
    let mut runner = TestRunner::new_with_rng(config(stories), rng(seed));
    let strategy = Oracle::sequential_strategy(LENGTH);
    let result = runner.run(&strategy, |(story, steps, seen)| {
        seen.iter().for_each(|seen| {
            seen.fetch_add(steps.len(), Ordering::Relaxed);
        });
        let told = told.fetch_add(1, Ordering::Relaxed) + 1;
        if aloud && told.is_multiple_of(500) {
            progress(told);
        }
        let story = told_to_the_end(story, &steps);
        verdict(&story).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => None,
        Err(TestError::Fail(_, (story, steps, _))) => {
            let story = smallest(told_to_the_end(story, &steps));
            let difference = verdict(&story).err().unwrap_or_default();
            Some(format!("seed {seed}: {}", kept(&story, &difference)))
        }
        Err(error) => Some(format!("seed {seed}: {error}")),
    }
}

#[expect(clippy::print_stderr, reason = "whoever tells 20,000 wants to see it")]
fn progress(told: usize) {
    eprintln!("{told} stories told");
}

fn config(stories: u32) -> Config {
    Config {
        cases: stories,
        failure_persistence: None,
        max_shrink_iters: 200,
        max_local_rejects: u32::MAX,
        ..Config::default()
    }
}

fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn told_to_the_end(mut story: Story, steps: &[Step]) -> Story {
    steps.iter().for_each(|step| story.take(step));
    story.ended()
}

/// Stories that come nowhere near a rule say nothing about it.
#[test]
fn random_stories_come_to_every_rule() {
    const WANTED: [&str; 31] = [
        "M1",
        "M2",
        "M3",
        "M4",
        "M5",
        "M-ambiguous",
        "M-conflict",
        "M-taken",
        "O1",
        "O2",
        "O-none",
        "O-ambiguous",
        "review-accept",
        "review-match",
        "review-create",
        "review-ignore",
        "review-change",
        "review-revert",
        "A-warning-connect-rmm",
        "B-warning-rmm-before-psa",
        "B-warning-create-organization",
        "B-warning-create-configuration",
        "C-warning-configuration-types",
        "C-warning-rmm-before-psa",
        "C-warning-create-organization",
        "D-warning-psa-connected",
        "Orphaned",
        "Disconnected",
        "two devices on one configuration",
        "linked organization made by hand",
        "linked configuration made by hand",
    ];
    let strategy = Oracle::sequential_strategy(LENGTH);
    let mut runner = TestRunner::new_with_rng(config(STORIES), rng(0));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..4 * STORIES {
        let tree = strategy.new_tree(&mut runner).expect("a story");
        let (mut story, steps, _) = tree.current();
        for step in &steps {
            story.take(step);
            marks(&story, &mut seen);
        }
    }
    let missing: Vec<&str> = (WANTED.into_iter())
        .filter(|it| !seen.contains(*it))
        .collect();
    assert!(missing.is_empty(), "no story came to {missing:?}");
}

/// What a story came to.
fn marks(story: &Story, seen: &mut BTreeSet<String>) {
    let account = &story.account;
    let mut mark = |text: &str| {
        seen.insert(text.to_owned());
    };
    let companies = account.companies.iter().map(|row| &row.place);
    for place in companies.chain(account.devices.iter().map(|row| &row.place)) {
        place
            .rule
            .iter()
            .chain(&place.reason)
            .for_each(|id| mark(id));
    }
    account.warnings.iter().for_each(|id| mark(id));
    for (id, record) in account.records.iter().enumerate() {
        record
            .links
            .iter()
            .for_each(|link| mark(&format!("{:?}", link.state)));
        if record.live_link().is_some() && !record.stands_for.is_empty() {
            mark(&format!("linked {} made by hand", record.kind));
        }
        if account.matched_devices(id).len() > 1 {
            mark("two devices on one configuration");
        }
    }
}
