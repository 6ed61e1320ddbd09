//! Compares what a script expects with what came out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::judge::{Judgement, PerKind, Presence, Truth};
use crate::model::{
    LinkState, Outcome, PushState, RecordKind, RecordOutcome, ReviewState, SyncOutcome, Tool,
};
use crate::report::Failure;
use crate::scenario::{self, EntityRef, Expect, RecordCheck, RowState};

use super::truth::record_kind;

/// What came out, joined with the truth.
pub(super) struct Findings<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) truth: &'a Truth,
    pub(super) judgement: &'a Judgement,
}

impl Findings<'_> {
    /// Everything that is not as expected.
    pub(super) fn check(&self, expect: &Expect) -> Vec<Failure> {
        let mut sheet = Sheet::default();
        self.counts(expect, &mut sheet);
        self.last_sync(expect, &mut sheet);
        for check in &expect.records {
            self.record(check, &mut sheet);
        }
        sheet.failures
    }

    fn counts(&self, expect: &Expect, sheet: &mut Sheet) {
        let found = self.judgement;
        sheet.number(
            "organizations",
            expect.organizations,
            found.records.organizations,
        );
        sheet.number("locations", expect.locations, found.records.locations);
        sheet.number("contacts", expect.contacts, found.records.contacts);
        sheet.number(
            "configurations",
            expect.configurations,
            found.records.configurations,
        );
        if let Some(wanted) = &expect.duplicates {
            let found = found.duplicates.map(|counts| counts.total());
            sheet.number(
                "duplicates.organizations",
                wanted.organizations,
                found.organizations,
            );
            sheet.number("duplicates.locations", wanted.locations, found.locations);
            sheet.number("duplicates.contacts", wanted.contacts, found.contacts);
            sheet.number(
                "duplicates.configurations",
                wanted.configurations,
                found.configurations,
            );
        }
        sheet.number(
            "false_merges",
            expect.false_merges,
            found.false_merges.total(),
        );
        sheet.number("missing", expect.missing, found.missing.total());
        sheet.number("unmatched", expect.unmatched, found.devices.unmatched);
        let companies = found.companies.unmatched;
        sheet.number(
            "unmatched_organizations",
            expect.unmatched_organizations,
            companies,
        );
        sheet.number("suggested", expect.suggested, found.devices.suggested);
        sheet.number("ignored", expect.ignored, found.devices.ignored);
        sheet.number("matched", expect.matched, found.devices.matched);
        if let Some(wanted) = &expect.psa {
            let found = self.in_psa();
            sheet.number(
                "psa.organizations",
                wanted.organizations,
                found.organizations,
            );
            sheet.number("psa.locations", wanted.locations, found.locations);
            sheet.number("psa.contacts", wanted.contacts, found.contacts);
            sheet.number(
                "psa.configurations",
                wanted.configurations,
                found.configurations,
            );
        }
        if let Some(wanted) = &expect.warnings {
            let mut wanted: Vec<&str> = wanted.iter().map(|id| id.value.as_str()).collect();
            let mut found: Vec<&str> = self
                .outcome
                .warnings
                .iter()
                .map(|warning| warning.id.as_str())
                .collect();
            wanted.sort_unstable();
            found.sort_unstable();
            if wanted != found {
                sheet.fail("warnings", list(&wanted), list(&found));
            }
        }
    }

    /// Records that the PSA holds now.
    fn in_psa(&self) -> PerKind<u64> {
        let mut counts = PerKind::<u64>::default();
        for row in &self.truth.rows {
            if row.tool == Tool::Psa && row.presence != Presence::Removed {
                *counts.get_mut(row.kind) += 1;
            }
        }
        counts
    }

    fn last_sync(&self, expect: &Expect, sheet: &mut Sheet) {
        let Some(sync) = self.outcome.syncs.last() else {
            if expect.writes.is_some() || expect.ledger.is_some() {
                sheet.fail("writes", "a sync".to_owned(), "none has run".to_owned());
            }
            return;
        };
        sheet.number("writes", expect.writes, sync.writes);
        if let Some(wanted) = &expect.ledger {
            let sum = |part: fn(&crate::model::Ledger) -> u64| total(sync, part);
            sheet.number("ledger.created", wanted.created, sum(|it| it.created));
            sheet.number("ledger.updated", wanted.updated, sum(|it| it.updated));
            sheet.number("ledger.unchanged", wanted.unchanged, sum(|it| it.unchanged));
            let skipped = sum(crate::model::Ledger::skipped_total);
            sheet.number("ledger.skipped", wanted.skipped, skipped);
            sheet.number("ledger.rejected", wanted.rejected, sum(|it| it.rejected));
        }
    }

    fn record(&self, check: &RecordCheck, sheet: &mut Sheet) {
        let what = format!("{} {}", check.entity.kind, check.entity.key.value);
        let records = self.standing_for(&check.entity);
        let checks = &check.checks;
        sheet.number(
            &format!("{what}: count"),
            checks.count,
            records.len() as u64,
        );
        if let Some(name) = &checks.name {
            let found: Vec<String> = records.iter().map(|record| record.name.clone()).collect();
            sheet.one_of(&format!("{what}: name"), name, &found);
        }
        for (field, wanted) in &checks.shown {
            let found: Vec<String> = records
                .iter()
                .map(|record| shown(record, field).unwrap_or_else(|| EMPTY.to_owned()))
                .collect();
            let wanted = wanted.as_deref().unwrap_or(EMPTY);
            sheet.one_of(&format!("{what}: shown {field}"), wanted, &found);
        }
        for (field, wanted) in &checks.stored {
            let found: Vec<String> = records
                .iter()
                .map(|record| stored(record, field).unwrap_or_else(|| EMPTY.to_owned()))
                .collect();
            let wanted = wanted.as_deref().unwrap_or(EMPTY);
            sheet.one_of(&format!("{what}: stored {field}"), wanted, &found);
        }
        if let Some(wanted) = checks.state {
            let found: Vec<String> = records.iter().map(|record| link_state(record)).collect();
            sheet.one_of(&format!("{what}: state"), link_word(wanted), &found);
        }
        if let Some(wanted) = checks.push {
            let found: Vec<String> = records.iter().map(|it| push_word(it.push)).collect();
            let wanted = push_word(match wanted {
                scenario::PushState::None => None,
                scenario::PushState::Pending => Some(PushState::Pending),
                scenario::PushState::Failed => Some(PushState::Failed),
            });
            sheet.one_of(&format!("{what}: push"), &wanted, &found);
        }
        if let Some(wanted) = checks.archived {
            let found: Vec<String> = records.iter().map(|it| it.archived.to_string()).collect();
            sheet.one_of(&format!("{what}: archived"), &wanted.to_string(), &found);
        }
        let rows = self.rows(&check.entity);
        if let Some(wanted) = checks.row {
            let found: Vec<String> = rows
                .iter()
                .map(|(state, _)| row_word(*state).to_owned())
                .collect();
            let wanted = match wanted {
                RowState::Unmatched => row_word(ReviewState::Unmatched),
                RowState::Matched => row_word(ReviewState::Matched),
                RowState::Ignored => row_word(ReviewState::Ignored),
            };
            sheet.one_of(&format!("{what}: match"), wanted, &found);
        }
        if let Some(wanted) = &checks.rule {
            let found: Vec<String> = rows
                .iter()
                .map(|(_, rule)| rule.clone().unwrap_or_else(|| EMPTY.to_owned()))
                .collect();
            sheet.one_of(&format!("{what}: rule"), &wanted.value, &found);
        }
    }

    /// The records that stand for an entity, or for one tool's record of it, in order of creation.
    pub(super) fn standing_for(&self, entity: &EntityRef) -> Vec<&RecordOutcome> {
        let kind = record_kind(entity.kind);
        let keys = self.keys(kind);
        let wanted = entity.key.value.as_str();
        self.outcome
            .records(kind)
            .iter()
            .filter(|record| {
                let linked = record.links.iter().any(|link| {
                    keys.get(&(link.tool, link.external_id.as_str()))
                        .is_some_and(|(key, truth)| wanted == *key || wanted == *truth)
                });
                let by_hand = self.truth.hand_made.iter().any(|made| {
                    made.kind == kind && made.record_id == record.id && made.truth == wanted
                });
                linked || by_hand
            })
            .collect()
    }

    fn rows(&self, entity: &EntityRef) -> Vec<(ReviewState, Option<String>)> {
        let kind = record_kind(entity.kind);
        let keys = self.keys(kind);
        let wanted = entity.key.value.as_str();
        let means = |external_id: &str| {
            keys.get(&(Tool::Rmm, external_id))
                .is_some_and(|(key, truth)| wanted == *key || wanted == *truth)
        };
        match kind {
            RecordKind::Organization => {
                let rows = self.outcome.rmm.companies.iter();
                let rows = rows.filter(|row| means(&row.external_id));
                rows.map(|row| (row.state, row.rule.clone())).collect()
            }
            _ => {
                let rows = self.outcome.rmm.devices.iter();
                let rows = rows.filter(|row| means(&row.external_id));
                rows.map(|row| (row.state, row.rule.clone())).collect()
            }
        }
    }

    /// Keys of record and entity, by tool and external id.
    fn keys(&self, kind: RecordKind) -> BTreeMap<(Tool, &str), (&str, &str)> {
        let rows = self.truth.rows.iter().filter(|row| row.kind == kind);
        rows.map(|row| {
            let at = (row.tool, row.external_id.as_str());
            (at, (row.key.as_str(), row.truth.as_str()))
        })
        .collect()
    }
}

