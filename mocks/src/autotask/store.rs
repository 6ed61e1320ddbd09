//! The database: a collection for each entity, the lists of the instance, and which record of the
//! world each one is. It must not know HTTP.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::schema::{Entity, Type};
use crate::kit::{Collection, Ledger, Object, at};
use crate::world::Kind;

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    collections: Vec<Collection>,
    /// Labels of the types of companies; the value of each is its place, from 1.
    pub(super) company_types: Vec<String>,
    pub(super) ledger: Ledger,
}

/// The MSP's own company (seen): its id is 0.
pub(super) const OWN_COMPANY: u64 = 0;
/// The resource that the API acts for.
pub(super) const RESOURCE: u64 = 29_682_885;
/// The category that is set when a client gives none (documented that one is).
pub(super) const DEFAULT_CATEGORY: u64 = 1;

impl Store {
    pub(super) fn new() -> Self {
        let collection = |entity: Entity| {
            // Ids begin where those of real instances stand; lists begin at 1 (inferred).
            let first = match entity {
                Entity::Companies => 29_683_510,
                Entity::CompanyLocations => 50,
                Entity::Contacts => 30_683_580,
                Entity::ConfigurationItems => 48_100,
                Entity::Products => 29_699_000,
                _ => 1,
            };
            Collection::new(first, entity.owner(), entity.members())
        };
        Self {
            collections: Entity::ALL.into_iter().map(collection).collect(),
            company_types: Vec::new(),
            ledger: Ledger::new(),
        }
    }

    pub(super) fn of(&self, entity: Entity) -> &Collection {
        &self.collections[entity as usize]
    }

    pub(super) fn of_mut(&mut self, entity: Entity) -> &mut Collection {
        &mut self.collections[entity as usize]
    }

    pub(super) fn get(&self, entity: Entity, id: u64) -> Option<Object> {
        self.of(entity).get(id)
    }

    /// Keeps a record and signs it.
    pub(super) fn put(&mut self, entity: Entity, id: u64, mut record: Object, now: Timestamp) {
        let stamps: &[&str] = match entity {
            Entity::Companies => &["lastTrackedModifiedDateTime", "lastActivityDate"],
            Entity::Contacts => &["lastModifiedDate", "lastActivityDate"],
            Entity::ConfigurationItems => &["lastModifiedTime"],
            _ => &[],
        };
        for stamp in stamps {
            record.insert((*stamp).to_owned(), moment(now).into());
        }
        self.of_mut(entity).put(id, &record);
    }

    /// The id of the row of a list with this name, in any case.
    pub(super) fn named(&self, entity: Entity, member: &str, name: &str) -> Option<u64> {
        let name = name.to_lowercase();
        let mut rows = self.of(entity).iter();
        rows.find(|(_, row)| {
            row.get(member)
                .and_then(Value::as_str)
                .is_some_and(|own| own.to_lowercase() == name)
        })
        .map(|(id, _)| id)
    }

    /// The value of a type of companies, made where there is none.
    pub(super) fn company_type(&mut self, name: &str) -> u64 {
        let known = self.company_types.iter().position(|own| own == name);
        let at = known.unwrap_or_else(|| {
            self.company_types.push(name.to_owned());
            self.company_types.len() - 1
        });
        at as u64 + 1
    }

    /// The id of a type of configuration items, made where there is none.
    pub(super) fn item_type(&mut self, name: &str) -> u64 {
        let entity = Entity::ConfigurationItemTypes;
        let mut rows = self.of(entity).iter();
        if let Some((id, _)) = rows.find(|(_, row)| at(row, "name") == name) {
            return id;
        }
        drop(rows);
        self.make(entity, json!({ "isActive": true, "name": name }))
    }

    /// The id of a country, made where there is none.
    pub(super) fn country(&mut self, name: &str) -> u64 {
        if let Some(id) = self.named(Entity::Countries, "displayName", name) {
            return id;
        }
        let code = match name {
            "Canada" => "CA",
            "United States" => "US",
            "United Kingdom" => "GB",
            "Australia" => "AU",
            _ => name.get(..2).unwrap_or(name),
        };
        let country = json!({
            "countryCode": code.to_uppercase(), "displayName": name, "name": name, "isActive": true,
            "isDefaultCountry": false,
        });
        self.make(Entity::Countries, country)
    }

    /// The id of the product of a maker and a model, made where there is none. What has neither is the
    /// general product.
    pub(super) fn product(&mut self, maker: Option<&str>, model: Option<&str>) -> u64 {
        let entity = Entity::Products;
        let text = |row: &Object, member: &str| at(row, member).as_str().map(str::to_owned);
        let mut rows = self.of(entity).iter();
        let found = rows.find(|(_, row)| {
            text(row, "manufacturerName").as_deref() == maker
                && text(row, "manufacturerProductName").as_deref() == model
        });
        drop(rows);
        if let Some((id, _)) = found {
            return id;
        }
        let name = match (maker, model) {
            (Some(maker), Some(model)) => format!("{maker} {model}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "General".to_owned(),
        };
        let product = json!({
            "name": name, "manufacturerName": maker, "manufacturerProductName": model,
            "isActive": true, "isSerialized": false, "productBillingCodeID": 1,
        });
        self.make(entity, product)
    }

    /// Makes a row of a list.
    pub(super) fn make(&mut self, entity: Entity, values: Value) -> u64 {
        let id = self.of_mut(entity).new_id();
        let record = whole(entity, id, values);
        self.of_mut(entity).put(id, &record);
        id
    }
}

/// A record with every field of its entity, null where the values say nothing (documented).
pub(super) fn whole(entity: Entity, id: u64, values: Value) -> Object {
    let mut record: Object = entity
        .fields()
        .iter()
        .map(|field| (field.name.to_owned(), Value::Null))
        .collect();
    if entity.has_own_fields() {
        record.insert("userDefinedFields".to_owned(), json!([]));
    }
    if let Value::Object(values) = values {
        record.extend(values);
    }
    record.insert("id".to_owned(), id.into());
    record
}

/// A moment as the vendor shows it: UTC, milliseconds, no zone (seen).
pub(super) fn moment(moment: Timestamp) -> String {
    let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string()
}

/// Whether a field of this type can hold the value.
pub(super) fn fits(kind: Type, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Null)
        | (Type::Text | Type::Date, Value::String(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Double, Value::Number(_)) => true,
        (Type::Integer | Type::Long, Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

/// What the world calls the records of an entity.
pub(super) const fn kind(entity: Entity) -> Option<Kind> {
    Some(match entity {
        Entity::Companies => Kind::Organization,
        Entity::CompanyLocations => Kind::Location,
        Entity::Contacts => Kind::Contact,
        Entity::ConfigurationItems => Kind::Device,
        _ => return None,
    })
}

/// Where the records of a kind are kept.
pub(super) const fn entity(kind: Kind) -> Entity {
    match kind {
        Kind::Organization => Entity::Companies,
        Kind::Location => Entity::CompanyLocations,
        Kind::Contact => Entity::Contacts,
        Kind::Device => Entity::ConfigurationItems,
    }
}
