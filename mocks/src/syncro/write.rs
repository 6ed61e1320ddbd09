//! What clients make and change: which members they may write, what must be there, how a refusal reads.
//! It knows records and rules, and nothing of who may write.

use http::StatusCode;
use serde_json::{Value, json};

use super::service::{Refused, missing};
use super::shape::{blank, named};
use super::store::Store;
use crate::Request;
use crate::kit::{Object, at};
use crate::world::Kind;

pub(super) fn body(request: &Request) -> Result<Object, Refused> {
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err((
            StatusCode::BAD_REQUEST,
            json!({ "error": "The request body is not a JSON object." }),
        )),
    }
}

/// What was sent stands in the refusal of a new record alone (documented).
pub(super) fn refusal(text: &str, sent: Option<&Object>) -> Value {
    let mut refusal = json!({ "success": false, "message": [text] });
    if let Some(sent) = sent {
        refusal["params"] = Value::Object(sent.clone());
    }
    refusal
}

/// A refusal as its resource tells it: contacts show the record with what was sent and one text
/// (documented).
pub(super) fn told(
    kind: Kind,
    before: Option<&Object>,
    sent: &Object,
    refused: Refused,
) -> Refused {
    let (status, body) = refused;
    if kind != Kind::Contact || status != StatusCode::UNPROCESSABLE_ENTITY {
        return (status, body);
    }
    let mut record = before.cloned().unwrap_or_else(|| {
        let mut record = blank(kind);
        for name in [
            "id",
            "created_at",
            "updated_at",
            "processed_phone",
            "processed_mobile",
        ] {
            record.insert(name.to_owned(), Value::Null);
        }
        record
    });
    for (name, value) in sent {
        if name != "id"
            && let Some(own) = record.get_mut(name)
        {
            *own = value.clone();
        }
    }
    (
        status,
        json!({ "record": record, "errors": body["message"][0] }),
    )
}

pub(super) fn whole(kind: Kind, record: Object) -> Object {
    match kind {
        Kind::Organization | Kind::Location => named(record),
        Kind::Contact | Kind::Device => record,
    }
}

/// The fields of a body that may be written, and what must be there.
pub(super) fn accepted(
    store: &mut Store,
    kind: Kind,
    body: &Object,
    before: Option<&Object>,
) -> Result<Object, Refused> {
    let wrong = |text: &str| {
        let sent = before.is_none().then_some(body);
        (StatusCode::UNPROCESSABLE_ENTITY, refusal(text, sent))
    };
    let names: &[&str] = match kind {
        Kind::Organization | Kind::Location => &[
            "business_name",
            "firstname",
            "lastname",
            "email",
            "phone",
            "mobile",
            "address",
            "address_2",
            "city",
            "state",
            "zip",
            "notes",
            "get_sms",
            "opt_out",
            "no_email",
            "properties",
            "tax_rate_id",
            "notification_email",
            "invoice_cc_emails",
            "invoice_term_id",
            "referred_by",
            "ref_customer_id",
        ],
        Kind::Contact => &[
            "customer_id",
            "name",
            "address1",
            "address2",
            "city",
            "state",
            "zip",
            "email",
            "phone",
            "mobile",
            "notes",
            "properties",
        ],
        Kind::Device => &["name", "customer_id", "asset_serial", "properties"],
    };
    let sent = names.iter().filter_map(|name| body.get_key_value(*name));
    let mut values: Object = sent
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(email) = at(&values, "email").as_str()
        && !email.is_empty()
        && !email.contains('@')
    {
        return Err(wrong("Email is not an email"));
    }
    if kind != Kind::Organization && (before.is_none() || values.contains_key("customer_id")) {
        let customer = match at(&values, "customer_id") {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64(),
        };
        match customer.filter(|id| store.customers.get(*id).is_some()) {
            Some(customer) => drop(values.insert("customer_id".to_owned(), customer.into())),
            // An asset may be nobody's (documented: the member is nullable, and not required).
            None if kind == Kind::Device && at(&values, "customer_id").is_null() => {
                values.insert("customer_id".to_owned(), Value::Null);
            }
            // A contact's are documented, an asset's is inferred.
            None if kind == Kind::Contact && before.is_none() => return Err(missing()),
            None if kind == Kind::Contact => return Err(wrong("Customer can't be blank")),
            None => return Err(wrong("Customer must exist")),
        }
    }
    let empty = |values: &Object, name: &str| {
        at(values, name)
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
    };
    match kind {
        Kind::Organization | Kind::Location => {
            let nameless = ["business_name", "firstname", "lastname"]
                .into_iter()
                .all(|name| empty(&values, name));
            if before.is_none() && nameless {
                return Err(wrong("Business name or name can't be blank"));
            }
            // Numbers lose what is no digit (seen).
            for name in ["phone", "mobile"] {
                if let Some(text) = at(&values, name).as_str() {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    values.insert(name.to_owned(), digits.into());
                }
            }
        }
        Kind::Contact => {
            if before.is_none() && empty(&values, "name") {
                return Err(wrong("Name can't be blank"));
            }
        }
        Kind::Device => {
            if before.is_none() && empty(&values, "name") {
                return Err(wrong("Name can't be blank"));
            }
            if let Some(name) = body.get("asset_type_name") {
                let known = name
                    .as_str()
                    .filter(|name| store.types.iter().any(|own| own == name));
                match known {
                    Some(known) => drop(values.insert("asset_type".to_owned(), known.into())),
                    None => return Err(wrong("Asset type can't be blank")),
                }
            } else if before.is_none() {
                // As it is told (documented).
                return Err(wrong("Asset type can't be blank"));
            }
            if before.is_none() {
                // They are ignored when an asset is made (seen).
                values.insert("properties".to_owned(), json!({}));
            }
            // Properties that are not sent stay (inferred): the agent's are among them.
            if let (Some(before), Value::Object(sent)) = (before, at(&values, "properties").clone())
            {
                let mut all = at(before, "properties").as_object().cloned();
                all.get_or_insert_default().extend(sent);
                values.insert("properties".to_owned(), json!(all));
            }
        }
    }
    Ok(values)
}
