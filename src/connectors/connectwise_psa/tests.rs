//! Against stubs written by hand from the vendor's documentation.

mod changes;
mod mapping;
mod paging;

use std::sync::Arc;

use http::Uri;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{ConnectwiseConfig, ConnectwisePsa};
use crate::connectors::testing::clock;
use crate::connectors::{ConnectorError, ErrorKind, PsaConnector};
use crate::transport::{
    HttpOptions, HttpTransport, RetryPolicy, Secret, SimulatedClock, Transport,
};

const ROOT: &str = "/v2025_1/apis/3.0";

fn config(base_url: &str, page_size: u32) -> ConnectwiseConfig {
    ConnectwiseConfig {
        base_url: base_url.to_owned(),
        company_id: "northwind".to_owned(),
        public_key: "pubkey-7".to_owned(),
        private_key: Secret::new("privkey-9"),
        client_id: "0b54e1c2-client".to_owned(),
        page_size,
        site_concurrency: 3,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

fn connector_over(
    transport: Arc<dyn Transport>,
    clock: &Arc<SimulatedClock>,
    page_size: u32,
) -> ConnectwisePsa {
    let config = config("http://psa.example", page_size);
    ConnectwisePsa::new(config, transport, Arc::clone(clock) as _, 1).unwrap()
}

/// A connector for a server that knows the company.
async fn connector(server: &MockServer, page_size: u32) -> ConnectwisePsa {
    Mock::given(method("GET"))
        .and(path("/login/companyinfo/northwind"))
        .respond_with(ResponseTemplate::new(200).set_body_json(company_info()))
        .mount(server)
        .await;
    bare_connector(server, page_size)
}

fn bare_connector(server: &MockServer, page_size: u32) -> ConnectwisePsa {
    let transport = HttpTransport::new(HttpOptions::default()).unwrap();
    let config = config(&server.uri(), page_size);
    ConnectwisePsa::new(config, Arc::new(transport), clock(), 1).unwrap()
}

fn company_info() -> Value {
    json!({
        "CompanyName": "Northwind IT", "Codebase": "v2025_1/", "VersionCode": "v2025.1",
        "CompanyID": "northwind", "IsCloud": true
    })
}

/// Serves one route, whatever the query.
async fn serve(server: &MockServer, route: &str, reply: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(format!("{ROOT}{route}")))
        .respond_with(reply)
        .mount(server)
        .await;
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

async fn check_error(server: &MockServer) -> ConnectorError {
    connector(server, 10).await.check().await.unwrap_err()
}

#[tokio::test]
async fn credentials_client_id_and_version_are_sent_and_the_codebase_is_asked_for_once() {
    let server = MockServer::start().await;
    // northwind+pubkey-7:privkey-9
    let basic = "Basic bm9ydGh3aW5kK3B1YmtleS03OnByaXZrZXktOQ==";
    Mock::given(method("GET"))
        .and(path(format!("{ROOT}/company/companies")))
        .and(header("authorization", basic))
        .and(header("clientId", "0b54e1c2-client"))
        .and(header(
            "accept",
            "application/vnd.connectwise.com+json; version=2025.1",
        ))
        .respond_with(ok(&json!([{ "id": 2 }])))
        .expect(2)
        .mount(&server)
        .await;
    let connector = connector(&server, 10).await;
    connector.check().await.unwrap();
    connector.check().await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let info: Vec<&Request> = requests
        .iter()
        .filter(|request| request.url.path().starts_with("/login"))
        .collect();
    assert_eq!(info.len(), 1);
    assert!(!info[0].headers.contains_key("authorization"));
    assert_eq!(connector.stats().operations["companyinfo"].requests, 1);
    assert_eq!(connector.stats().operations["check"].requests, 2);
}

#[tokio::test]
async fn an_unknown_company_is_explained() {
    for reply in [
        ResponseTemplate::new(404),
        ResponseTemplate::new(200).set_body_raw("null", "application/json"),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/login/companyinfo/northwind"))
            .respond_with(reply)
            .mount(&server)
            .await;
        let error = bare_connector(&server, 10).check().await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-unauthorized");
        let text = error.to_string();
        assert!(text.contains("`northwind`; check company_id"), "{text}");
    }
}

#[tokio::test]
async fn a_codebase_cannot_lead_elsewhere() {
    for codebase in ["../../evil", "", "/", "a?b", ".."] {
        let server = MockServer::start().await;
        Mock::given(path("/login/companyinfo/northwind"))
            .respond_with(ok(&json!({ "Codebase": codebase })))
            .mount(&server)
            .await;
        let error = bare_connector(&server, 10).check().await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-body", "{codebase}");
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn refused_credentials_are_told_and_never_shown() {
    for (status, code) in [
        (401, "vendor-unauthorized"),
        (404, "vendor-unauthorized"),
        (403, "vendor-forbidden"),
    ] {
        let server = MockServer::start().await;
        let body =
            json!({ "code": "X", "message": "pubkey-7 with privkey-9 is refused", "errors": null });
        let reply = ResponseTemplate::new(status).set_body_json(body);
        serve(&server, "/company/companies", reply).await;
        let connector = connector(&server, 10).await;
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        let shown = format!(
            "{error} {error:?} {connector:?} {:?}",
            config("http://h", 1)
        );
        assert!(shown.contains("*** with *** is refused"), "{shown}");
        let encoded = "bm9ydGh3aW5kK3B1YmtleS03OnByaXZrZXktOQ";
        assert!(!shown.contains("pubkey-7"), "{shown}");
        assert!(
            !shown.contains("privkey-9") && !shown.contains(encoded),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_list_are_described() {
    for (reply, expected) in [
        (
            ResponseTemplate::new(200).set_body_raw("<html><title>Sign in</title>", "text/html"),
            "answered HTML (text/html), starts with `<html><title>Sign in</title>`",
        ),
        (ResponseTemplate::new(200), "empty body"),
        (
            ResponseTemplate::new(200).set_body_raw(r#"[{"id":1,"#, "application/json"),
            "not the JSON that was expected (application/json): EOF",
        ),
        (ok(&json!({ "message": "hm" })), "expected a sequence"),
        (
            ResponseTemplate::new(200).set_body_raw(vec![b'[', 0xff, b']'], "application/json"),
            "utf-8",
        ),
    ] {
        let server = MockServer::start().await;
        serve(&server, "/company/companies", reply).await;
        let connector = connector(&server, 10).await;
        let mut walk = connector.organizations();
        let error = walk.next_page().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind.code(), "vendor-body");
        assert!(
            text.starts_with("connectwise-psa, companies.list: ") && text.contains(expected),
            "{text}"
        );
        assert_eq!(
            walk.next_page().await,
            Ok(None),
            "after an error the walk is over"
        );
    }
}

#[tokio::test]
async fn a_check_is_not_content_with_a_sign_in_page() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    serve(&server, "/company/companies", page).await;
    assert!(matches!(
        check_error(&server).await.kind,
        ErrorKind::Body { .. }
    ));
}

/// A parameter of a request's query.
fn parameter(target: &Uri, name: &str) -> Option<i64> {
    let query = target.query().unwrap_or_default();
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name)?;
    value.parse().ok()
}
