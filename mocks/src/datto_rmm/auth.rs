//! The password grant. Must not know what a token opens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde::Serialize;

use super::reply;
use crate::kit::Tokens;
use crate::{Reply, Request};

const OPERATION: &str = "auth.token";

/// The public client that every integration names itself as (documented).
const CLIENT: &str = "public-client:public";

/// Life of a token in seconds: 100 hours (documented), less the second that has passed when the
/// reply is made (seen).
const EXPIRES_IN_S: u32 = 359_999;

/// What gets a client in.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) api_key: String,
    pub(super) api_secret: String,
    /// Also takes the client-credentials grant that one published client wrongly sends.
    pub(super) accept_client_credentials: bool,
}

/// Tokens with the documented life.
pub(super) const fn tokens(seed: u64) -> Tokens {
    Tokens::new(seed, EXPIRES_IN_S + 1)
}

/// Answers a request for a token. Errors are worded as Spring's OAuth server does (inferred).
pub(super) fn grant(request: &Request, keys: &Keys, tokens: &mut Tokens, now: Timestamp) -> Reply {
    let form: Vec<(String, String)> = form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let field = |name: &str| {
        form.iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    };
    let basic = basic_credentials(request);
    let grant_type = field("grant_type");
    let good = match grant_type {
        Some("client_credentials") if keys.accept_client_credentials => {
            basic == Some(format!("{}:{}", keys.api_key, keys.api_secret))
        }
        _ if basic.as_deref() != Some(CLIENT) => {
            let message = "Full authentication is required to access this resource";
            return refusal(StatusCode::UNAUTHORIZED, "unauthorized", message);
        }
        Some("password") => {
            field("username") == Some(&keys.api_key) && field("password") == Some(&keys.api_secret)
        }
        Some(other) => {
            let message = format!("Unsupported grant type: {other}");
            return refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type", &message);
        }
        None => {
            return refusal(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Missing grant type",
            );
        }
    };
    if !good {
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant", "Bad credentials");
    }
    let token = tokens.issue(now);
    let body = Granted {
        refresh_token: format!("r{token}"),
        jti: token.chars().rev().collect(),
        access_token: token,
        token_type: "bearer",
        expires_in: EXPIRES_IN_S,
        scope: "write read",
    };
    reply::json(OPERATION, &body)
}

/// Whether a request carries a token that is good now.
pub(super) fn authorized(request: &Request, tokens: &Tokens, now: Timestamp) -> bool {
    request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && tokens.accepts(token.trim(), now)
        })
}

fn basic_credentials(request: &Request) -> Option<String> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()
}

fn refusal(status: StatusCode, error: &str, error_description: &str) -> Reply {
    #[derive(Serialize)]
    struct Refusal<'a> {
        error: &'a str,
        error_description: &'a str,
    }
    let body = Refusal {
        error,
        error_description,
    };
    reply::json_status(OPERATION, status, &body)
}

#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    refresh_token: String,
    expires_in: u32,
    scope: &'static str,
    jti: String,
}
