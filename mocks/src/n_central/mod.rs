//! N-able N-central: the REST API-Service of one server, with its token exchange. It knows the vendor's
//! records and rules and nothing of who asks. Where the vendor does not document what it does, the code
//! says `seen` or `inferred`.
//!
//! One service organization holds every customer, and every customer has one site of its name, where its
//! devices stand. What no agent runs on is watched by the customer's probe: it has no inventory but its
//! adapters, no lifecycle in the inventory, and no check-in of its own. Not here: tasks, custom
//! properties, service monitors, active issues, users, access groups, the old SOAP interface.

mod auth;
mod filters;
mod inventory;
mod pages;
mod query;
mod route;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod units;
mod write;

pub use service::{NCentral, NCentralOptions};
