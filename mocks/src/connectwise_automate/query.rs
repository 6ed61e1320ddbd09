//! What a request asks in its query. Names match in any case, with or without `options.` before them
//! (`seen`); of a name given twice the last counts. It knows parameters and no records.

use std::collections::BTreeMap;

use super::fields::Field;
use super::filter::{Filter, Order};
use super::output::Shape;
use super::service::{Refused, wrong};
use crate::Request;
use crate::kit::query_pairs;

/// Records where no page size is given (`inferred`).
pub(super) const PAGE: usize = 50;
/// The largest page (`seen`: clients ask for no more); more is answered with as many (`inferred`).
pub(super) const LARGEST_PAGE: usize = 1_000;

/// The parameters of a list.
#[derive(Debug)]
pub(super) struct Asked {
    /// From 1.
    pub(super) page: usize,
    pub(super) size: usize,
    pub(super) filter: Option<Filter>,
    pub(super) order: Order,
    pub(super) shape: Shape,
    pub(super) ids: Option<Vec<u64>>,
}

impl Asked {
    pub(super) fn of(request: &Request, fields: &'static [Field]) -> Result<Self, Refused> {
        let pairs: BTreeMap<String, String> = query_pairs(request)
            .into_iter()
            .map(|(name, value)| {
                let name = name.to_ascii_lowercase();
                let name = name.strip_prefix("options.").unwrap_or(&name).to_owned();
                (name, value)
            })
            .collect();
        let text = |name: &str| pairs.get(name).map_or("", |text| text.trim());
        let number = |name: &str, otherwise: usize| match text(name) {
            "" => Ok(otherwise),
            text => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(wrong(&format!("{name} must be a whole number from 1"))),
            },
        };
        let refuse = |reason: String| wrong(&reason);
        let filter = match text("condition") {
            "" => None,
            text => Some(Filter::read(text, fields).map_err(refuse)?),
        };
        let ids = match text("ids") {
            "" => None,
            text => {
                let ids = text.split(',').map(|id| id.trim().parse().ok());
                let ids: Option<Vec<u64>> = ids.collect();
                Some(ids.ok_or_else(|| wrong("ids must be whole numbers"))?)
            }
        };
        Ok(Self {
            page: number("page", 1)?,
            size: number("pagesize", PAGE)?.min(LARGEST_PAGE),
            filter,
            order: Order::read(text("orderby"), fields).map_err(refuse)?,
            shape: Shape::read(text("includefields"), text("excludefields"), fields),
            ids,
        })
    }

    /// Whether every record is wanted as it comes.
    pub(super) const fn is_plain(&self) -> bool {
        self.filter.is_none() && self.order.is_empty() && self.ids.is_none()
    }

    /// How many records stand before the page.
    pub(super) const fn skip(&self) -> usize {
        (self.page - 1).saturating_mul(self.size)
    }
}
