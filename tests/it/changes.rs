//! What a vendor says that changed is all that changed, whatever people did: each record that a whole walk
//! delivers otherwise than before is in it. Its counts and ids are those of the whole walk.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::{BoxedStrategy, Strategy as _, prop, prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use syncrig::connectors::{ConnectorOptions, Ids, PageStream, PsaConnector, psa, psa_capabilities};
use syncrig::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization,
};
use syncrig::transport::Clock as _;
use syncrig_mocks::Vendor;
use syncrig_mocks::world::{
    ContactPatch, DevicePatch, Email, Kind, LocationPatch, OrganizationPatch, Patch, Phone, Tool,
};

use crate::support::property::check;
use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

/// What somebody does to the record at a place of its list.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Changes one of its values.
    Edit(usize),
    Remove,
    /// Enters it again after it was deleted: a new record.
    Add,
    /// Sets a device up anew: a second record.
    Reimage,
}

#[derive(Debug, Clone)]
struct Story {
    page_size: u32,
    seed: u64,
    /// When, what, to which record of which kind. What comes before the moment that is asked about, at
    /// it, after it.
    acts: Vec<(usize, Act, Kind, usize)>,
}

const KINDS: [Kind; 4] = [
    Kind::Organization,
    Kind::Location,
    Kind::Contact,
    Kind::Device,
];

fn stories() -> BoxedStrategy<Story> {
    let act = prop::strategy::Union::new_weighted(vec![
        (6, (0_usize..30).prop_map(Act::Edit).boxed()),
        (
            2,
            prop::sample::select(&[Act::Remove, Act::Add][..]).boxed(),
        ),
        (1, prop::strategy::Just(Act::Reimage).boxed()),
    ]);
    let kind = prop::sample::select(&KINDS[..]);
    let acts = prop::collection::vec((0_usize..3, act, kind, 0_usize..20), 0..10);
    (1_u32..14, 0_u64..1_000, acts)
        .prop_map(|(page_size, seed, acts)| Story {
            page_size,
            seed,
            acts,
        })
        .boxed()
}

/// Records of a walk by their ids.
async fn walk<T: Clone>(
    mut pages: PageStream<'_, T>,
    id: fn(&T) -> &str,
) -> Result<BTreeMap<String, T>, TestCaseError> {
    let mut all = BTreeMap::new();
    loop {
        let page = pages.next_page().await;
        let Some(page) = page.map_err(|error| TestCaseError::fail(error.to_string()))? else {
            return Ok(all);
        };
        prop_assert_eq!(page.rejected, Vec::new());
        for record in page.records {
            let before = all.insert(id(&record).to_owned(), record);
            prop_assert!(before.is_none(), "delivered twice");
        }
    }
}

/// A text that was not there before.
fn text(number: usize) -> Option<Option<String>> {
    Some(Some(format!("Changed {number}")))
}

/// One value of a record is another one.
fn edited(kind: Kind, number: usize) -> Patch {
    let name = Some(format!("Changed {number}"));
    let flag = Some(number.is_multiple_of(2));
    match kind {
        Kind::Organization => {
            let mut patch = OrganizationPatch::default();
            match number % 5 {
                0 => patch.name = name,
                1 => patch.short_name = text(number),
                2 => patch.phone = text(number),
                3 => patch.active = flag,
                _ => patch.organization_type = Some(Some("Former Client".to_owned())),
            }
            Patch::Organization(patch)
        }
        Kind::Location => {
            let mut patch = LocationPatch::default();
            match number % 6 {
                0 => patch.name = name,
                1 => patch.address_1 = text(number),
                2 => patch.phone = text(number),
                3 => patch.primary = Some(true),
                4 => patch.country = Some(Some("Canada".to_owned())),
                _ => patch.active = flag,
            }
            Patch::Location(patch)
        }
        Kind::Contact => {
            let mut patch = ContactPatch::default();
            match number % 7 {
                0 => patch.first_name = name,
                1 => patch.last_name = text(number),
                2 => patch.title = text(number),
                3 => patch.active = flag,
                4 => patch.location = Some(None),
                5 => {
                    patch.emails = Some(vec![Email {
                        address: format!("changed{number}@example.test"),
                        email_type: None,
                    }]);
                }
                _ => {
                    patch.phones = Some(vec![Phone {
                        number: format!("902-555-01{number:02}"),
                        extension: None,
                        phone_type: None,
                    }]);
                }
            }
            Patch::Contact(patch)
        }
        Kind::Device => {
            let mut patch = DevicePatch::default();
            match number % 15 {
                0 => patch.name = name,
                1 => patch.serial = text(number),
                2 => patch.manufacturer = text(number),
                3 => patch.model = text(number),
                4 => patch.ip = Some(Some(format!("10.77.0.{number}"))),
                5 => patch.os = text(number),
                6 => patch.asset_tag = text(number),
                7 => patch.notes = text(number),
                8 => patch.active = flag,
                9 => patch.macs = Some(vec![format!("00:1A:2B:3C:4D:{number:02}")]),
                10 => patch.last_user = text(number),
                11 => patch.last_seen = Some(Some(moment())),
                12 => patch.last_reboot = Some(Some(moment())),
                13 => patch.memory_bytes = Some(Some(1 << 30)),
                _ => patch.location = Some(None),
            }
            Patch::Device(Box::new(patch))
        }
    }
}

