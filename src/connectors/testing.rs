//! A transport for tests that answers from a function and remembers what it was asked and when.

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt, ready};
use http::{HeaderMap, Method, Request, Response};
use jiff::Timestamp;

use super::{Page, Pages, Result};
use crate::transport::{Clock, SimulatedClock, Transport, TransportError};

pub(super) type Answer = std::result::Result<Response<Bytes>, TransportError>;

/// One request as it was sent.
pub(super) struct Sent {
    pub(super) at_ms: i64,
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Sent {
    /// Method and path without the query: `GET /things/1`.
    pub(super) fn route(&self) -> String {
        let path = self.target.split('?').next().unwrap();
        format!("{} {path}", self.method)
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Script = dyn Fn(usize, &Sent) -> Answer + Send + Sync;

/// Answers from a function of the number of the request (from 0) and the request.
pub(super) struct Scripted {
    clock: Arc<SimulatedClock>,
    script: Box<Script>,
    pub(super) sent: Mutex<Vec<Sent>>,
}

impl Scripted {
    pub(super) fn new(
        clock: &Arc<SimulatedClock>,
        script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::clone(clock),
            script: Box::new(script),
            sent: Mutex::new(Vec::new()),
        })
    }

    /// When requests were sent, in milliseconds.
    pub(super) fn times(&self) -> Vec<i64> {
        self.sent
            .lock()
            .unwrap()
            .iter()
            .map(|sent| sent.at_ms)
            .collect()
    }

    /// Method and path of the requests.
    pub(super) fn routes(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(Sent::route).collect()
    }

    /// Bodies of the requests of a route, as JSON.
    pub(super) fn bodies(&self, route: &str) -> Vec<serde_json::Value> {
        let sent = self.sent.lock().unwrap();
        let those = sent.iter().filter(|sent| sent.route() == route);
        those.map(Sent::json).collect()
    }

    /// Path and query of the requests.
    pub(super) fn targets(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|sent| sent.target.clone()).collect()
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scripted")
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Answer> {
        let (parts, body) = request.into_parts();
        let sent = Sent {
            at_ms: self.clock.now().as_millisecond(),
            method: parts.method,
            target: parts.uri.path_and_query().unwrap().to_string(),
            headers: parts.headers,
            body,
        };
        let mut log = self.sent.lock().unwrap();
        let answer = (self.script)(log.len(), &sent);
        log.push(sent);
        ready(answer).boxed()
    }
}

/// A clock at the beginning of a day.
pub(super) fn clock() -> Arc<SimulatedClock> {
    let start: Timestamp = "2025-06-01T00:00:00Z".parse().unwrap();
    Arc::new(SimulatedClock::new(start))
}

/// A reply with JSON.
pub(super) fn json(status: u16, body: impl Into<Bytes>) -> Answer {
    reply(status, &[("content-type", "application/json")], body)
}

/// A reply with headers.
pub(super) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut reply = Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    Ok(reply.body(body.into()).unwrap())
}

/// All pages of a walk.
pub(super) async fn all_pages<T>(mut pages: Box<dyn Pages<T> + '_>) -> Result<Vec<Page<T>>> {
    let mut all = Vec::new();
    while let Some(page) = pages.next_page().await? {
        assert!(
            !page.records.is_empty() || !page.rejected.is_empty(),
            "an empty page"
        );
        all.push(page);
    }
    assert!(pages.next_page().await?.is_none(), "the end is the end");
    Ok(all)
}

/// All records of a walk and the texts of what was rejected.
pub(super) async fn all<T>(pages: Box<dyn Pages<T> + '_>) -> Result<(Vec<T>, Vec<String>)> {
    let mut records = Vec::new();
    let mut rejected = Vec::new();
    for page in all_pages(pages).await? {
        records.extend(page.records);
        rejected.extend(page.rejected.iter().map(ToString::to_string));
    }
    Ok((records, rejected))
}
