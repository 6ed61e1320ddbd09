//! Pages, filters and the shapes of records.

use serde_json::{Value, json};

use super::Client;
use crate::sample::{numbers, texts};

#[test]
fn pages_need_the_misspelt_word_and_tell_all_that_fits() {
    let client = Client::new();
    let page = |number: u32| {
        client.get(&format!(
            "/api/Asset?includeinactive=true&pageinate=true&page_size=3&page_no={number}"
        ))
    };
    let first = page(1);
    assert_eq!(
        (
            &first["record_count"],
            &first["page_no"],
            &first["page_size"]
        ),
        (&json!(4), &json!(1), &json!(3))
    );
    let mut ids = numbers(&first["assets"], "id");
    assert_eq!(ids.len(), 3);
    ids.extend(numbers(&page(2)["assets"], "id"));
    let whole = client.get("/api/Asset?includeinactive=true");
    assert_eq!(ids, numbers(&whole["assets"], "id"));
    assert!(whole.get("page_no").is_none());
    let past = page(3);
    assert_eq!(
        (&past["assets"], &past["record_count"]),
        (&json!([]), &json!(4))
    );
    // Without the word the others say nothing, and `count` is the most rows.
    let unpaged = client.get("/api/Asset?includeinactive=true&page_size=1&page_no=2");
    assert_eq!(unpaged["assets"].as_array().unwrap().len(), 4);
    let some = client.get("/api/Asset?includeinactive=true&count=2");
    assert_eq!(
        (
            some["assets"].as_array().unwrap().len(),
            &some["record_count"]
        ),
        (2, &json!(4))
    );
    let long = client.get("/api/Asset?pageinate=true&page_size=5000");
    assert_eq!(long["page_size"], 100);
    assert_eq!(
        client
            .call("GET", "/api/Asset?pageinate=true&page_no=x", &Value::Null)
            .status,
        400
    );
}

#[test]
fn inactive_records_are_listed_when_they_are_asked_for() {
    let client = Client::new();
    for (path, list, active, all) in [
        ("/api/Client", "clients", 2, 3),
        ("/api/Site", "sites", 3, 3),
        ("/api/Users", "users", 2, 3),
        ("/api/Asset", "assets", 3, 4),
    ] {
        let some = client.get(path);
        assert_eq!(
            (some[list].as_array().unwrap().len(), &some["record_count"]),
            (active, &json!(active)),
            "{path}"
        );
        let every = client.get(&format!("{path}?includeinactive=true"));
        assert_eq!(every["record_count"], all, "{path}");
    }
}

#[test]
fn filters_by_owner_type_text_and_number() {
    let client = Client::new();
    let dental = client.dental();
    let main = client.one("/api/Site?search=Main", "sites")["id"].clone();
    let types = client.get("/api/AssetType");
    let mut types = types.as_array().unwrap().iter();
    let server = types.find(|row| row["name"] == "Managed Server").unwrap()["id"].clone();
    for (query, expected) in [
        (format!("client_id={dental}"), vec!["FAB-SRV01", "FAB-WS01"]),
        (format!("site_id={main}"), vec!["FAB-SRV01", "FAB-WS01"]),
        (
            format!("client_id={dental}&assettype_id={server}"),
            vec!["FAB-SRV01"],
        ),
        ("search=mx24".to_owned(), vec!["FAB-SRV01"]),
        ("SEARCH=ws01".to_owned(), vec!["FAB-WS01", "GRP-WS01"]),
        ("inventory_number=A-0042".to_owned(), vec!["FAB-WS01"]),
        ("client_id=99999".to_owned(), vec![]),
        (
            format!("client_id={dental}&includeinactive=true"),
            vec!["FAB-OLD", "FAB-SRV01", "FAB-WS01"],
        ),
    ] {
        let found = client.get(&format!("/api/Asset?{query}"));
        let mut names = texts(&found["assets"], "key_field");
        names.sort();
        assert_eq!(names, expected, "{query}");
        assert_eq!(found["record_count"], expected.len(), "{query}");
    }
    let level = client.one("/api/Client?search=dental", "clients")["toplevel_id"].clone();
    let same = client.get(&format!(
        "/api/Client?toplevel_id={level}&includeinactive=true"
    ));
    assert_eq!(same["record_count"], 2);
    assert_eq!(
        client
            .call("GET", "/api/Asset?client_id=x", &Value::Null)
            .status,
        400
    );
}

#[test]
fn changes_are_found_between_two_moments() {
    let mut client = Client::new();
    client.later(60);
    let id = client.asset("FAB-WS01");
    client.post("/api/Asset", &json!([{ "id": id, "notes": "n" }]));
    for (query, count) in [
        ("lastupdatefromdate=2025-03-04T15:21:11", 1),
        ("lastupdatefromdate=2025-03-04T15:20:11.000Z", 4),
        ("lastupdatefromdate=2025-03-04T15:21:11.001", 0),
        ("lastupdatetodate=2025-03-04T15:21:10", 3),
        (
            "lastupdatefromdate=2025-03-04T15:20:12&lastupdatetodate=2025-03-04T15:21:10",
            0,
        ),
        ("lastupdatefromdate=", 4),
    ] {
        let found = client.get(&format!("/api/Asset?includeinactive=true&{query}"));
        assert_eq!(found["record_count"], count, "{query}");
    }
    let wrong = client.call(
        "GET",
        "/api/Asset?lastupdatefromdate=yesterday",
        &Value::Null,
    );
    assert_eq!(wrong.status, 400);
}

