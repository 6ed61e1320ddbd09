//! Autotask PSA: REST API 1.0 -> model. The zone is asked for first; lists are read by `POST …/query`
//! with a cursor on ids, which a list that moves under the reader cannot mislead (`documented`
//! grammar, `seen` cursor). It knows the vendor's contract and nothing of the account.

mod changes;
mod locations;
#[cfg(test)]
mod tests;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Response;
use http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::client::{Auth, Call, Client, ClientSetup, sensitive, unreadable};
use super::decode::{self, Decoded};
use super::setup::check_page_size;
use super::steady::Steady;
use super::walk::{Fetched, Position, Walk};
use super::{
    ConnectorError, ConnectorSetupError, ErrorKind, PageStream, PsaCapabilities, PsaChanges,
    PsaConnector, PsaWriter, Result, Vocabulary,
};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use locations::LocationWalk;
use wire::{Company, Contact, Field, Item, Location, Lookups, Named, Product};

/// What a connector is made of.
pub struct AutotaskConfig {
    /// The service's address with its path (`https://webservices5.autotask.net/ATServicesRest`). The
    /// zone must be on the same host.
    pub base_url: String,
    /// The API user's e-mail address.
    pub user_name: String,
    /// Its secret.
    pub secret: Secret,
    /// The integration's tracking code.
    pub integration_code: String,
    /// Records in one page, 1 to [`Autotask::LARGEST_PAGE`].
    pub page_size: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for AutotaskConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("AutotaskConfig")
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads and writes an Autotask PSA.
///
/// A company's status, and a configuration item's, is its active flag. Maker and model are those of
/// the item's product. The MSP's own company, whose id is 0 (`seen`), is no client and is not read.
#[derive(Debug)]
pub struct Autotask {
    client: Client,
    user_name: String,
    page_size: u32,
    /// The path of the zone's API, `/ATServicesRest/V1.0`, once it is known.
    root: OnceCell<String>,
    /// Types of items, whose names items show.
    types: Steady,
    /// Products, whose maker and model items show.
    products: Steady,
}

const JSON: &str = "application/json";

impl Autotask {
    /// The vendor's slug.
    pub const VENDOR: &str = "autotask";

    /// What its API can give, as the documentation product maps it (documented).
    pub const CAPABILITIES: PsaCapabilities = PsaCapabilities {
        organization_statuses: Vocabulary::FLAG,
        configuration_statuses: Vocabulary::FLAG,
        without: &[
            (RecordKind::Contact, &["contact_type"]),
            (
                RecordKind::Configuration,
                &[
                    "primary_mac",
                    "primary_ip",
                    "default_gateway",
                    "operating_system",
                    "purchased_on",
                    // A number of a resource, which is not read.
                    "installed_by",
                ],
            ),
        ],
        own_form: &[
            // One number in each of four fields, one e-mail address.
            (RecordKind::Contact, &["emails", "phones"]),
            // The main location is the one that is marked; a company itself names none.
            (RecordKind::Organization, &["primary_location_id"]),
        ],
        required: &[
            (RecordKind::Organization, &["name", "types"]),
            (RecordKind::Location, &["name"]),
            (RecordKind::Contact, &["first_name", "last_name", "emails"]),
            (
                RecordKind::Configuration,
                &[
                    "name",
                    "configuration_type",
                    "status",
                    "manufacturer",
                    "model",
                ],
            ),
        ],
        ..PsaCapabilities::WHOLE
    };

    /// The largest page.
    pub const LARGEST_PAGE: u32 = 500;

