//! Rows that stand for a vendor's records, read ahead in order of creation: a vendor that lists its
//! records in one order every time is found without a search for each. Whoever asks in another order is
//! served as well. It knows no table.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::StoreError;
use super::records::RowId;

/// Rows read at once.
pub(super) const AHEAD: i64 = 512;
/// So many records may have gone from the vendor's list between two that are still there.
const GONE_MAX: usize = 8;

/// A row that stands for a vendor's record.
pub(super) trait Standing {
    /// Its id here.
    fn id(&self) -> RowId;

    /// The vendor's id.
    fn remote_id(&self) -> &str;
}

/// Where the reading stands.
#[derive(Debug)]
pub(super) struct Ahead<R> {
    rows: VecDeque<R>,
    last: RowId,
    end: bool,
    /// Hashes of the ids asked for where there was no row at all at the beginning: one that is not
    /// among them has none.
    new: Option<HashSet<u64, FixedState>>,
}

impl<R: Standing> Ahead<R> {
    /// From the first row on.
    pub(super) const fn new() -> Self {
        Self {
            rows: VecDeque::new(),
            last: 0,
            end: false,
            new: None,
        }
    }

    /// For records that come in an order of their own: each is searched for.
    pub(super) const fn searching() -> Self {
        Self {
            rows: VecDeque::new(),
            last: 0,
            end: true,
            new: None,
        }
    }

    /// Goes on behind a row: those up to it will not be asked for. One that is after all is searched for.
    pub(super) fn go_behind(&mut self, id: RowId) {
        while self.rows.front().is_some_and(|row| row.id() <= id) {
            self.rows.pop_front();
        }
        if self.rows.is_empty() {
            self.last = self.last.max(id);
        }
    }

    /// The row of a vendor's record: read by `read`, which gives at most [`AHEAD`] rows behind an id, or
    /// found by `search`. One that is asked for twice is searched for the second time.
    pub(super) fn take(
        &mut self,
        remote_id: &str,
        read: impl FnOnce(RowId, &mut VecDeque<R>) -> Result<(), StoreError>,
        search: impl FnOnce() -> Result<Option<R>, StoreError>,
    ) -> Result<Option<R>, StoreError> {
        if self.rows.len() < GONE_MAX && !self.end {
            let before = self.rows.len();
            read(self.last, &mut self.rows)?;
            self.end = self.rows.len() - before < AHEAD as usize;
            if self.end && self.last == 0 && self.rows.is_empty() {
                self.new = Some(HashSet::default());
            }
            if let Some(row) = self.rows.back() {
                self.last = self.last.max(row.id());
            }
        }
        if let Some(new) = &mut self.new
            && new.insert(FixedState::default().hash_one(remote_id))
        {
            return Ok(None);
        }
        let near = self.rows.iter().take(GONE_MAX);
        let at = near
            .enumerate()
            .find_map(|(at, row)| (row.remote_id() == remote_id).then_some(at));
        match at {
            Some(at) => {
                drop(self.rows.drain(..at));
                Ok(self.rows.pop_front())
            }
            None => search(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Row(RowId, String);

    impl Standing for Row {
        fn id(&self) -> RowId {
            self.0
        }

        fn remote_id(&self) -> &str {
            &self.1
        }
    }

    /// Rows of a table, and how often it was searched.
    fn ask(ahead: &mut Ahead<Row>, table: &[Row], searches: &mut u32, id: &str) -> Option<RowId> {
        let read = |last, rows: &mut VecDeque<Row>| {
            let behind = table.iter().filter(|row| row.0 > last);
            rows.extend(behind.take(AHEAD as usize).cloned());
            Ok(())
        };
        let search = || {
            *searches += 1;
            Ok(table.iter().find(|row| row.1 == id).cloned())
        };
        ahead.take(id, read, search).unwrap().map(|row| row.0)
    }

    #[test]
    fn an_empty_table_is_not_searched_until_an_id_comes_again() {
        let (mut ahead, mut searches) = (Ahead::new(), 0);
        let mut table = Vec::new();
        for id in 1..=50 {
            assert_eq!(
                ask(&mut ahead, &table, &mut searches, &id.to_string()),
                None
            );
            table.push(Row(id, id.to_string()));
        }
        assert_eq!(searches, 0);
        assert_eq!(ask(&mut ahead, &table, &mut searches, "7"), Some(7));
        assert_eq!(searches, 1);
    }

    #[test]
    fn rows_that_nobody_asks_for_are_passed_at_once() {
        let table: Vec<Row> = (1..=3_000).map(|id| Row(id, id.to_string())).collect();
        let (mut ahead, mut searches) = (Ahead::new(), 0);
        let mut found = |ahead: &mut Ahead<Row>, id: &str| ask(ahead, &table, &mut searches, id);
        assert_eq!(found(&mut ahead, "1"), Some(1));
        ahead.go_behind(100);
        assert_eq!(found(&mut ahead, "101"), Some(101));
        ahead.go_behind(2_000);
        assert_eq!(found(&mut ahead, "2001"), Some(2_001));
        assert_eq!(searches, 0);
        assert_eq!(ask(&mut ahead, &table, &mut searches, "50"), Some(50));
        assert_eq!(searches, 1);
    }
}
