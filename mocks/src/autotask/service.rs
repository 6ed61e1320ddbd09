//! The API's surface: zones, headers, routes, limits, error bodies. What the records are and which fit
//! a query is left to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::filter::{Query, lenient};
use super::metadata;
use super::query::{self, Place};
use super::route::Route;
use super::schema::Entity;
use super::store::Store;
use super::world::{apply, load};
use super::write;
use crate::kit::{SlidingWindow, base_url, mix, query_pairs};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, UnderWay, Vendor};

/// Requests of a database in an hour (documented).
const REQUESTS_MAX: u64 = 10_000;
const WINDOW_MS: u32 = 3_600_000;
/// How many calls of an integration run at once for each endpoint (documented); that one more is
/// answered 429 `seen` in clients, its words `inferred`.
const CALLS_AT_ONCE: usize = 3;
/// By how much replies are slowed down from which share on (documented).
const SLOW: [(u64, u64); 2] = [(75, 1_000), (50, 500)];

const JSON: &str = "application/json; charset=utf-8";
/// The path of the service, with which zone URLs end.
const SERVICE: &str = "/ATServicesRest";

/// What the vendor answers to a request for an id that no record has. Public sources do not agree;
/// clients take both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MissingId {
    /// 200 with `{"item": null}`.
    #[default]
    NullItem,
    /// 404 with an error body.
    NotFound,
}

/// Autotask PSA with its records.
pub struct Autotask {
    store: RwLock<Store>,
    access: Access,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
    missing: MissingId,
}

/// A reply that is no success: status and body.
type Refused = (StatusCode, Value);

/// The vendor's word for wrong input. Whether it is 400 or 500 is not known; 500 is common experience
/// (inferred).
const INVALID: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;

