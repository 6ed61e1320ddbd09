//! Pausing and disconnecting a tool, and what becomes of its data.

use super::error::EngineError;
use super::sync::Engine;
use crate::model::{LinkState, RecordKind, Tool};
use crate::store::{
    Configuration, Contact, Location, Organization, QueueTable, RowId, Stored as _, Writer,
};

/// How a PSA is disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PsaDisconnect {
    /// Data and links stay; nothing syncs until it is resumed.
    Pause,
    /// Data stays as stand-alone copies; the PSA's records are remembered as disconnected.
    Keep,
    /// The synced data goes for good, with its children.
    Delete,
}

/// How an RMM is disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RmmDisconnect {
    /// Matches and overlay stay; the data goes stale.
    Pause,
    /// All matches and the overlay go; the records stay.
    Permanent,
}

impl Engine {
    /// Pauses or disconnects the PSA.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::Account`] when the account cannot
    /// be written.
    pub fn disconnect_psa(&mut self, how: PsaDisconnect) -> Result<(), EngineError> {
        let psa = self
            .psa
            .as_mut()
            .ok_or(EngineError::NotConnected { tool: Tool::Psa })?;
        let id = psa.integration_id;
        if how == PsaDisconnect::Pause {
            psa.paused = true;
            return Ok(self
                .account
                .write(|writer| writer.set_integration_state(id, "paused"))?);
        }
        self.account.write(|writer| -> Result<(), EngineError> {
            if how == PsaDisconnect::Delete {
                delete_synced(writer, id)?;
            }
            writer.disconnect_links(id)?;
            writer.set_integration_state(id, "disconnected")?;
            Ok(())
        })?;
        self.psa = None;
        Ok(())
    }

    /// Pauses or disconnects the RMM.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without an RMM, [`EngineError::Account`] when the account
    /// cannot be written.
    pub fn disconnect_rmm(&mut self, how: RmmDisconnect) -> Result<(), EngineError> {
        let rmm = self
            .rmm
            .as_mut()
            .ok_or(EngineError::NotConnected { tool: Tool::Rmm })?;
        let id = rmm.integration_id;
        if how == RmmDisconnect::Pause {
            rmm.paused = true;
            return Ok(self
                .account
                .write(|writer| writer.set_integration_state(id, "paused"))?);
        }
        self.account.write(|writer| -> Result<(), EngineError> {
            writer.clear_queue(id)?;
            writer.set_integration_state(id, "disconnected")?;
            Ok(())
        })?;
        self.rmm = None;
        Ok(())
    }

    /// Resumes what was paused.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without the tool, [`EngineError::Account`] when the account
    /// cannot be written.
    pub fn resume(&mut self, tool: Tool) -> Result<(), EngineError> {
        let (id, ..) = self.integration(tool)?;
        self.account
            .write(|writer| writer.set_integration_state(id, "connected"))?;
        match tool {
            Tool::Psa => self.psa.iter_mut().for_each(|it| it.paused = false),
            Tool::Rmm => self.rmm.iter_mut().for_each(|it| it.paused = false),
        }
        Ok(())
    }
}

/// Deletes what this PSA still syncs or has orphaned, children of its organizations included,
/// whoever made them.
fn delete_synced(writer: &Writer<'_>, integration_id: i64) -> Result<(), EngineError> {
    let linked = |kind| -> Result<Vec<RowId>, EngineError> {
        let links = writer.links(integration_id, kind)?;
        let links = links
            .into_iter()
            .filter(|link| link.state != LinkState::Disconnected);
        Ok(links.map(|link| link.record_id).collect())
    };
    for id in linked(RecordKind::Configuration)? {
        delete_configuration(writer, id)?;
    }
    for id in linked(RecordKind::Contact)? {
        writer.delete::<Contact>(id)?;
        writer.remove_links_of(Contact::KIND, id)?;
    }
    for id in linked(RecordKind::Location)? {
        writer.delete::<Location>(id)?;
        writer.remove_links_of(Location::KIND, id)?;
    }
    for id in linked(RecordKind::Organization)? {
        for child in writer.of_organization::<Configuration>(id)? {
            delete_configuration(writer, child.id)?;
        }
        for child in writer.of_organization::<Contact>(id)? {
            writer.delete::<Contact>(child.id)?;
            writer.remove_links_of(Contact::KIND, child.id)?;
        }
        for child in writer.of_organization::<Location>(id)? {
            writer.delete::<Location>(child.id)?;
            writer.remove_links_of(Location::KIND, child.id)?;
        }
        writer.unmatch_record(QueueTable::Companies, id)?;
        writer.delete::<Organization>(id)?;
        writer.remove_links_of(Organization::KIND, id)?;
    }
    Ok(())
}

/// A record matched to RMM data goes back to the matching screen.
fn delete_configuration(writer: &Writer<'_>, id: RowId) -> Result<(), EngineError> {
    writer.unmatch_record(QueueTable::Devices, id)?;
    writer.delete::<Configuration>(id)?;
    writer.remove_links_of(Configuration::KIND, id)?;
    Ok(())
}
