//! Against replies of the vendor's shape, written by hand.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{AutomateConfig, ConnectwiseAutomate};
use crate::connectors::testing::{Answer, Scripted, Sent, all, all_pages, clock, json as answer};
use crate::connectors::{ErrorKind, RmmConnector};
use crate::transport::{Clock as _, RetryPolicy, Secret, SimulatedClock};

const PASSWORD: &str = "s3cret&=";

fn config(page_size: u32, company: Option<&str>) -> AutomateConfig {
    AutomateConfig {
        base_url: "http://rmm.example/cwa/api/v1".to_owned(),
        user_name: "integration".to_owned(),
        password: Secret::new(PASSWORD),
        client_id: "6b4f".to_owned(),
        company: company.map(str::to_owned),
        page_size,
        detail_concurrency: 3,
        remembered_bytes: 1 << 20,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

fn token(text: &str, end: &str) -> Answer {
    let body = json!({
        "AccessToken": text, "TokenType": "Bearer", "ExpirationDate": end, "IsTwoFactorRequired": false,
    });
    answer(200, body.to_string())
}

/// A connector that is handed a token, and whose other requests a function answers.
fn automate_of(
    page_size: u32,
    company: Option<&str>,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (ConnectwiseAutomate, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| match sent.target.as_str() {
        "/cwa/api/v1/apitoken" => token("tok", "2025-06-01T01:00:00+00:00"),
        _ => script(sent),
    });
    let config = config(page_size, company);
    let automate = ConnectwiseAutomate::new(config, Arc::clone(&wire) as _, clock, 1).unwrap();
    (automate, wire)
}

fn automate(
    page_size: u32,
    script: impl Fn(&Sent) -> Answer + Send + Sync + 'static,
) -> (ConnectwiseAutomate, Arc<Scripted>) {
    automate_of(page_size, None, script)
}

/// The page of these rows that a request asks for.
fn page(sent: &Sent, rows: &[Value]) -> Answer {
    let number = |name: &str| -> usize {
        let (_, rest) = sent.target.split_once(name).unwrap();
        rest.split('&').next().unwrap().parse().unwrap()
    };
    let (size, page) = (number("pageSize="), number("page="));
    let rows = rows.iter().skip((page - 1) * size).take(size);
    answer(200, rows.cloned().collect::<Value>().to_string())
}

/// A server with these rows; lists that are not named are empty, and so are processors.
fn server(lists: &[(&str, Value)]) -> impl Fn(&Sent) -> Answer + Send + Sync + 'static {
    let lists: Vec<(String, Vec<Value>)> = lists
        .iter()
        .map(|(name, rows)| {
            let path = format!("/cwa/api/v1/{name}");
            (path, rows.as_array().unwrap().clone())
        })
        .collect();
    move |sent| {
        let path = sent.target.split('?').next().unwrap();
        match lists.iter().find(|(own, _)| own == path) {
            Some((_, rows)) if sent.target.contains("page=") => page(sent, rows),
            Some((_, rows)) => answer(200, Value::from(rows.clone()).to_string()),
            None => answer(200, "[]"),
        }
    }
}

/// A computer of the client 12 with little more than its id.
fn computer(id: u32) -> Value {
    json!({
        "Id": id.to_string(), "Client": { "Id": "12", "Name": "Quarry" },
        "Location": { "Id": 31, "Name": "Yard" }, "ComputerName": format!("PC{id}"),
    })
}

#[tokio::test]
async fn it_logs_in_as_a_user_and_names_the_integration_on_every_request() {
    let (automate, wire) = automate(1_000, server(&[]));
    automate.check().await.unwrap();
    let sent = wire.sent.lock().unwrap();
    assert_eq!(sent[0].route(), "POST /cwa/api/v1/apitoken");
    let expected = json!({ "UserName": "integration", "Password": PASSWORD });
    assert_eq!(sent[0].json(), expected);
    assert!(!sent[0].headers.contains_key("authorization"));
    assert_eq!(
        sent[1].target,
        "/cwa/api/v1/clients?pageSize=1&includeFields=Id"
    );
    assert_eq!(sent[1].headers["authorization"], "Bearer tok");
    for one in &*sent {
        assert_eq!(one.headers["clientid"], "6b4f");
    }
}

#[tokio::test]
async fn a_page_that_is_no_list_proves_nothing() {
    let (automate, _) = automate(1_000, |_| answer(200, r#"{"message":"sign in"}"#));
    let error = automate.check().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Body { .. }), "{error}");
}

/// What a login that is answered so comes to.
async fn refusal(status: u16, body: Value) -> (ErrorKind, String) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, _| answer(status, body.to_string()));
    let automate = ConnectwiseAutomate::new(config(1, None), wire, clock, 1).unwrap();
    let error = automate.check().await.unwrap_err();
    let text = error.to_string();
    assert!(!text.contains(PASSWORD), "{text}");
    (error.kind, text)
}

