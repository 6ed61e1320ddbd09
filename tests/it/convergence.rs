//! Whatever went wrong during syncs, one good sync of each tool afterwards reaches the account of a
//! run in which nothing went wrong: nothing is made twice, nothing is orphaned because a page was
//! missing, and every ledger accounts for every record.

use proptest::prelude::{
    BoxedStrategy, Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof,
};
use proptest::test_runner::TestCaseError;
use syncrig::engine::{Bulk, Engine, ReviewAction, Target};
use syncrig::model::{DecisionOutcome, Outcome, ReviewState, Tool};
use syncrig_mocks::front::{Fault, FaultRule};
use syncrig_mocks::world::{DevicePatch, DirtPreset, Kind, Patch, Tenant, Tool as WorldTool};

use crate::support::account::{created_twice, difference, orphans, state, wrong_ledgers};
use crate::support::property::check;
use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

const ORGANIZATIONS: u32 = 3;

const PSA_OPERATIONS: [&str; 5] = [
    "companies.list",
    "sites.list",
    "contacts.list",
    "configurations.list",
    "companyinfo.get",
];
const RMM_OPERATIONS: [&str; 4] = ["sites.list", "devices.list", "audit.device", "auth.token"];

const PSA_FIELDS: [&str; 9] = [
    "id",
    "name",
    "status",
    "type",
    "company",
    "company.id",
    "serialNumber",
    "macAddress",
    "firstName",
];
const RMM_FIELDS: [&str; 9] = [
    "uid",
    "id",
    "name",
    "siteUid",
    "hostname",
    "nics",
    "nics.0.macAddress",
    "bios.serialNumber",
    "deviceType",
];

/// One sync with what goes wrong in it.
#[derive(Debug, Clone)]
struct Troubled {
    tool: Tool,
    rules: Vec<FaultRule>,
}

/// A story: what the account holds beforehand, what people change, and the syncs that go wrong.
#[derive(Debug, Clone)]
struct Story {
    seed: u64,
    dirt: DirtPreset,
    page_size: u32,
    /// Whether both tools were synced, and a person was at the matching screen, before the trouble.
    settled: bool,
    /// Devices that are changed between that and the trouble, by place, and how.
    edits: Vec<(usize, Change)>,
    syncs: Vec<Troubled>,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    RenameInPsa,
    NewSerialInRmm,
    RemoveFromPsa,
    RemoveFromRmm,
}

fn answers(fields: &'static [&'static str]) -> impl Strategy<Value = Fault> {
    let field = prop::sample::select(fields);
    let code = prop::sample::select(&[401_u16, 403, 404, 429, 500, 502, 503][..]);
    let retry_after_s = prop::option::of(0_u32..90);
    prop_oneof![
        (code, retry_after_s).prop_map(|(code, retry_after_s)| Fault::Status {
            code,
            retry_after_s
        }),
        prop::sample::select(&[200_u16, 502][..]).prop_map(|code| Fault::Html { code }),
        Just(Fault::Empty),
        (field.clone(), 0_u32..4).prop_map(|(field, record)| Fault::DropField {
            field: field.to_owned(),
            record,
        }),
        (field, 0_u32..4).prop_map(|(field, record)| Fault::RetypeField {
            field: field.to_owned(),
            value: None,
            record,
        }),
        Just(Fault::RepeatPage),
        Just(Fault::Truncate),
        Just(Fault::Reset),
        Just(Fault::CommitThenDrop),
        (1_u64..100_000).prop_map(|ms| Fault::Delay { ms }),
    ]
}

fn rules(
    operations: &'static [&'static str],
    fields: &'static [&'static str],
) -> impl Strategy<Value = Vec<FaultRule>> {
    let operation = prop::option::weighted(0.9, prop::sample::select(operations));
    let times = prop::option::weighted(0.6, 1_u32..6);
    let rule = (operation, 0_u32..6, times, answers(fields)).prop_map(
        |(operation, skip, times, answer)| FaultRule {
            operation: operation.map(str::to_owned),
            skip,
            times,
            answer,
        },
    );
    prop::collection::vec(rule, 1..4)
}

