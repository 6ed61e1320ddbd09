//! Kaseya VSA 9: REST API (`/api/v1.0`) -> model. Machines come from the audit of all agents, which has
//! everything but the organization; that one is found by the machine group. What has no agent comes from
//! the assets. It knows the vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: `LastCheckInTime` stands still when a machine is renamed, moved or
//! audited later (`inferred`), and there is no other stamp.

#[cfg(test)]
mod tests;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;

use super::client::{
    Auth, Call, Client, ClientSetup, Token, TokenSource, basic, sensitive, shorten, unreadable,
};
use super::decode::{self, Decoded};
use super::setup::{check_page_size, company};
use super::walk::{Fetched, Position, Walk, chained};
use super::{
    ConnectorError, ConnectorSetupError, ErrorKind, PageStream, Rejected, Result, RmmCapabilities,
    RmmConnector,
};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::{BaseUrl, CallStats, Clock, RetryPolicy, Secret, Transport};
use wire::{Asset, Audit, Envelope, Group, Login, Organization};

/// What a connector is made of.
pub struct Vsa9Config {
    /// The server's address without a path (`https://vsa.example.com`).
    pub base_url: String,
    /// Who asks.
    pub user_name: String,
    /// Password, or a personal access token.
    pub password: Secret,
    /// What plays the company: one of [`KaseyaVsa9::COMPANIES`], the first when left out.
    pub company: Option<String>,
    /// Records in one page, 1 to [`KaseyaVsa9::LARGEST_PAGE`].
    pub page_size: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
}

impl fmt::Debug for Vsa9Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials are left out.
        formatter
            .debug_struct("Vsa9Config")
            .field("base_url", &self.base_url)
            .field("company", &self.company)
            .field("page_size", &self.page_size)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// Reads a VSA 9 server. A machine whose group is not in the list of groups belongs to no company and is
/// rejected.
#[derive(Debug)]
pub struct KaseyaVsa9 {
    client: Client,
    page_size: u32,
    by_groups: bool,
}

impl KaseyaVsa9 {
    /// The vendor's slug.
    pub const VENDOR: &str = "kaseya-vsa9";

    /// What its API can give: one adapter of each machine, space of all disks together, the number of
    /// processors and not that of cores (`documented` property tables).
    pub const CAPABILITIES: RmmCapabilities = RmmCapabilities {
        without: &["disks", "other_interfaces"],
        own_form: &[
            "configuration_type",
            "operating_system",
            "interfaces",
            "rmm_location",
        ],
        without_agent: &[
            "serial",
            "manufacturer",
            "model",
            "cpu",
            "memory_bytes",
            "last_user",
            "last_reboot",
            "warranty_expires_on",
        ],
        agent_on_hosts: false,
        without_kinds: &[],
    };

    /// What can play the company (`inferred`, after VSA 10, where both are documented).
    pub const COMPANIES: &[&str] = &["organizations", "machine_groups"];

    /// The largest page (`documented`).
    pub const LARGEST_PAGE: u32 = 100;

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL, the page size or the company cannot be used.
    pub fn new(
        config: Vsa9Config,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, ConnectorSetupError> {
        check_page_size(Self::VENDOR, config.page_size, Self::LARGEST_PAGE)?;
        let by_groups = company(Self::VENDOR, Self::COMPANIES, config.company.as_deref())? == 1;
        let base =
            BaseUrl::parse(&config.base_url).map_err(|error| ConnectorSetupError::BaseUrl {
                vendor: Self::VENDOR,
                error,
                example: "http://127.0.0.1:8080",
            })?;
        let (header, encoded) = basic(&config.user_name, config.password.expose());
        let json = HeaderValue::from_static("application/json");
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::bearer(Session { header }),
            secrets: vec![config.password, encoded],
            retry: config.retry,
            block_ms: None,
            limit: None,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            page_size: config.page_size,
            by_groups,
        })
    }

    /// The result of a call, which may say that it failed in a success (`seen`).
    async fn get(&self, operation: &'static str, path: &str) -> Result<(u64, Box<RawValue>)> {
        let uri = self.client.uri(operation, path)?;
        let reply = self.client.send(&Call::get(operation, uri)).await?;
        let bad = |detail: String| {
            let detail = self.client.redact(&detail);
            self.client.error(operation, ErrorKind::Body { detail })
        };
        let envelope: Envelope = serde_json::from_slice(reply.body())
            .map_err(|error| bad(unreadable(&reply, &error)))?;
        if !envelope.is_success() {
            let words = shorten(&self.client.redact(&envelope.words()));
            return Err(bad(format!("the server says no: {words}")));
        }
        let total = envelope.total_records.unwrap_or_default();
        let result = envelope
            .result
            .ok_or_else(|| bad("there is no `Result`".to_owned()))?;
        Ok((total, result))
    }

    /// The page behind those that came.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        id_field: &str,
        at: Position,
    ) -> Result<(Decoded<W>, bool)> {
        let (size, skip) = (self.page_size, at.came);
        let mark = if path.contains('?') { '&' } else { '?' };
        let path = format!("/api/v1.0{path}{mark}$top={size}&$skip={skip}");
        let (total, rows) = self.get(operation, &path).await?;
        let rows: Decoded<W> = decode::list(rows.get(), id_field).map_err(|error| {
            let detail = self.client.redact(&error.to_string());
            self.client.error(operation, ErrorKind::Body { detail })
        })?;
        let came = skip + rows.fetched();
        Ok((rows, came as u64 >= total))
    }

    /// Machine groups by name.
    async fn groups(&self) -> Result<HashMap<String, Group>> {
        const OPERATION: &str = "groups.list";
        let walk = Walk::<Group, Box<str>>::new(&self.client, OPERATION, move |at| {
            async move {
                let (rows, end) = self
                    .page::<Group>(OPERATION, GROUPS, "MachineGroupId", at)
                    .await?;
                Ok(Fetched::of(rows, end, |row: Group| {
                    (row.id.as_str().into(), row)
                }))
            }
            .boxed()
        });
        let groups = walk.whole().await?.into_iter();
        Ok(groups.map(|group| (group.name.clone(), group)).collect())
    }

    fn agents(&self) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "audit.list";
        let groups: Arc<OnceCell<HashMap<String, Group>>> = Arc::default();
        Box::new(Walk::<_, Box<str>>::new(
            &self.client,
            OPERATION,
            move |at| {
                let groups = Arc::clone(&groups);
                async move {
                    let groups = groups.get_or_try_init(|| self.groups()).await?;
                    let (rows, end) = self
                        .page::<Audit>(OPERATION, AUDITS, "AgentGuid", at)
                        .await?;
                    let rejected = rows.rejected;
                    let read = rows.records.into_iter().map(|row| {
                        let id = row.id.clone();
                        let device = match row.group.as_ref().and_then(|name| groups.get(name)) {
                            Some(group) if self.by_groups => Ok(row.into_device(group.id.clone())),
                            Some(group) => Ok(row.into_device(group.organization.clone())),
                            None => Err(Rejected {
                                id: Some(id.clone()),
                                field: "GroupName".to_owned(),
                                reason: "there is no machine group of that name".to_owned(),
                            }),
                        };
                        (id.into(), Some(device))
                    });
                    Ok(Fetched::singly(read.collect(), rejected, end))
                }
                .boxed()
            },
        ))
    }

    fn assets(&self) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "assets.list";
        Box::new(Walk::<_, Box<str>>::new(
            &self.client,
            OPERATION,
            move |at| {
                async move {
                    let (rows, end) = self.page::<Asset>(OPERATION, ASSETS, "AssetId", at).await?;
                    Ok(Fetched::of(rows, end, |row| {
                        (row.id.as_str().into(), row.into_device(self.by_groups))
                    }))
                }
                .boxed()
            },
        ))
    }
}

