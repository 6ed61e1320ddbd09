//! One ordered stream of what happens in a run. Progress, logs and reports only listen.

use serde::Serialize;

use crate::engine::Event;

/// Something that happened while a case was played. Without times: the same case gives the same
/// stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "rig", rename_all = "kebab-case")]
pub enum RigEvent {
    /// A case began.
    CaseStarted {
        /// Its name.
        case: String,
        /// Seed of everything that is drawn.
        seed: u64,
    },
    /// A step began.
    StepStarted {
        /// Counted from 1.
        step: usize,
        /// Its name (`sync`).
        name: &'static str,
    },
    /// The subject told something.
    Subject(Event),
    /// Something was not as expected.
    Failed {
        /// The step, counted from 1; the script's end has the number after the last.
        step: usize,
        /// What.
        what: String,
    },
    /// A case ended.
    CaseEnded {
        /// Its name.
        case: String,
        /// How many expectations failed.
        failures: usize,
    },
}

/// Hears every event of a case, in order. Cases may be played side by side.
pub trait RigListener: Send + Sync {
    /// One event.
    fn hear(&self, case: &str, event: &RigEvent);
}

/// Hears and forgets.
impl RigListener for () {
    fn hear(&self, _case: &str, _event: &RigEvent) {}
}
