//! Which records a list has, in which order. What a filter found is remembered for as long as the
//! table stays the same, so that a walk over its pages evaluates it once.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::conditions::{Dialect, Filter, Slots, Value, Wanted, parse};
use super::fault::Fault;
use super::query::Selection;
use super::router::Place;
use super::schema::{Resource, Schema, ValueKind};
use super::store::{LAST_UPDATED, Store};
use crate::kit::Table;

/// How many selections are remembered.
const REMEMBERED: usize = 8;

/// The rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rows {
    /// The whole table, by id.
    All,
    /// These, in this order.
    Some(Arc<[u64]>),
}

impl Rows {
    pub(super) fn len(&self, table: &Table) -> usize {
        match self {
            Self::All => table.len(),
            Self::Some(ids) => ids.len(),
        }
    }
}

/// Selections that were asked for last.
#[derive(Debug, Default)]
pub(super) struct Memory {
    found: Mutex<VecDeque<(Key, Arc<[u64]>)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    place: Place,
    selection: Selection,
    generation: u64,
}

impl Memory {
    fn get(&self, key: &Key) -> Option<Arc<[u64]>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = found.iter().find(|(known, _)| known == key);
        entry.map(|(_, ids)| Arc::clone(ids))
    }

    fn put(&self, key: Key, ids: Arc<[u64]>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|(known, _)| known.place != key.place || known.selection != key.selection);
        found.truncate(REMEMBERED - 1);
        found.push_front((key, ids));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.found.lock().unwrap().len()
    }
}

/// Finds the rows of a list. `table` is the place's table.
pub(super) fn rows(
    store: &Store,
    memory: &Memory,
    place: &Place,
    table: &Table,
    selection: &Selection,
) -> Result<Rows, Fault> {
    let schema = place.resource.schema();
    // The list below a contact is made for the request and holds nothing else.
    let is_made = place.resource == Resource::Communications;
    let owned = match place.parents.last() {
        Some(owner) if !is_made => Some(store.owned(place.resource, *owner)),
        _ => None,
    };
    let key = Key {
        place: place.clone(),
        selection: selection.clone(),
        generation: table.generation(),
    };
    let asks = *selection != Selection::default();
    if asks
        && !is_made
        && let Some(ids) = memory.get(&key)
    {
        return Ok(Rows::Some(ids));
    }
    let filter = filter(schema, selection)?;
    let order = Order::read(schema, &selection.order_by)?;
    if filter.is_empty() && order.is_empty() {
        return Ok(owned.map_or(Rows::All, |owned| Rows::Some(owned.into())));
    }
    let mut slots = Slots::new();
    let mut ids = candidates(store, place.resource, table, owned, &filter);
    if !filter.is_empty() {
        ids.retain(|id| {
            let json = table.get(*id);
            json.is_some_and(|json| filter.holds(&json, &mut slots))
        });
    }
    order.sort(table, &mut ids);
    let ids: Arc<[u64]> = ids.into();
    if !is_made {
        memory.put(key, Arc::clone(&ids));
    }
    Ok(Rows::Some(ids))
}

/// The filter of the three kinds of conditions, blank ones left out.
fn filter(schema: &Schema, selection: &Selection) -> Result<Filter, Fault> {
    let texts = [
        ("conditions", &selection.conditions, Dialect::Record),
        (
            "childConditions",
            &selection.child_conditions,
            Dialect::Child,
        ),
        (
            "customFieldConditions",
            &selection.custom_field_conditions,
            Dialect::Custom,
        ),
    ];
    let mut filter = Filter::default();
    for (name, text, dialect) in texts {
        if text.trim().is_empty() {
            continue;
        }
        let refuse = |error: &dyn std::fmt::Display| {
            Fault::Parameter(format!("{name} is not valid: {error}"))
        };
        let expr = parse(text).map_err(|error| refuse(&error))?;
        let bound = filter.and(&expr, dialect, schema);
        bound.map_err(|error| refuse(&error))?;
    }
    Ok(filter)
}

