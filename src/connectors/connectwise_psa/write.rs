//! Writing to ConnectWise PSA: creates are posts, changes are the vendor's own patches (an array of
//! operations on bare field names, `documented`). Types, statuses and other rows of lists are referred
//! to by name, records by id (`documented`: a reference may be given by either).

use futures_util::future::BoxFuture;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ConnectwisePsa;
use super::wire::{Company, Configuration, Contact, Row, Site};
use crate::connectors::client::{Call, unreadable};
use crate::connectors::{ConnectorError, ErrorKind, PsaWriter, Result};
use crate::model::{RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization};
use crate::transport::TransportError;

const JSON: &str = "application/json";

/// An identifier has at most this many characters (`documented`).
const IDENTIFIER_LENGTH_MAX: usize = 30;

/// So many identifiers are tried for one company.
const IDENTIFIERS_TRIED: usize = 20;

#[derive(Deserialize)]
struct Count {
    count: u64,
}

/// Types that items of a contact get when they have none, since the vendor takes no item without one.
const EMAIL_TYPE: &str = "Email";
const PHONE_TYPE: &str = "Direct";

/// The vendor's fields with their values; null empties a field.
type Body = Map<String, Value>;

impl ConnectwisePsa {
    async fn post<W: Row>(
        &self,
        operation: &'static str,
        route: &str,
        mut body: Body,
    ) -> Result<W::Record> {
        body.retain(|_, value| !value.is_null());
        let uri = self.route(operation, route).await?;
        let text = Value::Object(body).to_string();
        let answer = self.answer::<W>(Call::post(operation, uri, JSON, text));
        answer.await.map_err(|error| ConnectorError {
            kind: unknown_end(error.kind),
            ..error
        })
    }

    /// An identifier that no company has, as far as can be known: the name's own, else with a number.
    async fn free_identifier(&self, name: &str) -> Result<String> {
        const OPERATION: &str = "companies.count";
        let own = identifier(name);
        for number in 1..=IDENTIFIERS_TRIED {
            let mut tried = own.clone();
            if number > 1 {
                let number = number.to_string();
                let kept = own.chars().take(IDENTIFIER_LENGTH_MAX - number.len());
                tried = kept.chain(number.chars()).collect();
            }
            let conditions = segment(&format!("identifier = \"{tried}\""));
            let route = format!("/company/companies/count?conditions={conditions}");
            let uri = self.route(OPERATION, &route).await?;
            let reply = self.client.send(&Call::get(OPERATION, uri)).await?;
            match serde_json::from_slice::<Count>(reply.body()) {
                Ok(Count { count: 0 }) => return Ok(tried),
                Ok(_) => {}
                Err(error) => {
                    let detail = self.client.redact(&unreadable(&reply, &error));
                    return Err(self.client.error(OPERATION, ErrorKind::Body { detail }));
                }
            }
        }
        // The vendor says that it exists, which tells people what to do: give a short name.
        Ok(own)
    }

    /// Sends the fields as one patch. Doing that twice does no harm. Without a field there is
    /// nothing to send, and the record is read.
    async fn patch<W: Row>(
        &self,
        operation: &'static str,
        route: &str,
        body: Body,
    ) -> Result<W::Record> {
        let uri = self.route(operation, route).await?;
        if body.is_empty() {
            return self.answer::<W>(Call::get(operation, uri)).await;
        }
        let operations: Vec<Value> = body
            .into_iter()
            .map(|(path, value)| match value {
                Value::Null => json!({ "op": "remove", "path": path }),
                value => json!({ "op": "replace", "path": path, "value": value }),
            })
            .collect();
        let text = Value::Array(operations).to_string();
        let mut call = Call::post(operation, uri, JSON, text).repeatable();
        call.method = Method::PATCH;
        self.answer::<W>(call).await
    }

    async fn route(&self, operation: &'static str, route: &str) -> Result<http::Uri> {
        let root = self.root().await?;
        self.client.uri(operation, &format!("{root}{route}"))
    }

