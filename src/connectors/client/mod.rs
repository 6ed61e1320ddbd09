//! One vendor's API as a connector calls it: authorized, repeated where that is safe, kept below the
//! vendor's limit, counted, and every failure turned into a [`ConnectorError`]. It knows HTTP and
//! nothing of records.

mod auth;
mod call;
mod excerpt;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};

pub(crate) use auth::{Auth, Token, TokenSource, basic, sensitive};
pub(crate) use call::Call;
pub(crate) use excerpt::{shorten, unreadable};

use super::{ConnectorError, ErrorKind, Result};
use crate::transport::{
    BaseUrl, CallStats, Clock, RequestLimit, RequestLimiter, RetryPolicy, Secret, Transport,
    TransportError, jitter, retry_after,
};
use auth::Ticket;

/// What a client is made of.
pub(crate) struct ClientSetup {
    /// The vendor's slug, for errors.
    pub(crate) vendor: &'static str,
    /// Where the API is.
    pub(crate) base: BaseUrl,
    /// Headers that every request carries.
    pub(crate) headers: HeaderMap,
    /// How requests are authorized.
    pub(crate) auth: Auth,
    /// Texts that no error may show.
    pub(crate) secrets: Vec<Secret>,
    /// When to repeat.
    pub(crate) retry: RetryPolicy,
    /// Where the vendor answers 403 to clients that ignore its limit: how long such a block lasts,
    /// in milliseconds.
    pub(crate) block_ms: Option<u64>,
    /// Our own limit; none when left out.
    pub(crate) limit: Option<RequestLimit>,
    /// How requests travel.
    pub(crate) transport: Arc<dyn Transport>,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Seed of the spread of waits.
    pub(crate) seed: u64,
}

/// Calls one vendor.
pub(crate) struct Client {
    setup: ClientSetup,
    /// The headers of authorized requests, without a token.
    authorized: HeaderMap,
    limiter: Option<RequestLimiter>,
    /// The vendor asked everybody to wait until then, in epoch milliseconds.
    paused_until_ms: AtomicI64,
    stats: Mutex<CallStats>,
}

/// One attempt that brought no success.
enum Failure {
    Answer(Response<Bytes>),
    Transport(TransportError),
}

impl Client {
    pub(crate) fn new(setup: ClientSetup) -> Self {
        let mut authorized = setup.headers.clone();
        authorized.extend(setup.auth.fixed_headers().clone());
        Self {
            limiter: setup.limit.map(RequestLimiter::new),
            setup,
            authorized,
            paused_until_ms: AtomicI64::new(i64::MIN),
            stats: Mutex::new(CallStats::default()),
        }
    }

    /// The counters so far.
    pub(crate) fn stats(&self) -> CallStats {
        self.counters().clone()
    }

    /// Counts a call that was not sent, because its answer is known still.
    pub(crate) fn remembered(&self, operation: &'static str) {
        self.counters().operation(operation).remembered += 1;
    }

    /// Counts a record that is received and belongs to no client.
    pub(crate) fn leave_out(&self, reason: &'static str) {
        self.counters().leave_out(reason);
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.setup.clock.now()
    }

    /// Scheme, host and port, for messages.
    pub(crate) fn host(&self) -> String {
        self.setup.base.host()
    }

    /// The URI of a route; `path_and_query` is percent-encoded and begins with a slash.
    pub(crate) fn uri(&self, operation: &'static str, path_and_query: &str) -> Result<Uri> {
        self.setup.base.join(path_and_query).map_err(|error| {
            let detail = format!("`{}` is no path: {error}", shorten(path_and_query));
            self.error(operation, ErrorKind::Body { detail })
        })
    }

    /// A link found in the reply to `from`, if it stays on the configured host. Parameters named in
    /// `keep` that the link lost are put back.
    pub(crate) fn follow(
        &self,
        operation: &'static str,
        from: &Uri,
        link: &str,
        keep: &[&str],
    ) -> Result<Uri> {
        self.setup
            .base
            .pin(from, link, keep)
            .map_err(|foreign| self.error(operation, ErrorKind::ForeignLink { host: foreign.host }))
    }

