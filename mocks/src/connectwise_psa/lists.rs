//! The rows of the instance's lists: types, statuses, manufacturers, countries, states. A row is
//! made when a record first names it.

use serde_json::{Value, json};

use super::json::Object;
use super::schema::{Kind, Resource};
use super::stamp::{PERSON, Stamp, guid};
use super::store::Store;
use crate::world::{Contents, DeviceClass};

/// Status of records that are in use.
pub(super) const ACTIVE: &str = "Active";

/// Status of records that are not.
pub(super) const INACTIVE: &str = "Inactive";

/// Type of an e-mail address that has none.
pub(super) const EMAIL: &str = "Email";

/// Type of a telephone number that has none.
pub(super) const DIRECT: &str = "Direct";

/// Fills the lists: what the world says, in its order, then what every instance comes with
/// (inferred).
pub(super) fn fill(store: &mut Store, contents: &Contents, stamp: Stamp) {
    let lists: [(Resource, &[String], &[&str]); 8] = [
        (
            Resource::CompanyStatuses,
            &contents.organization_statuses,
            &[ACTIVE, INACTIVE],
        ),
        (
            Resource::CompanyTypes,
            &contents.organization_types,
            &["Client", "Prospect", "Vendor"],
        ),
        (
            Resource::ConfigurationStatuses,
            &contents.configuration_statuses,
            &[ACTIVE, INACTIVE],
        ),
        (
            Resource::ConfigurationTypes,
            &contents.configuration_types,
            &[
                "Managed Workstation",
                "Managed Server",
                "Managed Network Device",
            ],
        ),
        (
            Resource::ContactTypes,
            &contents.contact_types,
            &["Approver", "Decision Maker", "End User"],
        ),
        (
            Resource::CommunicationTypes,
            &[],
            &[EMAIL, DIRECT, "Fax", "Cell", "Home"],
        ),
        (Resource::Countries, &[], &["United States", "Canada"]),
        (Resource::Manufacturers, &[], &[]),
    ];
    for (resource, named, usual) in lists {
        let names = named
            .iter()
            .map(String::as_str)
            .chain(usual.iter().copied());
        for name in names {
            row(store, resource, name, stamp);
        }
    }
}

/// The id of the row with this name, which is made if there is none.
pub(super) fn row(store: &mut Store, resource: Resource, name: &str, stamp: Stamp) -> u64 {
    if let Some(id) = store.named(resource, name) {
        return id;
    }
    let first = store.table(resource).is_empty();
    let id = store.new_id(resource);
    let mut row = particular(resource, name, first);
    row.insert("id".to_owned(), id.into());
    row.insert(resource.schema().name_field.to_owned(), name.into());
    let stamp = Stamp {
        member: PERSON,
        ..stamp
    };
    let info = stamp.info(resource, id, None, store.origin());
    row.insert("_info".to_owned(), Value::Object(info));
    complete(store.seed, resource, id, &mut row);
    store.put(resource, id, &row);
    id
}

/// Gives a record the members that the server always sends.
pub(super) fn complete(seed: u64, resource: Resource, id: u64, record: &mut Object) {
    for field in resource.schema().fields {
        let value = match field.kind {
            Kind::Flag(Some(otherwise)) => Value::Bool(otherwise),
            Kind::Guid => guid(seed, resource, id).into(),
            kind if kind.is_array() => json!([]),
            _ => continue,
        };
        let slot = record.entry(field.name).or_insert(Value::Null);
        if slot.is_null() {
            *slot = value;
        }
    }
}

/// Type of a configuration that the world gives none: the field is required (inferred names).
pub(super) const fn configuration_type(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::Workstation => "Managed Workstation",
        DeviceClass::Server | DeviceClass::Hypervisor => "Managed Server",
        DeviceClass::Network => "Managed Network Device",
        DeviceClass::Printer => "Managed Printer",
    }
}

/// Whether a status stands for records that are out of use.
fn is_closed(name: &str) -> bool {
    const WORDS: [&str; 6] = [
        "inactive",
        "retired",
        "closed",
        "disposed",
        "decommissioned",
        "not active",
    ];
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

fn particular(resource: Resource, name: &str, first: bool) -> Object {
    let lower = name.to_lowercase();
    let row = match resource {
        Resource::CompanyStatuses => {
            json!({"defaultFlag": first, "inactiveFlag": is_closed(name)})
        }
        Resource::ConfigurationStatuses => {
            json!({"defaultFlag": first, "closedFlag": is_closed(name)})
        }
        Resource::CompanyTypes => {
            json!({"defaultFlag": first, "vendorFlag": lower.contains("vendor")})
        }
        Resource::ContactTypes => json!({"defaultFlag": first}),
        Resource::CommunicationTypes => {
            let (email, fax) = (lower.contains("mail"), lower.contains("fax"));
            json!({"phoneFlag": !email && !fax, "faxFlag": fax, "emailFlag": email,
                "defaultFlag": lower == "email" || lower == "direct" || lower == "fax"})
        }
        Resource::Countries => {
            json!({"identifier": country_code(name), "defaultFlag": first})
        }
        // A tool's own list of states is what the world says: abbreviations where it uses them.
        Resource::States => json!({"identifier": name}),
        _ => json!({}),
    };
    match row {
        Value::Object(row) => row,
        _ => Object::new(),
    }
}

fn country_code(name: &str) -> String {
    const CODES: &[(&str, &str)] = &[
        ("united states", "US"),
        ("canada", "CA"),
        ("united kingdom", "GB"),
        ("ireland", "IE"),
        ("australia", "AU"),
        ("new zealand", "NZ"),
        ("germany", "DE"),
        ("austria", "AT"),
        ("switzerland", "CH"),
        ("netherlands", "NL"),
        ("sweden", "SE"),
        ("denmark", "DK"),
        ("poland", "PL"),
        ("spain", "ES"),
        ("portugal", "PT"),
        ("south africa", "ZA"),
        ("japan", "JP"),
        ("mexico", "MX"),
    ];
    let lower = name.to_lowercase();
    match CODES.iter().find(|(known, _)| *known == lower) {
        Some((_, code)) => (*code).to_owned(),
        None => name.chars().take(2).collect::<String>().to_uppercase(),
    }
}
