//! References between records: how one is written, and which fields refer to which resource, so that
//! a new name shows wherever the record is referred to, as a join in the vendor's database would.

use serde_json::{Value, json};

use super::conditions::{Slots, Wanted};
use super::json::{Object, write_value};
use super::schema::{Kind, Resource};

/// Path under which every link is built, whatever codebase the client named: it is the router's.
pub(super) const API_PATH: &str = "/v4_6_release/apis/3.0";

/// What a reference says about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    pub id: u64,
    pub identifier: Option<String>,
    pub name: String,
    /// Ids for the blanks in the record's path.
    pub owners: Vec<u64>,
}

impl Card {
    /// A card of a record whose path has no blanks.
    pub(super) fn new(id: u64, identifier: Option<&str>, name: &str) -> Self {
        Self {
            id,
            identifier: identifier.map(str::to_owned),
            name: name.to_owned(),
            owners: Vec::new(),
        }
    }

    /// The same record in its parent's list.
    pub(super) fn under(mut self, owner: u64) -> Self {
        self.owners.push(owner);
        self
    }

    /// Reads the card of a record.
    pub(super) fn read(resource: Resource, id: u64, json: &[u8]) -> Self {
        let schema = resource.schema();
        let mut wanted = Wanted::default();
        let name = wanted.add(&[schema.name_field]);
        let last_name = wanted.add(&["lastName"]);
        let identifier = wanted.add(&["identifier"]);
        let owner = match schema.owner {
            Some(owner) if schema.path.contains("{}") => Some(wanted.add(&[owner, "id"])),
            _ => None,
        };
        let mut slots = Slots::new();
        wanted.read(json, &mut slots);
        let text = |slot: usize| match &slots[slot] {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let mut full_name = text(name).unwrap_or_default();
        if resource == Resource::Contacts
            && let Some(last_name) = text(last_name)
        {
            full_name = person(&full_name, &last_name);
        }
        Self {
            id,
            identifier: text(identifier),
            name: full_name,
            owners: owner
                .and_then(|slot| slots[slot].as_ref()?.as_u64())
                .into_iter()
                .collect(),
        }
    }

    /// The reference.
    pub(super) fn reference(&self, resource: Resource, origin: &str) -> Object {
        let schema = resource.schema();
        let path = schema.path_under(&self.owners);
        let mut object = Object::new();
        object.insert("id".to_owned(), self.id.into());
        if let Some(identifier) = &self.identifier {
            object.insert("identifier".to_owned(), identifier.as_str().into());
        }
        object.insert("name".to_owned(), self.name.as_str().into());
        let href = format!("{origin}{API_PATH}{path}/{}", self.id);
        let name = format!("{}_href", schema.href);
        object.insert("_info".to_owned(), json!({ name: href }));
        object
    }

    /// The reference as JSON text.
    pub(super) fn json(&self, resource: Resource, origin: &str) -> String {
        let mut out = Vec::with_capacity(192);
        write_value(&Value::Object(self.reference(resource, origin)), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// A person's full name, as references to contacts show it.
pub(super) fn person(first_name: &str, last_name: &str) -> String {
    format!("{first_name} {last_name}").trim().to_owned()
}

/// A field that refers to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dependent {
    /// The resource that refers.
    pub resource: Resource,
    /// Its field.
    pub field: &'static str,
    /// How.
    pub kind: Kind,
}

/// Every field that refers to a resource.
pub(super) fn dependents(target: Resource) -> impl Iterator<Item = Dependent> {
    Resource::ALL.into_iter().flat_map(move |resource| {
        let fields = resource.schema().fields.iter();
        fields.filter_map(move |field| {
            let refers = match field.kind {
                Kind::Reference(to) | Kind::References(to) => to == target,
                Kind::Communications => target == Resource::CommunicationTypes,
                _ => false,
            };
            refers.then_some(Dependent {
                resource,
                field: field.name,
                kind: field.kind,
            })
        })
    })
}

/// The ids that a field of the given kind refers to.
pub(super) fn ids(kind: Kind, value: &Value) -> Vec<u64> {
    match kind {
        Kind::Communications => elements(value)
            .filter_map(|item| item["type"]["id"].as_u64())
            .collect(),
        Kind::References(_) => elements(value)
            .filter_map(|item| item["id"].as_u64())
            .collect(),
        _ => value["id"].as_u64().into_iter().collect(),
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Puts a new reference in the place of the old one, or takes the old one out. An e-mail address or
/// telephone number keeps its type when that is gone.
pub(super) fn replace(kind: Kind, value: &mut Value, id: u64, with: Option<&Object>) {
    let is_it = |value: &Value| value["id"].as_u64() == Some(id);
    match (kind, value) {
        (Kind::Communications, Value::Array(items)) => {
            if let Some(with) = with {
                let types = items.iter_mut().filter_map(|item| item.get_mut("type"));
                for each in types.filter(|each| is_it(each)) {
                    *each = Value::Object(with.clone());
                }
            }
        }
        (Kind::References(_), Value::Array(items)) => match with {
            Some(with) => {
                for item in items.iter_mut().filter(|item| is_it(item)) {
                    *item = Value::Object(with.clone());
                }
            }
            None => items.retain(|item| !is_it(item)),
        },
        (_, value) if is_it(value) => {
            *value = with.map_or(Value::Null, |with| Value::Object(with.clone()));
        }
        _ => {}
    }
}
