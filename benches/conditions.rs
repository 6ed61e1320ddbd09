//! What a filtered list costs: conditions of several kinds are parsed and evaluated over 10,000
//! configurations, and one page comes back. A simulator may keep what it selected until a record
//! changes; `repeated` asks the same thing again, `fresh` asks another thing each time.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

#[path = "support/ask.rs"]
mod ask;
#[path = "support/moment.rs"]
mod moment;
#[path = "support/tenant.rs"]
mod tenant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use syncrig_mocks::{Simulator, Vendor, simulator};

const DEVICES: u32 = 10_000;

/// What is asked.
const CONDITIONS: [(&str, &str); 4] = [
    ("number", "id > 1"),
    ("text", "name like '%WS0%'"),
    ("reference", "company/id > 1 and status/name = 'Active'"),
    (
        "nested",
        "(type/name = 'Managed Workstation' or type/name = 'Managed Server') and \
         serialNumber != null",
    ),
];

/// Above every id, so that a condition on it selects the same and reads differently.
const ID_MAX: u32 = 1_000_000_000;

fn path(conditions: &str, bound: u32) -> String {
    let text = format!("({conditions}) and id < {bound}");
    let text = utf8_percent_encode(&text, NON_ALPHANUMERIC);
    format!("/company/configurations?pageSize=1000&conditions={text}")
}

fn records(simulator: &dyn Simulator, path: &str) -> usize {
    let body = ask::answer(simulator, &ask::psa_request(simulator, path));
    let page: Vec<serde::de::IgnoredAny> = serde_json::from_slice(&body).expect("a list");
    page.len()
}

fn conditions(criterion: &mut Criterion) {
    let world = tenant::world(&tenant::spec(DEVICES));
    let simulator = simulator(Vendor::ConnectwisePsa, &world, moment::now());
    let simulator = simulator.as_ref();
    let mut group = criterion.benchmark_group("conditions");
    group.throughput(Throughput::Elements(DEVICES.into()));
    let mut bound = ID_MAX;
    for (name, text) in CONDITIONS {
        assert_eq!(records(simulator, &path(text, ID_MAX)), 1_000, "{name}");
        let request = ask::psa_request(simulator, &path(text, ID_MAX));
        group.bench_function(format!("repeated/{name}"), |bencher| {
            bencher.iter(|| ask::answer(simulator, &request));
        });
        group.bench_function(format!("fresh/{name}"), |bencher| {
            bencher.iter_batched(
                || {
                    bound += 1;
                    ask::psa_request(simulator, &path(text, bound))
                },
                |request| ask::answer(simulator, &request),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, conditions);
criterion_main!(benches);
