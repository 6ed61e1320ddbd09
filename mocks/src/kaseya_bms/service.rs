//! The API's surface: login, routes, envelope, limits. What the records are is left to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::asset;
use super::form::Form;
use super::lists::{self, Asked};
use super::store::{EMPLOYEE, EMPLOYEE_NAME, Names, Store};
use super::world::{apply, load};
use super::write::{self, Wrong};
use crate::kit::{Object, SlidingWindow, Tokens, at, query_pairs};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// A member of the family.
#[derive(Debug, Clone, Copy)]
pub struct Brand {
    /// The vendor's slug.
    pub vendor: Vendor,
    /// What the product calls itself in `userinfo`.
    pub product_name: &'static str,
}

/// Kaseya BMS itself.
pub const KASEYA_BMS: Brand = Brand {
    vendor: Vendor::KaseyaBms,
    product_name: "Kaseya BMS",
};

/// Requests of an endpoint in an hour (documented).
const REQUESTS_MAX: u64 = 1_500;
const WINDOW_MS: u32 = 3_600_000;
/// How long tokens live: a little more than the quarter of an hour after which clients refresh
/// (inferred), and a day.
const ACCESS_S: u32 = 1_200;
const REFRESH_S: u32 = 86_400;

const JSON: &str = "application/json; charset=utf-8";

/// A tenant of BMS or one of its family.
pub struct Bms {
    brand: Brand,
    store: RwLock<Store>,
    credentials: BTreeMap<String, String>,
    tokens: Mutex<(Tokens, Tokens)>,
    windows: Mutex<BTreeMap<(&'static str, &'static str), SlidingWindow>>,
    limited: AtomicBool,
}

