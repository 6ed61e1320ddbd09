//! Whether a case that another PSA plays comes out as it should. A script says what every vendor
//! comes to; what one cannot give is in the capability table. So its outcome is measured twice: as
//! it is, against the outcome kept beside the script; and where it differs, against the script's own
//! PSA narrowed to what this one can give. It judges nothing itself.

use std::fmt::Write as _;

use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::play::{CaseOutcome, PlayError};
use crate::connectors::{Places, PsaCapabilities, psa_capabilities};
use crate::judge::{SnapshotOptions, alike, full_snapshot};
use crate::model::RecordKind;
use crate::report::Failure;
use crate::scenario::Case;

/// Differences told of one case.
const TOLD_MAX: usize = 4;
/// Lines of a difference that are shown.
const LINES_MAX: usize = 60;

/// A case whose PSA is not the one that its outcome was kept with.
pub(super) struct Stranger {
    /// The case, played by the PSA of the script.
    pub(super) reference: Case,
    /// What this PSA can give.
    pub(super) table: PsaCapabilities,
    /// What the PSA of the script can give.
    own: PsaCapabilities,
    vendor: Vendor,
}

/// What another vendor's outcome turned out to be.
pub(super) enum Verdict {
    /// The same.
    Same,
    /// Another, as the capability table explains: how it differs.
    Explained(Vec<String>),
    /// It cannot play the case, and its capability table says so.
    Refused(String),
    /// Another, which nothing explains.
    Unexplained(Failure),
}

impl Stranger {
    /// The case as a stranger's; none when its PSA is the script's own, or it has none.
    pub(super) fn new(case: &Case) -> Option<Self> {
        if case.is_own() {
            return None;
        }
        let vendor = case.psa?;
        let own = case.scenario.vendors.reference(Tool::Psa)?;
        Some(Self {
            reference: Case {
                psa: Some(own),
                ..case.clone()
            },
            table: psa_capabilities(vendor.slug())?,
            own: psa_capabilities(own.slug())?,
            vendor,
        })
    }

    /// Whether the case ended as the outcome kept beside the script says.
    pub(super) fn as_kept(&self, kept: &str, found: &CaseOutcome) -> bool {
        let shown = |kind, field: &str| {
            self.named(kind, field)
                && self.table.shows_alike(kind, field)
                && self.own.shows_alike(kind, field)
        };
        found.failures.is_empty()
            && alike(kept, shown).trim_end() == alike(&found.snapshot, shown).trim_end()
    }

    /// Measures the case by what the script's own PSA comes to when it is narrowed.
    pub(super) fn measure(
        &self,
        kept: Option<&str>,
        found: &Result<CaseOutcome, PlayError>,
        narrowed: &Result<CaseOutcome, PlayError>,
    ) -> Verdict {
        let (found, narrowed) = match (found, narrowed) {
            (Ok(found), Ok(narrowed)) => (found, narrowed),
            (Err(found), Err(narrowed)) if same_end(found, narrowed) => {
                return Verdict::Refused(self.because(found));
            }
            (found, narrowed) => {
                return Verdict::Unexplained(self.failure(&ending(narrowed), &ending(found)));
            }
        };
        let shown = |kind, field: &str| {
            self.named(kind, field)
                && self.own.shows_alike(kind, field)
                && (self.table.shows_alike(kind, field) || !self.table.has(kind, field))
        };
        let text = |of: &CaseOutcome| {
            let options = SnapshotOptions::default();
            let whole = full_snapshot(&of.outcome, &of.truth, &of.judgement, &options);
            let mut text = alike(&whole, shown);
            for failure in &of.failures {
                let _ = writeln!(text, "not as expected: {}", self.anonymous(&told(failure)));
            }
            text
        };
        let (expected, actual) = (text(narrowed), text(found));
        if expected != actual {
            return Verdict::Unexplained(self.failure(&expected, &actual));
        }
        let mut differences: Vec<String> = found.failures.iter().map(told).collect();
        if differences.is_empty() {
            let Some(kept) = kept else {
                return Verdict::Same;
            };
            differences = lines(&alike(kept, shown), &actual);
        }
        if differences.is_empty() {
            return Verdict::Same;
        }
        let more = differences.len().saturating_sub(TOLD_MAX);
        differences.truncate(TOLD_MAX);
        if more > 0 {
            differences.push(format!("and {more} more"));
        }
        Verdict::Explained(differences)
    }

    /// Names of locations are lines of their addresses at some vendors.
    fn named(&self, kind: RecordKind, field: &str) -> bool {
        !(kind == RecordKind::Location
            && field == "name"
            && self.table.locations == Places::Addresses)
    }

    /// A text without the vendors' names, which tell them apart.
    fn anonymous(&self, text: &str) -> String {
        let own = self.reference.psa.map_or("", Vendor::slug);
        let text = text.replace(self.vendor.slug(), "the PSA");
        if own.is_empty() {
            text
        } else {
            text.replace(own, "the PSA")
        }
    }

    /// The first thing that went another way, since what breaks off later comes of it.
    fn because(&self, error: &PlayError) -> String {
        match error.before() {
            Some(first) => format!(
                "{}: {}: {} (otherwise: {})",
                self.vendor, first.what, first.actual, first.expected
            ),
            None => format!("{}: {error}", self.vendor),
        }
    }

    fn failure(&self, expected: &str, actual: &str) -> Failure {
        let own = self.reference.psa.map_or("the script's PSA", Vendor::slug);
        let expected_as = format!("{own} narrowed to what {} can give (-)", self.vendor);
        let mut difference = String::new();
        let diff = similar::TextDiff::from_lines(expected, actual);
        let mut told = 0;
        for group in diff.grouped_ops(2) {
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                told += 1;
                if told <= LINES_MAX {
                    let _ = writeln!(difference, "{}{}", change.tag(), change.value().trim_end());
                }
            }
        }
        if told > LINES_MAX {
            let _ = writeln!(difference, "… and {} more lines", told - LINES_MAX);
        }
        Failure {
            what: "outcome with another PSA".to_owned(),
            expected: expected_as,
            actual: format!("another outcome (+):\n{}", difference.trim_end()),
            hint: Some(format!(
                "either {} is simulated or read wrongly, or its capability table lacks a line",
                self.vendor
            )),
        }
    }
}

/// Whether both broke off at the same step for the same reason.
fn same_end(one: &PlayError, other: &PlayError) -> bool {
    one.code() == other.code() && one.step() == other.step()
}

fn ending(of: &Result<CaseOutcome, PlayError>) -> String {
    match of {
        Ok(_) => "played to its end".to_owned(),
        Err(error) => format!("broke off: {}: {error}", error.code()),
    }
}

fn told(failure: &Failure) -> String {
    format!(
        "{}: {} everywhere else, {} here",
        failure.what, failure.expected, failure.actual
    )
}

/// Lines that only one of two texts has.
fn lines(expected: &str, actual: &str) -> Vec<String> {
    let diff = similar::TextDiff::from_lines(expected, actual);
    let changes = diff.iter_all_changes();
    changes
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{} {}", change.tag(), change.value().trim()))
        .collect()
}
