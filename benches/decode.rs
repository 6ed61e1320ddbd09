//! What a connector costs by itself: every vendor's connector walks its largest list of a tenant of
//! 2,000 devices (a PSA's configurations, or its contacts where it has no configurations; an RMM's
//! devices) while every reply comes from memory. Requests, decoding and mapping are measured; the
//! simulator, sockets and the account are not.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

#[path = "support/moment.rs"]
mod moment;
#[path = "support/replay.rs"]
mod replay;
#[path = "support/tenant.rs"]
mod tenant;
#[path = "support/wire.rs"]
mod wire;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use replay::Recorder;
use syncrig::connectors::{
    self, ConnectorOptions, PSA_VENDORS, PageStream, PsaConnector, RMM_VENDORS, RmmConnector,
};
use syncrig::transport::{SimulatedClock, Transport};
use syncrig_mocks::world::{Count, GenerateSpec, Kind, Tool, World};
use syncrig_mocks::{Vendor, simulator};
use tokio::runtime::{Builder, Runtime};
use wire::{Side, Wires};

const DEVICES: u32 = 2_000;

/// As many as devices, so that a list of contacts is as long as one of devices.
const CONTACTS_PER_ORGANIZATION: u32 = 50;

/// Nobody listens there.
const ORIGIN: &str = "http://127.0.0.1:1";

/// A connector that has read nothing yet.
enum Reader {
    Psa(Box<dyn PsaConnector>),
    Rmm(Box<dyn RmmConnector>),
}

impl Reader {
    fn new(side: &Side, transport: Arc<dyn Transport>) -> Self {
        let vendor = side.simulator.vendor();
        let credentials = side.simulator.access().credentials;
        // The same moment for every walk: what is asked may hold it.
        let clock = Arc::new(SimulatedClock::new(moment::now()));
        let options = ConnectorOptions::new(transport, clock, 1);
        let (slug, base_url) = (vendor.slug(), &side.base_url);
        match vendor.tool() {
            Tool::Psa => {
                let connector = connectors::psa(slug, base_url, &credentials, &options);
                Self::Psa(connector.expect("a connector"))
            }
            Tool::Rmm => {
                let connector = connectors::rmm(slug, base_url, &credentials, &options);
                Self::Rmm(connector.expect("a connector"))
            }
        }
    }

    /// What its largest list holds.
    fn kind(&self) -> Kind {
        match self {
            Self::Psa(psa) if !psa.capabilities().configurations => Kind::Contact,
            _ => Kind::Device,
        }
    }

    /// Reads the whole list and says how many records came.
    async fn walk(&self) -> usize {
        match (self, self.kind()) {
            (Self::Psa(psa), Kind::Contact) => records(psa.contacts()).await,
            (Self::Psa(psa), _) => records(psa.configurations()).await,
            (Self::Rmm(rmm), _) => records(rmm.devices()).await,
        }
    }
}

async fn records<T>(mut pages: PageStream<'_, T>) -> usize {
    let mut came = 0;
    while let Some(page) = pages.next_page().await.expect("every page comes") {
        assert!(page.rejected.is_empty(), "{:?}", page.rejected);
        came += black_box(page.records).len();
    }
    came
}

fn vendors() -> impl Iterator<Item = Vendor> {
    let of = |tool: Tool, slugs: &'static [&'static str]| {
        let named = move |slug: &&str| Vendor::named(slug, tool).expect("it has a simulator");
        slugs.iter().map(named)
    };
    of(Tool::Psa, PSA_VENDORS).chain(of(Tool::Rmm, RMM_VENDORS))
}

/// A vendor, what it answers, and how many records a walk gives.
fn recorded(runtime: &Runtime, world: &World, vendor: Vendor) -> (Side, Arc<dyn Transport>, u64) {
    let side = Side::new(simulator(vendor, world, moment::now()), ORIGIN);
    let clock = Arc::new(SimulatedClock::new(moment::now()));
    let recorder = Recorder::new(Wires::new(&clock, [&side]));
    let reader = Reader::new(&side, Arc::clone(&recorder) as _);
    let came = runtime.block_on(reader.walk());
    let rows = side.simulator.truth().into_iter();
    let held = rows.filter(|row| row.kind == reader.kind()).count();
    assert_eq!(came, held, "{vendor}");
    (side, recorder.replay(), came as u64)
}

fn decode(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let world = tenant::world(&GenerateSpec {
        contacts_per_organization: Count::Fixed(CONTACTS_PER_ORGANIZATION),
        ..tenant::spec(DEVICES)
    });
    let mut group = criterion.benchmark_group("decode");
    group.sample_size(20);
    for vendor in vendors() {
        let (side, replay, records) = recorded(&runtime, &world, vendor);
        group.throughput(Throughput::Elements(records));
        let tool = match vendor.tool() {
            Tool::Psa => "psa",
            Tool::Rmm => "rmm",
        };
        group.bench_function(BenchmarkId::new(tool, vendor), |bencher| {
            bencher.iter_batched(
                // A connector remembers what it read, so that a second walk would be another one.
                || Reader::new(&side, Arc::clone(&replay)),
                |reader| {
                    assert_eq!(runtime.block_on(reader.walk()) as u64, records);
                    reader
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
