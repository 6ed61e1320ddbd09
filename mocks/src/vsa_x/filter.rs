//! `$filter` and `$orderby` of OData v4. Comparisons, `contains`, `tolower` and a boolean property that
//! stands alone are `documented` by examples; the rest of the language is OData's own, and what is refused
//! is `inferred`. It knows members of rows and nothing of what they mean.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::lexer::{Word, words};
use crate::kit::{Object, at};

/// How deep brackets and functions may go.
const DEPTH_MAX: u32 = 32;

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare(Term, Sign, Term),
    In(Term, Vec<Term>),
    Part(Place, Term, Term),
    /// A term that is true by itself.
    Holds(Term),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// Where a text holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    Start,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    Member(&'static str),
    Lower(Box<Term>),
    Upper(Box<Term>),
    Trim(Box<Term>),
    Length(Box<Term>),
    Text(String),
    Number(f64),
    Moment(Timestamp),
    Bool(bool),
    Null,
}

/// What a term comes to.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Text(String),
    Number(f64),
    Moment(Timestamp),
    Bool(bool),
    Null,
}

impl Filter {
    /// Reads a filter over these members; what is wrong with it otherwise.
    pub(super) fn parse(text: &str, members: &[&'static str]) -> Result<Self, String> {
        let mut parser = Parser {
            words: words(text)?,
            at: 0,
            members,
        };
        let filter = parser.either(0)?;
        match parser.words.get(parser.at) {
            None => Ok(filter),
            Some(word) => Err(syntax(word)),
        }
    }

    pub(super) fn fits(&self, row: &Object) -> bool {
        match self {
            Self::And(filters) => filters.iter().all(|filter| filter.fits(row)),
            Self::Or(filters) => filters.iter().any(|filter| filter.fits(row)),
            Self::Not(filter) => !filter.fits(row),
            Self::Compare(one, sign, other) => sign.holds(order(&one.of(row), &other.of(row))),
            Self::In(term, list) => {
                let own = term.of(row);
                list.iter()
                    .any(|one| Sign::Eq.holds(order(&own, &one.of(row))))
            }
            Self::Part(place, whole, part) => match (whole.of(row), part.of(row)) {
                (Found::Text(whole), Found::Text(part)) => match place {
                    Place::Anywhere => whole.contains(&part),
                    Place::Start => whole.starts_with(&part),
                    Place::End => whole.ends_with(&part),
                },
                _ => false,
            },
            Self::Holds(term) => term.of(row) == Found::Bool(true),
        }
    }
}

impl Sign {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }

    /// What cannot be compared is different and nothing else.
    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Eq => order == Some(Ordering::Equal),
            Self::Ne => order != Some(Ordering::Equal),
            Self::Gt => order == Some(Ordering::Greater),
            Self::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Lt => order == Some(Ordering::Less),
            Self::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}

impl Term {
    fn of(&self, row: &Object) -> Found {
        let text = |term: &Self, change: fn(&str) -> String| match term.of(row) {
            Found::Text(text) => Found::Text(change(&text)),
            _ => Found::Null,
        };
        match self {
            Self::Member(name) => match at(row, name) {
                Value::String(text) => Found::Text(text.clone()),
                Value::Bool(value) => Found::Bool(*value),
                Value::Number(number) => number.as_f64().map_or(Found::Null, Found::Number),
                _ => Found::Null,
            },
            Self::Lower(term) => text(term, str::to_lowercase),
            Self::Upper(term) => text(term, str::to_uppercase),
            Self::Trim(term) => text(term, |text| text.trim().to_owned()),
            Self::Length(term) => match term.of(row) {
                Found::Text(text) => Found::Number(text.chars().count() as f64),
                _ => Found::Null,
            },
            Self::Text(text) => Found::Text(text.clone()),
            Self::Number(number) => Found::Number(*number),
            Self::Moment(moment) => Found::Moment(*moment),
            Self::Bool(value) => Found::Bool(*value),
            Self::Null => Found::Null,
        }
    }
}

/// Texts compare letter by letter, capitals apart (documented examples put `tolower` before them). A text
/// is compared with a time as the time that it says.
fn order(one: &Found, other: &Found) -> Option<Ordering> {
    match (one, other) {
        (Found::Text(one), Found::Text(other)) => Some(one.cmp(other)),
        (Found::Number(one), Found::Number(other)) => one.partial_cmp(other),
        (Found::Bool(one), Found::Bool(other)) => Some(one.cmp(other)),
        (Found::Moment(one), Found::Moment(other)) => Some(one.cmp(other)),
        (Found::Text(one), Found::Moment(other)) => Some(one.parse::<Timestamp>().ok()?.cmp(other)),
        (Found::Moment(one), Found::Text(other)) => {
            Some(one.cmp(&other.parse::<Timestamp>().ok()?))
        }
        (Found::Null, Found::Null) => Some(Ordering::Equal),
        _ => None,
    }
}

fn syntax(word: &Word) -> String {
    format!("Syntax error at '{}'", word.text())
}

