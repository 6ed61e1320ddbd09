//! Reads the account into the versioned outcome document.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::account::{Owed, Pushed};
use super::error::EngineError;
use super::pass::decision;
use super::sync::Engine;
use super::view;
use crate::model::{
    Fields, Link, LinkState, Outcome, RecordKind, RecordOutcome, ReviewState, RmmCompanyOutcome,
    RmmDeviceOutcome, SyncError, SyncOutcome, SyncStatus, Tool,
};
use crate::store::{
    Configuration, Contact, IntegrationRow, Location, Organization, Queued, Reader, Record, RowId,
    StoreError,
};

impl Engine {
    /// What the account, the matching screen and the journal say now.
    ///
    /// # Errors
    /// [`EngineError::Account`] when the account cannot be read.
    pub fn outcome(&self) -> Result<Outcome, EngineError> {
        let reader = self.account.reader();
        let integrations = reader.integrations()?;
        let mut outcome = Outcome {
            warnings: self.warnings.clone(),
            actions: self.actions.clone(),
            imports: self.imports.clone(),
            ..Outcome::default()
        };
        let book = Book {
            reader: &reader,
            integrations: &integrations,
            owed: Owed::load(self)?,
        };

        book.records(&mut |record| {
            let list = match record.kind {
                RecordKind::Organization => &mut outcome.organizations,
                RecordKind::Location => &mut outcome.locations,
                RecordKind::Contact => &mut outcome.contacts,
                RecordKind::Configuration => &mut outcome.configurations,
            };
            list.push(record);
            Ok(())
        })?;
        let screen = &mut outcome.rmm;
        book.review(
            &mut |device| {
                screen.devices.push(device);
                Ok(())
            },
            &mut |company| {
                screen.companies.push(company);
                Ok(())
            },
        )?;
        book.journal(self, &mut outcome)?;
        Ok(outcome)
    }

    /// Reads everything that an outcome holds of records and matching screen, piece by piece and in
    /// the outcome's order, and gives the number of pieces and a hash of all of them: what a reader of
    /// the whole account costs, and whether two accounts say the same.
    ///
    /// # Errors
    /// [`EngineError::Account`] when the account cannot be read.
    pub fn read_back(&self) -> Result<(u64, u64), EngineError> {
        let reader = self.account.reader();
        let integrations = reader.integrations()?;
        let book = Book {
            reader: &reader,
            integrations: &integrations,
            owed: Owed::load(self)?,
        };
        let digest = RefCell::new(Digest::default());
        book.records(&mut |record| digest.borrow_mut().take(&record))?;
        book.review(
            &mut |device| digest.borrow_mut().take(&device),
            &mut |company| digest.borrow_mut().take(&company),
        )?;
        let digest = digest.into_inner();
        Ok((digest.pieces, digest.hash))
    }
}

/// A hash over pieces in their order.
#[derive(Default)]
struct Digest {
    pieces: u64,
    hash: u64,
    text: Vec<u8>,
}

impl Digest {
    fn take(&mut self, piece: &impl serde::Serialize) -> Result<(), StoreError> {
        use std::hash::BuildHasher as _;
        self.text.clear();
        serde_json::to_writer(&mut self.text, piece)?;
        let state = foldhash::quality::FixedState::with_seed(self.hash);
        self.hash = state.hash_one(&self.text);
        self.pieces += 1;
        Ok(())
    }
}

/// Takes what is read, piece by piece.
type Sink<'a, T> = &'a mut dyn FnMut(T) -> Result<(), StoreError>;

struct Book<'a> {
    reader: &'a Reader<'a>,
    integrations: &'a [IntegrationRow],
    owed: Owed<'a>,
}

