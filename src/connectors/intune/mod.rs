//! Microsoft Intune through Microsoft Graph v1.0 -> model. The company is the tenant: the partner's own
//! tenant lists the customers by its contracts, and each customer's tenant is then asked with a token of its
//! own, by the same application. It knows the vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: `lastSyncDateTime` can be a filter, but a device that was enrolled or
//! moved and has not checked in since is not found by it (`inferred`), and counts are of a page.

#[cfg(test)]
mod tests;
mod tour;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use http::Uri;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::client::{Auth, Call, Client, ClientSetup, unreadable};
use super::decode::{self, Decoded};
use super::details::Details;
use super::grant::ClientGrant;
use super::setup::check_page_size;
use super::walk::{Fetched, Walk};
use super::{
    ConnectorError, ConnectorSetupError, DeviceKind, ErrorKind, PageStream, Rejected, Result,
    RmmCapabilities, RmmConnector,
};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use tour::Tour;
use wire::{APART, Contract, Detail, Device, Envelope, Organization};

/// What a connector is made of.
#[derive(Clone)]
pub struct IntuneConfig {
    /// Scheme, host and port, where both Graph and the token endpoint are.
    pub base_url: String,
    /// The partner's tenant.
    pub tenant_id: String,
    /// Id of the application that every tenant has consented to.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Records in one page, 1 to [`Intune::LARGEST_PAGE`].
    pub page_size: u32,
    /// Devices, or tenants, read one by one at the same time. Zero counts as one.
    pub concurrency: u32,
    /// Bytes of details that are remembered from sync to sync.
    pub remembered_bytes: usize,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit in each tenant; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for IntuneConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("IntuneConfig")
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("concurrency", &self.concurrency)
            .field("remembered_bytes", &self.remembered_bytes)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads the customers of a partner. The partner's own tenant is no company.
///
/// A tenant that does not let the application in is a company that is rejected, with the platform's reason;
/// the others sync. A wrong or expired secret concerns all of them and fails the sync. So does a missing
/// permission when no tenant gives it; where some do, each of the others is told as a rejected record
/// without an id, so that nothing is taken for gone meanwhile. A tenant without Intune has no devices.
pub struct Intune {
    config: IntuneConfig,
    base: BaseUrl,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    seed: u64,
    partner: Client,
    /// One client a tenant: each has a token and a limit of its own.
    tenants: Mutex<BTreeMap<String, Arc<Client>>>,
    details: Details,
}

impl Intune {
    /// The vendor's slug.
    pub const VENDOR: &str = "intune";

    /// What its API can give.
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        without: &[
            "rmm_location",
            "primary_ip",
            "default_gateway",
            "cpu",
            "disks",
            "last_user",
            "last_reboot",
            "warranty_expires_on",
            "interface_order",
            "serial_blanks",
            "mac_separators",
        ],
        own_form: &[
            "configuration_type",
            "operating_system",
            "interfaces",
            "last_seen",
        ],
        without_agent: &[],
        agent_on_hosts: false,
        without_kinds: &[
            DeviceKind::Server,
            DeviceKind::Hypervisor,
            DeviceKind::Network,
            DeviceKind::Printer,
        ],
    };

    /// What can play the company (`documented`).
    pub const COMPANIES: &[&str] = &["tenants"];

    /// The largest page (`inferred`).
    pub const LARGEST_PAGE: u32 = 1_000;

    /// Devices read at the same time, when nothing else is said.
    pub const CONCURRENCY: u32 = 8;

    /// Calls about devices that one application may make in one tenant (`documented`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 2_000,
        window_ms: 20_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the page size cannot be used.
    pub fn new(
        config: IntuneConfig,
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
        let setup = setup(&config, &base, &transport, &clock, seed, &config.tenant_id);
        Ok(Self {
            partner: Client::new(setup),
            details: Details::new(config.remembered_bytes),
            tenants: Mutex::default(),
            config,
            base,
            transport,
            clock,
            seed,
        })
    }

    fn concurrency(&self) -> usize {
        self.config.concurrency.max(1) as usize
    }

