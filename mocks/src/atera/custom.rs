//! Custom fields, and the values that records have of them. It knows records' members and nothing of
//! requests.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::class::Class;
use super::render::{guid, seed};
use super::route::Target;
use crate::kit::{Object, at};

/// Where a warranty can stand, since no member of an agent holds it (`seen`: customers keep it so).
pub(super) const WARRANTY: &str = "Warranty Expiration";
/// Another field that customers often make.
pub(super) const ASSET_TAG: &str = "Asset Tag";

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    Text,
    Numeric,
    Boolean,
    Date,
}

/// A custom field.
pub(super) struct Field {
    name: &'static str,
    data: Data,
    target: Target,
}

/// The fields of this account. The API makes none (`documented`, by absence).
const FIELDS: [Field; 8] = [
    field("Account Manager", Data::Text, Target::Customer),
    field("Seats", Data::Numeric, Target::Customer),
    field(WARRANTY, Data::Date, Target::Machine(Class::Agent)),
    field(ASSET_TAG, Data::Text, Target::Machine(Class::Agent)),
    field("Serial Number", Data::Text, Target::Machine(Class::Snmp)),
    field("Critical", Data::Boolean, Target::Machine(Class::Tcp)),
    field("Owner", Data::Text, Target::Machine(Class::Http)),
    field("Room", Data::Text, Target::Machine(Class::Generic)),
];

const fn field(name: &'static str, data: Data, target: Target) -> Field {
    Field { name, data, target }
}

/// The member that a record keeps a value in; it stands in no row.
pub(super) fn kept(name: &str) -> String {
    format!("_value {name}")
}

/// All fields, as the API describes them.
pub(super) fn described() -> Value {
    let fields = FIELDS.iter().map(|field| {
        json!({
            "Name": field.name, "DataType": format!("{:?}", field.data), "Target": target(field.target),
            "PossibleValues": null, "ParentAttributeName": null,
        })
    });
    fields.collect()
}

/// A field by its name, whatever the case.
pub(super) fn named(target: Target, name: &str) -> Option<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.target == target && field.name.eq_ignore_ascii_case(name))
}

/// The fields of a kind of record.
pub(super) fn of(target: Target) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.target == target)
}

impl Field {
    /// The member that a record keeps its value in.
    pub(super) fn member(&self) -> String {
        kept(self.name)
    }

    /// The value of a record, as the API shows it; none where there is none.
    pub(super) fn value(&self, id: u64, record: &Object) -> Option<Value> {
        let text = at(record, &self.member()).as_str()?;
        let number = match self.data {
            Data::Numeric => text.parse().unwrap_or_default(),
            _ => 0.0_f64,
        };
        let date = match self.data {
            Data::Date => text.parse::<Date>().ok(),
            _ => None,
        };
        Some(json!({
            "ItemId": id, "Id": self.value_id(id), "FieldName": self.name, "ValueAsString": text,
            "ValueAsDecimal": number, "ValueAsDateTime": date.map(|date| format!("{date}T00:00:00Z")),
            "ValueAsBool": self.data == Data::Boolean && text == "true", "OptionId": null,
        }))
    }

    /// The id of a record's value.
    pub(super) fn value_id(&self, id: u64) -> String {
        guid(seed(self.name) ^ seed(target(self.target)).rotate_left(17) ^ id)
    }

    /// A text as the field takes it; none where it cannot.
    pub(super) fn taken(&self, text: &str) -> Option<String> {
        match self.data {
            Data::Text => Some(text.to_owned()),
            Data::Numeric => {
                let number = text.parse::<f64>().ok()?;
                number.is_finite().then(|| text.to_owned())
            }
            Data::Boolean => {
                let text = text.to_lowercase();
                matches!(text.as_str(), "true" | "false").then_some(text)
            }
            Data::Date => text.parse::<Date>().ok().map(|date| date.to_string()),
        }
    }
}

const fn target(target: Target) -> &'static str {
    match target {
        Target::Customer => "Customer",
        Target::Machine(class) => class.target(),
    }
}
