//! The API's surface: the key, routes, the envelope of lists, refusals. What the records are is left to
//! the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::class::Class;
use super::custom;
use super::query::Asked;
use super::route::{Route, Target};
use super::store::{MONITOR, Store};
use crate::kit::{SlidingWindow, Tokens, at};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests in a minute: not published; clients keep to this number (`seen`).
const REQUESTS_MAX: u64 = 700;
const WINDOW_MS: u32 = 60_000;

const JSON: &str = "application/json; charset=utf-8";
const PROBLEM: &str = "application/problem+json; charset=utf-8";

/// Behaviour that accounts differ in.
#[derive(Debug, Clone, Copy, Default)]
pub struct AteraOptions {
    /// Agents on anything but Windows tell MAC addresses without colons (`inferred`: both forms are in
    /// use). Off unless switched on.
    pub bare_macs: bool,
}

/// An Atera account.
pub struct Atera {
    store: RwLock<Store>,
    key: String,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
}

/// A reply that is no success: with the vendor's description of a problem, or without a body.
pub(super) type Refused = (StatusCode, Option<Value>);

/// A success, with its status.
pub(super) type Answered = Result<(StatusCode, Value), Refused>;

impl Atera {
    /// Stands the account up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with_options(records, AteraOptions::default(), now)
    }

    /// Stands it up with other behaviour than the usual.
    pub fn with_options(records: &ToolRecords, options: AteraOptions, now: Timestamp) -> Self {
        Self {
            store: RwLock::new(Store::new(records, options, now)),
            key: Tokens::new(records.seed ^ 0x4154_4552, 1).issue(now),
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

    /// No key and a wrong one look the same: 401 without a body (`seen`).
    fn is_let_in(&self, request: &Request) -> bool {
        let key = request.headers().get("x-api-key");
        key.is_some_and(|key| key.as_bytes() == self.key.as_bytes())
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Answered {
        if !self.is_let_in(request) {
            return Err((StatusCode::UNAUTHORIZED, None));
        }
        let found = |value: Option<Value>| {
            // `inferred`: the specification has no reply for a customer or agent that is missing.
            let value = value.ok_or((StatusCode::NOT_FOUND, None))?;
            Ok((StatusCode::OK, value))
        };
        match route {
            Route::Nowhere => Err((StatusCode::NOT_FOUND, None)),
            Route::Method => Err((StatusCode::METHOD_NOT_ALLOWED, None)),
            Route::Customers => self.customers(&Asked::of(request)?),
            Route::Customer(id) => found(self.read().customer(number("customerId", id)?)),
            Route::Agents => self.machines(Class::Agent, &Asked::of(request)?, None, now),
            Route::AgentsOf(customer) => {
                let customer = number("customerId", customer)?;
                self.machines(Class::Agent, &Asked::of(request)?, Some(customer), now)
            }
            Route::AgentsNamed(name) => self.named(name, &Asked::of(request)?, now),
            Route::Devices(class) => {
                let asked = Asked::of(request)?;
                self.machines(*class, &asked, asked.customer, now)
            }
            Route::Machine(Class::Agent, id) => {
                let id = number("agentId", id)?;
                found(self.read().shown(Class::Agent, id, now))
            }
            Route::Machine(class, id) => {
                let id = number("deviceId", id)?;
                let row = self.read().shown(*class, id, now);
                Ok((StatusCode::OK, row.ok_or_else(missing)?))
            }
            Route::SnmpByGuid(guid) => {
                let store = self.read();
                let mut devices = store.of(Class::Snmp).iter();
                let device = devices.find(|(_, row)| at(row, "DeviceGuid") == guid.as_str());
                let row = device.and_then(|(id, _)| store.shown(Class::Snmp, id, now));
                Ok((StatusCode::OK, row.ok_or_else(missing)?))
            }
            Route::Fields => Ok((StatusCode::OK, custom::described())),
            Route::Value(id) => Ok((StatusCode::OK, self.value(id)?)),
            Route::Values(target, id) => {
                let (id, record) = self.bearer(*target, id)?;
                let values = custom::of(*target).filter_map(|field| field.value(id, &record));
                Ok((StatusCode::OK, values.collect()))
            }
            Route::ValueOf(target, id, name) => {
                let (id, record) = self.bearer(*target, id)?;
                let field = custom::named(*target, name).ok_or_else(|| wrong("fieldName", name))?;
                let value = field.value(id, &record);
                Ok((StatusCode::OK, value.into_iter().collect()))
            }
            Route::CreateCustomer => self.create_customer(request, now),
            Route::UpdateCustomer(id) => self.update_customer(id, request, now),
            Route::DeleteCustomer(id) => self.delete_customer(id, now),
            Route::CreateFolder => self.create_folder(request),
            Route::CreateDevice(class) => self.create_device(*class, request, now),
            Route::DeleteMachine(class, id) => self.delete_machine(*class, id),
            Route::SetValue(target, id, name) => self.set_value(*target, id, name, request, now),
        }
    }

    fn customers(&self, asked: &Asked) -> Answered {
        let store = self.read();
        let mut ids: Vec<u64> = store.customers.table().ids().collect();
        if asked.modified_since.is_some() || asked.by_modification {
            let modified = |row| {
                let text = at(&row, "LastModified").as_str();
                text.and_then(|text| text.parse::<Timestamp>().ok())
            };
            let rows = store.customers.iter();
            let mut rows: Vec<(Option<Timestamp>, u64)> =
                rows.map(|(id, row)| (modified(row), id)).collect();
            rows.retain(|(modified, _)| *modified >= asked.modified_since);
            if asked.by_modification {
                // The oldest first (`inferred`).
                rows.sort_unstable();
            }
            ids = rows.into_iter().map(|(_, id)| id).collect();
        }
        let page = asked.cut(&ids).iter();
        let page: Vec<Value> = page.filter_map(|id| store.customer(*id)).collect();
        Ok((StatusCode::OK, asked.envelope(&page, ids.len())))
    }

    /// Machines of a kind, those of a customer, or those that an agent watches.
    fn machines(
        &self,
        class: Class,
        asked: &Asked,
        customer: Option<u64>,
        now: Timestamp,
    ) -> Answered {
        let store = self.read();
        let mut ids: Vec<u64> = match customer {
            Some(customer) => store.of(class).owned(customer).to_vec(),
            None => store.of(class).table().ids().collect(),
        };
        if let Some(agent) = asked.agent.filter(|_| class != Class::Agent) {
            ids.retain(|id| {
                let row = store.shown(class, *id, now);
                row.is_some_and(|row| row[MONITOR] == agent)
            });
        }
        let page = asked.cut(&ids).iter();
        let page: Vec<Value> = page.filter_map(|id| store.shown(class, *id, now)).collect();
        Ok((StatusCode::OK, asked.envelope(&page, ids.len())))
    }

    /// Agents of a machine's name, whatever the case.
    fn named(&self, name: &str, asked: &Asked, now: Timestamp) -> Answered {
        let store = self.read();
        let agents = store.of(Class::Agent).iter();
        let ids: Vec<u64> = agents
            .filter(|(_, row)| {
                let own = at(row, "MachineName").as_str();
                own.is_some_and(|own| own.to_lowercase() == name)
            })
            .map(|(id, _)| id)
            .collect();
        let page = asked.cut(&ids).iter();
        let page: Vec<Value> = page
            .filter_map(|id| store.shown(Class::Agent, *id, now))
            .collect();
        Ok((StatusCode::OK, asked.envelope(&page, ids.len())))
    }

    /// A value by its own id: a list of one, or an empty one.
    fn value(&self, value_id: &str) -> Result<Value, Refused> {
        if value_id.len() != 36 || value_id.matches('-').count() != 4 {
            return Err(wrong("customValueId", value_id));
        }
        let store = self.read();
        let machines = Class::ALL.map(Target::Machine);
        let value = [Target::Customer]
            .into_iter()
            .chain(machines)
            .find_map(|target| {
                let records = match target {
                    Target::Customer => &store.customers,
                    Target::Machine(class) => store.of(class),
                };
                custom::of(target).find_map(|field| {
                    let mut ids = records.table().ids();
                    let id = ids.find(|id| field.value_id(*id) == value_id)?;
                    field.value(id, &records.get(id)?)
                })
            });
        Ok(value.into_iter().collect())
    }

    /// The record that has custom values (that one who is missing is badly put is `inferred`: no other
    /// refusal is documented).
    fn bearer(&self, target: Target, id: &str) -> Result<(u64, crate::kit::Object), Refused> {
        let number = number("id", id)?;
        let record = self.read().bearer(target, number);
        Ok((number, record.ok_or_else(|| wrong("id", id))?))
    }
}

/// An id in a path. One below 0 is nobody's.
pub(super) fn number(name: &str, text: &str) -> Result<u64, Refused> {
    let number: i64 = text.parse().map_err(|_| wrong(name, text))?;
    Ok(u64::try_from(number).unwrap_or(u64::MAX))
}

/// A value that cannot be.
pub(super) fn wrong(name: &str, value: &str) -> Refused {
    bad(&format!("The value '{value}' is not valid for {name}."))
}

/// A request that cannot be.
pub(super) fn bad(detail: &str) -> Refused {
    problem(StatusCode::BAD_REQUEST, "Bad Request", detail)
}

/// A device that nobody has.
pub(super) fn missing() -> Refused {
    problem(
        StatusCode::NOT_FOUND,
        "Not Found",
        "The record was not found.",
    )
}

fn problem(status: StatusCode, title: &str, detail: &str) -> Refused {
    let section = if status == StatusCode::NOT_FOUND {
        5
    } else {
        1
    };
    let body = json!({
        "type": format!("https://tools.ietf.org/html/rfc9110#section-15.5.{section}"), "title": title,
        "status": status.as_u16(), "detail": detail, "instance": null,
    });
    (status, Some(body))
}

fn reply(operation: &'static str, status: StatusCode, body: Option<Value>) -> Reply {
    let media_type = if status.is_success() { JSON } else { PROBLEM };
    match body {
        Some(body) => Reply::with_body(operation, status, media_type, body.to_string()),
        None => Reply::new(operation, status),
    }
}

impl fmt::Debug for Atera {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is left out.
        formatter.write_str("Atera")
    }
}

impl Simulator for Atera {
    fn vendor(&self) -> Vendor {
        Vendor::Atera
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = window.hit(now);
        drop(window);
        if self.limited.load(Ordering::Relaxed) && usage.exceeded() {
            // That it says neither why nor for how long is `inferred`.
            return Reply::new(operation, StatusCode::TOO_MANY_REQUESTS);
        }
        match self.answer(&route, request, now) {
            Ok((status, Value::Null)) => Reply::new(operation, status),
            Ok((status, body)) => reply(operation, status, Some(body)),
            Err((status, body)) => reply(operation, status, body),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let operation = Route::of(request).operation();
        match status {
            StatusCode::UNAUTHORIZED
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::INTERNAL_SERVER_ERROR => Some(Reply::new(operation, status)),
            StatusCode::BAD_REQUEST => {
                let (status, body) = bad("The request is not valid.");
                Some(reply(operation, status, body))
            }
            StatusCode::NOT_FOUND => {
                let (status, body) = missing();
                Some(reply(operation, status, body))
            }
            _ => None,
        }
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().truth()
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        self.read().unclaimed()
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        self.write().claim(kind, external_id, key, truth);
    }

    fn access(&self) -> Access {
        Access {
            base_path: String::new(),
            credentials: BTreeMap::from([("api_key".to_owned(), self.key.clone())]),
        }
    }

    /// `machines` are agents and devices together.
    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        let count = |class: Class| store.of(class).table().len() as u64;
        let mut counts = BTreeMap::from([
            ("customers".to_owned(), store.customers.table().len() as u64),
            ("agents".to_owned(), count(Class::Agent)),
            ("machines".to_owned(), Class::ALL.map(count).iter().sum()),
        ]);
        for class in Class::ALL.into_iter().skip(1) {
            counts.insert(format!("{}devices", class.word()), count(class));
        }
        counts
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
