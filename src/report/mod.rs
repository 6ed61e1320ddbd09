//! Results of a run, written for people, for programs and for continuous integration. A writer is
//! given a finished report and a place to write to; it judges nothing and prints nowhere else.

mod calls;
mod human;
mod json;
mod junit;
mod paint;
mod run;
mod table;
#[cfg(test)]
mod tests;

pub use calls::{Calls, Quota, write_calls};
pub use human::{HumanOptions, write_human};
pub use json::write_json;
pub use junit::write_junit;
pub(crate) use paint::{Colour, Paint, one_line};
pub use run::{CaseError, CaseReport, CaseVerdict, DuplicateReport, Failure, RunReport, Totals};
pub(crate) use table::{figures, grouped, long};
