//! A wire without sockets: a request goes straight to the simulator whose port it names, so that
//! neither a connection nor the other end's HTTP is part of what is measured.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use http::{Request, Response, Uri};
use syncrig::transport::{Clock as _, SimulatedClock, Transport, TransportError};
use syncrig_mocks::Simulator;

/// A vendor and where a client finds it.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) simulator: Arc<dyn Simulator>,
    pub(crate) base_url: String,
}

impl Side {
    /// A vendor below a scheme, host and port.
    pub(crate) fn new(simulator: Arc<dyn Simulator>, origin: &str) -> Self {
        let base_url = format!("{origin}{}", simulator.access().base_path);
        Self {
            simulator,
            base_url,
        }
    }

    fn port(&self) -> Option<u16> {
        let url: Uri = self.base_url.parse().expect("a base URL is a URL");
        url.port_u16()
    }
}

/// Wires to these vendors, by port.
pub(crate) struct Wires {
    clock: Arc<SimulatedClock>,
    ends: Vec<(Option<u16>, Arc<dyn Simulator>)>,
}

impl Wires {
    pub(crate) fn new<'a>(
        clock: &Arc<SimulatedClock>,
        sides: impl IntoIterator<Item = &'a Side>,
    ) -> Self {
        let ends = sides.into_iter();
        Self {
            clock: Arc::clone(clock),
            ends: ends
                .map(|side| (side.port(), Arc::clone(&side.simulator)))
                .collect(),
        }
    }
}

impl fmt::Debug for Wires {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wires")
    }
}

impl Transport for Wires {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let port = request.uri().port_u16();
        let end = self.ends.iter().find(|(its, _)| *its == port);
        let (_, simulator) = end.expect("nobody asks where no vendor stands");
        let reply = simulator.handle(&request, self.clock.now());
        let mut response = Response::new(reply.body_bytes());
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        ready(Ok(response)).boxed()
    }
}
