//! A story: a tenant, the steps so far, and what the account must look like after them. The steps are
//! those of the scenario language, so that a story is a scenario and a failure can be kept as one.

use std::fmt;
use std::sync::Arc;

use syncrig::model::{Method, Origin, RecordKind};
use syncrig::scenario::{
    self, Account as InAccount, AccountCreate, Case, Connect, Disconnect, PsaDisconnect,
    PsaSettings, RmmDisconnect, Scenario, Selection, Settings, Step, TenantSource,
};
use syncrig_mocks::world::{Kind, Tenant, Tool, World};

use super::model::{Account, Connection, Id};
use super::screen::{self, record_kind};
use super::{by_hand, hands, psa, rmm};

/// What happened, and what must have come of it.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) method: Method,
    pub(super) tenant: Arc<Tenant>,
    /// What the tools hold now.
    pub(super) world: World,
    /// What the account must hold now.
    pub(super) account: Account,
    pub(super) steps: Vec<Step>,
}

/// Whoever wants more prints the scenario.
impl fmt::Debug for Story {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a story of method {}", self.method)
    }
}

impl Story {
    pub(super) fn begin(method: Method, tenant: Tenant) -> Self {
        let world = tenant.clone().into_world();
        Self {
            method,
            tenant: Arc::new(tenant),
            world: world.expect("the tenant holds together"),
            account: Account::empty(),
            steps: Vec::new(),
        }
    }

    /// Whether the step can come here: the tools and the account could do it.
    pub(super) fn allows(&self, step: &Step) -> bool {
        let account = &self.account;
        let running = |tool: &Tool| self.connection(*tool) == Connection::Connected;
        match step {
            Step::Connect(connect) => matches!(
                self.connection(connect.tool()),
                Connection::Never | Connection::Gone
            ),
            Step::Settings(_) => running(&Tool::Psa),
            Step::Sync(sync) => running(&sync.tool) && sync.fails.is_none(),
            Step::Review(review) => account.rmm_synced && screen::can(account, review),
            Step::Account(InAccount::Create(create)) => self.can_create(create),
            Step::Account(work) => {
                hands::can(account, work) && hands::refusal(account, work).is_none()
            }
            Step::Refused(refused) => match &refused.step.value {
                Step::Account(work) => {
                    hands::can(account, work)
                        && hands::refusal(account, work) == Some(&refused.with.value)
                }
                _ => false,
            },
            Step::Disconnect(how) => how.is_whole() && running(&how.tool()),
            Step::Resume(tool) => self.connection(*tool) == Connection::Paused,
            Step::Edit(_) | Step::Remove(_) | Step::Add(_) | Step::Reimage(_) | Step::Push(_) => {
                upstream(&mut self.world.clone(), step)
            }
            _ => false,
        }
    }

