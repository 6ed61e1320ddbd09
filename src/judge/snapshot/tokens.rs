//! Names instead of ids. A name is made from the truth alone, so that it does not depend on which
//! vendor listed a record first.

use std::collections::BTreeMap;

use crate::judge::join::{Joined, JoinedRecord, RowNo};
use crate::model::{Origin, RecordKind, Tool};

pub(super) struct Tokens {
    /// By place in the join.
    records: Vec<String>,
}

impl Tokens {
    pub(super) fn new(joined: &Joined<'_>) -> Self {
        let mut taken: BTreeMap<String, u32> = BTreeMap::new();
        let records = joined
            .records
            .iter()
            .map(|record| {
                let base = base(joined, record);
                let uses = taken.entry(base.clone()).or_default();
                *uses += 1;
                match *uses {
                    1 => format!("<{base}>"),
                    again => format!("<{base}~{again}>"),
                }
            })
            .collect();
        Self { records }
    }

    /// The record at a place in the join.
    pub(super) fn at(&self, place: usize) -> &str {
        self.records.get(place).map_or("<unknown>", String::as_str)
    }

    /// The record with an account id.
    pub(super) fn record(&self, joined: &Joined<'_>, kind: RecordKind, id: &str) -> String {
        match joined.record_number(kind, id) {
            Some(number) => self.at(number as usize).to_owned(),
            None => format!("<{kind}:unknown>"),
        }
    }
}

/// A record of a tool, its tool before it.
pub(super) fn source(
    joined: &Joined<'_>,
    tool: Tool,
    vendor: &str,
    kind: RecordKind,
    external_id: &str,
) -> String {
    format!(
        "{tool} {}",
        source_in(joined, tool, vendor, kind, external_id)
    )
}

/// A record of a tool where the tool is clear.
pub(super) fn source_in(
    joined: &Joined<'_>,
    tool: Tool,
    vendor: &str,
    kind: RecordKind,
    external_id: &str,
) -> String {
    let key = joined
        .row(tool, vendor, kind, external_id)
        .map_or("unknown", |row| row_key(joined, row));
    format!("<{}:{key}>", source_word(kind))
}

fn source_word(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Organization => "organization",
        RecordKind::Location => "location",
        RecordKind::Contact => "contact",
        RecordKind::Configuration => "device",
    }
}

/// Named after the PSA's record it is linked to, else the RMM's, else the entity that a person
/// meant; with how it came into the account, where that was not by a sync.
fn base(joined: &Joined<'_>, record: &JoinedRecord<'_>) -> String {
    let linked = |tool: Tool| {
        joined
            .links(record)
            .iter()
            .filter(|link| joined.rows[link.row as usize].tool == tool)
            .map(|link| row_key(joined, link.row))
            .min()
    };
    let key = linked(Tool::Psa)
        .or_else(|| linked(Tool::Rmm))
        .or_else(|| {
            let entity = joined.entities_of(record).first()?;
            Some(joined.key(*entity))
        })
        .unwrap_or("unknown");
    let how = match record.record.origin {
        Origin::Psa => "",
        Origin::Review => "/created",
        Origin::Manual => "/manual",
        Origin::Import => "/import",
        Origin::Api => "/api",
    };
    format!("{}:{key}{how}", record.kind)
}

fn row_key<'a>(joined: &Joined<'a>, row: RowNo) -> &'a str {
    &joined.rows[row as usize].key
}
