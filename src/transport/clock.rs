//! The two clocks: the machine's and a simulated one. This is the only file that asks the machine
//! what time it is or puts a task to sleep.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::Clock;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the wall clock comes in"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a task really sleeps"
    )]
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        let wait = Duration::try_from(deadline.duration_since(self.now())).unwrap_or_default();
        Box::pin(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        })
    }
}

/// How long work took by the machine's clock. For reports alone: nothing may be decided by it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    #[expect(
        clippy::disallowed_methods,
        reason = "what is measured is the machine, and no outcome holds it"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock that stands still until somebody waits or pushes it. A sleeper moves it to the moment it
/// waits for, so that waits cost nothing and several sleepers at once do not add up. Millisecond
/// steps. Share it in an `Arc`.
#[derive(Debug)]
pub struct SimulatedClock {
    now_ms: AtomicI64,
}

impl SimulatedClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self {
            now_ms: AtomicI64::new(start.as_millisecond()),
        }
    }

    /// Moves it on by a number of milliseconds. A negative number leaves it: time does not go back.
    pub fn advance(&self, by_ms: i64) {
        let step = by_ms.max(0);
        // The closure always gives a value, so the result holds nothing to look at.
        let _ = self
            .now_ms
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
                Some(now.saturating_add(step))
            });
    }

    /// Moves it to a moment, unless that has passed.
    pub fn advance_to(&self, moment: Timestamp) {
        self.now_ms.fetch_max(ceiling_ms(moment), Ordering::AcqRel);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let now_ms = self.now_ms.load(Ordering::Acquire);
        Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::MAX)
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.advance_to(deadline) })
    }
}

/// Rounds up, so that a sleeper never wakes before its moment.
fn ceiling_ms(moment: Timestamp) -> i64 {
    let floor = moment.as_nanosecond().div_euclid(1_000_000);
    let rest = i128::from(moment.as_nanosecond().rem_euclid(1_000_000) > 0);
    i64::try_from(floor + rest).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Clock, SimulatedClock, SystemClock};
    use jiff::{SignedDuration, Timestamp};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[tokio::test]
    async fn sleepers_move_the_simulated_clock_and_do_not_add_up() {
        let clock = Arc::new(SimulatedClock::new(at(1_000)));
        let sleepers = [4_000, 3_000, 500].map(|until| clock.sleep_until(at(until)));
        futures_util::future::join_all(sleepers).await;
        assert_eq!(clock.now(), at(4_000));
    }

    #[tokio::test]
    async fn a_sleeper_never_wakes_early() {
        let clock = SimulatedClock::new(at(0));
        let deadline = Timestamp::from_nanosecond(1_000_001).unwrap();
        clock.sleep_until(deadline).await;
        assert!(clock.now() >= deadline);
        assert_eq!(clock.now(), at(2));
    }

    #[test]
    fn time_does_not_go_back_or_overflow() {
        let clock = SimulatedClock::new(at(10));
        clock.advance(-5);
        clock.advance_to(at(3));
        assert_eq!(clock.now(), at(10));
        clock.advance(i64::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[tokio::test]
    async fn the_system_clock_waits() {
        let clock = SystemClock;
        let deadline = clock.now() + SignedDuration::from_millis(15);
        clock.sleep_until(deadline).await;
        assert!(clock.now() >= deadline);
        clock.sleep_until(Timestamp::MIN).await;
    }
}
