//! What serving costs: standing a vendor up with 10,000 devices, which renders every record once,
//! and walking a list in its largest pages, which only hands slices out.

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

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use syncrig_mocks::{Request, Simulator, Vendor, simulator};

const DEVICES: u32 = 10_000;

/// Asks for every page and gives the bytes of all bodies.
fn walk(simulator: &dyn Simulator, pages: &[Request]) -> usize {
    let bodies = pages.iter().map(|page| ask::answer(simulator, page));
    bodies.map(|body| body.len()).sum()
}

/// How many records the pages hold together.
fn records(simulator: &dyn Simulator, pages: &[Request], list: Option<&str>) -> usize {
    let count = |request: &Request| {
        let body = ask::answer(simulator, request);
        let body: serde_json::Value = serde_json::from_slice(&body).expect("a page is JSON");
        let list = list.map_or(&body, |name| &body[name]);
        list.as_array().map_or(0, Vec::len)
    };
    pages.iter().map(count).sum()
}

/// How many records a vendor lists, of all kinds.
fn held(simulator: &dyn Simulator) -> u64 {
    simulator.counts().values().sum()
}

fn pages(criterion: &mut Criterion) {
    let world = tenant::world(&tenant::spec(DEVICES));
    let mut group = criterion.benchmark_group("pages");
    group.sample_size(20);

    for vendor in Vendor::ALL {
        // Not every vendor has devices, or all of them.
        let whole = held(simulator(*vendor, &world, moment::now()).as_ref());
        assert!(whole >= u64::from(DEVICES) / 10, "{vendor}: {whole}");
        group.throughput(Throughput::Elements(whole));
        group.bench_function(format!("stand-up/{vendor}"), |bencher| {
            bencher.iter(|| {
                let simulator = simulator(*vendor, &world, moment::now());
                assert_eq!(held(simulator.as_ref()), whole);
                simulator
            });
        });
    }

    group.throughput(Throughput::Elements(DEVICES.into()));
    let psa = simulator(Vendor::ConnectwisePsa, &world, moment::now());
    for size in [100, 1_000] {
        let asked: Vec<Request> = (1..=DEVICES / size)
            .map(|page| format!("/company/configurations?pageSize={size}&page={page}"))
            .map(|path| ask::psa_request(psa.as_ref(), &path))
            .collect();
        assert_eq!(records(psa.as_ref(), &asked, None), DEVICES as usize);
        group.bench_function(format!("walk/connectwise-psa/{size}"), |bencher| {
            bencher.iter(|| walk(psa.as_ref(), &asked));
        });
    }

    let rmm = simulator(Vendor::DattoRmm, &world, moment::now());
    let token = rmm_token(rmm.as_ref());
    for size in [50, 250] {
        let asked: Vec<Request> = (0..DEVICES / size)
            .map(|page| format!("/api/v2/account/devices?max={size}&page={page}"))
            .map(|path| rmm_request(&token, &path))
            .collect();
        assert_eq!(
            records(rmm.as_ref(), &asked, Some("devices")),
            DEVICES as usize
        );
        group.bench_function(format!("walk/datto-rmm/{size}"), |bencher| {
            bencher.iter(|| walk(rmm.as_ref(), &asked));
        });
    }
    group.finish();
}

/// A request to Datto RMM with this token.
fn rmm_request(token: &str, path_and_query: &str) -> Request {
    http::Request::get(path_and_query)
        .header("host", "127.0.0.1")
        .header("authorization", format!("Bearer {token}"))
        .body(Bytes::new())
        .expect("a request")
}

/// A token of Datto RMM.
fn rmm_token(simulator: &dyn Simulator) -> String {
    let access = simulator.access();
    let form = format!(
        "grant_type=password&username={}&password={}",
        access.credentials["api_key"], access.credentials["api_secret"]
    );
    let request = http::Request::post("/auth/oauth/token")
        .header("authorization", "Basic cHVibGljLWNsaWVudDpwdWJsaWM=")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .expect("a request");
    let reply = ask::answer(simulator, &request);
    let reply: serde_json::Value = serde_json::from_slice(&reply).expect("a token reply is JSON");
    reply["access_token"].as_str().expect("a token").to_owned()
}

criterion_group!(benches, pages);
criterion_main!(benches);
