//! Getting in: the login, its refresh, the second factor, the client id.

use serde_json::{Value, json};

use super::{Client, start};
use crate::Simulator as _;

#[test]
fn a_token_comes_with_two_ends_that_tell_their_offset() {
    let client = Client::new();
    let (_, body) = client.log_in(&json!({}));
    assert_eq!(body["TokenType"], "Bearer");
    assert_eq!(body["IsTwoFactorRequired"], false);
    assert_eq!(body["ExpirationDate"], "2026-01-05T10:00:00+00:00");
    assert_eq!(body["AbsoluteExpirationDate"], "2026-01-06T09:00:00+00:00");
    assert_ne!(body["AccessToken"], json!(client.token));
}

#[test]
fn names_of_the_login_match_in_any_case_and_its_values_do_not() {
    let client = Client::new();
    let (name, password) = (
        client.credential("user_name"),
        client.credential("password"),
    );
    let id = [("CLIENTID", client.credential("client_id"))];
    let status = |body: Value| client.post("/apitoken", &body, &id).0;
    assert_eq!(
        status(json!({ "username": name, "PASSWORD": password })),
        200
    );
    assert_eq!(
        status(json!({ "UserName": name, "Password": password.to_uppercase() })),
        401
    );
    assert_eq!(
        status(json!({ "UserName": "other", "Password": password })),
        401
    );
    assert_eq!(status(json!({ "UserName": name })), 401);
    assert_eq!(status(json!({ "UserName": 7, "Password": password })), 401);
    assert_eq!(status(json!([])), 400);
}

#[test]
fn the_client_id_may_be_left_out_of_the_login_alone() {
    let client = Client::new();
    let body = json!({
        "UserName": client.credential("user_name"), "Password": client.credential("password"),
    });
    assert_eq!(client.post("/apitoken", &body, &[]).0, 200);
    let wrong = [("clientId", "x".to_owned())];
    assert_eq!(client.post("/apitoken", &body, &wrong).0, 401);
    for id in [None, Some("x".to_owned())] {
        let mut request = http::Request::get("/cwa/api/v1/clients")
            .header("authorization", format!("Bearer {}", client.token));
        if let Some(id) = &id {
            request = request.header("clientId", id);
        }
        let (status, body) = client.send(&request.body(Default::default()).unwrap());
        assert_eq!(
            (status, &body["code"]),
            (401, &json!("Unauthorized")),
            "{id:?}"
        );
    }
}

#[test]
fn use_keeps_a_token_alive_until_its_last_hour() {
    let mut client = Client::new();
    for _ in 0..24 {
        client.later(3_599);
        client.get("/clients");
    }
    // 24 seconds before the day is over.
    client.later(23);
    client.get("/clients");
    client.later(1);
    assert_eq!(client.refused("/clients").0, 401);
    let mut idle = Client::new();
    idle.later(3_600);
    assert_eq!(idle.refused("/clients").0, 401);
}

#[test]
fn a_token_is_refreshed_by_itself_and_not_beyond_its_day() {
    let mut client = Client::new();
    client.later(3_000);
    let refresh =
        |client: &Client, token: &str| client.post("/apitoken/refresh", &json!(token), &[]);
    let (status, body) = refresh(&client, &client.token);
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["ExpirationDate"], "2026-01-05T10:50:00+00:00");
    assert_eq!(body["AbsoluteExpirationDate"], "2026-01-06T09:00:00+00:00");
    let old = std::mem::replace(
        &mut client.token,
        body["AccessToken"].as_str().unwrap().to_owned(),
    );
    client.later(3_599);
    client.get("/clients");
    // The first one was not used meanwhile.
    assert_eq!(refresh(&client, &old).0, 401);
    assert_eq!(refresh(&client, "x").0, 401);
    assert_eq!(
        client
            .post("/apitoken/refresh", &json!({ "token": old }), &[])
            .0,
        400
    );
    client.now = start() + jiff::SignedDuration::from_hours(23);
    client.token = client.log_in(&json!({})).1["AccessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..24 {
        client.later(3_500);
        let (_, body) = refresh(&client, &client.token);
        client.token = body["AccessToken"].as_str().unwrap().to_owned();
    }
    client.later(2_400);
    assert_eq!(refresh(&client, &client.token).0, 401);
}

#[test]
fn a_second_factor_is_asked_for_in_a_reply_that_is_a_success() {
    let client = Client::new();
    client.rmm.ask_for_passcode("123456");
    let (status, body) = client.log_in(&json!({}));
    assert_eq!(status, 200);
    assert_eq!(
        (&body["AccessToken"], &body["IsTwoFactorRequired"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        client.log_in(&json!({ "TwoFactorPasscode": "654321" })).0,
        401
    );
    let (status, body) = client.log_in(&json!({ "twofactorpasscode": " 123456 " }));
    assert_eq!((status, body["AccessToken"].is_string()), (200, true));
    // A wrong password does not tell that there is one.
    assert_eq!(client.log_in(&json!({ "Password": "x" })).0, 401);
    // Who is in stays in.
    client.get("/clients");
}

#[test]
fn the_limit_counts_what_everybody_asks() {
    let mut client = Client::new();
    client.rmm.set_limits(true);
    for _ in 0..299 {
        client.get("/databaseservertime");
    }
    let (status, text) = client.refused("/databaseservertime");
    assert_eq!((status, text.as_str()), (429, "Too many requests"));
    client.later(61);
    client.get("/databaseservertime");
}
