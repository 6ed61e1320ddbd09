//! Stateful simulators of PSA and RMM vendor APIs.
//!
//! A [`world`] holds the truth about a tenant: organizations, locations, contacts and devices with
//! their real identity. Each vendor's simulator renders its share of that world as the vendor's own
//! records and answers HTTP requests about them as the vendor would. A simulator is a pure service,
//! `(request, now) -> reply`: it has state, but no clock, no I/O and no randomness of its own.
//! A [`front`] carries it to clients: a loopback server, or a `wiremock::MockServer` for Rust tests.
//!
//! This crate knows nothing of the engine that is tested against it, and must not: a mistake shared
//! by both would be invisible.

pub mod atera;
pub mod autotask;
pub mod connectwise_automate;
pub mod connectwise_psa;
pub mod datto_rmm;
pub mod front;
pub mod halopsa;
pub mod intune;
pub mod kaseya_bms;
pub mod kaseya_vsa9;
pub mod kit;
pub mod n_central;
pub mod ninjaone;
pub mod pulseway_psa;
pub mod pulseway_rmm;
#[cfg(test)]
mod sample;
mod simulator;
pub mod syncro;
pub mod tigerpaw;
mod vendor;
pub mod vsa_x;
pub mod world;

pub use simulator::{Access, ChangeError, Reply, Request, Simulator, TruthRow, UnderWay};
pub use vendor::{Neighbour, UnknownVendor, Vendor, product, simulator, simulator_with_devices};
