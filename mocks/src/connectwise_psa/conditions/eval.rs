//! Asks records whether they satisfy a bound condition.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::bind::bind;
use super::{BindError, Dialect, Expr, Operator, Slots, Wanted};
use crate::connectwise_psa::schema::{Schema, ValueKind};
use crate::kit::condition::Pattern;

/// One or more conditions bound to a resource. All must hold.
#[derive(Debug, Default)]
pub(in crate::connectwise_psa) struct Filter {
    wanted: Wanted,
    nodes: Vec<Node>,
}

impl Filter {
    /// Adds a condition.
    pub(in crate::connectwise_psa) fn and(
        &mut self,
        expr: &Expr,
        dialect: Dialect,
        schema: &Schema,
    ) -> Result<(), BindError> {
        let node = bind(expr, dialect, schema, &mut self.wanted)?;
        self.nodes.push(node);
        Ok(())
    }

    /// Whether every record passes.
    pub(in crate::connectwise_psa) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether a record passes. `slots` is scratch space.
    pub(in crate::connectwise_psa) fn holds(&self, json: &[u8], slots: &mut Slots) -> bool {
        self.wanted.read(json, slots);
        self.nodes.iter().all(|node| node.holds(slots, &Json::Null))
    }

    /// The whole numbers that the field at `path` must be one of, if the condition says so: lists
    /// are narrowed by them before records are read.
    pub(in crate::connectwise_psa) fn pinned(&self, path: &[&str]) -> Option<Vec<u64>> {
        self.nodes.iter().find_map(|node| node.pinned(path))
    }

    /// A time before which the field at `path` must not be, if the condition says so.
    pub(in crate::connectwise_psa) fn since(&self, path: &[&str]) -> Option<Timestamp> {
        self.nodes.iter().find_map(|node| node.since(path))
    }
}

/// A bound condition.
#[derive(Debug)]
pub(super) enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test(Place, Question),
    /// An element of the array in the slot satisfies it.
    Exists(usize, Box<Self>),
}

/// Where a test reads.
#[derive(Debug)]
pub(super) enum Place {
    /// A value of the record: its slot, and its path.
    Slot(usize, Vec<&'static str>),
    /// A value of the array's element.
    Element(Vec<&'static str>),
}

/// A test with its values made ready.
#[derive(Debug)]
pub(super) enum Question {
    Null,
    NotNull,
    Compare(ValueKind, Operator, Value),
    In {
        kind: ValueKind,
        negated: bool,
        values: Vec<Value>,
    },
    Contains {
        negated: bool,
        text: String,
    },
    Like {
        negated: bool,
        pattern: Pattern,
    },
}

/// A value that can be compared; text in lower case, because the vendor's database does not tell
/// cases apart (inferred: SQL Server's usual collation).
#[derive(Debug, Clone, PartialEq)]
pub(in crate::connectwise_psa) enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    Moment(Timestamp),
}

impl Value {
    /// A record's value, or `None` for null and for what is not of the kind.
    pub(in crate::connectwise_psa) fn of(kind: ValueKind, json: &Json) -> Option<Self> {
        match (kind, json) {
            (ValueKind::Text | ValueKind::Any, Json::String(text)) => {
                Some(Self::Text(text.to_lowercase()))
            }
            (ValueKind::Text, Json::Number(number)) => Some(Self::Text(number.to_string())),
            (ValueKind::Number | ValueKind::Any, Json::Number(number)) => {
                number.as_f64().map(Self::Number)
            }
            (ValueKind::Flag | ValueKind::Any, Json::Bool(flag)) => Some(Self::Flag(*flag)),
            (ValueKind::Moment, Json::String(text)) => text.parse().ok().map(Self::Moment),
            _ => None,
        }
    }

    /// The order of two values. Values of a field of any kind may differ in kind; then their text
    /// is compared.
    pub(in crate::connectwise_psa) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => {
                left.partial_cmp(right).unwrap_or(Ordering::Equal)
            }
            (Self::Flag(left), Self::Flag(right)) => left.cmp(right),
            (Self::Moment(left), Self::Moment(right)) => left.cmp(right),
            (left, right) => left.text().cmp(&right.text()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Moment(moment) => moment.to_string().to_lowercase(),
        }
    }
}

impl Node {
    fn holds(&self, slots: &Slots, element: &Json) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(slots, element)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(slots, element)),
            Self::Test(place, question) => question.holds(place.value(slots, element)),
            Self::Exists(slot, inner) => match slots.get(*slot) {
                Some(Some(Json::Array(elements))) => {
                    elements.iter().any(|element| inner.holds(slots, element))
                }
                _ => false,
            },
        }
    }

    fn pinned(&self, wanted: &[&str]) -> Option<Vec<u64>> {
        match self {
            Self::All(parts) => parts.iter().find_map(|part| part.pinned(wanted)),
            Self::Test(Place::Slot(_, path), question) if path == wanted => match question {
                Question::Compare(_, Operator::Equal, value) => {
                    Some(whole(value).into_iter().collect())
                }
                Question::In {
                    negated: false,
                    values,
                    ..
                } => Some(values.iter().filter_map(whole).collect()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Node {
    fn since(&self, wanted: &[&str]) -> Option<Timestamp> {
        use Operator::{Equal, Greater, GreaterOrEqual};
        match self {
            Self::All(parts) => parts.iter().find_map(|part| part.since(wanted)),
            Self::Test(
                Place::Slot(_, path),
                Question::Compare(_, Equal | Greater | GreaterOrEqual, Value::Moment(time)),
            ) if path == wanted => Some(*time),
            _ => None,
        }
    }
}

/// Ids are whole numbers, so one that is not matches none.
fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) if *number >= 0.0 && number.fract() == 0.0 && *number < 1e15 => {
            // In range and whole, as just checked, so nothing is cut off.
            Some(*number as u64)
        }
        _ => None,
    }
}

impl Place {
    fn value<'a>(&self, slots: &'a Slots, element: &'a Json) -> &'a Json {
        match self {
            Self::Slot(slot, _) => slots
                .get(*slot)
                .and_then(Option::as_ref)
                .unwrap_or(&Json::Null),
            Self::Element(path) => path.iter().fold(element, |at, step| &at[*step]),
        }
    }
}

impl Question {
    /// Null satisfies no comparison, negated or not, as in SQL (inferred).
    fn holds(&self, json: &Json) -> bool {
        match self {
            Self::Null => json.is_null(),
            Self::NotNull => !json.is_null(),
            Self::Compare(kind, operator, wanted) => {
                Value::of(*kind, json).is_some_and(|value| operator.holds(value.order(wanted)))
            }
            Self::In {
                kind,
                negated,
                values,
            } => Value::of(*kind, json).is_some_and(|value| {
                let listed = values
                    .iter()
                    .any(|wanted| value.order(wanted) == Ordering::Equal);
                listed != *negated
            }),
            Self::Contains { negated, text } => Value::of(ValueKind::Any, json)
                .is_some_and(|value| value.text().contains(text) != *negated),
            Self::Like { negated, pattern } => Value::of(ValueKind::Any, json)
                .is_some_and(|value| pattern.fits(&value.text()) != *negated),
        }
    }
}