/// A reply that is no success.
enum Refused {
    /// The token is not good: an empty body (inferred).
    Unauthorized,
    Missing,
    Wrong(String),
    Method,
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl Bms {
    /// Stands the tenant up with a tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp, brand: Brand) -> Self {
        let mut words = Tokens::new(records.seed ^ 0x42_4d_53, 1);
        let password = words.issue(now)[..16].to_owned();
        let credentials = BTreeMap::from([
            ("user_name".to_owned(), EMPLOYEE_NAME.to_owned()),
            ("password".to_owned(), password),
            ("tenant".to_owned(), records.company.clone()),
        ]);
        Self {
            brand,
            store: RwLock::new(load(records, now)),
            credentials,
            tokens: Mutex::new((
                Tokens::new(records.seed ^ 1, ACCESS_S),
                Tokens::new(records.seed ^ 2, REFRESH_S),
            )),
            windows: Mutex::new(BTreeMap::new()),
            limited: AtomicBool::new(false),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tokens(&self) -> MutexGuard<'_, (Tokens, Tokens)> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_token(&self, request: &Request, now: Timestamp) -> bool {
        let header = request.headers().get(AUTHORIZATION);
        let header = header
            .and_then(|header| header.to_str().ok())
            .unwrap_or_default();
        let token = header
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        token.is_some_and(|(_, token)| self.tokens().0.accepts(token.trim(), now))
    }

    /// Both tokens with their ends.
    fn grant(&self, now: Timestamp) -> Vec<u8> {
        let mut tokens = self.tokens();
        result(&json!({
            "accessToken": tokens.0.issue(now),
            "refreshToken": tokens.1.issue(now),
            "accessTokenExpireOn": write::expiry(now, i64::from(ACCESS_S)),
            "refreshTokenExpireOn": write::expiry(now, i64::from(REFRESH_S)),
        }))
    }

    fn log_in(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let form = Form::read(request);
        if !form.is("granttype", "password") {
            return Err(Refused::Wrong("The GrantType is not supported.".to_owned()));
        }
        let own = |name: &str| self.credentials.get(name).map_or("", String::as_str);
        let right = form
            .get("username")
            .is_some_and(|user| user.eq_ignore_ascii_case(own("user_name")))
            && form.get("password") == Some(own("password"))
            && form
                .get("tenant")
                .is_some_and(|tenant| tenant.eq_ignore_ascii_case(own("tenant")));
        if right {
            Ok(self.grant(now))
        } else {
            Err(Refused::Wrong(
                "The user name, password or company name is not valid.".to_owned(),
            ))
        }
    }

    fn refresh(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let form = Form::read(request);
        if form.get("accesstoken").is_none_or(str::is_empty) {
            // Documented as required; it may have run out.
            return Err(Refused::Wrong(
                "The AccessToken field is required.".to_owned(),
            ));
        }
        let token = form.get("refreshtoken").unwrap_or_default();
        if self.tokens().1.accepts(token, now) {
            Ok(self.grant(now))
        } else {
            Err(Refused::Wrong("The refresh token is not valid.".to_owned()))
        }
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        match route {
            Route::LogIn => return self.log_in(request, now),
            Route::Refresh => return self.refresh(request, now),
            _ => {}
        }
        if !self.has_token(request, now) {
            return Err(Refused::Unauthorized);
        }
        let asked = || Asked::read(query_pairs(request));
        let list = |kind, fields, show, counted| -> Result<Vec<u8>, Refused> {
            Ok(lists::page(
                &self.read(),
                kind,
                &asked()?,
                fields,
                show,
                counted,
            )?)
        };
        let bytes = request.body();
        match route {
            Route::LogIn | Route::Refresh | Route::Nowhere => Err(Refused::Missing),
            Route::Method => Err(Refused::Method),
            // Members documented, values inferred.
            Route::UserInfo => Ok(result(&json!({
                "userId": EMPLOYEE, "fullName": EMPLOYEE_NAME, "emailAddress": null,
                "timeStamp": write::expiry(now, 0), "timeZoneValue": 0.0, "timeZoneName": "UTC",
                "olsonTimeZoneName": "Etc/UTC", "dateFormat": "MM/dd/yyyy",
                "timeFormat": "hh:mm tt", "timeFormatWithSeconds": "hh:mm:ss tt",
                "tenantId": 1, "accountId": null, "locationId": null, "contactId": null,
                "businessName": self.read().tenant, "userAccessRights": [],
                "specialFeatures": [], "viewsMenus": [], "queuesMenus": [],
                "currencyCode": "USD", "cultureCode": "en-US", "filesVersionNumber": null,
                "newTicketingUI": false, "isUserSystemAdmin": false,
                "productName": self.brand.product_name, "pictureUrl": null,
                "openIdRealmId": null,
            }))),
            Route::Accounts => list(
                Kind::Organization,
                lists::ACCOUNTS,
                lists::whole_account,
                true,
            ),
            // No total here, nor in the search for contacts (documented).
            Route::AccountNames => list(
                Kind::Organization,
                lists::ACCOUNTS,
                lists::short_account,
                false,
            ),
            Route::Account(id) => one(self.read().account(*id)),
            Route::LocationNames(account) => {
                let store = self.read();
                if store.get(Kind::Organization, *account).is_none() {
                    return Err(Refused::Missing);
                }
                let rows = store
                    .of(Kind::Location)
                    .owned(*account)
                    .iter()
                    .filter_map(|id| {
                        let location = store.location(*id)?;
                        Some(json!({
                            "id": id, "name": at(&location, "locationName"), "accountId": account,
                            "isMain": at(&location, "isMain"),
                        }))
                    });
                Ok(result(&rows.collect()))
            }
            Route::Location(account, id) => {
                let store = self.read();
                let owned = store.of(Kind::Location).owned(*account).contains(id);
                one(store.location(*id).filter(|_| owned))
            }
            Route::Contacts => list(Kind::Contact, lists::CONTACTS, lists::whole, true),
            Route::FoundContacts => {
                list(Kind::Contact, lists::CONTACTS, lists::found_contact, false)
            }
            Route::Contact(id) => one(self.read().get(Kind::Contact, *id)),
            Route::ShortAssets => list(Kind::Device, lists::ASSETS, lists::short_asset, false),
            Route::Asset(id) => one(self.read().get(Kind::Device, *id)),
            Route::List(names) => Ok(result(&self.read().list(*names))),
            Route::AccountTypes => Ok(result(&self.read().account_types())),
            Route::AddName(names) => {
                let body = write::object(bytes)?;
                Ok(result(&write::add_name(&mut self.write(), *names, &body)?))
            }
            Route::CreateAccount => {
                let body = write::object(bytes)?;
                let mut store = self.write();
                let id = write::create_account(&mut store, &body, now)?;
                one(store.account(id))
            }
            Route::UpdateAccount(id, whole) => {
                let body = if *whole {
                    write::object(bytes)?
                } else {
                    write::patched(bytes)?
                };
                let mut store = self.write();
                let id = write::update_account(&mut store, *id, &body, *whole, now)?;
                one(id.and_then(|id| store.account(id)))
            }
            Route::CreateContact => {
                let body = write::object(bytes)?;
                let mut store = self.write();
                let id = write::create_contact(&mut store, &body, now)?;
                one(store
                    .get(Kind::Contact, id)
                    .map(|it| lists::made_contact(&it)))
            }
            Route::UpdateContact(id, whole) => {
                let body = if *whole {
                    write::object(bytes)?
                } else {
                    write::patched(bytes)?
                };
                let mut store = self.write();
                let id = write::update_contact(&mut store, *id, &body, now)?;
                let contact = id.and_then(|id| store.get(Kind::Contact, id));
                one(contact.map(lists::changed_contact))
            }
            Route::ChangeItems(id, emails) => {
                let done = write::change_items(&mut self.write(), *id, bytes, *emails, now)?;
                done.map(|done| result(&done)).ok_or(Refused::Missing)
            }
            Route::PutAsset(id) => {
                let body = write::object(bytes)?;
                let mut store = self.write();
                let id = asset::put_asset(&mut store, *id, &body, now)?;
                one(id.and_then(|id| store.get(Kind::Device, id)))
            }
            Route::Delete(kind, id) => {
                if write::delete(&mut self.write(), *kind, *id) {
                    Ok(result(&Value::Bool(true)))
                } else {
                    Err(Refused::Missing)
                }
            }
        }
    }

    fn refusal(&self, operation: &'static str, refused: Refused) -> Reply {
        let (status, message) = match refused {
            Refused::Unauthorized => {
                let mut reply = Reply::new(operation, StatusCode::UNAUTHORIZED);
                let invalid = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                reply.headers.insert(WWW_AUTHENTICATE, invalid);
                return reply;
            }
            Refused::Missing => (
                StatusCode::NOT_FOUND,
                "The record was not found.".to_owned(),
            ),
            Refused::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "The method is not allowed.".to_owned(),
            ),
            Refused::Wrong(text) => (StatusCode::BAD_REQUEST, text),
        };
        Reply::with_body(operation, status, JSON, failure(status, &message))
    }
}

