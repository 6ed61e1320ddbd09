//! The filter language that several lists share: comparisons of fields, joined by `and` and `or`, in
//! brackets. Text becomes a tree by a dialect's [`Grammar`]; which fields there are, and what comparing
//! them means, is the vendor's business.

mod ast;
mod like;
mod parse;
#[cfg(test)]
mod tests;

pub use ast::{Check, Expr, Literal, Operator, Test};
pub use like::Pattern;
pub use parse::{Dates, Grammar, ParseError, moment, parse};
