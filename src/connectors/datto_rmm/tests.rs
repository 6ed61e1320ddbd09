//! Against stubs written by hand from the vendor's documentation.

mod adapters;
mod devices;
mod paging;

use std::sync::Arc;

use serde_json::{Value, json};
use wiremock::matchers::{body_string, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{DattoConfig, DattoRmm};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, RmmConnector};
use crate::transport::{
    Clock, HttpOptions, HttpTransport, RetryPolicy, Secret, SimulatedClock, Transport,
};

fn config(base_url: &str, page_size: u32) -> DattoConfig {
    DattoConfig {
        base_url: base_url.to_owned(),
        api_key: "KEY 77".to_owned(),
        api_secret: Secret::new("s3cret&="),
        company: None,
        page_size,
        audit_concurrency: 3,
        remembered_bytes: 1 << 20,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

fn connector_over(
    transport: Arc<dyn Transport>,
    clock: &Arc<SimulatedClock>,
    page_size: u32,
) -> DattoRmm {
    let config = config("http://rmm.example", page_size);
    DattoRmm::new(config, transport, Arc::clone(clock) as _, 1).unwrap()
}

/// A connector for a server that hands out tokens.
async fn connector(server: &MockServer, page_size: u32) -> DattoRmm {
    Mock::given(method("POST"))
        .and(path("/auth/oauth/token"))
        .respond_with(ok(&token("tok-1")))
        .mount(server)
        .await;
    let transport = HttpTransport::new(HttpOptions::default()).unwrap();
    DattoRmm::new(
        config(&server.uri(), page_size),
        Arc::new(transport),
        clock(),
        1,
    )
    .unwrap()
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn token(text: &str) -> Value {
    json!({ "access_token": text, "token_type": "bearer", "expires_in": 359_999, "scope": "write read" })
}

async fn serve(server: &MockServer, route: &str, reply: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(route))
        .and(header("authorization", "Bearer tok-1"))
        .respond_with(reply)
        .mount(server)
        .await;
}

/// A page; `next` is the next page's URL.
fn page(items: &str, rows: &[Value], next: Option<&str>) -> Value {
    json!({
        "pageDetails": { "count": rows.len(), "totalCount": 99, "prevPageUrl": null, "nextPageUrl": next },
        items: rows,
    })
}

/// Hands out a token, and answers everything else by a function of the number of the request after
/// the token (from 0).
fn after_token(
    script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
) -> impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static {
    move |number, sent| match number {
        0 => answer(200, token("tok-1").to_string()),
        _ => script(number - 1, sent),
    }
}

#[tokio::test]
async fn the_token_is_asked_for_by_the_password_grant() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/auth/oauth/token"))
        .and(header(
            "authorization",
            "Basic cHVibGljLWNsaWVudDpwdWJsaWM=",
        ))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string(
            "grant_type=password&username=KEY+77&password=s3cret%26%3D",
        ))
        .respond_with(ok(&token("tok-1")))
        .expect(1)
        .mount(&server)
        .await;
    serve(
        &server,
        "/api/v2/account",
        ok(&json!({ "id": 1, "uid": "acc8f0d1" })),
    )
    .await;
    let transport = HttpTransport::new(HttpOptions::default()).unwrap();
    let connector =
        DattoRmm::new(config(&server.uri(), 250), Arc::new(transport), clock(), 1).unwrap();
    connector.check().await.unwrap();
    connector.check().await.unwrap();
    assert_eq!(connector.stats().operations["auth.token"].requests, 1);
}

