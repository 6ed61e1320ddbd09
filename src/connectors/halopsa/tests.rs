//! Against replies of the vendor's shape, written by hand.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{HaloConfig, HaloPsa};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, PsaConnector};
use crate::model::{RemoteEmail, RemotePhone};
use crate::transport::{RetryPolicy, Secret};

const SECRET: &str = "s3cret&=";

fn config(page_size: u32) -> HaloConfig {
    HaloConfig {
        base_url: "http://halo.example".to_owned(),
        client_id: "2f5e".to_owned(),
        client_secret: Secret::new(SECRET),
        page_size,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

/// A connector whose tokens are `tok-0`, `tok-1` ..., and whose other requests a function answers.
fn halo(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (HaloPsa, Arc<Scripted>) {
    let clock = clock();
    let tokens = std::sync::atomic::AtomicU32::new(0);
    let wire = Scripted::new(&clock, move |_, sent| {
        if sent.target != "/auth/token" {
            return script(sent);
        }
        let number = tokens.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let token = json!({ "access_token": format!("tok-{number}"), "token_type": "Bearer", "expires_in": 3600 });
        answer(200, token.to_string())
    });
    let halo = HaloPsa::new(config(page_size), Arc::clone(&wire) as _, clock, 1).unwrap();
    (halo, wire)
}

fn page(name: &str, count: usize, rows: &[Value]) -> Answer {
    answer(
        200,
        json!({ "record_count": count, name: rows }).to_string(),
    )
}

/// A list in pages of one row.
fn in_turn(name: &'static str, rows: Vec<Value>) -> impl Fn(&Sent) -> Answer {
    move |sent| {
        let number: usize = sent
            .target
            .rsplit_once("page_no=")
            .unwrap()
            .1
            .parse()
            .unwrap();
        let row: Vec<Value> = rows.get(number - 1).cloned().into_iter().collect();
        page(name, rows.len(), &row)
    }
}

fn bearer(sent: &Sent) -> &str {
    sent.headers["authorization"].to_str().unwrap()
}

#[tokio::test]
async fn it_logs_in_by_client_credentials_and_asks_with_the_token() {
    let (halo, wire) = halo(100, |_| answer(200, r#"{"product_name":"HaloPSA"}"#));
    halo.check().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].target, "/auth/token");
    assert_eq!(
        sent[0].headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        std::str::from_utf8(&sent[0].body).unwrap(),
        "grant_type=client_credentials&client_id=2f5e&client_secret=s3cret%26%3D&scope=all"
    );
    assert!(!sent[0].headers.contains_key("authorization"));
    assert_eq!(sent[1].target, "/api/InstanceInfo");
    assert_eq!(bearer(&sent[1]), "Bearer tok-0");
}

#[tokio::test]
async fn an_expired_token_is_replaced_once() {
    let (halo, wire) = halo(100, |sent| match bearer(sent) {
        "Bearer tok-0" => answer(401, r#"{"error":"expired"}"#),
        _ => page("clients", 0, &[]),
    });
    let (clients, rejected) = all(halo.organizations()).await.unwrap();
    assert!(clients.is_empty() && rejected.is_empty());
    let targets = wire.targets();
    assert_eq!(targets.len(), 4, "{targets:?}");
    assert_eq!(targets[0], targets[2]);
    assert_eq!(targets[1], targets[3]);
}

#[tokio::test]
async fn wrong_credentials_are_told_without_the_secret() {
    for status in [400, 401] {
        let clock = clock();
        let wire = Scripted::new(&clock, move |_, _| {
            let words = format!("the secret {SECRET} is unknown");
            let body = json!({ "error": "invalid_client", "error_description": words });
            answer(status, body.to_string())
        });
        let halo = HaloPsa::new(config(1), Arc::clone(&wire) as _, clock, 1).unwrap();
        let error = halo.check().await.unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error.kind, ErrorKind::Unauthorized { status: own, .. } if own == status),
            "{text}"
        );
        assert!(text.contains("check client_id and client_secret"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
        assert_eq!(wire.targets().len(), 1, "it is not tried again");
    }
    assert!(!format!("{:?}", config(1)).contains(SECRET));
}

#[tokio::test]
async fn clients_are_organizations_of_their_top_level() {
    let (halo, wire) = halo(2, |sent| {
        let one = json!({
            "id": 412, "name": "Fabrikam Dental", "toplevel_id": 3, "toplevel_name": "Customers",
            "inactive": false, "main_site_id": 733, "main_site_name": "Main",
        });
        let two = json!({ "id": 413, "name": " Gone ", "toplevel_name": "", "inactive": true, "main_site_id": 0 });
        let three = json!({ "id": 414, "name": "Bare" });
        if sent.target.ends_with("page_no=1") {
            page("clients", 3, &[one, two])
        } else {
            page("clients", 3, &[three])
        }
    });
    let (clients, rejected) = all(halo.organizations()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert_eq!(
        wire.targets()[1..],
        [
            "/api/Client?includeinactive=true&pageinate=true&page_size=2&page_no=1",
            "/api/Client?includeinactive=true&pageinate=true&page_size=2&page_no=2",
        ]
    );
    let [one, two, three] = clients.try_into().unwrap();
    assert_eq!((&*one.id, &*one.name), ("412", "Fabrikam Dental"));
    assert_eq!(one.types, ["Customers"]);
    assert_eq!(one.status.as_deref(), Some("Active"));
    assert_eq!(one.primary_location_id.as_deref(), Some("733"));
    assert_eq!(two.name, " Gone ");
    assert!(two.types.is_empty());
    assert_eq!(two.status.as_deref(), Some("Inactive"));
    assert_eq!(two.primary_location_id, None);
    assert_eq!(three.status.as_deref(), Some("Active"));
}

#[tokio::test]
async fn sites_are_locations_and_their_client_says_which_is_the_main_one() {
    let (halo, _) = halo(100, |sent| {
        if sent.target.starts_with("/api/Client") {
            let client = json!({ "id": 412, "name": "Fabrikam", "main_site_id": 733 });
            return page("clients", 1, &[client]);
        }
        assert!(sent.target.starts_with("/api/Site?includeinactive=true&"));
        let main = json!({
            "id": 733, "name": "Main", "client_id": 412.0, "inactive": false,
            "phonenumber": "902-555-0101", "country_code_name": "Canada",
            "delivery_address": {
                "id": 51, "line1": "12 Harbour St", "line2": "", "line3": "Halifax", "line4": "NS",
                "postcode": "B3H 1A1",
            },
        });
        let other = json!({ "id": 734, "name": "Depot", "client_id": 412, "inactive": true, "delivery_address": null });
        let of_another = json!({ "id": 735, "name": "Elsewhere", "client_id": 9 });
        page("sites", 3, &[main, other, of_another])
    });
    let (sites, _) = all(halo.locations(vec!["412".to_owned()])).await.unwrap();
    let [main, other] = sites.try_into().unwrap();
    assert_eq!(main.organization_id, "412");
    assert!(main.primary && !main.inactive);
    assert_eq!(main.address_1.as_deref(), Some("12 Harbour St"));
    assert_eq!(main.address_2, None);
    assert_eq!(main.city.as_deref(), Some("Halifax"));
    assert_eq!(main.region.as_deref(), Some("NS"));
    assert_eq!(main.postal_code.as_deref(), Some("B3H 1A1"));
    assert_eq!(main.country.as_deref(), Some("Canada"));
    assert_eq!(main.phone.as_deref(), Some("902-555-0101"));
    assert!(!other.primary && other.inactive);
}

#[tokio::test]
async fn pages_that_hold_no_wanted_site_do_not_end_the_list() {
    let mut rows: Vec<Value> = (1..=5)
        .map(|id| json!({ "id": id, "name": "Of others", "client_id": 9 }))
        .collect();
    rows.push(json!({ "id": 6, "name": "Wanted", "client_id": 412 }));
    let sites = in_turn("sites", rows);
    let (halo, wire) = halo(1, move |sent| {
        if sent.target.starts_with("/api/Client") {
            return page("clients", 0, &[]);
        }
        sites(sent)
    });
    let (sites, _) = all(halo.locations(vec!["412".to_owned()])).await.unwrap();
    assert_eq!(sites.len(), 1);
    assert_eq!(sites[0].name, "Wanted");
    assert_eq!(wire.targets().len(), 1 + 1 + 6);
}

#[tokio::test]
async fn users_are_contacts() {
    let (halo, wire) = halo(100, |_| {
        let pat = json!({
            "id": 2051, "name": "Pat Rowe", "firstname": "Pat", "surname": "Rowe", "title": "Office manager",
            "site_id": 733, "client_id": 412.0, "emailaddress": "pat@fabrikam.example", "email2": "",
            "email3": "rowe@fabrikam.example", "phonenumber": "902-555-0102", "mobilenumber": "",
            "homenumber": "902-555-0199", "fax": "902-555-0103", "inactive": false,
        });
        let desk = json!({ "id": 2052, "name": "Front desk", "firstname": "", "surname": null, "site_id": 0, "client_id": 412, "inactive": true });
        page("users", 2, &[pat, desk])
    });
    let (users, _) = all(halo.contacts()).await.unwrap();
    assert!(wire.targets()[1].starts_with("/api/Users?includeinactive=true&"));
    let [pat, desk] = users.try_into().unwrap();
    assert_eq!(pat.organization_id.as_deref(), Some("412"));
    assert_eq!(pat.location_id.as_deref(), Some("733"));
    assert_eq!(
        (&*pat.first_name, pat.last_name.as_deref()),
        ("Pat", Some("Rowe"))
    );
    assert_eq!(pat.title.as_deref(), Some("Office manager"));
    let email = |address: &str, primary| RemoteEmail {
        address: address.to_owned(),
        label: None,
        primary,
    };
    assert_eq!(
        pat.emails,
        [
            email("pat@fabrikam.example", true),
            email("rowe@fabrikam.example", false)
        ]
    );
    let phone = |number: &str, label: &str, primary| RemotePhone {
        number: number.to_owned(),
        extension: None,
        label: Some(label.to_owned()),
        primary,
    };
    assert_eq!(
        pat.phones,
        [
            phone("902-555-0102", "Phone", true),
            phone("902-555-0199", "Home", false),
            phone("902-555-0103", "Fax", false),
        ]
    );
    assert_eq!(
        (&*desk.first_name, desk.last_name.as_deref()),
        ("Front desk", None)
    );
    assert_eq!(desk.location_id, None);
    assert!(desk.inactive && desk.emails.is_empty() && desk.phones.is_empty());
}

#[tokio::test]
async fn assets_are_configurations_whose_technical_fields_go_by_name() {
    let (halo, wire) = halo(100, |_| {
        let server = json!({
            "id": 9001, "inventory_number": "A-0042", "key_field": "FAB-SRV01", "key_field2": "MX240917K2",
            "client_id": 412, "site_id": 733, "users": [{ "id": 2051, "name": "Pat Rowe" }],
            "assettype_name": "Server", "inactive": false, "status_name": "In use",
            "warranty_end": "2026-06-01T00:00:00", "supplier_purchasedate": "1900-01-01T00:00:00", "notes": "",
            "fields": [
                { "id": 5, "name": "serial NUMBER", "value": "MX240917K2", "display": "" },
                { "id": 6, "name": "Manufacturer", "value": 17, "display": "Dell" },
                { "id": 7, "name": "Model", "value": 350, "display": null },
                { "id": 8, "name": "MAC Address", "value": "00:1A:2B:3C:4D:5E, 00:1A:2B:3C:4D:5F" },
                { "id": 9, "name": "Operating System", "value": "Windows Server 2022" },
                { "id": 10, "name": "IP Address", "value": "10.20.0.5" },
                { "id": 11, "name": "Default Gateway", "value": "10.20.0.1" },
                { "id": 12, "name": "Rack", "value": "7" },
                { "id": 13, "name": null, "value": null },
            ],
        });
        let bare = json!({ "id": 9002, "inventory_number": "A-0043", "key_field": "", "client_id": 412, "users": null, "fields": null });
        page("assets", 2, &[server, bare])
    });
    let (assets, rejected) = all(halo.configurations()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    assert!(
        wire.targets()[1].starts_with("/api/Asset?includeinactive=true&includeassetfields=true&")
    );
    let [server, bare] = assets.try_into().unwrap();
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    assert_eq!(server.name, "FAB-SRV01");
    assert_eq!(
        [
            &server.asset_tag,
            &server.configuration_type,
            &server.status,
            &server.location_id,
            &server.contact_id,
            &server.serial,
            &server.manufacturer,
            &server.model,
            &server.mac,
            &server.operating_system,
            &server.ip,
            &server.default_gateway,
            &server.notes,
        ]
        .map(text),
        [
            "A-0042",
            "Server",
            "In use",
            "733",
            "2051",
            "MX240917K2",
            "Dell",
            "350",
            "00:1A:2B:3C:4D:5E, 00:1A:2B:3C:4D:5F",
            "Windows Server 2022",
            "10.20.0.5",
            "10.20.0.1",
            "-",
        ]
    );
    assert_eq!(
        server.warranty_expires_on.unwrap().to_string(),
        "2026-06-01"
    );
    assert_eq!(server.purchased_on, None, "1900 stands for none");
    assert_eq!(bare.name, "A-0043");
    assert_eq!(bare.contact_id, None);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_what_comes_twice_comes_once() {
    let rows = vec![
        json!({ "id": 1, "name": "One" }),
        json!({ "id": 1, "name": "One" }),
        json!({ "id": 2, "name": 17 }),
        json!({ "id": 3, "name": "Three" }),
    ];
    let (halo, _) = halo(1, in_turn("clients", rows));
    let (clients, rejected) = all(halo.organizations()).await.unwrap();
    let ids: Vec<&str> = clients.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["1", "3"]);
    let [told]: [String; 1] = rejected.try_into().unwrap();
    assert!(told.contains('2') && told.contains("name"), "{told}");
}

#[tokio::test]
async fn a_list_that_says_the_same_for_ever_is_an_error() {
    let (halo, wire) = halo(1, |_| {
        page("clients", 999, &[json!({ "id": 1, "name": "One" })])
    });
    let error = all(halo.organizations()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    assert_eq!(wire.targets().len(), 1 + 4);
}

#[tokio::test]
async fn lists_of_names_come_whole() {
    let (halo, wire) = halo(100, |_| {
        answer(
            200,
            r#"[{"id":1,"name":"Server"},{"id":2,"name":"Laptop"}]"#,
        )
    });
    for (types, path) in [
        (halo.organization_types().await, "/api/TopLevel"),
        (halo.configuration_types().await, "/api/AssetType"),
        (
            halo.configuration_statuses().await,
            "/api/Status?type=asset",
        ),
    ] {
        let names: Vec<String> = types.unwrap().into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["Server", "Laptop"]);
        assert!(wire.targets().contains(&path.to_owned()));
    }
    let flags = halo.organization_statuses().await.unwrap();
    assert_eq!(flags.len(), 2);
}

#[tokio::test]
async fn a_reply_that_is_no_list_is_an_error_that_says_what_came() {
    for (body, media, word) in [
        ("<html>Sign in</html>", "text/html", "text/html"),
        (r#"{"record_count":1}"#, "application/json", "no list"),
        (r#"{"clients":{}}"#, "application/json", "sequence"),
    ] {
        let (halo, _) = halo(100, move |_| reply(200, &[("content-type", media)], body));
        let error = all(halo.organizations()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Body { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn addresses_and_page_sizes_are_checked() {
    let make = |change: fn(&mut HaloConfig)| {
        let mut config = config(100);
        change(&mut config);
        let clock = clock();
        let wire = Scripted::new(&clock, |_, _| answer(200, "{}"));
        HaloPsa::new(config, wire, clock, 1)
            .err()
            .map(|error| error.code())
    };
    assert_eq!(make(|_| ()), None);
    assert_eq!(
        make(|config| "halo.example".clone_into(&mut config.base_url)),
        Some("base-url")
    );
    assert_eq!(make(|config| config.page_size = 101), Some("page-size"));
    assert_eq!(make(|config| config.page_size = 0), Some("page-size"));
}

/// What changed: users behind others move forward when one of those goes, and are read all the same.
#[tokio::test]
async fn a_walk_over_changes_goes_back_when_the_list_gets_shorter() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let user = |id: i64| json!({ "id": id, "firstname": "A", "surname": "B", "client_id": 2 });
    let (halo, wire) = halo(1, move |sent| {
        // The first one goes after it was read.
        let gone = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0;
        let ids: Vec<i64> = if gone { vec![2, 3] } else { vec![1, 2, 3] };
        let rows: Vec<Value> = ids.into_iter().map(user).collect();
        in_turn("users", rows)(sent)
    });
    let changes = halo.changes().unwrap();
    let since = "2025-06-01T10:00:00.0129Z".parse().unwrap();
    let (users, _) = all(changes.contacts(since).unwrap()).await.unwrap();
    let ids: Vec<&str> = users.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    let page = "pageinate=true&page_size=1&page_no";
    let list = "/api/Users?includeinactive=true&lastupdatefromdate=2025-06-01T10:00:00.012Z";
    let numbers = [1, 2, 1, 2].map(|number| format!("{list}&{page}={number}"));
    assert_eq!(wire.targets()[1..], numbers);
}

#[tokio::test]
async fn a_count_is_read_from_a_page_of_one() {
    let (halo, wire) = halo(100, |_| page("clients", 137, &[]));
    let changes = halo.changes().unwrap();
    let count = changes.count(crate::model::RecordKind::Organization).await;
    assert_eq!(count.unwrap(), Some(137));
    let path = "/api/Client?includeinactive=true&pageinate=true&page_size=1&page_no=1";
    assert_eq!(wire.targets()[1], path);
}
