//! Hand-made cases: one for every way in which a number can arise.

use super::fixture::{PSA, RMM, Story};
use super::{DuplicateCause, HandMade, Judgement, Presence, Scope, judge};
use crate::model::{
    Ledger, LinkState, Method, Origin, RecordKind, ReviewState, SyncOutcome, SyncStatus, Tool,
};

fn judged(story: &Story, method: Method) -> Judgement {
    judge(&story.outcome, &story.truth, &Scope::new(method))
}

fn causes(story: &Story) -> Vec<(String, DuplicateCause)> {
    let judgement = judged(story, Method::B);
    let counts = judgement.duplicates.configurations;
    assert_eq!(
        counts.total() as usize,
        judgement.findings.duplicates.len(),
        "counts and list disagree"
    );
    judgement
        .findings
        .duplicates
        .into_iter()
        .map(|duplicate| (duplicate.record_id, duplicate.cause))
        .collect()
}

fn one(id: &str, cause: DuplicateCause) -> Vec<(String, DuplicateCause)> {
    vec![(id.to_owned(), cause)]
}

#[test]
fn a_joined_device_is_no_duplicate() {
    let story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1", "rmm:ws1"]);
    let judgement = judged(&story, Method::B);
    assert_eq!(judgement.records.configurations, 1);
    assert_eq!(judgement.duplicates.configurations.total(), 0);
    assert_eq!(judgement.findings.duplicates, []);
    assert_eq!(judgement.findings.missing, []);
    assert_eq!(judgement.violations, []);
    assert_eq!(judgement.linkage.configurations.f1(), Some(1.0));
}

#[test]
fn creating_on_the_matching_screen_beside_a_record_is_created() {
    let story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Review, &["rmm:ws1"]);
    assert_eq!(causes(&story), one("102", DuplicateCause::Created));
}

#[test]
fn the_psa_bringing_what_was_created_before_is_created_too() {
    let story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1"])
        .configuration(Origin::Review, &["rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"]);
    assert_eq!(causes(&story), one("102", DuplicateCause::Created));
}

#[test]
fn a_record_typed_in_has_no_link_and_still_counts() {
    for origin in [Origin::Manual, Origin::Import] {
        let story = Story::acme()
            .devices(&["psa:ws1"])
            .hand_made(origin, "ws1", &[])
            .configuration(Origin::Psa, &["psa:ws1"]);
        assert_eq!(causes(&story), one("102", DuplicateCause::Created));
        assert_eq!(judged(&story, Method::A).strays.total(), 0);
    }
}

#[test]
fn a_source_that_holds_it_twice_is_inherited() {
    let story = Story::acme()
        .devices(&["psa:ws1", "psa:ws1#2", "psa:ws1#3"])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Psa, &["psa:ws1#2"])
        .configuration(Origin::Psa, &["psa:ws1#3"]);
    assert_eq!(
        causes(&story),
        [
            ("102".to_owned(), DuplicateCause::Inherited),
            ("103".to_owned(), DuplicateCause::Inherited)
        ]
    );
}

#[test]
fn a_second_copy_is_inherited_even_beside_a_hand_made_record() {
    let story = Story::acme()
        .devices(&["psa:ws1", "psa:ws1#2"])
        .hand_made(Origin::Manual, "ws1", &[])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Psa, &["psa:ws1#2"]);
    assert_eq!(
        causes(&story),
        [
            ("102".to_owned(), DuplicateCause::Created),
            ("103".to_owned(), DuplicateCause::Inherited)
        ]
    );
}

#[test]
fn an_rmm_link_laid_on_later_does_not_make_it_inherited() {
    // The person created the device from its first agent; the reimaged one was matched to the
    // PSA's record afterwards. What made the second record was the PSA's sync.
    let story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1", "rmm:ws1#2"])
        .configuration(Origin::Review, &["rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1", "rmm:ws1#2"]);
    assert_eq!(causes(&story), one("102", DuplicateCause::Created));
}

#[test]
fn the_same_source_record_twice_is_created() {
    let mut story = Story::acme()
        .devices(&["psa:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"]);
    story.outcome.configurations[0].links[0].state = LinkState::Disconnected;
    assert_eq!(causes(&story), one("102", DuplicateCause::Created));
    assert_eq!(judged(&story, Method::B).violations, []);
}

#[test]
fn two_psas_that_were_not_joined_are_a_missed_join() {
    let mut story = Story::acme()
        .devices(&["psa:ws1", "psa:ws1#2"])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Psa, &["psa:ws1#2"]);
    story.truth.rows.last_mut().unwrap().vendor = "autotask".into();
    story.outcome.configurations[1].links[0].vendor = "autotask".into();
    assert_eq!(causes(&story), one("102", DuplicateCause::MissedJoin));
}

