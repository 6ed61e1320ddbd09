//! Pages that came before, byte for byte: whoever reads a list again and has the records of a page as they
//! are need not have it read into records once more. Only walks whose records are made of a page's bytes
//! alone give prints. It knows no vendor, and nothing of what becomes of records.

use std::hash::BuildHasher as _;
use std::sync::Arc;

/// What a page is known again by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print {
    /// A hash over its bytes.
    pub hash: u64,
    /// How many records are on it.
    pub came: usize,
    /// The highest id on it, behind which the list goes on.
    pub last_id: i64,
}

/// The pages whose records a reader has as they are.
pub trait KnownPages: Send + Sync {
    /// The print of a page by the hash over its bytes.
    fn known(&self, hash: u64) -> Option<Print>;
}

/// They, shared with a walk.
pub type Known = Arc<dyn KnownPages>;

/// The hash over a page's bytes.
pub(crate) fn hash(body: &[u8]) -> u64 {
    const SEED: u64 = 0x73_79_6e_63_72_69_67_02;
    foldhash::quality::FixedState::with_seed(SEED).hash_one(body)
}
