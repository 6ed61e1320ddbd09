//! The API's surface: login, routes, pages, error bodies, limits. What the records are is left to the
//! others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::store::Store;
use super::write::post;
use crate::kit::{Object, SlidingWindow, Tokens, at, base_url, query_pairs, write};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests of a tenant in five minutes (seen).
const REQUESTS_MAX: u64 = 300;
const WINDOW_MS: u32 = 300_000;
/// How long a token lives (seen).
const TOKEN_S: u32 = 3_600;
/// The largest page (inferred).
const LARGEST_PAGE: usize = 100;
/// How many records a list without pages has when nothing is said (seen).
const COUNT: usize = 50;

const JSON: &str = "application/json; charset=utf-8";

/// A HaloPSA tenant.
pub struct HaloPsa {
    store: RwLock<Store>,
    credentials: BTreeMap<String, String>,
    tokens: Mutex<Tokens>,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
}

/// A reply that is no success.
pub(super) type Refused = (StatusCode, Value);

impl HaloPsa {
    /// Stands the tenant up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x48_41_4c_4f, 1);
        let id = words.issue(now);
        let guid = format!(
            "{}-{}-{}-{}-{}",
            &id[..8],
            &id[8..12],
            &id[12..16],
            &id[16..20],
            &id[20..]
        );
        let secret = format!("{}-{}", words.issue(now), words.issue(now));
        Self {
            store: RwLock::new(Store::new(records, now)),
            credentials: BTreeMap::from([
                ("client_id".to_owned(), guid),
                ("client_secret".to_owned(), secret),
            ]),
            tokens: Mutex::new(Tokens::new(records.seed ^ 3, TOKEN_S)),
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

    fn log_in(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let form: BTreeMap<String, String> = form_urlencoded::parse(request.body())
            .into_owned()
            .collect();
        let is =
            |name: &str| form.contains_key(name) && form.get(name) == self.credentials.get(name);
        if form.get("grant_type").map(String::as_str) != Some("client_credentials") {
            let error = json!({ "error": "unsupported_grant_type" });
            return Err((StatusCode::BAD_REQUEST, error));
        }
        if !is("client_id") || !is("client_secret") {
            // As OAuth 2 has it (inferred).
            let error = json!({
                "error": "invalid_client", "error_description": "The client credentials are not valid.",
            });
            return Err((StatusCode::UNAUTHORIZED, error));
        }
        let token = self
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .issue(now);
        let scope = form.get("scope").map_or("all", String::as_str);
        let reply = json!({
            "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_S, "scope": scope,
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
            Route::AuthInfo => {
                let url = format!("{}/auth", base_url(request));
                return Ok(json!({ "auth_url": url, "tenant_id": "tenant" })
                    .to_string()
                    .into_bytes());
            }
            Route::Token => return self.log_in(request, now),
            _ => {}
        }
        if !self.has_token(request, now) {
            return Err((
                StatusCode::UNAUTHORIZED,
                error("The access token is not valid."),
            ));
        }
        match route {
            Route::AuthInfo | Route::Token | Route::Nowhere => Err(missing()),
            Route::Method => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                error("The method is not allowed."),
            )),
            Route::Instance => Ok(json!({ "product_name": "HaloPSA", "version": "2.184" })
                .to_string()
                .into_bytes()),
            Route::Names(list) => {
                let store = self.read();
                let names = match list {
                    Names::Types => &store.types,
                    Names::Statuses => &store.statuses,
                    Names::TopLevels => &store.top_levels,
                };
                let rows = (1..)
                    .zip(names)
                    .map(|(id, name)| json!({ "id": id, "name": name }));
                Ok(rows.collect::<Value>().to_string().into_bytes())
            }
            Route::List(kind) => self.list(*kind, request),
            Route::One(kind, id) => {
                let record = self.read().of(*kind).get(*id).ok_or_else(missing)?;
                Ok(Value::Object(record).to_string().into_bytes())
            }
            Route::Post(kind) => {
                let rows = match serde_json::from_slice(request.body()) {
                    Ok(Value::Array(rows)) => rows,
                    // One without its brackets is taken (inferred; a client sends it).
                    Ok(row @ Value::Object(_)) => vec![row],
                    _ => {
                        return Err((
                            StatusCode::BAD_REQUEST,
                            error("The body is no array of objects."),
                        ));
                    }
                };
                let mut store = self.write();
                let mut last = None;
                for row in rows {
                    let Value::Object(row) = row else {
                        return Err((
                            StatusCode::BAD_REQUEST,
                            error("The body is no array of objects."),
                        ));
                    };
                    last = Some(post(&mut store, *kind, row, now)?);
                }
                let record = last.ok_or((StatusCode::BAD_REQUEST, error("The array is empty.")))?;
                Ok(Value::Object(record).to_string().into_bytes())
            }
            Route::Delete(kind, id) => {
                let mut store = self.write();
                let record = store.of(*kind).get(*id).ok_or_else(missing)?;
                store.delete(*kind, *id, now);
                Ok(Value::Object(record).to_string().into_bytes())
            }
        }
    }

