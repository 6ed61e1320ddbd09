//! One simulated time for both sides of the wire: the subject waits on it, and so does the vendor.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::transport::{Clock as _, SimulatedClock};

/// The vendor's face of the run's clock.
#[derive(Debug, Clone)]
pub struct RigClock(Arc<SimulatedClock>);

impl RigClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(SimulatedClock::new(start)))
    }

    /// The subject's face of it.
    pub fn shared(&self) -> Arc<SimulatedClock> {
        Arc::clone(&self.0)
    }

    /// What it shows.
    pub fn time(&self) -> Timestamp {
        self.0.now()
    }

    /// Moves it on.
    pub fn advance_ms(&self, by_ms: u64) {
        self.0.advance(i64::try_from(by_ms).unwrap_or(i64::MAX));
    }
}

impl syncrig_mocks::front::Time for RigClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration_ms: u64) -> BoxFuture<'_, ()> {
        let wait = SignedDuration::from_millis(i64::try_from(duration_ms).unwrap_or(i64::MAX));
        let deadline = self.0.now().checked_add(wait).unwrap_or(Timestamp::MAX);
        self.0.sleep_until(deadline)
    }
}
