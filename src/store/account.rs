//! Opening the account, and the boundary of a transaction.

use std::cell::Cell;
use std::ops::Deref;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, schema};

/// A documentation account.
#[derive(Debug)]
pub struct Account {
    connection: Connection,
    writes: u64,
}

impl Account {
    /// An empty account in memory.
    ///
    /// # Errors
    /// [`StoreError`] when SQLite cannot make its tables.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    /// Opens an account in a file, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the file cannot be opened or made, [`StoreError::Version`] when it
    /// is not an account of this version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = |reason| StoreError::Open {
            path: path.to_owned(),
            reason,
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(open)?;
        let found: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(open)?;
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(open)?;
        if tables > 0 {
            if found != schema::VERSION {
                let expected = schema::VERSION;
                return Err(StoreError::Version {
                    path: path.to_owned(),
                    found,
                    expected,
                });
            }
            let mut account = Self {
                connection,
                writes: 0,
            };
            account.configure().map_err(open)?;
            return Ok(account);
        }
        Self::prepare(connection).map_err(|error| match error {
            StoreError::Sqlite(reason) => open(reason),
            other => other,
        })
    }

    fn prepare(connection: Connection) -> Result<Self, StoreError> {
        let mut account = Self {
            connection,
            writes: 0,
        };
        account.configure()?;
        let transaction = account.connection.transaction()?;
        transaction.execute_batch(schema::TABLES)?;
        transaction.pragma_update(None, "user_version", schema::VERSION)?;
        transaction.commit()?;
        Ok(account)
    }

    fn configure(&mut self) -> rusqlite::Result<()> {
        // WAL with NORMAL keeps the file whole over a crash and may lose only the last pages of a
        // sync, which the next sync fetches again.
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection
            .pragma_update(None, "synchronous", "NORMAL")?;
        self.connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    /// Reads without a transaction.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            connection: &self.connection,
        }
    }

    /// Runs one transaction: all of it is kept, or nothing when the closure fails.
    ///
    /// # Errors
    /// What the closure returns, or [`StoreError`] when the commit fails.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.connection.transaction().map_err(StoreError::from)?;
        let writer = Writer {
            reader: Reader {
                connection: &transaction,
            },
            written: Cell::new(0),
        };
        let value = work(&writer)?;
        let written = writer.written.get();
        transaction.commit().map_err(StoreError::from)?;
        self.writes += written;
        Ok(value)
    }

    /// How many rows of records, links and review queue were written since the account was opened.
    /// The journal does not count.
    pub fn writes(&self) -> u64 {
        self.writes
    }
}

/// Reads the account.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) connection: &'a Connection,
}

/// Reads and writes within one transaction.
#[derive(Debug)]
pub struct Writer<'a> {
    reader: Reader<'a>,
    written: Cell<u64>,
}

impl<'a> Deref for Writer<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

impl Writer<'_> {
    /// Counts rows that were really changed.
    pub(super) fn count(&self, rows: usize) {
        self.written.set(self.written.get() + rows as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;
    use crate::store::{Organization, Stored as _};

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let mut account = Account::in_memory().unwrap();
        let outcome: Result<(), StoreError> = account.write(|writer| {
            let acme = Organization {
                name: "Acme".into(),
                ..Organization::default()
            };
            writer.insert(Origin::Manual, &acme)?;
            Err(StoreError::Sqlite(rusqlite::Error::QueryReturnedNoRows))
        });
        assert!(outcome.is_err());
        assert_eq!(account.reader().count::<Organization>().unwrap(), 0);
        assert_eq!(account.writes(), 0);
        assert_eq!(Organization::TABLE, "organizations");
    }

    #[test]
    fn a_file_that_is_no_account_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("other.sqlite");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE t (a); PRAGMA user_version = 77;")
            .unwrap();
        drop(other);
        let error = Account::open(&path).unwrap_err();
        assert_eq!(error.code(), "account-version");
    }

    #[test]
    fn an_account_is_opened_again_with_what_it_held() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("account.sqlite");
        let mut account = Account::open(&path).unwrap();
        let acme = Organization {
            name: "Acme".into(),
            ..Organization::default()
        };
        let id = account
            .write::<_, StoreError>(|writer| writer.insert(Origin::Manual, &acme))
            .unwrap();
        drop(account);
        let again = Account::open(&path).unwrap();
        let row = again.reader().get::<Organization>(id).unwrap().unwrap();
        assert_eq!((row.origin, row.value), (Origin::Manual, acme));
    }
}
