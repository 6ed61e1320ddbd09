//! Both vendors behind a wire in memory: faults apply as over a socket, time is simulated, and no
//! port is needed.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use http::{Request, Response};
use jiff::Timestamp;
use syncrig::connectors::{self, ConnectorOptions, PsaConnector, RmmConnector};
use syncrig::engine::{Engine, Event, Listener, PsaSettings};
use syncrig::model::Method;
use syncrig::rig::EPOCH;
use syncrig::store::Account;
use syncrig::transport::{Clock as _, SimulatedClock, Transport, TransportError};
use syncrig_mocks::front::{Faults, Faulty};
use syncrig_mocks::world::{Change, Tool, World};
use syncrig_mocks::{Simulator, Vendor, simulator};

/// When every run begins.
pub(crate) fn epoch() -> Timestamp {
    Timestamp::from_millisecond(EPOCH).expect("a moment that can be")
}

/// Runs asynchronous work to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work)
}

/// A world with one PSA and one RMM.
pub(crate) struct Rig {
    pub(crate) world: World,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) psa: Side,
    pub(crate) rmm: Side,
    /// Records asked for in one request.
    pub(crate) page_size: u32,
}

/// One vendor with its faults.
pub(crate) struct Side {
    pub(crate) vendor: Vendor,
    pub(crate) simulator: Arc<dyn Simulator>,
    pub(crate) faults: Arc<Faults>,
    wire: Arc<dyn Transport>,
}

impl Rig {
    pub(crate) fn new(world: World, page_size: u32) -> Self {
        Self::of(world, page_size, Vendor::ConnectwisePsa, Vendor::DattoRmm)
    }

    pub(crate) fn of(world: World, page_size: u32, psa: Vendor, rmm: Vendor) -> Self {
        let clock = Arc::new(SimulatedClock::new(epoch()));
        let side = |vendor| Side::new(vendor, &world, &clock);
        Self {
            psa: side(psa),
            rmm: side(rmm),
            world,
            clock,
            page_size,
        }
    }

    pub(crate) fn side(&self, tool: Tool) -> &Side {
        match tool {
            Tool::Psa => &self.psa,
            Tool::Rmm => &self.rmm,
        }
    }

    pub(crate) fn options(&self, tool: Tool) -> ConnectorOptions {
        let wire = Arc::clone(&self.side(tool).wire);
        let clock: Arc<SimulatedClock> = Arc::clone(&self.clock);
        ConnectorOptions {
            page_size: Some(self.page_size),
            ..ConnectorOptions::new(wire, clock, self.world.seed())
        }
    }

    pub(crate) fn psa_connector(&self) -> Box<dyn PsaConnector> {
        let access = self.psa.simulator.access();
        let url = format!("http://psa.test{}", access.base_path);
        let vendor = self.psa.vendor.slug();
        connectors::psa(vendor, &url, &access.credentials, &self.options(Tool::Psa))
            .expect("a PSA connector")
    }

    pub(crate) fn rmm_connector(&self) -> Box<dyn RmmConnector> {
        let access = self.rmm.simulator.access();
        let url = format!("http://rmm.test{}", access.base_path);
        let vendor = self.rmm.vendor.slug();
        connectors::rmm(vendor, &url, &access.credentials, &self.options(Tool::Rmm))
            .expect("an RMM connector")
    }

    /// An engine on this account with both tools connected, as method B has it.
    pub(crate) fn engine_on(&self, account: Account, listener: Box<dyn Listener>) -> Engine {
        let clock: Arc<SimulatedClock> = Arc::clone(&self.clock);
        let mut engine = Engine::new(account, Some(Method::B), listener).with_clock(clock);
        engine
            .connect_psa(self.psa_connector(), PsaSettings::default())
            .expect("the PSA is connected");
        engine
            .connect_rmm(self.rmm_connector())
            .expect("the RMM is connected");
        engine
    }

    pub(crate) fn engine(&self) -> Engine {
        let account = Account::in_memory().expect("an account in memory");
        self.engine_on(account, Box::new(()))
    }

    /// Tells the vendors what people changed in them.
    pub(crate) fn tell(&self, changes: &[(Tool, Change)]) {
        for (tool, change) in changes {
            let told = self.side(*tool).simulator.apply(change, self.clock.now());
            told.expect("the simulator holds what the world says");
        }
    }

    pub(crate) fn clear_faults(&self) {
        self.psa.faults.clear();
        self.rmm.faults.clear();
    }
}

impl Side {
    fn new(vendor: Vendor, world: &World, clock: &Arc<SimulatedClock>) -> Self {
        let simulator = simulator(vendor, world, clock.now());
        let faults = Arc::new(Faults::new());
        let faulty = Faulty::new(Arc::clone(&simulator), Arc::clone(&faults));
        let wire = Arc::new(Wire {
            simulator: Arc::new(faulty),
            clock: Arc::clone(clock),
        });
        Self {
            vendor,
            simulator,
            faults,
            wire,
        }
    }
}

/// Requests that go straight to a simulator.
pub(crate) struct Wire {
    pub(crate) simulator: Arc<dyn Simulator>,
    pub(crate) clock: Arc<SimulatedClock>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wire")
    }
}

impl Transport for Wire {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let reply = self.simulator.handle(&request, self.clock.now());
        self.clock
            .advance(i64::try_from(reply.delay_ms).unwrap_or(i64::MAX));
        let host = request.uri().host().unwrap_or_default().to_owned();
        ready(if reply.dropped {
            Err(TransportError::Broken {
                host,
                reason: "closed without a reply".to_owned(),
            })
        } else {
            let mut response = Response::new(reply.body_bytes());
            *response.status_mut() = reply.status;
            *response.headers_mut() = reply.headers;
            Ok(response)
        })
        .boxed()
    }
}

/// Keeps every event as it is logged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().expect("no listener panicked").clone()
    }
}

impl Listener for Recorder {
    fn hear(&mut self, event: &Event) {
        let line = serde_json::to_string(event).expect("an event is JSON");
        self.0.lock().expect("no listener panicked").push(line);
    }
}
