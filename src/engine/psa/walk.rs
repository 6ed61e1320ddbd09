//! The walk over one kind of PSA record: a page, a transaction; then what was not seen is orphaned.

use std::sync::Arc;

use super::candidates::{Candidates, Found};
use super::entity::{Entity, Read};
use crate::connectors::{Known, PageStream, PsaCapabilities, PsaChanges};
use crate::engine::ahead::PagesAhead;
use crate::engine::changes::{EveryId, KeptPage, KeptPages, complete};
use crate::engine::error::EngineError;
use crate::engine::pass::{Pass, Ruling, Rulings, Seen, Source};
use crate::engine::rules;
use crate::model::{DecisionOutcome, Knobs, Ledger, LinkState, Origin, RecordKind};
use crate::store::{Contact, LinksAhead, Location, PsaLink, RowId, Stored, Writer};
use crate::transport::Stopwatch;

/// What a walk found out beside the records.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walked {
    /// A record went to another organization.
    pub(super) moved: bool,
    /// A record came that was not here.
    pub(super) linked: bool,
}

impl Walked {
    /// Both walks over one list.
    const fn and(self, other: Self) -> Self {
        Self {
            moved: self.moved || other.moved,
            linked: self.linked || other.linked,
        }
    }
}

/// Pulls every page of one kind. After an error the pages before it stay, and nothing is orphaned.
pub(super) async fn walk<E: Entity>(
    pass: &mut Pass<'_>,
    mut pages: PageStream<'_, E::Remote>,
    entity: &mut E,
) -> Result<Walked, EngineError> {
    let kind = E::Stored::KIND;
    let integration_id = pass.integration_id;
    let links = LinksAhead::new(integration_id, kind);
    let mut state = WalkState::<E>::new(pass, entity, links);
    state.known = pass.known_pages(kind);
    pages.pass_over(Arc::clone(&state.known) as Known);
    let result = pull(pass, &mut *pages, entity, &mut state).await;
    let fetched = state.ledger.fetched;
    pass.book(state.ledger);
    result?;
    // A record that could not be read and gave no id might be any of those not seen.
    if !state.blind && pass.account.reader().link_count(integration_id, kind)? != state.seen.count()
    {
        let seen = &state.seen;
        sweep(pass, kind, &|id| seen.contains(id), rules::PSA_DELETED)?;
    }
    if state.rejected == 0 {
        pass.memory.totals.insert(kind, fetched);
    }
    pass.memory.pages.insert(kind, Arc::new(state.kept));
    resolve(pass, kind)?;
    Ok(state.walked)
}

/// A vendor that tells of changes, and the walk over those of one list where it tells of that.
pub(super) type Part<'c, R> = (&'c dyn PsaChanges, Option<PageStream<'c, R>>);

