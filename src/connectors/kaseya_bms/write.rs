//! Writing to the family: accounts and contacts by POST and PATCH, the addresses of contacts apart, assets by POST and, since PUT replaces, by PUT of what was read with what changed laid over
//! it. Types and other names are looked up. Locations of an account that exists have no public call.

use futures_util::future::BoxFuture;
use http::Method;
use jiff::civil::Date;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::wire::{Account, Asset, Contact, Named};
use super::{ACCOUNT_TYPES, Bms, by_name, table};
use crate::connectors::client::Call;
use crate::connectors::{ConnectorError, ErrorKind, PsaWriter, Result};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation, RemoteOrganization,
    RemotePhone,
};

const JSON: &str = "application/json";

/// The vendor's fields with their values.
type Body = Map<String, Value>;

// Numbers of the operations on addresses are not published (`inferred`).
const ADD: u8 = 0;
const CHANGE: u8 = 1;
const REMOVE: u8 = 2;

/// What BMS calls the location that a new account brings along.
const FIRST_LOCATION: &str = "Main";

impl Bms {
    /// Sends a write; gives what came back.
    async fn write<W: DeserializeOwned>(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<W> {
        let uri = self.client.uri(operation, path)?;
        let mut call = Call::post(operation, uri, JSON, body.to_string());
        // Everything but what adds can be done twice.
        let adds = |row: &Value| row["operation"] == ADD;
        call.repeatable =
            method != Method::POST && !body.as_array().is_some_and(|rows| rows.iter().any(adds));
        call.method = method;
        let envelope = self.send(&call).await?;
        self.read(operation, &envelope)
    }

    /// The id of a name in a list.
    async fn id_of(
        &self,
        operation: &'static str,
        path: &str,
        name: Option<&str>,
    ) -> Result<Value> {
        let Some(name) = name else {
            return Ok(Value::Null);
        };
        let names = by_name(self.names("lists.list", path).await?);
        match names.get(&name.to_lowercase()) {
            Some(id) => Ok((*id).into()),
            None => {
                let list = path.rsplit('/').next().unwrap_or_default();
                let list = if list == "lookup" {
                    "account types"
                } else {
                    list
                };
                Err(self.unknown(operation, list, name))
            }
        }
    }

    fn unknown(&self, operation: &'static str, list: &str, name: &str) -> ConnectorError {
        let message =
            format!("there is no `{name}` among the {list}; make it in the product first");
        self.client
            .error(operation, ErrorKind::NotFound { message })
    }

    /// The manufacturer's id, made when there is none.
    async fn manufacturer(&self, name: Option<&str>) -> Result<Value> {
        let Some(name) = name else {
            return Ok(Value::Null);
        };
        let path = table("Manufacturers");
        let known = by_name(self.names("lists.list", &path).await?);
        if let Some(id) = known.get(&name.to_lowercase()) {
            return Ok((*id).into());
        }
        // What is left out is false (documented).
        let body = json!({ "name": name, "isActive": true });
        let operation = "lists.create";
        // An array (documented); whether of the new rows alone is not said.
        let rows: Vec<Named> = self.write(operation, Method::POST, &path, &body).await?;
        let made = rows.into_iter().find(|row| row.name == name);
        let made = made.ok_or_else(|| {
            let detail = format!("there is no `{name}` in it");
            self.client.error(operation, ErrorKind::Body { detail })
        })?;
        Ok(made.id.into())
    }

    async fn account_body(
        &self,
        operation: &'static str,
        draft: &RemoteOrganization,
        fields: &[&str],
    ) -> Result<Body> {
        let mut body = Body::new();
        for field in fields {
            let (name, value) = match *field {
                "name" => ("accountName", draft.name.as_str().into()),
                "short_name" => ("accountCode", text(draft.short_name.as_deref())),
                "types" => {
                    let kind = draft.types.first().map(String::as_str);
                    (
                        "accountTypeId",
                        self.id_of(operation, ACCOUNT_TYPES, kind).await?,
                    )
                }
                "status" => ("isActive", active(draft.status.as_deref())),
                "parent_id" => ("parentId", number(draft.parent_id.as_deref())),
                _ => continue,
            };
            body.insert(name.to_owned(), value);
        }
        Ok(body)
    }

    /// What changed, as an asset has it.
    async fn asset_body(
        &self,
        operation: &'static str,
        draft: &RemoteConfiguration,
        fields: &[&str],
    ) -> Result<Body> {
        let mut body = Body::new();
        let day = |date: Option<Date>| match date {
            Some(date) => Value::from(format!("{date}T00:00:00")),
            None => Value::Null,
        };
        for field in fields {
            let (name, value) = match *field {
                "organization_id" => ("accountId", number(Some(&draft.organization_id))),
                "name" => ("name", draft.name.as_str().into()),
                "configuration_type" => {
                    let kind = draft.configuration_type.as_deref();
                    let path = table("AssetCategories");
                    ("categoryId", self.id_of(operation, &path, kind).await?)
                }
                "status" => {
                    let path = table("AssetStates");
                    (
                        "stateId",
                        self.id_of(operation, &path, draft.status.as_deref())
                            .await?,
                    )
                }
                "location_id" => ("accountLocationId", number(draft.location_id.as_deref())),
                "contact_id" => ("contactId", number(draft.contact_id.as_deref())),
                "asset_tag" => ("assetTag", text(draft.asset_tag.as_deref())),
                "serial" => ("serialNumber", text(draft.serial.as_deref())),
                "mac" => ("macAddress", text(draft.mac.as_deref())),
                "manufacturer" => (
                    "manufacturerId",
                    self.manufacturer(draft.manufacturer.as_deref()).await?,
                ),
                "model" => ("modelNumber", text(draft.model.as_deref())),
                "operating_system" => ("osInfo", text(draft.operating_system.as_deref())),
                "ip" => ("ipAddress", text(draft.ip.as_deref())),
                "default_gateway" => ("defaultGateway", text(draft.default_gateway.as_deref())),
                "purchased_on" => ("acquisitionDate", day(draft.purchased_on)),
                "warranty_expires_on" => ("warrantyExpirationDate", day(draft.warranty_expires_on)),
                "notes" => ("description", text(draft.notes.as_deref())),
                _ => continue,
            };
            body.insert(name.to_owned(), value);
        }
        Ok(body)
    }

    /// Adds, changes and removes addresses or numbers until the contact has those of the draft.
    async fn change_items(
        &self,
        id: &str,
        list: &'static str,
        before: Vec<Item>,
        after: Vec<Item>,
    ) -> Result<()> {
        let (member, types) = match list {
            "emails" => ("emailAddress", "EmailTypes"),
            _ => ("phoneNumber", "PhoneTypes"),
        };
        let gone = before
            .iter()
            .filter(|own| !after.iter().any(|new| new.text == own.text));
        let mut operations: Vec<Value> = gone
            .map(|own| json!({ "operation": REMOVE, member: own.text }))
            .collect();
        for new in &after {
            let own = before.iter().find(|own| own.text == new.text);
            if own == Some(new) {
                continue;
            }
            let operation = if own.is_some() { CHANGE } else { ADD };
            let mut row = json!({
                "operation": operation, member: new.text, "isDefault": new.primary,
            });
            if let Some(label) = &new.label {
                let types = table(types);
                row["typeId"] = self.id_of("contacts.update", &types, Some(label)).await?;
            } else if own.is_none() {
                row["typeId"] = 1.into();
            }
            operations.push(row);
        }
        if operations.is_empty() {
            return Ok(());
        }
        let path = format!("/v2/crm/contacts/{id}/{list}");
        let _: Value = self
            .write("contacts.update", Method::PATCH, &path, &operations.into())
            .await?;
        Ok(())
    }

    async fn kept_account(&self, id: &str) -> Result<RemoteOrganization> {
        let path = format!("/v2/crm/accounts/summary/{id}");
        Ok(self
            .one::<Account>("companies.get", &path)
            .await?
            .into_record())
    }

    async fn kept_contact(&self, id: &str) -> Result<Contact> {
        let path = format!("/v2/crm/contacts/summary/{id}");
        self.one("contacts.get", &path).await
    }

    fn no_locations(&self, operation: &'static str) -> ConnectorError {
        let message = "the API has no call that writes a location of an account".to_owned();
        self.client
            .error(operation, ErrorKind::NotFound { message })
    }
}

impl PsaWriter for Bms {
    fn create_organization(
        &self,
        draft: RemoteOrganization,
    ) -> BoxFuture<'_, Result<RemoteOrganization>> {
        Box::pin(async move {
            let operation = "companies.create";
            let fields = ["name", "short_name", "types", "status", "parent_id"];
            let mut body = self.account_body(operation, &draft, &fields).await?;
            // The API user manages the account, and its business is the tenant's first type.
            let user: Value = self.one("user.read", "/v2/security/userinfo").await?;
            let business = self.names("lists.list", &table("BusinessTypes")).await?;
            let business = business.first().map(|row| row.id);
            body.insert("accountManagerId".to_owned(), user["userId"].clone());
            body.insert("businessTypeId".to_owned(), business.into());
            let place = json!([{ "locationName": FIRST_LOCATION, "addresses": [] }]);
            body.insert("locations".to_owned(), place);
            let made: Account = self
                .write(
                    operation,
                    Method::POST,
                    "/v2/crm/accounts",
                    &Value::Object(body),
                )
                .await?;
            Ok(made.into_record())
        })
    }