/// What a path and method ask for.
#[derive(Debug, Clone)]
enum Route {
    LogIn,
    Refresh,
    UserInfo,
    Accounts,
    AccountNames,
    Account(u64),
    LocationNames(u64),
    Location(u64, u64),
    CreateAccount,
    /// Whole, or by a patch.
    UpdateAccount(u64, bool),
    Contacts,
    FoundContacts,
    Contact(u64),
    CreateContact,
    UpdateContact(u64, bool),
    /// E-mail addresses, or numbers.
    ChangeItems(u64, bool),
    ShortAssets,
    Asset(u64),
    PutAsset(Option<u64>),
    List(Names),
    AccountTypes,
    AddName(Names),
    Delete(Kind, u64),
    Method,
    Nowhere,
}

impl Route {
    /// Segments in any case.
    fn of(request: &Request) -> Self {
        let path = request.uri().path().to_ascii_lowercase();
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let Some(("v2", rest)) = segments.split_first().map(|(first, rest)| (*first, rest)) else {
            return Self::Nowhere;
        };
        let number = |text: &str| text.parse::<u64>().ok();
        let method = request.method();
        let get = method == Method::GET;
        let only = |fits: bool, route: Self| if fits { route } else { Self::Method };
        let post = method == Method::POST;
        let (put, patch) = (method == Method::PUT, method == Method::PATCH);
        match rest {
            ["security", "authenticate"] => only(post, Self::LogIn),
            ["security", "refreshtoken"] => only(post, Self::Refresh),
            ["security", "userinfo"] => only(get, Self::UserInfo),
            ["system", "accounttypes", "lookup"] => only(get, Self::AccountTypes),
            ["system", "lookup" | "tenantlookup", table] => match Names::of(table) {
                Some(names) if get => Self::List(names),
                Some(names) if post && rest[1] == "tenantlookup" => Self::AddName(names),
                Some(_) => Self::Method,
                None => Self::Nowhere,
            },
            ["crm", "accounts"] => only(post, Self::CreateAccount),
            ["crm", "accounts", "summary"] => only(get, Self::Accounts),
            ["crm", "accounts", "lookup"] => only(get, Self::AccountNames),
            ["crm", "accounts", "summary", id] => {
                number(id).map_or(Self::Nowhere, |id| only(get, Self::Account(id)))
            }
            ["crm", "accounts", id] => number(id).map_or(Self::Nowhere, |id| {
                only(put || patch, Self::UpdateAccount(id, put))
            }),
            ["crm", "accounts", account, "locations", "lookup"] => {
                number(account).map_or(Self::Nowhere, |id| only(get, Self::LocationNames(id)))
            }
            ["crm", "accounts", account, "locations", id] => match (number(account), number(id)) {
                (Some(account), Some(id)) => only(get, Self::Location(account, id)),
                _ => Self::Nowhere,
            },
            ["crm", "contacts", "summary"] if post => Self::CreateContact,
            ["crm", "contacts", "summary"] => only(get, Self::Contacts),
            ["crm", "contacts", "search"] => only(get, Self::FoundContacts),
            ["crm", "contacts", "summary", id] => {
                number(id).map_or(Self::Nowhere, |id| only(get, Self::Contact(id)))
            }
            ["crm", "contacts", id, list @ ("emails" | "phones")] => number(id)
                .map_or(Self::Nowhere, |id| {
                    only(patch, Self::ChangeItems(id, *list == "emails"))
                }),
            ["crm", "contacts", id] => number(id).map_or(Self::Nowhere, |id| match *method {
                Method::PUT => Self::UpdateContact(id, true),
                Method::PATCH => Self::UpdateContact(id, false),
                Method::DELETE => Self::Delete(Kind::Contact, id),
                _ => Self::Method,
            }),
            ["servicedesk", "hardwareasset"] => only(post, Self::PutAsset(None)),
            ["servicedesk", "hardwareasset", "searchselect"] => only(get, Self::ShortAssets),
            ["servicedesk", "hardwareasset", id] => {
                number(id).map_or(Self::Nowhere, |id| match *method {
                    Method::GET => Self::Asset(id),
                    Method::PUT => Self::PutAsset(Some(id)),
                    Method::DELETE => Self::Delete(Kind::Device, id),
                    _ => Self::Method,
                })
            }
            _ => Self::Nowhere,
        }
    }

