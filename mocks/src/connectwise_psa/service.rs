//! The instance as a service: lets requests in, finds what they name, and answers.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, PRAGMA};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::auth::{CODEBASE, Keys};
use super::fault::Fault;
use super::fields::Fields;
use super::query::Query;
use super::router::{Place, Route, route};
use super::schema::Resource;
use super::select::{self, Memory};
use super::stamp::{INTEGRATOR, Stamp, request_guid};
use super::store::Store;
use super::write::not_found;
use super::{bulk, change, communications, list, load, media, write};
use crate::kit::{SlidingWindow, Table, base_url};
use crate::world::{self, Change, DeviceRecord, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// The longest URL that the vendor takes (documented; the status for more is inferred).
const URL_LENGTH_MAX: usize = 10_000;

/// "About 1,000 requests a minute" (documented).
const REQUESTS_MAX: u64 = 1_000;
const WINDOW_MS: u32 = 60_000;

/// A simulated ConnectWise PSA of one MSP, self-hosted, version 2025.1.
///
/// Credentials: `company_id`, `public_key`, `private_key`, `client_id`, and the `codebase` that
/// clients put into paths (`/{codebase}/apis/3.0`).
#[derive(Debug)]
pub struct ConnectwisePsa {
    keys: Keys,
    seed: u64,
    store: RwLock<Store>,
    memory: Memory,
    window: Mutex<SlidingWindow>,
    limited: AtomicBool,
    requests: AtomicU64,
}

impl ConnectwisePsa {
    /// Stands it up with the tool's records, all of which were last changed `now`.
    ///
    /// Sites, and configurations, of an organization that is not among the records are left out,
    /// since the vendor cannot hold them; a contact stays, without a company.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with_devices(records, records.devices.iter(), now)
    }

    /// As [`ConnectwisePsa::new`], with devices that come one by one, so that there need never be all of
    /// them. Devices among the records are not looked at.
    pub fn with_devices(
        records: &ToolRecords,
        devices: impl Iterator<Item = impl Borrow<DeviceRecord>>,
        now: Timestamp,
    ) -> Self {
        Self {
            keys: Keys::new(records.seed, &records.company),
            seed: records.seed,
            store: RwLock::new(load::load(records, devices, now)),
            memory: Memory::default(),
            window: Mutex::new(SlidingWindow::new(REQUESTS_MAX, WINDOW_MS)),
            limited: AtomicBool::new(false),
            requests: AtomicU64::new(0),
        }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.memory.len()
    }

    fn answer(&self, request: &Request, now: Timestamp) -> Reply {
        let route = match route(request.uri().path()) {
            Ok(route) => route,
            Err(fault) => return self.refuse(&fault, request),
        };
        let operation = route.operation(request.method());
        let answered = self
            .admit(&route, request, now)
            .and_then(|()| self.perform(&route, request, now));
        match answered {
            Ok(mut reply) => {
                reply.operation = operation;
                reply
            }
            Err(fault) => fault.reply(operation),
        }
    }

    /// A path that names nothing: whoever has no keys learns that first, unless the path does not
    /// even lead to the instance.
    fn refuse(&self, fault: &Fault, request: &Request) -> Reply {
        match (fault, self.keys.check(request)) {
            (Fault::Route, _) | (_, Ok(())) => fault.reply("unknown"),
            (_, Err(fault)) => fault.reply("unknown"),
        }
    }

    fn admit(&self, route: &Route, request: &Request, now: Timestamp) -> Result<(), Fault> {
        let length = request
            .uri()
            .path_and_query()
            .map_or(0, |it| it.as_str().len());
        if length > URL_LENGTH_MAX {
            return Err(Fault::LongUrl);
        }
        if !matches!(route, Route::CompanyInfo(_) | Route::SystemInfo) {
            self.keys.check(request)?;
            self.count(now)?;
        }
        route.check(request.method())
    }

    /// Counts the request if there is room for it; those that are refused do not count (inferred).
    fn count(&self, now: Timestamp) -> Result<(), Fault> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        match window.wait_ms(now) {
            0 => {
                window.hit(now);
                Ok(())
            }
            wait_ms => Err(Fault::TooMany {
                retry_after_s: wait_ms.div_ceil(1_000),
            }),
        }
    }

    fn perform(&self, route: &Route, request: &Request, now: Timestamp) -> Result<Reply, Fault> {
        if route.shows_records() {
            let origin = base_url(request);
            if self.read().links().should_move(&origin) {
                self.write().move_home(&origin);
            }
        }
        let stamp = Stamp {
            now,
            member: INTEGRATOR,
        };
        match (route, request.method()) {
            (Route::CompanyInfo(company), _) => Ok(self.company_info(company, request)),
            (Route::SystemInfo, _) => Ok(system_info()),
            (Route::List(place), &Method::POST) => self.create(place, request, stamp),
            (Route::List(place), _) => self.list(place, request),
            (Route::Count(place), _) => self.number(place, request),
            (Route::Search(place), _) => self.search(place, request),
            (Route::One(place, id), &Method::GET) => self.get(place, *id, request),
            (Route::One(place, id), &Method::DELETE) => self.delete(place, *id, stamp),
            (Route::One(place, id), verb) => self.edit(place, *id, verb, request, stamp),
            (Route::Bulk, verb) => self.bulk(verb, request, stamp),
            (Route::ChangeType(id), _) => {
                let resource = Resource::Configurations;
                let body = media::body(resource.schema(), request)?;
                let mut store = self.write();
                write::change_type(&mut store, *id, &body, stamp)?;
                one(&store, resource, *id, request)
            }
        }
    }

    fn company_info(&self, company: &str, request: &Request) -> Reply {
        let host = base_url(request);
        let host = host.split_once("://").map_or("", |(_, host)| host);
        let body = if self.keys.is_company(company) {
            json_bytes(&[
                ("CompanyName", self.read().msp.as_str().into()),
                ("Codebase", format!("{CODEBASE}/").into()),
                ("VersionCode", "v2025.1".into()),
                ("VersionNumber", "v4.6.90211".into()),
                ("CompanyID", self.keys.company.as_str().into()),
                ("IsCloud", false.into()),
                ("SiteUrl", host.into()),
            ])
        } else {
            b"null".to_vec()
        };
        ok(body)
    }

    fn list(&self, place: &Place, request: &Request) -> Result<Reply, Fault> {
        let query = Query::read(request)?;
        self.pages(place, &query, request)
    }

    fn search(&self, place: &Place, request: &Request) -> Result<Reply, Fault> {
        let schema = place.resource.schema();
        let mut query = Query::read(request)?;
        query.search(schema, &media::body(schema, request)?)?;
        self.pages(place, &query, request)
    }

    fn pages(&self, place: &Place, query: &Query, request: &Request) -> Result<Reply, Fault> {
        let store = self.read();
        check_parents(&store, place)?;
        let mut reply = ok(Vec::new());
        with_table(&store, place, |table| {
            let page = list::page(&store, &self.memory, place, table, query, request)?;
            page.fill(&mut reply);
            Ok(())
        })?;
        store.links().show(&base_url(request), &mut reply.body);
        Ok(reply)
    }

    fn number(&self, place: &Place, request: &Request) -> Result<Reply, Fault> {
        let query = Query::read(request)?;
        let store = self.read();
        check_parents(&store, place)?;
        with_table(&store, place, |table| {
            let rows = select::rows(&store, &self.memory, place, table, &query.selection)?;
            Ok(ok(format!("{{\"count\":{}}}", rows.len(table)).into_bytes()))
        })
    }

    fn get(&self, place: &Place, id: u64, request: &Request) -> Result<Reply, Fault> {
        let store = self.read();
        check_member(&store, place, id)?;
        record(&store, place, id, request)
    }

    fn create(&self, place: &Place, request: &Request, stamp: Stamp) -> Result<Reply, Fault> {
        let resource = place.resource;
        let body = media::body(resource.schema(), request)?;
        let mut store = self.write();
        check_parents(&store, place)?;
        let id = match (resource, place.parents.as_slice()) {
            (Resource::Communications, [contact]) => {
                communications::create(&mut store, *contact, &body, stamp)?
            }
            (_, parents) => write::create(&mut store, resource, parents, &body, stamp)?,
        };
        let mut reply = record(&store, place, id, request)?;
        reply.status = StatusCode::CREATED;
        let path = request.uri().path().trim_end_matches('/');
        let location = format!("{}{path}/{id}", base_url(request));
        if let Ok(location) = HeaderValue::try_from(location) {
            reply.headers.insert(LOCATION, location);
        }
        Ok(reply)
    }

    fn edit(
        &self,
        place: &Place,
        id: u64,
        verb: &Method,
        request: &Request,
        stamp: Stamp,
    ) -> Result<Reply, Fault> {
        let resource = place.resource;
        let body = media::body(resource.schema(), request)?;
        let mut store = self.write();
        check_member(&store, place, id)?;
        let replaces = *verb == Method::PUT;
        match (resource, place.parents.as_slice()) {
            (Resource::Communications, [contact]) if replaces => {
                communications::replace(&mut store, *contact, id, &body, stamp)?;
            }
            (Resource::Communications, [contact]) => {
                communications::update(&mut store, *contact, id, &body, stamp)?;
            }
            (_, parents) if replaces => {
                write::replace(&mut store, resource, parents, id, &body, stamp)?;
            }
            _ => write::update(&mut store, resource, id, &body, stamp)?,
        }
        record(&store, place, id, request)
    }

    fn delete(&self, place: &Place, id: u64, stamp: Stamp) -> Result<Reply, Fault> {
        let mut store = self.write();
        check_member(&store, place, id)?;
        match (place.resource, place.parents.as_slice()) {
            (Resource::Communications, [contact]) => {
                communications::delete(&mut store, *contact, id, stamp)?;
            }
            (resource, _) => write::delete(&mut store, resource, id, stamp)?,
        }
        Ok(Reply::new("unknown", StatusCode::NO_CONTENT))
    }

    fn bulk(&self, verb: &Method, request: &Request, stamp: Stamp) -> Result<Reply, Fault> {
        let body = media::body(Resource::Configurations.schema(), request)?;
        let verb = match *verb {
            Method::PUT => bulk::Verb::Put,
            Method::DELETE => bulk::Verb::Delete,
            _ => bulk::Verb::Post,
        };
        let body = bulk::run(&mut self.write(), verb, &body, stamp)?;
        let mut reply = ok(body);
        reply.status = StatusCode::MULTI_STATUS;
        Ok(reply)
    }

    /// What every reply carries (seen), and the media type that was asked for.
    fn dress(&self, mut reply: Reply, request: &Request) -> Reply {
        const PLAIN: [(HeaderName, &str); 6] = [
            (CACHE_CONTROL, "no-cache"),
            (PRAGMA, "no-cache"),
            (HeaderName::from_static("x-frame-options"), "SAMEORIGIN"),
            (
                HeaderName::from_static("strict-transport-security"),
                "max-age=31536000; includeSubDomains",
            ),
            (
                HeaderName::from_static("api-current-version"),
                media::VERSION,
            ),
            (HeaderName::from_static("x-server-name"), "CW-API-01"),
        ];
        for (name, value) in PLAIN {
            reply.headers.insert(name, HeaderValue::from_static(value));
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        if let Ok(id) = HeaderValue::try_from(request_guid(self.seed, number)) {
            reply.headers.insert("x-cw-request-id", id);
        }
        if reply.status.is_success() && !reply.body.is_empty() {
            let media_type = media::answer(request);
            reply.headers.insert(CONTENT_TYPE, media_type);
        }
        reply
    }
}