#[test]
fn creation_order_decides_and_not_the_order_of_the_list() {
    let mut story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1"])
        .configuration(Origin::Review, &["rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"]);
    story.outcome.configurations.reverse();
    assert_eq!(causes(&story), one("102", DuplicateCause::Created));
    assert_eq!(
        judged(&story, Method::B).findings.duplicates[0].first_record_id,
        "101"
    );
}

#[test]
fn an_archived_record_is_neither_counted_nor_missed() {
    let mut story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Review, &["rmm:ws1"]);
    story.outcome.configurations[1].archived = true;
    let judgement = judged(&story, Method::B);
    assert_eq!(judgement.duplicates.configurations.total(), 0);
    assert_eq!(judgement.records.configurations, 1);
    assert_eq!(judgement.archived.configurations, 1);
    story.outcome.configurations.remove(0);
    assert_eq!(judged(&story, Method::B).missing.total(), 0);
}

#[test]
fn a_record_for_two_devices_is_a_false_merge_with_its_rules() {
    let story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws2", "rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1", "rmm:ws2"])
        .decision("psa:ws1", "P-create", Some("101"))
        .decision("rmm:ws2", "M3", Some("101"))
        .decision("rmm:ws1", "M5", None);
    let judgement = judged(&story, Method::B);
    assert_eq!(judgement.false_merges.configurations, 1);
    assert_eq!(judgement.duplicates.configurations.total(), 0);
    let merge = &judgement.findings.false_merges[0];
    assert_eq!(merge.entities, ["ws1", "ws2"]);
    assert_eq!(merge.rules, ["M3", "P-create"]);
    let linkage = &judgement.linkage.configurations;
    assert_eq!(
        (
            linkage.linked_pairs,
            linkage.true_pairs,
            linkage.correct_pairs
        ),
        (1, 1, 0)
    );
    assert_eq!(linkage.precision(), Some(0.0));
}

#[test]
fn a_duplicate_tells_the_rules_of_its_source_records() {
    let story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1"])
        .configuration(Origin::Psa, &["psa:ws1"])
        .configuration(Origin::Review, &["rmm:ws1"])
        .decision("rmm:ws1", "M5", None)
        .decision("rmm:ws1", "R-create", Some("102"))
        .decision("psa:ws1", "P-create", Some("101"));
    let judgement = judged(&story, Method::B);
    let duplicate = &judgement.findings.duplicates[0];
    assert_eq!(duplicate.rules, ["M5", "R-create"]);
    assert_eq!(duplicate.entities, ["ws1"]);
}

/// What each method has to bring of the same tenant: an organization, a location and a contact in
/// the PSA; `ws1` in both tools, `srv1` in the PSA only, `vm1` in the RMM only.
fn tenant() -> Story {
    let mut story = Story::default();
    story.source(RecordKind::Organization, "psa:acme");
    story.source(RecordKind::Organization, "rmm:acme");
    story.source(RecordKind::Organization, "psa:onlypsa");
    story.source(RecordKind::Location, "psa:main");
    story.source(RecordKind::Contact, "psa:pat");
    story.devices(&["psa:ws1", "rmm:ws1", "psa:srv1", "rmm:vm1"])
}

fn missing(story: &Story, method: Method) -> Vec<String> {
    judged(story, method)
        .findings
        .missing
        .iter()
        .map(|missing| missing.entity.clone())
        .collect()
}

#[test]
fn each_method_misses_what_it_should_have_brought() {
    let story = tenant();
    let psa = ["acme", "onlypsa", "main", "pat", "ws1", "srv1"];
    assert_eq!(missing(&story, Method::A), psa);
    assert_eq!(missing(&story, Method::B), psa);
    let mixed = ["acme", "onlypsa", "main", "pat", "ws1", "vm1"];
    assert_eq!(missing(&story, Method::C), mixed);
    assert_eq!(missing(&story, Method::D), ["acme", "ws1", "vm1"]);
}

#[test]
fn what_a_gate_holds_back_or_was_removed_is_not_missing() {
    let mut story = tenant();
    for row in &mut story.truth.rows {
        match (row.tool, row.key.as_str()) {
            (Tool::Psa, "onlypsa" | "srv1") => row.presence = Presence::Withheld,
            (Tool::Psa, "ws1") => row.presence = Presence::Removed,
            _ => {}
        }
    }
    assert_eq!(missing(&story, Method::A), ["acme", "main", "pat"]);
    // A second copy that is let through is enough.
    story.source(RecordKind::Configuration, "psa:srv1#2");
    assert_eq!(missing(&story, Method::A), ["acme", "main", "pat", "srv1"]);
}

