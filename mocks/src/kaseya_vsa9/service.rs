//! The API's surface: login, routes, pages, the envelope around every reply. What the records are is left
//! to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::route::Route;
use super::store::{ASSET_TYPES, Store, VOLUMES, number, shown};
use crate::kit::odata::{Dialect, Filter, order};
use crate::kit::{Collection, Object, Tokens, at, query_pairs};
use crate::world::{Change, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// How long a session lasts (seen: half an hour).
const SESSION_S: u32 = 1_800;
/// Records in a page where none is asked for (documented).
const PAGE: usize = 100;
/// The largest page: 100 are documented, a client is given 1,000 (seen).
const LARGEST_PAGE: usize = 1_000;

const JSON: &str = "application/json; charset=utf-8";

/// OData 3: decimals end in `M` (seen), times are texts of the type `DATETIME`.
pub(super) const ODATA: Dialect = Dialect {
    contains: "substringof",
    part_first: true,
    bare_moments: false,
};

/// A VSA 9 server.
pub struct KaseyaVsa9 {
    store: RwLock<Store>,
    credentials: BTreeMap<String, String>,
    tokens: Mutex<Tokens>,
    by_groups: AtomicBool,
}

/// A reply that is no success: its status and what is wrong.
type Refused = (StatusCode, u32, String);

/// What is answered: rows of a list with their number in all, or one record.
enum Answer {
    Rows(usize, Vec<Object>),
    One(Value),
}

impl KaseyaVsa9 {
    /// Stands the server up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x5653_4139, 1);
        Self {
            store: RwLock::new(Store::new(records, now)),
            credentials: BTreeMap::from([
                ("user_name".to_owned(), "documentation-api".to_owned()),
                ("password".to_owned(), words.issue(now)),
            ]),
            tokens: Mutex::new(Tokens::new(records.seed ^ 0x39, SESSION_S)),
            by_groups: AtomicBool::new(false),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_in(&self, request: &Request, now: Timestamp) -> Result<Answer, Refused> {
        let text = authorization(request, "Basic ")
            .map(|text| match STANDARD.decode(text) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                // One client sends its parts as they are (seen).
                Err(_) => text.to_owned(),
            })
            .ok_or_else(|| unauthorized("Authorization required"))?;
        let (user, password) = (
            &self.credentials["user_name"],
            &self.credentials["password"],
        );
        if !knows_password(&text, user, password) {
            return Err(unauthorized("Invalid user name or password"));
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let key = tokens.issue(now);
        // Two names of one session; clients take the one or the other (seen).
        let token = key.clone();
        let end = now
            .checked_add(SignedDuration::from_secs(SESSION_S.into()))
            .unwrap_or(Timestamp::MAX);
        let end = TimeZone::UTC.to_datetime(end);
        Ok(Answer::One(json!({
            "TenantId": "1", "RoleIds": [2], "ScopeIds": [2],
            "AdminId": "20171111111111111111111111", "UserName": user, "Token": token,
            "ApiToken": key, "OffSetInMinutes": 0,
            "SessionExpiration": end.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        })))
    }

    fn has_session(&self, request: &Request, now: Timestamp) -> bool {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        authorization(request, "Bearer ").is_some_and(|token| tokens.accepts(token, now))
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Answer, Refused> {
        if *route == Route::Auth {
            return self.log_in(request, now);
        }
        if !self.has_session(request, now) {
            return Err(unauthorized("Authorization token required"));
        }
        let store = self.read();
        let list = |rows: &Collection| page(rows, None, request, now);
        let audited = |id: &str| -> Result<Object, Refused> {
            number(id)
                .and_then(|id| store.audits.get(id))
                .ok_or_else(missing)
        };
        match route {
            Route::Auth | Route::Nowhere => Err(missing()),
            Route::Method => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                405,
                "The requested resource does not support this http method.".to_owned(),
            )),
            Route::Environment => Ok(Answer::One(
                json!({ "Version": "9.5.0.0", "ServerUTCOffset": 0 }),
            )),
            Route::Organizations => list(&store.organizations),
            Route::Organization(id) => one(&store.organizations, id, now),
            Route::OrganizationGroups(id) => {
                let known = number(id).and_then(|id| store.organizations.get(id));
                let known = known.ok_or_else(missing)?;
                let id = at(&known, "OrgId").clone();
                let own = |row: &Object| at(row, "OrgId") == &id;
                page(&store.groups, Some(&own), request, now)
            }
            Route::Groups => list(&store.groups),
            Route::Agents => list(&store.agents),
            Route::Agent(id) => one(&store.agents, id, now),
            Route::Assets => list(&store.assets),
            Route::Asset(id) => one(&store.assets, id, now),
            Route::AssetTypes => {
                let rows = ASSET_TYPES.map(|(id, name)| {
                    Object::from_iter([
                        ("AssetTypeId".to_owned(), id.into()),
                        ("AssetTypeName".to_owned(), name.into()),
                    ])
                });
                Ok(Answer::Rows(rows.len(), rows.into()))
            }
            Route::Audits => list(&store.audits),
            Route::Audit(id) => one(&store.audits, id, now),
            Route::Warranty(id) => {
                let row = audited(id)?;
                Ok(Answer::One(json!({
                    "PurchaseDate": at(&row, "SysPurchaseDate"),
                    "WarrantyExpireDate": at(&row, "SysWarrantyExpireDate"),
                })))
            }
            // Its form is not published (inferred).
            Route::Volumes(id) => {
                let rows = at(&audited(id)?, VOLUMES).clone();
                let rows: Vec<Object> = rows
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|row| row.as_object().cloned())
                    .collect();
                Ok(Answer::Rows(rows.len(), rows))
            }
        }
    }
}

