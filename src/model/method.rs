//! The four sync methods by name. What a method plans and permits is the engine's business.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way of feeding a documentation account (vendor article "Sync methods").
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub enum Method {
    /// PSA only.
    A,
    /// PSA and RMM in a combined view.
    B,
    /// PSA without configurations, and RMM.
    C,
    /// RMM only.
    D,
}

impl Method {
    /// All four, in order.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// The letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    /// What it is, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::A => "PSA only",
            Self::B => "PSA + RMM, combined view",
            Self::C => "PSA without configurations + RMM",
            Self::D => "RMM only",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.letter())
    }
}
