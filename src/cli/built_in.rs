//! The scenarios that are part of the binary, with their snapshots.

use std::io;

use rust_embed::RustEmbed;

/// Everything under `scenarios/`.
#[derive(RustEmbed)]
#[folder = "scenarios/"]
#[include = "*.yaml"]
#[include = "*.snap"]
struct Files;

/// Names of the built-in scenarios (`b/happy-path`), sorted. A file in a folder `tenants` is no
/// scenario.
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = Files::iter()
        .filter(|path| !path.split('/').any(|part| part == "tenants"))
        .filter_map(|path| path.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort_unstable();
    names
}

/// Text of a built-in scenario.
pub(super) fn script(name: &str) -> Option<String> {
    read(&format!("{name}.yaml")).ok()
}

/// Text of the snapshot of a built-in scenario.
pub(super) fn snapshot(name: &str) -> Option<String> {
    read(&format!("{name}.snap")).ok()
}

/// A file that a built-in script names, relative to the script.
pub(super) fn beside(name: &str, file: &str) -> io::Result<String> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    read(&parts.join("/"))
}

fn read(path: &str) -> io::Result<String> {
    let file = Files::get(path).ok_or(io::ErrorKind::NotFound)?;
    String::from_utf8(file.data.into_owned()).map_err(io::Error::other)
}
