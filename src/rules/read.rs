//! From the text of the book to its rules. Shape and meaning are checked, and what is wrong is told
//! with its place.

use std::collections::BTreeSet;

use serde::Deserialize;
use syncrig_mocks::world::{Located, yaml_options};
use thiserror::Error;

use super::catalogue::{Area, Rule, Strength};
use super::near::near;
use crate::model::Evidence;
use crate::scenario::is_rule_id;

/// What is wrong with a book of rules.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{line}:{column}: {message}")]
pub struct CatalogueError {
    /// Line, from 1; 0 when it is not known.
    pub line: u64,
    /// Column, from 1; 0 when it is not known.
    pub column: u64,
    /// What is wrong: a fragment in lower case.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
}

impl CatalogueError {
    fn at(
        location: Option<serde_saphyr::Location>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            line: location.map_or(0, |it| it.line()),
            column: location.map_or(0, |it| it.column()),
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// Stable code.
    pub const fn code(&self) -> &'static str {
        "rules-file"
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    areas: Vec<Area>,
    rules: Vec<Written>,
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Located<String>,
    statement: Located<String>,
    source: Located<String>,
    evidence: Evidence,
    strength: Strength,
    area: Located<String>,
    #[serde(default)]
    vendors: Vec<String>,
    knob: Option<String>,
    unverified: Option<Located<String>>,
    #[serde(default)]
    tests: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<(Vec<Area>, Vec<Rule>), CatalogueError> {
    let mut options = yaml_options();
    options.emit_comments = false;
    options.with_snippet = false;
    let book: Book = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let location = error.location();
        CatalogueError {
            line: location.map_or(0, |it| it.line()),
            column: location.map_or(0, |it| it.column()),
            message: error.without_snippet().to_string(),
            hint: None,
        }
    })?;
    let mut seen = BTreeSet::new();
    let mut rules = Vec::with_capacity(book.rules.len());
    for written in book.rules {
        check(&written, &book.areas)?;
        if !seen.insert(written.id.value.to_lowercase()) {
            return Err(CatalogueError::at(
                written.id.location(),
                format!("`{}` is the id of two rules", written.id.value),
                "ids differ by more than case",
            ));
        }
        rules.push(written.into());
    }
    Ok((book.areas, rules))
}

fn check(rule: &Written, areas: &[Area]) -> Result<(), CatalogueError> {
    let id = &rule.id;
    if !is_rule_id(&id.value) {
        return Err(CatalogueError::at(
            id.location(),
            format!("`{}` cannot be the id of a rule", id.value),
            "a letter, then letters, digits and hyphens: `M5`, `psa-create`",
        ));
    }
    for (text, what) in [(&rule.statement, "statement"), (&rule.source, "source")] {
        if text.value.trim().is_empty() {
            return Err(CatalogueError::at(
                text.location(),
                format!("the {what} of `{}` is empty", id.value),
                "say what holds and who says so",
            ));
        }
    }
    if !areas.iter().any(|area| area.name == rule.area.value) {
        let names = areas.iter().map(|area| area.name.as_str());
        let hint = near(&rule.area.value, names).map_or_else(
            || "add it to `areas`, with a title".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(CatalogueError::at(
            rule.area.location(),
            format!("there is no area `{}`", rule.area.value),
            hint,
        ));
    }
    if rule.strength == Strength::Must {
        must(rule)?;
    }
    match &rule.unverified {
        Some(why) if why.value.trim().is_empty() => Err(CatalogueError::at(
            why.location(),
            format!("`unverified` of `{}` gives no reason", id.value),
            "say why nothing can verify it yet",
        )),
        _ => Ok(()),
    }
}

/// What must be done is documented, and can be verified.
fn must(rule: &Written) -> Result<(), CatalogueError> {
    let id = &rule.id;
    if rule.evidence != Evidence::Documented {
        return Err(CatalogueError::at(
            id.location(),
            format!("`{}` is a must and not documented", id.value),
            "only what vendor documentation says is a must; this is a `should`",
        ));
    }
    match &rule.unverified {
        Some(why) => Err(CatalogueError::at(
            why.location(),
            format!("`{}` is a must and says that nothing verifies it", id.value),
            "write a scenario for it; a reason will not do for a must",
        )),
        None => Ok(()),
    }
}

impl From<Written> for Rule {
    fn from(written: Written) -> Self {
        Self {
            id: written.id.value,
            statement: written.statement.value,
            source: written.source.value,
            evidence: written.evidence,
            strength: written.strength,
            area: written.area.value,
            vendors: written.vendors,
            knob: written.knob,
            tests: written.tests,
            unverified: written.unverified.map(|why| why.value),
        }
    }
}
