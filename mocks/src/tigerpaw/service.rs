//! The API's surface: signatures, routes, envelopes. What the records are is left to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{ACCEPT, AUTHORIZATION, DATE};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

use super::search::{Search, Subject, shown_account, summary};
use super::store::Store;
use super::write;
use crate::kit::{Object, at, mix, query_pairs};
use crate::world::{Change, Kind, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

const JSON: &str = "application/json; charset=utf-8";
/// How far a request's stamp may be from the server's time (inferred).
const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// A Tigerpaw server with its records.
pub struct Tigerpaw {
    store: RwLock<Store>,
    public_key: String,
    private_key: String,
}

/// A reply that is no success.
type Refused = (StatusCode, String);

impl Tigerpaw {
    /// Stands the server up with a tool's records. Its records have no stamps, so that it needs no time.
    pub fn new(records: &ToolRecords) -> Self {
        let word = |salt: u64| mix(records.seed ^ salt);
        let guid = |salt: u64| {
            let (high, low) = (word(salt), word(salt + 1));
            let text = format!("{high:016x}{low:016x}");
            format!(
                "{}-{}-{}-{}-{}",
                &text[..8],
                &text[8..12],
                &text[12..16],
                &text[16..20],
                &text[20..]
            )
        };
        Self {
            store: RwLock::new(Store::new(records)),
            public_key: guid(11),
            private_key: guid(21),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the request is signed by the key's owner, and now (seen: the scheme; inferred: how late).
    fn is_signed(&self, request: &Request, now: Timestamp) -> bool {
        let header = |name: http::HeaderName| request.headers().get(name)?.to_str().ok();
        let own = http::HeaderName::from_static("x-tsi-date");
        let Some(stamp) = header(own).or_else(|| header(DATE)) else {
            return false;
        };
        let Ok(signed_at) = jiff::fmt::rfc2822::parse(stamp) else {
            return false;
        };
        if now.duration_since(signed_at.timestamp()).abs() > TOLERANCE {
            return false;
        }
        let Some(token) = header(AUTHORIZATION).and_then(|text| text.strip_prefix("TSI ")) else {
            return false;
        };
        let token = STANDARD
            .decode(token.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((key, signature)) = token.as_deref().and_then(|token| token.split_once(':'))
        else {
            return false;
        };
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        let text = format!("{}|{}|{stamp}", request.method(), request.uri().path()).to_lowercase();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.private_key.as_bytes()) else {
            return false;
        };
        mac.update(text.as_bytes());
        key == self.public_key && mac.verify_slice(&signature).is_ok()
    }

    fn answer(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        if !self.is_signed(request, now) {
            return Err((
                StatusCode::UNAUTHORIZED,
                "Authorization has been denied for this request.".to_owned(),
            ));
        }
        let wrong = |text: String| (StatusCode::BAD_REQUEST, text);
        let bytes = request.body();
        match route {
            Route::Nowhere => Err((
                StatusCode::NOT_FOUND,
                "No HTTP resource was found that matches the request.".to_owned(),
            )),
            Route::Method => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                format!(
                    "The requested resource does not support http method '{}'.",
                    request.method()
                ),
            )),
            Route::Validate => Ok(done(json!({}))),
            Route::Version => Ok(done(json!({ "Version": "18.2.1" }))),
            Route::Search(subject) => {
                let search = Search::read(*subject, bytes).map_err(wrong)?;
                Ok(search.page(&self.read(), *subject))
            }
            Route::Single(subject, kind) => {
                let text: String = serde_json::from_slice(bytes)
                    .map_err(|_| wrong("The request body is not a string.".to_owned()))?;
                let number = |name: &str| {
                    let mut pairs = query_pairs(request).into_iter();
                    let pair = pairs.find(|(own, _)| {
                        let own = own.to_lowercase();
                        own == name || own == format!("pagerequest.{name}")
                    });
                    pair.and_then(|(_, value)| value.parse().ok())
                };
                let (size, start) = (number("pagesize"), number("startrow"));
                let search = Search::single(*subject, kind, &text, size, start).map_err(wrong)?;
                Ok(search.page(&self.read(), *subject))
            }
            Route::Account(id, whole) => {
                let store = self.read();
                let account = store.accounts.get(*id).ok_or_else(missing)?;
                let mut account = shown_account(&store, *id, account);
                if *whole {
                    account_detail(&store, *id, &mut account);
                }
                Ok(Value::Object(account).to_string().into_bytes())
            }
            Route::ContactsOf(account, active) => {
                let store = self.read();
                store.accounts.get(*account).ok_or_else(missing)?;
                let contacts = store.contacts.owned(*account).iter().filter_map(|id| {
                    let contact = store.contacts.get(*id)?;
                    let shown = !*active || at(&contact, "Contact")["Inactive"] != true;
                    shown.then(|| Value::Object(summary(&store, *id, &contact)))
                });
                let contacts: Vec<Value> = contacts.collect();
                Ok(done(json!({ "Contacts": contacts })))
            }
            Route::Contact(id, whole) => {
                let store = self.read();
                let contact = store.contacts.get(*id).ok_or_else(missing)?;
                let shown = if *whole {
                    contact_detail(&store, contact)
                } else {
                    summary(&store, *id, &contact)
                };
                Ok(Value::Object(shown).to_string().into_bytes())
            }
            Route::List(types) => {
                let store = self.read();
                let names = if *types {
                    &store.types
                } else {
                    &store.statuses
                };
                let entries = (1..).zip(names).map(|(id, name)| {
                    json!({ "Id": id, "Value": name, "IsSystemEntry": false, "IsSystemDefault": id == 1 })
                });
                let entries: Vec<Value> = entries.collect();
                Ok(done(json!({ "Entries": entries })))
            }
            Route::Assets(account) => {
                let store = self.read();
                store.accounts.get(*account).ok_or_else(missing)?;
                let assets = store.assets.owned(*account).iter();
                let assets: Vec<Value> = assets
                    .filter_map(|id| store.assets.get(*id).map(Value::Object))
                    .collect();
                let total = assets.len();
                Ok(done(json!({
                    "AccountManagedAssets": assets, "PageSize": total, "NextRow": 0, "TotalCount": total,
                })))
            }
            Route::PutAccount(id) => {
                let mut store = self.write();
                let id = write::put_account(&mut store, *id, bytes).map_err(wrong)?;
                let account = id
                    .and_then(|id| Some(shown_account(&store, id, store.accounts.get(id)?)))
                    .ok_or_else(missing)?;
                Ok(done(json!({ "AccountSummary": account })))
            }
            Route::PutContact(id) => {
                let mut store = self.write();
                let id = write::put_contact(&mut store, *id, bytes)
                    .map_err(wrong)?
                    .ok_or_else(missing)?;
                // Its address may be the only sight of a location.
                store.serve();
                let contact = store.contacts.get(id).unwrap_or_default();
                let contact = summary(&store, id, &contact);
                Ok(done(json!({ "ContactSummary": contact })))
            }
        }
    }
}

/// What an account whole has more (`AccountDetail`).
fn account_detail(store: &Store, id: u64, account: &mut Object) {
    let numbers = [("PhoneNumber", "Main", true), ("FaxNumber", "Fax", false)];
    let phones = (id * 10..)
        .zip(numbers)
        .filter_map(|(id, (member, place, primary))| {
            let number = at(account, member).as_str()?;
            Some(json!({
                "PhoneNumberId": id, "Number": number, "Location": place, "IsPrimary": primary,
            }))
        });
    let phones: Vec<Value> = phones.collect();
    let primary = at(account, "Account")["PrimaryContactNumber"].as_u64();
    let primary = primary.filter(|number| store.contacts.owned(id).contains(number));
    let primary = primary.and_then(|number| store.contacts.get(number));
    for (name, value) in [
        ("PhoneNumbers", phones.into()),
        ("ShipTos", json!([])),
        ("BillTos", json!([])),
        ("PrimaryContact", primary.into()),
        ("CustomFields", json!([])),
    ] {
        account.insert(name.to_owned(), value);
    }
}

/// A contact whole (`ContactDetail`).
fn contact_detail(store: &Store, mut contact: Object) -> Object {
    for list in ["Groups", "Profiles", "CustomFields"] {
        contact.insert(list.to_owned(), json!([]));
    }
    let account = at(&contact, "AccountNumber").as_u64();
    let account = account.and_then(|id| store.accounts.get(id));
    let account = account.map(|account| at(&account, "Account").clone());
    contact.insert("Account".to_owned(), account.into());
    contact
}

fn missing() -> Refused {
    (
        StatusCode::NOT_FOUND,
        "The record was not found.".to_owned(),
    )
}

/// A success with what it brings.
fn done(mut value: Value) -> Vec<u8> {
    value["Success"] = true.into();
    value["Message"] = Value::Null;
    value.to_string().into_bytes()
}

/// What a path and method ask for.
#[derive(Debug, Clone)]
enum Route {
    Validate,
    Version,
    Search(Subject),
    Single(Subject, String),
    /// Summary, or details.
    Account(u64, bool),
    ContactsOf(u64, bool),
    Contact(u64, bool),
    /// Types, or statuses.
    List(bool),
    Assets(u64),
    PutAccount(Option<u64>),
    PutContact(Option<u64>),
    Method,
    Nowhere,
}

impl Route {
    fn of(request: &Request) -> Self {
        let path = request.uri().path().to_ascii_lowercase();
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        let Some(("api", rest)) = segments.split_first().map(|(first, rest)| (*first, rest)) else {
            return Self::Nowhere;
        };
        let method = request.method();
        let only = |wanted: &Method, route: Self| {
            if method == wanted {
                route
            } else {
                Self::Method
            }
        };
        let get = |route| only(&Method::GET, route);
        let post = |route| only(&Method::POST, route);
        let number = |text: &str| text.parse::<u64>().ok();
        match rest {
            ["diagnostics", "validate", "user"] => get(Self::Validate),
            ["diagnostics", "database", "version"] | ["diagnostics", "productinformation"] => {
                get(Self::Version)
            }
            ["accounts"] => post(Self::PutAccount(None)),
            ["contacts"] => post(Self::PutContact(None)),
            ["accounts", "search"] => post(Self::Search(Subject::Accounts)),
            ["contacts", "search"] => post(Self::Search(Subject::Contacts)),
            ["accounts", "search", rest @ ..] => {
                let kind = match rest {
                    ["name"] => "accountname",
                    ["accountid"] => "accountid",
                    ["accountnumber"] => "accountnumber",
                    ["accountstatus"] => "accountstatus",
                    ["accounttype"] => "accounttype",
                    ["address"] => "address",
                    ["postalcode"] => "postalcode",
                    ["email"] => "email",
                    ["phone"] => "phonenumber",
                    ["contact", "name"] => "contactname",
                    ["externalid"] => "externalid",
                    ["agreement"] => "agreement",
                    ["customfield"] => "customfield",
                    _ => return Self::Nowhere,
                };
                post(Self::Single(Subject::Accounts, kind.to_owned()))
            }
            [
                "contacts",
                "search",
                kind @ ("email" | "firstname" | "lastname" | "phone"),
            ] => post(Self::Single(Subject::Contacts, (*kind).to_owned())),
            ["accounts", id] => match (number(id), method) {
                (None, _) => Self::Nowhere,
                (Some(id), &Method::GET) => Self::Account(id, false),
                (Some(id), &Method::PUT) => Self::PutAccount(Some(id)),
                _ => Self::Method,
            },
            ["accounts", id, "details"] => {
                number(id).map_or(Self::Nowhere, |id| get(Self::Account(id, true)))
            }
            ["accounts", id, "assets", "managed" | "customer"] => {
                number(id).map_or(Self::Nowhere, |id| get(Self::Assets(id)))
            }
            ["contacts", "account", id] => {
                number(id).map_or(Self::Nowhere, |id| get(Self::ContactsOf(id, false)))
            }
            ["contacts", "account", id, active] => match (number(id), active.parse()) {
                (Some(id), Ok(active)) => get(Self::ContactsOf(id, active)),
                _ => Self::Nowhere,
            },
            ["contacts", id] => match (number(id), method) {
                (None, _) => Self::Nowhere,
                (Some(id), &Method::GET) => Self::Contact(id, false),
                (Some(id), &Method::PUT) => Self::PutContact(Some(id)),
                _ => Self::Method,
            },
            ["contacts", id, "details"] => {
                number(id).map_or(Self::Nowhere, |id| get(Self::Contact(id, true)))
            }
            [
                "mastertables",
                "accounts",
                list @ ("types" | "statuses"),
                ..,
            ] if rest.len() <= 4 => get(Self::List(*list == "types")),
            _ => Self::Nowhere,
        }
    }

    const fn operation(&self) -> &'static str {
        match self {
            Self::Validate => "user.read",
            Self::Version => "version.read",
            Self::Search(Subject::Accounts) => "companies.list",
            Self::Search(Subject::Contacts) => "contacts.list",
            Self::Single(_, _) => "records.search",
            Self::Account(_, _) => "companies.get",
            Self::ContactsOf(_, _) => "contacts.of_company",
            Self::Contact(_, _) => "contacts.get",
            Self::List(_) => "lists.list",
            Self::Assets(_) => "assets.list",
            Self::PutAccount(None) => "companies.create",
            Self::PutAccount(Some(_)) => "companies.update",
            Self::PutContact(None) => "contacts.create",
            Self::PutContact(Some(_)) => "contacts.update",
            Self::Method | Self::Nowhere => "unknown",
        }
    }
}

