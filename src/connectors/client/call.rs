//! One request that a connector wants made, before it is authorized.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};

/// A request and how it may be treated.
pub(crate) struct Call {
    /// Stable name (`configurations.list`), for errors and counters.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// Headers of this call alone.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it carries credentials.
    pub(crate) authorized: bool,
    /// Whether doing it twice does no harm, so that it may be sent again when nobody knows whether
    /// the first one arrived.
    pub(crate) repeatable: bool,
    /// Tells a server error that is the vendor's answer, and will be so again, from one that passes.
    /// Without it all of them may pass.
    pub(crate) refusal: Option<fn(&Response<Bytes>) -> bool>,
}

impl Call {
    /// A read.
    pub(crate) fn get(operation: &'static str, uri: Uri) -> Self {
        Self {
            operation,
            method: Method::GET,
            uri,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            authorized: true,
            repeatable: true,
            refusal: None,
        }
    }

    /// A write. It is sent again only when it certainly did nothing: no connection, or 429.
    pub(crate) fn post(
        operation: &'static str,
        uri: Uri,
        media_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        Self {
            operation,
            method: Method::POST,
            uri,
            headers,
            body: body.into(),
            authorized: true,
            repeatable: false,
            refusal: None,
        }
    }

    /// The same call with one more header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same call without credentials.
    pub(crate) fn anonymous(mut self) -> Self {
        self.authorized = false;
        self
    }

    /// The same call, marked as harmless to repeat.
    pub(crate) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// The same call, which is not repeated after a server error that is a refusal.
    pub(crate) fn refused_by(mut self, refusal: fn(&Response<Bytes>) -> bool) -> Self {
        self.refusal = Some(refusal);
        self
    }
}
