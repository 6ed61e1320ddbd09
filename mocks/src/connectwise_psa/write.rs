//! Creates, replaces, changes and deletes records as a client asks. Everything is checked before
//! anything is stored, so that a refused write leaves no trace.

use serde_json::{Value, json};

use super::accept::Acceptor;
use super::fault::{Fault, FieldError};
use super::json::{Object, moment};
use super::schema::{Kind, Resource, Schema};
use super::stamp::Stamp;
use super::store::Store;
use super::{associations, change, communications, lists, patch, sites};

type Done<T> = Result<T, Fault>;

/// `POST`: a new record; returns its id.
pub(super) fn create(
    store: &mut Store,
    resource: Resource,
    parents: &[u64],
    body: &Value,
    stamp: Stamp,
) -> Done<u64> {
    let schema = resource.schema();
    let body = object(schema, body)?;
    let mut record = Object::new();
    adopt(store, resource, parents, &mut record)?;
    let errors = accept(store, resource, body, &mut record);
    adopt(store, resource, parents, &mut record)?;
    defaults(store, resource, &mut record, stamp);
    check(store, resource, None, &record, errors)?;
    let id = store.new_id(resource);
    record.insert("id".to_owned(), id.into());
    finish(store, resource, id, record, None, stamp);
    if resource == Resource::Companies {
        first_site(store, id, body, stamp);
    }
    Ok(id)
}

/// `PUT`: a field that is not sent becomes null, or what it is by default (documented).
pub(super) fn replace(
    store: &mut Store,
    resource: Resource,
    parents: &[u64],
    id: u64,
    body: &Value,
    stamp: Stamp,
) -> Done<()> {
    let schema = resource.schema();
    let old = store.record(resource, id).ok_or(not_found(resource, id))?;
    let body = object(schema, body)?;
    let mut record: Object = old
        .iter()
        .filter(|(name, _)| {
            schema
                .field(name)
                .is_some_and(|field| field.kind.read_only())
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    adopt(store, resource, parents, &mut record)?;
    let errors = accept(store, resource, body, &mut record);
    adopt(store, resource, parents, &mut record)?;
    defaults(store, resource, &mut record, stamp);
    check(store, resource, Some(&old), &record, errors)?;
    finish(store, resource, id, record, Some(&old), stamp);
    Ok(())
}

/// `PATCH`: the vendor's own dialect of operations.
pub(super) fn update(
    store: &mut Store,
    resource: Resource,
    id: u64,
    body: &Value,
    stamp: Stamp,
) -> Done<()> {
    let old = store.record(resource, id).ok_or(not_found(resource, id))?;
    let mut record = old.clone();
    patch::apply(store, resource.schema(), body, &mut record)?;
    check(store, resource, Some(&old), &record, Vec::new())?;
    finish(store, resource, id, record, Some(&old), stamp);
    Ok(())
}

/// `PATCH …/changeType`: the one way to another type (inferred); takes the operations that a patch
/// takes.
pub(super) fn change_type(store: &mut Store, id: u64, body: &Value, stamp: Stamp) -> Done<()> {
    let resource = Resource::Configurations;
    let old = store.record(resource, id).ok_or(not_found(resource, id))?;
    let mut record = old.clone();
    patch::apply(store, resource.schema(), body, &mut record)?;
    let mut of_new_type = old.clone();
    let kind = record.get("type").cloned().unwrap_or_default();
    of_new_type.insert("type".to_owned(), kind);
    check(store, resource, Some(&of_new_type), &record, Vec::new())?;
    finish(store, resource, id, record, Some(&old), stamp);
    Ok(())
}

/// `DELETE`. What something refers to cannot be deleted (documented status, inferred rule); a
/// company is only flagged.
pub(super) fn delete(store: &mut Store, resource: Resource, id: u64, stamp: Stamp) -> Done<()> {
    if store.table(resource).get(id).is_none() {
        return Err(not_found(resource, id));
    }
    if resource == Resource::Companies {
        change::flag_deleted(store, id, stamp);
        return Ok(());
    }
    if store.in_use(resource, id) {
        let noun = resource.schema().noun;
        return Err(Fault::InUse { noun });
    }
    let company = company_of(store.record(resource, id).as_ref());
    store.remove(resource, id);
    match (resource, company) {
        (Resource::Sites, Some(company)) => sites::mirror(store, company),
        (Resource::TypeAssociations, Some(company)) => associations::follow_rows(store, company),
        _ => {}
    }
    Ok(())
}

pub(super) const fn not_found(resource: Resource, id: u64) -> Fault {
    let label = resource.schema().label;
    Fault::NotFound { label, id }
}

pub(super) fn object<'a>(schema: &Schema, body: &'a Value) -> Done<&'a Object> {
    let wrong = || FieldError::invalid("body", "a JSON object");
    body.as_object().ok_or_else(|| Fault::one(schema, wrong()))
}

