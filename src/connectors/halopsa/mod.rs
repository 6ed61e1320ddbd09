//! HaloPSA: API v2 -> model. All lists come in pages that count what there is in all. It knows the
//! vendor's contract and nothing of the account.

mod changes;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;

use super::client::{Auth, Call, Client, ClientSetup, unreadable};
use super::decode::{self, Decoded};
use super::grant::ClientGrant;
use super::setup::check_page_size;
use super::walk::{Fetched, Position, Walk};
use super::{
    ConnectorSetupError, ErrorKind, PageStream, PsaCapabilities, PsaChanges, PsaConnector, Result,
    Vocabulary,
};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use wire::{Asset, Client as Customer, Named, Site, User};

/// What a connector is made of.
pub struct HaloConfig {
    /// The tenant's address without a path (`https://msp.halopsa.com`).
    pub base_url: String,
    /// Id of the API application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Records in one page, 1 to [`HaloPsa::LARGEST_PAGE`].
    pub page_size: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for HaloConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("HaloConfig")
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads a HaloPSA tenant.
///
/// The type of an organization is the top level that its client stands below, and its status the
/// inactive flag (`inferred`).
#[derive(Debug)]
pub struct HaloPsa {
    client: Client,
    page_size: u32,
}

impl HaloPsa {
    /// The vendor's slug.
    pub const VENDOR: &str = "halopsa";

    /// What its API can give.
    pub const CAPABILITIES: PsaCapabilities = PsaCapabilities {
        two_way: false,
        organization_statuses: Vocabulary::FLAG,
        without: &[
            (RecordKind::Organization, &["short_name", "parent_id"]),
            (RecordKind::Location, &["fax"]),
            (RecordKind::Contact, &["contact_type"]),
            (RecordKind::Configuration, &["installed_on", "installed_by"]),
        ],
        // Numbers have no extension, and neither they nor addresses have types of the tenant's own.
        own_form: &[(RecordKind::Contact, &["emails", "phones"])],
        ..PsaCapabilities::WHOLE
    };

    /// The largest page (`inferred`).
    pub const LARGEST_PAGE: u32 = 100;

    /// What a hosted tenant allows (`seen`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 300,
        window_ms: 300_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the page size cannot be used.
    pub fn new(
        config: HaloConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        check_page_size(Self::VENDOR, config.page_size, Self::LARGEST_PAGE)?;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor: Self::VENDOR,
                error,
                example: "http://127.0.0.1:8080",
            })?;
        let json = HeaderValue::from_static("application/json");
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::bearer(ClientGrant {
                // Not below `/api` (`documented`).
                path: "/auth/token",
                scope: "all",
                client_id: config.client_id,
                client_secret: config.client_secret.clone(),
            }),
            secrets: vec![config.client_secret],
            retry: config.retry,
            block_ms: None,
            limit: config.limit,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            page_size: config.page_size,
        })
    }

    async fn get<W: DeserializeOwned>(&self, operation: &'static str, path: &str) -> Result<W> {
        let uri = self.client.uri(operation, path)?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        serde_json::from_slice(reply.body()).map_err(|error| {
            let detail = self.client.redact(&unreadable(&reply, &error));
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }

    /// A page by its number; the last is the one that reaches the count of all.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let number = at.pages + 1;
        let (rows, count) = self.numbered(operation, path, number).await?;
        // Without a count an empty page is the end.
        let read = u64::from(number) * u64::from(self.page_size);
        let end = count.is_some_and(|count| read >= count);
        Ok((rows, end))
    }

    /// A page, and the count of all.
    async fn numbered<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        number: u32,
    ) -> Result<(Decoded<W>, Option<u64>)> {
        let size = self.page_size;
        let path = format!("{path}pageinate=true&page_size={size}&page_no={number}");
        let list: List = self.get(operation, &path).await?;
        let body_error = |detail: String| {
            let detail = self.client.redact(&detail);
            self.client.error(operation, ErrorKind::Body { detail })
        };
        let rows = [&list.clients, &list.sites, &list.users, &list.assets];
        let rows = rows.into_iter().flatten().next();
        let rows = rows.ok_or_else(|| body_error("there is no list in it".to_owned()))?;
        let rows: Decoded<W> =
            decode::list(rows.get(), "id").map_err(|error| body_error(error.to_string()))?;
        Ok((rows, list.record_count))
    }

    async fn names(&self, operation: &'static str, path: &str) -> Result<Vec<RemoteType>> {
        let names: Vec<Named> = self.get(operation, path).await?;
        Ok(names.into_iter().map(Named::into_type).collect())
    }

    /// The sites that clients call their main ones; a site does not say it itself.
    async fn main_sites(&self) -> Result<BTreeSet<i64>> {
        const OPERATION: &str = "companies.list";
        let mut walk = Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page::<Customer>(OPERATION, CLIENTS, at).await?;
                let page = Fetched::of(rows, end, |row| (row.id, row.main_site_id));
                Ok(page.told_elsewhere())
            }
            .boxed()
        });
        let mut sites = BTreeSet::new();
        while let Some(page) = super::Pages::next_page(&mut walk).await? {
            sites.extend(page.records.into_iter().flatten());
        }
        Ok(sites)
    }
}

#[derive(Deserialize)]
struct List {
    record_count: Option<u64>,
    clients: Option<Box<RawValue>>,
    sites: Option<Box<RawValue>>,
    users: Option<Box<RawValue>>,
    assets: Option<Box<RawValue>>,
}

const CLIENTS: &str = "/api/Client?includeinactive=true&";
const USERS: &str = "/api/Users?includeinactive=true&";
const ASSETS: &str = "/api/Asset?includeinactive=true&includeassetfields=true&";

impl PsaConnector for HaloPsa {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn capabilities(&self) -> PsaCapabilities {
        Self::CAPABILITIES
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let uri = self.client.uri("check", "/api/InstanceInfo")?;
            self.client.send(&Call::get("check", uri)).await.map(drop)
        })
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.names("company_types.list", "/api/TopLevel"))
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(super::flags())))
    }

    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.names("configuration_types.list", "/api/AssetType"))
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.names("configuration_statuses.list", "/api/Status?type=asset"))
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        const OPERATION: &str = "companies.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page::<Customer>(OPERATION, CLIENTS, at).await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }

    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        const OPERATION: &str = "locations.list";
        let wanted: BTreeSet<i64> = organization_ids
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect();
        let wanted = Arc::new(wanted);
        let main: Arc<OnceCell<BTreeSet<i64>>> = Arc::default();
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            let (wanted, main) = (Arc::clone(&wanted), Arc::clone(&main));
            async move {
                let main = main.get_or_try_init(|| self.main_sites()).await?;
                let path = "/api/Site?includeinactive=true&";
                let (rows, end) = self.page::<Site>(OPERATION, path, at).await?;
                let is_wanted = |row: &Site| row.client_id.is_some_and(|id| wanted.contains(&id));
                Ok(Fetched::each(
                    rows,
                    end,
                    |row| row.id,
                    |row| is_wanted(&row).then(|| (row.id, row.into_record(main))),
                ))
            }
            .boxed()
        }))
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        const OPERATION: &str = "contacts.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page::<User>(OPERATION, USERS, at).await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }

    fn changes(&self) -> Option<&dyn PsaChanges> {
        Some(self)
    }

    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        const OPERATION: &str = "configurations.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page::<Asset>(OPERATION, ASSETS, at).await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }
}
