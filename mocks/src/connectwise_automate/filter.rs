//! `condition` and `orderBy`: bound to the fields of a resource, and asked of records. The grammar is
//! `seen` in clients; what is refused, and that null satisfies no comparison, is `inferred` from what the
//! PSA of the same house does. It must not know paging or HTTP.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::fields::{Field, Kind, find};
use crate::kit::Object;
use crate::kit::condition::{
    Check, Dates, Expr, Grammar, Literal, Operator, Pattern, moment, parse,
};

const GRAMMAR: Grammar = Grammar {
    separator: ".",
    words: &[("eq", Operator::Equal)],
    dates: Dates::Bare,
    contains_numbers: true,
};

/// A condition bound to a resource.
#[derive(Debug)]
pub(super) struct Filter(Node);

#[derive(Debug)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    /// One of the values at the place satisfies it; where there is none, null has to.
    Test(Path, Question),
}

/// The steps to a value, spelled as in the records.
type Path = Vec<&'static str>;

#[derive(Debug)]
enum Question {
    Null {
        wanted: bool,
    },
    Compare(Operator, Wanted),
    In {
        negated: bool,
        values: Vec<Wanted>,
    },
    Contains {
        negated: bool,
        text: String,
    },
    Like {
        negated: bool,
        pattern: Pattern,
    },
    /// The list has this element.
    Has {
        negated: bool,
        text: String,
    },
}

/// A value to compare with; text in lower case, since case does not count (`inferred`: MySQL).
#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Text(String),
    Number(f64),
    Flag(bool),
    Moment(Timestamp),
}

impl Filter {
    /// Reads and binds a condition; the reason when it cannot be.
    pub(super) fn read(text: &str, fields: &'static [Field]) -> Result<Self, String> {
        let expr = parse(text, &GRAMMAR).map_err(|error| error.to_string())?;
        bind(&expr, fields).map(Self)
    }

    /// Whether a record satisfies it.
    pub(super) fn holds(&self, record: &Object) -> bool {
        self.0.holds(record)
    }
}

fn bind(expr: &Expr, fields: &'static [Field]) -> Result<Node, String> {
    let all = |parts: &[Expr]| -> Result<Vec<Node>, String> {
        parts.iter().map(|part| bind(part, fields)).collect()
    };
    Ok(match expr {
        Expr::And(parts) => Node::All(all(parts)?),
        Expr::Or(parts) => Node::Any(all(parts)?),
        Expr::Test(test) => {
            let unknown = || format!("`{}` is not a field", test.path.join("."));
            let (path, kind) = locate(fields, &test.path).ok_or_else(unknown)?;
            let question = question(&test.check, kind);
            let misfit = || format!("`{}` cannot be compared so", test.path.join("."));
            Node::Test(path, question.ok_or_else(misfit)?)
        }
    })
}

/// Where a path leads, names in any case.
fn locate(fields: &'static [Field], path: &[String]) -> Option<(Path, Kind)> {
    let (first, rest) = path.split_first()?;
    let (name, kind) = find(fields, first)?;
    if rest.is_empty() {
        return Some((vec![name], *kind));
    }
    let (Kind::Object(inner) | Kind::Objects(inner)) = kind else {
        return None;
    };
    let (mut path, kind) = locate(inner, rest)?;
    path.insert(0, name);
    Some((path, kind))
}

fn question(check: &Check, kind: Kind) -> Option<Question> {
    let texts = matches!(kind, Kind::Text | Kind::Id);
    Some(match check {
        Check::Compare(Operator::Equal, Literal::Null) => Question::Null { wanted: true },
        Check::Compare(Operator::NotEqual, Literal::Null) => Question::Null { wanted: false },
        Check::Compare(operator, literal) => Question::Compare(*operator, wanted(kind, literal)?),
        Check::In { negated, values } => {
            let values = values.iter().map(|literal| wanted(kind, literal));
            Question::In {
                negated: *negated,
                values: values.collect::<Option<_>>()?,
            }
        }
        Check::Contains { negated, text } => {
            let (negated, text) = (*negated, text.to_lowercase());
            match kind {
                Kind::List => Question::Has { negated, text },
                _ if texts => Question::Contains { negated, text },
                _ => return None,
            }
        }
        Check::Like { negated, pattern } if texts => Question::Like {
            negated: *negated,
            pattern: Pattern::new(&pattern.to_lowercase(), &['%']),
        },
        Check::Like { .. } => return None,
    })
}

/// A literal as a value of the field's kind.
fn wanted(kind: Kind, literal: &Literal) -> Option<Wanted> {
    let number = |text: &str| text.trim().parse().ok().filter(|it: &f64| it.is_finite());
    Some(match (kind, literal) {
        (Kind::Text, Literal::Text(text)) => Wanted::Text(text.to_lowercase()),
        (Kind::Text, Literal::Number(number)) => Wanted::Text(number.to_string()),
        (Kind::Id | Kind::Number, Literal::Number(number)) => Wanted::Number(*number),
        (Kind::Id | Kind::Number, Literal::Text(text)) => Wanted::Number(number(text)?),
        (Kind::Flag, Literal::Flag(flag)) => Wanted::Flag(*flag),
        (Kind::Flag, Literal::Number(number)) => Wanted::Flag(*number != 0.0),
        (Kind::Flag, Literal::Text(text)) => Wanted::Flag(text.to_lowercase().parse().ok()?),
        (Kind::Moment, Literal::Moment(moment)) => Wanted::Moment(*moment),
        (Kind::Moment, Literal::Text(text)) => Wanted::Moment(moment(text.trim())?),
        _ => return None,
    })
}

