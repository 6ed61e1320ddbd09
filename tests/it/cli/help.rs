//! Help shows how, `methods` and `schema` say what the library says.

use serde_json::Value;
use syncrig::exit_code::{OK, USAGE};
use syncrig::model::Method;

use crate::support::bin::{repository, syncrig};

#[test]
fn every_command_shows_examples() {
    let commands: [&[&str]; 10] = [
        &[],
        &["run"],
        &["methods"],
        &["rules"],
        &["vendors"],
        &["tenant", "generate"],
        &["serve"],
        &["bench"],
        &["quota"],
        &["tenant", "show"],
    ];
    for command in commands {
        let run = syncrig(command.iter().chain(&["--help"])).expect_code(OK);
        assert!(run.stderr.is_empty(), "{command:?}: {}", run.stderr);
        assert!(run.stdout.contains("Usage: syncrig"), "{command:?}");
        // `schema` and `tenant show` take so little that their usage line is the example.
        if command != ["tenant", "show"] {
            assert!(run.stdout.contains("Examples:\n  syncrig "), "{command:?}");
        }
    }
}

#[test]
fn the_top_lists_the_commands_that_there_are() {
    let help = syncrig(["--help"]).expect_code(OK).stdout;
    let listed: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(listed.len() >= 5, "{help}");
    for command in listed.iter().filter(|command| **command != "help") {
        let run = syncrig([command, "--help"]).expect_code(OK);
        assert!(run.stdout.contains(&format!("Usage: syncrig {command}")));
    }
}

#[test]
fn a_bad_command_line_is_told_on_standard_error() {
    let wrong: [&[&str]; 7] = [
        &[],
        &["run", "--no-such-flag"],
        &["no-such-command"],
        &["methods", "E"],
        &["run", "--format", "xml"],
        &["run", "--bless", "--seed", "1", "x.yaml"],
        &["serve", "datto-rmm"],
    ];
    for arguments in wrong {
        let run = syncrig(arguments).expect_code(USAGE);
        assert!(run.stdout.is_empty(), "{arguments:?}: {}", run.stdout);
        assert!(run.stderr.contains("--help"), "{}", run.stderr);
    }
}

#[test]
fn the_version_is_the_package_s() {
    let run = syncrig(["--version"]).expect_code(OK);
    assert_eq!(
        run.stdout,
        format!("syncrig {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn the_schema_is_the_one_that_editors_are_pointed_to() {
    let printed = syncrig(["schema"]).expect_code(OK);
    let kept = std::fs::read_to_string(repository("schema/scenario.schema.json"))
        .expect("the schema is part of the repository");
    let kept: Value = serde_json::from_str(&kept).expect("the schema is JSON");
    assert_eq!(printed.json(), kept);
}

#[test]
fn each_method_has_its_plan() {
    let all = syncrig(["methods", "--format", "json"])
        .expect_code(OK)
        .json();
    let plans = all["methods"].as_array().expect("a list of plans");
    assert_eq!(plans.len(), Method::ALL.len());
    for (method, listed) in Method::ALL.into_iter().zip(plans) {
        let letter = method.to_string();
        let human = syncrig(["methods", &letter]).expect_code(OK).stdout;
        assert!(human.starts_with(&format!("Method {letter}: ")), "{human}");
        assert!(human.contains("\nSteps\n\n  1. "), "{human}");
        assert!(human.contains("-->"), "{human}");
        assert!(human.lines().all(|line| line.chars().count() <= 100));
        let one = syncrig(["methods", &letter.to_lowercase(), "--format", "json"]);
        let one = one.expect_code(OK).json();
        assert_eq!(&one["methods"][0], listed);
        assert_eq!(listed["method"], letter);
    }
}
