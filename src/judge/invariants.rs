//! Laws that every outcome keeps, whatever the method and whatever is expected of the script:
//! ledgers add up, ids mean one thing, links lead to records that were served, the matching screen
//! agrees with the records. The truth is asked only whether a source record ever was.

use std::collections::BTreeMap;

use super::join::Joined;
use super::judgement::Violation;
use crate::model::{LinkState, RecordKind, ReviewState, Tool};

/// So many cases of a broken law are put into words; the rest is counted.
const EXAMPLES_MAX: usize = 20;

/// Codes of the laws, with what they say.
pub const LAWS: &[(&str, &str)] = &[
    (
        "ledger-adds-up",
        "fetched = created + updated + unchanged + skipped + rejected, for every ledger",
    ),
    (
        "record-id-unique",
        "an account id names one record of its kind",
    ),
    ("record-kind", "a record stands in the list of its kind"),
    (
        "creation-order",
        "no two records of one kind have the same place in the order of creation",
    ),
    (
        "organization-exists",
        "a location, contact or configuration belongs to an organization of the account",
    ),
    (
        "link-known",
        "a link leads to a record that the vendor served",
    ),
    (
        "link-single",
        "a source record is linked to one record of the account at a time",
    ),
    (
        "screen-agrees",
        "a matched row of the matching screen names a record that carries the link, and only a \
         matched row names a record",
    ),
    ("decision-sync", "a decision names a sync that ran"),
];

/// The laws that the outcome breaks, in the order of [`LAWS`].
pub(super) fn check(joined: &Joined<'_>) -> Vec<Violation> {
    let mut broken = Broken::default();
    ledgers(joined, &mut broken);
    imports(joined, &mut broken);
    identities(joined, &mut broken);
    links(joined, &mut broken);
    screen(joined, &mut broken);
    for (at, decision) in joined.outcome.decisions.iter().enumerate() {
        if let Some(sync) = decision.sync
            && sync >= joined.outcome.syncs.len()
        {
            broken.add("decision-sync", || {
                format!(
                    "decision {at} names sync {sync}, and {} ran",
                    joined.outcome.syncs.len()
                )
            });
        }
    }
    broken.into_violations()
}

fn ledgers(joined: &Joined<'_>, broken: &mut Broken) {
    for (at, sync) in joined.outcome.syncs.iter().enumerate() {
        for ledger in sync.ledgers.iter().filter(|ledger| !ledger.adds_up()) {
            broken.add("ledger-adds-up", || {
                format!(
                    "sync {at} ({}), {}: fetched {}, accounted for {} (created {}, updated {}, \
                     unchanged {}, skipped {}, rejected {})",
                    sync.tool,
                    ledger.kind.plural(),
                    ledger.fetched,
                    ledger.accounted(),
                    ledger.created,
                    ledger.updated,
                    ledger.unchanged,
                    ledger.skipped_total(),
                    ledger.rejected
                )
            });
        }
    }
}

fn imports(joined: &Joined<'_>, broken: &mut Broken) {
    for (at, import) in joined.outcome.imports.iter().enumerate() {
        let ledger = &import.ledger;
        if !ledger.adds_up() {
            broken.add("ledger-adds-up", || {
                format!(
                    "import {at}, {}: {} rows, accounted for {}",
                    ledger.kind.plural(),
                    ledger.fetched,
                    ledger.accounted()
                )
            });
        }
    }
}

fn identities(joined: &Joined<'_>, broken: &mut Broken) {
    for (at, joined_record) in joined.records.iter().enumerate() {
        let (kind, record) = (joined_record.kind, joined_record.record);
        let first = joined.record_number(kind, &record.id);
        if first.is_some_and(|first| first as usize != at) {
            broken.add("record-id-unique", || {
                format!("{kind} {} is there more than once", record.id)
            });
        }
        if record.kind != kind {
            broken.add("record-kind", || {
                format!(
                    "{} {} stands among the {}",
                    record.kind,
                    record.id,
                    kind.plural()
                )
            });
        }
        if kind != RecordKind::Organization {
            let parent = record.organization_id.as_deref();
            let known = parent.and_then(|id| joined.record_number(RecordKind::Organization, id));
            if known.is_none() {
                broken.add("organization-exists", || match parent {
                    Some(id) => format!("{kind} {} belongs to organization {id}", record.id),
                    None => format!("{kind} {} belongs to no organization", record.id),
                });
            }
        }
    }
    let mut places: Vec<(RecordKind, u64)> = joined
        .records
        .iter()
        .map(|record| (record.kind, record.record.created_seq))
        .collect();
    places.sort_unstable();
    for pair in places.windows(2) {
        if let [left, right] = pair
            && left == right
        {
            let (kind, place) = left;
            broken.add("creation-order", || {
                format!("place {place} of {kind} is taken twice")
            });
        }
    }
}

