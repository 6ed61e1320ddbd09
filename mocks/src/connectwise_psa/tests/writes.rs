//! Creating, replacing, changing and deleting as a client.

use serde_json::{Value, json};

use super::{API, Client, HOST};
use crate::Simulator as _;

const COMPANIES: &str = "/company/companies";
const CONFIGURATIONS: &str = "/company/configurations";

fn configuration() -> Value {
    json!({
        "name": "FAB-NEW",
        "type": {"name": "managed workstation"},
        "company": {"identifier": "fabrikamdental"},
        "serialNumber": "NEW-1",
        "installationDate": "2024-05-01",
        "site": {"name": "annex"},
        "unknownMember": 1,
    })
}

#[test]
fn a_new_configuration_is_201_with_the_record_and_its_place() {
    let mut client = Client::with_tenant();
    client.later(60);
    let got = client.call("POST", CONFIGURATIONS, &configuration());
    assert_eq!(got.status, 201, "{}", got.json);
    let location = format!("http://{HOST}{API}{CONFIGURATIONS}/304");
    assert_eq!(got.header("location"), Some(location.as_str()));
    assert_eq!(got.json["id"], 304);
    assert_eq!(got.json["company"]["name"], "Fabrikam Dental");
    assert_eq!(got.json["type"]["name"], "Managed Workstation");
    assert_eq!(got.json["status"]["name"], "Active");
    assert_eq!(got.json["site"]["id"], 42);
    assert_eq!(got.json["activeFlag"], true);
    assert_eq!(got.json["installationDate"], "2024-05-01T00:00:00Z");
    assert_eq!(got.json["_info"]["dateEntered"], "2025-03-04T15:21:11Z");
    assert_eq!(got.json.get("unknownMember"), None);
    assert_eq!(client.get(&format!("{CONFIGURATIONS}/304")), got.json);
    // It stands for nothing in the world.
    assert_eq!(client.psa.truth().len(), 12);
    assert_eq!(client.psa.counts()["configurations"], 5);
    let found = client.find(
        CONFIGURATIONS,
        "conditions",
        "company/id=21 and name=\"fab-new\"",
    );
    assert_eq!(found, [304]);
}

#[test]
fn every_error_of_a_body_is_told_and_nothing_is_stored() {
    let client = Client::with_tenant();
    let body = json!({
        "company": {"id": 999},
        "macAddress": "00:1A:2B:3C:4D:5E, 00:1A:2B:3C:4D:5F",
        "purchaseDate": "soon",
        "activeFlag": 7,
        "locationId": "x",
    });
    let (status, code, fields) = client.refusal("POST", CONFIGURATIONS, &body);
    assert_eq!((status, code.as_str()), (400, "InvalidObject"));
    let expected = [
        "company:InvalidReference",
        "locationId:InvalidParameter",
        "purchaseDate:InvalidParameter",
        "macAddress:OutOfRange",
        "activeFlag:InvalidParameter",
        "name:MissingRequiredField",
        "type:MissingRequiredField",
    ];
    assert_eq!(fields, expected);
    assert_eq!(client.psa.counts()["configurations"], 4);
    let got = client.call("POST", CONFIGURATIONS, &json!({"name": "x"}));
    assert_eq!(got.json["message"], "configuration object is invalid");
    assert_eq!(got.json["errors"][0]["resource"], "configuration");
    assert_eq!(
        got.json["errors"][0]["message"],
        "The type field is required."
    );
    for body in ["", "{", "[]", "3", "{\"name\": }"] {
        let got = client.send(&client.request("POST", CONFIGURATIONS, body));
        assert_eq!(got.status, 400, "{body}");
    }
}

#[test]
fn names_and_identifiers_are_taken_once() {
    let client = Client::with_tenant();
    let taken = json!({"identifier": "FABRIKAMDENTAL", "name": "Other"});
    let (status, _, fields) = client.refusal("POST", COMPANIES, &taken);
    assert_eq!(
        (status, fields),
        (400, vec!["identifier:ObjectExists".to_owned()])
    );
    let (_, _, fields) = client.refusal(
        "POST",
        "/procurement/manufacturers",
        &json!({"name": "dell"}),
    );
    assert_eq!(fields, ["name:ObjectExists"]);
    // A company of the same name is another company.
    let body =
        json!({"identifier": "fd2", "name": "Fabrikam Dental", "city": "Sydney", "state": "NS"});
    let made = client.call("POST", COMPANIES, &body);
    assert_eq!(made.status, 201);
    assert_eq!(made.json["site"]["name"], "Main");
    assert_eq!(made.json["status"]["name"], "Active");
    let sites = client.get("/company/companies/22/sites");
    assert_eq!(sites[0]["city"], "Sydney");
    assert_eq!(sites[0]["stateReference"]["name"], "NS");
    let same = json!([{"op": "replace", "path": "identifier", "value": "FD2"}]);
    assert_eq!(
        client.call("PATCH", "/company/companies/22", &same).status,
        200
    );
    let long = json!({"identifier": "x".repeat(31), "name": "y".repeat(51)});
    let (_, _, fields) = client.refusal("POST", COMPANIES, &long);
    assert_eq!(fields, ["identifier:OutOfRange", "name:OutOfRange"]);
}

