//! An account as sorted lines that name records by the vendors' ids and never by the account's own,
//! so that two accounts which came about differently can be compared. Syncs and decisions are left
//! out: they tell how an account came about.

use std::collections::BTreeMap;

use syncrig::model::{LinkState, Outcome, RecordKind, RecordOutcome, Tool};

/// Fields that hold an id of the account, and the kind that it names.
const REFERENCES: [(&str, RecordKind); 5] = [
    ("organization_id", RecordKind::Organization),
    ("parent_id", RecordKind::Organization),
    ("location_id", RecordKind::Location),
    ("primary_location_id", RecordKind::Location),
    ("contact_id", RecordKind::Contact),
];

/// What stands in the account and on the matching screen, one line each, sorted.
pub(crate) fn state(outcome: &Outcome) -> String {
    let names = Names::of(outcome);
    let mut lines: Vec<String> = outcome
        .all_records()
        .map(|record| names.line(record))
        .collect();
    for company in &outcome.rmm.companies {
        lines.push(format!(
            "screen company {} {:?} {:?} -> {} ~ {} {:?} {:?} {}/{}",
            company.external_id,
            company.name,
            company.state,
            names.maybe(RecordKind::Organization, company.record_id.as_deref()),
            names.maybe(RecordKind::Organization, company.suggestion.as_deref()),
            company.rule,
            company.reason,
            company.devices_matched,
            company.devices_total,
        ));
    }
    for device in &outcome.rmm.devices {
        lines.push(format!(
            "screen device {} in {} {:?} {:?} -> {} ~ {} {:?} {:?}",
            device.external_id,
            device.company_external_id,
            device.name,
            device.state,
            names.maybe(RecordKind::Configuration, device.record_id.as_deref()),
            names.maybe(RecordKind::Configuration, device.suggestion.as_deref()),
            device.rule,
            device.reason,
        ));
    }
    lines.sort_unstable();
    lines.join("\n")
}

/// What two states do not have in common; empty when they are equal.
pub(crate) fn difference(wanted: &str, found: &str) -> String {
    let diff = similar::TextDiff::from_lines(wanted, found);
    let changes = diff.iter_all_changes();
    changes
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{}\n", change.tag(), change.value().trim_end()))
        .collect()
}

/// The PSA's ids that more than one record stands for, or that stand for one record twice.
pub(crate) fn created_twice(outcome: &Outcome) -> Vec<String> {
    let mut records: BTreeMap<(RecordKind, &str, &str), u32> = BTreeMap::new();
    for record in outcome.all_records() {
        for link in record.links.iter().filter(|link| link.tool == Tool::Psa) {
            let key = (record.kind, link.vendor.as_str(), link.external_id.as_str());
            *records.entry(key).or_default() += 1;
        }
    }
    records.retain(|_, count| *count > 1);
    records.keys().map(|key| format!("{key:?}")).collect()
}

/// How many records are orphans.
pub(crate) fn orphans(outcome: &Outcome) -> usize {
    let links = outcome.all_records().flat_map(|record| &record.links);
    links
        .filter(|link| link.state == LinkState::Orphaned)
        .count()
}

/// Ledgers that do not account for every record fetched.
pub(crate) fn wrong_ledgers(outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, sync) in outcome.syncs.iter().enumerate() {
        for ledger in &sync.ledgers {
            let skipped: u64 = ledger.skipped.values().sum();
            let told =
                ledger.created + ledger.updated + ledger.unchanged + skipped + ledger.rejected;
            if told != ledger.fetched {
                wrong.push(format!("sync {at} of the {}: {ledger:?}", sync.tool));
            }
        }
    }
    wrong
}

struct Names(BTreeMap<RecordKind, BTreeMap<String, String>>);

impl Names {
    fn of(outcome: &Outcome) -> Self {
        let mut names: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for record in outcome.all_records() {
            let mut links: Vec<String> = record
                .links
                .iter()
                .map(|link| format!("{}:{}:{:?}", link.tool, link.external_id, link.state))
                .collect();
            links.sort_unstable();
            let name = format!("{}<{}>", record.kind, links.join(" "));
            names
                .entry(record.kind)
                .or_default()
                .insert(record.id.clone(), name);
        }
        Self(names)
    }

    fn of_record(&self, kind: RecordKind, id: &str) -> &str {
        let record = self.0.get(&kind).and_then(|records| records.get(id));
        record.map_or("NOT THERE", String::as_str)
    }

    fn maybe(&self, kind: RecordKind, id: Option<&str>) -> &str {
        id.map_or("-", |id| self.of_record(kind, id))
    }

    fn line(&self, record: &RecordOutcome) -> String {
        let owner = self.maybe(RecordKind::Organization, record.organization_id.as_deref());
        let mut fields = String::new();
        for (field, value) in &record.fields {
            let referred = REFERENCES.iter().find(|(name, _)| name == field);
            let text = match (referred, value.as_str()) {
                (Some((_, kind)), Some(id)) => self.of_record(*kind, id).to_owned(),
                _ => value.to_string(),
            };
            fields.extend([" ", field, "=", &text]);
        }
        let itself = self.of_record(record.kind, &record.id);
        format!(
            "{itself} {:?} under {owner} by {:?}{}:{fields} shown {:?}",
            record.name,
            record.origin,
            if record.archived { " archived" } else { "" },
            record.shown,
        )
    }
}
