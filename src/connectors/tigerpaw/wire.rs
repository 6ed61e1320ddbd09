//! Tigerpaw's records as JSON, and what becomes of each field: names `documented` (a client that was
//! generated from the vendor's Swagger document), the map `documented` by the documentation product.

use serde::Deserialize;

use crate::connectors::values::text;
use crate::model::{
    RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization, RemotePhone, RemoteType,
};

/// An address, which accounts and contacts have alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an address")]
pub(super) struct Address {
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
    #[serde(default, deserialize_with = "text")]
    country: Option<String>,
}

impl Address {
    /// Whether it has a first line, which is its name.
    pub(super) fn is_somewhere(&self) -> bool {
        self.address1
            .as_ref()
            .is_some_and(|line| !line.trim().is_empty())
    }

    pub(super) fn into_location(self, id: String, organization_id: String) -> RemoteLocation {
        RemoteLocation {
            id,
            organization_id,
            name: self.address1.clone().unwrap_or_default(),
            address_1: self.address1,
            address_2: self.address2,
            city: self.city,
            region: self.state,
            postal_code: self.postal_code,
            country: self.country,
            ..RemoteLocation::default()
        }
    }
}

/// `AccountSummary`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an account")]
pub(super) struct Account {
    #[serde(rename = "AccountNumber")]
    pub(super) id: i64,
    pub(super) account: AccountFields,
    #[serde(default, deserialize_with = "text")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    fax_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an account")]
pub(super) struct AccountFields {
    name: String,
    #[serde(default, deserialize_with = "text")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    account_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(flatten)]
    pub(super) address: Address,
}

impl Account {
    pub(super) fn into_record(self) -> RemoteOrganization {
        let somewhere = self.account.address.is_somewhere();
        RemoteOrganization {
            id: self.id.to_string(),
            name: self.account.name,
            short_name: self.account.account_id,
            types: self.account.account_type.into_iter().collect(),
            status: self.account.status,
            parent_id: None,
            primary_location_id: somewhere.then(|| format!("account-{}", self.id)),
            deleted: false,
        }
    }

    pub(super) fn into_location(self) -> RemoteLocation {
        let id = format!("account-{}", self.id);
        let location = self.account.address.into_location(id, self.id.to_string());
        RemoteLocation {
            phone: self.phone_number,
            fax: self.fax_number,
            primary: true,
            ..location
        }
    }
}

/// `ContactSummary`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a contact")]
pub(super) struct Contact {
    #[serde(rename = "ContactNumber")]
    pub(super) id: i64,
    pub(super) contact: ContactFields,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a contact")]
pub(super) struct ContactFields {
    pub(super) account_number: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    inactive: Option<bool>,
    #[serde(flatten)]
    pub(super) address: Address,
}

/// What `ContactDetail` adds.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a contact")]
pub(super) struct Detail {
    phone_numbers: Option<Vec<Phone>>,
    email_addresses: Option<Vec<Email>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a telephone number")]
struct Phone {
    number: String,
    #[serde(default, deserialize_with = "text")]
    location: Option<String>,
    is_primary: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an e-mail address")]
struct Email {
    email: String,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    is_primary: Option<bool>,
}

impl Contact {
    pub(super) fn is_active(&self) -> bool {
        self.contact.inactive != Some(true)
    }

    pub(super) fn into_record(self, detail: Detail, location_id: Option<String>) -> RemoteContact {
        let emails = detail.email_addresses.into_iter().flatten();
        let emails = emails.map(|it| RemoteEmail {
            address: it.email,
            label: it.description,
            primary: it.is_primary.unwrap_or(false),
        });
        let phones = detail.phone_numbers.into_iter().flatten();
        let phones = phones.map(|it| RemotePhone {
            number: it.number,
            // Extensions are dropped (documented).
            extension: None,
            label: it.location,
            primary: it.is_primary.unwrap_or(false),
        });
        RemoteContact {
            id: self.id.to_string(),
            organization_id: self.contact.account_number.map(|number| number.to_string()),
            location_id,
            first_name: self.contact.first_name.unwrap_or_default(),
            last_name: self.contact.last_name,
            title: self.contact.title,
            contact_type: None,
            emails: emails.collect(),
            phones: phones.collect(),
            inactive: false,
        }
    }
}

/// A row of a master table.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    id: i64,
    value: String,
}

impl Entry {
    pub(super) fn into_type(self) -> RemoteType {
        RemoteType {
            id: self.id.to_string(),
            name: self.value,
            inactive: false,
        }
    }
}
