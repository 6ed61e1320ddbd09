//! The tree of a condition.

use std::cmp::Ordering;

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
    /// The field, by steps: `company/id`, or `company.id`, is two.
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
        /// The text to find; a number, where one may stand there, as it was written.
        text: String,
    },
    /// `field [not] like "pattern"`.
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

impl Operator {
    /// Whether two values of this order satisfy it.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }
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
    /// A date and time: `[2024-05-01T10:00:00Z]`, or the same without brackets.
    Moment(Timestamp),
}
