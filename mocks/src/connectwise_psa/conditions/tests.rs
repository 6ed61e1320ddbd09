//! The filter language: printing, and a second evaluator written the simplest way.

use std::cmp::Ordering;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Check, Dialect, Expr, Filter, Literal, Operator, ParseError, Slots, Test, parse};
use crate::connectwise_psa::schema::Resource;

fn test(path: &str, check: Check) -> Expr {
    let path = path.split('/').map(str::to_owned).collect();
    Expr::Test(Test { path, check })
}

fn equal(path: &str, number: f64) -> Expr {
    let check = Check::Compare(Operator::Equal, Literal::Number(number));
    test(path, check)
}

#[test]
fn and_binds_more_tightly_than_or() {
    let expected = Expr::Or(vec![
        equal("a", 1.0),
        Expr::And(vec![equal("b", 2.0), equal("c", 3.0)]),
    ]);
    assert_eq!(parse("a=1 OR b=2 AND c=3"), Ok(expected.clone()));
    assert_eq!(parse(" a = 1 or ( b=2 and(c=3))"), Ok(expected));
}

#[test]
fn words_are_read_in_any_case_and_only_whole() {
    let check = Check::In {
        negated: true,
        values: vec![Literal::Null, Literal::Flag(true)],
    };
    assert_eq!(parse("in NoT In (NULL, tRUE)"), Ok(test("in", check)));
    assert!(parse("a=1 android=2").is_err());
    assert!(parse("a inside (1)").is_err());
}

