//! The API's surface: tokens, routes, pages, error bodies, limits. What the records are is left to the
//! others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::route::Route;
use super::shape::{blank, born, shown_asset, touched};
use super::store::Store;
use super::write::{accepted, body, told, whole};
use crate::kit::{Object, SlidingWindow, Tokens, query_pairs};
use crate::world::{Change, Kind, Tool, ToolRecords, World};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests of an address in a minute (documented).
const REQUESTS_MAX: u64 = 180;
const WINDOW_MS: u32 = 60_000;

const JSON: &str = "application/json; charset=utf-8";

/// A Syncro account.
pub struct Syncro {
    store: RwLock<Store>,
    /// What it is read as.
    tool: Tool,
    token: String,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
}

/// A reply that is no success.
pub(super) type Refused = (StatusCode, Value);

impl Syncro {
    /// Stands the account up with a PSA's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::of(
            Store::new(records, Tool::Psa, now),
            Tool::Psa,
            records.seed,
            now,
        )
    }

    /// Stands the account up with an RMM's records.
    pub fn rmm(records: &ToolRecords, now: Timestamp) -> Self {
        Self::of(
            Store::new(records, Tool::Rmm, now),
            Tool::Rmm,
            records.seed,
            now,
        )
    }

    /// Stands the account up with both shares of a world. An organization of the RMM's is the PSA's
    /// customer where both stand for the same; a device that both tools hold has two assets, since what
    /// they say of it differs. Changes are of the PSA's share.
    pub fn whole(world: &World, now: Timestamp) -> Self {
        let records = world.project(Tool::Psa);
        let mut store = Store::new(&records, Tool::Psa, now);
        store.join(&world.project(Tool::Rmm), now);
        Self::of(store, Tool::Psa, records.seed, now)
    }

    fn of(store: Store, tool: Tool, seed: u64, now: Timestamp) -> Self {
        let mut words = Tokens::new(seed ^ 0x53_59_4e, 1);
        Self {
            store: RwLock::new(store),
            tool,
            token: format!("T{}", words.issue(now)),
            window: Mutex::new(SlidingWindow::new(REQUESTS_MAX, WINDOW_MS)),
            limited: AtomicBool::new(false),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token in the header, with or without `Bearer` (documented and seen), or as a parameter
    /// (seen in older scripts).
    fn knows(&self, request: &Request) -> bool {
        let header = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|header| header.to_str().ok());
        let sent = header.map(|header| header.trim_start_matches("Bearer ").trim().to_owned());
        let parameter = || {
            let mut pairs = query_pairs(request).into_iter();
            pairs
                .find(|(name, _)| name == "api_key")
                .map(|(_, value)| value)
        };
        sent.or_else(parameter)
            .is_some_and(|sent| sent == self.token)
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        if !self.knows(request) {
            let error = json!({ "error": "Not authorized. Please ask account admin to update your group permissions." });
            return Err((StatusCode::UNAUTHORIZED, error));
        }
        match route {
            Route::Nowhere => Err(missing()),
            Route::Method => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                json!({ "message": "Method not allowed" }),
            )),
            // Members documented, values inferred.
            Route::Me => {
                let all = json!({ "read": true, "write": true, "delete": true });
                let me = json!({
                    "user_token": self.token, "user_email": "api@msp.example",
                    "user_name": "API", "user_id": 1, "admin": true, "can_use_app": true,
                    "two_factor_required": false, "subdomain": "msp", "default_location": null,
                    "enable_multi_locations": false, "locations_allowed": [],
                    "permissions": {
                        "asset": all, "customer": all, "ticket": all, "invoice": all,
                        "payment": all,
                        "worksheet": { "add": true, "manage": true, "delete": true },
                        "script": { "execute": true },
                    },
                });
                Ok(me.to_string().into_bytes())
            }
            Route::List(kind) => self.read().page(*kind, request, now),
            Route::Autocomplete => Ok(self.read().autocomplete(request)),
            Route::Latest => {
                let store = self.read();
                let last = store.customers.table().last_id();
                let record = store.customers.get(last).ok_or_else(missing)?;
                Ok(wrapped(&store, Kind::Organization, record, now))
            }
            // No patch is missing here.
            Route::Patches(id) => match self.read().assets.get(*id) {
                Some(_) => Ok(patches().to_string().into_bytes()),
                None => Err((StatusCode::NOT_FOUND, json!({ "error": "Asset not found" }))),
            },
            Route::Alerts => {
                let none = json!({ "rmm_alerts": [], "meta": { "total_pages": 1, "page": 1 } });
                Ok(none.to_string().into_bytes())
            }
            Route::One(kind, id) => {
                let store = self.read();
                let record = store.of(*kind).get(*id).ok_or_else(missing)?;
                Ok(wrapped(&store, *kind, record, now))
            }
            Route::Create(kind) => {
                let body = body(request)?;
                let mut store = self.write();
                let values = accepted(&mut store, *kind, &body, None)
                    .map_err(|refused| told(*kind, None, &body, refused))?;
                let id = store.of_mut(*kind).new_id();
                let mut record = blank(*kind);
                record.extend(values);
                let record = born(id, whole(*kind, record), now);
                store.of_mut(*kind).put(id, &record);
                store.ledger.made(*kind, id);
                Ok(wrapped(&store, *kind, record, now))
            }
            Route::Update(kind, id) => {
                let body = body(request)?;
                let mut store = self.write();
                let mut record = store.of(*kind).get(*id).ok_or_else(missing)?;
                // Fields that are not sent stay (seen).
                let values = accepted(&mut store, *kind, &body, Some(&record))
                    .map_err(|refused| told(*kind, Some(&record), &body, refused))?;
                record.extend(values);
                let record = touched(whole(*kind, record), now);
                store.of_mut(*kind).put(*id, &record);
                Ok(wrapped(&store, *kind, record, now))
            }
            Route::Delete(kind, id) => {
                let mut store = self.write();
                store.of(*kind).get(*id).ok_or_else(missing)?;
                let told = if *kind == Kind::Organization {
                    store.delete_customer(*id);
                    json!({ "message": "Customer was deleted from the system." })
                } else {
                    store.of_mut(*kind).remove(*id);
                    store.ledger.gone(*kind, *id);
                    json!({ "success": true })
                };
                Ok(told.to_string().into_bytes())
            }
        }
    }
}