/// Pulls what changed of one kind, where the vendor can tell, and finds what was deleted: not at all
/// when as many records are left as there should be, by the ids of all otherwise. Where that does not
/// do, everything is read.
pub(super) async fn walk_changes<'c, E: Entity>(
    pass: &mut Pass<'_>,
    changes: Option<Part<'c, E::Remote>>,
    entity: &mut E,
    whole: impl FnOnce() -> PageStream<'c, E::Remote>,
) -> Result<Walked, EngineError> {
    let Some((changes, Some(mut pages))) = changes else {
        return walk(pass, whole(), entity).await;
    };
    let kind = E::Stored::KIND;
    let integration_id = pass.integration_id;
    let before = pass
        .last
        .as_ref()
        .and_then(|last| last.totals.get(&kind))
        .copied();
    let links = LinksAhead::searching(integration_id, kind);
    let mut state = WalkState::<E>::new(pass, entity, links);
    state.counts_fresh = true;
    let result = pull(pass, &mut *pages, entity, &mut state).await;
    drop(pages);
    pass.book(state.ledger);
    result?;
    let walked = state.walked;
    // What the changes wrote, a whole walk after them finds unchanged.
    if state.rejected > 0 {
        return Ok(walked.and(walk(pass, whole(), entity).await?));
    }
    let begun = Stopwatch::start();
    // A vendor that will not count may still be asked for ids, or for everything.
    let now = changes.count(kind).await.unwrap_or(None);
    pass.times.pull += begun.elapsed();
    let mut total = now;
    if !complete(before.as_ref(), state.fresh, now) {
        let Some(ids) = changes.ids(kind) else {
            return Ok(walked.and(walk(pass, whole(), entity).await?));
        };
        let begun = Stopwatch::start();
        let mut links = LinksAhead::new(integration_id, kind);
        let mut seen = Seen::default();
        let mut ids = EveryId::new(ids);
        while let Some(page) = ids.next().await? {
            let reader = pass.account.reader();
            for id in page {
                if let Some(link) = links.take(&reader, &id)? {
                    seen.insert(link.id);
                }
            }
        }
        total = ids.total();
        pass.times.pull += begun.elapsed();
        if total.is_none() {
            return Ok(walked.and(walk(pass, whole(), entity).await?));
        }
        sweep(pass, kind, &|id| seen.contains(id), rules::PSA_DELETED)?;
    }
    if let Some(total) = total {
        pass.memory.totals.insert(kind, total);
    }
    resolve(pass, kind)?;
    Ok(walked)
}

/// Organizations name each other and their locations by the PSA's ids.
fn resolve(pass: &mut Pass<'_>, kind: RecordKind) -> Result<(), EngineError> {
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
    links: LinksAhead,
    rejected: u64,
    blind: bool,
    /// Whether records are counted that were never delivered before, and how many there were.
    counts_fresh: bool,
    fresh: u64,
    walked: Walked,
    /// Pages that may be passed over, and those of this walk.
    known: Arc<KeptPages>,
    kept: KeptPages,
    /// Links of the page at hand.
    on_page: Vec<RowId>,
    /// What the next sync decides of records of that page, although they stay.
    then: Vec<Ruling>,
}

impl<E: Entity> WalkState<E> {
    /// A record that stands here was on the page.
    fn sees(&mut self, link_id: RowId) {
        self.seen.insert(link_id);
        self.on_page.push(link_id);
    }

    /// Takes a page that came before for seen.
    fn pass_over(&mut self, page: &Arc<KeptPage>) {
        for link in page.rows.iter() {
            self.seen.insert(*link);
        }
        if let Some(last) = page.rows.last() {
            self.links.go_behind(*last);
        }
        let (came, skipped) = (page.print.came as u64, &page.skipped);
        self.ledger.fetched += came;
        self.ledger.unchanged += came - skipped.values().sum::<u64>();
        for (rule, count) in skipped {
            *self.ledger.skipped.entry(rule.clone()).or_default() += count;
        }
        self.kept.keep(Arc::clone(page));
    }

    fn new(pass: &Pass<'_>, entity: &E, links: LinksAhead) -> Self {
        Self {
            knobs: pass.knobs,
            ledger: Ledger::new(E::Stored::KIND),
            seen: Seen::default(),
            candidates: Candidates::new(pass.knobs, *entity.psa()),
            links,
            rejected: 0,
            blind: false,
            counts_fresh: false,
            fresh: 0,
            walked: Walked::default(),
            known: Arc::default(),
            kept: KeptPages::default(),
            on_page: Vec::new(),
            then: Vec::new(),
        }
    }
}

