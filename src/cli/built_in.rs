//! The scenarios that are part of the binary, with their snapshots.

use std::io;

use rust_embed::RustEmbed;

/// Everything under `scenarios/`.
#[derive(RustEmbed)]
#[folder = "scenarios/"]
#[include = "*.yaml"]
#[include = "*.snap"]
#[include = "*.csv"]
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

/// The scenario of this name, or all in the folder of this name.
pub(super) fn under(name: &str) -> Vec<String> {
    let folder = format!("{}/", name.trim_end_matches('/'));
    let mut names = names();
    names.retain(|it| it == name || it.starts_with(&folder));
    names
}

/// The name that somebody probably meant: it differs in a few letters, or lacks its folder.
pub(super) fn like(name: &str) -> Option<String> {
    const LETTERS_MAX: usize = 3;
    let name = name.trim_end_matches(".yaml");
    let short = |it: &str| it.rsplit('/').next().unwrap_or_default().to_owned();
    let distance = |it: &String| {
        let whole = strsim::damerau_levenshtein(name, it);
        whole.min(strsim::damerau_levenshtein(name, &short(it)))
    };
    names()
        .into_iter()
        .map(|it| (distance(&it), it))
        .filter(|(distance, _)| *distance <= LETTERS_MAX.min(name.len() / 3))
        .min()
        .map(|(_, it)| it)
}

/// Text of a built-in scenario.
pub(super) fn script(name: &str) -> Option<String> {
    text(&format!("{name}.yaml"))
}

/// Text of the snapshot of a built-in scenario.
pub(super) fn snapshot(name: &str) -> Option<String> {
    text(&format!("{name}.snap"))
}

/// A file that a built-in script names, relative to the script.
pub(super) fn beside(name: &str, file: &str) -> io::Result<Vec<u8>> {
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

fn text(path: &str) -> Option<String> {
    String::from_utf8(read(path).ok()?).ok()
}

fn read(path: &str) -> io::Result<Vec<u8>> {
    let file = Files::get(path).ok_or(io::ErrorKind::NotFound)?;
    Ok(file.data.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{like, under};

    #[test]
    fn a_folder_is_all_that_is_in_it() {
        let folder = under("b");
        assert!(folder.len() > 10, "{folder:?}");
        assert!(folder.iter().all(|name| name.starts_with("b/")));
        assert_eq!(under("b/"), folder);
        assert_eq!(under("b/happy-path"), ["b/happy-path"]);
        assert!(under("b/happy").is_empty());
        assert!(under("").is_empty());
    }

    #[test]
    fn a_name_that_is_nearly_right_is_proposed() {
        assert_eq!(like("b/happypath").as_deref(), Some("b/happy-path"));
        assert_eq!(like("second-sync.yaml").as_deref(), Some("a/second-sync"));
        assert_eq!(like("no/such/file.yaml"), None);
        assert_eq!(like("x"), None);
    }
}
