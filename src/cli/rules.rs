//! `syncrig rules`

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::coverage;
use super::error::CliError;
use super::output;
use super::select::{Selected, select};
use crate::exit_code;
use crate::report::HumanOptions;
use crate::rules::{Catalogue, Coverage, Problem, catalogue, near};
use crate::scenario::Scenario;

/// Which rules, and against which scenarios.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig rules                       every rule with what verifies it, by area
  syncrig rules M4 psa-create         what these say, who says so, what verifies them
  syncrig rules two-way               the same for each rule of an area
  syncrig rules --check               exit 5 when a rule is left unverified without a reason,
                                      or a scenario names a rule that there is not
  syncrig rules --scenarios mine      what your own scenarios verify
  syncrig rules --format json         for programs

Evidence: documented; documented-old, in an older copy only; seen, in client code or field notes;
inferred, our reading; open, where public material is silent and the statement is our default.
Strength: must, documented and owed by the engine; should, on weaker grounds; observed, a fact about
the product that the engine need not show.")]
pub(super) struct RulesArgs {
    /// Ids of rules or names of areas, for details. All rules in short when left out.
    #[arg(value_name = "RULE|AREA")]
    wanted: Vec<String>,
    /// Prints what is wrong instead, and fails with exit code 5 when something is.
    #[arg(long)]
    check: bool,
    /// The scenarios of this folder in place of the built-in ones.
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// How it is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text.
    Human,
    /// One JSON document.
    Json,
}

pub(super) fn run(args: &RulesArgs) -> Result<u8, CliError> {
    let book = catalogue().map_err(|error| {
        CliError::rig(
            format!("docs/rules.yaml:{error}"),
            "it is part of the program; please report this",
        )
    })?;
    let wanted = wanted(book, &args.wanted)?;
    let selected = selected(args)?;
    let scenarios: Vec<Arc<Scenario>> = selected
        .iter()
        .map(|one| Arc::clone(&one.scenario))
        .collect();
    let coverage = Coverage::new(book, &scenarios, |rule| {
        args.wanted.is_empty() || wanted.contains(rule.id.as_str())
    });
    if args.format == Format::Json {
        output::json(&coverage)?;
    } else if args.check {
        output::text(&coverage::checked(&coverage, |problem| {
            place(&selected, problem)
        }))?;
    } else if args.wanted.is_empty() {
        output::text(&coverage::table(book, &coverage, HumanOptions::detect()))?;
    } else {
        output::text(&coverage::details(book, &coverage))?;
    }
    if args.check && !coverage.problems.is_empty() {
        return Ok(exit_code::CHECK);
    }
    Ok(exit_code::OK)
}

/// The ids that are meant by ids and areas.
fn wanted<'a>(book: &'a Catalogue, names: &[String]) -> Result<BTreeSet<&'a str>, CliError> {
    let mut wanted = BTreeSet::new();
    for name in names {
        let before = wanted.len();
        let fitting = book
            .rules()
            .iter()
            .filter(|rule| rule.id == *name || rule.area == *name);
        wanted.extend(fitting.map(|rule| rule.id.as_str()));
        let known = book.rule(name).is_some() || wanted.len() > before;
        if !known && !book.areas().iter().any(|area| area.name == *name) {
            return Err(unknown(book, name));
        }
    }
    Ok(wanted)
}

fn unknown(book: &Catalogue, name: &str) -> CliError {
    let areas = book.areas().iter().map(|area| area.name.as_str());
    let ids = book.rules().iter().map(|rule| rule.id.as_str());
    let hint = match near(name, ids.chain(areas.clone())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "`syncrig rules` lists the rules; the areas are {}",
            areas.collect::<Vec<_>>().join(", ")
        ),
    };
    CliError::usage(format!("there is no rule and no area `{name}`"), hint)
}

fn selected(args: &RulesArgs) -> Result<Vec<Selected>, CliError> {
    let folders: Vec<PathBuf> = args.scenarios.iter().cloned().collect();
    if let Some(folder) = folders.iter().find(|folder| !folder.is_dir()) {
        return Err(CliError::usage(
            format!("{} is no folder", folder.display()),
            "`--scenarios` takes a folder; left out, the built-in scenarios count",
        ));
    }
    let selected = select(&folders)?;
    if selected.is_empty() {
        return Err(CliError::other(
            exit_code::NOTHING,
            "there is no scenario in the folder",
            "a scenario is a file that ends in .yaml or .yml",
        ));
    }
    Ok(selected)
}

/// Where a scenario names a rule that there is not: its file, or the name of a built-in one.
fn place(selected: &[Selected], problem: &Problem) -> Option<String> {
    let name = problem.scenario.as_deref()?;
    let names_it = |one: &&Selected| {
        let mut ids = one.scenario.verifies.iter();
        one.scenario.name == name && ids.any(|id| id.value == problem.rule)
    };
    let one = selected.iter().find(names_it)?;
    let file = one
        .file
        .as_ref()
        .map_or_else(|| name.to_owned(), |file| file.display().to_string());
    Some(match problem.place {
        Some((line, column)) => format!("{file}:{line}:{column}"),
        None => file,
    })
}
