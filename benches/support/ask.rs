//! Requests to a simulator without a front between.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use syncrig_mocks::{Request, Simulator};

use crate::moment;

/// A request to ConnectWise below the API's root.
pub(crate) fn psa_request(simulator: &dyn Simulator, path_and_query: &str) -> Request {
    let access = simulator.access();
    let value = |name: &str| access.credentials[name].as_str();
    let keys = format!(
        "{}+{}:{}",
        value("company_id"),
        value("public_key"),
        value("private_key")
    );
    http::Request::get(format!("/v4_6_release/apis/3.0{path_and_query}"))
        .header("host", "127.0.0.1")
        .header("authorization", format!("Basic {}", STANDARD.encode(keys)))
        .header("clientid", value("client_id"))
        .body(Bytes::new())
        .expect("a request")
}

/// A request that is answered, and with what.
pub(crate) fn answer(simulator: &dyn Simulator, request: &Request) -> Bytes {
    let reply = simulator.handle(request, moment::now());
    let body = reply.body_bytes();
    assert!(
        reply.status.is_success(),
        "{} {}",
        reply.status,
        String::from_utf8_lossy(&body)
    );
    body
}
