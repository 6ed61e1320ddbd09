//! What time it is for a front. The trait lets a run have its own time; only [`RealTime`] reads the
//! wall clock.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// The time, and waiting for it to pass.
pub trait Time: Send + Sync + Debug {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, duration_ms: u64) -> BoxFuture<'_, ()>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealTime;

impl Time for RealTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate that reads the wall clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate that waits on the wall clock"
    )]
    fn sleep(&self, duration_ms: u64) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(duration_ms)))
    }
}
