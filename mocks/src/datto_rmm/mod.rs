//! Datto RMM, REST API v2 with the v3 twins: sites, devices, audits, and the few writes that
//! integrations make. It renders the world's RMM records as Datto does; it must not know who reads
//! them.
//!
//! Sources of what it does are marked in the code: `documented` (the vendor's OpenAPI document,
//! build 235, or help page), `seen` (in the code of a published client), `inferred`.
//!
//! Decisions where the sources are silent, all `inferred`:
//!
//! - An organization that the world has switched off is an on-demand site; a device that is switched
//!   off is suspended.
//! - Parents of organizations are left out: sites have no hierarchy.
//! - MAC addresses and serial numbers are served as the world writes them. Network adapters keep the
//!   world's order, and the address of the first is the device's internal IP.
//! - A deleted device moves to the pseudo-site Deleted Devices with `deleted: true`; its audit can
//!   still be read. Deleting a site deletes its devices that way. A device that is put again under
//!   the same key is restored with its ids.
//! - A device counts as online unless it is suspended, deleted, or was last seen more than thirty
//!   minutes before it was written.
//! - `max` beyond 250 is served as 250; a `max` below 1, a negative `page` or one that is no number
//!   is 400.

mod auth;
mod filters;
mod ids;
mod lists;
mod quota;
mod reads;
mod render;
mod reply;
mod route;
mod simulator;
mod sites;
mod state;
mod wire;
mod writes;

#[cfg(test)]
mod tests;

pub use filters::CustomFilter;
pub use simulator::{DattoOptions, DattoRmm};
pub use sites::AutotaskCompany;