/// The error body of the vendor's framework (inferred).
fn message(text: &str) -> String {
    json!({ "Message": text }).to_string()
}

impl fmt::Debug for Tigerpaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tigerpaw")
    }
}

impl Simulator for Tigerpaw {
    fn vendor(&self) -> Vendor {
        Vendor::Tigerpaw
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let route = Route::of(request);
        let operation = route.operation();
        let accepts = request
            .headers()
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok());
        let xml_only = accepts.is_some_and(|accept| {
            accept.contains("xml") && !accept.contains("json") && !accept.contains("*/*")
        });
        let answer = if xml_only {
            Err((
                StatusCode::NOT_ACCEPTABLE,
                "This server answers in JSON.".to_owned(),
            ))
        } else {
            self.answer(&route, request, now)
        };
        match answer {
            Ok(body) => Reply::with_body(operation, StatusCode::OK, JSON, body),
            Err((status, text)) => Reply::with_body(operation, status, JSON, message(&text)),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(Route::of(request).operation())
    }

    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let operation = Route::of(request).operation();
        let text = message(status.canonical_reason().unwrap_or("Error"));
        Some(Reply::with_body(operation, status, JSON, text))
    }

    /// What is deleted in the screens is gone, an account with its contacts. A location is an address.
    fn apply(&self, change: &Change, _now: Timestamp) -> Result<(), ChangeError> {
        self.write().apply(change)
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
            base_path: String::new(),
            credentials: BTreeMap::from([
                ("public_key".to_owned(), self.public_key.clone()),
                ("private_key".to_owned(), self.private_key.clone()),
            ]),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        BTreeMap::from([
            ("accounts".to_owned(), store.accounts.table().len() as u64),
            ("contacts".to_owned(), store.contacts.table().len() as u64),
        ])
    }

    /// None is published.
    fn set_limits(&self, _on: bool) {}
}
