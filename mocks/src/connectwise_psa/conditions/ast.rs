//! The tree of a condition. Printing it gives text that parses to the same tree.

use jiff::Timestamp;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All of them hold. Never fewer than two.
    And(Vec<Self>),
    /// One of them holds. Never fewer than two.
    Or(Vec<Self>),
    /// A single test.
    Test(Test),
}

/// A test of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The field, by steps: `company/id` is two.
    pub path: Vec<String>,
    /// What is asked of it.
    pub check: Check,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// `field op value`.
    Compare(Operator, Literal),
    /// `field [not] in (value, …)`.
    In {
        /// With `not`.
        negated: bool,
        /// The values; at least one.
        values: Vec<Literal>,
    },
    /// `field [not] contains "text"`.
    Contains {
        /// With `not`.
        negated: bool,
        /// The text to find.
        text: String,
    },
    /// `field [not] like "pattern"`; `*` and `%` stand for any text.
    Like {
        /// With `not`.
        negated: bool,
        /// The pattern.
        pattern: String,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"text"` or `'text'`.
    Text(String),
    /// A number; never infinite, never NaN.
    Number(f64),
    /// `True` or `False`.
    Flag(bool),
    /// `null`.
    Null,
    /// `[2024-05-01T10:00:00Z]`.
    Moment(Timestamp),
}
