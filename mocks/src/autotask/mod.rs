//! Autotask PSA: the REST API 1.0 as one zone of the vendor answers it, zone discovery included. It
//! knows the vendor's records and rules and nothing of who asks. Where the vendor does not document
//! what it does, the code says `seen` or `inferred`.
//!
//! Not here: webhooks.

mod filter;
mod metadata;
mod query;
mod route;
mod schema;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod world;
mod write;

pub use service::{Autotask, MissingId};
