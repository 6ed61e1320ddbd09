//! Autotask's records as JSON, and what becomes of each field: names `documented` (the vendor's
//! Swagger file), the map to the account `documented` by the documentation product.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::connectors::values::{date, text};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

/// What numbers in records stand for.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// Labels of types, or names of countries.
    pub(super) names: BTreeMap<i64, String>,
    pub(super) products: BTreeMap<i64, Product>,
    /// The primary location of each company.
    pub(super) primary: BTreeMap<i64, i64>,
}

/// The text that a flag stands for.
fn status(active: bool) -> Option<String> {
    Some(if active { "Active" } else { "Inactive" }.to_owned())
}

fn id(number: Option<i64>) -> Option<String> {
    number.map(|number| number.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a company")]
pub(super) struct Company {
    pub(super) id: i64,
    company_name: String,
    #[serde(default, deserialize_with = "text")]
    company_number: Option<String>,
    company_type: Option<i64>,
    is_active: Option<bool>,
    #[serde(rename = "parentCompanyID")]
    parent_company_id: Option<i64>,
}

impl Company {
    pub(super) fn into_record(self, lookups: &Lookups) -> RemoteOrganization {
        let kind = self.company_type.and_then(|kind| lookups.names.get(&kind));
        let primary = lookups.primary.get(&self.id).copied();
        RemoteOrganization {
            id: self.id.to_string(),
            name: self.company_name,
            short_name: self.company_number,
            types: kind.cloned().into_iter().collect(),
            status: status(self.is_active.unwrap_or(true)),
            parent_id: id(self.parent_company_id),
            primary_location_id: id(primary),
            deleted: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a location")]
pub(super) struct Location {
    pub(super) id: i64,
    #[serde(rename = "companyID")]
    pub(super) company_id: i64,
    name: String,
    #[serde(default, deserialize_with = "text")]
    address1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    address2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    city: Option<String>,
    #[serde(default, deserialize_with = "text")]
    state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    postal_code: Option<String>,
    #[serde(rename = "countryID")]
    country_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fax: Option<String>,
    is_primary: Option<bool>,
    is_active: Option<bool>,
}

impl Location {
    pub(super) fn into_record(self, countries: &Lookups) -> RemoteLocation {
        let country = self.country_id.and_then(|id| countries.names.get(&id));
        RemoteLocation {
            id: self.id.to_string(),
            organization_id: self.company_id.to_string(),
            name: self.name,
            address_1: self.address1,
            address_2: self.address2,
            city: self.city,
            region: self.state,
            postal_code: self.postal_code,
            country: country.cloned(),
            phone: self.phone,
            fax: self.fax,
            primary: self.is_primary.unwrap_or(false),
            inactive: !self.is_active.unwrap_or(true),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a contact")]
pub(super) struct Contact {
    pub(super) id: i64,
    #[serde(rename = "companyID")]
    company_id: Option<i64>,
    #[serde(rename = "companyLocationID")]
    company_location_id: Option<i64>,
    first_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "text")]
    email_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    extension: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mobile_phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    alternate_phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fax_number: Option<String>,
    /// A number here, where every other entity has a truth value (`documented`).
    is_active: Option<i64>,
}

impl Contact {
    pub(super) fn into_record(self) -> RemoteContact {
        let mut extension = self.extension;
        let numbers = [
            (self.phone, "Work"),
            (self.mobile_phone, "Mobile"),
            (self.alternate_phone, "Alternate"),
            (self.fax_number, "Fax"),
        ];
        let mut phones: Vec<RemotePhone> = Vec::new();
        for (number, label) in numbers {
            let extension = if label == "Work" {
                extension.take()
            } else {
                None
            };
            if let Some(number) = number {
                let primary = phones.is_empty();
                phones.push(RemotePhone {
                    number,
                    extension,
                    label: Some(label.to_owned()),
                    primary,
                });
            }
        }
        let email = self.email_address.map(|address| RemoteEmail {
            address,
            label: Some("Work".to_owned()),
            primary: true,
        });
        RemoteContact {
            id: self.id.to_string(),
            organization_id: id(self.company_id),
            location_id: id(self.company_location_id),
            first_name: self.first_name.unwrap_or_default(),
            last_name: self.last_name,
            title: self.title,
            contact_type: None,
            emails: email.into_iter().collect(),
            phones,
            inactive: self.is_active == Some(0),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a configuration item")]
pub(super) struct Item {
    pub(super) id: i64,
    #[serde(rename = "companyID")]
    company_id: i64,
    #[serde(rename = "companyLocationID")]
    company_location_id: Option<i64>,
    #[serde(rename = "contactID")]
    contact_id: Option<i64>,
    configuration_item_type: Option<i64>,
    #[serde(rename = "productID")]
    product_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    reference_title: Option<String>,
    #[serde(default, deserialize_with = "text")]
    reference_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "date")]
    install_date: Option<Date>,
    #[serde(default, deserialize_with = "date")]
    warranty_expiration_date: Option<Date>,
    #[serde(default, deserialize_with = "text")]
    notes: Option<String>,
    is_active: Option<bool>,
}

impl Item {
    pub(super) fn into_record(self, lookups: &Lookups) -> RemoteConfiguration {
        let product = self.product_id.and_then(|id| lookups.products.get(&id));
        let kind = self.configuration_item_type;
        let kind = kind.and_then(|kind| lookups.names.get(&kind));
        let active = self.is_active.unwrap_or(true);
        // Reference name, else the product's (documented).
        let name = self.reference_title;
        let name = name.or_else(|| product.map(|product| product.name.clone()));
        RemoteConfiguration {
            id: self.id.to_string(),
            organization_id: self.company_id.to_string(),
            name: name.unwrap_or_default(),
            configuration_type: kind.cloned(),
            status: status(active),
            location_id: id(self.company_location_id),
            contact_id: id(self.contact_id),
            asset_tag: self.reference_number,
            serial: self.serial_number,
            manufacturer: product.and_then(|it| it.manufacturer_name.clone()),
            model: product.and_then(|it| it.manufacturer_product_name.clone()),
            installed_on: self.install_date,
            warranty_expires_on: self.warranty_expiration_date,
            notes: self.notes,
            inactive: !active,
            ..RemoteConfiguration::default()
        }
    }
}

#[derive(Debug, Deserialize, Hash)]
#[serde(rename_all = "camelCase", expecting = "a product")]
pub(super) struct Product {
    pub(super) id: i64,
    name: String,
    #[serde(default, deserialize_with = "text")]
    manufacturer_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    manufacturer_product_name: Option<String>,
}

/// A row of a list of names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a name")]
pub(super) struct Named {
    pub(super) id: i64,
    name: Option<String>,
    display_name: Option<String>,
    is_active: Option<bool>,
}

impl Named {
    pub(super) fn into_pair(self) -> (i64, String) {
        (self.id, self.display_name.or(self.name).unwrap_or_default())
    }

    pub(super) fn into_type(self) -> RemoteType {
        let inactive = self.is_active == Some(false);
        let (id, name) = self.into_pair();
        RemoteType {
            id: id.to_string(),
            name,
            inactive,
        }
    }
}

/// What the API says of a field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    pub(super) name: String,
    picklist_values: Option<Vec<Choice>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Choice {
    /// A number as text (`seen`).
    value: String,
    label: String,
    is_active: Option<bool>,
}

impl Field {
    /// Labels by value, and whether one is in use.
    pub(super) fn choices(self) -> BTreeMap<i64, (String, bool)> {
        let choices = self.picklist_values.unwrap_or_default().into_iter();
        let choices = choices.filter_map(|choice| {
            let value = choice.value.parse().ok()?;
            Some((value, (choice.label, choice.is_active.unwrap_or(true))))
        });
        choices.collect()
    }
}
