//! The loopback server against reqwest and against hand-written bytes.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::front::{Fault, FaultRule, Faults, Faulty, RealTime};
use crate::world::Change;
use crate::{Access, ChangeError, Request, TruthRow, Vendor};

/// Says what it was asked, in three frames; counts what it was asked to do.
#[derive(Default)]
struct Echo {
    writes: Mutex<Vec<String>>,
}

impl Simulator for Echo {
    fn vendor(&self) -> Vendor {
        Vendor::DattoRmm
    }

    fn handle(&self, request: &Request, _now: Timestamp) -> Reply {
        let asked = match request.uri().path() {
            "/at-once" => format!("{:?}", request.extensions().get::<UnderWay>().unwrap().0),
            _ => format!("{} {}", request.method(), request.uri()),
        };
        let operation = self.operation(request).unwrap();
        if request.method() == Method::POST {
            self.writes.lock().unwrap().push(asked.clone());
        }
        let mut reply = Reply::with_body(operation, StatusCode::OK, "text/plain", asked);
        reply.body.push(Bytes::new());
        reply.body.push(Bytes::from_static(b" | "));
        reply.body.push(request.body().clone());
        if request.uri().path() == "/slow" {
            reply.delay_ms = 1_000;
        }
        reply
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        Some(match *request.method() {
            Method::POST => "echo.write",
            _ => "echo.read",
        })
    }

    fn apply(&self, _change: &Change, _now: Timestamp) -> Result<(), ChangeError> {
        Ok(())
    }

    fn truth(&self) -> Vec<TruthRow> {
        Vec::new()
    }

    fn access(&self) -> Access {
        Access::default()
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }

    fn set_limits(&self, _on: bool) {}
}

/// Time that stands still and notes how long it was asked to wait.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<u64>>);

impl Time for Waits {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, duration_ms: u64) -> BoxFuture<'_, ()> {
        self.0.lock().unwrap().push(duration_ms);
        Box::pin(async {})
    }
}

async fn start() -> Loopback {
    Loopback::start(
        Arc::new(Echo::default()),
        Arc::new(RealTime),
        LoopbackOptions::default(),
    )
    .await
    .unwrap()
}

/// Sends bytes as they are and reads to the end of the connection.
async fn raw(server: &Loopback, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // A connection that was reset has still delivered what came before.
    let _ = tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .expect("the server closes the connection");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn carries_bodies_both_ways_and_counts() {
    let server = start().await;
    let client = reqwest::Client::new();
    let url = format!("{}/a?b=c", server.base_url());
    let reply = client.post(&url).body("hello").send().await.unwrap();
    assert_eq!(reply.content_length(), Some(19));
    assert_eq!(reply.headers()["content-type"], "text/plain");
    assert!(reply.headers().contains_key("date"));
    assert_eq!(reply.text().await.unwrap(), "POST /a?b=c | hello");
    client.get(&url).send().await.unwrap();
    assert_eq!(
        server.calls(),
        BTreeMap::from([("echo.read".to_owned(), 1), ("echo.write".to_owned(), 1)])
    );
    server.stop().await;
}

/// Time that passes when so many wait for it.
#[derive(Debug)]
struct Together(tokio::sync::Barrier);

impl Time for Together {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _duration_ms: u64) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.0.wait().await;
        })
    }
}

