//! The run for people: a table that fits the terminal, below it the cases that failed with what was
//! expected and found, and one line of sums at the end.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use comfy_table::Table;

use crate::model::Evidence;

use super::paint::{Colour, Paint, harmless, one_line};
use super::run::{CaseReport, CaseVerdict, RunReport};
use super::table::{TABLE_WIDTH_MIN, grouped, is_judged, table};

/// Where the report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanOptions {
    /// Columns of the terminal.
    pub width: u16,
    /// Whether colours are shown.
    pub colour: bool,
}

impl HumanOptions {
    /// Columns when nobody says how many there are: a pipe, a file.
    pub const PIPE_WIDTH: u16 = 80;

    /// Asks the standard output: its width, and colours when it is a terminal, unless `NO_COLOR` is
    /// set to something or `TERM` is `dumb`.
    pub fn detect() -> Self {
        let terminal = io::stdout().is_terminal();
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            width: Table::new()
                .width()
                .filter(|width| *width > 0)
                .unwrap_or(Self::PIPE_WIDTH),
            colour: terminal && !refused,
        }
    }
}

impl Default for HumanOptions {
    fn default() -> Self {
        Self {
            width: Self::PIPE_WIDTH,
            colour: false,
        }
    }
}

/// Writes the report for people.
///
/// # Errors
/// What the writer says.
pub fn write_human(
    report: &RunReport,
    options: HumanOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint::new(options.colour);
    if options.width < TABLE_WIDTH_MIN {
        list(report, paint, out)?;
    } else if !report.cases.is_empty() {
        for line in table(report, options).lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    if !report.cases.is_empty() {
        writeln!(out)?;
    }
    for case in &report.cases {
        trouble(case, paint, out)?;
    }
    omissions(report, out)?;
    explanations(report, out)?;
    unsettled(report, options, out)?;
    closing(report, paint, out)
}

/// What a terminal shows that is too narrow for a table.
fn list(report: &RunReport, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for case in &report.cases {
        let word = paint.show(colour(case.verdict), case.verdict.name());
        writeln!(out, "{word} {}", one_line(&case.name()))?;
        if is_judged(case) {
            writeln!(
                out,
                "  {}, {}, {}, {} unmatched",
                counted(case.organizations, "organization"),
                counted(case.configurations, "configuration"),
                counted(case.duplicates.total(), "duplicate"),
                grouped(case.unmatched)
            )?;
        }
    }
    Ok(())
}

fn colour(verdict: CaseVerdict) -> Colour {
    match verdict {
        CaseVerdict::Pass | CaseVerdict::Explained => Colour::Green,
        CaseVerdict::Omitted => Colour::Plain,
        CaseVerdict::Fail => Colour::Red,
        CaseVerdict::Error => Colour::Magenta,
    }
}

fn trouble(case: &CaseReport, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let word = match case.verdict {
        CaseVerdict::Pass | CaseVerdict::Explained | CaseVerdict::Omitted => return Ok(()),
        CaseVerdict::Fail => "FAIL",
        CaseVerdict::Error => "ERROR",
    };
    let word = paint.show(colour(case.verdict), word);
    writeln!(
        out,
        "{word} {}",
        paint.show(Colour::Bold, &one_line(&case.name()))
    )?;
    if !case.title.is_empty() {
        writeln!(out, "  {}", one_line(&case.title))?;
    }
    if let Some(error) = &case.error {
        let text = format!("{}: {}", error.code, error.message);
        writeln!(out, "  {}", indented(&text, 4))?;
        hint(error.hint.as_deref(), paint, out)?;
    }
    for failure in &case.failures {
        writeln!(out, "  {}", one_line(&failure.what))?;
        writeln!(out, "    expected {}", indented(&failure.expected, 13))?;
        writeln!(out, "    found    {}", indented(&failure.actual, 13))?;
        hint(failure.hint.as_deref(), paint, out)?;
    }
    writeln!(out, "  run again: {}", one_line(&case.rerun_command()))?;
    writeln!(out)
}

fn hint(hint: Option<&str>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    match hint {
        Some(hint) => writeln!(
            out,
            "    {} {}",
            paint.show(Colour::Cyan, "help:"),
            indented(hint, 10)
        ),
        None => Ok(()),
    }
}

/// A text of several lines, the later ones under the first.
fn indented(text: &str, columns: usize) -> String {
    harmless(text).replace('\n', &format!("\n{}", " ".repeat(columns)))
}

/// Why cases were omitted, each reason once.
fn omissions(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for case in &report.cases {
        if let Some(because) = &case.omitted_because {
            *reasons.entry(because).or_default() += 1;
        }
    }
    for (because, count) in &reasons {
        writeln!(
            out,
            "{} omitted: {}",
            counted(*count, "case"),
            one_line(because)
        )?;
    }
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out)
}

