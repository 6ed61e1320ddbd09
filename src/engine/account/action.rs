//! What became of an action, told to listeners and kept for the outcome.

use crate::engine::event::Event;
use crate::engine::rules;
use crate::engine::sync::Engine;
use crate::model::{Action, RecordKind};
use crate::store::RowId;

impl Engine {
    /// Tells and keeps that a rule decided about an action on a record.
    pub(in crate::engine) fn acted(
        &mut self,
        rule: &'static str,
        kind: RecordKind,
        id: RowId,
        detail: Option<String>,
    ) {
        let action = Action {
            step: self.step,
            rule: rule.to_owned(),
            evidence: rules::rule(rule).map(|rule| rule.evidence),
            kind,
            record_id: id.to_string(),
            detail,
        };
        self.listener.hear(&Event::Acted(action.clone()));
        self.actions.push(action);
    }
}
