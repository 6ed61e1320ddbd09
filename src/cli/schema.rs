//! `syncrig schema`

use super::error::CliError;
use super::output;
use crate::{exit_code, scenario};

pub(super) fn run() -> Result<u8, CliError> {
    output::json(&scenario::schema())?;
    Ok(exit_code::OK)
}