#[tokio::test]
async fn a_simulator_is_told_which_calls_are_under_way() {
    let options = LoopbackOptions {
        latency_ms: 1,
        ..LoopbackOptions::default()
    };
    let time = Together(tokio::sync::Barrier::new(3));
    let server = Loopback::start(Arc::new(Echo::default()), Arc::new(time), options);
    let server = server.await.unwrap();
    let url = format!("{}/at-once", server.base_url());
    // Those of the first round are over when the second begins.
    for _ in 0..2 {
        let get = || async { reqwest::get(&url).await.unwrap().text().await.unwrap() };
        let (one, two, three) = futures_util::join!(get(), get(), get());
        let mut told = [one, two, three];
        told.sort_unstable_by_key(String::len);
        assert_eq!(
            told,
            [
                "[] | ",
                r#"["/at-once"] | "#,
                r#"["/at-once", "/at-once"] | "#
            ]
        );
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = start().await;
    let answer = raw(
        &server,
        b"HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.to_lowercase().contains("content-length: 9\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!(server.log().recent()[0].method, "HEAD");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = start().await;
    let answer = raw(
        &server,
        b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.contains("GET /1 | "), "{answer}");
    assert!(answer.contains("GET /2 | "), "{answer}");
}

#[tokio::test]
async fn a_body_too_large_is_refused_before_it_is_read() {
    let server = start().await;
    let answer = raw(
        &server,
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n\r\nbegin",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(server.log().total(), 0);
}

#[tokio::test]
async fn what_is_not_http_is_answered_or_closed_without_harm() {
    let server = start().await;
    for junk in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n"] {
        raw(&server, junk).await;
    }
    let reply = reqwest::get(format!("{}/a", server.base_url()))
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let server = start().await;
    let options = LoopbackOptions {
        port: server.address().port(),
        ..LoopbackOptions::default()
    };
    let second = Loopback::start(Arc::new(Echo::default()), Arc::new(RealTime), options).await;
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn waits_for_the_vendor_and_the_way_on_the_given_time() {
    let waits = Arc::new(Waits::default());
    let options = LoopbackOptions {
        latency_ms: 40,
        ..LoopbackOptions::default()
    };
    let time: Arc<dyn Time> = Arc::clone(&waits) as Arc<dyn Time>;
    let server = Loopback::start(Arc::new(Echo::default()), time, options)
        .await
        .unwrap();
    reqwest::get(format!("{}/slow", server.base_url()))
        .await
        .unwrap();
    reqwest::get(format!("{}/fast", server.base_url()))
        .await
        .unwrap();
    assert_eq!(*waits.0.lock().unwrap(), [1_040, 40]);
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_the_port() {
    let server = start().await;
    let address = server.address();
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut some = [0; 16];
    idle.read_exact(&mut some).await.unwrap();
    server.stop().await;
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn dropping_closes_the_port() {
    let server = start().await;
    let address = server.address();
    drop(server);
    for _ in 0..100 {
        if TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the port is still open");
}

#[tokio::test]
async fn a_reset_closes_before_the_write_and_a_drop_after_it() {
    let echo = Arc::new(Echo::default());
    let faults = Arc::new(Faults::new());
    let faulty = Faulty::new(Arc::clone(&echo) as Arc<dyn Simulator>, Arc::clone(&faults));
    let server = Loopback::start(
        Arc::new(faulty),
        Arc::new(RealTime),
        LoopbackOptions::default(),
    )
    .await
    .unwrap();
    let client = reqwest::Client::new();
    let url = format!("{}/a", server.base_url());

    let guard = faults.scoped(FaultRule::new(Fault::Reset));
    assert!(client.post(&url).send().await.is_err());
    drop(guard);
    assert_eq!(echo.writes.lock().unwrap().len(), 0);

    let guard = faults.scoped(FaultRule::new(Fault::CommitThenDrop));
    assert!(client.post(&url).send().await.is_err());
    drop(guard);
    assert_eq!(echo.writes.lock().unwrap().len(), 1);

    assert!(client.post(&url).send().await.is_ok());
    assert_eq!(server.log().statuses()[&("echo.write".to_owned(), 0)], 2);
}

#[cfg(feature = "tls")]
mod secure {
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto, pki_types::CertificateDer};

    use super::*;

    async fn start_tls() -> (Loopback, String) {
        let authority = Arc::new(TestAuthority::new().unwrap());
        let pem = authority.certificate_pem();
        let options = LoopbackOptions {
            authority: Some(authority),
            ..LoopbackOptions::default()
        };
        let server = Loopback::start(Arc::new(Echo::default()), Arc::new(RealTime), options);
        (server.await.unwrap(), pem)
    }

    /// Asks for `/a` under a host name, trusting nothing but the authority.
    async fn ask(server: &Loopback, pem: &str, host: &str) -> io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(server.address()).await?;
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await?;
        let request = format!("GET /a?b=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    }

    #[tokio::test]
    async fn any_host_name_is_vouched_for_and_seen_by_the_simulator() {
        let (server, pem) = start_tls().await;
        assert!(server.base_url().starts_with("https://127.0.0.1:"));
        for host in ["webservices5.autotask.net", "127.0.0.1", "localhost"] {
            let reply = ask(&server, &pem, host).await.unwrap();
            assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
            let seen = format!("GET https://{host}/a?b=1");
            assert!(reply.contains(&seen), "{reply}");
        }
    }

    #[tokio::test]
    async fn another_authority_is_not_trusted_and_does_no_harm() {
        let (server, pem) = start_tls().await;
        let other = TestAuthority::new().unwrap().certificate_pem();
        assert!(ask(&server, &other, "localhost").await.is_err());
        // Neither does a client that speaks no TLS.
        let mut plain = TcpStream::connect(server.address()).await.unwrap();
        plain
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        let _ = plain.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP"));
        assert!(ask(&server, &pem, "localhost").await.is_ok());
        server.stop().await;
    }
}
