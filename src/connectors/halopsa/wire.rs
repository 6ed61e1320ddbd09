//! HaloPSA's records as JSON, and what becomes of each field: names `documented` (the vendor's OpenAPI
//! file), what the lines of an address and the fields of an asset mean `inferred`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use crate::connectors::values::{date, text};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

/// Until this year a date stands for none: unset dates are in 1900 (`seen`).
const UNSET_YEAR: i16 = 1900;

/// A reference by id: 0 or less is none, and some are written as doubles (`documented`).
fn reference<'de, D: Deserializer<'de>>(source: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an id")]
    enum Id {
        Whole(i64),
        Double(f64),
    }
    let id = match Option::<Id>::deserialize(source)? {
        None => None,
        Some(Id::Whole(id)) => Some(id),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast saturates, and no id is that high"
        )]
        Some(Id::Double(id)) => Some(id as i64),
    };
    Ok(id.filter(|id| *id > 0))
}

fn set(date: Option<Date>) -> Option<Date> {
    date.filter(|date| date.year() > UNSET_YEAR)
}

fn id(id: Option<i64>) -> Option<String> {
    id.map(|id| id.to_string())
}

/// An entry of a list of names.
#[derive(Deserialize)]
pub(super) struct Named {
    id: i64,
    name: String,
}

