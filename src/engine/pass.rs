//! What every pass over a vendor's records keeps: the ledger, the decisions, and which rows it saw.

use std::sync::Arc;
use std::time::Duration;

use crate::connectors::Rejected;
use crate::engine::changes::{KeptPages, Memory};
use crate::engine::error::EngineError;
use crate::engine::event::{Event, Listener};
use crate::engine::rules;
use crate::model::{
    Compared, Decision, DecisionOutcome, Knobs, Ledger, RecordKind, Rejection, Tool,
};
use crate::store::{Account, DecisionRow, RowId, Writer};

/// One sync under way.
pub(super) struct Pass<'a> {
    pub(super) account: &'a mut Account,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) tool: Tool,
    pub(super) vendor: &'static str,
    pub(super) integration_id: i64,
    pub(super) sync_id: i64,
    pub(super) knobs: Knobs,
    pub(super) ledgers: Vec<Ledger>,
    pub(super) rejections: Vec<Rejection>,
    pub(super) times: Times,
    /// What the sync before left, where it can be relied on.
    pub(super) last: Option<Memory>,
    /// Whether changes are to be asked for where they can be.
    pub(super) asks_changes: bool,
    /// Whether what decides about a record beside its own values is as it was in the sync before: a page
    /// that comes as it came holds nothing new then.
    pub(super) same_ground: bool,
    /// What this one leaves.
    pub(super) memory: Memory,
}

/// Where the time of a sync went, by the machine's clock. It decides nothing and stands in no outcome.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// Waiting for pages: the wire, and the connector's reading of what came.
    pub pull: Duration,
    /// Keeping an RMM's devices for the matching screen.
    pub stage: Duration,
    /// Judging companies and devices, and keeping what was decided.
    pub matching: Duration,
    /// Bringing a PSA's records into the account's form, finding out which changed, and writing those.
    pub write: Duration,
}

/// Where a decision comes from, and how to tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) tool: Tool,
    pub(super) vendor: &'static str,
    pub(super) integration_id: i64,
    /// 0 for a person's action.
    pub(super) sync_id: i64,
}

/// A decision about one remote record.
#[derive(Debug, Clone)]
pub(super) struct Ruling {
    pub(super) kind: RecordKind,
    pub(super) external_id: String,
    pub(super) rule: &'static str,
    pub(super) outcome: DecisionOutcome,
    pub(super) record_id: Option<RowId>,
    pub(super) compared: Vec<Compared>,
}

impl Ruling {
    /// As the journal keeps it.
    pub(super) fn row(self, sync_id: i64) -> DecisionRow {
        DecisionRow {
            kind: self.kind,
            external_id: self.external_id,
            sync_id,
            rule: self.rule.to_owned(),
            outcome: self.outcome,
            record_id: self.record_id,
            compared: self.compared,
        }
    }
}

/// What one transaction decided.
#[derive(Debug, Default)]
pub(super) struct Rulings {
    /// To be kept in the journal.
    open: Vec<Ruling>,
    /// Kept already, together with the row that they are about, and new.
    kept: Vec<DecisionRow>,
    /// The order in which they were taken: true for one that is kept.
    order: Vec<bool>,
}

impl Rulings {
    pub(super) fn push(&mut self, ruling: Ruling) {
        self.open.push(ruling);
        self.order.push(false);
    }

    /// A new decision that stands in the account already.
    pub(super) fn kept(&mut self, decision: DecisionRow) {
        self.kept.push(decision);
        self.order.push(true);
    }
}

