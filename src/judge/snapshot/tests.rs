//! One rich account in both forms, and what must and must not change them.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::json;

use super::{ShownFields, SnapshotOptions, full_snapshot, summary_snapshot};
use crate::judge::fixture::{PSA, RMM, Story};
use crate::judge::{Scope, judge};
use crate::model::{
    Ledger, Method, Origin, RecordKind, ReviewState, SyncError, SyncOutcome, SyncStatus, Tool,
    Warning,
};

fn full(story: &Story, options: &SnapshotOptions) -> String {
    let judgement = judge(&story.outcome, &story.truth, &Scope::new(Method::B));
    full_snapshot(&story.outcome, &story.truth, &judgement, options)
}

fn summary(story: &Story) -> String {
    let judgement = judge(&story.outcome, &story.truth, &Scope::new(Method::B));
    let options = SnapshotOptions::default();
    summary_snapshot(&story.outcome, &story.truth, &judgement, &options)
}

/// The mistake that the vendor's article warns of: a device is created on the matching screen, the
/// PSA brings it afterwards, and its second agent is matched to the PSA's record.
fn mistake() -> Story {
    let mut story = Story::acme();
    story.source(RecordKind::Location, "psa:main");
    story.record(RecordKind::Location, Origin::Psa, &["psa:main"]);
    let mut story = story
        .devices(&["rmm:ws1", "psa:ws1", "rmm:ws1#2", "psa:srv1", "psa:srv1#2"])
        .configuration(Origin::Review, &["rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1", "rmm:ws1#2"])
        .configuration(Origin::Psa, &["psa:srv1"])
        .configuration(Origin::Psa, &["psa:srv1#2"])
        .configuration(Origin::Manual, &[])
        .configuration(Origin::Manual, &[])
        .company("rmm:acme", ReviewState::Matched)
        .device("rmm:ws1", ReviewState::Matched, Some("102"))
        .device("rmm:ws1#2", ReviewState::Matched, Some("103"))
        .decision("rmm:ws1", "R-create", Some("102"))
        .decision("rmm:ws1#2", "M3", Some("103"));
    let laptop = &mut story.outcome.configurations[1];
    laptop.fields = [
        ("serial_number".to_owned(), json!("5CG01234XY")),
        ("location_id".to_owned(), json!(101)),
        ("installed_on".to_owned(), json!("2025-03-01")),
        ("configuration_type_id".to_owned(), json!("4711")),
        (
            "interfaces".to_owned(),
            json!([{ "primary": true, "mac_address": "00:1B:44:11:3A:B7", "id": 9 }]),
        ),
    ]
    .into();
    laptop.shown = [
        ("last_reboot".to_owned(), json!("2026-01-05T08:00:00Z")),
        (
            "external_url".to_owned(),
            json!("https://rmm.example/device/r-ws1"),
        ),
        ("memory_bytes".to_owned(), json!(17_179_869_184_u64)),
    ]
    .into();
    let mut ledger = Ledger::new(RecordKind::Configuration);
    ledger.fetched = 5;
    ledger.created = 3;
    ledger.skipped.insert("gate-type".into(), 2);
    story.outcome.syncs = vec![
        SyncOutcome {
            tool: Tool::Psa,
            vendor: PSA.into(),
            status: SyncStatus::Completed,
            error: None,
            ledgers: vec![ledger],
            rejections: Vec::new(),
            writes: 3,
        },
        SyncOutcome {
            tool: Tool::Rmm,
            vendor: RMM.into(),
            status: SyncStatus::Failed,
            error: Some(SyncError {
                code: "vendor-status".into(),
                message: "datto-rmm answered 500".into(),
            }),
            ledgers: Vec::new(),
            rejections: Vec::new(),
            writes: 0,
        },
    ];
    story.outcome.decisions[1].sync = Some(1);
    story.outcome.rmm.companies[0].rule = Some("O1".into());
    story.outcome.warnings.push(Warning {
        id: "B-warning-create-configuration".into(),
        step: 4,
        message: "Record 102 will be a duplicate".into(),
    });
    story
}

#[test]
fn the_full_form_shows_identity_and_no_id() {
    let text = full(&mistake(), &SnapshotOptions::default());
    for leak in [PSA, RMM, "p-", "r-ws1", "4711", "08:00", "rmm.example"] {
        assert!(!text.contains(leak), "{leak} shows");
    }
    assert_snapshot!(text);
}

#[test]
fn the_summary_shows_what_the_judge_found_and_a_digest() {
    assert_snapshot!(summary(&mistake()));
}

