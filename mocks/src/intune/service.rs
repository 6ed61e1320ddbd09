//! The API's surface: whose token it is, routes, pages, limits, the envelope around every reply. What the
//! records are is left to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::device::{APART, MEMBERS, untold};
use super::login::Login;
use super::query::Asked;
use super::refusal::{Ids, Refused};
use super::route::Route;
use super::store::{PARTNER, Store, TenantId};
use crate::kit::{Object, SlidingWindow, at, base_url, draw_guid, guid, parse_guid, write};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Calls about devices that an application may make in one tenant (documented).
const REQUESTS_MAX: u64 = 2_000;
const WINDOW_MS: u32 = 20_000;

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

const ORGANIZATION: &[&str] = &[
    "id",
    "deletedDateTime",
    "businessPhones",
    "city",
    "country",
    "countryLetterCode",
    "createdDateTime",
    "displayName",
    "tenantType",
    "verifiedDomains",
];

const CONTRACT: &[&str] = &[
    "id",
    "deletedDateTime",
    "contractType",
    "customerId",
    "defaultDomainName",
    "displayName",
];

/// The tenants of a partner and its customers.
pub struct Intune {
    seed: u64,
    store: RwLock<Store>,
    login: Login,
    windows: Mutex<BTreeMap<TenantId, SlidingWindow>>,
    limited: AtomicBool,
    /// Requests so far, which number the ids of replies.
    asked: AtomicU64,
}

impl Intune {
    /// Stands the tenants up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self {
            seed: records.seed,
            store: RwLock::new(Store::new(records, now)),
            login: Login::new(records.seed, now),
            windows: Mutex::default(),
            limited: AtomicBool::new(false),
            asked: AtomicU64::new(0),
        }
    }

    /// An administrator of a tenant, named by its id, lets the application in or does so no longer. Until
    /// told otherwise all have let it in.
    pub fn set_consent(&self, tenant: &str, given: bool) {
        let mut store = self.write();
        if let Some(tenant) = store.tenant_named(tenant) {
            store.set_consent(tenant, given);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn ids(&self, request: &Request) -> Ids {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let id = guid(draw_guid(self.seed, "request", &number.to_string()));
        Ids::of(request, id)
    }

    /// Answers one request.
    pub(super) fn one(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let (operation, ids) = (route.operation(), self.ids(request));
        match self.answer(&route, request, now) {
            Ok(body) => {
                let mut reply = Reply::with_body(operation, StatusCode::OK, JSON, body);
                ids.mark(&mut reply);
                reply
            }
            Err(refused) => refused.reply(operation, &ids, now),
        }
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let store = self.read();
        if let Route::Token(tenant) = route {
            let token = self.login.answer(&store, tenant, request, now)?;
            return Ok(token.to_string().into_bytes());
        }
        let tenant = self.login.tenant(&store, request, now)?;
        if route.is_intune() {
            self.count(tenant, now)?;
        }
        match route {
            Route::Token(_) | Route::Nowhere(_) => {
                let last = if let Route::Nowhere(last) = route {
                    last
                } else {
                    ""
                };
                let message = format!("Resource not found for the segment '{last}'.");
                Err(Refused::bad(message))
            }
            Route::Method => Err(Refused::graph(
                StatusCode::METHOD_NOT_ALLOWED,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            )),
            // Within another one.
            Route::Batch => Err(Refused::bad("A batch cannot hold a batch.")),
            Route::Organizations => {
                let asked = Asked::of(request, ORGANIZATION)?;
                let own = store.organization(tenant).map(|row| (1, row));
                list(
                    &asked,
                    "organization",
                    own.into_iter(),
                    ORGANIZATION,
                    request,
                )
            }
            Route::Organization(id) => {
                let asked = Asked::of(request, ORGANIZATION)?;
                let own = store.tenant_named(id).filter(|own| *own == tenant);
                let own = own.filter(|_| parse_guid(id).is_some());
                let row = own.and_then(|own| store.organization(own));
                let row = row.ok_or_else(|| missing(id))?;
                Ok(entity(&asked, "organization", row, ORGANIZATION, request))
            }
            Route::Contracts => {
                let asked = Asked::of(request, CONTRACT)?;
                let rows = store.contracts(tenant);
                list(&asked, "contracts", rows, CONTRACT, request)
            }
            Route::Contract(id) => {
                let asked = Asked::of(request, CONTRACT)?;
                let mut rows = store.contracts(tenant);
                let row = rows.find(|(_, row)| at(row, "id").as_str() == Some(id));
                let (_, row) = row.ok_or_else(|| missing(id))?;
                Ok(entity(&asked, "contracts", row, CONTRACT, request))
            }
            Route::Devices => {
                let asked = Asked::of(request, MEMBERS)?;
                let ids = store.devices.owned(tenant).iter();
                let rows = ids.filter_map(|id| Some((*id, store.devices.get(*id)?)));
                let rows = rows.map(|(id, row)| (id, told(row, |_, _| false)));
                list(&asked, DEVICES, rows, MEMBERS, request)
            }
            Route::Device(id) => {
                let asked = Asked::of(request, MEMBERS)?;
                if parse_guid(id).is_none() {
                    let message = format!("Invalid device id '{id}'");
                    return Err(Refused::intune(
                        StatusCode::BAD_REQUEST,
                        "BadRequest",
                        message,
                    ));
                }
                let number = store.number(Kind::Device, id);
                let own = number.filter(|id| store.devices.owned(tenant).binary_search(id).is_ok());
                let row = own.and_then(|id| store.devices.get(id)).ok_or_else(|| {
                    let message = format!("Device with id '{id}' was not found");
                    Refused::intune(StatusCode::NOT_FOUND, "ResourceNotFound", message)
                })?;
                let row = told(row, |member, by_name| !by_name || asked.names(member));
                Ok(entity(&asked, DEVICES, row, MEMBERS, request))
            }
        }
    }

    /// Counts a call about devices against the tenant's limit.
    fn count(&self, tenant: TenantId, now: Timestamp) -> Result<(), Refused> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows
            .entry(tenant)
            .or_insert_with(|| SlidingWindow::new(REQUESTS_MAX, WINDOW_MS));
        if window.hit(now).exceeded() {
            return Err(Refused::too_many(
                window.wait_ms(now).div_ceil(1_000).max(1),
            ));
        }
        Ok(())
    }
}

