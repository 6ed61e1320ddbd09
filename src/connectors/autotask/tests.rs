//! Against replies of the vendor's shape, written by hand.

mod changes;
mod mapping;
mod paging;
mod writes;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Autotask, AutotaskConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, clock, json as answer, reply};
use crate::connectors::{ConnectorError, ConnectorSetupError, ErrorKind, PsaConnector};
use crate::transport::{Clock, RetryPolicy, Secret};

const BASE: &str = "http://at.example/ATServicesRest";
const ROOT: &str = "/ATServicesRest/V1.0";
const SECRET: &str = "s3cret&=";
const CODE: &str = "TRACK77";

fn config(page_size: u32) -> AutotaskConfig {
    AutotaskConfig {
        base_url: BASE.to_owned(),
        user_name: "sync+api@northwind.example".to_owned(),
        secret: Secret::new(SECRET),
        integration_code: CODE.to_owned(),
        page_size,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

/// A connector whose requests a function answers, that for the zone included.
fn bare(
    page_size: u32,
    script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
) -> (Autotask, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, script);
    let connector = Autotask::new(config(page_size), Arc::clone(&wire) as _, clock, 1).unwrap();
    (connector, wire)
}

/// A connector that knows its zone; a function answers the other requests, counted from 0.
fn zoned(
    page_size: u32,
    script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
) -> (Autotask, Arc<Scripted>) {
    bare(page_size, move |number, sent| match number {
        0 => zone(&format!("{BASE}/")),
        _ => script(number - 1, sent),
    })
}

/// A connector over a tenant: replies by method and path below the root; where the reply is an array
/// it is a list, cut as the query asks. Lists that nobody names are empty.
fn tenant(page_size: u32, replies: Vec<(&'static str, Value)>) -> (Autotask, Arc<Scripted>) {
    zoned(page_size, move |_, sent| {
        let route = sent.route().replace(ROOT, "");
        let known = replies.iter().find(|(own, _)| *own == route);
        match known.map(|(_, reply)| reply) {
            Some(Value::Array(rows)) => listing(rows, sent),
            Some(reply) => answer(200, reply.to_string()),
            None if route.ends_with("/query") => listing(&[], sent),
            None if route == TYPES => answer(200, company_types().to_string()),
            None => panic!("{route}"),
        }
    })
}

const TYPES: &str = "GET /Companies/entityInformation/fields";

fn zone(url: &str) -> Answer {
    let zone = json!({
        "zoneName": "America East 2", "url": url, "webUrl": "https://ww5.at.example/", "ci": 1_234_567,
    });
    answer(200, zone.to_string())
}

fn company_types() -> Value {
    let choice = |value: &str, label: &str, active: bool| {
        json!({
            "value": value, "label": label, "isDefaultValue": false, "sortOrder": 1,
            "parentValue": "", "isActive": active, "isSystem": true,
        })
    };
    json!({ "fields": [
        { "name": "companyName", "dataType": "string", "isPickList": false, "picklistValues": null },
        { "name": "companyType", "dataType": "short", "isPickList": true, "picklistValues": [
            choice("1", "Customer", true), choice("7", "Vendor", true), choice("4", "Dead", false),
        ] },
    ] })
}

/// Rows behind the id of the query's first condition, as many as it wants.
fn listing(rows: &[Value], sent: &Sent) -> Answer {
    let query = sent.json();
    let (first, size) = (&query["filter"][0], query["maxRecords"].as_u64().unwrap());
    assert_eq!(
        (&first["op"], &first["field"]),
        (&json!("gt"), &json!("id"))
    );
    let mut behind = rows
        .iter()
        .filter(|row| row["id"].as_i64() > first["value"].as_i64());
    let part: Vec<&Value> = behind
        .by_ref()
        .take(usize::try_from(size).unwrap())
        .collect();
    page(&part, behind.next().is_some())
}

fn page(rows: &[&Value], more: bool) -> Answer {
    let next = more.then(|| format!("https://elsewhere.example{ROOT}/x/query/next?paging=%7b%7d"));
    let page = json!({
        "items": rows,
        "pageDetails": {
            "count": rows.len(), "requestCount": 500, "prevPageUrl": null, "nextPageUrl": next,
        },
    });
    answer(200, page.to_string())
}

fn errors(status: u16, text: &str) -> Answer {
    answer(status, json!({ "errors": [text] }).to_string())
}

async fn check(
    script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
) -> (Result<(), ConnectorError>, Arc<Scripted>) {
    let (connector, wire) = zoned(500, script);
    (connector.check().await, wire)
}

#[tokio::test]
async fn the_zone_is_asked_for_once_by_nobody_and_the_rest_by_the_user() {
    let usage = json!({
        "externalRequestThreshold": 10_000, "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": 124,
    });
    let (connector, wire) = tenant(500, vec![("GET /ThresholdInformation", usage)]);
    connector.check().await.unwrap();
    connector.check().await.unwrap();
    let user = "sync%2Bapi%40northwind%2Eexample";
    let asked = format!("{ROOT}/ThresholdInformation");
    assert_eq!(
        wire.targets(),
        [
            format!("{ROOT}/ZoneInformation?user={user}"),
            asked.clone(),
            asked
        ]
    );
    let sent = wire.sent.lock().unwrap();
    for name in ["username", "secret", "apiintegrationcode"] {
        assert!(!sent[0].headers.contains_key(name), "{name}");
    }
    let headers = &sent[1].headers;
    assert_eq!(headers["username"], "sync+api@northwind.example");
    assert_eq!(headers["secret"], SECRET);
    assert_eq!(headers["apiintegrationcode"], CODE);
    assert_eq!(headers["accept"], "application/json");
    assert_eq!(connector.stats().operations["zone"].requests, 1);
}

#[tokio::test]
async fn a_zone_on_another_host_gets_no_credentials() {
    for (url, host) in [
        (
            "https://webservices5.at.example/ATServicesRest/",
            "https://webservices5.at.example",
        ),
        ("https://at.example/ATServicesRest/", "https://at.example"),
        (
            "http://at.example:81/ATServicesRest/",
            "http://at.example:81",
        ),
        ("http://at.example@evil.example/", "http://evil.example"),
        ("//evil.example/ATServicesRest/", "http://evil.example"),
    ] {
        let (connector, wire) = bare(500, move |_, _| zone(url));
        let error = connector.check().await.unwrap_err();
        let host = host.to_owned();
        assert_eq!(error.kind, ErrorKind::ForeignLink { host });
        assert_eq!(wire.times().len(), 1);
    }
}

#[tokio::test]
async fn a_zone_on_the_host_is_followed() {
    for (url, path) in [
        ("http://at.example/ATServicesRest/", ROOT),
        ("http://at.example/ATServicesRest", ROOT),
        ("http://AT.example:80/ATServicesRest/", ROOT),
        (
            "http://at.example/ATServicesRest/zone5/",
            "/ATServicesRest/zone5/V1.0",
        ),
    ] {
        let (connector, wire) = bare(500, move |number, _| match number {
            0 => zone(url),
            _ => answer(200, "{}"),
        });
        connector.check().await.unwrap();
        assert_eq!(wire.targets()[1], format!("{path}/ThresholdInformation"));
    }
    let (connector, _) = bare(500, |_, _| zone("http://at.example/other/"));
    let text = connector.check().await.unwrap_err().to_string();
    assert!(
        text.contains("/other/ is not below /ATServicesRest"),
        "{text}"
    );
}

#[tokio::test]
async fn a_user_without_a_zone_is_told_and_not_asked_for_again() {
    for (status, code) in [
        (500, "vendor-unauthorized"),
        (404, "vendor-unauthorized"),
        (403, "vendor-forbidden"),
    ] {
        let (connector, wire) = bare(500, move |_, _| errors(status, "No zone for this user."));
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        assert!(error.to_string().contains("No zone for this user."));
        assert_eq!(wire.times().len(), 1);
    }
    // Nothing is kept of a zone that was not found.
    let (connector, wire) = bare(500, |number, _| match number {
        0 => errors(404, "Not yet."),
        1 => zone(&format!("{BASE}/")),
        _ => answer(200, "{}"),
    });
    connector.check().await.unwrap_err();
    connector.check().await.unwrap();
    assert_eq!(wire.times().len(), 3);
}

#[tokio::test]
async fn a_reply_that_is_no_zone_is_described() {
    for (body, expected) in [
        ("<html>Sign in</html>", "answered HTML"),
        ("", "empty body"),
        ("{}", "missing field `url`"),
    ] {
        let (connector, _) = bare(500, move |_, _| answer(200, body));
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-body");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn refused_credentials_are_told_and_never_shown() {
    for (status, code) in [(401, "vendor-unauthorized"), (403, "vendor-forbidden")] {
        let (connector, wire) = zoned(500, move |_, _| {
            errors(status, &format!("{SECRET} with {CODE} is refused"))
        });
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        let shown = format!("{error} {error:?} {connector:?} {:?}", config(1));
        assert!(shown.contains("*** with *** is refused"), "{shown}");
        assert!(!shown.contains(SECRET) && !shown.contains(CODE), "{shown}");
        // There is no login that could be done again.
        assert_eq!(wire.times().len(), 2);
    }
}

#[tokio::test]
async fn a_refusal_that_comes_as_a_server_error_is_not_repeated() {
    let (connector, wire) = zoned(500, |_, _| errors(500, "maxRecords is too large."));
    let mut walk = connector.contacts();
    let error = walk.next_page().await.unwrap_err();
    let kind = ErrorKind::Status {
        status: 500,
        attempts: 1,
        message: "maxRecords is too large.".to_owned(),
    };
    assert_eq!(error.kind, kind);
    assert_eq!(wire.times().len(), 2);
    assert_eq!(walk.next_page().await, Ok(None));
}

#[tokio::test]
async fn a_server_error_that_says_no_reason_is_repeated() {
    type Trouble = fn() -> Answer;
    let troubles: [Trouble; 5] = [
        || answer(500, r#"{"message":"An error has occurred."}"#),
        || answer(500, r#"{"errors":[]}"#),
        || errors(500, "Internal Server Error"),
        || reply(502, &[("content-type", "text/html")], "<html>Bad gateway"),
        || answer(503, ""),
    ];
    for trouble in troubles {
        let (done, wire) = check(move |number, _| match number {
            0 | 1 => trouble(),
            _ => answer(200, "{}"),
        })
        .await;
        done.unwrap();
        assert_eq!(wire.times().len(), 1 + 3);

        let (done, wire) = check(move |_, _| trouble()).await;
        assert_eq!(done.unwrap_err().kind.code(), "vendor-status");
        assert_eq!(wire.times().len(), 1 + 5);
    }
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    for (headers, waits_ms) in [
        (&[("retry-after", "7")][..], [7_000, 7_000]),
        (&[], [30_000, 30_000]),
    ] {
        let (done, wire) = check(move |number, _| match number {
            0 | 1 => reply(429, headers, r#"{"errors":["The threshold is exceeded."]}"#),
            _ => answer(200, "{}"),
        })
        .await;
        done.unwrap();
        let times = wire.times();
        assert_eq!([times[2] - times[1], times[3] - times[2]], waits_ms);
    }
    let (done, _) = check(|_, _| reply(429, &[], "")).await;
    assert_eq!(
        done.unwrap_err().kind,
        ErrorKind::RateLimited { attempts: 5 }
    );
}

#[tokio::test]
async fn bodies_that_are_no_list_are_described() {
    for (body, expected) in [
        ("<html><title>Sign in</title>", "answered HTML"),
        ("", "empty body"),
        (
            r#"{"items":[{"id":1,"#,
            "not the JSON that was expected (application/json): EOF",
        ),
        ("{}", "expected a sequence"),
        (r#"{"items":null}"#, "expected a sequence"),
        (r#"{"items":{"id":1}}"#, "expected a sequence"),
    ] {
        let (connector, _) = zoned(500, move |_, _| answer(200, body));
        let mut walk = connector.contacts();
        let error = walk.next_page().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind.code(), "vendor-body", "{text}");
        assert!(
            text.starts_with("autotask, contacts.list: ") && text.contains(expected),
            "{text}"
        );
        assert_eq!(walk.next_page().await, Ok(None));
    }
}

#[tokio::test]
async fn a_check_is_not_content_with_a_sign_in_page() {
    let (done, _) = check(|_, _| reply(200, &[("content-type", "text/html")], "<html>")).await;
    assert_eq!(done.unwrap_err().kind.code(), "vendor-body");
}

#[test]
fn what_cannot_be_set_up_is_explained_without_the_credentials() {
    type Change = fn(&mut AutotaskConfig);
    let refused = |change: Change| -> ConnectorSetupError {
        let mut config = config(500);
        change(&mut config);
        let clock = clock();
        let wire = Scripted::new(&clock, |_, _| answer(200, "{}"));
        let error = Autotask::new(config, wire, clock as Arc<dyn Clock>, 1).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        error
    };
    let sizes: [Change; 2] = [|it| it.page_size = 0, |it| it.page_size = 501];
    for size in sizes {
        let error = refused(size);
        assert!(error.to_string().ends_with("choose 1 to 500"), "{error}");
    }
    let error = refused(|it| it.base_url = "http://me:hunter2@at.example".to_owned());
    assert_eq!(error.code(), "base-url");
    let unsendable: [(Change, &str); 3] = [
        (|it| it.secret = Secret::new("hunter2\n"), "`secret`"),
        (|it| it.user_name = "hunter2\n".to_owned(), "`user_name`"),
        (
            |it| it.integration_code = "hunter2\n".to_owned(),
            "`integration_code`",
        ),
    ];
    for (change, name) in unsendable {
        let error = refused(change);
        assert_eq!(error.code(), "credential-unsendable");
        assert!(error.to_string().contains(name), "{error}");
    }
}
