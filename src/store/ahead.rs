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
    /// Whether a row was left behind that nobody asked for.
    passed: bool,
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
            passed: false,
            new: None,
        }
    }

    /// For records that come in an order of their own: each is searched for.
    pub(super) const fn searching() -> Self {
        Self {
            rows: VecDeque::new(),
            last: 0,
            end: true,
            passed: true,
            new: None,
        }
    }

    /// Whether every row that there was at the beginning was asked for.
    pub(super) fn all_asked(&self) -> bool {
        self.end && !self.passed && self.rows.is_empty()
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
                self.passed |= at > 0;
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
        assert!(ahead.all_asked());
    }

    #[test]
    fn it_knows_whether_a_row_was_left_behind() {
        let table: Vec<Row> = (1..=1_024).map(|id| Row(id, id.to_string())).collect();
        for left_out in [None, Some(1), Some(500), Some(1_024)] {
            let (mut ahead, mut searches) = (Ahead::new(), 0);
            for row in table.iter().filter(|row| Some(row.0) != left_out) {
                let found = ask(&mut ahead, &table, &mut searches, &row.1);
                assert_eq!(found, Some(row.0));
            }
            assert_eq!(searches, 0);
            assert_eq!(ahead.all_asked(), left_out.is_none(), "{left_out:?}");
            assert_eq!(ask(&mut ahead, &table, &mut searches, "3"), Some(3));
        }
    }
}
