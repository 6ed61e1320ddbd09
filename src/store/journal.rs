//! The journal: integrations, syncs with their ledgers, and the last decision on each remote record.

use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{OptionalExtension as _, Row};

use super::account::{Reader, Writer};
use super::error::StoreError;
use super::records::RowId;
use super::text::Text as _;
use crate::model::{Compared, DecisionOutcome, Ledger, RecordKind, Tool};

/// One sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRow {
    /// Id; ascending in time.
    pub id: i64,
    /// The integration.
    pub integration_id: i64,
    /// `running`, `completed` or `failed`. A sync that says `running` was cut off.
    pub status: String,
    /// Code and text of the error.
    pub error: Option<(String, String)>,
    /// Rows of records, links and queue written.
    pub writes: u64,
}

/// The last decision on a remote record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Kind of the remote record; an RMM's companies are organizations, its devices configurations.
    pub kind: RecordKind,
    /// The vendor's id.
    pub external_id: String,
    /// The sync that decided; 0 for a person's action.
    pub sync_id: i64,
    /// Rule id.
    pub rule: String,
    /// What was decided.
    pub outcome: DecisionOutcome,
    /// The record here.
    pub record_id: Option<RowId>,
    /// The values compared: the vendor's left, the account's right.
    pub compared: Vec<Compared>,
}

/// An integration as kept in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationRow {
    /// Id.
    pub id: i64,
    /// `psa` or `rmm`.
    pub tool: String,
    /// The vendor's slug.
    pub vendor: String,
    /// `connected`, `paused` or `disconnected`.
    pub state: String,
    /// Syncs that saw everything to the end.
    pub full_syncs: u64,
}

impl Reader<'_> {
    /// All integrations, in order of connection.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn integrations(&self) -> Result<Vec<IntegrationRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, tool, vendor, state, full_syncs FROM integrations ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(IntegrationRow {
                id: row.get(0)?,
                tool: row.get(1)?,
                vendor: row.get(2)?,
                state: row.get(3)?,
                full_syncs: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// All syncs, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn syncs(&self) -> Result<Vec<SyncRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, integration_id, status, error_code, error_message, writes \
             FROM syncs ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            let code: Option<String> = row.get(3)?;
            let message: Option<String> = row.get(4)?;
            Ok(SyncRow {
                id: row.get(0)?,
                integration_id: row.get(1)?,
                status: row.get(2)?,
                error: code.map(|code| (code, message.unwrap_or_default())),
                writes: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The ledgers of a sync, in order of the kinds' first appearance.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn ledgers(&self, sync_id: i64) -> Result<Vec<Ledger>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, fetched, created, updated, unchanged, skipped, rejected \
             FROM ledgers WHERE sync_id = ?1 ORDER BY rowid",
        )?;
        let rows = statement.query_and_then([sync_id], |row| -> Result<_, StoreError> {
            let skipped: String = row.get(5)?;
            let kind: String = row.get(0)?;
            Ok(Ledger {
                kind: RecordKind::parse(&kind)?,
                fetched: row.get(1)?,
                created: row.get(2)?,
                updated: row.get(3)?,
                unchanged: row.get(4)?,
                skipped: serde_json::from_str(&skipped)?,
                rejected: row.get(6)?,
            })
        })?;
        rows.collect()
    }

    /// The last decision on every remote record of an integration, by kind and external id.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn decisions(&self, integration_id: i64) -> Result<Vec<DecisionRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM (SELECT kind, external_id AS external, sync_id, rule, outcome, \
             record_id, compared FROM decisions WHERE integration_id = ?1 \
             UNION ALL SELECT kind, remote_id, decided_in, decided_rule, decided_outcome, \
             decided_record, decided_by FROM links \
             WHERE integration_id = ?1 AND decided_rule IS NOT NULL \
             UNION ALL SELECT 'configuration', external_id, decided_in, decided_rule, \
             decided_outcome, decided_record, decided_by FROM rmm_devices \
             WHERE integration_id = ?1 AND decided_rule IS NOT NULL) \
             ORDER BY kind, length(external), external",
        )?;
        let rows = statement.query_and_then([integration_id], |row| -> Result<_, StoreError> {
            let kind: String = row.get(0)?;
            let kind = RecordKind::parse(&kind)?;
            decision(kind, row.get(1)?, row, 2)
        })?;
        rows.collect()
    }
}

