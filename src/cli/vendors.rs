//! `syncrig vendors`

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Map, Value, json};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::error::CliError;
use super::output::{self, paragraph};
use crate::connectors::{
    Places, PsaCapabilities, RmmCapabilities, Vocabulary, psa_capabilities, psa_limit,
    rmm_capabilities, rmm_limit,
};
use crate::exit_code;
use crate::model::RecordKind;

/// Which vendor.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig vendors                all of them
  syncrig vendors autotask       what one can give and take, field by field
  syncrig vendors --format json  for programs

Where two vendors come to different outcomes of one scenario, this table says why.")]
pub(super) struct VendorsArgs {
    /// The vendor; all in short when left out.
    vendor: Option<String>,
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

pub(super) fn run(args: &VendorsArgs) -> Result<u8, CliError> {
    let chosen = match &args.vendor {
        None => Vendor::ALL.to_vec(),
        Some(name) => Vendor::all_named(name).collect(),
    };
    if let (Some(name), []) = (&args.vendor, chosen.as_slice()) {
        return Err(unknown(name));
    }
    match (args.format, chosen.as_slice()) {
        (Format::Json, vendors) => {
            let rows: Vec<Value> = vendors.iter().copied().map(document).collect();
            output::json(&json!({ "version": 1, "vendors": rows }))?;
        }
        // Two where the product plays both parts.
        (Format::Human, several) if args.vendor.is_some() => {
            let texts: Vec<String> = several.iter().copied().map(whole).collect();
            output::text(&texts.join("\n"))?;
        }
        (Format::Human, vendors) => {
            let mut text: String = vendors.iter().copied().map(short).collect();
            text.push_str("\n`syncrig vendors autotask` shows one, field by field.\n");
            output::text(&text)?;
        }
    }
    Ok(exit_code::OK)
}

fn unknown(name: &str) -> CliError {
    let known = Vendor::slugs();
    let near = known
        .iter()
        .max_by(|one, other| {
            let alike = |to: &str| strsim::jaro_winkler(name, to);
            alike(one).total_cmp(&alike(other))
        })
        .copied()
        .unwrap_or_default();
    CliError::usage(
        format!("there is no vendor `{name}`"),
        format!("did you mean `{near}`? There are {}", known.join(", ")),
    )
}

const KINDS: [(RecordKind, &str); 4] = [
    (RecordKind::Organization, "organizations"),
    (RecordKind::Location, "locations"),
    (RecordKind::Contact, "contacts"),
    (RecordKind::Configuration, "configurations"),
];

/// What a vendor can give as a PSA; none when it plays the RMM.
fn psa_table(vendor: Vendor) -> Option<PsaCapabilities> {
    match vendor.tool() {
        Tool::Psa => psa_capabilities(vendor.slug()),
        Tool::Rmm => None,
    }
}

fn short(vendor: Vendor) -> String {
    let mut text = String::new();
    let Some(table) = psa_table(vendor) else {
        let _ = writeln!(text, "{vendor}\n    RMM: companies, devices");
        if let Some(table) = rmm_capabilities(vendor.slug()) {
            for (lead, words) in gaps(&table) {
                paragraph(&mut text, &format!("    {lead}: without "), &words);
            }
        }
        return text;
    };
    let two_way = if table.two_way { "two-way" } else { "one-way" };
    let gives = if table.configurations {
        "organizations, locations, contacts, configurations"
    } else {
        "organizations, locations, contacts"
    };
    let _ = writeln!(text, "{vendor}\n    PSA, {two_way}: {gives}");
    match table.locations {
        Places::Records => {}
        Places::Addresses => {
            text.push_str("    locations are addresses of organizations and contacts\n");
        }
        Places::Main => text.push_str("    the only location is an organization's address\n"),
    }
    if vendor.neighbour().is_some() {
        text.push_str("    comes from its own side too, and writes into the account\n");
    }
    for (kind, plural) in KINDS {
        let lacks = table.without(kind);
        if lacks.is_empty() || (kind == RecordKind::Configuration && !table.configurations) {
            continue;
        }
        let words = format!("without {}", lacks.join(", "));
        paragraph(&mut text, &format!("    {plural}: "), &words);
    }
    text
}

fn whole(vendor: Vendor) -> String {
    let mut text = String::new();
    let Some(table) = psa_table(vendor) else {
        return whole_rmm(vendor);
    };
    let _ = writeln!(text, "{vendor}: a PSA\n");
    let two_way = if table.two_way {
        "yes: edits in the account are written back"
    } else {
        "no: a two-way setting is refused, and edits of what it syncs are locked"
    };
    paragraph(&mut text, "two-way          ", two_way);
    let locations = match table.locations {
        Places::Records => "records of their own",
        Places::Addresses => {
            "the addresses of organizations and contacts, each named after its first line"
        }
        Places::Main => "the address of an organization and no other, called Main",
    };
    paragraph(&mut text, "locations        ", locations);
    let deleted = if table.lists_deleted {
        "organizations go on being listed, as deleted"
    } else {
        "records are no longer listed"
    };
    paragraph(&mut text, "what is deleted  ", deleted);
    paragraph(
        &mut text,
        "calls            ",
        &allowance(Tool::Psa, vendor),
    );
    if let Some(rules) = vendor.neighbour() {
        let mut words = vec!["takes organizations of the same name"];
        if rules.needs_location {
            words.push("leaves out those without a location");
        }
        words.push(if rules.takes_names {
            "takes configurations of the same name"
        } else {
            "makes configurations without a look at what is there"
        });
        if rules.marks_deleted {
            words.push("makes inactive what is deleted");
        }
        let words = format!("comes from its own side too: {}", words.join(", "));
        paragraph(&mut text, "as a neighbour   ", &words);
    }
    text.push_str("\nTypes and statuses\n\n");
    for (list, names) in vocabularies(&table) {
        let words = match names {
            Vocabulary::Free => "as the tenant calls them".to_owned(),
            Vocabulary::Fixed(names) => names.join(", "),
        };
        paragraph(&mut text, &format!("  {list:<25}"), &words);
    }
    for (kind, plural) in KINDS {
        let _ = writeln!(text, "\n{}\n", capital(plural));
        if kind == RecordKind::Configuration && !table.configurations {
            text.push_str("  none: ticking a type of configuration is refused\n");
            continue;
        }
        let own = fields_of(table.own_form, kind);
        let rows = [
            ("without ", table.without(kind)),
            ("own form ", own),
            (
                "required ",
                if table.two_way {
                    table.required(kind)
                } else {
                    &[]
                },
            ),
        ];
        let mut empty = true;
        for (lead, fields) in rows {
            if !fields.is_empty() {
                empty = false;
                paragraph(&mut text, &format!("  {lead:<10}"), &fields.join(", "));
            }
        }
        if empty {
            text.push_str("  every field of the account\n");
        }
    }
    text.push('\n');
    paragraph(
        &mut text,
        "",
        "`without` are fields that the vendor has not: they are no part of its keys, a sync leaves \
         them alone, and people may edit them. `own form` are fields whose values differ from other \
         vendors'. `required` must be filled before a record is pushed.",
    );
    text
}

/// What an RMM does not give, in words.
fn gaps(table: &RmmCapabilities) -> Vec<(&'static str, String)> {
    let rows = [
        ("devices", table.without),
        ("network devices, printers", table.without_agent),
    ];
    let rows = rows.into_iter().filter(|(_, fields)| !fields.is_empty());
    let mut gaps: Vec<_> = rows
        .map(|(lead, fields)| (lead, fields.join(", ")))
        .collect();
    if let Some(kinds) = kinds(table) {
        gaps.push(("all", kinds));
    }
    gaps
}

/// The kinds of devices that an RMM has not at all.
fn kinds(table: &RmmCapabilities) -> Option<String> {
    let kinds = table.without_kinds.iter();
    let kinds: Vec<&str> = kinds.map(|kind| kind.plural()).collect();
    (!kinds.is_empty()).then(|| kinds.join(", "))
}

/// How many requests the vendor takes.
fn allowance(tool: Tool, vendor: Vendor) -> String {
    let limit = match tool {
        Tool::Psa => psa_limit(vendor.slug()),
        Tool::Rmm => rmm_limit(vendor.slug()),
    };
    limit.map_or_else(
        || "no limit is known".to_owned(),
        |limit| {
            let seconds = limit.window_ms / 1_000;
            format!("{} in {seconds} seconds", limit.requests)
        },
    )
}

fn whole_rmm(vendor: Vendor) -> String {
    let mut text = format!("{vendor}: an RMM, which gives companies and devices\n\n");
    let mut words = vendor.companies().join(", or ");
    if vendor.companies().len() > 1 {
        words.push_str(" where `connect` says so (`company`)");
    }
    paragraph(&mut text, "company          ", &words);
    paragraph(
        &mut text,
        "calls            ",
        &allowance(Tool::Rmm, vendor),
    );
    let Some(table) = rmm_capabilities(vendor.slug()) else {
        return text;
    };
    text.push_str("\nDevices\n\n");
    for (lead, fields) in [("without", table.without), ("own form", table.own_form)] {
        if !fields.is_empty() {
            paragraph(&mut text, &format!("  {lead:<10}"), &fields.join(", "));
        }
    }
    if let Some(kinds) = kinds(&table) {
        paragraph(&mut text, "  no        ", &kinds);
    }
    if !table.without_agent.is_empty() {
        text.push_str(if table.agent_on_hosts {
            "\nNetwork devices and printers\n\n"
        } else {
            "\nHosts of virtual machines, network devices and printers\n\n"
        });
        paragraph(&mut text, "  without   ", &table.without_agent.join(", "));
    }
    text.push('\n');
    paragraph(
        &mut text,
        "",
        "`without` are fields that the vendor gives no value for, so that the combined view shows \
         what is stored. `own form` are fields whose values differ from other vendors'. Names that are no fields: \
         `other_interfaces` are adapters beside the primary one, `interface_order` says which one that is, \
         `mac_separators` and `serial_blanks` stand in what the vendor writes without them, and \
         `network_hardware` is what an inventory tells of network devices.",
    );
    text
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

const fn vocabularies(table: &PsaCapabilities) -> [(&'static str, Vocabulary); 4] {
    [
        ("organization types", table.organization_types),
        ("organization statuses", table.organization_statuses),
        ("configuration types", table.configuration_types),
        ("configuration statuses", table.configuration_statuses),
    ]
}

type Fields = &'static [(RecordKind, &'static [&'static str])];

fn fields_of(list: Fields, kind: RecordKind) -> &'static [&'static str] {
    list.iter()
        .find(|(of, _)| *of == kind)
        .map_or(&[], |(_, fields)| fields)
}

fn document(vendor: Vendor) -> Value {
    let Some(table) = psa_table(vendor) else {
        let table = rmm_capabilities(vendor.slug());
        return json!({
            "vendor": vendor.slug(),
            "tool": Tool::Rmm,
            "without": table.map(|table| table.without),
            "own_form": table.map(|table| table.own_form),
            "without_agent": table.map(|table| table.without_agent),
            "without_kinds": table.map(|table| table.without_kinds),
            "agent_on_hosts": table.map(|table| table.agent_on_hosts),
            "companies": vendor.companies(),
        });
    };
    let by_kind = |list: Fields| -> Value {
        KINDS
            .iter()
            .map(|(kind, plural)| ((*plural).to_owned(), json!(fields_of(list, *kind))))
            .collect::<Map<_, _>>()
            .into()
    };
    let mut names = Map::new();
    for (list, vocabulary) in vocabularies(&table) {
        let value = match vocabulary {
            Vocabulary::Free => json!("free"),
            Vocabulary::Fixed(names) => json!(names),
        };
        names.insert(list.replace(' ', "_"), value);
    }
    json!({
        "vendor": vendor.slug(),
        "tool": Tool::Psa,
        "two_way": table.two_way,
        "configurations": table.configurations,
        "locations": match table.locations {
            Places::Records => "records",
            Places::Addresses => "addresses",
            Places::Main => "main",
        },
        "lists_deleted": table.lists_deleted,
        "neighbour": vendor.neighbour().map(|rules| json!({
            "needs_location": rules.needs_location,
            "takes_names": rules.takes_names,
            "marks_deleted": rules.marks_deleted,
        })),
        "names": names,
        "without": by_kind(table.without),
        "own_form": by_kind(table.own_form),
        "required": by_kind(table.required),
    })
}
