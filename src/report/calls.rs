//! What the vendors were asked: requests against the records that they brought, and against what the
//! vendor allows. It adds up and lays out; what a vendor allows it is told.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde::{Deserialize, Serialize};

use super::human::HumanOptions;
use super::run::RunReport;
use super::table::grouped;
use crate::model::Tool;

/// A vendor's published limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Requests allowed in a window.
    pub requests: u32,
    /// Length of the window in milliseconds.
    pub window_ms: u32,
}

/// What a vendor was asked in a case, or in all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// What the vendor played.
    pub tool: Tool,
    /// Its slug.
    pub vendor: String,
    /// Requests, those for tokens and repeated ones included.
    pub requests: u64,
    /// Records that syncs fetched. One that two syncs fetched counts twice.
    pub records: u64,
    /// Requests for a thousand records; none without records.
    pub requests_per_1000_records: Option<u64>,
    /// The vendor's limit; none when it has none or publishes none.
    pub quota: Option<Quota>,
    /// The requests as a percentage of what one window allows; of several cases, the largest.
    pub quota_percent: Option<u64>,
}

impl Calls {
    /// The calls of one case.
    pub fn new(
        tool: Tool,
        vendor: impl Into<String>,
        requests: u64,
        records: u64,
        quota: Option<Quota>,
    ) -> Self {
        Self {
            tool,
            vendor: vendor.into(),
            requests,
            records,
            requests_per_1000_records: rate(requests, records),
            quota,
            quota_percent: quota
                .map(|quota| (requests * 100).div_ceil(u64::from(quota.requests.max(1)))),
        }
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.records += other.records;
        self.requests_per_1000_records = rate(self.requests, self.records);
        self.quota_percent = self.quota_percent.max(other.quota_percent);
    }
}

fn rate(requests: u64, records: u64) -> Option<u64> {
    (requests * 1_000 + records / 2).checked_div(records)
}

/// The calls of all cases by vendor, in the order in which vendors first come.
pub(super) fn sum<'a>(cases: impl Iterator<Item = &'a Calls>) -> Vec<Calls> {
    let mut sums: Vec<Calls> = Vec::new();
    for calls in cases {
        let same = |sum: &&mut Calls| sum.tool == calls.tool && sum.vendor == calls.vendor;
        match sums.iter_mut().find(same) {
            Some(sum) => sum.add(calls),
            None => sums.push(calls.clone()),
        }
    }
    sums
}

/// Writes a table of the calls by vendor, for people.
///
/// # Errors
/// What the writer says.
pub fn write_calls(
    report: &RunReport,
    options: HumanOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')))
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(options.width)
        .set_header([
            "vendor",
            "requests",
            "records",
            "a record",
            "allowed",
            "largest case",
        ]);
    for calls in &report.calls {
        table.add_row([
            format!("{} ({})", calls.vendor, calls.tool),
            grouped(calls.requests),
            grouped(calls.records),
            calls
                .requests_per_1000_records
                .map_or_else(|| "–".to_owned(), thousandths),
            calls
                .quota
                .map_or_else(|| "not published".to_owned(), allowed),
            calls
                .quota_percent
                .map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
        ]);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at < 5 { 2 } else { 0 }));
        if (1..=3).contains(&at) || at == 5 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "\nWhat the vendors were asked, all cases together:\n")?;
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(
        out,
        "\n`a record`: requests for each record that syncs fetched. `largest case`: its requests as a \
         share of one\nwindow's allowance."
    )
}

/// `1.25` for 1,250 in a thousand.
fn thousandths(count: u64) -> String {
    format!("{}.{:02}", count / 1_000, count % 1_000 / 10)
}

/// `600 in 60 s`.
fn allowed(quota: Quota) -> String {
    format!(
        "{} in {} s",
        grouped(quota.requests.into()),
        quota.window_ms / 1_000
    )
}