    /// So much is allowed to all integrations of a database together (`documented`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 10_000,
        window_ms: 3_600_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the page size or a credential cannot be used.
    pub fn new(
        config: AutotaskConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        check_page_size(Self::VENDOR, config.page_size, Self::LARGEST_PAGE)?;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor: Self::VENDOR,
                error,
                example: "http://127.0.0.1:8080/ATServicesRest",
            })?;
        let header = |name, value: &str| {
            sensitive(value).map_err(|_| ConnectorSetupError::Unsendable {
                vendor: Self::VENDOR,
                name,
            })
        };
        let credentials = HeaderMap::from_iter([
            (
                HeaderName::from_static("username"),
                header("user_name", &config.user_name)?,
            ),
            (
                HeaderName::from_static("secret"),
                header("secret", config.secret.expose())?,
            ),
            (
                HeaderName::from_static("apiintegrationcode"),
                header("integration_code", &config.integration_code)?,
            ),
        ]);
        let beginning = clock.now();
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(JSON))]),
            auth: Auth::Headers(credentials),
            secrets: vec![config.secret, Secret::new(config.integration_code)],
            retry: config.retry,
            block_ms: None,
            limit: config.limit,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            user_name: config.user_name,
            page_size: config.page_size,
            root: OnceCell::new(),
            types: Steady::new(beginning),
            products: Steady::new(beginning),
        })
    }

    /// Where the user's database is; found out on first use. A zone on another host is refused: it
    /// would be sent the credentials, and nobody has said that it may.
    async fn root(&self) -> Result<&str> {
        self.root
            .get_or_try_init(|| self.discover())
            .await
            .map(String::as_str)
    }

    async fn discover(&self) -> Result<String> {
        const OPERATION: &str = "zone";
        let user = utf8_percent_encode(&self.user_name, NON_ALPHANUMERIC);
        let path = format!("/V1.0/ZoneInformation?user={user}");
        let uri = self.client.uri(OPERATION, &path)?;
        let call = Call::get(OPERATION, uri.clone())
            .anonymous()
            .refused_by(says_why);
        let reply = self.client.send(&call).await.map_err(|error| {
            let (status, message) = match error.kind {
                // That is what it says of a user it does not know (seen); other clients are ready
                // for the second (seen).
                ErrorKind::Status {
                    status: 500,
                    message,
                    ..
                } => (500, message),
                ErrorKind::NotFound { message } => (404, message),
                _ => return error,
            };
            let message = format!("{message}; check base_url and user_name");
            let kind = ErrorKind::Unauthorized { status, message };
            ConnectorError { kind, ..error }
        })?;
        let zone: Zone = serde_json::from_slice(reply.body()).map_err(|error| {
            let detail = self.client.redact(&unreadable(&reply, &error));
            self.client.error(OPERATION, ErrorKind::Body { detail })
        })?;
        let zone = self.client.follow(OPERATION, &uri, &zone.url, &[])?;
        // Routes are joined to the base URL, whose path the zone's begins with.
        let base = uri.path().trim_end_matches("/V1.0/ZoneInformation");
        let Some(below) = zone.path().strip_prefix(base) else {
            let detail = format!("the zone's path {} is not below {base}", zone.path());
            return Err(self.client.error(OPERATION, ErrorKind::Body { detail }));
        };
        Ok(format!("{}/V1.0", below.trim_end_matches('/')))
    }

    /// Sends a read with a body. Asking twice does no harm.
    async fn ask(&self, operation: &'static str, path: &str, body: &Value) -> Result<Answer> {
        let root = self.root().await?;
        let uri = self.client.uri(operation, &format!("{root}{path}"))?;
        let call = Call::post(operation, uri, JSON, body.to_string()).repeatable();
        self.answer(call).await
    }

    async fn get(&self, operation: &'static str, path: &str) -> Result<Answer> {
        let root = self.root().await?;
        let uri = self.client.uri(operation, &format!("{root}{path}"))?;
        self.answer(Call::get(operation, uri)).await
    }

    async fn answer(&self, call: Call) -> Result<Answer> {
        let call = call.refused_by(says_why);
        let reply = self.client.send(&call).await?;
        match serde_json::from_slice(reply.body()) {
            Ok(answer) => Ok(answer),
            Err(error) => {
                let detail = self.client.redact(&unreadable(&reply, &error));
                Err(self
                    .client
                    .error(call.operation, ErrorKind::Body { detail }))
            }
        }
    }

    /// The records of an entity behind the last one, those that fit.
    async fn behind<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        entity: &str,
        conditions: &[Value],
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        self.some_behind(operation, entity, conditions, None, at)
            .await
    }

    /// The same with some fields alone.
    async fn some_behind<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        entity: &str,
        conditions: &[Value],
        fields: Option<&[&str]>,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let behind = json!({ "op": "gt", "field": "id", "value": at.last_id });
        let filter: Vec<&Value> = std::iter::once(&behind).chain(conditions).collect();
        let mut query = json!({ "filter": filter, "maxRecords": self.page_size });
        if let Some(fields) = fields {
            query["includeFields"] = json!(fields);
        }
        let answer = self
            .ask(operation, &format!("/{entity}/query"), &query)
            .await?;
        // A reply that holds no list must not pass for an empty one.
        let items = answer.items.as_deref().map_or("null", RawValue::get);
        let rows: Decoded<W> = decode::list(items, "id").map_err(|error| {
            let detail = self.client.redact(&error.to_string());
            self.client.error(operation, ErrorKind::Body { detail })
        })?;
        // Without the details of the page a full one is not taken for the last.
        let more = answer.page_details.map_or_else(
            || rows.fetched() >= self.page_size as usize,
            |details| details.next_page_url.is_some(),
        );
        // A page whose records say no id gives no place to go on from.
        let lost = rows.rejected.iter().any(|one| one.id.is_none());
        if lost && rows.records.is_empty() && more {
            let detail = "the page does not say where it ends".to_owned();
            return Err(self.client.error(operation, ErrorKind::Paging { detail }));
        }
        Ok((rows, !more))
    }

    /// A whole list that is short.
    async fn all<W: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        entity: &'static str,
        conditions: Vec<Value>,
        id: fn(&W) -> i64,
    ) -> Result<Vec<W>> {
        let walk = Walk::new(&self.client, operation, move |at| {
            let conditions = conditions.clone();
            async move {
                let (rows, end) = self.behind::<W>(operation, entity, &conditions, at).await?;
                Ok(Fetched::of(rows, end, |row| (id(&row), row)))
            }
            .boxed()
        });
        walk.whole().await
    }

    /// Labels of the types of companies, by value.
    async fn company_types(&self) -> Result<BTreeMap<i64, (String, bool)>> {
        const OPERATION: &str = "company_types.list";
        let path = "/Companies/entityInformation/fields";
        let answer = self.get(OPERATION, path).await?;
        let fields = answer.fields.as_deref().map_or("null", RawValue::get);
        let fields: Vec<Field> = serde_json::from_str(fields).map_err(|error| {
            let detail = self.client.redact(&error.to_string());
            self.client.error(OPERATION, ErrorKind::Body { detail })
        })?;
        let field = fields.into_iter().find(|field| field.name == "companyType");
        field.map(Field::choices).ok_or_else(|| {
            let detail = "there is no field companyType in it".to_owned();
            self.client.error(OPERATION, ErrorKind::Body { detail })
        })
    }

    async fn names(&self, operation: &'static str, entity: &'static str) -> Result<Vec<Named>> {
        self.all(operation, entity, Vec::new(), |row: &Named| row.id)
            .await
    }

    async fn company_lookups(&self) -> Result<Lookups> {
        let primary = vec![json!({ "op": "eq", "field": "isPrimary", "value": true })];
        let places = self.all(
            "locations.primary",
            "CompanyLocations",
            primary,
            |row: &Location| row.id,
        );
        Ok(Lookups {
            names: labels(self.company_types().await?),
            primary: places
                .await?
                .into_iter()
                .map(|place| (place.company_id, place.id))
                .collect(),
            ..Lookups::default()
        })
    }

    async fn country_lookups(&self) -> Result<Lookups> {
        let countries = self.names("countries.list", "Countries").await?;
        Ok(Lookups {
            names: countries.into_iter().map(Named::into_pair).collect(),
            ..Lookups::default()
        })
    }

    /// What items refer to, and since when it has been called so.
    async fn item_lookups(&self) -> Result<(Lookups, Timestamp)> {
        let types = self
            .names("configuration_types.list", "ConfigurationItemTypes")
            .await?;
        let products = self.all("products.list", "Products", Vec::new(), |row: &Product| {
            row.id
        });
        let lookups = Lookups {
            names: types.into_iter().map(Named::into_pair).collect(),
            products: products.await?.into_iter().map(|it| (it.id, it)).collect(),
            ..Lookups::default()
        };
        let now = self.client.now();
        let types = self.types.note(&lookups.names, now);
        let products = self.products.note(&lookups.products, now);
        Ok((lookups, types.max(products)))
    }

    /// One record with what its numbers stand for.
    async fn record<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        entity: &str,
        id: &str,
    ) -> Result<W> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let answer = self.get(operation, &format!("/{entity}/{id}")).await?;
        let item = answer.item.as_deref().map_or("null", RawValue::get);
        if item == "null" {
            let message = format!("there is no record {id} in {entity}");
            return Err(self
                .client
                .error(operation, ErrorKind::NotFound { message }));
        }
        decode::one(item).map_err(|(field, reason)| {
            let detail = self.client.redact(&format!("field {field}: {reason}"));
            self.client.error(operation, ErrorKind::Body { detail })
        })
    }
}

