//! One fixed run in every form.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{
    Calls, CaseError, CaseReport, CaseVerdict, Failure, HumanOptions, Quota, RunReport,
    write_calls, write_human, write_json, write_junit,
};
use crate::judge::{Entity, HandMade, Presence, Scope, SourceRow, Truth, judge};
use crate::model::{
    Evidence, Link, LinkState, Method, Origin, Outcome, RecordKind, RecordOutcome, ReviewState,
    RmmDeviceOutcome, Tool,
};

fn run() -> RunReport {
    let mut passed = CaseReport::new(
        "b/combined-view",
        "The PSA writes, the RMM overlays",
        Method::B,
        Some("connectwise-psa"),
        Some("datto-rmm"),
    );
    passed.organizations = 40;
    passed.configurations = 1234;
    passed.unmatched = 2;
    passed.duration_ms = 1240;
    passed.requests.insert(
        "connectwise-psa".into(),
        [
            ("companies.list".into(), 2),
            ("configurations.list".into(), 11),
        ]
        .into(),
    );
    let mut failed = CaseReport::new(
        "b/create-configuration",
        "Creating a device on the matching screen in method B makes a duplicate",
        Method::B,
        Some("connectwise-psa"),
        Some("datto-rmm"),
    );
    failed.organizations = 1;
    failed.configurations = 3;
    failed.duplicates.configurations = 2;
    failed.duplicates.created = 2;
    failed
        .warnings
        .push("B-warning-create-configuration".into());
    failed.duration_ms = 80;
    failed.fail(Failure {
        what: "configurations".into(),
        expected: "2".into(),
        actual: "3".into(),
        hint: Some("ws1 has three records; see the snapshot".into()),
    });
    failed.fail(Failure {
        what: "snapshot".into(),
        expected: "configurations: 2".into(),
        actual: "configurations: 3\n<configuration:ws1~2>".into(),
        hint: None,
    });
    let mut broken = CaseReport::new(
        "d/it's \u{1b}[31mred & <bold>.yaml",
        "",
        Method::D,
        None,
        Some("datto-rmm"),
    );
    broken.duration_ms = 7;
    broken.break_off(CaseError {
        code: "vendor-unauthorized".into(),
        message: "datto-rmm, sites.list: the credentials were refused (401): no\u{7} way".into(),
        hint: Some("check the settings file".into()),
    });
    let mut omitted = CaseReport::new(
        "a/mac",
        "Needs a MAC field",
        Method::A,
        Some("autotask"),
        None,
    );
    omitted.omit("autotask has no MAC address field");
    RunReport::new(vec![passed, failed, broken, omitted])
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn human(width: u16) -> String {
    let options = HumanOptions {
        width,
        colour: false,
    };
    text(|out| write_human(&run(), options, out))
}

#[test]
fn people_read_it_at_80_columns() {
    assert_snapshot!(human(80));
}

#[test]
fn people_read_it_on_a_wide_terminal() {
    assert_snapshot!(human(140));
}

#[test]
fn a_narrow_terminal_gets_a_list() {
    assert_snapshot!(human(40));
}

#[test]
fn the_table_never_passes_the_edge() {
    for width in [72, 80, 100, 109, 110, 120, 200] {
        let shown = human(width);
        let table: Vec<&str> = shown.lines().take_while(|line| !line.is_empty()).collect();
        assert!(table.len() >= 6);
        for line in table {
            assert!(
                line.chars().count() <= usize::from(width),
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn colours_come_only_when_asked_for() {
    assert!(!human(80).contains('\u{1b}'));
    let options = HumanOptions {
        width: 80,
        colour: true,
    };
    let coloured = text(|out| write_human(&run(), options, out));
    assert!(coloured.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    // A scenario's name cannot paint.
    assert!(!coloured.contains("\u{1b}[31mred"));
    assert!(coloured.contains("\\u{1b}[31mred"));
}

/// A run with so many rules left to us, the first in two cases.
fn unsettled_run(rules: usize) -> RunReport {
    let mut cases = run().cases;
    for at in 0..rules {
        let rule = format!("rule-{at}");
        cases[0].unsettled.insert(rule, Evidence::Inferred);
    }
    cases[1]
        .unsettled
        .insert("rule-0".into(), Evidence::Inferred);
    cases[1].unsettled.insert("O2".into(), Evidence::Open);
    RunReport::new(cases)
}

#[test]
fn what_public_material_does_not_settle_is_named_once_with_its_cases() {
    let options = HumanOptions::default();
    let shown = text(|out| write_human(&unsettled_run(2), options, out));
    let lines: Vec<&str> = shown
        .lines()
        .skip_while(|line| !line.contains("does not settle"))
        .collect();
    assert_eq!(
        lines[1],
        "  rule-0 2 (inferred), O2 1 (open), rule-1 1 (inferred)"
    );
    assert_eq!(lines[2], "`syncrig rules rule-0` says what a rule says.");
    assert!(!human(80).contains("does not settle"));
    // However many there are, the report stays readable.
    let long = text(|out| write_human(&unsettled_run(60), options, out));
    let section = long
        .lines()
        .skip_while(|line| !line.contains("does not settle"));
    let section: Vec<&str> = section.take_while(|line| !line.is_empty()).collect();
    assert!(section.len() <= 7, "{section:?}");
    assert!(
        section.iter().all(|line| line.chars().count() <= 80),
        "{section:?}"
    );
    assert!(long.contains(" more, in --format json"), "{long}");
}

#[test]
fn programs_and_continuous_integration_read_what_is_not_settled() {
    let report = unsettled_run(2);
    let written = text(|out| write_json(&report, out));
    assert_eq!(serde_json::from_str::<RunReport>(&written).unwrap(), report);
    let value: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        value["cases"][1]["unsettled"],
        json!({ "O2": "open", "rule-0": "inferred" })
    );
    assert_eq!(value["cases"][2].get("unsettled"), None);
    let junit = text(|out| write_junit(&report, out));
    assert!(
        junit.contains(r#"<property name="unsettled" value="O2 rule-0"/>"#),
        "{junit}"
    );
}

#[test]
fn an_empty_run_says_so() {
    let shown = text(|out| write_human(&RunReport::new(Vec::new()), HumanOptions::default(), out));
    assert_eq!(shown, "0 cases: nothing was selected to run\n");
    assert_eq!(RunReport::new(Vec::new()).worst(), None);
}

#[test]
fn programs_read_it() {
    assert_snapshot!(text(|out| write_json(&run(), out)));
}

#[test]
fn the_json_reads_back_and_holds_the_promised_fields() {
    let written = text(|out| write_json(&run(), out));
    assert_eq!(serde_json::from_str::<RunReport>(&written).unwrap(), run());
    let value: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(value["version"], json!(1));
    for field in [
        "scenario",
        "method",
        "psa",
        "rmm",
        "verdict",
        "organizations",
        "locations",
        "contacts",
        "configurations",
        "duplicates",
        "false_merges",
        "missing",
        "unmatched",
        "warnings",
        "requests",
        "duration_ms",
    ] {
        for case in value["cases"].as_array().unwrap() {
            assert!(case.get(field).is_some(), "{field}");
        }
    }
    assert_eq!(value["cases"][2]["psa"], Value::Null);
    // A reader of this version takes what a later writer adds, and what an earlier one left out.
    let other = r#"{"version": 1, "mood": 1, "cases": [{"scenario": "x", "method": "A",
        "psa": null, "rmm": null, "verdict": "pass", "colour": "red"}]}"#;
    assert_eq!(
        serde_json::from_str::<RunReport>(other)
            .unwrap()
            .cases
            .len(),
        1
    );
}

#[test]
fn continuous_integration_reads_it() {
    assert_snapshot!(text(|out| write_junit(&run(), out)));
}

#[test]
fn the_worst_verdict_counts() {
    let mut report = run();
    assert_eq!(report.worst(), Some(CaseVerdict::Error));
    report.cases.remove(2);
    assert_eq!(report.worst(), Some(CaseVerdict::Fail));
    report.cases.remove(1);
    assert_eq!(report.worst(), Some(CaseVerdict::Omitted));
}

#[test]
fn a_case_that_broke_off_stays_so_whatever_failed_before() {
    let mut case = run().cases.remove(2);
    case.fail(Failure {
        what: "w".into(),
        expected: "e".into(),
        actual: "a".into(),
        hint: None,
    });
    assert_eq!(case.verdict, CaseVerdict::Error);
}

#[test]
fn the_command_can_be_pasted() {
    let commands: Vec<String> = run().cases.iter().map(CaseReport::rerun_command).collect();
    assert_eq!(
        commands[0],
        "syncrig run b/combined-view --psa connectwise-psa --rmm datto-rmm"
    );
    assert_eq!(
        commands[2],
        "syncrig run 'd/it'\\''s \u{1b}[31mred & <bold>.yaml' --rmm datto-rmm"
    );
    assert_eq!(commands[3], "syncrig run a/mac --psa autotask");
}

#[test]
fn the_judges_numbers_reach_the_report() {
    let record = |id: &str, origin, links: Vec<Link>, place| RecordOutcome {
        id: id.into(),
        kind: RecordKind::Configuration,
        organization_id: None,
        name: id.into(),
        fields: Default::default(),
        shown: Default::default(),
        origin,
        links,
        archived: false,
        push: None,
        created_seq: place,
    };
    let link = |external_id: &str| Link {
        tool: Tool::Psa,
        vendor: "v".into(),
        external_id: external_id.into(),
        state: LinkState::Enabled,
    };
    let mut outcome = Outcome {
        configurations: vec![
            record("1", Origin::Manual, Vec::new(), 0),
            record("2", Origin::Psa, vec![link("1")], 1),
            record("3", Origin::Psa, vec![link("2"), link("3")], 2),
        ],
        ..Outcome::default()
    };
    outcome.rmm.devices.push(RmmDeviceOutcome {
        vendor: "r".into(),
        external_id: "1".into(),
        company_external_id: "1".into(),
        name: "x".into(),
        state: ReviewState::Unmatched,
        record_id: None,
        rule: None,
        suggestion: Some("1".into()),
        reason: None,
    });
    let row = |external_id: &str, truth: &str| SourceRow {
        tool: Tool::Psa,
        vendor: "v".into(),
        kind: RecordKind::Configuration,
        external_id: external_id.into(),
        key: truth.into(),
        truth: truth.into(),
        presence: Presence::Delivered,
    };
    let truth = Truth {
        entities: vec![Entity {
            kind: RecordKind::Configuration,
            key: "ws1".into(),
            name: "WS1".into(),
        }],
        rows: vec![
            row("1", "ws1"),
            row("2", "ws1"),
            row("3", "ws2"),
            row("4", "ws3"),
        ],
        hand_made: vec![HandMade {
            kind: RecordKind::Configuration,
            record_id: "1".into(),
            truth: "ws1".into(),
        }],
    };
    let mut case = CaseReport::new("s", "t", Method::A, Some("v"), None);
    case.record(&judge(&outcome, &truth, &Scope::new(Method::A)));
    assert_eq!(case.configurations, 3);
    assert_eq!(case.duplicates.configurations, 2);
    assert_eq!((case.duplicates.created, case.duplicates.inherited), (1, 1));
    assert_eq!((case.false_merges, case.missing), (1, 1));
    assert_eq!((case.unmatched, case.suggested, case.ignored), (1, 1, 0));
}

#[test]
fn calls_are_shared_among_records_and_measured_by_the_quota() {
    let quota = Quota {
        requests: 600,
        window_ms: 60_000,
    };
    let mut first = CaseReport::new("a/one", "", Method::B, Some("syncro"), Some("syncro"));
    first.calls = vec![
        Calls::new(Tool::Psa, "syncro", 7, 0, None),
        Calls::new(Tool::Rmm, "syncro", 601, 500, Some(quota)),
    ];
    let mut second = first.clone();
    second.calls[1] = Calls::new(Tool::Rmm, "syncro", 1, 3, Some(quota));
    let report = RunReport::new(vec![first, second]);
    let rows: Vec<_> = (report.calls.iter())
        .map(|it| {
            (
                it.tool,
                it.requests,
                it.records,
                it.requests_per_1000_records,
                it.quota_percent,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (Tool::Psa, 14, 0, None, None),
            (Tool::Rmm, 602, 503, Some(1_197), Some(101)),
        ]
    );
    let shown = text(|out| write_calls(&report, HumanOptions::default(), out));
    assert!(
        shown.contains("syncro (psa)        14        0         –  not published             –"),
        "{shown}"
    );
    assert!(
        shown.contains("syncro (rmm)       602      503      1.19  600 in 60 s           101 %"),
        "{shown}"
    );
}