impl Reader<'_> {
    /// Whether something was decided of a remote record that has no row of its own.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn decided_apart(
        &self,
        integration_id: i64,
        kind: RecordKind,
        external_id: &str,
    ) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM decisions WHERE integration_id = ?1 AND kind = ?2 AND external_id = ?3",
        )?;
        Ok(statement.exists((integration_id, kind.text(), external_id))?)
    }
}

/// Reads a decision whose columns begin at `offset`.
pub(super) fn decision(
    kind: RecordKind,
    external_id: String,
    row: &Row<'_>,
    offset: usize,
) -> Result<DecisionRow, StoreError> {
    let compared: Option<String> = row.get(offset + 4)?;
    let outcome = row.get_ref(offset + 2)?.as_str();
    let outcome = outcome.map_err(rusqlite::Error::from)?;
    Ok(DecisionRow {
        kind,
        external_id,
        sync_id: row.get(offset)?,
        rule: row.get(offset + 1)?,
        outcome: DecisionOutcome::parse(outcome)?,
        record_id: row.get(offset + 3)?,
        compared: match compared {
            Some(text) => serde_json::from_str(&text)?,
            None => Vec::new(),
        },
    })
}

impl DecisionRow {
    /// Whether both say the same, whenever it was decided.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        self.rule == other.rule
            && self.outcome == other.outcome
            && self.record_id == other.record_id
            && self.compared == other.compared
    }

    /// The values compared as they are kept; nothing where nothing was.
    pub(super) fn kept_values(&self) -> Result<Option<String>, StoreError> {
        match self.compared.as_slice() {
            [] => Ok(None),
            values => Ok(Some(serde_json::to_string(values)?)),
        }
    }
}

/// Where the decision on a remote record stands while the record has a row of its own.
#[derive(Debug, Clone, Copy)]
enum Home {
    Links,
    Devices,
}

impl Home {
    const fn of(tool: Tool, kind: RecordKind) -> Option<Self> {
        match (tool, kind) {
            (Tool::Psa, _) => Some(Self::Links),
            (Tool::Rmm, RecordKind::Configuration) => Some(Self::Devices),
            (Tool::Rmm, _) => None,
        }
    }

    const fn find(self) -> &'static str {
        match self {
            Self::Links => {
                "SELECT id, decided_in, decided_rule, decided_outcome, decided_record, decided_by \
                 FROM links WHERE integration_id = ?1 AND kind = ?2 AND remote_id = ?3"
            }
            Self::Devices => {
                "SELECT id, decided_in, decided_rule, decided_outcome, decided_record, decided_by \
                 FROM rmm_devices WHERE integration_id = ?1 AND ?2 = 'configuration' \
                 AND external_id = ?3"
            }
        }
    }

    const fn keep(self) -> &'static str {
        match self {
            Self::Links => {
                "UPDATE links SET decided_in = ?2, decided_rule = ?3, decided_outcome = ?4, \
                 decided_record = ?5, decided_by = ?6 WHERE id = ?1"
            }
            Self::Devices => {
                "UPDATE rmm_devices SET decided_in = ?2, decided_rule = ?3, \
                 decided_outcome = ?4, decided_record = ?5, decided_by = ?6 WHERE id = ?1"
            }
        }
    }
}

