//! Which record of the world each record of a simulator is. It knows ids and keys, and nothing of
//! what a record says or of which vendor holds it.

use std::collections::{BTreeMap, BTreeSet};

use crate::TruthRow;
use crate::world::Kind;

/// Keys, ids and true entities of all records that a simulator ever served.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    keys: BTreeMap<Kind, BTreeMap<String, u64>>,
    truth: BTreeMap<(Kind, u64), (String, String)>,
    /// Made by clients and not claimed yet. Ids ascend with the time of creation.
    unclaimed: BTreeSet<(Kind, u64)>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a record stands for a record of the world, and for an entity.
    pub fn know(&mut self, kind: Kind, id: u64, key: &str, truth: &str) {
        let keys = self.keys.entry(kind).or_default();
        keys.insert(key.to_owned(), id);
        let row = (key.to_owned(), truth.to_owned());
        self.truth.insert((kind, id), row);
        self.unclaimed.remove(&(kind, id));
    }

    /// Notes a record that a client made.
    pub fn made(&mut self, kind: Kind, id: u64) {
        self.unclaimed.insert((kind, id));
    }

    /// The id of a record of the world.
    pub fn id(&self, kind: Kind, key: &str) -> Option<u64> {
        self.keys.get(&kind)?.get(key).copied()
    }

    /// The key of a record, deleted ones included.
    pub fn key(&self, kind: Kind, id: u64) -> Option<&str> {
        Some(self.truth.get(&(kind, id))?.0.as_str())
    }

    /// A record is gone. The truth about it stays; its key is free for a new record.
    pub fn gone(&mut self, kind: Kind, id: u64) {
        self.unclaimed.remove(&(kind, id));
        if let (Some((key, _)), Some(keys)) =
            (self.truth.get(&(kind, id)), self.keys.get_mut(&kind))
            && keys.get(key) == Some(&id)
        {
            keys.remove(key);
        }
    }

    /// What [`Simulator::unclaimed`](crate::Simulator::unclaimed) answers.
    pub fn unclaimed(&self) -> Vec<(Kind, String)> {
        let records = self.unclaimed.iter();
        records.map(|(kind, id)| (*kind, id.to_string())).collect()
    }

    /// What [`Simulator::truth`](crate::Simulator::truth) answers.
    pub fn truth(&self) -> Vec<TruthRow> {
        let rows = self.truth.iter();
        rows.map(|((kind, id), (key, truth))| TruthRow {
            kind: *kind,
            external_id: id.to_string(),
            key: key.clone(),
            truth: truth.clone(),
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_free_again_and_the_truth_stays() {
        let mut ledger = Ledger::new();
        ledger.know(Kind::Contact, 5, "pat", "pat");
        ledger.gone(Kind::Contact, 5);
        assert_eq!(ledger.id(Kind::Contact, "pat"), None);
        ledger.know(Kind::Contact, 9, "pat", "pat");
        // The first record goes once more: the key is the second one's now.
        ledger.gone(Kind::Contact, 5);
        assert_eq!(ledger.id(Kind::Contact, "pat"), Some(9));
        let ids: Vec<String> = ledger
            .truth()
            .into_iter()
            .map(|row| row.external_id)
            .collect();
        assert_eq!(ids, ["5", "9"]);
    }

    #[test]
    fn what_clients_made_waits_to_be_claimed() {
        let mut ledger = Ledger::new();
        ledger.made(Kind::Device, 12);
        ledger.made(Kind::Organization, 40);
        ledger.made(Kind::Device, 13);
        ledger.gone(Kind::Device, 13);
        let waiting = [(Kind::Organization, "40"), (Kind::Device, "12")];
        let waiting = waiting.map(|(kind, id)| (kind, id.to_owned()));
        assert_eq!(ledger.unclaimed(), waiting);
        ledger.know(Kind::Organization, 40, "acme", "acme");
        ledger.know(Kind::Device, 12, "ws1", "ws1");
        assert!(ledger.unclaimed().is_empty());
        assert_eq!(ledger.key(Kind::Device, 12), Some("ws1"));
    }
}