#[test]
fn escapes_are_only_for_quotes_and_backslashes() {
    let text = |condition: &str| match parse(condition) {
        Ok(Expr::Test(Test {
            check: Check::Compare(_, Literal::Text(text)),
            ..
        })) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(r#"a="LARK\frontdesk""#), r"LARK\frontdesk");
    assert_eq!(text(r#"a="say \"hi\"""#), r#"say "hi""#);
    assert_eq!(text(r#"a='it "is" so'"#), r#"it "is" so"#);
    assert_eq!(text(r#"a="C:\\""#), r"C:\");
}

#[test]
fn moments_may_lack_time_and_offset() {
    for moment in [
        "2024-05-01",
        "2024-05-01T00:00:00",
        "2024-05-01T00:00:00Z",
        " 2024-05-01T02:00:00+02:00 ",
    ] {
        let expected: Timestamp = "2024-05-01T00:00:00Z".parse().unwrap();
        let check = Check::Compare(Operator::Less, Literal::Moment(expected));
        assert_eq!(
            parse(&format!("a < [{moment}]")),
            Ok(test("a", check)),
            "{moment}"
        );
    }
}

#[test]
fn errors_say_where() {
    let expected = |at, expected| Err(ParseError::Expected { at, expected });
    assert_eq!(parse("name = "), expected(7, "a value"));
    assert_eq!(parse("name ~ 3"), expected(5, "a comparison"));
    assert_eq!(parse("a=1 b"), expected(4, "AND, OR or the end"));
    assert_eq!(parse("é=1"), expected(0, "the name of a field"));
    assert_eq!(parse(&"(".repeat(99)), Err(ParseError::TooDeep));
    assert_eq!(parse(&" ".repeat(100_001)), Err(ParseError::TooLong));
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<String>().prop_map(Literal::Text),
        any::<i32>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Literal::Number),
        any::<bool>().prop_map(Literal::Flag),
        Just(Literal::Null),
        (0_i64..4_000_000_000_000)
            .prop_map(|ms| Literal::Moment(Timestamp::from_millisecond(ms).unwrap())),
    ]
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(
        &[
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessOrEqual,
            Operator::Greater,
            Operator::GreaterOrEqual,
        ][..],
    )
}

fn check() -> impl Strategy<Value = Check> {
    prop_oneof![
        (operator(), literal()).prop_map(|(operator, literal)| Check::Compare(operator, literal)),
        (any::<bool>(), prop::collection::vec(literal(), 1..4))
            .prop_map(|(negated, values)| Check::In { negated, values }),
        (any::<bool>(), any::<String>())
            .prop_map(|(negated, text)| Check::Contains { negated, text }),
        (any::<bool>(), any::<String>())
            .prop_map(|(negated, pattern)| Check::Like { negated, pattern }),
    ]
}

fn tree(leaf: impl Strategy<Value = Expr> + 'static) -> impl Strategy<Value = Expr> {
    leaf.prop_recursive(5, 24, 4, |inner| {
        let many = prop::collection::vec(inner, 2..4);
        prop_oneof![many.clone().prop_map(Expr::And), many.prop_map(Expr::Or)]
    })
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let path = prop::collection::vec("[A-Za-z_][A-Za-z0-9_]{0,6}", 1..4);
    tree((path, check()).prop_map(|(path, check)| Expr::Test(Test { path, check })))
}

/// Tests that fit configurations, with values that occur in [`record`].
fn fitting_test() -> impl Strategy<Value = Expr> {
    let small = prop::sample::select(&["", "a", "A", "ab", "b%", "*b", "a*b", "%"][..]);
    let text = prop_oneof![
        (operator(), small.clone()).prop_map(|(operator, text)| {
            Check::Compare(operator, Literal::Text(text.to_owned()))
        }),
        (any::<bool>(), small.clone()).prop_map(|(negated, text)| Check::Contains {
            negated,
            text: text.to_owned()
        }),
        (any::<bool>(), small.clone()).prop_map(|(negated, text)| Check::Like {
            negated,
            pattern: text.to_owned()
        }),
        (any::<bool>(), prop::collection::vec(small, 1..3)).prop_map(|(negated, texts)| {
            let values = texts.iter().map(|text| Literal::Text((*text).to_owned()));
            Check::In {
                negated,
                values: values.collect(),
            }
        }),
    ];
    let number = (operator(), 0..4_i32)
        .prop_map(|(operator, number)| Check::Compare(operator, Literal::Number(number.into())));
    let numbers =
        (any::<bool>(), prop::collection::vec(0..4_i32, 1..3)).prop_map(|(negated, numbers)| {
            let values = numbers
                .iter()
                .map(|number| Literal::Number((*number).into()));
            Check::In {
                negated,
                values: values.collect(),
            }
        });
    let flag = (operator(), any::<bool>())
        .prop_map(|(operator, flag)| Check::Compare(operator, Literal::Flag(flag)));
    let moment = (operator(), 0..3_i64).prop_map(|(operator, second)| {
        let moment = Timestamp::from_second(second).unwrap();
        Check::Compare(operator, Literal::Moment(moment))
    });
    let null = any::<bool>().prop_map(|equal| {
        let operator = if equal {
            Operator::Equal
        } else {
            Operator::NotEqual
        };
        Check::Compare(operator, Literal::Null)
    });
    prop_oneof![
        (
            prop::sample::select(&["name", "SerialNumber", "company/name"][..]),
            text
        )
            .prop_map(|(path, check)| test(path, check)),
        (
            prop::sample::select(&["id", "company/ID"][..]),
            prop_oneof![number, numbers]
        )
            .prop_map(|(path, check)| test(path, check)),
        flag.prop_map(|check| test("activeFlag", check)),
        (
            prop::sample::select(&["purchaseDate", "lastUpdated"][..]),
            moment
        )
            .prop_map(|(path, check)| test(path, check)),
        (
            prop::sample::select(&["name", "company", "company/id", "purchaseDate"][..]),
            null
        )
            .prop_map(|(path, check)| test(path, check)),
    ]
}

prop_compose! {
    fn record()(
        id in 0..4_u64,
        name in prop::option::of("[aAbB%]{0,3}"),
        serial in prop::option::of("[ab]{0,2}"),
        company in prop::option::of((0..4_u64, "[aAb]{0,2}")),
        active in prop::option::of(any::<bool>()),
        purchase in prop::option::of(0..3_i64),
        updated in 0..3_i64,
    ) -> Json {
        let moment = |second: i64| Timestamp::from_second(second).unwrap().to_string();
        json!({
            "id": id,
            "name": name,
            "serialNumber": serial,
            "company": company.map(|(id, name)| json!({"id": id, "name": name})),
            "activeFlag": active,
            "purchaseDate": purchase.map(moment),
            "notes": "something \"else\" to skip",
            "questions": [{"answer": {"deep": [1, 2, {"id": 9}]}}],
            "_info": {"lastUpdated": moment(updated)},
        })
    }
}

/// The naive evaluator: looks values up in the tree and compares text, case folded.
fn naive(expr: &Expr, record: &Json) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().all(|part| naive(part, record)),
        Expr::Or(parts) => parts.iter().any(|part| naive(part, record)),
        Expr::Test(test) => {
            let mut value = record;
            if test.path == ["lastUpdated"] {
                value = &record["_info"]["lastUpdated"];
            } else {
                for step in &test.path {
                    let mut letters = step.chars();
                    let first = letters.next().unwrap().to_ascii_lowercase();
                    let step = if step == "ID" {
                        "id".to_owned()
                    } else {
                        format!("{first}{}", letters.as_str())
                    };
                    value = &value[step];
                }
            }
            naive_check(&test.check, value)
        }
    }
}

fn naive_check(check: &Check, value: &Json) -> bool {
    match check {
        Check::Compare(Operator::Equal, Literal::Null) => value.is_null(),
        Check::Compare(Operator::NotEqual, Literal::Null) => !value.is_null(),
        _ if value.is_null() => false,
        Check::Compare(operator, literal) => {
            let order = naive_order(value, literal);
            match operator {
                Operator::Equal => order.is_eq(),
                Operator::NotEqual => order.is_ne(),
                Operator::Less => order.is_lt(),
                Operator::LessOrEqual => order.is_le(),
                Operator::Greater => order.is_gt(),
                Operator::GreaterOrEqual => order.is_ge(),
            }
        }
        Check::In { negated, values } => {
            values
                .iter()
                .any(|literal| naive_order(value, literal).is_eq())
                != *negated
        }
        Check::Contains { negated, text } => {
            let value = value.as_str().unwrap().to_lowercase();
            value.contains(&text.to_lowercase()) != *negated
        }
        Check::Like { negated, pattern } => {
            let value: Vec<char> = value.as_str().unwrap().to_lowercase().chars().collect();
            let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
            naive_like(&value, &pattern) != *negated
        }
    }
}

fn naive_order(value: &Json, literal: &Literal) -> Ordering {
    match literal {
        Literal::Text(text) => value
            .as_str()
            .unwrap()
            .to_lowercase()
            .cmp(&text.to_lowercase()),
        Literal::Number(number) => value.as_f64().unwrap().partial_cmp(number).unwrap(),
        Literal::Flag(flag) => value.as_bool().unwrap().cmp(flag),
        Literal::Moment(moment) => {
            let value: Timestamp = value.as_str().unwrap().parse().unwrap();
            value.cmp(moment)
        }
        Literal::Null => Ordering::Less,
    }
}

/// A wildcard takes no letter, or one and stays.
fn naive_like(value: &[char], pattern: &[char]) -> bool {
    match (value, pattern) {
        ([], []) => true,
        (_, ['*' | '%', rest @ ..]) => {
            naive_like(value, rest) || !value.is_empty() && naive_like(&value[1..], pattern)
        }
        ([letter, value @ ..], [wanted, pattern @ ..]) if letter == wanted => {
            naive_like(value, pattern)
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_the_same(expr in any_expr()) {
        prop_assert_eq!(parse(&expr.to_string()), Ok(expr));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(expr) = parse(&text) {
            prop_assert_eq!(parse(&expr.to_string()), Ok(expr));
        }
    }

    #[test]
    fn both_evaluators_agree(expr in tree(fitting_test()), records in prop::collection::vec(record(), 1..8)) {
        let schema = Resource::Configurations.schema();
        let mut filter = Filter::default();
        filter.and(&expr, Dialect::Record, schema).unwrap();
        let mut slots = Slots::new();
        for record in records {
            let json = record.to_string();
            let expected = naive(&expr, &record);
            prop_assert_eq!(filter.holds(json.as_bytes(), &mut slots), expected, "{} on {}", expr, json);
            // Narrowing never drops a record that passes.
            if let (true, Some(ids)) = (expected, filter.pinned(&["id"])) {
                prop_assert!(ids.contains(&record["id"].as_u64().unwrap()));
            }
        }
    }
}
