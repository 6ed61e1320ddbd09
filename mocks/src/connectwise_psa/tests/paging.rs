//! Pages: sizes, links, and the law that a walk loses and repeats nothing.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{API, Client, HOST, encode, tenant};
use crate::Simulator as _;
use crate::world::{Change, Kind, Record};

const PATH: &str = "/company/configurations";

/// The URL of a relation, read the way a naive client does: by splitting at commas.
fn link(header: Option<&str>, rel: &str) -> Option<String> {
    let wanted = format!("rel=\"{rel}\"");
    header?.split(',').find_map(|part| {
        let (url, parameters) = part.split_once(';')?;
        let url = url.trim().strip_prefix('<')?.strip_suffix('>')?;
        (parameters.trim() == wanted).then(|| url.to_owned())
    })
}

fn follow(client: &Client, url: &str, forward: bool) -> (Vec<u64>, Option<String>) {
    let path = url.strip_prefix(&format!("http://{HOST}")).unwrap();
    let mut request = client.plain("GET", path, "");
    if forward {
        let headers = request.headers_mut();
        headers.insert("pagination-type", "Forward-Only".parse().unwrap());
    }
    let got = client.send(&request);
    assert_eq!(got.status, 200, "{}", got.json);
    let rows = got.json.as_array().unwrap().iter();
    let ids = rows.map(|row| row["id"].as_u64().unwrap()).collect();
    (ids, link(got.header("link"), "next"))
}

#[test]
fn links_name_the_other_pages_and_keep_the_query() {
    let client = Client::new(&tenant::with_devices(10));
    let base = format!("http://{HOST}{API}{PATH}");
    let header = |query: &str| {
        let got = client.call("GET", &format!("{PATH}{query}"), &Value::Null);
        got.header("link").map(str::to_owned)
    };
    let expected = format!(
        "<{base}?pageSize=4&page=2>; rel=\"next\", <{base}?pageSize=4&page=3>; rel=\"last\""
    );
    assert_eq!(header("?pageSize=4"), Some(expected));
    let expected = format!(
        "<{base}?pageSize=4&page=1>; rel=\"first\", <{base}?pageSize=4&page=1>; rel=\"prev\", \
         <{base}?pageSize=4&page=3>; rel=\"next\", <{base}?pageSize=4&page=3>; rel=\"last\""
    );
    assert_eq!(header("?page=2&PAGESIZE=4"), Some(expected));
    let expected = format!(
        "<{base}?pageSize=4&page=1>; rel=\"first\", <{base}?pageSize=4&page=2>; rel=\"prev\""
    );
    assert_eq!(header("?page=3&pageSize=4"), Some(expected));
    assert_eq!(header(""), None);
    let kept = header("?conditions=id%20in%20(300,301)&pageSize=1&fields=id,name").unwrap();
    let expected =
        format!("{base}?conditions=id%20in%20(300%2C301)&fields=id%2Cname&pageSize=1&page=2");
    assert_eq!(link(Some(&kept), "next"), Some(expected));
}

#[test]
fn sizes_are_capped_and_pages_past_the_end_are_empty() {
    let client = Client::new(&tenant::with_devices(1_020));
    assert_eq!(client.ids(PATH).len(), 25);
    assert_eq!(client.ids(&format!("{PATH}?pagesize=5000")).len(), 1_000);
    assert_eq!(client.ids(&format!("{PATH}?pageSize=0&page=-3")).len(), 25);
    assert_eq!(client.get(&format!("{PATH}?page=99")), json!([]));
    let far = format!("{PATH}?page=9223372036854775807&pageSize=1000");
    assert_eq!(client.get(&far), json!([]));
    for bad in [
        "page=x",
        "pageSize=1.5",
        "pageId=abc",
        "page=99999999999999999999",
    ] {
        let (status, code, _) = client.refusal("GET", &format!("{PATH}?{bad}"), &Value::Null);
        assert_eq!((status, code.as_str()), (400, "InvalidParameter"), "{bad}");
    }
}

#[test]
fn forward_only_pages_always_say_what_comes_next() {
    let client = Client::new(&tenant::with_devices(5));
    let url = |query: &str| format!("http://{HOST}{API}{PATH}?{query}");
    let next = |id: u64| Some(url(&format!("pageSize=2&pageId={id}")));
    assert_eq!(
        follow(&client, &url("pageSize=2"), true),
        (vec![300, 301], next(301))
    );
    let (ids, link) = follow(&client, &url("pageSize=2&pageId=303&page=7"), true);
    assert_eq!((ids, link), (vec![304], next(304)));
    let (ids, link) = follow(&client, &url("pageSize=2&pageId=304"), true);
    assert_eq!((ids, link), (vec![], next(304)));
    let mut request = client.request("GET", &format!("{PATH}?orderBy=name"), "");
    let headers = request.headers_mut();
    headers.insert("pagination-type", "forward-only".parse().unwrap());
    assert_eq!(client.send(&request).status, 400);
}

