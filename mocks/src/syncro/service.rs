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
use super::store::{Store, blank, born, named, shown_asset, touched};
use crate::kit::{Object, SlidingWindow, Tokens, at, query_pairs, write};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Requests of an address in a minute (documented).
const REQUESTS_MAX: u64 = 180;
const WINDOW_MS: u32 = 60_000;

const JSON: &str = "application/json; charset=utf-8";

/// A Syncro account.
pub struct Syncro {
    store: RwLock<Store>,
    token: String,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
}

/// A reply that is no success.
type Refused = (StatusCode, Value);

impl Syncro {
    /// Stands the account up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x53_59_4e, 1);
        Self {
            store: RwLock::new(Store::new(records, now)),
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
            Route::List(kind) => self.list(*kind, request),
            Route::One(kind, id) => {
                let store = self.read();
                let record = store.of(*kind).get(*id).ok_or_else(missing)?;
                Ok(wrapped(&store, *kind, record))
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
                Ok(wrapped(&store, *kind, record))
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
                Ok(wrapped(&store, *kind, record))
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

    fn list(&self, kind: Kind, request: &Request) -> Result<Vec<u8>, Refused> {
        let store = self.read();
        let pairs = query_pairs(request);
        let value = |name: &str| {
            let mut pairs = pairs.iter();
            pairs
                .find(|(own, _)| own == name)
                .map(|(_, value)| value.as_str())
        };
        let unprocessable = |text: String| (StatusCode::UNPROCESSABLE_ENTITY, refusal(&text, None));
        let number = |name: &str| -> Result<Option<u64>, Refused> {
            match value(name) {
                None | Some("") => Ok(None),
                Some(text) => match text.parse() {
                    Ok(number) => Ok(Some(number)),
                    Err(_) => Err(unprocessable(format!("{name} is not a number"))),
                },
            }
        };
        // The server decides on the size, resource by resource (seen).
        let size: u64 = if kind == Kind::Organization { 100 } else { 50 };
        let page = number("page")?.unwrap_or(1).max(1);
        let customer = number("customer_id")?;
        let disabled =
            value("include_disabled").is_some_and(|value| value == "true" || value == "1");
        let has = |record: &Object, name: &str, wanted: &str| {
            let own = at(record, name).as_str().unwrap_or_default().to_lowercase();
            own.contains(&wanted.to_lowercase())
        };
        let fits = |record: &Object| {
            let named = match kind {
                Kind::Organization => ["business_name", "firstname", "lastname", "email"]
                    .into_iter()
                    .all(|name| value(name).is_none_or(|wanted| has(record, name, wanted))),
                _ => true,
            };
            let query = value("query").is_none_or(|wanted| {
                ["business_name", "name", "email", "asset_serial"]
                    .into_iter()
                    .any(|name| has(record, name, wanted))
            });
            let enabled = kind != Kind::Organization || disabled || at(record, "disabled") != true;
            named && query && enabled
        };
        let chosen = |name: &str| -> Result<Vec<u64>, Refused> {
            let own = pairs.iter().filter(|(own, _)| own == name);
            let own = own.map(|(_, value)| value.parse());
            own.collect::<Result<_, _>>()
                .map_err(|_| unprocessable(format!("{name} is not a number")))
        };
        let (only, except) = match kind {
            Kind::Organization => (chosen("id[]")?, chosen("not_id[]")?),
            _ => (Vec::new(), Vec::new()),
        };
        let sort = value("sort").filter(|_| kind == Kind::Organization);
        let collection = store.of(kind);
        let plain = customer.is_none()
            && ["business_name", "firstname", "lastname", "email", "query"]
                .into_iter()
                .all(|name| value(name).is_none())
            && only.is_empty()
            && except.is_empty()
            && (disabled || kind != Kind::Organization);
        let mut ids: Vec<u64> = match customer {
            _ if plain => collection.table().ids().collect(),
            Some(customer) => {
                let owned = collection.owned(customer).iter().copied();
                owned
                    .filter(|id| collection.get(*id).is_some_and(|it| fits(&it)))
                    .collect()
            }
            None => collection
                .iter()
                .filter(|(_, it)| fits(it))
                .map(|(id, _)| id)
                .collect(),
        };
        ids.retain(|id| only.is_empty() || only.contains(id));
        ids.retain(|id| !except.contains(id));
        // `firstname ASC` (documented).
        if let Some((member, down)) = sort.map(|sort| match sort.split_once(' ') {
            Some((member, way)) => (member, way.eq_ignore_ascii_case("desc")),
            None => (sort, false),
        }) {
            ids.sort_by_cached_key(|id| {
                let record = collection.get(*id).unwrap_or_default();
                let own = at(&record, member).as_str().unwrap_or_default();
                own.to_lowercase()
            });
            if down {
                ids.reverse();
            }
        }
        let total = ids.len() as u64;
        let skip = (page - 1).saturating_mul(size);
        let name = match kind {
            Kind::Organization | Kind::Location => "customers",
            Kind::Contact => "contacts",
            Kind::Device => "assets",
        };
        let mut body = format!("{{\"{name}\":[").into_bytes();
        let page_ids = ids
            .into_iter()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX));
        let page_ids = page_ids.take(usize::try_from(size).unwrap_or(1));
        for (place, id) in page_ids.enumerate() {
            if place > 0 {
                body.push(b',');
            }
            let record = collection.get(id).unwrap_or_default();
            let record = if kind == Kind::Device {
                shown_asset(&store, record)
            } else {
                record
            };
            write(&["id", "name", "business_name"], &record, &mut body);
        }
        let pages = total.div_ceil(size).max(1);
        body.extend(format!(
            "],\"meta\":{{\"total_pages\":{pages},\"total_entries\":{total},\"per_page\":{size},\"page\":{page}}}}}"
        ).into_bytes());
        Ok(body)
    }
}

