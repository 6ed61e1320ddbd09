//! Against replies of the vendor's shape, written by hand.

mod devices;
mod mapping;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Syncro, SyncroConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, PsaConnector, Result};
use crate::transport::{RequestLimit, RetryPolicy, Secret};

const TOKEN: &str = "T0ken-hunter2";

fn config() -> SyncroConfig {
    SyncroConfig {
        base_url: "http://syncro.example/api/v1".to_owned(),
        api_token: Secret::new(TOKEN),
        retry: RetryPolicy::default(),
        limit: None,
    }
}

/// A connector whose requests a function answers.
fn syncro(
    script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
) -> (Syncro, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, script);
    let connector = Syncro::new(config(), Arc::clone(&wire) as _, clock, 1).unwrap();
    (connector, wire)
}

/// A connector over one list, which the server cuts into pages.
fn listing(name: &'static str, rows: Vec<Value>, size: usize) -> (Syncro, Arc<Scripted>) {
    syncro(move |_, sent| {
        let number = number(sent);
        let part: Vec<&Value> = rows.iter().skip((number - 1) * size).take(size).collect();
        let pages = rows.len().div_ceil(size);
        let meta = json!({
            "total_pages": pages, "total_entries": rows.len(), "per_page": size, "page": number,
        });
        answer(200, json!({ name: part, "meta": meta }).to_string())
    })
}

/// The page that is asked for.
fn number(sent: &Sent) -> usize {
    let (_, number) = sent.target.rsplit_once("page=").unwrap();
    number.parse().unwrap()
}

fn contact(id: usize) -> Value {
    json!({ "id": id, "name": format!("Pat {id}") })
}

fn contacts(count: usize) -> Vec<Value> {
    (1..=count).map(contact).collect()
}

/// Ids of everything that is delivered, in order.
async fn ids(connector: &Syncro) -> Result<Vec<usize>> {
    let (records, rejected) = all(connector.contacts()).await?;
    assert!(rejected.is_empty(), "{rejected:?}");
    Ok(records.iter().map(|it| it.id.parse().unwrap()).collect())
}

#[tokio::test]
async fn every_request_carries_the_token() {
    let (connector, wire) = syncro(|number, _| match number {
        0 => answer(
            200,
            r#"{"user_id":4,"user_email":"sync@northwind.example"}"#,
        ),
        _ => answer(200, r#"{"customers":[],"contacts":[],"assets":[]}"#),
    });
    connector.check().await.unwrap();
    connector.organizations().next_page().await.unwrap();
    connector.contacts().next_page().await.unwrap();
    connector.configurations().next_page().await.unwrap();
    assert_eq!(
        wire.targets(),
        [
            "/api/v1/me",
            "/api/v1/customers?include_disabled=true&page=1",
            "/api/v1/contacts?page=1",
            "/api/v1/customer_assets?page=1",
        ]
    );
    for sent in wire.sent.lock().unwrap().iter() {
        assert_eq!(sent.method, "GET");
        assert_eq!(sent.headers["authorization"], format!("Bearer {TOKEN}"));
        assert!(sent.headers["authorization"].is_sensitive());
        assert_eq!(sent.headers["accept"], "application/json");
    }
}

#[tokio::test]
async fn a_refused_token_is_told_and_never_shown() {
    for (status, code) in [(401, "vendor-unauthorized"), (403, "vendor-forbidden")] {
        let (connector, wire) = syncro(move |_, _| {
            let words = format!("Not authorized: {TOKEN}. Ask the account's admin.");
            answer(status, json!({ "error": words }).to_string())
        });
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        let shown = format!("{error} {error:?} {connector:?} {:?}", config());
        assert!(shown.contains("Not authorized: ***."), "{shown}");
        assert!(!shown.contains(TOKEN), "{shown}");
        // There is no login that could be done again.
        assert_eq!(wire.times().len(), 1);
    }
}

#[tokio::test]
async fn bodies_that_are_no_list_are_described() {
    for (body, expected) in [
        ("<html><title>Sign in</title>", "answered HTML"),
        ("", "empty body"),
        (r#"{"contacts":[{"id":1,"#, "not the JSON"),
        ("{}", "there is no list in it"),
        (r#"{"contacts":null}"#, "there is no list in it"),
        (
            r#"{"success":false,"message":["No."]}"#,
            "there is no list in it",
        ),
        (r#"{"contacts":{"id":1}}"#, "expected a sequence"),
    ] {
        let (connector, _) = syncro(move |_, _| answer(200, body));
        let mut walk = connector.contacts();
        let error = walk.next_page().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind.code(), "vendor-body", "{text}");
        assert!(
            text.starts_with("syncro, contacts.list: ") && text.contains(expected),
            "{text}"
        );
        assert_eq!(walk.next_page().await, Ok(None));
    }
}

#[tokio::test]
async fn a_check_is_not_content_with_a_sign_in_page() {
    let page = |_: usize, _: &Sent| reply(200, &[("content-type", "text/html")], "<html>");
    let (connector, _) = syncro(page);
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
        let (connector, wire) = syncro(move |number, _| match number {
            0 => reply(status, headers, ""),
            _ => answer(200, "{}"),
        });
        connector.check().await.unwrap();
        let times = wire.times();
        assert!(waits_ms.contains(&(times[1] - times[0])), "{status}");
    }
    for (status, body, code) in [
        (404, r#"{"message":"Not found"}"#, "vendor-not-found"),
        (
            422,
            r#"{"success":false,"message":["Not found"],"params":{}}"#,
            "vendor-status",
        ),
    ] {
        let (connector, wire) = syncro(move |_, _| answer(status, body));
        let error = connector.check().await.unwrap_err();
        assert_eq!(error.kind.code(), code);
        assert!(error.to_string().ends_with(": Not found"), "{error}");
        assert_eq!(wire.times().len(), 1);
    }
}

#[tokio::test]
async fn a_limit_of_our_own_is_kept() {
    let clock = clock();
    let wire = Scripted::new(&clock, |_, _| answer(200, "{}"));
    let limit = RequestLimit {
        requests: 2,
        window_ms: 60_000,
    };
    let config = SyncroConfig {
        limit: Some(limit),
        ..config()
    };
    let connector = Syncro::new(config, Arc::clone(&wire) as _, clock, 1).unwrap();
    for _ in 0..4 {
        connector.check().await.unwrap();
    }
    let times = wire.times();
    assert!(times[2] - times[0] >= 60_000, "{times:?}");
}

#[tokio::test]
async fn a_list_is_read_to_the_page_that_the_server_calls_the_last() {
    for (count, size, requests) in [(0, 2, 1), (1, 2, 1), (2, 2, 1), (3, 2, 2), (7, 3, 3)] {
        let (connector, wire) = listing("contacts", contacts(count), size);
        let expected: Vec<usize> = (1..=count).collect();
        assert_eq!(ids(&connector).await, Ok(expected));
        assert_eq!(wire.times().len(), requests, "{count} by {size}");
    }
}

#[tokio::test]
async fn without_a_count_an_empty_page_is_the_end() {
    for meta in [json!(null), json!({ "page": 1, "total_pages": null })] {
        let (connector, wire) = syncro(move |number, _| {
            let rows = if number < 2 {
                vec![contact(number + 1)]
            } else {
                Vec::new()
            };
            answer(200, json!({ "contacts": rows, "meta": meta }).to_string())
        });
        assert_eq!(ids(&connector).await, Ok(vec![1, 2]));
        assert_eq!(wire.times().len(), 3);
    }
}

#[tokio::test]
async fn a_record_that_comes_twice_is_delivered_once() {
    // The list grew at its front while it was read.
    let (connector, _) = syncro(|number, _| {
        let rows = [[1, 2], [2, 3], [3, 4]][number].map(contact);
        answer(
            200,
            json!({ "contacts": rows, "meta": { "total_pages": 3 } }).to_string(),
        )
    });
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3, 4]));
}

