//! `syncrig bench`

use std::io::{self, IsTerminal as _};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::error::CliError;
use super::run::MethodArg;
use super::{output, runtime};
use crate::bench::{BenchListener, BenchPlan, Share, Stage, bench, write_bench};
use crate::exit_code;

/// What to measure.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig bench                                                 10,000 devices, in a few seconds
  syncrig bench --organizations 1000 --devices 1000 --method B  a million, with growth from a quarter on
  syncrig bench --psa autotask --rmm datto-rmm --repeat 5       medians of five
  syncrig bench --vendor-limits on --latency 200                in simulated time, at the vendors' limits

Four syncs are measured: into an empty account; with nothing changed, reading everything; the same,
asking for what changed; and after the changes. The simulators and the engine are processes of their
own, so that time and memory are accounted apart. Stages: `wire` is waiting beyond the simulator's own
time, `decode` reading what came, `stage` keeping the RMM's devices, `match` judging them, `write` the
PSA's records, `read back` the whole account read once. A page is read while the one before is kept, so
that the stages add up to more than the whole. Compare numbers of one run with each other, and never a
number of today with one of yesterday.")]
pub(super) struct BenchArgs {
    /// Organizations of the tenant.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    organizations: u32,
    /// Devices of each organization.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    devices: u32,
    /// The sync method.
    #[arg(long, value_enum, ignore_case = true, default_value_t = MethodArg::B)]
    method: MethodArg,
    /// The PSA.
    #[arg(long, value_name = "VENDOR", default_value = "connectwise-psa")]
    psa: String,
    /// The RMM.
    #[arg(long, value_name = "VENDOR", default_value = "ninjaone")]
    rmm: String,
    /// Share of the devices that change before the last sync, in both tools; 0 leaves that sync out.
    #[arg(long, value_name = "SHARE", default_value = "0.1%")]
    changes: Share,
    /// Whether the vendors' published limits hold. Time is simulated then: nobody waits, and the report
    /// says how long it would have taken.
    #[arg(long, value_enum, default_value_t = Switch::Off)]
    vendor_limits: Switch,
    /// Added to every reply, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// How often each size is measured; medians are shown.
    #[arg(long, value_name = "TIMES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    repeat: u32,
    /// Measures the whole tenant alone, and not a quarter and a half of it too.
    #[arg(long)]
    no_growth: bool,
    /// Seed of the tenant.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// How the result is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// They do.
    On,
    /// They do not.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Human,
    /// One JSON document.
    Json,
}

pub(super) fn run(args: &BenchArgs) -> Result<u8, CliError> {
    let vendor = |slug: &str, tool| {
        Vendor::named(slug, tool).map_err(|error| {
            let known: Vec<&str> = Vendor::of(tool).map(Vendor::slug).collect();
            CliError::usage(error.to_string(), format!("write {}", known.join(" or ")))
        })
    };
    let plan = BenchPlan {
        organizations: args.organizations,
        devices: args.devices,
        seed: args.seed,
        method: args.method.into(),
        psa: vendor(&args.psa, Tool::Psa)?.slug().to_owned(),
        rmm: vendor(&args.rmm, Tool::Rmm)?.slug().to_owned(),
        changes: args.changes,
        vendor_limits: args.vendor_limits == Switch::On,
        latency_ms: args.latency,
        repeat: args.repeat,
        growth: !args.no_growth,
    };
    const DEVICES_MAX: u64 = 10_000_000;
    if plan.records() > DEVICES_MAX {
        return Err(CliError::usage(
            format!("{} devices are too many", plan.records()),
            "a tenant holds at most 10,000,000: give fewer --organizations or --devices",
        ));
    }
    let program = std::env::current_exe().map_err(|error| {
        CliError::rig(
            format!("cannot find this program: {error}"),
            "start it by its whole path",
        )
    })?;
    let progress = Progress::new();
    let measured = runtime()?.block_on(async {
        tokio::select! {
            measured = bench(&plan, &program, &progress) => Some(measured),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    progress.0.finish_and_clear();
    let Some(measured) = measured else {
        return Ok(exit_code::INTERRUPTED);
    };
    let report = measured.map_err(|error| {
        let message = format!("{error} ({})", error.code());
        CliError::rig(message, error.hint())
    })?;
    match args.format {
        Format::Json => output::json(&report)?,
        Format::Human => {
            let width = comfy_table::Table::new().width().unwrap_or(100);
            let mut text = Vec::new();
            write_bench(&mut text, &report, width)?;
            output::text(&String::from_utf8_lossy(&text))?;
        }
    }
    Ok(exit_code::OK)
}

/// Plays one process of a bench.
pub(super) fn part() -> Result<u8, CliError> {
    crate::bench::part()?;
    Ok(exit_code::OK)
}

/// Where a bench stands, on a terminal.
struct Progress(ProgressBar);

impl Progress {
    fn new() -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        Self(bar)
    }
}

impl BenchListener for Progress {
    fn hear(&self, records: u64, repeat: u32, stage: Stage) {
        let what = match stage {
            Stage::Loading => "the simulators load their tenant".to_owned(),
            Stage::Syncing(phase) => phase.to_string(),
            Stage::ReadingBack => "the account is read back".to_owned(),
        };
        let message = format!("{records} devices, run {repeat}: {what}");
        self.0.set_message(message);
    }
}
