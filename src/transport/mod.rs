//! How requests travel and what time it is. Everything above speaks to two traits, [`Transport`] and
//! [`Clock`], so that a sync runs the same over a socket or in memory, in real time or in simulated
//! time. Beside them stands what any HTTP API needs (retries, limits, links, secrets). Transport must
//! not know what the requests mean.

mod base_url;
mod clock;
mod limit;
mod link;
mod retry;
mod secret;
mod socket;
mod stats;

use std::fmt::Debug;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use jiff::Timestamp;

pub use base_url::{BaseUrl, BaseUrlError, ForeignHost};
pub use clock::{SimulatedClock, Stopwatch, SystemClock};
pub use limit::{RequestLimit, RequestLimiter};
pub use link::{Link, next_link, parse_links};
pub(crate) use retry::jitter;
pub use retry::{RetryPolicy, retry_after};
pub use secret::Secret;
pub use socket::{HttpOptions, HttpTransport};
pub use stats::{CallStats, OperationStats};

/// Carries one request and brings back the reply, body complete.
pub trait Transport: Send + Sync + Debug {
    /// Sends a request whose URI is absolute.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// The time, and waiting for it.
pub trait Clock: Send + Sync + Debug {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits until a moment. Comes back at once when it has passed. Waiting for a moment and not
    /// for a duration lets a simulated clock serve many sleepers without adding their waits up.
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()>;
}

/// A request that got no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// Host and port.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The time was up.
    #[error("no answer from {host} within {limit_ms} ms")]
    Timeout {
        /// Host and port.
        host: String,
        /// The limit.
        limit_ms: u64,
    },
    /// The connection broke off, or what came was not HTTP.
    #[error("the connection to {host} broke off: {reason}")]
    Broken {
        /// Host and port.
        host: String,
        /// What went wrong.
        reason: String,
    },
}
