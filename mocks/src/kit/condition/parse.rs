//! Reads a condition. What all dialects share is documented by the vendors except where a comment says
//! otherwise; what they differ in is a [`Grammar`].

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Check, Expr, Literal, Operator, Test};

/// Brackets may be nested this deep; the vendor's own limit is not known (inferred).
const DEPTH_MAX: usize = 50;

/// The longest text that is read (inferred: ten times the longest URL that the vendor takes).
const LENGTH_MAX: usize = 100_000;

/// What a dialect has of its own.
#[derive(Debug, Clone, Copy)]
pub struct Grammar {
    /// What stands between the steps of a field's path.
    pub separator: &'static str,
    /// Words that stand for a comparison, beside its signs.
    pub words: &'static [(&'static str, Operator)],
    /// How dates and times are written, beside text.
    pub dates: Dates,
    /// Whether `contains` takes a number as well as a text.
    pub contains_numbers: bool,
}

/// How a date and time stands in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// In square brackets.
    Bracketed,
    /// As it is: `2024-05-01T10:00:00Z`.
    Bare,
}

/// Text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Something else should stand there.
    #[error("expected {expected} at position {at}")]
    Expected {
        /// Byte at which reading stopped.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Too many brackets within brackets.
    #[error("brackets are nested deeper than {DEPTH_MAX}")]
    TooDeep,
    /// Too much text.
    #[error("the condition is longer than {LENGTH_MAX} characters")]
    TooLong,
}

