//! Walking lists: forward-only, by links, by numbers; lists that change meanwhile; lists that do not
//! end.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use http::Uri;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{ROOT, company_info, connector, connector_over, parameter};
use crate::connectors::testing::{Answer, Scripted, Sent, all, all_pages, clock, json, reply};
use crate::connectors::{ErrorKind, PsaConnector};

fn company(id: i64) -> Value {
    json!({ "id": id, "name": format!("Company {id}") })
}

/// Ids of everything that is delivered, in order.
async fn ids(connector: &impl PsaConnector) -> Result<Vec<i64>, ErrorKind> {
    let (records, rejected) = all(connector.organizations())
        .await
        .map_err(|error| error.kind)?;
    assert!(rejected.is_empty(), "{rejected:?}");
    Ok(records
        .iter()
        .map(|company| company.id.parse().unwrap())
        .collect())
}

/// The forward-only answer as documented: ids above `pageId` in order, and always a next link.
fn forward(have: &BTreeSet<i64>, target: &Uri, largest: usize) -> Answer {
    let after = parameter(target, "pageId").unwrap_or(0);
    let asked = usize::try_from(parameter(target, "pageSize").unwrap_or(25)).unwrap();
    let size = asked.min(largest);
    let rows: Vec<i64> = have.range(after + 1..).take(size).copied().collect();
    let last = rows.last().copied().unwrap_or(after);
    let link = format!(
        "<http://elsewhere.internal{}?pageSize={size}&pageId={last}>; rel=\"next\"",
        target.path()
    );
    let body: Vec<Value> = rows.into_iter().map(company).collect();
    reply(
        200,
        &[("content-type", "application/json"), ("link", &link)],
        serde_json::to_vec(&body).unwrap(),
    )
}

/// Answers the question for the codebase, and everything else by a function of the number of the
/// list request (from 0).
fn listing(
    answer: impl Fn(usize, &Uri) -> Answer + Send + Sync + 'static,
) -> impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static {
    move |number, sent| match number {
        0 => json(200, company_info().to_string()),
        _ => answer(number - 1, &sent.target.parse().unwrap()),
    }
}

#[tokio::test]
async fn forward_only_is_asked_for_and_ends_at_a_short_page() {
    let server = MockServer::start().await;
    let have: BTreeSet<i64> = [2, 19, 20, 412, 900].into();
    Mock::given(method("GET"))
        .and(path(format!("{ROOT}/company/companies")))
        .and(header("pagination-type", "forward-only"))
        .respond_with(move |request: &Request| {
            let reply = forward(&have, &request.url.as_str().parse().unwrap(), 1_000).unwrap();
            ResponseTemplate::new(200)
                .insert_header("link", reply.headers()["link"].to_str().unwrap())
                .set_body_raw(
                    reply.into_body().to_vec(),
                    "application/vnd.connectwise.com+json; version=2025.1",
                )
        })
        .mount(&server)
        .await;
    let connector = connector(&server, 2).await;
    let pages = all_pages(connector.organizations()).await.unwrap();
    let sizes: Vec<usize> = pages.iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(connector.stats().operations["companies.list"].requests, 3);
}

#[tokio::test]
async fn a_full_last_page_costs_one_more_request() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        listing(|_, target| forward(&[1, 2, 3, 4].into(), target, 1_000)),
    );
    let connector = connector_over(wire.clone(), &clock, 2);
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3, 4]));
    let asked: Vec<String> = wire.targets().split_off(1);
    let expected = [0, 2, 4].map(|id| format!("{ROOT}/company/companies?pageSize=2&pageId={id}"));
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_server_that_gives_less_than_asked_is_read_to_the_end() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        listing(|_, target| forward(&(1..=23).collect(), target, 10)),
    );
    let connector = connector_over(wire, &clock, 1_000);
    assert_eq!(ids(&connector).await, Ok((1..=23).collect()));
}

/// Page numbers, with links when `links` is set.
fn numbered(count: i64, target: &Uri, links: bool) -> Answer {
    let page = parameter(target, "page").unwrap_or(1);
    let size = parameter(target, "pageSize").unwrap_or(25);
    let from = (page - 1) * size;
    let rows: Vec<Value> = (from + 1..=count.min(from + size)).map(company).collect();
    let next = format!(
        "<http://psa.example{}?page={}>; rel=\"next\", <http://psa.example/x>; rel=\"last\"",
        target.path(),
        page + 1
    );
    let headers = [("link", next.as_str())];
    let more = links && from + size < count;
    reply(
        200,
        if more { &headers } else { &[] },
        serde_json::to_vec(&rows).unwrap(),
    )
}

#[tokio::test]
async fn a_server_that_only_knows_page_numbers_is_read_by_its_links() {
    let clock = clock();
    let wire = Scripted::new(&clock, listing(|_, target| numbered(7, target, true)));
    let connector = connector_over(wire.clone(), &clock, 3);
    assert_eq!(ids(&connector).await, Ok((1..=7).collect()));
    // The link had lost the page size.
    assert_eq!(
        wire.targets()[3],
        format!("{ROOT}/company/companies?page=3&pageSize=3")
    );
}

