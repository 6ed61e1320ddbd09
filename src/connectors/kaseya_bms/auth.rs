//! The family's token: the password grant with a tenant, repeated whenever a new token is needed.

use futures_util::future::BoxFuture;
use http::header::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::connectors::client::{Call, Client, Token, TokenSource, sensitive, shorten};
use crate::connectors::values::moment;
use crate::connectors::{ConnectorError, ErrorKind, Result};
use crate::transport::Secret;

const OPERATION: &str = "auth.token";

/// Where the reply does not say how long a token lives: clients refresh every quarter of an hour
/// (`seen`).
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// Asks for tokens.
pub(super) struct PasswordGrant {
    pub(super) user_name: String,
    pub(super) password: Secret,
    pub(super) tenant: String,
}

#[derive(Deserialize)]
struct TokenReply {
    result: Option<Tokens>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    access_token: String,
    access_token_expire_on: Option<Value>,
}

#[derive(Deserialize)]
struct Refusal {
    message: Option<String>,
}

impl PasswordGrant {
    async fn grant(&self, client: &Client) -> Result<Token> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("GrantType", "password")
            .append_pair("UserName", &self.user_name)
            .append_pair("Password", self.password.expose())
            .append_pair("Tenant", &self.tenant)
            .finish();
        let uri = client.uri(OPERATION, "/v2/security/authenticate")?;
        // Asking twice gives two tokens and does no harm.
        let call = Call::post(OPERATION, uri, "application/x-www-form-urlencoded", form)
            .anonymous()
            .repeatable();
        let reply = client.send(&call).await.map_err(refused)?;
        // The body holds the token, so no error shows how it begins.
        let unreadable = |detail: &str| {
            let detail = format!("the token reply {detail}");
            client.error(OPERATION, ErrorKind::Body { detail })
        };
        let answer: TokenReply = serde_json::from_slice(reply.body())
            .map_err(|_| unreadable("is no JSON with a token"))?;
        let Some(tokens) = answer.result else {
            // A refusal may come as a success (documented for the envelope).
            let words = answer
                .error
                .and_then(|refusal| refusal.message)
                .unwrap_or_else(|| "no reason is given".to_owned());
            let words = shorten(&client.redact(&words));
            let message = format!("{words}; check user_name, password and tenant");
            let kind = ErrorKind::Unauthorized {
                status: 200,
                message,
            };
            return Err(client.error(OPERATION, kind));
        };
        let header: HeaderValue = sensitive(&format!("Bearer {}", tokens.access_token))
            .map_err(|_| unreadable("holds a token that no HTTP header can carry"))?;
        // A stamp that cannot be read is worth no login that fails.
        let end = tokens.access_token_expire_on;
        let end = end.and_then(|end| moment(end).ok().flatten());
        let default = || client.now().saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        Ok(Token {
            text: Secret::new(tokens.access_token),
            header,
            expires_at: end.unwrap_or_else(default),
        })
    }
}

impl TokenSource for PasswordGrant {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        Box::pin(self.grant(client))
    }
}

/// Wrong credentials are answered 400 (`inferred`).
fn refused(error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::Status {
            status: status @ 400,
            message,
            ..
        } => ConnectorError {
            kind: ErrorKind::Unauthorized {
                status,
                message: format!("{message}; check user_name, password and tenant"),
            },
            ..error
        },
        _ => error,
    }
}
