//! Writing to Autotask: creates by POST, changes by PATCH with the fields that changed, locations and
//! contacts under their company (`documented`). What comes back is an id, so that the record is read
//! again. Types, countries and products are found by name; a product that is not there is made.

use futures_util::future::BoxFuture;
use http::Method;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::wire::{Company, Contact, Item, Location, Lookups, Product};
use super::{Autotask, JSON};
use crate::connectors::client::Call;
use crate::connectors::{ConnectorError, ErrorKind, PsaWriter, Result};
use crate::model::{
    RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemotePhone,
};

/// The vendor's fields with their values; null empties a field.
type Body = Map<String, Value>;

/// How a write is sent.
enum Act<'a> {
    Create,
    /// The record's id.
    Change(&'a str),
}

impl Autotask {
    /// Sends a write; gives the record's id.
    async fn write(
        &self,
        operation: &'static str,
        path: &str,
        act: Act<'_>,
        mut body: Body,
    ) -> Result<String> {
        let root = self.root().await?;
        let uri = self.client.uri(operation, &format!("{root}{path}"))?;
        let call = match act {
            Act::Create => {
                body.retain(|_, value| !value.is_null());
                Call::post(operation, uri, JSON, Value::Object(body).to_string())
            }
            Act::Change(id) if body.is_empty() => return Ok(id.to_owned()),
            Act::Change(id) => {
                body.insert("id".to_owned(), number(Some(id)));
                let text = Value::Object(body).to_string();
                let mut call = Call::post(operation, uri, JSON, text).repeatable();
                call.method = Method::PATCH;
                call
            }
        };
        let answer = self.answer(call).await?;
        let id = answer.item_id.ok_or_else(|| {
            let detail = "there is no itemId in it".to_owned();
            self.client.error(operation, ErrorKind::Body { detail })
        })?;
        Ok(id.to_string())
    }

    fn unknown(&self, operation: &'static str, what: &str, name: &str) -> ConnectorError {
        let message = format!("there is no {what} `{name}`; make it in Autotask first");
        self.client
            .error(operation, ErrorKind::NotFound { message })
    }

    /// The number that a name stands for.
    fn named(
        &self,
        operation: &'static str,
        what: &str,
        name: Option<&str>,
        lookups: &Lookups,
    ) -> Result<Value> {
        let Some(name) = name else {
            return Ok(Value::Null);
        };
        let mut known = lookups.names.iter();
        let known = known.find(|(_, own)| own.eq_ignore_ascii_case(name));
        let (value, _) = known.ok_or_else(|| self.unknown(operation, what, name))?;
        Ok((*value).into())
    }

    async fn company(
        &self,
        operation: &'static str,
        draft: &RemoteOrganization,
        fields: &[&str],
    ) -> Result<Body> {
        let mut body = Body::new();
        for field in fields {
            let (name, value) = match *field {
                "name" => ("companyName", draft.name.as_str().into()),
                "short_name" => ("companyNumber", text(draft.short_name.as_deref())),
                "types" => {
                    let lookups = self.company_lookups().await?;
                    let kind = draft.types.first().map(String::as_str);
                    let kind = self.named(operation, "type of companies", kind, &lookups)?;
                    ("companyType", kind)
                }
                "status" => ("isActive", active(draft.status.as_deref())),
                "parent_id" => ("parentCompanyID", number(draft.parent_id.as_deref())),
                _ => continue,
            };
            body.insert(name.to_owned(), value);
        }
        Ok(body)
    }

    async fn location_body(
        &self,
        operation: &'static str,
        draft: &RemoteLocation,
        fields: &[&str],
    ) -> Result<Body> {
        let mut body = Body::new();
        for field in fields {
            let (name, value) = match *field {
                "name" => ("name", draft.name.as_str().into()),
                "address_1" => ("address1", text(draft.address_1.as_deref())),
                "address_2" => ("address2", text(draft.address_2.as_deref())),
                "city" => ("city", text(draft.city.as_deref())),
                "region" => ("state", text(draft.region.as_deref())),
                "postal_code" => ("postalCode", text(draft.postal_code.as_deref())),
                "country" => {
                    let lookups = self.country_lookups().await?;
                    let country = draft.country.as_deref();
                    (
                        "countryID",
                        self.named(operation, "country", country, &lookups)?,
                    )
                }
                "phone" => ("phone", text(draft.phone.as_deref())),
                "fax" => ("fax", text(draft.fax.as_deref())),
                "primary" => ("isPrimary", draft.primary.into()),
                _ => continue,
            };
            body.insert(name.to_owned(), value);
        }
        Ok(body)
    }

