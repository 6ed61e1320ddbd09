//! `syncrig rules`: what a rule says and what verifies it, and a check that fails when something is
//! left out. Most of it is about a folder of its own, so that it holds whatever is built in.

use std::fs;

use serde_json::Value;
use syncrig::exit_code::{CHECK, NOTHING, OK, SCENARIO, USAGE};

use super::{SMALL, folder, write};
use crate::support::bin::{syncrig, syncrig_in};

/// The small scenario with rules that it verifies.
fn verifying(rules: &str) -> String {
    SMALL.replacen(
        "method: D\n",
        &format!("method: D\nverifies: [{rules}]\n"),
        1,
    )
}

#[test]
fn every_rule_has_a_line_that_fits_the_terminal() {
    let folder = folder();
    write(folder.path(), "small.yaml", &verifying("O-none, M5"));
    let run = syncrig_in(folder.path(), ["rules", "--scenarios", "."]).expect_code(OK);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let line = |id: &str| {
        let start = format!("  {id} ");
        let line = run.stdout.lines().find(|line| line.starts_with(&start));
        line.unwrap_or_else(|| panic!("no line for {id}\n{}", run.stdout))
    };
    assert!(
        line("M5").ends_with("documented  must      small"),
        "{}",
        line("M5")
    );
    assert!(line("M1").ends_with("NOTHING"), "{}", line("M1"));
    assert!(
        line("api-lock").contains("observed  – the account's API"),
        "{}",
        line("api-lock")
    );
    for line in run.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(run.stdout.contains("\nseen "), "{}", run.stdout);
}

#[test]
fn a_rule_and_an_area_can_be_looked_up() {
    let folder = folder();
    write(folder.path(), "small.yaml", &verifying("M5"));
    let look = |what: &[&str]| {
        let arguments = ["rules", "--scenarios", "."].iter().chain(what);
        syncrig_in(folder.path(), arguments).expect_code(OK).stdout
    };
    let one = look(&["M5"]);
    assert!(one.starts_with("M5  documented, must\n  A device"), "{one}");
    assert!(one.contains("\n  source    RMM field mappings"), "{one}");
    assert!(
        one.ends_with(
            "  verified  small [datto-rmm]\n            One client with one device, from the RMM\n"
        ),
        "{one}"
    );
    let area = look(&["merge", "M5"]);
    assert!(
        area.contains("\nmerge-primary  documented, must\n"),
        "{area}"
    );
    assert!(area.contains("  verified  by nothing\n"), "{area}");
    assert!(area.starts_with("M5  "), "{area}");
    assert!(!area.contains("\nM4  "), "{area}");
}

#[test]
fn programs_read_the_coverage() {
    let folder = folder();
    write(folder.path(), "small.yaml", &verifying("M5"));
    let run = syncrig_in(
        folder.path(),
        ["rules", "M5", "O2", "--scenarios", ".", "--format", "json"],
    );
    let document = run.expect_code(OK).json();
    assert_eq!(document["version"], 1);
    let rules = document["rules"].as_array().expect("a list of rules");
    let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
    assert_eq!(ids, ["O2", "M5"]);
    for field in [
        "statement",
        "source",
        "evidence",
        "strength",
        "area",
        "unverified",
    ] {
        assert!(rules[0].get(field).is_some(), "{field}");
    }
    let verified = &rules[1]["verified_by"][0];
    assert_eq!(verified["scenario"], "small");
    assert_eq!(verified["vendors"][0]["rmm"], "datto-rmm");
    assert_eq!(verified["vendors"][0]["psa"], Value::Null);
    assert_eq!(document["problems"][0]["rule"], "O2");
    assert_eq!(document["problems"][0]["kind"], "unverified");
    assert_eq!(document["totals"]["rules"], 2);
    assert_eq!(document["totals"]["verified"], 1);
    assert_eq!(document["totals"]["by_evidence"]["open"]["rules"], 1);
}

#[test]
fn the_check_fails_on_a_rule_that_there_is_not() {
    let folder = folder();
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    write(
        &folder.path().join("mine"),
        "small.yaml",
        &verifying("M5, M55"),
    );
    let check = ["rules", "M5", "--check", "--scenarios", "mine"];
    let run = syncrig_in(folder.path(), check).expect_code(CHECK);
    assert!(
        run.stdout.starts_with(
            "error: small verifies `M55`, and there is no such rule\n  --> mine/small.yaml:3:16\n  \
             help: did you mean `M5`?\n"
        ),
        "{}",
        run.stdout
    );
    write(&folder.path().join("mine"), "small.yaml", &verifying("M5"));
    let run = syncrig_in(folder.path(), check).expect_code(OK);
    assert!(
        run.stdout.contains("1 rule: 1 documented\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_check_fails_on_what_nothing_verifies_and_on_a_reason_that_is_stale() {
    let folder = folder();
    write(folder.path(), "small.yaml", &verifying("M5, api-lock"));
    let check = |rule: &str, code| {
        let arguments = ["rules", rule, "--check", "--scenarios", "."];
        syncrig_in(folder.path(), arguments)
            .expect_code(code)
            .stdout
    };
    let must = check("M1", CHECK);
    assert!(
        must.contains("`M1` is a must, and nothing verifies it"),
        "{must}"
    );
    let should = check("O2", CHECK);
    assert!(
        should.contains("nothing verifies `O2`, and it does not say why"),
        "{should}"
    );
    let stale = check("api-lock", CHECK);
    assert!(stale.contains("take its `unverified` out"), "{stale}");
    let excused = check("api-lock-words", OK);
    assert!(excused.contains("1 not yet for a reason"), "{excused}");
    let json = [
        "rules",
        "M1",
        "--check",
        "--scenarios",
        ".",
        "--format",
        "json",
    ];
    let document = syncrig_in(folder.path(), json).expect_code(CHECK).json();
    assert_eq!(document["problems"][0]["kind"], "must-unverified");
}

#[test]
fn wrong_names_folders_and_files_are_told() {
    let run = syncrig(["rules", "psa-creat"]).expect_code(USAGE);
    assert!(run.stdout.is_empty());
    assert!(
        run.stderr.contains("did you mean `psa-create`?"),
        "{}",
        run.stderr
    );
    let run = syncrig(["rules", "something-else"]).expect_code(USAGE);
    assert!(
        run.stderr.contains("the areas are account, "),
        "{}",
        run.stderr
    );
    let folder = folder();
    let at = |where_: &str| syncrig_in(folder.path(), ["rules", "--scenarios", where_]);
    let run = at("none").expect_code(USAGE);
    assert!(run.stderr.contains("none is no folder"), "{}", run.stderr);
    at(".").expect_code(NOTHING);
    write(
        folder.path(),
        "broken.yaml",
        &SMALL.replace("title:", "titel:"),
    );
    let run = at(".").expect_code(SCENARIO);
    assert!(run.stderr.contains("broken.yaml:1:1"), "{}", run.stderr);
}
