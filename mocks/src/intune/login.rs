//! The token endpoint: an application asks for a token of one tenant, where it needs that tenant's
//! consent. It knows tenants by name and nothing of what stands in them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::refusal::Refused;
use super::store::{Store, TenantId};
use crate::Request;
use crate::kit::{Tokens, draw_guid, guid};

/// How long a token lives, as it says itself (documented).
pub(super) const TOKEN_S: u32 = 3_599;

/// The one thing that can be asked for with a secret: whatever was consented to (documented).
const SCOPE: &str = "https://graph.microsoft.com/.default";

/// The application, and the tokens that it was given, by tenant.
#[derive(Debug)]
pub(super) struct Login {
    seed: u64,
    client_id: String,
    client_secret: String,
    given: Mutex<BTreeMap<TenantId, Tokens>>,
}

impl Login {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let secret = Tokens::new(seed ^ 0x49_4e_54_55, 1).issue(now);
        Self {
            seed,
            client_id: guid(draw_guid(seed, "application", "")),
            // Secrets have a tilde in them (seen).
            client_secret: format!("{}~{}", &secret[..3], &secret[3..]),
            given: Mutex::default(),
        }
    }

    pub(super) fn credentials(&self, partner: &str) -> BTreeMap<String, String> {
        [
            ("tenant_id", partner),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Hands out a token.
    pub(super) fn answer(
        &self,
        store: &Store,
        tenant: &str,
        request: &Request,
        now: Timestamp,
    ) -> Result<Value, Refused> {
        let form: BTreeMap<String, String> = form_urlencoded::parse(request.body())
            .into_owned()
            .collect();
        let bad = |error, number, message: &str| {
            Refused::login(StatusCode::BAD_REQUEST, error, number, message)
        };
        let given = |name: &str| {
            let value = form.get(name).filter(|value| !value.is_empty());
            value.map(String::as_str).ok_or_else(|| {
                let message =
                    format!("The request body must contain the following parameter: '{name}'.");
                bad("invalid_request", 900_144, &message)
            })
        };
        if given("grant_type")? != "client_credentials" {
            let message = "The app requested an unsupported grant type.";
            return Err(bad("unsupported_grant_type", 70_003, message));
        }
        let client_id = given("client_id")?;
        let Some(id) = store.tenant_named(tenant) else {
            let message = format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
            );
            return Err(bad("invalid_request", 90_002, &message));
        };
        let name = store.guid_of(id);
        if client_id != self.client_id || !store.consents(id) {
            let message = format!(
                "Application with identifier '{client_id}' was not found in the directory '{name}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
            );
            return Err(bad("unauthorized_client", 700_016, &message));
        }
        let scope = given("scope")?;
        if scope != SCOPE {
            let message = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            );
            return Err(bad("invalid_scope", 1_002_012, &message));
        }
        let unknown = |number, message: &str| {
            Refused::login(StatusCode::UNAUTHORIZED, "invalid_client", number, message)
        };
        match form.get("client_secret") {
            None => {
                let message = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
                return Err(unknown(7_000_216, message));
            }
            Some(secret) if *secret != self.client_secret => {
                let message = format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
                );
                return Err(unknown(7_000_215, &message));
            }
            Some(_) => {}
        }
        Ok(json!({
            "token_type": "Bearer", "expires_in": TOKEN_S, "ext_expires_in": TOKEN_S,
            "access_token": self.issue(id, &name, now),
        }))
    }

    /// A token in the form of a JWT that says whose it is. Its last part is what makes it good, and is known
    /// for that tenant alone.
    fn issue(&self, tenant: TenantId, name: &str, now: Timestamp) -> String {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = draw_guid(self.seed, "tokens", name) as u64;
        let tokens = given
            .entry(tenant)
            .or_insert_with(|| Tokens::new(seed, TOKEN_S));
        let signature = tokens.issue(now);
        let begin = now.as_second();
        let head = json!({ "typ": "JWT", "alg": "RS256" });
        let claims = json!({
            "aud": "https://graph.microsoft.com", "iss": format!("https://sts.windows.net/{name}/"),
            "iat": begin, "nbf": begin, "exp": begin + i64::from(TOKEN_S), "appid": self.client_id,
            "idtyp": "app", "roles": ["DeviceManagementManagedDevices.Read.All", "Directory.Read.All"],
            "tid": name,
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{signature}", part(head), part(claims))
    }

    /// The tenant whose token a request carries.
    pub(super) fn tenant(
        &self,
        store: &Store,
        request: &Request,
        now: Timestamp,
    ) -> Result<TenantId, Refused> {
        let header = request.headers().get(AUTHORIZATION);
        let header = header.and_then(|header| header.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let Some(token) = token.map(str::trim).filter(|token| !token.is_empty()) else {
            return Err(Refused::token("Access token is empty."));
        };
        let malformed =
            || Refused::token("IDX14100: JWT is not well formed, there are no dots (.).");
        let mut parts = token.split('.');
        let (Some(_), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| malformed())?;
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| malformed())?;
        let tenant = claims["tid"].as_str().and_then(|id| store.tenant_named(id));
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        tenant
            .filter(|tenant| {
                let tokens = given.get(tenant);
                tokens.is_some_and(|tokens| tokens.accepts(signature, now))
            })
            .ok_or_else(|| Refused::token("Lifetime validation failed, the token is expired."))
    }
}
