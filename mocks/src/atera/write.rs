//! What clients make, change and delete: customers, folders, devices without an agent, custom values. It
//! knows records and rules, and nothing of who may write.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::class::Class;
use super::custom;
use super::render::{ACTIVE, object};
use super::route::Target;
use super::service::{Answered, Atera, Refused, bad, missing, number, wrong};
use super::store::{MONITOR, UNASSIGNED};
use crate::Request;
use crate::kit::{Object, at};
use crate::world::Kind;

/// Members of a customer that clients write (`documented`).
const TEXTS: [&str; 12] = [
    "CustomerName",
    "BusinessNumber",
    "Domain",
    "Address",
    "City",
    "State",
    "Country",
    "Phone",
    "Fax",
    "Notes",
    "Links",
    "ZipCodeStr",
];
const NUMBERS: [&str; 2] = ["Longitude", "Latitude"];

impl Atera {
    pub(super) fn create_customer(&self, request: &Request, now: Timestamp) -> Answered {
        let row = body(request)?;
        let written = written(&row)?;
        if !written.contains_key("CustomerName") {
            return Err(bad("CustomerName is required."));
        }
        let mut store = self.write();
        let id = store.found(now);
        let mut record = store.customers.get(id).unwrap_or_default();
        record.extend(written);
        store.keep_customer(id, record, now);
        store.ledger.made(Kind::Organization, id);
        Ok((StatusCode::CREATED, done(id)))
    }

    /// Members that are missing or null stay as they are (`inferred`).
    pub(super) fn update_customer(&self, id: &str, request: &Request, now: Timestamp) -> Answered {
        let id = number("customerId", id)?;
        let written = written(&body(request)?)?;
        let mut store = self.write();
        let mut record = store.customers.get(id).ok_or_else(missing)?;
        record.extend(written);
        store.keep_customer(id, record, now);
        Ok((StatusCode::OK, done(id)))
    }

    pub(super) fn delete_customer(&self, id: &str, now: Timestamp) -> Answered {
        let id = number("customerId", id)?;
        let mut store = self.write();
        if id == UNASSIGNED {
            return Err(bad("The customer cannot be deleted."));
        }
        store
            .customers
            .get(id)
            .ok_or((StatusCode::NOT_FOUND, None))?;
        store.close(id, now);
        Ok((StatusCode::NO_CONTENT, Value::Null))
    }

    pub(super) fn create_folder(&self, request: &Request) -> Answered {
        let row = body(request)?;
        let name = name(&row)?;
        let mut store = self.write();
        let customer = id(&row, "CustomerId")?;
        store
            .customers
            .get(customer)
            .ok_or_else(|| unknown("CustomerId", customer))?;
        let id = store.new_folder(customer, &name);
        Ok((StatusCode::CREATED, done(id)))
    }

    /// A device names its customer and the agent that watches it (`documented`).
    pub(super) fn create_device(
        &self,
        class: Class,
        request: &Request,
        now: Timestamp,
    ) -> Answered {
        let row = body(request)?;
        let name = name(&row)?;
        let (customer, agent) = (id(&row, "CustomerID")?, id(&row, MONITOR)?);
        let mut store = self.write();
        store
            .customers
            .get(customer)
            .ok_or_else(|| unknown("CustomerID", customer))?;
        let watching = store.of(Class::Agent).get(agent);
        watching.ok_or_else(|| unknown(MONITOR, agent))?;
        let folder = at(&row, "FolderID").as_u64();
        if let Some(folder) = folder.filter(|folder| !store.has_folder(customer, *folder)) {
            return Err(unknown("FolderID", folder));
        }
        let monitored = at(&row, "Monitored").as_bool().unwrap_or(false);
        let mut device = object(json!({
            "Name": name, "CustomerID": customer, MONITOR: agent, "FolderID": folder,
            "Monitored": monitored, ACTIVE: true,
        }));
        device.extend(particular(class, &row));
        let id = store.of_mut(class).new_id();
        let device = store.born(class, id, device, 0, now);
        let guid = at(&device, "DeviceGuid").clone();
        store.keep_machine(class, id, device, now);
        store.ledger.made(Kind::Device, class.joint(id));
        let made = json!({ "DeviceId": id, "DeviceGuid": guid });
        Ok((StatusCode::CREATED, made))
    }