/// A member by its name.
fn member(name: &str, members: &[&'static str]) -> Result<&'static str, String> {
    let own = members.iter().find(|own| **own == name);
    own.copied()
        .ok_or_else(|| format!("Could not find a property named '{name}'"))
}

/// What rows are ordered by: members, and whether each falls.
#[derive(Debug, Clone, Default)]
pub(super) struct Order(Vec<(&'static str, bool)>);

impl Order {
    /// Reads `Name`, `Name desc`, several with commas.
    pub(super) fn parse(text: &str, members: &[&'static str]) -> Result<Self, String> {
        let mut keys = Vec::new();
        for part in text.split(',') {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (name, falls) = match words.as_slice() {
                [name] | [name, "asc"] => (name, false),
                [name, "desc"] => (name, true),
                _ => return Err(format!("Syntax error at '{}'", part.trim())),
            };
            keys.push((member(name, members)?, falls));
        }
        Ok(Self(keys))
    }

    /// Orders rows; those that are alike stay as they were. What has no value comes first, as OData says.
    pub(super) fn sort(&self, rows: &mut [Object]) {
        rows.sort_by(|one, other| {
            let orders = self.0.iter().map(|(name, falls)| {
                let member = Term::Member(name);
                let (one, other) = (member.of(one), member.of(other));
                let order = order(&one, &other)
                    .unwrap_or_else(|| (other == Found::Null).cmp(&(one == Found::Null)));
                if *falls { order.reverse() } else { order }
            });
            orders
                .into_iter()
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
    }
}

struct Parser<'a> {
    words: Vec<Word>,
    at: usize,
    members: &'a [&'static str],
}

impl Parser<'_> {
    fn either(&mut self, depth: u32) -> Result<Filter, String> {
        let mut filters = vec![self.both(depth)?];
        while self.takes("or") {
            filters.push(self.both(depth)?);
        }
        Ok(Filter::Or(filters))
    }

    fn both(&mut self, depth: u32) -> Result<Filter, String> {
        let mut filters = vec![self.single(depth)?];
        while self.takes("and") {
            filters.push(self.single(depth)?);
        }
        Ok(Filter::And(filters))
    }

    fn single(&mut self, depth: u32) -> Result<Filter, String> {
        if depth >= DEPTH_MAX {
            return Err("The filter is too deep".to_owned());
        }
        if self.takes("not") {
            return Ok(Filter::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.words.get(self.at) == Some(&Word::Open) {
            self.at += 1;
            let filter = self.either(depth + 1)?;
            self.wants(&Word::Close)?;
            return Ok(filter);
        }
        if let Some(place) = self.place() {
            let whole = self.term(depth + 1)?;
            self.wants(&Word::Comma)?;
            let part = self.term(depth + 1)?;
            self.wants(&Word::Close)?;
            let filter = Filter::Part(place, whole, part);
            // A function may be compared with what it comes to.
            let same = self.takes("eq");
            if same || self.takes("ne") {
                let wanted = self.next()?;
                return match wanted.text() {
                    "true" | "false" if (wanted.text() == "true") == same => Ok(filter),
                    "true" | "false" => Ok(Filter::Not(Box::new(filter))),
                    _ => Err(syntax(&wanted)),
                };
            }
            return Ok(filter);
        }
        let term = self.term(depth + 1)?;
        if self.takes("in") {
            return Ok(Filter::In(term, self.list(depth)?));
        }
        let sign = match self.words.get(self.at) {
            Some(Word::Bare(word)) => Sign::of(word),
            _ => None,
        };
        let Some(sign) = sign else {
            return Ok(Filter::Holds(term));
        };
        self.at += 1;
        Ok(Filter::Compare(term, sign, self.term(depth + 1)?))
    }

    /// The name of a function that says where a text holds another, and its bracket.
    fn place(&mut self) -> Option<Place> {
        let Some([Word::Bare(name), Word::Open]) = self.words.get(self.at..self.at + 2) else {
            return None;
        };
        let place = match name.as_str() {
            "contains" => Place::Anywhere,
            "startswith" => Place::Start,
            "endswith" => Place::End,
            _ => return None,
        };
        self.at += 2;
        Some(place)
    }

    fn list(&mut self, depth: u32) -> Result<Vec<Term>, String> {
        self.wants(&Word::Open)?;
        let mut list = vec![self.term(depth + 1)?];
        loop {
            match self.next()? {
                Word::Comma => list.push(self.term(depth + 1)?),
                Word::Close => return Ok(list),
                word => return Err(syntax(&word)),
            }
        }
    }

    fn term(&mut self, depth: u32) -> Result<Term, String> {
        if depth >= DEPTH_MAX {
            return Err("The filter is too deep".to_owned());
        }
        let word = match self.next()? {
            Word::Text(text) => return Ok(Term::Text(text)),
            Word::Bare(word) => word,
            word => return Err(syntax(&word)),
        };
        if self.words.get(self.at) == Some(&Word::Open) {
            let function = match word.as_str() {
                "tolower" => Term::Lower,
                "toupper" => Term::Upper,
                "trim" => Term::Trim,
                "length" => Term::Length,
                _ => return Err(format!("An unknown function with name '{word}' was found")),
            };
            self.at += 1;
            let inner = self.term(depth + 1)?;
            self.wants(&Word::Close)?;
            return Ok(function(Box::new(inner)));
        }
        match word.as_str() {
            "true" => return Ok(Term::Bool(true)),
            "false" => return Ok(Term::Bool(false)),
            "null" => return Ok(Term::Null),
            _ => {}
        }
        if !word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-') {
            return Ok(Term::Member(member(&word, self.members)?));
        }
        if let Ok(number) = word.parse::<f64>()
            && number.is_finite()
        {
            return Ok(Term::Number(number));
        }
        let moment = word.parse().map(Term::Moment);
        moment.map_err(|_| format!("Syntax error at '{word}'"))
    }

    fn next(&mut self) -> Result<Word, String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word.ok_or_else(|| "The expression ends too early".to_owned())
    }

    fn wants(&mut self, wanted: &Word) -> Result<(), String> {
        let word = self.next()?;
        if word == *wanted {
            return Ok(());
        }
        Err(syntax(&word))
    }

    fn takes(&mut self, name: &str) -> bool {
        let here = matches!(self.words.get(self.at), Some(Word::Bare(own)) if own == name);
        self.at += usize::from(here);
        here
    }
}
