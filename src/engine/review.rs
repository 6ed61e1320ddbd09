//! The matching screen: what a person does with companies and devices, one by one or in bulk.

use super::error::EngineError;
use super::pass::{Ruling, Rulings, Source, compared, write};
use super::person::Person;
use super::plan::Trigger;
use super::rules;
use super::sync::Engine;
use super::view;
use crate::model::{DecisionOutcome, Origin, RecordKind, ReviewState, Tool};
use crate::store::{
    CompanyRow, Configuration, DeviceRow, Organization, Queued, RowId, Stored, Writer,
};

/// Which rows an action is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Companies, by the RMM's ids.
    Companies(Vec<String>),
    /// Devices, by the RMM's ids.
    Devices(Vec<String>),
    /// Companies in bulk.
    BulkCompanies(Bulk),
    /// Devices in bulk, those of unmatched companies left out.
    BulkDevices(Bulk),
}

/// A choice of rows in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    /// Every unmatched row.
    Unmatched,
    /// Every unmatched row with a suggestion.
    Suggested,
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewAction {
    /// Takes the suggestion.
    Accept(Target),
    /// Matches one unmatched or ignored row to a record.
    Match {
        /// The row.
        row: Target,
        /// The organization or configuration.
        to: RowId,
    },
    /// Makes a record from each row. Nothing checks whether one exists.
    Create(Target),
    /// Sets rows aside; later syncs leave them so.
    Ignore(Target),
    /// Moves one match to another record.
    Change {
        /// The row.
        row: Target,
        /// The organization or configuration.
        to: RowId,
    },
    /// Takes matches back. The next sync may match them again (open).
    Revert(Target),
}

/// What came of an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewReport {
    /// Rows that were changed.
    pub changed: u64,
    /// Records that were made, with the RMM's id of the row.
    pub created: Vec<(String, RowId)>,
}

impl Engine {
    /// Does what a person asks on the matching screen: all of it, or nothing when a row does not
    /// allow it.
    ///
    /// # Errors
    /// [`EngineError::UnknownRow`], [`EngineError::UnknownRecord`], [`EngineError::WrongState`] when
    /// the action does not fit; [`EngineError::Account`] when the account cannot be written.
    pub fn review(&mut self, action: &ReviewAction) -> Result<ReviewReport, EngineError> {
        let (integration_id, vendor, _) = self.integration(Tool::Rmm)?;
        let source = Source {
            tool: Tool::Rmm,
            vendor,
            integration_id,
            sync_id: 0,
        };
        let screen = Screen {
            integration_id,
            person: &self.person,
        };
        let report = write(
            &mut self.account,
            &mut *self.listener,
            source,
            |writer, rulings| screen.act(writer, action, rulings),
        )?;
        if let ReviewAction::Create(target) = action
            && !report.created.is_empty()
        {
            self.warn(match target {
                Target::Companies(_) | Target::BulkCompanies(_) => Trigger::OrganizationCreated,
                Target::Devices(_) | Target::BulkDevices(_) => Trigger::ConfigurationCreated,
            });
        }
        Ok(report)
    }
}

struct Screen<'a> {
    integration_id: i64,
    /// Rows that they do not see are not there for them.
    person: &'a Person,
}

/// The part of an action that is the same for companies and devices.
#[derive(Debug, Clone, Copy)]
enum Verb {
    Accept,
    Match(RowId),
    Create,
    Ignore,
    Change(RowId),
    Revert,
}