/// Some moment before everything.
fn moment() -> jiff::Timestamp {
    "2025-01-05T06:07:08Z".parse().expect("a moment")
}

/// Does something in the tool, if it can be done.
fn act(rig: &mut Rig, tool: Tool, act: Act, kind: Kind, place: usize) {
    let rows = rig.side(tool).simulator.truth().into_iter();
    let keys: Vec<String> = rows.filter(|it| it.kind == kind).map(|it| it.key).collect();
    let Some(key) = keys.get(place % keys.len().max(1)) else {
        return;
    };
    let changes = match act {
        Act::Edit(number) => rig.world.edit(tool, key, &edited(kind, number)),
        Act::Remove => rig.world.remove(tool, kind, key),
        Act::Add => rig.world.add(tool, kind, key),
        Act::Reimage if kind == Kind::Device => rig.world.reimage(tool, key),
        Act::Reimage => return,
    };
    // What is gone cannot be edited, and what is there cannot be added: nothing happens then.
    for (of, change) in changes.unwrap_or_default() {
        // What a vendor has not at all, as servers in Intune, nothing happens to there.
        let simulator = &rig.side(of).simulator;
        simulator.apply(&change, rig.clock.now()).ok();
    }
}

/// Records that walks over changes brought, and those that whole walks would have, of all stories.
#[derive(Debug, Default)]
struct Tally {
    brought: Cell<usize>,
    whole: Cell<usize>,
}

impl Tally {
    /// A walk over changes that brings everything would pass as well, and be good for nothing.
    fn is_worth_it(&self) {
        let (brought, whole) = (self.brought.get(), self.whole.get());
        assert!(
            brought > 0 && brought * 2 < whole,
            "{brought} records in place of {whole}"
        );
    }
}

/// What the changed walk of a list must bring, against whole walks before and after.
fn all_that_changed<T: PartialEq + Debug>(
    tally: &Tally,
    before: &BTreeMap<String, T>,
    after: &BTreeMap<String, T>,
    changed: &BTreeMap<String, T>,
) -> Result<(), TestCaseError> {
    tally.brought.set(tally.brought.get() + changed.len());
    tally.whole.set(tally.whole.get() + after.len());
    for (id, record) in changed {
        prop_assert_eq!(Some(record), after.get(id), "a record that is not there");
    }
    for (id, record) in after {
        if before.get(id) != Some(record) {
            let was = before.get(id);
            prop_assert!(changed.contains_key(id), "missed: {record:?}, was {was:?}");
        }
    }
    Ok(())
}

/// The count and the ids of a list are those of the whole walk.
async fn adds_up<T>(
    whole: &BTreeMap<String, T>,
    count: Option<u64>,
    ids: Option<Ids<'_>>,
) -> Result<(), TestCaseError> {
    if let Some(count) = count {
        prop_assert_eq!(count, whole.len() as u64, "the count");
    }
    if let Some(ids) = ids {
        let ids = walk(ids, |id| id).await?;
        let (ids, whole): (Vec<&String>, Vec<&String>) =
            (ids.keys().collect(), whole.keys().collect());
        prop_assert_eq!(ids, whole, "the ids");
    }
    Ok(())
}

/// Everything a PSA has.
struct Psa {
    organizations: BTreeMap<String, RemoteOrganization>,
    locations: BTreeMap<String, RemoteLocation>,
    contacts: BTreeMap<String, RemoteContact>,
    configurations: BTreeMap<String, RemoteConfiguration>,
}

impl Psa {
    async fn whole(psa: &dyn PsaConnector) -> Result<Self, TestCaseError> {
        let organizations = walk(psa.organizations(), |it| &it.id).await?;
        let companies = organizations.keys().cloned().collect();
        Ok(Self {
            locations: walk(psa.locations(companies), |it| &it.id).await?,
            contacts: walk(psa.contacts(), |it| &it.id).await?,
            configurations: walk(psa.configurations(), |it| &it.id).await?,
            organizations,
        })
    }
}

async fn count(psa: &dyn PsaConnector, kind: RecordKind) -> Result<Option<u64>, TestCaseError> {
    let Some(changes) = psa.changes() else {
        return Ok(None);
    };
    let count = changes.count(kind).await;
    count.map_err(|error| TestCaseError::fail(error.to_string()))
}

/// The PSA, as another would look where one is named.
fn connector(rig: &Rig, narrow: Option<Vendor>) -> Box<dyn PsaConnector> {
    let access = rig.psa.simulator.access();
    let url = format!("http://psa.test{}", access.base_path);
    let options = ConnectorOptions {
        narrow: narrow.and_then(|other| psa_capabilities(other.slug())),
        ..rig.options(Tool::Psa)
    };
    let vendor = rig.psa.vendor.slug();
    psa(vendor, &url, &access.credentials, &options).expect("a PSA connector")
}

