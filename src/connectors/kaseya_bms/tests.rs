//! Against replies of the vendor's shape, written by hand.

mod contact_writes;
mod mapping;
mod paging;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::{Bms, BmsConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, PsaConnector};
use crate::transport::{Clock, RetryPolicy, Secret, SimulatedClock};

const PASSWORD: &str = "hunter2&=+";
const LOGIN: &str = "/v2/security/authenticate";

fn config(page_size: u32) -> BmsConfig {
    BmsConfig {
        vendor: Bms::KASEYA_BMS,
        base_url: "http://bms.example".to_owned(),
        user_name: "sync.api".to_owned(),
        password: Secret::new(PASSWORD),
        tenant: "Northwind IT".to_owned(),
        page_size,
        asset_concurrency: 3,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

/// A connector whose requests a function answers, logins included.
fn bare(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (Bms, Arc<Scripted>, Arc<SimulatedClock>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| script(sent));
    let connector = Bms::new(
        config(page_size),
        Arc::clone(&wire) as _,
        Arc::clone(&clock) as _,
        1,
    );
    (connector.unwrap(), wire, clock)
}

/// A connector whose tokens are `tok-0`, `tok-1` ..., and whose other requests a function answers.
fn bms(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (Bms, Arc<Scripted>) {
    let logins = AtomicU32::new(0);
    let (connector, wire, _) = bare(page_size, move |sent| {
        if sent.target != LOGIN {
            return script(sent);
        }
        let number = logins.fetch_add(1, Ordering::Relaxed);
        token(&format!("tok-{number}"), &json!("2025-06-02T00:00:00Z"))
    });
    (connector, wire)
}

/// A connector over a tenant: replies by method and path, each wrapped; where the reply is an array
/// it is a list, cut as the query asks where it asks.
fn tenant(page_size: u32, replies: Vec<(&'static str, Value)>) -> (Bms, Arc<Scripted>) {
    bms(page_size, move |sent| {
        let route = sent.route();
        let known = replies.iter().find(|(own, _)| *own == route);
        match known.map(|(_, reply)| reply) {
            Some(Value::Array(rows)) if sent.target.contains("PageNumber") => {
                page(rows, sent, usize::MAX, Some(rows.len()))
            }
            Some(reply) => result(reply),
            None => failure(404, "The record was not found."),
        }
    })
}

fn token(text: &str, end: &Value) -> Answer {
    result(&json!({
        "accessToken": text, "refreshToken": "cmVm", "accessTokenExpireOn": end,
        "refreshTokenExpireOn": "2025-06-03T00:00:00Z",
    }))
}

fn result(result: &Value) -> Answer {
    answer(
        200,
        json!({ "success": true, "result": result }).to_string(),
    )
}

fn failure(status: u16, text: &str) -> Answer {
    let error = json!({ "code": status, "message": text, "details": null, "subErrors": [] });
    answer(
        status,
        json!({ "success": false, "error": error }).to_string(),
    )
}

/// A parameter of the query.
fn parameter(sent: &Sent, name: &str) -> usize {
    let query = sent.target.split_once('?').unwrap().1;
    let (_, value) = form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .unwrap();
    value.parse().unwrap()
}

/// The page that is asked for, at most `largest` rows of it.
fn page(rows: &[Value], sent: &Sent, largest: usize, total: Option<usize>) -> Answer {
    let size = parameter(sent, "PageSize").min(largest);
    let from = (parameter(sent, "PageNumber") - 1) * size;
    let rows: Vec<&Value> = rows.iter().skip(from).take(size).collect();
    let mut page = json!({ "success": true, "error": null, "result": rows });
    if let Some(total) = total {
        page["totalRecords"] = total.into();
    }
    answer(200, page.to_string())
}

fn bearer(sent: &Sent) -> &str {
    sent.headers["authorization"].to_str().unwrap()
}

#[tokio::test]
async fn it_logs_in_once_by_a_form_and_asks_with_the_token() {
    let (connector, wire) = bms(100, |_| result(&json!({ "id": 17, "productName": "BMS" })));
    connector.check().await.unwrap();
    connector.check().await.unwrap();
    assert_eq!(
        wire.targets(),
        [LOGIN, "/v2/security/userinfo", "/v2/security/userinfo"]
    );
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].method, "POST");
    assert_eq!(
        sent[0].headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        std::str::from_utf8(&sent[0].body).unwrap(),
        "GrantType=password&UserName=sync.api&Password=hunter2%26%3D%2B&Tenant=Northwind+IT"
    );
    assert!(!sent[0].headers.contains_key("authorization"));
    assert_eq!(bearer(&sent[1]), "Bearer tok-0");
    assert_eq!(sent[1].headers["accept"], "application/json");
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once_in_the_middle_of_a_walk() {
    let (connector, wire) = bms(1, |sent| {
        match (bearer(sent), parameter(sent, "PageNumber")) {
            ("Bearer tok-0", 2) => reply(401, &[("www-authenticate", "Bearer")], ""),
            (_, number @ (1 | 2)) => {
                let row = json!({ "id": number, "accountName": "A" });
                page(&[row.clone(), row], sent, 1, None)
            }
            _ => result(&json!([])),
        }
    });
    let (records, _) = all(connector.organizations()).await.unwrap();
    assert_eq!(records.len(), 2);
    let summary = "GET /v2/crm/accounts/summary";
    let login = "POST /v2/security/authenticate";
    assert_eq!(
        wire.routes(),
        [login, summary, summary, login, summary, summary]
    );
    let targets = wire.targets();
    assert_eq!(targets[2], targets[4], "the same call again");
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_ends_the_call() {
    let (connector, wire) = bms(1, |_| answer(401, ""));
    let error = connector.check().await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-unauthorized");
    assert_eq!(wire.times().len(), 4);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    // Without an offset it is UTC; without a readable end a quarter of an hour is taken.
    for (end, minutes) in [
        (json!("2025-06-01T00:20:00Z"), 20),
        (json!("2025-06-01T00:20:00"), 20),
        (json!("soon"), 15),
        (json!(null), 15),
    ] {
        let (connector, wire, clock) = bare(1, move |sent| match &*sent.target {
            LOGIN => token("tok", &end),
            _ => result(&json!({})),
        });
        let start = clock.now();
        for (minute, logins) in [(0, 1), (minutes - 2, 1), (minutes, 2)] {
            let moment = start + jiff::SignedDuration::from_mins(minute);
            clock.sleep_until(moment).await;
            connector.check().await.unwrap();
            let done = wire.targets().iter().filter(|it| *it == LOGIN).count();
            assert_eq!(done, logins, "at minute {minute} of {minutes}");
        }
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_without_the_password() {
    for status in [200, 400, 401] {
        let (connector, wire, _) = bare(1, move |_| {
            failure(status, &format!("the password {PASSWORD} is wrong"))
        });
        let error = connector.check().await.unwrap_err();
        let text = format!("{error} {error:?} {connector:?} {:?}", config(1));
        assert!(
            matches!(error.kind, ErrorKind::Unauthorized { status: own, .. } if own == status),
            "{text}"
        );
        assert_eq!(error.operation, "auth.token");
        assert!(text.contains("the password *** is wrong"), "{text}");
        assert!(!text.contains(PASSWORD), "{text}");
        assert_eq!(wire.times().len(), 1, "it is not tried again");
    }
}

#[tokio::test]
async fn a_login_that_brings_no_token_is_an_error_that_shows_none() {
    for body in [
        "<html>tok-secret",
        r#"{"success":true,"result":{"accessToken":7,"x":"tok-secret"}}"#,
        r#"{"success":true,"result":{"accessToken":"tok-secret\n"}}"#,
    ] {
        let (connector, _, _) = bare(1, move |_| answer(200, body));
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), "vendor-body");
        assert!(!format!("{error:?}").contains("tok-secret"), "{error}");
    }
}

#[tokio::test]
async fn a_token_is_never_shown() {
    let (connector, _) = bms(1, |_| failure(403, "tok-0 may not do this"));
    let error = connector.check().await.unwrap_err();
    let text = format!("{error} {connector:?}");
    assert_eq!(error.kind.code(), "vendor-forbidden");
    assert!(text.contains("*** may not do this"), "{text}");
    assert!(!text.contains("tok-0"), "{text}");
}

#[tokio::test]
async fn a_success_that_says_no_is_an_error() {
    for (body, expected) in [
        (
            r#"{"success":false,"error":{"code":7,"message":"No right.","subErrors":["a","b"]}}"#,
            "the product says no: No right.; a; b",
        ),
        (
            r#"{"success":false,"error":null,"result":[]}"#,
            "the product says no: no reason is given",
        ),
        (
            r#"{"error":{"message":"Broken."}}"#,
            "the product says no: Broken.",
        ),
    ] {
        let (connector, wire) = bms(1, move |_| answer(200, body));
        let error = connector.contacts().next_page().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind.code(), "vendor-body");
        assert!(text.ends_with(expected), "{text}");
        assert_eq!(wire.times().len(), 2);
    }
    let words = format!("{PASSWORD} {}", "x".repeat(1_000));
    let (connector, _) = bms(1, move |_| failure(200, &words));
    let text = connector.check().await.unwrap_err().to_string();
    assert!(!text.contains(PASSWORD) && text.len() < 300, "{text}");
}

#[tokio::test]
async fn bodies_that_are_no_list_are_described() {
    for (body, expected) in [
        ("<html><title>Sign in</title>", "answered HTML"),
        ("", "empty body"),
        (r#"{"success":true,"result":[{"id":1,"#, "not the JSON"),
        ("{}", "expected a sequence"),
        (r#"{"success":true}"#, "expected a sequence"),
        (r#"{"success":true,"result":null}"#, "expected a sequence"),
        ("[]", "invalid length 0"),
    ] {
        let (connector, _) = bms(1, move |_| answer(200, body));
        let mut walk = connector.contacts();
        let error = walk.next_page().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind.code(), "vendor-body", "{text}");
        assert!(
            text.starts_with("kaseya-bms, contacts.list: ") && text.contains(expected),
            "{text}"
        );
        assert_eq!(walk.next_page().await, Ok(None));
    }
}

#[tokio::test]
async fn what_passes_is_waited_out_and_a_refusal_is_not_repeated() {
    for (status, headers, waits_ms) in [
        (429, &[("retry-after", "7")][..], 7_000..=7_000),
        (429, &[], 30_000..=30_000),
        (500, &[], 250..=500),
        (503, &[("retry-after", "3")], 3_000..=3_000),
    ] {
        let (connector, wire, _) = bare(1, {
            let tries = AtomicU32::new(0);
            move |sent| match &*sent.target {
                LOGIN => token("tok", &json!(null)),
                _ if tries.fetch_add(1, Ordering::Relaxed) == 0 => reply(status, headers, ""),
                _ => result(&json!({})),
            }
        });
        connector.check().await.unwrap();
        let times = wire.times();
        assert!(waits_ms.contains(&(times[2] - times[1])), "{status}");
    }
    for (status, code) in [(400, "vendor-status"), (404, "vendor-not-found")] {
        let (connector, wire) = bms(1, move |_| failure(status, "No."));
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        assert!(error.to_string().ends_with(": No."), "{error}");
        assert_eq!(wire.times().len(), 2);
    }
}

#[tokio::test]
async fn a_member_of_the_family_goes_by_its_own_name() {
    let clock = clock();
    let wire = Scripted::new(&clock, |_, _| answer(403, ""));
    let config = BmsConfig {
        vendor: Bms::PULSEWAY_PSA,
        ..config(1)
    };
    let connector = Bms::new(config, wire, clock, 1).unwrap();
    assert_eq!(connector.vendor(), "pulseway-psa");
    assert_eq!(connector.check().await.unwrap_err().vendor, "pulseway-psa");
}

#[test]
fn what_cannot_be_set_up_is_explained() {
    type Change = fn(&mut BmsConfig);
    let changes: [(Change, &str); 3] = [
        (|it| it.page_size = 0, "choose 1 to 1000"),
        (|it| it.page_size = 1_001, "choose 1 to 1000"),
        (
            |it| it.base_url = "bms.example".to_owned(),
            "give one like http://127.0.0.1:8080",
        ),
    ];
    for (change, expected) in changes {
        let mut config = config(1);
        change(&mut config);
        let clock = clock();
        let wire = Scripted::new(&clock, |_, _| answer(200, "{}"));
        let error = Bms::new(config, wire, clock, 1).unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}
