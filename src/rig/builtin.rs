//! The first subject: our own engine, over HTTP like everybody else's.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::event::{RigEvent, RigListener};
use super::subject::{
    AccountAction, Action, Connection, Created, Disconnect, ImportFile, ImportResult, NewRecord,
    Person, Rows, Screen, StepResult, Subject, SubjectError, SyncResult, Verb, VisibleRows,
};
use crate::connectors::{self, ConnectorOptions};
use crate::engine::{
    self, Access, Bulk, Engine, EngineError, Event, IMPORT_BYTES_MAX, Import, Listener,
    PsaDisconnect, PsaRows, PsaSettings, ReviewAction, RmmDisconnect, Target, Visible,
};
use crate::model::{Knobs, Method, Origin, Outcome, RecordKind, SyncError, Tool};
use crate::store::{
    Account, Configuration, Contact, List, Location, Organization, RowId, StoreError,
};

/// Where the built-in engine keeps its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountPlace {
    /// In memory; gone with the run.
    Memory,
    /// In a file.
    File(PathBuf),
}

/// The built-in engine as a subject.
pub struct BuiltIn {
    engine: Engine,
    options: ConnectorOptions,
}

impl BuiltIn {
    /// An engine on an empty account.
    ///
    /// # Errors
    /// When the account cannot be made.
    pub fn new(
        place: &AccountPlace,
        method: Method,
        options: ConnectorOptions,
        case: &str,
        listener: Arc<dyn RigListener>,
    ) -> Result<Self, StoreError> {
        let account = match place {
            AccountPlace::Memory => Account::in_memory()?,
            AccountPlace::File(path) => Account::open(path)?,
        };
        let relay = Relay {
            case: case.to_owned(),
            listener,
        };
        Ok(Self {
            engine: Engine::new(account, Some(method), Box::new(relay)),
            options,
        })
    }

    fn connect_now(&mut self, to: &Connection) -> Result<(), SubjectError> {
        let setup = |error: connectors::ConnectorSetupError| SubjectError {
            code: "connector-setup".to_owned(),
            message: error.to_string(),
            internal: true,
        };
        match to.tool {
            Tool::Psa => {
                let psa = connectors::psa(&to.vendor, &to.base_url, &to.credentials, &self.options);
                self.engine
                    .connect_psa(psa.map_err(setup)?, to.settings.clone())?;
            }
            Tool::Rmm => {
                self.options.company.clone_from(&to.company);
                let rmm = connectors::rmm(&to.vendor, &to.base_url, &to.credentials, &self.options);
                self.engine.connect_rmm(rmm.map_err(setup)?)?;
            }
        }
        Ok(())
    }

    async fn create_now(&mut self, record: NewRecord) -> Result<RowId, SubjectError> {
        let owner = record.organization_id.as_deref().map(row_id).transpose()?;
        let under = owner.unwrap_or_default();
        let at = record.location_id.as_deref().map(row_id).transpose()?;
        let origin = if record.by_api {
            Origin::Api
        } else {
            Origin::Manual
        };
        let id = match record.kind {
            RecordKind::Organization => {
                let value = Organization {
                    name: record.name,
                    organization_type: record.record_type,
                    status: record.status,
                    ..Organization::default()
                };
                self.engine.create(None, &value, origin).await
            }
            RecordKind::Location => {
                let [address_1, address_2, city, region, postal_code, country] = record.address;
                let value = Location {
                    organization_id: under,
                    name: record.name,
                    address_1,
                    address_2,
                    city,
                    region,
                    postal_code,
                    country,
                    ..Location::default()
                };
                self.engine.create(owner, &value, origin).await
            }
            RecordKind::Contact => {
                let value = Contact {
                    organization_id: under,
                    first_name: record.name,
                    last_name: record.last_name,
                    contact_type: record.record_type,
                    emails: List(record.emails),
                    phones: List(record.phones),
                    location_id: at,
                    ..Contact::default()
                };
                self.engine.create(owner, &value, origin).await
            }
            RecordKind::Configuration => {
                let value = Configuration {
                    organization_id: under,
                    name: record.name,
                    configuration_type: record.record_type,
                    status: record.status,
                    serial: record.serial,
                    primary_mac: record.mac,
                    manufacturer: record.manufacturer,
                    model: record.model,
                    location_id: at,
                    ..Configuration::default()
                };
                self.engine.create(owner, &value, origin).await
            }
        };
        Ok(id?)
    }

