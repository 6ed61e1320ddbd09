//! The engine: what is connected, and one sync at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::changes::Memory;
use super::error::EngineError;
use super::event::{Event, Listener};
use super::pass::{Pass, Times};
use super::person::Person;
use super::plan::{Trigger, plan};
use super::settings::{CutRows, PsaSettings};
use super::{psa, rmm};
use crate::connectors::{PsaConnector, RmmConnector};
use crate::model::{
    Action, ImportOutcome, Knobs, Ledger, Method, Rejection, SyncStatus, Tool, Warning,
};
use crate::store::{Account, SyncRow};
use crate::transport::{Clock, SystemClock};

/// A documentation account with the tools that feed it.
pub struct Engine {
    pub(super) account: Account,
    pub(super) method: Option<Method>,
    pub(super) psa: Option<Psa>,
    pub(super) rmm: Option<Rmm>,
    pub(super) listener: Box<dyn Listener>,
    pub(super) warnings: Vec<Warning>,
    pub(super) actions: Vec<Action>,
    pub(super) imports: Vec<ImportOutcome>,
    pub(super) rejections: Vec<(i64, Vec<Rejection>)>,
    pub(super) step: usize,
    pub(super) knobs: Knobs,
    pub(super) person: Person,
    pub(super) clock: Arc<dyn Clock>,
    /// What the last sync of each tool left, while it can be relied on.
    pub(super) read: BTreeMap<Tool, Memory>,
    /// Transactions of the account when the last sync ended.
    pub(super) quiet_at: u64,
}

pub(super) struct Psa {
    pub(super) connector: Box<dyn PsaConnector>,
    pub(super) integration_id: i64,
    pub(super) settings: PsaSettings,
    pub(super) cut: CutRows,
    pub(super) paused: bool,
}

pub(super) struct Rmm {
    pub(super) connector: Box<dyn RmmConnector>,
    pub(super) integration_id: i64,
    pub(super) paused: bool,
}

/// How a sync ended.
#[derive(Debug)]
pub struct SyncReport {
    /// What became of the records, by kind.
    pub ledgers: Vec<Ledger>,
    /// Rows of records, links and matching screen written.
    pub writes: u64,
    /// Where the time went.
    pub times: Times,
    /// Why it ended early. What was written before is valid; the next sync completes it.
    pub error: Option<EngineError>,
}

impl Engine {
    /// An engine on an account. With a method it warns when a step leaves that method's plan.
    pub fn new(account: Account, method: Option<Method>, listener: Box<dyn Listener>) -> Self {
        Self {
            account,
            method,
            psa: None,
            rmm: None,
            listener,
            warnings: Vec::new(),
            actions: Vec::new(),
            imports: Vec::new(),
            rejections: Vec::new(),
            step: 0,
            knobs: Knobs::documented(),
            person: Person::Administrator,
            clock: Arc::new(SystemClock),
            read: BTreeMap::new(),
            quiet_at: 0,
        }
    }

    /// The same engine by another clock than the machine's: what changes are asked for by.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same engine with other knobs than the documented ones.
    #[must_use]
    pub const fn with_knobs(mut self, knobs: Knobs) -> Self {
        self.knobs = knobs;
        self
    }

    /// Sets the knobs; they count from the next sync on.
    pub fn set_knobs(&mut self, knobs: Knobs) {
        self.account.unsettle();
        self.read.clear();
        self.knobs = knobs;
    }

    /// Says which step of a script comes next; warnings carry it. Counted from 1.
    pub const fn at_step(&mut self, step: usize) {
        self.step = step;
    }

