//! The filter language of ConnectWise lists: `conditions`, `childConditions` and
//! `customFieldConditions`. Text becomes a tree ([`parse`]), the tree is bound to the fields of a
//! resource (`Filter`), and the bound filter reads records as JSON bytes. It must not know about
//! paging or HTTP.

mod ast;
mod bind;
mod eval;
mod extract;
mod parse;
mod print;

pub use ast::{Check, Expr, Literal, Operator, Test};
pub(super) use bind::{BindError, Dialect};
pub(super) use eval::{Filter, Value};
pub(super) use extract::{Slots, Wanted};
pub(super) use parse::moment;
pub use parse::{ParseError, parse};

#[cfg(test)]
mod tests;
