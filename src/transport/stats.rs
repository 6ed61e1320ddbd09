//! What calls cost: requests, repeats, bytes and waits by operation. Counts only, no contents.

use std::collections::BTreeMap;

use serde::Serialize;

/// What one operation (`configurations.list`) cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OperationStats {
    /// Requests sent, repeats included.
    pub requests: u64,
    /// Requests that were sent again after a failure.
    pub retries: u64,
    /// Calls that were not sent, because their answer was known still.
    pub remembered: u64,
    /// Bytes of the bodies received, decompressed.
    pub bytes: u64,
    /// Milliseconds spent waiting for the vendor's or our own limit and between repeats, summed over
    /// calls that waited at the same time.
    pub waited_ms: u64,
}

impl OperationStats {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.retries += other.retries;
        self.remembered += other.remembered;
        self.bytes += other.bytes;
        self.waited_ms += other.waited_ms;
    }
}

/// What a connector's calls cost since it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallStats {
    /// By operation, in the order of their names.
    pub operations: BTreeMap<&'static str, OperationStats>,
    /// Records that were received but by the vendor's contract belong to no client (a deleted
    /// device that is still listed), by reason. They are in no page.
    pub left_out: BTreeMap<&'static str, u64>,
}

impl CallStats {
    /// All operations together.
    pub fn total(&self) -> OperationStats {
        let mut total = OperationStats::default();
        for operation in self.operations.values() {
            total.add(operation);
        }
        total
    }

    /// The counters of one operation.
    pub fn operation(&mut self, name: &'static str) -> &mut OperationStats {
        self.operations.entry(name).or_default()
    }

    /// Adds what the calls of another client cost.
    pub fn add(&mut self, other: &Self) {
        for (name, operation) in &other.operations {
            self.operation(name).add(operation);
        }
        for (reason, count) in &other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
    }

    /// Counts a record that is left out.
    pub fn leave_out(&mut self, reason: &'static str) {
        *self.left_out.entry(reason).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::CallStats;

    #[test]
    fn total_adds_all_operations() {
        let mut stats = CallStats::default();
        stats.operation("sites.list").requests = 2;
        stats.operation("sites.list").bytes = 10;
        stats.operation("devices.list").requests = 3;
        stats.operation("devices.list").retries = 1;
        stats.operation("devices.list").waited_ms = 7;
        let total = stats.total();
        assert_eq!(
            (total.requests, total.retries, total.bytes, total.waited_ms),
            (5, 1, 10, 7)
        );
        stats.leave_out("deleted");
        let mut sum = stats.clone();
        sum.add(&stats);
        assert_eq!(sum.operation("sites.list").requests, 4);
        assert_eq!((sum.total().requests, sum.left_out["deleted"]), (10, 2));
    }
}
