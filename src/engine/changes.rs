//! What a sync may rely on of the one before: when that began, how much there was, which pages its lists
//! came on, and that nothing but syncs has written to the account since. It goes by this when it asks a
//! vendor for changes only, and when a page comes as it came before. Whenever one of these is not
//! known everything is read; so it is after a start, after a person's work, and after a sync that failed.
//! It knows no vendor and no rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use jiff::{SignedDuration, Timestamp};

use super::pass::Ruling;
use crate::connectors::{ConnectorError, Ids, KnownPages, Page, Print};
use crate::model::RecordKind;
use crate::store::RowId;

/// Clocks differ, and a record may have been on its way into the vendor's list: changes are asked for
/// from so long before the last sync began, in minutes. What comes twice is found unchanged.
const OVERLAP_MIN: i64 = 10;

/// What a sync that saw everything leaves for the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// When it began.
    pub(super) began: Timestamp,
    /// Records of each list, unreadable ones left out.
    pub(super) totals: BTreeMap<RecordKind, u64>,
    /// Ids of an RMM's companies.
    pub(super) companies: BTreeSet<String>,
    /// Pages of each list.
    pub(super) pages: BTreeMap<RecordKind, Arc<KeptPages>>,
}

/// Pages whose records the account has as they came, by the hash over their bytes.
#[derive(Debug, Default)]
pub(super) struct KeptPages(HashMap<u64, Arc<KeptPage>, FixedState>);

/// What became of the records of a page.
#[derive(Debug, Clone)]
pub(super) struct KeptPage {
    pub(super) print: Print,
    /// The rows that stand for them.
    pub(super) rows: Arc<[RowId]>,
    /// Those that do not sync, by rule.
    pub(super) skipped: BTreeMap<String, u64>,
    /// Devices by company.
    pub(super) companies: Arc<[(String, u64)]>,
    /// What the next sync decides of records that were new in this one, although they stay.
    pub(super) then: Vec<Ruling>,
}

impl KeptPages {
    /// What became of a page that was passed over.
    pub(super) fn passed_over<T>(&self, page: &Page<T>) -> Option<Arc<KeptPage>> {
        let print = page.print.filter(|_| page.records.is_empty())?;
        self.0.get(&print.hash).map(Arc::clone)
    }

    pub(super) fn keep(&mut self, page: Arc<KeptPage>) {
        self.0.insert(page.print.hash, page);
    }
}

impl KnownPages for KeptPages {
    fn known(&self, hash: u64) -> Option<Print> {
        self.0.get(&hash).map(|page| page.print)
    }
}

impl Memory {
    pub(super) fn begin(now: Timestamp) -> Self {
        Self {
            began: now,
            ..Self::default()
        }
    }

    /// The moment from which changes are asked for.
    pub(super) fn since(&self) -> Timestamp {
        let overlap = SignedDuration::from_mins(OVERLAP_MIN);
        self.began.saturating_sub(overlap).unwrap_or(self.began)
    }
}

/// Whether a list holds what it should hold without any deletion.
pub(super) fn complete(before: Option<&u64>, fresh: u64, now: Option<u64>) -> bool {
    before.is_some_and(|before| now == Some(before + fresh))
}

/// Ids of a list as they come, and how many there were.
pub(super) struct EveryId<'a> {
    ids: Ids<'a>,
    total: u64,
    unreadable: bool,
}

impl<'a> EveryId<'a> {
    pub(super) const fn new(ids: Ids<'a>) -> Self {
        Self {
            ids,
            total: 0,
            unreadable: false,
        }
    }

    /// The next page of ids; nothing at the end, and when one could not be read.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<String>>, ConnectorError> {
        let Some(Page {
            records, rejected, ..
        }) = self.ids.next_page().await?
        else {
            return Ok(None);
        };
        self.unreadable |= !rejected.is_empty();
        self.total += records.len() as u64;
        Ok((!self.unreadable).then_some(records))
    }

    /// How many ids there are; none when one could not be read, so that nothing can be said of those
    /// that did not come.
    pub(super) fn total(&self) -> Option<u64> {
        (!self.unreadable).then_some(self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_complete_when_it_grew_by_what_is_new() {
        assert!(complete(Some(&10), 0, Some(10)));
        assert!(complete(Some(&10), 2, Some(12)));
        // One came and one went.
        assert!(!complete(Some(&10), 1, Some(10)));
        assert!(!complete(Some(&10), 0, None));
        assert!(!complete(None, 0, Some(0)));
    }

    #[test]
    fn changes_are_asked_for_from_before_the_last_sync_began() {
        let memory = Memory::begin(Timestamp::from_second(10_000).unwrap());
        assert_eq!(memory.since(), Timestamp::from_second(9_400).unwrap());
        assert_eq!(Memory::begin(Timestamp::MIN).since(), Timestamp::MIN);
    }
}
