//! Lists of devices, put together from what is kept and what is asked for beside. It must not know which
//! devices are asked for.

use jiff::Timestamp;

use super::devices::{BRIEF, Facts, Shown};
use super::sheet::Sheet;
use super::store::{ROLES, Store};
use crate::kit::{Object, Table};

/// Writes devices as a list shows them now.
#[derive(Debug)]
pub(super) struct Lister<'a> {
    store: &'a Store,
    detailed: bool,
    expand: Vec<Expand>,
    now: Timestamp,
}

/// The records that a device can be given beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expand {
    Organization,
    Location,
    Warranty,
    Role,
}

impl<'a> Lister<'a> {
    /// `expand` names the records that stand beside each device; names that nobody knows are left out.
    pub(super) fn new(store: &'a Store, detailed: bool, expand: &[String], now: Timestamp) -> Self {
        let mut known = Vec::new();
        for name in expand {
            let one = match name.as_str() {
                "organization" => Expand::Organization,
                "location" => Expand::Location,
                "warranty" => Expand::Warranty,
                "role" => Expand::Role,
                _ => continue,
            };
            if !known.contains(&one) {
                known.push(one);
            }
        }
        Self {
            store,
            detailed,
            expand: known,
            now,
        }
    }

    /// The devices at these places in the order of ids.
    pub(super) fn list(&self, places: &[usize]) -> Vec<u8> {
        let devices = &self.store.devices;
        // What is not shown of a record makes room for what comes behind it, mostly.
        let length: usize = places.iter().map(|place| devices.length(*place) + 64).sum();
        let mut out = Vec::with_capacity(length + 2);
        out.push(b'[');
        for (nth, place) in places.iter().enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            if let Some(shown) = devices.show(*place, self.detailed, self.now, &mut out) {
                self.references(&shown, &mut out);
                out.push(b'}');
            }
        }
        out.push(b']');
        out
    }

    fn references(&self, of: &Shown<'_>, out: &mut Vec<u8>) {
        const NONE: &[u8] = b",\"references\":{";
        let before = out.len();
        out.extend_from_slice(NONE);
        for one in &self.expand {
            let member = out.len();
            if !out.ends_with(b"{") {
                out.push(b',');
            }
            if !self.reference(*one, of, out) {
                out.truncate(member);
            }
        }
        if out.len() == before + NONE.len() {
            out.truncate(before);
        } else {
            out.push(b'}');
        }
    }

    /// Whether there is such a record, and a member with it then.
    fn reference(&self, one: Expand, of: &Shown<'_>, out: &mut Vec<u8>) -> bool {
        let Facts {
            organization,
            location,
            role,
            ..
        } = of.facts;
        let kept = |name: &[u8], table: &Table, id: Option<u32>, out: &mut Vec<u8>| {
            let json = id.and_then(|id| table.json(id.into()));
            json.map(|json| {
                out.extend_from_slice(name);
                out.extend_from_slice(json);
            })
            .is_some()
        };
        match one {
            Expand::Organization => {
                let table = self.store.organizations.table();
                kept(b"\"organization\":", table, *organization, out)
            }
            Expand::Location => {
                let table = self.store.locations.table();
                kept(b"\"location\":", table, *location, out)
            }
            Expand::Warranty => {
                let end = of.warranty.map(|end| {
                    out.extend_from_slice(b"\"warranty\":{\"endDate\":");
                    out.extend_from_slice(end);
                    out.push(b'}');
                });
                end.is_some()
            }
            Expand::Role => {
                let known = ROLES.into_iter().find(|(id, ..)| Some(*id) == *role);
                let role = known.map(|(id, name, class, _)| {
                    out.extend_from_slice(b"\"role\":");
                    let mut sheet = Sheet::new(out);
                    sheet.member("id", &id);
                    sheet.member("name", name);
                    sheet.member("nodeClass", class);
                    sheet.finish();
                });
                role.is_some()
            }
        }
    }
}

/// A device as it is shown now by itself, without what is kept beside it.
pub(super) fn shown(mut device: Object, now: Timestamp) -> Object {
    let offline = Facts::of(&device).offline(now);
    device.insert("offline".to_owned(), offline.into());
    device.retain(|name, _| !name.starts_with('_'));
    device
}

/// The members that the short list has.
pub(super) fn brief(mut device: Object) -> Object {
    const MORE: [&str; 2] = ["offline", "references"];
    device.retain(|name, _| BRIEF.contains(&name.as_str()) || MORE.contains(&name.as_str()));
    device
}
