//! The RMM pass: pull companies and devices, drop empty companies, match companies, match devices.
//! It never creates an organization or a configuration and never writes the stored layer; what it
//! keeps of a device is what the combined view shows.

mod candidates;
mod cascade;
mod companies;
mod gone;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ahead::PagesAhead;
use super::changes::{EveryId, KeptPage, KeptPages, Memory, complete};
use super::error::EngineError;
use super::pass::{Pass, Rulings, Seen};
use super::rules;
use crate::connectors::{Known, Page, PageStream, Pages, RmmChanges, RmmConnector};
use crate::model::{Knobs, Ledger, RecordKind, RemoteCompany, RemoteDevice, ReviewState, RmmGone};
use crate::store::{DeviceRow, DevicesAhead, QueueTable, Queued, Staged, Writer};
use crate::transport::Stopwatch;

/// Pulls everything, then matches.
pub(super) async fn run(
    pass: &mut Pass<'_>,
    connector: &dyn RmmConnector,
) -> Result<(), EngineError> {
    let delivered = pull_companies(pass, connector.companies()).await?;
    let devices = match read_devices(pass, connector, &delivered).await {
        Ok(devices) => devices,
        Err(error) => {
            pass.ledgers.insert(0, delivered.given_up());
            return Err(error);
        }
    };
    if devices.rejected == 0 && devices.passed == 0 && delivered.is_whole() {
        pass.memory.companies.clone_from(&delivered.ids);
    }
    stage_companies(pass, delivered, &devices.counts)?;
    let begun = Stopwatch::start();
    companies::match_companies(pass)?;
    let matched = cascade::match_devices(pass);
    pass.times.matching += begun.elapsed();
    matched
}

struct Delivered {
    companies: Vec<RemoteCompany>,
    /// Ids of all that were delivered, unreadable ones included.
    ids: BTreeSet<String>,
    /// Ids of those that could not be read.
    rejected: BTreeSet<String>,
    ledger: Ledger,
    /// One could not be read and gave no id.
    blind: bool,
}

impl Delivered {
    /// Whether every company could be read.
    fn is_whole(&self) -> bool {
        self.rejected.is_empty() && !self.blind
    }

    /// The ledger of a sync that fails before companies are judged: delivered, and left to the next.
    fn given_up(mut self) -> Ledger {
        let waiting = self.companies.len() as u64;
        if waiting > 0 {
            self.ledger
                .skipped
                .insert(rules::RMM_SYNC_FAILED.to_owned(), waiting);
        }
        self.ledger
    }
}

/// Companies wait in memory until it is known which have devices; there are few enough.
async fn pull_companies(
    pass: &mut Pass<'_>,
    mut pages: PageStream<'_, RemoteCompany>,
) -> Result<Delivered, EngineError> {
    let mut delivered = Delivered {
        companies: Vec::new(),
        ids: BTreeSet::new(),
        rejected: BTreeSet::new(),
        ledger: Ledger::new(RecordKind::Organization),
        blind: false,
    };
    loop {
        match pages.next_page().await {
            Ok(None) => return Ok(delivered),
            Ok(Some(page)) => {
                delivered.ledger.fetched += (page.records.len() + page.rejected.len()) as u64;
                delivered.ledger.rejected += page.rejected.len() as u64;
                for company in page.records {
                    delivered.ids.insert(company.id.clone());
                    delivered.companies.push(company);
                }
                for reject in &page.rejected {
                    match &reject.id {
                        Some(id) => {
                            delivered.ids.insert(id.clone());
                            delivered.rejected.insert(id.clone());
                        }
                        None => delivered.blind = true,
                    }
                }
                pass.reject(RecordKind::Organization, page.rejected);
            }
            Err(error) => {
                pass.ledgers.push(delivered.given_up());
                return Err(error.into());
            }
        }
    }
}

