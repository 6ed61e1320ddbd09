//! Puts the judgement together.

use std::collections::BTreeMap;

use super::join::Joined;
use super::judgement::{Findings, Judgement, PerKind, VendorCalls};
use super::truth::{Scope, Truth};
use super::{duplicates, invariants, linkage, missing, rules};
use crate::model::Outcome;

/// Measures an outcome against the truth. Takes time and memory in proportion to both.
pub fn judge(outcome: &Outcome, truth: &Truth, scope: &Scope) -> Judgement {
    let joined = Joined::new(outcome, truth);
    let mut findings = Findings::default();
    let (duplicates, false_merges) = duplicates::find(&joined, &mut findings);
    let missing = missing::find(&joined, scope.method, &mut findings);
    rules::explain(&joined, &mut findings);
    let (companies, devices) = missing::queues(&joined);
    let mut records = PerKind::<u64>::default();
    let mut archived = PerKind::<u64>::default();
    let mut strays = PerKind::<u64>::default();
    for record in &joined.records {
        if record.record.archived {
            *archived.get_mut(record.kind) += 1;
            continue;
        }
        *records.get_mut(record.kind) += 1;
        if joined.entities_of(record).is_empty() {
            *strays.get_mut(record.kind) += 1;
        }
    }
    Judgement {
        records,
        archived,
        strays,
        duplicates,
        false_merges,
        missing,
        companies,
        devices,
        linkage: PerKind::from_fn(|kind| linkage::measure(&joined, kind)),
        second_run_writes: second_run_writes(outcome, scope),
        calls: calls(outcome, scope),
        findings,
        violations: invariants::check(&joined),
    }
}

/// Writes of the syncs that had nothing to do; a sync that the outcome does not list wrote nothing.
fn second_run_writes(outcome: &Outcome, scope: &Scope) -> Option<u64> {
    let writes = scope
        .repeats
        .iter()
        .filter_map(|at| outcome.syncs.get(*at))
        .fold(0_u64, |sum, sync| sum.saturating_add(sync.writes));
    (!scope.repeats.is_empty()).then_some(writes)
}

fn calls(outcome: &Outcome, scope: &Scope) -> Vec<VendorCalls> {
    let mut fetched: BTreeMap<&str, u64> = BTreeMap::new();
    for sync in &outcome.syncs {
        let sum = fetched.entry(&sync.vendor).or_default();
        for ledger in &sync.ledgers {
            *sum = sum.saturating_add(ledger.fetched);
        }
    }
    scope
        .calls
        .iter()
        .map(|(vendor, operations)| VendorCalls {
            vendor: vendor.clone(),
            calls: operations.values().sum(),
            records: fetched.get(vendor.as_str()).copied().unwrap_or_default(),
        })
        .collect()
}
