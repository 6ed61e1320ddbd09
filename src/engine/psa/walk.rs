//! The walk over one kind of PSA record: a page, a transaction; then what was not seen is orphaned.

use super::candidates::{Candidates, Found};
use super::entity::{Entity, Read};
use crate::connectors::PageStream;
use crate::engine::error::EngineError;
use crate::engine::pass::{Pass, Ruling, Seen};
use crate::engine::rules;
use crate::model::{DecisionOutcome, Knobs, Ledger, LinkState, Origin, RecordKind};
use crate::store::{PsaLink, RowId, Stored, Writer};

/// Pulls every page of one kind. After an error the pages before it stay, and nothing is orphaned.
pub(super) async fn walk<E: Entity>(
    pass: &mut Pass<'_>,
    mut pages: PageStream<'_, E::Remote>,
    entity: &mut E,
) -> Result<(), EngineError> {
    let kind = E::Stored::KIND;
    let mut state = WalkState::<E> {
        knobs: pass.knobs,
        ledger: Ledger::new(kind),
        seen: Seen::default(),
        candidates: Candidates::load(pass)?,
        blind: false,
    };
    let result = pull(pass, &mut *pages, entity, &mut state).await;
    pass.ledgers.push(state.ledger);
    result?;
    // A record that could not be read and gave no id might be any of those not seen.
    if !state.blind {
        let seen = &state.seen;
        sweep(pass, kind, &|id| seen.contains(id), rules::PSA_DELETED)?;
    }
    if kind == RecordKind::Organization {
        let integration_id = pass.integration_id;
        pass.write(|writer, _| Ok(writer.resolve_references(integration_id)?))?;
    }
    Ok(())
}

struct WalkState<E: Entity> {
    knobs: Knobs,
    ledger: Ledger,
    seen: Seen,
    candidates: Candidates<E>,
    blind: bool,
}

async fn pull<E: Entity>(
    pass: &mut Pass<'_>,
    pages: &mut dyn crate::connectors::Pages<E::Remote>,
    entity: &mut E,
    state: &mut WalkState<E>,
) -> Result<(), EngineError> {
    let kind = E::Stored::KIND;
    let integration_id = pass.integration_id;
    while let Some(page) = pages.next_page().await? {
        let fetched = (page.records.len() + page.rejected.len()) as u64;
        let rejected = page.rejected;
        let tally = pass.write(|writer, rulings| {
            let mut tally = Ledger::new(kind);
            for remote in page.records {
                one(
                    writer,
                    integration_id,
                    entity,
                    remote,
                    state,
                    &mut tally,
                    rulings,
                )?;
            }
            for reject in &rejected {
                match &reject.id {
                    Some(id) => {
                        if let Some(link) = writer.link(integration_id, kind, id)? {
                            state.seen.insert(link.id);
                        }
                    }
                    None => state.blind = true,
                }
            }
            Ok(tally)
        })?;
        let ledger = &mut state.ledger;
        ledger.fetched += fetched;
        ledger.created += tally.created;
        ledger.updated += tally.updated;
        ledger.unchanged += tally.unchanged;
        ledger.rejected += rejected.len() as u64;
        for (rule, count) in tally.skipped {
            *ledger.skipped.entry(rule).or_default() += count;
        }
        let total = ledger.fetched;
        pass.reject(kind, rejected);
        pass.page_written(kind, total);
    }
    Ok(())
}