#[test]
fn an_ignored_device_is_not_missing_where_the_rmm_is_the_source() {
    let story = tenant()
        .company("rmm:acme", ReviewState::Unmatched)
        .device("rmm:ws1", ReviewState::Ignored, None)
        .device("rmm:vm1", ReviewState::Unmatched, None)
        .decision("rmm:vm1", "M5", None);
    assert_eq!(missing(&story, Method::D), ["acme", "vm1"]);
    let judgement = judged(&story, Method::D);
    let vm1 = &judgement.findings.missing[1];
    assert_eq!(vm1.state, Some(ReviewState::Unmatched));
    assert_eq!(vm1.rules, ["M5"]);
    assert_eq!(
        (judgement.devices.unmatched, judgement.devices.ignored),
        (1, 1)
    );
    // Under B the PSA is the source: the device is missing whatever the screen says.
    assert!(missing(&story, Method::B).contains(&"ws1".to_owned()));
}

#[test]
fn one_ignored_copy_does_not_excuse_the_other() {
    let story = tenant()
        .devices(&["rmm:ws1#2"])
        .device("rmm:ws1", ReviewState::Ignored, None);
    assert!(missing(&story, Method::C).contains(&"ws1".to_owned()));
}

#[test]
fn ignoring_a_company_excuses_its_devices() {
    let story = tenant()
        .company("rmm:acme", ReviewState::Ignored)
        .device("rmm:ws1", ReviewState::Unmatched, None)
        .device("rmm:vm1", ReviewState::Unmatched, None);
    assert_eq!(missing(&story, Method::D), Vec::<String>::new());
}

#[test]
fn a_record_that_two_rows_of_a_file_were_laid_over_holds_both_entities() {
    let mut story = tenant().configuration(Origin::Import, &[]);
    let record_id = story.outcome.configurations[0].id.clone();
    let made = |truth: &str| HandMade {
        kind: RecordKind::Configuration,
        record_id: record_id.clone(),
        truth: truth.to_owned(),
    };
    story.truth.hand_made = vec![made("ws1"), made("ws1")];
    assert_eq!(judged(&story, Method::D).findings.false_merges.len(), 0);
    story.truth.hand_made.push(made("vm1"));
    let judgement = judged(&story, Method::D);
    assert_eq!(judgement.findings.false_merges[0].entities, ["vm1", "ws1"]);
}

#[test]
fn the_screen_is_counted_by_state() {
    let mut story = Story::acme()
        .devices(&["psa:ws1", "rmm:ws1", "rmm:ws2", "rmm:ws3", "rmm:ws4"])
        .configuration(Origin::Psa, &["psa:ws1", "rmm:ws1"])
        .company("rmm:acme", ReviewState::Matched)
        .device("rmm:ws1", ReviewState::Matched, Some("101"))
        .device("rmm:ws2", ReviewState::Unmatched, None)
        .device("rmm:ws3", ReviewState::Unmatched, None)
        .device("rmm:ws4", ReviewState::Ignored, None);
    story.outcome.rmm.devices[1].suggestion = Some("101".into());
    let judgement = judged(&story, Method::B);
    let devices = judgement.devices;
    assert_eq!(
        (
            devices.matched,
            devices.unmatched,
            devices.suggested,
            devices.ignored
        ),
        (1, 2, 1, 1)
    );
    assert_eq!(judgement.companies.matched, 1);
    assert_eq!(judgement.violations, []);
}

fn sync(vendor: &str, tool: Tool, fetched: u64, writes: u64) -> SyncOutcome {
    let mut ledger = Ledger::new(RecordKind::Organization);
    ledger.fetched = fetched;
    ledger.unchanged = fetched;
    SyncOutcome {
        tool,
        vendor: vendor.to_owned(),
        status: SyncStatus::Completed,
        error: None,
        ledgers: vec![ledger],
        rejections: Vec::new(),
        writes,
    }
}

#[test]
fn repeated_syncs_and_calls_are_summed_up() {
    let mut story = Story::acme();
    story.outcome.syncs = vec![
        sync(PSA, Tool::Psa, 10, 10),
        sync(RMM, Tool::Rmm, 4, 4),
        sync(PSA, Tool::Psa, 10, 2),
    ];
    let mut scope = Scope::new(Method::B);
    let judgement = judge(&story.outcome, &story.truth, &scope);
    assert_eq!(judgement.second_run_writes, None);
    assert_eq!(judgement.calls, []);
    scope.repeats = vec![2];
    let operations = [("companies.list".to_owned(), 4), ("info".to_owned(), 1)];
    scope.calls.insert(PSA.to_owned(), operations.into());
    let judgement = judge(&story.outcome, &story.truth, &scope);
    assert_eq!(judgement.second_run_writes, Some(2));
    let calls = &judgement.calls[0];
    assert_eq!((calls.calls, calls.records), (5, 20));
    assert_eq!(calls.per_record(), Some(0.25));
}

