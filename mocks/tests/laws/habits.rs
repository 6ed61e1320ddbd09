//! What the laws must know of a vendor. Words, not machinery: each method is a fact of its contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use super::desk::Desk;

/// Credentials by the vendor's own names.
pub(crate) type Credentials = BTreeMap<String, String>;

/// How a client is let in once it has logged in; a vendor without a login keeps its credentials here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    /// Headers of every request.
    pub(crate) headers: HeaderMap,
    /// What requests are signed with, where headers differ from request to request.
    pub(crate) credentials: Credentials,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lifetime {
    /// So many seconds.
    Seconds(i64),
    /// So many seconds from its last use, and so many at most.
    Sliding {
        /// Without being used.
        idle_s: i64,
        /// However much it is used.
        most_s: i64,
    },
    /// It does not end; why.
    Endless(&'static str),
}

/// A list of records.
pub(crate) struct List {
    /// Its name in `counts()`.
    pub(crate) name: &'static str,
    /// What the world calls its records; none for lists of the vendor's own.
    pub(crate) kind: Option<Kind>,
    /// The largest page; 0 when the vendor alone decides.
    pub(crate) largest: usize,
    /// The request for the first page of so many records.
    pub(crate) first: fn(size: usize) -> Request,
    /// The request for the page after this one; none at the end.
    pub(crate) next: fn(request: &Request, reply: &Reply, size: usize) -> Option<Request>,
    /// The ids on a page, as `truth()` has them.
    pub(crate) ids: fn(page: &Value) -> Vec<String>,
    /// How pages behave when records come and go meanwhile.
    pub(crate) style: Style,
    /// Ids that stand in the list and are no record of the world (the vendor's own pseudo-records).
    pub(crate) own: fn(id: &str, page: &Value) -> bool,
}

/// How pages are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// By the last id: a record that stands throughout is delivered once, whatever comes and goes.
    Cursor,
    /// By number: each removal before the reader may hide one record from it, and no more.
    Number,
}

/// A limit on requests.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    /// Requests allowed.
    pub(crate) requests: u64,
    /// In so many seconds.
    pub(crate) window_s: i64,
    /// Whether a reply says that there were too many: a refusal, or a delay.
    pub(crate) refused: fn(&Reply) -> bool,
    /// Whether a refusal says when to come back.
    pub(crate) retry_after: bool,
    /// How long it is until the vendor answers again, in seconds.
    pub(crate) recovers_s: i64,
}

/// A record's name and another of its fields.
pub(crate) type Shown = (String, Option<String>);

/// A record that a client makes.
pub(crate) struct Writing {
    /// What the world calls it.
    pub(crate) kind: Kind,
    /// Makes it; gives its id.
    pub(crate) create: fn(desk: &Desk<'_>) -> String,
    /// Reads it: its name and another of its fields.
    pub(crate) read: fn(desk: &Desk<'_>, id: &str) -> Option<Shown>,
    /// Gives it this other field, and says nothing of its name.
    pub(crate) update: fn(desk: &Desk<'_>, id: &str, value: &str),
}

/// A vendor's habits.
pub(crate) trait Habits: Sync {
    /// Who it is.
    fn vendor(&self) -> Vendor;

    /// Logs in; the vendor's reply when it refuses. Vendors without a login let everybody try.
    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply>;

    /// Makes a request one of this session's.
    fn sign(&self, session: &Session, request: &mut Request, _now: Timestamp) {
        request.headers_mut().extend(session.headers.clone());
    }

    /// The credential that is tried wrong.
    fn secret(&self) -> &'static str;

    /// How long a session lasts.
    fn lifetime(&self) -> Lifetime;

    /// The lists that a sync reads.
    fn lists(&self) -> Vec<List>;

    /// Whether a record of the list's kind stands in this list, where several lists have records of one
    /// kind.
    fn is_listed(&self, _list: &List, _id: &str) -> bool {
        true
    }

    /// A request for one record.
    fn one(&self, kind: Kind, id: &str) -> Request;

    /// An id that no record has.
    fn nobody(&self) -> &'static str;

    /// Whether a reply to a request for a missing record is what the vendor says of one.
    fn is_missing(&self, reply: &Reply) -> bool {
        reply.status == http::StatusCode::NOT_FOUND
    }

    /// Requests that the vendor refuses as badly put.
    fn malformed(&self) -> Vec<Request>;

    /// What refusals look like: the body's form.
    fn is_error(&self, reply: &Reply) -> bool;

    /// The limit; none with the reason.
    fn limit(&self) -> Result<Limit, &'static str>;

    /// What clients can write; none with the reason.
    fn writings(&self) -> Result<Vec<Writing>, &'static str>;
}

/// A request without a body.
pub(crate) fn get(path: impl AsRef<str>) -> Request {
    request("GET", path, Bytes::new())
}

/// A request with JSON.
pub(crate) fn send(method: &str, path: impl AsRef<str>, body: &Value) -> Request {
    let mut request = request(method, path, body.to_string().into());
    let json = http::HeaderValue::from_static("application/json");
    request
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    request
}

/// A request with a form.
pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Request {
    let body = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect::<Vec<_>>()
        .join("&");
    let mut request = request("POST", path, body.into());
    let form = http::HeaderValue::from_static("application/x-www-form-urlencoded");
    request
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, form);
    request
}

fn request(method: &str, path: impl AsRef<str>, body: Bytes) -> Request {
    http::Request::builder()
        .method(method)
        .uri(path.as_ref())
        .header("host", "vendor.test")
        .body(body)
        .unwrap()
}

/// Percent-encoded for a query or form.
pub(crate) fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// What a member of a JSON object says, as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The ids in an array.
pub(crate) fn ids(rows: &Value, member: &str) -> Vec<String> {
    rows.as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| text(&row[member]))
        .collect()
}
