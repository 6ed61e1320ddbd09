//! Tigerpaw One: the REST API as a hosted server answers it, in JSON. It knows the vendor's records and
//! rules and nothing of who asks. Where the vendor does not document what it does, the code says `seen`
//! or `inferred`.
//!
//! There are no locations: an account has an address, and so has each contact. Of the world's locations
//! the main one is the account's address, and others stand where an active contact sits there. They
//! have the ids that a reader gives them: `account-1052932`, and `contact-2051` after the first contact
//! with that address. Not here: XML (answered 406), ship-tos and bill-tos, journals, orders.

mod search;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::Tigerpaw;
