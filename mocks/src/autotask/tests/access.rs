//! Zones, the three headers, the hourly threshold, missing records.

use serde_json::{Value, json};

use super::{API, Client, MissingId};
use crate::sample::{encode, request};
use crate::{Simulator as _, UnderWay};

#[test]
fn the_zone_is_told_without_keys_and_names_the_host_that_was_asked() {
    let client = Client::new();
    let user = client.autotask.access().credentials["user_name"].clone();
    for path in [
        format!(
            "/ATServicesRest/V1.0/ZoneInformation?user={}",
            encode(&user)
        ),
        format!(
            "/atservicesrest/v1.0/zoneinformation?User={}",
            encode(&user)
        ),
        format!(
            "/ATServicesRest/1.0/ZoneInformation/?user={}",
            encode(&user.to_uppercase())
        ),
    ] {
        let zone = client.send(&request("GET", &path, &[], "")).good();
        assert_eq!(zone["url"], "http://vendor.test:8080/ATServicesRest/");
        assert!(zone["zoneName"].is_string() && zone["webUrl"].is_string());
        assert!(zone["ci"].is_u64());
    }
    let versions = client.send(&request(
        "GET",
        "/ATServicesRest/VersionInformation",
        &[],
        "",
    ));
    assert_eq!(versions.good(), json!({ "apiVersions": ["1.0"] }));
}

#[test]
fn an_unknown_user_has_no_zone_and_gets_500() {
    let client = Client::new();
    for query in ["", "?user=", "?user=nobody%40nowhere.example"] {
        let path = format!("{API}/ZoneInformation{query}");
        let got = client.send(&request("GET", &path, &[], ""));
        assert_eq!(got.status, 500, "{query}");
        assert!(got.json["errors"][0].is_string());
    }
}

#[test]
fn each_of_the_three_headers_is_needed() {
    let client = Client::new();
    let path = format!(
        "{API}/Companies/query/count?search=%7B%22filter%22:[%7B%22op%22:%22exist%22,%22field%22:%22id%22%7D]%7D"
    );
    let good = client.request("GET", &path, "");
    assert_eq!(client.send(&good).status, 200);
    for header in ["username", "secret", "apiintegrationcode"] {
        let mut without = good.clone();
        without.headers_mut().remove(header);
        let got = client.send(&without);
        assert_eq!(got.status, 401, "without {header}");
        assert!(got.json["errors"][0].is_string());
        let mut wrong = good.clone();
        wrong.headers_mut().insert(header, "wrong".parse().unwrap());
        assert_eq!(client.send(&wrong).status, 401, "wrong {header}");
    }
    let mut impersonating = good;
    let headers = impersonating.headers_mut();
    headers.insert("impersonationresourceid", "29682885".parse().unwrap());
    assert_eq!(client.send(&impersonating).status, 200);
}

#[test]
fn paths_are_read_in_any_case_with_a_slash_behind_and_three_spellings_of_the_version() {
    let client = Client::new();
    let search = "search=%7B'filter':[%7B'op':'exist','field':'id'%7D]%7D";
    for path in [
        "/ATServicesRest/V1.0/Companies/query",
        "/atservicesrest/v1.0/companies/query",
        "/ATServicesRest/1.0/COMPANIES/Query/",
        "/ATServicesRest/V1.0/Companies/query/",
    ] {
        let got = client.send(&client.request("GET", &format!("{path}?{search}"), ""));
        assert_eq!(got.status, 200, "{path}");
    }
    for path in [
        "/V1.0/Companies/query",
        "/ATServicesRest/V2.0/Companies/query",
    ] {
        let got = client.send(&client.request("GET", &format!("{path}?{search}"), ""));
        assert_eq!(got.status, 404, "{path}");
        let message = got.json["message"].as_str().unwrap();
        assert!(
            message.starts_with("No HTTP resource was found"),
            "{message}"
        );
    }
}

#[test]
fn verbs_that_a_resource_has_not_are_405() {
    let client = Client::new();
    for (method, path) in [
        ("GET", "Companies"),
        ("POST", "Contacts"),
        ("PATCH", "Contacts"),
        ("POST", "CompanyLocations"),
        ("DELETE", "Companies/29683510"),
        ("DELETE", "ConfigurationItems/48100"),
        ("DELETE", "Contacts/30683580"),
        ("PATCH", "Companies/29683510"),
        ("POST", "Countries"),
        ("POST", "ThresholdInformation"),
        ("POST", "Companies/entityInformation"),
        ("DELETE", "Companies/query"),
    ] {
        let got = client.call(method, path, &json!({}));
        assert_eq!(got.status, 405, "{method} {path}");
        let message = format!("The requested resource does not support http method '{method}'.");
        assert_eq!(got.json, json!({ "message": message }));
    }
}

