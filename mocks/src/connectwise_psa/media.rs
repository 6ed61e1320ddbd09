//! Media types: which version of the API a client asks for, and whether a body is JSON.

use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use super::fault::{Fault, FieldError};
use super::schema::Schema;
use crate::Request;

/// The version of the API that the server runs.
pub(super) const VERSION: &str = "2025.1";

/// The media type of clients that ask for no version.
pub(super) const JSON: &str = "application/json";

const VENDOR: &str = "application/vnd.connectwise.com+json";

/// The media type of a reply: the vendor's with the version that was asked for, or plain JSON for a
/// client that does not ask for it (inferred). A version that is not out yet becomes the server's.
pub(super) fn answer(request: &Request) -> HeaderValue {
    let accepts = request.headers().get_all(ACCEPT).iter();
    let mut ranges = accepts
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let asked = ranges.find_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let same = parts.next()?.eq_ignore_ascii_case(VENDOR);
        same.then(|| parts.find_map(version).unwrap_or(VERSION))
    });
    let plain = HeaderValue::from_static(JSON);
    match asked {
        None => plain,
        Some(version) => {
            HeaderValue::try_from(format!("{VENDOR}; version={version}")).unwrap_or(plain)
        }
    }
}

/// `version=2024.1`, if it is a version up to the server's.
fn version(parameter: &str) -> Option<&str> {
    let (name, version) = parameter.split_once('=')?;
    let version = version.trim().trim_matches('"');
    let number = |text: &str| -> Option<(u32, u32)> {
        let (year, release) = text.split_once('.')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits(year) && digits(release);
        Some((year.parse().ok()?, release.parse().ok()?)).filter(|_| plain)
    };
    let known = number(version)? <= number(VERSION)?;
    (known && name.trim().eq_ignore_ascii_case("version")).then_some(version)
}

/// The body of a write. A client that names no media type is taken to send JSON (inferred).
pub(super) fn body(schema: &Schema, request: &Request) -> Result<Value, Fault> {
    if let Some(media_type) = request.headers().get(CONTENT_TYPE) {
        let text = media_type.to_str().unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        let is_json = essence.ends_with("/json") || essence.ends_with("+json");
        if !is_json {
            return Err(Fault::MediaType);
        }
    }
    let refuse = |_| Fault::one(schema, FieldError::invalid("body", "JSON"));
    serde_json::from_slice(request.body()).map_err(refuse)
}
