//! Walking lists by `nextPageUrl`: parameters that get lost, other hosts, repeats, lists that move
//! or do not end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::prelude::{prop_assert, proptest};
use serde_json::{Value, json};
use wiremock::MockServer;

use super::{after_token, connector, connector_over, ok, page, serve};
use crate::connectors::testing::{Answer, Scripted, Sent, all, all_pages, clock, json as answer};
use crate::connectors::{ErrorKind, RmmConnector};

const SITES: &str = "/api/v2/account/sites";

fn site(name: usize) -> Value {
    json!({ "uid": format!("00000000-0000-0000-0000-{name:012}"), "name": format!("Site {name}") })
}

fn parameter(sent: &Sent, name: &str) -> Option<usize> {
    let (_, query) = sent.target.split_once('?')?;
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name)?;
    value.parse().ok()
}

/// A page as documented; the next URL names only what `next` says.
fn sites_page(have: &[Value], number: usize, max: usize, next: impl Fn(usize) -> String) -> Answer {
    let rows: Vec<Value> = have.iter().skip(number * max).take(max).cloned().collect();
    let more = (number + 1) * max < have.len();
    let next = more.then(|| next(number + 1));
    answer(200, page("sites", &rows, next.as_deref()).to_string())
}

async fn names(connector: &impl RmmConnector) -> Result<Vec<String>, ErrorKind> {
    let (records, _) = all(connector.companies())
        .await
        .map_err(|error| error.kind)?;
    Ok(records.into_iter().map(|company| company.name).collect())
}

fn expected(count: usize) -> Vec<String> {
    (0..count).map(|name| format!("Site {name}")).collect()
}

#[tokio::test]
async fn pages_are_walked_by_their_links_over_a_socket() {
    let server = MockServer::start().await;
    // The stubs are told apart by their query, so that a lost or changed one finds no stub.
    for (number, next) in [(0, Some(1)), (1, Some(2)), (2, None)] {
        let next = next.map(|next: usize| format!("{}{SITES}?max=2&page={next}", server.uri()));
        let rows = [site(2 * number), site(2 * number + 1)];
        wiremock::Mock::given(wiremock::matchers::path(SITES))
            .and(wiremock::matchers::query_param("page", number.to_string()))
            .and(wiremock::matchers::query_param("max", "2"))
            .respond_with(ok(&page("sites", &rows, next.as_deref())))
            .mount(&server)
            .await;
    }
    let connector = connector(&server, 2).await;
    let pages = all_pages(connector.companies()).await.unwrap();
    assert_eq!(pages.len(), 3);
    assert_eq!(connector.stats().operations["sites.list"].requests, 3);
    assert_eq!(pages[2].records[1].name, "Site 5");
}

#[tokio::test]
async fn lost_parameters_are_put_back_and_an_empty_link_is_the_end() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        after_token(|number, sent| {
            let have: Vec<Value> = (0..5).map(site).collect();
            let max = parameter(sent, "max").unwrap();
            if number == 2 {
                return answer(200, page("sites", &have[4..], Some("")).to_string());
            }
            sites_page(&have, number, max, |next| format!("{SITES}?page={next}"))
        }),
    );
    let connector = connector_over(wire.clone(), &clock, 2);
    assert_eq!(names(&connector).await, Ok(expected(5)));
    let asked = wire.targets().split_off(1);
    let expected =
        ["max=2&page=0", "page=1&max=2", "page=2&max=2"].map(|query| format!("{SITES}?{query}"));
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    for link in [
        "http://evil.example/api/v2/account/sites?page=1",
        "https://rmm.example/x",
        "//evil.example/x",
    ] {
        let clock = clock();
        let wire = Scripted::new(
            &clock,
            after_token(move |_, _| answer(200, page("sites", &[site(1)], Some(link)).to_string())),
        );
        let connector = connector_over(wire.clone(), &clock, 1);
        let error = names(&connector).await.unwrap_err();
        assert_eq!(error.code(), "vendor-foreign-link", "{error}");
        assert_eq!(wire.times().len(), 2);
    }
}

#[tokio::test]
async fn a_page_that_comes_twice_is_delivered_once() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        after_token(|number, sent| {
            let have: Vec<Value> = (0..6).map(site).collect();
            let asked = parameter(sent, "page").unwrap();
            let given = if number == 1 { 0 } else { asked };
            sites_page(&have, given, 2, |next| {
                format!("http://rmm.example{SITES}?max=2&page={next}")
            })
        }),
    );
    let connector = connector_over(wire.clone(), &clock, 2);
    assert_eq!(names(&connector).await, Ok(expected(6)));
    assert_eq!(wire.times().len(), 1 + 4);
}

