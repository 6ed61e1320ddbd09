//! Pausing, disconnecting and reconnecting single rows of the PSA's types and statuses. A record
//! stands in the row of the type or status that it has here.

use std::collections::BTreeSet;

use super::account::{delete_configuration, delete_organization};
use super::disconnect::PsaDisconnect;
use super::error::EngineError;
use super::settings::PsaRows;
use super::sync::Engine;
use crate::model::{LinkState, RecordKind, Tool};
use crate::store::{
    Configuration, Contact, Location, Organization, PsaLink, RowId, Stored, Writer,
};

impl Engine {
    /// Pauses or disconnects rows, children of organizations included.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::Account`] when the account cannot
    /// be written.
    pub fn disconnect_rows(
        &mut self,
        rows: &PsaRows,
        how: PsaDisconnect,
    ) -> Result<(), EngineError> {
        self.read.clear();
        let psa = self
            .psa
            .as_mut()
            .ok_or(EngineError::NotConnected { tool: Tool::Psa })?;
        if how == PsaDisconnect::Pause {
            psa.cut.paused.add(rows);
            return Ok(());
        }
        let id = psa.integration_id;
        let cut = self.account.write(|writer| -> Result<_, EngineError> {
            let concerned = Concerned::of(writer, id, rows)?;
            let links: Vec<RowId> = concerned.links.iter().map(|link| link.id).collect();
            if how == PsaDisconnect::Delete {
                concerned.delete(writer)?;
                return Ok(links);
            }
            for link in concerned.links {
                writer.set_link(link.id, LinkState::Disconnected, link.hash)?;
            }
            Ok(links)
        })?;
        psa.cut.reconnected.retain(|link| !cut.contains(link));
        psa.cut.paused.take_out(rows);
        psa.cut.disconnected.add(rows);
        Ok(())
    }

    /// Takes rows back into the sync; the next one brings their records up to date, and creates
    /// anew what was deleted with them.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::Account`] when the account cannot
    /// be written.
    pub fn reconnect_rows(&mut self, rows: &PsaRows) -> Result<(), EngineError> {
        self.read.clear();
        let psa = self
            .psa
            .as_mut()
            .ok_or(EngineError::NotConnected { tool: Tool::Psa })?;
        let id = psa.integration_id;
        self.account.write(|writer| -> Result<(), EngineError> {
            for link in Concerned::of(writer, id, rows)?.links {
                if link.state == LinkState::Disconnected {
                    writer.set_link(link.id, LinkState::Enabled, 0)?;
                }
            }
            Ok(())
        })?;
        psa.cut.paused.take_out(rows);
        psa.cut.disconnected.take_out(rows);
        Ok(())
    }
}

/// Records of some rows that this PSA knows.
struct Concerned {
    organizations: Vec<RowId>,
    configurations: Vec<RowId>,
    /// Their links, those of the organizations' children included.
    links: Vec<PsaLink>,
}

impl Concerned {
    fn of(writer: &Writer<'_>, integration_id: i64, rows: &PsaRows) -> Result<Self, EngineError> {
        let mut concerned = Self {
            organizations: Vec::new(),
            configurations: Vec::new(),
            links: Vec::new(),
        };
        let mut owners = BTreeSet::new();
        for link in writer.links(integration_id, RecordKind::Organization)? {
            let record = writer.get::<Organization>(link.record_id)?;
            let in_row = record.is_some_and(|record| {
                let own = record.value.organization_type.as_slice();
                rows.organization(own, record.value.status.as_deref())
            });
            if in_row {
                concerned.organizations.push(link.record_id);
                owners.insert(link.record_id);
                concerned.links.push(link);
            }
        }
        for link in writer.links(integration_id, RecordKind::Configuration)? {
            let Some(record) = writer.get::<Configuration>(link.record_id)? else {
                continue;
            };
            let (own, status) = (&record.value.configuration_type, &record.value.status);
            let in_row = rows.configuration(own.as_deref(), status.as_deref());
            if in_row || owners.contains(&record.value.organization_id) {
                if in_row {
                    concerned.configurations.push(link.record_id);
                }
                concerned.links.push(link);
            }
        }
        let owner = |location: &Location| location.organization_id;
        concerned.children(writer, integration_id, &owners, owner)?;
        let owner = |contact: &Contact| contact.organization_id;
        concerned.children(writer, integration_id, &owners, owner)?;
        Ok(concerned)
    }

    fn children<T: Stored>(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        owners: &BTreeSet<RowId>,
        owner: impl Fn(&T) -> RowId,
    ) -> Result<(), EngineError> {
        if owners.is_empty() {
            return Ok(());
        }
        for link in writer.links(integration_id, T::KIND)? {
            let record = writer.get::<T>(link.record_id)?;
            if record.is_some_and(|record| owners.contains(&owner(&record.value))) {
                self.links.push(link);
            }
        }
        Ok(())
    }

    fn delete(self, writer: &Writer<'_>) -> Result<(), EngineError> {
        for id in self.configurations {
            delete_configuration(writer, id)?;
        }
        for id in self.organizations {
            delete_organization(writer, id)?;
        }
        Ok(())
    }
}
