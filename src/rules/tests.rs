//! The book can be read, what is wrong with one is told with its place, and coverage counts right.

use std::sync::Arc;

use super::{
    Catalogue, CatalogueError, Coverage, ProblemKind, Strength, catalogue, near, unsettled,
};
use crate::engine::{RULES, plan};
use crate::model::{
    Decision, DecisionOutcome, Evidence, Ledger, Method, Outcome, RecordKind, SyncOutcome,
    SyncStatus, Tool,
};
use crate::scenario::{Scenario, parse};

/// A book of five rules.
const BOOK: &str = "\
areas:
  - { area: match, title: Matching }
  - { area: other, title: Other }
rules:
  - { id: M1, statement: One., source: s, evidence: documented, strength: must, area: match }
  - { id: M2, statement: Two., source: s, evidence: documented, strength: must, area: match }
  - { id: M3, statement: Three., source: s, evidence: inferred, strength: should, area: match }
  - { id: far, statement: Four., source: s, evidence: open, strength: observed, area: other, unverified: no way }
  - { id: ours, statement: Five., source: s, evidence: inferred, strength: should, area: other, tests: [t] }
";

fn wrong(text: &str) -> CatalogueError {
    Catalogue::parse(text).expect_err("something is wrong with it")
}

fn book(find: &str, put: &str) -> String {
    assert!(BOOK.contains(find), "{find}");
    BOOK.replacen(find, put, 1)
}

/// A scenario with these rules.
fn scenario(name: &str, verifies: &str) -> Arc<Scenario> {
    let text = format!(
        "title: T\nmethod: D\nverifies: {verifies}\ntenant: {{ organizations: {{}} }}\n\
         steps:\n  - connect: {{ rmm: {{}} }}\n  - sync: rmm\n"
    );
    Arc::new(parse(name, &text).expect("a scenario"))
}

#[test]
fn the_book_that_is_part_of_the_program_can_be_read() {
    let book = catalogue().unwrap_or_else(|error| panic!("docs/rules.yaml:{error}"));
    assert!(book.rules().len() > 100, "{}", book.rules().len());
    for area in book.areas() {
        let used = book.rules().iter().any(|rule| rule.area == area.name);
        assert!(used, "no rule in {}", area.name);
    }
    for rule in book.rules() {
        assert!(rule.statement.ends_with('.'), "{}", rule.id);
        assert!(!rule.statement.contains("  "), "{}", rule.id);
    }
}

#[test]
fn engine_and_book_agree() {
    let book = catalogue().expect("a book");
    for rule in RULES {
        let written = book.rule(rule.id).map(|rule| rule.evidence);
        assert_eq!(written, Some(rule.evidence), "{}", rule.id);
    }
    for warning in Method::ALL.into_iter().flat_map(|it| plan(it).warnings) {
        let written = book.rule(warning.id);
        assert!(
            written.is_some_and(|rule| rule.area == "method"),
            "{}",
            warning.id
        );
    }
}

#[test]
fn what_is_wrong_with_a_book_is_told_with_its_place() {
    assert!(Catalogue::parse(BOOK).is_ok());
    let cases = [
        (book("id: M2", "id: m1"), 6, "`m1` is the id of two rules"),
        (book("id: M2", "id: M_2"), 6, "cannot be the id"),
        (
            book("statement: Two.", "statement: ' '"),
            6,
            "statement of `M2` is empty",
        ),
        (
            book(
                "area: match }\n  - { id: M2",
                "area: matsch }\n  - { id: M2",
            ),
            5,
            "no area `matsch`",
        ),
        (
            book(
                "evidence: inferred, strength: should",
                "evidence: inferred, strength: must",
            ),
            7,
            "not documented",
        ),
        (
            book(
                "strength: must, area: match }",
                "strength: must, area: match, unverified: x }",
            ),
            5,
            "`M1` is a must",
        ),
        (
            book("unverified: no way", "unverified: ''"),
            8,
            "gives no reason",
        ),
        (book("strength: must", "strenght: must"), 5, "strenght"),
        (book("evidence: open", "evidence: rumour"), 8, "rumour"),
        (book("id: far", "id: [far"), 8, ""),
    ];
    for (text, line, message) in cases {
        let error = wrong(&text);
        assert_eq!((error.line, error.code()), (line, "rules-file"), "{error}");
        assert!(error.column > 0, "{error}");
        assert!(error.message.contains(message), "{error}");
    }
    let meant = wrong(&book("area: match }", "area: matsch }")).hint;
    assert_eq!(meant.as_deref(), Some("did you mean `match`?"));
}

