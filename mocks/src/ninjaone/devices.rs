//! The devices, rendered so that a page of a list is put together from slices and nothing of it is read:
//! first what the short list shows, then what the detailed one adds, then what no list shows. What
//! depends on the time or is asked for beside comes behind the slice. It must not know HTTP.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::sheet::Sheet;
use crate::kit::{Object, Table, TableBuilder, at};

/// How long after it was last seen an agent still counts as online (inferred).
const ONLINE_S: f64 = 300.0;

/// Members that are kept with a device and stand in no list of devices.
pub(super) const ADAPTERS: &str = "_adapters";
pub(super) const DISKS: &str = "_disks";
/// When the warranty ends, in seconds.
pub(super) const WARRANTY: &str = "_warranty";
pub(super) const ACTIVE: &str = "_active";

/// The members that the short list has, beside `offline` and `references`; they stand first.
pub(super) const BRIEF: [&str; 18] = [
    "id",
    "uid",
    "parentDeviceId",
    "organizationId",
    "locationId",
    "nodeClass",
    "nodeRoleId",
    "rolePolicyId",
    "policyId",
    "approvalStatus",
    "displayName",
    "systemName",
    "dnsName",
    "netbiosName",
    "created",
    "lastContact",
    "lastUpdate",
    "userData",
];

/// Words that a device's class and approval status are among.
const WORDS: [&str; 10] = [
    "WINDOWS_SERVER",
    "WINDOWS_WORKSTATION",
    "MAC",
    "LINUX_WORKSTATION",
    "LINUX_SERVER",
    "VMWARE_VM_HOST",
    "NMS_SWITCH",
    "NMS_PRINTER",
    "APPROVED",
    "PENDING",
];

/// What a filter asks of a device, and where the parts of its record end.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) organization: Option<u32>,
    pub(super) location: Option<u32>,
    pub(super) role: Option<u64>,
    pub(super) class: Option<u8>,
    pub(super) status: Option<u8>,
    pub(super) created: Option<Date>,
    /// In seconds.
    pub(super) last_contact: Option<f64>,
    pub(super) inactive: bool,
    pub(super) brief: u32,
    pub(super) shown: u32,
    /// The length of the warranty's end, which stands first among what is not shown; 0 without one.
    pub(super) warranty: u8,
}

impl Facts {
    /// What is known of a device by its members. Where its parts end is left open.
    pub(super) fn of(device: &Object) -> Self {
        let number = |name: &str| at(device, name).as_u64();
        let short = |name: &str| number(name).and_then(|it| u32::try_from(it).ok());
        let created = at(device, "created").as_f64();
        Self {
            organization: short("organizationId"),
            location: short("locationId"),
            role: number("nodeRoleId"),
            class: at(device, "nodeClass").as_str().and_then(word),
            status: at(device, "approvalStatus").as_str().and_then(word),
            created: created.and_then(day),
            last_contact: at(device, "lastContact").as_f64(),
            inactive: at(device, ACTIVE) == &Value::Bool(false),
            ..Self::default()
        }
    }

    pub(super) fn class(&self) -> Option<&'static str> {
        WORDS.get(usize::from(self.class?)).copied()
    }

    pub(super) fn set_class(&mut self, class: &str) {
        self.class = word(class);
    }

    pub(super) fn status(&self) -> Option<&'static str> {
        WORDS.get(usize::from(self.status?)).copied()
    }

    pub(super) fn set_status(&mut self, status: &str) {
        self.status = word(status);
    }

    pub(super) fn offline(&self, now: Timestamp) -> bool {
        let now = now.as_millisecond() as f64 / 1e3;
        let late = |seen: f64| now - seen > ONLINE_S;
        self.inactive || self.last_contact.is_some_and(late)
    }

    /// What the short list shows ends here.
    pub(super) fn end_brief(&mut self, sheet: &Sheet<'_>) {
        self.brief = sheet.length();
    }

    /// What lists show ends here; the warranty is next.
    pub(super) fn end_shown(&mut self, sheet: &mut Sheet<'_>, warranty: Option<f64>) {
        self.shown = sheet.length();
        if let Some(end) = warranty {
            sheet.member(WARRANTY, &end);
            let length = sheet.length() - self.shown - WARRANTY_AT;
            self.warranty = u8::try_from(length).unwrap_or(0);
        }
    }

    fn warranty<'a>(&self, json: &'a [u8]) -> Option<&'a [u8]> {
        let start = (self.shown + WARRANTY_AT) as usize;
        let end = start + usize::from(self.warranty);
        (self.warranty > 0).then(|| &json[start..end])
    }
}

/// How far behind the end of what is shown the warranty's value stands: `,"_warranty":`.
const WARRANTY_AT: u32 = WARRANTY.len() as u32 + 4;

fn word(text: &str) -> Option<u8> {
    let at = WORDS.iter().position(|known| *known == text)?;
    u8::try_from(at).ok()
}

