//! The API's surface: credentials, routes, pages, the envelope around every reply, limits. What the records
//! are is left to the others.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::list::{Asked, List};
use super::route::Route;
use super::show::{brief, linked, whole};
use super::store::{Company, Store, place_name};
use crate::kit::{Collection, Object, SlidingWindow, Tokens, base_url};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests in an hour to each endpoint (seen: a client's note of the vendor's page).
const REQUESTS_MAX: u64 = 3_600;
const WINDOW_MS: u32 = 3_600_000;
/// Lists with more records than this name the next page (seen: a client's note of the vendor's page).
const LINKED_ABOVE: usize = 5_000;

const JSON: &str = "application/json; charset=utf-8";

/// A member of the family.
#[derive(Debug, Clone, Copy)]
pub struct Brand {
    /// Which one.
    pub vendor: Vendor,
    /// Paths that the API stands below; clients are told the first.
    pub bases: &'static [&'static str],
    /// What it calls itself.
    pub product_name: &'static str,
}

/// VSA X.
pub const VSA_X: Brand = Brand {
    vendor: Vendor::VsaX,
    bases: &["/api/v3"],
    product_name: "VSA X",
};

/// An instance.
pub struct VsaX {
    brand: Brand,
    store: RwLock<Store>,
    credentials: BTreeMap<String, String>,
    windows: Mutex<HashMap<&'static str, SlidingWindow>>,
    limited: AtomicBool,
    company: AtomicU8,
}

/// A reply that is no success: its status and what is wrong.
type Refused = (StatusCode, String);

impl VsaX {
    /// Stands the instance up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp, brand: Brand) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x5653_4158, 1);
        Self {
            brand,
            store: RwLock::new(Store::new(records, brand.vendor, now)),
            credentials: ["token_id", "token_secret"]
                .map(|name| (name.to_owned(), words.issue(now)))
                .into(),
            windows: Mutex::default(),
            limited: AtomicBool::new(false),
            company: AtomicU8::new(0),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn route(&self, request: &Request) -> Route {
        Route::of(request, self.brand.bases)
    }

    /// Whether a request carries the token (documented: its id and secret as Basic credentials).
    fn is_let_in(&self, request: &Request) -> bool {
        let header = request.headers().get(AUTHORIZATION);
        let text = header.and_then(|header| header.to_str().ok());
        let text = text.and_then(|text| text.strip_prefix("Basic "));
        let Some(bytes) = text.and_then(|text| STANDARD.decode(text.trim()).ok()) else {
            return false;
        };
        let (id, secret) = (
            &self.credentials["token_id"],
            &self.credentials["token_secret"],
        );
        bytes == format!("{id}:{secret}").into_bytes()
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Value, Refused> {
        if !self.is_let_in(request) {
            let words = "Authorization has been denied for this request.";
            return Err((StatusCode::UNAUTHORIZED, words.to_owned()));
        }
        match route {
            Route::Nowhere => Err((
                StatusCode::NOT_FOUND,
                "The requested resource is not found.".to_owned(),
            )),
            Route::Method => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "The requested resource does not support this method.".to_owned(),
            )),
            Route::Environment => Ok(one(self.environment())),
            Route::List(list) => self.list(*list, request),
            Route::One(list, id) => self.one(*list, id, request, now).map(one),
            Route::Notifications(id) | Route::CustomFields(id) => {
                let store = self.read();
                let known = store.number(id).and_then(|id| store.devices.get(id));
                known.ok_or_else(missing)?;
                Ok(rows(Vec::new(), 0, None))
            }
            Route::Publish => {
                let made = self.write().publish(request);
                made.map(one)
                    .map_err(|words| (StatusCode::BAD_REQUEST, words))
            }
        }
    }

    fn environment(&self) -> Value {
        let devices = self.read().devices.table().len();
        json!({
            "ProductVersion": "10.17.0 build 4800 release 353, US",
            "CustomerId": "instance.example", "CustomerName": self.brand.product_name,
            "ServerType": "SaaS", "Language": "en",
            "License": {
                "ExpirationDate": "2098-01-01T00:00:00",
                "Devices": { "TotalInUse": devices, "Limit": 100_000 },
            },
        })
    }

    fn one(
        &self,
        list: List,
        id: &str,
        request: &Request,
        now: Timestamp,
    ) -> Result<Value, Refused> {
        let store = self.read();
        let row = match list {
            List::Devices | List::Assets => {
                let number = store.number(id).ok_or_else(missing)?;
                let row = of(&store, list).get(number).ok_or_else(missing)?;
                let place = place_name(&store, &row);
                if list == List::Assets {
                    linked(row, &place, &base_url(request))
                } else {
                    whole(row, &place, now)
                }
            }
            _ => {
                let number = id.parse().map_err(|_| missing())?;
                of(&store, list).get(number).ok_or_else(missing)?
            }
        };
        Ok(row.into())
    }

