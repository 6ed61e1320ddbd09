//! Syncro's records as JSON, and what becomes of each field: names `documented` (the vendor's OpenAPI
//! file), the agent's block `seen`.

use serde::Deserialize;

use super::{ACTIVE, CUSTOMER};
use crate::connectors::values::text;
use crate::model::{
    RemoteCompany, RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation,
    RemoteOrganization, RemotePhone,
};

#[derive(Deserialize)]
#[serde(expecting = "a customer")]
pub(super) struct Customer {
    pub(super) id: i64,
    #[serde(default, deserialize_with = "text")]
    business_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    business_then_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fullname: Option<String>,
    #[serde(default, deserialize_with = "text")]
    address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    address_2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    city: Option<String>,
    #[serde(default, deserialize_with = "text")]
    state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    zip: Option<String>,
    disabled: Option<bool>,
}

impl Customer {
    /// The business, or else the person.
    fn name(&self) -> Option<&String> {
        let names = [
            &self.business_name,
            &self.business_then_name,
            &self.fullname,
        ];
        names.into_iter().find_map(Option::as_ref)
    }

    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id.to_string(),
            name: self.name().cloned().unwrap_or_default(),
        }
    }

    pub(super) fn into_record(self) -> RemoteOrganization {
        let disabled = self.disabled.unwrap_or(false);
        let name = self.name().cloned();
        RemoteOrganization {
            id: self.id.to_string(),
            name: name.unwrap_or_default(),
            types: vec![CUSTOMER.to_owned()],
            status: Some(if disabled { "Inactive" } else { "Active" }.to_owned()),
            primary_location_id: self.address.is_some().then(|| self.id.to_string()),
            ..RemoteOrganization::default()
        }
    }

    /// The customer's address, if it has one.
    pub(super) fn into_location(self) -> Option<(i64, RemoteLocation)> {
        self.address.as_ref()?;
        let location = RemoteLocation {
            id: self.id.to_string(),
            organization_id: self.id.to_string(),
            name: "Main".to_owned(),
            address_1: self.address,
            address_2: self.address_2,
            city: self.city,
            region: self.state,
            postal_code: self.zip,
            primary: true,
            ..RemoteLocation::default()
        };
        Some((self.id, location))
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a contact")]
pub(super) struct Contact {
    pub(super) id: i64,
    name: Option<String>,
    customer_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    extension: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mobile: Option<String>,
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
}

impl Contact {
    pub(super) fn into_record(self) -> RemoteContact {
        let name = self.name.unwrap_or_default();
        // One name: what follows the first blank is the last name (`inferred`).
        let (first, last) = match name.split_once(' ') {
            Some((first, last)) => (first.to_owned(), Some(last.to_owned())),
            None => (name, None),
        };
        let email = self.email.map(|address| RemoteEmail {
            address,
            label: None,
            primary: true,
        });
        let mut phones = Vec::new();
        for (number, extension, label) in [
            (self.phone, self.extension, "Phone"),
            (self.mobile, None, "Mobile"),
        ] {
            if let Some(number) = number {
                phones.push(RemotePhone {
                    number,
                    extension,
                    label: Some(label.to_owned()),
                    primary: phones.is_empty(),
                });
            }
        }
        RemoteContact {
            id: self.id.to_string(),
            organization_id: self.customer_id.map(|id| id.to_string()),
            first_name: first,
            last_name: last,
            title: self.properties.and_then(|properties| properties.title),
            emails: email.into_iter().collect(),
            phones,
            ..RemoteContact::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an asset")]
pub(super) struct Asset {
    pub(super) id: i64,
    name: String,
    customer_id: Option<i64>,
    contact_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    asset_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    asset_serial: Option<String>,
    properties: Option<AssetProperties>,
}

#[derive(Default, Deserialize)]
struct AssetProperties {
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
    kabuto_information: Option<Kabuto>,
}

/// What an agent reports (`seen`).
#[derive(Default, Deserialize)]
struct Kabuto {
    general: Option<General>,
    os: Option<Os>,
    network_adapters: Option<Vec<Adapter>>,
}

#[derive(Default, Deserialize)]
struct General {
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    model: Option<String>,
}

#[derive(Default, Deserialize)]
struct Os {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

#[derive(Default, Deserialize)]
struct Adapter {
    #[serde(default, deserialize_with = "text")]
    physical_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    ipv4: Option<String>,
    #[serde(default, deserialize_with = "text")]
    gateway: Option<String>,
}

impl Adapter {
    /// Its address, unless it is one that a host gave itself for want of any.
    fn address(&self) -> Option<String> {
        self.ipv4
            .clone()
            .filter(|address| !address.starts_with("169.254."))
    }
}

impl Asset {
    pub(super) fn into_record(self) -> RemoteConfiguration {
        let properties = self.properties.unwrap_or_default();
        let kabuto = properties.kabuto_information.unwrap_or_default();
        let general = kabuto.general.unwrap_or_default();
        let adapters = kabuto.network_adapters.unwrap_or_default();
        let macs: Vec<&str> = adapters
            .iter()
            .filter_map(|it| it.physical_address.as_deref())
            .collect();
        RemoteConfiguration {
            id: self.id.to_string(),
            organization_id: self
                .customer_id
                .map(|id| id.to_string())
                .unwrap_or_default(),
            name: self.name,
            configuration_type: self.asset_type,
            status: Some(ACTIVE.to_owned()),
            contact_id: self.contact_id.map(|id| id.to_string()),
            serial: self.asset_serial.or(general.serial_number),
            mac: (!macs.is_empty()).then(|| macs.join(", ")),
            manufacturer: general.manufacturer.or(properties.manufacturer),
            model: general.model.or(properties.model),
            operating_system: kabuto.os.and_then(|os| os.name),
            ip: adapters.iter().find_map(Adapter::address),
            default_gateway: adapters.iter().find_map(|it| it.gateway.clone()),
            ..RemoteConfiguration::default()
        }
    }
}
