//! Archiving and deleting. What a PSA syncs is put away there first, so that the record here becomes
//! an orphan (documented order of clean-up); the account refuses the other order (inferred).

use crate::engine::error::EngineError;
use crate::engine::rules;
use crate::engine::sync::Engine;
use crate::model::RecordKind;
use crate::store::{
    Configuration, Contact, Location, Organization, QueueTable, RowId, Stored, Writer,
};

impl Engine {
    /// Archives a record, or takes it out of the archive.
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`], [`EngineError::Locked`] when a PSA syncs it,
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn archive(
        &mut self,
        kind: RecordKind,
        id: RowId,
        archived: bool,
    ) -> Result<(), EngineError> {
        match kind {
            RecordKind::Organization => self.archive_record::<Organization>(id, archived),
            RecordKind::Location => self.archive_record::<Location>(id, archived),
            RecordKind::Contact => self.archive_record::<Contact>(id, archived),
            RecordKind::Configuration => self.archive_record::<Configuration>(id, archived),
        }
    }

    fn archive_record<T: Stored>(&mut self, id: RowId, archived: bool) -> Result<(), EngineError> {
        self.unlocked::<T>(id, "archive it there, or disable its sync first")?;
        self.account
            .write(|writer| writer.set_archived::<T>(id, archived))?;
        self.acted(rules::ACCOUNT_ARCHIVE, T::KIND, id, None);
        Ok(())
    }

    /// Deletes a record for good. RMM data that stood for it returns to the matching screen.
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`], [`EngineError::Locked`] when a PSA syncs it,
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn delete(&mut self, kind: RecordKind, id: RowId) -> Result<(), EngineError> {
        let reason = "delete it there; the next sync makes it an orphan, which can be deleted";
        let matched = match kind {
            RecordKind::Organization => {
                self.unlocked::<Organization>(id, reason)?;
                self.account.write(|it| delete_organization(it, id))?
            }
            RecordKind::Location => {
                self.unlocked::<Location>(id, reason)?;
                self.account.write(|it| delete_plain::<Location>(it, id))?;
                false
            }
            RecordKind::Contact => {
                self.unlocked::<Contact>(id, reason)?;
                self.account.write(|it| delete_plain::<Contact>(it, id))?;
                false
            }
            RecordKind::Configuration => {
                self.unlocked::<Configuration>(id, reason)?;
                self.account.write(|it| delete_configuration(it, id))?
            }
        };
        self.acted(rules::ACCOUNT_DELETE, kind, id, None);
        if matched {
            self.acted(rules::ACCOUNT_DELETE_UNMATCHES, kind, id, None);
        }
        Ok(())
    }

    fn unlocked<T: Stored>(&mut self, id: RowId, reason: &str) -> Result<(), EngineError> {
        if self.account.reader().get::<T>(id)?.is_none() {
            return Err(EngineError::UnknownRecord { what: T::TABLE, id });
        }
        let Some((_, vendor)) = self.syncing_link(T::KIND, id)? else {
            return Ok(());
        };
        self.acted(rules::ACCOUNT_LOCKED, T::KIND, id, None);
        Err(EngineError::Locked {
            what: T::TABLE,
            id,
            vendor,
            reason: reason.to_owned(),
        })
    }
}

/// Takes out a location or contact with its links.
pub(in crate::engine) fn delete_plain<T: Stored>(
    writer: &Writer<'_>,
    id: RowId,
) -> Result<(), EngineError> {
    writer.delete::<T>(id)?;
    writer.remove_links_of(T::KIND, id)?;
    if T::KIND != RecordKind::Organization {
        writer.forget_reference(T::KIND, id)?;
    }
    Ok(())
}

/// Takes out a configuration; RMM data matched to it goes back to the matching screen. Says whether
/// there was any.
pub(in crate::engine) fn delete_configuration(
    writer: &Writer<'_>,
    id: RowId,
) -> Result<bool, EngineError> {
    let matched = writer.unmatch_record(QueueTable::Devices, id)?;
    writer.delete::<Configuration>(id)?;
    writer.remove_links_of(Configuration::KIND, id)?;
    Ok(matched)
}

/// Takes out an organization with all that it has, whoever made it. Says whether RMM data stood for
/// any of it.
pub(in crate::engine) fn delete_organization(
    writer: &Writer<'_>,
    id: RowId,
) -> Result<bool, EngineError> {
    let mut matched = false;
    for child in writer.of_organization::<Configuration>(id)? {
        matched |= delete_configuration(writer, child.id)?;
    }
    for child in writer.of_organization::<Contact>(id)? {
        delete_plain::<Contact>(writer, child.id)?;
    }
    for child in writer.of_organization::<Location>(id)? {
        delete_plain::<Location>(writer, child.id)?;
    }
    matched |= writer.unmatch_record(QueueTable::Companies, id)?;
    delete_plain::<Organization>(writer, id)?;
    writer.forget_reference(RecordKind::Organization, id)?;
    Ok(matched)
}