fn wrapped(store: &Store, kind: Kind, record: Object) -> Vec<u8> {
    let (name, record) = match kind {
        Kind::Organization | Kind::Location => ("customer", record),
        // The bare object (documented).
        Kind::Contact => return Value::Object(record).to_string().into_bytes(),
        Kind::Device => ("asset", shown_asset(store, record)),
    };
    json!({ name: record }).to_string().into_bytes()
}

fn body(request: &Request) -> Result<Object, Refused> {
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err((
            StatusCode::BAD_REQUEST,
            json!({ "error": "The request body is not a JSON object." }),
        )),
    }
}

/// What was sent stands in the refusal of a new record alone (documented).
fn refusal(text: &str, sent: Option<&Object>) -> Value {
    let mut refusal = json!({ "success": false, "message": [text] });
    if let Some(sent) = sent {
        refusal["params"] = Value::Object(sent.clone());
    }
    refusal
}

/// A refusal as its resource tells it: contacts show the record with what was sent and one text
/// (documented).
fn told(kind: Kind, before: Option<&Object>, sent: &Object, refused: Refused) -> Refused {
    let (status, body) = refused;
    if kind != Kind::Contact || status != StatusCode::UNPROCESSABLE_ENTITY {
        return (status, body);
    }
    let mut record = before.cloned().unwrap_or_else(|| {
        let mut record = blank(kind);
        for name in [
            "id",
            "created_at",
            "updated_at",
            "processed_phone",
            "processed_mobile",
        ] {
            record.insert(name.to_owned(), Value::Null);
        }
        record
    });
    for (name, value) in sent {
        if name != "id"
            && let Some(own) = record.get_mut(name)
        {
            *own = value.clone();
        }
    }
    (
        status,
        json!({ "record": record, "errors": body["message"][0] }),
    )
}

fn whole(kind: Kind, record: Object) -> Object {
    match kind {
        Kind::Organization | Kind::Location => named(record),
        Kind::Contact | Kind::Device => record,
    }
}