    /// The record as the vendor keeps it now.
    async fn answer<W: Row>(&self, call: Call) -> Result<W::Record> {
        let reply = self.client.send(&call).await?;
        match serde_json::from_slice::<W>(reply.body()) {
            Ok(row) => Ok(row.into_record()),
            Err(error) => {
                let detail = self.client.redact(&unreadable(&reply, &error));
                Err(self
                    .client
                    .error(call.operation, ErrorKind::Body { detail }))
            }
        }
    }
}

impl PsaWriter for ConnectwisePsa {
    fn create_organization(
        &self,
        draft: RemoteOrganization,
    ) -> BoxFuture<'_, Result<RemoteOrganization>> {
        Box::pin(async move {
            let mut body = company(&draft, &["name", "types", "status", "parent_id"]);
            let short_name = draft.short_name.filter(|name| !name.trim().is_empty());
            let identifier = match short_name {
                Some(name) => name,
                None => self.free_identifier(&draft.name).await?,
            };
            body.insert("identifier".to_owned(), identifier.into());
            self.post::<Company>("companies.create", "/company/companies", body)
                .await
        })
    }

    fn update_organization(
        &self,
        draft: RemoteOrganization,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteOrganization>> {
        Box::pin(async move {
            let route = format!("/company/companies/{}", segment(&draft.id));
            let body = company(&draft, &changed);
            self.patch::<Company>("companies.update", &route, body)
                .await
        })
    }

    fn create_location(&self, draft: RemoteLocation) -> BoxFuture<'_, Result<RemoteLocation>> {
        Box::pin(async move {
            let organization_id = draft.organization_id.clone();
            let route = format!("/company/companies/{}/sites", segment(&organization_id));
            let body = site(&draft, SITE_FIELDS);
            let made = self.post::<Site>("sites.create", &route, body).await?;
            Ok(RemoteLocation {
                organization_id,
                ..made
            })
        })
    }

    fn update_location(
        &self,
        draft: RemoteLocation,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteLocation>> {
        Box::pin(async move {
            let organization_id = draft.organization_id.clone();
            let company = segment(&organization_id);
            let route = format!("/company/companies/{company}/sites/{}", segment(&draft.id));
            let body = site(&draft, &changed);
            let kept = self.patch::<Site>("sites.update", &route, body).await?;
            Ok(RemoteLocation {
                organization_id,
                ..kept
            })
        })
    }

    fn create_contact(&self, draft: RemoteContact) -> BoxFuture<'_, Result<RemoteContact>> {
        Box::pin(async move {
            let body = contact(&draft, CONTACT_FIELDS);
            self.post::<Contact>("contacts.create", "/company/contacts", body)
                .await
        })
    }

    fn update_contact(
        &self,
        draft: RemoteContact,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteContact>> {
        Box::pin(async move {
            let route = format!("/company/contacts/{}", segment(&draft.id));
            let mut draft = draft;
            let (emails, phones) = (changed.contains(&"emails"), changed.contains(&"phones"));
            if emails != phones {
                // One list at the vendor: what was not changed here goes back as it stands there.
                let uri = self.route("contacts.get", &route).await?;
                let there = self
                    .answer::<Contact>(Call::get("contacts.get", uri))
                    .await?;
                if emails {
                    draft.phones = there.phones;
                } else {
                    draft.emails = there.emails;
                }
            }
            let body = contact(&draft, &changed);
            self.patch::<Contact>("contacts.update", &route, body).await
        })
    }

    fn create_configuration(
        &self,
        draft: RemoteConfiguration,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>> {
        Box::pin(async move {
            let mut body = configuration(&draft, CONFIGURATION_FIELDS);
            let kind = named(draft.configuration_type.as_deref());
            body.insert("type".to_owned(), kind);
            self.post::<Configuration>("configurations.create", "/company/configurations", body)
                .await
        })
    }

    /// The type of a configuration is changed by an operation of its own (`documented` endpoint,
    /// `inferred` that there is no other way).
    fn update_configuration(
        &self,
        draft: RemoteConfiguration,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>> {
        Box::pin(async move {
            let route = format!("/company/configurations/{}", segment(&draft.id));
            let body = configuration(&draft, &changed);
            if !changed.contains(&"configuration_type") {
                return self
                    .patch::<Configuration>("configurations.update", &route, body)
                    .await;
            }
            let kind = named(draft.configuration_type.as_deref());
            let of_type = Body::from_iter([("type".to_owned(), kind)]);
            let change_type = format!("{route}/changeType");
            let operation = "configurations.change_type";
            let kept = self
                .patch::<Configuration>(operation, &change_type, of_type)
                .await?;
            if body.is_empty() {
                return Ok(kept);
            }
            self.patch::<Configuration>("configurations.update", &route, body)
                .await
        })
    }
}

/// Telephone and fax of a site come from the vendor and never go there (`documented`).
const SITE_FIELDS: &[&str] = &[
    "name",
    "address_1",
    "address_2",
    "city",
    "region",
    "postal_code",
    "country",
    "primary",
];

const CONTACT_FIELDS: &[&str] = &[
    "organization_id",
    "location_id",
    "first_name",
    "last_name",
    "title",
    "contact_type",
    "emails",
    "phones",
];

/// All but the type.
const CONFIGURATION_FIELDS: &[&str] = &[
    "organization_id",
    "name",
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
    "installed_on",
    "installed_by",
    "warranty_expires_on",
    "notes",
];

fn company(draft: &RemoteOrganization, fields: &[&str]) -> Body {
    let types = draft.types.iter().map(|name| named(Some(name)));
    collect(fields, |field| {
        Some(match field {
            "name" => ("name", draft.name.as_str().into()),
            "short_name" => ("identifier", text(draft.short_name.as_deref())),
            "types" => ("types", types.clone().collect()),
            "status" => ("status", named(draft.status.as_deref())),
            "parent_id" => ("parentCompany", numbered(draft.parent_id.as_deref())),
            "primary_location_id" => ("site", numbered(draft.primary_location_id.as_deref())),
            _ => return None,
        })
    })
}

fn site(draft: &RemoteLocation, fields: &[&str]) -> Body {
    collect(fields, |field| {
        Some(match field {
            "name" => ("name", draft.name.as_str().into()),
            "address_1" => ("addressLine1", text(draft.address_1.as_deref())),
            "address_2" => ("addressLine2", text(draft.address_2.as_deref())),
            "city" => ("city", text(draft.city.as_deref())),
            "region" => ("stateReference", named(draft.region.as_deref())),
            "postal_code" => ("zip", text(draft.postal_code.as_deref())),
            "country" => ("country", named(draft.country.as_deref())),
            "primary" => ("primaryAddressFlag", draft.primary.into()),
            _ => return None,
        })
    })
}

fn contact(draft: &RemoteContact, fields: &[&str]) -> Body {
    collect(fields, |field| {
        Some(match field {
            "organization_id" => ("company", numbered(draft.organization_id.as_deref())),
            "location_id" => ("site", numbered(draft.location_id.as_deref())),
            "first_name" => ("firstName", draft.first_name.as_str().into()),
            "last_name" => ("lastName", text(draft.last_name.as_deref())),
            "title" => ("title", text(draft.title.as_deref())),
            "contact_type" => {
                let kind = draft.contact_type.iter().map(|name| named(Some(name)));
                ("types", kind.collect())
            }
            // One list at the vendor; it is replaced whole.
            "emails" | "phones" => ("communicationItems", items(draft)),
            _ => return None,
        })
    })
}

fn items(draft: &RemoteContact) -> Value {
    let emails = draft.emails.iter().map(|email| {
        json!({
            "type": { "name": email.label.as_deref().unwrap_or(EMAIL_TYPE) },
            "value": email.address,
            "defaultFlag": email.primary,
        })
    });
    let phones = draft.phones.iter().map(|phone| {
        let mut item = json!({
            "type": { "name": phone.label.as_deref().unwrap_or(PHONE_TYPE) },
            "value": phone.number,
            "defaultFlag": phone.primary,
        });
        if let Some(extension) = &phone.extension {
            item["extension"] = extension.as_str().into();
        }
        item
    });
    emails.chain(phones).collect()
}

fn configuration(draft: &RemoteConfiguration, fields: &[&str]) -> Body {
    let date = |date: Option<jiff::civil::Date>| match date {
        Some(date) => Value::from(format!("{date}T00:00:00Z")),
        None => Value::Null,
    };
    collect(fields, |field| {
        Some(match field {
            "organization_id" => ("company", numbered(Some(&draft.organization_id))),
            "name" => ("name", draft.name.as_str().into()),
            "status" => ("status", named(draft.status.as_deref())),
            "location_id" => ("site", numbered(draft.location_id.as_deref())),
            "contact_id" => ("contact", numbered(draft.contact_id.as_deref())),
            "asset_tag" => ("tagNumber", text(draft.asset_tag.as_deref())),
            "serial" => ("serialNumber", text(draft.serial.as_deref())),
            "mac" => ("macAddress", text(draft.mac.as_deref())),
            "manufacturer" => ("manufacturer", named(draft.manufacturer.as_deref())),
            "model" => ("modelNumber", text(draft.model.as_deref())),
            "operating_system" => ("osType", text(draft.operating_system.as_deref())),
            "ip" => ("ipAddress", text(draft.ip.as_deref())),
            "default_gateway" => ("defaultGateway", text(draft.default_gateway.as_deref())),
            "purchased_on" => ("purchaseDate", date(draft.purchased_on)),
            "installed_on" => ("installationDate", date(draft.installed_on)),
            "installed_by" => ("installedBy", named(draft.installed_by.as_deref())),
            "warranty_expires_on" => ("warrantyExpirationDate", date(draft.warranty_expires_on)),
            "notes" => ("notes", text(draft.notes.as_deref())),
            _ => return None,
        })
    })
}

/// Fields that the vendor does not take are left out.
fn collect<'a>(fields: &[&'a str], map: impl Fn(&'a str) -> Option<(&'static str, Value)>) -> Body {
    let known = fields.iter().filter_map(|field| map(field));
    known
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

/// A reference by name.
fn named(name: Option<&str>) -> Value {
    name.map_or(Value::Null, |name| json!({ "name": name }))
}

/// A reference by id. The vendor's ids are numbers; it refuses another text.
fn numbered(id: Option<&str>) -> Value {
    let id = id.filter(|id| !id.is_empty());
    id.map_or(Value::Null, |id| match id.parse::<i64>() {
        Ok(id) => json!({ "id": id }),
        Err(_) => json!({ "id": id.to_owned() }),
    })
}

/// Where nobody knows whether a create was done, the error says so. It was not sent again.
fn unknown_end(kind: ErrorKind) -> ErrorKind {
    const UNKNOWN: &str = "it may have been done; the next sync shows it if so";
    match kind {
        ErrorKind::Status {
            status: status @ 500..,
            attempts,
            message,
        } => ErrorKind::Status {
            status,
            attempts,
            message: format!("{message}; {UNKNOWN}"),
        },
        ErrorKind::Body { detail } => ErrorKind::Body {
            detail: format!("{detail}; {UNKNOWN}"),
        },
        ErrorKind::Transport(TransportError::Broken { host, reason }) => {
            ErrorKind::Transport(TransportError::Broken {
                host,
                reason: format!("{reason}; {UNKNOWN}"),
            })
        }
        other => other,
    }
}

fn segment(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

/// What stands for a company that has no short name: letters and digits of its name.
fn identifier(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    let identifier: String = letters.take(IDENTIFIER_LENGTH_MAX).collect();
    if identifier.is_empty() {
        "Company".to_owned()
    } else {
        identifier
    }
}
