//! What goes wrong with a command, with its exit code.

use std::io::{self, Write as _};

use crate::exit_code;
use crate::scenario::{Diagnostics, Style};

/// A command that could not be done.
#[derive(Debug)]
pub(super) enum CliError {
    /// Files that are wrong, each with its places.
    Files(Vec<Diagnostics>),
    /// Anything else.
    Other {
        code: u8,
        message: String,
        hint: Option<String>,
    },
    /// Whoever read our output went away; there is nobody to tell.
    Closed,
}

impl CliError {
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::other(exit_code::USAGE, message, hint)
    }

    pub(super) fn rig(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::other(exit_code::RIG, message, hint)
    }

    pub(super) fn other(code: u8, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Other {
            code,
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// Tells the person and gives the exit code.
    pub(super) fn tell(&self) -> u8 {
        let mut out = io::stderr().lock();
        // Without a standard error there is nobody to tell; the exit code still says it.
        let _ = match self {
            Self::Files(files) => {
                let style = style();
                let told = files
                    .iter()
                    .try_for_each(|file| write!(out, "{}", file.render(style)));
                told.and_then(|()| writeln!(out, "\nnothing was started"))
            }
            Self::Other { message, hint, .. } => writeln!(out, "error: {message}").and_then(|()| {
                hint.as_ref()
                    .map_or(Ok(()), |hint| writeln!(out, "  help: {hint}"))
            }),
            Self::Closed => Ok(()),
        };
        match self {
            Self::Files(_) => exit_code::SCENARIO,
            Self::Other { code, .. } => *code,
            Self::Closed => exit_code::OK,
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::rig(
            format!("cannot write the output: {error}"),
            "check the disk and the terminal",
        )
    }
}

fn style() -> Style {
    use std::io::IsTerminal as _;
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stderr().is_terminal() && !plain {
        let width = comfy_table::Table::new().width().map_or(100, usize::from);
        Style::Coloured { width }
    } else {
        Style::Plain
    }
}
