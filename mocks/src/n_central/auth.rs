//! The exchange of the user's permanent token for those that open something. It knows no records.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::service::{Refused, bad, refused};
use crate::Request;
use crate::kit::Tokens;

/// How long an access token lives (documented).
pub(super) const ACCESS_S: u32 = 3_600;
/// How long a refresh token lives (seen).
pub(super) const REFRESH_S: u32 = 90_000;

/// The tokens that are out. They live in the server's memory (documented).
#[derive(Debug)]
pub(super) struct Desk {
    jwt: String,
    access: Tokens,
    refresh: Tokens,
    /// Tokens that end before their time: life cut short, or logged out.
    ends: BTreeMap<String, Timestamp>,
}

impl Desk {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let mut words = Tokens::new(seed ^ 0x4e_43_45_4e, 1);
        let (user, seal) = (words.issue(now), words.issue(now));
        Self {
            jwt: format!("eyJhbGciOiJIUzI1NiJ9.{user}.{seal}"),
            access: Tokens::new(seed ^ 17, ACCESS_S),
            refresh: Tokens::new(seed ^ 19, REFRESH_S),
            ends: BTreeMap::new(),
        }
    }

    /// The user's permanent token.
    pub(super) fn jwt(&self) -> &str {
        &self.jwt
    }

    /// Forgets every token but the permanent one, as a restart does (documented).
    pub(super) fn forget(&mut self) {
        self.access.revoke_all();
        self.refresh.revoke_all();
        self.ends.clear();
    }

    /// The permanent token for a pair of others.
    pub(super) fn authenticate(
        &mut self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Value, Refused> {
        if bearer(request) != Some(&self.jwt) {
            return Err(failure());
        }
        self.pair(request.headers(), now)
    }

    /// The refresh token for another pair. It is the body, as plain text (seen); JSON around it is
    /// not understood (seen in a client that falls back to its permanent token).
    pub(super) fn renew(&mut self, request: &Request, now: Timestamp) -> Result<Value, Refused> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.is_empty() && !kind.starts_with("text/plain") {
            let words = "Content-Type must be text/plain";
            return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
        }
        let token = std::str::from_utf8(request.body()).map_or("", str::trim);
        if !self.is_good(&self.refresh, token, now) {
            return Err(failure());
        }
        self.pair(request.headers(), now)
    }

    /// Whether a request carries an access token that is good now.
    pub(super) fn lets_in(&self, request: &Request, now: Timestamp) -> bool {
        bearer(request).is_some_and(|token| self.is_good(&self.access, token, now))
    }

    /// Ends the token that a request carries.
    pub(super) fn log_out(&mut self, request: &Request, now: Timestamp) {
        if let Some(token) = bearer(request) {
            self.ends.insert(token.to_owned(), now);
        }
    }

    fn is_good(&self, tokens: &Tokens, token: &str, now: Timestamp) -> bool {
        tokens.accepts(token, now) && self.ends.get(token).is_none_or(|end| now < *end)
    }

    fn pair(&mut self, headers: &HeaderMap, now: Timestamp) -> Result<Value, Refused> {
        let access_s = shortened(headers, "x-access-expiry-override", ACCESS_S)?;
        let refresh_s = shortened(headers, "x-refresh-expiry-override", REFRESH_S)?;
        let (access, refresh) = (self.access.issue(now), self.refresh.issue(now));
        // Such a token is none anyway once its whole life is over.
        let whole = SignedDuration::from_secs(i64::from(REFRESH_S));
        self.ends
            .retain(|_, end| end.saturating_add(whole).is_ok_and(|end| now < end));
        for (token, life_s, longest_s) in [
            (&access, access_s, ACCESS_S),
            (&refresh, refresh_s, REFRESH_S),
        ] {
            if life_s < longest_s {
                let life = SignedDuration::from_secs(i64::from(life_s));
                let end = now.saturating_add(life).unwrap_or(Timestamp::MAX);
                self.ends.insert(token.clone(), end);
            }
        }
        Ok(json!({
            "tokens": {
                "access": { "token": access, "type": "Bearer", "expirySeconds": access_s },
                "refresh": { "token": refresh, "type": "Body", "expirySeconds": refresh_s },
            },
            "refresh": "/api/auth/refresh",
            "validate": "/api/auth/validate",
        }))
    }
}

/// The life that a header asks for: `120s`, `30m`, `1h`. It shortens, and never prolongs (seen).
fn shortened(headers: &HeaderMap, name: &'static str, longest_s: u32) -> Result<u32, Refused> {
    let Some(value) = headers.get(name) else {
        return Ok(longest_s);
    };
    let read = || {
        let text = value.to_str().ok()?.trim();
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1_u32,
            "m" => 60,
            "h" => 3_600,
            _ => return None,
        };
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        Some(number.saturating_mul(seconds).min(longest_s))
    };
    read().ok_or_else(|| bad(name, "must be a number with s, m or h"))
}

fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    header.strip_prefix("Bearer ").map(str::trim)
}

/// What is said to who is not let in (seen).
pub(super) fn failure() -> Refused {
    refused(StatusCode::UNAUTHORIZED, "Authentication Failure.")
}
