//! PSA links: which remote record a record here stands for, and whether it still syncs.

use std::collections::{BTreeSet, VecDeque};

use super::account::{Reader, Writer};
use super::ahead::{AHEAD, Ahead, Standing};
use super::error::StoreError;
use super::journal::DecisionRow;
use super::records::RowId;
use super::text::Text as _;
use crate::model::{LinkState, RecordKind};

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PsaLink {
    /// Id of the link itself; ascending in order of creation.
    pub id: RowId,
    /// The integration.
    pub integration_id: i64,
    /// The PSA's id.
    pub remote_id: String,
    /// The record here.
    pub record_id: RowId,
    /// State.
    pub state: LinkState,
    /// Hash of the values as last written.
    pub hash: i64,
}

impl Reader<'_> {
    /// The link of a remote record.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn link(
        &self,
        integration_id: i64,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Option<PsaLink>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, integration_id, remote_id, record_id, state, hash FROM links \
             WHERE integration_id = ?1 AND kind = ?2 AND remote_id = ?3",
        )?;
        statement
            .query_and_then((integration_id, kind.text(), remote_id), link)?
            .next()
            .transpose()
    }

    /// All links of a kind, in order of creation.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn links(&self, integration_id: i64, kind: RecordKind) -> Result<Vec<PsaLink>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, integration_id, remote_id, record_id, state, hash FROM links \
             WHERE integration_id = ?1 AND kind = ?2 ORDER BY id",
        )?;
        statement
            .query_and_then((integration_id, kind.text()), link)?
            .collect()
    }

    /// How many links of a kind there are, whatever their state.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn link_count(&self, integration_id: i64, kind: RecordKind) -> Result<u64, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT count(*) FROM links WHERE integration_id = ?1 AND kind = ?2")?;
        Ok(statement.query_row((integration_id, kind.text()), |row| row.get(0))?)
    }

    /// Ids of links that still sync and are not in `seen`, in order of creation.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn unseen_links(
        &self,
        integration_id: i64,
        kind: RecordKind,
        seen: impl Fn(RowId) -> bool,
    ) -> Result<Vec<PsaLink>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, integration_id, remote_id, record_id, state, hash FROM links \
             WHERE integration_id = ?1 AND kind = ?2 AND state IN ('enabled', 'error') \
             ORDER BY id",
        )?;
        let mut unseen = Vec::new();
        let mut rows = statement.query((integration_id, kind.text()))?;
        while let Some(row) = rows.next()? {
            if !seen(row.get(0)?) {
                unseen.push(link(row)?);
            }
        }
        Ok(unseen)
    }

    /// The link of a record to one integration, if it has one.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn link_to(
        &self,
        integration_id: i64,
        kind: RecordKind,
        record_id: RowId,
    ) -> Result<Option<PsaLink>, StoreError> {
        let links = self.links_of(kind, record_id)?;
        // A merge may leave several; what still syncs counts first.
        let mine = links.into_iter();
        let mine = mine.filter(|link| link.integration_id == integration_id);
        Ok(mine.min_by_key(|link| (link.state == LinkState::Disconnected, link.id)))
    }

    /// Records whose last push failed, by kind and id.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn push_failures(&self) -> Result<BTreeSet<(RecordKind, RowId)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT kind, record_id FROM push_failures")?;
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            let kind: String = row.get(0)?;
            Ok((RecordKind::parse(&kind)?, row.get(1)?))
        })?;
        rows.collect()
    }

    /// The links of a record, every integration's.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn links_of(&self, kind: RecordKind, record_id: RowId) -> Result<Vec<PsaLink>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, integration_id, remote_id, record_id, state, hash FROM links \
             WHERE kind = ?1 AND record_id = ?2 ORDER BY id",
        )?;
        statement
            .query_and_then((kind.text(), record_id), link)?
            .collect()
    }
}

