//! Tokens: each lives an hour from its last use, and ends a day after the login whatever happens
//! (`documented`: there are two dates; how long they are, and that use moves the first, `inferred`). It must
//! not know HTTP.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::kit::Tokens;

/// How long a token lives without being used.
pub(super) const IDLE_S: u32 = 3_600;
/// How long it lives at most.
pub(super) const MOST_S: u32 = 86_400;

/// How many are kept; those that ended are forgotten first.
const KEPT: usize = 4_096;

/// The tokens that are good, and those that were.
#[derive(Debug)]
pub(super) struct Sessions {
    texts: Tokens,
    open: BTreeMap<String, Session>,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    /// When it ends unless it is used.
    idle_end: Timestamp,
    /// When it ends.
    end: Timestamp,
}

fn later(moment: Timestamp, seconds: u32) -> Timestamp {
    let later = moment.checked_add(SignedDuration::from_secs(i64::from(seconds)));
    later.unwrap_or(Timestamp::MAX)
}

impl Sessions {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            texts: Tokens::new(seed, MOST_S),
            open: BTreeMap::new(),
        }
    }

    /// A token for somebody who has just logged in.
    pub(super) fn open(&mut self, now: Timestamp) -> Value {
        self.issue(later(now, MOST_S), now)
    }

    /// Another token for the holder of one, who need not log in for it; the end stays (`inferred`).
    pub(super) fn refresh(&mut self, token: &str, now: Timestamp) -> Option<Value> {
        let end = self.open.get(token).filter(|it| it.is_good(now))?.end;
        Some(self.issue(end, now))
    }

    /// Whether a token is good; its life begins again.
    pub(super) fn use_up(&mut self, token: &str, now: Timestamp) -> bool {
        match self.open.get_mut(token) {
            Some(session) if session.is_good(now) => {
                session.idle_end = later(now, IDLE_S).min(session.end);
                true
            }
            _ => false,
        }
    }

    fn issue(&mut self, end: Timestamp, now: Timestamp) -> Value {
        if self.open.len() >= KEPT {
            self.open.retain(|_, session| session.is_good(now));
        }
        if self.open.len() >= KEPT {
            self.open.clear();
        }
        let token = self.texts.issue(now);
        let idle_end = later(now, IDLE_S).min(end);
        self.open.insert(token.clone(), Session { idle_end, end });
        json!({
            "AccessToken": token, "TokenType": "Bearer", "ExpirationDate": offset(idle_end),
            "AbsoluteExpirationDate": offset(end), "UserId": "17", "InternalUserName": "automate.api.user",
            "IsTwoFactorRequired": false, "IsInternalTwoFactorRequired": false, "SSOAccessToken": null,
        })
    }
}

impl Session {
    fn is_good(&self, now: Timestamp) -> bool {
        now < self.idle_end && now < self.end
    }
}

/// What is answered to somebody whose password is right and who has to send a passcode as well (`seen`).
pub(super) fn second_factor() -> Value {
    json!({
        "AccessToken": null, "TokenType": null, "ExpirationDate": "0001-01-01T00:00:00+00:00",
        "AbsoluteExpirationDate": "0001-01-01T00:00:00+00:00", "UserId": null, "InternalUserName": null,
        "IsTwoFactorRequired": true, "IsInternalTwoFactorRequired": true, "SSOAccessToken": null,
    })
}

/// A time with an offset, as these dates have it (`seen`: a client compares them with UTC).
fn offset(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