const ORGANIZATIONS: &str = "/system/orgs";
const GROUPS: &str = "/system/machinegroups";
const AUDITS: &str = "/assetmgmt/audit";
const ASSETS: &str = "/assetmgmt/assets?$filter=IsComputerAgent%20eq%20false";

impl RmmConnector for KaseyaVsa9 {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        let first = "/api/v1.0/system/orgs?$top=1";
        Box::pin(async move { self.get("check", first).await.map(drop) })
    }

    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        const OPERATION: &str = "sites.list";
        Box::new(Walk::<_, Box<str>>::new(
            &self.client,
            OPERATION,
            move |at| {
                async move {
                    if self.by_groups {
                        let (rows, end) = self
                            .page::<Group>(OPERATION, GROUPS, "MachineGroupId", at)
                            .await?;
                        return Ok(Fetched::of(rows, end, |row: Group| {
                            (row.id.as_str().into(), row.into_company())
                        }));
                    }
                    let (rows, end) = self
                        .page::<Organization>(OPERATION, ORGANIZATIONS, "OrgId", at)
                        .await?;
                    Ok(Fetched::of(rows, end, |row: Organization| {
                        (row.id.as_str().into(), row.into_company())
                    }))
                }
                .boxed()
            },
        ))
    }

    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        chained(vec![self.agents(), self.assets()])
    }
}

/// Asks for sessions: by name and password, which the server takes beside the hashed form (`seen`).
struct Session {
    header: HeaderValue,
}

/// How long a session lasts (`seen`); used where the reply does not say.
const SESSION_S: i64 = 1_800;

impl Session {
    async fn begin(&self, client: &Client) -> Result<Token> {
        const OPERATION: &str = "auth.token";
        let uri = client.uri(OPERATION, "/api/v1.0/auth")?;
        let call = Call::get(OPERATION, uri)
            .with_header(AUTHORIZATION, self.header.clone())
            .anonymous();
        let reply = client.send(&call).await.map_err(refused)?;
        // The body holds the token, so no error shows how it begins.
        let bad = |detail: &str| {
            let detail = format!("the login's reply {detail}");
            client.error(OPERATION, ErrorKind::Body { detail })
        };
        let envelope: Envelope =
            serde_json::from_slice(reply.body()).map_err(|_| bad("is no envelope"))?;
        if !envelope.is_success() {
            let message = shorten(&client.redact(&envelope.words()));
            let status = 200;
            return Err(refused(
                client.error(OPERATION, ErrorKind::Unauthorized { status, message }),
            ));
        }
        let login: Option<Login> = envelope
            .result
            .and_then(|result| serde_json::from_str(result.get()).ok());
        let login = login.ok_or_else(|| bad("has no text `Token`"))?;
        let header = sensitive(&format!("Bearer {}", login.token))
            .map_err(|_| bad("holds a token that no HTTP header can carry"))?;
        let usual = SignedDuration::from_secs(SESSION_S);
        let usual = client.now().saturating_add(usual).unwrap_or(Timestamp::MAX);
        Ok(Token {
            text: Secret::new(login.token),
            header,
            expires_at: login.session_expiration.unwrap_or(usual),
        })
    }
}

impl TokenSource for Session {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        Box::pin(self.begin(client))
    }
}

fn refused(error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::Unauthorized { status, message } => ConnectorError {
            kind: ErrorKind::Unauthorized {
                status,
                message: format!("{message}; check user_name and password"),
            },
            ..error
        },
        _ => error,
    }
}
