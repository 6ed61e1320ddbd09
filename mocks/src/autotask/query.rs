//! Queries and their pages: what stands on one, and where the next one is. It knows records and
//! links, and nothing of who asks.

use serde_json::{Value, json};

use super::filter::{Query, Refusal, lenient};
use super::schema::Entity;
use super::store::Store;
use crate::kit::{Object, write};

/// Where a walk stands: the `paging` parameter of links (seen).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    size: usize,
    /// Where the pages before began, the first one at -1.
    previous: Vec<i64>,
    /// The last id that was seen.
    next: i64,
}

impl Place {
    pub(super) const fn first(size: usize) -> Self {
        Self {
            size,
            previous: Vec::new(),
            next: -1,
        }
    }

    /// Reads the parameter.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = || "The paging information is not valid.".to_owned();
        let value = lenient(text).map_err(|_| wrong())?;
        let ids = |member: &str| -> Option<Vec<i64>> {
            value[member]
                .as_array()?
                .iter()
                .map(Value::as_i64)
                .collect()
        };
        let size = value["pageSize"]
            .as_u64()
            .and_then(|size| usize::try_from(size).ok());
        let (Some(size @ 1..=super::filter::LARGEST_PAGE), Some(previous), Some(next)) =
            (size, ids("previousIds"), ids("nextIds"))
        else {
            return Err(wrong());
        };
        Ok(Self {
            size,
            previous,
            next: next.first().copied().ok_or_else(wrong)?,
        })
    }

    pub(super) fn text(&self) -> String {
        let ids = |ids: &[i64]| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            ids.join(",")
        };
        format!(
            r#"{{"pageSize":{},"previousIds":[{}],"nextIds":[{}]}}"#,
            self.size,
            ids(&self.previous),
            self.next
        )
    }

    fn after(&self, last: u64) -> Self {
        let mut previous = self.previous.clone();
        previous.push(self.next);
        Self {
            size: self.size,
            previous,
            next: i64::try_from(last).unwrap_or(i64::MAX),
        }
    }

    fn before(&self) -> Option<Self> {
        let mut previous = self.previous.clone();
        let next = previous.pop()?;
        Some(Self {
            size: self.size,
            previous,
            next,
        })
    }
}

/// A page, rendered.
pub(super) fn page(
    store: &Store,
    entity: Entity,
    query: &Query,
    place: &Place,
    link: &dyn Fn(&Place) -> String,
) -> Vec<u8> {
    let mut body = b"{\"items\":[".to_vec();
    let mut last = None;
    let mut count = 0;
    let mut more = false;
    for (id, record) in Matching::new(store, entity, query, place.next) {
        if count == place.size {
            more = true;
            break;
        }
        if count > 0 {
            body.push(b',');
        }
        show(store, entity, query, id, record.as_ref(), &mut body);
        last = Some(id);
        count += 1;
    }
    let next = last.filter(|_| more).map(|last| link(&place.after(last)));
    let details = json!({
        "count": count,
        "requestCount": place.size,
        "prevPageUrl": place.before().map(|place| link(&place)),
        "nextPageUrl": next,
    });
    let mut tail = Vec::new();
    if let Value::Object(details) = &details {
        write(
            &["count", "requestCount", "prevPageUrl", "nextPageUrl"],
            details,
            &mut tail,
        );
    }
    body.extend_from_slice(b"],\"pageDetails\":");
    body.extend_from_slice(&tail);
    body.push(b'}');
    body
}

/// How many records fit.
pub(super) fn count(store: &Store, entity: Entity, query: &Query) -> usize {
    Matching::new(store, entity, query, i64::MIN).count()
}

fn show(
    store: &Store,
    entity: Entity,
    query: &Query,
    id: u64,
    record: Option<&Object>,
    out: &mut Vec<u8>,
) {
    if query.include.is_empty() {
        if let Some(json) = store.of(entity).table().get(id) {
            out.extend_from_slice(&json);
        }
        return;
    }
    let read;
    let record = match record {
        Some(record) => record,
        None => {
            read = store.get(entity, id).unwrap_or_default();
            &read
        }
    };
    let members = entity.members().iter();
    let members = members.filter(|member| query.include.contains(member));
    let shown: Object = members
        .filter_map(|member| Some(((*member).to_owned(), record.get(*member)?.clone())))
        .collect();
    write(entity.members(), &shown, out);
}

/// Records that fit, by ascending id. Only those are read on which a field decides.
struct Matching<'a> {
    store: &'a Store,
    entity: Entity,
    query: &'a Query,
    ids: Box<dyn Iterator<Item = u64> + 'a>,
    by_id: bool,
}

impl<'a> Matching<'a> {
    fn new(store: &'a Store, entity: Entity, query: &'a Query, after: i64) -> Self {
        let after = after.max(query.above());
        let table = store.of(entity).table();
        let above = move |id: &u64| i64::try_from(*id).unwrap_or(i64::MAX) > after;
        let owners = entity.owner().and_then(|owner| query.owners(owner));
        let ids: Box<dyn Iterator<Item = u64>> = match owners {
            Some(owners) => {
                let mut ids: Vec<u64> = owners
                    .iter()
                    .flat_map(|owner| store.of(entity).owned(*owner))
                    .copied()
                    .filter(above)
                    .collect();
                ids.sort_unstable();
                ids.dedup();
                Box::new(ids.into_iter())
            }
            None => {
                let from = u64::try_from(after).map_or(0, |after| table.position_after(after));
                let ids = (from..table.len()).filter_map(|at| table.id_at(at));
                Box::new(ids.filter(above))
            }
        };
        Self {
            store,
            entity,
            query,
            ids,
            by_id: query.is_by_id(),
        }
    }
}

impl Iterator for Matching<'_> {
    /// The record is there when it was read.
    type Item = (u64, Option<Object>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let id = self.ids.next()?;
            if self.by_id {
                let record = Object::from_iter([("id".to_owned(), id.into())]);
                if self.query.fits(&record) {
                    return Some((id, None));
                }
            } else if let Some(record) = self.store.get(self.entity, id)
                && self.query.fits(&record)
            {
                return Some((id, Some(record)));
            }
        }
    }
}
