//! What a connector remembers of records that cost a call each, so that a later sync asks only for
//! those that changed. What says that a record changed is the vendor's own stamp in the list row; a row
//! without one is always asked for. It knows no vendor, and losing all of it costs calls and nothing
//! else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;

/// Replies by the record's id and stamp, up to a number of bytes.
#[derive(Debug)]
pub(crate) struct Details {
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    replies: HashMap<Box<str>, Reply, FixedState>,
    bytes: usize,
    walk: u32,
}

#[derive(Debug)]
struct Reply {
    stamp: Box<str>,
    body: Arc<str>,
    /// The walk that met it last.
    walk: u32,
}

impl Reply {
    /// Bytes that it is counted as, with what the map needs for it.
    fn bytes(&self, id: &str) -> usize {
        id.len() + self.stamp.len() + self.body.len() + size_of::<(Box<str>, Self)>()
    }
}

impl Details {
    /// An empty memory. With 0 bytes nothing is remembered.
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            kept: Mutex::default(),
        }
    }

    /// A walk over all records begins: what neither of the two walks before it met is gone.
    pub(crate) fn begin(&self) {
        let mut kept = self.kept();
        let walk = kept.walk;
        let mut freed = 0;
        kept.replies.retain(|id, reply| {
            let stays = reply.walk + 1 >= walk;
            freed += if stays { 0 } else { reply.bytes(id) };
            stays
        });
        kept.bytes -= freed;
        kept.walk += 1;
    }

    /// The reply about a record that has this stamp still.
    pub(crate) fn recall(&self, id: &str, stamp: Option<&str>) -> Option<Arc<str>> {
        let mut kept = self.kept();
        let walk = kept.walk;
        let reply = kept.replies.get_mut(id)?;
        if Some(&*reply.stamp) != stamp {
            return None;
        }
        reply.walk = walk;
        Some(Arc::clone(&reply.body))
    }

    /// Remembers a reply. Where there is no room, or no stamp, nothing happens.
    pub(crate) fn keep(&self, id: &str, stamp: Option<&str>, body: &str) {
        let mut kept = self.kept();
        if let Some(old) = kept.replies.remove(id) {
            kept.bytes -= old.bytes(id);
        }
        let Some(stamp) = stamp else {
            return;
        };
        let reply = Reply {
            stamp: stamp.into(),
            body: body.into(),
            walk: kept.walk,
        };
        let bytes = reply.bytes(id);
        if kept.bytes + bytes <= self.most_bytes {
            kept.bytes += bytes;
            kept.replies.insert(id.into(), reply);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Details;
    use proptest::collection::vec;
    use proptest::prelude::{Just, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use std::collections::BTreeMap;

    #[test]
    fn a_reply_is_there_for_its_stamp_alone() {
        let details = Details::new(1_000);
        details.begin();
        details.keep("a", Some("1"), "one");
        assert_eq!(details.recall("a", Some("1")).as_deref(), Some("one"));
        assert_eq!(details.recall("a", Some("2")), None);
        assert_eq!(details.recall("a", None), None);
        assert_eq!(details.recall("b", Some("1")), None);
        details.keep("a", Some("2"), "two");
        assert_eq!(details.recall("a", Some("1")), None);
        assert_eq!(details.recall("a", Some("2")).as_deref(), Some("two"));
        // A record that lost its stamp is asked for from then on.
        details.keep("a", None, "three");
        assert_eq!(details.recall("a", Some("2")), None);
    }

    #[test]
    fn what_two_walks_did_not_meet_is_gone() {
        let details = Details::new(1_000);
        details.begin();
        details.keep("gone", Some("1"), "x");
        details.keep("here", Some("1"), "y");
        for _ in 0..2 {
            details.begin();
            assert!(details.recall("here", Some("1")).is_some());
        }
        details.begin();
        assert!(details.recall("here", Some("1")).is_some());
        assert!(details.recall("gone", Some("1")).is_none());
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let details = Details::new(0);
        details.keep("a", Some("1"), "one");
        assert_eq!(details.recall("a", Some("1")), None);
    }

    proptest! {
        #[test]
        fn room_is_never_exceeded_and_never_lost(
            acts in vec(prop_oneof![
                (0_u8..6, Just(true), 0_u8..3, 0_usize..80),
                (Just(0), Just(false), Just(0), Just(0)),
            ], 0..60),
            most in any::<u8>(),
        ) {
            let most = usize::from(most) * 4;
            let details = Details::new(most);
            let mut latest = BTreeMap::new();
            for (id, keep, stamp, length) in acts {
                let (id, stamp) = (id.to_string(), stamp.to_string());
                if keep {
                    let body = "x".repeat(length);
                    details.keep(&id, Some(&stamp), &body);
                    latest.insert(id.clone(), (stamp.clone(), body));
                } else {
                    details.begin();
                }
                let kept = details.kept();
                let counted: usize = kept.replies.iter().map(|(id, it)| it.bytes(id)).sum();
                prop_assert_eq!(kept.bytes, counted);
                prop_assert!(kept.bytes <= most);
                drop(kept);
                for (id, (stamp, body)) in &latest {
                    let found = details.kept().replies.get(id.as_str()).map(|it| {
                        (it.stamp.to_string(), it.body.to_string())
                    });
                    // Never an older one.
                    prop_assert!(found.is_none_or(|it| it == (stamp.clone(), body.clone())));
                }
            }
        }
    }
}
