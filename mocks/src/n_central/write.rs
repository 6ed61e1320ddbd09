//! What clients make, note and delete: customers, sites, lifecycles, devices. It knows records and
//! rules, and nothing of who may write.

use http::StatusCode;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::inventory::{LIFECYCLE, lifecycle, note};
use super::service::{NCentral, Refused, bad, missing, refused};
use super::store::below;
use super::units::{NAME, SERVICE_ORG, told};
use crate::Request;
use crate::kit::{Object, at};
use crate::world::Kind;

impl NCentral {
    /// A customer comes without a site (inferred). What the reply holds beside the id is inferred.
    pub(super) fn create_customer(
        &self,
        service_org: u64,
        request: &Request,
    ) -> Result<Value, Refused> {
        if service_org != SERVICE_ORG {
            return Err(missing("Service organization"));
        }
        let unit = self.named(request, "customerName", SERVICE_ORG)?;
        let mut store = self.write();
        let id = store.new_unit();
        store.customers.put(id, &unit);
        store.ledger.made(Kind::Organization, id);
        Ok(json!({ "data": { "customerId": id } }))
    }

    pub(super) fn create_site(&self, customer: u64, request: &Request) -> Result<Value, Refused> {
        let unit = self.named(request, "siteName", customer)?;
        let mut store = self.write();
        if store.customers.get(customer).is_none() {
            return Err(missing("Customer"));
        }
        let id = store.new_unit();
        store.sites.put(id, &unit);
        store.places.made(Kind::Organization, id);
        Ok(json!({ "data": { "siteId": id } }))
    }

    fn named(
        &self,
        request: &Request,
        member: &'static str,
        parent: u64,
    ) -> Result<Object, Refused> {
        let body = body(request)?;
        let name = at(&body, member)
            .as_str()
            .map(str::trim)
            .unwrap_or_default();
        if name.is_empty() {
            return Err(bad(member, "must not be blank"));
        }
        let mut unit = below(told(&body), parent);
        unit.insert(NAME.to_owned(), name.into());
        Ok(unit)
    }

    pub(super) fn delete_device(&self, id: u64) -> Result<Value, Refused> {
        if self.write().delete_device(id) {
            Ok(Value::Null)
        } else {
            Err(missing("Device"))
        }
    }

    /// PUT takes the whole lifecycle, PATCH what was sent (inferred: as the methods mean). Everything is
    /// checked before anything is noted.
    pub(super) fn note_lifecycle(
        &self,
        id: u64,
        request: &Request,
        whole: bool,
    ) -> Result<Value, Refused> {
        let body = body(request)?;
        let mut store = self.write();
        let mut device = store.devices.get(id).ok_or_else(|| missing("Device"))?;
        for (name, is_date) in LIFECYCLE {
            let value = match body.get(name) {
                Some(value) => value.clone(),
                None if whole => Value::Null,
                None => continue,
            };
            let fits = match &value {
                Value::Null => true,
                Value::String(text) if is_date => text.len() == 10 && text.parse::<Date>().is_ok(),
                Value::String(_) => name != "cost",
                Value::Number(_) => name == "cost",
                _ => false,
            };
            if !fits {
                let words = if is_date {
                    "must be a date like 2027-01-31"
                } else {
                    "is of the wrong type"
                };
                return Err(bad(name, words));
            }
            note(&mut device, name, value);
        }
        store.devices.put(id, &device);
        Ok(lifecycle(&device))
    }
}

fn body(request: &Request) -> Result<Object, Refused> {
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(row)) => Ok(row),
        _ => Err(refused(
            StatusCode::BAD_REQUEST,
            "Request body is missing or not readable",
        )),
    }
}
