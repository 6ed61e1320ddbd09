//! What the program's exit code says. The numbers are stable; the README lists them.

/// All as expected.
pub const OK: u8 = 0;
/// The command line is wrong.
pub const USAGE: u8 = 1;
/// A scenario, tenant or settings file is wrong. Nothing was started.
pub const SCENARIO: u8 = 2;
/// The rig itself broke, or the machine under it: a port, a disk, a directory.
pub const RIG: u8 = 3;
/// An expectation failed.
pub const EXPECTATION: u8 = 4;
/// A contract or rule check failed.
pub const CHECK: u8 = 5;
/// Nothing was selected to run.
pub const NOTHING: u8 = 6;
/// Stopped by Ctrl-C (128 + SIGINT, as shells have it).
pub const INTERRUPTED: u8 = 130;

/// Every code with its meaning, in order.
pub const ALL: &[(u8, &str)] = &[
    (OK, "all as expected"),
    (USAGE, "the command line is wrong"),
    (
        SCENARIO,
        "a scenario, tenant or settings file is wrong; nothing was started",
    ),
    (
        RIG,
        "the rig itself broke, or the machine under it (port, disk, directory)",
    ),
    (EXPECTATION, "an expectation failed"),
    (CHECK, "a contract or rule check failed"),
    (NOTHING, "nothing was selected to run"),
    (INTERRUPTED, "stopped by Ctrl-C"),
];
