//! VSA X (VSA 10) and Pulseway RMM: REST API v3 -> model. Inventories come a hundred to a call from the list
//! of assets, which names no ids of where a device belongs; those come from the list of devices, and what has
//! no agent is read one by one. It knows the vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: neither devices nor assets have a stamp of a change, and being seen
//! online is none (`inferred`).

#[cfg(test)]
mod tests;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;

use super::client::{Auth, Call, Client, ClientSetup, basic, unreadable};
use super::decode::{self, Decoded};
use super::setup::{check_page_size, company};
use super::walk::{Fetched, Position, Walk, chained};
use super::{
    ConnectorSetupError, ErrorKind, PageStream, Rejected, Result, RmmCapabilities, RmmConnector,
};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use wire::{Asset, Detail, Device, Envelope, Owner, Place};

/// What a connector is made of.
pub struct VsaXConfig {
    /// Which of the family: [`VsaX::VSA_X`] or [`VsaX::PULSEWAY_RMM`].
    pub vendor: &'static str,
    /// The API's address with its path (`https://example.vsax.net/api/v3`, `https://api.pulseway.com/v3`).
    pub base_url: String,
    /// Id of the token.
    pub token_id: String,
    /// Its secret.
    pub token_secret: Secret,
    /// What plays the company: one of [`VsaX::COMPANIES`], the first when left out.
    pub company: Option<String>,
    /// Records in one page, 1 to [`VsaX::LARGEST_PAGE`].
    pub page_size: u32,
    /// Devices without an agent read at the same time. Zero counts as one.
    pub device_concurrency: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for VsaXConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("VsaXConfig")
            .field("vendor", &self.vendor)
            .field("base_url", &self.base_url)
            .field("company", &self.company)
            .field("page_size", &self.page_size)
            .field("device_concurrency", &self.device_concurrency)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// What plays the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    Organization,
    Group,
    Site,
}

impl Company {
    const ALL: [Self; 3] = [Self::Organization, Self::Group, Self::Site];

    const fn path(self) -> &'static str {
        match self {
            Self::Organization => "/organizations",
            Self::Group => "/groups",
            Self::Site => "/sites",
        }
    }
}

/// Where devices belong, by the device's identifier.
type Places = HashMap<Box<str>, Place, FixedState>;

/// Devices with an agent whose assets have not come yet.
#[derive(Default)]
struct Waiting {
    read: OnceCell<()>,
    places: Mutex<Places>,
}

impl Waiting {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a device belongs that waits no longer.
    fn take(&self, identifier: &str) -> Option<Place> {
        self.places().remove(identifier)
    }

    /// Those that wait still.
    fn rest(&self) -> Vec<Box<str>> {
        let mut rest: Vec<Box<str>> = self.places().drain().map(|(id, _)| id).collect();
        rest.sort_unstable();
        rest
    }
}

/// Reads a VSA X or Pulseway RMM instance.
///
/// Where organizations or groups are the companies a device's location is its site, and where sites are,
/// its group. A device without an agent is delivered with what the instance itself knows of it.
#[derive(Debug)]
pub struct VsaX {
    vendor: &'static str,
    client: Client,
    company: Company,
    page_size: u32,
    device_concurrency: usize,
}

impl VsaX {
    /// The slug of VSA X.
    pub const VSA_X: &str = "vsa-x";

    /// The slug of Pulseway RMM.
    pub const PULSEWAY_RMM: &str = "pulseway-rmm";

