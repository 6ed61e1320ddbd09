//! What a bench found, as a document and as a table. Numbers of one report may be compared with each
//! other; those of two reports only when both were made in turn on one machine.

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::job::{BenchPlan, Synced};
use crate::model::Tool;
use crate::quota::{QuotaReport, quota};
use crate::report::{figures, grouped, long};

/// Version of the document.
const VERSION: u32 = 1;

/// Which sync of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Into an empty account.
    First,
    /// Nothing changed, everything is read.
    UnchangedFull,
    /// Nothing changed, and the vendors are asked what did.
    UnchangedIncremental,
    /// A day's changes, and the vendors are asked for them.
    Changed,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::First => "first sync",
            Self::UnchangedFull => "unchanged, full",
            Self::UnchangedIncremental => "unchanged, incremental",
            Self::Changed => "changed, incremental",
        })
    }
}

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct BenchReport {
    /// Version of this document.
    pub version: u32,
    /// What was measured.
    pub plan: BenchPlan,
    /// Processors of the machine.
    pub cores: usize,
    /// One entry a size, the whole tenant last; medians over the repeats.
    pub runs: Vec<RunReport>,
    /// How the cost of a record grew with the tenant.
    pub growth: Vec<Growth>,
    /// How long syncs of the whole tenant take on the vendors' real APIs, calculated.
    pub at_quota: QuotaReport,
}

/// One size of the tenant.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// Organizations.
    pub organizations: u32,
    /// Devices of all organizations together.
    pub devices: u64,
    /// The simulators, each a process of its own.
    pub simulators: Vec<SimulatorReport>,
    /// The syncs, in order.
    pub phases: Vec<PhaseReport>,
}

/// A simulator's process.
#[derive(Debug, Clone, Serialize)]
pub struct SimulatorReport {
    /// What it plays.
    pub tool: Tool,
    /// Its slug.
    pub vendor: String,
    /// From its start until it listened, the making of the tenant included, in milliseconds.
    pub load_ms: u64,
    /// The most memory that it held, in bytes, the making of the tenant included.
    pub peak_bytes: u64,
}

/// One sync of every tool.
#[derive(Debug, Clone, Serialize)]
pub struct PhaseReport {
    /// Which one.
    pub phase: Phase,
    /// From begin to end, in microseconds.
    pub wall_us: u64,
    /// Time that passed at the vendors' limits, where they hold, in milliseconds.
    pub simulated_ms: Option<u64>,
    /// Records that the vendors delivered.
    pub records: u64,
    /// Records a second.
    pub records_per_s: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests for a thousand records.
    pub requests_per_1000_records: u64,
    /// Bytes of the replies' bodies.
    pub bytes: u64,
    /// Rows written.
    pub writes: u64,
    /// Processor time of the engine's process, in microseconds.
    pub engine_cpu_us: u64,
    /// Processor time of the simulators' processes, in microseconds.
    pub simulator_cpu_us: u64,
    /// The most memory that the engine held since its start, in bytes.
    pub engine_peak_bytes: u64,
    /// Where the time went.
    pub stages: Vec<StageReport>,
}

/// One stage of a sync.
#[derive(Debug, Clone, Serialize)]
pub struct StageReport {
    /// `simulator`, `wire`, `decode`, `stage`, `match`, `write`, `read back`.
    pub stage: &'static str,
    /// Microseconds.
    pub us: u64,
    /// Records a second.
    pub records_per_s: u64,
    /// Share of the sync's time, in tenths of a percent.
    pub share_permille: u64,
}

/// Cost of a record at one size.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    /// Devices.
    pub devices: u64,
    /// Nanoseconds of the first sync for each record delivered.
    pub first_ns_per_record: u64,
    /// The same of the sync that reads everything and finds nothing changed.
    pub unchanged_ns_per_record: u64,
    /// The first one against that of the smallest size, in hundredths.
    pub first_percent: u64,
    /// The unchanged one against that of the smallest size, in hundredths.
    pub unchanged_percent: u64,
    /// The most memory of the engine, in bytes.
    pub engine_peak_bytes: u64,
}

