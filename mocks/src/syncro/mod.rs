//! Syncro: the API v1 of one subdomain, the PSA's side of it: customers, contacts, assets. The RMM's
//! side is the same assets with what their agents report. It knows the vendor's records and rules and
//! nothing of who asks. Where the vendor does not document what it does, the code says `seen` or
//! `inferred`.
//!
//! Syncro integrates with the documentation product from its own side: customers are suggested there by
//! name, e-mail and telephone, and configurations are pushed (documented). Here it is read like a PSA.
//! A customer has one address, which is the only location that it can have.

mod route;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use service::Syncro;
