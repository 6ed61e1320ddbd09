//! A test rig for integrations that copy client data from PSA and RMM tools into an IT
//! documentation account.
//!
//! The library never prints and never exits; [`cli`] does, for the binary. The order of the modules
//! below is the order in which they stand on each other.

pub mod model;
pub mod transport;

pub mod connectors;
pub mod store;

pub mod engine;

pub mod judge;
pub mod scenario;

pub mod rules;

pub mod rig;

pub mod report;

pub mod quota;

pub mod bench;

pub mod cli;
pub mod exit_code;