#[test]
fn patches_speak_the_vendors_dialect() {
    let mut client = Client::with_tenant();
    client.later(5);
    let path = format!("{CONFIGURATIONS}/300");
    let patch = |operations: Value| client.call("PATCH", &path, &operations);
    let got = patch(json!([
        {"op": "replace", "path": "serialNumber", "value": "S-2"},
        {"op": "add", "path": "/tagNumber", "value": "T-2"},
        {"op": "replace", "path": "company", "value": {"id": 21}},
        {"op": "remove", "path": "contact"},
    ]));
    assert_eq!(got.status, 200, "{}", got.json);
    assert_eq!(got.json["serialNumber"], "S-2");
    assert_eq!(got.json["tagNumber"], "T-2");
    assert_eq!(got.json.get("contact"), None);
    assert_eq!(got.json["modelNumber"], "OptiPlex 7010");
    assert_eq!(got.json["_info"]["lastUpdated"], "2025-03-04T15:20:16Z");
    assert_eq!(got.json["_info"]["dateEntered"], "2025-03-04T15:20:11Z");
    assert_eq!(got.json["_info"]["updatedBy"], "integrator");
    // A path into a reference is taken and changes nothing.
    let before = client.get(&path);
    let got = patch(json!([{"op": "replace", "path": "company/identifier", "value": "x"}]));
    assert_eq!((got.status.as_u16(), got.json), (200, before));
    for bad in [
        json!([{"op": "replace", "path": "SerialNumber", "value": "x"}]),
        json!([{"op": "replace", "path": "nonsense", "value": "x"}]),
        json!([{"op": "replace", "path": "name/first", "value": "x"}]),
        json!([{"op": "test", "path": "name", "value": "x"}]),
        json!([{"op": "remove", "path": "name"}]),
        json!([{"op": "replace", "path": "id", "value": 1}]),
        json!([{"op": "replace", "path": "type", "value": {"name": "Managed Server"}}]),
        json!([{"op": "replace", "path": "site", "value": {"id": 40}}]),
        json!([{"value": "x"}]),
        json!([3]),
        json!({"op": "replace"}),
    ] {
        let got = patch(bad.clone());
        assert_eq!(got.status, 400, "{bad}");
        assert_eq!(got.json["code"], "InvalidObject");
    }
    assert_eq!(
        client
            .refusal("PATCH", "/company/configurations/999", &json!([]))
            .0,
        404
    );
}

#[test]
fn only_change_type_changes_a_type() {
    let client = Client::with_tenant();
    let to_server = json!([{"op": "replace", "path": "type", "value": {"name": "Managed Server"}}]);
    let got = client.call(
        "PATCH",
        "/company/configurations/300/changeType",
        &to_server,
    );
    assert_eq!(got.status, 200);
    assert_eq!(got.json["type"]["name"], "Managed Server");
    assert_eq!(got.reply.operation, "configurations.change-type");
}

#[test]
fn a_put_forgets_what_it_does_not_name() {
    let client = Client::with_tenant();
    let path = format!("{CONFIGURATIONS}/300");
    let before = client.get(&path);
    let body = json!({"name": "FAB-WS01", "type": before["type"], "company": {"id": 21}});
    let got = client.call("PUT", &path, &body);
    assert_eq!(got.status, 200, "{}", got.json);
    assert_eq!(got.json.get("serialNumber"), None);
    assert_eq!(got.json["mobileGuid"], before["mobileGuid"]);
    assert_eq!(got.json["status"]["name"], "Active");
    let (_, _, fields) = client.refusal("PUT", &path, &json!({"name": "x", "company": {"id": 21}}));
    let expected = ["type:MissingRequiredField", "type:InvalidParameter"];
    assert_eq!(fields, expected);
}

