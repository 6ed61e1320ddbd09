//! The run for continuous integration. A failed expectation is a `failure`, a case that broke off
//! an `error`, so that it is seen whose fault it is; an omitted case is `skipped`.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run::{CaseReport, CaseVerdict, Failure, RunReport};
use crate::model::Method;

/// Writes the report as JUnit XML: a test suite for each method that has cases, a test case for each
/// case.
///
/// # Errors
/// What the writer says.
pub fn write_junit(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut junit = Report::new("syncrig");
    junit.set_time(Duration::from_millis(report.totals.duration_ms));
    for method in Method::ALL {
        let mut cases = report
            .cases
            .iter()
            .filter(|case| case.method == method)
            .peekable();
        if cases.peek().is_none() {
            continue;
        }
        let mut suite = TestSuite::new(format!("method {method}"));
        let mut duration_ms = 0_u64;
        for case in cases {
            duration_ms += case.duration_ms;
            suite.add_test_case(test_case(case));
        }
        suite.set_time(Duration::from_millis(duration_ms));
        junit.add_test_suite(suite);
    }
    junit.serialize(out).map_err(io::Error::other)
}

fn test_case(case: &CaseReport) -> TestCase {
    let mut test = TestCase::new(case.name(), status(case));
    test.set_classname(case.scenario.as_str())
        .set_time(Duration::from_millis(case.duration_ms));
    if matches!(
        case.verdict,
        CaseVerdict::Pass | CaseVerdict::Explained | CaseVerdict::Fail
    ) {
        for (name, count) in [
            ("organizations", case.organizations),
            ("configurations", case.configurations),
            ("duplicates", case.duplicates.total()),
            ("unmatched", case.unmatched),
            ("requests", case.request_count()),
        ] {
            test.add_property((name, count.to_string().as_str()));
        }
        if !case.explained.is_empty() {
            test.add_property(("explained", case.explained.join("; ").as_str()));
        }
        if !case.unsettled.is_empty() {
            let ids: Vec<&str> = case.unsettled.keys().map(String::as_str).collect();
            test.add_property(("unsettled", ids.join(" ").as_str()));
        }
    }
    test
}

fn status(case: &CaseReport) -> TestCaseStatus {
    match case.verdict {
        CaseVerdict::Pass | CaseVerdict::Explained => TestCaseStatus::success(),
        CaseVerdict::Omitted => {
            let mut status = TestCaseStatus::skipped();
            if let Some(because) = &case.omitted_because {
                status.set_message(because.as_str());
            }
            status
        }
        CaseVerdict::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("expectation");
            if let Some(first) = case.failures.first() {
                status.set_message(match case.failures.len() {
                    1 => headline(first),
                    count => format!("{} (and {} more)", headline(first), count - 1),
                });
            }
            status.set_description(description(case));
            status
        }
        CaseVerdict::Error => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            if let Some(error) = &case.error {
                status
                    .set_type(error.code.as_str())
                    .set_message(error.message.as_str());
            }
            status.set_description(description(case));
            status
        }
    }
}

fn headline(failure: &Failure) -> String {
    format!(
        "{}: expected {}, found {}",
        failure.what, failure.expected, failure.actual
    )
}

fn description(case: &CaseReport) -> String {
    let mut lines: Vec<String> = Vec::new();
    if let Some(error) = &case.error {
        lines.push(error.message.clone());
        lines.extend(error.hint.iter().map(|hint| format!("help: {hint}")));
    }
    for failure in &case.failures {
        lines.push(headline(failure));
        lines.extend(failure.hint.iter().map(|hint| format!("help: {hint}")));
    }
    lines.push(format!("run again: {}", case.rerun_command()));
    lines.join("\n")
}
