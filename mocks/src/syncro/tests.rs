//! Tests of what is Syncro's own, through `handle` as a client sees it.

use jiff::Timestamp;
use serde_json::{Value, json};

mod rmm;

use super::Syncro;
use crate::sample::{self, Got, encode, request, texts};
use crate::world::{Kind, Tool};
use crate::{Request, Simulator as _};

const API: &str = "/api/v1";

/// A simulator and somebody with its token.
struct Client {
    syncro: Syncro,
    now: Timestamp,
}

impl Client {
    fn new() -> Self {
        let now = sample::morning();
        Self::of(Syncro::new(&sample::records(Tool::Psa), now))
    }

    fn of(syncro: Syncro) -> Self {
        let now = sample::morning();
        Self { syncro, now }
    }

    fn later(&mut self, seconds: i64) {
        self.now = sample::later(self.now, seconds);
    }

    fn token(&self) -> String {
        self.syncro.access().credentials["api_token"].clone()
    }

    fn send(&self, request: &Request) -> Got {
        sample::ask(&self.syncro, request, self.now)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let bearer = format!("Bearer {}", self.token());
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.send(&request(method, &format!("{API}/{path}"), &headers, &body))
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null).good()
    }

    /// Names of the customers that a query finds.
    #[track_caller]
    fn customers(&self, query: &str) -> Vec<String> {
        let found = self.get(&format!("customers?{query}"));
        texts(&found["customers"], "business_name")
    }

    #[track_caller]
    fn id(&self, path: &str, list: &str) -> u64 {
        let found = self.get(path);
        let [one] = found[list].as_array().unwrap().as_slice() else {
            panic!("{found} is not one");
        };
        one["id"].as_u64().unwrap()
    }

    fn dental(&self) -> u64 {
        self.id("customers?query=dental", "customers")
    }

    /// The message of a 422.
    #[track_caller]
    fn refusal(&self, method: &str, path: &str, body: &Value) -> String {
        let got = self.call(method, path, body);
        assert_eq!(got.status, 422, "{}", got.json);
        // A contact is told of with the record that it would have been, and one text.
        if let Some(text) = got.json["errors"].as_str() {
            assert!(got.json["record"].is_object());
            return text.to_owned();
        }
        assert_eq!(got.json["success"], false);
        assert_eq!(got.json["params"].is_object(), method == "POST");
        got.json["message"][0].as_str().unwrap().to_owned()
    }
}

#[test]
fn the_token_is_taken_bare_as_bearer_and_as_a_parameter() {
    let client = Client::new();
    let token = client.token();
    let path = format!("{API}/me");
    for value in [format!("Bearer {token}"), token.clone()] {
        let got = client.send(&request("GET", &path, &[("authorization", &value)], ""));
        assert!(got.good()["user_name"].is_string());
    }
    let by_key = client.send(&request("GET", &format!("{path}?api_key={token}"), &[], ""));
    assert_eq!(by_key.status, 200);
    for (path, headers) in [
        (path.clone(), vec![]),
        (path.clone(), vec![("authorization", "Bearer x")]),
        (path.clone(), vec![("authorization", "")]),
        (format!("{path}?api_key=x"), vec![]),
    ] {
        let got = client.send(&request("GET", &path, &headers, ""));
        assert_eq!(got.status, 401, "{path} {headers:?}");
        assert!(
            got.json["error"]
                .as_str()
                .unwrap()
                .starts_with("Not authorized.")
        );
    }
}

#[test]
fn pages_have_the_servers_size_and_tell_how_many_there_are() {
    let client = Client::new();
    for (path, list, size, total) in [
        ("customers?include_disabled=true", "customers", 100, 3),
        ("contacts?page=1", "contacts", 50, 3),
        ("customer_assets?per_page=1", "assets", 25, 4),
    ] {
        let page = client.get(path);
        let meta = json!({ "total_pages": 1, "total_entries": total, "per_page": size, "page": 1 });
        assert_eq!(page["meta"], meta, "{path}");
        assert_eq!(page[list].as_array().unwrap().len(), total);
    }
    let dental = client.dental();
    for at in 0..98 {
        let body = json!({ "customer_id": dental, "name": format!("N{at}") });
        assert_eq!(client.call("POST", "contacts", &body).status, 200);
    }
    let page = |number: u32| client.get(&format!("contacts?page={number}"));
    let lengths = [1, 2, 3, 4].map(|number| page(number)["contacts"].as_array().unwrap().len());
    assert_eq!(lengths, [50, 50, 1, 0]);
    let meta = json!({ "total_pages": 3, "total_entries": 101, "per_page": 50, "page": 2 });
    assert_eq!(page(2)["meta"], meta);
    assert_eq!(page(0), page(1));
    client.refusal("GET", "contacts?page=x", &Value::Null);
}

