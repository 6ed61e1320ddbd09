//! A sync that asks for what changed leaves the account that a sync of everything leaves, whatever people
//! did in between, with every vendor that can tell what changed; and one that passes over the pages that
//! came before differs in nothing from one that reads them.

use proptest::prelude::{BoxedStrategy, Strategy, any, prop, prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use syncrig::engine::Engine;
use syncrig::model::{Knobs, Outcome, Tool};
use syncrig_mocks::Vendor;
use syncrig_mocks::front::{Fault, FaultRule};
use syncrig_mocks::world::{
    ContactPatch, DevicePatch, DirtPreset, Kind, OrganizationPatch, Patch, Tool as WorldTool,
};

use crate::support::account::{difference, state};
use crate::support::property::check;
use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

const ORGANIZATIONS: u32 = 4;

/// Long enough that a change stands apart from the sync before it, in milliseconds.
const A_DAY_MS: i64 = 24 * 3_600_000;

/// What people do to one record.
#[derive(Debug, Clone, Copy)]
enum Deed {
    RenameInPsa,
    SwitchOffInPsa,
    NewSerialInRmm,
    RemoveFromPsa,
    RemoveFromRmm,
    BackIntoPsa,
    BackIntoRmm,
    RenameOrganization,
    AnotherType,
    RenameContact,
    RemoveContact,
    RemoveOrganization,
}

const DEEDS: &[Deed] = &[
    Deed::RenameInPsa,
    Deed::SwitchOffInPsa,
    Deed::NewSerialInRmm,
    Deed::RemoveFromPsa,
    Deed::RemoveFromRmm,
    Deed::BackIntoPsa,
    Deed::BackIntoRmm,
    Deed::RenameOrganization,
    Deed::AnotherType,
    Deed::RenameContact,
    Deed::RemoveContact,
    Deed::RemoveOrganization,
];

#[derive(Debug, Clone)]
struct Days {
    seed: u64,
    page_size: u32,
    /// What happens on each day: to which record, counted within its kind, and whether the tools are
    /// synced at the end of it.
    days: Vec<(Vec<(usize, Deed)>, bool)>,
}

fn days() -> BoxedStrategy<Days> {
    let deed = (0_usize..64, prop::sample::select(DEEDS));
    let day = (prop::collection::vec(deed, 0..4), any::<bool>());
    let parts = (0_u64..1_000, 2_u32..9, prop::collection::vec(day, 1..4));
    parts
        .prop_map(|(seed, page_size, days)| Days {
            seed,
            page_size,
            days,
        })
        .boxed()
}

/// A deed that cannot be done any more changes nothing.
fn happens(rig: &mut Rig, at: usize, deed: Deed) {
    let kind = match deed {
        Deed::RenameOrganization | Deed::AnotherType | Deed::RemoveOrganization => {
            Kind::Organization
        }
        Deed::RenameContact | Deed::RemoveContact => Kind::Contact,
        _ => Kind::Device,
    };
    let entities = rig.world.entities().filter(|entity| entity.kind == kind);
    let keys: Vec<String> = entities.map(|entity| entity.key.to_owned()).collect();
    let Some(key) = keys.get(at % keys.len().max(1)).map(String::as_str) else {
        return;
    };
    let device = |patch| Patch::Device(Box::new(patch));
    let organization = Patch::Organization;
    let (psa, rmm) = (WorldTool::Psa, WorldTool::Rmm);
    let changes = match deed {
        Deed::RenameInPsa => rig.world.edit(
            psa,
            key,
            &device(DevicePatch {
                name: Some(format!("{key}-RENAMED")),
                ..DevicePatch::default()
            }),
        ),
        Deed::SwitchOffInPsa => rig.world.edit(
            psa,
            key,
            &device(DevicePatch {
                active: Some(false),
                ..DevicePatch::default()
            }),
        ),
        Deed::NewSerialInRmm => rig.world.edit(
            rmm,
            key,
            &device(DevicePatch {
                serial: Some(Some(format!("NEW{key}"))),
                ..DevicePatch::default()
            }),
        ),
        Deed::RemoveFromPsa => rig.world.remove(psa, kind, key),
        Deed::RemoveFromRmm => rig.world.remove(rmm, kind, key),
        Deed::BackIntoPsa => rig.world.add(psa, kind, key),
        Deed::BackIntoRmm => rig.world.add(rmm, kind, key),
        Deed::RenameOrganization => rig.world.edit(
            psa,
            key,
            &organization(OrganizationPatch {
                name: Some(format!("{key} Renamed")),
                ..OrganizationPatch::default()
            }),
        ),
        Deed::AnotherType => rig.world.edit(
            psa,
            key,
            &organization(OrganizationPatch {
                organization_type: Some(Some("Prospect".to_owned())),
                ..OrganizationPatch::default()
            }),
        ),
        Deed::RenameContact => rig.world.edit(
            psa,
            key,
            &Patch::Contact(ContactPatch {
                title: Some(Some("Manager".to_owned())),
                ..ContactPatch::default()
            }),
        ),
        Deed::RemoveContact | Deed::RemoveOrganization => rig.world.remove(psa, kind, key),
    };
    if let Ok(changes) = changes {
        rig.tell(&changes);
    }
}

fn outcome(engine: &Engine) -> Outcome {
    engine.outcome().expect("the account can be read")
}

async fn same(psa: Vendor, rmm: Vendor, days: Days) -> Result<(), TestCaseError> {
    let spec = tenants::spec(days.seed, ORGANIZATIONS, DirtPreset::Typical);
    let mut rig = Rig::of(tenants::world(&spec), days.page_size, psa, rmm);
    let mut whole = rig.engine();
    let mut again = rig.engine();
    let mut changes = rig.engine();
    for (deeds, synced) in [(Vec::new(), true)].into_iter().chain(days.days) {
        for (at, deed) in deeds {
            happens(&mut rig, at, deed);
        }
        if synced {
            for tool in [Tool::Psa, Tool::Rmm] {
                // It remembers nothing, and so reads every page.
                whole.set_knobs(Knobs::documented());
                let all = whole.sync(tool).await.expect("a sync can begin");
                prop_assert!(all.error.is_none(), "{tool}: {:?}", all.error);
                let same = again.sync(tool).await.expect("a sync can begin");
                prop_assert!(same.error.is_none(), "{tool}: {:?}", same.error);
                prop_assert_eq!(&all.ledgers, &same.ledgers);
                prop_assert_eq!(all.writes, same.writes);
                let some = changes.sync_changes(tool).await.expect("a sync can begin");
                prop_assert!(some.error.is_none(), "{tool}: {:?}", some.error);
            }
            let wanted = outcome(&whole);
            // Nothing but the pages that are passed over sets these two apart.
            prop_assert_eq!(&wanted, &outcome(&again));
            let (wanted, found) = (state(&wanted), state(&outcome(&changes)));
            let difference = difference(&wanted, &found);
            prop_assert!(difference.is_empty(), "another account:\n{difference}");
        }
        rig.clock.advance(A_DAY_MS);
    }
    Ok(())
}

/// A vendor that tells nothing of changes is read whole, which other tests know all about.
const fn stories(tells: bool) -> u32 {
    if tells { 16 } else { 1 }
}

#[test]
fn what_changed_is_enough_for_every_psa() {
    for psa in Vendor::of(WorldTool::Psa) {
        let rig = Rig::of(tenants::clean(1, 1), 50, psa, Vendor::NinjaOne);
        let stories = stories(rig.psa_connector().changes().is_some());
        check(stories, &days(), |days| {
            block_on(same(psa, Vendor::NinjaOne, days))
        });
    }
}

#[test]
fn what_changed_is_enough_for_every_rmm() {
    for rmm in Vendor::of(WorldTool::Rmm) {
        let rig = Rig::of(tenants::clean(1, 1), 50, Vendor::ConnectwisePsa, rmm);
        let stories = stories(rig.rmm_connector().changes().is_some());
        check(stories, &days(), |days| {
            block_on(same(Vendor::ConnectwisePsa, rmm, days))
        });
    }
}

/// A person's work in between makes the next sync read everything: what it undid may not have changed at
/// the vendor.
#[test]
fn a_person_s_work_makes_the_next_sync_a_whole_one() {
    block_on(async {
        let spec = tenants::spec(7, ORGANIZATIONS, DirtPreset::None);
        let rig = Rig::new(tenants::world(&spec), 50);
        let mut engine = rig.engine();
        let mut fetched = Vec::new();
        // The tenant is older than the first sync.
        rig.clock.advance(A_DAY_MS);
        for round in 0..3 {
            if round == 2 {
                engine
                    .set_psa_settings(syncrig::engine::PsaSettings::default())
                    .expect("settings are kept");
            }
            let report = engine.sync_changes(Tool::Psa).await.expect("it begins");
            assert!(report.error.is_none(), "{:?}", report.error);
            fetched.push(report.ledgers.iter().map(|it| it.fetched).sum::<u64>());
            rig.clock.advance(A_DAY_MS);
        }
        assert_eq!(fetched[0], fetched[2]);
        assert!(fetched[1] < fetched[0], "{fetched:?}");
    });
}

/// A device that a failed sync kept is judged by the next one, although that finds it as it is.
#[test]
fn what_a_failed_sync_kept_is_judged_by_the_next() {
    block_on(async {
        let spec = tenants::spec(7, ORGANIZATIONS, DirtPreset::None);
        let mut rig = Rig::of(
            tenants::world(&spec),
            4,
            Vendor::ConnectwisePsa,
            Vendor::NinjaOne,
        );
        let key = "o1-d1";
        let away = rig.world.remove(WorldTool::Rmm, Kind::Device, key);
        rig.tell(&away.expect("the device is there"));
        let mut engine = rig.engine();
        for tool in [Tool::Psa, Tool::Rmm] {
            engine.sync(tool).await.expect("it begins");
        }
        let matched = |engine: &Engine| {
            let devices = outcome(engine).rmm.devices.into_iter();
            devices.filter(|it| it.record_id.is_some()).count()
        };
        let before = matched(&engine);
        let back = rig.world.add(WorldTool::Rmm, Kind::Device, key);
        rig.tell(&back.expect("it comes back"));
        // The page with the new device is kept, and the one that should end the list fails.
        rig.rmm.faults.add(FaultRule {
            operation: Some("devices.list".to_owned()),
            skip: 4,
            times: None,
            answer: Fault::Status {
                code: 403,
                retry_after_s: None,
            },
        });
        let failed = engine.sync(Tool::Rmm).await.expect("it begins");
        assert!(failed.error.is_some());
        assert!(
            failed.ledgers.iter().any(|it| it.created == 1),
            "{failed:?}"
        );
        rig.clear_faults();
        let report = engine.sync(Tool::Rmm).await.expect("it begins");
        assert!(report.error.is_none(), "{:?}", report.error);
        assert_eq!(matched(&engine), before + 1);
    });
}