/// Sets the references to the parents that the path names: a body cannot say otherwise.
fn adopt(store: &Store, resource: Resource, parents: &[u64], record: &mut Object) -> Done<()> {
    let fields: &[(&str, Resource)] = match resource {
        Resource::Sites | Resource::TypeAssociations => &[("company", Resource::Companies)],
        Resource::Questions => &[("configurationType", Resource::ConfigurationTypes)],
        Resource::QuestionValues => &[
            ("configurationType", Resource::ConfigurationTypes),
            ("question", Resource::Questions),
        ],
        _ => &[],
    };
    for ((name, target), parent) in fields.iter().zip(parents) {
        let reference = store.reference(*target, *parent);
        let reference = reference.ok_or(not_found(*target, *parent))?;
        record.insert((*name).to_owned(), Value::Object(reference));
    }
    Ok(())
}

fn accept(
    store: &Store,
    resource: Resource,
    body: &Object,
    record: &mut Object,
) -> Vec<FieldError> {
    let schema = resource.schema();
    let mut company = company_of(Some(record));
    if let (None, Some(field), Some(given)) =
        (company, schema.field("company"), body.get("company"))
    {
        let acceptor = Acceptor {
            store,
            company: None,
        };
        let found = acceptor.field(field, given).ok();
        company = found.and_then(|company| company["id"].as_u64());
    }
    let mut body = body.clone();
    // Contacts take ids of types beside references to them.
    if let (Resource::Contacts, None, Some(Value::Array(ids))) =
        (resource, body.get("types"), body.get("typeIds"))
    {
        let types: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        body.insert("types".to_owned(), types.into());
    }
    // A new company has no site yet; what is said of one is read when it gets it.
    if resource == Resource::Companies && record.is_empty() {
        body.remove("site");
    }
    Acceptor { store, company }.body(schema, &body, record)
}

/// What the server fills in when a record is new or replaced (inferred: the rows marked as default).
fn defaults(store: &Store, resource: Resource, record: &mut Object, stamp: Stamp) {
    let is_null = |record: &Object, name: &str| record.get(name).is_none_or(Value::is_null);
    let status = match resource {
        Resource::Companies => Some(Resource::CompanyStatuses),
        Resource::Configurations => Some(Resource::ConfigurationStatuses),
        _ => None,
    };
    if let Some(statuses) = status
        && is_null(record, "status")
    {
        let default = store
            .table(statuses)
            .ids()
            .find(|id| store.value(statuses, *id, &["defaultFlag"]) == Some(Value::Bool(true)));
        let reference = default.and_then(|id| store.reference(statuses, id));
        record.insert(
            "status".to_owned(),
            reference.map_or(Value::Null, Value::Object),
        );
    }
    if resource == Resource::UserDefinedFields && is_null(record, "dateCreated") {
        record.insert("dateCreated".to_owned(), moment(stamp.now).into());
    }
}

fn check(
    store: &Store,
    resource: Resource,
    old: Option<&Object>,
    record: &Object,
    mut errors: Vec<FieldError>,
) -> Done<()> {
    let schema = resource.schema();
    let accepted: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
    let missing = required(schema, record).into_iter();
    errors.extend(missing.filter(|error| !accepted.contains(&error.field)));
    errors.extend(taken(store, resource, old, record));
    errors.extend(foreign(store, resource, record));
    if resource == Resource::Configurations {
        let id = |record: &Object| record.get("type").and_then(|kind| kind["id"].as_u64());
        if old.is_some_and(|old| id(old) != id(record)) {
            let message = "The type field can only be changed by changeType.";
            errors.push(FieldError::new("InvalidParameter", "type", message));
        }
        if old.is_none() {
            errors.extend(unanswered(store, record));
        }
    }
    refuse(schema, errors)
}

fn refuse(schema: &Schema, errors: Vec<FieldError>) -> Done<()> {
    let noun = schema.noun;
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Fault::Invalid { noun, errors })
    }
}

pub(super) fn required(schema: &Schema, record: &Object) -> Vec<FieldError> {
    let fields = schema.fields.iter().filter(|field| field.required);
    fields
        .filter(|field| match record.get(field.name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        })
        .map(|field| FieldError::required(field.name))
        .collect()
}

/// Company identifiers are unique, as are the names in lists.
fn taken(
    store: &Store,
    resource: Resource,
    old: Option<&Object>,
    record: &Object,
) -> Option<FieldError> {
    let schema = resource.schema();
    let field = match resource {
        Resource::Companies => "identifier",
        _ if schema.unique_name => schema.name_field,
        _ => return None,
    };
    let text = record.get(field)?.as_str()?;
    let found = match resource {
        Resource::Companies => store.company_by_identifier(text),
        _ => store.named(resource, text),
    }?;
    let own = old.and_then(|old| old.get("id")?.as_u64());
    let message = format!("A {} with this {field} exists.", schema.noun);
    (own != Some(found)).then(|| FieldError::new("ObjectExists", field, message))
}

