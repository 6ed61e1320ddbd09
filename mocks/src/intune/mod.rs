//! Microsoft Intune through Microsoft Graph v1.0, with the token endpoint of the identity platform on the
//! same host: the tenant of a partner, whose contracts name the customers, and one tenant for each of
//! these with its own managed devices. It knows the vendor's records and rules and nothing of who asks.
//! Where the vendor does not document what it does, the code says `seen` or `inferred`.
//!
//! Workstations alone are enrolled: servers, hosts of virtual machines, network devices and printers of the
//! world are in no tenant, and what happens to them happens without Intune (documented for servers, the
//! rest has no agent). A device that moves to another organization keeps its id, where a real one would be
//! enrolled anew. Not here: users, policies, apps, compliance, commands to devices, the beta version,
//! delegated permissions.

mod batch;
mod device;
mod login;
mod query;
mod refusal;
mod route;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use service::Intune;
