//! Reads the fields of a body that a client writes: kinds, lengths, and what references mean. It
//! must not store anything.

use serde_json::{Map, Value, json};

use super::fault::FieldError;
use super::json::{self, Object};
use super::refs::Card;
use super::render::domain;
use super::schema::{Field, Kind, Resource, Schema};
use super::store::Store;
use crate::kit::condition::moment;

type Accepted = Result<Value, FieldError>;

/// Reads bodies against the records that are there.
#[derive(Debug)]
pub(super) struct Acceptor<'s> {
    pub store: &'s Store,
    /// The company that the record will belong to, for sites named without an id.
    pub company: Option<u64>,
}

impl Acceptor<'_> {
    /// Reads every field that the schema knows into the record. Members it does not know are
    /// ignored, and names match in any case (inferred: the server is built on .NET).
    pub(super) fn body(
        &self,
        schema: &Schema,
        body: &Object,
        record: &mut Object,
    ) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for field in schema.fields.iter().filter(|field| !field.kind.read_only()) {
            let given = body.get(field.name).or_else(|| {
                let mut members = body.iter();
                let same = members.find(|(name, _)| name.eq_ignore_ascii_case(field.name));
                same.map(|(_, value)| value)
            });
            let Some(given) = given else {
                continue;
            };
            match self.field(field, given) {
                Ok(value) => {
                    record.insert(field.name.to_owned(), value);
                }
                Err(error) => errors.push(error),
            }
        }
        errors
    }

    /// Reads one field.
    pub(super) fn field(&self, field: &Field, given: &Value) -> Accepted {
        let name = field.name;
        let fail = |wanted: &str| Err(FieldError::invalid(name, wanted));
        if given.is_null() {
            return Ok(match field.kind {
                kind if kind.is_array() => json!([]),
                _ => Value::Null,
            });
        }
        match field.kind {
            Kind::Id | Kind::Guid | Kind::Info => fail("left to the server"),
            Kind::Text(length_max) => text(name, length_max, given),
            Kind::Integer => match whole(given) {
                Some(number) => Ok(number.into()),
                None => fail("a whole number"),
            },
            Kind::Number => match given {
                Value::Number(_) => Ok(given.clone()),
                _ => fail("a number"),
            },
            Kind::Flag(_) => match flag(given) {
                Some(flag) => Ok(flag.into()),
                None => fail("true or false"),
            },
            Kind::Moment => match given.as_str().map(str::trim).map(moment) {
                Some(Some(moment)) => Ok(json::moment(moment).into()),
                _ => fail("a date and time such as 2024-05-01T10:00:00Z"),
            },
            Kind::Reference(target) => self.reference(name, target, given),
            Kind::Loose => match given {
                Value::Object(object) => Ok(loose(object)),
                _ => fail("a reference"),
            },
            Kind::References(target) => match given {
                Value::Array(given) => given
                    .iter()
                    .map(|each| self.reference(name, target, each))
                    .collect(),
                _ => fail("an array of references"),
            },
            Kind::Communications => self.communications(name, given),
            Kind::CustomFields => self.custom_fields(name, given),
            Kind::Questions => match given {
                Value::Array(given) if given.iter().all(Value::is_object) => {
                    Ok(given.clone().into())
                }
                _ => fail("an array of answers"),
            },
            Kind::Any => Ok(given.clone()),
        }
    }

    /// Finds a record by `id`, else by `identifier`, else by `name` (documented: a reference may be
    /// given by either).
    fn reference(&self, name: &str, target: Resource, given: &Value) -> Accepted {
        let Value::Object(given) = given else {
            return Err(FieldError::invalid(name, "a reference"));
        };
        let text = |member: &str| given.get(member).and_then(Value::as_str);
        let id = given.get("id").and_then(whole).filter(|id| *id > 0);
        let id = match (id, text("identifier"), text("name")) {
            (Some(id), ..) => u64::try_from(id).ok(),
            (_, Some(identifier), _) if target.schema().has_identifier() => {
                self.by_identifier(target, identifier)
            }
            (.., Some(wanted)) => self.by_name(target, wanted),
            _ => None,
        };
        let reference = id.and_then(|id| self.store.reference(target, id));
        match reference {
            Some(reference) => Ok(Value::Object(reference)),
            None => Err(FieldError::new(
                "InvalidReference",
                name,
                format!(
                    "The {name} field names no {} that exists.",
                    target.schema().noun
                ),
            )),
        }
    }

    fn by_identifier(&self, target: Resource, identifier: &str) -> Option<u64> {
        if target == Resource::Companies {
            return self.store.company_by_identifier(identifier);
        }
        self.find(target, self.store.table(target).ids(), |card| {
            let found = card.identifier.as_deref().unwrap_or_default();
            found.eq_ignore_ascii_case(identifier)
        })
    }

    fn by_name(&self, target: Resource, name: &str) -> Option<u64> {
        match (target, self.company) {
            (Resource::Sites | Resource::Contacts, Some(company)) => {
                let ids = self.store.owned(target, company).iter().copied();
                self.find(target, ids, |card| card.name.eq_ignore_ascii_case(name))
            }
            _ => self.store.named(target, name),
        }
    }

    fn find(
        &self,
        target: Resource,
        mut ids: impl Iterator<Item = u64>,
        matches: impl Fn(&Card) -> bool,
    ) -> Option<u64> {
        ids.find(|id| self.store.card(target, *id).as_ref().is_some_and(&matches))
    }

    /// Items keep an id that they are given; the writer replaces those it does not know.
    fn communications(&self, name: &str, given: &Value) -> Accepted {
        let Value::Array(given) = given else {
            return Err(FieldError::invalid(name, "an array of items"));
        };
        let schema = Resource::Communications.schema();
        let mut items = Vec::with_capacity(given.len());
        for each in given {
            let Value::Object(each) = each else {
                return Err(FieldError::invalid(name, "an array of items"));
            };
            let mut item = Object::new();
            if let Some(error) = self.body(schema, each, &mut item).into_iter().next() {
                return Err(error);
            }
            for needed in ["type", "value"] {
                if item.get(needed).is_none_or(Value::is_null) {
                    return Err(FieldError::required(needed));
                }
            }
            if let Some(id) = each.get("id").and_then(whole) {
                item.insert("id".to_owned(), id.into());
            }
            self.complete_item(&mut item);
            items.push(Value::Object(item));
        }
        Ok(items.into())
    }

    /// Derives what the type of an item says about it.
    pub(super) fn complete_item(&self, item: &mut Object) {
        let kind = item.get("type").and_then(|kind| kind["id"].as_u64());
        let flag = |name: &'static str| {
            kind.and_then(|id| self.store.value(Resource::CommunicationTypes, id, &[name]))
                == Some(Value::Bool(true))
        };
        let communication = match () {
            () if flag("emailFlag") => "Email",
            () if flag("faxFlag") => "Fax",
            () => "Phone",
        };
        let value = item
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let domain = domain(communication, value).map(str::to_owned);
        item.insert("communicationType".to_owned(), communication.into());
        item.insert("domain".to_owned(), domain.into());
        let default = item.get("defaultFlag") == Some(&Value::Bool(true));
        item.insert("defaultFlag".to_owned(), default.into());
        item.remove("contactId");
        item.remove("_info");
    }

    /// Custom fields are named by id or caption; the rest comes from their definition, if there is
    /// one.
    fn custom_fields(&self, name: &str, given: &Value) -> Accepted {
        let elements = given.as_array().map(Vec::as_slice);
        let elements = elements.filter(|all| all.iter().all(Value::is_object));
        let Some(elements) = elements else {
            return Err(FieldError::invalid(name, "an array of custom fields"));
        };
        let fields = elements.iter().map(|element| {
            let id = element["id"].as_u64();
            let caption = element["caption"].as_str();
            let resource = Resource::UserDefinedFields;
            let id = id.or_else(|| self.store.named(resource, caption?));
            let mut field = json!({
                "id": id,
                "caption": element["caption"],
                "type": element["type"].as_str().unwrap_or("Text"),
                "entryMethod": element["entryMethod"].as_str().unwrap_or("EntryField"),
                "numberOfDecimals": element["numberOfDecimals"].as_i64().unwrap_or(0),
                "value": element["value"],
            });
            if let Some(definition) = id.and_then(|id| self.store.record(resource, id)) {
                let known = [
                    ("caption", "caption"),
                    ("type", "fieldTypeIdentifier"),
                    ("entryMethod", "entryTypeIdentifier"),
                ];
                for (member, defined) in known {
                    if let Some(value) = definition.get(defined) {
                        field[member] = value.clone();
                    }
                }
            }
            field
        });
        Ok(fields.collect())
    }
}

fn text(name: &str, length_max: usize, given: &Value) -> Accepted {
    let text = match given {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(FieldError::invalid(name, "text")),
    };
    if length_max > 0 && text.chars().count() > length_max {
        return Err(FieldError::out_of_range(name, length_max));
    }
    Ok(text.into())
}

fn whole(given: &Value) -> Option<i64> {
    match given {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| i32::try_from(*number).is_ok())
}

fn flag(given: &Value) -> Option<bool> {
    match given {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn loose(given: &Map<String, Value>) -> Value {
    let known = ["id", "identifier", "name"].into_iter();
    known
        .filter_map(|name| Some((name.to_owned(), given.get(name)?.clone())))
        .collect::<Object>()
        .into()
}
