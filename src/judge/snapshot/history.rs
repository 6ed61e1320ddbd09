//! What happened, in a snapshot: matching screen, syncs, imports, decisions, warnings.

use super::tokens::{Tokens, source, source_in};
use super::writer::Writer;
use crate::judge::join::Joined;
use crate::model::{ImportOutcome, Ledger, RecordKind, ReviewState, SyncOutcome, SyncStatus, Tool};

pub(super) fn write(
    joined: &Joined<'_>,
    tokens: &Tokens,
    decisions_shown: bool,
    writer: &mut Writer<'_>,
) {
    screen(joined, tokens, writer);
    if !joined.outcome.syncs.is_empty() {
        writer.open(0, "syncs");
        for (at, one) in joined.outcome.syncs.iter().enumerate() {
            sync(at, one, writer);
        }
    }
    if !joined.outcome.imports.is_empty() {
        writer.open(0, "imports");
        for (at, one) in joined.outcome.imports.iter().enumerate() {
            import(at, one, writer);
        }
    }
    if decisions_shown {
        decisions(joined, tokens, writer);
    }
    if !joined.outcome.warnings.is_empty() {
        writer.open(0, "warnings");
        for warning in &joined.outcome.warnings {
            writer.item(1, &format!("step {} {}", warning.step, warning.id));
        }
    }
}

fn screen(joined: &Joined<'_>, tokens: &Tokens, writer: &mut Writer<'_>) {
    let rmm = &joined.outcome.rmm;
    let companies = rmm.companies.iter().map(|row| {
        let devices = format!(
            "{} of {} devices matched",
            row.devices_matched, row.devices_total
        );
        let shown = ScreenRow {
            kind: RecordKind::Organization,
            vendor: &row.vendor,
            external_id: &row.external_id,
            state: row.state,
            record_id: row.record_id.as_deref(),
            suggestion: row.suggestion.as_deref(),
            notes: [row.rule.as_deref(), row.reason.as_deref(), Some(&devices)],
        };
        shown.text(joined, tokens)
    });
    rows(writer, "rmm_organizations", companies.collect());
    let devices = rmm.devices.iter().map(|row| {
        let shown = ScreenRow {
            kind: RecordKind::Configuration,
            vendor: &row.vendor,
            external_id: &row.external_id,
            state: row.state,
            record_id: row.record_id.as_deref(),
            suggestion: row.suggestion.as_deref(),
            notes: [row.rule.as_deref(), row.reason.as_deref(), None],
        };
        shown.text(joined, tokens)
    });
    rows(writer, "rmm_devices", devices.collect());
}

/// A set: its order is the vendor's.
fn rows(writer: &mut Writer<'_>, key: &str, mut lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    lines.sort_unstable();
    writer.open(0, key);
    for line in &lines {
        writer.item(1, line);
    }
}

/// A row of the matching screen, of either queue.
struct ScreenRow<'a> {
    kind: RecordKind,
    vendor: &'a str,
    external_id: &'a str,
    state: ReviewState,
    record_id: Option<&'a str>,
    suggestion: Option<&'a str>,
    notes: [Option<&'a str>; 3],
}

impl ScreenRow<'_> {
    fn text(&self, joined: &Joined<'_>, tokens: &Tokens) -> String {
        let mut text = source_in(joined, Tool::Rmm, self.vendor, self.kind, self.external_id);
        text.push_str(match self.state {
            ReviewState::Unmatched => " unmatched",
            ReviewState::Matched => " matched",
            ReviewState::Ignored => " ignored",
        });
        if let Some(id) = self.record_id {
            text.push_str(" to ");
            text.push_str(&tokens.record(joined, self.kind, id));
        }
        if let Some(id) = self.suggestion {
            text.push_str(", suggested ");
            text.push_str(&tokens.record(joined, self.kind, id));
        }
        for note in self.notes.into_iter().flatten() {
            text.push_str(", ");
            text.push_str(note);
        }
        text
    }
}

fn sync(at: usize, sync: &SyncOutcome, writer: &mut Writer<'_>) {
    let ended = match (&sync.status, &sync.error) {
        (SyncStatus::Completed, _) => "completed".to_owned(),
        (SyncStatus::Failed, Some(error)) => format!("failed with {}", error.code),
        (SyncStatus::Failed, None) => "failed".to_owned(),
    };
    writer.open(1, &format!("sync {at}"));
    writer.entry(2, sync.tool.to_string().as_str(), &ended);
    let mut ledgers: Vec<&Ledger> = sync.ledgers.iter().collect();
    ledgers.sort_by_key(|ledger| ledger.kind);
    for ledger in ledgers {
        writer.entry(2, ledger.kind.plural(), &ledger_text(ledger));
    }
    writer.raw_entry(2, "writes", &sync.writes.to_string());
}

fn import(at: usize, import: &ImportOutcome, writer: &mut Writer<'_>) {
    let ended = match &import.error {
        None => "taken".to_owned(),
        Some(error) => format!("refused with {}", error.code),
    };
    writer.open(1, &format!("import {at}"));
    writer.entry(2, import.kind.plural(), &ended);
    writer.entry(2, "rows", &ledger_text(&import.ledger));
    if !import.rules.is_empty() {
        let rules = import.rules.iter();
        let rules: Vec<String> = rules
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect();
        writer.entry(2, "rules", &rules.join(", "));
    }
    if !import.problems.is_empty() {
        writer.open(2, "bad");
        for problem in &import.problems {
            writer.item(3, &format!("{} {problem}", problem.code));
        }
    }
    writer.raw_entry(2, "writes", &import.writes.to_string());
}

fn ledger_text(ledger: &Ledger) -> String {
    let counts = [
        ("created", ledger.created),
        ("updated", ledger.updated),
        ("unchanged", ledger.unchanged),
        ("rejected", ledger.rejected),
    ];
    let mut parts = vec![format!("fetched {}", ledger.fetched)];
    parts.extend(
        counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{word} {count}")),
    );
    parts.extend(
        ledger
            .skipped
            .iter()
            .map(|(rule, count)| format!("skipped {count} by {rule}")),
    );
    parts.join(", ")
}

/// Decisions of one sync are a set: their order is the vendor's.
fn decisions(joined: &Joined<'_>, tokens: &Tokens, writer: &mut Writer<'_>) {
    let mut lines: Vec<(usize, String)> = joined
        .outcome
        .decisions
        .iter()
        .map(|decision| {
            let token = source(
                joined,
                decision.tool,
                &decision.vendor,
                decision.kind,
                &decision.external_id,
            );
            let (group, when) = match decision.sync {
                Some(sync) => (sync, format!("sync {sync}")),
                None => (usize::MAX, "by hand".to_owned()),
            };
            let target = match &decision.record_id {
                Some(id) => format!(" {}", tokens.record(joined, decision.kind, id)),
                None => String::new(),
            };
            let outcome = decision.outcome.name();
            let line = format!("{when}, {token} {outcome} by {}{target}", decision.rule);
            (group, line)
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    lines.sort_unstable();
    writer.open(0, "decisions");
    for (_, line) in &lines {
        writer.item(1, line);
    }
}