#[tokio::test]
async fn refused_logins_say_what_to_check_and_not_the_password() {
    let body =
        json!({ "code": "Unauthorized", "message": format!("not {PASSWORD}"), "errors": [] });
    let (kind, text) = refusal(401, body).await;
    assert!(matches!(kind, ErrorKind::Unauthorized { status: 401, .. }));
    assert!(
        text.contains("check user_name, password and client_id"),
        "{text}"
    );
    let body = json!({ "AccessToken": null, "IsTwoFactorRequired": true });
    let (kind, text) = refusal(200, body).await;
    assert!(matches!(kind, ErrorKind::Unauthorized { .. }));
    assert!(text.contains("second factor"), "{text}");
    for body in [
        json!({ "AccessToken": null }),
        json!({ "AccessToken": "" }),
        json!({ "AccessToken": "a\nb" }),
        json!({ "AccessToken": 7 }),
        json!([]),
    ] {
        let (kind, text) = refusal(200, body).await;
        assert!(matches!(kind, ErrorKind::Body { .. }), "{text}");
    }
    assert!(!format!("{:?}", config(1, None)).contains(PASSWORD));
}

/// Plays two checks, `wait_s` seconds apart, with a vendor that answers a refresh so; gives the routes.
async fn twice(wait_s: i64, refresh: fn() -> Answer) -> Vec<String> {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| match sent.route().as_str() {
        "POST /cwa/api/v1/apitoken" => token("first", "2025-06-01T01:00:00+00:00"),
        "POST /cwa/api/v1/apitoken/refresh" => {
            assert_eq!(sent.json(), "first");
            refresh()
        }
        _ => answer(200, "[]"),
    });
    let shared: Arc<SimulatedClock> = Arc::clone(&clock);
    let automate =
        ConnectwiseAutomate::new(config(1, None), Arc::clone(&wire) as _, clock, 1).unwrap();
    automate.check().await.unwrap();
    let then = shared.now() + jiff::SignedDuration::from_secs(wait_s);
    shared.sleep_until(then).await;
    automate.check().await.unwrap();
    let routes = wire.routes();
    routes
        .iter()
        .map(|route| route.replace("/cwa/api/v1", ""))
        .collect()
}

