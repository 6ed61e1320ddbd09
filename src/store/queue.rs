//! The RMM's companies and devices as last delivered, with their state on the matching screen. The
//! device's data is what the combined view shows over the stored layer.

use super::account::{Reader, Writer};
use super::error::StoreError;
use super::records::RowId;
use super::text::Text as _;
use crate::model::{RemoteDevice, ReviewState};
use std::collections::BTreeSet;

use rusqlite::Row;

/// What the matching screen says of a company or device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// State.
    pub state: ReviewState,
    /// The record it stands for, when matched.
    pub record_id: Option<RowId>,
    /// The rule that decided.
    pub rule: Option<String>,
    /// The record that is suggested, when unmatched.
    pub suggestion_id: Option<RowId>,
    /// Why it is unmatched, where there is more to say than that nothing fitted.
    pub reason: Option<String>,
}

impl Queued {
    /// Waits for a person.
    pub const fn unmatched() -> Self {
        Self {
            state: ReviewState::Unmatched,
            record_id: None,
            rule: None,
            suggestion_id: None,
            reason: None,
        }
    }

    /// Stands for a record.
    pub fn matched(record_id: RowId, rule: &str) -> Self {
        Self {
            state: ReviewState::Matched,
            record_id: Some(record_id),
            rule: Some(rule.to_owned()),
            ..Self::unmatched()
        }
    }
}

/// A company of the RMM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyRow {
    /// Id here; ascending in the order in which the RMM delivered them first.
    pub id: RowId,
    /// The RMM's id.
    pub external_id: String,
    /// Name.
    pub name: String,
    /// State on the matching screen; the record is an organization.
    pub queued: Queued,
}

/// A device of the RMM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Id here; ascending in the order in which the RMM delivered them first.
    pub id: RowId,
    /// The integration.
    pub integration_id: i64,
    /// The RMM's id.
    pub external_id: String,
    /// The RMM's id of its company.
    pub company_external_id: String,
    /// State on the matching screen; the record is a configuration.
    pub queued: Queued,
    /// What the RMM said of it last.
    pub device: RemoteDevice,
}

const COMPANY: &str = "SELECT id, state, record_id, rule, suggestion_id, reason, external_id, name FROM rmm_companies";
const DEVICE: &str = "SELECT d.id, state, record_id, rule, suggestion_id, reason, external_id, \
     company_external_id, data, integration_id FROM rmm_devices AS d \
     JOIN rmm_device_data AS s ON s.id = d.id";

/// From the organization's configurations to their devices and not the other way: left to itself,
/// the planner goes through every device of the RMM for each organization.
const TAKEN: &str = "SELECT d.record_id FROM configurations AS c CROSS JOIN rmm_devices AS d \
     ON d.record_id = c.id AND d.state = 'matched' AND +d.integration_id = ?1 \
     WHERE c.organization_id = ?2";

