//! Whether a case that another PSA or RMM plays comes out as it should. A script says what every vendor
//! comes to; what one cannot give is in the capability table. So its outcome is measured twice: as
//! it is, against the outcome kept beside the script; and where it differs, against the script's own
//! vendor narrowed to what this one can give. Where the script's own has nothing of some devices, this one
//! is narrowed to it in turn. It judges nothing itself.

use std::fmt::Write as _;

use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::play::{CaseOutcome, PlayError};
use crate::connectors::{
    Places, PsaCapabilities, RmmCapabilities, psa_capabilities, rmm_capabilities,
};
use crate::judge::{Field, SnapshotOptions, alike, full_snapshot};
use crate::model::RecordKind;
use crate::report::Failure;
use crate::scenario::Case;

/// Differences told of one case.
const TOLD_MAX: usize = 4;
/// Lines of a difference that are shown.
const LINES_MAX: usize = 60;

/// A case whose vendors are not those that its outcome was kept with.
pub(super) struct Stranger {
    /// The case, played by the vendors of the script.
    pub(super) reference: Case,
    /// The PSA, where it is another.
    pub(super) psa: Option<Other<PsaCapabilities>>,
    /// The RMM, where it is another.
    pub(super) rmm: Option<Other<RmmCapabilities>>,
}

/// A vendor in place of the script's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Other<T> {
    /// What it can give.
    pub(super) table: T,
    /// What the script's own can give.
    own: T,
    vendor: Vendor,
    own_vendor: Vendor,
}

impl<T> Other<T> {
    fn new(
        vendor: Option<Vendor>,
        own: Option<Vendor>,
        table: fn(&str) -> Option<T>,
    ) -> Option<Self> {
        let (vendor, own) = (vendor?, own?);
        if vendor == own {
            return None;
        }
        Some(Self {
            table: table(vendor.slug())?,
            own: table(own.slug())?,
            vendor,
            own_vendor: own,
        })
    }
}