impl Writer<'_> {
    /// Notes a new integration.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn add_integration(
        &self,
        tool: &str,
        vendor: &str,
        settings: &str,
    ) -> Result<i64, StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO integrations (tool, vendor, state, settings) \
                 VALUES (?1, ?2, 'connected', ?3)",
            )?
            .execute((tool, vendor, settings))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Gives an integration another state.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn set_integration_state(&self, id: i64, state: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE integrations SET state = ?2 WHERE id = ?1")?
            .execute((id, state))?;
        Ok(())
    }

    /// Keeps an integration's new settings.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn set_integration_settings(&self, id: i64, settings: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE integrations SET settings = ?2 WHERE id = ?1")?
            .execute((id, settings))?;
        Ok(())
    }

    /// Notes that a sync began.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn begin_sync(&self, integration_id: i64) -> Result<i64, StoreError> {
        self.connection
            .prepare_cached("INSERT INTO syncs (integration_id, status) VALUES (?1, 'running')")?
            .execute([integration_id])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes how a sync ended.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn end_sync(&self, sync: &SyncRow, ledgers: &[Ledger]) -> Result<(), StoreError> {
        let (code, message) = match &sync.error {
            Some((code, message)) => (Some(code), Some(message)),
            None => (None, None),
        };
        self.connection
            .prepare_cached(
                "UPDATE syncs SET status = ?2, error_code = ?3, error_message = ?4, writes = ?5 \
                 WHERE id = ?1",
            )?
            .execute((sync.id, &sync.status, code, message, sync.writes))?;
        if sync.status == "completed" {
            self.connection
                .prepare_cached(
                    "UPDATE integrations SET full_syncs = full_syncs + 1 WHERE id = ?1",
                )?
                .execute([sync.integration_id])?;
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO ledgers (sync_id, kind, fetched, created, updated, unchanged, skipped, \
             rejected) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for ledger in ledgers {
            insert.execute((
                sync.id,
                ledger.kind.text(),
                ledger.fetched,
                ledger.created,
                ledger.updated,
                ledger.unchanged,
                serde_json::to_string(&ledger.skipped)?,
                ledger.rejected,
            ))?;
        }
        Ok(())
    }

    /// Keeps a decision in place of the last one on the same remote record, and says whether it is
    /// a new one. A decision that only repeats itself keeps the sync that took it first.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn decide(
        &self,
        tool: Tool,
        integration_id: i64,
        decision: &DecisionRow,
    ) -> Result<bool, StoreError> {
        let compared = decision.kept_values()?;
        let Some(home) = Home::of(tool, decision.kind) else {
            return self.decide_apart(integration_id, decision, compared);
        };
        let known = {
            let mut find = self.connection.prepare_cached(home.find())?;
            let kind = decision.kind.text();
            let mut rows = find.query((integration_id, kind, &decision.external_id))?;
            match rows.next()? {
                None => None,
                Some(row) => {
                    let id: RowId = row.get(0)?;
                    let decided = row.get_ref(2)? != ValueRef::Null;
                    let last = decided
                        .then(|| self::decision(decision.kind, String::new(), row, 1))
                        .transpose()?;
                    Some((id, last))
                }
            }
        };
        let Some((id, last)) = known else {
            return self.decide_apart(integration_id, decision, compared);
        };
        if last.as_ref().is_some_and(|last| last.repeats(decision)) {
            return Ok(false);
        }
        if last.is_none() && self.gives_up_apart(integration_id, decision, compared.as_deref())? {
            // It repeats what was decided before the record had a row.
            return Ok(false);
        }
        let mut keep = self.connection.prepare_cached(home.keep())?;
        keep.execute((
            id,
            decision.sync_id,
            &decision.rule,
            decision.outcome.text(),
            decision.record_id,
            compared,
        ))?;
        Ok(true)
    }

    /// Takes out the decision that was taken before the record had a row of its own, unless it is this
    /// one again.
    pub(super) fn gives_up_apart(
        &self,
        integration_id: i64,
        decision: &DecisionRow,
        compared: Option<&str>,
    ) -> Result<bool, StoreError> {
        if !self.any_apart(integration_id, decision.kind)? {
            return Ok(false);
        }
        let mut found = self.connection.prepare_cached(
            "SELECT (rule, outcome, record_id, compared) IS (?4, ?5, ?6, ?7) FROM decisions \
             WHERE integration_id = ?1 AND kind = ?2 AND external_id = ?3",
        )?;
        let kind = decision.kind.text();
        let repeats: Option<bool> = found
            .query_row(
                (
                    integration_id,
                    kind,
                    &decision.external_id,
                    &decision.rule,
                    decision.outcome.text(),
                    decision.record_id,
                    compared,
                ),
                |row| row.get(0),
            )
            .optional()?;
        if repeats == Some(false) {
            self.connection
                .prepare_cached(
                    "DELETE FROM decisions WHERE integration_id = ?1 AND kind = ?2 \
                     AND external_id = ?3",
                )?
                .execute((integration_id, kind, &decision.external_id))?;
        }
        Ok(repeats == Some(true))
    }

    /// Whether any decision on records of a kind stands apart. It is looked up once a transaction.
    fn any_apart(&self, integration_id: i64, kind: RecordKind) -> Result<bool, StoreError> {
        let mut known = self.apart.borrow_mut();
        let found = known
            .iter()
            .find(|it| (it.0, it.1) == (integration_id, kind));
        if let Some((_, _, any)) = found {
            return Ok(*any);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM decisions WHERE integration_id = ?1 AND kind = ?2 LIMIT 1",
        )?;
        let any = statement.exists((integration_id, kind.text()))?;
        known.push((integration_id, kind, any));
        Ok(any)
    }

    /// Keeps a decision on a record that has no row of its own.
    fn decide_apart(
        &self,
        integration_id: i64,
        decision: &DecisionRow,
        compared: Option<String>,
    ) -> Result<bool, StoreError> {
        self.apart.borrow_mut().clear();
        let mut keep = self.connection.prepare_cached(
            "INSERT INTO decisions (integration_id, kind, external_id, sync_id, rule, outcome, \
             record_id, compared) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT DO UPDATE SET sync_id = excluded.sync_id, rule = excluded.rule, \
             outcome = excluded.outcome, record_id = excluded.record_id, \
             compared = excluded.compared WHERE (rule, outcome, record_id, compared) \
             IS NOT (excluded.rule, excluded.outcome, excluded.record_id, excluded.compared)",
        )?;
        let rows = keep.execute((
            integration_id,
            decision.kind.text(),
            &decision.external_id,
            decision.sync_id,
            &decision.rule,
            decision.outcome.text(),
            decision.record_id,
            compared,
        ))?;
        Ok(rows > 0)
    }

    /// Keeps the last decisions of rows that are about to go, which `which` selects of a table.
    pub(super) fn keep_decisions_of(
        &self,
        table: &'static str,
        which: &str,
        values: &[&dyn ToSql],
    ) -> Result<(), StoreError> {
        self.apart.borrow_mut().clear();
        let (kind, id) = match table {
            "links" => ("kind", "remote_id"),
            _ => ("'configuration'", "external_id"),
        };
        let sql = format!(
            "INSERT OR REPLACE INTO decisions (integration_id, kind, external_id, sync_id, rule, \
             outcome, record_id, compared) SELECT integration_id, {kind}, {id}, decided_in, \
             decided_rule, decided_outcome, decided_record, decided_by FROM {table} \
             WHERE {which} AND decided_rule IS NOT NULL"
        );
        self.connection.prepare_cached(&sql)?.execute(values)?;
        Ok(())
    }

    /// Forgets an integration's companies and devices.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn clear_queue(&self, integration_id: i64) -> Result<(), StoreError> {
        self.touch_all();
        self.keep_decisions_of("rmm_devices", "integration_id = ?1", &[&integration_id])?;
        self.connection
            .prepare_cached(
                "DELETE FROM rmm_device_data WHERE id IN \
                 (SELECT id FROM rmm_devices WHERE integration_id = ?1)",
            )?
            .execute([integration_id])?;
        for table in ["rmm_devices", "rmm_companies"] {
            let sql = format!("DELETE FROM {table} WHERE integration_id = ?1");
            self.count(
                self.connection
                    .prepare_cached(&sql)?
                    .execute([integration_id])?,
            );
        }
        Ok(())
    }
}