impl Reader<'_> {
    /// All companies, in order of delivery.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn companies(&self, integration_id: i64) -> Result<Vec<CompanyRow>, StoreError> {
        let sql = format!("{COMPANY} WHERE integration_id = ?1 ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_and_then([integration_id], company)?
            .collect()
    }

    /// One company, by the RMM's id.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn company(
        &self,
        integration_id: i64,
        external_id: &str,
    ) -> Result<Option<CompanyRow>, StoreError> {
        let sql = format!("{COMPANY} WHERE integration_id = ?1 AND external_id = ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_and_then((integration_id, external_id), company)?
            .next()
            .transpose()
    }

    /// The devices of one company, in order of delivery.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn devices_of_company(
        &self,
        integration_id: i64,
        company_external_id: &str,
    ) -> Result<Vec<DeviceRow>, StoreError> {
        let sql = format!(
            "{DEVICE} WHERE integration_id = ?1 AND company_external_id = ?2 ORDER BY d.id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_and_then((integration_id, company_external_id), device)?;
        rows.collect()
    }

    /// One device, by the RMM's id.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn device(
        &self,
        integration_id: i64,
        external_id: &str,
    ) -> Result<Option<DeviceRow>, StoreError> {
        let sql = format!("{DEVICE} WHERE integration_id = ?1 AND external_id = ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query_and_then((integration_id, external_id), device)?;
        rows.next().transpose()
    }

    /// The devices matched to a record, every integration's, in order of delivery.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn devices_of_record(&self, record_id: RowId) -> Result<Vec<DeviceRow>, StoreError> {
        let sql = format!("{DEVICE} WHERE record_id = ?1 AND state = 'matched' ORDER BY d.id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_and_then([record_id], device)?;
        rows.collect()
    }

    /// The rows that a rule or a person has settled, matched and ignored ones, with the RMM's ids, in
    /// order of delivery.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn settled(
        &self,
        table: QueueTable,
        integration_id: i64,
    ) -> Result<Vec<(RowId, String, Queued)>, StoreError> {
        let sql = format!(
            "SELECT id, state, record_id, rule, suggestion_id, reason, external_id FROM {} \
             WHERE integration_id = ?1 AND state <> 'unmatched' ORDER BY id",
            table.name()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_and_then([integration_id], |row| {
            Ok::<_, StoreError>((row.get(0)?, row.get(6)?, queued(row)?))
        })?;
        rows.collect()
    }

    /// The configurations of an organization that stand for a device of this RMM already, wherever
    /// that device's company belongs.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn taken_configurations(
        &self,
        integration_id: i64,
        organization_id: RowId,
    ) -> Result<BTreeSet<RowId>, StoreError> {
        let mut statement = self.connection.prepare_cached(TAKEN)?;
        let rows = statement.query_map([integration_id, organization_id], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// For every company that has devices: how many there are and how many are matched.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn device_counts(
        &self,
        integration_id: i64,
    ) -> Result<Vec<(String, u64, u64)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT company_external_id, count(*), sum(state = 'matched') FROM rmm_devices \
             WHERE integration_id = ?1 GROUP BY company_external_id ORDER BY company_external_id",
        )?;
        let rows = statement.query_map([integration_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// What became of a delivered company or device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staged {
    /// It is new.
    Created,
    /// Its values changed.
    Updated,
    /// Nothing changed.
    Unchanged,
}

impl Writer<'_> {
    /// Keeps a delivered company.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn stage_company(
        &self,
        integration_id: i64,
        external_id: &str,
        name: &str,
    ) -> Result<(RowId, Staged), StoreError> {
        if let Some(known) = self.company(integration_id, external_id)? {
            if known.name == name {
                return Ok((known.id, Staged::Unchanged));
            }
            let mut statement = self
                .connection
                .prepare_cached("UPDATE rmm_companies SET name = ?2 WHERE id = ?1")?;
            self.count(statement.execute((known.id, name))?);
            return Ok((known.id, Staged::Updated));
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO rmm_companies (integration_id, external_id, name, state) \
             VALUES (?1, ?2, ?3, 'unmatched')",
        )?;
        statement.execute((integration_id, external_id, name))?;
        self.count(1);
        Ok((self.connection.last_insert_rowid(), Staged::Created))
    }

    /// Puts a company where a rule or a person says. Writes nothing when it stands there already.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn queue_company(&self, id: RowId, queued: &Queued) -> Result<(), StoreError> {
        self.queue(QueueTable::Companies, id, queued)
    }

    /// Puts a device where a rule or a person says. Writes nothing when it stands there already.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn queue_device(&self, id: RowId, queued: &Queued) -> Result<(), StoreError> {
        self.queue(QueueTable::Devices, id, queued)
    }

    /// Puts a row of either list where a rule or a person says.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn queue_row(
        &self,
        table: QueueTable,
        id: RowId,
        queued: &Queued,
    ) -> Result<(), StoreError> {
        self.queue(table, id, queued)
    }

    fn queue(&self, table: QueueTable, id: RowId, queued: &Queued) -> Result<(), StoreError> {
        if self.put(table, id, queued)? {
            self.touch_all();
        }
        Ok(())
    }

    /// Says whether it stood elsewhere.
    pub(super) fn put(
        &self,
        table: QueueTable,
        id: RowId,
        queued: &Queued,
    ) -> Result<bool, StoreError> {
        let table = table.name();
        let sql = format!(
            "UPDATE {table} SET state = ?2, record_id = ?3, rule = ?4, suggestion_id = ?5, \
             reason = ?6 WHERE id = ?1 AND (state, record_id, rule, suggestion_id, reason) \
             IS NOT (?2, ?3, ?4, ?5, ?6)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.execute((
            id,
            queued.state.text(),
            queued.record_id,
            &queued.rule,
            queued.suggestion_id,
            &queued.reason,
        ))?;
        self.count(rows);
        Ok(rows > 0)
    }

    /// Takes out the companies that were not seen, and gives back their external ids.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn drop_unseen_companies(
        &self,
        integration_id: i64,
        seen: impl Fn(RowId) -> bool,
    ) -> Result<Vec<String>, StoreError> {
        self.drop_unseen(QueueTable::Companies, integration_id, seen)
    }

    /// Takes out the devices that were not seen, and gives back their external ids.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn drop_unseen_devices(
        &self,
        integration_id: i64,
        seen: impl Fn(RowId) -> bool,
    ) -> Result<Vec<String>, StoreError> {
        self.drop_unseen(QueueTable::Devices, integration_id, seen)
    }

    fn drop_unseen(
        &self,
        table: QueueTable,
        integration_id: i64,
        seen: impl Fn(RowId) -> bool,
    ) -> Result<Vec<String>, StoreError> {
        let name = table.name();
        let sql =
            format!("SELECT id, external_id FROM {name} WHERE +integration_id = ?1 ORDER BY id");
        let mut gone = Vec::new();
        {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([integration_id])?;
            while let Some(row) = rows.next()? {
                let id: RowId = row.get(0)?;
                if !seen(id) {
                    gone.push((id, row.get(1)?));
                }
            }
        }
        let sql = format!("DELETE FROM {name} WHERE id = ?1");
        let mut delete = self.connection.prepare_cached(&sql)?;
        for (id, _) in &gone {
            if table == QueueTable::Devices {
                self.keep_decisions_of("rmm_devices", "id = ?1", &[id])?;
                self.connection
                    .prepare_cached("DELETE FROM rmm_device_data WHERE id = ?1")?
                    .execute([id])?;
            }
            self.count(delete.execute([id])?);
            self.touch_all();
        }
        Ok(gone
            .into_iter()
            .map(|(_, external_id)| external_id)
            .collect())
    }

    /// Sends whatever stands for a deleted record back to the matching screen, and says whether there
    /// was anything.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn unmatch_record(&self, table: QueueTable, record_id: RowId) -> Result<bool, StoreError> {
        self.touch_all();
        let table = table.name();
        let sql = format!(
            "UPDATE {table} SET state = 'unmatched', record_id = NULL, rule = NULL, reason = NULL \
             WHERE record_id = ?1"
        );
        let matched = self.connection.prepare_cached(&sql)?.execute([record_id])?;
        self.count(matched);
        let sql = format!("UPDATE {table} SET suggestion_id = NULL WHERE suggestion_id = ?1");
        self.count(self.connection.prepare_cached(&sql)?.execute([record_id])?);
        Ok(matched > 0)
    }
}