async fn psa_tells(
    vendor: Vendor,
    narrow: Option<Vendor>,
    story: &Story,
    tally: &Tally,
) -> Result<(), TestCaseError> {
    let world = tenants::clean(story.seed, 4);
    let mut rig = Rig::of(world, story.page_size, vendor, Vendor::DattoRmm);
    let psa = connector(&rig, narrow);
    let Some(changes) = psa.changes() else {
        return Ok(());
    };
    let play = |rig: &mut Rig, time| {
        for (when, what, kind, place) in &story.acts {
            if *when == time {
                act(rig, Tool::Psa, *what, *kind, *place);
            }
        }
    };
    Psa::whole(&*psa).await?;
    rig.clock.advance(3_600_123);
    play(&mut rig, 0);
    let before = Psa::whole(&*psa).await?;
    rig.clock.advance(3_600_456);
    let since = rig.clock.now();
    play(&mut rig, 1);
    rig.clock.advance(60_789);
    play(&mut rig, 2);
    rig.clock.advance(60_789);
    let after = Psa::whole(&*psa).await?;

    if let Some(pages) = changes.organizations(since) {
        let changed = walk(pages, |it| &it.id).await?;
        all_that_changed(tally, &before.organizations, &after.organizations, &changed)?;
    }
    let companies: Vec<String> = after.organizations.keys().cloned().collect();
    if let Some(pages) = changes.locations(&companies, since) {
        let changed = walk(pages, |it| &it.id).await?;
        all_that_changed(tally, &before.locations, &after.locations, &changed)?;
    }
    if let Some(pages) = changes.contacts(since) {
        let changed = walk(pages, |it| &it.id).await?;
        all_that_changed(tally, &before.contacts, &after.contacts, &changed)?;
    }
    if let Some(pages) = changes.configurations(since) {
        let changed = walk(pages, |it| &it.id).await?;
        all_that_changed(
            tally,
            &before.configurations,
            &after.configurations,
            &changed,
        )?;
    }
    let kind = RecordKind::Organization;
    let counted = count(&*psa, kind).await?;
    adds_up(&after.organizations, counted, changes.ids(kind)).await?;
    let kind = RecordKind::Location;
    let counted = count(&*psa, kind).await?;
    adds_up(&after.locations, counted, changes.ids(kind)).await?;
    let kind = RecordKind::Contact;
    let counted = count(&*psa, kind).await?;
    adds_up(&after.contacts, counted, changes.ids(kind)).await?;
    let kind = RecordKind::Configuration;
    let counted = count(&*psa, kind).await?;
    adds_up(&after.configurations, counted, changes.ids(kind)).await?;

    rig.clock.advance(3_600_000);
    let since = rig.clock.now();
    let quiet = changes.organizations(since);
    nothing(quiet, |it| &it.id).await?;
    nothing(changes.locations(&companies, since), |it| &it.id).await?;
    nothing(changes.contacts(since), |it| &it.id).await?;
    nothing(changes.configurations(since), |it| &it.id).await
}

/// A walk of a quiet time brings nothing.
async fn nothing<T: Clone + Debug + PartialEq>(
    pages: Option<PageStream<'_, T>>,
    id: fn(&T) -> &str,
) -> Result<(), TestCaseError> {
    if let Some(pages) = pages {
        let changed: Vec<T> = walk(pages, id).await?.into_values().collect();
        prop_assert_eq!(changed, Vec::new(), "nothing changed");
    }
    Ok(())
}

/// Plays stories through a vendor.
fn tells(vendor: Vendor) {
    let tally = Tally::default();
    check(60, &stories(), |story| {
        block_on(psa_tells(vendor, None, &story, &tally))
    });
    tally.is_worth_it();
}

#[test]
fn connectwise_psa() {
    tells(Vendor::ConnectwisePsa);
}

#[test]
fn autotask() {
    tells(Vendor::Autotask);
}

#[test]
fn halopsa() {
    tells(Vendor::HaloPsa);
}

/// A PSA that stands in for another tells what changed in what is left of it.
#[test]
fn a_narrowed_one() {
    for other in [Vendor::KaseyaBms, Vendor::Tigerpaw] {
        let tally = Tally::default();
        check(20, &stories(), |story| {
            let narrow = Some(other);
            block_on(psa_tells(Vendor::ConnectwisePsa, narrow, &story, &tally))
        });
        tally.is_worth_it();
    }
}

/// Whoever cannot tell says so, and a test with its name stands here as soon as it can.
#[test]
fn the_others_cannot_tell() {
    let told = [Vendor::ConnectwisePsa, Vendor::Autotask, Vendor::HaloPsa];
    for vendor in Vendor::ALL.iter().copied() {
        let world = tenants::clean(1, 2);
        let can = match vendor.tool() {
            Tool::Psa => {
                let rig = Rig::of(world, 5, vendor, Vendor::DattoRmm);
                rig.psa_connector().changes().is_some()
            }
            Tool::Rmm => {
                let rig = Rig::of(world, 5, Vendor::ConnectwisePsa, vendor);
                rig.rmm_connector().changes().is_some()
            }
        };
        assert_eq!(can, told.contains(&vendor), "{vendor:?}");
    }
}
