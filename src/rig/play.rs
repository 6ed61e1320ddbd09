//! Plays one case: raises the stage, does the steps in order, judges at the end.

use std::io;
use std::sync::Arc;

use syncrig_mocks::ChangeError;
use syncrig_mocks::world::{TenantError, Tool as WorldTool, WorldError};

use super::event::{RigEvent, RigListener};
use super::script::Player;
use super::stage::Stage;
use super::subject::{Subject, SubjectError};
use super::truth::tool_of;
use crate::connectors::{PsaCapabilities, RmmCapabilities, psa_limit, rmm_limit};
use crate::judge::{
    Judgement, Scope, SnapshotOptions, Truth, full_snapshot, judge, summary_snapshot,
};
use crate::model::{Outcome, Profile, Tool};
use crate::report::{Calls, Failure, Quota};
use crate::scenario::Case;

/// How a case is played.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlayOptions {
    /// Seed in place of the scenario's own.
    pub seed: Option<u64>,
    /// Knobs of this profile in place of the scenario's own.
    pub profile: Option<Profile>,
    /// What the PSA is narrowed to, to tell what another vendor should come to. The subject is to
    /// see it so as well ([`ConnectorOptions::narrow`](crate::connectors::ConnectorOptions)).
    pub narrow: Option<PsaCapabilities>,
    /// What the RMM is narrowed to, when it stands in for another vendor.
    pub narrow_rmm: Option<RmmCapabilities>,
}

/// What came out of a case.
#[derive(Debug)]
pub struct CaseOutcome {
    /// What the subject said at the end.
    pub outcome: Outcome,
    /// What was true at the end.
    pub truth: Truth,
    /// What the judge says.
    pub judgement: Judgement,
    /// Everything that was not as expected, in order.
    pub failures: Vec<Failure>,
    /// The outcome as stable text, to be compared with the one beside the script.
    pub snapshot: String,
    /// Requests by vendor and operation.
    pub requests: std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>>,
    /// What the calls cost, PSA first.
    pub calls: Vec<Calls>,
}

/// Why a case could not be played to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// The tenant is wrong; checked when the script was read, unless a seed was given since.
    #[error("the tenant is wrong: {}", .0.message)]
    Tenant(TenantError),
    /// A step asks for something that the world does not hold at that moment.
    #[error("step {step} ({name}): {reason}")]
    Script {
        /// Counted from 1.
        step: usize,
        /// Name of the step.
        name: &'static str,
        /// What is wrong.
        reason: String,
        /// How to put it right.
        hint: Option<String>,
        /// The first thing that was not as expected before, which may be why.
        before: Option<Box<Failure>>,
    },
    /// A simulator does not hold what the world says it does.
    #[error("step {step}: the simulator lost track: {reason}")]
    Simulator {
        /// Counted from 1.
        step: usize,
        /// What it said.
        reason: ChangeError,
    },
    /// No port for a simulator.
    #[error("no port for a simulator: {0}")]
    Port(io::Error),
    /// The subject broke, or the machine under it.
    #[error("step {step}: {reason}")]
    Subject {
        /// Counted from 1.
        step: usize,
        /// What it said.
        reason: SubjectError,
    },
}

impl PlayError {
    /// Stable code for reports.
    pub fn code(&self) -> &str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::Script { .. } => "scenario-step",
            Self::Simulator { .. } => "simulator",
            Self::Port(_) => "port",
            Self::Subject { reason, .. } => &reason.code,
        }
    }

    /// The step at which it broke off, counted from 1; 0 before the first.
    pub const fn step(&self) -> usize {
        match self {
            Self::Tenant(_) | Self::Port(_) => 0,
            Self::Script { step, .. }
            | Self::Simulator { step, .. }
            | Self::Subject { step, .. } => *step,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Tenant(error) => error.hint.clone(),
            Self::Script {
                before: Some(before),
                ..
            } => Some(format!(
                "before that, {}: {} was expected, and {} found",
                before.what, before.expected, before.actual
            )),
            Self::Script { hint, .. } => hint.clone(),
            Self::Simulator { .. } => Some("this is a mistake of syncrig; please report it".into()),
            Self::Port(_) => Some("allow this program to listen on 127.0.0.1".into()),
            Self::Subject { .. } => None,
        }
    }

    /// Whether the script is wrong, and not the rig.
    pub const fn is_script(&self) -> bool {
        matches!(self, Self::Tenant(_) | Self::Script { .. })
    }

    pub(super) fn world(step: usize, name: &'static str, error: &WorldError) -> Self {
        Self::Script {
            step,
            name,
            reason: error.to_string(),
            hint: error.hint(),
            before: None,
        }
    }

    /// What was first not as expected before the script broke off.
    pub(super) fn before(&self) -> Option<&Failure> {
        match self {
            Self::Script { before, .. } => before.as_deref(),
            _ => None,
        }
    }

    fn after(mut self, failures: &[Failure]) -> Self {
        if let Self::Script { before, .. } = &mut self {
            *before = failures.first().cloned().map(Box::new);
        }
        self
    }
}

