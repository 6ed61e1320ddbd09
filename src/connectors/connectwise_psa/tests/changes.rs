//! What is asked for to know what changed, and when everything is read after all.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{company_info, connector_over};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer};
use crate::connectors::{ConnectorError, PsaConnector};
use crate::model::RecordKind;

const CONDITION: &str = "conditions=lastUpdated%3E%3D%5B2025-06-01T10%3A00%3A00Z%5D";

/// Walks what changed of the configurations. Ids that came, and what was asked for.
async fn changed(
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (Result<Vec<String>, ConnectorError>, Vec<String>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |number, sent| match number {
        0 => answer(200, company_info().to_string()),
        _ => script(sent),
    });
    let connector = connector_over(Arc::clone(&wire) as _, &clock, 10);
    let since = "2025-06-01T10:00:00.9Z".parse().unwrap();
    let changes = connector.changes().unwrap();
    let walk = changes.configurations(since).unwrap();
    let ids = all(walk).await;
    let ids = ids.map(|(records, _)| records.into_iter().map(|it| it.id).collect());
    let targets = wire.targets().split_off(1);
    let below = |target: &String| target.split_once("/3.0").unwrap().1.to_owned();
    (ids, targets.iter().map(below).collect())
}

fn rows(rows: &Value) -> Answer {
    answer(200, rows.to_string())
}

fn one() -> Value {
    json!([{ "id": 7, "name": "WS", "company": { "id": 2 } }])
}

#[tokio::test]
async fn names_are_looked_after_and_then_the_stamp_is_the_condition() {
    let (ids, asked) = changed(|sent| match sent.target.contains("fields=id") {
        true => rows(&json!([])),
        false => rows(&one()),
    })
    .await;
    assert_eq!(ids.unwrap(), ["7"]);
    let page = "pageSize=10&pageId=0";
    assert_eq!(
        asked,
        [
            format!("/company/configurations/types?{page}&{CONDITION}&fields=id"),
            format!("/company/configurations/statuses?{page}&{CONDITION}&fields=id"),
            format!("/procurement/manufacturers?{page}&{CONDITION}&fields=id"),
            format!("/company/configurations?{page}&{CONDITION}"),
        ]
    );
}

#[tokio::test]
async fn a_new_name_and_one_that_may_not_be_read_mean_everything() {
    for status in [200, 403, 404] {
        let (ids, asked) = changed(move |sent| match sent.target.contains("/statuses") {
            true => answer(status, r#"[{"id":1}]"#),
            false if sent.target.contains("fields=id") => rows(&json!([])),
            false => rows(&one()),
        })
        .await;
        assert_eq!(ids.unwrap(), ["7"]);
        let last = asked.last().unwrap();
        assert_eq!(last, "/company/configurations?pageSize=10&pageId=0");
    }
}

#[tokio::test]
async fn another_failure_is_the_walks() {
    let (ids, asked) = changed(|_| answer(401, "{}")).await;
    assert_eq!(ids.unwrap_err().operation, "configuration_types.changed");
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn a_count_is_read_and_what_is_none_is_told() {
    let clock = clock();
    let wire = Scripted::new(&clock, |number, _| match number {
        0 => answer(200, company_info().to_string()),
        1 => answer(200, r#"{"count":137}"#),
        _ => answer(200, "[]"),
    });
    let connector = connector_over(Arc::clone(&wire) as _, &clock, 10);
    let changes = connector.changes().unwrap();
    let count = changes.count(RecordKind::Contact).await;
    assert_eq!(count.unwrap(), Some(137));
    assert!(wire.targets()[1].ends_with("/company/contacts/count"));
    let error = changes.count(RecordKind::Contact).await.unwrap_err();
    assert_eq!(error.kind.code(), "vendor-body");
    assert_eq!(changes.count(RecordKind::Location).await.unwrap(), None);
}
