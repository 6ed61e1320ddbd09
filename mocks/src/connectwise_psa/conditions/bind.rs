//! Binds a parsed condition to the fields of a resource: unknown fields and values that cannot be
//! compared with a field are refused here, before any record is read.

use super::eval::{Node, Place, Question, Value};
use super::{Check, Expr, Literal, Operator, Test, Wanted};
use crate::connectwise_psa::schema::{Element, Located, Schema, ValueKind};
use crate::kit::condition::{Pattern, moment};

/// Which of the three parameters a condition stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connectwise_psa) enum Dialect {
    /// `conditions`.
    Record,
    /// `childConditions`: every path begins with an array.
    Child,
    /// `customFieldConditions`: names of a custom field's members.
    Custom,
}

/// A condition that does not fit the resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::connectwise_psa) enum BindError {
    /// No such field, or one that cannot be filtered on.
    #[error("`{path}` is not a field that can be used here")]
    Field {
        /// The path.
        path: String,
    },
    /// A value of another kind.
    #[error("{value} cannot be compared with the field `{path}`")]
    Kind {
        /// The path.
        path: String,
        /// The value, printed.
        value: String,
    },
    /// `in`, where the vendor documents that there is none.
    #[error("IN cannot be used here")]
    NoIn,
}

type Bound<T> = Result<T, BindError>;

/// Binds a condition; adds what it reads to `wanted`.
pub(super) fn bind(
    expr: &Expr,
    dialect: Dialect,
    schema: &Schema,
    wanted: &mut Wanted,
) -> Bound<Node> {
    let mut binder = Binder {
        dialect,
        schema,
        wanted,
    };
    if dialect == Dialect::Record {
        return binder.record(expr);
    }
    match binder.child(expr)? {
        Child::Of(array, node) => Ok(binder.exists(array, node)),
        Child::Mixed(node) => Ok(node),
    }
}

struct Binder<'a> {
    dialect: Dialect,
    schema: &'a Schema,
    wanted: &'a mut Wanted,
}

/// A bound condition on children.
enum Child {
    /// Reads the elements of one array.
    Of(&'static str, Node),
    /// Reads the record.
    Mixed(Node),
}

impl Binder<'_> {
    fn record(&mut self, expr: &Expr) -> Bound<Node> {
        Ok(match expr {
            Expr::And(parts) => Node::All(self.records(parts)?),
            Expr::Or(parts) => Node::Any(self.records(parts)?),
            Expr::Test(test) => {
                let Some(located) = self.schema.locate(&test.path) else {
                    return Err(unknown(test));
                };
                let slot = self.wanted.add(&located.path);
                let question = question(test, &located)?;
                Node::Test(Place::Slot(slot, located.path), question)
            }
        })
    }

    fn records(&mut self, parts: &[Expr]) -> Bound<Vec<Node>> {
        parts.iter().map(|part| self.record(part)).collect()
    }