fn troubled() -> impl Strategy<Value = Troubled> {
    prop_oneof![
        rules(&PSA_OPERATIONS, &PSA_FIELDS).prop_map(|rules| Troubled {
            tool: Tool::Psa,
            rules
        }),
        rules(&RMM_OPERATIONS, &RMM_FIELDS).prop_map(|rules| Troubled {
            tool: Tool::Rmm,
            rules
        }),
    ]
}

fn stories() -> BoxedStrategy<Story> {
    let change = prop::sample::select(
        &[
            Change::RenameInPsa,
            Change::NewSerialInRmm,
            Change::RemoveFromPsa,
            Change::RemoveFromRmm,
        ][..],
    );
    let edits = prop::collection::vec((0..ORGANIZATIONS as usize * 4, change), 0..4);
    let syncs = prop::collection::vec(troubled(), 1..5);
    let parts = (0_u64..1_000, 1_u32..8, any::<bool>(), edits, syncs);
    parts
        .prop_map(|(seed, page_size, settled, edits, syncs)| Story {
            seed,
            dirt: DirtPreset::None,
            page_size,
            settled,
            edits: if settled { edits } else { Vec::new() },
            syncs,
        })
        .boxed()
}

/// A tenant, an engine, and what came before the trouble.
async fn begin(story: &Story) -> (Rig, Engine) {
    let mut rig = Rig::new(
        tenants::world(&tenants::spec(story.seed, ORGANIZATIONS, story.dirt)),
        story.page_size,
    );
    let mut engine = rig.engine();
    if story.settled {
        good_syncs(&mut engine).await;
        let devices = outcome(&engine).rmm.devices;
        let matched = devices
            .into_iter()
            .find(|device| device.state == ReviewState::Matched);
        // A person's decisions must outlast every fault.
        if let Some(matched) = matched {
            let ignored = Target::Devices(vec![matched.external_id]);
            engine
                .review(&ReviewAction::Revert(ignored.clone()))
                .expect("a match can be taken back");
            engine
                .review(&ReviewAction::Ignore(ignored))
                .expect("an unmatched row can be ignored");
        }
        let edited: Vec<String> = rig
            .world
            .entities()
            .filter(|entity| entity.kind == Kind::Device)
            .map(|entity| entity.key.to_owned())
            .collect();
        for (at, change) in &story.edits {
            apply(&mut rig, &edited[at % edited.len()], *change);
        }
    }
    (rig, engine)
}

/// A change of a record that is gone already changes nothing.
fn apply(rig: &mut Rig, key: &str, change: Change) {
    let named = |patch: DevicePatch| Patch::Device(Box::new(patch));
    let changes = match change {
        Change::RenameInPsa => rig.world.edit(
            WorldTool::Psa,
            key,
            &named(DevicePatch {
                name: Some(format!("{key}-RENAMED")),
                ..DevicePatch::default()
            }),
        ),
        Change::NewSerialInRmm => rig.world.edit(
            WorldTool::Rmm,
            key,
            &named(DevicePatch {
                serial: Some(Some(format!("NEW{key}"))),
                ..DevicePatch::default()
            }),
        ),
        Change::RemoveFromPsa => rig.world.remove(WorldTool::Psa, Kind::Device, key),
        Change::RemoveFromRmm => rig.world.remove(WorldTool::Rmm, Kind::Device, key),
    };
    if let Ok(changes) = changes {
        rig.tell(&changes);
    }
}

async fn good_syncs(engine: &mut Engine) -> u64 {
    let mut writes = 0;
    for tool in [Tool::Psa, Tool::Rmm] {
        let report = engine.sync(tool).await.expect("a sync can begin");
        assert!(report.error.is_none(), "{tool}: {:?}", report.error);
        writes += report.writes;
    }
    writes
}

fn outcome(engine: &Engine) -> Outcome {
    engine.outcome().expect("the account can be read")
}