impl Writer<'_> {
    /// Links a remote record to a record here.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn add_link(
        &self,
        integration_id: i64,
        kind: RecordKind,
        remote_id: &str,
        record_id: RowId,
        hash: i64,
    ) -> Result<RowId, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO links (integration_id, kind, remote_id, record_id, state, hash) \
             VALUES (?1, ?2, ?3, ?4, 'enabled', ?5)",
        )?;
        statement.execute((integration_id, kind.text(), remote_id, record_id, hash))?;
        self.count(1);
        Ok(self.connection.last_insert_rowid())
    }

    /// Links the remote record of a decision to a record here, and keeps the decision with the link.
    /// Says whether the decision is a new one.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn add_decided_link(
        &self,
        integration_id: i64,
        record_id: RowId,
        hash: i64,
        decision: &DecisionRow,
    ) -> Result<(RowId, bool), StoreError> {
        let kind = decision.kind;
        let compared = decision.kept_values()?;
        if self.gives_up_apart(integration_id, decision, compared.as_deref())? {
            let remote_id = &decision.external_id;
            let id = self.add_link(integration_id, kind, remote_id, record_id, hash)?;
            return Ok((id, false));
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO links (integration_id, kind, remote_id, record_id, state, hash, \
             decided_in, decided_rule, decided_outcome, decided_record, decided_by) \
             VALUES (?1, ?2, ?3, ?4, 'enabled', ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        statement.execute((
            integration_id,
            kind.text(),
            &decision.external_id,
            record_id,
            hash,
            decision.sync_id,
            &decision.rule,
            decision.outcome.text(),
            decision.record_id,
            compared,
        ))?;
        self.count(1);
        Ok((self.connection.last_insert_rowid(), true))
    }

    /// Gives a link another state and hash.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn set_link(&self, id: RowId, state: LinkState, hash: i64) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE links SET state = ?2, hash = ?3 WHERE id = ?1")?;
        self.count(statement.execute((id, state.text(), hash))?);
        Ok(())
    }

    /// Gives every link of an integration the state `disconnected`.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn disconnect_links(&self, integration_id: i64) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE links SET state = 'disconnected' WHERE integration_id = ?1 \
             AND state <> 'disconnected'",
        )?;
        self.count(statement.execute([integration_id])?);
        Ok(())
    }

    /// Points every link of a record at another record of its kind.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn move_links(&self, kind: RecordKind, from: RowId, to: RowId) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE links SET record_id = ?3, hash = 0 WHERE kind = ?1 AND record_id = ?2",
        )?;
        self.count(statement.execute((kind.text(), from, to))?);
        Ok(())
    }

    /// Keeps why the last push of a record failed.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn set_push_failure(
        &self,
        kind: RecordKind,
        record_id: RowId,
        code: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO push_failures (kind, record_id, code, message) \
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((kind.text(), record_id, code, message))?;
        Ok(())
    }

    /// Forgets that a push failed.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn clear_push_failure(&self, kind: RecordKind, record_id: RowId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM push_failures WHERE kind = ?1 AND record_id = ?2")?
            .execute((kind.text(), record_id))?;
        Ok(())
    }

    /// Takes out the links of a record that was deleted, and why its push failed.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn remove_links_of(&self, kind: RecordKind, record_id: RowId) -> Result<(), StoreError> {
        let which = "kind = ?1 AND record_id = ?2";
        self.keep_decisions_of("links", which, &[&kind.text(), &record_id])?;
        let mut statement = self
            .connection
            .prepare_cached("DELETE FROM links WHERE kind = ?1 AND record_id = ?2")?;
        self.count(statement.execute((kind.text(), record_id))?);
        self.clear_push_failure(kind, record_id)
    }
}

/// Links of a kind, read ahead in order of creation.
#[derive(Debug)]
pub struct LinksAhead {
    integration_id: i64,
    kind: RecordKind,
    ahead: Ahead<PsaLink>,
}

impl LinksAhead {
    /// From the first link on.
    pub const fn new(integration_id: i64, kind: RecordKind) -> Self {
        Self {
            integration_id,
            kind,
            ahead: Ahead::new(),
        }
    }

    /// For records that come in an order of their own: each is searched for.
    pub const fn searching(integration_id: i64, kind: RecordKind) -> Self {
        Self {
            integration_id,
            kind,
            ahead: Ahead::searching(),
        }
    }

    /// Goes on behind a link: those up to it will not be asked for.
    pub fn go_behind(&mut self, id: RowId) {
        self.ahead.go_behind(id);
    }

    /// The link of a remote record. One that a vendor delivers twice is searched for the second time.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn take(
        &mut self,
        reader: &Reader<'_>,
        remote_id: &str,
    ) -> Result<Option<PsaLink>, StoreError> {
        let (integration_id, kind) = (self.integration_id, self.kind);
        let read = |last, rows: &mut VecDeque<PsaLink>| {
            let mut statement = reader.connection.prepare_cached(
                "SELECT id, integration_id, remote_id, record_id, state, hash FROM links \
                 WHERE id > ?3 AND +integration_id = ?1 AND +kind = ?2 ORDER BY id LIMIT ?4",
            )?;
            let values = (integration_id, kind.text(), last, AHEAD);
            for row in statement.query_and_then(values, link)? {
                rows.push_back(row?);
            }
            Ok(())
        };
        let search = || reader.link(integration_id, kind, remote_id);
        self.ahead.take(remote_id, read, search)
    }
}

impl Standing for PsaLink {
    fn id(&self) -> RowId {
        self.id
    }

    fn remote_id(&self) -> &str {
        &self.remote_id
    }
}

fn link(row: &rusqlite::Row<'_>) -> Result<PsaLink, StoreError> {
    let state = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(PsaLink {
        id: row.get(0)?,
        integration_id: row.get(1)?,
        remote_id: row.get(2)?,
        record_id: row.get(3)?,
        state: LinkState::parse(state)?,
        hash: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Account;

    #[test]
    fn links_read_ahead_are_those_that_a_search_finds() {
        let mut account = Account::in_memory().unwrap();
        let kind = RecordKind::Configuration;
        let remote = |at: i64| format!("r{at}");
        account
            .write::<_, StoreError>(|writer| {
                for at in 0..2_000 {
                    let kind = if at % 3 == 0 {
                        RecordKind::Contact
                    } else {
                        kind
                    };
                    writer.add_link(1 + at % 2, kind, &remote(at), at, at)?;
                }
                Ok(())
            })
            .unwrap();
        let reader = account.reader();
        let mut ahead = LinksAhead::new(1, kind);
        // In order, with many that are gone, some twice, and one that nobody knows.
        let order = (0..2_000).filter(|at| at % 7 != 0 && !(500..900).contains(at));
        for at in order.chain([4, 4, 8, 1_996, 5_000]) {
            let found = ahead.take(&reader, &remote(at)).unwrap();
            let searched = reader.link(1, kind, &remote(at)).unwrap();
            assert_eq!(found, searched, "{at}");
        }
        // Records that come while the walk goes on are found too.
        let mut ahead = LinksAhead::new(3, kind);
        let first = ahead.take(&account.reader(), "new").unwrap();
        assert_eq!(first, None);
        account
            .write::<_, StoreError>(|writer| writer.add_link(3, kind, "new", 1, 1))
            .unwrap();
        let second = ahead.take(&account.reader(), "new").unwrap();
        assert!(second.is_some());
    }
}
