//! The rules, as `docs/rules.yaml` has them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::read::{self, CatalogueError};
use crate::model::Evidence;

/// The file that is part of the program.
const TEXT: &str = include_str!("../../docs/rules.yaml");

/// The book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    areas: Vec<Area>,
    rules: Vec<Rule>,
}

/// A group of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its name (`rmm-match`).
    #[serde(rename = "area")]
    pub name: String,
    /// What its rules are about, as a heading.
    pub title: String,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable id (`M5`).
    pub id: String,
    /// What holds, in our words.
    pub statement: String,
    /// Who says so: the title of an article, or code.
    pub source: String,
    /// How well it is known.
    pub evidence: Evidence,
    /// What the engine owes it.
    pub strength: Strength,
    /// Name of its area.
    pub area: String,
    /// Whose rule it is; empty: everybody's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<String>,
    /// The setting that changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub knob: Option<String>,
    /// Rust tests that verify it, where no scenario can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
    /// Why nothing can verify it yet.
    pub unverified: Option<String>,
}

/// What the engine owes a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// It is documented, and the engine has to do it.
    Must,
    /// The engine does it, on weaker grounds.
    Should,
    /// A fact about the product that the engine need not show.
    Observed,
}

impl Strength {
    /// All of them, the strongest first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::Observed];

    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Observed => "observed",
        }
    }
}

impl Catalogue {
    /// Reads a book.
    ///
    /// # Errors
    /// The first thing that is wrong with the text, with its place.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let (areas, rules) = read::read(text)?;
        Ok(Self { areas, rules })
    }

    /// The areas, in the order of the book.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The rules, in the order of the book.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of an id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// The book that is part of the program, read once.
///
/// # Errors
/// What is wrong with it; a test sees to it that nothing is.
pub fn catalogue() -> Result<&'static Catalogue, &'static CatalogueError> {
    static BOOK: LazyLock<Result<Catalogue, CatalogueError>> =
        LazyLock::new(|| Catalogue::parse(TEXT));
    BOOK.as_ref()
}
