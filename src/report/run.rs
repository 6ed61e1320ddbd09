//! The result of a run, case by case: what every writer writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calls::{Calls, sum};
use crate::judge::{Judgement, PerKind};
use crate::model::{Evidence, Method, RecordKind};

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseVerdict {
    /// As expected.
    Pass,
    /// As expected of these vendors: not what the script expects of every vendor, and what their
    /// capability table makes of that.
    Explained,
    /// The vendors of the case cannot play it.
    Omitted,
    /// An expectation failed: the subject is at fault, or the expectation.
    Fail,
    /// The case could not be played to its end: the rig, the set-up or the subject broke.
    Error,
}

impl CaseVerdict {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Explained => "explained",
            Self::Omitted => "omitted",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// An expectation that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was looked at (`duplicates.configurations`).
    pub what: String,
    /// What was expected, as text.
    pub expected: String,
    /// What was found, as text; may have several lines.
    pub actual: String,
    /// How to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Why a case broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseError {
    /// Stable code.
    pub code: String,
    /// What happened, where.
    pub message: String,
    /// How to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Duplicates of a case: by kind, and the same ones by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DuplicateReport {
    /// Organizations.
    pub organizations: u64,
    /// Locations.
    pub locations: u64,
    /// Contacts.
    pub contacts: u64,
    /// Configurations.
    pub configurations: u64,
    /// Of all kinds: the source had them twice.
    pub inherited: u64,
    /// Of all kinds: a person or the sync made them.
    pub created: u64,
    /// Of all kinds: two sources were not joined.
    pub missed_join: u64,
}

impl DuplicateReport {
    /// Duplicates of all kinds.
    pub const fn total(&self) -> u64 {
        self.organizations + self.locations + self.contacts + self.configurations
    }
}

/// One case: a scenario with the vendors that played it. Numbers are 0 in a case that was omitted
/// or broke off before it was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// Name of the scenario.
    pub scenario: String,
    /// Its file, as it was given to the command line; none when it is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// The method.
    pub method: Method,
    /// Who played the PSA.
    pub psa: Option<String>,
    /// Who played the RMM.
    pub rmm: Option<String>,
    /// How it ended.
    pub verdict: CaseVerdict,
    /// Organizations in the account.
    #[serde(default)]
    pub organizations: u64,
    /// Locations in the account.
    #[serde(default)]
    pub locations: u64,
    /// Contacts in the account.
    #[serde(default)]
    pub contacts: u64,
    /// Configurations in the account.
    #[serde(default)]
    pub configurations: u64,
    /// Duplicates.
    #[serde(default)]
    pub duplicates: DuplicateReport,
    /// Records of all kinds that stand for several entities.
    #[serde(default)]
    pub false_merges: u64,
    /// Entities of all kinds without a record.
    #[serde(default)]
    pub missing: u64,
    /// Devices that wait on the matching screen, those with a suggestion included.
    #[serde(default)]
    pub unmatched: u64,
    /// Those of them with a suggestion.
    #[serde(default)]
    pub suggested: u64,
    /// Devices that were set aside.
    #[serde(default)]
    pub ignored: u64,
    /// RMM organizations that wait on the matching screen.
    #[serde(default)]
    pub unmatched_organizations: u64,
    /// Ids of the warnings, in the order in which they came.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Rules on which the outcome rests and that public material does not settle, with how well each
    /// is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unsettled: BTreeMap<String, Evidence>,
    /// Requests by vendor and operation.
    #[serde(default)]
    pub requests: BTreeMap<String, BTreeMap<String, u64>>,
    /// What the calls cost, PSA first.
    #[serde(default)]
    pub calls: Vec<Calls>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// Expectations that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// Why it broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CaseError>,
    /// Why it was omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omitted_because: Option<String>,
    /// How the outcome differs from that of the vendors for which the script was written, as the
    /// capability table explains it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<String>,
}

impl CaseReport {
    /// A case that passed, with nothing counted yet.
    pub fn new(
        scenario: impl Into<String>,
        title: impl Into<String>,
        method: Method,
        psa: Option<&str>,
        rmm: Option<&str>,
    ) -> Self {
        Self {
            scenario: scenario.into(),
            file: None,
            title: title.into(),
            method,
            psa: psa.map(str::to_owned),
            rmm: rmm.map(str::to_owned),
            verdict: CaseVerdict::Pass,
            organizations: 0,
            locations: 0,
            contacts: 0,
            configurations: 0,
            duplicates: DuplicateReport::default(),
            false_merges: 0,
            missing: 0,
            unmatched: 0,
            suggested: 0,
            ignored: 0,
            unmatched_organizations: 0,
            warnings: Vec::new(),
            unsettled: BTreeMap::new(),
            requests: BTreeMap::new(),
            calls: Vec::new(),
            duration_ms: 0,
            failures: Vec::new(),
            error: None,
            omitted_because: None,
            explained: Vec::new(),
        }
    }

    /// Takes over the numbers that the judge found.
    pub fn record(&mut self, judgement: &Judgement) {
        self.organizations = judgement.records.organizations;
        self.locations = judgement.records.locations;
        self.contacts = judgement.records.contacts;
        self.configurations = judgement.records.configurations;
        self.duplicates = duplicate_report(judgement);
        self.false_merges = judgement.false_merges.total();
        self.missing = judgement.missing.total();
        self.unmatched = judgement.devices.unmatched;
        self.suggested = judgement.devices.suggested;
        self.ignored = judgement.devices.ignored;
        self.unmatched_organizations = judgement.companies.unmatched;
    }

