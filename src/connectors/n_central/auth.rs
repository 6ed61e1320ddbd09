//! N-central's tokens: a user's permanent token is exchanged for one that opens something, anew whenever
//! one is needed. A refresh token is handed out beside it and left alone: the server keeps both in its
//! memory alone (`documented`), so that the permanent one has to be asked again anyway.

use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::loose::count;
use crate::connectors::client::{Call, Client, Token, TokenSource, sensitive};
use crate::connectors::{ConnectorError, ErrorKind, Result};
use crate::transport::Secret;

const OPERATION: &str = "auth.token";

/// How long a token lives where the reply does not say (`documented`: an hour).
const LIFE_S: u64 = 3_600;

/// Asks for tokens.
pub(super) struct Exchange {
    /// `Bearer …` with the permanent token.
    pub(super) bearer: HeaderValue,
}

#[derive(Deserialize)]
struct TokenReply {
    tokens: Tokens,
}

#[derive(Deserialize)]
struct Tokens {
    access: Access,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    token: String,
    #[serde(default, deserialize_with = "count")]
    expiry_seconds: Option<u64>,
}

impl Exchange {
    async fn exchange(&self, client: &Client) -> Result<Token> {
        let uri = client.uri(OPERATION, "/api/auth/authenticate")?;
        // Asking twice gives two tokens and does no harm.
        let call = Call::post(OPERATION, uri, "application/json", "")
            .with_header(AUTHORIZATION, self.bearer.clone())
            .anonymous()
            .repeatable();
        let reply = client.send(&call).await.map_err(refused)?;
        // The body holds the token, so no error shows how it begins.
        let unreadable = |detail: &str| {
            let detail = format!("the token reply {detail}");
            client.error(OPERATION, ErrorKind::Body { detail })
        };
        let reply: TokenReply = serde_json::from_slice(reply.body())
            .map_err(|_| unreadable("is no JSON with a text `tokens.access.token`"))?;
        let access = reply.tokens.access;
        let header = sensitive(&format!("Bearer {}", access.token))
            .map_err(|_| unreadable("holds a token that no HTTP header can carry"))?;
        let life_s = i64::try_from(access.expiry_seconds.unwrap_or(LIFE_S)).unwrap_or(i64::MAX);
        let life = SignedDuration::from_secs(life_s);
        Ok(Token {
            text: Secret::new(access.token),
            header,
            expires_at: client.now().saturating_add(life).unwrap_or(Timestamp::MAX),
        })
    }
}

impl TokenSource for Exchange {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        Box::pin(self.exchange(client))
    }
}

/// The permanent token dies with its user's password (`seen`).
fn refused(error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::Unauthorized { status, message } => ConnectorError {
            kind: ErrorKind::Unauthorized {
                status,
                message: format!("{message}; check jwt, which ends with its user's password"),
            },
            ..error
        },
        _ => error,
    }
}
