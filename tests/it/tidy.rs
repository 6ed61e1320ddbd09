//! What a compiler does not check: that simulators and engine share nothing, that the arrows between
//! modules run one way, that files stay small, and that the names of rules and scenarios hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syncrig::engine::RULES;

use crate::support::bin::repository;

/// Files longer than this usually hold two ideas.
const LINES_MAX: usize = 600;

/// The files below a folder of the repository with this ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn below(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the repository") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                below(&path, ending, found);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(&repository(folder), ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no .{ending} below {folder}");
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a readable file")
}

/// Whether a file holds tests alone.
fn is_test(path: &Path) -> bool {
    let part = |part: &str| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs");
    path.iter().any(|it| it.to_str().is_some_and(part))
}

/// The code of a file without what it says about itself in comments.
fn code(path: &Path) -> String {
    let text = text(path);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Modules of `crate::` that a file names, by `crate::module` and `crate::{module, …}`.
fn modules_named(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let mut rest = vec![after];
        if let Some(group) = after.strip_prefix('{') {
            rest = top_level(group);
        }
        for item in rest {
            let name: String = item
                .trim_start()
                .chars()
                .take_while(|it| it.is_ascii_alphanumeric() || *it == '_')
                .collect();
            named.insert(name);
        }
    }
    named
}

/// The parts of a group between its own commas, up to its closing brace.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, it) in group.char_indices() {
        match it {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

#[test]
fn groups_of_imports_are_read_whole() {
    let code = "use crate::{rig, model::{Tool, Kind}, store as s};\nuse crate::judge::judge;\n";
    let named: Vec<String> = modules_named(code).into_iter().collect();
    assert_eq!(named, ["judge", "model", "rig", "store"]);
}

#[test]
fn simulators_know_nothing_of_the_engine() {
    for path in files("mocks", "rs") {
        let code = code(&path);
        assert!(
            !code.contains("syncrig::") && !code.contains("extern crate syncrig;"),
            "{} names the engine's crate",
            path.display()
        );
    }
    let manifest = text(&repository("mocks/Cargo.toml"));
    let depends = manifest.lines().any(|line| {
        let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
        name.trim_matches('"') == "syncrig"
    });
    assert!(!depends, "mocks/Cargo.toml depends on the engine's crate");
}

#[test]
fn the_engine_knows_nothing_of_simulators_and_arrows_run_one_way() {
    const ARROWS: [(&str, &[&str]); 9] = [
        ("src/model", &["model"]),
        ("src/transport", &["transport"]),
        ("src/connectors", &["connectors", "model", "transport"]),
        ("src/store", &["store", "model"]),
        (
            "src/engine",
            &["engine", "connectors", "store", "model", "transport"],
        ),
        ("src/judge", &["judge", "model"]),
        ("src/report", &["report", "judge", "model"]),
        ("src/rules", &["rules", "model", "scenario"]),
        (
            "src/scenario",
            &[
                "scenario",
                "model",
                "connectors",
                "engine",
                "store",
                "report",
            ],
        ),
    ];
    for (folder, allowed) in ARROWS {
        for path in files(folder, "rs") {
            let shown = path.display();
            let code = code(&path);
            // What the language may say of a tenant is what the simulators' world can hold; a rule is
            // verified on the vendors that are simulated.
            let simulators =
                !["src/scenario", "src/rules"].contains(&folder) && code.contains("syncrig_mocks");
            assert!(!simulators, "{shown} names the simulators");
            if is_test(&path) {
                continue;
            }
            let code = code.split("#[cfg(test)]\nmod tests {").next();
            let named = modules_named(code.unwrap_or_default());
            let known = ["model", "transport", "connectors", "store", "engine"];
            let known = known
                .iter()
                .chain(&["judge", "report", "scenario", "rules", "rig", "cli"]);
            for module in known.filter(|module| named.contains(**module)) {
                assert!(allowed.contains(module), "{shown} names crate::{module}");
            }
        }
    }
}

#[test]
fn files_stay_small() {
    let mut long = Vec::new();
    for path in files("src", "rs")
        .into_iter()
        .chain(files("mocks/src", "rs"))
    {
        let lines = text(&path).lines().count();
        if lines > LINES_MAX && !is_test(&path) {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    for path in files("src", "rs")
        .into_iter()
        .chain(files("mocks/src", "rs"))
    {
        let text = text(&path);
        assert!(text.starts_with("//! "), "{} has no head", path.display());
    }
}

/// The id of a rule is a letter, then letters and digits, in parts joined by hyphens or dots, as
/// the manual of the scenario language has it.
fn is_rule_id(id: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric());
    id.starts_with(|it: char| it.is_ascii_alphabetic()) && id.split(['-', '.']).all(word)
}

#[test]
fn rule_ids_hold_their_shape_and_are_told_apart() {
    assert!(!is_rule_id("") && !is_rule_id("1M") && !is_rule_id("M--1") && !is_rule_id("M 1"));
    let mut seen = BTreeSet::new();
    for rule in RULES {
        assert!(is_rule_id(rule.id), "{}", rule.id);
        assert!(seen.insert(rule.id.to_lowercase()), "{} twice", rule.id);
        assert!(rule.statement.ends_with('.'), "{}", rule.statement);
    }
}

/// Editors complete and check as you type when the first line points to the schema.
#[test]
fn every_scenario_points_to_the_schema() {
    let root = repository("scenarios");
    for path in files("scenarios", "yaml") {
        let text = text(&path);
        let first = text.lines().next().unwrap_or_default();
        let below = path.strip_prefix(&root).expect("a file below the folder");
        if below.iter().any(|part| part == "tenants") {
            continue;
        }
        let schema = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{}: {first:?}", path.display()));
        let folder = path.parent().expect("a file stands in a folder");
        assert!(
            folder.join(schema).is_file(),
            "{}: {schema}",
            path.display()
        );
    }
}

/// An outcome whose script is gone would be compared with nothing.
#[test]
fn every_snapshot_has_its_script() {
    for path in files("scenarios", "snap") {
        let script = path.with_extension("yaml");
        assert!(script.is_file(), "{} has no script", path.display());
    }
}

/// A rule that names a test is verified by it, so the test must be there.
#[test]
fn every_test_that_a_rule_names_exists() {
    let sources: Vec<String> = files("src", "rs")
        .iter()
        .chain(&files("tests", "rs"))
        .map(|path| text(path))
        .collect();
    let book = syncrig::rules::catalogue().expect("the book can be read");
    let mut seen = 0;
    for rule in book.rules() {
        for test in &rule.tests {
            seen += 1;
            let begins = format!("#[test]\nfn {test}()");
            let found = sources.iter().any(|source| {
                let flat: Vec<&str> = source.lines().map(str::trim_start).collect();
                flat.join("\n").contains(&begins)
            });
            assert!(found, "{}: there is no test `{test}`", rule.id);
        }
    }
    assert!(seen > 0, "no rule names a test");
}
