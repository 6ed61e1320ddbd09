//! The records of one resource as JSON objects: rendered once, found by id and by owner. It knows
//! objects and numbers, and nothing of what a member means beyond who owns the record.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Table;

/// A JSON object.
pub type Object = Map<String, Value>;

/// A member of an object; null when there is none.
pub fn at<'a>(object: &'a Object, name: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    object.get(name).unwrap_or(&NULL)
}

/// Records of one resource.
#[derive(Debug, Clone)]
pub struct Collection {
    table: Table,
    next: u64,
    /// The member that holds the owner's id, and the records of each owner.
    owner: Option<&'static str>,
    by_owner: BTreeMap<u64, Vec<u64>>,
    /// Members in the order in which they are written; others follow by name.
    order: &'static [&'static str],
}

impl Collection {
    /// An empty collection. The first id given out is `first`; `owner` is the member with the id of
    /// the record that owns one; members named in `order` are written first, in that order.
    pub fn new(first: u64, owner: Option<&'static str>, order: &'static [&'static str]) -> Self {
        Self {
            table: Table::default(),
            next: first,
            owner,
            by_owner: BTreeMap::new(),
            order,
        }
    }

    /// Puts records in place of all, by the batch. For the first load.
    pub fn load(&mut self, rows: Vec<(u64, Object)>) {
        self.by_owner.clear();
        for (id, record) in &rows {
            if let Some(owner) = self.owner_of(record) {
                self.by_owner.entry(owner).or_default().push(*id);
            }
        }
        for owned in self.by_owner.values_mut() {
            owned.sort_unstable();
        }
        let order = self.order;
        self.table = Table::build(rows, |record, out| write(order, record, out));
        self.next = self.next.max(self.table.last_id() + 1);
    }

    /// The rendered records.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// An id that was never used.
    pub const fn new_id(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// A record.
    pub fn get(&self, id: u64) -> Option<Object> {
        serde_json::from_slice(&self.table.get(id)?).ok()
    }

    /// All records by id, read one by one.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Object)> + '_ {
        self.table.ids().filter_map(|id| Some((id, self.get(id)?)))
    }

    /// The ids of an owner's records, ascending.
    pub fn owned(&self, owner: u64) -> &[u64] {
        self.by_owner.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// Adds a record or replaces the one with this id.
    pub fn put(&mut self, id: u64, record: &Object) {
        self.forget(id);
        if let Some(owner) = self.owner_of(record) {
            let owned = self.by_owner.entry(owner).or_default();
            if let Err(at) = owned.binary_search(&id) {
                owned.insert(at, id);
            }
        }
        let mut json = Vec::new();
        write(self.order, record, &mut json);
        self.table.put(id, json);
        self.next = self.next.max(id + 1);
    }

    /// Takes a record out.
    pub fn remove(&mut self, id: u64) -> Option<Object> {
        let record = self.get(id);
        self.forget(id);
        self.table.remove(id);
        record
    }

    fn owner_of(&self, record: &Object) -> Option<u64> {
        record.get(self.owner?)?.as_u64()
    }

    fn forget(&mut self, id: u64) {
        let owner = self.get(id).and_then(|record| self.owner_of(&record));
        if let Some(owned) = owner.and_then(|owner| self.by_owner.get_mut(&owner))
            && let Ok(at) = owned.binary_search(&id)
        {
            owned.remove(at);
        }
    }
}

/// Writes an object, the named members first.
pub fn write(order: &[&str], record: &Object, out: &mut Vec<u8>) {
    out.push(b'{');
    let named = order.iter().filter_map(|name| record.get_key_value(*name));
    let others = record
        .iter()
        .filter(|(name, _)| !order.contains(&name.as_str()));
    for (at, (name, value)) in named.chain(others).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        // Text and values that are JSON already always are again.
        let _ = serde_json::to_writer(&mut *out, name);
        out.push(b':');
        let _ = serde_json::to_writer(&mut *out, value);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn records_are_found_by_owner_wherever_they_move() {
        let mut contacts = Collection::new(10, Some("company"), &["id"]);
        contacts.load(vec![
            (12, object(json!({"id": 12, "company": 1}))),
            (11, object(json!({"id": 11, "company": 1}))),
        ]);
        assert_eq!(contacts.owned(1), [11, 12]);
        assert_eq!(contacts.new_id(), 13);
        contacts.put(11, &object(json!({"id": 11, "company": 2})));
        assert_eq!(
            (contacts.owned(1), contacts.owned(2)),
            (&[12][..], &[11][..])
        );
        contacts.remove(12);
        assert!(contacts.owned(1).is_empty());
        assert_eq!(contacts.iter().map(|(id, _)| id).collect::<Vec<_>>(), [11]);
    }

    #[test]
    fn members_stand_in_their_order() {
        let mut out = Vec::new();
        let record = object(json!({"a": 1, "id": 7, "name": "x\"", "b": null}));
        write(&["id", "name", "gone"], &record, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, r#"{"id":7,"name":"x\"","a":1,"b":null}"#);
    }
}
