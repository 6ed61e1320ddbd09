//! Syncro: the API v1 of one subdomain, which is a PSA and an RMM in one product: customers, contacts,
//! assets. An account is stood up with the PSA's share of a world, with the RMM's, or with both. It knows
//! the vendor's records and rules and nothing of who asks. Where the vendor does not document what it
//! does, the code says `seen` or `inferred`.
//!
//! Syncro integrates with the documentation product from its own side: customers are suggested there by
//! name, e-mail and telephone, and configurations are pushed (documented). Here it is read like a PSA, or
//! like an RMM. A customer has one address, which is the only location that it can have.
//!
//! Two accounts of one world, one for each part, give their records ids of different ranges: in one
//! account no two records of a kind have the same id either.

mod agent;
mod list;
mod route;
mod service;
mod shape;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::Syncro;
