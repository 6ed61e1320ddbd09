//! The simulator: locks, tokens and limits around the state, in the order in which the platform
//! looks at a request.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use http::{Method, StatusCode};
use jiff::Timestamp;

use super::auth::{self, Keys};
use super::filters::CustomFilter;
use super::ids::{Ids, guid};
use super::quota::{Quota, Verdict, write_quota};
use super::reads::Read;
use super::reply;
use super::route::{Route, Target, UNKNOWN};
use super::sites::AutotaskCompany;
use super::state::{Missing, State};
use super::writes;
use crate::kit::Tokens;
use crate::world::{Change, Kind, Record, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Behaviour that accounts and clients differ in.
#[derive(Debug, Clone)]
pub struct DattoOptions {
    /// `nextPageUrl` and `prevPageUrl` lose the caller's other parameters, as they do on the real
    /// API (seen). On unless switched off.
    pub drop_filters_in_next_url: bool,
    /// Takes the client-credentials grant with key and secret as Basic, which one published client
    /// sends; the real service is not known to take it. Off unless switched on.
    pub accept_client_credentials: bool,
    /// Device filters made in the account.
    pub custom_filters: Vec<CustomFilter>,
    /// The companies of Autotask that sites are mapped to, by the key of the site's organization.
    pub autotask_companies: BTreeMap<String, AutotaskCompany>,
}

impl Default for DattoOptions {
    fn default() -> Self {
        Self {
            drop_filters_in_next_url: true,
            accept_client_credentials: false,
            custom_filters: Vec::new(),
            autotask_companies: BTreeMap::new(),
        }
    }
}

/// The simulator of Datto RMM. Credentials are `api_key` and `api_secret`; clients are given the
/// bare origin.
pub struct DattoRmm {
    state: RwLock<State>,
    tokens: Mutex<Tokens>,
    quota: Mutex<Quota>,
    keys: Keys,
    keep_query: bool,
    /// Whether whoever connected takes companies of Autotask for its companies.
    by_autotask: AtomicBool,
    started: Timestamp,
}

impl fmt::Debug for DattoRmm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DattoRmm")
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

impl DattoRmm {
    /// Stands it up with the tool's records.
    pub fn new(records: &ToolRecords, now: Timestamp) -> Self {
        Self::with_options(records, &DattoOptions::default(), now)
    }

    /// Stands it up with other behaviour than the usual.
    pub fn with_options(records: &ToolRecords, options: &DattoOptions, now: Timestamp) -> Self {
        let ids = Ids::new(records.seed);
        Self {
            state: RwLock::new(State::new(ids, records, options, now)),
            tokens: Mutex::new(auth::tokens(records.seed)),
            quota: Mutex::new(Quota::new()),
            keys: Keys {
                api_key: ids.secret("api-key"),
                api_secret: ids.secret("api-secret"),
                accept_client_credentials: options.accept_client_credentials,
            },
            keep_query: !options.drop_filters_in_next_url,
            by_autotask: AtomicBool::new(false),
            started: now,
        }
    }

    /// Answers, or says which error body to answer with.
    fn answer(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> (&'static str, Result<Reply, StatusCode>) {
        let route = Route::of(request.uri().path());
        let operation = operation_of(request);
        if lock(&self.quota).blocked(now) {
            return (operation, Ok(reply::blocked(operation)));
        }
        let known = (operation != UNKNOWN).then_some(route).flatten();
        match known.map(|route| route.target) {
            Some(Target::Token) => {
                let reply = auth::grant(request, &self.keys, &mut lock(&self.tokens), now);
                return (operation, Ok(reply));
            }
            Some(Target::Status) => {
                return (
                    operation,
                    Ok(self.read(request, operation).status(self.started)),
                );
            }
            _ => {}
        }
        if !auth::authorized(request, &lock(&self.tokens), now) {
            return (operation, Err(StatusCode::UNAUTHORIZED));
        }
        let delay_ms = match self.count(request, operation, now) {
            Verdict::Pass { delay_ms } => delay_ms,
            Verdict::TooMany => return (operation, Err(StatusCode::TOO_MANY_REQUESTS)),
            Verdict::Blocked => return (operation, Ok(reply::blocked(operation))),
        };
        let answer = match (known, route) {
            (Some(route), _) => self.serve(request, route, operation, now),
            (None, Some(_)) => Err(StatusCode::METHOD_NOT_ALLOWED),
            (None, None) => Err(StatusCode::NOT_FOUND),
        };
        let mut reply = match answer {
            Ok(reply) => reply,
            Err(status) => reply::error(operation, status, request, now),
        };
        reply.delay_ms = delay_ms;
        (operation, Ok(reply))
    }

    fn serve(
        &self,
        request: &Request,
        route: Route<'_>,
        operation: &'static str,
        now: Timestamp,
    ) -> Result<Reply, StatusCode> {
        if route.target == Target::RequestRate {
            let account = self.state().account.uid.clone();
            let report = lock(&self.quota).report(&account, now);
            return Ok(reply::json(operation, &report));
        }
        if request.method() == Method::GET {
            return self.read(request, operation).answer(&self.state(), route);
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        writes::answer(&mut state, route, operation, request)
    }

    fn read<'a>(&self, request: &'a Request, operation: &'static str) -> Read<'a> {
        Read {
            request,
            operation,
            keep_query: self.keep_query,
        }
    }

    fn count(&self, request: &Request, operation: &str, now: Timestamp) -> Verdict {
        let mut quota = lock(&self.quota);
        if request.method() == Method::GET {
            quota.read(now)
        } else {
            quota.write(write_quota(operation), now)
        }
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Simulator for DattoRmm {
    fn vendor(&self) -> Vendor {
        Vendor::DattoRmm
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        match self.answer(request, now) {
            (_, Ok(reply)) => reply,
            (operation, Err(status)) => reply::error(operation, status, request, now),
        }
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(operation_of(request))
    }

    fn error_body(&self, request: &Request, status: StatusCode, now: Timestamp) -> Option<Reply> {
        Some(reply::error(operation_of(request), status, request, now))
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let vendor = Vendor::DattoRmm;
        let unknown = |kind, key: &str| ChangeError::Unknown {
            vendor,
            kind,
            key: key.to_owned(),
        };
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = change.record() {
            let before = match change {
                Change::Edit { before, .. } => Some(before),
                Change::Put(_) | Change::Remove { .. } => None,
            };
            return match record {
                Record::Organization(record) => {
                    let before = before.and_then(Record::as_organization);
                    state.put_site(before, record);
                    Ok(())
                }
                Record::Device(record) => state
                    .put_device(before.and_then(Record::as_device), record, now)
                    .map_err(|Missing| unknown(Kind::Organization, &record.organization)),
                Record::Location(_) | Record::Contact(_) => Err(ChangeError::Unsupported {
                    vendor,
                    kind: record.kind(),
                }),
            };
        }
        match change {
            Change::Remove {
                kind: Kind::Organization,
                key,
            } => state
                .remove_site(key)
                .map_err(|Missing| unknown(Kind::Organization, key)),
            Change::Remove {
                kind: Kind::Device,
                key,
            } => state
                .remove_device(key)
                .map_err(|Missing| unknown(Kind::Device, key)),
            Change::Remove {
                kind: kind @ (Kind::Location | Kind::Contact),
                ..
            } => Err(ChangeError::Unsupported {
                vendor,
                kind: *kind,
            }),
            Change::Put(_) | Change::Edit { .. } => Ok(()),
        }
    }

    fn set_company(&self, choice: &str) {
        let chosen = choice == "autotask_companies";
        self.by_autotask.store(chosen, Ordering::Relaxed);
    }

    fn truth(&self) -> Vec<TruthRow> {
        let by_autotask = self.by_autotask.load(Ordering::Relaxed);
        let state = self.state();
        let sites = state.sites.all().filter_map(|site| {
            let (key, truth) = site.origin.clone()?;
            let external_id = if by_autotask {
                site.autotask.as_ref()?.id.clone()
            } else {
                site.uid.clone()
            };
            Some(TruthRow {
                kind: Kind::Organization,
                external_id,
                key,
                truth,
            })
        });
        let devices = state.entries().map(|entry| TruthRow {
            kind: Kind::Device,
            external_id: guid(entry.uid),
            key: entry.key.as_ref().to_owned(),
            truth: entry.truth.as_ref().to_owned(),
        });
        sites.chain(devices).collect()
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        let state = self.state();
        let sites = state.sites.unclaimed();
        sites
            .map(|uid| (Kind::Organization, uid.to_owned()))
            .collect()
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if kind == Kind::Organization {
            state.sites.claim(external_id, key, truth);
        }
    }

    fn access(&self) -> Access {
        Access {
            base_path: String::new(),
            credentials: BTreeMap::from([
                ("api_key".to_owned(), self.keys.api_key.clone()),
                ("api_secret".to_owned(), self.keys.api_secret.clone()),
            ]),
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let state = self.state();
        BTreeMap::from([
            ("devices".to_owned(), state.devices().len() as u64),
            ("sites".to_owned(), state.sites.table().len() as u64),
        ])
    }

    fn set_limits(&self, on: bool) {
        lock(&self.quota).enforce(on);
    }
}

fn operation_of(request: &Request) -> &'static str {
    Route::of(request.uri().path())
        .and_then(|route| route.operation(request.method()))
        .unwrap_or(UNKNOWN)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
