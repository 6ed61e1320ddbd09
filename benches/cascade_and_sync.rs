//! What a sync costs from end to end: method B into an account in memory, with the matching of every
//! device; then the same again when nothing has changed, which must write nothing. Both are done over
//! loopback and in memory, where requests go straight to the simulators.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

#[path = "support/engine.rs"]
mod engine;
#[path = "support/tenant.rs"]
mod tenant;
#[path = "support/wire.rs"]
mod wire;

use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::Tools;
use syncrig::engine::Engine;
use syncrig::model::{ReviewState, Tool};
use syncrig::rig::Stage;
use syncrig::transport::{HttpOptions, HttpTransport, Transport};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool as WorldTool;
use tokio::runtime::Runtime;
use wire::{Side, Wires};

const DEVICES: u32 = 10_000;

/// Both tools as they stand on the stage.
fn tools(stage: &Stage) -> Tools {
    let side = |tool| {
        let actor = stage.actor(tool).expect("both tools are on the stage");
        Side::new(Arc::clone(&actor.simulator), &actor.server.base_url())
    };
    Tools {
        psa: side(WorldTool::Psa),
        rmm: side(WorldTool::Rmm),
        clock: stage.clock.shared(),
    }
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
    let world = tenant::world(&tenant::spec(DEVICES));
    let stage = runtime
        .block_on(Stage::raise(world, Some(psa), Some(rmm), false))
        .expect("two free ports");
    let mut group = criterion.benchmark_group("sync");
    group.throughput(Throughput::Elements(DEVICES.into()));
    group.sample_size(10);
    let tools = tools(&stage);
    let http = HttpTransport::new(HttpOptions::default()).expect("an HTTP client");
    let wires = Wires::new(&tools.clock, [&tools.psa, &tools.rmm]);
    let ways: [(&str, Arc<dyn Transport>); 2] =
        [("loopback", Arc::new(http)), ("memory", Arc::new(wires))];
    for (way, transport) in &ways {
        group.bench_function(BenchmarkId::new("first", way), |bencher| {
            bencher.iter_batched(
                || tools.engine(transport),
                |mut engine| {
                    let writes = runtime.block_on(sync(&mut engine));
                    assert!(writes >= u64::from(DEVICES) * 2, "{writes}");
                    engine
                },
                BatchSize::PerIteration,
            );
        });
        let mut engine = tools.engine(transport);
        runtime.block_on(sync(&mut engine));
        check(&engine);
        group.bench_function(BenchmarkId::new("unchanged", way), |bencher| {
            bencher.iter(|| {
                let writes = runtime.block_on(sync(&mut engine));
                assert_eq!(writes, 0);
            });
        });
    }
    group.finish();
    runtime.block_on(stage.strike());
}

criterion_group!(benches, cascade_and_sync);
criterion_main!(benches);
