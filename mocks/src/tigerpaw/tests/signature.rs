//! Who may ask, and when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Client, hmac, stamp, token};
use crate::sample::{later, request};

const PATH: &str = "/api/diagnostics/validate/user";

#[test]
fn the_tests_own_hmac_is_right() {
    let mac = hmac(b"Jefe", b"what do ya want for nothing?");
    let text: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        text,
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[test]
fn a_signed_request_is_taken_and_its_query_is_not_signed() {
    let client = Client::new();
    assert_eq!(
        client.get(PATH),
        json!({ "Success": true, "Message": null })
    );
    assert_eq!(
        client
            .call("GET", &format!("{PATH}?a=B"), &Value::Null)
            .status,
        200
    );
    assert_eq!(
        client
            .call("GET", &PATH.to_uppercase(), &Value::Null)
            .status,
        200
    );
}

#[test]
fn what_is_signed_must_be_what_is_sent() {
    let client = Client::new();
    let now = stamp(client.now);
    let (public, private) = (client.key("public_key"), client.key("private_key"));
    let send = |date: &str, authorization: &str| {
        let headers = [("date", date), ("authorization", authorization)];
        client.send(&request("GET", PATH, &headers, ""))
    };
    assert_eq!(send(&now, &client.token("GET", PATH, &now)).status, 200);
    let other = stamp(later(client.now, 1));
    let good = client.token("GET", PATH, &now);
    for (date, authorization) in [
        (&now, client.token("POST", PATH, &now)),
        (&now, client.token("GET", "/api/accounts/1", &now)),
        (&now, client.token("GET", PATH, &other)),
        (&other, good.clone()),
        (&now, token(&public, "wrong", "GET", PATH, &now)),
        (&now, token("wrong", &private, "GET", PATH, &now)),
        (&now, good.replace("TSI ", "Basic ")),
        (&now, "TSI !!".to_owned()),
        (&now, format!("TSI {}", STANDARD.encode("no colon"))),
        (
            &now,
            format!("TSI {}", STANDARD.encode(format!("{public}:!!"))),
        ),
        (
            &now,
            format!("TSI {}", STANDARD.encode(format!("{public}:"))),
        ),
    ] {
        let got = send(date, &authorization);
        assert_eq!(got.status, 401, "{authorization}");
        let message = "Authorization has been denied for this request.";
        assert_eq!(got.json, json!({ "Message": message }));
    }
    let unsigned = request("GET", PATH, &[("date", &now)], "");
    assert_eq!(client.send(&unsigned).status, 401);
    let undated = request("GET", PATH, &[("authorization", &good)], "");
    assert_eq!(client.send(&undated).status, 401);
}

#[test]
fn a_stamp_is_good_for_a_quarter_of_an_hour_before_and_after() {
    let client = Client::new();
    for (seconds, status) in [
        (-900, 200),
        (900, 200),
        (-901, 401),
        (901, 401),
        (86_400, 401),
    ] {
        let stamp = stamp(later(client.now, seconds));
        let token = client.token("GET", PATH, &stamp);
        let headers = [("date", stamp.as_str()), ("authorization", &token)];
        assert_eq!(
            client.send(&request("GET", PATH, &headers, "")).status,
            status,
            "{seconds}"
        );
    }
    for stamp in ["", "now", "2025-03-04T15:20:11Z"] {
        let token = client.token("GET", PATH, stamp);
        let headers = [("date", stamp), ("authorization", &token)];
        assert_eq!(
            client.send(&request("GET", PATH, &headers, "")).status,
            401,
            "{stamp}"
        );
    }
}

#[test]
fn a_stamp_of_the_vendors_own_goes_before_the_date() {
    let client = Client::new();
    let (now, old) = (stamp(client.now), stamp(later(client.now, -86_400)));
    let token = client.token("GET", PATH, &now);
    let good = [
        ("x-tsi-date", now.as_str()),
        ("date", &old),
        ("authorization", &token),
    ];
    assert_eq!(client.send(&request("GET", PATH, &good, "")).status, 200);
    let bad = [
        ("x-tsi-date", old.as_str()),
        ("date", &now),
        ("authorization", &token),
    ];
    assert_eq!(client.send(&request("GET", PATH, &bad, "")).status, 401);
}

#[test]
fn who_takes_xml_alone_is_not_served() {
    let client = Client::new();
    for (accept, status) in [
        ("application/xml", 406),
        ("text/xml", 406),
        ("application/json", 200),
        ("application/xml, application/json", 200),
        ("text/xml, */*", 200),
    ] {
        let mut request = client.signed("GET", PATH, "");
        request
            .headers_mut()
            .insert("accept", accept.parse().unwrap());
        assert_eq!(client.send(&request).status, status, "{accept}");
    }
}

#[test]
fn paths_and_verbs_that_are_not_there() {
    let client = Client::new();
    for (method, path, status) in [
        ("GET", "/api/accounts", 405),
        ("GET", "/api/accounts/search", 405),
        ("DELETE", "/api/accounts/1052930", 405),
        ("GET", "/api/accounts/1", 404),
        ("GET", "/api/contacts/1/details", 404),
        ("GET", "/api/contacts/account/1", 404),
        ("GET", "/api/accounts/1052930/configurations", 404),
        ("GET", "/accounts/1052930", 404),
    ] {
        let got = client.call(method, path, &Value::Null);
        assert_eq!(got.status, status, "{method} {path}");
        assert!(got.json["Message"].is_string());
    }
}