    fn list(&self, kind: Kind, request: &Request) -> Result<Vec<u8>, Refused> {
        let pairs: BTreeMap<String, String> = query_pairs(request)
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        let wrong = |name: &str| {
            (
                StatusCode::BAD_REQUEST,
                error(&format!("The value of {name} is not valid.")),
            )
        };
        let number = |name: &str| -> Result<Option<usize>, Refused> {
            match pairs.get(name).filter(|text| !text.is_empty()) {
                None => Ok(None),
                Some(text) => text.parse().map(Some).map_err(|_| wrong(name)),
            }
        };
        let is = |name: &str| {
            pairs
                .get(name)
                .is_some_and(|it| it.eq_ignore_ascii_case("true"))
        };
        let mut paging = String::new();
        let (skip, take) = if is("pageinate") {
            let size = number("page_size")?.unwrap_or(50).clamp(1, LARGEST_PAGE);
            let page = number("page_no")?.unwrap_or(1).max(1);
            // Paged answers carry both (inferred).
            paging = format!("\"page_no\":{page},\"page_size\":{size},");
            ((page - 1).saturating_mul(size), size)
        } else {
            (0, number("count")?.unwrap_or(COUNT))
        };
        let owner = number("client_id")?;
        let ids: [(&str, Option<usize>); 3] = [
            ("site_id", number("site_id")?),
            ("assettype_id", number("assettype_id")?),
            ("toplevel_id", number("toplevel_id")?),
        ];
        let moment = |name: &str| -> Result<Option<jiff::civil::DateTime>, Refused> {
            match pairs.get(name).filter(|text| !text.is_empty()) {
                None => Ok(None),
                Some(text) => {
                    let text = text.trim_end_matches('Z');
                    text.parse().map(Some).map_err(|_| wrong(name))
                }
            }
        };
        let since = moment("lastupdatefromdate")?;
        let until = moment("lastupdatetodate")?;
        let tag = pairs
            .get("inventory_number")
            .filter(|text| !text.is_empty());
        let order = pairs.get("order").filter(|text| !text.is_empty());
        let search = pairs.get("search").map(|text| text.to_lowercase());
        let search = search.filter(|text| !text.is_empty());
        let inactive = is("includeinactive");
        let active = pairs
            .get("includeactive")
            .is_none_or(|it| !it.eq_ignore_ascii_case("false"));
        let fields = is("includeassetfields") || kind != Kind::Device;
        let plain = inactive
            && active
            && owner.is_none()
            && since.is_none()
            && until.is_none()
            && tag.is_none()
            && order.is_none()
            && search.is_none()
            && ids.iter().all(|(_, id)| id.is_none());
        let stamp = match kind {
            Kind::Organization => "alastupdate",
            Kind::Location => "slastupdate",
            Kind::Contact => "ulastupdate",
            Kind::Device => "dlastupdate",
        };
        let fits = |record: &Object| {
            let found = search.as_ref().is_none_or(|wanted| {
                [
                    "name",
                    "key_field",
                    "key_field2",
                    "inventory_number",
                    "emailaddress",
                ]
                .into_iter()
                .filter_map(|name| at(record, name).as_str())
                .any(|own| own.to_lowercase().contains(wanted))
            });
            let numbers = ids
                .iter()
                .all(|(name, id)| id.is_none_or(|id| at(record, name).as_u64() == Some(id as u64)));
            let own = at(record, stamp).as_str();
            let own: Option<jiff::civil::DateTime> = own.and_then(|text| text.parse().ok());
            let timely = since.is_none_or(|since| own.is_some_and(|own| own >= since))
                && until.is_none_or(|until| own.is_some_and(|own| own <= until));
            let tagged = tag.is_none_or(|tag| at(record, "inventory_number") == tag.as_str());
            let wanted = if at(record, "inactive") == true {
                inactive
            } else {
                active
            };
            wanted && found && numbers && timely && tagged
        };
        let store = self.read();
        let collection = store.of(kind);
        let (total, ids): (usize, Vec<u64>) = if plain {
            let table = collection.table();
            let places = skip..skip.saturating_add(take).min(table.len());
            (
                table.len(),
                places.filter_map(|place| table.id_at(place)).collect(),
            )
        } else {
            let all: Vec<u64> = match owner {
                Some(owner) => collection.owned(owner as u64).to_vec(),
                None => collection.table().ids().collect(),
            };
            let fitting = all
                .into_iter()
                .filter(|id| collection.get(*id).is_some_and(|it| fits(&it)));
            let mut fitting: Vec<u64> = fitting.collect();
            if let Some(order) = order {
                let key = |id: &u64| {
                    let record = collection.get(*id).unwrap_or_default();
                    let member = at(&record, &order.to_lowercase()).clone();
                    let text = member.as_str().unwrap_or_default().to_lowercase();
                    (member.as_u64(), text)
                };
                fitting.sort_by_cached_key(key);
                if is("orderdesc") {
                    fitting.reverse();
                }
            }
            (
                fitting.len(),
                fitting.into_iter().skip(skip).take(take).collect(),
            )
        };
        let name = match kind {
            Kind::Organization => "clients",
            Kind::Location => "sites",
            Kind::Contact => "users",
            Kind::Device => "assets",
        };
        let mut body = format!("{{{paging}\"record_count\":{total},\"{name}\":[").into_bytes();
        for (place, id) in ids.into_iter().enumerate() {
            if place > 0 {
                body.push(b',');
            }
            let mut record = collection.get(id).unwrap_or_default();
            if !fields {
                record.remove("fields");
            }
            write(&["id", "name"], &record, &mut body);
        }
        body.extend_from_slice(b"]}");
        Ok(body)
    }
}

