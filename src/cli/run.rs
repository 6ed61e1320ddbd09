//! `syncrig run`

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::error::CliError;
use super::keep::Keeper;
use super::select::{Selected, select};
use super::{output, runtime, snapshot};
use crate::exit_code;
use crate::model::{Method, Profile};
use crate::report::{
    CaseReport, CaseVerdict, Failure, HumanOptions, RunReport, write_calls, write_human,
    write_json, write_junit,
};
use crate::rig::{AccountPlace, PlayOptions, Played, RigListener, run_cases};
use crate::scenario::{Case, Selection};

/// What to play, and how to tell it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig run                                  all built-in scenarios
  syncrig run --psa all                        the same with every PSA that can play them
  syncrig run --method B --method C            those of two methods
  syncrig run b/create-configuration           one built-in scenario
  syncrig run mine.yaml --keep out             yours; keeps account and event log in out/
  syncrig run mine.yaml --bless                accepts its outcome as the right one
  syncrig run --profile hardened               all of them under the hardened profile
  syncrig run --format json > results.json     for programs")]
pub(super) struct RunArgs {
    /// Scenario files, folders of them, or names of built-in ones or their folders. All built-in ones
    /// when left out.
    files: Vec<PathBuf>,
    /// Only scenarios of this method. May be given several times.
    #[arg(long, value_enum, ignore_case = true)]
    method: Vec<MethodArg>,
    /// Only cases with this PSA, or `all`. May be given several times.
    #[arg(long, value_name = "VENDOR", help = only(Tool::Psa))]
    psa: Vec<String>,
    /// Only cases with this RMM, or `all`. May be given several times.
    #[arg(long, value_name = "VENDOR", help = only(Tool::Rmm))]
    rmm: Vec<String>,
    /// Only cases whose name or label contains this text.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Seed in place of the scenarios' own. Generated tenants come out differently, so kept
    /// outcomes are not compared.
    #[arg(long)]
    seed: Option<u64>,
    /// Plays the scenarios under this profile in place of their own profile and knobs. Kept outcomes
    /// are not compared; expectations are, so that those that fail (exit code 4) show what the profile
    /// changes: which complaints `hardened` cures, for one.
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    profile: Option<Profile>,
    /// Shows what the vendors were asked too: requests for each record, and the share of the vendor's
    /// limit. `--format json` has it always.
    #[arg(long)]
    calls: bool,
    /// How the result is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Writes each outcome beside its script as the right one. Refused where `CI` is set.
    #[arg(long, conflicts_with_all = ["seed", "profile"])]
    bless: bool,
    /// Keeps account, event log and outcome of each case in this directory.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// A method, by its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MethodArg {
    #[value(name = "A")]
    A,
    #[value(name = "B")]
    B,
    #[value(name = "C")]
    C,
    #[value(name = "D")]
    D,
}

impl From<MethodArg> for Method {
    fn from(argument: MethodArg) -> Self {
        match argument {
            MethodArg::A => Self::A,
            MethodArg::B => Self::B,
            MethodArg::C => Self::C,
            MethodArg::D => Self::D,
        }
    }
}

/// A form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table.
    Human,
    /// One JSON document.
    Json,
    /// JUnit XML.
    Junit,
}

fn profile(text: &str) -> Result<Profile, String> {
    text.parse::<Profile>().map_err(|error| {
        let names = Profile::ALL.map(Profile::name).join(" or ");
        format!("{error}; write {names}")
    })
}

