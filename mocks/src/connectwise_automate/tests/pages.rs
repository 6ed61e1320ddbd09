//! Lists: pages, parameters, shapes, paths.

use serde_json::{Value, json};

use super::Client;

#[test]
fn a_list_is_a_bare_array_by_numbered_pages_that_end_in_an_empty_one() {
    let client = Client::new();
    assert_eq!(client.ids("/computers"), [1, 2, 3, 4]);
    assert_eq!(client.ids("/computers?page=1&pageSize=3"), [1, 2, 3]);
    assert_eq!(client.ids("/computers?page=2&pageSize=3"), [4]);
    assert_eq!(client.ids("/computers?page=3&pageSize=3"), [0; 0]);
    assert_eq!(
        client.ids("/computers?page=18446744073709551615&pageSize=1000"),
        [0; 0]
    );
    // Network devices count from one as well.
    assert_eq!(client.ids("/networkdevices?pageSize=5000"), [1, 2]);
}

#[test]
fn names_of_parameters_and_steps_of_paths_match_in_any_case() {
    let client = Client::new();
    let wanted = client.get("/computers?pageSize=2&page=2&orderBy=Id%20desc");
    for path in [
        "/Computers?pagesize=2&PAGE=2&orderby=id desc",
        "/COMPUTERS/?options.pageSize=2&options.page=2&Options.OrderBy=ID+DESC",
        "/computers?pageSize=9&page=2&OrderBy=Id%20desc&PageSize=2",
    ] {
        assert_eq!(client.get(&path.replace(' ', "%20")), wanted, "{path}");
    }
    assert_eq!(
        client.get("/Computers/Drives"),
        client.get("/computers/drives")
    );
}

#[test]
fn what_is_no_number_is_refused() {
    let client = Client::new();
    for query in [
        "page=0",
        "page=x",
        "pageSize=0",
        "pageSize=-1",
        "ids=1,x",
        "ids=,",
        "orderBy=Nothing",
        "orderBy=Id%20up",
        "orderBy=Client",
    ] {
        assert_eq!(
            client.refused(&format!("/computers?{query}")).0,
            400,
            "{query}"
        );
    }
}

#[test]
fn ids_choose_records() {
    let client = Client::new();
    assert_eq!(client.ids("/computers?ids=4,1,99,1"), [1, 4]);
    assert_eq!(client.ids("/computers?ids=1,2,4&page=2&pageSize=2"), [4]);
    assert_eq!(client.ids("/locations?ids=2"), [2]);
    let rows = client.get("/computers/drives?ids=1");
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[test]
fn orders_put_null_first_and_leave_ties_as_they_are() {
    let client = Client::new();
    let by = |order: &str| client.computers(&[("orderBy", order)]);
    let (lark, srv, esx, vm) = ("LARK-FRONTDESK-07", "LARK-SRV", "FERN-ESX", "FERN-VM");
    assert_eq!(by("ComputerName asc"), [esx, vm, lark, srv]);
    assert_eq!(by("computername DESC"), [srv, lark, vm, esx]);
    assert_eq!(by("Client.Name,SerialNumber desc"), [esx, vm, lark, srv]);
    assert_eq!(by("SerialNumber"), [srv, vm, esx, lark]);
    assert_eq!(by("Client.Id desc, Id desc"), [vm, esx, srv, lark]);
    assert_eq!(by("RemoteAgentLastContact desc"), [esx, lark, srv, vm]);
}

#[test]
fn fields_are_chosen_or_left_out() {
    let client = Client::new();
    let row = |query: &str| client.get(&format!("/computers/1?{query}"));
    assert_eq!(
        row("includeFields=computername,Id,Nothing"),
        json!({ "Id": "1", "ComputerName": "LARK-FRONTDESK-07" })
    );
    assert_eq!(
        row("includeFields=Client.Name"),
        json!({ "Client": { "Name": "Larkspur Dental" } })
    );
    assert_eq!(
        row("includeFields=Client.Name,Client"),
        json!({ "Client": { "Id": "2", "Name": "Larkspur Dental" } })
    );
    let whole = row("");
    let less = row("excludeFields=SerialNumber,Client");
    let missing: Vec<&String> = whole
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| less.get(name.as_str()).is_none())
        .collect();
    assert_eq!(missing, ["Client", "SerialNumber"]);
    assert_eq!(
        row("includeFields=Id&excludeFields=Id"),
        json!({ "Id": "1" })
    );
    assert_eq!(
        client.get("/computers?includeFields=Id&pageSize=2"),
        json!([{ "Id": "1" }, { "Id": "2" }])
    );
}

#[test]
fn what_is_not_there_is_missing_or_not_to_be_done() {
    let client = Client::new();
    for path in [
        "/computers/99",
        "/computers/x",
        "/computers/1/nothing",
        "/clients/0",
        "/nothing",
        "/retiredassets/1",
        "/computers/99/bios",
        "/",
    ] {
        assert_eq!(client.refused(path).0, 404, "{path}");
    }
    for (method, path) in [
        ("DELETE", "/computers/1"),
        ("PATCH", "/clients/2"),
        ("POST", "/computers"),
        ("GET", "/apitoken"),
    ] {
        let (status, body) = client.call(method, path, &Value::Null);
        assert_eq!(
            (status, &body["code"]),
            (405, &json!("MethodNotAllowed")),
            "{method} {path}"
        );
    }
    for path in [
        "/groups",
        "/searches",
        "/contacts",
        "/featureflags",
        "/computers/software",
    ] {
        assert_eq!(client.get(path), json!([]), "{path}");
    }
    assert_eq!(client.get("/databaseservertime"), "2026-01-05T09:00:00");
    assert!(client.get("/patchinformation")["DBAgentServerPatchVersion"].is_string());
}
