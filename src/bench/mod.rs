//! Benchmarks of whole syncs: a generated tenant, each simulator in a process of its own, the engine in
//! another, and what each of them used. Time here is the machine's; everything that decides an outcome
//! is elsewhere, and this module must not change how a sync runs in order to measure it.

mod job;
mod measure;
mod part;
mod report;
mod tenant;
mod usage;

pub use job::{BenchPlan, Share};
pub use measure::{BenchError, BenchListener, Stage, bench};
pub use part::part;
pub use report::{
    BenchReport, Growth, Phase, PhaseReport, RunReport, SimulatorReport, StageReport, write_bench,
};
