//! Which record of the world each record of a simulator is. It knows ids and keys, and nothing of
//! what a record says or of which vendor holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::TruthRow;
use crate::world::Kind;

/// Keys, ids and true entities of all records that a simulator ever served.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    kinds: BTreeMap<Kind, Known>,
    /// Made by clients and not claimed yet. Ids ascend with the time of creation.
    unclaimed: BTreeSet<(Kind, u64)>,
}

/// Records of one kind. There may be millions, so that what is known of one is a few numbers and its
/// text, and not maps of text.
#[derive(Debug, Clone, Default)]
struct Known {
    /// By id.
    rows: Vec<Row>,
    text: String,
    /// The id of each key that is in use, by the key's hash.
    ids: HashTable<u64>,
}

/// Where the text of a record stands. The entity's key is mostly the record's own or the start of it.
#[derive(Debug, Clone, Copy)]
struct Row {
    id: u64,
    key: Text,
    truth: Text,
}

#[derive(Debug, Clone, Copy)]
struct Text {
    start: u32,
    length: u32,
}

impl Known {
    fn row(&self, id: u64) -> Option<&Row> {
        let at = self.rows.binary_search_by_key(&id, |row| row.id).ok()?;
        self.rows.get(at)
    }

    fn text(&self, text: Text) -> &str {
        let start = text.start as usize;
        &self.text[start..start + text.length as usize]
    }

    fn key(&self, id: u64) -> Option<&str> {
        Some(self.text(self.row(id)?.key))
    }

    fn id(&self, key: &str) -> Option<u64> {
        let found = self.ids.find(hash(key), |id| self.key(*id) == Some(key));
        found.copied()
    }

    fn keep(&mut self, text: &str) -> Text {
        // Text of one kind comes to far less than 4 GiB.
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let kept = Text {
            start: short(self.text.len()),
            length: short(text.len()),
        };
        self.text.push_str(text);
        kept
    }

    fn know(&mut self, id: u64, key: &str, truth: &str) {
        // New ids are the highest, nearly always.
        let newest = self.rows.last().is_none_or(|last| last.id < id);
        let known = (!newest).then(|| self.row(id).copied()).flatten();
        let same = known.is_some_and(|row| self.text(row.key) == key);
        if known.is_some() && !same {
            self.free(id);
        }
        let key_text = match known {
            Some(row) if same => row.key,
            _ => self.keep(key),
        };
        let truth_text = match known {
            Some(row) if self.text(row.truth) == truth => row.truth,
            _ if key.starts_with(truth) => Text {
                length: u32::try_from(truth.len()).unwrap_or(u32::MAX),
                ..key_text
            },
            _ => self.keep(truth),
        };
        let row = Row {
            id,
            key: key_text,
            truth: truth_text,
        };
        match self.rows.binary_search_by_key(&id, |row| row.id) {
            _ if newest => self.rows.push(row),
            Ok(at) => self.rows[at] = row,
            Err(at) => self.rows.insert(at, row),
        }
        self.point(key, id);
    }

    /// From now on the key is the record's, whoever's it was.
    fn point(&mut self, key: &str, id: u64) {
        let Self { rows, text, ids } = self;
        let key_of = |id: u64| {
            let at = rows.binary_search_by_key(&id, |row| row.id).ok()?;
            let Text { start, length } = rows.get(at)?.key;
            text.get(start as usize..(start + length) as usize)
        };
        let entry = ids.find_mut(hash(key), |own| key_of(*own) == Some(key));
        match entry {
            Some(own) => *own = id,
            None => {
                ids.insert_unique(hash(key), id, |own| hash(key_of(*own).unwrap_or_default()));
            }
        }
    }

    /// The record's key is no longer its own.
    fn free(&mut self, id: u64) {
        let Some(key) = self.key(id) else {
            return;
        };
        if let Ok(entry) = self.ids.find_entry(hash(key), |own| *own == id) {
            entry.remove();
        }
    }
}

fn hash(key: &str) -> u64 {
    FixedState::default().hash_one(key)
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a record stands for a record of the world, and for an entity.
    pub fn know(&mut self, kind: Kind, id: u64, key: &str, truth: &str) {
        self.kinds.entry(kind).or_default().know(id, key, truth);
        self.unclaimed.remove(&(kind, id));
    }

    /// Notes a record that a client made.
    pub fn made(&mut self, kind: Kind, id: u64) {
        self.unclaimed.insert((kind, id));
    }

    /// The id of a record of the world.
    pub fn id(&self, kind: Kind, key: &str) -> Option<u64> {
        self.kinds.get(&kind)?.id(key)
    }

    /// The key of a record, deleted ones included.
    pub fn key(&self, kind: Kind, id: u64) -> Option<&str> {
        self.kinds.get(&kind)?.key(id)
    }

    /// A record is gone. The truth about it stays; its key is free for a new record.
    pub fn gone(&mut self, kind: Kind, id: u64) {
        self.unclaimed.remove(&(kind, id));
        if let Some(known) = self.kinds.get_mut(&kind) {
            known.free(id);
        }
    }

    /// What [`Simulator::unclaimed`](crate::Simulator::unclaimed) answers.
    pub fn unclaimed(&self) -> Vec<(Kind, String)> {
        let records = self.unclaimed.iter();
        records.map(|(kind, id)| (*kind, id.to_string())).collect()
    }

    /// What [`Simulator::truth`](crate::Simulator::truth) answers.
    pub fn truth(&self) -> Vec<TruthRow> {
        let rows = (self.kinds.iter())
            .flat_map(|(kind, known)| known.rows.iter().map(move |row| (*kind, known, row)));
        rows.map(|(kind, known, row)| TruthRow {
            kind,
            external_id: row.id.to_string(),
            key: known.text(row.key).to_owned(),
            truth: known.text(row.truth).to_owned(),
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
    fn many_records_are_found_by_key_and_by_id() {
        let mut ledger = Ledger::new();
        for id in (1..=2_000_u64).rev() {
            ledger.know(Kind::Device, id, &format!("d{id}#2"), &format!("d{id}"));
        }
        ledger.know(Kind::Device, 7, "seven", "d7");
        ledger.gone(Kind::Device, 9);
        assert_eq!(ledger.id(Kind::Device, "d7#2"), None);
        assert_eq!(ledger.id(Kind::Device, "seven"), Some(7));
        assert_eq!(ledger.id(Kind::Device, "d9#2"), None);
        assert_eq!(ledger.key(Kind::Device, 9), Some("d9#2"));
        for id in (1..=2_000).filter(|id| ![7, 9].contains(id)) {
            assert_eq!(ledger.id(Kind::Device, &format!("d{id}#2")), Some(id));
        }
        let truth = ledger.truth();
        assert_eq!(truth.len(), 2_000);
        let row = (truth[6].external_id.as_str(), truth[6].truth.as_str());
        assert_eq!(row, ("7", "d7"));
        assert_eq!(truth[1_999].truth, "d2000");
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
