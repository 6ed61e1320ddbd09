//! What people do on the matching screen [3.7].

use syncrig::model::{Method, Origin, RecordKind, ReviewState};
use syncrig::scenario::{Review, Rows, Target};
use syncrig_mocks::world::Kind;

use super::model::{Account, Fields, Id, Place};
use super::psa::fields;

/// Which rows an action is for, by place in their list; `None` when it cannot be done.
fn rows(account: &Account, target: &Target, review: &Review) -> Option<Vec<usize>> {
    let kind = target.kind();
    let named = |key: &str| row_of(account, kind, key);
    let bulk = |rows: &Rows| match rows {
        Rows::Keys(keys) => keys.iter().map(|key| named(&key.value)).collect(),
        // Bulk actions are for unmatched rows, and leave out devices of unmatched companies.
        Rows::All | Rows::Suggested => {
            let open = |at: &usize| {
                let place = place(account, kind, *at);
                place.state == ReviewState::Unmatched
                    && worked_on(account, kind, *at)
                    && (matches!(rows, Rows::All) || place.suggestion.is_some())
            };
            Some(listed(account, kind).into_iter().filter(open).collect())
        }
    };
    let rows: Vec<usize> = match target {
        Target::Organization(key) | Target::Device(key) => vec![named(&key.value)?],
        Target::Organizations(rows) | Target::Devices(rows) => bulk(rows)?,
    };
    let allowed = |at: &usize| {
        let place = place(account, kind, *at);
        let unmatched = place.state == ReviewState::Unmatched;
        match review {
            Review::Accept(_) => {
                unmatched && place.suggestion.is_some() && worked_on(account, kind, *at)
            }
            Review::Create(_) => unmatched && worked_on(account, kind, *at),
            Review::Ignore(_) => unmatched && worked_on(account, kind, *at),
            Review::Match(_) => {
                place.state != ReviewState::Matched && worked_on(account, kind, *at)
            }
            Review::Change(_) | Review::Revert(_) => place.state == ReviewState::Matched,
        }
    };
    rows.iter().all(allowed).then_some(rows)
}

/// Whether the screen has the rows, and they are where the action can take them from.
pub(super) fn can(account: &Account, review: &Review) -> bool {
    match review {
        Review::Accept(target)
        | Review::Create(target)
        | Review::Ignore(target)
        | Review::Revert(target) => {
            rows(account, target, review).is_some_and(|rows| !rows.is_empty())
        }
        Review::Match(to) | Review::Change(to) => {
            let target = match to.row.kind {
                Kind::Organization => Target::Organization(to.row.key.clone()),
                _ => Target::Device(to.row.key.clone()),
            };
            let chosen = account.standing_for(record_kind(to.row.kind), &to.to.value);
            rows(account, &target, review).is_some_and(|rows| {
                let row = place(account, to.row.kind, rows[0]);
                chosen.first().is_some_and(|id| {
                    row.record != Some(*id) && reachable(account, to.row.kind, rows[0], *id)
                })
            })
        }
    }
}

/// A device is matched within the organization of its company.
fn reachable(account: &Account, kind: Kind, row: usize, to: Id) -> bool {
    kind == Kind::Organization
        || account.organization_of(&account.devices[row]) == account.records[to].owner
}

pub(super) fn act(account: &mut Account, method: Method, review: &Review) {
    match review {
        Review::Match(to) | Review::Change(to) => {
            let kind = to.row.kind;
            let chosen = account.standing_for(record_kind(kind), &to.to.value);
            let row = row_of(account, kind, &to.row.key.value);
            if let (Some(id), Some(row)) = (chosen.first(), row) {
                let rule = match review {
                    Review::Match(_) => "review-match",
                    _ => "review-change",
                };
                *place_mut(account, kind, row) = Place::matched(*id, rule);
            }
        }
        Review::Accept(target)
        | Review::Create(target)
        | Review::Ignore(target)
        | Review::Revert(target) => {
            let kind = target.kind();
            for row in rows(account, target, review).unwrap_or_default() {
                let new = match review {
                    Review::Accept(_) => match place(account, kind, row).suggestion {
                        Some(id) => Place::matched(id, "review-accept"),
                        None => continue,
                    },
                    Review::Create(_) => {
                        Place::matched(create(account, kind, row), "review-create")
                    }
                    Review::Ignore(_) => Place::ignored("review-ignore"),
                    _ => Place::unmatched(Some("review-revert")),
                };
                *place_mut(account, kind, row) = new;
            }
            if let Review::Create(_) = review {
                warn(account, method, kind);
            }
        }
    }
}