async fn pull<E: Entity>(
    pass: &mut Pass<'_>,
    pages: &mut dyn crate::connectors::Pages<E::Remote>,
    entity: &mut E,
    state: &mut WalkState<E>,
) -> Result<(), EngineError> {
    let kind = E::Stored::KIND;
    let source = pass.source();
    let integration_id = pass.integration_id;
    let mut pages = PagesAhead::new(pages);
    loop {
        let (page, spent) = pages.next().await;
        pass.times.pull += spent;
        let Some(page) = page? else { break };
        if let Some(known) = state.known.passed_over(&page) {
            let known = told(pass, known)?;
            state.pass_over(&known);
            pass.page_written(kind, state.ledger.fetched);
            continue;
        }
        state.on_page.clear();
        state.then.clear();
        let print = page.print;
        let records = page.records.len();
        let fetched = (records + page.rejected.len()) as u64;
        let rejected = page.rejected;
        let keep = |writer: &Writer<'_>, rulings: &mut Rulings| {
            let mut tally = Ledger::new(kind);
            for remote in page.records {
                one(writer, source, entity, remote, state, &mut tally, rulings)?;
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
        };
        let tally = pages.during(records, || {
            let begun = Stopwatch::start();
            let tally = pass.write(keep);
            pass.times.write += begun.elapsed();
            tally
        })?;
        let ledger = &mut state.ledger;
        ledger.fetched += fetched;
        ledger.created += tally.created;
        ledger.updated += tally.updated;
        ledger.unchanged += tally.unchanged;
        ledger.rejected += rejected.len() as u64;
        state.rejected += rejected.len() as u64;
        if let Some(print) = print {
            state.kept.keep(Arc::new(KeptPage {
                print,
                rows: state.on_page.as_slice().into(),
                skipped: tally.skipped.clone(),
                companies: Arc::default(),
                then: std::mem::take(&mut state.then),
            }));
        }
        for (rule, count) in tally.skipped {
            *ledger.skipped.entry(rule).or_default() += count;
        }
        let total = ledger.fetched;
        pass.reject(kind, rejected);
        pass.page_written(kind, total);
    }
    Ok(())
}

/// Decides what is left to be decided of a page that is passed over.
fn told(pass: &mut Pass<'_>, mut page: Arc<KeptPage>) -> Result<Arc<KeptPage>, EngineError> {
    if page.then.is_empty() {
        return Ok(page);
    }
    let then = std::mem::take(&mut Arc::make_mut(&mut page).then);
    pass.write(|_, rulings| {
        then.into_iter().for_each(|ruling| rulings.push(ruling));
        Ok(())
    })?;
    Ok(page)
}

