//! The RMM's devices as matching needs them: staged as they come, read as little as will do, and put where
//! they were judged to stand together with the decision; and what they are compared with.

use std::collections::VecDeque;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::account::{Reader, Writer};
use super::ahead::{AHEAD, Ahead, Standing};
use super::error::StoreError;
use super::journal::{DecisionRow, decision};
use super::queue::{QueueTable, Queued, Staged, queued};
use super::records::{Configuration, List, Record, RowId};
use super::text::Text as _;
use crate::model::{RecordKind, RemoteDevice, RemoteInterface, ReviewState};

/// What devices are compared with, of one configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparable {
    /// Its id.
    pub id: RowId,
    /// Whether it was archived.
    pub archived: bool,
    /// Name.
    pub name: String,
    /// Serial number.
    pub serial: Option<String>,
    /// Primary MAC address.
    pub primary_mac: Option<String>,
    /// Adapters.
    pub interfaces: Option<List<RemoteInterface>>,
}

impl From<&Record<Configuration>> for Comparable {
    fn from(record: &Record<Configuration>) -> Self {
        let value = &record.value;
        Self {
            id: record.id,
            archived: record.archived,
            name: value.name.clone(),
            serial: value.serial.clone(),
            primary_mac: value.primary_mac.clone(),
            interfaces: value.interfaces.clone(),
        }
    }
}

/// A device as it is matched.
#[derive(Debug, Clone)]
pub struct WaitingDevice {
    /// Id here.
    pub id: RowId,
    /// The RMM's id.
    pub external_id: String,
    /// Name.
    pub name: String,
    /// Serial number, as the RMM wrote it.
    pub serial: Option<String>,
    /// MAC addresses in the order of the adapters.
    pub macs: Vec<String>,
    /// State on the matching screen.
    pub queued: Queued,
    /// The last decision on it.
    pub decided: Option<DecisionRow>,
}

fn waiting(row: &Row<'_>) -> Result<WaitingDevice, StoreError> {
    let macs: Option<String> = row.get(9)?;
    let external_id: String = row.get(6)?;
    let decided = match row.get_ref(11)? {
        ValueRef::Null => None,
        _ => Some(decision(
            RecordKind::Configuration,
            external_id.clone(),
            row,
            10,
        )?),
    };
    Ok(WaitingDevice {
        id: row.get(0)?,
        queued: queued(row)?,
        external_id,
        name: row.get(7)?,
        serial: row.get(8)?,
        macs: macs
            .iter()
            .flat_map(|macs| macs.split('\n'))
            .map(str::to_owned)
            .collect(),
        decided,
    })
}

/// Devices as they were kept last, read ahead in order of delivery.
#[derive(Debug)]
pub struct DevicesAhead {
    integration_id: i64,
    ahead: Ahead<Known>,
}

#[derive(Debug)]
struct Known {
    id: RowId,
    external_id: String,
    hash: i64,
    waits: bool,
}

impl Standing for Known {
    fn id(&self) -> RowId {
        self.id
    }

    fn remote_id(&self) -> &str {
        &self.external_id
    }
}

impl DevicesAhead {
    /// From the first device on.
    pub const fn new(integration_id: i64) -> Self {
        Self {
            integration_id,
            ahead: Ahead::new(),
        }
    }

    /// For devices that come in an order of their own: each is searched for.
    pub const fn searching(integration_id: i64) -> Self {
        Self {
            integration_id,
            ahead: Ahead::searching(),
        }
    }

    /// Goes on behind a device: those up to it will not be asked for.
    pub fn go_behind(&mut self, id: RowId) {
        self.ahead.go_behind(id);
    }

    /// The id here of a device, if it is known.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn find(
        &mut self,
        reader: &Reader<'_>,
        external_id: &str,
    ) -> Result<Option<RowId>, StoreError> {
        Ok(self.take(reader, external_id)?.map(|known| known.id))
    }

    fn take(
        &mut self,
        reader: &Reader<'_>,
        external_id: &str,
    ) -> Result<Option<Known>, StoreError> {
        let integration_id = self.integration_id;
        let read = |last, rows: &mut VecDeque<Known>| {
            let mut statement = reader.connection.prepare_cached(
                "SELECT id, external_id, hash, state FROM rmm_devices \
                 WHERE id > ?2 AND +integration_id = ?1 ORDER BY id LIMIT ?3",
            )?;
            for row in statement.query_and_then((integration_id, last, AHEAD), known)? {
                rows.push_back(row?);
            }
            Ok(())
        };
        let search = || {
            let mut statement = reader.connection.prepare_cached(
                "SELECT id, external_id, hash, state FROM rmm_devices \
                 WHERE integration_id = ?1 AND external_id = ?2",
            )?;
            let mut rows = statement.query((integration_id, external_id))?;
            rows.next()?.map(known).transpose()
        };
        self.ahead.take(external_id, read, search)
    }
}

fn known(row: &Row<'_>) -> Result<Known, StoreError> {
    let state = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Known {
        id: row.get(0)?,
        external_id: row.get(1)?,
        hash: row.get(2)?,
        waits: ReviewState::parse(state)? == ReviewState::Unmatched,
    })
}

/// What became of a delivered device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagedDevice {
    /// Its id here.
    pub id: RowId,
    /// What happened.
    pub staged: Staged,
    /// Whether it waits on the matching screen.
    pub waits: bool,
}