    /// One page of a list, filtered and ordered.
    fn list(&self, list: List, request: &Request) -> Result<Value, Refused> {
        let asked = Asked::of(request, list).map_err(|words| (StatusCode::BAD_REQUEST, words))?;
        let store = self.read();
        let base = base_url(request);
        let show = |row: Object| match list {
            List::Devices => {
                let place = place_name(&store, &row);
                brief(row, &place)
            }
            List::Assets => {
                let place = place_name(&store, &row);
                linked(row, &place, &base)
            }
            _ => row,
        };
        let records = of(&store, list);
        let table = records.table();
        let (total, page) = if asked.filter.is_none() && asked.order.is_none() {
            // The usual case: nothing is read that is not on the page.
            let places = (asked.skip..table.len()).take(asked.top);
            let ids = places.filter_map(|place| table.id_at(place));
            let page: Vec<Object> = ids.filter_map(|id| records.get(id)).map(show).collect();
            (table.len(), page)
        } else {
            let shown = records.iter().map(|(_, row)| show(row));
            let mut fitting: Vec<Object> = shown
                .filter(|row| (asked.filter.as_ref()).is_none_or(|filter| filter.fits(row)))
                .collect();
            if let Some(order) = &asked.order {
                order.sort(&mut fitting);
            }
            let total = fitting.len();
            let page = fitting.into_iter().skip(asked.skip).take(asked.top);
            (total, page.collect())
        };
        let reached = asked.skip.saturating_add(page.len());
        let more = total > LINKED_ABOVE && reached < total && !page.is_empty();
        let link = more.then(|| next_link(request, reached));
        Ok(rows(page, total, link))
    }

    /// Counts a request. How many seconds it is too early, if it is.
    fn too_early(&self, operation: &'static str, now: Timestamp) -> Option<u64> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows
            .entry(operation)
            .or_insert_with(|| SlidingWindow::new(REQUESTS_MAX, WINDOW_MS));
        let exceeded = window.hit(now).exceeded();
        let limited = self.limited.load(Ordering::Relaxed);
        (limited && exceeded).then(|| window.wait_ms(now).div_ceil(1_000).max(1))
    }
}

/// The records of a list.
const fn of(store: &Store, list: List) -> &Collection {
    match list {
        List::Organizations => &store.organizations,
        List::Sites => &store.sites,
        List::Groups => &store.groups,
        List::Devices => &store.devices,
        List::Assets => &store.assets,
    }
}

/// The same request, further on. Its form is inferred.
fn next_link(request: &Request, skip: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in crate::kit::query_pairs(request) {
        if name != "$skip" {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("$skip", &skip.to_string());
    let path = request.uri().path();
    format!("{}{path}?{}", base_url(request), query.finish())
}

fn missing() -> Refused {
    (StatusCode::NOT_FOUND, "Entity is not found.".to_owned())
}

fn one(record: Value) -> Value {
    json!({ "Data": record, "Meta": { "ResponseCode": 200 } })
}

fn rows(page: Vec<Object>, total: usize, link: Option<String>) -> Value {
    let mut meta = json!({ "ResponseCode": 200, "TotalCount": total });
    if let Some(link) = link {
        meta["NextQueryLink"] = link.into();
    }
    json!({ "Data": page, "Meta": meta })
}

/// The envelope of a failure (documented).
fn failure(operation: &'static str, (status, words): Refused) -> Reply {
    let body = json!({
        "Data": null, "Meta": { "ResponseCode": status.as_u16(), "ErrorMessage": words },
    });
    let mut reply = Reply::with_body(operation, status, JSON, body.to_string());
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic");
        reply.headers.insert(WWW_AUTHENTICATE, challenge);
    }
    reply
}

impl fmt::Debug for VsaX {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VsaX")
            .field("brand", &self.brand)
            .finish_non_exhaustive()
    }
}

impl Simulator for VsaX {
    fn vendor(&self) -> Vendor {
        self.brand.vendor
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = self.route(request);
        let operation = route.operation();
        if let Some(wait_s) = self.too_early(operation, now) {
            let words = "Too many requests.".to_owned();
            let mut reply = failure(operation, (StatusCode::TOO_MANY_REQUESTS, words));
            reply.headers.insert(RETRY_AFTER, HeaderValue::from(wait_s));
            return reply;
        }
        match self.answer(&route, request, now) {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body.to_string()),
            Err(refused) => failure(operation, refused),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(self.route(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let words = status.canonical_reason().unwrap_or("Error").to_owned();
        Some(failure(self.route(request).operation(), (status, words)))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        let company = Company::of(self.company.load(Ordering::Relaxed));
        self.read().truth(company)
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        self.read().unclaimed()
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        let mut store = self.write();
        if let Some(id) = store.number(external_id) {
            store.ledger.know(kind, id, key, truth);
        }
    }

    fn set_company(&self, choice: &str) {
        let company = match choice {
            "sites" => Company::Site,
            "groups" => Company::Group,
            _ => Company::Organization,
        };
        self.company.store(company as u8, Ordering::Relaxed);
    }

    fn access(&self) -> Access {
        Access {
            base_path: self
                .brand
                .bases
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned(),
            credentials: self.credentials.clone(),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [
            ("organizations", List::Organizations),
            ("sites", List::Sites),
            ("groups", List::Groups),
            ("devices", List::Devices),
            ("assets", List::Assets),
        ]
        .map(|(name, list)| (name.to_owned(), of(&store, list).table().len() as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