    async fn item_body(
        &self,
        operation: &'static str,
        draft: &RemoteConfiguration,
        fields: &[&str],
    ) -> Result<Body> {
        let mut body = Body::new();
        let day = |date: Option<Date>| match date {
            Some(date) => Value::from(format!("{date}T00:00:00.000")),
            None => Value::Null,
        };
        for field in fields {
            let (name, value) = match *field {
                "organization_id" => ("companyID", number(Some(&draft.organization_id))),
                "name" => ("referenceTitle", draft.name.as_str().into()),
                "configuration_type" => {
                    let (lookups, _) = self.item_lookups().await?;
                    let kind = draft.configuration_type.as_deref();
                    let kind =
                        self.named(operation, "type of configuration items", kind, &lookups)?;
                    ("configurationItemType", kind)
                }
                "status" => ("isActive", active(draft.status.as_deref())),
                "location_id" => ("companyLocationID", number(draft.location_id.as_deref())),
                "contact_id" => ("contactID", number(draft.contact_id.as_deref())),
                "asset_tag" => ("referenceNumber", text(draft.asset_tag.as_deref())),
                "serial" => ("serialNumber", text(draft.serial.as_deref())),
                "manufacturer" | "model" => {
                    let (maker, model) = (draft.manufacturer.as_deref(), draft.model.as_deref());
                    ("productID", self.product(maker, model).await?.into())
                }
                "installed_on" => ("installDate", day(draft.installed_on)),
                "warranty_expires_on" => ("warrantyExpirationDate", day(draft.warranty_expires_on)),
                "notes" => ("notes", text(draft.notes.as_deref())),
                _ => continue,
            };
            body.insert(name.to_owned(), value);
        }
        Ok(body)
    }

    /// The product of a maker and a model, made when there is none.
    async fn product(&self, maker: Option<&str>, model: Option<&str>) -> Result<i64> {
        let condition = |field: &str, value: Option<&str>| match value {
            Some(value) => json!({ "op": "eq", "field": field, "value": value }),
            None => json!({ "op": "notExist", "field": field }),
        };
        let these = vec![
            condition("manufacturerName", maker),
            condition("manufacturerProductName", model),
        ];
        let known = self.all("products.list", "Products", these, |row: &Product| row.id);
        if let Some(product) = known.await?.first() {
            return Ok(product.id);
        }
        let name = [maker, model]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let body = json!({
            "name": if name.is_empty() { "General" } else { &name },
            "manufacturerName": maker,
            "manufacturerProductName": model,
            "isActive": true,
        });
        let Value::Object(body) = body else {
            return Ok(0);
        };
        let id = self
            .write("products.create", "/Products", Act::Create, body)
            .await?;
        id.parse().map_err(|_| {
            let detail = format!("`{id}` is no id of a product");
            self.client
                .error("products.create", ErrorKind::Body { detail })
        })
    }

    async fn kept_company(&self, id: &str) -> Result<RemoteOrganization> {
        let lookups = self.company_lookups().await?;
        let kept = self
            .record::<Company>("companies.get", "Companies", id)
            .await?;
        Ok(kept.into_record(&lookups))
    }

    async fn kept_location(&self, id: &str) -> Result<RemoteLocation> {
        let lookups = self.country_lookups().await?;
        let kept = self
            .record::<Location>("locations.get", "CompanyLocations", id)
            .await?;
        Ok(kept.into_record(&lookups))
    }

    async fn kept_contact(&self, id: &str) -> Result<RemoteContact> {
        let kept = self
            .record::<Contact>("contacts.get", "Contacts", id)
            .await?;
        Ok(kept.into_record())
    }

    async fn kept_item(&self, id: &str) -> Result<RemoteConfiguration> {
        let (lookups, _) = self.item_lookups().await?;
        let kept = self.record::<Item>("configurations.get", "ConfigurationItems", id);
        Ok(kept.await?.into_record(&lookups))
    }
}

