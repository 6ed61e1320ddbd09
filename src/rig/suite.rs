//! Many cases side by side, reported in their own order.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::builtin::{AccountPlace, BuiltIn};
use super::event::RigListener;
use super::play::{CaseOutcome, PlayError, PlayOptions, play};
use super::subject::SubjectError;
use super::vouch::{Stranger, Verdict, broken};
use crate::connectors::ConnectorOptions;
use crate::report::{CaseError, CaseReport};
use crate::rules::unsettled;
use crate::scenario::Case;
use crate::transport::{Clock, HttpOptions, HttpTransport, SystemClock, Transport};

/// Hears of cases as they end, in the order in which they end.
pub type Progress<'a> = &'a mut (dyn FnMut(&CaseReport) + Send);

/// A played case with its report.
#[derive(Debug)]
pub struct Played {
    /// The case.
    pub case: Case,
    /// What is reported of it.
    pub report: CaseReport,
    /// What came out, unless it broke off.
    pub result: Result<CaseOutcome, PlayError>,
}

/// Plays cases with the built-in engine, as many at once as there are processors, and gives them
/// back in the order in which they came. Accounts are kept where `account` says, one file a case.
///
/// `kept` is the outcome beside a case's script. A case whose PSA is another than the script's is
/// measured by it and, where it differs, by the script's PSA narrowed to what this one can give.
///
/// # Errors
/// When the HTTP client cannot be made.
pub async fn run_cases(
    cases: Vec<Case>,
    options: PlayOptions,
    account: impl Fn(&Case) -> AccountPlace,
    kept: impl Fn(&Case) -> Option<String>,
    listener: Arc<dyn RigListener>,
    progress: Progress<'_>,
) -> Result<Vec<Played>, crate::transport::TransportError> {
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(HttpOptions::default())?);
    let at_once = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let permits = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    let total = cases.len();
    for (at, case) in cases.into_iter().enumerate() {
        let permits = Arc::clone(&permits);
        let listener = Arc::clone(&listener);
        let transport = Arc::clone(&transport);
        let (place, kept) = (account(&case), kept(&case));
        running.spawn(async move {
            // The semaphore is never closed, so a permit always comes.
            let _permit = permits.acquire_owned().await;
            (
                at,
                one(case, options, place, kept, transport, listener).await,
            )
        });
    }
    let mut played: Vec<Option<Played>> = Vec::new();
    played.resize_with(total, || None);
    while let Some(done) = running.join_next().await {
        match done {
            Ok((at, one)) => {
                progress(&one.report);
                played[at] = Some(one);
            }
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {}
        }
    }
    Ok(played.into_iter().flatten().collect())
}

async fn one(
    case: Case,
    options: PlayOptions,
    place: AccountPlace,
    kept: Option<String>,
    transport: Arc<dyn Transport>,
    listener: Arc<dyn RigListener>,
) -> Played {
    let clock = SystemClock;
    let begin = clock.now();
    let result = built_in(&case, options, &place, &transport, &listener).await;
    let mut report = CaseReport::new(
        case.scenario.name.clone(),
        case.scenario.title.clone(),
        case.method,
        case.psa.map(syncrig_mocks::Vendor::slug),
        case.rmm.map(syncrig_mocks::Vendor::slug),
    );
    if let Ok(outcome) = &result {
        report.record(&outcome.judgement);
        let warnings = outcome.outcome.warnings.iter();
        report.warnings = warnings.map(|warning| warning.id.clone()).collect();
        report.unsettled = unsettled(&outcome.outcome);
        report.requests.clone_from(&outcome.requests);
        report.calls.clone_from(&outcome.calls);
    }
    match (
        vouch(&case, options, kept.as_deref(), &result, &transport).await,
        &result,
    ) {
        (Some(Verdict::Same), _) => {}
        (Some(Verdict::Explained(differences)), _) => report.explain(differences),
        (Some(Verdict::Refused(because)), _) => report.omit(because),
        (verdict, Ok(outcome)) => {
            for failure in &outcome.failures {
                report.fail(failure.clone());
            }
            if let Some(Verdict::Unexplained(failure)) = verdict {
                report.fail(failure);
            }
        }
        (_, Err(error)) => report.break_off(CaseError {
            code: error.code().to_owned(),
            message: error.to_string(),
            hint: error.hint(),
        }),
    }
    let spent = clock.now().duration_since(begin);
    report.duration_ms = u64::try_from(spent.as_millis()).unwrap_or_default();
    Played {
        case,
        report,
        result,
    }
}

/// Plays a case with the built-in engine.
async fn built_in(
    case: &Case,
    options: PlayOptions,
    place: &AccountPlace,
    transport: &Arc<dyn Transport>,
    listener: &Arc<dyn RigListener>,
) -> Result<CaseOutcome, PlayError> {
    let relay = Arc::clone(listener);
    let (name, method) = (case.name.clone(), case.method);
    let respect_limits = case.scenario.limits;
    let (transport, place) = (Arc::clone(transport), place.clone());
    play(case, options, listener, move |stage| {
        let mut options =
            ConnectorOptions::new(transport, stage.clock.shared(), stage.world.seed());
        options.respect_limits = respect_limits;
        options.narrow = stage.narrow;
        options.narrow_rmm = stage.narrow_rmm;
        BuiltIn::new(&place, method, options, &name, relay).map_err(|error| SubjectError {
            code: error.code().to_owned(),
            message: format!("{error}; {}", error.hint()),
            internal: true,
        })
    })
    .await
}

/// What a case comes to whose vendors are not the script's own; none when they are.
async fn vouch(
    case: &Case,
    options: PlayOptions,
    kept: Option<&str>,
    found: &Result<CaseOutcome, PlayError>,
    transport: &Arc<dyn Transport>,
) -> Option<Verdict> {
    let stranger = Stranger::new(case)?;
    if let (Ok(found), Some(kept)) = (found, kept)
        && stranger.as_kept(kept, found)
    {
        return Some(Verdict::Same);
    }
    let deaf: Arc<dyn RigListener> = Arc::new(());
    let place = AccountPlace::Memory;
    let narrow = PlayOptions {
        narrow: stranger.psa.map(|psa| psa.table),
        narrow_rmm: stranger.rmm.map(|rmm| rmm.table),
        ..options
    };
    let narrowed = built_in(&stranger.reference, narrow, &place, transport, &deaf).await;
    let verdict = stranger.measure(kept, found, &narrowed);
    let (Verdict::Unexplained(_), Some(gaps)) = (&verdict, stranger.own_gaps()) else {
        return Some(verdict);
    };
    let options = PlayOptions {
        narrow_rmm: Some(gaps),
        ..options
    };
    let less = built_in(case, options, &place, transport, &deaf).await;
    Some(match (stranger.measure(kept, &less, &narrowed), found) {
        (Verdict::Unexplained(_), _) => verdict,
        // That it is the same with less says what the difference comes of.
        (Verdict::Same, Ok(found)) if !found.failures.is_empty() => {
            Verdict::Explained(broken(found))
        }
        (explained, _) => explained,
    })
}

/// Where the accounts of a run are kept, one file a case.
pub fn account_file(directory: &std::path::Path, case: &Case) -> PathBuf {
    let name: String = case
        .name
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect();
    directory.join(name.trim_matches('-'))
}
