//! A document as text: its blocks, the words between backticks, its sections.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::bin::repository;

/// A document of the repository.
pub(super) struct Page {
    pub(super) name: String,
    pub(super) text: String,
}

/// A fenced block.
pub(super) struct Block<'a> {
    pub(super) language: &'a str,
    pub(super) text: &'a str,
    /// Where it stands, for messages.
    pub(super) place: String,
}

pub(super) fn page(name: &str) -> Page {
    let text = fs::read_to_string(repository(name));
    Page {
        name: name.to_owned(),
        text: text.unwrap_or_else(|error| panic!("{name}: {error}")),
    }
}

pub(super) fn readme() -> Page {
    page("README.md")
}

pub(super) fn manual() -> Page {
    page("docs/scenarios.md")
}

/// The README and all of `docs`.
pub(super) fn pages() -> Vec<Page> {
    let mut names: Vec<String> = fs::read_dir(repository("docs"))
        .expect("the documents are part of the repository")
        .filter_map(|entry| {
            entry
                .expect("a readable folder")
                .file_name()
                .into_string()
                .ok()
        })
        .filter(|name| Path::new(name).extension().is_some_and(|it| it == "md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    names.sort();
    names.insert(0, "README.md".to_owned());
    names.iter().map(|name| page(name)).collect()
}

impl Page {
    pub(super) fn blocks(&self) -> Vec<Block<'_>> {
        let mut found = Vec::new();
        let mut at = 0;
        let mut open: Option<(&str, usize, usize)> = None;
        for (number, line) in self.text.split_inclusive('\n').enumerate() {
            if let Some(language) = line.strip_prefix("```") {
                open = match open {
                    None => Some((language.trim(), at + line.len(), number + 2)),
                    Some((language, start, line)) => {
                        found.push(Block {
                            language,
                            text: &self.text[start..at],
                            place: format!("{}:{line}", self.name),
                        });
                        None
                    }
                };
            }
            at += line.len();
        }
        assert!(open.is_none(), "{}: a block has no end", self.name);
        found
    }

    pub(super) fn blocks_of(&self, language: &str) -> Vec<Block<'_>> {
        let mut blocks = self.blocks();
        blocks.retain(|block| block.language == language);
        blocks
    }

    /// The text without its fenced blocks.
    pub(super) fn prose(&self) -> String {
        self.text.split("```").step_by(2).collect()
    }

    /// What stands between backticks in the prose.
    pub(super) fn code(&self) -> Vec<String> {
        let prose = self.prose();
        prose
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    /// The part under a heading, up to the next heading of the same or a higher level.
    pub(super) fn section(&self, heading: &str) -> &str {
        let start = self.text.find(&format!("\n{heading}\n"));
        let start = start.unwrap_or_else(|| panic!("{}: no `{heading}`", self.name)) + 1;
        let rest = &self.text[start + heading.len()..];
        let level = heading.chars().take_while(|it| *it == '#').count();
        let end = (1..=level)
            .filter_map(|level| rest.find(&format!("\n{} ", "#".repeat(level))))
            .min();
        &rest[..end.unwrap_or(rest.len())]
    }
}

impl Block<'_> {
    pub(super) fn is_scenario(&self) -> bool {
        let has = |field: &str| self.text.lines().any(|line| line.starts_with(field));
        has("title:") && has("steps:")
    }
}

/// The words between backticks in the first column of all tables.
pub(super) fn first_column(section: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = section.lines().collect();
    let heads_no_table = |at: usize| {
        let next = lines.get(at + 1);
        !next.is_some_and(|next| next.starts_with("| ---"))
    };
    let cells = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| line.starts_with("| `") && heads_no_table(*at))
        .filter_map(|(_, line)| line.split(" | ").next());
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|code| code.split(':').next())
        .map(str::to_owned)
        .collect()
}
