//! How Kaseya BMS and its family are spoken to.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, form, get, ids, send, text,
};

/// A member of the family.
pub(crate) struct Family(pub(crate) Vendor);

fn page_after(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let came = read(reply)["result"].as_array()?.len();
    if came < size {
        return None;
    }
    let uri = request.uri().to_string();
    let (path, page) = uri.rsplit_once("PageNumber=")?;
    let page: u32 = page.parse().ok()?;
    Some(get(format!("{path}PageNumber={}", page + 1)))
}

fn list(name: &'static str, kind: Kind, first: fn(usize) -> Request) -> List {
    List {
        name,
        kind: Some(kind),
        largest: 1_000,
        first,
        next: page_after,
        ids: |page| ids(&page["result"], "id"),
        style: Style::Number,
        own: |_, _| false,
    }
}

fn path(kind: Kind, id: &str) -> String {
    match kind {
        Kind::Organization => format!("/v2/crm/accounts/summary/{id}"),
        Kind::Location => format!("/v2/crm/accounts/20551/locations/{id}"),
        Kind::Contact => format!("/v2/crm/contacts/summary/{id}"),
        Kind::Device => format!("/v2/servicedesk/hardwareasset/{id}"),
    }
}

fn record(desk: &Desk<'_>, kind: Kind, id: &str) -> Value {
    desk.good(get(path(kind, id)))["result"].clone()
}

fn patch(desk: &Desk<'_>, path: &str, field: &str, value: &str) {
    let patch = json!([{ "op": "replace", "path": format!("/{field}"), "value": value }]);
    desk.good(send("PATCH", path, &patch));
}

/// An account with a location.
fn account(desk: &Desk<'_>) -> (Value, Value) {
    let accounts = desk.good(get("/v2/crm/accounts/summary?PageSize=1&PageNumber=1"));
    let account = &accounts["result"][0];
    (account["id"].clone(), account["locations"][0]["id"].clone())
}

impl Habits for Family {
    fn vendor(&self) -> Vendor {
        self.0
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let fields = [
            ("grantType", "password"),
            ("userName", credentials["user_name"].as_str()),
            ("password", &credentials["password"]),
            ("tenant", &credentials["tenant"]),
        ];
        let reply = desk.raw(&form("/v2/security/authenticate", &fields));
        if !reply.status.is_success() {
            return Err(reply);
        }
        let bearer = format!(
            "Bearer {}",
            text(&read(&reply)["result"]["accessToken"]).unwrap()
        );
        let mut session = Session::default();
        session
            .headers
            .insert(AUTHORIZATION, HeaderValue::from_str(&bearer).unwrap());
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "password"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Seconds(1_200)
    }

    fn lists(&self) -> Vec<List> {
        vec![
            list("accounts", Kind::Organization, |size| {
                get(format!(
                    "/v2/crm/accounts/summary?PageSize={size}&PageNumber=1"
                ))
            }),
            list("contacts", Kind::Contact, |size| {
                get(format!(
                    "/v2/crm/contacts/summary?PageSize={size}&PageNumber=1"
                ))
            }),
            list("assets", Kind::Device, |size| {
                get(format!(
                    "/v2/servicedesk/hardwareasset/searchselect?PageSize={size}&PageNumber=1"
                ))
            }),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        get(path(kind, id))
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        let contacts = "/v2/crm/contacts/summary";
        vec![
            get("/v2/crm/accounts/summary?PageSize=x"),
            get("/v2/crm/accounts/summary?Filter.IsActive=perhaps"),
            get("/v2/crm/accounts/summary?Filter.AccountTypeId=x"),
            send("POST", "/v2/crm/accounts", &json!({})),
            send("POST", "/v2/crm/accounts", &json!([])),
            send("POST", contacts, &json!({ "firstName": "x" })),
            send(
                "POST",
                "/v2/servicedesk/hardwareasset",
                &json!({ "name": "x" }),
            ),
            send("PATCH", "/v2/crm/contacts/1", &json!({})),
            get("/v2/nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        let unauthorized = reply.status == StatusCode::UNAUTHORIZED;
        (unauthorized && reply.body_bytes().is_empty())
            || (body["success"] == false && body["error"]["message"].is_string())
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 1_500,
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
                    let types = desk.good(get("/v2/system/accounttypes/lookup"));
                    let made = json!({
                        "accountName": "Made by a client", "accountTypeId": types["result"][0]["id"],
                        "businessTypeId": 1, "accountManagerId": 17,
                        "locations": [{ "locationName": "Main", "addresses": [{ "address1": "1 Elm" }] }],
                    });
                    let made = desk.good(send("POST", "/v2/crm/accounts", &made));
                    text(&made["result"]["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = record(desk, Kind::Organization, id);
                    Some((text(&got["accountName"])?, text(&got["website"])))
                },
                update: |desk, id, value| {
                    patch(desk, &format!("/v2/crm/accounts/{id}"), "website", value);
                },
            },
            Writing {
                kind: Kind::Contact,
                create: |desk| {
                    let (account, location) = account(desk);
                    let made = json!({
                        "firstName": "Made", "lastName": "Byclient", "accountId": account,
                        "locationId": location,
                        "emails": [{ "emailAddress": "m@x.example", "emailTypeId": 1, "isDefault": true }],
                        "phones": [{ "phoneNumber": "1", "phoneTypeId": 1, "isDefault": true }],
                    });
                    let made = desk.good(send("POST", "/v2/crm/contacts/summary", &made));
                    text(&made["result"]["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = record(desk, Kind::Contact, id);
                    Some((text(&got["firstName"])?, text(&got["jobTitle"])))
                },
                update: |desk, id, value| {
                    patch(desk, &format!("/v2/crm/contacts/{id}"), "jobTitle", value);
                },
            },
            Writing {
                kind: Kind::Device,
                create: |desk| {
                    let (account, location) = account(desk);
                    let made = json!({
                        "name": "MADE-BY-CLIENT", "accountId": account, "accountLocationId": location,
                        "categoryId": 1,
                    });
                    let made = desk.good(send("POST", "/v2/servicedesk/hardwareasset", &made));
                    text(&made["result"]["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = record(desk, Kind::Device, id);
                    Some((text(&got["name"])?, text(&got["description"])))
                },
                // PUT replaces, so that a careful client sends what it has read.
                update: |desk, id, value| {
                    let mut got = record(desk, Kind::Device, id);
                    if got["accountLocationId"].is_null() {
                        got["accountLocationId"] = account(desk).1;
                    }
                    got["description"] = value.into();
                    desk.good(send("PUT", path(Kind::Device, id), &got));
                },
            },
        ])
    }
}