    /// Who asks in a customer's tenant.
    fn client(&self, tenant: &str) -> Arc<Client> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = tenants.get(tenant) {
            return Arc::clone(client);
        }
        let setup = setup(
            &self.config,
            &self.base,
            &self.transport,
            &self.clock,
            self.seed,
            tenant,
        );
        let client = Arc::new(Client::new(setup));
        tenants.insert(tenant.to_owned(), Arc::clone(&client));
        client
    }

    /// A page of a list, and where the next one is.
    async fn page<W: DeserializeOwned>(
        &self,
        client: &Client,
        operation: &'static str,
        uri: Uri,
        id_field: &str,
    ) -> Result<(Decoded<W>, Option<Uri>)> {
        let call = Call::get(operation, uri);
        let reply = client.send(&call).await?;
        let bad = |error: &dyn fmt::Display| {
            let detail = client.redact(&unreadable(&reply, error));
            client.error(operation, ErrorKind::Body { detail })
        };
        let json = std::str::from_utf8(reply.body()).map_err(|error| bad(&error))?;
        let envelope: Envelope<'_> =
            decode::one(json).map_err(|(field, reason)| bad(&format!("{field}: {reason}")))?;
        let rows = decode::list(envelope.value.get(), id_field).map_err(|error| bad(&error))?;
        let next = envelope.next.filter(|link| !link.is_empty());
        let next = next
            .map(|link| client.follow(operation, &call.uri, &link, &[]))
            .transpose()?;
        Ok((rows, next))
    }

    /// The first page of the contracts.
    fn contracts(&self, operation: &'static str) -> Result<Uri> {
        // The directory's largest page is smaller than Intune's (`documented`: 999).
        let size = self.config.page_size.min(999);
        let path = format!("/v1.0/contracts?$top={size}");
        self.partner.uri(operation, &path)
    }

    /// The company that a contract is with, by the name that its tenant has now.
    async fn company(&self, contract: Contract) -> Result<Result<RemoteCompany, Rejected>> {
        const OPERATION: &str = "sites.get";
        let client = self.client(&contract.customer_id);
        let uri = client.uri(OPERATION, "/v1.0/organization?$select=id,displayName")?;
        let rows = match self
            .page::<Organization>(&client, OPERATION, uri, "id")
            .await
        {
            Ok((rows, _)) => rows,
            // Who may not read the tenant itself has its name from the contract.
            Err(error) if matches!(error.kind, ErrorKind::Forbidden { .. }) => Decoded {
                records: Vec::new(),
                rejected: Vec::new(),
            },
            Err(error) => {
                return shut(&error).map_or(Err(error), |reason| {
                    Ok(Err(Rejected {
                        id: Some(contract.customer_id),
                        field: "tenant".to_owned(),
                        reason,
                    }))
                });
            }
        };
        if let Some(rejected) = rows.rejected.into_iter().next() {
            return Ok(Err(Rejected {
                id: Some(contract.customer_id),
                ..rejected
            }));
        }
        let own = rows.records.into_iter().next();
        let own = own.and_then(|tenant| tenant.display_name);
        Ok(Ok(RemoteCompany {
            id: contract.customer_id,
            name: own.unwrap_or(contract.display_name),
        }))
    }

    /// What only a call about the one device tells: wired MAC address and memory. A device that is gone
    /// meanwhile (404) has nothing more to tell.
    ///
    /// One call a device, and not batches of twenty: a batch saves the way and no allowance, since each
    /// request in it counts, and hides refusals in a success, each with a wait of its own.
    async fn detail(&self, client: &Client, device: &Device) -> Result<Result<Detail, Rejected>> {
        const OPERATION: &str = "devices.get";
        let stamp = device.stamp();
        if let Some(json) = self.details.recall(&device.id, stamp.as_deref())
            && let Ok(detail) = serde_json::from_str(&json)
        {
            client.remembered(OPERATION);
            return Ok(Ok(detail));
        }
        let id = utf8_percent_encode(&device.id, ID);
        let path = format!("/v1.0/deviceManagement/managedDevices/{id}?$select={APART}");
        let uri = client.uri(OPERATION, &path)?;
        let reply = match client.send(&Call::get(OPERATION, uri)).await {
            Ok(reply) => reply,
            Err(error) if matches!(error.kind, ErrorKind::NotFound { .. }) => {
                return Ok(Ok(Detail::default()));
            }
            Err(error) => return Err(error),
        };
        let bad = |error: &dyn fmt::Display| {
            let detail = client.redact(&unreadable(&reply, error));
            client.error(OPERATION, ErrorKind::Body { detail })
        };
        let json = std::str::from_utf8(reply.body()).map_err(|error| bad(&error))?;
        if let Ok(detail) = serde_json::from_str(json) {
            self.details.keep(&device.id, stamp.as_deref(), json);
            return Ok(Ok(detail));
        }
        // Not JSON at all is the vendor's failure, a field of the wrong kind is this record's.
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(json) {
            return Err(bad(&error));
        }
        Ok(decode::one(json).map_err(|(field, reason)| Rejected {
            id: Some(device.id.clone()),
            field,
            reason,
        }))
    }

    /// Devices of a page with their details.
    async fn detailed(
        &self,
        client: &Client,
        tenant: &str,
        rows: Vec<Device>,
    ) -> Result<Vec<(Box<str>, Option<Result<RemoteDevice, Rejected>>)>> {
        let mut detailed = stream::iter(rows)
            .map(|device| async move {
                let detail = self.detail(client, &device).await?;
                let id: Box<str> = device.id.as_str().into();
                let device = detail.map(|detail| device.into_device(tenant, detail));
                Ok::<_, ConnectorError>((id, Some(device)))
            })
            .buffered(self.concurrency());
        let mut devices = Vec::new();
        while let Some(device) = detailed.next().await {
            devices.push(device?);
        }
        Ok(devices)
    }
}