    /// Connects a PSA. Nothing is pulled before the first sync.
    ///
    /// # Errors
    /// [`EngineError::OneWay`] when records are to be pushed to a PSA that takes none,
    /// [`EngineError::NoConfigurations`] when types of configurations are ticked for a PSA without
    /// any, [`EngineError::Account`] when the account cannot be written.
    pub fn connect_psa(
        &mut self,
        connector: Box<dyn PsaConnector>,
        settings: PsaSettings,
    ) -> Result<(), EngineError> {
        let vendor = connector.vendor();
        takes(&*connector, &settings)?;
        let text = serde_json::to_string(&settings)?;
        let integration_id = self
            .account
            .write(|writer| writer.add_integration("psa", vendor, &text))?;
        self.listener.hear(&Event::Connected {
            tool: Tool::Psa,
            vendor: vendor.to_owned(),
        });
        self.watch_settings(&settings);
        if self.rmm.is_some() {
            self.warn(Trigger::PsaConnected);
        }
        self.psa = Some(Psa {
            connector,
            integration_id,
            settings,
            cut: CutRows::default(),
            paused: false,
        });
        Ok(())
    }

    /// Changes what is ticked; it takes effect with the next sync.
    ///
    /// # Errors
    /// [`EngineError::NotConnected`] without a PSA, [`EngineError::OneWay`] and
    /// [`EngineError::NoConfigurations`] when the PSA cannot do what they ask for,
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn set_psa_settings(&mut self, settings: PsaSettings) -> Result<(), EngineError> {
        let psa = self
            .psa
            .as_mut()
            .ok_or(EngineError::NotConnected { tool: Tool::Psa })?;
        takes(&*psa.connector, &settings)?;
        let text = serde_json::to_string(&settings)?;
        let id = psa.integration_id;
        self.account
            .write(|writer| writer.set_integration_settings(id, &text))?;
        psa.settings = settings.clone();
        self.watch_settings(&settings);
        Ok(())
    }

    /// Connects an RMM. Nothing is pulled before the first sync.
    ///
    /// # Errors
    /// [`EngineError::Account`] when the account cannot be written.
    pub fn connect_rmm(&mut self, connector: Box<dyn RmmConnector>) -> Result<(), EngineError> {
        let vendor = connector.vendor();
        let integration_id = self
            .account
            .write(|writer| writer.add_integration("rmm", vendor, "{}"))?;
        self.listener.hear(&Event::Connected {
            tool: Tool::Rmm,
            vendor: vendor.to_owned(),
        });
        self.warn(Trigger::RmmConnected);
        if self.psa.is_some() {
            self.warn(Trigger::PsaConnected);
        }
        if !self.psa_synced_fully()? {
            self.warn(Trigger::RmmBeforePsaSync);
        }
        self.account.unsettle();
        self.rmm = Some(Rmm {
            connector,
            integration_id,
            paused: false,
        });
        Ok(())
    }

    /// Syncs one tool.
    ///
    /// # Errors
    /// When the sync cannot begin: the tool is not connected or paused, or the account cannot be
    /// written. A sync that fails on the way is a report with an error.
    pub async fn sync(&mut self, tool: Tool) -> Result<SyncReport, EngineError> {
        self.sync_by(tool, false).await
    }

    /// Syncs one tool and asks it for what changed since the last sync, list by list as far as it can
    /// tell. The account comes out as it would of [`Engine::sync`]. Where the last sync cannot be
    /// relied on, because it failed or something else wrote to the account since, everything is read.
    ///
    /// # Errors
    /// Those of [`Engine::sync`].
    pub async fn sync_changes(&mut self, tool: Tool) -> Result<SyncReport, EngineError> {
        self.sync_by(tool, true).await
    }

