//! How ConnectWise PSA is spoken to.

use http::header::{AUTHORIZATION, LINK};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, ids, send, text,
};

pub(crate) struct ConnectwisePsa;

const API: &str = "/v4_6_release/apis/3.0";

/// RFC 4648, for HTTP Basic.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for at in 0..4 {
            if at <= chunk.len() {
                text.push(char::from(LETTERS[(word >> (18 - 6 * at) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// The page after this one, where the reply says so by the text of its `Link` header.
pub(crate) fn linked(_request: &Request, reply: &Reply, _size: usize) -> Option<Request> {
    let links = reply.headers.get(LINK)?.to_str().ok()?;
    let next = links
        .split(',')
        .find(|link| link.contains("rel=\"next\""))?;
    let url = next.split(['<', '>']).nth(1)?;
    let uri: http::Uri = url.parse().ok()?;
    Some(get(uri.path_and_query()?.as_str()))
}

fn list(name: &'static str, kind: Option<Kind>, first: fn(usize) -> Request) -> List {
    List {
        name,
        kind,
        largest: 1_000,
        first,
        next: linked,
        ids: |page| ids(page, "id"),
        style: Style::Number,
        own: |_, _| false,
    }
}

/// Sites are listed by company only.
fn site_of(desk: &Desk<'_>, id: &str) -> String {
    let companies = desk.good(get(format!("{API}/company/companies?pageSize=1000")));
    for company in ids(&companies, "id") {
        let path = format!("{API}/company/companies/{company}/sites?pageSize=1000");
        let sites = desk.good(get(&path));
        if ids(&sites, "id").contains(&id.to_owned()) {
            return format!("{API}/company/companies/{company}/sites/{id}");
        }
    }
    format!("{API}/company/companies/1/sites/{id}")
}

fn some(desk: &Desk<'_>, path: &str) -> Value {
    desk.good(get(format!("{API}{path}?pageSize=1")))[0]["id"].clone()
}

fn patch(desk: &Desk<'_>, path: &str, field: &str, value: &str) {
    let patch = json!([{ "op": "replace", "path": field, "value": value }]);
    desk.good(send("PATCH", path, &patch));
}

impl Habits for ConnectwisePsa {
    fn vendor(&self) -> Vendor {
        Vendor::ConnectwisePsa
    }

    fn login(&self, _desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let user = format!(
            "{}+{}:{}",
            credentials["company_id"], credentials["public_key"], credentials["private_key"]
        );
        let mut session = Session::default();
        let basic = format!("Basic {}", base64(user.as_bytes()));
        session
            .headers
            .insert(AUTHORIZATION, HeaderValue::from_str(&basic).unwrap());
        session.headers.insert(
            "clientid",
            HeaderValue::from_str(&credentials["client_id"]).unwrap(),
        );
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "private_key"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Endless("the keys of an API member are sent with every request")
    }

    fn lists(&self) -> Vec<List> {
        vec![
            list("companies", Some(Kind::Organization), |size| {
                get(format!("{API}/company/companies?pageSize={size}"))
            }),
            list("contacts", Some(Kind::Contact), |size| {
                get(format!("{API}/company/contacts?pageSize={size}"))
            }),
            list("configurations", Some(Kind::Device), |size| {
                get(format!("{API}/company/configurations?pageSize={size}"))
            }),
            List {
                style: Style::Cursor,
                next: |request, reply, size| {
                    let page = read(reply);
                    let last = ids(&page, "id").pop()?;
                    let path = request.uri().path().to_owned();
                    let more = page.as_array().is_some_and(|page| page.len() == size);
                    let next = format!("{path}?pageSize={size}&pageId={last}");
                    more.then(|| send_forward(get(next)))
                },
                ..list("configurations", Some(Kind::Device), |size| {
                    send_forward(get(format!("{API}/company/configurations?pageSize={size}")))
                })
            },
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        let path = match kind {
            Kind::Organization => "companies",
            Kind::Contact => "contacts",
            Kind::Device => "configurations",
            Kind::Location => "companies/1/sites",
        };
        get(format!("{API}/company/{path}/{id}"))
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        let companies = format!("{API}/company/companies");
        vec![
            get(format!("{companies}?conditions=name%20%3D")),
            get(format!("{companies}?conditions=shoeSize%20%3D%201")),
            get(format!("{companies}?pageSize=x")),
            send("POST", &companies, &json!({})),
            send("POST", &companies, &json!([])),
            send("PATCH", format!("{companies}/20"), &json!({ "name": "x" })),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        (body["code"].is_string() || body["error"].is_string()) && body["message"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 1_000,
            window_s: 60,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: true,
            recovers_s: 60,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Ok(vec![
            Writing {
                kind: Kind::Organization,
                create: |desk| {
                    let made = json!({
                        "identifier": "MADE", "name": "Made by a client",
                        "status": { "id": some(desk, "/company/companies/statuses") },
                        "types": [{ "id": some(desk, "/company/companies/types") }],
                        "site": { "name": "Main" },
                    });
                    let made = desk.good(send("POST", format!("{API}/company/companies"), &made));
                    text(&made["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = desk.good(get(format!("{API}/company/companies/{id}")));
                    Some((text(&got["name"])?, text(&got["website"])))
                },
                update: |desk, id, value| {
                    patch(
                        desk,
                        &format!("{API}/company/companies/{id}"),
                        "website",
                        value,
                    );
                },
            },
            Writing {
                kind: Kind::Location,
                create: |desk| {
                    let company = some(desk, "/company/companies");
                    let path = format!("{API}/company/companies/{company}/sites");
                    let made =
                        desk.good(send("POST", path, &json!({ "name": "Made by a client" })));
                    text(&made["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = desk.good(get(site_of(desk, id)));
                    Some((text(&got["name"])?, text(&got["addressLine1"])))
                },
                update: |desk, id, value| patch(desk, &site_of(desk, id), "addressLine1", value),
            },
            Writing {
                kind: Kind::Contact,
                create: |desk| {
                    let made = json!({
                        "firstName": "Made", "lastName": "Byclient",
                        "company": { "id": some(desk, "/company/companies") },
                    });
                    let made = desk.good(send("POST", format!("{API}/company/contacts"), &made));
                    text(&made["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = desk.good(get(format!("{API}/company/contacts/{id}")));
                    Some((text(&got["firstName"])?, text(&got["title"])))
                },
                update: |desk, id, value| {
                    patch(
                        desk,
                        &format!("{API}/company/contacts/{id}"),
                        "title",
                        value,
                    );
                },
            },
            Writing {
                kind: Kind::Device,
                create: |desk| {
                    let made = json!({
                        "name": "MADE-BY-CLIENT",
                        "company": { "id": some(desk, "/company/companies") },
                        "type": { "id": some(desk, "/company/configurations/types") },
                        "status": { "id": some(desk, "/company/configurations/statuses") },
                    });
                    let path = format!("{API}/company/configurations");
                    text(&desk.good(send("POST", path, &made))["id"]).unwrap()
                },
                read: |desk, id| {
                    let got = desk.good(get(format!("{API}/company/configurations/{id}")));
                    Some((text(&got["name"])?, text(&got["notes"])))
                },
                update: |desk, id, value| {
                    patch(
                        desk,
                        &format!("{API}/company/configurations/{id}"),
                        "notes",
                        value,
                    );
                },
            },
        ])
    }
}

/// Asks for forward-only paging, by which the last id is the cursor.
fn send_forward(mut request: Request) -> Request {
    let forward = HeaderValue::from_static("forward-only");
    request.headers_mut().insert("pagination-type", forward);
    request
}
