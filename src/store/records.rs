//! The stored layer: organizations, locations, contacts and configurations with the values that a
//! PSA or a person gave them.

use std::hash::{BuildHasher as _, Hash};
use std::sync::OnceLock;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::account::{Reader, Writer};
use super::error::StoreError;
use super::fields::{Shown, Typed};
use super::text::Text as _;
use crate::model::{Origin, RecordKind, RemoteEmail, RemoteInterface, RemotePhone};

/// Id of a record in the account.
pub type RowId = i64;

/// A kind of record with its table. The columns stand in the order of the fields.
pub trait Stored: Sized + Hash {
    /// The kind.
    const KIND: RecordKind;
    /// The table.
    const TABLE: &'static str;
    /// Its columns after id, origin and archived.
    const COLUMNS: &'static [&'static str];

    /// The values of the columns.
    fn values(&self) -> Vec<&dyn ToSql>;

    /// Reads the columns, the first of which stands at `offset`.
    ///
    /// # Errors
    /// When a column holds another type.
    fn read(row: &Row<'_>, offset: usize) -> rusqlite::Result<Self>;

    /// The fields as text, for reports: empty ones left out.
    fn fields(&self) -> Vec<(&'static str, String)>;

    /// One field as text, as [`Stored::fields`] has it.
    fn field(&self, name: &str) -> Option<String> {
        let mut fields = self.fields().into_iter();
        fields.find(|(own, _)| *own == name).map(|(_, text)| text)
    }

    /// Puts a text into a field; none empties it. Lists are written with commas. False when there is
    /// no such field that text could fill.
    fn set_field(&mut self, name: &str, text: Option<&str>) -> bool;

    /// The organization that it belongs to.
    fn owner(&self) -> Option<RowId>;

    /// The statements that insert and update a record, and the beginning of one that reads.
    fn statements() -> &'static Statements;

    /// A hash of all values, to tell an unchanged record without reading it.
    fn content_hash(&self) -> i64 {
        const SEED: u64 = 0x73_79_6e_63_72_69_67_01;
        let hash = foldhash::quality::FixedState::with_seed(SEED).hash_one(self);
        i64::from_ne_bytes(hash.to_ne_bytes())
    }
}

/// A record as it stands in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<T> {
    /// Its id.
    pub id: RowId,
    /// Who made it.
    pub origin: Origin,
    /// Whether it was archived.
    pub archived: bool,
    /// Its values.
    pub value: T,
}

/// SQL that is the same for every record of a kind.
#[derive(Debug)]
pub struct Statements {
    insert: String,
    update: String,
    select: String,
}

impl Statements {
    fn of<T: Stored>() -> Self {
        let columns = T::COLUMNS.join(", ");
        let marks = vec!["?"; T::COLUMNS.len() + 2].join(", ");
        let set: Vec<String> = T::COLUMNS
            .iter()
            .map(|column| format!("{column} = ?"))
            .collect();
        let (table, set) = (T::TABLE, set.join(", "));
        Self {
            insert: format!("INSERT INTO {table} (id, origin, {columns}) VALUES ({marks})"),
            update: format!("UPDATE {table} SET {set} WHERE id = ?"),
            select: format!("SELECT id, origin, archived, {columns} FROM {table}"),
        }
    }
}

/// A list kept as JSON in one column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize> ToSql for List<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for List<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

