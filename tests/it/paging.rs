//! However large a page is and whatever people do between two pages, a record that is there from the
//! first page to the last is delivered exactly once.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{BoxedStrategy, Strategy as _, prop, prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use syncrig::connectors::PageStream;
use syncrig_mocks::world::{
    Change, ContactPatch, DevicePatch, Kind, LocationPatch, OrganizationPatch, Patch, Tool,
};

use crate::support::property::check;
use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

/// A list that a connector walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    PsaOrganizations,
    PsaLocations,
    PsaContacts,
    PsaConfigurations,
    RmmCompanies,
    RmmDevices,
}

const LISTS: [List; 6] = [
    List::PsaOrganizations,
    List::PsaLocations,
    List::PsaContacts,
    List::PsaConfigurations,
    List::RmmCompanies,
    List::RmmDevices,
];

impl List {
    const fn tool(self) -> Tool {
        match self {
            Self::RmmCompanies | Self::RmmDevices => Tool::Rmm,
            _ => Tool::Psa,
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::PsaOrganizations | Self::RmmCompanies => Kind::Organization,
            Self::PsaLocations => Kind::Location,
            Self::PsaContacts => Kind::Contact,
            Self::PsaConfigurations | Self::RmmDevices => Kind::Device,
        }
    }
}

/// What somebody does to the record at a place of the list.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Gives it another name.
    Edit,
    /// Deletes it.
    Remove,
    /// Enters it again after it was deleted: a new record.
    Add,
    /// Sets a device up anew: a second record.
    Reimage,
}

#[derive(Debug, Clone)]
struct Story {
    list: List,
    page_size: u32,
    seed: u64,
    /// After which page, what, to which record of the list.
    acts: Vec<(usize, Act, usize)>,
}

fn stories() -> BoxedStrategy<Story> {
    let act = prop::sample::select(&[Act::Edit, Act::Remove, Act::Add, Act::Reimage][..]);
    let acts = prop::collection::vec((0_usize..6, act, 0_usize..20), 0..8);
    let list = prop::sample::select(&LISTS[..]);
    let parts = (list, 1_u32..14, 0_u64..1_000, acts);
    parts
        .prop_map(|(list, page_size, seed, acts)| Story {
            list,
            page_size,
            seed,
            acts,
        })
        .boxed()
}

/// Walks a list to its end and lets people act after each page. The ids as they came.
async fn walk<T>(
    mut pages: PageStream<'_, T>,
    id: fn(&T) -> &str,
    mut after: impl FnMut(usize),
) -> Result<Vec<String>, TestCaseError> {
    let mut ids = Vec::new();
    let mut number = 0;
    loop {
        let page = pages.next_page().await;
        let Some(page) = page.map_err(|error| TestCaseError::fail(error.to_string()))? else {
            return Ok(ids);
        };
        prop_assert_eq!(page.rejected, Vec::new());
        ids.extend(page.records.iter().map(|record| id(record).to_owned()));
        after(number);
        number += 1;
    }
}

async fn walk_list(
    rig: &mut Rig,
    list: List,
    companies: Vec<String>,
    mut after: impl FnMut(&mut Rig, usize),
) -> Result<Vec<String>, TestCaseError> {
    if list.tool() == Tool::Psa {
        let psa = rig.psa_connector();
        let after = |page| after(rig, page);
        match list {
            List::PsaOrganizations => walk(psa.organizations(), |it| &it.id, after).await,
            List::PsaLocations => walk(psa.locations(companies), |it| &it.id, after).await,
            List::PsaContacts => walk(psa.contacts(), |it| &it.id, after).await,
            _ => walk(psa.configurations(), |it| &it.id, after).await,
        }
    } else {
        let rmm = rig.rmm_connector();
        let after = |page| after(rig, page);
        match list {
            List::RmmCompanies => walk(rmm.companies(), |it| &it.id, after).await,
            _ => walk(rmm.devices(), |it| &it.id, after).await,
        }
    }
}

fn renamed(kind: Kind, key: &str) -> Patch {
    let name = Some(format!("{key} renamed"));
    match kind {
        Kind::Organization => Patch::Organization(OrganizationPatch {
            name,
            ..OrganizationPatch::default()
        }),
        Kind::Location => Patch::Location(LocationPatch {
            name,
            ..LocationPatch::default()
        }),
        Kind::Contact => Patch::Contact(ContactPatch {
            first_name: name,
            ..ContactPatch::default()
        }),
        Kind::Device => Patch::Device(Box::new(DevicePatch {
            name,
            ..DevicePatch::default()
        })),
    }
}

