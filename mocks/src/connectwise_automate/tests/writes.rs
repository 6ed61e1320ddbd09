//! What clients make.

use serde_json::json;

use super::Client;
use crate::Simulator as _;
use crate::world::Kind;

#[test]
fn a_client_and_its_location_are_made_and_claimed() {
    let client = Client::new();
    let (status, made) = client.call(
        "POST",
        "/clients",
        &json!({ "name": "Made", "City": "Oslo", "Id": "77", "Odd": 1 }),
    );
    assert_eq!(
        (status, &made["Id"], &made["City"]),
        (200, &json!("4"), &json!("Oslo"))
    );
    assert_eq!(client.get("/clients/4"), made);
    let (status, place) = client.call(
        "POST",
        "/locations",
        &json!({ "Name": "Yard", "Client": { "Id": "4" } }),
    );
    assert_eq!((status, &place["Id"]), (200, &json!(4)));
    assert_eq!(place["Client"], json!({ "Id": "4", "Name": "Made" }));
    assert_eq!(
        client.get("/clients/4")["Locations"],
        json!([{ "Id": 4, "Name": "Yard" }])
    );
    let waiting = [
        (Kind::Organization, "4".to_owned()),
        (Kind::Organization, "location-4".to_owned()),
    ];
    assert_eq!(client.rmm.unclaimed(), waiting);
    client.rmm.claim(Kind::Organization, "4", "made", "made");
    client
        .rmm
        .claim(Kind::Organization, "location-4", "made", "made");
    client.rmm.claim(Kind::Device, "x", "made", "made");
    assert!(client.rmm.unclaimed().is_empty());
    assert_eq!(client.external(Kind::Organization, "made"), "4");
}

#[test]
fn what_lacks_a_name_or_an_owner_is_refused() {
    let client = Client::new();
    for (path, body) in [
        ("/clients", json!({})),
        ("/clients", json!({ "Name": " " })),
        ("/clients", json!([])),
        ("/locations", json!({ "Name": "Yard" })),
        (
            "/locations",
            json!({ "Name": "Yard", "Client": { "Id": 99 } }),
        ),
    ] {
        let (status, answer) = client.call("POST", path, &body);
        assert_eq!(
            (status, answer["code"].is_string()),
            (400, true),
            "{path}: {body}"
        );
    }
    assert_eq!(client.ids("/clients").len(), 3);
}
