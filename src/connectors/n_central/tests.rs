//! Against replies of the vendor's shape, written by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Companies, NCentral, NCentralConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ConnectorSetupError, ErrorKind, RmmConnector};
use crate::model::RemoteDevice;
use crate::transport::{RetryPolicy, Secret, Transport};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.s3cret.seal";

fn config(page_size: u32) -> NCentralConfig {
    NCentralConfig {
        base_url: "http://central.example".to_owned(),
        jwt: Secret::new(JWT),
        companies: Companies::default(),
        page_size,
        asset_concurrency: 3,
        retry: RetryPolicy::default(),
    }
}

fn tokens(token: &str, life_s: u32) -> Answer {
    let body = json!({ "tokens": {
        "access": { "token": token, "type": "Bearer", "expirySeconds": life_s },
        "refresh": { "token": "RRR", "type": "Body", "expirySeconds": 90_000 },
    }, "refresh": "/api/auth/refresh" });
    answer(200, body.to_string())
}

/// A connector that is handed a token, and whose other requests a function answers.
fn made(
    config: NCentralConfig,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (NCentral, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| match sent.target.as_str() {
        "/api/auth/authenticate" => tokens("tok", 3_600),
        _ => script(sent),
    });
    let central = NCentral::new(config, Arc::clone(&wire) as _, clock, 1).unwrap();
    (central, wire)
}

fn central(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (NCentral, Arc<Scripted>) {
    made(config(page_size), script)
}

fn good(body: &Value) -> Answer {
    answer(200, body.to_string())
}

fn missing() -> Answer {
    let body = json!({ "status": 404, "message": "Device not found." });
    answer(404, body.to_string())
}

/// The whole list in one page.
fn list(rows: &[Value]) -> Answer {
    good(&json!({ "data": rows, "totalItems": rows.len(), "_links": { "nextPage": null } }))
}

fn device(id: u64) -> Value {
    json!({
        "deviceId": id, "longName": format!("PC-{id}"), "deviceClass": "Workstations - Windows",
        "customerId": 200, "customerName": "Birch", "siteId": 201, "siteName": "Main",
    })
}

/// The devices that come of one row, by what its own calls answer.
async fn devices_of(
    row: Value,
    detail: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> (Vec<RemoteDevice>, Vec<String>, Arc<Scripted>) {
    let (central, wire) = central(1_000, move |sent| {
        if sent.target.starts_with("/api/devices?") {
            list(std::slice::from_ref(&row))
        } else {
            detail(&sent.target)
        }
    });
    let (devices, rejected) = all(central.devices()).await.unwrap();
    (devices, rejected, wire)
}

/// The same with an inventory, for a row that says no more than it must.
async fn device_with(assets: Value) -> RemoteDevice {
    let (devices, rejected, _) = devices_of(device(1), move |target| {
        if target.ends_with("/assets") {
            good(&json!({ "data": assets }))
        } else {
            missing()
        }
    })
    .await;
    assert_eq!(rejected, [""; 0]);
    let [device] = devices.try_into().unwrap();
    device
}

fn page_number(sent: &Sent) -> usize {
    let (_, rest) = sent.target.split_once("pageNumber=").unwrap();
    rest.split('&').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_permanent_token_is_exchanged_and_sent_nowhere_else() {
    let (central, wire) = central(1_000, |_| list(&[]));
    central.check().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].route(), "POST /api/auth/authenticate");
    assert_eq!(sent[0].headers["authorization"], format!("Bearer {JWT}"));
    assert!(sent[0].body.is_empty());
    assert_eq!(sent[1].target, "/api/customers?pageNumber=1&pageSize=1");
    assert_eq!(sent[1].headers["authorization"], "Bearer tok");
}

#[tokio::test]
async fn a_token_that_the_server_forgot_is_exchanged_anew() {
    let clock = clock();
    let wire = Scripted::new(&clock, |number, sent| {
        let is = |token: &str| sent.headers["authorization"] == format!("Bearer {token}");
        match sent.target.as_str() {
            "/api/auth/authenticate" if number == 0 => tokens("old", 3_600),
            "/api/auth/authenticate" => tokens("new", 3_600),
            _ if is("new") => list(&[]),
            _ => answer(401, r#"{"status":401,"message":"Authentication Failure."}"#),
        }
    });
    let central = NCentral::new(config(1), Arc::clone(&wire) as _, clock, 1).unwrap();
    central.check().await.unwrap();
    let auth = "POST /api/auth/authenticate";
    let check = "GET /api/customers";
    assert_eq!(wire.routes(), [auth, check, auth, check]);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let clock = clock();
    let wire = Scripted::new(&clock, |_, sent| match sent.target.as_str() {
        // Within a minute of its end it counts as over.
        "/api/auth/authenticate" => tokens("short", 60),
        _ => list(&[]),
    });
    let central = NCentral::new(config(1), Arc::clone(&wire) as _, clock, 1).unwrap();
    central.check().await.unwrap();
    central.check().await.unwrap();
    let routes = wire.routes();
    let auths = routes.iter().filter(|it| it.contains("authenticate"));
    assert_eq!((auths.count(), routes.len()), (2, 4));
}

#[tokio::test]
async fn a_refused_token_is_told_without_it() {
    let clock = clock();
    let wire = Scripted::new(&clock, |_, _| {
        let words = format!("Authentication Failure. ({JWT})");
        answer(401, json!({ "status": 401, "message": words }).to_string())
    });
    let central = NCentral::new(config(1), wire, clock, 1).unwrap();
    let error = central.check().await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error.kind, ErrorKind::Unauthorized { .. }),
        "{text}"
    );
    assert!(text.contains("check jwt"), "{text}");
    assert!(!text.contains("s3cret") && !format!("{:?}", config(1)).contains("s3cret"));
}

