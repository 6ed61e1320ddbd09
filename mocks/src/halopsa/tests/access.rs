//! Where to log in, tokens, paths, the limit.

use serde_json::{Value, json};

use super::Client;
use crate::Simulator as _;
use crate::sample::request;

#[test]
fn authinfo_tells_anybody_where_to_log_in() {
    let client = Client::new();
    let info = client
        .send(&request("GET", "/api/authinfo", &[], ""))
        .good();
    assert_eq!(info["auth_url"], "http://vendor.test:8080/auth");
    assert!(info["tenant_id"].is_string());
}

#[test]
fn a_token_lives_an_hour_and_a_tenant_may_be_named() {
    let mut client = Client::new();
    for path in ["/auth/token", "/auth/token?tenant=tenant", "/Auth/Token"] {
        let login = client.log_in(path, &client.form()).good();
        assert_eq!(
            (&login["token_type"], &login["expires_in"]),
            (&json!("Bearer"), &json!(3_600))
        );
        assert_eq!(login["scope"], "all");
    }
    let scoped = client
        .form()
        .replace("scope=all", "scope=read:customers+read:assets");
    assert_eq!(
        client.log_in("/auth/token", &scoped).good()["scope"],
        "read:customers read:assets"
    );
    client.later(3_599);
    assert_eq!(client.call("GET", "/api/Client", &Value::Null).status, 200);
    client.later(1);
    assert_eq!(client.call("GET", "/api/Client", &Value::Null).status, 401);
    client.token = client.fresh();
    assert_eq!(client.call("GET", "/api/Client", &Value::Null).status, 200);
}

#[test]
fn wrong_credentials_are_refused_as_oauth_has_it() {
    let client = Client::new();
    let good = client.form();
    for (form, status, error) in [
        (
            good.replace("client_secret=", "client_secret=x"),
            401,
            "invalid_client",
        ),
        (
            good.replace("client_id=", "client_id=x"),
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials".to_owned(),
            401,
            "invalid_client",
        ),
        (
            good.replace("client_credentials", "magic"),
            400,
            "unsupported_grant_type",
        ),
        (String::new(), 400, "unsupported_grant_type"),
    ] {
        let got = client.log_in("/auth/token", &form);
        assert_eq!(
            (got.status, &got.json["error"]),
            (status, &json!(error)),
            "{form}"
        );
    }
    let anonymous = client.send(&request("GET", "/api/Client", &[], ""));
    assert_eq!(anonymous.status, 401);
}

#[test]
fn paths_are_read_in_any_case() {
    let client = Client::new();
    for path in ["/api/Client", "/api/client", "/API/CLIENT", "/api/Client/"] {
        assert_eq!(client.get(path)["record_count"], 2, "{path}");
    }
    for (method, path, status) in [
        ("PUT", "/api/Client", 405),
        ("PATCH", "/api/Client/12", 405),
        ("GET", "/auth/token", 405),
        ("GET", "/api/ShoeSize", 404),
        ("GET", "/api/Client/x", 404),
        ("GET", "/api/Client/99999", 404),
        ("GET", "/Client", 404),
    ] {
        let got = client.call(method, path, &Value::Null);
        assert_eq!(got.status, status, "{method} {path}");
        assert!(got.json["error"].is_string());
    }
}

#[test]
fn the_limit_is_told_in_a_plain_sentence() {
    let mut client = Client::new();
    client.later(300);
    client.halo.set_limits(true);
    let ask = |client: &Client| client.call("GET", "/api/InstanceInfo", &Value::Null);
    for _ in 0..300 {
        assert_eq!(ask(&client).status, 200);
    }
    client.later(299);
    let got = ask(&client);
    assert_eq!(got.status, 429);
    assert_eq!(got.header("content-type"), Some("text/plain"));
    let sentence = b"Rate Limit Reached - 300 Requests per rolling 5 minute window";
    assert_eq!(&got.reply.body_bytes()[..], sentence);
    client.later(1);
    assert_eq!(ask(&client).status, 200);
}
