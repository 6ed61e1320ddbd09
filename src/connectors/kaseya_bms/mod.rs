//! Kaseya BMS and its family (Vorex, Pulseway PSA): REST API v2 -> model. Accounts and contacts come
//! whole in pages; the list of assets is short, so that each asset is read by itself, some at a time.
//! It knows the vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: assets have no such filter (`documented`, by absence), and an account's
//! locations and a contact's e-mail addresses have stamps of their own, of which theirs need not know.

mod auth;
#[cfg(test)]
mod tests;
mod wire;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use futures_util::{FutureExt as _, TryStreamExt as _};
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::client::{Auth, Call, Client, ClientSetup, shorten, unreadable};
use super::decode::{self, Decoded};
use super::setup::check_page_size;
use super::walk::{Fetched, Position, Walk};
use super::{
    ConnectorError, ConnectorSetupError, ErrorKind, PageStream, PsaCapabilities, PsaConnector,
    PsaWriter, Rejected, Result, Vocabulary,
};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use auth::PasswordGrant;
use wire::{Account, Asset, Contact, Named, ShortAsset};

/// What a connector is made of.
pub struct BmsConfig {
    /// Which member of the family: its slug.
    pub vendor: &'static str,
    /// Scheme, host and port (`https://api.bms.kaseya.com`).
    pub base_url: String,
    /// Name of the API employee.
    pub user_name: String,
    /// Its password.
    pub password: Secret,
    /// The company name that the product shows in its settings.
    pub tenant: String,
    /// Records in one page, 1 to [`Bms::LARGEST_PAGE`].
    pub page_size: u32,
    /// Assets that are read at the same time. Zero counts as one.
    pub asset_concurrency: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for BmsConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("BmsConfig")
            .field("vendor", &self.vendor)
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("asset_concurrency", &self.asset_concurrency)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads and writes a BMS tenant.
///
/// An account's status is its active flag; an asset's is its state (`inferred`: the documentation
/// product says `Status`, and the flag is no list that could be ticked).
#[derive(Debug)]
pub struct Bms {
    client: Client,
    vendor: &'static str,
    page_size: u32,
    asset_concurrency: usize,
}

impl Bms {
    /// Kaseya BMS.
    pub const KASEYA_BMS: &str = "kaseya-bms";
    /// Pulseway PSA.
    pub const PULSEWAY_PSA: &str = "pulseway-psa";

    /// What its API can give, as the documentation product maps it (documented).
    pub const CAPABILITIES: PsaCapabilities = PsaCapabilities {
        organization_statuses: Vocabulary::FLAG,
        // A new account has to bring a location, so that it comes with one.
        makes_first_location: true,
        // There is no public call for a location of an account that exists (by absence).
        unwritable: &[RecordKind::Location],
        without: &[
            (RecordKind::Contact, &["contact_type"]),
            (RecordKind::Configuration, &["installed_on", "installed_by"]),
        ],
        // Numbers have no extension, and addresses have types of the tenant's own.
        own_form: &[(RecordKind::Contact, &["emails", "phones"])],
        required: &[
            (RecordKind::Organization, &["name", "types"]),
            (
                RecordKind::Contact,
                &["first_name", "emails", "phones", "location_id"],
            ),
            (
                RecordKind::Configuration,
                &["name", "configuration_type", "location_id"],
            ),
        ],
        ..PsaCapabilities::WHOLE
    };

    /// The largest page (inferred).
    pub const LARGEST_PAGE: u32 = 1_000;

    /// Assets that are read at the same time, when nothing else is said.
    pub const ASSET_CONCURRENCY: u32 = 4;

