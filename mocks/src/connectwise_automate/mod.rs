//! ConnectWise Automate, formerly LabTech: `cwa/api/v1` of one server. It knows the vendor's records and
//! rules and nothing of who asks. Where the vendor does not document what it does, the code says `seen`
//! (in clients) or `inferred`; names and types of fields are `documented`.
//!
//! Every client has one location, which is called like it. What an agent runs on is a computer, hosts of
//! virtual machines included (`inferred`: there is a flag for them); switches and printers are network
//! devices, with ids of their own and without serial number. Not here: groups, searches, contacts,
//! software, monitors and scripts have empty lists or none; tickets and commands have none.

mod fields;
mod filter;
mod output;
mod parts;
mod query;
mod render;
mod route;
mod service;
mod session;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use render::MacForm;
pub use service::ConnectwiseAutomate;
