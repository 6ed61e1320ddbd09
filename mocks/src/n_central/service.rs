//! The API's surface: who is let in, which list or record answers, how many calls run at once, what
//! errors look like. What the records are is left to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::auth::{Desk, failure};
use super::filters;
use super::inventory::lifecycle;
use super::pages::{Cut, cut};
use super::query::Asked;
use super::route::{Route, endpoint, most_at_once};
use super::store::Store;
use super::units::{Level, SERVICE_ORG, SORTS, as_unit, shown};
use crate::kit::{Object, base_url, mix};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, UnderWay, Vendor};

const JSON: &str = "application/json";
/// The server's version.
const VERSION: &str = "2025.4.0.15";

/// Members that a list of devices can be sorted by (inferred: all that it shows).
const DEVICE_SORTS: [&str; 14] = [
    "deviceId",
    "longName",
    "deviceClass",
    "description",
    "discoveredName",
    "supportedOs",
    "lastLoggedInUser",
    "licenseMode",
    "orgUnitId",
    "customerId",
    "customerName",
    "siteId",
    "siteName",
    "lastApplianceCheckinTime",
];

/// Behaviour that servers differ in.
#[derive(Debug, Clone, Copy, Default)]
pub struct NCentralOptions {
    /// What the core engine refuses comes as a success with the property `error message` (documented as
    /// a known defect). Off unless switched on.
    pub errors_as_success: bool,
    /// The user lacks a permission or has MFA: tokens are handed out, and everything that they should
    /// open fails with 500 (documented). Off unless switched on.
    pub unfit_user: bool,
}

/// An N-central server. The one credential is `jwt`, a user's permanent token.
pub struct NCentral {
    store: RwLock<Store>,
    desk: Mutex<Desk>,
    options: NCentralOptions,
    limited: AtomicBool,
    by_sites: AtomicBool,
}

/// A reply that is no success.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    message: String,
    /// What is wrong with a parameter or member.
    errors: Vec<Value>,
}

