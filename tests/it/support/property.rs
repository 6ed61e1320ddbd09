//! Properties over generated stories. The gate draws the same ones every time; with
//! `PROPTEST_CASES=5000` set they are drawn anew and there are so many.

use proptest::strategy::BoxedStrategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Checks a property for so many stories.
#[track_caller]
pub(crate) fn check<T: std::fmt::Debug>(
    cases: u32,
    stories: &BoxedStrategy<T>,
    property: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let many = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut runner = if many {
        TestRunner::new(config)
    } else {
        let same = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        TestRunner::new_with_rng(Config { cases, ..config }, same)
    };
    if let Err(error) = runner.run(stories, property) {
        panic!("{error}");
    }
}
