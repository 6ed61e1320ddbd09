//! Duplicates and false merges, each with its cause. One walk over the records in creation order;
//! what earlier records hold of an entity is kept in a summary, so that an entity with many records
//! costs no more than many entities.

use super::join::{EntityNo, Joined, JoinedRecord, RowNo};
use super::judgement::{Duplicate, DuplicateCause, DuplicateCounts, FalseMerge, Findings, PerKind};
use crate::model::{Origin, Tool};

/// What the records so far say about one entity.
#[derive(Default)]
struct Seen {
    /// Place of the first record in the join.
    first: Option<usize>,
    /// Whether a person made one of them.
    by_person: bool,
    /// A row that they hold, one for each tool and vendor.
    held: Vec<RowNo>,
}

/// Counts and lists. The rules are filled in later, all at once.
pub(super) fn find(
    joined: &Joined<'_>,
    findings: &mut Findings,
) -> (PerKind<DuplicateCounts>, PerKind<u64>) {
    let mut duplicates = PerKind::<DuplicateCounts>::default();
    let mut false_merges = PerKind::<u64>::default();
    let mut seen: Vec<Seen> = Vec::new();
    seen.resize_with(joined.entities.len(), Seen::default);
    let mut row_held = vec![false; joined.rows.len()];
    for (at, record) in joined.records.iter().enumerate() {
        if record.record.archived {
            continue;
        }
        let entities = joined.entities_of(record);
        if entities.len() > 1 {
            *false_merges.get_mut(record.kind) += 1;
            findings.false_merges.push(false_merge(joined, record));
        }
        if let Some(duplicate) = duplicate(joined, record, &seen, &row_held) {
            duplicates.get_mut(record.kind).add(duplicate.cause);
            findings.duplicates.push(duplicate);
        }
        remember(joined, at, &mut seen, &mut row_held);
    }
    (duplicates, false_merges)
}

fn false_merge(joined: &Joined<'_>, record: &JoinedRecord<'_>) -> FalseMerge {
    FalseMerge {
        kind: record.kind,
        record_id: record.record.id.clone(),
        name: record.record.name.clone(),
        entities: keys(joined, joined.entities_of(record).iter().copied()),
        rules: Vec::new(),
    }
}

fn duplicate(
    joined: &Joined<'_>,
    record: &JoinedRecord<'_>,
    seen: &[Seen],
    row_held: &[bool],
) -> Option<Duplicate> {
    let doubled = || {
        joined
            .entities_of(record)
            .iter()
            .copied()
            .filter(|entity| seen[*entity as usize].first.is_some())
    };
    let first = doubled()
        .filter_map(|entity| seen[entity as usize].first)
        .min()?;
    Some(Duplicate {
        kind: record.kind,
        record_id: record.record.id.clone(),
        name: record.record.name.clone(),
        origin: record.record.origin,
        entities: keys(joined, doubled()),
        first_record_id: joined.records[first].record.id.clone(),
        cause: cause(joined, record, seen, row_held),
        rules: Vec::new(),
    })
}

/// Why a record stands beside an earlier one. In this order:
/// 1. a person made it: created;
/// 2. the source record that brought it is in an earlier record too (a disconnect and a new start):
///    created;
/// 3. an earlier record holds another source record of the same tool and vendor: inherited;
/// 4. a person made an earlier one, and this one came by a sync: created;
/// 5. otherwise two sources were not joined.
///
/// Points 3 and 4 stand in this order because a source that holds the entity twice brings two
/// records whatever a person did before.
fn cause(
    joined: &Joined<'_>,
    record: &JoinedRecord<'_>,
    seen: &[Seen],
    row_held: &[bool],
) -> DuplicateCause {
    if by_person(record) {
        return DuplicateCause::Created;
    }
    // Only the PSA's sync writes records; RMM links were laid on afterwards and brought nothing.
    let brought = || {
        joined
            .links(record)
            .iter()
            .map(|link| link.row)
            .filter(|row| joined.rows[*row as usize].tool == Tool::Psa)
    };
    if brought().any(|row| row_held[row as usize]) {
        return DuplicateCause::Created;
    }
    // None of the rows that brought it is held, so what is held is another row.
    let twice_in_source = brought().any(|row| {
        let entity = &seen[joined.row_entity[row as usize] as usize];
        entity.held.iter().any(|held| same_list(joined, *held, row))
    });
    if twice_in_source {
        return DuplicateCause::Inherited;
    }
    let beside_hand_made = joined
        .entities_of(record)
        .iter()
        .any(|entity| seen[*entity as usize].by_person);
    if beside_hand_made {
        DuplicateCause::Created
    } else {
        DuplicateCause::MissedJoin
    }
}

fn remember(joined: &Joined<'_>, at: usize, seen: &mut [Seen], row_held: &mut [bool]) {
    let record = &joined.records[at];
    for entity in joined.entities_of(record) {
        let entity = &mut seen[*entity as usize];
        entity.first.get_or_insert(at);
        entity.by_person |= by_person(record);
    }
    for link in joined.links(record) {
        row_held[link.row as usize] = true;
        let held = &mut seen[joined.row_entity[link.row as usize] as usize].held;
        if !held.iter().any(|known| same_list(joined, *known, link.row)) {
            held.push(link.row);
        }
    }
}

/// Whether a person made the record. An import counts: nobody but a person starts one. So does a
/// program at the account's API, which is as blind to the sync.
fn by_person(record: &JoinedRecord<'_>) -> bool {
    match record.record.origin {
        Origin::Psa => false,
        Origin::Review | Origin::Manual | Origin::Import | Origin::Api => true,
    }
}

fn same_list(joined: &Joined<'_>, left: RowNo, right: RowNo) -> bool {
    let (left, right) = (&joined.rows[left as usize], &joined.rows[right as usize]);
    left.tool == right.tool && left.vendor == right.vendor
}

fn keys(joined: &Joined<'_>, entities: impl Iterator<Item = EntityNo>) -> Vec<String> {
    let mut keys: Vec<String> = entities
        .map(|entity| joined.key(entity).to_owned())
        .collect();
    keys.sort_unstable();
    keys
}
