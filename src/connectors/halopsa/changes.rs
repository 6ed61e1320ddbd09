//! What changed in HaloPSA: users by the vendor's date of their last update, and how many records a list
//! has. It knows nothing of how often it is asked.
//!
//! That the date is a filter is `documented`, that it takes a date with its time `inferred`, and that every
//! change of a user moves it, too. Clients and assets show names of top levels, types and statuses, and
//! nothing says that a new name stamps those that show it; which site is the main one stands in its client.
//! So these lists are read whole. Ids alone come in as many pages as the records.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use super::wire::User;
use super::{ASSETS, CLIENTS, HaloPsa, USERS};
use crate::connectors::decode::Decoded;
use crate::connectors::walk::{Fetched, Walk};
use crate::connectors::{ErrorKind, PageStream, PsaChanges, Result};
use crate::model::{RecordKind, RemoteContact};

/// Where a walk over pages stands that cannot be allowed to lose a record: what is lost here is not asked
/// for again.
#[derive(Debug, Default)]
struct Place {
    /// Pages that were read.
    read: AtomicU32,
    /// Records in the list, by the last page.
    count: AtomicU64,
}

impl Place {
    /// The next page. Where the list got shorter, what stood behind moved forward: it goes back by as much.
    async fn next<W: DeserializeOwned>(
        &self,
        api: &HaloPsa,
        operation: &'static str,
        path: &str,
    ) -> Result<(Decoded<W>, bool)> {
        let size = u64::from(api.page_size);
        loop {
            let number = self.read.load(Ordering::Relaxed) + 1;
            let (rows, count) = api.numbered::<W>(operation, path, number).await?;
            let before = self.count.load(Ordering::Relaxed);
            let now = count.unwrap_or(before);
            self.count.store(now, Ordering::Relaxed);
            if number > 1 && now < before {
                let back = u32::try_from((before - now).div_ceil(size)).unwrap_or(u32::MAX);
                let read = (number - 1).saturating_sub(back);
                self.read.store(read, Ordering::Relaxed);
                continue;
            }
            self.read.store(number, Ordering::Relaxed);
            let end = count.is_some_and(|count| u64::from(number) * size >= count);
            return Ok((rows, end));
        }
    }
}

impl HaloPsa {
    async fn count_of(&self, operation: &'static str, path: &str) -> Result<u64> {
        let path = format!("{path}pageinate=true&page_size=1&page_no=1");
        let list: super::List = self.get(operation, &path).await?;
        list.record_count.ok_or_else(|| {
            let detail = "there is no record_count in it".to_owned();
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }
}

impl PsaChanges for HaloPsa {
    fn contacts(&self, since: Timestamp) -> Option<PageStream<'_, RemoteContact>> {
        const OPERATION: &str = "contacts.changed";
        let utc = since.to_zoned(TimeZone::UTC);
        let since = utc.strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
        let path = format!("{USERS}lastupdatefromdate={since}&");
        let (path, place): (Arc<str>, Arc<Place>) = (path.into(), Arc::default());
        let walk = Walk::new(&self.client, OPERATION, move |_| {
            let (path, place) = (Arc::clone(&path), Arc::clone(&place));
            async move {
                let (rows, end) = place.next::<User>(self, OPERATION, &path).await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        });
        Some(Box::new(walk))
    }

    fn count(&self, kind: RecordKind) -> BoxFuture<'_, Result<Option<u64>>> {
        let (operation, path) = match kind {
            RecordKind::Organization => ("companies.count", CLIENTS),
            RecordKind::Contact => ("contacts.count", USERS),
            RecordKind::Configuration => ("configurations.count", ASSETS),
            // Those of some clients are wanted, and all are counted.
            RecordKind::Location => return std::future::ready(Ok(None)).boxed(),
        };
        async move { self.count_of(operation, path).await.map(Some) }.boxed()
    }
}
