//! Which rules are verified, by which scenarios, on which vendors; and what is wrong with that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::catalogue::{Catalogue, Rule, Strength};
use super::near::near;
use crate::model::Evidence;
use crate::scenario::{Scenario, Selection};

/// The rules with what verifies them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage<'a> {
    /// Version of the JSON form: [`Coverage::VERSION`].
    pub version: u32,
    /// The rules, in the order of the book.
    pub rules: Vec<RuleCoverage<'a>>,
    /// What is wrong, rules first, in their order.
    pub problems: Vec<Problem>,
    /// Sums over `rules`.
    pub totals: Totals,
}

/// A rule with what verifies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCoverage<'a> {
    /// The rule.
    #[serde(flatten)]
    pub rule: &'a Rule,
    /// The scenarios that verify it, by name.
    pub verified_by: Vec<Verification>,
}

/// A scenario that verifies a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Its name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Who plays it: one entry a case.
    pub vendors: Vec<Vendors>,
}

/// Who plays a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Vendors {
    /// The PSA.
    pub psa: Option<&'static str>,
    /// The RMM.
    pub rmm: Option<&'static str>,
}

impl std::fmt::Display for Vendors {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.psa, self.rmm) {
            (Some(psa), Some(rmm)) => write!(formatter, "{psa} + {rmm}"),
            (Some(one), None) | (None, Some(one)) => formatter.write_str(one),
            (None, None) => formatter.write_str("nobody"),
        }
    }
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// A must that nothing verifies.
    MustUnverified,
    /// A rule that nothing verifies, without a reason.
    Unverified,
    /// A rule with a reason why nothing can verify it, and something does.
    StaleReason,
    /// A scenario that names a rule that there is not.
    UnknownRule,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// Id of the rule.
    pub rule: String,
    /// Name of the scenario, where one is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Line and column in that scenario, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<(u64, u64)>,
    /// What is wrong: a fragment in lower case.
    pub message: String,
    /// How to mend it.
    pub hint: String,
}

/// How many rules, and how many of them are verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Rules.
    pub rules: u64,
    /// Those that a scenario or a test verifies.
    pub verified: u64,
}

/// Sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All rules.
    #[serde(flatten)]
    pub all: Count,
    /// Those that nothing verifies and that say why.
    pub excused: u64,
    /// By evidence.
    pub by_evidence: BTreeMap<Evidence, Count>,
    /// By strength.
    pub by_strength: BTreeMap<Strength, Count>,
}

impl RuleCoverage<'_> {
    /// Whether a scenario or a test verifies it.
    pub fn is_verified(&self) -> bool {
        !self.verified_by.is_empty() || !self.rule.tests.is_empty()
    }

    /// Everybody who plays a scenario that verifies it.
    pub fn vendors(&self) -> BTreeSet<Vendors> {
        let scenarios = self.verified_by.iter();
        scenarios
            .flat_map(|it| it.vendors.iter().copied())
            .collect()
    }

    fn problem(&self) -> Option<Problem> {
        let id = &self.rule.id;
        let (kind, message, hint) = match (self.is_verified(), &self.rule.unverified) {
            (true, None) | (false, Some(_)) => return None,
            (true, Some(_)) => (
                ProblemKind::StaleReason,
                format!("`{id}` says why nothing verifies it, and something does"),
                "take its `unverified` out of docs/rules.yaml".to_owned(),
            ),
            (false, None) if self.rule.strength == Strength::Must => (
                ProblemKind::MustUnverified,
                format!("`{id}` is a must, and nothing verifies it"),
                format!("write a scenario with `verifies: [{id}]`"),
            ),
            (false, None) => (
                ProblemKind::Unverified,
                format!("nothing verifies `{id}`, and it does not say why"),
                format!(
                    "write a scenario with `verifies: [{id}]`, or give the rule its `unverified` \
                     reason in docs/rules.yaml"
                ),
            ),
        };
        Some(Problem {
            kind,
            rule: id.clone(),
            scenario: None,
            place: None,
            message,
            hint,
        })
    }
}

impl<'a> Coverage<'a> {
    /// The version that this build writes.
    pub const VERSION: u32 = 1;

    /// What these scenarios verify of the wanted rules. A scenario that names an unknown rule is a
    /// problem whatever is wanted.
    pub fn new(
        book: &'a Catalogue,
        scenarios: &[Arc<Scenario>],
        wanted: impl Fn(&Rule) -> bool,
    ) -> Self {
        let mut by_rule: BTreeMap<&str, Vec<Verification>> = BTreeMap::new();
        let mut unknown = Vec::new();
        for scenario in scenarios {
            let mut seen = BTreeSet::new();
            for id in &scenario.verifies {
                if book.rule(id.as_str()).is_none() {
                    unknown.push(unknown_rule(book, scenario, id));
                } else if seen.insert(id.as_str()) {
                    let verification = Verification::of(scenario);
                    by_rule.entry(id.as_str()).or_default().push(verification);
                }
            }
        }
        let rules: Vec<RuleCoverage<'a>> = book
            .rules()
            .iter()
            .filter(|rule| wanted(rule))
            .map(|rule| {
                let mut verified_by = by_rule.remove(rule.id.as_str()).unwrap_or_default();
                verified_by.sort_by(|one, other| one.scenario.cmp(&other.scenario));
                RuleCoverage { rule, verified_by }
            })
            .collect();
        let mut problems: Vec<Problem> = rules.iter().filter_map(RuleCoverage::problem).collect();
        problems.append(&mut unknown);
        let totals = Totals::of(&rules);
        Self {
            version: Self::VERSION,
            rules,
            problems,
            totals,
        }
    }
}

impl Verification {
    fn of(scenario: &Arc<Scenario>) -> Self {
        let cases = scenario.cases(&Selection::default());
        Self {
            scenario: scenario.name.clone(),
            title: scenario.title.clone(),
            vendors: cases
                .iter()
                .map(|case| Vendors {
                    psa: case.psa.map(syncrig_mocks::Vendor::slug),
                    rmm: case.rmm.map(syncrig_mocks::Vendor::slug),
                })
                .collect(),
        }
    }
}

fn unknown_rule(
    book: &Catalogue,
    scenario: &Scenario,
    id: &syncrig_mocks::world::Located<String>,
) -> Problem {
    let ids = book.rules().iter().map(|rule| rule.id.as_str());
    let hint = near(id.as_str(), ids).map_or_else(
        || "`syncrig rules` lists the rules; a new one goes into docs/rules.yaml".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    Problem {
        kind: ProblemKind::UnknownRule,
        rule: id.value.clone(),
        scenario: Some(scenario.name.clone()),
        place: id.location().map(|it| (it.line(), it.column())),
        message: format!(
            "{} verifies `{}`, and there is no such rule",
            scenario.name, id.value
        ),
        hint,
    }
}

impl Totals {
    fn of(rules: &[RuleCoverage<'_>]) -> Self {
        let mut totals = Self::default();
        for one in rules {
            let verified = one.is_verified();
            let evidence = totals.by_evidence.entry(one.rule.evidence).or_default();
            evidence.add(verified);
            let strength = totals.by_strength.entry(one.rule.strength).or_default();
            strength.add(verified);
            totals.all.add(verified);
            totals.excused += u64::from(!verified && one.rule.unverified.is_some());
        }
        totals
    }
}

impl Count {
    fn add(&mut self, verified: bool) {
        self.rules += 1;
        self.verified += u64::from(verified);
    }
}