#[test]
fn a_record_that_nothing_explains_is_a_stray() {
    let story = Story::acme().configuration(Origin::Manual, &[]);
    let judgement = judged(&story, Method::B);
    assert_eq!(judgement.strays.configurations, 1);
    assert_eq!(judgement.duplicates.configurations.total(), 0);
}

#[test]
fn an_empty_account_is_judged_without_dividing_by_nothing() {
    let judgement = judged(&Story::default(), Method::D);
    let linkage = &judgement.linkage.organizations;
    assert_eq!(
        (
            linkage.precision(),
            linkage.recall(),
            linkage.f1(),
            linkage.bcubed_f1()
        ),
        (None, None, None, None)
    );
}

type Spoil = fn(&mut Story);

fn broken(story: &Story) -> Vec<&'static str> {
    judged(story, Method::B)
        .violations
        .iter()
        .map(|violation| violation.code)
        .collect()
}

#[test]
fn every_law_is_noticed_when_it_is_broken() {
    let sound = || {
        Story::acme()
            .devices(&["psa:ws1", "rmm:ws1"])
            .configuration(Origin::Psa, &["psa:ws1", "rmm:ws1"])
            .device("rmm:ws1", ReviewState::Matched, Some("101"))
    };
    assert_eq!(broken(&sound()), Vec::<&str>::new());
    let cases: &[(&str, Spoil)] = &[
        ("ledger-adds-up", |story| {
            story.outcome.syncs = vec![sync(PSA, Tool::Psa, 3, 0)];
            story.outcome.syncs[0].ledgers[0].fetched = 4;
        }),
        ("record-id-unique", |story| {
            story.record(RecordKind::Configuration, Origin::Manual, &[]);
            story.outcome.configurations[1].id = "101".into();
        }),
        ("record-kind", |story| {
            story.outcome.configurations[0].kind = RecordKind::Contact;
        }),
        ("creation-order", |story| {
            story.record(RecordKind::Configuration, Origin::Manual, &[]);
            let first = story.outcome.configurations[0].created_seq;
            story.outcome.configurations[1].created_seq = first;
        }),
        ("organization-exists", |story| {
            story.outcome.configurations[0].organization_id = Some("7".into());
        }),
        ("link-known", |story| {
            story.outcome.configurations[0].links[0].external_id = "p-nobody".into();
        }),
        ("link-single", |story| {
            story.record(RecordKind::Configuration, Origin::Psa, &["psa:ws1"]);
        }),
        ("screen-agrees", |story| {
            story.outcome.rmm.devices[0].state = ReviewState::Ignored;
        }),
        ("decision-sync", |story| {
            let told = std::mem::take(story).decision("rmm:ws1", "M1", Some("101"));
            *story = told;
            story.outcome.decisions[0].sync = Some(0);
        }),
    ];
    let laws: Vec<&str> = super::LAWS.iter().map(|(code, _)| *code).collect();
    let tried: Vec<&str> = cases.iter().map(|(code, _)| *code).collect();
    assert_eq!(tried, laws);
    for (code, spoil) in cases {
        let mut story = sound();
        spoil(&mut story);
        assert_eq!(broken(&story), [*code]);
    }
}

#[test]
fn a_screen_that_disagrees_is_told_apart() {
    let spoilt: &[(Spoil, &str)] = &[
        (
            |story| story.outcome.rmm.devices[0].record_id = None,
            "is matched to no record",
        ),
        (
            |story| story.outcome.rmm.devices[0].record_id = Some("7".into()),
            "is matched to record 7, which is not there",
        ),
        (
            |story| {
                story.outcome.configurations[0].links.pop();
            },
            "is matched to record 101, which carries no such link",
        ),
    ];
    for (spoil, words) in spoilt {
        let mut story = Story::acme()
            .devices(&["psa:ws1", "rmm:ws1"])
            .configuration(Origin::Psa, &["psa:ws1", "rmm:ws1"])
            .device("rmm:ws1", ReviewState::Matched, Some("101"));
        spoil(&mut story);
        let violations = judged(&story, Method::B).violations;
        assert_eq!(violations[0].code, "screen-agrees");
        assert!(violations[0].examples[0].ends_with(words), "{violations:?}");
    }
}

#[test]
fn a_law_broken_often_is_counted_and_shown_a_few_times() {
    let mut story = Story::acme();
    for _ in 0..50 {
        story.record(RecordKind::Contact, Origin::Manual, &[]);
    }
    for contact in &mut story.outcome.contacts {
        contact.organization_id = None;
    }
    let violations = judged(&story, Method::B).violations;
    assert_eq!(
        (violations[0].count, violations[0].examples.len()),
        (50, 20)
    );
}
