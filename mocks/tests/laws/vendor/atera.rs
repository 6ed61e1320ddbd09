//! How Atera is spoken to.

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, ids, send, text,
};

pub(crate) struct Atera;

/// The lists of machines, and what tells apart the ids in each.
const MACHINES: [(&str, &str); 5] = [
    ("/api/v3/agents", ""),
    ("/api/v3/devices/snmpdevices", "snmp-"),
    ("/api/v3/devices/tcpdevices", "tcp-"),
    ("/api/v3/devices/httpdevices", "http-"),
    ("/api/v3/devices/genericdevices", "generic-"),
];

/// Where the envelope's link leads.
fn next(_request: &Request, reply: &Reply, _size: usize) -> Option<Request> {
    let link = text(&read(reply)["nextLink"])?;
    let uri: http::Uri = link.parse().ok()?;
    Some(get(uri.path_and_query()?.as_str()))
}

/// The same, and from the end of one list of machines to the next one.
fn next_machines(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    next(request, reply, size).or_else(|| {
        let path = request.uri().path();
        let place = MACHINES.iter().position(|(own, _)| *own == path)?;
        let (path, _) = MACHINES.get(place + 1)?;
        Some(get(format!("{path}?itemsInPage={size}")))
    })
}

/// What kind a row is of, by a member that others lack.
fn machine(row: &Value) -> Option<String> {
    let kinds = [
        ("AgentID", ""),
        ("Community", "snmp-"),
        ("Ports", "tcp-"),
        ("URL", "http-"),
        ("DeviceID", "generic-"),
    ];
    let (member, kind) = kinds
        .into_iter()
        .find(|(member, _)| row.get(*member).is_some())?;
    let id = if member == "AgentID" {
        "AgentID"
    } else {
        "DeviceID"
    };
    Some(format!("{kind}{}", text(&row[id])?))
}

impl Habits for Atera {
    fn vendor(&self) -> Vendor {
        Vendor::Atera
    }

    fn login(&self, _desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let mut session = Session::default();
        let key = HeaderValue::from_str(&credentials["api_key"]).unwrap();
        session.headers.insert("x-api-key", key);
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "api_key"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Endless("a key is good until somebody takes it back")
    }

    fn lists(&self) -> Vec<List> {
        vec![
            List {
                name: "customers",
                kind: Some(Kind::Organization),
                largest: 50,
                first: |size| get(format!("/api/v3/customers?page=1&itemsInPage={size}")),
                next,
                ids: |page| ids(&page["items"], "CustomerID"),
                style: Style::Number,
                own: |id, page| {
                    let rows = page["items"].as_array().into_iter().flatten();
                    let mut rows = rows.filter(|row| row["CustomerName"] == "Unassigned");
                    rows.any(|row| text(&row["CustomerID"]).as_deref() == Some(id))
                },
            },
            List {
                name: "machines",
                kind: Some(Kind::Device),
                largest: 50,
                first: |size| get(format!("/api/v3/agents?itemsInPage={size}&")),
                next: next_machines,
                ids: |page| {
                    let rows = page["items"].as_array().into_iter().flatten();
                    rows.filter_map(machine).collect()
                },
                style: Style::Number,
                own: |_, _| false,
            },
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        if kind == Kind::Organization {
            return get(format!("/api/v3/customers/{id}"));
        }
        let others = MACHINES.iter().skip(1);
        let path = others
            .filter_map(|(list, prefix)| {
                let id = id.strip_prefix(prefix)?;
                Some(format!("{}/{id}", list.trim_end_matches('s')))
            })
            .next();
        get(path.unwrap_or_else(|| format!("/api/v3/agents/{id}")))
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/api/v3/agents?page=x"),
            get("/api/v3/agents?page=0"),
            get("/api/v3/agents?itemsInPage=-1"),
            get("/api/v3/customers?FromLastModifiedDate=soon"),
            get("/api/v3/customers?SortBy=Name"),
            get("/api/v3/devices/snmpdevices?customerId=x"),
            get("/api/v3/customvalues/agentfield/21/Nothing"),
            send("POST", "/api/v3/customers", &json!({})),
            send("POST", "/api/v3/customers", &json!([])),
            send("POST", "/api/v3/devices/tcpdevice", &json!({ "Name": "x" })),
            get("/api/v3/nothing"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        // Some refusals have no body at all (documented).
        reply.body_bytes().is_empty() || read(reply)["title"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 700,
            window_s: 60,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: false,
            recovers_s: 60,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![Writing {
            kind: Kind::Organization,
            create: |desk| {
                let row = json!({ "CustomerName": "Made by a client" });
                let made = desk.good(send("POST", "/api/v3/customers", &row));
                text(&made["ActionID"]).unwrap()
            },
            read: |desk, id| {
                let got = desk.good(get(format!("/api/v3/customers/{id}")));
                Some((text(&got["CustomerName"])?, text(&got["Address"])))
            },
            update: |desk, id, value| {
                let row = json!({ "Address": value });
                desk.good(send("PUT", format!("/api/v3/customers/{id}"), &row));
            },
        }])
    }
}
