//! The filter language of ConnectWise lists: `conditions`, `childConditions` and
//! `customFieldConditions`. Text becomes a tree ([`parse`]), the tree is bound to the fields of a
//! resource (`Filter`), and the bound filter reads records as JSON bytes. It must not know about
//! paging or HTTP.

mod bind;
mod eval;
mod extract;
mod print;

use crate::kit::condition::{self, Dates, Grammar};
pub use crate::kit::condition::{Check, Expr, Literal, Operator, ParseError, Test};
pub(super) use bind::{BindError, Dialect};
pub(super) use eval::{Filter, Value};
pub(super) use extract::{Slots, Wanted};

const GRAMMAR: Grammar = Grammar {
    separator: "/",
    words: &[],
    dates: Dates::Bracketed,
    contains_numbers: false,
};

/// Reads a condition.
///
/// # Errors
/// [`ParseError`] says where reading stopped and what was expected there.
pub fn parse(text: &str) -> Result<Expr, ParseError> {
    condition::parse(text, &GRAMMAR)
}

#[cfg(test)]
mod tests;