/// Lists of names.
#[derive(Debug, Clone, Copy)]
enum Names {
    Types,
    Statuses,
    TopLevels,
}

/// What a path and method ask for.
#[derive(Debug, Clone)]
enum Route {
    AuthInfo,
    Token,
    Instance,
    Names(Names),
    List(Kind),
    One(Kind, u64),
    Post(Kind),
    Delete(Kind, u64),
    Method,
    Nowhere,
}

impl Route {
    /// Segments in any case (seen).
    fn of(request: &Request) -> Self {
        let path = request.uri().path().to_ascii_lowercase();
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let method = request.method();
        let get = |route| {
            if method == Method::GET {
                route
            } else {
                Self::Method
            }
        };
        let kind = |name: &str| match name {
            "client" => Some(Kind::Organization),
            "site" => Some(Kind::Location),
            "users" => Some(Kind::Contact),
            "asset" => Some(Kind::Device),
            _ => None,
        };
        match segments.as_slice() {
            ["auth", "token"] if method == Method::POST => Self::Token,
            ["auth", "token"] => Self::Method,
            ["api", "authinfo"] => get(Self::AuthInfo),
            ["api", "instanceinfo"] => get(Self::Instance),
            ["api", "assettype"] => get(Self::Names(Names::Types)),
            ["api", "status"] => get(Self::Names(Names::Statuses)),
            ["api", "toplevel"] => get(Self::Names(Names::TopLevels)),
            ["api", name] => match (kind(name), method) {
                (None, _) => Self::Nowhere,
                (Some(kind), &Method::GET) => Self::List(kind),
                (Some(kind), &Method::POST) => Self::Post(kind),
                _ => Self::Method,
            },
            ["api", name, id] => match (kind(name), id.parse(), method) {
                (Some(kind), Ok(id), &Method::GET) => Self::One(kind, id),
                (Some(kind), Ok(id), &Method::DELETE) => Self::Delete(kind, id),
                (Some(_), Ok(_), _) => Self::Method,
                _ => Self::Nowhere,
            },
            _ => Self::Nowhere,
        }
    }

    const fn operation(&self) -> &'static str {
        match self {
            Self::AuthInfo | Self::Instance => "instance.read",
            Self::Token => "token.create",
            Self::Names(_) => "lists.list",
            Self::List(Kind::Organization) => "companies.list",
            Self::List(Kind::Location) => "locations.list",
            Self::List(Kind::Contact) => "contacts.list",
            Self::List(Kind::Device) => "configurations.list",
            Self::One(_, _) => "records.get",
            Self::Post(_) => "records.post",
            Self::Delete(_, _) => "records.delete",
            Self::Method | Self::Nowhere => "unknown",
        }
    }

    /// What answers a success with.
    const fn success(&self) -> StatusCode {
        match self {
            // Documented as 200, inferred as this; clients take both.
            Self::Post(_) => StatusCode::CREATED,
            _ => StatusCode::OK,
        }
    }
}

pub(super) fn error(text: &str) -> Value {
    json!({ "error": text })
}

pub(super) fn missing() -> Refused {
    (StatusCode::NOT_FOUND, error("The record was not found."))
}

impl fmt::Debug for HaloPsa {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HaloPsa")
    }
}

impl Simulator for HaloPsa {
    fn vendor(&self) -> Vendor {
        Vendor::HaloPsa
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let usage = self
            .window
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .hit(now);
        if self.limited.load(Ordering::Relaxed) && usage.exceeded() {
            // A plain sentence (seen).
            let text = "Rate Limit Reached - 300 Requests per rolling 5 minute window";
            return Reply::with_body(operation, StatusCode::TOO_MANY_REQUESTS, "text/plain", text);
        }
        match self.answer(&route, request, now) {
            Ok(body) => Reply::with_body(operation, route.success(), JSON, body),
            Err((status, body)) => Reply::with_body(operation, status, JSON, body.to_string()),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let operation = Route::of(request).operation();
        let body = error(status.canonical_reason().unwrap_or("Error")).to_string();
        Some(Reply::with_body(operation, status, JSON, body))
    }

    /// What is deleted in the screens is gone, a client with all that belongs to it.
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

    /// Inactive records are listed when they are asked for, and counted.
    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        [
            ("clients", Kind::Organization),
            ("sites", Kind::Location),
            ("users", Kind::Contact),
            ("assets", Kind::Device),
        ]
        .map(|(name, kind)| (name.to_owned(), store.of(kind).table().len() as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
