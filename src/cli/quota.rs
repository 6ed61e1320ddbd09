//! `syncrig quota`

use clap::{Args, ValueEnum};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::error::CliError;
use super::output;
use super::run::MethodArg;
use crate::bench::Share;
use crate::exit_code;
use crate::quota::{Tenant, quota, write_quota};

/// What to calculate.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig quota                                                   100 organizations of 100 devices, ConnectWise PSA and NinjaOne
  syncrig quota --organizations 40 --devices 250 --rmm datto-rmm  another tenant, another RMM
  syncrig quota --method D --rmm all                              every RMM beside the others
  syncrig quota --calls --latency 150                             with the requests of each operation

Nothing is run and nobody is asked: the requests are those that the connectors make, and the time is what they
take at the vendor's limit, which a connector keeps a little below, and at so much a round trip. `first` is a
sync of everything; `later` is one a day after it, which asks for what changed where the vendor can tell and
takes it that nothing was deleted. In brackets stands how a limit is known. Where each endpoint has a limit
of its own (BMS, VSA X) the connector keeps all of its calls below one. `syncrig bench --vendor-limits on` runs a
tenant instead, in simulated time.")]
pub(super) struct QuotaArgs {
    /// Organizations of the tenant.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    organizations: u32,
    /// Devices of each organization.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    devices: u32,
    /// Locations of each organization.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    locations: u32,
    /// Contacts of each organization.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    contacts: u32,
    /// The sync method.
    #[arg(long, value_enum, ignore_case = true, default_value_t = MethodArg::B)]
    method: MethodArg,
    /// The PSA, or `all`.
    #[arg(long, value_name = "VENDOR", default_value = "connectwise-psa")]
    psa: String,
    /// The RMM, or `all`.
    #[arg(long, value_name = "VENDOR", default_value = "ninjaone")]
    rmm: String,
    /// Share of the devices that change from one sync to the next, in both tools.
    #[arg(long, value_name = "SHARE", default_value = "1%")]
    changes: Share,
    /// Time of one round trip, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(0..=600_000))]
    latency: u64,
    /// Shows the requests of each operation.
    #[arg(long)]
    calls: bool,
    /// How the answer is written to standard output.
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

pub(super) fn run(args: &QuotaArgs) -> Result<u8, CliError> {
    const DEVICES_MAX: u64 = 10_000_000;
    let devices = u64::from(args.organizations) * u64::from(args.devices);
    if devices > DEVICES_MAX {
        return Err(CliError::usage(
            format!("{devices} devices are too many"),
            "a tenant holds at most 10,000,000: give fewer --organizations or --devices",
        ));
    }
    let vendors = |slug: &str, tool| -> Result<Vec<&'static str>, CliError> {
        let known: Vec<&str> = Vendor::of(tool).map(Vendor::slug).collect();
        if slug == "all" {
            return Ok(known);
        }
        let vendor = Vendor::named(slug, tool).map_err(|error| {
            let hint = format!("write {} or all", known.join(", "));
            CliError::usage(error.to_string(), hint)
        })?;
        Ok(vec![vendor.slug()])
    };
    let tenant = Tenant {
        organizations: args.organizations.into(),
        devices: args.devices.into(),
        locations: args.locations.into(),
        contacts: args.contacts.into(),
        changed_millionths: args.changes.millionths(),
        method: args.method.into(),
        latency_ms: args.latency,
    };
    let (psas, rmms) = (
        vendors(&args.psa, Tool::Psa)?,
        vendors(&args.rmm, Tool::Rmm)?,
    );
    let report = quota(tenant, &psas, &rmms);
    match args.format {
        Format::Json => output::json(&report)?,
        Format::Human => {
            let width = comfy_table::Table::new().width().unwrap_or(120);
            let mut text = Vec::new();
            write_quota(&mut text, &report, width, args.calls)?;
            output::text(&String::from_utf8_lossy(&text))?;
        }
    }
    Ok(exit_code::OK)
}
