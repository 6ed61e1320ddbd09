//! Writing to the family: accounts by POST and PATCH, contacts by POST and PUT with their addresses
//! apart, assets by POST and, since PUT replaces, by PUT of what was read with what changed laid over
//! it. Types and other names are looked up. Locations of an account that exists have no public call.

use futures_util::future::BoxFuture;
use http::Method;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::wire::{Account, Asset, Contact};
use super::{ACCOUNT_TYPES, Bms, by_name, table};
use crate::connectors::client::Call;
use crate::connectors::{ConnectorError, ErrorKind, PsaWriter, Result};
use crate::model::{RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization};

const JSON: &str = "application/json";

/// The vendor's fields with their values.
type Body = Map<String, Value>;

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
        // Everything but a create can be done twice.
        call.repeatable = method != Method::POST;
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
        let row: Value = self
            .write(
                "lists.create",
                Method::POST,
                &path,
                &json!({ "name": name }),
            )
            .await?;
        Ok(row["id"].clone())
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
        before: Vec<String>,
        after: Vec<(String, Option<String>, bool)>,
    ) -> Result<()> {
        let (member, types) = match list {
            "emails" => ("emailAddress", "EmailTypes"),
            _ => ("phoneNumber", "PhoneTypes"),
        };
        let gone = before
            .iter()
            .filter(|own| !after.iter().any(|(new, _, _)| new == *own));
        // Numbers of the operations are not published (`inferred`): 0 adds, 2 removes.
        let mut operations: Vec<Value> = gone
            .map(|own| json!({ "operation": 2, member: own }))
            .collect();
        for (new, label, primary) in &after {
            if before.contains(new) {
                continue;
            }
            let kind = match label {
                Some(label) => {
                    self.id_of("contacts.update", &table(types), Some(label))
                        .await?
                }
                None => 1.into(),
            };
            operations.push(json!({
                "operation": 0, member: new, "typeId": kind, "isDefault": primary,
            }));
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

    async fn kept_account(&self, id: i64) -> Result<RemoteOrganization> {
        let path = format!("/v2/crm/accounts/summary/{id}");
        Ok(self
            .one::<Account>("companies.get", &path)
            .await?
            .into_record())
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
            body.insert("accountManagerId".to_owned(), user["id"].clone());
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
            let patch: Vec<Value> = body
                .into_iter()
                .map(|(name, value)| {
                    json!({ "op": "replace", "path": format!("/{name}"), "value": value })
                })
                .collect();
            let id = draft.id.parse().unwrap_or_default();
            if patch.is_empty() {
                return self.kept_account(id).await;
            }
            let path = format!("/v2/crm/accounts/{id}");
            let kept: Account = self
                .write(operation, Method::PATCH, &path, &patch.into())
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
            let made: Contact = self.write(operation, Method::POST, path, &body).await?;
            if draft.title.is_none() {
                // A create answers in short, without the lists (documented).
                let read = format!("{path}/{}", made.id);
                let made: Contact = self.one("contacts.get", &read).await?;
                return Ok(made.into_record());
            }
            // A create has no field for it (documented).
            let id = made.id.to_string();
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
            let read = format!("/v2/crm/contacts/summary/{}", draft.id);
            let before: Contact = self.one("contacts.get", &read).await?;
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
                let path = format!("/v2/crm/contacts/{}", draft.id);
                let body = Value::Object(body);
                let _: Value = self.write(operation, Method::PUT, &path, &body).await?;
            }
            if changed.contains(&"emails") {
                let old = before.emails.into_iter().flatten();
                let old = old.filter_map(|email| email.email_address).collect();
                let new = draft.emails.into_iter();
                let new = new
                    .map(|email| (email.address, email.label, email.primary))
                    .collect();
                self.change_items(&draft.id, "emails", old, new).await?;
            }
            if changed.contains(&"phones") {
                let old = before.phones.into_iter().flatten();
                let old = old.filter_map(|phone| phone.phone).collect();
                let new = draft.phones.into_iter();
                let new = new
                    .map(|phone| (phone.number, phone.label, phone.primary))
                    .collect();
                self.change_items(&draft.id, "phones", old, new).await?;
            }
            Ok(self
                .one::<Contact>("contacts.get", &read)
                .await?
                .into_record())
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
            let path = format!("/v2/servicedesk/hardwareasset/{}", draft.id);
            let envelope = self.get("configurations.get", &path).await?;
            let whole = envelope.result.as_deref().map_or("{}", RawValue::get);
            let mut whole: Body = serde_json::from_str(whole).unwrap_or_default();
            whole.extend(self.asset_body(operation, &draft, &changed).await?);
            let kept: Asset = self
                .write(operation, Method::PUT, &path, &Value::Object(whole))
                .await?;
            Ok(kept.into_record())
        })
    }
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
