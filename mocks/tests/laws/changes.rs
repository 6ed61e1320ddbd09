//! What people do in the vendor's own screens.

use syncrig_mocks::ChangeError;
use syncrig_mocks::world::{Change, Kind, Record};

use super::desk::Desk;
use super::each;

#[test]
fn a_new_record_is_listed_and_true() {
    each(|habits| {
        let desk = Desk::open(habits, 4, 3);
        let mut new = desk.records.devices.first().cloned().expect("a device");
        new.key = "new".to_owned();
        new.truth = "new".to_owned();
        new.name = "NEW-ONE".to_owned();
        let mut organization = desk.records.organizations.first().cloned().expect("one");
        organization.key = "newcomer".to_owned();
        organization.name = "Newcomer".to_owned();
        for (record, kind, key) in [
            (Record::from(organization), Kind::Organization, "newcomer"),
            (Record::from(new), Kind::Device, "new"),
        ] {
            let lists = habits.lists().into_iter();
            let mut lists = lists.filter(|list| list.kind == Some(kind)).peekable();
            if lists.peek().is_none() {
                continue;
            }
            desk.change(&Change::Put(record));
            let standing = desk.standing(kind);
            let id = standing.iter().find(|(_, own)| *own == key);
            let (id, _) = id.expect("the truth knows it");
            let list = lists.find(|list| habits.is_listed(list, id));
            let list = list.expect("some list has it");
            let ids = desk.walk(&list, list.largest.min(50), |_| {});
            assert!(ids.contains(id), "{}: {id} is not listed", list.name);
        }
    });
}

#[test]
fn a_removed_record_is_not_as_it_was() {
    each(|habits| {
        let desk = Desk::open(habits, 4, 3);
        let mut done = vec![Kind::Organization];
        for list in habits.lists() {
            let Some(kind) = list.kind else { continue };
            if done.contains(&kind) {
                continue;
            }
            done.push(kind);
            let standing = desk.standing(kind);
            let (id, key) = standing.iter().next_back().expect("a record");
            let before = desk.send(habits.one(kind, id));
            desk.change(&Change::Remove {
                kind,
                key: key.clone(),
            });
            let after = desk.send(habits.one(kind, id));
            assert_ne!(before.body_bytes(), after.body_bytes(), "{}", list.name);
            // The truth about what was served stays.
            assert!(desk.standing(kind).contains_key(id));
            let again = desk.simulator.apply(
                &Change::Remove {
                    kind,
                    key: "nobody".to_owned(),
                },
                desk.now(),
            );
            assert!(
                matches!(again, Err(ChangeError::Unknown { .. })),
                "{again:?}"
            );
        }
    });
}

#[test]
fn an_edit_leaves_what_clients_have_written() {
    each(|habits| {
        let Ok(writings) = habits.writings() else {
            return;
        };
        let desk = Desk::open(habits, 6, 3);
        for writing in writings {
            let kind = writing.kind;
            let (before, after) = match kind {
                Kind::Organization => {
                    let before = desk.records.organizations[1].clone();
                    let mut after = before.clone();
                    after.name = "Renamed by a person".to_owned();
                    (Record::from(before), Record::from(after))
                }
                Kind::Device => {
                    let before = desk.records.devices[1].clone();
                    let mut after = before.clone();
                    after.name = "RENAMED".to_owned();
                    (Record::from(before), Record::from(after))
                }
                _ => continue,
            };
            let standing = desk.standing(kind);
            let id = standing.iter().find(|(_, key)| *key == before.key());
            let (id, _) = id.expect("the record is here");
            (writing.update)(&desk, id, "42 Elm Street");
            desk.change(&Change::Edit {
                before,
                after: after.clone(),
            });
            let (name, other) = (writing.read)(&desk, id).expect("it is still here");
            let expected = match &after {
                Record::Organization(it) => &it.name,
                Record::Device(it) => &it.name,
                _ => continue,
            };
            assert_eq!(
                (&name, other.as_deref()),
                (expected, Some("42 Elm Street")),
                "{kind}"
            );
        }
    });
}
