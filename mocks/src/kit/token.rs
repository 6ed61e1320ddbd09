//! Access tokens that run out. The issuer derives them from a seed, so that a run can be repeated;
//! how a client asks for one is the vendor's business.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

/// How many tokens are kept; the oldest is forgotten first.
const KEPT: usize = 4_096;

/// Issues bearer tokens and knows which of them are good.
#[derive(Debug, Clone)]
pub struct Tokens {
    seed: u64,
    lifetime_s: u32,
    issued: u64,
    expiries: BTreeMap<String, Timestamp>,
    order: VecDeque<String>,
}

impl Tokens {
    /// An issuer of tokens that live `lifetime_s` seconds.
    pub const fn new(seed: u64, lifetime_s: u32) -> Self {
        Self {
            seed,
            lifetime_s,
            issued: 0,
            expiries: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// A new token. Earlier ones stay good until they run out.
    pub fn issue(&mut self, now: Timestamp) -> String {
        self.issued += 1;
        let high = mix(self.seed ^ mix(self.issued));
        let token = format!("{high:016x}{:016x}", mix(high ^ self.issued));
        if self.order.len() == KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.expiries.remove(&oldest);
        }
        let expiry = now
            .checked_add(jiff::SignedDuration::from_secs(i64::from(self.lifetime_s)))
            .unwrap_or(Timestamp::MAX);
        self.expiries.insert(token.clone(), expiry);
        self.order.push_back(token.clone());
        token
    }

    /// Whether a token was issued here and has not run out.
    pub fn accepts(&self, token: &str, now: Timestamp) -> bool {
        self.expiries.get(token).is_some_and(|expiry| now < *expiry)
    }

    /// How long a new token lives, in seconds.
    pub const fn lifetime_s(&self) -> u32 {
        self.lifetime_s
    }

    /// Forgets every token, as when an administrator resets the keys.
    pub fn revoke_all(&mut self) {
        self.expiries.clear();
        self.order.clear();
    }
}

/// A number that looks drawn, out of another: the finalizer of splitmix64.
pub const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_is_good_until_it_runs_out() {
        let mut tokens = Tokens::new(7, 60);
        let token = tokens.issue(at(100));
        assert!(tokens.accepts(&token, at(159)));
        assert!(!tokens.accepts(&token, at(160)));
        assert!(!tokens.accepts("other", at(100)));
        tokens.revoke_all();
        assert!(!tokens.accepts(&token, at(100)));
    }

    #[test]
    fn tokens_differ_and_repeat_with_the_seed() {
        let (mut one, mut same, mut other) =
            (Tokens::new(1, 60), Tokens::new(1, 60), Tokens::new(2, 60));
        let first = one.issue(at(0));
        assert_eq!(first, same.issue(at(0)));
        assert_ne!(first, other.issue(at(0)));
        assert_ne!(first, one.issue(at(0)));
        assert!(one.accepts(&first, at(1)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut tokens = Tokens::new(1, 60);
        let first = tokens.issue(at(0));
        for _ in 0..KEPT {
            tokens.issue(at(0));
        }
        assert!(!tokens.accepts(&first, at(0)));
        assert_eq!(tokens.expiries.len(), KEPT);
    }
}
