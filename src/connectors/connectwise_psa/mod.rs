//! ConnectWise PSA (formerly Manage), REST API 3.0. Knows the vendor's routes, paging and fields;
//! nothing of the account, and it never repairs or compares a value. Behaviour is `documented` where
//! nothing else is said.

mod changes;
mod list;
mod sites;
#[cfg(test)]
mod tests;
mod wire;
mod write;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::client::{Auth, Call, Client, ClientSetup, basic, sensitive, unreadable};
use super::setup::{ConnectorSetupError, check_page_size};
use super::{
    ConnectorError, ErrorKind, PageStream, PsaCapabilities, PsaChanges, PsaConnector, PsaWriter,
    Result, decode,
};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::{BaseUrl, CallStats, Clock, RequestLimit, RetryPolicy, Secret, Transport};
use list::ListWalk;
use sites::SiteWalk;
use wire::{Company, Configuration, Contact, Row, StatusRow, TypeRow};

/// The version of the API whose shapes this connector reads.
const MEDIA_TYPE: &str = "application/vnd.connectwise.com+json; version=2025.1";

/// How to reach a ConnectWise PSA.
#[derive(Clone)]
pub struct ConnectwiseConfig {
    /// Scheme, host and port (`http://127.0.0.1:8080`); the codebase is asked for, not given.
    pub base_url: String,
    /// Login company.
    pub company_id: String,
    /// Public API key.
    pub public_key: String,
    /// Private API key.
    pub private_key: Secret,
    /// The integration's client id, a GUID.
    pub client_id: String,
    /// Records in one page, 1 to [`ConnectwisePsa::LARGEST_PAGE`].
    pub page_size: u32,
    /// Companies whose sites are read at the same time. Zero counts as one.
    pub site_concurrency: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Our own limit; none when left out.
    pub limit: Option<RequestLimit>,
}

impl fmt::Debug for ConnectwiseConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys are left out, the public ones as well.
        formatter
            .debug_struct("ConnectwiseConfig")
            .field("base_url", &self.base_url)
            .field("company_id", &self.company_id)
            .field("page_size", &self.page_size)
            .field("site_concurrency", &self.site_concurrency)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads a ConnectWise PSA.
///
/// Inactive companies are told by their status alone. Deleted ones are delivered and marked, since
/// the vendor keeps listing them (`inferred`). A configuration is inactive when its `activeFlag` is
/// false. Empty texts are how the vendor writes "none" and are delivered as `None`.
#[derive(Debug)]
pub struct ConnectwisePsa {
    client: Client,
    company_id: String,
    page_size: u32,
    site_concurrency: usize,
    /// `/v2025_1/apis/3.0`, once it is known.
    root: OnceCell<String>,
}

impl ConnectwisePsa {
    /// The vendor's slug.
    pub const VENDOR: &str = "connectwise-psa";

    /// What its API can give.
    pub const CAPABILITIES: PsaCapabilities = PsaCapabilities {
        // A company without an identifier is given one, made from its name.
        own_form: &[(RecordKind::Organization, &["short_name"])],
        lists_deleted: true,
        makes_first_location: true,
        required: &[
            (RecordKind::Organization, &["name"]),
            (RecordKind::Location, &["name"]),
            (RecordKind::Contact, &["first_name"]),
            (
                RecordKind::Configuration,
                &["name", "configuration_type", "status"],
            ),
        ],
        ..PsaCapabilities::WHOLE
    };

    /// The largest page; the vendor caps larger ones silently.
    pub const LARGEST_PAGE: u32 = 1_000;

    /// Companies whose sites are read at the same time, when nothing else is said.
    pub const SITE_CONCURRENCY: u32 = 4;

