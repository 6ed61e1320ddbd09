//! What the API says of itself: entities, their fields, their lists of values. It knows the schema and
//! the instance's lists.

use serde_json::{Value, json};

use super::schema::{Entity, Field, Type};
use super::store::Store;
use crate::kit::at;

/// `entityInformation`.
pub(super) fn entity(entity: Entity) -> Value {
    let writes = entity != Entity::Countries;
    json!({ "info": {
        "name": entity.name(),
        "canCreate": writes,
        "canDelete": entity.can_be_deleted(),
        "canQuery": true,
        "canUpdate": writes,
        "userAccessForCreate": u8::from(writes),
        "userAccessForDelete": u8::from(entity.can_be_deleted()),
        "userAccessForQuery": 1,
        "userAccessForUpdate": u8::from(writes),
        "hasUserDefinedFields": entity.has_own_fields(),
        "supportsWebhookCallouts": matches!(
            entity,
            Entity::Companies | Entity::Contacts | Entity::ConfigurationItems
        ),
    } })
}

/// `entityInformation/fields`.
pub(super) fn fields(store: &Store, entity: Entity) -> Value {
    let fields = entity.fields().iter();
    let fields: Vec<Value> = fields.map(|it| field(store, entity, it)).collect();
    json!({ "fields": fields })
}

fn field(store: &Store, entity: Entity, field: &Field) -> Value {
    let (kind, length) = match field.kind {
        Type::Integer if field.picklist => ("short", 0),
        Type::Integer => ("integer", 0),
        Type::Long => ("long", 0),
        Type::Text => ("string", 100),
        Type::Double => ("double", 0),
        Type::Boolean => ("boolean", 0),
        Type::Date => ("datetime", 0),
    };
    json!({
        "name": field.name,
        "dataType": kind,
        "length": length,
        "isRequired": field.required,
        "isReadOnly": field.read_only,
        "isQueryable": true,
        "isReference": field.reference.is_some(),
        "referenceEntityType": field.reference.map_or("", singular),
        "isPickList": field.picklist,
        "picklistValues": field.picklist.then(|| picklist(store, entity)),
        "picklistParentValueField": "",
        "isSupportedWebhookField": false,
    })
}

const fn singular(entity: Entity) -> &'static str {
    match entity {
        Entity::Companies => "Company",
        Entity::CompanyLocations => "CompanyLocation",
        Entity::Contacts => "Contact",
        Entity::ConfigurationItems => "ConfigurationItem",
        Entity::ConfigurationItemTypes => "ConfigurationItemType",
        Entity::ConfigurationItemCategories => "ConfigurationItemCategory",
        Entity::Products => "Product",
        Entity::Countries => "Country",
    }
}

/// The values of the entity's list, as (value, label, active).
pub(super) fn choices(store: &Store, entity: Entity) -> Vec<(u64, String, bool)> {
    match entity {
        Entity::Companies => (1..)
            .zip(&store.company_types)
            .map(|(value, label)| (value, label.clone(), true))
            .collect(),
        Entity::ConfigurationItems => store
            .of(Entity::ConfigurationItemTypes)
            .iter()
            .filter_map(|(id, row)| {
                let active = at(&row, "isActive").as_bool().unwrap_or(true);
                Some((id, at(&row, "name").as_str()?.to_owned(), active))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The value is text here and a number in records (seen).
fn picklist(store: &Store, entity: Entity) -> Vec<Value> {
    let values = choices(store, entity).into_iter();
    values
        .map(|(value, label, active)| {
            json!({
                "value": value.to_string(), "label": label, "isDefaultValue": false,
                "sortOrder": value, "parentValue": "", "isActive": active, "isSystem": false,
            })
        })
        .collect()
}