/// Reads the devices: those that changed where the RMM can tell and the same companies are there, all of
/// them otherwise.
async fn read_devices(
    pass: &mut Pass<'_>,
    connector: &dyn RmmConnector,
    delivered: &Delivered,
) -> Result<Pulled, EngineError> {
    let same = |last: &Memory| delivered.is_whole() && last.companies == delivered.ids;
    pass.same_ground = pass.last.as_ref().is_some_and(same);
    let asked = pass.same_ground && pass.asks_changes;
    let last = pass.last.as_ref().filter(|_| asked);
    let before = last.map(|last| {
        (
            last.since(),
            last.totals.get(&RecordKind::Configuration).copied(),
        )
    });
    let changes = before.zip(connector.changes());
    if let Some(((since, before), changes)) = changes
        && let Some(pages) = changes.devices(since)
        && let Some(pulled) = pull_changes(pass, changes, pages, before, delivered).await?
    {
        return Ok(pulled);
    }
    pull_devices(pass, connector.devices(), delivered).await
}

/// Pulls what changed, and finds what was deleted; none when that cannot be said without reading
/// everything.
async fn pull_changes(
    pass: &mut Pass<'_>,
    changes: &dyn RmmChanges,
    mut pages: PageStream<'_, RemoteDevice>,
    before: Option<u64>,
    delivered: &Delivered,
) -> Result<Option<Pulled>, EngineError> {
    let integration_id = pass.integration_id;
    let mut pulled = Pulled::default();
    let mut ahead = DevicesAhead::searching(integration_id);
    let created = pull(pass, &mut *pages, &mut pulled, &mut ahead, delivered).await?;
    drop(pages);
    if pulled.rejected > 0 || pulled.passed > 0 {
        return Ok(None);
    }
    let begun = Stopwatch::start();
    // A vendor that will not count may still be asked for ids, or for everything.
    let now = changes.count().await.unwrap_or(None);
    pass.times.pull += begun.elapsed();
    let mut total = now;
    if !complete(before.as_ref(), created, now) {
        let Some(ids) = changes.ids() else {
            return Ok(None);
        };
        let begun = Stopwatch::start();
        let mut ahead = DevicesAhead::new(integration_id);
        let seen = &mut pulled.seen;
        let mut ids = EveryId::new(ids);
        while let Some(page) = ids.next().await? {
            let reader = pass.account.reader();
            for id in page {
                if let Some(id) = ahead.find(&reader, &id)? {
                    seen.insert(id);
                }
            }
        }
        total = ids.total();
        pass.times.pull += begun.elapsed();
        if total.is_none() {
            return Ok(None);
        }
        drop_unseen(pass, &pulled.seen)?;
    }
    if let Some(total) = total {
        pass.memory.totals.insert(RecordKind::Configuration, total);
    }
    let counts = pass.account.reader().device_counts(integration_id)?;
    pulled.counts = counts
        .into_iter()
        .map(|(company, count, _)| (company, count))
        .collect();
    Ok(Some(pulled))
}

/// Deleted in the RMM: the overlay goes, the configuration stays (inferred).
fn drop_unseen(pass: &mut Pass<'_>, seen: &Seen) -> Result<(), EngineError> {
    let (integration_id, knobs) = (pass.integration_id, pass.knobs);
    pass.write(|writer, rulings| {
        let table = QueueTable::Devices;
        gone::unseen(writer, knobs, integration_id, table, seen, rulings)
    })
}

/// What a walk over the devices found.
#[derive(Default)]
struct Pulled {
    seen: Seen,
    /// Devices by company.
    counts: BTreeMap<String, u64>,
    /// Records that came, readable or not.
    fetched: u64,
    /// Devices that could not be read.
    rejected: u64,
    /// Devices whose company is not there.
    passed: u64,
    /// One could not be read and gave no id.
    blind: bool,
    /// Pages that may be passed over, and those of this walk.
    known: Arc<KeptPages>,
    kept: KeptPages,
}

async fn pull_devices(
    pass: &mut Pass<'_>,
    mut pages: PageStream<'_, RemoteDevice>,
    delivered: &Delivered,
) -> Result<Pulled, EngineError> {
    let integration_id = pass.integration_id;
    let mut pulled = Pulled::default();
    let mut ahead = DevicesAhead::new(integration_id);
    let kind = RecordKind::Configuration;
    pulled.known = pass.known_pages(kind);
    pages.pass_over(Arc::clone(&pulled.known) as Known);
    pull(pass, &mut *pages, &mut pulled, &mut ahead, delivered).await?;
    // Nothing may be delivered of a company that could not be read: what is known of its devices, a
    // person's decision above all, waits for the next sync (inferred).
    let rejected = &delivered.rejected;
    if !rejected.is_empty() {
        pass.write(|writer, _| pulled.keep_devices_of(writer, integration_id, rejected))?;
    }
    // A device that went and is kept is marked, and one that came back is not.
    let marks = pass.knobs.rmm_gone == RmmGone::Keep;
    let all_seen = pass.account.reader().device_count(integration_id)? == pulled.seen.count();
    if !pulled.blind && (marks || !all_seen) {
        drop_unseen(pass, &pulled.seen)?;
    }
    let kept = std::mem::take(&mut pulled.kept);
    pass.memory.pages.insert(kind, Arc::new(kept));
    if pulled.rejected == 0 {
        pass.memory.totals.insert(kind, pulled.fetched);
    }
    Ok(pulled)
}

