//! What every simulator is: a service without I/O that answers requests about its records and takes
//! changes from the world. It must not know which front carries it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::Vendor;
use crate::world::{Change, Kind};

/// A request as it arrived, body complete. The URI may be in origin form; the host that was asked
/// is then in the `Host` header (see [`crate::kit::base_url`]).
pub type Request = http::Request<Bytes>;

/// Paths of the other calls that were being answered when a request arrived, for vendors that limit how
/// many run at once. It stands among the request's extensions where the front can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnderWay(pub Vec<String>);

/// The vendor's answer to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status code.
    pub status: StatusCode,
    /// Headers, without `Content-Length` and `Date`, which the front adds.
    pub headers: HeaderMap,
    /// The body in frames; concatenated they are the body.
    pub body: Vec<Bytes>,
    /// How long the vendor takes before it answers, in milliseconds (a slow-down tier). The front
    /// waits on its own clock.
    pub delay_ms: u64,
    /// Stable name of the operation that answered (`configurations.list`, `audit.device`), for
    /// counting calls. `unknown` when no route matched.
    pub operation: &'static str,
    /// The connection is closed without an answer. No simulator does that by itself; faults do.
    pub dropped: bool,
}

impl Reply {
    /// A reply without body.
    pub fn new(operation: &'static str, status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
            delay_ms: 0,
            operation,
            dropped: false,
        }
    }

    /// A reply with a complete body of the given media type.
    pub fn with_body(
        operation: &'static str,
        status: StatusCode,
        media_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut reply = Self::new(operation, status);
        reply
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        reply.body.push(body.into());
        reply
    }

    /// The body in one piece.
    pub fn body_bytes(&self) -> Bytes {
        match self.body.as_slice() {
            [] => Bytes::new(),
            [one] => one.clone(),
            many => many.concat().into(),
        }
    }
}

/// How a client gets in: what `serve` prints and the rig hands to a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Path to append to `http://host:port` to get the base URL a client is configured with;
    /// empty when clients are given the bare origin.
    pub base_path: String,
    /// Credentials by the vendor's own names (`company_id`, `public_key`, `api_secret` …).
    pub credentials: BTreeMap<String, String>,
}

/// Which true entity a vendor's record stands for. Never sent over the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TruthRow {
    /// Kind of record.
    pub kind: Kind,
    /// The id that the vendor's API gives the record, as text.
    pub external_id: String,
    /// Key of the record in the world (`ws1`, `ws1#2` for a second copy in the same tool).
    pub key: String,
    /// Key of the true entity (`ws1`).
    pub truth: String,
}

/// A change that a simulator cannot take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The change names a record that this simulator does not hold.
    #[error("{vendor} holds no {kind} with the key `{key}`")]
    Unknown {
        /// The vendor.
        vendor: Vendor,
        /// Kind of the record that is missing.
        kind: Kind,
        /// Its key.
        key: String,
    },
    /// The vendor has no records of this kind.
    #[error("{vendor} has no records of the kind {kind}")]
    Unsupported {
        /// The vendor.
        vendor: Vendor,
        /// The kind.
        kind: Kind,
    },
}

/// A vendor's API with its records. State lives behind a lock inside, so that a front may call from
/// many connections.
pub trait Simulator: Send + Sync {
    /// Which vendor this is.
    fn vendor(&self) -> Vendor;

    /// Answers one request at the given time. Never panics, whatever the request holds.
    fn handle(&self, request: &Request, now: Timestamp) -> Reply;

    /// Name of the operation that would answer this request, without answering it; the same name
    /// that [`Reply::operation`] carries. `None` when the simulator can tell only by answering:
    /// faults that should keep a write from happening then let it happen first.
    fn operation(&self, _request: &Request) -> Option<&'static str> {
        None
    }

    /// The vendor's own body for an error of this status, for faults. `None` when the vendor's
    /// form for it is not known.
    fn error_body(
        &self,
        _request: &Request,
        _status: StatusCode,
        _now: Timestamp,
    ) -> Option<Reply> {
        None
    }

    /// Takes a change of the world, as somebody working in the vendor's own screens would make it.
    ///
    /// # Errors
    /// [`ChangeError`] when the change names a record that is not here or a kind the vendor lacks.
    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError>;

    /// Every record that was ever served, deleted ones included, with the entity it stands for,
    /// ordered by kind and numeric id.
    fn truth(&self) -> Vec<TruthRow>;

    /// Records that clients made through the API and that stand for no entity yet: kind and id, in
    /// order of creation.
    fn unclaimed(&self) -> Vec<(Kind, String)> {
        Vec::new()
    }

    /// Says which record of the world, and which entity, a record made through the API is. From then
    /// on [`Simulator::truth`] lists it and changes may name it.
    fn claim(&self, _kind: Kind, _external_id: &str, _key: &str, _truth: &str) {}

    /// Says what plays the company for whoever connects now, by one of the words of
    /// [`Vendor::companies`]; from then on [`Simulator::truth`] lists those. What is served does not
    /// change.
    fn set_company(&self, _choice: &str) {}

    /// How to get in.
    fn access(&self) -> Access;

    /// What a client should find when it lists everything without a filter, by the vendor's own
    /// names of resources (`companies`, `sites` …).
    fn counts(&self) -> BTreeMap<String, u64>;

    /// Switches the vendor's documented request limits on or off. Off at start.
    fn set_limits(&self, on: bool);
}