const EMPTY: &str = "(empty)";

#[derive(Default)]
struct Sheet {
    failures: Vec<Failure>,
}

impl Sheet {
    fn number(&mut self, what: &str, wanted: Option<u64>, found: u64) {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
            self.fail(what, wanted.to_string(), found.to_string());
        }
    }

    fn one_of(&mut self, what: &str, wanted: &str, found: &[String]) {
        if !found.iter().any(|one| one == wanted) {
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            let found = if found.is_empty() {
                "no record".to_owned()
            } else {
                list(&found)
            };
            self.fail(what, wanted.to_owned(), found);
        }
    }

    fn fail(&mut self, what: &str, expected: String, actual: String) {
        self.failures.push(Failure {
            what: what.to_owned(),
            expected,
            actual,
            hint: None,
        });
    }
}

fn total(sync: &SyncOutcome, part: fn(&crate::model::Ledger) -> u64) -> u64 {
    sync.ledgers.iter().map(part).sum()
}

fn list(items: &[&str]) -> String {
    if items.is_empty() {
        "none".to_owned()
    } else {
        items.join(", ")
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn shown(record: &RecordOutcome, field: &str) -> Option<String> {
    record
        .shown
        .get(field)
        .map(text)
        .or_else(|| stored(record, field))
}

fn stored(record: &RecordOutcome, field: &str) -> Option<String> {
    if field == "name" {
        return Some(record.name.clone());
    }
    record.fields.get(field).map(text)
}

/// The state of the link to the PSA. A PSA that was disconnected and connected anew has left its old
/// link beside the new one; the new one counts.
fn link_state(record: &RecordOutcome) -> String {
    let links = record.links.iter().filter(|link| link.tool == Tool::Psa);
    let psa = links.max_by_key(|link| link.state != LinkState::Disconnected);
    match psa.map(|link| link.state) {
        None => "unlinked",
        Some(LinkState::Enabled) => "enabled",
        Some(LinkState::Disabled) => "disabled",
        Some(LinkState::Orphaned) => "orphaned",
        Some(LinkState::Error) => "error",
        Some(LinkState::Disconnected) => "disconnected",
        Some(LinkState::Matched) => "matched",
    }
    .to_owned()
}

const fn link_word(state: scenario::LinkState) -> &'static str {
    match state {
        scenario::LinkState::Enabled => "enabled",
        scenario::LinkState::Disabled => "disabled",
        scenario::LinkState::Orphaned => "orphaned",
        scenario::LinkState::Error => "error",
        scenario::LinkState::Disconnected => "disconnected",
        scenario::LinkState::Unlinked => "unlinked",
    }
}

fn push_word(state: Option<PushState>) -> String {
    match state {
        None => "none",
        Some(PushState::Pending) => "pending",
        Some(PushState::Failed) => "failed",
    }
    .to_owned()
}

const fn row_word(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Unmatched => "unmatched",
        ReviewState::Matched => "matched",
        ReviewState::Ignored => "ignored",
    }
}
