//! The API's surface: login, routes, pages, error bodies. What the records are is left to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{self, Field};
use super::output::{self, Shape};
use super::query::Asked;
use super::render::{MacForm, stamp};
use super::route::{Resource, Route};
use super::session::{Sessions, second_factor};
use super::store::Store;
use crate::kit::{Collection, Object, SlidingWindow, Tokens, at};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests in a minute: hosted servers throttle, and no number is published (`inferred`).
const REQUESTS_MAX: u64 = 300;
const WINDOW_MS: u32 = 60_000;

const JSON: &str = "application/json; charset=utf-8";
/// The header that names the integration, in any case (`documented`: mandatory since 2020).
const CLIENT_ID: &str = "clientid";

/// An Automate server.
pub struct ConnectwiseAutomate {
    store: RwLock<Store>,
    credentials: BTreeMap<String, String>,
    /// What the user has to send beside the password, where there is a second factor.
    passcode: Mutex<Option<String>>,
    sessions: Mutex<Sessions>,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
    /// Whether whoever connected takes locations for companies.
    by_location: AtomicBool,
}

/// A reply that is no success.
pub(super) type Refused = (StatusCode, Value);

impl ConnectwiseAutomate {
    /// Stands the server up with a tool's records. MAC addresses have colons.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with_macs(records, now, MacForm::default())
    }

    /// The same with MAC addresses of that form.
    pub fn with_macs(records: &ToolRecords, now: Timestamp, macs: MacForm) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x4c_41_42, 1);
        let (password, id) = (words.issue(now), words.issue(now));
        let (a, b, c, d) = (&id[..8], &id[8..12], &id[12..16], &id[16..20]);
        let client_id = format!("{a}-{b}-{c}-{d}-{}", &id[20..]);
        Self {
            store: RwLock::new(Store::new(records, now, macs)),
            credentials: BTreeMap::from([
                ("user_name".to_owned(), "automate.api.user".to_owned()),
                ("password".to_owned(), password),
                ("client_id".to_owned(), client_id),
            ]),
            passcode: Mutex::new(None),
            sessions: Mutex::new(Sessions::new(records.seed ^ 9)),
            window: Mutex::new(SlidingWindow::new(REQUESTS_MAX, WINDOW_MS)),
            limited: AtomicBool::new(false),
            by_location: AtomicBool::new(false),
        }
    }

    /// Gives the user a second factor: from now on a login needs this passcode too.
    pub fn ask_for_passcode(&self, passcode: &str) {
        let mut held = self.passcode.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(passcode.to_owned());
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request names the integration; none when it says nothing of it.
    fn names_client(&self, request: &Request) -> Option<bool> {
        let header = request.headers().get(CLIENT_ID)?;
        let own = self.credentials.get("client_id");
        Some(header.to_str().ok() == own.map(String::as_str))
    }

    /// The client id may be left out here (`seen`: one client never sends it with its login).
    fn log_in(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        if self.names_client(request) == Some(false) {
            return Err(unauthorized("The client ID is not registered"));
        }
        let Ok(Value::Object(body)) = serde_json::from_slice(request.body()) else {
            let text = "The body is no JSON object";
            return Err(failure(StatusCode::BAD_REQUEST, "InvalidObject", text));
        };
        // Names match in any case (`seen`).
        let sent = |wanted: &str| {
            let mut members = body.iter();
            let found = members.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.and_then(|(_, value)| value.as_str())
        };
        let is =
            |name: &str, key: &str| sent(name) == self.credentials.get(key).map(String::as_str);
        if !is("UserName", "user_name") || !is("Password", "password") {
            return Err(unauthorized("The user name or password is not right"));
        }
        let passcode = self.passcode.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(passcode) = &*passcode {
            match sent("TwoFactorPasscode").map(str::trim) {
                None | Some("") => return Ok(second_factor().to_string().into_bytes()),
                Some(sent) if sent == passcode => {}
                Some(_) => return Err(unauthorized("The passcode is not right")),
            }
        }
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(sessions.open(now).to_string().into_bytes())
    }

    /// The body is the token as a JSON text; no header is needed (`seen`).
    fn refresh(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let token: Option<String> = serde_json::from_slice(request.body()).ok();
        let token = token.ok_or_else(|| wrong("The body is no text"))?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = sessions.refresh(token.trim(), now);
        let reply = reply.ok_or_else(|| unauthorized("The token is not valid"))?;
        Ok(reply.to_string().into_bytes())
    }

    fn has_token(&self, request: &Request, now: Timestamp) -> bool {
        let header = request.headers().get(AUTHORIZATION);
        let header = header.and_then(|header| header.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        token.is_some_and(|token| sessions.use_up(token.trim(), now))
    }

    fn answer(&self, route: Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        match route {
            Route::Token => return self.log_in(request, now),
            Route::Refresh => return self.refresh(request, now),
            _ => {}
        }
        if self.names_client(request) != Some(true) {
            return Err(unauthorized("A registered client ID is required"));
        }
        if !self.has_token(request, now) {
            return Err(unauthorized("The token is missing or has expired"));
        }
        match route {
            Route::Token | Route::Refresh | Route::Nowhere => Err(missing()),
            Route::Method => {
                let text = "The method is not allowed here";
                let status = StatusCode::METHOD_NOT_ALLOWED;
                Err(failure(status, "MethodNotAllowed", text))
            }
            Route::List(resource) => self.list(resource, request, now),
            Route::One(resource, id) => {
                let record = self.record(&self.read(), resource, id, now);
                let record = record.ok_or_else(missing)?;
                let fields = resource.fields();
                let asked = Asked::of(request, fields)?;
                Ok(one(fields, &asked.shape, &record))
            }
            Route::Parts(part) => {
                let asked = Asked::of(request, part.fields())?;
                let store = self.read();
                let rows = store.computers.iter();
                let rows = rows.flat_map(|(id, computer)| part.rows(id, &computer));
                let key = |row: &Object| at(row, "ComputerId").as_u64();
                Ok(page(&asked, part.fields(), rows, key))
            }
            Route::PartsOf(id, part) => {
                let asked = Asked::of(request, part.fields())?;
                let computer = self.read().computers.get(id).ok_or_else(missing)?;
                let rows = part.rows(id, &computer);
                if part.is_single() {
                    let row = rows.first().ok_or_else(missing)?;
                    return Ok(one(part.fields(), &asked.shape, row));
                }
                Ok(page(&asked, part.fields(), rows.into_iter(), |_| None))
            }
            Route::Create(resource) => self.create(resource, request),
            Route::Empty => {
                Asked::of(request, fields::EMPTY)?;
                Ok(b"[]".to_vec())
            }
            Route::PatchInformation => {
                let version =
                    json!({ "DBAgentServerPatchVersion": "250.123", "PatchName": "2025.8" });
                Ok(version.to_string().into_bytes())
            }
            Route::DatabaseTime => Ok(stamp(now).to_string().into_bytes()),
        }
    }

    fn list(
        &self,
        resource: Resource,
        request: &Request,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refused> {
        let fields = resource.fields();
        let asked = Asked::of(request, fields)?;
        let store = self.read();
        let ids = resource.of(&store).table().ids();
        let record = |id: u64| self.record(&store, resource, id, now);
        if asked.is_plain() {
            let rows = ids.skip(asked.skip()).take(asked.size);
            let rows: Vec<Object> = rows.filter_map(record).collect();
            return Ok(output::list(fields, &asked.shape, &rows));
        }
        let key = |row: &Object| number(at(row, "Id"));
        Ok(page(&asked, fields, ids.filter_map(record), key))
    }

    /// A record as it is shown now.
    fn record(&self, store: &Store, resource: Resource, id: u64, now: Timestamp) -> Option<Object> {
        let record = resource.of(store).get(id)?;
        let mut record = match resource {
            Resource::Clients => store.settled(id, record),
            Resource::Locations => store.placed(&record),
            Resource::Retired => record,
            Resource::Computers | Resource::Networks => store.shown(&record, now),
        };
        // Ids of locations are numbers, all others texts (`documented`).
        let id: Value = match resource {
            Resource::Locations => id.into(),
            _ => id.to_string().into(),
        };
        record.insert("Id".to_owned(), id);
        Some(record)
    }
}

impl Resource {
    const fn of(self, store: &Store) -> &Collection {
        match self {
            Self::Clients => &store.clients,
            Self::Locations => &store.locations,
            Self::Computers => &store.computers,
            Self::Networks => &store.networks,
            Self::Retired => &store.retired,
        }
    }

    const fn fields(self) -> &'static [Field] {
        match self {
            Self::Clients => fields::CLIENT,
            Self::Locations => fields::LOCATION,
            Self::Computers => fields::COMPUTER,
            Self::Networks => fields::NETWORK,
            Self::Retired => fields::RETIRED,
        }
    }
}

/// An id, as a number or a text.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// The rows that are asked for; past the last page there are none (`seen`).
fn page(
    asked: &Asked,
    fields: &'static [Field],
    rows: impl Iterator<Item = Object>,
    key: impl Fn(&Object) -> Option<u64>,
) -> Vec<u8> {
    let wanted = |row: &Object| {
        let ids = asked.ids.as_ref();
        ids.is_none_or(|ids| key(row).is_some_and(|id| ids.contains(&id)))
            && asked.filter.as_ref().is_none_or(|it| it.holds(row))
    };
    let rows = rows.filter(wanted);
    if asked.order.is_empty() {
        let rows: Vec<Object> = rows.skip(asked.skip()).take(asked.size).collect();
        return output::list(fields, &asked.shape, &rows);
    }
    let mut rows: Vec<Object> = rows.collect();
    asked.order.sort(&mut rows);
    let first = asked.skip().min(rows.len());
    let last = first.saturating_add(asked.size).min(rows.len());
    output::list(fields, &asked.shape, &rows[first..last])
}

fn one(fields: &'static [Field], shape: &Shape, record: &Object) -> Vec<u8> {
    let mut out = Vec::new();
    output::write(fields, shape, record, &mut out);
    out
}

/// The body of an error (`seen`: clients read these three members).
pub(super) fn failure(status: StatusCode, code: &str, message: &str) -> Refused {
    let body = json!({ "code": code, "message": message, "errors": [{ "message": message }] });
    (status, body)
}

pub(super) fn wrong(message: &str) -> Refused {
    failure(StatusCode::BAD_REQUEST, "BadRequest", message)
}

fn unauthorized(message: &str) -> Refused {
    failure(StatusCode::UNAUTHORIZED, "Unauthorized", message)
}

fn missing() -> Refused {
    failure(
        StatusCode::NOT_FOUND,
        "NotFound",
        "The record was not found",
    )
}

impl fmt::Debug for ConnectwiseAutomate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ConnectwiseAutomate")
    }
}

