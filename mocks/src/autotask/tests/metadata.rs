//! What the API says of itself, and how records look.

use serde_json::{Value, json};

use super::Client;

fn field(client: &Client, entity: &str, name: &str) -> Value {
    let fields = client.get(&format!("{entity}/entityInformation/fields"));
    let mut fields = fields["fields"].as_array().unwrap().iter();
    fields.find(|field| field["name"] == name).unwrap().clone()
}

#[test]
fn an_entity_says_what_can_be_done_with_it() {
    let client = Client::new();
    for (entity, create, delete, own, hooks) in [
        ("Companies", true, false, true, true),
        ("CompanyLocations", true, true, false, false),
        ("Contacts", true, true, true, true),
        ("ConfigurationItems", true, false, true, true),
        ("ConfigurationItemTypes", true, true, false, false),
        ("Countries", false, false, false, false),
    ] {
        let info = client.get(&format!("{entity}/entityInformation"))["info"].clone();
        assert_eq!(info["name"], entity);
        assert_eq!(info["canCreate"], create, "{entity}");
        assert_eq!(info["canUpdate"], create, "{entity}");
        assert_eq!(info["canDelete"], delete, "{entity}");
        assert_eq!(info["canQuery"], true, "{entity}");
        assert_eq!(info["hasUserDefinedFields"], own, "{entity}");
        assert_eq!(info["supportsWebhookCallouts"], hooks, "{entity}");
        let own = client.get(&format!("{entity}/entityInformation/userDefinedFields"));
        assert_eq!(own, json!({ "fields": [] }));
    }
}

#[test]
fn a_list_of_values_holds_texts_where_records_hold_numbers() {
    let client = Client::new();
    let kind = field(&client, "Companies", "companyType");
    assert_eq!(
        (&kind["isPickList"], &kind["isRequired"]),
        (&json!(true), &json!(true))
    );
    let values = kind["picklistValues"].as_array().unwrap();
    let former = values
        .iter()
        .find(|value| value["label"] == "Former Client");
    let former = former.unwrap();
    let forge = client.one("Companies", "companyName", "Olde Forge & Sons");
    assert!(forge["companyType"].is_u64());
    assert_eq!(former["value"], forge["companyType"].to_string());
    assert_eq!(former["isActive"], true);

    let kind = field(&client, "ConfigurationItems", "configurationItemType");
    let types = client.query(
        "ConfigurationItemTypes",
        &json!({ "filter": [{ "op": "exist", "field": "id" }] }),
    );
    for (value, row) in kind["picklistValues"]
        .as_array()
        .unwrap()
        .iter()
        .zip(types["items"].as_array().unwrap())
    {
        assert_eq!(value["value"], row["id"].to_string());
        assert_eq!(value["label"], row["name"]);
    }
    assert_eq!(
        types["pageDetails"]["count"],
        json!(kind["picklistValues"].as_array().unwrap().len())
    );
}

#[test]
fn fields_say_their_type_and_who_writes_them() {
    let client = Client::new();
    for (entity, name, kind, required, read_only, reference) in [
        ("Companies", "companyName", "string", true, false, ""),
        ("Companies", "id", "long", false, true, ""),
        (
            "Companies",
            "lastTrackedModifiedDateTime",
            "datetime",
            false,
            true,
            "",
        ),
        ("Companies", "isActive", "boolean", false, false, ""),
        ("Contacts", "isActive", "integer", true, false, ""),
        (
            "Contacts",
            "companyLocationID",
            "integer",
            false,
            false,
            "CompanyLocation",
        ),
        (
            "ConfigurationItems",
            "productID",
            "integer",
            true,
            false,
            "Product",
        ),
        (
            "ConfigurationItems",
            "rmmDeviceAuditMacAddress",
            "string",
            false,
            true,
            "",
        ),
        (
            "ConfigurationItems",
            "dattoSerialNumber",
            "string",
            false,
            true,
            "",
        ),
    ] {
        let field = field(&client, entity, name);
        assert_eq!(field["dataType"], kind, "{name}");
        assert_eq!(field["isRequired"], required, "{name}");
        assert_eq!(field["isReadOnly"], read_only, "{name}");
        assert_eq!(field["isReference"], !reference.is_empty(), "{name}");
        assert_eq!(field["referenceEntityType"], reference, "{name}");
        assert_eq!(field["isPickList"], false, "{name}");
        assert_eq!(field["picklistValues"], Value::Null, "{name}");
    }
}

