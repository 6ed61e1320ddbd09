//! The binary as a user runs it: arguments in, exit code and both streams out.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command of the binary under test, in an environment that does not depend on the machine's.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncrig"));
    command
        .env_remove("CI")
        .env_remove("RUST_BACKTRACE")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }
}

impl Run {
    /// Fails with both streams unless the command ended with this code.
    #[track_caller]
    pub(crate) fn expect_code(self, code: u8) -> Self {
        assert_eq!(
            self.code,
            Some(i32::from(code)),
            "exit code\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as one JSON document and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON document: {error}\n{}", self.stdout))
    }
}

/// Runs the binary where the tests are run.
pub(crate) fn syncrig<I, S>(arguments: I) -> Run
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let output = command().args(arguments).output();
    output.expect("the binary can be started").into()
}

/// Runs the binary in a folder.
pub(crate) fn syncrig_in<I, S>(folder: &Path, arguments: I) -> Run
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let output = command().current_dir(folder).args(arguments).output();
    output.expect("the binary can be started").into()
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
