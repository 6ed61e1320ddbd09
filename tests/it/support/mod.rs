//! What the tests share: small tenants, the binary as a user runs it, a wire in memory, and an
//! account written down so that two of them can be compared.

pub(crate) mod account;
pub(crate) mod bin;
pub(crate) mod property;
pub(crate) mod rig;
pub(crate) mod tenants;
