//! DattoRmm.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::world::{Change, ToolRecords};
use crate::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor};

/// The simulator.
#[derive(Debug)]
pub struct DattoRmm {}

impl DattoRmm {
    /// Stands it up with the tool's records.
    pub fn new(_records: &ToolRecords, _now: Timestamp) -> Self {
        Self {}
    }
}

impl Simulator for DattoRmm {
    fn vendor(&self) -> Vendor {
        Vendor::DattoRmm
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