impl Autotask {
    /// Stands the database up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with(records, now, MissingId::default())
    }

    /// The same, answering to missing ids as told.
    pub fn with(records: &ToolRecords, now: Timestamp, missing: MissingId) -> Self {
        let letters = records.company.chars().filter(char::is_ascii_alphanumeric);
        let domain = letters.collect::<String>().to_lowercase();
        let word = |salt: u64| format!("{:016x}", mix(records.seed ^ salt));
        let credentials = BTreeMap::from([
            (
                "user_name".to_owned(),
                format!("api.{}@{domain}.example", &word(1)[..6]),
            ),
            ("secret".to_owned(), word(2)),
            ("integration_code".to_owned(), word(3).to_uppercase()),
        ]);
        Self {
            store: RwLock::new(load(records, now)),
            access: Access {
                base_path: SERVICE.to_owned(),
                credentials,
            },
            window: Mutex::new(SlidingWindow::new(REQUESTS_MAX, WINDOW_MS)),
            limited: AtomicBool::new(false),
            missing,
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn window(&self) -> MutexGuard<'_, SlidingWindow> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all three headers are right.
    fn knows(&self, request: &Request) -> bool {
        let is = |header: &str, name: &str| {
            let sent = request.headers().get(header);
            let own = self.access.credentials.get(name);
            sent.zip(own)
                .is_some_and(|(sent, own)| sent.as_bytes() == own.as_bytes())
        };
        is("username", "user_name")
            && is("secret", "secret")
            && is("apiintegrationcode", "integration_code")
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        match route {
            Route::Versions => return Ok(bytes(&json!({ "apiVersions": ["1.0"] }))),
            Route::Zone => return self.zone(request),
            _ => {}
        }
        if !self.knows(request) {
            let text = "The logged in Resource does not have the adequate permissions, or the credentials are not valid.";
            return Err((StatusCode::UNAUTHORIZED, errors([text])));
        }
        match route {
            Route::Versions | Route::Zone => Err(nowhere(request)),
            // All text (documented).
            Route::Version => Ok(bytes(&json!({
                "majorVersion": "2025", "minorVersion": "4", "build": "1",
                "customerType": "Standard",
            }))),
            Route::Threshold => {
                let usage = self.window().peek(now);
                Ok(bytes(&json!({
                    "externalRequestThreshold": usage.limit,
                    "requestThresholdTimeframe": WINDOW_MS / 60_000,
                    "currentTimeframeRequestCount": usage.count,
                })))
            }
            Route::Entity(entity) => Ok(bytes(&metadata::entity(*entity))),
            Route::Fields(entity) => Ok(bytes(&metadata::fields(&self.read(), *entity))),
            Route::OwnFields => Ok(bytes(&json!({ "fields": [] }))),
            Route::Query(entity) => self.query(*entity, None, request),
            Route::Next(entity) => {
                let place = parameter(request, "paging")
                    .ok_or_else(|| (INVALID, errors(["The paging information is missing."])))?;
                let place = Place::read(&place).map_err(invalid)?;
                self.query(*entity, Some(place), request)
            }
            Route::Count(entity) => {
                let query = asked(*entity, request)?;
                let count = query::count(&self.read(), *entity, &query);
                Ok(bytes(&json!({ "queryCount": count })))
            }
            Route::One(entity, parent, id) => self.one(*entity, *parent, *id),
            Route::Children(entity, parent) => {
                let filter =
                    json!({ "filter": [{ "op": "eq", "field": "companyID", "value": parent }] });
                let query = Query::read(*entity, &filter).map_err(invalid)?;
                let origin = base_url(request);
                let link = |place: &Place| link(&origin, *entity, place, Some(&filter.to_string()));
                let place = Place::first(query.max_records);
                Ok(query::page(&self.read(), *entity, &query, &place, &link))
            }
            Route::Create(entity, parent) => {
                let body = write::body(request.body()).map_err(refused)?;
                self.with_parent(*parent, request)?;
                let id = write::create(&mut self.write(), *entity, *parent, &body, now);
                Ok(item_id(id.map_err(refused)?))
            }
            Route::Update(entity, parent, extent) => {
                let body = write::body(request.body()).map_err(refused)?;
                let done = write::update(&mut self.write(), *entity, *parent, &body, *extent, now);
                let id = done.map_err(refused)?.ok_or_else(no_record)?;
                Ok(item_id(id))
            }
            Route::Delete(entity, parent, id) => {
                let done = write::delete(&mut self.write(), *entity, *parent, *id);
                Ok(item_id(done.ok_or_else(no_record)?))
            }
            Route::Wrong => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                json!({ "message": format!(
                    "The requested resource does not support http method '{}'.", request.method()
                ) }),
            )),
            Route::Nowhere => Err(nowhere(request)),
        }
    }

    /// Where the user's database is: here, as the client named it. Asked without credentials (seen).
    fn zone(&self, request: &Request) -> Result<Vec<u8>, Refused> {
        let user = parameter(request, "user").unwrap_or_default();
        let own = self.access.credentials.get("user_name");
        if !own.is_some_and(|own| own.eq_ignore_ascii_case(user.trim())) {
            let text = "Zone information could not be determined.";
            return Err((StatusCode::INTERNAL_SERVER_ERROR, errors([text])));
        }
        let origin = base_url(request);
        Ok(bytes(&json!({
            "zoneName": "America East 2",
            "url": format!("{origin}{SERVICE}/"),
            "webUrl": format!("{origin}/"),
            "ci": 1_234_567,
        })))
    }

    fn query(
        &self,
        entity: Entity,
        place: Option<Place>,
        request: &Request,
    ) -> Result<Vec<u8>, Refused> {
        let query = asked(entity, request)?;
        let origin = base_url(request);
        // After a POST the next page is asked with the same body (seen).
        let search = (request.method() == Method::GET)
            .then(|| parameter(request, "search"))
            .flatten();
        let link = |place: &Place| link(&origin, entity, place, search.as_deref());
        let place = place.unwrap_or_else(|| Place::first(query.max_records));
        Ok(query::page(&self.read(), entity, &query, &place, &link))
    }

    fn one(&self, entity: Entity, parent: Option<u64>, id: u64) -> Result<Vec<u8>, Refused> {
        let store = self.read();
        let json = store.of(entity).table().get(id);
        let json = json.filter(|_| {
            parent.is_none()
                || store
                    .get(entity, id)
                    .is_some_and(|record| write::belongs(&record, parent))
        });
        match (json, self.missing) {
            (Some(json), _) => Ok([b"{\"item\":", &json[..], b"}"].concat()),
            (None, MissingId::NullItem) => Ok(b"{\"item\":null}".to_vec()),
            (None, MissingId::NotFound) => Err(no_record()),
        }
    }

    fn with_parent(&self, parent: Option<u64>, request: &Request) -> Result<(), Refused> {
        let known = |id| self.read().of(Entity::Companies).table().get(id).is_some();
        if parent.is_none_or(known) {
            Ok(())
        } else {
            Err(nowhere(request))
        }
    }
}

