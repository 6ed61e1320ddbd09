//! Lists: filters, order, pages. It knows records and queries, and nothing of who asks.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

use super::service::Refused;
use super::shape::{SNMP, shown_asset};
use super::store::Store;
use super::write::refusal;
use crate::Request;
use crate::kit::{Object, at, query_pairs, write};
use crate::world::Kind;

/// Rows of a page: the server decides, resource by resource, and no client can ask for another size.
/// Customers and contacts as in the samples (documented); 25 assets as the text says (documented; 50 are
/// seen in some accounts, so that a client must go by `meta`).
const fn size(kind: Kind) -> u64 {
    match kind {
        Kind::Organization | Kind::Location => 100,
        Kind::Contact => 50,
        Kind::Device => 25,
    }
}

impl Store {
    /// A page of a list.
    pub(super) fn page(
        &self,
        kind: Kind,
        request: &Request,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refused> {
        let pairs = query_pairs(request);
        let value = |name: &str| {
            let mut pairs = pairs.iter();
            pairs
                .find(|(own, _)| own == name)
                .map(|(_, value)| value.as_str())
        };
        let unprocessable = |text: String| (StatusCode::UNPROCESSABLE_ENTITY, refusal(&text, None));
        let number = |name: &str| -> Result<Option<u64>, Refused> {
            match value(name) {
                None | Some("") => Ok(None),
                Some(text) => match text.parse() {
                    Ok(number) => Ok(Some(number)),
                    Err(_) => Err(unprocessable(format!("{name} is not a number"))),
                },
            }
        };
        let size = size(kind);
        let page = number("page")?.unwrap_or(1).max(1);
        // Customers have no such filter (documented, by absence), and ignore it like any other word.
        let customer = match kind {
            Kind::Organization | Kind::Location => None,
            Kind::Contact | Kind::Device => number("customer_id")?,
        };
        let (snmp, of_type) = match kind {
            Kind::Device => (
                value("snmp_enabled").map(|value| value == "true" || value == "1"),
                number("asset_type_id")?,
            ),
            _ => (None, None),
        };
        let of_type = of_type.map(|id| self.type_name(id));
        let disabled =
            value("include_disabled").is_some_and(|value| value == "true" || value == "1");
        let has = |record: &Object, name: &str, wanted: &str| {
            let own = at(record, name).as_str().unwrap_or_default().to_lowercase();
            own.contains(&wanted.to_lowercase())
        };
        let fits = |record: &Object| {
            let named = match kind {
                Kind::Organization => ["business_name", "firstname", "lastname", "email"]
                    .into_iter()
                    .all(|name| value(name).is_none_or(|wanted| has(record, name, wanted))),
                _ => true,
            };
            let query = value("query").is_none_or(|wanted| {
                ["business_name", "name", "email", "asset_serial"]
                    .into_iter()
                    .any(|name| has(record, name, wanted))
            });
            let enabled = kind != Kind::Organization || disabled || at(record, "disabled") != true;
            let typed = of_type
                .is_none_or(|name| name.is_some_and(|name| at(record, "asset_type") == name));
            let snmp = snmp.is_none_or(|wanted| (at(record, SNMP) == true) == wanted);
            named && query && enabled && typed && snmp
        };
        let chosen = |name: &str| -> Result<Vec<u64>, Refused> {
            let own = pairs.iter().filter(|(own, _)| own == name);
            let own = own.map(|(_, value)| value.parse());
            own.collect::<Result<_, _>>()
                .map_err(|_| unprocessable(format!("{name} is not a number")))
        };
        let (only, except) = match kind {
            Kind::Organization => (chosen("id[]")?, chosen("not_id[]")?),
            _ => (Vec::new(), Vec::new()),
        };
        let sort = value("sort").filter(|_| kind == Kind::Organization);
        let collection = self.of(kind);
        let plain = customer.is_none()
            && snmp.is_none()
            && of_type.is_none()
            && ["business_name", "firstname", "lastname", "email", "query"]
                .into_iter()
                .all(|name| value(name).is_none())
            && only.is_empty()
            && except.is_empty()
            && (disabled || kind != Kind::Organization);
        let mut ids: Vec<u64> = match customer {
            _ if plain => collection.table().ids().collect(),
            Some(customer) => {
                let owned = collection.owned(customer).iter().copied();
                owned
                    .filter(|id| collection.get(*id).is_some_and(|it| fits(&it)))
                    .collect()
            }
            None => collection
                .iter()
                .filter(|(_, it)| fits(it))
                .map(|(id, _)| id)
                .collect(),
        };
        ids.retain(|id| only.is_empty() || only.contains(id));
        ids.retain(|id| !except.contains(id));
        // `firstname ASC` (documented).
        if let Some((member, down)) = sort.map(|sort| match sort.split_once(' ') {
            Some((member, way)) => (member, way.eq_ignore_ascii_case("desc")),
            None => (sort, false),
        }) {
            ids.sort_by_cached_key(|id| {
                let record = collection.get(*id).unwrap_or_default();
                let own = at(&record, member).as_str().unwrap_or_default();
                own.to_lowercase()
            });
            if down {
                ids.reverse();
            }
        }
        let total = ids.len() as u64;
        let skip = (page - 1).saturating_mul(size);
        let name = match kind {
            Kind::Organization | Kind::Location => "customers",
            Kind::Contact => "contacts",
            Kind::Device => "assets",
        };
        let mut body = format!("{{\"{name}\":[").into_bytes();
        let page_ids = ids
            .into_iter()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX));
        let page_ids = page_ids.take(usize::try_from(size).unwrap_or(1));
        for (place, id) in page_ids.enumerate() {
            if place > 0 {
                body.push(b',');
            }
            let record = collection.get(id).unwrap_or_default();
            let record = if kind == Kind::Device {
                shown_asset(self, record, now)
            } else {
                record
            };
            write(&["id", "name", "business_name"], &record, &mut body);
        }
        let pages = total.div_ceil(size).max(1);
        body.extend(format!(
            "],\"meta\":{{\"total_pages\":{pages},\"total_entries\":{total},\"per_page\":{size},\"page\":{page}}}}}"
        ).into_bytes());
        Ok(body)
    }

    /// Customers whose name begins like the query; no pages (documented).
    pub(super) fn autocomplete(&self, request: &Request) -> Vec<u8> {
        let pairs = query_pairs(request);
        let wanted = pairs.iter().find(|(name, _)| name == "query");
        let wanted = wanted.map(|(_, value)| value.trim().to_lowercase());
        let wanted = wanted.unwrap_or_default();
        let fits = |record: &Object| {
            at(record, "disabled") != true
                && ["business_name", "firstname", "lastname"]
                    .iter()
                    .any(|name| {
                        let own = at(record, name).as_str().unwrap_or_default();
                        own.to_lowercase().starts_with(&wanted)
                    })
        };
        let found = self.customers.iter().filter(|(_, it)| fits(it));
        let found: Vec<Object> = found.map(|(_, it)| it).collect();
        json!({ "customers": found }).to_string().into_bytes()
    }
}