    /// Adds a failed expectation; a case that broke off stays broken off.
    pub fn fail(&mut self, failure: Failure) {
        self.failures.push(failure);
        self.verdict = self.verdict.max(CaseVerdict::Fail);
    }

    /// Says that the case broke off.
    pub fn break_off(&mut self, error: CaseError) {
        self.error = Some(error);
        self.verdict = CaseVerdict::Error;
    }

    /// Says that the case was not played, and why.
    pub fn omit(&mut self, because: impl Into<String>) {
        self.omitted_because = Some(because.into());
        self.verdict = CaseVerdict::Omitted;
    }

    /// Says that the outcome differs from that of other vendors as the capability table explains,
    /// and how.
    pub fn explain(&mut self, differences: Vec<String>) {
        self.explained = differences;
        self.verdict = self.verdict.max(CaseVerdict::Explained);
    }

    /// `b/create-configuration [connectwise-psa + datto-rmm]`.
    pub fn name(&self) -> String {
        match self.vendors() {
            Some(vendors) => format!("{} [{vendors}]", self.scenario),
            None => self.scenario.clone(),
        }
    }

    /// `connectwise-psa + datto-rmm`, or the one vendor that played.
    pub fn vendors(&self) -> Option<String> {
        match (&self.psa, &self.rmm) {
            (Some(psa), Some(rmm)) => Some(format!("{psa} + {rmm}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }

    /// The command that plays just this case again, to be pasted into a POSIX shell.
    pub fn rerun_command(&self) -> String {
        let mut command = format!(
            "syncrig run {}",
            shell_word(self.file.as_ref().unwrap_or(&self.scenario))
        );
        for (option, vendor) in [(" --psa ", &self.psa), (" --rmm ", &self.rmm)] {
            if let Some(vendor) = vendor {
                command.push_str(option);
                command.push_str(&shell_word(vendor));
            }
        }
        command
    }

    /// Requests to all vendors.
    pub fn request_count(&self) -> u64 {
        self.requests.values().flat_map(BTreeMap::values).sum()
    }
}

/// Sums over all cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Cases, omitted ones included.
    pub cases: u64,
    /// Cases as expected.
    pub passed: u64,
    /// Cases that differ from other vendors' as the capability table explains.
    pub explained: u64,
    /// Cases with a failed expectation.
    pub failed: u64,
    /// Cases that broke off.
    pub errors: u64,
    /// Cases that the vendors cannot play.
    pub omitted: u64,
    /// Organizations.
    pub organizations: u64,
    /// Locations.
    pub locations: u64,
    /// Contacts.
    pub contacts: u64,
    /// Configurations.
    pub configurations: u64,
    /// Duplicates of all kinds.
    pub duplicates: u64,
    /// False merges of all kinds.
    pub false_merges: u64,
    /// Missing entities of all kinds.
    pub missing: u64,
    /// Unmatched devices.
    pub unmatched: u64,
    /// Requests.
    pub requests: u64,
    /// Time of all cases, in milliseconds; cases may have run side by side.
    pub duration_ms: u64,
}

/// All cases of a run, in the order in which they were selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// Version of the JSON form: [`RunReport::VERSION`].
    pub version: u32,
    /// The cases.
    pub cases: Vec<CaseReport>,
    /// Sums.
    #[serde(default)]
    pub totals: Totals,
    /// What the calls of all cases cost, by vendor.
    #[serde(default)]
    pub calls: Vec<Calls>,
}

impl RunReport {
    /// The version that this build writes.
    pub const VERSION: u32 = 1;

    /// Sums up cases.
    pub fn new(cases: Vec<CaseReport>) -> Self {
        let mut totals = Totals::default();
        for case in &cases {
            totals.cases += 1;
            match case.verdict {
                CaseVerdict::Pass => totals.passed += 1,
                CaseVerdict::Explained => totals.explained += 1,
                CaseVerdict::Omitted => totals.omitted += 1,
                CaseVerdict::Fail => totals.failed += 1,
                CaseVerdict::Error => totals.errors += 1,
            }
            totals.organizations += case.organizations;
            totals.locations += case.locations;
            totals.contacts += case.contacts;
            totals.configurations += case.configurations;
            totals.duplicates += case.duplicates.total();
            totals.false_merges += case.false_merges;
            totals.missing += case.missing;
            totals.unmatched += case.unmatched;
            totals.requests += case.request_count();
            totals.duration_ms += case.duration_ms;
        }
        Self {
            version: Self::VERSION,
            calls: sum(cases.iter().flat_map(|case| &case.calls)),
            cases,
            totals,
        }
    }

    /// The worst verdict; none when there is no case.
    pub fn worst(&self) -> Option<CaseVerdict> {
        self.cases.iter().map(|case| case.verdict).max()
    }
}

fn duplicate_report(judgement: &Judgement) -> DuplicateReport {
    let counts: PerKind<u64> = judgement.duplicates.map(|counts| counts.total());
    let mut report = DuplicateReport {
        organizations: counts.organizations,
        locations: counts.locations,
        contacts: counts.contacts,
        configurations: counts.configurations,
        ..DuplicateReport::default()
    };
    for kind in RecordKind::ALL {
        let causes = judgement.duplicates.get(kind);
        report.inherited += causes.inherited;
        report.created += causes.created;
        report.missed_join += causes.missed_join;
    }
    report
}

/// Quotes a word for a POSIX shell where that is needed.
fn shell_word(word: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:@+,".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
