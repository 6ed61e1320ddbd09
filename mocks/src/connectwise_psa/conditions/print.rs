//! Prints a condition the way the vendor's guide writes one.

use std::fmt;

use super::{Check, Expr, Literal, Operator, Test};

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(parts, " AND ", |part| !matches!(part, Self::Test(_)), out),
            Self::Or(parts) => joined(parts, " OR ", |part| matches!(part, Self::Or(_)), out),
            Self::Test(test) => test.fmt(out),
        }
    }
}

fn joined(
    parts: &[Expr],
    word: &str,
    in_brackets: impl Fn(&Expr) -> bool,
    out: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.write_str(word)?;
        }
        if in_brackets(part) {
            write!(out, "({part})")?;
        } else {
            write!(out, "{part}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path.join("/"))?;
        let not = |negated: &bool| if *negated { " NOT" } else { "" };
        match &self.check {
            Check::Compare(operator, literal) => write!(out, " {operator} {literal}"),
            Check::In { negated, values } => {
                write!(out, "{} IN (", not(negated))?;
                for (at, value) in values.iter().enumerate() {
                    out.write_str(if at > 0 { ", " } else { "" })?;
                    value.fmt(out)?;
                }
                out.write_str(")")
            }
            Check::Contains { negated, text } => {
                write!(out, "{} CONTAINS ", not(negated))?;
                quoted(text, out)
            }
            Check::Like { negated, pattern } => {
                write!(out, "{} LIKE ", not(negated))?;
                quoted(pattern, out)
            }
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quoted(text, out),
            Self::Number(number) => write!(out, "{number}"),
            Self::Flag(true) => out.write_str("True"),
            Self::Flag(false) => out.write_str("False"),
            Self::Null => out.write_str("null"),
            Self::Moment(moment) => write!(out, "[{moment}]"),
        }
    }
}

fn quoted(text: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    out.write_char('"')?;
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.write_char('\\')?;
        }
        out.write_char(letter)?;
    }
    out.write_char('"')
}
