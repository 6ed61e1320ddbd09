//! Locations of companies, which are asked for by the numbers of many companies at once.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::Autotask;
use super::wire::{Location, Lookups};
use crate::connectors::walk::{Fetched, Walk};
use crate::connectors::{Page, Pages, Result};
use crate::model::RemoteLocation;

impl Autotask {
    /// Companies whose locations are asked for at once: the vendor joins at most 500 conditions.
    pub(crate) const COMPANIES_AT_ONCE: usize = 100;
}

/// Locations of the companies asked for, so many companies at once, delivered in their order.
pub(super) struct LocationWalk<'a> {
    api: &'a Autotask,
    companies: std::vec::IntoIter<String>,
    countries: Option<Lookups>,
}

impl<'a> LocationWalk<'a> {
    pub(super) fn new(api: &'a Autotask, companies: Vec<String>) -> Self {
        Self {
            api,
            companies: companies.into_iter(),
            countries: None,
        }
    }

    async fn next(&mut self) -> Result<Option<Page<RemoteLocation>>> {
        const OPERATION: &str = "locations.list";
        loop {
            let batch: Vec<String> = self
                .companies
                .by_ref()
                .take(Autotask::COMPANIES_AT_ONCE)
                .collect();
            if batch.is_empty() {
                return Ok(None);
            }
            let countries = match self.countries.take() {
                Some(countries) => countries,
                None => self.api.country_lookups().await?,
            };
            let numbers = batch.iter().filter_map(|id| id.parse::<i64>().ok());
            let numbers: Vec<i64> = numbers.collect();
            let these = json!({ "op": "in", "field": "companyID", "value": numbers });
            let api = self.api;
            let mut walk = Walk::new(&api.client, OPERATION, move |at| {
                let these = these.clone();
                async move {
                    let these = std::slice::from_ref(&these);
                    let (rows, end) = api
                        .behind::<Location>(OPERATION, "CompanyLocations", these, at)
                        .await?;
                    Ok(Fetched::of(rows, end, |row| (row.id, row)))
                }
                .boxed()
            });
            let mut page = Page::default();
            while let Some(part) = walk.next_page().await? {
                let records = part.records.into_iter();
                page.records
                    .extend(records.map(|row| row.into_record(&countries)));
                page.rejected.extend(part.rejected);
            }
            self.countries = Some(countries);
            let place = |id: &str| batch.iter().position(|own| own == id);
            page.records
                .sort_by_key(|record| place(&record.organization_id));
            if !page.records.is_empty() || !page.rejected.is_empty() {
                return Ok(Some(page));
            }
        }
    }
}

impl Pages<RemoteLocation> for LocationWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteLocation>>>> {
        Box::pin(self.next())
    }
}
