//! The law of paging, with page sizes and edits chosen by proptest; and requests of any shape.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::world::{Change, Kind, Record};

/// So many devices over three sites.
fn many(count: usize) -> ToolRecords {
    ToolRecords {
        seed: 3,
        organizations: (0..3)
            .map(|n| organization(&format!("o{n}"), &format!("Client {n}")))
            .collect(),
        devices: (0..count)
            .map(|n| {
                device(
                    &format!("d{n}"),
                    &format!("o{}", n % 3),
                    DeviceClass::Server,
                )
            })
            .collect(),
        ..ToolRecords::default()
    }
}

fn uids(pages: &[Vec<Value>]) -> Vec<String> {
    pages
        .iter()
        .flatten()
        .map(|record| record["uid"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn pages_count_from_zero_and_end_with_null() {
    let rig = Rig::new(&many(5));
    let page = rig.get("/api/v2/account/devices?max=2&page=1");
    assert_eq!(
        page["pageDetails"],
        serde_json::json!({
            "count": 2,
            "totalCount": 5,
            "prevPageUrl": "http://127.0.0.1:9999/api/v2/account/devices?max=2&page=0",
            "nextPageUrl": "http://127.0.0.1:9999/api/v2/account/devices?max=2&page=2",
        })
    );
    let last = rig.get("/api/v2/account/devices?max=2&page=2");
    assert_eq!(last["pageDetails"]["count"], 1);
    assert_eq!(last["pageDetails"]["nextPageUrl"], Value::Null);
    let only = rig.get("/api/v2/account/devices");
    assert_eq!(only["pageDetails"]["prevPageUrl"], Value::Null);
    assert_eq!(only["pageDetails"]["nextPageUrl"], Value::Null);
    let beyond = rig.get("/api/v2/account/devices?max=250&page=2147483647");
    assert_eq!(beyond["pageDetails"]["count"], 0);
    assert_eq!(beyond["pageDetails"]["nextPageUrl"], Value::Null);
    assert_eq!(beyond["devices"], serde_json::json!([]));
}

#[test]
fn a_page_has_at_most_250() {
    let rig = Rig::new(&many(260));
    for query in ["", "?max=1000", "?max=250"] {
        let page = rig.get(&format!("/api/v2/account/devices{query}"));
        assert_eq!(page["pageDetails"]["count"], 250, "{query}");
    }
    for query in [
        "max=0",
        "max=-1",
        "max=x",
        "page=-1",
        "page=x",
        "page=99999999999",
    ] {
        assert_eq!(
            rig.status(&format!("/api/v2/account/devices?{query}")),
            400,
            "{query}"
        );
    }
}

#[test]
fn links_lose_the_callers_filters_unless_switched_off() {
    let records = many(9);
    let path = "/api/v2/account/devices?siteName=Client%200&max=1";
    let rig = Rig::new(&records);
    assert_eq!(
        rig.get(path)["pageDetails"]["nextPageUrl"],
        "http://127.0.0.1:9999/api/v2/account/devices?max=1&page=1"
    );
    let options = DattoOptions {
        drop_filters_in_next_url: false,
        ..DattoOptions::default()
    };
    let rig = Rig::with_options(&records, &options);
    assert_eq!(
        rig.get(path)["pageDetails"]["nextPageUrl"],
        "http://127.0.0.1:9999/api/v2/account/devices?max=1&page=1&siteName=Client+0"
    );
    assert_eq!(uids(&rig.walk(path, "devices")).len(), 3);
}

#[test]
fn an_untouched_page_is_one_slice() {
    let rig = Rig::new(&many(300));
    let reply = rig.reply("/api/v2/account/devices?max=250&page=0");
    assert_eq!(reply.body.len(), 3);
}

#[derive(Debug, Clone)]
enum Edit {
    Put(usize, usize),
    Remove(usize),
    Rename(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0_usize..60, 0_usize..3).prop_map(|(device, site)| Edit::Put(device, site)),
        (0_usize..40).prop_map(Edit::Remove),
        (0_usize..3).prop_map(Edit::Rename),
    ]
}

fn apply(rig: &Rig, edit: &Edit, step: usize) {
    let change = match edit {
        Edit::Put(n, site) => Change::Put(Record::Device(Box::new(device(
            &format!("d{n}"),
            &format!("o{site}"),
            DeviceClass::Server,
        )))),
        Edit::Remove(n) => Change::Remove {
            kind: Kind::Device,
            key: format!("d{n}"),
        },
        Edit::Rename(n) => Change::Put(Record::Organization(organization(
            &format!("o{n}"),
            &format!("Renamed {step}"),
        ))),
    };
    // A device that was deleted already is refused; that is another test's matter.
    let _ = rig.datto.apply(&change, start());
}

/// Whether the counts of every site agree with what the device lists say.
fn consistent(rig: &Rig) {
    let all = uids(&rig.walk("/api/v2/account/devices", "devices"));
    let mut by_site = Vec::new();
    for site in rig.walk("/api/v2/account/sites", "sites").concat() {
        let uid = site["uid"].as_str().unwrap();
        let devices = rig
            .walk(&format!("/api/v2/site/{uid}/devices?max=7"), "devices")
            .concat();
        assert_eq!(site["devicesStatus"]["numberOfDevices"], devices.len());
        let online = devices
            .iter()
            .filter(|device| device["online"] == true)
            .count();
        assert_eq!(site["devicesStatus"]["numberOfOnlineDevices"], online);
        for device in &devices {
            assert_eq!(device["siteUid"], site["uid"]);
            assert_eq!(device["siteName"], site["name"]);
            assert_eq!(device["deleted"], uid == "deleted-devices");
        }
        by_site.extend(
            devices
                .iter()
                .map(|device| device["uid"].as_str().unwrap().to_owned()),
        );
    }
    let sorted = |mut uids: Vec<String>| {
        uids.sort();
        uids
    };
    assert_eq!(sorted(by_site), sorted(all.clone()));
    assert_eq!(rig.datto.counts()["devices"], all.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_page_size_sees_every_record_once(count in 0_usize..40, max in 1_usize..50) {
        let rig = Rig::new(&many(count));
        for version in ["v2", "v3"] {
            let path = format!("/api/{version}/account/devices?max={max}");
            let pages = rig.walk(&path, "devices");
            prop_assert_eq!(pages.len(), count.div_ceil(max).max(1));
            let found = uids(&pages);
            let unique: BTreeSet<&String> = found.iter().collect();
            prop_assert_eq!((found.len(), unique.len()), (count, count));
        }
        let sites = uids(&rig.walk(&format!("/api/v2/account/sites?max={max}"), "sites"));
        prop_assert_eq!(sites.iter().collect::<BTreeSet<_>>().len(), 6);
        prop_assert_eq!(sites.len(), 6);
    }

    /// Deleting moves a record and does not take it out of the account's list, so edits between
    /// pages can make a walk see a record twice but never miss one.
    #[test]
    fn edits_between_pages_lose_no_record(
        max in 1_usize..9,
        edits in prop::collection::vec(edit(), 0..30),
    ) {
        let rig = Rig::new(&many(40));
        let before: BTreeSet<String> =
            uids(&rig.walk("/api/v2/account/devices", "devices")).into_iter().collect();
        let mut seen = BTreeSet::new();
        let mut edits = edits.iter().enumerate();
        let mut path = Some(format!("/api/v2/account/devices?max={max}"));
        while let Some(page) = path {
            let page = rig.get(&page);
            for device in page["devices"].as_array().unwrap() {
                seen.insert(device["uid"].as_str().unwrap().to_owned());
            }
            path = page["pageDetails"]["nextPageUrl"]
                .as_str()
                .map(|url| url.replace("http://127.0.0.1:9999", ""));
            if let Some((step, edit)) = edits.next() {
                apply(&rig, edit, step);
            }
        }
        prop_assert!(seen.is_superset(&before));
    }

    #[test]
    fn every_list_agrees_after_any_edits(edits in prop::collection::vec(edit(), 0..25)) {
        let rig = Rig::new(&many(20));
        for (step, edit) in edits.iter().enumerate() {
            apply(&rig, edit, step);
        }
        consistent(&rig);
    }

    #[test]
    fn no_request_panics(
        method in prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]),
        segments in prop::collection::vec(segment(), 0..7),
        query in "[a-zA-Z0-9=&%+._-]{0,40}",
        body in any_body(),
        time in any::<i32>(),
    ) {
        let rig = Rig::new(&records());
        rig.datto.set_limits(time % 2 == 0);
        let path = format!("/{}?{query}", segments.join("/"));
        let Ok(uri) = path.parse::<http::Uri>() else { return Ok(()) };
        let now = after(i64::from(time) * 1_000);
        let reply = rig.send(method.parse().unwrap(), &uri.to_string(), &body, now);
        prop_assert!(reply.status.as_u16() >= 200);
        if reply.headers.get("content-type").is_some_and(|kind| kind == "application/json") {
            let parsed: Result<Value, _> = serde_json::from_slice(&reply.body_bytes());
            prop_assert!(parsed.is_ok());
        }
        rig.datto.set_limits(false);
        consistent(&rig);
    }
}

fn segment() -> impl Strategy<Value = String> {
    let known = "api v2 v3 account devices sites site device audit udf warranty id macAddress \
        system request_rate deleted-devices 001B44113AB7 network-interface software printer \
        esxihost filter default-filters auth oauth token settings 1000001";
    let known: Vec<String> = known.split_whitespace().map(str::to_owned).collect();
    let uid = Rig::new(&records()).uid("lt07");
    prop_oneof![
        8 => prop::sample::select(known),
        1 => Just(uid),
        1 => "[a-zA-Z0-9%._~!$'()*,;:@-]{0,12}",
    ]
}

fn any_body() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "\\PC{0,30}",
        Just(
            r#"{"name": "x", "udf1": 5, "udfs": [{"ordinal": 70000}], "warrantyDate": "x"}"#
                .to_owned()
        ),
        Just("[".repeat(5_000)),
        Just("grant_type=password&username=%ff&password".to_owned()),
    ]
}