    fn update_organization(
        &self,
        draft: RemoteOrganization,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteOrganization>> {
        Box::pin(async move {
            let operation = "companies.update";
            let body = self.account_body(operation, &draft, &changed).await?;
            let id = segment(&draft.id);
            if body.is_empty() {
                return self.kept_account(&id).await;
            }
            let path = format!("/v2/crm/accounts/{id}");
            let kept: Account = self
                .write(operation, Method::PATCH, &path, &patch(body))
                .await?;
            Ok(kept.into_record())
        })
    }

    fn create_location(&self, _draft: RemoteLocation) -> BoxFuture<'_, Result<RemoteLocation>> {
        Box::pin(std::future::ready(Err(
            self.no_locations("locations.create")
        )))
    }

    fn update_location(
        &self,
        _draft: RemoteLocation,
        _changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteLocation>> {
        Box::pin(std::future::ready(Err(
            self.no_locations("locations.update")
        )))
    }

    fn create_contact(&self, draft: RemoteContact) -> BoxFuture<'_, Result<RemoteContact>> {
        Box::pin(async move {
            let operation = "contacts.create";
            let mut emails = Vec::new();
            for email in &draft.emails {
                let kind = email.label.as_deref();
                let kind = self.id_of(operation, &table("EmailTypes"), kind).await?;
                emails.push(json!({
                    "emailAddress": email.address, "emailTypeId": kind, "isDefault": email.primary,
                }));
            }
            let mut phones = Vec::new();
            for phone in &draft.phones {
                let kind = phone.label.as_deref();
                let kind = self.id_of(operation, &table("PhoneTypes"), kind).await?;
                phones.push(json!({
                    "phoneNumber": phone.number, "phoneTypeId": kind, "isDefault": phone.primary,
                }));
            }
            let body = json!({
                "firstName": draft.first_name,
                "lastName": draft.last_name,
                "accountId": number(draft.organization_id.as_deref()),
                "locationId": number(draft.location_id.as_deref()),
                "emails": emails,
                "phones": phones,
                "customFieldsData": [],
            });
            let path = "/v2/crm/contacts/summary";
            let made: Made = self.write(operation, Method::POST, path, &body).await?;
            let id = made.id.to_string();
            if draft.title.is_none() {
                // The reply has one address and one number at most (documented).
                return Ok(self.kept_contact(&id).await?.into_record());
            }
            // A create has no field for it (documented).
            let titled = RemoteContact { id, ..draft };
            self.update_contact(titled, vec!["title"]).await
        })
    }

