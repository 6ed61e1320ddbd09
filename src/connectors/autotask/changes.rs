//! What changed in Autotask: queries by the stamp that an entity has, counts, and ids alone. It knows
//! nothing of how often it is asked.
//!
//! That contacts and configuration items can be asked for by `lastModifiedDate` and `lastModifiedTime` is
//! `documented`; that every change moves them is `inferred` from their names. Types and products, whose
//! names stand in an item, have no stamp (`documented`, by absence): where they are not what they were, all
//! items are read.
//!
//! Companies have no such walk: `lastTrackedModifiedDateTime` is by its name that of some fields, and which
//! location is the main one is kept in the locations, which have no stamp at all.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::Autotask;
use super::wire::{Contact, Item, Lookups};
use crate::connectors::walk::{Fetched, Walk};
use crate::connectors::{ErrorKind, Ids, PageStream, PsaChanges, Result};
use crate::model::{RecordKind, RemoteConfiguration, RemoteContact};

/// The condition for records whose stamp is at or after a moment, which is written as documented.
fn since(field: &str, moment: Timestamp) -> Value {
    let utc = moment.to_zoned(TimeZone::UTC);
    let text = utc.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string();
    json!({ "op": "gte", "field": field, "value": text })
}

/// A row of which no more than the id was asked for.
#[derive(Deserialize)]
#[serde(expecting = "an id")]
struct IdRow {
    id: i64,
}

/// The operations on a kind of record, and its entity; none for what belongs to something else.
const fn entity(kind: RecordKind) -> Option<(&'static str, &'static str, &'static str)> {
    match kind {
        RecordKind::Organization => Some(("companies.count", "companies.ids", "Companies")),
        RecordKind::Contact => Some(("contacts.count", "contacts.ids", "Contacts")),
        RecordKind::Configuration => Some((
            "configurations.count",
            "configurations.ids",
            "ConfigurationItems",
        )),
        RecordKind::Location => None,
    }
}

impl Autotask {
    async fn count_of(&self, operation: &'static str, entity: &str) -> Result<u64> {
        // As whole walks begin.
        let all = json!({ "filter": [{ "op": "gt", "field": "id", "value": 0 }] });
        let path = format!("/{entity}/query/count");
        let answer = self.ask(operation, &path, &all).await?;
        answer.query_count.ok_or_else(|| {
            let detail = "there is no queryCount in it".to_owned();
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }
}

impl PsaChanges for Autotask {
    fn contacts(&self, moment: Timestamp) -> Option<PageStream<'_, RemoteContact>> {
        const OPERATION: &str = "contacts.changed";
        let condition = since("lastModifiedDate", moment);
        let walk = Walk::new(&self.client, OPERATION, move |at| {
            let condition = condition.clone();
            async move {
                let these = std::slice::from_ref(&condition);
                let (rows, end) = self
                    .behind::<Contact>(OPERATION, "Contacts", these, at)
                    .await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        });
        Some(Box::new(walk))
    }

    fn configurations(&self, moment: Timestamp) -> Option<PageStream<'_, RemoteConfiguration>> {
        const OPERATION: &str = "configurations.changed";
        let lookups: Arc<OnceCell<(Lookups, Timestamp)>> = Arc::default();
        let condition = since("lastModifiedTime", moment);
        let walk = Walk::new(&self.client, OPERATION, move |at| {
            let (lookups, condition) = (Arc::clone(&lookups), condition.clone());
            async move {
                let (lookups, named) = lookups.get_or_try_init(|| self.item_lookups()).await?;
                let these = std::slice::from_ref(&condition);
                let these = if *named <= moment { these } else { &[] };
                let (rows, end) = self
                    .behind::<Item>(OPERATION, "ConfigurationItems", these, at)
                    .await?;
                Ok(Fetched::of(rows, end, |row| {
                    (row.id, row.into_record(lookups))
                }))
            }
            .boxed()
        });
        Some(Box::new(walk))
    }

    fn count(&self, kind: RecordKind) -> BoxFuture<'_, Result<Option<u64>>> {
        async move {
            let Some((operation, _, entity)) = entity(kind) else {
                return Ok(None);
            };
            self.count_of(operation, entity).await.map(Some)
        }
        .boxed()
    }

    fn ids(&self, kind: RecordKind) -> Option<Ids<'_>> {
        let (_, operation, entity) = entity(kind)?;
        let walk = Walk::new(&self.client, operation, move |at| {
            async move {
                let only = Some(["id"].as_slice());
                let (rows, end) = self
                    .some_behind::<IdRow>(operation, entity, &[], only, at)
                    .await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.id.to_string())))
            }
            .boxed()
        });
        Some(Box::new(walk))
    }
}
