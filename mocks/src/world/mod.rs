//! The truth about a tenant, and each tool's view of it. A world knows which records of which tool
//! stand for the same organization, location, contact or device; it must not know any vendor's API.

mod dirt;
mod edit;
mod error;
mod generate;
mod located;
mod patch;
mod push;
mod records;
mod render;
mod resolve;
mod shelf;
mod state;
mod tenant;
#[cfg(test)]
mod tests;
mod yaml;

pub use dirt::{Dirt, DirtPreset, DirtReport, DirtSpec, Rate, RateError};
pub use edit::Changes;
pub use error::{TenantError, WorldError};
pub use generate::{ClassWeights, Count, Fleet, GenerateSpec, SpecError, generate, generate_apart};
pub use located::Located;
pub use patch::{ContactPatch, DevicePatch, LocationPatch, OrganizationPatch, Patch};
pub use push::{Cascade, PushIdentifier, PushRules};
pub use records::{
    Address, Change, ContactRecord, Contents, DeviceClass, DeviceRecord, Disk, Email, Kind,
    LocationRecord, Nic, OrganizationRecord, Phone, Record, Tool, ToolRecords,
};
pub use state::{Entity, ToolSet, World};
pub use tenant::{Contact, Copies, Device, Entries, Location, Organization, Tenant};
pub use yaml::yaml_options;
