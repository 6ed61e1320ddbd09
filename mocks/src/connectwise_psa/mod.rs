//! ConnectwisePsa.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::world::{Change, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// The simulator.
#[derive(Debug)]
pub struct ConnectwisePsa {}

impl ConnectwisePsa {
    /// Stands it up with the tool's records.
    pub fn new(_records: &ToolRecords, _now: Timestamp) -> Self {
        Self {}
    }
}

impl Simulator for ConnectwisePsa {
    fn vendor(&self) -> Vendor {
        Vendor::ConnectwisePsa
    }
    fn handle(&self, _request: &Request, _now: Timestamp) -> Reply {
        Reply::new("unknown", http::StatusCode::NOT_FOUND)
    }
    fn apply(&self, _change: &Change, _now: Timestamp) -> Result<(), ChangeError> {
        Ok(())
    }
    fn truth(&self) -> Vec<TruthRow> {
        Vec::new()
    }
    fn access(&self) -> Access {
        Access::default()
    }
    fn counts(&self) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }
    fn set_limits(&self, _on: bool) {}
}
