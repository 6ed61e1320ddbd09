//! Tigerpaw: REST API -> model. Accounts and active contacts; locations are the addresses of both.
//! Requests are signed one by one. It knows the vendor's contract and nothing of the account.
//!
//! What changed cannot be asked for: no model has a stamp of a change (`documented`, by absence).

mod sign;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use futures_util::{FutureExt as _, TryStreamExt as _};
use http::Method;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;

use super::client::{Auth, Call, Client, ClientSetup, shorten, unreadable};
use super::decode::{self, Decoded};
use super::setup::check_page_size;
use super::walk::{Fetched, Walk};
use super::{
    ConnectorError, ConnectorSetupError, ErrorKind, Page, PageStream, Pages, Places,
    PsaCapabilities, PsaConnector, Rejected, Result,
};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::{BaseUrl, CallStats, Clock, RetryPolicy, Secret, Transport};
use sign::Signer;
use wire::{Account, Address, Contact, Detail, Entry};

/// What a connector is made of.
pub struct TigerpawConfig {
    /// Scheme, host and port (`https://api2.tigerpawsoftware.com`).
    pub base_url: String,
    /// The rep's public key.
    pub public_key: String,
    /// The rep's private key.
    pub private_key: Secret,
    /// Records in one page, 1 to [`Tigerpaw::LARGEST_PAGE`].
    pub page_size: u32,
    /// Contacts that are read at the same time. Zero counts as one.
    pub contact_concurrency: u32,
    /// When to repeat.
    pub retry: RetryPolicy,
}

impl fmt::Debug for TigerpawConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys are left out.
        formatter
            .debug_struct("TigerpawConfig")
            .field("base_url", &self.base_url)
            .field("page_size", &self.page_size)
            .field("contact_concurrency", &self.contact_concurrency)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// Reads a Tigerpaw.
///
/// A location is an address: that of an account (`account-1052932`), and each other one of its active
/// contacts (`contact-2051`, after the first contact that has it). Its first line is its name. An
/// address without a first line is none.
#[derive(Debug)]
pub struct Tigerpaw {
    client: Client,
    signer: Signer,
    page_size: u32,
    contact_concurrency: usize,
}

impl Tigerpaw {
    /// The vendor's slug.
    pub const VENDOR: &str = "tigerpaw";

    /// What its API can give, as the documentation product maps it (documented).
    pub const CAPABILITIES: PsaCapabilities = PsaCapabilities {
        configurations: false,
        two_way: false,
        locations: Places::Addresses,
        active_contacts_only: true,
        without: &[
            (RecordKind::Organization, &["parent_id"]),
            (RecordKind::Contact, &["contact_type"]),
        ],
        own_form: &[(RecordKind::Contact, &["emails", "phones"])],
        ..PsaCapabilities::WHOLE
    };

    /// The largest page (inferred).
    pub const LARGEST_PAGE: u32 = 100;

    /// Contacts that are read at the same time, when nothing else is said.
    pub const CONTACT_CONCURRENCY: u32 = 4;

    /// A connector. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorSetupError`] when the base URL or the page size cannot be used.
    pub fn new(
        config: TigerpawConfig,
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
        let json = HeaderValue::from_static(JSON);
        let client = Client::new(ClientSetup {
            vendor: Self::VENDOR,
            base,
            headers: HeaderMap::from_iter([(ACCEPT, json)]),
            auth: Auth::Headers(HeaderMap::new()),
            secrets: vec![
                config.private_key.clone(),
                Secret::new(config.public_key.clone()),
            ],
            retry: config.retry,
            block_ms: None,
            limit: None,
            transport,
            clock,
            seed,
        });
        Ok(Self {
            client,
            signer: Signer {
                public_key: config.public_key,
                private_key: config.private_key,
            },
            page_size: config.page_size,
            contact_concurrency: config.contact_concurrency.max(1) as usize,
        })
    }

    async fn send<W: DeserializeOwned>(&self, mut call: Call) -> Result<W> {
        self.signer.sign(&mut call, self.client.now());
        let reply = self.client.send(&call).await?;
        let body_error = |detail: &str| {
            let detail = self.client.redact(detail);
            self.client
                .error(call.operation, ErrorKind::Body { detail })
        };
        let body: &RawValue = serde_json::from_slice(reply.body())
            .map_err(|error| body_error(&unreadable(&reply, &error)))?;
        // A refusal comes as a success (documented).
        if let Ok(verdict) = serde_json::from_str::<Verdict>(body.get())
            && verdict.success == Some(false)
        {
            let words = verdict.message.filter(|words| !words.is_empty());
            let words = words.unwrap_or_else(|| "no reason is given".to_owned());
            let words = shorten(&self.client.redact(&words));
            return Err(body_error(&format!("the product says no: {words}")));
        }
        serde_json::from_str(body.get()).map_err(|error| body_error(&unreadable(&reply, &error)))
    }

