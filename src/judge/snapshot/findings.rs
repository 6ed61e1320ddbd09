//! The judge's part of a snapshot: counts, measures and the lists behind them.

use super::tokens::Tokens;
use super::writer::Writer;
use crate::judge::join::Joined;
use crate::judge::judgement::{DuplicateCounts, Judgement, PerKind, QueueCounts};
use crate::judge::linkage::Linkage;

pub(super) fn write(
    joined: &Joined<'_>,
    tokens: &Tokens,
    judgement: &Judgement,
    listed_max: usize,
    writer: &mut Writer<'_>,
) {
    writer.raw_entry(0, "version", "1");
    counts(writer, "records", &judgement.records);
    if judgement.archived.total() > 0 {
        counts(writer, "archived", &judgement.archived);
    }
    if judgement.strays.total() > 0 {
        counts(writer, "strays", &judgement.strays);
    }
    duplicate_counts(writer, &judgement.duplicates);
    counts(writer, "false_merges", &judgement.false_merges);
    counts(writer, "missing", &judgement.missing);
    writer.open(0, "matching_screen");
    queue(writer, "organizations", &judgement.companies);
    queue(writer, "devices", &judgement.devices);
    measures(writer, &judgement.linkage);
    if let Some(writes) = judgement.second_run_writes {
        writer.raw_entry(0, "second_run_writes", &writes.to_string());
    }
    list(
        writer,
        "duplicate_list",
        duplicates(joined, tokens, judgement),
        listed_max,
    );
    list(
        writer,
        "false_merge_list",
        false_merges(joined, tokens, judgement),
        listed_max,
    );
    list(writer, "missing_list", missing(judgement), listed_max);
    // Examples name ids; the code and the count are enough to see that something is wrong.
    if !judgement.violations.is_empty() {
        writer.open(0, "broken_laws");
        for violation in &judgement.violations {
            writer.raw_entry(1, violation.code, &violation.count.to_string());
        }
    }
}

fn counts(writer: &mut Writer<'_>, key: &str, counts: &PerKind<u64>) {
    per_kind(writer, key, &counts.map(u64::to_string));
}

fn duplicate_counts(writer: &mut Writer<'_>, duplicates: &PerKind<DuplicateCounts>) {
    let texts = duplicates.map(|counts| {
        let parts = [
            ("inherited", counts.inherited),
            ("created", counts.created),
            ("missed_join", counts.missed_join),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(cause, count)| format!("{cause}: {count}"))
            .collect();
        if parts.is_empty() {
            "0".to_owned()
        } else {
            format!("{{{}}}", parts.join(", "))
        }
    });
    per_kind(writer, "duplicates", &texts);
}

/// All kinds on one line, so that a change of one count is a change of one line.
fn per_kind(writer: &mut Writer<'_>, key: &str, texts: &PerKind<String>) {
    let parts: Vec<String> = texts
        .iter()
        .map(|(kind, text)| format!("{}: {text}", kind.plural()))
        .collect();
    writer.raw_entry(0, key, &format!("{{{}}}", parts.join(", ")));
}

fn queue(writer: &mut Writer<'_>, key: &str, counts: &QueueCounts) {
    let text = format!(
        "{{matched: {}, unmatched: {}, suggested: {}, ignored: {}}}",
        counts.matched, counts.unmatched, counts.suggested, counts.ignored
    );
    writer.raw_entry(1, key, &text);
}

fn measures(writer: &mut Writer<'_>, linkage: &PerKind<Linkage>) {
    writer.open(0, "linkage");
    for (kind, linkage) in linkage.iter().filter(|(_, linkage)| linkage.items > 0) {
        writer.open(1, kind.plural());
        let pairs = format!(
            "{{linked: {}, true: {}, correct: {}}}",
            linkage.linked_pairs, linkage.true_pairs, linkage.correct_pairs
        );
        writer.raw_entry(2, "source_records", &linkage.items.to_string());
        writer.raw_entry(2, "pairs", &pairs);
        let bcubed = format!(
            "{{precision: {}, recall: {}, f1: {}}}",
            decimals(linkage.bcubed_precision.value(linkage.items)),
            decimals(linkage.bcubed_recall.value(linkage.items)),
            decimals(linkage.bcubed_f1())
        );
        writer.raw_entry(2, "bcubed", &bcubed);
    }
}

fn decimals(value: Option<f64>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| format!("{value:.4}"))
}

fn duplicates(joined: &Joined<'_>, tokens: &Tokens, judgement: &Judgement) -> Vec<String> {
    judgement
        .findings
        .duplicates
        .iter()
        .map(|finding| {
            format!(
                "{} beside {}, {}{}",
                tokens.record(joined, finding.kind, &finding.record_id),
                tokens.record(joined, finding.kind, &finding.first_record_id),
                finding.cause.name(),
                rules(&finding.rules)
            )
        })
        .collect()
}

fn false_merges(joined: &Joined<'_>, tokens: &Tokens, judgement: &Judgement) -> Vec<String> {
    judgement
        .findings
        .false_merges
        .iter()
        .map(|finding| {
            format!(
                "{} holds {}{}",
                tokens.record(joined, finding.kind, &finding.record_id),
                finding.entities.join(", "),
                rules(&finding.rules)
            )
        })
        .collect()
}

fn missing(judgement: &Judgement) -> Vec<String> {
    judgement
        .findings
        .missing
        .iter()
        .map(|finding| {
            let reason = match &finding.reason {
                Some(reason) => format!(", {reason}"),
                None => String::new(),
            };
            format!(
                "<{}:{}>{reason}{}",
                finding.kind,
                finding.entity,
                rules(&finding.rules)
            )
        })
        .collect()
}

fn rules(rules: &[String]) -> String {
    if rules.is_empty() {
        String::new()
    } else {
        format!(" ({})", rules.join(", "))
    }
}

/// A set: sorted, so that the order of creation does not show.
fn list(writer: &mut Writer<'_>, key: &str, mut lines: Vec<String>, listed_max: usize) {
    if lines.is_empty() {
        return;
    }
    lines.sort_unstable();
    writer.open(0, key);
    for line in lines.iter().take(listed_max) {
        writer.item(1, line);
    }
    if lines.len() > listed_max {
        writer.item(1, &format!("and {} more", lines.len() - listed_max));
    }
}
