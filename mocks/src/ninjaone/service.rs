//! The API's surface: login, routes, both kinds of pages, error bodies. What the records are is left to
//! the others.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::devices::WARRANTY;
use super::list::{Lister, brief, shown};
use super::part::Part;
use super::query::Asked;
use super::route::Route;
use super::store::{ROLES, Store, seconds};
use crate::kit::{Collection, Object, SlidingWindow, Tokens, at, envelope};
use crate::world::{Change, DeviceRecord, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests in a minute; the number is not published, and a client keeps to this one (seen).
const REQUESTS_MAX: u64 = 100;
const WINDOW_MS: u32 = 60_000;
/// How long a token lives (documented).
const TOKEN_S: u32 = 3_600;
/// The largest page that clients ask for (seen); more is answered with as many (inferred).
pub(super) const LARGEST_PAGE: usize = 1_000;
/// Records where no page size is given (inferred).
pub(super) const PAGE: usize = 1_000;
/// Searches find this many where no limit is given (inferred).
pub(super) const FOUND: usize = 100;
/// How long a report's cursor can be gone on with, in seconds (inferred).
const CURSOR_S: i64 = 3_600;

const JSON: &str = "application/json";

/// A NinjaOne instance.
pub struct NinjaOne {
    store: RwLock<Store>,
    credentials: BTreeMap<String, String>,
    tokens: Mutex<Tokens>,
    cursors: Mutex<Cursors>,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
}

/// Reports under way: by the cursor's name, which report it is, the last device that was told of and when
/// it ends.
#[derive(Debug)]
struct Cursors {
    names: Tokens,
    open: BTreeMap<String, (Part, u64, Timestamp)>,
}

/// A reply that is no success.
pub(super) type Refused = (StatusCode, Value);

impl NinjaOne {
    /// Stands the instance up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with_devices(records, records.devices.iter(), now)
    }

    /// Stands the instance up with a tool's records and devices that come one by one, so that there
    /// need never be all of them. Devices among the records are not looked at.
    pub fn with_devices(
        records: &ToolRecords,
        devices: impl Iterator<Item = impl Borrow<DeviceRecord>>,
        now: Timestamp,
    ) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x4e_49_4e_4a, 1);
        let (id, secret) = (words.issue(now), words.issue(now));
        Self {
            store: RwLock::new(Store::new(records, devices, now)),
            credentials: BTreeMap::from([
                ("client_id".to_owned(), id[..27].to_owned()),
                ("client_secret".to_owned(), format!("{secret}{}", &id[27..])),
            ]),
            tokens: Mutex::new(Tokens::new(records.seed ^ 5, TOKEN_S)),
            cursors: Mutex::new(Cursors {
                names: Tokens::new(records.seed ^ 7, 1),
                open: BTreeMap::new(),
            }),
            window: Mutex::new(SlidingWindow::new(REQUESTS_MAX, WINDOW_MS)),
            limited: AtomicBool::new(false),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_in(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let mut form: BTreeMap<String, String> = form_urlencoded::parse(request.body())
            .into_owned()
            .collect();
        // The client may name itself in the header instead (documented).
        if let Some((id, secret)) = basic(request) {
            form.insert("client_id".to_owned(), id);
            form.insert("client_secret".to_owned(), secret);
        }
        let refused = |error: &str, text: &str| {
            let body = json!({ "error": error, "error_description": text });
            Err((StatusCode::BAD_REQUEST, body))
        };
        if form.get("grant_type").map(String::as_str) != Some("client_credentials") {
            return refused("unsupported_grant_type", "The grant type is not supported");
        }
        let is =
            |name: &str| form.contains_key(name) && form.get(name) == self.credentials.get(name);
        if !is("client_id") || !is("client_secret") {
            let (_, body) = refused("invalid_client", "Client authentication failed")
                .err()
                .unwrap_or_default();
            return Err((StatusCode::UNAUTHORIZED, body));
        }
        let asked = form.get("scope").map_or("monitoring", String::as_str);
        let known = ["monitoring", "management", "control", "offline_access"];
        if asked
            .split_whitespace()
            .any(|scope| !known.contains(&scope))
        {
            return refused("invalid_scope", "The requested scope is invalid");
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.issue(now);
        let reply = json!({
            "access_token": token, "expires_in": TOKEN_S, "scope": asked, "token_type": "Bearer",
        });
        Ok(reply.to_string().into_bytes())
    }

    fn has_token(&self, request: &Request, now: Timestamp) -> bool {
        let header = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|header| header.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        token.is_some_and(|token| tokens.accepts(token.trim(), now))
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        match route {
            Route::Version => return Ok(b"5.9.1158".to_vec()),
            Route::Token => return self.log_in(request, now),
            _ => {}
        }
        if !self.has_token(request, now) {
            let body = json!({
                "error": "invalid_token", "error_description": "The access token is invalid or has expired",
            });
            return Err((StatusCode::UNAUTHORIZED, body));
        }
        let query = Asked::of(request)?;
        match route {
            Route::Version | Route::Token | Route::Nowhere => Err(missing()),
            Route::Method => Err(failure(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
            )),
            Route::Organizations { detailed } => {
                let store = self.read();
                if !*detailed {
                    return Ok(page(&store.organizations, &query));
                }
                let ids = after(&store.organizations, &query);
                let rows = ids.filter_map(|id| {
                    let mut record = store.organizations.get(id)?;
                    record.insert("locations".to_owned(), places(&store, id, false));
                    record.insert("policies".to_owned(), policies());
                    Some(Value::Object(record))
                });
                Ok(rows.collect::<Value>().to_string().into_bytes())
            }
            Route::Organization(id) => one(self.read().organizations.get(*id)),
            Route::OrganizationLocations(id) => {
                let store = self.read();
                store.organizations.get(*id).ok_or_else(missing)?;
                Ok(places(&store, *id, false).to_string().into_bytes())
            }
            Route::Locations => Ok(page(&self.read().locations, &query)),
            Route::OrganizationDevices(id) => {
                let store = self.read();
                store.organizations.get(*id).ok_or_else(missing)?;
                let owned = store.devices.owned(*id);
                let first = owned.partition_point(|id| *id <= query.after.unwrap_or(0));
                let ids = owned[first..].iter().take(query.size);
                let places = ids.filter_map(|id| store.devices.table().position(*id).ok());
                let lister = Lister::new(&store, false, &[], now);
                Ok(lister.list(&places.collect::<Vec<_>>()))
            }
            Route::Devices { detailed } => Ok(self.devices(&query, *detailed, now)),
            Route::Search => {
                let store = self.read();
                let words = query.text.to_lowercase();
                let found = store.devices.iter().filter_map(|(_, it)| {
                    let name = ["systemName", "displayName", "dnsName", "lastLoggedInUser"];
                    let mut names = name.into_iter();
                    let hit = names.find(|name| {
                        let own = at(&it, name).as_str();
                        own.is_some_and(|own| own.to_lowercase().contains(&words))
                    })?;
                    let (attribute, value) = (hit, at(&it, hit).clone());
                    let mut it = brief(shown(it, now));
                    it.insert("matchAttr".to_owned(), attribute.into());
                    it.insert("matchAttrValue".to_owned(), value);
                    Some(Value::Object(it))
                });
                let devices: Vec<Value> = found.take(query.limit.unwrap_or(FOUND)).collect();
                let body = json!({ "query": query.text, "devices": devices });
                Ok(body.to_string().into_bytes())
            }
            Route::Device(id) => {
                let device = self.read().devices.get(*id).ok_or_else(missing)?;
                let device = self.referring(device, &query, now);
                Ok(Value::Object(device).to_string().into_bytes())
            }
            Route::Part(id, part) => {
                let device = self.read().devices.get(*id).ok_or_else(missing)?;
                Ok(part.of(&device, now).to_string().into_bytes())
            }
            Route::Roles => {
                let roles = ROLES.into_iter().map(|(id, name, class, chassis)| {
                    json!({
                        "id": id, "name": name, "nodeClass": class, "custom": false,
                        "chassisType": chassis,
                    })
                });
                Ok(roles.collect::<Value>().to_string().into_bytes())
            }
            Route::Policies => {
                let policies = ROLES.into_iter().map(|(id, name, class, _)| {
                    json!({
                        "id": id + 20, "name": name, "nodeClass": class, "nodeClassDefault": true,
                    })
                });
                Ok(policies.collect::<Value>().to_string().into_bytes())
            }
            Route::Groups => Ok(b"[]".to_vec()),
            Route::Report(part) => self.report(*part, &query, now),
            Route::CreateOrganization => self.create(request, now),
            Route::UpdateOrganization(id) => self.update(Kind::Organization, *id, request, now),
            Route::UpdateDevice(id) => self.update(Kind::Device, *id, request, now),
        }
    }

    fn devices(&self, query: &Asked, detailed: bool, now: Timestamp) -> Vec<u8> {
        let store = self.read();
        let table = store.devices.table();
        let first = table.position_after(query.after.unwrap_or(0));
        let fitting = (first..table.len()).filter(|place| fits(&store, *place, query, now));
        let places: Vec<usize> = fitting.take(query.size).collect();
        Lister::new(&store, detailed, &query.expand, now).list(&places)
    }

    /// A device with the records that `expand` asks for.
    fn referring(&self, device: Object, query: &Asked, now: Timestamp) -> Object {
        let mut references = Object::new();
        let store = self.read();
        for name in &query.expand {
            let of = |member: &str| at(&device, member).as_u64();
            let value = match name.as_str() {
                "organization" => of("organizationId").and_then(|id| store.organizations.get(id)),
                "location" => of("locationId").and_then(|id| store.locations.get(id)),
                "warranty" => {
                    let end = Some(at(&device, WARRANTY)).filter(|end| !end.is_null());
                    end.and_then(|end| json!({ "endDate": end }).as_object().cloned())
                }
                "role" => of("nodeRoleId").and_then(|id| {
                    let role = ROLES.into_iter().find(|(own, ..)| *own == id)?;
                    json!({ "id": id, "name": role.1, "nodeClass": role.2 })
                        .as_object()
                        .cloned()
                }),
                _ => None,
            };
            if let Some(value) = value {
                references.insert(name.clone(), value.into());
            }
        }
        drop(store);
        let mut device = shown(device, now);
        if !references.is_empty() {
            device.insert("references".to_owned(), references.into());
        }
        device
    }

    /// A page of a report: rows of so many devices, and the cursor to go on with.
    fn report(&self, part: Part, query: &Asked, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let bad = || failure(StatusCode::BAD_REQUEST, "invalid_cursor");
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.open.retain(|_, (_, _, end)| *end > now);
        let (name, last) = match &query.cursor {
            None => {
                let name = cursors.names.issue(now);
                (
                    format!(
                        "{}-{}-{}-{}-{}",
                        &name[..8],
                        &name[8..12],
                        &name[12..16],
                        &name[16..20],
                        &name[20..]
                    ),
                    0,
                )
            }
            Some(name) => {
                // Another report's cursor is none of this one's (inferred).
                let known = cursors.open.get(name).filter(|(own, ..)| *own == part);
                let (_, last, _) = known.ok_or_else(bad)?;
                (name.clone(), *last)
            }
        };
        let store = self.read();
        let table = store.devices.table();
        let mut rows = Vec::new();
        let mut reached = last;
        let first = table.position_after(last);
        for place in first..table.len() {
            if rows.len() >= query.size {
                break;
            }
            let Some(id) = table.id_at(place) else {
                continue;
            };
            reached = id;
            if !fits(&store, place, query, now) {
                continue;
            }
            let Some(device) = store.devices.get(id) else {
                continue;
            };
            for mut row in part.rows(&device, now) {
                row.insert("deviceId".to_owned(), id.into());
                row.insert("timestamp".to_owned(), seconds(now));
                rows.push(Value::Object(row));
            }
        }
        drop(store);
        let end = now
            .checked_add(jiff::SignedDuration::from_secs(CURSOR_S))
            .unwrap_or(Timestamp::MAX);
        cursors.open.insert(name.clone(), (part, reached, end));
        let cursor =
            json!({ "name": name, "offset": 0, "count": rows.len(), "expires": seconds(end) });
        let body = json!({ "cursor": cursor, "results": rows });
        Ok(body.to_string().into_bytes())
    }
}

/// Name and password of a `Basic` header.
fn basic(request: &Request) -> Option<(String, String)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let bytes = STANDARD
        .decode(header.strip_prefix("Basic ")?.trim())
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// Whether the device at a place is one that is asked for.
fn fits(store: &Store, place: usize, query: &Asked, now: Timestamp) -> bool {
    let facts = store.devices.facts(place);
    facts.is_some_and(|(id, facts)| query.filter.fits(id, facts, now))
}

/// Ids behind the last one of the page before.
fn after(records: &Collection, query: &Asked) -> impl Iterator<Item = u64> {
    let table = records.table();
    let first = table.position_after(query.after.unwrap_or(0));
    (first..table.len())
        .take(query.size)
        .filter_map(|place| table.id_at(place))
}

/// A page of records as they are kept.
fn page(records: &Collection, query: &Asked) -> Vec<u8> {
    let table = records.table();
    let first = table.position_after(query.after.unwrap_or(0));
    envelope("[", table.page(first, query.size), "]").concat()
}

fn one(record: Option<Object>) -> Result<Vec<u8>, Refused> {
    let record = record.ok_or_else(missing)?;
    Ok(Value::Object(record).to_string().into_bytes())
}

/// An organization's locations, with or without its id.
pub(super) fn places(store: &Store, organization: u64, with_owner: bool) -> Value {
    let places = store.locations.owned(organization).iter();
    let places = places.filter_map(|id| store.locations.get(*id));
    places
        .map(|mut place| {
            if !with_owner {
                place.remove("organizationId");
            }
            Value::Object(place)
        })
        .collect()
}

fn policies() -> Value {
    let policies = ROLES.into_iter();
    policies
        .map(|(id, ..)| json!({ "nodeRoleId": id, "policyId": id + 20 }))
        .collect()
}

pub(super) fn failure(status: StatusCode, code: &str) -> Refused {
    let body = json!({ "resultCode": "FAILURE", "errorMessage": code, "incidentId": "00000000" });
    (status, body)
}

pub(super) fn missing() -> Refused {
    failure(StatusCode::NOT_FOUND, "not_found")
}

pub(super) fn wrong(name: &str) -> Refused {
    failure(
        StatusCode::BAD_REQUEST,
        &format!("invalid_parameter: {name}"),
    )
}

impl fmt::Debug for NinjaOne {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NinjaOne")
    }
}

