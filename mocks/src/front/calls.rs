//! Counts what clients asked. Every front keeps one log; it must not keep credentials or bodies.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Reply, Request};

/// How many of the last calls are kept for failure reports.
const RECENT: usize = 32;

/// One call, as failure reports show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// HTTP method.
    pub method: String,
    /// Path with its query; values of parameters that look like credentials are masked.
    pub path: String,
    /// Operation that answered.
    pub operation: &'static str,
    /// Status of the answer; `None` when the connection was closed without one.
    pub status: Option<u16>,
}

/// Calls by operation and status, bytes sent, and the last few calls.
#[derive(Debug, Default)]
pub struct CallLog {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By operation and status; 0 stands for a connection closed without an answer.
    counts: BTreeMap<(&'static str, u16), u64>,
    bytes: u64,
    recent: VecDeque<Call>,
}

impl CallLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a call with its answer.
    pub fn record(&self, request: &Request, reply: &Reply) {
        let status = if reply.dropped {
            None
        } else {
            Some(reply.status.as_u16())
        };
        let bytes: usize = match status {
            Some(_) => reply.body.iter().map(bytes::Bytes::len).sum(),
            None => 0,
        };
        let call = Call {
            method: request.method().as_str().to_owned(),
            path: masked(request),
            operation: reply.operation,
            status,
        };
        let mut state = self.lock();
        *state
            .counts
            .entry((reply.operation, status.unwrap_or(0)))
            .or_default() += 1;
        state.bytes += bytes as u64;
        if state.recent.len() == RECENT {
            state.recent.pop_front();
        }
        state.recent.push_back(call);
    }

    /// Calls by operation.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        let mut calls = BTreeMap::new();
        for ((operation, _), count) in &self.lock().counts {
            *calls.entry((*operation).to_owned()).or_default() += count;
        }
        calls
    }

    /// Calls by operation and status. Status 0: the connection was closed without an answer.
    pub fn statuses(&self) -> BTreeMap<(String, u16), u64> {
        self.lock()
            .counts
            .iter()
            .map(|((operation, status), count)| (((*operation).to_owned(), *status), *count))
            .collect()
    }

    /// All calls.
    pub fn total(&self) -> u64 {
        self.lock().counts.values().sum()
    }

    /// Bytes of all bodies sent.
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// The last calls, oldest first.
    pub fn recent(&self) -> Vec<Call> {
        self.lock().recent.iter().cloned().collect()
    }

    /// Forgets everything.
    pub fn reset(&self) {
        *self.lock() = State::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some vendors take the key in the query.
fn masked(request: &Request) -> String {
    let path = request.uri().path();
    let Some(query) = request.uri().query() else {
        return path.to_owned();
    };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_credential(name) => format!("{name}=***"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{path}?{}", pairs.join("&"))
}

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "token", "secret", "password", "auth"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn call(log: &CallLog, path: &str, operation: &'static str, status: u16) {
        let request = http::Request::get(path).body(Bytes::new()).unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        log.record(
            &request,
            &Reply::with_body(operation, status, "text/plain", "12345"),
        );
    }

    #[test]
    fn counts_by_operation_and_status() {
        let log = CallLog::new();
        call(&log, "/b", "b.list", 200);
        call(&log, "/a", "a.list", 200);
        call(&log, "/a", "a.list", 500);
        assert_eq!(
            log.calls(),
            BTreeMap::from([("a.list".to_owned(), 2), ("b.list".to_owned(), 1)])
        );
        assert_eq!(log.statuses()[&("a.list".to_owned(), 500)], 1);
        assert_eq!((log.total(), log.bytes()), (3, 15));
        log.reset();
        assert_eq!(log.total(), 0);
        assert!(log.recent().is_empty());
    }

    #[test]
    fn a_dropped_reply_has_no_status_and_no_bytes() {
        let log = CallLog::new();
        let request = http::Request::post("/x").body(Bytes::new()).unwrap();
        let mut reply = Reply::with_body("x.create", StatusCode::CREATED, "text/plain", "12345");
        reply.dropped = true;
        log.record(&request, &reply);
        assert_eq!(log.statuses()[&("x.create".to_owned(), 0)], 1);
        assert_eq!(log.bytes(), 0);
        assert_eq!(log.recent()[0].status, None);
    }

    #[test]
    fn keeps_the_last_calls_and_no_credentials() {
        let log = CallLog::new();
        for page in 0..40 {
            call(
                &log,
                &format!("/a?page={page}&api_key=s3cret"),
                "a.list",
                200,
            );
        }
        let recent = log.recent();
        assert_eq!(recent.len(), RECENT);
        assert_eq!(recent.last().unwrap().path, "/a?page=39&api_key=***");
    }
}