/// A record's site and contact are those of its company (inferred).
fn foreign(store: &Store, resource: Resource, record: &Object) -> Vec<FieldError> {
    let company = match resource {
        Resource::Companies => record.get("id").and_then(Value::as_u64),
        _ => company_of(Some(record)),
    };
    let fields: &[(&str, Resource)] = match resource {
        Resource::Companies => &[
            ("site", Resource::Sites),
            ("defaultContact", Resource::Contacts),
        ],
        Resource::Configurations => &[("site", Resource::Sites), ("contact", Resource::Contacts)],
        Resource::Contacts => &[("site", Resource::Sites)],
        _ => &[],
    };
    let elsewhere = |(name, target): &&(&str, Resource)| {
        let id = record
            .get(*name)
            .and_then(|reference| reference["id"].as_u64());
        let owner = id.and_then(|id| store.value(*target, id, &["company", "id"]));
        id.is_some() && owner.and_then(|owner| owner.as_u64()) != company
    };
    fields
        .iter()
        .filter(elsewhere)
        .map(|(name, _)| {
            let message = format!("The {name} field names a record of another company.");
            FieldError::new("InvalidReference", name, message)
        })
        .collect()
}

/// A required question of the type wants an answer in a new configuration (inferred).
fn unanswered(store: &Store, record: &Object) -> Vec<FieldError> {
    let Some(kind) = record.get("type").and_then(|kind| kind["id"].as_u64()) else {
        return Vec::new();
    };
    let answers = record.get("questions").and_then(Value::as_array);
    let answered = |id: u64| {
        let mut answers = answers.into_iter().flatten();
        answers.any(|each| each["questionId"].as_u64() == Some(id) && !each["answer"].is_null())
    };
    let flag = |id: u64, name: &'static str| {
        store.value(Resource::Questions, id, &[name]) == Some(Value::Bool(true))
    };
    let questions = store.owned(Resource::Questions, kind).iter().copied();
    questions
        .filter(|id| flag(*id, "requiredFlag") && !flag(*id, "inactiveFlag") && !answered(*id))
        .map(|id| {
            let text = store.value(Resource::Questions, id, &["question"]);
            let text = text.as_ref().and_then(Value::as_str).unwrap_or_default();
            FieldError::new(
                "MissingRequiredField",
                "questions",
                format!("The question \"{text}\" is required."),
            )
        })
        .collect()
}

/// Stores a record that was checked. A write that changes nothing leaves `lastUpdated` alone
/// (inferred).
pub(super) fn finish(
    store: &mut Store,
    resource: Resource,
    id: u64,
    mut record: Object,
    old: Option<&Object>,
    stamp: Stamp,
) {
    lists::complete(store.seed, resource, id, &mut record);
    if resource == Resource::Contacts {
        communications::settle(store, &mut record, old);
    }
    record.retain(|_, value| !value.is_null());
    if old == Some(&record) {
        return;
    }
    change::touch(store, resource, id, &mut record, stamp);
    store.put(resource, id, &record);
    let company = company_of(Some(&record));
    match (resource, company) {
        (Resource::Companies, _) => {
            associations::follow_company(store, id, stamp);
            if let Some(old) = old {
                sites::follow_company(store, id, old, stamp);
            }
        }
        (Resource::TypeAssociations, Some(company)) => associations::follow_rows(store, company),
        (Resource::Sites, Some(company)) => {
            if record.get("primaryAddressFlag") == Some(&Value::Bool(true)) {
                sites::only_primary(store, company, id);
            }
            sites::mirror(store, company);
        }
        _ => {}
    }
}

/// A company that is created gets its first site, by the name it gives or `Main`, with its address
/// (inferred).
fn first_site(store: &mut Store, company: u64, body: &Object, stamp: Stamp) {
    let Some(record) = store.record(Resource::Companies, company) else {
        return;
    };
    let name = body.get("site").and_then(|site| site["name"].as_str());
    let name = name
        .filter(|name| !name.trim().is_empty())
        .unwrap_or("Main");
    let mut site = Object::new();
    let name: String = name.chars().take(50).collect();
    site.insert("name".to_owned(), name.into());
    for flag in ["Shipping", "Billing", "Mailing"] {
        site.insert(format!("default{flag}Flag"), true.into());
    }
    site.insert("primaryAddressFlag".to_owned(), true.into());
    let phone = record.get("phoneNumber").cloned();
    site.insert("phoneNumber".to_owned(), phone.unwrap_or_default());
    sites::copy_address(store, &record, &mut site, stamp);
    let site = Value::Object(site);
    // Every value was accepted for the company just now, under the same limits.
    let made = create(store, Resource::Sites, &[company], &site, stamp);
    debug_assert!(made.is_ok(), "{made:?}");
}

fn company_of(record: Option<&Object>) -> Option<u64> {
    record?.get("company")?["id"].as_u64()
}

impl Kind {
    /// Whether a patch may name a member of the field without effect.
    pub(super) const fn has_members(self) -> bool {
        matches!(self, Self::Reference(_) | Self::Loose | Self::Info)
    }
}
