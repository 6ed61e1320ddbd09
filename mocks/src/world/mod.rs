//! The truth about a tenant, and each tool's view of it. A world knows which records of which tool
//! stand for the same organization, location, contact or device; it must not know any vendor's API.

mod records;
mod tenant;

pub use records::{
    Address, Change, ContactRecord, Contents, DeviceClass, DeviceRecord, Disk, Email, Kind,
    LocationRecord, Nic, OrganizationRecord, Phone, Record, Tool, ToolRecords,
};
pub use tenant::World;
