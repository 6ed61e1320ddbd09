//! The command line keeps its promises: exit codes, what goes to which stream, the forms of the
//! result, and that nothing is left behind.

mod bad_input;
mod bench;
mod bless;
mod help;
mod results;
mod rules;
mod serve;
mod tenant;

use std::fs;
use std::path::{Path, PathBuf};

/// A scenario with an RMM alone, as small as one can be.
const SMALL: &str = "\
title: One client with one device, from the RMM
method: D
tenant:
  organizations:
    acme: { name: Acme Dental }
  devices:
    ws1: { organization: acme, name: ACME-WS1, serial: 5CG01234XY }
steps:
  - connect: { rmm: {} }
  - sync: rmm
  - review: { create: { organizations: all } }
  - sync: rmm
  - review: { create: { devices: all } }
expect:
  organizations: 1
  configurations: 1
";

/// Writes a file into a folder.
fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("the temporary folder can be written to");
    path
}

/// A folder that goes away with the test.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