impl Simulator for ConnectwisePsa {
    fn vendor(&self) -> Vendor {
        Vendor::ConnectwisePsa
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        self.dress(self.answer(request, now), request)
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        let route = route(request.uri().path());
        Some(route.map_or("unknown", |route| route.operation(request.method())))
    }

    /// Errors that the vendor's front servers make (502 to 504) have no form that is known.
    fn error_body(&self, request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        let fault = Fault::of(status)?;
        let operation = self.operation(request)?;
        Some(self.dress(fault.reply(operation), request))
    }

    /// Contacts, sites and configurations that are removed are gone. A company that is removed goes
    /// on being listed with `deletedFlag`, and comes back with its id when it is put again.
    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        change::apply(&mut self.write(), change, now)
    }

    /// Records that clients wrote stand for nothing in the world and are not among them.
    fn truth(&self) -> Vec<TruthRow> {
        self.read().ledger.truth()
    }

    fn unclaimed(&self) -> Vec<(world::Kind, String)> {
        self.read().ledger.unclaimed()
    }

    fn claim(&self, kind: world::Kind, external_id: &str, key: &str, truth: &str) {
        if let Ok(id) = external_id.parse() {
            self.write().ledger.know(kind, id, key, truth);
        }
    }

    fn access(&self) -> Access {
        self.keys.access()
    }

    /// Companies with `deletedFlag` count: they are listed.
    fn counts(&self) -> BTreeMap<String, u64> {
        let store = self.read();
        let counted = [
            ("companies", Resource::Companies),
            ("company-statuses", Resource::CompanyStatuses),
            ("company-types", Resource::CompanyTypes),
            ("sites", Resource::Sites),
            ("contacts", Resource::Contacts),
            ("contact-types", Resource::ContactTypes),
            ("configurations", Resource::Configurations),
            ("configuration-statuses", Resource::ConfigurationStatuses),
            ("configuration-types", Resource::ConfigurationTypes),
            ("manufacturers", Resource::Manufacturers),
        ];
        counted
            .into_iter()
            .map(|(name, resource)| (name.to_owned(), store.table(resource).len() as u64))
            .collect()
    }

    fn set_limits(&self, on: bool) {
        self.limited.store(on, Ordering::Relaxed);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.clear();
    }
}

