//! POST of arrays, which make and change; deletes.

use serde_json::{Value, json};

use super::Client;
use crate::Simulator as _;
use crate::world::{Change, Kind};

#[test]
fn without_an_id_a_record_is_made_and_with_one_only_what_is_sent_changes() {
    let mut client = Client::new();
    let made = client.post(
        "/api/Client",
        &json!([{ "name": "New Co", "website": "new.example" }]),
    );
    assert_eq!(
        (&made["inactive"], &made["toplevel_name"]),
        (&json!(false), &json!("Customers"))
    );
    let id = made["id"].as_u64().unwrap();
    assert_eq!(
        client.halo.unclaimed(),
        [(Kind::Organization, id.to_string())]
    );
    client.later(60);
    client.post("/api/client", &json!([{ "id": id, "notes": "n" }]));
    let read = client.get(&format!("/api/Client/{id}"));
    assert_eq!(
        (&read["website"], &read["notes"]),
        (&json!("new.example"), &json!("n"))
    );
    assert_eq!(read["alastupdate"], "2025-03-04T15:21:11.000");
    assert_eq!(
        client
            .call("POST", "/api/Client", &json!([{ "id": 99_999 }]))
            .status,
        404
    );
}

#[test]
fn several_records_are_made_by_one_array() {
    let client = Client::new();
    let dental = client.dental();
    let rows = json!([
        { "name": "North", "client_id": dental },
        { "name": "South", "client_id": (dental as f64) },
    ]);
    client.post("/api/Site", &rows);
    let sites = client.get(&format!("/api/Site?client_id={dental}"));
    let south = sites["sites"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&south["name"], &south["client_id"]),
        (&json!("South"), &json!(dental))
    );
    assert_eq!(south["clientsite_name"], "Fabrikam Dental/South");
    assert_eq!(sites["record_count"], 4);
}

#[test]
fn what_a_record_needs_is_asked_for() {
    let client = Client::new();
    let dental = client.dental();
    for (path, body) in [
        ("/api/Client", json!([{}])),
        ("/api/Client", json!([])),
        ("/api/Client", json!("x")),
        ("/api/Client", json!(["x"])),
        ("/api/Client", json!([{ "id": "x", "name": "x" }])),
        ("/api/Site", json!([{ "name": "x" }])),
        ("/api/Site", json!([{ "name": "x", "client_id": 99_999 }])),
        ("/api/Users", json!([{ "client_id": dental }])),
        (
            "/api/Asset",
            json!([{ "key_field": "x", "client_id": dental }]),
        ),
        (
            "/api/Asset",
            json!([{ "key_field": "x", "client_id": dental, "assettype_id": 99 }]),
        ),
        (
            "/api/Asset",
            json!([{ "client_id": dental, "assettype_id": 1 }]),
        ),
    ] {
        let got = client.call("POST", path, &body);
        assert_eq!(got.status, 400, "{path} {body}");
        assert!(got.json["error"].is_string());
    }
}

#[test]
fn a_user_is_named_by_its_parts_and_a_site_knows_its_client() {
    let client = Client::new();
    let site = client.one("/api/Site?search=Main", "sites")["id"].clone();
    let ann = client.post(
        "/api/Users",
        &json!([{ "firstname": "Ann", "surname": "Bly", "site_id": site }]),
    );
    assert_eq!(
        (&ann["name"], &ann["client_id"]),
        (&json!("Ann Bly"), &json!(client.dental()))
    );
    assert_eq!(
        (&ann["client_name"], &ann["site_name"]),
        (&json!("Fabrikam Dental"), &json!("Main"))
    );
}

#[test]
fn records_show_the_new_name_of_their_client_and_are_not_changed_by_it() {
    let mut client = Client::new();
    let dental = client.dental();
    let id = client.asset("FAB-WS01");
    let before = client.get(&format!("/api/Asset/{id}"))["dlastupdate"].clone();
    client.later(60);
    client.post(
        "/api/Client",
        &json!([{ "id": dental, "name": "Fabrikam Smiles" }]),
    );
    let asset = client.get(&format!("/api/Asset/{id}"));
    assert_eq!(
        (&asset["client_name"], &asset["dlastupdate"]),
        (&json!("Fabrikam Smiles"), &before)
    );
    let site = client.one("/api/Site?search=Main", "sites");
    assert_eq!(site["clientsite_name"], "Fabrikam Smiles/Main");
}

#[test]
fn a_main_site_that_goes_changes_its_client_now() {
    for by_client in [true, false] {
        let mut client = Client::new();
        let dental = client.dental();
        let site = client.get(&format!("/api/Client/{dental}"))["main_site_id"].clone();
        client.later(60);
        if by_client {
            assert_eq!(
                client
                    .call("DELETE", &format!("/api/Site/{site}"), &Value::Null)
                    .status,
                200
            );
        } else {
            let removed = Change::Remove {
                kind: Kind::Location,
                key: "main".to_owned(),
            };
            client.halo.apply(&removed, client.now).unwrap();
        }
        let after = client.get(&format!("/api/Client/{dental}"));
        assert_eq!(
            (&after["main_site_id"], &after["main_site_name"]),
            (&json!(0), &json!(""))
        );
        assert_eq!(after["alastupdate"], "2025-03-04T15:21:11.000");
    }
}

#[test]
fn a_client_goes_with_all_that_belongs_to_it() {
    let client = Client::new();
    let dental = client.dental();
    let path = format!("/api/Client/{dental}");
    assert_eq!(
        client.call("DELETE", &path, &Value::Null).good()["id"],
        dental
    );
    assert_eq!(client.call("DELETE", &path, &Value::Null).status, 404);
    for (path, count) in [("/api/Site", 1), ("/api/Users", 1), ("/api/Asset", 1)] {
        assert_eq!(
            client.get(&format!("{path}?includeinactive=true"))["record_count"],
            count,
            "{path}"
        );
    }
}
