//! What is synced: records as the tools deliver them, and the account as a subject reports it. No
//! I/O, no rules, no vendor's shapes.

mod method;
mod outcome;
mod remote;

pub use method::Method;
pub use outcome::{
    Action, Compared, Decision, DecisionOutcome, Evidence, Fields, Ledger, Link, LinkState, Origin,
    Outcome, OutcomeError, PushState, RecordKind, RecordOutcome, Rejection, ReviewState,
    RmmCompanyOutcome, RmmDeviceOutcome, RmmOutcome, SyncError, SyncOutcome, SyncStatus, Tool,
    Warning,
};
pub use remote::{
    RemoteCompany, RemoteConfiguration, RemoteContact, RemoteDevice, RemoteDisk, RemoteEmail,
    RemoteInterface, RemoteLocation, RemoteOrganization, RemotePhone, RemoteType,
};