async fn converges(story: Story) -> Result<(), TestCaseError> {
    let (_undisturbed, mut engine) = begin(&story).await;
    good_syncs(&mut engine).await;
    let wanted = state(&outcome(&engine));

    let (rig, mut engine) = begin(&story).await;
    for sync in &story.syncs {
        let tool = match sync.tool {
            Tool::Psa => WorldTool::Psa,
            Tool::Rmm => WorldTool::Rmm,
        };
        let before = orphans(&outcome(&engine));
        for rule in &sync.rules {
            rig.side(tool).faults.add(rule.clone());
        }
        let report = engine.sync(sync.tool).await.expect("a sync can begin");
        rig.clear_faults();
        let after = outcome(&engine);
        prop_assert_eq!(created_twice(&after), Vec::<String>::new());
        prop_assert_eq!(wrong_ledgers(&after), Vec::<String>::new());
        if report.error.is_some() {
            no_orphan_of_a_missing_page(&story, sync, &after, before)?;
        }
    }
    good_syncs(&mut engine).await;
    let found = outcome(&engine);
    prop_assert_eq!(created_twice(&found), Vec::<String>::new());
    prop_assert_eq!(wrong_ledgers(&found), Vec::<String>::new());
    let difference = difference(&wanted, &state(&found));
    prop_assert!(difference.is_empty(), "another account:\n{}", difference);
    prop_assert_eq!(good_syncs(&mut engine).await, 0, "a third sync wrote");
    Ok(())
}

/// A failed sync may orphan only what people deleted: a kind that was read to its end. A single
/// answer of 404 is left out: for a company's sites it means that the company is gone.
fn no_orphan_of_a_missing_page(
    story: &Story,
    sync: &Troubled,
    after: &Outcome,
    before: usize,
) -> Result<(), TestCaseError> {
    let gone = |fault: &Fault| matches!(fault, Fault::Status { code: 404, .. });
    // A record whose organization could not be read leaves with it; that is a decision on values.
    let edited = |fault: &Fault| {
        matches!(
            fault,
            Fault::DropField { .. } | Fault::RetypeField { .. } | Fault::Empty
        )
    };
    let told = sync
        .rules
        .iter()
        .any(|rule| gone(&rule.answer) || edited(&rule.answer));
    if !told {
        let deleted = (story.edits.iter())
            .filter(|(_, change)| matches!(change, Change::RemoveFromPsa))
            .count();
        prop_assert!(orphans(after) <= before + deleted);
    }
    let last = after.syncs.len() - 1;
    let swept = after.decisions.iter().filter(|decision| {
        decision.sync == Some(last) && decision.outcome == DecisionOutcome::Orphaned
    });
    prop_assert!(
        told || swept.count() <= story.edits.len(),
        "a failed sync orphaned records"
    );
    Ok(())
}

#[test]
fn faults_leave_no_trace_once_they_stop() {
    check(60, &stories(), |story| block_on(converges(story)));
}

/// Dirty tenants, once both tools were synced. Before that the law has a limit, see below.
#[test]
fn faults_leave_no_trace_in_the_dirtiest_tenant() {
    let stories = stories()
        .prop_map(|story| Story {
            dirt: DirtPreset::Filthy,
            settled: true,
            edits: Vec::new(),
            ..story
        })
        .boxed();
    check(25, &stories, |story| block_on(converges(story)));
}

