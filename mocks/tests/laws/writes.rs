//! What clients write can be read, and is theirs until somebody says what it is.

use std::collections::BTreeSet;

use super::desk::Desk;
use super::each;

#[test]
fn what_is_written_is_read_back_listed_and_claimed() {
    each(|habits| {
        let writings = match habits.writings() {
            Ok(writings) => writings,
            Err(reason) => return assert!(!reason.is_empty()),
        };
        assert!(!writings.is_empty());
        let desk = Desk::open(habits, 9, 4);
        for writing in writings {
            let kind = writing.kind;
            let before = desk.standing(kind);
            let id = (writing.create)(&desk);
            assert!(!before.contains_key(&id), "{kind}: {id} was there already");
            let (name, _) = (writing.read)(&desk, &id).expect("what was made can be read");
            let theirs = desk.simulator.unclaimed();
            assert!(
                theirs.contains(&(kind, id.clone())),
                "{kind}: {theirs:?} without {id}"
            );
            if let Some(list) = habits
                .lists()
                .into_iter()
                .find(|list| list.kind == Some(kind))
            {
                let listed: BTreeSet<String> = desk
                    .walk(&list, list.largest.min(50), |_| {})
                    .into_iter()
                    .collect();
                assert!(listed.contains(&id), "{}: {id} is not listed", list.name);
            }
            desk.simulator.claim(kind, &id, "made", "made");
            assert!(!desk.simulator.unclaimed().contains(&(kind, id.clone())));
            assert_eq!(
                desk.standing(kind).get(&id).map(String::as_str),
                Some("made")
            );
            desk.later(60);
            (writing.update)(&desk, &id, "42 Elm Street");
            let after = (writing.read)(&desk, &id).expect("what was changed can be read");
            assert_eq!(after, (name, Some("42 Elm Street".to_owned())), "{kind}");
        }
    });
}
