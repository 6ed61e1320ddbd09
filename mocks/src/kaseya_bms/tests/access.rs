//! Logins, tokens, limits by endpoint, and what tells the brands apart.

use serde_json::{Value, json};

use super::{BRANDS, Client, URLENCODED};
use crate::sample::{encode, request};
use crate::{Simulator as _, Vendor};

#[test]
fn a_login_answers_in_camel_case_with_both_ends() {
    for brand in BRANDS {
        let client = Client::of(brand);
        let login = client.log_in(&client.form()).good();
        assert_eq!(login["success"], true);
        let result = &login["result"];
        assert_eq!(result["accessTokenExpireOn"], "2025-03-04T15:40:11Z");
        assert_eq!(result["refreshTokenExpireOn"], "2025-03-05T15:20:11Z");
        assert_ne!(result["accessToken"], result["refreshToken"]);
    }
}

#[test]
fn a_login_may_be_multipart_and_names_of_fields_are_read_in_any_case() {
    let client = Client::new();
    let (user, password) = (client.own("user_name"), client.own("password"));
    let tenant = client.own("tenant");
    let shouted = format!(
        "GRANTTYPE=password&USERNAME={user}&PASSWORD={password}&TENANT={}",
        encode(&tenant)
    );
    assert_eq!(client.log_in(&shouted).status, 200);
    let fields = [
        ("GrantType", "password"),
        ("UserName", &user),
        ("Password", &password),
        ("Tenant", &tenant),
    ];
    let parts = fields.map(|(name, value)| {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        format!("--cut\r\n{head}\r\n\r\n{value}\r\n")
    });
    let body = format!("{}--cut--\r\n", parts.concat());
    let kind = [("content-type", "multipart/form-data; boundary=cut")];
    let got = client.send(&request("POST", "/v2/security/authenticate", &kind, &body));
    assert!(got.good()["result"]["accessToken"].is_string());
}

#[test]
fn a_wrong_login_says_so_in_the_envelope() {
    let client = Client::new();
    let good = client.form();
    let password = encode(&client.own("password"));
    for form in [
        String::new(),
        good.replace("grantType=password", "grantType=SAML"),
        good.replace(&password, "wrong"),
        good.replace("tenant=", "tenant=x"),
        good.replace("userName=", "userName=x"),
    ] {
        let got = client.log_in(&form);
        assert_eq!(got.status, 400, "{form}");
        assert_eq!(got.json["success"], false);
        assert!(got.json["error"]["message"].is_string());
        assert!(got.json["error"]["subErrors"].is_array());
    }
}

