//! A walk over a list whose records have numbers for ids, page by page, however the vendor cuts its
//! pages. What a page is asked by and what becomes of its records is the vendor's; that a record comes
//! once, that a list ends and that a failure is the end is kept here. It knows no vendor.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use futures_util::future::BoxFuture;

use super::client::Client;
use super::decode::Decoded;
use super::{ErrorKind, Page, Pages, Rejected, Result};

/// No list is longer than this many pages; a server that never ends would otherwise be read for ever.
const MOST_PAGES: u32 = 100_000;

/// Pages in a row that bring nothing new before the walk gives up.
const MOST_BARREN: u32 = 3;

/// Where a walk stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Position {
    /// Pages that were read.
    pub(crate) pages: u32,
    /// The highest id so far; 0 at the start.
    pub(crate) last_id: i64,
    /// Rows that came so far, those that came twice counted twice.
    pub(crate) came: usize,
}

/// A page as it came. A page none of whose rows is wanted is not an empty one, which ends a list.
pub(crate) struct Fetched<R> {
    /// Records with their ids.
    records: Vec<(i64, R)>,
    /// Records that could not be read.
    rejected: Vec<Rejected>,
    /// Ids of rows that became no record.
    passed: Vec<i64>,
    /// Rows that the vendor sent.
    came: usize,
    /// Whether the vendor has no more.
    end: bool,
}

impl<R> Fetched<R> {
    /// The rows of a page, mapped.
    pub(crate) fn of<W>(rows: Decoded<W>, end: bool, map: impl FnMut(W) -> (i64, R)) -> Self {
        Self {
            came: rows.fetched(),
            records: rows.records.into_iter().map(map).collect(),
            rejected: rows.rejected,
            passed: Vec::new(),
            end,
        }
    }

    /// The rows of a page, of which each becomes as many records as there are of it: none where it is
    /// not wanted.
    pub(crate) fn each<W, I: IntoIterator<Item = (i64, R)>>(
        rows: Decoded<W>,
        end: bool,
        id: impl Fn(&W) -> i64,
        mut map: impl FnMut(W) -> I,
    ) -> Self {
        let mut page = Self {
            came: rows.fetched(),
            records: Vec::new(),
            rejected: rows.rejected,
            passed: Vec::new(),
            end,
        };
        for row in rows.records {
            let id = id(&row);
            let before = page.records.len();
            page.records.extend(map(row));
            if page.records.len() == before {
                page.passed.push(id);
            }
        }
        page
    }

    /// The rows of a page that were read one by one, by id: nothing where a row is gone since, or not
    /// wanted.
    pub(crate) fn singly(
        read: Vec<(i64, Option<Result<R, Rejected>>)>,
        rejected: Vec<Rejected>,
        end: bool,
    ) -> Self {
        let mut page = Self {
            came: read.len() + rejected.len(),
            records: Vec::with_capacity(read.len()),
            rejected,
            passed: Vec::new(),
            end,
        };
        for (id, record) in read {
            match record {
                Some(Ok(record)) => page.records.push((id, record)),
                Some(Err(rejected)) => page.rejected.push(rejected),
                None => page.passed.push(id),
            }
        }
        page
    }

    /// The page of a list that has none.
    pub(crate) const fn none() -> Self {
        Self {
            records: Vec::new(),
            rejected: Vec::new(),
            passed: Vec::new(),
            came: 0,
            end: true,
        }
    }

    /// The page without what could not be read, for walks over a list whose own walk tells of it.
    pub(crate) fn told_elsewhere(mut self) -> Self {
        let ids = self.rejected.drain(..).filter_map(|one| number(&one));
        self.passed.extend(ids);
        self
    }
}

/// The id of a record that could not be read, if it has one.
fn number(rejected: &Rejected) -> Option<i64> {
    rejected.id.as_deref()?.parse().ok()
}

type Fetch<'a, R> = Box<dyn FnMut(Position) -> BoxFuture<'a, Result<Fetched<R>>> + Send + 'a>;

/// The walk.
pub(crate) struct Walk<'a, R> {
    client: &'a Client,
    operation: &'static str,
    fetch: Fetch<'a, R>,
    at: Position,
    seen: HashSet<i64, FixedState>,
    /// Rows that became no record; their ids may be of another kind than the records'.
    passed: HashSet<i64, FixedState>,
    barren: u32,
    done: bool,
}

impl<'a, R: Send> Walk<'a, R> {
    pub(crate) fn new(
        client: &'a Client,
        operation: &'static str,
        fetch: impl FnMut(Position) -> BoxFuture<'a, Result<Fetched<R>>> + Send + 'a,
    ) -> Self {
        Self {
            client,
            operation,
            fetch: Box::new(fetch),
            at: Position::default(),
            seen: HashSet::default(),
            passed: HashSet::default(),
            barren: 0,
            done: false,
        }
    }

    async fn next(&mut self) -> Result<Option<Page<R>>> {
        while !self.done {
            // Whatever fails below leaves the walk at its end.
            self.done = true;
            if self.at.pages >= MOST_PAGES {
                return Err(self.endless(format!("more than {MOST_PAGES} pages")));
            }
            let page = (self.fetch)(self.at).await?;
            self.at.pages += 1;
            self.at.came += page.came;
            let mut records = Vec::with_capacity(page.records.len());
            for (id, record) in page.records {
                self.at.last_id = self.at.last_id.max(id);
                if self.seen.insert(id) {
                    records.push(record);
                }
            }
            let mut rejected = page.rejected;
            rejected.retain(|one| {
                let Some(id) = number(one) else {
                    return true;
                };
                self.at.last_id = self.at.last_id.max(id);
                self.seen.insert(id)
            });
            let mut news = false;
            for id in page.passed {
                self.at.last_id = self.at.last_id.max(id);
                news |= self.passed.insert(id);
            }
            self.done = page.end || page.came == 0;
            if !records.is_empty() || !rejected.is_empty() {
                self.barren = 0;
                return Ok(Some(Page { records, rejected }));
            }
            if news {
                self.barren = 0;
                continue;
            }
            self.barren += 1;
            if !self.done && self.barren >= MOST_BARREN {
                self.done = true;
                let times = self.barren;
                return Err(self.endless(format!(
                    "{times} pages in a row held only records that had been read before"
                )));
            }
        }
        Ok(None)
    }

    /// Everything at once, for lists that are short. A record that cannot be read fails the call: what
    /// went missing here would look like something that nobody has.
    pub(crate) async fn whole(mut self) -> Result<Vec<R>> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            if let Some(rejected) = page.rejected.first() {
                let detail = rejected.to_string();
                return Err(self
                    .client
                    .error(self.operation, ErrorKind::Body { detail }));
            }
            all.extend(page.records);
        }
        Ok(all)
    }

    fn endless(&self, detail: String) -> super::ConnectorError {
        self.client
            .error(self.operation, ErrorKind::Paging { detail })
    }
}

impl<R: Send> Pages<R> for Walk<'_, R> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<R>>>> {
        Box::pin(self.next())
    }
}