impl Named {
    pub(super) fn into_type(self) -> RemoteType {
        RemoteType {
            id: self.id.to_string(),
            name: self.name,
            inactive: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a client")]
pub(super) struct Client {
    pub(super) id: i64,
    name: String,
    #[serde(default, deserialize_with = "text")]
    toplevel_name: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub(super) main_site_id: Option<i64>,
    inactive: Option<bool>,
}

impl Client {
    pub(super) fn into_record(self) -> RemoteOrganization {
        let inactive = self.inactive.unwrap_or(false);
        RemoteOrganization {
            id: self.id.to_string(),
            name: self.name,
            types: self.toplevel_name.into_iter().collect(),
            status: Some(if inactive { "Inactive" } else { "Active" }.to_owned()),
            primary_location_id: id(self.main_site_id),
            ..RemoteOrganization::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a site")]
pub(super) struct Site {
    pub(super) id: i64,
    name: String,
    #[serde(default, deserialize_with = "reference")]
    pub(super) client_id: Option<i64>,
    delivery_address: Option<Address>,
    #[serde(default, deserialize_with = "text")]
    country_code_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phonenumber: Option<String>,
    inactive: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "an address")]
struct Address {
    #[serde(default, deserialize_with = "text")]
    line1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line3: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line4: Option<String>,
    #[serde(default, deserialize_with = "text")]
    postcode: Option<String>,
}

impl Site {
    pub(super) fn into_record(self, main_sites: &BTreeSet<i64>) -> RemoteLocation {
        let address = self.delivery_address.unwrap_or_default();
        RemoteLocation {
            id: self.id.to_string(),
            organization_id: id(self.client_id).unwrap_or_default(),
            name: self.name,
            address_1: address.line1,
            address_2: address.line2,
            city: address.line3,
            region: address.line4,
            postal_code: address.postcode,
            country: self.country_code_name,
            phone: self.phonenumber,
            primary: main_sites.contains(&self.id),
            inactive: self.inactive.unwrap_or(false),
            ..RemoteLocation::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a user")]
pub(super) struct User {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    firstname: Option<String>,
    #[serde(default, deserialize_with = "text")]
    surname: Option<String>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    client_id: Option<i64>,
    #[serde(default, deserialize_with = "reference")]
    site_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    emailaddress: Option<String>,
    #[serde(default, deserialize_with = "text")]
    email2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    email3: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phonenumber: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mobilenumber: Option<String>,
    #[serde(default, deserialize_with = "text")]
    homenumber: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fax: Option<String>,
    inactive: Option<bool>,
}

impl User {
    pub(super) fn into_record(self) -> RemoteContact {
        // A user who was entered with one name alone has it as `name`.
        let first = match (&self.firstname, &self.surname) {
            (None, None) => self.name,
            _ => self.firstname,
        };
        let mut emails = Vec::new();
        for address in [self.emailaddress, self.email2, self.email3] {
            let primary = emails.is_empty();
            emails.extend(address.map(|address| RemoteEmail {
                address,
                label: None,
                primary,
            }));
        }
        let mut phones = Vec::new();
        for (number, label) in [
            (self.phonenumber, "Phone"),
            (self.mobilenumber, "Mobile"),
            (self.homenumber, "Home"),
            (self.fax, "Fax"),
        ] {
            let primary = phones.is_empty();
            phones.extend(number.map(|number| RemotePhone {
                number,
                extension: None,
                label: Some(label.to_owned()),
                primary,
            }));
        }
        RemoteContact {
            id: self.id.to_string(),
            organization_id: id(self.client_id),
            location_id: id(self.site_id),
            first_name: first.unwrap_or_default(),
            last_name: self.surname,
            title: self.title,
            emails,
            phones,
            inactive: self.inactive.unwrap_or(false),
            ..RemoteContact::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an asset")]
pub(super) struct Asset {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "text")]
    key_field: Option<String>,
    #[serde(default, deserialize_with = "text")]
    inventory_number: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    client_id: Option<i64>,
    #[serde(default, deserialize_with = "reference")]
    site_id: Option<i64>,
    users: Option<Vec<Reference>>,
    #[serde(default, deserialize_with = "text")]
    assettype_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status_name: Option<String>,
    #[serde(default, deserialize_with = "date")]
    warranty_end: Option<Date>,
    #[serde(default, deserialize_with = "date")]
    supplier_purchasedate: Option<Date>,
    #[serde(default, deserialize_with = "text")]
    notes: Option<String>,
    fields: Option<Vec<Field>>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default, deserialize_with = "reference")]
    id: Option<i64>,
}

/// A field of the asset's type. Its name is the customer's own: these are the usual ones (`inferred`).
#[derive(Deserialize)]
struct Field {
    name: Option<String>,
    value: Option<serde_json::Value>,
    display: Option<String>,
}

impl Field {
    /// What is shown where there is something to show: a list's value is the number of its entry.
    fn shown(self) -> Option<String> {
        let value = match self.value {
            Some(serde_json::Value::String(value)) => Some(value),
            Some(serde_json::Value::Number(value)) => Some(value.to_string()),
            _ => None,
        };
        let shown = self.display.filter(|text| !text.is_empty()).or(value);
        shown.filter(|text| !text.is_empty())
    }
}

impl Asset {
    pub(super) fn into_record(self) -> RemoteConfiguration {
        let mut record = RemoteConfiguration {
            id: self.id.to_string(),
            organization_id: id(self.client_id).unwrap_or_default(),
            configuration_type: self.assettype_name,
            status: self.status_name,
            location_id: id(self.site_id),
            contact_id: id(self.users.into_iter().flatten().find_map(|user| user.id)),
            purchased_on: set(self.supplier_purchasedate),
            warranty_expires_on: set(self.warranty_end),
            notes: self.notes,
            ..RemoteConfiguration::default()
        };
        record.name = self
            .key_field
            .or_else(|| self.inventory_number.clone())
            .unwrap_or_default();
        record.asset_tag = self.inventory_number;
        for field in self.fields.into_iter().flatten() {
            let Some(name) = field.name.as_deref().map(str::to_lowercase) else {
                continue;
            };
            let to = match name.as_str() {
                "serial number" => &mut record.serial,
                "manufacturer" => &mut record.manufacturer,
                "model" => &mut record.model,
                "mac address" => &mut record.mac,
                "operating system" => &mut record.operating_system,
                "ip address" => &mut record.ip,
                "default gateway" => &mut record.default_gateway,
                _ => continue,
            };
            if to.is_none() {
                *to = field.shown();
            }
        }
        record
    }
}
