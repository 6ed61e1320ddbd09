//! What playing scenarios costs: the happy path of each method, one after the other and all together,
//! as `syncrig run` plays them: simulators on ports of the loopback interface, the engine in this
//! process, the judge at the end, and the outcome compared with the one beside the script.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use syncrig::report::CaseVerdict;
use syncrig::rig::{AccountPlace, PlayOptions, run_cases};
use syncrig::scenario::{Case, Selection, load};
use tokio::runtime::Runtime;

/// One of each method.
const SCENARIOS: [&str; 4] = [
    "a/happy-path",
    "b/happy-path",
    "c/happy-path",
    "d/happy-path",
];

/// The outcomes that are kept beside the scripts, by the name of the case.
type Kept = BTreeMap<String, String>;

fn read(name: &str, kept: &mut Kept) -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let script = folder.join(format!("{name}.yaml"));
    let scenario = load(&script).expect("built-in scenarios can be read");
    let cases = Arc::new(scenario).cases(&Selection::default()).into_iter();
    let mut own: Vec<Case> = cases.filter(Case::is_own).collect();
    assert_eq!(own.len(), 1, "{name}");
    let case = own.remove(0);
    let text = fs::read_to_string(folder.join(format!("{name}.snap"))).expect("an outcome");
    // Before the outcome stands a head between two lines of dashes.
    let outcome = text
        .splitn(3, "---\n")
        .nth(2)
        .expect("a head and an outcome");
    kept.insert(case.name.clone(), outcome.trim_end().to_owned());
    case
}

/// Plays cases, all of which must come out as they are kept.
async fn play(cases: Vec<Case>, kept: &Kept) {
    let (options, account) = (PlayOptions::default(), |_: &Case| AccountPlace::Memory);
    let outcome = |case: &Case| kept.get(&case.name).cloned();
    let (listener, total) = (Arc::new(()), cases.len());
    let played = run_cases(cases, options, account, outcome, listener, &mut |_| {}).await;
    let played = played.expect("an HTTP client");
    assert_eq!(played.len(), total);
    for it in played {
        let name = &it.case.name;
        assert_eq!(it.report.verdict, CaseVerdict::Pass, "{name}");
        let outcome = it.result.expect("a case that passes was played to its end");
        assert_eq!(outcome.snapshot.trim_end(), kept[name], "{name}");
    }
}

fn scenarios(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut kept = Kept::new();
    let cases = SCENARIOS.map(|name| read(name, &mut kept));
    let methods: BTreeSet<_> = cases.iter().map(|case| case.method).collect();
    assert_eq!(methods.len(), SCENARIOS.len(), "one of each method");

    let mut group = criterion.benchmark_group("scenarios");
    group.sample_size(20);
    for case in &cases {
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::new("one", case.method), |bencher| {
            bencher.iter_batched(
                || vec![case.clone()],
                |cases| runtime.block_on(play(cases, &kept)),
                BatchSize::SmallInput,
            );
        });
    }
    group.throughput(Throughput::Elements(cases.len() as u64));
    group.bench_function("all", |bencher| {
        bencher.iter_batched(
            || cases.to_vec(),
            |cases| runtime.block_on(play(cases, &kept)),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, scenarios);
criterion_main!(benches);
