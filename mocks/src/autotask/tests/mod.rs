//! Tests of what is Autotask's own, through `handle` as a client sees it.

mod access;
mod filters;
mod metadata;
mod naive;
mod pages;
mod writes;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Autotask, MissingId};
use crate::sample::{self, Got, encode, texts};
use crate::world::Tool;
use crate::{Request, Simulator as _};

const API: &str = "/ATServicesRest/V1.0";

/// A simulator and somebody with its keys.
struct Client {
    autotask: Autotask,
    now: Timestamp,
}

impl Client {
    fn new() -> Self {
        Self::with(MissingId::default())
    }

    fn with(missing: MissingId) -> Self {
        let now = sample::morning();
        Self {
            autotask: Autotask::with(&sample::records(Tool::Psa), now, missing),
            now,
        }
    }

    fn later(&mut self, seconds: i64) {
        self.now = sample::later(self.now, seconds);
    }

    /// A request with the three headers.
    fn request(&self, method: &str, path: &str, body: &str) -> Request {
        let own = self.autotask.access().credentials;
        let headers = [
            ("UserName", own["user_name"].as_str()),
            ("Secret", own["secret"].as_str()),
            ("ApiIntegrationCode", own["integration_code"].as_str()),
            ("Content-Type", "application/json"),
        ];
        sample::request(method, path, &headers, body)
    }

    fn send(&self, request: &Request) -> Got {
        sample::ask(&self.autotask, request, self.now)
    }

    /// Below the API.
    fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.send(&self.request(method, &format!("{API}/{path}"), &body))
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null).good()
    }

    #[track_caller]
    fn query(&self, entity: &str, query: &Value) -> Value {
        self.call("POST", &format!("{entity}/query"), query).good()
    }

    /// Names of the records that one condition finds.
    #[track_caller]
    fn found(&self, entity: &str, name: &str, condition: &Value) -> Vec<String> {
        let page = self.query(entity, &json!({ "filter": [condition] }));
        texts(&page["items"], name)
    }

    /// Titles of the configuration items that one condition finds.
    #[track_caller]
    fn items(&self, condition: &Value) -> Vec<String> {
        self.found("ConfigurationItems", "referenceTitle", condition)
    }

    /// The one record with this value.
    #[track_caller]
    fn one(&self, entity: &str, field: &str, value: &str) -> Value {
        let condition = json!({ "op": "eq", "field": field, "value": value });
        let page = self.query(entity, &json!({ "filter": [condition] }));
        let [one] = page["items"].as_array().unwrap().as_slice() else {
            panic!("{page} is not one record");
        };
        one.clone()
    }

    fn id(&self, entity: &str, field: &str, value: &str) -> u64 {
        self.one(entity, field, value)["id"].as_u64().unwrap()
    }

    fn dental(&self) -> u64 {
        self.id("Companies", "companyName", "Fabrikam Dental")
    }

    #[track_caller]
    fn made(&self, path: &str, body: &Value) -> u64 {
        self.call("POST", path, body).good()["itemId"]
            .as_u64()
            .unwrap()
    }

    /// The texts of a refusal for wrong input.
    #[track_caller]
    fn refusal(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let got = self.call(method, path, body);
        assert_eq!(got.status, 500, "{}", got.json);
        let texts = got.json["errors"].as_array().unwrap().iter();
        texts
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    }
}

/// The search of a GET query.
fn search(query: &str) -> String {
    format!("query?search={}", encode(query))
}