    /// Takes a step that is allowed.
    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Connect(Connect::Psa(settings)) => self.connect_psa(settings),
            Step::Connect(Connect::Rmm(_)) => self.connect_rmm(),
            Step::Settings(Settings::Psa(settings)) => {
                self.tick(settings);
            }
            Step::Sync(sync) => {
                let records = self.world.project(sync.tool);
                match sync.tool {
                    Tool::Psa => psa::sync(&mut self.account, &records),
                    Tool::Rmm => rmm::sync(&mut self.account, &records),
                }
            }
            Step::Review(review) => screen::act(&mut self.account, self.method, review),
            Step::Account(InAccount::Create(create)) => self.create(create),
            Step::Account(work) => hands::act(&mut self.account, work),
            // Nothing comes of what is refused.
            Step::Refused(_) => {}
            Step::Disconnect(how) => self.disconnect(how),
            Step::Resume(Tool::Psa) => self.account.psa = Connection::Connected,
            Step::Resume(Tool::Rmm) => self.account.rmm = Connection::Connected,
            upstream_step => {
                upstream(&mut self.world, upstream_step);
            }
        }
        self.steps.push(step.clone());
    }

    const fn connection(&self, tool: Tool) -> Connection {
        match tool {
            Tool::Psa => self.account.psa,
            Tool::Rmm => self.account.rmm,
        }
    }

    fn connect_psa(&mut self, settings: &PsaSettings) {
        self.account.psa = Connection::Connected;
        self.account.psa_synced = false;
        // A connected PSA is disconnected before the RMM comes [2].
        if self.method == Method::D && self.account.rmm.is_there() {
            self.account.warnings.push("D-warning-psa-connected");
        }
        self.tick(settings);
    }

    /// Method C asks for no configuration type [2].
    fn tick(&mut self, settings: &PsaSettings) {
        let none = settings.configuration_types.as_ref();
        if self.method == Method::C && !none.is_some_and(Vec::is_empty) {
            self.account.warnings.push("C-warning-configuration-types");
        }
        self.account.settings = settings.clone();
    }

    /// The order of connecting that each method asks for [2].
    fn connect_rmm(&mut self) {
        let account = &mut self.account;
        account.rmm = Connection::Connected;
        let warning = match self.method {
            Method::A => "A-warning-connect-rmm",
            Method::B if !account.psa_synced => "B-warning-rmm-before-psa",
            Method::C if !account.psa_synced => "C-warning-rmm-before-psa",
            Method::D if account.psa.is_there() => "D-warning-psa-connected",
            _ => return,
        };
        account.warnings.push(warning);
    }

    fn disconnect(&mut self, how: &Disconnect) {
        let account = &mut self.account;
        match how {
            Disconnect::Psa(PsaDisconnect::Pause) => account.psa = Connection::Paused,
            Disconnect::Psa(PsaDisconnect::Keep) => psa::disconnect_keeping(account),
            Disconnect::Psa(PsaDisconnect::Delete) => psa::disconnect_deleting(account),
            Disconnect::Rmm(RmmDisconnect::Pause) => account.rmm = Connection::Paused,
            Disconnect::Rmm(RmmDisconnect::Permanent) => {
                screen::clear(account);
                account.rmm = Connection::Gone;
            }
            Disconnect::PsaRows(_) => {}
        }
    }

    /// The organization under which something is entered.
    fn home(&self, create: &AccountCreate) -> Option<Id> {
        let entity = self.world.entity(create.entity.kind, &create.entity.key)?;
        let key = match &create.organization {
            Some(under) => under.value.as_str(),
            None => entity.organization?,
        };
        let standing = self.account.standing_for(RecordKind::Organization, key);
        standing.first().copied()
    }

    fn can_create(&self, create: &AccountCreate) -> bool {
        let entity = &create.entity;
        let known = self.world.entity(entity.kind, &entity.key).is_some();
        let plain = !entity.key.contains('#') && create.by.is_none();
        known && plain && (entity.kind == Kind::Organization || self.home(create).is_some())
    }

    /// A person enters a record, typing the entity's values off one of the tools.
    fn create(&mut self, create: &AccountCreate) {
        let owner = match create.entity.kind {
            Kind::Organization => None,
            _ => self.home(create),
        };
        let fields = by_hand::fields(&self.world, create);
        let kind = record_kind(create.entity.kind);
        let id = self.account.create(kind, owner, Origin::Manual, fields);
        self.account.records[id]
            .stands_for
            .push(create.entity.key.value.clone());
    }

    /// The tool that the method is about.
    const fn own_tool(&self) -> Tool {
        match self.method {
            Method::A | Method::B | Method::C => Tool::Psa,
            Method::D => Tool::Rmm,
        }
    }

    /// Whether the steps have what a script must have: its method's own tool is connected.
    pub(super) fn is_playable(&self) -> bool {
        let tool = self.own_tool();
        let connects = |step: &Step| matches!(step, Step::Connect(it) if it.tool() == tool);
        self.steps.iter().any(connects)
    }

    /// The story with an ending that makes it playable.
    pub(super) fn ended(mut self) -> Self {
        if !self.is_playable() {
            let tool = self.own_tool();
            let connect = match tool {
                Tool::Psa => Connect::Psa(PsaSettings::default()),
                Tool::Rmm => Connect::Rmm(scenario::RmmSettings::default()),
            };
            self.take(&Step::Connect(connect));
            self.take(&Step::Sync(scenario::Sync { tool, fails: None }));
        }
        self
    }

    /// The story as a scenario that `syncrig run` takes.
    pub(super) fn scenario(&self, title: &str) -> Scenario {
        const SHAPE: &str = "title: t\nmethod: A\ntenant: { organizations: { acme: { name: A } } }\n\
            steps: [{ connect: { psa: {} } }]\n";
        let mut scenario = scenario::parse("story", SHAPE).expect("a scenario");
        title.clone_into(&mut scenario.title);
        scenario.method = self.method.into();
        scenario.tenant = TenantSource::Here(Box::new((*self.tenant).clone()));
        scenario.steps = self.steps.iter().cloned().map(Into::into).collect();
        scenario
    }

    /// The story with the vendors that play it.
    pub(super) fn case(&self) -> Case {
        let scenario = Arc::new(self.scenario("A story"));
        let case = scenario.cases(&Selection::default()).into_iter().next();
        case.expect("every story has its vendors")
    }
}

/// What people do in the tools; whether it can be done.
fn upstream(world: &mut World, step: &Step) -> bool {
    let done = match step {
        Step::Edit(edit) => world.edit(edit.tool, &edit.record.key, &edit.set),
        Step::Remove(it) => world.remove(it.tool, it.record.kind, &it.record.key),
        Step::Add(it) => world.add(it.tool, it.record.kind, &it.record.key),
        Step::Reimage(it) => world.reimage(Tool::Rmm, &it.device),
        Step::Push(push) => {
            let keys = push.devices.as_ref();
            let keys: Option<Vec<&str>> =
                keys.map(|keys| keys.iter().map(|key| key.as_str()).collect());
            world.push_devices(push.from.value, Tool::Psa, keys.as_deref(), push.rules())
        }
        _ => return false,
    };
    done.is_ok()
}
