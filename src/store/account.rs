//! Opening the account, and the boundary of a transaction.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::Deref;
use std::path::Path;

use foldhash::fast::FixedState;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::records::RowId;
use super::text::Text as _;
use super::{StoreError, schema};
use crate::model::RecordKind;

/// A documentation account.
#[derive(Debug)]
pub struct Account {
    connection: Connection,
    writes: u64,
    transactions: u64,
    touched: RefCell<Touched>,
    /// The last id given to each kind of record.
    last_ids: Cell<LastIds>,
}

/// In the order of [`RecordKind::ALL`].
type LastIds = [RowId; RecordKind::ALL.len()];

/// Organizations whose devices may be judged otherwise than before, since what judging reads was written
/// after it read it. Kept in memory: what happened before the account was opened is not known, and
/// everything counts as touched then.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    all: bool,
    organizations: HashSet<RowId, FixedState>,
    /// Companies of an RMM of which a device is new or changed, by its ids: a sync may fail before
    /// anything is judged, and the next one finds the device as it is.
    companies: HashSet<String, FixedState>,
}

impl Touched {
    /// Whether an organization is among them.
    pub fn contains(&self, organization_id: RowId) -> bool {
        self.all || self.organizations.contains(&organization_id)
    }

    /// Whether a company is among them.
    pub fn contains_company(&self, external_id: &str) -> bool {
        self.all || self.companies.contains(external_id)
    }
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
                transactions: 0,
                touched: everything(),
                last_ids: Cell::default(),
            };
            account.configure().map_err(open)?;
            account.last_ids.set(account.read_last_ids().map_err(open)?);
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
            transactions: 0,
            touched: everything(),
            last_ids: Cell::default(),
        };
        account.configure()?;
        let transaction = account.connection.transaction()?;
        transaction.execute_batch(schema::TABLES)?;
        transaction.pragma_update(None, "user_version", schema::VERSION)?;
        transaction.commit()?;
        Ok(account)
    }

    fn read_last_ids(&self) -> rusqlite::Result<LastIds> {
        let mut last = LastIds::default();
        for (last, kind) in last.iter_mut().zip(RecordKind::ALL) {
            let sql = "SELECT last FROM sequences WHERE kind = ?1";
            let found = self
                .connection
                .query_row(sql, [kind.text()], |row| row.get(0));
            *last = found.optional()?.unwrap_or_default();
        }
        Ok(last)
    }

    fn configure(&mut self) -> rusqlite::Result<()> {
        // Records are several hundred bytes long: larger pages than the usual ones are split and shared less.
        self.connection.pragma_update(None, "page_size", 8_192)?;
        // WAL with NORMAL keeps the file whole over a crash and may lose only the last pages of a
        // sync, which the next sync fetches again.
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection
            .pragma_update(None, "synchronous", "NORMAL")?;
        // Without this SQLite plans a statement anew whenever a value is bound that its plan might
        // depend on, which costs several times what the statement does.
        self.connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // A page that many records share is brought into the file once for many transactions.
        self.connection
            .pragma_update(None, "wal_autocheckpoint", 8_192)?;
        // Pages of the indexes stay at hand while a large tenant is loaded; in KiB.
        self.connection.pragma_update(None, "cache_size", -65_536)?;
        self.connection.set_prepared_statement_cache_capacity(128);
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
        self.transactions += 1;
        let transaction = self.connection.transaction().map_err(StoreError::from)?;
        let last_ids = self.last_ids.get();
        let done = {
            let writer = Writer {
                reader: Reader {
                    connection: &transaction,
                },
                written: Cell::new(0),
                touched: &self.touched,
                last_ids: &self.last_ids,
                apart: RefCell::default(),
            };
            work(&writer).and_then(|value| {
                writer.keep_last_ids(last_ids)?;
                Ok((value, writer.written.get()))
            })
        };
        let kept = done.and_then(|done| {
            transaction.commit().map_err(StoreError::from)?;
            Ok(done)
        });
        if kept.is_err() {
            self.last_ids.set(last_ids);
        }
        let (value, written) = kept?;
        self.writes += written;
        Ok(value)
    }

    /// How many transactions were begun since the account was opened.
    pub const fn transactions(&self) -> u64 {
        self.transactions
    }

    /// What was touched since it was last said to be settled.
    pub fn touched(&self) -> Touched {
        self.touched.borrow().clone()
    }

    /// Says that everything was judged by what the account holds now.
    pub fn settle(&self) {
        *self.touched.borrow_mut() = Touched::default();
    }

    /// Says that everything is to be judged anew: what judging goes by changed.
    pub fn unsettle(&self) {
        self.touched.borrow_mut().all = true;
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
    touched: &'a RefCell<Touched>,
    last_ids: &'a Cell<LastIds>,
    /// Whether any decision stands apart from its record, by integration and kind, as far as it was asked.
    pub(super) apart: RefCell<Vec<(i64, RecordKind, bool)>>,
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

    /// The next id of a kind of record.
    pub(super) fn next_id(&self, kind: RecordKind) -> RowId {
        let mut last = self.last_ids.get();
        let last_of_kind = &mut last[kind as usize];
        *last_of_kind += 1;
        let id = *last_of_kind;
        self.last_ids.set(last);
        id
    }

    fn keep_last_ids(&self, before: LastIds) -> Result<(), StoreError> {
        let now = self.last_ids.get();
        for ((before, last), kind) in before.into_iter().zip(now).zip(RecordKind::ALL) {
            if before != last {
                let sql = "INSERT OR REPLACE INTO sequences (kind, last) VALUES (?1, ?2)";
                let mut keep = self.connection.prepare_cached(sql)?;
                keep.execute((kind.text(), last))?;
            }
        }
        Ok(())
    }

    /// What judging reads of one organization was written. A transaction that fails leaves it touched,
    /// which costs a judgement and changes none.
    pub(super) fn touch(&self, organization_id: RowId) {
        self.touched
            .borrow_mut()
            .organizations
            .insert(organization_id);
    }

    /// The same of a company's devices.
    pub(super) fn touch_company(&self, external_id: &str) {
        let companies = &mut self.touched.borrow_mut().companies;
        if !companies.contains(external_id) {
            companies.insert(external_id.to_owned());
        }
    }

    /// The same of organizations that nobody knows at this place.
    pub(super) fn touch_all(&self) {
        self.touched.borrow_mut().all = true;
    }
}

fn everything() -> RefCell<Touched> {
    RefCell::new(Touched {
        all: true,
        ..Touched::default()
    })
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