impl Writer<'_> {
    /// Lets companies that stand for one organization, or are suggested for it, stand for another.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn move_companies(&self, from: RowId, to: RowId) -> Result<(), StoreError> {
        self.touch_all();
        for column in ["record_id", "suggestion_id"] {
            let sql = format!("UPDATE rmm_companies SET {column} = ?2 WHERE {column} = ?1");
            let mut statement = self.connection.prepare_cached(&sql)?;
            self.count(statement.execute((from, to))?);
        }
        Ok(())
    }
}

/// The two lists of the matching screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueTable {
    /// Companies; their records are organizations.
    Companies,
    /// Devices; their records are configurations.
    Devices,
}

impl QueueTable {
    const fn name(self) -> &'static str {
        match self {
            Self::Companies => "rmm_companies",
            Self::Devices => "rmm_devices",
        }
    }
}

pub(super) fn queued(row: &Row<'_>) -> Result<Queued, StoreError> {
    let state = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Queued {
        state: ReviewState::parse(state)?,
        record_id: row.get(2)?,
        rule: row.get(3)?,
        suggestion_id: row.get(4)?,
        reason: row.get(5)?,
    })
}

fn company(row: &Row<'_>) -> Result<CompanyRow, StoreError> {
    Ok(CompanyRow {
        id: row.get(0)?,
        queued: queued(row)?,
        external_id: row.get(6)?,
        name: row.get(7)?,
    })
}

fn device(row: &Row<'_>) -> Result<DeviceRow, StoreError> {
    let data: String = row.get(8)?;
    Ok(DeviceRow {
        id: row.get(0)?,
        integration_id: row.get(9)?,
        queued: queued(row)?,
        external_id: row.get(6)?,
        company_external_id: row.get(7)?,
        device: serde_json::from_str(&data)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Account;

    #[test]
    fn taken_configurations_are_found_by_their_organization() {
        let account = Account::in_memory().unwrap();
        let reader = account.reader();
        let sql = format!("EXPLAIN QUERY PLAN {TAKEN}");
        let mut statement = reader.connection.prepare(&sql).unwrap();
        let steps: Vec<String> = statement
            .query_map([1, 1], |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(steps.len(), 2, "{steps:?}");
        assert!(
            steps[0].contains("configurations_by_organization"),
            "{steps:?}"
        );
        assert!(steps[1].contains("rmm_devices_by_record"), "{steps:?}");
    }
}
