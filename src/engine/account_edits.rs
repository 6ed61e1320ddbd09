//! What a person does in the account itself.

use super::error::EngineError;
use super::sync::Engine;
use crate::model::Origin;
use crate::store::{Organization, RowId, Stored};

impl Engine {
    /// Makes a record by hand; `organization_id` is the one it stands under, if its kind has one.
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`] when the organization is not here or out of the person's reach,
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn create<T: Stored>(
        &mut self,
        organization_id: Option<RowId>,
        value: &T,
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
        Ok(self
            .account
            .write(|writer| writer.insert(Origin::Manual, value))?)
    }
}
