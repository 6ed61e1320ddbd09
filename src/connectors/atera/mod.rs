//! Atera: REST API v3 -> model. Customers are the companies. A row of a list is the whole record, and
//! machines stand in five lists: agents, and four kinds of devices that no agent runs on. It knows the
//! vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: `FromLastModifiedDate` is of customers, and lists of machines have no
//! filter (`documented`, by absence).

#[cfg(test)]
mod tests;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::client::{Auth, Call, Client, ClientSetup, sensitive, unreadable};
use super::decode::{self, Decoded};
use super::setup::check_page_size;
use super::walk::{Fetched, Position, Walk};
use super::{
    ConnectorSetupError, ErrorKind, Page, PageStream, Pages, Result, RmmCapabilities, RmmConnector,
};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use wire::{Agent, Customer, Kind, Watched};

/// What a connector is made of.
pub struct AteraConfig {
    /// The API's address without a path (`https://app.atera.com`).
    pub base_url: String,
    /// The account's key.
    pub api_key: Secret,
    /// Records in one page, 1 to [`Atera::LARGEST_PAGE`].
    pub page_size: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for AteraConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is left out.
        formatter
            .debug_struct("AteraConfig")
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads an Atera account.
///
/// The customer `Unassigned`, which holds agents that belong to no client (`seen`), is left out with
/// them; [`CallStats::left_out`] counts both. No call reads a single record: should one ever have to
/// (custom values, where a warranty can stand), `Modified` of an agent's row moves with each change.
#[derive(Debug)]
pub struct Atera {
    client: Client,
    page_size: u32,
}

impl Atera {
    /// The vendor's slug.
    pub const VENDOR: &str = "atera";

    /// What its API can give.
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        // A warranty can stand in a custom field, which is the customer's own.
        without: &["default_gateway", "warranty_expires_on"],
        // Sizes are whole megabytes.
        own_form: &[
            "configuration_type",
            "interfaces",
            "rmm_location",
            "memory_bytes",
            "disks",
        ],
        without_agent: &[
            "hostname",
            "serial",
            "interfaces",
            "manufacturer",
            "operating_system",
            "cpu",
            "memory_bytes",
            "disks",
            "last_user",
            "last_reboot",
            "last_seen",
        ],
        // ESXi is watched by SNMP.
        agent_on_hosts: false,
        without_kinds: &[],
    };

    /// What plays the company.
    pub const COMPANIES: &[&str] = &["customers"];

    /// The largest page (`documented`).
    pub const LARGEST_PAGE: u32 = 50;

    /// The limit is not published; clients keep to this one (`seen`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 700,
        window_ms: 60_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the key or the page size cannot be used.
    pub fn new(
        config: AteraConfig,
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
        let key =
            sensitive(config.api_key.expose()).map_err(|_| ConnectorSetupError::Unsendable {
                vendor: Self::VENDOR,
                name: "api_key",
            })?;
        let json = HeaderValue::from_static("application/json");
        let header = HeaderName::from_static("x-api-key");
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::Headers(HeaderMap::from_iter([(header, key)])),
            secrets: vec![config.api_key],
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

    /// A page by its number, and whether it is the last. Pages are counted here and links only looked
    /// at: they name the vendor's public host, whichever was asked.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        id: &str,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let (number, size) = (at.pages + 1, self.page_size);
        let path = format!("/api/v3/{path}?page={number}&itemsInPage={size}");
        let uri = self.client.uri(operation, &path)?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let body_error = |error: &dyn fmt::Display| {
            let detail = self.client.redact(&unreadable(&reply, error));
            self.client.error(operation, ErrorKind::Body { detail })
        };
        let list: List<'_> =
            serde_json::from_slice(reply.body()).map_err(|error| body_error(&error))?;
        let rows = decode::list(list.items.get(), id).map_err(|error| body_error(&error))?;
        Ok((rows, list.is_last(number)))
    }

