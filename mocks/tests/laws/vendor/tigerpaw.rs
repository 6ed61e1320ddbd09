//! How Tigerpaw is spoken to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use http::header::{AUTHORIZATION, DATE};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, send, text,
};

pub(crate) struct Tigerpaw;

fn first(path: &str, size: usize) -> Request {
    let search = json!({
        "Criteria": [{ "SearchType": "AccountNumber", "MatchType": "GreaterThan", "Criteria": "0" }],
        "PageSize": size, "StartRow": 1,
    });
    send("POST", path, &search)
}

fn next(request: &Request, reply: &Reply, _size: usize) -> Option<Request> {
    let row = read(reply)["NextRow"].as_u64().filter(|row| *row > 0)?;
    let mut search: Value = serde_json::from_slice(request.body()).ok()?;
    search["StartRow"] = row.into();
    Some(send("POST", request.uri().path(), &search))
}

fn list(
    name: &'static str,
    kind: Kind,
    first: fn(usize) -> Request,
    ids: fn(&Value) -> Vec<String>,
) -> List {
    List {
        name,
        kind: Some(kind),
        largest: 100,
        first,
        next,
        ids,
        style: Style::Number,
        own: |_, _| false,
    }
}

fn type_and_status(desk: &Desk<'_>) -> (Value, Value) {
    let one = |list: &str| {
        desk.good(get(format!("/api/mastertables/accounts/{list}")))["Entries"][0]["Value"].clone()
    };
    (one("types"), one("statuses"))
}

impl Habits for Tigerpaw {
    fn vendor(&self) -> Vendor {
        Vendor::Tigerpaw
    }

    fn login(&self, _desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        Ok(Session {
            credentials: credentials.clone(),
            ..Session::default()
        })
    }

    fn sign(&self, session: &Session, request: &mut Request, now: Timestamp) {
        let stamp = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let text = format!("{}|{}|{stamp}", request.method(), request.uri().path()).to_lowercase();
        let key = session.credentials["private_key"].as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let token = format!("{}:{signature}", session.credentials["public_key"]);
        let header = format!("TSI {}", STANDARD.encode(token));
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&header).unwrap());
        headers.insert(DATE, HeaderValue::from_str(&stamp).unwrap());
    }

    fn secret(&self) -> &'static str {
        "private_key"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Endless("each request is signed anew")
    }

    fn lists(&self) -> Vec<List> {
        vec![
            list(
                "accounts",
                Kind::Organization,
                |size| first("/api/accounts/search", size),
                |page| crate::habits::ids(&page["Accounts"], "AccountNumber"),
            ),
            list(
                "contacts",
                Kind::Contact,
                |size| first("/api/contacts/search", size),
                |page| crate::habits::ids(&page["Contacts"], "ContactNumber"),
            ),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Contact => get(format!("/api/contacts/{id}")),
            _ => get(format!("/api/accounts/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        let search = |criteria: Value| {
            send(
                "POST",
                "/api/accounts/search",
                &json!({ "Criteria": criteria }),
            )
        };
        vec![
            send("POST", "/api/accounts/search", &json!({})),
            search(json!([])),
            search(json!([{ "SearchType": "ShoeSize", "Criteria": "1" }])),
            search(json!([{ "SearchType": "AccountName", "MatchType": "Like", "Criteria": "1" }])),
            send("POST", "/api/accounts", &json!({})),
            send(
                "POST",
                "/api/accounts",
                &json!({ "Account": { "Name": "x" } }),
            ),
            send(
                "POST",
                "/api/contacts",
                &json!({ "Contact": { "FirstName": "x" } }),
            ),
            get("/api/nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        read(reply)["Message"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Err("none is published")
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![
            Writing {
                kind: Kind::Organization,
                create: |desk| {
                    let (kind, status) = type_and_status(desk);
                    let made = json!({ "Account": {
                        "Name": "Made by a client", "AccountType": kind, "Status": status,
                    } });
                    let made = desk.good(send("POST", "/api/accounts", &made));
                    text(&made["AccountSummary"]["AccountNumber"]).unwrap()
                },
                read: |desk, id| {
                    let got = desk.good(get(format!("/api/accounts/{id}")));
                    Some((
                        text(&got["Account"]["Name"])?,
                        text(&got["Account"]["HotNote"]),
                    ))
                },
                update: |desk, id, value| {
                    let body = json!({ "Account": { "HotNote": value } });
                    desk.good(send("PUT", format!("/api/accounts/{id}"), &body));
                },
            },
            Writing {
                kind: Kind::Contact,
                create: |desk| {
                    let accounts = desk.good(first("/api/accounts/search", 1));
                    let made = json!({
                        "Contact": {
                            "FirstName": "Made", "LastName": "Byclient",
                            "AccountNumber": accounts["Accounts"][0]["AccountNumber"],
                        },
                        "PrimaryEmailAddress": { "Email": "m@x.example" },
                    });
                    let made = desk.good(send("POST", "/api/contacts", &made));
                    text(&made["ContactSummary"]["ContactNumber"]).unwrap()
                },
                read: |desk, id| {
                    let got = desk.good(get(format!("/api/contacts/{id}")));
                    Some((
                        text(&got["Contact"]["FirstName"])?,
                        text(&got["Contact"]["Title"]),
                    ))
                },
                update: |desk, id, value| {
                    let body = json!({ "Contact": { "Title": value } });
                    desk.good(send("PUT", format!("/api/contacts/{id}"), &body));
                },
            },
        ])
    }
}
