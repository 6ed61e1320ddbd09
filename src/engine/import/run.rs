//! Runs one import: all of it in one transaction.

use std::collections::BTreeMap;

use super::columns::{self, Columns};
use super::error::ImportError;
use super::fields::is_date;
use super::index::Index;
use super::report::{ImportReport, ImportRow, RowOutcome};
use super::request::{Import, ImportFormat};
use super::row::{ENCODING, LOCKED, ROW, Values};
use super::rows::{Row, Rows};
use super::target::Target;
use crate::connectors::PsaCapabilities;
use crate::engine::error::EngineError;
use crate::engine::event::Event;
use crate::engine::pass::Seen;
use crate::engine::rules;
use crate::engine::sync::Engine;
use crate::model::{
    ImportOutcome, ImportProblem, Ledger, Origin, RecordKind, SyncError, SyncStatus,
};
use crate::store::{Configuration, Contact, Location, Organization, Record, RowId, Writer};

impl Engine {
    /// Imports a file. All good rows are written in one transaction; a file that is refused leaves
    /// nothing, and neither does one whose reader fails half-way. Nothing is pushed to a PSA.
    ///
    /// # Errors
    /// [`EngineError::Import`] when the file is refused: with partial imports off that is so for one
    /// bad row. [`EngineError::UnknownRecord`] when the organization is not here,
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn import(&mut self, import: Import<'_>) -> Result<ImportReport, EngineError> {
        if let Some(id) = import.organization
            && self.account.reader().get::<Organization>(id)?.is_none()
        {
            return Err(EngineError::UnknownRecord {
                what: "organization",
                id,
            });
        }
        let kind = import.kind;
        let result = match kind {
            _ if !self.may_import() => Err(ImportError::Role.into()),
            RecordKind::Organization => self.run_import::<Organization>(import),
            RecordKind::Location => self.run_import::<Location>(import),
            RecordKind::Contact => self.run_import::<Contact>(import),
            RecordKind::Configuration => self.run_import::<Configuration>(import),
        };
        match &result {
            Ok(report) => self.imported(taken(kind, report)),
            Err(EngineError::Import(error)) => self.imported(refused(kind, error)),
            Err(_) => {}
        }
        result
    }

    fn run_import<T: Target>(
        &mut self,
        mut import: Import<'_>,
    ) -> Result<ImportReport, EngineError> {
        columns::check(&import)?;
        let source = std::mem::replace(&mut import.source, Box::new(std::io::empty()));
        let mut rows = Rows::open(source, import.limit)?;
        let mut row = Row::default();
        if !rows.next(&mut row)? {
            return Err(ImportError::empty().into());
        }
        let columns = Columns::read::<T>(&row, &import)?;
        // What a two-way PSA syncs is open to people, and to imports.
        let lock = self.psa.as_ref().filter(|psa| !psa.settings.two_way);
        let lock = lock.map(|psa| (psa.integration_id, psa.connector.capabilities()));
        let before = self.account.writes();
        let mut report = self.account.write(|writer| {
            let index = Index::begin(writer, columns.key.clone())?;
            let mut pass = ImportPass::<T> {
                writer,
                import: &import,
                columns: &columns,
                index,
                lock,
                touched: Seen::default(),
                report: ImportReport::default(),
                kind: std::marker::PhantomData,
            };
            while rows.next(&mut row)? {
                pass.row(&row)?;
            }
            let report = pass.end()?;
            writer.end_keys()?;
            Ok::<_, EngineError>(report)
        })?;
        report.writes = self.account.writes() - before;
        Ok(report)
    }

    fn imported(&mut self, outcome: ImportOutcome) {
        self.listener.hear(&Event::Imported(outcome.clone()));
        self.imports.push(outcome);
    }
}

/// One import under way.
struct ImportPass<'a, T> {
    writer: &'a Writer<'a>,
    import: &'a Import<'a>,
    columns: &'a Columns,
    index: Index<'a>,
    /// The PSA whose records are read-only here.
    lock: Option<(i64, PsaCapabilities)>,
    /// Records that a row of this file made or fits.
    touched: Seen,
    report: ImportReport,
    kind: std::marker::PhantomData<T>,
}

