//! Which unsettled rules an outcome rests on. Faithful first: where public material does not settle
//! a question, whoever reads a result must be able to see that it depended on our answer.

use std::collections::BTreeMap;

use super::catalogue::catalogue;
use crate::model::{DecisionOutcome, Evidence, Outcome};

/// The rule that picked a winner where two rules disagreed; decisions name the winner.
const CONFLICT: &str = "M-conflict";

/// The inferred and open rules that decided something in an outcome, with their evidence: those of
/// its decisions, of what people did in the account and imported, and those by which syncs left
/// records out.
pub fn unsettled(outcome: &Outcome) -> BTreeMap<String, Evidence> {
    let mut found = BTreeMap::new();
    let mut add = |id: &str, said: Option<Evidence>| {
        // What a subject says of its own rule counts, and the book for those it says nothing of.
        let book = || catalogue().ok()?.rule(id).map(|rule| rule.evidence);
        if let Some(evidence) = said.or_else(book).filter(|it| it.is_unsettled()) {
            found.insert(id.to_owned(), evidence);
        }
    };
    for decision in &outcome.decisions {
        add(&decision.rule, decision.evidence);
        if decision.outcome == DecisionOutcome::Conflict {
            add(CONFLICT, None);
        }
    }
    for action in &outcome.actions {
        add(&action.rule, action.evidence);
    }
    for id in outcome
        .imports
        .iter()
        .flat_map(|import| import.rules.keys())
    {
        add(id, None);
    }
    for sync in &outcome.syncs {
        for id in sync.ledgers.iter().flat_map(|ledger| ledger.skipped.keys()) {
            add(id, None);
        }
    }
    found
}