const DEVICES: &str = "deviceManagement/managedDevices";

/// A device without what is not told here; `tells` says of what a list leaves out whether it is.
fn told(mut row: Object, tells: impl Fn(&str, bool) -> bool) -> Object {
    row.retain(|name, _| !name.starts_with('_'));
    for (member, by_name) in APART {
        if !tells(member, by_name) {
            row.insert(member.to_owned(), untold(member));
        }
    }
    row
}

fn list(
    asked: &Asked,
    name: &str,
    rows: impl Iterator<Item = (u64, Object)>,
    order: &'static [&'static str],
    request: &Request,
) -> Result<Vec<u8>, Refused> {
    let page = asked.page(rows)?;
    let context = format!(
        "{}/v1.0/$metadata#{name}{}",
        base_url(request),
        asked.projection()
    );
    let mut body = format!("{{\"@odata.context\":{}", Value::from(context)).into_bytes();
    if name == DEVICES {
        // The number of rows in this page (inferred).
        body.extend(format!(",\"@odata.count\":{}", page.rows.len()).into_bytes());
    }
    if let Some(next) = page.next {
        body.extend(format!(",\"@odata.nextLink\":{}", Value::from(next)).into_bytes());
    }
    body.extend_from_slice(b",\"value\":[");
    for (place, row) in page.rows.into_iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        write(order, &asked.selected(row), &mut body);
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

fn entity(
    asked: &Asked,
    name: &str,
    row: Object,
    order: &'static [&'static str],
    request: &Request,
) -> Vec<u8> {
    let context = format!(
        "{}/v1.0/$metadata#{name}{}/$entity",
        base_url(request),
        asked.projection()
    );
    let mut body = format!("{{\"@odata.context\":{},", Value::from(context)).into_bytes();
    let mut members = Vec::new();
    write(order, &asked.selected(row), &mut members);
    body.extend_from_slice(members.get(1..).unwrap_or_default());
    body
}

fn missing(id: &str) -> Refused {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    Refused::graph(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
}

impl fmt::Debug for Intune {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Intune")
    }
}

impl Simulator for Intune {
    fn vendor(&self) -> Vendor {
        Vendor::Intune
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        if Route::of(request) != Route::Batch {
            return self.one(request, now);
        }
        let (operation, ids) = (Route::Batch.operation(), self.ids(request));
        let known = self.login.tenant(&self.read(), request, now);
        match known.and_then(|_| self.batch(request, now)) {
            Ok(body) => {
                let body = body.to_string();
                let mut reply = Reply::with_body(operation, StatusCode::OK, JSON, body);
                ids.mark(&mut reply);
                reply
            }
            Err(refused) => refused.reply(operation, &ids, now),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, now: Timestamp) -> Option<Reply> {
        let route = Route::of(request);
        let refused = Refused::of_status(status, matches!(route, Route::Token(_)));
        Some(refused.reply(route.operation(), &self.ids(request), now))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().truth()
    }

    fn access(&self) -> Access {
        let partner = self.read().guid_of(PARTNER);
        Access {
            base_path: String::new(),
            credentials: self.login.credentials(&partner),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [("contracts", &store.tenants), ("devices", &store.devices)]
            .map(|(name, rows)| (name.to_owned(), rows.table().len() as u64))
            .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
