//! What is right is decided by a person: blessing writes the outcome down, a later outcome that
//! differs fails with the difference, and continuous integration can never bless.

use std::fs;

use syncrig::exit_code::{EXPECTATION, OK, USAGE};

use super::{SMALL, folder, write};
use crate::support::bin::{Run, command, syncrig, syncrig_in};

#[test]
fn a_blessed_outcome_is_compared_from_then_on() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    let snapshot = folder.path().join("small.snap");
    syncrig_in(folder.path(), ["run", "small.yaml"]).expect_code(OK);
    assert!(!snapshot.exists(), "a plain run writes nothing");

    syncrig_in(folder.path(), ["run", "--bless", "small.yaml"]).expect_code(OK);
    let blessed = fs::read_to_string(&snapshot).expect("the outcome beside the script");
    syncrig_in(folder.path(), ["run", "small.yaml"]).expect_code(OK);

    // Another serial number, and nothing else that the script looks at.
    let changed = SMALL.replace("5CG01234XY", "5CG09999ZZ");
    write(folder.path(), "small.yaml", &changed);
    let run = syncrig_in(folder.path(), ["run", "small.yaml"]).expect_code(EXPECTATION);
    let difference: Vec<&str> = run
        .stdout
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("5CG0"))
        .collect();
    assert!(
        difference
            .iter()
            .any(|line| line.contains('-') && line.contains("5CG01234XY")),
        "{}",
        run.stdout
    );
    assert!(
        difference
            .iter()
            .any(|line| line.contains('+') && line.contains("5CG09999ZZ")),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("--bless"), "{}", run.stdout);
    let kept = fs::read_to_string(&snapshot).expect("the outcome beside the script");
    assert_eq!(kept, blessed, "a plain run writes nothing");

    syncrig_in(folder.path(), ["run", "--bless", "small.yaml"]).expect_code(OK);
    syncrig_in(folder.path(), ["run", "small.yaml"]).expect_code(OK);
    assert_ne!(fs::read_to_string(&snapshot).expect("it"), blessed);
    let files = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files, 2, "no draft is left");
}

/// A script that contradicts its outcome is not made right by keeping the outcome.
#[test]
fn an_outcome_that_fails_its_own_script_is_not_blessed() {
    let folder = folder();
    let wrong = SMALL.replace("configurations: 1", "configurations: 2");
    write(folder.path(), "wrong.yaml", &wrong);
    write(folder.path(), "small.yaml", SMALL);
    let bless = ["run", "--bless", "."];
    let run = syncrig_in(folder.path(), bless).expect_code(EXPECTATION);
    assert!(run.stderr.contains("kept 1 outcome "), "{}", run.stderr);
    assert!(run.stderr.contains("are not kept"), "{}", run.stderr);
    assert!(!folder.path().join("wrong.snap").exists());
    assert!(folder.path().join("small.snap").exists());
}

/// With another seed a generated tenant is another one, so that its outcome is not compared.
#[test]
fn another_seed_is_not_held_against_the_snapshot() {
    let folder = folder();
    let script = "\
title: Generated
method: D
tenant: { generate: { seed: 1, organizations: 2, devices_per_organization: { uniform: { min: 1, max: 60 } } } }
steps:
  - connect: { rmm: {} }
  - sync: rmm
";
    write(folder.path(), "generated.yaml", script);
    syncrig_in(folder.path(), ["run", "--bless", "generated.yaml"]).expect_code(OK);
    syncrig_in(folder.path(), ["run", "generated.yaml"]).expect_code(OK);
    syncrig_in(folder.path(), ["run", "generated.yaml", "--seed", "2"]).expect_code(OK);
    let other = script.replace("seed: 1", "seed: 2");
    write(folder.path(), "generated.yaml", &other);
    syncrig_in(folder.path(), ["run", "generated.yaml"]).expect_code(EXPECTATION);
}

#[test]
fn continuous_integration_never_blesses() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    let bless = |ci: &str| -> Run {
        let output = command()
            .env("CI", ci)
            .current_dir(folder.path())
            .args(["run", "--bless", "small.yaml"])
            .output();
        output.expect("the binary can be started").into()
    };
    for ci in ["1", "true"] {
        let run = bless(ci).expect_code(USAGE);
        assert!(run.stdout.is_empty());
        assert!(run.stderr.contains("--bless is refused"), "{}", run.stderr);
        assert!(!folder.path().join("small.snap").exists());
    }
    bless("false").expect_code(OK);
    assert!(folder.path().join("small.snap").exists());
    let run = syncrig(["run", "--bless"]).expect_code(USAGE);
    assert!(run.stderr.contains("needs files"), "{}", run.stderr);
}
