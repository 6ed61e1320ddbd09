//! Imports: CSV files of organizations, locations, contacts and configurations, and Network
//! Detective's list of computers. A file is read as a stream and written in one transaction, so that
//! a file that is refused leaves nothing. It knows nothing of connectors: an import has no remote
//! ids, and what it writes is not pushed anywhere.

mod columns;
mod error;
mod fields;
mod index;
mod network_detective;
mod report;
mod request;
mod row;
mod rows;
mod run;
mod target;
#[cfg(test)]
mod tests;

pub use error::ImportError;
pub use fields::import_fields;
pub use report::{ImportReport, ImportRow, RowOutcome};
pub use request::{IMPORT_BYTES_MAX, Import, ImportFormat, data_rows};