/// Stages every page of a walk, and says how many devices were new.
async fn pull(
    pass: &mut Pass<'_>,
    pages: &mut dyn Pages<RemoteDevice>,
    pulled: &mut Pulled,
    ahead: &mut DevicesAhead,
    delivered: &Delivered,
) -> Result<u64, EngineError> {
    let kind = RecordKind::Configuration;
    let integration_id = pass.integration_id;
    let mut ledger = Ledger::new(kind);
    let mut pages = PagesAhead::new(pages);
    let result = loop {
        let (page, spent) = pages.next().await;
        pass.times.pull += spent;
        let page = match page {
            Ok(Some(page)) => page,
            Ok(None) => break Ok(()),
            Err(error) => break Err(EngineError::from(error)),
        };
        if let Some(known) = pulled.known.passed_over(&page) {
            let came = pulled.pass_over(&known);
            if let Some(last) = known.rows.last() {
                ahead.go_behind(*last);
            }
            ledger.fetched += came;
            ledger.unchanged += came;
            pass.page_written(kind, ledger.fetched);
            continue;
        }
        let fetched = (page.records.len() + page.rejected.len()) as u64;
        let tally = pages.during(page.records.len(), || {
            let begun = Stopwatch::start();
            let keep = |writer: &Writer<'_>, _: &mut Rulings| {
                pulled.stage(writer, ahead, integration_id, &page, delivered)
            };
            let tally = pass.write(keep);
            pass.times.stage += begun.elapsed();
            tally
        })?;
        ledger.fetched += fetched;
        ledger.created += tally.created;
        ledger.updated += tally.updated;
        ledger.unchanged += tally.unchanged;
        ledger.rejected += page.rejected.len() as u64;
        for (rule, count) in tally.skipped {
            pulled.passed += count;
            *ledger.skipped.entry(rule).or_default() += count;
        }
        pulled.rejected += page.rejected.len() as u64;
        pulled.fetched += fetched;
        pass.reject(kind, page.rejected);
        pass.page_written(kind, ledger.fetched);
    };
    let created = ledger.created;
    pass.book(ledger);
    result.map(|()| created)
}

impl Pulled {
    /// Takes a page that came before for seen, and says how many devices are on it.
    fn pass_over(&mut self, page: &Arc<KeptPage>) -> u64 {
        for device in page.rows.iter() {
            self.seen.insert(*device);
        }
        for (company, count) in page.companies.iter() {
            *self.counts.entry(company.clone()).or_default() += count;
        }
        self.fetched += page.print.came as u64;
        self.kept.keep(Arc::clone(page));
        page.print.came as u64
    }

