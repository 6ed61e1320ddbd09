//! Tests of what is Tigerpaw's own, through `handle` as a client sees it. Requests are signed by a
//! second implementation of the scheme, down to the HMAC.

mod records;
mod search;
mod signature;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Tigerpaw;
use crate::sample::{self, Got};
use crate::world::Tool;
use crate::{Request, Simulator as _};

/// A simulator and somebody with its keys.
struct Client {
    tigerpaw: Tigerpaw,
    now: Timestamp,
}

impl Client {
    fn new() -> Self {
        Self {
            tigerpaw: Tigerpaw::new(&sample::records(Tool::Psa)),
            now: sample::morning(),
        }
    }

    fn key(&self, name: &str) -> String {
        self.tigerpaw.access().credentials[name].clone()
    }

    fn send(&self, request: &Request) -> Got {
        sample::ask(&self.tigerpaw, request, self.now)
    }

    /// Signed by the scheme of the reference, stamped now.
    fn signed(&self, method: &str, path: &str, body: &str) -> Request {
        let stamp = stamp(self.now);
        let token = self.token(method, path, &stamp);
        sample::request(
            method,
            path,
            &[("date", &stamp), ("authorization", &token)],
            body,
        )
    }

    fn token(&self, method: &str, path: &str, stamp: &str) -> String {
        token(
            &self.key("public_key"),
            &self.key("private_key"),
            method,
            path,
            stamp,
        )
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.send(&self.signed(method, path, &body))
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null).good()
    }

    /// A search by one criterion.
    #[track_caller]
    fn search(&self, subject: &str, kind: &str, how: &str, text: &str) -> Value {
        let criterion = json!({ "SearchType": kind, "MatchType": how, "Criteria": text });
        let body = json!({ "Criteria": [criterion] });
        self.call("POST", &format!("/api/{subject}/search"), &body)
            .good()
    }

    fn account(&self, name: &str) -> u64 {
        let found = self.search("accounts", "AccountName", "Equal", name);
        found["Accounts"][0]["AccountNumber"].as_u64().unwrap()
    }

    fn contact(&self, first: &str) -> u64 {
        let found = self.search("contacts", "FirstName", "Equal", first);
        found["Contacts"][0]["ContactNumber"].as_u64().unwrap()
    }
}

/// `Tue, 04 Mar 2025 15:20:11 GMT`.
fn stamp(now: Timestamp) -> String {
    let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn token(public: &str, private: &str, method: &str, path: &str, stamp: &str) -> String {
    let path = path.split('?').next().unwrap();
    let text = format!("{method}|{path}|{stamp}").to_lowercase();
    let signature = STANDARD.encode(hmac(private.as_bytes(), text.as_bytes()));
    format!("TSI {}", STANDARD.encode(format!("{public}:{signature}")))
}

/// RFC 2104 over SHA-256, for keys of at most one block.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    assert!(key.len() <= 64);
    let pad = |byte: u8| -> Vec<u8> {
        (0..64)
            .map(|at| key.get(at).copied().unwrap_or(0) ^ byte)
            .collect()
    };
    let inner = Sha256::digest([&pad(0x36)[..], text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner[..]].concat()).into()
}
