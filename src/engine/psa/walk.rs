//! The walk over one kind of PSA record: a page, a transaction; then what was not seen is orphaned.

use std::collections::{BTreeMap, VecDeque};

use super::entity::{Entity, Read};
use crate::connectors::PageStream;
use crate::engine::error::EngineError;
use crate::engine::pass::{Pass, Ruling, Seen, compared};
use crate::engine::rules;
use crate::model::{Compared, DecisionOutcome, Ledger, LinkState, Origin, RecordKind};
use crate::store::{Location, PsaLink, Record, RowId, Stored, Writer};

/// Pulls every page of one kind. After an error the pages before it stay, and nothing is orphaned.
pub(super) async fn walk<E: Entity>(
    pass: &mut Pass<'_>,
    mut pages: PageStream<'_, E::Remote>,
    entity: &mut E,
) -> Result<(), EngineError> {
    let kind = E::Stored::KIND;
    let mut state = WalkState::<E> {
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
        Read::Keep { value, note, cut } => {
            let syncs = |link: &PsaLink| link.state.syncs() || link.state == LinkState::Orphaned;
            let reconnected = |link: &PsaLink| !syncs(link) || entity.reconnected(link.id);
            if cut && !link.as_ref().is_some_and(reconnected) {
                let rule = rules::PSA_ROW_DISCONNECTED;
                *tally.skipped.entry(rule.to_owned()).or_default() += 1;
                let record_id = link.as_ref().map(|link| link.record_id);
                let outcome = orphan(writer, link.as_ref())?;
                rulings.push(ruling(rule, outcome, record_id, Vec::new()));
                return Ok(());
            }
            (value, note)
        }
        Read::Hold { rule } => {
            *tally.skipped.entry(rule.to_owned()).or_default() += 1;
            return Ok(());
        }
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
        Some(link) if matches!(link.state, LinkState::Disconnected | LinkState::Disabled) => {
            let rule = if link.state == LinkState::Disabled {
                rules::PSA_DISABLED
            } else {
                rules::PSA_DISCONNECTED
            };
            *tally.skipped.entry(rule.to_owned()).or_default() += 1;
            return Ok(());
        }
        Some(link) => {
            if link.state == LinkState::Enabled && link.hash == hash {
                tally.unchanged += 1;
            } else {
                overwrite::<E>(writer, link.record_id, &mut value)?;
                writer.set_link(link.id, LinkState::Enabled, hash)?;
                if link.state == LinkState::Error {
                    writer.clear_push_failure(kind, link.record_id)?;
                }
                tally.updated += 1;
            }
            if link.state == LinkState::Orphaned && note.is_none() {
                rulings.push(ruling(
                    rules::PSA_RELINK,
                    DecisionOutcome::Matched,
                    Some(link.record_id),
                    Vec::new(),
                ));
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
            Some((record_id, compared)) => {
                overwrite::<E>(writer, record_id, &mut value)?;
                tally.updated += 1;
                (E::KEY_RULE, DecisionOutcome::Matched, record_id, compared)
            }
            None => {
                let record_id = writer.insert(Origin::Psa, &value)?;
                tally.created += 1;
                (
                    rules::PSA_CREATE,
                    DecisionOutcome::Created,
                    record_id,
                    Vec::new(),
                )
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

/// Keeps what the PSA answered to a write, as a sync would have kept it: the next one finds nothing
/// to do. Says whether the record syncs now; its type or status may have been changed to one that
/// does not.
pub(in crate::engine) fn absorb<E: Entity>(
    writer: &Writer<'_>,
    integration_id: i64,
    entity: &mut E,
    remote: E::Remote,
    record_id: RowId,
) -> Result<bool, EngineError> {
    let kind = E::Stored::KIND;
    let id = E::id(&remote).to_owned();
    let link = writer.link(integration_id, kind, &id)?;
    let (mut value, state) = match entity.read(writer, integration_id, remote)? {
        Read::Keep { value, .. } => (value, LinkState::Enabled),
        Read::Hold { .. } | Read::Skip { .. } => {
            if link.is_none() {
                let link = writer.add_link(integration_id, kind, &id, record_id, 0)?;
                writer.set_link(link, LinkState::Orphaned, 0)?;
            } else {
                orphan(writer, link.as_ref())?;
            }
            return Ok(false);
        }
    };
    let hash = value.content_hash();
    overwrite::<E>(writer, record_id, &mut value)?;
    match link {
        Some(link) => writer.set_link(link.id, state, hash)?,
        None => drop(writer.add_link(integration_id, kind, &id, record_id, hash)?),
    }
    Ok(true)
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
        Some(link) if link.state.syncs() => {
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
            // Locations are asked for by organization: those of one that stopped syncing are not
            // delivered and not deleted either.
            let rule = if kind == RecordKind::Location && !owner_syncs(writer, &link)? {
                rules::PSA_PARENT
            } else {
                rule
            };
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

fn owner_syncs(writer: &Writer<'_>, link: &PsaLink) -> Result<bool, EngineError> {
    let Some(location) = writer.get::<Location>(link.record_id)? else {
        return Ok(false);
    };
    let owner = location.value.organization_id;
    let owner = writer.link_to(link.integration_id, RecordKind::Organization, owner)?;
    Ok(owner.is_some_and(|owner| owner.state.syncs()))
}

/// Records here that no record of this PSA stands for yet, by first-contact key, oldest first. On an
/// empty account there is none, and the walk costs nothing for it.
struct Candidates<E: Entity> {
    by_key: BTreeMap<Key, VecDeque<Record<E::Stored>>>,
}

/// The owner and the parts of the first-contact key.
type Key = (Option<RowId>, Vec<String>);

impl<E: Entity> Candidates<E> {
    fn load(pass: &Pass<'_>) -> Result<Self, EngineError> {
        let mut by_key: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for record in pass
            .account
            .reader()
            .unlinked::<E::Stored>(pass.integration_id)?
        {
            by_key
                .entry(key::<E>(&record.value))
                .or_default()
                .push_back(record);
        }
        Ok(Self { by_key })
    }

    /// Takes the oldest record of the same key, with the values compared.
    fn take(&mut self, value: &E::Stored) -> Option<(RowId, Vec<Compared>)> {
        if self.by_key.is_empty() {
            return None;
        }
        let candidates = self.by_key.get_mut(&key::<E>(value))?;
        let record = candidates.pop_front()?;
        let theirs = E::key(value);
        let ours = E::key(&record.value);
        let values = theirs.iter().zip(&ours);
        let compared = values
            .map(|((field, left), (_, right))| compared(field, *left, *right))
            .collect();
        Some((record.id, compared))
    }
}

fn key<E: Entity>(value: &E::Stored) -> Key {
    let parts = E::key(value);
    let parts = parts
        .into_iter()
        .map(|(_, part)| part.unwrap_or_default().to_owned())
        .collect();
    (E::owner(value), parts)
}
