//! The journal: integrations, syncs with their ledgers, and the last decision on each remote record.

use rusqlite::OptionalExtension as _;

use super::account::{Reader, Writer};
use super::error::StoreError;
use super::records::RowId;
use super::text::Text as _;
use crate::model::{Compared, DecisionOutcome, Ledger, RecordKind};

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
            "SELECT kind, external_id, sync_id, rule, outcome, record_id, compared \
             FROM decisions WHERE integration_id = ?1 ORDER BY kind, length(external_id), external_id",
        )?;
        let rows = statement.query_and_then([integration_id], |row| -> Result<_, StoreError> {
            let compared: String = row.get(6)?;
            let (kind, outcome): (String, String) = (row.get(0)?, row.get(4)?);
            Ok(DecisionRow {
                kind: RecordKind::parse(&kind)?,
                external_id: row.get(1)?,
                sync_id: row.get(2)?,
                rule: row.get(3)?,
                outcome: DecisionOutcome::parse(&outcome)?,
                record_id: row.get(5)?,
                compared: serde_json::from_str(&compared)?,
            })
        })?;
        rows.collect()
    }

    fn decision_stands(
        &self,
        integration_id: i64,
        decision: &DecisionRow,
        compared: &str,
    ) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM decisions WHERE integration_id = ?1 AND kind = ?2 AND external_id = ?3 \
             AND rule = ?4 AND outcome = ?5 AND record_id IS ?6 AND compared = ?7",
        )?;
        let found: Option<i64> = statement
            .query_row(
                (
                    integration_id,
                    decision.kind.text(),
                    &decision.external_id,
                    &decision.rule,
                    decision.outcome.text(),
                    decision.record_id,
                    compared,
                ),
                |row| row.get(0),
            )
            .optional()?;
        Ok(found.is_some())
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
    pub fn decide(&self, integration_id: i64, decision: &DecisionRow) -> Result<bool, StoreError> {
        let compared = serde_json::to_string(&decision.compared)?;
        if self.decision_stands(integration_id, decision, &compared)? {
            return Ok(false);
        }
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO decisions (integration_id, kind, external_id, sync_id, \
                 rule, outcome, record_id, compared) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                integration_id,
                decision.kind.text(),
                &decision.external_id,
                decision.sync_id,
                &decision.rule,
                decision.outcome.text(),
                decision.record_id,
                compared,
            ))?;
        Ok(true)
    }

    /// Forgets an integration's companies and devices.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn clear_queue(&self, integration_id: i64) -> Result<(), StoreError> {
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