fn ok(body: Vec<u8>) -> Reply {
    Reply::with_body("unknown", StatusCode::OK, media::JSON, body)
}

fn json_bytes(members: &[(&str, Value)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = super::json::Writer::new(&mut out);
    for (name, value) in members {
        writer.value(name, value);
    }
    writer.finish();
    out
}

fn system_info() -> Reply {
    ok(json_bytes(&[
        ("version", "v2025.1.90211".into()),
        ("isCloud", false.into()),
        ("serverTimeZone", "Eastern Standard Time".into()),
        ("licenseBits", json!([{"name": "psa", "activeFlag": true}])),
        ("cloudRegion", "NA".into()),
        ("maxWorkFlowRecordsAllowed", 0.into()),
    ]))
}

/// Runs with the table of a place; the list below a contact is made on the spot.
fn with_table<T>(
    store: &Store,
    place: &Place,
    run: impl FnOnce(&Table) -> Result<T, Fault>,
) -> Result<T, Fault> {
    match (place.resource, place.parents.as_slice()) {
        (Resource::Communications, [contact]) => run(&communications::table(store, *contact)),
        (resource, _) => run(store.table(resource)),
    }
}

/// Every parent must be there, and in its own parent's list.
fn check_parents(store: &Store, place: &Place) -> Result<(), Fault> {
    let parents: &[Resource] = match place.resource {
        Resource::Sites | Resource::TypeAssociations => &[Resource::Companies],
        Resource::Communications => &[Resource::Contacts],
        Resource::Questions => &[Resource::ConfigurationTypes],
        Resource::QuestionValues => &[Resource::ConfigurationTypes, Resource::Questions],
        _ => &[],
    };
    for (at, (resource, id)) in parents.iter().zip(&place.parents).enumerate() {
        let listed = match at.checked_sub(1).and_then(|above| place.parents.get(above)) {
            Some(above) => store.owned(*resource, *above).contains(id),
            None => store.table(*resource).get(*id).is_some(),
        };
        if !listed {
            return Err(not_found(*resource, *id));
        }
    }
    Ok(())
}

/// The record must be in the list that the path names.
fn check_member(store: &Store, place: &Place, id: u64) -> Result<(), Fault> {
    check_parents(store, place)?;
    let there = with_table(store, place, |table| Ok(table.get(id).is_some()))?;
    let listed = match place.parents.last() {
        Some(owner) if place.resource != Resource::Communications => store
            .owned(place.resource, *owner)
            .binary_search(&id)
            .is_ok(),
        _ => there,
    };
    if listed {
        Ok(())
    } else {
        Err(not_found(place.resource, id))
    }
}

fn record(store: &Store, place: &Place, id: u64, request: &Request) -> Result<Reply, Fault> {
    let schema = place.resource.schema();
    let fields = Fields::read(schema, &Query::read(request)?.fields)?;
    with_table(store, place, |table| {
        let json = table.get(id).ok_or(not_found(place.resource, id))?;
        let mut reply = ok(Vec::new());
        reply.body = vec![match &fields {
            Some(fields) => fields.project(schema, &json).into(),
            None => json,
        }];
        store.links().show(&base_url(request), &mut reply.body);
        Ok(reply)
    })
}

fn one(store: &Store, resource: Resource, id: u64, request: &Request) -> Result<Reply, Fault> {
    let parents = Vec::new();
    record(store, &Place { resource, parents }, id, request)
}
