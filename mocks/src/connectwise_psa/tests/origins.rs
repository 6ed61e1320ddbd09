//! Links in replies lead back to where the client came from, and cost nothing while all clients come
//! the same way.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{API, Client, Got, tenant};
use crate::world::{Change, Record};
use crate::{Request, Simulator as _};

const INSIDE: &str = "http://psa.test:8080";
const OUTSIDE: &str = "https://psa.example";
const ORIGINS: [&str; 3] = [INSIDE, OUTSIDE, "http://127.0.0.1:40123"];

/// A request as the front for the origin's scheme hands it on.
fn request(client: &Client, origin: &str, method: &str, path: &str, body: &Value) -> Request {
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let mut request = client.request(method, path, &body);
    let (scheme, host) = origin.split_once("://").unwrap();
    if scheme == "https" {
        *request.uri_mut() = format!("{origin}{API}{path}").parse().unwrap();
    }
    request.headers_mut().insert("host", host.parse().unwrap());
    request
}

fn call(client: &Client, origin: &str, method: &str, path: &str, body: &Value) -> Got {
    let got = client.send(&request(client, origin, method, path, body));
    assert!(got.status.is_success(), "{path}: {}", got.json);
    got
}

fn get(client: &Client, origin: &str, path: &str) -> Got {
    call(client, origin, "GET", path, &Value::Null)
}

/// The frames of the records in a page.
fn frames(client: &Client, origin: &str, path: &str) -> Vec<Bytes> {
    let frames = get(client, origin, path).reply.body;
    frames.into_iter().filter(|frame| frame.len() > 1).collect()
}

fn places(frames: &[Bytes]) -> Vec<*const u8> {
    frames.iter().map(|frame| frame.as_ptr()).collect()
}

/// Every link in a value.
fn links<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name.ends_with("_href") => found.push(text),
                    value => links(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| links(value, found)),
        _ => {}
    }
}

/// Asserts that a reply names its own origin and no other.
fn assert_own(got: &Got, origin: &str) {
    let mut found = Vec::new();
    links(&got.json, &mut found);
    assert!(!found.is_empty(), "{}", got.json);
    for link in found {
        assert!(link.starts_with(&format!("{origin}{API}/")), "{link}");
    }
    let whole = String::from_utf8(got.reply.body_bytes().to_vec()).unwrap();
    let headers = ["link", "location"].map(|name| got.header(name).unwrap_or_default());
    for other in ORIGINS.into_iter().filter(|other| *other != origin) {
        assert!(!whole.contains(other), "{other} in {whole}");
        assert!(!headers.iter().any(|header| header.contains(other)));
    }
}

/// What every origin sees at a path, which differs in nothing but the origin.
fn same_everywhere(client: &Client, path: &str) -> Value {
    let seen = ORIGINS.map(|origin| {
        let got = get(client, origin, path);
        assert_own(&got, origin);
        let body = got.reply.body_bytes();
        String::from_utf8(body.to_vec())
            .unwrap()
            .replace(origin, "")
    });
    assert_eq!(seen[0], seen[1], "{path}");
    assert_eq!(seen[0], seen[2], "{path}");
    serde_json::from_str(&seen[0]).unwrap()
}

const PATHS: [&str; 10] = [
    "/company/companies?pageSize=1",
    "/company/companies/21",
    "/company/companies/21/sites",
    "/company/companies/21/typeAssociations",
    "/company/contacts?orderBy=lastName%20desc&pageSize=2",
    "/company/contacts/150/communications",
    "/company/configurations?pageSize=2&page=2",
    "/company/configurations?conditions=activeFlag=true&pageSize=2",
    "/company/configurations?fields=id,company,_info/lastUpdated",
    "/company/configurations/300?fields=status",
];

#[test]
fn every_reply_names_the_origin_that_was_asked_through_edits() {
    let client = Client::with_tenant();
    for round in 0..4 {
        for path in PATHS {
            same_everywhere(&client, path);
        }
        let origin = ORIGINS[round % ORIGINS.len()];
        let name = format!("WS-{round}");
        let patch = json!([{"op": "replace", "path": "name", "value": name}]);
        let path = "/company/configurations/300";
        assert_own(&call(&client, origin, "PATCH", path, &patch), origin);
        assert_eq!(same_everywhere(&client, path)["name"], name.as_str());

        let made = json!({"name": name, "type": {"id": 1}, "company": {"id": 21}});
        let made = call(&client, origin, "POST", "/company/configurations", &made);
        assert_own(&made, origin);
        let location = made.header("location").unwrap();
        let made = location.strip_prefix(&format!("{origin}{API}")).unwrap();
        assert_eq!(same_everywhere(&client, made)["company"]["id"], 21);

        // A company's name stands in many records, which are rendered again.
        let mut company = tenant::records().organizations[1].clone();
        company.name = format!("Fabrikam {round}");
        let change = Change::Put(Record::Organization(company));
        client.psa.apply(&change, client.now).unwrap();
        let seen = same_everywhere(&client, path);
        assert_eq!(seen["company"]["name"], format!("Fabrikam {round}"));
    }
}

