//! What a request asks in its query, and pages by it. It knows OData's parameters and no records.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::refusal::Refused;
use crate::Request;
use crate::kit::odata::{Dialect, Filter, order};
use crate::kit::{Object, base_url, draw, query_pairs};

/// Rows in a page where none is asked for, and at most (inferred).
pub(super) const PAGE_MAX: usize = 1_000;

/// OData 4.
pub(super) const ODATA: Dialect = Dialect {
    contains: "contains",
    part_first: false,
    bare_moments: true,
};

/// The parameters.
#[derive(Debug)]
pub(super) struct Asked {
    select: Vec<String>,
    filter: Filter,
    filter_text: String,
    order: String,
    top: Option<usize>,
    token: Option<String>,
    address: String,
    pairs: Vec<(String, String)>,
}

/// A page: its rows, and where the next one is.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) rows: Vec<Object>,
    pub(super) next: Option<String>,
}

impl Asked {
    /// Reads the query. `members` are those that a record can have.
    pub(super) fn of(request: &Request, members: &[&str]) -> Result<Self, Refused> {
        let pairs = query_pairs(request);
        let mut asked = Self {
            select: Vec::new(),
            filter: Filter::All,
            filter_text: String::new(),
            order: String::new(),
            top: None,
            token: None,
            address: format!("{}{}", base_url(request), request.uri().path()),
            pairs: Vec::new(),
        };
        let known = |name: &str| members.iter().any(|own| own.eq_ignore_ascii_case(name));
        let unknown = |name: &str| {
            Refused::bad(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}'."
            ))
        };
        for (name, value) in &pairs {
            match name.to_ascii_lowercase().as_str() {
                "$select" => {
                    for name in value.split(',').map(str::trim) {
                        if !known(name) {
                            return Err(unknown(name));
                        }
                        asked.select.push(name.to_owned());
                    }
                }
                "$filter" => {
                    let wrong = |why: String| Refused::bad(format!("Invalid filter clause: {why}"));
                    asked.filter = Filter::parse(value, &ODATA).map_err(wrong)?;
                    if let Some(name) = asked.filter.members().into_iter().find(|name| !known(name))
                    {
                        return Err(unknown(name));
                    }
                    asked.filter_text.clone_from(value);
                }
                "$orderby" => {
                    let names = value
                        .split(',')
                        .filter_map(|part| part.split_whitespace().next());
                    if let Some(name) = names.into_iter().find(|name| !known(name)) {
                        return Err(unknown(name));
                    }
                    let wrong = |why: String| Refused::bad(format!("Invalid order: {why}"));
                    order(&mut [], value).map_err(wrong)?;
                    asked.order.clone_from(value);
                }
                "$top" => {
                    let top = value.parse().ok().filter(|top| *top > 0);
                    asked.top = Some(top.ok_or_else(|| {
                        Refused::bad(format!("Invalid value '{value}' for $top query option."))
                    })?);
                }
                "$skiptoken" => asked.token = Some(value.clone()),
                "$count" => {}
                // Others are not simulated, and doing as if they were not there would be a lie.
                name if name.starts_with('$') => {
                    return Err(Refused::bad(format!(
                        "The query parameter '{name}' is not supported."
                    )));
                }
                _ => {}
            }
        }
        asked.pairs = pairs;
        Ok(asked)
    }

    /// Whether a member was asked for by name.
    pub(super) fn names(&self, member: &str) -> bool {
        self.select
            .iter()
            .any(|own| own.eq_ignore_ascii_case(member))
    }

    /// The members of a row that are wanted, all where none is named.
    pub(super) fn selected(&self, mut row: Object) -> Object {
        if !self.select.is_empty() {
            row.retain(|name, _| self.names(name));
        }
        row
    }

    /// `?$select=…` for the context of a reply.
    pub(super) fn projection(&self) -> String {
        if self.select.is_empty() {
            return String::new();
        }
        format!("({})", self.select.join(","))
    }

    /// A page of rows, which come with their numbers, ascending. Without an order pages go by the number
    /// of the last row, with one by how many came.
    pub(super) fn page(&self, rows: impl Iterator<Item = (u64, Object)>) -> Result<Page, Refused> {
        let size = self.top.unwrap_or(PAGE_MAX).min(PAGE_MAX);
        let begin = self.begin()?;
        let fitting = rows.filter(|(_, row)| self.filter.fits(row));
        if self.order.is_empty() {
            let mut page: Vec<(u64, Object)> = fitting
                .filter(|(id, _)| *id > begin)
                .take(size + 1)
                .collect();
            let more = page.len() > size;
            page.truncate(size);
            let last = page.last().map(|(id, _)| *id).filter(|_| more);
            return Ok(Page {
                next: last.map(|last| self.link(last)),
                rows: page.into_iter().map(|(_, row)| row).collect(),
            });
        }
        let mut rows: Vec<Object> = fitting.map(|(_, row)| row).collect();
        // Its grammar was looked at already.
        let _ = order(&mut rows, &self.order);
        let came = usize::try_from(begin).unwrap_or(usize::MAX);
        let more = rows.len() > came.saturating_add(size);
        let next = more.then(|| self.link(begin + size as u64));
        Ok(Page {
            rows: rows.into_iter().skip(came).take(size).collect(),
            next,
        })
    }

    /// What a token is good for: the same filter in the same order.
    fn mark(&self) -> u64 {
        draw(0, &self.filter_text, &self.order) & 0xffff_ffff
    }

    fn link(&self, place: u64) -> String {
        let token = URL_SAFE_NO_PAD.encode(format!("LastDeliveredPage={place};{:x}", self.mark()));
        let mut link = form_urlencoded::Serializer::new(String::new());
        let others = self.pairs.iter();
        for (name, value) in others.filter(|(name, _)| !name.eq_ignore_ascii_case("$skiptoken")) {
            link.append_pair(name, value);
        }
        link.append_pair("$skiptoken", &token);
        // Dollar signs and commas stand in links as they are (seen).
        let query = link.finish().replace("%24", "$").replace("%2C", ",");
        format!("{}?{query}", self.address)
    }

    fn begin(&self) -> Result<u64, Refused> {
        let Some(token) = &self.token else {
            return Ok(0);
        };
        let place = || {
            let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (place, mark) = text.strip_prefix("LastDeliveredPage=")?.split_once(';')?;
            let mark = u64::from_str_radix(mark, 16).ok()?;
            (mark == self.mark()).then(|| place.parse().ok()).flatten()
        };
        place().ok_or_else(|| Refused::bad("Skip token is invalid for this request."))
    }
}
