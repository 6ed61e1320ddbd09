//! What came of an import.

use std::collections::BTreeMap;

use crate::model::{ImportProblem, Ledger, RecordKind};
use crate::store::RowId;

/// So many rows are listed; all are counted.
const ROWS_KEPT_MAX: usize = 100_000;
/// So many faults are listed; all bad rows are counted.
const PROBLEMS_KEPT_MAX: usize = 1_000;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// It made a record.
    Created,
    /// It changed a record.
    Updated,
    /// It fits a record that says the same.
    Unchanged,
    /// It is bad.
    Rejected,
}

/// One row of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportRow {
    /// Line of its beginning, from 1.
    pub line: u64,
    /// The record; none when the row is bad.
    pub record_id: Option<RowId>,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// What came of an import that was not refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows that made a record.
    pub created: u64,
    /// Rows that changed a record.
    pub updated: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Bad rows. Only with partial imports on.
    pub rejected: u64,
    /// Rows of data in the order of the file, the first 100,000 of them.
    pub rows: Vec<ImportRow>,
    /// Organizations that the organization column made, with the number of the row of data, from 0.
    pub organizations: Vec<(u64, RowId)>,
    /// What is wrong with the bad rows, the first 1,000 faults.
    pub problems: Vec<ImportProblem>,
    /// How often each rule decided.
    pub rules: BTreeMap<&'static str, u64>,
    /// Rows of the account written.
    pub writes: u64,
}

impl ImportReport {
    /// Rows of data.
    pub const fn total(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.rejected
    }

    /// The counts as a ledger: every row is accounted for, once.
    pub fn ledger(&self, kind: RecordKind) -> Ledger {
        Ledger {
            fetched: self.total(),
            created: self.created,
            updated: self.updated,
            unchanged: self.unchanged,
            rejected: self.rejected,
            ..Ledger::new(kind)
        }
    }

    pub(super) fn take(&mut self, row: ImportRow) {
        match row.outcome {
            RowOutcome::Created => self.created += 1,
            RowOutcome::Updated => self.updated += 1,
            RowOutcome::Unchanged => self.unchanged += 1,
            RowOutcome::Rejected => self.rejected += 1,
        }
        if self.rows.len() < ROWS_KEPT_MAX {
            self.rows.push(row);
        }
    }

    pub(super) fn reject(&mut self, line: u64, problems: Vec<ImportProblem>) {
        let room = PROBLEMS_KEPT_MAX.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
        self.take(ImportRow {
            line,
            record_id: None,
            outcome: RowOutcome::Rejected,
        });
    }

    pub(super) fn by(&mut self, rule: &'static str) {
        *self.rules.entry(rule).or_default() += 1;
    }

    pub(super) fn made_organization(&mut self, id: RowId) {
        if self.organizations.len() < ROWS_KEPT_MAX {
            self.organizations.push((self.total(), id));
        }
    }
}
