//! Pages: which one is asked for, and the envelope around its records. Must not know what the
//! records are.

use bytes::Bytes;
use http::StatusCode;

use super::reply;
use crate::kit::{base_url, envelope};
use crate::{Reply, Request};

/// Largest page, and the size when none is asked for (documented).
pub(super) const MAX: usize = 250;

/// The page that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    page: usize,
    max: usize,
}

/// A query's pairs, decoded.
pub(super) type Query = [(String, String)];

/// The first value of a parameter.
pub(super) fn parameter<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(parameter, _)| parameter == name)
        .map(|(_, value)| value.as_str())
}

impl Paging {
    /// Reads `page` (from 0) and `max`.
    ///
    /// # Errors
    /// 400 when one is no 32-bit number, `page` is negative or `max` below 1 (inferred).
    pub(super) fn of(query: &Query) -> Result<Self, StatusCode> {
        let number = |name: &str, least: i32| match parameter(query, name) {
            None | Some("") => Ok(None),
            Some(text) => match text.parse::<i32>() {
                Ok(number) if number >= least => usize::try_from(number)
                    .map(Some)
                    .map_err(|_| StatusCode::BAD_REQUEST),
                _ => Err(StatusCode::BAD_REQUEST),
            },
        };
        Ok(Self {
            page: number("page", 0)?.unwrap_or(0),
            max: number("max", 1)?.unwrap_or(MAX).min(MAX),
        })
    }

    /// How many records stand before the page.
    pub(super) fn skip(self) -> usize {
        self.page.saturating_mul(self.max)
    }

    /// How many records fit.
    pub(super) fn take(self) -> usize {
        self.max
    }

    /// The page's part of a list of ids.
    pub(super) fn of_ids(self, ids: &[u64]) -> &[u64] {
        let start = self.skip().min(ids.len());
        let end = start.saturating_add(self.max).min(ids.len());
        ids.get(start..end).unwrap_or_default()
    }
}

/// What goes into the envelope.
pub(super) struct Page {
    /// Name of the array (`devices`).
    pub(super) items: &'static str,
    /// Rendered records, comma-separated.
    pub(super) records: Vec<Bytes>,
    /// Records on all pages.
    pub(super) total: usize,
}

/// A page in its envelope. Links name the host that was asked and the path as it was asked.
///
/// `keep_query` puts the caller's other parameters into the links. The real API loses them (seen),
/// and clients that follow links have to add them again.
pub(super) fn reply(
    operation: &'static str,
    request: &Request,
    query: &Query,
    paging: Paging,
    page: Page,
    keep_query: bool,
) -> Reply {
    let skip = paging.skip();
    let count = page.total.saturating_sub(skip).min(paging.max);
    let link = |number: usize| {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("max", &paging.max.to_string());
        pairs.append_pair("page", &number.to_string());
        let others = query
            .iter()
            .filter(|(name, _)| keep_query && name != "max" && name != "page");
        for (name, value) in others {
            pairs.append_pair(name, value);
        }
        let url = format!(
            "{}{}?{}",
            base_url(request),
            request.uri().path(),
            pairs.finish()
        );
        serde_json::Value::String(url)
    };
    let next = if skip.saturating_add(count) < page.total && count > 0 {
        link(paging.page + 1)
    } else {
        serde_json::Value::Null
    };
    let previous = match paging.page.checked_sub(1) {
        Some(number) => link(number),
        None => serde_json::Value::Null,
    };
    let head = format!(
        "{{\"pageDetails\":{{\"count\":{count},\"totalCount\":{},\"prevPageUrl\":{previous},\
         \"nextPageUrl\":{next}}},\"{}\":[",
        page.total, page.items
    );
    let mut reply = reply::json_bytes(operation, Bytes::new());
    reply.body = envelope(head, page.records, Bytes::from_static(b"]}"));
    reply
}
