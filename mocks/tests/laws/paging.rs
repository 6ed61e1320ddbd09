//! Walking a list from its first page to its last.

use std::collections::BTreeSet;

use proptest::prelude::{Strategy, any, prop};
use proptest::test_runner::TestRunner;
use syncrig_mocks::world::{Change, Kind, Record};

use super::desk::Desk;
use super::habits::{List, Style};
use super::{cases, each};

#[test]
fn a_walk_delivers_each_record_once_whatever_the_page() {
    each(|habits| {
        let desk = Desk::open(habits, 7, 5);
        let counts = desk.simulator.counts();
        for list in habits.lists() {
            let sizes = match list.largest {
                0 => vec![0],
                largest => vec![1, 2, 7, largest],
            };
            for size in sizes {
                let (ids, own) = desk.walk_all(&list, size, |_| {});
                let once: BTreeSet<&String> = ids.iter().collect();
                assert_eq!(
                    once.len(),
                    ids.len(),
                    "{}: something comes twice",
                    list.name
                );
                assert_eq!(
                    counts.get(list.name).copied(),
                    Some(ids.len() as u64 + own),
                    "{}, pages of {size}: not as many as counted",
                    list.name
                );
                if let Some(kind) = list.kind {
                    let standing = desk.standing_in(&list, kind);
                    let expected: BTreeSet<&String> = standing.keys().collect();
                    assert_eq!(once, expected, "{}: other records than are true", list.name);
                }
            }
        }
    });
}

/// What happens between two pages.
#[derive(Debug, Clone, Copy)]
enum Between {
    Add,
    Edit(usize),
    Remove(usize),
    Nothing,
}

fn between() -> impl Strategy<Value = Vec<Between>> {
    let one = (0..4_u8, any::<usize>()).prop_map(|(what, at)| match what {
        0 => Between::Add,
        1 => Between::Edit(at),
        2 => Between::Remove(at),
        _ => Between::Nothing,
    });
    prop::collection::vec(one, 0..12)
}

/// A record of the kind as it stands in the world, by its place.
fn record(desk: &Desk<'_>, kind: Kind, at: usize) -> Option<Record> {
    let records = &desk.records;
    let nth = |len: usize| (len > 0).then(|| at % len);
    Some(match kind {
        Kind::Organization => records.organizations[nth(records.organizations.len())?]
            .clone()
            .into(),
        Kind::Location => records.locations[nth(records.locations.len())?]
            .clone()
            .into(),
        Kind::Contact => records.contacts[nth(records.contacts.len())?]
            .clone()
            .into(),
        Kind::Device => records.devices[nth(records.devices.len())?].clone().into(),
    })
}

fn renamed(record: Record, key: Option<String>, name: &str) -> Record {
    let name = name.to_owned();
    match record {
        Record::Organization(mut it) => {
            it.key = key.unwrap_or(it.key);
            it.name = name;
            it.into()
        }
        Record::Location(mut it) => {
            it.key = key.unwrap_or(it.key);
            it.primary = false;
            it.name = name;
            it.into()
        }
        Record::Contact(mut it) => {
            it.key = key.unwrap_or(it.key);
            it.last_name = name;
            it.into()
        }
        Record::Device(mut it) => {
            it.key = key.unwrap_or(it.key);
            it.name = name;
            (*it).into()
        }
    }
}

/// Plays a walk with something between its pages.
fn moving(desk: &Desk<'_>, list: &List, kind: Kind, size: usize, script: &[Between]) {
    let before: BTreeSet<String> = desk.standing_in(list, kind).into_keys().collect();
    let mut gone = BTreeSet::new();
    let mut removed = 0;
    let ids = desk.walk(list, size, |page| {
        let Some(step) = script.get(page) else { return };
        match *step {
            Between::Nothing => {}
            Between::Add => {
                if let Some(record) = record(desk, kind, page) {
                    let new = renamed(record, Some(format!("new{page}")), &format!("New {page}"));
                    desk.change(&Change::Put(new));
                }
            }
            Between::Edit(at) => {
                if let Some(before) = record(desk, kind, at)
                    && !gone.contains(before.key())
                {
                    let after = renamed(before.clone(), None, &format!("Renamed {page}"));
                    desk.change(&Change::Edit { before, after });
                }
            }
            Between::Remove(at) => {
                // An organization takes its records along, which is another law's business.
                if let Some(record) = record(desk, kind, at)
                    && kind != Kind::Organization
                    && gone.insert(record.key().to_owned())
                {
                    let key = record.key().to_owned();
                    desk.change(&Change::Remove { kind, key });
                    removed += 1;
                }
            }
        }
    });
    let found: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(
        found.len(),
        ids.len(),
        "{}: something comes twice",
        list.name
    );
    let standing = desk.standing(kind);
    let throughout = before.iter().filter(|id| {
        let key = standing.get(*id);
        !key.is_some_and(|key| gone.contains(key))
    });
    let lost: Vec<&String> = throughout.filter(|id| !found.contains(id)).collect();
    match list.style {
        Style::Cursor => assert!(lost.is_empty(), "{}: {lost:?} are lost", list.name),
        Style::Number => assert!(
            lost.len() <= removed,
            "{}: {lost:?} are lost to {removed} removals",
            list.name
        ),
    }
}

#[test]
fn a_list_that_moves_loses_no_more_than_its_paging_does() {
    each(|habits| {
        for list in habits.lists() {
            let Some(kind) = list.kind else { continue };
            if list.largest == 0 {
                continue;
            }
            let mut runner = TestRunner::new(cases(6));
            runner
                .run(
                    &(1..6_usize, any::<u8>(), between()),
                    |(size, seed, script)| {
                        let desk = Desk::open(habits, u64::from(seed), 4);
                        moving(&desk, &list, kind, size.min(list.largest), &script);
                        Ok(())
                    },
                )
                .unwrap();
        }
    });
}