impl Simulator for NinjaOne {
    fn vendor(&self) -> Vendor {
        Vendor::NinjaOne
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = window.hit(now);
        if self.limited.load(Ordering::Relaxed) && usage.exceeded() {
            let wait_s = window.wait_ms(now).div_ceil(1_000).max(1);
            let (status, body) = failure(StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
            let mut reply = Reply::with_body(operation, status, JSON, body.to_string());
            reply.headers.insert(RETRY_AFTER, HeaderValue::from(wait_s));
            return reply;
        }
        drop(window);
        match self.answer(&route, request, now) {
            Ok(body) if body.is_empty() => Reply::new(operation, StatusCode::NO_CONTENT),
            Ok(body) if route == Route::Version => {
                Reply::with_body(operation, StatusCode::OK, "text/plain", body)
            }
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err((status, body)) => Reply::with_body(operation, status, JSON, body.to_string()),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let text = status.canonical_reason().unwrap_or("error");
        let (status, body) = failure(status, &text.to_lowercase().replace(' ', "_"));
        let operation = Route::of(request).operation();
        Some(Reply::with_body(operation, status, JSON, body.to_string()))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().ledger.truth()
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
            base_path: String::new(),
            credentials: self.credentials.clone(),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [
            ("organizations", store.organizations.table()),
            ("locations", store.locations.table()),
            ("devices", store.devices.table()),
        ]
        .map(|(name, table)| (name.to_owned(), table.len() as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