impl PhaseReport {
    pub(super) fn new(phase: Phase, synced: &Synced, simulator_cpu_us: u64) -> Self {
        let records = synced.records.values().sum();
        let mut report = Self {
            phase,
            wall_us: synced.wall_us,
            simulated_ms: synced.simulated_ms,
            records,
            records_per_s: per_second(records, synced.wall_us),
            requests: synced.requests,
            requests_per_1000_records: (synced.requests * 1_000).div_ceil(records.max(1)),
            bytes: synced.bytes,
            writes: synced.writes,
            engine_cpu_us: synced.usage.cpu_us,
            simulator_cpu_us,
            engine_peak_bytes: synced.usage.peak_bytes,
            stages: Vec::new(),
        };
        // The engine waits for the wire while the simulator works.
        report.stage("simulator", simulator_cpu_us.min(synced.wire_us), records);
        report.stage(
            "wire",
            synced.wire_us.saturating_sub(simulator_cpu_us),
            records,
        );
        report.stage("decode", synced.decode_us, records);
        report.stage("stage", synced.stage_us, records);
        report.stage("match", synced.match_us, records);
        report.stage("write", synced.write_us, records);
        report
    }

    pub(super) fn read_back(&mut self, wall_us: u64, records: u64) {
        self.stage("read back", wall_us, records);
    }

    fn stage(&mut self, stage: &'static str, us: u64, records: u64) {
        self.stages.push(StageReport {
            stage,
            us,
            records_per_s: per_second(records, us),
            share_permille: us * 1_000 / self.wall_us.max(1),
        });
    }

    fn ns_per_record(&self) -> u64 {
        self.wall_us * 1_000 / self.records.max(1)
    }
}

impl RunReport {
    /// Of several runs, for each sync the one with the median time, whole: its stages belong together.
    pub(super) fn median(mut runs: Vec<Self>) -> Self {
        let count = runs.len();
        let Some(mut median) = runs.pop() else {
            return Self {
                organizations: 0,
                devices: 0,
                simulators: Vec::new(),
                phases: Vec::new(),
            };
        };
        runs.push(median.clone());
        for at in 0..median.phases.len() {
            let mut all: Vec<&PhaseReport> =
                runs.iter().filter_map(|run| run.phases.get(at)).collect();
            all.sort_by_key(|phase| phase.wall_us);
            if let Some(middle) = all.get((count - 1) / 2) {
                median.phases[at] = (*middle).clone();
            }
        }
        for at in 0..median.simulators.len() {
            let loads = runs.iter().filter_map(|run| run.simulators.get(at));
            let mut loads: Vec<u64> = loads.map(|load| load.load_ms).collect();
            loads.sort_unstable();
            if let Some(middle) = loads.get((count - 1) / 2) {
                median.simulators[at].load_ms = *middle;
            }
        }
        median
    }

    fn phase(&self, phase: Phase) -> Option<&PhaseReport> {
        self.phases.iter().find(|it| it.phase == phase)
    }
}

impl BenchReport {
    pub(super) fn new(plan: BenchPlan, runs: Vec<RunReport>) -> Self {
        let cost = |run: &RunReport, phase| run.phase(phase).map_or(0, PhaseReport::ns_per_record);
        let least = |phase| runs.first().map_or(1, |run| cost(run, phase)).max(1);
        let (first, unchanged) = (least(Phase::First), least(Phase::UnchangedFull));
        let growth = runs.iter().map(|run| Growth {
            devices: run.devices,
            first_ns_per_record: cost(run, Phase::First),
            unchanged_ns_per_record: cost(run, Phase::UnchangedFull),
            first_percent: cost(run, Phase::First) * 100 / first,
            unchanged_percent: cost(run, Phase::UnchangedFull) * 100 / unchanged,
            engine_peak_bytes: run.phases.last().map_or(0, |phase| phase.engine_peak_bytes),
        });
        let growth = growth.collect();
        let at_quota = quota(plan.tenant(), &[&plan.psa], &[&plan.rmm]);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            version: VERSION,
            plan,
            cores,
            growth,
            runs,
            at_quota,
        }
    }
}