    /// So much is allowed of each endpoint (`documented`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 1_500,
        window_ms: 3_600_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the page size cannot be used.
    pub fn new(
        config: BmsConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        let vendor = config.vendor;
        check_page_size(vendor, config.page_size, Self::LARGEST_PAGE)?;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor,
                error,
                example: "http://127.0.0.1:8080",
            })?;
        let json = HeaderValue::from_static("application/json");
        let client = Client::new(ClientSetup {
            vendor,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::bearer(PasswordGrant {
                user_name: config.user_name,
                password: config.password.clone(),
                tenant: config.tenant,
            }),
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
            vendor,
            page_size: config.page_size,
            asset_concurrency: config.asset_concurrency.max(1) as usize,
        })
    }

    /// What an envelope holds. The product may say in it that a success is none (documented). Where
    /// there is no envelope the reply is the record (documented of single accounts and contacts).
    fn opened(&self, operation: &'static str, body: &[u8]) -> Result<Envelope> {
        let body_error = |detail: String| {
            let detail = self.client.redact(&detail);
            self.client.error(operation, ErrorKind::Body { detail })
        };
        let mut envelope: Envelope =
            serde_json::from_slice(body).map_err(|error| body_error(error.to_string()))?;
        if !envelope.success.unwrap_or(envelope.error.is_none()) {
            let words = envelope.error.map(Failure::words).unwrap_or_default();
            let words = if words.is_empty() {
                "no reason is given"
            } else {
                &words
            };
            let words = shorten(&self.client.redact(words));
            return Err(body_error(format!("the product says no: {words}")));
        }
        if envelope.success.is_none() && envelope.result.is_none() {
            envelope.result = serde_json::from_slice(body).ok();
        }
        Ok(envelope)
    }

    async fn send(&self, call: &Call) -> Result<Envelope> {
        let reply = self.client.send(call).await?;
        if serde_json::from_slice::<&RawValue>(reply.body()).is_err() {
            let detail = self.client.redact(&unreadable(&reply, &"it is no JSON"));
            return Err(self
                .client
                .error(call.operation, ErrorKind::Body { detail }));
        }
        self.opened(call.operation, reply.body())
    }

    async fn get(&self, operation: &'static str, path: &str) -> Result<Envelope> {
        let uri = self.client.uri(operation, path)?;
        self.send(&Call::get(operation, uri)).await
    }

    fn rows<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        envelope: &Envelope,
    ) -> Result<Decoded<W>> {
        // A reply that holds no list must not pass for an empty one.
        let rows = envelope.result.as_deref().map_or("null", RawValue::get);
        decode::list(rows, "id").map_err(|error| {
            let detail = self.client.redact(&error.to_string());
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }

    /// A page by its number. The last one is short; but the largest page is not published, so that a
    /// short one may be all that the product gives at once. Where the list does not say how many
    /// records there are, the last page is one that is shorter than those before.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let (size, number) = (self.page_size, at.pages + 1);
        let path = format!("{path}?PageSize={size}&PageNumber={number}");
        let envelope = self.get(operation, &path).await?;
        let rows: Decoded<W> = self.rows(operation, &envelope)?;
        let (fetched, came) = (rows.fetched(), at.came + rows.fetched());
        let short = match envelope.total_records {
            Some(total) => came as u64 >= total,
            None => at.pages > 0 && fetched < at.came / at.pages as usize,
        };
        let end = fetched == 0 || (fetched < size as usize && short);
        Ok((rows, end))
    }

    async fn one<W: DeserializeOwned>(&self, operation: &'static str, path: &str) -> Result<W> {
        let envelope = self.get(operation, path).await?;
        self.read(operation, &envelope)
    }

    fn read<W: DeserializeOwned>(&self, operation: &'static str, envelope: &Envelope) -> Result<W> {
        let record = envelope.result.as_deref().map_or("null", RawValue::get);
        decode::one(record).map_err(|(field, reason)| {
            let detail = self.client.redact(&format!("field {field}: {reason}"));
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }

    /// A list of names, by id.
    async fn names(&self, operation: &'static str, path: &str) -> Result<Vec<Named>> {
        let envelope = self.get(operation, path).await?;
        let rows: Decoded<Named> = self.rows(operation, &envelope)?;
        match rows.rejected.first() {
            None => Ok(rows.records),
            Some(rejected) => {
                let detail = rejected.to_string();
                Err(self.client.error(operation, ErrorKind::Body { detail }))
            }
        }
    }

    async fn types(&self, operation: &'static str, path: &str) -> Result<Vec<RemoteType>> {
        let names = self.names(operation, path).await?.into_iter();
        Ok(names.map(Named::into_type).collect())
    }

    /// The assets of a page of the list, whole, so many at a time, in its order. One that was deleted
    /// since is gone.
    async fn whole_assets(
        &self,
        rows: Decoded<ShortAsset>,
        end: bool,
    ) -> Result<Fetched<RemoteConfiguration>> {
        let read = rows.records.into_iter().map(|row| async move {
            let asset = self.whole_asset(row.id).await?;
            Ok((row.id, asset.map(|asset| asset.map(Asset::into_record))))
        });
        let read = stream::iter(read).buffered(self.asset_concurrency);
        let read = read.try_collect().await?;
        Ok(Fetched::singly(read, rows.rejected, end))
    }

    async fn whole_asset(&self, id: i64) -> Result<Option<Result<Asset, Rejected>>> {
        const OPERATION: &str = "configurations.get";
        let path = format!("/v2/servicedesk/hardwareasset/{id}");
        let envelope = match self.get(OPERATION, &path).await {
            Ok(envelope) => envelope,
            Err(ConnectorError {
                kind: ErrorKind::NotFound { .. },
                ..
            }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let record = envelope.result.as_deref().map_or("null", RawValue::get);
        let asset = decode::one::<Asset>(record).map_err(|(field, reason)| Rejected {
            id: Some(id.to_string()),
            field,
            reason,
        });
        Ok(Some(asset))
    }
}

/// What every reply is wrapped in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    success: Option<bool>,
    error: Option<Failure>,
    result: Option<Box<RawValue>>,
    total_records: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    message: Option<String>,
    sub_errors: Option<Vec<String>>,
}

impl Failure {
    fn words(self) -> String {
        let parts = self.message.into_iter();
        let parts: Vec<String> = parts.chain(self.sub_errors.into_iter().flatten()).collect();
        parts.join("; ")
    }
}

const ACCOUNT_TYPES: &str = "/v2/system/accounttypes/lookup";
const ACCOUNTS: &str = "/v2/crm/accounts/summary";

/// A list of the tenant's own. Its names are not published (`inferred`).
fn table(name: &str) -> String {
    format!("/v2/system/tenantlookup/{name}")
}

/// Ids by name, in any case.
fn by_name(names: Vec<Named>) -> BTreeMap<String, i64> {
    names
        .into_iter()
        .map(|row| (row.name.to_lowercase(), row.id))
        .collect()
}

impl PsaConnector for Bms {
    fn vendor(&self) -> &'static str {
        self.vendor
    }

    fn capabilities(&self) -> PsaCapabilities {
        Self::CAPABILITIES
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.get("check", "/v2/security/userinfo").await.map(drop) })
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.types("company_types.list", ACCOUNT_TYPES))
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(super::flags())))
    }

    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(async move {
            let path = table("AssetCategories");
            self.types("configuration_types.list", &path).await
        })
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(async move {
            let path = table("AssetStates");
            self.types("configuration_statuses.list", &path).await
        })
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        const OPERATION: &str = "companies.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self.page::<Account>(OPERATION, ACCOUNTS, at).await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }

    /// Locations stand in their accounts.
    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        const OPERATION: &str = "companies.list";
        let wanted: Arc<BTreeSet<String>> = Arc::new(organization_ids.into_iter().collect());
        if wanted.is_empty() {
            let none = |_| std::future::ready(Ok(Fetched::none())).boxed();
            return Box::new(Walk::new(&self.client, OPERATION, none));
        }
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            let wanted = Arc::clone(&wanted);
            async move {
                let (rows, end) = self.page::<Account>(OPERATION, ACCOUNTS, at).await?;
                let page = Fetched::each(
                    rows,
                    end,
                    |row| row.id,
                    |row| {
                        let wanted = wanted.contains(&row.id.to_string());
                        wanted.then(|| row.into_locations()).into_iter().flatten()
                    },
                );
                Ok(page.told_elsewhere())
            }
            .boxed()
        }))
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        const OPERATION: &str = "contacts.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let path = "/v2/crm/contacts/summary";
                let (rows, end) = self.page::<Contact>(OPERATION, path, at).await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }

    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        const OPERATION: &str = "configurations.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let path = "/v2/servicedesk/hardwareasset/searchselect";
                let (rows, end) = self.page::<ShortAsset>(OPERATION, path, at).await?;
                self.whole_assets(rows, end).await
            }
            .boxed()
        }))
    }

    fn writer(&self) -> Option<&dyn PsaWriter> {
        Some(self)
    }
}
