//! VSA X (VSA 10): the REST API v3 of one instance, and the family that shares it: Pulseway RMM is the same
//! product under another name. It knows the vendor's records and rules and nothing of who asks. Where the
//! vendor does not document what it does, the code says `seen` or `inferred`.
//!
//! Every organization has one site, and the site one group, both of its name, so that the same
//! organizations are found whichever of the three plays the company. Workstations and servers run agents
//! and are assets; hosts of virtual machines, network devices and printers are devices alone. Not here:
//! notifications, automation, patches, custom fields, scopes, filters by `any` and `all`.

mod filter;
mod lexer;
mod list;
mod route;
mod service;
mod show;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::{Brand, VSA_X, VsaX};
