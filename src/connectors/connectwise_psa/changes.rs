//! What changed in a ConnectWise PSA: lists with the condition that the vendor gives for it,
//! `lastUpdated` (`documented`), their counts, and their ids alone. It knows nothing of how often it
//! is asked.
//!
//! A record is stamped when it changes itself. A contact's e-mail addresses and telephone numbers
//! are part of it, and a change of one is one of the contact (`inferred`). Names of what a record
//! refers to are not: where a type, a status or a manufacturer changed, its list is read whole. Names
//! of members, who may have installed a configuration, are not looked after.
//!
//! Companies have no such walk: a company's main site and its types are kept in lists of their own,
//! and nobody says that a change there stamps the company. Sites stand below their companies, one call
//! each, with a condition or without.

use futures_util::future::BoxFuture;
use http::Uri;
use jiff::Timestamp;
use serde::Deserialize;

use super::ConnectwisePsa;
use super::list::ListWalk;
use super::wire::{Configuration, Contact, IdRow, Row};
use crate::connectors::client::{Call, unreadable};
use crate::connectors::{ErrorKind, Ids, Page, PageStream, Pages, PsaChanges, Result};
use crate::model::{RecordKind, RemoteConfiguration, RemoteContact};

/// Lists whose names stand in contacts.
const OF_CONTACTS: [(&str, &str); 2] = [
    ("contact_types.changed", "/company/contacts/types"),
    ("communication_types.changed", "/company/communicationTypes"),
];

/// Lists whose names stand in configurations.
const OF_CONFIGURATIONS: [(&str, &str); 3] = [
    (
        "configuration_types.changed",
        "/company/configurations/types",
    ),
    (
        "configuration_statuses.changed",
        "/company/configurations/statuses",
    ),
    ("manufacturers.changed", "/procurement/manufacturers"),
];

/// The condition for records that changed at or after a moment. Stamps have whole seconds, so that
/// the one that has begun counts.
fn since(moment: Timestamp) -> String {
    let second = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
    let text = format!("lastUpdated>=[{second}]");
    let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    format!("&conditions={text}")
}

/// The reply to a count.
#[derive(Deserialize)]
struct Count {
    count: u64,
}

impl ConnectwisePsa {
    /// Whether a list has a record of that kind.
    async fn has(&self, operation: &'static str, route: &str, condition: &str) -> Result<bool> {
        let mut walk: ListWalk<'_, IdRow> = ListWalk::new(self, operation, route.to_owned());
        walk.asked = format!("{condition}&fields=id");
        Ok(walk.next_rows().await?.is_some())
    }

    async fn count_of(&self, operation: &'static str, route: &str) -> Result<u64> {
        let root = self.root().await?;
        let uri: Uri = self.client.uri(operation, &format!("{root}{route}"))?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let read: Result<Count, _> = serde_json::from_slice(reply.body());
        read.map(|count| count.count).map_err(|error| {
            let detail = self.client.redact(&unreadable(&reply, &error));
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }

    fn ids_of(&self, operation: &'static str, route: &str) -> Ids<'_> {
        let mut walk: ListWalk<'_, IdRow> = ListWalk::new(self, operation, route.to_owned());
        "&fields=id".clone_into(&mut walk.asked);
        Box::new(walk)
    }
}

/// A walk over what changed, or over everything where a name that it shows did.
struct Changed<'a, W> {
    api: &'a ConnectwisePsa,
    walk: ListWalk<'a, W>,
    condition: String,
    /// Lists to ask before the first page.
    names: &'static [(&'static str, &'static str)],
}

impl<'a, W: Row> Changed<'a, W> {
    fn new(
        api: &'a ConnectwisePsa,
        operation: &'static str,
        route: &str,
        moment: Timestamp,
        names: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            api,
            walk: ListWalk::new(api, operation, route.to_owned()),
            condition: since(moment),
            names,
        }
    }

    async fn next(&mut self) -> Result<Option<Page<W::Record>>> {
        let names = std::mem::take(&mut self.names);
        let mut renamed = false;
        for (operation, route) in names {
            match self.api.has(operation, route, &self.condition).await {
                Ok(changed) => renamed |= changed,
                // Who may not read it cannot tell.
                Err(error)
                    if matches!(
                        error.kind,
                        ErrorKind::Forbidden { .. } | ErrorKind::NotFound { .. }
                    ) =>
                {
                    renamed = true;
                }
                Err(error) => {
                    self.walk.end();
                    return Err(error);
                }
            }
            if renamed {
                break;
            }
        }
        if !names.is_empty() && !renamed {
            self.walk.asked.clone_from(&self.condition);
        }
        self.walk.next_page().await
    }
}

impl<W: Row> Pages<W::Record> for Changed<'_, W> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<W::Record>>>> {
        Box::pin(self.next())
    }
}

impl PsaChanges for ConnectwisePsa {
    fn contacts(&self, since: Timestamp) -> Option<PageStream<'_, RemoteContact>> {
        let (operation, route) = ("contacts.changed", "/company/contacts");
        let walk: Changed<'_, Contact> = Changed::new(self, operation, route, since, &OF_CONTACTS);
        Some(Box::new(walk))
    }

    fn configurations(&self, since: Timestamp) -> Option<PageStream<'_, RemoteConfiguration>> {
        let (operation, route) = ("configurations.changed", "/company/configurations");
        let names = &OF_CONFIGURATIONS;
        let walk: Changed<'_, Configuration> = Changed::new(self, operation, route, since, names);
        Some(Box::new(walk))
    }

    fn count(&self, kind: RecordKind) -> BoxFuture<'_, Result<Option<u64>>> {
        let (operation, route) = match kind {
            RecordKind::Organization => ("companies.count", "/company/companies/count"),
            RecordKind::Contact => ("contacts.count", "/company/contacts/count"),
            RecordKind::Configuration => ("configurations.count", "/company/configurations/count"),
            RecordKind::Location => return Box::pin(std::future::ready(Ok(None))),
        };
        Box::pin(async move { self.count_of(operation, route).await.map(Some) })
    }

    fn ids(&self, kind: RecordKind) -> Option<Ids<'_>> {
        match kind {
            RecordKind::Organization => Some(self.ids_of("companies.ids", "/company/companies")),
            RecordKind::Contact => Some(self.ids_of("contacts.ids", "/company/contacts")),
            RecordKind::Configuration => {
                Some(self.ids_of("configurations.ids", "/company/configurations"))
            }
            RecordKind::Location => None,
        }
    }
}
