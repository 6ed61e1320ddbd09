//! What a request asks in its query. It knows parameters and no records.

use std::collections::BTreeMap;

use super::filter::Filter;
use super::service::{FOUND, LARGEST_PAGE, PAGE, Refused, wrong};
use crate::Request;
use crate::kit::query_pairs;

/// The parameters.
pub(super) struct Asked {
    pub(super) size: usize,
    pub(super) after: Option<u64>,
    pub(super) filter: Filter,
    pub(super) expand: Vec<String>,
    pub(super) cursor: Option<String>,
    pub(super) text: String,
    pub(super) limit: Option<usize>,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Result<Self, Refused> {
        let pairs: BTreeMap<String, String> = query_pairs(request).into_iter().collect();
        let text = |name: &str| pairs.get(name).filter(|text| !text.is_empty());
        let number = |name: &str| -> Result<Option<u64>, Refused> {
            match text(name) {
                None => Ok(None),
                Some(text) => text.parse().map(Some).map_err(|_| wrong(name)),
            }
        };
        let size = number("pageSize")?.map_or(PAGE, |size| usize::try_from(size).unwrap_or(PAGE));
        if size == 0 {
            return Err(wrong("pageSize"));
        }
        let filter = text("df").map_or(Some(Filter::default()), |text| Filter::parse(text));
        Ok(Self {
            size: size.min(LARGEST_PAGE),
            after: number("after")?,
            filter: filter.ok_or_else(|| wrong("df"))?,
            expand: text("expand")
                .into_iter()
                .flat_map(|text| text.split(','))
                .map(|name| name.trim().to_owned())
                .collect(),
            cursor: text("cursor").cloned(),
            text: text("q").cloned().unwrap_or_default(),
            limit: number("limit")?.map(|limit| usize::try_from(limit).unwrap_or(FOUND)),
        })
    }
}