#[test]
fn disabled_customers_are_listed_when_they_are_asked_for_and_found_by_id() {
    let client = Client::new();
    assert_eq!(client.customers("").len(), 2);
    for query in ["include_disabled=true", "include_disabled=1"] {
        assert_eq!(client.customers(query).len(), 3, "{query}");
    }
    assert_eq!(client.customers("include_disabled=false").len(), 2);
    assert!(client.customers("query=forge").is_empty());
    let id = client.id("customers?query=forge&include_disabled=true", "customers");
    let forge = client.get(&format!("customers/{id}"))["customer"].clone();
    assert_eq!(
        (&forge["disabled"], &forge["business_name"]),
        (&json!(true), &json!("Olde Forge & Sons"))
    );
}

#[test]
fn customers_are_filtered_chosen_and_sorted() {
    let client = Client::new();
    let dental = client.dental();
    let (dental_name, group) = ("Fabrikam Dental", "Fabrikam Group");
    for (query, expected) in [
        ("business_name=DENTAL".to_owned(), vec![dental_name]),
        ("query=fabrikam".to_owned(), vec![group, dental_name]),
        ("email=nobody".to_owned(), vec![]),
        (format!("id[]={dental}"), vec![dental_name]),
        (format!("id%5B%5D={dental}&id%5B%5D=1"), vec![dental_name]),
        (format!("not_id[]={dental}"), vec![group]),
        // There is no such filter, whatever it says.
        (format!("customer_id={dental}"), vec![dental_name, group]),
        ("customer_id=x".to_owned(), vec![dental_name, group]),
    ] {
        let (mut found, mut expected) = (client.customers(&query), expected);
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(
        client.customers("sort=business_name+ASC"),
        [dental_name, group]
    );
    assert_eq!(
        client.customers("sort=business_name+DESC"),
        [group, dental_name]
    );
    client.refusal("GET", "customers?id[]=x", &Value::Null);
}

#[test]
fn contacts_and_assets_are_filtered_by_customer_and_text() {
    let client = Client::new();
    let dental = client.dental();
    let found = client.get(&format!("contacts?customer_id={dental}"));
    let mut names = texts(&found["contacts"], "name");
    names.sort();
    assert_eq!(names, ["Pat Rowe", "Sam Quinn"]);
    for (query, expected) in [
        (
            format!("customer_id={dental}"),
            vec!["FAB-OLD", "FAB-SRV01", "FAB-WS01"],
        ),
        ("query=mx24".to_owned(), vec!["FAB-SRV01"]),
        ("query=ws01".to_owned(), vec!["FAB-WS01", "GRP-WS01"]),
        (format!("query=ws01&customer_id={dental}"), vec!["FAB-WS01"]),
        ("customer_id=1".to_owned(), vec![]),
    ] {
        let found = client.get(&format!("customer_assets?{query}"));
        let mut names = texts(&found["assets"], "name");
        names.sort();
        assert_eq!(names, expected, "{query}");
    }
}

#[test]
fn a_customer_has_its_main_address_and_no_country() {
    let client = Client::new();
    let customer = client.get(&format!("customers/{}", client.dental()))["customer"].clone();
    for (name, value) in [
        ("business_name", json!("Fabrikam Dental")),
        ("business_then_name", json!("Fabrikam Dental")),
        ("address", json!("12 Harbour St")),
        ("address_2", Value::Null),
        ("city", json!("Halifax")),
        ("state", json!("NS")),
        ("zip", json!("B3H 1A1")),
        ("phone", json!("902-555-0101")),
        ("disabled", json!(false)),
        ("location_id", Value::Null),
        ("created_at", json!("2025-03-04T15:20:11.000Z")),
    ] {
        assert_eq!(customer.get(name), Some(&value), "{name}");
    }
    assert!(customer.get("country").is_none());
}

#[test]
fn a_contact_has_one_name_and_its_title_among_the_properties() {
    let client = Client::new();
    let id = client.id("contacts?query=pat", "contacts");
    let pat = client.get(&format!("contacts/{id}"));
    for (name, value) in [
        ("name", "Pat Rowe"),
        ("email", "pat@fabrikamdental.example"),
        ("phone", "902-555-0102"),
        ("extension", "12"),
        ("mobile", "902-555-0150"),
    ] {
        assert_eq!(pat[name], value, "{name}");
    }
    assert_eq!(pat["properties"]["title"], "Office manager");
    assert_eq!(pat["customer_id"], client.dental());
}

#[test]
fn an_asset_carries_its_customer_and_the_agents_block() {
    let client = Client::new();
    let list = client.get("customer_assets?query=FAB-WS01");
    let asset = &list["assets"][0];
    let one = client.get(&format!("customer_assets/{}", asset["id"]));
    assert_eq!(one["asset"], *asset);
    assert_eq!(
        (&asset["asset_type"], &asset["asset_serial"]),
        (&json!("Managed Workstation"), &json!("SN-front"))
    );
    assert_eq!(asset["customer"]["business_name"], "Fabrikam Dental");
    assert!(asset.get("asset_type_id").is_none());
    let properties = &asset["properties"];
    assert_eq!(properties["device_name"], "FAB-WS01");
    assert_eq!(properties["mac"], json!(["001A2B3C4D5E"]));
    let block = &properties["kabuto_information"];
    let general = &block["general"];
    for (name, value) in [
        ("name", "FAB-WS01"),
        ("manufacturer", "Dell"),
        ("model", "OptiPlex 7010"),
        ("serial_number", "SN-front"),
    ] {
        assert_eq!(general[name], value, "{name}");
    }
    assert_eq!(block["os"]["name"], "Microsoft Windows 11 Pro");
    assert_eq!(block["network_adapters"][0]["ipv4"], "10.20.0.7");
    assert_eq!(
        block["network_adapters"][0]["physical_address"],
        "00:1A:2B:3C:4D:5E"
    );
}

#[test]
fn a_customer_is_called_by_its_business_or_else_its_person() {
    let client = Client::new();
    let body = json!({ "firstname": "Ann", "lastname": "Bly", "phone": "(902) 555-0101" });
    let got = client.call("POST", "customers", &body);
    assert_eq!(got.status, 200);
    let made = got.json["customer"].clone();
    for (name, value) in [
        ("fullname", "Ann Bly"),
        ("business_then_name", "Ann Bly"),
        ("business_and_full_name", "Ann Bly"),
        ("phone", "9025550101"),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    let path = format!("customers/{}", made["id"]);
    let changed = client
        .call("PUT", &path, &json!({ "business_name": "Bly Ltd" }))
        .good()["customer"]
        .clone();
    assert_eq!(
        (&changed["business_then_name"], &changed["firstname"]),
        (&json!("Bly Ltd"), &json!("Ann"))
    );
    assert_eq!(changed["business_and_full_name"], "Bly Ltd - Ann Bly");
    let renamed = client
        .call("PUT", &path, &json!({ "lastname": "Cole" }))
        .good()["customer"]
        .clone();
    assert_eq!(
        (&renamed["fullname"], &renamed["business_then_name"]),
        (&json!("Ann Cole"), &json!("Bly Ltd"))
    );
}

#[test]
fn put_leaves_what_is_not_sent_and_stamps_the_record() {
    let mut client = Client::new();
    let path = format!("customers/{}", client.dental());
    client.later(60);
    let changed = client
        .call(
            "PUT",
            &path,
            &json!({ "notes": "n", "id": 1, "disabled": true }),
        )
        .good();
    let changed = &changed["customer"];
    assert_eq!(
        (&changed["notes"], &changed["city"]),
        (&json!("n"), &json!("Halifax"))
    );
    assert_eq!(changed["updated_at"], "2025-03-04T15:21:11.000Z");
    assert_eq!(changed["created_at"], "2025-03-04T15:20:11.000Z");
    // Neither is in the body of a customer.
    assert_eq!(
        (&changed["disabled"], &changed["id"]),
        (&json!(false), &json!(client.dental()))
    );
    assert_eq!(
        client
            .call("PUT", "customers/1", &json!({ "notes": "n" }))
            .status,
        404
    );
}

#[test]
fn a_new_contact_answers_bare_and_an_asset_without_its_properties() {
    let client = Client::new();
    let dental = client.dental();
    let contact = client
        .call(
            "POST",
            "contacts",
            &json!({ "customer_id": dental, "name": "Ann" }),
        )
        .good();
    assert_eq!(
        (&contact["name"], &contact["customer_id"]),
        (&json!("Ann"), &json!(dental))
    );
    let body = json!({
        "name": "MADE-01", "customer_id": dental, "asset_type_name": "Managed Server",
        "asset_serial": "M1", "properties": { "Room": "5" },
    });
    let asset = client.call("POST", "customer_assets", &body).good()["asset"].clone();
    assert_eq!(
        (&asset["asset_type"], &asset["properties"]),
        (&json!("Managed Server"), &json!({}))
    );
    let path = format!("customer_assets/{}", asset["id"]);
    let put = client
        .call("PUT", &path, &json!({ "properties": { "Room": "5" } }))
        .good();
    assert_eq!(put["asset"]["properties"]["Room"], "5");
    assert_eq!(put["asset"]["asset_serial"], "M1");
    assert_eq!(client.syncro.unclaimed().len(), 2);
    assert_eq!(client.syncro.unclaimed()[0].0, Kind::Contact);
}

#[test]
fn what_cannot_be_kept_is_422_with_a_sentence() {
    let client = Client::new();
    let dental = client.dental();
    for (path, body, text) in [
        (
            "customers",
            json!({}),
            "Business name or name can't be blank",
        ),
        (
            "customers",
            json!({ "business_name": "x", "email": "x" }),
            "Email is not an email",
        ),
        (
            "contacts",
            json!({ "customer_id": dental }),
            "Name can't be blank",
        ),
        (
            "customer_assets",
            json!({ "customer_id": dental, "asset_type_name": "Managed Server" }),
            "Name can't be blank",
        ),
        (
            "customer_assets",
            json!({ "name": "x", "customer_id": dental }),
            "Asset type can't be blank",
        ),
        (
            "customer_assets",
            json!({ "name": "x", "customer_id": dental, "asset_type_name": "Odd" }),
            "Asset type can't be blank",
        ),
    ] {
        assert_eq!(client.refusal("POST", path, &body), text, "{path} {body}");
    }
    assert_eq!(client.call("POST", "customers", &json!([])).status, 400);
    for body in [
        json!({ "name": "x" }),
        json!({ "name": "x", "customer_id": 1 }),
    ] {
        assert_eq!(client.call("POST", "contacts", &body).status, 404, "{body}");
    }
}

#[test]
fn deletes_say_so_in_two_ways_and_assets_have_none() {
    let client = Client::new();
    let dental = client.dental();
    let pat = client.id("contacts?query=pat", "contacts");
    let delete = |path: &str| client.call("DELETE", path, &Value::Null);
    assert_eq!(
        delete(&format!("contacts/{pat}")).good(),
        json!({ "success": true })
    );
    let path = format!("customers/{dental}");
    assert_eq!(
        delete(&path).good(),
        json!({ "message": "Customer was deleted from the system." })
    );
    for path in [path, format!("contacts/{pat}")] {
        let got = client.call("GET", &path, &Value::Null);
        assert_eq!(
            (got.status, got.json),
            (404, json!({ "message": "Not found" }))
        );
    }
    assert_eq!(client.get("customer_assets")["meta"]["total_entries"], 1);
    let desk = client.id("customer_assets", "assets");
    assert_eq!(delete(&format!("customer_assets/{desk}")).status, 405);
    assert_eq!(client.call("GET", "locations", &Value::Null).status, 404);
}

#[test]
fn a_minute_has_180_requests() {
    let mut client = Client::new();
    client.syncro.set_limits(true);
    for _ in 0..180 {
        assert_eq!(client.call("GET", "me", &Value::Null).status, 200);
    }
    client.later(59);
    let got = client.call("GET", "me", &Value::Null);
    assert_eq!((got.status, got.header("retry-after")), (429, None));
    client.later(60);
    assert_eq!(client.call("GET", "me", &Value::Null).status, 200);
    // A query is read with its escapes.
    assert_eq!(
        client
            .customers(&format!("business_name={}", encode("fabrikam d")))
            .len(),
        1
    );
}
