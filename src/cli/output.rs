//! Standard output, in one piece; notes go to standard error.

use std::io::{self, Write as _};

use serde::Serialize;

use super::error::CliError;

/// Prints text.
pub(super) fn text(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Prints one JSON document.
pub(super) fn json(value: &impl Serialize) -> Result<(), CliError> {
    let mut document = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    document.push('\n');
    text(&document)
}

/// Tells a person something that is no part of the result.
pub(super) fn note(text: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}
