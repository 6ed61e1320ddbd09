//! Account and oracle as lines of the same shape. A record's name is its kind and its place among
//! the records of that kind that are there, in order of creation; a tool's record goes by its key.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use syncrig::judge::SourceRow;
use syncrig::model::{LinkState, Outcome, RecordKind, RecordOutcome, ReviewState, Tool};

use super::model::{Account, Id, Place, Record};

/// Stored fields that are compared; those that refer to a record, with its kind.
const FIELDS: [(&str, Option<RecordKind>); 23] = [
    ("name", None),
    ("short_name", None),
    ("organization_type", None),
    ("status", None),
    ("address_1", None),
    ("address_2", None),
    ("city", None),
    ("country", None),
    ("phone", None),
    ("first_name", None),
    ("last_name", None),
    ("title", None),
    ("hostname", None),
    ("quick_notes", None),
    ("configuration_type", None),
    ("serial", None),
    ("primary_mac", None),
    ("manufacturer", None),
    ("model", None),
    ("asset_tag", None),
    ("notes", None),
    ("location_id", Some(RecordKind::Location)),
    ("contact_id", Some(RecordKind::Contact)),
];

/// Fields that the RMM lays over stored ones, and one that it alone has [3.6].
const SHOWN: [&str; 4] = ["serial", "primary_mac", "model", "cpu"];

/// One line each for records, rows of the screen, and warnings.
pub(super) fn of_oracle(account: &Account) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in RecordKind::ALL {
        for id in account.living(kind) {
            lines.push(record_line(account, id));
        }
    }
    for row in &account.companies {
        let devices = account.devices.iter().filter(|it| it.company == row.key);
        let matched = devices
            .clone()
            .filter(|it| it.place.state == ReviewState::Matched);
        let (matched, total) = (matched.count(), devices.count());
        let place = place_text(account, &row.place);
        lines.push(format!(
            "company {} {:?} {place} {matched}/{total}",
            row.key, row.name
        ));
    }
    for row in &account.devices {
        let place = place_text(account, &row.place);
        lines.push(format!(
            "device {} in {} {:?} {place}",
            row.key, row.company, row.seen.name
        ));
    }
    lines.extend(account.warnings.iter().map(|id| format!("warning {id}")));
    lines
}

fn name_of(account: &Account, id: Id) -> String {
    let kind = account.records[id].kind;
    let place = account.living(kind).iter().position(|it| *it == id);
    match place {
        Some(place) => format!("{kind}-{}", place + 1),
        None => format!("{kind}-gone"),
    }
}

fn record_line(account: &Account, id: Id) -> String {
    let record = &account.records[id];
    let mut line = name_of(account, id);
    if let Some(owner) = record.owner {
        let _ = write!(line, " of {}", name_of(account, owner));
    }
    let _ = write!(line, " {:?}", record.origin);
    if record.archived {
        line.push_str(" archived");
    }
    let mut links: Vec<String> = record
        .links
        .iter()
        .map(|link| link_text(Tool::Psa, &link.key, link.state))
        .collect();
    let companies = account.companies.iter().map(|row| (&row.key, &row.place));
    let devices = account.devices.iter().map(|row| (&row.key, &row.place));
    for (key, place) in companies.chain(devices) {
        if place.record == Some(id) {
            links.push(link_text(Tool::Rmm, key, LinkState::Matched));
        }
    }
    put_links(&mut line, links);
    for (name, refers_to) in FIELDS {
        if let Some(value) = record.field(name).filter(|value| !value.trim().is_empty()) {
            let text = match refers_to {
                Some(_) => value
                    .parse()
                    .map_or_else(|_| String::new(), |id| name_of(account, id)),
                None => value.to_owned(),
            };
            let _ = write!(line, " {name}={text:?}");
        }
    }
    if record.kind == RecordKind::Configuration {
        for (name, value) in shown(account, id, record) {
            let _ = write!(line, " shown-{name}={value:?}");
        }
    }
    line
}

/// What the overlay shows where it differs from the stored value: of several devices, the one seen
/// last, and of those the first of the RMM's list.
fn shown(account: &Account, id: Id, record: &Record) -> Vec<(&'static str, String)> {
    let devices = account.matched_devices(id);
    let Some(device) = devices.iter().rev().max_by_key(|row| row.seen.last_seen) else {
        return Vec::new();
    };
    let seen = &device.seen;
    let values = [&seen.serial, &seen.mac, &seen.model, &seen.cpu];
    let values = SHOWN.into_iter().zip(values);
    // A blank text hides a stored value like any other; over nothing it is nothing.
    let hides = |name: &str, value: &String| {
        let stored = record.field(name).unwrap_or_default();
        stored != value && !(stored.trim().is_empty() && value.trim().is_empty())
    };
    values
        .filter_map(|(name, value)| Some((name, value.clone()?)))
        .filter(|(name, value)| hides(name, value))
        .collect()
}

fn place_text(account: &Account, place: &Place) -> String {
    let record = place.record.map(|id| name_of(account, id));
    let suggestion = place.suggestion.map(|id| name_of(account, id));
    row_text(
        place.state,
        record.as_deref(),
        place.rule,
        suggestion.as_deref(),
        place.reason,
    )
}

fn row_text(
    state: ReviewState,
    record: Option<&str>,
    rule: Option<&str>,
    suggestion: Option<&str>,
    reason: Option<&str>,
) -> String {
    let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
    // What was odd about a match says nothing once the match is gone.
    let reason = reason.filter(|_| state == ReviewState::Matched);
    format!(
        "{state:?} to {} by {} suggested {} odd {}",
        or(record),
        or(rule),
        or(suggestion),
        or(reason)
    )
}

