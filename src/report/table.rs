//! The table of cases. It lays out columns; what a row means is the report's business.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

use super::human::HumanOptions;
use super::paint::one_line;
use super::run::{CaseReport, CaseVerdict, RunReport};

/// A table needs so many columns of the terminal.
pub(super) const TABLE_WIDTH_MIN: u16 = 72;
/// From this width on the headings are written out.
const WIDE: u16 = 110;
/// Columns between two columns.
const GAP: u16 = 2;

const HEADS: [&str; 8] = [
    "scenario",
    "method",
    "vendors",
    "organizations",
    "configurations",
    "duplicates",
    "unmatched",
    "verdict",
];
const SHORT_HEADS: [&str; 8] = [
    "scenario", "mthd", "vendors", "orgs", "configs", "dupl", "unm", "verdict",
];

pub(super) fn table(report: &RunReport, options: HumanOptions) -> Table {
    let heads = if options.width >= WIDE {
        HEADS
    } else {
        SHORT_HEADS
    };
    let rows: Vec<[String; 8]> = report.cases.iter().map(texts).collect();
    let rows = fitted(rows, heads, usize::from(options.width));
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')))
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(options.width)
        .set_header(heads);
    if options.colour {
        table.enforce_styling();
    }
    for (case, texts) in report.cases.iter().zip(rows) {
        let mut cells: Vec<Cell> = texts.into_iter().map(Cell::new_owned).collect();
        if let Some(verdict) = cells.pop() {
            cells.push(verdict.fg(colour(case.verdict)));
        }
        table.add_row(cells);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at + 1 < HEADS.len() { GAP } else { 0 }));
        if (3..=6).contains(&at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Whether a case has numbers: 0 would be one.
pub(super) fn is_judged(case: &CaseReport) -> bool {
    matches!(
        case.verdict,
        CaseVerdict::Pass | CaseVerdict::Explained | CaseVerdict::Fail
    )
}

/// `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn texts(case: &CaseReport) -> [String; 8] {
    let count = |count: u64| {
        if is_judged(case) {
            grouped(count)
        } else {
            "–".to_owned()
        }
    };
    [
        one_line(&case.scenario),
        case.method.to_string(),
        one_line(&case.vendors().unwrap_or_else(|| "–".to_owned())),
        count(case.organizations),
        count(case.configurations),
        count(case.duplicates.total()),
        count(case.unmatched),
        case.verdict.name().to_owned(),
    ]
}

const fn colour(verdict: CaseVerdict) -> Color {
    match verdict {
        CaseVerdict::Pass | CaseVerdict::Explained => Color::Green,
        CaseVerdict::Omitted => Color::DarkGrey,
        CaseVerdict::Fail => Color::Red,
        CaseVerdict::Error => Color::Magenta,
    }
}

/// Breaks scenarios and vendors where people would, when they do not fit: vendors at the plus, a
/// scenario behind a slash or a hyphen.
fn fitted(mut rows: Vec<[String; 8]>, heads: [&str; 8], width: usize) -> Vec<[String; 8]> {
    let longest = |rows: &[[String; 8]], column: usize| {
        rows.iter()
            .flat_map(|row| row[column].lines().map(columns))
            .chain([heads[column].len()])
            .max()
            .unwrap_or_default()
    };
    let rest: usize = [1, 3, 4, 5, 6, 7]
        .into_iter()
        .map(|column| longest(&rows, column))
        .sum();
    let free = width.saturating_sub(rest + usize::from(GAP) * (heads.len() - 1));
    if longest(&rows, 0) + longest(&rows, 2) <= free {
        return rows;
    }
    for row in &mut rows {
        row[2] = row[2].replace(" + ", " +\n");
    }
    let room = free.saturating_sub(longest(&rows, 2)).max(ROOM_MIN);
    for row in &mut rows {
        row[0] = broken(&row[0], room);
    }
    rows
}

/// A scenario is not squeezed into less.
const ROOM_MIN: usize = 8;

/// The text in lines of at most `room` characters, broken behind a slash, a hyphen or a blank where
/// there is one.
fn broken(text: &str, room: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for c in text.chars() {
        if columns(&line) == room {
            let end = line.rfind(['/', '-', ' ']).map_or(line.len(), |at| at + 1);
            let rest = line.split_off(end);
            lines.push(line);
            line = rest;
        }
        line.push(c);
    }
    lines.push(line);
    lines.join("\n")
}

/// Characters stand for columns: names of scenarios and vendors are plain.
fn columns(text: &str) -> usize {
    text.chars().count()
}

/// A table of figures: every column but the first one stands right, and the whole within `width` columns.
pub(crate) fn figures(
    heads: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    width: u16,
) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')))
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(heads.iter().copied())
        .add_rows(rows);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at + 1 < heads.len() { 2 } else { 0 }));
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A time as people say it: `3 h 12 min`, `4 min 7 s`.
pub(crate) fn long(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}
