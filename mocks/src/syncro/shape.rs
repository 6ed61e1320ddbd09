//! Records as they are shown: members, names that follow from others, times, what stands inside an asset.
//! It knows JSON and nothing of requests.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::store::Store;
use crate::kit::{Object, at};
use crate::world::{Kind, LocationRecord};

/// Whether an asset is watched by SNMP.
pub(super) const SNMP: &str = "_snmp";
/// How long an agent may be silent before it counts as offline (inferred).
const ONLINE_MS: i64 = 15 * 60 * 1_000;

pub(super) fn address(main: Option<&LocationRecord>) -> Object {
    let of = main.map(|main| &main.address);
    let line =
        |pick: fn(&crate::world::Address) -> &Option<String>| of.and_then(|it| pick(it).clone());
    [
        ("address", line(|it| &it.line_1)),
        ("address_2", line(|it| &it.line_2)),
        ("city", line(|it| &it.city)),
        ("state", line(|it| &it.region)),
        ("zip", line(|it| &it.postal_code)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect()
}

/// ISO 8601 with milliseconds (documented).
pub(super) fn moment(now: Timestamp) -> String {
    let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// All members of a record without values (documented: recorded replies show them all).
pub(super) fn blank(kind: Kind) -> Object {
    let value = match kind {
        Kind::Organization | Kind::Location => json!({
            "firstname": null, "lastname": null, "fullname": "", "business_name": null,
            "email": null, "phone": null, "mobile": null, "pdf_url": null, "address": null,
            "address_2": null, "city": null, "state": null, "zip": null, "latitude": null,
            "longitude": null, "notes": null, "get_sms": false, "opt_out": false,
            "disabled": false, "no_email": false, "location_name": null, "location_id": null,
            "properties": {}, "online_profile_url": null, "tax_rate_id": null,
            "notification_email": null, "invoice_cc_emails": null, "invoice_term_id": null,
            "referred_by": null, "ref_customer_id": null, "contacts": [],
        }),
        Kind::Contact => json!({
            "name": null, "address1": null, "address2": null, "city": null, "state": null,
            "zip": null, "email": null, "phone": null, "mobile": null, "latitude": null,
            "longitude": null, "customer_id": null, "account_id": 1, "notes": null,
            "vendor_id": null, "properties": {}, "opt_out": false, "extension": null,
        }),
        Kind::Device => json!({
            "name": null, "customer_id": null, "contact_id": null, "properties": {},
            "asset_type": null, "asset_serial": null, "external_rmm_link": null,
            "rmm_links": [], "address": null,
        }),
    };
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// A customer with the names that follow from its own (documented).
pub(super) fn named(mut customer: Object) -> Object {
    let text = |name: &str| at(&customer, name).as_str().unwrap_or_default().trim();
    let join = |parts: [&str; 2], by: &str| {
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(by)
    };
    let full = join([text("firstname"), text("lastname")], " ");
    let business = text("business_name");
    let both = join([business, &full], " - ");
    let first = if business.is_empty() { &full } else { business }.to_owned();
    for (name, value) in [
        ("fullname", full),
        ("business_and_full_name", both),
        ("business_then_name", first),
    ] {
        customer.insert(name.to_owned(), value.into());
    }
    customer
}

pub(super) fn born(id: u64, mut record: Object, now: Timestamp) -> Object {
    record.insert("id".to_owned(), id.into());
    record.insert("created_at".to_owned(), moment(now).into());
    touched(record, now)
}

pub(super) fn touched(mut record: Object, now: Timestamp) -> Object {
    record.insert("updated_at".to_owned(), moment(now).into());
    record
}

/// An asset as it is shown, with its customer and what the agent keeps inside.
pub(super) fn shown_asset(store: &Store, mut asset: Object, now: Timestamp) -> Object {
    let customer = at(&asset, "customer_id").as_u64();
    let customer = customer
        .and_then(|id| store.customers.get(id))
        .map(|mut customer| {
            // These two it does not show here (documented).
            customer.remove("contacts");
            customer.remove("location_name");
            Value::Object(customer)
        });
    asset.insert("customer".to_owned(), customer.unwrap_or_default());
    asset.remove(SNMP);
    let report = &at(&asset, "properties")["kabuto_information"];
    // The whole report once more, as a text (seen).
    let general = match report {
        Value::Null => json!({}),
        report => json!({ "info": report.to_string() }),
    };
    let last = report["last_synced_at"].as_str();
    let last: Option<Timestamp> = last.and_then(|text| text.parse().ok());
    let silent = last.is_some_and(|last| now.duration_since(last).as_millis() > ONLINE_MS.into());
    // Members documented; its id is the asset's (inferred).
    let kept = json!({
        "id": at(&asset, "id"), "asset_id": at(&asset, "id"), "account_id": 1,
        "triggers": {
            "bsod_triggered": "false", "time_triggered": "false", "no_av_triggered": "false",
            "defrag_triggered": "false", "firewall_triggered": "false",
            "app_crash_triggered": "false", "low_hd_space_triggered": "false",
            "smart_failure_triggered": "false", "device_manager_triggered": "false",
            "agent_offline_triggered": silent.to_string(),
        },
        "windows_updates": {}, "emsisoft": {}, "general": general,
        "created_at": at(&asset, "created_at"), "updated_at": at(&asset, "created_at"),
        "override_alert_agent_offline_mins": null, "override_alert_agent_rearm_after_mins": null,
        "override_low_hd_threshold": null, "override_autoresolve_offline_alert": null,
    });
    asset.insert("rmm_store".to_owned(), kept);
    asset
}
