//! What a person does in the account itself.

use super::error::EngineError;
use super::sync::Engine;
use crate::model::Origin;
use crate::store::{Configuration, Organization, RowId};

/// An organization made by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOrganization {
    /// Name.
    pub name: String,
    /// Short name.
    pub short_name: Option<String>,
    /// Type by name.
    pub organization_type: Option<String>,
    /// Status by name.
    pub status: Option<String>,
}

/// A configuration made by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewConfiguration {
    /// The organization.
    pub organization_id: RowId,
    /// Name.
    pub name: String,
    /// Type by name.
    pub configuration_type: Option<String>,
    /// Status by name.
    pub status: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Primary MAC address.
    pub primary_mac: Option<String>,
}

impl Engine {
    /// Makes an organization by hand.
    ///
    /// # Errors
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn create_organization(&mut self, new: NewOrganization) -> Result<RowId, EngineError> {
        let value = Organization {
            name: new.name,
            short_name: new.short_name,
            organization_type: new.organization_type,
            status: new.status,
            ..Organization::default()
        };
        Ok(self
            .account
            .write(|writer| writer.insert(Origin::Manual, &value))?)
    }

    /// Makes a configuration by hand.
    ///
    /// # Errors
    /// [`EngineError::UnknownRecord`] when the organization is not here, [`EngineError::Account`]
    /// when the account cannot be written.
    pub fn create_configuration(&mut self, new: NewConfiguration) -> Result<RowId, EngineError> {
        let organization_id = new.organization_id;
        if self
            .account
            .reader()
            .get::<Organization>(organization_id)?
            .is_none()
        {
            return Err(EngineError::UnknownRecord {
                what: "organization",
                id: organization_id,
            });
        }
        let value = Configuration {
            organization_id,
            name: new.name,
            configuration_type: new.configuration_type,
            status: new.status,
            serial: new.serial,
            primary_mac: new.primary_mac,
            ..Configuration::default()
        };
        Ok(self
            .account
            .write(|writer| writer.insert(Origin::Manual, &value))?)
    }
}
