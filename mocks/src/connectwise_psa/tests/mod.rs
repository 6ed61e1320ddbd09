//! Tests of the simulator through `handle`, as a client sees it.

mod auth;
mod changes;
mod contacts;
mod filters;
mod origins;
mod paging;
mod reads;
mod robust;
mod tenant;
mod writes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::ConnectwisePsa;
use crate::{Reply, Request, Simulator as _};

const API: &str = "/v4_6_release/apis/3.0";
const HOST: &str = "psa.test:8080";

/// A simulator and somebody with its keys.
struct Client {
    psa: ConnectwisePsa,
    now: Timestamp,
}

/// A reply, read.
struct Got {
    status: StatusCode,
    reply: Reply,
    json: Value,
}

impl Client {
    fn new(records: &crate::world::ToolRecords) -> Self {
        let now: Timestamp = "2025-03-04T15:20:11Z".parse().unwrap();
        Self {
            psa: ConnectwisePsa::new(records, now),
            now,
        }
    }

    fn with_tenant() -> Self {
        Self::new(&tenant::records())
    }

    fn later(&mut self, seconds: i64) {
        self.now += jiff::SignedDuration::from_secs(seconds);
    }

    fn credential(&self, name: &str) -> String {
        self.psa.access().credentials[name].clone()
    }

    fn authorization(&self) -> String {
        let user = format!(
            "{}+{}:{}",
            self.credential("company_id"),
            self.credential("public_key"),
            self.credential("private_key")
        );
        format!("Basic {}", STANDARD.encode(user))
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Request {
        self.plain(method, &format!("{API}{path}"), body)
    }

    /// A request whose path is not below the API.
    fn plain(&self, method: &str, path: &str, body: &str) -> Request {
        http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", HOST)
            .header("authorization", self.authorization())
            .header("clientId", self.credential("client_id"))
            .header("content-type", "application/json")
            .body(body.to_owned().into())
            .unwrap()
    }

    fn send(&self, request: &Request) -> Got {
        let reply = self.psa.handle(request, self.now);
        let body = reply.body_bytes();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let status = reply.status;
        Got {
            status,
            reply,
            json,
        }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.send(&self.request(method, path, &body))
    }

    /// Reads something that must be there.
    fn get(&self, path: &str) -> Value {
        let got = self.call("GET", path, &Value::Null);
        assert_eq!(got.status, 200, "{path}: {}", got.json);
        got.json
    }

    /// The ids in a list.
    fn ids(&self, path: &str) -> Vec<u64> {
        let list = self.get(path);
        let rows = list.as_array().unwrap().iter();
        rows.map(|row| row["id"].as_u64().unwrap()).collect()
    }

    /// The ids that a condition finds.
    fn find(&self, path: &str, parameter: &str, text: &str) -> Vec<u64> {
        self.ids(&format!(
            "{path}?pageSize=1000&{parameter}={}",
            encode(text)
        ))
    }

    /// The status, code and fields in error of a refusal.
    fn refusal(&self, method: &str, path: &str, body: &Value) -> (u16, String, Vec<String>) {
        let got = self.call(method, path, body);
        let code = got.json["code"].as_str().unwrap_or_default().to_owned();
        let errors = got.json["errors"].as_array().into_iter().flatten();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        let errors = errors.map(|error| text(error, "field") + ":" + &text(error, "code"));
        (got.status.as_u16(), code, errors.collect())
    }
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        self.reply.headers.get(name)?.to_str().ok()
    }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
