//! Cutting a list into pages, in the order that is asked for, and both envelopes. It knows objects and
//! members, and not what they stand for.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::query::Asked;
use super::service::{Refused, bad};
use crate::kit::{Object, at};

/// What is said of lists whose form may still change (seen: there is a warning; its words are not).
const WARNING: &str = "This endpoint is in preview; its replies may change.";

/// The records of one page, and of how many.
#[derive(Debug)]
pub(super) struct Cut {
    rows: Vec<Object>,
    total: usize,
}

/// Cuts the page that is asked for out of a list, by the numbers of its records in ascending order.
/// `members` are those that it can be sorted by, the number first. A page behind the last one is empty
/// (inferred).
pub(super) fn cut(
    mut ids: Vec<u64>,
    row: impl Fn(u64) -> Option<Object>,
    members: &[&str],
    asked: &Asked,
) -> Result<Cut, Refused> {
    let total = ids.len();
    if let Some(member) = &asked.sort {
        if !members.contains(&member.as_str()) {
            return Err(bad("sortBy", "is no field of the list"));
        }
        if members.first() != Some(&member.as_str()) {
            let keyed = ids.into_iter().map(|id| {
                let key = row(id).map(|row| at(&row, member).clone());
                (key.unwrap_or_default(), id)
            });
            let mut keyed: Vec<(Value, u64)> = keyed.collect();
            keyed.sort_by(|(one, _), (other, _)| compare(one, other));
            ids = keyed.into_iter().map(|(_, id)| id).collect();
        }
    }
    if asked.descending {
        ids.reverse();
    }
    let first = (asked.number - 1).saturating_mul(asked.size);
    let ids = ids.into_iter().skip(first).take(asked.size);
    let rows = ids.filter_map(row).map(|mut row| {
        if !asked.select.is_empty() {
            row.retain(|name, _| asked.select.contains(name));
        }
        row
    });
    Ok(Cut {
        rows: rows.collect(),
        total,
    })
}

/// Numbers by size, also those that are text; then text; nothing first.
fn compare(one: &Value, other: &Value) -> Ordering {
    let number = |value: &Value| match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let rank = |value: &Value| match (value, number(value)) {
        (Value::Null, _) => (0, 0, String::new()),
        (_, Some(number)) => (1, number, String::new()),
        (Value::String(text), None) => (2, 0, text.to_lowercase()),
        (value, None) => (3, 0, value.to_string()),
    };
    rank(one).cmp(&rank(other))
}

impl Cut {
    /// The envelope of devices, with links.
    pub(super) fn linked(self, path: &str, asked: &Asked) -> Value {
        let pages = self.total.div_ceil(asked.size);
        let link = |number: usize| -> Value {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("pageNumber", &number.to_string());
            query.append_pair("pageSize", &asked.size.to_string());
            query.extend_pairs(&asked.rest);
            format!("{path}?{}", query.finish()).into()
        };
        let beside = |number: usize| {
            if (1..=pages).contains(&number) {
                link(number)
            } else {
                Value::Null
            }
        };
        json!({
            "pageNumber": asked.number,
            "pageSize": asked.size,
            "itemCount": self.rows.len(),
            "totalItems": self.total,
            "totalPages": pages,
            "_links": {
                "firstPage": link(1),
                "previousPage": beside(asked.number - 1),
                "nextPage": beside(asked.number.saturating_add(1)),
                "lastPage": link(pages.max(1)),
            },
            "_warning": WARNING,
            "data": self.rows,
        })
    }

    /// The envelope of everything else.
    pub(super) fn plain(self) -> Value {
        json!({ "data": self.rows, "totalItems": self.total })
    }
}
