//! The filter grammar: JSON conditions, read leniently as the vendor does, and judged on records. It
//! knows entities and values, and nothing of pages.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::schema::{Entity, Field, Type};
use crate::kit::Object;

/// A query that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) conditions: Vec<Condition>,
    /// Only these members, by their own names; all when empty.
    pub(super) include: Vec<&'static str>,
    pub(super) max_records: usize,
}

/// Most records on a page, and how many when nothing is said (documented).
pub(super) const LARGEST_PAGE: usize = 500;
/// Most conditions that an `or` joins (documented for SOAP, inferred here).
const ALTERNATIVES_MAX: usize = 500;
/// Groups within groups that are read.
const DEPTH_MAX: usize = 32;

#[derive(Debug, Clone)]
pub(super) enum Condition {
    Compare(Subject, Operator, Operand),
    Exists(Subject, bool),
    In(Subject, Vec<Operand>, bool),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

/// What a condition is about.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    Field(&'static Field),
    /// A user-defined field, by its name.
    Own(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    BeginsWith,
    EndsWith,
    Contains,
}

/// A value in the type of its field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Number(f64),
    Text(String),
    Boolean(bool),
    Moment(Timestamp),
}

/// Why a query is refused, in the vendor's manner.
pub(super) type Refusal = String;

/// Reads JSON, single-quoted too: clients send both (seen).
pub(super) fn lenient(text: &str) -> Result<Value, Refusal> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let mut double = String::with_capacity(text.len());
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', Some(_)) => match letters.next() {
                Some('\'') => double.push('\''),
                Some(next) => double.extend(['\\', next]),
                None => break,
            },
            ('\'' | '"', None) => {
                quote = Some(letter);
                double.push('"');
            }
            (letter, Some(open)) if letter == open => {
                quote = None;
                double.push('"');
            }
            ('"', Some('\'')) => double.push_str("\\\""),
            (letter, _) => double.push(letter),
        }
    }
    serde_json::from_str(&double).map_err(|_| "The query could not be parsed as JSON.".to_owned())
}

/// A member by its name in any case: `Filter`, `IncludeFields` (seen).
fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    let mut members = object.iter();
    let (_, value) = members.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    Some(value)
}

impl Query {
    pub(super) fn read(entity: Entity, value: &Value) -> Result<Self, Refusal> {
        let Value::Object(object) = value else {
            return Err("The query must be a JSON object with a filter.".to_owned());
        };
        let Some(Value::Array(filter)) = member(object, "filter") else {
            return Err("A filter is required to query.".to_owned());
        };
        if filter.is_empty() {
            return Err("A filter needs at least one condition.".to_owned());
        }
        let mut own_fields = BTreeSet::new();
        let conditions = conditions(entity, filter, 0, &mut own_fields)?;
        if own_fields.len() > 1 {
            // Documented.
            return Err("Only one user-defined field can be queried at a time.".to_owned());
        }
        Ok(Self {
            conditions,
            include: include(entity, member(object, "includeFields"))?,
            max_records: max_records(member(object, "maxRecords"))?,
        })
    }

    /// Whether a record fits.
    pub(super) fn fits(&self, record: &Object) -> bool {
        self.conditions.iter().all(|it| it.fits(record))
    }

    /// Whether only ids decide, so that no record need be read.
    pub(super) fn is_by_id(&self) -> bool {
        self.conditions.iter().all(Condition::is_by_id)
    }

    /// Every id that fits is above this one.
    pub(super) fn above(&self) -> i64 {
        let bounds = self.conditions.iter().filter_map(Condition::above);
        bounds.max().unwrap_or(i64::MIN)
    }

    /// The owners one of which every fitting record has; none when any may.
    pub(super) fn owners(&self, owner: &str) -> Option<Vec<u64>> {
        self.conditions.iter().find_map(|it| it.values_of(owner))
    }
}

fn include(entity: Entity, value: Option<&Value>) -> Result<Vec<&'static str>, Refusal> {
    let Some(Value::Array(names)) = value else {
        return Ok(Vec::new());
    };
    names
        .iter()
        .filter_map(Value::as_str)
        .map(|name| {
            let mut members = entity.members().iter();
            let known = members.find(|own| own.eq_ignore_ascii_case(name));
            known.copied().ok_or_else(|| unknown(entity, name))
        })
        .collect()
}

fn unknown(entity: Entity, name: &str) -> Refusal {
    format!("Unable to find {name} in the {} Entity.", entity.name())
}

