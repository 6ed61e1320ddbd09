//! The documentation account: records, links to the tools, the RMM review queue and the journal of
//! syncs, in one SQLite file or in memory. It keeps what it is told and knows no rule of the sync.

mod account;
mod error;
mod journal;
mod links;
mod queue;
mod records;
mod schema;

pub use account::{Account, Origin, Reader, Writer};
pub use error::StoreError;
pub use journal::{DecisionRow, IntegrationRow, LedgerRow, SyncRow};
pub use links::{Link, LinkState};
pub use queue::{CompanyRow, DeviceRow, MatchState, QueueTable, Queued, Staged};
pub use records::{Configuration, Contact, List, Location, Organization, Record, RowId, Stored};
