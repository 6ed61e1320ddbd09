//! What becomes of rows of the matching screen that the RMM no longer delivers. No document says
//! (open); by default they go, and with them match and overlay.

use crate::engine::error::EngineError;
use crate::engine::pass::{Ruling, Rulings, Seen};
use crate::engine::rules;
use crate::model::{DecisionOutcome, Knobs, RecordKind, ReviewState, RmmGone};
use crate::store::{QueueTable, Queued, Writer};

/// Takes out the rows that were not seen, or where a knob says so those alone that nobody settled.
pub(super) fn unseen(
    writer: &Writer<'_>,
    knobs: Knobs,
    integration_id: i64,
    table: QueueTable,
    seen: &Seen,
    rulings: &mut Rulings,
) -> Result<(), EngineError> {
    let mut kept = Seen::default();
    if knobs.rmm_gone == RmmGone::Keep {
        for (id, external_id, queued) in writer.settled(table, integration_id)? {
            kept.insert(id);
            let marked = queued.reason.as_deref() == Some(rules::RMM_GONE_KEPT);
            if seen.contains(id) == marked {
                let (queued, rule) = turned(queued, marked);
                writer.queue_row(table, id, &queued)?;
                rulings.push(ruling(table, external_id, rule, &queued));
            }
        }
    }
    let stays = |id| seen.contains(id) || kept.contains(id);
    match table {
        QueueTable::Companies => writer.drop_unseen_companies(integration_id, stays)?,
        QueueTable::Devices => writer.drop_unseen_devices(integration_id, stays)?,
    };
    Ok(())
}

/// A row that was marked as gone is back, or one that was there is gone; with the rule that tells.
fn turned(queued: Queued, back: bool) -> (Queued, &'static str) {
    if !back {
        let reason = Some(rules::RMM_GONE_KEPT.to_owned());
        return (Queued { reason, ..queued }, rules::RMM_GONE_KEPT);
    }
    let rule = queued.rule.as_deref().and_then(rules::rule);
    let rule = rule.map_or(rules::RMM_GONE_KEPT, |rule| rule.id);
    let reason = None;
    (Queued { reason, ..queued }, rule)
}

fn ruling(table: QueueTable, external_id: String, rule: &'static str, queued: &Queued) -> Ruling {
    Ruling {
        kind: match table {
            QueueTable::Companies => RecordKind::Organization,
            QueueTable::Devices => RecordKind::Configuration,
        },
        external_id,
        rule,
        outcome: match queued.state {
            ReviewState::Matched => DecisionOutcome::Matched,
            ReviewState::Ignored => DecisionOutcome::Ignored,
            ReviewState::Unmatched => DecisionOutcome::Unmatched,
        },
        record_id: queued.record_id,
        compared: Vec::new(),
    }
}
