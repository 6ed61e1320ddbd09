//! Which scenarios a command is about: files, folders, built-in names, or all built-in ones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::built_in;
use super::error::CliError;
use crate::scenario::{self, Diagnostic, Diagnostics, Scenario, Source, codes};

/// A scenario, and where its snapshot is kept.
pub(super) struct Selected {
    pub(super) scenario: Arc<Scenario>,
    /// The file; none when it is part of the binary.
    pub(super) file: Option<PathBuf>,
}

/// Reads the scenarios. Every wrong file is told, not just the first.
pub(super) fn select(arguments: &[PathBuf]) -> Result<Vec<Selected>, CliError> {
    let mut selected = Vec::new();
    let mut wrong = Vec::new();
    let mut take = |file: Option<PathBuf>, read: Result<Scenario, Diagnostics>| match read {
        Ok(scenario) => selected.push(Selected {
            scenario: Arc::new(scenario),
            file,
        }),
        Err(diagnostics) => wrong.push(diagnostics),
    };
    if arguments.is_empty() {
        for name in built_in::names() {
            take(None, load_built_in(&name));
        }
    }
    for argument in arguments {
        let name = argument.to_string_lossy();
        if argument.is_dir() {
            for file in files_in(argument)? {
                let read = scenario::load(&file);
                take(Some(file), read);
            }
        } else if argument.exists() {
            take(Some(argument.clone()), scenario::load(argument));
        } else {
            let found = built_in::under(&name);
            if found.is_empty() {
                take(None, Err(nowhere(&name)));
            }
            for name in found {
                take(None, load_built_in(&name));
            }
        }
    }
    if wrong.is_empty() {
        Ok(selected)
    } else {
        Err(CliError::Files(wrong))
    }
}

/// Neither a file nor built in.
fn nowhere(name: &str) -> Diagnostics {
    let hint = built_in::like(name).map_or_else(
        || "give a file, a folder, or a built-in name such as `b/happy-path`".to_owned(),
        |meant| format!("did you mean the built-in `{meant}`?"),
    );
    Diagnostic::error(
        codes::FILE,
        &Source::new(name, ""),
        "there is no such file, and nothing built in has this name",
    )
    .hint(hint)
    .into()
}

fn load_built_in(name: &str) -> Result<Scenario, Diagnostics> {
    let text = built_in::script(name).unwrap_or_default();
    scenario::parse_with(name, &text, |file| built_in::beside(name, file))
}

/// The scenario files of a folder and the folders in it, sorted. `tenants` holds tenants.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let cannot = |error: io::Error| {
        let message = format!("cannot read the folder {}: {error}", folder.display());
        CliError::rig(message, "check that it exists and may be read")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "tenants") {
                files.extend(files_in(&path)?);
            }
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}
