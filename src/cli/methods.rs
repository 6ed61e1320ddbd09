//! `syncrig methods`

use std::fmt::Write as _;

use clap::Args;

use super::error::CliError;
use super::output::{self, paragraph};
use super::run::MethodArg;
use crate::engine::{MethodPlan, plan};
use crate::exit_code;
use crate::model::Method;

/// Which method.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig methods                all four, in short
  syncrig methods B              one of them, step by step
  syncrig methods --format json  for programs")]
pub(super) struct MethodsArgs {
    /// The method; all four in short when left out.
    #[arg(value_enum, ignore_case = true)]
    method: Option<MethodArg>,
    /// How it is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text with a diagram.
    Human,
    /// One JSON document.
    Json,
}

pub(super) fn run(args: &MethodsArgs) -> Result<u8, CliError> {
    let chosen: Vec<&MethodPlan> = match args.method {
        Some(method) => vec![plan(method.into())],
        None => Method::ALL.into_iter().map(plan).collect(),
    };
    match (args.format, args.method) {
        (Format::Json, _) => {
            output::json(&serde_json::json!({ "version": 1, "methods": chosen }))?;
        }
        (Format::Human, Some(_)) => {
            output::text(&chosen.into_iter().map(whole).collect::<String>())?;
        }
        (Format::Human, None) => {
            let mut text: String = chosen.into_iter().map(short).collect();
            text.push_str(
                "`syncrig methods B` shows one with its steps and what leaves its plan.\n",
            );
            output::text(&text)?;
        }
    }
    Ok(exit_code::OK)
}

fn short(plan: &MethodPlan) -> String {
    format!(
        "{}  {}\n   Choose it when {}.\n\n{}\n",
        plan.method,
        plan.title,
        plan.choose_when,
        diagram(plan)
    )
}

fn whole(plan: &MethodPlan) -> String {
    let mut text = format!("Method {}: {}\n\n", plan.method, plan.title);
    paragraph(
        &mut text,
        "",
        &format!("Choose it when {}.", plan.choose_when),
    );
    text.push_str("\nWho writes where\n\n");
    text.push_str(&diagram(plan));
    text.push_str("\nBefore the first step\n\n");
    for condition in plan.preconditions {
        paragraph(&mut text, "  - ", condition);
    }
    text.push_str("\nSteps\n\n");
    for (at, step) in plan.steps.iter().enumerate() {
        paragraph(
            &mut text,
            &format!("  {}. ", at + 1),
            &format!("{}.", step.action),
        );
        paragraph(&mut text, "     Then: ", &format!("{}.", step.then));
    }
    text.push_str("\nWhat leaves the plan\n\n");
    for warning in plan.warnings {
        let _ = writeln!(text, "  {}", warning.id);
        paragraph(&mut text, "    ", &format!("{}.", warning.consequence));
    }
    text
}

/// One arrow a line, the boxes aligned.
fn diagram(plan: &MethodPlan) -> String {
    let from = plan
        .flows
        .iter()
        .map(|flow| flow.from.len())
        .max()
        .unwrap_or_default();
    let to = plan
        .flows
        .iter()
        .map(|flow| flow.to.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for flow in plan.flows {
        let source = format!("[{}]", flow.from);
        let target = format!("[{}]", flow.to);
        let _ = writeln!(
            text,
            "   {source:<from$} --> {target:<to$}  {}",
            flow.what,
            from = from + 2,
            to = to + 2
        );
    }
    text
}