/// 0 where nothing of the kind was done.
const fn per_second(records: u64, us: u64) -> u64 {
    match us {
        0 => 0,
        us => records * 1_000_000 / us,
    }
}

/// Writes the report for people, in at most `width` columns.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_bench(out: &mut impl Write, report: &BenchReport, width: u16) -> io::Result<()> {
    let plan = &report.plan;
    writeln!(
        out,
        "Method {}: {} organizations of {} devices, {}; {} cores; {}",
        plan.method,
        grouped(plan.organizations.into()),
        grouped(plan.devices.into()),
        plan.tools()
            .iter()
            .map(|tool| plan.vendor(*tool))
            .collect::<Vec<_>>()
            .join(" + "),
        report.cores,
        match plan.repeat {
            0 | 1 => "one run".to_owned(),
            repeat => format!("medians of {repeat}"),
        }
    )?;
    let Some(whole) = report.runs.last() else {
        return Ok(());
    };
    for phase in &whole.phases {
        write!(
            out,
            "\n{}: {} for {} records ({} a second), {} requests, {} MB, {} rows written\n",
            phase.phase,
            time(phase.wall_us),
            grouped(phase.records),
            grouped(phase.records_per_s),
            grouped(phase.requests),
            grouped(phase.bytes / 1_000_000),
            grouped(phase.writes),
        )?;
        if let Some(ms) = phase.simulated_ms {
            writeln!(out, "at the vendors' limits: {}", long(ms))?;
        }
        let done = phase.stages.iter().filter(|stage| stage.us > 0);
        let rows = done.map(|stage| {
            vec![
                stage.stage.to_owned(),
                time(stage.us),
                grouped(stage.records_per_s),
                format!(
                    "{}.{} %",
                    stage.share_permille / 10,
                    stage.share_permille % 10
                ),
            ]
        });
        let heads = ["stage", "time", "records/s", "share"];
        writeln!(out, "{}", figures(&heads, rows, width))?;
        writeln!(
            out,
            "engine: {} of processor time ({} ns a record), at most {} MB; simulators: {}; {} requests for 1,000 records",
            time(phase.engine_cpu_us),
            grouped(phase.engine_cpu_us * 1_000 / phase.records.max(1)),
            grouped(phase.engine_peak_bytes / 1_000_000),
            time(phase.simulator_cpu_us),
            grouped(phase.requests_per_1000_records),
        )?;
    }
    for tool in &report.at_quota.tools {
        write!(
            out,
            "\n{}, calculated at its limit: first sync {} in {} requests, later ones {} in {}",
            tool.vendor,
            long(tool.first.ms),
            grouped(tool.first.requests),
            long(tool.later.ms),
            grouped(tool.later.requests),
        )?;
    }
    writeln!(out)?;
    for simulator in &whole.simulators {
        writeln!(
            out,
            "\n{} simulator {}: loaded in {}, at most {} MB",
            simulator.tool,
            simulator.vendor,
            time(simulator.load_ms * 1_000),
            grouped(simulator.peak_bytes / 1_000_000)
        )?;
    }
    if report.growth.len() > 1 {
        let rows = report.growth.iter().map(|size| {
            vec![
                grouped(size.devices),
                format!("{} ns", grouped(size.first_ns_per_record)),
                ratio(size.first_percent),
                format!("{} ns", grouped(size.unchanged_ns_per_record)),
                ratio(size.unchanged_percent),
                format!("{} MB", grouped(size.engine_peak_bytes / 1_000_000)),
            ]
        });
        let heads = ["devices", "first", "ratio", "unchanged", "ratio", "memory"];
        writeln!(out, "\nHow the cost of a record grew")?;
        writeln!(out, "{}", figures(&heads, rows, width))?;
    }
    Ok(())
}

fn ratio(percent: u64) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}

/// `1.234 s`, `12.3 ms`, `7 us`.
fn time(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} us"),
        1_000..1_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{}.{:03} s", us / 1_000_000, us % 1_000_000 / 1_000),
    }
}
