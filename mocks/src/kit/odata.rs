//! OData's `$filter` and `$orderby` over rows. The operators and functions are `documented` by the vendors
//! that have them, what is refused is `inferred`. It knows members of rows and nothing of what they mean.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::{Object, at};

/// How deep brackets may go.
const DEPTH_MAX: u32 = 32;

/// What a vendor's version of the language has.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The function that looks for a part of a text.
    pub contains: &'static str,
    /// Whether that function is given the part before the member.
    pub part_first: bool,
    /// Whether times stand without quotes.
    pub bare_moments: bool,
}

/// A filter that was understood.
#[derive(Debug, Clone)]
pub enum Filter {
    /// Every row.
    All,
    /// Rows that fit both.
    And(Box<Filter>, Box<Filter>),
    /// Rows that fit one.
    Or(Box<Filter>, Box<Filter>),
    /// A member compared with a value.
    Compare(String, Sign, Operand),
    /// A part of a text.
    Contains(String, String),
    /// Its beginning.
    Starts(String, String),
    /// Its end.
    Ends(String, String),
}

/// How a member is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The same.
    Eq,
    /// Another.
    Ne,
    /// More.
    Gt,
    /// More, or the same.
    Ge,
    /// Less.
    Lt,
    /// Less, or the same.
    Le,
}

/// What a member is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A text.
    Text(String),
    /// A number as it was written: ids have more digits than a float holds.
    Number(String),
    /// A time without quotes.
    Moment(Timestamp),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, dialect: &Dialect) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::All);
        }
        let mut parser = Parser {
            dialect: *dialect,
            words: words(text)?,
            at: 0,
        };
        let filter = parser.either(0)?;
        match parser.words.get(parser.at) {
            None => Ok(filter),
            Some(word) => Err(format!("Syntax error at '{}'", word.text())),
        }
    }

    /// Whether a row fits.
    pub fn fits(&self, row: &Object) -> bool {
        match self {
            Self::All => true,
            Self::And(one, other) => one.fits(row) && other.fits(row),
            Self::Or(one, other) => one.fits(row) || other.fits(row),
            Self::Compare(name, sign, operand) => sign.holds(compared(member(row, name), operand)),
            Self::Contains(name, part) => text(row, name).contains(&part.to_lowercase()),
            Self::Starts(name, part) => text(row, name).starts_with(&part.to_lowercase()),
            Self::Ends(name, part) => text(row, name).ends_with(&part.to_lowercase()),
        }
    }

    /// The members that the filter looks at.
    pub fn members(&self) -> Vec<&str> {
        match self {
            Self::All => Vec::new(),
            Self::And(one, other) | Self::Or(one, other) => {
                let mut members = one.members();
                members.extend(other.members());
                members
            }
            Self::Compare(name, ..)
            | Self::Contains(name, _)
            | Self::Starts(name, _)
            | Self::Ends(name, _) => vec![name],
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

/// A member by its name, in any case.
pub fn member<'a>(row: &'a Object, name: &str) -> &'a Value {
    let own = row.keys().find(|own| own.eq_ignore_ascii_case(name));
    own.map_or(&Value::Null, |own| at(row, own))
}

fn text(row: &Object, name: &str) -> String {
    member(row, name)
        .as_str()
        .unwrap_or_default()
        .to_lowercase()
}

/// Texts compare without regard to case, as the database does (inferred). Ids are texts of digits and
/// compare with numbers as numbers do.
fn compared(own: &Value, operand: &Operand) -> Option<Ordering> {
    match (own, operand) {
        (Value::Null, Operand::Null) => Some(Ordering::Equal),
        (Value::Bool(own), Operand::Bool(other)) => Some(own.cmp(other)),
        (Value::String(own), Operand::Text(other)) => {
            Some(own.to_lowercase().cmp(&other.to_lowercase()))
        }
        (Value::String(own), Operand::Number(other)) => digits(own, other),
        (Value::String(own), Operand::Moment(other)) => {
            Some(own.parse::<Timestamp>().ok()?.cmp(other))
        }
        (Value::Number(own), Operand::Number(other)) => {
            let other: f64 = other.parse().ok()?;
            own.as_f64()?.partial_cmp(&other)
        }
        _ => None,
    }
}

fn digits(own: &str, other: &str) -> Option<Ordering> {
    let whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole(own) || !whole(other) {
        return None;
    }
    let (own, other) = (own.trim_start_matches('0'), other.trim_start_matches('0'));
    Some(own.len().cmp(&other.len()).then_with(|| own.cmp(other)))
}

