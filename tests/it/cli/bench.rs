//! `syncrig bench` measures what it says, on a tenant that is small enough for a test. No time is looked
//! at: only that every sync did its work.

use serde_json::Value;
use syncrig::exit_code::{OK, USAGE};

use crate::support::bin::syncrig;

fn bench(arguments: &[&str]) -> Value {
    let small = [
        "bench",
        "--organizations",
        "4",
        "--devices",
        "5",
        "--format",
        "json",
    ];
    let run = syncrig(small.iter().chain(arguments)).expect_code(OK);
    serde_json::from_str(&run.stdout).expect("a document")
}

fn number(value: &Value, name: &str) -> u64 {
    value[name]
        .as_u64()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[test]
fn every_sync_is_told_stage_by_stage() {
    let report = bench(&["--changes", "100%"]);
    assert_eq!(report["version"], 1);
    let runs = report["runs"].as_array().expect("runs");
    let sizes: Vec<u64> = runs.iter().map(|run| number(run, "devices")).collect();
    assert_eq!(sizes, [5, 10, 20]);
    let growth = report["growth"].as_array().expect("growth");
    assert_eq!(growth.len(), 3);
    let whole = runs.last().expect("the whole");
    let phases = whole["phases"].as_array().expect("phases");
    let names: Vec<&str> = phases
        .iter()
        .filter_map(|it| it["phase"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "first",
            "unchanged-full",
            "unchanged-incremental",
            "changed"
        ]
    );
    let writes: Vec<u64> = phases.iter().map(|it| number(it, "writes")).collect();
    assert!(writes[0] > 40, "{writes:?}");
    assert_eq!(writes[1..3], [0, 0]);
    assert!(writes[3] > 0, "{writes:?}");
    for phase in phases {
        assert!(number(phase, "requests") > 0, "{phase}");
        assert!(number(phase, "bytes") > 0, "{phase}");
    }
    let stages = phases[0]["stages"].as_array().expect("stages");
    let stages: Vec<&str> = stages
        .iter()
        .filter_map(|it| it["stage"].as_str())
        .collect();
    let all = [
        "simulator",
        "wire",
        "decode",
        "stage",
        "match",
        "write",
        "read back",
    ];
    assert_eq!(stages, all);
    let simulators = whole["simulators"].as_array().expect("simulators");
    assert_eq!(simulators.len(), 2);
}

#[test]
fn other_methods_and_vendors_are_measured_too() {
    for (method, psa, rmm) in [
        ("A", "autotask", "ninjaone"),
        ("C", "halopsa", "datto-rmm"),
        ("D", "connectwise-psa", "atera"),
    ] {
        let report = bench(&[
            "--method",
            method,
            "--psa",
            psa,
            "--rmm",
            rmm,
            "--no-growth",
        ]);
        let runs = report["runs"].as_array().expect("runs");
        assert_eq!(runs.len(), 1, "{method}");
    }
}

#[test]
fn at_the_vendors_limits_time_is_simulated() {
    let report = bench(&["--vendor-limits", "on", "--latency", "250", "--no-growth"]);
    let phase = &report["runs"][0]["phases"][0];
    let requests = number(phase, "requests");
    // Requests that are in flight together share their way.
    let least = requests * 250 / 16;
    assert!(number(phase, "simulated_ms") >= least, "{phase}");
}

#[test]
fn a_bench_of_nothing_is_refused() {
    for (arguments, told) in [
        (&["--organizations", "0"][..], "0 is not in"),
        (&["--changes", "many"], "is no share"),
        (&["--changes", "101%"], "is no share"),
        (&["--psa", "datto-rmm"], "datto-rmm"),
        (
            &["--organizations", "200000", "--devices", "1000"],
            "too many",
        ),
    ] {
        let run = syncrig(["bench"].iter().chain(arguments)).expect_code(USAGE);
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
}