#[test]
fn what_is_referred_to_cannot_be_deleted() {
    let client = Client::with_tenant();
    let delete = |path: &str| client.call("DELETE", path, &Value::Null).status.as_u16();
    let manufacturer = client.get("/procurement/manufacturers")[0]["id"].clone();
    let manufacturer = format!("/procurement/manufacturers/{manufacturer}");
    assert_eq!(delete(&manufacturer), 409);
    for id in client.ids(CONFIGURATIONS) {
        assert_eq!(delete(&format!("{CONFIGURATIONS}/{id}")), 204);
    }
    assert_eq!(delete(&manufacturer), 204);
    assert_eq!(delete(&manufacturer), 404);
    assert_eq!(client.get(CONFIGURATIONS), json!([]));
    // What was served stays in the truth, and ids are not used again.
    assert_eq!(client.psa.truth().len(), 12);
    let made = client.call("POST", CONFIGURATIONS, &configuration());
    assert_eq!(made.json["id"], 304);
}

#[test]
fn a_deleted_company_goes_on_being_listed_with_its_flag() {
    let client = Client::with_tenant();
    assert_eq!(
        client
            .call("DELETE", "/company/companies/21", &Value::Null)
            .status,
        204
    );
    assert_eq!(client.ids(COMPANIES), [20, 21]);
    assert_eq!(
        client.find(COMPANIES, "conditions", "deletedFlag=false"),
        [20]
    );
    let company = client.get("/company/companies/21");
    assert_eq!(company["dateDeleted"], "2025-03-04T15:20:11Z");
    assert_eq!(company["deletedBy"], "integrator");
}

#[test]
fn a_new_name_shows_in_every_reference() {
    let client = Client::with_tenant();
    let rename = |path: &str, field: &str, value: &str| {
        let patch = json!([{"op": "replace", "path": field, "value": value}]);
        let got = client.call("PATCH", path, &patch);
        assert_eq!(got.status, 200, "{}", got.json);
    };
    rename("/company/companies/21", "name", "Fabrikam Smiles");
    rename("/company/companies/20", "identifier", "FG");
    rename("/company/contacts/150", "lastName", "Rowe-Ota");
    rename("/company/companies/21/sites/41", "name", "Harbour");
    rename(
        "/company/configurations/statuses/1",
        "description",
        "In use",
    );
    let front = client.get("/company/configurations/300");
    assert_eq!(front["company"]["name"], "Fabrikam Smiles");
    assert_eq!(front["contact"]["name"], "Pat Rowe-Ota");
    assert_eq!(front["site"]["name"], "Harbour");
    assert_eq!(front["status"]["name"], "In use");
    // It is the same configuration: only what it refers to has changed.
    assert_eq!(front["_info"]["updatedBy"], "admin");
    let company = client.get("/company/companies/21");
    assert_eq!(company["parentCompany"]["identifier"], "FG");
    assert_eq!(company["site"]["name"], "Harbour");
    let found = client.find(
        "/company/companies",
        "conditions",
        "identifier=\"FabrikamGroup\"",
    );
    assert!(found.is_empty());
}

#[test]
fn companies_and_their_sites_share_an_address() {
    let client = Client::with_tenant();
    let annex = json!([{"op": "replace", "path": "primaryAddressFlag", "value": true}]);
    let site = "/company/companies/21/sites/42";
    assert_eq!(client.call("PATCH", site, &annex).status, 200);
    let company = client.get("/company/companies/21");
    assert_eq!(
        (&company["city"], &company["site"]["id"]),
        (&json!("Dartmouth"), &json!(42))
    );
    let main = client.get("/company/companies/21/sites/41");
    assert_eq!(main["primaryAddressFlag"], false);
    let city = json!([{"op": "replace", "path": "city", "value": "Bedford"}]);
    assert_eq!(
        client.call("PATCH", "/company/companies/21", &city).status,
        200
    );
    assert_eq!(client.get(site)["city"], "Bedford");
    let back = json!([{"op": "replace", "path": "site", "value": {"id": 41}}]);
    assert_eq!(
        client.call("PATCH", "/company/companies/21", &back).json["city"],
        "Halifax"
    );
    assert_eq!(client.get(site)["primaryAddressFlag"], false);
}