#[tokio::test]
async fn a_token_is_kept_and_refreshed_while_it_is_good() {
    let (login, refresh, read) = ("POST /apitoken", "POST /apitoken/refresh", "GET /clients");
    let good = || token("second", "2025-06-01T02:00:00+00:00");
    assert_eq!(twice(3_000, good).await, [login, read, read]);
    // A minute before its end.
    assert_eq!(twice(3_541, good).await, [login, read, refresh, read]);
    assert_eq!(twice(3_600, good).await, [login, read, login, read]);
    for refused in [
        || answer(401, "{}"),
        || answer(404, "{}"),
        || answer(200, "{}"),
    ] {
        let routes = twice(3_541, refused).await;
        assert_eq!(routes, [login, read, refresh, login, read]);
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let (automate, wire) = automate(1, |sent| match sent.headers.get("authorization") {
        Some(header) if header == "Bearer tok" => answer(401, "{}"),
        Some(_) => answer(200, "[]"),
        None => token("new", "2025-06-01T01:00:00+00:00"),
    });
    automate.check().await.unwrap();
    let routes = wire.routes();
    let expected = ["apitoken", "clients", "apitoken/refresh", "clients"];
    let names: Vec<&str> = (routes.iter())
        .map(|route| route.split_once("/v1/").unwrap().1)
        .collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_list_ends_in_an_empty_page_and_not_in_a_short_one() {
    let rows: Vec<Value> = (2..7)
        .map(|id| json!({ "Id": id.to_string(), "Name": format!("Client {id}") }))
        .collect();
    // The server gives two records where three are asked for.
    let (automate, wire) = automate(3, move |sent| {
        let (_, number) = sent.target.rsplit_once("page=").unwrap();
        let page: usize = number.parse().unwrap();
        let rows = rows.iter().skip((page - 1) * 2).take(2);
        answer(200, rows.cloned().collect::<Value>().to_string())
    });
    let (companies, rejected) = all(automate.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let ids: Vec<&str> = companies.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["2", "3", "4", "5", "6"]);
    let base = "/cwa/api/v1/clients?orderBy=Id%20asc&pageSize=3&page=";
    let expected: Vec<String> = (1..5).map(|page| format!("{base}{page}")).collect();
    assert_eq!(wire.targets()[1..], expected);
}

#[tokio::test]
async fn a_list_that_never_ends_is_told() {
    let (automate, _) = automate(1, |_| answer(200, r#"[{"Id":"2","Name":"Same"}]"#));
    let error = all(automate.companies()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
}

#[tokio::test]
async fn the_server_s_own_entries_are_left_out_by_id_and_name() {
    let clients = json!([
        { "Id": "1", "Name": "New Computers" },
        { "Id": "2", "Name": "New Computers" },
        { "Id": "3", "Name": "Quarry" },
        { "Id": "4", "Name": null },
        { "Id": "x", "Name": "No id" },
    ]);
    let (automate, _) = automate(2, server(&[("clients", clients)]));
    let (companies, rejected) = all(automate.companies()).await.unwrap();
    let ids: Vec<&str> = companies.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["2", "3"]);
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert_eq!(automate.stats().left_out["system entry"], 1);
    // A client that only has the first id is a customer's.
    let clients = json!([{ "Id": "1", "Name": "Northwind IT" }]);
    let (automate, _) = self::automate(2, server(&[("clients", clients)]));
    assert_eq!(all(automate.companies()).await.unwrap().0[0].id, "1");
    assert!(automate.stats().left_out.is_empty());
}

#[tokio::test]
async fn locations_play_the_company_where_that_is_chosen() {
    let locations = json!([
        { "Id": 1, "Client": { "Id": "1", "Name": "New Computers" }, "Name": "New Computers" },
        { "Id": 31, "Client": { "Id": "12", "Name": "Quarry" }, "Name": "Yard" },
    ]);
    let mut nowhere = computer(7);
    nowhere["Location"] = Value::Null;
    let mut unsorted = computer(8);
    unsorted["Location"] = json!({ "Id": 1, "Name": "New Computers" });
    let switch = json!({
        "Id": "5", "Client": { "Id": "12" }, "Location": { "Id": 31, "Name": "Yard" }, "Name": "SW",
    });
    let script = server(&[
        ("locations", locations),
        ("computers", json!([computer(5), nowhere, unsorted])),
        ("networkdevices", json!([switch])),
    ]);
    let (automate, _) = automate_of(9, Some("locations"), script);
    let (companies, _) = all(automate.companies()).await.unwrap();
    let told: Vec<(&str, &str)> = companies.iter().map(|it| (&*it.id, &*it.name)).collect();
    assert_eq!(told, [("location-31", "Yard")]);
    let (devices, rejected) = all(automate.devices()).await.unwrap();
    let told: Vec<(&str, &str)> = (devices.iter())
        .map(|it| (&*it.id, &*it.company_id))
        .collect();
    assert_eq!(told, [("5", "location-31"), ("network-5", "location-31")]);
    assert_eq!(
        rejected,
        ["record 7, field Location: it is missing, and plays the company"]
    );
    let stats = automate.stats();
    assert_eq!(stats.left_out["system entry"], 1);
    assert_eq!(stats.left_out["device of no client"], 1);
    let wrong = config(9, Some("groups"));
    let (wire, clock) = (Scripted::new(&clock(), |_, _| answer(200, "")), clock());
    let error = ConnectwiseAutomate::new(wrong, wire, clock, 1).unwrap_err();
    assert_eq!(error.code(), "company");
}

#[tokio::test]
async fn a_computer_has_what_its_rows_say_wherever_they_are() {
    let row = json!({
        "Id": "4312", "Client": { "Id": "12", "Name": "Quarry" }, "Location": { "Id": 31, "Name": "Yard" },
        "ComputerName": "QSC-WS14", "FriendlyName": "Front desk",
        "OperatingSystemName": "Microsoft Windows 11 Pro x64", "OperatingSystemVersion": "10.0.22631",
        "Type": "Workstation", "Status": "Online", "RemoteAgentLastContact": "2025-10-09T08:03:00",
        "LastInventoryReceived": "2025-10-08T22:10:44", "LastStartup": "2025-10-01T06:00:00.25",
        "LocalIPAddress": "172.16.4.14", "GatewayIPAddress": "198.51.100.77",
        "MACAddress": "3C-52-82-0A-0B-0C", "TotalMemory": 16_235, "LastUserName": "QSC\\yard1",
        "WarrantyEndDate": "2026-04-01T00:00:00", "SerialNumber": "5CG3121ABC", "BiosManufacturer": "Insyde",
    });
    let script = server(&[
        ("computers", json!([row])),
        (
            "computers/chassis",
            json!([
                { "ComputerId": 9, "Manufacturer": "Other" },
                { "ComputerId": 4312, "Manufacturer": "HP", "ProductName": "EliteBook 840", "SerialNumber": "CH-1" },
            ]),
        ),
        (
            "computers/drives",
            json!([
                { "DriveId": 1, "ComputerId": 4312, "Letter": "C", "Size": 488_281, "FreeSpace": 3 },
                { "DriveId": 2, "ComputerId": 4312, "Letter": "D", "Size": 1, "IsMissing": true },
                { "DriveId": 3, "ComputerId": 4312, "Letter": "/data", "Size": null },
                { "DriveId": 4, "ComputerId": 4312, "Letter": "" },
                { "DriveId": 5, "ComputerId": 9, "Letter": "C" },
            ]),
        ),
        (
            "computers/4312/processors",
            json!([{ "ProcessorName": "Intel Xeon", "Cores": 8 }, { "ProcessorName": "Intel Xeon", "Cores": 8 }]),
        ),
    ]);
    let (automate, wire) = automate(1_000, script);
    let (devices, rejected) = all(automate.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let [device] = devices.try_into().unwrap();
    assert_eq!((&*device.id, &*device.company_id), ("4312", "12"));
    assert_eq!(
        (&*device.name, device.hostname.as_deref()),
        ("Front desk", Some("QSC-WS14"))
    );
    assert_eq!(device.device_type.as_deref(), Some("Workstation"));
    assert_eq!(device.location.as_deref(), Some("Yard"));
    assert_eq!(device.serial.as_deref(), Some("5CG3121ABC"));
    assert_eq!(device.primary_mac(), Some("3C-52-82-0A-0B-0C"));
    assert_eq!(device.interfaces.len(), 1);
    assert_eq!(device.interfaces[0].ip.as_deref(), Some("172.16.4.14"));
    assert_eq!(device.ip.as_deref(), Some("172.16.4.14"));
    assert_eq!(
        device.default_gateway, None,
        "that is the way in from outside"
    );
    assert_eq!(device.manufacturer.as_deref(), Some("HP"));
    assert_eq!(device.model.as_deref(), Some("EliteBook 840"));
    assert_eq!(
        device.operating_system.as_deref(),
        Some("Microsoft Windows 11 Pro x64")
    );
    assert_eq!(
        (device.cpu.as_deref(), device.cpu_cores),
        (Some("Intel Xeon"), Some(16))
    );
    assert_eq!(device.memory_bytes, Some(16_235 * 1_048_576));
    let disks: Vec<_> = (device.disks.iter())
        .map(|it| (&*it.name, it.size_bytes, it.free_bytes))
        .collect();
    assert_eq!(
        disks,
        [
            ("C:", Some(488_281 * 1_048_576), Some(3 * 1_048_576)),
            ("/data", None, None)
        ]
    );
    assert_eq!(device.last_user.as_deref(), Some("QSC\\yard1"));
    assert_eq!(
        device.last_seen.unwrap().to_string(),
        "2025-10-09T08:03:00Z"
    );
    assert_eq!(
        device.last_reboot.unwrap().to_string(),
        "2025-10-01T06:00:00.25Z"
    );
    assert_eq!(
        device.warranty_expires_on.unwrap().to_string(),
        "2026-04-01"
    );
    // The lists that computers are looked up in come first.
    let routes = wire.routes();
    let place = |name: &str| routes.iter().position(|it| it.ends_with(name)).unwrap();
    assert!(place("/chassis") < place("/computers") && place("/drives") < place("/computers"));
    assert!(place("/computers") < place("/networkdevices"));
}

#[tokio::test]
async fn what_a_row_lacks_is_found_elsewhere_or_is_not_there() {
    let mut bare = computer(1);
    for (name, value) in [
        ("SerialNumber", json!("")),
        ("BiosManufacturer", json!("Insyde")),
        ("WarrantyEndDate", json!("0001-01-01T00:00:00")),
        ("RemoteAgentLastContact", json!("1970-01-01T00:00:00")),
        ("LastStartup", json!(null)),
        ("TotalMemory", json!(-1)),
        ("MACAddress", json!("")),
    ] {
        bare[name] = value;
    }
    let mut late = computer(2);
    late["WarrantyEndDate"] = json!("1970-01-01T00:00:00");
    late["LastStartup"] = json!("0001-01-01T00:00:00");
    late["ComputerName"] = Value::Null;
    let chassis = json!([{ "ComputerId": 1, "SerialNumber": "CH-1" }]);
    let lists = [
        ("computers", json!([bare, late])),
        ("computers/chassis", chassis),
    ];
    let (automate, _) = automate(10, server(&lists));
    let (devices, rejected) = all(automate.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let [bare, late] = devices.try_into().unwrap();
    assert_eq!(bare.serial.as_deref(), Some("CH-1"));
    assert_eq!(bare.manufacturer.as_deref(), Some("Insyde"));
    assert_eq!((bare.memory_bytes, bare.cpu_cores), (None, None));
    assert!(bare.interfaces.is_empty());
    for device in [&bare, &late] {
        let dates = (
            device.last_seen,
            device.last_reboot,
            device.warranty_expires_on,
        );
        assert_eq!(dates, (None, None, None));
    }
    assert_eq!((&*late.name, late.hostname), ("2", None));
}

#[tokio::test]
async fn network_devices_come_last_with_ids_of_their_own() {
    let switch = json!({
        "Id": "4312", "Client": { "Id": "12", "Name": "Quarry" }, "Location": { "Id": 31, "Name": "Yard" },
        "Name": "SW-1", "FriendlyName": "Core", "DeviceType": { "Id": 3, "Name": "Switch" },
        "LocalIPAddress": "172.16.4.1", "MACAddress": "3C:52:82:0A:0B:0D", "ManufacturerName": "Cisco",
        "ModelName": "C9200L", "LastContact": "2025-10-09T08:03:00", "Status": "Online",
    });
    let broken = json!({ "Id": "7", "Client": { "Id": "12" }, "Name": 7 });
    let lists = [
        ("computers", json!([computer(4312)])),
        ("networkdevices", json!([switch, broken])),
    ];
    let (automate, _) = automate(10, server(&lists));
    let pages = all_pages(automate.devices()).await.unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[0].records[0].id, "4312");
    let device = &pages[1].records[0];
    assert_eq!((&*device.id, &*device.company_id), ("network-4312", "12"));
    assert_eq!(
        (&*device.name, device.hostname.as_deref()),
        ("Core", Some("SW-1"))
    );
    assert_eq!(device.device_type.as_deref(), Some("Switch"));
    assert_eq!(device.location.as_deref(), Some("Yard"));
    assert_eq!(device.ip.as_deref(), Some("172.16.4.1"));
    assert_eq!(device.primary_mac(), Some("3C:52:82:0A:0B:0D"));
    assert_eq!(device.manufacturer.as_deref(), Some("Cisco"));
    assert_eq!(device.model.as_deref(), Some("C9200L"));
    assert_eq!(
        device.last_seen.unwrap().to_string(),
        "2025-10-09T08:03:00Z"
    );
    assert_eq!(
        (device.serial.as_deref(), device.cpu.as_deref()),
        (None, None)
    );
    assert_eq!(pages[1].rejected[0].id.as_deref(), Some("network-7"));
}

#[tokio::test]
async fn devices_that_nobody_sorted_belong_to_no_client() {
    let mut unsorted = computer(1);
    unsorted["Client"] = json!({ "Id": "1", "Name": "New Computers" });
    let mut ours = computer(2);
    ours["Client"] = json!({ "Id": "1", "Name": "Northwind IT" });
    let script = server(&[("computers", json!([unsorted, ours]))]);
    let (automate, wire) = automate(1, script);
    // The page of the first has nothing in it and is not delivered.
    let pages = all_pages(automate.devices()).await.unwrap();
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0].records[0].company_id, "1");
    assert_eq!(automate.stats().left_out["device of no client"], 1);
    let routes = wire.routes();
    assert!(!routes.contains(&"GET /cwa/api/v1/computers/1/processors".to_owned()));
}

#[tokio::test]
async fn a_bad_row_costs_the_computer_that_it_is_of() {
    let mut broken = computer(3);
    broken["TotalMemory"] = json!("much");
    let script = server(&[
        (
            "computers",
            json!([computer(1), computer(2), broken, computer(4)]),
        ),
        (
            "computers/chassis",
            json!([
                { "ComputerId": 1, "Manufacturer": 7 },
                { "ComputerId": "x" },
                { "ComputerId": 2, "Manufacturer": "HP" },
            ]),
        ),
        (
            "computers/drives",
            json!([
                { "DriveId": 4, "ComputerId": 2, "Letter": "C", "Size": "big" },
                { "DriveId": 5, "ComputerId": 2, "Letter": "D", "Size": 1 },
            ]),
        ),
        ("computers/4/processors", json!([{ "Cores": "many" }])),
    ]);
    let (automate, _) = automate(10, script);
    let (devices, rejected) = all(automate.devices()).await.unwrap();
    let ids: Vec<&str> = devices.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["2"]);
    assert_eq!(devices[0].manufacturer.as_deref(), Some("HP"));
    assert_eq!(devices[0].disks.len(), 1);
    let told: Vec<&str> = (rejected.iter())
        .map(|text| text.split_once(": ").unwrap().0)
        .collect();
    assert_eq!(
        told,
        [
            "record x, field chassis.ComputerId",
            "record drive-4, field drive.Size",
            "record 3, field TotalMemory",
            "record 1, field chassis.Manufacturer",
            "record 4, field processors.[0].Cores",
        ]
    );
}

#[tokio::test]
async fn a_computer_that_is_gone_has_no_processors_and_a_failure_ends_the_walk() {
    let lists = server(&[("computers", json!([computer(1), computer(2)]))]);
    let status = Arc::new(Mutex::new(404));
    let told = Arc::clone(&status);
    let (automate, _) = automate(10, move |sent| {
        if sent.target.ends_with("/computers/1/processors") {
            let status = *told.lock().unwrap();
            return answer(status, if status == 200 { "<html>" } else { "{}" });
        }
        lists(sent)
    });
    let (devices, _) = all(automate.devices()).await.unwrap();
    assert_eq!(devices.len(), 2);
    for (wrong, code) in [(403, "vendor-forbidden"), (200, "vendor-body")] {
        *status.lock().unwrap() = wrong;
        let mut walk = automate.devices();
        let error = walk.next_page().await.unwrap_err();
        assert_eq!((error.operation, error.kind.code()), ("audit.device", code));
        assert!(walk.next_page().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn processors_are_asked_for_again_when_the_inventory_has_moved() {
    let computers = Arc::new(Mutex::new(Vec::new()));
    let set = |stamps: [Option<&str>; 3]| {
        let rows = stamps.into_iter().zip(1..).map(|(stamp, id)| {
            let mut row = computer(id);
            row["LastInventoryReceived"] = json!(stamp);
            row
        });
        *computers.lock().unwrap() = rows.collect();
    };
    let shared = Arc::clone(&computers);
    let (automate, _) = automate(10, move |sent| {
        if sent.target.ends_with("/processors") {
            return answer(200, r#"[{"ProcessorName":"Intel","Cores":4}]"#);
        }
        if sent.target.contains("/computers?") {
            return page(sent, &shared.lock().unwrap());
        }
        answer(200, "[]")
    });
    let old = Some("2025-10-08T22:10:44");
    for (stamps, requests, remembered) in [
        ([old, old, None], 3, 0),
        ([old, old, None], 4, 2),
        ([Some("2025-10-09T22:10:44"), old, None], 6, 3),
    ] {
        set(stamps);
        let (devices, _) = all(automate.devices()).await.unwrap();
        assert!(devices.iter().all(|it| it.cpu.as_deref() == Some("Intel")));
        let stats = automate.stats();
        let audits = &stats.operations["audit.device"];
        assert_eq!((audits.requests, audits.remembered), (requests, remembered));
    }
}

#[test]
fn what_no_header_can_carry_is_no_client_id() {
    let mut config = config(1, None);
    config.client_id = "hunter2\n".to_owned();
    let (wire, clock) = (Scripted::new(&clock(), |_, _| answer(200, "")), clock());
    let error = ConnectwiseAutomate::new(config, wire, clock, 1).unwrap_err();
    assert_eq!(error.code(), "credential-unsendable");
}
