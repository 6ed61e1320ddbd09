//! How HaloPSA is spoken to.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, form, get, ids, send, text,
};

pub(crate) struct HaloPsa;

fn next(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let total = read(reply)["record_count"].as_u64()?;
    let uri = request.uri().to_string();
    let (path, page) = uri.rsplit_once("page_no=")?;
    let page: u64 = page.parse().ok()?;
    (page * (size as u64) < total).then(|| get(format!("{path}page_no={}", page + 1)))
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

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Organization => "Client",
        Kind::Location => "Site",
        Kind::Contact => "Users",
        Kind::Device => "Asset",
    }
}

fn page(name: &str, size: usize) -> Request {
    get(format!(
        "/api/{name}?includeinactive=true&pageinate=true&page_size={size}&page_no=1"
    ))
}

fn record(desk: &Desk<'_>, kind: Kind, id: &str) -> Value {
    desk.good(get(format!("/api/{}/{id}", name(kind))))
}

fn post(desk: &Desk<'_>, kind: Kind, row: Value) -> String {
    let made = desk.good(send("POST", format!("/api/{}", name(kind)), &json!([row])));
    text(&made["id"]).unwrap()
}

fn change(desk: &Desk<'_>, kind: Kind, id: &str, field: &str, value: &str) {
    let id: u64 = id.parse().unwrap();
    post(desk, kind, json!({ "id": id, field: value }));
}

fn client(desk: &Desk<'_>) -> Value {
    desk.good(page("Client", 1))["clients"][0]["id"].clone()
}

fn writing(kind: Kind) -> Writing {
    match kind {
        Kind::Organization => Writing {
            kind,
            create: |desk| {
                post(
                    desk,
                    Kind::Organization,
                    json!({ "name": "Made by a client" }),
                )
            },
            read: |desk, id| {
                let got = record(desk, Kind::Organization, id);
                Some((text(&got["name"])?, text(&got["notes"])))
            },
            update: |desk, id, value| change(desk, Kind::Organization, id, "notes", value),
        },
        Kind::Location => Writing {
            kind,
            create: |desk| {
                let row = json!({ "name": "Made by a client", "client_id": client(desk) });
                post(desk, Kind::Location, row)
            },
            read: |desk, id| {
                let got = record(desk, Kind::Location, id);
                Some((text(&got["name"])?, text(&got["notes"])))
            },
            update: |desk, id, value| change(desk, Kind::Location, id, "notes", value),
        },
        Kind::Contact => Writing {
            kind,
            create: |desk| {
                let row = json!({ "firstname": "Made", "surname": "Byclient", "client_id": client(desk) });
                post(desk, Kind::Contact, row)
            },
            read: |desk, id| {
                let got = record(desk, Kind::Contact, id);
                Some((text(&got["name"])?, text(&got["title"])))
            },
            update: |desk, id, value| change(desk, Kind::Contact, id, "title", value),
        },
        Kind::Device => Writing {
            kind,
            create: |desk| {
                let row =
                    json!({ "key_field": "MADE", "client_id": client(desk), "assettype_id": 1 });
                post(desk, Kind::Device, row)
            },
            read: |desk, id| {
                let got = record(desk, Kind::Device, id);
                Some((text(&got["key_field"])?, text(&got["notes"])))
            },
            update: |desk, id, value| change(desk, Kind::Device, id, "notes", value),
        },
    }
}

impl Habits for HaloPsa {
    fn vendor(&self) -> Vendor {
        Vendor::HaloPsa
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", credentials["client_id"].as_str()),
            ("client_secret", &credentials["client_secret"]),
            ("scope", "all"),
        ];
        let reply = desk.raw(&form("/auth/token", &fields));
        if !reply.status.is_success() {
            return Err(reply);
        }
        let bearer = format!("Bearer {}", text(&read(&reply)["access_token"]).unwrap());
        let mut session = Session::default();
        session
            .headers
            .insert(AUTHORIZATION, HeaderValue::from_str(&bearer).unwrap());
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "client_secret"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Seconds(3_600)
    }

    fn lists(&self) -> Vec<List> {
        vec![
            list(
                "clients",
                Kind::Organization,
                |size| page("Client", size),
                |page| ids(&page["clients"], "id"),
            ),
            list(
                "sites",
                Kind::Location,
                |size| page("Site", size),
                |page| ids(&page["sites"], "id"),
            ),
            list(
                "users",
                Kind::Contact,
                |size| page("Users", size),
                |page| ids(&page["users"], "id"),
            ),
            list(
                "assets",
                Kind::Device,
                |size| page("Asset", size),
                |page| ids(&page["assets"], "id"),
            ),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        get(format!("/api/{}/{id}", name(kind)))
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/api/Client?pageinate=true&page_size=x"),
            get("/api/Asset?client_id=x"),
            get("/api/Client?lastupdatefromdate=yesterday"),
            send("POST", "/api/Client", &json!([{}])),
            send("POST", "/api/Client", &json!([])),
            send("POST", "/api/Site", &json!([{ "name": "x" }])),
            send("POST", "/api/Asset", &json!([{ "key_field": "x" }])),
            get("/api/Nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let plain = reply.status == StatusCode::TOO_MANY_REQUESTS;
        plain || read(reply)["error"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 300,
            window_s: 300,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: false,
            recovers_s: 300,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        let kinds = [
            Kind::Organization,
            Kind::Location,
            Kind::Contact,
            Kind::Device,
        ];
        Ok(kinds.map(writing).into())
    }
}
