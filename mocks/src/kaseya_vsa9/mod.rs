//! Kaseya VSA 9: the REST API (`/api/v1.0`) of one server. It knows the vendor's records and rules and
//! nothing of who asks. Where the vendor does not document what it does, the code says `seen` or
//! `inferred`.
//!
//! Every organization has one machine group, `root`, and a machine's name ends in it. Workstations and
//! servers run agents; hosts of virtual machines, network devices and printers were found on the network
//! and are assets alone. Machines, assets, organizations and groups have numbers of one sequence
//! (`inferred`), sent as text: those of organizations and groups have 26 digits. Not here: writes,
//! procedures, tickets, installed software, drives and user accounts of a machine, the SOAP service.

mod route;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use service::KaseyaVsa9;
