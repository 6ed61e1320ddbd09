//! Making and editing records by hand.

use super::push::Pushing;
use super::pushed::Pushed;
use crate::engine::error::EngineError;
use crate::engine::rules;
use crate::engine::sync::Engine;
use crate::model::{ApiContactsPush, Origin, RecordKind};
use crate::store::{Configuration, Contact, Location, Organization, RowId, Stored};

/// New values by the account's names of fields; none empties a field.
pub type FieldChanges = Vec<(String, Option<String>)>;

impl Engine {
    /// Makes a record; `organization_id` is the one it stands under, if its kind has one. With a
    /// two-way PSA it is pushed at once, and a push that fails is told on the record.
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`] when the organization is not here or out of the person's reach,
    /// [`EngineError::Account`] when the account cannot be written.
    pub async fn create<T: Creatable>(
        &mut self,
        organization_id: Option<RowId>,
        value: &T,
        origin: Origin,
    ) -> Result<RowId, EngineError> {
        if let Some(id) = organization_id
            && (!self.person.reaches(id)
                || self.account.reader().get::<Organization>(id)?.is_none())
        {
            return Err(EngineError::UnknownRecord {
                what: "organization",
                id,
            });
        }
        let id = self.account.write(|writer| writer.insert(origin, value))?;
        let two_way = self.psa.as_ref().is_some_and(|psa| psa.settings.two_way);
        let held = self.knobs.api_contacts_push == ApiContactsPush::Old
            && T::KIND == RecordKind::Contact
            && two_way;
        if origin == Origin::Api && held {
            self.acted(rules::PUSH_API_CONTACTS_OLD, T::KIND, id, None);
        } else if origin == Origin::Api {
            self.push::<T>(id, &[], rules::PUSH_API_CONTACTS).await?;
        } else {
            self.push::<T>(id, &[], rules::PUSH_CREATE).await?;
        }
        Ok(id)
    }

    /// Changes fields of a record and saves it. What a one-way PSA syncs is locked; with a two-way
    /// PSA the changes are pushed, and a record that is not there yet is pushed whole.
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`], [`EngineError::Field`] for a field or value that cannot be,
    /// [`EngineError::Locked`]; [`EngineError::Account`] when the account cannot be written.
    pub async fn edit(
        &mut self,
        kind: RecordKind,
        id: RowId,
        changes: &FieldChanges,
    ) -> Result<(), EngineError> {
        match kind {
            RecordKind::Organization => self.edit_record::<Organization>(id, changes).await,
            RecordKind::Location => self.edit_record::<Location>(id, changes).await,
            RecordKind::Contact => self.edit_record::<Contact>(id, changes).await,
            RecordKind::Configuration => self.edit_record::<Configuration>(id, changes).await,
        }
    }

    async fn edit_record<T: Pushed>(
        &mut self,
        id: RowId,
        changes: &FieldChanges,
    ) -> Result<(), EngineError> {
        self.in_reach(T::KIND, id)?;
        let record = self.account.reader().get::<T>(id)?;
        let before = record
            .ok_or(EngineError::UnknownRecord { what: T::TABLE, id })?
            .value;
        let mut value = before.clone();
        for (field, text) in changes {
            set(&mut value, id, field, text.as_deref())?;
        }
        let changed = T::COLUMNS.iter().copied();
        let changed: Vec<&'static str> = changed
            .filter(|column| value.field(column) != before.field(column))
            .collect();
        let psa = self.psa.as_ref().map(|psa| psa.connector.capabilities());
        let mapped: Vec<&'static str> = changed
            .iter()
            .copied()
            .filter(|field| !T::UNMAPPED.contains(field))
            .filter(|field| psa.is_none_or(|psa| psa.has(T::KIND, field)))
            .collect();
        let link = self.syncing_link(T::KIND, id)?;
        let two_way = self.psa.as_ref().is_some_and(|psa| psa.settings.two_way);
        if let Some((_, vendor)) = &link
            && !two_way
            && !mapped.is_empty()
        {
            let vendor = *vendor;
            let fields = mapped.join(", ");
            self.acted(rules::ACCOUNT_LOCKED, T::KIND, id, Some(fields.clone()));
            return Err(EngineError::Locked {
                what: T::TABLE,
                id,
                vendor,
                reason: format!("{fields} can only be changed there"),
            });
        }
        if !changed.is_empty() {
            self.account.write(|writer| writer.update(id, &value))?;
        }
        let rule = if link.is_some() {
            rules::PUSH_EDIT
        } else {
            rules::PUSH_SAVED
        };
        let pushed = self.push::<T>(id, &mapped, rule).await?;
        if pushed == Pushing::Idle && !changed.is_empty() {
            self.acted(rules::ACCOUNT_EDIT, T::KIND, id, Some(changed.join(", ")));
        }
        Ok(())
    }

    /// The link by which the connected PSA syncs a record, and the PSA's name.
    pub(super) fn syncing_link(
        &self,
        kind: RecordKind,
        id: RowId,
    ) -> Result<Option<(RowId, &'static str)>, EngineError> {
        let Some(psa) = &self.psa else {
            return Ok(None);
        };
        let link = self
            .account
            .reader()
            .link_to(psa.integration_id, kind, id)?;
        let link = link.filter(|link| link.state.syncs());
        Ok(link.map(|link| (link.id, psa.connector.vendor())))
    }
}

/// A kind of record that a person can make.
#[expect(private_bounds, reason = "the four kinds of record are all there are")]
pub trait Creatable: Pushed {}

impl<T: Pushed> Creatable for T {}

fn set<T: Stored>(
    value: &mut T,
    id: RowId,
    field: &str,
    text: Option<&str>,
) -> Result<(), EngineError> {
    // A contact's name is put together from its two parts.
    let done = if field == "name" && T::KIND == RecordKind::Contact {
        let (first, last) = match text.and_then(|text| text.split_once(' ')) {
            Some((first, last)) => (Some(first), Some(last)),
            None => (text, None),
        };
        value.set_field("first_name", first) && value.set_field("last_name", last)
    } else {
        value.set_field(field, text)
    };
    if done {
        return Ok(());
    }
    Err(EngineError::Field {
        what: T::TABLE,
        id,
        field: field.to_owned(),
    })
}
