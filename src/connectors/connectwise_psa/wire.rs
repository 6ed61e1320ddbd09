//! ConnectWise PSA's records as JSON, and what becomes of each field. Field names and nullability:
//! `documented` (vendor's OpenAPI 2025.8); that every optional member may be absent or null: `seen`.

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::connectors::values::{date, text};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone, RemoteType,
};

/// A row of a list.
pub(super) trait Row: DeserializeOwned + Send {
    type Record: Send;

    fn id(&self) -> i64;

    fn into_record(self) -> Self::Record;
}

/// A row of which no more than the id was asked for.
#[derive(Deserialize)]
#[serde(expecting = "an id")]
pub(super) struct IdRow {
    id: i64,
}

impl Row for IdRow {
    type Record = String;

    fn id(&self) -> i64 {
        self.id
    }

    fn into_record(self) -> String {
        self.id.to_string()
    }
}

/// A reference to another record.
#[derive(Deserialize)]
#[serde(expecting = "a reference")]
struct Reference {
    id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    identifier: Option<String>,
}

fn id_of(reference: Option<Reference>) -> Option<String> {
    reference?.id.map(|id| id.to_string())
}

fn name_of(reference: Option<Reference>) -> Option<String> {
    let reference = reference?;
    reference.name.or(reference.identifier)
}

/// A row of a list of types, or of the companies' statuses.
#[derive(Deserialize)]
#[serde(expecting = "a type or status")]
pub(super) struct TypeRow {
    id: i64,
    name: String,
    #[serde(rename = "inactiveFlag")]
    inactive: Option<bool>,
}

impl Row for TypeRow {
    type Record = RemoteType;

    fn id(&self) -> i64 {
        self.id
    }

    fn into_record(self) -> RemoteType {
        RemoteType {
            id: self.id.to_string(),
            name: self.name,
            inactive: self.inactive.unwrap_or(false),
        }
    }
}

/// A row of the configurations' statuses, which call `description` what a configuration's reference
/// calls `name` (`documented`). Its `closedFlag` is a meaning of the status and no switch.
#[derive(Deserialize)]
#[serde(expecting = "a status")]
pub(super) struct StatusRow {
    id: i64,
    description: String,
}

impl Row for StatusRow {
    type Record = RemoteType;

    fn id(&self) -> i64 {
        self.id
    }