/// Ids and domains stand in paths as they are.
const ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.');

fn setup(
    config: &IntuneConfig,
    base: &BaseUrl,
    transport: &Arc<dyn Transport>,
    clock: &Arc<dyn Clock>,
    seed: u64,
    tenant: &str,
) -> ClientSetup {
    let json = HeaderValue::from_static("application/json");
    let tenant = utf8_percent_encode(tenant, ID);
    ClientSetup {
        vendor: Intune::VENDOR,
        base: base.clone(),
        headers: HeaderMap::from_iter([(ACCEPT, json)]),
        auth: Auth::bearer(ClientGrant {
            path: format!("/{tenant}/oauth2/v2.0/token"),
            scope: "https://graph.microsoft.com/.default",
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
        }),
        secrets: vec![config.client_secret.clone()],
        retry: config.retry,
        block_ms: None,
        limit: config.limit,
        transport: Arc::clone(transport),
        clock: Arc::clone(clock),
        seed,
    }
}

/// Numbers of the platform that say that one tenant lets nobody in: it is not there, the application was
/// never consented to, or it was switched off there (700016 `documented`, the others `inferred`). Those of
/// a wrong or expired secret are true of every tenant, and are not among them.
const SHUT: [&str; 5] = [
    "AADSTS90002:",
    "AADSTS700016:",
    "AADSTS65001:",
    "AADSTS7000112:",
    "AADSTS7000229:",
];

/// Why a tenant lets nobody in, where that is what an error says.
fn shut(error: &ConnectorError) -> Option<String> {
    let ErrorKind::Unauthorized { message, .. } = &error.kind else {
        return None;
    };
    let says_so = SHUT.iter().any(|number| message.starts_with(number));
    says_so.then(|| message.clone())
}

impl RmmConnector for Intune {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        let mut stats = self.partner.stats();
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        for client in tenants.values() {
            stats.add(&client.stats());
        }
        stats
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let uri = self.partner.uri("check", "/v1.0/contracts?$top=1")?;
            let call = Call::get("check", uri);
            self.partner.send(&call).await.map(drop)
        })
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        const OPERATION: &str = "sites.list";
        let next: Arc<Mutex<Option<Uri>>> = Arc::default();
        Box::new(Walk::<_, Box<str>>::new(
            &self.partner,
            OPERATION,
            move |_| {
                let next = Arc::clone(&next);
                let here = next.lock().unwrap_or_else(PoisonError::into_inner).take();
                async move {
                    let uri = here.map_or_else(|| self.contracts(OPERATION), Ok)?;
                    let (rows, link) = self
                        .page::<Contract>(&self.partner, OPERATION, uri, "customerId")
                        .await?;
                    let end = link.is_none();
                    *next.lock().unwrap_or_else(PoisonError::into_inner) = link;
                    let mut companies = stream::iter(rows.records)
                        .map(|contract| async move {
                            let id: Box<str> = contract.customer_id.as_str().into();
                            Ok::<_, ConnectorError>((id, Some(self.company(contract).await?)))
                        })
                        .buffered(self.concurrency());
                    let mut read = Vec::new();
                    while let Some(company) = companies.next().await {
                        read.push(company?);
                    }
                    Ok(Fetched::singly(read, rows.rejected, end))
                }
                .boxed()
            },
        ))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        self.details.begin();
        let tour = Arc::new(tokio::sync::Mutex::new(Tour::default()));
        Box::new(Walk::<_, Box<str>>::new(
            &self.partner,
            tour::OPERATION,
            move |_| {
                let tour = Arc::clone(&tour);
                async move { tour.lock().await.next(self).await }.boxed()
            },
        ))
    }
}

impl fmt::Debug for Intune {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Intune")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