    async fn get<W: DeserializeOwned>(&self, operation: &'static str, path: &str) -> Result<W> {
        let uri = self.client.uri(operation, path)?;
        self.send(Call::get(operation, uri)).await
    }

    /// A page of everything: accounts and contacts all have an account number. The product says
    /// which row comes next, since it need not give as many as are asked for.
    async fn page<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        next_row: &AtomicU64,
    ) -> Result<(Decoded<W>, bool)> {
        let size = self.page_size;
        let search = json!({
            "Criteria": [{
                "SearchType": "AccountNumber", "MatchType": "GreaterThan", "Criteria": "0",
            }],
            "PageSize": size,
            "StartRow": next_row.load(Ordering::Relaxed),
        });
        let uri = self.client.uri(operation, path)?;
        let call = Call::post(operation, uri, JSON, search.to_string()).repeatable();
        let found: Found = self.send(call).await?;
        let (rows, id) = match (&found.accounts, &found.contacts) {
            (Some(rows), _) => (rows.get(), "AccountNumber"),
            (None, Some(rows)) => (rows.get(), "ContactNumber"),
            (None, None) if found.success == Some(true) => ("[]", "Id"),
            // A reply that holds no list must not pass for an empty one.
            (None, None) => ("null", "Id"),
        };
        let rows: Decoded<W> = decode::list(rows, id).map_err(|error| {
            let detail = self.client.redact(&error.to_string());
            self.client.error(operation, ErrorKind::Body { detail })
        })?;
        let next = found.next_row.unwrap_or(0);
        next_row.store(next, Ordering::Relaxed);
        let end = next == 0 || rows.fetched() == 0;
        Ok((rows, end))
    }

    async fn types(&self, operation: &'static str, list: &str) -> Result<Vec<RemoteType>> {
        let path = format!("/api/mastertables/accounts/{list}");
        let found: Entries = self.get(operation, &path).await?;
        Ok(found.entries.into_iter().map(Entry::into_type).collect())
    }

    /// All accounts or all active contacts: what stands where can be told only from all of them.
    async fn all<W: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        path: &'static str,
        id: fn(&W) -> i64,
    ) -> Result<Vec<W>> {
        let next_row = first_row();
        let walk = Walk::new(&self.client, operation, move |_| {
            let next_row = Arc::clone(&next_row);
            async move {
                let (rows, end) = self.page::<W>(operation, path, &next_row).await?;
                Ok(Fetched::of(rows, end, |row| (id(&row), row)).told_elsewhere())
            }
            .boxed()
        });
        walk.whole().await
    }

    /// Which location an address is, by account and address.
    async fn locations_now(&self) -> Result<Atlas> {
        let accounts = self.all(ACCOUNTS_LIST, ACCOUNTS, |row: &Account| row.id);
        let mut atlas = Atlas::default();
        for account in accounts.await? {
            let number = account.id;
            if account.account.address.is_somewhere() {
                let place = (number, account.account.address.clone());
                atlas.ids.insert(place, format!("account-{number}"));
                atlas.rows.push(account.into_location());
            }
        }
        let contacts = self.all(CONTACTS_LIST, CONTACTS, |row: &Contact| row.id);
        for contact in contacts.await? {
            let Some(number) = contact.contact.account_number else {
                continue;
            };
            let address = &contact.contact.address;
            let place = (number, address.clone());
            if !contact.is_active() || !address.is_somewhere() || atlas.ids.contains_key(&place) {
                continue;
            }
            let id = format!("contact-{}", contact.id);
            atlas.ids.insert(place, id.clone());
            let location = address.clone().into_location(id, number.to_string());
            atlas.rows.push(location);
        }
        Ok(atlas)
    }

    /// Active contacts of a page, with all their addresses and numbers, so many at a time.
    async fn whole_contacts(
        &self,
        rows: Decoded<Contact>,
        atlas: &Atlas,
        end: bool,
    ) -> Result<Fetched<RemoteContact>> {
        let read = rows.records.into_iter().map(|row| async move {
            let id = row.id;
            if !row.is_active() {
                return Ok((id, None));
            }
            let whole = self.whole_contact(row).await?;
            let record = whole.map(|whole| {
                whole.map(|(contact, detail)| {
                    let account = contact.contact.account_number.unwrap_or_default();
                    let place = (account, contact.contact.address.clone());
                    let location = atlas.ids.get(&place).cloned();
                    contact.into_record(detail, location)
                })
            });
            Ok((id, record))
        });
        let read = stream::iter(read).buffered(self.contact_concurrency);
        let read = read.try_collect().await?;
        Ok(Fetched::singly(read, rows.rejected, end))
    }

    /// The details of a contact; nothing when it was deleted since.
    async fn whole_contact(
        &self,
        contact: Contact,
    ) -> Result<Option<Result<(Contact, Detail), Rejected>>> {
        const OPERATION: &str = "contacts.get";
        let path = format!("/api/contacts/{}/details", contact.id);
        let detail: Box<RawValue> = match self.get(OPERATION, &path).await {
            Ok(detail) => detail,
            Err(ConnectorError {
                kind: ErrorKind::NotFound { .. },
                ..
            }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(match decode::one::<Detail>(detail.get()) {
            Ok(detail) => Ok((contact, detail)),
            Err((field, reason)) => Err(Rejected {
                id: Some(contact.id.to_string()),
                field,
                reason,
            }),
        }))
    }
}

