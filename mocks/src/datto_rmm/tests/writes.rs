//! Writes through the API.

use serde_json::json as j;

use super::*;

#[test]
fn a_site_is_made_and_changed() {
    let rig = Rig::new(&records());
    let reply = rig.write(
        Method::PUT,
        "/api/v2/site",
        r#"{"name": "Birch", "notes": "n", "onDemand": true,
            "proxySettings": {"host": "h", "port": 1, "type": "socks5"}, "unknown": 1}"#,
    );
    let site = json(&reply);
    assert_eq!(
        (reply.status.as_u16(), reply.operation),
        (200, "site.create")
    );
    assert_eq!(site["onDemand"], true);
    assert_eq!(site["proxySettings"]["type"], "socks5");
    let path = format!("/api/v2/site/{}", site["uid"].as_str().unwrap());
    assert_eq!(rig.get(&path), site);
    let changed = json(&rig.write(Method::POST, &path, r#"{"name": "Birch & Son"}"#));
    assert_eq!(
        (&changed["name"], &changed["notes"]),
        (&j!("Birch & Son"), &j!("n"))
    );
    assert_eq!(changed["id"], site["id"]);
    // Nobody knows what it stands for.
    assert_eq!(rig.datto.truth().len(), 7);
    assert_eq!(rig.datto.counts()["sites"], 6);
}

#[test]
fn a_site_needs_a_name_and_the_vendors_own_are_left_alone() {
    let rig = Rig::new(&records());
    for body in ["", "{", "{}", r#"{"name": " "}"#, r#"{"name": 5}"#, "[]"] {
        assert_eq!(
            rig.write(Method::PUT, "/api/v2/site", body).status,
            400,
            "{body}"
        );
    }
    let path = "/api/v2/site/deleted-devices";
    assert_eq!(
        rig.write(Method::POST, path, r#"{"name": "x"}"#).status,
        403
    );
    assert_eq!(
        rig.write(Method::POST, "/api/v2/site/x", r#"{"name": "x"}"#)
            .status,
        404
    );
    assert_eq!(rig.datto.counts()["sites"], 5);
}

#[test]
fn renaming_a_site_renames_it_in_its_devices() {
    let rig = Rig::new(&records());
    let path = format!("/api/v2/site/{}", rig.uid("lark"));
    rig.write(Method::POST, &path, r#"{"name": "Larkspur"}"#);
    assert_eq!(rig.device("lt07")["siteName"], "Larkspur");
}

#[test]
fn a_device_moves() {
    let rig = Rig::new(&records());
    let (laptop, fern) = (rig.uid("lt07"), rig.uid("fern"));
    let reply = rig.write(
        Method::PUT,
        &format!("/api/v2/device/{laptop}/site/{fern}"),
        "",
    );
    assert_eq!(reply.status, 200);
    assert!(reply.body_bytes().is_empty());
    assert_eq!(rig.device("lt07")["siteUid"], fern.as_str());
    let page = rig.get(&format!("/api/v2/site/{fern}/devices"));
    assert_eq!(hostnames(&page), ["LT07", "PRN1", "SW1"]);
    let nowhere = format!("/api/v2/device/{laptop}/site/nowhere");
    assert_eq!(rig.write(Method::PUT, &nowhere, "").status, 404);
    let deleted = format!("/api/v2/device/{laptop}/site/deleted-devices");
    assert_eq!(rig.write(Method::PUT, &deleted, "").status, 403);
}

#[test]
fn user_defined_fields_are_set_kept_and_deleted() {
    let rig = Rig::new(&records());
    let path = format!("/api/v2/device/{}/udf", rig.uid("lt07"));
    let set = |body: &str| rig.write(Method::POST, &path, body).status.as_u16();
    assert_eq!(
        set(r#"{"udf1": "a", "udf2": 7, "udf300": "z", "udf301": "no", "x": []}"#),
        200
    );
    let udf = &rig.device("lt07")["udf"];
    assert_eq!(
        (&udf["udf1"], &udf["udf2"], &udf["udf300"]),
        (&j!("a"), &j!("7"), &j!("z"))
    );
    assert!(udf.get("udf301").is_none());
    assert_eq!(set(r#"{"udf1": "", "udf300": null}"#), 200);
    let udf = &rig.device("lt07")["udf"];
    assert_eq!((&udf["udf1"], &udf["udf2"]), (&j!(null), &j!("7")));
    assert!(udf.get("udf300").is_none());
    // One bad value and nothing is set.
    assert_eq!(set(r#"{"udf1": "b", "udf2": {}}"#), 400);
    assert_eq!(rig.device("lt07")["udf"]["udf1"], j!(null));
    assert_eq!(
        rig.write(Method::POST, "/api/v2/device/x/udf", "{}").status,
        404
    );
}

#[test]
fn v3_fields_are_strict() {
    let rig = Rig::new(&records());
    let path = format!("/api/v3/device/{}/udf", rig.uid("lt07"));
    let set = |body: &str| rig.write(Method::POST, &path, body).status.as_u16();
    assert_eq!(
        set(r#"{"udfs": [{"ordinal": 4, "valueString": "x"}]}"#),
        200
    );
    assert_eq!(rig.device("lt07")["udf"]["udf4"], "x");
    for refused in [
        r#"{"udfs": [{"ordinal": 0, "valueString": "x"}]}"#,
        r#"{"udfs": [{"ordinal": 301, "valueString": "x"}]}"#,
        r#"{"udfs": [{"ordinal": 5, "valueNumber": 1}]}"#,
        r#"{"udf5": "x"}"#,
    ] {
        assert_eq!(set(refused), 400, "{refused}");
    }
    assert_eq!(set(r#"{"udfs": [{"ordinal": 4}]}"#), 200);
    assert_eq!(rig.device("lt07")["udf"]["udf4"], j!(null));
}

#[test]
fn a_warranty_is_a_date_or_nothing() {
    let rig = Rig::new(&records());
    let path = format!("/api/v2/device/{}/warranty", rig.uid("lt07"));
    let set = |body: &str| rig.write(Method::POST, &path, body).status.as_u16();
    assert_eq!(set(r#"{"warrantyDate": "2030-01-31"}"#), 200);
    assert_eq!(rig.device("lt07")["warrantyDate"], "2030-01-31");
    for wrong in [
        "2030-02-30",
        "31.01.2030",
        "20300131",
        "2030-01-31T00:00:00Z",
        "",
    ] {
        let body = j!({ "warrantyDate": wrong }).to_string();
        assert_eq!(set(&body), 400, "{wrong}");
    }
    assert_eq!(set(r#"{"warrantyDate": null}"#), 200);
    assert_eq!(rig.device("lt07")["warrantyDate"], j!(null));
}
