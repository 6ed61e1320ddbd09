//! Steps in which somebody works in the account: the records that a script means are looked up by what
//! they stand for, and what is made by hand is remembered for the judge.

use syncrig_mocks::world::{Kind, Tool as WorldTool};

use super::by_hand::{from_record, rename, typed_off};
use super::check::Findings;
use super::play::{PlayError, TOOLS};
use super::script::Player;
use super::subject::{AccountAction, NewRecord, RecordRef, Subject};
use super::truth::record_kind;
use crate::judge::{HandMade, judge};
use crate::scenario::{Account, AccountCreate, AccountRecord, EntityRef};

impl<S: Subject> Player<'_, S> {
    pub(super) async fn create(&mut self, create: &AccountCreate) -> Result<(), PlayError> {
        let EntityRef { kind, key } = &create.entity;
        let mut record = self.template(*kind, &key.value);
        let values = &create.values;
        if let Some(name) = &values.name {
            rename(&mut record, name);
        }
        let replace = |slot: &mut Option<String>, value: &Option<Option<String>>| {
            if let Some(value) = value {
                slot.clone_from(value);
            }
        };
        replace(&mut record.record_type, &values.record_type);
        replace(&mut record.status, &values.status);
        replace(&mut record.serial, &values.serial);
        replace(&mut record.mac, &values.mac);
        record.manufacturer.clone_from(&values.manufacturer);
        record.model.clone_from(&values.model);
        record.by_api = create.by.is_some();
        if let Some(location) = &create.location {
            let location = EntityRef::new(Kind::Location, location.value.clone());
            record.location_id = Some(self.record_standing_for(&location).await?);
        }
        if *kind != Kind::Organization {
            let owner = match &create.organization {
                Some(owner) => owner.value.clone(),
                None => self.owner(*kind, &key.value),
            };
            let owner = EntityRef::new(Kind::Organization, owner);
            record.organization_id = Some(self.record_standing_for(&owner).await?);
        }
        let kind = record.kind;
        self.stale = [true; 2];
        let done = self.subject.create(record).await;
        if let Some(record_id) = self.answered(done)? {
            self.hand_made.push(HandMade {
                kind,
                record_id,
                truth: key.value.clone(),
            });
        }
        Ok(())
    }

    pub(super) async fn account(&mut self, account: &Account) -> Result<(), PlayError> {
        let action = match account {
            Account::Create(_) => return Ok(()),
            Account::Edit(edit) => {
                let set = edit.set.iter();
                let set = set.map(|(field, text)| (field.value.clone(), text.clone()));
                AccountAction::Edit(self.account_record(&edit.record).await?, set.collect())
            }
            Account::Archive(it) => AccountAction::Archive(self.account_record(it).await?),
            Account::Restore(it) => AccountAction::Restore(self.account_record(it).await?),
            Account::Delete(it) => AccountAction::Delete(self.account_record(it).await?),
            Account::DisableSync(it) => AccountAction::DisableSync(self.account_record(it).await?),
            Account::EnableSync(it) => AccountAction::EnableSync(self.account_record(it).await?),
            Account::Reconnect(it) => AccountAction::Reconnect(self.account_record(it).await?),
            Account::Merge(merge) => AccountAction::Merge(
                self.account_record(&merge.source).await?,
                self.account_record(&merge.target).await?,
            ),
            Account::PushAll(_) => AccountAction::PushAll,
        };
        self.stale = [true; 2];
        let done = self.subject.account(action.clone()).await;
        if let (Some(()), AccountAction::Merge(source, target)) = (self.answered(done)?, action) {
            self.merged(&source, &target);
        }
        Ok(())
    }

    /// What was entered by hand and merged stands in the record that is left.
    fn merged(&mut self, source: &RecordRef, target: &RecordRef) {
        for made in &mut self.hand_made {
            if made.kind == source.kind && made.record_id == source.id {
                made.record_id.clone_from(&target.id);
            }
        }
    }

    /// A record of the account as a script names it.
    async fn account_record(&mut self, record: &AccountRecord) -> Result<RecordRef, PlayError> {
        let nth = record.nth.as_ref().map_or(1, |nth| nth.value);
        let id = self.nth_standing_for(&record.entity, nth).await?;
        Ok(RecordRef {
            kind: record_kind(record.entity.kind),
            id,
        })
    }

    /// The subject's id of the first record that stands for an entity.
    pub(super) async fn record_standing_for(
        &mut self,
        entity: &EntityRef,
    ) -> Result<String, PlayError> {
        self.nth_standing_for(entity, 1).await
    }

    /// The subject's id of one of the records that stand for an entity, counted from 1.
    async fn nth_standing_for(
        &mut self,
        entity: &EntityRef,
        nth: u32,
    ) -> Result<String, PlayError> {
        let (outcome, truth, scope) = self.moment().await?;
        let judgement = judge(&outcome, &truth, &scope);
        let findings = Findings {
            outcome: &outcome,
            truth: &truth,
            judgement: &judgement,
            unclaimed: Vec::new(),
        };
        let id = findings
            .standing_for(entity)
            .get(nth.saturating_sub(1) as usize)
            .map(|record| record.id.clone());
        id.ok_or_else(|| {
            let EntityRef { kind, key } = entity;
            let reason = match nth {
                1 => format!("no record of the account stands for the {kind} `{key}`"),
                nth => format!("the account has no {nth} records for the {kind} `{key}`"),
            };
            self.script(reason, "sync or create it in an earlier step")
        })
    }

    /// The key of the organization that an entity truly belongs to.
    pub(super) fn owner(&self, kind: Kind, key: &str) -> String {
        let entity = self.stage.world.entity(kind, key);
        entity
            .and_then(|entity| entity.organization.map(str::to_owned))
            .unwrap_or_default()
    }

    /// An entity's values as a person would type them off: the PSA's record, else the RMM's.
    fn template(&self, kind: Kind, key: &str) -> NewRecord {
        let mut record = None;
        for tool in TOOLS {
            record = record.or_else(|| typed_off(self.stage.world.project(tool), kind, key));
        }
        // No tool holds it: its true values are those that the PSA would get.
        let fresh = || self.stage.world.fresh(WorldTool::Psa, kind, key).ok();
        let record = record.or_else(|| fresh().map(from_record));
        record.unwrap_or_else(|| NewRecord::named(record_kind(kind), key))
    }
}