impl PsaWriter for Autotask {
    fn create_organization(
        &self,
        draft: RemoteOrganization,
    ) -> BoxFuture<'_, Result<RemoteOrganization>> {
        Box::pin(async move {
            let operation = "companies.create";
            let fields = ["name", "short_name", "types", "status", "parent_id"];
            let body = self.company(operation, &draft, &fields).await?;
            let id = self
                .write(operation, "/Companies", Act::Create, body)
                .await?;
            self.kept_company(&id).await
        })
    }

    fn update_organization(
        &self,
        draft: RemoteOrganization,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteOrganization>> {
        Box::pin(async move {
            let operation = "companies.update";
            let body = self.company(operation, &draft, &changed).await?;
            let id = self
                .write(operation, "/Companies", Act::Change(&draft.id), body)
                .await?;
            self.kept_company(&id).await
        })
    }

    fn create_location(&self, draft: RemoteLocation) -> BoxFuture<'_, Result<RemoteLocation>> {
        Box::pin(async move {
            let operation = "locations.create";
            let body = self
                .location_body(operation, &draft, LOCATION_FIELDS)
                .await?;
            let path = format!("/Companies/{}/Locations", draft.organization_id);
            let id = self.write(operation, &path, Act::Create, body).await?;
            self.kept_location(&id).await
        })
    }

    fn update_location(
        &self,
        draft: RemoteLocation,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteLocation>> {
        Box::pin(async move {
            let operation = "locations.update";
            let body = self.location_body(operation, &draft, &changed).await?;
            let path = format!("/Companies/{}/Locations", draft.organization_id);
            let id = self
                .write(operation, &path, Act::Change(&draft.id), body)
                .await?;
            self.kept_location(&id).await
        })
    }

    fn create_contact(&self, draft: RemoteContact) -> BoxFuture<'_, Result<RemoteContact>> {
        Box::pin(async move {
            let mut body = contact(&draft, CONTACT_FIELDS);
            body.insert("isActive".to_owned(), 1.into());
            let company = draft.organization_id.as_deref().unwrap_or_default();
            let path = format!("/Companies/{company}/Contacts");
            let id = self
                .write("contacts.create", &path, Act::Create, body)
                .await?;
            self.kept_contact(&id).await
        })
    }

    fn update_contact(
        &self,
        draft: RemoteContact,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteContact>> {
        Box::pin(async move {
            let body = contact(&draft, &changed);
            let company = draft.organization_id.as_deref().unwrap_or_default();
            let path = format!("/Companies/{company}/Contacts");
            let id = self
                .write("contacts.update", &path, Act::Change(&draft.id), body)
                .await?;
            self.kept_contact(&id).await
        })
    }

    fn create_configuration(
        &self,
        draft: RemoteConfiguration,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>> {
        Box::pin(async move {
            let operation = "configurations.create";
            let body = self.item_body(operation, &draft, ITEM_FIELDS).await?;
            let id = self
                .write(operation, "/ConfigurationItems", Act::Create, body)
                .await?;
            self.kept_item(&id).await
        })
    }

    fn update_configuration(
        &self,
        draft: RemoteConfiguration,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>> {
        Box::pin(async move {
            let operation = "configurations.update";
            let body = self.item_body(operation, &draft, &changed).await?;
            let path = "/ConfigurationItems";
            let id = self
                .write(operation, path, Act::Change(&draft.id), body)
                .await?;
            self.kept_item(&id).await
        })
    }
}

const LOCATION_FIELDS: &[&str] = &[
    "name",
    "address_1",
    "address_2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "fax",
    "primary",
];

const CONTACT_FIELDS: &[&str] = &[
    "location_id",
    "first_name",
    "last_name",
    "title",
    "emails",
    "phones",
];

const ITEM_FIELDS: &[&str] = &[
    "organization_id",
    "name",
    "configuration_type",
    "status",
    "location_id",
    "contact_id",
    "asset_tag",
    "serial",
    "model",
    "installed_on",
    "warranty_expires_on",
    "notes",
];

fn contact(draft: &RemoteContact, fields: &[&str]) -> Body {
    let mut body = Body::new();
    for field in fields {
        let (name, value) = match *field {
            "location_id" => ("companyLocationID", number(draft.location_id.as_deref())),
            "first_name" => ("firstName", draft.first_name.as_str().into()),
            "last_name" => ("lastName", text(draft.last_name.as_deref())),
            "title" => ("title", text(draft.title.as_deref())),
            "emails" => {
                let first = draft.emails.iter().find(|email| email.primary);
                let first = first.or_else(|| draft.emails.first());
                (
                    "emailAddress",
                    text(first.map(|email| email.address.as_str())),
                )
            }
            "phones" => {
                body.extend(numbers(&draft.phones));
                continue;
            }
            _ => continue,
        };
        body.insert(name.to_owned(), value);
    }
    body
}

/// Each number in the field that its label names; one without such a label goes to the first that is
/// free. What is left over has no field.
fn numbers(phones: &[RemotePhone]) -> Body {
    const FIELDS: [(&str, &str); 4] = [
        ("phone", "work"),
        ("mobilePhone", "mobile"),
        ("alternatePhone", "alternate"),
        ("faxNumber", "fax"),
    ];
    let mut body: Body = FIELDS
        .iter()
        .map(|(field, _)| ((*field).to_owned(), Value::Null))
        .collect();
    body.insert("extension".to_owned(), Value::Null);
    for phone in phones {
        let label = phone.label.as_deref().unwrap_or_default().to_lowercase();
        let own = FIELDS.iter().find(|(_, word)| label.contains(word));
        let own = own.filter(|(field, _)| body[*field].is_null());
        let free = FIELDS[..3].iter().find(|(field, _)| body[*field].is_null());
        if let Some((field, _)) = own.or(free) {
            body.insert((*field).to_owned(), phone.number.as_str().into());
            if *field == "phone" {
                body.insert("extension".to_owned(), text(phone.extension.as_deref()));
            }
        }
    }
    body
}

/// The flag that a status stands for.
fn active(status: Option<&str>) -> Value {
    (!status.is_some_and(|status| status.eq_ignore_ascii_case("inactive"))).into()
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

/// An id; the vendor's are numbers, and it refuses another text.
fn number(id: Option<&str>) -> Value {
    let id = id.filter(|id| !id.is_empty());
    id.map_or(Value::Null, |id| {
        id.parse::<i64>().map_or_else(|_| id.into(), Value::from)
    })
}
