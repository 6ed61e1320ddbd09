//! The outcome kept beside a script: read, compare, write. The files are in the form that insta
//! reads, so that `cargo test` and the command line share them.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::built_in;
use super::select::Selected;
use crate::report::Failure;

/// Most lines of a difference that are shown.
const DIFFERENCE_LINES_MAX: usize = 60;

/// Path of the snapshot beside a script.
pub(super) fn path_beside(script: &Path) -> PathBuf {
    script.with_extension("snap")
}

/// The snapshot of a scenario, if there is one.
pub(super) fn read(selected: &Selected) -> io::Result<Option<String>> {
    let text = match &selected.file {
        None => built_in::snapshot(&selected.scenario.name),
        Some(file) => match fs::read_to_string(path_beside(file)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        },
    };
    Ok(text.map(|text| contents(&text).to_owned()))
}

/// The difference to the kept outcome, as a failed expectation.
pub(super) fn compare(kept: &str, found: &str) -> Option<Failure> {
    let (kept, found) = (kept.trim_end(), found.trim_end());
    if kept == found {
        return None;
    }
    let difference = similar::TextDiff::from_lines(kept, found);
    let mut text = String::new();
    let mut lines = 0;
    for group in difference.grouped_ops(2) {
        for change in group
            .iter()
            .flat_map(|operation| difference.iter_changes(operation))
        {
            lines += 1;
            if lines <= DIFFERENCE_LINES_MAX {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{}{}", change.tag(), change.value().trim_end());
            }
        }
    }
    if lines > DIFFERENCE_LINES_MAX {
        let _ = writeln!(text, "… and {} more lines", lines - DIFFERENCE_LINES_MAX);
    }
    Some(Failure {
        what: "snapshot".to_owned(),
        expected: "the outcome kept beside the script (-)".to_owned(),
        actual: format!("another outcome (+):\n{}", text.trim_end()),
        hint: None,
    })
}

/// What to do about a difference to the kept outcome.
pub(super) fn hint(selected: &Selected) -> String {
    match &selected.file {
        Some(file) => format!(
            "if the new outcome is right: `syncrig run --bless {}`, and read the change",
            file.display()
        ),
        None => "this outcome is part of the program: the engine or a simulator has changed; \
                 `syncrig run --bless scenarios` where the sources are"
            .to_owned(),
    }
}

/// Writes the snapshot of a scenario beside its script, whole or not at all.
pub(super) fn write(selected: &Selected, script: &Path, outcome: &str) -> io::Result<()> {
    let scenario = &selected.scenario;
    let title = serde_json::to_string(&format!(
        "Method {}: {}",
        scenario.method.value, scenario.title
    ))
    .map_err(io::Error::other)?;
    let text = format!(
        "---\nsource: tests/scenarios.rs\ndescription: {title}\nexpression: outcome\n---\n{}\n",
        outcome.trim_end()
    );
    let path = path_beside(script);
    let draft = path.with_extension("snap.part");
    fs::write(&draft, text)?;
    fs::rename(&draft, &path).inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// The text behind the second `---`.
fn contents(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else {
        return text;
    };
    rest.split_once("\n---\n")
        .map_or(text, |(_, contents)| contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_no_part_of_the_outcome() {
        assert_eq!(
            contents("---\nsource: x\n---\na: 1\n---\nb\n"),
            "a: 1\n---\nb\n"
        );
        assert_eq!(contents("a: 1\n"), "a: 1\n");
    }

    #[test]
    fn a_difference_shows_both_sides() {
        assert_eq!(compare("a\nb\n", "a\nb"), None);
        let failure = compare("a\nb\n", "a\nc\n").unwrap();
        assert!(failure.actual.contains("-b\n+c"), "{}", failure.actual);
    }
}