/// The day of an epoch second.
pub(super) fn day(second: f64) -> Option<Date> {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a date")]
    let moment = Timestamp::from_second(second as i64).ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// All devices, by id.
#[derive(Debug, Default)]
pub(super) struct Devices {
    table: Table,
    /// Of each device of the table, in its order.
    facts: Vec<Facts>,
    by_owner: BTreeMap<u64, Vec<u64>>,
    next: u64,
}

impl Devices {
    /// None. The first id given out is `first`.
    pub(super) fn new(first: u64) -> Self {
        Self {
            next: first,
            ..Self::default()
        }
    }

    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    /// An id that was never used.
    pub(super) const fn new_id(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Puts devices in place of all. Their ids ascend.
    pub(super) fn load(&mut self, loaded: Loaded) {
        let Loaded { table, facts } = loaded;
        self.table = table.finish();
        self.facts = facts;
        self.next = self.next.max(self.table.last_id() + 1);
        self.by_owner.clear();
        for (id, facts) in self.table.ids().zip(&self.facts) {
            if let Some(owner) = facts.organization {
                self.by_owner.entry(owner.into()).or_default().push(id);
            }
        }
    }

    /// A device with all that is kept of it.
    pub(super) fn get(&self, id: u64) -> Option<Object> {
        let place = self.table.position(id).ok()?;
        let mut device: Object = serde_json::from_slice(self.table.json_at(place)?).ok()?;
        let active = !self.facts.get(place)?.inactive;
        device.insert(ACTIVE.to_owned(), active.into());
        Some(device)
    }

    /// All devices by id, read one by one.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, Object)> + '_ {
        self.table.ids().filter_map(|id| Some((id, self.get(id)?)))
    }

    /// The ids of an organization's devices, ascending.
    pub(super) fn owned(&self, organization: u64) -> &[u64] {
        self.by_owner.get(&organization).map_or(&[], Vec::as_slice)
    }

    /// Adds a device or replaces the one with this id.
    pub(super) fn put(&mut self, id: u64, device: &Object) {
        self.disown(id);
        let (json, facts) = written(device);
        match self.table.position(id) {
            Ok(place) => self.facts[place] = facts,
            Err(place) => self.facts.insert(place, facts),
        }
        self.table.put(id, json);
        self.next = self.next.max(id + 1);
        if let Some(owner) = facts.organization {
            let owned = self.by_owner.entry(owner.into()).or_default();
            if let Err(place) = owned.binary_search(&id) {
                owned.insert(place, id);
            }
        }
    }

    /// Takes a device out.
    pub(super) fn remove(&mut self, id: u64) {
        self.disown(id);
        if let Ok(place) = self.table.position(id) {
            self.facts.remove(place);
            self.table.remove(id);
        }
    }

    fn disown(&mut self, id: u64) {
        let place = self.table.position(id).ok();
        let facts = place.and_then(|place| self.facts.get(place));
        let owner = facts.and_then(|facts| facts.organization);
        if let Some(owned) = owner.and_then(|owner| self.by_owner.get_mut(&owner.into()))
            && let Ok(place) = owned.binary_search(&id)
        {
            owned.remove(place);
        }
    }

    /// The device at a place in the order of ids: its id and what a filter asks.
    pub(super) fn facts(&self, place: usize) -> Option<(u64, &Facts)> {
        Some((self.table.id_at(place)?, self.facts.get(place)?))
    }

    /// The device at a place as lists show it now, but for the brace at its end.
    pub(super) fn show(
        &self,
        place: usize,
        detailed: bool,
        now: Timestamp,
        out: &mut Vec<u8>,
    ) -> Option<Shown<'_>> {
        let (facts, json) = (self.facts.get(place)?, self.table.json_at(place)?);
        let end = if detailed { facts.shown } else { facts.brief };
        out.extend_from_slice(&json[..end as usize]);
        out.extend_from_slice(match facts.offline(now) {
            true => b",\"offline\":true",
            false => b",\"offline\":false",
        });
        Some(Shown {
            facts,
            warranty: facts.warranty(json),
        })
    }

    /// Bytes of the record at a place, all told.
    pub(super) fn length(&self, place: usize) -> usize {
        self.table.json_at(place).map_or(0, <[u8]>::len)
    }
}

/// What references of a device are made from.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) facts: &'a Facts,
    /// When the warranty ends, as JSON.
    pub(super) warranty: Option<&'a [u8]>,
}

/// Devices on their way into the table.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    table: TableBuilder,
    facts: Vec<Facts>,
}

impl Loaded {
    /// Takes the next device; its id is higher than those before.
    pub(super) fn put(&mut self, id: u64, render: impl FnOnce(&mut Vec<u8>) -> Facts) {
        let facts = &mut self.facts;
        self.table.put(id, |out| facts.push(render(out)));
    }
}

/// A device's members in the order in which they are kept.
fn written(device: &Object) -> (Vec<u8>, Facts) {
    let mut out = Vec::with_capacity(2_048);
    let mut facts = Facts::of(device);
    let mut sheet = Sheet::new(&mut out);
    for name in BRIEF {
        if let Some(value) = device.get(name) {
            sheet.member(name, value);
        }
    }
    facts.end_brief(&sheet);
    for (name, value) in device {
        if !name.starts_with('_') && !BRIEF.contains(&name.as_str()) {
            sheet.member(name, value);
        }
    }
    facts.end_shown(&mut sheet, at(device, WARRANTY).as_f64());
    for name in [ADAPTERS, DISKS] {
        if let Some(value) = device.get(name) {
            sheet.member(name, value);
        }
    }
    sheet.finish();
    (out, facts)
}
