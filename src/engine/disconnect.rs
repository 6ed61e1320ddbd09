//! Pausing and disconnecting a tool, and what becomes of its data.

use super::account::{delete_configuration, delete_organization, delete_plain};
use super::error::EngineError;
use super::sync::Engine;
use crate::model::{LinkState, RecordKind, Tool};
use crate::store::{Contact, Location, RowId, Writer};

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
        delete_plain::<Contact>(writer, id)?;
    }
    for id in linked(RecordKind::Location)? {
        delete_plain::<Location>(writer, id)?;
    }
    for id in linked(RecordKind::Organization)? {
        delete_organization(writer, id)?;
    }
    Ok(())
}