/// Plays a case with a subject that the closure makes once the stage stands (it needs the clock).
///
/// # Errors
/// [`PlayError`] when the case cannot be played to its end. What is merely not as expected is a
/// failure in the outcome.
pub async fn play<S, F>(
    case: &Case,
    options: PlayOptions,
    listener: &Arc<dyn RigListener>,
    subject: F,
) -> Result<CaseOutcome, PlayError>
where
    S: Subject,
    F: FnOnce(&Stage) -> Result<S, SubjectError> + Send,
{
    let scenario = &case.scenario;
    let mut tenant = scenario.tenant();
    if let Some(seed) = options.seed {
        match &mut tenant.generate {
            Some(spec) => spec.value.seed = seed,
            None => tenant.seed = seed.into(),
        }
    }
    let generated = tenant.generate.is_some();
    let world = tenant.into_world().map_err(|errors| {
        PlayError::Tenant(errors.into_iter().next().unwrap_or_else(|| TenantError {
            message: "it cannot be resolved".to_owned(),
            hint: None,
            location: None,
            label: String::new(),
        }))
    })?;
    let seed = world.seed();
    let started = RigEvent::CaseStarted {
        case: case.name.clone(),
        seed,
    };
    listener.hear(&case.name, &started);
    let mut stage = Stage::raise(world, case.psa, case.rmm, scenario.limits)
        .await
        .map_err(PlayError::Port)?;
    stage.narrow = options.narrow;
    stage.narrow_rmm = options.narrow_rmm;
    let broke = |reason| PlayError::Subject { step: 0, reason };
    let mut subject = subject(&stage).map_err(broke)?;
    let knobs = options
        .profile
        .map_or_else(|| scenario.knobs(), Profile::knobs);
    subject.configure(knobs).await.map_err(broke)?;
    let mut player = Player::new(case, stage, subject, Arc::clone(listener));
    let played = player.run().await;
    let ending = match played {
        Ok(()) => player.ending().await,
        Err(error) => Err(error),
    };
    let failures = std::mem::take(&mut player.failures);
    let requests = player.stage.calls();
    let asked: Vec<(Tool, String, u64)> = (player.stage.actors())
        .map(|actor| {
            let vendor = actor.vendor;
            let requests = actor.server.calls().values().sum();
            (tool_of(vendor.tool()), vendor.slug().to_owned(), requests)
        })
        .collect();
    player.stage.strike().await;
    let (outcome, truth, scope) = ending.map_err(|error| error.after(&failures))?;
    let judgement = judge(&outcome, &truth, &scope);
    let calls = (asked.into_iter())
        .map(|(tool, vendor, requests)| {
            let limit = match tool {
                Tool::Psa => psa_limit(&vendor),
                Tool::Rmm => rmm_limit(&vendor),
            };
            let quota = limit.map(|limit| Quota {
                requests: limit.requests,
                window_ms: limit.window_ms,
            });
            let syncs = outcome.syncs.iter().filter(|sync| sync.tool == tool);
            let ledgers = syncs.flat_map(|sync| &sync.ledgers);
            let records = ledgers.map(|ledger| ledger.fetched).sum();
            Calls::new(tool, vendor, requests, records, quota)
        })
        .collect();
    let options = SnapshotOptions::default();
    let snapshot = if generated {
        summary_snapshot(&outcome, &truth, &judgement, &options)
    } else {
        full_snapshot(&outcome, &truth, &judgement, &options)
    };
    let ended = RigEvent::CaseEnded {
        case: case.name.clone(),
        failures: failures.len(),
    };
    listener.hear(&case.name, &ended);
    Ok(CaseOutcome {
        outcome,
        truth,
        judgement,
        failures,
        snapshot,
        requests,
        calls,
    })
}

/// Outcome, truth and scope of one moment.
pub(super) type Moment = (Outcome, Truth, Scope);

/// The tools in the order in which a script is judged.
pub(super) const TOOLS: [WorldTool; 2] = [WorldTool::Psa, WorldTool::Rmm];
