//! Walking a ConnectWise list. Forward-only paging (`pageId`: records with a larger id, in order of
//! id) is asked for, since a list that changes under the reader then loses and repeats nothing
//! (`documented`). A server that does not know it is recognised by its `Link` header and read by
//! page numbers instead; there a record can still be lost when an earlier one is deleted meanwhile.

use std::collections::HashSet;
use std::marker::PhantomData;

use foldhash::fast::FixedState;
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Uri};

use super::ConnectwisePsa;
use super::wire::Row;
use crate::connectors::client::{Call, unreadable};
use crate::connectors::decode::{self, Decoded};
use crate::connectors::same::hash;
use crate::connectors::{ErrorKind, Known, Page, Pages, Print, Result};
use crate::transport::next_link;

/// No list is longer than this many pages; a server that never ends would otherwise be read for ever.
const MOST_PAGES: u32 = 100_000;

/// A page that brings nothing new is asked for once more; the second such page in a row is an error.
const MOST_BARREN: u32 = 2;

type Ids = HashSet<i64, FixedState>;

/// A walk over the pages of one list.
pub(super) struct ListWalk<'a, W> {
    api: &'a ConnectwisePsa,
    operation: &'static str,
    /// Route below the API's root, without query.
    route: String,
    /// What is asked of the list besides pages: `&fields=id`, or nothing.
    pub(super) asked: String,
    /// Records asked for in one page; less when the server says that it gives less.
    page_size: usize,
    state: State,
    pages: u32,
    barren: u32,
    known: Option<Known>,
    /// What the last page is known again by.
    print: Option<Print>,
    row: PhantomData<fn() -> W>,
}

enum State {
    Start,
    /// Forward-only: everything up to this id has been read.
    Forward(i64),
    /// By the server's links.
    Linked(Uri, Ids),
    /// By page numbers, for servers that send no links.
    Numbered(u32, Ids),
    Done,
}

impl<'a, W: Row> ListWalk<'a, W> {
    pub(super) fn new(api: &'a ConnectwisePsa, operation: &'static str, route: String) -> Self {
        Self {
            api,
            operation,
            route,
            asked: String::new(),
            page_size: api.page_size as usize,
            state: State::Start,
            pages: 0,
            barren: 0,
            known: None,
            print: None,
            row: PhantomData,
        }
    }

    /// Ends it, whatever it has read.
    pub(super) fn end(&mut self) {
        self.state = State::Done;
    }

    /// The rows of the next page that has any, repeats left out.
    pub(super) async fn next_rows(&mut self) -> Result<Option<Decoded<W>>> {
        loop {
            // Whatever fails below leaves the walk at its end.
            let state = std::mem::replace(&mut self.state, State::Done);
            let Some(uri) = self.target(&state).await? else {
                return Ok(None);
            };
            self.pages += 1;
            if self.pages > MOST_PAGES {
                return Err(self.endless(format!("more than {MOST_PAGES} pages")));
            }
            let call = Call::get(self.operation, uri.clone()).with_header(
                HeaderName::from_static("pagination-type"),
                HeaderValue::from_static("forward-only"),
            );
            let reply = self.api.client.send(&call).await?;
            let link = next_link(reply.headers());
            let behind = match state {
                State::Forward(last) => Some(last),
                State::Start => number_in(link.as_deref(), "pageid").map(|_| 0),
                _ => None,
            };
            let known = self.known.as_ref().zip(behind);
            let print = known.map(|(known, last)| (hash(reply.body()), known, last));
            if let Some((hash, known, last)) = print
                && let Some(print) = known.known(hash)
                && print.last_id > last
            {
                self.cap(link.as_deref());
                self.barren = 0;
                if print.came >= self.page_size {
                    self.state = State::Forward(print.last_id);
                }
                self.print = Some(print);
                return Ok(Some(Decoded {
                    records: Vec::new(),
                    rejected: Vec::new(),
                }));
            }
            let print = print.map(|(hash, _, _)| hash);
            let mut page: Decoded<W> = std::str::from_utf8(reply.body())
                .map_err(|error| unreadable(&reply, &error))
                .and_then(|json| {
                    decode::list(json, "id").map_err(|error| unreadable(&reply, &error))
                })
                .map_err(|detail| {
                    self.error(ErrorKind::Body {
                        detail: self.api.client.redact(&detail),
                    })
                })?;
            let came = page.fetched();
            self.state = self.after(state, &uri, &mut page, link.as_deref())?;
            // A page of which some had come before is not what its bytes say.
            let whole = page.records.len() == came;
            let last_id = page.records.iter().map(Row::id).max();
            self.print = print
                .zip(last_id)
                .filter(|_| whole)
                .map(|(hash, last_id)| Print {
                    hash,
                    came,
                    last_id,
                });
            if page.fetched() > 0 {
                return Ok(Some(page));
            }
        }
    }

