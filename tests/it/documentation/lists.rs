//! Lists of names in the documents are those that the program has.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use syncrig::engine::{ImportError, RULES, plan};
use syncrig::exit_code;
use syncrig::model::Method;
use syncrig::scenario::schema;
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::page::{first_column, manual, pages, readme};
use crate::support::bin::repository;

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let readme = readme();
    let listed: Vec<(u8, &str)> = readme
        .section("## Exit codes")
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| ")?
                .strip_suffix(" |")?
                .split_once(" | ")
        })
        .filter_map(|(code, meaning)| Some((code.parse().ok()?, meaning)))
        .collect();
    assert_eq!(listed, exit_code::ALL);
}

#[test]
fn the_vendors_are_those_with_a_simulator() {
    let readme = readme();
    let listed: Vec<&str> = readme
        .section("## What is simulated")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .collect();
    assert_eq!(listed.len(), Vendor::ALL.len());
    for (line, vendor) in listed.iter().zip(Vendor::ALL) {
        let head = format!("{vendor}` | {} |", vendor.tool().to_string().to_uppercase());
        assert!(line.starts_with(&head), "{line}");
    }
}

#[test]
fn simulators_and_connectors_know_the_same_companies() {
    for vendor in Vendor::of(Tool::Rmm) {
        let read = syncrig::connectors::companies(vendor.slug());
        assert_eq!(vendor.companies(), read, "{vendor}");
    }
}

/// Links, and paths between backticks.
#[test]
fn the_files_that_are_named_are_there() {
    let mut seen = 0;
    for page in pages() {
        let folder = Path::new(&page.name).parent().unwrap_or(Path::new(""));
        let prose = page.prose();
        for link in prose.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.starts_with("http") {
                continue;
            }
            let path = repository("").join(folder).join(target);
            assert!(path.exists(), "{}: no `{target}`", page.name);
            seen += 1;
        }
        for code in page.code() {
            let top = code.split('/').next().unwrap_or_default();
            let is_path = code.contains('/') && !code.contains(char::is_whitespace);
            if is_path && repository(top).is_dir() && !top.is_empty() && !top.starts_with('.') {
                // NAME stands for any.
                let path = code.split("NAME").next().unwrap_or_default();
                assert!(repository(path).exists(), "{}: no `{code}`", page.name);
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen} files");
}

#[test]
fn the_rules_that_are_named_are_rules() {
    let warnings = Method::ALL
        .into_iter()
        .flat_map(|method| plan(method).warnings);
    let known: BTreeSet<&str> = RULES
        .iter()
        .map(|rule| rule.id)
        .chain(warnings.map(|warning| warning.id))
        // Codes of refusals that begin like rules.
        .chain(["review-unknown-row", "review-wrong-state"])
        .collect();
    let is_rule = |word: &str| {
        let numbered = word.len() == 2 && word.starts_with(['M', 'O']);
        let beginnings = [
            "M-", "O-", "psa-", "rmm-", "review-", "A-w", "B-w", "C-w", "D-w",
        ];
        let named = beginnings
            .iter()
            .any(|beginning| word.starts_with(beginning));
        numbered && word.ends_with(|it: char| it.is_ascii_digit()) || named
    };
    let mut seen = 0;
    for page in pages() {
        let mut words = page.code();
        for block in page.blocks_of("yaml") {
            let split = |it: char| !it.is_alphanumeric() && it != '-';
            words.extend(block.text.split(split).map(str::to_owned));
        }
        for word in words.iter().filter(|word| is_rule(word)) {
            assert!(
                known.contains(word.as_str()),
                "{}: no rule `{word}`",
                page.name
            );
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} rules");
}

#[test]
fn the_manual_names_what_the_schema_has_and_nothing_else() {
    let manual = manual();
    let schema = schema();
    let definition = |name: &str| &schema["$defs"][name];
    assert_eq!(first_column(manual.section("## The head")), fields(&schema));
    assert_eq!(
        first_column(manual.section("## Profiles and knobs")),
        fields(definition("KnobChanges"))
    );

    let steps: BTreeSet<String> = manual
        .section("## Steps")
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .map(str::to_owned)
        .collect();
    assert_eq!(steps, variants(definition("Step")));

    let expectations = manual.section("## Expectations");
    let (expected, checks) = expectations.split_once("\n| Check |").expect("two tables");
    assert_eq!(first_column(expected), fields(definition("Expect")));
    let mut of_records = fields(definition("RecordCheck"));
    for kind in ["organization", "location", "contact", "device"] {
        assert!(of_records.remove(kind), "what a check is about");
    }
    assert_eq!(first_column(checks), of_records);
    for (line, name) in [("duplicates", "Duplicates"), ("ledger", "Ledger")] {
        let line = expected
            .lines()
            .find(|it| it.starts_with(&format!("| `{line}: {{")));
        let line = line.expect("a line of the table");
        for field in fields(definition(name)) {
            assert!(line.contains(&field), "{field}: {line}");
        }
    }

    let import = manual.section("### `import`");
    let (wizard, rest) = import.split_once("\n| Kind | Key |").expect("tables");
    assert_eq!(first_column(wizard), fields(definition("Import")));
    let (_, rest) = rest.split_once("\n| Code | The file |").expect("tables");
    let (refusals, _) = rest.split_once("\n\n").expect("prose behind the table");
    let codes = ImportError::CODES.iter().map(|code| (*code).to_owned());
    assert_eq!(first_column(refusals), codes.collect());

    let faults = manual.section("### `fault`");
    assert_eq!(first_column(faults), variants(definition("Fault")));
    let review = manual.section("### `review`");
    for verb in variants(definition("Review")) {
        assert!(review.contains(&format!("- review: {{ {verb}: ")), "{verb}");
    }
    for (section, name) in [("RowState", "match"), ("LinkState", "state")] {
        let line = checks
            .lines()
            .find(|it| it.starts_with(&format!("| `{name}` |")));
        for state in variants(definition(section)) {
            assert!(
                line.is_some_and(|line| line.contains(&format!("`{state}`"))),
                "{state}"
            );
        }
    }
}

/// Names of the fields of a definition of the schema.
fn fields(definition: &Value) -> BTreeSet<String> {
    let fields = definition["properties"].as_object();
    fields
        .expect("a definition has fields")
        .keys()
        .cloned()
        .collect()
}

/// Names that the variants of a definition of the schema have.
fn variants(definition: &Value) -> BTreeSet<String> {
    let variants = definition["oneOf"]
        .as_array()
        .expect("a definition has variants");
    let name = |variant: &Value| {
        let names: Vec<String> = match (&variant["required"][0], &variant["enum"]) {
            (Value::String(name), _) => vec![name.clone()],
            (_, Value::Array(names)) => names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => variant["const"]
                .as_str()
                .map(str::to_owned)
                .into_iter()
                .collect(),
        };
        assert!(!names.is_empty(), "a variant without a name: {variant}");
        names
    };
    variants.iter().flat_map(name).collect()
}
