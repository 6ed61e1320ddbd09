//! Syncro: API v1 -> model, which is a PSA and an RMM in one. Client, pages and customers are those of
//! both; the PSA's side is here. Pages are cut by the server. It knows the vendor's contract and nothing
//! of the account.
//!
//! What changed cannot be asked for: customers, contacts and assets have no filter by time (`documented`, by
//! absence).

mod device;
mod rmm;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::client::{Auth, Call, Client, ClientSetup, sensitive, unreadable};
use super::decode::{self, Decoded};
use super::walk::{Fetched, Position, Walk};
use super::{
    ConnectorSetupError, ErrorKind, PageStream, Places, PsaCapabilities, PsaConnector, Result,
    Vocabulary,
};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use wire::{Asset, Contact, Customer};

/// What a connector is made of.
pub struct SyncroConfig {
    /// The account's address with its path (`https://msp.syncromsp.com/api/v1`).
    pub base_url: String,
    /// The API token.
    pub api_token: Secret,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for SyncroConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The token is left out.
        formatter
            .debug_struct("SyncroConfig")
            .field("base_url", &self.base_url)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads a Syncro account, as a PSA or as an RMM.
///
/// All its customers are of one type, `Customer`, and all its assets active. A customer's address is
/// its only location, with the customer's id and the name `Main` (`inferred`).
#[derive(Debug)]
pub struct Syncro {
    client: Client,
}

/// The one type of customers.
const CUSTOMER: &str = "Customer";
/// The one status of assets.
const ACTIVE: &str = "Active";

impl Syncro {
    /// The vendor's slug.
    pub const VENDOR: &str = "syncro";

    /// What its API can give.
    pub const CAPABILITIES: PsaCapabilities = PsaCapabilities {
        two_way: false,
        organization_types: Vocabulary::Fixed(&[CUSTOMER]),
        organization_statuses: Vocabulary::FLAG,
        configuration_statuses: Vocabulary::Fixed(&[ACTIVE]),
        locations: Places::Main,
        without: &[
            (RecordKind::Organization, &["short_name", "parent_id"]),
            (RecordKind::Location, &["country", "phone", "fax"]),
            (RecordKind::Contact, &["contact_type", "location_id"]),
            (
                RecordKind::Configuration,
                &[
                    "location_id",
                    "asset_tag",
                    "purchased_on",
                    "installed_on",
                    "installed_by",
                    "warranty_expires_on",
                    "notes",
                ],
            ),
        ],
        // One name in place of two, one e-mail address, two numbers.
        own_form: &[
            (RecordKind::Organization, &["organization_type"]),
            (
                RecordKind::Contact,
                &["emails", "phones", "first_name", "last_name"],
            ),
        ],
        ..PsaCapabilities::WHOLE
    };

    /// So much is allowed of one address before 429 (`documented`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 180,
        window_ms: 60_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the token cannot be used.
    pub fn new(
        config: SyncroConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor: Self::VENDOR,
                error,
                example: "http://127.0.0.1:8080/api/v1",
            })?;
        let bearer = sensitive(&format!("Bearer {}", config.api_token.expose()));
        let bearer = bearer.map_err(|_| ConnectorSetupError::Unsendable {
            vendor: Self::VENDOR,
            name: "api_token",
        })?;
        let json = HeaderValue::from_static("application/json");
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::Headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)])),
            secrets: vec![config.api_token],
            retry: config.retry,
            block_ms: None,
            limit: config.limit,
            transport,
            clock,
            seed,
        });
        Ok(Self { client })
    }

    /// A page by its number; the last is the one that the server counts as such.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let number = at.pages + 1;
        let uri = self
            .client
            .uri(operation, &format!("{path}page={number}"))?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let body_error = |detail: String| {
            let detail = self.client.redact(&detail);
            self.client.error(operation, ErrorKind::Body { detail })
        };
        let list: List = serde_json::from_slice(reply.body())
            .map_err(|error| body_error(unreadable(&reply, &error)))?;
        let rows = [&list.customers, &list.contacts, &list.assets];
        let rows = rows.into_iter().flatten().next();
        let rows = rows.ok_or_else(|| body_error("there is no list in it".to_owned()))?;
        let rows: Decoded<W> =
            decode::list(rows.get(), "id").map_err(|error| body_error(error.to_string()))?;
        // Some lists come without it; an empty page is the end then.
        let pages = list.meta.and_then(|meta| meta.total_pages);
        let end = pages.is_some_and(|pages| u64::from(number) >= pages);
        Ok((rows, end))
    }

    fn walk<'a, W, R>(
        &'a self,
        operation: &'static str,
        path: &'static str,
        map: fn(W) -> (i64, R),
    ) -> PageStream<'a, R>
    where
        W: DeserializeOwned + Send + 'static,
        R: Send + 'static,
    {
        Box::new(Walk::new(&self.client, operation, move |at| {
            async move {
                let (rows, end) = self.page::<W>(operation, path, at).await?;
                Ok(Fetched::of(rows, end, map))
            }
            .boxed()
        }))
    }
}