/// Reads a condition.
///
/// # Errors
/// [`ParseError`] says where reading stopped and what was expected there.
pub fn parse(text: &str, grammar: &Grammar) -> Result<Expr, ParseError> {
    if text.len() > LENGTH_MAX {
        return Err(ParseError::TooLong);
    }
    let mut reader = Reader {
        text,
        at: 0,
        grammar,
    };
    let expr = reader.any(0)?;
    reader.space();
    if reader.rest().is_empty() {
        Ok(expr)
    } else {
        reader.fail("AND, OR or the end")
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    grammar: &'a Grammar,
}

type Read<T> = Result<T, ParseError>;

impl<'a> Reader<'a> {
    /// AND binds more tightly than OR, as in SQL (inferred).
    fn any(&mut self, depth: usize) -> Read<Expr> {
        let mut parts = vec![self.all(depth)?];
        while self.word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Expr::Or))
    }

    fn all(&mut self, depth: usize) -> Read<Expr> {
        let mut parts = vec![self.term(depth)?];
        while self.word("and") {
            parts.push(self.term(depth)?);
        }
        Ok(one_or(parts, Expr::And))
    }

    fn term(&mut self, depth: usize) -> Read<Expr> {
        if self.mark("(") {
            if depth >= DEPTH_MAX {
                return Err(ParseError::TooDeep);
            }
            let inner = self.any(depth + 1)?;
            self.need(")", "`)`")?;
            return Ok(inner);
        }
        let path = self.path()?;
        let check = self.check()?;
        Ok(Expr::Test(Test { path, check }))
    }

    fn path(&mut self) -> Read<Vec<String>> {
        let mut path = vec![self.name()?];
        while self.mark(self.grammar.separator) {
            path.push(self.name()?);
        }
        Ok(path)
    }

    fn name(&mut self) -> Read<String> {
        self.space();
        let name = self.ident();
        if name.is_empty() {
            return self.fail("the name of a field");
        }
        self.at += name.len();
        Ok(name.to_owned())
    }

    fn check(&mut self) -> Read<Check> {
        const OPERATORS: [(&str, Operator); 6] = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (sign, operator) in OPERATORS {
            if self.mark(sign) {
                return Ok(Check::Compare(operator, self.literal()?));
            }
        }
        for (word, operator) in self.grammar.words {
            if self.word(word) {
                return Ok(Check::Compare(*operator, self.literal()?));
            }
        }
        let negated = self.word("not");
        if self.word("in") {
            return Ok(Check::In {
                negated,
                values: self.list()?,
            });
        }
        if self.word("contains") {
            let text = self.needle()?;
            return Ok(Check::Contains { negated, text });
        }
        if self.word("like") {
            let pattern = self.string()?;
            return Ok(Check::Like { negated, pattern });
        }
        self.fail("a comparison")
    }

    fn needle(&mut self) -> Read<String> {
        self.space();
        let digit = self
            .rest()
            .starts_with(|letter: char| letter.is_ascii_digit());
        if !(digit && self.grammar.contains_numbers) {
            return self.string();
        }
        let start = self.at;
        self.number()?;
        Ok(self.text[start..self.at].to_owned())
    }

    fn list(&mut self) -> Read<Vec<Literal>> {
        self.need("(", "`(`")?;
        let mut values = vec![self.literal()?];
        while self.mark(",") {
            values.push(self.literal()?);
        }
        self.need(")", "`,` or `)`")?;
        Ok(values)
    }

    fn literal(&mut self) -> Read<Literal> {
        self.space();
        match self.rest().as_bytes().first() {
            Some(b'"' | b'\'') => self.string().map(Literal::Text),
            Some(b'[') if self.grammar.dates == Dates::Bracketed => self.moment(),
            Some(b'0'..=b'9') if self.bare_date() => self.bare_moment(),
            Some(b'-' | b'.' | b'0'..=b'9') => self.number(),
            _ if self.word("true") => Ok(Literal::Flag(true)),
            _ if self.word("false") => Ok(Literal::Flag(false)),
            _ if self.word("null") => Ok(Literal::Null),
            _ => self.fail("a value"),
        }
    }

    /// Single quotes are taken too (inferred). A backslash before a quote or a backslash is an
    /// escape, elsewhere it is itself, so that `LARK\frontdesk` needs no care (inferred).
    fn string(&mut self) -> Read<String> {
        self.space();
        let Some(quote @ ('"' | '\'')) = self.rest().chars().next() else {
            return self.fail("text in quotes");
        };
        self.at += 1;
        let mut text = String::new();
        let mut letters = self.rest().char_indices().peekable();
        while let Some((offset, letter)) = letters.next() {
            if letter == quote {
                self.at += offset + 1;
                return Ok(text);
            }
            if letter == '\\'
                && let Some((_, next)) =
                    letters.next_if(|(_, next)| matches!(next, '"' | '\'' | '\\'))
            {
                text.push(next);
            } else {
                text.push(letter);
            }
        }
        self.at = self.text.len();
        self.fail("a closing quote")
    }

    fn number(&mut self) -> Read<Literal> {
        let length = self
            .rest()
            .bytes()
            .take_while(|byte| matches!(byte, b'-' | b'.' | b'0'..=b'9'))
            .count();
        match self.rest()[..length].parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at += length;
                Ok(Literal::Number(number))
            }
            _ => self.fail("a number"),
        }
    }

    fn moment(&mut self) -> Read<Literal> {
        let inside = &self.rest()[1..];
        let Some(length) = inside.find(']') else {
            return self.fail("a date and time in square brackets");
        };
        match moment(inside[..length].trim()) {
            Some(moment) => {
                self.at += length + 2;
                Ok(Literal::Moment(moment))
            }
            None => self.fail("a date and time such as [2024-05-01T10:00:00Z]"),
        }
    }

    /// Whether a date stands here, and not a number: there are dashes after its first digits.
    fn bare_date(&self) -> bool {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.grammar.dates == Dates::Bare && rest[digits..].starts_with('-')
    }

    fn bare_moment(&mut self) -> Read<Literal> {
        let rest = self.rest();
        let length = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !"-:.+".contains(letter))
            .unwrap_or(rest.len());
        match moment(&rest[..length]) {
            Some(moment) => {
                self.at += length;
                Ok(Literal::Moment(moment))
            }
            None => self.fail("a date and time such as 2024-05-01T10:00:00Z"),
        }
    }

    fn need(&mut self, sign: &str, expected: &'static str) -> Read<()> {
        if self.mark(sign) {
            Ok(())
        } else {
            self.fail(expected)
        }
    }

    fn mark(&mut self, sign: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn word(&mut self, word: &str) -> bool {
        self.space();
        let found = self.ident().eq_ignore_ascii_case(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn ident(&self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        if rest.starts_with(|letter: char| letter.is_ascii_digit()) {
            ""
        } else {
            &rest[..end]
        }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, expected: &'static str) -> Read<T> {
        Err(ParseError::Expected {
            at: self.at,
            expected,
        })
    }
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            parts.push(last);
            many(parts)
        }
        (_, None) => many(parts),
    }
}

/// A moment in UTC. Without an offset it is taken as UTC, without a time as midnight (seen).
pub fn moment(text: &str) -> Option<Timestamp> {
    let civil = |time: DateTime| time.to_zoned(TimeZone::UTC).ok();
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| Some(civil(text.parse::<DateTime>().ok()?)?.timestamp()))
        .or_else(|| Some(civil(text.parse::<Date>().ok()?.at(0, 0, 0, 0))?.timestamp()))
}
