//! The forms of a result: one JSON document, JUnit XML that holds together, and the same bytes from
//! the same scenario.

use std::fs;
use std::path::Path;

use serde_json::Value;
use syncrig::exit_code::{EXPECTATION, OK, RIG};
use syncrig::model::Outcome;

use super::{SMALL, folder, write};
use crate::support::bin::syncrig_in;

/// A field, and whether a value is of its kind.
type Field = (&'static str, fn(&Value) -> bool);

/// What programs read of a case.
const FIELDS: [Field; 15] = [
    ("scenario", Value::is_string),
    ("method", Value::is_string),
    ("psa", |value| value.is_string() || value.is_null()),
    ("rmm", |value| value.is_string() || value.is_null()),
    ("verdict", Value::is_string),
    ("organizations", Value::is_u64),
    ("locations", Value::is_u64),
    ("contacts", Value::is_u64),
    ("configurations", Value::is_u64),
    ("false_merges", Value::is_u64),
    ("missing", Value::is_u64),
    ("unmatched", Value::is_u64),
    ("warnings", Value::is_array),
    ("requests", Value::is_object),
    ("duration_ms", Value::is_u64),
];

#[test]
fn json_is_one_document_with_the_fields_that_programs_read() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    let run = syncrig_in(folder.path(), ["run", "small.yaml", "--format", "json"]).expect_code(OK);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let document = run.json();
    assert_eq!(document["version"], 1);
    let cases = document["cases"].as_array().expect("a list of cases");
    assert_eq!(cases.len(), 1);
    for (field, right) in FIELDS {
        let value = &cases[0][field];
        assert!(
            cases[0].get(field).is_some() && right(value),
            "{field}: {value}"
        );
    }
    for field in [
        "organizations",
        "locations",
        "contacts",
        "configurations",
        "inherited",
        "created",
        "missed_join",
    ] {
        assert_eq!(cases[0]["duplicates"][field], 0, "{field}");
    }
    assert_eq!(cases[0]["scenario"], "small");
    assert_eq!(
        (&cases[0]["psa"], &cases[0]["rmm"]),
        (&Value::Null, &Value::from("datto-rmm"))
    );
    assert_eq!(cases[0]["verdict"], "pass");
    assert_eq!(cases[0]["configurations"], 1);
    assert_eq!(document["totals"]["cases"], 1);
    assert_eq!(document["totals"]["passed"], 1);
    let requests = cases[0]["requests"]["datto-rmm"]
        .as_object()
        .expect("requests by operation");
    let counted: u64 = requests.values().filter_map(Value::as_u64).sum();
    assert!(counted > 0);
    assert_eq!(document["totals"]["requests"], counted);
}

#[test]
fn junit_holds_together_and_tells_failures_from_errors() {
    let folder = folder();
    write(folder.path(), "a-good.yaml", SMALL);
    let title = SMALL.replace("One client", "<One> & \\\"client\\\"");
    let wrong = title.replace("configurations: 1", "configurations: 2");
    write(folder.path(), "b<wrong>.yaml", &wrong);
    let run = syncrig_in(folder.path(), ["run", ".", "--format", "junit"]).expect_code(EXPECTATION);
    let elements = xml_elements(&run.stdout);
    let count = |name: &str| elements.iter().filter(|element| *element == name).count();
    assert_eq!((count("testsuites"), count("testsuite")), (1, 1));
    assert_eq!(
        (count("testcase"), count("failure"), count("error")),
        (2, 1, 0)
    );
    assert!(run.stdout.contains("failures=\"1\""), "{}", run.stdout);
}

#[test]
fn the_human_form_names_the_case_and_its_numbers() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    let run = syncrig_in(folder.path(), ["run", "small.yaml"]).expect_code(OK);
    assert!(run.stdout.contains("small"), "{}", run.stdout);
    assert!(run.stdout.contains("datto-rmm"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn what_is_kept_is_the_same_from_run_to_run() {
    let folder = folder();
    let generated = "\
title: A generated tenant from the RMM
method: D
tenant:
  generate: { seed: 3, organizations: 3, devices_per_organization: { fixed: 4 }, dirt: { preset: filthy } }
steps:
  - connect: { rmm: {} }
  - sync: rmm
  - review: { create: { organizations: all } }
  - sync: rmm
";
    write(folder.path(), "generated.yaml", generated);
    let keep = |place: &str| {
        syncrig_in(folder.path(), ["run", "generated.yaml", "--keep", place]).expect_code(OK);
        let cases: Vec<_> = fs::read_dir(folder.path().join(place))
            .expect("the folder was made")
            .map(|entry| entry.expect("a readable folder").path())
            .collect();
        assert_eq!(cases.len(), 1, "{cases:?}");
        read(&cases[0])
    };
    let (events, outcome) = keep("one");
    assert!(events.lines().count() > 10, "{events}");
    for line in events.lines() {
        let _: Value = serde_json::from_str(line).expect("each line is a document");
    }
    let parsed = Outcome::from_json(outcome.as_bytes()).expect("an outcome that reads back");
    assert_eq!(parsed.organizations.len(), 3);
    let again = keep("two");
    assert_eq!((&events, &outcome), (&again.0, &again.1));
    // The same place again replaces what was kept.
    let replaced = keep("one");
    assert_eq!((events, outcome), replaced);

    fn read(case: &Path) -> (String, String) {
        let text = |name: &str| fs::read_to_string(case.join(name)).expect("a kept file");
        assert!(case.join("account.sqlite").is_file());
        (text("events.jsonl"), text("outcome.json"))
    }
}

/// Nothing that was printed may be lost silently.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_told() {
    let folder = folder();
    write(folder.path(), "small.yaml", SMALL);
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = crate::support::bin::command()
        .current_dir(folder.path())
        .args(["run", "small.yaml", "--format", "json"])
        .stdout(full)
        .output()
        .expect("the binary can be started");
    assert_eq!(output.status.code(), Some(i32::from(RIG)));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("cannot write the output"), "{told}");
}

/// Names of all elements of a document in which every one is closed; written apart from the writer
/// and strict only about what could break a reader.
fn xml_elements(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = text
        .trim_start()
        .strip_prefix("<?xml")
        .and_then(|text| text.split_once("?>"))
        .map(|(_, rest)| rest)
        .expect("a declaration");
    while let Some((before, tag)) = rest.split_once('<') {
        assert!(!before.contains('>'), "stray `>` in {before:?}");
        if open.is_empty() {
            assert!(before.trim().is_empty(), "text outside: {before:?}");
        }
        for entity in before.split('&').skip(1) {
            assert!(entity.contains(';'), "stray `&` in {before:?}");
        }
        let (inside, after) = tag.split_once('>').expect("a tag ends");
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in disorder");
        } else {
            let name: String = inside
                .chars()
                .take_while(|it| !it.is_whitespace() && *it != '/')
                .collect();
            assert_eq!(inside.matches('"').count() % 2, 0, "quotes in {inside:?}");
            if !inside.ends_with('/') {
                open.push(name.clone());
            }
            names.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty(), "left open: {open:?}");
    assert!(rest.trim().is_empty(), "{rest:?}");
    names
}