#[tokio::test]
async fn without_links_pages_are_counted() {
    for count in [0, 2, 3, 6, 7] {
        let clock = clock();
        let wire = Scripted::new(
            &clock,
            listing(move |_, target| numbered(count, target, false)),
        );
        let connector = connector_over(wire, &clock, 3);
        assert_eq!(ids(&connector).await, Ok((1..=count).collect()), "{count}");
    }
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        listing(|_, _| {
            let link = "<http://psa.example:8080/x?page=2>; rel=\"next\"";
            reply(200, &[("link", link)], json!([company(1)]).to_string())
        }),
    );
    let connector = connector_over(wire.clone(), &clock, 1);
    let host = "http://psa.example:8080".to_owned();
    assert_eq!(ids(&connector).await, Err(ErrorKind::ForeignLink { host }));
    assert_eq!(wire.times().len(), 2);
}

#[tokio::test]
async fn a_page_that_comes_twice_is_delivered_once() {
    let clock = clock();
    // The second request is answered as the first one was.
    let wire = Scripted::new(
        &clock,
        listing(|number, target| {
            let first = format!("{}?pageSize=2&pageId=0", target.path())
                .parse()
                .unwrap();
            forward(
                &(1..=5).collect(),
                if number == 1 { &first } else { target },
                1_000,
            )
        }),
    );
    let connector = connector_over(wire.clone(), &clock, 2);
    assert_eq!(ids(&connector).await, Ok((1..=5).collect()));

    let wire = Scripted::new(
        &clock,
        listing(|number, target| {
            let first = format!("{}?pageSize=2&page=1", target.path())
                .parse()
                .unwrap();
            numbered(5, if number == 1 { &first } else { target }, true)
        }),
    );
    let connector = connector_over(wire.clone(), &clock, 2);
    assert_eq!(ids(&connector).await, Ok((1..=5).collect()));
}

#[tokio::test]
async fn a_last_page_of_old_records_is_the_end() {
    // The list grew at its front while it was read, so the last page was read before.
    for link in ["<?page=2>; rel=\"next\"", "<?page=1>; rel=\"last\""] {
        let clock = clock();
        let wire = Scripted::new(
            &clock,
            listing(move |number, _| match number {
                0 => reply(
                    200,
                    &[("link", link)],
                    json!([company(1), company(2)]).to_string(),
                ),
                _ => json(200, json!([company(2)]).to_string()),
            }),
        );
        let connector = connector_over(wire.clone(), &clock, 2);
        assert_eq!(ids(&connector).await, Ok(vec![1, 2]));
        assert_eq!(wire.times().len(), 1 + 2);
    }
}

#[tokio::test]
async fn a_page_that_comes_again_and_again_is_an_error() {
    type Stuck = fn() -> Answer;
    let by_id: Stuck = || {
        forward(
            &(1..=5).collect(),
            &"/x?pageSize=2&pageId=0".parse().unwrap(),
            1_000,
        )
    };
    let by_link: Stuck = || numbered(5, &"/x?pageSize=2&page=1".parse().unwrap(), true);
    let by_number: Stuck = || numbered(5, &"/x?pageSize=2&page=1".parse().unwrap(), false);
    for stuck in [by_id, by_link, by_number] {
        let clock = clock();
        let wire = Scripted::new(&clock, listing(move |_, _| stuck()));
        let connector = connector_over(wire.clone(), &clock, 2);
        let error = ids(&connector).await.unwrap_err();
        assert_eq!(error.code(), "vendor-paging", "{error}");
        assert_eq!(wire.times().len(), 1 + 3);
    }
}

#[tokio::test]
async fn a_page_of_unreadable_records_does_not_stop_the_walk() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        listing(|number, target| {
            let mut answer = forward(&(1..=5).collect(), target, 1_000).unwrap();
            if number == 0 {
                *answer.body_mut() = r#"[{"id":"?"},{"name":"no id"}]"#.into();
            }
            Ok(answer)
        }),
    );
    let connector = connector_over(wire, &clock, 2);
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(rejected.len(), 2);
}

proptest! {
    /// Whatever is added and deleted between two requests: what was there all the time is delivered
    /// once, and nothing is delivered twice.
    #[test]
    fn forward_only_loses_nothing_that_stayed(
        page_size in 1_u32..8,
        start in proptest::collection::btree_set(1_i64..60, 0..40),
        edits in proptest::collection::vec((any::<bool>(), 1_i64..60), 0..30)
            .prop_map(|edits| edits.chunks(3).map(<[_]>::to_vec).collect::<Vec<_>>()),
    ) {
        let have = Arc::new(Mutex::new(start.clone()));
        let stayed = Arc::new(Mutex::new(start));
        let clock = clock();
        let (store, kept) = (Arc::clone(&have), Arc::clone(&stayed));
        let wire = Scripted::new(&clock, listing(move |number, target| {
            let mut have = store.lock().unwrap();
            let answer = forward(&have, target, 1_000);
            for (add, id) in edits.get(number).into_iter().flatten() {
                if *add {
                    have.insert(*id);
                } else {
                    have.remove(id);
                    kept.lock().unwrap().remove(id);
                }
            }
            answer
        }));
        let connector = connector_over(wire, &clock, page_size);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let delivered = runtime.block_on(ids(&connector)).unwrap();
        let unique: BTreeSet<i64> = delivered.iter().copied().collect();
        prop_assert_eq!(unique.len(), delivered.len());
        prop_assert!(stayed.lock().unwrap().is_subset(&unique));
    }
}
