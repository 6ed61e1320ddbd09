//! What a request asks in its query, and the page that answers it. It knows parameters and numbers, and
//! nothing of records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::service::{Refused, wrong};
use crate::Request;
use crate::kit::{base_url, query_pairs};

/// The largest page (`documented`); more is answered with as many (`inferred`).
const LARGEST_PAGE: usize = 50;
/// Records where nothing is said (`documented`).
const PAGE: usize = 20;

/// The parameters.
pub(super) struct Asked {
    pub(super) page: usize,
    pub(super) size: usize,
    /// In the account's time zone, which is UTC here.
    pub(super) modified_since: Option<Timestamp>,
    pub(super) by_modification: bool,
    pub(super) customer: Option<u64>,
    pub(super) agent: Option<u64>,
    /// Scheme, host and path that were asked.
    place: String,
    /// The other parameters, as they go into links.
    rest: Vec<(String, String)>,
}

impl Asked {
    /// Names are read whatever their case (`inferred`: the server's framework does).
    pub(super) fn of(request: &Request) -> Result<Self, Refused> {
        let pairs = query_pairs(request);
        let named: BTreeMap<String, &str> = pairs
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.as_str()))
            .collect();
        let text = |name: &str| {
            let value = named.get(&name.to_lowercase()).copied();
            value.filter(|value| !value.is_empty())
        };
        // Whole numbers of 32 bits, from 1 (that 0 is refused is `inferred`).
        let count = |name: &str, usual: usize| match text(name) {
            None => Ok(usual),
            Some(text) => {
                let number = text.parse::<i32>().ok().filter(|number| *number > 0);
                number
                    .and_then(|number| usize::try_from(number).ok())
                    .ok_or_else(|| wrong(name, text))
            }
        };
        // An id that cannot be anybody's finds nothing.
        let id = |name: &str| match text(name) {
            None => Ok(None),
            Some(text) => {
                let number = text.parse::<i64>().map_err(|_| wrong(name, text))?;
                Ok(Some(u64::try_from(number).unwrap_or(u64::MAX)))
            }
        };
        let since = text("FromLastModifiedDate").map(|text| {
            // A date, or a date and time, without an offset (`documented`).
            let fits = match text.as_bytes() {
                [_, _, _, _, b'-', _, _, b'-', _, _, tail @ ..] => {
                    tail.is_empty() || (tail.len() == 9 && tail.starts_with(b"T"))
                }
                _ => false,
            };
            let moment = text.parse::<DateTime>().ok().filter(|_| fits);
            let moment = moment.and_then(|moment| moment.to_zoned(TimeZone::UTC).ok());
            let moment = moment.map(|moment| moment.timestamp());
            moment.ok_or_else(|| wrong("FromLastModifiedDate", text))
        });
        let by_modification = match text("SortBy").map(str::to_lowercase).as_deref() {
            None | Some("creation") => false,
            Some("lastmodified") => true,
            Some(other) => return Err(wrong("SortBy", other)),
        };
        let own = ["page", "itemsinpage"];
        let rest = pairs
            .iter()
            .filter(|(name, _)| !own.contains(&name.to_lowercase().as_str()));
        Ok(Self {
            page: count("page", 1)?,
            size: count("itemsInPage", PAGE)?.min(LARGEST_PAGE),
            modified_since: since.transpose()?,
            by_modification,
            customer: id("customerId")?,
            agent: id("monitoringAgentId")?,
            place: format!("{}{}", base_url(request), request.uri().path()),
            rest: rest.cloned().collect(),
        })
    }

    /// The part of a list that is on the page.
    pub(super) fn cut<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = (self.page - 1).saturating_mul(self.size).min(all.len());
        let end = (start + self.size).min(all.len());
        &all[start..end]
    }

    /// The envelope. At the end the link is empty and not null: a client goes on until it is (`seen`).
    pub(super) fn envelope(&self, items: &[Value], total: usize) -> Value {
        let pages = total.div_ceil(self.size);
        let previous = (self.page > 1).then(|| self.link(self.page - 1));
        let next = (self.page < pages).then(|| self.link(self.page + 1));
        json!({
            "items": items, "page": self.page, "itemsInPage": self.size, "totalItemCount": total,
            "totalPages": pages, "prevLink": previous.unwrap_or_default(),
            "nextLink": next.unwrap_or_default(),
        })
    }

    fn link(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("page", &page.to_string());
        query.append_pair("itemsInPage", &self.size.to_string());
        for (name, value) in &self.rest {
            query.append_pair(name, value);
        }
        format!("{}?{}", self.place, query.finish())
    }
}
