//! The shapes of records, and that the two ways to write them agree.

use serde_json::{Value, json};

use super::{API, Client, HOST, tenant};
use crate::Simulator as _;
use crate::connectwise_psa::json::record_bytes;
use crate::connectwise_psa::schema::Resource;
use crate::world::Kind;

#[test]
fn a_company_shows_its_main_sites_address() {
    let client = Client::with_tenant();
    let dental = client.get("/company/companies/21");
    assert_eq!(dental["identifier"], "FabrikamDental");
    assert_eq!(dental["status"]["name"], "Active");
    assert_eq!(dental["addressLine1"], "12 Harbour St");
    assert_eq!(dental["city"], "Halifax");
    assert_eq!(dental["state"], "NS");
    assert_eq!(dental["country"]["identifier"], "CA");
    assert_eq!(dental["phoneNumber"], "9025550101");
    assert_eq!(dental["parentCompany"]["id"], 20);
    assert_eq!(dental["parentCompany"]["identifier"], "FabrikamGroup");
    assert_eq!(dental["site"]["name"], "Main");
    assert_eq!(dental["types"][0]["name"], "Client");
    assert_eq!(dental["deletedFlag"], false);
    assert_eq!(dental["_info"]["lastUpdated"], "2025-03-04T15:20:11Z");
    let href = format!("http://{HOST}{API}/company/companies/statuses/1");
    assert_eq!(dental["status"]["_info"]["status_href"], href.as_str());
    let href = format!("http://{HOST}{API}/company/companies/21/sites/41");
    assert_eq!(dental["site"]["_info"]["site_href"], href.as_str());
    assert_eq!(client.get("/company/companies/21/sites/41")["name"], "Main");
}

#[test]
fn sites_belong_to_a_company() {
    let client = Client::with_tenant();
    assert_eq!(client.ids("/company/companies/21/sites"), [41, 42]);
    let sites = client.get("/company/companies/21/sites");
    assert_eq!(sites[0]["stateReference"]["identifier"], "NS");
    assert_eq!(sites[0]["primaryAddressFlag"], true);
    assert_eq!(sites[1]["inactiveFlag"], true);
    assert_eq!(sites[0]["company"]["id"], 21);
    let count = client.get("/company/companies/21/sites/count");
    assert_eq!(count, json!({"count": 2}));
    assert_eq!(client.ids("/company/companies/21/typeAssociations"), [2]);
    for path in [
        "/company/companies/20/sites/41",
        "/company/companies/99/sites",
    ] {
        let (status, code, _) = client.refusal("GET", path, &Value::Null);
        assert_eq!((status, code.as_str()), (404, "NotFound"));
    }
    let missing = client
        .call("GET", "/company/companies/99", &Value::Null)
        .json;
    assert_eq!(missing["message"], "Company 99 not found");
}

#[test]
fn a_configuration_has_one_field_for_all_its_macs() {
    let client = Client::with_tenant();
    let server = client.get("/company/configurations/301");
    assert_eq!(server["macAddress"], "00:1A:2B:3C:4D:5E, 00:1A:2B:3C:4D:5F");
    assert_eq!(server["type"]["name"], "Managed Server");
    assert_eq!(server["ram"], "16 GB");
    assert_eq!(server["purchaseDate"], "2023-05-20T00:00:00Z");
    assert_eq!(server["lastLoginName"], r"LARK\frontdesk");
    let front = client.get("/company/configurations/300");
    assert_eq!(front["contact"]["name"], "Pat Rowe");
    assert_eq!(front["site"]["id"], 41);
    let retired = client.get("/company/configurations/302");
    assert_eq!(retired["activeFlag"], false);
    assert_eq!(retired["status"]["name"], "Inactive");
    assert_eq!(retired.get("serialNumber"), None);
}

#[test]
fn lists_say_description_where_references_say_name() {
    let client = Client::with_tenant();
    let statuses = client.get("/company/configurations/statuses");
    assert_eq!(statuses[0]["description"], "Active");
    assert_eq!(statuses[0]["defaultFlag"], true);
    assert_eq!(statuses[1]["closedFlag"], true);
    let types = client.get("/company/companies/types");
    let names: Vec<_> = types
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["Client", "Former Client", "Prospect", "Vendor"]);
    let contact_types = client.get("/company/contacts/types");
    assert_eq!(contact_types[1]["description"], "Decision Maker");
    assert_eq!(client.get("/procurement/manufacturers")[0]["name"], "Dell");
    assert_eq!(
        client.get("/company/communicationTypes")[0]["emailFlag"],
        true
    );
}

