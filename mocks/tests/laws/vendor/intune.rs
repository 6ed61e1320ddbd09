//! How Intune is spoken to: one tenant at a time, so a walk over all devices goes from tenant to tenant.

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, form, get, ids, send, text,
};

pub(crate) struct Intune;

const DEVICES: &str = "/v1.0/deviceManagement/managedDevices";

/// Which customer a request is for, counted from 0 in the order of the contracts. It is this side's own and
/// never sent.
const CUSTOMER: HeaderName = HeaderName::from_static("x-customer");

/// More customers than the laws' worlds have; what is behind them is the partner's own tenant, which has no
/// devices.
const CUSTOMERS: usize = 10;

fn of_customer(place: usize, mut request: Request) -> Request {
    let place = HeaderValue::from(place);
    request.headers_mut().insert(CUSTOMER, place);
    request
}

fn customer(request: &Request) -> Option<usize> {
    request.headers().get(CUSTOMER)?.to_str().ok()?.parse().ok()
}

/// The page that a reply links to.
fn linked(reply: &Reply) -> Option<Request> {
    let link = text(&read(reply)["@odata.nextLink"])?;
    Some(get(link.strip_prefix("http://vendor.test")?))
}

fn first_of(place: usize, size: usize) -> Request {
    of_customer(place, get(format!("{DEVICES}?$top={size}")))
}

/// The next page of this tenant, or the first one of the next tenant.
fn next_device(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let place = customer(request)?;
    match linked(reply) {
        Some(next) => Some(of_customer(place, next)),
        None => (place + 1 < CUSTOMERS).then(|| first_of(place + 1, size)),
    }
}

fn token(desk: &Desk<'_>, tenant: &str, credentials: &Credentials) -> Result<String, Reply> {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", credentials["client_id"].as_str()),
        ("client_secret", &credentials["client_secret"]),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let reply = desk.raw(&form(&format!("/{tenant}/oauth2/v2.0/token"), &fields));
    if !reply.status.is_success() {
        return Err(reply);
    }
    Ok(format!(
        "Bearer {}",
        text(&read(&reply)["access_token"]).unwrap()
    ))
}

/// What a path is for, in the words that a session keeps tokens by.
fn subject(request: &Request) -> String {
    if let Some(place) = customer(request) {
        return place.to_string();
    }
    let path = request.uri().path();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

impl Habits for Intune {
    fn vendor(&self) -> Vendor {
        Vendor::Intune
    }

    /// Gets a token of every tenant, and notes whose each device is.
    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let mut session = Session::default();
        let partner = token(desk, &credentials["tenant_id"], credentials)?;
        let ask = |bearer: &str, path: &str| -> Value {
            let mut request = get(path);
            let bearer = HeaderValue::from_str(bearer).unwrap();
            request.headers_mut().insert(AUTHORIZATION, bearer);
            read(&desk.raw(&request))
        };
        let contracts = ask(&partner, "/v1.0/contracts");
        let customers = ids(&contracts["value"], "customerId");
        for (place, tenant) in customers.into_iter().enumerate() {
            let own = token(desk, &tenant, credentials)?;
            let devices = ask(&own, DEVICES);
            for id in ids(&devices["value"], "id") {
                session.credentials.insert(id, own.clone());
            }
            session.credentials.insert(place.to_string(), own.clone());
            session.credentials.insert(tenant, own);
        }
        session.credentials.insert(String::new(), partner);
        Ok(session)
    }

    fn sign(&self, session: &Session, request: &mut Request, _now: Timestamp) {
        let tokens = &session.credentials;
        let own = tokens.get(&subject(request)).or_else(|| tokens.get(""));
        request.headers_mut().remove(CUSTOMER);
        if let Some(own) = own {
            let bearer = HeaderValue::from_str(own).unwrap();
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
    }

    fn secret(&self) -> &'static str {
        "client_secret"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Seconds(3_599)
    }

    fn lists(&self) -> Vec<List> {
        vec![
            List {
                name: "devices",
                kind: Some(Kind::Device),
                largest: 1_000,
                first: |size| first_of(0, size),
                next: next_device,
                ids: |page| ids(&page["value"], "id"),
                style: Style::Cursor,
                own: |_, _| false,
            },
            List {
                name: "contracts",
                kind: Some(Kind::Organization),
                largest: 999,
                first: |size| get(format!("/v1.0/contracts?$top={size}")),
                next: |_, reply, _| linked(reply),
                ids: |page| ids(&page["value"], "customerId"),
                style: Style::Cursor,
                own: |_, _| false,
            },
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Organization => get(format!("/v1.0/organization/{id}")),
            _ => get(format!("{DEVICES}/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "11111111-2222-4333-8444-555555555555"
    }

    fn malformed(&self) -> Vec<Request> {
        let batch = |steps: Value| send("POST", "/v1.0/$batch", &json!({ "requests": steps }));
        vec![
            get(format!("{DEVICES}?$top=x")),
            get(format!("{DEVICES}?$top=0")),
            get(format!("{DEVICES}?$skiptoken=x")),
            get(format!("{DEVICES}?$filter=deviceName")),
            get(format!("{DEVICES}?$filter=nothing%20eq%201")),
            get(format!("{DEVICES}?$select=nothing")),
            get(format!("{DEVICES}?$orderby=deviceName%20up")),
            get(format!("{DEVICES}?$expand=users")),
            get("/v1.0/contracts?$top=-1"),
            get("/v1.0/deviceManagement/nothing"),
            get("/beta/deviceManagement/managedDevices"),
            batch(json!([])),
            batch(json!([{ "id": "1", "method": "GET" }])),
            form("/common/oauth2/v2.0/token", &[("grant_type", "password")]),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        let graph = body["error"]["code"].is_string() && body["error"]["innerError"].is_object();
        graph || body["error"].is_string() && body["error_codes"].is_array()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 2_000,
            window_s: 20,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: true,
            recovers_s: 20,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Err("only what is read is simulated")
    }
}