impl Screen<'_> {
    fn act(
        &self,
        writer: &Writer<'_>,
        action: &ReviewAction,
        rulings: &mut Rulings,
    ) -> Result<ReviewReport, EngineError> {
        let (verb, target) = match action {
            ReviewAction::Accept(target) => (Verb::Accept, target),
            ReviewAction::Match { row, to } => (Verb::Match(*to), row),
            ReviewAction::Create(target) => (Verb::Create, target),
            ReviewAction::Ignore(target) => (Verb::Ignore, target),
            ReviewAction::Change { row, to } => (Verb::Change(*to), row),
            ReviewAction::Revert(target) => (Verb::Revert, target),
        };
        let mut report = ReviewReport::default();
        match target {
            Target::Companies(_) | Target::BulkCompanies(_) => {
                for company in self.companies(writer, target)? {
                    self.company(writer, verb, &company, rulings, &mut report)?;
                }
            }
            Target::Devices(_) | Target::BulkDevices(_) => {
                for device in self.devices(writer, target)? {
                    self.device(writer, verb, &device, rulings, &mut report)?;
                }
            }
        }
        Ok(report)
    }

    fn companies(
        &self,
        writer: &Writer<'_>,
        target: &Target,
    ) -> Result<Vec<CompanyRow>, EngineError> {
        match target {
            Target::Companies(ids) => ids
                .iter()
                .map(|id| {
                    let row = writer.company(self.integration_id, id)?;
                    let row = row.filter(|row| self.person.sees_company(row));
                    row.ok_or_else(|| EngineError::UnknownRow {
                        what: "company",
                        id: id.clone(),
                    })
                })
                .collect(),
            Target::BulkCompanies(bulk) => {
                let mut rows = writer.companies(self.integration_id)?;
                rows.retain(|row| self.person.sees_company(row) && bulk.takes(&row.queued));
                Ok(rows)
            }
            Target::Devices(_) | Target::BulkDevices(_) => Ok(Vec::new()),
        }
    }

    fn devices(&self, writer: &Writer<'_>, target: &Target) -> Result<Vec<DeviceRow>, EngineError> {
        match target {
            Target::Devices(ids) => ids
                .iter()
                .map(|id| {
                    let unknown = || EngineError::UnknownRow {
                        what: "device",
                        id: id.clone(),
                    };
                    let row = writer.device(self.integration_id, id)?;
                    let mut row = row.ok_or_else(unknown)?;
                    if !self.person.sees_device(writer, &row)? {
                        return Err(unknown());
                    }
                    self.person.hide_suggestion(writer, &mut row)?;
                    Ok(row)
                })
                .collect(),
            Target::BulkDevices(bulk) => {
                let mut rows = Vec::new();
                for company in writer.companies(self.integration_id)? {
                    if company.queued.state != ReviewState::Matched
                        || !self.person.sees_company(&company)
                    {
                        continue;
                    }
                    let id = &company.external_id;
                    for mut row in writer.devices_of_company(self.integration_id, id)? {
                        self.person.hide_suggestion(writer, &mut row)?;
                        if bulk.takes(&row.queued) {
                            rows.push(row);
                        }
                    }
                }
                Ok(rows)
            }
            Target::Companies(_) | Target::BulkCompanies(_) => Ok(Vec::new()),
        }
    }

    fn company(
        &self,
        writer: &Writer<'_>,
        verb: Verb,
        company: &CompanyRow,
        rulings: &mut Rulings,
        report: &mut ReviewReport,
    ) -> Result<(), EngineError> {
        verb.allowed("company", &company.name, &company.queued)?;
        let queued = match verb {
            Verb::Create => {
                let value = Organization {
                    name: company.name.clone(),
                    ..Organization::default()
                };
                let id = writer.insert(Origin::Review, &value)?;
                report.created.push((company.external_id.clone(), id));
                Queued::matched(id, rules::REVIEW_CREATE)
            }
            other => other.settle::<Organization>(writer, self.person, &company.queued)?,
        };
        writer.queue_company(company.id, &queued)?;
        report.changed += 1;
        let kind = RecordKind::Organization;
        rulings.push(verb.ruling(kind, &company.external_id, &company.name, &queued));
        Ok(())
    }

    fn device(
        &self,
        writer: &Writer<'_>,
        verb: Verb,
        device: &DeviceRow,
        rulings: &mut Rulings,
        report: &mut ReviewReport,
    ) -> Result<(), EngineError> {
        let name = &device.device.name;
        verb.allowed("device", name, &device.queued)?;
        let queued = match verb {
            Verb::Create => {
                let company = writer.company(self.integration_id, &device.company_external_id)?;
                let organization = company.and_then(|row| row.queued.record_id);
                let organization_id = organization.ok_or_else(|| EngineError::WrongState {
                    what: "device",
                    name: name.clone(),
                    state: "in an unmatched company",
                    reason: "match or create the company's organization first",
                })?;
                let value = view::written_once(&device.device, organization_id);
                let id = writer.insert(Origin::Review, &value)?;
                report.created.push((device.external_id.clone(), id));
                Queued::matched(id, rules::REVIEW_CREATE)
            }
            other => other.settle::<Configuration>(writer, self.person, &device.queued)?,
        };
        writer.queue_device(device.id, &queued)?;
        report.changed += 1;
        let kind = RecordKind::Configuration;
        rulings.push(verb.ruling(kind, &device.external_id, name, &queued));
        Ok(())
    }
}