impl<T: Target> ImportPass<'_, T> {
    fn row(&mut self, row: &Row) -> Result<(), EngineError> {
        let done = match self.columns.values(row, self.import.format) {
            Ok(values) => self.settle(row, &values)?,
            Err(problems) => Err(problems),
        };
        match done {
            Ok((record_id, outcome)) => self.report.take(ImportRow {
                line: row.line(),
                record_id: Some(record_id),
                outcome,
            }),
            Err(problems) => {
                for rule in problems.iter().filter_map(rule_of) {
                    self.report.by(rule);
                }
                self.report.reject(row.line(), problems);
            }
        }
        Ok(())
    }

    /// Writes a row whose values are good.
    fn settle(&mut self, row: &Row, values: &Values<'_>) -> Result<Settled, EngineError> {
        let owner = match (self.import.organization, values.organization) {
            (Some(id), _) => Some(id),
            (None, Some(name)) => self.index.organization(name)?,
            (None, None) => None,
        };
        let mut value = T::default();
        fill(&mut value, values);
        // An organization that is not here yet has no records that a row could fit.
        let missing = values.organization.filter(|_| owner.is_none());
        let found = match missing {
            Some(_) => None,
            None => self.index.find(owner, &value)?,
        };
        if let Some(record) = found {
            return self.update(row, values, record);
        }
        let owner = match missing {
            Some(name) => Some(self.make_organization(name)?),
            None => owner,
        };
        if values.organization.is_some() && missing.is_none() {
            self.report.by(rules::IMPORT_ORGANIZATION);
        }
        if let Some(owner) = owner {
            value.put_under(owner);
        }
        let id = self.writer.insert(Origin::Import, &value)?;
        self.index.add(owner, id, &value)?;
        self.touched.insert(id);
        self.report.by(rules::IMPORT_CREATE);
        if !self.index.finds() {
            self.report.by(rules::IMPORT_KEY_INCOMPLETE);
        }
        Ok(Ok((id, RowOutcome::Created)))
    }

    fn make_organization(&mut self, name: &str) -> Result<RowId, EngineError> {
        let value = Organization {
            name: name.to_owned(),
            ..Organization::default()
        };
        let id = self.writer.insert(Origin::Import, &value)?;
        self.index.add_organization(name, id)?;
        self.report.made_organization(id);
        self.report.by(rules::IMPORT_ORGANIZATION_CREATED);
        Ok(id)
    }

    /// Lays a row over the record that it fits: only mapped columns, and only cells with a value.
    fn update(
        &mut self,
        row: &Row,
        values: &Values<'_>,
        record: Record<T>,
    ) -> Result<Settled, EngineError> {
        let before = record.value.fields();
        let mut value = record.value.clone();
        fill(&mut value, values);
        value.keep_labels(&record.value);
        let after = value.fields();
        let text = |fields: &[(&'static str, String)], name: &str| {
            let mut own = fields.iter().filter(|(field, _)| *field == name);
            own.next().map(|(_, text)| text.clone())
        };
        let mut changed = Vec::new();
        for (at, field, _) in &values.cells {
            let old = text(&before, field);
            if old != text(&after, field) {
                changed.push((*at, *field));
            }
        }
        if let Some(problem) = self.locked(row, record.id, &changed)? {
            return Ok(Err(vec![problem]));
        }
        self.report.by(T::KEY_RULE);
        if !self.touched.insert(record.id) {
            self.report.by(rules::IMPORT_SAME_RECORD);
        }
        if values
            .empty
            .iter()
            .any(|field| text(&before, field).is_some())
        {
            self.report.by(rules::IMPORT_EMPTY_CELL);
        }
        if changed.is_empty() {
            return Ok(Ok((record.id, RowOutcome::Unchanged)));
        }
        self.writer.update(record.id, &value)?;
        self.report.by(rules::IMPORT_UPDATE);
        Ok(Ok((record.id, RowOutcome::Updated)))
    }

    /// What a one-way PSA syncs is read-only: a row that would change it is bad (inferred).
    fn locked(
        &self,
        row: &Row,
        id: RowId,
        changed: &[(usize, &'static str)],
    ) -> Result<Option<ImportProblem>, EngineError> {
        let Some((integration_id, psa)) = self.lock else {
            return Ok(None);
        };
        let mapped = changed
            .iter()
            .find(|(_, field)| !T::UNMAPPED.contains(field) && psa.has(T::KIND, field));
        let Some((at, field)) = mapped else {
            return Ok(None);
        };
        let link = self.writer.link_to(integration_id, T::KIND, id)?;
        if !link.is_some_and(|link| link.state.syncs()) {
            return Ok(None);
        }
        let (_, line) = row.cell(*at).unwrap_or_default();
        let reason = format!("`{field}` is synced by the PSA and can only be changed there");
        let hint = "change it in the PSA, or ignore the column";
        Ok(Some(self.columns.problem(LOCKED, line, *at, reason, hint)))
    }

    /// The end of the file: with partial imports off one bad row refuses it.
    fn end(mut self) -> Result<ImportReport, EngineError> {
        let rejected = self.report.rejected;
        if rejected == 0 {
            if self.import.format == ImportFormat::NetworkDetective {
                self.report.by(rules::NETWORK_DETECTIVE);
            }
            return Ok(self.report);
        }
        if self.import.partial {
            self.report.by(rules::IMPORT_PARTIAL);
            return Ok(self.report);
        }
        let rows = self.report.total();
        Err(ImportError::rows(rows, rejected, self.report.problems).into())
    }
}

/// The record and what became of it, or what is wrong with the row.
type Settled = Result<(RowId, RowOutcome), Vec<ImportProblem>>;

fn fill<T: Target>(value: &mut T, values: &Values<'_>) {
    for (_, field, text) in &values.cells {
        value.set_field(field, Some(text));
    }
}

fn taken(kind: RecordKind, report: &ImportReport) -> ImportOutcome {
    ImportOutcome {
        kind,
        status: SyncStatus::Completed,
        error: None,
        ledger: report.ledger(kind),
        rules: owned(&report.rules),
        problems: report.problems.clone(),
        writes: report.writes,
    }
}

fn refused(kind: RecordKind, error: &ImportError) -> ImportOutcome {
    let mut ledger = Ledger::new(kind);
    let mut problems = Vec::new();
    let mut by = BTreeMap::new();
    match error {
        ImportError::Rows {
            rows,
            problems: all,
            ..
        } => {
            ledger.fetched = *rows;
            ledger.rejected = *rows;
            problems.clone_from(all);
            by.insert(rules::IMPORT_ALL_OR_NOTHING, 1);
            for rule in all.iter().filter_map(rule_of) {
                *by.entry(rule).or_default() += 1;
            }
        }
        ImportError::Role => drop(by.insert(rules::IMPORT_ROLES, 1)),
        ImportError::Header { .. } => drop(by.insert(rules::IMPORT_HEADER, 1)),
        ImportError::RequiredColumn { .. } => drop(by.insert(rules::IMPORT_REQUIRED_COLUMN, 1)),
        ImportError::Encoding { .. } => drop(by.insert(rules::IMPORT_ENCODING, 1)),
        ImportError::TooLarge { .. } => drop(by.insert(rules::IMPORT_TOO_LARGE, 1)),
        ImportError::Settings { .. } | ImportError::Read { .. } => {}
    }
    ImportOutcome {
        kind,
        status: SyncStatus::Failed,
        error: Some(SyncError {
            code: error.code().to_owned(),
            message: error.to_string(),
        }),
        ledger,
        rules: owned(&by),
        problems,
        writes: 0,
    }
}

/// The rule by which a row is bad, where there is one.
fn rule_of(problem: &ImportProblem) -> Option<&'static str> {
    match (problem.code.as_str(), problem.field.as_deref()) {
        (LOCKED, _) => Some(rules::IMPORT_LOCKED),
        (ENCODING, _) => Some(rules::IMPORT_ENCODING),
        (ROW, Some(field)) if is_date(field) => Some(rules::IMPORT_DATE),
        _ => None,
    }
}

fn owned(rules: &BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    rules
        .iter()
        .map(|(rule, count)| ((*rule).to_owned(), *count))
        .collect()
}