#[test]
fn a_company_is_shown_as_documented() {
    let client = Client::new();
    let company = client.one("Companies", "companyName", "Fabrikam Dental");
    let parent = client.id("Companies", "companyName", "Fabrikam Group");
    for (field, value) in [
        ("companyNumber", json!("FABDENT")),
        ("isActive", json!(true)),
        ("address1", json!("12 Harbour St")),
        ("address2", Value::Null),
        ("city", json!("Halifax")),
        ("state", json!("NS")),
        ("postalCode", json!("B3H 1A1")),
        ("phone", json!("902-555-0101")),
        ("webAddress", json!("fabrikamdental.example")),
        ("parentCompanyID", json!(parent)),
        ("createDate", json!("2025-03-04T15:20:11.000")),
        (
            "lastTrackedModifiedDateTime",
            json!("2025-03-04T15:20:11.000"),
        ),
        ("userDefinedFields", json!([])),
    ] {
        assert_eq!(company.get(field), Some(&value), "{field}");
    }
    let country = client.get(&format!("Countries/{}", company["countryID"]));
    assert_eq!(country["item"]["displayName"], "Canada");
    assert_eq!(
        client.get("Companies/0")["item"]["companyName"],
        "Northwind IT"
    );
}

#[test]
fn a_contact_is_active_by_a_number() {
    let client = Client::new();
    let pat = client.one("Contacts", "firstName", "pat");
    let main = client.id("CompanyLocations", "name", "Main");
    for (field, value) in [
        ("isActive", json!(1)),
        ("lastName", json!("Rowe")),
        ("title", json!("Office manager")),
        ("companyLocationID", json!(main)),
        ("emailAddress", json!("pat@fabrikamdental.example")),
        ("emailAddress2", json!("p.rowe@home.example")),
        ("emailAddress3", Value::Null),
        ("phone", json!("902-555-0102")),
        ("extension", json!("12")),
        ("mobilePhone", json!("902-555-0150")),
        ("faxNumber", json!("902-555-0199")),
        ("alternatePhone", Value::Null),
    ] {
        assert_eq!(pat.get(field), Some(&value), "{field}");
    }
    assert_eq!(client.one("Contacts", "firstName", "Sam")["isActive"], 0);
    let inactive = json!({ "op": "eq", "field": "isActive", "value": 0 });
    assert_eq!(client.found("Contacts", "firstName", &inactive), ["Sam"]);
}

#[test]
fn a_configuration_item_has_its_model_in_its_product_and_no_technical_fields() {
    let client = Client::new();
    let item = client.one("ConfigurationItems", "referenceTitle", "FAB-WS01");
    let product = client.get(&format!("Products/{}", item["productID"]))["item"].clone();
    assert_eq!(product["manufacturerName"], "Dell");
    assert_eq!(product["manufacturerProductName"], "OptiPlex 7010");
    for (field, value) in [
        ("serialNumber", json!("SN-front")),
        ("referenceNumber", json!("A-0042")),
        ("isActive", json!(true)),
        ("installDate", json!("2023-06-01T00:00:00.000")),
        ("warrantyExpirationDate", json!("2026-06-01T00:00:00.000")),
        ("notes", json!("Front desk")),
    ] {
        assert_eq!(item.get(field), Some(&value), "{field}");
    }
    for stranger in ["hostname", "ipAddress", "macAddress", "make", "model"] {
        assert!(item.get(stranger).is_none(), "{stranger}");
    }
}
