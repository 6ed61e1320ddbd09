//! Replies in the vendor's form: JSON, error bodies, the page of the block. Must not know routes.

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::wire::to_json;
use crate::{Reply, Request};

const JSON: &str = "application/json";

/// What the cloud provider in front of the API sends while an address is blocked (inferred; it is
/// only known that it is no error body of the API).
const BLOCKED: &str = "<html>\n<head><title>403 Forbidden</title></head>\n<body>\n\
    <center><h1>403 Forbidden</h1></center>\n<p>Your address is temporarily blocked.</p>\n\
    </body>\n</html>\n";

pub(super) fn json(operation: &'static str, value: &impl Serialize) -> Reply {
    Reply::with_body(operation, StatusCode::OK, JSON, to_json(value))
}

pub(super) fn json_bytes(operation: &'static str, body: impl Into<bytes::Bytes>) -> Reply {
    Reply::with_body(operation, StatusCode::OK, JSON, body)
}

/// JSON with a status, for the token endpoint, which words errors in its own way.
pub(super) fn json_status(
    operation: &'static str,
    status: StatusCode,
    value: &impl Serialize,
) -> Reply {
    Reply::with_body(operation, status, JSON, to_json(value))
}

/// 200 without a body, as writes without a result answer (documented).
pub(super) fn done(operation: &'static str) -> Reply {
    Reply::new(operation, StatusCode::OK)
}

/// An error: `{timestamp, status, error, path}` with the path less `/api` (documented).
pub(super) fn error(
    operation: &'static str,
    status: StatusCode,
    request: &Request,
    now: Timestamp,
) -> Reply {
    let path = request.uri().path();
    let body = ErrorBody {
        timestamp: now.as_millisecond(),
        status: status.as_u16(),
        error: status.canonical_reason().unwrap_or("Error"),
        path: path.strip_prefix("/api").unwrap_or(path),
    };
    Reply::with_body(operation, status, JSON, to_json(&body))
}

/// The answer to everything while an address is blocked.
pub(super) fn blocked(operation: &'static str) -> Reply {
    Reply::with_body(operation, StatusCode::FORBIDDEN, "text/html", BLOCKED)
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    timestamp: i64,
    status: u16,
    error: &'a str,
    path: &'a str,
}
