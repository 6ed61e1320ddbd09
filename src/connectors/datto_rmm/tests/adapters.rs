//! Devices without an audit, whose adapters their sites list: who is asked how often, what waits, and
//! what a list that fails costs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Request;
use proptest::prelude::{any, prop_assert_eq, proptest};
use serde_json::{Value, json};
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{after_token, connector, connector_over, ok, page, serve, token};
use crate::connectors::RmmConnector;
use crate::connectors::datto_rmm::DattoRmm;
use crate::connectors::datto_rmm::adapters::Adapters;
use crate::connectors::datto_rmm::wire::Device;
use crate::connectors::testing::{Answer, Scripted, all, clock, json as answer};
use crate::model::{RemoteDevice, RemoteInterface};
use crate::transport::Transport;

const LIST: &str = "/api/v2/account/devices";
const OPERATION: &str = "devices.network-interface";

fn route(site: &str) -> String {
    format!("/api/v2/site/{site}/devices/network-interface")
}

fn device(uid: &str, site: &str, class: &str) -> Value {
    json!({ "id": 1, "uid": uid, "siteUid": site, "siteName": site, "hostname": uid, "deviceClass": class })
}

fn switch(uid: &str, site: &str) -> Value {
    device(uid, site, "rmmnetworkdevice")
}

/// A row as documented, with one adapter.
fn listed(uid: &str, mac: &str) -> Value {
    json!({
        "id": 1, "uid": uid, "siteId": 7, "siteUid": "site", "siteName": "Site",
        "deviceType": { "category": "Network Device (Switch)", "type": "Switch" }, "hostname": uid,
        "intIpAddress": null, "extIpAddress": "203.0.113.40",
        "nics": [{ "instance": null, "ipv4": null, "ipv6": null, "macAddress": mac, "type": null }],
    })
}

async fn serve_list(server: &MockServer, devices: &[Value]) {
    serve(server, LIST, ok(&page("devices", devices, None))).await;
}

async fn serve_site(server: &MockServer, site: &str, rows: &[Value]) {
    serve(server, &route(site), ok(&page("devices", rows, None))).await;
}

fn macs(devices: &[RemoteDevice]) -> Vec<(&str, Option<&str>)> {
    devices
        .iter()
        .map(|device| (&*device.id, device.primary_mac()))
        .collect()
}

fn asked(connector: &DattoRmm) -> u64 {
    let operations = connector.stats().operations;
    operations.get(OPERATION).map_or(0, |stats| stats.requests)
}

#[tokio::test]
async fn a_firewall_with_the_adapters_that_its_site_lists() {
    let server = MockServer::start().await;
    let mut firewall = switch("fw", "site-1");
    firewall["intIpAddress"] = json!("10.0.0.1");
    serve_list(&server, &[firewall, device("ws", "site-2", "device")]).await;
    let mut row = listed("fw", "");
    row["nics"] = json!([
        { "instance": "wan", "ipv4": "203.0.113.2", "ipv6": null, "macAddress": "001b.4411.3ab7", "type": "Ethernet" },
        { "instance": "lan", "ipv4": "10.0.0.1", "macAddress": "00:1B:44:11:3A:B8" },
    ]);
    serve_site(&server, "site-1", &[listed("other", "-"), row]).await;
    serve(&server, "/api/v2/audit/device/ws", ok(&json!({}))).await;
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.devices()).await.unwrap();
    assert!(rejected.is_empty(), "{rejected:?}");
    let nic = |name: &str, mac: &str, ip: &str| RemoteInterface {
        name: Some(name.to_owned()),
        mac: Some(mac.to_owned()),
        ip: Some(ip.to_owned()),
    };
    // The one with the device's address first, everything as it is written.
    let expected = [
        nic("lan", "00:1B:44:11:3A:B8", "10.0.0.1"),
        nic("wan", "001b.4411.3ab7", "203.0.113.2"),
    ];
    assert_eq!(records[0].interfaces, expected);
    assert_eq!(records[0].serial, None);
    assert_eq!(macs(&records)[1], ("ws", None));
    // The other site, whose devices all have audits, was not asked.
    assert_eq!(asked(&connector), 1);
}

#[tokio::test]
async fn where_every_device_has_an_audit_no_site_is_asked() {
    let server = MockServer::start().await;
    let classes = ["device", "printer", "esxihost"];
    let mut devices: Vec<Value> = classes
        .iter()
        .map(|class| device(class, "site-1", class))
        .collect();
    // Left out, so nothing about it is needed.
    let mut gone = switch("gone", "site-1");
    gone["deleted"] = json!(true);
    devices.push(gone);
    devices.push(switch("bin", "deleted-devices"));
    serve_list(&server, &devices).await;
    let connector = connector(&server, 250).await;
    let (records, _) = all(connector.devices()).await.unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(asked(&connector), 0);
}

