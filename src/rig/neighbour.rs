//! The integration that a PSA brings along: it writes what the PSA holds into the account, as a program
//! at the account's API would, by rules of its own. It does what a subject's API lets it do and knows
//! nothing of how a subject works. Only organizations and configurations: of others nothing is
//! documented.

use std::collections::{BTreeMap, BTreeSet};

use syncrig_mocks::Neighbour;
use syncrig_mocks::world::{DeviceRecord, OrganizationRecord, Tool as WorldTool};

use super::play::PlayError;
use super::script::Player;
use super::subject::{AccountAction, NewRecord, RecordRef, Subject};
use crate::judge::HandMade;
use crate::model::{Outcome, RecordKind, RecordOutcome};

/// The integration's own table: the account's ids of what it wrote or took, by the PSA's keys.
#[derive(Debug, Default)]
pub(super) struct Written {
    organizations: BTreeMap<String, String>,
    configurations: BTreeMap<String, String>,
}

/// What the account's API refuses since a PSA syncs it.
const LOCKED: &str = "account-locked";

impl<S: Subject> Player<'_, S> {
    /// The PSA's own integration runs once.
    pub(super) async fn neighbour(&mut self) -> Result<(), PlayError> {
        let actor = self.stage.actor(WorldTool::Psa);
        let Some(rules) = actor.and_then(|actor| actor.vendor.neighbour()) else {
            return Ok(());
        };
        self.stale = [true; 2];
        let records = self.stage.world.project(WorldTool::Psa);
        let (account, _, _) = self.moment().await?;
        let placed: BTreeSet<&str> = records
            .locations
            .iter()
            .map(|location| location.organization.as_str())
            .collect();
        for organization in &records.organizations {
            if !rules.needs_location || placed.contains(organization.key.as_str()) {
                self.organization(organization, &account).await?;
            }
        }
        for device in &records.devices {
            let owner = self.written.organizations.get(&device.organization);
            if let Some(owner) = owner.cloned() {
                self.configuration(device, owner, &account, rules).await?;
            }
        }
        if rules.marks_deleted {
            let there: BTreeSet<&str> = records.devices.iter().map(|it| it.key.as_str()).collect();
            let gone = self.written.configurations.iter();
            let gone = gone.filter(|(key, _)| !there.contains(key.as_str()));
            let gone: Vec<String> = gone.map(|(_, id)| id.clone()).collect();
            for id in gone {
                if let Some(record) = standing(&account, RecordKind::Configuration, &id) {
                    let status = Some("Inactive".to_owned());
                    self.update(record, vec![("status", status)]).await?;
                }
            }
        }
        Ok(())
    }

    async fn organization(
        &mut self,
        it: &OrganizationRecord,
        account: &Outcome,
    ) -> Result<(), PlayError> {
        const KIND: RecordKind = RecordKind::Organization;
        let mapped = self.written.organizations.get(&it.key);
        if let Some(record) = mapped.and_then(|id| standing(account, KIND, id)) {
            return self
                .update(record, vec![("name", Some(it.name.clone()))])
                .await;
        }
        let named = account.organizations.iter();
        let named = named.filter(|record| !record.archived && record.name == it.name);
        let id = match named.min_by_key(|record| record.created_seq) {
            Some(record) => Some(record.id.clone()),
            None => {
                let mut record = NewRecord::named(KIND, &it.name);
                record.record_type.clone_from(&it.organization_type);
                record.status.clone_from(&it.status);
                self.write(record, &it.truth).await?
            }
        };
        if let Some(id) = id {
            self.written.organizations.insert(it.key.clone(), id);
        }
        Ok(())
    }

    async fn configuration(
        &mut self,
        it: &DeviceRecord,
        owner: String,
        account: &Outcome,
        rules: Neighbour,
    ) -> Result<(), PlayError> {
        const KIND: RecordKind = RecordKind::Configuration;
        let mapped = self.written.configurations.get(&it.key);
        if let Some(record) = mapped.and_then(|id| standing(account, KIND, id)) {
            let values = vec![
                ("name", Some(it.name.clone())),
                ("configuration_type", it.configuration_type.clone()),
                ("status", it.status.clone()),
                ("serial", it.serial.clone()),
            ];
            return self.update(record, values).await;
        }
        let named = account.configurations.iter().filter(|record| {
            rules.takes_names
                && !record.archived
                && record.organization_id.as_ref() == Some(&owner)
                && record.name == it.name
        });
        let id = match named.min_by_key(|record| record.created_seq) {
            Some(record) => Some(record.id.clone()),
            None => {
                let mut record = NewRecord::named(KIND, &it.name);
                record.organization_id = Some(owner);
                record.record_type.clone_from(&it.configuration_type);
                record.status.clone_from(&it.status);
                record.serial.clone_from(&it.serial);
                record.mac = it.nics.first().and_then(|nic| nic.mac.clone());
                self.write(record, &it.truth).await?
            }
        };
        if let Some(id) = id {
            self.written.configurations.insert(it.key.clone(), id);
        }
        Ok(())
    }

    /// Makes a record. The judge is told what it stands for, since no link does.
    async fn write(
        &mut self,
        mut record: NewRecord,
        truth: &str,
    ) -> Result<Option<String>, PlayError> {
        record.by_api = true;
        let kind = record.kind;
        let done = self.subject.create(record).await;
        let id = self.answered(done)?;
        if let Some(id) = &id {
            self.hand_made.push(HandMade {
                kind,
                record_id: id.clone(),
                truth: truth.to_owned(),
            });
        }
        Ok(id)
    }

    /// Writes values that differ. What the account has locked stays as it is.
    async fn update(
        &mut self,
        record: &RecordOutcome,
        values: Vec<(&str, Option<String>)>,
    ) -> Result<(), PlayError> {
        let own = |field: &str| match field {
            "name" => Some(record.name.as_str()),
            _ => record.fields.get(field).and_then(|value| value.as_str()),
        };
        let changed = values
            .into_iter()
            .filter(|(field, value)| own(field) != value.as_deref());
        let changed: Vec<(String, Option<String>)> = changed
            .map(|(field, value)| (field.to_owned(), value))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let which = RecordRef {
            kind: record.kind,
            id: record.id.clone(),
        };
        match self
            .subject
            .account(AccountAction::Edit(which, changed))
            .await
        {
            Err(error) if error.code == LOCKED => Ok(()),
            done => self.answered(done).map(drop),
        }
    }
}

fn standing<'a>(account: &'a Outcome, kind: RecordKind, id: &str) -> Option<&'a RecordOutcome> {
    account.records(kind).iter().find(|record| record.id == id)
}
