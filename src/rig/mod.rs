//! Plays scenarios: stands up the vendors, drives a subject through the steps, and hands outcome and
//! truth to the judge. It speaks to a subject through one trait and never reaches into it.

mod builtin;
mod by_hand;
mod check;
mod clock;
mod event;
mod importing;
mod in_account;
mod neighbour;
mod persons;
mod play;
mod script;
mod settings;
mod stage;
mod subject;
mod suite;
mod truth;
mod vouch;

pub use builtin::{AccountPlace, BuiltIn};
pub use clock::RigClock;
pub use event::{RigEvent, RigListener};
pub use play::{CaseOutcome, PlayError, PlayOptions, play};
pub use stage::{EPOCH, Stage};
pub use subject::{
    AccountAction, Action, Connection, Created, Disconnect, ImportFile, ImportResult, NewRecord,
    Person, RecordRef, Rows, Screen, Subject, SubjectError, SyncResult, Verb, VisibleRows,
};
pub use suite::{Played, Progress, account_file, run_cases};
