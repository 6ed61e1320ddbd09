//! Tenants from a seed: the same bytes every time, and what is shown is what was made.

use std::fs;

use syncrig::exit_code::{OK, SCENARIO, USAGE};

use super::folder;
use crate::support::bin::{syncrig, syncrig_in};

const SMALL: [&str; 8] = [
    "tenant",
    "generate",
    "--seed",
    "7",
    "--organizations",
    "6",
    "--devices",
    "2..5",
];

#[test]
fn one_seed_gives_one_tenant() {
    let first = syncrig(SMALL).expect_code(OK);
    let second = syncrig(SMALL).expect_code(OK);
    assert_eq!(first.stdout, second.stdout);
    assert!(
        first.stderr.contains("6 organizations, "),
        "{}",
        first.stderr
    );
    let other = SMALL.map(|argument| if argument == "7" { "8" } else { argument });
    assert_ne!(syncrig(other).expect_code(OK).stdout, first.stdout);
}

#[test]
fn what_was_made_is_what_is_shown() {
    let folder = folder();
    let made = syncrig_in(folder.path(), SMALL.iter().chain(&["--out", "t.yaml"])).expect_code(OK);
    assert!(made.stdout.is_empty(), "the file takes it: {}", made.stdout);
    let written = fs::read_to_string(folder.path().join("t.yaml")).expect("the file was made");
    assert_eq!(written, syncrig(SMALL).stdout);

    let show = ["tenant", "show", "t.yaml", "--format", "json"];
    let shown = syncrig_in(folder.path(), show).expect_code(OK).json();
    assert_eq!((&shown["version"], &shown["seed"]), (&1.into(), &7.into()));
    let entities = &shown["entities"];
    assert_eq!(entities["organizations"]["true"], 6);
    let devices = entities["devices"]["true"].as_u64().expect("a number");
    assert!((12..=30).contains(&devices), "{devices}");
    let marks = shown["dirt"].as_object().expect("dirt by kind");
    assert!(!marks.is_empty());

    let human = syncrig_in(folder.path(), ["tenant", "show", "t.yaml"]).expect_code(OK);
    assert!(human.stdout.contains("in the PSA"), "{}", human.stdout);
    let head = format!("6 organizations, {devices} devices");
    assert!(human.stdout.contains(&head), "{}", human.stdout);
    // Dirt is the same on both ways out.
    assert!(human.stdout.ends_with(&made.stderr), "{}", made.stderr);
}

#[test]
fn rates_are_checked_and_kept() {
    let clean = ["--dirt", "none", "--rate", "shared_dock_mac=1"];
    let made = syncrig(SMALL.iter().chain(&clean)).expect_code(OK);
    assert!(made.stderr.contains("shared_dock_mac"), "{}", made.stderr);
    for rate in [
        "shared_dock_mac",
        "shared_dock_mac=2",
        "no_such_dirt=0.1",
        "=0.5",
    ] {
        let run = syncrig(SMALL.iter().chain(&["--rate", rate])).expect_code(USAGE);
        assert!(run.stdout.is_empty());
        assert!(run.stderr.contains("help: "), "{rate}: {}", run.stderr);
    }
    let counts = ["--organizations", "1", "--devices", "9..2"];
    let run = syncrig(["tenant", "generate"].iter().chain(&counts)).expect_code(USAGE);
    assert!(run.stderr.contains("9 is above 2"), "{}", run.stderr);
}

#[test]
fn a_tenant_that_contradicts_itself_is_told_with_its_place() {
    let folder = folder();
    let text = "organizations:\n  acme: { name: Acme }\ndevices:\n  ws1: { organization: akme, name: WS1 }\n";
    super::write(folder.path(), "t.yaml", text);
    super::write(folder.path(), "broken.yaml", "organizations: [\n");
    for (file, place) in [("t.yaml", "t.yaml:4:"), ("broken.yaml", "broken.yaml:")] {
        let show = syncrig_in(folder.path(), ["tenant", "show", file]).expect_code(SCENARIO);
        assert!(show.stdout.is_empty());
        assert!(show.stderr.contains(place), "{}", show.stderr);
        let serve = ["serve", "datto-rmm", "--tenant", file];
        let serve = syncrig_in(folder.path(), serve).expect_code(SCENARIO);
        assert_eq!(serve.stderr, show.stderr);
    }
}
