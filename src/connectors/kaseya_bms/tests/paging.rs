//! Walking lists by page numbers: to the end wherever that is, never in circles.

use serde_json::{Value, json};

use super::{bms, page, parameter, result, tenant};
use crate::connectors::testing::{Sent, all};
use crate::connectors::{Bms, PsaConnector, Result};

fn contact(id: usize) -> Value {
    json!({ "id": id, "firstName": format!("Pat {id}") })
}

fn contacts(count: usize) -> Vec<Value> {
    (1..=count).map(contact).collect()
}

/// Ids of everything that is delivered, in order.
async fn ids(connector: &Bms) -> Result<Vec<usize>> {
    let (records, rejected) = all(connector.contacts()).await?;
    assert!(rejected.is_empty(), "{rejected:?}");
    Ok(records.iter().map(|it| it.id.parse().unwrap()).collect())
}

#[tokio::test]
async fn a_list_is_read_to_its_end_whatever_the_product_gives_at_once() {
    for count in [0, 1, 2, 3, 4, 7, 12] {
        for largest in [1, 2, 3, 100] {
            for counted in [true, false] {
                let rows = contacts(count);
                let (connector, _) = bms(3, move |sent| {
                    page(&rows, sent, largest, counted.then_some(count))
                });
                let expected: Vec<usize> = (1..=count).collect();
                assert_eq!(
                    ids(&connector).await,
                    Ok(expected),
                    "{count} by {largest}, counted: {counted}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_short_page_is_the_last_where_the_count_says_so() {
    let (connector, wire) = tenant(
        3,
        vec![("GET /v2/crm/contacts/summary", contacts(7).into())],
    );
    assert_eq!(ids(&connector).await.unwrap().len(), 7);
    let asked = [1, 2, 3].map(|n| format!("/v2/crm/contacts/summary?PageSize=3&PageNumber={n}"));
    assert_eq!(wire.targets()[1..], asked);
}

#[tokio::test]
async fn a_page_that_comes_twice_is_delivered_once() {
    // The list grew at its front while it was read.
    let (connector, _) = bms(2, |sent| {
        let rows = [vec![1, 2], vec![2, 3], vec![3]];
        let rows = &rows[parameter(sent, "PageNumber") - 1];
        let rows: Vec<Value> = rows.iter().copied().map(contact).collect();
        result(&rows.into())
    });
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3]));
}

#[tokio::test]
async fn a_page_that_comes_again_and_again_is_an_error() {
    let (connector, wire) = bms(2, |_| result(&contacts(2).into()));
    let error = ids(&connector).await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-paging");
    assert_eq!(wire.times().len(), 1 + 1 + 3);
}

#[tokio::test]
async fn a_count_that_is_never_reached_does_not_go_on_for_ever() {
    let (connector, wire) = bms(3, |sent| page(&contacts(4), sent, 3, Some(99)));
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3, 4]));
    assert_eq!(wire.times().len(), 1 + 3);
}

#[tokio::test]
async fn unreadable_records_do_not_stop_the_walk() {
    let rows =
        json!([{ "id": "?" }, { "firstName": "no id" }, contact(3), { "id": 4, "firstName": 7 }]);
    let (connector, _) = tenant(2, vec![("GET /v2/crm/contacts/summary", rows)]);
    let (records, rejected) = all(connector.contacts()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(
        rejected,
        [
            "record ?, field id: invalid type: string \"?\", expected i64",
            "record without id, field id: missing field `id`",
            "record 4, field firstName: invalid type: integer `7`, expected a string",
        ]
    );
}

fn accounts(sent: &Sent) -> crate::connectors::testing::Answer {
    let rows: Vec<Value> = (1..=9)
        .map(|id| json!({ "id": id, "accountName": "A", "locations": [{ "id": 100 - id, "locationName": "Main" }] }))
        .collect();
    page(&rows, sent, 1, Some(9))
}

#[tokio::test]
async fn pages_none_of_whose_accounts_is_wanted_do_not_end_the_locations() {
    let (connector, _) = bms(1, accounts);
    let wanted = vec!["8".to_owned(), "9".to_owned()];
    let (records, _) = all(connector.locations(wanted)).await.unwrap();
    let ids: Vec<&str> = records.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["92", "91"]);
}

#[tokio::test]
async fn no_accounts_have_no_locations_and_cost_nothing() {
    let (connector, wire) = bms(1, accounts);
    assert_eq!(all(connector.locations(Vec::new())).await.unwrap().0, []);
    assert!(wire.times().is_empty());
}

#[tokio::test]
async fn assets_that_are_gone_do_not_end_the_walk() {
    let (connector, wire) = bms(1, |sent| {
        let rows: Vec<Value> = (1..=6).map(|id| json!({ "id": id })).collect();
        match sent.target.rsplit('/').next().unwrap() {
            list if list.starts_with("searchselect") => page(&rows, sent, 1, None),
            "6" => result(&json!({ "id": 6, "name": "Left", "accountId": 1 })),
            _ => super::failure(404, "The record was not found."),
        }
    });
    let (records, rejected) = all(connector.configurations()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert!(rejected.is_empty());
    assert_eq!(
        connector.stats().operations["configurations.get"].requests,
        6
    );
    assert_eq!(wire.times().len(), 1 + 7 + 6);
}