    /// What to ask for next; `None` at the end.
    async fn target(&self, state: &State) -> Result<Option<Uri>> {
        let size = self.page_size;
        let query = match state {
            State::Start => format!("?pageSize={size}&pageId=0"),
            State::Forward(last) => format!("?pageSize={size}&pageId={last}"),
            State::Numbered(page, _) => format!("?pageSize={size}&page={page}"),
            State::Linked(uri, _) => return Ok(Some(uri.clone())),
            State::Done => return Ok(None),
        };
        let root = self.api.root().await?;
        let path = format!("{root}{}{query}{}", self.route, self.asked);
        self.api.client.uri(self.operation, &path).map(Some)
    }

    /// Takes repeats out of the page and says how the walk goes on.
    fn after(
        &mut self,
        state: State,
        uri: &Uri,
        page: &mut Decoded<W>,
        link: Option<&str>,
    ) -> Result<State> {
        let fetched = page.fetched();
        if fetched == 0 {
            return Ok(State::Done);
        }
        let state = match state {
            State::Start if number_in(link, "pageid").is_some() => State::Forward(0),
            State::Start if link.is_none() => State::Numbered(1, Ids::default()),
            State::Start => State::Linked(uri.clone(), Ids::default()),
            other => other,
        };
        match state {
            State::Forward(last) => self.after_forward(last, page, link),
            State::Linked(asked, mut seen) => {
                keep_new(page, |id| seen.insert(id));
                // The last page may hold old records alone, when the list grew meanwhile.
                let Some(link) = link else {
                    return Ok(State::Done);
                };
                let client = &self.api.client;
                let keep = ["pageSize", "conditions", "fields"];
                let next = client.follow(self.operation, uri, link, &keep)?;
                if !self.count_barren(page)? && next == asked {
                    return Err(self.endless("a page names itself as the next one".to_owned()));
                }
                Ok(State::Linked(next, seen))
            }
            State::Numbered(number, mut seen) => {
                keep_new(page, |id| seen.insert(id));
                if fetched < self.page_size {
                    return Ok(State::Done);
                }
                let again = self.count_barren(page)?;
                let next = number.saturating_add(u32::from(!again));
                Ok(State::Numbered(next, seen))
            }
            State::Start | State::Done => Ok(State::Done),
        }
    }

    fn after_forward(
        &mut self,
        last: i64,
        page: &mut Decoded<W>,
        link: Option<&str>,
    ) -> Result<State> {
        let fetched = page.fetched();
        self.cap(link);
        keep_new(page, |id| id > last);
        if self.count_barren(page)? {
            return Ok(State::Forward(last));
        }
        if fetched < self.page_size {
            return Ok(State::Done);
        }
        let ids = page.records.iter().map(Row::id);
        let rejected = page
            .rejected
            .iter()
            .map(|row| row.id.as_deref()?.parse().ok());
        let known: Option<Vec<i64>> = ids.map(Some).chain(rejected).collect();
        let reached = match known {
            Some(ids) => ids.into_iter().max(),
            // A record whose id cannot be read might be the last one; the link knows.
            None => number_in(link, "pageid"),
        };
        match reached {
            Some(reached) if reached > last => Ok(State::Forward(reached)),
            _ => Err(self.endless(format!(
                "the page after id {last} does not say where it ends"
            ))),
        }
    }

    /// The server may cap pages below what was asked for; its link tells.
    fn cap(&mut self, link: Option<&str>) {
        if let Some(size) = number_in(link, "pagesize").and_then(|size| usize::try_from(size).ok())
            && size > 0
        {
            self.page_size = self.page_size.min(size);
        }
    }

    /// Whether the page brought nothing new and is to be asked for again.
    fn count_barren(&mut self, page: &Decoded<W>) -> Result<bool> {
        if page.fetched() > 0 {
            self.barren = 0;
            return Ok(false);
        }
        self.barren += 1;
        if self.barren >= MOST_BARREN {
            let times = self.barren;
            return Err(self.endless(format!(
                "{times} pages in a row held only records that had been read before"
            )));
        }
        Ok(true)
    }

    fn endless(&self, detail: String) -> crate::connectors::ConnectorError {
        self.error(ErrorKind::Paging { detail })
    }

    fn error(&self, kind: ErrorKind) -> crate::connectors::ConnectorError {
        self.api.client.error(self.operation, kind)
    }
}

impl<W: Row> Pages<W::Record> for ListWalk<'_, W> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<W::Record>>>> {
        Box::pin(async move {
            let rows = self.next_rows().await?;
            Ok(rows.map(|rows| Page {
                records: rows.records.into_iter().map(Row::into_record).collect(),
                rejected: rows.rejected,
                print: self.print.take(),
            }))
        })
    }

    fn pass_over(&mut self, known: Known) {
        self.known = Some(known);
    }
}

/// Takes out the records that `is_new` knows. One without a readable id cannot be known.
fn keep_new<W: Row>(page: &mut Decoded<W>, mut is_new: impl FnMut(i64) -> bool) {
    page.records.retain(|row| is_new(row.id()));
    page.rejected.retain(|row| {
        let id = row.id.as_deref().and_then(|id| id.parse().ok());
        id.is_none_or(&mut is_new)
    });
}

/// A number in the query of a link; names without regard to case.
fn number_in(link: Option<&str>, name: &str) -> Option<i64> {
    let (_, query) = link?.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .and_then(|(_, value)| value.parse().ok())
}
