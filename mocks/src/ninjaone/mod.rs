//! NinjaOne: the Public API v2 of one instance, with its login. It knows the vendor's records and rules
//! and nothing of who asks. Where the vendor does not document what it does, the code says `seen` or
//! `inferred`.
//!
//! Every organization has one location, `Main Office`. Network devices and printers are watched by an
//! agent beside them and have neither serial number nor hardware (documented: base fields alone). Not
//! here: activities, patches, software, documentation, tickets, the signed keys of the old API.

mod devices;
mod filter;
mod list;
mod part;
mod query;
mod render;
mod route;
mod service;
mod sheet;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::NinjaOne;
