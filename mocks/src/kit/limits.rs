//! Counting requests in a rolling window of time. A window counts; what a vendor does about the
//! count is the vendor's business.

use std::collections::VecDeque;

use jiff::Timestamp;

/// Requests of the last so many milliseconds, to the millisecond.
///
/// Time that goes backwards is taken to stand still.
#[derive(Debug, Clone)]
pub struct SlidingWindow {
    limit: u64,
    window_ms: i64,
    /// Requests by millisecond, oldest first: at most one entry for each millisecond of the window,
    /// however many requests come.
    hits: VecDeque<(i64, u64)>,
    count: u64,
}

/// How full a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Requests in the window.
    pub count: u64,
    /// Requests allowed in it.
    pub limit: u64,
}

impl Usage {
    /// Whether there were more requests than allowed.
    pub const fn exceeded(self) -> bool {
        self.count > self.limit
    }

    /// Whether the count is at least so many percent of the limit.
    pub const fn reaches_percent(self, percent: u64) -> bool {
        self.count.saturating_mul(100) >= self.limit.saturating_mul(percent)
    }
}

impl SlidingWindow {
    /// An empty window: `limit` requests in `window_ms` milliseconds.
    pub const fn new(limit: u64, window_ms: u32) -> Self {
        Self {
            limit,
            window_ms: window_ms as i64,
            hits: VecDeque::new(),
            count: 0,
        }
    }

    /// Counts a request, and says how full the window is with it.
    pub fn hit(&mut self, now: Timestamp) -> Usage {
        let now_ms = self.settle(now);
        match self.hits.back_mut() {
            Some((at, hits)) if *at == now_ms => *hits += 1,
            _ => self.hits.push_back((now_ms, 1)),
        }
        self.count += 1;
        self.usage()
    }

    /// How full the window is.
    pub fn peek(&mut self, now: Timestamp) -> Usage {
        self.settle(now);
        self.usage()
    }

    /// Milliseconds until one more request would fit; 0 when it would now.
    pub fn wait_ms(&mut self, now: Timestamp) -> u64 {
        let now_ms = self.settle(now);
        let mut over = (self.count + 1).saturating_sub(self.limit);
        if over == 0 {
            return 0;
        }
        for (at, hits) in &self.hits {
            over = over.saturating_sub(*hits);
            if over == 0 {
                let free_at = at.saturating_add(self.window_ms);
                return u64::try_from(free_at.saturating_sub(now_ms)).unwrap_or(0);
            }
        }
        // A limit of 0 never has room.
        u64::try_from(self.window_ms).unwrap_or(0)
    }

    /// Forgets every request.
    pub fn clear(&mut self) {
        self.hits.clear();
        self.count = 0;
    }

    fn usage(&self) -> Usage {
        Usage {
            count: self.count,
            limit: self.limit,
        }
    }

    /// Drops what is too old and returns the time to count with.
    fn settle(&mut self, now: Timestamp) -> i64 {
        let newest = self.hits.back().map_or(i64::MIN, |(at, _)| *at);
        let now_ms = now.as_millisecond().max(newest);
        let oldest = now_ms.saturating_sub(self.window_ms);
        while let Some((at, hits)) = self.hits.front() {
            if *at > oldest {
                break;
            }
            self.count -= hits;
            self.hits.pop_front();
        }
        now_ms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn counts_what_is_younger_than_the_window() {
        let mut window = SlidingWindow::new(2, 1_000);
        assert_eq!(window.hit(at(0)).count, 1);
        assert_eq!(window.hit(at(500)).count, 2);
        assert!(window.hit(at(999)).exceeded());
        assert_eq!(window.peek(at(1_000)).count, 2);
        assert_eq!(window.peek(at(1_999)).count, 0);
    }

    #[test]
    fn says_how_long_to_wait() {
        let mut window = SlidingWindow::new(2, 1_000);
        assert_eq!(window.wait_ms(at(0)), 0);
        window.hit(at(0));
        window.hit(at(400));
        assert_eq!(window.wait_ms(at(500)), 500);
        window.hit(at(600));
        assert_eq!(window.wait_ms(at(600)), 800);
        assert_eq!(SlidingWindow::new(0, 1_000).wait_ms(at(5)), 1_000);
    }

    #[test]
    fn percent_is_exact_at_the_edge() {
        let usage = |count| Usage { count, limit: 600 };
        assert!(!usage(539).reaches_percent(90));
        assert!(usage(540).reaches_percent(90));
        assert!(!usage(600).exceeded());
        assert!(usage(601).exceeded());
    }

    #[test]
    fn time_that_goes_backwards_stands_still() {
        let mut window = SlidingWindow::new(9, 1_000);
        window.hit(at(5_000));
        assert_eq!(window.hit(at(1)).count, 2);
        assert_eq!(window.peek(at(6_000)).count, 0);
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_of_every_hit(steps in prop::collection::vec(0_i64..300, 1..200)) {
            let mut window = SlidingWindow::new(7, 1_000);
            let mut all = Vec::new();
            let mut now = 0;
            for step in steps {
                now += step;
                all.push(now);
                let expected = all.iter().filter(|hit| **hit > now - 1_000).count();
                prop_assert_eq!(window.hit(at(now)).count, expected as u64);
            }
        }

        #[test]
        fn after_the_wait_one_more_fits(steps in prop::collection::vec(0_i64..300, 1..60)) {
            let mut window = SlidingWindow::new(5, 1_000);
            let mut now = 0;
            for step in steps {
                now += step + i64::try_from(window.wait_ms(at(now + step))).unwrap();
                prop_assert!(!window.hit(at(now)).exceeded());
            }
        }
    }
}