#[tokio::test]
async fn paging_that_does_not_end_is_an_error() {
    let page_of = |rows: Vec<Value>, next: &'static str| {
        move |_: usize| answer(200, page("sites", &rows, Some(next)).to_string())
    };
    let same = page_of(vec![site(1)], "?page=1");
    let empty = page_of(vec![], "?page=7");
    // New records for ever, on a page that names itself.
    let own = |number: usize| {
        answer(
            200,
            page("sites", &[site(number)], Some("?max=1&page=0")).to_string(),
        )
    };
    let scripts: [Box<dyn Fn(usize) -> Answer + Send + Sync>; 3] =
        [Box::new(same), Box::new(empty), Box::new(own)];
    for (script, requests) in scripts.into_iter().zip([3, 2, 1]) {
        let clock = clock();
        let wire = Scripted::new(&clock, after_token(move |number, _| script(number)));
        let connector = connector_over(wire.clone(), &clock, 1);
        let error = names(&connector).await.unwrap_err();
        assert_eq!(error.code(), "vendor-paging", "{error}");
        assert_eq!(wire.times().len(), 1 + requests);
    }
}

#[tokio::test]
async fn an_envelope_without_its_parts_is_described() {
    for (body, expected) in [
        ("", "empty body"),
        (r#"{"sites":[]}"#, "field pageDetails: missing field"),
        (
            r#"{"pageDetails":{"count":1},"sites":[]}"#,
            "field pageDetails.nextPageUrl: missing field",
        ),
        (
            r#"{"pageDetails":{"nextPageUrl":7},"sites":[]}"#,
            "field pageDetails.nextPageUrl: invalid type",
        ),
        (
            r#"{"pageDetails":{"nextPageUrl":null}}"#,
            "neither `devices` nor `sites`",
        ),
        (
            r#"{"pageDetails":{"nextPageUrl":null},"sites":{}}"#,
            "expected a sequence",
        ),
        (
            r#"{"pageDetails":{"nextPageUrl":null},"sites":[{"uid":"#,
            "EOF",
        ),
        ("[]", "invalid length 0"),
        ("<html>", "answered HTML"),
    ] {
        let clock = clock();
        let wire = Scripted::new(&clock, after_token(move |_, _| answer(200, body)));
        let error = names(&connector_over(wire, &clock, 1)).await.unwrap_err();
        assert_eq!(error.code(), "vendor-body");
        assert!(error.to_string().contains(expected), "{body}: {error}");
    }
}

#[tokio::test]
async fn no_sites_at_all_is_an_empty_walk() {
    let server = MockServer::start().await;
    serve(&server, SITES, ok(&page("sites", &[], None))).await;
    assert_eq!(names(&connector(&server, 250).await).await, Ok(vec![]));
}

proptest! {
    /// Whatever is put in front of the list while it is read: nothing is delivered twice, and what
    /// was there is not lost.
    #[test]
    fn a_list_that_grows_is_delivered_once(
        max in 1_usize..6,
        count in 0_usize..20,
        grow in proptest::collection::vec(0_usize..6, 0..8),
    ) {
        let have = Arc::new(Mutex::new((0..count).map(site).collect::<Vec<Value>>()));
        let clock = clock();
        let wire = Scripted::new(&clock, after_token(move |number, sent| {
            let mut have = have.lock().unwrap();
            let asked = parameter(sent, "page").unwrap();
            let reply = sites_page(&have, asked, max, |next| format!("?page={next}"));
            // A whole page more, and the next page holds old records alone. Twice in a row would be
            // a list that grows faster than it is read.
            let most = if number % 3 == 0 { max } else { max - 1 };
            for new in 0..grow.get(number).copied().unwrap_or(0).min(most) {
                have.insert(0, site(1_000 + 10 * number + new));
            }
            reply
        }));
        let connector = connector_over(wire, &clock, u32::try_from(max).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let delivered = runtime.block_on(names(&connector)).unwrap();
        let mut times: BTreeMap<&String, u32> = BTreeMap::new();
        for name in &delivered {
            *times.entry(name).or_default() += 1;
        }
        prop_assert!(times.values().all(|times| *times == 1), "{:?}", delivered);
        for name in expected(count) {
            prop_assert!(times.contains_key(&name), "{} of {:?}", name, delivered);
        }
    }
}
