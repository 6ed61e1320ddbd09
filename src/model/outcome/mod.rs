//! What a subject says it made of its sources: the account's records, the matching screen, what each
//! sync did and why. One versioned JSON document, the same for the built-in engine and for anybody
//! else's integration. It must not know the truth, nor how a subject came to its result.

mod account;
mod read;
mod record;
mod review;
mod sync;

pub use account::Outcome;
pub use read::OutcomeError;
pub use record::{Fields, Link, LinkState, Origin, PushState, RecordKind, RecordOutcome, Tool};
pub use review::{ReviewState, RmmCompanyOutcome, RmmDeviceOutcome, RmmOutcome};
pub use sync::{
    Action, Compared, Decision, DecisionOutcome, Evidence, Ledger, Rejection, SyncError,
    SyncOutcome, SyncStatus, Warning,
};