#[test]
fn coverage_says_what_is_verified_and_what_is_wrong() {
    let book = Catalogue::parse(BOOK).expect("a book");
    let scenarios = [
        scenario("z/two", "[M1, M1, far, M4]"),
        scenario("a/one", "[M1]"),
    ];
    let all = Coverage::new(&book, &scenarios, |_| true);
    let names: Vec<&str> = all.rules[0]
        .verified_by
        .iter()
        .map(|it| it.scenario.as_str())
        .collect();
    assert_eq!(names, ["a/one", "z/two"]);
    let vendors: Vec<String> = all.rules[0]
        .vendors()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(vendors, ["datto-rmm"]);
    let problems: Vec<(ProblemKind, &str)> = all
        .problems
        .iter()
        .map(|it| (it.kind, it.rule.as_str()))
        .collect();
    assert_eq!(
        problems,
        [
            (ProblemKind::MustUnverified, "M2"),
            (ProblemKind::Unverified, "M3"),
            (ProblemKind::StaleReason, "far"),
            (ProblemKind::UnknownRule, "M4"),
        ]
    );
    let unknown = &all.problems[3];
    assert_eq!(unknown.scenario.as_deref(), Some("z/two"));
    assert_eq!(unknown.place.map(|(line, _)| line), Some(3));
    assert!(
        unknown.hint.starts_with("did you mean `M"),
        "{}",
        unknown.hint
    );
    assert_eq!((all.totals.all.rules, all.totals.all.verified), (5, 3));
    assert_eq!(all.totals.excused, 0);
    let must = all.totals.by_strength[&Strength::Must];
    assert_eq!((must.rules, must.verified), (2, 1));
    let inferred = all.totals.by_evidence[&Evidence::Inferred];
    assert_eq!((inferred.rules, inferred.verified), (2, 1));
}

#[test]
fn a_book_that_is_verified_has_no_problem() {
    let book = Catalogue::parse(BOOK).expect("a book");
    let scenarios = [scenario("one", "[M1, M2, M3]")];
    let all = Coverage::new(&book, &scenarios, |_| true);
    assert_eq!(all.problems, []);
    assert_eq!((all.totals.all.verified, all.totals.excused), (4, 1));
    // What is not asked for is neither counted nor complained of.
    let part = Coverage::new(&book, &[], |rule| rule.area == "other");
    assert_eq!((part.rules.len(), part.problems.len()), (2, 0));
}

fn decision(rule: &str, outcome: DecisionOutcome, evidence: Option<Evidence>) -> Decision {
    Decision {
        sync: Some(0),
        kind: RecordKind::Configuration,
        tool: Tool::Rmm,
        vendor: "v".into(),
        external_id: "1".into(),
        rule: rule.into(),
        outcome,
        record_id: None,
        evidence,
        compared: Vec::new(),
    }
}

#[test]
fn an_outcome_names_the_inferred_and_open_rules_it_rests_on() {
    let mut ledger = Ledger::new(RecordKind::Configuration);
    ledger.skipped = [("rmm-unknown-company".into(), 2), ("psa-deleted".into(), 1)].into();
    let outcome = Outcome {
        decisions: vec![
            decision("M1", DecisionOutcome::Matched, Some(Evidence::Documented)),
            decision("M2", DecisionOutcome::Conflict, Some(Evidence::Documented)),
            decision("O2", DecisionOutcome::Suggested, None),
            decision("theirs", DecisionOutcome::Matched, Some(Evidence::Inferred)),
            decision("nobody-s", DecisionOutcome::Matched, None),
        ],
        syncs: vec![SyncOutcome {
            tool: Tool::Rmm,
            vendor: "v".into(),
            status: SyncStatus::Completed,
            error: None,
            ledgers: vec![ledger],
            rejections: Vec::new(),
            writes: 0,
        }],
        ..Outcome::default()
    };
    let found: Vec<(String, Evidence)> = unsettled(&outcome).into_iter().collect();
    let expected = [
        ("M-conflict", Evidence::Inferred),
        ("O2", Evidence::Open),
        ("rmm-unknown-company", Evidence::Inferred),
        ("theirs", Evidence::Inferred),
    ];
    assert_eq!(
        found,
        expected.map(|(id, evidence)| (id.to_owned(), evidence))
    );
    assert!(unsettled(&Outcome::default()).is_empty());
}

#[test]
fn a_name_that_is_nearly_right_is_proposed() {
    let names = ["M-ambiguous", "M1", "psa-create"];
    assert_eq!(near("m-ambigous", names), Some("M-ambiguous"));
    assert_eq!(near("psa-creat", names), Some("psa-create"));
    assert_eq!(near("M9", names), Some("M1"));
    assert_eq!(near("something", names), None);
}
