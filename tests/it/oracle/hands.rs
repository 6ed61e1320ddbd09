//! People at work in the account itself [4.4, 4.8, 4.9, 7]: edits, the archive, deletion, the sync of
//! one record, merges of organizations.

use syncrig::model::{LinkState, RecordKind};
use syncrig::scenario::{Account as Work, AccountRecord};

use super::model::{Account, Connection, Id};
use super::psa;
use super::screen::record_kind;

/// The record that a script means.
fn meant(account: &Account, record: &AccountRecord) -> Option<Id> {
    let kind = record_kind(record.entity.kind);
    let nth = record.nth.as_ref().map_or(1, |nth| nth.value) as usize;
    let standing = account.standing_for(kind, &record.entity.key);
    standing.get(nth - 1).copied()
}

/// Whether the story tells of such work: the records are there, and the rules say what comes of it.
pub(super) fn can(account: &Account, work: &Work) -> bool {
    let state = |id: Id| account.records[id].live_link().map(|link| link.state);
    match work {
        Work::Create(_) | Work::PushAll(_) => false,
        Work::Edit(edit) => meant(account, &edit.record).is_some(),
        Work::Archive(record) => {
            meant(account, record).is_some_and(|id| !account.records[id].archived)
        }
        Work::Restore(record) => {
            meant(account, record).is_some_and(|id| account.records[id].archived)
        }
        Work::Delete(record) => meant(account, record).is_some_and(|id| {
            // The rules do not say what becomes of an organization that does not sync with records
            // that do.
            let mut children = (account.records.iter()).filter(|child| child.owner == Some(id));
            account.records[id].syncs() || !children.any(|child| child.syncs())
        }),
        Work::DisableSync(record) => meant(account, record).is_some_and(|id| {
            account.psa == Connection::Connected && state(id) != Some(LinkState::Orphaned)
        }),
        Work::EnableSync(record) => meant(account, record).is_some_and(|id| {
            account.psa == Connection::Connected && state(id) != Some(LinkState::Orphaned)
        }),
        // Single records are reconnected when their row was disconnected, which no story tells yet.
        Work::Reconnect(_) => false,
        Work::Merge(merge) => {
            let both = (meant(account, &merge.source), meant(account, &merge.target));
            matches!(both, (Some(source), Some(target))
                if source == target || can_merge(account, source, target))
        }
    }
}

/// The rules speak of two that sync, and of one; not of orphans.
fn can_merge(account: &Account, source: Id, target: Id) -> bool {
    let records = [source, target].map(|id| &account.records[id]);
    let linked = records.map(|record| record.live_link().is_some());
    let syncs = records.map(|record| record.syncs());
    records.iter().all(|record| !record.archived)
        && (linked != [true, true] || syncs == [true, true])
}

/// With which code the account refuses it.
pub(super) fn refusal(account: &Account, work: &Work) -> Option<&'static str> {
    let syncs = |record: &AccountRecord| {
        meant(account, record).is_some_and(|id| account.records[id].syncs())
    };
    let state = |record: &AccountRecord| {
        let link = account.records[meant(account, record)?].live_link()?;
        Some(link.state)
    };
    match work {
        // account-locked: what a one-way PSA syncs of a record is read-only here; the rest is not, and
        // what is saved as it was is no change.
        Work::Edit(edit) => {
            let id = meant(account, &edit.record)?;
            let record = &account.records[id];
            let mapped = psa::mapped(record.kind);
            let locked = edit.set.iter().any(|(field, value)| {
                mapped.contains(&field.as_str()) && record.field(field) != value.as_deref()
            });
            (locked && record.syncs()).then_some("account-locked")
        }
        // It is put away in the PSA, and the orphan here then.
        Work::Archive(record) | Work::Delete(record) => syncs(record).then_some("account-locked"),
        Work::DisableSync(record) => {
            (state(record) != Some(LinkState::Enabled)).then_some("account-state")
        }
        Work::EnableSync(record) => {
            (state(record) != Some(LinkState::Disabled)).then_some("account-state")
        }
        Work::Merge(merge) => {
            if meant(account, &merge.source) == meant(account, &merge.target) {
                Some("merge-itself")
            } else {
                (syncs(&merge.source) && syncs(&merge.target)).then_some("merge-both-sync")
            }
        }
        Work::Create(_) | Work::Restore(_) | Work::Reconnect(_) | Work::PushAll(_) => None,
    }
}

pub(super) fn act(account: &mut Account, work: &Work) {
    match work {
        Work::Edit(edit) => {
            if let Some(id) = meant(account, &edit.record) {
                for (field, value) in &edit.set {
                    put(account, id, field, value.as_ref());
                }
            }
        }
        Work::Archive(record) => with(account, record, |account, id| {
            account.records[id].archived = true;
        }),
        Work::Restore(record) => with(account, record, |account, id| {
            account.records[id].archived = false;
        }),
        Work::Delete(record) => with(account, record, psa::delete),
        Work::DisableSync(record) => with(account, record, |account, id| {
            account.set_link(id, LinkState::Disabled);
        }),
        Work::EnableSync(record) => with(account, record, |account, id| {
            account.set_link(id, LinkState::Enabled);
        }),
        Work::Merge(it) => {
            if let (Some(source), Some(target)) =
                (meant(account, &it.source), meant(account, &it.target))
            {
                merge(account, source, target);
            }
        }
        Work::Create(_) | Work::Reconnect(_) | Work::PushAll(_) => {}
    }
}

fn with(account: &mut Account, record: &AccountRecord, change: impl FnOnce(&mut Account, Id)) {
    if let Some(id) = meant(account, record) {
        change(account, id);
    }
}

/// The fields that people change in these stories.
fn put(account: &mut Account, id: Id, field: &str, value: Option<&String>) {
    const FIELDS: [&str; 11] = [
        "name",
        "quick_notes",
        "organization_type",
        "city",
        "first_name",
        "title",
        "serial",
        "primary_mac",
        "hostname",
        "notes",
        "configuration_type",
    ];
    let field = FIELDS.into_iter().find(|it| *it == field);
    let field = field.expect("a field that stories change");
    let fields = &mut account.records[id].fields;
    fields.remove(field);
    fields.extend(value.map(|value| (field, value.clone())));
}

/// Every item moves, the source is deleted, its quick notes are lost [7]. Its link to the PSA and its
/// RMM companies go to the target, or the next sync would bring the source back.
fn merge(account: &mut Account, source: Id, target: Id) {
    for record in &mut account.records {
        if record.owner == Some(source) {
            record.owner = Some(target);
        }
    }
    let links = std::mem::take(&mut account.records[source].links);
    account.records[target].links.extend(links);
    let stood_for = std::mem::take(&mut account.records[source].stands_for);
    account.records[target].stands_for.extend(stood_for);
    for row in &mut account.companies {
        if row.place.record == Some(source) {
            row.place.record = Some(target);
        }
        if row.place.suggestion == Some(source) {
            row.place.suggestion = Some(target);
        }
    }
    account.records[source].deleted = true;
    debug_assert_eq!(account.records[source].kind, RecordKind::Organization);
}
