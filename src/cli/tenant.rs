//! `syncrig tenant`

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};
use syncrig_mocks::world::{
    Count, Dirt, DirtPreset, DirtReport, DirtSpec, GenerateSpec, Kind, Tenant, TenantError, Tool,
    World, generate,
};

use super::error::CliError;
use super::output;
use crate::exit_code;
use crate::scenario::{Diagnostic, Diagnostics, Source, codes, load_tenant};

/// Make or show.
#[derive(Debug, Args)]
pub(super) struct TenantArgs {
    #[command(subcommand)]
    command: TenantCommand,
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Makes a tenant from a seed and writes it as YAML; its dirt goes to standard error.
    Generate(GenerateArgs),
    /// Shows what a tenant holds, and its dirt.
    Show(ShowArgs),
}

/// What to generate.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig tenant generate > tenant.yaml
  syncrig tenant generate --seed 7 --organizations 200 --devices 5..80 --dirt filthy --out t.yaml
  syncrig tenant generate --dirt none --rate shared_dock_mac=0.3 --rate cloned_vm=0.5

Counts: a number (12), a range (5..80, each equally likely), or a skewed one (~18..250: half are at
most 18, none is above 250). The same seed gives the same bytes on every machine.")]
struct GenerateArgs {
    /// Same seed, same tenant.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of organizations.
    #[arg(long, default_value_t = 40)]
    organizations: u32,
    /// Devices of each organization.
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "~18..250")]
    devices: Count,
    /// Locations of each organization.
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "~1..8")]
    locations: Count,
    /// Contacts of each organization.
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "~10..120")]
    contacts: Count,
    /// How dirty it is where no rate is given.
    #[arg(long, value_enum, default_value_t = Preset::Typical)]
    dirt: Preset,
    /// Rate of one kind of dirt, 0 to 1. May be given several times.
    #[arg(long, value_name = "KIND=RATE", help = rate_help())]
    rate: Vec<String>,
    /// File to write to; standard output when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// Clean.
    None,
    /// Like a client list that somebody looks after.
    Typical,
    /// Like one that nobody looks after.
    Filthy,
}

/// What to show.
#[derive(Debug, Args)]
struct ShowArgs {
    /// Tenant file.
    file: PathBuf,
    /// How it is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Human,
    /// One JSON document.
    Json,
}

pub(super) fn run(args: &TenantArgs) -> Result<u8, CliError> {
    match &args.command {
        TenantCommand::Generate(args) => make(args),
        TenantCommand::Show(args) => show(args),
    }
}

/// Reads a tenant file and resolves it, with located errors.
pub(super) fn load_world(path: &Path) -> Result<World, CliError> {
    let (tenant, source) = load(path)?;
    tenant
        .into_world()
        .map_err(|errors| contradictions(errors, &source))
}

fn load(path: &Path) -> Result<(Tenant, Arc<Source>), CliError> {
    load_tenant(path).map_err(|wrong| CliError::Files(vec![wrong]))
}

fn contradictions(errors: Vec<TenantError>, source: &Arc<Source>) -> CliError {
    let errors = errors.into_iter().map(|error| {
        Diagnostic::error(codes::TENANT, source, error.message)
            .at(error.location)
            .label(error.label)
            .hint(error.hint)
    });
    CliError::Files(vec![Diagnostics::new(errors.collect())])
}

fn make(args: &GenerateArgs) -> Result<u8, CliError> {
    let spec = GenerateSpec {
        seed: args.seed,
        organizations: args.organizations,
        devices_per_organization: args.devices,
        locations_per_organization: args.locations,
        contacts_per_organization: args.contacts,
        dirt: dirt(args)?,
        ..GenerateSpec::default()
    };
    let tenant = generate(&spec).map_err(|error| {
        CliError::usage(error.to_string(), "see `syncrig tenant generate --help`")
    })?;
    let yaml = tenant.to_yaml();
    match &args.out {
        Some(path) => fs::write(path, yaml).map_err(|error| {
            CliError::rig(
                format!("cannot write {}: {error}", path.display()),
                "give --out a path that can be written to",
            )
        })?,
        None => output::text(&yaml)?,
    }
    // The dirt is for people; without a standard error nobody reads it.
    let _ = write!(io::stderr(), "{}", dirt_table(&DirtReport::of(&tenant)));
    Ok(exit_code::OK)
}

