//! Walking lists by a cursor of ids: to the end, over what moves, never in circles.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{ROOT, listing, page, tenant, zoned};
use crate::connectors::testing::{Answer, Sent, all, all_pages, json as answer};
use crate::connectors::{Autotask, ErrorKind, PsaConnector, Result};

fn contact(id: i64) -> Value {
    json!({ "id": id, "firstName": format!("Pat {id}"), "isActive": 1 })
}

/// Ids of everything that is delivered, in order.
async fn ids(connector: &Autotask) -> Result<Vec<i64>> {
    let (records, rejected) = all(connector.contacts()).await?;
    assert!(rejected.is_empty(), "{rejected:?}");
    Ok(records.iter().map(|it| it.id.parse().unwrap()).collect())
}

#[tokio::test]
async fn pages_are_asked_for_by_the_last_id() {
    let list: Vec<Value> = [2, 19, 20, 412, 900].map(contact).into();
    let (connector, wire) = tenant(2, vec![("POST /Contacts/query", list.into())]);
    let pages = all_pages(connector.contacts()).await.unwrap();
    let sizes: Vec<usize> = pages.iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes, [2, 2, 1]);
    let asked = wire.bodies(&format!("POST {ROOT}/Contacts/query"));
    let query = |id: i64| json!({ "filter": [{ "op": "gt", "field": "id", "value": id }], "maxRecords": 2 });
    assert_eq!(asked, [query(0), query(19), query(412)]);
    // The vendor's own link, which leads elsewhere, is not used.
    assert_eq!(wire.times().len(), 1 + 3);
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[1].headers["content-type"], "application/json");
}

#[tokio::test]
async fn an_empty_list_is_asked_for_once() {
    let (connector, wire) = tenant(2, Vec::new());
    assert_eq!(ids(&connector).await, Ok(Vec::new()));
    assert_eq!(wire.times().len(), 1 + 1);
}

#[tokio::test]
async fn without_the_details_of_a_page_a_short_one_is_the_last() {
    let (connector, wire) = zoned(2, |number, _| {
        let rows: Vec<Value> = [&[1, 2][..], &[3]][number]
            .iter()
            .copied()
            .map(contact)
            .collect();
        answer(200, json!({ "items": rows }).to_string())
    });
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3]));
    assert_eq!(wire.times().len(), 1 + 2);
}

#[tokio::test]
async fn a_page_that_comes_twice_is_delivered_once() {
    let (connector, _) = zoned(2, |number, _| {
        let rows = [[1, 2], [1, 2], [2, 3]][number].map(contact);
        page(&[&rows[0], &rows[1]], number < 2)
    });
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3]));
}

#[tokio::test]
async fn a_page_that_comes_again_and_again_is_an_error() {
    let (connector, wire) = zoned(2, |_, _| page(&[&contact(1), &contact(2)], true));
    let error = ids(&connector).await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-paging");
    assert_eq!(wire.times().len(), 1 + 1 + 3);
}

#[tokio::test]
async fn unreadable_records_do_not_stop_the_walk() {
    // Nothing on the first page can be read; its ids still say where it ends.
    let (connector, wire) = zoned(2, |number, sent| match number {
        0 => page(
            &[
                &json!({ "id": 1, "firstName": 7 }),
                &json!({ "id": "2", "firstName": "x" }),
            ],
            true,
        ),
        _ => listing(&[contact(2), contact(3)], sent),
    });
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(
        rejected,
        [
            "record 1, field firstName: invalid type: integer `7`, expected a string",
            "record 2, field id: invalid type: string \"2\", expected i64",
        ]
    );
    let asked = wire.bodies(&format!("POST {ROOT}/Contacts/query"));
    assert_eq!(asked[1]["filter"][0]["value"], 2);
}

