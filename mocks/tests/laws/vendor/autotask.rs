//! How Autotask is spoken to.

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, escaped, get, ids, send,
    text,
};

pub(crate) struct Autotask;

const API: &str = "/ATServicesRest/V1.0";

fn first(entity: &str, size: usize) -> Request {
    let query = json!({
        "filter": [{ "op": "gte", "field": "id", "value": 0 }], "maxRecords": size,
    });
    let search = escaped(&query.to_string());
    get(format!("{API}/{entity}/query?search={search}"))
}

fn next(_request: &Request, reply: &Reply, _size: usize) -> Option<Request> {
    let url = text(&read(reply)["pageDetails"]["nextPageUrl"])?;
    let uri: http::Uri = url.parse().ok()?;
    Some(get(uri.path_and_query()?.as_str()))
}

fn list(name: &'static str, kind: Option<Kind>, first: fn(usize) -> Request) -> List {
    List {
        name,
        kind,
        largest: 500,
        first,
        next,
        ids: |page| ids(&page["items"], "id"),
        style: Style::Cursor,
        // The MSP's own company.
        own: |id, page| id == "0" && page["items"][0]["companyName"].is_string(),
    }
}

const fn entity(kind: Kind) -> &'static str {
    match kind {
        Kind::Organization => "Companies",
        Kind::Location => "CompanyLocations",
        Kind::Contact => "Contacts",
        Kind::Device => "ConfigurationItems",
    }
}

fn some(desk: &Desk<'_>, entity: &str, field: &str) -> Value {
    let query = json!({ "filter": [{ "op": "gt", "field": "id", "value": 0 }], "maxRecords": 1 });
    let found = desk.good(send("POST", format!("{API}/{entity}/query"), &query));
    found["items"][0][field].clone()
}

fn item(desk: &Desk<'_>, kind: Kind, id: &str) -> Option<Value> {
    let got = desk.good(get(format!("{API}/{}/{id}", entity(kind))));
    got["item"].is_object().then(|| got["item"].clone())
}

fn made(desk: &Desk<'_>, path: &str, body: &Value) -> String {
    text(&desk.good(send("POST", format!("{API}/{path}"), body))["itemId"]).unwrap()
}

fn patch(desk: &Desk<'_>, path: &str, id: &str, field: &str, value: &str) {
    let id: u64 = id.parse().unwrap();
    let body = json!({ "id": id, field: value });
    desk.good(send("PATCH", format!("{API}/{path}"), &body));
}

fn below(desk: &Desk<'_>, kind: Kind, id: &str, child: &str) -> String {
    let company = item(desk, kind, id).unwrap()["companyID"].clone();
    format!("Companies/{company}/{child}")
}

impl Habits for Autotask {
    fn vendor(&self) -> Vendor {
        Vendor::Autotask
    }

    fn login(&self, _desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let mut session = Session::default();
        for (header, name) in [
            ("username", "user_name"),
            ("secret", "secret"),
            ("apiintegrationcode", "integration_code"),
        ] {
            let value = HeaderValue::from_str(&credentials[name]).unwrap();
            session.headers.insert(header, value);
        }
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "secret"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Endless("three headers are sent with every request")
    }

    fn lists(&self) -> Vec<List> {
        vec![
            list("companies", Some(Kind::Organization), |size| {
                first("Companies", size)
            }),
            list("locations", Some(Kind::Location), |size| {
                first("CompanyLocations", size)
            }),
            list("contacts", Some(Kind::Contact), |size| {
                first("Contacts", size)
            }),
            list("configuration_items", Some(Kind::Device), |size| {
                first("ConfigurationItems", size)
            }),
            list("products", None, |size| first("Products", size)),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        get(format!("{API}/{}/{id}", entity(kind)))
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn is_missing(&self, reply: &Reply) -> bool {
        reply.status == StatusCode::OK && read(reply) == json!({ "item": null })
    }

    fn malformed(&self) -> Vec<Request> {
        let query = |query: Value| send("POST", format!("{API}/Companies/query"), &query);
        let condition = |condition: Value| query(json!({ "filter": [condition] }));
        vec![
            get(format!("{API}/Companies/query")),
            get(format!("{API}/Companies/query?search=%7B")),
            query(json!([])),
            query(json!({ "filter": [] })),
            condition(json!({ "op": "eq", "field": "shoeSize", "value": 1 })),
            condition(json!({ "op": "like", "field": "id", "value": 1 })),
            condition(json!({ "op": "eq", "field": "isActive", "value": null })),
            query(json!({ "filter": [{ "op": "exist", "field": "id" }], "maxRecords": 501 })),
            send("POST", format!("{API}/Companies"), &json!({})),
            send(
                "POST",
                format!("{API}/Contacts"),
                &json!({ "firstName": "x" }),
            ),
            send(
                "PATCH",
                format!("{API}/Companies"),
                &json!({ "companyName": "x" }),
            ),
            get(format!("{API}/Companies/query/next?paging=x")),
            get(format!("{API}/Nothing/query")),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        body["errors"].is_array() || body["message"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 10_000,
            window_s: 3_600,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: false,
            recovers_s: 3_600,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![
            Writing {
                kind: Kind::Organization,
                create: |desk| {
                    let kind = some(desk, "Companies", "companyType");
                    let body = json!({ "companyName": "Made by a client", "companyType": kind });
                    made(desk, "Companies", &body)
                },
                read: |desk, id| {
                    let got = item(desk, Kind::Organization, id)?;
                    Some((text(&got["companyName"])?, text(&got["webAddress"])))
                },
                update: |desk, id, value| patch(desk, "Companies", id, "webAddress", value),
            },
            Writing {
                kind: Kind::Location,
                create: |desk| {
                    let company = some(desk, "Companies", "id");
                    let path = format!("Companies/{company}/Locations");
                    made(desk, &path, &json!({ "name": "Made by a client" }))
                },
                read: |desk, id| {
                    let got = item(desk, Kind::Location, id)?;
                    Some((text(&got["name"])?, text(&got["address1"])))
                },
                update: |desk, id, value| {
                    let path = below(desk, Kind::Location, id, "Locations");
                    patch(desk, &path, id, "address1", value);
                },
            },
            Writing {
                kind: Kind::Contact,
                create: |desk| {
                    let company = some(desk, "Companies", "id");
                    let body =
                        json!({ "firstName": "Made", "lastName": "Byclient", "isActive": 1 });
                    made(desk, &format!("Companies/{company}/Contacts"), &body)
                },
                read: |desk, id| {
                    let got = item(desk, Kind::Contact, id)?;
                    Some((text(&got["firstName"])?, text(&got["title"])))
                },
                update: |desk, id, value| {
                    let path = below(desk, Kind::Contact, id, "Contacts");
                    patch(desk, &path, id, "title", value);
                },
            },
            Writing {
                kind: Kind::Device,
                create: |desk| {
                    let body = json!({
                        "companyID": some(desk, "Companies", "id"),
                        "productID": some(desk, "Products", "id"),
                        "isActive": true,
                        "referenceTitle": "MADE-BY-CLIENT",
                    });
                    made(desk, "ConfigurationItems", &body)
                },
                read: |desk, id| {
                    let got = item(desk, Kind::Device, id)?;
                    Some((text(&got["referenceTitle"])?, text(&got["notes"])))
                },
                update: |desk, id, value| patch(desk, "ConfigurationItems", id, "notes", value),
            },
        ])
    }
}
