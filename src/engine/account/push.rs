//! The push to a two-way PSA. Whatever the PSA answers is kept as a sync would have kept it, so that
//! the next sync finds nothing to do; a failed push leaves the edit here and says so on the record.
//! The pusher cannot see PSA records that never synced, so it can make duplicates there (documented).

use std::collections::BTreeSet;

use super::pushed::{Integration, Pushed, model_field};
use crate::connectors::PsaConnector;
use crate::engine::error::EngineError;
use crate::engine::rules;
use crate::engine::sync::{Engine, Psa};
use crate::model::{LinkState, PushState, RecordKind, Tool};
use crate::store::{Configuration, Contact, Location, Organization, PsaLink, Record, RowId};

/// How a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Pushing {
    /// There was nothing to push, or nowhere.
    Idle,
    /// The PSA has it.
    Done,
    /// Its gate or its organization keeps it here.
    Waits,
    /// It failed; the record says so.
    Failed,
}

/// What a push comes down to.
enum Prepared<R> {
    Idle,
    Waits,
    /// It cannot be sent: the record's link, a code, and why.
    Refused(Option<PsaLink>, &'static str, String),
    /// What is sent, the record's link, and whether types of addresses were chosen for it.
    Draft(R, Option<PsaLink>, bool),
}

impl Psa {
    pub(in crate::engine) fn integration(&self) -> Integration<'_> {
        Integration {
            psa: self.connector.capabilities(),
            id: self.integration_id,
            settings: &self.settings,
            cut: &self.cut,
        }
    }
}

impl Engine {
    /// Pushes every record that could sync and does not yet, organizations first: what a support
    /// team does once for a new PSA. Gives the number of records pushed.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::OneWay`] when the PSA is not
    /// two-way, [`EngineError::Account`] when the account cannot be written.
    pub async fn push_all(&mut self) -> Result<u64, EngineError> {
        let psa = self
            .psa
            .as_ref()
            .ok_or(EngineError::NotConnected { tool: Tool::Psa })?;
        if !psa.settings.two_way {
            let vendor = psa.connector.vendor();
            return Err(EngineError::OneWay { vendor });
        }
        let mut pushed = self.push_kind::<Organization>().await?;
        pushed += self.push_kind::<Location>().await?;
        pushed += self.push_kind::<Contact>().await?;
        pushed += self.push_kind::<Configuration>().await?;
        Ok(pushed)
    }

    async fn push_kind<T: Pushed>(&mut self) -> Result<u64, EngineError> {
        let Some(psa) = &self.psa else { return Ok(0) };
        let unlinked = self
            .account
            .reader()
            .unlinked::<T>(psa.integration_id, false)?;
        let ids: Vec<RowId> = unlinked.into_iter().map(|record| record.id).collect();
        let mut pushed = 0;
        for id in ids {
            let done = self.push::<T>(id, &[], rules::PUSH_ALL).await?;
            pushed += u64::from(done == Pushing::Done);
        }
        Ok(pushed)
    }

