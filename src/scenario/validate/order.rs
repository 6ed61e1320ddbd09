//! Whether each step can come where it stands: what is connected, paused, synced by then.

use std::sync::Arc;

use syncrig_mocks::Vendor;
use syncrig_mocks::world::{Cascade, Located, Tool};

use crate::scenario::codes;
use crate::scenario::diagnostics::{Diagnostic, Source};
use crate::scenario::expect::Expect;
use crate::scenario::model::Scenario;
use crate::scenario::steps::{Connect, Push, PushTarget, RmmSettings, Settings, Step};

pub(super) fn check(scenario: &Scenario, source: &Arc<Source>, found: &mut Vec<Diagnostic>) {
    let mut walk = Walk {
        scenario,
        source,
        found,
        psa: State::Never,
        rmm: State::Never,
        rmm_synced: false,
        synced: false,
    };
    for step in &scenario.steps {
        walk.step(step);
    }
    let expect = &scenario.expect;
    walk.visible(&None, expect);
    if (expect.writes.is_some() || expect.ledger.is_some()) && !walk.synced {
        walk.complain(
            &None,
            "`writes` and `ledger` are of the last sync, and there is none",
            "add a `sync` step",
        );
    }
}

/// How a tool stands to the account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Never,
    Connected,
    Paused,
    Gone,
}

struct Walk<'a> {
    scenario: &'a Scenario,
    source: &'a Arc<Source>,
    found: &'a mut Vec<Diagnostic>,
    psa: State,
    rmm: State,
    rmm_synced: bool,
    synced: bool,
}

