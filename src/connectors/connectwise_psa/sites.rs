//! Sites, which ConnectWise lists company by company: a few companies at a time, delivered in the
//! order in which the companies were named.

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::ConnectwisePsa;
use super::list::ListWalk;
use super::wire::{Row, Site};
use crate::connectors::{ConnectorError, ErrorKind, Page, Pages, Result};
use crate::model::RemoteLocation;

/// Companies have few sites; pages of the walk are filled up to about this many records.
const FILL: usize = 250;

/// A walk over the sites of many companies.
pub(super) struct SiteWalk<'a> {
    companies: BoxStream<'a, Result<Page<RemoteLocation>>>,
    failed: Option<ConnectorError>,
}

impl<'a> SiteWalk<'a> {
    pub(super) fn new(api: &'a ConnectwisePsa, organization_ids: Vec<String>) -> Self {
        let companies = stream::iter(organization_ids)
            .map(move |id| sites_of(api, id))
            .buffered(api.site_concurrency)
            .boxed();
        Self {
            companies,
            failed: None,
        }
    }

    async fn fill(&mut self) -> Result<Option<Page<RemoteLocation>>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut page = Page::default();
        while page.records.len() + page.rejected.len() < FILL {
            match self.companies.next().await {
                Some(Ok(mut sites)) => {
                    page.records.append(&mut sites.records);
                    page.rejected.append(&mut sites.rejected);
                }
                Some(Err(error)) => {
                    self.companies = stream::empty().boxed();
                    self.failed = Some(error);
                    break;
                }
                None => break,
            }
        }
        if page.records.is_empty() && page.rejected.is_empty() {
            return self.failed.take().map_or(Ok(None), Err);
        }
        Ok(Some(page))
    }
}

impl Pages<RemoteLocation> for SiteWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteLocation>>>> {
        Box::pin(self.fill())
    }
}

/// All sites of one company. A company that is not there any more, since it was deleted after the
/// companies were listed, has none.
async fn sites_of(api: &ConnectwisePsa, company_id: String) -> Result<Page<RemoteLocation>> {
    let segment = utf8_percent_encode(&company_id, NON_ALPHANUMERIC);
    let route = format!("/company/companies/{segment}/sites");
    let mut walk: ListWalk<'_, Site> = ListWalk::new(api, "sites.list", route);
    let mut page = Page::default();
    loop {
        match walk.next_rows().await {
            Ok(Some(rows)) => {
                let records = rows.records.into_iter().map(|row| RemoteLocation {
                    organization_id: company_id.clone(),
                    ..row.into_record()
                });
                page.records.extend(records);
                page.rejected.extend(rows.rejected);
            }
            Ok(None) => return Ok(page),
            Err(error) if matches!(error.kind, ErrorKind::NotFound { .. }) => return Ok(page),
            Err(error) => return Err(error),
        }
    }
}