impl Node {
    fn holds(&self, record: &Object) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(record)),
            Self::Test(path, question) => {
                let mut values = Vec::new();
                gather(record, path, &mut values);
                match question {
                    Question::Null { wanted } => values.is_empty() == *wanted,
                    _ => values.into_iter().any(|value| question.holds(value)),
                }
            }
        }
    }
}

/// The values at a path that are not null; those of every object of an array.
fn gather<'a>(record: &'a Object, path: &[&str], into: &mut Vec<&'a Value>) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    match (record.get(*name), rest) {
        (None | Some(Value::Null), _) => {}
        (Some(value), []) => into.push(value),
        (Some(Value::Object(inner)), rest) => gather(inner, rest, into),
        (Some(Value::Array(elements)), rest) => {
            for element in elements.iter().filter_map(Value::as_object) {
                gather(element, rest, into);
            }
        }
        _ => {}
    }
}

impl Question {
    fn holds(&self, value: &Value) -> bool {
        match self {
            // Null is told by where there is nothing.
            Self::Null { .. } => false,
            Self::Compare(operator, wanted) => wanted
                .order(value)
                .is_some_and(|order| operator.holds(order)),
            Self::In { negated, values } => {
                let mut orders = values.iter().filter_map(|wanted| wanted.order(value));
                orders.any(Ordering::is_eq) != *negated
            }
            Self::Contains { negated, text } => folded(value).contains(text) != *negated,
            Self::Like { negated, pattern } => pattern.fits(&folded(value)) != *negated,
            Self::Has { negated, text } => {
                let elements = value.as_array();
                let mut elements = elements.into_iter().flatten();
                elements.any(|element| folded(element) == *text) != *negated
            }
        }
    }
}

/// A value's text in lower case.
fn folded(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    }
}

impl Wanted {
    /// How a record's value stands to it; none when it is of another kind.
    fn order(&self, value: &Value) -> Option<Ordering> {
        match self {
            Self::Text(wanted) => Some(folded(value).cmp(wanted)),
            Self::Number(wanted) => number(value)?.partial_cmp(wanted),
            Self::Flag(wanted) => Some(value.as_bool()?.cmp(wanted)),
            Self::Moment(wanted) => Some(moment(value.as_str()?)?.cmp(wanted)),
        }
    }
}

/// A number, or an id that is written as text.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

/// An order of records: null first, ties as they were (`inferred`).
#[derive(Debug, Default)]
pub(super) struct Order(Vec<(Path, Kind, bool)>);

impl Order {
    /// Reads `Field [asc|desc], …`.
    pub(super) fn read(text: &str, fields: &'static [Field]) -> Result<Self, String> {
        let mut keys = Vec::new();
        let parts = text.split(',').map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            let refuse = || format!("orderBy is not valid: `{part}`");
            let (path, direction) = match part.split_once(char::is_whitespace) {
                Some((path, direction)) => (path, direction.trim()),
                None => (part, "asc"),
            };
            let descending = match direction.to_ascii_lowercase().as_str() {
                "asc" => false,
                "desc" => true,
                _ => return Err(refuse()),
            };
            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
            let (path, kind) = locate(fields, &path).ok_or_else(refuse)?;
            match kind {
                Kind::List | Kind::Object(_) | Kind::Objects(_) | Kind::Opaque => {
                    return Err(refuse());
                }
                _ => keys.push((path, kind, descending)),
            }
        }
        Ok(Self(keys))
    }

    /// Whether nothing is asked.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn sort(&self, records: &mut [Object]) {
        records.sort_by_cached_key(|record| {
            let keys = self.0.iter();
            let keys = keys.map(|(path, kind, descending)| {
                let mut values = Vec::new();
                gather(record, path, &mut values);
                let key = values.first().and_then(|value| Key::of(*kind, value));
                if *descending {
                    Directed::Down(std::cmp::Reverse(key))
                } else {
                    Directed::Up(key)
                }
            });
            keys.collect::<Vec<_>>()
        });
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Directed {
    Up(Option<Key>),
    Down(std::cmp::Reverse<Option<Key>>),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Text(String),
    Number(i64),
    Moment(Timestamp),
}

impl Key {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fields are whole numbers"
    )]
    fn of(kind: Kind, value: &Value) -> Option<Self> {
        Some(match kind {
            Kind::Id | Kind::Number => Self::Number(number(value)? as i64),
            Kind::Moment => Self::Moment(moment(value.as_str()?)?),
            _ => Self::Text(folded(value)),
        })
    }
}
