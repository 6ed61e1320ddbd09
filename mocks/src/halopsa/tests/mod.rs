//! Tests of what is HaloPSA's own, through `handle` as a client sees it.

mod access;
mod lists;
mod writes;

use jiff::Timestamp;
use serde_json::Value;

use super::HaloPsa;
use crate::sample::{self, Got};
use crate::world::Tool;
use crate::{Request, Simulator as _};

/// A simulator and somebody with a token.
struct Client {
    halo: HaloPsa,
    now: Timestamp,
    token: String,
}

impl Client {
    fn new() -> Self {
        let now = sample::morning();
        let mut client = Self {
            halo: HaloPsa::new(&sample::records(Tool::Psa), now),
            now,
            token: String::new(),
        };
        client.token = client.fresh();
        client
    }

    /// A new token.
    fn fresh(&self) -> String {
        let login = self.log_in("/auth/token", &self.form()).good();
        login["access_token"].as_str().unwrap().to_owned()
    }

    fn later(&mut self, seconds: i64) {
        self.now = sample::later(self.now, seconds);
    }

    fn form(&self) -> String {
        let own = self.halo.access().credentials;
        format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=all",
            own["client_id"], own["client_secret"],
        )
    }

    fn log_in(&self, path: &str, form: &str) -> Got {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send(&sample::request("POST", path, &kind, form))
    }

    fn send(&self, request: &Request) -> Got {
        sample::ask(&self.halo, request, self.now)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.send(&sample::request(method, path, &headers, &body))
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null).good()
    }

    /// What a create or change answers.
    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let got = self.call("POST", path, body);
        assert_eq!(got.status, 201, "{}", got.json);
        got.json
    }

    #[track_caller]
    fn one(&self, path: &str, list: &str) -> Value {
        let found = self.get(path);
        let [one] = found[list].as_array().unwrap().as_slice() else {
            panic!("{found} is not one");
        };
        one.clone()
    }

    fn dental(&self) -> u64 {
        self.one("/api/Client?search=dental", "clients")["id"]
            .as_u64()
            .unwrap()
    }

    fn asset(&self, name: &str) -> u64 {
        let path = format!("/api/Asset?search={name}&includeinactive=true");
        self.one(&path, "assets")["id"].as_u64().unwrap()
    }
}
