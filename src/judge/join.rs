//! Outcome and truth joined by vendor and external id. Strings are looked up once, here; everything
//! after works on numbers. Hash maps are for looking up only and are never walked.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::truth::{Entity, SourceRow, Truth};
use crate::model::{LinkState, Outcome, RecordKind, RecordOutcome, Tool};

type Map<K, V> = HashMap<K, V, FixedState>;
/// Which list of which vendor.
type Source<'a> = (Tool, &'a str, RecordKind);

/// Number of an entity: its place in [`Joined::entities`].
pub(super) type EntityNo = u32;
/// Number of a source record: its place in [`Truth::rows`].
pub(super) type RowNo = u32;

/// An account record with what its links mean.
pub(super) struct JoinedRecord<'a> {
    /// Kind of the list it stands in, whatever the record says.
    pub(super) kind: RecordKind,
    pub(super) record: &'a RecordOutcome,
    links: Range<usize>,
    entities: Range<usize>,
}

/// A link whose source record is known.
#[derive(Clone, Copy)]
pub(super) struct JoinedLink {
    pub(super) row: RowNo,
    pub(super) state: LinkState,
}

/// An entity; `name` is its key where the truth only mentions it.
pub(super) struct JoinedEntity<'a> {
    pub(super) kind: RecordKind,
    pub(super) key: &'a str,
    pub(super) name: &'a str,
}

pub(super) struct Joined<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) rows: &'a [SourceRow],
    /// Entities in the truth's order, then those that only rows or hand-made records name.
    pub(super) entities: Vec<JoinedEntity<'a>>,
    /// Entity of each row.
    pub(super) row_entity: Vec<EntityNo>,
    /// Records by kind, each in creation order.
    pub(super) records: Vec<JoinedRecord<'a>>,
    /// Links that no source record explains: place in `records`, place in its links.
    pub(super) unknown_links: Vec<(usize, usize)>,
    links: Vec<JoinedLink>,
    record_entities: Vec<EntityNo>,
    row_numbers: RowNumbers<'a>,
    record_numbers: Map<(RecordKind, &'a str), u32>,
}

impl<'a> Joined<'a> {
    pub(super) fn new(outcome: &'a Outcome, truth: &'a Truth) -> Self {
        let mut catalogue = Catalogue::new(&truth.entities);
        let row_entity: Vec<EntityNo> = truth
            .rows
            .iter()
            .map(|row| catalogue.number(row.kind, &row.truth))
            .collect();
        let mut made: Map<(RecordKind, &str), Vec<EntityNo>> = Map::default();
        for hand in &truth.hand_made {
            let entity = catalogue.number(hand.kind, &hand.truth);
            let known = made.entry((hand.kind, hand.record_id.as_str()));
            known.or_default().push(entity);
        }
        let mut joined = Self {
            outcome,
            rows: &truth.rows,
            entities: catalogue.entities,
            row_entity,
            records: Vec::new(),
            unknown_links: Vec::new(),
            links: Vec::new(),
            record_entities: Vec::new(),
            row_numbers: RowNumbers::new(&truth.rows),
            record_numbers: Map::default(),
        };
        for kind in RecordKind::ALL {
            let mut records: Vec<&RecordOutcome> = outcome.records(kind).iter().collect();
            records.sort_by_key(|record| record.created_seq);
            for record in records {
                let hand_made = made.get(&(kind, record.id.as_str()));
                joined.add(kind, record, hand_made.map_or(&[], Vec::as_slice));
            }
        }
        joined
    }

