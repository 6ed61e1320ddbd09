//! The script language: what a scenario file can say, how it is read and checked, and which cases
//! it makes. It knows the world that tenants are made of, and neither the engine nor the rig.
//! `docs/scenarios.md` is its manual.

mod account;
pub mod codes;
mod diagnostics;
mod expect;
mod explain;
mod fields;
mod forms;
mod import;
mod located;
mod matrix;
mod model;
mod nearest;
mod parse;
mod person;
mod print;
mod review;
#[cfg(test)]
mod roundtrip;
mod schema;
mod steps;
mod tenant_source;
#[cfg(test)]
mod tests;
mod upstream;
mod validate;

pub use account::{
    Account, AccountCreate, AccountEdit, AccountMerge, AccountRecord, AccountValues, By, PushAll,
};
pub use diagnostics::{Diagnostic, Diagnostics, Place, Severity, Source, Style};
pub use expect::{
    Duplicates, Expect, Ledger, LinkState, PsaRecords, PushState, RecordCheck, RecordChecks,
    RowState,
};
pub use import::{Encoding, Import, ImportFormat, ImportKind};
pub use located::EntityRef;
pub use matrix::{Case, Selection};
pub use model::{Scenario, TenantSource, Vendors};
pub use parse::{load, load_tenant, parse, parse_with};
pub use person::{Access, Person};
pub use print::PrintError;
pub use review::{MatchTo, Review, Rows, Target};
pub use schema::schema;
pub use steps::{
    Advance, Connect, Disconnect, FaultStep, PsaDisconnect, PsaRows, PsaSettings, Push, PushTarget,
    Reconnect, Refused, RmmDisconnect, RmmSettings, RowsDisconnect, Settings, Step, Sync,
};
pub use upstream::{Add, Edit, InTool, Reimage, Remove};
pub(crate) use validate::is_rule_id;
