//! A sync of the RMM [3.2]: companies, devices, the matching cascade. It creates nothing.

use syncrig::model::{RecordKind, ReviewState};
use syncrig_mocks::world::{DeviceClass, DeviceRecord, Kind, ToolRecords};

use super::model::{Account, CompanyRow, DeviceRow, Id, Place, Seen, given};
use super::screen::listed;
use super::values::{resemblance, same_mac};

pub(super) fn sync(account: &mut Account, rmm: &ToolRecords) {
    companies(account, rmm);
    devices(account, rmm);
    for row in 0..account.companies.len() {
        if account.companies[row].place.state == ReviewState::Unmatched {
            account.companies[row].place = organization_for(account, &account.companies[row].name);
        }
    }
    // Whoever fitted several is tried again while others get theirs, so that the next sync has nothing
    // to do.
    while cascade(account) {}
    account.rmm_synced = true;
}

/// Companies with a device, in the RMM's order (rmm-empty-company). One that lost its last device
/// goes unless a person or a rule settled it; one that is gone from the RMM goes.
fn companies(account: &mut Account, rmm: &ToolRecords) {
    let delivered = |key: &str| rmm.devices.iter().any(|device| device.organization == key);
    let there = |key: &str| rmm.organizations.iter().any(|it| it.key == key);
    account.companies.retain(|row| {
        let settled = row.place.state != ReviewState::Unmatched;
        delivered(&row.key) || (settled && there(&row.key))
    });
    for it in &rmm.organizations {
        match account.companies.iter_mut().find(|row| row.key == it.key) {
            Some(row) => row.name.clone_from(&it.name),
            None if delivered(&it.key) => account.companies.push(CompanyRow {
                key: it.key.clone(),
                truth: it.truth.clone(),
                name: it.name.clone(),
                place: Place::unmatched(None),
            }),
            None => {}
        }
    }
}

/// Every device that the RMM has, in its order. One that is gone takes row and overlay with it; the
/// configuration stays [3.8].
fn devices(account: &mut Account, rmm: &ToolRecords) {
    let there = |key: &str| rmm.devices.iter().any(|device| device.key == key);
    account.devices.retain(|row| there(&row.key));
    for it in &rmm.devices {
        match account.devices.iter_mut().find(|row| row.key == it.key) {
            Some(row) => {
                row.company.clone_from(&it.organization);
                row.seen = seen(it);
            }
            None => account.devices.push(DeviceRow {
                key: it.key.clone(),
                truth: it.truth.clone(),
                company: it.organization.clone(),
                seen: seen(it),
                place: Place::unmatched(None),
            }),
        }
    }
}

fn seen(it: &DeviceRecord) -> Seen {
    let macs = it.nics.iter().filter_map(|nic| nic.mac.as_ref());
    Seen {
        name: it.name.clone(),
        kind: match it.class {
            DeviceClass::Workstation if it.laptop => "Laptop",
            DeviceClass::Workstation => "Desktop",
            DeviceClass::Server => "Server",
            DeviceClass::Hypervisor => "ESXi Host",
            DeviceClass::Network => "Network Device",
            DeviceClass::Printer => "Printer",
        },
        serial: it.serial.clone(),
        // The primary one alone is compared [3.4].
        mac: given(macs.into_iter().next()),
        model: given(it.model.as_ref()),
        manufacturer: given(it.manufacturer.as_ref()),
        cpu: given(it.cpu.as_ref()),
        last_seen: it.last_seen,
    }
}

/// O1, O2: the organization that a company of this name is matched to, or resembles.
fn organization_for(account: &Account, name: &str) -> Place {
    let living = account.living(RecordKind::Organization).into_iter();
    let candidates: Vec<Id> = living.filter(|id| !account.records[*id].archived).collect();
    let name_of = |id: &Id| account.records[*id].field("name").unwrap_or_default();
    let equal: Vec<Id> = (candidates.iter().copied())
        .filter(|id| name_of(id) == name)
        .collect();
    match equal[..] {
        [one] => return Place::matched(one, "O1"),
        [] => {}
        _ => return Place::unmatched(Some("O-ambiguous")),
    }
    // The most alike; of equally alike ones the oldest.
    let mut best: Option<(f64, Id)> = None;
    for id in candidates {
        let alike = resemblance(name_of(&id), name);
        if alike >= 0.92 && best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, id));
        }
    }
    match best {
        Some((_, id)) => Place::suggested(id, "O2"),
        None => Place::unmatched(Some("O-none")),
    }
}