pub(super) fn run(args: &RunArgs) -> Result<u8, CliError> {
    if args.bless {
        refuse_blessing(args)?;
    }
    let selection = selection(args)?;
    let scenarios = select(&args.files)?;
    let mut owners = Vec::new();
    let mut cases = Vec::new();
    for (at, selected) in scenarios.iter().enumerate() {
        for case in selected.scenario.cases(&selection) {
            owners.push(at);
            cases.push(case);
        }
    }
    if scenarios.is_empty() {
        return Err(CliError::other(
            exit_code::NOTHING,
            "there is no scenario in what was named",
            "a scenario is a file that ends in .yaml or .yml; `syncrig run` alone plays the built-in ones",
        ));
    }
    if cases.is_empty() {
        return Err(CliError::other(
            exit_code::NOTHING,
            "no case fits what was asked for",
            "loosen --method, --psa, --rmm or --filter; `syncrig run` alone plays everything",
        ));
    }
    let kept = if args.bless || args.seed.is_some() || args.profile.is_some() {
        BTreeMap::new()
    } else {
        kept_outcomes(&scenarios)?
    };
    let Some(mut played) = play(args, cases, &kept)? else {
        output::note("stopped before the end; there is no result");
        return Ok(exit_code::INTERRUPTED);
    };
    for (at, one) in owners.iter().zip(&mut played) {
        let file = scenarios
            .get(*at)
            .and_then(|selected| selected.file.as_ref());
        one.report.file = file.map(|file| file.display().to_string());
    }
    if args.bless {
        bless(&scenarios, &owners, &mut played)?;
    } else {
        compare(&scenarios, &owners, &kept, &mut played);
    }
    let script_wrong = played
        .iter()
        .any(|one| one.result.as_ref().is_err_and(|error| error.is_script()));
    let report = RunReport::new(played.into_iter().map(|one| one.report).collect());
    write(&report, args.format, args.calls)?;
    Ok(match report.worst() {
        Some(CaseVerdict::Error) if script_wrong => exit_code::SCENARIO,
        Some(CaseVerdict::Error) => exit_code::RIG,
        Some(CaseVerdict::Fail) => exit_code::EXPECTATION,
        _ => exit_code::OK,
    })
}

fn refuse_blessing(args: &RunArgs) -> Result<(), CliError> {
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        return Err(CliError::usage(
            "--bless is refused where CI is set: what is right is decided by a person",
            "bless on your own machine and commit the change",
        ));
    }
    if args.files.is_empty() {
        return Err(CliError::usage(
            "--bless needs files: the built-in scenarios are part of the program",
            "give the files or a folder, e.g. `syncrig run --bless scenarios`",
        ));
    }
    Ok(())
}

fn selection(args: &RunArgs) -> Result<Selection, CliError> {
    Ok(Selection {
        methods: args
            .method
            .iter()
            .map(|method| Method::from(*method))
            .collect(),
        psa: vendors(&args.psa, Tool::Psa)?,
        rmm: vendors(&args.rmm, Tool::Rmm)?,
        filter: args.filter.clone(),
    })
}

/// Vendors by name; `all` is everyone who plays the tool.
fn vendors(names: &[String], tool: Tool) -> Result<Vec<Vendor>, CliError> {
    let mut vendors = Vec::new();
    for name in names {
        if name == "all" {
            vendors.extend(Vendor::of(tool));
            continue;
        }
        let known = Vendor::named(name, tool);
        vendors.push(known.map_err(|_| unknown_vendor(name, tool))?);
    }
    Ok(vendors)
}

fn unknown_vendor(name: &str, tool: Tool) -> CliError {
    let flag = tool.to_string();
    CliError::usage(
        format!("there is no {} `{name}`", flag.to_uppercase()),
        format!("--{flag} takes {}", known(tool)),
    )
}

fn known(tool: Tool) -> String {
    let known: Vec<&str> = Vendor::of(tool).map(Vendor::slug).collect();
    format!("{} or all", known.join(", "))
}

fn only(tool: Tool) -> String {
    let name = tool.to_string().to_uppercase();
    format!(
        "Only cases with this {name}: {}. May be given several times",
        known(tool)
    )
}

/// Plays the cases; `None` when Ctrl-C came first. Every write to an account is a transaction, so
/// that stopping anywhere leaves kept accounts valid.
fn play(args: &RunArgs, cases: Vec<Case>, kept: &Kept) -> Result<Option<Vec<Played>>, CliError> {
    let keeper = args
        .keep
        .as_ref()
        .map(|folder| Keeper::new(folder, &cases))
        .transpose()?;
    let log = keeper.as_ref().map(|keeper| Arc::new(keeper.log(&cases)));
    let listener: Arc<dyn RigListener> = match &log {
        Some(log) => Arc::clone(log) as Arc<dyn RigListener>,
        None => Arc::new(()),
    };
    let bar = progress_bar(cases.len());
    let mut progress = |report: &CaseReport| {
        bar.set_message(report.name());
        bar.inc(1);
    };
    let options = PlayOptions {
        seed: args.seed,
        profile: args.profile,
        narrow: None,
        narrow_rmm: None,
    };
    let account = |case: &Case| match &keeper {
        Some(keeper) => keeper.account(case),
        None => AccountPlace::Memory,
    };
    let kept = |case: &Case| kept.get(&case.scenario.name).cloned();
    let played = runtime()?.block_on(async {
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => None,
            played = run_cases(cases, options, account, kept, listener, &mut progress) => Some(played),
        }
    });
    bar.finish_and_clear();
    if let (Some(log), Some(keeper)) = (&log, &keeper) {
        log.finish(keeper.folder())?;
    }
    let Some(played) = played else {
        return Ok(None);
    };
    let played = played.map_err(|error| {
        CliError::rig(
            format!("cannot make an HTTP client: {error}"),
            "allow local connections",
        )
    })?;
    if let Some(keeper) = &keeper {
        played.iter().try_for_each(|one| keeper.outcome(one))?;
    }
    Ok(Some(played))
}

