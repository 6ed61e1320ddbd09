//! N-able N-central: REST API-Service -> model. Customers or sites are the companies; the list of devices
//! is short, so that each device's inventory is read by itself, some at a time. It knows the vendor's
//! contract and nothing of the account.
//!
//! What changed cannot be asked for: there is no stamp of a change, and no filter but saved ones
//! (`documented`).

mod auth;
mod loose;
#[cfg(test)]
mod tests;
mod wire;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use futures_util::{FutureExt as _, TryStreamExt as _};
use http::Response;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::client::{Auth, Call, Client, ClientSetup, sensitive, shorten, unreadable};
use super::decode::{self, Decoded};
use super::setup::check_page_size;
use super::walk::{Fetched, Position, Walk};
use super::{
    ConnectorError, ConnectorSetupError, ErrorKind, PageStream, Rejected, Result, RmmCapabilities,
    RmmConnector,
};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RetryPolicy, Secret, Transport};
use auth::Exchange;
use wire::{Assets, Customer, Detail, Device, Envelope, Lifecycle, Site, Wrapped};

/// First wait after 429, doubled each time (`documented`: 2, 5, 10 seconds).
const THROTTLED_DELAY_MS: u64 = 2_000;

/// What plays company.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Companies {
    /// Customers; a device's site is its location.
    #[default]
    Customers,
    /// Sites. A device that stands right below its customer has no company and is left out.
    Sites,
}

impl Companies {
    /// The choice of that name, one of [`NCentral::COMPANIES`].
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "customers" => Some(Self::Customers),
            "sites" => Some(Self::Sites),
            _ => None,
        }
    }
}

/// What a connector is made of.
pub struct NCentralConfig {
    /// The server's address without a path (`https://ncentral.example.com`).
    pub base_url: String,
    /// The permanent token of an API user without MFA.
    pub jwt: Secret,
    /// What plays company.
    pub companies: Companies,
    /// Records in one page, 1 to [`NCentral::LARGEST_PAGE`].
    pub page_size: u32,
    /// Inventories that are read at the same time. Zero counts as one.
    pub asset_concurrency: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
}

impl fmt::Debug for NCentralConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The token is left out.
        formatter
            .debug_struct("NCentralConfig")
            .field("base_url", &self.base_url)
            .field("companies", &self.companies)
            .field("page_size", &self.page_size)
            .field("asset_concurrency", &self.asset_concurrency)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// Reads an N-central server.
///
/// Probes are delivered like any device: they are computers with a task. Serial number, adapters and
/// hardware come from one call a device for its inventory; where that says nothing of a warranty, a
/// second one asks for the lifecycle. A device without an inventory is delivered without details. The
/// serial number of the board is never taken for the computer's.
#[derive(Debug)]
pub struct NCentral {
    client: Client,
    companies: Companies,
    page_size: u32,
    asset_concurrency: usize,
}

impl NCentral {
    /// The vendor's slug.
    pub const VENDOR: &str = "n-central";

    /// What can play company, the usual choice first.
    pub const COMPANIES: &[&str] = &["customers", "sites"];