/// What a step of the cascade [3.4] found for a device.
enum Found {
    Nothing,
    /// Only configurations that stand for another device already.
    Taken,
    One(Id),
    Several,
}

/// One step for all devices before the next weaker one; within a step the RMM's order, which is that
/// of companies and then that of their devices. Whether any was matched.
fn cascade(account: &mut Account) -> bool {
    let mut matched = false;
    // Devices are worked on within matched organizations; the others stay as they are.
    let waits = |at: &usize| {
        let row = &account.devices[*at];
        row.place.state == ReviewState::Unmatched && account.organization_of(row).is_some()
    };
    let mut open: Vec<usize> = listed(account, Kind::Device)
        .into_iter()
        .filter(waits)
        .collect();
    let mut taken: Vec<usize> = Vec::new();
    for step in ["M1", "M2", "M3", "M4"] {
        let mut left = Vec::new();
        for at in open {
            match look(account, at, step) {
                Found::One(id) if step == "M4" => {
                    account.devices[at].place = Place::suggested(id, "M4");
                }
                Found::One(id) => {
                    let conflict = step == "M2" && serial_points_elsewhere(account, at, id);
                    account.devices[at].place = Place::matched(id, step);
                    matched = true;
                    account.devices[at].place.reason = conflict.then_some("M-conflict");
                }
                Found::Several => {
                    account.devices[at].place = Place::unmatched(Some("M-ambiguous"));
                }
                Found::Taken => {
                    // What is no candidate by its name alone is nothing to speak of.
                    if step != "M4" {
                        taken.push(at);
                    }
                    left.push(at);
                }
                Found::Nothing => left.push(at),
            }
        }
        open = left;
    }
    for at in open {
        let rule = if taken.contains(&at) { "M-taken" } else { "M5" };
        account.devices[at].place = Place::unmatched(Some(rule));
    }
    matched
}

fn look(account: &Account, at: usize, step: &str) -> Found {
    let device = &account.devices[at];
    let fitting = candidates(account, at)
        .into_iter()
        .filter(|id| fits(account, &device.seen, *id, step));
    let (free, taken): (Vec<Id>, Vec<Id>) =
        fitting.partition(|id| account.matched_devices(*id).is_empty());
    match (&free[..], taken.is_empty()) {
        ([], true) => Found::Nothing,
        ([], false) => Found::Taken,
        ([one], _) => Found::One(*one),
        _ => Found::Several,
    }
}

/// The configurations of the organization that the device's company is matched to.
fn candidates(account: &Account, at: usize) -> Vec<Id> {
    let owner = account.organization_of(&account.devices[at]);
    let living = account.living(RecordKind::Configuration).into_iter();
    living
        .filter(|id| account.records[*id].owner == owner && !account.records[*id].archived)
        .collect()
}

/// All tests are exact, and a value that is not there satisfies none [3.4].
fn fits(account: &Account, seen: &Seen, id: Id, step: &str) -> bool {
    let record = &account.records[id];
    let mac = match (&seen.mac, record.field("primary_mac")) {
        (Some(there), Some(here)) => same_mac(there, here),
        _ => false,
    };
    let serial = given(seen.serial.as_ref());
    let serial = serial.is_some() && serial.as_deref() == record.field("serial");
    match step {
        "M1" => mac && serial,
        "M2" => mac,
        "M3" => serial,
        _ => record.field("name") == Some(&seen.name),
    }
}

/// M-conflict: the serial number alone would have led to another configuration that is free.
fn serial_points_elsewhere(account: &Account, at: usize, matched: Id) -> bool {
    let seen = &account.devices[at].seen;
    candidates(account, at)
        .into_iter()
        .filter(|id| *id != matched && account.matched_devices(*id).is_empty())
        .any(|id| fits(account, seen, id, "M3"))
}