/// Whether what stands in the header is the user's: name and password or token (seen), or the hashes of
/// the classic form, of which the SHA-256 is looked at (documented by clients; the older SHA-1 beside it
/// is for servers that know no other).
fn knows_password(text: &str, user: &str, password: &str) -> bool {
    let parts: BTreeMap<&str, &str> = text
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    if let (Some(name), Some(hash), Some(salt)) =
        (parts.get("user"), parts.get("pass2"), parts.get("rand2"))
    {
        let inner = hex(&format!("{password}{user}"));
        return *name == user && *hash == hex(&format!("{inner}{salt}"));
    }
    text.split_once(':')
        .is_some_and(|(name, word)| name == user && word == password)
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn authorization<'a>(request: &'a Request, scheme: &str) -> Option<&'a str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    Some(header.strip_prefix(scheme)?.trim())
}

/// One page of rows, filtered and ordered.
fn page(
    rows: &Collection,
    keep: Option<&dyn Fn(&Object) -> bool>,
    request: &Request,
    now: Timestamp,
) -> Result<Answer, Refused> {
    let asked = Asked::of(request)?;
    if keep.is_none() && asked.plain() {
        // The usual case: nothing is read that is not on the page.
        let table = rows.table();
        let ids = (asked.skip..table.len()).take(asked.top);
        let ids: Vec<u64> = ids.filter_map(|place| table.id_at(place)).collect();
        let page = ids.into_iter().filter_map(|id| rows.get(id));
        return Ok(Answer::Rows(
            table.len(),
            page.map(|row| shown(row, now)).collect(),
        ));
    }
    if let Some((_, row)) = rows.iter().next() {
        // Only members of the record can be asked for (documented).
        let known = |name: &str| row.keys().any(|own| own.eq_ignore_ascii_case(name));
        if let Some(name) = (asked.filter.members().into_iter()).find(|name| !known(name)) {
            return Err(bad(format!("Could not find a property named '{name}'")));
        }
    }
    let shown = rows.iter().map(|(_, row)| shown(row, now));
    let mut fitting: Vec<Object> = shown
        .filter(|row| keep.is_none_or(|keep| keep(row)) && asked.filter.fits(row))
        .collect();
    order(&mut fitting, &asked.order).map_err(bad)?;
    let count = fitting.len();
    let page = fitting.into_iter().skip(asked.skip).take(asked.top);
    Ok(Answer::Rows(count, page.collect()))
}