#[test]
fn a_token_that_no_header_can_carry_is_told_at_once() {
    let clock = clock();
    let wire = Scripted::new(&clock, |_, _| list(&[]));
    let odd = NCentralConfig {
        jwt: Secret::new("a\nb"),
        ..config(1)
    };
    let error = NCentral::new(odd, wire, clock, 1).unwrap_err();
    let expected = ConnectorSetupError::Unsendable {
        vendor: "n-central",
        name: "jwt",
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_user_who_may_not_is_told_apart_from_a_server_that_fails() {
    let (central, _) = central(1, |_| {
        answer(
            500,
            r#"{"status":500,"message":"[ID=1] Internal Server Error"}"#,
        )
    });
    let text = central.check().await.unwrap_err().to_string();
    assert!(text.contains("MFA"), "{text}");
}

#[tokio::test]
async fn a_token_reply_that_cannot_be_read_is_not_shown() {
    for body in [r#"{"tokens":{"access":"hunter2"}}"#, "hunter2", "{}"] {
        let clock = clock();
        let wire = Scripted::new(&clock, move |_, _| answer(200, body));
        let central = NCentral::new(config(1), wire, clock, 1).unwrap();
        let text = central.check().await.unwrap_err().to_string();
        assert!(text.contains("the token reply"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn customers_are_companies_but_for_those_that_are_none() {
    let (central, wire) = central(1_000, |_| {
        good(&json!({ "data": [
            { "customerId": "1", "customerName": "System", "isSystem": true },
            { "customerId": "50", "customerName": "MSP", "isServiceOrg": "true" },
            { "customerId": "200", "customerName": "Birch Dental", "isSystem": false },
            { "customerId": 300, "customerName": "O'Brien & Sons" },
        ], "totalItems": 4 }))
    });
    let (companies, rejected) = all(central.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let found: Vec<(&str, &str)> = companies.iter().map(|it| (&*it.id, &*it.name)).collect();
    assert_eq!(found, [("200", "Birch Dental"), ("300", "O'Brien & Sons")]);
    let left_out = BTreeMap::from([("service organization", 1), ("system customer", 1)]);
    assert_eq!(central.stats().left_out, left_out);
    assert_eq!(
        wire.targets()[1..],
        ["/api/customers?pageNumber=1&pageSize=1000"]
    );
}

#[tokio::test]
async fn sites_are_companies_where_that_is_chosen() {
    let sites = NCentralConfig {
        companies: Companies::Sites,
        ..config(1_000)
    };
    let (central, wire) = made(sites, |sent| {
        if sent.target.starts_with("/api/sites?") {
            return list(&[json!({ "siteId": "201", "siteName": "Main", "parentId": "200" })]);
        }
        if sent.target.starts_with("/api/devices?") {
            let mut homeless = device(2);
            homeless["siteId"] = Value::Null;
            return list(&[device(1), homeless]);
        }
        missing()
    });
    let (companies, _) = all(central.companies()).await.unwrap();
    assert_eq!((&*companies[0].id, &*companies[0].name), ("201", "Main"));
    let (devices, _) = all(central.devices()).await.unwrap();
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.id, &*device.company_id), ("1", "201"));
    assert_eq!(device.location, None, "the site is the company");
    let left_out = BTreeMap::from([("device without a site", 1)]);
    assert_eq!(central.stats().left_out, left_out);
    assert!(!wire.targets().iter().any(|it| it.contains("/devices/2/")));
}

#[test]
fn the_names_of_the_choices_are_those_that_there_are() {
    let choices: Vec<_> = NCentral::COMPANIES
        .iter()
        .map(|name| Companies::named(name))
        .collect();
    assert_eq!(
        choices,
        [Some(Companies::Customers), Some(Companies::Sites)]
    );
    assert_eq!(choices[0], Some(Companies::default()));
    assert_eq!(Companies::named("groups"), None);
}

#[tokio::test]
async fn a_list_that_links_is_read_until_there_is_no_next_page() {
    let (central, wire) = central(2, |sent| {
        if !sent.target.starts_with("/api/devices?") {
            return missing();
        }
        let page = page_number(sent) as u64;
        let next = (page < 3).then(|| format!("/api/devices?pageNumber={}", page + 1));
        // More are said to be than this user sees.
        good(&json!({
            "data": [device(page * 2), device(page * 2 + 1)], "totalItems": 99, "totalPages": 50,
            "_links": { "firstPage": "/api/devices", "nextPage": next },
        }))
    });
    let (devices, _) = all(central.devices()).await.unwrap();
    let ids: Vec<&str> = devices.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["2", "3", "4", "5", "6", "7"]);
    let lists: Vec<String> = wire
        .targets()
        .into_iter()
        .filter(|it| it.contains('?'))
        .collect();
    let list = |page: u32| {
        format!("/api/devices?sortBy=deviceId&sortOrder=asc&pageNumber={page}&pageSize=2")
    };
    assert_eq!(lists, [list(1), list(2), list(3)]);
}

/// Customers by the page, as many as a server cuts, in an envelope.
async fn customers(total: &'static str, pages: usize, cut: usize, asked: u32) -> (usize, usize) {
    let (central, wire) = central(asked, move |sent| {
        let page = page_number(sent);
        let rows = (0..cut * usize::from(page <= pages)).map(|at| {
            let id = page * cut + at;
            json!({ "customerId": id.to_string(), "customerName": format!("C{id}") })
        });
        let mut body = json!({ "data": rows.collect::<Vec<_>>() });
        match total {
            "pages" => body["totalPages"] = pages.into(),
            "items" => body["totalItems"] = (pages * cut).into(),
            "text" => body["totalItems"] = (pages * cut).to_string().into(),
            "more" => body["totalItems"] = (pages * cut + 3).into(),
            _ => {}
        }
        good(&body)
    });
    let (companies, rejected) = all(central.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    (companies.len(), wire.targets().len() - 1)
}

#[tokio::test]
async fn a_list_that_does_not_link_ends_as_it_says_or_with_an_empty_page() {
    assert_eq!(customers("pages", 3, 2, 2).await, (6, 3));
    assert_eq!(customers("items", 3, 2, 2).await, (6, 3));
    assert_eq!(customers("text", 3, 2, 2).await, (6, 3));
    // A server that gives smaller pages than were asked for.
    assert_eq!(customers("items", 3, 2, 50).await, (6, 3));
    // Records that this user does not see.
    assert_eq!(customers("more", 3, 2, 2).await, (6, 4));
    // Nothing is said: a page that is not full is the last one.
    assert_eq!(customers("", 3, 2, 2).await, (6, 4));
    assert_eq!(customers("", 1, 2, 50).await, (2, 1));
}

#[tokio::test]
async fn a_list_that_never_ends_and_a_page_that_is_none_are_errors() {
    let (endless, _) = central(1, |_| {
        good(&json!({
            "data": [{ "customerId": "1", "customerName": "One" }],
            "_links": { "nextPage": "/api/customers?pageNumber=2" },
        }))
    });
    let error = all(endless.companies()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    for body in ["<html>Sign in</html>", "", "[]", "{}", r#"{"data":5}"#] {
        let (page, _) = central(1, move |_| {
            reply(200, &[("content-type", "text/html")], body)
        });
        let error = all(page.companies()).await.unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Body { .. }),
            "{body}: {error}"
        );
    }
}

#[tokio::test]
async fn words_of_the_core_engine_in_place_of_a_list_are_an_error() {
    for body in [
        json!({ "error message": "Query timed out" }),
        json!({ "data": null, "error message": "Query timed out" }),
    ] {
        let (central, wire) = central(1, move |_| good(&body));
        let error = all(central.companies()).await.unwrap_err();
        assert!(
            matches!(error.kind, ErrorKind::Status { status: 200, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("Query timed out"));
        assert_eq!(wire.targets().len(), 2, "it is not asked again");
    }
    let (central, _) = central(1, |_| good(&json!({ "error message": null })));
    let error = central.check().await.unwrap_err();
    assert!(error.to_string().contains("no reason"), "{error}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_and_passed() {
    let (central, wire) = central(1_000, |sent| {
        if sent.target.starts_with("/api/devices?") {
            list(&[
                json!({ "deviceId": 1, "customerId": null }),
                json!({ "deviceId": "x", "customerId": 200 }),
                json!({ "deviceId": 3 }),
                json!({ "deviceId": 4, "customerId": "200", "lastApplianceCheckinTime": "soon" }),
                json!({ "deviceId": "5", "customerId": "200" }),
            ])
        } else {
            missing()
        }
    });
    let (devices, rejected) = all(central.devices()).await.unwrap();
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.id, &*device.name), ("5", "5"));
    assert_eq!(
        rejected,
        [
            "record 1, field customerId: there is no number",
            "record x, field deviceId: `x` is no number that can be",
            "record 3, field customerId: missing field `customerId`",
            "record 4, field lastApplianceCheckinTime: `soon` is no time",
        ]
    );
    assert!(!wire.targets().iter().any(|it| it.contains("/devices/1/")));
}

fn whole_row() -> Value {
    json!({
        "deviceId": 1_204_417_733, "uri": "https://central.example/deepLinkAction.do?deviceID=1204417733",
        "remoteControlUri": "", "sourceUri": "10.9.0.15", "longName": "File server",
        "deviceClass": "Servers - Windows", "description": "", "isProbe": true, "osId": "winnt",
        "supportedOs": "Microsoft Windows Server 2022", "discoveredName": "OAK-FS01.oak.example",
        "deviceClassLabel": "Servers - Windows", "supportedOsLabel": "Windows Server 2022",
        "lastLoggedInUser": "OAK\\svc", "stillLoggedIn": "false", "licenseMode": "Professional",
        "orgUnitId": 312, "soId": 50, "soName": "MSP", "customerId": 305, "customerName": "Oakfield",
        "siteId": 312, "siteName": "Main", "applianceId": 77_120_031,
        "lastApplianceCheckinTime": "2025-10-09T11:58:03.250Z",
    })
}

fn whole_inventory() -> Value {
    json!({
        "os": { "reportedos": "Microsoft Windows Server 2022 Standard", "osarchitecture": "64-bit", "version": "10.0.20348" },
        "computersystem": {
            "serialnumber": "CN7016X9", "netbiosname": "OAK-FS01", "model": "PowerEdge T350",
            "totalphysicalmemory": "34359738368", "manufacturer": "Dell Inc.",
        },
        "networkadapter": { "list": [
            { "_index": 0, "ipaddress": "169.254.3.4", "description": "iDRAC", "macaddress": "D0:94:66:AA:10:00", "gateway": null },
            { "_index": 1, "ipaddress": "fe80::1, 10.9.0.14, 10.9.0.15", "description": "Broadcom", "macaddress": "D0:94:66:AA:10:01", "gateway": "10.9.0.1" },
            { "_index": 2, "ipaddress": "192.168.9.1", "description": "vEthernet", "macaddress": "00:15:5D:00:00:01", "gateway": "" },
        ] },
        "device": { "longname": "File server", "deleted": "false" },
        "processor": { "name": "Intel Xeon E-2336", "numberofcores": "6", "numberofcpus": "2" },
        "application": { "list": [] },
        "_extra": {
            "device": { "warrantyexpirydate": "2027-06-30", "customerid": "305" },
            "motherboard": { "serialnumber": ".CN7016X9.CNFCW000000001." },
            "os": { "lastbootuptime": "2025-09-30 04:12:00.5" },
            "logicaldevice": { "list": [{ "_index": 0, "maxcapacity": "1000", "volumename": "C:" }, { "_index": 1, "maxcapacity": "", "volumename": null }] },
        },
    })
}

#[tokio::test]
async fn a_device_has_all_that_its_row_and_its_inventory_say() {
    let (devices, rejected, wire) = devices_of(whole_row(), |target| {
        assert_eq!(target, "/api/devices/1204417733/assets");
        good(&json!({ "data": whole_inventory(), "_links": {} }))
    })
    .await;
    assert_eq!(rejected, [""; 0]);
    assert_eq!(wire.targets().len(), 3, "the lifecycle is not asked for");
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.id, &*device.company_id), ("1204417733", "305"));
    assert_eq!(
        (&*device.name, device.hostname.as_deref()),
        ("File server", Some("OAK-FS01"))
    );
    assert_eq!(device.device_type.as_deref(), Some("Servers - Windows"));
    assert_eq!(device.location.as_deref(), Some("Main"));
    assert_eq!(device.serial.as_deref(), Some("CN7016X9"));
    // The adapter with the address that the server knows comes first.
    let interfaces: Vec<_> = device
        .interfaces
        .iter()
        .map(|it| (it.name.as_deref(), it.mac.as_deref(), it.ip.as_deref()))
        .collect();
    assert_eq!(
        interfaces,
        [
            (
                Some("Broadcom"),
                Some("D0:94:66:AA:10:01"),
                Some("10.9.0.15")
            ),
            (Some("iDRAC"), Some("D0:94:66:AA:10:00"), None),
            (
                Some("vEthernet"),
                Some("00:15:5D:00:00:01"),
                Some("192.168.9.1")
            ),
        ]
    );
    assert_eq!(device.ip.as_deref(), Some("10.9.0.15"));
    assert_eq!(device.default_gateway.as_deref(), Some("10.9.0.1"));
    assert_eq!(device.manufacturer.as_deref(), Some("Dell Inc."));
    assert_eq!(device.model.as_deref(), Some("PowerEdge T350"));
    assert_eq!(
        device.operating_system.as_deref(),
        Some("Microsoft Windows Server 2022 Standard")
    );
    assert_eq!(
        (device.cpu.as_deref(), device.cpu_cores),
        (Some("Intel Xeon E-2336"), Some(12))
    );
    assert_eq!(device.memory_bytes, Some(34_359_738_368));
    let disks: Vec<_> = device
        .disks
        .iter()
        .map(|it| (&*it.name, it.size_bytes, it.free_bytes))
        .collect();
    assert_eq!(disks, [("C:", Some(1_000), None), ("", None, None)]);
    assert_eq!(device.last_user.as_deref(), Some("OAK\\svc"));
    assert_eq!(
        device.last_seen.unwrap().to_string(),
        "2025-10-09T11:58:03.25Z"
    );
    assert_eq!(
        device.last_reboot.unwrap().to_string(),
        "2025-09-30T04:12:00.5Z"
    );
    assert_eq!(
        device.warranty_expires_on.unwrap().to_string(),
        "2027-06-30"
    );
    assert_eq!(
        device.external_url.as_deref(),
        Some("https://central.example/deepLinkAction.do?deviceID=1204417733")
    );
}

#[tokio::test]
async fn what_is_watched_from_afar_has_hardly_any_and_its_warranty_by_another_call() {
    let mut row = device(7);
    row["deviceClass"] = "Switch/Router".into();
    row["discoveredName"] = "core.birch.example".into();
    row["sourceUri"] = "10.1.0.2".into();
    row["uri"] = "10.1.0.2".into();
    row["lastApplianceCheckinTime"] = Value::Null;
    row["lastLoggedInUser"] = "".into();
    let (devices, rejected, wire) = devices_of(row, |target| {
        if target.ends_with("/lifecycle-info") {
            return good(&json!({ "warrantyExpiryDate": "2028-01-01", "cost": 5.5 }));
        }
        let adapter = json!({ "ipaddress": null, "macaddress": "00:11:22:33:44:55" });
        good(&json!({ "data": { "networkadapter": { "list": [adapter] }, "device": { "deleted": "false" } } }))
    })
    .await;
    assert_eq!(rejected, [""; 0]);
    assert_eq!(
        wire.targets()[2..],
        [
            "/api/devices/7/assets",
            "/api/devices/7/assets/lifecycle-info"
        ]
    );
    let [device] = devices.try_into().unwrap();
    assert_eq!(device.hostname.as_deref(), Some("core.birch.example"));
    assert_eq!(device.primary_mac(), Some("00:11:22:33:44:55"));
    assert_eq!(
        device.ip.as_deref(),
        Some("10.1.0.2"),
        "of the row, at least"
    );
    assert_eq!(
        device.warranty_expires_on.unwrap().to_string(),
        "2028-01-01"
    );
    let none = (
        device.serial,
        device.model,
        device.operating_system,
        device.last_seen,
    );
    assert_eq!(none, (None, None, None, None));
    assert_eq!((device.last_user, device.external_url), (None, None));
}

#[tokio::test]
async fn a_device_without_an_inventory_is_delivered_without_details() {
    let (devices, rejected, wire) = devices_of(device(7), |_| missing()).await;
    assert_eq!(rejected, [""; 0]);
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.name, device.serial), ("PC-7", None));
    assert!(device.interfaces.is_empty());
    assert_eq!(wire.targets().len(), 4);
    for empty in [json!({ "data": null }), json!({ "data": {} }), json!({})] {
        let (devices, _, _) = devices_of(self::device(7), move |target| {
            if target.ends_with("/assets") {
                good(&empty)
            } else {
                missing()
            }
        })
        .await;
        assert_eq!(devices.len(), 1);
    }
}

#[tokio::test]
async fn a_device_that_was_deleted_since_is_left_out() {
    let (central, wire) = central(1_000, |sent| {
        if sent.target.starts_with("/api/devices?") {
            return list(&[device(1), device(2)]);
        }
        let deleted = sent.target.contains("/1/").to_string();
        good(
            &json!({ "data": { "device": { "deleted": deleted }, "_extra": { "device": { "warrantyexpirydate": null } } } }),
        )
    });
    let (devices, _) = all(central.devices()).await.unwrap();
    let ids: Vec<&str> = devices.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["2"]);
    assert_eq!(
        central.stats().left_out,
        BTreeMap::from([("deleted device", 1)])
    );
    assert!(!wire.targets().iter().any(|it| it.contains("lifecycle")));
}

