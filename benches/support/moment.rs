//! The moment at which everything is measured, so that what depends on the time is always the same.

use jiff::Timestamp;
use syncrig::rig::EPOCH;

/// When every run begins.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(EPOCH).expect("a moment that can be")
}