    /// What its API can give: of disks a free percentage, of processors no number of cores, of no device a
    /// warranty (`documented`).
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        without: &["warranty_expires_on"],
        own_form: &[
            "configuration_type",
            "operating_system",
            "interfaces",
            "primary_mac",
            "rmm_location",
            "disks",
        ],
        without_agent: &[
            "serial",
            "manufacturer",
            "model",
            "cpu",
            "memory_bytes",
            "disks",
            "last_user",
            "last_reboot",
            "last_seen",
        ],
        agent_on_hosts: false,
        without_kinds: &[],
    };

    /// What can play the company: organizations and groups are `documented`, by an article each, sites
    /// `inferred`. Their ids are of one sequence (`seen`).
    pub const COMPANIES: &[&str] = &["organizations", "groups", "sites"];

    /// The largest page (`documented`).
    pub const LARGEST_PAGE: u32 = 100;

    /// Devices without an agent read at the same time, when nothing else is said.
    pub const DEVICE_CONCURRENCY: u32 = 4;

    /// Requests in an hour; the vendor counts each endpoint by itself (`seen`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 3_600,
        window_ms: 3_600_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the page size or the company cannot be used.
    pub fn new(
        config: VsaXConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        let vendor = config.vendor;
        check_page_size(vendor, config.page_size, Self::LARGEST_PAGE)?;
        let choice = company(vendor, Self::COMPANIES, config.company.as_deref())?;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor,
                error,
                example: "http://127.0.0.1:8080/api/v3",
            })?;
        let (header, encoded) = basic(&config.token_id, config.token_secret.expose());
        let json = HeaderValue::from_static("application/json");
        let client = Client::new(ClientSetup {
            vendor,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::Headers(HeaderMap::from_iter([(AUTHORIZATION, header)])),
            secrets: vec![config.token_secret, encoded],
            retry: config.retry,
            block_ms: None,
            limit: config.limit,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            vendor,
            client,
            company: Company::ALL[choice],
            page_size: config.page_size,
            device_concurrency: config.device_concurrency.max(1) as usize,
        })
    }

    /// The data of a reply, and how many records there are in all.
    async fn get(
        &self,
        operation: &'static str,
        path: &str,
    ) -> Result<(Box<RawValue>, Option<u64>)> {
        let uri = self.client.uri(operation, path)?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let bad = |detail: String| {
            let detail = self.client.redact(&detail);
            self.client.error(operation, ErrorKind::Body { detail })
        };
        let envelope: Envelope = serde_json::from_slice(reply.body())
            .map_err(|error| bad(unreadable(&reply, &error)))?;
        let total = envelope.meta.and_then(|meta| meta.total_count);
        let data = envelope.data;
        let data = data.ok_or_else(|| bad(unreadable(&reply, &"there is no `Data`")))?;
        Ok((data, total))
    }

    /// The page behind those that came. The last one is where the number in all is reached, or a short one
    /// where no number comes.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        id_field: &str,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let (size, skip) = (self.page_size, at.came);
        let mark = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{mark}$top={size}&$skip={skip}");
        let (data, total) = self.get(operation, &path).await?;
        let rows: Decoded<W> = decode::list(data.get(), id_field).map_err(|error| {
            let detail = self.client.redact(&error.to_string());
            self.client.error(operation, ErrorKind::Body { detail })
        })?;
        let came = skip + rows.fetched();
        let end = match total {
            Some(total) => came as u64 >= total,
            None => rows.fetched() < size as usize,
        };
        Ok((rows, end))
    }

    /// A device by itself, or why it cannot be read; none when it is gone. No member of its row in the list
    /// says when it changed last, so that nothing of it can be kept for a later sync.
    async fn detail(&self, identifier: &str) -> Result<Option<Result<Detail, Rejected>>> {
        const OPERATION: &str = "devices.get";
        const IDENTIFIER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');
        let path = format!("/devices/{}", utf8_percent_encode(identifier, IDENTIFIER));
        let data = match self.get(OPERATION, &path).await {
            Ok((data, _)) => data,
            Err(error) if matches!(error.kind, ErrorKind::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let detail = decode::one(data.get()).map_err(|(field, reason)| Rejected {
            id: Some(identifier.to_owned()),
            field,
            reason,
        });
        Ok(Some(detail))
    }

    /// Where devices with an agent belong.
    async fn places(&self) -> Result<Places> {
        const OPERATION: &str = "devices.list";
        let mut places = Places::default();
        let mut walk = Walk::<Device, Box<str>>::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page(OPERATION, WITH_AGENT, IDENTIFIER, at).await?;
                Ok(Fetched::of(rows, end, |row: Device| {
                    (row.identifier.as_str().into(), row)
                }))
            }
            .boxed()
        });
        while let Some(page) = super::Pages::next_page(&mut walk).await? {
            // Devices that cannot be read here are asked for by themselves when their assets come.
            let devices = page.records.into_iter();
            places.extend(devices.map(|it| (it.identifier.as_str().into(), it.place)));
        }
        Ok(places)
    }

    /// Devices with an agent, by what it reports. One that came after the list of devices was read is
    /// asked for by itself.
    fn agents(&self, waiting: Arc<Waiting>) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "assets.list";
        let walk = Walk::<_, Box<str>>::new(&self.client, OPERATION, move |at| {
            let waiting = Arc::clone(&waiting);
            async move {
                let read = || async {
                    let places = self.places().await?;
                    *waiting.places() = places;
                    Ok(())
                };
                waiting.read.get_or_try_init(read).await?;
                let (rows, end) = self.page(OPERATION, "/assets", IDENTIFIER, at).await?;
                for id in rows.rejected.iter().filter_map(|row| row.id.as_deref()) {
                    waiting.take(id);
                }
                let waiting = &*waiting;
                let read = stream::iter(rows.records)
                    .map(|asset: Asset| async move {
                        let id: Box<str> = asset.identifier.as_str().into();
                        let place = match waiting.take(&id) {
                            Some(place) => Some(Ok(place)),
                            None => self
                                .detail(&id)
                                .await?
                                .map(|detail| detail.map(|detail| detail.device.place)),
                        };
                        let device = place.map(|place| Ok(asset.into_device(self.owner(&place?))));
                        Ok((id, device))
                    })
                    .buffered(self.device_concurrency)
                    .try_collect()
                    .await?;
                Ok(Fetched::singly(read, rows.rejected, end))
            }
            .boxed()
        });
        Box::new(walk)
    }

    /// Devices whose agents have reported nothing yet, one by one.
    fn silent(&self, waiting: Arc<Waiting>) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "devices.get";
        let walk = Walk::<_, Box<str>>::new(&self.client, OPERATION, move |_| {
            let rest = waiting.rest();
            async move {
                let read = stream::iter(rest)
                    .map(|id| async move {
                        let detail = self.detail(&id).await?;
                        Ok((id, detail.map(|detail| self.without_asset(detail))))
                    })
                    .buffered(self.device_concurrency)
                    .try_collect()
                    .await?;
                Ok(Fetched::singly(read, Vec::new(), true))
            }
            .boxed()
        });
        Box::new(walk)
    }

    /// Devices without an agent, one by one. One that is gone since is delivered as the list has it.
    fn others(&self) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "devices.list";
        let walk = Walk::<_, Box<str>>::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page(OPERATION, WITHOUT_AGENT, IDENTIFIER, at).await?;
                let read = stream::iter(rows.records)
                    .map(|row: Device| async move {
                        let id: Box<str> = row.identifier.as_str().into();
                        let detail = self.detail(&id).await?;
                        let detail = detail.unwrap_or_else(|| Ok(Detail::of(row)));
                        Ok((id, Some(self.without_asset(detail))))
                    })
                    .buffered(self.device_concurrency)
                    .try_collect()
                    .await?;
                Ok(Fetched::singly(read, rows.rejected, end))
            }
            .boxed()
        });
        Box::new(walk)
    }

    fn without_asset(&self, detail: Result<Detail, Rejected>) -> Result<RemoteDevice, Rejected> {
        detail.map(|detail| {
            let owner = self.owner(&detail.device.place);
            detail.into_device(owner)
        })
    }

    /// The company that a device belongs to, and its location there.
    fn owner(&self, place: &Place) -> Owner {
        let (id, location) = match self.company {
            Company::Organization => (place.organization_id, &place.site_name),
            Company::Group => (place.group_id, &place.site_name),
            Company::Site => (place.site_id, &place.group_name),
        };
        Owner {
            company_id: id.to_string(),
            location: location.clone(),
        }
    }
}

const IDENTIFIER: &str = "Identifier";
const WITH_AGENT: &str = "/devices?$filter=IsAgentInstalled%20eq%20true";
const WITHOUT_AGENT: &str = "/devices?$filter=IsAgentInstalled%20eq%20false";

impl RmmConnector for VsaX {
    fn vendor(&self) -> &'static str {
        self.vendor
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.get("check", "/organizations?$top=1").await.map(drop) })
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        const OPERATION: &str = "sites.list";
        let path = self.company.path();
        let walk = Walk::<_>::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page(OPERATION, path, "Id", at).await?;
                Ok(Fetched::of(rows, end, |row: wire::Company| {
                    (row.id, row.into_company())
                }))
            }
            .boxed()
        });
        Box::new(walk)
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        let waiting = Arc::<Waiting>::default();
        let agents = self.agents(Arc::clone(&waiting));
        chained(vec![agents, self.silent(waiting), self.others()])
    }
}