impl NCentral {
    /// Stands the server up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with_options(records, NCentralOptions::default(), now)
    }

    /// Stands it up with other behaviour than the usual.
    pub fn with_options(records: &ToolRecords, options: NCentralOptions, now: Timestamp) -> Self {
        Self {
            store: RwLock::new(Store::new(records, now)),
            desk: Mutex::new(Desk::new(records.seed, now)),
            options,
            limited: AtomicBool::new(false),
            by_sites: AtomicBool::new(false),
        }
    }

    /// Restarts the server, which forgets every token but the permanent one (documented).
    pub fn restart(&self) {
        self.desk().forget();
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, route: Route, request: &Request, now: Timestamp) -> Result<Value, Refused> {
        match route {
            Route::Links => return Ok(links()),
            Route::Health => {
                let now = now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
                return Ok(json!({ "currentTime": now }));
            }
            Route::Authenticate => return self.desk().authenticate(request, now),
            Route::Refresh => return self.desk().renew(request, now),
            _ => {}
        }
        if !self.desk().lets_in(request, now) {
            return Err(failure());
        }
        match route {
            Route::Validate => Ok(json!({ "message": "The token is valid." })),
            Route::Logout => {
                self.desk().log_out(request, now);
                Ok(Value::Null)
            }
            Route::Nowhere => Err(refused(StatusCode::NOT_FOUND, "Not Found")),
            Route::Method => Err(refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "Method Not Allowed",
            )),
            // Seen under both names.
            Route::ServerInfo => Ok(json!({ "ncentral": VERSION, "message": VERSION })),
            _ if self.options.unfit_user => Err(refused(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal Server Error",
            )),
            Route::CreateCustomer(id) => self.create_customer(id, request),
            Route::CreateSite(id) => self.create_site(id, request),
            Route::DeleteDevice(id) => self.delete_device(id),
            Route::PutLifecycle(id) => self.note_lifecycle(id, request, true),
            Route::PatchLifecycle(id) => self.note_lifecycle(id, request, false),
            Route::Devices | Route::UnitDevices(_) | Route::Device(_) => {
                self.devices(route, request)
            }
            Route::Assets(id) => self.read().assets(id).ok_or_else(|| missing("Device")),
            Route::Lifecycle(id) => {
                let device = self.read().devices.get(id);
                device
                    .as_ref()
                    .map(lifecycle)
                    .ok_or_else(|| missing("Device"))
            }
            Route::Filters => {
                let asked = Asked::of(request)?;
                let members = ["filterId", "filterName", "description"];
                cut(filters::ids(), filters::row, &members, &asked).map(Cut::plain)
            }
            _ => self.units(route, request),
        }
    }

    fn devices(&self, route: Route, request: &Request) -> Result<Value, Refused> {
        let store = self.read();
        let base = base_url(request);
        let row = |id| store.shown(id, &base);
        let mut ids: Vec<u64> = match route {
            Route::Device(id) => {
                let device = row(id).ok_or_else(|| missing("Device"))?;
                let assets = format!("/api/devices/{id}/assets");
                return Ok(json!({ "data": device, "_links": { "assets": assets } }));
            }
            Route::UnitDevices(id) => {
                let (level, unit) = store.unit(id).ok_or_else(|| missing("Org unit"))?;
                store.devices_of(id, level, &unit)
            }
            _ => store.devices.table().ids().collect(),
        };
        let asked = Asked::of(request)?;
        if let Some(filter) = &asked.filter {
            let classes = filters::find(filter);
            let classes = classes.ok_or_else(|| bad("filterId", "is no filter"))?;
            ids.retain(|id| {
                let device = store.devices.get(*id);
                device.is_some_and(|device| filters::fits(classes, &device))
            });
        }
        let page = cut(ids, row, &DEVICE_SORTS, &asked)?;
        Ok(page.linked(request.uri().path(), &asked))
    }

    fn units(&self, route: Route, request: &Request) -> Result<Value, Refused> {
        let store = self.read();
        let of = |id: u64, level: Level, show: fn(Level, u64, &Object) -> Object| {
            let (own, unit) = store.unit(id)?;
            (own == level).then(|| show(level, id, &unit))
        };
        let any = |id: u64| {
            store
                .unit(id)
                .map(|(level, unit)| as_unit(level, id, &unit))
        };
        // Customers and sites come bare, the others in an envelope (seen).
        let bare =
            |row: Option<Object>, what: &str| row.map(Value::Object).ok_or_else(|| missing(what));
        let wrapped = |row: Option<Object>, what: &str| {
            let row = row.ok_or_else(|| missing(what))?;
            Ok(json!({ "data": row, "_links": {} }))
        };
        let list = |ids: Vec<u64>, level: Level| {
            let asked = Asked::of(request)?;
            let row = |id| of(id, level, shown);
            cut(ids, row, &SORTS, &asked).map(Cut::plain)
        };
        let all = |ids: Vec<u64>| {
            let asked = Asked::of(request)?;
            cut(ids, any, &SORTS, &asked).map(Cut::plain)
        };
        match route {
            Route::ServiceOrgs => list(vec![SERVICE_ORG], Level::ServiceOrg),
            Route::ServiceOrg(id) => {
                wrapped(of(id, Level::ServiceOrg, shown), "Service organization")
            }
            Route::ServiceOrgCustomers(SERVICE_ORG) | Route::Customers => {
                list(store.customers.table().ids().collect(), Level::Customer)
            }
            Route::ServiceOrgCustomers(_) => Err(missing("Service organization")),
            Route::Customer(id) => bare(of(id, Level::Customer, shown), "Customer"),
            Route::CustomerSites(id) => {
                store.customers.get(id).ok_or_else(|| missing("Customer"))?;
                list(store.sites.owned(id).to_vec(), Level::Site)
            }
            Route::Sites => list(store.sites.table().ids().collect(), Level::Site),
            Route::Site(id) => bare(of(id, Level::Site, shown), "Site"),
            Route::Units => all(store.units()),
            Route::UnitChildren(id) => {
                let (level, _) = store.unit(id).ok_or_else(|| missing("Org unit"))?;
                all(store.children(id, level))
            }
            Route::Unit(id) => wrapped(any(id), "Org unit"),
            _ => Err(refused(StatusCode::NOT_FOUND, "Not Found")),
        }
    }

    /// Whether a refusal comes from the core engine and could be dressed up as a success.
    fn is_dressed(&self, status: StatusCode) -> bool {
        let core = matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND);
        self.options.errors_as_success && core
    }
}

