//! Against replies of the vendor's shape, written by hand.

mod mapping;
mod paging;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Tigerpaw, TigerpawConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, clock, json as answer, reply};
use crate::connectors::{ErrorKind, PsaConnector};
use crate::transport::{RetryPolicy, Secret};

const PUBLIC: &str = "pubkey-7";
const PRIVATE: &str = "Priv-Key-9";
const ACCOUNTS: &str = "POST /api/accounts/search";
const CONTACTS: &str = "POST /api/contacts/search";

fn config(page_size: u32) -> TigerpawConfig {
    TigerpawConfig {
        base_url: "http://tp.example".to_owned(),
        public_key: PUBLIC.to_owned(),
        private_key: Secret::new(PRIVATE),
        page_size,
        contact_concurrency: 3,
        retry: RetryPolicy::default(),
    }
}

/// A connector whose requests a function answers.
fn tigerpaw(
    page_size: u32,
    script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
) -> (Tigerpaw, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, script);
    let connector = Tigerpaw::new(config(page_size), Arc::clone(&wire) as _, clock, 1).unwrap();
    (connector, wire)
}

/// A connector over a tenant of accounts and contacts; details are by number, and empty where the
/// contact has none.
fn tenant(
    page_size: u32,
    accounts: Vec<Value>,
    contacts: Vec<Value>,
    details: Vec<(&'static str, Value)>,
) -> (Tigerpaw, Arc<Scripted>) {
    tigerpaw(page_size, move |_, sent| match &*sent.route() {
        ACCOUNTS => found("Accounts", &accounts, sent, usize::MAX),
        CONTACTS => found("Contacts", &contacts, sent, usize::MAX),
        route => {
            let number = route.strip_prefix("GET /api/contacts/").unwrap();
            let number = number.strip_suffix("/details").unwrap();
            let known = details.iter().find(|(own, _)| *own == number);
            match known.map(|(_, detail)| detail) {
                Some(Value::Null) => answer(404, r#"{"Message":"There is no such contact."}"#),
                Some(detail) => answer(200, detail.to_string()),
                None => answer(200, "{}"),
            }
        }
    })
}

/// The page that a search asks for, at most `largest` rows of it.
fn found(name: &str, rows: &[Value], sent: &Sent, largest: usize) -> Answer {
    let search = sent.json();
    let number = |name: &str| usize::try_from(search[name].as_u64().unwrap()).unwrap();
    let (start, size) = (number("StartRow"), number("PageSize").min(largest));
    let part: Vec<&Value> = rows.iter().skip(start - 1).take(size).collect();
    let next = start + part.len();
    let next = if next > rows.len() { 0 } else { next };
    answer(
        200,
        json!({
            name: part, "PageSize": size, "NextRow": next, "TotalCount": rows.len(),
            "Success": true, "Message": null,
        })
        .to_string(),
    )
}

#[tokio::test]
async fn every_request_is_signed_by_method_path_and_time() {
    let (connector, wire) = tigerpaw(50, |_, sent| match &*sent.target {
        "/api/accounts/search" => found("Accounts", &[], sent, 50),
        _ => answer(200, r#"{"Success":true,"Message":"Valid."}"#),
    });
    connector.check().await.unwrap();
    connector.organizations().next_page().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].route(), "GET /api/diagnostics/validate/user");
    assert_eq!(sent[1].route(), ACCOUNTS);
    // HMAC-SHA256 of `get|/api/diagnostics/validate/user|sun, 01 jun 2025 00:00:00 gmt` and of
    // `post|/api/accounts/search|…` under the private key, computed elsewhere.
    let signatures = [
        "cHVia2V5LTc6Q0hTSWRwTHZyclJzUVpTNlQxOEpNNUVtNDJjSnozMzFCd1Q3cUl5QWIyaz0=",
        "cHVia2V5LTc6OEpYcmRhOEF0OTdlMnFnb0xLWGgzRDg2SFJua29McE54cTREK2dsc29CST0=",
    ];
    for (sent, signature) in sent.iter().zip(signatures) {
        assert_eq!(sent.headers["authorization"], format!("TSI {signature}"));
        assert_eq!(sent.headers["x-tsi-date"], "Sun, 01 Jun 2025 00:00:00 GMT");
        assert_eq!(sent.headers["accept"], "application/json");
        assert!(sent.headers["authorization"].is_sensitive());
    }
    assert_eq!(sent[1].headers["content-type"], "application/json");
}

#[tokio::test]
async fn a_refused_signature_is_told_and_never_shown() {
    for (status, code) in [(401, "vendor-unauthorized"), (403, "vendor-forbidden")] {
        let (connector, wire) = tigerpaw(50, move |_, _| {
            let words = format!("{PUBLIC} with {PRIVATE} is refused");
            answer(status, json!({ "Message": words }).to_string())
        });
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        let shown = format!("{error} {error:?} {connector:?} {:?}", config(1));
        assert!(shown.contains("*** with *** is refused"), "{shown}");
        assert!(
            !shown.contains(PUBLIC) && !shown.contains(PRIVATE),
            "{shown}"
        );
        // There is no login that could be done again.
        assert_eq!(wire.times().len(), 1);
    }
}

#[tokio::test]
async fn a_success_that_says_no_is_an_error() {
    for (body, expected) in [
        (
            r#"{"Success":false,"Message":"Priv-Key-9 has no rights."}"#,
            "the product says no: *** has no rights.",
        ),
        (
            r#"{"Success":false,"Message":null,"Accounts":[],"Contacts":[],"Entries":[]}"#,
            "the product says no: no reason is given",
        ),
    ] {
        let (connector, wire) = tigerpaw(50, move |_, _| answer(200, body));
        let errors = [
            connector.check().await.unwrap_err(),
            connector.organizations().next_page().await.unwrap_err(),
            connector.contacts().next_page().await.unwrap_err(),
            connector.organization_types().await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind.code(), "vendor-body");
            assert!(error.to_string().ends_with(expected), "{error}");
        }
        assert_eq!(wire.times().len(), 4);
    }
}