/// Members documented.
fn patches() -> Value {
    json!({
        "available_patches": [], "installed_patches": [],
        "available_patches_meta": { "page": 1, "per_page": 50, "total_pages": 1, "total_entries": 0 },
    })
}

fn wrapped(store: &Store, kind: Kind, record: Object, now: Timestamp) -> Vec<u8> {
    let (name, record) = match kind {
        Kind::Organization | Kind::Location => ("customer", record),
        // The bare object (documented).
        Kind::Contact => return Value::Object(record).to_string().into_bytes(),
        Kind::Device => ("asset", shown_asset(store, record, now)),
    };
    json!({ name: record }).to_string().into_bytes()
}

pub(super) fn missing() -> Refused {
    (StatusCode::NOT_FOUND, json!({ "message": "Not found" }))
}

impl fmt::Debug for Syncro {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Syncro as a {}", self.tool)
    }
}

impl Simulator for Syncro {
    fn vendor(&self) -> Vendor {
        match self.tool {
            Tool::Psa => Vendor::Syncro,
            Tool::Rmm => Vendor::SyncroRmm,
        }
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation(self.tool);
        let usage = self
            .window
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .hit(now);
        if self.limited.load(Ordering::Relaxed) && usage.exceeded() {
            let body = json!({ "error": "Too many requests" }).to_string();
            return Reply::with_body(operation, StatusCode::TOO_MANY_REQUESTS, JSON, body);
        }
        match self.answer(&route, request, now) {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err((status, body)) => Reply::with_body(operation, status, JSON, body.to_string()),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation(self.tool))
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let operation = Route::of(request).operation(self.tool);
        let body = json!({ "error": status.canonical_reason().unwrap_or("Error") }).to_string();
        Some(Reply::with_body(operation, status, JSON, body))
    }

    /// What is deleted in the screens is gone, a customer with its contacts and assets.
    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().truth()
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        self.read().ledger.unclaimed()
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        if let Ok(id) = external_id.parse() {
            self.write().ledger.know(kind, id, key, truth);
        }
    }

    fn access(&self) -> Access {
        Access {
            base_path: "/api/v1".to_owned(),
            credentials: BTreeMap::from([("api_token".to_owned(), self.token.clone())]),
        }
    }

    /// Customers that are disabled are listed when they are asked for, and counted.
    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [
            ("customers", &store.customers),
            ("contacts", &store.contacts),
            ("assets", &store.assets),
        ]
        .map(|(name, collection)| (name.to_owned(), collection.table().len() as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
