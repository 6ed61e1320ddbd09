//! The command line. Everything is in the library; this hands it the arguments and its exit code to
//! the system.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(syncrig::cli::main(std::env::args_os()))
}