#[tokio::test]
async fn a_page_that_does_not_say_where_it_ends_is_an_error_unless_it_is_the_last() {
    let lost = || json!({ "firstName": "no id" });
    let (connector, _) = zoned(1, move |_, _| page(&[&lost()], true));
    let error = all(connector.contacts()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    let (connector, _) = zoned(1, move |_, _| page(&[&lost()], false));
    let (_, rejected) = all(connector.contacts()).await.unwrap();
    assert_eq!(
        rejected,
        ["record without id, field id: missing field `id`"]
    );
}

#[tokio::test]
async fn a_failing_page_ends_the_walk_after_what_was_read() {
    let (connector, _) = zoned(1, |number, _| match number {
        0 => page(&[&contact(1)], true),
        1 => answer(403, r#"{"errors":["no right"]}"#),
        _ => page(&[&contact(2)], false),
    });
    let mut walk = connector.contacts();
    assert_eq!(walk.next_page().await.unwrap().unwrap().records.len(), 1);
    let error = walk.next_page().await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-forbidden");
    assert_eq!(walk.next_page().await, Ok(None));
}

/// A location of each company that a query names.
fn places(sent: &Sent) -> Answer {
    let query = sent.json();
    let companies = query["filter"][1]["value"].as_array().unwrap();
    let rows: Vec<Value> = companies
        .iter()
        .map(|id| json!({ "id": 10_000 - id.as_i64().unwrap(), "companyID": id, "name": "HQ" }))
        .rev()
        .collect();
    listing(&rows, sent)
}

#[tokio::test]
async fn locations_come_in_the_order_of_their_companies_and_so_many_companies_at_once() {
    let (connector, wire) = zoned(500, |_, sent| match sent.route().rsplit_once("1.0/") {
        Some((_, "CompanyLocations/query")) => places(sent),
        _ => listing(&[], sent),
    });
    let wanted: Vec<String> = (1..=250).rev().map(|id: i64| id.to_string()).collect();
    let (records, rejected) = all(connector.locations(wanted.clone())).await.unwrap();
    assert!(rejected.is_empty());
    let of: Vec<String> = records.into_iter().map(|it| it.organization_id).collect();
    assert_eq!(of, wanted);
    let asked = wire.bodies(&format!("POST {ROOT}/CompanyLocations/query"));
    let sizes: Vec<usize> = asked
        .iter()
        .map(|query| query["filter"][1]["value"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(connector.stats().operations["countries.list"].requests, 1);
}

#[tokio::test]
async fn no_companies_have_no_locations_and_cost_nothing() {
    let (connector, wire) = tenant(500, Vec::new());
    assert_eq!(all(connector.locations(Vec::new())).await.unwrap().0, []);
    assert_eq!(wire.times().len(), 0);
}

proptest! {
    /// Whatever is added and deleted between two requests: what was there all the time is delivered
    /// once, and nothing is delivered twice.
    #[test]
    fn the_cursor_loses_nothing_that_stayed(
        page_size in 1_u32..8,
        start in proptest::collection::btree_set(1_i64..60, 0..40),
        edits in proptest::collection::vec((any::<bool>(), 1_i64..60), 0..30)
            .prop_map(|edits| edits.chunks(3).map(<[_]>::to_vec).collect::<Vec<_>>()),
    ) {
        let have = Mutex::new(start.clone());
        let stayed = Arc::new(Mutex::new(start));
        let kept = Arc::clone(&stayed);
        let (connector, _) = zoned(page_size, move |number, sent| {
            let mut have = have.lock().unwrap();
            let rows: Vec<Value> = have.iter().copied().map(contact).collect();
            let reply = listing(&rows, sent);
            for (add, id) in edits.get(number).into_iter().flatten() {
                if *add {
                    have.insert(*id);
                } else {
                    have.remove(id);
                    kept.lock().unwrap().remove(id);
                }
            }
            reply
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let delivered = runtime.block_on(ids(&connector)).unwrap();
        let unique: BTreeSet<i64> = delivered.iter().copied().collect();
        prop_assert_eq!(unique.len(), delivered.len());
        prop_assert!(stayed.lock().unwrap().is_subset(&unique));
    }
}