/// The limit of the law, which is the product's: automatic matches stick. An RMM sync against a PSA
/// that was read only half finds one configuration where there are two, and keeps the match that
/// would have been ambiguous.
#[test]
fn a_match_made_on_half_an_account_sticks() {
    let yaml = "\
organizations:
  acme: { name: Acme Dental }
devices:
  ws1:
    organization: acme
    name: ACME-WS1
    serial: 5CG01234XY
    copies: { psa: [{ name: ACME-WS1-OLD }] }
";
    let tenant = || {
        let tenant = Tenant::from_yaml(yaml).expect("a tenant that is right");
        tenant.into_world().expect("a tenant that holds together")
    };
    let rule_of = |engine: &Engine| {
        let devices = outcome(engine).rmm.devices;
        assert_eq!(devices.len(), 1);
        devices[0].rule.clone()
    };
    block_on(async {
        let rig = Rig::new(tenant(), 1);
        let mut engine = rig.engine();
        good_syncs(&mut engine).await;
        assert_eq!(rule_of(&engine).as_deref(), Some("M-ambiguous"));

        let rig = Rig::new(tenant(), 1);
        let mut engine = rig.engine();
        let half = FaultRule::new(Fault::Reset).on("configurations.list");
        rig.psa.faults.add(half.after(1));
        let report = engine.sync(Tool::Psa).await.expect("a sync can begin");
        assert!(report.error.is_some(), "it breaks off after one page");
        rig.clear_faults();
        engine.sync(Tool::Rmm).await.expect("a sync can begin");
        assert_eq!(rule_of(&engine).as_deref(), Some("M3"));
        good_syncs(&mut engine).await;
        assert_eq!(rule_of(&engine).as_deref(), Some("M3"));
        assert_eq!(outcome(&engine).configurations.len(), 2);
    });
}

#[test]
fn a_tenant_that_is_settled_survives_every_fault_alone() {
    let everything = [
        Fault::Status {
            code: 500,
            retry_after_s: None,
        },
        Fault::Status {
            code: 404,
            retry_after_s: None,
        },
        Fault::Html { code: 200 },
        Fault::Empty,
        Fault::Truncate,
        Fault::Reset,
        Fault::CommitThenDrop,
        Fault::RepeatPage,
    ];
    for answer in everything {
        for (tool, operations) in [
            (Tool::Psa, &PSA_OPERATIONS[..]),
            (Tool::Rmm, &RMM_OPERATIONS[..]),
        ] {
            for operation in operations {
                let rule = FaultRule::new(answer.clone()).on(*operation).after(1);
                let story = Story {
                    seed: 5,
                    dirt: DirtPreset::None,
                    page_size: 2,
                    settled: true,
                    edits: Vec::new(),
                    syncs: vec![Troubled {
                        tool,
                        rules: vec![rule.clone()],
                    }],
                };
                if let Err(error) = block_on(converges(story)) {
                    panic!("{rule:?}: {error}");
                }
            }
        }
    }
}

#[test]
fn bulk_decisions_of_a_person_outlast_a_failed_sync() {
    block_on(async {
        let rig = Rig::new(tenants::clean(11, ORGANIZATIONS), 3);
        let mut engine = rig.engine();
        engine.sync(Tool::Rmm).await.expect("a sync can begin");
        let create = ReviewAction::Create(Target::BulkCompanies(Bulk::Unmatched));
        let made = engine.review(&create).expect("companies can be made");
        assert_eq!(made.created.len(), ORGANIZATIONS as usize);
        let before = state(&outcome(&engine));
        rig.rmm
            .faults
            .add(FaultRule::new(Fault::Truncate).on("devices.list").after(1));
        let report = engine.sync(Tool::Rmm).await.expect("a sync can begin");
        assert_eq!(
            report.error.map(|error| error.code()),
            Some("vendor-body"),
            "half a page is no page"
        );
        assert_eq!(difference(&before, &state(&outcome(&engine))), "");
    });
}

/// A site whose id cannot be read might be anybody's: what a person decided about its devices stays.
#[test]
fn a_company_without_a_readable_id_takes_no_decision_with_it() {
    for record in 0..ORGANIZATIONS {
        let answer = Fault::DropField {
            field: "uid".to_owned(),
            record,
        };
        let story = Story {
            seed: 368,
            dirt: DirtPreset::None,
            page_size: 5,
            settled: true,
            edits: vec![(8, Change::NewSerialInRmm)],
            syncs: vec![Troubled {
                tool: Tool::Rmm,
                rules: vec![FaultRule::new(answer).on("sites.list")],
            }],
        };
        if let Err(error) = block_on(converges(story)) {
            panic!("record {record}: {error}");
        }
    }
}