    /// About this much is allowed before 429 (`seen`).
    pub const LIMIT: RequestLimit = RequestLimit {
        requests: 1_000,
        window_ms: 60_000,
    };

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the page size or a credential cannot be used.
    pub fn new(
        config: ConnectwiseConfig,
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
        let unsendable = |name| ConnectorSetupError::Unsendable {
            vendor: Self::VENDOR,
            name,
        };
        let user = format!("{}+{}", config.company_id, config.public_key);
        let (authorization, encoded) = basic(&user, config.private_key.expose());
        let client_id = sensitive(&config.client_id).map_err(|_| unsendable("client_id"))?;
        let credentials = HeaderMap::from_iter([
            (AUTHORIZATION, authorization),
            (HeaderName::from_static("clientid"), client_id),
        ]);
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(MEDIA_TYPE))]),
            auth: Auth::Headers(credentials),
            secrets: vec![
                config.private_key,
                encoded,
                Secret::new(config.public_key),
                Secret::new(config.client_id),
            ],
            retry: config.retry,
            block_ms: None,
            limit: config.limit,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            company_id: config.company_id,
            page_size: config.page_size,
            site_concurrency: config.site_concurrency.max(1) as usize,
            root: OnceCell::new(),
        })
    }

    /// The API's root below the base URL, found out on first use.
    async fn root(&self) -> Result<&str> {
        self.root
            .get_or_try_init(|| self.discover())
            .await
            .map(String::as_str)
    }

    /// Asks which codebase serves the company: `null` or 404 when there is no such company.
    async fn discover(&self) -> Result<String> {
        const OPERATION: &str = "companyinfo";
        let segment = utf8_percent_encode(&self.company_id, NON_ALPHANUMERIC);
        let uri = self
            .client
            .uri(OPERATION, &format!("/login/companyinfo/{segment}"))?;
        let reply = match self
            .client
            .send(&Call::get(OPERATION, uri).anonymous())
            .await
        {
            Ok(reply) => reply,
            Err(error) => return Err(self.unknown_company(error)),
        };
        let json = std::str::from_utf8(reply.body()).unwrap_or_default();
        let unreadable = |error: &dyn fmt::Display| {
            let detail = self.client.redact(&unreadable(&reply, error));
            self.client.error(OPERATION, ErrorKind::Body { detail })
        };
        let info: Option<CompanyInfo> =
            serde_json::from_str(json).map_err(|error| unreadable(&error))?;
        let Some(info) = info else {
            return Err(self.client.error(OPERATION, self.check_company(200)));
        };
        let codebase = info.codebase.trim_matches('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if codebase.is_empty() || codebase.starts_with('.') || !codebase.bytes().all(plain) {
            return Err(unreadable(&"`Codebase` is no name of a codebase"));
        }
        Ok(format!("/{codebase}/apis/3.0"))
    }

    fn unknown_company(&self, error: ConnectorError) -> ConnectorError {
        match error.kind {
            ErrorKind::NotFound { .. } => ConnectorError {
                kind: self.check_company(404),
                ..error
            },
            _ => error,
        }
    }

    fn check_company(&self, status: u16) -> ErrorKind {
        ErrorKind::Unauthorized {
            status,
            message: format!(
                "{} knows no company `{}`; check company_id and the base URL",
                self.client.host(),
                self.company_id
            ),
        }
    }

    fn list<'a, W: Row + 'a>(
        &'a self,
        operation: &'static str,
        route: &str,
    ) -> PageStream<'a, W::Record> {
        Box::new(ListWalk::<W>::new(self, operation, route.to_owned()))
    }

    /// A whole list of types or statuses. One that cannot be read fails the call: a type that went
    /// missing here would look like one that nobody ticked.
    async fn types<W: Row<Record = RemoteType>>(
        &self,
        operation: &'static str,
        route: &str,
    ) -> Result<Vec<RemoteType>> {
        let mut walk: ListWalk<'_, W> = ListWalk::new(self, operation, route.to_owned());
        let mut types = Vec::new();
        while let Some(rows) = walk.next_rows().await? {
            if let Some(rejected) = rows.rejected.first() {
                let detail = rejected.to_string();
                return Err(self.client.error(operation, ErrorKind::Body { detail }));
            }
            types.extend(rows.records.into_iter().map(Row::into_record));
        }
        Ok(types)
    }

    /// Reads one company's id, since server information is given without credentials (`seen`).
    async fn try_credentials(&self) -> Result<()> {
        const OPERATION: &str = "check";
        let root = self.root().await?;
        let path = format!("{root}/company/companies?pageSize=1&fields=id");
        let uri = self.client.uri(OPERATION, &path)?;
        let reply = match self.client.send(&Call::get(OPERATION, uri)).await {
            Ok(reply) => reply,
            Err(ConnectorError {
                kind: ErrorKind::NotFound { message },
                ..
            }) => {
                // The cloud answers 404 where credentials are wrong.
                let message = format!("{message}; check company_id, public_key and private_key");
                let kind = ErrorKind::Unauthorized {
                    status: 404,
                    message,
                };
                return Err(self.client.error(OPERATION, kind));
            }
            Err(error) => return Err(error),
        };
        let json = String::from_utf8_lossy(reply.body());
        match decode::list::<serde::de::IgnoredAny>(&json, "id") {
            Ok(_) => Ok(()),
            Err(error) => {
                let detail = self.client.redact(&unreadable(&reply, &error));
                Err(self.client.error(OPERATION, ErrorKind::Body { detail }))
            }
        }
    }
}

impl PsaConnector for ConnectwisePsa {
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
        Box::pin(self.try_credentials())
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.types::<TypeRow>("company_types.list", "/company/companies/types"))
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.types::<TypeRow>("company_statuses.list", "/company/companies/statuses"))
    }

    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.types::<TypeRow>("configuration_types.list", "/company/configurations/types"))
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        let route = "/company/configurations/statuses";
        Box::pin(self.types::<StatusRow>("configuration_statuses.list", route))
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        self.list::<Company>("companies.list", "/company/companies")
    }

    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        Box::new(SiteWalk::new(self, organization_ids))
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        self.list::<Contact>("contacts.list", "/company/contacts")
    }

    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        self.list::<Configuration>("configurations.list", "/company/configurations")
    }

    fn changes(&self) -> Option<&dyn PsaChanges> {
        Some(self)
    }

    fn writer(&self) -> Option<&dyn PsaWriter> {
        Some(self)
    }
}

/// The reply of `/login/companyinfo`; other members are not needed.
#[derive(Deserialize)]
struct CompanyInfo {
    #[serde(rename = "Codebase")]
    codebase: String,
}