#[tokio::test]
async fn a_page_that_comes_again_and_again_is_an_error() {
    let (connector, wire) =
        syncro(|_, _| answer(200, json!({ "contacts": contacts(2) }).to_string()));
    let error = ids(&connector).await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-paging");
    assert_eq!(wire.times().len(), 1 + 3);
}

#[tokio::test]
async fn unreadable_records_do_not_stop_the_walk() {
    let rows = vec![
        json!({ "id": "?" }),
        json!({ "name": "no id" }),
        json!({ "id": 3, "name": 7 }),
        contact(4),
    ];
    let (connector, _) = listing("contacts", rows, 1);
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(
        rejected,
        [
            "record ?, field id: invalid type: string \"?\", expected i64",
            "record without id, field id: missing field `id`",
            "record 3, field name: invalid type: integer `7`, expected a string",
        ]
    );
}

#[tokio::test]
async fn pages_none_of_whose_customers_is_wanted_do_not_end_the_locations() {
    let customer = |id: i64| json!({ "id": id, "business_name": "A", "address": (id > 4).then_some("1 Pier Rd") });
    let rows: Vec<Value> = (1..=9).map(customer).collect();
    let (connector, wire) = listing("customers", rows.clone(), 1);
    let wanted = ["2", "8", "9", "none"].map(str::to_owned).to_vec();
    let (records, _) = all(connector.locations(wanted)).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["8", "9"]);
    assert_eq!(wire.times().len(), 9);

    let (connector, wire) = listing("customers", rows, 1);
    assert_eq!(all(connector.locations(Vec::new())).await.unwrap().0, []);
    assert!(wire.times().is_empty());
}

#[tokio::test]
async fn a_failing_page_ends_the_walk_after_what_was_read() {
    let (connector, _) = syncro(|number, _| match number {
        0 => answer(200, json!({ "contacts": contacts(1) }).to_string()),
        _ => answer(403, r#"{"error":"No."}"#),
    });
    let mut walk = connector.contacts();
    assert_eq!(walk.next_page().await.unwrap().unwrap().records.len(), 1);
    let error = walk.next_page().await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-forbidden");
    assert_eq!(walk.next_page().await, Ok(None));
}

#[test]
fn what_cannot_be_set_up_is_explained_without_the_token() {
    type Change = fn(&mut SyncroConfig);
    let changes: [(Change, &str); 2] = [
        (
            |it| it.base_url = "msp.syncromsp.example".to_owned(),
            "base-url",
        ),
        (
            |it| it.api_token = Secret::new("hunter2\n"),
            "credential-unsendable",
        ),
    ];
    for (change, code) in changes {
        let mut config = config();
        change(&mut config);
        let clock = clock();
        let wire = Scripted::new(&clock, |_, _| answer(200, "{}"));
        let error = Syncro::new(config, wire, clock, 1).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn it_takes_no_writes() {
    let (connector, _) = syncro(|_, _| answer(200, "{}"));
    assert!(connector.writer().is_none());
    assert!(!connector.capabilities().two_way);
}