    fn into_record(self) -> RemoteType {
        RemoteType {
            id: self.id.to_string(),
            name: self.description,
            inactive: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a company")]
pub(super) struct Company {
    id: i64,
    name: String,
    #[serde(default, deserialize_with = "text")]
    identifier: Option<String>,
    status: Option<Reference>,
    types: Option<Vec<Reference>>,
    /// Before 2019 there was one type (`inferred`).
    #[serde(rename = "type")]
    only_type: Option<Reference>,
    parent_company: Option<Reference>,
    site: Option<Reference>,
    deleted_flag: Option<bool>,
}

impl Row for Company {
    type Record = RemoteOrganization;

    fn id(&self) -> i64 {
        self.id
    }

    fn into_record(self) -> RemoteOrganization {
        let types = self.types.unwrap_or_default().into_iter().map(Some);
        let mut types: Vec<String> = types.filter_map(name_of).collect();
        if types.is_empty() {
            types.extend(name_of(self.only_type));
        }
        RemoteOrganization {
            id: self.id.to_string(),
            name: self.name,
            short_name: self.identifier,
            types,
            status: name_of(self.status),
            parent_id: id_of(self.parent_company),
            primary_location_id: id_of(self.site),
            deleted: self.deleted_flag.unwrap_or(false),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a site")]
pub(super) struct Site {
    id: i64,
    name: String,
    #[serde(default, deserialize_with = "text")]
    address_line1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    address_line2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    city: Option<String>,
    state_reference: Option<Reference>,
    #[serde(default, deserialize_with = "text")]
    zip: Option<String>,
    country: Option<Reference>,
    #[serde(default, deserialize_with = "text")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fax_number: Option<String>,
    primary_address_flag: Option<bool>,
    inactive_flag: Option<bool>,
    company: Option<Reference>,
}

impl Row for Site {
    type Record = RemoteLocation;

    fn id(&self) -> i64 {
        self.id
    }

    /// Sites are read company by company; whoever reads them fills in the organization where the
    /// row does not name it.
    fn into_record(self) -> RemoteLocation {
        RemoteLocation {
            id: self.id.to_string(),
            organization_id: id_of(self.company).unwrap_or_default(),
            name: self.name,
            address_1: self.address_line1,
            address_2: self.address_line2,
            city: self.city,
            region: name_of(self.state_reference),
            postal_code: self.zip,
            country: name_of(self.country),
            phone: self.phone_number,
            fax: self.fax_number,
            primary: self.primary_address_flag.unwrap_or(false),
            inactive: self.inactive_flag.unwrap_or(false),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a contact")]
pub(super) struct Contact {
    id: i64,
    first_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_name: Option<String>,
    company: Option<Reference>,
    site: Option<Reference>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    types: Option<Vec<Reference>>,
    communication_items: Option<Vec<CommunicationItem>>,
    inactive_flag: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a communication item")]
struct CommunicationItem {
    #[serde(rename = "type")]
    kind: Option<Reference>,
    #[serde(default, deserialize_with = "text")]
    value: Option<String>,
    #[serde(default, deserialize_with = "text")]
    extension: Option<String>,
    default_flag: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    communication_type: Option<String>,
}

impl Row for Contact {
    type Record = RemoteContact;

    fn id(&self) -> i64 {
        self.id
    }

    /// Items of the kind `Email` are e-mail addresses; `Phone`, `Fax` and kinds not known yet are
    /// numbers, told apart by their label. Of several contact types the first counts, as the account
    /// has room for one.
    fn into_record(self) -> RemoteContact {
        let mut contact = RemoteContact {
            id: self.id.to_string(),
            organization_id: id_of(self.company),
            location_id: id_of(self.site),
            first_name: self.first_name.unwrap_or_default(),
            last_name: self.last_name,
            title: self.title,
            contact_type: self
                .types
                .unwrap_or_default()
                .into_iter()
                .find_map(|kind| name_of(Some(kind))),
            inactive: self.inactive_flag.unwrap_or(false),
            ..RemoteContact::default()
        };
        for item in self.communication_items.unwrap_or_default() {
            item.add_to(&mut contact);
        }
        contact
    }
}

impl CommunicationItem {
    fn add_to(self, contact: &mut RemoteContact) {
        let Some(value) = self.value else {
            return;
        };
        let label = name_of(self.kind).or_else(|| self.communication_type.clone());
        let kind = self.communication_type.or_else(|| label.clone());
        let primary = self.default_flag.unwrap_or(false);
        if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("email")) {
            contact.emails.push(RemoteEmail {
                address: value,
                label,
                primary,
            });
        } else {
            contact.phones.push(RemotePhone {
                number: value,
                extension: self.extension,
                label,
                primary,
            });
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a configuration")]
pub(super) struct Configuration {
    id: i64,
    name: String,
    company: CompanyReference,
    #[serde(rename = "type")]
    kind: Option<Reference>,
    status: Option<Reference>,
    contact: Option<Reference>,
    site: Option<Reference>,
    #[serde(default, deserialize_with = "text")]
    tag_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    mac_address: Option<String>,
    manufacturer: Option<Reference>,
    #[serde(default, deserialize_with = "text")]
    model_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    os_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    ip_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    default_gateway: Option<String>,
    #[serde(default, deserialize_with = "date")]
    purchase_date: Option<Date>,
    #[serde(default, deserialize_with = "date")]
    installation_date: Option<Date>,
    installed_by: Option<Reference>,
    #[serde(default, deserialize_with = "date")]
    warranty_expiration_date: Option<Date>,
    #[serde(default, deserialize_with = "text")]
    notes: Option<String>,
    active_flag: Option<bool>,
}

/// The company of a configuration, which is required (`documented`).
#[derive(Deserialize)]
#[serde(expecting = "a reference to a company")]
struct CompanyReference {
    id: i64,
}

impl Row for Configuration {
    type Record = RemoteConfiguration;

    fn id(&self) -> i64 {
        self.id
    }

    fn into_record(self) -> RemoteConfiguration {
        RemoteConfiguration {
            id: self.id.to_string(),
            organization_id: self.company.id.to_string(),
            name: self.name,
            configuration_type: name_of(self.kind),
            status: name_of(self.status),
            location_id: id_of(self.site),
            contact_id: id_of(self.contact),
            asset_tag: self.tag_number,
            serial: self.serial_number,
            mac: self.mac_address,
            manufacturer: name_of(self.manufacturer),
            model: self.model_number,
            operating_system: self.os_type,
            ip: self.ip_address,
            default_gateway: self.default_gateway,
            purchased_on: self.purchase_date,
            installed_on: self.installation_date,
            installed_by: name_of(self.installed_by),
            warranty_expires_on: self.warranty_expiration_date,
            notes: self.notes,
            inactive: self.active_flag == Some(false),
        }
    }
}