/// The fields of a body that may be written, and what must be there.
fn accepted(
    store: &mut Store,
    kind: Kind,
    body: &Object,
    before: Option<&Object>,
) -> Result<Object, Refused> {
    let wrong = |text: &str| {
        let sent = before.is_none().then_some(body);
        (StatusCode::UNPROCESSABLE_ENTITY, refusal(text, sent))
    };
    let names: &[&str] = match kind {
        Kind::Organization | Kind::Location => &[
            "business_name",
            "firstname",
            "lastname",
            "email",
            "phone",
            "mobile",
            "address",
            "address_2",
            "city",
            "state",
            "zip",
            "notes",
            "get_sms",
            "opt_out",
            "no_email",
            "properties",
            "tax_rate_id",
            "notification_email",
            "invoice_cc_emails",
            "invoice_term_id",
            "referred_by",
            "ref_customer_id",
        ],
        Kind::Contact => &[
            "customer_id",
            "name",
            "address1",
            "address2",
            "city",
            "state",
            "zip",
            "email",
            "phone",
            "mobile",
            "notes",
            "properties",
        ],
        Kind::Device => &["name", "customer_id", "asset_serial", "properties"],
    };
    let sent = names.iter().filter_map(|name| body.get_key_value(*name));
    let mut values: Object = sent
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(email) = at(&values, "email").as_str()
        && !email.is_empty()
        && !email.contains('@')
    {
        return Err(wrong("Email is not an email"));
    }
    if kind != Kind::Organization && (before.is_none() || values.contains_key("customer_id")) {
        let customer = match at(&values, "customer_id") {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64(),
        };
        match customer.filter(|id| store.customers.get(*id).is_some()) {
            Some(customer) => drop(values.insert("customer_id".to_owned(), customer.into())),
            // A contact's are documented, an asset's is inferred.
            None if kind == Kind::Contact && before.is_none() => return Err(missing()),
            None if kind == Kind::Contact => return Err(wrong("Customer can't be blank")),
            None => return Err(wrong("Customer must exist")),
        }
    }
    let empty = |values: &Object, name: &str| {
        at(values, name)
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
    };
    match kind {
        Kind::Organization | Kind::Location => {
            let nameless = ["business_name", "firstname", "lastname"]
                .into_iter()
                .all(|name| empty(&values, name));
            if before.is_none() && nameless {
                return Err(wrong("Business name or name can't be blank"));
            }
            // Numbers lose what is no digit (seen).
            for name in ["phone", "mobile"] {
                if let Some(text) = at(&values, name).as_str() {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    values.insert(name.to_owned(), digits.into());
                }
            }
        }
        Kind::Contact => {
            if before.is_none() && empty(&values, "name") {
                return Err(wrong("Name can't be blank"));
            }
        }
        Kind::Device => {
            if before.is_none() && empty(&values, "name") {
                return Err(wrong("Name can't be blank"));
            }
            if let Some(name) = body.get("asset_type_name") {
                let known = name
                    .as_str()
                    .filter(|name| store.types.iter().any(|own| own == name));
                match known {
                    Some(known) => drop(values.insert("asset_type".to_owned(), known.into())),
                    None => return Err(wrong("Asset type can't be blank")),
                }
            } else if before.is_none() {
                // As it is told (documented).
                return Err(wrong("Asset type can't be blank"));
            }
            if before.is_none() {
                // They are ignored when an asset is made (seen).
                values.insert("properties".to_owned(), json!({}));
            }
        }
    }
    Ok(values)
}

fn missing() -> Refused {
    (StatusCode::NOT_FOUND, json!({ "message": "Not found" }))
}

impl fmt::Debug for Syncro {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Syncro")
    }
}

impl Simulator for Syncro {
    fn vendor(&self) -> Vendor {
        Vendor::Syncro
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
            let body = json!({ "error": "Too many requests" }).to_string();
            return Reply::with_body(operation, StatusCode::TOO_MANY_REQUESTS, JSON, body);
        }
        match self.answer(&route, request, now) {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err((status, body)) => Reply::with_body(operation, status, JSON, body.to_string()),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let operation = Route::of(request).operation();
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
