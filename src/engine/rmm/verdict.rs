//! What matching decides of a company or a device, and how it is told.

use crate::engine::pass::Ruling;
use crate::model::{Compared, DecisionOutcome, RecordKind, ReviewState};
use crate::store::{Queued, RowId};

/// How many records a reason names.
const NAMED_MAX: usize = 5;

/// A decision about one row of the matching screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) rule: &'static str,
    pub(super) outcome: DecisionOutcome,
    pub(super) record_id: Option<RowId>,
    pub(super) reason: Option<String>,
    pub(super) compared: Vec<Compared>,
}

impl Verdict {
    pub(super) const fn new(rule: &'static str, outcome: DecisionOutcome) -> Self {
        Self {
            rule,
            outcome,
            record_id: None,
            reason: None,
            compared: Vec::new(),
        }
    }

    /// Where the row stands by it.
    pub(super) fn queued(&self) -> Queued {
        let matched = matches!(
            self.outcome,
            DecisionOutcome::Matched | DecisionOutcome::Conflict
        );
        let suggested = self.outcome == DecisionOutcome::Suggested;
        Queued {
            state: if matched {
                ReviewState::Matched
            } else {
                ReviewState::Unmatched
            },
            record_id: self.record_id.filter(|_| matched),
            rule: Some(self.rule.to_owned()),
            suggestion_id: self.record_id.filter(|_| suggested),
            reason: self.reason.clone(),
        }
    }

    pub(super) fn ruling(self, kind: RecordKind, external_id: &str) -> Ruling {
        Ruling {
            kind,
            external_id: external_id.to_owned(),
            rule: self.rule,
            outcome: self.outcome,
            record_id: self.record_id,
            compared: self.compared,
        }
    }
}

/// The reason of a row that fits several records, for a person: `fits 2 by MAC: WS1 (5CG1), WS2`.
/// Names are in the order of the alphabet, since that of creation is each vendor's own.
pub(super) fn fits_several(by: &str, mut labels: Vec<String>) -> String {
    let count = labels.len();
    labels.sort_unstable();
    labels.truncate(NAMED_MAX);
    let more = match count - labels.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("fits {count} by {by}: {}{more}", labels.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_a_few_and_counts_all() {
        let labels = |count: usize| (1..=count).rev().map(|at| format!("WS{at}")).collect();
        assert_eq!(fits_several("MAC", labels(2)), "fits 2 by MAC: WS1, WS2");
        assert_eq!(
            fits_several("name", labels(7)),
            "fits 7 by name: WS1, WS2, WS3, WS4, WS5 and 2 more"
        );
    }
}
