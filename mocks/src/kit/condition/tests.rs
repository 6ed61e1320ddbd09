//! What a dialect changes, and what it leaves; the rest is told by the vendors' own tests.

use proptest::prelude::*;

use super::{Check, Dates, Expr, Grammar, Literal, Operator, Pattern, Test, moment, parse};

const SLASHED: Grammar = Grammar {
    separator: "/",
    words: &[],
    dates: Dates::Bracketed,
    contains_numbers: false,
};

const DOTTED: Grammar = Grammar {
    separator: ".",
    words: &[("eq", Operator::Equal)],
    dates: Dates::Bare,
    contains_numbers: true,
};

fn one(path: &[&str], check: Check) -> Expr {
    let path = path.iter().map(|step| (*step).to_owned()).collect();
    Expr::Test(Test { path, check })
}

fn equal(path: &[&str], literal: Literal) -> Expr {
    one(path, Check::Compare(Operator::Equal, literal))
}

#[test]
fn a_path_has_the_separator_of_its_dialect() {
    let expected = equal(&["a", "b"], Literal::Number(1.0));
    assert_eq!(parse("a/b = 1", &SLASHED), Ok(expected.clone()));
    assert_eq!(parse("a.b = 1", &DOTTED), Ok(expected));
    assert!(parse("a.b = 1", &SLASHED).is_err());
    assert!(parse("a/b = 1", &DOTTED).is_err());
}

#[test]
fn words_stand_for_signs_where_the_dialect_has_them() {
    let expected = equal(&["a"], Literal::Text("x".to_owned()));
    assert_eq!(parse("a EQ 'x'", &DOTTED), Ok(expected.clone()));
    assert_eq!(parse("a='x'", &DOTTED), Ok(expected));
    assert!(parse("a eq 'x'", &SLASHED).is_err());
    assert!(parse("a eqx", &DOTTED).is_err());
}

#[test]
fn dates_are_bare_or_in_brackets() {
    let date = Literal::Moment(moment("2024-05-01T10:00:00").unwrap());
    let day = Literal::Moment(moment("2024-05-01").unwrap());
    for (text, grammar, literal) in [
        ("a = 2024-05-01T10:00:00", &DOTTED, &date),
        ("(a = 2024-05-01T10:00:00.000Z)", &DOTTED, &date),
        ("a = 2024-05-01T12:00:00+02:00", &DOTTED, &date),
        ("a = 2024-05-01", &DOTTED, &day),
        ("a = [2024-05-01T10:00:00]", &SLASHED, &date),
    ] {
        assert_eq!(
            parse(text, grammar),
            Ok(equal(&["a"], literal.clone())),
            "{text}"
        );
    }
    for (text, grammar) in [
        ("a = [2024-05-01]", &DOTTED),
        ("a = 2024-13-01", &DOTTED),
        ("a = 2024-05-01", &SLASHED),
    ] {
        assert!(parse(text, grammar).is_err(), "{text}");
    }
    let number = equal(&["a"], Literal::Number(-2024.5));
    assert_eq!(parse("a = -2024.5", &DOTTED), Ok(number));
}

#[test]
fn contains_takes_a_number_where_the_dialect_lets_it() {
    let contains = |text: &str| {
        let text = text.to_owned();
        one(
            &["a"],
            Check::Contains {
                negated: false,
                text,
            },
        )
    };
    assert_eq!(parse("a contains 3389", &DOTTED), Ok(contains("3389")));
    assert_eq!(parse("a contains '3389'", &DOTTED), Ok(contains("3389")));
    assert!(parse("a contains 3389", &SLASHED).is_err());
    assert!(parse("a contains x", &DOTTED).is_err());
}

/// A wildcard takes no letter, or one and stays.
fn naive(value: &[char], pattern: &[char]) -> bool {
    match (value, pattern) {
        ([], []) => true,
        (_, ['%', rest @ ..]) => {
            naive(value, rest) || !value.is_empty() && naive(&value[1..], pattern)
        }
        ([letter, value @ ..], [wanted, pattern @ ..]) if letter == wanted => naive(value, pattern),
        _ => false,
    }
}

proptest! {
    #[test]
    fn patterns_fit_as_they_do_letter_by_letter(text in "[ab%]{0,7}", pattern in "[ab%]{0,6}") {
        let letters: Vec<char> = text.chars().collect();
        let wanted: Vec<char> = pattern.chars().collect();
        prop_assert_eq!(Pattern::new(&pattern, &['%']).fits(&text), naive(&letters, &wanted));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = (parse(&text, &DOTTED), parse(&text, &SLASHED));
    }
}
