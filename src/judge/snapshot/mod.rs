//! An outcome as stable text, to be kept beside its script: equal ids stay equal, but no id, time or
//! vendor's name is shown, so that any pair of vendors gives the same text. It must not judge; what
//! the judge found is written down as it is.

mod account;
mod alike;
mod findings;
mod history;
mod tokens;
mod writer;

use std::collections::BTreeSet;

pub use self::alike::{Field, alike};
use self::tokens::Tokens;
use self::writer::{Digest, Writer};
use super::join::Joined;
use super::judgement::Judgement;
use super::truth::Truth;
use crate::model::Outcome;

/// Which fields of records a snapshot shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ShownFields {
    /// All that the outcome has.
    #[default]
    All,
    /// Only these: those that every vendor of a matrix supports.
    Only(BTreeSet<String>),
    /// None: identity alone.
    Nothing,
}

impl ShownFields {
    fn shows(&self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.contains(field),
            Self::Nothing => false,
        }
    }
}

/// What a snapshot shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// Fields of records.
    pub fields: ShownFields,
    /// Whether decisions are listed.
    pub decisions: bool,
}

impl Default for SnapshotOptions {
    fn default() -> Self {
        Self {
            fields: ShownFields::All,
            decisions: true,
        }
    }
}

/// The whole outcome as YAML, what the judge found first. For tenants written by hand.
///
/// Records are named after the true entity (`<configuration:ws1>`; `<configuration:ws1#2>` when
/// the PSA's second copy brought it; `<configuration:ws1/created>` when it was created on the
/// matching screen, `/manual` and `/import` likewise; `~2` behind a name that is taken), records of
/// tools likewise with their tool before them (`rmm <device:ws1#2>`).
pub fn full_snapshot(
    outcome: &Outcome,
    truth: &Truth,
    judgement: &Judgement,
    options: &SnapshotOptions,
) -> String {
    let joined = Joined::new(outcome, truth);
    let tokens = Tokens::new(&joined);
    let mut text = String::new();
    let mut writer = Writer::new(&mut text);
    findings::write(&joined, &tokens, judgement, usize::MAX, &mut writer);
    account::write(&joined, &tokens, options, &mut writer);
    history::write(&joined, &tokens, options.decisions, &mut writer);
    text
}

/// What the judge found, and a digest of all the rest. For generated tenants: the lists show their
/// first 50 entries, and a change anywhere else still changes the digest.
pub fn summary_snapshot(
    outcome: &Outcome,
    truth: &Truth,
    judgement: &Judgement,
    options: &SnapshotOptions,
) -> String {
    const LISTED_MAX: usize = 50;
    let joined = Joined::new(outcome, truth);
    let tokens = Tokens::new(&joined);
    let mut digest = Digest::new();
    let mut rest = Writer::new(&mut digest);
    findings::write(&joined, &tokens, judgement, usize::MAX, &mut rest);
    account::write(&joined, &tokens, options, &mut rest);
    history::write(&joined, &tokens, options.decisions, &mut rest);
    let mut text = String::new();
    let mut writer = Writer::new(&mut text);
    findings::write(&joined, &tokens, judgement, LISTED_MAX, &mut writer);
    writer.entry(0, "digest", &format!("fnv1a64-{:016x}", digest.value()));
    text
}

#[cfg(test)]
mod tests;
