//! Tokens, credentials and error bodies.

use super::*;

#[test]
fn the_password_grant_gives_a_token_for_a_hundred_hours() {
    let datto = DattoRmm::new(&records(), start());
    let reply = datto.handle(&token_request(&datto, BASIC), start());
    let granted = json(&reply);
    assert_eq!(reply.operation, "auth.token");
    assert_eq!(granted["token_type"], "bearer");
    assert_eq!(granted["expires_in"], 359_999);
    assert!(granted["refresh_token"].is_string());

    let rig = Rig::new(&records());
    let hundred_hours = 360_000_000;
    let account = |ms| {
        rig.send(Method::GET, "/api/v2/account", "", after(ms))
            .status
    };
    assert_eq!(account(hundred_hours - 1), StatusCode::OK);
    assert_eq!(account(hundred_hours), StatusCode::UNAUTHORIZED);
}

#[test]
fn refusals_are_worded_as_the_oauth_server_does() {
    let datto = DattoRmm::new(&records(), start());
    let ask = |request: &Request| {
        let reply = datto.handle(request, start());
        (
            reply.status.as_u16(),
            json(&reply)["error"].as_str().unwrap().to_owned(),
        )
    };
    let wrong_client = token_request(&datto, "Basic eDp5");
    assert_eq!(ask(&wrong_client), (401, "unauthorized".to_owned()));
    let wrong_key = form_request(
        BASIC,
        &[
            ("grant_type", "password"),
            ("username", "x"),
            ("password", "y"),
        ],
    );
    assert_eq!(ask(&wrong_key), (400, "invalid_grant".to_owned()));
    let no_form = form_request(BASIC, &[]);
    assert_eq!(ask(&no_form), (400, "invalid_request".to_owned()));
    let other = form_request(BASIC, &[("grant_type", "refresh_token")]);
    assert_eq!(ask(&other), (400, "unsupported_grant_type".to_owned()));
}

#[test]
fn client_credentials_only_behind_the_switch() {
    use base64::Engine;
    for (accept_client_credentials, status) in [(false, 401), (true, 200)] {
        let options = DattoOptions {
            accept_client_credentials,
            ..DattoOptions::default()
        };
        let datto = DattoRmm::with_options(&records(), &options, start());
        let access = datto.access().credentials;
        let pair = format!("{}:{}", access["api_key"], access["api_secret"]);
        let basic = base64::engine::general_purpose::STANDARD.encode(pair);
        let request = form_request(
            &format!("Basic {basic}"),
            &[("grant_type", "client_credentials")],
        );
        assert_eq!(datto.handle(&request, start()).status, status);
    }
}

#[test]
fn without_a_good_token_everything_is_401_but_the_status() {
    let datto = DattoRmm::new(&records(), start());
    for header in [
        "",
        "Bearer wrong",
        "Basic cHVibGljLWNsaWVudDpwdWJsaWM=",
        "Bearer",
    ] {
        let ask = |path: &str| {
            let request = http::Request::get(path)
                .header("authorization", header)
                .body(Bytes::new())
                .unwrap();
            datto.handle(&request, start())
        };
        let reply = ask("/api/v2/account/sites?page=0");
        assert_eq!(reply.status, 401);
        assert_eq!(
            json(&reply),
            serde_json::json!({
                "timestamp": start().as_millisecond(),
                "status": 401,
                "error": "Unauthorized",
                "path": "/v2/account/sites",
            })
        );
        assert_eq!(ask("/api/v2/nowhere").status, 401);
        assert_eq!(ask("/api/v2/system/status").status, 200);
    }
}

#[test]
fn errors_leave_the_prefix_out_of_the_path() {
    let rig = Rig::new(&records());
    let reply = rig.reply("/api/v2/site/00000000-0000-0000-0000-000000000000");
    assert_eq!(reply.status, 404);
    let body = json(&reply);
    assert_eq!(body["error"], "Not Found");
    assert_eq!(
        body["path"],
        "/v2/site/00000000-0000-0000-0000-000000000000"
    );
    let wrong_verb = rig.write(Method::DELETE, "/api/v2/account", "");
    assert_eq!(
        (wrong_verb.status.as_u16(), wrong_verb.operation),
        (405, "unknown")
    );
    assert_eq!(rig.status("/api/v2/nowhere"), 404);
}

#[test]
fn nothing_that_prints_shows_a_credential() {
    let datto = DattoRmm::new(&records(), start());
    let shown = format!("{datto:?}");
    for secret in datto.access().credentials.values() {
        assert!(!shown.contains(secret.as_str()));
    }
}

#[test]
fn operations_are_named_beforehand_as_afterwards() {
    let rig = Rig::new(&records());
    let lark = rig.uid("lark");
    let laptop = rig.uid("lt07");
    for (method, path) in [
        (Method::GET, "/api/v2/account".to_owned()),
        (
            Method::GET,
            format!("/v2/site/{lark}/devices/network-interface"),
        ),
        (Method::GET, format!("/api/v3/device/{laptop}")),
        (Method::PUT, format!("/api/v2/device/{laptop}/site/{lark}")),
        (Method::POST, format!("/api/v2/device/{laptop}/udf")),
        (Method::PATCH, "/api/v2/account".to_owned()),
        (Method::GET, "/nowhere".to_owned()),
    ] {
        let request = http::Request::builder()
            .method(method.clone())
            .uri(&path)
            .body(Bytes::new())
            .unwrap();
        let before = rig.datto.operation(&request);
        assert_eq!(
            before,
            Some(rig.write(method, &path, "{}").operation),
            "{path}"
        );
    }
}