fn links(joined: &Joined<'_>, broken: &mut Broken) {
    for (record, link) in &joined.unknown_links {
        let record = &joined.records[*record];
        let link = &record.record.links[*link];
        broken.add("link-known", || {
            format!(
                "{} {} is linked to {} {} of {}",
                record.kind, record.record.id, link.tool, link.external_id, link.vendor
            )
        });
    }
    let mut holder: Vec<Option<usize>> = vec![None; joined.rows.len()];
    for (at, record) in joined.records.iter().enumerate() {
        let live = joined
            .links(record)
            .iter()
            .filter(|link| link.state != LinkState::Disconnected);
        for link in live {
            let row = &joined.rows[link.row as usize];
            if let Some(other) = holder[link.row as usize].replace(at) {
                broken.add("link-single", || {
                    format!(
                        "{} record {} of {} is linked to {} {} and {}",
                        row.tool,
                        row.external_id,
                        row.vendor,
                        record.kind,
                        joined.records[other].record.id,
                        record.record.id
                    )
                });
            }
        }
    }
}

/// A row of the matching screen, of either queue.
struct ScreenRow<'a> {
    kind: RecordKind,
    vendor: &'a str,
    external_id: &'a str,
    state: ReviewState,
    record_id: Option<&'a str>,
}

fn screen(joined: &Joined<'_>, broken: &mut Broken) {
    let rmm = &joined.outcome.rmm;
    let companies = rmm.companies.iter().map(|row| ScreenRow {
        kind: RecordKind::Organization,
        vendor: &row.vendor,
        external_id: &row.external_id,
        state: row.state,
        record_id: row.record_id.as_deref(),
    });
    let devices = rmm.devices.iter().map(|row| ScreenRow {
        kind: RecordKind::Configuration,
        vendor: &row.vendor,
        external_id: &row.external_id,
        state: row.state,
        record_id: row.record_id.as_deref(),
    });
    for row in companies.chain(devices) {
        if let Some(fault) = screen_fault(joined, &row) {
            broken.add("screen-agrees", || {
                format!(
                    "rmm {} {} of {} {fault}",
                    row.kind, row.external_id, row.vendor
                )
            });
        }
    }
}

fn screen_fault(joined: &Joined<'_>, row: &ScreenRow<'_>) -> Option<String> {
    match (row.state, row.record_id) {
        (ReviewState::Matched, None) => Some("is matched to no record".to_owned()),
        (ReviewState::Unmatched | ReviewState::Ignored, None) => None,
        (ReviewState::Unmatched | ReviewState::Ignored, Some(id)) => {
            Some(format!("is not matched and names record {id}"))
        }
        (ReviewState::Matched, Some(id)) => {
            let Some(record) = joined.record_number(row.kind, id) else {
                return Some(format!("is matched to record {id}, which is not there"));
            };
            let carries = joined.records[record as usize]
                .record
                .links
                .iter()
                .any(|link| {
                    link.tool == Tool::Rmm
                        && link.state == LinkState::Matched
                        && link.vendor == row.vendor
                        && link.external_id == row.external_id
                });
            (!carries).then(|| format!("is matched to record {id}, which carries no such link"))
        }
    }
}

/// Cases by the place of their law in [`LAWS`].
#[derive(Default)]
struct Broken {
    cases: BTreeMap<usize, Violation>,
}

impl Broken {
    fn add(&mut self, code: &'static str, example: impl FnOnce() -> String) {
        let place = LAWS
            .iter()
            .position(|(known, _)| *known == code)
            .unwrap_or(LAWS.len());
        let violation = self.cases.entry(place).or_insert_with(|| Violation {
            code,
            count: 0,
            examples: Vec::new(),
        });
        violation.count += 1;
        if violation.examples.len() < EXAMPLES_MAX {
            violation.examples.push(example());
        }
    }

    fn into_violations(self) -> Vec<Violation> {
        self.cases.into_values().collect()
    }
}