impl Book<'_> {
    fn integration(&self, id: i64) -> (Tool, String) {
        let row = self.integrations.iter().find(|row| row.id == id);
        let tool = row.map_or(Tool::Psa, |row| {
            if row.tool == "psa" {
                Tool::Psa
            } else {
                Tool::Rmm
            }
        });
        (tool, row.map(|row| row.vendor.clone()).unwrap_or_default())
    }

    fn rmm_integrations(&self) -> impl Iterator<Item = &IntegrationRow> {
        self.integrations.iter().filter(|row| row.tool == "rmm")
    }

    /// The RMM companies that stand for each organization.
    fn matched_companies(&self) -> Result<BTreeMap<RowId, Vec<Link>>, StoreError> {
        let mut matched: BTreeMap<RowId, Vec<Link>> = BTreeMap::new();
        for integration in self.rmm_integrations() {
            for company in self.reader.companies(integration.id)? {
                if let (ReviewState::Matched, Some(id)) =
                    (company.queued.state, company.queued.record_id)
                {
                    let link = matched_link(&integration.vendor, company.external_id);
                    matched.entry(id).or_default().push(link);
                }
            }
        }
        Ok(matched)
    }

    /// Every record, kind by kind, in order of creation.
    fn records(&self, sink: Sink<'_, RecordOutcome>) -> Result<(), StoreError> {
        let reader = self.reader;
        let matched = self.matched_companies()?;
        reader.each::<Organization>(|record| {
            let links = matched.get(&record.id).cloned().unwrap_or_default();
            sink(self.record(record, None, links, Fields::new())?)
        })?;
        reader.each::<Location>(|record| {
            let owner = record.value.organization_id;
            sink(self.record(record, Some(owner), Vec::new(), Fields::new())?)
        })?;
        reader.each::<Contact>(|record| {
            let owner = record.value.organization_id;
            sink(self.record(record, Some(owner), Vec::new(), Fields::new())?)
        })?;
        reader.each::<Configuration>(|record| sink(self.configuration(record)?))
    }

    fn configuration(&self, record: Record<Configuration>) -> Result<RecordOutcome, StoreError> {
        let mut links = Vec::new();
        let mut shown: Option<(Option<jiff::Timestamp>, Fields)> = None;
        for device in self.reader.devices_of_record(record.id)? {
            let (_, vendor) = self.integration(device.integration_id);
            links.push(matched_link(&vendor, device.external_id));
            // Of several devices on one configuration the one seen last is shown (inferred).
            let seen = device.device.last_seen;
            if shown.as_ref().is_none_or(|(best, _)| seen > *best) {
                shown = Some((seen, view::overlay(&device.device, &record.value)));
            }
        }
        let owner = record.value.organization_id;
        self.record(record, Some(owner), links, shown.unwrap_or_default().1)
    }

    fn record<T: Pushed>(
        &self,
        record: Record<T>,
        organization_id: Option<RowId>,
        matched: Vec<Link>,
        shown: Fields,
    ) -> Result<RecordOutcome, StoreError> {
        let mut links = Vec::new();
        let psa_links = self.reader.links_of(T::KIND, record.id)?;
        let push = self.owed.state(&record, &psa_links);
        for link in psa_links {
            let (tool, vendor) = self.integration(link.integration_id);
            let state = link.state;
            links.push(Link {
                tool,
                vendor,
                external_id: link.remote_id,
                state,
            });
        }
        links.extend(matched);
        let mut name = String::new();
        let mut fields = Fields::new();
        for (field, text) in record.value.fields() {
            match field {
                "name" => name = text,
                // The PSA's own ids say nothing that the resolved references do not.
                "organization_id" | "parent_remote_id" | "primary_location_remote_id" => {}
                _ => drop(fields.insert(field.to_owned(), Value::from(text))),
            }
        }
        if name.is_empty() {
            let part = |field| fields.get(field).and_then(Value::as_str);
            let parts = [part("first_name"), part("last_name")];
            name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        }
        Ok(RecordOutcome {
            id: record.id.to_string(),
            kind: T::KIND,
            organization_id: organization_id.map(|id| id.to_string()),
            name,
            fields,
            shown,
            origin: record.origin,
            links,
            archived: record.archived,
            push,
            created_seq: record.id.unsigned_abs(),
        })
    }

    /// Every device and company of the matching screen, the devices of a company before it.
    fn review(
        &self,
        devices: Sink<'_, RmmDeviceOutcome>,
        companies: Sink<'_, RmmCompanyOutcome>,
    ) -> Result<(), StoreError> {
        for integration in self.rmm_integrations() {
            let counts: BTreeMap<String, (u64, u64)> = self
                .reader
                .device_counts(integration.id)?
                .into_iter()
                .map(|(company, total, matched)| (company, (total, matched)))
                .collect();
            for company in self.reader.companies(integration.id)? {
                let of_company = self
                    .reader
                    .devices_of_company(integration.id, &company.external_id)?;
                for device in of_company {
                    let Screen {
                        state,
                        record_id,
                        rule,
                        suggestion,
                        reason,
                    } = Screen::of(device.queued);
                    devices(RmmDeviceOutcome {
                        vendor: integration.vendor.clone(),
                        external_id: device.external_id,
                        company_external_id: device.company_external_id,
                        name: device.device.name,
                        state,
                        record_id,
                        rule,
                        suggestion,
                        reason,
                    })?;
                }
                let (devices_total, devices_matched) = counts
                    .get(&company.external_id)
                    .copied()
                    .unwrap_or_default();
                let Screen {
                    state,
                    record_id,
                    rule,
                    suggestion,
                    reason,
                } = Screen::of(company.queued);
                companies(RmmCompanyOutcome {
                    vendor: integration.vendor.clone(),
                    external_id: company.external_id,
                    name: company.name,
                    state,
                    record_id,
                    rule,
                    suggestion,
                    reason,
                    devices_matched,
                    devices_total,
                })?;
            }
        }
        Ok(())
    }

    fn journal(&self, engine: &Engine, outcome: &mut Outcome) -> Result<(), StoreError> {
        for sync in self.reader.syncs()? {
            let (tool, vendor) = self.integration(sync.integration_id);
            let rejections = engine.rejections.iter().filter(|(id, _)| *id == sync.id);
            outcome.syncs.push(SyncOutcome {
                tool,
                vendor,
                status: match sync.status.as_str() {
                    "completed" => SyncStatus::Completed,
                    _ => SyncStatus::Failed,
                },
                error: sync
                    .error
                    .map(|(code, message)| SyncError { code, message }),
                ledgers: self.reader.ledgers(sync.id)?,
                rejections: rejections.flat_map(|(_, list)| list.clone()).collect(),
                writes: sync.writes,
            });
        }
        for integration in self.integrations {
            let (tool, vendor) = self.integration(integration.id);
            let decisions = self.reader.decisions(integration.id)?;
            let decisions = decisions
                .into_iter()
                .map(|row| decision(tool, &vendor, row));
            outcome.decisions.extend(decisions);
        }
        Ok(())
    }
}

fn matched_link(vendor: &str, external_id: String) -> Link {
    Link {
        tool: Tool::Rmm,
        vendor: vendor.to_owned(),
        external_id,
        state: LinkState::Matched,
    }
}

/// A row of the matching screen in the outcome's types.
struct Screen {
    state: ReviewState,
    record_id: Option<String>,
    rule: Option<String>,
    suggestion: Option<String>,
    reason: Option<String>,
}

impl Screen {
    fn of(queued: Queued) -> Self {
        Self {
            state: queued.state,
            record_id: queued.record_id.map(|id| id.to_string()),
            rule: queued.rule,
            suggestion: queued.suggestion_id.map(|id| id.to_string()),
            reason: queued.reason,
        }
    }
}