#[test]
fn fields_keep_their_nesting_and_leave_info_out_unless_named() {
    let client = Client::with_tenant();
    let got = client.get("/company/contacts/150?fields=ID,company/name,communicationItems/value");
    let expected = json!({
        "id": 150,
        "company": {"name": "Fabrikam Dental"},
        "communicationItems": [
            {"value": "pat@lark.example"},
            {"value": "p.rowe@home.example"},
            {"value": "9025550102"},
            {"value": "9025550199"},
        ],
    });
    assert_eq!(got, expected);
    let list = client.get("/company/configurations?fields=id,_info/lastUpdated&pageSize=1");
    let updated = "2025-03-04T15:20:11Z";
    assert_eq!(
        list,
        json!([{"id": 300, "_info": {"lastUpdated": updated}}])
    );
    let path = "/company/companies?fields=id,nonsense";
    assert_eq!(client.refusal("GET", path, &Value::Null).0, 400);
}

/// World records are written straight to bytes, records of clients from a tree: both must come out
/// alike.
#[test]
fn a_world_record_survives_the_other_way_of_writing() {
    let client = Client::with_tenant();
    let store = client.psa.read();
    for resource in Resource::ALL {
        let table = store.table(resource);
        for id in table.ids() {
            let bytes = table.get(id).unwrap();
            let record = store.record(resource, id).unwrap();
            let again = record_bytes(resource.schema(), &record);
            assert_eq!(
                String::from_utf8(again).unwrap(),
                String::from_utf8(bytes.to_vec()).unwrap(),
                "{resource:?}"
            );
        }
    }
}

#[test]
fn truth_and_counts_tell_what_is_there() {
    let client = Client::with_tenant();
    let truth = client.psa.truth();
    let ids = |kind| -> Vec<&str> {
        let rows = truth.iter().filter(|row| row.kind == kind);
        rows.map(|row| row.external_id.as_str()).collect()
    };
    assert_eq!(ids(Kind::Organization), ["20", "21"]);
    assert_eq!(ids(Kind::Location), ["40", "41", "42"]);
    assert_eq!(ids(Kind::Contact), ["150", "151", "152"]);
    assert_eq!(ids(Kind::Device), ["300", "301", "302", "303"]);
    for (name, path) in [
        ("companies", "/company/companies"),
        ("contacts", "/company/contacts"),
        ("configurations", "/company/configurations"),
        ("configuration-types", "/company/configurations/types"),
        ("manufacturers", "/procurement/manufacturers"),
    ] {
        let listed = client.ids(path).len() as u64;
        assert_eq!(client.psa.counts()[name], listed, "{name}");
    }
    assert_eq!(client.psa.counts()["sites"], 3);
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let body = || {
        let client = Client::with_tenant();
        let request = client.request("GET", "/company/configurations", "");
        let got = client.send(&request);
        (got.reply.body_bytes(), format!("{:?}", got.reply.headers))
    };
    assert_eq!(body(), body());
}

#[test]
fn records_of_organizations_that_are_not_there_are_left_out() {
    let mut records = tenant::records();
    records.locations[0].organization = "nobody".to_owned();
    records.contacts[1].organization = "nobody".to_owned();
    records.devices[3].organization = "nobody".to_owned();
    let client = Client::new(&records);
    assert_eq!(client.psa.counts()["configurations"], 3);
    assert_eq!(client.psa.counts()["sites"], 2);
    let lee = client.get("/company/contacts/151");
    assert_eq!(lee["firstName"], "Lee");
    assert_eq!(lee.get("company"), None);
}

#[test]
fn two_companies_of_one_name_get_different_identifiers() {
    let mut records = tenant::records();
    records
        .organizations
        .push(tenant::organization("again", "Fabrikam Group"));
    records
        .organizations
        .push(tenant::organization("signs", "!!!"));
    let client = Client::new(&records);
    let companies = client.get("/company/companies?fields=identifier");
    let expected = json!([
        {"identifier": "FabrikamGroup"},
        {"identifier": "FabrikamDental"},
        {"identifier": "FabrikamGroup2"},
        {"identifier": "2"},
    ]);
    assert_eq!(companies, expected);
}