impl Simulator for ConnectwiseAutomate {
    fn vendor(&self) -> Vendor {
        Vendor::ConnectwiseAutomate
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = window.hit(now);
        drop(window);
        if self.limited.load(Ordering::Relaxed) && usage.exceeded() {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let (status, body) = failure(status, "TooManyRequests", "Too many requests");
            return Reply::with_body(operation, status, JSON, body.to_string());
        }
        match self.answer(route, request, now) {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err((status, body)) => Reply::with_body(operation, status, JSON, body.to_string()),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let text = status.canonical_reason().unwrap_or("Error");
        let (status, body) = failure(status, &text.replace(' ', ""), text);
        let operation = Route::of(request).operation();
        Some(Reply::with_body(operation, status, JSON, body.to_string()))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn set_company(&self, choice: &str) {
        let chosen = choice == "locations";
        self.by_location.store(chosen, Ordering::Relaxed);
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().truth(self.by_location.load(Ordering::Relaxed))
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        self.read().unclaimed()
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        self.write().claim(kind, external_id, key, truth);
    }

    fn access(&self) -> Access {
        Access {
            base_path: "/cwa/api/v1".to_owned(),
            credentials: self.credentials.clone(),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [
            ("clients", &store.clients),
            ("locations", &store.locations),
            ("computers", &store.computers),
            ("networkdevices", &store.networks),
            ("retiredassets", &store.retired),
        ]
        .map(|(name, collection)| (name.to_owned(), collection.table().len() as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
