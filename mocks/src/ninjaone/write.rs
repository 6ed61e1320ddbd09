//! What clients make and change: organizations, and names of devices. It knows records and rules, and
//! nothing of who may write.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::service::{NinjaOne, Refused, failure, missing, places};
use super::store::{numbered, seconds};
use crate::Request;
use crate::kit::{Object, at};
use crate::world::Kind;

impl NinjaOne {
    pub(super) fn create(&self, request: &Request, now: Timestamp) -> Result<Vec<u8>, Refused> {
        let row = body(request)?;
        let name = at(&row, "name").as_str().map(str::trim).unwrap_or_default();
        if name.is_empty() {
            return Err(failure(StatusCode::BAD_REQUEST, "name_required"));
        }
        let mut store = self.write();
        // Seen in a client's manual.
        let taken = store
            .organizations
            .iter()
            .any(|(_, it)| at(&it, "name") == name);
        if taken {
            return Err(failure(StatusCode::CONFLICT, "organization_name_exists"));
        }
        let id = store.found(now);
        let mut record = numbered(id, Object::new());
        for member in [
            "name",
            "description",
            "nodeApprovalMode",
            "userData",
            "tags",
        ] {
            if let Some(value) = row.get(member).filter(|value| !value.is_null()) {
                record.insert(member.to_owned(), value.clone());
            }
        }
        record
            .entry("nodeApprovalMode".to_owned())
            .or_insert_with(|| "AUTOMATIC".into());
        store.organizations.put(id, &record);
        store.ledger.made(Kind::Organization, id);
        record.insert("locations".to_owned(), places(&store, id, false));
        Ok(Value::Object(record).to_string().into_bytes())
    }

    /// Only members that were sent change (inferred: PATCH).
    pub(super) fn update(
        &self,
        kind: Kind,
        id: u64,
        request: &Request,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refused> {
        let row = body(request)?;
        let mut store = self.write();
        let members: &[&str] = match kind {
            Kind::Organization => &[
                "name",
                "description",
                "nodeApprovalMode",
                "userData",
                "tags",
            ],
            _ => &["displayName", "nodeRoleId", "policyId", "userData"],
        };
        let record = match kind {
            Kind::Organization => store.organizations.get(id),
            _ => store.devices.get(id),
        };
        let mut record = record.ok_or_else(missing)?;
        if row
            .get("name")
            .is_some_and(|name| name.as_str().is_none_or(|name| name.trim().is_empty()))
        {
            return Err(failure(StatusCode::BAD_REQUEST, "name_required"));
        }
        for member in members {
            if let Some(value) = row.get(*member) {
                record.insert((*member).to_owned(), value.clone());
            }
        }
        if kind == Kind::Organization {
            store.organizations.put(id, &record);
        } else {
            record.insert("lastUpdate".to_owned(), seconds(now));
            store.devices.put(id, &record);
        }
        Ok(Vec::new())
    }
}

fn body(request: &Request) -> Result<Object, Refused> {
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(row)) => Ok(row),
        _ => Err(failure(StatusCode::BAD_REQUEST, "invalid_request_body")),
    }
}
