//! When to send a request again and how long to wait before. Pure arithmetic: no clock and no
//! randomness but what the caller hands in.

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::Timestamp;

/// How often and how long a call is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most requests for one call, the first included. Zero counts as one.
    pub max_attempts: u32,
    /// Wait before the second attempt in milliseconds; doubled for each later one.
    pub base_delay_ms: u64,
    /// Longest wait of our own choice in milliseconds.
    pub max_delay_ms: u64,
    /// Wait after "too many requests" without `Retry-After` in milliseconds.
    pub throttled_delay_ms: u64,
    /// Time for the whole call, waits included, in milliseconds: a wait that would end later is not
    /// begun, and the last answer becomes the error.
    pub deadline_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            base_delay_ms: 500,
            max_delay_ms: 30_000,
            throttled_delay_ms: 30_000,
            deadline_ms: 600_000,
        }
    }
}

impl RetryPolicy {
    /// Sends everything once.
    pub const fn never() -> Self {
        Self {
            max_attempts: 1,
            base_delay_ms: 0,
            max_delay_ms: 0,
            throttled_delay_ms: 0,
            deadline_ms: 600_000,
        }
    }

    /// Wait before the attempt after the given one (from 1): doubled each time, then spread over its
    /// upper half by `random`, so that clients that failed together do not come back together.
    pub fn backoff_ms(&self, attempt: u32, random: u64) -> u64 {
        let doublings = attempt.saturating_sub(1).min(32);
        let full = self
            .base_delay_ms
            .saturating_mul(1 << doublings)
            .min(self.max_delay_ms);
        let half = full / 2;
        half + random % (full - half + 1)
    }
}

/// `Retry-After` as milliseconds from `now`: seconds or an HTTP date; a date that has passed is 0.
/// `None` when it is missing or cannot be read.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let moment = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = moment.as_millisecond().saturating_sub(now.as_millisecond());
    Some(u64::try_from(wait).unwrap_or(0))
}

/// A number that looks random and depends on the seed, the request and the attempt alone. A shared
/// generator would hand its numbers out in the order in which concurrent calls happen to fail.
pub(crate) fn jitter(seed: u64, request: &str, attempt: u32) -> u64 {
    let mut state = seed ^ u64::from(attempt).wrapping_mul(0xA076_1D64_78BD_642F);
    for byte in request.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    splitmix(state)
}

/// One step of splitmix64.
const fn splitmix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{RetryPolicy, jitter, retry_after, splitmix};
    use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};
    use jiff::Timestamp;
    use proptest::prelude::{any, prop_assert, proptest};

    fn header(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn retry_after_takes_seconds_and_dates() {
        let now: Timestamp = "2025-06-01T12:00:00Z".parse().unwrap();
        assert_eq!(retry_after(&header("30"), now), Some(30_000));
        assert_eq!(retry_after(&header(" 0 "), now), Some(0));
        assert_eq!(
            retry_after(&header("Sun, 01 Jun 2025 12:01:30 GMT"), now),
            Some(90_000)
        );
        assert_eq!(
            retry_after(&header("Sun, 01 Jun 2025 11:00:00 GMT"), now),
            Some(0)
        );
        for unreadable in ["soon", "-3", "1.5", ""] {
            assert_eq!(retry_after(&header(unreadable), now), None, "{unreadable}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
        assert_eq!(
            retry_after(&header("18446744073709551615"), now),
            Some(u64::MAX)
        );
    }

    #[test]
    fn splitmix_is_the_published_one() {
        // First outputs of the reference implementation for the seed 1234567.
        let gamma = 0x9E37_79B9_7F4A_7C15_u64;
        assert_eq!(splitmix(1_234_567), 6_457_827_717_110_365_317);
        assert_eq!(
            splitmix(1_234_567_u64.wrapping_add(gamma)),
            3_203_168_211_198_807_973
        );
    }

    #[test]
    fn jitter_differs_by_seed_request_and_attempt() {
        let first = jitter(1, "/a", 1);
        assert_eq!(first, jitter(1, "/a", 1));
        for other in [jitter(2, "/a", 1), jitter(1, "/b", 1), jitter(1, "/a", 2)] {
            assert_ne!(first, other);
        }
    }

    proptest! {
        #[test]
        fn waits_stay_in_the_upper_half_below_the_cap(
            attempt in any::<u32>(), random in any::<u64>(),
            base_delay_ms in 0_u64..100_000, max_delay_ms in 0_u64..100_000,
        ) {
            let policy = RetryPolicy { base_delay_ms, max_delay_ms, ..RetryPolicy::default() };
            let full = (u128::from(base_delay_ms) << attempt.saturating_sub(1).min(40))
                .min(u128::from(max_delay_ms));
            let wait = u128::from(policy.backoff_ms(attempt, random));
            prop_assert!(wait <= full && wait >= full / 2, "{} of {}", wait, full);
        }
    }
}
