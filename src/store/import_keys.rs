//! Where an import looks up which record a row fits: a temporary table of hashed keys, so that a
//! file of millions of rows needs no memory for them. It is gone when the import is, and is no part
//! of the account.

use super::account::Writer;
use super::error::StoreError;
use super::records::RowId;

impl Writer<'_> {
    /// Begins an empty table of keys.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn begin_keys(&self) -> Result<(), StoreError> {
        self.end_keys()?;
        self.connection.execute_batch(
            "CREATE TEMP TABLE import_keys (
               list INTEGER NOT NULL, owner INTEGER NOT NULL, hash INTEGER NOT NULL,
               id INTEGER NOT NULL, PRIMARY KEY (list, owner, hash, id)
             ) STRICT, WITHOUT ROWID;",
        )?;
        Ok(())
    }

    /// Notes the key of a record. `list` keeps kinds of record apart.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn add_key(&self, list: i64, owner: RowId, hash: i64, id: RowId) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO temp.import_keys (list, owner, hash, id) VALUES (?1, ?2, ?3, ?4)",
        )?;
        statement.execute((list, owner, hash, id))?;
        Ok(())
    }

    /// The records of a key, oldest first. Two keys can have one hash, so the reader compares.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn keyed(&self, list: i64, owner: RowId, hash: i64) -> Result<Vec<RowId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM temp.import_keys WHERE list = ?1 AND owner = ?2 AND hash = ?3 \
             ORDER BY id",
        )?;
        let rows = statement.query_map((list, owner, hash), |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Drops the table of keys.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn end_keys(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch("DROP TABLE IF EXISTS temp.import_keys;")?;
        Ok(())
    }
}
