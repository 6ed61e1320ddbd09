//! A simulator as one catch-all mock of a `wiremock::MockServer`, so that a Rust test can lay its
//! own stubs, expectations and scoped mocks over it.
//!
//! A stub of the test wins over the simulator, whichever was mounted first. Only a scoped one
//! (`mount_as_scoped`) has to be mounted before the simulator: wiremock 0.6 finds it by its position
//! when the guard is dropped, and would take the simulator away in its place. What is to change in
//! the middle of a test is better said by [`Faults`](super::Faults), which have guards of their own.
//!
//! What it cannot do, and the loopback server can:
//!
//! - The mock server keeps a copy of every request it matched, also with recording switched off
//!   (about 5 kB each), and frees them only on `reset()`. Beyond some hundred thousand requests use
//!   [`Loopback`](super::Loopback).
//! - One lock is held while a reply is made, on one thread: a server answers one request at a time.
//! - A body is copied into one buffer, and delays run on tokio's clock, not on [`Time`].
//! - A connection cannot be closed without a reply: a reply that a fault dropped arrives as
//!   `502 Bad Gateway` without a body.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::calls::CallLog;
use super::time::Time;
use crate::{Reply, Simulator};

/// Priority of the catch-all mock: the last that wiremock knows, so that any stub of the test wins.
const LAST: u8 = u8::MAX;

/// A responder that asks a simulator.
#[derive(Clone)]
pub struct SimulatorMock {
    simulator: Arc<dyn Simulator>,
    time: Arc<dyn Time>,
    log: Arc<CallLog>,
}

impl SimulatorMock {
    /// A responder for `Mock::given(..).respond_with(..)`.
    pub fn new(simulator: Arc<dyn Simulator>, time: Arc<dyn Time>) -> Self {
        Self {
            simulator,
            time,
            log: Arc::new(CallLog::new()),
        }
    }

    /// What was counted.
    pub fn log(&self) -> &Arc<CallLog> {
        &self.log
    }
}

impl Respond for SimulatorMock {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let Ok(mut asked) = translate(request) else {
            return ResponseTemplate::new(StatusCode::BAD_REQUEST);
        };
        let head = request.method == Method::HEAD;
        let reply = self.simulator.handle(&asked, self.time.now());
        if head {
            *asked.method_mut() = Method::HEAD;
        }
        self.log.record(&asked, &reply);
        template(&reply, head)
    }
}

/// Mounts a simulator under a mock server, behind everything else that is mounted there.
///
/// ```no_run
/// # async fn example(simulator: std::sync::Arc<dyn syncrig_mocks::Simulator>) {
/// use syncrig_mocks::front::{RealTime, wiremock::mount};
///
/// let server = wiremock::MockServer::start().await;
/// let log = mount(&server, simulator, std::sync::Arc::new(RealTime)).await;
/// // … point a client at server.uri() …
/// assert_eq!(log.calls().get("sites.list"), Some(&1));
/// # }
/// ```
pub async fn mount(
    server: &MockServer,
    simulator: Arc<dyn Simulator>,
    time: Arc<dyn Time>,
) -> Arc<CallLog> {
    let responder = SimulatorMock::new(simulator, time);
    let log = Arc::clone(responder.log());
    Mock::given(any())
        .respond_with(responder)
        .with_priority(LAST)
        .mount(server)
        .await;
    log
}

fn translate(request: &wiremock::Request) -> http::Result<crate::Request> {
    let path = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let method = match request.method {
        Method::HEAD => Method::GET,
        ref method => method.clone(),
    };
    let mut asked = http::Request::builder()
        .method(method)
        .uri(path)
        .body(Bytes::copy_from_slice(&request.body))?;
    *asked.headers_mut() = request.headers.clone();
    Ok(asked)
}

fn template(reply: &Reply, head: bool) -> ResponseTemplate {
    if reply.dropped {
        return ResponseTemplate::new(StatusCode::BAD_GATEWAY);
    }
    let mut template = ResponseTemplate::new(reply.status);
    for (name, value) in &reply.headers {
        template = template.append_header(name, value);
    }
    if !head && !reply.body.is_empty() {
        template = template.set_body_bytes(reply.body.concat());
    }
    if reply.delay_ms > 0 {
        template = template.set_delay(Duration::from_millis(reply.delay_ms));
    }
    template
}