struct Asked {
    top: usize,
    skip: usize,
    filter: Filter,
    order: String,
}

impl Asked {
    fn of(request: &Request) -> Result<Self, Refused> {
        let pairs = query_pairs(request);
        let text = |name: &str| {
            let mut pairs = pairs.iter();
            let pair = pairs.find(|(own, _)| own.eq_ignore_ascii_case(name));
            pair.map(|(_, value)| value.as_str())
                .filter(|value| !value.is_empty())
        };
        let count = |name: &str| -> Result<Option<usize>, Refused> {
            let wrong = |_| bad(format!("Invalid value for {name}"));
            text(name).map(str::parse).transpose().map_err(wrong)
        };
        Ok(Self {
            top: count("$top")?.unwrap_or(PAGE).min(LARGEST_PAGE),
            skip: count("$skip")?.unwrap_or_default(),
            filter: Filter::parse(text("$filter").unwrap_or_default(), &ODATA).map_err(bad)?,
            order: text("$orderby").unwrap_or_default().to_owned(),
        })
    }

    fn plain(&self) -> bool {
        matches!(self.filter, Filter::All) && self.order.is_empty()
    }
}

fn one(rows: &Collection, id: &str, now: Timestamp) -> Result<Answer, Refused> {
    let row = number(id).and_then(|id| rows.get(id)).ok_or_else(missing)?;
    Ok(Answer::One(Value::Object(shown(row, now))))
}

fn bad(text: String) -> Refused {
    (StatusCode::BAD_REQUEST, 4_000, text)
}

fn unauthorized(text: &str) -> Refused {
    (StatusCode::UNAUTHORIZED, 4_001, text.to_owned())
}

fn missing() -> Refused {
    (
        StatusCode::NOT_FOUND,
        4_004,
        "Resource not found".to_owned(),
    )
}

/// The envelope of a success; `Error` is the text `None` (seen).
fn success(answer: Answer) -> Value {
    match answer {
        Answer::Rows(count, rows) => json!({
            "TotalRecords": count, "Result": rows, "ResponseCode": 0, "Status": "OK", "Error": "None",
        }),
        Answer::One(record) => {
            json!({ "Result": record, "ResponseCode": 0, "Status": "OK", "Error": "None" })
        }
    }
}

fn failure((status, code, text): Refused) -> (StatusCode, Value) {
    let words = status
        .canonical_reason()
        .unwrap_or("Error")
        .replace(' ', "");
    let body = json!({ "Result": null, "ResponseCode": code, "Status": words, "Error": text });
    (status, body)
}

impl fmt::Debug for KaseyaVsa9 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KaseyaVsa9")
    }
}

impl Simulator for KaseyaVsa9 {
    fn vendor(&self) -> Vendor {
        Vendor::KaseyaVsa9
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let (status, body) = match self.answer(&route, request, now) {
            Ok(answer) => (StatusCode::OK, success(answer)),
            Err(refused) => failure(refused),
        };
        Reply::with_body(route.operation(), status, JSON, body.to_string())
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let text = status.canonical_reason().unwrap_or("Error").to_owned();
        let (status, body) = failure((status, u32::from(status.as_u16()), text));
        let operation = Route::of(request).operation();
        Some(Reply::with_body(operation, status, JSON, body.to_string()))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        store.apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.read().truth(self.by_groups.load(Ordering::Relaxed))
    }

    fn set_company(&self, choice: &str) {
        self.by_groups
            .store(choice == "machine_groups", Ordering::Relaxed);
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
            ("organizations", &store.organizations),
            ("machine_groups", &store.groups),
            ("agents", &store.agents),
            ("assets", &store.assets),
        ]
        .map(|(name, rows)| (name.to_owned(), rows.table().len() as u64))
        .into()
    }

    /// No limit is published.
    fn set_limits(&self, _on: bool) {}
}