fn max_records(value: Option<&Value>) -> Result<usize, Refusal> {
    let number = match value {
        None | Some(Value::Null) => return Ok(LARGEST_PAGE),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    };
    let number = number.and_then(|number| usize::try_from(number).ok());
    number
        .filter(|number| (1..=LARGEST_PAGE).contains(number))
        .ok_or_else(|| format!("MaxRecords must be from 1 to {LARGEST_PAGE}."))
}

fn conditions(
    entity: Entity,
    items: &[Value],
    depth: usize,
    own_fields: &mut BTreeSet<String>,
) -> Result<Vec<Condition>, Refusal> {
    if depth > DEPTH_MAX {
        return Err("The filter is nested too deeply.".to_owned());
    }
    items
        .iter()
        .map(|item| condition(entity, item, depth, own_fields))
        .collect()
}

fn condition(
    entity: Entity,
    item: &Value,
    depth: usize,
    own_fields: &mut BTreeSet<String>,
) -> Result<Condition, Refusal> {
    let Value::Object(object) = item else {
        return Err("Each condition of a filter is an object.".to_owned());
    };
    let Some(operator) = member(object, "op").and_then(Value::as_str) else {
        return Err("A condition of the filter has no op.".to_owned());
    };
    let word = operator.to_ascii_lowercase();
    if word == "and" || word == "or" {
        let Some(Value::Array(items)) = member(object, "items") else {
            return Err(format!("The {operator} operator needs items."));
        };
        if word == "or" && items.len() > ALTERNATIVES_MAX {
            return Err(format!(
                "No more than {ALTERNATIVES_MAX} OR conditions are allowed."
            ));
        }
        let items = conditions(entity, items, depth + 1, own_fields)?;
        return Ok(match word.as_str() {
            "and" => Condition::And(items),
            _ => Condition::Or(items),
        });
    }
    let Some(name) = member(object, "field").and_then(Value::as_str) else {
        return Err(format!("The {operator} operator needs a field."));
    };
    let own = member(object, "udf").is_some_and(|udf| *udf == Value::Bool(true));
    let subject = if own {
        own_fields.insert(name.to_lowercase());
        Subject::Own(name.to_owned())
    } else {
        Subject::Field(entity.field(name).ok_or_else(|| unknown(entity, name))?)
    };
    let value = member(object, "value");
    let compare = match word.as_str() {
        "exist" => return Ok(Condition::Exists(subject, true)),
        "notexist" => return Ok(Condition::Exists(subject, false)),
        "in" | "notin" => {
            let Some(Value::Array(values)) = value else {
                return Err(format!("The {operator} operator needs an array of values."));
            };
            let values = values.iter().map(|value| operand(&subject, value));
            let values = values.collect::<Result<_, _>>()?;
            return Ok(Condition::In(subject, values, word == "in"));
        }
        "eq" => Operator::Equal,
        "noteq" => Operator::NotEqual,
        "gt" => Operator::Greater,
        "gte" => Operator::GreaterOrEqual,
        "lt" => Operator::Less,
        "lte" => Operator::LessOrEqual,
        "beginswith" => Operator::BeginsWith,
        "endswith" => Operator::EndsWith,
        "contains" => Operator::Contains,
        _ => return Err(format!("{operator} is not a valid filter operator.")),
    };
    let value = operand(&subject, value.unwrap_or(&Value::Null))?;
    Ok(Condition::Compare(subject, compare, value))
}

/// A value for a field. Texts of numbers, dates and booleans are taken (seen: clients send
/// `"value": "true"`); null is not (documented for booleans).
fn operand(subject: &Subject, value: &Value) -> Result<Operand, Refusal> {
    let (kind, name) = match subject {
        Subject::Field(field) => (field.kind, field.name),
        Subject::Own(name) => (Type::Text, name.as_str()),
    };
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return Err(format!("The value of {name} is not valid.")),
    };
    let read = match kind {
        Type::Text => Some(Operand::Text(match value {
            Value::String(text) => text.to_lowercase(),
            _ => text.clone(),
        })),
        Type::Integer | Type::Long | Type::Double => match text.to_lowercase().as_str() {
            // The active flag of a contact is a number, and clients ask for true.
            "true" => Some(Operand::Number(1.0)),
            "false" => Some(Operand::Number(0.0)),
            _ => text.parse().ok().map(Operand::Number),
        },
        Type::Boolean => match text.to_lowercase().as_str() {
            "true" | "1" => Some(Operand::Boolean(true)),
            "false" | "0" => Some(Operand::Boolean(false)),
            _ => None,
        },
        Type::Date => moment(&text).map(Operand::Moment),
    };
    read.ok_or_else(|| format!("The value {text} is not valid for {name}."))
}

