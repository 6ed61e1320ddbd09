//! The processes of a bench: a simulator, or the engine. Each reads what it is to be and then what it is
//! asked from standard input, a JSON document a line, and answers each with one on standard output. It
//! ends with its input, so that nothing is left running when the bench is killed.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Request, Response};
use jiff::{SignedDuration, Timestamp};
use syncrig_mocks::front::{Loopback, LoopbackOptions, RealTime, Time};
use syncrig_mocks::world::Change;
use syncrig_mocks::{Access, ChangeError, Reply, Simulator, TruthRow, Vendor};

use super::job::{Answer, Ask, BenchPlan, Door, Job, Synced};
use super::tenant::Tenant;
use super::usage::Usage;
use crate::connectors::{self, ConnectorOptions};
use crate::engine::{Engine, PsaSettings, SyncReport};
use crate::model::Tool;
use crate::store::Account;
use crate::transport::{
    Clock, HttpOptions, HttpTransport, SimulatedClock, Stopwatch, SystemClock, Transport,
    TransportError,
};

/// What a simulator is told the time by, where time is simulated: milliseconds since 1970.
const TIME: HeaderName = HeaderName::from_static("x-syncrig-time");

/// When a tenant was made, in milliseconds since 1970.
const BEGIN: i64 = crate::rig::EPOCH;

/// How long after that a bench begins, where time is simulated.
const A_DAY_MS: i64 = 24 * 3_600_000;

/// Plays one process to the end of standard input. What went wrong has been answered.
///
/// # Errors
/// When standard input or output break.
pub fn part() -> io::Result<()> {
    let mut lines = io::stdin().lines();
    let Some(line) = lines.next().transpose()? else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let job: Job = serde_json::from_str(&line)?;
    let played = match job {
        Job::Simulator {
            plan,
            tool,
            organizations,
        } => runtime.block_on(simulate(&plan, tool, organizations, &mut lines)),
        Job::Engine {
            plan,
            tools,
            account,
        } => runtime.block_on(sync(&plan, &tools, &account, &mut lines)),
    };
    // Whoever stopped asking needs no answer.
    match played {
        Err(message) => answer(&Answer::Failed { message }).or(Ok(())),
        Ok(()) => Ok(()),
    }
}

type Lines<'a> = dyn Iterator<Item = io::Result<String>> + 'a;

fn answer(answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_string(answer)?;
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}

fn told(result: io::Result<()>) -> Result<(), String> {
    result.map_err(|error| format!("cannot answer: {error}"))
}

fn next(lines: &mut Lines<'_>) -> Result<Option<Ask>, String> {
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let line = line.map_err(|error| format!("cannot read what is asked: {error}"))?;
    let ask = serde_json::from_str(&line);
    ask.map(Some)
        .map_err(|error| format!("cannot read what is asked: {error}"))
}

/// A simulator on a port, with its share of the tenant.
async fn simulate(
    plan: &BenchPlan,
    tool: Tool,
    organizations: u32,
    lines: &mut Lines<'_>,
) -> Result<(), String> {
    let begun = Stopwatch::start();
    let mut tenant = Tenant::raise(plan, tool, organizations, begin()?)?;
    tenant.simulator.set_limits(plan.vendor_limits);
    let (simulator, latency_ms) = if plan.vendor_limits {
        let told: Arc<dyn Simulator> = Arc::new(ByTheRequest(Arc::clone(&tenant.simulator)));
        // Time is simulated: the engine adds the way there and back.
        (told, 0)
    } else {
        (Arc::clone(&tenant.simulator), plan.latency_ms)
    };
    let options = LoopbackOptions {
        latency_ms,
        ..LoopbackOptions::default()
    };
    let time: Arc<dyn Time> = if plan.vendor_limits {
        Arc::new(NoTime)
    } else {
        Arc::new(RealTime)
    };
    let server = Loopback::start(simulator, time, options)
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1: {error}"))?;
    let access = tenant.simulator.access();
    let door = Door {
        tool,
        vendor: plan.vendor(tool).to_owned(),
        base_url: format!("{}{}", server.base_url(), access.base_path),
        credentials: access.credentials,
    };
    told(answer(&Answer::Standing {
        door,
        load_us: micros(begun.elapsed()),
        usage: Usage::now(),
    }))?;
    while let Some(ask) = tokio::task::block_in_place(|| next(lines))? {
        let reply = match ask {
            Ask::Usage => Answer::Usage(Usage::now()),
            Ask::Change { now_ms } => Answer::Changed {
                records: tenant.change(moment(now_ms)?)?,
            },
            Ask::Sync { .. } | Ask::ReadBack | Ask::Now => {
                return Err("a simulator does not sync".to_owned());
            }
        };
        told(answer(&reply))?;
    }
    server.stop().await;
    Ok(())
}