impl Pass<'_> {
    pub(super) const fn source(&self) -> Source {
        Source {
            tool: self.tool,
            vendor: self.vendor,
            integration_id: self.integration_id,
            sync_id: self.sync_id,
        }
    }

    /// Runs one transaction whose rulings are told once it is kept.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Writer<'_>, &mut Rulings) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let source = self.source();
        write(self.account, self.listener, source, work)
    }

    /// Adds what became of the records of a kind. A kind that was walked twice has one ledger.
    pub(super) fn book(&mut self, ledger: Ledger) {
        let known = self.ledgers.iter_mut().find(|it| it.kind == ledger.kind);
        let Some(known) = known else {
            self.ledgers.push(ledger);
            return;
        };
        known.fetched += ledger.fetched;
        known.created += ledger.created;
        known.updated += ledger.updated;
        known.unchanged += ledger.unchanged;
        known.rejected += ledger.rejected;
        for (rule, count) in ledger.skipped {
            *known.skipped.entry(rule).or_default() += count;
        }
    }

    /// The pages of a list that may be passed over.
    pub(super) fn known_pages(&self, kind: RecordKind) -> Arc<KeptPages> {
        let last = self.last.as_ref().filter(|_| self.same_ground);
        let pages = last.and_then(|last| last.pages.get(&kind));
        pages.map(Arc::clone).unwrap_or_default()
    }

    pub(super) fn page_written(&mut self, kind: RecordKind, fetched: u64) {
        self.listener.hear(&Event::PageWritten { kind, fetched });
    }

    pub(super) fn reject(&mut self, kind: RecordKind, rejected: Vec<Rejected>) {
        self.rejections
            .extend(rejected.into_iter().map(|one| Rejection {
                kind,
                external_id: one.id,
                field: one.field,
                reason: one.reason,
            }));
    }
}

/// Runs one transaction, keeps its rulings in the journal, and tells the new ones once it is kept.
pub(super) fn write<T>(
    account: &mut Account,
    listener: &mut dyn Listener,
    source: Source,
    work: impl FnOnce(&Writer<'_>, &mut Rulings) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let mut new = Vec::new();
    let value = account.write(|writer| -> Result<T, EngineError> {
        let mut rulings = Rulings::default();
        let value = work(writer, &mut rulings)?;
        let (mut open, mut kept) = (rulings.open.into_iter(), rulings.kept.into_iter());
        for is_kept in rulings.order {
            if is_kept {
                new.extend(kept.next());
                continue;
            }
            let Some(ruling) = open.next() else { continue };
            let row = ruling.row(source.sync_id);
            if writer.decide(source.tool, source.integration_id, &row)? {
                new.push(row);
            }
        }
        Ok(value)
    })?;
    if listener.deaf() {
        return Ok(value);
    }
    for row in new {
        listener.hear(&Event::Decided(decision(source.tool, source.vendor, row)));
    }
    Ok(value)
}

/// A decision as reports have it.
pub(super) fn decision(tool: Tool, vendor: &str, row: DecisionRow) -> Decision {
    Decision {
        sync: usize::try_from(row.sync_id)
            .ok()
            .and_then(|id| id.checked_sub(1)),
        kind: row.kind,
        tool,
        vendor: vendor.to_owned(),
        external_id: row.external_id,
        evidence: rules::rule(&row.rule).map(|rule| rule.evidence),
        rule: row.rule,
        outcome: row.outcome,
        record_id: row.record_id.map(|id| id.to_string()),
        compared: row.compared,
    }
}

/// A field's two values, the vendor's left and the account's right.
pub(super) fn compared(field: &str, left: Option<&str>, right: Option<&str>) -> Compared {
    Compared {
        field: field.to_owned(),
        left: left.map(str::to_owned),
        right: right.map(str::to_owned),
    }
}

/// Row ids seen in a walk, one bit each, so that a million cost an eighth of a megabyte.
#[derive(Debug, Default)]
pub(super) struct Seen {
    words: Vec<u64>,
    count: u64,
}

impl Seen {
    /// Notes a row; false when it was noted before.
    pub(super) fn insert(&mut self, id: RowId) -> bool {
        let Ok(id) = usize::try_from(id) else {
            return false;
        };
        let (word, bit) = (id / 64, 1_u64 << (id % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let fresh = self.words[word] & bit == 0;
        self.words[word] |= bit;
        self.count += u64::from(fresh);
        fresh
    }

    /// How many rows were seen.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn contains(&self, id: RowId) -> bool {
        usize::try_from(id)
            .ok()
            .and_then(|id| {
                self.words
                    .get(id / 64)
                    .map(|word| word >> (id % 64) & 1 == 1)
            })
            .unwrap_or(false)
    }
}