/// Does something in the tool, if it can be done, and gives the keys of the records that left.
fn act(rig: &mut Rig, list: List, act: Act, key: &str) -> Vec<String> {
    let (tool, kind) = (list.tool(), list.kind());
    let changes = match act {
        Act::Edit => rig.world.edit(tool, key, &renamed(kind, key)),
        Act::Remove => rig.world.remove(tool, kind, key),
        Act::Add => rig.world.add(tool, kind, key),
        Act::Reimage if kind == Kind::Device => rig.world.reimage(tool, key),
        Act::Reimage => return Vec::new(),
    };
    // What is gone cannot be edited, and what is there cannot be added: nothing happens then.
    let Ok(changes) = changes else {
        return Vec::new();
    };
    rig.tell(&changes);
    let left = changes.into_iter().filter_map(|(_, change)| match change {
        Change::Remove { kind: of, key } if of == kind => Some(key),
        _ => None,
    });
    left.collect()
}

async fn delivers_what_stays(story: Story) -> Result<(), TestCaseError> {
    let list = story.list;
    let mut rig = Rig::new(tenants::clean(story.seed, 5), story.page_size);
    let key_of: BTreeMap<String, String> = (rig.side(list.tool()).simulator.truth())
        .into_iter()
        .filter(|row| row.kind == list.kind())
        .map(|row| (row.external_id, row.key))
        .collect();
    let keys: Vec<String> = key_of.values().cloned().collect();
    let companies: Vec<String> = (rig.psa.simulator.truth())
        .into_iter()
        .filter(|row| row.kind == Kind::Organization)
        .map(|row| row.external_id)
        .collect();

    let mut left: BTreeSet<String> = BTreeSet::new();
    let delivered = walk_list(&mut rig, list, companies, |rig, page| {
        for (after, what, place) in &story.acts {
            if *after == page {
                left.extend(act(rig, list, *what, &keys[place % keys.len()]));
            }
        }
    })
    .await?;

    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for id in &delivered {
        *times.entry(id).or_default() += 1;
    }
    let twice: Vec<&&str> = times.iter().filter(|it| *it.1 > 1).map(|it| it.0).collect();
    prop_assert!(twice.is_empty(), "delivered twice: {:?}", twice);
    let stayed = key_of.iter().filter(|(_, key)| !left.contains(*key));
    let lost: Vec<&str> = stayed
        .map(|(id, _)| id.as_str())
        .filter(|id| !times.contains_key(id))
        .collect();
    // Datto's sites come by page number. When one goes, those behind it move up, and one of them
    // moves from the next page onto the one that was read: no client can see it. Its devices do not
    // move, since deleted ones stay in the list.
    let unseen = if list == List::RmmCompanies {
        left.len()
    } else {
        0
    };
    prop_assert!(lost.len() <= unseen, "never delivered: {:?}", lost);
    Ok(())
}

#[test]
fn what_stays_is_delivered_once() {
    check(150, &stories(), |story| {
        block_on(delivers_what_stays(story))
    });
}

/// Any page size gives the same list, those that divide it and those that do not.
#[test]
fn every_page_size_gives_the_same_list() {
    block_on(async {
        for list in LISTS {
            let mut whole: Option<Vec<String>> = None;
            for page_size in 1..=22 {
                let mut rig = Rig::new(tenants::clean(2, 5), page_size);
                let truth = rig.psa.simulator.truth().into_iter();
                let companies = truth
                    .filter(|row| row.kind == Kind::Organization)
                    .map(|row| row.external_id)
                    .collect();
                let ids = walk_list(&mut rig, list, companies, |_, _| {}).await;
                let ids = ids.expect("nothing goes wrong");
                let simulator = &rig.side(list.tool()).simulator;
                let rows = simulator.truth().into_iter();
                let there = rows.filter(|row| row.kind == list.kind()).count();
                assert_eq!(ids.len(), there, "{list:?} in pages of {page_size}");
                let wanted = whole.get_or_insert_with(|| ids.clone());
                assert_eq!(&ids, wanted, "{list:?} in pages of {page_size}");
            }
        }
    });
}