    /// What is missing is badly put: no other refusal is documented.
    pub(super) fn delete_machine(&self, class: Class, text: &str) -> Answered {
        let id = number("id", text)?;
        let mut store = self.write();
        store.of(class).get(id).ok_or_else(|| wrong("id", text))?;
        store.scrap(class.joint(id));
        Ok((StatusCode::NO_CONTENT, Value::Null))
    }

    pub(super) fn set_value(
        &self,
        target: Target,
        text: &str,
        name: &str,
        request: &Request,
        now: Timestamp,
    ) -> Answered {
        let id = number("id", text)?;
        let row = body(request)?;
        let field = custom::named(target, name).ok_or_else(|| wrong("fieldName", name))?;
        let mut store = self.write();
        let mut record = store.bearer(target, id).ok_or_else(|| wrong("id", text))?;
        match at(&row, "Value") {
            Value::Null => {
                record.remove(&field.member());
            }
            Value::String(value) => {
                let value = field.taken(value).ok_or_else(|| wrong("Value", value))?;
                record.insert(field.member(), value.into());
            }
            other => return Err(wrong("Value", &other.to_string())),
        }
        match target {
            Target::Customer => store.keep_customer(id, record, now),
            Target::Machine(class) => store.keep_machine(class, id, record, now),
        }
        Ok((StatusCode::OK, done(id)))
    }
}

/// The members of one kind of device.
fn particular(class: Class, row: &Object) -> Object {
    let copied = |member: &str| at(row, member).clone();
    object(match class {
        Class::Agent | Class::Generic => Value::Null,
        Class::Tcp => {
            let ports = at(row, "Ports").as_array().into_iter().flatten();
            let ports = ports.map(|port| {
                let monitored = port["Monitored"].as_bool().unwrap_or(false);
                let number = port["PortNum"].as_i64().unwrap_or_default();
                json!({ "PortNumber": number, "Monitored": monitored, "Available": null })
            });
            json!({ "Hostname": copied("Hostname"), "Ports": ports.collect::<Vec<_>>() })
        }
        Class::Http => json!({
            "URL": copied("URL"), "Pattern": copied("Pattern"), "URLUp": true, "ContainsPattern": true,
        }),
        Class::Snmp => {
            let version = at(row, "SNMPVersion").as_str().unwrap_or("V3");
            let level = at(row, "_SecurityLevel").as_str().unwrap_or("Undefined");
            let port = at(row, "Port").as_i64().unwrap_or(161);
            json!({
                "Hostname": copied("Hostname"), "Online": true, "Port": port.to_string(),
                "Community": copied("Community"), "Type": copied("SNMPType"), "Version": version,
                "SecurityLevel": level, "Authentication": copied("AuthenticationAlg"),
                "Privacy": copied("PrivacyAlg"),
            })
        }
    })
}

/// What a client writes of a customer.
fn written(row: &Object) -> Result<Object, Refused> {
    let mut written = Object::new();
    for (names, fits) in [
        (&TEXTS[..], Value::is_string as fn(&Value) -> bool),
        (&NUMBERS[..], Value::is_number),
    ] {
        for name in names {
            let value = at(row, name);
            if value.is_null() {
                continue;
            }
            if !fits(value) {
                return Err(wrong(name, &value.to_string()));
            }
            written.insert((*name).to_owned(), value.clone());
        }
    }
    let empty = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    if written.get("CustomerName").is_some_and(empty) {
        return Err(bad("CustomerName is required."));
    }
    Ok(written)
}

fn name(row: &Object) -> Result<String, Refused> {
    let name = at(row, "Name").as_str().unwrap_or_default();
    if name.trim().is_empty() {
        return Err(bad("Name is required."));
    }
    Ok(name.to_owned())
}

fn id(row: &Object, member: &str) -> Result<u64, Refused> {
    let value = at(row, member);
    value
        .as_u64()
        .ok_or_else(|| wrong(member, &value.to_string()))
}

fn unknown(member: &str, id: u64) -> Refused {
    wrong(member, &id.to_string())
}

/// What a write answers: the id as text (`seen`).
fn done(id: u64) -> Value {
    json!({ "ActionID": id.to_string() })
}

fn body(request: &Request) -> Result<Object, Refused> {
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(row)) => Ok(row),
        _ => Err(bad("The body is not valid.")),
    }
}