/// The query of a request: in its body, or in the `search` parameter.
fn asked(entity: Entity, request: &Request) -> Result<Query, Refused> {
    let text = if request.method() == Method::POST {
        String::from_utf8_lossy(request.body()).into_owned()
    } else {
        parameter(request, "search").unwrap_or_default()
    };
    let value = lenient(&text).map_err(invalid)?;
    Query::read(entity, &value).map_err(invalid)
}

/// A parameter by its name in any case.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut pairs = query_pairs(request).into_iter();
    pairs
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn link(origin: &str, entity: Entity, place: &Place, search: Option<&str>) -> String {
    let mut url = format!(
        "{origin}{SERVICE}/V1.0/{}/query/next?paging={}",
        entity.name(),
        escaped(&place.text())
    );
    if let Some(search) = search {
        url.push_str("&search=");
        url.push_str(&escaped(search));
    }
    url
}

/// Percent-encoded with lower-case digits (seen).
fn escaped(text: &str) -> String {
    use fmt::Write as _;
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!*()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn item_id(id: u64) -> Vec<u8> {
    bytes(&json!({ "itemId": id }))
}

fn errors<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    json!({ "errors": texts })
}

fn invalid(text: String) -> Refused {
    (INVALID, errors([text]))
}

fn refused(texts: Vec<String>) -> Refused {
    (INVALID, errors(texts))
}

fn no_record() -> Refused {
    (
        StatusCode::NOT_FOUND,
        errors(["No matching records found."]),
    )
}

fn nowhere(request: &Request) -> Refused {
    let uri = format!("{}{}", base_url(request), request.uri().path());
    let text = format!("No HTTP resource was found that matches the request URI '{uri}'.");
    (StatusCode::NOT_FOUND, json!({ "message": text }))
}

/// How many calls to the same endpoint were under way when this one came. Asking for the zone is free
/// (documented).
fn at_once(request: &Request) -> usize {
    let endpoint = |path: &str| {
        let mut parts = path.trim_start_matches('/').split('/').skip(2);
        let name = parts.next().unwrap_or_default();
        name.to_ascii_lowercase()
    };
    let own = endpoint(request.uri().path());
    if own == "zoneinformation" {
        return 0;
    }
    let others = request.extensions().get::<UnderWay>();
    let others = others.map_or(&[] as &[String], |others| &others.0);
    others.iter().filter(|path| endpoint(path) == own).count()
}

impl fmt::Debug for Autotask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Autotask")
    }
}

impl Simulator for Autotask {
    fn vendor(&self) -> Vendor {
        Vendor::Autotask
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let usage = match route {
            Route::Versions | Route::Zone => self.window().peek(now),
            _ => self.window().hit(now),
        };
        let limited = self.limited.load(Ordering::Relaxed);
        if limited && usage.exceeded() {
            let text = format!(
                "The external request threshold of {REQUESTS_MAX} requests in 60 minutes is exceeded."
            );
            let body = errors([text]).to_string();
            return Reply::with_body(operation, StatusCode::TOO_MANY_REQUESTS, JSON, body);
        }
        if limited && at_once(request) >= CALLS_AT_ONCE {
            let text = format!("No more than {CALLS_AT_ONCE} calls run at once for each endpoint.");
            let body = errors([text]).to_string();
            return Reply::with_body(operation, StatusCode::TOO_MANY_REQUESTS, JSON, body);
        }
        let mut reply = match self.answer(&route, request, now) {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err((status, body)) => Reply::with_body(operation, status, JSON, body.to_string()),
        };
        if limited {
            let slow = SLOW
                .iter()
                .find(|(percent, _)| usage.reaches_percent(*percent));
            reply.delay_ms = slow.map_or(0, |(_, delay_ms)| *delay_ms);
        }
        reply
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let text = status.canonical_reason().unwrap_or("Error");
        let operation = Route::of(request).operation();
        let body = errors([text]).to_string();
        Some(Reply::with_body(operation, status, JSON, body))
    }

    /// What is deleted in the screens is gone, a company with all that belongs to it.
    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        apply(&mut self.write(), change, now)
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
        self.access.clone()
    }

    /// Companies include the MSP's own, whose id is 0.
    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        let names = [
            ("companies", Entity::Companies),
            ("locations", Entity::CompanyLocations),
            ("contacts", Entity::Contacts),
            ("configuration_items", Entity::ConfigurationItems),
            ("configuration_item_types", Entity::ConfigurationItemTypes),
            ("products", Entity::Products),
            ("countries", Entity::Countries),
        ];
        names
            .map(|(name, entity)| (name.to_owned(), store.of(entity).table().len() as u64))
            .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
