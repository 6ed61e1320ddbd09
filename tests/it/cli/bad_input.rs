//! Wrong files and places are told with where and how to fix it, before anything is started.

use std::fs;
use std::path::PathBuf;

use syncrig::exit_code::{EXPECTATION, NOTHING, OK, RIG, SCENARIO, USAGE};

use super::{SMALL, folder, write};
use crate::support::bin::{repository, syncrig, syncrig_in};

#[test]
fn a_broken_file_is_told_with_its_place_and_nothing_is_started() {
    let folder = folder();
    let broken = SMALL.replace("title:", "titel:");
    write(folder.path(), "broken.yaml", &broken);
    write(folder.path(), "good.yaml", SMALL);
    let run = syncrig_in(
        folder.path(),
        ["run", "good.yaml", "broken.yaml", "--keep", "kept"],
    )
    .expect_code(SCENARIO);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert!(run.stderr.contains("broken.yaml:1:1"), "{}", run.stderr);
    assert!(
        run.stderr.contains("did you mean `title`?"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.ends_with("\nnothing was started\n"),
        "{}",
        run.stderr
    );
    assert!(!folder.path().join("kept").exists(), "something was kept");
}

/// The library's tests compare the same texts; here they come out of the program.
#[test]
fn each_broken_file_reads_as_its_golden_text() {
    let folder = repository("tests/broken");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder is part of the repository")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    scripts.sort();
    assert!(scripts.len() > 10, "{scripts:?}");
    for script in scripts {
        let name = script.file_name().expect("a file has a name");
        let run = syncrig_in(&folder, ["run".as_ref(), name]).expect_code(SCENARIO);
        assert!(run.stdout.is_empty(), "{name:?}: {}", run.stdout);
        let golden = fs::read_to_string(script.with_extension("stderr")).expect("a golden text");
        let told = run.stderr.strip_suffix("\nnothing was started\n");
        assert_eq!(
            told.map(str::trim_end),
            Some(golden.trim_end()),
            "{name:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_file_that_is_not_there_is_a_wrong_file() {
    let run = syncrig(["run", "no/such/file.yaml"]).expect_code(SCENARIO);
    assert!(run.stderr.contains("no/such/file.yaml"), "{}", run.stderr);
    for command in [["tenant", "show", "none.yaml"], ["run", "none.yaml", "-"]] {
        let run = syncrig(command).expect_code(SCENARIO);
        assert!(run.stdout.is_empty());
    }
}

#[test]
fn an_unknown_vendor_is_told_with_those_that_there_are() {
    let folder = folder();
    let script = write(folder.path(), "small.yaml", SMALL);
    let script = script.to_str().expect("a path of letters");
    for (arguments, known) in [
        (vec!["run", script, "--rmm", "dato-rmm"], "datto-rmm"),
        // A PSA plays no RMM.
        (vec!["run", script, "--rmm", "connectwise-psa"], "datto-rmm"),
        (vec!["run", script, "--psa", "datto-rmm"], "connectwise-psa"),
        (vec!["serve", "none", "--tenant", script], "datto-rmm"),
    ] {
        let run = syncrig(&arguments).expect_code(USAGE);
        assert!(run.stdout.is_empty());
        assert!(run.stderr.contains("error: there is no "), "{}", run.stderr);
        assert!(run.stderr.contains(known), "{}", run.stderr);
    }
}

#[test]
fn a_selection_without_cases_has_its_own_code() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    for selection in [
        &["--method", "A"][..],
        &["--filter", "no such text"],
        &["--psa", "all"],
    ] {
        let arguments = ["run", "small.yaml"].iter().chain(selection);
        let run = syncrig_in(folder.path(), arguments).expect_code(NOTHING);
        assert!(run.stdout.is_empty());
        assert!(run.stderr.contains("help: loosen"), "{}", run.stderr);
    }
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    syncrig_in(folder.path(), ["run", "empty"]).expect_code(NOTHING);
}

/// Tests may run as a user who may write everywhere, so the place is one that cannot be a folder.
#[test]
fn a_place_that_cannot_be_kept_in_is_the_rig_s_error() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    write(folder.path(), "file", "no folder");
    for place in ["file", "file/below"] {
        let run = syncrig_in(folder.path(), ["run", "small.yaml", "--keep", place]);
        let run = run.expect_code(RIG);
        assert!(run.stdout.is_empty(), "{}", run.stdout);
        assert!(run.stderr.contains(place), "{}", run.stderr);
        assert!(run.stderr.contains("help: give --keep"), "{}", run.stderr);
    }
    let out = [
        "tenant",
        "generate",
        "--organizations",
        "1",
        "--out",
        "file/t",
    ];
    let run = syncrig_in(folder.path(), out).expect_code(RIG);
    assert!(run.stderr.contains("help: give --out"), "{}", run.stderr);
}

#[test]
fn an_expectation_that_fails_shows_both_numbers() {
    let folder = folder();
    let wrong = SMALL.replace("configurations: 1", "configurations: 73");
    write(folder.path(), "wrong.yaml", &wrong);
    let run = syncrig_in(folder.path(), ["run", "wrong.yaml"]).expect_code(EXPECTATION);
    let shown = run.stdout;
    assert!(shown.contains("configurations"), "{shown}");
    let told = |word: &str, number: &str| {
        shown
            .lines()
            .any(|line| line.contains(word) && line.contains(number))
    };
    assert!(told("expected", "73"), "{shown}");
    assert!(told("found", "1"), "{shown}");
    assert!(
        shown.contains("syncrig run "),
        "how to run it again: {shown}"
    );
}

/// A sync that ends otherwise than the script says is a failed expectation, not a broken rig.
#[test]
fn a_sync_that_fails_unannounced_is_a_failed_expectation() {
    let folder = folder();
    let fault = "  - fault: { in: rmm, answer: { status: { code: 401 } } }\n  - sync: rmm\n";
    let script = SMALL.replacen("  - sync: rmm\n", fault, 1);
    write(folder.path(), "fails.yaml", &script);
    let run = syncrig_in(folder.path(), ["run", "fails.yaml"]).expect_code(EXPECTATION);
    assert!(run.stdout.contains("vendor-unauthorized"), "{}", run.stdout);
    let announced = script.replacen(
        "- sync: rmm",
        "- sync: { tool: rmm, fails: vendor-unauthorized }",
        1,
    );
    let announced: String = announced
        .lines()
        .take_while(|line| !line.contains("review"))
        .map(|line| format!("{line}\n"))
        .collect();
    write(folder.path(), "announced.yaml", &announced);
    syncrig_in(folder.path(), ["run", "announced.yaml"]).expect_code(OK);
}