    async fn sync_by(&mut self, tool: Tool, changes: bool) -> Result<SyncReport, EngineError> {
        if self.account.transactions() != self.quiet_at {
            self.read.clear();
        }
        let last = self.read.remove(&tool);
        let (integration_id, vendor, paused) = self.integration(tool)?;
        if paused {
            return Err(EngineError::Paused { tool });
        }
        let sync_id = self
            .account
            .write(|writer| writer.begin_sync(integration_id))?;
        let name = vendor.to_owned();
        self.listener.hear(&Event::SyncStarted {
            tool,
            vendor: name.clone(),
        });
        let written_before = self.account.writes();
        let mut pass = Pass {
            account: &mut self.account,
            listener: &mut *self.listener,
            tool,
            vendor,
            integration_id,
            sync_id,
            knobs: self.knobs,
            ledgers: Vec::new(),
            rejections: Vec::new(),
            times: Times::default(),
            last,
            asks_changes: changes,
            same_ground: false,
            memory: Memory::begin(self.clock.now()),
        };
        let result = match (tool, &self.psa, &self.rmm) {
            (Tool::Psa, Some(it), _) => {
                psa::run(&mut pass, &*it.connector, &it.settings, &it.cut).await
            }
            (Tool::Rmm, _, Some(it)) => rmm::run(&mut pass, &*it.connector).await,
            _ => Err(EngineError::NotConnected { tool }),
        };
        let (ledgers, rejections) = (pass.ledgers, pass.rejections);
        let (times, memory) = (pass.times, pass.memory);
        let writes = self.account.writes() - written_before;
        self.rejections.push((sync_id, rejections));
        let error = result.err();
        let status = if error.is_some() {
            SyncStatus::Failed
        } else {
            SyncStatus::Completed
        };
        let row = SyncRow {
            id: sync_id,
            integration_id,
            status: if error.is_some() {
                "failed"
            } else {
                "completed"
            }
            .to_owned(),
            error: error
                .as_ref()
                .map(|error| (error.code().to_owned(), error.to_string())),
            writes,
        };
        let kept = self.account.write(|writer| writer.end_sync(&row, &ledgers));
        if error.is_none() && kept.is_ok() {
            self.read.insert(tool, memory);
        }
        self.quiet_at = self.account.transactions();
        let ended = Event::SyncEnded {
            tool,
            vendor: name,
            status,
            ledgers: ledgers.clone(),
            writes,
        };
        self.listener.hear(&ended);
        match (error, kept) {
            (None, Err(failed)) => Err(failed.into()),
            (error, _) => Ok(SyncReport {
                ledgers,
                writes,
                times,
                error,
            }),
        }
    }

    /// The account, for reading.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The warnings so far, in order.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(super) fn warn(&mut self, trigger: Trigger) {
        let Some(method) = self.method else { return };
        let Some(warning) = plan(method).warning(trigger) else {
            return;
        };
        let warning = Warning {
            id: warning.id.to_owned(),
            step: self.step,
            message: warning.consequence.to_owned(),
        };
        self.listener.hear(&Event::Warned(warning.clone()));
        self.warnings.push(warning);
    }

    pub(super) fn integration(&self, tool: Tool) -> Result<(i64, &'static str, bool), EngineError> {
        match tool {
            Tool::Psa => self
                .psa
                .as_ref()
                .map(|it| (it.integration_id, it.connector.vendor(), it.paused)),
            Tool::Rmm => self
                .rmm
                .as_ref()
                .map(|it| (it.integration_id, it.connector.vendor(), it.paused)),
        }
        .ok_or(EngineError::NotConnected { tool })
    }

    fn watch_settings(&mut self, settings: &PsaSettings) {
        if settings.syncs_configurations() {
            self.warn(Trigger::ConfigurationTypesTicked);
        }
    }

    fn psa_synced_fully(&self) -> Result<bool, EngineError> {
        let Some(psa) = &self.psa else {
            return Ok(false);
        };
        let integrations = self.account.reader().integrations()?;
        Ok(integrations
            .iter()
            .any(|it| it.id == psa.integration_id && it.full_syncs > 0))
    }
}

/// Refuses settings that a PSA cannot follow.
fn takes(connector: &dyn PsaConnector, settings: &PsaSettings) -> Result<(), EngineError> {
    let vendor = connector.vendor();
    if settings.two_way && connector.writer().is_none() {
        return Err(EngineError::OneWay { vendor });
    }
    let ticked = settings.configuration_types.as_ref();
    if ticked.is_some_and(|types| !types.is_empty()) && !connector.capabilities().configurations {
        return Err(EngineError::NoConfigurations { vendor });
    }
    Ok(())
}