fn begin() -> Result<Timestamp, String> {
    moment(BEGIN)
}

fn moment(ms: i64) -> Result<Timestamp, String> {
    Timestamp::from_millisecond(ms).map_err(|error| error.to_string())
}

/// Where every request says what time it is, nobody waits here.
#[derive(Debug)]
struct NoTime;

impl Time for NoTime {
    fn now(&self) -> Timestamp {
        begin().unwrap_or_default()
    }

    fn sleep(&self, _duration_ms: u64) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A simulator that takes the time from the request.
struct ByTheRequest(Arc<dyn Simulator>);

impl Simulator for ByTheRequest {
    fn vendor(&self) -> Vendor {
        self.0.vendor()
    }

    fn handle(&self, request: &syncrig_mocks::Request, now: Timestamp) -> Reply {
        let told = request.headers().get(TIME);
        let told = told.and_then(|told| told.to_str().ok()?.parse().ok());
        let told = told.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        self.0.handle(request, told.unwrap_or(now))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.0.apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.0.truth()
    }

    fn access(&self) -> Access {
        self.0.access()
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        self.0.counts()
    }

    fn set_limits(&self, on: bool) {
        self.0.set_limits(on);
    }
}

/// The engine on an account in a file.
async fn sync(
    plan: &BenchPlan,
    tools: &[Door],
    account: &Path,
    lines: &mut Lines<'_>,
) -> Result<(), String> {
    let mut bench = EngineBench::connect(plan, tools, account)?;
    told(answer(&Answer::Connected))?;
    while let Some(ask) = tokio::task::block_in_place(|| next(lines))? {
        let reply = match ask {
            Ask::Usage => Answer::Usage(Usage::now()),
            Ask::Sync { incremental } => Answer::Synced(Box::new(bench.sync(incremental).await?)),
            Ask::ReadBack => bench.read_back()?,
            Ask::Now => Answer::Now {
                now_ms: bench.clock.now().as_millisecond(),
            },
            Ask::Change { .. } => return Err("an engine holds no tenant".to_owned()),
        };
        told(answer(&reply))?;
    }
    Ok(())
}

struct EngineBench {
    engine: Engine,
    tools: Vec<Tool>,
    wire: Arc<Timed>,
    clock: Arc<dyn Clock>,
    simulated: Option<Arc<SimulatedClock>>,
}

impl EngineBench {
    fn connect(plan: &BenchPlan, tools: &[Door], account: &Path) -> Result<Self, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let http = HttpTransport::new(HttpOptions::default()).map_err(|error| text(&error))?;
        let simulated = plan
            .vendor_limits
            .then(|| moment(BEGIN + A_DAY_MS).map(|now| Arc::new(SimulatedClock::new(now))))
            .transpose()?;
        let clock: Arc<dyn Clock> = match &simulated {
            Some(clock) => Arc::clone(clock) as _,
            None => Arc::new(SystemClock),
        };
        let wire = Arc::new(Timed {
            http,
            spent_us: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            latency_ms: plan.latency_ms,
            clock: simulated.clone(),
        });
        let mut options =
            ConnectorOptions::new(Arc::clone(&wire) as _, Arc::clone(&clock), plan.seed);
        options.respect_limits = plan.vendor_limits;
        let account = Account::open(account).map_err(|error| text(&error))?;
        let mut engine =
            Engine::new(account, Some(plan.method), Box::new(())).with_clock(Arc::clone(&clock));
        for door in tools {
            let (vendor, url, keys) = (&*door.vendor, &*door.base_url, &door.credentials);
            match door.tool {
                Tool::Psa => {
                    let connector = connectors::psa(vendor, url, keys, &options);
                    let connector = connector.map_err(|error| text(&error))?;
                    let without = plan.method == crate::model::Method::C;
                    let settings = PsaSettings {
                        configuration_types: without.then(Vec::new),
                        ..PsaSettings::default()
                    };
                    engine
                        .connect_psa(connector, settings)
                        .map_err(|error| text(&error))?;
                }
                Tool::Rmm => {
                    let connector = connectors::rmm(vendor, url, keys, &options);
                    let connector = connector.map_err(|error| text(&error))?;
                    engine
                        .connect_rmm(connector)
                        .map_err(|error| text(&error))?;
                }
            }
        }
        Ok(Self {
            engine,
            tools: tools.iter().map(|door| door.tool).collect(),
            wire,
            clock,
            simulated,
        })
    }

