//! The command line: one file a subcommand. It reads arguments, calls the library and prints; what
//! it knows of vendors, rules and judging is what the library tells it.

mod bench;
mod built_in;
mod coverage;
mod error;
mod keep;
mod methods;
mod output;
mod quota;
mod rules;
mod run;
mod schema;
mod select;
mod serve;
mod snapshot;
mod tenant;
mod vendors;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::exit_code;
use error::CliError;

const AFTER_HELP: &str = "\
Examples:
  syncrig run                                 play all built-in scenarios
  syncrig run --method B --filter ambiguous   play some of them
  syncrig run mine.yaml                       play your own
  syncrig methods B                           what method B does, step by step
  syncrig rules M4                            what a rule says, and what verifies it
  syncrig vendors autotask                    what a vendor can give and take
  syncrig tenant generate --seed 7 > t.yaml   make a tenant with known dirt
  syncrig serve datto-rmm --tenant t.yaml     stand a vendor up for your own client
  syncrig bench --organizations 200           measure the sync of a tenant of 20,000 devices

Exit codes: 0 as expected, 1 bad command line, 2 a file is wrong, 3 the rig broke,
4 an expectation failed, 5 a check failed, 6 nothing selected, 130 stopped by Ctrl-C.";

/// Simulates PSA and RMM vendors, syncs them into a documentation account by all four methods, and
/// counts the duplicates.
#[derive(Debug, Parser)]
#[command(name = "syncrig", version, about, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays scenarios and says what came out.
    Run(run::RunArgs),
    /// Prints the plan of a sync method: steps, who writes where, what leaves the plan.
    Methods(methods::MethodsArgs),
    /// Prints the rules of the product, with the scenarios that verify each.
    Rules(rules::RulesArgs),
    /// Prints what each vendor can give and take, field by field.
    Vendors(vendors::VendorsArgs),
    /// Makes a tenant from a seed, or shows one.
    Tenant(tenant::TenantArgs),
    /// Stands one vendor up on a local port until Ctrl-C.
    Serve(serve::ServeArgs),
    /// Measures whole syncs of a generated tenant, stage by stage.
    Bench(bench::BenchArgs),
    /// Calculates how long a sync takes at the vendors' real limits, without running one.
    Quota(quota::QuotaArgs),
    /// One process of a bench; it is told what to be on standard input.
    #[command(hide = true)]
    BenchPart,
    /// Prints the JSON Schema of scenario files, for editors.
    Schema,
}

/// Runs the program with the given arguments, the first being its name, and gives its exit code.
pub fn main<I, T>(arguments: I) -> u8
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; everything else is a bad command line.
            let code = if error.use_stderr() {
                exit_code::USAGE
            } else {
                exit_code::OK
            };
            return if error.print().is_ok() {
                code
            } else {
                exit_code::RIG
            };
        }
    };
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Methods(args) => methods::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Vendors(args) => vendors::run(&args),
        Command::Tenant(args) => tenant::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Quota(args) => quota::run(&args),
        Command::BenchPart => bench::part(),
        Command::Schema => schema::run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => error.tell(),
    }
}

/// A runtime for commands that serve or sync.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::rig(format!("cannot start: {error}"), "free some memory"))
}
