//! Entities that the method should have brought and did not, and where they got stuck.

use super::join::{EntityNo, Joined, RowNo};
use super::judgement::{Findings, Missing, PerKind, QueueCounts};
use super::truth::{Presence, source_of};
use crate::model::{Method, RecordKind, ReviewState, Tool};

/// What the matching screen says about one entity.
#[derive(Clone, Copy, Default)]
struct Screen<'a> {
    /// Rows of the entity that the RMM delivers.
    delivered: u32,
    /// Those that a person set aside, alone or with their company.
    ignored: u32,
    /// The first row that is not set aside.
    standing: Option<Standing<'a>>,
}

#[derive(Clone, Copy)]
struct Standing<'a> {
    state: ReviewState,
    suggested: bool,
    reason: Option<&'a str>,
}

/// Lists the missing entities. An entity is in scope when the method's tool for its kind (see
/// [`source_of`]) delivers a record of it; it is excused when a person ignored all of its RMM rows
/// or their company.
pub(super) fn find(joined: &Joined<'_>, method: Method, findings: &mut Findings) -> PerKind<u64> {
    let mut present = vec![false; joined.entities.len()];
    for record in &joined.records {
        for entity in joined.entities_of(record) {
            present[*entity as usize] = true;
        }
    }
    let mut from_psa = vec![false; joined.entities.len()];
    let mut screens = vec![Screen::default(); joined.entities.len()];
    for (row, entity) in joined.rows.iter().zip(&joined.row_entity) {
        match (row.presence, row.tool) {
            (Presence::Delivered, Tool::Psa) => from_psa[*entity as usize] = true,
            (Presence::Delivered, Tool::Rmm) => screens[*entity as usize].delivered += 1,
            (Presence::Withheld | Presence::Removed, _) => {}
        }
    }
    read_screen(joined, &mut screens);
    let mut counts = PerKind::<u64>::default();
    for kind in RecordKind::ALL {
        for (at, entity) in joined.entities.iter().enumerate() {
            if entity.kind != kind || present[at] {
                continue;
            }
            let screen = screens[at];
            let in_scope = match source_of(method, kind) {
                Some(Tool::Psa) => from_psa[at],
                Some(Tool::Rmm) => screen.delivered > screen.ignored,
                None => false,
            };
            if in_scope {
                *counts.get_mut(kind) += 1;
                findings.missing.push(Missing {
                    kind,
                    entity: entity.key.to_owned(),
                    name: entity.name.to_owned(),
                    state: screen.standing.map(|standing| standing.state),
                    suggested: screen.standing.is_some_and(|standing| standing.suggested),
                    reason: screen
                        .standing
                        .and_then(|standing| standing.reason.map(str::to_owned)),
                    rules: Vec::new(),
                });
            }
        }
    }
    counts
}

fn read_screen<'a>(joined: &Joined<'a>, screens: &mut [Screen<'a>]) {
    let mut company_ignored = vec![false; joined.rows.len()];
    for company in &joined.outcome.rmm.companies {
        let row = joined.row(
            Tool::Rmm,
            &company.vendor,
            RecordKind::Organization,
            &company.external_id,
        );
        let Some(row) = row else { continue };
        company_ignored[row as usize] = company.state == ReviewState::Ignored;
        let standing = Standing {
            state: company.state,
            suggested: company.suggestion.is_some(),
            reason: company.reason.as_deref(),
        };
        put(joined, screens, row, standing);
    }
    for device in &joined.outcome.rmm.devices {
        let row = joined.row(
            Tool::Rmm,
            &device.vendor,
            RecordKind::Configuration,
            &device.external_id,
        );
        let Some(row) = row else { continue };
        let company = joined.row(
            Tool::Rmm,
            &device.vendor,
            RecordKind::Organization,
            &device.company_external_id,
        );
        let with_company = company.is_some_and(|company| company_ignored[company as usize]);
        let state = if with_company {
            ReviewState::Ignored
        } else {
            device.state
        };
        let standing = Standing {
            state,
            suggested: device.suggestion.is_some(),
            reason: device.reason.as_deref(),
        };
        put(joined, screens, row, standing);
    }
}

fn put<'a>(joined: &Joined<'a>, screens: &mut [Screen<'a>], row: RowNo, standing: Standing<'a>) {
    let entity: EntityNo = joined.row_entity[row as usize];
    let screen = &mut screens[entity as usize];
    if standing.state != ReviewState::Ignored {
        screen.standing.get_or_insert(standing);
    } else if joined.rows[row as usize].presence == Presence::Delivered {
        screen.ignored += 1;
    }
}

/// Counts the queues of the matching screen: companies, devices.
pub(super) fn queues(joined: &Joined<'_>) -> (QueueCounts, QueueCounts) {
    let rmm = &joined.outcome.rmm;
    (
        count(
            rmm.companies
                .iter()
                .map(|row| (row.state, row.suggestion.is_some())),
        ),
        count(
            rmm.devices
                .iter()
                .map(|row| (row.state, row.suggestion.is_some())),
        ),
    )
}

fn count(rows: impl Iterator<Item = (ReviewState, bool)>) -> QueueCounts {
    let mut counts = QueueCounts::default();
    for (state, suggested) in rows {
        match state {
            ReviewState::Matched => counts.matched += 1,
            ReviewState::Ignored => counts.ignored += 1,
            ReviewState::Unmatched => {
                counts.unmatched += 1;
                counts.suggested += u64::from(suggested);
            }
        }
    }
    counts
}