    fn stage(
        &mut self,
        writer: &Writer<'_>,
        ahead: &mut DevicesAhead,
        integration_id: i64,
        page: &Page<RemoteDevice>,
        delivered: &Delivered,
    ) -> Result<Ledger, EngineError> {
        let mut tally = Ledger::new(RecordKind::Configuration);
        let mut rows = Vec::new();
        let mut companies: Vec<(String, u64)> = Vec::new();
        for device in &page.records {
            if !delivered.ids.contains(&device.company_id) {
                let rule = rules::RMM_UNKNOWN_COMPANY.to_owned();
                *tally.skipped.entry(rule).or_default() += 1;
                // Its company may be the one whose id could not be read: what is known of the
                // device, a person's decision above all, waits for the next sync.
                if delivered.blind {
                    self.keep(writer.device(integration_id, &device.id)?);
                }
                continue;
            }
            match self.counts.get_mut(&device.company_id) {
                Some(count) => *count += 1,
                None => drop(self.counts.insert(device.company_id.clone(), 1)),
            }
            let staged = writer.stage_device(ahead, device, hash(device))?;
            self.seen.insert(staged.id);
            if page.print.is_some() {
                rows.push(staged.id);
                match companies.last_mut() {
                    Some((company, count)) if *company == device.company_id => *count += 1,
                    _ => companies.push((device.company_id.clone(), 1)),
                }
            }
            match staged.staged {
                Staged::Created => tally.created += 1,
                Staged::Updated => tally.updated += 1,
                Staged::Unchanged => tally.unchanged += 1,
            }
        }
        if let Some(print) = page.print.filter(|_| tally.skipped.is_empty()) {
            self.kept.keep(Arc::new(KeptPage {
                print,
                rows: rows.into(),
                skipped: BTreeMap::new(),
                companies: companies.into(),
                then: Vec::new(),
            }));
        }
        for reject in &page.rejected {
            match &reject.id {
                Some(id) => self.keep(writer.device(integration_id, id)?),
                None => self.blind = true,
            }
        }
        Ok(tally)
    }

    /// Takes the known devices of companies for seen that no page held.
    fn keep_devices_of(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        companies: &BTreeSet<String>,
    ) -> Result<(), EngineError> {
        for company in companies {
            for row in writer.devices_of_company(integration_id, company)? {
                if !self.seen.contains(row.id) {
                    self.keep(Some(row));
                }
            }
        }
        Ok(())
    }

    /// Takes a device that is known already for seen, as it is.
    fn keep(&mut self, known: Option<DeviceRow>) {
        if let Some(row) = known {
            self.seen.insert(row.id);
            *self.counts.entry(row.company_external_id).or_default() += 1;
        }
    }
}

fn stage_companies(
    pass: &mut Pass<'_>,
    delivered: Delivered,
    devices: &BTreeMap<String, u64>,
) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    let Delivered {
        companies,
        rejected,
        mut ledger,
        blind,
        ..
    } = delivered;
    let knobs = pass.knobs;
    let tally = pass.write(|writer, rulings| {
        let mut tally = Ledger::new(RecordKind::Organization);
        let mut seen = Seen::default();
        for company in &companies {
            let known = writer.company(integration_id, &company.id)?;
            // What a person or a rule has settled stays when the last device leaves (inferred).
            let settled = known
                .as_ref()
                .is_some_and(|row| row.queued.state != ReviewState::Unmatched);
            if !devices.contains_key(&company.id) && !settled {
                *tally
                    .skipped
                    .entry(rules::RMM_EMPTY_COMPANY.to_owned())
                    .or_default() += 1;
                continue;
            }
            let (id, staged) = writer.stage_company(integration_id, &company.id, &company.name)?;
            seen.insert(id);
            match staged {
                Staged::Created => tally.created += 1,
                Staged::Updated => tally.updated += 1,
                Staged::Unchanged => tally.unchanged += 1,
            }
        }
        if !blind {
            for id in &rejected {
                if let Some(row) = writer.company(integration_id, id)? {
                    seen.insert(row.id);
                }
            }
            let table = QueueTable::Companies;
            gone::unseen(writer, knobs, integration_id, table, &seen, rulings)?;
        }
        Ok(tally)
    })?;
    ledger.created += tally.created;
    ledger.updated += tally.updated;
    ledger.unchanged += tally.unchanged;
    ledger.skipped.extend(tally.skipped);
    // Companies stand first in reports, although devices were kept first.
    pass.ledgers.insert(0, ledger);
    Ok(())
}

/// Whether a row stays as it is because a person took its match back, where that lasts.
fn stays_reverted(knobs: Knobs, queued: &Queued) -> bool {
    let reverted = [rules::REVIEW_REVERT, rules::REVIEW_REVERTED_STAYS];
    let rule = queued.rule.as_deref();
    !knobs.revert_then_rematch && rule.is_some_and(|rule| reverted.contains(&rule))
}

fn hash(device: &RemoteDevice) -> i64 {
    use std::hash::BuildHasher as _;
    const SEED: u64 = 0x73_79_6e_63_72_69_67_03;
    let hash = foldhash::quality::FixedState::with_seed(SEED).hash_one(device);
    i64::from_ne_bytes(hash.to_ne_bytes())
}
