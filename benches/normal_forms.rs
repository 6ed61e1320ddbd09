//! What comparing costs. The forms in which values are compared, of a tenant of 10,000 devices with
//! typical dirt: serial numbers and host names as the documented matcher has them (as they are, blank
//! ones left out), MACs in pairs, and a PSA's field of several MACs. The forms that knobs choose (case
//! folded, placeholders left out) are not public; they are measured where they work, as the whole
//! matching of an RMM's devices by the documented knobs and by the hardened ones.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

#[path = "support/engine.rs"]
mod engine;
#[path = "support/moment.rs"]
mod moment;
#[path = "support/tenant.rs"]
mod tenant;
#[path = "support/wire.rs"]
mod wire;

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group,
    criterion_main, measurement::WallTime,
};
use engine::Tools;
use syncrig::engine::{Knobs, mac_key, present, single_mac};
use syncrig::model::{ReviewState, Tool};
use syncrig::transport::{SimulatedClock, Transport};
use syncrig_mocks::world::{DirtPreset, DirtSpec, GenerateSpec, Kind, Tool as WorldTool, World};
use syncrig_mocks::{Vendor, simulator};
use tokio::runtime::Builder;
use wire::{Side, Wires};

/// Devices whose values are brought into their forms.
const DEVICES: u32 = 10_000;

/// Devices that are matched.
const MATCHED_DEVICES: u32 = 2_000;

/// How long matching is measured. A round takes many times what is measured of it: before each, both
/// tools are synced.
const MATCHING_MEASURED: Duration = Duration::from_secs(1);

fn dirty(devices: u32) -> World {
    tenant::world(&GenerateSpec {
        dirt: DirtSpec::preset(DirtPreset::Typical),
        ..tenant::spec(devices)
    })
}

/// Brings every value into its form and says how many have one.
fn formed<'a, T>(values: &'a [String], form: impl Fn(&'a str) -> Option<T>) -> usize {
    let forms = values
        .iter()
        .map(|value| black_box(form(black_box(value.as_str()))));
    forms.filter(Option::is_some).count()
}

/// Measures one form. Of the values, so many have one.
fn form<'a, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    values: &'a [String],
    form: impl Fn(&'a str) -> Option<T>,
) {
    let have = formed(values, &form);
    assert!(
        have > values.len() / 2,
        "{name}: {have} of {}",
        values.len()
    );
    group.throughput(Throughput::Elements(values.len() as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| assert_eq!(formed(values, &form), have));
    });
}

fn normal_forms(criterion: &mut Criterion) {
    let world = dirty(DEVICES);
    let [psa, rmm] = [WorldTool::Psa, WorldTool::Rmm].map(|tool| world.project(tool).devices);
    let both = || psa.iter().chain(&rmm);
    let serials: Vec<String> = both().filter_map(|device| device.serial.clone()).collect();
    let names: Vec<String> = both().map(|device| device.name.clone()).collect();
    let macs: Vec<String> = both()
        .flat_map(|device| &device.nics)
        .filter_map(|nic| nic.mac.clone())
        .collect();
    let fields: Vec<String> = psa
        .iter()
        .map(|device| {
            let macs = device.nics.iter().filter_map(|nic| nic.mac.as_deref());
            macs.collect::<Vec<_>>().join(", ")
        })
        .filter(|field| !field.is_empty())
        .collect();

    // Some are written otherwise than the others, or there would be nothing to bring into a form.
    let forms: HashSet<_> = macs.iter().filter_map(|mac| mac_key(mac)).collect();
    let texts: HashSet<_> = macs.iter().collect();
    assert!(forms.len() < texts.len(), "{} forms", forms.len());

    let mut group = criterion.benchmark_group("normal_forms");
    form(&mut group, "serial", &serials, |text| present(Some(text)));
    form(&mut group, "name", &names, |text| present(Some(text)));
    form(&mut group, "mac", &macs, mac_key);
    form(&mut group, "mac-field", &fields, single_mac);
    group.finish();
}

fn matching(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let world = dirty(MATCHED_DEVICES);
    let side = |vendor, origin| Side::new(simulator(vendor, &world, moment::now()), origin);
    let tools = Tools {
        psa: side(Vendor::ConnectwisePsa, "http://127.0.0.1:1"),
        rmm: side(Vendor::NinjaOne, "http://127.0.0.1:2"),
        clock: Arc::new(SimulatedClock::new(moment::now())),
    };
    let wires = Wires::new(&tools.clock, [&tools.psa, &tools.rmm]);
    let transport: Arc<dyn Transport> = Arc::new(wires);
    let rows = tools.rmm.simulator.truth();
    let devices = rows.iter().filter(|row| row.kind == Kind::Device).count();

    // What matching took, and how many devices it matched.
    let round = |knobs: Knobs| {
        let mut engine = tools.engine(&transport);
        engine.set_knobs(knobs);
        let mut matching = Duration::ZERO;
        for tool in [Tool::Psa, Tool::Rmm] {
            let report = runtime.block_on(engine.sync(tool));
            let report = report.expect("a sync can begin");
            assert!(report.error.is_none(), "{tool}: {:?}", report.error);
            matching += report.times.matching;
        }
        (engine, matching)
    };
    let matched = |knobs: Knobs| {
        let (engine, _) = round(knobs);
        let outcome = engine.outcome().expect("the account can be read");
        assert_eq!(outcome.rmm.devices.len(), devices);
        let devices = outcome.rmm.devices.iter();
        let matched = devices.filter(|device| device.state == ReviewState::Matched);
        matched.count()
    };

    let mut group = criterion.benchmark_group("matching");
    group.throughput(Throughput::Elements(devices as u64));
    group.sample_size(10);
    group.sampling_mode(SamplingMode::Flat);
    group.warm_up_time(MATCHING_MEASURED / 10);
    group.measurement_time(MATCHING_MEASURED);
    for (name, knobs) in [
        ("documented", Knobs::documented()),
        ("hardened", Knobs::hardened()),
    ] {
        let matched = matched(knobs);
        assert!(matched > devices / 2, "{name}: {matched} of {devices}");
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|rounds| (0..rounds).map(|_| round(knobs).1).sum());
        });
    }
    group.finish();
}

criterion_group!(benches, normal_forms, matching);
criterion_main!(benches);
