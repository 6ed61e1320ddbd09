//! What is said when something is refused: Graph's error bodies, and those of the token endpoint. It knows
//! no records.

use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::{Reply, Request};

const JSON: &str = "application/json; charset=utf-8";

/// A reply that is no success.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    words: Words,
    retry_after_s: Option<u64>,
}

#[derive(Debug)]
enum Words {
    Graph {
        code: &'static str,
        message: String,
    },
    /// Intune wraps its words in a document (inferred).
    Intune {
        code: &'static str,
        message: String,
    },
    Login {
        error: &'static str,
        number: u32,
        message: String,
    },
}

/// Ids that each reply carries.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    pub(super) request: String,
    pub(super) client: String,
}

impl Ids {
    /// The client's own id comes back, where it gave one (documented).
    pub(super) fn of(request: &Request, id: String) -> Self {
        let own = request.headers().get("client-request-id");
        let own = own.and_then(|own| own.to_str().ok()).map(str::to_owned);
        Self {
            client: own.unwrap_or_else(|| id.clone()),
            request: id,
        }
    }

    /// Puts both on a reply.
    pub(super) fn mark(&self, reply: &mut Reply) {
        for (name, id) in [
            ("request-id", &self.request),
            ("client-request-id", &self.client),
        ] {
            if let Ok(value) = HeaderValue::from_str(id) {
                reply.headers.insert(name, value);
            }
        }
    }
}

impl Refused {
    pub(super) fn graph(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            status,
            words: Words::Graph { code, message },
            retry_after_s: None,
        }
    }

    pub(super) fn intune(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            status,
            words: Words::Intune { code, message },
            retry_after_s: None,
        }
    }

    /// A refusal of the token endpoint, by its number (documented).
    pub(super) fn login(
        status: StatusCode,
        error: &'static str,
        number: u32,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            status,
            words: Words::Login {
                error,
                number,
                message,
            },
            retry_after_s: None,
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::graph(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(super) fn token(message: &str) -> Self {
        Self::graph(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        )
    }

    pub(super) fn too_many(retry_after_s: u64) -> Self {
        let mut refused = Self::graph(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            "Too many requests",
        );
        refused.retry_after_s = Some(retry_after_s);
        refused
    }

    /// What a status stands for where nothing more is known.
    pub(super) fn of_status(status: StatusCode, at_login: bool) -> Self {
        if at_login {
            let (error, number) = match status.as_u16() {
                401 => ("invalid_client", 7_000_215),
                503 => ("temporarily_unavailable", 90_033),
                _ => ("server_error", 90_000),
            };
            return Self::login(status, error, number, reason(status));
        }
        let code = match status.as_u16() {
            400 => "BadRequest",
            401 => "InvalidAuthenticationToken",
            403 => "Forbidden",
            404 => "ResourceNotFound",
            429 => "TooManyRequests",
            503 => "ServiceUnavailable",
            504 => "GatewayTimeout",
            _ => "InternalServerError",
        };
        Self::graph(status, code, reason(status))
    }

    /// The body.
    pub(super) fn body(&self, ids: &Ids, now: Timestamp) -> Value {
        let time = TimeZone::UTC.to_datetime(now);
        let graph = |code: &str, message: &str| {
            json!({ "error": {
                "code": code,
                "message": message,
                "innerError": {
                    "date": time.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                    "request-id": ids.request,
                    "client-request-id": ids.client,
                },
            } })
        };
        match &self.words {
            Words::Graph { code, message } => graph(code, message),
            Words::Intune { code, message } => {
                let words = json!({
                    "_version": 3,
                    "Message": format!("{message} - Operation ID (for customer support): {} - Activity ID: {}", ids.request, ids.client),
                    "CustomApiErrorPhrase": "", "RetryAfter": null, "ErrorSourceService": "", "HttpHeaders": "{}",
                });
                graph(code, &words.to_string())
            }
            Words::Login {
                error,
                number,
                message,
            } => {
                let time = time.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
                json!({
                    "error": error,
                    "error_description": format!(
                        "AADSTS{number}: {message} Trace ID: {} Correlation ID: {} Timestamp: {time}",
                        ids.request, ids.client
                    ),
                    "error_codes": [number],
                    "timestamp": time,
                    "trace_id": ids.request,
                    "correlation_id": ids.client,
                    "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
                })
            }
        }
    }

    pub(super) fn reply(&self, operation: &'static str, ids: &Ids, now: Timestamp) -> Reply {
        let body = self.body(ids, now).to_string();
        let mut reply = Reply::with_body(operation, self.status, JSON, body);
        if let Some(wait_s) = self.retry_after_s {
            reply.headers.insert(RETRY_AFTER, HeaderValue::from(wait_s));
        }
        if self.status == StatusCode::UNAUTHORIZED && matches!(self.words, Words::Graph { .. }) {
            let bearer = HeaderValue::from_static("Bearer");
            reply.headers.insert(WWW_AUTHENTICATE, bearer);
        }
        ids.mark(&mut reply);
        reply
    }
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}