    /// What its API can give.
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        without: &[],
        // Disks have a size, and nothing says how much of it is free.
        own_form: &["configuration_type", "rmm_location", "disks"],
        without_agent: &[
            "serial",
            "manufacturer",
            "model",
            "operating_system",
            "default_gateway",
            "cpu",
            "memory_bytes",
            "disks",
            "last_user",
            "last_reboot",
            "last_seen",
        ],
        agent_on_hosts: true,
        without_kinds: &[],
    };

    /// The largest page that is in use (`seen`).
    pub const LARGEST_PAGE: u32 = 1_000;

    /// Inventories read at the same time, when nothing else is said: each endpoint takes at least so
    /// many calls at once (`documented`: 3 to 50).
    pub const ASSET_CONCURRENCY: u32 = 3;

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the page size or the token cannot be used.
    pub fn new(
        config: NCentralConfig,
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
        let bearer = sensitive(&format!("Bearer {}", config.jwt.expose()));
        let bearer = bearer.map_err(|_| ConnectorSetupError::Unsendable {
            vendor: Self::VENDOR,
            name: "jwt",
        })?;
        let json = HeaderValue::from_static("application/json");
        let base_delay_ms = match config.retry.base_delay_ms {
            0 => 0,
            wait_ms => wait_ms.max(THROTTLED_DELAY_MS),
        };
        let throttled_delay_ms = config.retry.throttled_delay_ms.min(THROTTLED_DELAY_MS);
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::bearer(Exchange { bearer }),
            secrets: vec![config.jwt],
            retry: RetryPolicy {
                base_delay_ms,
                throttled_delay_ms,
                ..config.retry
            },
            block_ms: None,
            limit: None,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            companies: config.companies,
            page_size: config.page_size,
            asset_concurrency: config.asset_concurrency.max(1) as usize,
        })
    }

    /// A page by its number. Lists of devices link to the next one; others say at least how many records
    /// there are, which may be more than this user sees (`inferred`): then an empty page is the end.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        (path, id_field): (&str, &str),
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let (size, number) = (self.page_size, at.pages + 1);
        let path = format!("{path}pageNumber={number}&pageSize={size}");
        let uri = self.client.uri(operation, &path)?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let json = self.text(operation, &reply)?;
        let envelope: Envelope<'_> = decode::one(json).map_err(|(field, reason)| {
            self.body_error(operation, &reply, &format!("field {field}: {reason}"))
        })?;
        let Some(rows) = envelope.data else {
            return Err(match envelope.error {
                Some(words) => self.core_error(operation, &words),
                None => self.body_error(operation, &reply, &"there is no `data`"),
            });
        };
        let rows: Decoded<W> = decode::list(rows.get(), id_field)
            .map_err(|error| self.body_error(operation, &reply, &error))?;
        let came = (at.came + rows.fetched()) as u64;
        let next = envelope.links.and_then(|links| links.next_page);
        let end = match (next, envelope.total_pages, envelope.total_items) {
            (Some(next), _, _) => next.is_none(),
            (None, Some(pages), _) => u64::from(number) >= pages,
            (None, None, Some(total)) => came >= total,
            (None, None, None) => rows.fetched() < size as usize,
        };
        Ok((rows, end))
    }

    /// The devices of a page with their details, so many at a time, in its order.
    async fn with_details(
        &self,
        rows: Decoded<Device>,
        end: bool,
    ) -> Result<Fetched<RemoteDevice>> {
        let read = rows.records.into_iter().map(|row| async move {
            let id = row.id;
            if self.companies == Companies::Sites && !row.has_site() {
                self.client.leave_out("device without a site");
                return Ok((id, None));
            }
            Ok(match self.detail(id).await? {
                Err(rejected) => (id, Some(Err(rejected))),
                Ok(detail) if detail.is_deleted() => {
                    self.client.leave_out("deleted device");
                    (id, None)
                }
                Ok(detail) => (id, Some(Ok(row.into_device(detail, self.companies)))),
            })
        });
        let read = stream::iter(read).buffered(self.asset_concurrency);
        let read: Vec<_> = read.try_collect().await?;
        Ok(Fetched::singly(read, rows.rejected, end))
    }

    /// What a device's own calls say of it, or why that cannot be read.
    ///
    /// No field of the list's row can stamp it: `lastApplianceCheckinTime` moves with every check-in,
    /// whether or not anything changed, is not there for what no agent runs on, and stands still when a
    /// person notes another warranty.
    async fn detail(&self, id: i64) -> Result<Result<Detail, Rejected>> {
        let path = format!("/api/devices/{id}/assets");
        let assets = match self.one::<Wrapped<Assets>>("assets.get", &path, id).await? {
            None => Assets::default(),
            Some(Ok(wrapped)) => wrapped.data.unwrap_or_default(),
            Some(Err(rejected)) => return Ok(Err(rejected)),
        };
        if let Some(warranty) = assets.warranty() {
            return Ok(Ok(Detail { assets, warranty }));
        }
        let path = format!("{path}/lifecycle-info");
        Ok(
            match self.one::<Lifecycle>("lifecycle.get", &path, id).await? {
                None => Ok(Detail {
                    assets,
                    warranty: None,
                }),
                Some(lifecycle) => lifecycle.map(|lifecycle| Detail {
                    assets,
                    warranty: lifecycle.warranty(),
                }),
            },
        )
    }

    /// What one call says of a device; none where there is nothing (404). Words of the core engine in
    /// place of the record (`documented`) are this record's trouble, and so is a field of the wrong kind.
    async fn one<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        id: i64,
    ) -> Result<Option<Result<W, Rejected>>> {
        let uri = self.client.uri(operation, path)?;
        let reply = match self.client.send(&Call::get(operation, uri)).await {
            Ok(reply) => reply,
            Err(ConnectorError {
                kind: ErrorKind::NotFound { .. },
                ..
            }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let json = self.text(operation, &reply)?;
        let record: &RawValue = serde_json::from_str(json)
            .map_err(|error| self.body_error(operation, &reply, &error))?;
        let what = operation.split('.').next().unwrap_or(operation);
        let rejected = |field: String, reason: String| Rejected {
            id: Some(id.to_string()),
            field,
            reason,
        };
        if let Some(words) = wire::core_error(record.get()) {
            let words = shorten(&self.client.redact(&words));
            return Ok(Some(Err(rejected(what.to_owned(), words))));
        }
        let record = decode::one(record.get());
        let record = record.map_err(|(field, reason)| rejected(format!("{what}.{field}"), reason));
        Ok(Some(record))
    }

    /// Lists the first customer. Tokens are handed out to a user who may do nothing with them, whose
    /// calls then fail with 500 (`documented`).
    async fn try_credentials(&self) -> Result<()> {
        const OPERATION: &str = "check";
        let uri = self
            .client
            .uri(OPERATION, "/api/customers?pageNumber=1&pageSize=1")?;
        let call = Call::get(OPERATION, uri);
        let reply = self.client.send(&call).await.map_err(|mut error| {
            if let ErrorKind::Status {
                status: 500,
                message,
                ..
            } = &mut error.kind
            {
                message.push_str("; does the user of jwt lack a permission, or have MFA?");
            }
            error
        })?;
        match wire::core_error(self.text(OPERATION, &reply)?) {
            Some(words) => Err(self.core_error(OPERATION, &words)),
            None => Ok(()),
        }
    }

    fn text<'a>(&self, operation: &'static str, reply: &'a Response<Bytes>) -> Result<&'a str> {
        std::str::from_utf8(reply.body()).map_err(|error| self.body_error(operation, reply, &error))
    }

    fn body_error(
        &self,
        operation: &'static str,
        reply: &Response<Bytes>,
        error: &dyn fmt::Display,
    ) -> ConnectorError {
        let detail = self.client.redact(&unreadable(reply, error));
        self.client.error(operation, ErrorKind::Body { detail })
    }

    /// A refusal that came as a success.
    fn core_error(&self, operation: &'static str, words: &str) -> ConnectorError {
        let kind = ErrorKind::Status {
            status: 200,
            attempts: 1,
            message: shorten(&self.client.redact(words)),
        };
        self.client.error(operation, kind)
    }
}

/// Lists, and the field that holds the id of their rows.
const CUSTOMERS: (&str, &str) = ("/api/customers?", "customerId");
const SITES: (&str, &str) = ("/api/sites?", "siteId");
/// The order is `seen` in a sample of the vendor's.
const DEVICES: (&str, &str) = ("/api/devices?sortBy=deviceId&sortOrder=asc&", "deviceId");

impl RmmConnector for NCentral {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.try_credentials())
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        const OPERATION: &str = "sites.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                if self.companies == Companies::Sites {
                    let (rows, end) = self.page::<Site>(OPERATION, SITES, at).await?;
                    return Ok(Fetched::of(rows, end, |row| (row.id, row.into_company())));
                }
                let (rows, end) = self.page::<Customer>(OPERATION, CUSTOMERS, at).await?;
                Ok(Fetched::each(
                    rows,
                    end,
                    |row| row.id,
                    |row| {
                        if let Some(reason) = row.left_out() {
                            self.client.leave_out(reason);
                            return None;
                        }
                        Some((row.id, row.into_company()))
                    },
                ))
            }
            .boxed()
        }))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "devices.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page::<Device>(OPERATION, DEVICES, at).await?;
                self.with_details(rows, end).await
            }
            .boxed()
        }))
    }
}