#[test]
fn while_all_come_the_same_way_records_are_rendered_once() {
    let client = Client::new(&tenant::with_devices(100));
    let path = "/company/configurations?pageSize=100";
    let first = frames(&client, OUTSIDE, path);
    assert_eq!(first.len(), 1);
    for _ in 0..20 {
        let again = frames(&client, OUTSIDE, path);
        assert_eq!(places(&again), places(&first));
    }
    let patch = json!([{"op": "replace", "path": "name", "value": "X"}]);
    let edited = "/company/configurations/300";
    call(&client, OUTSIDE, "PATCH", edited, &patch);
    let page = frames(&client, OUTSIDE, path);
    // The edit stands before the others, which lie where they lay.
    assert_eq!(page.len(), 2);
    assert_eq!(page[1].as_ptr_range().end, first[0].as_ptr_range().end);
}

#[test]
fn a_guest_leaves_what_is_served_at_home_alone() {
    let client = Client::new(&tenant::with_devices(100));
    let path = "/company/configurations?pageSize=60";
    let home = places(&frames(&client, INSIDE, path));
    for _ in 0..20 {
        let guest = frames(&client, OUTSIDE, path);
        assert_ne!(places(&guest), home);
        assert_eq!(places(&frames(&client, INSIDE, path)), home);
    }
}

#[test]
fn who_stays_is_served_at_home_in_the_end_and_what_was_found_stays_right() {
    let client = Client::new(&tenant::with_devices(100));
    let all = "/company/configurations?pageSize=100";
    let filtered = "/company/configurations?conditions=name%3D%22EDITED%22";
    let ids = |origin: &str| {
        let got = get(&client, origin, filtered).json;
        let rows = got.as_array().unwrap().iter();
        rows.map(|row| row["id"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let edit = |origin: &str, id: u64| {
        let patch = json!([{"op": "replace", "path": "name", "value": "EDITED"}]);
        let path = format!("/company/configurations/{id}");
        call(&client, origin, "PATCH", &path, &patch);
    };
    edit(INSIDE, 300);
    assert_eq!(ids(INSIDE), [300]);
    let guest = frames(&client, OUTSIDE, all);
    assert_ne!(places(&guest), places(&frames(&client, OUTSIDE, all)));
    let guest = get(&client, OUTSIDE, all).json;
    for _ in 0..3 {
        frames(&client, OUTSIDE, all);
    }
    let settled = frames(&client, OUTSIDE, all);
    // Rewritten, the edit lies beside its neighbours again.
    assert_eq!(settled.len(), 1);
    assert_eq!(places(&settled), places(&frames(&client, OUTSIDE, all)));
    assert_eq!(get(&client, OUTSIDE, all).json, guest);
    // As many edits since the move as before it: what was found then is not what is there now.
    edit(OUTSIDE, 301);
    assert_eq!(ids(OUTSIDE), [300, 301]);
    assert_eq!(ids(INSIDE), [300, 301]);
    assert_own(&get(&client, INSIDE, all), INSIDE);
    assert_own(&get(&client, OUTSIDE, all), OUTSIDE);
}

#[test]
fn text_that_looks_like_a_link_is_nobodys() {
    let mut records = tenant::records();
    let tricky = format!("_href\":\"{INSIDE}{API}/company/companies/1");
    records.devices[0].notes = tenant::text(&tricky);
    let client = Client::new(&records);
    for origin in ORIGINS.into_iter().chain(ORIGINS) {
        let front = get(&client, origin, "/company/configurations/300").json;
        assert_eq!(front["notes"], tricky.as_str());
    }
}

#[test]
fn what_shows_no_links_settles_nothing() {
    let client = Client::new(&tenant::with_devices(100));
    get(&client, "http://probe", "/system/info");
    get(&client, "http://probe", "/company/configurations/count");
    let path = "/company/configurations?pageSize=100";
    let first = frames(&client, INSIDE, path);
    assert_eq!(places(&first), places(&frames(&client, INSIDE, path)));
}
