//! A simulator on a local port: HTTP/1.1 with keep-alive on 127.0.0.1, over TLS where wanted. It carries requests and
//! replies; it must not know what they mean.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue};
use http::{Method, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
#[cfg(feature = "tls")]
use tokio_rustls::TlsAcceptor;

use super::calls::CallLog;
use super::time::Time;
#[cfg(feature = "tls")]
use super::tls::TestAuthority;
use crate::{Reply, Simulator, UnderWay};

/// Largest request body taken, in bytes; more is answered with 413.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How long [`Loopback::stop`] lets requests finish that are on their way.
const GRACE: Duration = Duration::from_secs(5);

/// How a loopback server listens and answers.
#[derive(Debug, Clone, Default)]
pub struct LoopbackOptions {
    /// Port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Added to every reply, in milliseconds: the way to a vendor far away.
    pub latency_ms: u64,
    /// Who vouches for the server when it speaks HTTPS; plain HTTP when left out.
    #[cfg(feature = "tls")]
    pub authority: Option<Arc<TestAuthority>>,
}

/// A running server. Dropping it closes every connection; [`stop`](Self::stop) lets the requests
/// finish that are on their way.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    scheme: Scheme,
    log: Arc<CallLog>,
    closing: watch::Sender<bool>,
    server: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Binds and begins to serve, on the runtime of the caller.
    ///
    /// # Errors
    /// When the port cannot be bound (`AddrInUse`: somebody else has it).
    pub async fn start(
        simulator: Arc<dyn Simulator>,
        time: Arc<dyn Time>,
        options: LoopbackOptions,
    ) -> io::Result<Self> {
        let door = Door::new(&options)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let log = Arc::new(CallLog::new());
        let (closing, closed) = watch::channel(false);
        let carrier = Arc::new(Carrier {
            simulator,
            time,
            latency_ms: options.latency_ms,
            scheme: door.scheme(),
            log: Arc::clone(&log),
            under_way: Mutex::default(),
        });
        let scheme = door.scheme();
        let server = tokio::spawn(accept(listener, door, carrier, closed));
        Ok(Self {
            address,
            scheme,
            log,
            closing,
            server: Some(server),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`, or `https`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Calls by operation so far.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.log.calls()
    }

    /// Everything that was counted.
    pub fn log(&self) -> &Arc<CallLog> {
        &self.log
    }

    /// Takes no more connections, lets running requests finish for up to five seconds, then closes.
    pub async fn stop(mut self) {
        self.closing.send_replace(true);
        if let Some(mut server) = self.server.take()
            && tokio::time::timeout(GRACE, &mut server).await.is_err()
        {
            server.abort();
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        // The connections live in a set that the server task owns, so they go with it.
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// What a connection needs to answer.
struct Carrier {
    simulator: Arc<dyn Simulator>,
    time: Arc<dyn Time>,
    latency_ms: u64,
    scheme: Scheme,
    log: Arc<CallLog>,
    under_way: Mutex<Vec<String>>,
}

impl Carrier {
    fn under_way(&self) -> MutexGuard<'_, Vec<String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is being answered, until this is dropped.
struct Answering<'a> {
    carrier: &'a Carrier,
    path: String,
}

impl<'a> Answering<'a> {
    /// The call, and those that were under way before it.
    fn begin(carrier: &'a Carrier, path: &str) -> (Self, UnderWay) {
        let path = path.to_owned();
        let mut all = carrier.under_way();
        let others = UnderWay(all.clone());
        all.push(path.clone());
        drop(all);
        (Self { carrier, path }, others)
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        let mut all = self.carrier.under_way();
        if let Some(at) = all.iter().position(|path| *path == self.path) {
            all.swap_remove(at);
        }
    }
}

/// How a connection begins.
#[derive(Clone)]
enum Door {
    Plain,
    #[cfg(feature = "tls")]
    Tls(TlsAcceptor),
}

impl Door {
    #[cfg(feature = "tls")]
    fn new(options: &LoopbackOptions) -> io::Result<Self> {
        match &options.authority {
            Some(authority) => Ok(Self::Tls(authority.acceptor()?)),
            None => Ok(Self::Plain),
        }
    }

    #[cfg(not(feature = "tls"))]
    fn new(_options: &LoopbackOptions) -> io::Result<Self> {
        Ok(Self::Plain)
    }

    const fn scheme(&self) -> Scheme {
        match self {
            Self::Plain => "http",
            #[cfg(feature = "tls")]
            Self::Tls(_) => "https",
        }
    }
}

/// `http` or `https`.
type Scheme = &'static str;

/// Takes connections until told to close, then waits for those that are open.
async fn accept(
    listener: TcpListener,
    door: Door,
    carrier: Arc<Carrier>,
    mut closing: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let until = closing.clone();
    loop {
        tokio::select! {
            biased;
            () = told_to_close(&mut closing) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(enter(stream, door.clone(), Arc::clone(&carrier), until.clone()));
                }
                // Out of file descriptors, or a client gone before it was taken: neither is a
                // reason to stop, and a pause keeps the first from spinning.
                Err(_) => carrier.time.sleep(10).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until the server is to close, or is gone.
async fn told_to_close(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}

/// Brings one connection through the door and serves it.
async fn enter(
    stream: TcpStream,
    door: Door,
    carrier: Arc<Carrier>,
    mut closing: watch::Receiver<bool>,
) {
    // A body of several frames would otherwise wait 40 ms for the client's acknowledgement. A
    // socket that refuses the option still works, only slower.
    let _ = stream.set_nodelay(true);
    match door {
        Door::Plain => serve(stream, carrier, closing).await,
        #[cfg(feature = "tls")]
        Door::Tls(acceptor) => tokio::select! {
            biased;
            () = told_to_close(&mut closing) => {}
            // A client that speaks no TLS, or does not trust the authority, is gone.
            shaken = acceptor.accept(stream) => if let Ok(stream) = shaken {
                serve(stream, carrier, closing).await;
            }
        },
    }
}

/// Serves one connection to its end.
async fn serve<S>(stream: S, carrier: Arc<Carrier>, mut closing: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |request| answer(Arc::clone(&carrier), request));
    let mut connection = pin!(
        http1::Builder::new()
            .keep_alive(true)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        biased;
        // An error here is a client that went away or a reply that a fault dropped.
        _ = connection.as_mut() => return,
        () = told_to_close(&mut closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Why a connection ends without a reply.
#[derive(Debug, thiserror::Error)]
#[error("the connection was closed without a reply")]
struct Dropped;

async fn answer(
    carrier: Arc<Carrier>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Frames>, Dropped> {
    let (mut parts, body) = request.into_parts();
    let head = parts.method == Method::HEAD;
    // Announced lengths are refused before a byte is read, chunked bodies once they are too long.
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Ok(too_large());
    }
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => return Ok(too_large()),
        Err(_) => return Err(Dropped),
    };
    // HEAD is GET without the body; simulators know only GET.
    if head {
        parts.method = Method::GET;
    }
    if carrier.scheme == "https" {
        parts.uri = secure(&parts);
    }
    let mut request = http::Request::from_parts(parts, body);
    let (_answering, others) = Answering::begin(&carrier, request.uri().path());
    request.extensions_mut().insert(others);
    let reply = carrier.simulator.handle(&request, carrier.time.now());
    let wait_ms = reply.delay_ms.saturating_add(carrier.latency_ms);
    if wait_ms > 0 {
        carrier.time.sleep(wait_ms).await;
    }
    if head {
        *request.method_mut() = Method::HEAD;
    }
    carrier.log.record(&request, &reply);
    if reply.dropped {
        return Err(Dropped);
    }
    Ok(response(reply, head))
}

/// The URI with scheme and host, so that links in replies are `https` too; as it was when the client
/// named no host that could be one.
fn secure(parts: &http::request::Parts) -> Uri {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let mut uri = parts.uri.clone().into_parts();
    let authority = uri.authority.take();
    uri.authority = host.and_then(|host| host.parse().ok()).or(authority);
    if uri.authority.is_none() {
        return parts.uri.clone();
    }
    uri.scheme = Some(http::uri::Scheme::HTTPS);
    Uri::from_parts(uri).unwrap_or_else(|_| parts.uri.clone())
}

fn response(reply: Reply, head: bool) -> http::Response<Frames> {
    let frames = Frames::new(reply.body);
    let length = frames.left;
    let mut response = http::Response::new(if head { Frames::default() } else { frames });
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    let bodiless = reply.status == StatusCode::NO_CONTENT
        || reply.status == StatusCode::NOT_MODIFIED
        || reply.status.is_informational();
    if !bodiless {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// The rest of the request is still coming, so the connection cannot be used again.
fn too_large() -> http::Response<Frames> {
    let mut response = http::Response::new(Frames::default());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body that hands out the simulator's frames as they are.
#[derive(Debug, Default)]
struct Frames {
    frames: VecDeque<Bytes>,
    left: u64,
}

impl Frames {
    fn new(frames: Vec<Bytes>) -> Self {
        let left = frames.iter().map(|frame| frame.len() as u64).sum();
        Self {
            frames: frames.into(),
            left,
        }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while let Some(frame) = self.frames.pop_front() {
            if !frame.is_empty() {
                self.left = self.left.saturating_sub(frame.len() as u64);
                return Poll::Ready(Some(Ok(Frame::data(frame))));
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
#[path = "loopback_tests.rs"]
mod tests;
