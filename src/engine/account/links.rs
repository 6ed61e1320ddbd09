//! Switching the sync of one record off and on, and taking a disconnected one back.

use crate::engine::error::EngineError;
use crate::engine::rules;
use crate::engine::sync::Engine;
use crate::model::{LinkState, RecordKind, Tool};
use crate::store::{PsaLink, RowId};

impl Engine {
    /// Switches the sync of one record off: it stays and is not updated.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::LinkState`] when the record does
    /// not sync, [`EngineError::Account`] when the account cannot be written.
    pub fn disable_sync(&mut self, kind: RecordKind, id: RowId) -> Result<(), EngineError> {
        let needs = "only a record that syncs can be switched off";
        let link = self.link_in(kind, id, LinkState::syncs, needs)?;
        self.set_link(&link, LinkState::Disabled, link.hash)?;
        self.acted(rules::LINK_DISABLE, kind, id, None);
        Ok(())
    }

    /// Switches it on again; the next sync brings the record up to date.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::LinkState`] when the sync of the
    /// record is not switched off, [`EngineError::Account`] when the account cannot be written.
    pub fn enable_sync(&mut self, kind: RecordKind, id: RowId) -> Result<(), EngineError> {
        let needs = "only a record whose sync is switched off can be switched on";
        let link = self.link_in(kind, id, |state| state == LinkState::Disabled, needs)?;
        self.set_link(&link, LinkState::Enabled, 0)?;
        self.acted(rules::LINK_DISABLE, kind, id, None);
        Ok(())
    }

    /// Takes a disconnected record back; the next sync brings it up to date.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::LinkState`] when the record is not
    /// disconnected from it, [`EngineError::Account`] when the account cannot be written.
    pub fn reconnect(&mut self, kind: RecordKind, id: RowId) -> Result<(), EngineError> {
        let needs = "only a disconnected record can be reconnected";
        let link = self.link_in(kind, id, |state| state == LinkState::Disconnected, needs)?;
        self.set_link(&link, LinkState::Enabled, 0)?;
        if let Some(psa) = &mut self.psa {
            psa.cut.reconnected.insert(link.id);
        }
        self.acted(rules::LINK_RECONNECT, kind, id, None);
        Ok(())
    }

    /// The record's link to the connected PSA, when it is in a fitting state.
    fn link_in(
        &self,
        kind: RecordKind,
        id: RowId,
        fits: impl Fn(LinkState) -> bool,
        reason: &'static str,
    ) -> Result<PsaLink, EngineError> {
        let psa = self
            .psa
            .as_ref()
            .ok_or(EngineError::NotConnected { tool: Tool::Psa })?;
        let link = self
            .account
            .reader()
            .link_to(psa.integration_id, kind, id)?;
        let state = match link.as_ref().map(|link| link.state) {
            None => "has no link to the PSA",
            Some(LinkState::Enabled | LinkState::Matched) => "syncs",
            Some(LinkState::Disabled) => "is switched off",
            Some(LinkState::Orphaned) => "is an orphan",
            Some(LinkState::Error) => "syncs, and its last push failed",
            Some(LinkState::Disconnected) => "is disconnected",
        };
        link.filter(|link| fits(link.state))
            .ok_or(EngineError::LinkState {
                what: kind.plural(),
                id,
                state,
                reason,
            })
    }

    fn set_link(&mut self, link: &PsaLink, state: LinkState, hash: i64) -> Result<(), EngineError> {
        Ok(self
            .account
            .write(|writer| writer.set_link(link.id, state, hash))?)
    }
}