#[tokio::test]
async fn a_site_is_asked_once_for_devices_on_many_pages() {
    let server = MockServer::start().await;
    let pages = [
        vec![switch("a", "s"), device("b", "s", "device")],
        vec![device("c", "t", "device"), switch("d", "s")],
        vec![switch("e", "t"), device("f", "s", "toaster")],
    ];
    for (number, rows) in pages.iter().enumerate() {
        let next = (number < 2).then(|| format!("{}{LIST}?page={}", server.uri(), number + 1));
        Mock::given(path(LIST))
            .and(query_param("page", number.to_string()))
            .and(query_param("max", "2"))
            .respond_with(ok(&page("devices", rows, next.as_deref())))
            .mount(&server)
            .await;
    }
    // One site's list has three pages, the other's one.
    let rows = ["f", "e", "d", "c", "b", "a"].map(|uid| listed(uid, uid));
    for (number, rows) in rows.chunks(2).enumerate() {
        let next =
            (number < 2).then(|| format!("{}{}?page={}", server.uri(), route("s"), number + 1));
        Mock::given(path(route("s")))
            .and(query_param("page", number.to_string()))
            .and(query_param("max", "2"))
            .respond_with(ok(&page("devices", rows, next.as_deref())))
            .expect(1)
            .mount(&server)
            .await;
    }
    Mock::given(path(route("t")))
        .respond_with(ok(&page("devices", &[listed("e", "E of t")], None)))
        .expect(1)
        .mount(&server)
        .await;
    let connector = connector(&server, 2).await;
    let (records, _) = all(connector.devices()).await.unwrap();
    let expected = [
        ("a", Some("a")),
        ("b", None),
        ("c", None),
        ("d", Some("d")),
        ("e", Some("E of t")),
        ("f", Some("f")),
    ];
    assert_eq!(macs(&records), expected);
    assert_eq!(asked(&connector), 4);
}

