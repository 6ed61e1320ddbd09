//! Where a client sits: a simulator with a world, a time, and somebody who is logged in.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use syncrig_mocks::world::{Change, Count, GenerateSpec, Kind, Tool, ToolRecords, World, generate};
use syncrig_mocks::{Reply, Request, Simulator, simulator};

use super::habits::{Habits, List, Session};

/// A client at its desk.
pub(crate) struct Desk<'a> {
    pub(crate) habits: &'a dyn Habits,
    pub(crate) simulator: Arc<dyn Simulator>,
    /// What the vendor's tool held at the start.
    pub(crate) records: ToolRecords,
    now: Cell<Timestamp>,
    session: RefCell<Option<Session>>,
}

/// A small tenant with some of everything.
pub(crate) fn world(seed: u64, organizations: u32) -> World {
    let few = |min, max| Count::Uniform { min, max };
    let spec = GenerateSpec {
        seed,
        organizations,
        devices_per_organization: few(2, 6),
        locations_per_organization: few(1, 3),
        contacts_per_organization: few(1, 4),
        ..GenerateSpec::default()
    };
    let tenant = generate(&spec).expect("the settings can be");
    tenant.into_world().expect("what is generated is a world")
}

impl<'a> Desk<'a> {
    /// Somebody who is logged in at a vendor with a generated world.
    pub(crate) fn open(habits: &'a dyn Habits, seed: u64, organizations: u32) -> Self {
        let desk = Self::outside(habits, seed, organizations);
        desk.log_in();
        desk
    }

    /// The same before the login.
    pub(crate) fn outside(habits: &'a dyn Habits, seed: u64, organizations: u32) -> Self {
        let world = world(seed, organizations);
        let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
        let tool: Tool = habits.vendor().tool();
        Self {
            habits,
            simulator: simulator(habits.vendor(), &world, now),
            records: world.project(tool),
            now: Cell::new(now),
            session: RefCell::new(None),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.now
            .set(self.now.get() + SignedDuration::from_secs(seconds));
    }

    /// Logs in with the right credentials.
    pub(crate) fn log_in(&self) {
        let access = self.simulator.access();
        let session = self.habits.login(self, &access.credentials);
        let session = session.unwrap_or_else(|reply| {
            panic!("the right credentials are refused: {}", shown(&reply));
        });
        self.session.replace(Some(session));
    }

    /// Sends a request as it is.
    pub(crate) fn raw(&self, request: &Request) -> Reply {
        self.simulator.handle(request, self.now())
    }

    /// Sends a request of the session's.
    pub(crate) fn send(&self, mut request: Request) -> Reply {
        if let Some(session) = &*self.session.borrow() {
            self.habits.sign(session, &mut request, self.now());
        }
        self.raw(&request)
    }

    /// The JSON of a reply that must be a good one.
    pub(crate) fn good(&self, request: Request) -> Value {
        let asked = format!("{} {}", request.method(), request.uri());
        let reply = self.send(request);
        assert!(reply.status.is_success(), "{asked}: {}", shown(&reply));
        json(&reply)
    }

    pub(crate) fn change(&self, change: &Change) {
        let taken = self.simulator.apply(change, self.now());
        taken.unwrap_or_else(|error| panic!("{change:?}: {error}"));
    }

    /// Walks a list to its end, `between` pages doing something; leaves the vendor's own records out.
    pub(crate) fn walk(&self, list: &List, size: usize, between: impl FnMut(usize)) -> Vec<String> {
        self.walk_all(list, size, between).0
    }

    /// The same, and how many records of the vendor's own were among them.
    pub(crate) fn walk_all(
        &self,
        list: &List,
        size: usize,
        mut between: impl FnMut(usize),
    ) -> (Vec<String>, u64) {
        const PAGES_MAX: usize = 10_000;
        let mut ids = Vec::new();
        let mut own = 0;
        let mut request = (list.first)(size);
        for page in 0..PAGES_MAX {
            let reply = self.send(request.clone());
            assert!(
                reply.status.is_success(),
                "{}, page {page}: {}",
                list.name,
                shown(&reply)
            );
            let found = json(&reply);
            let here = (list.ids)(&found);
            assert!(
                list.largest == 0 || here.len() <= size,
                "{}: a page of {} where {size} were asked for",
                list.name,
                here.len()
            );
            for id in here {
                if (list.own)(&id, &found) {
                    own += 1;
                } else {
                    ids.push(id);
                }
            }
            match (list.next)(&request, &reply, size) {
                Some(next) => request = next,
                None => return (ids, own),
            }
            between(page);
        }
        panic!("{}: pages without an end", list.name);
    }

    /// The ids of the world's records of a kind that stand here.
    pub(crate) fn standing(&self, kind: Kind) -> BTreeMap<String, String> {
        let rows = self.simulator.truth().into_iter();
        rows.filter(|row| row.kind == kind)
            .map(|row| (row.external_id, row.key))
            .collect()
    }

    /// Those of them that a list has.
    pub(crate) fn standing_in(&self, list: &List, kind: Kind) -> BTreeMap<String, String> {
        let mut standing = self.standing(kind);
        standing.retain(|id, _| self.habits.is_listed(list, id));
        standing
    }
}

/// The body of a reply.
pub(crate) fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body_bytes()).unwrap_or(Value::Null)
}

/// A reply for a message.
pub(crate) fn shown(reply: &Reply) -> String {
    let body = reply.body_bytes();
    let text = String::from_utf8_lossy(&body);
    let text: String = text.chars().take(400).collect();
    format!("{} {text}", reply.status)
}
