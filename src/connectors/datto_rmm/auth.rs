//! Datto's token: the password grant with the API key as user, repeated whenever a new token is
//! needed; no client uses a refresh token (`seen`).

use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::AUTHORIZATION;

use crate::connectors::client::{Call, Client, Token, TokenSource};
use crate::connectors::grant::bearer;
use crate::connectors::{ConnectorError, ErrorKind, Result};
use crate::transport::Secret;

const OPERATION: &str = "auth.token";

/// `public-client:public`, the same for everybody (`documented`).
const PUBLIC_CLIENT: &str = "Basic cHVibGljLWNsaWVudDpwdWJsaWM=";

/// A token lives 100 hours (`documented`); used where the reply does not say.
const LIFE_S: i64 = 360_000;

/// Asks for tokens. Not below `/api` (`seen`).
pub(super) struct PasswordGrant {
    pub(super) api_key: Secret,
    pub(super) api_secret: Secret,
}

impl PasswordGrant {
    async fn grant(&self, client: &Client) -> Result<Token> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "password")
            .append_pair("username", self.api_key.expose())
            .append_pair("password", self.api_secret.expose())
            .finish();
        let uri = client.uri(OPERATION, "/auth/oauth/token")?;
        // Asking twice gives two tokens and does no harm.
        let call = Call::post(OPERATION, uri, "application/x-www-form-urlencoded", form)
            .with_header(AUTHORIZATION, HeaderValue::from_static(PUBLIC_CLIENT))
            .anonymous()
            .repeatable();
        let reply = client.send(&call).await.map_err(refused)?;
        bearer(client, OPERATION, reply.body(), LIFE_S)
    }
}

impl TokenSource for PasswordGrant {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        Box::pin(self.grant(client))
    }
}

/// Wrong keys are answered 400 `invalid_grant`, a wrong client 401 (`inferred`: the usual OAuth ones).
fn refused(error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::Status {
            status: 400,
            message,
            ..
        } => ConnectorError {
            kind: ErrorKind::Unauthorized {
                status: 400,
                message: format!("{message}; check api_key and api_secret"),
            },
            ..error
        },
        _ => error,
    }
}