/// A moment with or without a zone; without it is UTC (documented).
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let moment: jiff::civil::DateTime = text.parse().ok()?;
    moment
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

impl Subject {
    fn value<'a>(&self, record: &'a Object) -> Option<&'a Value> {
        match self {
            Self::Field(field) => record.get(field.name),
            Self::Own(name) => {
                let fields = record.get("userDefinedFields")?.as_array()?;
                let named = |field: &&Value| {
                    field["name"]
                        .as_str()
                        .is_some_and(|own| own.eq_ignore_ascii_case(name))
                };
                Some(&fields.iter().find(named)?["value"])
            }
        }
        .filter(|value| !value.is_null())
    }

    fn is_id(&self) -> bool {
        matches!(self, Self::Field(field) if field.name == "id")
    }
}

impl Condition {
    /// What is missing fits nothing but `notExist`, as in SQL (inferred).
    fn fits(&self, record: &Object) -> bool {
        match self {
            Self::And(items) => items.iter().all(|it| it.fits(record)),
            Self::Or(items) => items.iter().any(|it| it.fits(record)),
            Self::Exists(subject, wanted) => subject.value(record).is_some() == *wanted,
            Self::In(subject, values, wanted) => subject.value(record).is_some_and(|value| {
                values.iter().any(|one| Operator::Equal.holds(value, one)) == *wanted
            }),
            Self::Compare(subject, operator, operand) => subject
                .value(record)
                .is_some_and(|value| operator.holds(value, operand)),
        }
    }

    fn is_by_id(&self) -> bool {
        match self {
            Self::And(items) | Self::Or(items) => items.iter().all(Self::is_by_id),
            Self::Exists(subject, _) | Self::Compare(subject, _, _) | Self::In(subject, _, _) => {
                subject.is_id()
            }
        }
    }

    fn above(&self) -> Option<i64> {
        match self {
            Self::Compare(subject, operator, Operand::Number(number)) if subject.is_id() => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a bound that is cut to the range of ids is still a bound"
                )]
                let number = number.floor() as i64;
                match operator {
                    Operator::Greater => Some(number),
                    Operator::GreaterOrEqual | Operator::Equal => Some(number.saturating_sub(1)),
                    _ => None,
                }
            }
            Self::And(items) => items.iter().filter_map(Self::above).max(),
            _ => None,
        }
    }

    fn values_of(&self, name: &str) -> Option<Vec<u64>> {
        let id = |operand: &Operand| match operand {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "ids are whole and positive; others own nothing"
            )]
            Operand::Number(number) if *number >= 0.0 && number.fract() == 0.0 => {
                Some(*number as u64)
            }
            _ => None,
        };
        match self {
            Self::Compare(Subject::Field(field), Operator::Equal, operand)
                if field.name == name =>
            {
                Some(id(operand).into_iter().collect())
            }
            Self::In(Subject::Field(field), values, true) if field.name == name => {
                Some(values.iter().filter_map(id).collect())
            }
            Self::And(items) => items.iter().find_map(|it| it.values_of(name)),
            _ => None,
        }
    }
}

impl Operator {
    /// Whether a record's value stands in this relation. Text is compared without case (inferred: the
    /// vendor's database does).
    fn holds(self, value: &Value, operand: &Operand) -> bool {
        let order = match (value, operand) {
            (Value::Number(number), Operand::Number(other)) => {
                number.as_f64().and_then(|number| number.partial_cmp(other))
            }
            (Value::Bool(truth), Operand::Boolean(other)) => Some(truth.cmp(other)),
            (Value::String(text), Operand::Moment(other)) => {
                moment(text).map(|moment| moment.cmp(other))
            }
            (Value::String(text), Operand::Text(other)) => {
                let text = text.to_lowercase();
                match self {
                    Self::BeginsWith => return text.starts_with(other.as_str()),
                    Self::EndsWith => return text.ends_with(other.as_str()),
                    Self::Contains => return text.contains(other.as_str()),
                    _ => Some(text.as_str().cmp(other)),
                }
            }
            _ => None,
        };
        let Some(order) = order else { return false };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::BeginsWith | Self::EndsWith | Self::Contains => false,
        }
    }
}
