//! Reading a request: the host that was asked, and its query.

use http::header::HOST;

use crate::Request;

/// `http://host:port` as the client named it, for links in replies. A front that speaks TLS sets
/// the scheme in the request's URI; otherwise it is `http`.
pub fn base_url(request: &Request) -> String {
    let scheme = request.uri().scheme_str().unwrap_or("http");
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
        .unwrap_or("localhost");
    format!("{scheme}://{host}")
}

/// The query's pairs, percent-decoded, in order. Plus signs are spaces.
pub fn query_pairs(request: &Request) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}
