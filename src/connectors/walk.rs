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
}

/// A page as it came.
pub(crate) struct Fetched<R> {
    /// Records with their ids.
    pub(crate) records: Vec<(i64, R)>,
    /// Records that could not be read.
    pub(crate) rejected: Vec<Rejected>,
    /// Whether the vendor has no more.
    pub(crate) end: bool,
}

impl<R> Fetched<R> {
    /// The rows of a page, mapped.
    pub(crate) fn of<W>(rows: Decoded<W>, end: bool, map: impl FnMut(W) -> (i64, R)) -> Self {
        Self {
            records: rows.records.into_iter().map(map).collect(),
            rejected: rows.rejected,
            end,
        }
    }
}

type Fetch<'a, R> = Box<dyn FnMut(Position) -> BoxFuture<'a, Result<Fetched<R>>> + Send + 'a>;

/// The walk.
pub(crate) struct Walk<'a, R> {
    client: &'a Client,
    operation: &'static str,
    fetch: Fetch<'a, R>,
    at: Position,
    seen: HashSet<i64, FixedState>,
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
            let came = page.records.len() + page.rejected.len();
            self.at.pages += 1;
            let mut records = Vec::with_capacity(page.records.len());
            for (id, record) in page.records {
                self.at.last_id = self.at.last_id.max(id);
                if self.seen.insert(id) {
                    records.push(record);
                }
            }
            let mut rejected = page.rejected;
            rejected.retain(|one| {
                let Some(id) = one.id.as_deref().and_then(|id| id.parse().ok()) else {
                    return true;
                };
                self.at.last_id = self.at.last_id.max(id);
                self.seen.insert(id)
            });
            self.done = page.end || came == 0;
            if !records.is_empty() || !rejected.is_empty() {
                self.barren = 0;
                return Ok(Some(Page { records, rejected }));
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