#[tokio::test]
async fn every_walk_asks_anew() {
    let server = MockServer::start().await;
    serve_list(&server, &[switch("a", "s")]).await;
    for mac in ["old", "new"] {
        Mock::given(path(route("s")))
            .respond_with(ok(&page("devices", &[listed("a", mac)], None)))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    let connector = connector(&server, 250).await;
    for mac in ["old", "new"] {
        let (records, _) = all(connector.devices()).await.unwrap();
        assert_eq!(macs(&records), [("a", Some(mac))]);
    }
}

#[tokio::test]
async fn only_rows_wait_whose_devices_are_still_to_come() {
    let server = MockServer::start().await;
    let rows = ["before", "here", "computer", "later", "latest"].map(|uid| listed(uid, uid));
    let mut broken = listed("broken", "");
    broken["nics"] = json!("none");
    let mut broken_before = broken.clone();
    broken_before["uid"] = json!("before too");
    let rows: Vec<Value> = rows.into_iter().chain([broken, broken_before]).collect();
    serve_site(&server, "s", &rows).await;
    let connector = connector(&server, 250).await;
    let here = [
        switch("here", "s"),
        device("computer", "s", "device"),
        switch("unlisted", "s"),
    ];
    let here: Vec<Device> = here.map(|row| serde_json::from_value(row).unwrap()).into();
    let passed = ["before", "before too", "here", "computer", "unlisted"];
    let mut adapters = Adapters::default();
    for _ in 0..2 {
        let asked = adapters.ask(&connector, &here, |uid| passed.contains(&uid));
        asked.await.unwrap();
        assert_eq!(adapters.held(), 4, "here, later, latest, broken");
    }
    assert_eq!(asked(&connector), 1);
    assert!(adapters.take(&here[0]).is_ok());
    assert!(adapters.take(&here[2]).is_ok());
    for uid in ["later", "latest", "never heard of"] {
        adapters.discard(uid);
    }
    assert_eq!(adapters.held(), 1);
}

#[tokio::test]
async fn a_site_that_cannot_be_asked_has_devices_without_adapters() {
    let server = MockServer::start().await;
    let sites = ["gone", "closed", "open", "half", "nobody"];
    let devices: Vec<Value> = sites
        .iter()
        .map(|site| switch(&format!("sw-{site}"), site))
        .chain([switch("sw-rest", "half")])
        .collect();
    serve_list(&server, &devices).await;
    serve(&server, &route("gone"), ResponseTemplate::new(404)).await;
    serve(&server, &route("closed"), ResponseTemplate::new(403)).await;
    serve_site(&server, "open", &[listed("sw-open", "m1")]).await;
    serve_site(&server, "nobody", &[]).await;
    // Gone between its pages.
    let next = format!("{}{}?page=1", server.uri(), route("half"));
    let half = page("devices", &[listed("sw-half", "m2")], Some(&next));
    for (number, reply) in [("0", ok(&half)), ("1", ResponseTemplate::new(404))] {
        Mock::given(path(route("half")))
            .and(query_param("page", number))
            .respond_with(reply)
            .mount(&server)
            .await;
    }
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.devices()).await.unwrap();
    assert!(rejected.is_empty(), "{rejected:?}");
    let expected = [
        ("sw-gone", None),
        ("sw-closed", None),
        ("sw-open", Some("m1")),
        ("sw-half", Some("m2")),
        ("sw-nobody", None),
        ("sw-rest", None),
    ];
    assert_eq!(macs(&records), expected);
    assert_eq!(asked(&connector), 6);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_costs_its_device() {
    let server = MockServer::start().await;
    let devices = [
        switch("a", "s"),
        switch("b", "s"),
        device("c", "s", "device"),
        switch("d", "t"),
        switch("e", "t"),
    ];
    serve_list(&server, &devices).await;
    serve(&server, "/api/v2/audit/device/c", ok(&json!({}))).await;
    let with = |uid: &str, field: &str, value: Value| {
        let mut row = listed(uid, uid);
        row[field] = value;
        row
    };
    let wrong_mac = json!([{ "macAddress": "m" }, { "macAddress": 7 }]);
    let rows = [
        with("a", "nics", wrong_mac),
        listed("b", "b"),
        // Its audit says what is needed.
        with("c", "nics", json!(0)),
        // Nobody reads these.
        with("x", "hostname", json!(0)),
    ];
    serve_site(&server, "s", &rows).await;
    // Whose row the second one is nobody can tell, but it is not the first one's.
    let rows = [listed("d", "d"), with("", "uid", json!(5))];
    serve_site(&server, "t", &rows).await;
    let connector = connector(&server, 250).await;
    let (records, rejected) = all(connector.devices()).await.unwrap();
    let expected = [("b", Some("b")), ("c", None), ("d", Some("d"))];
    assert_eq!(macs(&records), expected);
    assert_eq!(
        rejected,
        [
            "record a, field network-interface.nics[1].macAddress: invalid type: integer `7`, expected a string",
            "record e, field network-interface.uid: a row of the site's list cannot be told \
             (uid: invalid type: integer `5`, expected a string)",
        ]
    );
}

#[tokio::test]
async fn a_list_that_fails_ends_the_walk() {
    let html = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    let link = page(
        "devices",
        &[listed("a", "a")],
        Some("http://elsewhere.example/"),
    );
    for (reply, code) in [
        (ResponseTemplate::new(409), "vendor-status"),
        (html, "vendor-body"),
        (ok(&json!({ "devices": [] })), "vendor-body"),
        (ok(&link), "vendor-foreign-link"),
    ] {
        let server = MockServer::start().await;
        let more = page("devices", &[switch("a", "s")], Some("?page=1"));
        serve(&server, LIST, ok(&more)).await;
        serve(&server, &route("s"), reply).await;
        let connector = connector(&server, 250).await;
        let mut walk = connector.devices();
        let error = walk.next_page().await.unwrap_err();
        assert_eq!((error.operation, error.kind.code()), (OPERATION, code));
        assert_eq!(walk.next_page().await, Ok(None));
    }
}

#[tokio::test]
async fn a_list_is_repeated_and_counted_like_every_call() {
    let clock = clock();
    let wire = Scripted::new(
        &clock,
        after_token(|number, sent| match number {
            0 => answer(
                200,
                page("devices", &[switch("a", "s 1/é")], None).to_string(),
            ),
            1 => answer(503, ""),
            2 => answer(429, ""),
            _ => {
                // The site's uid is one segment of the path, whatever it holds.
                let path = "/api/v2/site/s%201%2F%C3%A9/devices/network-interface?max=2&page=0";
                assert_eq!(sent.target, path);
                answer(200, page("devices", &[listed("a", "m")], None).to_string())
            }
        }),
    );
    let connector = connector_over(wire, &clock, 2);
    let (records, _) = all(connector.devices()).await.unwrap();
    assert_eq!(macs(&records), [("a", Some("m"))]);
    let stats = connector.stats().operations[OPERATION];
    assert_eq!((stats.requests, stats.retries), (3, 2));
    assert!(stats.waited_ms >= 60_000 && stats.bytes > 0, "{stats:?}");
}

#[tokio::test]
async fn sites_that_answer_out_of_turn_do_not_change_the_order() {
    let server = MockServer::start().await;
    let uids: Vec<String> = (0..9).map(|number| format!("d{number}")).collect();
    let devices: Vec<Value> = uids.iter().map(|uid| switch(uid, uid)).collect();
    serve_list(&server, &devices).await;
    for (number, uid) in (0_u64..).zip(&uids) {
        let rows = page("devices", &[listed(uid, uid)], None);
        let reply = ok(&rows).set_delay(Duration::from_millis((9 - number) * 10));
        serve(&server, &route(uid), reply).await;
    }
    let connector = connector(&server, 250).await;
    let (records, _) = all(connector.devices()).await.unwrap();
    let expected: Vec<(&str, Option<&str>)> =
        uids.iter().map(|uid| (&**uid, Some(&**uid))).collect();
    assert_eq!(macs(&records), expected);
}

/// Counts how many requests are under way at the same time.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl fmt::Debug for Crowd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Crowd")
    }
}

