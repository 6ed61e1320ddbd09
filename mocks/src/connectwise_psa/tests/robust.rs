//! No input makes the simulator panic, and none gets through that should not.

use proptest::prelude::*;

use super::{API, Client};
use crate::Simulator as _;

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        Just("company".to_owned()),
        Just("companies".to_owned()),
        Just("configurations".to_owned()),
        Just("contacts".to_owned()),
        Just("communications".to_owned()),
        Just("sites".to_owned()),
        Just("types".to_owned()),
        Just("count".to_owned()),
        Just("bulk".to_owned()),
        Just("system".to_owned()),
        Just("callbacks".to_owned()),
        Just("20".to_owned()),
        Just("21".to_owned()),
        Just("150".to_owned()),
        Just("300".to_owned()),
        "[a-zA-Z0-9%~._-]{0,8}",
    ];
    let known = prop_oneof![
        Just("/company/companies"),
        Just("/company/companies/21"),
        Just("/company/companies/21/sites"),
        Just("/company/companies/21/sites/41"),
        Just("/company/companies/21/typeAssociations"),
        Just("/company/contacts"),
        Just("/company/contacts/150"),
        Just("/company/contacts/150/communications"),
        Just("/company/configurations"),
        Just("/company/configurations/300"),
        Just("/company/configurations/300/changeType"),
        Just("/company/configurations/bulk"),
        Just("/company/configurations/search"),
        Just("/company/configurations/types/1/questions"),
        Just("/system/userDefinedFields"),
    ];
    prop_oneof![
        prop::collection::vec(segment, 0..6).prop_map(|parts| format!("/{}", parts.join("/"))),
        known.prop_map(str::to_owned),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("conditions"),
        Just("childConditions"),
        Just("customFieldConditions"),
        Just("orderBy"),
        Just("fields"),
        Just("page"),
        Just("pageSize"),
        Just("pageId"),
    ];
    let value = prop_oneof![
        any::<String>(),
        r#"(\(|\)|id|name|types/id|=|!=|<| |and|or|in|not|like|"a*"|null|[0-9]|,|\[2024\]){0,12}"#,
        "-?[0-9]{0,25}",
    ];
    prop::collection::vec((name, value), 0..4).prop_map(|pairs| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        query.finish()
    })
}

/// JSON in the shape of records, with values of the wrong kind among the right ones.
fn body() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| serde_json::json!(number).to_string()),
        ".{0,40}".prop_map(|text| serde_json::json!(text).to_string()),
        Just("{\"id\":21}".to_owned()),
        Just("{\"id\":1}".to_owned()),
        Just("{\"name\":\"Client\"}".to_owned()),
    ];
    let name = prop_oneof![
        Just("name"),
        Just("identifier"),
        Just("firstName"),
        Just("company"),
        Just("type"),
        Just("types"),
        Just("typeIds"),
        Just("site"),
        Just("status"),
        Just("state"),
        Just("value"),
        Just("communicationItems"),
        Just("customFields"),
        Just("questions"),
        Just("op"),
        Just("path"),
        Just("id"),
        Just("activeFlag"),
        Just("purchaseDate"),
        Just("conditions"),
    ];
    let json = leaf.prop_recursive(3, 24, 6, move |inner| {
        let object = prop::collection::vec((name.clone(), inner.clone()), 0..6);
        prop_oneof![
            object.prop_map(|members| {
                let members = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
        ]
    });
    prop_oneof![4 => json, 1 => any::<String>()]
}

const VERBS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_request_panics(
        requests in prop::collection::vec((prop::sample::select(&VERBS[..]), path(), query(), body()), 1..12),
        forward: bool,
    ) {
        let client = Client::with_tenant();
        for (verb, path, query, body) in requests {
            let uri = format!("{API}{path}?{query}");
            prop_assume!(uri.parse::<http::Uri>().is_ok());
            let mut request = client.plain(verb, &uri, &body);
            if forward {
                request.headers_mut().insert("pagination-type", "forward-only".parse().unwrap());
            }
            let got = client.send(&request);
            prop_assert!(got.status.as_u16() < 500);
            let bytes = got.reply.body_bytes();
            if !bytes.is_empty() && got.header("content-type") != Some("text/plain") {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
            }
            if let Some(link) = got.header("link") {
                prop_assert!(link.split(", ").all(|part| part.starts_with('<')), "{}", link);
            }
        }
        // Whatever happened, every record can still be read, and the world still applies.
        client.psa.counts();
        for path in ["/company/companies", "/company/contacts", "/company/configurations"] {
            let list = client.get(&format!("{path}?pageSize=1000"));
            prop_assert!(list.is_array());
        }
    }

    #[test]
    fn nobody_gets_in_without_keys(authorization in any::<String>(), path in path()) {
        let client = Client::with_tenant();
        let mut request = client.request("GET", "/company/companies", "");
        *request.uri_mut() = format!("{API}{path}").parse().unwrap();
        let Ok(value) = http::HeaderValue::from_str(&authorization) else {
            return Ok(());
        };
        request.headers_mut().insert("authorization", value);
        prop_assert_eq!(client.send(&request).status, 401);
    }
}

#[test]
fn deep_nesting_and_long_input_are_refused() {
    let client = Client::with_tenant();
    let deep = "(".repeat(4_000);
    let got =
        client.send(&client.request("GET", &format!("/company/companies?conditions={deep}"), ""));
    assert_eq!(got.status, 400);
    let body = serde_json::json!({"conditions": "(".repeat(90_000)}).to_string();
    assert_eq!(
        client
            .send(&client.request("POST", "/company/companies/search", &body))
            .status,
        400
    );
    let body = serde_json::json!({"conditions": "id=1 or ".repeat(20_000)}).to_string();
    assert_eq!(
        client
            .send(&client.request("POST", "/company/companies/search", &body))
            .status,
        400
    );
    let fields = "a/".repeat(4_000);
    assert_eq!(
        client
            .send(&client.request(
                "GET",
                &format!("/company/companies?fields=company/{fields}"),
                ""
            ))
            .status,
        400
    );
    let body = "[".repeat(100_000);
    assert_eq!(
        client
            .send(&client.request("POST", "/company/companies", &body))
            .status,
        400
    );
}
