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

/// Wraps words at 80 columns, later lines indented like the first one's text.
pub(super) fn paragraph(text: &mut String, lead: &str, words: &str) {
    const WIDTH: usize = 80;
    let indent = " ".repeat(lead.chars().count());
    let mut line = lead.to_owned();
    let mut empty = true;
    for word in words.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}
