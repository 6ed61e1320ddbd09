//! `syncrig tenant`

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{ContentArrangement, Table, TableStyle};
use syncrig_mocks::world::{
    Count, DirtPreset, DirtReport, DirtSpec, GenerateSpec, Kind, Tenant, Tool, World, generate,
};

use super::error::CliError;
use super::output;
use crate::exit_code;
use crate::scenario::{Diagnostic, Diagnostics, Source};

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
    #[arg(long, value_name = "KIND=RATE")]
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
    tenant.into_world().map_err(|errors| {
        let errors = errors.into_iter().map(|error| {
            Diagnostic::error("tenant", &source, error.message)
                .at(error.location)
                .label(error.label)
                .hint(error.hint)
        });
        CliError::Files(vec![Diagnostics::new(errors.collect())])
    })
}

fn load(path: &Path) -> Result<(Tenant, std::sync::Arc<Source>), CliError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        let source = Source::new(&shown, "");
        let wrong = Diagnostic::error("file", &source, format!("cannot be read: {error}"))
            .hint("give the path of a tenant file; `syncrig tenant generate` makes one".to_owned());
        CliError::Files(vec![wrong.into()])
    })?;
    let source = Source::new(&shown, text);
    match Tenant::from_yaml(&source.text) {
        Ok(tenant) => Ok((tenant, source)),
        Err(error) => {
            let wrong = Diagnostic::error(
                "tenant-syntax",
                &source,
                error.without_snippet().to_string(),
            )
            .at(error.location());
            Err(CliError::Files(vec![wrong.into()]))
        }
    }
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
        let pair = rate.split_once('=').and_then(|(kind, share)| {
            let share: f64 = share.parse().ok()?;
            Some((kind, serde_json::Number::from_f64(share)?))
        });
        let Some((kind, share)) = pair else {
            return Err(CliError::usage(
                format!("`{rate}` is no rate"),
                "write --rate KIND=RATE, e.g. --rate cloned_vm=0.2",
            ));
        };
        map.insert(kind.to_owned(), share.into());
    }
    // The specification's own reader knows the kinds and their bounds.
    serde_json::from_value(map.into())
        .map_err(|error| CliError::usage(error.to_string(), "rates lie between 0 and 1"))
}

fn show(args: &ShowArgs) -> Result<u8, CliError> {
    let (tenant, _) = load(&args.file)?;
    let world = load_world(&args.file)?;
    let tenant = tenant.expand().map_err(|error| {
        CliError::other(
            exit_code::SCENARIO,
            error.message,
            error.hint.unwrap_or_default(),
        )
    })?;
    let report = DirtReport::of(&tenant);
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
            let mut table = table(&["", "true", "in the PSA", "in the RMM"]);
            for (name, entities, psa, rmm) in counts(&world) {
                table.add_row([
                    name.to_owned(),
                    entities.to_string(),
                    psa.to_string(),
                    rmm.to_string(),
                ]);
            }
            let mut text = String::new();
            let _ = writeln!(text, "{}", table.trim_fmt());
            text.push('\n');
            text.push_str(&dirt_table(&report));
            output::text(&text)?;
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
    let mut table = table(&["dirt", "records"]);
    let mut clean = true;
    for (dirt, count) in report.marks.iter().filter(|(_, count)| **count > 0) {
        table.add_row([dirt.to_string(), count.to_string()]);
        clean = false;
    }
    let head = format!(
        "{} organizations, {} devices",
        report.organizations, report.devices
    );
    if clean {
        format!("{head}, no dirt\n")
    } else {
        format!("{head}\n\n{}\n", table.trim_fmt())
    }
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.iter().copied());
    table
}

/// `12`, `5..80` or `~18..250`.
fn count(text: &str) -> Result<Count, String> {
    let number = |part: &str| {
        part.trim()
            .parse::<u32>()
            .map_err(|_| format!("`{part}` is no count"))
    };
    let pair = |text: &str| -> Result<(u32, u32), String> {
        let (low, high) = text.split_once("..").ok_or("write LOW..HIGH")?;
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
