//! What ties a company to its sites: one of them is primary, and its address is shown as the
//! company's own.

use serde_json::Value;

use super::change::touch;
use super::json::Object;
use super::lists;
use super::schema::Resource;
use super::stamp::Stamp;
use super::store::Store;

/// Fields that a company and a site have alike.
const ADDRESS: [&str; 6] = [
    "addressLine1",
    "addressLine2",
    "city",
    "zip",
    "country",
    "faxNumber",
];

/// Shows the primary site's address as the company's; a company none of whose sites is marked has
/// none (inferred). Does not count as a change of the company.
pub(super) fn mirror(store: &mut Store, company: u64) {
    let Some(main) = main(store, company) else {
        return;
    };
    let (Some(site), Some(mut record)) = (
        store.record(Resource::Sites, main),
        store.record(Resource::Companies, company),
    ) else {
        return;
    };
    for name in ADDRESS {
        let value = site.get(name).cloned();
        record.insert(name.to_owned(), value.unwrap_or_default());
    }
    let state = site.get("stateReference");
    let state = state.map(|state| state["name"].clone());
    record.insert("state".to_owned(), state.unwrap_or_default());
    if record.get("phoneNumber").is_none_or(Value::is_null)
        && let Some(phone) = site.get("phoneNumber")
    {
        record.insert("phoneNumber".to_owned(), phone.clone());
    }
    let reference = store.reference(Resource::Sites, main).map(Value::Object);
    record.insert("site".to_owned(), reference.unwrap_or_default());
    store.put(Resource::Companies, company, &record);
}

fn main(store: &Store, company: u64) -> Option<u64> {
    let sites = store.owned(Resource::Sites, company);
    let primary = |id: &u64| {
        let flag = store.value(Resource::Sites, *id, &["primaryAddressFlag"]);
        flag == Some(Value::Bool(true))
    };
    sites.iter().copied().find(primary)
}

/// Carries a client's change of a company over to its sites: another `site` becomes the primary one,
/// a new address becomes the primary site's (inferred: the product keeps addresses with sites).
pub(super) fn follow_company(store: &mut Store, company: u64, old: &Object, stamp: Stamp) {
    let (Some(record), Some(main)) = (
        store.record(Resource::Companies, company),
        main(store, company),
    ) else {
        return;
    };
    let chosen = record.get("site").and_then(|site| site["id"].as_u64());
    let chosen = chosen.filter(|chosen| *chosen != main);
    let moved = |name: &str| record.get(name) != old.get(name);
    let moved = ADDRESS.into_iter().any(moved) || moved("state");
    let site = chosen.unwrap_or(main);
    if let Some(mut changed) = store.record(Resource::Sites, site)
        && (chosen.is_some() || moved)
    {
        match chosen {
            Some(_) => {
                changed.insert("primaryAddressFlag".to_owned(), true.into());
            }
            None => copy_address(store, &record, &mut changed, stamp),
        }
        touch(store, Resource::Sites, site, &mut changed, stamp);
        store.put(Resource::Sites, site, &changed);
        only_primary(store, company, site);
    }
    mirror(store, company);
}

/// Copies a company's address to a site.
pub(super) fn copy_address(store: &mut Store, company: &Object, site: &mut Object, stamp: Stamp) {
    for name in ADDRESS {
        let value = company.get(name).cloned();
        site.insert(name.to_owned(), value.unwrap_or_default());
    }
    let state = company.get("state").and_then(Value::as_str);
    let state = state.filter(|state| !state.trim().is_empty());
    let state = state.map(|state| lists::row(store, Resource::States, state, stamp));
    let state = state.and_then(|id| store.reference(Resource::States, id));
    let state = state.map_or(Value::Null, Value::Object);
    site.insert("stateReference".to_owned(), state);
}

/// Takes the mark from the company's other sites.
pub(super) fn only_primary(store: &mut Store, company: u64, site: u64) {
    for other in store.owned(Resource::Sites, company).to_vec() {
        let flag = ["primaryAddressFlag"];
        if other == site || store.value(Resource::Sites, other, &flag) != Some(true.into()) {
            continue;
        }
        if let Some(mut record) = store.record(Resource::Sites, other) {
            record.insert("primaryAddressFlag".to_owned(), false.into());
            store.put(Resource::Sites, other, &record);
        }
    }
}
