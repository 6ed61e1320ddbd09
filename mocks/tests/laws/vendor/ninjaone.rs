//! How NinjaOne is spoken to.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::json;
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, form, get, ids, send, text,
};

pub(crate) struct NinjaOne;

/// The last id of a full page is where the next one begins.
fn next(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let rows = ids(&read(reply), "id");
    let last = rows.last()?;
    let path = request.uri().path();
    (rows.len() == size).then(|| get(format!("{path}?pageSize={size}&after={last}")))
}

fn list(name: &'static str, kind: Kind, first: fn(usize) -> Request) -> List {
    List {
        name,
        kind: Some(kind),
        largest: 1_000,
        first,
        next,
        ids: |page| ids(page, "id"),
        style: Style::Cursor,
        own: |_, _| false,
    }
}

impl Habits for NinjaOne {
    fn vendor(&self) -> Vendor {
        Vendor::NinjaOne
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", credentials["client_id"].as_str()),
            ("client_secret", &credentials["client_secret"]),
            ("scope", "monitoring management"),
        ];
        let reply = desk.raw(&form("/ws/oauth/token", &fields));
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
            list("organizations", Kind::Organization, |size| {
                get(format!("/v2/organizations?pageSize={size}&after=0"))
            }),
            list("devices", Kind::Device, |size| {
                get(format!("/api/v2/devices-detailed?pageSize={size}"))
            }),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Organization => get(format!("/v2/organization/{id}")),
            _ => get(format!("/v2/device/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/v2/devices?pageSize=x"),
            get("/v2/devices?pageSize=0"),
            get("/v2/devices?after=x"),
            get("/v2/devices?df=class"),
            get("/v2/devices?df=org%20eq%20x"),
            get("/v2/devices?df=org%20in%201"),
            get("/v2/queries/network-interfaces?cursor=gone"),
            send("POST", "/v2/organizations", &json!({})),
            send("POST", "/v2/organizations", &json!([])),
            get("/v2/nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        body["errorMessage"].is_string() || body["error"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 100,
            window_s: 60,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: true,
            recovers_s: 60,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![Writing {
            kind: Kind::Organization,
            create: |desk| {
                let row = json!({ "name": "Made by a client" });
                text(&desk.good(send("POST", "/v2/organizations", &row))["id"]).unwrap()
            },
            read: |desk, id| {
                let got = desk.good(get(format!("/v2/organization/{id}")));
                Some((text(&got["name"])?, text(&got["description"])))
            },
            update: |desk, id, value| {
                let row = json!({ "description": value });
                desk.good(send("PATCH", format!("/v2/organization/{id}"), &row));
            },
        }])
    }
}
