//! The rule book as data: what the product does and how well that is known, which scenarios verify
//! it, and on which of its unsettled rules an outcome rests. The engine decides by rules and knows
//! nothing of this book; a test holds the two together.

mod catalogue;
mod coverage;
mod near;
mod read;
#[cfg(test)]
mod tests;
mod unsettled;

pub use catalogue::{Area, Catalogue, Rule, Strength, catalogue};
pub use coverage::{
    Count, Coverage, Problem, ProblemKind, RuleCoverage, Totals, Vendors, Verification,
};
pub use near::near;
pub use read::CatalogueError;
pub use unsettled::unsettled;