fn progress_bar(cases: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(cases as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// The outcomes beside the scripts, by the scenarios' names.
type Kept = BTreeMap<String, String>;

fn kept_outcomes(scenarios: &[Selected]) -> Result<Kept, CliError> {
    let mut kept = Kept::new();
    for selected in scenarios {
        let name = &selected.scenario.name;
        let text = snapshot::read(selected).map_err(|error| {
            let message = format!("cannot read the snapshot of {name}: {error}");
            CliError::rig(message, "check that the file may be read")
        })?;
        if let Some(text) = text {
            kept.insert(name.clone(), text);
        }
    }
    Ok(kept)
}

/// Compares each outcome with the one kept beside the script. Those of other vendors have been
/// measured already.
fn compare(scenarios: &[Selected], owners: &[usize], kept: &Kept, played: &mut [Played]) {
    for (at, one) in owners.iter().zip(played) {
        let (Some(selected), Ok(result)) = (scenarios.get(*at), &one.result) else {
            continue;
        };
        if !one.case.is_own() {
            continue;
        }
        let kept = kept.get(&selected.scenario.name);
        if let Some(failure) = kept.and_then(|kept| snapshot::compare(kept, &result.snapshot)) {
            let hint = Some(snapshot::hint(selected));
            one.report.fail(Failure { hint, ..failure });
        }
    }
}

/// Keeps the outcome of each scenario's own vendors; what other vendors come to is measured by it. What
/// fails an expectation of its own script is not right, whoever says so.
fn bless(scenarios: &[Selected], owners: &[usize], played: &mut [Played]) -> Result<(), CliError> {
    let mut first: Vec<Option<String>> = vec![None; scenarios.len()];
    let (mut kept, mut refused) = (0_usize, 0_usize);
    for (at, one) in owners.iter().zip(played) {
        let (Some(selected), Ok(result)) = (scenarios.get(*at), &one.result) else {
            continue;
        };
        if one.report.verdict == CaseVerdict::Fail {
            refused += 1;
            continue;
        }
        // What other vendors come to has been measured by the scenario's own.
        if !one.case.is_own() {
            continue;
        }
        match &first[*at] {
            Some(kept) => {
                if let Some(failure) = snapshot::compare(kept, &result.snapshot) {
                    let expected = "the outcome with the scenario's first vendors (-)".to_owned();
                    one.report.fail(Failure {
                        expected,
                        ..failure
                    });
                }
            }
            None => {
                if let Some(script) = &selected.file {
                    snapshot::write(selected, script, &result.snapshot).map_err(|error| {
                        let path = snapshot::path_beside(script);
                        let message = format!("cannot write {}: {error}", path.display());
                        CliError::rig(message, "check that its folder can be written to")
                    })?;
                    kept += 1;
                }
                first[*at] = Some(result.snapshot.clone());
            }
        }
    }
    let plural = if kept == 1 { "" } else { "s" };
    output::note(&format!(
        "kept {kept} outcome{plural} beside the script{plural}"
    ));
    if refused > 0 {
        output::note("outcomes that fail an expectation of their script are not kept");
    }
    Ok(())
}

fn write(report: &RunReport, format: Format, calls: bool) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match format {
        Format::Human => {
            write_human(report, HumanOptions::detect(), &mut out)?;
            if calls {
                write_calls(report, HumanOptions::detect(), &mut out)?;
            }
        }
        Format::Json => write_json(report, &mut out)?,
        Format::Junit => {
            // The XML writer hides why it could not write; the output's own error tells.
            let mut document = Vec::new();
            write_junit(report, &mut document)
                .map_err(|error| CliError::rig(error.to_string(), "please report this"))?;
            out.write_all(&document)?;
        }
    }
    Ok(())
}
