//! Automate's token: a user's login, and its refresh as long as the token before is good. A user who has a
//! second factor cannot log in this way.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::connectors::client::{Call, Client, Token, TokenSource, sensitive};
use crate::connectors::values::moment;
use crate::connectors::{ConnectorError, ErrorKind, Result};
use crate::transport::Secret;

const LOGIN: &str = "auth.token";
const REFRESH: &str = "auth.refresh";

/// Where the reply does not say how long a token lives: an hour (`seen` in a client's manual).
const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Asks for tokens.
pub(super) struct Login {
    user_name: String,
    password: Secret,
    /// The token before, and when it ends.
    held: Mutex<Option<(Secret, Timestamp)>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TokenResult {
    access_token: Option<String>,
    expiration_date: Option<Value>,
    is_two_factor_required: Option<bool>,
}

impl Login {
    pub(super) fn new(user_name: String, password: Secret) -> Self {
        Self {
            user_name,
            password,
            held: Mutex::new(None),
        }
    }

    async fn token(&self, client: &Client) -> Result<Token> {
        let held = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.take()
        };
        let good = held.filter(|(_, end)| client.now() < *end);
        let token = match good {
            Some((token, _)) => self.refresh(client, &token).await?,
            None => None,
        };
        let token = match token {
            Some(token) => token,
            None => self.log_in(client).await?,
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some((token.text.clone(), token.expires_at));
        drop(held);
        Ok(token)
    }

    /// The body is the token as a JSON text (`seen`). None when the vendor will not.
    async fn refresh(&self, client: &Client, token: &Secret) -> Result<Option<Token>> {
        let body = json!(token.expose()).to_string();
        match self.ask(client, REFRESH, "/apitoken/refresh", body).await {
            Ok(token) => Ok(Some(token)),
            // The login will tell what is wrong, and repeats no token.
            Err(error) => match error.kind {
                ErrorKind::Transport(_) | ErrorKind::RateLimited { .. } => Err(error),
                _ => Ok(None),
            },
        }
    }

    async fn log_in(&self, client: &Client) -> Result<Token> {
        let body = json!({ "UserName": self.user_name, "Password": self.password.expose() });
        let asked = self.ask(client, LOGIN, "/apitoken", body.to_string());
        asked.await.map_err(refused)
    }

    async fn ask(
        &self,
        client: &Client,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Token> {
        let uri = client.uri(operation, path)?;
        // Asking twice gives two tokens and does no harm.
        let call = Call::post(operation, uri, "application/json", body)
            .anonymous()
            .repeatable();
        let reply = client.send(&call).await?;
        // The body holds the token, so no error shows how it begins.
        let unreadable = |detail: &str| {
            let detail = format!("the token reply {detail}");
            client.error(operation, ErrorKind::Body { detail })
        };
        let answer: TokenResult = serde_json::from_slice(reply.body())
            .map_err(|_| unreadable("is no JSON with a text `AccessToken`"))?;
        let Some(token) = answer.access_token.filter(|token| !token.is_empty()) else {
            if answer.is_two_factor_required == Some(true) {
                let message = "the user has a second factor; give the integration one without";
                let kind = ErrorKind::Unauthorized {
                    status: reply.status().as_u16(),
                    message: message.to_owned(),
                };
                return Err(client.error(operation, kind));
            }
            return Err(unreadable("holds no token"));
        };
        let header = sensitive(&format!("Bearer {token}"))
            .map_err(|_| unreadable("holds a token that no HTTP header can carry"))?;
        // A date that cannot be read is worth no login that fails.
        let end = answer.expiration_date;
        let end = end.and_then(|end| moment(end).ok().flatten());
        let default = || client.now().saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        Ok(Token {
            text: Secret::new(token),
            header,
            expires_at: end.unwrap_or_else(default),
        })
    }
}

impl TokenSource for Login {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        Box::pin(self.token(client))
    }
}

/// Wrong credentials are answered 401 (`inferred`), and so is a client id that nobody registered.
fn refused(error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::Unauthorized {
            status: status @ 401,
            message,
        } => ConnectorError {
            kind: ErrorKind::Unauthorized {
                status,
                message: format!("{message}; check user_name, password and client_id"),
            },
            ..error
        },
        _ => error,
    }
}
