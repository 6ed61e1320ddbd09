//! Atera: REST API v3 of one account. It knows the vendor's records and rules and nothing of who asks.
//! Where the vendor does not document what it does, the code says `seen` or `inferred`.
//!
//! Computers are agents. What no agent runs on is watched from one beside it, in four kinds with ids of
//! their own: SNMP, TCP, HTTP and generic devices. The world's switches, printers and hosts with ESXi are
//! SNMP devices; the other kinds are there for clients to make. Every customer has one folder. Not here:
//! contacts, contracts, tickets, alerts, patches, attachments.

mod class;
mod custom;
mod query;
mod render;
mod route;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::{Atera, AteraOptions};