/// The mistakes that the sync-methods article warns of [2].
fn warn(account: &mut Account, method: Method, kind: Kind) {
    let warning = match (method, kind) {
        (Method::B, Kind::Organization) => "B-warning-create-organization",
        (Method::B, _) => "B-warning-create-configuration",
        (Method::C, Kind::Organization) => "C-warning-create-organization",
        _ => return,
    };
    account.warnings.push(warning);
}

/// review-create: a new record from the RMM's data, with no look at what exists. The mapped fields
/// are written this once [3.6].
fn create(account: &mut Account, kind: Kind, row: usize) -> Id {
    if kind == Kind::Organization {
        let name = account.companies[row].name.clone();
        let truth = account.companies[row].truth.clone();
        let fields = Fields::from([("name", name)]);
        let id = account.create(RecordKind::Organization, None, Origin::Review, fields);
        account.records[id].stands_for.push(truth);
        return id;
    }
    let device = account.devices[row].clone();
    let owner = account.organization_of(&device);
    let seen = device.seen;
    let fields = fields([
        ("name", Some(&seen.name)),
        ("hostname", Some(&seen.name)),
        ("configuration_type", Some(&seen.kind.to_owned())),
        ("serial", seen.serial.as_ref()),
        ("primary_mac", seen.mac.as_ref()),
        ("manufacturer", seen.manufacturer.as_ref()),
        ("model", seen.model.as_ref()),
    ]);
    let id = account.create(RecordKind::Configuration, owner, Origin::Review, fields);
    account.records[id].stands_for.push(device.truth);
    id
}

/// A record is gone: what was matched to it is unmatched, and suggestions of it go.
pub(super) fn forget(account: &mut Account, id: Id) {
    let companies = account.companies.iter_mut().map(|row| &mut row.place);
    let devices = account.devices.iter_mut().map(|row| &mut row.place);
    for place in companies.chain(devices) {
        if place.record == Some(id) {
            *place = Place::unmatched(None);
        }
        if place.suggestion == Some(id) {
            place.suggestion = None;
        }
    }
}

/// Disconnects the RMM for good [3.9]: all matches and overlaid data go, records stay.
pub(super) fn clear(account: &mut Account) {
    account.companies.clear();
    account.devices.clear();
    account.rmm_synced = false;
}

pub(super) const fn record_kind(kind: Kind) -> RecordKind {
    match kind {
        Kind::Organization => RecordKind::Organization,
        Kind::Location => RecordKind::Location,
        Kind::Contact => RecordKind::Contact,
        Kind::Device => RecordKind::Configuration,
    }
}

/// Rows as the screen lists them: devices company by company.
pub(super) fn listed(account: &Account, kind: Kind) -> Vec<usize> {
    let companies = 0..account.companies.len();
    if kind == Kind::Organization {
        return companies.collect();
    }
    let devices = |company: usize| {
        let key = &account.companies[company].key;
        (0..account.devices.len()).filter(move |at| account.devices[*at].company == *key)
    };
    companies.flat_map(devices).collect()
}

fn row_of(account: &Account, kind: Kind, key: &str) -> Option<usize> {
    match kind {
        Kind::Organization => account.companies.iter().position(|row| row.key == key),
        _ => account.devices.iter().position(|row| row.key == key),
    }
}

fn place(account: &Account, kind: Kind, at: usize) -> &Place {
    match kind {
        Kind::Organization => &account.companies[at].place,
        _ => &account.devices[at].place,
    }
}

fn place_mut(account: &mut Account, kind: Kind, at: usize) -> &mut Place {
    match kind {
        Kind::Organization => &mut account.companies[at].place,
        _ => &mut account.devices[at].place,
    }
}

/// Whether the screen lets people work on a row: a device's company must be matched.
fn worked_on(account: &Account, kind: Kind, at: usize) -> bool {
    kind == Kind::Organization || account.organization_of(&account.devices[at]).is_some()
}