#[test]
fn a_refresh_needs_both_tokens_and_works_when_access_has_run_out() {
    let mut client = Client::new();
    let login = client.log_in(&client.form()).good()["result"].clone();
    let refresh = |client: &Client, form: &str| {
        let path = "/v2/security/refreshtoken";
        client.send(&request(
            "POST",
            path,
            &[("content-type", URLENCODED)],
            form,
        ))
    };
    let text = |name: &str| login[name].as_str().unwrap().to_owned();
    client.later(1_200);
    let ask = |client: &Client| client.call("GET", "/v2/security/userinfo", &Value::Null);
    assert_eq!(ask(&client).status, 401);
    let both = format!(
        "AccessToken={}&RefreshToken={}",
        text("accessToken"),
        text("refreshToken")
    );
    client.token = refresh(&client, &both).good()["result"]["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(ask(&client).status, 200);
    for form in [
        format!("RefreshToken={}", text("refreshToken")),
        format!("AccessToken={}&RefreshToken=x", text("accessToken")),
        // One is not the other.
        format!("AccessToken={0}&RefreshToken={0}", text("accessToken")),
    ] {
        assert_eq!(refresh(&client, &form).status, 400, "{form}");
    }
    client.later(86_400);
    assert_eq!(refresh(&client, &both).status, 400);
}

#[test]
fn without_a_good_token_the_answer_is_empty_and_names_the_scheme() {
    let mut client = Client::new();
    client.token = "x".to_owned();
    let got = client.call("GET", "/v2/crm/accounts/summary", &Value::Null);
    assert_eq!(got.status, 401);
    assert_eq!(
        got.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
    assert!(got.reply.body_bytes().is_empty());
    let bare = request("GET", "/v2/crm/accounts/summary", &[], "");
    assert_eq!(client.send(&bare).status, 401);
}

#[test]
fn the_brands_differ_in_their_name_alone() {
    let [kaseya, pulseway] = BRANDS.map(Client::of);
    let path = "/v2/security/userinfo";
    let (mut one, mut other) = (kaseya.get(path), pulseway.get(path));
    assert_eq!(one["productName"], "Kaseya BMS");
    assert_eq!(other["productName"], "Pulseway PSA");
    one["productName"] = Value::Null;
    other["productName"] = Value::Null;
    assert_eq!(one, other);
    assert_eq!(one["businessName"], "Northwind IT");
    assert_eq!(
        (kaseya.bms.vendor(), pulseway.bms.vendor()),
        (Vendor::KaseyaBms, Vendor::PulsewayPsa)
    );
    for path in [
        "/v2/crm/accounts/summary",
        "/v2/crm/contacts/summary",
        "/v2/crm/contacts/search?Filter.LastName=Rowe&PageSize=10",
        "/v2/servicedesk/hardwareasset/searchselect",
        "/v2/system/accounttypes/lookup",
    ] {
        assert_eq!(kaseya.get(path), pulseway.get(path), "{path}");
    }
}

#[test]
fn each_endpoint_has_1500_calls_an_hour_of_its_own() {
    let mut client = Client::new();
    client.bms.set_limits(true);
    let full = "/v2/crm/accounts/summary?PageSize=1";
    for _ in 0..1_500 {
        assert_eq!(client.call("GET", full, &Value::Null).status, 200);
    }
    let got = client.call("GET", full, &Value::Null);
    assert_eq!(got.status, 429);
    assert_eq!(
        (&got.json["success"], &got.json["error"]["code"]),
        (&json!(false), &json!(429))
    );
    for open in [
        "/v2/crm/contacts/summary?PageSize=1",
        "/v2/crm/accounts/lookup",
        "/v2/security/userinfo",
    ] {
        assert_eq!(client.call("GET", open, &Value::Null).status, 200, "{open}");
    }
    client.later(3_600);
    client.token = client.log_in(&client.form()).good()["result"]["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(client.call("GET", full, &Value::Null).status, 200);
}

#[test]
fn a_contacts_addresses_and_numbers_are_two_endpoints() {
    let client = Client::new();
    client.bms.set_limits(true);
    let pat = client.id("/v2/crm/contacts/summary?Filter.FirstName=Pat");
    let patch = |list: &str| {
        client.call(
            "PATCH",
            &format!("/v2/crm/contacts/{pat}/{list}"),
            &json!([]),
        )
    };
    for _ in 0..1_500 {
        assert_eq!(patch("emails").status, 200);
    }
    assert_eq!(patch("emails").status, 429);
    assert_eq!(patch("phones").status, 200);
}

#[test]
fn verbs_and_paths_that_are_not_there() {
    let client = Client::new();
    let dental = client.dental();
    for (method, path, status) in [
        ("DELETE", format!("/v2/crm/accounts/{dental}"), 405),
        (
            "POST",
            format!("/v2/crm/accounts/{dental}/locations/1"),
            405,
        ),
        ("POST", "/v2/crm/accounts/summary".to_owned(), 405),
        ("GET", "/v2/security/authenticate".to_owned(), 405),
        ("GET", "/v2/system/lookup/ShoeSizes".to_owned(), 404),
        ("GET", "/v2/crm/accounts/summary/1".to_owned(), 404),
        ("GET", format!("/v2/crm/accounts/{dental}/locations/1"), 404),
        ("GET", "/V2/CRM/Accounts/Summary".to_owned(), 200),
    ] {
        assert_eq!(
            client.call(method, &path, &Value::Null).status,
            status,
            "{method} {path}"
        );
    }
}
