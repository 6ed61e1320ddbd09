//! Why a finding is there: the rules of the decisions about it. Decisions may be millions and
//! findings few, so the findings are indexed and the decisions are walked once.

use std::collections::{BTreeMap, BTreeSet};

use super::join::{EntityNo, Joined, RowNo};
use super::judgement::Findings;
use crate::model::RecordKind;

/// Fills in the rules of all findings.
pub(super) fn explain(joined: &Joined<'_>, findings: &mut Findings) {
    let mut wanted = Wanted::default();
    for finding in &findings.duplicates {
        wanted.record(joined, finding.kind, &finding.record_id);
    }
    for finding in &findings.false_merges {
        wanted.record(joined, finding.kind, &finding.record_id);
    }
    let missing: BTreeSet<(RecordKind, &str)> = findings
        .missing
        .iter()
        .map(|finding| (finding.kind, finding.entity.as_str()))
        .collect();
    wanted.entities(joined, &missing);
    wanted.walk(joined);
    for finding in &mut findings.duplicates {
        finding.rules = wanted.of_record(joined, finding.kind, &finding.record_id);
    }
    for finding in &mut findings.false_merges {
        finding.rules = wanted.of_record(joined, finding.kind, &finding.record_id);
    }
    for finding in &mut findings.missing {
        finding.rules = wanted.of_entity(finding.kind, &finding.entity);
    }
}

/// Rules by what they are wanted for.
#[derive(Default)]
struct Wanted<'a> {
    records: BTreeMap<u32, BTreeSet<&'a str>>,
    entities: BTreeMap<(RecordKind, &'a str), BTreeSet<&'a str>>,
    row_records: BTreeMap<RowNo, BTreeSet<u32>>,
    row_entities: BTreeMap<RowNo, EntityNo>,
}

impl<'a> Wanted<'a> {
    fn record(&mut self, joined: &Joined<'a>, kind: RecordKind, id: &str) {
        let Some(number) = joined.record_number(kind, id) else {
            return;
        };
        self.records.entry(number).or_default();
        for link in joined.links(&joined.records[number as usize]) {
            self.row_records.entry(link.row).or_default().insert(number);
        }
    }

    fn entities(&mut self, joined: &Joined<'a>, missing: &BTreeSet<(RecordKind, &str)>) {
        if missing.is_empty() {
            return;
        }
        for (at, entity) in joined.row_entity.iter().enumerate() {
            let known = &joined.entities[*entity as usize];
            if missing.contains(&(known.kind, known.key))
                && let Ok(row) = RowNo::try_from(at)
            {
                self.row_entities.insert(row, *entity);
            }
        }
    }

    fn walk(&mut self, joined: &Joined<'a>) {
        if self.records.is_empty() && self.row_entities.is_empty() {
            return;
        }
        for decision in &joined.outcome.decisions {
            let about = decision
                .record_id
                .as_deref()
                .and_then(|id| joined.record_number(decision.kind, id));
            if let Some(rules) = about.and_then(|number| self.records.get_mut(&number)) {
                rules.insert(&decision.rule);
            }
            let row = joined.row(
                decision.tool,
                &decision.vendor,
                decision.kind,
                &decision.external_id,
            );
            let Some(row) = row else { continue };
            for number in self.row_records.get(&row).into_iter().flatten() {
                if let Some(rules) = self.records.get_mut(number) {
                    rules.insert(&decision.rule);
                }
            }
            if let Some(entity) = self.row_entities.get(&row) {
                let entity = &joined.entities[*entity as usize];
                self.entities
                    .entry((entity.kind, entity.key))
                    .or_default()
                    .insert(&decision.rule);
            }
        }
    }

    fn of_record(&self, joined: &Joined<'_>, kind: RecordKind, id: &str) -> Vec<String> {
        owned(
            joined
                .record_number(kind, id)
                .and_then(|number| self.records.get(&number)),
        )
    }

    fn of_entity(&self, kind: RecordKind, key: &str) -> Vec<String> {
        owned(self.entities.get(&(kind, key)))
    }
}

fn owned(rules: Option<&BTreeSet<&str>>) -> Vec<String> {
    rules
        .into_iter()
        .flatten()
        .map(|rule| (*rule).to_owned())
        .collect()
}