/// What the API's root leads to.
fn links() -> Value {
    let names = [
        "access-groups",
        "customers",
        "device-filters",
        "devices",
        "org-units",
        "service-orgs",
        "sites",
    ];
    let links = names.map(|name| (name.to_owned(), Value::from(format!("/api/{name}"))));
    json!({ "_links": Object::from_iter(links) })
}

/// A refusal in so many words.
pub(super) fn refused(status: StatusCode, message: &str) -> Refused {
    Refused {
        status,
        message: message.to_owned(),
        errors: Vec::new(),
    }
}

/// A record that is not there.
pub(super) fn missing(what: &str) -> Refused {
    refused(StatusCode::NOT_FOUND, &format!("{what} not found."))
}

/// A parameter or member that is badly put.
pub(super) fn bad(field: &str, message: &str) -> Refused {
    Refused {
        errors: vec![json!({ "field": field, "message": message })],
        ..refused(
            StatusCode::BAD_REQUEST,
            &format!("BAD REQUEST: {field} {message}"),
        )
    }
}

/// A refusal as it is sent. Some carry a tag to find them by in the server's log (seen).
fn error_reply(operation: &'static str, request: &Request, refused: Refused) -> Reply {
    let Refused {
        status,
        message,
        errors,
    } = refused;
    let tagged = matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::INTERNAL_SERVER_ERROR
    );
    let message = if tagged {
        let uri = request.uri().to_string();
        let tag = uri.bytes().fold(0, |tag, byte| mix(tag ^ u64::from(byte)));
        format!("[ID={:08x}] {message}", tag >> 32)
    } else {
        message
    };
    let mut body = json!({ "status": status.as_u16(), "message": message });
    if !errors.is_empty() {
        body["errors"] = errors.into();
    }
    Reply::with_body(operation, status, JSON, body.to_string())
}

/// How many calls of the same endpoint were under way when this one came.
fn at_once(request: &Request, endpoint_of_it: &str) -> usize {
    let others = request.extensions().get::<UnderWay>();
    let others = others.map_or(&[] as &[String], |others| &others.0);
    let same = others
        .iter()
        .filter(|path| endpoint(path) == endpoint_of_it);
    same.count()
}

impl fmt::Debug for NCentral {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NCentral")
    }
}

impl Simulator for NCentral {
    fn vendor(&self) -> Vendor {
        Vendor::NCentral
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        if self.limited.load(Ordering::Relaxed) {
            let endpoint = endpoint(request.uri().path());
            if at_once(request, &endpoint) >= most_at_once(&endpoint) {
                // When to come back is not said (documented: twice as long each time).
                let refused = refused(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
                return error_reply(operation, request, refused);
            }
        }
        match self.answer(route, request, now) {
            Ok(Value::Null) => Reply::new(operation, StatusCode::NO_CONTENT),
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body.to_string()),
            Err(refused) if self.is_dressed(refused.status) => {
                let body = json!({ "error message": refused.message });
                Reply::with_body(operation, StatusCode::OK, JSON, body.to_string())
            }
            Err(refused) => error_reply(operation, request, refused),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let text = status.canonical_reason().unwrap_or("Error");
        let operation = Route::of(request).operation();
        Some(error_reply(operation, request, refused(status, text)))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn set_company(&self, choice: &str) {
        self.by_sites.store(choice == "sites", Ordering::Relaxed);
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().truth(self.by_sites.load(Ordering::Relaxed))
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        let store = self.read();
        let mut made = store.ledger.unclaimed();
        made.extend(store.places.unclaimed());
        made
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        if let Ok(id) = external_id.parse() {
            self.write().claim(kind, id, key, truth);
        }
    }

    fn access(&self) -> Access {
        let jwt = self.desk().jwt().to_owned();
        Access {
            base_path: String::new(),
            credentials: BTreeMap::from([("jwt".to_owned(), jwt)]),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [
            ("customers", store.customers.table().len()),
            ("sites", store.sites.table().len()),
            ("org-units", store.units().len()),
            ("devices", store.devices.table().len()),
        ]
        .map(|(name, count)| (name.to_owned(), count as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