    fn update_contact(
        &self,
        draft: RemoteContact,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteContact>> {
        Box::pin(async move {
            let operation = "contacts.update";
            let id = segment(&draft.id);
            let before = self.kept_contact(&id).await?.into_record();
            let mut body = Body::new();
            for field in &changed {
                let (name, value) = match *field {
                    "first_name" => ("firstName", draft.first_name.as_str().into()),
                    "last_name" => ("lastName", text(draft.last_name.as_deref())),
                    "title" => ("jobTitle", text(draft.title.as_deref())),
                    "location_id" => ("locationId", number(draft.location_id.as_deref())),
                    _ => continue,
                };
                body.insert(name.to_owned(), value);
            }
            if !body.is_empty() {
                let path = format!("/v2/crm/contacts/{id}");
                let body = patch(body);
                let _: Value = self.write(operation, Method::PATCH, &path, &body).await?;
            }
            if changed.contains(&"emails") {
                let (old, new) = (items(before.emails), items(draft.emails));
                self.change_items(&id, "emails", old, new).await?;
            }
            if changed.contains(&"phones") {
                let (old, new) = (items(before.phones), items(draft.phones));
                self.change_items(&id, "phones", old, new).await?;
            }
            Ok(self.kept_contact(&id).await?.into_record())
        })
    }

    fn create_configuration(
        &self,
        draft: RemoteConfiguration,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>> {
        Box::pin(async move {
            let operation = "configurations.create";
            let mut body = self.asset_body(operation, &draft, ASSET_FIELDS).await?;
            body.insert("isActive".to_owned(), true.into());
            let path = "/v2/servicedesk/hardwareasset";
            let made: Asset = self
                .write(operation, Method::POST, path, &Value::Object(body))
                .await?;
            Ok(made.into_record())
        })
    }

    fn update_configuration(
        &self,
        draft: RemoteConfiguration,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>> {
        Box::pin(async move {
            let operation = "configurations.update";
            let path = format!("/v2/servicedesk/hardwareasset/{}", segment(&draft.id));
            let mut whole: Body = self.one("configurations.get", &path).await?;
            whole.extend(self.asset_body(operation, &draft, &changed).await?);
            let kept: Asset = self
                .write(operation, Method::PUT, &path, &Value::Object(whole))
                .await?;
            Ok(kept.into_record())
        })
    }
}

/// What a create gives back, of which only the id is worth reading.
#[derive(Deserialize)]
#[serde(expecting = "a contact")]
struct Made {
    id: i64,
}

/// An address or a number of a contact.
#[derive(PartialEq)]
struct Item {
    text: String,
    label: Option<String>,
    primary: bool,
}

impl From<RemoteEmail> for Item {
    fn from(email: RemoteEmail) -> Self {
        Self {
            text: email.address,
            label: email.label,
            primary: email.primary,
        }
    }
}

impl From<RemotePhone> for Item {
    fn from(phone: RemotePhone) -> Self {
        Self {
            text: phone.number,
            label: phone.label,
            primary: phone.primary,
        }
    }
}

fn items<I: Into<Item>>(rows: Vec<I>) -> Vec<Item> {
    rows.into_iter().map(Into::into).collect()
}

/// Fields with their new values, as a JSON patch.
fn patch(body: Body) -> Value {
    body.into_iter()
        .map(|(name, value)| json!({ "op": "replace", "path": format!("/{name}"), "value": value }))
        .collect()
}

/// An id as a part of a path.
fn segment(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

const ASSET_FIELDS: &[&str] = &[
    "organization_id",
    "name",
    "configuration_type",
    "status",
    "location_id",
    "contact_id",
    "asset_tag",
    "serial",
    "mac",
    "manufacturer",
    "model",
    "operating_system",
    "ip",
    "default_gateway",
    "purchased_on",
    "warranty_expires_on",
    "notes",
];

/// The flag that a status stands for.
fn active(status: Option<&str>) -> Value {
    (!status.is_some_and(|status| status.eq_ignore_ascii_case("inactive"))).into()
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

fn number(id: Option<&str>) -> Value {
    let id = id.filter(|id| !id.is_empty());
    id.map_or(Value::Null, |id| {
        id.parse::<i64>().map_or_else(|_| id.into(), Value::from)
    })
}
