//! Getting in, finding the codebase, limits, and what every reply carries.

use serde_json::{Value, json};

use super::{API, Client};
use crate::Simulator as _;

#[test]
fn wrong_keys_are_401_and_a_missing_client_id_is_403() {
    let client = Client::with_tenant();
    let path = "/company/companies";
    let mut request = client.request("GET", path, "");
    request.headers_mut().remove("clientid");
    let got = client.send(&request);
    assert_eq!(got.status, 403);
    assert_eq!(got.json["code"], "Security");

    for wrong in ["", "Basic", "Basic !!", "Basic bm9uZQ==", "Bearer x"] {
        let mut request = client.request("GET", path, "");
        let headers = request.headers_mut();
        headers.insert("authorization", wrong.parse().unwrap());
        let got = client.send(&request);
        assert_eq!(got.status, 401, "{wrong}");
        assert_eq!(got.json["code"], "Unauthorized");
        assert_eq!(got.json["errors"], Value::Null);
    }
    let mut request = client.request("GET", "/no/such", "");
    request.headers_mut().remove("authorization");
    assert_eq!(client.send(&request).status, 401);
}

#[test]
fn a_wrong_codebase_is_400_in_plain_text() {
    let client = Client::with_tenant();
    let got = client.send(&client.plain("GET", "/v2019_1/apis/3.0/company/companies", ""));
    assert_eq!(got.status, 400);
    assert_eq!(got.header("content-type"), Some("text/plain"));
    let body = got.reply.body_bytes();
    assert_eq!(&body[..], b"Cannot route. Codebase/company is invalid");
    let path = "/v2025_1/apis/3.0/COMPANY/companies/";
    assert_eq!(client.send(&client.plain("GET", path, "")).status, 200);
}

#[test]
fn the_codebase_can_be_found_without_keys() {
    let client = Client::with_tenant();
    let ask = |company: &str| {
        let mut request = client.plain("GET", &format!("/login/companyinfo/{company}"), "");
        request.headers_mut().remove("authorization");
        client.send(&request)
    };
    let known = ask(&client.credential("company_id"));
    assert_eq!(known.json["Codebase"], "v2025_1/");
    assert_eq!(known.json["CompanyName"], "Northwind IT");
    assert_eq!(known.json["CompanyID"], "northwindit");
    let unknown = ask("nobody");
    assert_eq!(unknown.status, 200);
    assert_eq!(&unknown.reply.body_bytes()[..], b"null");

    let mut request = client.request("GET", "/system/info", "");
    request.headers_mut().clear();
    let info = client.send(&request);
    assert_eq!(info.status, 200);
    assert_eq!(info.json["isCloud"], false);
}

#[test]
fn replies_carry_the_servers_headers_and_the_media_type_asked_for() {
    let client = Client::with_tenant();
    let ask = |accept: &str| {
        let mut request = client.request("GET", "/company/companies", "");
        let headers = request.headers_mut();
        headers.insert("accept", accept.parse().unwrap());
        client.send(&request)
    };
    let vendor = "application/vnd.connectwise.com+json";
    for (accept, expected) in [
        ("*/*", "application/json".to_owned()),
        ("application/json", "application/json".to_owned()),
        (vendor, format!("{vendor}; version=2025.1")),
        (
            &format!("{vendor}; version=2021.1, application/json"),
            format!("{vendor}; version=2021.1"),
        ),
        (
            &format!("{vendor}; version=2030.1"),
            format!("{vendor}; version=2025.1"),
        ),
    ] {
        let got = ask(accept);
        assert_eq!(got.header("content-type"), Some(expected.as_str()));
        assert_eq!(got.header("api-current-version"), Some("2025.1"));
        assert_eq!(got.header("cache-control"), Some("no-cache"));
        assert_eq!(got.header("x-frame-options"), Some("SAMEORIGIN"));
    }
    let ids = [ask("*/*"), ask("*/*")];
    let ids = ids.each_ref().map(|got| got.header("x-cw-request-id"));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].map(str::len), Some(36));
}

#[test]
fn the_limit_answers_429_until_the_window_has_room() {
    let mut client = Client::with_tenant();
    let ask = |client: &Client| client.call("GET", "/company/companies/count", &Value::Null);
    for _ in 0..1_200 {
        assert_eq!(ask(&client).status, 200);
    }
    client.psa.set_limits(true);
    for _ in 0..1_000 {
        assert_eq!(ask(&client).status, 200);
    }
    client.later(20);
    let got = ask(&client);
    assert_eq!(got.status, 429);
    assert_eq!(got.header("retry-after"), Some("40"));
    let message = "Too many requests. Please try again in 40 seconds.";
    assert_eq!(
        got.json,
        json!({"error": "ConnectWiseAPI", "message": message})
    );
    client.later(40);
    assert_eq!(ask(&client).status, 200);
    client.psa.set_limits(false);
    assert_eq!(ask(&client).status, 200);
}

#[test]
fn operations_are_named_before_and_after() {
    let client = Client::with_tenant();
    for (method, path, name) in [
        ("GET", "/company/configurations", "configurations.list"),
        ("POST", "/company/configurations", "configurations.create"),
        (
            "GET",
            "/company/configurations/count",
            "configurations.count",
        ),
        ("GET", "/company/configurations/300", "configurations.get"),
        (
            "PATCH",
            "/company/configurations/300",
            "configurations.update",
        ),
        ("GET", "/company/companies/21/sites", "sites.list"),
        ("DELETE", "/company/contacts/999", "contacts.delete"),
        ("GET", "/system/info", "system.info"),
        ("GET", "/nothing", "unknown"),
    ] {
        let request = client.request(method, path, "");
        assert_eq!(client.psa.operation(&request), Some(name), "{path}");
        assert_eq!(client.send(&request).reply.operation, name, "{path}");
    }
}

#[test]
fn made_up_errors_have_the_vendors_form() {
    let client = Client::with_tenant();
    let request = client.request("GET", "/company/companies", "");
    for status in [400, 401, 403, 404, 409, 415, 429, 500] {
        let status = http::StatusCode::from_u16(status).unwrap();
        let reply = client.psa.error_body(&request, status, client.now).unwrap();
        assert_eq!(reply.status, status);
        assert_eq!(reply.operation, "companies.list");
        assert!(serde_json::from_slice::<Value>(&reply.body_bytes()).is_ok());
    }
    let gateway = http::StatusCode::BAD_GATEWAY;
    assert!(
        client
            .psa
            .error_body(&request, gateway, client.now)
            .is_none()
    );
}

#[test]
fn wrong_verbs_are_405_and_wrong_media_types_415() {
    let client = Client::with_tenant();
    for (method, path) in [
        ("DELETE", "/company/companies"),
        ("POST", "/company/companies/count"),
        ("POST", "/company/companies/20"),
        ("GET", "/company/configurations/bulk"),
        ("GET", "/company/configurations/300/changeType"),
        ("PUT", "/system/info"),
    ] {
        let got = client.call(method, path, &json!({}));
        assert_eq!(got.status, 405, "{method} {path}");
        assert!(got.header("allow").is_some());
    }
    let mut request = client.request("POST", "/company/companies", "{}");
    let headers = request.headers_mut();
    headers.insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(client.send(&request).status, 415);
    let long = format!("{API}/company/companies?conditions={}", "a".repeat(10_000));
    assert_eq!(client.send(&client.plain("GET", &long, "")).status, 414);
}