const JSON: &str = "application/json";
const ACCOUNTS: &str = "/api/accounts/search";
const ACCOUNTS_LIST: &str = "companies.list";
const CONTACTS: &str = "/api/contacts/search";
const CONTACTS_LIST: &str = "contacts.list";

/// Every location there is now.
#[derive(Debug, Default)]
struct Atlas {
    ids: BTreeMap<(i64, Address), String>,
    rows: Vec<RemoteLocation>,
}

/// Where every walk begins.
fn first_row() -> Arc<AtomicU64> {
    Arc::new(AtomicU64::new(1))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    success: Option<bool>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    accounts: Option<Box<RawValue>>,
    contacts: Option<Box<RawValue>>,
    next_row: Option<u64>,
    success: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entries {
    entries: Vec<Entry>,
}

/// All locations of the organizations asked for, in one page.
struct LocationWalk<'a> {
    api: &'a Tigerpaw,
    wanted: Option<BTreeSet<String>>,
}

impl Pages<RemoteLocation> for LocationWalk<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteLocation>>>> {
        Box::pin(async move {
            let Some(wanted) = self.wanted.take().filter(|wanted| !wanted.is_empty()) else {
                return Ok(None);
            };
            let mut records = self.api.locations_now().await?.rows;
            records.retain(|row| wanted.contains(&row.organization_id));
            let page = Page {
                records,
                rejected: Vec::new(),
                ..Page::default()
            };
            Ok((!page.records.is_empty()).then_some(page))
        })
    }
}

impl PsaConnector for Tigerpaw {
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
            let path = "/api/diagnostics/validate/user";
            self.get::<serde_json::Value>("check", path).await.map(drop)
        })
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.types("company_types.list", "types"))
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(self.types("company_statuses.list", "statuses"))
    }

    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        let next_row = first_row();
        Box::new(Walk::new(&self.client, ACCOUNTS_LIST, move |_| {
            let next_row = Arc::clone(&next_row);
            async move {
                let rows = self.page::<Account>(ACCOUNTS_LIST, ACCOUNTS, &next_row);
                let (rows, end) = rows.await?;
                Ok(Fetched::of(rows, end, |row| (row.id, row.into_record())))
            }
            .boxed()
        }))
    }

    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        Box::new(LocationWalk {
            api: self,
            wanted: Some(organization_ids.into_iter().collect()),
        })
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        let atlas: Arc<tokio::sync::OnceCell<Atlas>> = Arc::default();
        let next_row = first_row();
        Box::new(Walk::new(&self.client, CONTACTS_LIST, move |_| {
            let (atlas, next_row) = (Arc::clone(&atlas), Arc::clone(&next_row));
            async move {
                let atlas = atlas.get_or_try_init(|| self.locations_now()).await?;
                let rows = self.page::<Contact>(CONTACTS_LIST, CONTACTS, &next_row);
                let (rows, end) = rows.await?;
                self.whole_contacts(rows, atlas, end).await
            }
            .boxed()
        }))
    }

    /// It syncs none.
    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        let none = |_| std::future::ready(Ok(Fetched::none())).boxed();
        Box::new(Walk::new(&self.client, "configurations.list", none))
    }
}

/// The method as it stands in what is signed.
fn word(method: &Method) -> String {
    method.as_str().to_lowercase()
}
