//! Chance, one stream of it for each thing that is drawn: what one entity is does not change when
//! another one is drawn differently. Only integers and exact floating-point operations are used, so
//! that every machine draws the same.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::spec::Count;

/// What a stream is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Organization,
    OrganizationDirt,
    LocationCount,
    Location,
    ContactCount,
    Contact,
    DeviceCount,
    Device,
    Serial,
    Mac,
    DeviceDirt,
    DockMac,
    SharedDock,
    ClonedVm,
}

/// A stream of random numbers.
pub(super) struct Draw {
    pub(super) rng: ChaCha8Rng,
}

impl Draw {
    /// The stream of one thing: the n-th of its kind in an organization.
    pub(super) fn new(seed: u64, organization: u32, purpose: Purpose, nth: u32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&organization.to_le_bytes());
        key[12..16].copy_from_slice(&nth.to_le_bytes());
        key[16] = purpose as u8;
        Self {
            rng: ChaCha8Rng::from_seed(key),
        }
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn range(&mut self, least: u32, most: u32) -> u32 {
        let span = u64::from(most.saturating_sub(least)) + 1;
        // The bias of the product is below one in 2^32 and the same everywhere.
        let offset = (u64::from(self.rng.next_u32()) * span) >> 32;
        least.saturating_add(u32::try_from(offset).unwrap_or(0))
    }

    /// One of some things.
    pub(super) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let last = u32::try_from(things.len().saturating_sub(1)).unwrap_or(u32::MAX);
        &things[self.range(0, last) as usize]
    }

    /// A number from 0 up to, but not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        f64::from(self.rng.next_u32()) / 4_294_967_296.0
    }

    /// True with the given probability. Always takes one number from the stream.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Letters and digits of an alphabet.
    pub(super) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..length)
            .map(|_| char::from(*self.pick(letters)))
            .collect()
    }

    /// How many.
    pub(super) fn count(&mut self, count: Count) -> u32 {
        match count {
            Count::Fixed(count) => count,
            Count::Uniform { min, max } => self.range(min, max),
            Count::Skewed { median, max } => self.skewed(median, max),
        }
    }

    /// The lower half lies evenly up to the median; above it each doubling is half as likely as the
    /// one before. No logarithms: they differ in the last bit from machine to machine.
    fn skewed(&mut self, median: u32, max: u32) -> u32 {
        if self.chance(0.5) || median >= max {
            let least = median.div_ceil(4).max(1).min(median);
            return self.range(least, median);
        }
        let mut least = median;
        let mut most = median.max(1).saturating_mul(2);
        while most < max && self.chance(0.5) {
            least = most;
            most = most.saturating_mul(2);
        }
        self.range(least.saturating_add(1).min(max), most.min(max))
    }
}