macro_rules! stored {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $table:literal, $owner:expr, {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl Stored for $name {
            const KIND: RecordKind = $kind;
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn owner(&self) -> Option<RowId> {
                let owner: fn(&Self) -> Option<RowId> = $owner;
                owner(self)
            }

            fn statements() -> &'static Statements {
                static STATEMENTS: OnceLock<Statements> = OnceLock::new();
                STATEMENTS.get_or_init(Statements::of::<Self>)
            }

            fn values(&self) -> Vec<&dyn ToSql> {
                vec![$(&self.$field as &dyn ToSql),+]
            }

            fn read(row: &Row<'_>, offset: usize) -> rusqlite::Result<Self> {
                let mut column = offset..;
                let mut next = || column.next().unwrap_or(usize::MAX);
                Ok(Self { $($field: row.get(next())?),+ })
            }

            fn fields(&self) -> Vec<(&'static str, String)> {
                let mut fields = Vec::new();
                $(if let Some(text) = Shown::shown(&self.$field) {
                    fields.push((stringify!($field), text));
                })+
                fields
            }

            fn set_field(&mut self, name: &str, text: Option<&str>) -> bool {
                match name {
                    $(stringify!($field) => match Typed::typed(text) {
                        Some(value) => {
                            self.$field = value;
                            true
                        }
                        None => false,
                    },)+
                    _ => false,
                }
            }
        }
    };
}

stored! {
    /// A client.
    Organization, RecordKind::Organization, "organizations", |_| None, {
        /// Name.
        name: String,
        /// Short name.
        short_name: Option<String>,
        /// Type by name.
        organization_type: Option<String>,
        /// Status by name.
        status: Option<String>,
        /// The parent's id in the PSA, whether or not that record is here.
        parent_remote_id: Option<String>,
        /// The main location's id in the PSA, whether or not that record is here.
        primary_location_remote_id: Option<String>,
        /// The parent here; kept by [`Writer::resolve_references`].
        parent_id: Option<RowId>,
        /// The main location here; kept by [`Writer::resolve_references`].
        primary_location_id: Option<RowId>,
        /// Quick notes. No PSA has them.
        quick_notes: Option<String>,
        /// Whether it is the MSP itself.
        is_primary: bool,
    }
}

stored! {
    /// An address of an organization.
    Location, RecordKind::Location, "locations", |it| Some(it.organization_id), {
        /// The organization.
        organization_id: RowId,
        /// Name.
        name: String,
        /// Street and number.
        address_1: Option<String>,
        /// Second line.
        address_2: Option<String>,
        /// City.
        city: Option<String>,
        /// State, province or region.
        region: Option<String>,
        /// Postal code.
        postal_code: Option<String>,
        /// Country.
        country: Option<String>,
        /// Telephone.
        phone: Option<String>,
        /// Fax.
        fax: Option<String>,
        /// Whether it is the main one.
        is_primary: bool,
    }
}

stored! {
    /// A person of an organization.
    Contact, RecordKind::Contact, "contacts", |it| Some(it.organization_id), {
        /// The organization.
        organization_id: RowId,
        /// The location.
        location_id: Option<RowId>,
        /// First name.
        first_name: String,
        /// Last name.
        last_name: Option<String>,
        /// Job title.
        title: Option<String>,
        /// Type by name.
        contact_type: Option<String>,
        /// E-mail addresses.
        emails: List<RemoteEmail>,
        /// Telephone numbers.
        phones: List<RemotePhone>,
    }
}

stored! {
    /// A device, as documentation.
    Configuration, RecordKind::Configuration, "configurations", |it| Some(it.organization_id), {
        /// The organization.
        organization_id: RowId,
        /// The location.
        location_id: Option<RowId>,
        /// The contact.
        contact_id: Option<RowId>,
        /// Name.
        name: String,
        /// Host name.
        hostname: Option<String>,
        /// Type by name.
        configuration_type: Option<String>,
        /// Status by name.
        status: Option<String>,
        /// Asset tag.
        asset_tag: Option<String>,
        /// Serial number.
        serial: Option<String>,
        /// Primary MAC address.
        primary_mac: Option<String>,
        /// Primary IP address.
        primary_ip: Option<String>,
        /// Default gateway.
        default_gateway: Option<String>,
        /// Manufacturer.
        manufacturer: Option<String>,
        /// Model.
        model: Option<String>,
        /// Operating system.
        operating_system: Option<String>,
        /// Purchase date, `yyyy-mm-dd`.
        purchased_on: Option<String>,
        /// Installation date, `yyyy-mm-dd`.
        installed_on: Option<String>,
        /// Who installed it.
        installed_by: Option<String>,
        /// Warranty expiry, `yyyy-mm-dd`.
        warranty_expires_on: Option<String>,
        /// The RMM's location or site within the company.
        rmm_location: Option<String>,
        /// Notes.
        notes: Option<String>,
        /// Adapters, the primary one first; kept when an RMM device was written here.
        interfaces: Option<List<RemoteInterface>>,
    }
}