fn link_text(tool: Tool, key: &str, state: LinkState) -> String {
    format!("{tool}:{key}:{state:?}")
}

fn put_links(line: &mut String, mut links: Vec<String>) {
    links.sort();
    links.dedup();
    let _ = write!(line, " <{}>", links.join(" "));
}

/// Keys of the tools' records, by what their APIs call them.
#[derive(Debug)]
pub(super) struct Keys<'a>(BTreeMap<(Tool, RecordKind, &'a str), &'a str>);

impl<'a> Keys<'a> {
    pub(super) fn of(rows: &'a [SourceRow]) -> Self {
        let mut keys = BTreeMap::new();
        for row in rows {
            let at = (row.tool, row.kind, row.external_id.as_str());
            keys.entry(at).or_insert(row.key.as_str());
        }
        Self(keys)
    }

    fn key(&self, tool: Tool, kind: RecordKind, external_id: &str) -> &str {
        let key = self.0.get(&(tool, kind, external_id));
        key.copied().unwrap_or("NOBODY'S")
    }
}

/// The same of what the subject says.
pub(super) fn of_outcome(outcome: &Outcome, keys: &Keys<'_>) -> Vec<String> {
    let mut names: BTreeMap<(RecordKind, &str), String> = BTreeMap::new();
    let mut ordered: Vec<&RecordOutcome> = Vec::new();
    for kind in RecordKind::ALL {
        let mut records: Vec<&RecordOutcome> = outcome.records(kind).iter().collect();
        records.sort_by_key(|record| record.created_seq);
        for (place, record) in records.iter().enumerate() {
            names.insert((kind, &record.id), format!("{kind}-{}", place + 1));
        }
        ordered.extend(records);
    }
    let name = |kind: RecordKind, id: &str| {
        let name = names.get(&(kind, id)).cloned();
        name.unwrap_or_else(|| format!("{kind}-gone"))
    };
    let mut lines: Vec<String> = ordered
        .into_iter()
        .map(|record| outcome_line(record, keys, &name))
        .collect();
    let organization = |id: &Option<String>| {
        let id = id.as_deref();
        id.map(|id| name(RecordKind::Organization, id))
    };
    let configuration = |id: &Option<String>| {
        let id = id.as_deref();
        id.map(|id| name(RecordKind::Configuration, id))
    };
    for row in &outcome.rmm.companies {
        let place = row_text(
            row.state,
            organization(&row.record_id).as_deref(),
            row.rule.as_deref(),
            organization(&row.suggestion).as_deref(),
            row.reason.as_deref(),
        );
        lines.push(format!(
            "company {} {:?} {place} {}/{}",
            keys.key(Tool::Rmm, RecordKind::Organization, &row.external_id),
            row.name,
            row.devices_matched,
            row.devices_total
        ));
    }
    for row in &outcome.rmm.devices {
        let place = row_text(
            row.state,
            configuration(&row.record_id).as_deref(),
            row.rule.as_deref(),
            configuration(&row.suggestion).as_deref(),
            row.reason.as_deref(),
        );
        lines.push(format!(
            "device {} in {} {:?} {place}",
            keys.key(Tool::Rmm, RecordKind::Configuration, &row.external_id),
            keys.key(
                Tool::Rmm,
                RecordKind::Organization,
                &row.company_external_id
            ),
            row.name
        ));
    }
    lines.extend((outcome.warnings.iter()).map(|warning| format!("warning {}", warning.id)));
    lines
}

fn outcome_line(
    record: &RecordOutcome,
    keys: &Keys<'_>,
    name: &dyn Fn(RecordKind, &str) -> String,
) -> String {
    let mut line = name(record.kind, &record.id);
    if let Some(owner) = &record.organization_id {
        let _ = write!(line, " of {}", name(RecordKind::Organization, owner));
    }
    let _ = write!(line, " {:?}", record.origin);
    if record.archived {
        line.push_str(" archived");
    }
    let links = record.links.iter().map(|link| {
        let key = keys.key(link.tool, record.kind, &link.external_id);
        link_text(link.tool, key, link.state)
    });
    put_links(&mut line, links.collect());
    let text = |value: &serde_json::Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    for (field, refers_to) in FIELDS {
        let value = match field {
            "name" if record.kind != RecordKind::Contact => Some(record.name.clone()),
            _ => record.fields.get(field).map(text),
        };
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            let value = match refers_to {
                Some(kind) => name(kind, &value),
                None => value,
            };
            let _ = write!(line, " {field}={value:?}");
        }
    }
    for field in SHOWN {
        // Blank over nothing is nothing.
        let stored = record.fields.get(field).map(text).unwrap_or_default();
        let shown = record.shown.get(field).map(text).unwrap_or_default();
        if !(stored.trim().is_empty() && shown.trim().is_empty())
            && record.shown.contains_key(field)
        {
            let _ = write!(line, " shown-{field}={shown:?}");
        }
    }
    line
}

/// What the two do not have in common; empty when they are equal. `-` the oracle, `+` the subject.
pub(super) fn difference(oracle: &[String], subject: &[String]) -> String {
    let (oracle, subject) = (sorted(oracle), sorted(subject));
    crate::support::account::difference(&oracle, &subject)
}

fn sorted(lines: &[String]) -> String {
    let mut lines = lines.to_vec();
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}
