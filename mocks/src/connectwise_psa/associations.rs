//! Which company is of which types. The list `typeAssociations` and the company's own `types` are
//! two views of the same rows, so each write of one is carried over to the other.

use serde_json::Value;

use super::json::Object;
use super::schema::Resource;
use super::stamp::Stamp;
use super::store::Store;

/// Adds a row.
pub(super) fn add(store: &mut Store, company: u64, kind: u64, stamp: Stamp) -> u64 {
    let id = store.new_id(Resource::TypeAssociations);
    let mut row = Object::new();
    row.insert("id".to_owned(), id.into());
    let references = [
        ("type", Resource::CompanyTypes, kind),
        ("company", Resource::Companies, company),
    ];
    for (name, resource, target) in references {
        let reference = store.reference(resource, target).map(Value::Object);
        row.insert(name.to_owned(), reference.unwrap_or_default());
    }
    let info = stamp.info(Resource::TypeAssociations, id, None, store.origin());
    row.insert("_info".to_owned(), Value::Object(info));
    store.put(Resource::TypeAssociations, id, &row);
    id
}

/// Makes the rows follow the company's `types`.
pub(super) fn follow_company(store: &mut Store, company: u64, stamp: Stamp) {
    let wanted = types(store, company);
    let mut missing = wanted.clone();
    for row in store.owned(Resource::TypeAssociations, company).to_vec() {
        let kind = type_of(store, row);
        match missing.iter().position(|id| Some(*id) == kind) {
            Some(at) => {
                missing.remove(at);
            }
            None => store.remove(Resource::TypeAssociations, row),
        }
    }
    for kind in missing {
        add(store, company, kind, stamp);
    }
}

/// Makes the company's `types` follow the rows.
pub(super) fn follow_rows(store: &mut Store, company: u64) {
    let rows = store.owned(Resource::TypeAssociations, company).to_vec();
    let types: Vec<Value> = rows
        .into_iter()
        .filter_map(|row| {
            let kind = type_of(store, row)?;
            store.reference(Resource::CompanyTypes, kind)
        })
        .map(Value::Object)
        .collect();
    if let Some(mut record) = store.record(Resource::Companies, company) {
        record.insert("types".to_owned(), types.into());
        store.put(Resource::Companies, company, &record);
    }
}

fn types(store: &Store, company: u64) -> Vec<u64> {
    let types = store.value(Resource::Companies, company, &["types"]);
    let types = types
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    types.filter_map(|kind| kind["id"].as_u64()).collect()
}

fn type_of(store: &Store, row: u64) -> Option<u64> {
    store
        .value(Resource::TypeAssociations, row, &["type", "id"])?
        .as_u64()
}