/// The records that the filter can hold for, ascending: those with the ids, or of the companies,
/// that it names, or those that changed since.
fn candidates(
    store: &Store,
    resource: Resource,
    table: &Table,
    owned: Option<&[u64]>,
    filter: &Filter,
) -> Vec<u64> {
    let owner = resource.schema().owner;
    let pinned = filter.pinned(&["id"]).or_else(|| {
        let owners = filter.pinned(&[owner?, "id"])?;
        let lists = owners.into_iter().map(|id| store.owned(resource, id));
        Some(lists.flatten().copied().collect())
    });
    match (pinned, owned) {
        (Some(mut ids), owned) => {
            ids.sort_unstable();
            ids.dedup();
            if let Some(owned) = owned {
                ids.retain(|id| owned.binary_search(id).is_ok());
            }
            ids
        }
        (None, owned) => {
            let since = filter.since(&LAST_UPDATED);
            let since = since.filter(|_| resource != Resource::Communications);
            let changed = since.and_then(|since| store.changed_since(resource, since));
            match (changed, owned) {
                (Some(mut ids), Some(owned)) => {
                    ids.retain(|id| owned.binary_search(id).is_ok());
                    ids
                }
                (Some(ids), None) => ids,
                (None, Some(owned)) => owned.to_vec(),
                (None, None) => table.ids().collect(),
            }
        }
    }
}

/// An order of records; null comes first, ties by id.
#[derive(Debug, Default)]
struct Order {
    wanted: Wanted,
    keys: Vec<OrderKey>,
}

#[derive(Debug)]
struct OrderKey {
    slot: usize,
    kind: ValueKind,
    descending: bool,
}

impl Order {
    /// Reads `field [asc|desc], …`.
    fn read(schema: &Schema, text: &str) -> Result<Self, Fault> {
        let mut order = Self::default();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let refuse = || Fault::Parameter(format!("orderBy is not valid: `{part}`"));
            let (path, direction) = match part.split_once(char::is_whitespace) {
                Some((path, direction)) => (path, direction.trim()),
                None => (part, "asc"),
            };
            let descending = match direction.to_ascii_lowercase().as_str() {
                "asc" => false,
                "desc" => true,
                _ => return Err(refuse()),
            };
            let path: Vec<String> = path.split('/').map(str::to_owned).collect();
            let located = schema.locate(&path);
            let located = located.filter(|located| located.kind != ValueKind::Whole);
            let located = located.ok_or_else(refuse)?;
            order.keys.push(OrderKey {
                slot: order.wanted.add(&located.path),
                kind: located.kind,
                descending,
            });
        }
        Ok(order)
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn sort(&self, table: &Table, ids: &mut [u64]) {
        if self.is_empty() {
            return;
        }
        let mut slots = Slots::new();
        let mut rows: Vec<(Vec<Option<Value>>, u64)> = ids
            .iter()
            .map(|id| {
                self.wanted
                    .read(&table.get(*id).unwrap_or_default(), &mut slots);
                let values = self.keys.iter().map(|key| {
                    let value = slots.get(key.slot)?.as_ref()?;
                    Value::of(key.kind, value)
                });
                (values.collect(), *id)
            })
            .collect();
        rows.sort_by(|(left, left_id), (right, right_id)| {
            let mut keys = self.keys.iter().zip(left.iter().zip(right));
            let differ = keys.find_map(|(key, (left, right))| {
                let order = match (left, right) {
                    (Some(left), Some(right)) => left.order(right),
                    (left, right) => left.is_some().cmp(&right.is_some()),
                };
                let order = if key.descending {
                    order.reverse()
                } else {
                    order
                };
                (order != Ordering::Equal).then_some(order)
            });
            differ.unwrap_or_else(|| left_id.cmp(right_id))
        });
        for (slot, (_, id)) in ids.iter_mut().zip(rows) {
            *slot = id;
        }
    }
}