#[tokio::test]
async fn bodies_that_are_no_list_are_described() {
    for (body, expected) in [
        ("<html><title>Sign in</title>", "answered HTML"),
        ("", "empty body"),
        (r#"{"Accounts":[{"AccountNumber":1,"#, "not the JSON"),
        ("{}", "expected a sequence"),
        (r#"{"Message":"Hm."}"#, "expected a sequence"),
        (r#"{"Accounts":7}"#, "expected a sequence"),
        ("[7]", "not the JSON that was expected"),
    ] {
        let (connector, _) = tigerpaw(50, move |_, _| answer(200, body));
        let mut walk = connector.organizations();
        let error = walk.next_page().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind.code(), "vendor-body", "{text}");
        assert!(
            text.starts_with("tigerpaw, companies.list: ") && text.contains(expected),
            "{text}"
        );
        assert_eq!(walk.next_page().await, Ok(None));
    }
    let page = |_: usize, _: &Sent| reply(200, &[("content-type", "text/html")], "<html>");
    let (connector, _) = tigerpaw(50, page);
    let error = connector.check().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Body { .. }), "{error}");
}

#[tokio::test]
async fn what_passes_is_waited_out_and_a_refusal_is_not_repeated() {
    for (status, headers, waits_ms) in [
        (429, &[("retry-after", "7")][..], 7_000..=7_000),
        (429, &[], 30_000..=30_000),
        (500, &[], 250..=500),
        (503, &[("retry-after", "3")], 3_000..=3_000),
    ] {
        // A search is a POST, and asking twice does no harm.
        let (connector, wire) = tigerpaw(50, move |number, sent| match number {
            0 => reply(status, headers, ""),
            _ => found("Accounts", &[], sent, 50),
        });
        connector.organizations().next_page().await.unwrap();
        let times = wire.times();
        assert!(waits_ms.contains(&(times[1] - times[0])), "{status}");
    }
    let (connector, wire) = tigerpaw(50, |_, _| answer(400, r#"{"Message":"A bad search."}"#));
    let error = connector.organizations().next_page().await.unwrap_err();
    assert!(error.to_string().ends_with(": A bad search."), "{error}");
    assert_eq!(wire.times().len(), 1);
}

#[test]
fn what_cannot_be_set_up_is_explained() {
    type Change = fn(&mut TigerpawConfig);
    let changes: [(Change, &str); 3] = [
        (|it| it.page_size = 0, "choose 1 to 100"),
        (|it| it.page_size = 101, "choose 1 to 100"),
        (
            |it| it.base_url = "tp.example".to_owned(),
            "give one like http://127.0.0.1:8080",
        ),
    ];
    for (change, expected) in changes {
        let mut config = config(1);
        change(&mut config);
        let clock = clock();
        let wire = Scripted::new(&clock, |_, _| answer(200, "{}"));
        let error = Tigerpaw::new(config, wire, clock, 1).unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[test]
fn it_takes_no_writes() {
    let (connector, _) = tigerpaw(50, |_, _| answer(200, "{}"));
    assert!(connector.writer().is_none());
    assert!(!connector.capabilities().two_way);
}