    async fn account_now(&mut self, action: AccountAction) -> Result<(), SubjectError> {
        let engine = &mut self.engine;
        match action {
            AccountAction::Edit(record, changes) => {
                engine
                    .edit(record.kind, row_id(&record.id)?, &changes)
                    .await?;
            }
            AccountAction::Archive(it) => engine.archive(it.kind, row_id(&it.id)?, true)?,
            AccountAction::Restore(it) => engine.archive(it.kind, row_id(&it.id)?, false)?,
            AccountAction::Delete(it) => engine.delete(it.kind, row_id(&it.id)?)?,
            AccountAction::DisableSync(it) => engine.disable_sync(it.kind, row_id(&it.id)?)?,
            AccountAction::EnableSync(it) => engine.enable_sync(it.kind, row_id(&it.id)?)?,
            AccountAction::Reconnect(it) => engine.reconnect(it.kind, row_id(&it.id)?)?,
            AccountAction::Merge(source, target) => {
                engine.merge(row_id(&source.id)?, row_id(&target.id)?)?;
            }
            AccountAction::PushAll => drop(engine.push_all().await?),
        }
        Ok(())
    }

    fn import_now(&mut self, file: &ImportFile) -> Result<ImportResult, SubjectError> {
        let organization = file.organization_id.as_deref().map(row_id).transpose()?;
        let import = Import {
            format: file.format,
            organization,
            columns: file.columns.clone(),
            required: file.required.clone(),
            ignore: file.ignore.clone(),
            partial: file.partial,
            limit: file.limit.unwrap_or(IMPORT_BYTES_MAX),
            ..Import::new(file.kind, file.content.as_slice())
        };
        let report = self.engine.import(import)?;
        let id = |id: RowId| id.to_string();
        let organizations = report.organizations.iter();
        Ok(ImportResult {
            rows: report
                .rows
                .iter()
                .map(|row| row.record_id.map(id))
                .collect(),
            organizations: organizations
                .map(|(row, made)| (usize::try_from(*row).unwrap_or(usize::MAX), id(*made)))
                .collect(),
            rejected: report.rejected,
            problems: report.problems.iter().map(ToString::to_string).collect(),
        })
    }

    fn review_now(&mut self, action: Action) -> Result<Vec<Created>, SubjectError> {
        let target = match (action.screen, action.rows) {
            (Screen::Companies, Rows::All) => Target::BulkCompanies(Bulk::Unmatched),
            (Screen::Companies, Rows::Suggested) => Target::BulkCompanies(Bulk::Suggested),
            (Screen::Companies, Rows::Ids(ids)) => Target::Companies(ids),
            (Screen::Devices, Rows::All) => Target::BulkDevices(Bulk::Unmatched),
            (Screen::Devices, Rows::Suggested) => Target::BulkDevices(Bulk::Suggested),
            (Screen::Devices, Rows::Ids(ids)) => Target::Devices(ids),
        };
        let action = match action.verb {
            Verb::Accept => ReviewAction::Accept(target),
            Verb::Match(to) => ReviewAction::Match {
                row: target,
                to: row_id(&to)?,
            },
            Verb::Create => ReviewAction::Create(target),
            Verb::Ignore => ReviewAction::Ignore(target),
            Verb::Change(to) => ReviewAction::Change {
                row: target,
                to: row_id(&to)?,
            },
            Verb::Revert => ReviewAction::Revert(target),
        };
        let report = self.engine.review(&action)?;
        let created = report.created.into_iter();
        Ok(created
            .map(|(external_id, id)| Created {
                external_id,
                record_id: id.to_string(),
            })
            .collect())
    }
}

