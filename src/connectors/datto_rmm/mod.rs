//! Datto RMM, REST API v2. Knows the vendor's routes, paging and fields; nothing of the account, and
//! it never repairs or compares a value.
//!
//! What changed cannot be asked for: the list has saved filters and none by time (`documented`, by absence);
//! audits are kept by their own stamp instead.

mod adapters;
mod auth;
mod list;
#[cfg(test)]
mod tests;
mod walks;
mod wire;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use super::client::{Auth, Call, Client, ClientSetup, unreadable};
use super::details::Details;
use super::setup::{ConnectorSetupError, check_page_size, company};
use super::{ErrorKind, PageStream, Result, RmmCapabilities, RmmConnector};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use auth::PasswordGrant;
use walks::{DeviceWalk, SiteWalk};

/// How long the block lasts that follows ignored limits (`seen`).
const BLOCK_MS: u64 = 300_000;

/// Wait after 429 when the vendor does not say: until its window has passed.
const THROTTLED_DELAY_MS: u64 = 60_000;

/// How to reach a Datto RMM.
#[derive(Clone)]
pub struct DattoConfig {
    /// Scheme, host and port of the platform (`http://127.0.0.1:8080`), without `/api`.
    pub base_url: String,
    /// API key.
    pub api_key: String,
    /// API secret key.
    pub api_secret: Secret,
    /// What plays the company: one of [`DattoRmm::COMPANIES`], its usual choice when left out.
    pub company: Option<String>,
    /// Records in one page, 1 to [`DattoRmm::LARGEST_PAGE`].
    pub page_size: u32,
    /// Audits, or sites' lists of network interfaces, read at the same time. Zero counts as one.
    pub audit_concurrency: u32,
    /// How many bytes of audits are remembered, so that a device is audited again only when its
    /// `lastAuditDate` moved (`seen`: scripts keep audits that way); 0 for none.
    pub remembered_bytes: usize,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for DattoConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys are left out, the public ones as well.
        formatter
            .debug_struct("DattoConfig")
            .field("base_url", &self.base_url)
            .field("company", &self.company)
            .field("page_size", &self.page_size)
            .field("audit_concurrency", &self.audit_concurrency)
            .field("remembered_bytes", &self.remembered_bytes)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads a Datto RMM.
///
/// Sites are the companies. The sites that Datto keeps for itself (`Deleted Devices`, `Managed`,
/// `OnDemand`; `seen`) are in no page, and neither are their devices and deleted devices: they belong
/// to no client. [`CallStats::left_out`] counts them. Suspended devices are delivered.
///
/// Where companies of Autotask play the company, sites that are mapped to one are delivered as one
/// company under its id and name in Autotask. Sites that are mapped to none, and their devices, belong
/// to no company and are left out.
///
/// A device's name is its host name, else its description, else its uid; its description is often
/// free text. Serial number, adapters and hardware come from one audit call a device; a device that
/// is not audited yet is delivered without them. Network devices, and devices of a class not known
/// yet, have no audit to ask for (`inferred`): their adapters come from their site's list of network
/// interfaces (`documented`), one walk a site, and they are delivered without the rest.
#[derive(Debug)]
pub struct DattoRmm {
    client: Client,
    page_size: u32,
    audit_concurrency: usize,
    audits: Details,
    /// Whether a company of Autotask plays the company, and not the site.
    by_autotask: bool,
}

impl DattoRmm {
    /// The vendor's slug.
    pub const VENDOR: &str = "datto-rmm";

    /// What its API can give.
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        without: &["default_gateway", "rmm_location"],
        own_form: &["configuration_type", "operating_system"],
        // Printers have an audit of their own, network devices have none.
        without_agent: &["network_hardware"],
        agent_on_hosts: true,
        without_kinds: &[],
    };

    /// What can play the company: a site, or the Autotask company that sites are mapped to
    /// (`documented`: chosen at set-up).
    pub const COMPANIES: &[&str] = &["sites", "autotask_companies"];

    /// The largest page (`documented`).
    pub const LARGEST_PAGE: u32 = 250;

    /// Audits read at the same time, when nothing else is said.
    pub const AUDIT_CONCURRENCY: u32 = 4;

    /// Reads allowed, counted for all users of an account together (`documented`). From 90 % on each
    /// reply takes a second longer.
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 600,
        window_ms: 60_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the page size cannot be used.
    pub fn new(
        config: DattoConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        check_page_size(Self::VENDOR, config.page_size, Self::LARGEST_PAGE)?;
        let by_autotask = company(Self::VENDOR, Self::COMPANIES, config.company.as_deref())? == 1;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor: Self::VENDOR,
                error,
                example: "http://127.0.0.1:8080",
            })?;
        let api_key = Secret::new(config.api_key);
        let secrets = vec![api_key.clone(), config.api_secret.clone()];
        let throttled_delay_ms = match config.retry.throttled_delay_ms {
            0 => 0,
            wait_ms => wait_ms.max(THROTTLED_DELAY_MS),
        };
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]),
            auth: Auth::bearer(PasswordGrant {
                api_key,
                api_secret: config.api_secret,
            }),
            secrets,
            retry: RetryPolicy {
                throttled_delay_ms,
                ..config.retry
            },
            block_ms: Some(BLOCK_MS),
            limit: config.limit,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            page_size: config.page_size,
            audit_concurrency: config.audit_concurrency.max(1) as usize,
            audits: Details::new(config.remembered_bytes),
            by_autotask,
        })
    }

    /// Reads the account, which every key may.
    async fn try_credentials(&self) -> Result<()> {
        const OPERATION: &str = "check";
        let uri = self.client.uri(OPERATION, "/api/v2/account")?;
        let reply = self.client.send(&Call::get(OPERATION, uri)).await?;
        serde_json::from_slice::<Account>(reply.body())
            .map(|_| ())
            .map_err(|error| {
                let detail = self.client.redact(&unreadable(&reply, &error));
                self.client.error(OPERATION, ErrorKind::Body { detail })
            })
    }
}

impl RmmConnector for DattoRmm {
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
        Box::new(SiteWalk::new(self))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        self.audits.begin();
        Box::new(DeviceWalk::new(self))
    }
}

/// An account is an object; that it can be read is all that matters.
#[derive(Deserialize)]
struct Account {}
