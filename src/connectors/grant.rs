//! Tokens by the client credentials grant of OAuth 2, asked for again whenever a new one is needed. It
//! knows no vendor.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::connectors::client::{Call, Client, Token, TokenSource, sensitive};
use crate::connectors::{ConnectorError, ErrorKind, Result};
use crate::transport::Secret;

const OPERATION: &str = "auth.token";

/// How long a token lives where the reply does not say: an hour, as is usual.
const LIFE_S: i64 = 3_600;

/// Asks for tokens.
pub(crate) struct ClientGrant<P = &'static str> {
    /// Where they are handed out.
    pub(crate) path: P,
    pub(crate) scope: &'static str,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    expires_in: Option<i64>,
}

impl<P: AsRef<str> + Sync> ClientGrant<P> {
    async fn grant(&self, client: &Client) -> Result<Token> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose())
            .append_pair("scope", self.scope)
            .finish();
        let uri = client.uri(OPERATION, self.path.as_ref())?;
        // Asking twice gives two tokens and does no harm.
        let call = Call::post(OPERATION, uri, "application/x-www-form-urlencoded", form)
            .anonymous()
            .repeatable();
        let reply = client.send(&call).await.map_err(refused)?;
        bearer(client, OPERATION, reply.body(), LIFE_S)
    }
}

/// The token in a reply of OAuth 2, which lives `life_s` seconds where the reply does not say.
pub(crate) fn bearer(
    client: &Client,
    operation: &'static str,
    body: &[u8],
    life_s: i64,
) -> Result<Token> {
    // The body holds the token, so no error shows how it begins.
    let unreadable = |detail: &str| {
        let detail = format!("the token reply {detail}");
        client.error(operation, ErrorKind::Body { detail })
    };
    let token: TokenReply = serde_json::from_slice(body)
        .map_err(|_| unreadable("is no JSON with a text `access_token`"))?;
    let header = sensitive(&format!("Bearer {}", token.access_token))
        .map_err(|_| unreadable("holds a token that no HTTP header can carry"))?;
    let life = SignedDuration::from_secs(token.expires_in.unwrap_or(life_s));
    Ok(Token {
        text: Secret::new(token.access_token),
        header,
        expires_at: client.now().saturating_add(life).unwrap_or(Timestamp::MAX),
    })
}

impl<P: AsRef<str> + Send + Sync> TokenSource for ClientGrant<P> {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        Box::pin(self.grant(client))
    }
}

/// Wrong credentials are answered 400 or 401 (`inferred`: both are usual).
fn refused(error: ConnectorError) -> ConnectorError {
    let (status, message) = match error.kind {
        ErrorKind::Status {
            status: 400,
            message,
            ..
        } => (400, message),
        ErrorKind::Unauthorized { status, message } => (status, message),
        _ => return error,
    };
    ConnectorError {
        kind: ErrorKind::Unauthorized {
            status,
            message: format!("{message}; check client_id and client_secret"),
        },
        ..error
    }
}
