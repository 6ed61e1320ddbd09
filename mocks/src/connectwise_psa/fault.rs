//! Refusals, with the vendor's bodies: `{"code", "message", "errors"}`. The envelope and the statuses
//! are documented, `MissingRequiredField` and `OutOfRange` were seen, the other codes are inferred.

use http::StatusCode;
use http::header::{ALLOW, HeaderValue, RETRY_AFTER};

use super::json::write_text;
use super::schema::Schema;
use crate::Reply;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The path names no codebase or company that is here: text, not JSON.
    Route,
    /// No route, or no such record.
    NotFound { label: &'static str, id: u64 },
    /// No such resource.
    NoResource,
    /// Wrong or missing keys.
    Unauthorized,
    /// No `clientId`.
    NoClientId,
    /// The resource does not take this verb; it takes these.
    Method(&'static str),
    /// A body that is not JSON by its media type.
    MediaType,
    /// The record is referred to.
    InUse { noun: &'static str },
    /// A parameter that cannot be read.
    Parameter(String),
    /// A body that is refused.
    Invalid {
        noun: &'static str,
        errors: Vec<FieldError>,
    },
    /// A URL longer than the vendor takes.
    LongUrl,
    /// Too many requests.
    TooMany { retry_after_s: u64 },
    /// The server broke.
    Server,
}

/// What is wrong with one field of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    pub code: &'static str,
    pub message: String,
    pub field: String,
}

impl FieldError {
    pub(super) fn new(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: field.to_owned(),
        }
    }

    pub(super) fn required(field: &str) -> Self {
        let message = format!("The {field} field is required.");
        Self::new("MissingRequiredField", field, message)
    }

    pub(super) fn out_of_range(field: &str, length_max: usize) -> Self {
        let message =
            format!("The field {field} must be a string with a maximum length of {length_max}.");
        Self::new("OutOfRange", field, message)
    }

    pub(super) fn invalid(field: &str, wanted: &str) -> Self {
        Self::new(
            "InvalidParameter",
            field,
            format!("The {field} field must be {wanted}."),
        )
    }
}

impl Fault {
    /// A body with one thing wrong.
    pub(super) fn one(schema: &Schema, error: FieldError) -> Self {
        Self::Invalid {
            noun: schema.noun,
            errors: vec![error],
        }
    }

    /// A fault of the given status, for errors that are made up. `None` when the vendor's form for
    /// it is not known.
    pub(super) fn of(status: StatusCode) -> Option<Self> {
        Some(match status {
            StatusCode::BAD_REQUEST => Self::Parameter("The request is not valid".to_owned()),
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::NoClientId,
            StatusCode::NOT_FOUND => Self::NoResource,
            StatusCode::CONFLICT => Self::InUse { noun: "record" },
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::MediaType,
            StatusCode::TOO_MANY_REQUESTS => Self::TooMany { retry_after_s: 30 },
            StatusCode::INTERNAL_SERVER_ERROR => Self::Server,
            _ => return None,
        })
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Route | Self::Parameter(_) | Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::NotFound { .. } | Self::NoResource => StatusCode::NOT_FOUND,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoClientId => StatusCode::FORBIDDEN,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InUse { .. } => StatusCode::CONFLICT,
            Self::LongUrl => StatusCode::URI_TOO_LONG,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Server => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The reply.
    pub(super) fn reply(&self, operation: &'static str) -> Reply {
        let status = self.status();
        if *self == Self::Route {
            let text = "Cannot route. Codebase/company is invalid";
            return Reply::with_body(operation, status, "text/plain", text);
        }
        let mut reply = Reply::with_body(operation, status, "application/json", self.body());
        match self {
            Self::TooMany { retry_after_s } => {
                let seconds = HeaderValue::from(*retry_after_s);
                reply.headers.insert(RETRY_AFTER, seconds);
            }
            Self::Method(allow) => {
                let allow = HeaderValue::from_static(allow);
                reply.headers.insert(ALLOW, allow);
            }
            _ => {}
        }
        reply
    }

    /// The envelope: also what a bulk result carries as the error of one element.
    pub(super) fn body(&self) -> Vec<u8> {
        if let Self::TooMany { retry_after_s } = self {
            return format!(
                "{{\"error\":\"ConnectWiseAPI\",\"message\":\"Too many requests. Please try again in {retry_after_s} seconds.\"}}"
            )
            .into_bytes();
        }
        let (code, message) = self.words();
        let mut out = b"{\"code\":".to_vec();
        write_text(code, &mut out);
        out.extend_from_slice(b",\"message\":");
        write_text(&message, &mut out);
        out.extend_from_slice(b",\"errors\":");
        match self {
            Self::Invalid { noun, errors } => write_errors(noun, errors, &mut out),
            _ => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        out
    }

    fn words(&self) -> (&'static str, String) {
        match self {
            Self::Route | Self::TooMany { .. } => ("InvalidRequest", String::new()),
            Self::NotFound { label, id } => ("NotFound", format!("{label} {id} not found")),
            Self::NoResource => ("NotFound", "Resource not found".to_owned()),
            Self::Unauthorized => (
                "Unauthorized",
                "The credentials are missing or not valid".to_owned(),
            ),
            Self::NoClientId => ("Security", "A clientId header is required".to_owned()),
            Self::Method(_) => (
                "MethodNotAllowed",
                "The requested resource does not support this method".to_owned(),
            ),
            Self::MediaType => (
                "UnsupportedMediaType",
                "The request's media type is not supported".to_owned(),
            ),
            Self::InUse { noun } => (
                "Conflict",
                format!("{noun} cannot be deleted because it is in use"),
            ),
            Self::Parameter(message) => ("InvalidParameter", message.clone()),
            Self::Invalid { noun, .. } => ("InvalidObject", format!("{noun} object is invalid")),
            Self::Server => (
                "InternalError",
                "An unexpected error has occurred".to_owned(),
            ),
            Self::LongUrl => (
                "InvalidRequest",
                "The URL is longer than 10000 characters; use a search".to_owned(),
            ),
        }
    }
}

fn write_errors(noun: &str, errors: &[FieldError], out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, error) in errors.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let mut writer = super::json::Writer::new(out);
        writer.text("code", error.code);
        writer.text("message", &error.message);
        writer.text("resource", noun);
        writer.text("field", &error.field);
        writer.finish();
    }
    out.push(b']');
}
