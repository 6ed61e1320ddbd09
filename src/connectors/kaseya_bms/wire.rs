//! The family's records as JSON, and what becomes of each field: names `documented` (the vendor's
//! OpenAPI file), the map to the account `documented` by the documentation product.

use jiff::civil::Date;
use serde::Deserialize;

use crate::connectors::values::{date, text};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

fn id(number: Option<i64>) -> Option<String> {
    // 0 is how the product writes "none" in lists (`inferred`).
    number
        .filter(|number| *number != 0)
        .map(|number| number.to_string())
}

/// A row of a list of names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a name")]
pub(super) struct Named {
    pub(super) id: i64,
    pub(super) name: String,
    is_active: Option<bool>,
}

impl Named {
    pub(super) fn into_type(self) -> RemoteType {
        RemoteType {
            id: self.id.to_string(),
            name: self.name,
            inactive: self.is_active == Some(false),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an account")]
pub(super) struct Account {
    pub(super) id: i64,
    account_name: String,
    #[serde(default, deserialize_with = "text")]
    account_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    account_type: Option<String>,
    parent_id: Option<i64>,
    is_active: Option<bool>,
    locations: Option<Vec<Location>>,
}

impl Account {
    pub(super) fn into_record(self) -> RemoteOrganization {
        let mut places = self.locations.iter().flatten();
        let main = places.find(|place| place.is_main == Some(true));
        let active = self.is_active.unwrap_or(true);
        RemoteOrganization {
            id: self.id.to_string(),
            name: self.account_name,
            short_name: self.account_code,
            types: self.account_type.into_iter().collect(),
            status: Some(if active { "Active" } else { "Inactive" }.to_owned()),
            parent_id: id(self.parent_id),
            primary_location_id: main.map(|place| place.id.to_string()),
            deleted: false,
        }
    }

    /// The account's locations, with their ids.
    pub(super) fn into_locations(self) -> impl Iterator<Item = (i64, RemoteLocation)> {
        let account = self.id.to_string();
        let places = self.locations.into_iter().flatten();
        places.map(move |place| (place.id, place.into_record(account.clone())))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a location")]
struct Location {
    id: i64,
    #[serde(default, deserialize_with = "text")]
    location_name: Option<String>,
    is_main: Option<bool>,
    is_active: Option<bool>,
    addresses: Option<Vec<Address>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an address")]
struct Address {
    #[serde(default, deserialize_with = "text")]
    address1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    address2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    city: Option<String>,
    #[serde(default, deserialize_with = "text")]
    state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    zip_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    country: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fax: Option<String>,
    is_main: Option<bool>,
}

impl Location {
    fn into_record(self, organization_id: String) -> RemoteLocation {
        let mut addresses = self.addresses.unwrap_or_default();
        let main = addresses.iter().position(|it| it.is_main == Some(true));
        let address = if addresses.is_empty() {
            Address::default()
        } else {
            addresses.swap_remove(main.unwrap_or(0))
        };
        RemoteLocation {
            id: self.id.to_string(),
            organization_id,
            name: self.location_name.unwrap_or_default(),
            address_1: address.address1,
            address_2: address.address2,
            city: address.city,
            region: address.state,
            postal_code: address.zip_code,
            country: address.country,
            phone: address.phone,
            fax: address.fax,
            primary: self.is_main.unwrap_or(false),
            inactive: self.is_active == Some(false),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a contact")]
pub(super) struct Contact {
    pub(super) id: i64,
    account_id: Option<i64>,
    location_id: Option<i64>,
    first_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    job_title: Option<String>,
    is_active: Option<bool>,
    emails: Option<Vec<Email>>,
    phones: Option<Vec<Phone>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an e-mail address")]
struct Email {
    email_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    email_type: Option<String>,
    is_default: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a telephone number")]
struct Phone {
    phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phone_type: Option<String>,
    is_default: Option<bool>,
}

impl Contact {
    pub(super) fn into_record(self) -> RemoteContact {
        let emails = self.emails.into_iter().flatten().filter_map(|email| {
            Some(RemoteEmail {
                address: email.email_address.filter(|text| !text.is_empty())?,
                label: email.email_type,
                primary: email.is_default.unwrap_or(false),
            })
        });
        let phones = self.phones.into_iter().flatten().filter_map(|phone| {
            Some(RemotePhone {
                number: phone.phone.filter(|text| !text.is_empty())?,
                extension: None,
                label: phone.phone_type,
                primary: phone.is_default.unwrap_or(false),
            })
        });
        RemoteContact {
            id: self.id.to_string(),
            organization_id: id(self.account_id),
            location_id: id(self.location_id),
            first_name: self.first_name.unwrap_or_default(),
            last_name: self.last_name,
            title: self.job_title,
            contact_type: None,
            emails: emails.collect(),
            phones: phones.collect(),
            inactive: self.is_active == Some(false),
        }
    }
}

/// A row of the list of assets, of which only the id is worth reading.
#[derive(Deserialize)]
#[serde(expecting = "an asset")]
pub(super) struct ShortAsset {
    pub(super) id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an asset")]
pub(super) struct Asset {
    pub(super) id: i64,
    name: String,
    account_id: i64,
    account_location_id: Option<i64>,
    contact_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    category: Option<String>,
    #[serde(default, deserialize_with = "text")]
    state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    asset_tag: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    ip_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    default_gateway: Option<String>,
    #[serde(default, deserialize_with = "text")]
    os_info: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mac_address: Option<String>,
    #[serde(default, deserialize_with = "date")]
    acquisition_date: Option<Date>,
    #[serde(default, deserialize_with = "date")]
    warranty_expiration_date: Option<Date>,
    is_active: Option<bool>,
}

impl Asset {
    pub(super) fn into_record(self) -> RemoteConfiguration {
        RemoteConfiguration {
            id: self.id.to_string(),
            organization_id: self.account_id.to_string(),
            name: self.name,
            configuration_type: self.category,
            status: self.state,
            location_id: id(self.account_location_id),
            contact_id: id(self.contact_id),
            asset_tag: self.asset_tag,
            serial: self.serial_number,
            mac: self.mac_address,
            manufacturer: self.manufacturer,
            model: self.model_number,
            operating_system: self.os_info,
            ip: self.ip_address,
            default_gateway: self.default_gateway,
            purchased_on: self.acquisition_date,
            warranty_expires_on: self.warranty_expiration_date,
            notes: self.description,
            inactive: self.is_active == Some(false),
            ..RemoteConfiguration::default()
        }
    }
}
