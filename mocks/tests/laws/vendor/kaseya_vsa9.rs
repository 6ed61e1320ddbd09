//! How Kaseya VSA 9 is spoken to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::Value;
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Reply, Request, Vendor};

use crate::desk::{Desk, json as read};
use crate::habits::{
    Credentials, Habits, Lifetime, Limit, List, Session, Style, Writing, get, text,
};

pub(crate) struct KaseyaVsa9;

fn ids(page: &Value, member: &str) -> Vec<String> {
    let rows = page["Result"].as_array().into_iter().flatten();
    rows.filter_map(|row| text(&row[member])).collect()
}

fn page(path: &str, size: usize, skip: usize) -> Request {
    get(format!("/api/v1.0{path}?$top={size}&$skip={skip}"))
}

/// Pages go on until the number in all is reached.
fn next(request: &Request, reply: &Reply, size: usize) -> Option<Request> {
    let body = read(reply);
    let query = request.uri().query().unwrap();
    let skip: usize = query.split("$skip=").nth(1).unwrap().parse().unwrap();
    let total = body["TotalRecords"].as_u64().unwrap() as usize;
    let path = request.uri().path().strip_prefix("/api/v1.0").unwrap();
    (skip + size < total).then(|| page(path, size, skip + size))
}

fn list(
    name: &'static str,
    kind: Option<Kind>,
    first: fn(usize) -> Request,
    ids: fn(&Value) -> Vec<String>,
    own: fn(&str, &Value) -> bool,
) -> List {
    List {
        name,
        kind,
        largest: 1_000,
        first,
        next,
        ids,
        style: Style::Number,
        own,
    }
}

impl Habits for KaseyaVsa9 {
    fn vendor(&self) -> Vendor {
        Vendor::KaseyaVsa9
    }

    fn login(&self, desk: &Desk<'_>, credentials: &Credentials) -> Result<Session, Reply> {
        let words = format!("{}:{}", credentials["user_name"], credentials["password"]);
        let mut request = get("/api/v1.0/auth");
        let basic = format!("Basic {}", STANDARD.encode(words));
        let basic = HeaderValue::from_str(&basic).unwrap();
        request.headers_mut().insert(AUTHORIZATION, basic);
        let reply = desk.raw(&request);
        if !reply.status.is_success() {
            return Err(reply);
        }
        let bearer = format!("Bearer {}", text(&read(&reply)["Result"]["Token"]).unwrap());
        let mut session = Session::default();
        session
            .headers
            .insert(AUTHORIZATION, HeaderValue::from_str(&bearer).unwrap());
        Ok(session)
    }

    fn secret(&self) -> &'static str {
        "password"
    }

    fn lifetime(&self) -> Lifetime {
        Lifetime::Seconds(1_800)
    }

    fn lists(&self) -> Vec<List> {
        let none = |_: &str, _: &Value| false;
        vec![
            list(
                "organizations",
                Some(Kind::Organization),
                |size| page("/system/orgs", size, 0),
                |body| ids(body, "OrgId"),
                none,
            ),
            list(
                "machine_groups",
                None,
                |size| page("/system/machinegroups", size, 0),
                |body| ids(body, "MachineGroupId"),
                none,
            ),
            // Machines stand there by their agents; the rest by what was found.
            list(
                "assets",
                Some(Kind::Device),
                |size| page("/assetmgmt/assets", size, 0),
                |body| {
                    let rows = body["Result"].as_array().into_iter().flatten();
                    rows.filter_map(|row| text(&row["AgentId"]).or_else(|| text(&row["AssetId"])))
                        .collect()
                },
                none,
            ),
        ]
    }

    fn one(&self, kind: Kind, id: &str) -> Request {
        match kind {
            Kind::Organization => get(format!("/api/v1.0/system/orgs/{id}")),
            _ => get(format!("/api/v1.0/assetmgmt/audit/{id}/summary")),
        }
    }

    fn nobody(&self) -> &'static str {
        "999999999999999"
    }

    fn malformed(&self) -> Vec<Request> {
        vec![
            get("/api/v1.0/system/orgs?$top=x"),
            get("/api/v1.0/system/orgs?$skip=-1"),
            get("/api/v1.0/system/orgs?$filter=OrgName"),
            get("/api/v1.0/system/orgs?$filter=OrgName%20is%20'x'"),
            get("/api/v1.0/system/orgs?$filter=(OrgName%20eq%20'x'"),
            get("/api/v1.0/system/orgs?$filter=Nothing%20eq%20'x'"),
            get("/api/v1.0/system/orgs?$filter=substringof(OrgName,'x')"),
            get("/api/v1.0/system/orgs?$orderby=OrgName%20up"),
            get("/api/v1.0/nothing"),
            get("/api/v2/system/orgs"),
        ]
    }

    fn is_error(&self, reply: &Reply) -> bool {
        let body = read(reply);
        body["Result"].is_null() && body["ResponseCode"].as_u64().is_some_and(|code| code > 0)
    }

    fn limit(&self) -> Result<Limit, &'static str> {
        Err("no limit is published")
    }

    fn writings(&self) -> Result<Vec<Writing>, &'static str> {
        Err("only what is read is simulated")
    }
}
