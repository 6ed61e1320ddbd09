//! The records of the account in a snapshot, with their links and fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tokens::{Tokens, source};
use super::writer::{Writer, inline};
use super::{ShownFields, SnapshotOptions};
use crate::judge::join::Joined;
use crate::model::{Fields, LinkState, PushState, RecordKind};

pub(super) fn write(
    joined: &Joined<'_>,
    tokens: &Tokens,
    options: &SnapshotOptions,
    writer: &mut Writer<'_>,
) {
    let mut order: Vec<usize> = (0..joined.records.len()).collect();
    order.sort_by_key(|place| (joined.records[*place].kind, tokens.at(*place)));
    let mut head: Option<RecordKind> = None;
    for place in order {
        let kind = joined.records[place].kind;
        if head != Some(kind) {
            writer.open(0, kind.plural());
            head = Some(kind);
        }
        record(joined, tokens, options, place, writer);
    }
}

fn record(
    joined: &Joined<'_>,
    tokens: &Tokens,
    options: &SnapshotOptions,
    place: usize,
    writer: &mut Writer<'_>,
) {
    let (kind, record) = (joined.records[place].kind, joined.records[place].record);
    writer.open(1, tokens.at(place));
    writer.entry(2, "name", &record.name);
    if let Some(id) = &record.organization_id {
        let token = tokens.record(joined, RecordKind::Organization, id);
        writer.entry(2, "organization", &token);
    }
    if record.archived {
        writer.raw_entry(2, "archived", "true");
    }
    if let Some(push) = record.push {
        let word = match push {
            PushState::Pending => "pending",
            PushState::Failed => "failed",
        };
        writer.raw_entry(2, "push", word);
    }
    let mut links: Vec<String> = record
        .links
        .iter()
        .map(|link| {
            let token = source(joined, link.tool, &link.vendor, kind, &link.external_id);
            format!("{token} {}", link_word(link.state))
        })
        .collect();
    if !links.is_empty() {
        links.sort_unstable();
        writer.open(2, "links");
        for link in &links {
            writer.item(3, link);
        }
    }
    fields(
        joined,
        tokens,
        &options.fields,
        ("fields", &record.fields),
        writer,
    );
    fields(
        joined,
        tokens,
        &options.fields,
        ("shown", &record.shown),
        writer,
    );
}

fn link_word(state: LinkState) -> &'static str {
    match state {
        LinkState::Enabled => "enabled",
        LinkState::Disabled => "disabled",
        LinkState::Orphaned => "orphaned",
        LinkState::Error => "error",
        LinkState::Disconnected => "disconnected",
        LinkState::Matched => "matched",
    }
}

fn fields(
    joined: &Joined<'_>,
    tokens: &Tokens,
    shown: &ShownFields,
    (key, fields): (&str, &Fields),
    writer: &mut Writer<'_>,
) {
    let mut fields = fields
        .iter()
        .filter(|(name, _)| shown.shows(name))
        .peekable();
    if fields.peek().is_none() {
        return;
    }
    writer.open(2, key);
    for (name, value) in fields {
        writer.raw_entry(3, name, &inline(&veil(joined, tokens, name, value)));
    }
}

/// The value without what differs from run to run or from vendor to vendor: ids become names,
/// times `<time>`, links `<url>`. Names of fields tell which is which, since a number alone does
/// not tell whether it is an id.
fn veil(joined: &Joined<'_>, tokens: &Tokens, name: &str, value: &Value) -> Value {
    match value {
        Value::Array(values) => values
            .iter()
            .map(|value| {
                veil(
                    joined,
                    tokens,
                    name.strip_suffix('s').unwrap_or(name),
                    value,
                )
            })
            .collect(),
        Value::Object(fields) => {
            // Sorted here, since whether the map itself is depends on a feature of the JSON crate.
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            sorted
                .into_iter()
                .map(|(name, value)| (name.clone(), veil(joined, tokens, name, value)))
                .collect()
        }
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(_) | Value::String(_) if name == "id" || name.ends_with("_id") => {
            Value::from(reference(joined, tokens, name, value))
        }
        Value::String(text) if name.ends_with("_url") && !text.is_empty() => Value::from("<url>"),
        Value::String(text) if is_time(text) => Value::from("<time>"),
        Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn reference(joined: &Joined<'_>, tokens: &Tokens, name: &str, value: &Value) -> String {
    let kind = match name {
        "organization_id" | "parent_id" => RecordKind::Organization,
        "location_id" | "primary_location_id" => RecordKind::Location,
        "contact_id" => RecordKind::Contact,
        "configuration_id" => RecordKind::Configuration,
        _ => return "<id>".to_owned(),
    };
    match value {
        Value::String(id) => tokens.record(joined, kind, id),
        other => tokens.record(joined, kind, &other.to_string()),
    }
}

/// A moment in RFC 3339 form. A date alone is data: a warranty, a purchase.
fn is_time(text: &str) -> bool {
    text.len() > 10
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.parse::<jiff::Timestamp>().is_ok()
}