#[test]
fn types_and_type_associations_are_one() {
    let client = Client::with_tenant();
    let path = "/company/companies/21/typeAssociations";
    let made = client.call("POST", path, &json!({"type": {"name": "Vendor"}}));
    assert_eq!(made.status, 201, "{}", made.json);
    let company = client.get("/company/companies/21");
    assert_eq!(company["types"][1]["name"], "Vendor");
    let only = json!([{"op": "replace", "path": "types", "value": [{"name": "Vendor"}]}]);
    assert_eq!(
        client.call("PATCH", "/company/companies/21", &only).status,
        200
    );
    let rows = client.get(path);
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["id"], made.json["id"]);
    let row = format!("{path}/{}", rows[0]["id"]);
    assert_eq!(client.call("DELETE", &row, &Value::Null).status, 204);
    assert_eq!(client.get("/company/companies/21")["types"], json!([]));
    let found = client.find(COMPANIES, "childConditions", "types/name=\"client\"");
    assert_eq!(found, [20]);
}

#[test]
fn bulk_answers_for_each_element() {
    let client = Client::with_tenant();
    let path = "/company/configurations/bulk";
    let got = client.call("POST", path, &json!([configuration(), {"name": "x"}, 3]));
    assert_eq!(got.status, 207);
    let payload = &got.json["payload"];
    let expected = json!({
        "success": true, "originalIndex": 0, "statusCode": 201, "data": {"id": 304}, "error": null
    });
    assert_eq!(payload[0], expected);
    assert_eq!(payload[1]["statusCode"], 400);
    assert_eq!(payload[1]["error"]["code"], "InvalidObject");
    assert_eq!(payload[2]["success"], false);
    let mut changed = client.get("/company/configurations/304");
    changed["serialNumber"] = json!("NEW-2");
    let got = client.call("PUT", path, &json!([changed, {"id": 999}]));
    assert_eq!(got.json["payload"][0]["statusCode"], 200);
    assert_eq!(got.json["payload"][1]["statusCode"], 404);
    assert_eq!(
        client.get("/company/configurations/304")["serialNumber"],
        "NEW-2"
    );
    let got = client.call("DELETE", path, &json!([304, {"id": 303}]));
    assert_eq!(got.json["payload"][1]["statusCode"], 204);
    assert_eq!(client.psa.counts()["configurations"], 3);
    assert_eq!(client.refusal("POST", path, &json!({})).0, 400);
}

#[test]
fn a_required_question_wants_an_answer() {
    let client = Client::with_tenant();
    let questions = "/company/configurations/types/1/questions";
    let body = json!({"fieldType": "Text", "entryType": "EntryField", "sequenceNumber": 1,
        "question": "Rack?", "requiredFlag": true});
    let question = client.call("POST", questions, &body);
    assert_eq!(question.status, 201, "{}", question.json);
    let (_, _, fields) = client.refusal("POST", CONFIGURATIONS, &configuration());
    assert_eq!(fields, ["questions:MissingRequiredField"]);
    let mut answered = configuration();
    answered["questions"] = json!([{"questionId": question.json["id"], "answer": "R7"}]);
    assert_eq!(client.call("POST", CONFIGURATIONS, &answered).status, 201);
    let values = format!("{questions}/{}/values", question.json["id"]);
    let made = client.call("POST", &values, &json!({"value": "R7"}));
    assert_eq!(made.json["question"]["id"], question.json["id"]);
    assert_eq!(client.ids(&values), [1]);
    assert_eq!(
        client
            .call(
                "GET",
                "/company/configurations/types/2/questions/1/values",
                &Value::Null
            )
            .status,
        404
    );
}

#[test]
fn callbacks_and_custom_field_definitions_are_kept() {
    let client = Client::with_tenant();
    let callback = json!({"url": "https://x.example/?recordId=", "objectId": 1, "type": "Company",
        "level": "Owner", "description": "sync"});
    let made = client.call("POST", "/system/callbacks", &callback);
    assert_eq!(made.status, 201);
    assert_eq!(made.json["connectWiseID"].as_str().map(str::len), Some(36));
    assert_eq!(client.ids("/system/callbacks"), [1]);
    let (_, _, fields) = client.refusal("POST", "/system/callbacks", &json!({}));
    assert_eq!(fields.len(), 4);
    let field = json!({"podId": 1, "caption": "Region", "sequenceNumber": 1,
        "fieldTypeIdentifier": "Text", "entryTypeIdentifier": "List"});
    assert_eq!(
        client
            .call("POST", "/system/userDefinedFields", &field)
            .status,
        201
    );
    let patch = json!([{"op": "replace", "path": "customFields",
        "value": [{"caption": "region", "value": "Atlantic"}]}]);
    let got = client.call("PATCH", "/company/companies/21", &patch);
    let expected = json!([{"id": 1, "caption": "Region", "type": "Text", "entryMethod": "List",
        "numberOfDecimals": 0, "value": "Atlantic"}]);
    assert_eq!(got.json["customFields"], expected);
}