#[test]
fn both_forms_are_yaml() {
    for text in [
        full(&mistake(), &SnapshotOptions::default()),
        summary(&mistake()),
    ] {
        let read: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read["records"]["configurations"], json!(6));
        assert_eq!(read["duplicates"]["configurations"]["created"], json!(1));
    }
}

/// The same story as another pair of vendors tells it: other slugs, other ids on both sides, the
/// lists in another order.
fn retold() -> Story {
    let mut story = mistake();
    let rename = |vendor: &mut String| {
        *vendor = if vendor == PSA {
            "autotask".into()
        } else {
            "ninjaone".into()
        };
    };
    let renumber = |id: &mut String| *id = format!("9{id}0");
    for row in &mut story.truth.rows {
        rename(&mut row.vendor);
        renumber(&mut row.external_id);
    }
    for kind in RecordKind::ALL {
        for record in story.outcome.records_mut(kind) {
            renumber(&mut record.id);
            record.organization_id.as_mut().map(renumber);
            if let Some(location) = record.fields.get_mut("location_id") {
                *location = json!("91010");
            }
            for link in &mut record.links {
                rename(&mut link.vendor);
                renumber(&mut link.external_id);
            }
            record.links.reverse();
        }
        story.outcome.records_mut(kind).reverse();
    }
    for row in &mut story.outcome.rmm.companies {
        rename(&mut row.vendor);
        renumber(&mut row.external_id);
        row.record_id.as_mut().map(renumber);
    }
    for row in &mut story.outcome.rmm.devices {
        rename(&mut row.vendor);
        renumber(&mut row.external_id);
        renumber(&mut row.company_external_id);
        row.record_id.as_mut().map(renumber);
    }
    for decision in &mut story.outcome.decisions {
        rename(&mut decision.vendor);
        renumber(&mut decision.external_id);
        decision.record_id.as_mut().map(renumber);
    }
    for sync in &mut story.outcome.syncs {
        rename(&mut sync.vendor);
    }
    story.outcome.rmm.devices.reverse();
    story.truth.rows.reverse();
    story
}

#[test]
fn another_pair_of_vendors_gives_the_same_text() {
    let mut story = mistake();
    // Names of the fixture show the id; a real account's do not.
    let mut retold = retold();
    for story in [&mut story, &mut retold] {
        for kind in RecordKind::ALL {
            for record in story.outcome.records_mut(kind) {
                record.name = "Same".into();
            }
        }
    }
    let options = SnapshotOptions::default();
    assert_eq!(full(&story, &options), full(&retold, &options));
    assert_eq!(summary(&story), summary(&retold));
}

#[test]
fn any_change_of_a_field_or_a_link_changes_the_digest() {
    let before = summary(&mistake());
    let spoilt: &[fn(&mut Story)] = &[
        |story| story.outcome.configurations[3].name.push('x'),
        |story| {
            let fields = &mut story.outcome.configurations[1].fields;
            fields.insert("serial_number".into(), json!("5CG01234XZ"));
        },
        |story| story.outcome.rmm.companies[0].devices_total = 7,
        |story| story.outcome.decisions[1].rule = "M2".into(),
        |story| story.outcome.warnings.clear(),
        |story| {
            story.outcome.configurations[1]
                .fields
                .insert("location_id".into(), json!(999));
        },
    ];
    for spoil in spoilt {
        let mut story = mistake();
        spoil(&mut story);
        assert_ne!(summary(&story), before);
    }
}

#[test]
fn fields_and_decisions_can_be_left_out() {
    let options = SnapshotOptions {
        fields: ShownFields::Only(BTreeSet::from(["serial_number".to_owned()])),
        decisions: false,
    };
    let text = full(&mistake(), &options);
    assert!(text.contains("serial_number: \"5CG01234XY\""), "{text}");
    assert!(
        !text.contains("memory_bytes") && !text.contains("decisions:"),
        "{text}"
    );
    let options = SnapshotOptions {
        fields: ShownFields::Nothing,
        decisions: false,
    };
    assert!(!full(&mistake(), &options).contains("serial_number"));
}

#[test]
fn long_lists_are_cut_in_the_summary_and_still_digested() {
    let many = || {
        let mut story = Story::acme();
        for at in 0..120 {
            story.source(RecordKind::Configuration, &format!("psa:ws{at:03}"));
        }
        story
    };
    let text = summary(&many());
    assert_eq!(text.matches("- <configuration:ws").count(), 50);
    assert!(text.contains("- and 70 more\n"), "{text}");
    let mut other = many();
    let last = other.truth.rows.last_mut().unwrap();
    last.truth = "ws999".into();
    last.key = "ws999".into();
    assert_ne!(summary(&other), text);
}
