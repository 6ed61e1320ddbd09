//! Requests over a socket, plain HTTP/1.1. No redirects, no proxy of the machine's, no retries: what
//! was asked is what is sent.

use std::error::Error;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::{Request, Response, Uri};
use reqwest::redirect::Policy;

use super::{Transport, TransportError};

/// Room made for a body beforehand, at most, in bytes.
const CLAIM_TRUSTED: u64 = 4 * 1024 * 1024;

/// Limits of one request over a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpOptions {
    /// Longest time for a connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest time from the first byte sent to the last byte received, in milliseconds.
    pub timeout_ms: u64,
    /// Largest body taken, decompressed, in bytes.
    pub max_body_bytes: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            timeout_ms: 60_000,
            max_body_bytes: 256 * 1024 * 1024,
        }
    }
}

/// Requests over a socket, with connections kept open. Takes gzip. Plain `http` only.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
    options: HttpOptions,
}

impl HttpTransport {
    /// A transport with the given limits.
    ///
    /// # Errors
    /// [`TransportError::Connect`] when the machine gives no HTTP client at all.
    pub fn new(options: HttpOptions) -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .tcp_nodelay(true)
            .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
            .timeout(Duration::from_millis(options.timeout_ms))
            .build()
            .map_err(|error| TransportError::Connect {
                host: "any host".to_owned(),
                reason: deepest(&error),
            })?;
        Ok(Self { client, options })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let uri = request.uri().clone();
        if uri.scheme_str() == Some("https") {
            return Err(TransportError::Connect {
                host: host_of(&uri),
                reason: "this build speaks plain http only; give an http:// address".to_owned(),
            });
        }
        let failed = |error: reqwest::Error| self.failure(&uri, &error);
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut reply = self.client.execute(request).await.map_err(failed)?;

        // What the server claims is a hint: a false one must not cost memory.
        let claimed = reply.content_length().unwrap_or(0).min(CLAIM_TRUSTED);
        let mut body = BytesMut::with_capacity(usize::try_from(claimed).unwrap_or(0));
        while let Some(chunk) = reply.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.options.max_body_bytes {
                return Err(TransportError::Broken {
                    host: host_of(&uri),
                    reason: format!("the body is over {} bytes", self.options.max_body_bytes),
                });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = reply.status();
        *response.version_mut() = reply.version();
        *response.headers_mut() = std::mem::take(reply.headers_mut());
        Ok(response)
    }

    fn failure(&self, uri: &Uri, error: &reqwest::Error) -> TransportError {
        let host = host_of(uri);
        let reason = deepest(error);
        if error.is_connect() {
            TransportError::Connect { host, reason }
        } else if error.is_timeout() {
            TransportError::Timeout {
                host,
                limit_ms: self.options.timeout_ms,
            }
        } else {
            TransportError::Broken { host, reason }
        }
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// The innermost cause; the outer ones repeat the URL and say less.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn host_of(uri: &Uri) -> String {
    uri.authority()
        .map_or_else(|| "no host".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::{HttpOptions, HttpTransport};
    use crate::transport::{Transport, TransportError};
    use bytes::Bytes;
    use http::Request;
    use std::time::Duration;
    use wiremock::matchers::{body_string, header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn get(uri: &str) -> Request<Bytes> {
        Request::get(uri).body(Bytes::new()).unwrap()
    }

    fn transport(timeout_ms: u64, max_body_bytes: usize) -> HttpTransport {
        HttpTransport::new(HttpOptions {
            timeout_ms,
            max_body_bytes,
            ..HttpOptions::default()
        })
        .unwrap()
    }

    #[tokio::test]
    async fn carries_method_headers_and_body_both_ways() {
        let server = MockServer::start().await;
        Mock::given(method("PUT"))
            .and(path("/a"))
            .and(header("x-key", "7"))
            .and(body_string("hello"))
            .respond_with(
                ResponseTemplate::new(207)
                    .insert_header("x-back", "8")
                    .set_body_string("world"),
            )
            .mount(&server)
            .await;
        let request = Request::put(format!("{}/a", server.uri()))
            .header("x-key", "7")
            .body(Bytes::from_static(b"hello"))
            .unwrap();
        let reply = transport(5_000, 100).send(request).await.unwrap();
        assert_eq!(reply.status(), 207);
        assert_eq!(reply.headers()["x-back"], "8");
        assert_eq!(reply.body().as_ref(), b"world");
    }

    #[tokio::test]
    async fn redirects_are_handed_back_and_not_followed() {
        let server = MockServer::start().await;
        Mock::given(path("/here"))
            .respond_with(ResponseTemplate::new(302).insert_header("location", "/there"))
            .mount(&server)
            .await;
        let reply = transport(5_000, 100)
            .send(get(&format!("{}/here", server.uri())))
            .await
            .unwrap();
        assert_eq!(reply.status(), 302);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_slow_server_is_a_timeout_and_a_long_body_is_refused() {
        let server = MockServer::start().await;
        Mock::given(path("/slow"))
            .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(20)))
            .mount(&server)
            .await;
        Mock::given(path("/long"))
            .respond_with(ResponseTemplate::new(200).set_body_string("x".repeat(101)))
            .mount(&server)
            .await;
        let slow = transport(60, 100)
            .send(get(&format!("{}/slow", server.uri())))
            .await;
        assert!(
            matches!(slow, Err(TransportError::Timeout { limit_ms: 60, .. })),
            "{slow:?}"
        );
        let long = transport(5_000, 100)
            .send(get(&format!("{}/long", server.uri())))
            .await;
        assert!(
            matches!(long, Err(TransportError::Broken { .. })),
            "{long:?}"
        );
    }

    #[tokio::test]
    async fn nobody_listening_and_https_are_connection_errors() {
        // A listener that is bound and closed leaves a port that nobody answers on.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let transport = transport(5_000, 100);
        for (uri, expected) in [
            (format!("http://127.0.0.1:{port}/?key=hunter2"), "refused"),
            (format!("https://127.0.0.1:{port}/"), "http://"),
        ] {
            match transport.send(get(&uri)).await {
                Err(TransportError::Connect { host, reason }) => {
                    assert_eq!(host, format!("127.0.0.1:{port}"));
                    assert!(
                        reason.contains(expected) && !reason.contains("hunter2"),
                        "{reason}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
