//! `condition`: what clients are known to ask, what is refused, and a second evaluator that never reads a
//! condition's text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Client;
use crate::connectwise_automate::fields::COMPUTER;
use crate::connectwise_automate::filter::Filter;
use crate::kit::Object;

const LAPTOP: &str = "LARK-FRONTDESK-07";

#[test]
fn conditions_find_what_clients_ask_for() {
    let client = Client::new();
    let all = [LAPTOP, "LARK-SRV", "FERN-ESX", "FERN-VM"];
    for (condition, expected) in [
        ("(Client.Id = 2) and (Status = 'Online')", vec![LAPTOP]),
        ("Client.Id = '2'", vec![LAPTOP, "LARK-SRV"]),
        ("client.name eq \"fern & co\"", vec!["FERN-ESX", "FERN-VM"]),
        ("Location.Id in (2, 9)", vec![LAPTOP, "LARK-SRV"]),
        ("ComputerName like '%srv%'", vec!["LARK-SRV"]),
        ("ComputerName not like 'LARK%'", vec!["FERN-ESX", "FERN-VM"]),
        ("(Type != 'Server')", vec![LAPTOP, "FERN-VM"]),
        (
            "RemoteAgentLastContact <= 2026-01-05T07:30:00",
            vec!["LARK-SRV"],
        ),
        (
            "RemoteAgentLastContact <= '2026-01-05T07:30:00'",
            vec!["LARK-SRV"],
        ),
        (
            "RemoteAgentLastContact > 2026-01-05T08:59:30.000Z",
            vec!["FERN-ESX"],
        ),
        (
            "((OpenPortsTCP contains 3389) or (OpenPortsUDP contains 3389))",
            vec!["LARK-SRV"],
        ),
        (
            "OpenPortsTCP not contains 3389",
            vec![LAPTOP, "FERN-ESX", "FERN-VM"],
        ),
        ("OpenPortsTCP contains 33", vec![]),
        ("UserAccounts Contains 'guest'", all.to_vec()),
        (
            "LoggedInUsers.LoggedInUserName like '%FRONT%'",
            vec![LAPTOP],
        ),
        ("MacAddress like '%00:1b%'", vec![LAPTOP]),
        ("BIOSManufacturer like 'dell%'", vec![LAPTOP]),
        ("IsVirtualHost = True", vec!["FERN-ESX"]),
        (
            "IsVirtualMachine = false and IsVirtualHost = 'false'",
            vec![LAPTOP, "LARK-SRV"],
        ),
        ("TotalMemory >= 16384", vec![LAPTOP]),
        ("SystemUptime >= 60", vec![LAPTOP]),
        ("SerialNumber = null", vec!["LARK-SRV", "FERN-VM"]),
        ("SerialNumber != null and not_a_field = 1", vec!["?"]),
        ("WarrantyEndDate > '2026-01-01'", vec![LAPTOP]),
        (
            "Id in (1,4) or ComputerName = 'LARK-SRV'",
            vec![LAPTOP, "LARK-SRV", "FERN-VM"],
        ),
        ("Id not in (1,4)", vec!["LARK-SRV", "FERN-ESX"]),
        (r"LastUserName = 'LARK\frontdesk'", vec![LAPTOP]),
    ] {
        if expected == ["?"] {
            let query = form_urlencoded::byte_serialize(condition.as_bytes()).collect::<String>();
            let (status, text) = client.refused(&format!("/computers?condition={query}"));
            assert_eq!(
                (status, text.as_str()),
                (400, "`not_a_field` is not a field")
            );
            continue;
        }
        assert_eq!(
            client.computers(&[("condition", condition)]),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn conditions_are_cut_into_pages_like_everything() {
    let client = Client::new();
    let page = |page: &str| {
        client.computers(&[("condition", "Id > 1"), ("pageSize", "2"), ("page", page)])
    };
    assert_eq!(page("1"), ["LARK-SRV", "FERN-ESX"]);
    assert_eq!(page("2"), ["FERN-VM"]);
    assert!(page("3").is_empty());
}

#[test]
fn bad_conditions_are_refused() {
    let client = Client::new();
    for condition in [
        "ComputerName",
        "ComputerName like",
        "ComputerName = x",
        "not (Id = 1)",
        "Id = 1 and",
        "(Id = 1",
        "Client = 1",
        "Client.Nothing = 1",
        "Client.Name.More = 1",
        "Id = 'x'",
        "TotalMemory like '1%'",
        "IsVirtualHost = 'maybe'",
        "RemoteAgentLastContact < 'soon'",
        "OpenPortsTCP = 80",
        "Contact = 1",
        "company/id = 1",
    ] {
        let query: String = form_urlencoded::byte_serialize(condition.as_bytes()).collect();
        let (status, _) = client.refused(&format!("/computers?condition={query}"));
        assert_eq!(status, 400, "{condition}");
    }
}

/// A condition before it is text.
#[derive(Debug, Clone)]
enum Ask {
    And(Box<Ask>, Box<Ask>),
    Or(Box<Ask>, Box<Ask>),
    /// Field, comparison, text.
    Text(&'static str, &'static str, String),
    /// Field, comparison, number.
    Number(&'static str, &'static str, i64),
    /// Whether a field is one of these numbers, or none of them.
    In(&'static str, bool, Vec<i64>),
    Flag(bool),
}

impl Ask {
    fn print(&self) -> String {
        match self {
            Self::And(left, right) => format!("({} and {})", left.print(), right.print()),
            Self::Or(left, right) => format!("({} or {})", left.print(), right.print()),
            Self::Text(field, sign, text) => format!("{field} {sign} '{text}'"),
            Self::Number(field, sign, number) => format!("{field} {sign} {number}"),
            Self::In(field, within, numbers) => {
                let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                let not = if *within { "" } else { "not " };
                format!("{field} {not}in ({})", list.join(","))
            }
            Self::Flag(flag) => format!("IsMaster = {flag}"),
        }
    }

    fn holds(&self, row: &Value) -> bool {
        let value = |field: &str| match field.split_once('.') {
            Some((outer, inner)) => row[outer][inner].clone(),
            None => row[field].clone(),
        };
        let number = |field: &str| match value(field) {
            Value::String(text) => text.parse::<i64>().ok(),
            other => other.as_i64(),
        };
        match self {
            Self::And(left, right) => left.holds(row) && right.holds(row),
            Self::Or(left, right) => left.holds(row) || right.holds(row),
            Self::Text(field, sign, text) => {
                let Value::String(own) = value(field) else {
                    return false;
                };
                let (own, text) = (own.to_lowercase(), text.to_lowercase());
                match *sign {
                    "=" | "eq" => own == text,
                    "!=" => own != text,
                    "<" => own < text,
                    "contains" => own.contains(&text),
                    _ => !own.contains(&text),
                }
            }
            Self::Number(field, sign, wanted) => number(field).is_some_and(|own| match *sign {
                "=" => own == *wanted,
                "!=" => own != *wanted,
                ">" => own > *wanted,
                _ => own <= *wanted,
            }),
            Self::In(field, within, list) => {
                number(field).is_some_and(|own| list.contains(&own) == *within)
            }
            Self::Flag(flag) => row["IsMaster"] == json!(flag),
        }
    }
}

fn ask() -> impl Strategy<Value = Ask> {
    let texts = prop::sample::select(vec!["ComputerName", "SerialNumber", "Client.Name"]);
    let signs = prop::sample::select(vec!["=", "eq", "!=", "<", "contains", "not contains"]);
    let numbers = prop::sample::select(vec!["Id", "Client.Id", "TotalMemory", "Location.Id"]);
    let compared = prop::sample::select(vec!["=", "!=", ">", "<="]);
    let leaf = prop_oneof![
        (texts, signs, "[aB ]{0,2}").prop_map(|(field, sign, text)| Ask::Text(field, sign, text)),
        (numbers.clone(), compared, 0..4_i64)
            .prop_map(|(field, sign, number)| Ask::Number(field, sign, number)),
        (
            numbers,
            any::<bool>(),
            prop::collection::vec(0..4_i64, 1..3)
        )
            .prop_map(|(field, within, list)| Ask::In(field, within, list)),
        any::<bool>().prop_map(Ask::Flag),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        let two = (inner.clone(), inner);
        prop_oneof![
            two.clone()
                .prop_map(|(left, right)| Ask::And(left.into(), right.into())),
            two.prop_map(|(left, right)| Ask::Or(left.into(), right.into())),
        ]
    })
}

prop_compose! {
    fn row()(
        id in 0..4_u64,
        name in prop::option::of("[abB ]{0,3}"),
        serial in prop::option::of("[ab]{0,2}"),
        client in prop::option::of((0..4_u64, "[aB]{0,2}")),
        location in prop::option::of(0..4_u64),
        memory in prop::option::of(0..4_u64),
        master in prop::option::of(any::<bool>()),
    ) -> Object {
        let client = client.map(|(id, name)| json!({ "Id": id.to_string(), "Name": name }));
        let row = json!({
            "Id": id.to_string(), "ComputerName": name, "SerialNumber": serial, "TotalMemory": memory,
            "Client": client, "Location": location.map(|id| json!({ "Id": id })), "IsMaster": master,
        });
        row.as_object().unwrap().clone()
    }
}

proptest! {
    #[test]
    fn both_evaluators_agree(ask in ask(), rows in prop::collection::vec(row(), 1..6)) {
        let text = ask.print();
        let filter = Filter::read(&text, COMPUTER).unwrap();
        for row in rows {
            let expected = ask.holds(&Value::Object(row.clone()));
            prop_assert_eq!(filter.holds(&row), expected, "{} on {:?}", text, row);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Filter::read(&text, COMPUTER);
    }
}
