//! How ConnectWise Automate is spoken to.

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, ids, send, text,
};

pub(crate) struct ConnectwiseAutomate;

const NETWORK: &str = "network-";

/// The page after a full one.
fn next(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let rows = read(reply);
    if rows.as_array()?.len() < size {
        return None;
    }
    let (path, number) = request.uri().path_and_query()?.as_str().rsplit_once('=')?;
    let number: usize = number.parse().ok()?;
    Some(get(format!("{path}={}", number + 1)))
}

fn list(name: &'static str, kind: Option<Kind>, first: fn(usize) -> Request) -> List {
    List {
        name,
        kind,
        largest: 1_000,
        first,
        next,
        ids: |page| ids(page, "Id"),
        style: Style::Number,
        own: |_, _| false,
    }
}

impl Habits for ConnectwiseAutomate {
    fn vendor(&self) -> Vendor {
        Vendor::ConnectwiseAutomate
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let row = json!({
            "UserName": credentials["user_name"], "Password": credentials["password"],
        });
        let reply = desk.raw(&send("POST", "/cwa/api/v1/apitoken", &row));
        if !reply.status.is_success() {
            return Err(reply);
        }
        let bearer = format!("Bearer {}", text(&read(&reply)["AccessToken"]).unwrap());
        let mut session = Session::default();
        for (name, value) in [
            (AUTHORIZATION, bearer.as_str()),
            (
                HeaderName::from_static("clientid"),
                &credentials["client_id"],
            ),
        ] {
            let value = HeaderValue::from_str(value).unwrap();
            session.headers.insert(name, value);
        }
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "password"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Sliding {
            idle_s: 3_600,
            most_s: 86_400,
        }
    }

    fn lists(&self) -> Vec<List> {
        let clients = list("clients", Some(Kind::Organization), |size| {
            get(format!("/cwa/api/v1/clients?pageSize={size}&page=1"))
        });
        let locations = list("locations", None, |size| {
            get(format!("/cwa/api/v1/Locations?pagesize={size}&Page=1"))
        });
        let computers = list("computers", Some(Kind::Device), |size| {
            get(format!("/cwa/api/v1/computers?pageSize={size}&page=1"))
        });
        let networks = list("networkdevices", Some(Kind::Device), |size| {
            get(format!("/cwa/api/v1/networkdevices?pageSize={size}&page=1"))
        });
        vec![
            List {
                // The server's own entry.
                own: |id, _: &Value| id == "1",
                ..clients
            },
            locations,
            computers,
            List {
                ids: |page| {
                    let ids = ids(page, "Id").into_iter();
                    ids.map(|id| format!("{NETWORK}{id}")).collect()
                },
                ..networks
            },
        ]
    }

    fn is_listed(&self, list: &List, id: &str) -> bool {
        match list.name {
            "computers" => !id.starts_with(NETWORK),
            "networkdevices" => id.starts_with(NETWORK),
            _ => true,
        }
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match (kind, id.strip_prefix(NETWORK)) {
            (Kind::Organization, _) => get(format!("/cwa/api/v1/clients/{id}")),
            (_, Some(id)) => get(format!("/cwa/api/v1/networkdevices/{id}")),
            (_, None) => get(format!("/cwa/api/v1/computers/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/cwa/api/v1/computers?page=0"),
            get("/cwa/api/v1/computers?pageSize=x"),
            get("/cwa/api/v1/computers?ids=x"),
            get("/cwa/api/v1/computers?orderBy=Nothing"),
            get("/cwa/api/v1/computers?condition=ComputerName"),
            get("/cwa/api/v1/computers?condition=Nothing%3D1"),
            get("/cwa/api/v1/computers?condition=Id%20in%20()"),
            get("/cwa/api/v1/locations?condition=(Id%3D1"),
            send("POST", "/cwa/api/v1/apitoken", &json!([])),
            send("POST", "/cwa/api/v1/apitoken/refresh", &json!({})),
            send("POST", "/cwa/api/v1/clients", &json!({})),
            send("POST", "/cwa/api/v1/locations", &json!({ "Name": "x" })),
            get("/cwa/api/v1/nothing"),
            get("/api/v1/clients"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        body["code"].is_string() && body["errors"][0]["message"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 300,
            window_s: 60,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: false,
            recovers_s: 60,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Err("clients and locations are made, and no call changes one")
    }
}