#[derive(Deserialize)]
struct List {
    customers: Option<Box<RawValue>>,
    contacts: Option<Box<RawValue>>,
    assets: Option<Box<RawValue>>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    total_pages: Option<u64>,
}

const CUSTOMERS: &str = "/customers?include_disabled=true&";

fn only(name: &str) -> BoxFuture<'static, Result<Vec<RemoteType>>> {
    let one = RemoteType {
        id: name.to_owned(),
        name: name.to_owned(),
        inactive: false,
    };
    std::future::ready(Ok(vec![one])).boxed()
}

impl PsaConnector for Syncro {
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
            const OPERATION: &str = "check";
            let uri = self.client.uri(OPERATION, "/me")?;
            let reply = self.client.send(&Call::get(OPERATION, uri)).await?;
            // A sign-in page proves nothing.
            match serde_json::from_slice::<&RawValue>(reply.body()) {
                Ok(_) => Ok(()),
                Err(error) => {
                    let detail = self.client.redact(&unreadable(&reply, &error));
                    Err(self.client.error(OPERATION, ErrorKind::Body { detail }))
                }
            }
        })
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        only(CUSTOMER)
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(super::flags())))
    }

    /// There is no list of them: they are what assets have (`documented`, by absence).
    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(async move {
            let mut walk = self.configurations();
            let mut names = BTreeSet::new();
            while let Some(page) = walk.next_page().await? {
                names.extend(
                    page.records
                        .into_iter()
                        .filter_map(|it| it.configuration_type),
                );
            }
            let types = names.into_iter().map(|name| RemoteType {
                id: name.clone(),
                name,
                inactive: false,
            });
            Ok(types.collect())
        })
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        only(ACTIVE)
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        self.walk("companies.list", CUSTOMERS, |row: Customer| {
            (row.id, row.into_record())
        })
    }

    /// Addresses of customers.
    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        const OPERATION: &str = "companies.list";
        let wanted: BTreeSet<i64> = organization_ids
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect();
        if wanted.is_empty() {
            let none = |_| std::future::ready(Ok(Fetched::none())).boxed();
            return Box::new(Walk::new(&self.client, OPERATION, none));
        }
        let wanted = Arc::new(wanted);
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            let wanted = Arc::clone(&wanted);
            async move {
                let (rows, end) = self.page::<Customer>(OPERATION, CUSTOMERS, at).await?;
                let page = Fetched::each(
                    rows,
                    end,
                    |row| row.id,
                    |row| {
                        let wanted = wanted.contains(&row.id);
                        wanted.then(|| row.into_location()).flatten()
                    },
                );
                Ok(page.told_elsewhere())
            }
            .boxed()
        }))
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        let map = |row: Contact| (row.id, row.into_record());
        self.walk("contacts.list", "/contacts?", map)
    }

    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        let map = |row: Asset| (row.id, row.into_record());
        self.walk("configurations.list", "/customer_assets?", map)
    }
}
