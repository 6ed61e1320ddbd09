//! Small outcomes and truths for the tests of the judge.

use super::truth::{Entity, HandMade, Presence, SourceRow, Truth};
use crate::model::{
    Decision, DecisionOutcome, Fields, Link, LinkState, Origin, Outcome, RecordKind, RecordOutcome,
    ReviewState, RmmCompanyOutcome, RmmDeviceOutcome, Tool,
};

pub(super) const PSA: &str = "connectwise-psa";
pub(super) const RMM: &str = "datto-rmm";

/// A story told in few words. Source records are named `psa:ws1` and `rmm:ws1#2`; the external id
/// is `p-ws1`, `r-ws1#2`, the entity what stands before `#`. Account ids count from 100.
#[derive(Default)]
pub(super) struct Story {
    pub(super) outcome: Outcome,
    pub(super) truth: Truth,
}

pub(super) fn external(source: &str) -> (Tool, &'static str, String) {
    let (tool, key) = source.split_once(':').unwrap();
    match tool {
        "psa" => (Tool::Psa, PSA, format!("p-{key}")),
        "rmm" => (Tool::Rmm, RMM, format!("r-{key}")),
        other => panic!("no tool {other}"),
    }
}

impl Story {
    /// An organization, so that records can belong to one.
    pub(super) fn acme() -> Self {
        let mut story = Self::default();
        story.source(RecordKind::Organization, "psa:acme");
        story.source(RecordKind::Organization, "rmm:acme");
        story.record(
            RecordKind::Organization,
            Origin::Psa,
            &["psa:acme", "rmm:acme"],
        );
        story
    }

    pub(super) fn source(&mut self, kind: RecordKind, source: &str) {
        self.source_with(kind, source, Presence::Delivered);
    }

    pub(super) fn source_with(&mut self, kind: RecordKind, source: &str, presence: Presence) {
        let (tool, vendor, external_id) = external(source);
        let key = source.split_once(':').unwrap().1;
        let truth = key.split('#').next().unwrap();
        if !self
            .truth
            .entities
            .iter()
            .any(|entity| entity.kind == kind && entity.key == truth)
        {
            self.truth.entities.push(Entity {
                kind,
                key: truth.to_owned(),
                name: truth.to_uppercase(),
            });
        }
        self.truth.rows.push(SourceRow {
            tool,
            vendor: vendor.to_owned(),
            kind,
            external_id,
            key: key.to_owned(),
            truth: truth.to_owned(),
            presence,
        });
    }

    /// Source records of devices.
    pub(super) fn devices(mut self, sources: &[&str]) -> Self {
        for source in sources {
            self.source(RecordKind::Configuration, source);
        }
        self
    }

    /// A record of the account with its links; gives its id.
    pub(super) fn record(&mut self, kind: RecordKind, origin: Origin, links: &[&str]) -> String {
        let place = self.outcome.all_records().count() as u64;
        let id = (100 + place).to_string();
        let links = links
            .iter()
            .map(|source| {
                let (tool, vendor, external_id) = external(source);
                let state = match tool {
                    Tool::Psa => LinkState::Enabled,
                    Tool::Rmm => LinkState::Matched,
                };
                Link {
                    tool,
                    vendor: vendor.to_owned(),
                    external_id,
                    state,
                }
            })
            .collect();
        self.outcome.records_mut(kind).push(RecordOutcome {
            id: id.clone(),
            kind,
            organization_id: (kind != RecordKind::Organization).then(|| "100".to_owned()),
            name: format!("Record {id}"),
            fields: Fields::new(),
            shown: Fields::new(),
            origin,
            links,
            archived: false,
            push: None,
            created_seq: place,
        });
        id
    }

    /// A configuration.
    pub(super) fn configuration(mut self, origin: Origin, links: &[&str]) -> Self {
        self.record(RecordKind::Configuration, origin, links);
        self
    }

    /// A configuration that a person made for a device.
    pub(super) fn hand_made(mut self, origin: Origin, truth: &str, links: &[&str]) -> Self {
        let record_id = self.record(RecordKind::Configuration, origin, links);
        self.truth.hand_made.push(HandMade {
            kind: RecordKind::Configuration,
            record_id,
            truth: truth.to_owned(),
        });
        self
    }

    pub(super) fn company(mut self, source: &str, state: ReviewState) -> Self {
        let (_, vendor, external_id) = external(source);
        self.outcome.rmm.companies.push(RmmCompanyOutcome {
            vendor: vendor.to_owned(),
            external_id,
            name: source.to_owned(),
            state,
            record_id: (state == ReviewState::Matched).then(|| "100".to_owned()),
            rule: None,
            suggestion: None,
            reason: None,
            devices_matched: 0,
            devices_total: 0,
        });
        self
    }

    pub(super) fn device(mut self, source: &str, state: ReviewState, record: Option<&str>) -> Self {
        let (_, vendor, external_id) = external(source);
        self.outcome.rmm.devices.push(RmmDeviceOutcome {
            vendor: vendor.to_owned(),
            external_id,
            company_external_id: "r-acme".to_owned(),
            name: source.to_owned(),
            state,
            record_id: record.map(str::to_owned),
            rule: None,
            suggestion: None,
            reason: None,
        });
        self
    }

    pub(super) fn decision(mut self, source: &str, rule: &str, record: Option<&str>) -> Self {
        let (tool, vendor, external_id) = external(source);
        self.outcome.decisions.push(Decision {
            sync: None,
            kind: RecordKind::Configuration,
            tool,
            vendor: vendor.to_owned(),
            external_id,
            rule: rule.to_owned(),
            outcome: DecisionOutcome::Matched,
            record_id: record.map(str::to_owned),
            evidence: None,
            compared: Vec::new(),
        });
        self
    }
}
