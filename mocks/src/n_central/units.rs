//! The tree of org units: service organization, customers, sites; each in its own list's words and in
//! those of the list of them all. It knows names and parents, and nothing of devices.

use serde_json::{Map, Value, json};

use crate::kit::{Object, at};
use crate::world::OrganizationRecord;

/// The one service organization (seen: a server with one has it under this id).
pub(super) const SERVICE_ORG: u64 = 50;
/// What stands above it.
const SYSTEM: u64 = 1;
/// The first id of the other units. All share one sequence (documented: a customer's or site's id is an
/// org unit's).
pub(super) const FIRST_UNIT: u64 = 101;

/// Members of a unit as it is kept; others are those of a list.
pub(super) const NAME: &str = "name";
pub(super) const PARENT: &str = "parent";

/// Members that every unit shows as they are kept.
const BLOCK: [&str; 16] = [
    "externalId",
    "externalId2",
    "contactFirstName",
    "contactLastName",
    "phone",
    "contactTitle",
    "contactEmail",
    "contactPhone",
    "contactPhoneExt",
    "contactDepartment",
    "street1",
    "street2",
    "city",
    "stateProv",
    "country",
    "postalCode",
];

/// Members that lists of customers can be sorted by, among others (inferred: all).
pub(super) const SORTS: [&str; 10] = [
    "customerId",
    "customerName",
    "siteId",
    "siteName",
    "soId",
    "soName",
    "orgUnitId",
    "orgUnitName",
    "orgUnitType",
    "parentId",
];

/// Where a unit stands in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    ServiceOrg,
    Customer,
    Site,
}

impl Level {
    /// What its id and its name are called, and its type.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ServiceOrg => ("soId", "soName", "SO"),
            Self::Customer => ("customerId", "customerName", "CUSTOMER"),
            Self::Site => ("siteId", "siteName", "SITE"),
        }
    }
}

/// An organization as a unit is kept, without its parent.
pub(super) fn unit(it: &OrganizationRecord) -> Object {
    let mut unit = Map::new();
    unit.insert(NAME.to_owned(), it.name.clone().into());
    unit.insert("phone".to_owned(), text(&it.phone));
    unit
}

/// The service organization as it is kept.
pub(super) fn service_org(company: &str) -> Object {
    let mut unit = Map::new();
    unit.insert(NAME.to_owned(), company.into());
    unit.insert(PARENT.to_owned(), SYSTEM.into());
    unit
}

/// A unit in its own list. Ids are text (documented), and text that is missing is empty, but for the
/// country (seen).
pub(super) fn shown(level: Level, id: u64, unit: &Object) -> Object {
    let (id_name, name, kind) = level.words();
    named(id, unit, id_name, name, kind, level)
}

/// A unit in the list of them all.
pub(super) fn as_unit(level: Level, id: u64, unit: &Object) -> Object {
    let (_, _, kind) = level.words();
    named(id, unit, "orgUnitId", "orgUnitName", kind, level)
}

fn named(id: u64, unit: &Object, id_name: &str, name: &str, kind: &str, level: Level) -> Object {
    let parent = at(unit, PARENT).as_u64().map(|id| id.to_string());
    let mut row = Map::new();
    row.insert(id_name.to_owned(), id.to_string().into());
    row.insert(name.to_owned(), at(unit, NAME).clone());
    row.insert("orgUnitType".to_owned(), kind.into());
    row.insert("parentId".to_owned(), parent.into());
    for member in BLOCK {
        let none = if member == "country" {
            Value::Null
        } else {
            "".into()
        };
        let value = unit.get(member).cloned().unwrap_or(none);
        row.insert(member.to_owned(), value);
    }
    if level == Level::Customer {
        row.insert("county".to_owned(), Value::Null);
    }
    row.insert("isSystem".to_owned(), false.into());
    row.insert(
        "isServiceOrg".to_owned(),
        (level == Level::ServiceOrg).into(),
    );
    row
}

/// What a client may say of a unit that it makes.
pub(super) fn told(body: &Object) -> Object {
    let told = BLOCK.iter().filter_map(|member| {
        let value = at(body, member);
        value
            .is_string()
            .then(|| ((*member).to_owned(), value.clone()))
    });
    told.collect()
}

fn text(value: &Option<String>) -> Value {
    json!(value.as_deref().unwrap_or_default())
}
