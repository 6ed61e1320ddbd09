//! The documentation account: records, links to the tools, the RMM review queue and the journal of
//! syncs, in one SQLite file or in memory. It keeps what it is told and knows no rule of the sync.

mod account;
mod ahead;
mod devices;
mod error;
mod fields;
mod import_keys;
mod journal;
mod links;
mod queue;
mod records;
mod schema;
mod text;

pub use account::{Account, Reader, Touched, Writer};
pub use devices::{Comparable, DevicesAhead, StagedDevice, WaitingDevice};
pub use error::StoreError;
pub use journal::{DecisionRow, IntegrationRow, SyncRow};
pub use links::{LinksAhead, PsaLink};
pub use queue::{CompanyRow, DeviceRow, QueueTable, Queued, Staged};
pub use records::{
    Configuration, Contact, List, Location, Organization, Record, RowId, Statements, Stored,
};