    /// Pushes one record: the changed fields of one that syncs, the whole of one that is not in the
    /// PSA. `rule` is why.
    pub(super) async fn push<T: Pushed>(
        &mut self,
        id: RowId,
        changed: &[&'static str],
        rule: &'static str,
    ) -> Result<Pushing, EngineError> {
        let (draft, link, typed) = match self.prepare::<T>(id, changed)? {
            Prepared::Idle => return Ok(Pushing::Idle),
            Prepared::Waits => {
                self.acted(rules::PUSH_WAITS, T::KIND, id, None);
                return Ok(Pushing::Waits);
            }
            Prepared::Refused(link, code, detail) => {
                let rule = if code == "push-required" {
                    rules::PUSH_REQUIRED
                } else {
                    rules::PUSH_FAILED
                };
                return self.push_failed::<T>(id, link, rule, code, detail);
            }
            Prepared::Draft(draft, link, typed) => (draft, link, typed),
        };
        let connector = self.psa.as_ref().map(|psa| &*psa.connector);
        let Some(writer) = connector.and_then(PsaConnector::writer) else {
            return Ok(Pushing::Idle);
        };
        let answer = if link.is_some() {
            let changed = changed.iter().copied().map(model_field).collect();
            T::update(writer, draft, changed).await
        } else {
            T::create(writer, draft).await
        };
        match answer {
            Ok(remote) => self.push_done::<T>(id, remote, rule, typed),
            Err(error) => {
                let (code, detail) = (error.kind.code(), error.to_string());
                self.push_failed::<T>(id, link, rules::PUSH_FAILED, code, detail)
            }
        }
    }

    /// What is to be sent of a record, or why nothing is.
    fn prepare<T: Pushed>(
        &self,
        id: RowId,
        changed: &[&'static str],
    ) -> Result<Prepared<T::Remote>, EngineError> {
        let Some(psa) = self.psa.as_ref().filter(|psa| psa.settings.two_way) else {
            return Ok(Prepared::Idle);
        };
        let reader = self.account.reader();
        let (Some(record), Some(_)) = (reader.get::<T>(id)?, psa.connector.writer()) else {
            return Ok(Prepared::Idle);
        };
        let integration = psa.integration();
        let link = reader.link_to(integration.id, T::KIND, id)?;
        let syncs = link.as_ref().is_some_and(|link| link.state.syncs());
        if link.is_some() && (!syncs || changed.is_empty()) {
            return Ok(Prepared::Idle);
        }
        if link.is_none() && !self.may_go::<T>(psa, &record)? {
            return Ok(Prepared::Waits);
        }
        let missing = missing_fields(&record.value, integration.psa.required(T::KIND));
        if !missing.is_empty() {
            let detail = format!("the PSA requires {}", missing.join(", "));
            return Ok(Prepared::Refused(link, "push-required", detail));
        }
        if integration.psa.unwritable.contains(&T::KIND) {
            let detail = format!("the PSA's API takes no {}", T::TABLE);
            return Ok(Prepared::Refused(link, "push-unsupported", detail));
        }
        if psa.paused {
            let detail = "the PSA integration is paused".to_owned();
            return Ok(Prepared::Refused(link, "integration-paused", detail));
        }
        let remote_id = link.as_ref().map(|link| link.remote_id.as_str());
        let draft = record.value.draft(&reader, integration, remote_id)?;
        let required = integration.psa.required(T::KIND);
        let left_out = T::left_out(&draft).iter();
        let missing: Vec<&str> = left_out
            .copied()
            .filter(|field| required.contains(field))
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(" and ");
            let detail = format!(
                "the PSA requires {missing}, and no type is chosen for those of new contacts"
            );
            return Ok(Prepared::Refused(link, "push-required", detail));
        }
        let chosen =
            psa.settings.contact_email_type.is_some() || psa.settings.contact_phone_type.is_some();
        let typed = T::KIND == RecordKind::Contact && link.is_none() && chosen;
        Ok(Prepared::Draft(draft, link, typed))
    }

    fn push_done<T: Pushed>(
        &mut self,
        id: RowId,
        remote: T::Remote,
        rule: &'static str,
        typed: bool,
    ) -> Result<Pushing, EngineError> {
        if let Some(psa) = &self.psa {
            let integration = psa.integration();
            self.account.write(|writer| -> Result<(), EngineError> {
                T::absorb(writer, integration, remote, id)?;
                Ok(writer.clear_push_failure(T::KIND, id)?)
            })?;
        }
        self.acted(rule, T::KIND, id, None);
        if typed {
            self.acted(rules::PUSH_CONTACT_TYPES, T::KIND, id, None);
        }
        Ok(Pushing::Done)
    }

    fn push_failed<T: Pushed>(
        &mut self,
        id: RowId,
        link: Option<PsaLink>,
        rule: &'static str,
        code: &str,
        detail: String,
    ) -> Result<Pushing, EngineError> {
        self.account.write(|writer| -> Result<(), EngineError> {
            if let Some(link) = &link {
                writer.set_link(link.id, LinkState::Error, link.hash)?;
            }
            Ok(writer.set_push_failure(T::KIND, id, code, &detail)?)
        })?;
        self.acted(rule, T::KIND, id, Some(detail));
        Ok(Pushing::Failed)
    }

    /// Whether type, status and organization of a record are syncing ones.
    fn may_go<T: Pushed>(&self, psa: &Psa, record: &Record<T>) -> Result<bool, EngineError> {
        if record.archived || !record.value.passes(psa.integration()) {
            return Ok(false);
        }
        let Some(owner) = record.value.owner() else {
            return Ok(true);
        };
        let reader = self.account.reader();
        let link = reader.link_to(psa.integration_id, RecordKind::Organization, owner)?;
        Ok(link.is_some_and(|link| link.state.syncs()))
    }
}

/// Required fields that a record has not, by the account's names.
fn missing_fields<T: Pushed>(value: &T, required: &'static [&'static str]) -> Vec<&'static str> {
    let has = |field: &str| {
        let mut own = T::COLUMNS.iter();
        let own = own.find(|column| model_field(column) == field);
        own.is_some_and(|column| {
            let text = value.field(column).unwrap_or_default();
            !text.trim().is_empty()
        })
    };
    required
        .iter()
        .copied()
        .filter(|field| !has(field))
        .collect()
}

/// What records owe the PSA, for one reading of the account.
#[derive(Default)]
pub(in crate::engine) struct Owed<'a> {
    /// The two-way PSA, if there is one.
    psa: Option<&'a Psa>,
    failed: BTreeSet<(RecordKind, RowId)>,
    /// Organizations that sync with it.
    organizations: BTreeSet<RowId>,
}

impl<'a> Owed<'a> {
    pub(in crate::engine) fn load(engine: &'a Engine) -> Result<Self, EngineError> {
        let Some(psa) = engine.psa.as_ref().filter(|psa| psa.settings.two_way) else {
            return Ok(Self::default());
        };
        let reader = engine.account.reader();
        let links = reader.links(psa.integration_id, RecordKind::Organization)?;
        let syncing = links.into_iter().filter(|link| link.state.syncs());
        Ok(Self {
            psa: Some(psa),
            failed: reader.push_failures()?,
            organizations: syncing.map(|link| link.record_id).collect(),
        })
    }

    /// `links` are all links of the record.
    pub(in crate::engine) fn state<T: Pushed>(
        &self,
        record: &Record<T>,
        links: &[PsaLink],
    ) -> Option<PushState> {
        let psa = self.psa?;
        if self.failed.contains(&(T::KIND, record.id)) {
            return Some(PushState::Failed);
        }
        let linked = links
            .iter()
            .any(|link| link.integration_id == psa.integration_id);
        let owner = record.value.owner();
        let waits = !linked
            && !record.archived
            && owner.is_none_or(|owner| self.organizations.contains(&owner))
            && record.value.passes(psa.integration());
        waits.then_some(PushState::Pending)
    }
}
