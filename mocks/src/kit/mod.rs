//! What vendors have in common: record tables, paging, filters, authentication, limits, error
//! bodies. A part takes a description of what is particular to a vendor; none may name a vendor.

pub mod odata;

mod collection;
pub mod condition;
mod envelope;
mod guid;
mod lay_over;
mod ledger;
mod limits;
mod request;
mod table;
mod token;

pub use collection::{Collection, Object, at, write};
pub use envelope::envelope;
pub use guid::{draw, draw_guid, guid, parse_guid};
pub use lay_over::lay_over;
pub use ledger::Ledger;
pub use limits::{SlidingWindow, Usage};
pub use request::{base_url, query_pairs};
pub use table::{Table, TableBuilder};
pub use token::{Tokens, mix};
