//! The time that requests take one after the other, so many at once, in a window that holds so many. It
//! knows requests and no vendor.

use std::collections::VecDeque;

use crate::connectors::Calls;
use crate::transport::RequestLimit;

/// How long calls take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Took {
    /// From the first request to the last reply, in milliseconds.
    pub(super) ms: u64,
    /// For how long requests were held back by the limit.
    pub(super) held_ms: u64,
}

/// Plays operation after operation: a request goes when one of its operation's places is free and the
/// window has room. The next operation begins when the last reply of the one before is there.
pub(super) fn took(calls: &[Calls], limit: Option<RequestLimit>, latency_ms: u64) -> Took {
    let mut window = Window {
        limit,
        sent: VecDeque::new(),
    };
    let (mut now, mut held_ms) = (0, 0);
    for calls in calls {
        let mut flying: VecDeque<u64> = VecDeque::new();
        let mut last = now;
        for _ in 0..calls.requests {
            let free = if flying.len() < calls.at_once.max(1) as usize {
                last
            } else {
                flying.pop_front().unwrap_or(last).max(last)
            };
            let sent = window.book(free);
            held_ms += sent - free;
            last = sent;
            flying.push_back(sent + latency_ms);
        }
        now = flying.back().copied().unwrap_or(now).max(now);
    }
    Took { ms: now, held_ms }
}

/// Requests of the last window, as [`RequestLimiter`](crate::transport::RequestLimiter) keeps them.
struct Window {
    limit: Option<RequestLimit>,
    sent: VecDeque<u64>,
}

impl Window {
    fn book(&mut self, free: u64) -> u64 {
        let Some(limit) = self.limit else {
            return free;
        };
        let mut moment = free;
        if self.sent.len() >= limit.requests.max(1) as usize
            && let Some(oldest) = self.sent.pop_front()
        {
            moment = moment.max(oldest + u64::from(limit.window_ms) + 1);
        }
        self.sent.push_back(moment);
        moment
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn calls(requests: u64, at_once: u32) -> Calls {
        Calls {
            operation: "devices.list",
            requests,
            at_once,
        }
    }

    #[test]
    fn without_a_limit_only_round_trips_count() {
        let calls = [calls(3, 1), calls(10, 4)];
        let took = took(&calls, None, 200);
        assert_eq!((took.ms, took.held_ms), (3 * 200 + 3 * 200, 0));
    }

    #[test]
    fn a_full_window_holds_back_what_comes_next() {
        let limit = RequestLimit {
            requests: 10,
            window_ms: 60_000,
        };
        assert_eq!(took(&[calls(10, 1)], Some(limit), 0).ms, 0);
        assert_eq!(took(&[calls(11, 1)], Some(limit), 0).ms, 60_001);
        assert_eq!(took(&[calls(25, 8)], Some(limit), 100).ms, 120_102);
    }

    /// Millisecond by millisecond, with every request looked at each time.
    fn slowly(calls: &[Calls], limit: RequestLimit, latency_ms: u64) -> u64 {
        let mut sent: Vec<u64> = Vec::new();
        let mut now = 0;
        for calls in calls {
            let mut ends: Vec<u64> = Vec::new();
            let mut left = calls.requests;
            while left > 0 {
                let flying = ends.iter().filter(|end| **end > now).count();
                let in_window = |at: &&u64| **at + u64::from(limit.window_ms) >= now;
                let full = sent.iter().filter(in_window).count() >= limit.requests as usize;
                if flying < calls.at_once as usize && !full {
                    sent.push(now);
                    ends.push(now + latency_ms);
                    left -= 1;
                } else {
                    now += 1;
                }
            }
            now = ends.into_iter().max().unwrap_or(now).max(now);
        }
        now
    }

    proptest! {
        #[test]
        fn it_takes_as_long_as_a_look_at_each_millisecond_finds(
            lists in prop::collection::vec((0_u64..12, 1_u32..5), 0..4),
            requests in 1_u32..6,
            window_ms in 1_u32..60,
            latency_ms in 0_u64..20,
        ) {
            let calls: Vec<Calls> = lists.into_iter().map(|(count, at_once)| calls(count, at_once)).collect();
            let limit = RequestLimit { requests, window_ms };
            prop_assert_eq!(took(&calls, Some(limit), latency_ms).ms, slowly(&calls, limit, latency_ms));
            prop_assert!(took(&calls, None, latency_ms).held_ms == 0);
        }
    }
}
