//! A simulator with faults laid over it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode, Uri};
use jiff::Timestamp;

use super::body::{Edit, edit_field, html};
use super::rules::{Fault, Faults, Turn};
use crate::world::{Change, Kind};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// Answers as the simulator within does, except where a rule of its [`Faults`] says otherwise.
pub struct Faulty {
    inner: Arc<dyn Simulator>,
    faults: Arc<Faults>,
    /// The last page of each path with the URI it answered, kept only while a rule may repeat it.
    pages: Mutex<BTreeMap<String, (Uri, Reply)>>,
}

impl fmt::Debug for Faulty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Faulty")
            .field("vendor", &self.inner.vendor())
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl Faulty {
    /// Lays faults over a simulator. Without rules it answers as the simulator does.
    pub fn new(inner: Arc<dyn Simulator>, faults: Arc<Faults>) -> Self {
        Self {
            inner,
            faults,
            pages: Mutex::default(),
        }
    }

    /// The rules.
    pub fn faults(&self) -> &Arc<Faults> {
        &self.faults
    }

    fn with_fault(&self, request: &Request, now: Timestamp) -> Reply {
        let (operation, early) = match self.inner.operation(request) {
            Some(operation) => (operation, None),
            None => {
                let reply = self.inner.handle(request, now);
                (reply.operation, Some(reply))
            }
        };
        let turn = self.faults.next(operation);
        match &turn {
            Some(turn) if turn.fault.prevents() => self.refuse(request, operation, turn, now),
            _ => {
                let reply = early.unwrap_or_else(|| self.inner.handle(request, now));
                match &turn {
                    Some(turn) => self.spoil(request, reply, turn),
                    None => {
                        if self.faults.repeats(operation) {
                            self.remember(request, &reply);
                        }
                        reply
                    }
                }
            }
        }
    }

    /// The answer in place of the proper one, without asking for that.
    fn refuse(
        &self,
        request: &Request,
        operation: &'static str,
        turn: &Turn,
        now: Timestamp,
    ) -> Reply {
        let (Fault::Status { code, .. } | Fault::Html { code }) = turn.fault else {
            let mut reply = Reply::new(operation, StatusCode::OK);
            reply.dropped = true;
            return reply;
        };
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = status.canonical_reason().unwrap_or("Error");
        if matches!(turn.fault, Fault::Html { .. }) {
            let page = html(code, reason);
            return Reply::with_body(operation, status, "text/html; charset=utf-8", page);
        }
        let mut reply = self
            .inner
            .error_body(request, status, now)
            .unwrap_or_else(|| {
                let body = serde_json::json!({ "message": reason }).to_string();
                Reply::with_body(operation, status, "application/json", body)
            });
        reply.operation = operation;
        if let Fault::Status {
            retry_after_s: Some(seconds),
            ..
        } = turn.fault
        {
            reply
                .headers
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        reply
    }

    /// The proper answer, spoilt.
    fn spoil(&self, request: &Request, mut reply: Reply, turn: &Turn) -> Reply {
        match &turn.fault {
            Fault::Empty => {
                reply.status = StatusCode::OK;
                reply.headers.remove(CONTENT_TYPE);
                reply.body.clear();
            }
            Fault::DropField { field, record } => {
                self.edit(&mut reply, turn, *record, field, &Edit::Drop);
            }
            Fault::RetypeField {
                field,
                value,
                record,
            } => {
                self.edit(
                    &mut reply,
                    turn,
                    *record,
                    field,
                    &Edit::Retype(value.as_ref()),
                );
            }
            Fault::RepeatPage => match self.page_before(request) {
                Some(page) => reply = page,
                None => {
                    self.faults.give_back(turn);
                    self.remember(request, &reply);
                }
            },
            Fault::Truncate => {
                let whole = reply.body_bytes();
                reply.body = vec![whole.slice(..whole.len() / 2)];
            }
            Fault::CommitThenDrop => reply.dropped = true,
            Fault::Delay { ms } => reply.delay_ms = reply.delay_ms.saturating_add(*ms),
            // These three never reach a proper answer.
            Fault::Status { .. } | Fault::Html { .. } | Fault::Reset => {}
        }
        reply
    }

    fn edit(&self, reply: &mut Reply, turn: &Turn, record: u32, field: &str, edit: &Edit<'_>) {
        match edit_field(&reply.body_bytes(), record, field, edit) {
            Some(body) => reply.body = vec![body],
            None => self.faults.give_back(turn),
        }
    }

    /// The page before this one; the same page asked for again is none.
    fn page_before(&self, request: &Request) -> Option<Reply> {
        let pages = self.pages();
        let (uri, page) = pages.get(request.uri().path())?;
        (uri != request.uri()).then(|| page.clone())
    }

    fn remember(&self, request: &Request, page: &Reply) {
        if request.method() == Method::GET && page.status == StatusCode::OK {
            self.pages().insert(
                request.uri().path().to_owned(),
                (request.uri().clone(), page.clone()),
            );
        }
    }

    fn pages(&self) -> MutexGuard<'_, BTreeMap<String, (Uri, Reply)>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Simulator for Faulty {
    fn vendor(&self) -> Vendor {
        self.inner.vendor()
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        if self.faults.active() {
            return self.with_fault(request, now);
        }
        self.pages().clear();
        self.inner.handle(request, now)
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        self.inner.operation(request)
    }

    fn error_body(&self, request: &Request, status: StatusCode, now: Timestamp) -> Option<Reply> {
        self.inner.error_body(request, status, now)
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.inner.apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.inner.truth()
    }

    fn unclaimed(&self) -> Vec<(Kind, String)> {
        self.inner.unclaimed()
    }

    fn claim(&self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        self.inner.claim(kind, external_id, key, truth);
    }

    fn access(&self) -> Access {
        self.inner.access()
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        self.inner.counts()
    }

    fn set_limits(&self, on: bool) {
        self.inner.set_limits(on);
    }
}

#[cfg(test)]
#[path = "faulty_tests.rs"]
mod tests;
