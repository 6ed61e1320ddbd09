//! Pages and the links between them.

use form_urlencoded::parse;
use http::Uri;
use serde_json::{Value, json};

use super::{API, Client, search};
use crate::sample::{Got, numbers};

const QUERY: &str = r#"{"filter":[{"op":"gte","field":"id","value":0}],"maxRecords":2}"#;

fn follow(client: &Client, method: &str, url: &Value, body: &str) -> Got {
    let uri: Uri = url.as_str().unwrap().parse().unwrap();
    let path = uri.path_and_query().unwrap().as_str();
    client.send(&client.request(method, path, body))
}

fn paging(url: &Value) -> (Value, Option<String>) {
    let uri: Uri = url.as_str().unwrap().parse().unwrap();
    let pairs: Vec<(String, String)> = parse(uri.query().unwrap().as_bytes())
        .into_owned()
        .collect();
    let pair = |name: &str| {
        let pair = pairs.iter().find(|(own, _)| own == name);
        pair.map(|(_, value)| value.clone())
    };
    let paging = serde_json::from_str(&pair("paging").unwrap()).unwrap();
    (paging, pair("search"))
}

#[test]
fn after_a_get_the_link_carries_the_search_and_get_follows_it() {
    let client = Client::new();
    let first = client.get(&format!("ConfigurationItems/{}", search(QUERY)));
    let details = &first["pageDetails"];
    assert_eq!(
        (&details["count"], &details["requestCount"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(details["prevPageUrl"], Value::Null);
    let ids = numbers(&first["items"], "id");
    let next = &details["nextPageUrl"];
    let text = next.as_str().unwrap();
    let start = "http://vendor.test:8080/ATServicesRest/V1.0/ConfigurationItems/query/next?paging=%7b%22pageSize%22%3a2";
    assert!(text.starts_with(start), "{text}");
    let place = json!({ "pageSize": 2, "previousIds": [-1], "nextIds": [ids[1]] });
    assert_eq!(paging(next), (place, Some(QUERY.to_owned())));

    let second = follow(&client, "GET", next, "").good();
    assert_eq!(second["pageDetails"]["count"], 2);
    assert_eq!(second["pageDetails"]["nextPageUrl"], Value::Null);
    assert!(numbers(&second["items"], "id")[0] > ids[1]);
    let back = &second["pageDetails"]["prevPageUrl"];
    assert_eq!(
        follow(&client, "GET", back, "").good()["items"],
        first["items"]
    );
}

#[test]
fn after_a_post_only_a_post_with_the_same_body_follows_the_link() {
    let client = Client::new();
    let query: Value = serde_json::from_str(QUERY).unwrap();
    let first = client.query("Companies", &query);
    let next = &first["pageDetails"]["nextPageUrl"];
    assert_eq!(paging(next).1, None);
    let got = follow(&client, "GET", next, "");
    assert_eq!(got.status, 405);
    let message = "The requested resource does not support http method 'GET'.";
    assert_eq!(got.json, json!({ "message": message }));
    let second = follow(&client, "POST", next, QUERY).good();
    assert_eq!(second["pageDetails"]["count"], 2);
    assert_eq!(second["pageDetails"]["nextPageUrl"], Value::Null);
    assert_eq!(follow(&client, "POST", next, "").status, 500);
}

#[test]
fn the_link_after_a_single_quoted_search_repeats_it_as_it_was() {
    let client = Client::new();
    let query = "{'Filter':[{'op':'exist','field':'IsActive'}],'MaxRecords':1}";
    let first = client.get(&format!("Companies/{}", search(query)));
    let next = &first["pageDetails"]["nextPageUrl"];
    assert!(
        next.as_str()
            .unwrap()
            .ends_with("%7d%5d%2c%27MaxRecords%27%3a1%7d"),
        "{next}"
    );
    assert_eq!(paging(next).1.as_deref(), Some(query));
    assert_eq!(
        follow(&client, "GET", next, "").good()["pageDetails"]["count"],
        1
    );
}

#[test]
fn a_page_that_holds_all_has_no_next_and_500_is_asked_when_nothing_is_said() {
    let client = Client::new();
    let query = json!({ "filter": [{ "op": "exist", "field": "id" }] });
    let page = client.query("ConfigurationItems", &query);
    let details = json!({
        "count": 4, "requestCount": 500, "prevPageUrl": null, "nextPageUrl": null,
    });
    assert_eq!(page["pageDetails"], details);
    let exactly = json!({ "filter": [{ "op": "exist", "field": "id" }], "maxRecords": 4 });
    let page = client.query("ConfigurationItems", &exactly);
    assert_eq!(page["pageDetails"]["nextPageUrl"], Value::Null);
}

#[test]
fn a_walk_by_the_last_id_needs_no_links() {
    let client = Client::new();
    let mut last = -1_i64;
    let mut ids = Vec::new();
    loop {
        let filter = json!([{ "op": "gt", "field": "id", "value": last }]);
        let page = client.query("Companies", &json!({ "filter": filter, "maxRecords": 1 }));
        let found = numbers(&page["items"], "id");
        let Some(id) = found.last() else { break };
        last = i64::try_from(*id).unwrap();
        ids.extend(found);
    }
    // The MSP's own company has the id 0.
    assert_eq!((ids.len(), ids[0]), (4, 0));
}

#[test]
fn children_of_a_company_are_a_page_of_its_own_records() {
    let client = Client::new();
    let dental = client.dental();
    let contacts = client.get(&format!("Companies/{dental}/Contacts"));
    assert_eq!(contacts["pageDetails"]["count"], 2);
    for contact in contacts["items"].as_array().unwrap() {
        assert_eq!(contact["companyID"], dental);
    }
    let locations = client.get(&format!("Companies/{dental}/Locations"));
    assert_eq!(locations["pageDetails"]["count"], 2);
}

#[test]
fn places_that_no_link_gave_are_refused() {
    let client = Client::new();
    for place in [
        "x",
        "{}",
        r#"{"pageSize":0,"previousIds":[],"nextIds":[1]}"#,
        r#"{"pageSize":501,"previousIds":[],"nextIds":[1]}"#,
        r#"{"pageSize":2,"previousIds":[],"nextIds":[]}"#,
    ] {
        let path = format!(
            "{API}/Companies/query/next?paging={}",
            crate::sample::encode(place)
        );
        let got = client.send(&client.request("POST", &path, QUERY));
        assert_eq!(got.status, 500, "{place}");
    }
    let got = client.call(
        "POST",
        "Companies/query/next",
        &serde_json::from_str(QUERY).unwrap(),
    );
    assert_eq!(got.status, 500);
}