fn dirt(args: &GenerateArgs) -> Result<DirtSpec, CliError> {
    let preset = match args.dirt {
        Preset::None => DirtPreset::None,
        Preset::Typical => DirtPreset::Typical,
        Preset::Filthy => DirtPreset::Filthy,
    };
    let spec = serde_json::to_value(DirtSpec::preset(preset)).unwrap_or_default();
    let serde_json::Value::Object(mut map) = spec else {
        return Ok(DirtSpec::preset(preset));
    };
    for rate in &args.rate {
        let Some((kind, share)) = rate.split_once('=') else {
            return Err(CliError::usage(
                format!("`{rate}` is no rate"),
                "write --rate KIND=RATE, e.g. --rate cloned_vm=0.2",
            ));
        };
        if !Dirt::ALL.iter().any(|dirt| dirt.to_string() == kind) {
            return Err(CliError::usage(
                format!("there is no kind of dirt `{kind}`"),
                format!("the kinds are {}", kinds()),
            ));
        }
        let number = share.parse().ok().filter(|it| (0.0..=1.0).contains(it));
        let Some(number) = number.and_then(serde_json::Number::from_f64) else {
            return Err(CliError::usage(
                format!("`{share}` is no rate of {kind}"),
                "a rate is a number from 0 to 1, e.g. 0.2",
            ));
        };
        map.insert(kind.to_owned(), number.into());
    }
    // The specification's own reader has the last word.
    serde_json::from_value(map.into())
        .map_err(|error| CliError::usage(error.to_string(), "see `syncrig tenant generate --help`"))
}

fn kinds() -> String {
    let kinds: Vec<String> = Dirt::ALL.iter().map(Dirt::to_string).collect();
    kinds.join(", ")
}

fn rate_help() -> String {
    format!(
        "Rate of one kind of dirt, 0 to 1; may be given several times. Kinds: {}",
        kinds()
    )
}

fn show(args: &ShowArgs) -> Result<u8, CliError> {
    let (tenant, source) = load(&args.file)?;
    let tenant = tenant
        .expand()
        .map_err(|error| contradictions(vec![error], &source))?;
    let report = DirtReport::of(&tenant);
    let world = tenant
        .into_world()
        .map_err(|errors| contradictions(errors, &source))?;
    match args.format {
        Format::Json => {
            let counts: serde_json::Map<String, serde_json::Value> = counts(&world)
                .into_iter()
                .map(|row| {
                    let held = serde_json::json!({ "true": row.1, "psa": row.2, "rmm": row.3 });
                    (row.0.to_owned(), held)
                })
                .collect();
            output::json(&serde_json::json!({
                "version": 1,
                "seed": world.seed(),
                "entities": counts,
                "dirt": report.marks,
            }))?;
        }
        Format::Human => {
            let rows = counts(&world).map(|(name, entities, psa, rmm)| {
                let numbers = [entities, psa, rmm].map(|number| number.to_string());
                [name.to_owned()].into_iter().chain(numbers).collect()
            });
            let held = table(&["", "true", "in the PSA", "in the RMM"], rows);
            output::text(&format!("{held}\n{}", dirt_table(&report)))?;
        }
    }
    Ok(exit_code::OK)
}

/// Kind, true entities, records in the PSA, records in the RMM.
fn counts(world: &World) -> [(&'static str, usize, usize, usize); 4] {
    let psa = world.project(Tool::Psa);
    let rmm = world.project(Tool::Rmm);
    let entities = |kind: Kind| {
        world
            .entities()
            .filter(|entity| entity.kind == kind)
            .count()
    };
    [
        (
            "organizations",
            entities(Kind::Organization),
            psa.organizations.len(),
            rmm.organizations.len(),
        ),
        (
            "locations",
            entities(Kind::Location),
            psa.locations.len(),
            rmm.locations.len(),
        ),
        (
            "contacts",
            entities(Kind::Contact),
            psa.contacts.len(),
            rmm.contacts.len(),
        ),
        (
            "devices",
            entities(Kind::Device),
            psa.devices.len(),
            rmm.devices.len(),
        ),
    ]
}

/// The kinds of dirt that are there.
fn dirt_table(report: &DirtReport) -> String {
    let marks = report.marks.iter().filter(|(_, count)| **count > 0);
    let mut rows = marks
        .map(|(dirt, count)| vec![dirt.to_string(), count.to_string()])
        .peekable();
    let head = format!(
        "{}, {}",
        counted(report.organizations, "organization"),
        counted(report.devices, "device")
    );
    if rows.peek().is_none() {
        format!("{head}, no dirt\n")
    } else {
        format!("{head}\n\n{}", table(&["dirt", "records"], rows))
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Names to the left, numbers to the right.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.iter().copied())
        .add_rows(rows);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at + 1 < head.len() { 2 } else { 0 }));
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.to_string();
    lines
        .lines()
        .fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// `12`, `5..80` or `~18..250`.
fn count(text: &str) -> Result<Count, String> {
    let number = |part: &str| {
        part.trim()
            .parse::<u32>()
            .map_err(|_| format!("`{part}` is no number; write 12, 5..80 or ~18..250"))
    };
    let pair = |text: &str| -> Result<(u32, u32), String> {
        let (low, high) = text
            .split_once("..")
            .ok_or("write ~MEDIAN..MAX, e.g. ~18..250")?;
        let (low, high) = (number(low)?, number(high)?);
        if low > high {
            Err(format!("{low} is above {high}"))
        } else {
            Ok((low, high))
        }
    };
    if let Some(skewed) = text.strip_prefix('~') {
        let (median, max) = pair(skewed)?;
        Ok(Count::Skewed { median, max })
    } else if text.contains("..") {
        let (min, max) = pair(text)?;
        Ok(Count::Uniform { min, max })
    } else {
        Ok(Count::Fixed(number(text)?))
    }
}
