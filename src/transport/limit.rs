//! Keeping below a vendor's published limit from our side: at most so many requests in any window of
//! so many milliseconds. Knows the time by its callers only.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A limit as vendors publish it: so many requests in any window of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimit {
    /// Requests allowed in a window. Zero counts as one.
    pub requests: u32,
    /// Length of the window in milliseconds.
    pub window_ms: u32,
}

impl RequestLimit {
    /// The limit lowered to a percentage, at least one request: the server's window need not begin
    /// when ours does, since requests travel.
    pub const fn percent(self, percent: u32) -> Self {
        let requests = self.requests as u64 * percent as u64 / 100;
        Self {
            requests: if requests == 0 { 1 } else { requests as u32 },
            window_ms: self.window_ms,
        }
    }
}

/// Hands out moments for requests so that no window holds more than the limit. Each caller books its
/// moment at once and then waits for it; callers therefore go in the order in which they asked.
#[derive(Debug)]
pub struct RequestLimiter {
    limit: RequestLimit,
    /// The moments of the last requests, at most as many as a window may hold, oldest first.
    booked: Mutex<VecDeque<Timestamp>>,
}

impl RequestLimiter {
    /// A limiter with an empty window.
    pub fn new(limit: RequestLimit) -> Self {
        Self {
            limit,
            booked: Mutex::new(VecDeque::new()),
        }
    }

    /// Books the next free moment, at `now` or later. The caller waits for it.
    pub fn book(&self, now: Timestamp) -> Timestamp {
        let mut booked = self.booked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut moment = booked.back().map_or(now, |last| now.max(*last));
        if booked.len() >= self.limit.requests.max(1) as usize
            && let Some(oldest) = booked.pop_front()
        {
            let window = SignedDuration::from_millis(i64::from(self.limit.window_ms) + 1);
            moment = moment.max(oldest.saturating_add(window).unwrap_or(Timestamp::MAX));
        }
        booked.push_back(moment);
        moment
    }
}

#[cfg(test)]
mod tests {
    use super::{RequestLimit, RequestLimiter};
    use jiff::Timestamp;
    use proptest::prelude::{Strategy, prop_assert, proptest};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    /// The most requests that any window of that length holds, by looking at each of them.
    fn fullest_window(moments: &[i64], window_ms: i64) -> usize {
        moments
            .iter()
            .map(|from| {
                let inside = |moment: &&i64| (*from..=from + window_ms).contains(*moment);
                moments.iter().filter(inside).count()
            })
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn the_first_window_is_free_and_the_next_request_waits_for_its_end() {
        let limiter = RequestLimiter::new(RequestLimit {
            requests: 2,
            window_ms: 1_000,
        });
        assert_eq!(limiter.book(at(0)), at(0));
        assert_eq!(limiter.book(at(400)), at(400));
        assert_eq!(limiter.book(at(500)), at(1_001));
        assert_eq!(limiter.book(at(500)), at(1_401));
        assert_eq!(limiter.book(at(9_000)), at(9_000));
    }

    #[test]
    fn a_share_of_the_limit_is_never_nothing() {
        let limit = RequestLimit {
            requests: 600,
            window_ms: 60_000,
        };
        assert_eq!(limit.percent(85).requests, 510);
        assert_eq!(limit.percent(0).requests, 1);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_limit(
            requests in 1_u32..6,
            window_ms in 1_u32..500,
            steps in proptest::collection::vec(0_i64..120, 1..80)
                .prop_map(|steps| steps.into_iter().scan(0, |now, step| { *now += step; Some(*now) })
                .collect::<Vec<_>>()),
        ) {
            let limiter = RequestLimiter::new(RequestLimit { requests, window_ms });
            let moments: Vec<i64> = steps.iter().map(|now| limiter.book(at(*now)).as_millisecond()).collect();
            prop_assert!(moments.iter().zip(&steps).all(|(moment, now)| moment >= now));
            prop_assert!(fullest_window(&moments, i64::from(window_ms)) <= requests as usize);
        }
    }
}