#[test]
fn lists_are_put_in_order_by_a_member() {
    let client = Client::new();
    let up = client.get("/api/Client?includeinactive=true&order=name");
    let names = texts(&up["clients"], "name");
    assert_eq!(
        names,
        ["Fabrikam Dental", "Fabrikam Group", "Olde Forge & Sons"]
    );
    let down = client.get("/api/Client?includeinactive=true&order=name&orderdesc=true");
    assert_eq!(texts(&down["clients"], "name")[0], "Olde Forge & Sons");
}

#[test]
fn technical_data_is_in_fields_which_lists_show_when_asked() {
    let client = Client::new();
    let list = client.get("/api/Asset?search=FAB-WS01");
    assert!(list["assets"][0].get("fields").is_none());
    let list = client.get("/api/Asset?search=FAB-WS01&includeassetfields=true");
    let whole = client.get(&format!("/api/Asset/{}", client.asset("FAB-WS01")));
    assert_eq!(list["assets"][0]["fields"], whole["fields"]);
    for (name, value) in [
        ("Serial Number", "SN-front"),
        ("Manufacturer", "Dell"),
        ("Model", "OptiPlex 7010"),
        ("MAC Address", "00:1A:2B:3C:4D:5E"),
        ("Operating System", "Microsoft Windows 11 Pro"),
        ("IP Address", "10.20.0.7"),
        ("Default Gateway", ""),
    ] {
        let mut fields = whole["fields"].as_array().unwrap().iter();
        let field = fields.find(|field| field["name"] == name).unwrap();
        assert_eq!(
            (&field["value"], &field["display"]),
            (&json!(value), &json!(value)),
            "{name}"
        );
    }
    for column in ["serial", "mac", "model"] {
        assert!(whole.get(column).is_none(), "{column}");
    }
}

#[test]
fn an_asset_has_key_fields_and_dates_of_1900_where_none_is_known() {
    let client = Client::new();
    let front = client.get(&format!("/api/Asset/{}", client.asset("FAB-WS01")));
    for (name, value) in [
        ("key_field", json!("FAB-WS01")),
        ("key_field2", json!("SN-front")),
        ("key_field3", json!("")),
        ("inventory_number", json!("A-0042")),
        ("client_name", json!("Fabrikam Dental")),
        ("site_name", json!("Main")),
        ("assettype_name", json!("Managed Workstation")),
        ("inactive", json!(false)),
        ("warranty_end", json!("2026-06-01T00:00:00")),
        ("supplier_purchasedate", json!("1900-01-01T00:00:00")),
        ("dlastupdate", json!("2025-03-04T15:20:11.000")),
    ] {
        assert_eq!(front[name], value, "{name}");
    }
    assert_eq!(front["users"][0]["name"], "Pat Rowe");
    let old = client.get(&format!("/api/Asset/{}", client.asset("FAB-OLD")));
    assert_eq!(
        (&old["warranty_end"], &old["inactive"]),
        (&json!("1900-01-01T00:00:00"), &json!(true))
    );
}

#[test]
fn clients_sites_and_users_are_shown_as_documented() {
    let client = Client::new();
    let dental = client.get(&format!("/api/Client/{}", client.dental()));
    assert_eq!(
        (&dental["toplevel_name"], &dental["main_site_name"]),
        (&json!("Client"), &json!("Main"))
    );
    let site = client.get(&format!("/api/Site/{}", dental["main_site_id"]));
    assert_eq!(site["clientsite_name"], "Fabrikam Dental/Main");
    let address = json!({
        "line1": "12 Harbour St", "line2": "", "line3": "Halifax", "line4": "NS", "postcode": "B3H 1A1",
    });
    assert_eq!(site["delivery_address"], address);
    assert_eq!(
        (&site["phonenumber"], &site["country_code_name"]),
        (&json!("902-555-0101"), &json!("Canada"))
    );
    let pat = client.one("/api/Users?search=pat", "users");
    for (name, value) in [
        ("name", "Pat Rowe"),
        ("firstname", "Pat"),
        ("surname", "Rowe"),
        ("title", "Office manager"),
        ("emailaddress", "pat@fabrikamdental.example"),
        ("email2", "p.rowe@home.example"),
        ("email3", ""),
        ("phonenumber", "902-555-0102"),
        ("mobilenumber", "902-555-0150"),
        ("fax", "902-555-0199"),
        ("homenumber", ""),
        ("site_name", "Main"),
        ("datecreated", "1900-01-01T00:00:00"),
    ] {
        assert_eq!(pat[name], value, "{name}");
    }
    for list in ["/api/AssetType", "/api/Status"] {
        assert!(client.get(list).is_array(), "{list}");
    }
}
