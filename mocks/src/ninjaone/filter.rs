//! The device filter (`df`): terms joined by `AND`, no `OR` and no brackets but around lists. Its grammar
//! is `seen` in clients; what it refuses is `inferred`. It knows fields of devices and nothing of pages.

use jiff::Timestamp;
use jiff::civil::Date;

use super::devices::Facts;

/// A filter that was understood.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter(Vec<Term>);

#[derive(Debug, Clone)]
enum Term {
    /// A number of the device is one of these, or none of them.
    Number(Number, Vec<u64>, bool),
    /// A word of the device is one of these, or none of them.
    Word(Word, Vec<String>, bool),
    Offline(bool),
    /// Created before, after or on a day.
    Created(When, Date),
    /// A group is empty: there are none.
    Group,
}

#[derive(Debug, Clone, Copy)]
enum Number {
    Id,
    Organization,
    Location,
    Role,
}

#[derive(Debug, Clone, Copy)]
enum Word {
    Class,
    Status,
}

#[derive(Debug, Clone, Copy)]
enum When {
    Before,
    After,
    On,
}

impl Filter {
    /// Reads a filter; none when it is badly put.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::default());
        }
        let mut terms = Vec::new();
        let mut words = Vec::new();
        for word in split(text) {
            if word.eq_ignore_ascii_case("and") {
                terms.push(term(&words)?);
                words.clear();
            } else {
                words.push(word);
            }
        }
        terms.push(term(&words)?);
        Some(Self(terms))
    }

    /// Whether nothing is asked.
    #[cfg(test)]
    /// Whether nothing is asked.
    #[cfg(test)]
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a device fits now.
    pub(super) fn fits(&self, id: u64, device: &Facts, now: Timestamp) -> bool {
        self.0.iter().all(|term| match term {
            Term::Number(number, numbers, within) => {
                let own = match number {
                    Number::Id => Some(id),
                    Number::Organization => device.organization.map(u64::from),
                    Number::Location => device.location.map(u64::from),
                    Number::Role => device.role,
                };
                own.is_some_and(|own| numbers.contains(&own)) == *within
            }
            Term::Word(word, words, within) => {
                let own = match word {
                    Word::Class => device.class(),
                    Word::Status => device.status(),
                };
                own.is_some_and(|own| words.iter().any(|word| word == own)) == *within
            }
            Term::Offline(wanted) => device.offline(now) == *wanted,
            Term::Created(when, day) => device.created.is_some_and(|own| match when {
                When::Before => own < *day,
                When::After => own > *day,
                When::On => own == *day,
            }),
            Term::Group => false,
        })
    }
}

/// Words at blanks, lists in brackets as one word.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut within = false;
    for letter in text.chars() {
        match letter {
            '(' => within = true,
            ')' => within = false,
            _ => {}
        }
        if letter.is_whitespace() {
            if !within && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        word.push(letter);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn term(words: &[String]) -> Option<Term> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["online"] => Some(Term::Offline(false)),
        ["offline"] => Some(Term::Offline(true)),
        ["group", id] => id.parse::<u64>().ok().map(|_| Term::Group),
        ["created", when, day] => {
            let when = match *when {
                "before" => When::Before,
                "after" => When::After,
                "eq" | "=" => When::On,
                _ => return None,
            };
            Some(Term::Created(when, day.parse().ok()?))
        }
        [field, sign, value] => {
            let within = match *sign {
                "eq" | "=" | "in" => true,
                "neq" | "!=" | "notin" => false,
                _ => return None,
            };
            let list = matches!(*sign, "in" | "notin");
            let values = values(value, list)?;
            let number = |own| {
                let numbers = values.iter().map(|value| value.parse().ok());
                Some(Term::Number(own, numbers.collect::<Option<_>>()?, within))
            };
            match *field {
                "org" => number(Number::Organization),
                "loc" => number(Number::Location),
                "role" => number(Number::Role),
                "id" => number(Number::Id),
                "class" => Some(Term::Word(Word::Class, values, within)),
                "status" => Some(Term::Word(Word::Status, values, within)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// One value, or those of a list in brackets.
fn values(text: &str, list: bool) -> Option<Vec<String>> {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    match (inner, list) {
        (Some(inner), true) => {
            let values: Vec<String> = inner.split(',').map(|it| it.trim().to_owned()).collect();
            values
                .iter()
                .all(|value| !value.is_empty())
                .then_some(values)
        }
        (None, false) if !text.contains(['(', ')', ',']) => Some(vec![text.to_owned()]),
        _ => None,
    }
}
