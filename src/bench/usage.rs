//! What a process has used so far, as the system counts it.

use serde::{Deserialize, Serialize};

/// Processor time and memory of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Usage {
    /// Time on a processor, of all threads, in microseconds.
    pub(super) cpu_us: u64,
    /// The most memory that it held at once, in bytes.
    pub(super) peak_bytes: u64,
}

impl Usage {
    /// Of this process, since it began.
    #[cfg(unix)]
    pub(super) fn now() -> Self {
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::sys::time::TimeValLike as _;
        // The system knows its own processes.
        let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
            return Self::default();
        };
        let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        // Apple's kernel counts bytes, the others kilobytes.
        let unit = if cfg!(target_vendor = "apple") {
            1
        } else {
            1024
        };
        Self {
            cpu_us: u64::try_from(cpu).unwrap_or(0),
            peak_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * unit,
        }
    }

    /// Nothing is known where the system is no Unix.
    #[cfg(not(unix))]
    pub(super) fn now() -> Self {
        Self::default()
    }

    /// What was used since `before`; the peak stays the one of the whole life.
    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            cpu_us: self.cpu_us.saturating_sub(before.cpu_us),
            peak_bytes: self.peak_bytes,
        }
    }
}