    fn add(&mut self, kind: RecordKind, record: &'a RecordOutcome, hand_made: &[EntityNo]) {
        let first_link = self.links.len();
        let first_entity = self.record_entities.len();
        self.record_entities.extend_from_slice(hand_made);
        for (at, link) in record.links.iter().enumerate() {
            match self
                .row_numbers
                .find(link.tool, &link.vendor, kind, &link.external_id)
            {
                Some(row) => {
                    self.links.push(JoinedLink {
                        row,
                        state: link.state,
                    });
                    self.record_entities.push(self.row_entity[row as usize]);
                }
                None => self.unknown_links.push((self.records.len(), at)),
            }
        }
        let own = &mut self.record_entities[first_entity..];
        own.sort_unstable();
        let distinct = dedup(own);
        self.record_entities.truncate(first_entity + distinct);
        self.record_numbers
            .entry((kind, record.id.as_str()))
            .or_insert(number(self.records.len()));
        self.records.push(JoinedRecord {
            kind,
            record,
            links: first_link..self.links.len(),
            entities: first_entity..self.record_entities.len(),
        });
    }

    /// Links of a record whose source record is known.
    pub(super) fn links(&self, record: &JoinedRecord<'_>) -> &[JoinedLink] {
        &self.links[record.links.clone()]
    }

    /// Entities that a record stands for, ascending.
    pub(super) fn entities_of(&self, record: &JoinedRecord<'_>) -> &[EntityNo] {
        &self.record_entities[record.entities.clone()]
    }

    /// The source record with this id.
    pub(super) fn row(
        &self,
        tool: Tool,
        vendor: &str,
        kind: RecordKind,
        external_id: &str,
    ) -> Option<RowNo> {
        self.row_numbers.find(tool, vendor, kind, external_id)
    }

    /// Place in `records` of the record with this account id.
    pub(super) fn record_number(&self, kind: RecordKind, id: &str) -> Option<u32> {
        self.record_numbers.get(&(kind, id)).copied()
    }

    /// Key of an entity.
    pub(super) fn key(&self, entity: EntityNo) -> &'a str {
        self.entities[entity as usize].key
    }
}

/// Numbers of the source records. There are a handful of (tool, vendor, kind); they are searched
/// in a row, so that only the id is hashed.
struct RowNumbers<'a> {
    groups: Vec<(Source<'a>, Map<&'a str, RowNo>)>,
}

impl<'a> RowNumbers<'a> {
    fn new(rows: &'a [SourceRow]) -> Self {
        let mut groups: Vec<(Source<'_>, Map<&str, RowNo>)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let group = (row.tool, row.vendor.as_str(), row.kind);
            let place = match groups.iter().position(|(known, _)| *known == group) {
                Some(place) => place,
                None => {
                    groups.push((group, Map::default()));
                    groups.len() - 1
                }
            };
            groups[place]
                .1
                .entry(row.external_id.as_str())
                .or_insert(number(at));
        }
        Self { groups }
    }

    fn find(&self, tool: Tool, vendor: &str, kind: RecordKind, external_id: &str) -> Option<RowNo> {
        self.groups
            .iter()
            .find(|(group, _)| *group == (tool, vendor, kind))
            .and_then(|(_, ids)| ids.get(external_id).copied())
    }
}

struct Catalogue<'a> {
    entities: Vec<JoinedEntity<'a>>,
    numbers: Map<(RecordKind, &'a str), EntityNo>,
}

impl<'a> Catalogue<'a> {
    fn new(entities: &'a [Entity]) -> Self {
        let mut catalogue = Self {
            entities: Vec::with_capacity(entities.len()),
            numbers: Map::default(),
        };
        for entity in entities {
            let at = catalogue.number(entity.kind, &entity.key);
            catalogue.entities[at as usize].name = &entity.name;
        }
        catalogue
    }

    fn number(&mut self, kind: RecordKind, key: &'a str) -> EntityNo {
        let Self { entities, numbers } = self;
        *numbers.entry((kind, key)).or_insert_with(|| {
            entities.push(JoinedEntity {
                kind,
                key,
                name: key,
            });
            number(entities.len() - 1)
        })
    }
}

/// A place as a number. More than four thousand million records do not fit in memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Moves the distinct values of a sorted slice to its front and says how many there are.
fn dedup(sorted: &mut [u32]) -> usize {
    let mut kept = 0;
    for at in 0..sorted.len() {
        if kept == 0 || sorted[kept - 1] != sorted[at] {
            sorted[kept] = sorted[at];
            kept += 1;
        }
    }
    kept
}