/// Orders rows by `Name`, `Name desc`, several with commas.
///
/// # Errors
/// What is wrong with the order.
pub fn order(rows: &mut [Object], text: &str) -> Result<(), String> {
    let mut keys = Vec::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let words: Vec<&str> = part.split_whitespace().collect();
        let falling = match words.get(1).map(|word| word.to_ascii_lowercase()) {
            None => false,
            Some(word) if word == "asc" => false,
            Some(word) if word == "desc" => true,
            Some(word) => return Err(format!("Syntax error at '{word}'")),
        };
        if words.len() > 2 {
            return Err(format!("Syntax error at '{}'", words[2]));
        }
        keys.push((words[0].to_owned(), falling));
    }
    rows.sort_by(|one, other| {
        keys.iter()
            .map(|(name, falling)| {
                let order = in_order(member(one, name), member(other, name));
                if *falling { order.reverse() } else { order }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn in_order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::String(one), Value::String(other)) => {
            digits(one, other).unwrap_or_else(|| one.to_lowercase().cmp(&other.to_lowercase()))
        }
        (Value::Number(one), Value::Number(other)) => (one.as_f64())
            .partial_cmp(&other.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (one, other) => other.is_null().cmp(&one.is_null()),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Name(String),
    Text(String),
    Open,
    Close,
    Comma,
}

impl Word {
    fn text(&self) -> &str {
        match self {
            Self::Name(text) | Self::Text(text) => text,
            Self::Open => "(",
            Self::Close => ")",
            Self::Comma => ",",
        }
    }
}

/// Words, brackets and texts in quotes, in which two quotes are one. `DATETIME'…'` is a text.
fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '(' => words.push(Word::Open),
            ')' => words.push(Word::Close),
            ',' => words.push(Word::Comma),
            '\'' => {
                let mut quoted = String::new();
                loop {
                    match rest.next() {
                        Some('\'') if rest.peek() == Some(&'\'') => {
                            rest.next();
                            quoted.push('\'');
                        }
                        Some('\'') => break,
                        Some(letter) => quoted.push(letter),
                        None => return Err("Unterminated string literal".to_owned()),
                    }
                }
                if matches!(words.last(), Some(Word::Name(name)) if name.eq_ignore_ascii_case("datetime"))
                {
                    words.pop();
                }
                words.push(Word::Text(quoted));
            }
            letter if letter.is_whitespace() => {}
            letter => {
                let mut name = String::from(letter);
                while let Some(letter) =
                    rest.next_if(|it| !it.is_whitespace() && !matches!(it, '(' | ')' | ',' | '\''))
                {
                    name.push(letter);
                }
                words.push(Word::Name(name));
            }
        }
    }
    Ok(words)
}

struct Parser {
    dialect: Dialect,
    words: Vec<Word>,
    at: usize,
}

impl Parser {
    fn either(&mut self, depth: u32) -> Result<Filter, String> {
        let mut filter = self.both(depth)?;
        while self.takes("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.both(depth)?));
        }
        Ok(filter)
    }

    fn both(&mut self, depth: u32) -> Result<Filter, String> {
        let mut filter = self.term(depth)?;
        while self.takes("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.term(depth)?));
        }
        Ok(filter)
    }

    fn term(&mut self, depth: u32) -> Result<Filter, String> {
        if depth >= DEPTH_MAX {
            return Err("The filter is too deep".to_owned());
        }
        match self.next()? {
            Word::Open => {
                let filter = self.either(depth + 1)?;
                self.wants(&Word::Close)?;
                Ok(filter)
            }
            Word::Name(name) if self.words.get(self.at) == Some(&Word::Open) => {
                self.function(&name.to_ascii_lowercase())
            }
            Word::Name(name) => {
                let sign = self.next()?;
                let sign = Sign::of(&sign.text().to_ascii_lowercase())
                    .ok_or_else(|| format!("Syntax error at '{}'", sign.text()))?;
                let operand = match self.next()? {
                    Word::Text(text) => Operand::Text(text),
                    Word::Name(word) => operand(&word, self.dialect)?,
                    word => return Err(format!("Syntax error at '{}'", word.text())),
                };
                Ok(Filter::Compare(name, sign, operand))
            }
            word => Err(format!("Syntax error at '{}'", word.text())),
        }
    }

    fn function(&mut self, name: &str) -> Result<Filter, String> {
        self.wants(&Word::Open)?;
        let first = self.next()?;
        self.wants(&Word::Comma)?;
        let second = self.next()?;
        self.wants(&Word::Close)?;
        let Dialect {
            contains,
            part_first,
            ..
        } = self.dialect;
        let filter = match (name, first, second) {
            (name, Word::Text(part), Word::Name(field)) if name == contains && part_first => {
                Filter::Contains(field, part)
            }
            (name, Word::Name(field), Word::Text(part)) if name == contains && !part_first => {
                Filter::Contains(field, part)
            }
            ("startswith", Word::Name(field), Word::Text(part)) => Filter::Starts(field, part),
            ("endswith", Word::Name(field), Word::Text(part)) => Filter::Ends(field, part),
            _ => return Err(format!("Unknown function or operands of '{name}'")),
        };
        // `contains(…) eq true` is how OData has it too.
        if self.takes("eq") && !self.takes("true") {
            return Err(format!("'{name}' can be compared with true alone"));
        }
        Ok(filter)
    }

    fn next(&mut self) -> Result<Word, String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word.ok_or_else(|| "The filter ends too early".to_owned())
    }

    fn wants(&mut self, wanted: &Word) -> Result<(), String> {
        let word = self.next()?;
        if word == *wanted {
            return Ok(());
        }
        Err(format!("Syntax error at '{}'", word.text()))
    }

    fn takes(&mut self, name: &str) -> bool {
        let here = matches!(self.words.get(self.at), Some(Word::Name(own)) if own.eq_ignore_ascii_case(name));
        self.at += usize::from(here);
        here
    }
}

/// A number may end in `M`, which is how decimals are written (seen).
fn operand(word: &str, dialect: Dialect) -> Result<Operand, String> {
    if dialect.bare_moments
        && let Ok(moment) = word.parse()
    {
        return Ok(Operand::Moment(moment));
    }
    let number = word.trim_end_matches(['M', 'm']);
    match word.to_ascii_lowercase().as_str() {
        "true" => Ok(Operand::Bool(true)),
        "false" => Ok(Operand::Bool(false)),
        "null" => Ok(Operand::Null),
        _ if number.parse::<f64>().is_ok_and(f64::is_finite) => {
            Ok(Operand::Number(number.to_owned()))
        }
        _ => Err(format!("Syntax error at '{word}'")),
    }
}