impl Transport for Crowd {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let inside = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(inside, Ordering::SeqCst);
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            let body = match request.uri().path() {
                "/auth/oauth/token" => token("tok-1"),
                LIST => {
                    let sites: Vec<Value> = (0..20)
                        .map(|site| switch(&format!("d{site}"), &format!("s{site}")))
                        .collect();
                    page("devices", &sites, None)
                }
                _ => page("devices", &[], None),
            };
            answer(200, body.to_string())
        })
    }
}

#[tokio::test]
async fn only_a_few_sites_are_asked_at_the_same_time() {
    let crowd = Arc::new(Crowd::default());
    let connector = connector_over(Arc::clone(&crowd) as _, &clock(), 250);
    let (records, _) = all(connector.devices()).await.unwrap();
    assert_eq!((records.len(), asked(&connector)), (20, 20));
    assert_eq!(crowd.most.load(Ordering::SeqCst), 3);
}

/// Serves a list in pages, with links that name the page alone.
fn paged(rows: &[Value], target: &str) -> Answer {
    let (path, query) = target.split_once('?').unwrap();
    let parameter = |name: &str| -> usize {
        let (_, value) = form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .unwrap();
        value.parse().unwrap()
    };
    let (number, max) = (parameter("page"), parameter("max"));
    let next = format!("http://rmm.example{path}?page={}", number + 1);
    let more = (number + 1) * max < rows.len();
    let rows: Vec<Value> = rows.iter().skip(number * max).take(max).cloned().collect();
    let body = page("devices", &rows, more.then_some(&*next));
    answer(200, body.to_string())
}

proptest! {
    /// Whatever stands on which page: every device without an audit has the MAC that its site lists,
    /// and a site's list is read once if one of its devices needs it.
    #[test]
    fn wherever_they_stand_devices_get_what_their_sites_list(
        devices in proptest::collection::vec((0_usize..4, any::<bool>()), 1..40),
        page_size in 1_u32..9,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let clock = clock();
        let mut list = Vec::new();
        let mut sites: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        let mut expected = Vec::new();
        for (number, (site, network)) in devices.iter().enumerate() {
            let uid = format!("00000000-0000-0000-0000-{number:012}");
            let class = if *network { "rmmnetworkdevice" } else { "device" };
            list.push(device(&uid, &format!("s{site}"), class));
            let rows = sites.entry(*site).or_default();
            rows.insert(rows.len() / 2, listed(&uid, &format!("mac {number}")));
            expected.push((uid, network.then(|| format!("mac {number}"))));
        }
        let size = page_size as usize;
        let calls: usize = sites
            .iter()
            .filter(|(site, _)| devices.contains(&(**site, true)))
            .map(|(_, rows)| rows.len().div_ceil(size))
            .sum();
        let wire = Scripted::new(&clock, after_token(move |_, sent| {
            let target = &sent.target;
            if target.starts_with(LIST) {
                return paged(&list, target);
            }
            match target.strip_prefix("/api/v2/site/s") {
                Some(rest) => paged(&sites[&rest[..1].parse().unwrap()], target),
                None => answer(200, "{}"),
            }
        }));
        let connector = connector_over(wire, &clock, page_size);
        let (records, rejected) = runtime.block_on(all(connector.devices())).unwrap();
        let found: Vec<(String, Option<String>)> = macs(&records)
            .into_iter()
            .map(|(uid, mac)| (uid.to_owned(), mac.map(str::to_owned)))
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(rejected, Vec::<String>::new());
        prop_assert_eq!(asked(&connector), calls as u64);
    }
}
