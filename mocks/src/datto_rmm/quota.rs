//! The vendor's request limits: what is counted, and what happens above it. Must not know routes;
//! names of write operations are the vendor's.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::kit::{SlidingWindow, Usage};

/// The rolling window (documented).
const WINDOW_MS: u32 = 60_000;
/// Reads of the whole account in a window (documented).
const READS: u64 = 600;
/// Writes of the whole account in a window (documented).
const WRITES: u64 = 600;
/// From so many percent on, every reply is slowed down (documented).
const SLOW_PERCENT: u64 = 90;
/// By how much (documented).
const SLOW_MS: u64 = 1_000;
/// Above so many percent the address is blocked; that it happens is documented, where is inferred.
const BLOCK_PERCENT: u64 = 110;
/// For how long (documented as about five minutes).
const BLOCK: SignedDuration = SignedDuration::from_secs(300);

/// Quotas of single write operations. The first two are documented; the names of the others are
/// inferred from them.
const OPERATIONS: [(&str, u64); 5] = [
    ("device-udf-set", 600),
    ("site-create", 100),
    ("site-update", 100),
    ("device-move", 100),
    ("device-warranty-set", 100),
];

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass { delay_ms: u64 },
    TooMany,
    Blocked,
}

/// The counters of one account. They count always and are enforced when switched on.
#[derive(Debug)]
pub(super) struct Quota {
    enforced: bool,
    reads: SlidingWindow,
    writes: SlidingWindow,
    operations: BTreeMap<&'static str, SlidingWindow>,
    blocked_until: Option<Timestamp>,
}

impl Quota {
    pub(super) fn new() -> Self {
        Self {
            enforced: false,
            reads: SlidingWindow::new(READS, WINDOW_MS),
            writes: SlidingWindow::new(WRITES, WINDOW_MS),
            operations: OPERATIONS
                .iter()
                .map(|(name, limit)| (*name, SlidingWindow::new(*limit, WINDOW_MS)))
                .collect(),
            blocked_until: None,
        }
    }

    /// Switches enforcement; what was counted before is forgotten.
    pub(super) fn enforce(&mut self, on: bool) {
        *self = Self {
            enforced: on,
            ..Self::new()
        };
    }

    /// Whether the address is blocked. A block that is over starts with empty counters (inferred).
    pub(super) fn blocked(&mut self, now: Timestamp) -> bool {
        match self.blocked_until {
            Some(until) if now < until => true,
            Some(_) => {
                self.enforce(true);
                false
            }
            None => false,
        }
    }

    /// Counts a read.
    pub(super) fn read(&mut self, now: Timestamp) -> Verdict {
        let usage = self.reads.hit(now);
        self.judge(&[usage], now)
    }

    /// Counts a write, in total and by the vendor's name of the operation if it has its own quota.
    pub(super) fn write(&mut self, operation: Option<&str>, now: Timestamp) -> Verdict {
        let mut usages = vec![self.writes.hit(now)];
        if let Some(window) = operation.and_then(|name| self.operations.get_mut(name)) {
            usages.push(window.hit(now));
        }
        self.judge(&usages, now)
    }

    /// The state as the vendor tells it (documented).
    pub(super) fn report(&mut self, account_uid: &str, now: Timestamp) -> Value {
        let operations: BTreeMap<&str, Value> = self
            .operations
            .iter_mut()
            .map(|(name, window)| {
                let usage = window.peek(now);
                (*name, json!({ "limit": usage.limit, "count": usage.count }))
            })
            .collect();
        json!({
            "slidingTimeWindowSizeSeconds": WINDOW_MS / 1_000,
            "accountUid": account_uid,
            "accountCount": self.reads.peek(now).count,
            "accountRateLimit": READS,
            "accountCutOffRatio": 0.9,
            "accountWriteRateLimit": WRITES,
            "accountWriteCount": self.writes.peek(now).count,
            "operationWriteStatus": operations,
        })
    }

    fn judge(&mut self, usages: &[Usage], now: Timestamp) -> Verdict {
        if !self.enforced {
            return Verdict::Pass { delay_ms: 0 };
        }
        let over = |usage: &Usage| usage.exceeded() && usage.reaches_percent(BLOCK_PERCENT);
        if usages.iter().any(over) {
            self.blocked_until = Some(now.checked_add(BLOCK).unwrap_or(Timestamp::MAX));
            return Verdict::Blocked;
        }
        if usages.iter().any(|usage| usage.exceeded()) {
            return Verdict::TooMany;
        }
        let slow = usages
            .iter()
            .any(|usage| usage.reaches_percent(SLOW_PERCENT));
        Verdict::Pass {
            delay_ms: if slow { SLOW_MS } else { 0 },
        }
    }
}

/// The vendor's name of a write operation that has a quota of its own.
pub(super) fn write_quota(operation: &str) -> Option<&'static str> {
    match operation {
        "device.udf" => Some("device-udf-set"),
        "device.warranty" => Some("device-warranty-set"),
        "device.move" => Some("device-move"),
        "site.create" => Some("site-create"),
        "site.update" => Some("site-update"),
        _ => None,
    }
}