/// What broke a script's expectations.
pub(super) fn broken(found: &CaseOutcome) -> Vec<String> {
    found.failures.iter().map(told).collect()
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
    /// The case as a stranger's; none when its vendors are the script's own.
    pub(super) fn new(case: &Case) -> Option<Self> {
        let vendors = &case.scenario.vendors;
        let psa = Other::new(case.psa, vendors.reference(Tool::Psa), psa_capabilities);
        let rmm = Other::new(case.rmm, vendors.reference(Tool::Rmm), rmm_capabilities);
        if psa.is_none() && rmm.is_none() {
            return None;
        }
        Some(Self {
            reference: Case {
                psa: psa.map_or(case.psa, |psa| Some(psa.own_vendor)),
                rmm: rmm.map_or(case.rmm, |rmm| Some(rmm.own_vendor)),
                ..case.clone()
            },
            psa,
            rmm,
        })
    }

    /// Whether both vendors show a field as the tenant has it.
    fn alike(&self, field: Field<'_>) -> bool {
        let Field { kind, name, of_rmm } = field;
        self.named(kind, name)
            && self.psa.is_none_or(|psa| {
                psa.table.shows_alike(kind, name) && psa.own.shows_alike(kind, name)
            })
            && self.rmm.is_none_or(|rmm| {
                kind != RecordKind::Configuration
                    || !of_rmm
                    || rmm.table.shows_alike(name) && rmm.own.shows_alike(name)
            })
    }

    /// Whether a field is the same with the vendor and with the script's own once it is narrowed.
    fn alike_narrowed(&self, field: Field<'_>) -> bool {
        let Field { kind, name, of_rmm } = field;
        self.named(kind, name)
            && self.psa.is_none_or(|psa| {
                psa.own.shows_alike(kind, name)
                    && (psa.table.shows_alike(kind, name) || !psa.table.has(kind, name))
            })
            && self.rmm.is_none_or(|rmm| {
                kind != RecordKind::Configuration
                    || !of_rmm
                    || rmm.own.shows_alike(name)
                        && (rmm.table.shows_alike(name) || !rmm.table.has(name))
            })
    }

    /// Whether the case ended as the outcome kept beside the script says.
    pub(super) fn as_kept(&self, kept: &str, found: &CaseOutcome) -> bool {
        let shown = |field: Field<'_>| self.alike(field);
        found.failures.is_empty()
            && alike(kept, shown).trim_end() == alike(&found.snapshot, shown).trim_end()
    }

    /// What the vendor is narrowed to where it tells more of some devices than the script's own does; none
    /// where there are no such devices.
    pub(super) fn own_gaps(&self) -> Option<RmmCapabilities> {
        let own = self.rmm?.own;
        (!own.without_agent.is_empty()).then_some(own)
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
        let shown = |field: Field<'_>| self.alike_narrowed(field);
        let text = |of: &CaseOutcome| {
            let options = SnapshotOptions::default();
            let whole = full_snapshot(&of.outcome, &of.truth, &of.judgement, &options);
            let mut text = alike(&whole, shown);
            let told_here = of.failures.iter().filter(|it| !self.in_own_form(it));
            for failure in told_here {
                let _ = writeln!(text, "not as expected: {}", self.anonymous(&told(failure)));
            }
            text
        };
        let (expected, actual) = (text(narrowed), text(found));
        if expected != actual {
            return Verdict::Unexplained(self.failure(&expected, &actual));
        }
        let mut differences = broken(found);
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

    /// Whether a script expects a value of a device that this RMM has in a form of its own, as it expects
    /// one of its own RMM's.
    fn in_own_form(&self, failure: &Failure) -> bool {
        let what = &failure.what;
        let field = what
            .rsplit_once(": shown ")
            .or_else(|| what.rsplit_once(": stored "));
        field.is_some_and(|(of, field)| {
            let device = of.starts_with("device ") || of.contains(": device ");
            device
                && self
                    .rmm
                    .is_some_and(|rmm| rmm.table.own_form.contains(&field))
        })
    }

    /// Names of locations are lines of their addresses at some vendors.
    fn named(&self, kind: RecordKind, field: &str) -> bool {
        !(kind == RecordKind::Location
            && field == "name"
            && self
                .psa
                .is_some_and(|psa| psa.table.locations == Places::Addresses))
    }

    /// A text without the vendors' names, which tell them apart.
    fn anonymous(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (vendors, word) in [
            (self.psa.map(|psa| (psa.vendor, psa.own_vendor)), "the PSA"),
            (self.rmm.map(|rmm| (rmm.vendor, rmm.own_vendor)), "the RMM"),
        ] {
            if let Some((vendor, own)) = vendors {
                text = text.replace(vendor.slug(), word).replace(own.slug(), word);
            }
        }
        text
    }

    /// The vendors that are not the script's own.
    fn vendors(&self) -> String {
        let psa = self.psa.map(|psa| psa.vendor.slug());
        let rmm = self.rmm.map(|rmm| rmm.vendor.slug());
        let vendors: Vec<&str> = psa.into_iter().chain(rmm).collect();
        vendors.join(" + ")
    }

    /// The first thing that went another way, since what breaks off later comes of it.
    fn because(&self, error: &PlayError) -> String {
        match error.before() {
            Some(first) => format!(
                "{}: {}: {} (otherwise: {})",
                self.vendors(),
                first.what,
                first.actual,
                first.expected
            ),
            None => format!("{}: {error}", self.vendors()),
        }
    }

    fn failure(&self, expected: &str, actual: &str) -> Failure {
        let own = [
            self.psa.map(|psa| psa.own_vendor.slug()),
            self.rmm.map(|rmm| rmm.own_vendor.slug()),
        ];
        let own: Vec<&str> = own.into_iter().flatten().collect();
        let expected_as = format!(
            "{} narrowed to what {} can give (-)",
            own.join(" + "),
            self.vendors()
        );
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
            what: "outcome with other vendors".to_owned(),
            expected: expected_as,
            actual: format!("another outcome (+):\n{}", difference.trim_end()),
            hint: Some(format!(
                "either {} is simulated or read wrongly, or its capability table lacks a line",
                self.vendors()
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
