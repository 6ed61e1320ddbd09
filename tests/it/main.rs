//! Everything that needs more than one part of the system, in one binary, because linking takes
//! longer than running. Each module opens with what it proves.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says so; helpers are not marked as tests"
)]

mod changes;
mod cli;
mod convergence;
mod crash;
mod documentation;
mod exit_codes;
mod incremental;
mod n_central;
mod oracle;
mod paging;
mod quota;
mod support;
mod tidy;
mod two_way;
mod wire;
mod wiremock_front;