#[test]
fn a_missing_record_is_a_null_item_or_404_by_a_switch() {
    let null = Client::new();
    let absent = Client::with(MissingId::NotFound);
    let dental = null.dental();
    let foreign = null.id("Contacts", "firstName", "Lee");
    for path in [
        "Companies/99999999".to_owned(),
        "ConfigurationItems/1".to_owned(),
        format!("Companies/{dental}/Contacts/99999999"),
        // Lee is a contact of another company.
        format!("Companies/{dental}/Contacts/{foreign}"),
    ] {
        assert_eq!(null.get(&path), json!({ "item": null }), "{path}");
        let got = absent.call("GET", &path, &Value::Null);
        assert_eq!(got.status, 404, "{path}");
        assert!(got.json["errors"][0].is_string());
    }
    let path = format!("Companies/{dental}");
    assert_eq!(absent.get(&path)["item"]["id"], dental);
    // A record that is to be changed is missed in the same way whatever reads answer.
    for client in [&null, &absent] {
        let got = client.call("PATCH", "Companies", &json!({ "id": 99_999_999 }));
        assert_eq!(got.status, 404);
    }
}

#[test]
fn the_threshold_slows_down_in_two_steps_and_then_refuses() {
    let mut client = Client::new();
    client.autotask.set_limits(true);
    let ask = |client: &Client| client.call("GET", "Version", &Value::Null);
    let mut delays = Vec::new();
    for count in 1..=10_000_u32 {
        let got = ask(&client);
        assert_eq!(got.status, 200);
        if delays
            .last()
            .is_none_or(|(_, delay)| *delay != got.reply.delay_ms)
        {
            delays.push((count, got.reply.delay_ms));
        }
    }
    assert_eq!(delays, [(1, 0), (5_000, 500), (7_500, 1_000)]);
    let got = ask(&client);
    assert_eq!(got.status, 429);
    assert_eq!(
        got.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(got.header("retry-after"), None);
    assert!(got.json["errors"][0].is_string());
    client.later(3_599);
    assert_eq!(ask(&client).status, 429);
    client.later(3_600);
    let got = ask(&client);
    assert_eq!((got.status, got.reply.delay_ms), (200, 0));
}

#[test]
fn without_limits_nothing_is_slow_and_usage_is_told_all_the_same() {
    let mut client = Client::new();
    for _ in 0..6_000 {
        let got = client.call("GET", "Version", &Value::Null);
        assert_eq!((got.status, got.reply.delay_ms), (200, 0));
    }
    let usage = json!({
        "externalRequestThreshold": 10_000,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": 6_001,
    });
    assert_eq!(client.get("ThresholdInformation"), usage);
    // The search for the zone is not a call of the database.
    let zone = request("GET", &format!("{API}/ZoneInformation?user=x"), &[], "");
    client.send(&zone);
    let usage = client.get("ThresholdInformation");
    assert_eq!(usage["currentTimeframeRequestCount"], 6_002);
    client.later(3_600);
    let usage = client.get("ThresholdInformation");
    assert_eq!(usage["currentTimeframeRequestCount"], 1);
}

#[test]
fn three_calls_run_at_once_for_each_endpoint() {
    let client = Client::new();
    let ask = |path: &str, others: &[&str]| {
        let mut request = client.request("GET", &format!("{API}/{path}"), "");
        let others = others.iter().map(|path| format!("{API}/{path}"));
        request.extensions_mut().insert(UnderWay(others.collect()));
        client.send(&request).status
    };
    let items = [
        "ConfigurationItems/query",
        "configurationitems/7",
        "ConfigurationItems/query/count",
    ];
    let one = "ConfigurationItems/entityInformation";
    // While no limits hold, nobody counts.
    assert_eq!(ask(one, &items), 200);
    client.autotask.set_limits(true);
    assert_eq!(ask(one, &items), 429);
    assert_eq!(ask(one, &items[1..]), 200);
    assert_eq!(ask("Companies/entityInformation", &items), 200);
    let companies = ["Companies/0", "Companies/0", "Contacts/1"];
    assert_eq!(ask("Companies/entityInformation", &companies), 200);
    let zones = ["ZoneInformation"; 3];
    assert_ne!(ask("ZoneInformation?user=x", &zones), 429);
}