#[tokio::test]
async fn a_detail_that_cannot_be_read_costs_its_device_alone() {
    let (central, _) = central(1_000, |sent| {
        let target = sent.target.as_str();
        if target.starts_with("/api/devices?") {
            return list(&[device(1), device(2), device(3), device(4)]);
        }
        if target.ends_with("lifecycle-info") {
            return good(&json!({ "warrantyExpiryDate": "soon" }));
        }
        good(&match target {
            "/api/devices/1/assets" => json!({ "error message": "Object is locked" }),
            "/api/devices/2/assets" => {
                json!({ "data": { "computersystem": { "totalphysicalmemory": "much" } } })
            }
            "/api/devices/3/assets" => json!({ "data": {} }),
            _ => json!({ "data": { "_extra": { "device": { "warrantyexpirydate": null } } } }),
        })
    });
    let (devices, rejected) = all(central.devices()).await.unwrap();
    let ids: Vec<&str> = devices.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["4"]);
    assert_eq!(
        rejected,
        [
            "record 1, field assets: Object is locked",
            "record 2, field assets.data.computersystem.totalphysicalmemory: `much` is no number that can be",
            "record 3, field lifecycle.warrantyExpiryDate: `soon` is no date",
        ]
    );
}

#[tokio::test]
async fn a_server_that_fails_over_a_detail_fails_the_walk() {
    for answered in [
        answer(500, r#"{"status":500,"message":"[ID=9] broken"}"#),
        reply(200, &[("content-type", "text/html")], "<html>"),
    ] {
        let answered = answered.unwrap();
        let (central, _) = central(1_000, move |sent| {
            if sent.target.starts_with("/api/devices?") {
                list(&[device(1)])
            } else {
                Ok(answered.clone())
            }
        });
        let mut walk = central.devices();
        assert!(walk.next_page().await.is_err());
        assert!(walk.next_page().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn names_are_read_as_the_machine_has_them() {
    let named = |netbios: Value, discovered: Value| async move {
        let mut row = device(1);
        row["longName"] = Value::Null;
        row["discoveredName"] = discovered;
        let (devices, _, _) = devices_of(row, move |target| {
            if target.ends_with("/assets") {
                good(&json!({ "data": { "computersystem": { "netbiosname": netbios } } }))
            } else {
                missing()
            }
        })
        .await;
        let [device] = devices.try_into().unwrap();
        (device.name, device.hostname)
    };
    for (netbios, discovered, expected) in [
        // Cut off after 15 letters, in capitals.
        (
            json!("LARK-FRONTDESK-"),
            json!("lark-frontdesk-07"),
            "lark-frontdesk-07",
        ),
        (json!("PC1"), json!("pc1.birch.example"), "pc1"),
        // The beginning of another name is another name.
        (json!("PC1"), json!("pc12"), "PC1"),
        (json!("PC1"), json!("10.0.0.4"), "PC1"),
        (json!("PC1"), json!(""), "PC1"),
        (json!(null), json!("10.0.0.4"), "10.0.0.4"),
        (json!(null), json!(null), "1"),
    ] {
        let (name, hostname) = named(netbios.clone(), discovered.clone()).await;
        assert_eq!(name, expected, "{netbios}, {discovered}");
        let none = netbios.is_null() && discovered.is_null();
        assert_eq!(hostname.is_none(), none);
    }
}

#[tokio::test]
async fn addresses_that_nobody_else_could_reach_are_none() {
    let adapter = |ip: &str| json!({ "ipaddress": ip, "macaddress": "" });
    let device = device_with(json!({ "networkadapter": { "list": [
        adapter("169.254.1.2;0.0.0.0"), adapter("fe80::1|10.0.0.7"), adapter("10.0.0.8 10.0.0.9"),
    ] } }))
    .await;
    let ips: Vec<_> = device
        .interfaces
        .iter()
        .map(|it| it.ip.as_deref())
        .collect();
    assert_eq!(ips, [None, Some("10.0.0.7"), Some("10.0.0.8")]);
    assert_eq!(device.ip.as_deref(), Some("10.0.0.7"));
    assert_eq!(device.primary_mac(), None);
}

#[tokio::test]
async fn numbers_are_read_whether_or_not_they_are_text() {
    let cores = |cores: Value, cpus: Value| async move {
        let processor = json!({ "name": "i5", "numberofcores": cores, "numberofcpus": cpus });
        let device = device_with(json!({
            "processor": processor, "computersystem": { "totalphysicalmemory": 1024, "serialnumber": 12345 },
        }))
        .await;
        assert_eq!(device.memory_bytes, Some(1_024));
        assert_eq!(device.serial.as_deref(), Some("12345"));
        device.cpu_cores
    };
    assert_eq!(cores(json!("4"), json!("2")).await, Some(8));
    assert_eq!(cores(json!(4), json!(null)).await, Some(4));
    assert_eq!(cores(json!(" 4 "), json!("0")).await, Some(4));
    assert_eq!(cores(json!(""), json!("1")).await, None);
    assert_eq!(cores(json!("99999999999"), json!("9")).await, None);
}

/// Keeps each call for a while and notes how many it holds at once, by what they ask.
#[derive(Debug, Default)]
struct Slow {
    running: AtomicUsize,
    most: AtomicUsize,
    served: AtomicUsize,
}

impl Transport for Slow {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Answer> {
        async move {
            let path = request.uri().path();
            if path == "/api/auth/authenticate" {
                return tokens("tok", 3_600);
            }
            if path == "/api/devices" {
                return list(&(1..=20).map(device).collect::<Vec<_>>());
            }
            let id: usize = path.split('/').nth(3).unwrap().parse().unwrap();
            let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(running, Ordering::Relaxed);
            // Later ones are done earlier.
            for _ in 0..100 - id {
                tokio::task::yield_now().await;
            }
            self.running.fetch_sub(1, Ordering::Relaxed);
            self.served.fetch_add(1, Ordering::Relaxed);
            let serial = format!("SN{id}");
            good(&json!({ "data": {
                "computersystem": { "serialnumber": serial }, "_extra": { "device": { "warrantyexpirydate": null } },
            } }))
        }
        .boxed()
    }
}

#[tokio::test]
async fn so_many_inventories_are_read_at_once_and_stay_in_order() {
    for (asked, most) in [(0, 1), (1, 1), (3, 3), (50, 20)] {
        let slow = Arc::new(Slow::default());
        let config = NCentralConfig {
            asset_concurrency: asked,
            ..config(1_000)
        };
        let central = NCentral::new(config, Arc::clone(&slow) as _, clock(), 1).unwrap();
        let (devices, _) = all(central.devices()).await.unwrap();
        for (at, device) in devices.iter().enumerate() {
            assert_eq!(device.id, (at + 1).to_string());
            assert_eq!(device.serial, Some(format!("SN{}", at + 1)));
        }
        assert_eq!(slow.most.load(Ordering::Relaxed), most, "{asked}");
        assert_eq!(slow.served.load(Ordering::Relaxed), 20);
    }
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_after_longer_and_longer() {
    let clock = clock();
    let wire = Scripted::new(&clock, |number, sent| match sent.target.as_str() {
        "/api/auth/authenticate" => tokens("tok", 3_600),
        _ if number < 5 => answer(429, r#"{"status":429,"message":"Too many requests"}"#),
        _ => list(&[]),
    });
    let central = NCentral::new(config(1), Arc::clone(&wire) as _, clock, 1).unwrap();
    central.check().await.unwrap();
    let times = wire.times();
    let waits: Vec<i64> = times[1..]
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    for (wait, least) in waits.iter().zip([2_000, 2_000, 4_000, 8_000]) {
        assert!((least..=least * 2).contains(wait), "{waits:?}");
    }
    assert_eq!(waits.len(), 4);
}

proptest! {
    /// Whatever stands in an inventory, the walk ends with a device, a rejected one, or an error.
    #[test]
    fn no_inventory_breaks_the_walk(
        section in prop::sample::select(vec!["os", "computersystem", "networkadapter", "processor", "device", "_extra"]),
        name in prop::sample::select(vec!["list", "netbiosname", "numberofcores", "deleted", "device", "logicaldevice", "totalphysicalmemory"]),
        value in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!(true)), Just(json!([null])),
            Just(json!([{ "ipaddress": "é, ,;|1.2.3.4", "macaddress": 5 }])),
            any::<i64>().prop_map(Value::from), ".{0,12}".prop_map(Value::from),
            Just(json!({ "list": [{ "maxcapacity": "x" }], "warrantyexpirydate": 5 })),
        ],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let body = json!({ "data": { section: { name: value } } });
        let (devices, rejected, _) = runtime.block_on(devices_of(device(1), move |target| {
            if target.ends_with("/assets") { good(&body) } else { missing() }
        }));
        prop_assert!(devices.len() + rejected.len() <= 1);
    }
}