    /// Tests of one array that are joined must hold for the same element (inferred: the vendor
    /// joins the child's rows). Across arrays each has an element of its own.
    fn child(&mut self, expr: &Expr) -> Bound<Child> {
        let (parts, join): (_, fn(Vec<Node>) -> Node) = match expr {
            Expr::And(parts) => (parts, Node::All),
            Expr::Or(parts) => (parts, Node::Any),
            Expr::Test(test) => return self.child_test(test),
        };
        let mut by_array: Vec<(&'static str, Vec<Node>)> = Vec::new();
        let mut mixed = Vec::new();
        for part in parts {
            match self.child(part)? {
                Child::Mixed(node) => mixed.push(node),
                Child::Of(array, node) => {
                    match by_array.iter_mut().find(|(name, _)| *name == array) {
                        Some((_, nodes)) => nodes.push(node),
                        None => by_array.push((array, vec![node])),
                    }
                }
            }
        }
        if let (true, [(array, nodes)]) = (mixed.is_empty(), by_array.as_mut_slice()) {
            return Ok(Child::Of(array, join(std::mem::take(nodes))));
        }
        for (array, nodes) in by_array {
            mixed.push(self.exists(array, join(nodes)));
        }
        Ok(Child::Mixed(join(mixed)))
    }

    fn child_test(&mut self, test: &Test) -> Bound<Child> {
        if matches!(test.check, Check::In { .. }) {
            return Err(BindError::NoIn);
        }
        let found = match self.dialect {
            Dialect::Custom => self.schema.locate_custom(&test.path),
            Dialect::Child | Dialect::Record => self.schema.locate_element(&test.path),
        };
        let Some(Element { array, located }) = found else {
            return Err(unknown(test));
        };
        let question = question(test, &located)?;
        Ok(Child::Of(
            array,
            Node::Test(Place::Element(located.path), question),
        ))
    }

    fn exists(&mut self, array: &'static str, node: Node) -> Node {
        Node::Exists(self.wanted.add(&[array]), Box::new(node))
    }
}

fn unknown(test: &Test) -> BindError {
    BindError::Field {
        path: test.path.join("/"),
    }
}

fn question(test: &Test, located: &Located) -> Bound<Question> {
    let refuse = |value: String| BindError::Kind {
        path: test.path.join("/"),
        value,
    };
    let ready =
        |literal: &Literal| value(located.kind, literal).ok_or_else(|| refuse(literal.to_string()));
    let text_only = |text: &str| match located.kind {
        ValueKind::Text | ValueKind::Any => Ok(text.to_lowercase()),
        _ => Err(refuse(format!("\"{text}\""))),
    };
    Ok(match &test.check {
        Check::Compare(Operator::Equal, Literal::Null) => Question::Null,
        Check::Compare(Operator::NotEqual, Literal::Null) => Question::NotNull,
        Check::Compare(operator, literal) => {
            Question::Compare(located.kind, *operator, ready(literal)?)
        }
        Check::In { negated, values } => Question::In {
            kind: located.kind,
            negated: *negated,
            values: values.iter().map(ready).collect::<Bound<_>>()?,
        },
        Check::Contains { negated, text } => Question::Contains {
            negated: *negated,
            text: text_only(text)?,
        },
        Check::Like { negated, pattern } => Question::Like {
            negated: *negated,
            pattern: Pattern::new(&text_only(pattern)?, &['*', '%']),
        },
    })
}

/// A literal as the kind of the field: SQL Server converts `"5"` to 5 and 1 to true (inferred).
fn value(kind: ValueKind, literal: &Literal) -> Option<Value> {
    let text = |text: &str| Value::Text(text.to_lowercase());
    match (kind, literal) {
        (_, Literal::Null) | (ValueKind::Whole, _) => None,
        (ValueKind::Text, Literal::Text(given)) => Some(text(given)),
        (ValueKind::Text, other) => Some(text(&other.to_string())),
        (ValueKind::Number, Literal::Number(number)) => Some(Value::Number(*number)),
        (ValueKind::Number, Literal::Text(given)) => number(given).map(Value::Number),
        (ValueKind::Number, _) => None,
        (ValueKind::Flag, Literal::Flag(flag)) => Some(Value::Flag(*flag)),
        (ValueKind::Flag, Literal::Number(number)) => Some(Value::Flag(*number != 0.0)),
        (ValueKind::Flag, Literal::Text(given)) => match given.to_ascii_lowercase().as_str() {
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => None,
        },
        (ValueKind::Flag, Literal::Moment(_)) => None,
        (ValueKind::Moment, Literal::Moment(moment)) => Some(Value::Moment(*moment)),
        (ValueKind::Moment, Literal::Text(given)) => moment(given.trim()).map(Value::Moment),
        (ValueKind::Moment, _) => None,
        (ValueKind::Any, Literal::Text(given)) => Some(text(given)),
        (ValueKind::Any, Literal::Number(number)) => Some(Value::Number(*number)),
        (ValueKind::Any, Literal::Flag(flag)) => Some(Value::Flag(*flag)),
        (ValueKind::Any, Literal::Moment(moment)) => Some(Value::Moment(*moment)),
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}