    async fn sync(&mut self, incremental: bool) -> Result<Synced, String> {
        let mut synced = Synced::default();
        let (used, begun) = (Usage::now(), Stopwatch::start());
        let before = self.clock.now();
        for tool in self.tools.clone() {
            let wire = self.wire.spent();
            let report = match incremental {
                true => self.engine.sync_changes(tool).await,
                false => self.engine.sync(tool).await,
            };
            let report = report.map_err(|error| format!("{tool}: {error}"))?;
            if let Some(error) = &report.error {
                return Err(format!("{tool}: {error}"));
            }
            synced.add(tool, &report, self.wire.spent().since(&wire));
        }
        synced.wall_us = micros(begun.elapsed());
        synced.usage = Usage::now().since(used);
        synced.simulated_ms = self.simulated.as_ref().map(|clock| {
            let spent = clock.now().duration_since(before).as_millis();
            u64::try_from(spent).unwrap_or(0)
        });
        Ok(synced)
    }

    fn read_back(&mut self) -> Result<Answer, String> {
        let (used, begun) = (Usage::now(), Stopwatch::start());
        let read = self.engine.read_back();
        let (records, _) = read.map_err(|error| error.to_string())?;
        Ok(Answer::ReadBack {
            wall_us: micros(begun.elapsed()),
            records,
            usage: Usage::now().since(used),
        })
    }
}

impl Synced {
    fn add(&mut self, tool: Tool, report: &SyncReport, wire: Spent) {
        let times = report.times;
        self.wire_us += wire.spent_us;
        // What a walk waited for and did not spend on the wire it spent on reading what came.
        self.decode_us += micros(times.pull).saturating_sub(wire.spent_us);
        self.stage_us += micros(times.stage);
        self.match_us += micros(times.matching);
        self.write_us += micros(times.write);
        self.requests += wire.requests;
        self.bytes += wire.bytes;
        let fetched = report.ledgers.iter().map(|ledger| ledger.fetched).sum();
        self.records.insert(tool, fetched);
        self.writes += report.writes;
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A transport that counts what goes through it.
#[derive(Debug)]
struct Timed {
    http: HttpTransport,
    spent_us: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    latency_ms: u64,
    /// Set where time is simulated.
    clock: Option<Arc<SimulatedClock>>,
}

#[derive(Debug, Clone, Copy)]
struct Spent {
    spent_us: u64,
    requests: u64,
    bytes: u64,
}

impl Spent {
    const fn since(self, before: &Self) -> Self {
        Self {
            spent_us: self.spent_us - before.spent_us,
            requests: self.requests - before.requests,
            bytes: self.bytes - before.bytes,
        }
    }
}

impl Timed {
    fn spent(&self) -> Spent {
        Spent {
            spent_us: self.spent_us.load(Ordering::Relaxed),
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

impl Transport for Timed {
    fn send(
        &self,
        mut request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let sent = self.clock.as_ref().map(|clock| clock.now());
            if let Some(sent) = sent {
                let now = HeaderValue::from(sent.as_millisecond());
                request.headers_mut().insert(TIME, now);
            }
            let begun = Stopwatch::start();
            let reply = self.http.send(request).await;
            self.spent_us
                .fetch_add(micros(begun.elapsed()), Ordering::Relaxed);
            self.requests.fetch_add(1, Ordering::Relaxed);
            if let Ok(reply) = &reply {
                let bytes = reply.body().len() as u64;
                self.bytes.fetch_add(bytes, Ordering::Relaxed);
            }
            // From when it was sent: what is on its way at once takes its time at once.
            if let Some((clock, sent)) = self.clock.as_ref().zip(sent) {
                let way = i64::try_from(self.latency_ms).unwrap_or(i64::MAX);
                let there = sent
                    .saturating_add(SignedDuration::from_millis(way))
                    .unwrap_or(Timestamp::MAX);
                clock.sleep_until(there).await;
            }
            reply
        })
    }
}