/// Whether a server error says why: wrong input is answered 500 with the reasons (`inferred`), and
/// asking again gives the same ones. The mere name of the status is no reason.
fn says_why(reply: &Response<Bytes>) -> bool {
    #[derive(Deserialize)]
    struct Reasons {
        errors: Vec<Value>,
    }
    let name = reply.status().canonical_reason().unwrap_or_default();
    let said = serde_json::from_slice::<Reasons>(reply.body());
    said.is_ok_and(|said| said.errors.iter().any(|reason| reason != name))
}

fn labels(types: BTreeMap<i64, (String, bool)>) -> BTreeMap<i64, String> {
    let labels = types.into_iter();
    labels.map(|(value, (label, _))| (value, label)).collect()
}

#[derive(Deserialize)]
struct Zone {
    url: String,
}

/// What an answer may hold.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    item: Option<Box<RawValue>>,
    items: Option<Box<RawValue>>,
    page_details: Option<PageDetails>,
    fields: Option<Box<RawValue>>,
    item_id: Option<i64>,
    query_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageDetails {
    next_page_url: Option<String>,
}

impl PsaConnector for Autotask {
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
        Box::pin(async move { self.get("check", "/ThresholdInformation").await.map(drop) })
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(async move {
            let types = self.company_types().await?.into_iter();
            let types = types.map(|(value, (name, active))| RemoteType {
                id: value.to_string(),
                name,
                inactive: !active,
            });
            Ok(types.collect())
        })
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(super::flags())))
    }

    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(async move {
            let types = self
                .names("configuration_types.list", "ConfigurationItemTypes")
                .await?;
            Ok(types.into_iter().map(Named::into_type).collect())
        })
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(super::flags())))
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        const OPERATION: &str = "companies.list";
        let lookups: Arc<OnceCell<Lookups>> = Arc::default();
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            let lookups = Arc::clone(&lookups);
            async move {
                let lookups = lookups.get_or_try_init(|| self.company_lookups()).await?;
                let (rows, end) = self
                    .behind::<Company>(OPERATION, "Companies", &[], at)
                    .await?;
                Ok(Fetched::of(rows, end, |row| {
                    (row.id, row.into_record(lookups))
                }))
            }
            .boxed()
        }))
    }

    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        Box::new(LocationWalk::new(self, organization_ids))
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        const OPERATION: &str = "contacts.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self
                    .behind::<Contact>(OPERATION, "Contacts", &[], at)
                    .await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }

    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        const OPERATION: &str = "configurations.list";
        let lookups: Arc<OnceCell<(Lookups, Timestamp)>> = Arc::default();
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            let lookups = Arc::clone(&lookups);
            async move {
                let (lookups, _) = lookups.get_or_try_init(|| self.item_lookups()).await?;
                let (rows, end) = self
                    .behind::<Item>(OPERATION, "ConfigurationItems", &[], at)
                    .await?;
                Ok(Fetched::of(rows, end, |row| {
                    (row.id, row.into_record(lookups))
                }))
            }
            .boxed()
        }))
    }

    fn changes(&self) -> Option<&dyn PsaChanges> {
        Some(self)
    }

    fn writer(&self) -> Option<&dyn PsaWriter> {
        Some(self)
    }
}
