//! What clients make: clients and locations. There is no call that changes one (`documented`, by absence).
//! It knows records and rules, and nothing of who may write.

use http::StatusCode;
use serde_json::Value;

use super::fields::{self, Field, Kind as FieldKind};
use super::output::{self, Shape};
use super::render::CLIENT;
use super::route::Resource;
use super::service::{ConnectwiseAutomate, Refused, failure, wrong};
use crate::Request;
use crate::kit::{Object, at};
use crate::world::Kind;

impl ConnectwiseAutomate {
    /// Makes a client, or a location of one; names match in any case (`seen` at the login).
    pub(super) fn create(&self, resource: Resource, request: &Request) -> Result<Vec<u8>, Refused> {
        let fields = match resource {
            Resource::Clients => fields::CLIENT,
            _ => fields::LOCATION,
        };
        let row = body(request, fields)?;
        let name = at(&row, "Name").as_str().map(str::trim).unwrap_or_default();
        if name.is_empty() {
            return Err(wrong("Name is required"));
        }
        let mut record = row.clone();
        record.retain(|name, value| {
            let kind = fields.iter().find(|(known, _)| known == name);
            let kind = kind.map(|(_, kind)| *kind);
            match kind {
                Some(FieldKind::Text) => value.is_string(),
                Some(FieldKind::Flag) => value.is_boolean(),
                Some(FieldKind::Number) => value.is_i64(),
                _ => false,
            }
        });
        let mut store = self.write();
        let shown = if resource == Resource::Clients {
            let id = store.clients.new_id();
            store.clients.put(id, &record);
            store.ledger.made(Kind::Organization, id);
            record.insert("Id".to_owned(), id.to_string().into());
            store.settled(id, record)
        } else {
            let owner = at(&row, "Client").as_object().map(|it| at(it, "Id"));
            let owner = owner.and_then(|id| match id {
                Value::String(text) => text.parse().ok(),
                other => other.as_u64(),
            });
            let owner = owner.filter(|id| store.clients.get(*id).is_some());
            let owner = owner.ok_or_else(|| wrong("Client.Id names no client"))?;
            record.insert(CLIENT.to_owned(), owner.into());
            let id = store.locations.new_id();
            store.locations.put(id, &record);
            store.beside.made(Kind::Organization, id);
            record.insert("Id".to_owned(), id.into());
            store.placed(&record)
        };
        let mut out = Vec::new();
        output::write(fields, &Shape::default(), &shown, &mut out);
        Ok(out)
    }
}

/// The members of a body by the names that they are sent with.
fn body(request: &Request, fields: &'static [Field]) -> Result<Object, Refused> {
    let Ok(Value::Object(row)) = serde_json::from_slice(request.body()) else {
        let text = "The body is no JSON object";
        return Err(failure(StatusCode::BAD_REQUEST, "InvalidObject", text));
    };
    let known = row.into_iter().filter_map(|(name, value)| {
        let (name, _) = fields::find(fields, &name)?;
        Some(((*name).to_owned(), value))
    });
    Ok(known.collect())
}
