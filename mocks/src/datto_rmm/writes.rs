//! The writes that integrations make: sites, moving a device, user-defined fields, warranty. Every
//! body is checked whole before anything is changed.

use std::collections::BTreeMap;

use http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ids::parse_guid;
use super::reply;
use super::route::{Route, Target};
use super::sites::Site;
use super::state::State;
use super::wire::{LAST_UDF, ProxySettings, Udf, udf_number};
use crate::{Reply, Request};

type Answer = Result<Reply, StatusCode>;

/// Carries out a write.
///
/// # Errors
/// The status of an error body; nothing was changed then.
pub(super) fn answer(
    state: &mut State,
    route: Route<'_>,
    operation: &'static str,
    request: &Request,
) -> Answer {
    match route.target {
        Target::NewSite => create_site(state, operation, &body(request)?),
        Target::Site(uid) => update_site(state, uid, operation, &body(request)?),
        Target::MoveDevice(device, site) => move_device(state, device, site)?.done(operation),
        Target::DeviceUdf(uid) if route.v3 => {
            set_udfs_v3(state, uid, &body(request)?)?.done(operation)
        }
        Target::DeviceUdf(uid) => set_udfs(state, uid, body(request)?)?.done(operation),
        Target::DeviceWarranty(uid) => set_warranty(state, uid, &body(request)?)?.done(operation),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

/// A write without a result.
struct Written;

impl Written {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "it ends a chain of answers that can fail"
    )]
    fn done(self, operation: &'static str) -> Answer {
        Ok(reply::done(operation))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteBody {
    name: Option<String>,
    description: Option<String>,
    notes: Option<String>,
    on_demand: Option<bool>,
    splashtop_auto_install: Option<bool>,
    proxy_settings: Option<ProxySettings>,
}

impl SiteBody {
    /// The name is required (documented).
    fn name(&self) -> Result<&str, StatusCode> {
        match self.name.as_deref() {
            Some(name) if !name.trim().is_empty() => Ok(name),
            _ => Err(StatusCode::BAD_REQUEST),
        }
    }

    /// What the body leaves out stays as it is (inferred).
    fn write_to(&self, site: &mut Site) {
        if let Some(name) = &self.name {
            name.clone_into(&mut site.name);
        }
        if self.description.is_some() {
            site.description.clone_from(&self.description);
        }
        if self.notes.is_some() {
            site.notes.clone_from(&self.notes);
        }
        site.on_demand = self.on_demand.unwrap_or(site.on_demand);
        site.splashtop_auto_install = self
            .splashtop_auto_install
            .unwrap_or(site.splashtop_auto_install);
    }
}

/// Two sites may have one name (inferred: nothing says otherwise).
fn create_site(state: &mut State, operation: &'static str, body: &SiteBody) -> Answer {
    let name = body.name()?;
    let id = state.sites.create(name);
    state.sites.edit(id, |site| {
        body.write_to(site);
        site.proxy_settings.clone_from(&body.proxy_settings);
    });
    shown(state, operation, id)
}

fn update_site(state: &mut State, uid: &str, operation: &'static str, body: &SiteBody) -> Answer {
    let name = body.name()?;
    let id = client_site(state, uid)?;
    let renamed = state.sites.get(id).is_some_and(|site| site.name != name);
    state.sites.edit(id, |site| body.write_to(site));
    if renamed {
        state.rename_site(id);
    }
    shown(state, operation, id)
}

fn shown(state: &State, operation: &'static str, id: u64) -> Answer {
    let json = state.sites.table().get(id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(reply::json_bytes(operation, json))
}

/// A deleted device cannot be moved back, nor one be deleted by moving it (inferred).
fn move_device(state: &mut State, device: &str, site: &str) -> Result<Written, StatusCode> {
    let id = device_id(state, device)?;
    let target = client_site(state, site)?;
    let current = state.entry(id).map(|entry| entry.site);
    if current == Some(super::sites::DELETED_DEVICES) {
        return Err(StatusCode::FORBIDDEN);
    }
    state.move_device(id, target);
    Ok(Written)
}

/// Any value goes in as text; empty and null delete, what is not named stays (documented). Names
/// that are no fields are ignored (inferred).
fn set_udfs(
    state: &mut State,
    uid: &str,
    fields: BTreeMap<String, Value>,
) -> Result<Written, StatusCode> {
    let id = device_id(state, uid)?;
    let mut changes = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let Some(number) = udf_number(&name) else {
            continue;
        };
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text).filter(|text| !text.is_empty()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Array(_) | Value::Object(_) => return Err(StatusCode::BAD_REQUEST),
        };
        changes.push((number, text));
    }
    write_udfs(state, id, changes);
    Ok(Written)
}

#[derive(Debug, Deserialize)]
struct UdfsBody {
    udfs: Vec<UdfBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UdfBody {
    ordinal: u16,
    value_boolean: Option<bool>,
    value_string: Option<String>,
    value_date: Option<String>,
    value_number: Option<f64>,
}

/// Strict about types (documented); the fields of this account are all text, so any other value is
/// refused. No value at all deletes (documented).
fn set_udfs_v3(state: &mut State, uid: &str, body: &UdfsBody) -> Result<Written, StatusCode> {
    let id = device_id(state, uid)?;
    let mut changes = Vec::with_capacity(body.udfs.len());
    for item in &body.udfs {
        let other = item.value_boolean.is_some()
            || item.value_date.is_some()
            || item.value_number.is_some();
        if other || !(1..=LAST_UDF).contains(&item.ordinal) {
            return Err(StatusCode::BAD_REQUEST);
        }
        changes.push((item.ordinal, item.value_string.clone()));
    }
    write_udfs(state, id, changes);
    Ok(Written)
}

fn write_udfs(state: &mut State, id: u64, changes: Vec<(u16, Option<String>)>) {
    state.edit_device(id, |device| {
        let Udf(fields) = device.udf.get_or_insert_default();
        for (number, value) in changes {
            match value {
                Some(value) => drop(fields.insert(number, value)),
                None => drop(fields.remove(&number)),
            }
        }
    });
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WarrantyBody {
    warranty_date: Option<String>,
}

/// `yyyy-mm-dd`, or null to clear it (documented).
fn set_warranty(state: &mut State, uid: &str, body: &WarrantyBody) -> Result<Written, StatusCode> {
    let id = device_id(state, uid)?;
    let date = match body.warranty_date.as_deref() {
        None => None,
        Some(text) if text.len() == 10 => {
            let date: Date = text.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
            Some(date.to_string())
        }
        Some(_) => return Err(StatusCode::BAD_REQUEST),
    };
    state.edit_device(id, |device| device.warranty_date = date.map(Into::into));
    Ok(Written)
}

fn device_id(state: &State, uid: &str) -> Result<u64, StatusCode> {
    parse_guid(uid)
        .and_then(|uid| state.device_by_uid(uid))
        .ok_or(StatusCode::NOT_FOUND)
}

/// A site that is not the vendor's own; those cannot be written to (inferred).
fn client_site(state: &State, uid: &str) -> Result<u64, StatusCode> {
    let site = state.sites.by_uid(uid).ok_or(StatusCode::NOT_FOUND)?;
    if site.is_system() {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(site.id)
}

fn body<T: DeserializeOwned>(request: &Request) -> Result<T, StatusCode> {
    serde_json::from_slice(request.body()).map_err(|_| StatusCode::BAD_REQUEST)
}
