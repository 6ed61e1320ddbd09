//! Outcome against truth: how many records, how many duplicates and why, what is missing, how well
//! sources were joined, which laws were broken. The judge knows the truth and the outcome, and
//! neither the engine that made the one nor the simulators that made the other.

mod duplicates;
#[cfg(test)]
mod fixture;
mod invariants;
mod join;
mod judgement;
mod linkage;
mod missing;
#[cfg(test)]
mod oracle;
mod rules;
mod snapshot;
#[cfg(test)]
mod tests;
mod truth;
mod verdict;

pub use invariants::LAWS;
pub use judgement::{
    Duplicate, DuplicateCause, DuplicateCounts, FalseMerge, Findings, Judgement, Missing, PerKind,
    QueueCounts, VendorCalls, Violation,
};
pub use linkage::{Linkage, MeanShare};
pub use snapshot::{Field, ShownFields, SnapshotOptions, alike, full_snapshot, summary_snapshot};
pub use truth::{Entity, HandMade, Presence, Scope, SourceRow, Truth, source_of};
pub use verdict::judge;