/// How outcomes differ from those of the scripts' own vendors, as the capability table explains it.
fn explanations(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    const CASES_MAX: usize = 12;
    let explained = report
        .cases
        .iter()
        .filter(|case| case.verdict == CaseVerdict::Explained);
    let count = explained.clone().count();
    if count == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "Other than with the scripts' own vendors, as `syncrig vendors` explains:"
    )?;
    for case in explained.take(CASES_MAX) {
        let difference = case.explained.first().map_or("", String::as_str);
        writeln!(
            out,
            "  {}: {}",
            one_line(&case.name()),
            one_line(difference)
        )?;
    }
    if count > CASES_MAX {
        writeln!(out, "  and {} more, in --format json", count - CASES_MAX)?;
    }
    writeln!(out)
}

/// The rules on which outcomes rest and that public material does not settle, those of most cases
/// first, as many as fit on a few lines.
fn unsettled(report: &RunReport, options: HumanOptions, out: &mut dyn Write) -> io::Result<()> {
    const LINES_MAX: usize = 4;
    let mut cases: BTreeMap<&str, (Evidence, u64)> = BTreeMap::new();
    for (id, evidence) in report.cases.iter().flat_map(|case| &case.unsettled) {
        cases.entry(id).or_insert((*evidence, 0)).1 += 1;
    }
    let mut rules: Vec<(&str, Evidence, u64)> = cases
        .into_iter()
        .map(|(id, (evidence, count))| (id, evidence, count))
        .collect();
    rules.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    let Some((first, ..)) = rules.first() else {
        return Ok(());
    };
    let first = one_line(first);
    writeln!(
        out,
        "What public material does not settle decided here, in so many cases:"
    )?;
    let width = usize::from(options.width).clamp(40, 100);
    let mut lines = vec![String::new()];
    let mut left = rules.len();
    for (id, evidence, count) in &rules {
        let word = format!("{} {} ({})", one_line(id), grouped(*count), evidence.name());
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + word.chars().count() + 4 > width {
            if lines.len() == LINES_MAX {
                break;
            }
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.is_empty() { "  " } else { ", " });
            line.push_str(&word);
        }
        left -= 1;
    }
    for line in &lines {
        writeln!(out, "{line}")?;
    }
    if left > 0 {
        writeln!(out, "  and {left} more, in --format json")?;
    }
    writeln!(out, "`syncrig rules {first}` says what a rule says.")?;
    writeln!(out)
}

fn closing(report: &RunReport, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let totals = &report.totals;
    if totals.cases == 0 {
        return writeln!(out, "0 cases: nothing was selected to run");
    }
    let words = [
        (totals.passed, "passed", Colour::Green),
        (
            totals.explained,
            "explained by the capability table",
            Colour::Green,
        ),
        (totals.failed, "failed", Colour::Red),
        (totals.errors, "broke off", Colour::Magenta),
        (totals.omitted, "omitted", Colour::Plain),
    ];
    let parts: Vec<String> = words
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, word, colour)| paint.show(colour, &format!("{} {word}", grouped(count))))
        .collect();
    writeln!(
        out,
        "{}: {}",
        counted(totals.cases, "case"),
        parts.join(", ")
    )?;
    writeln!(
        out,
        "{}, {}, {}; {} in {}",
        counted(totals.organizations, "organization"),
        counted(totals.configurations, "configuration"),
        counted(totals.duplicates, "duplicate"),
        counted(totals.requests, "request"),
        duration(totals.duration_ms)
    )
}

fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}

fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}