    /// An error of this vendor.
    pub(crate) fn error(&self, operation: &'static str, kind: ErrorKind) -> ConnectorError {
        ConnectorError {
            vendor: self.setup.vendor,
            operation,
            kind,
        }
    }

    /// Text for an error, without secrets.
    pub(crate) fn redact(&self, text: &str) -> String {
        Secret::redact(&self.setup.secrets, text)
    }

    /// Sends a call until it succeeds or there is no use in going on.
    ///
    /// A 401 renews the token once. Attempts and time are bounded by the [`RetryPolicy`]; the time
    /// that one attempt takes is bounded by the transport.
    pub(crate) async fn send(&self, call: &Call) -> Result<Response<Bytes>> {
        let started = self.now();
        let mut attempt = 0;
        let mut renewed = false;
        let mut refused = None;
        loop {
            self.take_turn(call.operation).await;
            // Not before the turn: where a window is an hour, a token may not outlast the wait.
            let ticket = self.ticket(call, refused).await?;
            attempt += 1;
            let request = self.request(call, ticket.as_deref());
            let failure = match self.setup.transport.send(request).await {
                Ok(reply) => {
                    self.count(call.operation, attempt, reply.body().len());
                    if reply.status().is_success() {
                        return Ok(reply);
                    }
                    Failure::Answer(reply)
                }
                Err(error) => {
                    self.count(call.operation, attempt, 0);
                    Failure::Transport(error)
                }
            };
            if let (Failure::Answer(reply), Some(ticket), false) = (&failure, &ticket, renewed)
                && reply.status() == StatusCode::UNAUTHORIZED
            {
                renewed = true;
                refused = Some(ticket.serial());
                continue;
            }
            let tries = attempt - u32::from(renewed);
            let wait_ms = self.wait_before_next(call, tries, &failure);
            match wait_ms.filter(|wait_ms| self.in_time(started, *wait_ms)) {
                Some(wait_ms) => self.back_off(call.operation, wait_ms, &failure).await,
                None => return Err(self.give_up(call, attempt, failure, ticket.as_deref())),
            }
        }
    }

