//! Pages of a list, and the `Link` header that leads from one to the next.

use bytes::Bytes;
use http::header::{HeaderValue, LINK};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::fault::Fault;
use super::fields::Fields;
use super::query::Query;
use super::router::Place;
use super::select::{self, Memory, Rows};
use super::store::Store;
use crate::kit::{Table, base_url, envelope};
use crate::{Reply, Request};

/// What may not stand in a link: clients split the header at commas and semicolons, and take a URL
/// to end at the angle bracket.
const UNLINKABLE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page {
    pub body: Vec<Bytes>,
    pub link: Option<HeaderValue>,
}

impl Page {
    /// Puts the page into a reply.
    pub(super) fn fill(self, reply: &mut Reply) {
        reply.body = self.body;
        if let Some(link) = self.link {
            reply.headers.insert(LINK, link);
        }
    }
}

/// Answers a request for a list.
pub(super) fn page(
    store: &Store,
    memory: &Memory,
    place: &Place,
    table: &Table,
    query: &Query,
    request: &Request,
) -> Result<Page, Fault> {
    let schema = place.resource.schema();
    let fields = Fields::read(schema, &query.fields)?;
    let forward = is_forward_only(request);
    if forward && !query.selection.order_by.trim().is_empty() {
        let message = "orderBy cannot be used with forward-only pagination";
        return Err(Fault::Parameter(message.to_owned()));
    }
    let rows = select::rows(store, memory, place, table, &query.selection)?;
    let total = rows.len(table);
    let take = usize::try_from(query.page_size).unwrap_or(usize::MAX);
    let skip = if forward {
        match &rows {
            Rows::All => table.position_after(query.page_id),
            Rows::Some(ids) => ids.partition_point(|id| *id <= query.page_id),
        }
    } else {
        let skip = (query.page - 1).saturating_mul(query.page_size);
        usize::try_from(skip).unwrap_or(usize::MAX)
    };
    let start = skip.min(total);
    let end = start.saturating_add(take).min(total);
    let records = match (&fields, &rows) {
        (None, Rows::All) => table.page(start, end - start),
        (None, Rows::Some(ids)) => table.select(&ids[start..end]),
        (Some(fields), rows) if fields.is_id() => {
            let mut out = Vec::with_capacity((end - start) * r#"{"id":1234567},"#.len());
            for id in (start..end).filter_map(|at| id_at(rows, table, at)) {
                if !out.is_empty() {
                    out.push(b',');
                }
                out.extend_from_slice(br#"{"id":"#);
                out.extend_from_slice(id.to_string().as_bytes());
                out.push(b'}');
            }
            vec![out.into()]
        }
        (Some(fields), rows) => {
            let ids = (start..end).filter_map(|at| id_at(rows, table, at));
            let records = ids.filter_map(|id| Some(fields.project(schema, &table.get(id)?)));
            let records: Vec<Vec<u8>> = records.collect();
            vec![records.join(&b","[..]).into()]
        }
    };
    let link = if forward {
        let last = end.checked_sub(1).filter(|last| *last >= start);
        let last = last.and_then(|last| id_at(&rows, table, last));
        Some(forward_link(request, query, last.unwrap_or(query.page_id)))
    } else {
        navigable_link(request, query, total)
    };
    Ok(Page {
        body: envelope("[", records, "]"),
        link: link.and_then(|link| HeaderValue::try_from(link).ok()),
    })
}

fn id_at(rows: &Rows, table: &Table, at: usize) -> Option<u64> {
    match rows {
        Rows::All => table.id_at(at),
        Rows::Some(ids) => ids.get(at).copied(),
    }
}

/// Whether the client asked for pages by id.
fn is_forward_only(request: &Request) -> bool {
    let wanted = request.headers().get("pagination-type");
    wanted.is_some_and(|wanted| {
        let wanted = wanted.as_bytes().trim_ascii();
        wanted.eq_ignore_ascii_case(b"forward-only")
    })
}

/// Forward-only pages always say what comes next, the last and an empty one too (documented).
fn forward_link(request: &Request, query: &Query, last: u64) -> String {
    let base = base(request);
    format!(
        "<{base}pageSize={}&pageId={last}>; rel=\"next\"",
        query.page_size
    )
}

/// `next` is absent on the last page and `prev` on the first (documented); so are `last` and `first`
/// (inferred). A list of one page has no header.
fn navigable_link(request: &Request, query: &Query, total: usize) -> Option<String> {
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    let last = total.div_ceil(query.page_size).max(1);
    let mut rels = Vec::new();
    if query.page > 1 {
        rels.push(("first", 1));
        rels.push(("prev", (query.page - 1).min(last)));
    }
    if query.page < last {
        rels.push(("next", query.page + 1));
        rels.push(("last", last));
    }
    let base = base(request);
    let links: Vec<String> = rels
        .into_iter()
        .map(|(rel, page)| {
            format!(
                "<{base}pageSize={}&page={page}>; rel=\"{rel}\"",
                query.page_size
            )
        })
        .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

/// The URL that was asked, up to where the page is named; the other parameters are kept as they
/// were written (inferred).
fn base(request: &Request) -> String {
    let mut base = base_url(request);
    base.extend(utf8_percent_encode(request.uri().path(), UNLINKABLE));
    base.push('?');
    let query = request.uri().query().unwrap_or_default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let own = ["page", "pagesize", "pageid"];
        if !own.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            base.extend(utf8_percent_encode(pair, UNLINKABLE));
            base.push('&');
        }
    }
    base
}
