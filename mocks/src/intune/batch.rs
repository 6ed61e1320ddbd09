//! Several requests in one: each is answered as if it came alone, and counted so. It knows the envelope and
//! leaves the requests to the service.

use std::collections::BTreeMap;

use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::refusal::Refused;
use super::service::Intune;
use crate::kit::{Object, at};
use crate::{Reply, Request};

/// Requests in a batch (documented).
pub(super) const BATCH_MAX: usize = 20;

impl Intune {
    /// The replies to a batch, in the order of its requests (inferred: any order is allowed).
    pub(super) fn batch(&self, request: &Request, now: Timestamp) -> Result<Value, Refused> {
        let body: Value = serde_json::from_slice(request.body())
            .map_err(|_| Refused::bad("Invalid batch payload format."))?;
        let Some(steps) = body["requests"].as_array() else {
            return Err(Refused::bad("Invalid batch payload format."));
        };
        if !(1..=BATCH_MAX).contains(&steps.len()) {
            let message =
                format!("Number of batch request steps must be between 1 and {BATCH_MAX}.");
            return Err(Refused::bad(message));
        }
        let mut parts = Vec::with_capacity(steps.len());
        let mut places = BTreeMap::new();
        for step in steps {
            let part = Part::of(step, request)?;
            if places.insert(part.id.clone(), parts.len()).is_some() {
                return Err(Refused::bad("Request Id must be unique in the batch."));
            }
            // What a request waits for stands before it (inferred).
            if let Some(missing) = part.after.iter().find(|id| {
                let place = places.get(*id);
                place.is_none_or(|place| *place == parts.len())
            }) {
                let message = format!("Invalid dependsOn: there is no request '{missing}' before.");
                return Err(Refused::bad(message));
            }
            parts.push(part);
        }
        let mut failed: BTreeMap<String, bool> = BTreeMap::new();
        let mut replies = Vec::with_capacity(parts.len());
        for part in parts {
            let waits_for_failed = part.after.iter().any(|id| failed.get(id) == Some(&true));
            let (status, headers, body) = if waits_for_failed {
                let words = json!({ "error": { "code": "FailedDependency", "message": "A request that this one depends on failed." } });
                (424, json!({}), words)
            } else {
                shown(&self.one(&part.request, now))
            };
            failed.insert(part.id.clone(), status >= 400);
            replies.push(json!({
                "id": part.id, "status": status, "headers": headers, "body": body,
            }));
        }
        Ok(json!({ "responses": replies }))
    }
}

struct Part {
    id: String,
    after: Vec<String>,
    request: Request,
}

impl Part {
    fn of(step: &Value, whole: &Request) -> Result<Self, Refused> {
        let bad = |what: &str| Refused::bad(format!("Invalid batch request: {what}."));
        let empty = Object::new();
        let step = step.as_object().unwrap_or(&empty);
        let text = |name: &str| at(step, name).as_str().filter(|text| !text.is_empty());
        let id = text("id").ok_or_else(|| bad("id is missing"))?;
        let method = text("method").ok_or_else(|| bad("method is missing"))?;
        let url = text("url").ok_or_else(|| bad("url is missing"))?;
        let mut request = Request::new(match at(step, "body") {
            Value::Null => Vec::new().into(),
            body => body.to_string().into(),
        });
        *request.method_mut() = method
            .to_ascii_uppercase()
            .parse()
            .map_err(|_| bad("method"))?;
        // Urls are relative to the version (documented).
        let path = format!("/v1.0/{}", url.trim_start_matches('/')).replace(' ', "%20");
        *request.uri_mut() = path.parse().map_err(|_| bad("url"))?;
        let own = at(step, "headers").as_object().into_iter().flatten();
        for (name, value) in own {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = value.as_str().map(HeaderValue::from_str);
            if let (Ok(name), Some(Ok(value))) = (name, value) {
                request.headers_mut().insert(name, value);
            }
        }
        for name in [AUTHORIZATION, HOST] {
            if let Some(value) = whole.headers().get(&name) {
                request.headers_mut().insert(name, value.clone());
            }
        }
        let after = at(step, "dependsOn").as_array().into_iter().flatten();
        Ok(Self {
            id: id.to_owned(),
            after: after.filter_map(Value::as_str).map(str::to_owned).collect(),
            request,
        })
    }
}

/// Status, headers and body of a reply, as a batch shows them.
fn shown(reply: &Reply) -> (u16, Value, Value) {
    let headers: Object = reply
        .headers
        .iter()
        .filter_map(|(name, value)| {
            let name = match name.as_str() {
                "content-type" => "Content-Type",
                "retry-after" => "Retry-After",
                _ => return None,
            };
            Some((name.to_owned(), value.to_str().ok()?.into()))
        })
        .collect();
    let body = serde_json::from_slice(&reply.body_bytes()).unwrap_or_default();
    (reply.status.as_u16(), headers.into(), body)
}
