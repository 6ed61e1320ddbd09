//! How N-central is spoken to.

use http::header::{AUTHORIZATION, HeaderValue};
use serde_json::json;
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, ids, send, text,
};

pub(crate) struct NCentral;

/// Lists of devices link to their next page.
fn linked(_: &Request, reply: &Reply, _: usize) -> Option<Request> {
    read(reply)["_links"]["nextPage"].as_str().map(get)
}

/// Other lists say how many records there are; a page is asked for by its number.
fn numbered(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let page = read(reply);
    let here = page["data"].as_array()?.len();
    let query = request.uri().query()?;
    let number: usize = query.rsplit_once("pageNumber=")?.1.parse().ok()?;
    let came = (number - 1) * size + here;
    let path = request.uri().path();
    let more = here > 0 && (came as u64) < page["totalItems"].as_u64()?;
    more.then(|| get(format!("{path}?pageSize={size}&pageNumber={}", number + 1)))
}

impl Habits for NCentral {
    fn vendor(&self) -> Vendor {
        Vendor::NCentral
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let bearer = |token: &str| HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        let mut request = send("POST", "/api/auth/authenticate", &json!(null));
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(&credentials["jwt"]));
        let reply = desk.raw(&request);
        if !reply.status.is_success() {
            return Err(reply);
        }
        let token = text(&read(&reply)["tokens"]["access"]["token"]).unwrap();
        let mut session = Session::default();
        session.headers.insert(AUTHORIZATION, bearer(&token));
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "jwt"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Seconds(3_600)
    }

    fn lists(&self) -> Vec<List> {
        let list = List {
            name: "devices",
            kind: Some(Kind::Device),
            largest: 1_000,
            first: |size| get(format!("/api/devices?pageSize={size}")),
            next: linked,
            ids: |page| ids(&page["data"], "deviceId"),
            style: Style::Number,
            own: |_, _| false,
        };
        vec![
            // The list of units has customers and their sites, below one of the vendor's own.
            List {
                name: "org-units",
                kind: None,
                first: |size| get(format!("/api/org-units?pageSize={size}&pageNumber=1")),
                next: numbered,
                ids: |page| ids(&page["data"], "orgUnitId"),
                own: |id, _| id == "50",
                ..list
            },
            List {
                name: "customers",
                kind: Some(Kind::Organization),
                first: |size| get(format!("/api/customers?pageSize={size}&pageNumber=1")),
                next: numbered,
                ids: |page| ids(&page["data"], "customerId"),
                ..list
            },
            List {
                name: "sites",
                kind: None,
                first: |size| get(format!("/api/sites?pageSize={size}&pageNumber=1")),
                next: numbered,
                ids: |page| ids(&page["data"], "siteId"),
                ..list
            },
            list,
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Organization => get(format!("/api/org-units/{id}")),
            _ => get(format!("/api/devices/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/api/devices?pageSize=x"),
            get("/api/devices?pageSize=0"),
            get("/api/customers?pageNumber=0"),
            get("/api/devices?sortBy=shoe"),
            get("/api/devices?sortOrder=up"),
            get("/api/devices?filterId=99"),
            send("POST", "/api/service-orgs/50/customers", &json!({})),
            send("POST", "/api/service-orgs/50/customers", &json!([])),
            send(
                "POST",
                "/api/auth/refresh",
                &json!({ "refresh_token": "x" }),
            ),
            send("DELETE", "/api/devices", &json!(null)),
            get("/api/nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        body["message"].is_string() && body["status"] == reply.status.as_u16()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Err("calls at once are limited for each endpoint, and not calls in a time")
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Err("customers are made and never changed, and devices are changed and never made")
    }
}
