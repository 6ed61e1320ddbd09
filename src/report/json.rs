//! The run for programs.

use std::io::{self, Write};

use super::run::RunReport;

/// Writes the report as indented JSON with a line break at the end.
///
/// # Errors
/// What the writer says.
pub fn write_json(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
