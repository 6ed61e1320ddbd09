//! Names that records show and a list of its own keeps, where no stamp tells of a new one. What the list
//! said is remembered as digests for as long as the connection lasts: a walk over what changed is enough
//! only where it has said the same since. It knows no vendor.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::FixedState;
use jiff::{SignedDuration, Timestamp};

/// What a list said, and since when.
#[derive(Debug)]
pub(crate) struct Steady {
    said: Mutex<Said>,
}

#[derive(Debug)]
struct Said {
    rows: HashMap<u64, u64, FixedState>,
    since: Timestamp,
}

impl Steady {
    /// Before anything was read. Whoever asks about a time before the beginning asks about records that
    /// were read by somebody else, under names that are not known here.
    pub(crate) fn new(beginning: Timestamp) -> Self {
        Self {
            said: Mutex::new(Said {
                rows: HashMap::default(),
                since: beginning,
            }),
        }
    }

    /// Notes what the list says of each id, and since when it has said so. Every walk that shows the names
    /// tells it here before its first page. An id that is new changes nothing: a record that refers to it
    /// now did not before, so that it is stamped itself.
    pub(crate) fn note<K: Hash, V: Hash>(
        &self,
        list: impl IntoIterator<Item = (K, V)>,
        now: Timestamp,
    ) -> Timestamp {
        let digest = FixedState::default();
        let rows: HashMap<u64, u64, FixedState> = list
            .into_iter()
            .map(|(id, row)| (digest.hash_one(id), digest.hash_one(row)))
            .collect();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.rows.iter().any(|(id, row)| rows.get(id) != Some(row)) {
            // What was read at this very moment may have been read under the old name.
            let next = now.saturating_add(SignedDuration::from_nanos(1));
            said.since = next.unwrap_or(now);
        }
        said.rows = rows;
        said.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_was_never_otherwise_holds_from_the_beginning() {
        let steady = Steady::new(at(10));
        assert_eq!(steady.note([(1, "a")], at(20)), at(10));
        assert_eq!(steady.note([(1, "a")], at(30)), at(10));
        assert_eq!(steady.note([(2, "b"), (1, "a")], at(40)), at(10));
    }

    #[test]
    fn a_new_name_and_a_lost_one_hold_from_when_they_were_seen() {
        let steady = Steady::new(at(10));
        steady.note([(1, "a"), (2, "b")], at(20));
        let new = steady.note([(1, "a"), (2, "c")], at(30));
        assert!(new > at(30) && new < at(31));
        assert_eq!(steady.note([(1, "a"), (2, "c")], at(40)), new);
        assert!(steady.note([(1, "a")], at(50)) > at(50));
    }
}
