//! ConnectWise PSA, formerly ConnectWise Manage: the REST API 3.0 as a self-hosted server of version
//! 2025.1 answers it. It knows the vendor's records and rules and nothing of who asks or how the
//! requests came. Where the vendor does not document what it does, the code says `seen` or
//! `inferred`.

mod accept;
mod associations;
mod auth;
mod bulk;
mod change;
mod communications;
pub mod conditions;
mod fault;
mod fields;
mod json;
mod links;
mod list;
mod lists;
mod load;
mod media;
mod patch;
mod query;
mod refs;
mod render;
mod router;
mod schema;
mod select;
mod service;
mod sites;
mod stamp;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::ConnectwisePsa;
