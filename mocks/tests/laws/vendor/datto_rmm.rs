//! How Datto RMM is spoken to.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use super::connectwise_psa::base64;
use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, form, get, ids, send, text,
};

pub(crate) struct DattoRmm;

/// Sites that every account has.
const PSEUDO_SITES: [&str; 3] = ["Managed", "OnDemand", "Deleted Devices"];

fn next(_request: &Request, reply: &Reply, _size: usize) -> Option<Request> {
    let url = text(&read(reply)["pageDetails"]["nextPageUrl"])?;
    let uri: http::Uri = url.parse().ok()?;
    Some(get(uri.path_and_query()?.as_str()))
}

impl Habits for DattoRmm {
    fn vendor(&self) -> Vendor {
        Vendor::DattoRmm
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let fields = [
            ("grant_type", "password"),
            ("username", credentials["api_key"].as_str()),
            ("password", &credentials["api_secret"]),
        ];
        let mut request = form("/auth/oauth/token", &fields);
        let basic = format!("Basic {}", base64(b"public-client:public"));
        request
            .headers_mut()
            .insert(AUTHORIZATION, HeaderValue::from_str(&basic).unwrap());
        let reply = desk.raw(&request);
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
        "api_secret"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Seconds(360_000)
    }

    fn lists(&self) -> Vec<List> {
        vec![
            List {
                name: "sites",
                kind: Some(Kind::Organization),
                largest: 250,
                first: |size| get(format!("/api/v2/account/sites?page=0&max={size}")),
                next,
                ids: |page| ids(&page["sites"], "uid"),
                style: Style::Number,
                own: |id, page| {
                    let sites = page["sites"].as_array();
                    let site = sites.into_iter().flatten().find(|site| site["uid"] == id);
                    site.and_then(|site| site["name"].as_str())
                        .is_some_and(|name| PSEUDO_SITES.contains(&name))
                },
            },
            List {
                name: "devices",
                kind: Some(Kind::Device),
                largest: 250,
                first: |size| get(format!("/api/v2/account/devices?page=0&max={size}")),
                next,
                ids: |page| ids(&page["devices"], "uid"),
                style: Style::Number,
                own: |_, _| false,
            },
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Organization => get(format!("/api/v2/site/{id}")),
            _ => get(format!("/api/v2/device/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "00000000-0000-4000-8000-000000000000"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/api/v2/account/devices?page=x"),
            get("/api/v2/account/devices?max=x"),
            get("/api/v2/device/macAddress/zz"),
            send("PUT", "/api/v2/site", &json!({})),
            send("PUT", "/api/v2/site", &Value::Null),
            get("/api/v2/nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        // Some refusals have no body at all (documented).
        reply.body_bytes().is_empty() || read(reply).is_object()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 600,
            window_s: 60,
            refused: |reply| {
                matches!(
                    reply.status,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN
                )
            },
            retry_after: false,
            recovers_s: 300,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![Writing {
            kind: Kind::Organization,
            create: |desk| {
                let made = desk.good(send(
                    "PUT",
                    "/api/v2/site",
                    &json!({ "name": "Made by a client" }),
                ));
                text(&made["uid"]).unwrap()
            },
            read: |desk, id| {
                let got = desk.good(get(format!("/api/v2/site/{id}")));
                Some((text(&got["name"])?, text(&got["description"])))
            },
            update: |desk, id, value| {
                let name = desk.good(get(format!("/api/v2/site/{id}")))["name"].clone();
                let body = json!({ "name": name, "description": value });
                desk.good(send("POST", format!("/api/v2/site/{id}"), &body));
            },
        }])
    }
}