    /// Agents. Folders have names in their rows alone, and are noted for the devices that come later.
    fn agents(&self, folders: &Folders) -> Walk<'_, RemoteDevice> {
        let folders = Arc::clone(folders);
        Walk::new(&self.client, DEVICES, move |at| {
            let folders = Arc::clone(&folders);
            async move {
                let (rows, end) = self.page::<Agent>(DEVICES, "agents", "AgentID", at).await?;
                let mut names = folders.lock().unwrap_or_else(PoisonError::into_inner);
                names.extend(rows.records.iter().filter_map(Agent::folder));
                drop(names);
                let id = |row: &Agent| row.agent_id;
                Ok(Fetched::each(rows, end, id, |row| {
                    let wanted = self.is_clients(row.customer_name.as_deref());
                    wanted.then(|| (row.agent_id, row.into_device()))
                }))
            }
            .boxed()
        })
    }

    /// Devices of one kind.
    fn watched(&self, kind: &'static Kind, folders: &Folders) -> Walk<'_, RemoteDevice> {
        let folders = Arc::clone(folders);
        Walk::new(&self.client, DEVICES, move |at| {
            let folders = Arc::clone(&folders);
            async move {
                let (rows, end) = self
                    .page::<Watched>(DEVICES, kind.path, "DeviceID", at)
                    .await?;
                let id = |row: &Watched| row.device_id;
                let names = folders.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(Fetched::each(rows, end, id, |row| {
                    let wanted = self.is_clients(row.customer_name.as_deref());
                    wanted.then(|| (row.device_id, row.into_device(kind, &names)))
                }))
            }
            .boxed()
        })
    }

    /// Whether a machine belongs to a client; one that does not is counted.
    fn is_clients(&self, customer: Option<&str>) -> bool {
        let orphan = customer == Some(UNASSIGNED);
        if orphan {
            self.client.leave_out("device of a pseudo-customer");
        }
        !orphan
    }
}

const CUSTOMERS: &str = "sites.list";
const DEVICES: &str = "devices.list";

/// Who agents without a customer stand below (`seen`).
const UNASSIGNED: &str = "Unassigned";

/// Names of folders, by id.
type Folders = Arc<Mutex<BTreeMap<i64, String>>>;

/// What a list comes in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a list with `items`")]
struct List<'a> {
    #[serde(borrow)]
    items: &'a RawValue,
    total_pages: Option<u64>,
    next_link: Option<String>,
}

impl List<'_> {
    /// Whether count and link both say so; without a count an empty link does, and one that is missing
    /// says nothing: the list ends with an empty page then.
    fn is_last(&self, number: u32) -> bool {
        let link = self.next_link.as_deref();
        match self.total_pages {
            Some(pages) => u64::from(number) >= pages && link.unwrap_or_default().is_empty(),
            None => link == Some(""),
        }
    }
}

/// The walks over the lists of machines, one after another. Each kind has ids of its own, which are told
/// apart by the kind's name in front.
struct Machines<'a> {
    walks: VecDeque<(Option<&'static Kind>, Walk<'a, RemoteDevice>)>,
}

impl Pages<RemoteDevice> for Machines<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteDevice>>>> {
        async move {
            while let Some((kind, walk)) = self.walks.front_mut() {
                match walk.next_page().await {
                    Ok(Some(mut page)) => {
                        for rejected in &mut page.rejected {
                            let id = rejected.id.take();
                            rejected.id = id.map(|id| kind.map_or(id.clone(), |it| it.id(&id)));
                        }
                        return Ok(Some(page));
                    }
                    Ok(None) => {
                        self.walks.pop_front();
                    }
                    Err(error) => {
                        self.walks.clear();
                        return Err(error);
                    }
                }
            }
            Ok(None)
        }
        .boxed()
    }
}

impl RmmConnector for Atera {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            const OPERATION: &str = "check";
            let path = "/api/v3/customers?page=1&itemsInPage=1";
            let uri = self.client.uri(OPERATION, path)?;
            let reply = self.client.send(&Call::get(OPERATION, uri)).await?;
            // A sign-in page proves nothing.
            match serde_json::from_slice::<List<'_>>(reply.body()) {
                Ok(_) => Ok(()),
                Err(error) => {
                    let detail = self.client.redact(&unreadable(&reply, &error));
                    Err(self.client.error(OPERATION, ErrorKind::Body { detail }))
                }
            }
        })
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        Box::new(Walk::new(&self.client, CUSTOMERS, move |at| {
            async move {
                let (rows, end) = self
                    .page::<Customer>(CUSTOMERS, "customers", "CustomerID", at)
                    .await?;
                let id = |row: &Customer| row.customer_id;
                Ok(Fetched::each(rows, end, id, |row| {
                    if row.customer_name == UNASSIGNED {
                        self.client.leave_out("pseudo-customer");
                        return None;
                    }
                    Some((row.customer_id, row.into_company()))
                }))
            }
            .boxed()
        }))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        let folders = Folders::default();
        let mut walks = VecDeque::from([(None, self.agents(&folders))]);
        let kinds = Kind::ALL.iter();
        walks.extend(kinds.map(|kind| (Some(kind), self.watched(kind, &folders))));
        Box::new(Machines { walks })
    }
}
