//! Assets as clients write them. It knows records and rules, and nothing of requests beyond their body.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::store::{Names, Store};
use super::world::{stamped, touched};
use super::write::{Wrong, known, listed, number, required, shown};
use crate::kit::{Object, at};
use crate::world::Kind;

/// Makes an asset, or replaces one: what is not sent becomes null (documented: PUT replaces).
pub(super) fn put_asset(
    store: &mut Store,
    id: Option<u64>,
    body: &Object,
    now: Timestamp,
) -> Result<Option<u64>, Wrong> {
    const PLAIN: [&str; 24] = [
        "name",
        "serialNumber",
        "locationInfo",
        "description",
        "barCode",
        "assetTag",
        "isActive",
        "modelNumber",
        "ipAddress",
        "subnetMask",
        "defaultGateway",
        "dnsServers",
        "dhcpEnabled",
        "winsEnabled",
        "osType",
        "osInfo",
        "macAddress",
        "currentUser",
        "productName",
        "purchaseCost",
        "warrantyExpirationDate",
        "expirationDate",
        "acquisitionDate",
        "webRemoteUrl",
    ];
    required(
        body,
        &["name", "accountId", "accountLocationId", "categoryId"],
    )?;
    let before = match id {
        Some(id) => match store.get(Kind::Device, id) {
            Some(before) => Some(before),
            None => return Ok(None),
        },
        None => None,
    };
    let mut values = Object::new();
    for name in PLAIN {
        let value = body.get(name).cloned().unwrap_or_default();
        // A day alone is kept as its first moment (documented: moments are shown).
        let value = match value.as_str() {
            Some(day) if name.ends_with("Date") && day.len() == 10 => {
                format!("{day}T00:00:00").into()
            }
            _ => value,
        };
        values.insert(name.to_owned(), value);
    }
    for flag in ["dhcpEnabled", "winsEnabled"] {
        if !at(&values, flag).is_boolean() {
            values.insert(flag.to_owned(), false.into());
        }
    }
    if !at(&values, "isActive").is_boolean() {
        values.insert("isActive".to_owned(), true.into());
    }
    for (id, name, kind, member) in [
        (
            "accountId",
            "accountName",
            Kind::Organization,
            "accountName",
        ),
        (
            "accountLocationId",
            "accountLocation",
            Kind::Location,
            "locationName",
        ),
        ("contactId", "contactFirstName", Kind::Contact, "firstName"),
    ] {
        let number = number(body, id);
        let referred = known(store, kind, number, id)?;
        values.insert(name.to_owned(), shown(referred.as_ref(), member));
        if kind == Kind::Contact {
            values.insert(
                "contactLastName".to_owned(),
                shown(referred.as_ref(), "lastName"),
            );
        }
        values.insert(id.to_owned(), number.into());
    }
    for (id, name, list) in [
        ("categoryId", "category", Names::AssetCategories),
        ("stateId", "state", Names::AssetStates),
        ("manufacturerId", "manufacturer", Names::Manufacturers),
    ] {
        let number = number(body, id);
        values.insert(name.to_owned(), listed(store, list, number, id)?);
        values.insert(id.to_owned(), number.into());
    }
    for (name, empty) in [
        ("diskVolumes", json!([])),
        ("statuses", json!([])),
        ("brandId", Value::Null),
    ] {
        values.insert(name.to_owned(), empty);
    }
    let new = before.is_none();
    let id = id.unwrap_or_else(|| store.of_mut(Kind::Device).new_id());
    values.insert("id".to_owned(), id.into());
    let record = match &before {
        Some(before) => {
            for stamp in ["createdOn", "createdBy", "createdById"] {
                values.insert(
                    stamp.to_owned(),
                    before.get(stamp).cloned().unwrap_or_default(),
                );
            }
            touched(Kind::Device, values, now)
        }
        None => stamped(Kind::Device, values, now),
    };
    store.of_mut(Kind::Device).put(id, &record);
    if new {
        store.ledger.made(Kind::Device, id);
    }
    Ok(Some(id))
}