impl Subject for BuiltIn {
    fn configure(&mut self, knobs: Knobs) -> BoxFuture<'_, StepResult<()>> {
        self.engine.set_knobs(knobs);
        Box::pin(async { Ok(()) })
    }

    fn act_as(&mut self, person: Person) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move {
            let person = match person {
                Person::Administrator => engine::Person::Administrator,
                Person::Manager {
                    organizations: None,
                } => engine::Person::Manager(Access::All),
                Person::Manager {
                    organizations: Some(ids),
                } => {
                    let ids = ids.iter().map(|id| row_id(id));
                    engine::Person::Manager(Access::Only(ids.collect::<Result<_, _>>()?))
                }
            };
            self.engine.act_as(person);
            Ok(())
        })
    }

    fn visible(&mut self) -> BoxFuture<'_, StepResult<VisibleRows>> {
        Box::pin(async move {
            let Visible { companies, devices } = self.engine.visible()?;
            Ok(VisibleRows { companies, devices })
        })
    }

    fn at_step(&mut self, step: usize) {
        self.engine.at_step(step);
    }

    fn connect(&mut self, connection: Connection) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move { self.connect_now(&connection) })
    }

    fn settings(&mut self, settings: PsaSettings) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move { Ok(self.engine.set_psa_settings(settings)?) })
    }

    fn sync(&mut self, tool: Tool) -> BoxFuture<'_, StepResult<SyncResult>> {
        Box::pin(async move {
            let report = self.engine.sync(tool).await?;
            if let Some(EngineError::Account(error)) = &report.error {
                return Err(account_failed(error));
            }
            let error = report.error.map(|error| SyncError {
                code: error.code().to_owned(),
                message: error.to_string(),
            });
            Ok(SyncResult {
                error,
                writes: report.writes,
            })
        })
    }

    fn review(&mut self, action: Action) -> BoxFuture<'_, StepResult<Vec<Created>>> {
        Box::pin(async move { self.review_now(action) })
    }

    fn create(&mut self, record: NewRecord) -> BoxFuture<'_, StepResult<String>> {
        Box::pin(async move { Ok(self.create_now(record).await?.to_string()) })
    }

    fn account(&mut self, action: AccountAction) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(self.account_now(action))
    }

    fn import(&mut self, file: ImportFile) -> BoxFuture<'_, StepResult<ImportResult>> {
        Box::pin(async move { self.import_now(&file) })
    }

    fn disconnect_rows(&mut self, rows: PsaRows, how: Disconnect) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move {
            let how = match how {
                Disconnect::Pause => PsaDisconnect::Pause,
                Disconnect::Keep => PsaDisconnect::Keep,
                Disconnect::Delete => PsaDisconnect::Delete,
            };
            Ok(self.engine.disconnect_rows(&rows, how)?)
        })
    }

    fn reconnect_rows(&mut self, rows: PsaRows) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move { Ok(self.engine.reconnect_rows(&rows)?) })
    }

    fn disconnect(&mut self, tool: Tool, how: Disconnect) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move {
            match (tool, how) {
                (Tool::Psa, Disconnect::Pause) => self.engine.disconnect_psa(PsaDisconnect::Pause),
                (Tool::Psa, Disconnect::Keep) => self.engine.disconnect_psa(PsaDisconnect::Keep),
                (Tool::Psa, Disconnect::Delete) => {
                    self.engine.disconnect_psa(PsaDisconnect::Delete)
                }
                (Tool::Rmm, Disconnect::Pause) => self.engine.disconnect_rmm(RmmDisconnect::Pause),
                (Tool::Rmm, _) => self.engine.disconnect_rmm(RmmDisconnect::Permanent),
            }
            .map_err(SubjectError::from)
        })
    }

    fn resume(&mut self, tool: Tool) -> BoxFuture<'_, StepResult<()>> {
        Box::pin(async move { Ok(self.engine.resume(tool)?) })
    }

    fn outcome(&mut self) -> BoxFuture<'_, StepResult<Outcome>> {
        Box::pin(async move { Ok(self.engine.outcome()?) })
    }
}

impl From<EngineError> for SubjectError {
    fn from(error: EngineError) -> Self {
        if let EngineError::Account(error) = &error {
            return account_failed(error);
        }
        let message = match &error {
            EngineError::Import(refusal) => format!("{refusal}; {}", refusal.hint()),
            other => other.to_string(),
        };
        Self {
            code: error.code().to_owned(),
            message,
            internal: false,
        }
    }
}

/// The disk is full or the like: nobody's rule is to blame.
fn account_failed(error: &StoreError) -> SubjectError {
    SubjectError {
        code: error.code().to_owned(),
        message: format!("{error}; {}", error.hint()),
        internal: true,
    }
}

fn row_id(text: &str) -> Result<RowId, SubjectError> {
    text.parse().map_err(|_| SubjectError {
        code: "account-unknown-record".to_owned(),
        message: format!("`{text}` is no record id of this account"),
        internal: false,
    })
}

struct Relay {
    case: String,
    listener: Arc<dyn RigListener>,
}

impl Listener for Relay {
    fn hear(&mut self, event: &Event) {
        self.listener
            .hear(&self.case, &RigEvent::Subject(event.clone()));
    }
}
