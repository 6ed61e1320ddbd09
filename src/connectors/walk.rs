//! A walk over a list whose records have ids, numbers unless said otherwise, page by page, however the vendor cuts its
//! pages. What a page is asked by and what becomes of its records is the vendor's; that a record comes
//! once, that a list ends and that a failure is the end is kept here. It knows no vendor.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

use foldhash::fast::FixedState;
use futures_util::future::BoxFuture;

use super::client::Client;
use super::decode::Decoded;
use super::same::{Known, Print, hash};
use super::{ErrorKind, Page, PageStream, Pages, Rejected, Result};

/// No list is longer than this many pages; a server that never ends would otherwise be read for ever.
const MOST_PAGES: u32 = 100_000;

/// Pages in a row that bring nothing new before the walk gives up.
const MOST_BARREN: u32 = 3;

/// Where a walk stands.
#[derive(Clone, Default)]
pub(crate) struct Position {
    /// Pages that were read.
    pub(crate) pages: u32,
    /// The highest id so far; 0 at the start.
    pub(crate) last_id: i64,
    /// Rows that came so far, those that came twice counted twice.
    pub(crate) came: usize,
    /// Pages that need not be read again; none where nobody asked for prints.
    known: Option<Known>,
}

impl Position {
    /// The print of a page that came in an earlier walk as it is, and in this one not yet.
    pub(crate) fn same(&self, body: &[u8]) -> Option<Print> {
        let print = self.known.as_ref()?.known(hash(body))?;
        (print.last_id > self.last_id).then_some(print)
    }
}

/// What records are told apart by.
pub(crate) trait Key: Eq + Hash + Send {
    /// The id of a record that could not be read, if it is one of this kind.
    fn of(text: &str) -> Option<Self>
    where
        Self: Sized;

    /// What a cursor goes by; 0 where ids have no order.
    fn number(&self) -> i64;
}

impl Key for i64 {
    fn of(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn number(&self) -> i64 {
        *self
    }
}

/// Ids with more digits than a number holds, or none at all.
impl Key for Box<str> {
    fn of(text: &str) -> Option<Self> {
        Some(text.into())
    }

    fn number(&self) -> i64 {
        0
    }
}

/// A page as it came. A page none of whose rows is wanted is not an empty one, which ends a list.
pub(crate) struct Fetched<R, K = i64> {
    /// Records with their ids.
    records: Vec<(K, R)>,
    /// Records that could not be read.
    rejected: Vec<Rejected>,
    /// Ids of rows that became no record.
    passed: Vec<K>,
    /// Rows that the vendor sent.
    came: usize,
    /// Whether the vendor has no more.
    end: bool,
    /// What the page is known again by.
    print: Option<Print>,
}

impl<R, K: Key> Fetched<R, K> {
    /// A page that came before as it is, and whose records the reader has.
    pub(crate) const fn same(print: Print, end: bool) -> Self {
        Self {
            records: Vec::new(),
            rejected: Vec::new(),
            passed: Vec::new(),
            came: print.came,
            end,
            print: Some(print),
        }
    }

    /// The page with its print, where prints were asked for. Its records must be made of the page's
    /// bytes alone.
    pub(crate) fn printed(mut self, at: &Position, body: &[u8]) -> Self {
        if at.known.is_some() && self.records.len() == self.came {
            let ids = self.records.iter().map(|(id, _)| id.number());
            self.print = ids.max().map(|last_id| Print {
                hash: hash(body),
                came: self.came,
                last_id,
            });
        }
        self
    }

    /// The rows of a page, mapped.
    pub(crate) fn of<W>(rows: Decoded<W>, end: bool, map: impl FnMut(W) -> (K, R)) -> Self {
        Self {
            came: rows.fetched(),
            records: rows.records.into_iter().map(map).collect(),
            rejected: rows.rejected,
            passed: Vec::new(),
            end,
            print: None,
        }
    }

