//! Tests of what is the family's own, through `handle` as a client sees it. Kaseya BMS and Pulseway PSA
//! are one product, so that what is said of one brand is tried on both where it is cheap.

mod access;
mod reads;
mod writes;

use jiff::Timestamp;
use serde_json::Value;

use super::{Bms, Brand, KASEYA_BMS};
use crate::pulseway_psa::PULSEWAY_PSA;
use crate::sample::{self, Got, encode};
use crate::world::Tool;
use crate::{Request, Simulator as _};

const BRANDS: [Brand; 2] = [KASEYA_BMS, PULSEWAY_PSA];
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// A simulator and somebody with a token.
struct Client {
    bms: Bms,
    now: Timestamp,
    token: String,
}

impl Client {
    fn new() -> Self {
        Self::of(KASEYA_BMS)
    }

    fn of(brand: Brand) -> Self {
        let now = sample::morning();
        let mut client = Self {
            bms: Bms::new(&sample::records(Tool::Psa), now, brand),
            now,
            token: String::new(),
        };
        let login = client.log_in(&client.form()).good();
        client.token = login["result"]["accessToken"].as_str().unwrap().to_owned();
        client
    }

    fn later(&mut self, seconds: i64) {
        self.now = sample::later(self.now, seconds);
    }

    fn own(&self, name: &str) -> String {
        self.bms.access().credentials[name].clone()
    }

    /// The login that clients send.
    fn form(&self) -> String {
        format!(
            "grantType=password&userName={}&password={}&tenant={}",
            encode(&self.own("user_name")),
            encode(&self.own("password")),
            encode(&self.own("tenant")),
        )
    }

    fn log_in(&self, form: &str) -> Got {
        let path = "/v2/security/authenticate";
        self.send(&sample::request(
            "POST",
            path,
            &[("content-type", URLENCODED)],
            form,
        ))
    }

    fn send(&self, request: &Request) -> Got {
        sample::ask(&self.bms, request, self.now)
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

    /// What is in the envelope of a success.
    #[track_caller]
    fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let got = self.call(method, path, body).good();
        assert_eq!(got["success"], true);
        assert!(got.get("error").is_none_or(Value::is_null));
        got["result"].clone()
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.done("GET", path, &Value::Null)
    }

    /// The message of a refusal.
    #[track_caller]
    fn refusal(&self, method: &str, path: &str, body: &Value) -> String {
        let got = self.call(method, path, body);
        assert_eq!(got.status, 400, "{}", got.json);
        assert_eq!(got.json["success"], false);
        assert_eq!(got.json["error"]["code"], 400);
        got.json["error"]["message"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn id(&self, path: &str) -> u64 {
        let rows = self.get(path);
        let [one] = rows.as_array().unwrap().as_slice() else {
            panic!("{rows} is not one");
        };
        one["id"].as_u64().unwrap()
    }

    fn dental(&self) -> u64 {
        self.id("/v2/crm/accounts/summary?Filter.AccountName=dental")
    }

    fn location(&self, name: &str) -> u64 {
        let rows = self.get(&format!(
            "/v2/crm/accounts/{}/locations/lookup",
            self.dental()
        ));
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["name"] == name).unwrap()["id"]
            .as_u64()
            .unwrap()
    }

    fn asset(&self, name: &str) -> Value {
        let path = "/v2/servicedesk/hardwareasset";
        let id = self.id(&format!("{path}/searchselect?Filter.AssetName={name}"));
        self.get(&format!("{path}/{id}"))
    }

    /// The id of a name in a list of the tenant's.
    fn named(&self, table: &str, name: &str) -> u64 {
        let rows = self.get(&format!("/v2/system/lookup/{table}"));
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["name"] == name).unwrap()["id"]
            .as_u64()
            .unwrap()
    }
}
