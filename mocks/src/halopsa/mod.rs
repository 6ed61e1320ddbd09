//! HaloPSA: the API v2 of one tenant, with its login. It knows the vendor's records and rules and
//! nothing of who asks. Where the vendor does not document what it does, the code says `seen` or
//! `inferred`.
//!
//! HaloPSA integrates with the documentation product from its own side: it takes exact names unless it
//! has a row of mapping, leaves clients without a site out, and can push back (documented). Here it is
//! read like a PSA. Of a top level it makes what others call the type of a client (inferred).

mod service;
mod store;
#[cfg(test)]
mod tests;
mod write;

pub use service::HaloPsa;
