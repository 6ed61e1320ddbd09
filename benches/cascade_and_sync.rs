//! What a sync costs from end to end: method B over loopback into an account in memory, with the
//! matching of every device; then the same again when nothing has changed, which must write nothing.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

#[path = "support/tenant.rs"]
mod tenant;

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use syncrig::connectors::{self, ConnectorOptions};
use syncrig::engine::{Engine, PsaSettings};
use syncrig::model::{Method, ReviewState, Tool};
use syncrig::rig::Stage;
use syncrig::store::Account;
use syncrig::transport::{HttpOptions, HttpTransport};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool as WorldTool;
use tokio::runtime::Runtime;

const DEVICES: u32 = 10_000;

/// An engine on an empty account with both tools connected.
fn engine(stage: &Stage) -> Engine {
    let transport = HttpTransport::new(HttpOptions::default()).expect("an HTTP client");
    let options = ConnectorOptions::new(Arc::new(transport), stage.clock.shared(), 1);
    let account = Account::in_memory().expect("an account in memory");
    let mut engine = Engine::new(account, Some(Method::B), Box::new(()));
    let psa = stage.actor(WorldTool::Psa).expect("a PSA on the stage");
    let credentials = psa.simulator.access().credentials;
    let connector = connectors::psa(psa.vendor.slug(), &psa.base_url(), &credentials, &options);
    engine
        .connect_psa(connector.expect("a connector"), PsaSettings::default())
        .expect("an empty account takes a PSA");
    let rmm = stage.actor(WorldTool::Rmm).expect("an RMM on the stage");
    let credentials = rmm.simulator.access().credentials;
    let connector = connectors::rmm(rmm.vendor.slug(), &rmm.base_url(), &credentials, &options);
    engine
        .connect_rmm(connector.expect("a connector"))
        .expect("an empty account takes an RMM");
    engine
}

/// Syncs both tools and gives the rows written.
async fn sync(engine: &mut Engine) -> u64 {
    let mut writes = 0;
    for tool in [Tool::Psa, Tool::Rmm] {
        let report = engine.sync(tool).await.expect("a sync can begin");
        assert!(report.error.is_none(), "{tool}: {:?}", report.error);
        writes += report.writes;
    }
    writes
}

fn check(engine: &Engine) {
    let outcome = engine.outcome().expect("the account can be read");
    assert_eq!(outcome.configurations.len(), DEVICES as usize);
    assert_eq!(outcome.rmm.devices.len(), DEVICES as usize);
    let matched = outcome.rmm.devices.iter();
    let matched = matched.filter(|device| device.state == ReviewState::Matched);
    // Network devices have no audit in Datto, so that nothing but their names could match.
    let share = matched.count() * 100 / DEVICES as usize;
    assert!((80..=100).contains(&share), "{share} % matched");
}

fn cascade_and_sync(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (psa, rmm) = (Vendor::ConnectwisePsa, Vendor::DattoRmm);
    let world = tenant::world(DEVICES);
    let stage = runtime
        .block_on(Stage::raise(world, Some(psa), Some(rmm), false))
        .expect("two free ports");
    let mut group = criterion.benchmark_group("sync");
    group.throughput(Throughput::Elements(DEVICES.into()));
    group.sample_size(10);
    group.bench_function("first", |bencher| {
        bencher.iter_batched(
            || engine(&stage),
            |mut engine| {
                let writes = runtime.block_on(sync(&mut engine));
                assert!(writes >= u64::from(DEVICES) * 2, "{writes}");
                engine
            },
            BatchSize::PerIteration,
        );
    });
    let mut engine = engine(&stage);
    runtime.block_on(sync(&mut engine));
    check(&engine);
    group.bench_function("unchanged", |bencher| {
        bencher.iter(|| {
            let writes = runtime.block_on(sync(&mut engine));
            assert_eq!(writes, 0);
        });
    });
    group.finish();
    runtime.block_on(stage.strike());
}

criterion_group!(benches, cascade_and_sync);
criterion_main!(benches);