/// Decides one record: identity is the PSA's id; only a record without a link is matched by values.
fn one<E: Entity>(
    writer: &Writer<'_>,
    source: Source,
    entity: &mut E,
    remote: E::Remote,
    state: &mut WalkState<E>,
    tally: &mut Ledger,
    rulings: &mut Rulings,
) -> Result<(), EngineError> {
    let kind = E::Stored::KIND;
    let integration_id = source.integration_id;
    let id = E::id(&remote).to_owned();
    let link = state.links.take(writer, &id)?;
    match &link {
        Some(link) => state.sees(link.id),
        None if state.counts_fresh => {
            let known = writer.decided_apart(integration_id, kind, &id)?;
            state.fresh += u64::from(!known);
        }
        None => {}
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
        Some(link) if left_alone(&link, state.knobs).is_some() => {
            let rule = left_alone(&link, state.knobs).unwrap_or(rules::PSA_ORPHAN_STAYS);
            *tally.skipped.entry(rule.to_owned()).or_default() += 1;
            if link.state == LinkState::Orphaned {
                let outcome = DecisionOutcome::Orphaned;
                rulings.push(ruling(rule, outcome, Some(link.record_id), Vec::new()));
            }
            return Ok(());
        }
        Some(link) => {
            if link.state == LinkState::Enabled && link.hash == hash {
                tally.unchanged += 1;
            } else {
                state.walked.moved |=
                    overwrite::<E>(writer, entity.psa(), link.record_id, &mut value)?;
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
        None => match state.candidates.take(writer, integration_id, &value)? {
            Found::Record(record_id, rule, compared) => {
                overwrite::<E>(writer, entity.psa(), record_id, &mut value)?;
                if !state.knobs.exclude_archived_candidates {
                    // What syncs cannot be taken out of the archive by hand (inferred).
                    writer.set_archived::<E::Stored>(record_id, false)?;
                }
                writer.clear_push_failure(kind, record_id)?;
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
    if let Some((rule, compared)) = &note {
        let then = ruling(
            rule,
            DecisionOutcome::Matched,
            Some(record_id),
            compared.clone(),
        );
        state.then.push(then);
    }
    let (rule, compared) = match note {
        Some((note, mut left_out)) if rule == rules::PSA_CREATE => {
            left_out.extend(compared);
            (note, left_out)
        }
        _ => (rule, compared),
    };
    let decision = ruling(rule, outcome, Some(record_id), compared).row(source.sync_id);
    let (link, new) = writer.add_decided_link(integration_id, record_id, hash, &decision)?;
    state.sees(link);
    state.walked.linked = true;
    if new {
        rulings.kept(decision);
    }
    Ok(())
}

/// The rule by which a link stays as it is although its record passes.
fn left_alone(link: &PsaLink, knobs: Knobs) -> Option<&'static str> {
    match link.state {
        LinkState::Disabled => Some(rules::PSA_DISABLED),
        LinkState::Disconnected => Some(rules::PSA_DISCONNECTED),
        LinkState::Orphaned if !knobs.orphan_relink => Some(rules::PSA_ORPHAN_STAYS),
        _ => None,
    }
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
    overwrite::<E>(writer, entity.psa(), record_id, &mut value)?;
    match link {
        Some(link) => writer.set_link(link.id, state, hash)?,
        None => drop(writer.add_link(integration_id, kind, &id, record_id, hash)?),
    }
    Ok(true)
}

/// The PSA wins: its values replace the stored ones, empty ones included (inferred for those). What
/// the PSA has no field for stays. Says whether the record went to another organization.
fn overwrite<E: Entity>(
    writer: &Writer<'_>,
    psa: &PsaCapabilities,
    record_id: RowId,
    value: &mut E::Stored,
) -> Result<bool, EngineError> {
    let existing = writer.get::<E::Stored>(record_id)?;
    let owner = existing.as_ref().and_then(|it| it.value.owner());
    if let Some(existing) = existing {
        for field in psa.without(E::Stored::KIND) {
            value.set_field(field, existing.value.field(field).as_deref());
        }
        E::keep_unmapped(existing.value, value);
    }
    writer.replace(record_id, owner, value)?;
    Ok(owner != value.owner())
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
            let rule = if kind == RecordKind::Location && !owner_syncs(writer, kind, &link)? {
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

/// Orphans the records of a kind that is switched off whose organization stopped syncing. The others
/// stay as they are.
pub(super) fn sweep_switched_off(pass: &mut Pass<'_>, kind: RecordKind) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    pass.write(|writer, rulings| {
        for link in writer.unseen_links(integration_id, kind, |_| false)? {
            if owner_syncs(writer, kind, &link)? {
                continue;
            }
            writer.set_link(link.id, LinkState::Orphaned, link.hash)?;
            rulings.push(Ruling {
                kind,
                external_id: link.remote_id,
                rule: rules::PSA_PARENT,
                outcome: DecisionOutcome::Orphaned,
                record_id: Some(link.record_id),
                compared: Vec::new(),
            });
        }
        Ok(())
    })
}

/// Whether the organization of a location or contact syncs.
fn owner_syncs(writer: &Writer<'_>, kind: RecordKind, link: &PsaLink) -> Result<bool, EngineError> {
    let id = link.record_id;
    let owner = if kind == RecordKind::Contact {
        let contact = writer.get::<Contact>(id)?;
        contact.map(|contact| contact.value.organization_id)
    } else {
        let location = writer.get::<Location>(id)?;
        location.map(|location| location.value.organization_id)
    };
    let Some(owner) = owner else {
        return Ok(false);
    };
    let owner = writer.link_to(link.integration_id, RecordKind::Organization, owner)?;
    Ok(owner.is_some_and(|owner| owner.state.syncs()))
}
