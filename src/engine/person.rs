//! Who works with the account. An administrator sees everything; a manager sees the companies and
//! devices of the organizations they may access (documented). What belongs to no organization yet, an
//! unmatched company and its devices, a restricted manager does not see (inferred).

use std::collections::BTreeSet;

use super::error::EngineError;
use super::sync::Engine;
use crate::model::{RecordKind, ReviewState, Tool};
use crate::store::{
    CompanyRow, Configuration, Contact, DeviceRow, Location, Queued, Reader, RowId, StoreError,
};

/// Who acts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Person {
    /// May do everything.
    #[default]
    Administrator,
    /// Works for some organizations, or for all.
    Manager(Access),
}

/// The organizations that a manager may access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// All of them, those that come later included.
    All,
    /// These.
    Only(BTreeSet<RowId>),
}

/// What a person sees of the matching screen: the RMM's ids, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    /// Companies.
    pub companies: Vec<String>,
    /// Devices.
    pub devices: Vec<String>,
}

impl Person {
    /// Whether they may import: an administrator, or a manager with access to all organizations
    /// (documented).
    pub const fn may_import(&self) -> bool {
        matches!(self, Self::Administrator | Self::Manager(Access::All))
    }

    /// Whether they may access an organization.
    pub fn reaches(&self, organization_id: RowId) -> bool {
        match self {
            Self::Administrator | Self::Manager(Access::All) => true,
            Self::Manager(Access::Only(ids)) => ids.contains(&organization_id),
        }
    }

    /// Whether nothing is hidden from them, so that nothing needs to be looked up.
    const fn sees_all(&self) -> bool {
        self.may_import()
    }

    /// Whether they see a company.
    pub(super) fn sees_company(&self, company: &CompanyRow) -> bool {
        self.sees_all() || matched(&company.queued).is_some_and(|id| self.reaches(id))
    }

    /// Whether they see a device: that of a company that they see.
    pub(super) fn sees_device(
        &self,
        reader: &Reader<'_>,
        device: &DeviceRow,
    ) -> Result<bool, StoreError> {
        if self.sees_all() {
            return Ok(true);
        }
        let company = reader.company(device.integration_id, &device.company_external_id)?;
        Ok(company.is_some_and(|company| self.sees_company(&company)))
    }

    /// Takes a suggestion out of a device's row that leads to an organization out of reach.
    pub(super) fn hide_suggestion(
        &self,
        reader: &Reader<'_>,
        device: &mut DeviceRow,
    ) -> Result<(), StoreError> {
        if self.sees_all() {
            return Ok(());
        }
        if let Some(id) = device.queued.suggestion_id
            && !self.reaches_record(reader, RecordKind::Configuration, id)?
        {
            device.queued.suggestion_id = None;
        }
        Ok(())
    }

    /// Whether they may access a record: an organization, or what belongs to one.
    pub(super) fn reaches_record(
        &self,
        reader: &Reader<'_>,
        kind: RecordKind,
        id: RowId,
    ) -> Result<bool, StoreError> {
        if self.sees_all() {
            return Ok(true);
        }
        let owner = match kind {
            RecordKind::Organization => Some(id),
            RecordKind::Location => {
                let record = reader.get::<Location>(id)?;
                record.map(|record| record.value.organization_id)
            }
            RecordKind::Contact => {
                let record = reader.get::<Contact>(id)?;
                record.map(|record| record.value.organization_id)
            }
            RecordKind::Configuration => {
                let record = reader.get::<Configuration>(id)?;
                record.map(|record| record.value.organization_id)
            }
        };
        Ok(owner.is_some_and(|owner| self.reaches(owner)))
    }
}

impl Engine {
    /// Says who acts from here on. Syncs run by themselves and see everything.
    pub fn act_as(&mut self, person: Person) {
        self.person = person;
    }

    /// Who acts.
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// Whether the person who acts may import.
    pub const fn may_import(&self) -> bool {
        self.person.may_import()
    }

    /// What is out of the person's reach is not there for them.
    pub(super) fn in_reach(&self, kind: RecordKind, id: RowId) -> Result<(), EngineError> {
        if self
            .person
            .reaches_record(&self.account.reader(), kind, id)?
        {
            return Ok(());
        }
        Err(EngineError::UnknownRecord {
            what: match kind {
                RecordKind::Organization => "organization",
                RecordKind::Location => "location",
                RecordKind::Contact => "contact",
                RecordKind::Configuration => "configuration",
            },
            id,
        })
    }

    /// What the person who acts sees of the matching screen.
    ///
    /// # Errors
    /// [`EngineError::Account`] when the account cannot be read.
    pub fn visible(&self) -> Result<Visible, EngineError> {
        let mut visible = Visible::default();
        let Ok((integration_id, ..)) = self.integration(Tool::Rmm) else {
            return Ok(visible);
        };
        let reader = self.account.reader();
        for company in reader.companies(integration_id)? {
            if !self.person.sees_company(&company) {
                continue;
            }
            let devices = reader.devices_of_company(integration_id, &company.external_id)?;
            let ids = devices.into_iter().map(|device| device.external_id);
            visible.devices.extend(ids);
            visible.companies.push(company.external_id);
        }
        Ok(visible)
    }
}

fn matched(queued: &Queued) -> Option<RowId> {
    let matched = queued.state == ReviewState::Matched;
    queued.record_id.filter(|_| matched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_import_and_where_they_reach() {
        let some = Person::Manager(Access::Only([7].into()));
        let all = Person::Manager(Access::All);
        assert!(Person::Administrator.may_import() && all.may_import() && !some.may_import());
        assert!(some.reaches(7) && !some.reaches(8) && all.reaches(8));
        let nobody = Person::Manager(Access::Only(BTreeSet::new()));
        assert!(!nobody.reaches(7));
    }
}
