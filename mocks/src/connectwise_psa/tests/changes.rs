//! Changes of the world while clients look on.

use serde_json::{Value, json};

use super::{Client, tenant};
use crate::world::{Change, Kind, OrganizationRecord, Record};
use crate::{ChangeError, Simulator as _, Vendor};

fn put(client: &Client, record: Record) {
    client.psa.apply(&Change::Put(record), client.now).unwrap();
}

fn remove(client: &Client, kind: Kind, key: &str) -> Result<(), ChangeError> {
    let key = key.to_owned();
    client.psa.apply(&Change::Remove { kind, key }, client.now)
}

fn dental() -> OrganizationRecord {
    tenant::records().organizations[1].clone()
}

#[test]
fn the_same_record_again_changes_nothing_but_its_date() {
    let mut client = Client::with_tenant();
    let paths = [
        "/company/companies/21",
        "/company/companies/21/sites/41",
        "/company/contacts/150",
        "/company/configurations/300",
    ];
    let before = paths.map(|path| client.get(path));
    client.later(60);
    let records = tenant::records();
    put(&client, Record::Organization(dental()));
    put(&client, Record::Location(records.locations[1].clone()));
    put(&client, Record::Contact(records.contacts[0].clone()));
    put(
        &client,
        Record::Device(Box::new(records.devices[0].clone())),
    );
    for (path, mut before) in paths.into_iter().zip(before) {
        before["_info"]["lastUpdated"] = json!("2025-03-04T15:21:11Z");
        assert_eq!(client.get(path), before, "{path}");
    }
    assert_eq!(client.psa.truth().len(), 12);
    let changed = "lastUpdated > [2025-03-04T15:20:11Z]";
    assert_eq!(
        client.find("/company/configurations", "conditions", changed),
        [300]
    );
}

#[test]
fn new_records_join_and_renamed_ones_show_everywhere() {
    let client = Client::with_tenant();
    let mut renamed = dental();
    renamed.name = "Fabrikam Smiles".to_owned();
    renamed.status = tenant::text("On hold");
    put(&client, Record::Organization(renamed));
    let company = client.get("/company/companies/21");
    assert_eq!(company["status"]["name"], "On hold");
    assert_eq!(company["addressLine1"], "12 Harbour St");
    let front = client.get("/company/configurations/300");
    assert_eq!(front["company"]["name"], "Fabrikam Smiles");

    put(
        &client,
        Record::Organization(tenant::organization("new", "New Co")),
    );
    put(
        &client,
        Record::Location(tenant::location("new-hq", "new", "HQ")),
    );
    let mut device = tenant::device("new-ws#2", "new", "NEW-WS");
    device.location = tenant::text("new-hq");
    put(&client, Record::Device(Box::new(device)));
    let made = client.get("/company/configurations/304");
    assert_eq!(made["site"]["name"], "HQ");
    assert_eq!(client.get("/company/companies/22")["site"]["name"], "HQ");
    let truth = client.psa.truth();
    let row = truth.iter().find(|row| row.external_id == "304").unwrap();
    assert_eq!(
        (row.key.as_str(), row.truth.as_str()),
        ("new-ws#2", "new-ws")
    );
}

#[test]
fn what_only_the_api_wrote_survives_a_change_of_the_world() {
    let client = Client::with_tenant();
    let patch = json!([
        {"op": "replace", "path": "deviceIdentifier", "value": "rmm-5521"},
        {"op": "replace", "path": "serialNumber", "value": "BY-API"},
    ]);
    let path = "/company/configurations/300";
    assert_eq!(client.call("PATCH", path, &patch).status, 200);
    put(
        &client,
        Record::Device(Box::new(tenant::records().devices[0].clone())),
    );
    let front = client.get(path);
    assert_eq!(front["deviceIdentifier"], "rmm-5521");
    assert_eq!(front["serialNumber"], "SN-front");
}

#[test]
fn removed_records_are_gone_and_references_to_them_too() {
    let client = Client::with_tenant();
    remove(&client, Kind::Location, "main").unwrap();
    remove(&client, Kind::Contact, "pat").unwrap();
    remove(&client, Kind::Device, "server").unwrap();
    let front = client.get("/company/configurations/300");
    assert_eq!((front.get("site"), front.get("contact")), (None, None));
    assert_eq!(client.get("/company/companies/21").get("site"), None);
    assert_eq!(
        client
            .call("GET", "/company/contacts/150", &Value::Null)
            .status,
        404
    );
    assert_eq!(client.ids("/company/configurations"), [300, 302, 303]);
    assert_eq!(client.psa.truth().len(), 12);
    // The same key put again is a new record, and the truth knows both.
    put(
        &client,
        Record::Device(Box::new(tenant::device("server", "dental", "FAB-SRV01"))),
    );
    assert_eq!(client.ids("/company/configurations"), [300, 302, 303, 304]);
    assert_eq!(client.psa.truth().len(), 13);
    let expected = ChangeError::Unknown {
        vendor: Vendor::ConnectwisePsa,
        kind: Kind::Contact,
        key: "pat".to_owned(),
    };
    assert_eq!(remove(&client, Kind::Contact, "pat"), Err(expected));
}

#[test]
fn a_removed_company_is_flagged_and_comes_back_with_its_id() {
    let client = Client::with_tenant();
    remove(&client, Kind::Organization, "dental").unwrap();
    assert_eq!(client.get("/company/companies/21")["deletedFlag"], true);
    assert_eq!(client.psa.counts()["companies"], 2);
    put(&client, Record::Organization(dental()));
    let company = client.get("/company/companies/21");
    assert_eq!(company["deletedFlag"], false);
    assert_eq!(company.get("dateDeleted"), None);
}

#[test]
fn a_change_that_names_an_unknown_record_is_refused_and_leaves_no_trace() {
    let client = Client::with_tenant();
    let mut orphan = dental();
    orphan.parent = tenant::text("nobody");
    let mut stray = tenant::device("stray", "dental", "X");
    stray.contact = tenant::text("nobody");
    let records = [
        Record::Organization(orphan),
        Record::Location(tenant::location("l", "nobody", "L")),
        Record::Contact(tenant::contact("c", "nobody", "C", "C")),
        Record::Device(Box::new(tenant::device("d", "nobody", "D"))),
        Record::Device(Box::new(stray)),
    ];
    let counts = client.psa.counts();
    for record in records {
        let error = client
            .psa
            .apply(&Change::Put(record), client.now)
            .unwrap_err();
        assert!(matches!(error, ChangeError::Unknown { key, .. } if key == "nobody"));
    }
    assert_eq!(client.psa.counts(), counts);
    assert_eq!(client.psa.truth().len(), 12);
}

#[test]
fn changes_before_the_first_request_are_seen_by_it() {
    let client = Client::with_tenant();
    put(
        &client,
        Record::Device(Box::new(tenant::device("early", "dental", "EARLY"))),
    );
    let early = client.get("/company/configurations/304");
    let href = early["company"]["_info"]["company_href"].as_str().unwrap();
    assert!(
        href.starts_with("http://psa.test:8080/v4_6_release"),
        "{href}"
    );
}

#[test]
fn text_that_looks_like_a_link_is_left_alone() {
    let mut records = tenant::records();
    let tricky = "_href\":\"http://localhost/x";
    records.devices[0].notes = tenant::text(tricky);
    let client = Client::new(&records);
    assert_eq!(client.get("/company/configurations/300")["notes"], tricky);
}
