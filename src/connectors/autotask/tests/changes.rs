//! What is asked for to know what changed, and when all items are read after all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{ROOT, listing, zoned};
use crate::connectors::PsaConnector;
use crate::connectors::testing::{all, json as answer};
use crate::model::RecordKind;

const ITEMS: &str = "POST /ATServicesRest/V1.0/ConfigurationItems/query";

/// The condition behind that on ids, of each query for items so far.
fn conditions(bodies: Vec<Value>) -> Vec<Value> {
    let conditions = bodies.into_iter().map(|body| body["filter"][1].clone());
    conditions.collect()
}

#[tokio::test]
async fn all_items_are_read_where_a_product_is_called_otherwise() {
    let model = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&model);
    let (autotask, wire) = zoned(10, move |_, sent| {
        let number = now.load(Ordering::Relaxed);
        let mut products = vec![json!({ "id": 4, "name": "T350" })];
        if number > 0 {
            // A new one is no reason.
            products.push(json!({ "id": 5, "name": "T360" }));
        }
        if number > 1 {
            products[0]["manufacturerName"] = "Dell".into();
        }
        match sent.target.ends_with("/Products/query") {
            true => listing(&products, sent),
            false => listing(&[], sent),
        }
    });
    // When the connection began.
    let since = "2025-06-01T00:00:00Z".parse().unwrap();
    let changes = autotask.changes().unwrap();
    all(autotask.configurations()).await.unwrap();
    for number in 0..3 {
        model.store(number, Ordering::Relaxed);
        all(changes.configurations(since).unwrap()).await.unwrap();
    }
    let before = "2025-05-31T23:59:59Z".parse().unwrap();
    all(changes.configurations(before).unwrap()).await.unwrap();
    let stamped =
        json!({ "op": "gte", "field": "lastModifiedTime", "value": "2025-06-01T00:00:00.000" });
    assert_eq!(
        conditions(wire.bodies(ITEMS)),
        [
            Value::Null,
            stamped.clone(),
            stamped,
            Value::Null,
            Value::Null
        ]
    );
}

#[tokio::test]
async fn ids_come_without_the_rest_and_a_count_by_itself() {
    let (autotask, wire) = zoned(10, |_, sent| match sent.target.ends_with("/count") {
        true => answer(200, r#"{"queryCount":137}"#),
        false => listing(&[json!({ "id": 3 }), json!({ "id": 9 })], sent),
    });
    let changes = autotask.changes().unwrap();
    let (ids, _) = all(changes.ids(RecordKind::Contact).unwrap())
        .await
        .unwrap();
    assert_eq!(ids, ["3", "9"]);
    let asked = wire.bodies(&format!("POST {ROOT}/Contacts/query"));
    assert_eq!(asked[0]["includeFields"], json!(["id"]));
    let count = changes.count(RecordKind::Contact).await;
    assert_eq!(count.unwrap(), Some(137));
    assert!(changes.ids(RecordKind::Location).is_none());
}
