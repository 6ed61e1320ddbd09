//! Kaseya BMS: the REST API v2 as one tenant sees it, and the family that shares it: Vorex and
//! Pulseway PSA are the same product under other names and hosts. It knows the vendor's records and
//! rules and nothing of who asks. Where the vendor does not document what it does, the code says
//! `seen` or `inferred`.

mod asset;
mod form;
mod lists;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod world;
mod write;

pub use service::{Bms, Brand, KASEYA_BMS};
