//! Linkage measures: how well source records were put together, as pairs and as B-cubed. A cluster
//! is an account record; a source record without one is a cluster of its own. Counts are exact;
//! quotients are taken last.

use std::collections::BTreeMap;

use serde::Serialize;

use super::join::{EntityNo, Joined};
use super::truth::Presence;
use crate::model::{LinkState, RecordKind};

/// Measures of one kind of record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Linkage {
    /// Source records measured: those that can reach the account, and those that it still links.
    pub items: u64,
    /// Pairs of source records in one account record.
    pub linked_pairs: u64,
    /// Pairs of source records of one entity.
    pub true_pairs: u64,
    /// Pairs that are both.
    pub correct_pairs: u64,
    /// B-cubed precision: of a source record's cluster, the share that is its entity.
    pub bcubed_precision: MeanShare,
    /// B-cubed recall: of a source record's entity, the share that is in its cluster.
    pub bcubed_recall: MeanShare,
}

impl Linkage {
    /// Correct pairs of the linked ones; none when nothing was linked.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.correct_pairs, self.linked_pairs)
    }

    /// Correct pairs of the true ones; none when no entity has two source records.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.correct_pairs, self.true_pairs)
    }

    /// Harmonic mean of precision and recall; none when there are neither linked nor true pairs.
    pub fn f1(&self) -> Option<f64> {
        ratio(
            self.correct_pairs.saturating_mul(2),
            self.linked_pairs.saturating_add(self.true_pairs),
        )
    }

    /// Harmonic mean of B-cubed precision and recall; none without source records.
    pub fn bcubed_f1(&self) -> Option<f64> {
        let precision = self.bcubed_precision.value(self.items)?;
        let recall = self.bcubed_recall.value(self.items)?;
        Some(2.0 * precision * recall / (precision + recall))
    }
}

/// A mean of fractions, kept exactly: numerators summed by denominator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MeanShare {
    /// Sum of the numerators by denominator.
    pub numerators: BTreeMap<u64, u64>,
}

impl MeanShare {
    /// The mean over so many items; none for no items. Summed in the order of the denominators, so
    /// that equal counts give equal bits.
    pub fn value(&self, items: u64) -> Option<f64> {
        let sum: f64 = self
            .numerators
            .iter()
            .filter_map(|(denominator, numerator)| ratio(*numerator, *denominator))
            .sum();
        (items > 0).then(|| sum / float(items))
    }

    fn add(&mut self, denominator: u64, numerator: u64) {
        *self.numerators.entry(denominator).or_default() += numerator;
    }
}

/// A quotient of counts; none when the divisor is 0.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 do not occur, and a quotient would not show the difference"
)]
fn float(count: u64) -> f64 {
    count as f64
}

/// Measures one kind. Linear in records and links, but for sorting the links of each record.
pub(super) fn measure(joined: &Joined<'_>, kind: RecordKind) -> Linkage {
    let mut linked = vec![false; joined.rows.len()];
    let mut entity_size = vec![0_u64; joined.entities.len()];
    let mut clusters: Vec<EntityNo> = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    for record in joined.records.iter().filter(|record| record.kind == kind) {
        let start = clusters.len();
        for link in joined.links(record) {
            // A source record in two account records is a broken law, reported as such; here the
            // record that was created first keeps it, since clusters must not overlap.
            let row = link.row as usize;
            if link.state != LinkState::Disconnected && !linked[row] {
                linked[row] = true;
                clusters.push(joined.row_entity[row]);
            }
        }
        sizes.push(clusters.len() - start);
    }
    for (at, row) in joined.rows.iter().enumerate() {
        if row.kind != kind {
            continue;
        }
        let entity = joined.row_entity[at];
        if !linked[at] && row.presence == Presence::Delivered {
            clusters.push(entity);
            sizes.push(1);
        }
    }
    for entity in &clusters {
        entity_size[*entity as usize] += 1;
    }
    tally(&mut clusters, &sizes, &entity_size)
}

/// Sums up clusters that lie one after the other.
fn tally(clusters: &mut [EntityNo], sizes: &[usize], entity_size: &[u64]) -> Linkage {
    let mut linkage = Linkage {
        items: clusters.len() as u64,
        true_pairs: entity_size.iter().map(|size| pairs(*size)).sum(),
        ..Linkage::default()
    };
    let mut rest = clusters;
    for size in sizes {
        let (cluster, behind) = rest.split_at_mut(*size);
        rest = behind;
        cluster.sort_unstable();
        let members = cluster.len() as u64;
        linkage.linked_pairs += pairs(members);
        for same in cluster.chunk_by(|left, right| left == right) {
            let count = same.len() as u64;
            linkage.correct_pairs += pairs(count);
            linkage.bcubed_precision.add(members, count * count);
            if let Some(entity) = same.first() {
                linkage
                    .bcubed_recall
                    .add(entity_size[*entity as usize], count * count);
            }
        }
    }
    linkage
}

const fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
