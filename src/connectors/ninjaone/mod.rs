//! NinjaOne: Public API v2 -> model. Organizations are the companies; everything of a device comes with
//! the detailed list, by the last id of the page before. It knows the vendor's contract and nothing of
//! the account.
//!
//! What changed cannot be asked for: its filter language has no stamp of a change (`documented`, by absence),
//! and the brief list costs as many calls as the detailed one.

#[cfg(test)]
mod tests;
mod wire;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Response;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use super::client::{Auth, Call, Client, ClientSetup, unreadable};
use super::decode::{self, Decoded};
use super::grant::ClientGrant;
use super::setup::check_page_size;
use super::walk::{Fetched, Walk};
use super::{ConnectorSetupError, ErrorKind, PageStream, Result, RmmCapabilities, RmmConnector};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use wire::{Device, Organization};

/// What a connector is made of.
pub struct NinjaConfig {
    /// The instance's address without a path (`https://app.ninjarmm.com`).
    pub base_url: String,
    /// Id of the API application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Records in one page, 1 to [`NinjaOne::LARGEST_PAGE`].
    pub page_size: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for NinjaConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("NinjaConfig")
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads a NinjaOne instance. Devices that wait for approval are not delivered.
#[derive(Debug)]
pub struct NinjaOne {
    client: Client,
    page_size: u32,
}

impl NinjaOne {
    /// The vendor's slug.
    pub const VENDOR: &str = "ninjaone";

    /// What its API can give.
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        without: &["default_gateway", "disks"],
        own_form: &[
            "configuration_type",
            "operating_system",
            "interfaces",
            "rmm_location",
        ],
        without_agent: &["serial", "manufacturer", "model", "operating_system"],
        agent_on_hosts: true,
        without_kinds: &[],
    };

    /// What plays the company.
    pub const COMPANIES: &[&str] = &["organizations"];

    /// The largest page that is in use (`seen`).
    pub const LARGEST_PAGE: u32 = 1_000;

    /// The limit is not published; a client keeps to this one (`seen`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 100,
        window_ms: 60_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the page size cannot be used.
    pub fn new(
        config: NinjaConfig,
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
                path: "/ws/oauth/token",
                scope: "monitoring",
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

    /// The page behind the last id so far.
    async fn page(
        &self,
        operation: &'static str,
        path: &str,
        last_id: i64,
    ) -> Result<Response<Bytes>> {
        let size = self.page_size;
        let path = format!("{path}pageSize={size}&after={last_id}");
        let uri = self.client.uri(operation, &path)?;
        self.client.send(&Call::get(operation, uri)).await
    }

    fn rows<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        reply: &Response<Bytes>,
    ) -> Result<Decoded<W>> {
        decode::list(&decode::text(reply.body()), "id").map_err(|error| {
            let detail = self.client.redact(&unreadable(reply, &error));
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }

    /// Whether a page of so many rows is the last one: a short one.
    const fn is_last(&self, rows: usize) -> bool {
        rows < self.page_size as usize
    }
}

const ORGANIZATIONS: &str = "/v2/organizations?";
const DEVICES: &str = "/v2/devices-detailed?df=status%20eq%20APPROVED&expand=location,warranty&";

impl RmmConnector for NinjaOne {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let uri = self.client.uri("check", "/v2/organizations?pageSize=1")?;
            self.client.send(&Call::get("check", uri)).await.map(drop)
        })
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        const OPERATION: &str = "sites.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let reply = self.page(OPERATION, ORGANIZATIONS, at.last_id).await?;
                let rows: Decoded<Organization> = self.rows(OPERATION, &reply)?;
                let end = self.is_last(rows.fetched());
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_company())))
            }
            .boxed()
        }))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "devices.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let reply = self.page(OPERATION, DEVICES, at.last_id).await?;
                if let Some(print) = at.same(reply.body()) {
                    return Ok(Fetched::same(print, self.is_last(print.came)));
                }
                let rows: Decoded<Device> = self.rows(OPERATION, &reply)?;
                let end = self.is_last(rows.fetched());
                let page = Fetched::of(rows, end, |row| (row.id, row.into_device()));
                Ok(page.printed(&at, reply.body()))
            }
            .boxed()
        }))
    }
}