    const fn operation(&self) -> &'static str {
        match self {
            Self::LogIn => "token.create",
            Self::Refresh => "token.refresh",
            Self::UserInfo => "user.read",
            Self::Accounts => "companies.list",
            Self::AccountNames => "companies.names",
            Self::Account(_) => "companies.get",
            Self::LocationNames(_) => "locations.list",
            Self::Location(_, _) => "locations.get",
            Self::CreateAccount => "companies.create",
            Self::UpdateAccount(_, _) => "companies.update",
            Self::Contacts => "contacts.list",
            Self::FoundContacts => "contacts.search",
            Self::Contact(_) => "contacts.get",
            Self::CreateContact => "contacts.create",
            Self::UpdateContact(_, _) | Self::ChangeItems(_, _) => "contacts.update",
            Self::ShortAssets => "configurations.list",
            Self::Asset(_) => "configurations.get",
            Self::PutAsset(None) => "configurations.create",
            Self::PutAsset(Some(_)) => "configurations.update",
            Self::List(_) | Self::AccountTypes => "lists.list",
            Self::AddName(_) => "lists.create",
            Self::Delete(_, _) => "records.delete",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}

impl Route {
    /// What is counted by itself: operations that share a name have paths of their own.
    const fn endpoint(&self) -> (&'static str, &'static str) {
        let part = match self {
            Self::ChangeItems(_, true) => "emails",
            Self::ChangeItems(_, false) => "phones",
            Self::Delete(Kind::Contact, _) => "contacts",
            Self::List(Names::AccountTypes) => "accounttypes",
            _ => "",
        };
        (self.operation(), part)
    }
}

fn one(record: Option<Object>) -> Result<Vec<u8>, Refused> {
    record
        .map(|record| result(&Value::Object(record)))
        .ok_or(Refused::Missing)
}

fn result(value: &Value) -> Vec<u8> {
    format!("{{\"success\":true,\"result\":{value}}}").into_bytes()
}

/// The envelope of a failure (documented members, the misspelt one too; which are filled is inferred).
fn failure(status: StatusCode, message: &str) -> Vec<u8> {
    let error = json!({
        "code": status.as_u16(), "message": message, "details": null, "stackStrace": null,
        "subErrors": [message],
    });
    format!("{{\"success\":false,\"error\":{error}}}").into_bytes()
}

impl fmt::Debug for Bms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bms")
            .field("brand", &self.brand)
            .finish_non_exhaustive()
    }
}

impl Simulator for Bms {
    fn vendor(&self) -> Vendor {
        self.brand.vendor
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let usage = {
            let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
            let window = windows
                .entry(route.endpoint())
                .or_insert_with(|| SlidingWindow::new(REQUESTS_MAX, WINDOW_MS));
            window.hit(now)
        };
        if self.limited.load(Ordering::Relaxed) && usage.exceeded() {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let body = failure(status, "API calls quota exceeded: 1500 calls per hour.");
            return Reply::with_body(operation, status, JSON, body);
        }
        match self.answer(&route, request, now) {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err(refused) => self.refusal(operation, refused),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let operation = Route::of(request).operation();
        let text = status.canonical_reason().unwrap_or("Error");
        Some(Reply::with_body(
            operation,
            status,
            JSON,
            failure(status, text),
        ))
    }

    /// What is deleted in the screens is gone, an account with all that belongs to it.
    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        apply(&mut self.write(), self.brand.vendor, change, now)
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
            ("accounts", Kind::Organization),
            ("locations", Kind::Location),
            ("contacts", Kind::Contact),
            ("assets", Kind::Device),
        ]
        .map(|(name, kind)| (name.to_owned(), store.of(kind).table().len() as u64))
        .into()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
    }
}