#[tokio::test]
async fn an_expired_token_is_replaced_in_the_middle_of_a_walk() {
    let clock = clock();
    let wire = Scripted::new(&clock, |number, sent| {
        let bearer = sent.headers.get("authorization").unwrap().to_str().unwrap();
        match (number, sent.target.as_str()) {
            (0, "/auth/oauth/token") => answer(200, token("tok-1").to_string()),
            (3, "/auth/oauth/token") => answer(200, token("tok-2").to_string()),
            (1, _) => {
                assert_eq!(bearer, "Bearer tok-1");
                let next = "http://rmm.example/api/v2/account/sites?max=1&page=1";
                answer(
                    200,
                    page("sites", &[json!({ "uid": "a", "name": "A" })], Some(next)).to_string(),
                )
            }
            (2, _) => answer(401, r#"{"status":401,"error":"Unauthorized"}"#),
            (4, _) => {
                assert_eq!(bearer, "Bearer tok-2");
                answer(
                    200,
                    page("sites", &[json!({ "uid": "b", "name": "B" })], None).to_string(),
                )
            }
            other => panic!("{other:?}"),
        }
    });
    let connector = connector_over(wire, &clock, 1);
    let (records, _) = all(connector.companies()).await.unwrap();
    assert_eq!(records.len(), 2);
}

#[tokio::test]
async fn wrong_keys_are_told_and_never_shown() {
    for (status, body, code) in [
        (
            400,
            json!({ "error": "invalid_grant", "error_description": "Bad credentials: KEY 77/s3cret&=" }),
            "vendor-unauthorized",
        ),
        (
            401,
            json!({ "error": "unauthorized", "error_description": "no KEY 77" }),
            "vendor-unauthorized",
        ),
        (200, json!({ "token": "s3cret&=" }), "vendor-body"),
        (200, json!({ "access_token": "bad\ntoken" }), "vendor-body"),
    ] {
        let clock = clock();
        let text = body.to_string();
        let wire = Scripted::new(&clock, move |_, sent| {
            assert!(!sent.body.is_empty());
            answer(status, text.clone())
        });
        let connector = connector_over(wire.clone(), &clock, 1);
        let error = connector.check().await.unwrap_err();
        assert_eq!((error.operation, error.kind.code()), ("auth.token", code));
        let shown = format!(
            "{error} {error:?} {connector:?} {:?}",
            config("http://h", 1)
        );
        assert!(
            !shown.contains("s3cret") && !shown.contains("KEY 77"),
            "{shown}"
        );
        assert_eq!(wire.times().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_check_is_not_content_with_a_sign_in_page() {
    let server = MockServer::start().await;
    let html = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    serve(&server, "/api/v2/account", html).await;
    let error = connector(&server, 1).await.check().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Body { .. }), "{error}");
}

#[tokio::test]
async fn too_many_requests_wait_out_the_window_and_the_block() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        after_token(|number, _| match number {
            0 => answer(429, ""),
            1 => reply(
                403,
                &[("content-type", "text/html")],
                "<html>Request blocked.</html>",
            ),
            _ => answer(200, "{}"),
        }),
    );
    let start = clock.now().as_millisecond();
    connector_over(wire.clone(), &clock, 1)
        .check()
        .await
        .unwrap();
    let waited = [0, 0, 60_000, 360_000].map(|ms| start + ms);
    assert_eq!(wire.times(), waited);
}

#[tokio::test]
async fn the_limit_holds_for_a_whole_account_in_simulated_time() {
    let clock = clock();
    let rows: Vec<Value> = (0..40)
        .map(|uid| json!({ "uid": format!("d{uid}"), "siteUid": "s", "hostname": "h", "deviceClass": "device" }))
        .collect();
    let wire = Scripted::new(
        &clock,
        after_token(move |_, sent| {
            let list = sent.target.starts_with("/api/v2/account/devices");
            answer(
                200,
                if list {
                    page("devices", &rows, None).to_string()
                } else {
                    "{}".to_owned()
                },
            )
        }),
    );
    let mut config = config("http://rmm.example", 250);
    config.limit = Some(DattoRmm::LIMIT.percent(2));
    let connector = DattoRmm::new(config, wire.clone(), clock.clone(), 1).unwrap();
    let (records, _) = all(connector.devices()).await.unwrap();
    assert_eq!(records.len(), 40);
    let times = wire.times();
    assert_eq!(times.len(), 42);
    for from in &times {
        let inside = times
            .iter()
            .filter(|time| (*from..=from + 60_000).contains(time));
        assert!(inside.count() <= 12);
    }
    assert!(connector.stats().total().waited_ms >= 180_000);
}
