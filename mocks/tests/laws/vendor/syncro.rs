//! How Syncro is spoken to.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::{Kind, Tool};
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, ids, send, text,
};

/// Syncro as what it plays.
pub(crate) struct Syncro(pub(crate) Vendor);

const API: &str = "/api/v1";

fn next(request: &Request, reply: &Reply, _size: usize) -> Option<Request> {
    let meta = read(reply)["meta"].clone();
    let (page, pages) = (meta["page"].as_u64()?, meta["total_pages"].as_u64()?);
    let uri = request.uri().to_string();
    let (path, _) = uri.rsplit_once("page=")?;
    (page < pages).then(|| get(format!("{path}page={}", page + 1)))
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
        // The server decides.
        largest: 0,
        first,
        next,
        ids,
        style: Style::Number,
        own: |_, _| false,
    }
}

const fn name(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Contact => ("contacts", "contact"),
        Kind::Device => ("customer_assets", "asset"),
        _ => ("customers", "customer"),
    }
}

fn record(desk: &Desk<'_>, kind: Kind, id: &str) -> Value {
    let (list, one) = name(kind);
    let reply = desk.good(get(format!("{API}/{list}/{id}")));
    // A contact comes bare.
    reply.get(one).cloned().unwrap_or(reply)
}

fn put(desk: &Desk<'_>, kind: Kind, id: &str, body: &Value) {
    let (list, _) = name(kind);
    desk.good(send("PUT", format!("{API}/{list}/{id}"), body));
}

fn customer(desk: &Desk<'_>) -> Value {
    desk.good(get(format!("{API}/customers?page=1")))["customers"][0]["id"].clone()
}

impl Habits for Syncro {
    fn vendor(&self) -> Vendor {
        self.0
    }

    fn login(&self, _desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let mut session = Session::default();
        let bearer = format!("Bearer {}", credentials["api_token"]);
        session
            .headers
            .insert(AUTHORIZATION, HeaderValue::from_str(&bearer).unwrap());
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "api_token"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Endless("an API token has no end")
    }

    fn lists(&self) -> Vec<List> {
        let lists = [
            list(
                "customers",
                Kind::Organization,
                |_| get(format!("{API}/customers?include_disabled=true&page=1")),
                |page| ids(&page["customers"], "id"),
            ),
            list(
                "contacts",
                Kind::Contact,
                |_| get(format!("{API}/contacts?page=1")),
                |page| ids(&page["contacts"], "id"),
            ),
            list(
                "assets",
                Kind::Device,
                |_| get(format!("{API}/customer_assets?page=1")),
                |page| ids(&page["assets"], "id"),
            ),
        ];
        // An RMM has no contacts.
        let rmm = self.0.tool() == Tool::Rmm;
        let lists = lists.into_iter();
        lists
            .filter(|list| !(rmm && list.kind == Some(Kind::Contact)))
            .collect()
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        get(format!("{API}/{}/{id}", name(kind).0))
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get(format!("{API}/customers?page=x")),
            get(format!("{API}/contacts?customer_id=x")),
            send("POST", format!("{API}/customers"), &json!({})),
            send(
                "POST",
                format!("{API}/customers"),
                &json!({ "business_name": "x", "email": "x" }),
            ),
            send("POST", format!("{API}/customers"), &json!([])),
            send("POST", format!("{API}/contacts"), &json!({ "name": "x" })),
            send(
                "POST",
                format!("{API}/customer_assets"),
                &json!({ "name": "x" }),
            ),
            get(format!("{API}/nothing")),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        body["error"].is_string()
            || body["errors"].is_string()
            || body["message"].is_string()
            || body["message"].is_array()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 180,
            window_s: 60,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: false,
            recovers_s: 60,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![
            Writing {
                kind: Kind::Organization,
                create: |desk| {
                    let made = json!({ "business_name": "Made by a client" });
                    let made = desk.good(send("POST", format!("{API}/customers"), &made));
                    text(&made["customer"]["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = record(desk, Kind::Organization, id);
                    Some((text(&got["business_name"])?, text(&got["notes"])))
                },
                update: |desk, id, value| {
                    put(desk, Kind::Organization, id, &json!({ "notes": value }));
                },
            },
            Writing {
                kind: Kind::Contact,
                create: |desk| {
                    let made = json!({ "customer_id": customer(desk), "name": "Made Byclient" });
                    let made = desk.good(send("POST", format!("{API}/contacts"), &made));
                    text(&made["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = record(desk, Kind::Contact, id);
                    Some((text(&got["name"])?, text(&got["notes"])))
                },
                update: |desk, id, value| put(desk, Kind::Contact, id, &json!({ "notes": value })),
            },
            Writing {
                kind: Kind::Device,
                create: |desk| {
                    let assets = desk.good(get(format!("{API}/customer_assets?page=1")));
                    let made = json!({
                        "name": "MADE-BY-CLIENT", "customer_id": customer(desk),
                        "asset_type_name": assets["assets"][0]["asset_type"],
                    });
                    let made = desk.good(send("POST", format!("{API}/customer_assets"), &made));
                    text(&made["asset"]["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = record(desk, Kind::Device, id);
                    Some((text(&got["name"])?, text(&got["asset_serial"])))
                },
                update: |desk, id, value| {
                    put(desk, Kind::Device, id, &json!({ "asset_serial": value }));
                },
            },
        ])
    }
}
