//! The command line. Everything is in the library; this hands it the arguments and its exit code to
//! the system.

use std::process::ExitCode;

/// A sync makes and drops millions of short texts, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(syncrig::cli::main(std::env::args_os()))
}