    fn counters(&self) -> MutexGuard<'_, CallStats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, operation: &'static str, attempt: u32, bytes: usize) {
        let mut stats = self.counters();
        let counters = stats.operation(operation);
        counters.requests += 1;
        counters.retries += u64::from(attempt > 1);
        counters.bytes += bytes as u64;
    }

    async fn ticket(&self, call: &Call, refused: Option<u64>) -> Result<Option<Arc<Ticket>>> {
        if call.authorized {
            self.setup.auth.ticket(self, refused).await
        } else {
            Ok(None)
        }
    }

    fn request(&self, call: &Call, ticket: Option<&Ticket>) -> Request<Bytes> {
        let mut request = Request::new(call.body.clone());
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = call.uri.clone();
        let headers = request.headers_mut();
        headers.clone_from(if call.authorized {
            &self.authorized
        } else {
            &self.setup.headers
        });
        for (name, value) in &call.headers {
            headers.insert(name, value.clone());
        }
        if let Some(ticket) = ticket {
            headers.insert(http::header::AUTHORIZATION, ticket.header().clone());
        }
        request
    }

    /// Waits for the vendor's pause and for our own limit.
    async fn take_turn(&self, operation: &'static str) {
        self.wait_out_pause(operation).await;
        if let Some(limiter) = &self.limiter {
            let moment = limiter.book(self.now());
            self.wait_until(operation, moment).await;
            // Another call may have been told to pause while this one stood in the queue.
            self.wait_out_pause(operation).await;
        }
    }

    async fn wait_out_pause(&self, operation: &'static str) {
        let paused_until_ms = self.paused_until_ms.load(Ordering::Acquire);
        if let Ok(moment) = Timestamp::from_millisecond(paused_until_ms) {
            self.wait_until(operation, moment).await;
        }
    }

    async fn wait_until(&self, operation: &'static str, moment: Timestamp) {
        let wait_ms = moment.duration_since(self.now()).as_millis();
        if wait_ms > 0 {
            self.counters().operation(operation).waited_ms += u64::try_from(wait_ms).unwrap_or(0);
            self.setup.clock.sleep_until(moment).await;
        }
    }

    fn in_time(&self, started: Timestamp, wait_ms: u64) -> bool {
        let spent_ms = self.now().duration_since(started).as_millis();
        let spent_ms = u64::try_from(spent_ms).unwrap_or(0);
        spent_ms.saturating_add(wait_ms) <= self.setup.retry.deadline_ms
    }

    /// How long to wait before the next attempt; `None` when there should be none.
    fn wait_before_next(&self, call: &Call, tries: u32, failure: &Failure) -> Option<u64> {
        let retry = &self.setup.retry;
        if tries >= retry.max_attempts.max(1) {
            return None;
        }
        let path = call.uri.path_and_query().map_or("/", |path| path.as_str());
        let backoff_ms = retry.backoff_ms(tries, jitter(self.setup.seed, path, tries));
        let reply = match failure {
            Failure::Transport(TransportError::Connect { .. }) => return Some(backoff_ms),
            Failure::Transport(_) => return call.repeatable.then_some(backoff_ms),
            Failure::Answer(reply) => reply,
        };
        let asked_ms = retry_after(reply.headers(), self.now()).filter(|wait_ms| *wait_ms > 0);
        match reply.status().as_u16() {
            429 => Some(asked_ms.unwrap_or(backoff_ms.max(retry.throttled_delay_ms))),
            403 if self.is_block(reply) => asked_ms.or(self.setup.block_ms),
            500 | 502 | 503 | 504 if call.repeatable && !is_refusal(call, reply) => {
                Some(asked_ms.unwrap_or(backoff_ms))
            }
            _ => None,
        }
    }

    /// Whether a 403 is the block that follows ignored limits and not a missing permission (`seen`:
    /// clients tell them apart by `Retry-After` or by the words).
    fn is_block(&self, reply: &Response<Bytes>) -> bool {
        reply.status() == StatusCode::FORBIDDEN
            && self.setup.block_ms.is_some()
            && (reply.headers().contains_key(http::header::RETRY_AFTER)
                || excerpt::mentions_block(reply.body()))
    }

    async fn back_off(&self, operation: &'static str, wait_ms: u64, failure: &Failure) {
        let wait = SignedDuration::from_millis(i64::try_from(wait_ms).unwrap_or(i64::MAX));
        let moment = self.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        if let Failure::Answer(reply) = failure
            && (reply.status() == StatusCode::TOO_MANY_REQUESTS || self.is_block(reply))
        {
            // Whoever else calls this vendor would only meet the same answer.
            self.paused_until_ms
                .fetch_max(moment.as_millisecond(), Ordering::AcqRel);
        }
        self.wait_until(operation, moment).await;
    }

    fn give_up(
        &self,
        call: &Call,
        attempts: u32,
        failure: Failure,
        ticket: Option<&Ticket>,
    ) -> ConnectorError {
        let reply = match failure {
            Failure::Transport(error) => return self.error(call.operation, error.into()),
            Failure::Answer(reply) => reply,
        };
        let blocked = self.is_block(&reply);
        let words = excerpt::words(&reply);
        let words = Secret::redact(ticket.into_iter().map(Ticket::secret), &words);
        let message = shorten(&self.redact(&words));
        let kind = match reply.status().as_u16() {
            status @ 401 => ErrorKind::Unauthorized { status, message },
            429 => ErrorKind::RateLimited { attempts },
            403 if blocked => ErrorKind::RateLimited { attempts },
            403 => ErrorKind::Forbidden { message },
            404 => ErrorKind::NotFound { message },
            status => ErrorKind::Status {
                status,
                attempts,
                message,
            },
        };
        self.error(call.operation, kind)
    }
}

fn is_refusal(call: &Call, reply: &Response<Bytes>) -> bool {
    call.refusal.is_some_and(|refusal| refusal(reply))
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("vendor", &self.setup.vendor)
            .field("base", &self.setup.base.to_string())
            .field("retry", &self.setup.retry)
            .field("limit", &self.setup.limit)
            .finish_non_exhaustive()
    }
}
