//! What a request for a list asks in its query. It knows parameters and no records.

use std::collections::BTreeMap;

use super::service::{Refused, bad};
use crate::Request;
use crate::kit::query_pairs;

/// Records where no page size is given (documented).
pub(super) const PAGE: usize = 50;
/// The largest page that clients ask for (seen); more is answered with as many (inferred).
pub(super) const LARGEST_PAGE: usize = 1_000;

/// The parameters.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// From 1.
    pub(super) number: usize,
    pub(super) size: usize,
    pub(super) filter: Option<String>,
    pub(super) sort: Option<String>,
    pub(super) descending: bool,
    /// Members to show; all when empty.
    pub(super) select: Vec<String>,
    /// What links to other pages carry on.
    pub(super) rest: Vec<(String, String)>,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Result<Self, Refused> {
        let pairs = query_pairs(request);
        let last: BTreeMap<&str, &str> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let text = |name: &str| last.get(name).copied().filter(|text| !text.is_empty());
        let number = |name: &'static str, usual: usize| match text(name) {
            None => Ok(usual),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(bad(name, "must be a whole number from 1")),
            },
        };
        let descending = match text("sortOrder").map(str::to_ascii_lowercase).as_deref() {
            // The words are seen; that the last of each pair means the same is inferred.
            None | Some("asc" | "ascending" | "natural") => false,
            Some("desc" | "descending" | "reverse") => true,
            Some(_) => return Err(bad("sortOrder", "is no order")),
        };
        let own = |name: &str| matches!(name, "pageNumber" | "pageSize");
        Ok(Self {
            number: number("pageNumber", 1)?,
            size: number("pageSize", PAGE)?.min(LARGEST_PAGE),
            filter: text("filterId").map(str::to_owned),
            sort: text("sortBy").map(str::to_owned),
            descending,
            select: text("select")
                .into_iter()
                .flat_map(|text| text.split(','))
                .map(|name| name.trim().to_owned())
                .collect(),
            rest: pairs
                .iter()
                .filter(|(name, _)| !own(name))
                .cloned()
                .collect(),
        })
    }
}