impl Reader<'_> {
    /// How many devices there are.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn device_count(&self, integration_id: i64) -> Result<u64, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT count(*) FROM rmm_devices WHERE integration_id = ?1")?;
        Ok(statement.query_row([integration_id], |row| row.get(0))?)
    }

    /// What devices are compared with, of the configurations of one organization, in order of creation;
    /// their adapters only when asked for.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn comparable(
        &self,
        organization_id: RowId,
        adapters: bool,
    ) -> Result<Vec<Comparable>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, archived, name, serial, primary_mac, iif(?2, interfaces, NULL) \
             FROM configurations WHERE organization_id = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map((organization_id, adapters), |row| {
            Ok(Comparable {
                id: row.get(0)?,
                archived: row.get(1)?,
                name: row.get(2)?,
                serial: row.get(3)?,
                primary_mac: row.get(4)?,
                interfaces: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What the devices of one company are matched by, in order of delivery: of those that wait, or of
    /// all.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn waiting_devices(
        &self,
        integration_id: i64,
        company_external_id: &str,
        all: bool,
    ) -> Result<Vec<WaitingDevice>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, state, record_id, rule, suggestion_id, reason, external_id, name, serial, \
             macs, decided_in, decided_rule, decided_outcome, decided_record, decided_by \
             FROM rmm_devices WHERE integration_id = ?1 AND company_external_id = ?2 \
             AND (?3 OR state = 'unmatched') ORDER BY id",
        )?;
        let values = (integration_id, company_external_id, all);
        let rows = statement.query_and_then(values, waiting)?;
        rows.collect()
    }
}

impl Writer<'_> {
    /// Keeps a delivered device; `hash` tells whether it changed.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn stage_device(
        &self,
        ahead: &mut DevicesAhead,
        device: &RemoteDevice,
        hash: i64,
    ) -> Result<StagedDevice, StoreError> {
        let known = ahead.take(self, &device.id)?;
        if let Some(known) = &known
            && known.hash == hash
        {
            return Ok(StagedDevice {
                id: known.id,
                staged: Staged::Unchanged,
                waits: known.waits,
            });
        }
        self.touch_company(&device.company_id);
        let data = serde_json::to_string(device)?;
        let mut macs = String::new();
        for mac in device.interfaces.iter().filter_map(|it| it.mac.as_deref()) {
            if !macs.is_empty() {
                macs.push('\n');
            }
            macs.push_str(mac);
        }
        let macs = (!macs.is_empty()).then_some(macs);
        if let Some(known) = known {
            // It may have come from another company, whose devices are judged by what is left.
            let mut moved = self.connection.prepare_cached(
                "SELECT company_external_id <> ?2 FROM rmm_devices WHERE id = ?1",
            )?;
            if moved.query_row((known.id, &device.company_id), |row| row.get(0))? {
                self.touch_all();
            }
            let mut statement = self.connection.prepare_cached(
                "UPDATE rmm_devices SET company_external_id = ?2, name = ?3, serial = ?4, \
                 macs = ?5, hash = ?6 WHERE id = ?1",
            )?;
            let (company, name) = (&device.company_id, &device.name);
            let values = (known.id, company, name, &device.serial, macs, hash);
            self.count(statement.execute(values)?);
            self.connection
                .prepare_cached("UPDATE rmm_device_data SET data = ?2 WHERE id = ?1")?
                .execute((known.id, data))?;
            return Ok(StagedDevice {
                id: known.id,
                staged: Staged::Updated,
                waits: known.waits,
            });
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO rmm_devices (integration_id, external_id, company_external_id, name, \
             serial, macs, state, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'unmatched', ?7)",
        )?;
        statement.execute((
            ahead.integration_id,
            &device.id,
            &device.company_id,
            &device.name,
            &device.serial,
            macs,
            hash,
        ))?;
        self.count(1);
        let id = self.connection.last_insert_rowid();
        self.connection
            .prepare_cached("INSERT INTO rmm_device_data (id, data) VALUES (?1, ?2)")?
            .execute((id, data))?;
        Ok(StagedDevice {
            id,
            staged: Staged::Created,
            waits: true,
        })
    }

    /// Puts a device where matching says, with the decision; says whether the decision is a new one.
    /// Writes nothing where both stand already.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn settle_device(
        &self,
        integration_id: i64,
        device: &WaitingDevice,
        queued: &Queued,
        decision: &DecisionRow,
    ) -> Result<bool, StoreError> {
        let stands = &device.queued == queued;
        let last = device.decided.as_ref();
        let mut repeats = last.is_some_and(|last| last.repeats(decision));
        let compared = if repeats {
            None
        } else {
            decision.kept_values()?
        };
        if last.is_none() {
            repeats = self.gives_up_apart(integration_id, decision, compared.as_deref())?;
        }
        if repeats {
            if !stands {
                self.put(QueueTable::Devices, device.id, queued)?;
            }
            return Ok(false);
        }
        let mut statement = self.connection.prepare_cached(
            "UPDATE rmm_devices SET state = ?2, record_id = ?3, rule = ?4, suggestion_id = ?5, \
             reason = ?6, decided_in = ?7, decided_rule = ?8, decided_outcome = ?9, \
             decided_record = ?10, decided_by = ?11 WHERE id = ?1",
        )?;
        statement.execute((
            device.id,
            queued.state.text(),
            queued.record_id,
            &queued.rule,
            queued.suggestion_id,
            &queued.reason,
            decision.sync_id,
            &decision.rule,
            decision.outcome.text(),
            decision.record_id,
            compared,
        ))?;
        self.count(usize::from(!stands));
        Ok(true)
    }
}