    /// The rows of a page, of which each becomes as many records as there are of it: none where it is
    /// not wanted.
    pub(crate) fn each<W, I: IntoIterator<Item = (K, R)>>(
        rows: Decoded<W>,
        end: bool,
        id: impl Fn(&W) -> K,
        mut map: impl FnMut(W) -> I,
    ) -> Self {
        let mut page = Self {
            came: rows.fetched(),
            records: Vec::new(),
            rejected: rows.rejected,
            passed: Vec::new(),
            end,
            print: None,
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
        read: Vec<(K, Option<Result<R, Rejected>>)>,
        rejected: Vec<Rejected>,
        end: bool,
    ) -> Self {
        let mut page = Self {
            came: read.len() + rejected.len(),
            records: Vec::with_capacity(read.len()),
            rejected,
            passed: Vec::new(),
            end,
            print: None,
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

    /// The page without what could not be read, for walks over a list whose own walk tells of it.
    pub(crate) fn told_elsewhere(mut self) -> Self {
        let ids = self.rejected.drain(..).filter_map(|one| key(&one));
        self.passed.extend(ids);
        self
    }
}

impl<R> Fetched<R> {
    /// The page of a list that has none.
    pub(crate) const fn none() -> Self {
        Self {
            records: Vec::new(),
            rejected: Vec::new(),
            passed: Vec::new(),
            came: 0,
            end: true,
            print: None,
        }
    }
}

/// The id of a record that could not be read, if it has one.
fn key<K: Key>(rejected: &Rejected) -> Option<K> {
    K::of(rejected.id.as_deref()?)
}

type Fetch<'a, R, K> = Box<dyn FnMut(Position) -> BoxFuture<'a, Result<Fetched<R, K>>> + Send + 'a>;

/// The walk.
pub(crate) struct Walk<'a, R, K = i64> {
    client: &'a Client,
    operation: &'static str,
    fetch: Fetch<'a, R, K>,
    at: Position,
    seen: HashSet<K, FixedState>,
    /// Rows that became no record; their ids may be of another kind than the records'.
    passed: HashSet<K, FixedState>,
    barren: u32,
    done: bool,
}

impl<'a, R: Send, K: Key> Walk<'a, R, K> {
    pub(crate) fn new(
        client: &'a Client,
        operation: &'static str,
        fetch: impl FnMut(Position) -> BoxFuture<'a, Result<Fetched<R, K>>> + Send + 'a,
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
            let page = (self.fetch)(self.at.clone()).await?;
            self.at.pages += 1;
            self.at.came += page.came;
            if let (Some(print), true) = (page.print, page.records.is_empty()) {
                self.at.last_id = self.at.last_id.max(print.last_id);
                self.barren = 0;
                self.done = page.end;
                return Ok(Some(Page {
                    print: Some(print),
                    ..Page::default()
                }));
            }
            let came = page.records.len();
            let mut records = Vec::with_capacity(page.records.len());
            for (id, record) in page.records {
                self.at.last_id = self.at.last_id.max(id.number());
                if self.seen.insert(id) {
                    records.push(record);
                }
            }
            let mut rejected = page.rejected;
            rejected.retain(|one| {
                let Some(id) = key::<K>(one) else {
                    return true;
                };
                self.at.last_id = self.at.last_id.max(id.number());
                self.seen.insert(id)
            });
            let mut news = false;
            for id in page.passed {
                self.at.last_id = self.at.last_id.max(id.number());
                news |= self.passed.insert(id);
            }
            self.done = page.end || page.came == 0;
            if !records.is_empty() || !rejected.is_empty() {
                self.barren = 0;
                // A page of which some had come before is not what its bytes say.
                let print = page.print.filter(|_| records.len() == came);
                return Ok(Some(Page {
                    records,
                    rejected,
                    print,
                }));
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

impl<R: Send, K: Key> Pages<R> for Walk<'_, R, K> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<R>>>> {
        Box::pin(self.next())
    }

    fn pass_over(&mut self, known: Known) {
        self.at.known = Some(known);
    }
}

/// One list after the other.
pub(crate) fn chained<'a, R: Send + 'a>(lists: Vec<PageStream<'a, R>>) -> PageStream<'a, R> {
    Box::new(Chained {
        lists: lists.into(),
    })
}

struct Chained<'a, R> {
    lists: VecDeque<PageStream<'a, R>>,
}

impl<R: Send> Pages<R> for Chained<'_, R> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<R>>>> {
        Box::pin(async move {
            while let Some(list) = self.lists.front_mut() {
                let page = list.next_page().await;
                if !matches!(page, Ok(None)) {
                    if page.is_err() {
                        self.lists.clear();
                    }
                    return page;
                }
                self.lists.pop_front();
            }
            Ok(None)
        })
    }
}
