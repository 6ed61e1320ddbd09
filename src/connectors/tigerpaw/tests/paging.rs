//! Walking searches by rows: as far as the product says, never in circles.

use serde_json::{Value, json};

use super::{ACCOUNTS, CONTACTS, found, tenant, tigerpaw};
use crate::connectors::testing::{all, json as answer};
use crate::connectors::{PsaConnector, Result, Tigerpaw};

fn account(number: usize) -> Value {
    json!({ "AccountNumber": number, "Account": { "Name": "A", "Address1": format!("{number} St") } })
}

fn accounts(count: usize) -> Vec<Value> {
    (1..=count).map(account).collect()
}

/// Ids of everything that is delivered, in order.
async fn ids(connector: &Tigerpaw) -> Result<Vec<usize>> {
    let (records, rejected) = all(connector.organizations()).await?;
    assert!(rejected.is_empty(), "{rejected:?}");
    Ok(records.iter().map(|it| it.id.parse().unwrap()).collect())
}

#[tokio::test]
async fn a_search_is_read_to_its_end_whatever_the_product_gives_at_once() {
    for count in [0, 1, 2, 3, 4, 7] {
        for largest in [1, 2, 3, 100] {
            let rows = accounts(count);
            let (connector, _) =
                tigerpaw(3, move |_, sent| found("Accounts", &rows, sent, largest));
            let expected: Vec<usize> = (1..=count).collect();
            assert_eq!(ids(&connector).await, Ok(expected), "{count} by {largest}");
        }
    }
}

#[tokio::test]
async fn the_next_page_begins_where_the_product_says() {
    let rows = accounts(5);
    let (connector, wire) = tigerpaw(3, move |_, sent| found("Accounts", &rows, sent, 2));
    ids(&connector).await.unwrap();
    let starts: Vec<Value> = wire
        .bodies(ACCOUNTS)
        .into_iter()
        .map(|search| search["StartRow"].clone())
        .collect();
    assert_eq!(starts, [1, 3, 5]);
}

#[tokio::test]
async fn a_next_row_behind_the_end_costs_one_empty_page() {
    for list in [json!([]), Value::Null] {
        let (connector, wire) = tigerpaw(3, move |number, _| {
            let rows = if number == 0 {
                json!([account(1)])
            } else {
                list.clone()
            };
            let page = json!({ "Accounts": rows, "NextRow": number + 2, "Success": true });
            answer(200, page.to_string())
        });
        assert_eq!(ids(&connector).await, Ok(vec![1]));
        assert_eq!(wire.times().len(), 2);
    }
}

#[tokio::test]
async fn a_page_that_comes_twice_is_delivered_once() {
    let (connector, _) = tigerpaw(2, |number, _| {
        let rows = [[1, 2], [2, 3], [3, 4]][number].map(account);
        let next = if number == 2 { 0 } else { 3 };
        answer(
            200,
            json!({ "Accounts": rows, "NextRow": next }).to_string(),
        )
    });
    assert_eq!(ids(&connector).await, Ok(vec![1, 2, 3, 4]));
}

#[tokio::test]
async fn a_page_that_comes_again_and_again_is_an_error() {
    let (connector, wire) = tigerpaw(2, |_, _| {
        let page = json!({ "Accounts": accounts(2), "NextRow": 1 });
        answer(200, page.to_string())
    });
    let error = ids(&connector).await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-paging");
    assert_eq!(wire.times().len(), 1 + 3);
}

#[tokio::test]
async fn unreadable_records_do_not_stop_the_walk() {
    let rows = vec![
        json!({ "AccountNumber": 1 }),
        json!({ "AccountNumber": 2, "Account": { "Name": 7 } }),
        account(3),
    ];
    let (connector, _) = tenant(1, rows, Vec::new(), Vec::new());
    let (records, rejected) = all(connector.organizations()).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(rejected.len(), 2);
    assert!(rejected[0].starts_with("record 1, field Account"));
    assert!(rejected[1].starts_with("record 2, field Account"));
    // Nor do they stop a walk that does not tell of them.
    let (records, rejected) = all(connector.locations(vec!["3".to_owned()]))
        .await
        .unwrap();
    assert_eq!((records.len(), rejected.len()), (1, 0));
}

#[tokio::test]
async fn pages_of_inactive_contacts_do_not_end_the_contacts() {
    let contact = |number: i64| json!({ "ContactNumber": number, "Contact": { "FirstName": "P", "Inactive": number < 6 } });
    let contacts: Vec<Value> = (1..=6).map(contact).collect();
    let (connector, wire) = tenant(1, Vec::new(), contacts, Vec::new());
    let (records, _) = all(connector.contacts()).await.unwrap();
    assert_eq!(records.len(), 1);
    // Once to know the addresses, once to deliver.
    assert_eq!(wire.bodies(CONTACTS).len(), 2 * 6);
    assert_eq!(wire.bodies(ACCOUNTS).len(), 1);
}

#[tokio::test]
async fn no_organizations_have_no_locations_and_cost_nothing() {
    let (connector, wire) = tenant(50, accounts(2), Vec::new(), Vec::new());
    assert_eq!(all(connector.locations(Vec::new())).await.unwrap().0, []);
    assert!(wire.times().is_empty());
    let wanted = vec!["99".to_owned()];
    assert_eq!(all(connector.locations(wanted)).await.unwrap().0, []);
}

#[tokio::test]
async fn a_failing_page_ends_the_walk_after_what_was_read() {
    let (connector, _) = tigerpaw(1, |number, sent| match number {
        0 => found("Accounts", &accounts(3), sent, 1),
        _ => answer(403, r#"{"Message":"No rights."}"#),
    });
    let mut walk = connector.organizations();
    assert_eq!(walk.next_page().await.unwrap().unwrap().records.len(), 1);
    let error = walk.next_page().await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-forbidden");
    assert_eq!(walk.next_page().await, Ok(None));
}