#[test]
fn a_filtered_walk_is_evaluated_once() {
    let client = Client::new(&tenant::with_devices(30));
    let conditions = encode("activeFlag = true");
    for page in 1..=4 {
        let path = format!("{PATH}?conditions={conditions}&pageSize=4&page={page}");
        client.get(&path);
        assert_eq!(client.psa.remembered(), 1);
    }
    client.get(&format!("{PATH}/count?conditions={conditions}"));
    assert_eq!(client.psa.remembered(), 1);
    for at in 0..20 {
        client.get(&format!("{PATH}?conditions=id={at}"));
    }
    assert_eq!(client.psa.remembered(), 8);
    // A write makes what is remembered stale, not wrong.
    let before = client.find(PATH, "conditions", "activeFlag = true").len();
    let off = json!([{"op": "replace", "path": "activeFlag", "value": false}]);
    assert_eq!(
        client.call("PATCH", &format!("{PATH}/300"), &off).status,
        200
    );
    let after = client.find(PATH, "conditions", "activeFlag = true").len();
    assert_eq!(after, before - 1);
}

/// What happens between two pages.
#[derive(Debug, Clone)]
enum Edit {
    Nothing,
    Add,
    Change(usize),
    Remove(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        Just(Edit::Nothing),
        Just(Edit::Add),
        (0..60_usize).prop_map(Edit::Change),
        (0..60_usize).prop_map(Edit::Remove),
    ]
}

fn apply(client: &Client, edit: &Edit, at: usize) {
    let put = |key: &str| {
        let device = tenant::device(key, "acme", &format!("changed-{at}"));
        Change::Put(Record::Device(Box::new(device)))
    };
    let change = match edit {
        Edit::Nothing => return,
        Edit::Add => put(&format!("new{at}")),
        Edit::Change(which) => put(&format!("d{which}")),
        Edit::Remove(which) => Change::Remove {
            kind: Kind::Device,
            key: format!("d{which}"),
        },
    };
    // A record that is already gone cannot be removed again; nothing happens then.
    let _ = client.psa.apply(&change, client.now);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_still_list_comes_exactly_once(count in 0..60_usize, size in 1..20_usize, filtered: bool) {
        let client = Client::new(&tenant::with_devices(count));
        let filter = if filtered { "&conditions=activeFlag=true&orderBy=name%20desc" } else { "" };
        let mut expected: Vec<u64> = (300..).take(count).collect();
        if filtered {
            // Names fall as ids rise, so descending names are ascending ids.
            expected.retain(|id| id % 2 == 0);
        }
        let mut url = Some(format!("http://{HOST}{API}{PATH}?pageSize={size}{filter}"));
        let mut seen = Vec::new();
        while let Some(at) = url {
            let (ids, next) = follow(&client, &at, false);
            prop_assert!(ids.len() == size || next.is_none());
            seen.extend(ids);
            url = next;
        }
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn a_forward_walk_keeps_every_record_that_stays(
        count in 0..60_usize,
        size in 1..20_usize,
        edits in prop::collection::vec(edit(), 0..40),
        filtered: bool,
    ) {
        let client = Client::new(&tenant::with_devices(count));
        let filter = if filtered { "&conditions=id%20%3E%200" } else { "" };
        let first: BTreeSet<u64> = (300..).take(count).collect();
        let mut url = format!("http://{HOST}{API}{PATH}?pageSize={size}{filter}");
        let mut seen = Vec::new();
        let mut edits = edits.iter().enumerate();
        loop {
            let (ids, next) = follow(&client, &url, true);
            if ids.is_empty() {
                break;
            }
            seen.extend(ids);
            url = next.unwrap();
            if let Some((at, edit)) = edits.next() {
                apply(&client, edit, at);
            }
        }
        let distinct: BTreeSet<u64> = seen.iter().copied().collect();
        prop_assert_eq!(distinct.len(), seen.len(), "a record came twice");
        let left: BTreeSet<u64> = client.psa.read()
            .table(crate::connectwise_psa::schema::Resource::Configurations)
            .ids()
            .collect();
        let stayed: Vec<u64> = first.intersection(&left).copied().collect();
        prop_assert!(stayed.iter().all(|id| distinct.contains(id)), "a record was lost");
    }
}
