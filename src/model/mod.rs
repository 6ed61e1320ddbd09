//! What is synced: records as the tools deliver them. No I/O, no rules, no vendor's shapes.

mod kind;
mod remote;

pub use kind::Kind;
pub use remote::{
    RemoteCompany, RemoteConfiguration, RemoteContact, RemoteDevice, RemoteDisk, RemoteEmail,
    RemoteInterface, RemoteLocation, RemoteOrganization, RemotePhone, RemoteType,
};