impl Reader<'_> {
    /// One record.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn get<T: Stored>(&self, id: RowId) -> Result<Option<Record<T>>, StoreError> {
        let sql = format!("{} WHERE id = ?1", select::<T>());
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_and_then([id], record)?.next().transpose()
    }

    /// Hands every record to the closure, in order of creation.
    ///
    /// # Errors
    /// What the closure returns, or [`StoreError`] when the account cannot be read.
    pub fn each<T: Stored>(
        &self,
        mut visit: impl FnMut(Record<T>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = format!("{} ORDER BY id", select::<T>());
        let mut statement = self.connection.prepare_cached(&sql)?;
        for row in statement.query_and_then([], record)? {
            visit(row?)?;
        }
        Ok(())
    }

    /// The records of one organization, in order of creation. Not for organizations themselves.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn of_organization<T: Stored>(
        &self,
        organization_id: RowId,
    ) -> Result<Vec<Record<T>>, StoreError> {
        let sql = format!("{} WHERE organization_id = ?1 ORDER BY id", select::<T>());
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_and_then([organization_id], record)?
            .collect()
    }

    /// The records that no link of this integration points to: the candidates of a first contact,
    /// archived ones only when asked for.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn unlinked<T: Stored>(
        &self,
        integration_id: i64,
        archived: bool,
    ) -> Result<Vec<Record<T>>, StoreError> {
        let sql = format!(
            "{} AS r WHERE archived <= ?3 AND NOT EXISTS (SELECT 1 FROM links AS l \
             WHERE l.kind = ?2 AND l.record_id = r.id AND l.integration_id = ?1) ORDER BY id",
            select::<T>()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_and_then((integration_id, T::KIND.text(), archived), record)?
            .collect()
    }

    /// How many records there are.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be read.
    pub fn count<T: Stored>(&self) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", T::TABLE);
        Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Adds a record.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn insert<T: Stored>(&self, origin: Origin, value: &T) -> Result<RowId, StoreError> {
        let (id, origin) = (self.next_id(T::KIND), origin.text());
        let own = value.values();
        let values = [&id as &dyn ToSql, &origin].into_iter().chain(own);
        let mut statement = self.connection.prepare_cached(&T::statements().insert)?;
        statement.execute(params_from_iter(values))?;
        self.count(1);
        if let (RecordKind::Configuration, Some(owner)) = (T::KIND, value.owner()) {
            self.touch(owner);
        }
        Ok(id)
    }

    /// Replaces the values of a record.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn update<T: Stored>(&self, id: RowId, value: &T) -> Result<(), StoreError> {
        let existing = self.get::<T>(id)?;
        self.replace(id, existing.and_then(|record| record.value.owner()), value)
    }

    /// The same for who knows which organization the record belonged to.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn replace<T: Stored>(
        &self,
        id: RowId,
        owner: Option<RowId>,
        value: &T,
    ) -> Result<(), StoreError> {
        let mut values = value.values();
        values.push(&id);
        let mut statement = self.connection.prepare_cached(&T::statements().update)?;
        self.count(statement.execute(params_from_iter(values))?);
        if T::KIND == RecordKind::Configuration {
            for owner in owner.into_iter().chain(value.owner()) {
                self.touch(owner);
            }
        }
        Ok(())
    }

    /// Puts a record into the archive, or takes it out.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn set_archived<T: Stored>(&self, id: RowId, archived: bool) -> Result<(), StoreError> {
        self.touch_all();
        let sql = format!("UPDATE {} SET archived = ?2 WHERE id = ?1", T::TABLE);
        let mut statement = self.connection.prepare_cached(&sql)?;
        self.count(statement.execute((id, archived))?);
        Ok(())
    }

    /// Puts all records of one organization under another, with its sub-organizations.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn move_children(&self, from: RowId, to: RowId) -> Result<(), StoreError> {
        self.touch_all();
        // The target may have been a sub-organization of the source.
        let own = "UPDATE organizations SET parent_id = NULL WHERE id = ?2 AND parent_id = ?1";
        self.count(self.connection.prepare_cached(own)?.execute((from, to))?);
        for (table, column) in [
            (Location::TABLE, "organization_id"),
            (Contact::TABLE, "organization_id"),
            (Configuration::TABLE, "organization_id"),
            (Organization::TABLE, "parent_id"),
        ] {
            let sql = format!("UPDATE {table} SET {column} = ?2 WHERE {column} = ?1");
            let mut statement = self.connection.prepare_cached(&sql)?;
            self.count(statement.execute((from, to))?);
        }
        Ok(())
    }

    /// Empties the fields that name a record which is no longer there.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn forget_reference(&self, kind: RecordKind, id: RowId) -> Result<(), StoreError> {
        let fields: &[(&str, &str)] = match kind {
            RecordKind::Organization => &[(Organization::TABLE, "parent_id")],
            RecordKind::Location => &[
                (Organization::TABLE, "primary_location_id"),
                (Contact::TABLE, "location_id"),
                (Configuration::TABLE, "location_id"),
            ],
            RecordKind::Contact => &[(Configuration::TABLE, "contact_id")],
            RecordKind::Configuration => &[],
        };
        for (table, field) in fields {
            let sql = format!("UPDATE {table} SET {field} = NULL WHERE {field} = ?1");
            self.count(self.connection.prepare_cached(&sql)?.execute([id])?);
        }
        Ok(())
    }

    /// Removes a record for good.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn delete<T: Stored>(&self, id: RowId) -> Result<(), StoreError> {
        self.touch_all();
        let sql = format!("DELETE FROM {} WHERE id = ?", T::TABLE);
        self.count(self.connection.prepare_cached(&sql)?.execute([id])?);
        Ok(())
    }

    /// Points parents and main locations of organizations at the records that are here now. Parents
    /// may arrive after their children, so this runs once a pass has seen everything.
    ///
    /// # Errors
    /// [`StoreError`] when the account cannot be written.
    pub fn resolve_references(&self, integration_id: i64) -> Result<(), StoreError> {
        for (column, remote, kind) in [
            ("parent_id", "parent_remote_id", RecordKind::Organization),
            (
                "primary_location_id",
                "primary_location_remote_id",
                RecordKind::Location,
            ),
        ] {
            let target = format!(
                "(SELECT record_id FROM links AS l WHERE l.integration_id = ?1 AND l.kind = ?2 \
                 AND l.remote_id = o.{remote})"
            );
            let sql = format!(
                "UPDATE organizations AS o SET {column} = {target} WHERE id IN (SELECT record_id \
                 FROM links WHERE integration_id = ?1 AND kind = 'organization') \
                 AND {column} IS NOT {target}"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            self.count(statement.execute((integration_id, kind.text()))?);
        }
        Ok(())
    }
}

fn select<T: Stored>() -> &'static str {
    &T::statements().select
}

fn record<T: Stored>(row: &Row<'_>) -> Result<Record<T>, StoreError> {
    let origin = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Record {
        id: row.get(0)?,
        origin: Origin::parse(origin)?,
        archived: row.get(2)?,
        value: T::read(row, 3)?,
    })
}