impl Walk<'_> {
    fn step(&mut self, step: &Located<Step>) {
        let at = step.location();
        match &step.value {
            Step::Connect(connect) => {
                if let Connect::Rmm(settings) = connect {
                    self.company(settings);
                }
                self.connect(&at, connect.tool());
            }
            Step::Settings(Settings::Psa(_)) => {
                self.needs_connection(&at, Tool::Psa);
            }
            Step::Sync(sync) => self.sync(&at, sync.tool),
            Step::Review(_) => {
                if !self.rmm_synced {
                    self.complain(
                        &at,
                        "the matching screen is empty before the first sync of the rmm",
                        "put `- sync: rmm` before this step",
                    );
                }
            }
            Step::Push(push) => self.push(push),
            Step::Disconnect(disconnect) => {
                if self.needs_connection(&at, disconnect.tool()) && disconnect.is_whole() {
                    let state = if disconnect.is_pause() {
                        State::Paused
                    } else {
                        State::Gone
                    };
                    self.set(disconnect.tool(), state);
                }
            }
            Step::Reconnect(_) => {
                self.needs_connection(&at, Tool::Psa);
            }
            Step::Refused(refused) => self.refused(&refused.step),
            Step::Resume(tool) => self.resume(&at, *tool),
            Step::Fault(fault) => self.needs_vendor(&at, fault.tool),
            Step::ClearFaults(tool) => self.needs_vendor(&at, *tool),
            Step::Expect(expect) => {
                self.visible(&at, expect);
                if (expect.writes.is_some() || expect.ledger.is_some()) && !self.synced {
                    self.complain(
                        &at,
                        "`writes` and `ledger` are of the last sync, and there is none yet",
                        "put a `sync` step before this one",
                    );
                }
            }
            Step::Edit(_)
            | Step::Remove(_)
            | Step::Add(_)
            | Step::Reimage(_)
            | Step::Account(_)
            | Step::Person(_)
            | Step::Import(_)
            | Step::Advance(_) => {}
        }
    }

    fn push(&mut self, push: &Push) {
        let mut complain = |at, message: &str, hint: &str| {
            self.found.push(
                Diagnostic::error(codes::INVALID_VALUE, self.source, message)
                    .at(at)
                    .hint(hint.to_owned()),
            );
        };
        match (*push.from, *push.to) {
            (Tool::Rmm, PushTarget::Psa) => {
                let cascade = push.rules().cascade;
                let own = [
                    push.identifier.as_ref().map(Located::location),
                    push.only_active.as_ref().map(Located::location),
                ];
                for at in own.into_iter().flatten() {
                    if cascade != Cascade::Auvik {
                        complain(
                            at,
                            "this is a setting of Auvik's own integration",
                            "write `cascade: auvik` beside it, or take it away",
                        );
                    }
                }
            }
            (Tool::Psa, PushTarget::Account) => {
                if let Some(cascade) = &push.cascade {
                    complain(
                        cascade.location(),
                        "a cascade says how the rmm finds a device in the psa",
                        "take `cascade` away",
                    );
                }
                if let Some(device) = push.devices.iter().flatten().next() {
                    complain(
                        device.location(),
                        "the psa's own integration writes all that it has",
                        "take `devices` away",
                    );
                }
                let players = self.scenario.vendors.of(Tool::Psa);
                if players.iter().any(|vendor| vendor.neighbour().is_none()) {
                    let own = Vendor::of(Tool::Psa).filter(|vendor| vendor.neighbour().is_some());
                    let own: Vec<&str> = own.map(Vendor::slug).collect();
                    complain(
                        push.from.location(),
                        "not every psa that may play this writes into the account by itself",
                        &format!(
                            "name those that do: `vendors: {{ psa: [{}] }}`",
                            own.join(", ")
                        ),
                    );
                }
            }
            _ => complain(
                push.from.location(),
                "the rmm pushes into the psa, and a psa's own integration into the account",
                "write `push: { from: rmm, to: psa }` or `push: { from: psa, to: account }`",
            ),
        }
    }

    fn visible(&mut self, at: &Option<serde_saphyr::Location>, expect: &Expect) {
        let asked = expect.visible.is_some() || expect.visible_organizations.is_some();
        if asked && !self.rmm_synced {
            self.complain(
                at,
                "there is nothing to see before the first sync of the rmm",
                "`visible` and `visible_organizations` are of the matching screen; \
                 put `- sync: rmm` before this",
            );
        }
    }

    /// What is refused changes nothing, and only what the account is asked can be.
    fn refused(&mut self, step: &Located<Step>) {
        let asked = matches!(
            step.value,
            Step::Settings(_)
                | Step::Review(_)
                | Step::Account(_)
                | Step::Disconnect(_)
                | Step::Reconnect(_)
        );
        if !asked {
            self.complain(
                &step.location(),
                &format!(
                    "`{}` is nothing that the account could refuse",
                    step.value.name()
                ),
                "`refused` is for `account`, `review`, `settings`, `disconnect` and `reconnect`; \
                 a sync has `fails`",
            );
            return;
        }
        if matches!(step.value, Step::Review(_)) {
            self.step(step);
        }
    }

    fn connect(&mut self, at: &Option<serde_saphyr::Location>, tool: Tool) {
        match self.state(tool) {
            State::Connected => self.complain(
                at,
                &format!("the {tool} is connected already"),
                "change its settings with `settings`, or `disconnect` it first",
            ),
            State::Paused => self.complain(
                at,
                &format!("the {tool} is paused, not disconnected"),
                &format!("write `resume: {tool}`"),
            ),
            State::Never | State::Gone => self.set(tool, State::Connected),
        }
    }

    /// What plays the company must be a choice of everybody who may play the RMM.
    fn company(&mut self, settings: &RmmSettings) {
        let Some(company) = &settings.company else {
            return;
        };
        let players = self.scenario.vendors.of(Tool::Rmm);
        let lacks = |vendor: &Vendor| !vendor.companies().contains(&company.as_str());
        let Some(vendor) = players.into_iter().find(lacks) else {
            return;
        };
        let choices = vendor.companies();
        let able = Vendor::of(Tool::Rmm).filter(|vendor| !lacks(vendor));
        let able: Vec<&str> = able.map(Vendor::slug).collect();
        let hint = if !able.is_empty() {
            let able = able.join(", ");
            format!("name those that leave this choice: `vendors: {{ rmm: [{able}] }}`")
        } else if choices.len() > 1 {
            format!("{vendor} knows {}", choices.join(", "))
        } else {
            "take `company` away".to_owned()
        };
        self.found.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                self.source,
                format!(
                    "{company} cannot be what plays the company of {vendor}",
                    company = company.as_str()
                ),
            )
            .at(company.location())
            .hint(hint),
        );
    }

    fn sync(&mut self, at: &Option<serde_saphyr::Location>, tool: Tool) {
        if self.needs_connection(at, tool) {
            self.synced = true;
            self.rmm_synced |= tool == Tool::Rmm;
        }
    }

    fn resume(&mut self, at: &Option<serde_saphyr::Location>, tool: Tool) {
        if self.state(tool) == State::Paused {
            self.set(tool, State::Connected);
        } else {
            self.complain(
                at,
                &format!("the {tool} is not paused here"),
                &format!("`resume` undoes `disconnect: {{ {tool}: pause }}`"),
            );
        }
    }

    /// Whether the tool is connected and running; complains when not.
    fn needs_connection(&mut self, at: &Option<serde_saphyr::Location>, tool: Tool) -> bool {
        let (message, hint) = match self.state(tool) {
            State::Connected => return true,
            State::Never => (
                format!("the {tool} is not connected yet"),
                format!("put `- connect: {{ {tool}: {{}} }}` before this step"),
            ),
            State::Paused => (
                format!("the {tool} is paused here"),
                format!("put `- resume: {tool}` before this step"),
            ),
            State::Gone => (
                format!("the {tool} was disconnected for good"),
                format!("put `- connect: {{ {tool}: {{}} }}` before this step"),
            ),
        };
        self.complain(at, &message, &hint);
        false
    }

    /// Faults may be laid before the connection is made, but somebody has to play the tool.
    fn needs_vendor(&mut self, at: &Option<serde_saphyr::Location>, tool: Tool) {
        if !self.scenario.connects(tool) {
            self.complain(
                at,
                &format!("no step connects the {tool}, so nobody asks its API"),
                &format!("add `- connect: {{ {tool}: {{}} }}`"),
            );
        }
    }

    const fn state(&self, tool: Tool) -> State {
        match tool {
            Tool::Psa => self.psa,
            Tool::Rmm => self.rmm,
        }
    }

    const fn set(&mut self, tool: Tool, state: State) {
        match tool {
            Tool::Psa => self.psa = state,
            Tool::Rmm => {
                self.rmm = state;
                // A permanent disconnect empties the matching screen; a pause keeps it.
                if matches!(state, State::Gone) {
                    self.rmm_synced = false;
                }
            }
        }
    }

    fn complain(&mut self, at: &Option<serde_saphyr::Location>, message: &str, hint: &str) {
        self.found.push(
            Diagnostic::error(codes::STEP_ORDER, self.source, message)
                .at(*at)
                .hint(hint.to_owned()),
        );
    }
}
