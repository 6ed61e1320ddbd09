//! ConnectWise Automate: REST `cwa/api/v1` -> model. Lists are bare arrays by numbered pages, and an empty
//! page is their end. It knows the vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: `LastInventoryReceived` stands still when a person renames or moves a
//! computer (`inferred`), drives have no stamp, and no count comes with a list.

mod auth;
#[cfg(test)]
mod tests;
mod walks;
mod wire;

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::client::{Auth, Call, Client, ClientSetup, sensitive, unreadable};
use super::decode::{self, Decoded};
use super::details::Details;
use super::setup::{check_page_size, company};
use super::walk::{Fetched, Position, Walk};
use super::{ConnectorSetupError, ErrorKind, PageStream, Result, RmmCapabilities, RmmConnector};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use auth::Login;
use walks::{DeviceWalk, LOCATION};
use wire::Company;

/// What a connector is made of.
pub struct AutomateConfig {
    /// The server's address with the API's path (`https://msp.hostedrmm.com/cwa/api/v1`).
    pub base_url: String,
    /// The user of the integration, who has no second factor.
    pub user_name: String,
    /// The user's password.
    pub password: Secret,
    /// The id under which the integration is registered with the vendor.
    pub client_id: String,
    /// What plays the company: one of [`ConnectwiseAutomate::COMPANIES`]; the first when left out.
    pub company: Option<String>,
    /// Records in one page, 1 to [`ConnectwiseAutomate::LARGEST_PAGE`].
    pub page_size: u32,
    /// Computers whose processors are read at the same time. Zero counts as one.
    pub detail_concurrency: u32,
    /// Bytes of what was read computer by computer that are kept until the next sync.
    pub remembered_bytes: usize,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for AutomateConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("AutomateConfig")
            .field("base_url", &self.base_url)
            .field("company", &self.company)
            .field("page_size", &self.page_size)
            .field("detail_concurrency", &self.detail_concurrency)
            .field("remembered_bytes", &self.remembered_bytes)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads an Automate server.
///
/// Clients play the company, or locations; ids of locations begin with `location-`, those of network
/// devices with `network-`, since each resource counts from one. The client and the location that the
/// server keeps for computers that nobody has sorted are in no page, and neither are devices in them:
/// they belong to no client. [`CallStats::left_out`] counts them.
///
/// Manufacturer, model and disks come from lists of their own, which are read before the first computer;
/// processors cost a call for each computer. What was retired is not delivered.
#[derive(Debug)]
pub struct ConnectwiseAutomate {
    client: Client,
    page_size: u32,
    detail_concurrency: usize,
    details: Details,
    by_location: bool,
}

impl ConnectwiseAutomate {
    /// The vendor's slug.
    pub const VENDOR: &str = "connectwise-automate";

    /// What its API can give.
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        // There is one MAC address of each device.
        without: &["default_gateway", "other_interfaces"],
        // Memory and disks are told in whole megabytes.
        own_form: &[
            "configuration_type",
            "operating_system",
            "interfaces",
            "rmm_location",
            "memory_bytes",
            "disks",
        ],
        without_agent: &[
            "serial",
            "operating_system",
            "cpu",
            "memory_bytes",
            "disks",
            "last_user",
            "last_reboot",
            "warranty_expires_on",
        ],
        agent_on_hosts: true,
        without_kinds: &[],
    };

    /// What can play the company.
    pub const COMPANIES: &[&str] = &["clients", "locations"];

    /// The largest page that clients ask for (`seen`).
    pub const LARGEST_PAGE: u32 = 1_000;

    /// Computers whose processors are read at the same time, when nothing else is said.
    pub const DETAIL_CONCURRENCY: u32 = 4;

    /// Hosted servers throttle, and no number is published (`inferred`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 300,
        window_ms: 60_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the client id, the page size or what plays the company
    /// cannot be used.
    pub fn new(
        config: AutomateConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        check_page_size(Self::VENDOR, config.page_size, Self::LARGEST_PAGE)?;
        let by_location = company(Self::VENDOR, Self::COMPANIES, config.company.as_deref())? == 1;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor: Self::VENDOR,
                error,
                example: "http://127.0.0.1:8080/cwa/api/v1",
            })?;
        let client_id = sensitive(&config.client_id);
        let client_id = client_id.map_err(|_| ConnectorSetupError::Unsendable {
            vendor: Self::VENDOR,
            name: "client_id",
        })?;
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([
                (ACCEPT, HeaderValue::from_static("application/json")),
                (HeaderName::from_static("clientid"), client_id),
            ]),
            auth: Auth::bearer(Login::new(config.user_name, config.password.clone())),
            secrets: vec![config.password],
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
            detail_concurrency: config.detail_concurrency.max(1) as usize,
            details: Details::new(config.remembered_bytes),
            by_location,
        })
    }

    /// A page by its number. An empty one is the end, since a server may give fewer records than it is
    /// asked for (`seen`: clients go on until then).
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        id: &str,
        at: Position,
    ) -> Result<Decoded<W>> {
        let (size, number) = (self.page_size, at.pages + 1);
        let path = format!("{path}&pageSize={size}&page={number}");
        let uri = self.client.uri(operation, &path)?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let text = decode::text(reply.body());
        decode::list(&text, id).map_err(|error| {
            let detail = self.client.redact(&unreadable(&reply, &error));
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }

    /// The rows of a list as they come, each once.
    fn walk<W: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        path: &'static str,
        id: fn(&W) -> i64,
    ) -> Walk<'_, W> {
        self.keyed_walk(operation, path, "Id", id)
    }

    /// The same where the id has another name.
    fn keyed_walk<W: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        path: &'static str,
        name: &'static str,
        id: fn(&W) -> i64,
    ) -> Walk<'_, W> {
        Walk::new(&self.client, operation, move |at| {
            async move {
                let rows = self.page::<W>(operation, path, name, at).await?;
                Ok(Fetched::of(rows, false, |row| (id(&row), row)))
            }
            .boxed()
        })
    }
}

impl RmmConnector for ConnectwiseAutomate {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            const OPERATION: &str = "check";
            let path = "/clients?pageSize=1&includeFields=Id";
            let uri = self.client.uri(OPERATION, path)?;
            let reply = self.client.send(&Call::get(OPERATION, uri)).await?;
            // A sign-in page proves nothing.
            match serde_json::from_slice::<Vec<IgnoredAny>>(reply.body()) {
                Ok(_) => Ok(()),
                Err(error) => {
                    let detail = self.client.redact(&unreadable(&reply, &error));
                    Err(self.client.error(OPERATION, ErrorKind::Body { detail }))
                }
            }
        })
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        let (operation, path, prefix) = if self.by_location {
            ("locations.list", "/locations?orderBy=Id%20asc", LOCATION)
        } else {
            ("sites.list", "/clients?orderBy=Id%20asc", "")
        };
        Box::new(Walk::new(&self.client, operation, move |at| {
            async move {
                let rows = self.page::<Company>(operation, path, "Id", at).await?;
                let page = Fetched::each(
                    rows,
                    false,
                    |row| row.id,
                    |row| {
                        let system = row.is_system();
                        if system {
                            self.client.leave_out("system entry");
                        }
                        (!system).then(|| (row.id, row.into_company(prefix)))
                    },
                );
                Ok(page)
            }
            .boxed()
        }))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        self.details.begin();
        Box::new(DeviceWalk::new(self))
    }
}