/// Decides one record: identity is the PSA's id; only a record without a link is matched by values.
fn one<E: Entity>(
    writer: &Writer<'_>,
    integration_id: i64,
    entity: &mut E,
    remote: E::Remote,
    state: &mut WalkState<E>,
    tally: &mut Ledger,
    rulings: &mut Vec<Ruling>,
) -> Result<(), EngineError> {
    let kind = E::Stored::KIND;
    let id = E::id(&remote).to_owned();
    let link = writer.link(integration_id, kind, &id)?;
    if let Some(link) = &link {
        state.seen.insert(link.id);
    }
    let ruling = |rule, outcome, record_id, compared| Ruling {
        kind,
        external_id: id.clone(),
        rule,
        outcome,
        record_id,
        compared,
    };
    let (mut value, note) = match entity.read(writer, integration_id, remote)? {
        Read::Keep { value, note } => (value, note),
        Read::Skip { rule, compared } => {
            *tally.skipped.entry(rule.to_owned()).or_default() += 1;
            let record_id = link.as_ref().map(|link| link.record_id);
            let outcome = orphan(writer, link.as_ref())?;
            rulings.push(ruling(rule, outcome, record_id, compared));
            return Ok(());
        }
    };
    let hash = value.content_hash();
    let (rule, outcome, record_id, compared) = match link {
        Some(link) if link.state == LinkState::Disconnected => {
            *tally
                .skipped
                .entry(rules::PSA_DISCONNECTED.to_owned())
                .or_default() += 1;
            return Ok(());
        }
        Some(link) if link.state == LinkState::Orphaned && !state.knobs.orphan_relink => {
            let rule = rules::PSA_ORPHAN_STAYS;
            *tally.skipped.entry(rule.to_owned()).or_default() += 1;
            let outcome = DecisionOutcome::Orphaned;
            rulings.push(ruling(rule, outcome, Some(link.record_id), Vec::new()));
            return Ok(());
        }
        Some(link) => {
            if link.state == LinkState::Enabled && link.hash == hash {
                tally.unchanged += 1;
            } else {
                overwrite::<E>(writer, link.record_id, &mut value)?;
                writer.set_link(link.id, LinkState::Enabled, hash)?;
                tally.updated += 1;
            }
            if let Some((rule, compared)) = note {
                rulings.push(ruling(
                    rule,
                    DecisionOutcome::Matched,
                    Some(link.record_id),
                    compared,
                ));
            }
            return Ok(());
        }
        None => match state.candidates.take(&value) {
            Found::Record(record_id, rule, compared) => {
                overwrite::<E>(writer, record_id, &mut value)?;
                tally.updated += 1;
                (rule, DecisionOutcome::Matched, record_id, compared)
            }
            nothing => {
                let record_id = writer.insert(Origin::Psa, &value)?;
                tally.created += 1;
                let (rule, compared) = match nothing {
                    Found::Refused(rule, compared) => (rule, compared),
                    _ => (rules::PSA_CREATE, Vec::new()),
                };
                (rule, DecisionOutcome::Created, record_id, compared)
            }
        },
    };
    state
        .seen
        .insert(writer.add_link(integration_id, kind, &id, record_id, hash)?);
    let (rule, compared) = match note {
        Some((note, mut left_out)) if rule == rules::PSA_CREATE => {
            left_out.extend(compared);
            (note, left_out)
        }
        _ => (rule, compared),
    };
    rulings.push(ruling(rule, outcome, Some(record_id), compared));
    Ok(())
}

/// The PSA wins: its values replace the stored ones, empty ones included (inferred for those). What
/// the PSA has no field for stays.
fn overwrite<E: Entity>(
    writer: &Writer<'_>,
    record_id: RowId,
    value: &mut E::Stored,
) -> Result<(), EngineError> {
    if let Some(existing) = writer.get::<E::Stored>(record_id)? {
        E::keep_unmapped(existing.value, value);
    }
    writer.update(record_id, value)?;
    Ok(())
}

fn orphan(writer: &Writer<'_>, link: Option<&PsaLink>) -> Result<DecisionOutcome, EngineError> {
    match link {
        Some(link) if link.state == LinkState::Enabled => {
            writer.set_link(link.id, LinkState::Orphaned, link.hash)?;
            Ok(DecisionOutcome::Orphaned)
        }
        Some(link) if link.state == LinkState::Orphaned => Ok(DecisionOutcome::Orphaned),
        _ => Ok(DecisionOutcome::Skipped),
    }
}

/// Orphans every record that still syncs and was not seen.
pub(super) fn sweep(
    pass: &mut Pass<'_>,
    kind: RecordKind,
    seen: &dyn Fn(RowId) -> bool,
    rule: &'static str,
) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    pass.write(|writer, rulings| {
        for link in writer.unseen_links(integration_id, kind, seen)? {
            writer.set_link(link.id, LinkState::Orphaned, link.hash)?;
            rulings.push(Ruling {
                kind,
                external_id: link.remote_id,
                rule,
                outcome: DecisionOutcome::Orphaned,
                record_id: Some(link.record_id),
                compared: Vec::new(),
            });
        }
        Ok(())
    })
}
