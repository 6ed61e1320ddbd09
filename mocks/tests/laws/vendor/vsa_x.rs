//! How VSA X and Pulseway RMM are spoken to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, send, text,
};

/// A member of the family. Both stand below `/api/v3`.
pub(crate) struct Family(pub(crate) Vendor);

fn ids(page: &Value, member: &str) -> Vec<String> {
    let rows = page["Data"].as_array().into_iter().flatten();
    rows.filter_map(|row| text(&row[member])).collect()
}

fn page(path: &str, size: usize, skip: usize) -> Request {
    get(format!("{path}?$top={size}&$skip={skip}"))
}

/// Pages go on until the number in all is reached.
fn next(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let query = request.uri().query().unwrap();
    let skip: usize = query.split("$skip=").nth(1).unwrap().parse().unwrap();
    let total = read(reply)["Meta"]["TotalCount"].as_u64().unwrap() as usize;
    (skip + size < total).then(|| page(request.uri().path(), size, skip + size))
}

fn list(
    name: &'static str,
    kind: Option<Kind>,
    first: fn(usize) -> Request,
    ids: fn(&Value) -> Vec<String>,
) -> List {
    List {
        name,
        kind,
        largest: 100,
        first,
        next,
        ids,
        style: Style::Number,
        own: |_, _| false,
    }
}

impl Habits for Family {
    fn vendor(&self) -> Vendor {
        self.0
    }

    fn login(&self, _desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let words = format!(
            "{}:{}",
            credentials["token_id"], credentials["token_secret"]
        );
        let basic = format!("Basic {}", STANDARD.encode(words));
        let mut session = Session::default();
        session
            .headers
            .insert(AUTHORIZATION, HeaderValue::from_str(&basic).unwrap());
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "token_secret"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Endless("a token has no end unless one is set")
    }

    fn lists(&self) -> Vec<List> {
        vec![
            list(
                "organizations",
                Some(Kind::Organization),
                |size| page("/api/v3/organizations", size, 0),
                |body| ids(body, "Id"),
            ),
            list(
                "sites",
                None,
                |size| page("/api/v3/sites", size, 0),
                |body| ids(body, "Id"),
            ),
            list(
                "groups",
                None,
                |size| page("/api/v3/groups", size, 0),
                |body| ids(body, "Id"),
            ),
            list(
                "devices",
                Some(Kind::Device),
                |size| page("/api/v3/devices", size, 0),
                |body| ids(body, "Identifier"),
            ),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Organization => get(format!("/api/v3/organizations/{id}")),
            _ => get(format!("/api/v3/devices/{id}")),
        }
    }

    fn nobody(&self) -> &'static str {
        "99999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/api/v3/devices?$top=x"),
            get("/api/v3/devices?$skip=-1"),
            get("/api/v3/devices?$filter=Name%20eq"),
            get("/api/v3/devices?$filter=Name%20is%20'x'"),
            get("/api/v3/devices?$filter=(Name%20eq%20'x'"),
            get("/api/v3/devices?$filter=Nothing%20eq%20'x'"),
            get("/api/v3/devices?$orderby=Name%20up"),
            send("POST", "/api/v3/devices", &json!({})),
            send("POST", "/api/v3/devices", &json!([])),
            get("/api/v3/nothing"),
            get("/api/v2/devices"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        let code = body["Meta"]["ResponseCode"].as_u64();
        body["Data"].is_null()
            && code == Some(reply.status.as_u16().into())
            && body["Meta"]["ErrorMessage"].is_string()
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Ok(Limit {
            requests: 3_600,
            window_s: 3_600,
            refused: |reply| reply.status == StatusCode::TOO_MANY_REQUESTS,
            retry_after: true,
            recovers_s: 3_600,
        })
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Err("clients publish devices of their own; none of the world's can be written")
    }
}