impl Bulk {
    fn takes(self, queued: &Queued) -> bool {
        queued.state == ReviewState::Unmatched
            && (self == Self::Unmatched || queued.suggestion_id.is_some())
    }
}

impl Verb {
    /// Whether the row is where the action can take it from.
    fn allowed(self, what: &'static str, name: &str, queued: &Queued) -> Result<(), EngineError> {
        let (state, suggested) = (queued.state, queued.suggestion_id.is_some());
        let reason = match (self, state) {
            (Self::Accept, ReviewState::Unmatched) if !suggested => {
                "it has no suggestion to accept; use match"
            }
            (Self::Accept | Self::Create | Self::Ignore, ReviewState::Unmatched)
            | (Self::Match(_), ReviewState::Unmatched | ReviewState::Ignored)
            | (Self::Change(_) | Self::Revert, ReviewState::Matched) => return Ok(()),
            (Self::Match(_), ReviewState::Matched) => "use change to move a match",
            (Self::Accept | Self::Create | Self::Ignore, ReviewState::Matched) => {
                "revert the match first"
            }
            (Self::Accept | Self::Create | Self::Ignore, ReviewState::Ignored) => {
                "an ignored row can only be matched"
            }
            (Self::Change(_) | Self::Revert, _) => "it has no match to change or revert",
        };
        let state = match (state, self, suggested) {
            (ReviewState::Unmatched, Self::Accept, false) => "without suggestion",
            (ReviewState::Unmatched, ..) => "unmatched",
            (ReviewState::Matched, ..) => "matched",
            (ReviewState::Ignored, ..) => "ignored",
        };
        Err(EngineError::WrongState {
            what,
            name: name.to_owned(),
            state,
            reason,
        })
    }

    fn settle<T: Stored>(
        self,
        writer: &Writer<'_>,
        person: &Person,
        queued: &Queued,
    ) -> Result<Queued, EngineError> {
        let known = |id: RowId| match writer.get::<T>(id)? {
            Some(_) if person.reaches_record(writer, T::KIND, id)? => Ok(id),
            _ => Err(EngineError::UnknownRecord { what: T::TABLE, id }),
        };
        Ok(match self {
            Self::Accept => match queued.suggestion_id {
                Some(id) => Queued::matched(known(id)?, self.rule()),
                None => Queued::unmatched(),
            },
            Self::Match(id) | Self::Change(id) => Queued::matched(known(id)?, self.rule()),
            Self::Ignore => Queued {
                state: ReviewState::Ignored,
                rule: Some(self.rule().to_owned()),
                ..Queued::unmatched()
            },
            Self::Create | Self::Revert => Queued {
                rule: Some(self.rule().to_owned()),
                ..Queued::unmatched()
            },
        })
    }

    const fn rule(self) -> &'static str {
        match self {
            Self::Accept => rules::REVIEW_ACCEPT,
            Self::Match(_) => rules::REVIEW_MATCH,
            Self::Create => rules::REVIEW_CREATE,
            Self::Ignore => rules::REVIEW_IGNORE,
            Self::Change(_) => rules::REVIEW_CHANGE,
            Self::Revert => rules::REVIEW_REVERT,
        }
    }

    fn ruling(self, kind: RecordKind, external_id: &str, name: &str, queued: &Queued) -> Ruling {
        Ruling {
            kind,
            external_id: external_id.to_owned(),
            rule: self.rule(),
            outcome: match self {
                Self::Accept | Self::Match(_) | Self::Change(_) => DecisionOutcome::Matched,
                Self::Create => DecisionOutcome::Created,
                Self::Ignore => DecisionOutcome::Ignored,
                Self::Revert => DecisionOutcome::Reverted,
            },
            record_id: queued.record_id,
            compared: vec![compared("name", Some(name), None)],
        }
    }
}
